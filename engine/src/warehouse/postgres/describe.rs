//! What PostgreSQL knows of a relation: its columns with their types, and what is unique in it.

use std::collections::BTreeMap;

use model::{ColumnType, Value};
use sqlx::postgres::{PgConnection, PgTypeKind};
use sqlx::{AssertSqlSafe, Column, Executor, Row, SqlSafeStr, Statement, TypeInfo};

use super::values::{failed, query};
use crate::catalog::Body;
use crate::sql::{Dialect, Sql, quote};
use crate::warehouse::{Described, DescribedColumn, WarehouseError};

/// Asks the database.
pub(super) async fn describe(connection: &mut PgConnection, body: &Body) -> Result<Described, WarehouseError> {
    let text = match body {
        Body::Table(table) => format!("select * from {}", Dialect::Postgres.table(table)),
        Body::Sql(sql) => format!("select * from ({sql}) s"),
    };
    let statement = connection.prepare(AssertSqlSafe(text).into_sql_str()).await.map_err(failed)?;
    let columns = statement.columns().iter().map(described).collect::<Vec<_>>();
    drop(statement);
    let Body::Table(table) = body else {
        return Ok(Described { columns, unique: Vec::new() });
    };
    let name = Dialect::Postgres.table(table);
    let columns = with_scales(connection, &name, columns).await?;
    Ok(Described { columns, unique: unique(connection, &name).await? })
}

/// What a prepared statement tells of a column. A numeric's scale is not among it.
fn described(column: &sqlx::postgres::PgColumn) -> DescribedColumn {
    let info = column.type_info();
    let (ty, plain, native) = match (info.kind(), info.name()) {
        (PgTypeKind::Enum(labels), name) => {
            (Some(ColumnType::Choice { options: labels.iter().map(ToString::to_string).collect() }), false, native_name(name))
        }
        (_, "INT8") => (Some(ColumnType::Integer), true, "bigint".into()),
        (_, "INT4") => (Some(ColumnType::Integer), false, "integer".into()),
        (_, "INT2") => (Some(ColumnType::Integer), false, "smallint".into()),
        (_, "FLOAT8") => (Some(ColumnType::Float), true, "double precision".into()),
        (_, "FLOAT4") => (Some(ColumnType::Float), false, "real".into()),
        (_, "BOOL") => (Some(ColumnType::Boolean), true, "boolean".into()),
        (_, name @ ("TEXT" | "VARCHAR")) => (Some(ColumnType::Text), true, native_name(name)),
        (_, "DATE") => (Some(ColumnType::Date), true, "date".into()),
        (_, "TIMESTAMP") => (Some(ColumnType::Timestamp), true, "timestamp".into()),
        (_, "TIMESTAMPTZ") => (Some(ColumnType::Timestamp), false, "timestamp with time zone".into()),
        (_, "NUMERIC") => (None, false, "numeric".into()),
        // Shown as PostgreSQL writes it.
        (_, name) => (Some(ColumnType::Text), false, native_name(name)),
    };
    DescribedColumn { name: column.name().into(), ty, native: Some(native), plain }
}

/// A built-in type by its plain name; the name of one that a person made keeps its case.
fn native_name(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
        name.to_ascii_lowercase()
    } else {
        quote(name)
    }
}

/// The scales of a table's numerics, which only its definition knows.
async fn with_scales(
    connection: &mut PgConnection,
    table: &str,
    columns: Vec<DescribedColumn>,
) -> Result<Vec<DescribedColumn>, WarehouseError> {
    let mut sql = Sql::new(
        "select attname::text, ((atttypmod - 4) & 65535)::bigint from pg_attribute \
         where atttypid = 'numeric'::regtype and atttypmod > 0 and attnum > 0 and not attisdropped and attrelid = to_regclass(",
    );
    sql.bind(Value::Text(table.to_owned())).push(")");
    let rows = query(&sql, false).fetch_all(connection).await.map_err(failed)?;
    let scales: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let with_scale = |mut column: DescribedColumn| {
        if let Some(scale) = scales.get(&column.name).and_then(|scale| u32::try_from(*scale).ok()) {
            column.ty = Some(if scale == 0 { ColumnType::Integer } else { ColumnType::Decimal { scale } });
            column.plain = scale > 0;
        }
        column
    };
    Ok(columns.into_iter().map(with_scale).collect())
}

/// The columns of a table's unique indexes; a partial one or one over expressions says nothing of the columns.
async fn unique(connection: &mut PgConnection, table: &str) -> Result<Vec<Vec<String>>, WarehouseError> {
    let mut sql = Sql::new(
        "select array_agg(a.attname::text) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey) \
         where i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null and i.indrelid = to_regclass(",
    );
    sql.bind(Value::Text(table.to_owned())).push(") group by i.indexrelid");
    let rows = query(&sql, false).fetch_all(connection).await.map_err(failed)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
