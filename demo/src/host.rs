//! Northwind CRM's own little backend: a sign-in, two pages, and the endpoint that signs tickets for whoever is signed in.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::people::{PEOPLE, Person, sign};

/// What the host product knows of Inlay: its address and the key they share.
#[derive(Clone, Debug)]
pub struct HostConfig {
    pub inlay: String,
    pub secret: Vec<u8>,
    pub audience: String,
}

type Host = Arc<HostConfig>;

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
        .route("/inlay-ticket", get(ticket))
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
    let initials: String = person.name.split(' ').filter_map(|word| word.chars().next()).collect();
    format!(
        "<a class=\"person\" href=\"/?person={}\"><span class=\"avatar\">{initials}</span><b>{}</b><small>{}</small></a>",
        person.id, person.name, person.title
    )
}

fn find(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}

/// Whoever the product's cookie says is signed in.
struct SignedIn(&'static Person);

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
    let initials: String = person.name.split(' ').filter_map(|word| word.chars().next()).collect();
    let html = template
        .replace("{{inlay}}", &host.inlay)
        .replace("{{ticket}}", &ticket)
        .replace("{{initials}}", &initials)
        .replace("{{name}}", person.name)
        .replace("{{title}}", person.title);
    ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

/// A fresh ticket for the person who is signed in to the product: what `<inlay-workbook token-url>` asks for.
async fn ticket(headers: HeaderMap, State(host): State<Host>) -> Response {
    let signed = person_of(&headers).and_then(|person| sign(person, &host.secret, &host.audience).ok());
    match signed {
        Some(ticket) => ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "ticket": ticket }))).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}
