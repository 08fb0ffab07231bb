//! Edits of one shape by a few statements for many of them: their rows before, the write, their rows after, the log. The caller decides what
//! becomes of each.

use std::collections::HashSet;

use model::{ColumnType, Operation, Value};

use super::statements::{log_text, on_conflict};
use super::{CompiledBatch, CompiledCell, CompiledEdit};
use crate::catalog::{Input, InputKind, Source};
use crate::query::{Anchor, Relation};
use crate::sql::{Dialect, Sql, quote};

/// Edits of the same table, kind and columns, each of another row.
#[derive(Debug)]
pub struct Shape<'a> {
    pub(super) batch: &'a CompiledBatch,
    pub(super) input: &'a Input,
    pub(super) relation: Relation<'a>,
    /// One of them, for what all have alike.
    pub first: &'a CompiledEdit,
    /// Places in the batch.
    pub edits: Vec<usize>,
}

/// A row of the log.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Place in the batch.
    pub edit: usize,
    pub cell: &'a CompiledCell,
    pub old: &'a Value,
    pub version: i64,
}

/// Edits that go the same way.
#[derive(Debug)]
pub enum Part<'a> {
    Shape(Shape<'a>),
    /// Places in the batch of edits that are looked at one after the other.
    Each(Vec<usize>),
}

/// Values that a row of the log has of its own.
const LOGGED: usize = 6;

impl CompiledBatch {
    /// The batch in parts. One edit after the other go values that must differ from each other, and all edits if one row is
    /// edited twice.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        let mut rows = HashSet::with_capacity(self.edits.len());
        let alone = self.edits.len() == 1;
        let twice = !self.edits.iter().all(|edit| rows.insert((edit.table.as_str(), edit.row_key.as_str())));
        if alone || twice {
            return vec![Part::Each((0..self.edits.len()).collect())];
        }
        let (mut parts, mut each) = (Vec::new(), Vec::new());
        for group in self.groups() {
            if self.is_plain(&self.edits[group[0]]) {
                let most = self.at_once(&self.edits[group[0]]);
                parts.extend(group.chunks(most).filter_map(|edits| self.shape(edits)).map(Part::Shape));
            } else {
                each.extend(group);
            }
        }
        if !each.is_empty() {
            each.sort_unstable();
            parts.push(Part::Each(each));
        }
        parts
    }

    /// How many edits like this one go together. Where the warehouse objects, so many are looked at one after the other.
    fn at_once(&self, edit: &CompiledEdit) -> usize {
        let values = (1 + edit.anchor.len() + edit.cells.len()).max(LOGGED * edit.cells.len());
        self.dialect.rows_together(values)
    }

    /// `None` if their table is not the workbook's, which that of no compiled edit is.
    pub(crate) fn shape(&self, edits: &[usize]) -> Option<Shape<'_>> {
        let first = &self.edits[*edits.first()?];
        let input = self.workbook.input(&first.table)?;
        Some(Shape { batch: self, input, relation: self.relation(input), first, edits: edits.to_vec() })
    }

    /// How many edits are looked at one after the other, at least.
    pub(super) fn one_by_one(&self) -> usize {
        self.parts().iter().map(|part| if let Part::Each(edits) = part { edits.len() } else { 0 }).sum()
    }

    /// Whether what becomes of an edit does not depend on what becomes of others of its shape.
    fn is_plain(&self, edit: &CompiledEdit) -> bool {
        // What is in the row that goes is read, not written.
        let plain = |cell: &CompiledCell| edit.op == Operation::Delete || !cell.unique;
        edit.only.is_none() && !edit.cells.is_empty() && edit.cells.iter().all(plain)
    }
}

impl Shape<'_> {
    /// `edit, may_write, version, cells…`, no row of an edit whose row is hidden, two of one whose key is not unique;
    /// `None` for inserts.
    #[must_use]
    pub fn before(&self) -> Option<Sql> {
        let names: Vec<Option<&str>> = self.first.cells.iter().map(|cell| cell.stored(self.input)).collect();
        let before = || self.of_each(&self.edits, self.relation.before(self.input, self.first.op, Anchor::Edit, None, &names));
        (self.first.op != Operation::Insert).then(before)
    }

    /// Who last edited each of the cells: `edit, place of the cell, sequence`, the last null where nobody did.
    #[must_use]
    pub fn last(&self) -> Sql {
        let cells = |place: &usize| {
            let edit = &self.batch.edits[*place];
            let one = |(i, cell): (usize, &CompiledCell)| {
                vec![whole(*place), whole(i), edit.row_key.as_str().into(), cell.column.as_str().into()]
            };
            edit.cells.iter().enumerate().map(one).collect::<Vec<_>>()
        };
        let (int, text) = (&ColumnType::Integer, &ColumnType::Text);
        let columns = [("_edit", int), ("_cell", int), ("row_key", text), ("name", text)];
        let mut sql = self.with_rows(&columns, self.edits.iter().flat_map(cells).collect());
        let stamp = &self.batch.stamp;
        sql.push("select e._edit, e._cell, (select max(l.seq) from ").push(&self.batch.dialect.own("edit_log"));
        sql.push(" l where l.tenant = ").bind(stamp.tenant.as_str().into());
        sql.push(" and l.workbook = ").bind(stamp.workbook.as_str().into());
        sql.push(" and l.table_name = ").bind(self.first.table.as_str().into());
        sql.push(" and l.row_key = e.row_key and l.column_name = e.name) from e");
        sql
    }

    /// Writes `edits` of the shape, whose values are good; each changes one row.
    #[must_use]
    pub fn write(&self, edits: &[usize]) -> Sql {
        let mut sql = self.with_edits(edits, true);
        match &self.input.kind {
            InputKind::Direct(source) => drop(sql.append(self.update(source))),
            InputKind::Empty if self.first.op == Operation::Delete => self.delete(&mut sql),
            InputKind::Linked(_) | InputKind::Empty => self.upsert(&mut sql),
        }
        sql
    }

    /// `edit, may_write, version, columns…, rules…`, no row of an edit that moved its row out of sight.
    #[must_use]
    pub fn after(&self, edits: &[usize]) -> Sql {
        let edited = self.edited();
        let columns: Vec<String> = self.first.target.columns.iter().map(|(name, _)| name.clone()).collect();
        let after = if self.first.op == Operation::Insert {
            self.relation.inserted(self.input, Anchor::Edit, &edited)
        } else {
            self.relation.after(self.input, Anchor::Edit, &columns, &edited)
        };
        self.of_each(edits, after)
    }

    /// Writes the log, in the order of `entries`; gives `sequence, edit, column`.
    #[must_use]
    pub fn log(&self, entries: &[Entry<'_>]) -> Sql {
        let row = |entry: &Entry<'_>| {
            let new = entry.cell.value.as_ref().map_or(Value::Null, log_text);
            let of_all = Value::Integer(i64::try_from(self.batch.first + entry.edit as u64).unwrap_or(i64::MAX));
            let row_key = self.batch.edits[entry.edit].row_key.as_str();
            vec![
                of_all,
                row_key.into(),
                entry.cell.column.as_str().into(),
                log_text(entry.old),
                new,
                Value::Integer(entry.version),
            ]
        };
        let (int, text) = (&ColumnType::Integer, &ColumnType::Text);
        let columns: [_; LOGGED] = [
            ("edit_id", int),
            ("row_key", text),
            ("column_name", text),
            ("old_value", text),
            ("new_value", text),
            ("row_version", int),
        ];
        let mut alike = self.batch.stamp.columns().to_vec();
        alike.extend([("table_name", self.first.table.as_str().into()), ("operation", Value::from(self.first.op.as_str()))]);
        let names: Vec<String> =
            columns.iter().map(|(name, _)| *name).chain(alike.iter().map(|(name, _)| *name)).map(quote).collect();
        let mut sql = self.with_rows(&columns, entries.iter().map(row).collect());
        sql.append(self.batch.dialect.on_own("insert into ", "edit_log", ""));
        sql.push(&format!(" ({}) select e.*, ", names.join(", ")));
        sql.join(", ", alike.into_iter().map(|(_, value)| value.into())).push(" from e returning seq, edit_id, column_name");
        sql
    }

    /// `inner`, which gives the state of the row of an edit `e`, for each of `edits`.
    fn of_each(&self, edits: &[usize], inner: Sql) -> Sql {
        let mut sql = self.with_edits(edits, false);
        match self.batch.dialect {
            Dialect::Sqlite => sql.append(inner),
            Dialect::Postgres => sql.push("select e._edit, q.* from e cross join lateral (").append(inner).push(" offset 0) q"),
        };
        sql
    }

    /// `with e as (…) `: each edit's place, key and, where they are needed, values.
    fn with_edits(&self, edits: &[usize], values: bool) -> Sql {
        let cells = |edit: &'_ CompiledEdit| if values { edit.cells.len() } else { 0 };
        let row = |place: &usize| {
            let edit = &self.batch.edits[*place];
            let new = |cell: &CompiledCell| cell.value.as_ref().cloned().unwrap_or(Value::Null);
            let values = edit.anchor.iter().cloned().chain(edit.cells[..cells(edit)].iter().map(new));
            std::iter::once(whole(*place)).chain(values).collect()
        };
        let keys = self.input.key.iter().enumerate().map(|(i, (_, ty))| (format!("k{i}"), ty));
        let values = self.first.cells[..cells(self.first)].iter().enumerate().map(|(i, cell)| (format!("v{i}"), &cell.ty));
        let named: Vec<(String, &ColumnType)> = keys.chain(values).collect();
        let mut columns = vec![("_edit", &ColumnType::Integer)];
        columns.extend(named.iter().map(|(name, ty)| (name.as_str(), *ty)));
        self.with_rows(&columns, edits.iter().map(row).collect())
    }

    fn with_rows(&self, columns: &[(&str, &ColumnType)], rows: Vec<Vec<Value>>) -> Sql {
        let mut sql = Sql::new("with e as materialized (");
        // As many as go together come again and again; other numbers hardly do.
        sql.once = self.edits.len() < self.batch.at_once(self.first);
        sql.append(self.batch.dialect.rows(columns, rows)).push(") ");
        sql
    }

    pub(super) fn edited(&self) -> Vec<&str> {
        self.first.cells.iter().map(|cell| cell.column.as_str()).collect()
    }

    /// Changes the source's own rows, as far as the person may read and write them.
    pub(super) fn update(&self, source: &Source) -> Sql {
        let mut sql = Sql::new("update ");
        sql.push(&self.batch.dialect.table(&self.input.table)).push(" as s set ");
        let set = |(i, cell): (usize, &CompiledCell)| {
            let mut set = Sql::new(format!("{} = ", quote(&cell.column)));
            set.append(self.relation.native(source, &cell.column, Sql::new(format!("e.v{i}"))));
            set
        };
        sql.join(", ", self.first.cells.iter().enumerate().map(set)).push(" from e where ");
        sql.append(self.relation.writable(source, &self.input.write, Anchor::Edit));
        sql
    }

    fn delete(&self, sql: &mut Sql) {
        sql.push("delete from ").push(&self.batch.dialect.own(&self.input.table)).push(" where _tenant = ");
        sql.bind(Value::Text(self.batch.principal.tenant.clone())).push(" and _scenario = ''");
        for (i, (name, _)) in self.input.key.iter().enumerate() {
            sql.push(&format!(" and {} in (select e.k{i} from e)", quote(name)));
        }
    }

    fn upsert(&self, sql: &mut Sql) {
        let columns = self.batch.new_row(self.input, self.first);
        sql.append(self.batch.insert(self.input, &columns)).push("select ");
        sql.join(", ", columns.into_iter().map(|(_, value)| value)).push(" from e where true");
        if self.first.op == Operation::Set {
            sql.push(&on_conflict(self.input, &self.edited()));
        }
    }
}

pub(super) fn whole(place: usize) -> Value {
    Value::Integer(i64::try_from(place).unwrap_or(i64::MAX))
}
