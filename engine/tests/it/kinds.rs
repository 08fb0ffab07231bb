//! Kinds of relations and of columns that PostgreSQL has: what can be shown is shown, what can be written is written, and
//! what can't says why.

use std::sync::Arc;

use engine::Engine;
use engine::catalog::Directory;
use engine::warehouse::{Postgres, PostgresConfig};
use model::{Code, Edit, QueryAnswer, QueryRequest, Raw};
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::cluster::{self, Database};
use crate::world::{batch, config, edit, wendy};

const KINDS: &str = "
    create extension citext;
    create extension postgres_fdw;
    create extension file_fdw;
    create type mood as enum ('good', 'so so');
    create domain percent as numeric(5, 2) check (value between 0 and 100);
    create table base (
        id bigint generated always as identity primary key, name citext, tags text[], raw bytea, mood mood, share percent,
        upper text generated always as (upper(tag)) stored, tag text, big bigint, exact numeric(60, 30), no text, at timestamp, day date, ok boolean,
        u uuid default '00000000-0000-0000-0000-000000000009', j json
    );
    insert into base (name, tags, raw, mood, share, tag, big, exact, no, at, day, ok, j) values
        ('Ann', '{a,\"b c\",null}', '\\xdeadbeef', 'so so', 12.5, 'x', 9223372036854775807, 0.000000000000000000000000000001, '', '2017-05-03 10:20:30.123456', '2017-05-03', true, '{\"a\":[1]}'),
        (null, null, null, null, null, null, null, null, null, null, null, null, null);
    create view plain as select id, name, tag from base;
    create view grouped as select tag, count(*) as n from base group by tag;
    create materialized view stored as select id, name, tag from base;
    create unique index on stored (id);
    create table parted (id bigint, tag text, primary key (id)) partition by range (id);
    create table parted_1 partition of parted for values from (0) to (100);
    insert into parted values (1, 'a');
    create server here foreign data wrapper postgres_fdw options (host 'HOST', dbname 'NAME');
    create user mapping for inlay_app server here options (user 'admin', password_required 'false');
    create foreign table remote (id bigint, tag text) server here options (table_name 'parted');
    create server files foreign data wrapper file_fdw;
    create foreign table lines (id bigint, tag text) server files options (program 'echo 7,seven', format 'csv');
    grant usage on schema public to inlay_app;
    grant select, update on all tables in schema public to inlay_app;
";

async fn database() -> Database {
    let database = cluster::database().await;
    let host = database.admin.split("host=").nth(1).unwrap().replace("%2F", "/");
    let sql = KINDS.replace("HOST", &host).replace("NAME", &database.name);
    let mut admin = PgConnection::connect(&database.admin).await.unwrap();
    admin.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
    database
}

async fn engine(database: &Database, table: &str, columns: &str) -> Result<Arc<Engine>, String> {
    let key = if table == "grouped" { "tag" } else { "id" };
    let text = format!(
        "workbook: plan\ntitle: Kinds\nsources:\n  source: {{ table: {table}, key: [{key}], rows: {{ read: '{key} is not null', write: '{key} is not null' }} }}\n\
         input_tables:\n  direct: {{ direct_to: source, direct: true, columns: {{ {columns} }} }}\n  linked: {{ linked_to: source, columns: {{ remark: {{ type: text }} }} }}\n\
         pages:\n  - title: One\n    elements:\n      - {{ input_table: direct, table: direct }}\n      - {{ input_table: linked, table: linked }}\n"
    );
    load(database, &text).await
}

async fn load(database: &Database, text: &str) -> Result<Arc<Engine>, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.yaml"), text).unwrap();
    let warehouse = Postgres::open(PostgresConfig { settings: Default::default(), ..config(&database.app) }).await.unwrap();
    Engine::open(warehouse, &Directory(folder.path().to_owned())).await.map_err(|mistakes| mistakes[0].message.clone())
}

async fn shown(engine: &Engine, element: &str) -> QueryAnswer {
    let request = QueryRequest { workbook: "plan".into(), element: element.into(), ..QueryRequest::default() };
    engine.query(&wendy(), &request, "req").await.unwrap()
}

async fn set(engine: &Engine, table: &str, column: &str, value: impl Into<Raw>, was: impl Into<Raw>) -> Result<Raw, Code> {
    let edit = Edit { table: table.into(), key: vec![1.into()], ..edit(&[], column, value, was) };
    let outcome = engine.apply(&wendy(), &batch(vec![edit]), "req").await.map_err(|error| error.to_api().code)?;
    Ok(outcome.rows[0].values[column].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_is_shown_as_it_is_and_null_is_not_empty() {
    let database = database().await;
    let engine = engine(&database, "base", "name: { type: text }, mood: { type: choice, options: [good, so so] }, share: { type: decimal, scale: 2 }, big: { type: integer }, no: { type: text }")
        .await
        .unwrap();
    let answer = shown(&engine, "direct").await;
    let by_name = |row: &[Raw], name: &str| row[answer.columns.iter().position(|c| c.name == name).unwrap()].clone();
    let expect = json!({
        "id": 1, "name": "Ann", "tags": "{a,\"b c\",NULL}", "raw": "\\xdeadbeef", "mood": "so so", "share": "12.50", "upper": "X", "tag": "x",
        "big": "9223372036854775807", "exact": "0.000000000000000000000000000001", "no": "", "at": "2017-05-03T10:20:30.123456Z", "day": "2017-05-03",
        "ok": true, "u": "00000000-0000-0000-0000-000000000009", "j": "{\"a\":[1]}"
    });
    for (name, value) in expect.as_object().unwrap() {
        assert_eq!(by_name(&answer.rows[0], name), *value, "{name}");
        let second = by_name(&answer.rows[1], name);
        assert!(second.is_null() || ["id", "u"].contains(&name.as_str()), "{name} of an empty row: {second}");
    }
    // What a person saw is compared exactly, though the database would take another case for the same.
    assert_eq!(set(&engine, "direct", "name", "Bob", "ANN").await, Err(Code::Conflict));
    assert_eq!(set(&engine, "direct", "name", "Bob", "Ann").await, Ok("Bob".into()));
    assert_eq!(set(&engine, "direct", "mood", "good", "so so").await, Ok("good".into()));
    assert_eq!(set(&engine, "direct", "share", "100.01", "12.5").await, Err(Code::RuleFailed));
    assert_eq!(set(&engine, "direct", "share", "99.99", "12.5").await, Ok("99.99".into()));
    assert_eq!(
        set(&engine, "direct", "big", "-9223372036854775808", "9223372036854775807").await,
        Ok("-9223372036854775808".into())
    );
    assert_eq!(set(&engine, "direct", "no", Raw::Null, Raw::Null).await, Err(Code::Conflict), "empty is not null");
    assert_eq!(set(&engine, "direct", "no", Raw::Null, "").await, Ok(Raw::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_fills_in_or_nobody_can_type_says_so() {
    let database = database().await;
    for (column, ty, why) in [
        ("upper", "text", "`upper` can't be typed into: it is generated"),
        ("tags", "text", "`tags` can't be typed into: it is an array"),
        ("raw", "text", "`raw` can't be typed into: it holds bytes"),
        ("id", "integer", "`id` can't be typed into: it is an identity column"),
    ] {
        let error = engine(&database, "base", &format!("{column}: {{ type: {ty} }}")).await.err().unwrap_or_default();
        assert_eq!(error, why);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_relation_is_shown_and_linked_and_written_if_it_can_be() {
    let database = database().await;
    for (table, why) in [
        ("grouped", Some("it is a view that does not say by itself which row of which table is meant")),
        ("stored", Some("it is a materialized view")),
        ("lines", Some("it is a foreign table whose server takes no changes")),
        ("plain", None),
        ("parted", None),
        ("remote", None),
    ] {
        let column = if table == "grouped" { "n: { type: integer }" } else { "tag: { type: text }" };
        match (engine(&database, table, column).await, why) {
            (Ok(engine), None) => {
                let first = shown(&engine, "direct").await.rows[0].clone();
                let was = first.iter().find(|value| ["x", "a", "changed"].iter().any(|text| *value == text)).cloned().unwrap();
                assert_eq!(set(&engine, "direct", "tag", "changed", was).await, Ok("changed".into()), "{table}");
            }
            (Err(error), Some(why)) => assert!(error.contains(why) && error.contains("link an input table"), "{table}: {error}"),
            (Ok(_), Some(why)) => panic!("{table} is written, though {why}"),
            (Err(error), None) => panic!("{table}: {error}"),
        }
        // Linked, every one of them can be typed into.
        let key = if table == "grouped" { "tag" } else { "id" };
        let text = format!(
            "workbook: plan\ntitle: Kinds\nsources:\n  source: {{ table: {table}, key: [{key}] }}\ninput_tables:\n  note_{table}: {{ linked_to: source, columns: {{ remark: {{ type: text }} }} }}\n\
             pages:\n  - title: One\n    elements:\n      - {{ input_table: linked, table: note_{table} }}\n"
        );
        let engine = load(&database, &text).await.unwrap();
        let answer = shown(&engine, "linked").await;
        let place = answer.columns.iter().position(|c| c.name == key).unwrap();
        let row = answer.rows.iter().find(|row| !row[place].is_null()).unwrap();
        let edit =
            Edit { table: format!("note_{table}"), key: vec![row[place].clone()], ..edit(&[], "remark", "seen", Raw::Null) };
        engine.apply(&wendy(), &batch(vec![edit]), "req").await.unwrap_or_else(|error| panic!("{table}: {error:?}"));
    }
    let mut admin = PgConnection::connect(&database.admin).await.unwrap();
    let sql = "select string_agg(tag, ' ') from (select tag from base where id = 1 union all select tag from parted) t";
    let stored: String = admin.fetch_one(sql).await.unwrap().get(0);
    assert_eq!(stored, "changed changed", "a view's rows are its table's, a foreign table's those of its server");
}
