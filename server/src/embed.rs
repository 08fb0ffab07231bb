//! The iframe's page. A form POST with the ticket is answered with values already drawn; a GET draws the layout and asks
//! its parent for a ticket. No cookie, no session in an address, nothing kept by a cache.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{ApiError, Code, Locale, OpenRequest};
use serde::Deserialize;
use serde_json::json;

use crate::assets::hashed;
use crate::guard::{RequestId, refuse};
use crate::sessions::{Exchange, Granted};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Ticket {
    ticket: String,
}

#[derive(Debug, Default, Deserialize)]
pub struct Look {
    /// BCP 47; the browser's own language if absent.
    locale: Option<String>,
    /// `light`, `dark`, or the browser's own preference.
    theme: Option<String>,
    /// Id of the element that is shown alone.
    only: Option<String>,
}

/// What is drawn into the page: HTML, and what the browser needs to carry on from it.
struct Drawn {
    html: String,
    boot: serde_json::Value,
    session: Option<Granted>,
}

/// `GET /embed/{workbook}`.
pub async fn page(
    State(state): State<AppState>,
    Path(workbook): Path<String>,
    Query(look): Query<Look>,
    headers: HeaderMap,
) -> Response {
    let locale = locale(&look, &headers);
    let boot = json!({ "workbook": workbook, "only": look.only, "locale": locale });
    shell(&state, Drawn { html: app::ssr::skeleton(), boot, session: None }, &locale, &look)
}

/// `POST /embed/{workbook}` with the form field `ticket`. A used ticket (a reload) gets the GET page, not an error.
pub async fn page_with_ticket(
    State(state): State<AppState>,
    Path(workbook): Path<String>,
    Query(look): Query<Look>,
    headers: HeaderMap,
    Form(form): Form<Ticket>,
) -> Response {
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()).map(str::to_owned);
    if origin.as_deref().is_some_and(|origin| !state.any_allows(origin)) {
        return refuse(&ApiError::new(Code::OriginNotAllowed));
    }
    let exchange = Exchange { ticket: form.ticket, nonce: None };
    let Ok((granted, principal)) = state.sessions.exchange(&exchange, None).await else {
        return page(State(state), Path(workbook), Query(look), headers).await;
    };
    if origin.is_some_and(|origin| !state.issuer_allows(&principal.issuer, &origin)) {
        return refuse(&ApiError::new(Code::OriginNotAllowed));
    }
    let locale = locale(&look, &headers);
    let request_id = RequestId::new();
    let request = OpenRequest { workbook: workbook.clone(), only: look.only.clone() };
    match app::ssr::first_paint(&state.engine, &principal, &request, &locale, &request_id.0).await {
        Ok((html, boot)) => shell(&state, Drawn { html, boot, session: Some(granted) }, &locale, &look),
        Err(error) => {
            let boot = json!({ "workbook": workbook, "only": look.only, "locale": locale });
            tracing::info!(code = error.code.as_str(), %workbook, "first paint refused");
            shell(&state, Drawn { html: app::ssr::refusal(&error, &locale), boot, session: Some(granted) }, &locale, &look)
        }
    }
}

fn locale(look: &Look, headers: &HeaderMap) -> String {
    let browser = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).and_then(|v| v.split([',', ';']).next());
    let wanted = look.locale.as_deref().or(browser).unwrap_or("en-US");
    let fits = !wanted.is_empty() && wanted.len() <= 35 && wanted.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if fits { wanted.to_owned() } else { "en-US".to_owned() }
}

fn shell(state: &AppState, drawn: Drawn, locale: &str, look: &Look) -> Response {
    let (Some(style), Some(script)) = (hashed("inlay.css"), hashed("frame.js")) else {
        return refuse(&ApiError::with(Code::Internal, "This binary was built without its site; run `cargo xtask build`."));
    };
    let theme = match look.theme.as_deref() {
        Some(theme @ ("light" | "dark")) => format!(" data-theme=\"{theme}\""),
        _ => String::new(),
    };
    let origins = state.all_origins();
    let boot = in_script(&json!({ "boot": drawn.boot, "session": drawn.session, "origins": origins }));
    let direction = if Locale::is_from_right(locale) { "rtl" } else { "ltr" };
    let html = format!(
        "<!doctype html><html lang=\"{locale}\" dir=\"{direction}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Inlay</title><link rel=\"stylesheet\" href=\"/assets/{style}\"><link rel=\"modulepreload\" href=\"/assets/{script}\">\
         </head><body class=\"inlay-frame\"><main id=\"inlay-root\" class=\"inlay\"{theme}>{}</main>\
         <script type=\"application/json\" id=\"inlay-boot\">{boot}</script>\
         <script type=\"module\" src=\"/assets/{script}\"></script></body></html>",
        drawn.html
    );
    let ancestors = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' {ancestors}"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (StatusCode::OK, headers, html).into_response()
}

/// JSON that can't end the script element it stands in.
fn in_script(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
