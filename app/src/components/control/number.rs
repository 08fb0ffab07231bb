//! Numbers of a column from one to another.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{ColumnType, Format, Raw};
use words::Message;

use super::Choosing;
use super::ends::ends;
use super::picker::{Panel, buttons, picker};
use crate::components::focus::focused;

pub(super) fn range(choosing: Choosing, of: ColumnType, format: Option<Format>) -> impl IntoView {
    let of = StoredValue::new(of);
    picker(choosing, move |panel| inside(choosing, panel, of.get_value(), format))
}

fn inside(choosing: Choosing, panel: Panel, of: ColumnType, format: Option<Format>) -> impl IntoView {
    let store = choosing.store;
    let chosen = untrack(|| choosing.chosen());
    let text = |i: usize| match chosen.get(i) {
        Some(raw) if !raw.is_null() => store.locale.with_value(|locale| locale.typed_text(raw, &of, format)),
        _ => String::new(),
    };
    let texts = RwSignal::new([text(0), text(1)]);
    let problem = RwSignal::new(String::new());
    let first: NodeRef<html::Input> = NodeRef::new();
    focused(first);
    let hint = ends(choosing, of.clone(), format);
    let read = move |text: &str| -> Result<Raw, Message> {
        let parsed = store.locale.with_value(|locale| locale.parse(&locale.as_typed(text, format), &of));
        parsed.map_err(|error| error.message().clone())
    };
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
        Err(message) => problem.set(store.say(message)),
    });
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            apply.run(());
        }
    };
    let typed = move |i: usize| {
        move |event| {
            texts.update(|texts| texts[i] = event_target_value(&event));
            problem.set(String::new());
        }
    };
    let wrong = move || problem.with(|problem| !problem.is_empty()).to_string();
    view! {
        <div class="picker-ends" on:keydown=on_key>
            <label>{store.say(words::range_low())}
                <input node_ref=first type="text" inputmode="decimal" autocomplete="off" aria-invalid=wrong prop:value=move || texts.with(|texts| texts[0].clone()) on:input=typed(0)/>
            </label>
            <label>{store.say(words::range_high())}
                <input type="text" inputmode="decimal" autocomplete="off" aria-invalid=wrong prop:value=move || texts.with(|texts| texts[1].clone()) on:input=typed(1)/>
            </label>
        </div>
        <p class="is-quiet">{hint}</p>
        <p class="field-error" role="alert">{problem}</p>
        {buttons(choosing, panel, Some(apply))}
    }
}
