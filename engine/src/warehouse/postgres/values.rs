//! Typed values in PostgreSQL. Values go there as text that the statement casts, so that no driver's idea of a type comes
//! between; they come back in PostgreSQL's binary form and are read from the raw bytes, because a driver may panic at an
//! infinite date and round a long number. <https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES>

use chrono::{Duration, NaiveDate, NaiveDateTime};
use model::{Code, ColumnType, Decimal, Value};
use sqlx::postgres::{PgArguments, PgDatabaseError, PgRow, PgValueFormat, PgValueRef};
use sqlx::{AssertSqlSafe, Postgres, Row, TypeInfo, ValueRef};

use crate::sql::Sql;
use crate::warehouse::WarehouseError;
use crate::writeback::{FieldRefusal, Refusal};

/// A statement ready to run: `$1::bigint` for each bind, and `null` for a null, which has no type to name.
pub(super) fn query(sql: &Sql, persistent: bool) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    let number = std::cell::Cell::new(0);
    let text = sql.with_placeholders(|value| match type_of(value) {
        None => "null".to_owned(),
        Some(ty) => {
            number.set(number.get() + 1);
            format!("${}::{ty}", number.get())
        }
    });
    let texts = sql.binds.iter().filter_map(text_of);
    texts.fold(sqlx::query(AssertSqlSafe(text)).persistent(persistent), sqlx::query::Query::bind)
}

fn type_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => return None,
        Value::Boolean(_) => "boolean",
        Value::Integer(_) => "bigint",
        Value::Decimal(_) => "numeric",
        Value::Float(_) => "double precision",
        Value::Text(_) => "text",
        Value::Date(_) => "date",
        Value::Timestamp(_) => "timestamp",
    })
}

fn text_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(n) => n.to_string(),
        Value::Decimal(d) => d.to_string(),
        Value::Float(f) => f.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(_) | Value::Timestamp(_) => value.to_wire().as_str().unwrap_or_default().to_owned(),
    })
}

/// Decodes a row, column by column, as `types`.
pub(super) fn decode_row(row: &PgRow, types: &[ColumnType]) -> Result<Vec<Value>, WarehouseError> {
    types.iter().enumerate().map(|(i, ty)| decode(&row.try_get_raw(i).map_err(failed)?, ty)).collect()
}

fn decode(raw: &PgValueRef<'_>, ty: &ColumnType) -> Result<Value, WarehouseError> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let info = raw.type_info();
    let found = info.name();
    let mismatch = || WarehouseError::Failed(format!("expected {}, found {found}", ty.noun()));
    if raw.format() != PgValueFormat::Binary {
        return Err(mismatch());
    }
    let bytes = raw.as_bytes().map_err(|error| WarehouseError::Failed(error.to_string()))?;
    let whole = || -> Option<i64> {
        Some(match found {
            "INT2" => i64::from(i16::from_be_bytes(bytes.try_into().ok()?)),
            "INT4" => i64::from(i32::from_be_bytes(bytes.try_into().ok()?)),
            "INT8" => i64::from_be_bytes(bytes.try_into().ok()?),
            _ => return None,
        })
    };
    match (ty, found) {
        (ColumnType::Integer, "NUMERIC") => {
            numeric(bytes, 0)?.try_into().map(Value::Integer).map_err(|_| WarehouseError::NumberTooLarge)
        }
        (ColumnType::Integer, _) => whole().map(Value::Integer).ok_or_else(mismatch),
        (ColumnType::Decimal { scale }, "NUMERIC") => numeric(bytes, *scale).map(Value::Decimal),
        (ColumnType::Decimal { scale }, _) => {
            let mut d = Decimal::from(whole().ok_or_else(mismatch)?);
            d.rescale(*scale);
            Ok(Value::Decimal(d))
        }
        (ColumnType::Float, "FLOAT8") => float(f64::from_be_bytes(bytes.try_into().map_err(|_| mismatch())?)),
        (ColumnType::Float, "FLOAT4") => float(f64::from(f32::from_be_bytes(bytes.try_into().map_err(|_| mismatch())?))),
        (ColumnType::Float, "NUMERIC") => {
            let d = numeric(bytes, 12)?;
            Ok(Value::Float(d.to_string().parse().map_err(|_| mismatch())?))
        }
        (ColumnType::Boolean, "BOOL") => Ok(Value::Boolean(bytes == [1])),
        (
            ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. },
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN",
        ) => String::from_utf8(bytes.to_vec()).map(Value::Text).map_err(|_| mismatch()),
        (ColumnType::Date, "DATE") => date(i32::from_be_bytes(bytes.try_into().map_err(|_| mismatch())?)),
        (ColumnType::Timestamp, "TIMESTAMP" | "TIMESTAMPTZ") => {
            timestamp(i64::from_be_bytes(bytes.try_into().map_err(|_| mismatch())?))
        }
        _ => Err(mismatch()),
    }
}

/// NaN and the infinities are no numbers that a cell could show.
fn float(f: f64) -> Result<Value, WarehouseError> {
    if f.is_finite() { Ok(Value::Float(f)) } else { Err(WarehouseError::NumberTooLarge) }
}

/// Days since 2000-01-01; the ends of the range are the infinities.
fn date(days: i32) -> Result<Value, WarehouseError> {
    let zero = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date");
    let found = Duration::try_days(days.into()).and_then(|days| zero.checked_add_signed(days));
    found.filter(|_| days != i32::MAX && days != i32::MIN).map(Value::Date).ok_or(WarehouseError::NumberTooLarge)
}

/// Microseconds since 2000-01-01, UTC.
fn timestamp(microseconds: i64) -> Result<Value, WarehouseError> {
    let zero: NaiveDateTime = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date").into();
    let finite = microseconds != i64::MAX && microseconds != i64::MIN;
    let found = finite.then(|| zero.checked_add_signed(Duration::microseconds(microseconds))).flatten();
    found.map(Value::Timestamp).ok_or(WarehouseError::NumberTooLarge)
}

/// Groups of four decimal digits; the first stands at 10000 to the power of `weight`. At least `scale` decimals come out.
/// <https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/numeric.c> (`numeric_send`)
fn numeric(bytes: &[u8], scale: u32) -> Result<Decimal, WarehouseError> {
    let words: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let [_, weight, sign, _, groups @ ..] = words.as_slice() else {
        return Err(WarehouseError::Failed("a numeric that is cut short".into()));
    };
    if !matches!(sign, 0 | 0x4000) {
        // NaN and the infinities.
        return Err(WarehouseError::NumberTooLarge);
    }
    let weight = i32::from(weight.cast_signed());
    let group = |exponent: i32| usize::try_from(weight - exponent).ok().and_then(|i| groups.get(i)).copied().unwrap_or(0);
    let last = weight + 1 - i32::try_from(groups.len()).unwrap_or(0);
    let mut text = String::from(if *sign == 0 { "" } else { "-" });
    (0..=weight.max(0)).rev().for_each(|exponent| text.push_str(&format!("{:04}", group(exponent))));
    text.push('.');
    (last.min(0)..0).rev().for_each(|exponent| text.push_str(&format!("{:04}", group(exponent))));
    let digits = text.trim_end_matches('0').trim_end_matches('.');
    let mut d = Decimal::from_str_exact(digits).map_err(|_| WarehouseError::NumberTooLarge)?;
    if d.scale() < scale {
        d.rescale(scale);
    }
    Ok(d)
}

/// Whether a connection of the pool had ended before it was asked anything.
pub(super) fn was_lost(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    matches!(error, sqlx::Error::Io(_)) || code.is_some_and(|code| ["57P01", "57P02"].contains(&code.as_ref()))
}

/// What went wrong while a transaction took on a person's role.
pub(super) fn no_role(error: sqlx::Error) -> WarehouseError {
    let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
    // The role does not exist, or may not be taken on.
    if ["22023", "42501"].contains(&code.as_str()) { WarehouseError::NoRole(error.to_string()) } else { failed(error) }
}

/// What went wrong at a commit: what the database says, it knows; if it says nothing, nobody does.
pub(super) fn not_committed(error: sqlx::Error) -> WarehouseError {
    match failed(error) {
        WarehouseError::Unavailable(text) => WarehouseError::Unsure(text),
        error => error,
    }
}

/// What went wrong with a read: a missing privilege is no matter of rows.
pub(super) fn not_read(error: sqlx::Error) -> WarehouseError {
    match failed(error) {
        WarehouseError::Rejected(Code::RowReadOnly, text) => WarehouseError::Denied(text),
        error => error,
    }
}

/// Tells "try again later" from "this can't work" from "the warehouse does not want it".
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
pub(super) fn failed(error: sqlx::Error) -> WarehouseError {
    let text = error.to_string();
    let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
    match code.as_str() {
        "" if matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        ) =>
        {
            WarehouseError::Unavailable(text)
        }
        "22003" => WarehouseError::NumberTooLarge,
        "22001" => WarehouseError::Rejected(Code::TooLong, text),
        "23502" => WarehouseError::Rejected(Code::Required, text),
        // Its own row policy, or a missing privilege.
        "42501" => WarehouseError::Rejected(Code::RowReadOnly, text),
        code if code.starts_with("23") => WarehouseError::Rejected(Code::RuleFailed, text),
        // What a function raises by itself.
        "P0001" => WarehouseError::Raised(raised(&error)),
        "40001" | "40P01" => WarehouseError::Conflicted(text),
        "55P03" => WarehouseError::Busy(text),
        "57014" => WarehouseError::TooSlow(text),
        // Connections, resources, a stop, a cancelled or timed out statement, a lock not had.
        code if ["08", "53", "55", "57", "58", "40", "25"].iter().any(|class| code.starts_with(class)) => {
            WarehouseError::Unavailable(text)
        }
        _ => WarehouseError::Failed(text),
    }
}

/// `raise exception '…' using column = '…'`.
fn raised(error: &sqlx::Error) -> Refusal {
    let error = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    let message = error.map(|error| error.message().to_owned()).unwrap_or_default();
    match error.and_then(PgDatabaseError::column) {
        Some(field) => Refusal { errors: vec![FieldRefusal { field: field.to_owned(), row: 0, message }], message: None },
        None => Refusal { message: Some(message), errors: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[u16], expect: &str) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        assert_eq!(numeric(&bytes, 2).unwrap().to_string(), expect);
    }

    #[test]
    fn numerics_are_read_exactly() {
        check(&[0, 0, 0, 0], "0.00");
        check(&[1, 0, 0, 0, 7], "7.00");
        check(&[2, 0, 0x4000, 2, 12, 3400], "-12.34");
        check(&[1, 0xffff, 0, 2, 100], "0.01");
        check(&[1, 0xfffe, 0, 8, 25], "0.00000025");
        check(&[1, 2, 0, 0, 5], "500000000.00");
        check(&[3, 1, 0, 4, 1, 2345, 6789], "12345.6789");
    }

    #[test]
    fn what_is_no_number_is_said() {
        for words in [[0, 0, 0xc000, 0], [0, 0, 0xd000, 0], [1, 40, 0, 0]] {
            let mut bytes: Vec<u8> = words.iter().flat_map(|word: &u16| word.to_be_bytes()).collect();
            bytes.extend([0, 1]);
            assert!(matches!(numeric(&bytes, 0), Err(WarehouseError::NumberTooLarge)), "{words:?}");
        }
        assert!(date(i32::MAX).is_err() && timestamp(i64::MIN).is_err() && float(f64::NAN).is_err());
    }
}
