//! The guard and the routes, end to end inside one process: every registered function against every wrong caller.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use demo::PEOPLE;
use engine::control::{ControlStore, WarehouseControl};
use futures::StreamExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::cli::Server;
use crate::config::Config;
use crate::routes::router;
use crate::sessions::now;

const HOST: &str = "https://crm.example";
const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c";

struct World {
    router: Router,
    /// Held so that it is not told to stop.
    _server: Server,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    body: Value,
    headers: axum::http::HeaderMap,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl World {
    async fn new() -> Self {
        Self::with("max_body_bytes = 20000").await
    }

    async fn with(limit: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir_all(path.join("workbooks")).unwrap();
        demo::write_workbooks(&path.join("workbooks")).unwrap();
        std::fs::write(path.join("key"), SECRET).unwrap();
        let config = format!(
            "listen = '127.0.0.1:0'\n{limit}\n[connections.warehouse]\nsqlite = 'x.db'\n\
             [[issuers]]\nname = 'northwind-crm'\naudience = 'inlay'\nsecret_file = 'key'\norigins = ['{HOST}']\n\
             [[issuers]]\nname = 'other'\naudience = 'inlay'\nsecret_file = 'key'\norigins = ['https://other.example']\n\
             [endpoints.crm]\nurl = 'http://127.0.0.1:9/'\nsecret_file = 'key'"
        );
        std::fs::write(path.join("inlay.toml"), config).unwrap();
        demo::load(&path.join("x.db")).await.unwrap();
        let server = Server::open(Config::read(path).unwrap()).await.unwrap();
        Self { router: router(server.state.clone()), _server: server, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), headers }
    }

    async fn post(&self, path: &str, session: Option<&str>, body: &Value) -> Answer {
        self.send(call(path, session).body(Body::from(body.to_string())).unwrap()).await
    }

    async fn session(&self, change: impl Fn(&mut Value)) -> String {
        let answer = self.post("/api/v1/session", None, &json!({ "ticket": ticket(change) })).await;
        answer.body["session"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
    }
}

fn call(path: &str, session: Option<&str>) -> axum::http::request::Builder {
    let request = Request::builder().method(Method::POST).uri(path).header("content-type", "application/json");
    match session {
        Some(session) => request.header("authorization", format!("Bearer {session}")),
        None => request,
    }
}

/// Wendy's ticket, changed.
fn ticket(change: impl Fn(&mut Value)) -> String {
    let wendy = PEOPLE[0];
    let mut claims = json!({
        "iss": "northwind-crm", "aud": "inlay", "sub": wendy.id, "name": wendy.name, "tenant": "northwind", "roles": ["planner"],
        "attrs": { "region": "West" }, "workbooks": ["sales_planning"], "mode": "edit", "iat": now(), "exp": now() + 120,
        "jti": hex::encode(rand::random::<[u8; 8]>()),
    });
    change(&mut claims);
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// A good body for each registered function; a new function without one fails the test below.
fn good_body(path: &str) -> Value {
    let cells = json!([{ "column": "note", "value": "x", "was": null }]);
    let edit = json!({ "table": "forecast", "key": ["West", "Accessories", "2017-01-01"], "cells": cells });
    match path {
        "/api/v1/workbook" => json!({ "workbook": "sales_planning" }),
        "/api/v1/open" => json!({ "open": { "workbook": "sales_planning" } }),
        "/api/v1/query" => json!({ "query": { "workbook": "sales_planning", "element": "plan" } }),
        "/api/v1/export" => json!({ "query": { "workbook": "sales_planning", "element": "plan" } }),
        "/api/v1/history" => {
            json!({ "history": { "workbook": "sales_planning", "table": "forecast", "key": ["West", "Accessories", "2017-01-01"] } })
        }
        "/api/v1/views" => json!({ "views": { "workbook": "sales_planning", "element": "plan" } }),
        "/api/v1/save_view" => {
            json!({ "view": { "workbook": "sales_planning", "element": "plan", "name": "mine", "shape": {} } })
        }
        "/api/v1/comments" => {
            json!({ "comments": { "workbook": "sales_planning", "table": "forecast", "key": ["West", "Accessories", "2017-01-01"] } })
        }
        "/api/v1/save_comment" => json!({ "comment": {
            "workbook": "sales_planning", "table": "forecast", "key": ["West", "Accessories", "2017-01-01"], "id": "comment-1",
            "change": { "say": { "text": "Why so little?" } },
        } }),
        "/api/v1/presence" => {
            json!({ "presence": { "workbook": "sales_planning", "table": "forecast", "page": "page-of-a-test" } })
        }
        "/api/v1/lookup" => {
            json!({ "lookup": { "workbook": "sales_planning", "table": "actions", "column": "product" } })
        }
        "/api/v1/form_row" => {
            let key = ["West", "Accessories", "2017-01-01"];
            json!({ "row": { "workbook": "sales_planning", "form": "forecast_row", "row": key } })
        }
        "/api/v1/submissions" => json!({ "submissions": { "workbook": "sales_planning", "form": "month_report" } }),
        "/api/v1/draft" => json!({ "draft": { "workbook": "sales_planning", "form": "month_report" } }),
        "/api/v1/save_draft" => {
            json!({ "draft": { "workbook": "sales_planning", "form": "month_report", "draft": { "texts": { "cause": "Rain" } } } })
        }
        "/api/v1/facts" => {
            let field = json!({ "workbook": "sales_planning", "form": "month_report", "table": "month_returns", "column": "sub_category", "value": "Chairs" });
            json!({ "facts": field })
        }
        "/api/v1/edits" => {
            json!({ "batch": { "batch_id": "test-batch-1", "workbook": "sales_planning", "edits": [edit] } })
        }
        "/api/v1/look_into" => json!({ "look": look("forecast") }),
        "/api/v1/forget_upload" => json!({ "upload": uploaded() }),
        "/api/v1/changes" => json!({ "workbook": "sales_planning" }),
        other => panic!("{other} has no row in the table of role x action x resource"),
    }
}

fn uploaded() -> Value {
    json!({ "workbook": "sales_planning", "table": "forecast", "upload": "upload-0001" })
}

fn look(table: &str) -> Value {
    json!({ "workbook": "sales_planning", "table": table, "upload": "upload-0001", "name": "a.csv", "locale": "en" })
}

#[tokio::test]
async fn a_file_is_sent_in_parts_looked_at_loaded_and_taken_back() {
    let world = World::new().await;
    let wendy = world.session(|_| {}).await;
    let viewer = world.session(|c| c["mode"] = "view".into()).await;
    let part = |session: &str, number: u32, table: &str, content: &[u8]| {
        let place = json!({ "workbook": "sales_planning", "table": table, "upload": "upload-0001", "part": number });
        let place = percent_encoding::utf8_percent_encode(&place.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string();
        let request = Request::builder().method(Method::POST).uri("/api/v1/import_part");
        let request =
            request.header("content-type", "application/octet-stream").header("authorization", format!("Bearer {session}"));
        world.send(request.header("inlay-file", place).body(Body::from(content.to_vec())).unwrap())
    };
    assert_eq!(part(&viewer, 0, "forecast", b"x").await.code(), "AC003");
    assert_eq!(part(&wendy, 0, "nothing", b"x").await.code(), "AC004");
    let large = vec![b'x'; model::PART_BYTES + 1];
    assert_eq!(part(&wendy, 0, "forecast", &large).await.code(), "RQ002");
    let file = b"region,sub_category,month,note\nWest,Accessories,2017-01-01,from a file\nEast,Accessories,2017-01-01,not mine\n";
    let (first, second) = file.split_at(40);
    assert_eq!(part(&wendy, 0, "forecast", first).await.status, 200);
    assert_eq!(part(&wendy, 1, "forecast", second).await.status, 200);
    assert_eq!(part(&wendy, 1, "forecast", second).await.status, 200, "once more is once");
    let seen = world.post("/api/v1/look_into", Some(&wendy), &json!({ "look": look("forecast") })).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    assert_eq!(seen.body["mapping"]["columns"], json!(["region", "sub_category", "month", "note"]));
    let import = |trial: bool| {
        json!({ "import": {
            "workbook": "sales_planning", "table": "forecast", "batch_id": "import-0001", "upload": "upload-0001", "format": seen.body["format"],
            "mapping": seen.body["mapping"], "names": ["region", "sub_category", "month", "note"], "language": "en", "trial": trial,
        } })
    };
    assert_eq!(world.post("/api/v1/import", Some(&viewer), &import(false)).await.code(), "AC003");
    assert_eq!(world.post("/api/v1/import", Some(&wendy), &json!({ "import": {} })).await.code(), "RQ001");
    for trial in [true, false] {
        let last = events(&world, &wendy, &import(trial)).await.pop().unwrap();
        assert_eq!(
            (&last["event"], &last["outcome"]["updated"], &last["outcome"]["refused"]),
            (&json!("done"), &json!(1), &json!(1))
        );
    }
    let undo = json!({ "undo": { "workbook": "sales_planning", "table": "forecast", "batch_id": "undo-0001", "undone": "import-0001" } });
    let last = events(&world, &wendy, &undo).await.pop().unwrap();
    assert_eq!((&last["event"], &last["outcome"]["updated"]), (&json!("done"), &json!(1)));
    assert_eq!(world.post("/api/v1/forget_upload", Some(&wendy), &json!({ "upload": uploaded() })).await.status, 200);
    let gone = world.post("/api/v1/import", Some(&wendy), &import(true)).await;
    assert_eq!((gone.status.as_u16(), gone.code()), (404, "IM002"), "refused before anything has happened");
}

/// Whoever is signed out while he loads a file has loaded nothing.
#[tokio::test]
async fn a_session_that_ends_ends_its_load() {
    let world = World::new().await;
    let wendy = world.session(|_| {}).await;
    let lines: String = (0..12_000).map(|i| format!("customer {i},2026-01-31,won\n")).collect();
    let place = json!({ "workbook": "sales_planning", "table": "visits", "upload": "upload-0002", "part": 0 });
    let place = percent_encoding::utf8_percent_encode(&place.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string();
    let request = Request::builder().method(Method::POST).uri("/api/v1/import_part").header("inlay-file", place);
    let request = request.header("content-type", "application/octet-stream").header("authorization", format!("Bearer {wendy}"));
    let sent = world.send(request.body(Body::from(format!("customer,visited_on,outcome\n{lines}"))).unwrap()).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let columns = ["customer", "visited_on", "outcome"];
    let import = |batch: &str| {
        json!({ "import": {
            "workbook": "sales_planning", "table": "visits", "batch_id": batch, "upload": "upload-0002", "language": "en",
            "format": { "kind": "csv", "encoding": "utf-8", "delimiter": ",", "header": true, "locale": "en" }, "mapping": { "columns": columns },
        } })
    };
    let request = call("/api/v1/import", Some(&wendy)).body(Body::from(import("import-0003").to_string())).unwrap();
    let mut told = world.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream();
    let first = told.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"{\"event\":\"progress\""), "{first:?}");
    assert_eq!(world.post("/api/v1/session/end", Some(&wendy), &json!({})).await.status, 200);
    let mut last = first;
    while let Some(line) = told.next().await {
        last = line.unwrap();
    }
    let last: Value = serde_json::from_slice(&last).unwrap();
    assert_eq!((&last["event"], &last["error"]["code"]), (&json!("failed"), &json!("AC001")));
    // Nothing of it is there: the batch is loaded for the first time.
    let again = world.session(|_| {}).await;
    let done = events(&world, &again, &import("import-0003")).await.pop().unwrap();
    assert_eq!((&done["outcome"]["inserted"], &done["outcome"]["replayed"]), (&json!(12_000), &json!(false)), "{done}");
}

/// What a load tells, line by line.
async fn events(world: &World, session: &str, body: &Value) -> Vec<Value> {
    let request = call("/api/v1/import", Some(session)).body(Body::from(body.to_string())).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_file_is_sent_by_whoever_may_and_served_as_a_download() {
    let world = World::new().await;
    let wendy = world.session(|_| {}).await;
    let place =
        json!({ "workbook": "sales_planning", "table": "month_reports", "column": "proof", "name": "Beleg \"März\".pdf" });
    let place = percent_encoding::utf8_percent_encode(&place.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string();
    let content = b"%PDF-1.7 a letter".to_vec();
    let request = |session: Option<&str>, ty: &str, place: Option<&str>| {
        let mut request = Request::builder().method(Method::POST).uri("/api/v1/upload").header("content-type", ty);
        if let Some(session) = session {
            request = request.header("authorization", format!("Bearer {session}"));
        }
        if let Some(place) = place {
            request = request.header("inlay-file", place);
        }
        request.body(Body::from(content.clone())).unwrap()
    };
    let bytes = "application/octet-stream";
    let viewer = world.session(|c| c["mode"] = "view".into()).await;
    for (request, status, code) in [
        (request(None, bytes, Some(&place)), 401, "AC001"),
        (request(Some(&wendy), "application/json", Some(&place)), 415, "RQ003"),
        (request(Some(&wendy), bytes, None), 400, "RQ001"),
        (request(Some(&wendy), bytes, Some("%7B%7D")), 400, "RQ001"),
        (request(Some(&viewer), bytes, Some(&place)), 403, "AC003"),
    ] {
        let answer = world.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (status, Some(code)));
    }
    let answer = world.send(request(Some(&wendy), bytes, Some(&place))).await;
    assert_eq!((answer.status.as_u16(), &answer.body["name"]), (200, &json!("Beleg \"März\".pdf")), "{}", answer.body);
    let cells = json!([
        { "column": "course", "value": "as planned" }, { "column": "revenue", "value": "1.00" }, { "column": "proof", "value": answer.body.to_string() },
    ]);
    let edit = json!({ "table": "month_reports", "op": "insert", "cells": cells });
    let batch = json!({ "batch_id": "with-a-file", "workbook": "sales_planning", "form": "month_report", "edits": [edit] });
    let filed = world.post("/api/v1/edits", Some(&wendy), &json!({ "batch": batch })).await;
    assert_eq!(filed.status.as_u16(), 200, "{}", filed.body);
    let key = filed.body["rows"][0]["key"].clone();
    let asked = json!({ "file": { "workbook": "sales_planning", "table": "month_reports", "key": key, "column": "proof" } });
    let served = world.post("/api/v1/file", Some(&wendy), &asked).await;
    let header = |name: &str| served.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((served.status.as_u16(), header("content-type").as_str()), (200, "application/pdf"));
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''Beleg%20%22M%C3%A4rz%22%2Epdf");
    assert_eq!((header("x-content-type-options").as_str(), header("cache-control").as_str()), ("nosniff", "no-store"));
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
    let east = world.session(|c| c["attrs"] = json!({ "region": "East" })).await;
    assert_eq!(world.post("/api/v1/file", Some(&east), &asked).await.body["code"], "WB008");
}

#[tokio::test]
async fn whoever_is_signed_in_may_send_much_and_nobody_else() {
    let world = World::with("").await;
    let session = world.session(|_| {}).await;
    let remark = "x".repeat(3 << 20);
    let batch = json!({ "batch_id": "a-large-batch", "workbook": remark, "edits": [] });
    let answer = world.post("/api/v1/edits", Some(&session), &json!({ "batch": batch })).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (404, "AC004"), "it was read");
    let ticket = "x".repeat(100 << 10);
    let answer = world.post("/api/v1/session", None, &json!({ "ticket": ticket })).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (413, "RQ002"));
}

#[tokio::test]
async fn every_function_refuses_every_wrong_caller() {
    let world = World::new().await;
    let ended = world.session(|_| {}).await;
    assert_eq!(world.post("/api/v1/session/end", Some(&ended), &json!({})).await.status, 200);
    let good = world.session(|_| {}).await;
    let viewer = world.session(|c| c["mode"] = "view".into()).await;
    let without = world.session(|c| c["workbooks"] = json!(["another"])).await;
    let other_tenant = world.session(|c| c["tenant"] = "globex".into()).await;
    let functions: Vec<&str> = server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    assert!(functions.len() >= 6);
    for path in functions.into_iter().chain(["/api/v1/changes"]) {
        let body = good_body(path);
        let none = world.post(path, None, &body).await;
        assert_eq!((none.status.as_u16(), none.code()), (401, "AC001"), "{path} without a session");
        let over = world.post(path, Some(&ended), &body).await;
        assert_eq!((over.status.as_u16(), &over.body), (401, &none.body), "{path} with an ended session");
        let hidden = world.post(path, Some(&without), &body).await;
        assert_eq!((hidden.status.as_u16(), hidden.code()), (404, "AC004"), "{path} of a workbook that is not in the ticket");
        let foreign =
            call(path, Some(&good)).header("origin", "https://other.example").body(Body::from(body.to_string())).unwrap();
        let foreign = world.send(foreign).await;
        assert_eq!((foreign.status.as_u16(), foreign.code()), (403, "RQ004"), "{path} from another issuer's page");
        if path == "/api/v1/edits" {
            assert_eq!(world.post(path, Some(&viewer), &body).await.code(), "AC003", "{path} by a viewer");
        }
        if path != "/api/v1/changes" {
            let theirs = world.post(path, Some(&other_tenant), &body).await;
            // There somebody has to have sent a file first.
            let expect = if path == "/api/v1/look_into" { 404 } else { 200 };
            assert_eq!(theirs.status, expect, "{path} of another tenant is that tenant's own");
            assert!(!theirs.body.to_string().contains("northwind\\\""), "{path} tells of another tenant");
            for wrong in ["", "[]", "{", "null", "{}", "7"] {
                let answer = world.send(call(path, Some(&good)).body(Body::from(wrong)).unwrap()).await;
                assert_eq!((answer.status.as_u16(), answer.code()), (400, "RQ001"), "{path} {wrong}");
                assert!(!answer.body.to_string().contains("line"), "serde's words: {}", answer.body);
            }
            let mut two = body.clone();
            two["extra"] = true.into();
            assert_eq!(world.post(path, Some(&good), &two).await.status, 400, "{path} with an unknown name");
        }
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8x"] {
            let request = Request::builder().method(Method::POST).uri(path).header("content-type", content_type);
            let answer = world.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (415, "RQ003"), "{path} {content_type}");
        }
        let large = json!({ "workbook": "x".repeat(30_000) });
        assert_eq!(world.post(path, Some(&good), &large).await.code(), "RQ002", "{path} with a large body");
        let get = Request::builder().uri(path).body(Body::empty()).unwrap();
        assert_eq!(world.send(get).await.status, 404, "{path} by GET");
    }
}

/// What can be asked of what, for the table in `docs/access.md`; a route that is not here fails the test below.
fn asked() -> Vec<(&'static str, &'static str, Value)> {
    let edit = |key: Value, column: &str, value: Value| {
        let cells = json!([{ "column": column, "value": value, "was": null }]);
        let id = hex::encode(rand::random::<[u8; 8]>());
        json!({ "batch": { "batch_id": id, "workbook": "sales_planning", "edits": [{ "table": "forecast", "key": key, "cells": cells }] } })
    };
    let row = |region: &str| json!([region, "Accessories", "2017-01-01"]);
    let history = |key: Value| json!({ "history": { "workbook": "sales_planning", "table": "forecast", "key": key } });
    let view =
        |element: &str| json!({ "view": { "workbook": "sales_planning", "element": element, "name": "mine", "shape": {} } });
    let lookup = |column: &str| json!({ "lookup": { "workbook": "sales_planning", "table": "actions", "column": column } });
    let opened = |form: &str, key: Value| json!({ "row": { "workbook": "sales_planning", "form": form, "row": key } });
    let mine = |form: &str| json!({ "submissions": { "workbook": "sales_planning", "form": form } });
    let attached = |column: &str| json!({ "file": { "workbook": "sales_planning", "table": "month_reports", "key": ["0000"], "column": column } });
    let undo = |table: &str| json!({ "undo": { "workbook": "sales_planning", "table": table, "batch_id": "undo-0002", "undone": "import-0002" } });
    let draft = |form: &str| json!({ "draft": { "workbook": "sales_planning", "form": form } });
    let facts = |form: &str, column: &str, value: &str| json!({ "facts": { "workbook": "sales_planning", "form": form, "table": "month_returns", "column": column, "value": value } });
    let comments = |key: Value| json!({ "comments": { "workbook": "sales_planning", "table": "forecast", "key": key } });
    let say = |key: Value| {
        let id = hex::encode(rand::random::<[u8; 8]>());
        let change = json!({ "say": { "text": "Why so little?" } });
        json!({ "comment": { "workbook": "sales_planning", "table": "forecast", "key": key, "id": id, "change": change } })
    };
    let types = |key: Value, column: &str| {
        let at = json!({ "key": key, "column": column });
        json!({ "presence": { "workbook": "sales_planning", "table": "forecast", "page": "page-of-a-test", "at": at } })
    };
    let plan = json!({ "query": { "workbook": "sales_planning", "element": "plan", "limit": 1 } });
    let nothing = json!({ "query": { "workbook": "sales_planning", "element": "nothing" } });
    vec![
        ("/api/v1/workbook", "the workbook", json!({ "workbook": "sales_planning" })),
        ("/api/v1/workbook", "a workbook that is not there", json!({ "workbook": "nothing" })),
        ("/api/v1/open", "the workbook", json!({ "open": { "workbook": "sales_planning" } })),
        ("/api/v1/query", "an element", plan.clone()),
        ("/api/v1/query", "an element that is not there", nothing.clone()),
        ("/api/v1/export", "an element", plan),
        ("/api/v1/export", "an element that is not there", nothing),
        ("/api/v1/history", "a row of the West", history(row("West"))),
        ("/api/v1/history", "a row of the East", history(row("East"))),
        ("/api/v1/history", "a row that is not there", history(row("Nowhere"))),
        ("/api/v1/views", "an element", json!({ "views": { "workbook": "sales_planning", "element": "plan" } })),
        (
            "/api/v1/views",
            "an element that is not there",
            json!({ "views": { "workbook": "sales_planning", "element": "nothing" } }),
        ),
        ("/api/v1/save_view", "an element", view("plan")),
        ("/api/v1/save_view", "an element that is not there", view("nothing")),
        ("/api/v1/lookup", "a column that looks up", lookup("product")),
        ("/api/v1/lookup", "a column that does not", lookup("action")),
        ("/api/v1/form_row", "a row of the West", opened("forecast_row", row("West"))),
        ("/api/v1/form_row", "a row of the East", opened("forecast_row", row("East"))),
        ("/api/v1/form_row", "a row that is not there", opened("month_report", json!(["0000"]))),
        ("/api/v1/form_row", "an element that is no form", opened("plan", row("West"))),
        ("/api/v1/submissions", "a form", mine("month_report")),
        ("/api/v1/submissions", "a form that lists none", mine("forecast_row")),
        ("/api/v1/file", "a row that is not there", attached("proof")),
        ("/api/v1/file", "a column without files", attached("cause")),
        ("/api/v1/look_into", "a file that nobody has sent", json!({ "look": look("forecast") })),
        ("/api/v1/look_into", "a table that is not there", json!({ "look": look("nothing") })),
        ("/api/v1/forget_upload", "a file that nobody has sent", json!({ "upload": uploaded() })),
        ("/api/v1/import", "a load that nobody has made", undo("forecast")),
        ("/api/v1/import", "a table that is not there", undo("nothing")),
        ("/api/v1/draft", "a form", draft("month_report")),
        ("/api/v1/draft", "an element that is none", draft("plan")),
        ("/api/v1/save_draft", "a form", draft("month_report")),
        ("/api/v1/save_draft", "a form that is not there", draft("nothing")),
        ("/api/v1/facts", "a value that is looked up", facts("month_report", "sub_category", "Chairs")),
        ("/api/v1/facts", "a value that is not there", facts("month_report", "sub_category", "Nothing")),
        ("/api/v1/facts", "a field without facts", facts("month_report", "units", "1")),
        ("/api/v1/facts", "a form that is not there", facts("nothing", "sub_category", "Chairs")),
        ("/api/v1/comments", "a row of the West", comments(row("West"))),
        ("/api/v1/comments", "a row of the East", comments(row("East"))),
        ("/api/v1/comments", "a row that is not there", comments(row("Nowhere"))),
        ("/api/v1/save_comment", "a row of the West", say(row("West"))),
        ("/api/v1/save_comment", "a row of the East", say(row("East"))),
        ("/api/v1/save_comment", "a row that is not there", say(row("Nowhere"))),
        ("/api/v1/presence", "a row of the West", types(row("West"), "note")),
        ("/api/v1/presence", "a row of the East", types(row("East"), "note")),
        ("/api/v1/presence", "a row that is not there", types(row("Nowhere"), "note")),
        ("/api/v1/presence", "a column that is not there", types(row("West"), "nothing")),
        ("/api/v1/edits", "a row of the West", edit(row("West"), "note", "x".into())),
        ("/api/v1/edits", "a row of the East", edit(row("East"), "note", "x".into())),
        ("/api/v1/edits", "a row that is not there", edit(row("Nowhere"), "note", "x".into())),
        ("/api/v1/edits", "a column that is not there", edit(row("West"), "nothing", "x".into())),
        ("/api/v1/edits", "a column of the source", edit(row("West"), "actual", "1".into())),
        ("/api/v1/changes", "the workbook", json!({ "workbook": "sales_planning" })),
        ("/api/v1/session/end", "one's own session", json!({})),
    ]
}

/// Everybody who may come, for the columns of the table.
async fn roles(world: &World) -> Vec<(&'static str, Option<String>)> {
    let ended = world.session(|_| {}).await;
    world.post("/api/v1/session/end", Some(&ended), &json!({})).await;
    let of = |role: &'static str, region: Option<&'static str>| {
        world.session(move |c| {
            c["roles"] = json!([role]);
            c["attrs"] = region.map_or(json!({}), |region| json!({ "region": region }));
        })
    };
    vec![
        ("nobody", None),
        ("ended", Some(ended)),
        ("viewer West", Some(world.session(|c| (c["mode"], c["roles"]) = ("view".into(), json!(["viewer"]))).await)),
        ("planner West", Some(of("planner", Some("West")).await)),
        ("planner East", Some(of("planner", Some("East")).await)),
        ("planner nowhere", Some(of("planner", None).await)),
        ("no role, West", Some(of("guest", Some("West")).await)),
        ("admin", Some(of("admin", None).await)),
        ("other tenant", Some(world.session(|c| c["tenant"] = "globex".into()).await)),
        ("other workbook", Some(world.session(|c| c["workbooks"] = json!(["another"])).await)),
    ]
}

/// `INLAY_WRITE_TABLES=1` writes the table anew; a change of it is a change of who may do what, and is read as one.
#[tokio::test]
async fn who_may_do_what_is_as_the_table_says() {
    let world = World::new().await;
    let mut roles = roles(&world).await;
    let asked = asked();
    let routes: Vec<&str> = server_fn::axum::server_fn_paths().map(|(path, _)| path).chain(["/api/v1/changes"]).collect();
    for route in routes {
        assert!(asked.iter().any(|(path, ..)| *path == route), "{route} has no row in the table of role x action x resource");
    }
    let names: Vec<&str> = roles.iter().map(|(name, _)| *name).collect();
    let mut text = format!(
        "# Who may do what\n\nAsked of the demo's workbook by everybody who may come: the status, and the code of a refusal. Written by a test and held against it.\n\n\
         | action | resource | {} |\n|---|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    // Ended last, since that is what it does.
    for (path, resource, body) in asked {
        let mut row = vec![path.trim_start_matches("/api/v1/").to_owned(), resource.to_owned()];
        for (_, session) in &mut roles {
            let mut body = body.clone();
            if let Some(id) = body.pointer_mut("/batch/batch_id") {
                *id = hex::encode(rand::random::<[u8; 8]>()).into();
            }
            let request = call(path, session.as_deref()).body(Body::from(body.to_string())).unwrap();
            let response = world.router.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let code = if status == 200 {
                // A stream has no end to wait for.
                String::new()
            } else {
                let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
                let body: Value = serde_json::from_slice(&bytes).unwrap();
                format!(" {}", body["code"].as_str().unwrap_or_default())
            };
            row.push(format!("{}{code}", status.as_u16()));
        }
        text += &format!("| {} |\n", row.join(" | "));
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access.md");
    if std::env::var_os("INLAY_WRITE_TABLES").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "who may do what has changed: see docs/access.md");
}

#[tokio::test]
async fn another_tenant_sees_none_of_what_was_typed() {
    let world = World::new().await;
    let (ours, theirs) = (world.session(|_| {}).await, world.session(|c| c["tenant"] = "globex".into()).await);
    let mut body = good_body("/api/v1/edits");
    body["batch"]["edits"][0]["cells"][0]["value"] = "northwind's own".into();
    assert_eq!(world.post("/api/v1/edits", Some(&ours), &body).await.status, 200);
    for path in ["/api/v1/query", "/api/v1/open", "/api/v1/export", "/api/v1/history"] {
        let own = world.post(path, Some(&ours), &good_body(path)).await;
        assert!(own.body.to_string().contains("northwind's own"), "{path}");
        let seen = world.post(path, Some(&theirs), &good_body(path)).await;
        assert!(!seen.body.to_string().contains("northwind's own"), "{path}");
    }
}

#[tokio::test]
async fn a_ticket_is_used_once_and_its_exchange_repeated_with_the_nonce_only() {
    let world = World::new().await;
    let ticket = ticket(|_| {});
    let exchange = async |nonce: Option<&str>| {
        let body = nonce.map_or_else(|| json!({ "ticket": ticket }), |nonce| json!({ "ticket": ticket, "nonce": nonce }));
        world.post("/api/v1/session", None, &body).await
    };
    let first = exchange(Some("n1")).await;
    assert_eq!(first.status, 200);
    assert_eq!(exchange(Some("n1")).await.body, first.body);
    for again in [exchange(Some("n2")).await, exchange(None).await] {
        assert_eq!((again.status.as_u16(), again.code()), (401, "AC002"));
    }
}

#[tokio::test]
async fn an_admin_ends_a_persons_sessions_at_once() {
    let world = World::new().await;
    let (wendy, walt) = (world.session(|_| {}).await, world.session(|c| c["sub"] = "walt".into()).await);
    let elsewhere = world.session(|c| c["tenant"] = "globex".into()).await;
    let store = WarehouseControl(world._server.state.engine.warehouse().clone());
    assert_eq!(store.end_of("northwind", Some(demo::PEOPLE[0].id)).await.unwrap(), 1);
    let status = async |session: &str| world.post("/api/v1/workbook", Some(session), &good_body("/api/v1/workbook")).await.status;
    assert_eq!([status(&wendy).await, status(&walt).await, status(&elsewhere).await], [401, 200, 200]);
    assert_eq!(store.end_of("northwind", None).await.unwrap(), 1);
    assert_eq!([status(&walt).await, status(&elsewhere).await], [401, 200]);
}

#[tokio::test]
async fn only_a_ticket_of_the_same_person_extends_a_session() {
    let world = World::new().await;
    let session = world.session(|_| {}).await;
    let renew = async |change: fn(&mut Value)| {
        let body = Body::from(json!({ "ticket": ticket(change) }).to_string());
        world.send(call("/api/v1/session", Some(&session)).body(body).unwrap()).await.body["session"].clone()
    };
    assert_eq!(renew(|_| {}).await, session.as_str());
    assert_ne!(renew(|c| c["sub"] = "walt".into()).await, session.as_str());
    assert_ne!(renew(|c| c["tenant"] = "globex".into()).await, session.as_str());
}

#[tokio::test]
async fn a_bad_ticket_is_refused_and_nothing_else_is_said() {
    let world = World::new().await;
    let changes: [fn(&mut Value); 6] = [
        |c| c["exp"] = (now() - 1000).into(),
        |c| c["aud"] = "other".into(),
        |c| drop(c.as_object_mut().unwrap().remove("exp")),
        |c| c["iss"] = "nobody".into(),
        |c| c["tenant"] = Value::Null,
        |c| c["exp"] = (now() + 100_000).into(),
    ];
    let mut answers = Vec::new();
    for change in changes {
        let answer = world.post("/api/v1/session", None, &json!({ "ticket": ticket(change) })).await;
        assert_eq!(answer.status, 401);
        answers.push(answer.body);
    }
    answers.push(world.post("/api/v1/session", None, &json!({ "ticket": "nonsense" })).await.body);
    assert!(
        answers.iter().all(|body| *body == json!({ "code": "AC002", "message": "This ticket can't be accepted." })),
        "{answers:?}"
    );
}

#[tokio::test]
async fn origins_are_told_apart() {
    let world = World::new().await;
    let preflight = async |origin: &str| {
        let request = Request::builder().method(Method::OPTIONS).uri("/api/v1/query").header("origin", origin);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.headers["vary"], "Origin");
        answer.headers.get("access-control-allow-origin").map(|v| v.to_str().unwrap().to_owned())
    };
    assert_eq!(preflight(HOST).await.as_deref(), Some(HOST));
    assert_eq!(preflight("https://evil.example").await, None);
    let page = Request::builder().uri("/embed/sales_planning").body(Body::empty()).unwrap();
    let page = world.send(page).await;
    // Without a built site there is no page; with one, only known origins may frame it.
    if page.status == 200 {
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains(&format!("frame-ancestors 'self' {HOST} https://other.example")), "{policy}");
        assert!(!policy.contains("'unsafe-eval'"), "{policy}");
    }
}

#[tokio::test]
async fn what_an_operator_asks_is_answered() {
    let world = World::new().await;
    for path in ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"] {
        let answer = world.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let nothing = world.send(Request::builder().uri("/nothing").body(Body::empty()).unwrap()).await;
    assert_eq!((nothing.status.as_u16(), nothing.code()), (404, "RQ005"));
}

#[tokio::test]
async fn a_warehouse_that_is_gone_is_a_503_with_an_incident() {
    let world = World::new().await;
    let session = world.session(|_| {}).await;
    world._server.state.engine.warehouse().close().await;
    for path in ["/api/v1/edits", "/api/v1/query"] {
        let answer = world.post(path, Some(&session), &good_body(path)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (503, "WH001"), "{path}");
        assert!(answer.body["incident"].as_str().is_some_and(|id| id.len() == 12), "{path}: {}", answer.body);
        assert_eq!(answer.body["message"], model::Code::WarehouseUnavailable.message().to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_names_and_versions_and_ends_with_the_server() {
    use futures::StreamExt;
    let world = Arc::new(World::new().await);
    let session = world.session(|_| {}).await;
    let open = call("/api/v1/changes", Some(&session)).body(Body::from(good_body("/api/v1/changes").to_string())).unwrap();
    let response = world.router.clone().oneshot(open).await.unwrap();
    let mut lines = response.into_body().into_data_stream();
    let view = world.post("/api/v1/workbook", Some(&session), &good_body("/api/v1/workbook")).await.body;
    let revision = view["revision"].clone();
    let read = |line: axum::body::Bytes| serde_json::from_slice::<Value>(&line).unwrap();
    assert_eq!(read(lines.next().await.unwrap().unwrap()), json!({ "revision": revision }));
    let edited = world.post("/api/v1/edits", Some(&session), &good_body("/api/v1/edits")).await;
    assert_eq!(edited.status, 200);
    let seq = &edited.body["rows"][0]["cells"][0]["seq"];
    assert!(seq.is_i64(), "{}", edited.body);
    assert_eq!(read(lines.next().await.unwrap().unwrap()), json!({ "table": "forecast", "version": seq }));
    // What happened between the first rows and the stream is told at once.
    let opened = world.post("/api/v1/open", Some(&session), &good_body("/api/v1/open")).await.body;
    let missed = json!({ "all": true, "revision": revision });
    for (since, greeting) in [(opened["mark"].clone(), json!({ "revision": revision })), (json!("another-7"), missed)] {
        let body = json!({ "workbook": "sales_planning", "since": since }).to_string();
        let response =
            world.router.clone().oneshot(call("/api/v1/changes", Some(&session)).body(Body::from(body)).unwrap()).await.unwrap();
        assert_eq!(read(response.into_body().into_data_stream().next().await.unwrap().unwrap()), greeting);
    }
    // An ended session hears nothing more.
    world.post("/api/v1/session/end", Some(&session), &json!({})).await;
    let other = world.session(|_| {}).await;
    let mut again = good_body("/api/v1/edits");
    again["batch"]["batch_id"] = "test-batch-2".into();
    again["batch"]["edits"][0]["cells"][0] = json!({ "column": "note", "value": "y", "was": "x" });
    assert_eq!(world.post("/api/v1/edits", Some(&other), &again).await.status, 200);
    assert!(lines.next().await.is_none());
}
