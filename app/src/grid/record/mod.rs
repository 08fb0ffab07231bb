//! The record panel: one row with all its fields, beside the grid, what happened to it and what people say about it.
//!
//! It shows the row of the active cell and follows it. On a phone it covers the grid, so that a row opens as a form.

mod comments;
mod fields;
mod history;
mod mention;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::keys::How;
use super::state::{GridState, Row};
use crate::components::focused;
use comments::Comments;
pub use comments::SUFFIX;
use fields::Fields;
use history::History;

/// What of a row is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Fields,
    History,
    Comments,
}

/// Drawn while a row is open.
#[component]
pub fn RecordPanel(state: GridState) -> impl IntoView {
    let open = Memo::new(move |_| state.record.with(Option::is_some));
    move || open.get().then(|| panel(state))
}

fn panel(state: GridState) -> impl IntoView {
    let row = Memo::new(move |_| {
        let at = state.active()?;
        state.rows.with(|rows| rows.get(at.row).map(|row| (at.row, row.clone())))
    });
    // A part is drawn anew for another row, not for each change of this one.
    let key = Memo::new(move |_| row.with(|row| row.as_ref().map(|(_, row)| (row.key.clone(), row.draft.is_some()))));
    let number = Signal::derive(move || row.with(|row| row.as_ref().map_or(0, |(number, _)| *number)));
    let frame: NodeRef<html::Div> = NodeRef::new();
    focused(frame);
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            event.prevent_default();
            state.close_record();
        }
    };
    let has_table = state.table.with_value(Option::is_some);
    let tab = move |part: Part, words: &'static str| {
        let is_on = move || state.record.get() == Some(part);
        view! {
            <button
                class="tab" class:is-on=is_on type="button" role="tab" aria-selected=move || is_on().to_string()
                on:click=move |_| state.record.set(Some(part))
            >
                {words}
            </button>
        }
    };
    let title = move || row.with(|row| row.as_ref().map(|(_, row)| title(state, row)));
    let body = move || {
        let Some((key, is_new)) = key.get() else {
            return view! { <p class="is-quiet">"Select a row, and it is shown here."</p> }.into_any();
        };
        match state.record.get() {
            Some(Part::History) if is_new => view! { <p class="is-quiet">"This row is not saved yet."</p> }.into_any(),
            Some(Part::Comments) if is_new => view! { <p class="is-quiet">"This row is not saved yet."</p> }.into_any(),
            Some(Part::History) => view! { <History state=state number=number key=key/> }.into_any(),
            Some(Part::Comments) => view! { <Comments state=state key=key/> }.into_any(),
            _ => view! { <Fields state=state number=number/> }.into_any(),
        }
    };
    view! {
        <div class="record" part="record" role="complementary" aria-label="Row" tabindex="-1" node_ref=frame on:keydown=on_key>
            <div class="record-head">
                <h3>{title}</h3>
                <button type="button" aria-label="Row above" on:click=move |_| state.step_record(false)>"↑"</button>
                <button type="button" aria-label="Row below" on:click=move |_| state.step_record(true)>"↓"</button>
                <button type="button" aria-label="Close the row" on:click=move |_| state.close_record()>"×"</button>
            </div>
            {has_table.then(|| view! {
                <div class="tabs" role="tablist" aria-label="Parts of the row">
                    {tab(Part::Fields, "Fields")} {tab(Part::History, "History")} {tab(Part::Comments, "Comments")}
                </div>
            })}
            <div class="record-body">{body}</div>
        </div>
    }
}

/// What a row is called: its key, as far as the person sees it, else what comes first.
fn title(state: GridState, row: &Row) -> String {
    if row.draft.is_some() {
        return "New row".into();
    }
    let names = state.key.get_value();
    let words = state.columns.with_value(|columns| {
        let cells = columns.iter().zip(&row.cells);
        let of_key = cells.clone().filter(|(column, _)| names.contains(&column.name));
        let words: Vec<String> = of_key.map(|(column, raw)| state.store.show(raw, column)).collect();
        if words.is_empty() { cells.take(1).map(|(column, raw)| state.store.show(raw, column)).collect() } else { words }
    });
    words.join(" · ")
}

impl GridState {
    /// Opens the row of the active cell beside the grid.
    pub fn open_record(self, part: Part) {
        let at = untrack(|| self.active()).unwrap_or_default();
        self.go(at, How::Move);
        self.record.set(Some(part));
    }

    pub fn close_record(self) {
        self.record.set(None);
        self.focus();
    }

    fn step_record(self, down: bool) {
        let Some(mut at) = untrack(|| self.active()) else { return };
        at.row = if down { at.row + 1 } else { at.row.saturating_sub(1) };
        self.go(at, How::Move);
    }
}

/// A point in time as this person's clock and language show it.
pub fn local_time(at: &str) -> String {
    let date = js_sys::Date::new(&at.into());
    date.to_locale_string("default", &js_sys::Object::new()).into()
}
