//! What happened to the active cell, where the person is looking: why it was refused, who was faster, what to do.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::geometry::Cell;
use super::menu::below_column;
use super::selection::Selection;
use super::state::GridState;
use crate::client::{CellId, Mark};

/// Drawn beside the active cell when its edit was refused or overtaken.
#[component]
pub fn Note(state: GridState) -> impl IntoView {
    move || {
        let cell = state.active()?;
        if state.editing.with(Option::is_some) {
            return None;
        }
        let (class, words) = trouble_at(state, cell, Callback::new(move |()| state.focus()))?;
        let on_key = move |event: KeyboardEvent| {
            event.stop_propagation();
            if event.key() == "Escape" {
                state.focus();
            }
        };
        let viewport = state.viewport.get();
        let left = below_column(state, cell.col, 288.0);
        let top = state.row_top(cell.row) - viewport.top;
        let height = state.row_px.get();
        let below = top + 2.0 * height + 4.0;
        let place = if below + 96.0 < viewport.height {
            format!("top:{below}px;inset-inline-start:{left}px")
        } else {
            let above = viewport.height - top - height + 4.0;
            format!("bottom:{above}px;inset-inline-start:{left}px")
        };
        Some(view! {
            <div class=format!("grid-note {class}") role="alert" style=place on:keydown=on_key>
                {words}
                <span class="visually-hidden">{state.say(words::note_keys())}</span>
            </div>
        })
    }
}

impl GridState {
    /// Goes to what can be done about the active cell; false if nothing is wrong with it.
    pub fn to_note(self) -> bool {
        let frame = self.scroller.get_untracked().and_then(|scroller| scroller.parent_element());
        let button = frame.and_then(|frame| frame.query_selector(".grid-note button").ok().flatten());
        button.and_then(|button| button.dyn_into::<HtmlElement>().ok()).is_some_and(|button| button.focus().is_ok())
    }
}

/// Why a cell's edit was refused or overtaken, and what to do; nothing if it was not. Tracked.
pub fn trouble(state: GridState, cell: Cell) -> Option<AnyView> {
    trouble_at(state, cell, Callback::new(|()| ()))
        .map(|(class, words)| view! { <div class=format!("record-trouble {class}") role="alert">{words}</div> }.into_any())
}

/// `settled` is called once the person has decided, and the buttons are gone.
fn trouble_at(state: GridState, cell: Cell, settled: Callback<()>) -> Option<(&'static str, AnyView)> {
    let id = state.id(cell)?;
    let mark = state.store.outbox.marks.with(|marks| marks.get(&id).cloned())?;
    let draft = state.rows.with(|rows| rows.get(cell.row).and_then(|row| row.draft.clone()));
    let discard_words = state.say(if draft.is_some() { words::discard_row() } else { words::discard() });
    let discard = {
        let id = id.clone();
        move |_| {
            match &draft {
                Some(name) => state.store.outbox.drop_draft(name),
                None => state.store.outbox.discard(&id),
            }
            settled.run(());
        }
    };
    match mark {
        Mark::Rejected { message, .. } => {
            let edit = move |_| {
                state.selection.set(Selection::at(cell));
                state.edit(None);
            };
            let words = view! {
                <p>{state.say(message)}</p>
                <div class="grid-note-buttons">
                    <button type="button" class="is-primary" on:click=edit>{state.say(words::edit())}</button>
                    <button type="button" on:click=discard>{discard_words}</button>
                </div>
            };
            Some(("is-rejected", words.into_any()))
        }
        Mark::Conflict { value, conflict, message, .. } => {
            let column = state.column(cell.col)?;
            let when = conflict.at.as_deref().map(|at| state.store.local_time(at));
            let (theirs, mine) = (state.store.show(&conflict.now, &column), state.store.show(&value, &column));
            let taken = id.clone();
            let keep = move |_| {
                state.store.outbox.insist(std::slice::from_ref(&id));
                settled.run(());
            };
            let take = move |_| {
                take_theirs(state, std::slice::from_ref(&taken));
                settled.run(());
            };
            let words = view! {
                <p>{state.say(message)} " " <time datetime=conflict.at.clone()>{when}</time></p>
                <div class="grid-note-buttons">
                    <button type="button" on:click=take>{state.say(words::use_theirs())} " " <b>{blank(state, theirs)}</b></button>
                    <button type="button" class="is-primary" on:click=keep>{state.say(words::keep_mine())} " " <b>{blank(state, mine)}</b></button>
                </div>
            };
            Some(("is-conflict", words.into_any()))
        }
        Mark::Pending { .. } | Mark::Saved => None,
    }
}

fn blank(state: GridState, text: String) -> String {
    if text.is_empty() { state.say(words::blank()) } else { text }
}

/// Lets go of one's own values, and shows those that were there.
pub fn take_theirs(state: GridState, ids: &[CellId]) {
    let columns: Vec<String> = state.columns.with_value(|columns| columns.iter().map(|column| column.name.clone()).collect());
    for id in ids {
        let mark = state.store.outbox.marks.with_untracked(|marks| marks.get(id).cloned());
        if let Some(Mark::Conflict { conflict, .. }) = mark {
            state.rows.update(|rows| rows.put(&id.key, &columns, &[(&id.column, &conflict.now)]));
        }
        state.store.outbox.discard(id);
    }
}
