//! The workbook: its title, its pages, and what its elements share.

use leptos::prelude::*;
use serde_json::json;

use super::frame::Element;
use super::status::Status;
use crate::client::Store;

/// A whole workbook.
///
/// - `store`: its state; on the server it holds the answers of the first page.
#[component]
pub fn Workbook(store: Store) -> impl IntoView {
    let page = store.page;
    let pages = store.view.with_value(|view| view.pages.clone());
    let title = store.view.with_value(|view| view.title.clone());
    let person = store.view.with_value(|view| view.person.name.clone());
    let view_only = store.view.with_value(|view| view.person.mode == model::AccessMode::View);
    let several = pages.len() > 1;
    let titles: Vec<(usize, String)> = pages.iter().map(|page| page.title.clone()).enumerate().collect();
    Effect::new(move |_| {
        if let Some(outcome) = store.outbox.committed.get() {
            store.committed(&outcome);
        }
    });
    let tab = move |(i, title): (usize, String)| {
        let name = title.clone();
        let open = move |_| {
            page.set(i);
            if let Some(api) = store.api.get_value() {
                api.emit("inlay-navigate", &json!({ "page": name }));
            }
        };
        view! {
            <button type="button" class="tab" role="tab" class:is-on=move || page.get() == i aria-selected=move || (page.get() == i).to_string() on:click=open>
                {title}
            </button>
        }
    };
    let current = move || {
        let elements = pages.get(page.get()).map(|page| page.elements.clone()).unwrap_or_default();
        elements.into_iter().map(|element| view! { <Element store=store element=element/> }).collect::<Vec<_>>()
    };
    view! {
        <div class="workbook" part="workbook">
            <header class="workbook-head">
                <h1 class="workbook-title">{title}</h1>
                {several.then(|| view! { <div class="tabs" role="tablist">{titles.into_iter().map(tab).collect::<Vec<_>>()}</div> })}
                <div class="workbook-who">
                    <span class="is-quiet">{person} {view_only.then_some(" · view only")}</span>
                    <Status store=store/>
                </div>
            </header>
            <div class="page">{current}</div>
            <div class="visually-hidden" aria-live="polite">{move || store.announcement.get()}</div>
        </div>
    }
}
