//! Undo and redo: each edit of one's own that was committed is kept as the edit that takes it back.

use std::collections::HashMap;

use leptos::prelude::*;
use model::{Batch, BatchOutcome, CellEdit, CellOutcome, Edit, Operation, Origin, Raw, RowOutcome};
use words::Message;

use super::{CellId, Outbox};

impl Outbox {
    pub(super) fn remember(self, batch: &Batch, outcome: &BatchOutcome) {
        // A form is sent for good.
        if batch.origin == Origin::Form {
            return;
        }
        match batch.origin {
            Origin::Undo => self.undo.update(|stack| stands_again(stack, batch, outcome)),
            Origin::Redo => self.redo.update(|stack| stands_again(stack, batch, outcome)),
            _ => {}
        }
        for stack in [self.undo, self.redo] {
            stack.update(|stack| follows(stack, outcome));
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

/// What an undo has put back is what the edit before it had left: that one can be taken back now, although the cell's last edit
/// is the undo.
fn stands_again(stack: &mut [Vec<Edit>], batch: &Batch, outcome: &BatchOutcome) {
    let mut put_back: HashMap<CellId, (&Raw, Option<i64>)> = HashMap::new();
    for (edit, row) in batch.edits.iter().zip(&outcome.rows).filter(|(_, row)| !row.is_refused()) {
        let cells = edit.cells.iter().zip(&row.cells);
        put_back.extend(cells.map(|(cell, told)| (CellId::new(&edit.table, &edit.key, &cell.column), (&cell.value, told.seq))));
    }
    for known in stack.iter_mut().rev().flatten() {
        for cell in &mut known.cells {
            // Only the latest edit of a cell is what was put back.
            let found = put_back.remove(&CellId::new(&known.table, &known.key, &cell.column));
            if let Some((_, seq)) = found.filter(|(value, _)| **value == cell.was) {
                cell.was_seq = seq;
            }
        }
    }
}

/// A row that one has added oneself, and that nobody else has changed since, can still be taken away.
fn follows(stack: &mut [Vec<Edit>], outcome: &BatchOutcome) {
    let mut added = stack.iter_mut().flatten().filter(|known| known.version.is_some()).peekable();
    if added.peek().is_none() {
        return;
    }
    let id = |table: &str, key: &[Raw]| CellId::new(table, key, "");
    let rows = outcome.rows.iter().filter(|row| !row.is_refused());
    let after: HashMap<CellId, i64> = rows.map(|row| (id(&row.table, &row.key), row.version)).collect();
    for known in added {
        let after = after.get(&id(&known.table, &known.key)).copied();
        if after.is_some_and(|after| known.version == Some(after - 1)) {
            known.version = after;
        }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(value: Raw, was: Raw, was_seq: i64) -> Edit {
        let cell = CellEdit { column: "amount".into(), value, was, was_seq: Some(was_seq) };
        Edit::set("plan", vec![json!("A")], vec![cell])
    }

    fn done(edits: Vec<Edit>, seq: i64, version: i64) -> (Batch, BatchOutcome) {
        let cells = |edit: &Edit| edit.cells.iter().map(|cell| CellOutcome::applied(&cell.column, Some(seq))).collect();
        let rows = edits.iter().map(|edit| RowOutcome::applied((edit.table.clone(), edit.key.clone()), version, cells(edit)));
        let outcome =
            BatchOutcome { batch_id: "b".into(), status: model::BatchStatus::Committed, replayed: false, rows: rows.collect() };
        let batch = Batch {
            batch_id: "b".into(),
            workbook: "w".into(),
            edits,
            mode: model::EditMode::default(),
            origin: Origin::Undo,
            reason: None,
            form: None,
        };
        (batch, outcome)
    }

    #[test]
    fn what_an_undo_puts_back_can_be_undone_in_turn() {
        // Typed 1, then 2: the first undo puts 1 back, as edit 12.
        let mut stack = vec![vec![set(Raw::Null, json!(1), 10)]];
        let (batch, outcome) = done(vec![set(json!(1), json!(2), 11)], 12, 3);
        stands_again(&mut stack, &batch, &outcome);
        assert_eq!(stack[0][0].cells[0].was_seq, Some(12));
        // What was put back is somebody else's value: the edit before that stays as it is, and will be refused.
        let mut stack = vec![vec![set(Raw::Null, json!(7), 10)]];
        stands_again(&mut stack, &batch, &outcome);
        assert_eq!(stack[0][0].cells[0].was_seq, Some(10));
    }

    #[test]
    fn only_the_latest_edit_of_a_cell_stands_again() {
        let mut stack = vec![vec![set(Raw::Null, json!(1), 8)], vec![set(json!(1), json!(1), 10)]];
        let (batch, outcome) = done(vec![set(json!(1), json!(2), 11)], 12, 3);
        stands_again(&mut stack, &batch, &outcome);
        assert_eq!((stack[0][0].cells[0].was_seq, stack[1][0].cells[0].was_seq), (Some(8), Some(12)));
    }

    #[test]
    fn a_row_of_ones_own_is_followed_until_somebody_else_changes_it() {
        let mut stack = vec![vec![Edit::delete("plan", vec![json!("A")], 1)]];
        for (version, expect) in [(2, 2), (3, 3), (5, 3)] {
            follows(&mut stack, &done(vec![set(json!(1), json!(2), 11)], 12, version).1);
            assert_eq!(stack[0][0].version, Some(expect));
        }
    }
}
