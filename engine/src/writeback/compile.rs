//! Authorizes and types a batch.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDateTime;
use model::{
    ApiError, Batch, CellEdit, CellError, Code, ColumnType, Edit, MOST_EACH, MOST_EDITS, Operation, Origin, Principal, Raw,
    Value, is_client_id, validate,
};
use sha2::{Digest, Sha256};
use words::Message;

use super::form::{Said, Stored, submitted};
use super::{Call, CompiledBatch, CompiledCell, CompiledEdit, CompiledRule, Stamp, Target};
use crate::catalog::{Access, Input, InputColumn, InputKind, Kind, Rule, Through, Workbook};
use crate::files::{Attached, canonical};
use crate::sql::Dialect;

/// Who asks, when, and under which request.
#[derive(Clone, Copy, Debug)]
pub struct BatchContext<'a> {
    pub principal: &'a Principal,
    pub access: &'a Access,
    pub now: NaiveDateTime,
    pub dialect: Dialect,
    pub request_id: &'a str,
    /// The row that a form changes.
    pub stored: Option<&'a Stored>,
    /// The files that the batch names, by their ids.
    pub files: &'a BTreeMap<String, Attached>,
}

/// Compiles `batch`; refused cells stay in it, so that the warehouse can tell everything at once.
///
/// # Errors
/// `WB011` for a batch that is no batch, `AC004` for a table that the person may not know.
pub fn compile(workbook: &Arc<Workbook>, batch: &Batch, context: BatchContext<'_>) -> Result<CompiledBatch, ApiError> {
    if !is_client_id(&batch.batch_id) {
        return Err(ApiError::with(Code::BadBatch, "A batch id has 8 to 64 characters of A-Z, a-z, 0-9 and “-”."));
    }
    if batch.edits.is_empty() || batch.edits.len() > MOST_EDITS {
        return Err(ApiError::with(Code::BadBatch, format!("A batch has 1 to {MOST_EDITS} edits.")));
    }
    let principal = context.principal;
    let text = serde_json::to_string(batch).map_err(|_| ApiError::new(Code::BadBatch))?;
    let stamp = Stamp {
        scope: principal.scope(),
        batch_id: batch.batch_id.clone(),
        content_hash: hex::encode(Sha256::digest(&text)),
        at: Value::Timestamp(context.now),
        issuer: principal.issuer.clone(),
        tenant: principal.tenant.clone(),
        user: principal.user.clone(),
        user_name: principal.name.clone(),
        workbook: workbook.id.clone(),
        definition_revision: workbook.revision.clone(),
        origin: if batch.form.is_some() { Origin::Form } else { batch.origin },
        reason: batch.reason.clone(),
        request_id: context.request_id.to_owned(),
    };
    let mut targets: BTreeMap<(&str, &str), Arc<Target>> = BTreeMap::new();
    let mut edits = Vec::with_capacity(batch.edits.len());
    let nothing = Said::default();
    let submitted = match &batch.form {
        Some(form) => Some(submitted(workbook, batch, form, context, &new_key(&stamp, 0).to_wire())?),
        None => None,
    };
    let given: Vec<(&Edit, &Said)> = match &submitted {
        Some(submitted) => submitted.iter().map(|(edit, said)| (edit, said)).collect(),
        None => batch.edits.iter().map(|edit| (edit, &nothing)).collect(),
    };
    for (index, (edit, said)) in given.into_iter().enumerate() {
        let input = workbook.input(&edit.table).ok_or_else(|| ApiError::new(Code::NotFound))?;
        if input.forms_only && batch.form.is_none() {
            return Err(ApiError::say(Code::NotAllowed, words::forms_only()));
        }
        let target = targets.entry((&edit.table, edit.op.as_str()));
        let target = target.or_insert_with(|| Arc::new(target_of(input, edit.op, context.access))).clone();
        edits.push(EditCompiler { input, edit, said, stamp: &stamp, context, index }.compile(target)?);
    }
    let (workbook, dialect) = (workbook.clone(), context.dialect);
    let through = batch.form.as_ref().and_then(|form| Some((form, through(&workbook, form)?)));
    let call = through.map(|(form, to)| Call::new(to, form, &stamp, &edits));
    let compiled =
        CompiledBatch { principal: principal.clone(), mode: batch.mode, edits, first: 0, call, stamp, workbook, dialect };
    if compiled.edits.len() > MOST_EACH && compiled.one_by_one() > MOST_EACH {
        let text = format!(
            "Of a batch at most {MOST_EACH} edits may write values that no two rows may have, or be of rows that it edits twice."
        );
        return Err(ApiError::with(Code::BadBatch, text));
    }
    Ok(compiled)
}

fn through(workbook: &Workbook, form: &str) -> Option<Through> {
    if let Kind::Form(form) = &workbook.element(form)?.kind { form.through.clone() } else { None }
}

pub(super) fn target_of(input: &Input, op: Operation, access: &Access) -> Target {
    // What an edit can't change need not be told again: a paste of thousands of rows would send them all back.
    let fixed = |name: &str| matches!(&input.kind, InputKind::Linked(source) if source.columns.iter().any(|c| c.name == *name));
    let visible = input.all_columns().into_iter().filter(|c| !access.hides(&input.name, &c.name) && !fixed(&c.name));
    let columns = if op == Operation::Set { visible.map(|c| (c.name.clone(), c.ty.clone())).collect() } else { Vec::new() };
    let rules = input.rules.iter().map(compiled_rule).chain(input.columns.iter().flat_map(own_conditions)).collect();
    Target { columns, rules, versioned: !input.is_direct() }
}

/// A row's key, typed; a key that can't be one of the table is a row that does not exist.
///
/// # Errors
/// `WB011` for a key of another length, `WB008` for values that the key can't have.
pub fn typed_key(input: &Input, key: &[Raw]) -> Result<Vec<Value>, ApiError> {
    if key.len() != input.key.len() {
        let names: Vec<&str> = input.key.iter().map(|(name, _)| name.as_str()).collect();
        return Err(ApiError::with(Code::BadBatch, format!("The key of this table is: {}.", names.join(", "))));
    }
    let typed = key.iter().zip(&input.key);
    typed.map(|(raw, (_, ty))| Value::from_wire(raw, ty).map_err(|_| ApiError::new(Code::RowNotFound))).collect()
}

/// A row's key as the log writes it.
///
/// # Errors
/// `WB011`, should the key be no JSON, which it always is.
pub fn row_key(key: &[Value]) -> Result<String, ApiError> {
    let wire: Vec<Raw> = key.iter().map(Value::to_wire).collect();
    serde_json::to_string(&wire).map_err(|_| ApiError::new(Code::BadBatch))
}

/// The key of a new row: made of the batch, so that a replay makes the same one, and rows of one batch are in its order.
fn new_key(stamp: &Stamp, index: usize) -> Value {
    let seed = format!("{}\n{}\n{index}", stamp.scope, stamp.batch_id);
    Value::Text(format!("{index:04x}{}", hex::encode(&Sha256::digest(seed)[..14])))
}

/// The same for a line of a file, of which there may be very many.
pub(super) fn new_key_of(stamp: &Stamp, line: u64) -> Value {
    let seed = format!("{}\n{}\n{line}", stamp.scope, stamp.batch_id);
    Value::Text(format!("{line:010x}{}", hex::encode(&Sha256::digest(seed)[..11])))
}

struct EditCompiler<'a> {
    input: &'a Input,
    edit: &'a Edit,
    /// What a form says beside its table.
    said: &'a Said,
    stamp: &'a Stamp,
    context: BatchContext<'a>,
    index: usize,
}

impl EditCompiler<'_> {
    fn compile(&self, target: Arc<Target>) -> Result<CompiledEdit, ApiError> {
        let cells = self.cells()?;
        let anchor = self.key()?;
        Ok(CompiledEdit {
            table: self.input.name.clone(),
            op: self.edit.op,
            key: anchor.iter().map(Value::to_wire).collect(),
            row_key: row_key(&anchor)?,
            anchor,
            cells,
            version: self.edit.version,
            only: self.said.only.clone(),
            target,
        })
    }

    fn key(&self) -> Result<Vec<Value>, ApiError> {
        if self.edit.op != Operation::Set && !self.input.adds() {
            return Err(ApiError::with(
                Code::NotSupported,
                "Rows can be added to an empty input table only, and taken out of it.",
            ));
        }
        if self.edit.op == Operation::Insert {
            return Ok(vec![new_key(self.stamp, self.index)]);
        }
        typed_key(self.input, &self.edit.key)
    }

    fn cells(&self) -> Result<Vec<CompiledCell>, ApiError> {
        match (self.edit.op, self.edit.cells.as_slice(), self.edit.version) {
            (Operation::Set, [], _) => return Err(ApiError::with(Code::BadBatch, "An edit without cells changes nothing.")),
            (Operation::Delete, [], Some(_)) => {
                return Ok(self.input.columns.iter().map(|c| self.cell(&CellEdit::new(&c.column.name, Raw::Null))).collect());
            }
            (Operation::Delete, ..) => {
                return Err(ApiError::with(Code::BadBatch, "A row is deleted by its key and its version, without cells."));
            }
            (_, _, Some(_)) => return Err(ApiError::with(Code::BadBatch, "Only a delete tells the row's version.")),
            _ => {}
        }
        let mut cells: Vec<CompiledCell> = Vec::new();
        for cell in &self.edit.cells {
            if cells.iter().any(|known| known.column == cell.column) {
                return Err(ApiError::with(Code::BadBatch, "A column can stand only once in an edit."));
            }
            cells.push(self.cell(cell));
        }
        if self.edit.op == Operation::Insert {
            let missing = self.input.columns.iter().filter(|c| self.edit.cells.iter().all(|cell| cell.column != c.column.name));
            let blank = |c: &InputColumn| CellEdit::new(&c.column.name, c.default.to_wire());
            // The author's own values, so whoever adds the row needs no right to type them.
            let blanks: Vec<CompiledCell> = missing.map(|c| self.cell_of(&blank(c), true)).collect();
            let told = |cell: &CompiledCell| cell.value.as_ref().map_or(true, |value| !value.is_null());
            // Whoever adds a row of blanks is in the log too.
            let all_blank = cells.is_empty() && !blanks.iter().any(told);
            cells.extend(
                blanks.into_iter().enumerate().filter(|(i, cell)| told(cell) || all_blank && *i == 0).map(|(_, cell)| cell),
            );
        }
        Ok(cells)
    }

    fn cell(&self, cell: &CellEdit) -> CompiledCell {
        self.cell_of(cell, self.said.own.contains(&cell.column))
    }

    /// `own` is for a value that the author has put there.
    fn cell_of(&self, cell: &CellEdit, own: bool) -> CompiledCell {
        let told = |error: CellError| CompiledCell {
            column: cell.column.clone(),
            ty: ColumnType::Text,
            value: Err(error),
            was: Value::Null,
            was_seq: None,
            unique: false,
        };
        let refused = |code: Code| told(refusal(&cell.column, code));
        let name = cell.column.as_str();
        if let Some(error) = self.said.refused.get(name) {
            return told(error.clone());
        }
        if self.context.access.hides(&self.input.name, name) {
            return refused(Code::UnknownColumn);
        }
        let Some(input) = self.input.column(name) else {
            let known = self.input.all_columns().iter().any(|column| column.name == name);
            return refused(if known { Code::ColumnReadOnly } else { Code::UnknownColumn });
        };
        let (ty, unique) = (input.column.ty.clone(), input.constraints.unique);
        let was = Value::from_wire(&cell.was, &ty);
        let value = if !own && self.context.access.locks(&self.input.name, name) {
            Err(refusal(name, Code::ColumnReadOnly))
        } else if let Err(problem) = &was {
            Err(CellError {
                column: name.into(),
                code: Code::WrongType,
                message: Message::given(format!("`was`: {}", problem.message())),
            })
        } else {
            let value = match (&input.file, cell.value.is_null()) {
                // What a form puts there itself is what is there.
                (Some(_), false) if !own => match canonical(&cell.value, &self.edit.key, self.context.files) {
                    Some(raw) => validate(&input.view(), &raw),
                    None => Err(refusal(name, Code::NoSuchFile)),
                },
                _ => validate(&input.view(), &cell.value),
            };
            // What is required is so as long as there is a row.
            if self.edit.op == Operation::Delete { Ok(Value::Null) } else { value }
        };
        CompiledCell { column: name.into(), ty, value, was: was.unwrap_or(Value::Null), was_seq: cell.was_seq, unique }
    }
}

pub(super) fn refusal(column: &str, code: Code) -> CellError {
    CellError { column: column.into(), code, message: code.message() }
}

fn compiled_rule(rule: &Rule) -> CompiledRule {
    let columns = rule.check.columns().into_iter().map(str::to_owned).collect();
    CompiledRule { code: Code::RuleFailed, message: Message::given(&rule.message), columns }
}

/// The conditions of one column, in the order that [`crate::query::Relation::conditions`] has them.
fn own_conditions(column: &InputColumn) -> impl Iterator<Item = CompiledRule> {
    let name = column.column.name.clone();
    let condition = move |(_, code): (bool, Code)| CompiledRule { code, message: code.message(), columns: vec![name.clone()] };
    let all = [(column.lookup.is_some(), Code::NotListed), (column.constraints.unique, Code::NotUnique)];
    all.into_iter().filter(|(on, _)| *on).map(condition)
}
