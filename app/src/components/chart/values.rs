//! The numbers behind a chart, as a table.

use leptos::prelude::*;
use model::Raw;

use super::marks::Marks;
use super::state::{ChartState, level_said};

/// Lines that are drawn at once.
const TOGETHER: usize = 500;

/// A row for each mark.
#[component]
pub fn Values(state: ChartState) -> impl IntoView {
    let store = state.store;
    let drawn = RwSignal::new(TOGETHER);
    let title = state.element.with_value(|element| element.title.clone());
    let heads = move || {
        let x = state.level(0).map(|level| level_said(store, &level));
        let labels = state
            .with_whole(|marks| marks.answer.columns.iter().map(|c| c.label.clone()).collect::<Vec<_>>())
            .unwrap_or_default();
        let dimensions = state.with_whole(|marks| marks.first_measure()).unwrap_or_default();
        let label = move |(i, label): (usize, String)| x.clone().filter(|_| i == 0).unwrap_or(label);
        let head = move |(i, label): (usize, String)| view! { <th scope="col" class:is-number={i >= dimensions}>{label}</th> };
        labels.into_iter().enumerate().map(move |at| (at.0, label(at))).map(head).collect_view()
    };
    let rows = move || {
        let lines =
            state.with_whole(|marks| marks.answer.rows.iter().take(drawn.get()).map(|row| line(marks, row)).collect::<Vec<_>>());
        let dimensions = state.with_whole(|marks| marks.first_measure()).unwrap_or_default();
        let cell = move |(i, text): (usize, String)| {
            if i < dimensions {
                view! { <th scope="row">{text}</th> }.into_any()
            } else {
                view! { <td class="is-number">{text}</td> }.into_any()
            }
        };
        let row = move |cells: Vec<String>| view! { <tr>{cells.into_iter().enumerate().map(cell).collect_view()}</tr> };
        lines.unwrap_or_default().into_iter().map(row).collect_view()
    };
    let more = move || {
        let left = state.answer().map_or(0, |answer| answer.rows.len()).saturating_sub(drawn.get());
        (left > 0).then(|| view! { <button type="button" on:click=move |_| drawn.update(|drawn| *drawn += TOGETHER)>{store.say(words::show_more(left))}</button> })
    };
    view! {
        <div class="values" tabindex="0" role="region" aria-label=title>
            <table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
            {more}
        </div>
    }
}

fn line(marks: Marks<'_>, row: &[Raw]) -> Vec<String> {
    let dimensions = marks.first_measure();
    let places = (0..dimensions).map(|i| marks.label(row, i));
    places.chain((0..row.len().saturating_sub(dimensions)).map(|i| marks.figure(row, i))).collect()
}
