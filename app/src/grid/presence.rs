//! Who types where: one's own cell is said to the server while one types, and colleagues' cells show their initials.

use std::collections::HashMap;
use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use model::{AccessMode, CellPlace, PRESENCE_SUFFIX, PresenceRequest, SAID_EVERY_S};
use wasm_bindgen_futures::spawn_local;

use super::state::{Editing, GridState};
use crate::api::Presence;
use crate::client::{CellId, Latest, random_id};

/// Whoever types from cell to cell says only where he stays.
const QUIET_MS: u64 = 250;

/// Says and asks for as long as the grid lives. Where nobody types nothing is asked.
pub fn keep_presence(state: GridState) {
    let Some(table) = state.table.get_value() else { return };
    let page = StoredValue::new(String::new());
    let at = Memo::new(move |_| {
        let editing = state.editing.get().or_else(|| state.beside.get())?;
        place(state, &editing)
    });
    let may_type = state.store.view.with_value(|view| view.person.mode == AccessMode::Edit);
    let tables = [format!("{table}{PRESENCE_SUFFIX}")];
    let latest = Latest::default();
    let workbook = state.store.view.with_value(|view| view.id.clone());
    let ask = move || {
        let at = at.try_get_untracked().flatten().filter(|_| may_type);
        let request = PresenceRequest { workbook: workbook.clone(), table: table.clone(), page: page.get_value(), at };
        async move {
            let api = state.store.api.try_get_value().flatten()?;
            // Nothing depends on it: where it fails it is said again with the next cell.
            let told = api.call(&Presence { presence: request.clone() }).await.ok()?;
            let id = |one: &model::Present| CellId::new(&request.table, &one.key, &one.column);
            let typists: HashMap<CellId, String> = told.iter().map(|one| (id(one), one.by.clone())).collect();
            if state.typists.try_get_untracked()? != typists {
                state.typists.try_set(typists);
            }
            Some(())
        }
    };
    let said = ask.clone();
    let still_here = move || at.try_get_untracked().flatten().is_some();
    Effect::new(move |ran: Option<()>| {
        at.track();
        let _ = state.store.versions_of(&tables);
        if ran.is_none() {
            page.set_value(random_id());
            let ask = ask.clone();
            return spawn_local(async move {
                loop {
                    sleep(Duration::from_secs(u64::from(SAID_EVERY_S))).await;
                    let Some(others) = state.typists.try_with_untracked(|typists| !typists.is_empty()) else { return };
                    if others || still_here() {
                        ask().await;
                    }
                }
            });
        }
        let begun = latest.begin();
        let said = said.clone();
        spawn_local(async move {
            if begun.rests(QUIET_MS).await {
                said().await;
            }
        });
    });
}

fn place(state: GridState, editing: &Editing) -> Option<CellPlace> {
    let column = state.column(editing.cell.col)?.name;
    editing.row.draft.is_none().then(|| CellPlace { key: editing.row.key.clone(), column })
}

/// The first letters of a person's first and last name.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_name() {
        assert_eq!(initials("Wendy West"), "WW");
        assert_eq!(initials("ada  von  Österreich"), "AÖ");
        assert_eq!(initials("Bo"), "B");
        assert_eq!(initials(""), "");
    }
}
