//! What can go wrong with a PostgreSQL that others run, and what each of it gets: a code, a sentence, and nothing lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::Engine;
use engine::catalog::Directory;
use engine::warehouse::{Postgres, PostgresConfig};
use model::{ApiError, Attribute, Code, Principal, QueryRequest};
use sqlx::Executor;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

use crate::postgres::{FIRST, Team, run, set};
use crate::world::{batch, config, edit, wendy};

async fn with(team: &Team, change: impl FnOnce(&mut PostgresConfig)) -> Arc<Engine> {
    let mut config = config(&team.database.app);
    config.role = Some(team.role.clone());
    config.settings = BTreeMap::from([("app.region".into(), "@user.region".into())]);
    change(&mut config);
    let warehouse = Postgres::open(config).await.unwrap();
    Engine::open(warehouse, &Directory(team.folder.path().to_owned())).await.unwrap()
}

async fn read(engine: &Engine, who: &Principal) -> Result<u64, ApiError> {
    let request = QueryRequest { workbook: "plan".into(), element: "deals".into(), ..QueryRequest::default() };
    engine.query(who, &request, "req").await.map(|answer| answer.total.unwrap()).map_err(|error| error.to_api())
}

async fn untouched(team: &Team) {
    assert_eq!(team.stored("select units from deals where region = 'West'").await, "1");
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_role_reads_and_writes_nothing() {
    let team = Team::new().await;
    let engine = with(&team, |config| config.role = Some("@user.db_role".into())).await;
    let with_role = |role: Option<&str>| {
        let mut who = wendy();
        who.attributes.extend(role.map(|role| ("db_role".to_owned(), Attribute::One(role.into()))));
        who
    };
    assert_eq!(read(&engine, &with_role(Some(&team.role))).await, Ok(1));
    for role in [
        None,
        Some(""),
        Some("nobody_at_all"),
        Some("admin"),
        Some("none"),
        Some("inlay_app"),
        Some("none; reset role"),
        Some("inlay_app\" --"),
    ] {
        let who = with_role(role);
        let refused = read(&engine, &who).await.unwrap_err();
        assert_eq!((refused.code, refused.status()), (Code::NoWarehouseRole, 403), "{role:?}");
        assert!(refused.hint.is_some());
        assert_eq!(set(&engine, &who, FIRST, "units", 5, 1).await, Err(Code::NoWarehouseRole), "{role:?}");
    }
    untouched(&team).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_warehouse_does_not_grant_is_told_apart_from_rows() {
    let team = Team::new().await;
    run(&team.database, &format!("revoke update on deals from {}", team.role)).await;
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Err(Code::RowReadOnly));
    run(&team.database, &format!("revoke select on deals from {}", team.role)).await;
    let refused = read(&team.engine, &wendy()).await.unwrap_err();
    assert_eq!((refused.code, refused.status()), (Code::WarehouseDenies, 403));
    assert!(refused.hint.is_some() && !refused.message.contains("deals"), "the database's words stay in the log");
    untouched(&team).await;
    run(&team.database, "alter table deals rename to elsewhere").await;
    let refused = read(&team.engine, &wendy()).await.unwrap_err();
    assert_eq!((refused.code, refused.status()), (Code::WarehouseFailed, 503));
    run(&team.database, "alter table elsewhere rename to deals").await;
    untouched(&team).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_stopped() {
    let team = Team::new().await;
    let slow = "workbook: plan\ntitle: Slow\nsources:\n  slow: { sql: \"select 1 as id from pg_sleep(20)\", key: [id] }\n\
                pages:\n  - title: One\n    elements:\n      - { table: deals, source: slow }\n";
    std::fs::write(team.folder.path().join("deals.yaml"), slow).unwrap();
    let engine = with(&team, |config| config.statement_timeout_ms = 300).await;
    let refused = read(&engine, &wendy()).await.unwrap_err();
    assert_eq!((refused.code, refused.status()), (Code::WarehouseTooSlow, 503));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_others_hold_is_not_waited_for_for_ever() {
    let team = Team::new().await;
    let mut admin = PgConnection::connect(&team.database.admin).await.unwrap();
    let mut other = admin.begin().await.unwrap();
    other.execute("update deals set code = 'x' where region = 'West'").await.unwrap();
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Err(Code::WarehouseBusy));
    other.rollback().await.unwrap();
    untouched(&team).await;
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Ok(()));
}

/// A trigger that fails the first `times` of all transactions, and counts past every rollback.
async fn fails(team: &Team, times: u32, how: &str) {
    let sql = format!(
        "create sequence tries; create function fails() returns trigger language plpgsql security definer as $$ begin
            if nextval('tries') <= {times} then {how}; end if; return null; end $$;
         create constraint trigger fails after update on deals deferrable initially deferred for each row execute function fails()"
    );
    run(&team.database, &sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serialization_failure_is_tried_again_and_not_for_ever() {
    let team = Team::new().await;
    fails(&team, 3, "raise exception 'no' using errcode = '40001'").await;
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Ok(()));
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "1");
    let team = Team::new().await;
    fails(&team, 1_000, "raise exception 'no' using errcode = '40P01'").await;
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Err(Code::WarehouseBusy));
    let tries: u32 = team.stored("select last_value from tries").await.parse().unwrap();
    assert!((2..20).contains(&tries), "{tries}");
    untouched(&team).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_at_the_commit_is_no_lie_and_the_same_batch_settles_it() {
    let team = Team::new().await;
    fails(&team, 1, "perform pg_terminate_backend(pg_backend_pid())").await;
    let batch = batch(vec![model::Edit { table: "deal".into(), ..edit(&[FIRST], "units", 5, 1) }]);
    let unsure = team.engine.apply(&wendy(), &batch, "req").await.unwrap_err().to_api();
    assert_eq!((unsure.code, unsure.status()), (Code::Unsure, 503));
    assert!(!unsure.message.contains("Nothing was changed"));
    for replayed in [false, true] {
        let outcome = team.engine.apply(&wendy(), &batch, "req").await.unwrap();
        assert_eq!(outcome.replayed, replayed);
    }
    assert_eq!(team.stored("select units from deals where region = 'West'").await, "5");
    assert_eq!(team.stored("select count(*) from inlay.edit_log").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_no_more_connections_is_a_503_and_then_it_goes_on() {
    let team = Team::new().await;
    let mut admin = PgConnection::connect(&team.database.admin).await.unwrap();
    let limit = |n: i32| AssertSqlSafe(format!("alter database {} connection limit {n}", team.database.name));
    let engine = with(&team, |_| {}).await;
    admin.execute(limit(0)).await.unwrap();
    let cut =
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'inlay_app' and datname = current_database()";
    run(&team.database, cut).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let refused = read(&engine, &wendy()).await.unwrap_err();
    assert_eq!((refused.code, refused.status()), (Code::WarehouseUnavailable, 503));
    admin.execute(limit(-1)).await.unwrap();
    assert_eq!(read(&engine, &wendy()).await, Ok(1));
}
