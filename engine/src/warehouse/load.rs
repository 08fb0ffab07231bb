//! What comes in chunks, inside one open transaction: a file's lines find their rows, and what they change goes the way of any
//! batch. The caller commits, unless it was a trial.

use std::collections::HashMap;

use model::{CellError, Code, ColumnType, ImportOutcome, RefusedCell, RowOutcome, Value};
use tokio::sync::mpsc;

use super::judged::{Before, before_types};
use super::transaction::{Connection, apply_chunk};
use super::{Rows, WarehouseError};
use crate::writeback::{Chunk, CompiledBatch, CompiledEdit, Finds, Line, Load, Refused, Tally};

/// A load, and what it is fed with.
#[derive(Debug)]
pub struct LoadJob {
    pub load: Load,
    pub chunks: mpsc::Receiver<Chunk>,
    pub tally: Tally,
}

/// Rows that one statement looks at.
const MOST_AT_ONCE: usize = 1_000;

/// # Errors
/// The warehouse's; `Unavailable` if the chunks end before their end, or if nobody hears any more what became of them.
pub(super) async fn load(connection: &mut dyn Connection, job: &mut LoadJob) -> Result<ImportOutcome, WarehouseError> {
    if let Some(outcome) = replayed(connection, job).await? {
        return Ok(outcome);
    }
    let from = last(connection, &job.load).await?;
    let edited_since = edited_since(connection, &job.load).await?;
    let mut running = Running { connection, job, edited_since, edits: 0 };
    loop {
        match running.job.chunks.recv().await {
            None => return Err(WarehouseError::Unavailable("the file ended before its end".into())),
            Some(Chunk::End) => break,
            Some(Chunk::Lines { lines, refused, bytes }) => running.lines(lines, refused, bytes).await?,
            Some(Chunk::Edits(edits)) => running.edits(edits).await?,
        }
        let told = running.job.tally.tell().await;
        told.map_err(|_| WarehouseError::Unavailable("whoever loaded it has gone".into()))?;
    }
    let Running { connection, job, .. } = running;
    let as_of = last(connection, &job.load).await?;
    let outcome = job.tally.done(&job.load, (from, as_of));
    if !job.load.trial {
        let text = serde_json::to_string(&outcome).map_err(|error| WarehouseError::Failed(error.to_string()))?;
        let sql = connection.dialect().insert_own("batch", job.load.stamp.remembered(&text));
        connection.change(&sql).await?;
    }
    Ok(outcome)
}

/// The last sequence of the log.
async fn last(connection: &mut dyn Connection, load: &Load) -> Result<i64, WarehouseError> {
    let rows = connection.rows(&load.last(), &[ColumnType::Integer]).await?;
    Ok(if let Some([Value::Integer(seq)]) = rows.first().map(Vec::as_slice) { *seq } else { 0 })
}

/// The first outcome of what was loaded before.
async fn replayed(connection: &mut dyn Connection, job: &LoadJob) -> Result<Option<ImportOutcome>, WarehouseError> {
    if job.load.trial {
        return Ok(None);
    }
    let sql = job.load.stamp.known(connection.dialect());
    let rows = connection.rows(&sql, &[ColumnType::Text, ColumnType::Text]).await?;
    let Some([Value::Text(hash), Value::Text(outcome)]) = rows.first().map(Vec::as_slice) else { return Ok(None) };
    if *hash != job.load.stamp.content_hash {
        return Err(WarehouseError::Rejected(Code::BatchReused, "a load".into()));
    }
    let outcome = serde_json::from_str(outcome).map_err(|error| WarehouseError::Failed(format!("stored outcome: {error}")))?;
    Ok(Some(ImportOutcome { replayed: true, ..outcome }))
}

/// Who has edited a cell, by row key and column.
type EditedSince = HashMap<(String, String), String>;

/// What was edited after the trial that was looked at.
async fn edited_since(connection: &mut dyn Connection, load: &Load) -> Result<EditedSince, WarehouseError> {
    let Some(sql) = load.edited_since() else { return Ok(EditedSince::new()) };
    let rows = connection.rows(&sql, &[ColumnType::Text, ColumnType::Text, ColumnType::Text]).await?;
    let texts = |row: Vec<Value>| match <[Value; 3]>::try_from(row).ok()? {
        [Value::Text(row), Value::Text(column), Value::Text(by)] => Some(((row, column), by)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(texts).collect())
}

struct Running<'a> {
    connection: &'a mut dyn Connection,
    job: &'a mut LoadJob,
    edited_since: EditedSince,
    /// How many have come before.
    edits: u64,
}

impl Running<'_> {
    async fn lines(&mut self, lines: Vec<Line>, refused: Vec<Refused>, bytes: u64) -> Result<(), WarehouseError> {
        self.job.tally.read_to(bytes);
        let mut found = self.find(&lines).await?;
        let (mut edits, mut told) = (Vec::with_capacity(lines.len()), refused);
        for (i, mut line) in lines.into_iter().enumerate() {
            match found.remove(&i).unwrap_or(Found::New) {
                Found::Several => told.push(refusal(line, Code::KeyNotUnique)),
                Found::One(key) => edits.extend(self.job.load.edit(&mut line, Some(key)).map(|edit| (line, edit))),
                Found::New => edits.extend(self.job.load.edit(&mut line, None).map(|edit| (line, edit))),
            }
        }
        // Those of one kind first, so that each kind is of one shape.
        let (sets, inserts): (Vec<_>, Vec<_>) = edits.into_iter().partition(|(_, edit)| edit.op == model::Operation::Set);
        let mut changing = self.compare(sets, &mut told).await?;
        changing.extend(inserts);
        let (lines, edits): (Vec<Line>, Vec<CompiledEdit>) = changing.into_iter().unzip();
        let (batch, rows) = self.apply(edits).await?;
        for ((line, edit), row) in lines.into_iter().zip(&batch.edits).zip(rows) {
            if row.is_refused() {
                let why = why(&row, |column| self.job.load.text_of(&line, column));
                told.push(Refused { number: line.number, texts: line.texts, why });
            } else {
                let changed = edit.cells.iter().filter(|cell| cell.value.as_ref().is_ok_and(|value| *value != cell.was));
                self.job.tally.changed(line.number, edit, changed.count() as u64);
            }
        }
        told.sort_by_key(|refused| refused.number);
        told.into_iter().for_each(|Refused { number, texts, why }| self.job.tally.refuse(number, texts, why));
        Ok(())
    }

    async fn edits(&mut self, edits: Vec<CompiledEdit>) -> Result<(), WarehouseError> {
        let (batch, rows) = self.apply(edits).await?;
        for (edit, row) in batch.edits.iter().zip(rows) {
            let number = self.job.tally.outcome.lines() + 1;
            if row.is_refused() {
                self.job.tally.refuse(number, csv::StringRecord::new(), why(&row, |_| String::new()));
            } else {
                self.job.tally.changed(number, edit, row.cells.len() as u64);
            }
        }
        Ok(())
    }

    async fn apply(&mut self, edits: Vec<CompiledEdit>) -> Result<(CompiledBatch, Vec<RowOutcome>), WarehouseError> {
        let batch = self.job.load.batch(edits, self.edits);
        self.edits += batch.edits.len() as u64;
        let rows = if batch.edits.is_empty() { Vec::new() } else { apply_chunk(self.connection, &batch).await? };
        Ok((batch, rows))
    }

    /// The rows of lines, by their places.
    async fn find(&mut self, lines: &[Line]) -> Result<HashMap<usize, Found>, WarehouseError> {
        let load = &self.job.load;
        let columns = match load.finds() {
            Finds::Key => return Ok(lines.iter().map(|line| Found::One(line.key.clone())).enumerate().collect()),
            Finds::Nothing => return Ok(HashMap::new()),
            Finds::Columns(_) => load.input().map(|input| (load.find(input, lines), &input.key)),
        };
        let Some((statements, key)) = columns else { return Ok(HashMap::new()) };
        let types: Vec<ColumnType> = std::iter::once(&ColumnType::Integer).chain(key.iter().map(|(_, ty)| ty)).cloned().collect();
        let mut found = HashMap::new();
        for sql in statements {
            for mut row in self.connection.rows(&sql, &types).await? {
                let key = row.split_off(1);
                if let Some(Value::Integer(place)) = row.first()
                    && let Ok(place) = usize::try_from(*place)
                {
                    found.entry(place).and_modify(|found| *found = Found::Several).or_insert(Found::One(key));
                }
            }
        }
        Ok(found)
    }

    /// Lines beside the rows that they change: what is the same already falls away.
    async fn compare(
        &mut self,
        mut sets: Vec<(Line, CompiledEdit)>,
        told: &mut Vec<Refused>,
    ) -> Result<Vec<(Line, CompiledEdit)>, WarehouseError> {
        let mut changing = Vec::with_capacity(sets.len());
        while !sets.is_empty() {
            let rest = sets.split_off(sets.len().min(MOST_AT_ONCE));
            let (lines, edits): (Vec<Line>, Vec<CompiledEdit>) = std::mem::replace(&mut sets, rest).into_iter().unzip();
            let batch = self.job.load.batch(edits, 0);
            let mut before = self.before(&batch).await?;
            for ((i, line), mut edit) in lines.into_iter().enumerate().zip(batch.edits) {
                match Before::of(&before.remove(&i).unwrap_or_default())? {
                    Before::Refused(code) => told.push(refusal(line, code)),
                    Before::Found(_, olds) => {
                        self.strip(&mut edit, olds);
                        if edit.cells.is_empty() {
                            self.job.tally.unchanged();
                        } else {
                            changing.push((line, edit));
                        }
                    }
                }
            }
        }
        Ok(changing)
    }

    async fn before(&mut self, batch: &CompiledBatch) -> Result<HashMap<usize, Rows>, WarehouseError> {
        let places: Vec<usize> = (0..batch.edits.len()).collect();
        let mut found: HashMap<usize, Rows> = HashMap::new();
        let Some(shape) = batch.shape(&places) else { return Ok(found) };
        let Some(sql) = shape.before() else { return Ok(found) };
        let types = before_types(shape.first);
        let types: Vec<ColumnType> = std::iter::once(ColumnType::Integer).chain(types).collect();
        for mut row in self.connection.rows(&sql, &types).await? {
            let state = row.split_off(1);
            if let Some(Value::Integer(place)) = row.first() {
                found.entry(usize::try_from(*place).unwrap_or(usize::MAX)).or_default().push(state);
            }
        }
        Ok(found)
    }

    /// Leaves of an edit what its row does not have yet.
    fn strip(&self, edit: &mut CompiledEdit, olds: Vec<Value>) {
        for (cell, old) in edit.cells.iter_mut().zip(olds) {
            cell.was = old;
        }
        edit.cells.retain(|cell| cell.value.as_ref().map_or(true, |value| *value != cell.was));
        if self.edited_since.is_empty() {
            return;
        }
        for cell in &mut edit.cells {
            if let Some(by) = self.edited_since.get(&(edit.row_key.clone(), cell.column.clone())) {
                let message = words::who_changed_cell(by.clone());
                cell.value = Err(CellError { column: cell.column.clone(), code: Code::Conflict, message });
            }
        }
    }
}

enum Found {
    One(Vec<Value>),
    Several,
    New,
}

fn refusal(line: Line, code: Code) -> Refused {
    let why = vec![RefusedCell::new(None, "", code, &code.message())];
    Refused { number: line.number, texts: line.texts, why }
}

fn why(row: &RowOutcome, text: impl Fn(&str) -> String) -> Vec<RefusedCell> {
    let of_row = row.code.zip(row.told()).map(|(code, message)| RefusedCell::new(None, "", code, &message));
    let cells = row.cells.iter().filter_map(|cell| Some((&cell.column, cell.code?, cell.told()?)));
    let cells = cells.map(|(column, code, message)| RefusedCell::new(Some(column), &text(column), code, &message));
    of_row.into_iter().chain(cells).collect()
}
