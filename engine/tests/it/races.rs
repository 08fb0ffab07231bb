//! Many clients at once: no edit is lost, none is applied twice, and the log is what happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::{Batch, Code, Raw};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::cluster::{Cluster, Durability};
use crate::world::{World, batch, edit, more_in_a_soak, on_every_engine, walt, wendy};

const ROWS: [[&str; 3]; 3] =
    [["West", "Chairs", "2017-01-01"], ["West", "Chairs", "2017-02-01"], ["West", "Tables", "2017-01-01"]];
const CLIENTS: u64 = 16;

/// The log is a chain for each cell, ends where the table is, and has each acknowledged batch once.
async fn check_log(world: &World, acknowledged: i64) {
    assert_eq!(world.count("select count(*) from {log}").await, acknowledged, "every acknowledged edit is in the log");
    assert_eq!(world.count("select count(distinct batch_id) from {log}").await, acknowledged, "and once");
    let chain = "select count(*) from (select old_value, lag(new_value) over (partition by row_key, column_name order by seq) as before, \
                 row_number() over (partition by row_key, column_name order by seq) as n from {log}) l \
                 where n > 1 and old_value is distinct from before";
    assert_eq!(world.count(chain).await, 0, "each edit's old value is its predecessor's new value");
    assert_eq!(
        world.count("select cast(sum(_version) as bigint) from {forecast}").await,
        acknowledged,
        "one version for each edit"
    );
    for (column, logged) in [("note", "'\"' || f.note || '\"'"), ("status", "'\"' || f.status || '\"'")] {
        // The row's key as the log writes it.
        let key = "'[\"' || f.region || '\",\"' || f.product || '\",\"' || f.month || '\"]'";
        let last = format!(
            "select count(*) from {{forecast}} f where {logged} is distinct from coalesce((select new_value from {{log}} l where l.row_key = {key} \
             and l.column_name = '{column}' order by seq desc limit 1), {logged})"
        );
        assert_eq!(world.count(&last).await, 0, "the final value of {column} is the last in the log");
    }
}

async fn random_edits_lose_nothing(world: World) {
    let world = Arc::new(world);
    let edits = more_in_a_soak(25, 6_250);
    let client = |seed: u64| {
        let world = world.clone();
        tokio::spawn(async move {
            let mut random = StdRng::seed_from_u64(seed);
            let who = if seed.is_multiple_of(2) { wendy() } else { walt() };
            for n in 0..edits {
                let row = ROWS[random.random_range(0..ROWS.len())];
                let (column, value, mut was) = if random.random_bool(0.7) {
                    ("note", format!("c{seed}n{n}"), Raw::Null)
                } else {
                    ("status", ["draft", "done"][random.random_range(0..2)].to_owned(), Raw::from("draft"))
                };
                // Until it is there: what overtook it is read from the answer. The same value twice is no quarrel.
                while let Err(error) = world.set(&who, &row, column, value.clone(), was.clone()).await {
                    was = error.outcome.expect("an outcome").rows[0].cells[0].conflict.clone().expect("a conflict").now;
                }
            }
        })
    };
    for task in (0..CLIENTS).map(client).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    check_log(&world, (CLIENTS * edits).cast_signed()).await;
}

/// A caller that goes away at any moment and asks again gets the first answer; two that ask at once get the same.
async fn forced_retries_apply_once(world: World) {
    let world = Arc::new(world);
    let batches = more_in_a_soak(30, 1_250);
    let client = |seed: u64| {
        let world = world.clone();
        tokio::spawn(async move {
            let mut random = StdRng::seed_from_u64(seed);
            let (who, mut told_again) = (wendy(), 0);
            for n in 0..batches {
                // A row and a column that no other client touches would hide what is looked for, so all share one row.
                let mut mine: Option<Batch> = None;
                loop {
                    let sent = mine
                        .get_or_insert_with(|| batch(vec![edit(&ROWS[0], "note", format!("c{seed}n{n}"), Raw::Null)]))
                        .clone();
                    let patience = Duration::from_micros(random.random_range(0..3_000));
                    let cut = tokio::time::timeout(patience, world.apply(&who, &sent)).await;
                    if random.random_bool(0.3) {
                        let (a, b) = tokio::join!(world.apply(&who, &sent), world.apply(&who, &sent));
                        if let (Ok(a), Ok(b)) = (&a, &b) {
                            assert_eq!(a.rows[0].cells, b.rows[0].cells);
                            assert!(a.replayed || b.replayed);
                        }
                    }
                    let answer = if let Ok(Ok(answer)) = cut { Ok(answer) } else { world.apply(&who, &sent).await };
                    match answer {
                        Ok(answer) => {
                            told_again += u64::from(answer.replayed);
                            break;
                        }
                        Err(error) => {
                            let now =
                                error.outcome.expect("an outcome").rows[0].cells[0].conflict.clone().expect("a conflict").now;
                            // Overtaken before it was there: another edit, with another id.
                            mine = Some(batch(vec![edit(&ROWS[0], "note", format!("c{seed}n{n}"), now)]));
                        }
                    }
                }
            }
            told_again
        })
    };
    let mut told_again = 0;
    for task in (0..8).map(client).collect::<Vec<_>>() {
        told_again += task.await.unwrap();
    }
    assert!(told_again > 0, "no retry met an answer");
    check_log(&world, 8 * batches.cast_signed()).await;
}

/// PostgreSQL is killed while people write; whoever got no answer asks again with the same batch.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgresql_loses_nothing_that_was_acknowledged() {
    let cluster = Arc::new(tokio::task::spawn_blocking(|| Cluster::make(Durability::Full)).await.unwrap());
    let world = Arc::new(World::within(cluster.database().await).await);
    let stop = Arc::new(AtomicBool::new(false));
    let writer = |row: usize| {
        let (world, stop) = (world.clone(), stop.clone());
        tokio::spawn(async move {
            let (mut was, mut n) = (Raw::Null, 0_i64);
            while !stop.load(Ordering::Relaxed) {
                let sent = batch(vec![edit(&ROWS[row], "note", format!("n{n}"), was.clone())]);
                while let Err(error) = world.apply(&wendy(), &sent).await {
                    assert!([Code::WarehouseUnavailable, Code::Unsure].contains(&error.code), "{error:?}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                (was, n) = (Raw::from(format!("n{n}")), n + 1);
            }
            n
        })
    };
    let writers: Vec<_> = (0..ROWS.len()).map(writer).collect();
    for round in 0..more_in_a_soak(3, 50) {
        tokio::time::sleep(Duration::from_millis(250 + round * 31 % 200)).await;
        let cluster = cluster.clone();
        tokio::task::spawn_blocking(move || cluster.kill_and_start()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(250)).await;
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await.unwrap();
    }
    assert!(acknowledged > 50, "too little was written to mean anything");
    check_log(&world, acknowledged).await;
}

on_every_engine!(random_edits_lose_nothing, forced_retries_apply_once);
