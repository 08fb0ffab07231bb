//! An element's rows, asked again whenever what they depend on has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use model::{ApiError, Code, ElementView, QueryAnswer, QueryRequest, Raw};
use wasm_bindgen_futures::spawn_local;

use super::{Flight, Store};

/// What is known of an element's rows. While a new answer is awaited the old one stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remote {
    pub answer: Option<Arc<QueryAnswer>>,
    /// The levels that had been gone down through where it is from.
    pub path: Vec<Raw>,
    pub loading: bool,
    pub error: Option<ApiError>,
}

/// What an element has asked for.
#[derive(Debug, Default)]
struct Asking {
    chosen: BTreeMap<String, Vec<Raw>>,
    path: Vec<Raw>,
    /// The question under way, and its number.
    flight: Option<Flight>,
    number: u64,
    /// Something has changed since it was asked.
    again: bool,
}

/// The element's whole answer, for everything but grids, which ask for windows.
#[must_use]
pub fn use_query(store: Store, element: &ElementView) -> Asked {
    let boot = store.take_boot(&element.id).map(Arc::new);
    let remote = RwSignal::new(Remote { loading: boot.is_none(), answer: boot, ..Remote::default() });
    let asked =
        Asked { store, remote, asking: StoredValue::new_local(Asking::default()), id: StoredValue::new(element.id.clone()) };
    let (id, controls, tables) = (element.id.clone(), element.controls.clone(), element.depends_on.clone());
    Effect::new(move |before: Option<()>| {
        let (chosen, path) = (store.chosen(&controls), store.path(&id));
        let _ = store.versions_of(&tables);
        // The first answer came with the page, for what is chosen at first.
        if before.is_none() && remote.with_untracked(|remote| remote.answer.is_some()) {
            if path.is_empty() && store.is_as_at_first(&controls) {
                asked.asking.update_value(|asking| asking.chosen = chosen);
                return;
            }
            remote.update(|remote| remote.answer = None);
        }
        // Rows may change faster than they are read: what is asked already is awaited, and then asked once more.
        let waits = asked.asking.try_update_value(|asking| {
            asking.again = asking.flight.is_some() && asking.chosen == chosen && asking.path == path;
            (asking.chosen, asking.path) = (chosen, path);
            asking.again
        });
        if waits == Some(false) {
            asked.ask();
        }
    });
    asked
}

/// An element's question and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub store: Store,
    pub remote: RwSignal<Remote>,
    asking: StoredValue<Asking, LocalStorage>,
    id: StoredValue<String>,
}

impl Store {
    /// What an element that follows these controls shows; tracked.
    #[must_use]
    pub fn question(self, element: &str, controls: &[String]) -> QueryRequest {
        let workbook = self.view.with_value(|view| view.id.clone());
        QueryRequest { workbook, element: element.to_owned(), controls: self.chosen(controls), ..QueryRequest::default() }
    }
}

impl Asked {
    /// Asks anew; a question under way is given up.
    pub fn ask(self) {
        let Some(api) = self.store.api.get_value() else {
            return;
        };
        let flight = Flight::default();
        let signal = flight.signal();
        let begun = self.asking.try_update_value(|asking| {
            asking.number += 1;
            asking.flight = Some(flight);
            (asking.number, asking.chosen.clone(), asking.path.clone())
        });
        let Some((number, controls, path)) = begun else { return };
        self.remote.update(|remote| remote.loading = true);
        let query = self.id.with_value(|id| QueryRequest { controls, drill: path.clone(), ..self.store.question(id, &[]) });
        spawn_local(async move {
            let answer = self.store.query(&api, query, signal.as_ref()).await;
            // Overtaken by a newer question, or its element is gone: this answer is no news.
            let landed = self.asking.try_update_value(|asking| {
                let lands = asking.number == number;
                if lands {
                    asking.flight = None;
                }
                (lands, lands && std::mem::take(&mut asking.again))
            });
            let Some((true, again)) = landed else { return };
            let _ = self.remote.try_update(|remote| {
                remote.loading = false;
                match answer {
                    Ok(answer) => *remote = Remote { answer: Some(Arc::new(answer)), path, loading: false, error: None },
                    // Offline is said once, in the status line; what is on screen stays.
                    Err(error) if error.code == Code::Offline && remote.answer.is_some() => {}
                    Err(error) => remote.error = Some(error),
                }
            });
            if again {
                self.ask();
            }
        });
    }
}
