//! The filter of one column, below its header: a condition that fits its type, and the values that it has.

use std::collections::BTreeSet;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{
    ApiError, ColumnType, ColumnView, Filter, FilterOp, Format, MOST_VALUES, QueryRequest, Raw, Span, Value, ValueCount, ValuesOf,
};
use wasm_bindgen_futures::spawn_local;
use words::Message;

use super::menu::below_column;
use super::rows::question;
use super::state::GridState;
use crate::client::Latest;
use crate::components::focused;

/// Drawn while a column's filter is open.
#[component]
pub fn FilterPanel(state: GridState) -> impl IntoView {
    move || {
        let col = state.filtering.get()?;
        let column = state.column(col)?;
        let left = below_column(state, col, 280.0);
        Some(view! { <Panel state=state column=column left=left/> })
    }
}

/// What a person says of a column, besides which values he wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Nothing,
    Contains,
    Is,
    AtLeast,
    AtMost,
    Between,
    Within,
    Blank,
    NotBlank,
}

impl Condition {
    const ALL: [(Self, &str); 9] = [
        (Self::Nothing, "nothing"),
        (Self::Contains, "contains"),
        (Self::Is, "equals"),
        (Self::AtLeast, "at_least"),
        (Self::AtMost, "at_most"),
        (Self::Between, "between"),
        (Self::Within, "within"),
        (Self::Blank, "blank"),
        (Self::NotBlank, "not_blank"),
    ];

    fn named(id: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == id).map_or(Self::Nothing, |(condition, ..)| *condition)
    }

    fn fits(self, ty: &ColumnType) -> bool {
        let days = matches!(ty, ColumnType::Date | ColumnType::Timestamp);
        match self {
            Self::Contains => ty.is_text(),
            Self::AtLeast | Self::AtMost | Self::Between => ty.is_numeric() || days,
            Self::Within => days,
            Self::Is => *ty != ColumnType::Boolean && !matches!(ty, ColumnType::Choices { .. }),
            Self::Nothing | Self::Blank | Self::NotBlank => true,
        }
    }

    /// How many texts it takes.
    fn texts(self) -> usize {
        match self {
            Self::Contains | Self::Is | Self::AtLeast | Self::AtMost => 1,
            Self::Between => 2,
            _ => 0,
        }
    }

    /// What is said by these filters, and its values.
    fn of(filters: &[Filter]) -> (Self, Vec<Raw>) {
        let value = |filter: &Filter| filter.value.clone();
        match filters {
            [low, high] if low.op == FilterOp::AtLeast && high.op == FilterOp::AtMost => {
                (Self::Between, vec![value(low), value(high)])
            }
            [only, ..] => match only.op {
                FilterOp::Contains => (Self::Contains, vec![value(only)]),
                FilterOp::Equals => (Self::Is, vec![value(only)]),
                FilterOp::AtLeast => (Self::AtLeast, vec![value(only)]),
                FilterOp::AtMost => (Self::AtMost, vec![value(only)]),
                FilterOp::Within => (Self::Within, vec![value(only)]),
                FilterOp::Blank => (Self::Blank, Vec::new()),
                FilterOp::NotBlank => (Self::NotBlank, Vec::new()),
                FilterOp::In => (Self::Nothing, Vec::new()),
            },
            [] => (Self::Nothing, Vec::new()),
        }
    }
}

/// A panel's state; a handle, cheap to copy.
#[derive(Clone, Copy)]
struct Open {
    state: GridState,
    column: StoredValue<ColumnView>,
    condition: RwSignal<Condition>,
    texts: RwSignal<[String; 2]>,
    span: RwSignal<String>,
    /// The values that are to be seen, as JSON text; none for all.
    picked: RwSignal<BTreeSet<String>>,
    found: RwSignal<Vec<ValueCount>>,
    words: RwSignal<String>,
    problem: RwSignal<String>,
    latest: Latest,
}

#[component]
fn Panel(state: GridState, column: ColumnView, left: f64) -> impl IntoView {
    let known = state.filters.with_untracked(|filters| filters.get(&column.name).cloned()).unwrap_or_default();
    let (listed, said): (Vec<Filter>, Vec<Filter>) = known.into_iter().partition(|filter| filter.op == FilterOp::In);
    let (condition, values) = Condition::of(&said);
    // Text is what one looks for most often in a text.
    let usual = if column.ty.is_text() { Condition::Contains } else { Condition::Nothing };
    let condition = if condition == Condition::Nothing && listed.is_empty() { usual } else { condition };
    let text = |i: usize| {
        values
            .get(i)
            .map(|raw| state.store.locale.with_value(|l| l.typed_text(raw, &column.ty, column.format)))
            .unwrap_or_default()
    };
    let span = values.first().and_then(Raw::as_str).unwrap_or("this_month").to_owned();
    let picked = listed.iter().filter_map(|filter| filter.value.as_array()).flatten().map(Raw::to_string).collect();
    let open = Open {
        state,
        condition: RwSignal::new(condition),
        texts: RwSignal::new([text(0), text(1)]),
        span: RwSignal::new(span),
        picked: RwSignal::new(picked),
        found: RwSignal::default(),
        words: RwSignal::new(state.say(words::looking())),
        problem: RwSignal::default(),
        latest: Latest::default(),
        column: StoredValue::new(column.clone()),
    };
    open.look_up(String::new());
    let label = state.say(words::filter_of(&column.label));
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => open.apply(),
            "Escape" => open.close(),
            _ => {}
        }
    };
    view! {
        <div class="grid-filter" role="dialog" aria-label=label style=format!("inset-inline-start:{left}px") on:keydown=on_key>
            {conditions(open, &column.ty)}
            <p class="field-error" role="alert">{open.problem}</p>
            {values_list(open, column.ty.is_text())}
            <div class="grid-filter-buttons">
                <button type="button" on:click=move |_| open.clear()>{state.say(words::clear())}</button>
                <button type="button" class="is-primary" on:click=move |_| open.apply()>{state.say(words::apply())}</button>
            </div>
        </div>
    }
}

fn conditions(open: Open, ty: &ColumnType) -> impl IntoView + use<> {
    let now = open.condition.get_untracked();
    let options: Vec<_> = Condition::ALL
        .into_iter()
        .filter(|(condition, ..)| condition.fits(ty))
        .map(|(condition, id)| view! { <option value=id selected=condition == now>{open.state.say(words::filter_condition(id))}</option> })
        .collect();
    let first: NodeRef<html::Input> = NodeRef::new();
    let chooser: NodeRef<html::Select> = NodeRef::new();
    if now.texts() > 0 {
        focused(first);
    } else {
        focused(chooser);
    }
    let text = move |i: usize| {
        move |event| {
            open.texts.update(|texts| texts[i] = event_target_value(&event));
            open.problem.set(String::new());
        }
    };
    let spans = move || {
        let now = open.span.get_untracked();
        let option = |span: Span| {
            let id = span.to_string();
            let words = open.state.say(span.said());
            view! { <option selected=id == now value=id>{words}</option> }
        };
        view! {
            <select aria-label=open.state.say(words::span_of_days()) on:change=move |event| open.span.set(event_target_value(&event))>
                {Span::USUAL.map(option).collect_view()}
            </select>
        }
    };
    view! {
        <select
            node_ref=chooser aria-label=open.state.say(words::comparison()) on:change=move |event| open.condition.set(Condition::named(&event_target_value(&event)))
        >
            {options}
        </select>
        <Show when=move || open.condition.with(|condition| condition.texts() > 0)>
            <input
                node_ref=first prop:value=move || open.texts.with(|texts| texts[0].clone()) aria-label=move || open.state.say(words::value()) autocomplete="off"
                on:input=text(0)
            />
        </Show>
        <Show when=move || open.condition.with(|condition| condition.texts() > 1)>
            <input prop:value=move || open.texts.with(|texts| texts[1].clone()) aria-label=move || open.state.say(words::and()) autocomplete="off" on:input=text(1)/>
        </Show>
        <Show when=move || open.condition.get() == Condition::Within>{spans()}</Show>
    }
}

/// The values that the column has, with how many rows have each.
fn values_list(open: Open, searched: bool) -> impl IntoView {
    let item = move |ValueCount { value, count }: ValueCount| {
        let id = value.to_string();
        let locale = open.state.store.locale;
        let shown = open.column.with_value(|column| locale.with_value(|l| l.named(&value, &column.ty, column.format)));
        let count = open.state.store.locale.with_value(|l| l.format(&Value::Integer(count.cast_signed()), Some(Format::Integer)));
        let on = {
            let id = id.clone();
            move || open.picked.with(|picked| picked.contains(&id))
        };
        let switch = move |event| {
            let on = event_target_checked(&event);
            open.picked.update(|picked| {
                if on {
                    picked.insert(id.clone())
                } else {
                    picked.remove(&id)
                };
            });
        };
        view! {
            <label class="grid-filter-value">
                <input type="checkbox" prop:checked=on on:change=switch/>
                <span>{shown}</span>
                <small>{count}</small>
            </label>
        }
    };
    let search = searched.then(|| {
        view! {
            <input
                type="search" aria-label=open.state.say(words::find_value()) placeholder=open.state.say(words::find_value()) autocomplete="off"
                on:input=move |event| open.look_up(event_target_value(&event))
            />
        }
    });
    view! {
        <fieldset class="grid-filter-values">
            <legend>{open.state.say(words::only_these())}</legend>
            {search}
            <div class="grid-filter-list">{move || open.found.get().into_iter().map(item).collect_view()}</div>
            <p class="is-quiet" role="status">{open.words}</p>
        </fieldset>
    }
}

impl Open {
    fn close(self) {
        self.state.filtering.set(None);
        self.state.focus();
    }

    fn clear(self) {
        let name = self.column.with_value(|column| column.name.clone());
        self.state.filters.update(|filters| drop(filters.remove(&name)));
        self.close();
    }

    fn apply(self) {
        match self.filters() {
            Ok(filters) => {
                let name = self.column.with_value(|column| column.name.clone());
                self.state.filters.update(|all| {
                    if filters.is_empty() {
                        all.remove(&name)
                    } else {
                        all.insert(name, filters)
                    };
                });
                self.close();
            }
            Err(message) => self.problem.set(self.state.say(message)),
        }
    }

    /// What the person has said, if it can be read.
    fn filters(self) -> Result<Vec<Filter>, Message> {
        let (name, ty, format) = self.column.with_value(|column| (column.name.clone(), column.ty.clone(), column.format));
        let condition = self.condition.get_untracked();
        let texts = self.texts.get_untracked();
        let given: Vec<&String> = texts[..condition.texts()].iter().filter(|text| !text.trim().is_empty()).collect();
        let filter = |op, value| Filter { column: name.clone(), op, value };
        let read = |text: &str| {
            let read = self.state.store.locale.with_value(|locale| locale.parse(&locale.as_typed(text, format), &ty));
            read.map_err(|error| error.message().clone())
        };
        let mut filters = match (condition, given.as_slice()) {
            (Condition::Blank, _) => vec![filter(FilterOp::Blank, Raw::Null)],
            (Condition::NotBlank, _) => vec![filter(FilterOp::NotBlank, Raw::Null)],
            (Condition::Within, _) => vec![filter(FilterOp::Within, self.span.get_untracked().into())],
            (Condition::Contains, [text]) => vec![filter(FilterOp::Contains, text.trim().into())],
            (Condition::Is, [text]) => vec![filter(FilterOp::Equals, read(text)?)],
            (Condition::AtLeast, [text]) => vec![filter(FilterOp::AtLeast, read(text)?)],
            (Condition::AtMost, [text]) => vec![filter(FilterOp::AtMost, read(text)?)],
            (Condition::Between, [low, high]) => {
                vec![filter(FilterOp::AtLeast, read(low)?), filter(FilterOp::AtMost, read(high)?)]
            }
            (Condition::Between, [_]) => return Err(words::say_both_ends()),
            _ => Vec::new(),
        };
        let picked: Vec<Raw> =
            self.picked.with_untracked(|picked| picked.iter().filter_map(|id| serde_json::from_str(id).ok()).collect());
        if picked.len() > MOST_VALUES {
            return Err(words::pick_at_most(MOST_VALUES));
        }
        if !picked.is_empty() {
            filters.push(filter(FilterOp::In, picked.into()));
        }
        Ok(filters)
    }

    /// Asks for the values that the other columns' filters leave.
    fn look_up(self, search: String) {
        let begun = self.latest.begin();
        let column = self.column.with_value(|column| column.name.clone());
        let mut query = QueryRequest {
            values: Some(ValuesOf { column: column.clone(), search: search.clone() }),
            ..untrack(|| question(self.state))
        };
        query.filters.retain(|filter| filter.column != column);
        query.sort.clear();
        let Some(api) = self.state.store.api.get_value() else { return };
        spawn_local(async move {
            if !search.is_empty() && !begun.rests(QUIET_MS).await {
                return;
            }
            let answer = api.query(query).await;
            if begun.is_last() {
                self.show(answer.map(|answer| answer.values));
            }
        });
    }

    fn show(self, values: Result<Vec<ValueCount>, ApiError>) {
        let (mut values, words) = match values {
            Ok(values) if values.is_empty() => (values, Some(words::there_are_none())),
            Ok(values) if values.len() > MOST_VALUES => (values, Some(words::first_of_more(MOST_VALUES))),
            Ok(values) => (values, None),
            Err(error) => (Vec::new(), Some(error.told())),
        };
        values.truncate(MOST_VALUES);
        self.found.set(values);
        self.words.set(words.map(|words| self.state.say(words)).unwrap_or_default());
    }
}

const QUIET_MS: u64 = 150;
