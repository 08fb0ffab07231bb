//! Edits of one shape as one statement, for an engine whose statements can write several tables (PostgreSQL's
//! data-modifying `with`). It decides nothing: it writes if everything is in order, and where anything is not, its answer
//! lacks a row, the caller rolls back, and the other ways say what was wrong.
//! <https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING>

use std::collections::{BTreeSet, HashMap};

use model::{CellOutcome, ColumnType, EditMode, Operation, Raw, RowOutcome, Value};

use super::statements::{log_text, on_conflict};
use super::{CompiledBatch, CompiledCell, CompiledEdit, Shape};
use crate::catalog::{InputKind, Source};
use crate::expr::{column, postgres_type};
use crate::sql::{Sql, quote};

/// One statement, and the edits that it writes.
#[derive(Debug)]
pub struct Together {
    pub sql: Sql,
    /// Of the statement's answer: `edit, may_write, version, columns…, rules…, sequences`.
    pub types: Vec<ColumnType>,
    /// Places in the batch.
    edits: Vec<usize>,
}

impl CompiledBatch {
    /// The statements that write the whole batch; `None` where one of the other ways must tell what becomes of it.
    #[must_use]
    pub fn together(&self) -> Option<Vec<Together>> {
        // Rows that are written at once don't see each other.
        let alone = self.edits.len() == 1;
        let plain = |cell: &CompiledCell| cell.value.is_ok() && cell.was_seq.is_none() && (alone || !cell.unique);
        let all_plain = |edit: &CompiledEdit| {
            edit.op != Operation::Delete && edit.only.is_none() && !edit.cells.is_empty() && edit.cells.iter().all(plain)
        };
        if self.mode != EditMode::AllOrNothing || self.call.is_some() || !self.edits.iter().all(all_plain) {
            return None;
        }
        let one = |(i, edits): (usize, Vec<usize>)| {
            let shape = self.shape(&edits)?;
            let (sql, first) = (shape.together(i == 0), shape.first);
            let mut types = vec![ColumnType::Integer, ColumnType::Boolean, ColumnType::Integer];
            types.extend(first.target.columns.iter().map(|(_, ty)| ty.clone()));
            types.extend(first.target.rules.iter().map(|_| ColumnType::Boolean));
            types.push(ColumnType::Text);
            Some(Together { sql, types, edits })
        };
        self.groups().into_iter().enumerate().map(one).collect()
    }

    /// Edits of the same table, kind and columns; one row's in the order that they have in the batch.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let mut times: HashMap<(&str, &str), usize> = HashMap::with_capacity(self.edits.len());
        let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut known = HashMap::new();
        let mut last = None;
        for (i, edit) in self.edits.iter().enumerate() {
            let time = times.entry((&edit.table, &edit.row_key)).or_default();
            // Mostly it is of the shape that the one before it had.
            let place = match last {
                Some((place, before, then)) if then == *time && edit.is_like(before) => place,
                _ => *known
                    .entry((*time, edit.table.as_str(), edit.op.as_str(), edit.columns().collect::<Vec<_>>()))
                    .or_insert_with(|| {
                        groups.push((*time, Vec::new()));
                        groups.len() - 1
                    }),
            };
            last = Some((place, edit, *time));
            groups[place].1.push(i);
            *time += 1;
        }
        groups.sort_by_key(|(time, _)| *time);
        groups.into_iter().map(|(_, edits)| edits).collect()
    }
}

impl Together {
    /// What became of the statement's edits, by their places in the batch; `None` if anything was not in order.
    #[must_use]
    pub fn outcome(&self, batch: &CompiledBatch, rows: Vec<Vec<Value>>) -> Option<Vec<(usize, RowOutcome)>> {
        let text = rows.iter().find_map(|row| if let Some(Value::Text(text)) = row.last() { Some(text) } else { None })?;
        let logged: Vec<(usize, String, i64)> = serde_json::from_str(text).ok()?;
        let sequences = logged.into_iter().map(|(place, column, seq)| ((place, column), seq)).collect();
        let outcomes: Vec<(usize, RowOutcome)> =
            rows.into_iter().map(|row| of_row(batch, row, &sequences)).collect::<Option<_>>()?;
        let places: BTreeSet<usize> = outcomes.iter().map(|(place, _)| *place).collect();
        let each_once = outcomes.len() == self.edits.len() && places.len() == outcomes.len();
        each_once.then_some(outcomes)
    }
}

/// Sequences in the log, by the edit's place in the batch and the column.
type Sequences = HashMap<(usize, String), i64>;

fn of_row(batch: &CompiledBatch, row: Vec<Value>, sequences: &Sequences) -> Option<(usize, RowOutcome)> {
    let mut values = row.into_iter();
    let (Value::Integer(place), Value::Boolean(true), Value::Integer(version)) = (values.next()?, values.next()?, values.next()?)
    else {
        return None;
    };
    let place = usize::try_from(place).ok()?;
    let edit = batch.edits.get(place)?;
    let columns = edit.target.columns.iter().map(|(name, _)| name.clone());
    let read = columns.zip(values.by_ref().take(edit.target.columns.len()).map(|value| value.to_wire())).collect();
    // A rule fails only on FALSE.
    if values.take(edit.target.rules.len()).any(|value| value == Value::Boolean(false)) {
        return None;
    }
    let cell = |cell: &CompiledCell| {
        let seq = Some(*sequences.get(&(place, cell.column.clone()))?);
        Some(CellOutcome::applied(&cell.column, seq))
    };
    let cells = edit.cells.iter().map(cell).collect::<Option<_>>()?;
    Some((place, RowOutcome { values: read, ..RowOutcome::applied((edit.table.clone(), edit.key.clone()), version, cells) }))
}

/// Appends to a list in braces; nothing of a value can end it or its element.
/// <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-INPUT>
fn push_element(array: &mut String, value: &Value) {
    if array.len() > 1 {
        array.push(',');
    }
    match value.to_wire() {
        Raw::Null => array.push_str("NULL"),
        Raw::String(text) => {
            array.push('"');
            for c in text.chars() {
                if matches!(c, '"' | '\\') {
                    array.push('\\');
                }
                array.push(c);
            }
            array.push('"');
        }
        raw => array.push_str(&raw.to_string()),
    }
}

impl Shape<'_> {
    /// `e` is the edits, `b` their rows before, `w` what was written, `a` their rows after, `l` what was logged.
    fn together(&self, remembers: bool) -> Sql {
        let mut sql = Sql::new("with e as ");
        match &self.edits[..] {
            [only] => self.only(*only, &mut sql),
            _ => self.all(&mut sql),
        }
        match &self.input.kind {
            InputKind::Direct(source) => self.direct(source, &mut sql),
            InputKind::Linked(source) => self.linked(source, &mut sql),
            InputKind::Empty => self.empty(&mut sql),
        }
        self.log_together(&mut sql);
        if remembers {
            self.remember(&mut sql);
        }
        sql.push(" select q._edit, q._may_write, q._version");
        for (name, _) in &self.first.target.columns {
            sql.push(&format!(", q.{}", quote(name)));
        }
        for condition in self.relation.conditions(self.input, &self.edited(), self.edits.len() > 1) {
            sql.push(", ").append(condition);
        }
        // All sequences with one of the rows: a join would be planned for a row or two, and take a thousand times a thousand.
        sql.push(&format!(
            ", case when q._edit = {} then (select json_agg(json_build_array(edit_id, column_name, seq))::text from l) end from a q",
            self.edits[0]
        ));
        sql
    }

    /// What a column of `e` says of an edit: its place and row, keys, new values and what the person saw, both typed and as
    /// the log writes them.
    fn columns(&self) -> Vec<(String, &'static str)> {
        let own = [("_edit".to_owned(), "bigint"), ("row_key".into(), "text")];
        let keys = self.input.key.iter().enumerate().map(|(i, (_, ty))| (format!("k{i}"), postgres_type(ty)));
        let cells = self.first.cells.iter().enumerate().flat_map(|(i, cell)| {
            let ty = postgres_type(&cell.ty);
            [(format!("v{i}"), ty), (format!("w{i}"), ty), (format!("o{i}"), "text"), (format!("l{i}"), "text")]
        });
        own.into_iter().chain(keys).chain(cells).collect()
    }

    /// An edit's values, in the order of [`Self::columns`].
    fn values(&self, place: usize) -> Vec<Value> {
        let edit = &self.batch.edits[place];
        let mut values = vec![Value::Integer(i64::try_from(place).unwrap_or(i64::MAX)), edit.row_key.as_str().into()];
        values.extend(edit.anchor.iter().cloned());
        for cell in &edit.cells {
            let new = cell.value.as_ref().unwrap_or(&Value::Null);
            let old = if self.inserts() { Value::Null } else { log_text(&cell.was) };
            values.extend([new.clone(), cell.was.clone(), old, log_text(new)]);
        }
        values
    }

    /// The only edit, value by value: most batches are of one.
    fn only(&self, place: usize, sql: &mut Sql) {
        let typed = |((name, ty), value): ((String, &str), Value)| {
            let mut sql = Sql::new("(");
            sql.bind(value).push(&format!(")::{ty} as {name}"));
            sql
        };
        let columns = self.columns().into_iter().zip(self.values(place));
        sql.push("not materialized (select ").join(", ", columns.map(typed)).push(")");
    }

    /// An array for each column, which PostgreSQL reads several times as fast as JSON.
    fn all(&self, sql: &mut Sql) {
        let columns = self.columns();
        let mut arrays = vec![String::from("{"); columns.len()];
        for place in &self.edits {
            for (array, value) in arrays.iter_mut().zip(self.values(*place)) {
                push_element(array, &value);
            }
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let typed = |((_, ty), array): (&(String, &str), String)| {
            let mut sql = Sql::from(Value::Text(array + "}"));
            sql.push(&format!("::{ty}[]"));
            sql
        };
        sql.push("materialized (select * from unnest(").join(", ", columns.iter().zip(arrays).map(typed));
        sql.push(&format!(") as e ({}))", names.join(", ")));
    }

    fn inserts(&self) -> bool {
        self.first.op == Operation::Insert
    }

    /// The source's own rows change where they are what the person saw.
    fn direct(&self, source: &Source, sql: &mut Sql) {
        sql.push(", w as (").append(self.update(source));
        for (i, cell) in self.first.cells.iter().enumerate() {
            let now = column(self.batch.dialect, "s", &cell.column, &cell.ty, source.natives.get(&cell.column));
            sql.push(&format!(" and {now} is not distinct from e.w{i}"));
        }
        sql.push(" returning e._edit, ").append(self.relation.returning(source, &self.input.write));
        let after = Sql::new("select * from w where _visible");
        sql.push("), a as materialized (").append(self.relation.with_computed(self.input, after)).push(")");
    }

    fn linked(&self, source: &Source, sql: &mut Sql) {
        self.with_before(sql);
        self.upsert_checked(sql);
        let mut after = Sql::new("select b._edit, w._version, b._may_write");
        for known in &source.columns {
            after.push(&format!(", b.{0} as {0}", quote(&known.name)));
        }
        for known in &self.input.columns {
            after.push(&format!(", w.{0} as {0}", quote(&known.column.name)));
        }
        after.push(" from b join w on ").push(&self.by_key("b", "w"));
        sql.push(", a as materialized (").append(self.relation.with_computed(self.input, after)).push(")");
    }

    fn empty(&self, sql: &mut Sql) {
        if !self.inserts() {
            self.with_before(sql);
        }
        self.upsert_checked(sql);
        let mut after = Sql::new("select e._edit, x.* from (");
        after.append(self.relation.of_written(self.input, "w", self.inserts())).push(") x join e on e.k0 = x._row");
        sql.push(", a as materialized (").append(self.relation.with_computed(self.input, after)).push(")");
    }

    fn with_before(&self, sql: &mut Sql) {
        // The offset keeps each row's key inside the source's own SELECT, so that an aggregate reads one group.
        sql.push(", b as materialized (select e._edit, x.* from e cross join lateral (");
        sql.append(self.relation.of_edits(self.input)).push(" offset 0) x)");
    }

    fn upsert_checked(&self, sql: &mut Sql) {
        let columns = self.batch.new_row(self.input, self.first);
        sql.push(", w as (").append(self.batch.insert(self.input, &columns)).push("select ");
        sql.join(", ", columns.into_iter().map(|(_, value)| value)).push(" from e");
        if !self.inserts() {
            sql.push(" join b on b._edit = e._edit where b._may_write");
            for (i, cell) in self.first.cells.iter().enumerate() {
                sql.push(&format!(" and b.{} is not distinct from e.w{i}", quote(&cell.column)));
            }
            sql.push(&on_conflict(self.input, &self.edited()));
        }
        sql.push(" returning t.*)");
    }

    fn by_key(&self, a: &str, b: &str) -> String {
        let one = |(name, _): &(String, ColumnType)| format!("{a}.{0} = {b}.{0}", quote(name));
        self.input.key.iter().map(one).collect::<Vec<_>>().join(" and ")
    }

    /// A row of the log for each cell, in the order of the edits.
    fn log_together(&self, sql: &mut Sql) {
        let stamp = &self.batch.stamp;
        let text = |text: &str| Value::Text(text.to_owned());
        let mut columns: Vec<(&str, Sql)> = ["edit_id", "row_key", "column_name", "old_value", "new_value", "row_version"]
            .into_iter()
            .zip(["e._edit", "e.row_key", "c.name", "c.old", "c.new", "a._version"].map(Sql::new))
            .collect();
        columns.extend(stamp.columns().into_iter().map(|(name, value)| (name, Sql::from(value))));
        columns.extend([("table_name", text(&self.first.table).into()), ("operation", text(self.first.op.as_str()).into())]);
        let names: Vec<String> = columns.iter().map(|(name, _)| quote(name)).collect();
        sql.push(", l as (").append(self.batch.dialect.on_own("insert into ", "edit_log", ""));
        sql.push(&format!(" ({}) select ", names.join(", ")));
        sql.join(", ", columns.into_iter().map(|(_, value)| value));
        sql.push(" from e join a on a._edit = e._edit cross join lateral (values ");
        let cell = |(i, cell): (usize, &CompiledCell)| {
            let mut row = Sql::new(format!("({i}, "));
            row.bind(text(&cell.column)).push(&format!(", e.o{i}, e.l{i})"));
            row
        };
        sql.join(", ", self.first.cells.iter().enumerate().map(cell));
        sql.push(") c (i, name, old, new) order by e._edit, c.i returning seq, edit_id, column_name)");
    }

    /// That the batch was applied: whole, so the log says the rest.
    fn remember(&self, sql: &mut Sql) {
        sql.push(", r as (").append(self.batch.dialect.insert_own("batch", self.batch.stamp.remembered(""))).push(")");
    }
}
