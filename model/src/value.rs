//! Typed values and their wire form. A value never loses precision on its way: decimals travel as strings, integers
//! beyond 2^53 too, so that a script that reads JSON numbers as doubles can't damage them.

use std::cmp::Ordering;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use words::Message;

use crate::ColumnType;

/// A value in its wire form: any JSON. It becomes a [`Value`] only together with its column's type.
pub type Raw = serde_json::Value;

/// The largest integer that every JSON reader keeps exact.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// One typed value of a cell.
///
/// Timestamps are UTC with microseconds; decimals are exact; dates and timestamps lie in the years 1 to 9999.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Float(f64),
    Text(String),
    Date(NaiveDate),
    Timestamp(NaiveDateTime),
}

/// Why a wire value or a typed text is not a value of its column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValueError {
    /// Not of the column's type; holds what was expected.
    WrongType(Message),
    /// Of the right type but not representable: too large, too many decimals, not a finite number.
    OutOfRange(Message),
}

impl ValueError {
    /// The sentence for the person who typed it.
    #[must_use]
    pub fn message(&self) -> &Message {
        match self {
            Self::WrongType(message) | Self::OutOfRange(message) => message,
        }
    }
}

/// Text of our own making; what comes from outside goes through [`Value::from_wire`].
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Value {
    /// Reads a wire value as a value of `ty`; JSON null is [`Value::Null`] for every type.
    ///
    /// # Errors
    /// [`ValueError::WrongType`] if the JSON is of another kind, [`ValueError::OutOfRange`] if it can't be kept exactly.
    pub fn from_wire(raw: &Raw, ty: &ColumnType) -> Result<Self, ValueError> {
        let wrong = || ValueError::WrongType(words::expected_type(ty.kind()));
        match (ty, raw) {
            (_, Raw::Null) => Ok(Self::Null),
            (ColumnType::Text | ColumnType::Choice { .. }, Raw::String(text)) => Self::text(text),
            (ColumnType::Choices { options }, Raw::String(text)) => {
                Self::choices(serde_json::from_str(text).map_err(|_| wrong())?, options)
            }
            (ColumnType::Choices { options }, Raw::Array(_)) => {
                Self::choices(serde_json::from_value(raw.clone()).map_err(|_| wrong())?, options)
            }
            (ColumnType::Boolean, Raw::Bool(flag)) => Ok(Self::Boolean(*flag)),
            (ColumnType::Integer, Raw::Number(number)) => number.as_i64().map(Self::Integer).ok_or_else(wrong),
            (ColumnType::Integer, Raw::String(text)) => text.parse().map(Self::Integer).map_err(|_| wrong()),
            (ColumnType::Decimal { scale }, Raw::Number(number)) => Self::decimal(&number.to_string(), *scale),
            (ColumnType::Decimal { scale }, Raw::String(text)) => Self::decimal(text, *scale),
            (ColumnType::Float, Raw::Number(number)) => Self::float(number.as_f64().ok_or_else(wrong)?),
            (ColumnType::Date, Raw::String(text)) => parse_date(text).map(Self::Date).ok_or_else(wrong),
            (ColumnType::Timestamp, Raw::String(text)) => parse_timestamp(text).map(Self::Timestamp).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    /// The wire form; `from_wire(to_wire(v), type of v) == v`.
    #[must_use]
    pub fn to_wire(&self) -> Raw {
        match self {
            Self::Null => Raw::Null,
            Self::Boolean(flag) => Raw::Bool(*flag),
            Self::Integer(n) if n.unsigned_abs() <= MAX_SAFE_INTEGER => Raw::from(*n),
            Self::Integer(n) => Raw::String(n.to_string()),
            Self::Decimal(d) => Raw::String(d.to_string()),
            Self::Float(f) => Raw::from(*f),
            Self::Text(text) => Raw::String(text.clone()),
            Self::Date(date) => Raw::String(date.format("%Y-%m-%d").to_string()),
            Self::Timestamp(time) => Raw::String(format_timestamp(time)),
        }
    }

    /// A text value; a NUL character is refused, because not every warehouse can hold one.
    fn text(text: &str) -> Result<Self, ValueError> {
        if text.contains('\0') {
            return Err(ValueError::OutOfRange(words::no_nul_character()));
        }
        Ok(Self::Text(text.to_owned()))
    }

    /// Some of `options`, each once and in their order, then what is none of them; none at all is null.
    fn choices(mut chosen: Vec<String>, options: &[String]) -> Result<Self, ValueError> {
        chosen.sort_by_key(|one| options.iter().position(|option| option == one).unwrap_or(usize::MAX));
        chosen.dedup();
        match chosen.as_slice() {
            [] => Ok(Self::Null),
            _ => Self::text(&serde_json::to_string(&chosen).unwrap_or_default()),
        }
    }

    fn float(f: f64) -> Result<Self, ValueError> {
        if f.is_finite() { Ok(Self::Float(f)) } else { Err(ValueError::OutOfRange(words::expected_finite_number())) }
    }

    /// Reads a plain decimal number (`-1234.50`, `1.2e3`) and brings it to `scale` decimals without rounding.
    ///
    /// # Errors
    /// If it is no number, has more than `scale` decimals, or its minor units don't fit 64 bits.
    pub fn decimal(text: &str, scale: u32) -> Result<Self, ValueError> {
        let parsed = if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str(text) };
        let Ok(parsed) = parsed else {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let numeric = digits > 0 && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
            return Err(if numeric && digits > 20 {
                ValueError::OutOfRange(words::number_too_large())
            } else {
                ValueError::WrongType(words::expected_number())
            });
        };
        let mut exact = parsed.normalize();
        if exact.scale() > scale {
            return Err(ValueError::OutOfRange(words::at_most_decimals(scale)));
        }
        exact.rescale(scale);
        if exact.scale() != scale || i64::try_from(exact.mantissa()).is_err() {
            return Err(ValueError::OutOfRange(words::number_too_large()));
        }
        Ok(Self::Decimal(exact))
    }

    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it says nothing: null, or a text without a letter.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.is_null() || matches!(self, Self::Text(text) if text.trim().is_empty())
    }

    /// The number behind an integer, decimal or float, for ranges and charts; `None` for all else.
    #[must_use]
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(n) => Some(Decimal::from(*n)),
            Self::Decimal(d) => Some(*d),
            Self::Float(f) => Decimal::try_from(*f).ok(),
            _ => None,
        }
    }

    /// Orders two values of one column, null first; values of different types are equal (it can't happen in a column).
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (a, b) => a.as_decimal().cmp(&b.as_decimal()),
        }
    }
}

/// Reads `YYYY-MM-DD`, years 1 to 9999.
pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    ((1..=9999).contains(&date.year()) && text.len() == 10).then_some(date)
}

/// Reads RFC 3339 in UTC (`2017-05-03T10:00:00Z`, any number of decimals up to microseconds).
pub(crate) fn parse_timestamp(text: &str) -> Option<NaiveDateTime> {
    let time = NaiveDateTime::parse_from_str(text.strip_suffix('Z')?, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    let micros = time.and_utc().timestamp_subsec_nanos();
    ((1..=9999).contains(&time.year()) && micros % 1000 == 0 && micros < 1_000_000_000).then_some(time)
}

fn format_timestamp(time: &NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn decimal(text: &str, scale: u32, expect: Result<&str, &str>) {
        let got = Value::decimal(text, scale);
        match expect {
            Ok(expect) => assert_eq!(got.unwrap().to_wire(), Raw::from(expect)),
            Err(expect) => assert_eq!(got.unwrap_err().message().to_string(), expect),
        }
    }

    #[test]
    fn decimals_are_exact_or_refused() {
        decimal("1.5", 2, Ok("1.50"));
        decimal("-0.01", 2, Ok("-0.01"));
        decimal("1e3", 2, Ok("1000.00"));
        decimal("1.500", 1, Ok("1.5"));
        decimal("1.005", 2, Err("At most 2 decimals are kept here."));
        decimal("1.5", 0, Err("Expected a whole number."));
        decimal("99999999999999999999", 2, Err("This number is too large."));
        decimal("99999999999999999999999999999999999", 2, Err("This number is too large."));
        decimal("twelve", 2, Err("Expected a number."));
    }

    #[test]
    fn large_integers_travel_as_text() {
        assert_eq!(Value::Integer(i64::MAX).to_wire(), Raw::from("9223372036854775807"));
        assert_eq!(Value::Integer(-5).to_wire(), Raw::from(-5));
    }

    #[test]
    fn dates_are_whole_or_refused() {
        for bad in ["2017-02-30", "2017-1-1", "02017-01-01", "today", "-001-01-01", ""] {
            assert!(Value::from_wire(&Raw::from(bad), &ColumnType::Date).is_err(), "{bad}");
        }
    }

    pub(crate) fn any_typed_value() -> impl Strategy<Value = (Value, ColumnType)> {
        let date = (1i32..=9999, 1u32..=366).prop_filter_map("no such day", |(y, d)| NaiveDate::from_yo_opt(y, d));
        prop_oneof![
            Just((Value::Null, ColumnType::Text)),
            any::<bool>().prop_map(|b| (Value::Boolean(b), ColumnType::Boolean)),
            any::<i64>().prop_map(|n| (Value::Integer(n), ColumnType::Integer)),
            (any::<i64>(), 0u32..=18)
                .prop_map(|(n, scale)| (Value::Decimal(Decimal::new(n, scale)), ColumnType::Decimal { scale })),
            any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(|f| (Value::Float(f), ColumnType::Float)),
            "[^\0]*".prop_map(|s| (Value::Text(s), ColumnType::Text)),
            date.clone().prop_map(|d| (Value::Date(d), ColumnType::Date)),
            (date, 0u32..86_400, 0u32..1_000_000).prop_map(|(d, s, us)| {
                let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(s, us * 1000).unwrap();
                (Value::Timestamp(d.and_time(time)), ColumnType::Timestamp)
            }),
        ]
    }

    proptest! {
        #[test]
        fn every_value_survives_the_wire((value, ty) in any_typed_value()) {
            let text = serde_json::to_string(&value.to_wire()).unwrap();
            let raw: Raw = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(Value::from_wire(&raw, &ty).unwrap(), value);
        }

        #[test]
        fn reading_anything_never_panics(text in ".*", n in any::<f64>(), scale in 0u32..=28) {
            for ty in ColumnType::examples(scale) {
                let _ = Value::from_wire(&Raw::from(text.clone()), &ty);
                let _ = Value::from_wire(&Raw::from(n), &ty);
            }
        }
    }
}
