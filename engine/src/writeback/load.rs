//! The lines of a file, or a batch that is undone, as edits that come in chunks and are applied as one batch.

use std::collections::HashMap;
use std::sync::Arc;

use model::{
    ChangedCell, ChangedLine, Code, ColumnType, EditMode, ImportEvent, ImportOutcome, ImportReason, Locale, MOST_EXAMPLES,
    MOST_REASONS, Operation, Principal, RefusedCell, RefusedLine, Value,
};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::bulk::whole;
use super::compile::{new_key_of, row_key};
use super::{CompiledBatch, CompiledCell, CompiledEdit, Stamp, Target};
use crate::catalog::{Access, Dataset, Input, Workbook};
use crate::query::Relation;
use crate::sql::{Dialect, Sql, quote};

/// What all chunks have in common.
#[derive(Debug)]
pub struct Load {
    pub stamp: Stamp,
    pub principal: Principal,
    /// Whether nothing is to be written.
    pub trial: bool,
    /// Cells that were edited after this sequence of the log are refused.
    pub as_of: Option<i64>,
    /// Name of the input table.
    pub table: String,
    workbook: Arc<Workbook>,
    dialect: Dialect,
    pub(crate) target: Arc<Target>,
    /// What lines write, in the order of [`Line::values`].
    columns: Vec<(String, ColumnType, bool)>,
    /// Their places in the file.
    from: Vec<usize>,
    /// What a new row has besides: defaults, and why it can't be without what is missing.
    blanks: Vec<CompiledCell>,
    finds: Finds,
}

/// How a line finds its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finds {
    /// By the table's own key.
    Key,
    /// By columns of a table whose rows people add: one that is not there is added.
    Columns(Vec<(String, ColumnType)>),
    /// Each is a new row.
    Nothing,
}

/// A line of a file whose cells are values of its columns.
#[derive(Clone, Debug)]
pub struct Line {
    /// In the file, counted from 1.
    pub number: u64,
    /// As [`Finds`] says, in that order.
    pub key: Vec<Value>,
    pub values: Vec<Value>,
    /// As it is written in the file.
    pub texts: csv::StringRecord,
}

/// What comes at once.
#[derive(Debug)]
pub enum Chunk {
    /// How far the file is read then.
    Lines { lines: Vec<Line>, refused: Vec<Refused>, bytes: u64 },
    /// Edits of an undo, with the sequence of the log that each cell had.
    Edits(Vec<CompiledEdit>),
    /// Everything has come; without this nothing of it is kept.
    End,
}

/// A line that is refused before the warehouse sees it.
#[derive(Debug)]
pub struct Refused {
    pub number: u64,
    pub texts: csv::StringRecord,
    pub why: Vec<RefusedCell>,
}

impl Load {
    /// `columns` are those that the lines write, by name; those that the table does not have are left out.
    #[must_use]
    pub fn new(
        (stamp, principal): (Stamp, &Principal),
        (workbook, input): (&Arc<Workbook>, &Input),
        (columns, finds): (&[(String, usize)], Finds),
        access: &Access,
        dialect: Dialect,
    ) -> Self {
        let known = columns.iter().filter_map(|(name, _)| input.column(name));
        let written = known.map(|c| (c.column.name.clone(), c.column.ty.clone(), c.constraints.unique)).collect();
        let from = columns.iter().map(|(_, place)| *place).collect();
        // Nothing of the rows is told, so nothing but their state is read back.
        let target = Target { columns: Vec::new(), ..super::compile::target_of(input, Operation::Set, access) };
        let missing = input.columns.iter().filter(|c| columns.iter().all(|(name, _)| *name != c.column.name));
        let blank = |c: &crate::catalog::InputColumn| CompiledCell {
            column: c.column.name.clone(),
            ty: c.column.ty.clone(),
            value: model::validate(&c.view(), &c.default.to_wire()),
            was: Value::Null,
            was_seq: None,
            unique: c.constraints.unique,
        };
        let told = |cell: &CompiledCell| cell.value.as_ref().map_or(true, |value| !value.is_null());
        let blanks = missing.map(blank).filter(told).collect();
        Self {
            stamp,
            principal: principal.clone(),
            trial: false,
            as_of: None,
            table: input.name.clone(),
            workbook: workbook.clone(),
            dialect,
            target: Arc::new(target),
            columns: written,
            from,
            blanks,
            finds,
        }
    }

    /// The workbook's; `None` if it is not there, which a load's always is.
    #[must_use]
    pub fn input(&self) -> Option<&Input> {
        self.workbook.input(&self.table)
    }

    #[must_use]
    pub fn finds(&self) -> &Finds {
        &self.finds
    }

    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Edits as a batch of their own; the first of them is the `first` of all.
    #[must_use]
    pub fn batch(&self, edits: Vec<CompiledEdit>, first: u64) -> CompiledBatch {
        CompiledBatch {
            stamp: self.stamp.clone(),
            principal: self.principal.clone(),
            mode: if self.trial { EditMode::Trial } else { EditMode::PerRow },
            edits,
            first,
            call: None,
            workbook: self.workbook.clone(),
            dialect: self.dialect,
        }
    }

    /// The edit of a line: of the row with this key, or a new one.
    #[must_use]
    pub fn edit(&self, line: &mut Line, row: Option<Vec<Value>>) -> Option<CompiledEdit> {
        let cell = |((column, ty, unique), value): (&(String, ColumnType, bool), Value)| CompiledCell {
            column: column.clone(),
            ty: ty.clone(),
            value: Ok(value),
            was: Value::Null,
            was_seq: None,
            unique: *unique,
        };
        let mut cells: Vec<CompiledCell> = self.columns.iter().zip(std::mem::take(&mut line.values)).map(cell).collect();
        let op = if row.is_some() { Operation::Set } else { Operation::Insert };
        if op == Operation::Insert {
            cells.extend(self.blanks.iter().cloned());
        }
        let anchor = row.unwrap_or_else(|| vec![new_key_of(&self.stamp, line.number)]);
        let row_key = row_key(&anchor).ok()?;
        Some(CompiledEdit {
            table: self.table.clone(),
            op,
            key: anchor.iter().map(Value::to_wire).collect(),
            row_key,
            anchor,
            cells,
            version: None,
            only: None,
            target: self.target.clone(),
        })
    }

    /// Statements that give `edit, key…` of the rows that lines find by columns, two of one that is not the only one.
    #[must_use]
    pub fn find(&self, input: &Input, lines: &[Line]) -> Vec<Sql> {
        let Finds::Columns(columns) = &self.finds else { return Vec::new() };
        let most = self.dialect.rows_together(1 + columns.len());
        let part = |(i, part): (usize, &[Line])| self.find_part(input, columns, i * most, part);
        lines.chunks(most).enumerate().map(part).collect()
    }

    /// The same for lines of which the first is at a place.
    fn find_part(&self, input: &Input, columns: &[(String, ColumnType)], first: usize, lines: &[Line]) -> Sql {
        let names: Vec<String> = (0..columns.len()).map(|i| format!("k{i}")).collect();
        let mut typed = vec![("_edit", &ColumnType::Integer)];
        typed.extend(names.iter().zip(columns).map(|(name, (_, ty))| (name.as_str(), ty)));
        let row = |(i, line): (usize, &Line)| std::iter::once(whole(first + i)).chain(line.key.iter().cloned()).collect();
        let mut sql = Sql::new("with e as materialized (");
        sql.append(self.dialect.rows(&typed, lines.iter().enumerate().map(row).collect())).push(") select e._edit");
        for (name, _) in &input.key {
            sql.push(&format!(", q.{}", quote(name)));
        }
        let batch = self.batch(Vec::new(), 0);
        sql.push(" from (").append(Relation::new(Dataset::Input(input), batch.relation(input).binding).select(None));
        sql.push(") q join e on ");
        let same = columns.iter().enumerate().map(|(i, (name, _))| Sql::new(format!("q.{} = e.k{i}", quote(name))));
        sql.join(" and ", same);
        sql
    }

    /// `row key, column, who` of the cells of the table that were edited after [`Load::as_of`].
    #[must_use]
    pub fn edited_since(&self) -> Option<Sql> {
        let mut sql = self.dialect.on_own("select row_key, column_name, user_name from ", "edit_log", " where seq > ");
        sql.bind(Value::Integer(self.as_of?));
        let text = |text: &str| Value::Text(text.to_owned());
        sql.push(" and tenant = ").bind(text(&self.stamp.tenant)).push(" and workbook = ").bind(text(&self.stamp.workbook));
        sql.push(" and table_name = ").bind(text(&self.table)).push(" order by seq");
        Some(sql)
    }

    /// What a line has for a column, as it is written in the file.
    #[must_use]
    pub fn text_of(&self, line: &Line, column: &str) -> String {
        let place = self.columns.iter().position(|(name, ..)| name == column).and_then(|i| self.from.get(i));
        place.and_then(|place| line.texts.get(*place)).unwrap_or_default().chars().take(MOST_TOLD).collect()
    }

    /// The last sequence of the log, as far as the tenant may know it.
    #[must_use]
    pub fn last(&self) -> Sql {
        self.dialect.on_own("select coalesce(max(seq), 0) from ", "edit_log", "")
    }
}

/// Characters of a refused text that are told.
pub const MOST_TOLD: usize = 200;

/// By which a line's key is known again.
#[must_use]
pub fn hash_of(key: &[Value]) -> u64 {
    let texts = key.iter().map(|value| value.to_wire().to_string());
    let digest = Sha256::digest(texts.collect::<Vec<_>>().join("\n"));
    u64::from_be_bytes(digest[..8].try_into().unwrap_or_default())
}

/// What becomes of lines, as it comes.
#[derive(Debug)]
pub struct Tally {
    pub outcome: ImportOutcome,
    reasons: HashMap<(Option<String>, Code), ImportReason>,
    events: mpsc::Sender<ImportEvent>,
    locale: Locale,
    /// The names of the file's columns, until they have been told.
    header: Option<Vec<String>>,
    /// Refused lines that are still to be told.
    refused: Vec<(csv::StringRecord, String, u64)>,
    bytes: u64,
    of: u64,
}

/// Nobody takes what is told any more.
#[derive(Clone, Copy, Debug)]
pub struct GivenUp;

/// For how long one waits for somebody to take what is told.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

impl Tally {
    /// `of` is the size of the file in bytes.
    #[must_use]
    pub fn new(events: mpsc::Sender<ImportEvent>, locale: Locale, header: Vec<String>, of: u64) -> Self {
        let (outcome, reasons) = (ImportOutcome::default(), HashMap::new());
        Self { outcome, reasons, events, locale, header: Some(header), refused: Vec::new(), bytes: 0, of }
    }

    pub fn read_to(&mut self, bytes: u64) {
        self.bytes = bytes;
    }

    pub fn refuse(&mut self, number: u64, texts: csv::StringRecord, why: Vec<RefusedCell>) {
        self.outcome.refused += 1;
        for cell in &why {
            let reason = self.reasons.entry((cell.column.clone(), cell.code));
            reason.or_insert_with(|| ImportReason { why: cell.clone(), lines: 0 }).lines += 1;
        }
        let said = |cell: &RefusedCell| match &cell.column {
            Some(column) => format!("{column}: {}", self.locale.say(cell.told())),
            None => self.locale.say(cell.told()),
        };
        let said = why.iter().map(said).collect::<Vec<_>>().join(" ");
        if self.outcome.refusals.len() < MOST_EXAMPLES {
            self.outcome.refusals.push(RefusedLine { line: number, why });
        }
        self.refused.push((texts, said, number));
    }

    pub fn unchanged(&mut self) {
        self.outcome.unchanged += 1;
    }

    /// `olds` are the cells' values before.
    pub fn changed(&mut self, number: u64, edit: &CompiledEdit, cells: u64) {
        match edit.op {
            Operation::Set => self.outcome.updated += 1,
            Operation::Insert => self.outcome.inserted += 1,
            Operation::Delete => self.outcome.deleted += 1,
        }
        self.outcome.cells += cells;
        if self.outcome.changes.len() < MOST_EXAMPLES {
            let cell = |cell: &CompiledCell| ChangedCell {
                column: cell.column.clone(),
                was: cell.was.to_wire(),
                now: cell.value.as_ref().map_or(Json::Null, Value::to_wire),
            };
            let cells = edit.cells.iter().map(cell).filter(|cell| cell.was != cell.now).collect();
            self.outcome.changes.push(ChangedLine { line: number, updates: edit.op == Operation::Set, cells });
        }
    }

    /// Tells what has come together since.
    ///
    /// # Errors
    /// If nobody takes it.
    pub async fn tell(&mut self) -> Result<(), GivenUp> {
        if !self.refused.is_empty() {
            let csv = self.csv();
            self.send(ImportEvent::Refused { csv }).await?;
        }
        let (lines, bytes, of) = (self.outcome.lines(), self.bytes, self.of);
        self.send(ImportEvent::Progress { lines, bytes, of }).await
    }

    async fn send(&self, event: ImportEvent) -> Result<(), GivenUp> {
        self.events.send_timeout(event, PATIENCE).await.map_err(|_| GivenUp)
    }

    fn csv(&mut self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let heads = [words::import_line(), words::import_why()].map(|message| self.locale.say(message));
        let header = self.header.take().map(|names| names.into_iter().chain(heads).collect::<Vec<_>>());
        // Into memory, where nothing can go wrong.
        if let Some(header) = header {
            let _ = writer.write_record(header);
        }
        for (texts, said, number) in self.refused.drain(..) {
            let _ = writer.write_record(texts.iter().chain([number.to_string().as_str(), &said]));
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    /// What became of all of it; `from` and `as_of` are the log's last sequences before and after.
    #[must_use]
    pub fn done(&mut self, load: &Load, (from, as_of): (i64, i64)) -> ImportOutcome {
        let mut outcome = std::mem::take(&mut self.outcome);
        outcome.batch_id.clone_from(&load.stamp.batch_id);
        (outcome.trial, outcome.from, outcome.as_of) = (load.trial, from, as_of);
        outcome.reasons = self.reasons.drain().map(|(_, reason)| reason).collect();
        outcome.reasons.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.why.column.cmp(&b.why.column)));
        outcome.reasons.truncate(MOST_REASONS);
        outcome
    }
}
