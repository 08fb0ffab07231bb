//! What PostgreSQL knows of a relation: its columns with their types, and what is unique in it.

use std::collections::BTreeSet;

use model::{ColumnType, Decimal, Value};
use sqlx::postgres::{PgConnection, PgTypeKind};
use sqlx::{AssertSqlSafe, Column, Executor, Row, SqlSafeStr, Statement, TypeInfo};

use super::schema;
use super::values::{decode_row, failed, query};
use crate::catalog::{Body, Input};
use crate::definition::Known;
use crate::sql::{Dialect, Sql, quote};
use crate::warehouse::{Described, DescribedColumn, WarehouseError};

/// Asks the database. A statement that is prepared has a name, which behind a pooler may be another one's: there none is
/// left, neither before nor after.
pub(super) async fn describe(connection: &mut PgConnection, body: &Body, pooler: bool) -> Result<Described, WarehouseError> {
    let text = match body {
        Body::Table(table) => format!("select * from {}", Dialect::Postgres.table(table)),
        Body::Sql(sql) => format!("select * from ({sql}) s"),
    };
    if pooler {
        connection.execute("deallocate all").await.map_err(failed)?;
    }
    let statement = connection.prepare(AssertSqlSafe(text).into_sql_str()).await.map_err(failed)?;
    let columns = statement.columns().iter().map(described).collect::<Vec<_>>();
    drop(statement);
    if pooler {
        connection.execute("deallocate all").await.map_err(failed)?;
    }
    let Body::Table(table) = body else {
        return Ok(Described { columns, ..Described::default() });
    };
    let name = Dialect::Postgres.table(table);
    let columns = with_scales(connection, &name, columns).await?;
    let mut columns = with_read_only(connection, &name, columns).await?;
    let filled = filled(connection, &name).await?;
    columns.iter_mut().for_each(|column| column.filled = filled.contains(&column.name));
    Ok(Described { columns, unique: unique(connection, &name).await?, read_only: read_only(connection, &name).await? })
}

/// Why the rows of a table or view can't be changed.
/// <https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS>
async fn read_only(connection: &mut PgConnection, table: &str) -> Result<Option<String>, WarehouseError> {
    let mut sql = Sql::new(
        "select case relkind when 'm' then 'it is a materialized view' when 'f' then 'it is a foreign table whose server takes no changes' \
         else 'it is a view that does not say by itself which row of which table is meant' end \
         from pg_class where pg_relation_is_updatable(oid, true) & 4 = 0 and oid = to_regclass(",
    );
    sql.bind(Value::Text(table.to_owned())).push(")");
    let row = query(&sql, false).fetch_optional(connection).await.map_err(failed)?;
    Ok(row.map(|row| row.get(0)))
}

/// What the database itself fills in, or what has no form to be typed in.
async fn with_read_only(
    connection: &mut PgConnection,
    table: &str,
    mut columns: Vec<DescribedColumn>,
) -> Result<Vec<DescribedColumn>, WarehouseError> {
    let mut sql = Sql::new(
        "select a.attname::text, case when a.attgenerated <> '' then 0 when a.attidentity = 'a' then 1 when t.typcategory = 'A' then 2 else 3 end::bigint \
         from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attnum > 0 and not a.attisdropped \
         and (a.attgenerated <> '' or a.attidentity = 'a' or t.typcategory = 'A' or t.oid = 'bytea'::regtype) and a.attrelid = to_regclass(",
    );
    sql.bind(Value::Text(table.to_owned())).push(")");
    for row in query(&sql, false).fetch_all(connection).await.map_err(failed)? {
        let (name, why): (String, i64) = (row.get(0), row.get(1));
        let why = match why {
            0 => "it is generated",
            1 => "it is an identity column",
            2 => "it is an array",
            _ => "it holds bytes",
        };
        columns.iter_mut().filter(|column| column.name == name).for_each(|column| column.read_only = Some(why));
    }
    Ok(columns)
}

/// The columns that are never null.
async fn filled(connection: &mut PgConnection, table: &str) -> Result<BTreeSet<String>, WarehouseError> {
    let mut sql = Sql::new("select attname::text from pg_attribute where attnum > 0 and attnotnull and attrelid = to_regclass(");
    sql.bind(Value::Text(table.to_owned())).push(")");
    let rows = query(&sql, false).fetch_all(connection).await.map_err(failed)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
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
    DescribedColumn { name: column.name().into(), ty, native: Some(native), plain, filled: false, read_only: None }
}

/// A built-in type by its plain name; the name of one that a person made keeps its case.
fn native_name(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
        name.to_ascii_lowercase()
    } else {
        quote(name)
    }
}

/// What only a table's definition knows: the scales of its numerics, and what its domains are made of.
async fn with_scales(
    connection: &mut PgConnection,
    table: &str,
    mut columns: Vec<DescribedColumn>,
) -> Result<Vec<DescribedColumn>, WarehouseError> {
    let mut sql = Sql::new(
        "select a.attname::text, coalesce(b.typname, t.typname)::text, \
         (case when m.mod > 0 then (m.mod - 4) & 65535 else -1 end)::bigint, b.oid is not null \
         from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type b on t.typtype = 'd' and b.oid = t.typbasetype \
         cross join lateral (select case when b.oid is null then a.atttypmod else t.typtypmod end) m (mod) \
         where a.attnum > 0 and not a.attisdropped and (b.oid is not null or t.oid = 'numeric'::regtype) and a.attrelid = to_regclass(",
    );
    sql.bind(Value::Text(table.to_owned())).push(")");
    for row in query(&sql, false).fetch_all(connection).await.map_err(failed)? {
        let (name, base, scale, is_domain): (String, String, i64, bool) = (row.get(0), row.get(1), row.get(2), row.get(3));
        let ty = match (base.as_str(), u32::try_from(scale)) {
            ("numeric", Ok(0)) | ("int2" | "int4" | "int8", _) => ColumnType::Integer,
            ("numeric", Ok(scale)) if scale <= Decimal::MAX_SCALE => ColumnType::Decimal { scale },
            // More decimals than we count with are shown, every one of them.
            ("numeric", Ok(_)) => ColumnType::Text,
            ("float4" | "float8", _) => ColumnType::Float,
            ("bool", _) => ColumnType::Boolean,
            ("date", _) => ColumnType::Date,
            ("timestamp" | "timestamptz", _) => ColumnType::Timestamp,
            ("text" | "varchar" | "bpchar", _) => ColumnType::Text,
            _ => continue,
        };
        for column in columns.iter_mut().filter(|column| column.name == name) {
            column.plain = !is_domain && matches!(ty, ColumnType::Decimal { .. });
            column.ty = Some(ty.clone());
        }
    }
    Ok(columns)
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
