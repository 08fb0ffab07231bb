//! Keys as in Excel and Google Sheets, and the clipboard.

use leptos::ev::{ClipboardEvent, KeyboardEvent};
use leptos::prelude::*;
use model::{ColumnType, Origin, Raw};

use super::clipboard;
use super::geometry::{Cell, ROW_PX, scroll_into};
use super::state::{Editing, GridState};

/// Where to go after an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Stay,
    Down,
    Up,
    Right,
    Left,
}

impl GridState {
    /// Moves the active cell, and the selection with it unless it is being extended.
    pub fn go(self, cell: Cell, extend: bool) {
        let last_row = self.rows.with_untracked(|rows| rows.total.saturating_sub(1));
        let cell = Cell { row: cell.row.min(last_row), col: cell.col.min(self.column_count().saturating_sub(1)) };
        if !extend {
            self.anchor.set(cell);
        }
        self.active.set(Some(cell));
        self.reveal(cell);
    }

    pub fn step(self, step: Step) {
        let Some(Cell { row, col }) = self.active.get_untracked() else {
            return;
        };
        let cell = match step {
            Step::Stay => Cell { row, col },
            Step::Down => Cell { row: row + 1, col },
            Step::Up => Cell { row: row.saturating_sub(1), col },
            Step::Right => Cell { row, col: col + 1 },
            Step::Left => Cell { row, col: col.saturating_sub(1) },
        };
        self.go(cell, false);
    }

    fn reveal(self, cell: Cell) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let (top, width) = (self.viewport.with_untracked(|viewport| viewport.top), f64::from(scroller.client_width()));
        let (row, room) = (cell.row as f64 * ROW_PX, self.track().room);
        if let Some(near) = scroll_into(row, ROW_PX, top, room) {
            // What is far away comes into the middle, with its neighbours.
            let far = (near - top).abs() > 2.0 * room;
            self.scroll_to(if far { (row - (room - ROW_PX) / 2.0).ceil() } else { near.ceil() });
        }
        if cell.col >= self.frozen {
            let widths = self.widths.get_value();
            let frozen: f64 = widths[..self.frozen].iter().sum();
            let start: f64 = widths[self.frozen..cell.col].iter().sum();
            let left = f64::from(scroller.scroll_left());
            if let Some(left) = scroll_into(start, widths[cell.col], left, width - frozen) {
                scroller.set_scroll_left(left.ceil() as i32);
            }
        }
    }

    /// Opens the editor; `typed` replaces what is there, as in a spreadsheet.
    pub fn edit(self, typed: Option<String>) {
        let Some(cell) = self.active.get_untracked() else {
            return;
        };
        if let Some(reason) = self.locked(cell) {
            return self.store.announcement.set(reason);
        }
        let Some(column) = self.column(cell.col) else {
            return;
        };
        let rejected = untrack(|| self.rejected_text(cell));
        let current = || {
            let raw = untrack(|| self.shown(cell)).unwrap_or(Raw::Null);
            self.store.locale.with_value(|locale| locale.edit_text(&raw, &column.ty))
        };
        let text = typed.or(rejected).unwrap_or_else(current);
        let Some(row) = self.rows.with_untracked(|rows| rows.get(cell.row).cloned()) else {
            return;
        };
        self.editing.set(Some(Editing { cell, text, row }));
    }

    /// Closes the editor; `text` is what was typed, `None` to leave the cell as it was.
    pub fn finish(self, text: Option<String>, step: Step) {
        let Some(editing) = self.editing.get_untracked() else {
            return;
        };
        self.editing.set(None);
        if let Some(text) = text {
            self.take(&editing, text);
        }
        self.step(step);
        if let Some(scroller) = self.scroller.get_untracked() {
            let _ = scroller.focus();
        }
    }

    fn clear_selection(self) {
        let Some((from, to)) = untrack(|| self.selection()) else {
            return;
        };
        let cells = (from.row..=to.row).flat_map(|row| (from.col..=to.col).map(move |col| Cell { row, col }));
        let editable = cells.filter(|cell| self.locked(*cell).is_none()).map(|cell| (cell, String::new()));
        self.type_into(editable.collect::<Vec<_>>(), Origin::Grid);
    }

    /// A key on the grid itself, while no editor is open.
    pub fn on_key(self, event: &KeyboardEvent) {
        if self.editing.with_untracked(Option::is_some) || event.is_composing() {
            return;
        }
        let control = event.ctrl_key() || event.meta_key();
        let active = self.active.get_untracked();
        if self.shortcut(event, control) {
            return event.prevent_default();
        }
        let Some(at) = active else {
            if event.key().starts_with("Arrow") {
                event.prevent_default();
                self.go(Cell::default(), false);
            }
            return;
        };
        if let Some(cell) = self.target(event, control, at) {
            event.prevent_default();
            return self.go(cell, event.shift_key() && event.key() != "Tab");
        }
        match event.key().as_str() {
            "Enter" | "F2" => self.edit(None),
            "Escape" => match untrack(|| self.id(at)) {
                Some(id) => self.store.outbox.discard(&id),
                None => self.anchor.set(at),
            },
            "Delete" | "Backspace" => self.clear_selection(),
            " " if self.column(at.col).is_some_and(|column| column.ty == ColumnType::Boolean) => {
                let on = untrack(|| self.shown(at)) == Some(Raw::Bool(true));
                self.type_into([(at, if on { "no" } else { "yes" }.to_owned())], Origin::Grid);
            }
            key if !control && !event.alt_key() && key.chars().count() == 1 => self.edit(Some(key.to_owned())),
            _ => return,
        }
        event.prevent_default();
    }

    fn shortcut(self, event: &KeyboardEvent, control: bool) -> bool {
        match (control, event.key().to_ascii_lowercase().as_str()) {
            (true, "g") => self.going.set(true),
            (true, "z") if event.shift_key() => drop(self.store.outbox.redo()),
            (true, "z") => drop(self.store.outbox.undo()),
            (true, "y") => drop(self.store.outbox.redo()),
            (true, "a") => {
                let last = self.rows.with_untracked(|rows| rows.total.saturating_sub(1));
                self.anchor.set(Cell::default());
                self.active.set(Some(Cell { row: last, col: self.column_count().saturating_sub(1) }));
            }
            _ => return false,
        }
        true
    }

    fn target(self, event: &KeyboardEvent, control: bool, at: Cell) -> Option<Cell> {
        let last_row = self.rows.with_untracked(|rows| rows.total.saturating_sub(1));
        let last_col = self.column_count().saturating_sub(1);
        let page = ((self.viewport.get_untracked().height / ROW_PX) as u64).saturating_sub(2).max(1);
        let Cell { row, col } = at;
        Some(match (event.key().as_str(), control) {
            ("ArrowDown", false) => Cell { row: row + 1, col },
            ("ArrowDown", true) => Cell { row: last_row, col },
            ("ArrowUp", false) => Cell { row: row.saturating_sub(1), col },
            ("ArrowUp", true) => Cell { row: 0, col },
            ("ArrowRight", false) => Cell { row, col: col + 1 },
            ("ArrowRight", true) => Cell { row, col: last_col },
            ("ArrowLeft", false) => Cell { row, col: col.saturating_sub(1) },
            ("ArrowLeft", true) => Cell { row, col: 0 },
            ("PageDown", _) => Cell { row: row + page, col },
            ("PageUp", _) => Cell { row: row.saturating_sub(page), col },
            ("Home", false) => Cell { row, col: 0 },
            ("Home", true) => Cell::default(),
            ("End", false) => Cell { row, col: last_col },
            ("End", true) => Cell { row: last_row, col: last_col },
            // At the end of a row Tab leaves the grid, so that nobody is caught in it.
            ("Tab", _) if event.shift_key() && col > 0 => Cell { row, col: col - 1 },
            ("Tab", _) if !event.shift_key() && col < last_col => Cell { row, col: col + 1 },
            _ => return None,
        })
    }

    /// Copies the selection and empties what of it can be typed into.
    pub fn on_cut(self, event: &ClipboardEvent) {
        if self.on_copy(event) && self.table.with_value(Option::is_some) {
            self.clear_selection();
        }
    }

    /// Puts the selection on the clipboard, numbers at full precision; false if there was nothing to put there.
    pub fn on_copy(self, event: &ClipboardEvent) -> bool {
        let Some((from, to)) = untrack(|| self.selection()).filter(|_| self.editing.with_untracked(Option::is_none)) else {
            return false;
        };
        let text = |cell: Cell| {
            let (raw, column) = (untrack(|| self.shown(cell)).unwrap_or(Raw::Null), self.column(cell.col)?);
            Some(self.store.locale.with_value(|locale| locale.edit_text(&raw, &column.ty)))
        };
        let row = |row| (from.col..=to.col).map(|col| text(Cell { row, col }).unwrap_or_default()).collect();
        let rows: Vec<Vec<String>> = (from.row..=to.row).map(row).collect();
        let copied = event.clipboard_data().is_some_and(|data| data.set_data("text/plain", &clipboard::write(&rows)).is_ok());
        if copied {
            event.prevent_default();
            self.store.announcement.set(format!("Copied {} {}.", rows.len(), if rows.len() == 1 { "row" } else { "rows" }));
        }
        copied
    }

    /// Takes a block from the clipboard, from the selection's first cell on, as one batch.
    pub fn on_paste(self, event: &ClipboardEvent) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let (Some((from, to)), Some(data)) = (untrack(|| self.selection()), event.clipboard_data()) else {
            return;
        };
        let block = clipboard::read(&data.get_data("text/plain").unwrap_or_default());
        event.prevent_default();
        // One cell on a selection of many fills them all.
        let texts: Vec<(Cell, String)> = match block.as_slice() {
            [row] if row.len() == 1 => {
                let cells = (from.row..=to.row).flat_map(|row| (from.col..=to.col).map(move |col| Cell { row, col }));
                cells.map(|cell| (cell, row[0].clone())).collect()
            }
            rows => {
                let place = |(r, row): (usize, &Vec<String>)| -> Vec<(Cell, String)> {
                    let cell = |c| Cell { row: from.row + r as u64, col: from.col + c };
                    row.iter().enumerate().map(|(c, text)| (cell(c), text.clone())).collect()
                };
                rows.iter().enumerate().flat_map(place).collect()
            }
        };
        self.type_into(texts, Origin::Paste);
    }

    /// What was typed into a cell and refused, so that its person can mend it instead of typing it again.
    fn rejected_text(self, cell: Cell) -> Option<String> {
        let id = self.id(cell)?;
        self.store.outbox.marks.with(|marks| match marks.get(&id) {
            Some(crate::client::Mark::Rejected { typed, .. }) => Some(typed.clone()),
            _ => None,
        })
    }
}
