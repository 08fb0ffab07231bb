//! Authorizes and types a batch, and turns each edit into the SQL that the warehouse will run in one transaction.

use chrono::NaiveDateTime;
use model::{ApiError, Batch, CellEdit, CellError, Code, ColumnType, Edit, Operation, Principal, Raw, Value, validate};
use sha2::{Digest, Sha256};

use super::{CompiledBatch, CompiledCell, CompiledEdit, CompiledRule, MOST_EDITS, Stamp};
use crate::catalog::{Access, Dataset, Input, InputColumn, InputKind, Rule, Source, Workbook};
use crate::expr::Binding;
use crate::query::{Anchor, Relation};
use crate::sql::{Dialect, Sql, quote};

/// Who asks, when, and under which request.
#[derive(Clone, Copy, Debug)]
pub struct BatchContext<'a> {
    pub principal: &'a Principal,
    pub access: &'a Access,
    pub now: NaiveDateTime,
    pub dialect: Dialect,
    pub request_id: &'a str,
}

/// Compiles `batch`; refused cells stay in it, so that the warehouse can tell everything at once.
///
/// # Errors
/// `WB011` for a batch that is no batch, `AC004` for a table that the person may not know.
pub fn compile(workbook: &Workbook, batch: &Batch, context: BatchContext<'_>) -> Result<CompiledBatch, ApiError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !(8..=64).contains(&batch.batch_id.len()) || !batch.batch_id.chars().all(fits) {
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
        origin: batch.origin,
        reason: batch.reason.clone(),
        request_id: context.request_id.to_owned(),
    };
    let one = |(i, edit): (usize, &Edit)| {
        let input = workbook.input(&edit.table).ok_or_else(|| ApiError::new(Code::NotFound))?;
        EditCompiler { input, edit, stamp: &stamp, context, index: i }.compile()
    };
    let edits = batch.edits.iter().enumerate().map(one).collect::<Result<_, _>>()?;
    Ok(CompiledBatch { principal: principal.clone(), mode: batch.mode, edits, stamp })
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

impl<'a> BatchContext<'a> {
    fn binding(&self) -> Binding<'a> {
        Binding { principal: self.principal, now: self.now, alias: "q", dialect: self.dialect, natives: None }
    }
}

struct EditCompiler<'a> {
    input: &'a Input,
    edit: &'a Edit,
    stamp: &'a Stamp,
    context: BatchContext<'a>,
    index: usize,
}

impl EditCompiler<'_> {
    fn compile(&self) -> Result<CompiledEdit, ApiError> {
        let cells = self.cells()?;
        let key = self.key()?;
        let anchor = Anchor(&key);
        let relation = Relation { dataset: Dataset::Input(self.input), binding: self.context.binding() };
        let known = |cell: &CompiledCell| self.input.column(&cell.column).map(|known| known.column.name.as_str());
        let names: Vec<Option<&str>> = cells.iter().map(known).collect();
        let rules = self.input.rules.iter().map(|rule| &rule.check);
        let insert = self.edit.op == Operation::Insert;
        let visible = self.input.all_columns().into_iter().filter(|c| !self.context.access.hides(&self.input.name, &c.name));
        let columns: Vec<(String, ColumnType)> =
            if insert { Vec::new() } else { visible.map(|c| (c.name.clone(), c.ty.clone())).collect() };
        let column_names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let before = (!insert).then(|| relation.before(self.input, anchor, &names));
        let after = if insert {
            relation.inserted(self.input, anchor, rules)
        } else {
            relation.after(self.input, anchor, &column_names, rules)
        };
        let wire: Vec<Raw> = key.iter().map(Value::to_wire).collect();
        Ok(CompiledEdit {
            table: self.input.name.clone(),
            op: self.edit.op,
            row_key: row_key(&key)?,
            key: wire,
            before,
            write: self.write(&relation, &key, &cells),
            cells,
            after,
            columns,
            rules: self.input.rules.iter().map(compiled_rule).collect(),
            versioned: !self.input.is_direct(),
        })
    }

    /// The row's key; that of a new row is made of the batch, so that a replay makes the same one.
    fn key(&self) -> Result<Vec<Value>, ApiError> {
        if self.edit.op == Operation::Insert {
            if !matches!(self.input.kind, InputKind::Empty) {
                return Err(ApiError::with(Code::NotSupported, "Rows can be added to an empty input table only."));
            }
            let seed = format!("{}\n{}\n{}", self.stamp.scope, self.stamp.batch_id, self.index);
            return Ok(vec![Value::Text(hex::encode(&Sha256::digest(seed)[..16]))]);
        }
        typed_key(self.input, &self.edit.key)
    }

    fn cells(&self) -> Result<Vec<CompiledCell>, ApiError> {
        if self.edit.cells.is_empty() && self.edit.op == Operation::Set {
            return Err(ApiError::with(Code::BadBatch, "An edit without cells changes nothing."));
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
            let blank = |c: &InputColumn| CellEdit {
                column: c.column.name.clone(),
                value: c.default.to_wire(),
                was: Raw::Null,
                was_seq: None,
            };
            let blanks: Vec<CompiledCell> = missing.map(|c| self.cell(&blank(c))).collect();
            cells
                .extend(blanks.into_iter().filter(|cell| cell.value.as_ref().is_ok_and(|v| !v.is_null()) || cell.value.is_err()));
        }
        Ok(cells)
    }

    fn cell(&self, cell: &CellEdit) -> CompiledCell {
        let refused = |code: Code| CompiledCell {
            column: cell.column.clone(),
            ty: ColumnType::Text,
            value: Err(CellError { column: cell.column.clone(), code, message: code.sentence().into() }),
            was: Value::Null,
            was_seq: None,
        };
        let name = cell.column.as_str();
        if self.context.access.hides(&self.input.name, name) {
            return refused(Code::UnknownColumn);
        }
        let Some(input) = self.input.column(name) else {
            let known = self.input.all_columns().iter().any(|column| column.name == name);
            return refused(if known { Code::ColumnReadOnly } else { Code::UnknownColumn });
        };
        let ty = input.column.ty.clone();
        let was = Value::from_wire(&cell.was, &ty);
        let value = if self.context.access.locks(&self.input.name, name) {
            Err(CellError { column: name.into(), code: Code::ColumnReadOnly, message: Code::ColumnReadOnly.sentence().into() })
        } else if let Err(problem) = &was {
            Err(CellError { column: name.into(), code: Code::WrongType, message: format!("`was`: {}", problem.message()) })
        } else {
            validate(&input.view(), &cell.value)
        };
        CompiledCell { column: name.into(), ty, value, was: was.unwrap_or(Value::Null), was_seq: cell.was_seq }
    }

    /// The statement that writes the good cells; a batch with a bad one never runs it.
    fn write(&self, relation: &Relation<'_>, key: &[Value], cells: &[CompiledCell]) -> Sql {
        let good: Vec<(&str, &Value)> =
            cells.iter().filter_map(|cell| Some((cell.column.as_str(), cell.value.as_ref().ok()?))).collect();
        if let InputKind::Direct(source) = &self.input.kind {
            self.update(relation, source, key, &good)
        } else {
            self.upsert(key, &good)
        }
    }

    /// Changes only what the person may read and write, even where a hidden row has the same key.
    fn update(&self, relation: &Relation<'_>, source: &Source, key: &[Value], cells: &[(&str, &Value)]) -> Sql {
        let mut sql = Sql::new("update ");
        sql.push(&self.context.dialect.table(&self.input.table)).push(" as s set ");
        let set = |(name, value): &(&str, &Value)| {
            let mut set = Sql::new(format!("{} = ", quote(name)));
            set.append(relation.native(source, name, (*value).clone()));
            set
        };
        let sets = cells.iter().map(set);
        sql.join(", ", sets).push(" where ").append(relation.writable(source, &self.input.write, Anchor(key)));
        sql
    }

    fn upsert(&self, key: &[Value], cells: &[(&str, &Value)]) -> Sql {
        let principal = self.context.principal;
        let text = |text: &str| Value::Text(text.to_owned());
        let at = self.stamp.at.clone();
        let mut columns: Vec<(&str, Value)> = vec![("_tenant", text(&principal.tenant)), ("_scenario", text(""))];
        columns.extend(self.input.key.iter().zip(key).map(|((name, _), value)| (name.as_str(), value.clone())));
        for input in &self.input.columns {
            let name = input.column.name.as_str();
            let given = cells.iter().find(|(cell, _)| *cell == name).map(|(_, value)| (*value).clone());
            columns.push((name, given.unwrap_or_else(|| input.default.clone())));
        }
        let user = text(&principal.user);
        columns.extend([("_version", Value::Integer(1)), ("_created_at", at.clone()), ("_created_by", user.clone())]);
        columns.extend([("_updated_at", at), ("_updated_by", user)]);
        let mut sql = Sql::new("insert into ");
        let names: Vec<String> = columns.iter().map(|(name, _)| quote(name)).collect();
        let table = self.context.dialect.own(&self.input.table);
        sql.push(&table).push(&format!(" as t ({}) values (", names.join(", ")));
        sql.join(", ", columns.into_iter().map(|(_, value)| Sql::from(value))).push(")");
        if self.edit.op == Operation::Set {
            let key: Vec<String> = self.input.key.iter().map(|(name, _)| quote(name)).collect();
            sql.push(&format!(" on conflict (_tenant, _scenario, {}) do update set ", key.join(", ")));
            for (name, _) in cells {
                sql.push(&format!("{0} = excluded.{0}, ", quote(name)));
            }
            sql.push("_version = t._version + 1, _updated_at = excluded._updated_at, _updated_by = excluded._updated_by");
        }
        sql
    }
}

fn compiled_rule(rule: &Rule) -> CompiledRule {
    let columns = rule.check.columns().into_iter().map(str::to_owned).collect();
    CompiledRule { message: rule.message.clone(), columns }
}
