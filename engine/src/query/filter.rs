//! Conditions that a person narrows the rows of a table by.

use chrono::{NaiveDate, NaiveDateTime};
use model::{ApiError, Code, ColumnType, Filter, FilterOp, MOST_VALUES, Span, Value, Zone};

use crate::expr::{BinaryOp, Expr, Function, Node};

/// What time it is, and where.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// UTC.
    pub now: NaiveDateTime,
    pub zone: &'a Zone,
}

pub(super) fn typed(raw: &model::Raw, ty: &ColumnType) -> Result<Value, ApiError> {
    Value::from_wire(raw, ty).map_err(|error| ApiError::say(Code::BadFilter, error.message().clone()))
}

/// Whether a filter fits a column of this type.
///
/// # Errors
/// `QY002` if not.
pub fn check_filter(filter: &Filter, ty: &ColumnType) -> Result<(), ApiError> {
    let clock = Clock { now: NaiveDateTime::default(), zone: &Zone::default() };
    filter_expr(filter, ty, clock).map(drop)
}

/// A filter's condition.
pub(super) fn filter_expr(filter: &Filter, ty: &ColumnType, clock: Clock<'_>) -> Result<Expr, ApiError> {
    let boolean = |node| Expr::new(node, ColumnType::Boolean);
    let column = Expr::column(&filter.column, ty.clone());
    let is_null = |column| boolean(Node::IsNull(Box::new(column)));
    let compare = |op| -> Result<Expr, ApiError> {
        let literal = Expr::new(Node::Literal(typed(&filter.value, ty)?), ty.clone());
        Ok(boolean(Node::Binary(op, Box::new(Expr::column(&filter.column, ty.clone())), Box::new(literal))))
    };
    match filter.op {
        FilterOp::Blank => Ok(is_null(column)),
        FilterOp::NotBlank => Ok(boolean(Node::Not(Box::new(is_null(column))))),
        FilterOp::Equals if filter.value.is_null() => Ok(is_null(column)),
        FilterOp::Equals => compare(BinaryOp::Equal),
        FilterOp::In => {
            let bad = || ApiError::with(Code::BadFilter, format!("This takes a list of up to {MOST_VALUES} values."));
            let list = filter.value.as_array().filter(|list| (1..=MOST_VALUES).contains(&list.len())).ok_or_else(bad)?;
            let values = list.iter().filter(|raw| !raw.is_null());
            let items = values
                .map(|raw| Ok(Expr::new(Node::Literal(typed(raw, ty)?), ty.clone())))
                .collect::<Result<Vec<_>, ApiError>>()?;
            let blank = list.iter().any(model::Raw::is_null).then(|| is_null(column.clone()));
            let listed = (!items.is_empty()).then(|| boolean(Node::InList(Box::new(column), items)));
            [listed, blank].into_iter().flatten().reduce(Expr::or).ok_or_else(bad)
        }
        FilterOp::Within => {
            let span = serde_json::from_value::<Span>(filter.value.clone())
                .ok()
                .and_then(|span| span.days(clock.zone.local(clock.now).date()));
            let (from, to) = span.ok_or_else(|| ApiError::with(Code::BadFilter, "There is no such span of days."))?;
            let (from, after) = match ty {
                ColumnType::Date => (Value::Date(from), Value::Date(to.succ_opt().unwrap_or(to))),
                ColumnType::Timestamp => {
                    let midnight = |day: NaiveDate| Value::Timestamp(clock.zone.start_of(day));
                    (midnight(from), midnight(to.succ_opt().unwrap_or(to)))
                }
                _ => return Err(ApiError::with(Code::BadFilter, "A span of days is for dates and points in time.")),
            };
            let bound = |op, value| {
                let literal = Expr::new(Node::Literal(value), ty.clone());
                boolean(Node::Binary(op, Box::new(Expr::column(&filter.column, ty.clone())), Box::new(literal)))
            };
            Ok(bound(BinaryOp::GreaterOrEqual, from).and(bound(BinaryOp::Less, after)))
        }
        FilterOp::AtLeast => compare(BinaryOp::GreaterOrEqual),
        FilterOp::AtMost => compare(BinaryOp::LessOrEqual),
        FilterOp::Contains => {
            let needle = filter
                .value
                .as_str()
                .filter(|_| matches!(ty, ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. }));
            let needle = needle.ok_or_else(|| ApiError::with(Code::BadFilter, "“Contains” is for text."))?;
            let escaped = needle.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let pattern = Expr::text(&format!("%{escaped}%"));
            let lowered = Expr::new(Node::Call(Function::Lower, vec![column]), ColumnType::Text);
            Ok(boolean(Node::Like(Box::new(lowered), Box::new(pattern))))
        }
    }
}
