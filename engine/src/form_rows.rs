//! Rows that are looked at and changed in forms, with the lines that belong to them, and what somebody has filed himself.

use std::collections::BTreeMap;

use model::{
    AccessMode, Batch, Code, ColumnType, FieldRole, Filing, FormField, FormLines, FormRow, FormRowRequest, LineRow, Operation,
    Raw, Submission, SubmissionsAnswer, SubmissionsRequest, Value,
};

use crate::catalog::{Access, Dataset, Form, Input, Lines, SystemColumn, Workbook, form_for};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::expr::Expr;
use crate::query::{Anchor, Output, Plan, Relation, Shape, SortBy, Window};
use crate::sql::Sql;
use crate::warehouse::Caller;
use crate::writeback::{self, Stored, StoredLine};

/// Submissions of one answer.
const SUBMISSIONS: usize = 20;
/// Lines of one row that are read; no form has as many.
const MOST_LINES: u64 = 1_000;

/// A row in a form.
struct Seen {
    /// In the table's key order.
    key: Vec<Value>,
    /// Whether the person may change it there.
    may_edit: bool,
    stored: Stored,
}

impl Engine {
    /// A row of a form's table as a person may see it, with its lines.
    ///
    /// # Errors
    /// `AC004` for a form that the person may not know or that opens no rows, `WB008` for a row that is not there or hidden.
    pub async fn form_row(
        &self,
        principal: &model::Principal,
        request: &FormRowRequest,
        request_id: &str,
    ) -> Result<FormRow, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.form, request_id };
        let access = self.access(&caller, &workbook).await?;
        let opened = Opened::of(&workbook, &caller, &access).filter(|opened| opened.form.opens());
        let opened = opened.ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let key = writeback::typed_key(opened.input, &request.row)?;
        let seen = self.in_form(&caller, &opened, key).await?.ok_or_else(|| EngineError::refused(Code::RowNotFound))?;
        let mut filed = BTreeMap::new();
        if opened.input.adds() {
            filed = self.filings(&caller, opened.input, std::slice::from_ref(&seen.key)).await?;
        }
        let filed = filed.remove(&writeback::row_key(&seen.key)?);
        Ok(opened.told(seen, filed))
    }

    /// What a person has filed with a form himself and may still see, the last first.
    ///
    /// # Errors
    /// `AC004` for a form that the person may not know or that lists none.
    pub async fn submissions(
        &self,
        principal: &model::Principal,
        request: &SubmissionsRequest,
        request_id: &str,
    ) -> Result<SubmissionsAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.form, request_id };
        let access = self.access(&caller, &workbook).await?;
        let opened = Opened::of(&workbook, &caller, &access).filter(|opened| !opened.form.submissions.is_empty());
        let Opened { form, input, .. } = opened.ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let own = [(SystemColumn::Row, ColumnType::Text), (SystemColumn::CreatedAt, ColumnType::Timestamp)];
        let mut columns: Vec<(String, ColumnType)> = own.map(|(column, ty)| (column.name().to_owned(), ty)).to_vec();
        let count = columns.len();
        let dataset = Dataset::Input(input);
        let shown = form.submissions.iter().filter(|name| !access.hides(&input.name, name));
        columns.extend(shown.filter_map(|name| Some((name.clone(), dataset.column(name)?.ty.clone()))));
        let mine = Expr::column_is(SystemColumn::CreatedBy.name(), ColumnType::Text, Value::Text(principal.user.clone()));
        let window = Window { offset: request.offset.min(i64::MAX as u64), limit: SUBMISSIONS as u64 + 1 };
        let plan = Plan { window, ..rows_where(self.relation(&caller, input), columns, mine, true) };
        let mut rows = self.rows(&caller, &plan).await?;
        let more = rows.len() > SUBMISSIONS;
        rows.truncate(SUBMISSIONS);
        let keys: Vec<Vec<Value>> = rows.iter().map(|row| row[..1].to_vec()).collect();
        let mut filed = self.filings(&caller, input, &keys).await?;
        let submission = |row: Vec<Value>| {
            let filed = filed.remove(&writeback::row_key(&row[..1]).ok()?)?;
            let values = row[count..].iter().map(Value::to_wire).collect();
            Some(Submission { key: vec![row[0].to_wire()], filed, values })
        };
        Ok(SubmissionsAnswer { rows: rows.into_iter().filter_map(submission).collect(), more })
    }

    /// The row that a form's batch changes; nothing for one that adds a row, or where the person does not see it.
    pub(crate) async fn stored(
        &self,
        caller: &Caller<'_>,
        workbook: &Workbook,
        access: &Access,
        batch: &Batch,
    ) -> Result<Option<Stored>, EngineError> {
        let (Some(form), Some(first)) = (&batch.form, batch.edits.first()) else { return Ok(None) };
        let Some(opened) = Opened::of(workbook, &Caller { element: form, ..*caller }, access) else { return Ok(None) };
        if first.op != Operation::Set || first.table != opened.input.name {
            return Ok(None);
        }
        let key = writeback::typed_key(opened.input, &first.key)?;
        Ok(self.in_form(caller, &opened, key).await?.map(|seen| seen.stored))
    }

    async fn in_form(&self, caller: &Caller<'_>, opened: &Opened<'_>, key: Vec<Value>) -> Result<Option<Seen>, EngineError> {
        let fields = kept(&opened.fields());
        let names: Vec<Option<&str>> = fields.iter().map(|(name, _)| Some(name.as_str())).collect();
        let mut types = vec![ColumnType::Boolean, ColumnType::Integer];
        types.extend(fields.iter().map(|(_, ty)| ty.clone()));
        let relation = self.relation(caller, opened.input);
        let sql = relation.state(opened.input, Anchor::Key(&key), opened.form.edit.as_ref(), &names);
        let mut found = self.warehouse.read(Some(caller), &sql, &types).await?;
        // A key that is there twice is of no row.
        let Some(row) = found.pop().filter(|_| found.is_empty()) else { return Ok(None) };
        let mut row = row.into_iter();
        let may_write = row.next() == Some(Value::Boolean(true));
        let values = fields.into_iter().map(|(name, _)| name).zip(row.skip(1)).collect();
        let mut lines = BTreeMap::new();
        for (of, view) in opened.lines() {
            lines.insert(of.table.clone(), self.lines_of(caller, opened.workbook, (of, view), &key).await?);
        }
        let may_edit = may_write && opened.form.edit.is_some() && caller.principal.mode == AccessMode::Edit;
        Ok(Some(Seen { key, may_edit, stored: Stored { values, lines } }))
    }

    /// The rows of a table that belong to one, in the order that they were added in.
    async fn lines_of(
        &self,
        caller: &Caller<'_>,
        workbook: &Workbook,
        (lines, view): (&Lines, &FormLines),
        key: &[Value],
    ) -> Result<Vec<StoredLine>, EngineError> {
        let input = workbook.input(&lines.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let own = [(SystemColumn::Row, ColumnType::Text), (SystemColumn::Version, ColumnType::Integer)];
        let mut columns: Vec<(String, ColumnType)> = own.map(|(column, ty)| (column.name().to_owned(), ty)).to_vec();
        columns.extend(kept(&view.fields.iter().collect::<Vec<_>>()));
        let names: Vec<String> = columns.iter().skip(2).map(|(name, _)| name.clone()).collect();
        let of_row = Expr::column_is(&lines.parent, ColumnType::Text, key.first().cloned().unwrap_or(Value::Null));
        let window = Window { offset: 0, limit: MOST_LINES };
        let plan = Plan { window, ..rows_where(self.relation(caller, input), columns, of_row, false) };
        let line = |row: Vec<Value>| {
            let mut row = row.into_iter();
            let (key, version) = (row.next()?.to_wire(), row.next()?);
            let Value::Integer(version) = version else { return None };
            Some(StoredLine { key, version, values: names.iter().cloned().zip(row).collect() })
        };
        Ok(self.rows(caller, &plan).await?.into_iter().filter_map(line).collect())
    }

    /// When rows were added, and the number of that, by their keys as the log has them.
    async fn filings(
        &self,
        caller: &Caller<'_>,
        input: &Input,
        keys: &[Vec<Value>],
    ) -> Result<BTreeMap<String, Filing>, EngineError> {
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let mut sql = self.warehouse.dialect().on_own("select row_key, min(seq), min(at) from ", "edit_log", " where tenant = ");
        sql.bind(text(&caller.principal.tenant)).push(" and workbook = ").bind(text(caller.workbook));
        sql.push(" and table_name = ").bind(text(&input.name)).push(" and row_key in (");
        let keys = keys.iter().map(|key| writeback::row_key(key)).collect::<Result<Vec<_>, _>>()?;
        sql.join(", ", keys.iter().map(|key| Sql::from(text(key)))).push(") group by row_key");
        let types = [ColumnType::Text, ColumnType::Integer, ColumnType::Timestamp];
        let rows = self.warehouse.read(Some(caller), &sql, &types).await?;
        let filing = |row: Vec<Value>| match row.as_slice() {
            [Value::Text(key), Value::Integer(number), at] => Some((key.clone(), Filing { number: *number, at: at.to_wire() })),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(filing).collect())
    }

    fn relation<'a>(&self, caller: &Caller<'a>, input: &'a Input) -> Relation<'a> {
        Relation::new(Dataset::Input(input), self.binding(caller.principal))
    }
}

/// A form that exists for a person.
struct Opened<'a> {
    workbook: &'a Workbook,
    form: &'a Form,
    input: &'a Input,
    sections: Vec<model::FormSection>,
}

impl<'a> Opened<'a> {
    /// The one that the caller's element is.
    fn of(workbook: &'a Workbook, caller: &Caller<'_>, access: &Access) -> Option<Self> {
        let (table, form, sections) = form_for(workbook, caller.principal, access, caller.element)?;
        Some(Self { workbook, form, input: workbook.input(table)?, sections })
    }

    fn fields(&self) -> Vec<&FormField> {
        self.sections.iter().flat_map(|section| &section.fields).collect()
    }

    fn lines(&self) -> impl Iterator<Item = (&'a Lines, &FormLines)> {
        self.form.lines().filter_map(|(i, lines)| Some((lines, self.sections.get(i)?.lines.as_ref()?)))
    }

    /// What the person gets of a row: nothing that is not shown.
    fn told(&self, seen: Seen, filed: Option<Filing>) -> FormRow {
        let shown = |fields: &[&FormField], values: BTreeMap<String, Value>| {
            let hidden = |name: &str| fields.iter().any(|field| field.column.name == name && field.role == FieldRole::Hidden);
            let shown = values.into_iter().filter(|(name, _)| !hidden(name));
            shown.map(|(name, value)| (name, value.to_wire())).collect::<BTreeMap<String, Raw>>()
        };
        let mut stored = seen.stored;
        let mut lines = BTreeMap::new();
        for (of, view) in self.lines() {
            let fields: Vec<&FormField> = view.fields.iter().collect();
            let known = stored.lines.remove(&of.table).unwrap_or_default();
            let told = known.into_iter().map(|line| LineRow {
                key: line.key,
                version: line.version,
                values: shown(&fields, line.values),
            });
            lines.insert(of.table.clone(), told.collect());
        }
        let values = shown(&self.fields(), stored.values);
        FormRow { key: seen.key.iter().map(Value::to_wire).collect(), values, lines, may_edit: seen.may_edit, filed }
    }
}

/// Names and types of the fields that a row has values for.
fn kept(fields: &[&FormField]) -> Vec<(String, ColumnType)> {
    let kept = fields.iter().filter(|field| field.role != FieldRole::Computed);
    kept.map(|field| (field.column.name.clone(), field.column.ty.clone())).collect()
}

/// Rows of an empty table that a condition holds for, in the order that they were added in, or the last first.
fn rows_where<'a>(relation: Relation<'a>, columns: Vec<(String, ColumnType)>, condition: Expr, last_first: bool) -> Plan<'a> {
    let outputs = columns.into_iter().map(|(name, ty)| Output::plain(&name, Expr::column(&name, ty))).collect();
    let by = |column: SystemColumn, ty| SortBy { expr: Expr::column(column.name(), ty), output: None, descending: last_first };
    let sort = vec![by(SystemColumn::CreatedAt, ColumnType::Timestamp), by(SystemColumn::Row, ColumnType::Text)];
    Plan { filters: vec![condition], sort, ..Plan::new(relation, Shape::Rows, outputs) }
}
