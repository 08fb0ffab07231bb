//! The editor over the active cell: a text field, or a list for a choice. Enter and Tab take, Escape leaves.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::ColumnType;

use super::geometry::ROW_PX;
use super::selection::Step;
use super::state::{Editing, GridState};
use crate::components::focused;

/// Drawn while a cell is being edited.
#[component]
pub fn Editor(state: GridState) -> impl IntoView {
    move || {
        let editing = state.editing.get()?;
        let column = state.column(editing.cell.col)?;
        let place = place(state, &editing);
        let label = column.label.clone();
        Some(match column.ty {
            ColumnType::Choice { options } => {
                choice(state, editing, place, label, options, column.constraints.required).into_any()
            }
            _ => text(state, editing, place, label, column.help).into_any(),
        })
    }
}

fn place(state: GridState, editing: &Editing) -> String {
    let widths = state.widths.get_value();
    let left: f64 = widths[..editing.cell.col].iter().sum();
    let top = state.row_px(editing.cell.row) + ROW_PX;
    format!("top:{top}px;inset-inline-start:calc(var(--_number) + {left}px);width:{}px", widths[editing.cell.col])
}

fn step_of(event: &KeyboardEvent) -> Option<Step> {
    match (event.key().as_str(), event.shift_key()) {
        ("Enter", false) => Some(Step::Down),
        ("Enter", true) => Some(Step::Up),
        ("Tab", false) => Some(Step::Right),
        ("Tab", true) => Some(Step::Left),
        _ => None,
    }
}

/// A key in an editor: Enter and Tab take its value and step on, Escape leaves the cell as it was.
fn take_or_leave(state: GridState, event: &KeyboardEvent, value: impl Fn() -> Option<String>) {
    event.stop_propagation();
    if event.is_composing() {
        return;
    }
    if event.key() == "Escape" {
        event.prevent_default();
        state.finish(None, Step::Stay);
    } else if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
        event.prevent_default();
        value().into_iter().for_each(|text| state.finish_everywhere(&text));
    } else if let Some(step) = step_of(event) {
        event.prevent_default();
        state.finish(value(), step);
    }
}

fn text(state: GridState, editing: Editing, place: String, label: String, help: Option<String>) -> impl IntoView {
    let field: NodeRef<html::Input> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            let end = u32::try_from(field.value().encode_utf16().count()).unwrap_or(0);
            let _ = field.set_selection_range(end, end);
        }
    });
    let value = move || field.get_untracked().map(|field| field.value());
    let on_key = move |event| take_or_leave(state, &event, value);
    view! {
        <input
            class="grid-editor" part="editor" node_ref=field style=place prop:value=editing.text aria-label=label
            placeholder=help autocomplete="off" spellcheck="false"
            on:keydown=on_key on:blur=move |_| state.finish(value(), Step::Stay)
            on:mousedown=|event| event.stop_propagation()
        />
    }
}

fn choice(
    state: GridState,
    editing: Editing,
    place: String,
    label: String,
    options: Vec<String>,
    required: bool,
) -> impl IntoView {
    let field: NodeRef<html::Select> = NodeRef::new();
    focused(field);
    // A typed letter picks the first option that begins with it, as a list does.
    let typed = editing.text.to_lowercase();
    let chosen = options
        .iter()
        .find(|o| **o == editing.text)
        .or_else(|| options.iter().find(|option| !typed.is_empty() && option.to_lowercase().starts_with(&typed)));
    // A value from outside that is no option stays as it is until another is picked.
    let stored = state.stored(editing.cell).and_then(|raw| raw.as_str().map(str::to_owned));
    let foreign = stored.filter(|stored| chosen.is_none() && *stored == editing.text && !stored.is_empty());
    let other = foreign.clone().map(|text| view! { <option value=text.clone() selected=true>{text.clone()}</option> });
    let chosen = chosen.cloned().or(foreign.clone()).unwrap_or_default();
    let blank = (!required).then(|| view! { <option value="" selected=chosen.is_empty()>"—"</option> });
    let items: Vec<_> = options
        .into_iter()
        .map(|option| {
            let selected = option == chosen;
            view! { <option value=option.clone() selected=selected>{option.clone()}</option> }
        })
        .collect();
    let foreign = StoredValue::new(foreign);
    let value =
        move || field.get_untracked().map(|field| field.value()).filter(|v| foreign.with_value(|f| f.as_ref() != Some(v)));
    let on_key = move |event| take_or_leave(state, &event, value);
    view! {
        <select
            class="grid-editor" part="editor" node_ref=field style=place aria-label=label
            on:keydown=on_key on:blur=move |_| state.finish(value(), Step::Stay)
            on:mousedown=|event| event.stop_propagation()
        >
            {blank}
            {other}
            {items}
        </select>
    }
}
