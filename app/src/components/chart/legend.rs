//! What is drawn in which colour: each a button that switches it off and on, or leaves it alone.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::state::ChartState;
use crate::components::theme::tone;

/// Drawn above charts that have more than one colour.
#[component]
pub fn Legend(state: ChartState) -> impl IntoView {
    let store = state.store;
    let title = store.say(words::legend_title());
    // One stop of the Tab key: the arrows go from one to the next.
    let stop = RwSignal::new(0);
    let entry = move |(i, (name, at)): (usize, (String, usize))| {
        let (of, alone, pressed) = (name.clone(), name.clone(), name.clone());
        let is_on = move || !state.is_off(&of);
        let on = is_on.clone();
        let press = move |event: MouseEvent| {
            if event.alt_key() || event.ctrl_key() || event.meta_key() || event.detail() > 1 {
                isolate(state, &alone);
            } else {
                state.switch(|off| {
                    if !off.remove(&pressed) {
                        _ = off.insert(pressed.clone())
                    }
                });
            }
        };
        view! {
            <button
                type="button" class="legend-entry" class:is-off=move || !is_on() aria-pressed=move || on().to_string() title=title.clone()
                tabindex=move || if stop.get() == i { "0" } else { "-1" } on:focus=move |_| stop.set(i)
                style=format!("--tone:{}", tone(at)) on:click=press
            >
                <i aria-hidden="true"></i>
                <bdi>{name}</bdi>
            </button>
        }
    };
    let on_key = move |event: KeyboardEvent| {
        // A press by keys does not say whether Alt was held.
        let alone = event.alt_key() && matches!(event.key().as_str(), "Enter" | " ");
        let name = alone
            .then(|| state.names.with_untracked(|names| names.get(stop.get_untracked()).map(|(name, _)| name.clone())))
            .flatten();
        name.iter().for_each(|name| isolate(state, name));
        if alone || step(&event, store.from_right()) {
            event.prevent_default();
        }
    };
    move || {
        let names = state.names.get();
        let facets = state.facets.with(Vec::is_empty);
        (!names.is_empty() && !facets && state.overfull.get().is_none()).then(|| {
            view! {
                <div class="legend" role="group" aria-label=store.say(words::legend()) on:keydown=on_key>
                    {names.into_iter().enumerate().map(entry.clone()).collect_view()}
                </div>
            }
        })
    }
}

/// Goes to another entry; false if the key is none of these.
fn step(event: &KeyboardEvent, from_right: bool) -> bool {
    let Some(now) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
    let to = match (event.key().as_str(), from_right) {
        ("ArrowRight", false) | ("ArrowLeft", true) => now.next_element_sibling(),
        ("ArrowLeft", false) | ("ArrowRight", true) => now.previous_element_sibling(),
        _ => return false,
    };
    to.into_iter().for_each(|to| _ = to.unchecked_into::<HtmlElement>().focus());
    true
}

/// Leaves one alone; if it is alone already, brings all back.
fn isolate(state: ChartState, name: &str) {
    let others: std::collections::BTreeSet<String> =
        state.names.with_untracked(|names| names.iter().map(|(known, _)| known.clone()).filter(|known| known != name).collect());
    state.switch(|off| *off = if *off == others { Default::default() } else { others });
}
