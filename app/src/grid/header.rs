//! The header: a column's name selects it, the buttons beside it sort, filter and open its menu, its edge resizes it.

use leptos::ev::{MouseEvent, PointerEvent};
use leptos::prelude::*;
use model::{ColumnRole, ColumnView, Sort};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::columns::column_style;
use super::state::GridState;

/// One header cell.
#[component]
pub fn HeaderCell(state: GridState, col: usize, column: ColumnView, frozen: bool) -> impl IntoView {
    let name = StoredValue::new(column.name.clone());
    let numeric = column.ty.is_numeric();
    let direction = Memo::new(move |_| {
        state.sort.with(|sort| sort.iter().find(|s| name.with_value(|name| *name == s.column)).map(|s| s.descending))
    });
    let filtered = move || state.filters.with(|filters| name.with_value(|name| filters.contains_key(name)));
    // With Shift the others stay, and this one comes after them.
    let turn = move |event: MouseEvent| {
        let place = state.sort.with_untracked(|sort| sort.iter().position(|sort| name.with_value(|name| *name == sort.column)));
        let mut next = if event.shift_key() { state.sort.get_untracked() } else { Vec::new() };
        let by = |descending| Sort { column: name.get_value(), descending };
        match (direction.get_untracked(), place.filter(|_| event.shift_key())) {
            (None, _) => next.push(by(false)),
            (Some(false), Some(at)) => next[at] = by(true),
            (Some(false), None) => next.push(by(true)),
            (Some(true), Some(at)) => drop(next.remove(at)),
            (Some(true), None) => {}
        }
        state.sort.set(next);
    };
    // Of several it is told which comes first.
    let place = move || {
        state.sort.with(|sort| {
            let place = sort.iter().position(|sort| name.with_value(|name| *name == sort.column))?;
            (sort.len() > 1).then(|| (place + 1).to_string())
        })
    };
    let dropping = move || state.moving.get().is_some_and(|(from, to)| to == col && from != col);
    // The edge of a column that is held: where the pointer was, and how wide the column.
    let pulled = StoredValue::new(None::<(f64, f64)>);
    let grip = move |event: PointerEvent| {
        event.stop_propagation();
        event.prevent_default();
        let edge = event.target().and_then(|edge| edge.dyn_into::<Element>().ok());
        edge.iter().for_each(|edge| _ = edge.set_pointer_capture(event.pointer_id()));
        pulled.set_value(Some((f64::from(event.client_x()), state.widths.with_value(|widths| widths[col]))));
    };
    let pull = move |event: PointerEvent| {
        if let Some((from, width)) = pulled.get_value() {
            state.set_width(col, width + state.along(f64::from(event.client_x()) - from));
        }
    };
    let toggle = move |_| state.filtering.update(|open| *open = if *open == Some(col) { None } else { Some(col) });
    let icon = match column.role {
        ColumnRole::Input if column.editable => Some(view! { <span class="grid-pen" aria-hidden="true">"✎"</span> }),
        _ => None,
    };
    view! {
        <div
            class="grid-th" class:is-frozen=frozen class:is-number=numeric class:is-dropping=dropping role="columnheader" aria-colindex=(col + 1).to_string()
            style=move || { state.track_sizes(); column_style(state, col) }
            on:contextmenu=move |event| { event.prevent_default(); state.menu.set(Some(col)) }
            aria-sort=move || match direction.get() { None => "none", Some(false) => "ascending", Some(true) => "descending" }
        >
            <span class="grid-name" title=column.help>
                {icon}
                <span>{column.label.clone()}</span>
            </span>
            <button
                class="grid-header-button" class:is-on=move || direction.get().is_some() type="button" tabindex="-1"
                aria-label=state.say(words::sort_by(&column.label)) on:click=turn
            >
                {move || match direction.get() { None => "↕", Some(false) => "↑", Some(true) => "↓" }}
                {move || place().map(|place| view! { <sub>{place}</sub> })}
            </button>
            <button
                class="grid-header-button" class:is-on=filtered type="button" tabindex="-1"
                aria-label=state.say(words::filter_of(&column.label)) on:click=toggle
            >
                <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="M1 2h10L7.2 6.4V10L4.8 11V6.4z" fill="currentColor"/></svg>
            </button>
            <button
                class="grid-header-button is-menu" type="button" tabindex="-1" aria-label=state.say(words::menu_of(&column.label))
                aria-haspopup="menu" on:click=move |_| state.menu.update(|open| *open = if *open == Some(col) { None } else { Some(col) })
            >
                "⋮"
            </button>
            <span
                class="grid-resize" aria-hidden="true" on:pointerdown=grip on:pointermove=pull on:pointerup=move |_| pulled.set_value(None)
                on:pointercancel=move |_| pulled.set_value(None) on:dblclick=move |event| { event.stop_propagation(); state.fit(col) }
            ></span>
        </div>
    }
}
