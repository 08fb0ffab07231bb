//! The largest marks of a chart: those at the x where its first measure is largest, all colours taken together.

use super::compile::compile;
use super::plan::{Plan, Shape, SortBy, Window};
use crate::sql::{Sql, quote};

/// What the plan's marks, which `marks` selects, have at the `most` largest x; in any order.
pub(super) fn of_largest(plan: &Plan<'_>, dimensions: usize, marks: Sql, most: u64) -> Sql {
    let outputs = [0, dimensions].map(|i| plan.outputs[i].clone());
    let by = |output: usize, descending| SortBy { expr: outputs[output].expr.clone(), output: Some(output), descending };
    // Those that are as large come in the order of their names, so that it is the same ones each time.
    let sort = vec![by(1, true), by(0, false)];
    let largest = Plan {
        filters: plan.filters.clone(),
        sort,
        window: Window { offset: 0, limit: most },
        ..Plan::new(plan.relation, Shape::Groups { dimensions: 1 }, outputs.to_vec())
    };
    let x = quote(&plan.outputs[0].name);
    let mut sql = Sql::new("select m.* from (");
    sql.append(marks).push(") m join (").append(compile(&largest));
    sql.push(&format!(") t on t.{x} is not distinct from m.{x}"));
    sql
}
