//! One's own values, sent again over those of whoever was faster.

use leptos::prelude::*;
use model::{CellEdit, Edit, Origin, Raw};

use super::{CellId, Mark, Outbox};

impl Outbox {
    /// Sends the values of overtaken cells again, this time knowing what they replace: as one batch, if they are several.
    pub fn insist(self, ids: &[CellId]) {
        let mut edits: Vec<Edit> = Vec::new();
        for id in ids {
            let mark = self.marks.with_untracked(|marks| marks.get(id).cloned());
            let Some(Mark::Conflict { value, conflict, .. }) = mark else { continue };
            self.discard(id);
            let key: Vec<Raw> = serde_json::from_str(&id.key).unwrap_or_default();
            let cell = CellEdit { column: id.column.clone(), value, was: conflict.now, was_seq: None };
            match edits.iter_mut().find(|edit| edit.key == key) {
                Some(edit) => edit.cells.push(cell),
                None => edits.push(Edit::set(&id.table, key, vec![cell])),
            }
        }
        if !edits.is_empty() {
            self.submit(edits, Origin::Grid);
        }
    }
}
