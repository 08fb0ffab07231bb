//! The catalogue of functions: names, arguments and result types. Adding one: a name here, a line in each renderer, a
//! row in `docs/expressions.md`.

use model::{ColumnType, Decimal, Value};
use sqlparser::ast as sql;
use sqlparser::tokenizer::Location;

use super::ast::{Aggregate, BinaryOp, Expr, Function, Node, Window};
use super::check::{Checker, Use, place, ratio, scale_of, unify};
use super::parse::ExprError;
use super::render::literal_of;

type Checked = Result<Expr, ExprError>;

const NAMES: &[&str] = &[
    "coalesce",
    "nullif",
    "round",
    "abs",
    "lower",
    "upper",
    "trim",
    "substr",
    "concat",
    "length",
    "date_trunc",
    "date_part",
    "median",
    "percentile",
    "sum",
    "avg",
    "min",
    "max",
    "count",
];
/// Those that set a mark of a chart beside others.
const WINDOWS: &[&str] = &["running_total", "share_of_total", "rank", "previous", "difference", "percent_change"];
/// What `date_trunc` cuts to.
pub(crate) const TRUNC_UNITS: [&str; 7] = ["year", "quarter", "month", "week", "day", "fiscal_year", "fiscal_quarter"];
const PART_UNITS: &[&str] =
    &["year", "quarter", "month", "week", "day", "dow", "hour", "minute", "fiscal_year", "fiscal_quarter", "fiscal_month"];

pub(super) fn call(checker: &Checker<'_>, function: &sql::Function, at: Location) -> Checked {
    let name = function.name.to_string().to_ascii_lowercase();
    let (args, star, distinct) = arguments(function, at)?;
    if name == "@user.has_role" {
        return match args.as_slice() {
            [sql::Expr::Value(value)] => match &value.value {
                sql::Value::SingleQuotedString(role) => Ok(Expr::new(Node::HasRole(role.clone()), ColumnType::Boolean)),
                _ => Err(ExprError::at(at, words::expr_role_text())),
            },
            _ => Err(ExprError::at(at, words::expr_role_one())),
        };
    }
    if function.over.is_some() || !function.within_group.is_empty() {
        return Err(ExprError::at(at, words::expr_windows()));
    }
    let aggregated = match aggregate_kind(&name, distinct) {
        Some(kind) => Some(aggregate(checker, kind, &args, star, at)?),
        None if name == "percentile" && !distinct && !star => Some(percentile(checker, &args, at)?),
        None => None,
    };
    match (aggregated, &function.filter) {
        (Some(aggregated), None) => return Ok(aggregated),
        (Some(aggregated), Some(filter)) => {
            let condition = inside(checker, at)?.condition(filter)?;
            return Ok(aggregated.only_where(&condition));
        }
        (None, Some(_)) => return Err(ExprError::at(at, words::expr_filter_place())),
        (None, None) => {}
    }
    if WINDOWS.contains(&name.as_str()) && !distinct && !star {
        return window(checker, &name, &args, at);
    }
    if distinct || star {
        return Err(ExprError::at(at, words::expr_plain_arguments(&name)));
    }
    scalar(checker, &name, &args, at)
}

fn arguments(function: &sql::Function, at: Location) -> Result<(Vec<sql::Expr>, bool, bool), ExprError> {
    let list = match &function.args {
        sql::FunctionArguments::List(list) if list.clauses.is_empty() => list,
        sql::FunctionArguments::None => return Ok((Vec::new(), false, false)),
        _ => {
            return Err(ExprError::at(at, words::expr_arguments()));
        }
    };
    let distinct = list.duplicate_treatment == Some(sql::DuplicateTreatment::Distinct);
    let mut args = Vec::new();
    let mut star = false;
    for arg in &list.args {
        match arg {
            sql::FunctionArg::Unnamed(sql::FunctionArgExpr::Expr(expr)) => args.push(expr.clone()),
            sql::FunctionArg::Unnamed(sql::FunctionArgExpr::Wildcard) => star = true,
            _ => {
                return Err(ExprError::at(at, words::expr_arguments()));
            }
        }
    }
    Ok((args, star, distinct))
}

fn aggregate_kind(name: &str, distinct: bool) -> Option<Aggregate> {
    Some(match (name, distinct) {
        ("count", true) => Aggregate::CountDistinct,
        ("count", false) => Aggregate::Count,
        ("sum", false) => Aggregate::Sum,
        ("avg", false) => Aggregate::Avg,
        ("min", _) => Aggregate::Min,
        ("max", _) => Aggregate::Max,
        ("median", false) => Aggregate::Median,
        _ => return None,
    })
}

/// For what stands inside an aggregate, if one may stand here.
fn inside<'a>(checker: &Checker<'a>, at: Location) -> Result<Checker<'a>, ExprError> {
    if checker.scope.used != Use::Measure {
        return Err(ExprError::at(at, words::expr_aggregate_place()));
    }
    if checker.in_aggregate {
        return Err(ExprError::at(at, words::expr_aggregate_nested()));
    }
    Ok(Checker { in_aggregate: true, ..*checker })
}

fn aggregate(checker: &Checker<'_>, kind: Aggregate, args: &[sql::Expr], star: bool, at: Location) -> Checked {
    let inner = inside(checker, at)?;
    let arg = match (args, star) {
        ([], true) if kind == Aggregate::Count => {
            return Ok(Expr::new(Node::Aggregate(kind, None), ColumnType::Integer));
        }
        ([arg], false) => match kind {
            Aggregate::Sum | Aggregate::Avg | Aggregate::Median => inner.number(arg)?,
            _ => inner.value(arg)?,
        },
        _ => return Err(ExprError::at(at, words::expr_aggregate_one())),
    };
    let ty = match (kind, &arg.ty) {
        (Aggregate::Count | Aggregate::CountDistinct, _) => ColumnType::Integer,
        (Aggregate::Avg, ColumnType::Float) => ColumnType::Float,
        (Aggregate::Avg, ty) => ColumnType::Decimal { scale: scale_of(ty).max(6) },
        (Aggregate::Median, ColumnType::Float) => ColumnType::Float,
        // Half of the last digit is the least that two values can be apart from their mean.
        (Aggregate::Median, ty) => ColumnType::Decimal { scale: (scale_of(ty) + 1).min(18) },
        (_, ty) => ty.clone(),
    };
    Ok(Expr::new(Node::Aggregate(kind, Some(Box::new(arg))), ty))
}

/// `percentile(x, 0.95)`.
fn percentile(checker: &Checker<'_>, args: &[sql::Expr], at: Location) -> Checked {
    let [x, share] = args else {
        return Err(ExprError::at(at, words::expr_percentile()));
    };
    let bad = || ExprError::at(place(share), words::expr_percentile());
    let share = match checker.check(share)?.node {
        Node::Literal(Value::Decimal(share)) => share,
        Node::Literal(Value::Integer(share)) => share.into(),
        _ => return Err(bad()),
    };
    let parts =
        share.checked_mul(PERCENTILE_PARTS.into()).filter(Decimal::is_integer).and_then(|parts| u16::try_from(parts).ok());
    let share = parts.filter(|parts| (1..=PERCENTILE_PARTS).contains(parts)).ok_or_else(bad)?;
    let x = inside(checker, at)?.number(x)?;
    let ty = x.ty.clone();
    Ok(Expr::new(Node::Aggregate(Aggregate::Percentile(share), Some(Box::new(x))), ty))
}

/// Percentiles are counted in ten-thousandths.
const PERCENTILE_PARTS: u16 = 10_000;

/// A measure beside those of other marks.
fn window(checker: &Checker<'_>, name: &str, args: &[sql::Expr], at: Location) -> Checked {
    let back = matches!(name, "previous" | "difference" | "percent_change");
    let (measure, before) = match args {
        [measure] => (measure, Window::Previous),
        [measure, unit_back] if back => {
            unit(checker, unit_back, &["year"])?;
            (measure, Window::YearBefore)
        }
        _ => return Err(ExprError::at(at, words::expr_arity(args.len(), name))),
    };
    if checker.scope.used != Use::Measure || checker.in_aggregate {
        return Err(ExprError::at(at, words::expr_window_place(name)));
    }
    let measure = checker.number(measure)?;
    if !measure.is_aggregate() || measure.has_window() {
        return Err(ExprError::at(at, words::expr_window_of(name)));
    }
    let of = |kind, ty| Expr::new(Node::Window(kind, Box::new(measure.clone())), ty);
    let ty = measure.ty.clone();
    let binary = |op, a, b, ty| Expr::new(Node::Binary(op, Box::new(a), Box::new(b)), ty);
    let difference = || binary(BinaryOp::Subtract, measure.clone(), of(before, ty.clone()), ty.clone());
    Ok(match name {
        "running_total" => of(Window::RunningTotal, ty),
        "rank" => of(Window::Rank, ColumnType::Integer),
        "previous" => of(before, ty),
        "difference" => difference(),
        "share_of_total" => ratio(measure.clone(), of(Window::Total, ty)),
        // From -10 to 5 is up, not down.
        _ => {
            let before = Expr::new(Node::Call(Function::Abs, vec![of(before, ty.clone())]), ty.clone());
            ratio(difference(), before)
        }
    })
}

fn scalar(checker: &Checker<'_>, name: &str, args: &[sql::Expr], at: Location) -> Checked {
    let make = |function, args, ty| Ok(Expr::new(Node::Call(function, args), ty));
    match (name, args) {
        ("coalesce", [_, ..]) => {
            let (args, ty) = unify(args.iter().map(|a| checker.value(a)).collect::<Result<_, _>>()?, at)?;
            make(Function::Coalesce, args, ty)
        }
        ("nullif", [a, b]) => {
            let (a, b) = checker.same_kind(checker.value(a)?, checker.value(b)?, at)?;
            let ty = a.ty.clone();
            make(Function::NullIf, vec![a, b], ty)
        }
        ("abs", [x]) => {
            let x = checker.number(x)?;
            let ty = x.ty.clone();
            make(Function::Abs, vec![x], ty)
        }
        ("round", [x]) => round(checker, x, 0, at),
        ("round", [x, digits]) => match checker.check(digits)?.node {
            Node::Literal(Value::Integer(digits @ 0..=18)) => round(checker, x, digits as u32, at),
            _ => Err(ExprError::at(place(digits), words::expr_round_digits())),
        },
        ("lower" | "upper", [x]) => {
            let function = if name == "lower" { Function::Lower } else { Function::Upper };
            make(function, vec![checker.text(x)?], ColumnType::Text)
        }
        ("trim", [x]) => trim(checker, x),
        ("length", [x]) => make(Function::Length, vec![checker.text(x)?], ColumnType::Integer),
        ("substr" | "substring", [x, from]) => substring(checker, x, Some(from), None, at),
        ("substr" | "substring", [x, from, length]) => substring(checker, x, Some(from), Some(length), at),
        ("concat", [_, ..]) => {
            make(Function::Concat, args.iter().map(|a| checker.text(a)).collect::<Result<_, _>>()?, ColumnType::Text)
        }
        ("date_trunc", [u, x]) => {
            let (u, x) = (unit(checker, u, &TRUNC_UNITS)?, clock(checker, date(checker, x)?));
            Ok(in_zone(checker, Function::FromZone, begun(checker, u, x)))
        }
        ("date_part", [u, x]) => {
            let (u, x) = (unit(checker, u, PART_UNITS)?, clock(checker, date(checker, x)?));
            let (u, x) = fiscal_part(checker, u, x);
            make(Function::DatePart, vec![u, x], ColumnType::Integer)
        }
        (name, _) if NAMES.contains(&name) => Err(ExprError::at(at, words::expr_arity(args.len(), name))),
        (name, _) => Err(ExprError::at(at, words::expr_no_function(name)).did_you_mean(name, NAMES.iter().chain(WINDOWS))),
    }
}

/// The beginning of the period that `x`, which is as the workbook's clocks have it, lies in.
fn begun(checker: &Checker<'_>, unit: Expr, x: Expr) -> Expr {
    let Some(plain) = literal_of(&unit).strip_prefix("fiscal_") else {
        return cut(unit, x);
    };
    // Moved so that the fiscal year begins with January, cut, and moved back.
    let ahead = i64::from(checker.scope.fiscal_year_starts) - 1;
    let moved = cut(Expr::text("month"), x).later(-ahead, "months");
    cut(Expr::text(plain), moved).later(ahead, "months")
}

fn cut(unit: Expr, x: Expr) -> Expr {
    let ty = x.ty.clone();
    Expr::new(Node::Call(Function::DateTrunc, vec![unit, x]), ty)
}

/// A part of a fiscal year as the like part of another date; a fiscal year is called by the year that it ends in.
fn fiscal_part(checker: &Checker<'_>, unit: Expr, x: Expr) -> (Expr, Expr) {
    let Some(plain) = literal_of(&unit).strip_prefix("fiscal_") else {
        return (unit, x);
    };
    let ahead = i64::from(checker.scope.fiscal_year_starts) - 1;
    let moved = if plain == "year" && ahead > 0 { 12 - ahead } else { -ahead };
    (Expr::text(plain), cut(Expr::text("month"), x).later(moved, "months"))
}

/// A point in time as the workbook's clocks have it; a date is what it is.
fn clock(checker: &Checker<'_>, x: Expr) -> Expr {
    in_zone(checker, Function::ToZone, x)
}

fn in_zone(checker: &Checker<'_>, function: Function, x: Expr) -> Expr {
    if x.ty != ColumnType::Timestamp || checker.scope.zone == "UTC" {
        return x;
    }
    Expr::new(Node::Call(function, vec![x, Expr::text(checker.scope.zone)]), ColumnType::Timestamp)
}

fn round(checker: &Checker<'_>, x: &sql::Expr, digits: u32, at: Location) -> Checked {
    let x = checker.number(x)?;
    match &x.ty {
        ColumnType::Float => Err(ExprError::at(at, words::expr_round_float())),
        ColumnType::Decimal { scale } if digits < *scale => {
            Ok(Expr::new(Node::Call(Function::Round, vec![x]), ColumnType::Decimal { scale: digits }))
        }
        _ => Ok(x),
    }
}

pub(super) fn trim(checker: &Checker<'_>, x: &sql::Expr) -> Checked {
    Ok(Expr::new(Node::Call(Function::Trim, vec![checker.text(x)?]), ColumnType::Text))
}

pub(super) fn substring(
    checker: &Checker<'_>,
    x: &sql::Expr,
    from: Option<&sql::Expr>,
    length: Option<&sql::Expr>,
    at: Location,
) -> Checked {
    let positive = |expr: &sql::Expr, least: i64| match checker.check(expr)?.node {
        Node::Literal(Value::Integer(n)) if n >= least => Ok(Expr::integer(n)),
        _ => Err(ExprError::at(place(expr), words::expr_substr_literal(least))),
    };
    let mut args = vec![checker.text(x)?, positive(from.ok_or_else(|| ExprError::at(at, words::expr_substr_start()))?, 1)?];
    if let Some(length) = length {
        args.push(positive(length, 0)?);
    }
    Ok(Expr::new(Node::Call(Function::Substr, args), ColumnType::Text))
}

fn unit(checker: &Checker<'_>, expr: &sql::Expr, units: &[&str]) -> Checked {
    let checked = checker.check(expr)?;
    match &checked.node {
        Node::Literal(Value::Text(text)) if units.contains(&text.as_str()) => Ok(checked),
        Node::Literal(Value::Text(text)) => {
            Err(ExprError::at(place(expr), words::expr_not_one_of(text, units.join(", "))).did_you_mean(text, units))
        }
        _ => Err(ExprError::at(place(expr), words::expr_unit(units.join(", ")))),
    }
}

fn date(checker: &Checker<'_>, expr: &sql::Expr) -> Checked {
    let checked = checker.value(expr)?;
    match checked.ty {
        ColumnType::Date | ColumnType::Timestamp => Ok(checked),
        other => Err(ExprError::at(place(expr), words::expr_expected_date(other.said()))),
    }
}
