//! Tabs: one stop of the Tab key, the arrows go from one to the other, Enter or a press opens one.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::focus::show_whole;
use crate::client::Store;

/// - `label`: what they are about, if no heading says so.
/// - `titles`: their words, in order.
/// - `chosen`: which one is open.
/// - `choose`: called with the one that is to be opened.
/// - `panel`: id of what they open.
#[component]
pub fn Tabs(
    store: Store,
    label: Option<String>,
    titles: Vec<String>,
    chosen: Signal<usize>,
    choose: Callback<usize>,
    panel: String,
) -> impl IntoView {
    let tab = |(i, title): (usize, String)| {
        let is_on = move || chosen.get() == i;
        view! {
            <button
                class="tab" class:is-on=is_on type="button" role="tab" aria-selected=move || is_on().to_string()
                tabindex=move || if is_on() { "0" } else { "-1" } aria-controls=panel.clone()
                on:click=move |event| {
                    // On a phone it may stand at the edge.
                    let tab = event.current_target().and_then(|tab| tab.dyn_into::<Element>().ok());
                    tab.iter().for_each(show_whole);
                    choose.run(i);
                }
            >
                {title}
            </button>
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if walk(&event, store.from_right()) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_key>
            {titles.into_iter().enumerate().map(tab).collect_view()}
        </div>
    }
}

/// Goes to another tab with the keyboard; false if the key is none of these.
fn walk(event: &KeyboardEvent, from_right: bool) -> bool {
    let Some(now) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
    let list = now.parent_element();
    let first = || list.as_ref().and_then(Element::first_element_child);
    let last = || list.as_ref().and_then(Element::last_element_child);
    let to = match (event.key().as_str(), from_right) {
        ("ArrowRight", false) | ("ArrowLeft", true) => now.next_element_sibling().or_else(first),
        ("ArrowLeft", false) | ("ArrowRight", true) => now.previous_element_sibling().or_else(last),
        ("Home", _) => first(),
        ("End", _) => last(),
        _ => return false,
    };
    to.into_iter().for_each(|to| _ = to.unchecked_into::<HtmlElement>().focus());
    true
}
