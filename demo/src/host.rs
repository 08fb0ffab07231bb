//! Northwind CRM's own little backend: a sign-in, its pages, the endpoint that signs tickets for whoever is signed in, and the one that
//! takes orders for samples.

use std::path::Path;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use crate::people::{PEOPLE, Person, sign};
use crate::samples;

/// What the host product knows of Inlay: its address and the keys they share.
#[derive(Clone, Debug)]
pub struct HostConfig {
    pub inlay: String,
    pub secret: Vec<u8>,
    /// What Inlay signs with when it tells the product of a form.
    pub endpoint_secret: Vec<u8>,
    pub audience: String,
    /// The product's own.
    pub database: SqlitePool,
}

pub type Host = Arc<HostConfig>;

/// Opens the product's own database, which is made if it is not there.
///
/// # Errors
/// If it can't be.
pub async fn open_database(path: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await?;
    sqlx::query(samples::SCHEMA).execute(&pool).await?;
    Ok(pool)
}

const SIGN_IN: &str = include_str!("../host/sign_in.html");
const SCRIPT_TAG: &str = include_str!("../host/script_tag.html");
const LEDGER: &str = include_str!("../host/ledger.html");
const IFRAME: &str = include_str!("../host/iframe.html");
const STYLE: &str = include_str!("../host/host.css");

/// The product's routes.
pub fn router(config: HostConfig) -> Router {
    Router::new()
        .route("/", get(sign_in))
        .route("/sales", get(|person, host| page(person, host, SCRIPT_TAG)))
        .route("/ledger", get(|person, host| page(person, host, LEDGER)))
        .route("/report", get(|person, host| page(person, host, IFRAME)))
        .route("/samples", get(samples::page))
        .route("/inlay-ticket", get(ticket))
        .route("/inlay/samples", post(samples::take))
        .route("/host.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], STYLE) }))
        .with_state(Arc::new(config))
}

#[derive(Debug, Default, Deserialize)]
struct SignIn {
    person: Option<String>,
}

/// The demo's sign-in is a choice of five people, kept in the product's own cookie.
async fn sign_in(Query(query): Query<SignIn>) -> Response {
    match query.person.as_deref().and_then(find) {
        Some(person) => {
            let cookie = format!("northwind_person={}; Path=/; HttpOnly; SameSite=Lax", person.id);
            ([(header::SET_COOKIE, cookie)], Redirect::to("/sales")).into_response()
        }
        None => {
            let cards: String = PEOPLE.iter().map(card).collect();
            Html(SIGN_IN.replace("{{people}}", &cards)).into_response()
        }
    }
}

fn card(person: &Person) -> String {
    let initials = initials(person);
    format!(
        "<a class=\"person\" href=\"/?person={}\"><span class=\"avatar\">{initials}</span><b>{}</b><small>{}</small></a>",
        person.id, person.name, person.title
    )
}

fn find(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}

/// Whoever the product's cookie says is signed in.
pub struct SignedIn(pub &'static Person);

impl<S: Sync> axum::extract::FromRequestParts<S> for SignedIn {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Redirect> {
        person_of(&parts.headers).map(Self).ok_or_else(|| Redirect::to("/"))
    }
}

fn person_of(headers: &HeaderMap) -> Option<&'static Person> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let id = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("northwind_person="))?;
    find(id)
}

async fn page(SignedIn(person): SignedIn, State(host): State<Host>, template: &'static str) -> Response {
    let Ok(ticket) = sign(person, &host.secret, &host.audience) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = fill(template, person, &host).replace("{{ticket}}", &ticket);
    ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

/// A page of the product, with who is signed in and where Inlay is.
pub fn fill(template: &str, person: &Person, host: &HostConfig) -> String {
    template
        .replace("{{inlay}}", &host.inlay)
        .replace("{{initials}}", &initials(person))
        .replace("{{name}}", person.name)
        .replace("{{title}}", person.title)
}

fn initials(person: &Person) -> String {
    person.name.split(' ').filter_map(|word| word.chars().next()).collect()
}

/// A fresh ticket for the person who is signed in to the product: what `<inlay-workbook token-url>` asks for.
async fn ticket(headers: HeaderMap, State(host): State<Host>) -> Response {
    let signed = person_of(&headers).and_then(|person| sign(person, &host.secret, &host.audience).ok());
    match signed {
        Some(ticket) => ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "ticket": ticket }))).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
