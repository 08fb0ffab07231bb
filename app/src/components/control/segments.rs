//! A few things to choose from, all in sight: buttons in a row.

use leptos::prelude::*;
use model::{ColumnType, Format, Raw, SwitchOption};

use super::Choosing;
use super::said::option_said;
use crate::client::use_query;

/// More options than this are a list to open.
const MOST_BUTTONS: usize = 6;

/// The values of a column, which are asked for.
pub(super) fn of_column(choosing: Choosing, multiple: bool, of: ColumnType, format: Option<Format>) -> impl IntoView {
    let store = choosing.store;
    let asked = use_query(store, &choosing.element.get_value());
    let remote = asked.remote;
    let options = Memo::new(move |_| {
        remote.with(|remote| {
            let rows = remote.answer.as_ref().map(|answer| answer.rows.clone()).unwrap_or_default();
            rows.into_iter().filter_map(|row| row.into_iter().next()).collect::<Vec<Raw>>()
        })
    });
    let buttons = move || {
        let named = |raw: Raw| {
            let said = store.locale.with_value(|locale| locale.named(&raw, &of, format));
            (raw, said)
        };
        row(choosing, options.get().into_iter().map(named).collect(), multiple, true)
    };
    let part = move || {
        let count = remote.with(|remote| remote.answer.as_ref().filter(|answer| answer.more).map(|answer| answer.rows.len()))?;
        Some(store.say(words::control_cut(count)))
    };
    view! {
        {buttons}
        {move || part().map(|said| view! { <span class="control-note">{said}</span> })}
        {asked.problem()}
    }
}

/// How many of the largest marks are shown.
pub(super) fn top(choosing: Choosing, options: Vec<u32>) -> impl IntoView {
    let named = |count: u32| (Raw::from(count), choosing.store.say(words::top_count(count)));
    few_or_many(choosing, options.into_iter().map(named).collect(), true)
}

/// One of several, always.
pub(super) fn switch(choosing: Choosing, options: Vec<SwitchOption>) -> impl IntoView {
    let named = |option: SwitchOption| {
        let said = choosing.store.locale.with_value(|locale| option_said(&option, locale));
        (Raw::from(option.value), said)
    };
    few_or_many(choosing, options.into_iter().map(named).collect(), false)
}

/// - `all`: whether nothing may be chosen.
fn few_or_many(choosing: Choosing, options: Vec<(Raw, String)>, all: bool) -> AnyView {
    if options.len() > MOST_BUTTONS {
        return many(choosing, options, all).into_any();
    }
    row(choosing, options, false, all).into_any()
}

fn row(choosing: Choosing, options: Vec<(Raw, String)>, multiple: bool, all: bool) -> impl IntoView {
    let press = move |raw: Raw| {
        let mut values = untrack(|| choosing.chosen());
        match (values.contains(&raw), multiple) {
            (true, _) if all => values.retain(|value| *value != raw),
            (true, _) => {}
            (false, true) => values.push(raw),
            (false, false) => values = vec![raw],
        }
        choosing.choose(values);
    };
    let button = move |(raw, said): (Raw, String)| {
        let value = raw.clone();
        let on = Memo::new(move |_| choosing.chosen().contains(&value));
        view! {
            <button type="button" class="segment" class:is-on=on aria-pressed=move || on.get().to_string() on:click=move |_| press(raw.clone())>
                {said}
            </button>
        }
    };
    let none = Memo::new(move |_| choosing.chosen().is_empty());
    let everything = all.then(|| {
        view! {
            <button type="button" class="segment" class:is-on=none aria-pressed=move || none.get().to_string() on:click=move |_| choosing.choose(Vec::new())>
                {choosing.store.say(words::all())}
            </button>
        }
    });
    view! {
        <div class="segments" role="group" aria-label=choosing.label()>
            {everything}
            {options.into_iter().map(button).collect_view()}
        </div>
    }
}

fn many(choosing: Choosing, options: Vec<(Raw, String)>, all: bool) -> impl IntoView {
    let now = untrack(|| choosing.chosen());
    let item = |(raw, said): &(Raw, String)| {
        let (value, mine) = (raw.to_string(), raw.clone());
        let on = move || choosing.chosen().contains(&mine);
        view! { <option value=value selected=now.contains(raw) prop:selected=on>{said.clone()}</option> }
    };
    let everything = all.then(|| view! { <option value="" prop:selected=move || choosing.chosen().is_empty()>{choosing.store.say(words::all())}</option> });
    let pick = move |event| choosing.choose(serde_json::from_str::<Raw>(&event_target_value(&event)).into_iter().collect());
    view! {
        <select aria-label=choosing.label() on:change=pick>
            {everything}
            {options.iter().map(item).collect_view()}
        </select>
    }
}
