//! The header: a column's name selects it, the buttons beside it sort and filter.

use leptos::prelude::*;
use model::{ColumnRole, ColumnView, Sort};

use super::state::GridState;

/// One header cell.
#[component]
pub fn HeaderCell(state: GridState, col: usize, column: ColumnView, style: String, frozen: bool) -> impl IntoView {
    let name = StoredValue::new(column.name.clone());
    let numeric = column.ty.is_numeric();
    let direction = Memo::new(move |_| {
        state.sort.with(|sort| sort.iter().find(|s| name.with_value(|name| *name == s.column)).map(|s| s.descending))
    });
    let filtered = move || state.filters.with(|filters| name.with_value(|name| filters.contains_key(name)));
    let turn = move |_| {
        let next = match direction.get_untracked() {
            None => vec![Sort { column: name.get_value(), descending: false }],
            Some(false) => vec![Sort { column: name.get_value(), descending: true }],
            Some(true) => Vec::new(),
        };
        state.sort.set(next);
    };
    let toggle = move |_| state.filtering.update(|open| *open = if *open == Some(col) { None } else { Some(col) });
    let icon = match column.role {
        ColumnRole::Input if column.editable => Some(view! { <span class="grid-pen" aria-hidden="true">"✎"</span> }),
        _ => None,
    };
    view! {
        <div
            class="grid-th" class:is-frozen=frozen class:is-number=numeric role="columnheader" aria-colindex=(col + 1).to_string() style=style
            aria-sort=move || match direction.get() { None => "none", Some(false) => "ascending", Some(true) => "descending" }
        >
            <span class="grid-name" title=column.help>
                {icon}
                <span>{column.label.clone()}</span>
            </span>
            <button
                class="grid-header-button" class:is-on=move || direction.get().is_some() type="button" tabindex="-1"
                aria-label=format!("Sort by {}", column.label) on:click=turn
            >
                {move || match direction.get() { None => "↕", Some(false) => "↑", Some(true) => "↓" }}
            </button>
            <button
                class="grid-header-button" class:is-on=filtered type="button" tabindex="-1"
                aria-label=format!("Filter {}", column.label) on:click=toggle
            >
                <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="M1 2h10L7.2 6.4V10L4.8 11V6.4z" fill="currentColor"/></svg>
            </button>
        </div>
    }
}
