//! The rows that a mark is made of, as a table over the page, under the same policy; typed into where an input table has them.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::focus::{active_in, focused};
use crate::client::{Details as Of, Store};
use crate::grid::Grid;

/// Drawn while somebody looks at rows.
///
/// - `frame`: the workbook, in which it lies below its element's head.
#[component]
pub fn Details(store: Store, frame: NodeRef<html::Div>) -> impl IntoView {
    // Another page has other marks.
    Effect::new(move |before: Option<usize>| {
        let page = store.page.get();
        if before.is_some_and(|before| before != page) {
            store.details.set(None);
        }
        page
    });
    move || store.details.get().and_then(|of| panel(store, frame, of))
}

fn panel(store: Store, frame: NodeRef<html::Div>, of: Of) -> Option<impl IntoView> {
    let mut element = store.view.with_value(|view| view.element(&of.element).cloned())?;
    let details = element.details.take()?;
    let title = if of.said.is_empty() {
        store.say(words::rows_of(element.title.as_str()))
    } else {
        store.say(words::rows_of_mark(element.title.as_str(), of.said))
    };
    element.title.clone_from(&title);
    element.height = Some(320);
    element.group.clear();
    let top = frame.get_untracked().and_then(|frame| place(&frame, &of.element)).unwrap_or(0.0);
    let close = move || store.details.set(None);
    let button: NodeRef<html::Button> = NodeRef::new();
    focused(button);
    let back = StoredValue::new_local(frame.get_untracked().and_then(|frame| active_in(&frame)));
    on_cleanup(move || {
        // Whoever closes it is where he was.
        if let Some(element) = back.try_get_value().flatten() {
            let _ = element.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
    let label = title.clone();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            close();
        }
    };
    let of_mark = of.mark;
    Some(view! {
        <section class="details" role="dialog" aria-label=label style=format!("inset-block-start:{top}px") on:keydown=on_key>
            <header class="details-head">
                <h2 class="element-title">{title}</h2>
                <button type="button" node_ref=button on:click=move |_| close()>{store.say(words::close())}</button>
            </header>
            <Grid store=store element=element table=details.table key=details.key columns=details.columns frozen=0 under=of_mark/>
        </section>
    })
}

/// How far below the top of the workbook an element's head ends, in pixels.
pub fn place(frame: &Element, element: &str) -> Option<f64> {
    let at = frame.query_selector(&format!("[data-element=\"{element}\"]")).ok()??;
    Some(at.get_bounding_client_rect().top() - frame.get_bounding_client_rect().top() + 44.0)
}
