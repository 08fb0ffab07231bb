//! The server as a process, stopped and killed under load: what was acknowledged is there, once.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use engine::Sql;
use engine::warehouse::{Sqlite, Warehouse};
use model::{ColumnType, Value};
use serde_json::{Value as Json, json};

const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c";
const WRITERS: usize = 8;

/// A folder with the demo's data and workbook, and the server over it.
struct World {
    folder: tempfile::TempDir,
    address: String,
    server: Child,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir_all(path.join("workbooks")).unwrap();
        std::fs::write(path.join("workbooks/plan.yaml"), demo::FILES[1].1).unwrap();
        std::fs::write(path.join("key"), SECRET).unwrap();
        // A free port, given back a moment before the server takes it.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let config = format!(
            "listen = '{address}'\n[connections.warehouse]\nsqlite = 'x.db'\n\
             [[issuers]]\nname = 'northwind-crm'\naudience = 'inlay'\nsecret_file = 'key'\norigins = []"
        );
        std::fs::write(path.join("inlay.toml"), config).unwrap();
        demo::load(&path.join("x.db")).await.unwrap();
        let server = start(path, &address);
        Self { folder, address, server }
    }

    fn post(&self, path: &str, session: &str, body: &Json) -> std::io::Result<(u16, Json)> {
        let mut answer = String::new();
        self.open(path, session, body)?.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(Error::from(ErrorKind::UnexpectedEof))?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let body = serde_json::from_str(body).map_err(|_| Error::from(ErrorKind::UnexpectedEof))?;
        Ok((status.ok_or(Error::from(ErrorKind::UnexpectedEof))?, body))
    }

    fn open(&self, path: &str, session: &str, body: &Json) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let body = body.to_string();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: inlay\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: Bearer {session}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )?;
        Ok(stream)
    }

    fn session(&self) -> String {
        let ticket = demo::sign(&demo::PEOPLE[0], SECRET.as_bytes(), "inlay").unwrap();
        let (_, body) = self.post("/api/v1/session", "", &json!({ "ticket": ticket })).unwrap();
        body["session"].as_str().unwrap().to_owned()
    }

    /// Keys of rows that Wendy may write, one for each writer.
    fn keys(&self, session: &str) -> Vec<Json> {
        let query = json!({ "query": { "workbook": "sales_planning", "element": "plan", "limit": WRITERS } });
        let (_, answer) = self.post("/api/v1/query", session, &query).unwrap();
        let place = |name: &str| answer["columns"].as_array().unwrap().iter().position(|c| c["name"] == name).unwrap();
        let places = ["region", "sub_category", "month"].map(place);
        answer["rows"].as_array().unwrap().iter().map(|row| places.iter().map(|i| row[*i].clone()).collect()).collect()
    }

    fn signal(&mut self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.server.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    fn ended(&mut self) -> ExitStatus {
        let patience = Instant::now() + Duration::from_secs(15);
        while Instant::now() < patience {
            if let Some(status) = self.server.try_wait().unwrap() {
                return status;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("the server does not end");
    }

    async fn numbers(&self, sql: &str) -> Vec<Vec<Value>> {
        let warehouse = Sqlite::open(&self.folder.path().join("x.db")).await.unwrap();
        let rows = warehouse.read(None, &Sql::new(sql), &[ColumnType::Integer, ColumnType::Integer]).await.unwrap();
        warehouse.close().await;
        rows
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn start(folder: &Path, address: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inlay"));
    let child = command.arg("serve").arg(folder).env_remove("INLAY_LISTEN").stdout(Stdio::null()).stderr(Stdio::null());
    let child = child.spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(15);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < patience, "the server does not start");
        sleep(Duration::from_millis(20));
    }
    child
}

/// What one writer knows at the end: batches acknowledged, and how many of them only when they were sent again.
struct Written {
    acknowledged: i64,
    replayed: i64,
}

/// Counts up in its cell, each number a batch, sent again and again until it is acknowledged; stops when told to, or at
/// the first answer that does not come if `gives_up`.
fn write_on(world: &World, session: &str, key: &Json, name: usize, stop: &AtomicBool, gives_up: bool) -> Written {
    let mut written = Written { acknowledged: 0, replayed: 0 };
    while !stop.load(Ordering::Relaxed) {
        let n = written.acknowledged + 1;
        let was = if n == 1 { Json::Null } else { (n - 1).to_string().into() };
        let cell = json!({ "column": "note", "value": n.to_string(), "was": was });
        let edit = json!({ "table": "forecast", "key": key, "cells": [cell] });
        let batch = json!({ "batch_id": format!("writer-{name}-{n:06}"), "workbook": "sales_planning", "edits": [edit] });
        let answer = loop {
            match world.post("/api/v1/edits", session, &json!({ "batch": batch })) {
                Ok((200, answer)) => break Some(answer),
                Ok((503, _)) | Err(_) if gives_up => break None,
                Ok((503, _)) | Err(_) => sleep(Duration::from_millis(20)),
                Ok(other) => panic!("{other:?}"),
            }
        };
        let Some(answer) = answer else { return written };
        written.acknowledged = n;
        written.replayed += i64::from(answer["replayed"] == true);
    }
    written
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_nothing_and_repeats_nothing() {
    let mut world = World::new().await;
    let session = world.session();
    let keys = world.keys(&session);
    let stop = AtomicBool::new(false);
    let mut server = std::mem::replace(&mut world.server, Command::new("true").spawn().unwrap());
    let written: Vec<Written> = scope(|threads| {
        let (world, session, stop) = (&world, &session, &stop);
        let writer = |(name, key)| threads.spawn(move || write_on(world, session, key, name, stop, false));
        let writers: Vec<_> = keys.iter().enumerate().map(writer).collect();
        for round in 0..5 {
            sleep(Duration::from_millis(300 + 37 * round));
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
    let log = world.numbers("select count(*), count(distinct batch_id) from inlay_edit_log").await;
    assert_eq!(log, [[Value::Integer(acknowledged), Value::Integer(acknowledged)]], "each batch once in the log");
    let table = world.numbers("select sum(cast(note as integer)), sum(_version) from inlay_sales_planning__forecast").await;
    assert_eq!(table, [[Value::Integer(acknowledged), Value::Integer(acknowledged)]], "the table is where the log ends");
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
    let log = world.numbers("select count(*), count(distinct batch_id) from inlay_edit_log").await;
    let Value::Integer(logged) = log[0][0] else { panic!("{log:?}") };
    // At most the one batch of each writer whose answer did not come may be there beside.
    assert!((acknowledged..=acknowledged + WRITERS as i64).contains(&logged), "{logged} for {acknowledged}");
    assert_eq!(log[0][0], log[0][1]);
}
