//! Every route of the server, in one place.

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Json, Router};
use model::{ApiError, Code};

use crate::guard::{self, RequestId, SignedIn, refuse};
use crate::sessions::{Exchange, Granted};
use crate::state::AppState;
use crate::{assets, embed, files, imports, live, openapi, ops};

/// The whole server.
pub fn router(state: AppState) -> Router {
    app::ssr::register();
    let signed_in = Router::new()
        .route("/api/v1/changes", any(live::changes))
        .route(guard::UPLOAD, any(files::upload))
        .route("/api/v1/file", any(files::file))
        .route(guard::IMPORT_PART, any(imports::part))
        .route("/api/v1/import", any(imports::import))
        .route("/api/v1/session/end", any(end_session))
        .route("/api/v1/{*function}", any(server_function))
        .layer(from_fn_with_state(state.clone(), guard::with_session))
        // The guard has a limit of its own, which may be set.
        .layer(DefaultBodyLimit::disable());
    let exchange =
        Router::new().route("/api/v1/session", any(exchange)).layer(from_fn_with_state(state.clone(), guard::without_session));
    Router::new()
        .merge(signed_in)
        .merge(exchange)
        .route("/embed/{workbook}", get(embed::page).post(embed::page_with_ticket))
        .route("/embed.js", get(assets::embed_js))
        .route("/assets/{*path}", get(assets::asset))
        .route("/pictures/{name}", get(assets::picture))
        .route("/api/v1/openapi.json", get(openapi::openapi))
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(ops::metrics))
        .fallback(post(not_found).get(not_found))
        .with_state(state)
}

async fn not_found() -> Response {
    refuse(&ApiError::new(Code::NoSuchRoute))
}

/// Runs a registered server function with the session's person in its context.
async fn server_function(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    if !server_fn::axum::server_fn_paths().any(|(known, _)| known == path) {
        return refuse(&ApiError::new(Code::NoSuchRoute));
    }
    let call = app::ssr::Call {
        engine: state.engine.clone(),
        principal: signed_in.principal,
        request_id: id.0,
        incident: ops::incident,
    };
    let context = move || leptos::prelude::provide_context(call.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

async fn exchange(State(state): State<AppState>, request: Request) -> Result<Json<Granted>, Response> {
    let origin = request.headers().get("origin").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let current = guard::bearer(request.headers());
    let bytes = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    let exchange: Exchange = serde_json::from_slice(&bytes).map_err(|_| refuse(&ApiError::new(Code::BadRequest)))?;
    let (granted, principal) = state.sessions.exchange(&exchange, current.as_deref()).await.map_err(|e| refuse(&e))?;
    if origin.is_some_and(|origin| !state.issuer_allows(&principal.issuer, &origin)) {
        return Err(refuse(&ApiError::new(Code::OriginNotAllowed)));
    }
    Ok(Json(granted))
}

async fn end_session(State(state): State<AppState>, Extension(signed_in): Extension<SignedIn>) -> Response {
    match state.sessions.end(&signed_in.token).await {
        Ok(()) => Json(serde_json::json!({})).into_response(),
        Err(error) => refuse(&error),
    }
}
