//! Groups of rows: those that are alike in some columns stand together, and what they come to is told once for all of them.
//!
//! Each level of groups is a SELECT of its own: an average over a region is not made of the averages over its cities.

use model::{ApiError, Code, ColumnType, Group, Grouping, MOST_GROUPS, MOST_LEVELS, Raw, Value};

use super::filter::typed;
use super::plan::{Output, Plan, Shape, Window};
use crate::expr::{Aggregate, BinaryOp, Expr, Node};

/// The outputs that rows are grouped by, and whether downwards, which is as `sort` has it.
pub(super) fn levels(grouping: &Grouping, shown: &[Output], sort: &[(usize, bool)]) -> Result<Vec<(usize, bool)>, ApiError> {
    if grouping.columns.len() > MOST_LEVELS || grouping.closed.len() > MOST_GROUPS {
        return Err(bad(format!("Rows are grouped by at most {MOST_LEVELS} columns, in at most {MOST_GROUPS} groups.")));
    }
    let mut found = Vec::new();
    for name in &grouping.columns {
        let output = shown.iter().position(|output| output.name == *name).ok_or_else(|| ApiError::new(Code::UnknownColumn))?;
        if found.iter().any(|(level, _)| *level == output) {
            return Err(bad(format!("Rows are grouped by `{name}` already.")));
        }
        found.push((output, sort.iter().any(|(by, descending)| *by == output && *descending)));
    }
    Ok(found)
}

fn bad(message: String) -> ApiError {
    ApiError::with(Code::BadGrouping, message)
}

/// Conditions that a row is in none of the groups that are closed.
pub(super) fn open(grouping: &Grouping, outputs: &[Output]) -> Result<Vec<Expr>, ApiError> {
    let boolean = |node| Expr::new(node, ColumnType::Boolean);
    let not = |expr| boolean(Node::Not(Box::new(expr)));
    let column = |level: usize| {
        let name = grouping.columns.get(level).ok_or_else(|| bad("A closed group has more values than columns.".into()))?;
        let output = outputs.iter().find(|output| output.name == *name);
        output.map(|output| output.expr.clone()).ok_or_else(|| ApiError::new(Code::UnknownColumn))
    };
    let is_null = |column: &Expr| boolean(Node::IsNull(Box::new(column.clone())));
    // One condition for all groups of the outermost level, however many there are: a warehouse looks them up in a list.
    let (outer, inner): (Vec<_>, Vec<_>) = grouping.closed.iter().partition(|values| values.len() == 1);
    let mut conditions = Vec::new();
    if !outer.is_empty() {
        let column = column(0)?;
        let values = outer.iter().map(|values| &values[0]).filter(|raw| !raw.is_null());
        let items = values.map(|raw| literal(raw, &column)).collect::<Result<Vec<_>, _>>()?;
        if outer.iter().any(|values| values[0].is_null()) {
            conditions.push(not(is_null(&column)));
        }
        if !items.is_empty() {
            let listed = boolean(Node::InList(Box::new(column.clone()), items));
            conditions.push(is_null(&column).or(not(listed)));
        }
    }
    for values in inner {
        let differs = |(level, raw): (usize, &Raw)| {
            let column = column(level)?;
            if raw.is_null() {
                return Ok(not(is_null(&column)));
            }
            let equal = boolean(Node::Binary(BinaryOp::Equal, Box::new(column.clone()), Box::new(literal(raw, &column)?)));
            Ok(is_null(&column).or(not(equal)))
        };
        let differs = values.iter().enumerate().map(differs).collect::<Result<Vec<_>, ApiError>>()?;
        conditions.push(differs.into_iter().reduce(Expr::or).ok_or_else(|| bad("A closed group has values.".into()))?);
    }
    Ok(conditions)
}

fn literal(raw: &Raw, column: &Expr) -> Result<Expr, ApiError> {
    let ty = column.ty.as_stored();
    Ok(Expr::new(Node::Literal(typed(raw, &ty)?), ty))
}

impl Plan<'_> {
    /// The groups of one level, counted from 0: what they are grouped by, how many rows they have, their totals.
    #[must_use]
    pub fn groups(&self, level: usize) -> Self {
        let mut sort = self.sort[..=level].to_vec();
        let mut outputs: Vec<Output> =
            sort.iter().filter_map(|sort| sort.output).map(|output| self.outputs[output].clone()).collect();
        sort.iter_mut().enumerate().for_each(|(i, sort)| sort.output = Some(i));
        let count = Expr::new(Node::Aggregate(Aggregate::Count, None), ColumnType::Integer);
        outputs.push(Output { name: "count".into(), label: "count".into(), format: None, expr: count });
        outputs.extend(self.totals.iter().cloned());
        let window = Window { offset: 0, limit: MOST_GROUPS as u64 + 1 };
        let shape = Shape::Groups { dimensions: level + 1 };
        Self { filters: self.filters.clone(), sort, window, ..Self::new(self.relation, shape, outputs) }
    }
}

/// Puts the groups of all levels, each level in order, into one list: each followed by those within it.
///
/// # Errors
/// `QY007` if there are more than [`MOST_GROUPS`].
pub fn nested(levels: Vec<Vec<Vec<Value>>>) -> Result<Vec<Group>, ApiError> {
    if levels.iter().any(|groups| groups.len() > MOST_GROUPS) {
        return Err(ApiError::say(Code::BadGrouping, words::groups_at_most(MOST_GROUPS)));
    }
    let group = |level: usize, row: Vec<Value>| {
        let mut values: Vec<Raw> = row.iter().map(Value::to_wire).collect();
        let totals = values.split_off((level + 2).min(values.len()));
        let count = values.pop().and_then(|count| count.as_u64()).unwrap_or(0);
        Group { values, count, totals }
    };
    let mut levels: Vec<_> = levels
        .into_iter()
        .enumerate()
        .map(|(level, groups)| groups.into_iter().map(move |row| group(level, row)).peekable())
        .collect();
    let mut found: Vec<Group> = Vec::new();
    let mut level = 0;
    while let Some(outer) = levels.first_mut() {
        let within = |group: &Group, of: Option<&Group>| of.is_some_and(|of| group.values.starts_with(&of.values));
        let next = if level == 0 {
            outer.next()
        } else {
            // The last group of the level above that was put in.
            let above = found.iter().rev().find(|group| group.values.len() == level).cloned();
            levels.get_mut(level).and_then(|groups| groups.next_if(|group| within(group, above.as_ref())))
        };
        match next {
            Some(group) => {
                found.push(group);
                level = (level + 1).min(levels.len() - 1);
            }
            None if level == 0 => break,
            None => level -= 1,
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_followed_by_those_within_them() {
        let row = |values: &[&str], count: i64, total: i64| {
            let values = values.iter().map(|text| if text.is_empty() { Value::Null } else { Value::Text((*text).into()) });
            values.chain([Value::Integer(count), Value::Integer(total)]).collect::<Vec<_>>()
        };
        let outer = vec![row(&["a"], 3, 30), row(&["b"], 1, 7), row(&[""], 1, 9)];
        let inner = vec![row(&["a", "x"], 2, 20), row(&["a", ""], 1, 10), row(&["b", "x"], 1, 7), row(&["", "x"], 1, 9)];
        let found = nested(vec![outer.clone(), inner]).unwrap();
        let told: Vec<_> = found.iter().map(|g| (serde_json::to_string(&g.values).unwrap(), g.count)).collect();
        let told: Vec<_> = told.iter().map(|(values, count)| (values.as_str(), *count)).collect();
        let expected = [
            (r#"["a"]"#, 3),
            (r#"["a","x"]"#, 2),
            (r#"["a",null]"#, 1),
            (r#"["b"]"#, 1),
            (r#"["b","x"]"#, 1),
            ("[null]", 1),
            (r#"[null,"x"]"#, 1),
        ];
        assert_eq!(told, expected);
        assert_eq!(found[0].totals, [Raw::from(30)]);
        assert_eq!(nested(vec![outer]).unwrap().len(), 3);
        let many = (0..=MOST_GROUPS).map(|n| row(&[&n.to_string()], 1, 1)).collect();
        assert_eq!(nested(vec![many]).unwrap_err().code, Code::BadGrouping);
    }
}
