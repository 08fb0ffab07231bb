//! One field of a form: what it is called, what it is typed with, what helps, and what is wrong with it.

use leptos::prelude::*;
use model::{ColumnType, ColumnView, FactsRequest, FieldRole, Filled, FormField, Raw, Value};
use wasm_bindgen_futures::spawn_local;

use super::attach::{Attach, attached};
use super::combo::Combo;
use super::state::{FormState, Place, made};
use crate::api::Facts;
use crate::client::Latest;

/// A text that may be longer, in characters, has lines.
const LONG: u32 = 200;
/// How long a value has not changed before it is asked about.
const REST_MS: u64 = 150;

/// A field and where it is.
#[derive(Clone, Copy, Debug)]
pub struct At {
    pub state: FormState,
    pub place: StoredValue<Place>,
    pub field: StoredValue<FormField>,
    pub filled: Memo<Filled>,
    /// The text that is in it.
    pub text: Memo<String>,
}

impl At {
    fn new(state: FormState, place: Place, field: FormField, filled: Memo<Filled>) -> Self {
        let (place, field) = (StoredValue::new(place), StoredValue::new(field));
        let text = Memo::new(move |_| {
            let typed = place.with_value(|place| state.text(place));
            let by_itself = || field.with_value(|field| filled.with(|filled| made(field, filled)));
            let shown = |raw: Raw| {
                let locale = state.store.locale;
                field.with_value(|field| {
                    let column = &field.column;
                    locale.with_value(|locale| locale.typed_text(&raw, &column.ty, column.format))
                })
            };
            typed.unwrap_or_else(|| by_itself().map(shown).unwrap_or_default())
        });
        Self { state, place, field, filled, text }
    }

    pub fn id(self) -> String {
        self.place.with_value(|place| self.state.id_of(place))
    }

    /// The table that it is a column of.
    pub fn table(self) -> String {
        let of_line = self.place.with_value(|place| place.line.as_ref().map(|(table, _)| table.clone()));
        of_line.unwrap_or_else(|| self.state.form.with_value(|form| form.table.clone()))
    }

    pub fn set(self, text: String) {
        self.place.with_value(|place| self.state.type_in(place, text));
    }

    pub fn leave(self) {
        self.place.with_value(|place| self.field.with_value(|field| self.state.leave(place, field)));
    }

    /// Key of the row that it is in; empty if that is not there yet.
    pub fn key(self) -> Vec<Raw> {
        self.place.with_value(|place| match &place.line {
            None => self.state.key(),
            Some(_) => self.state.line_key(place).into_iter().collect(),
        })
    }

    pub fn clear_problem(self) {
        self.state.problems.update(|problems| drop(self.place.with_value(|place| problems.remove(place))));
    }

    pub fn problem(self) -> Option<String> {
        self.state.problems.with(|problems| self.place.with_value(|place| problems.get(place).cloned()))
    }

    fn has_help(self) -> bool {
        self.field.with_value(|field| field.column.help.is_some())
    }

    /// Ids of what is said of the field.
    pub fn described(self) -> Option<String> {
        let wrong = self.problem().map(|_| format!("{}-problem", self.id()));
        let help = self.has_help().then(|| format!("{}-help", self.id()));
        let ids: Vec<String> = wrong.into_iter().chain(help).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn invalid(self) -> Option<&'static str> {
        self.problem().map(|_| "true")
    }

    pub fn is_required(self) -> bool {
        let name = self.field.with_value(|field| field.column.name.clone());
        self.filled.with(|filled| filled.required.contains(&name))
    }

    /// The value that is in it.
    pub fn value(self) -> Value {
        self.field.with_value(|field| self.filled.with(|filled| filled.value(&field.column.name)))
    }
}

/// - `line`: the table and the number of the line that it is in, of one that is in any.
/// - `filled`: what is in the fields beside it.
#[component]
pub fn FormInput(state: FormState, line: Option<(String, usize)>, field: FormField, filled: Memo<Filled>) -> impl IntoView {
    let name = field.column.name.clone();
    let place = Place { line, column: name.clone() };
    let (wide, role) = (field.wide || is_long(&field), field.role);
    let at = At::new(state, place, field, filled);
    let there = Memo::new(move |_| filled.with(|filled| filled.there.contains(&name)));
    let body = move || match role {
        FieldRole::Typed if !state.looks.get() => typed(at).into_any(),
        _ => shown(at).into_any(),
    };
    move || {
        there
            .get()
            .then(|| view! { <div class="field" class:is-wide=wide class:is-wrong=move || at.problem().is_some()>{body()}</div> })
    }
}

fn is_long(field: &FormField) -> bool {
    field.role.is_typed()
        && field.column.ty == ColumnType::Text
        && !field.column.lookup
        && field.column.constraints.max_length.is_some_and(|max| max > LONG)
}

/// What nobody types: said by the form or the table.
fn shown(at: At) -> impl IntoView {
    let id = at.id();
    let (label, column) = at.field.with_value(|field| (field.column.label.clone(), field.column.clone()));
    let is_file = column.file.is_some();
    let column = StoredValue::new(column);
    let text = move || match at.value() {
        Value::Null => "–".to_owned(),
        value => column.with_value(|column| at.state.store.show(&value.to_wire(), column)),
    };
    view! {
        <span class="field-label" id=format!("{id}-label")>{label}</span>
        <output class="field-fact" id=id.clone() aria-labelledby=format!("{id}-label") aria-live="off">
            {if is_file { attached(at).into_any() } else { text.into_any() }}
        </output>
        {move || (!at.state.looks.get()).then(|| help(at))}
    }
}

fn typed(at: At) -> impl IntoView {
    let (label, ty) = at.field.with_value(|field| (field.column.label.clone(), field.column.ty.clone()));
    let star = move || at.is_required().then(|| view! { <span class="field-required" aria-hidden="true">" *"</span> });
    let id = at.id();
    let is_group = matches!(ty, ColumnType::Choices { .. });
    let input = match ty {
        ColumnType::Boolean => return checkbox(at, label).into_any(),
        ColumnType::Choices { options } => group(at, options).into_any(),
        _ => input(at).into_any(),
    };
    let label = if is_group {
        view! { <span class="field-label" id=format!("{id}-label")>{label}{star}</span> }.into_any()
    } else {
        view! { <label for=id>{label}{star}</label> }.into_any()
    };
    view! {
        {label}
        {input}
        {facts(at)}
        {help(at)}
        {problem(at)}
    }
    .into_any()
}

fn help(at: At) -> impl IntoView {
    let help = at.field.with_value(|field| field.column.help.clone());
    help.map(|help| view! { <p class="field-help" id=format!("{}-help", at.id())>{help}</p> })
}

fn problem(at: At) -> impl IntoView {
    move || {
        let theirs = at.state.theirs.with(|theirs| at.place.with_value(|place| theirs.get(place).cloned()));
        let take = move |_| at.place.with_value(|place| at.state.take_theirs(place));
        let theirs = theirs.map(|theirs| {
            view! { <button type="button" class="field-theirs" on:click=take>{at.state.store.say(words::form_take_theirs(theirs))}</button> }
        });
        at.problem().map(|message| {
            view! {
                <p class="field-error" role="alert" id=format!("{}-problem", at.id())>{message}</p>
                {theirs}
            }
        })
    }
}

fn required(at: At) -> impl Fn() -> Option<&'static str> + Copy {
    move || at.is_required().then_some("true")
}

fn input(at: At) -> impl IntoView {
    let (column, placeholder) = at.field.with_value(|field| (field.column.clone(), field.placeholder.clone()));
    let id = at.id();
    let type_in = move |event| at.set(event_target_value(&event));
    let leave = move |_| at.leave();
    match &column.ty {
        ColumnType::Choice { options } => {
            let blank = placeholder.unwrap_or_else(|| at.state.store.say(words::choose()));
            let items = options.iter().map(|option| {
                let (value, mine) = (option.clone(), option.clone());
                view! { <option value=value selected=move || at.text.get() == mine>{option.clone()}</option> }
            });
            view! {
                <select id=id aria-invalid=move || at.invalid() aria-required=required(at) aria-describedby=move || at.described() prop:value=at.text on:change=type_in>
                    <option value="">{blank}</option>
                    {items.collect_view()}
                </select>
            }
            .into_any()
        }
        _ if column.file.is_some() => view! { <Attach at=at/> }.into_any(),
        _ if column.lookup || column.ty == ColumnType::Timestamp => view! { <Combo at=at/> }.into_any(),
        ColumnType::Text if at.field.with_value(is_long) => view! {
            <textarea id=id rows="3" placeholder=placeholder aria-invalid=move || at.invalid() aria-required=required(at) aria-describedby=move || at.described()
                prop:value=at.text on:input=type_in on:blur=leave></textarea>
        }
        .into_any(),
        ty => {
            let kind = if *ty == ColumnType::Date { "date" } else { "text" };
            // The virtual keyboard fits what is asked for.
            let own = at.field.with_value(|field| field.autocomplete.clone());
            let kind = match own.as_deref() {
                Some(own @ ("email" | "tel" | "url")) if kind == "text" => own.to_owned(),
                _ => kind.to_owned(),
            };
            let own = own.unwrap_or_else(|| "off".into());
            let mode = match ty {
                ColumnType::Integer => "numeric",
                ty if ty.is_numeric() => "decimal",
                _ => "text",
            };
            view! {
                <input id=id type=kind inputmode=mode placeholder=placeholder aria-invalid=move || at.invalid() aria-required=required(at)
                    aria-describedby=move || at.described() prop:value=at.text autocomplete=own on:input=type_in on:blur=leave/>
            }
            .into_any()
        }
    }
}

fn checkbox(at: At, label: String) -> impl IntoView {
    let on = move || at.value() == Value::Boolean(true);
    view! {
        <label class="field-check">
            <input id=at.id() type="checkbox" aria-invalid=move || at.invalid() aria-describedby=move || at.described() prop:checked=on
                on:change=move |event| at.set(event_target_checked(&event).to_string())/>
            <span>{label}{move || at.is_required().then(|| view! { <span class="field-required" aria-hidden="true">" *"</span> })}</span>
        </label>
        {help(at)}
        {problem(at)}
    }
}

/// Several choices, each to be ticked.
fn group(at: At, options: Vec<String>) -> impl IntoView {
    let ty = ColumnType::Choices { options: options.clone() };
    let ty = StoredValue::new(ty);
    let chosen = Memo::new(move |_| match at.value() {
        Value::Text(list) => serde_json::from_str::<Vec<String>>(&list).unwrap_or_default(),
        _ => Vec::new(),
    });
    let switch = move |option: &str, on: bool| {
        let mut now = chosen.get_untracked();
        now.retain(|known| known != option);
        if on {
            now.push(option.to_owned());
        }
        let text = ty.with_value(|ty| at.state.store.locale.with_value(|locale| locale.edit_text(&now.into(), ty)));
        at.set(text);
    };
    let first = at.id();
    let items = options.into_iter().enumerate().map(move |(i, option)| {
        let (mine, value) = (option.clone(), option.clone());
        let on = move || chosen.with(|chosen| chosen.contains(&mine));
        view! {
            <label class="field-check">
                <input type="checkbox" id=(i == 0).then(|| first.clone()) prop:checked=on on:change=move |event| switch(&value, event_target_checked(&event))/>
                <span>{option}</span>
            </label>
        }
    });
    view! {
        <div class="field-group" role="group" aria-labelledby=format!("{}-label", at.id()) aria-describedby=move || at.described()>
            {items.collect_view()}
        </div>
    }
}

/// What is said of the row that the value is looked up in, once there is one.
fn facts(at: At) -> Option<impl IntoView> {
    let columns = at.field.with_value(|field| field.facts.clone());
    if columns.is_empty() {
        return None;
    }
    let found = RwSignal::new(Vec::<Raw>::new());
    let latest = Latest::default();
    Effect::new(move |_| {
        let value = at.value();
        let begun = latest.begin();
        found.set(Vec::new());
        let store = at.state.store;
        let (Some(api), false) = (store.api.get_value(), value.is_null()) else { return };
        let workbook = store.view.with_value(|view| view.id.clone());
        let (form, table) = (at.state.id.get_value(), at.table());
        let column = at.field.with_value(|field| field.column.name.clone());
        let facts = FactsRequest { workbook, form, table, column, value: value.to_wire() };
        spawn_local(async move {
            if !begun.rests(REST_MS).await {
                return;
            }
            // Where nothing can be said, nothing is: the value itself is checked when the form is sent.
            let answer = api.call(&Facts { facts }).await.ok().and_then(|answer| answer.facts);
            if begun.is_last() {
                found.set(answer.unwrap_or_default());
            }
        });
    });
    let columns = StoredValue::new(columns);
    let items = move || {
        let values = found.get();
        columns.with_value(|columns| {
            let fact = |(column, raw): (&ColumnView, &Raw)| {
                let text = at.state.store.show(raw, column);
                view! { <div><dt>{column.label.clone()}</dt><dd>{text}</dd></div> }
            };
            columns.iter().zip(&values).map(fact).collect_view()
        })
    };
    Some(view! { <dl class="field-facts" class:is-empty=move || found.with(Vec::is_empty)>{items}</dl> })
}
