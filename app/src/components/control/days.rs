//! Days from one to another, or a span around today that goes with the days.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{ColumnType, Raw, Span};
use words::Message;

use super::Choosing;
use super::ends::ends;
use super::picker::{Panel, buttons, picker};
use crate::components::focus::focused;

pub(super) fn range(choosing: Choosing, spans: Vec<Span>) -> impl IntoView {
    let spans = StoredValue::new(spans);
    picker(choosing, move |panel| inside(choosing, panel, spans.get_value()))
}

fn inside(choosing: Choosing, panel: Panel, spans: Vec<Span>) -> impl IntoView {
    let store = choosing.store;
    let chosen = untrack(|| choosing.chosen());
    let text = |i: usize| match chosen.as_slice() {
        [_, _] => chosen[i].as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let days = RwSignal::new([text(0), text(1)]);
    let problem = RwSignal::new(String::new());
    let hint = ends(choosing, ColumnType::Date, None);
    let take = move || -> Result<(), Message> {
        let values: Vec<Raw> = days.get_untracked().map(|day| if day.is_empty() { Raw::Null } else { day.into() }).to_vec();
        let values = if values.iter().all(Raw::is_null) { Vec::new() } else { values };
        choosing.control.with_value(|control| control.kind.check(&values))?;
        choosing.choose(values);
        Ok(())
    };
    let apply = Callback::new(move |()| match take() {
        Ok(()) => panel.close(),
        Err(message) => problem.set(store.say(message)),
    });
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            apply.run(());
        }
    };
    let typed = move |i: usize| {
        move |event| {
            days.update(|days| days[i] = event_target_value(&event));
            problem.set(String::new());
        }
    };
    let first: NodeRef<html::Button> = NodeRef::new();
    let from: NodeRef<html::Input> = NodeRef::new();
    if spans.is_empty() {
        focused(from);
    } else {
        focused(first);
    }
    let span = move |(i, span): (usize, Span)| {
        let name = Raw::from(span.to_string());
        let is_on = chosen.first() == Some(&name) && chosen.len() == 1;
        let node = if i == 0 { first } else { NodeRef::new() };
        let pick = move |_| {
            choosing.choose(vec![name.clone()]);
            panel.close();
        };
        view! {
            <button type="button" class="segment" class:is-on=is_on aria-pressed=is_on.to_string() node_ref=node on:click=pick>
                {store.say(span.said())}
            </button>
        }
    };
    view! {
        <div class="picker-spans">{spans.into_iter().enumerate().map(span).collect_view()}</div>
        <fieldset class="picker-ends" on:keydown=on_key>
            <legend>{store.say(words::other_days())}</legend>
            <label>{store.say(words::range_low())} <input node_ref=from type="date" prop:value=move || days.with(|days| days[0].clone()) on:input=typed(0)/></label>
            <label>{store.say(words::range_high())} <input type="date" prop:value=move || days.with(|days| days[1].clone()) on:input=typed(1)/></label>
        </fieldset>
        <p class="is-quiet">{hint}</p>
        <p class="field-error" role="alert">{problem}</p>
        {buttons(choosing, panel, Some(apply))}
    }
}
