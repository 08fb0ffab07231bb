//! What a value is typed with: a text field, and below it what helps with its type (a list, a calendar) and why it would not
//! be taken. The field always holds the value as text, and always has the keyboard.

mod calendar;
mod field_box;
mod lookup;
mod month;
mod options;
mod unique;

use std::sync::Arc;
use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use model::{ColumnType, ColumnView, Raw, ValueError, validate};
use wasm_bindgen_futures::spawn_local;
use words::Message;

use crate::client::Store;
use calendar::Calendar;
pub use field_box::{Exit, FieldBox};
use lookup::looked_up;
use options::Options;
use unique::taken;

/// What helps to fill a field.
pub trait Aid: Send + Sync {
    /// Takes a key; false leaves it to the field.
    fn on_key(&self, key: &str, shift: bool) -> bool;
    /// The person is done: what he has only begun to type may be what is first in the list.
    fn before_done(&self) {}
    /// Id of what the keys are at, for assistive technology; tracked.
    fn active(&self) -> Option<String>;
    /// What it is to assistive technology.
    fn role(&self) -> &'static str;
    fn view(&self) -> AnyView;
}

/// A field and what is in it; a handle, cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub store: Store,
    pub column: StoredValue<ColumnView>,
    pub text: RwSignal<String>,
    /// What the person has typed himself since he opened it; helps write into `text` alone.
    pub typed: RwSignal<Option<String>>,
    /// Why the text would not be taken.
    pub problem: RwSignal<Option<Message>>,
    first: StoredValue<String>,
    id: StoredValue<String>,
    on_done: Callback<()>,
}

impl Field {
    /// - `id`: of the field in its page.
    /// - `text`: what is in it.
    /// - `typed`: whether the person has typed that.
    /// - `on_done`: he has picked a value with the mouse.
    pub fn new(store: Store, column: ColumnView, id: String, text: String, typed: bool, on_done: Callback<()>) -> Self {
        let field = Self {
            store,
            typed: RwSignal::new(typed.then(|| text.clone())),
            problem: RwSignal::default(),
            first: StoredValue::new(text.clone()),
            text: RwSignal::new(text),
            column: StoredValue::new(column),
            id: StoredValue::new(id),
            on_done,
        };
        Effect::new(move |_| {
            let text = field.text.get();
            let touched = field.typed.with(Option::is_some) || field.first.with_value(|first| *first != text);
            let problem = touched.then(|| field.wrong(&text)).flatten();
            field.problem.set(problem.clone());
            problem.into_iter().for_each(|problem| field.speak(problem));
        });
        field
    }

    pub fn id(self) -> String {
        self.id.get_value()
    }

    pub fn aid_id(self) -> String {
        format!("{}-aid", self.id())
    }

    /// Says what is wrong once the person rests, so that not every letter of a word is complained of.
    fn speak(self, problem: Message) {
        let text = self.text.get_untracked();
        spawn_local(async move {
            sleep(Duration::from_millis(REST_MS)).await;
            let still = self.text.try_with_untracked(|now| *now == text) == Some(true);
            if still && self.problem.try_with_untracked(|now| now.as_ref() == Some(&problem)) == Some(true) {
                self.store.announce(problem);
            }
        });
    }

    /// What the person types.
    pub fn type_in(self, text: String) {
        self.text.set(text.clone());
        self.typed.set(Some(text));
    }

    /// What an aid writes.
    pub fn put(self, text: String) {
        self.text.set(text);
    }

    pub fn done(self) {
        self.on_done.run(());
    }

    /// The text, unless it was left as it was.
    pub fn value(self) -> Option<String> {
        let text = self.text.get_untracked();
        let touched = self.typed.with_untracked(Option::is_some) || self.first.with_value(|first| *first != text);
        touched.then_some(text)
    }

    /// Why a text would not be taken, as far as the browser knows.
    fn wrong(self, text: &str) -> Option<Message> {
        let options = self.column.with_value(|column| match &column.ty {
            // While one types, an option is found by its beginning.
            ColumnType::Choice { options } if self.typed.with(Option::is_some) => Some(options.clone()),
            _ => None,
        });
        let begins = |option: &String| option.to_lowercase().contains(&text.trim().to_lowercase());
        if options.is_some_and(|options| options.iter().any(begins)) {
            return None;
        }
        self.column.with_value(|column| read(self.store, column, text).err())
    }

    /// What helps with this column; `table` is where its values are looked up, and found to be taken.
    pub fn aid(self, table: &str, row: Option<Vec<Raw>>) -> Option<Arc<dyn Aid>> {
        let (ty, looks_up, unique) =
            self.column.with_value(|column| (column.ty.clone(), column.lookup, column.constraints.unique));
        if unique {
            taken(self, table.to_owned(), row);
        }
        if looks_up {
            return Some(Arc::new(looked_up(self, table.to_owned())));
        }
        match ty {
            ColumnType::Choice { options } | ColumnType::Choices { options } => Some(Arc::new(Options::listed(self, options))),
            ColumnType::Date | ColumnType::Timestamp => Some(Arc::new(Calendar::new(self))),
            _ => None,
        }
    }

    /// Whether it holds several choices.
    pub fn is_several(self) -> bool {
        self.column.with_value(|column| matches!(column.ty, ColumnType::Choices { .. }))
    }

    /// Whether its text may be long.
    pub fn is_long(self) -> bool {
        self.column.with_value(|column| {
            let rules = &column.constraints;
            let free = column.ty == ColumnType::Text && !column.lookup && rules.pattern.is_none() && !rules.unique;
            free && rules.max_length.is_none_or(|max| max > LONG)
        })
    }
}

/// How long somebody has not typed who rests.
const REST_MS: u64 = 800;
/// A text that may be longer, in characters, has lines.
const LONG: u32 = 100;

/// What a person means by a text that he types for a column, if the column takes it; else why not.
///
/// # Errors
/// What to say to whoever typed it.
pub fn read(store: Store, column: &ColumnView, text: &str) -> Result<Raw, Message> {
    checked(column, store.locale.with_value(|locale| locale.parse(&locale.as_typed(text, column.format), &column.ty)))
}

/// What was read from a text, if the column takes it; else why not.
///
/// # Errors
/// What to say to whoever typed it.
pub fn checked(column: &ColumnView, read: Result<Raw, ValueError>) -> Result<Raw, Message> {
    let raw = read.map_err(|error| error.message().clone())?;
    validate(column, &raw).map(|value| value.to_wire()).map_err(|error| error.message)
}
