//! The server as a process over a warehouse of its own, and clients that know what was acknowledged.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use engine::Sql;
use engine::warehouse::{Sqlite, Warehouse};
use model::{ColumnType, Value};
use serde_json::{Value as Json, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::cluster::{self, Database};

const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c";
pub const WRITERS: usize = 8;

/// The demo's workbook as PostgreSQL would have it, as far as these tests look.
const POSTGRES: &str = "
workbook: sales_planning
title: Cells
sources:
  cells: { table: cells, key: [region, sub_category, month], rows: { read: region = @user.region, write: region = @user.region } }
input_tables:
  forecast: { linked_to: cells, columns: { note: { type: text } } }
pages:
  - title: One
    elements:
      - { input_table: plan, table: forecast }
";

const CELLS: &str = "
    create table cells (region text, sub_category text, month date, primary key (region, sub_category, month));
    insert into cells select 'West', 'Chairs', date '2017-01-01' + n from generate_series(1, 50) n;
    grant select on cells to inlay_app;
    grant usage on schema public to inlay_app;
";

/// A folder with the demo's data and workbook, and the server over it.
pub struct World {
    pub folder: tempfile::TempDir,
    pub address: String,
    pub server: Child,
    database: Option<Database>,
}

impl World {
    /// With the demo's data in a SQLite file.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        demo::load(&folder.path().join("x.db")).await.unwrap();
        Self::start(folder, None, "sqlite = 'x.db'", None)
    }

    /// Over PostgreSQL.
    pub async fn on_postgres() -> Self {
        let database = cluster::database().await;
        let mut admin = PgConnection::connect(&database.admin).await.unwrap();
        admin.execute(sqlx::raw_sql(CELLS)).await.unwrap();
        Self::over(database)
    }

    /// Another server over the same database.
    pub fn beside(&self) -> Self {
        Self::over(self.database.clone().expect("a database"))
    }

    fn over(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = format!("postgres = '{}'\nallow_owner = true", database.app);
        Self::start(folder, Some(POSTGRES), &connection, Some(database))
    }

    fn start(folder: tempfile::TempDir, workbook: Option<&str>, connection: &str, database: Option<Database>) -> Self {
        let path = folder.path();
        let workbooks = path.join("workbooks");
        std::fs::create_dir_all(&workbooks).unwrap();
        match workbook {
            Some(text) => std::fs::write(workbooks.join("plan.yaml"), text).unwrap(),
            None => demo::write_workbooks(&workbooks).unwrap(),
        }
        std::fs::write(path.join("key"), SECRET).unwrap();
        // A free port, given back a moment before the server takes it.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let config = format!(
            "listen = '{address}'\ndrain_seconds = 1\n[connections.warehouse]\n{connection}\n\
             [[issuers]]\nname = 'northwind-crm'\naudience = 'inlay'\nsecret_file = 'key'\norigins = []\n\
             [endpoints.crm]\nurl = 'http://127.0.0.1:9/'\nsecret_file = 'key'"
        );
        std::fs::write(path.join("inlay.toml"), config).unwrap();
        let server = start(path, &address);
        Self { folder, address, server, database }
    }

    pub fn post(&self, path: &str, session: &str, body: &Json) -> std::io::Result<(u16, Json)> {
        post(&self.address, path, session, body)
    }

    pub fn open(&self, path: &str, session: &str, body: &Json) -> std::io::Result<TcpStream> {
        open(&self.address, path, session, body)
    }

    pub fn session(&self) -> String {
        let ticket = demo::sign(&demo::PEOPLE[0], SECRET.as_bytes(), "inlay").unwrap();
        let (_, body) = self.post("/api/v1/session", "", &json!({ "ticket": ticket })).unwrap();
        body["session"].as_str().unwrap().to_owned()
    }

    /// Keys of rows that Wendy may write, one for each writer.
    pub fn keys(&self, session: &str) -> Vec<Json> {
        let query = json!({ "query": { "workbook": "sales_planning", "element": "plan", "limit": WRITERS } });
        let (_, answer) = self.post("/api/v1/query", session, &query).unwrap();
        let place = |name: &str| answer["columns"].as_array().unwrap().iter().position(|c| c["name"] == name).unwrap();
        let places = ["region", "sub_category", "month"].map(place);
        answer["rows"].as_array().unwrap().iter().map(|row| places.iter().map(|i| row[*i].clone()).collect()).collect()
    }

    pub fn signal(&mut self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.server.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    pub fn ended(&mut self) -> ExitStatus {
        let patience = Instant::now() + Duration::from_secs(15);
        while Instant::now() < patience {
            if let Some(status) = self.server.try_wait().unwrap() {
                return status;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("the server does not end");
    }

    /// Two numbers straight from the data; `{forecast}` is the table, `{log}` what the log has of it.
    pub async fn numbers(&self, sql: &str) -> [i64; 2] {
        let own = |sql: &str, prefix: &str| {
            let log = format!("(select * from {prefix}edit_log where table_name = 'forecast') l");
            sql.replace("{log}", &log).replace("{forecast}", &format!("{prefix}sales_planning__forecast"))
        };
        let Some(database) = &self.database else {
            let warehouse = Sqlite::open(&self.folder.path().join("x.db")).await.unwrap();
            let sql = Sql::new(own(sql, "inlay_"));
            let rows = warehouse.read(None, &sql, &[ColumnType::Integer, ColumnType::Integer]).await.unwrap();
            warehouse.close().await;
            let [Value::Integer(a), Value::Integer(b)] = rows[0][..] else { panic!("{rows:?}") };
            return [a, b];
        };
        let mut admin = PgConnection::connect(&database.admin).await.unwrap();
        let row = admin.fetch_one(AssertSqlSafe(own(sql, "inlay."))).await.unwrap();
        [0, 1].map(|i| row.try_get::<i64, _>(i).unwrap())
    }

    /// Each batch is in the log once, and the table is where the log ends.
    pub async fn check(&self, acknowledged: i64) {
        let log = self.numbers("select count(*), count(distinct batch_id) from {log}").await;
        assert_eq!(log, [acknowledged; 2], "each batch once in the log");
        let table = "select cast(sum(cast(note as bigint)) as bigint), cast(sum(_version) as bigint) from {forecast}";
        assert_eq!(self.numbers(table).await, [acknowledged; 2], "the table is where the log ends");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

pub fn start(folder: &Path, address: &str) -> Child {
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
pub struct Written {
    pub acknowledged: i64,
    pub replayed: i64,
}

/// Counts up in its cell, each number a batch, sent again and again until it is acknowledged; stops when told to, or at
/// the first answer that does not come if `gives_up`.
pub fn write_on(world: &World, session: &str, key: &Json, name: usize, stop: &AtomicBool, gives_up: bool) -> Written {
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

/// One request over a connection of its own.
pub fn post(address: &str, path: &str, session: &str, body: &Json) -> std::io::Result<(u16, Json)> {
    let mut answer = String::new();
    open(address, path, session, body)?.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(Error::from(ErrorKind::UnexpectedEof))?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = serde_json::from_str(body).map_err(|_| Error::from(ErrorKind::UnexpectedEof))?;
    Ok((status.ok_or(Error::from(ErrorKind::UnexpectedEof))?, body))
}

fn open(address: &str, path: &str, session: &str, body: &Json) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
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
