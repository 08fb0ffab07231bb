//! What PostgreSQL knows of a relation: its columns with their types, and what is unique in it.

use std::collections::{BTreeMap, BTreeSet};

use model::{ColumnType, Value};
use sqlx::postgres::{PgConnection, PgTypeKind};
use sqlx::{AssertSqlSafe, Column, Executor, Row, SqlSafeStr, Statement, TypeInfo};

use super::schema;
use super::values::{decode_row, failed, query};
use crate::catalog::{Body, Input};
use crate::definition::Known;
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

/// What the transaction's role may do with a table, by its quoted name, and the policies that bind it there.
pub(super) async fn explain(connection: &mut PgConnection, table: &str) -> Result<Vec<String>, WarehouseError> {
    let name = Value::Text(table.to_owned());
    let mut sql = Sql::new(
        "select current_user::text, relrowsecurity, relforcerowsecurity, array(select p from unnest(array['select', 'insert', 'update', 'delete']) p \
         where has_table_privilege(c.oid, p) or (p = 'update' and has_any_column_privilege(c.oid, p))) from pg_class c where oid = to_regclass(",
    );
    sql.bind(name.clone()).push(")");
    let Some(row) = query(&sql, false).fetch_optional(&mut *connection).await.map_err(failed)? else {
        return Ok(vec![format!("there is no table {table}, or it is not in sight")]);
    };
    let (role, on, forced, may): (String, bool, bool, Vec<String>) = (row.get(0), row.get(1), row.get(2), row.get(3));
    let may = if may.is_empty() { "nothing".to_owned() } else { may.join(", ") };
    let mut lines = vec![format!("{role} may {may}")];
    lines.push(match (on, forced) {
        (false, _) => "row security is off".to_owned(),
        (true, false) => "row security is on, but not for the owner".to_owned(),
        (true, true) => "row security is on, for the owner too".to_owned(),
    });
    let mut sql = Sql::new(
        "select format('policy %I, for %s, %s%s%s', policyname, lower(cmd), lower(permissive), ': rows where ' || qual, ', to rows where ' || with_check) \
         from pg_policies p join pg_class c on c.relname = p.tablename and c.relnamespace = p.schemaname::regnamespace \
         where (p.roles = '{public}' or exists (select from unnest(p.roles) r where pg_has_role(r, 'member'))) and c.oid = to_regclass(",
    );
    sql.bind(name).push(") order by policyname");
    let rows = query(&sql, false).fetch_all(connection).await.map_err(failed)?;
    lines.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    Ok(lines)
}

/// What there is of an input table; `None` if nothing.
pub(super) async fn known(connection: &mut PgConnection, input: &Input) -> Result<Option<Known>, WarehouseError> {
    let text = |text: &str| Value::Text(text.to_owned());
    let mut sql = Sql::new(
        "select a.attname::text, format_type(a.atttypid, a.atttypmod), \
         coalesce(array_position(i.indkey::int2[], a.attnum), -1)::bigint as place from pg_attribute a \
         left join pg_index i on i.indrelid = a.attrelid and i.indisprimary \
         where a.attnum > 0 and not a.attisdropped and a.attrelid = to_regclass(",
    );
    sql.bind(text(&Dialect::Postgres.own(&input.table))).push(") order by place, a.attnum");
    let columns = query(&sql, false).fetch_all(&mut *connection).await.map_err(failed)?;
    let mut known = Known::default();
    for row in &columns {
        let (name, native, place): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
        match name.as_str() {
            name if name.starts_with('_') && name != "_row" => {}
            _ if place >= 0 => known.key.push(name),
            _ => drop(known.columns.insert(name, schema::stored(&native))),
        }
    }
    if columns.is_empty() {
        return Ok(None);
    }
    let mut sql = Sql::new("select change, column_name, was, type, scale from inlay.definition_log where table_name = ");
    sql.bind(text(&input.table)).push(" order by seq");
    let types = [ColumnType::Text, ColumnType::Text, ColumnType::Text, ColumnType::Text, ColumnType::Integer];
    let rows = query(&sql, false).fetch_all(&mut *connection).await.map_err(failed)?;
    known.follow(rows.iter().map(|row| decode_row(row, &types)).collect::<Result<_, _>>()?);
    let mut sql = Sql::new("select attname::text from pg_attribute where attnum > 0 and attrelid = to_regclass(");
    sql.bind(text(&Dialect::Postgres.own(&format!("{}_joined", input.table)))).push(")");
    let view = query(&sql, false).fetch_all(&mut *connection).await.map_err(failed)?;
    let view: BTreeSet<String> = view.iter().map(|row| row.get(0)).collect();
    known.view = Some(view).filter(|view| !view.is_empty());
    Ok(Some(known))
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
