//! How many rows there are and, at a press or with Ctrl+G, which of them to go to.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::geometry::Cell;
use super::keys::How;
use super::state::GridState;
use crate::components::focused;

/// A button that becomes a field.
#[component]
pub fn GoTo(state: GridState) -> impl IntoView {
    move || {
        if state.going.get() {
            return field(state).into_any();
        }
        let words = move || count_words(state);
        view! {
            <button class="grid-goto" type="button" title=state.say(words::go_to_row_title()) on:click=move |_| state.going.set(true)>
                {words}
            </button>
        }
        .into_any()
    }
}

fn field(state: GridState) -> impl IntoView {
    let field: NodeRef<html::Input> = NodeRef::new();
    focused(field);
    let close = move || {
        state.going.set(false);
        state.focus();
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => {
                event.prevent_default();
                let digits: String = field.get_untracked().map(|field| field.value()).unwrap_or_default();
                let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
                if let Ok(row) = digits.parse::<u64>() {
                    let col = untrack(|| state.active()).map_or(0, |cell| cell.col);
                    state.go(Cell { row: row.saturating_sub(1), col }, How::Move);
                }
                close();
            }
            "Escape" => close(),
            _ => {}
        }
    };
    let now = untrack(|| state.active()).map(|cell| (cell.row + 1).to_string());
    view! {
        <label class="grid-goto-field">
            {state.say(words::go_to_row())} " "
            <input
                node_ref=field type="text" inputmode="numeric" autocomplete="off" placeholder=now on:keydown=on_key
                on:blur=move |_| state.going.set(false)
            />
        </label>
    }
}

fn count_words(state: GridState) -> String {
    let (total, counted, loaded) = state.rows.with(|rows| (rows.total, rows.counted, rows.loaded));
    let rows = match (counted, total) {
        (false, _) if loaded => words::counting_rows(),
        (false, _) => return String::new(),
        (true, n) => words::count_rows(n),
    };
    let bounds = state.bounds();
    let cells = state.selection.with(|selection| (!selection.is_single()).then(|| selection.count(bounds)));
    state.say(match cells {
        Some(cells) => words::rows_and_selected(rows, cells),
        None => rows,
    })
}
