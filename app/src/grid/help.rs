//! The list of keys.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use words::Message;

use super::keys::list;
use super::state::GridState;
use crate::components::focused;

/// Drawn while somebody looks up keys.
#[component]
pub fn Help(state: GridState) -> impl IntoView {
    move || state.helping.get().then(|| dialog(state))
}

fn dialog(state: GridState) -> impl IntoView {
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
    let part = |(title, keys): (Message, Vec<(Message, Message)>)| {
        let line = |(keys, words)| view! { <div><dt>{state.say(keys)}</dt><dd>{state.say(words)}</dd></div> };
        view! {
            <section>
                <h3>{state.say(title)}</h3>
                <dl>{keys.into_iter().map(line).collect::<Vec<_>>()}</dl>
            </section>
        }
    };
    view! {
        <div class="grid-help" role="dialog" aria-modal="true" aria-label=state.say(words::keys()) on:keydown=on_key>
            <div class="grid-help-head">
                <p class="is-quiet">{state.say(words::keys_on_mac())}</p>
                <button type="button" class="is-primary" node_ref=button on:click=move |_| close()>{state.say(words::close())}</button>
            </div>
            <div class="grid-help-parts">{list().map(part).collect_view()}</div>
        </div>
    }
}
