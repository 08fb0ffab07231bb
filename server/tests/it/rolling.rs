//! Two servers behind a load balancer, one stopped after the other under load: no request fails, and what is written through
//! the one shows through the other.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{scope, sleep};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::world::{World, start};

/// What a load balancer knows: which servers say that they are ready.
struct Balancer {
    servers: Vec<String>,
    ready: Mutex<Vec<usize>>,
    next: AtomicUsize,
}

impl Balancer {
    fn look(&self) {
        let ready = (0..self.servers.len()).filter(|i| is_ready(&self.servers[*i])).collect();
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = ready;
    }

    fn choose(&self) -> String {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        self.servers[ready[n % ready.len()]].clone()
    }
}

fn is_ready(address: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET /readyz HTTP/1.1\r\nhost: inlay\r\nconnection: close\r\n\r\n")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line.contains(" 200 "))
    };
    ask().unwrap_or(false)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_fails_no_request() {
    let first = World::on_postgres().await;
    let second = first.beside();
    let session = first.session();
    let keys = first.keys(&session);
    assert_eq!(keys, second.keys(&session), "a session is good on every server");
    let balancer = Balancer {
        servers: vec![first.address.clone(), second.address.clone()],
        ready: Mutex::new(vec![0, 1]),
        next: AtomicUsize::new(0),
    };
    let stop = AtomicBool::new(false);
    let mut worlds = [first, second];
    let acknowledged: i64 = scope(|threads| {
        let (balancer, session, stop) = (&balancer, &session, &stop);
        threads.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                balancer.look();
                sleep(Duration::from_millis(50));
            }
        });
        let writer = |(name, key): (usize, &Json)| {
            let key = key.clone();
            threads.spawn(move || {
                let mut n = 0_i64;
                while !stop.load(Ordering::Relaxed) {
                    let was = if n == 0 { Json::Null } else { n.to_string().into() };
                    n += 1;
                    let cell = json!({ "column": "note", "value": n.to_string(), "was": was });
                    let edit = json!({ "table": "forecast", "key": key, "cells": [cell] });
                    let batch =
                        json!({ "batch_id": format!("rolling-{name}-{n:06}"), "workbook": "sales_planning", "edits": [edit] });
                    let address = balancer.choose();
                    match crate::world::post(&address, "/api/v1/edits", session, &json!({ "batch": batch })) {
                        Ok((200, answer)) => assert_eq!(answer["replayed"], false),
                        failed => panic!("a request failed: {failed:?}"),
                    }
                }
                n
            })
        };
        let writers: Vec<_> = keys.iter().enumerate().map(writer).collect();
        for round in 0..4 {
            sleep(Duration::from_millis(300));
            let world = &mut worlds[round % 2];
            world.signal("-TERM");
            assert!(world.ended().success());
            world.server = start(world.folder.path(), &world.address);
            while !is_ready(&world.address) {
                sleep(Duration::from_millis(20));
            }
            sleep(Duration::from_millis(200));
        }
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert!(acknowledged > 100, "too little was written to mean anything");
    let log = worlds[0].numbers("select count(*), count(distinct batch_id) from {log}").await;
    assert_eq!(log, [acknowledged; 2]);
}
