//! The list of keys.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::keys::LIST;
use super::state::GridState;
use crate::components::focused;

/// Drawn while somebody looks up keys.
#[component]
pub fn Help(state: GridState) -> impl IntoView {
    move || state.helping.get().then(|| list(state))
}

fn list(state: GridState) -> impl IntoView {
    let close = move || {
        state.helping.set(false);
        state.focus();
    };
    let button: NodeRef<html::Button> = NodeRef::new();
    focused(button);
    // The only thing to press is the button, so Tab stays on it.
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Escape" => close(),
            "Tab" => event.prevent_default(),
            _ => {}
        }
    };
    let part = |(title, keys): &(&'static str, &'static [(&'static str, &'static str)])| {
        let line = |(keys, words): &(&'static str, &'static str)| view! { <div><dt>{*keys}</dt><dd>{*words}</dd></div> };
        view! {
            <section>
                <h3>{*title}</h3>
                <dl>{keys.iter().map(line).collect::<Vec<_>>()}</dl>
            </section>
        }
    };
    view! {
        <div class="grid-help" role="dialog" aria-modal="true" aria-label="Keys" on:keydown=on_key>
            <div class="grid-help-parts">{LIST.iter().map(part).collect::<Vec<_>>()}</div>
            <p class="is-quiet">"On a Mac, Command does what Ctrl does here."</p>
            <button type="button" class="is-primary" node_ref=button on:click=move |_| close()>"Close"</button>
        </div>
    }
}
