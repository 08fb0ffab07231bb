//! The head of a group: what its rows are alike in, how many they are and what they come to. A press opens or closes it.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{Raw, Total};

use super::columns::{Columns, column_style};
use super::groups::Head;
use super::state::GridState;

/// Drawn while it is in sight; `place` is its place among the heads.
#[component]
pub fn GroupRow(state: GridState, place: usize, columns: Columns) -> impl IntoView {
    let line = move || state.lines.with(|lines| lines.of_head(place));
    let style = move || format!("transform:translateY({}px)", line() as f64 * state.row_px.get() - state.skipped.get());
    let head = Memo::new(move |_| state.lines.with(|lines| lines.head(place).cloned()));
    let is_open = move || head.with(|head| head.as_ref().is_some_and(|head| head.open));
    let words = move || head.with(|head| head.as_ref().map(|head| words(state, head)));
    let level = move || head.with(|head| head.as_ref().map_or(0, Head::level));
    let button: NodeRef<html::Button> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(button) = button.get().filter(|_| state.at_head.get() == Some(place)) {
            let _ = button.focus();
            // Once: who has gone elsewhere is not called back when the head comes into sight again.
            state.at_head.set(None);
        }
    });
    let toggle = move || {
        head.with_untracked(|head| head.iter().for_each(|head| state.toggle(&head.group.values)));
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        match (state.arrow(event.key()).as_str(), is_open()) {
            ("ArrowDown", _) => state.step_from_head(place, true),
            ("ArrowUp", _) => state.step_from_head(place, false),
            ("ArrowRight", false) | ("ArrowLeft", true) => toggle(),
            ("ArrowLeft", false) => state.go_to_outer(place),
            ("Escape", _) => state.focus(),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="grid-row grid-group" role="row" aria-rowindex=move || (line() + 2).to_string() style=style>
            <div
                class="grid-group-head" role="gridcell" aria-colindex="1"
                style=move || { state.track_layout(); format!("width:{}px;padding-inline-start:{}px", head_px(state), 8 + 16 * level()) }
            >
                <button
                    type="button" tabindex="-1" node_ref=button aria-expanded=move || is_open().to_string()
                    on:click=move |_| toggle() on:keydown=on_key
                >
                    <span class="grid-group-sign" aria-hidden="true">{move || if is_open() { "▾" } else { "▸" }}</span>
                    {words}
                </button>
            </div>
            <span role="presentation" style=move || { state.track_layout(); format!("margin-inline-start:{}px", state.number_px.get() - head_px(state)) }></span>
            {columns.draw(state, move |col| subtotal(state, head, col))}
        </div>
    }
}

/// How wide the words are that stand at the start of the line: over the columns that stay in sight, or over what has no
/// subtotal there.
fn head_px(state: GridState) -> f64 {
    if state.frozen() > 0 {
        return state.fixed_px();
    }
    let totals = state.rows.with(|rows| rows.totals.iter().map(|total| total.column.clone()).collect::<Vec<_>>());
    let shown = state.column_count();
    let free = state
        .columns
        .with_value(|columns| columns[..shown].iter().position(|column| totals.contains(&column.name)).unwrap_or(shown).max(1));
    state.px_before(free).min(420.0)
}

fn words(state: GridState, head: &Head) -> impl IntoView + use<> {
    let column = state.group_by.with_untracked(|columns| columns.get(head.level()).cloned());
    let column = state.columns.with_value(|columns| columns.iter().find(|other| Some(&other.name) == column.as_ref()).cloned());
    let value = head.group.values.last().unwrap_or(&Raw::Null);
    let text = column.as_ref().map(|column| state.store.show(value, column)).filter(|text| !text.is_empty());
    let label = column.map(|column| column.label).unwrap_or_default();
    let count = state
        .store
        .locale
        .with_value(|locale| locale.format(&model::Value::Integer(head.group.count.cast_signed()), Some(model::Format::Integer)));
    let rows = state.say(words::rows_unit(head.group.count));
    view! {
        <span class="grid-group-column">{label}": "</span>
        <b>{text.unwrap_or_else(|| state.say(words::blank()))}</b>
        <span class="grid-group-count">{count}<span class="visually-hidden">" "{rows}</span></span>
    }
}

/// What the rows of a group come to in one column.
fn subtotal(state: GridState, head: Memo<Option<Head>>, col: usize) -> AnyView {
    let name = state.columns.with_value(|columns| columns[col].name.clone());
    let text = move || {
        let of = state.rows.with(|rows| {
            let place = rows.totals.iter().position(|total| total.column == name)?;
            Some((place, rows.totals[place].clone()))
        });
        let (place, Total { ty, format, .. }) = of?;
        head.with(|head| {
            let value = head.as_ref()?.group.totals.get(place)?;
            Some(state.store.locale.with_value(|locale| locale.show(value, &ty, format)))
        })
    };
    view! {
        <div
            class="grid-subtotal" class:is-frozen={col < state.frozen()} role="gridcell" aria-colindex=(col + 1).to_string()
            style=move || { state.track_sizes(); column_style(state, col) }
        >
            {text}
        </div>
    }
    .into_any()
}
