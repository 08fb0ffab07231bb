//! Reads under way are shared by those who ask the same, and by nobody else.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use model::{Code, Principal, QueryAnswer, Raw};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::world::{On, WORKBOOK, World, ada, ed, for_postgres, on_every_engine, person, walt, wendy};

/// A chart whose statement takes a while, over the same rows and the same policy as the others of the workbook.
const SLOW: &str = "
  slow:
    sql: select o.* from orders o where (with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500000) select count(*) from n) > 0
    rows: { read: region = @user.region or @user.has_role('admin') }
    columns: { sales: { type: decimal, scale: 2 }, region: { type: text } }
";

async fn world(on: On) -> World {
    with_source(on, SLOW).await
}

/// The same, whose chart would take minutes.
async fn endless(on: On) -> World {
    with_source(on, &SLOW.replace("1500000", "150000000000")).await
}

async fn with_source(on: On, source: &str) -> World {
    let workbook = if on == On::Postgres { for_postgres(WORKBOOK) } else { WORKBOOK.to_owned() };
    let workbook = workbook.replacen("\nsources:\n", &format!("\nsources:{source}"), 1);
    let elements = "      - { chart: slow_sum, type: bar, source: slow, x: region, y: [sum(sales)] }\n";
    World::with(on, &(workbook.trim_end().to_owned() + "\n" + elements)).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

async fn ask(world: &World, who: &Principal) -> QueryAnswer {
    world.query(who, "slow_sum").await.unwrap()
}

fn begin(world: &Arc<World>, who: Principal) -> JoinHandle<QueryAnswer> {
    let world = world.clone();
    tokio::spawn(async move { ask(&world, &who).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_may_see_the_same_ask_once() {
    let world = world(On::Sqlite).await;
    let people = [wendy(), walt(), wendy(), walt(), wendy()];
    let answers = join_all(people.iter().map(|who| ask(&world, who))).await;
    assert!(answers.iter().all(|answer| answer.rows == answers[0].rows));
    assert_eq!(answers[0].rows, vec![vec![Raw::from("West"), "600.75".into()]]);
    assert_eq!(world.engine.joined(), 4, "one of five asked");
    ask(&world, &wendy()).await;
    assert_eq!(world.engine.joined(), 4, "nothing is kept when it is answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_what_another_may_see() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let nobody = person("zed", None, &[]);
        let people = [wendy(), ed(), ada(), nobody.clone(), wendy(), ed(), ada(), nobody];
        let expected = [
            json!([["West", "600.75"]]),
            json!([["East", "400.00"]]),
            json!([["East", "400.00"], ["West", "600.75"], [null, "1.00"]]),
            json!([]),
        ];
        for _ in 0..5 {
            let answers = join_all(people.iter().map(|who| ask(&world, who))).await;
            for (i, answer) in answers.iter().enumerate() {
                assert_eq!(json!(answer.rows), expected[i % 4], "{on:?} {}", people[i].user);
            }
        }
        if on == On::Postgres {
            // Its own policies may look at anything that is known of a person.
            let before = world.engine.joined();
            let renamed = Principal { name: "Wendy the second".into(), ..wendy() };
            let three = [wendy(), walt(), renamed];
            join_all(three.iter().map(|who| ask(&world, who))).await;
            assert_eq!(world.engine.joined(), before, "three people");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_policies_look_at_settings_alone_those_who_have_them_alike_share() {
    let settings = |value: &str| [("app.who".to_owned(), value.to_owned())].into();
    let renamed = Principal { name: "Wendy the second".into(), ..wendy() };
    let elsewhere = Principal { tenant: "globex".into(), ..wendy() };
    let five = [wendy(), walt(), renamed, elsewhere, ed()];
    for (setting, shared) in [("@user.region", 2), ("@user.id", 1), ("@claims", 0)] {
        let world = world(On::Postgres).await.sharing(settings(setting)).await;
        let answers = join_all(five.iter().map(|who| ask(&world, who))).await;
        assert_eq!(world.engine.joined(), shared, "{setting}");
        assert!(answers[..4].iter().all(|answer| json!(answer.rows) == json!([["West", "600.75"]])));
        assert_eq!(json!(answers[4].rows), json!([["East", "400.00"]]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_began_before_an_edit_is_nobody_elses_after_it() {
    let world = Arc::new(world(On::Sqlite).await);
    let begun = begin(&world, wendy());
    tokio::time::sleep(Duration::from_millis(20)).await;
    world.set(&wendy(), &["West", "Chairs", "2017-01-01"], "amount", "1.00", Raw::Null).await.unwrap();
    assert!(!begun.is_finished(), "the statement is slow enough");
    ask(&world, &wendy()).await;
    assert_eq!(world.engine.joined(), 0);
}

async fn what_was_committed_is_read(world: World) {
    // Many ask while edits are committed; whoever has edited sees it.
    let world = Arc::new(world);
    for amount in ["1.00", "2.00", "3.00", "4.00", "5.00"] {
        let asked = {
            let world = world.clone();
            tokio::spawn(async move { join_all([&wendy(); 8].map(|who| world.query(who, "grid"))).await })
        };
        let was = stored(&world.query(&wendy(), "grid").await.unwrap());
        world.set(&wendy(), &["West", "Chairs", "2017-01-01"], "amount", amount, was).await.unwrap();
        assert_eq!(stored(&world.query(&wendy(), "grid").await.unwrap()), amount);
        asked.await.unwrap();
    }
}

fn stored(answer: &QueryAnswer) -> Raw {
    let column = |name: &str| answer.columns.iter().position(|column| column.name == name).unwrap();
    let row = answer.rows.iter().find(|row| row[column("product")] == "Chairs" && row[column("month")] == "2017-01-01").unwrap();
    row[column("amount")].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_ends_in_the_warehouse() {
    for on in [On::Sqlite, On::Postgres] {
        let world = Arc::new(endless(on).await);
        // More than there are connections.
        for _ in 0..40 {
            let begun = begin(&world, wendy());
            tokio::time::sleep(Duration::from_millis(10)).await;
            begun.abort();
            assert!(begun.await.unwrap_err().is_cancelled());
        }
        // Each of them would have taken minutes.
        let soon = tokio::time::timeout(Duration::from_secs(20), world.query(&wendy(), "grid")).await;
        assert_eq!(soon.expect("a connection is free").unwrap().rows.len(), 3, "{on:?}");
        if on == On::Postgres {
            let mut left = i64::MAX;
            for _ in 0..100 {
                left = world.count("select count(*) from pg_stat_activity where state = 'active' and query like '%150000000000%' and pid <> pg_backend_pid()").await;
                if left == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(left, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_ends_with_a_reason() {
    for on in [On::Sqlite, On::Postgres] {
        let world = endless(on).await.hurried(Duration::from_millis(300)).await;
        let error = world.query(&wendy(), "slow_sum").await.unwrap_err();
        assert_eq!((error.code, error.hint.is_some()), (Code::WarehouseTooSlow, true), "{on:?}");
        assert_eq!(world.query(&wendy(), "grid").await.unwrap().rows.len(), 3, "{on:?}: the connection is as good as new");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_given_up_leaves_the_others_theirs() {
    let world = Arc::new(world(On::Sqlite).await);
    let first = begin(&world, wendy());
    tokio::time::sleep(Duration::from_millis(20)).await;
    let second = begin(&world, walt());
    tokio::time::sleep(Duration::from_millis(20)).await;
    first.abort();
    assert_eq!(second.await.unwrap().rows.len(), 1);
    assert_eq!(ask(&world, &wendy()).await.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_says_when_it_is_cut() {
    for on in [On::Sqlite, On::Postgres] {
        for (marks, more) in [(10_000, false), (10_001, true)] {
            let workbook = format!(
                "workbook: plan\ntitle: Many\nsources:\n  many:\n    sql: with recursive n(i) as (select 1 union all select i + 1 from n where i < {marks}) select i from n\n    \
                 columns: {{ i: {{ type: integer }} }}\npages:\n  - title: One\n    elements:\n      - {{ chart: c, type: bar, source: many, x: i, y: [running_total(count(*))] }}\n"
            );
            let world = World::with(on, &workbook).await.unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let answer = world.query(&ada(), "c").await.unwrap();
            assert_eq!((answer.rows.len(), answer.more, answer.total), (10_000, more, Some(10_000)), "{on:?}");
            assert_eq!(answer.rows[9_999], vec![json!(10_000), json!(10_000)], "{on:?}");
        }
    }
}

on_every_engine!(what_was_committed_is_read);

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_workbooks_is_told_how_an_answer_came_about() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let author = Principal { inspects: true, ..wendy() };
        let other = wendy();
        let (told, untold) = tokio::join!(ask(&world, &author), ask(&world, &other));
        assert_eq!(untold.inspection, None, "{on:?}: his ticket does not say so");
        assert_eq!(told.rows, untold.rows, "{on:?}");
        let told = told.inspection.unwrap();
        let [statement] = told.statements.as_slice() else { panic!("{on:?}: one statement per element: {told:?}") };
        assert!(statement.sql.starts_with("select ") && statement.sql.contains("group by 1"), "{on:?}: {}", statement.sql);
        assert!(statement.binds.contains(&"West".into()), "{on:?}: the row policy's {:?}", statement.binds);
        assert_eq!(statement.rows, 1, "{on:?}");
        assert!(statement.ran_us > 0 && told.server_us >= statement.ran_us + statement.waited_us, "{on:?}: {told:?}");
        let table = world.query(&author, "grid").await.unwrap().inspection.unwrap();
        assert!(table.statements.len() >= 2, "{on:?}: rows, and their number");
        let view = world.engine.view(&wendy(), "plan", "req-1").await.unwrap();
        assert!(!view.person.inspects);
    }
    let world = world(On::Sqlite).await;
    let author = Principal { inspects: true, ..wendy() };
    let both = join_all([ask(&world, &author), ask(&world, &author)]).await;
    let shared = both.iter().map(|answer| answer.inspection.as_ref().unwrap().statements[0].shared).collect::<Vec<_>>();
    assert_ne!(shared[0], shared[1], "one took the other's answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_very_many_marks_keeps_its_ends_peaks_and_troughs() {
    for on in [On::Sqlite, On::Postgres] {
        let chart = |id: &str, more: &str| format!("      - {{ chart: {id}, type: line, source: many, x: i, {more} }}\n");
        // A flat line with a peak, a trough and a gap; one of two colours, each with a peak of its own.
        let workbook = format!(
            "workbook: plan\ntitle: Many\nsources:\n  many:\n    sql: with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000) \
             select i, case when i = 33333 then 9 when i = 44444 then -9 when i = 20000 then null else 0 end as v, case when i % 2 = 0 then 'even' else 'odd' end as c from n\n    \
             rows: {{ read: \"i < 55000 or @user.has_role('admin')\" }}\n    \
             columns: {{ i: {{ type: integer }}, v: {{ type: integer }}, c: {{ type: text }} }}\npages:\n  - title: One\n    elements:\n{}{}{}{}",
            chart("plain", "y: [sum(v)]"),
            chart("runs", "y: [running_total(count(*)), sum(v)]"),
            chart("colours", "y: [sum(v)], color: c"),
            chart("bars", "y: [sum(v)]").replace("type: line", "type: bar"),
        );
        let world = World::with(on, &workbook).await.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let plain = world.query(&ada(), "plain").await.unwrap();
        assert_eq!((plain.more, plain.drawn_from), (false, Some(60_000)), "{on:?}");
        assert!((500..=2_000).contains(&plain.rows.len()), "{on:?}: {}", plain.rows.len());
        for mark in [json!([1, 0]), json!([33_333, 9]), json!([44_444, -9]), json!([60_000, 0])] {
            assert!(plain.rows.iter().any(|row| json!(row) == mark), "{on:?}: {mark}");
        }
        let xs: Vec<i64> = plain.rows.iter().map(|row| row[0].as_i64().unwrap()).collect();
        assert!(xs.is_sorted_by(|a, b| a < b), "{on:?}: in order, none twice");
        assert!(xs.windows(2).all(|pair| pair[1] - pair[0] < 120), "{on:?}: of every stretch");
        let runs = world.query(&ada(), "runs").await.unwrap();
        let totals: Vec<(i64, i64)> = runs.rows.iter().map(|row| (row[0].as_i64().unwrap(), row[1].as_i64().unwrap())).collect();
        assert!(totals.iter().all(|(x, total)| x == total), "{on:?}: totals are of all marks");
        let colours = world.query(&ada(), "colours").await.unwrap();
        assert_eq!(colours.drawn_from, Some(60_000), "{on:?}");
        for mark in [json!([33_333, "odd", 9]), json!([44_444, "even", -9])] {
            assert!(colours.rows.iter().any(|row| json!(row) == mark), "{on:?}: {mark}");
        }
        let bars = world.query(&ada(), "bars").await.unwrap();
        assert_eq!((bars.more, bars.drawn_from, bars.rows.len()), (true, None, 10_000), "{on:?}: bars are cut");
        let less = world.query(&wendy(), "plain").await.unwrap();
        assert_eq!(less.drawn_from, Some(54_999), "{on:?}: of what one may see");
    }
}
