//! What was typed into a pivot and refused, or overtaken by somebody else: why, and what to do about it.

use leptos::prelude::*;
use model::Raw;

use super::PivotState;
use crate::client::{CellId, Mark};

/// Troubles that are told one by one; the others follow when these are settled.
const SHOWN: usize = 5;

/// Drawn below the table while there are any.
#[component]
pub(super) fn Troubles(state: PivotState) -> impl IntoView {
    let all = Memo::new(move |_| troubles(state));
    move || {
        let all = all.get();
        let lines = all.into_iter().take(SHOWN).map(|(id, mark)| trouble(state, id, mark)).collect_view();
        (!lines.is_empty()).then(|| view! { <div class="pivot-troubles" role="alert">{lines}</div> })
    }
}

/// The marks of this pivot's cells that ask for something, in an order that stays.
fn troubles(state: PivotState) -> Vec<(CellId, Mark)> {
    let columns: Vec<(String, String)> = state.view.with_value(|view| {
        let table = view.table.as_ref().map(|table| table.name.clone()).unwrap_or_default();
        view.values.iter().filter_map(|value| Some((table.clone(), value.column.as_ref()?.name.clone()))).collect()
    });
    let own = |id: &CellId| columns.iter().any(|(table, column)| id.table == *table && id.column == *column);
    let asks = |mark: &Mark| matches!(mark, Mark::Rejected { .. } | Mark::Conflict { .. });
    let mut found: Vec<(CellId, Mark)> = state.store.outbox.marks.with(|marks| {
        marks.iter().filter(|(id, mark)| own(id) && asks(mark)).map(|(id, mark)| (id.clone(), mark.clone())).collect()
    });
    found.sort_by(|(a, _), (b, _)| (&a.key, &a.column).cmp(&(&b.key, &b.column)));
    found
}

fn trouble(state: PivotState, id: CellId, mark: Mark) -> impl IntoView {
    let key: Vec<Raw> = serde_json::from_str(&id.key).unwrap_or_default();
    let name = named(state, &key);
    let outbox = state.store.outbox;
    match mark {
        Mark::Conflict { value, conflict, message, .. } => {
            let show = |raw: &Raw| {
                let column = (0..state.view.with_value(|view| view.values.len()))
                    .find_map(|i| state.column(i).filter(|c| c.name == id.column));
                let text = column.map(|column| state.store.show(raw, &column)).unwrap_or_default();
                if text.is_empty() { state.store.say(words::blank()) } else { text }
            };
            let (theirs, mine) = (show(&conflict.now), show(&value));
            let taken = id.clone();
            let take = move |_| {
                state.own.update(|own| drop(own.insert(taken.clone(), conflict.now.clone())));
                outbox.discard(&taken);
            };
            let keep = move |_| outbox.insist(std::slice::from_ref(&id));
            view! {
                <div class="pivot-trouble is-conflict">
                    <p><b>{name}</b> " " {state.store.say(message)}</p>
                    <button type="button" on:click=take>{state.store.say(words::use_theirs())} " " <b>{theirs}</b></button>
                    <button type="button" class="is-primary" on:click=keep>{state.store.say(words::keep_mine())} " " <b>{mine}</b></button>
                </div>
            }
            .into_any()
        }
        Mark::Rejected { typed, message, .. } => {
            let discard = move |_| outbox.discard(&id);
            view! {
                <div class="pivot-trouble is-rejected">
                    <p><b>{name}</b> " “" {typed} "” " {state.store.say(message)}</p>
                    <button type="button" on:click=discard>{state.store.say(words::discard())}</button>
                </div>
            }
            .into_any()
        }
        Mark::Pending { .. } | Mark::Saved => ().into_any(),
    }
}

/// What a row is known by.
fn named(state: PivotState, key: &[Raw]) -> String {
    let Some(cube) = state.cube() else { return String::new() };
    let places = state.view.with_value(|view| view.table.as_ref().map(|table| table.key.clone()).unwrap_or_default());
    let mut parts: Vec<(usize, String)> = places.iter().zip(key).map(|(i, raw)| (*i, state.dimension(&cube, *i, raw))).collect();
    parts.sort();
    parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" · ")
}
