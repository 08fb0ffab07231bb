//! The rows behind a plan or an edit, with the row policy inside.
//!
//! Reads, anchor checks and answers after a write all begin here, so there is one predicate and no second path.

use model::{ColumnType, Operation, Value};

use crate::catalog::{Column, Dataset, Input, InputKind, Join, Lookup, Policy, Source, SystemColumn};
use crate::expr::{Binding, Expr, column, render};
use crate::sql::{Dialect, Sql, quote};

/// Rows of a source or an input table that one person may read.
#[derive(Clone, Copy, Debug)]
pub struct Relation<'a> {
    pub dataset: Dataset<'a>,
    pub binding: Binding<'a>,
    pub joins: Joins,
}

/// Which of the joins of its source a relation takes along; the others cost nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joins(u64);

impl Joins {
    /// Those that have one of `columns`.
    #[must_use]
    pub fn of<'n>(dataset: Dataset<'_>, columns: impl IntoIterator<Item = &'n str>) -> Self {
        let bit = |name: &str| dataset.joins().iter().position(|join| join.has(name)).map_or(0, |i| 1 << i);
        Self(columns.into_iter().map(bit).fold(0, |all, one| all | one))
    }

    fn taken(self, source: &Source) -> impl Iterator<Item = (String, &Join)> {
        source.joins.iter().enumerate().filter(move |(i, _)| self.0 >> i & 1 == 1).map(|(i, join)| (format!("j{i}"), join))
    }
}

/// One row of a relation.
#[derive(Clone, Copy, Debug)]
pub enum Anchor<'a> {
    /// By its key values in key order.
    Key(&'a [Value]),
    /// By the columns `k0`, `k1`… of `e`, an edit that stands in the same statement. SQLite, whose subqueries don't see their
    /// neighbours, reads the rows of all edits at once, each with its `_edit`.
    Edit,
}

impl Anchor<'_> {
    fn of_all(self, dialect: Dialect) -> bool {
        matches!(self, Self::Edit) && dialect == Dialect::Sqlite
    }

    fn part(self, i: usize) -> Sql {
        match self {
            Self::Key(values) => values.get(i).cloned().unwrap_or(Value::Null).into(),
            Self::Edit => Sql::new(format!("e.k{i}")),
        }
    }
}

impl<'a> Relation<'a> {
    /// The dataset's own columns, without what it is joined to.
    #[must_use]
    pub fn new(dataset: Dataset<'a>, binding: Binding<'a>) -> Self {
        Self { dataset, binding, joins: Joins::default() }
    }

    /// `select …` with every column of the dataset by name and, for input tables, `_version`; restricted to `anchor`
    /// where one is given, inside the source, so that an aggregate reads one group only.
    #[must_use]
    pub fn select(&self, anchor: Option<Anchor<'_>>) -> Sql {
        match self.dataset {
            Dataset::Source(source) => self.source(source, anchor, None, ""),
            Dataset::Input(input) => self.with_computed(input, self.input(input, anchor, None)),
        }
    }

    /// The state of one row before an edit: whether it may be written (or deleted), its version, then `cells` in order, null
    /// for what is no column. `only` is what must be true of it besides.
    ///
    /// 0 rows if the row does not exist or is hidden, more than one if its key is not unique.
    #[must_use]
    pub fn before(&self, input: &Input, op: Operation, anchor: Anchor<'_>, only: Option<&Expr>, cells: &[Option<&str>]) -> Sql {
        let policy = if op == Operation::Delete { &input.delete } else { &input.write };
        let mut row = self.input(input, Some(anchor), Some(policy));
        if input.is_direct() && self.binding.dialect == Dialect::Postgres {
            // Whoever changes the source's rows outside Inlay waits for us, or we for him.
            row.push(" for update of s");
        }
        self.state_of(row, anchor, only, cells)
    }

    /// The same for looking only.
    #[must_use]
    pub fn state(&self, input: &Input, anchor: Anchor<'_>, only: Option<&Expr>, cells: &[Option<&str>]) -> Sql {
        self.state_of(self.input(input, Some(anchor), Some(&input.write)), anchor, only, cells)
    }

    fn state_of(&self, row: Sql, anchor: Anchor<'_>, only: Option<&Expr>, cells: &[Option<&str>]) -> Sql {
        let of_all = anchor.of_all(self.binding.dialect);
        let mut sql = match only {
            None => state(of_all),
            Some(only) => {
                let mut sql = Sql::new("select (q._may_write and ");
                sql.append(self.render(only)).push("), q._version");
                sql
            }
        };
        for cell in cells {
            sql.push(&cell.map_or_else(|| ", null".to_owned(), |name| format!(", q.{}", quote(name))));
        }
        sql.push(" from (").append(row).push(if of_all { ") q" } else { ") q limit 2" });
        sql
    }

    /// One row if the person may see it, else none.
    #[must_use]
    pub fn exists(&self, input: &Input, anchor: Anchor<'_>) -> Sql {
        let mut sql = Sql::new("select 1 from (");
        sql.append(self.input(input, Some(anchor), None)).push(") q limit 1");
        sql
    }

    /// The state of one row after an edit: whether it may (still) be written, its version, `columns`, then its conditions.
    ///
    /// 0 rows if the edit moved the row out of the person's sight.
    #[must_use]
    pub fn after(&self, input: &Input, anchor: Anchor<'_>, columns: &[String], edited: &[&str]) -> Sql {
        self.after_row(self.input(input, Some(anchor), Some(&input.write)), anchor, input, columns, edited)
    }

    /// The same for a row just added to an empty table. Only the write policy is asked: whoever fills in a form need
    /// not be able to read the table.
    #[must_use]
    pub fn inserted(&self, input: &Input, anchor: Anchor<'_>, edited: &[&str]) -> Sql {
        let row = self.empty(input, None, &Policy::Open, Some(anchor), Some(&input.write));
        self.after_row(row, anchor, input, &[], edited)
    }

    fn after_row(&self, row: Sql, anchor: Anchor<'_>, input: &Input, columns: &[String], edited: &[&str]) -> Sql {
        let mut sql = state(anchor.of_all(self.binding.dialect));
        for column in columns {
            sql.push(&format!(", q.{}", quote(column)));
        }
        for condition in self.conditions(input, edited, matches!(anchor, Anchor::Edit)) {
            sql.push(", ").append(condition);
        }
        sql.push(" from (").append(self.with_computed(input, row)).push(") q");
        sql
    }

    /// What must not be false of a row after some of its columns were edited, in the outer statement's words: the table's
    /// rules, then for each column that it is listed and unique, as far as it was edited and must be. `many` is for the rows of
    /// many edits at once.
    #[must_use]
    pub fn conditions(&self, input: &Input, edited: &[&str], many: bool) -> Vec<Sql> {
        let mut conditions: Vec<Sql> = input.rules.iter().map(|rule| self.render(&rule.check)).collect();
        for column in &input.columns {
            let name = column.column.name.as_str();
            let if_edited = |sql: Sql| if edited.contains(&name) { sql } else { Sql::new("true") };
            if let Some(lookup) = &column.lookup {
                conditions.push(if_edited(self.is_listed(lookup, name, many)));
            }
            if column.constraints.unique {
                conditions.push(if_edited(self.is_unique(input, name)));
            }
        }
        conditions
    }

    /// For one row the list is looked into; for many it is made once, however long that takes.
    fn is_listed(&self, lookup: &Lookup, name: &str, many: bool) -> Sql {
        let listed = self.rows_of(&lookup.source);
        let name = quote(name);
        if many {
            let value = quote(&lookup.value);
            let mut sql = Sql::new(format!("(q.{name} is null or q.{name} in (select l.{value} from ("));
            sql.append(listed.select(None)).push(&format!(") l where l.{value} is not null))"));
            return sql;
        }
        let mut sql = Sql::new(format!("(q.{name} is null or exists (select 1 from ("));
        sql.append(listed.select(None)).push(&format!(") l where l.{} = q.{name}))", quote(&lookup.value)));
        sql
    }

    fn is_unique(&self, input: &Input, name: &str) -> Sql {
        let mut sql = Sql::new("not exists (select 1 from ");
        sql.push(&self.binding.dialect.own(&input.table)).push(" t where t._tenant = ");
        sql.bind(Value::Text(self.binding.principal.tenant.clone())).push(" and t._scenario = ''");
        let same: Vec<String> = input.key.iter().map(|(key, _)| format!("t.{0} = q.{0}", quote(key))).collect();
        sql.push(&format!(" and t.{0} = q.{0} and not ({1}))", quote(name), same.join(" and ")));
        sql
    }

    /// The rows of the edits `e`, as they are before: what a read gives, with `_may_write`.
    #[must_use]
    pub fn of_edits(&self, input: &Input) -> Sql {
        self.input(input, Some(Anchor::Edit), Some(&input.write))
    }

    /// Rows of `from`, which has all columns of an empty table: those just added if `added`, else those that may be read.
    #[must_use]
    pub fn of_written(&self, input: &Input, from: &str, added: bool) -> Sql {
        let read = if added { &Policy::Open } else { &input.read };
        self.empty(input, Some(from), read, None, Some(&input.write))
    }

    /// What an UPDATE of the source's own table, which it calls `s`, gives back: the columns of a read, `_may_write`, and
    /// `_visible`, whether the new row may be read.
    #[must_use]
    pub fn returning(&self, source: &Source, write: &Policy) -> Sql {
        let mut sql = Sql::new("0 as _version, ");
        self.source_columns(source, &mut sql);
        self.may_write(Some(write), Some(source), &mut sql);
        sql.push(", ").append(self.policy(&source.read, Some(source))).push(" as _visible");
        sql
    }

    /// How many rows the person may read, and how many of them he may write under `write`.
    #[must_use]
    pub fn count(&self, write: &Policy) -> Sql {
        let rows = match self.dataset {
            Dataset::Source(source) => self.source(source, None, Some(write), ""),
            Dataset::Input(input) => self.input(input, None, Some(write)),
        };
        let mut sql = Sql::new("select count(*), count(case when q._may_write then 1 end) from (");
        sql.append(rows).push(") q");
        sql
    }

    /// `inner`, which is called `r` there, with the computed columns.
    #[must_use]
    pub fn with_computed(&self, input: &Input, inner: Sql) -> Sql {
        if input.computed.is_empty() {
            return inner;
        }
        let mut sql = Sql::new("select r.*");
        for computed in &input.computed {
            sql.push(", ").append(render(&computed.expr, self.alias("r"))).push(" as ").push(&quote(&computed.column.name));
        }
        sql.push(" from (").append(inner).push(") r");
        sql
    }

    fn input(&self, input: &Input, anchor: Option<Anchor<'_>>, write: Option<&Policy>) -> Sql {
        match &input.kind {
            InputKind::Direct(source) => self.source(source, anchor, write, "0 as _version, "),
            InputKind::Linked(source) => self.linked(input, source, anchor, write),
            InputKind::Empty => self.empty(input, None, &input.read, anchor, write),
        }
    }

    fn source(&self, source: &Source, anchor: Option<Anchor<'_>>, write: Option<&Policy>, first: &str) -> Sql {
        let (edit, edits) = self.edits(anchor);
        let mut sql = Sql::new(format!("select {edit}{first}"));
        self.source_columns(source, &mut sql);
        self.sortable_columns(source, &mut sql);
        self.joined_columns(source, &mut sql);
        self.may_write(write, Some(source), &mut sql);
        sql.push(" from ").push(edits).push(&source.body.relation(self.binding.dialect)).push(" s");
        self.join(source, &mut sql);
        sql.push(" where ");
        self.source_condition(source, anchor, &mut sql);
        sql
    }

    /// All that the same person may read of another source.
    fn rows_of<'s>(&'s self, source: &'s Source) -> Relation<'s> {
        Relation::new(Dataset::Source(source), self.binding)
    }

    fn joined_columns(&self, source: &Source, sql: &mut Sql) {
        for (alias, join) in self.joins.taken(source) {
            for (column, theirs) in join.columns.iter().zip(&join.source.columns) {
                sql.push(&format!(", {alias}.{} as {}", quote(&theirs.name), quote(&column.name)));
            }
        }
    }

    /// Finds one row at most of each source that is taken along. Where the warehouse does not keep its key unique, rows whose
    /// key is there twice are not found, since a row that found both would be counted twice.
    fn join(&self, source: &Source, sql: &mut Sql) {
        for (alias, join) in self.joins.taken(source) {
            let rows = self.rows_of(&join.source).select(None);
            sql.push(" left join (");
            if join.source.unique {
                sql.append(rows);
            } else {
                let key = join.source.key.iter().map(|name| format!("r.{}", quote(name))).collect::<Vec<_>>().join(", ");
                sql.push(&format!("select * from (select r.*, count(*) over (partition by {key}) as _alike from ("));
                sql.append(rows).push(") r) r where r._alike = 1");
            }
            sql.push(&format!(") {alias} on "));
            let equal =
                join.on.iter().map(|(own, theirs)| Sql::new(format!("{alias}.{} = {}", quote(theirs), self.own(source, own))));
            sql.join(" and ", equal);
        }
    }

    /// A column of the source, which is called `s`, as the catalog types it.
    fn own(&self, source: &Source, name: &str) -> String {
        let ty = source.column(name).map_or(&ColumnType::Text, |column| &column.ty);
        column(self.binding.dialect, "s", name, ty, source.natives.get(name))
    }

    fn source_columns(&self, source: &Source, sql: &mut Sql) {
        let dialect = self.binding.dialect;
        let one =
            |c: &Column| format!("{} as {}", column(dialect, "s", &c.name, &c.ty, source.natives.get(&c.name)), quote(&c.name));
        sql.push(&source.columns.iter().map(one).collect::<Vec<_>>().join(", "));
    }

    /// Columns of the source's key as they are, where they sort like what is shown of them but have an index.
    fn sortable_columns(&self, source: &Source, sql: &mut Sql) {
        for name in source.key.iter().filter(|name| self.sorts_as_is(source, name)) {
            sql.push(&format!(", s.{} as {}", quote(name), quote(&format!("_own_{name}"))));
        }
    }

    fn sorts_as_is(&self, source: &Source, name: &str) -> bool {
        let native = source.natives.get(name).filter(|_| self.binding.dialect == Dialect::Postgres);
        native.is_some_and(|native| matches!(native.as_str(), "smallint" | "integer" | "uuid" | "timestamp with time zone"))
    }

    fn any_source(&self) -> Option<&'a Source> {
        match self.dataset {
            Dataset::Source(source) => Some(source),
            Dataset::Input(input) => input.source(),
        }
    }

    /// A column of the key to sort by instead of what is shown of it, in the outer statement's words, and whose it is.
    #[must_use]
    pub fn sortable(&self, name: &str) -> Option<(String, &'a Source)> {
        let source = self.any_source().filter(|source| source.key.iter().any(|key| key == name))?;
        self.sorts_as_is(source, name).then(|| (format!("q.{}", quote(&format!("_own_{name}"))), source))
    }

    /// Whether a column always has a value.
    #[must_use]
    pub fn is_filled(&self, name: &str) -> bool {
        let own = [SystemColumn::Row, SystemColumn::CreatedAt].map(SystemColumn::name);
        own.contains(&name) || self.any_source().is_some_and(|source| source.filled.contains(name))
    }

    fn source_condition(&self, source: &Source, anchor: Option<Anchor<'_>>, sql: &mut Sql) {
        sql.append(self.policy(&source.read, Some(source)));
        if let Some(anchor) = anchor {
            for (i, name) in source.key.iter().enumerate() {
                sql.push(&format!(" and s.{} = ", quote(name))).append(self.native(source, name, anchor.part(i)));
            }
        }
    }

    /// The condition of an UPDATE of the source's own table, which it calls `s`: the row, read policy and write policy.
    #[must_use]
    pub fn writable(&self, source: &Source, write: &Policy, anchor: Anchor<'_>) -> Sql {
        let mut sql = Sql::default();
        self.source_condition(source, Some(anchor), &mut sql);
        sql.push(" and ").append(self.policy(write, Some(source)));
        sql
    }

    fn linked(&self, input: &Input, source: &Source, anchor: Option<Anchor<'_>>, write: Option<&Policy>) -> Sql {
        let (edit, edits) = self.edits(anchor);
        let mut sql = Sql::new(format!("select {edit}"));
        self.source_columns(source, &mut sql);
        self.sortable_columns(source, &mut sql);
        self.joined_columns(source, &mut sql);
        for typed in &input.columns {
            let name = quote(&typed.column.name);
            if typed.default.is_null() {
                sql.push(&format!(", i.{name} as {name}"));
            } else {
                sql.push(", case when i._version is null then ").bind(typed.default.clone());
                sql.push(&format!(" else i.{name} end as {name}"));
            }
        }
        sql.push(", coalesce(i._version, 0) as _version");
        self.may_write(write, Some(source), &mut sql);
        sql.push(" from ")
            .push(edits)
            .push(&source.body.relation(self.binding.dialect))
            .push(" s left join ")
            .push(&self.binding.dialect.own(&input.table));
        sql.push(" i on i._tenant = ").bind(Value::Text(self.binding.principal.tenant.clone())).push(" and i._scenario = ''");
        for (name, _) in &input.key {
            sql.push(&format!(" and i.{} = {}", quote(name), self.own(source, name)));
        }
        self.join(source, &mut sql);
        sql.push(" where ");
        self.source_condition(source, anchor, &mut sql);
        sql
    }

    /// Rows of an empty table, or those of `from`, which has its columns.
    fn empty(&self, input: &Input, from: Option<&str>, read: &Policy, anchor: Option<Anchor<'_>>, write: Option<&Policy>) -> Sql {
        let (edit, edits) = self.edits(anchor);
        let mut sql = Sql::new("select ");
        sql.push(edit).push("s._row as _row, s._version as _version, s._created_by as _created_by, s._created_at as _created_at");
        for typed in &input.columns {
            sql.push(&format!(", s.{0} as {0}", quote(&typed.column.name)));
        }
        self.may_write(write, None, &mut sql);
        let own = self.binding.dialect.own(&input.table);
        sql.push(" from ").push(edits).push(from.unwrap_or(&own)).push(" s where s._tenant = ");
        sql.bind(Value::Text(self.binding.principal.tenant.clone())).push(" and s._scenario = '' and ");
        sql.append(self.policy(read, None));
        if let Some(anchor) = anchor {
            sql.push(" and s._row = ").append(anchor.part(0));
        }
        sql
    }

    /// What the rows of all edits at once begin with: in the list of columns, and in the list of tables.
    fn edits(&self, anchor: Option<Anchor<'_>>) -> (&'static str, &'static str) {
        let of_all = anchor.is_some_and(|anchor| anchor.of_all(self.binding.dialect));
        if of_all { ("e._edit as _edit, ", "e cross join ") } else { ("", "") }
    }

    fn may_write(&self, write: Option<&Policy>, source: Option<&Source>, sql: &mut Sql) {
        if let Some(policy) = write {
            sql.push(", ").append(self.policy(policy, source)).push(" as _may_write");
        }
    }

    fn policy(&self, policy: &Policy, source: Option<&Source>) -> Sql {
        match policy {
            Policy::Open => Sql::new("true"),
            Policy::Denied => Sql::new("false"),
            Policy::Rows { expr, .. } => {
                render(expr, Binding { natives: source.map(|source| &source.natives), ..self.alias("s") })
            }
        }
    }

    /// A value as the source's own column takes it, so that an index on the column is of use.
    #[must_use]
    pub fn native(&self, source: &Source, name: &str, value: impl Into<Sql>) -> Sql {
        let mut sql = value.into();
        if let (Dialect::Postgres, Some(native)) = (self.binding.dialect, source.natives.get(name)) {
            sql.push("::").push(native);
        }
        sql
    }

    fn alias(&self, alias: &'a str) -> Binding<'a> {
        Binding { alias, ..self.binding }
    }

    /// An expression over the relation's rows, which outer statements call `q`.
    #[must_use]
    pub fn render(&self, expr: &Expr) -> Sql {
        render(expr, self.alias("q"))
    }
}

/// The beginning of a row's state, before or after.
fn state(of_all: bool) -> Sql {
    Sql::new(if of_all { "select q._edit, q._may_write, q._version" } else { "select q._may_write, q._version" })
}
