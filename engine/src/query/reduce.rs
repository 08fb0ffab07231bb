//! A line of more marks than a chart is drawn from: of each of many stretches of it those that its picture is made of.
//!
//! Per stretch and colour the first and the last mark, and of each measure the least and the most: "M4", whose line covers the
//! same pixels as that of all marks. <https://www.vldb.org/pvldb/vol7/p797-jugel.pdf>

use super::compile::all_marks;
use super::plan::{Output, Plan, Shape};
use crate::sql::{Sql, quote};

/// Stretches of a line: about as many as a chart has pixels for.
const STRETCHES: u32 = 500;

/// The marks to draw, in the order of x; a last column says how many there are in all. `None` for what is no line.
#[must_use]
pub fn compile_reduced(plan: &Plan<'_>) -> Option<Sql> {
    let Shape::Groups { dimensions } = plan.shape else { return None };
    if !plan.line {
        return None;
    }
    let name = |output: &Output| format!("m.{}", quote(&output.name));
    let (x, colours) = plan.outputs[..dimensions].split_first()?;
    let colours: String = colours.iter().map(|colour| format!("{}, ", name(colour))).collect();
    let ends = [format!("{} nulls last", name(x)), format!("{} desc nulls last", name(x))];
    let extremes = plan.outputs[dimensions..].iter().flat_map(|measure| {
        let measure = name(measure);
        [format!("{measure} nulls last"), format!("{measure} desc nulls last")]
    });
    let orders: Vec<String> = ends.into_iter().chain(extremes).collect();
    let ranked = orders
        .iter()
        .enumerate()
        .map(|(i, order)| format!(", row_number() over (partition by {colours}m._stretch order by {order}) as _n{i}"));
    let kept: Vec<String> = (0..orders.len()).map(|i| format!("m._n{i} = 1")).collect();
    let names: Vec<String> = plan.outputs.iter().map(name).collect();
    let mut sql = Sql::new(format!("select {}, m._all from (select m.*", names.join(", ")));
    sql.push(&ranked.collect::<String>());
    sql.push(&format!(" from (select m.*, ntile({STRETCHES}) over (order by {}) as _stretch", orders[0]));
    sql.push(", count(*) over () as _all from (").append(all_marks(plan)).push(") m) m) m where ");
    sql.push(&kept.join(" or ")).push(&format!(" order by {} limit {} offset 0", orders[0], plan.window.limit));
    Some(sql)
}
