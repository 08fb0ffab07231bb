//! One number.

use leptos::prelude::*;
use model::{ElementView, KpiView, Raw};

use crate::client::{Store, use_query};

/// The element's one value, large.
#[component]
pub fn Kpi(store: Store, element: ElementView, kpi: KpiView) -> impl IntoView {
    let asked = use_query(store, &element);
    let remote = asked.remote;
    let text = move || {
        remote.with(|remote| {
            let answer = remote.answer.as_ref()?;
            let raw = answer.rows.first().and_then(|row| row.first()).cloned().unwrap_or(Raw::Null);
            let column = answer.columns.first()?;
            let shown = store.locale.with_value(|locale| locale.show(&raw, &column.ty, kpi.format.or(column.format)));
            Some(if shown.is_empty() { "–".to_owned() } else { shown })
        })
    };
    view! {
        <p class="kpi-label">{kpi.label.clone()}</p>
        <p class="kpi-value" class:is-loading=move || remote.with(|remote| remote.answer.is_none() && remote.error.is_none())>
            {move || text().unwrap_or_else(|| "\u{a0}".into())}
        </p>
        {asked.problem()}
    }
}
