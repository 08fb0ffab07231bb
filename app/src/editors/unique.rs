//! Finds out while one types whether another row has the value already, as far as one may see it. The warehouse has the last word.

use leptos::prelude::*;
use model::{Code, Filter, FilterOp, QueryRequest, Raw};
use wasm_bindgen_futures::spawn_local;

use super::{Field, read};
use crate::client::Latest;

const QUIET_MS: u64 = 200;

/// Says so at the field; `row` is the key of the row that is typed into.
pub fn taken(field: Field, table: String, row: Option<Vec<Raw>>) {
    let Some((element, key)) = field.store.shows(&table) else { return };
    let latest = Latest::default();
    Effect::new(move |_| {
        let text = field.text.get();
        let begun = latest.begin();
        let value = field.column.with_value(|column| read(field.store, column, &text).ok());
        let (Some(value), Some(api)) = (value.filter(|raw| !raw.is_null()), field.store.api.get_value()) else { return };
        let filter = Filter { column: field.column.with_value(|column| column.name.clone()), op: FilterOp::Equals, value };
        let workbook = field.store.view.with_value(|view| view.id.clone());
        let query = QueryRequest {
            workbook,
            element: element.clone(),
            filters: vec![filter],
            limit: 2,
            uncounted: true,
            ..QueryRequest::default()
        };
        let (key, row) = (key.clone(), row.clone());
        spawn_local(async move {
            if !begun.rests(QUIET_MS).await {
                return;
            }
            let Ok(answer) = api.query(query).await else { return };
            let place = |name: &String| answer.columns.iter().position(|column| column.name == *name);
            let places: Option<Vec<usize>> = key.iter().map(place).collect();
            let own = |cells: &&Vec<Raw>| {
                let key = places.as_ref().map(|places| places.iter().map(|i| cells[*i].clone()).collect::<Vec<_>>());
                key.is_some() && key == row
            };
            let others = answer.rows.iter().filter(|cells| !own(cells)).count();
            if others > 0 && begun.is_last() {
                let _ = field.problem.try_set(Some(Code::NotUnique.message()));
            }
        });
    });
}
