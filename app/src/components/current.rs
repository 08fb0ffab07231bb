//! The workbook as its author has it now. When he has changed it under an open page the page says so, and shows it anew as
//! soon as nobody is typing and what was typed is saved.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::html;
use leptos::prelude::*;
use model::OpenRequest;
use wasm_bindgen_futures::spawn_local;

use super::focus::active_in;
use super::workbook::Workbook;
use crate::api::Open;
use crate::client::{Store, follow};

/// How often it is asked whether somebody still types.
const LOOK_MS: u64 = 500;
/// Servers that are being replaced may tell of one definition and of the other for a while.
const SELDOM_MS: f64 = 30_000.0;

/// - `store`: the state of the workbook that is shown; another one takes its place when the author has changed it.
#[component]
pub fn Current(store: RwSignal<Store>) -> impl IntoView {
    let owner = Owner::current();
    let frame: NodeRef<html::Div> = NodeRef::new();
    let last = StoredValue::new(None::<f64>);
    Effect::new(move |_| {
        let shown = store.get();
        if let Some(owner) = owner.clone().filter(|_| shown.outdated.get()) {
            spawn_local(renew(store, shown, owner, frame, last));
        }
    });
    let told = move || {
        store.get().outdated.get().then(|| {
            view! { <p class="workbook-news" role="status">{store.get().say(words::workbook_changed())}</p> }
        })
    };
    view! {
        <div node_ref=frame>
            {told}
            {move || view! { <Workbook store=store.get()/> }}
        </div>
    }
}

async fn renew(store: RwSignal<Store>, shown: Store, owner: Owner, frame: NodeRef<html::Div>, last: StoredValue<Option<f64>>) {
    let is_busy = move || {
        shown.outbox.state.with_untracked(|state| state.waiting > 0) || shown.held.get_untracked() > 0 || is_typing(frame)
    };
    loop {
        sleep(Duration::from_millis(LOOK_MS)).await;
        if !shown.lives() {
            return;
        }
        if is_busy() || last.get_value().is_some_and(|last| js_sys::Date::now() - last < SELDOM_MS) {
            continue;
        }
        let Some(api) = shown.api.get_value() else { return };
        let open = shown.view.with_value(|view| OpenRequest { workbook: view.id.clone(), only: view.only.clone() });
        let Ok(opened) = api.call(&Open { open }).await else { continue };
        if !shown.lives() {
            return;
        }
        // Somebody may have begun to type while we asked.
        if is_busy() {
            continue;
        }
        last.set_value(Some(js_sys::Date::now()));
        let locale = shown.locale.with_value(|locale| locale.tag.clone());
        let renewed = owner.with(|| Store::new(opened, &locale));
        renewed.connect(api.clone());
        renewed.go_on_from(shown);
        follow(renewed, api);
        shown.over.set_value(true);
        if store.try_set(renewed).is_none() {
            renewed.announce(words::workbook_renewed());
        }
        return;
    }
}

/// Whether the keyboard is in a field of the workbook.
fn is_typing(frame: NodeRef<html::Div>) -> bool {
    let Some(frame) = frame.get_untracked() else { return false };
    let active = active_in(&frame);
    active.is_some_and(|active| {
        frame.contains(Some(&active)) && matches!(active.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}
