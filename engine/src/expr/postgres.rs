//! What PostgreSQL does in its own way: next to nothing, since its meaning is the language's. Decimals are `numeric`, so
//! scales align themselves; only what is divided is rounded to the scale that the expression states.
//! <https://www.postgresql.org/docs/current/functions.html>

use model::ColumnType;

use super::ast::{Expr, Function};
use super::check::scale_of;
use super::render::{Renderer, interval_of, literal_of};
use super::sqlite;

/// The type that values of `ty` have in SQL.
pub(crate) fn type_name(ty: &ColumnType) -> &'static str {
    match ty {
        ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. } => "text",
        ColumnType::Integer => "bigint",
        ColumnType::Decimal { .. } => "numeric",
        ColumnType::Float => "double precision",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp",
    }
}

/// A column of another type of the engine's as one of ours.
pub(super) fn from_native(column: &str, ty: &ColumnType, native: &str) -> String {
    match ty {
        ColumnType::Decimal { scale } => format!("round({column}::numeric, {scale})"),
        // Timestamps without a zone are taken as UTC.
        ColumnType::Timestamp if native == "timestamp with time zone" => format!("({column} at time zone 'UTC')"),
        ty => format!("{column}::{}", type_name(ty)),
    }
}

pub(super) fn divide(r: &mut Renderer<'_>, a: &Expr, b: &Expr, ty: &ColumnType) {
    if *ty == ColumnType::Integer {
        // A sum of whole numbers is `numeric`, whose `/` does not cut off what is left over.
        r.wrapped("div((", &[a], ")::numeric, ");
        return r.wrapped("nullif((", &[b], ")::numeric, 0))::bigint");
    }
    let (open, close) = match ty {
        ColumnType::Decimal { scale } => ("round(", format!(", {scale})")),
        _ => ("(", ")".to_owned()),
    };
    r.push(open);
    number(r, a, ty);
    r.push(" / nullif(");
    number(r, b, ty);
    r.push(", 0)");
    r.push(&close);
}

pub(super) fn modulo(r: &mut Renderer<'_>, a: &Expr, b: &Expr, ty: &ColumnType) {
    r.push("(");
    number(r, a, ty);
    r.push(" % nullif(");
    number(r, b, ty);
    r.push(", 0))");
}

/// An operand of a division: whole numbers divide as decimals where the result is one.
fn number(r: &mut Renderer<'_>, x: &Expr, ty: &ColumnType) {
    match ty {
        ColumnType::Decimal { .. } if x.ty == ColumnType::Integer => r.wrapped("(", &[x], ")::numeric"),
        ty => cast(r, x, ty),
    }
}

pub(super) fn cast(r: &mut Renderer<'_>, expr: &Expr, ty: &ColumnType) {
    match ty {
        ColumnType::Float if expr.ty != ColumnType::Float => r.wrapped("(", &[expr], ")::double precision"),
        _ => r.expr(expr),
    }
}

pub(super) fn call(r: &mut Renderer<'_>, function: Function, args: &[Expr], ty: &ColumnType) {
    let name = match function {
        Function::Round => return r.wrapped("round(", &[&args[0]], &format!(", {})", scale_of(ty))),
        Function::DateTrunc => {
            // The type of a plain `date_trunc` of a date is a timestamp.
            let end = if *ty == ColumnType::Date { ")::date" } else { ")" };
            return r.wrapped(&format!("date_trunc('{}', ", literal_of(&args[0])), &[&args[1]], end);
        }
        Function::DatePart => {
            return r.wrapped(&format!("date_part('{}', ", literal_of(&args[0])), &[&args[1]], ")::bigint");
        }
        Function::Abs => "abs(",
        Function::Lower => "lower(",
        Function::Upper => "upper(",
        Function::Trim => "btrim(",
        Function::Substr => return substr(r, args),
        Function::Concat => "concat(",
        Function::Length => return r.wrapped("length(", &[&args[0]], ")::bigint"),
        // Rendered points in time have no zone, and are UTC's.
        Function::ToZone => return at_zone(r, args, "UTC", literal_of(&args[1])),
        Function::FromZone => return at_zone(r, args, literal_of(&args[1]), "UTC"),
        Function::Later => {
            let end = if *ty == ColumnType::Date { "')::date" } else { "')" };
            return r.wrapped("(", &[&args[0]], &format!(" + interval '{}{end}", interval_of(args)));
        }
        Function::Bin => return sqlite::bin(r, args),
        Function::Coalesce | Function::NullIf => unreachable!("rendered alike for every engine"),
    };
    r.wrapped(name, &args.iter().collect::<Vec<_>>(), ")");
}

/// Exact, where `percentile_cont` would calculate in floats: the mean of the middle from below and from above.
/// <https://www.postgresql.org/docs/current/functions-aggregate.html#FUNCTIONS-ORDEREDSET-TABLE>
pub(super) fn median(r: &mut Renderer<'_>, arg: &Expr, ty: &ColumnType) {
    let (open, close) = match ty {
        ColumnType::Decimal { scale } => ("round((", format!(" desc)) / 2.0, {scale})")),
        _ => ("((", " desc)) / 2)".to_owned()),
    };
    r.push(open);
    r.wrapped("percentile_disc(0.5) within group (order by ", &[arg], ") + ");
    r.wrapped("percentile_disc(0.5) within group (order by ", &[arg], &close);
}

/// A trillionth less than `share` is asked for: as a float it may be a little more than it is, and the next value be taken.
pub(super) fn percentile(r: &mut Renderer<'_>, arg: &Expr, share: u16) {
    let share = format!("0.{:012}", u64::from(share) * 100_000_000 - 1);
    r.wrapped(&format!("percentile_disc({share}) within group (order by "), &[arg], ")");
}

/// <https://www.postgresql.org/docs/current/functions-datetime.html#FUNCTIONS-DATETIME-ZONECONVERT>
fn at_zone(r: &mut Renderer<'_>, args: &[Expr], from: &str, to: &str) {
    r.wrapped("((", &[&args[0]], &format!(") at time zone '{from}' at time zone '{to}')"));
}

/// Its numbers are of a smaller type than ours.
fn substr(r: &mut Renderer<'_>, args: &[Expr]) {
    r.wrapped("substr(", &[&args[0]], "");
    for arg in &args[1..] {
        r.wrapped(", (", &[arg], ")::integer");
    }
    r.push(")");
}
