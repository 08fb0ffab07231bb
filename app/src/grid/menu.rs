//! What can be done with a column, as a menu below its name.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{MOST_LEVELS, Sort};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::state::GridState;

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

/// What an item does.
pub type Action = Box<dyn Fn() + Send + Sync>;

fn menu(state: GridState, col: usize) -> impl IntoView {
    let label = state.column(col).map(|column| column.label).unwrap_or_default();
    let style = format!("inset-inline-start:{}px", below_column(state, col, 232.0));
    let close = Callback::new(move |()| state.menu.set(None));
    view! { <Menu state=state label=label items=items(state, col) close=close style=style class="grid-menu"/> }
}

/// Things to do, one below the other: the arrows go through them, Enter does one, Escape and Tab leave.
///
/// - `label`: what they are about.
/// - `close`: takes the menu away.
#[component]
pub fn Menu(
    state: GridState,
    label: String,
    items: Vec<(String, Action)>,
    close: Callback<()>,
    style: String,
    class: &'static str,
) -> impl IntoView {
    let frame: NodeRef<html::Div> = NodeRef::new();
    let leave = move || {
        close.run(());
        state.focus();
    };
    Effect::new(move |_| {
        if let Some(first) = frame.get().and_then(|frame| frame.first_element_child()) {
            let _ = first.unchecked_into::<HtmlElement>().focus();
        }
    });
    let item = move |(words, action): (String, Action)| {
        let act = move |_| {
            leave();
            action();
        };
        view! { <button type="button" role="menuitem" tabindex="-1" on:click=act>{words}</button> }
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Escape" | "Tab" => leave(),
            "ArrowDown" => step(&event, true),
            "ArrowUp" => step(&event, false),
            _ => return,
        }
        event.prevent_default();
    };
    // Whoever presses elsewhere has left it.
    let on_leave = move |event: web_sys::FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        if frame.get_untracked().is_some_and(|frame| !frame.contains(to.as_ref())) {
            close.run(());
        }
    };
    view! {
        <div class=class role="menu" aria-label=label node_ref=frame style=style on:keydown=on_key on:focusout=on_leave>
            {items.into_iter().map(item).collect_view()}
        </div>
    }
}

/// To the next item, or the one before.
fn step(event: &KeyboardEvent, down: bool) {
    let Some(now) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let (next, parent) = (if down { now.next_element_sibling() } else { now.previous_element_sibling() }, now.parent_element());
    let round = || parent.and_then(|parent| if down { parent.first_element_child() } else { parent.last_element_child() });
    if let Some(item) = next.or_else(round) {
        let _ = item.unchecked_into::<HtmlElement>().focus();
    }
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
