//! Files that are loaded into tables: how their parts come, and what is told while one is loaded.

use std::convert::Infallible;
use std::future::Future;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use engine::{EngineError, Source};
use futures::stream;
use model::{ApiError, Code, ImportEvent, ImportOutcome, ImportRequest, PART_BYTES, UndoRequest, UploadPart};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::JoinHandle;

use crate::files::place;
use crate::guard::{RequestId, SignedIn, refuse};
use crate::ops;
use crate::state::AppState;

/// Events that are told before anybody has taken them.
const AHEAD: usize = 4;

/// `POST /api/v1/import_part`: a part of a file as the body, what it is in the header `inlay-file`.
pub async fn part(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let Some(part) = place::<UploadPart>(request.headers()) else {
        let text = "Expected a header `inlay-file` with workbook, table, upload and part.";
        return refuse(&ApiError::with(Code::BadRequest, text));
    };
    let Ok(content) = to_bytes(request.into_body(), PART_BYTES).await else {
        return refuse(&ApiError::new(Code::BodyTooLarge));
    };
    match state.engine.keep_part(&signed_in.principal, &part, content.into(), &id.0).await {
        Ok(()) => Json(json!({})).into_response(),
        Err(error) => refuse(&told(&error, &id)),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Import(Box<ImportRequest>),
    Undo(UndoRequest),
}

/// `POST /api/v1/import {"import": …}` or `{"undo": …}`: lines of JSON, an [`ImportEvent`] each. Whoever stops reading has it given up.
pub async fn import(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let bytes = to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    let Ok(asked) = serde_json::from_slice::<Asked>(&bytes) else { return refuse(&ApiError::new(Code::BadRequest)) };
    let (sender, events) = mpsc::channel(AHEAD);
    let (engine, principal, request_id) = (state.engine, signed_in.principal, id.0.clone());
    match asked {
        Asked::Import(import) => {
            let load = async move { engine.import(&principal, &import, (Source::Upload, sender), &request_id).await };
            answer(load, events, id).await
        }
        Asked::Undo(undo) => {
            let load = async move { engine.undo_import(&principal, &undo, sender, &request_id).await };
            answer(load, events, id).await
        }
    }
}

/// A load under way.
struct Loading {
    first: Option<ImportEvent>,
    events: Receiver<ImportEvent>,
    done: Option<JoinHandle<Result<ImportOutcome, EngineError>>>,
    id: RequestId,
}

/// What is refused before anything has happened has a status of its own; all else is told in the stream.
async fn answer(
    load: impl Future<Output = Result<ImportOutcome, EngineError>> + Send + 'static,
    mut events: Receiver<ImportEvent>,
    id: RequestId,
) -> Response {
    // On its own: it notices by itself that nobody listens, and ends in order.
    let done = tokio::spawn(load);
    let first = events.recv().await;
    let mut loading = Loading { first, events, done: Some(done), id };
    if loading.first.is_none() {
        match loading.end().await {
            Some(ImportEvent::Failed { error }) => return refuse(&error),
            event => loading.first = event,
        }
    }
    let lines = stream::unfold(loading, |mut loading| async move {
        let event = loading.next().await?;
        let line = serde_json::to_string(&event).unwrap_or_default() + "\n";
        Some((Ok::<_, Infallible>(line), loading))
    });
    ([("content-type", "application/x-ndjson"), ("x-accel-buffering", "no")], Body::from_stream(lines)).into_response()
}

impl Loading {
    async fn next(&mut self) -> Option<ImportEvent> {
        match self.first.take() {
            Some(first) => Some(first),
            None => match self.events.recv().await {
                Some(event) => Some(event),
                None => self.end().await,
            },
        }
    }

    async fn end(&mut self) -> Option<ImportEvent> {
        let done = self.done.take()?.await;
        Some(match done {
            Ok(Ok(outcome)) => ImportEvent::Done { outcome: Box::new(outcome) },
            Ok(Err(error)) => ImportEvent::Failed { error: Box::new(told(&error, &self.id)) },
            Err(_) => ImportEvent::Failed { error: Box::new(ApiError::new(Code::Internal)) },
        })
    }
}

fn told(error: &EngineError, id: &RequestId) -> ApiError {
    let mut api = error.to_api();
    if !matches!(error, EngineError::Refused(_)) {
        api.incident = Some(ops::incident(error, &id.0));
    }
    api
}
