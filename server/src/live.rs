//! The change stream: names and versions of what changed, never data. Whoever hears of it asks again under his own policy.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use engine::{Change, Heard};
use futures::stream;
use model::{ApiError, Code, Principal};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use crate::guard::{RequestId, SignedIn, refuse};
use crate::ops::OpenStream;
use crate::state::AppState;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Watch {
    workbook: String,
    /// The mark that came with the workbook's first rows.
    #[serde(default)]
    since: Option<String>,
}

/// A silent stream says it is alive this often, and asks whether its session still is.
const HEARTBEAT: Duration = Duration::from_secs(10);

struct Listener {
    state: AppState,
    changes: Receiver<Heard>,
    token: String,
    principal: std::sync::Arc<Principal>,
    workbook: String,
    /// What to say first.
    greeting: Option<String>,
    _open: OpenStream,
}

/// `POST /api/v1/changes {"workbook": …, "since": …}`: lines of JSON, `{"table": …, "version": …}`, `{}` as a heartbeat and
/// `{"all": true}` when changes may have been missed; the first line, and another when the author has changed the workbook, has its
/// `revision`.
pub async fn changes(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let bytes = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    let Ok(watch) = serde_json::from_slice::<Watch>(&bytes) else {
        return refuse(&ApiError::new(Code::BadRequest));
    };
    if let Err(error) = state.engine.view(&signed_in.principal, &watch.workbook, &id.0).await {
        return refuse(&error.to_api());
    }
    let mut listener = Listener {
        _open: state.metrics.open_stream(),
        changes: state.engine.changes(),
        state,
        token: signed_in.token,
        principal: signed_in.principal,
        workbook: watch.workbook,
        greeting: None,
    };
    // Compared only now that the listener hears everything that follows.
    let missed = watch.since.is_some_and(|since| since != listener.state.engine.mark());
    let revision = listener.state.engine.revision(&listener.principal, &listener.workbook);
    let greeting = if missed { json!({ "all": true, "revision": revision }) } else { json!({ "revision": revision }) };
    listener.greeting = Some(format!("{greeting}\n"));
    let lines = stream::unfold(listener, |mut listener| async move {
        let line = listener.next().await?;
        Some((Ok::<_, Infallible>(line), listener))
    });
    ([("content-type", "application/x-ndjson"), ("x-accel-buffering", "no")], Body::from_stream(lines)).into_response()
}

impl Listener {
    /// The next line, or `None` when the session or the server has ended.
    async fn next(&mut self) -> Option<String> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        loop {
            let mut stopping = self.state.stopping.clone();
            let heard = tokio::select! {
                heard = timeout(HEARTBEAT, self.changes.recv()) => heard,
                _ = stopping.wait_for(|stop| *stop) => return None,
            };
            match heard {
                Ok(Ok(Heard::Changed(change))) if self.concerns(&change) => {
                    self.state.sessions.goes_on(&self.token).await.then_some(())?;
                    return Some(format!("{}\n", json!({ "table": change.table, "version": change.version })));
                }
                Ok(Ok(Heard::Changed(_))) => {}
                Ok(Ok(Heard::Reloaded)) => {
                    self.state.sessions.goes_on(&self.token).await.then_some(())?;
                    // Who may not open it any longer has nothing to hear of it.
                    let revision = self.state.engine.revision(&self.principal, &self.workbook)?;
                    return Some(format!("{}\n", json!({ "revision": revision })));
                }
                Ok(Ok(Heard::Missed) | Err(RecvError::Lagged(_))) => return Some("{\"all\":true}\n".into()),
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {
                    self.state.sessions.goes_on(&self.token).await.then_some(())?;
                    return Some("{}\n".into());
                }
            }
        }
    }

    fn concerns(&self, change: &Change) -> bool {
        change.tenant.as_ref().is_none_or(|tenant| *tenant == self.principal.tenant) && change.workbook == self.workbook
    }
}
