//! What is chosen in the controls: by the person, by his host, or at first; kept over a reload of the page.

use std::collections::BTreeMap;

use leptos::prelude::*;
use model::{ApiError, ChartLevel, Code, ControlKind, ControlView, ElementKind, Filter, FilterOp, QueryRequest, Raw, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wasm_bindgen_futures::spawn_local;

use super::{Look, Store};

/// Values by control; an empty list, or none, is nothing.
pub type Choices = BTreeMap<String, Vec<Raw>>;

/// What of a workbook's state a reload leaves as it was.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    controls: Choices,
    /// The page that is open, and which tab of several on a page.
    page: Option<String>,
    panes: BTreeMap<String, usize>,
    drills: BTreeMap<String, Vec<Raw>>,
    looks: BTreeMap<String, Look>,
}

impl Store {
    /// A control of the workbook, as this person may see it.
    #[must_use]
    pub fn control(self, id: &str) -> Option<ControlView> {
        self.view.with_value(|view| view.controls().find(|(known, _)| *known == id).map(|(_, control)| control.clone()))
    }

    /// The chosen values of these controls, tracked.
    #[must_use]
    pub fn chosen(self, controls: &[String]) -> Choices {
        self.controls.with(|chosen| {
            let of = |control: &String| Some((control.clone(), chosen.get(control)?.clone()));
            controls.iter().filter_map(of).collect()
        })
    }

    /// Whether nobody has chosen anything else in these controls than what is chosen at first; tracked.
    #[must_use]
    pub fn is_as_at_first(self, controls: &[String]) -> bool {
        self.controls.with(|chosen| {
            let same = |(id, control): (&str, &ControlView)| chosen.get(id).map_or(&[][..], Vec::as_slice) == control.default;
            let among = |(id, _): &(&str, &ControlView)| controls.iter().any(|control| control == id);
            self.view.with_value(|view| view.controls().filter(among).all(same))
        })
    }

    /// The person chooses; his host is told.
    pub fn choose(self, id: &str, values: Vec<Raw>) {
        if self.controls.with_untracked(|chosen| chosen.get(id).is_some_and(|known| *known == values)) {
            return;
        }
        self.controls.update(|chosen| drop(chosen.insert(id.to_owned(), values.clone())));
        self.tell_chosen(id, &values);
        self.drop_what_is_gone(id);
    }

    /// What was chosen at first, in all controls.
    pub fn reset(self) {
        let first = self.view.with_value(model::WorkbookView::defaults);
        let ids: Vec<String> = self.view.with_value(|view| view.controls().map(|(id, _)| id.to_owned()).collect());
        let before = self.controls.get_untracked();
        self.controls.set(first.clone());
        let of = |all: &Choices, id: &String| all.get(id).cloned().unwrap_or_default();
        for id in ids.iter().filter(|id| of(&before, id) != of(&first, id)) {
            self.tell_chosen(id, &of(&first, id));
        }
        self.announce(words::filters_were_reset());
    }

    /// The host chooses: values by control, null for what was chosen at first. Those that are not named keep theirs.
    ///
    /// # Errors
    /// `QY002` for each control that is not there and each that does not take its values; the others are set all the same.
    pub fn set_filters(self, filters: BTreeMap<String, Option<Vec<Raw>>>) -> Vec<ApiError> {
        let mut refused = Vec::new();
        let mut set = Vec::new();
        for (id, values) in filters {
            let Some(control) = self.control(&id) else {
                refused.push(ApiError::say(Code::BadFilter, words::control_unknown(id)));
                continue;
            };
            let values = values.unwrap_or(control.default);
            match control.kind.check(&values) {
                Ok(()) => set.push((id, values)),
                Err(problem) => refused.push(ApiError::say(Code::BadFilter, words::control_problem(id, problem))),
            }
        }
        let ids: Vec<String> = set.iter().map(|(id, _)| id.clone()).collect();
        self.controls.update(|chosen| chosen.extend(set));
        ids.iter().for_each(|id| self.drop_what_is_gone(id));
        refused
    }

    fn tell_chosen(self, id: &str, values: &[Raw]) {
        if let Some(api) = self.api.get_value() {
            api.emit("inlay-filter", &json!({ "control": id, "values": values }));
        }
    }

    /// Takes over what was chosen, as far as it fits the controls that there are now.
    pub fn choose_again(self, earlier: Choices) {
        let fits = |(id, values): &(String, Vec<Raw>)| self.control(id).is_some_and(|c| c.kind.check(values).is_ok());
        self.controls.update(|chosen| chosen.extend(earlier.into_iter().filter(fits)));
    }

    /// The x of each level that a chart was gone down from, tracked.
    #[must_use]
    pub fn path(self, element: &str) -> Vec<Raw> {
        self.drills.with(|all| all.get(element).cloned()).unwrap_or_default()
    }

    /// Goes down in a chart, or up again.
    pub fn go_to(self, element: &str, path: Vec<Raw>) {
        self.drills
            .update(|all| if path.is_empty() { drop(all.remove(element)) } else { drop(all.insert(element.to_owned(), path)) });
    }

    /// Goes down in charts as before, as far as they still have the levels.
    pub fn go_down_again(self, earlier: BTreeMap<String, Vec<Raw>>) {
        let fits = |(id, path): &(String, Vec<Raw>)| {
            self.view.with_value(|view| match view.element(id).map(|element| &element.kind) {
                Some(ElementKind::Chart(chart)) => {
                    let typed = |(raw, level): (&Raw, &ChartLevel)| Value::from_wire(raw, &level.axis.of.as_stored()).is_ok();
                    path.len() < chart.levels.len() && path.iter().zip(&chart.levels).all(typed)
                }
                _ => false,
            })
        };
        self.drills.update(|all| all.extend(earlier.into_iter().filter(fits)));
    }

    /// Values of lists that follow this control, and that are no longer among what these lists offer, are chosen no more.
    fn drop_what_is_gone(self, changed: &str) {
        let followers: Vec<(String, ControlKind, Vec<String>)> = self.view.with_value(|view| {
            let follows = view.elements().filter(|element| element.controls.iter().any(|id| id == changed));
            follows
                .filter_map(|element| Some((element.id.clone(), self.control(&element.id)?.kind, element.controls.clone())))
                .collect()
        });
        for (id, kind, controls) in followers {
            let chosen = self.controls.with_untracked(|all| all.get(&id).cloned()).unwrap_or_default();
            let (ControlKind::List { column, .. }, Some(api), false) = (kind, self.api.get_value(), chosen.is_empty()) else {
                continue;
            };
            let filters = vec![Filter { column, op: FilterOp::In, value: chosen.clone().into() }];
            let query = QueryRequest { filters, ..untrack(|| self.question(&id, &controls)) };
            spawn_local(async move {
                // What can't be asked now stays as it is: the elements themselves say that there is nothing.
                let Ok(answer) = api.query(query).await else { return };
                let is_there = |value: &Raw| answer.rows.iter().any(|row| row.first() == Some(value));
                let kept: Vec<Raw> = chosen.iter().filter(|value| is_there(value)).cloned().collect();
                let same = self.controls.try_with_untracked(|all| all.get(&id) == Some(&chosen)) == Some(true);
                if same && kept != chosen {
                    self.choose(&id, kept);
                }
            });
        }
    }

    /// Puts back what a reload of the page has interrupted.
    pub fn remember(self) {
        let Some((storage, key)) = self.memory() else { return };
        let kept = storage.get_item(&key).ok().flatten().and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        if let Some(kept) = kept {
            self.choose_again(kept.controls);
            self.panes.update(|panes| panes.extend(kept.panes));
            self.go_down_again(kept.drills);
            self.look_again(kept.looks);
            let place = self.view.with_value(|view| view.pages.iter().position(|page| Some(&page.id) == kept.page.as_ref()));
            place.into_iter().for_each(|place| self.page.set(place));
        }
    }

    /// Keeps what is chosen for the time after a reload; tracked.
    pub fn keep_chosen(self) {
        let (controls, panes, page) = (self.controls.get(), self.panes.get(), self.page.get());
        let (drills, looks) = (self.drills.get(), self.looks.get());
        let page = self.view.with_value(|view| view.pages.get(page).map(|page| page.id.clone()));
        if let Some((storage, key)) = self.memory() {
            let kept = serde_json::to_string(&Kept { controls, page, panes, drills, looks }).unwrap_or_default();
            // Without storage it lives as long as the page.
            let _ = storage.set_item(&key, &kept);
        }
    }

    /// The tab's own storage, and where in it: another person, workbook or server has another place.
    fn memory(self) -> Option<(web_sys::Storage, String)> {
        let api = self.api.get_value()?;
        let storage = web_sys::window()?.session_storage().ok().flatten()?;
        let place = self.view.with_value(|view| json!([api.base(), view.person.scope, view.id]));
        Some((storage, format!("inlay-chosen {place}")))
    }
}
