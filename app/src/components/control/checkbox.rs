//! Only the rows that something holds for.

use leptos::prelude::*;
use model::Raw;

use super::Choosing;

pub(super) fn checkbox(choosing: Choosing) -> impl IntoView {
    let on = move || !choosing.chosen().is_empty();
    let switch = move |event| choosing.choose(if event_target_checked(&event) { vec![Raw::Bool(true)] } else { Vec::new() });
    view! {
        <label class="control-check">
            <input type="checkbox" checked=untrack(on) prop:checked=on on:change=switch/>
            <span class="control-label">{choosing.label()}</span>
        </label>
    }
}
