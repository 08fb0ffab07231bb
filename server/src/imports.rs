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
const AHEAD: usize = 1;

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
        Err(error) => refuse(&ops::told(&error, &id.0)),
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
    let (engine, principal, request_id) = (state.engine.clone(), signed_in.principal, id.0.clone());
    let heard = Heard { events, state, token: signed_in.token, id };
    match asked {
        Asked::Import(import) => {
            let load = async move { engine.import(&principal, &import, (Source::Upload, sender), &request_id).await };
            answer(load, heard).await
        }
        Asked::Undo(undo) => {
            let load = async move { engine.undo_import(&principal, &undo, sender, &request_id).await };
            answer(load, heard).await
        }
    }
}

/// What is heard of a load, and for which session.
struct Heard {
    events: Receiver<ImportEvent>,
    state: AppState,
    token: String,
    id: RequestId,
}

/// A load under way.
struct Loading {
    first: Option<ImportEvent>,
    heard: Heard,
    done: Option<JoinHandle<Result<ImportOutcome, EngineError>>>,
}

/// What is refused before anything has happened has a status of its own; all else is told in the stream.
async fn answer(load: impl Future<Output = Result<ImportOutcome, EngineError>> + Send + 'static, mut heard: Heard) -> Response {
    // On its own: it notices by itself that nobody listens, and ends in order.
    let done = tokio::spawn(load);
    let first = heard.events.recv().await;
    let mut loading = Loading { first, heard, done: Some(done) };
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
            None => match self.heard.events.recv().await {
                Some(event) => {
                    // A session that is ended meanwhile ends its load.
                    let goes_on = self.heard.state.sessions.goes_on(&self.heard.token).await;
                    (goes_on && self.done.is_some()).then_some(event).or_else(|| self.given_up())
                }
                None => self.end().await,
            },
        }
    }

    /// Said once; then nobody takes what is told any more.
    fn given_up(&mut self) -> Option<ImportEvent> {
        self.heard.events.close();
        self.done.take().map(|_| ImportEvent::Failed { error: Box::new(ApiError::new(Code::NotSignedIn)) })
    }

    async fn end(&mut self) -> Option<ImportEvent> {
        let done = self.done.take()?.await;
        Some(match done {
            Ok(Ok(outcome)) => ImportEvent::Done { outcome: Box::new(outcome) },
            Ok(Err(error)) => ImportEvent::Failed { error: Box::new(ops::told(&error, &self.heard.id.0)) },
            Err(_) => ImportEvent::Failed { error: Box::new(ApiError::new(Code::Internal)) },
        })
    }
}
