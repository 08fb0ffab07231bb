//! A menu: things that can be done with what it stands at.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What an item does.
pub type Action = Box<dyn Fn() + Send + Sync>;

/// Things to do, one below the other: the arrows go through them, Enter does one, Escape and Tab leave.
///
/// - `label`: what they are about.
/// - `close`: takes the menu away.
/// - `back`: puts the keyboard to where it was before.
#[component]
pub fn Menu(
    label: String,
    items: Vec<(String, Action)>,
    close: Callback<()>,
    back: Callback<()>,
    style: String,
    class: &'static str,
) -> impl IntoView {
    let frame: NodeRef<html::Div> = NodeRef::new();
    let leave = move || {
        close.run(());
        back.run(());
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
