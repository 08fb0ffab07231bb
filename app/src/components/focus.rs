//! The keyboard goes to what has just been opened.

use leptos::html::ElementType;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition, ShadowRoot};

/// Focuses an element once it is drawn. Does nothing on the server.
pub fn focused<E>(node: NodeRef<E>)
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + 'static,
{
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            let _ = element.unchecked_into::<HtmlElement>().focus();
        }
    });
}

/// Scrolls what is around it as far as it takes to see all of it, and no further.
pub fn show_whole(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// What has the keyboard in the page or the shadow root that an element is in.
#[must_use]
pub fn active_in(element: &Element) -> Option<Element> {
    let root = element.get_root_node();
    match root.dyn_ref::<ShadowRoot>() {
        Some(shadow) => shadow.active_element(),
        None => root.dyn_ref::<Document>().and_then(Document::active_element),
    }
}
