//! What can be done with a column, as a menu below its name.

use leptos::prelude::*;
use model::{MOST_LEVELS, Sort};

use super::state::GridState;
use crate::components::{Action, Menu};

/// Drawn while a column's menu is open.
#[component]
pub fn ColumnMenu(state: GridState) -> impl IntoView {
    move || {
        let col = state.menu.get()?;
        state.column(col)?;
        Some(menu(state, col))
    }
}

/// How far from the start of the grid something below a column is drawn, so that all of it is seen; in pixels.
pub fn below_column(state: GridState, col: usize, room: f64) -> f64 {
    let viewport = state.viewport.get_untracked();
    let scrolled = if col < state.frozen() { 0.0 } else { viewport.left };
    (state.px_before(col) - scrolled).clamp(0.0, (viewport.width - room).max(0.0))
}

fn menu(state: GridState, col: usize) -> impl IntoView {
    let label = state.column(col).map(|column| column.label).unwrap_or_default();
    let style = format!("inset-inline-start:{}px", below_column(state, col, 232.0));
    let close = Callback::new(move |()| state.menu.set(None));
    view! { <Menu label=label items=items(state, col) close=close back=state.back() style=style class="grid-menu"/> }
}

fn items(state: GridState, col: usize) -> Vec<(String, Action)> {
    let Some(column) = state.column(col) else { return Vec::new() };
    let (name, frozen) = (column.name.clone(), state.kept());
    let sorted = state.sort.get_untracked();
    let sort = |descending: bool, others: bool| -> Action {
        let by = Sort { column: name.clone(), descending };
        let kept: Vec<Sort> = sorted.iter().filter(|sort| others && sort.column != by.column).cloned().collect();
        Box::new(move || state.sort.set(kept.iter().cloned().chain([by.clone()]).collect()))
    };
    let mut items: Vec<(String, Action)> =
        vec![(state.say(words::menu_sort_up()), sort(false, false)), (state.say(words::menu_sort_down()), sort(true, false))];
    if sorted.iter().any(|sort| sort.column != name) {
        items.push((state.say(words::menu_then_sort_up()), sort(false, true)));
        items.push((state.say(words::menu_then_sort_down()), sort(true, true)));
    }
    if !sorted.is_empty() {
        items.push((state.say(words::menu_sort_nothing()), Box::new(move || state.sort.set(Vec::new()))));
    }
    items.push((state.say(words::menu_filter()), Box::new(move || state.filtering.set(Some(col)))));
    if column.editable && state.table.with_value(Option::is_some) {
        items.push((state.say(words::menu_set_all()), Box::new(move || _ = state.ask_set_all(col))));
    }
    let grouped = state.group_by.get_untracked();
    if !grouped.contains(&name) && grouped.len() < MOST_LEVELS {
        let words = if grouped.is_empty() { words::menu_group() } else { words::menu_group_within() };
        items.push((state.say(words), Box::new(move || _ = state.group_by(col))));
    }
    if !grouped.is_empty() {
        items.push((state.say(words::menu_close_groups()), Box::new(move || state.close_all())));
        items.push((state.say(words::menu_open_groups()), Box::new(move || _ = state.open_all())));
        items.push((state.say(words::menu_ungroup()), Box::new(move || _ = state.ungroup())));
    }
    if frozen != col + 1 {
        items.push((state.say(words::menu_freeze()), Box::new(move || state.freeze(col + 1))));
    }
    if frozen > 0 {
        items.push((state.say(words::menu_unfreeze()), Box::new(move || state.freeze(0))));
    }
    items.push((state.say(words::menu_fit()), Box::new(move || state.fit(col))));
    items.push((state.say(words::menu_wider()), Box::new(move || state.stretch(col, 1.0))));
    items.push((state.say(words::menu_narrower()), Box::new(move || state.stretch(col, -1.0))));
    let (left, right) = (words::menu_move_left(), words::menu_move_right());
    let (to_start, to_end) = if state.store.from_right() { (right, left) } else { (left, right) };
    if col > 0 {
        items.push((state.say(to_start), Box::new(move || state.shift(col, false))));
    }
    if col + 1 < state.column_count() {
        items.push((state.say(to_end), Box::new(move || state.shift(col, true))));
    }
    items.push((state.say(words::menu_hide(&column.label)), Box::new(move || state.hide(col))));
    for (name, label) in state.hidden() {
        items.push((state.say(words::menu_show(label)), Box::new(move || state.unhide(&name))));
    }
    items
}
