//! A field as it is drawn: the text, below it what helps and why it would not be taken. Says how the person leaves it.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement, MouseEvent};

use super::{Aid, Field};

/// How a person leaves a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// What he typed does not count.
    Cancel,
    Enter {
        back: bool,
    },
    Tab {
        back: bool,
    },
    /// With Ctrl+Enter: for everything that is selected.
    Everywhere,
    /// To another part of the page.
    Away,
}

fn exit_of(event: &KeyboardEvent) -> Option<Exit> {
    let back = event.shift_key();
    match event.key().as_str() {
        "Escape" => Some(Exit::Cancel),
        "Enter" if event.ctrl_key() || event.meta_key() => Some(Exit::Everywhere),
        "Enter" => Some(Exit::Enter { back }),
        "Tab" => Some(Exit::Tab { back }),
        _ => None,
    }
}

/// A field that takes the keyboard as soon as it is drawn.
///
/// - `aid`: what helps with it, drawn below, or above where `above` is true.
/// - `exit`: called once for each way out; the field stays until it is taken away.
#[component]
pub fn FieldBox(field: Field, aid: Option<Arc<dyn Aid>>, above: bool, exit: Callback<Exit>) -> impl IntoView {
    let (label, help) = field.column.with_value(|column| (column.label.clone(), column.help.clone()));
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
        let Some(way) = exit_of(&event) else { return };
        event.prevent_default();
        if key == "Enter" && event.alt_key() {
            if is_long {
                new_line(&event, field);
            }
            return;
        }
        if way != Exit::Cancel {
            keys.iter().for_each(|aid| aid.before_done());
        }
        exit.run(way);
    };
    let left = {
        let aid = aid.clone();
        move || {
            // A field that is taken away with the keyboard in it was left before.
            if field.text.try_get_untracked().is_some() {
                aid.iter().for_each(|aid| aid.before_done());
                let _ = exit.try_run(Exit::Away);
            }
        }
    };
    let active = aid.clone();
    let active = move || active.as_ref().and_then(|aid| aid.active());
    let popup = aid.as_ref().map(|aid| aid.role());
    let owns = popup.map(|_| field.aid_id());
    let problem = move || {
        field.problem.get().map(|message| view! { <p class="editor-problem" id=problem_id(field)>{field.store.say(message)}</p> })
    };
    let invalid = move || field.problem.with(Option::is_some).then_some("true");
    let described = move || field.problem.with(Option::is_some).then(|| problem_id(field));
    let input = if is_long {
        let area: NodeRef<html::Textarea> = NodeRef::new();
        take_keyboard(move || area.get().map(|area| area.unchecked_into()), false);
        let rows =
            move || field.text.with(|text| text.lines().count() + usize::from(text.ends_with('\n'))).clamp(1, 10).to_string();
        view! {
            <textarea
                class="grid-editor-field" part="editor" node_ref=area id=field.id() prop:value=field.text aria-label=label rows=rows
                placeholder=help aria-invalid=invalid aria-describedby=described on:input=move |event| field.type_in(event_target_value(&event)) on:keydown=on_key
            ></textarea>
        }
        .into_any()
    } else {
        let input: NodeRef<html::Input> = NodeRef::new();
        let typed = field.typed.with_untracked(Option::is_some);
        let whole = popup == Some("listbox") && !typed && !field.is_several();
        // There from the beginning, so that it can be selected.
        let first = field.text.get_untracked();
        take_keyboard(move || input.get().map(|input| input.unchecked_into()), whole);
        view! {
            <input
                class="grid-editor-field" part="editor" node_ref=input id=field.id() value=first prop:value=field.text aria-label=label
                placeholder=help autocomplete="off" spellcheck="false" aria-invalid=invalid aria-describedby=described dir="auto"
                role=popup.map(|_| "combobox") aria-haspopup=popup aria-expanded=popup.map(|_| "true") aria-controls=owns
                aria-activedescendant=active
                on:input=move |event| field.type_in(event_target_value(&event)) on:keydown=on_key
            />
        }
        .into_any()
    };
    view! {
        <div
            class="field-box"
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
    }
}

fn problem_id(field: Field) -> String {
    format!("{}-problem", field.id())
}

fn is_field(event: &MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA"))
}

/// A line ends where the caret is.
fn new_line(event: &KeyboardEvent, field: Field) {
    let Some(area) = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok()) else { return };
    let _ = area.set_range_text("\n");
    if let Ok(Some(at)) = area.selection_start() {
        let _ = area.set_selection_range(at + 1, at + 1);
    }
    field.type_in(area.value());
}

/// Whoever begins to edit goes on where the text ends; of a list's value he begins anew.
fn take_keyboard(node: impl Fn() -> Option<HtmlElement> + 'static, whole: bool) {
    Effect::new(move |_| {
        let Some(node) = node() else { return };
        let _ = node.focus();
        if let Some(input) = node.dyn_ref::<HtmlInputElement>() {
            let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or(0);
            let _ = input.set_selection_range(if whole { 0 } else { end }, end);
        } else if let Some(area) = node.dyn_ref::<HtmlTextAreaElement>() {
            let end = u32::try_from(area.value().encode_utf16().count()).unwrap_or(0);
            let _ = area.set_selection_range(end, end);
        }
    });
}
