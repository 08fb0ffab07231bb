//! Tables that begin with the rows of a file beside their workbook. Each tenant finds a copy of its own the first time that
//! anybody of it meets the table, as one batch in its log; from then on they are rows like any other.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, PoisonError};

use model::{AccessMode, ColumnType, ImportFormat, Locale, Origin, Principal, SheetKind, Value};
use tokio::sync::mpsc;

use super::lines::Lines;
use super::read::Content;
use super::{Into, guess};
use crate::catalog::{Access, Input, InputColumn, Policy, Workbook};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::warehouse::{Caller, LoadJob, WarehouseError};
use crate::writeback::{Chunk, Finds, Line, Load, Tally};

/// In bytes.
pub const MOST_FIRST_ROWS: usize = 4 << 20;
/// Rows; more are better loaded.
const MOST_ROWS: usize = 10_000;
/// Lines of a file whose mistakes are told.
const MOST_MISTAKES: usize = 5;
/// Tables that are known to have begun; past that, all are asked again.
const REMEMBERED: usize = 100_000;
/// Issuer and user that the log has for them: the same for all of a tenant, so that they come once.
const WRITER: &str = "inlay";

/// The rows that a table begins with.
#[derive(Clone, Debug)]
pub struct FirstRows {
    /// Its name.
    pub file: String,
    /// Names of the table's columns, and their places in the file.
    pub columns: Vec<(String, usize)>,
    pub lines: Vec<Line>,
}

/// Reads the rows of a CSV file whose first line names columns, by their names or labels, and whose values are written as in a
/// workbook: `1234.56`, `2026-11-28`.
///
/// # Errors
/// What is wrong with it, in the author's words.
pub fn first_rows(file: &str, bytes: &[u8], columns: &[InputColumn], zone: &model::Zone) -> Result<FirstRows, Vec<String>> {
    let one = |message: String| vec![message];
    let mut format = ImportFormat {
        kind: SheetKind::Csv,
        encoding: guess::encoding(bytes),
        delimiter: None,
        header: true,
        locale: "en-US".into(),
        sheet: None,
    };
    format.delimiter = Some(guess::delimiter(bytes, true, &format));
    let records = guess::sample(bytes, true, &format);
    let names = &records.first().ok_or_else(|| one(format!("`{file}` is empty")))?.texts;
    let mut known = Vec::new();
    let mut mistakes = Vec::new();
    for (place, name) in names.iter().map(str::trim).enumerate() {
        match columns.iter().find(|column| column.column.name == name || column.column.label == name) {
            None => mistakes.push(format!("`{file}` has a column “{name}”, which the table does not have")),
            Some(column) if column.file.is_some() => mistakes.push(format!("`{file}` can't have files in it: “{name}”")),
            Some(column) if known.iter().any(|(_, view): &(usize, model::ColumnView)| view.name == column.column.name) => {
                mistakes.push(format!("`{file}` has the column “{name}” twice"));
            }
            Some(column) => known.push((place, column.view())),
        }
    }
    let is_there = |column: &InputColumn| known.iter().any(|(_, view)| view.name == column.column.name);
    let missing = columns.iter().filter(|column| column.constraints.required && column.default.is_blank() && !is_there(column));
    mistakes.extend(missing.map(|column| format!("`{file}` has no column `{}`, which is required", column.column.name)));
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let written = known.iter().map(|(place, view)| (view.name.clone(), *place)).collect();
    let locale = Locale::new("en-US", "").within(zone.clone());
    let lines = Lines { format, locale, columns: known, key: Vec::new(), width: names.len() };
    let (lines, refused) =
        lines.all(Content::new(Cursor::new(bytes.to_vec()))).map_err(|error| one(format!("`{file}`: {}", error.message)))?;
    match lines.len() + refused.len() {
        0 => return Err(one(format!("`{file}` has no rows"))),
        n if n > MOST_ROWS => return Err(one(format!("`{file}` has {n} rows; a table begins with {MOST_ROWS} at most"))),
        _ => {}
    }
    if refused.is_empty() {
        return Ok(FirstRows { file: file.to_owned(), columns: written, lines });
    }
    let mut mistakes: Vec<String> =
        refused.iter().take(MOST_MISTAKES).map(|refused| told(file, refused.number, &refused.why)).collect();
    if refused.len() > MOST_MISTAKES {
        mistakes.push(format!("`{file}` has {} more lines that can't be rows", refused.len() - MOST_MISTAKES));
    }
    Err(mistakes)
}

fn told(file: &str, line: u64, why: &[model::RefusedCell]) -> String {
    let cell = |cell: &model::RefusedCell| {
        cell.column.as_ref().map_or_else(|| cell.message.clone(), |column| format!("`{column}`: {}", cell.message))
    };
    let why: Vec<String> = why.iter().map(cell).collect();
    format!("`{file}`, line {line}: {}", why.join(" "))
}

impl Engine {
    /// Gives tables of a workbook the rows that they begin with, where nobody of the person's tenant has written any yet.
    ///
    /// # Errors
    /// If the warehouse can't be reached. That it does not let this person write is not his matter: somebody else comes.
    pub(crate) async fn begin_tables(&self, caller: &Caller<'_>, workbook: &Workbook) -> Result<(), EngineError> {
        for input in &workbook.inputs {
            let Some(first) = &input.first_rows else { continue };
            let table = (caller.principal.tenant.clone(), workbook.id.clone(), input.name.clone());
            if self.begun.lock().unwrap_or_else(PoisonError::into_inner).contains(&table) {
                continue;
            }
            match self.begin_table(caller, workbook, (input, first)).await {
                Ok(()) => {}
                // Another server was quicker, or this person's role in the database may not write.
                Err(WarehouseError::Rejected(..) | WarehouseError::Failed(_))
                    if !self.is_new_to(caller, workbook, input).await? => {}
                Err(error @ (WarehouseError::Rejected(..) | WarehouseError::Failed(_))) => {
                    tracing::warn!(%error, table = input.name, "a table did not get its first rows");
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
            if begun.len() >= REMEMBERED {
                begun.clear();
            }
            begun.insert(table);
        }
        Ok(())
    }

    async fn begin_table(
        &self,
        caller: &Caller<'_>,
        workbook: &Workbook,
        (input, first): (&Input, &Arc<FirstRows>),
    ) -> Result<(), WarehouseError> {
        if !self.is_new_to(caller, workbook, input).await? {
            return Ok(());
        }
        // The author's own words, for everybody of the tenant: no policy about persons says which of them come.
        let open = Workbook {
            id: workbook.id.clone(),
            title: String::new(),
            currency: workbook.currency.clone(),
            zone: workbook.zone.clone(),
            fiscal_year_starts: workbook.fiscal_year_starts,
            sources: Vec::new(),
            inputs: vec![Input { read: Policy::Open, write: Policy::Open, ..input.clone() }],
            pages: Vec::new(),
            pictures: BTreeMap::new(),
            revision: workbook.revision.clone(),
        };
        let into = Into { workbook: Arc::new(open), access: Arc::new(Access::default()), table: input.name.clone() };
        let Some(open) = into.workbook.input(&input.name) else { return Ok(()) };
        let principal = Principal {
            issuer: WRITER.into(),
            user: WRITER.into(),
            name: first.file.clone(),
            mode: AccessMode::Edit,
            ..caller.principal.clone()
        };
        let batch = format!("first-rows.{}.{}", workbook.id, input.name);
        let stamp = self.stamp(&principal, &into, (&batch, &batch), Origin::Import, caller.request_id);
        let columns = (first.columns.as_slice(), Finds::Nothing);
        let load = Load::new((stamp, &principal), (&into.workbook, open), columns, &into.access, self.warehouse.dialect());
        let (sender, chunks) = mpsc::channel(2);
        let (events, _heard) = mpsc::channel(4);
        let all = [Chunk::Lines { lines: first.lines.clone(), refused: Vec::new(), bytes: 0 }, Chunk::End];
        all.into_iter().for_each(|chunk| drop(sender.try_send(chunk)));
        let tally = Tally::new(events, Locale::new("en", ""), Vec::new(), 0);
        let outcome = self.warehouse.load(LoadJob { load, chunks, tally }).await?;
        if outcome.refused > 0 {
            let why = outcome.refusals.first().map(|refused| told(&first.file, refused.line, &refused.why));
            tracing::warn!(table = input.name, refused = outcome.refused, why, "first rows break the table's own rules");
        }
        Ok(())
    }

    /// Whether nobody of the person's tenant has ever written into a table.
    async fn is_new_to(&self, caller: &Caller<'_>, workbook: &Workbook, input: &Input) -> Result<bool, WarehouseError> {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut sql = self.warehouse.dialect().on_own("select 1 from ", "edit_log", " where tenant = ");
        sql.bind(text(&caller.principal.tenant)).push(" and workbook = ").bind(text(&workbook.id));
        sql.push(" and table_name = ").bind(text(&input.name)).push(" limit 1");
        Ok(self.warehouse.read(Some(caller), &sql, &[ColumnType::Integer]).await?.is_empty())
    }
}
