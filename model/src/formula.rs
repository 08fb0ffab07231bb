//! What an expression of a form comes to, in the browser while somebody types and in the server when it is sent.
//!
//! A small part of the expression language, with the same meaning: the engine makes a [`Formula`] of a checked expression,
//! and its tests hold both to what the warehouses answer.

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::{ColumnType, Moment, Raw, Value, Zone};

/// An expression that needs no warehouse. What was said of the person is in it as values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    Literal(Raw, ColumnType),
    /// What is in a field of the form.
    Field(String),
    /// What is chosen in a control.
    Control(String),
    /// A point in time, UTC.
    Now,
    Not(Box<Formula>),
    Negate(Box<Formula>),
    IsNull(Box<Formula>),
    And(Box<Formula>, Box<Formula>),
    Or(Box<Formula>, Box<Formula>),
    Compare(Comparison, Box<Formula>, Box<Formula>),
    /// A number of this type.
    Calculate(Calculation, Box<Formula>, Box<Formula>, ColumnType),
    In(Box<Formula>, Vec<Formula>),
    Like(Box<Formula>, Box<Formula>),
    /// The value of the first condition that is true, of this type.
    Case(Vec<(Formula, Formula)>, Option<Box<Formula>>, ColumnType),
    Coalesce(Vec<Formula>, ColumnType),
    NullIf(Box<Formula>, Box<Formula>),
    /// To so many decimals, half away from zero.
    Round(Box<Formula>, u32),
    Abs(Box<Formula>),
    Trim(Box<Formula>),
    /// In characters.
    Length(Box<Formula>),
    Concat(Vec<Formula>),
    /// From a character on, counted from 1, perhaps so many.
    Substr(Box<Formula>, usize, Option<usize>),
    /// The beginning of the period that a date or a point in time is in.
    Trunc(Unit, Box<Formula>),
    Part(Unit, Box<Formula>),
    /// What the workbook's clocks show at a point in time, and back.
    Local(Box<Formula>),
    Utc(Box<Formula>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calculation {
    Add,
    Subtract,
    Multiply,
    /// By zero it is null.
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    /// 0 is Sunday.
    Dow,
    Hour,
    Minute,
}

/// What a formula's names stand for, beside fields.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is chosen in a control.
    pub control: &'a dyn Fn(&str) -> Value,
    /// UTC.
    pub now: NaiveDateTime,
    pub zone: &'a Zone,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("now", &self.now).field("zone", self.zone).finish_non_exhaustive()
    }
}

/// A result that is no number of ours: too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incalculable;

type Answer = Result<Value, Incalculable>;

impl Formula {
    /// What it comes to.
    ///
    /// # Errors
    /// [`Incalculable`] where a warehouse would refuse it too, and where a number is larger than one of ours.
    pub fn value(&self, field: &dyn Fn(&str) -> Value, around: Surroundings<'_>) -> Answer {
        let of = |formula: &Self| formula.value(field, around);
        Ok(match self {
            Self::Literal(raw, ty) => Value::from_wire(raw, ty).unwrap_or(Value::Null),
            Self::Field(name) => field(name),
            Self::Control(name) => (around.control)(name),
            Self::Now => Value::Timestamp(around.now),
            Self::Not(x) => from_truth(truth(&of(x)?).map(|truth| !truth)),
            Self::Negate(x) => match of(x)? {
                Value::Integer(n) => Value::Integer(n.checked_neg().ok_or(Incalculable)?),
                Value::Decimal(d) => Value::Decimal(-d),
                Value::Float(f) => Value::Float(-f),
                other => other,
            },
            Self::IsNull(x) => Value::Boolean(of(x)?.is_null()),
            Self::And(a, b) => from_truth(match (truth(&of(a)?), truth(&of(b)?)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }),
            Self::Or(a, b) => from_truth(match (truth(&of(a)?), truth(&of(b)?)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }),
            Self::Compare(how, a, b) => from_truth(compare(*how, &of(a)?, &of(b)?)),
            Self::Calculate(how, a, b, ty) => calculate(*how, &of(a)?, &of(b)?, ty)?,
            Self::In(x, list) => {
                let x = of(x)?;
                let found: Vec<Option<bool>> =
                    list.iter().map(|item| Ok(compare(Comparison::Equal, &x, &of(item)?))).collect::<Result<_, _>>()?;
                from_truth(if found.contains(&Some(true)) {
                    Some(true)
                } else if found.contains(&None) {
                    None
                } else {
                    Some(false)
                })
            }
            Self::Like(text, pattern) => match (of(text)?, of(pattern)?) {
                (Value::Text(text), Value::Text(pattern)) => {
                    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
                    Value::Boolean(is_like(&text, &pattern))
                }
                _ => Value::Null,
            },
            Self::Case(branches, otherwise, ty) => {
                for (when, then) in branches {
                    if truth(&of(when)?) == Some(true) {
                        return in_type(of(then)?, ty);
                    }
                }
                otherwise.as_ref().map_or(Ok(Value::Null), |otherwise| in_type(of(otherwise)?, ty))?
            }
            Self::Coalesce(list, ty) => {
                for item in list {
                    let value = of(item)?;
                    if !value.is_null() {
                        return in_type(value, ty);
                    }
                }
                Value::Null
            }
            Self::NullIf(a, b) => {
                let (a, b) = (of(a)?, of(b)?);
                if compare(Comparison::Equal, &a, &b) == Some(true) { Value::Null } else { a }
            }
            Self::Round(x, digits) => match of(x)? {
                Value::Decimal(d) => Value::Decimal(d.round_dp_with_strategy(*digits, RoundingStrategy::MidpointAwayFromZero)),
                other => other,
            },
            Self::Abs(x) => match of(x)? {
                Value::Integer(n) => Value::Integer(n.checked_abs().ok_or(Incalculable)?),
                Value::Decimal(d) => Value::Decimal(d.abs()),
                Value::Float(f) => Value::Float(f.abs()),
                other => other,
            },
            Self::Trim(x) => text(of(x)?, |text| Value::from(text.trim_matches(' '))),
            Self::Length(x) => text(of(x)?, |text| Value::Integer(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))),
            Self::Concat(list) => {
                let parts: Vec<Value> = list.iter().map(of).collect::<Result<_, _>>()?;
                let known = parts.iter().filter_map(|part| if let Value::Text(text) = part { Some(text.as_str()) } else { None });
                Value::Text(known.collect())
            }
            Self::Substr(x, from, length) => text(of(x)?, |text| {
                let rest = text.chars().skip(from.saturating_sub(1));
                Value::Text(rest.take(length.unwrap_or(usize::MAX)).collect())
            }),
            Self::Trunc(unit, x) => match of(x)? {
                Value::Date(date) => Value::Date(begun(date, *unit)),
                Value::Timestamp(time) => Value::Timestamp(begun(time.date(), *unit).and_time(NaiveTime::MIN)),
                other => other,
            },
            Self::Part(unit, x) => match of(x)? {
                Value::Date(date) => Value::Integer(part(date.and_time(NaiveTime::MIN), *unit)),
                Value::Timestamp(time) => Value::Integer(part(time, *unit)),
                other => other,
            },
            Self::Local(x) => match of(x)? {
                Value::Timestamp(time) => Value::Timestamp(around.zone.local(time)),
                other => other,
            },
            Self::Utc(x) => match of(x)? {
                Value::Timestamp(local) => Value::Timestamp(match around.zone.moment(local) {
                    Moment::One(utc) | Moment::Twice(_, utc) => utc,
                    Moment::Never => around.zone.start_of(local.date()),
                }),
                other => other,
            },
        })
    }

    /// Whether it is true; what can't be calculated is not.
    #[must_use]
    pub fn is_true(&self, field: &dyn Fn(&str) -> Value, around: Surroundings<'_>) -> bool {
        self.value(field, around).is_ok_and(|value| value == Value::Boolean(true))
    }

    /// Its value as one of a column: a point in time as its day, a number with the column's decimals. Null where it is none.
    #[must_use]
    pub fn value_for(&self, ty: &ColumnType, field: &dyn Fn(&str) -> Value, around: Surroundings<'_>) -> Value {
        let value = self.value(field, around).unwrap_or(Value::Null);
        match (ty, value) {
            (ColumnType::Date, Value::Timestamp(time)) => Value::Date(around.zone.local(time).date()),
            (ColumnType::Integer, Value::Decimal(number)) => rounded(number, 0).and_then(integer).unwrap_or(Value::Null),
            (ColumnType::Decimal { scale }, Value::Decimal(number)) => {
                rounded(number, *scale).map_or(Value::Null, Value::Decimal)
            }
            (ty, value) => in_type(value, ty).unwrap_or(Value::Null),
        }
    }

    /// Calls `visit` with the name of each field that it reads.
    pub fn fields<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::Field(name) => visit(name),
            Self::Literal(..) | Self::Control(_) | Self::Now => {}
            Self::Not(x)
            | Self::Negate(x)
            | Self::IsNull(x)
            | Self::Round(x, _)
            | Self::Abs(x)
            | Self::Trim(x)
            | Self::Length(x)
            | Self::Substr(x, ..)
            | Self::Trunc(_, x)
            | Self::Part(_, x)
            | Self::Local(x)
            | Self::Utc(x) => x.fields(visit),
            Self::And(a, b)
            | Self::Or(a, b)
            | Self::Compare(_, a, b)
            | Self::Calculate(_, a, b, _)
            | Self::Like(a, b)
            | Self::NullIf(a, b) => [a, b].into_iter().for_each(|x| x.fields(visit)),
            Self::In(x, list) => {
                x.fields(visit);
                list.iter().for_each(|x| x.fields(visit));
            }
            Self::Case(branches, otherwise, _) => {
                for (when, then) in branches {
                    when.fields(visit);
                    then.fields(visit);
                }
                otherwise.iter().for_each(|x| x.fields(visit));
            }
            Self::Coalesce(list, _) | Self::Concat(list) => list.iter().for_each(|x| x.fields(visit)),
        }
    }
}

fn truth(value: &Value) -> Option<bool> {
    if let Value::Boolean(truth) = value { Some(*truth) } else { None }
}

fn from_truth(truth: Option<bool>) -> Value {
    truth.map_or(Value::Null, Value::Boolean)
}

fn text(value: Value, change: impl FnOnce(&str) -> Value) -> Value {
    if let Value::Text(text) = value { change(&text) } else { Value::Null }
}

/// `None` where one is null.
fn compare(how: Comparison, a: &Value, b: &Value) -> Option<bool> {
    if a.is_null() || b.is_null() {
        return None;
    }
    let order = match (a, b) {
        (Value::Float(_), _) | (_, Value::Float(_)) => float(a)?.partial_cmp(&float(b)?)?,
        _ => a.compare(b),
    };
    Some(match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(f) => Some(*f),
        other => other.as_decimal()?.try_into().ok(),
    }
}

fn calculate(how: Calculation, a: &Value, b: &Value, ty: &ColumnType) -> Answer {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    match (ty, a, b) {
        (ColumnType::Integer, Value::Integer(a), Value::Integer(b)) => of_integers(how, *a, *b),
        (ColumnType::Float, a, b) => {
            let (a, b) = (float(a).ok_or(Incalculable)?, float(b).ok_or(Incalculable)?);
            let result = match how {
                Calculation::Add => a + b,
                Calculation::Subtract => a - b,
                Calculation::Multiply => a * b,
                Calculation::Divide | Calculation::Modulo if b == 0.0 => return Ok(Value::Null),
                Calculation::Divide => a / b,
                Calculation::Modulo => a % b,
            };
            if result.is_finite() { Ok(Value::Float(result)) } else { Err(Incalculable) }
        }
        (ColumnType::Decimal { scale }, a, b) => {
            let (a, b) = (a.as_decimal().ok_or(Incalculable)?, b.as_decimal().ok_or(Incalculable)?);
            let result = match how {
                Calculation::Add => a.checked_add(b),
                Calculation::Subtract => a.checked_sub(b),
                Calculation::Multiply => a.checked_mul(b),
                Calculation::Divide | Calculation::Modulo if b.is_zero() => return Ok(Value::Null),
                Calculation::Divide => divide(a, b, *scale),
                Calculation::Modulo => a.checked_rem(b),
            };
            result.and_then(|result| rounded(result, *scale)).map(Value::Decimal).ok_or(Incalculable)
        }
        _ => Err(Incalculable),
    }
}

fn of_integers(how: Calculation, a: i64, b: i64) -> Answer {
    let result = match how {
        Calculation::Add => a.checked_add(b),
        Calculation::Subtract => a.checked_sub(b),
        Calculation::Multiply => a.checked_mul(b),
        Calculation::Divide | Calculation::Modulo if b == 0 => return Ok(Value::Null),
        Calculation::Divide => a.checked_div(b),
        Calculation::Modulo => a.checked_rem(b),
    };
    result.map(Value::Integer).ok_or(Incalculable)
}

/// Exact up to its last digit, which is rounded half away from zero.
fn divide(a: Decimal, b: Decimal, scale: u32) -> Option<Decimal> {
    let (above, below) = (a.mantissa(), b.mantissa());
    // a / b = (above / below) * 10^(b's scale - a's scale), in units of 10^-scale.
    let power = i64::from(scale) + i64::from(b.scale()) - i64::from(a.scale());
    let shift = 10_i128.checked_pow(u32::try_from(power.unsigned_abs()).ok()?)?;
    let (above, below) = if power >= 0 { (above.checked_mul(shift)?, below) } else { (above, below.checked_mul(shift)?) };
    let (whole, rest) = (above / below, above % below);
    let up = rest.unsigned_abs().checked_mul(2)? >= below.unsigned_abs();
    let sign = if (above < 0) == (below < 0) { 1 } else { -1 };
    Decimal::try_from_i128_with_scale(if up { whole + sign } else { whole }, scale).ok()
}

/// With exactly so many decimals; `None` where its minor units are no number of ours.
fn rounded(number: Decimal, scale: u32) -> Option<Decimal> {
    let mut exact = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    exact.rescale(scale);
    (exact.scale() == scale && i64::try_from(exact.mantissa()).is_ok()).then_some(exact)
}

fn integer(number: Decimal) -> Option<Value> {
    i64::try_from(number.mantissa()).ok().map(Value::Integer)
}

/// The value of one branch as all of them have it.
fn in_type(value: Value, ty: &ColumnType) -> Answer {
    match (ty, value) {
        (ColumnType::Decimal { scale }, Value::Integer(n)) => rounded(n.into(), *scale).map(Value::Decimal).ok_or(Incalculable),
        (ColumnType::Decimal { scale }, Value::Decimal(d)) if d.scale() < *scale => {
            rounded(d, *scale).map(Value::Decimal).ok_or(Incalculable)
        }
        (ColumnType::Float, value @ (Value::Integer(_) | Value::Decimal(_))) => {
            float(&value).map(Value::Float).ok_or(Incalculable)
        }
        (_, value) => Ok(value),
    }
}

/// `%` is any text, `_` any character, `\` takes what follows as it is.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last `%` was and what it has taken: all that is ever tried again.
    let mut any: Option<(usize, usize)> = None;
    while at < text.len() || in_pattern < pattern.len() {
        let fits = match (pattern.get(in_pattern), pattern.get(in_pattern + 1)) {
            (Some('%'), _) => {
                any = Some((in_pattern + 1, at));
                in_pattern += 1;
                continue;
            }
            (Some('\\'), Some(escaped)) => (text.get(at) == Some(escaped)).then_some(2),
            (Some('_'), _) => (at < text.len()).then_some(1),
            (Some(one), _) => (text.get(at) == Some(one)).then_some(1),
            (None, _) => None,
        };
        match (fits, any) {
            (Some(length), _) => (at, in_pattern) = (at + 1, in_pattern + length),
            (None, Some((after, taken))) if taken < text.len() => {
                any = Some((after, taken + 1));
                (at, in_pattern) = (taken + 1, after);
            }
            (None, _) => return false,
        }
    }
    true
}

fn begun(date: NaiveDate, unit: Unit) -> NaiveDate {
    let month = |month: u32| NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date);
    match unit {
        Unit::Year => month(1),
        Unit::Quarter => month((date.month() - 1) / 3 * 3 + 1),
        Unit::Month => month(date.month()),
        Unit::Week => {
            let since = TimeDelta::days(date.weekday().num_days_from_monday().into());
            date.checked_sub_signed(since).unwrap_or(date)
        }
        Unit::Day | Unit::Dow | Unit::Hour | Unit::Minute => date,
    }
}

fn part(time: NaiveDateTime, unit: Unit) -> i64 {
    let part = match unit {
        Unit::Year => return time.year().into(),
        Unit::Quarter => time.month().div_ceil(3),
        Unit::Month => time.month(),
        Unit::Week => time.iso_week().week(),
        Unit::Day => time.day(),
        Unit::Dow => time.weekday().num_days_from_sunday(),
        Unit::Hour => time.hour(),
        Unit::Minute => time.minute(),
    };
    part.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Value {
        Value::Null
    }

    fn around(zone: &Zone) -> Surroundings<'_> {
        let now = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap().and_hms_opt(23, 30, 0).unwrap();
        Surroundings { control: &nothing, now, zone }
    }

    #[test]
    fn patterns_are_those_of_sql() {
        let like = |text: &str, pattern: &str| is_like(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>());
        for (text, pattern, fits) in [
            ("abc", "abc", true),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "_b_", true),
            ("äbc", "_bc", true),
            ("abc", "ABC", false),
            ("a%c", "a\\%c", true),
            ("abc", "a\\%c", false),
            ("", "%", true),
            ("", "_", false),
            ("aXbXc", "a%X%c", true),
            ("aXbXcd", "a%X%c", false),
            (&"a".repeat(2_000), &"a%".repeat(500), true),
            (&"a".repeat(2_000), &format!("{}b", "a%".repeat(500)), false),
        ] {
            assert_eq!(like(text, pattern), fits, "{text} like {pattern}");
        }
    }

    #[test]
    fn a_quotient_is_exact_and_rounded_away_from_zero() {
        let quotient = |a: &str, b: &str, scale| divide(a.parse().unwrap(), b.parse().unwrap(), scale).map(|d| d.to_string());
        assert_eq!(quotient("1", "3", 6).as_deref(), Some("0.333333"));
        assert_eq!(quotient("-2", "3", 6).as_deref(), Some("-0.666667"));
        assert_eq!(quotient("1", "8", 2).as_deref(), Some("0.13"));
        assert_eq!(quotient("-1", "8", 2).as_deref(), Some("-0.13"));
        assert_eq!(quotient("10.00", "0.25", 6).as_deref(), Some("40.000000"));
    }

    #[test]
    fn the_day_of_now_is_that_of_the_workbooks_clocks() {
        let berlin = Zone { name: "Europe/Berlin".into(), offsets: vec![(0, 7_200)] };
        let first = |zone: &Zone| Formula::Now.value_for(&ColumnType::Date, &nothing, around(zone)).to_wire();
        assert_eq!(first(&berlin), Raw::from("2026-04-01"));
        assert_eq!(first(&Zone::default()), Raw::from("2026-03-31"));
    }

    #[test]
    fn what_is_too_large_is_no_value_and_not_true() {
        let number = |n: i64| Box::new(Formula::Literal(Raw::from(n.to_string()), ColumnType::Integer));
        let sum = Formula::Calculate(Calculation::Add, number(i64::MAX), number(1), ColumnType::Integer);
        let zone = Zone::default();
        assert_eq!(sum.value(&nothing, around(&zone)), Err(Incalculable));
        assert_eq!(sum.value_for(&ColumnType::Integer, &nothing, around(&zone)), Value::Null);
        assert!(!Formula::Compare(Comparison::Greater, Box::new(sum), number(0)).is_true(&nothing, around(&zone)));
    }
}
