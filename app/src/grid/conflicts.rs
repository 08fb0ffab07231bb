//! Conflicts of many cells: how many there are, one after the other, or all of them settled at once.

use leptos::prelude::*;

use super::geometry::Cell;
use super::keys::How;
use super::note::take_theirs;
use super::state::GridState;
use crate::client::{CellId, Mark};

/// Drawn while colleagues were faster in several cells of the table.
#[component]
pub fn Conflicts(state: GridState) -> impl IntoView {
    let count = Memo::new(move |_| overtaken(state).len());
    let theirs = move |_| {
        take_theirs(state, &untrack(|| overtaken(state)));
        state.focus();
    };
    let mine = move |_| {
        state.store.outbox.insist(&untrack(|| overtaken(state)));
        state.focus();
    };
    move || {
        let count = count.get();
        (count > 1).then(|| {
            view! {
                <div class="grid-conflicts" role="group" aria-label=state.say(words::conflicts())>
                    <span>{state.say(words::conflicts_count(count))}</span>
                    <button type="button" on:click=move |_| next(state)>{state.say(words::next())}</button>
                    <button type="button" on:click=theirs>{state.say(words::use_all_theirs())}</button>
                    <button type="button" on:click=mine>{state.say(words::keep_all_mine())}</button>
                </div>
            }
        })
    }
}

/// The table's cells whose edits were overtaken; tracked.
fn overtaken(state: GridState) -> Vec<CellId> {
    let table = state.table.get_value().unwrap_or_default();
    let is_one = |(id, mark): &(&CellId, &Mark)| id.table == table && matches!(mark, Mark::Conflict { .. });
    state.store.outbox.marks.with(|marks| marks.iter().filter(is_one).map(|(id, _)| id.clone()).collect())
}

/// Goes to the next of them that is here, row by row.
fn next(state: GridState) {
    let all = untrack(|| overtaken(state));
    let columns: Vec<String> = state.columns.with_value(|columns| columns.iter().map(|column| column.name.clone()).collect());
    let shown = state.column_count();
    let mut cells: Vec<Cell> = state.rows.with_untracked(|rows| {
        let place = |id: &CellId| {
            let col = columns[..shown].iter().position(|name| *name == id.column)?;
            Some(Cell { row: rows.find(|row| row.key_text == id.key)?, col })
        };
        all.iter().filter_map(place).collect()
    });
    cells.sort_unstable();
    let at = untrack(|| state.active());
    let next = cells.iter().find(|cell| at.is_some_and(|at| **cell > at)).or_else(|| cells.first());
    match next {
        Some(cell) => {
            state.go(*cell, How::Move);
            state.focus();
        }
        None => state.tell(words::rows_not_shown()),
    }
}
