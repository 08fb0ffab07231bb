//! The marks of a chart beside each other: running totals, ranks, shares and changes, and periods that have no rows.
//!
//! The groups come from a SELECT of their own, and everything else looks at what it answers: an engine must not guess which
//! expression of a window is one that the rows are grouped by.

use super::compile::body;
use super::place::order;
use super::plan::{Output, Plan};
use crate::catalog::Gaps;
use crate::expr::{BEFORE, Binding, Expr, Node, render};
use crate::sql::{Sql, quote};

/// What x is called among the groups.
pub const X: &str = "_dim0";
/// More periods than this are not filled in: a chart has no room for them.
const MOST_PERIODS: usize = 10_000;

/// The marks of a chart whose first `dimensions` outputs group, columns in the order of the plan's outputs.
pub(super) fn compile(plan: &Plan<'_>, dimensions: usize) -> Sql {
    let (grouping, measures) = plan.outputs.split_at(dimensions);
    let mut parts = Vec::new();
    let marks: Vec<Expr> = measures.iter().map(|measure| lift(measure.expr.clone(), &mut parts)).collect();
    let (dims, parts) = inner(grouping, parts);
    let groups = body(plan, plan.relation, dims.iter().chain(&parts));
    let names: Vec<String> = dims.iter().map(|dim| dim.name.clone()).collect();
    let binding = Binding { alias: "g", dimensions: &names, natives: None, ..plan.relation.binding };
    let dim = |dim: &Output| Expr::column(&dim.name, dim.expr.ty.clone());
    let columns = dims.iter().map(dim).chain(marks).zip(&plan.outputs).map(|(expr, output)| {
        let mut column = render(&expr, binding);
        column.push(" as ").push(&quote(&output.name));
        column
    });
    let mut sql = Sql::new("with recursive marks as (");
    sql.append(groups).push(")");
    let marks = if let Some(gaps) = plan.gaps {
        sql.append(filled(gaps, binding, &parts));
        "filled"
    } else {
        "marks"
    };
    sql.push(" select ").join(", ", columns).push(&format!(" from {marks} g"));
    let looks_back = measures.iter().any(|measure| measure.expr.looks_back());
    if let Some(before) = grouping[0].expr.year_before(X).filter(|_| looks_back) {
        sql.push(&format!(" left join {marks} {BEFORE} on {BEFORE}.{} = ", quote(X))).append(render(&before, binding));
        sql.push(&same_colour(&names[1..], "g", BEFORE));
    }
    if !plan.sort.is_empty() {
        sql.push(" order by ").append(order(plan, plan.relation));
    }
    sql
}

/// What stands for dimensions and for parts of measures in a SELECT that another one looks at.
pub(super) fn inner(dimensions: &[Output], parts: Vec<Expr>) -> (Vec<Output>, Vec<Output>) {
    let dims = dimensions.iter().enumerate().map(|(i, dimension)| Output::plain(dim_name(i), dimension.expr.clone()));
    let parts = parts.into_iter().enumerate().map(|(i, expr)| Output::plain(part_name(i), expr));
    (dims.collect(), parts.collect())
}

/// `expr` over the groups' answer: each part of it that has no window is a column there, which `parts` says how to make.
fn lift(expr: Expr, parts: &mut Vec<Expr>) -> Expr {
    if expr.has_window() {
        return expr.map_parts(|part| lift(part, parts));
    }
    if matches!(expr.node, Node::Literal(_)) {
        return expr;
    }
    let known = parts.iter().position(|part| *part == expr);
    let column = Expr::column(&part_name(known.unwrap_or(parts.len())), expr.ty.clone());
    if known.is_none() {
        parts.push(expr);
    }
    column
}

pub(super) fn dim_name(i: usize) -> String {
    format!("_dim{i}")
}

pub(super) fn part_name(i: usize) -> String {
    format!("_part{i}")
}

/// That two marks have the same colour, as a further condition.
fn same_colour(colours: &[String], one: &str, other: &str) -> String {
    let colours = colours.iter().map(|colour| quote(colour));
    colours.map(|colour| format!(" and {one}.{colour} is not distinct from {other}.{colour}")).collect()
}

/// `, … filled as (…)`: the marks, and for each colour every period from the first to the last.
fn filled(gaps: &Gaps, binding: Binding<'_>, parts: &[Output]) -> Sql {
    let (x, colours) = binding.dimensions.split_first().expect("a chart has an x");
    let x = quote(x);
    let of_colour = same_colour(colours, "m", "c");
    let colours: Vec<String> = colours.iter().map(|colour| quote(colour)).collect();
    let each = |write: &dyn Fn(&String) -> String| colours.iter().map(write).collect::<String>();
    let next = render(&gaps.next, Binding { alias: "p", ..binding });
    let mut sql = Sql::new(format!(", periods({x}, n) as (select min({x}), 1 from marks having min({x}) is not null"));
    sql.push(" union all select ").append(next.clone()).push(", n + 1 from periods p where ").append(next);
    sql.push(&format!(" <= (select max({x}) from marks) and n < {MOST_PERIODS}), filled as (select p.{x} as {x}"));
    sql.push(&each(&|colour| format!(", c.{colour} as {colour}")));
    for part in parts {
        let name = quote(&part.name);
        let zero = gaps.zero && part.expr.ty.is_numeric();
        sql.push(&if zero { format!(", coalesce(m.{name}, 0) as {name}") } else { format!(", m.{name} as {name}") });
    }
    sql.push(" from periods p");
    if !colours.is_empty() {
        sql.push(&format!(" cross join (select distinct {} from marks) c", colours.join(", ")));
    }
    sql.push(&format!(" left join marks m on m.{x} = p.{x}"));
    sql.push(&of_colour);
    // Marks of no period, and those after more periods than are filled in, stay as they are.
    sql.push(&format!(" union all select * from marks where {x} is null or {x} > (select max({x}) from periods))"));
    sql
}
