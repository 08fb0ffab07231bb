//! Copy, cut and paste.

use leptos::ev::ClipboardEvent;
use leptos::prelude::*;
use model::Raw;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DataTransfer, window};

use super::clipboard::{self, Shown};
use super::geometry::Cell;
use super::keys::Command;
use super::load::Loaded;
use super::state::GridState;

/// What happens to the selection after it was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Keep,
    Clear,
}

impl GridState {
    /// Puts the selection on the clipboard: as text with all digits for spreadsheets, as a table for mails and documents.
    pub fn on_copy(self, event: &ClipboardEvent) {
        self.copy(event, Then::Keep);
    }

    /// Copies the selection and empties what of it can be typed into.
    pub fn on_cut(self, event: &ClipboardEvent) {
        self.copy(event, if self.table.with_value(Option::is_some) { Then::Clear } else { Then::Keep });
    }

    fn copy(self, event: &ClipboardEvent, then: Then) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let Some(rectangles) = self.selected() else { return };
        let [(from, to)] = rectangles[..] else {
            return self.tell(words::copy_one_range());
        };
        event.prevent_default();
        let data = event.clipboard_data();
        let here = self.rows.with_untracked(|rows| (from.row..=to.row).all(|row| rows.get(row).is_some()));
        self.with_rows(rectangles, move |state, rows| {
            if here {
                let copied = data.is_some_and(|data| state.put(&data, &rows, (from, to)));
                state.copied(copied, to.row - from.row + 1, then);
            } else {
                // The event is over by now; the browser takes text all the same, as long as the person has just pressed a key.
                let text = state.plain(&rows, (from, to));
                spawn_local(async move {
                    let Some(clipboard) = window().map(|window| window.navigator().clipboard()) else { return };
                    let copied = JsFuture::from(clipboard.write_text(&text)).await.is_ok();
                    state.copied(copied, to.row - from.row + 1, then);
                });
            }
        });
    }

    fn copied(self, copied: bool, rows: u64, then: Then) {
        if !copied {
            return self.tell(words::copy_denied());
        }
        self.store.announce(words::copied_rows(rows));
        if then == Then::Clear {
            self.execute(Command::Clear);
        }
    }

    fn plain(self, rows: &Loaded, (from, to): (Cell, Cell)) -> String {
        let line = |row| (from.col..=to.col).map(|col| self.text_of(rows, Cell { row, col })).collect();
        clipboard::write(&(from.row..=to.row).map(line).collect::<Vec<_>>())
    }

    fn put(self, data: &DataTransfer, rows: &Loaded, (from, to): (Cell, Cell)) -> bool {
        let shown = |cell: Cell| {
            let raw = rows.get(cell.row).map_or(Raw::Null, |row| untrack(|| self.shown_in(row, cell.col)));
            self.columns.with_value(|columns| {
                let column = &columns[cell.col];
                let text = self.store.show(&raw, column);
                let number = column.ty.is_numeric().then(|| raw.as_str().map_or_else(|| raw.to_string(), str::to_owned));
                Shown { text, number: number.filter(|_| !raw.is_null()) }
            })
        };
        let line = |row| (from.col..=to.col).map(|col| shown(Cell { row, col })).collect();
        let table = clipboard::table(&(from.row..=to.row).map(line).collect::<Vec<_>>());
        data.set_data("text/plain", &self.plain(rows, (from, to))).is_ok() && data.set_data("text/html", &table).is_ok()
    }

    /// Takes a block from the clipboard, from the selection's first cell on, as one batch.
    pub fn on_paste(self, event: &ClipboardEvent) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let Some(data) = event.clipboard_data() else { return };
        event.prevent_default();
        if self.table.with_value(Option::is_none) {
            return self.tell(words::table_read_only());
        }
        self.paste(&data.get_data("text/plain").unwrap_or_default());
    }
}
