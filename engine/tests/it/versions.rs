//! Databases of other versions: an older one is upgraded with what is in it, a newer one refused, and servers of
//! neighbouring versions go on beside each other.

use engine::warehouse::{Postgres, Sqlite};
use model::Raw;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::cluster;
use crate::world::{World, config, wendy};

const ROW: [&str; 3] = ["West", "Chairs", "2017-01-01"];

/// An edit as the second version logs it.
const EDIT: &str = "insert into LOG (batch_id, edit_id, at, issuer, tenant, \"user\", user_name, workbook, table_name, row_key, operation, \
    column_name, old_value, new_value, row_version, origin, request_id, definition_revision) values \
    ('old-batch', 0, '2026-01-01T00:00:00.000000Z', 'crm', 'acme', 'wendy', 'WENDY', 'plan', 'forecast', 'x', 'set', 'note', null, '\"x\"', 1, 'grid', 'r', 'd')";

#[tokio::test(flavor = "multi_thread")]
async fn an_older_postgresql_is_upgraded_and_a_server_of_its_version_goes_on() {
    let database = cluster::database().await;
    let mut old = PgConnection::connect(&database.app).await.unwrap();
    old.execute(sqlx::raw_sql(include_str!("version_2.postgres.sql"))).await.unwrap();
    old.execute("set inlay.tenant = 'acme'").await.unwrap();
    let edit = EDIT.replace("LOG", "inlay.edit_log");
    old.execute(AssertSqlSafe(edit.clone())).await.unwrap();
    let world = World::within(database).await;
    world.set(&wendy(), &ROW, "note", "new", Raw::Null).await.unwrap();
    // The older server writes as it always did, and remembers a batch in its own way.
    old.execute(AssertSqlSafe(edit)).await.unwrap();
    let batch = "insert into inlay.batch (scope, batch_id, content_hash, at, outcome) values ('[\"crm\",\"acme\",\"wendy\"]', 'b', 'h', now(), '{}')";
    old.execute(batch).await.unwrap();
    assert_eq!(world.count("select count(*) from {log}").await, 3);
}

#[tokio::test]
async fn a_newer_postgresql_is_refused_unless_it_says_that_this_server_may_go_on() {
    let database = cluster::database().await;
    Postgres::open(config(&database.app)).await.unwrap();
    let mut newer = PgConnection::connect(&database.app).await.unwrap();
    newer.execute("insert into inlay.migration (version, oldest) values (99, 2)").await.unwrap();
    Postgres::open(config(&database.app)).await.unwrap();
    newer.execute("insert into inlay.migration (version, oldest) values (100, 100)").await.unwrap();
    let error = Postgres::open(config(&database.app)).await.unwrap_err().to_string();
    assert!(error.contains("newer Inlay"), "{error}");
}

#[tokio::test]
async fn an_older_sqlite_file_is_upgraded_and_a_newer_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut old = SqliteConnection::connect_with(&options).await.unwrap();
    old.execute(sqlx::raw_sql(include_str!("version_2.sqlite.sql"))).await.unwrap();
    old.execute(AssertSqlSafe(EDIT.replace("LOG", "inlay_edit_log"))).await.unwrap();
    old.close().await.unwrap();
    let warehouse = Sqlite::open(&path).await.unwrap();
    let sql = engine::Sql::new("select count(*) from inlay_edit_log, (select count(*) from inlay_definition_log)");
    let rows = engine::warehouse::Warehouse::read(warehouse.as_ref(), None, &sql, &[model::ColumnType::Integer]).await.unwrap();
    assert_eq!(rows, [[model::Value::Integer(1)]]);
    engine::warehouse::Warehouse::close(warehouse.as_ref()).await;
    let mut newer = SqliteConnection::connect_with(&options).await.unwrap();
    newer.execute("pragma user_version = 99").await.unwrap();
    newer.close().await.unwrap();
    let error = Sqlite::open(&path).await.unwrap_err().to_string();
    assert!(error.contains("newer Inlay"), "{error}");
}
