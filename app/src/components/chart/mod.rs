//! A chart: ECharts in a chunk of its own, loaded when the first chart is near what is seen, fed with options built here.
//!
//! `option` and a file for each kind decide what is drawn, `shown` what a person has made of it; `state` holds both together, `panel`
//! draws, `keys` and `gesture` are how marks are reached and chosen, `bar` what can be done with them, `legend` and `values` stand beside.

mod bar;
mod boxes;
mod calendar;
mod cartesian;
mod flow;
mod gesture;
mod heatmap;
mod keys;
mod legend;
mod marks;
mod option;
mod panel;
mod radar;
mod scatter;
mod share;
mod shown;
mod state;
mod summary;
mod treemap;
mod values;
mod waterfall;

use leptos::prelude::*;
use model::{ChartView, ElementView};

use self::bar::Bar;
use self::keys::Keys;
use self::legend::Legend;
use self::panel::{Panel, draws};
use self::state::ChartState;
use self::summary::{note, summary};
use self::values::Values;
use super::tools::Tools;
use crate::client::{Store, use_query};
pub use marks::end_of_bin;

/// Draws the element's answer.
#[component]
pub fn Chart(store: Store, element: ElementView, chart: ChartView, tools: Tools) -> impl IntoView {
    let asked = use_query(store, &element);
    let remote = asked.remote;
    let state = ChartState::new(asked, element, chart);
    let module = draws(state);
    tools.draws(move |picture| state.picture(picture));
    tools.asks(move || state.question());
    let words = move || state.with_whole(summary);
    let part = move || state.with_whole(note).flatten();
    let left_out = move || {
        Some(state.facets_left_out.get()).filter(|count| *count > 0).map(|count| store.say(words::chart_facets_left_out(count)))
    };
    let pending = Memo::new(move |_| state.pending());
    let overfull = state.overfull;
    let waiting =
        move || !module.with(Option::is_some) || remote.with(|remote| remote.answer.is_none() && remote.error.is_none());
    let panels = move || {
        state
            .facets
            .get()
            .into_iter()
            .enumerate()
            .map(|(i, label)| view! { <Panel state=state place=i label=label module=module/> })
            .collect_view()
    };
    let drawing = move || {
        view! {
            <div
                class="chart-panels" class:is-many=move || state.facets.with(|facets| facets.len() > 1) role="img" aria-label=words
                data-ready=move || (!waiting()).to_string() node_ref=state.drawing
            >
                {panels}
            </div>
            <Keys state=state/>
        }
    };
    view! {
        <div class="chart" part="chart" class:is-loading=waiting class:is-pending=move || pending.with(Option::is_some) class:can-press=move || state.can_press()>
            <div class="chart-head"><Legend state=state/> <Bar state=state/></div>
            <div class="chart-body" class:is-values=move || tools.as_table.get()>
                {move || if tools.as_table.get() { view! { <Values state=state/> }.into_any() } else { drawing().into_any() }}
            </div>
            {move || pending.get().map(|said| view! { <p class="chart-pending">{said}</p> })}
            {move || left_out().map(|said| view! { <p class="chart-note">{said}</p> })}
            {move || part().map(|said| view! { <p class="chart-note">{said}</p> })}
            {move || overfull.get().filter(|_| !tools.as_table.get()).map(|most| view! { <p class="element-empty">{store.say(words::chart_overfull(most))}</p> })}
            {move || state.is_blank().then(|| view! { <p class="element-empty">{store.say(words::chart_empty())}</p> })}
            {asked.problem()}
        </div>
    }
}
