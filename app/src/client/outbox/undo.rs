//! Undo and redo: each edit of one's own that was committed is kept as the edit that takes it back.

use leptos::prelude::*;
use model::{Batch, BatchOutcome, CellEdit, CellOutcome, Edit, Operation, Origin, Raw, RowOutcome};
use words::Message;

use super::Outbox;

impl Outbox {
    pub(super) fn remember(self, batch: &Batch, outcome: &BatchOutcome) {
        // A form is sent for good.
        if batch.origin == Origin::Form {
            return;
        }
        let mut back: Vec<Edit> = batch.edits.iter().zip(&outcome.rows).filter_map(|(edit, row)| reversal(edit, row)).collect();
        let continued = self.inner.try_update_value(|inner| inner.continued.remove(&batch.batch_id)) == Some(true);
        if back.is_empty() {
            return;
        }
        let stack = if batch.origin == Origin::Undo { self.redo } else { self.undo };
        stack.update(|stack| match stack.last_mut().filter(|_| continued) {
            Some(last) => last.append(&mut back),
            None => stack.push(back),
        });
        if !matches!(batch.origin, Origin::Undo | Origin::Redo) {
            self.redo.update(Vec::clear);
        }
    }

    /// What could not be taken back is said, with who has changed it since; the other cells of its row still are.
    pub(super) fn go_on(self, batch: &Batch, outcome: &BatchOutcome) {
        let refused: Vec<(&Edit, &RowOutcome)> =
            batch.edits.iter().zip(&outcome.rows).filter(|(_, row)| row.is_refused()).collect();
        if refused.is_empty() {
            return;
        }
        let left = left(&refused);
        let words = if batch.origin == Origin::Redo { words::redone_but(left) } else { words::undone_but(left) };
        self.state.update(|state| state.note = Some(words.clone()));
        let rest = |(edit, row): &(&Edit, &RowOutcome)| {
            let fits = |cell: &&CellEdit| row.cells.iter().any(|told| told.column == cell.column && told.code.is_none());
            let cells: Vec<CellEdit> = edit.cells.iter().filter(fits).cloned().collect();
            (row.code.is_none() && !cells.is_empty()).then(|| Edit { cells, ..(*edit).clone() })
        };
        let rest: Vec<Edit> = refused.iter().filter_map(rest).collect();
        if !rest.is_empty() {
            let first = batch.edits.len() == refused.len();
            let id = self.submit(rest, batch.origin);
            self.inner.update_value(|inner| inner.continued.extend((!first).then_some(id)));
            self.state.update(|state| state.note = Some(words));
        }
    }

    /// Takes back the last batch of one's own, as a new batch; false if there is none.
    pub fn undo(self) -> bool {
        self.reverse(self.undo, Origin::Undo)
    }

    pub fn redo(self) -> bool {
        self.reverse(self.redo, Origin::Redo)
    }

    fn reverse(self, stack: RwSignal<Vec<Vec<Edit>>>, origin: Origin) -> bool {
        let waits = self.inner.try_update_value(|inner| {
            let waits = !inner.queue.is_empty();
            inner.reversals.extend(waits.then_some(origin));
            waits
        });
        if waits == Some(true) {
            return true;
        }
        let Some(last) = stack.try_update(Vec::pop).flatten() else {
            return false;
        };
        self.submit(last, origin);
        true
    }
}

/// What takes an edit back that was applied; a new row goes, a deleted one is added again with what was in it.
fn reversal(edit: &Edit, row: &RowOutcome) -> Option<Edit> {
    if row.is_refused() {
        return None;
    }
    let table = edit.table.clone();
    Some(match edit.op {
        Operation::Set => {
            let back = |(cell, told): (&CellEdit, &CellOutcome)| CellEdit {
                column: cell.column.clone(),
                value: cell.was.clone(),
                was: cell.value.clone(),
                was_seq: told.seq,
            };
            Edit::set(table, edit.key.clone(), edit.cells.iter().zip(&row.cells).map(back).collect())
        }
        Operation::Insert => Edit::delete(table, row.key.clone(), row.version),
        Operation::Delete => {
            let cell = |(column, value): (&String, &Raw)| CellEdit::new(column, value.clone());
            Edit::insert(table, Vec::new(), row.values.iter().map(cell).collect())
        }
    })
}

/// What of a batch was left as it is, and whose it is.
fn left(refused: &[(&Edit, &RowOutcome)]) -> Message {
    let told: Vec<&CellOutcome> = refused.iter().flat_map(|(_, row)| &row.cells).filter(|cell| cell.code.is_some()).collect();
    let by: Vec<&str> = told.iter().filter_map(|cell| cell.conflict.as_ref()?.by.as_deref()).collect();
    let number = if told.is_empty() { words::count_rows(refused.len()) } else { words::count_cells(told.len()) };
    match by.first() {
        Some(name) if by.iter().all(|other| other == name) => words::left_to(number, *name),
        Some(_) => words::left_to_others(number),
        None => match refused.iter().find_map(|(_, row)| row.told()).filter(|_| told.is_empty()) {
            Some(message) => words::left_because(number, message),
            None => words::left_alone(number),
        },
    }
}
