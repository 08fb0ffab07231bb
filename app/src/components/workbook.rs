//! The workbook: its title, its pages, and what its elements share.

use leptos::html;
use leptos::prelude::*;

use super::blocks::Blocks;
use super::details::Details;
use super::filters::Filters;
use super::form::keep_forms;
use super::import::ImportPanel;
use super::print::PrintButton;
use super::status::Status;
use super::tabs::Tabs;
use super::walk::walk;
use crate::client::Store;

/// A whole workbook.
///
/// - `store`: its state; on the server it holds the answers of the first page.
#[component]
pub fn Workbook(store: Store) -> impl IntoView {
    keep_forms(store);
    Effect::new(move |_| store.keep_chosen());
    Effect::new(move |_| {
        let asks = window_event_listener(leptos::ev::beforeunload, move |event| {
            if store.unkept.try_get_untracked().is_some_and(|places| places > 0) {
                event.prevent_default();
            }
        });
        on_cleanup(move || asks.remove());
    });
    let page = store.page;
    let pages = store.view.with_value(|view| view.pages.clone());
    let title = store.view.with_value(|view| view.title.clone());
    let person = store.view.with_value(|view| view.person.name.clone());
    // Around one element a host page has said all that there is to say.
    let alone = store.view.with_value(|view| view.only.is_some());
    let view_only = store.view.with_value(|view| view.person.mode == model::AccessMode::View);
    // Where English stands in for a language, what the author wrote is in that one: the page says which.
    let language = store.locale.with_value(|locale| locale.speaks().then(|| locale.language().tag()));
    let several = pages.len() > 1;
    let titles: Vec<String> = pages.iter().map(|page| page.title.clone()).collect();
    Effect::new(move |_| {
        if let Some(outcome) = store.outbox.committed.get() {
            store.committed(&outcome);
        }
    });
    let names = StoredValue::new(titles.clone());
    let open = Callback::new(move |i: usize| store.turn_to(i));
    let panel = store.view.with_value(|view| format!("{}-page", view.id));
    let tabs = several
        .then(|| view! { <Tabs store=store label=None titles=titles chosen=page.into() choose=open panel=panel.clone()/> });
    let named = move || several.then(|| names.with_value(|names| names.get(page.get()).cloned())).flatten();
    let frame: NodeRef<html::Div> = NodeRef::new();
    let look = move || {
        let style = frame.get_untracked().and_then(|frame| window().get_computed_style(&frame).ok().flatten());
        let direction = style.and_then(|style| style.get_property_value("direction").ok());
        store.read_from_right(direction.as_deref() == Some("rtl"));
    };
    Effect::new(move |_| {
        frame.track();
        look();
    });
    let current = move || {
        pages.get(page.get()).cloned().map(|page| {
            let blocks = page.layout.clone();
            view! {
                <Filters store=store page=page.clone()/>
                <div class="columns"><Blocks store=store page=StoredValue::new(page) blocks=blocks level=2/></div>
            }
        })
    };
    view! {
        <div class="workbook" part="workbook" lang=language node_ref=frame on:focusin=move |_| look() on:keydown=move |event| frame.get_untracked().iter().for_each(|frame| walk(&event, frame))>
            <header class="workbook-head">
                <h1 class="workbook-title" class:visually-hidden=alone>{title}</h1>
                {tabs}
                <div class="workbook-who">
                    <span class="is-quiet" class:visually-hidden=alone>{person} {view_only.then(|| format!(" · {}", store.say(words::view_only())))}</span>
                    <Status store=store/>
                    <PrintButton store=store frame=frame/>
                </div>
            </header>
            <div class="page" id=panel role=several.then_some("tabpanel") aria-label=named>{current}</div>
            <Details store=store frame=frame/>
            <ImportPanel store=store frame=frame/>
            <div class="visually-hidden" aria-live="polite">{move || store.announcement.get()}</div>
        </div>
    }
}
