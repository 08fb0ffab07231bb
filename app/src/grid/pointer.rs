//! The mouse on cells: a press goes there, a drag extends the selection.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::geometry::Cell;
use super::state::GridState;

/// The cell under the pointer, by its place in the grid as assistive technology knows it.
fn cell_of(event: &MouseEvent) -> Option<Cell> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let cell = target.closest("[role=gridcell]").ok()??;
    let row = cell.closest("[role=row]").ok()??;
    let number = |element: &Element, name| element.get_attribute(name)?.parse::<u64>().ok();
    let (row, col) = (number(&row, "aria-rowindex")?, number(&cell, "aria-colindex")?);
    Some(Cell { row: row.checked_sub(2)?, col: usize::try_from(col.checked_sub(1)?).ok()? })
}

impl GridState {
    pub fn on_press(self, event: &MouseEvent) {
        if let Some(cell) = cell_of(event).filter(|_| event.button() == 0) {
            self.go(cell, event.shift_key());
        }
    }

    /// Dragging with the button held extends the selection.
    pub fn on_drag(self, event: &MouseEvent) {
        if event.buttons() != 1 || self.active.with_untracked(Option::is_none) {
            return;
        }
        if let Some(cell) = cell_of(event) {
            self.active.set(Some(cell));
        }
    }
}
