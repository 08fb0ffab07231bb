//! The server, stopped and killed under load: what was acknowledged is there, once.

use std::io::Read;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use serde_json::json;

use crate::world::{WRITERS, World, Written, start, write_on};

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_nothing_and_repeats_nothing() {
    killed(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_over_postgresql_it_loses_nothing_and_repeats_nothing() {
    killed(World::on_postgres().await).await;
}

async fn killed(mut world: World) {
    let session = world.session();
    let keys = world.keys(&session);
    let stop = AtomicBool::new(false);
    let times = if std::env::var_os("INLAY_SOAK").is_some() { 200 } else { 10 };
    let mut server = std::mem::replace(&mut world.server, Command::new("true").spawn().unwrap());
    let written: Vec<Written> = scope(|threads| {
        let (world, session, stop) = (&world, &session, &stop);
        let writer = |(name, key)| threads.spawn(move || write_on(world, session, key, name, stop, false));
        let writers: Vec<_> = keys.iter().enumerate().map(writer).collect();
        for round in 0..times {
            sleep(Duration::from_millis(300 + 37 * (round % 10)));
            server.kill().unwrap();
            server.wait().unwrap();
            server = start(world.folder.path(), &world.address);
        }
        sleep(Duration::from_millis(200));
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    world.server = server;
    world.signal("-TERM");
    assert!(world.ended().success());
    assert!(written.iter().all(|w| w.acknowledged > 5), "too little was written to mean anything");
    let acknowledged: i64 = written.iter().map(|w| w.acknowledged).sum();
    world.check(acknowledged).await;
    println!("{acknowledged} batches, {} of them told again", written.iter().map(|w| w.replayed).sum::<i64>());
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_it_keeps_what_it_acknowledged_and_ends_streams_cleanly() {
    let mut world = World::new().await;
    let session = world.session();
    let keys = world.keys(&session);
    let stop = AtomicBool::new(false);
    let mut stream = world.open("/api/v1/changes", &session, &json!({ "workbook": "sales_planning" })).unwrap();
    let server = world.server.id().to_string();
    let written: Vec<Written> = scope(|threads| {
        let (world, session, stop) = (&world, &session, &stop);
        let writer = |(name, key)| threads.spawn(move || write_on(world, session, key, name, stop, true));
        let writers: Vec<_> = keys.iter().enumerate().map(writer).collect();
        sleep(Duration::from_millis(500));
        assert!(Command::new("kill").args(["-TERM", &server]).status().unwrap().success());
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert!(world.ended().success());
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.ends_with("\r\n0\r\n\r\n"), "the stream's last chunk: {heard}");
    assert!(heard.contains("\"table\":\"forecast\""));
    let acknowledged: i64 = written.iter().map(|w| w.acknowledged).sum();
    let [logged, batches] = world.numbers("select count(*), count(distinct batch_id) from {log}").await;
    // At most the one batch of each writer whose answer did not come may be there beside.
    assert!((acknowledged..=acknowledged + WRITERS as i64).contains(&logged), "{logged} for {acknowledged}");
    assert_eq!(logged, batches);
}
