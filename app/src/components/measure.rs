//! The size of an element on the screen, kept up to date.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// Calls `changed` with width and height in CSS pixels, at first and whenever they change. Does nothing on the server.
pub fn measured(node: NodeRef<Div>, changed: impl Fn(f64, f64) + Clone + 'static) {
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let (watched, changed) = (element.clone(), changed.clone());
        let tell = Closure::<dyn FnMut()>::new(move || {
            let (width, height) = (watched.client_width(), watched.client_height());
            // An element that is not laid out (a hidden tab) says nothing about its size.
            if width > 0 && height > 0 {
                changed(f64::from(width), f64::from(height));
            }
        });
        let Ok(observer) = ResizeObserver::new(tell.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&element);
        let held = StoredValue::new_local((observer, tell));
        on_cleanup(move || {
            let _ = held.try_with_value(|(observer, _)| observer.disconnect());
        });
    });
}
