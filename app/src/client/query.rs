//! An element's rows, asked again whenever what they depend on has changed.

use std::sync::Arc;

use leptos::prelude::*;
use model::{ApiError, Code, ElementView, QueryAnswer, QueryRequest};
use wasm_bindgen_futures::spawn_local;

use super::Store;
use crate::api::Query;

/// What is known of an element's rows. While a new answer is awaited the old one stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remote {
    pub answer: Option<Arc<QueryAnswer>>,
    pub loading: bool,
    pub error: Option<ApiError>,
}

/// The element's whole answer, for everything but grids, which ask for windows.
#[must_use]
pub fn use_query(store: Store, element: &ElementView) -> RwSignal<Remote> {
    let boot = store.take_boot(&element.id).map(Arc::new);
    let remote = RwSignal::new(Remote { loading: boot.is_none(), answer: boot, error: None });
    let (id, controls, tables) = (element.id.clone(), element.controls.clone(), element.depends_on.clone());
    let latest = StoredValue::new(0_u64);
    Effect::new(move |before: Option<u64>| {
        let chosen = store.chosen(&controls);
        let _ = store.versions_of(&tables);
        let generation = before.map_or(0, |n| n + 1);
        latest.set_value(generation);
        // The first answer came with the page.
        if generation == 0 && remote.with_untracked(|remote| remote.answer.is_some()) {
            return generation;
        }
        let workbook = store.view.with_value(|view| view.id.clone());
        let request = QueryRequest { workbook, element: id.clone(), controls: chosen, ..QueryRequest::default() };
        ask(store, remote, request, move || latest.try_get_value() == Some(generation));
        generation
    });
    remote
}

fn ask(store: Store, remote: RwSignal<Remote>, request: QueryRequest, wanted: impl Fn() -> bool + 'static) {
    let Some(api) = store.api.get_value() else {
        return;
    };
    remote.update(|remote| remote.loading = true);
    spawn_local(async move {
        let answer = api.call(&Query { query: request }).await;
        // Overtaken by a newer question, or its element is gone: this answer is no news.
        if !wanted() {
            return;
        }
        let _ = remote.try_update(|remote| {
            remote.loading = false;
            match answer {
                Ok(answer) => *remote = Remote { answer: Some(Arc::new(answer)), loading: false, error: None },
                // Offline is said once, in the status line; what is on screen stays.
                Err(error) if error.code == Code::Offline && remote.answer.is_some() => {}
                Err(error) => remote.error = Some(error),
            }
        });
    });
}
