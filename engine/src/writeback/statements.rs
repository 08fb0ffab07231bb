//! The SQL of one edit: its row before, the write, its row after.

use model::{Operation, Value};

use super::{CompiledBatch, CompiledEdit};
use crate::catalog::{Dataset, Input, InputKind, Source};
use crate::expr::Binding;
use crate::query::{Anchor, Relation};
use crate::sql::{Sql, quote};

/// What the warehouse runs for one edit, in this order.
#[derive(Debug)]
pub struct Statements {
    /// `may_write, version, cells…`; `None` for an insert.
    pub before: Option<Sql>,
    /// Writes the good cells; a batch with a bad one never runs it.
    pub write: Sql,
    /// `may_write, version, columns…, rules…`.
    pub after: Sql,
}

impl CompiledBatch {
    /// The statements of one edit; `None` if its table is not the workbook's, which no compiled edit is.
    #[must_use]
    pub fn statements(&self, edit: &CompiledEdit) -> Option<Statements> {
        Some(self.of(self.workbook.input(&edit.table)?, edit))
    }

    pub(super) fn relation<'a>(&'a self, input: &'a Input) -> Relation<'a> {
        let now = if let Value::Timestamp(at) = self.stamp.at { at } else { Default::default() };
        let binding =
            Binding { principal: &self.principal, now, alias: "q", dialect: self.dialect, dimensions: &[], natives: None };
        Relation::new(Dataset::Input(input), binding)
    }

    fn of(&self, input: &Input, edit: &CompiledEdit) -> Statements {
        let relation = self.relation(input);
        let anchor = Anchor::Key(&edit.anchor);
        let insert = edit.op == Operation::Insert;
        let column_names: Vec<String> = edit.target.columns.iter().map(|(name, _)| name.clone()).collect();
        let cells: Vec<Option<&str>> = edit.cells.iter().map(|cell| cell.stored(input)).collect();
        let good: Vec<(&str, &Value)> =
            edit.cells.iter().filter_map(|cell| Some((cell.column.as_str(), cell.value.as_ref().ok()?))).collect();
        let edited: Vec<&str> = good.iter().map(|(name, _)| *name).collect();
        Statements {
            before: (!insert).then(|| relation.before(input, edit.op, anchor, edit.only.as_ref(), &cells)),
            write: match &input.kind {
                InputKind::Direct(source) => self.update(relation, input, source, anchor, &good),
                InputKind::Empty if edit.op == Operation::Delete => self.delete(input, edit),
                InputKind::Linked(_) | InputKind::Empty => self.upsert(input, edit, &good),
            },
            after: if insert {
                relation.inserted(input, anchor, &edited)
            } else {
                relation.after(input, anchor, &column_names, &edited)
            },
        }
    }

    /// Changes only what the person may read and write, even where a hidden row has the same key.
    fn update(
        &self,
        relation: Relation<'_>,
        input: &Input,
        source: &Source,
        anchor: Anchor<'_>,
        cells: &[(&str, &Value)],
    ) -> Sql {
        let mut sql = Sql::new("update ");
        sql.push(&self.dialect.table(&input.table)).push(" as s set ");
        let set = |(name, value): &(&str, &Value)| {
            let mut set = Sql::new(format!("{} = ", quote(name)));
            set.append(relation.native(source, name, (*value).clone()));
            set
        };
        let sets = cells.iter().map(set);
        sql.join(", ", sets).push(" where ").append(relation.writable(source, &input.write, anchor));
        sql
    }

    fn delete(&self, input: &Input, edit: &CompiledEdit) -> Sql {
        let mut sql = Sql::new("delete from ");
        sql.push(&self.dialect.own(&input.table)).push(" where _tenant = ");
        sql.bind(Value::Text(self.principal.tenant.clone())).push(" and _scenario = ''");
        for ((name, _), value) in input.key.iter().zip(&edit.anchor) {
            sql.push(&format!(" and {} = ", quote(name))).bind(value.clone());
        }
        sql
    }

    fn upsert(&self, input: &Input, edit: &CompiledEdit, cells: &[(&str, &Value)]) -> Sql {
        let mut columns: Vec<(&str, Sql)> = Vec::new();
        columns.extend(input.key.iter().zip(&edit.anchor).map(|((name, _), value)| (name.as_str(), value.clone().into())));
        for known in &input.columns {
            let name = known.column.name.as_str();
            let given = cells.iter().find(|(cell, _)| *cell == name).map(|(_, value)| (*value).clone());
            columns.push((name, given.unwrap_or_else(|| known.default.clone()).into()));
        }
        columns.extend(self.stamped());
        let mut sql = self.insert(input, &columns);
        sql.push("values (").join(", ", columns.into_iter().map(|(_, value)| value)).push(")");
        if edit.op == Operation::Set {
            let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
            sql.push(&on_conflict(input, &names));
        }
        sql
    }

    /// Inlay's own columns of a new row.
    pub(super) fn stamped(&self) -> [(&'static str, Sql); 7] {
        let text = |text: &str| Sql::from(Value::Text(text.to_owned()));
        let (at, user) = (Sql::from(self.stamp.at.clone()), text(&self.principal.user));
        [
            ("_tenant", text(&self.principal.tenant)),
            ("_scenario", text("")),
            ("_version", Value::Integer(1).into()),
            ("_created_at", at.clone()),
            ("_created_by", user.clone()),
            ("_updated_at", at),
            ("_updated_by", user),
        ]
    }

    /// A row like that of `first` for each edit `e`, by its columns: key, given values or defaults, Inlay's own.
    pub(super) fn new_row<'a>(&self, input: &'a Input, first: &CompiledEdit) -> Vec<(&'a str, Sql)> {
        let of_edit = |what: &str, i: usize| Sql::new(format!("e.{what}{i}"));
        let mut columns: Vec<(&str, Sql)> = Vec::new();
        columns.extend(input.key.iter().enumerate().map(|(i, (name, _))| (name.as_str(), of_edit("k", i))));
        for known in &input.columns {
            let name = known.column.name.as_str();
            let given = first.cells.iter().position(|cell| cell.column == name);
            columns.push((name, given.map_or_else(|| known.default.clone().into(), |i| of_edit("v", i))));
        }
        columns.extend(self.stamped());
        columns
    }

    /// `insert into … as t (…) `.
    pub(super) fn insert(&self, input: &Input, columns: &[(&str, Sql)]) -> Sql {
        let names: Vec<String> = columns.iter().map(|(name, _)| quote(name)).collect();
        Sql::new(format!("insert into {} as t ({}) ", self.dialect.own(&input.table), names.join(", ")))
    }
}

/// What becomes of a row that is there already: `columns` as given, and the next version.
pub(super) fn on_conflict(input: &Input, columns: &[&str]) -> String {
    let key: Vec<String> = input.key.iter().map(|(name, _)| quote(name)).collect();
    let set: String = columns.iter().map(|name| format!("{0} = excluded.{0}, ", quote(name))).collect();
    format!(
        " on conflict (_tenant, _scenario, {}) do update set {set}_version = t._version + 1, \
         _updated_at = excluded._updated_at, _updated_by = excluded._updated_by",
        key.join(", ")
    )
}

/// A value as the log has it: JSON text.
pub(crate) fn log_text(value: &Value) -> Value {
    if value.is_null() { Value::Null } else { Value::Text(value.to_wire().to_string()) }
}
