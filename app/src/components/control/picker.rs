//! A button that says what is chosen, and opens where it is chosen.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, Node};

use super::Choosing;

/// What is inside may close it.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    open: RwSignal<bool>,
    button: NodeRef<html::Button>,
}

impl Panel {
    /// Closes it, with the keyboard back on the button.
    pub fn close(self) {
        self.open.set(false);
        if let Some(button) = self.button.get_untracked() {
            let _ = button.focus();
        }
    }
}

/// - `inside`: draws what is opened, each time anew.
pub(super) fn picker<V: IntoView + 'static>(
    choosing: Choosing,
    inside: impl Fn(Panel) -> V + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let panel = Panel { open: RwSignal::new(false), button: NodeRef::new() };
    let frame: NodeRef<html::Div> = NodeRef::new();
    let shown = move || choosing.said().unwrap_or_else(|| choosing.store.say(words::all()));
    let name = move || choosing.store.say(words::filter_chip(choosing.label(), shown()));
    let any = move || choosing.said().is_some();
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && panel.open.get_untracked() {
            event.stop_propagation();
            panel.close();
        }
    };
    // Whoever presses elsewhere, or walks on, has left it.
    let on_leave = move |event: FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        let within = frame.get_untracked().is_some_and(|frame| to.is_some_and(|to| frame.contains(Some(&to))));
        if !within {
            let _ = panel.open.try_set(false);
        }
    };
    view! {
        <div class="picker" node_ref=frame on:keydown=on_key on:focusout=on_leave>
            <button
                type="button" class="picker-button" class:is-on=any node_ref=panel.button aria-haspopup="dialog" aria-label=name
                aria-expanded=move || panel.open.get().to_string() on:click=move |_| panel.open.update(|open| *open = !*open)
            >
                <span>{shown}</span>
                <span aria-hidden="true">"▾"</span>
            </button>
            {move || panel.open.get().then(|| view! {
                // It takes the focus of a press between its parts, which would look like one elsewhere otherwise.
                <div class="picker-panel" role="dialog" aria-label=choosing.label() tabindex="-1">{inside(panel)}</div>
            })}
        </div>
    }
}

/// What takes the choice back, and what takes what was typed.
pub(super) fn buttons(choosing: Choosing, panel: Panel, apply: Option<Callback<()>>) -> impl IntoView {
    let clear = move |_| {
        choosing.choose(Vec::new());
        panel.close();
    };
    let store = choosing.store;
    view! {
        <div class="grid-filter-buttons">
            <button type="button" on:click=clear>{store.say(words::clear())}</button>
            {apply.map(|apply| view! { <button type="button" class="is-primary" on:click=move |_| apply.run(())>{store.say(words::apply())}</button> })}
        </div>
    }
}
