//! Copy, cut and paste of blocks of cells.

use leptos::ev::ClipboardEvent;
use leptos::prelude::*;
use model::Origin;

use super::clipboard;
use super::commands::cells_of;
use super::geometry::Cell;
use super::state::GridState;

impl GridState {
    /// Copies the selection and empties what of it can be typed into.
    pub fn on_cut(self, event: &ClipboardEvent) {
        if self.on_copy(event) && self.table.with_value(Option::is_some) {
            self.execute(super::keys::Command::Clear);
        }
    }

    /// Puts the selection on the clipboard, numbers at full precision; false if there was nothing to put there.
    pub fn on_copy(self, event: &ClipboardEvent) -> bool {
        if self.editing.with_untracked(Option::is_some) {
            return false;
        }
        let Some(rectangles) = self.selected() else { return false };
        let [(from, to)] = rectangles[..] else {
            self.notice.set(Some("Copy takes one range at a time.".into()));
            return false;
        };
        let Some(data) = event.clipboard_data() else { return false };
        event.prevent_default();
        let copied = RwSignal::new(false);
        self.with_rows(rectangles, move |state, rows| {
            let line = |row| (from.col..=to.col).map(|col| state.text_of(&rows, Cell { row, col })).collect();
            let lines: Vec<Vec<String>> = (from.row..=to.row).map(line).collect();
            copied.set(data.set_data("text/plain", &clipboard::write(&lines)).is_ok());
            let words = if lines.len() == 1 { "row" } else { "rows" };
            state.store.announcement.set(format!("Copied {} {words}.", lines.len()));
        });
        copied.get_untracked()
    }

    /// Takes a block from the clipboard, from the selection's first cell on, as one batch.
    pub fn on_paste(self, event: &ClipboardEvent) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let (Some(rectangles), Some(data)) = (self.selected(), event.clipboard_data()) else {
            return;
        };
        let block = clipboard::read(&data.get_data("text/plain").unwrap_or_default());
        event.prevent_default();
        // One cell on a selection of many fills them all.
        let texts: Vec<(Cell, String)> = match block.as_slice() {
            [row] if row.len() == 1 => rectangles.into_iter().flat_map(cells_of).map(|cell| (cell, row[0].clone())).collect(),
            rows => {
                let from = rectangles[0].0;
                let place = |(r, row): (usize, &Vec<String>)| -> Vec<(Cell, String)> {
                    let cell = |c| Cell { row: from.row + r as u64, col: from.col + c };
                    row.iter().enumerate().map(|(c, text)| (cell(c), text.clone())).collect()
                };
                rows.iter().enumerate().flat_map(place).collect()
            }
        };
        self.type_into(texts, Origin::Paste);
    }
}
