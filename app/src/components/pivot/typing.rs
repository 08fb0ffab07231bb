//! The keyboard in a pivot: from cell to cell, opening and closing, and typing: a cell is its row's, a total is spread.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use model::{CellEdit, Edit, Origin, dimensions_of};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::preview::Spreading;
use super::{PivotState, Place};
use crate::client::Mark;
use crate::editors::{Exit, read};

impl PivotState {
    pub(super) fn is_leaf(self, place: &Place) -> bool {
        self.cube().is_some_and(|cube| {
            let both = cube.rows.find(&place.row).zip(cube.columns.find(&place.column));
            both.is_some_and(|(row, column)| cube.rows.is_leaf(row) && cube.columns.is_leaf(column))
        })
    }

    /// What the field of a cell begins with. Tracked.
    pub(super) fn typed_text(self, place: &Place) -> String {
        let (Some(cube), Some(column)) = (self.cube(), self.column(place.value)) else { return String::new() };
        if let Some(Mark::Rejected { typed, .. }) =
            self.id(&cube, place).and_then(|id| self.store.outbox.marks.with(|marks| marks.get(&id).cloned()))
        {
            return typed;
        }
        let raw = self.held(&cube, place).unwrap_or_default();
        self.store.locale.with_value(|locale| locale.typed_text(&raw, &column.ty, column.format))
    }

    pub(super) fn on_key(self, event: &KeyboardEvent) {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let control = event.ctrl_key() || event.meta_key();
        let key = event.key();
        match (control, key.to_lowercase().as_str()) {
            (true, "z") if event.shift_key() => _ = self.store.outbox.redo(),
            (true, "z") => _ = self.store.outbox.undo(),
            (true, "y") => _ = self.store.outbox.redo(),
            (_, "enter") if event.alt_key() && self.tools.has_details() => {
                let cell = target.closest("td").ok().flatten();
                self.pressed.set_value(cell.and_then(|cell| place_of(&cell)));
                self.tools.look_at_rows();
            }
            _ if event.alt_key() => return,
            (_, "escape") if self.choose_nothing() => {}
            _ => {
                let more = control || event.shift_key();
                if !self.go(&target, &self.along(&key), control) && !self.act(&target, &key, control, more) {
                    return;
                }
            }
        }
        event.prevent_default();
        event.stop_propagation();
    }

    /// Arrows as they lie where one reads from right to left.
    fn along(self, key: &str) -> String {
        match (key, self.store.from_right()) {
            ("ArrowLeft", true) => "ArrowRight",
            ("ArrowRight", true) => "ArrowLeft",
            (key, _) => key,
        }
        .to_owned()
    }

    /// Goes to another cell; false if the key is none of these.
    fn go(self, from: &Element, key: &str, control: bool) -> bool {
        let Some(cell) = from.closest("td, th").ok().flatten() else {
            // From the table as a whole to its first row.
            let first = self.all(".pivot tbody th").into_iter().next();
            return matches!(key, "ArrowDown" | "ArrowRight" | "Enter" | "Home") && first.as_ref().is_some_and(focus);
        };
        let Some(row) = cell.parent_element() else { return false };
        let in_head = row.parent_element().is_some_and(|part| part.tag_name() == "THEAD");
        let place = position(&cell);
        let next = match key {
            "ArrowLeft" if cell.class_list().contains("has-toggle") && self.is_open(&cell) == Some(true) => {
                return self.toggle(&cell);
            }
            "ArrowRight" if cell.class_list().contains("has-toggle") && self.is_open(&cell) == Some(false) => {
                return self.toggle(&cell);
            }
            "ArrowLeft" => cell.previous_element_sibling(),
            "ArrowRight" => cell.next_element_sibling(),
            "Home" if control => self.all(".pivot tbody th").into_iter().next(),
            "End" if control => self.all(".pivot tbody tr:last-child > :last-child").into_iter().next(),
            "Home" => row.first_element_child(),
            "End" => row.last_element_child(),
            "ArrowDown" if in_head && cell.has_attribute("data-head") => self.below_head(&cell),
            "ArrowDown" if in_head => {
                self.all(".pivot tbody tr").into_iter().next().and_then(|below| at(&below, place + beside_corner(&row)))
            }
            "ArrowDown" => row.next_element_sibling().and_then(|row| at(&row, place)),
            "ArrowUp" if in_head => self.above_head(&cell),
            "ArrowUp" => match row.previous_element_sibling() {
                Some(above) => at(&above, place),
                None => {
                    let head = self.all(".pivot .pivot-values").into_iter().next();
                    head.and_then(|head| at(&head, place.checked_sub(beside_corner(&head))?))
                }
            },
            _ => return false,
        };
        next.as_ref().map(focus);
        true
    }

    /// The head above one in the head, if it can be gone to.
    fn above_head(self, cell: &Element) -> Option<Element> {
        let above = |path: &str| {
            let mut dimensions = dimensions_of(path);
            dimensions.pop()?;
            serde_json::to_string(&dimensions).ok()
        };
        let path = match cell.get_attribute("data-head") {
            // A total stands below what it is the total of.
            Some(path) if cell.class_list().contains("is-total") => path,
            Some(path) => above(&path)?,
            None => cell.get_attribute("data-column")?,
        };
        self.heads("data-head").into_iter().find(|(at, _)| *at == path).map(|(_, head)| head)
    }

    /// What a person looks at first below a head: the head of a column that is of it.
    fn below_head(self, cell: &Element) -> Option<Element> {
        let of = dimensions_of(&cell.get_attribute("data-head")?);
        let is_below = |path: &str| dimensions_of(path).starts_with(&of);
        self.heads("data-column").into_iter().find(|(path, _)| is_below(path)).map(|(_, head)| head)
    }

    /// Heads of columns with their paths, which an attribute has.
    fn heads(self, attribute: &str) -> Vec<(String, Element)> {
        let heads = self.all(&format!(".pivot thead th[{attribute}]"));
        heads.into_iter().filter_map(|head| Some((head.get_attribute(attribute)?, head))).collect()
    }

    /// Does what the key means for a cell; false if it means nothing there.
    fn act(self, target: &Element, key: &str, control: bool, more: bool) -> bool {
        let Some(cell) = target.closest("td, th").ok().flatten() else { return false };
        if cell.tag_name() == "TH" {
            return match key {
                _ if target.tag_name() == "BUTTON" => false,
                "Enter" => self.toggle(&cell) || self.press(&cell, more),
                " " => self.press(&cell, more) || self.toggle(&cell),
                _ => false,
            };
        }
        let Some(place) = place_of(&cell) else { return false };
        match key {
            "Enter" | " " if self.press(&cell, more) => true,
            "Enter" | "F2" => self.begin(place, None),
            "Delete" | "Backspace" if self.may_type(&place) && self.is_leaf(&place) => {
                self.take(&place, "");
                true
            }
            key if !control && key.chars().count() == 1 => self.begin(place, Some(key.to_owned())),
            _ => false,
        }
    }

    pub(super) fn on_double(self, event: &MouseEvent) {
        let cell = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(place) = cell.and_then(|cell| cell.closest("td").ok().flatten()).and_then(|cell| place_of(&cell)) {
            if self.may_type(&place) {
                self.begin(place, None);
            } else if self.tools.has_details() {
                // The first of the two presses has chosen it.
                self.choose_nothing();
                self.tools.look_at_rows();
            }
        }
    }

    /// With Shift a press chooses more, and no text from where one was to where it is.
    pub(super) fn on_down(self, event: &MouseEvent) {
        if event.shift_key() && self.marking.is_followed() {
            event.prevent_default();
        }
    }

    /// A press takes the keyboard there, so that one can go on typing; a finger's second press types.
    pub(super) fn on_click(self, event: &MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let in_button = |target: &Element| target.closest("button, .field-box").ok().flatten().is_some();
        let cell = target.filter(|target| !in_button(target)).and_then(|target| target.closest("td, th").ok().flatten());
        let Some(cell) = cell else { return };
        if event.detail() < 2 {
            self.press(&cell, event.ctrl_key() || event.meta_key() || event.shift_key());
        }
        if cell.tag_name() == "TH" && cell.get_attribute("tabindex").is_none() {
            return;
        }
        focus(&cell);
        let Some(place) = place_of(&cell) else { return };
        let again = self.pressed.with_value(|pressed| pressed.as_ref() == Some(&place));
        self.pressed.set_value(Some(place.clone()));
        let by_finger = || window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|media| media.matches());
        if again && by_finger() {
            self.begin(place, None);
        }
    }

    /// Gives the keyboard back to a head that was opened or closed, once it is drawn.
    pub(super) fn focus_head(self, path: String) {
        request_animation_frame(move || {
            let head = self.heads("data-head").into_iter().find(|(at, _)| *at == path);
            head.map(|(_, head)| focus(&head));
        });
    }

    fn is_open(self, cell: &Element) -> Option<bool> {
        let button = cell.query_selector("button").ok().flatten()?;
        Some(button.get_attribute("aria-expanded")? == "true")
    }

    /// Presses what is in a head; the keyboard stays with its row.
    fn toggle(self, cell: &Element) -> bool {
        let Some(button) = cell.query_selector("button").ok().flatten().and_then(|button| button.dyn_into::<HtmlElement>().ok())
        else {
            return false;
        };
        let row = cell.parent_element().and_then(|row| row.get_attribute("data-row"));
        button.click();
        if let Some(path) = row {
            self.focus_row(path);
        }
        true
    }

    pub(super) fn may_type(self, place: &Place) -> bool {
        let there = self.cube().is_some_and(|cube| cube.at(&place.row, &place.column, place.value).is_some());
        there && self.column(place.value).is_some()
    }

    fn begin(self, place: Place, text: Option<String>) -> bool {
        if !self.may_type(&place) {
            return false;
        }
        if !self.is_leaf(&place) && self.cut.get_untracked() {
            self.tell(words::pivot_whole());
            return true;
        }
        self.typing.set(Some((place, text)));
        true
    }

    /// Takes what was typed into a cell, and goes on.
    pub(super) fn leave(self, place: &Place, text: Option<String>, exit: Exit) {
        if self.typing.with_untracked(Option::is_none) {
            return;
        }
        self.typing.set(None);
        let taken = text.filter(|_| exit != Exit::Cancel).is_none_or(|text| self.take(place, &text));
        let down = taken && matches!(exit, Exit::Enter { back: false });
        if exit != Exit::Away && self.spreading.with_untracked(Option::is_none) {
            self.focus(place, down);
        }
    }

    /// False if there is nothing that it could mean.
    fn take(self, place: &Place, text: &str) -> bool {
        let (Some(cube), Some(column)) = (self.cube(), self.column(place.value)) else { return false };
        let Some(id) = self.id(&cube, place) else {
            let parsed = self.store.locale.with_value(|locale| locale.parse(&locale.as_typed(text, column.format), &column.ty));
            match parsed {
                Ok(total) if total.is_null() => {}
                Ok(total) => self.spreading.set(Spreading::begin(self, place.clone(), &total)),
                Err(error) => self.tell(error.message().clone()),
            }
            return self.spreading.with_untracked(Option::is_some);
        };
        let both = cube.rows.find(&place.row).zip(cube.columns.find(&place.column));
        let Some((table, key)) = both.and_then(|(row, column)| self.key(&cube, row, column)) else { return false };
        let mark = self.store.outbox.marks.with_untracked(|marks| marks.get(&id).cloned());
        // Of a cell that was overtaken what is there now is replaced.
        let was = match &mark {
            Some(Mark::Conflict { conflict, .. }) => conflict.now.clone(),
            _ => untrack(|| self.held(&cube, place)).unwrap_or_default(),
        };
        match read(self.store, &column, text) {
            Ok(value) if value == was => {
                if matches!(mark, Some(Mark::Rejected { .. } | Mark::Conflict { .. })) {
                    self.store.outbox.discard(&id);
                }
            }
            Ok(value) => {
                let cell = CellEdit { column: column.name, value, was, was_seq: None };
                self.store.outbox.submit(vec![Edit::set(table, key, vec![cell])], Origin::Grid);
            }
            Err(message) => self.store.outbox.reject_locally(id, text.to_owned(), message),
        }
        true
    }

    /// Gives the keyboard back to a cell, or the one below it.
    pub(super) fn focus(self, place: &Place, below: bool) {
        let rows = self.all(".pivot tbody tr");
        let Some(row) = rows.iter().position(|row| row.get_attribute("data-row").as_deref() == Some(&place.row)) else { return };
        let row = rows.get(row + usize::from(below)).unwrap_or(&rows[row]);
        let mut cells = (0..row.child_element_count()).filter_map(|i| row.children().item(i));
        let is = |cell: &Element| place_of(cell).is_some_and(|at| at.column == place.column && at.value == place.value);
        cells.find(is).as_ref().map(focus);
    }

    /// Gives it back to a row, once it is drawn anew.
    fn focus_row(self, path: String) {
        request_animation_frame(move || {
            let rows = self.all(".pivot tbody tr");
            let found = rows.iter().find(|row| row.get_attribute("data-row").as_deref() == Some(&path));
            found.and_then(Element::first_element_child).as_ref().map(focus);
        });
    }

    fn all(self, selector: &str) -> Vec<Element> {
        let Some(wrap) = self.frame.get_untracked().and_then(|frame| frame.parent_element()) else { return Vec::new() };
        let Ok(found) = wrap.query_selector_all(selector) else { return Vec::new() };
        (0..found.length()).filter_map(|i| found.item(i)?.dyn_into().ok()).collect()
    }
}

fn focus(cell: &Element) -> bool {
    // A head is pressed by the button in it.
    let inner = if cell.tag_name() == "TH" && cell.get_attribute("tabindex").is_none() {
        cell.query_selector("button").ok().flatten()
    } else {
        None
    };
    let target = inner.unwrap_or_else(|| cell.clone());
    target.dyn_into::<HtmlElement>().is_ok_and(|target| target.focus().is_ok())
}

fn position(cell: &Element) -> u32 {
    let mut place = 0;
    let mut before = cell.previous_element_sibling();
    while let Some(one) = before {
        place += 1;
        before = one.previous_element_sibling();
    }
    place
}

/// How many places of the lines below a line of the head does not have: its corner may stand in a line above.
fn beside_corner(row: &Element) -> u32 {
    u32::from(row.first_element_child().is_none_or(|first| !first.class_list().contains("pivot-corner")))
}

fn at(row: &Element, place: u32) -> Option<Element> {
    row.children().item(place)
}

fn place_of(cell: &Element) -> Option<Place> {
    let row = cell.parent_element()?.get_attribute("data-row")?;
    Some(Place { row, column: cell.get_attribute("data-column")?, value: cell.get_attribute("data-value")?.parse().ok()? })
}
