//! What becomes of one edit: its row as it was and as it is then, beside what the person saw and what the rules want.

use std::collections::BTreeMap;

use model::{CellOutcome, Code, ColumnType, Conflict, Operation, Raw, RowOutcome, Value};

use super::bulk::is_told_of_deleted;
use super::transaction::Connection;
use super::{Rows, WarehouseError};
use crate::sql::Sql;
use crate::writeback::{CompiledCell, CompiledEdit, CompiledRule, Stamp};

pub(super) fn refused_row(edit: &CompiledEdit, code: Code) -> RowOutcome {
    let mut row = row_of(edit, 0, Vec::new());
    row.refuse(code, &code.message());
    row
}

pub(super) fn row_of(edit: &CompiledEdit, version: i64, cells: Vec<CellOutcome>) -> RowOutcome {
    RowOutcome::applied((edit.table.clone(), edit.key.clone()), version, cells)
}

/// A row that is not to be deleted, because somebody has changed it since.
pub(super) async fn overtaken(
    connection: &mut dyn Connection,
    stamp: &Stamp,
    edit: &CompiledEdit,
    version: i64,
) -> Result<RowOutcome, WarehouseError> {
    let last = last_edit(connection, stamp, edit, None).await?;
    let mut row = row_of(edit, version, Vec::new());
    let by = last.and_then(|last| last.by);
    row.refuse(Code::Conflict, &by.map_or_else(words::somebody_changed_row, words::who_changed_row));
    Ok(row)
}

/// The rule's message belongs at the edited cells that it reads; at the row if it reads none of them.
fn break_rule(row: &mut RowOutcome, rule: &CompiledRule) {
    let concerned = row.cells.iter_mut().filter(|cell| rule.columns.contains(&cell.column));
    let mut told = false;
    for cell in concerned {
        cell.refuse(rule.code, &rule.message);
        told = true;
    }
    if !told {
        row.refuse(rule.code, &rule.message);
    }
}

/// A row before its edit.
pub(super) enum Before {
    Refused(Code),
    /// Version and the edited cells' values.
    Found(i64, Vec<Value>),
}

/// Of what [`crate::writeback::Statements::before`] gives.
pub(super) fn before_types(edit: &CompiledEdit) -> Vec<ColumnType> {
    // Cells that are no columns of the table are refused already; they have no old value to read.
    let own = [ColumnType::Boolean, ColumnType::Integer];
    own.into_iter().chain(edit.cells.iter().map(|cell| cell.ty.clone())).collect()
}

impl Before {
    /// The anchor check: the row must be visible and writable for the person, by the predicate that reads use.
    pub fn of(rows: &Rows) -> Result<Self, WarehouseError> {
        let [row] = rows.as_slice() else {
            return Ok(Self::Refused(if rows.is_empty() { Code::RowNotFound } else { Code::KeyNotUnique }));
        };
        let mut values = row.iter().cloned();
        let may_write = values.next() == Some(Value::Boolean(true));
        let Some(Value::Integer(version)) = values.next() else {
            return Err(WarehouseError::Failed("a row without a version".into()));
        };
        Ok(if may_write { Self::Found(version, values.collect()) } else { Self::Refused(Code::RowReadOnly) })
    }

    /// That of a row that is to be added.
    pub fn none(edit: &CompiledEdit) -> Self {
        Self::Found(0, vec![Value::Null; edit.cells.len()])
    }
}

/// The edit beside its row `before`. `last` has sequences of cells that are known already.
pub(super) async fn judge(
    connection: &mut dyn Connection,
    stamp: &Stamp,
    edit: &CompiledEdit,
    (version, olds): (i64, &[Value]),
    last: &[Option<i64>],
) -> Result<RowOutcome, WarehouseError> {
    let mut cells = Vec::with_capacity(edit.cells.len());
    for (i, (cell, now)) in edit.cells.iter().zip(olds).enumerate() {
        cells.push(compare(connection, stamp, edit, cell, now, last.get(i).copied().flatten()).await?);
    }
    let mut row = row_of(edit, if edit.target.versioned { version + 1 } else { 0 }, cells);
    if row.is_refused() {
        row.version = version;
    }
    Ok(row)
}

/// Compare-and-set, the compare: what the person saw against what is there.
async fn compare(
    connection: &mut dyn Connection,
    stamp: &Stamp,
    edit: &CompiledEdit,
    cell: &CompiledCell,
    now: &Value,
    last_seq: Option<i64>,
) -> Result<CellOutcome, WarehouseError> {
    let mut outcome = CellOutcome::applied(&cell.column, None);
    let value = match &cell.value {
        Ok(value) => value,
        Err(error) => {
            outcome.refuse(error.code, &error.message);
            return Ok(outcome);
        }
    };
    if edit.op != Operation::Set {
        return Ok(outcome);
    }
    let stale = *now != cell.was && now != value;
    if !stale && (cell.was_seq.is_none() || cell.was_seq == last_seq) {
        return Ok(outcome);
    }
    let last = last_edit(connection, stamp, edit, Some(&cell.column)).await?;
    let overtaken = cell.was_seq.is_some() && last.as_ref().and_then(|last| last.seq) != cell.was_seq;
    if stale || overtaken {
        let conflict =
            Conflict { now: now.to_wire(), ..last.unwrap_or(Conflict { by: None, at: None, now: Raw::Null, seq: None }) };
        let message = conflict.by.as_ref().map_or_else(|| Code::Conflict.message(), words::who_changed_cell);
        outcome.refuse(Code::Conflict, &message);
        outcome.conflict = Some(conflict);
    }
    Ok(outcome)
}

/// Who has last edited a cell, or any cell of the row.
async fn last_edit(
    connection: &mut dyn Connection,
    stamp: &Stamp,
    edit: &CompiledEdit,
    column: Option<&str>,
) -> Result<Option<Conflict>, WarehouseError> {
    let mut sql = connection.dialect().on_own("select seq, user_name, at from ", "edit_log", " where ");
    of_row(&mut sql, stamp, edit);
    if let Some(column) = column {
        sql.push(" and column_name = ").bind(text(column));
    }
    sql.push(" order by seq desc limit 1");
    let rows = connection.rows(&sql, &[ColumnType::Integer, ColumnType::Text, ColumnType::Timestamp]).await?;
    let Some([Value::Integer(seq), Value::Text(by), at]) = rows.first().map(Vec::as_slice) else {
        return Ok(None);
    };
    let at = at.to_wire().as_str().map(str::to_owned);
    Ok(Some(Conflict { seq: Some(*seq), by: Some(by.clone()), at, now: Raw::Null }))
}

/// A row after its edit.
pub(super) struct After {
    may_write: bool,
    pub values: BTreeMap<String, Raw>,
    broken_rule: Option<usize>,
}

/// Of what [`crate::writeback::Statements::after`] gives.
pub(super) fn after_types(edit: &CompiledEdit) -> Vec<ColumnType> {
    let own = [ColumnType::Boolean, ColumnType::Integer];
    let columns = edit.target.columns.iter().map(|(_, ty)| ty.clone());
    own.into_iter().chain(columns).chain(edit.target.rules.iter().map(|_| ColumnType::Boolean)).collect()
}

impl After {
    pub fn of(edit: &CompiledEdit, row: &[Value]) -> Self {
        let read = &edit.target.columns;
        let (columns, rules) = row[2..].split_at(read.len());
        Self {
            may_write: row[0] == Value::Boolean(true),
            values: read.iter().zip(columns).map(|((name, _), value)| (name.clone(), value.to_wire())).collect(),
            // A rule fails only on FALSE.
            broken_rule: rules.iter().position(|value| *value == Value::Boolean(false)),
        }
    }
}

/// What becomes of an edit whose row is now as `after` says; its version was `version`.
pub(super) fn settle(edit: &CompiledEdit, row: &mut RowOutcome, version: i64, after: Option<After>) {
    match after.filter(|after| after.may_write) {
        None => *row = refused_row(edit, Code::RowReadOnly),
        Some(After { broken_rule: Some(broken), .. }) => {
            break_rule(row, &edit.target.rules[broken]);
            row.version = version;
        }
        Some(After { values, .. }) => row.values = values,
    }
}

/// The outcome of a row that is deleted: what was typed into it, and the cells of which the log tells.
pub(super) fn told_deleted(edit: &CompiledEdit, olds: &[Value], row: &mut RowOutcome) {
    row.values = edit.cells.iter().zip(olds).map(|(cell, old)| (cell.column.clone(), old.to_wire())).collect();
    let logged = edit.cells.iter().enumerate().filter(|(i, _)| is_told_of_deleted(olds, *i));
    row.cells = logged.map(|(_, cell)| CellOutcome::applied(&cell.column, None)).collect();
}

/// The condition that finds the log of an edit's row.
pub(super) fn of_row<'s>(sql: &'s mut Sql, stamp: &Stamp, edit: &CompiledEdit) -> &'s mut Sql {
    sql.push("tenant = ").bind(text(&stamp.tenant)).push(" and workbook = ").bind(text(&stamp.workbook));
    sql.push(" and table_name = ").bind(text(&edit.table)).push(" and row_key = ").bind(text(&edit.row_key))
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
