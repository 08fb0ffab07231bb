//! Between what the values of a column are, asked when somebody wants to know.

use leptos::prelude::*;
use model::{ColumnType, Format, QueryRequest};
use wasm_bindgen_futures::spawn_local;

use super::Choosing;

/// A sentence that says so once it is known; empty before, and where there are no values.
pub(super) fn ends(choosing: Choosing, ty: ColumnType, format: Option<Format>) -> RwSignal<String> {
    let said = RwSignal::new(String::new());
    let store = choosing.store;
    let query = choosing.element.with_value(|element| QueryRequest {
        workbook: store.view.with_value(|view| view.id.clone()),
        element: element.id.clone(),
        controls: untrack(|| store.chosen(&element.controls)),
        ..QueryRequest::default()
    });
    if let Some(api) = store.api.get_value() {
        spawn_local(async move {
            let Ok(answer) = api.query(query).await else { return };
            let Some([least, most]) = answer.rows.first().map(Vec::as_slice).filter(|row| !row[0].is_null()) else { return };
            let show = |raw| store.locale.try_with_value(|locale| locale.show(raw, &ty, format)).unwrap_or_default();
            let words = store.locale.try_with_value(|locale| locale.say(words::range_is(show(least), show(most))));
            let _ = words.map(|words| said.try_set(words));
        });
    }
    said
}
