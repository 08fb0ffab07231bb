//! Places in a long table: the order of its rows, the rows from one of them on, and a sample of them to begin at.
//!
//! A window far down a table that is asked for by `offset` alone reads every row before it. From a place nearby it reads
//! what it shows: "seek" or keyset paging. <https://use-the-index-luke.com/no-offset>

use model::Value;

use super::compile::{from, narrowed};
use super::plan::{Plan, Search, Shape, SortBy};
use super::relation::Relation;
use crate::catalog::Source;
use crate::expr::Node;
use crate::sql::Sql;

/// Fewer rows than this are found by their offset as fast.
const WORTH_IT: u64 = 10_000;
const LEAST_DISTANCE: u64 = 1_000;
/// How many places a table has at most, about: the browser holds them.
const MOST: u64 = 2_000;

/// Rows from one place to the next where there are `total`; `None` if they are not worth it.
#[must_use]
pub fn distance(total: u64) -> Option<u64> {
    (total > WORTH_IT).then(|| LEAST_DISTANCE.max(total.div_ceil(MOST)))
}

/// One of the columns that rows are sorted by.
struct Term<'a> {
    /// In the outer statement's words; of a key in the form that its index has, where that sorts alike.
    column: Sql,
    /// The key's source, whose own type it has then.
    own: Option<(&'a Source, &'a str)>,
    descending: bool,
    /// Whether it always has a value.
    filled: bool,
}

impl Term<'_> {
    fn value(&self, relation: Relation<'_>, value: &Value) -> Sql {
        let value = Sql::from(value.clone());
        self.own.map_or(value.clone(), |(source, name)| relation.native(source, name, value))
    }
}

fn terms<'a>(plan: &'a Plan<'_>, relation: Relation<'a>) -> Vec<Term<'a>> {
    let term = |sort: &'a SortBy| {
        let expr = &sort.expr;
        let name = if let Node::Column(name) = &expr.node { Some(name.as_str()) } else { None };
        let own = name.and_then(|name| Some((relation.sortable(name)?, name)));
        let column = match (&own, plan.shape) {
            (Some(((column, _), _)), Shape::Rows) => Sql::new(column.clone()),
            (None, Shape::Rows) => relation.render(expr),
            // Groups and lists of values are sorted by what they show.
            _ => Sql::new((sort.output.unwrap_or_default() + 1).to_string()),
        };
        Term {
            column,
            own: own.map(|((_, source), name)| (source, name)),
            descending: sort.descending,
            filled: name.is_some_and(|name| relation.is_filled(name)),
        }
    };
    plan.sort.iter().map(term).collect()
}

/// What follows `order by`.
pub(super) fn order(plan: &Plan<'_>, relation: Relation<'_>) -> Sql {
    let one = |term: Term<'_>| {
        let mut one = term.column;
        one.push(if term.descending { " desc" } else { "" });
        // Said only where it matters: an index is in the engine's own order.
        one.push(if term.filled { "" } else { " nulls last" });
        one
    };
    let mut sql = Sql::default();
    sql.join(", ", terms(plan, relation).into_iter().map(one));
    sql
}

/// The condition that a row is the plan's place or comes after it; `None` if the plan has no place.
pub(super) fn from_place(plan: &Plan<'_>) -> Option<Sql> {
    if plan.from.is_empty() {
        return None;
    }
    let terms: Vec<(Term<'_>, &Value)> = terms(plan, plan.relation).into_iter().zip(&plan.from).collect();
    let descending = plan.sort[0].descending;
    if terms.iter().all(|(term, value)| term.filled && term.descending == descending && !value.is_null()) {
        return Some(one_range(plan, &terms, descending));
    }
    // From the last column on: further in this one, or the same in this one and at the place in those after it.
    let step = |after: Option<Sql>, (term, value): &(Term<'_>, &Value)| {
        let mut sql = Sql::new("(");
        if value.is_null() {
            sql.append(term.column.clone()).push(" is null");
        } else {
            let further = if term.descending { " < " } else { " > " };
            sql.append(term.column.clone()).push(further).append(term.value(plan.relation, value)).push(" or ");
            sql.append(term.column.clone()).push(" is null or ");
            sql.append(term.column.clone()).push(" = ").append(term.value(plan.relation, value));
        }
        if let Some(after) = after {
            sql.push(" and ").append(after);
        }
        sql.push(")");
        Some(sql)
    };
    terms.iter().rev().fold(None, step)
}

/// One comparison of all columns, which is one range of an index.
fn one_range(plan: &Plan<'_>, terms: &[(Term<'_>, &Value)], descending: bool) -> Sql {
    let mut sql = Sql::new("(");
    sql.join(", ", terms.iter().map(|(term, _)| term.column.clone()));
    sql.push(if descending { ") <= (" } else { ") >= (" });
    sql.join(", ", terms.iter().map(|(term, value)| term.value(plan.relation, value))).push(")");
    sql
}

/// The number of the next row that fits, counted from 0; no row if there is none.
#[must_use]
pub fn compile_find(plan: &Plan<'_>, search: &Search) -> Sql {
    let asked = plan.sort.iter().map(|sort| &sort.expr).chain([&search.condition]);
    let relation = narrowed(plan, asked);
    let mut rows = Sql::new("select ");
    rows.append(relation.render(&search.condition)).push(" as fits, row_number() over (");
    if !plan.sort.is_empty() {
        rows.push("order by ").append(order(plan, relation));
    }
    rows.push(") - 1 as n");
    from(plan, relation, None, &mut rows);
    let mut sql = Sql::new("select p.n from (");
    sql.append(rows).push(") p where p.fits");
    if let Some(after) = search.after {
        let after = Value::Integer(i64::try_from(after).unwrap_or(i64::MAX));
        sql.push(if search.backwards { " and p.n < " } else { " and p.n > " }).bind(after);
    }
    sql.push(if search.backwards { " order by p.n desc limit 1" } else { " order by p.n limit 1" });
    sql
}

/// Every row at a multiple of `every`: the values that rows are sorted by, then how many rows are before it and the rows
/// that sort like it.
#[must_use]
pub fn compile_places(plan: &Plan<'_>, every: u64) -> Sql {
    let relation = narrowed(plan, plan.sort.iter().map(|sort| &sort.expr));
    let mut rows = Sql::new("select ");
    for (i, sort) in plan.sort.iter().enumerate() {
        rows.append(relation.render(&sort.expr)).push(&format!(" as v{i}, "));
    }
    rows.push("rank() over o - 1 as before, row_number() over o - 1 as n");
    from(plan, relation, None, &mut rows);
    rows.push(" window o as (order by ").append(order(plan, relation)).push(")");
    let names: String = (0..plan.sort.len()).map(|i| format!("p.v{i}, ")).collect();
    let mut sql = Sql::new(format!("select {names}p.before from ("));
    sql.append(rows).push(&format!(") p where p.n % {every} = 0 order by p.n"));
    sql
}
