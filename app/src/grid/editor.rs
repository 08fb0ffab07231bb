//! The editor over the active cell. Enter and Tab take, Escape leaves.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::geometry::ROW_PX;
use super::selection::Step;
use super::state::{Editing, GridState};
use crate::editors::Field;

/// Drawn while a cell is being edited.
#[component]
pub fn Editor(state: GridState) -> impl IntoView {
    move || {
        let editing = state.editing.get()?;
        Some(editor(state, editing))
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

/// Room that a list or a calendar takes.
const AID_PX: f64 = 280.0;

fn editor(state: GridState, editing: Editing) -> Option<impl IntoView> {
    let column = state.column(editing.cell.col)?;
    let (label, help) = (column.label.clone(), column.help.clone());
    let place = place(state, &editing);
    let id = format!("{}-editor", state.element.with_value(|element| element.id.clone()));
    let row = editing.row.draft.is_none().then(|| editing.row.key.clone());
    // Above the cell where there is no room below.
    let viewport = state.viewport.get_untracked();
    let below = untrack(|| state.row_top(editing.cell.row)) + 2.0 * ROW_PX - viewport.top;
    let above = below + AID_PX > viewport.height && below > viewport.height / 2.0;
    let take = StoredValue::new(None::<Field>);
    let done = Callback::new(move |()| {
        if let Some(field) = take.get_value() {
            state.finish(field.value(), Step::Stay);
        }
    });
    let field = Field::new(state.store, column, id, editing.text, editing.typed, done);
    take.set_value(Some(field));
    let aid = field.aid(&state.table.get_value().unwrap_or_default(), row);
    let is_long = field.is_long();
    let keys = aid.clone();
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.is_composing() {
            return;
        }
        let (key, control) = (event.key(), event.ctrl_key() || event.meta_key());
        if let Some(aid) = keys.as_ref().filter(|_| !control && !event.alt_key())
            && aid.on_key(&key, event.shift_key())
        {
            return event.prevent_default();
        }
        let settle = || keys.iter().for_each(|aid| aid.before_done());
        if key == "Escape" {
            event.prevent_default();
            state.finish(None, Step::Stay);
        } else if key == "Enter" && event.alt_key() {
            event.prevent_default();
            if is_long {
                new_line(&event, field);
            }
        } else if key == "Enter" && control {
            event.prevent_default();
            settle();
            state.finish_everywhere(&field.text.get_untracked());
        } else if let Some(step) = step_of(&event) {
            event.prevent_default();
            settle();
            state.finish(field.value(), step);
        }
    };
    let left = {
        let aid = aid.clone();
        move || {
            aid.iter().for_each(|aid| aid.before_done());
            state.finish(field.value(), Step::Stay);
        }
    };
    let active = aid.clone();
    let active = move || active.as_ref().and_then(|aid| aid.active());
    let popup = aid.as_ref().map(|aid| aid.role());
    let owns = popup.map(|_| field.aid_id());
    let problem = move || field.problem.get().map(|message| view! { <p class="editor-problem" role="alert">{message}</p> });
    let invalid = move || field.problem.with(Option::is_some).then_some("true");
    let input = if is_long {
        let area: NodeRef<html::Textarea> = NodeRef::new();
        take_keyboard(move || area.get().map(|area| area.unchecked_into()), false);
        let rows =
            move || field.text.with(|text| text.lines().count() + usize::from(text.ends_with('\n'))).clamp(1, 10).to_string();
        view! {
            <textarea
                class="grid-editor-field" part="editor" node_ref=area id=field.id() prop:value=field.text aria-label=label rows=rows
                placeholder=help aria-invalid=invalid on:input=move |event| field.type_in(event_target_value(&event)) on:keydown=on_key
            ></textarea>
        }
        .into_any()
    } else {
        let input: NodeRef<html::Input> = NodeRef::new();
        let whole = popup == Some("listbox") && !editing.typed && !field.is_several();
        // There from the beginning, so that it can be selected.
        let first = field.text.get_untracked();
        take_keyboard(move || input.get().map(|input| input.unchecked_into()), whole);
        view! {
            <input
                class="grid-editor-field" part="editor" node_ref=input id=field.id() value=first prop:value=field.text aria-label=label
                placeholder=help autocomplete="off" spellcheck="false" aria-invalid=invalid
                role=popup.map(|_| "combobox") aria-haspopup=popup aria-expanded=popup.map(|_| "true") aria-controls=owns
                aria-activedescendant=active
                on:input=move |event| field.type_in(event_target_value(&event)) on:keydown=on_key
            />
        }
        .into_any()
    };
    Some(view! {
        <div
            class="grid-editor" class:is-long=is_long style=place
            // What is pressed beside the field must not take the keyboard from it.
            on:mousedown=move |event| {
                event.stop_propagation();
                if !is_field(&event) {
                    event.prevent_default();
                }
            }
            on:pointerdown=|event| event.stop_propagation() on:click=|event| event.stop_propagation()
            on:dblclick=|event| event.stop_propagation()
            on:focusout=move |_| left()
        >
            {input}
            <div class="grid-editor-below" class:is-above=above>
                {problem}
                {aid.map(|aid| aid.view())}
            </div>
        </div>
    })
}

fn is_field(event: &web_sys::MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA"))
}

/// A line ends where the caret is.
fn new_line(event: &KeyboardEvent, field: Field) {
    let Some(area) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) else { return };
    let _ = area.set_range_text("\n");
    if let Ok(Some(at)) = area.selection_start() {
        let _ = area.set_selection_range(at + 1, at + 1);
    }
    field.type_in(area.value());
}

/// Whoever begins to edit goes on where the text ends; of a list's value he begins anew.
fn take_keyboard(node: impl Fn() -> Option<web_sys::HtmlElement> + 'static, whole: bool) {
    Effect::new(move |_| {
        let Some(node) = node() else { return };
        let _ = node.focus();
        if let Some(input) = node.dyn_ref::<web_sys::HtmlInputElement>() {
            let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or(0);
            let _ = input.set_selection_range(if whole { 0 } else { end }, end);
        } else if let Some(area) = node.dyn_ref::<web_sys::HtmlTextAreaElement>() {
            let end = u32::try_from(area.value().encode_utf16().count()).unwrap_or(0);
            let _ = area.set_selection_range(end, end);
        }
    });
}
