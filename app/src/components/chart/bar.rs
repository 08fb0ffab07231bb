//! Where one is in a chart, what is chosen, and what can be done with it.

use leptos::prelude::*;
use model::Raw;

use super::state::{ChartState, level_said};
use crate::components::control::place_said;

/// Lies over the top of a chart as long as there is something to say.
#[component]
pub fn Bar(state: ChartState) -> impl IntoView {
    let store = state.store;
    let way = move || {
        let path = state.path();
        (!path.is_empty())
            .then(|| view! { <nav class="chart-way" aria-label=store.say(words::chart_way())>{steps(state, &path)}</nav> })
    };
    let chosen = Memo::new(move |_| state.chosen());
    let zoomed = move || {
        state.zoom().is_some().then(
            || view! { <button type="button" on:click=move |_| state.zoom_out()>{store.say(words::chart_zoom_out())}</button> },
        )
    };
    let picked = move || {
        let marks = chosen.get();
        let only = (marks.len() == 1).then(|| marks[0].clone());
        let said = state.said(&marks);
        let down =
            state.level(1).zip(only.clone()).filter(|(_, mark)| mark.to.is_none() && mark.x.len() == state.path().len() + 1);
        let down = down.map(|(level, mark)| {
            let words = store.say(words::chart_go_down(level_said(store, &level)));
            view! { <button type="button" on:click=move |_| state.go_down(&mark)>{words}</button> }
        });
        let rows = only.filter(|_| state.has_details()).map(|mark| {
            view! { <button type="button" on:click=move |_| state.look_at_rows(mark.clone())>{store.say(words::show_rows())}</button> }
        });
        let zoom = state.can_zoom().then(
            || view! { <button type="button" on:click=move |_| state.zoom_in()>{store.say(words::chart_zoom_in())}</button> },
        );
        (!marks.is_empty()).then(|| {
            view! {
                <span class="chart-picked"><bdi>{said}</bdi></span>
                {down} {rows} {zoom}
                <button type="button" class="chart-clear" aria-label=store.say(words::chart_clear()) title=store.say(words::chart_clear()) on:click=move |_| state.choose(&[])>"×"</button>
            }
        })
    };
    let any = move || !state.path().is_empty() || state.zoom().is_some() || chosen.with(|chosen| !chosen.is_empty());
    move || {
        any().then(|| view! { <div class="chart-bar" role="group" aria-label=store.say(words::chart_bar())>{way} {zoomed} {picked}</div> })
    }
}

/// Every level above, each to go back to.
fn steps(state: ChartState, path: &[Raw]) -> impl IntoView + use<> {
    let store = state.store;
    let levels = state.chart.with_value(|chart| chart.levels.clone());
    let said = |(raw, level): (&Raw, &model::ChartLevel)| store.locale.with_value(|locale| place_said(raw, &level.axis, locale));
    let names: Vec<String> = std::iter::once(store.say(words::chart_all())).chain(path.iter().zip(&levels).map(said)).collect();
    let last = names.len() - 1;
    let step = move |(depth, name): (usize, String)| {
        if depth == last {
            return view! { <span aria-current="true"><bdi>{name}</bdi></span> }.into_any();
        }
        view! { <button type="button" on:click=move |_| state.go_up(depth)><bdi>{name}</bdi></button> <span aria-hidden="true">"›"</span> }.into_any()
    };
    names.into_iter().enumerate().map(step).collect_view()
}
