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
    /// The month that a fiscal year begins with, 1 to 12.
    pub fiscal_year_starts: u32,
}

pub(super) fn typed(raw: &model::Raw, ty: &ColumnType) -> Result<Value, ApiError> {
    Value::from_wire(raw, ty).map_err(|error| ApiError::say(Code::BadFilter, error.message().clone()))
}

/// Whether a filter fits a column of this type.
///
/// # Errors
/// `QY002` if not.
pub fn check_filter(filter: &Filter, ty: &ColumnType) -> Result<(), ApiError> {
    let clock = Clock { now: NaiveDateTime::default(), zone: &Zone::default(), fiscal_year_starts: 1 };
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
            let span = serde_json::from_value::<Span>(filter.value.clone());
            let (from, to) = days(span.map_err(|_| no_span())?, clock)?;
            between_days(column, Some(from), Some(to), clock.zone)?.into_iter().reduce(Expr::and).ok_or_else(no_span)
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

fn no_span() -> ApiError {
    ApiError::with(Code::BadFilter, "There is no such span of days.")
}

/// The first and the last day of a span, by the workbook's clocks.
pub(super) fn days(span: Span, clock: Clock<'_>) -> Result<(NaiveDate, NaiveDate), ApiError> {
    span.days(clock.zone.local(clock.now).date(), clock.fiscal_year_starts).ok_or_else(no_span)
}

/// That a date or a point in time lies on one of the days from the first to the last, or beyond an end that is open.
pub(super) fn between_days(
    column: Expr,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    zone: &Zone,
) -> Result<Vec<Expr>, ApiError> {
    let ty = column.ty.clone();
    let start = |day: NaiveDate| match ty {
        ColumnType::Date => Ok(Value::Date(day)),
        ColumnType::Timestamp => Ok(Value::Timestamp(zone.start_of(day))),
        _ => Err(ApiError::with(Code::BadFilter, "A span of days is for dates and points in time.")),
    };
    let bound = |op, day| {
        let literal = Expr::new(Node::Literal(start(day)?), ty.clone());
        Ok(Expr::new(Node::Binary(op, Box::new(column.clone()), Box::new(literal)), ColumnType::Boolean))
    };
    let from = from.map(|day| bound(BinaryOp::GreaterOrEqual, day));
    let to = to.map(|day| match day.succ_opt() {
        Some(after) => bound(BinaryOp::Less, after),
        None => bound(BinaryOp::LessOrEqual, day),
    });
    from.into_iter().chain(to).collect()
}
