//! Orders for samples: the product's own business, which a form of the workbook writes through. It takes what Inlay has signed, once
//! however often it is told, and refuses what its own rules don't allow, at the field.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use sqlx::Row;

use crate::host::{Host, SignedIn, fill};

/// The product's own table: `key` is that of the submission.
pub const SCHEMA: &str = "create table if not exists sample_order (
    key text primary key, person text not null, account text not null, product text not null, pieces integer not null,
    deliver_on text not null) strict";

/// Pieces of one product that the samples' shelf gives away at once.
const MOST_PIECES: i64 = 20;

/// Seconds that a signature is good for.
const FRESH_S: u64 = 300;

const SAMPLES: &str = include_str!("../host/samples.html");

/// What a form tells; of a row only what this product needs.
#[derive(Debug, Deserialize)]
struct Submission {
    user: User,
    rows: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct User {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Line {
    values: Order,
}

#[derive(Debug, Deserialize)]
struct Order {
    account: String,
    product: String,
    pieces: i64,
    deliver_on: String,
}

/// Takes an order: 204 if it is in the table, now or since it was told before.
pub async fn take(State(host): State<Host>, headers: HeaderMap, body: String) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_signed(&host.endpoint_secret, text("inlay-signature"), &body, crate::people::now_s()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let key = text("idempotency-key");
    let (Ok(submission), false) = (serde_json::from_str::<Submission>(&body), key.is_empty()) else {
        return refused(json!({ "message": "Northwind CRM does not understand this order." }));
    };
    let Some(Line { values: order }) = submission.rows.first() else {
        return refused(json!({ "message": "There is nothing in this order." }));
    };
    if order.pieces > MOST_PIECES {
        let message = format!("We give away {MOST_PIECES} of a product at most");
        return refused(json!({ "errors": [{ "field": "pieces", "row": 0, "message": message }] }));
    }
    let insert = sqlx::query("insert into sample_order values (?, ?, ?, ?, ?, ?) on conflict (key) do nothing");
    let insert = insert.bind(key).bind(&submission.user.name).bind(&order.account).bind(&order.product);
    match insert.bind(order.pieces).bind(&order.deliver_on).execute(&host.database).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(why: serde_json::Value) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(why)).into_response()
}

/// Whether `Inlay-Signature` is that of the body, and a fresh one.
fn is_signed(secret: &[u8], header: &str, body: &str, now_s: u64) -> bool {
    let parts = header.strip_prefix("t=").and_then(|rest| rest.split_once(",v1="));
    let Some((Ok(at), Ok(signature))) = parts.map(|(at, signature)| (at.parse::<u64>(), hex::decode(signature))) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
    mac.update(format!("{at}.{body}").as_bytes());
    at.abs_diff(now_s) <= FRESH_S && mac.verify_slice(&signature).is_ok()
}

/// The product's own page of what was ordered.
pub async fn page(SignedIn(person): SignedIn, State(host): State<Host>) -> Response {
    let rows = sqlx::query("select person, account, product, pieces, deliver_on from sample_order order by rowid desc limit 100");
    let Ok(rows) = rows.fetch_all(&host.database).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let cell = |text: &str| format!("<td>{}</td>", escaped(text));
    let line = |row: sqlx::sqlite::SqliteRow| {
        let texts: String = [0, 1, 2].map(|i| cell(&row.get::<String, _>(i))).concat();
        format!("<tr>{texts}{}{}</tr>", cell(&row.get::<i64, _>(3).to_string()), cell(&row.get::<String, _>(4)))
    };
    let lines: String = rows.into_iter().map(line).collect();
    let html = fill(SAMPLES, person, &host).replace("{{orders}}", &lines);
    ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secret: &[u8], at: u64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(format!("{at}.{body}").as_bytes());
        format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn what_is_not_signed_by_inlay_now_is_not_taken() {
        let header = sign(b"key", 1_000, "{}");
        assert!(is_signed(b"key", &header, "{}", 1_000) && is_signed(b"key", &header, "{}", 1_300));
        for (key, header, body, now) in [
            (&b"other"[..], header.as_str(), "{}", 1_000),
            (b"key", &header, "{ }", 1_000),
            (b"key", &header, "{}", 1_301),
            (b"key", &header.replace("t=1000", "t=1001"), "{}", 1_000),
            (b"key", "t=1000,v1=", "{}", 1_000),
            (b"key", "", "{}", 1_000),
        ] {
            assert!(!is_signed(key, header, body, now), "{header} {body} {now}");
        }
    }
}
