//! A list of values that filters other elements.

use leptos::prelude::*;
use model::{ControlView, ElementView, Raw};
use serde_json::json;

use crate::client::{Store, use_query};

/// A row of buttons for a few values, a list for many. What a person may not see is not among them.
#[component]
pub fn Control(store: Store, element: ElementView, control: ControlView) -> impl IntoView {
    let asked = use_query(store, &element);
    let remote = asked.remote;
    let id = StoredValue::new(element.id.clone());
    let label = StoredValue::new(control.label.clone());
    let multiple = control.multiple;
    let options = Memo::new(move |_| {
        remote.with(|remote| {
            let rows = remote.answer.as_ref().map(|answer| answer.rows.clone()).unwrap_or_default();
            rows.into_iter().filter_map(|row| row.into_iter().next()).filter(|raw| !raw.is_null()).collect::<Vec<Raw>>()
        })
    });
    let label_of = move |raw: &Raw| {
        remote.with_untracked(|remote| {
            let column = remote.answer.as_ref().and_then(|answer| answer.columns.first().cloned());
            column.map_or_else(String::new, |c| store.locale.with_value(|locale| locale.show(raw, &c.ty, c.format)))
        })
    };
    let chosen = move || store.controls.with(|controls| id.with_value(|id| controls.get(id).cloned()).unwrap_or_default());
    let choose = move |raw: Option<Raw>| {
        store.controls.update(|controls| {
            let values = controls.entry(id.get_value()).or_default();
            match raw {
                None => values.clear(),
                Some(raw) if values.contains(&raw) => values.retain(|value| *value != raw),
                Some(raw) if multiple => values.push(raw),
                Some(raw) => *values = vec![raw],
            }
        });
        if let Some(api) = store.api.get_value() {
            api.emit("inlay-filter", &json!({ "control": id.get_value(), "values": untrack(chosen) }));
        }
    };
    let button = move |raw: Raw| {
        let label = label_of(&raw);
        let value = raw.clone();
        let on = move || chosen().contains(&value);
        let pressed = on.clone();
        view! {
            <button type="button" class="segment" class:is-on=on aria-pressed=move || pressed().to_string() on:click=move |_| choose(Some(raw.clone()))>
                {label}
            </button>
        }
    };
    let few = move || {
        let all = move || chosen().is_empty();
        view! {
            <div class="segments" role="group" aria-label=label.get_value()>
                <button type="button" class="segment" class:is-on=all aria-pressed=move || all().to_string() on:click=move |_| choose(None)>{store.say(words::all())}</button>
                {options.get().into_iter().map(button).collect::<Vec<_>>()}
            </div>
        }
    };
    let many = move || {
        let items: Vec<_> =
            options.get().iter().map(|raw| view! { <option value=raw.to_string()>{label_of(raw)}</option> }).collect();
        let pick = move |event| {
            let text = event_target_value(&event);
            choose(None);
            if let Ok(raw) = serde_json::from_str(&text) {
                choose(Some(raw));
            }
        };
        view! { <select aria-label=label.get_value() on:change=pick><option value="">{store.say(words::all())}</option>{items}</select> }
    };
    let part = move || {
        let count = remote.with(|remote| remote.answer.as_ref().filter(|answer| answer.more).map(|answer| answer.rows.len()))?;
        Some(store.say(words::control_cut(count)))
    };
    view! {
        <span class="control-label">{control.label.clone()}</span>
        {move || if options.with(Vec::len) <= 8 { few().into_any() } else { many().into_any() }}
        {move || part().map(|said| view! { <span class="control-note">{said}</span> })}
        {asked.problem()}
    }
}
