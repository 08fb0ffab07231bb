//! `inlay preview`: a page for each form of the workbooks, as each of the people in `inlay.toml` finds it. It is for whoever writes
//! workbooks, on his own machine: it signs tickets for these people itself, so it listens on a loopback address only, and its
//! pages are below a path that nobody can guess.

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Path as Place, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use engine::Engine;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use model::AccessMode;
use serde::Deserialize;
use serde_json::json;

use crate::cli::{Server, start_logging, stop_signal};
use crate::config::{Config, Issuer, Person};

const ISSUER: &str = "inlay-preview";
/// Seconds between a ticket's `iat` and `exp`.
const LIFETIME_S: u64 = 120;
const PAGE: &str = include_str!("preview.html");

/// What its pages know.
struct Preview {
    engine: Arc<Engine>,
    people: Vec<Person>,
    secret: Vec<u8>,
    /// The path that its pages are below.
    base: String,
}

type Shared = State<Arc<Preview>>;

/// Serves the pages until it is stopped; workbook files are loaded again when they change.
///
/// # Errors
/// In words.
pub async fn run(folder: &Path, listen: &str) -> Result<(), String> {
    start_logging();
    let mut config = Config::read(folder)?;
    let addresses = listen.to_socket_addrs().map_err(|error| format!("{listen}: {error}"))?;
    if !addresses.into_iter().all(|address: SocketAddr| address.ip().is_loopback()) {
        return Err(format!("{listen}: a preview is for this machine alone, such as 127.0.0.1:4610"));
    }
    let people = std::mem::take(&mut config.people);
    if people.is_empty() {
        return Err("there is nobody to look as: name some in inlay.toml, such as\n\n\
                    [[people]]\nname = \"Wendy West\"\ntenant = \"northwind\"\nroles = [\"planner\"]\nattrs = { region = \"West\" }"
            .into());
    }
    let secret = hex::encode(rand::random::<[u8; 32]>());
    let origin = format!("http://{listen}");
    listen.clone_into(&mut config.listen);
    config.public_url = None;
    config.issuers = vec![Issuer::known(ISSUER, &secret, &origin)];
    let server = Server::open(config).await?;
    let base = format!("/preview/{}", hex::encode(rand::random::<[u8; 8]>()));
    println!("\n  {origin}{base}\n\nWhat is sent there is saved in the warehouse of inlay.toml. Ctrl-C stops it.");
    let preview = Preview { engine: server.state.engine.clone(), people, secret: secret.into_bytes(), base };
    server.run_with(routes(preview), true, stop_signal()).await
}

fn routes(preview: Preview) -> Router {
    let base = preview.base.clone();
    let pages = Router::new()
        .route("/", get(first))
        .route("/ticket/{person}/{workbook}", get(ticket))
        .route("/{workbook}/{form}", get(page))
        .with_state(Arc::new(preview));
    Router::new().nest(&base, pages)
}

/// To the first form.
async fn first(State(preview): Shared) -> Response {
    match preview.engine.forms().first() {
        Some(form) => Redirect::to(&format!("{}/{}/{}", preview.base, form.workbook, form.id)).into_response(),
        None => Html("<!doctype html><title>Preview</title><p>No workbook has a form.").into_response(),
    }
}

/// How a form is looked at.
#[derive(Clone, Debug, Default, Deserialize)]
struct Look {
    /// Place in the list of people.
    #[serde(default)]
    person: usize,
    #[serde(default)]
    phone: bool,
    #[serde(default)]
    dark: bool,
    #[serde(default)]
    locale: String,
}

/// Languages that a form is looked at in, one that is read from the right among them.
const LOCALES: &[(&str, &str)] = &[("en-US", "English"), ("de-DE", "Deutsch"), ("ar-EG", "العربية")];

impl Look {
    fn locale(&self) -> &'static str {
        LOCALES.iter().find(|(tag, _)| *tag == self.locale).unwrap_or(&LOCALES[0]).0
    }

    fn query(&self) -> String {
        format!("?person={}&phone={}&dark={}&locale={}", self.person, self.phone, self.dark, self.locale())
    }
}

async fn page(State(preview): Shared, Place((workbook, form)): Place<(String, String)>, Query(look): Query<Look>) -> Response {
    let forms = preview.engine.forms();
    let shown = forms.iter().find(|known| known.workbook == workbook && known.id == form);
    let (Some(shown), Some(person)) = (shown, preview.people.get(look.person)) else {
        return (StatusCode::NOT_FOUND, "There is no such form or person.").into_response();
    };
    let place = |workbook: &str, form: &str, look: &Look| format!("{}/{workbook}/{form}{}", preview.base, look.query());
    let here = |look: Look| place(&workbook, &form, &look);
    let all: Vec<String> = forms
        .iter()
        .map(|known| {
            let is_it = known.workbook == workbook && known.id == form;
            link(&place(&known.workbook, &known.id, &look), &known.title, Some(&known.workbook), is_it)
        })
        .collect();
    let people: Vec<String> = preview
        .people
        .iter()
        .enumerate()
        .map(|(i, known)| link(&here(Look { person: i, ..look.clone() }), &known.name, Some(&known.said()), i == look.person))
        .collect();
    let widths = [(false, "Wide"), (true, "Phone")]
        .map(|(phone, name)| link(&here(Look { phone, ..look.clone() }), name, None, phone == look.phone));
    let themes = [(false, "Light"), (true, "Dark")]
        .map(|(dark, name)| link(&here(Look { dark, ..look.clone() }), name, None, dark == look.dark));
    let locales: Vec<String> = LOCALES
        .iter()
        .map(|(tag, name)| link(&here(Look { locale: (*tag).to_owned(), ..look.clone() }), name, None, *tag == look.locale()))
        .collect();
    let theme = if look.dark { "dark" } else { "light" };
    let frame = format!("/embed/{workbook}?only={form}&theme={theme}&locale={}", look.locale());
    let html = PAGE
        .replace("{{title}}", &escaped(&shown.title))
        .replace("{{person}}", &escaped(&person.name))
        .replace("{{forms}}", &all.concat())
        .replace("{{people}}", &people.concat())
        .replace("{{widths}}", &widths.concat())
        .replace("{{themes}}", &themes.concat())
        .replace("{{locales}}", &locales.concat())
        .replace("{{look}}", if look.phone { "phone" } else { "wide" })
        .replace("{{frame}}", &escaped(&frame))
        .replace("{{ticket}}", &format!("{}/ticket/{}/{workbook}", preview.base, look.person));
    // The path is a secret that no other page is to learn.
    ([(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "same-origin")], Html(html)).into_response()
}

fn link(to: &str, name: &str, small: Option<&str>, is_on: bool) -> String {
    let on = if is_on { " aria-current=\"true\"" } else { "" };
    let small = small.map(|text| format!("<small>{}</small>", escaped(text))).unwrap_or_default();
    format!("<li><a href=\"{}\"{on}>{}{small}</a></li>", escaped(to), escaped(name))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// An entry ticket of one of the people, for one workbook.
async fn ticket(State(preview): Shared, Place((person, workbook)): Place<(usize, String)>) -> Response {
    let Some(person) = preview.people.get(person) else { return StatusCode::NOT_FOUND.into_response() };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let claims = json!({
        "iss": ISSUER, "aud": ISSUER, "sub": person.user(), "name": person.name, "tenant": person.tenant, "roles": person.roles,
        "attrs": person.attrs, "workbooks": [workbook], "mode": person.mode, "filters": person.filters,
        "iat": now, "exp": now + LIFETIME_S, "jti": hex::encode(rand::random::<[u8; 16]>()),
    });
    match encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&preview.secret)) {
        Ok(ticket) => ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "ticket": ticket }))).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Person {
    fn user(&self) -> &str {
        self.user.as_deref().unwrap_or(&self.name)
    }

    /// What he is, in a line.
    fn said(&self) -> String {
        let view = if self.mode == AccessMode::View { vec!["view only".to_owned()] } else { Vec::new() };
        let plain = |value: &model::Raw| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let attribute = |(name, value): (&String, &model::Attribute)| {
            format!("{name} {}", value.raws().iter().map(plain).collect::<Vec<_>>().join(", "))
        };
        let attributes: BTreeMap<_, _> = self.attrs.iter().collect();
        let parts = std::iter::once(self.tenant.clone()).chain(self.roles.iter().cloned());
        parts.chain(attributes.into_iter().map(attribute)).chain(view).collect::<Vec<_>>().join(" · ")
    }
}
