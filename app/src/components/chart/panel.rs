//! One drawing: ECharts in an element of its own.

use std::collections::BTreeMap;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::option::option;
use super::state::ChartState;
use crate::components::measure::measured;
use crate::components::near::near;

#[wasm_bindgen]
extern "C" {
    /// The chart chunk's exports.
    #[derive(Clone)]
    pub type Charts;

    /// Begins to draw into an element; `tell` is called with gestures, as JSON.
    #[wasm_bindgen(method)]
    fn mount(this: &Charts, element: &web_sys::HtmlElement, locale: &str, currency: &str, tell: &js_sys::Function) -> Drawing;

    /// One chart on the screen.
    #[derive(Clone)]
    pub type Drawing;

    #[wasm_bindgen(method)]
    fn update(this: &Drawing, option: &str);

    /// Shows the tooltip of a row's mark.
    #[wasm_bindgen(method)]
    pub fn show(this: &Drawing, row: usize);

    #[wasm_bindgen(method)]
    pub fn hide(this: &Drawing);

    /// An SVG of these drawings as they lie in `root`, with what `told` says around them.
    #[wasm_bindgen(method)]
    pub fn picture(this: &Drawing, root: &web_sys::HtmlElement, drawings: &js_sys::Array, told: &str) -> String;

    #[wasm_bindgen(method)]
    fn resize(this: &Drawing);

    #[wasm_bindgen(method)]
    fn dispose(this: &Drawing);
}

/// The chart chunk, once a chart has come near what is seen.
pub type Module = RwSignal<Option<Charts>, LocalStorage>;

/// - `place`: which of the small charts it is.
/// - `label`: what that one is called.
#[component]
pub fn Panel(state: ChartState, place: usize, label: Option<String>, module: Module) -> impl IntoView {
    let node: NodeRef<Div> = NodeRef::new();
    let drawing = StoredValue::new_local(None::<Drawing>);
    let ready = RwSignal::new(false);
    // It lives as long as what it is called by.
    let told = StoredValue::new_local(None::<Closure<dyn FnMut(String)>>);
    Effect::new(move |_| {
        let (Some(element), true) = (node.get(), !ready.get_untracked()) else { return };
        module.with(|module| {
            let Some(charts) = module else { return };
            let locale = state.store.locale.with_value(|locale| locale.tag.clone());
            let currency = state.store.view.with_value(|view| view.currency.clone());
            let tell = Closure::<dyn FnMut(String)>::new(move |told: String| {
                if let Ok(gesture) = serde_json::from_str(&told) {
                    state.does(place, gesture);
                }
            });
            let made = charts.mount(&element, &locale, &currency, tell.as_ref().unchecked_ref());
            told.set_value(Some(tell));
            state.drawings.update_value(|all| _ = all.insert(place, made.clone()));
            drawing.set_value(Some(made));
            ready.set(true);
        });
    });
    measured(node, move |_, _| drawing.with_value(|drawing| drawing.iter().for_each(Drawing::resize)));
    let text = Memo::new(move |_| state.with_part(place, |marks| option(marks).to_string()));
    Effect::new(move |_| {
        if let (true, Some(option)) = (ready.get(), text.get()) {
            drawing.with_value(|drawing| drawing.iter().for_each(|drawing| drawing.update(&option)));
        }
    });
    on_cleanup(move || {
        let _ = drawing.try_with_value(|drawing| drawing.iter().for_each(Drawing::dispose));
        let _ = state.drawings.try_update_value(|all: &mut BTreeMap<usize, Drawing>| all.remove(&place));
    });
    view! {
        <div class="chart-panel">
            {label.map(|label| view! { <p class="chart-facet">{label}</p> })}
            <div class="chart-canvas" node_ref=node></div>
        </div>
    }
}

/// Loads what draws as soon as a chart comes near.
pub fn draws(state: ChartState) -> Module {
    let store = state.store;
    let module: Module = RwSignal::new_local(None);
    near(state.drawing, move || {
        if store.draws.try_get_untracked() == Some(false) {
            store.draws.set(true);
        }
    });
    Effect::new(move |_| {
        let (Some(api), true, true) = (store.api.get_value(), store.draws.get(), module.with_untracked(Option::is_none)) else {
            return;
        };
        spawn_local(async move {
            let Ok(loaded) = JsFuture::from(api.host().charts()).await else {
                return;
            };
            // The element may have been removed while the chunk was on its way.
            let _ = module.try_set(Some(loaded.unchecked_into()));
        });
    });
    module
}
