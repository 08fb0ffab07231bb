//! From a plan to one SELECT.

use model::Value;

use super::place::{from_place, order};
use super::plan::{Output, Plan, Shape};
use super::relation::{Joins, Relation};
use super::top::of_largest;
use super::{marks, pivot};
use crate::catalog::{Dataset, Input, InputKind, Source};
use crate::expr::Expr;
use crate::sql::{Sql, quote};

/// The window of rows that the plan asks for, columns in the order of its outputs.
#[must_use]
pub fn compile(plan: &Plan<'_>) -> Sql {
    if let Shape::Pivot { rows, columns } = plan.shape {
        return limited(plan, pivot::compile(plan, rows, columns));
    }
    if plan.top.is_some() {
        let mut marks = all_marks(plan);
        marks.push(" order by ").append(order(plan, plan.relation));
        return limited(plan, marks);
    }
    match beside_each_other(plan) {
        Some(marks) => limited(plan, marks),
        None => window(plan, plan.relation, plan.outputs.iter()),
    }
}

/// All groups of the plan, in any order.
pub(super) fn all_marks(plan: &Plan<'_>) -> Sql {
    let marks = beside_each_other(plan).unwrap_or_else(|| body(plan, plan.relation, plan.outputs.iter()));
    match (plan.top, plan.shape) {
        (Some(most), Shape::Groups { dimensions }) => of_largest(plan, dimensions, marks, most),
        _ => marks,
    }
}

/// Groups that know of each other; `None` where each stands alone.
fn beside_each_other(plan: &Plan<'_>) -> Option<Sql> {
    let Shape::Groups { dimensions } = plan.shape else { return None };
    let know = plan.gaps.is_some() || plan.outputs.iter().any(|output| output.expr.has_window());
    know.then(|| marks::compile(plan, dimensions))
}

fn limited(plan: &Plan<'_>, mut sql: Sql) -> Sql {
    sql.push(&format!(" limit {} offset {}", plan.window.limit, plan.window.offset));
    sql
}

fn window<'p>(plan: &Plan<'_>, relation: Relation<'_>, outputs: impl Iterator<Item = &'p Output>) -> Sql {
    let mut sql = body(plan, relation, outputs);
    if !plan.sort.is_empty() {
        sql.push(" order by ").append(order(plan, relation));
    }
    limited(plan, sql)
}

/// The number of rows that are shown, then the plan's totals and extents over all that its filters leave.
#[must_use]
pub fn compile_totals(plan: &Plan<'_>) -> Sql {
    let mut sql = Sql::new("select count(");
    if plan.open.is_empty() {
        sql.push("*");
    } else {
        sql.push("case when ").join(" and ", plan.open.iter().map(|open| plan.relation.render(open))).push(" then 1 end");
    }
    sql.push(")");
    for total in &plan.totals {
        sql.push(", ").append(plan.relation.render(&total.expr));
    }
    for end in plan.extents.iter().flat_map(|(_, ends)| ends) {
        sql.push(", ").append(plan.relation.render(end));
    }
    let asked = plan.totals.iter().map(|total| &total.expr).chain(plan.extents.iter().flat_map(|(_, ends)| ends));
    all(plan, narrowed(plan, asked), None, &mut sql);
    sql
}

/// The rows to count or to walk over where of each only `asked` and the filters are of interest: a linked table has its
/// source's rows, so where nothing asks for an input column only the source is read.
pub(super) fn narrowed<'a, 'p>(plan: &'p Plan<'a>, asked: impl Iterator<Item = &'p Expr>) -> Relation<'a> {
    let linked = match plan.relation.dataset {
        Dataset::Input(Input { kind: InputKind::Linked(source), .. }) => Some(source),
        _ => None,
    };
    let names: Vec<&str> = asked.chain(&plan.filters).chain(&plan.open).flat_map(Expr::columns).collect();
    let knows = |source: &&Source| names.iter().all(|name| Dataset::Source(source).column(name).is_some());
    let dataset = linked.filter(knows).map_or(plan.relation.dataset, Dataset::Source);
    Relation { dataset, joins: Joins::of(dataset, names), ..plan.relation }
}

/// One row: what the plan's columns come to over its window, column by column.
#[must_use]
pub fn compile_summary(plan: &Plan<'_>) -> Sql {
    let asked = || plan.summary.iter().flat_map(|(_, exprs)| exprs);
    let relation = narrowed(plan, asked().chain(plan.sort.iter().map(|sort| &sort.expr)));
    let outputs = plan.outputs.iter().filter(|output| plan.summary.iter().any(|(name, _)| *name == output.name));
    let mut sql = Sql::new("select ");
    sql.join(", ", asked().map(|expr| relation.render(expr)));
    sql.push(" from (").append(window(plan, relation, outputs)).push(") q");
    sql
}

/// Of `keys`, those that more than one row of the source has; each key in key order, none of its values null.
#[must_use]
pub fn compile_duplicates(plan: &Plan<'_>, source: &Source, keys: &[Vec<Value>]) -> Sql {
    let names = source.key.iter().map(|name| format!("q.{}", quote(name))).collect::<Vec<_>>().join(", ");
    let mut sql = Sql::new(format!("select {names} from ("));
    sql.append(Relation::new(Dataset::Source(source), plan.relation.binding).select(None));
    sql.push(&format!(") q where ({names}) in (values "));
    let row = |key: &Vec<Value>| {
        let mut row = Sql::new("(");
        row.join(", ", key.iter().cloned().map(Sql::from)).push(")");
        row
    };
    sql.join(", ", keys.iter().map(row));
    sql.push(&format!(") group by {names} having count(*) > 1"));
    sql
}

pub(super) fn body<'p>(plan: &Plan<'_>, relation: Relation<'_>, outputs: impl Iterator<Item = &'p Output>) -> Sql {
    let mut sql = Sql::new(if plan.shape == Shape::Distinct { "select distinct " } else { "select " });
    let outputs = outputs.map(|output| {
        let mut column = relation.render(&output.expr);
        column.push(" as ").push(&quote(&output.name));
        column
    });
    sql.join(", ", outputs);
    from(plan, relation, from_place(plan), &mut sql);
    if let Shape::Groups { dimensions: dimensions @ 1.. } = plan.shape {
        let places: Vec<String> = (1..=dimensions).map(|place| place.to_string()).collect();
        sql.push(" group by ").push(&places.join(", "));
    }
    sql
}

/// `from` and `where`: the relation's rows that are shown, from `place` on.
pub(super) fn from(plan: &Plan<'_>, relation: Relation<'_>, place: Option<Sql>, sql: &mut Sql) {
    let open = plan.open.iter().map(|open| relation.render(open));
    all(plan, relation, open.chain(place), sql);
}

/// `from` and `where`: the relation's rows that the plan's filters and `conditions` leave.
fn all(plan: &Plan<'_>, relation: Relation<'_>, conditions: impl IntoIterator<Item = Sql>, sql: &mut Sql) {
    sql.push(" from (").append(relation.select(None)).push(") q");
    let filters = plan.filters.iter().map(|filter| relation.render(filter));
    let mut conditions = filters.chain(conditions).peekable();
    if conditions.peek().is_some() {
        sql.push(" where ").join(" and ", conditions);
    }
}
