//! What SQLite does in its own way.
//!
//! Decimals are integers of minor units, so every operation aligns scales itself; dates and timestamps are fixed-width
//! text, so they compare as text; `like` is case-sensitive by a pragma that each connection sets; functions that begin with
//! `inlay_` are ours (`warehouse/sqlite/functions.rs`). <https://www.sqlite.org/lang_corefunc.html>

use model::ColumnType;

use super::ast::{Expr, Function};
use super::check::scale_of;
use super::render::{Renderer, interval_of, literal_of};

pub(super) fn divide(r: &mut Renderer<'_>, a: &Expr, b: &Expr, ty: &ColumnType) {
    match ty {
        ColumnType::Decimal { scale } => {
            let power = 10_i128.pow(scale + scale_of(&b.ty) - scale_of(&a.ty));
            r.wrapped("inlay_divide(", &[a, b], &format!(", {power})"));
        }
        _ => {
            r.push("(");
            r.cast(a, ty);
            r.push(" / nullif(");
            r.cast(b, ty);
            r.push(", 0))");
        }
    }
}

pub(super) fn cast(r: &mut Renderer<'_>, expr: &Expr, ty: &ColumnType) {
    let from = scale_of(&expr.ty);
    match ty {
        ColumnType::Float if expr.ty != ColumnType::Float => {
            r.wrapped("(", &[expr], &format!(" / 1{}.0)", "0".repeat(from as usize)));
        }
        ColumnType::Decimal { scale } if expr.ty.is_numeric() && *scale > from => {
            r.wrapped("(", &[expr], &format!(" * 1{})", "0".repeat((scale - from) as usize)));
        }
        _ => r.expr(expr),
    }
}

pub(super) fn call(r: &mut Renderer<'_>, function: Function, args: &[Expr], ty: &ColumnType) {
    let name = match function {
        Function::Round => return round(r, &args[0], scale_of(ty)),
        Function::DateTrunc => return date_trunc(r, &args[0], &args[1]),
        Function::DatePart => return date_part(r, &args[0], &args[1]),
        Function::Abs => "abs(",
        Function::Lower => "inlay_lower(",
        Function::Upper => "inlay_upper(",
        Function::Trim => "trim(",
        Function::Substr => "substr(",
        Function::Concat => "concat(",
        Function::Length => "length(",
        Function::ToZone => return r.wrapped("inlay_local(", &[&args[0]], &format!(", '{}')", literal_of(&args[1]))),
        Function::FromZone => return r.wrapped("inlay_utc(", &[&args[0]], &format!(", '{}')", literal_of(&args[1]))),
        Function::Later => {
            r.wrapped("date(", &[&args[0]], &format!(", '{}')", interval_of(args)));
            return end_of_trunc(r, &args[0]);
        }
        Function::Bin => return bin(r, args),
        Function::Coalesce | Function::NullIf => unreachable!("rendered alike for every engine"),
    };
    r.wrapped(name, &args.iter().collect::<Vec<_>>(), ")");
}

pub(super) fn average(r: &mut Renderer<'_>, arg: &Expr, scale: u32) {
    let power = 10_i64.pow(scale - scale_of(&arg.ty));
    r.wrapped("inlay_divide(sum(", &[arg], "), count(");
    r.wrapped("", &[arg], &format!("), {power})"));
}

/// Half of the two in the middle.
pub(super) fn median(r: &mut Renderer<'_>, arg: &Expr, ty: &ColumnType) {
    match ty {
        ColumnType::Decimal { scale } => {
            let power = 10_i64.pow(scale - scale_of(&arg.ty));
            r.wrapped("inlay_divide(inlay_middles(", &[arg], &format!("), 2, {power})"));
        }
        _ => r.wrapped("(inlay_middles(", &[arg], ") / 2)"),
    }
}

fn round(r: &mut Renderer<'_>, x: &Expr, digits: u32) {
    let power = 10_i64.pow(scale_of(&x.ty) - digits);
    r.wrapped("inlay_divide(", &[x], &format!(", {power}, 1)"));
}

fn date_trunc(r: &mut Renderer<'_>, unit: &Expr, x: &Expr) {
    let modifiers = match literal_of(unit) {
        "year" => ", 'start of year')",
        "month" => ", 'start of month')",
        "week" => ", '-6 days', 'weekday 1')",
        "quarter" => {
            r.wrapped("date(", &[x], ", 'start of month', printf('-%d months', (cast(strftime('%m', ");
            r.wrapped("", &[x], ") as integer) - 1) % 3))");
            return end_of_trunc(r, x);
        }
        _ => ")",
    };
    r.wrapped("date(", &[x], modifiers);
    end_of_trunc(r, x);
}

fn end_of_trunc(r: &mut Renderer<'_>, x: &Expr) {
    if x.ty == ColumnType::Timestamp {
        r.push(" || 'T00:00:00.000000Z'");
    }
}

fn date_part(r: &mut Renderer<'_>, unit: &Expr, x: &Expr) {
    let format = match literal_of(unit) {
        "year" => "%Y",
        "month" => "%m",
        "week" => "%V",
        "day" => "%d",
        "dow" => "%w",
        "hour" => "%H",
        "minute" => "%M",
        _ => return r.wrapped("((cast(strftime('%m', ", &[x], ") as integer) + 2) / 3)"),
    };
    r.wrapped(&format!("cast(strftime('{format}', "), &[x], ") as integer)");
}

/// Below nothing too: `%` has the sign of what is divided.
pub(super) fn bin(r: &mut Renderer<'_>, args: &[Expr]) {
    let [x, width] = args else { return };
    r.wrapped("(", &[x], " - (((");
    r.wrapped("", &[x], ") % ");
    r.wrapped("", &[width], ") + ");
    r.wrapped("", &[width], ") % ");
    r.wrapped("", &[width], ")");
}
