//! Marks that are chosen in one element, for others to follow, or for what can be done with them here.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{ControlKind, ElementView, MOST_MARKED, Mark, Raw};

use crate::client::Store;

/// A handle, cheap to copy.
#[derive(Clone, Copy)]
pub struct Marking {
    store: Store,
    element: StoredValue<ElementView>,
    /// Of an element that nobody follows.
    own: RwSignal<Vec<Raw>>,
}

impl Marking {
    pub fn new(store: Store, element: StoredValue<ElementView>) -> Self {
        Self { store, element, own: RwSignal::default() }
    }

    /// Whether others follow.
    pub fn is_followed(self) -> bool {
        self.element.with_value(|element| element.selects.is_some())
    }

    /// The marks that are chosen, tracked.
    pub fn chosen(self) -> Vec<Mark> {
        let raws = if self.is_followed() {
            self.store.controls.with(|all| self.element.with_value(|element| all.get(&element.id).cloned())).unwrap_or_default()
        } else {
            self.own.get()
        };
        raws.into_iter().filter_map(|raw| serde_json::from_value(raw).ok()).collect()
    }

    /// Chooses these and no others; `said` is what they stand for, in words.
    pub fn choose(self, marks: &[Mark], said: impl FnOnce() -> String) {
        if marks.len() > MOST_MARKED {
            return self.store.announce(words::pick_at_most(MOST_MARKED));
        }
        let raws: Vec<Raw> = marks.iter().filter_map(|mark| serde_json::to_value(mark).ok()).collect();
        let said = if marks.is_empty() { words::marks_none_chosen() } else { words::marks_chosen(said()) };
        if self.is_followed() {
            self.element.with_value(|element| self.store.choose(&element.id, raws));
        } else {
            self.own.set(raws);
        }
        self.store.announce(said);
    }

    /// What is chosen once a mark is pressed that perhaps is chosen already; beside the others if `more`.
    pub fn toggled(self, mark: Mark, more: bool) -> Vec<Mark> {
        let mut marks = untrack(|| self.chosen());
        let there = marks.contains(&mark);
        match (more, there) {
            (true, true) => marks.retain(|known| *known != mark),
            (true, false) => marks.push(mark),
            (false, there) => marks = if there && marks.len() == 1 { Vec::new() } else { vec![mark] },
        }
        marks
    }

    /// Nothing is chosen any more of what nobody follows.
    pub fn forget(self) {
        self.own.set(Vec::new());
    }

    /// How the switches are set that the element names: its marks mean what they mean with these.
    pub fn switches(self) -> BTreeMap<String, String> {
        let option = |id: &String| {
            let control = self.store.control(id).filter(|control| matches!(control.kind, ControlKind::Switch { .. }))?;
            let chosen = self.store.controls.with_untracked(|all| all.get(id).cloned()).unwrap_or(control.default);
            Some((id.clone(), chosen.first()?.as_str()?.to_owned()))
        };
        self.element.with_value(|element| element.controls.iter().filter_map(option).collect())
    }
}
