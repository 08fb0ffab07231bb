//! A chart: ECharts in a chunk of its own, loaded when the first chart is near what is seen, fed with options built here.

mod boxes;
mod calendar;
mod cartesian;
mod flow;
mod heatmap;
mod marks;
mod option;
mod radar;
mod scatter;
mod share;
mod summary;
mod treemap;
mod waterfall;

use leptos::html::Div;
use leptos::prelude::*;
use model::{ChartView, ElementView, QueryAnswer};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::measure::measured;
use super::near::near;
use crate::client::{Store, use_query};
use marks::Marks;
pub use marks::number;
use option::option;
use summary::{note, summary};

#[wasm_bindgen]
extern "C" {
    /// The chart chunk's exports.
    type Charts;

    /// Begins to draw into an element.
    #[wasm_bindgen(method)]
    fn mount(this: &Charts, element: &web_sys::HtmlElement, locale: &str, currency: &str) -> Drawing;

    /// One chart on the screen.
    #[derive(Clone)]
    type Drawing;

    #[wasm_bindgen(method)]
    fn update(this: &Drawing, option: &str);

    #[wasm_bindgen(method)]
    fn resize(this: &Drawing);

    #[wasm_bindgen(method)]
    fn dispose(this: &Drawing);
}

/// Draws the element's answer.
#[component]
pub fn Chart(store: Store, element: ElementView, chart: ChartView) -> impl IntoView {
    let asked = use_query(store, &element);
    let remote = asked.remote;
    let node: NodeRef<Div> = NodeRef::new();
    let drawing = StoredValue::new_local(None::<Drawing>);
    let ready = RwSignal::new(false);
    let chart = StoredValue::new(chart);
    load(store, node, drawing, ready);
    measured(node, move |_, _| drawing.with_value(|drawing| drawing.iter().for_each(Drawing::resize)));
    let text = Memo::new(move |_| {
        let answer = remote.with(|remote| remote.answer.clone())?;
        Some(of(store, chart, &answer, |marks| option(marks).to_string()))
    });
    Effect::new(move |_| {
        if let (true, Some(option)) = (ready.get(), text.get()) {
            drawing.with_value(|drawing| drawing.iter().for_each(|drawing| drawing.update(&option)));
        }
    });
    let words = move || remote.with(|remote| remote.answer.clone()).map(|answer| of(store, chart, &answer, summary));
    let part = move || remote.with(|remote| remote.answer.clone()).and_then(|answer| of(store, chart, &answer, note));
    let empty = move || remote.with(|remote| remote.answer.as_ref().is_some_and(|answer| answer.rows.is_empty()));
    let waiting = move || !ready.get() || remote.with(|remote| remote.answer.is_none() && remote.error.is_none());
    view! {
        <div class="chart" part="chart" role="img" aria-label=words class:is-loading=waiting data-ready=move || (!waiting()).to_string()>
            <div class="chart-canvas" node_ref=node></div>
            {move || part().map(|said| view! { <p class="chart-note">{said}</p> })}
            {move || empty().then(|| view! { <p class="element-empty">{store.say(words::chart_empty())}</p> })}
            {asked.problem()}
        </div>
    }
}

fn of<T>(store: Store, chart: StoredValue<ChartView>, answer: &QueryAnswer, make: impl FnOnce(Marks<'_>) -> T) -> T {
    store.locale.with_value(|locale| chart.with_value(|chart| make(Marks { chart, answer, locale })))
}

fn load(store: Store, node: NodeRef<Div>, drawing: StoredValue<Option<Drawing>, LocalStorage>, ready: RwSignal<bool>) {
    near(node, move || {
        if store.draws.try_get_untracked() == Some(false) {
            store.draws.set(true);
        }
    });
    Effect::new(move |_| {
        let (Some(element), Some(api), true) = (node.get(), store.api.get_value(), store.draws.get()) else {
            return;
        };
        let locale = store.locale.with_value(|locale| locale.tag.clone());
        let currency = store.view.with_value(|view| view.currency.clone());
        spawn_local(async move {
            let Ok(module) = JsFuture::from(api.host().charts()).await else {
                return;
            };
            // The element may have been removed while the chunk was on its way.
            if ready.is_disposed() {
                return;
            }
            let charts: Charts = module.unchecked_into();
            drawing.set_value(Some(charts.mount(&element, &locale, &currency)));
            ready.set(true);
        });
    });
    on_cleanup(move || {
        let _ = drawing.try_with_value(|drawing| drawing.iter().for_each(Drawing::dispose));
    });
}
