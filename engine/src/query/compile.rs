//! From a plan to one SELECT.

use crate::sql::{Sql, quote};

use super::plan::{Plan, Shape};

/// The window of rows that the plan asks for, columns in the order of its outputs.
#[must_use]
pub fn compile(plan: &Plan<'_>) -> Sql {
    let mut sql = body(plan);
    if !plan.sort.is_empty() {
        let by = plan.sort.iter().map(|s| format!("{}{}", s.output + 1, if s.descending { " desc" } else { "" }));
        sql.push(" order by ").push(&by.collect::<Vec<_>>().join(", "));
    }
    sql.push(&format!(" limit {} offset {}", plan.window.limit, plan.window.offset));
    sql
}

/// The number of rows that the plan's filters leave.
#[must_use]
pub fn compile_total(plan: &Plan<'_>) -> Sql {
    let mut sql = Sql::new("select count(*) from (");
    sql.append(body(plan)).push(") t");
    sql
}

fn body(plan: &Plan<'_>) -> Sql {
    let mut sql = Sql::new(if plan.shape == Shape::Distinct { "select distinct " } else { "select " });
    let outputs = plan.outputs.iter().map(|output| {
        let mut column = plan.relation.render(&output.expr);
        column.push(" as ").push(&quote(&output.name));
        column
    });
    sql.join(", ", outputs).push(" from (").append(plan.relation.select(None)).push(") q");
    if !plan.filters.is_empty() {
        sql.push(" where ").join(" and ", plan.filters.iter().map(|filter| plan.relation.render(filter)));
    }
    if let Shape::Groups { dimensions: dimensions @ 1.. } = plan.shape {
        let places: Vec<String> = (1..=dimensions).map(|place| place.to_string()).collect();
        sql.push(" group by ").push(&places.join(", "));
    }
    sql
}
