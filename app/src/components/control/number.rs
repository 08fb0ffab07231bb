//! Numbers of a column from one to another.

use leptos::html;
use leptos::prelude::*;
use model::{ColumnType, Format};

use super::Choosing;
use super::ends::Ends;
use super::picker::{Panel, picker};
use crate::components::focus::focused;

pub(super) fn range(choosing: Choosing, of: ColumnType, format: Option<Format>) -> impl IntoView {
    let of = StoredValue::new(of);
    picker(choosing, move |panel| inside(choosing, panel, of.get_value(), format))
}

fn inside(choosing: Choosing, panel: Panel, of: ColumnType, format: Option<Format>) -> impl IntoView {
    let store = choosing.store;
    let chosen = untrack(|| choosing.chosen());
    let text = |i: usize| match chosen.get(i) {
        Some(raw) if !raw.is_null() => store.locale.with_value(|locale| locale.typed_text(raw, &of, format)),
        _ => String::new(),
    };
    let (texts, shown) = ([text(0), text(1)], (of.clone(), format));
    let ends = Ends::new(choosing, panel, texts, shown, move |text| {
        let parsed = store.locale.with_value(|locale| locale.parse(&locale.as_typed(text, format), &of));
        parsed.map_err(|error| error.message().clone())
    });
    let first: NodeRef<html::Input> = NodeRef::new();
    focused(first);
    let field = move |i: usize, node: NodeRef<html::Input>| {
        let wrong = move || ends.wrong();
        view! {
            <input
                node_ref=node type="text" inputmode="decimal" autocomplete="off" aria-invalid=wrong prop:value=ends.text(i) on:input=ends.typed(i)
            />
        }
    };
    view! {
        <div class="picker-ends" on:keydown=move |event| ends.on_key(&event)>
            <label>{store.say(words::range_low())} {field(0, first)}</label>
            <label>{store.say(words::range_high())} {field(1, NodeRef::new())}</label>
        </div>
        {ends.below()}
    }
}
