//! For whoever runs it: health, readiness, metrics, incidents.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use engine::EngineError;
use engine::Sql;
use model::ApiError;

use crate::state::AppState;

/// Logs an error with its whole chain, once, and gives the id that the user sees.
pub fn incident(error: &EngineError, request_id: &str) -> String {
    let id = hex::encode(rand::random::<[u8; 6]>());
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(chain, ": {cause}");
        source = cause.source();
    }
    tracing::error!(incident = %id, %request_id, error = %chain, "incident");
    id
}

/// An engine's error as it is told to the outside; what is ours is logged.
pub fn told(error: &EngineError, request_id: &str) -> ApiError {
    let mut api = error.to_api();
    if !matches!(error, EngineError::Refused(_)) {
        api.incident = Some(incident(error, request_id));
    }
    api
}

pub async fn healthz() -> &'static str {
    "ok"
}

/// Ready while the warehouse answers and no stop is under way.
pub async fn readyz(State(state): State<AppState>) -> impl IntoResponse {
    if *state.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match state.engine.warehouse().read(None, &Sql::new("select 1"), &[]).await {
        Ok(_) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the warehouse does not answer")
        }
    }
}

/// Upper bounds of the histogram's buckets, in seconds.
const BUCKETS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0];

#[derive(Clone, Debug, Default)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum_s: f64,
}

/// Request counts and durations by route and status, and the streams that are open.
#[derive(Debug, Default)]
pub struct Metrics {
    routes: Mutex<BTreeMap<(String, u16), Histogram>>,
    streams: AtomicI64,
}

/// One open change stream, counted for as long as it lives.
#[derive(Debug)]
pub struct OpenStream(Arc<Metrics>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    #[must_use]
    pub fn open_stream(self: &Arc<Self>) -> OpenStream {
        self.streams.fetch_add(1, Ordering::Relaxed);
        OpenStream(self.clone())
    }

    pub fn count(&self, path: &str, status: u16, elapsed: Duration) {
        // Unknown paths are one series, so that a scan can't fill the memory.
        let own = ["session", "session/end", "changes", "upload", "file", "import_part", "import"];
        let own = own.map(|name| format!("/api/v1/{name}"));
        let known = own.iter().any(|own| own == path) || server_fn::axum::server_fn_paths().any(|(known, _)| known == path);
        let path = if known { path } else { "other" };
        let seconds = elapsed.as_secs_f64();
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = routes.entry((path.to_owned(), status)).or_default();
        histogram.count += 1;
        histogram.sum_s += seconds;
        for (bucket, bound) in histogram.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    fn render(&self, joined: u64) -> String {
        let mut out = format!(
            "# TYPE inlay_info gauge\ninlay_info{{version=\"{}\"}} 1\n# TYPE inlay_open_streams gauge\ninlay_open_streams {}\n\
             # TYPE inlay_reads_joined_total counter\ninlay_reads_joined_total {joined}\n\
             # TYPE inlay_request_seconds histogram\n",
            env!("CARGO_PKG_VERSION"),
            self.streams.load(Ordering::Relaxed),
        );
        for ((path, status), histogram) in self.routes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let labels = format!("path=\"{path}\",status=\"{status}\"");
            for (bucket, bound) in histogram.buckets.iter().zip(BUCKETS) {
                let _ = writeln!(out, "inlay_request_seconds_bucket{{{labels},le=\"{bound}\"}} {bucket}");
            }
            let _ = writeln!(out, "inlay_request_seconds_bucket{{{labels},le=\"+Inf\"}} {}", histogram.count);
            let _ = writeln!(out, "inlay_request_seconds_sum{{{labels}}} {}", histogram.sum_s);
            let _ = writeln!(out, "inlay_request_seconds_count{{{labels}}} {}", histogram.count);
        }
        out
    }
}

pub async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    ([("content-type", "text/plain; version=0.0.4")], state.metrics.render(state.engine.joined()))
}
