//! Heads and cells as marks: pressed, they are chosen for other elements to follow.

use leptos::prelude::*;
use model::{Mark, dimensions_of};
use web_sys::Element;

use super::{PivotState, Place};

impl PivotState {
    /// What a row and a column stand for together; of either the whole narrows nothing.
    fn mark(self, row: &str, column: &str) -> Mark {
        Mark { x: dimensions_of(row), to: None, by: dimensions_of(column), set: self.marking.switches() }
    }

    /// What the cell that was pressed last stands for, and its places in words.
    pub(super) fn pressed_mark(self) -> Option<(Mark, String)> {
        let place = self.pressed.get_value()?;
        let mark = self.mark(&place.row, &place.column);
        let said = self.said(&mark);
        Some((mark, said))
    }

    fn said(self, mark: &Mark) -> String {
        let Some(cube) = self.cube() else { return String::new() };
        let rows = self.view.with_value(|view| view.rows);
        let places = mark.x.iter().enumerate().chain(mark.by.iter().enumerate().map(|(i, raw)| (rows + i, raw)));
        places.map(|(i, raw)| self.dimension(&cube, i, raw)).collect::<Vec<_>>().join(" · ")
    }

    /// Whether a head or a cell is of what is chosen, tracked.
    pub(super) fn is_chosen(self, row: &str, column: &str) -> bool {
        self.chosen.with(|marks| {
            !marks.is_empty() && {
                let (x, by) = (dimensions_of(row), dimensions_of(column));
                marks.iter().any(|mark| x.starts_with(&mark.x) && by.starts_with(&mark.by))
            }
        })
    }

    /// Chooses what a head or a cell stands for, beside what is chosen if `more`; false where nothing follows it, and where it is typed
    /// into.
    pub(super) fn press(self, cell: &Element, more: bool) -> bool {
        let Some((row, column)) = self.marking.is_followed().then(|| marked(cell)).flatten() else { return false };
        let typed = cell.get_attribute("data-value").and_then(|value| value.parse().ok());
        if let Some(value) = typed {
            let place = Place { row: row.clone(), column: column.clone(), value };
            if self.may_type(&place) {
                return false;
            }
        }
        let mark = self.mark(&row, &column);
        // The whole is what is there when nothing is chosen.
        let whole = mark.x.is_empty() && mark.by.is_empty();
        if whole {
            return self.choose_nothing();
        }
        let marks = self.marking.toggled(mark, more);
        self.marking.choose(&marks, || marks.iter().map(|mark| self.said(mark)).collect::<Vec<_>>().join(", "));
        true
    }

    /// Takes back what is chosen; false if nothing is.
    pub(super) fn choose_nothing(self) -> bool {
        let chosen = self.marking.is_followed() && self.chosen.with_untracked(|marks| !marks.is_empty());
        if chosen {
            self.marking.choose(&[], String::new);
        }
        chosen
    }
}

/// The paths of a head or a cell.
fn marked(cell: &Element) -> Option<(String, String)> {
    let whole = || "[]".to_owned();
    if let Some(column) = cell.get_attribute("data-head") {
        return Some((whole(), column));
    }
    let row = cell.parent_element()?.get_attribute("data-row")?;
    Some((row, cell.get_attribute("data-column").unwrap_or_else(whole)))
}
