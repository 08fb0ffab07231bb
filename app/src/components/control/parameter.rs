//! A value that measures are calculated with: a slider where it has ends, else a field of its type.

use leptos::prelude::*;
use model::{ColumnType, ColumnView, Raw, validate};

use super::Choosing;
use super::rest::Rest;

/// Steps of a slider whose author names none.
const STEPS: f64 = 100.0;

pub(super) fn parameter(choosing: Choosing, column: ColumnView, step: Option<Raw>) -> impl IntoView {
    let rest = Rest::new(choosing);
    let help = column.help.clone().map(|help| view! { <span class="control-note">{help}</span> });
    let body = match &column.ty {
        ColumnType::Boolean => boolean(choosing).into_any(),
        ColumnType::Choice { options } => choice(choosing, options).into_any(),
        ColumnType::Date => date(choosing).into_any(),
        _ => {
            let slider = slider(rest, choosing, &column, step.as_ref());
            view! { {slider} {field(rest, choosing, column)} }.into_any()
        }
    };
    view! {
        {body}
        {help}
    }
}

fn boolean(choosing: Choosing) -> impl IntoView {
    let on = move || choosing.chosen().first() == Some(&Raw::Bool(true));
    view! {
        <input
            type="checkbox" aria-label=choosing.label() checked=untrack(on) prop:checked=on
            on:change=move |event| choosing.choose(vec![event_target_checked(&event).into()])
        />
    }
}

fn choice(choosing: Choosing, options: &[String]) -> impl IntoView {
    let option = |option: &String| {
        let (value, mine) = (option.clone(), Raw::from(option.as_str()));
        let on = move || choosing.chosen().first() == Some(&mine);
        view! { <option value=value selected=untrack(&on) prop:selected=on>{option.clone()}</option> }
    };
    view! {
        <select aria-label=choosing.label() on:change=move |event| choosing.choose(vec![event_target_value(&event).into()])>
            {options.iter().map(option).collect_view()}
        </select>
    }
}

fn date(choosing: Choosing) -> impl IntoView {
    let shown = move || choosing.chosen().first().and_then(|raw| raw.as_str().map(str::to_owned)).unwrap_or_default();
    let take = move |event| {
        let day: String = event_target_value(&event);
        if !day.is_empty() {
            choosing.choose(vec![day.into()]);
        }
    };
    view! { <input type="date" aria-label=choosing.label() value=untrack(shown) prop:value=shown on:change=take/> }
}

/// Drawn where both ends are known: for pointing, while the field beside it says the very number.
fn slider(rest: Rest, choosing: Choosing, column: &ColumnView, step: Option<&Raw>) -> Option<impl IntoView + use<>> {
    let number = |text: String| text.parse::<f64>().ok();
    let (min, max) = (number(column.constraints.min?.to_string())?, number(column.constraints.max?.to_string())?);
    let digits = match column.ty {
        ColumnType::Decimal { scale } => scale as usize,
        ColumnType::Integer => 0,
        _ => 6,
    };
    let least = 10_f64.powi(-i32::try_from(digits).unwrap_or(0));
    let step = step.and_then(Raw::as_str).and_then(|step| step.parse().ok()).unwrap_or(((max - min) / STEPS).max(least));
    let ty = column.ty.clone();
    let raw = move |text: String| match ty {
        ColumnType::Decimal { .. } => number(text).map(|n| Raw::from(format!("{n:.digits$}"))),
        ColumnType::Integer => number(text).map(|n| Raw::from(n as i64)),
        _ => number(text).map(Raw::from),
    };
    let shown = move || {
        let chosen = choosing.chosen();
        chosen.first().map(|raw| raw.as_str().map_or_else(|| raw.to_string(), str::to_owned)).unwrap_or_default()
    };
    let said = move || choosing.said();
    let take = move |event| raw(event_target_value(&event)).into_iter().for_each(|raw| rest.soon(vec![raw]));
    Some(view! {
        <input
            type="range" class="control-slider" min=min.to_string() max=max.to_string() step=step.to_string() aria-label=choosing.label() aria-valuetext=said
            value=untrack(shown) prop:value=shown on:input=take
        />
    })
}

/// The value as text; what can't be read is said, and what was there stays chosen.
fn field(rest: Rest, choosing: Choosing, column: ColumnView) -> impl IntoView {
    let store = choosing.store;
    let problem = RwSignal::new(None::<String>);
    let format = column.format;
    let column = StoredValue::new(column);
    let shown = move || {
        let chosen = choosing.chosen();
        let text = |raw: &Raw| column.with_value(|c| store.locale.with_value(|locale| locale.typed_text(raw, &c.ty, format)));
        chosen.first().map(text).unwrap_or_default()
    };
    let take = move |event| {
        let text: String = event_target_value(&event);
        let read = column.with_value(|column| {
            let raw = store.locale.with_value(|locale| locale.parse(&locale.as_typed(&text, format), &column.ty));
            let raw = raw.map_err(|error| error.message().clone())?;
            validate(column, &raw).map_err(|error| error.message)?;
            Ok::<_, words::Message>(raw)
        });
        match read {
            Ok(raw) => {
                problem.set(None);
                rest.now(vec![raw]);
            }
            Err(message) => problem.set(Some(store.say(message))),
        }
    };
    let numeric = column.with_value(|column| column.ty.is_numeric());
    view! {
        <input
            type="text" class="control-value" class:is-number=numeric inputmode=numeric.then_some("decimal") aria-label=choosing.label() autocomplete="off"
            aria-invalid=move || problem.with(Option::is_some).to_string() value=untrack(shown) prop:value=shown on:change=take
        />
        <span class="field-error" role="alert">{problem}</span>
    }
}
