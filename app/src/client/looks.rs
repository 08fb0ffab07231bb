//! What a person has made of each chart, kept while other pages are looked at and over a reload.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use model::{ElementKind, Raw};
use serde::{Deserialize, Serialize};

use super::Store;

/// What is left of one chart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// What of the legend is switched off.
    pub off: BTreeSet<String>,
    /// The part of x that is in sight.
    pub zoom: Option<Zoom>,
}

/// A part of x.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zoom {
    /// The x of each level that was gone down through to it; on another level all is in sight.
    pub path: Vec<Raw>,
    pub first: Raw,
    pub last: Raw,
}

impl Store {
    /// What was made of a chart, tracked.
    #[must_use]
    pub fn look(self, element: &str) -> Look {
        self.looks.with(|all| all.get(element).cloned()).unwrap_or_default()
    }

    pub fn change_look(self, element: &str, change: impl FnOnce(&mut Look)) {
        self.looks.update(|all| change(all.entry(element.to_owned()).or_default()));
    }

    /// Makes of charts that there still are what was made of them earlier.
    pub fn look_again(self, earlier: BTreeMap<String, Look>) {
        let is_chart =
            |id: &str| self.view.with_value(|view| view.element(id).is_some_and(|e| matches!(e.kind, ElementKind::Chart(_))));
        self.looks.update(|all| all.extend(earlier.into_iter().filter(|(id, _)| is_chart(id))));
    }
}
