//! Follows the server's change stream, and keeps the session from ending while somebody looks.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen_futures::spawn_local;

use super::lines::Lines;
use super::{Api, Store};

#[derive(Debug, Default, Deserialize)]
struct Line {
    table: Option<String>,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    all: bool,
    /// Of the workbook's definition.
    revision: Option<String>,
}

/// Seconds before a session's end at which the host is asked for a fresh ticket.
const RENEW_BEFORE_S: i64 = 60;

/// Follows changes until the store's owner is disposed of.
pub fn follow(store: Store, api: Api) {
    let renewing = api.clone();
    spawn_local(async move {
        let mut wait_s = 1;
        let mut first = true;
        while store.lives() {
            let seen = read_stream(store, &api, first).await;
            first = false;
            wait_s = if seen { 1 } else { (wait_s * 2).min(15) };
            sleep(Duration::from_secs(wait_s)).await;
        }
    });
    spawn_local(async move {
        while store.lives() {
            let lifetime = renewing.lifetime_s().await.unwrap_or(RENEW_BEFORE_S * 2);
            let wait = (lifetime - RENEW_BEFORE_S).max(lifetime / 2).max(1);
            sleep(Duration::from_secs(wait.unsigned_abs())).await;
            if !store.lives() {
                return;
            }
            renewing.emit("inlay-token-needed", &json!({}));
            if renewing.renew().await.is_err() {
                sleep(Duration::from_secs(5)).await;
            }
        }
    });
}

/// Reads one connection to its end; true if it said anything. After a gap everything may have changed.
async fn read_stream(store: Store, api: &Api, first: bool) -> bool {
    let workbook = store.view.with_value(|view| view.id.clone());
    // After a gap everything is asked for again, so only the first stream has something to go on from.
    let since = store.mark.try_update_value(Option::take).flatten();
    let body = json!({ "workbook": workbook, "since": since }).to_string();
    let opened = api.post("/api/v1/changes", &body, None).await.and_then(|response| Lines::of(&response));
    let Ok(mut lines) = opened else { return false };
    if !first && store.lives() {
        store.changed_all();
    }
    while let Some(line) = lines.next().await {
        if !store.lives() {
            return true;
        }
        let Ok(line) = serde_json::from_str::<Line>(&line) else { continue };
        let is_other = |revision: String| store.view.with_value(|view| view.revision != revision);
        if line.revision.is_some_and(is_other) && !store.outdated.get_untracked() {
            store.outdated.set(true);
        }
        match line.table {
            _ if line.all => store.changed_all(),
            Some(table) => store.changed(&table, line.version),
            None => {}
        }
    }
    true
}
