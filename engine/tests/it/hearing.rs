//! Servers over one PostgreSQL hear of each other's commits, and of changes past Inlay.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::catalog::Directory;
use engine::warehouse::{Access, Postgres, PostgresConfig};
use engine::{Change, Engine, Heard};
use model::{Batch, Code, Edit, Raw};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use crate::postgres::{FIRST, SECOND, Team, WORKBOOK, eve, run, server};
use crate::world::{config, edit, wendy};

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_lose_nothing_to_each_other() {
    let team = Team::new().await;
    let second = server(&team.database, &team.role, &team.folder).await;
    let first = server(&team.database, &team.role, &team.folder).await;
    let tasks = (0..16).map(|n| {
        let engine = if n % 2 == 0 { first.clone() } else { second.clone() };
        tokio::spawn(async move {
            let mut was = Raw::from(1);
            loop {
                let edit = Edit { table: "deal".into(), ..edit(&[FIRST], "units", 100 + n, was) };
                let batch = Batch { edits: vec![edit], ..crate::world::batch(vec![]) };
                match engine.apply(&wendy(), &batch, "req").await {
                    Ok(_) => return,
                    Err(error) => {
                        let outcome = error.to_api().outcome.unwrap_or_else(|| panic!("{error:?}"));
                        was = outcome.rows[0].cells[0].conflict.clone().unwrap().now;
                    }
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(team.stored("select count(distinct new_value) from inlay.edit_log").await, "16");
    let broken = "select count(*) from (select old_value, lag(new_value) over (order by seq) as before from inlay.edit_log) l \
                  where before is not null and old_value is distinct from before";
    assert_eq!(team.stored(broken).await, "0");
}

#[tokio::test]
async fn a_server_hears_what_another_commits_once_and_what_it_did_not_hear_from_the_log() {
    let team = Team::new().await;
    let second = server(&team.database, &team.role, &team.folder).await;
    let (mut own, mut theirs) = (team.engine.changes(), second.changes());
    team.listeners(2).await;
    assert_eq!(team.set(&wendy(), FIRST, "units", 13, 1).await, Err(Code::RuleFailed));
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Ok(()));
    let version = team.stored("select max(seq) from inlay.edit_log").await.parse().unwrap();
    let expect = Heard::Changed(Change { tenant: None, workbook: "plan".into(), table: "deal".into(), version });
    let soon = Duration::from_secs(20);
    assert_eq!(tokio::time::timeout(soon, theirs.recv()).await.unwrap().unwrap(), expect);
    assert_eq!(own.try_recv().unwrap(), expect);
    assert!(own.try_recv().is_err(), "one's own change is told once");
    let cut =
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%' and datname = current_database()";
    run(&team.database, cut).await;
    // Nobody listens now; the log has it.
    assert_eq!(team.set(&eve(), SECOND, "units", 7, 2).await, Ok(()));
    assert!(matches!(tokio::time::timeout(soon, theirs.recv()).await.unwrap().unwrap(), Heard::Changed(_)));
    assert!(theirs.try_recv().is_err(), "and it is told once");
}

#[tokio::test]
async fn a_lower_sequence_that_comes_later_is_news_all_the_same() {
    let team = Team::new().await;
    let mut heard = team.engine.changes();
    team.listeners(1).await;
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Ok(()));
    assert_eq!(team.set(&wendy(), FIRST, "units", 6, 5).await, Ok(()));
    let version = |heard: Heard| if let Heard::Changed(change) = heard { change.version } else { panic!("{heard:?}") };
    let soon = Duration::from_secs(20);
    let mut last = 0;
    for _ in 0..2 {
        last = version(heard.recv().await.unwrap());
    }
    // Another server's edit took its sequence before these two, and is committed only now.
    let late = "select pg_notify('inlay', '[\"another\", {\"Changed\": {\"tenant\": \"acme\", \"workbook\": \"plan\", \"table\": \"deal\", \"versions\": [-7]}}]')";
    run(&team.database, late).await;
    assert!(version(tokio::time::timeout(soon, heard.recv()).await.expect("it is told").unwrap()) > last);
}

#[tokio::test]
async fn what_commits_late_is_heard_without_listening() {
    let team = Team::new().await;
    let mut deaf = config(&team.database.app);
    deaf.role = Some(team.role.clone());
    deaf.settings = BTreeMap::from([("app.region".into(), "@user.region".into())]);
    deaf.pooler = true;
    let deaf = Engine::open(Postgres::open(deaf).await.unwrap(), &Directory(team.folder.path().to_owned())).await.unwrap();
    let mut heard = deaf.changes();
    tokio::time::sleep(Duration::from_millis(300)).await;
    // An edit of another server's that has its sequence, and is long in committing.
    let mut admin = PgConnection::connect(&team.database.admin).await.unwrap();
    let late = "insert into inlay.edit_log (batch_id, edit_id, at, issuer, tenant, \"user\", user_name, workbook, table_name, row_key, operation, \
                column_name, row_version, origin, request_id, definition_revision) \
                values ('late', 0, now(), 'crm', 'acme', 'w', 'W', 'plan', 'late', '[]', 'set', 'c', 1, 'api', 'r', 'd')";
    let mut open = admin.begin().await.unwrap();
    open.execute(late).await.unwrap();
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Ok(()));
    // Longer than the log is left alone.
    tokio::time::sleep(Duration::from_secs(5)).await;
    open.commit().await.unwrap();
    let mut tables = Vec::new();
    while tables.len() < 2 {
        match tokio::time::timeout(Duration::from_secs(20), heard.recv()).await.expect("it is heard").unwrap() {
            Heard::Changed(change) => tables.push(change.table),
            Heard::Missed | Heard::Reloaded => panic!("nothing was missed"),
        }
    }
    tables.sort();
    assert_eq!(tables, ["deal", "late"]);
}

#[tokio::test]
async fn a_watched_table_tells_of_changes_past_inlay_with_and_without_listening() {
    let team = Team::new().await;
    let watch = |keep| {
        let admin = PostgresConfig { access: Access::Admin, ..config(&team.database.admin) };
        async move { Postgres::open(admin).await.unwrap().watch("deals", keep).await.unwrap() }
    };
    assert_eq!((watch(false).await.len(), watch(true).await.len(), watch(true).await.len()), (1, 1, 0));
    let deaf = PostgresConfig { pooler: true, role: Some(team.role.clone()), ..config(&team.database.app) };
    let deaf = Engine::open(Postgres::open(deaf).await.unwrap(), &Directory(team.folder.path().to_owned())).await.unwrap();
    let (mut heard, mut found) = (team.engine.changes(), deaf.changes());
    team.listeners(1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for sql in ["update deals set units = 3", "delete from deals where units = 99", "truncate deals"] {
        run(&team.database, sql).await;
        for changes in [&mut heard, &mut found] {
            match tokio::time::timeout(Duration::from_secs(20), changes.recv()).await.expect(sql).unwrap() {
                Heard::Changed(change) => assert_eq!((change.tenant, change.table.as_str()), (None, "deals"), "{sql}"),
                Heard::Missed | Heard::Reloaded => panic!("nothing was missed"),
            }
        }
    }
    assert!(heard.try_recv().is_err(), "each is told once");
}

#[tokio::test]
async fn what_inlay_itself_writes_to_a_watched_table_is_told_once() {
    let team = Team::new().await;
    let admin = PostgresConfig { access: Access::Admin, ..config(&team.database.admin) };
    Postgres::open(admin).await.unwrap().watch("deals", true).await.unwrap();
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Ok(()));
    assert_eq!(team.stored("select count(*) from inlay.touched").await, "0");
}

#[tokio::test]
async fn a_source_is_asked_for_again_as_often_as_its_author_says() {
    let team = Team::new().await;
    let text = WORKBOOK.replace("table: deals\n", "table: deals\n    refresh_s: 5\n");
    std::fs::write(team.folder.path().join("deals.yaml"), &text).unwrap();
    team.engine.reload(&Directory(team.folder.path().to_owned())).await.unwrap();
    let mut heard = team.engine.changes();
    let mut versions = Vec::new();
    while versions.len() < 2 {
        match tokio::time::timeout(Duration::from_secs(20), heard.recv()).await.expect("it is told").unwrap() {
            Heard::Changed(change) => versions.push((change.table, change.version)),
            Heard::Missed | Heard::Reloaded => panic!("nothing was missed"),
        }
    }
    assert!(versions.iter().all(|(table, _)| table == "deals") && versions[0].1 < versions[1].1, "{versions:?}");
    std::fs::write(team.folder.path().join("deals.yaml"), text.replace("refresh_s: 5", "refresh_s: 1")).unwrap();
    let mistakes = team.engine.reload(&Directory(team.folder.path().to_owned())).await.unwrap_err();
    assert!(mistakes[0].message.contains("5 seconds or more"), "{}", mistakes[0]);
}

#[tokio::test]
async fn a_direct_write_is_told_whether_or_not_the_author_names_the_schema() {
    let team = Team::new().await;
    let text = WORKBOOK.replace("table: deals\n", "table: public.deals\n");
    std::fs::write(team.folder.path().join("deals.yaml"), text).unwrap();
    let other = "workbook: other\ntitle: Other\nsources:\n  s: { sql: select region from deals }\npages: []\n";
    std::fs::write(team.folder.path().join("other.yaml"), other).unwrap();
    team.engine.reload(&Directory(team.folder.path().to_owned())).await.unwrap();
    let mut changes = team.engine.changes();
    assert_eq!(team.set(&wendy(), FIRST, "units", 5, 1).await, Ok(()));
    let mut heard = || match changes.try_recv() {
        Ok(Heard::Changed(change)) => Some((change.workbook, change.table)),
        _ => None,
    };
    assert_eq!(heard(), Some(("plan".into(), "deal".into())));
    assert_eq!(heard(), Some(("other".into(), "s".into())));
}
