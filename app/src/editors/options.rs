//! The list under the field of a choice: what fits what is typed. The field keeps the keyboard.

use leptos::prelude::*;
use model::{ColumnType, Raw};
use words::Message;

use super::{Aid, Field};

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    /// Said beside the value, if it is not the same.
    pub label: Option<String>,
}

impl Choice {
    /// A choice that says no more than its value.
    pub fn plain(value: &str) -> Self {
        Self { value: value.to_owned(), label: None }
    }
}

/// What to choose from, what of it is shown, and which one an Enter would take.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    field: Field,
    pub shown: RwSignal<Vec<Choice>>,
    at: RwSignal<Option<usize>>,
    /// Words instead of, or below, what is shown.
    pub words: RwSignal<Option<Message>>,
    several: bool,
}

impl Options {
    pub fn new(field: Field) -> Self {
        let several = field.is_several();
        Self { field, shown: RwSignal::default(), at: RwSignal::default(), words: RwSignal::default(), several }
    }

    /// The options of a choice, narrowed to those that have what was typed in them.
    pub fn listed(field: Field, options: Vec<String>) -> Self {
        let list = Self::new(field);
        Effect::new(move |_| {
            let typed = field.typed.get().map(|typed| last_part(&typed, list.several).to_lowercase());
            let typed = typed.filter(|typed| !typed.is_empty());
            let fits = |option: &&String| typed.as_ref().is_none_or(|typed| option.to_lowercase().contains(typed));
            let mut shown: Vec<Choice> = options.iter().filter(fits).map(|option| Choice::plain(option)).collect();
            // What begins with it comes first.
            if let Some(typed) = &typed {
                shown.sort_by_key(|choice| !choice.value.to_lowercase().starts_with(typed));
            }
            list.words.set(shown.is_empty().then(words::nothing_fits));
            list.show(shown, typed.is_some());
        });
        list
    }

    /// Shows these; the first one is taken by an Enter if the person has typed for it, else the one that is there.
    pub fn show(self, shown: Vec<Choice>, typed: bool) {
        let now = self.field.text.get_untracked();
        let at = if typed && !self.several {
            (!shown.is_empty()).then_some(0)
        } else {
            shown.iter().position(|choice| choice.value == now)
        };
        self.shown.set(shown);
        self.at.set(at);
    }

    /// Of several choices those that are in the field, tracked.
    fn chosen(self) -> Vec<String> {
        let text = self.field.text.get();
        let ty = self.field.column.with_value(|column| column.ty.clone());
        let read = self.field.store.locale.with_value(|locale| locale.parse(&text, &ty)).ok();
        read.as_ref().and_then(Raw::as_str).and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default()
    }

    fn take(self, i: usize) {
        let Some(choice) = self.shown.with_untracked(|shown| shown.get(i).cloned()) else { return };
        let ColumnType::Choices { options } = self.field.column.with_value(|column| column.ty.clone()) else {
            return self.field.put(choice.value);
        };
        let mut chosen = untrack(|| self.chosen());
        // What was typed to find it is none of the values.
        chosen.retain(|value| options.contains(value));
        match chosen.iter().position(|value| *value == choice.value) {
            Some(i) => drop(chosen.remove(i)),
            None => chosen.push(choice.value),
        }
        let ty = ColumnType::Choices { options };
        self.field.put(self.field.store.locale.with_value(|locale| locale.edit_text(&chosen.into(), &ty)));
    }
}

/// Of several values the one that is being typed.
fn last_part(text: &str, several: bool) -> &str {
    if several { text.rsplit([',', ';']).next().unwrap_or_default().trim() } else { text.trim() }
}

impl Aid for Options {
    fn on_key(&self, key: &str, _: bool) -> bool {
        let count = self.shown.with_untracked(Vec::len);
        let at = self.at.get_untracked();
        let to = match (key, at) {
            _ if count == 0 => return false,
            ("ArrowDown", None) => 0,
            ("ArrowDown", Some(at)) => (at + 1) % count,
            ("ArrowUp", None | Some(0)) => count - 1,
            ("ArrowUp", Some(at)) => at - 1,
            (" ", Some(at)) if self.several => {
                self.take(at);
                return true;
            }
            _ => return false,
        };
        self.at.set(Some(to));
        if !self.several {
            self.take(to);
        }
        true
    }

    fn before_done(&self) {
        if let Some(at) = self.at.get_untracked().filter(|_| !self.several && self.field.typed.with_untracked(Option::is_some)) {
            self.take(at);
        }
    }

    fn active(&self) -> Option<String> {
        let at = self.at.get().filter(|at| self.shown.with(|shown| *at < shown.len()))?;
        Some(format!("{}-option-{at}", self.field.id()))
    }

    fn role(&self) -> &'static str {
        "listbox"
    }

    fn view(&self) -> AnyView {
        let this = *self;
        let items = move || {
            let chosen = this.chosen();
            let item = |(i, choice): (usize, Choice)| {
                let on = move || this.at.get() == Some(i);
                let picked = if this.several { chosen.contains(&choice.value) } else { this.field.text.get() == choice.value };
                view! {
                    <li
                        role="option" id=format!("{}-option-{i}", this.field.id()) class:is-on=on aria-selected=picked.to_string()
                        on:click=move |_| {
                            this.take(i);
                            if !this.several {
                                this.field.done();
                            }
                        }
                    >
                        <span>{choice.value}</span>
                        {choice.label.map(|label| view! { <small>{label}</small> })}
                    </li>
                }
            };
            this.shown.get().into_iter().enumerate().map(item).collect_view()
        };
        let words = move || this.words.get().map(|words| view! { <p class="is-quiet">{this.field.store.say(words)}</p> });
        let label = this.field.column.with_value(|column| column.label.clone());
        view! {
            <div class="editor-aid">
                <ul class="options" role="listbox" id=this.field.aid_id() aria-label=label aria-multiselectable=this.several.then_some("true")>
                    {items}
                </ul>
                {words}
            </div>
        }
        .into_any()
    }
}
