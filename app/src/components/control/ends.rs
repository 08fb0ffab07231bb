//! The two ends of a range while they are typed, and between what the values of its column are.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use model::{ColumnType, Format, Raw};
use wasm_bindgen_futures::spawn_local;
use web_sys::Event;
use words::Message;

use super::Choosing;
use super::picker::{Panel, buttons};

/// A handle, cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    choosing: Choosing,
    panel: Panel,
    texts: RwSignal<[String; 2]>,
    problem: RwSignal<String>,
    hint: RwSignal<String>,
    apply: Callback<()>,
}

impl Ends {
    /// - `texts`: what is in the fields at first.
    /// - `of`: the type and the format of the column, for what is said of its values.
    /// - `read`: an end from its text, null from an empty one.
    pub fn new(
        choosing: Choosing,
        panel: Panel,
        texts: [String; 2],
        of: (ColumnType, Option<Format>),
        read: impl Fn(&str) -> Result<Raw, Message> + Send + Sync + 'static,
    ) -> Self {
        let (texts, problem) = (RwSignal::new(texts), RwSignal::new(String::new()));
        let take = move || -> Result<(), Message> {
            let [low, high] = texts.get_untracked();
            let values = vec![read(&low)?, read(&high)?];
            let values = if values.iter().all(Raw::is_null) { Vec::new() } else { values };
            choosing.control.with_value(|control| control.kind.check(&values))?;
            choosing.choose(values);
            Ok(())
        };
        let apply = Callback::new(move |()| match take() {
            Ok(()) => panel.close(),
            Err(message) => problem.set(choosing.store.say(message)),
        });
        Self { choosing, panel, texts, problem, hint: between(choosing, of), apply }
    }

    /// The text of the first or the second end, tracked.
    pub fn text(self, i: usize) -> impl Fn() -> String + Copy {
        move || self.texts.with(|texts| texts[i].clone())
    }

    pub fn typed(self, i: usize) -> impl Fn(Event) + Copy {
        move |event| {
            self.texts.update(|texts| texts[i] = event_target_value(&event));
            self.problem.set(String::new());
        }
    }

    /// Whether something is wrong with them, for assistive technology; tracked.
    pub fn wrong(self) -> String {
        self.problem.with(|problem| !problem.is_empty()).to_string()
    }

    pub fn on_key(self, event: &KeyboardEvent) {
        if event.key() == "Enter" {
            event.prevent_default();
            self.apply.run(());
        }
    }

    /// What stands below the fields.
    pub fn below(self) -> impl IntoView {
        view! {
            <p class="is-quiet">{self.hint}</p>
            <p class="field-error" role="alert">{self.problem}</p>
            {buttons(self.choosing, self.panel, Some(self.apply))}
        }
    }
}

/// A sentence that says between what the values are once it is known; empty before, and where there are none.
fn between(choosing: Choosing, (ty, format): (ColumnType, Option<Format>)) -> RwSignal<String> {
    let said = RwSignal::new(String::new());
    let store = choosing.store;
    let query = choosing.element.with_value(|element| untrack(|| store.question(&element.id, &element.controls)));
    if let Some(api) = store.api.get_value() {
        spawn_local(async move {
            let Ok(answer) = api.query(query).await else { return };
            let Some([least, most]) = answer.rows.first().map(Vec::as_slice).filter(|row| !row[0].is_null()) else { return };
            let show = |raw| store.locale.try_with_value(|locale| locale.show(raw, &ty, format)).unwrap_or_default();
            let words = store.locale.try_with_value(|locale| locale.say(words::range_is(show(least), show(most))));
            let _ = words.map(|words| said.try_set(words));
        });
    }
    said
}
