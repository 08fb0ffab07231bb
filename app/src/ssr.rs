//! The server's side of the app: what a server function finds in its context, and the first paint of the iframe page.

use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, EngineError};
use futures::future::join_all;
use leptos::prelude::*;
use model::{ApiError, Block, Code, ElementKind, Grouping, Locale, OpenAnswer, OpenRequest, Principal, QueryRequest};
use serde_json::{Value as Json, json};

use crate::api::{self, CallError};
use crate::client::Store;
use crate::components::{Current, Problem};

/// What the guarding layer has established before a server function runs.
#[derive(Clone, Debug)]
pub struct Call {
    pub engine: Arc<Engine>,
    pub principal: Arc<Principal>,
    pub request_id: String,
    /// Logs an error's chain under an incident id and gives the id.
    pub incident: fn(&EngineError, &str) -> String,
}

impl Call {
    /// The context of the running server function; without it nothing runs.
    pub(crate) fn current() -> Result<Self, CallError> {
        use_context().ok_or_else(|| CallError(ApiError::new(Code::NotSignedIn)))
    }

    pub(crate) fn finish<T>(&self, result: Result<T, EngineError>) -> Result<T, CallError> {
        result.map_err(|error| {
            let mut api = error.to_api();
            if !matches!(error, EngineError::Refused(_)) {
                api.incident = Some((self.incident)(&error, &self.request_id));
            }
            CallError(api)
        })
    }
}

/// Registers every server function; a test holds the list against `docs`.
pub fn register() {
    server_fn::axum::register_explicit::<api::Workbook>();
    server_fn::axum::register_explicit::<api::Open>();
    server_fn::axum::register_explicit::<api::Query>();
    server_fn::axum::register_explicit::<api::Export>();
    server_fn::axum::register_explicit::<api::Lookup>();
    server_fn::axum::register_explicit::<api::Facts>();
    server_fn::axum::register_explicit::<api::FormRow>();
    server_fn::axum::register_explicit::<api::Submissions>();
    server_fn::axum::register_explicit::<api::Draft>();
    server_fn::axum::register_explicit::<api::SaveDraft>();
    server_fn::axum::register_explicit::<api::Views>();
    server_fn::axum::register_explicit::<api::SaveView>();
    server_fn::axum::register_explicit::<api::History>();
    server_fn::axum::register_explicit::<api::Comments>();
    server_fn::axum::register_explicit::<api::SaveComment>();
    server_fn::axum::register_explicit::<api::Presence>();
    server_fn::axum::register_explicit::<api::LookInto>();
    server_fn::axum::register_explicit::<api::ForgetUpload>();
    server_fn::axum::register_explicit::<api::Edits>();
}

/// The layout that is shown while the browser has nothing to draw yet.
#[must_use]
pub fn skeleton() -> String {
    "<div class=\"workbook is-opening\" aria-busy=\"true\"><div class=\"skeleton-rows\"></div></div>".into()
}

/// What is shown to somebody who may not open the workbook.
#[must_use]
pub fn refusal(error: &ApiError, locale: &str) -> String {
    let error = error.clone();
    Owner::new().with(|| {
        let locale = StoredValue::new(Locale::new(locale, ""));
        view! { <div class="workbook"><Problem error=error locale=locale/></div> }.to_html()
    })
}

/// A workbook, or one element of it alone, and the rows of its first page, asked for all at once.
///
/// # Errors
/// `AC004` if the person may not open the workbook, or it has no such element for him; or the warehouse's.
pub async fn open(
    engine: &Engine,
    principal: &Principal,
    OpenRequest { workbook, only }: &OpenRequest,
    request_id: &str,
) -> Result<OpenAnswer, EngineError> {
    // Before anything is read: what changes from now on is told.
    let mark = Some(engine.mark());
    let view = engine.view(principal, workbook, request_id).await?;
    let view = match only {
        Some(id) => view.only(id).ok_or_else(|| EngineError::refused(Code::NotFound))?,
        None => view,
    };
    let shown = view.pages.first().map(|page| Block::first_shown(&page.layout)).unwrap_or_default();
    let elements = shown.into_iter().filter_map(|id| view.element(id));
    let first = view.defaults();
    let asked = elements.filter(|element| element.asks()).map(async |element| {
        let grid = matches!(element.kind, ElementKind::Table(_) | ElementKind::InputTable(_));
        let limit = if grid { FIRST_ROWS } else { 0 };
        let (workbook, group) = (workbook.to_owned(), Grouping::by(&element.group));
        let controls = first.iter().filter(|(id, _)| element.controls.contains(id));
        let controls = controls.map(|(id, values)| (id.clone(), values.clone())).collect();
        let query = QueryRequest { workbook, element: element.id.clone(), controls, limit, group, ..QueryRequest::default() };
        // An element whose rows can't be had now asks again by itself in the browser.
        engine.query_within(principal, &query, request_id, PATIENCE).await.ok().map(|answer| (element.id.clone(), answer))
    });
    let answers = join_all(asked).await.into_iter().flatten().collect();
    Ok(OpenAnswer { view, answers, mark })
}

/// The first page with its values already drawn, and what the browser needs to carry on from it. Neither holds a session.
///
/// # Errors
/// As [`open`].
pub async fn first_paint(
    engine: &Engine,
    principal: &Principal,
    request: &OpenRequest,
    locale: &str,
    request_id: &str,
) -> Result<(String, Json), ApiError> {
    let opened = open(engine, principal, request, request_id).await.map_err(|error| error.to_api())?;
    let boot = json!({ "workbook": request.workbook, "locale": locale, "opened": opened, "drawn": true });
    let html = Owner::new().with(|| {
        let store = Store::new(opened, locale);
        view! { <Current store=RwSignal::new(store)/> }.to_html()
    });
    Ok((html, boot))
}

/// A page is not kept waiting for the number of rows of a long table: the browser asks for it then.
const PATIENCE: Duration = Duration::from_millis(60);
/// Rows of a grid in the first paint: one of its windows.
const FIRST_ROWS: u64 = 100;
