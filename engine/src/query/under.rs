//! What is asked of an element besides itself: one of its charts further down, or the rows under a mark; and the rows that marks stand
//! for, as a condition.

use std::collections::BTreeMap;

use model::{ApiError, Code, Mark, QueryRequest, Raw, can_span};

use super::filter::typed;
use crate::catalog::{Access, Dataset, Dimensions, Element, Kind, MarksOf};
use crate::expr::{BinaryOp, Expr, Node};

fn unknown() -> ApiError {
    ApiError::say(Code::BadFilter, words::mark_unknown())
}

/// What `request` wants of an element that shows `shown` at first, and the rows that it is of.
///
/// # Errors
/// `AC004` for rows that nobody may look at and for what is hidden, `QY002` for what is no mark of the element.
pub(super) fn asked<'a>(
    element: &'a Element,
    shown: &'a Kind,
    dataset: Dataset<'_>,
    access: &Access,
    request: &QueryRequest,
) -> Result<(&'a Kind, Option<Expr>), ApiError> {
    let not_found = || ApiError::new(Code::NotFound);
    if !element.is_known(shown, access) {
        return Err(not_found());
    }
    let dimensions = shown.dimensions(dataset);
    let (kind, condition) = match &request.under {
        Some(mark) => {
            let parts = [condition(&dimensions, mark)?, counted(shown)];
            (element.details.as_ref().ok_or_else(not_found)?, parts.into_iter().flatten().reduce(Expr::and))
        }
        None => {
            let kind = shown.level(request.drill.len()).ok_or_else(unknown)?;
            (kind, condition(&dimensions, &Mark { x: request.drill.clone(), ..Mark::default() })?)
        }
    };
    let hidden = condition.iter().flat_map(Expr::columns).any(|column| access.hides(&element.dataset, column));
    if hidden || !element.is_known(kind, access) {
        return Err(not_found());
    }
    Ok((kind, condition))
}

/// Rows that any of these marks of another element stand for.
///
/// # Errors
/// `QY002` for what is no mark of it.
pub(super) fn marked(ways: &[MarksOf], marks: &[Raw]) -> Result<Option<Expr>, ApiError> {
    let mut all = Vec::new();
    for raw in marks {
        let mark: Mark = serde_json::from_value(raw.clone()).map_err(|_| unknown())?;
        let way = ways.iter().find(|way| is_set(&way.choices, &mark.set)).or(ways.first()).ok_or_else(unknown)?;
        // One that stands for everything filters nothing.
        let Some(condition) = condition(&way.dimensions, &mark)? else { return Ok(None) };
        all.push(condition);
    }
    Ok(all.into_iter().reduce(Expr::or))
}

fn is_set(choices: &[(String, String)], set: &BTreeMap<String, String>) -> bool {
    choices.iter().all(|(switch, option)| set.get(switch) == Some(option))
}

/// Rows that count in any of its numbers; `None` for all of them.
fn counted(kind: &Kind) -> Option<Expr> {
    let filters = kind.numbers().into_iter().map(|measure| measure.expr.counts_where()).collect::<Option<Vec<_>>>()?;
    filters.into_iter().reduce(Expr::or)
}

/// Rows that a mark stands for; `None` for all of them.
fn condition(dimensions: &Dimensions, mark: &Mark) -> Result<Option<Expr>, ApiError> {
    if mark.x.len() > dimensions.x.len() || mark.by.len() > dimensions.by.len() {
        return Err(unknown());
    }
    let span = mark.to.as_ref().map(|to| (mark.x.len().wrapping_sub(1), to));
    let mut parts = Vec::new();
    for (i, (expr, raw)) in dimensions.x.iter().zip(&mark.x).enumerate() {
        match span.filter(|(last, _)| *last == i) {
            Some((_, to)) if can_span(&expr.ty) && !raw.is_null() && !to.is_null() => {
                parts.push(compared(BinaryOp::GreaterOrEqual, expr, raw)?);
                parts.push(compared(BinaryOp::LessOrEqual, expr, to)?);
            }
            Some(_) => return Err(unknown()),
            None => parts.push(is(expr, raw)?),
        }
    }
    if mark.to.is_some() && mark.x.is_empty() {
        return Err(unknown());
    }
    for (expr, raw) in dimensions.by.iter().zip(&mark.by) {
        parts.push(is(expr, raw)?);
    }
    Ok(parts.into_iter().reduce(Expr::and))
}

fn is(expr: &Expr, raw: &Raw) -> Result<Expr, ApiError> {
    if raw.is_null() {
        return Ok(Expr::new(Node::IsNull(Box::new(expr.clone())), model::ColumnType::Boolean));
    }
    compared(BinaryOp::Equal, expr, raw)
}

fn compared(op: BinaryOp, expr: &Expr, raw: &Raw) -> Result<Expr, ApiError> {
    let ty = expr.ty.as_stored();
    let value = Expr::new(Node::Literal(typed(raw, &ty)?), ty);
    Ok(Expr::new(Node::Binary(op, Box::new(expr.clone()), Box::new(value)), model::ColumnType::Boolean))
}
