//! Values of a column in a list that is searched on the server.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{ApiError, ColumnType, Filter, FilterOp, Format, MOST_VALUES, QueryAnswer, QueryRequest, Raw};
use wasm_bindgen_futures::spawn_local;

use super::Choosing;
use super::picker::{Panel, buttons, picker};
use crate::client::Latest;
use crate::components::focus::focused;

/// Milliseconds that whoever types has rested.
const QUIET_MS: u64 = 150;

pub(super) fn list(choosing: Choosing, multiple: bool, of: ColumnType, format: Option<Format>, column: String) -> impl IntoView {
    let of = StoredValue::new((of, column));
    picker(choosing, move |panel| {
        let (ty, column) = of.get_value();
        Listed::new(choosing, panel, multiple, ty, format, column).view()
    })
}

/// An open list; a handle, cheap to copy.
#[derive(Clone, Copy)]
struct Listed {
    choosing: Choosing,
    panel: Panel,
    multiple: bool,
    of: StoredValue<ColumnType>,
    format: Option<Format>,
    column: StoredValue<String>,
    found: RwSignal<Vec<Raw>>,
    /// What Enter would choose, by its place.
    at: RwSignal<usize>,
    words: RwSignal<String>,
    latest: Latest,
}

impl Listed {
    fn new(choosing: Choosing, panel: Panel, multiple: bool, of: ColumnType, format: Option<Format>, column: String) -> Self {
        let list = Self {
            choosing,
            panel,
            multiple,
            of: StoredValue::new(of),
            format,
            column: StoredValue::new(column),
            found: RwSignal::default(),
            at: RwSignal::default(),
            words: RwSignal::new(choosing.store.say(words::looking())),
            latest: Latest::default(),
        };
        list.look_up(String::new());
        list
    }

    fn said(self, raw: &Raw) -> String {
        self.choosing.store.locale.with_value(|locale| self.of.with_value(|of| locale.named(raw, of, self.format)))
    }

    /// Asks for the values that have this text in them, and that the controls it follows leave.
    fn look_up(self, search: String) {
        let begun = self.latest.begin();
        let store = self.choosing.store;
        let Some(api) = store.api.get_value() else { return };
        let searched = self.of.with_value(ColumnType::is_text) && !search.is_empty();
        let filter = Filter { column: self.column.get_value(), op: FilterOp::Contains, value: search.clone().into() };
        let question = self.choosing.element.with_value(|element| untrack(|| store.question(&element.id, &element.controls)));
        let filters = searched.then_some(filter).into_iter().collect();
        let query = QueryRequest { filters, limit: MOST_VALUES as u64, ..question };
        spawn_local(async move {
            if !search.is_empty() && !begun.rests(QUIET_MS).await {
                return;
            }
            let answer = api.query(query).await;
            if begun.is_last() {
                self.show(answer, &search);
            }
        });
    }

    fn show(self, answer: Result<QueryAnswer, ApiError>, search: &str) {
        let (found, more) = match answer {
            Ok(answer) => (answer.rows.into_iter().filter_map(|row| row.into_iter().next()).collect(), answer.more),
            Err(error) => {
                self.found.set(Vec::new());
                return self.words.set(self.choosing.store.say(error.told()));
            }
        };
        // Numbers and dates are found as they are read.
        let search = search.trim().to_lowercase();
        let fits = |raw: &Raw| search.is_empty() || self.said(raw).to_lowercase().contains(&search);
        let found: Vec<Raw> = Vec::into_iter(found).filter(fits).collect();
        let words = match found.len() {
            0 => Some(words::there_are_none()),
            count if more => Some(words::first_of_more(count)),
            _ => None,
        };
        let chosen = untrack(|| self.choosing.chosen());
        self.at.set(found.iter().position(|raw| chosen.first() == Some(raw)).filter(|_| search.is_empty()).unwrap_or(0));
        self.found.set(found);
        self.words.set(words.map(|words| self.choosing.store.say(words)).unwrap_or_default());
    }

    fn pick(self, raw: Raw) {
        let mut values = untrack(|| self.choosing.chosen());
        if !self.multiple {
            self.choosing.choose(vec![raw]);
            return self.panel.close();
        }
        if values.contains(&raw) {
            values.retain(|value| *value != raw);
        } else if values.len() < MOST_VALUES {
            values.push(raw);
        } else {
            return self.words.set(self.choosing.store.say(words::pick_at_most(MOST_VALUES)));
        }
        self.choosing.choose(values);
    }

    fn on_key(self, event: &KeyboardEvent) {
        let last = self.found.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => self.at.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
            "ArrowUp" => self.at.update(|at| *at = if *at == 0 { last } else { *at - 1 }),
            "Home" if event.ctrl_key() => self.at.set(0),
            "End" if event.ctrl_key() => self.at.set(last),
            "Enter" => {
                let at = self.at.get_untracked();
                self.found.with_untracked(|found| found.get(at).cloned()).into_iter().for_each(|raw| self.pick(raw));
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn view(self) -> impl IntoView {
        let store = self.choosing.store;
        let input: NodeRef<html::Input> = NodeRef::new();
        focused(input);
        let id = self.choosing.id();
        let (list_id, of_list) = (format!("{id}-options"), format!("{id}-options"));
        let option_id = move |i: usize| format!("{id}-option-{i}");
        let active = option_id.clone();
        let active = move || self.found.with(|found| !found.is_empty()).then(|| active(self.at.get()));
        let item = move |(i, raw): (usize, Raw)| {
            let (value, said) = (raw.clone(), self.said(&raw));
            let on = Memo::new(move |_| self.choosing.chosen().contains(&value));
            let node: NodeRef<html::Li> = NodeRef::new();
            Effect::new(move |_| {
                if let Some(node) = node.get().filter(|_| self.at.get() == i) {
                    show(&node);
                }
            });
            view! {
                <li
                    role="option" id=option_id(i) node_ref=node class:is-at=move || self.at.get() == i class:is-on=on
                    aria-selected=move || on.get().to_string() on:click=move |_| self.pick(raw.clone())
                >
                    {said}
                </li>
            }
        };
        let items = move || self.found.get().into_iter().enumerate().map(item.clone()).collect_view();
        view! {
            <input
                type="search" node_ref=input role="combobox" aria-expanded="true" aria-controls=list_id aria-activedescendant=active autocomplete="off"
                aria-label=store.say(words::search_values()) placeholder=store.say(words::search_values())
                on:input=move |event| self.look_up(event_target_value(&event)) on:keydown=move |event| self.on_key(&event)
            />
            // The field keeps the keyboard.
            <ul
                class="picker-list" role="listbox" id=of_list aria-label=self.choosing.label() aria-multiselectable=self.multiple.to_string()
                on:mousedown=|event| event.prevent_default()
            >
                {items}
            </ul>
            <p class="is-quiet" role="status">{self.words}</p>
            {buttons(self.choosing, self.panel, None)}
        }
    }
}

/// Scrolls the list, and nothing else, so far that an item is in sight.
fn show(item: &web_sys::HtmlElement) {
    let Some(list) = item.parent_element() else { return };
    let (top, height) = (item.offset_top(), item.offset_height());
    if top < list.scroll_top() {
        list.set_scroll_top(top);
    } else if top + height > list.scroll_top() + list.client_height() {
        list.set_scroll_top(top + height - list.client_height());
    }
}
