//! The cells of a pivot table, its subtotals and its grand total: one SELECT, in which each total is made of the rows under it
//! and not of what is shown, so that a ratio or a count of distinct values is right on every level.
//!
//! Where parts of an aggregate give the whole (a sum of sums), the rows are read once and the totals are made of the cells.

use model::ColumnType;

use super::compile::body;
use super::marks::{dim_name, inner, part_name};
use super::place::order;
use super::plan::Plan;
use crate::expr::{Aggregate, Binding, Expr, Function, Node, render};
use crate::sql::{Sql, quote};

/// How many outputs come before the dimensions: of how many rows and columns a total is.
pub(super) const LEVELS: usize = 2;

/// All cells of a pivot whose outputs are, after [`LEVELS`], `rows` and `columns` dimensions and then values.
pub(super) fn compile(plan: &Plan<'_>, rows: usize, columns: usize) -> Sql {
    let (dimensions, values) = plan.outputs[LEVELS..].split_at(rows + columns);
    let adds_up = values.iter().all(|value| adds_up(&value.expr));
    let mut parts = Vec::new();
    let lifted: Vec<Expr> = values.iter().map(|value| lift(value.expr.clone(), adds_up, &mut parts)).collect();
    let (dims, parts) = inner(dimensions, parts);
    let mut sql = Sql::new("with cells as materialized (");
    sql.append(body(plan, plan.relation, dims.iter().chain(&parts)));
    if adds_up {
        let places: Vec<String> = (1..=dims.len()).map(|place| place.to_string()).collect();
        sql.push(" group by ").push(&places.join(", "));
    }
    sql.push(")");
    // The cells come first: PostgreSQL takes the types of all columns from there.
    let binding = Binding { alias: "g", natives: None, ..plan.relation.binding };
    let levels = (0..=rows).rev().flat_map(|row| (0..=columns).rev().map(move |column| (row, column)));
    for (i, (row, column)) in levels.enumerate() {
        let shown: Vec<bool> = (0..rows).map(|i| i < row).chain((0..columns).map(|i| i < column)).collect();
        sql.push(if i == 0 { " select " } else { " union all select " });
        sql.push(&format!("{row} as {}, {column} as {}", quote(&plan.outputs[0].name), quote(&plan.outputs[1].name)));
        for (i, dimension) in dimensions.iter().enumerate() {
            let value = if shown[i] { format!("g.{}", quote(&dim_name(i))) } else { "null".to_owned() };
            sql.push(&format!(", {value} as {}", quote(&dimension.name)));
        }
        for (expr, value) in lifted.iter().zip(values) {
            sql.push(", ").append(render(expr, binding)).push(" as ").push(&quote(&value.name));
        }
        sql.push(" from cells g");
        let grouped: Vec<String> = (0..shown.len()).filter(|i| shown[*i]).map(|i| format!("g.{}", quote(&dim_name(i)))).collect();
        if !grouped.is_empty() {
            sql.push(" group by ").push(&grouped.join(", "));
        }
    }
    sql.push(" order by ").append(order(plan, plan.relation));
    sql
}

/// Whether its aggregates over all rows are made of the same aggregates over some of them.
fn adds_up(expr: &Expr) -> bool {
    let mut does = true;
    expr.walk(&mut |part| {
        if let Node::Aggregate(kind, _) = &part.node {
            does &= matches!(kind, Aggregate::Sum | Aggregate::Min | Aggregate::Max | Aggregate::Count);
        }
    });
    does
}

/// `expr` over the cells, or over the rows if it does not add up: `parts` says which columns they have for it.
fn lift(expr: Expr, adds_up: bool, parts: &mut Vec<Expr>) -> Expr {
    let ty = expr.ty.clone();
    let (kind, part) = match expr.node {
        // One that counts rows needs no column of them.
        Node::Aggregate(_, None) if !adds_up => return expr,
        Node::Aggregate(kind, Some(arg)) if !adds_up => (kind, *arg),
        Node::Aggregate(kind, _) => (kind, expr),
        _ => return expr.map_parts(|part| lift(part, adds_up, parts)),
    };
    let place = parts.iter().position(|known| *known == part).unwrap_or(parts.len());
    let column = Box::new(Expr::column(&part_name(place), part.ty.clone()));
    if place == parts.len() {
        parts.push(part);
    }
    if adds_up && kind == Aggregate::Count {
        let sum = Expr::new(Node::Aggregate(Aggregate::Sum, Some(column)), ColumnType::Integer);
        return Expr::new(Node::Call(Function::Coalesce, vec![sum, Expr::integer(0)]), ColumnType::Integer);
    }
    Expr::new(Node::Aggregate(kind, Some(column)), ty)
}
