//! Many edits with a few statements for each of their shapes, and the same answers as one edit after the other gives.

use std::collections::HashMap;

use model::{ColumnType, EditMode, Operation, RowOutcome, Value};

use super::judged::{After, Before, after_types, before_types, judge, overtaken, refused_row, settle, told_deleted};
use super::transaction::Connection;
use super::{Rows, WarehouseError};
use crate::sql::Sql;
use crate::writeback::{CompiledBatch, CompiledEdit, Entry, Shape};

/// What becomes of each edit of a shape, by its place in the batch; `None`, and nothing is done, where only one edit after
/// the other can tell, because the warehouse itself objects.
pub(super) async fn apply(
    connection: &mut dyn Connection,
    batch: &CompiledBatch,
    shape: &Shape<'_>,
) -> Result<Option<Vec<(usize, RowOutcome)>>, WarehouseError> {
    connection.change(&Sql::new("savepoint bulk")).await?;
    let rows = match (Bulk { connection: &mut *connection, batch, shape }).apply().await {
        // A constraint or a policy of the warehouse's own: it is told by the other way.
        Err(error @ (WarehouseError::Rejected(..) | WarehouseError::Failed(_) | WarehouseError::NumberTooLarge)) => {
            tracing::info!(%error, edits = shape.edits.len(), "edits are looked at one after the other");
            None
        }
        done => done?,
    };
    if rows.is_none() {
        connection.change(&Sql::new("rollback to savepoint bulk")).await?;
    }
    connection.change(&Sql::new("release savepoint bulk")).await?;
    Ok(rows)
}

struct Bulk<'a> {
    connection: &'a mut dyn Connection,
    batch: &'a CompiledBatch,
    shape: &'a Shape<'a>,
}

/// An edit on its way.
struct Attempt {
    place: usize,
    row: RowOutcome,
    /// Version and edited cells as they were.
    version: i64,
    olds: Vec<Value>,
}

impl Attempt {
    fn entries<'a>(&'a self, edit: &'a CompiledEdit) -> impl Iterator<Item = Entry<'a>> {
        let entry = |(cell, old)| Entry { edit: self.place, cell, old, version: self.row.version };
        let is_logged = |(i, _): &(usize, _)| edit.op != Operation::Delete || is_told_of_deleted(&self.olds, *i);
        edit.cells.iter().zip(&self.olds).enumerate().filter(is_logged).map(move |(_, of_cell)| entry(of_cell))
    }
}

impl Bulk<'_> {
    async fn apply(mut self) -> Result<Option<Vec<(usize, RowOutcome)>>, WarehouseError> {
        let mut attempts = self.judge_all().await?;
        let per_row = self.batch.mode.is_per_row();
        if per_row {
            self.connection.change(&Sql::new("savepoint shape")).await?;
        }
        let Some(all_good) = self.write(&mut attempts).await? else { return Ok(None) };
        if per_row && !all_good {
            // Rows that are not as they must be are written by now; the others once more, without them.
            self.connection.change(&Sql::new("rollback to savepoint shape")).await?;
            if self.write(&mut attempts).await? != Some(true) {
                return Ok(None);
            }
        }
        if self.batch.mode != EditMode::Trial {
            self.log(&mut attempts).await?;
        }
        Ok(Some(attempts.into_iter().map(|attempt| (attempt.place, attempt.row)).collect()))
    }

    /// The edits beside the rows as they are.
    async fn judge_all(&mut self) -> Result<Vec<Attempt>, WarehouseError> {
        let Shape { first, edits, .. } = self.shape;
        let mut found = match self.shape.before() {
            Some(sql) => Some(self.by_edit(&sql, &before_types(first)).await?),
            None => None,
        };
        let last = self.last().await?;
        let mut attempts = Vec::with_capacity(edits.len());
        for place in edits.iter().copied() {
            let edit = &self.batch.edits[place];
            let before = match &mut found {
                Some(found) => Before::of(&found.remove(&place).unwrap_or_default())?,
                None => Before::none(edit),
            };
            attempts.push(match before {
                Before::Refused(code) => Attempt { place, row: refused_row(edit, code), version: 0, olds: Vec::new() },
                Before::Found(version, olds) if edit.op == Operation::Delete && edit.version != Some(version) => {
                    let row = overtaken(&mut *self.connection, &self.batch.stamp, edit, version).await?;
                    Attempt { place, row, version, olds }
                }
                Before::Found(version, olds) => {
                    let last: Vec<Option<i64>> = (0..edit.cells.len()).map(|i| last.get(&(place, i)).copied()).collect();
                    let row = judge(&mut *self.connection, &self.batch.stamp, edit, (version, &olds), &last).await?;
                    Attempt { place, row, version, olds }
                }
            });
        }
        Ok(attempts)
    }

    /// The last sequence of each cell whose person saw one, by the edit's place and the cell's.
    async fn last(&mut self) -> Result<HashMap<(usize, usize), i64>, WarehouseError> {
        let has_seen = |place: &usize| self.batch.edits[*place].cells.iter().any(|cell| cell.was_seq.is_some());
        if !self.shape.edits.iter().any(has_seen) {
            return Ok(HashMap::new());
        }
        let rows =
            self.connection.rows(&self.shape.last(), &[ColumnType::Integer, ColumnType::Integer, ColumnType::Integer]).await?;
        let one = |row: Vec<Value>| match row.as_slice() {
            [Value::Integer(edit), Value::Integer(cell), Value::Integer(seq)] => Some(((at(*edit)?, at(*cell)?), *seq)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(one).collect())
    }

    /// Writes what is good so far, and looks at the rows as they are then: whether they are as they must be. `None` if the
    /// write did not change one row for each edit.
    async fn write(&mut self, attempts: &mut [Attempt]) -> Result<Option<bool>, WarehouseError> {
        let good: Vec<usize> = attempts.iter().filter(|attempt| !attempt.row.is_refused()).map(|attempt| attempt.place).collect();
        if good.is_empty() {
            return Ok(Some(true));
        }
        if self.connection.change(&self.shape.write(&good)).await? != good.len() as u64 {
            return Ok(None);
        }
        if self.shape.first.op == Operation::Delete {
            return Ok(Some(true));
        }
        let mut found = self.by_edit(&self.shape.after(&good), &after_types(self.shape.first)).await?;
        let mut all_good = true;
        for attempt in attempts.iter_mut().filter(|attempt| !attempt.row.is_refused()) {
            let edit = &self.batch.edits[attempt.place];
            let after = found.remove(&attempt.place).and_then(|rows| Some(After::of(edit, rows.first()?)));
            settle(edit, &mut attempt.row, attempt.version, after);
            all_good &= !attempt.row.is_refused();
        }
        Ok(Some(all_good))
    }

    async fn log(&mut self, attempts: &mut [Attempt]) -> Result<(), WarehouseError> {
        let good = attempts.iter().filter(|attempt| !attempt.row.is_refused());
        let entries: Vec<Entry<'_>> = good.flat_map(|attempt| attempt.entries(&self.batch.edits[attempt.place])).collect();
        if entries.is_empty() {
            return Ok(());
        }
        let types = [ColumnType::Integer, ColumnType::Integer, ColumnType::Text];
        let mut sequences = HashMap::new();
        for row in self.connection.rows(&self.shape.log(&entries), &types).await? {
            if let [Value::Integer(seq), Value::Integer(edit), Value::Text(column)] = row.as_slice() {
                let place = edit.unsigned_abs().checked_sub(self.batch.first).and_then(|place| usize::try_from(place).ok());
                sequences.insert((place, column.clone()), *seq);
            }
        }
        for attempt in attempts.iter_mut().filter(|attempt| !attempt.row.is_refused()) {
            if self.shape.first.op == Operation::Delete {
                told_deleted(&self.batch.edits[attempt.place], &attempt.olds, &mut attempt.row);
            }
            for cell in &mut attempt.row.cells {
                let seq = sequences.remove(&(Some(attempt.place), cell.column.clone()));
                cell.seq = Some(seq.ok_or_else(|| WarehouseError::Failed("the log gave no sequence".into()))?);
            }
        }
        Ok(())
    }

    /// Rows by the place of their edit, which is their first column; `types` are those of the others.
    async fn by_edit(&mut self, sql: &Sql, types: &[ColumnType]) -> Result<HashMap<usize, Rows>, WarehouseError> {
        let types: Vec<ColumnType> = std::iter::once(&ColumnType::Integer).chain(types).cloned().collect();
        let mut found: HashMap<usize, Rows> = HashMap::new();
        for mut row in self.connection.rows(sql, &types).await? {
            let place = if let Value::Integer(edit) = row.remove(0) { at(edit) } else { None };
            let place = place.ok_or_else(|| WarehouseError::Failed("a row of no edit".into()))?;
            found.entry(place).or_default().push(row);
        }
        Ok(found)
    }
}

/// Whether a cell of a deleted row is in the log: those that said something, and of a row of blanks the first, so that
/// whoever deletes it is there too.
pub(super) fn is_told_of_deleted(olds: &[Value], i: usize) -> bool {
    !olds[i].is_null() || i == 0 && olds.iter().all(Value::is_null)
}

fn at(place: i64) -> Option<usize> {
    usize::try_from(place).ok()
}
