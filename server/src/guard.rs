//! The one layer in front of every API call. In this order: origin, method, content type, session, origin again against
//! the session's issuer, body size and shape. What comes out has its status from its error code and its CORS headers.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::{ApiError, Code, Principal};
use serde::de::IgnoredAny;

use crate::state::AppState;

/// Id of one request, in its answer, its log lines and its rows of the edit log.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    pub fn new() -> Self {
        Self(hex::encode(rand::random::<[u8; 8]>()))
    }
}

/// The session's person, put there by this layer and by nothing else.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub principal: Arc<Principal>,
    pub token: String,
}

/// The calls whose body is not JSON.
pub const UPLOAD: &str = "/api/v1/upload";
pub const IMPORT_PART: &str = "/api/v1/import_part";
/// In the body of a request without a session: a ticket and its like.
const MOST_UNKNOWN_BYTES: usize = 64 << 10;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ERROR_MARK: HeaderName = HeaderName::from_static("serverfnerror");

/// An error as an HTTP answer.
#[must_use]
pub fn refuse(error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(error).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Guards a call that needs a session.
pub async fn with_session(State(state): State<AppState>, request: Request, next: Next) -> Response {
    guard(state, request, next, true).await
}

/// Guards the exchange of a ticket, the one call that needs none.
pub async fn without_session(State(state): State<AppState>, request: Request, next: Next) -> Response {
    guard(state, request, next, false).await
}

async fn guard(state: AppState, request: Request, next: Next, needs_session: bool) -> Response {
    let started = Instant::now();
    let id = RequestId::new();
    let origin = request.headers().get(header::ORIGIN).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let path = request.uri().path().to_owned();
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        match admit(&state, request, origin.as_deref(), needs_session, &id).await {
            Ok(request) => settle(next.run(request).await).await,
            Err(error) => refuse(&error),
        }
    };
    cors(&state, origin.as_deref(), &path, response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    state.metrics.count(&path, status, elapsed);
    if !preflight {
        tracing::info!(request_id = %id.0, %path, status, elapsed_us = elapsed.as_micros() as u64, "request");
    }
    response
}

async fn admit(
    state: &AppState,
    request: Request,
    origin: Option<&str>,
    needs_session: bool,
    id: &RequestId,
) -> Result<Request, ApiError> {
    if origin.is_some_and(|origin| !state.any_allows(origin)) {
        return Err(ApiError::new(Code::OriginNotAllowed));
    }
    if request.method() != Method::POST {
        return Err(ApiError::new(Code::NoSuchRoute));
    }
    let (mut parts, body) = request.into_parts();
    let is_file = [UPLOAD, IMPORT_PART].contains(&parts.uri.path());
    let expected = if is_file { "application/octet-stream" } else { "application/json" };
    if parts.headers.get(header::CONTENT_TYPE).is_none_or(|value| value != expected) {
        return Err(ApiError::new(Code::WrongContentType));
    }
    if needs_session {
        let token = bearer(&parts.headers).ok_or_else(|| ApiError::new(Code::NotSignedIn))?;
        let principal = state.sessions.principal(&token).await?;
        if origin.is_some_and(|origin| !state.issuer_allows(&principal.issuer, origin)) {
            return Err(ApiError::new(Code::OriginNotAllowed));
        }
        parts.extensions.insert(SignedIn { principal: Arc::new(principal), token });
    }
    parts.extensions.insert(id.clone());
    if is_file {
        // How large it may be depends on what it is.
        return Ok(Request::from_parts(parts, body));
    }
    let most = if needs_session { state.config.max_body_bytes } else { MOST_UNKNOWN_BYTES.min(state.config.max_body_bytes) };
    let bytes = to_bytes(body, most).await.map_err(|_| ApiError::new(Code::BodyTooLarge))?;
    well_formed(&bytes, parts.uri.path())?;
    // The framework would redirect a form's POST to whatever these say.
    parts.headers.remove(header::ACCEPT);
    parts.headers.remove(header::REFERER);
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// A body is one JSON object; a server function takes exactly one argument, so a second name in it is a mistake and not
/// something to pass over in silence.
fn well_formed(bytes: &[u8], path: &str) -> Result<(), ApiError> {
    let bad = |message: &str| ApiError::with(Code::BadRequest, message);
    let names: std::collections::BTreeMap<String, IgnoredAny> =
        serde_json::from_slice(bytes).map_err(|_| bad("Expected a JSON object."))?;
    // These read their bodies themselves, unknown names included.
    let own = path.ends_with("/session") || path.ends_with("/changes") || path.ends_with("/file");
    if names.len() > 1 && !own {
        return Err(bad("Expected one argument; unknown names are not passed over."));
    }
    Ok(())
}

pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").filter(|token| token.len() == 64).map(str::to_owned)
}

/// Server functions answer every error with 500; the code in the body knows better.
async fn settle(response: Response) -> Response {
    if !response.headers().contains_key(&ERROR_MARK) {
        return response;
    }
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
    let error = serde_json::from_slice(&bytes).unwrap_or_else(|_| ApiError::new(Code::Internal));
    refuse(&error)
}

fn cors(state: &AppState, origin: Option<&str>, path: &str, headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if path != "/api/v1/openapi.json" {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    let Some(allowed) = origin.filter(|origin| state.any_allows(origin)).and_then(|o| HeaderValue::from_str(o).ok()) else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type, inlay-file"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
}
