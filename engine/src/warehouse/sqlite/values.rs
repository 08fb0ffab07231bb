//! Typed values in SQLite: decimals are integers of minor units, dates and times fixed-width text, booleans 0 and 1.
//! The storage class that SQLite reports is the truth; a decimal that turned into a float is refused, not shown.

use model::{ColumnType, Decimal, Raw, Value};
use sqlx::sqlite::{SqliteArguments, SqliteRow, SqliteValueRef};
use sqlx::{AssertSqlSafe, Decode, Row, Sqlite, TypeInfo, ValueRef};

use crate::sql::Sql;
use crate::warehouse::WarehouseError;

/// A statement ready to run; its text was built by us and holds no value.
pub(super) fn query(sql: &Sql) -> sqlx::query::Query<'_, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(sql.text.clone())).persistent(!sql.once);
    sql.binds.iter().fold(query, |query, value| match value {
        Value::Null => query.bind(None::<i64>),
        Value::Boolean(flag) => query.bind(i64::from(*flag)),
        Value::Integer(n) => query.bind(*n),
        // `Value::decimal` admits only what fits; a larger literal of an author compares as a float.
        Value::Decimal(d) => match i64::try_from(d.mantissa()) {
            Ok(minor) => query.bind(minor),
            Err(_) => query.bind(d.mantissa() as f64),
        },
        Value::Float(f) => query.bind(*f),
        Value::Text(text) => query.bind(text.as_str()),
        Value::Date(_) | Value::Timestamp(_) => query.bind(value.to_wire().as_str().map(str::to_owned)),
    })
}

/// Decodes a row, column by column, as `types`.
pub(super) fn decode_row(row: &SqliteRow, types: &[ColumnType]) -> Result<Vec<Value>, WarehouseError> {
    types.iter().enumerate().map(|(i, ty)| decode(row.try_get_raw(i).map_err(failed)?, ty)).collect()
}

fn decode(raw: SqliteValueRef<'_>, ty: &ColumnType) -> Result<Value, WarehouseError> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let class = raw.type_info().name().to_owned();
    let mismatch = || WarehouseError::Failed(format!("expected {}, found {class}", ty.noun()));
    match (ty, class.as_str()) {
        (ColumnType::Integer, "INTEGER") => Ok(Value::Integer(get(raw)?)),
        (ColumnType::Decimal { scale }, "INTEGER") => Ok(Value::Decimal(Decimal::new(get(raw)?, *scale))),
        (ColumnType::Integer | ColumnType::Decimal { .. }, "REAL") => Err(WarehouseError::NumberTooLarge),
        (ColumnType::Boolean, "INTEGER" | "BOOLEAN") => Ok(Value::Boolean(get::<i64>(raw)? != 0)),
        (ColumnType::Float, "INTEGER") => Ok(Value::Float(get::<i64>(raw)? as f64)),
        (ColumnType::Float, "REAL") => Ok(Value::Float(get(raw)?)),
        (ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. }, "TEXT") => Ok(Value::Text(get(raw)?)),
        (ColumnType::Text, "INTEGER") => Ok(Value::Text(get::<i64>(raw)?.to_string())),
        (ColumnType::Date | ColumnType::Timestamp, "TEXT") => {
            let text: String = get(raw)?;
            Value::from_wire(&Raw::from(text), ty).map_err(|_| mismatch())
        }
        _ => Err(mismatch()),
    }
}

fn get<'r, T: Decode<'r, Sqlite>>(raw: SqliteValueRef<'r>) -> Result<T, WarehouseError> {
    T::decode(raw).map_err(|error| WarehouseError::Failed(error.to_string()))
}

/// Tells "try again later" from "this can't work".
pub(super) fn failed(error: sqlx::Error) -> WarehouseError {
    let text = error.to_string();
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|c| c.parse::<i32>().ok()).unwrap_or(0) & 0xff;
    // https://www.sqlite.org/rescode.html: BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN
    let transient = matches!(code, 5 | 6 | 8 | 10 | 13 | 14);
    if transient
        || matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed)
    {
        WarehouseError::Unavailable(text)
    } else if text.contains("integer overflow") {
        WarehouseError::NumberTooLarge
    } else {
        WarehouseError::Failed(text)
    }
}
