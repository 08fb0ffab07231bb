//! Whether an element is near what a person sees of the page.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// How far from sight is near. A frame of another origin is not told how far its edges are from the screen's, so there it is
/// what is in sight.
const MARGIN: &str = "300px";

/// Calls `come` whenever the element comes near. Does nothing on the server.
pub fn near(node: NodeRef<Div>, come: impl Fn() + Clone + 'static) {
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let tell = come.clone();
        let seen = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let mut entries = entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok());
            if entries.any(|entry| entry.is_intersecting()) {
                tell();
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        let Ok(observer) = IntersectionObserver::new_with_options(seen.as_ref().unchecked_ref(), &options) else {
            return come();
        };
        observer.observe(&element);
        let held = StoredValue::new_local((observer, seen));
        on_cleanup(move || {
            let _ = held.try_with_value(|(observer, _)| observer.disconnect());
        });
    });
}
