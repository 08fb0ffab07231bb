//! The way of a batch inside one open transaction, the same for every engine that has transactions over several
//! statements: replay, anchor, compare, write, rules, log.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use model::{BatchOutcome, BatchStatus, CellOutcome, Code, ColumnType, EditMode, Operation, RowOutcome, Value};

use super::bulk::is_told_of_deleted;
use super::judged::{
    After, Before, after_types, before_types, judge, of_row, overtaken, refused_row, row_of, settle, text, told_deleted,
};
use super::{Rows, WarehouseError, bulk};
use crate::sql::{Dialect, Sql};
use crate::writeback::{CompiledBatch, CompiledCell, CompiledEdit, Part, Stamp, Statements, log_text};

/// A connection with an open transaction.
pub(super) trait Connection: Send {
    fn dialect(&self) -> Dialect;

    fn rows<'a>(&'a mut self, sql: &'a Sql, types: &'a [ColumnType]) -> BoxFuture<'a, Result<Rows, WarehouseError>>;

    /// Gives the number of rows that were changed.
    fn change<'a>(&'a mut self, sql: &'a Sql) -> BoxFuture<'a, Result<u64, WarehouseError>>;

    /// Runs statements in their order, in one trip where the engine can; the error comes with the place of the one that failed.
    fn each<'a>(&'a mut self, statements: &'a [Asked]) -> BoxFuture<'a, Result<Vec<Answer>, (usize, WarehouseError)>>;
}

/// A statement, and the types of what it answers.
pub(super) struct Asked {
    pub sql: Sql,
    pub types: Vec<ColumnType>,
}

impl Asked {
    fn new(sql: Sql, types: impl Into<Vec<ColumnType>>) -> Self {
        Self { sql, types: types.into() }
    }
}

#[derive(Default)]
pub(super) struct Answer {
    pub rows: Rows,
    /// How many rows it has changed.
    pub changed: u64,
}

/// Applies one batch inside the open transaction. A refused one and a trial leave traces that the caller rolls back.
/// `statements` are those of a batch of one edit, where somebody has made them already.
pub(super) async fn apply(
    connection: &mut dyn Connection,
    batch: &CompiledBatch,
    mut statements: Option<Statements>,
) -> Result<BatchOutcome, WarehouseError> {
    let mut done = Done { rows: Vec::with_capacity(batch.edits.len()), ..Done::default() };
    let mut before = None;
    if batch.mode != EditMode::Trial {
        let mut asked = vec![known(connection.dialect(), batch)];
        // The row of an only edit comes along.
        if let (Some(sql), [edit]) = (statements.as_ref().and_then(|sql| sql.before.clone()), &batch.edits[..]) {
            asked.push(Asked::new(sql, before_types(edit)));
        }
        let mut answers = connection.each(&asked).await.map_err(|(_, error)| error)?.into_iter();
        let known = answers.next().unwrap_or_default();
        if let Some(outcome) = replay(connection, batch, &known.rows).await? {
            return Ok(outcome);
        }
        before = answers.next().map(|answer| answer.rows);
    }
    let at_once = apply_parts(connection, batch, (statements.take(), before.take()), &mut done).await?;
    let (remembered, mut rows) = (done.remembered, done.in_order());
    if batch.mode == EditMode::Trial {
        // What is in no log has no place in it.
        rows.iter_mut().flat_map(|row| &mut row.cells).for_each(|cell| cell.seq = None);
    }
    let refused = rows.iter().filter(|row| row.is_refused()).count();
    let status = match (refused, batch.mode) {
        (_, EditMode::Trial) => BatchStatus::Tried,
        (0, _) => BatchStatus::Committed,
        (n, EditMode::PerRow) if n < rows.len() => BatchStatus::Partial,
        _ => BatchStatus::Refused,
    };
    if status == BatchStatus::Refused && batch.mode == EditMode::AllOrNothing {
        rows.iter_mut().for_each(RowOutcome::take_back);
    }
    let mut outcome = BatchOutcome { batch_id: batch.stamp.batch_id.clone(), status, replayed: false, rows };
    if let Some(sql) = batch.called().filter(|_| status == BatchStatus::Committed) {
        match connection.change(&sql).await {
            Err(WarehouseError::Raised(refusal)) => refusal.tell(&mut outcome),
            done => drop(done?),
        }
    }
    if outcome.status.is_written() && !remembered {
        remember(connection, &batch.stamp, &outcome, at_once).await?;
    }
    Ok(outcome)
}

/// Applies the edits of a batch, part by part; gives whether none had to be looked at by itself.
async fn apply_parts(
    connection: &mut dyn Connection,
    batch: &CompiledBatch,
    // As of `one_by_one`.
    (mut statements, mut before): (Option<Statements>, Option<Rows>),
    done: &mut Done,
) -> Result<bool, WarehouseError> {
    let mut at_once = true;
    for part in batch.parts() {
        let each = match part {
            Part::Each(edits) => edits,
            Part::Shape(shape) if done.stopped => shape.edits,
            Part::Shape(shape) => match bulk::apply(connection, batch, &shape).await? {
                Some(rows) => {
                    done.rows.extend(rows);
                    continue;
                }
                None => shape.edits,
            },
        };
        at_once = false;
        one_by_one(connection, batch, &each, (statements.take(), before.take()), done).await?;
    }
    Ok(at_once)
}

/// The edits of a batch that is part of another, whose place in the transaction and in the log that one sees to.
pub(super) async fn apply_chunk(
    connection: &mut dyn Connection,
    batch: &CompiledBatch,
) -> Result<Vec<RowOutcome>, WarehouseError> {
    let mut done = Done::default();
    apply_parts(connection, batch, (None, None), &mut done).await?;
    Ok(done.in_order())
}

/// What became of edits so far, by their places in the batch.
#[derive(Default)]
struct Done {
    rows: Vec<(usize, RowOutcome)>,
    /// The engine takes no further statement in this transaction.
    stopped: bool,
    /// The batch was remembered along with its only edit.
    remembered: bool,
}

impl Done {
    fn in_order(mut self) -> Vec<RowOutcome> {
        self.rows.sort_by_key(|(place, _)| *place);
        self.rows.into_iter().map(|(_, row)| row).collect()
    }
}

async fn one_by_one(
    connection: &mut dyn Connection,
    batch: &CompiledBatch,
    edits: &[usize],
    // Of an only edit what somebody has made or asked already.
    (mut statements, mut before): (Option<Statements>, Option<Rows>),
    done: &mut Done,
) -> Result<(), WarehouseError> {
    for place in edits.iter().copied() {
        let edit = &batch.edits[place];
        if done.stopped {
            done.rows.push((place, refused_row(edit, Code::NotApplied)));
            continue;
        }
        if batch.mode.is_per_row() {
            connection.change(&Sql::new("savepoint edit")).await?;
        }
        let unknown = || WarehouseError::Failed("an edit of no table".into());
        let sql = statements.take().or_else(|| batch.statements(edit)).ok_or_else(unknown)?;
        let edit = Placed { batch, place, edit };
        let (row, stopped) = match apply_edit(connection, edit, sql, before.take()).await {
            Ok(row) => (row, false),
            Err(Stop::Refused(row)) => (row, true),
            Err(Stop::Failed(error)) => return Err(error),
        };
        let refused = row.is_refused();
        done.remembered |= edit.is_remembered() && !refused;
        done.rows.push((place, row));
        if batch.mode.is_per_row() {
            if refused {
                connection.change(&Sql::new("rollback to savepoint edit")).await?;
            }
            connection.change(&Sql::new("release savepoint edit")).await?;
        } else {
            done.stopped = stopped;
        }
    }
    Ok(())
}

/// What is known of the batch, if it was applied before.
fn known(dialect: Dialect, batch: &CompiledBatch) -> Asked {
    Asked::new(batch.stamp.known(dialect), [ColumnType::Text, ColumnType::Text])
}

/// The first outcome of a batch that was applied before; its values are read again under today's policy.
async fn replay(
    connection: &mut dyn Connection,
    batch: &CompiledBatch,
    known: &Rows,
) -> Result<Option<BatchOutcome>, WarehouseError> {
    let stamp = &batch.stamp;
    let Some([Value::Text(hash), Value::Text(outcome)]) = known.first().map(Vec::as_slice) else {
        return Ok(None);
    };
    if *hash != stamp.content_hash {
        let rows = batch.edits.iter().map(|edit| refused_row(edit, Code::BatchReused)).collect();
        let batch_id = stamp.batch_id.clone();
        return Ok(Some(BatchOutcome { batch_id, status: BatchStatus::Refused, replayed: true, rows }));
    }
    let mut outcome = match outcome.as_str() {
        "" => logged(connection, batch).await?,
        text => serde_json::from_str(text).map_err(|error| WarehouseError::Failed(format!("stored outcome: {error}")))?,
    };
    outcome.replayed = true;
    for (row, edit) in outcome.rows.iter_mut().zip(&batch.edits) {
        if let Some(sql) = batch.statements(edit) {
            row.values = after(connection, edit, &sql.after).await?.map(|after| after.values).unwrap_or_default();
        }
    }
    Ok(Some(outcome))
}

/// The outcome of a batch that was applied whole, as the log has it.
async fn logged(connection: &mut dyn Connection, batch: &CompiledBatch) -> Result<BatchOutcome, WarehouseError> {
    let mut rows = Vec::with_capacity(batch.edits.len());
    for (i, edit) in batch.edits.iter().enumerate() {
        let mut sql = connection.dialect().on_own("select column_name, seq, row_version from ", "edit_log", " where ");
        of_row(&mut sql, &batch.stamp, edit).push(" and batch_id = ").bind(text(&batch.stamp.batch_id));
        sql.push(" and edit_id = ").bind(place(i)).push(" and issuer = ").bind(text(&batch.stamp.issuer));
        sql.push(" and \"user\" = ").bind(text(&batch.stamp.user));
        let found = connection.rows(&sql, &[ColumnType::Text, ColumnType::Integer, ColumnType::Integer]).await?;
        let (mut version, mut sequences) = (0, BTreeMap::new());
        for row in &found {
            if let [Value::Text(column), Value::Integer(seq), Value::Integer(of_row)] = row.as_slice() {
                sequences.insert(column.as_str(), *seq);
                version = *of_row;
            }
        }
        let cell = |cell: &CompiledCell| {
            let seq = sequences.get(cell.column.as_str()).copied();
            CellOutcome::applied(&cell.column, seq)
        };
        // Of a deleted row the log has what was in it.
        let is_told = |cell: &&CompiledCell| edit.op != Operation::Delete || sequences.contains_key(cell.column.as_str());
        let cells = edit.cells.iter().filter(is_told).map(cell).collect();
        rows.push(row_of(edit, version, cells));
    }
    let batch_id = batch.stamp.batch_id.clone();
    Ok(BatchOutcome { batch_id, status: BatchStatus::Committed, replayed: true, rows })
}

/// Many edits that were applied whole need no outcome of their own: the log has it.
async fn remember(
    connection: &mut dyn Connection,
    stamp: &Stamp,
    outcome: &BatchOutcome,
    at_once: bool,
) -> Result<(), WarehouseError> {
    let text = if at_once && outcome.status == BatchStatus::Committed {
        String::new()
    } else {
        let mut bare = outcome.clone();
        bare.rows.iter_mut().for_each(|row| row.values.clear());
        serde_json::to_string(&bare).map_err(|error| WarehouseError::Failed(error.to_string()))?
    };
    let sql = connection.dialect().insert_own("batch", stamp.remembered(&text));
    connection.change(&sql).await.map(drop)
}

fn place(index: usize) -> Value {
    Value::Integer(i64::try_from(index).unwrap_or(i64::MAX))
}

/// Why an edit ended before its end.
enum Stop {
    /// The warehouse's own policy or constraint: the transaction may take no further statement.
    Refused(RowOutcome),
    Failed(WarehouseError),
}

impl From<WarehouseError> for Stop {
    fn from(error: WarehouseError) -> Self {
        Self::Failed(error)
    }
}

/// An edit in its batch.
#[derive(Clone, Copy)]
struct Placed<'a> {
    batch: &'a CompiledBatch,
    place: usize,
    edit: &'a CompiledEdit,
}

impl Placed<'_> {
    /// Whether all that the batch is known again by is in the log of this edit.
    fn is_remembered(self) -> bool {
        let only = self.batch.edits.len() == 1 && self.batch.mode == EditMode::AllOrNothing;
        only && self.edit.op != Operation::Delete && !self.edit.cells.is_empty()
    }

    /// A row of the log; the answer has its sequence.
    fn log(self, dialect: Dialect, cell: &CompiledCell, old: &Value, version: i64) -> Asked {
        let of_cell = [
            ("edit_id", place(self.place + usize::try_from(self.batch.first).unwrap_or(usize::MAX))),
            ("table_name", text(&self.edit.table)),
            ("row_key", text(&self.edit.row_key)),
            ("operation", text(self.edit.op.as_str())),
            ("column_name", text(&cell.column)),
            ("old_value", log_text(old)),
            ("new_value", cell.value.as_ref().map_or(Value::Null, log_text)),
            ("row_version", Value::Integer(version)),
        ];
        let mut sql = dialect.insert_own("edit_log", self.batch.stamp.columns().into_iter().chain(of_cell));
        sql.push(" returning seq");
        Asked::new(sql, [ColumnType::Integer])
    }
}

async fn apply_edit(
    connection: &mut dyn Connection,
    placed: Placed<'_>,
    sql: Statements,
    before: Option<Rows>,
) -> Result<RowOutcome, Stop> {
    let Placed { batch, edit, .. } = placed;
    let before = match (&sql.before, before) {
        (Some(_), Some(rows)) => Before::of(&rows)?,
        (Some(sql), None) => Before::of(&connection.rows(sql, &before_types(edit)).await?)?,
        (None, _) => Before::none(edit),
    };
    let (version, olds) = match before {
        Before::Refused(code) => return Ok(refused_row(edit, code)),
        Before::Found(version, olds) => (version, olds),
    };
    if edit.op == Operation::Delete && edit.version != Some(version) {
        return Ok(overtaken(connection, &batch.stamp, edit, version).await?);
    }
    let mut row = judge(connection, &batch.stamp, edit, (version, &olds), &[]).await?;
    if row.is_refused() {
        return Ok(row);
    }
    let dialect = connection.dialect();
    let mut asked = vec![Asked::new(sql.write, [])];
    if edit.op != Operation::Delete {
        // What follows from the write goes along; if the row is not as it must be, all of it is taken back.
        asked.push(Asked::new(sql.after, after_types(edit)));
        asked.extend(edit.cells.iter().zip(&olds).map(|(cell, old)| placed.log(dialect, cell, old, row.version)));
        if placed.is_remembered() {
            asked.push(Asked::new(dialect.insert_own("batch", batch.stamp.remembered("")), []));
        }
    }
    let mut answers = match connection.each(&asked).await {
        Err((0, WarehouseError::Rejected(code, text))) => {
            tracing::info!(%text, "the warehouse itself refused a write");
            return Err(Stop::Refused(refused_row(edit, code)));
        }
        Err((0, WarehouseError::NumberTooLarge)) => return Err(Stop::Refused(refused_row(edit, Code::OutOfRange))),
        done => done.map_err(|(_, error)| error)?.into_iter(),
    };
    let written = answers.next().map_or(0, |answer| answer.changed);
    if written != 1 {
        return Ok(refused_row(edit, if written == 0 { Code::RowReadOnly } else { Code::KeyNotUnique }));
    }
    if edit.op == Operation::Delete {
        return Ok(deleted(connection, placed, &olds, row).await?);
    }
    let after = answers.next().and_then(|answer| Some(After::of(edit, answer.rows.first()?)));
    settle(edit, &mut row, version, after);
    if row.is_refused() {
        return Ok(row);
    }
    for (outcome, answer) in row.cells.iter_mut().zip(answers) {
        outcome.seq = Some(sequence(&answer)?);
    }
    Ok(row)
}

/// The row is gone; what was typed into it is in the log and in the answer.
async fn deleted(
    connection: &mut dyn Connection,
    placed: Placed<'_>,
    olds: &[Value],
    mut row: RowOutcome,
) -> Result<RowOutcome, WarehouseError> {
    let cells = &placed.edit.cells;
    told_deleted(placed.edit, olds, &mut row);
    let logged = (0..cells.len()).filter(|i| is_told_of_deleted(olds, *i));
    let dialect = connection.dialect();
    let asked: Vec<Asked> = logged.map(|i| placed.log(dialect, &cells[i], &olds[i], row.version)).collect();
    let answers = connection.each(&asked).await.map_err(|(_, error)| error)?;
    for (cell, answer) in row.cells.iter_mut().zip(&answers) {
        cell.seq = Some(sequence(answer)?);
    }
    Ok(row)
}

/// Of a row of the log.
fn sequence(answer: &Answer) -> Result<i64, WarehouseError> {
    match answer.rows.first().and_then(|row| row.first()) {
        Some(Value::Integer(seq)) => Ok(*seq),
        _ => Err(WarehouseError::Failed("the log gave no sequence".into())),
    }
}

async fn after(connection: &mut dyn Connection, edit: &CompiledEdit, sql: &Sql) -> Result<Option<After>, WarehouseError> {
    let rows = connection.rows(sql, &after_types(edit)).await?;
    Ok(rows.first().map(|row| After::of(edit, row)))
}
