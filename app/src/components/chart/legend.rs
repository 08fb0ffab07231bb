//! What is drawn in which colour: each a button that switches it off and on, or leaves it alone.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;

use super::state::ChartState;
use crate::components::theme::tone;

/// Drawn above charts that have more than one colour.
#[component]
pub fn Legend(state: ChartState) -> impl IntoView {
    let store = state.store;
    let title = store.say(words::legend_title());
    let entry = move |(name, at): (String, usize)| {
        let (of, alone, pressed) = (name.clone(), name.clone(), name.clone());
        let is_on = move || state.off.with(|off| !off.contains(&of));
        let on = is_on.clone();
        let press = move |event: MouseEvent| {
            if event.alt_key() || event.ctrl_key() || event.meta_key() || event.detail() > 1 {
                isolate(state, &alone);
            } else {
                state.off.update(|off| {
                    if !off.remove(&pressed) {
                        _ = off.insert(pressed.clone())
                    }
                });
            }
        };
        view! {
            <button
                type="button" class="legend-entry" class:is-off=move || !is_on() aria-pressed=move || on().to_string() title=title.clone()
                style=format!("--tone:{}", tone(at)) on:click=press
            >
                <i aria-hidden="true"></i>
                <bdi>{name}</bdi>
            </button>
        }
    };
    // What a person presses here is not for the marks.
    let on_key = |event: KeyboardEvent| event.stop_propagation();
    move || {
        let names = state.names.get();
        let facets = state.facets.with(Vec::is_empty);
        (!names.is_empty() && !facets).then(|| {
            view! {
                <div class="legend" role="group" aria-label=store.say(words::legend()) on:keydown=on_key>
                    {names.into_iter().map(entry.clone()).collect_view()}
                </div>
            }
        })
    }
}

/// Leaves one alone; if it is alone already, brings all back.
fn isolate(state: ChartState, name: &str) {
    let others: std::collections::BTreeSet<String> =
        state.names.with_untracked(|names| names.iter().map(|(known, _)| known.clone()).filter(|known| known != name).collect());
    state.off.update(|off| *off = if *off == others { Default::default() } else { others });
}
