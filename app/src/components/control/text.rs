//! A text that the column's has in it.

use leptos::prelude::*;

use super::Choosing;
use super::rest::Rest;

pub(super) fn text(choosing: Choosing) -> impl IntoView {
    let rest = Rest::new(choosing);
    let shown = move || choosing.chosen().first().and_then(|raw| raw.as_str().map(str::to_owned)).unwrap_or_default();
    let read = |event| {
        let text: String = event_target_value(&event);
        let sought = text.trim();
        if sought.is_empty() { Vec::new() } else { vec![sought.into()] }
    };
    view! {
        <input
            type="search" class="control-text" aria-label=choosing.label() autocomplete="off" maxlength="200" value=untrack(shown) prop:value=shown
            placeholder=choosing.store.say(words::search_values())
            on:input=move |event| rest.soon(read(event)) on:change=move |event| rest.now(read(event))
        />
    }
}
