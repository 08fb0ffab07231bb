//! Days from one to another, or a span around today that goes with the days.

use leptos::html;
use leptos::prelude::*;
use model::{ColumnType, Raw, Span};

use super::Choosing;
use super::ends::Ends;
use super::picker::{Panel, picker};
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
    let ends = Ends::new(choosing, panel, [text(0), text(1)], (ColumnType::Date, None), |day| {
        Ok(if day.is_empty() { Raw::Null } else { day.into() })
    });
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
        <fieldset class="picker-ends" on:keydown=move |event| ends.on_key(&event)>
            <legend>{store.say(words::other_days())}</legend>
            <label>{store.say(words::range_low())} <input node_ref=from type="date" prop:value=ends.text(0) on:input=ends.typed(0)/></label>
            <label>{store.say(words::range_high())} <input type="date" prop:value=ends.text(1) on:input=ends.typed(1)/></label>
        </fieldset>
        {ends.below()}
    }
}
