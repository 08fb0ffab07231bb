//! Looks for a text, a number or a date in the whole table, as far as the person may see it: first in what is here, then
//! by the warehouse.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{ColumnType, ColumnView, Filter, FilterOp, Find, QueryRequest, Raw};
use wasm_bindgen_futures::spawn_local;

use super::geometry::Cell;
use super::keys::How;
use super::rows::question;
use super::state::{GridState, Row};
use crate::components::focused;

/// Drawn while somebody looks for something.
#[component]
pub fn FindBar(state: GridState) -> impl IntoView {
    move || state.finding.get().then(|| bar(state))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forwards,
    Backwards,
}

fn bar(state: GridState) -> impl IntoView {
    let field: NodeRef<html::Input> = NodeRef::new();
    let words = RwSignal::new(String::new());
    focused(field);
    let look = move |way| {
        let text = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        if !text.trim().is_empty() {
            find(state, text.trim().to_owned(), way, words);
        }
    };
    let close = move || {
        state.finding.set(false);
        state.focus();
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        let way = if event.shift_key() { Way::Backwards } else { Way::Forwards };
        match event.key().as_str() {
            "Enter" => look(way),
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="grid-find" role="search" aria-label=state.say(words::find_in_table()) on:keydown=on_key>
            <input node_ref=field type="text" aria-label=state.say(words::find()) placeholder=state.say(words::find()) autocomplete="off" spellcheck="false"/>
            <span class="grid-find-words" role="status">{words}</span>
            <button type="button" aria-label=state.say(words::previous()) on:click=move |_| look(Way::Backwards)>"↑"</button>
            <button type="button" aria-label=state.say(words::next()) on:click=move |_| look(Way::Forwards)>"↓"</button>
            <button type="button" aria-label=state.say(words::close()) on:click=move |_| close()>"✕"</button>
        </div>
    }
}

/// What would be a hit in this column, if the text can be one there.
fn filter(state: GridState, column: &ColumnView, text: &str) -> Option<Filter> {
    let (op, value) = match &column.ty {
        ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. } => (FilterOp::Contains, Raw::from(text)),
        ColumnType::Boolean => return None,
        ty => (FilterOp::Equals, state.store.locale.with_value(|locale| locale.parse(text, ty)).ok()?),
    };
    Some(Filter { column: column.name.clone(), op, value })
}

fn hits(row: &Row, col: usize, filter: &Filter) -> bool {
    let value = row.cells.get(col).unwrap_or(&Raw::Null);
    match (filter.op, value.as_str(), filter.value.as_str()) {
        (FilterOp::Contains, Some(value), Some(text)) => value.to_lowercase().contains(&text.to_lowercase()),
        _ => *value == filter.value,
    }
}

fn find(state: GridState, text: String, way: Way, words: RwSignal<String>) {
    let shown = state.column_count();
    let filters: Vec<(usize, Filter)> = state.columns.with_value(|columns| {
        columns[..shown].iter().enumerate().filter_map(|(col, column)| Some((col, filter(state, column, &text)?))).collect()
    });
    let at = untrack(|| state.active());
    // The rest of the row that one is in.
    let here = at.and_then(|at| {
        let row = state.rows.with_untracked(|rows| rows.get(at.row).cloned())?;
        let beyond = |col: &usize| if way == Way::Forwards { *col > at.col } else { *col < at.col };
        let mut found = filters.iter().filter(|(col, filter)| beyond(col) && hits(&row, *col, filter)).map(|(col, _)| *col);
        let col = if way == Way::Forwards { found.next() } else { found.next_back() }?;
        Some(Cell { row: at.row, col })
    });
    if let Some(cell) = here {
        let column = state.column(cell.col).map(|column| column.label).unwrap_or_default();
        words.set(state.say(words::found(cell.row + 1, column)));
        return state.go(cell, How::Move);
    }
    let Some(api) = state.store.api.get_value() else { return };
    words.set(state.say(words::looking()));
    spawn_local(async move {
        let any: Vec<Filter> = filters.iter().map(|(_, filter)| filter.clone()).collect();
        let mut found = None;
        // From here to the end, then from the beginning.
        for after in [at.map(|at| at.row), None] {
            let find = Some(Find { any: any.clone(), after, backwards: way == Way::Backwards });
            let query = QueryRequest { find, ..untrack(|| question(state)) };
            match api.query(query).await {
                Ok(answer) => found = answer.found,
                Err(error) => return drop(words.try_set(state.say(error.told()))),
            }
            if found.is_some() || after.is_none() {
                break;
            }
        }
        let Some(row) = found else {
            return drop(words.try_set(state.say(words::not_found())));
        };
        let searched = filters.iter().map(|(col, _)| (Cell { row, col: *col }, Cell { row, col: *col })).collect();
        state.with_rows(searched, move |state, rows| {
            let mut cols = filters.iter().filter(|(col, filter)| rows.get(row).is_some_and(|row| hits(row, *col, filter)));
            let col = if way == Way::Forwards { cols.next() } else { cols.next_back() }.map_or(0, |(col, _)| *col);
            let wrapped = at.is_some_and(|at| if way == Way::Forwards { row <= at.row } else { row >= at.row });
            let column = state.column(col).map(|column| column.label).unwrap_or_default();
            let found = if wrapped { words::found_again(row + 1, column) } else { words::found(row + 1, column) };
            let _ = words.try_set(state.say(found));
            state.go(Cell { row, col }, How::Move);
        });
    });
}
