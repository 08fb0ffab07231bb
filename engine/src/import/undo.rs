//! Takes back what a file has changed: each cell that still is as the file left it, and each row that nobody has touched since.

use std::sync::Arc;

use model::{
    CellError, Code, ColumnType, ImportEvent, ImportOutcome, Locale, Operation, Origin, Principal, Raw, UndoRequest, Value,
    is_client_id, validate,
};
use tokio::sync::mpsc;

use super::Into;
use crate::catalog::{Input, InputColumn};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::warehouse::{Caller, LoadJob};
use crate::writeback::{Chunk, CompiledCell, CompiledEdit, Finds, Load, Tally, Target, typed_key};

/// Rows of the log that are read at once.
const PAGE: u64 = 20_000;

impl Engine {
    /// Puts back what a file has changed, as a batch of its own; what somebody has changed since stays, and is told.
    ///
    /// # Errors
    /// As [`Engine::import`]; `AC004` for a batch that is not the person's own, or no file's.
    pub async fn undo_import(
        self: &Arc<Self>,
        principal: &Principal,
        request: &UndoRequest,
        events: mpsc::Sender<ImportEvent>,
        request_id: &str,
    ) -> Result<ImportOutcome, EngineError> {
        let into = self.may_import(principal, &request.workbook, &request.table, request_id).await?;
        if !is_client_id(&request.batch_id) {
            return Err(EngineError::refused(Code::BadBatch));
        }
        let text = serde_json::to_string(request).map_err(|_| EngineError::refused(Code::BadRequest))?;
        let stamp = self.stamp(principal, &into, (&request.batch_id, &text), Origin::Undo, request_id);
        let dialect = self.warehouse.dialect();
        let load = Load::new((stamp, principal), (&into.workbook, into.input()?), (&[], Finds::Nothing), &into.access, dialect);
        let undone = self.loaded(principal, request).await?;
        let target = load.target.clone();
        let tally = Tally::new(events, Locale::new("en", ""), Vec::new(), 0);
        let (sender, chunks) = mpsc::channel(super::AHEAD);
        let reading = async {
            let (sender, mut after) = (sender, undone.from);
            loop {
                let mut rows = self.logged(principal, request, (after, undone.as_of)).await?;
                let whole = (rows.len() as u64) < PAGE;
                // The last row of a page may go on in the next.
                let last = rows.last().map(|cell| cell.edit).filter(|_| !whole);
                let rest = rows.iter().position(|cell| Some(cell.edit) == last).filter(|first| *first > 0);
                rows.truncate(rest.unwrap_or(rows.len()));
                after = rows.last().map_or(after, |cell| cell.seq);
                if sender.send(Chunk::Edits(edits(&into, &target, rows)?)).await.is_err() {
                    break;
                }
                if whole {
                    let _ = sender.send(Chunk::End).await;
                    break;
                }
            }
            Ok::<(), EngineError>(())
        };
        let (loaded, read) = futures::future::join(self.warehouse.load(LoadJob { load, chunks, tally }), reading).await;
        read?;
        let outcome = loaded?;
        self.tell_loaded(principal, &into, &outcome);
        Ok(outcome)
    }

    /// What became of a file that a person has loaded.
    async fn loaded(&self, principal: &Principal, request: &UndoRequest) -> Result<ImportOutcome, EngineError> {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut sql = self.warehouse.dialect().on_own("select outcome from ", "batch", " where scope = ");
        sql.bind(text(&principal.scope())).push(" and batch_id = ").bind(text(&request.undone));
        let caller = Caller { principal, workbook: &request.workbook, element: &request.table, request_id: "" };
        let rows = self.warehouse.read(Some(&caller), &sql, &[ColumnType::Text]).await?;
        let outcome = match rows.first().map(Vec::as_slice) {
            Some([Value::Text(text)]) => serde_json::from_str::<ImportOutcome>(text).ok(),
            _ => None,
        };
        outcome.ok_or_else(|| EngineError::refused(Code::NotFound))
    }

    /// What the log has of it after one sequence and up to another, in order.
    async fn logged(
        &self,
        principal: &Principal,
        request: &UndoRequest,
        (after, last): (i64, i64),
    ) -> Result<Vec<Logged>, EngineError> {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut sql = self.warehouse.dialect().on_own(
            "select seq, edit_id, row_version, row_key, operation, column_name, old_value, new_value from ",
            "edit_log",
            " where seq > ",
        );
        sql.bind(Value::Integer(after)).push(" and seq <= ").bind(Value::Integer(last)).push(" and tenant = ");
        sql.bind(text(&principal.tenant)).push(" and workbook = ").bind(text(&request.workbook)).push(" and table_name = ");
        sql.bind(text(&request.table)).push(" and batch_id = ").bind(text(&request.undone)).push(" and issuer = ");
        sql.bind(text(&principal.issuer)).push(" and \"user\" = ").bind(text(&principal.user));
        sql.push(&format!(" order by seq limit {PAGE}"));
        let (int, text) = (ColumnType::Integer, ColumnType::Text);
        let types = [int.clone(), int.clone(), int, text.clone(), text.clone(), text.clone(), text.clone(), text];
        let caller = Caller { principal, workbook: &request.workbook, element: &request.table, request_id: "" };
        let rows = self.warehouse.read(Some(&caller), &sql, &types).await?;
        Ok(rows.into_iter().filter_map(Logged::of).collect())
    }
}

/// A cell as the log has it.
struct Logged {
    seq: i64,
    edit: i64,
    version: i64,
    row_key: String,
    inserted: bool,
    column: String,
    old: Raw,
    new: Raw,
}

impl Logged {
    fn of(row: Vec<Value>) -> Option<Self> {
        let [seq, edit, version, row_key, operation, column, old, new] = <[Value; 8]>::try_from(row).ok()?;
        let number = |value: Value| if let Value::Integer(n) = value { Some(n) } else { None };
        let text = |value: Value| if let Value::Text(text) = value { Some(text) } else { None };
        let raw = |value: Value| text(value).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Raw::Null);
        let inserted = text(operation)? == Operation::Insert.as_str();
        Some(Self {
            seq: number(seq)?,
            edit: number(edit)?,
            version: number(version)?,
            row_key: text(row_key)?,
            inserted,
            column: text(column)?,
            old: raw(old),
            new: raw(new),
        })
    }
}

/// The edits that put cells back, and take rows out that were added.
fn edits(into: &Into, target: &Arc<Target>, cells: Vec<Logged>) -> Result<Vec<CompiledEdit>, EngineError> {
    let input = into.input()?;
    let mut edits: Vec<(i64, CompiledEdit)> = Vec::new();
    for cell in cells {
        if edits.last().is_none_or(|(edit, _)| *edit != cell.edit) {
            edits.push((cell.edit, begun(input, target, &cell)?));
        }
        if let Some((_, edit)) = edits.last_mut()
            && edit.op == Operation::Set
        {
            edit.cells.push(put_back(into, input, &cell));
        }
    }
    Ok(edits.into_iter().map(|(_, edit)| edit).collect())
}

fn begun(input: &Input, target: &Arc<Target>, cell: &Logged) -> Result<CompiledEdit, EngineError> {
    let key: Vec<Raw> = serde_json::from_str(&cell.row_key).map_err(|_| EngineError::refused(Code::RowNotFound))?;
    let blank = |column: &InputColumn| CompiledCell {
        column: column.column.name.clone(),
        ty: column.column.ty.clone(),
        value: Ok(Value::Null),
        was: Value::Null,
        was_seq: None,
        unique: false,
    };
    Ok(CompiledEdit {
        table: input.name.clone(),
        op: if cell.inserted { Operation::Delete } else { Operation::Set },
        anchor: typed_key(input, &key)?,
        key,
        row_key: cell.row_key.clone(),
        cells: if cell.inserted { input.columns.iter().map(blank).collect() } else { Vec::new() },
        version: cell.inserted.then_some(cell.version),
        only: None,
        target: target.clone(),
    })
}

fn put_back(into: &Into, input: &Input, cell: &Logged) -> CompiledCell {
    let name = cell.column.as_str();
    let refused = |code: Code| Err(CellError { column: name.to_owned(), code, message: code.message() });
    let known = input.column(name).filter(|_| !into.access.hides(&input.name, name));
    let ty = known.map_or(ColumnType::Text, |known| known.column.ty.clone());
    let value = match known {
        None => refused(Code::UnknownColumn),
        Some(_) if into.access.locks(&input.name, name) => refused(Code::ColumnReadOnly),
        // What was there before anything was typed is nothing that has to be good.
        Some(_) if cell.old.is_null() => Ok(Value::Null),
        Some(known) => validate(&known.view(), &cell.old),
    };
    CompiledCell {
        column: name.to_owned(),
        was: Value::from_wire(&cell.new, &ty).unwrap_or(Value::Null),
        value,
        was_seq: Some(cell.seq),
        unique: known.is_some_and(|known| known.constraints.unique),
        ty,
    }
}
