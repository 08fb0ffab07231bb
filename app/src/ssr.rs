//! The server's side of the app: what a server function finds in its context, and the first paint of the iframe page.

use std::sync::Arc;

use engine::{Engine, EngineError};
use leptos::prelude::use_context;
use model::{ApiError, Code, Principal};

use crate::api::{CallError, Edits, Query, Workbook};

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
    server_fn::axum::register_explicit::<Workbook>();
    server_fn::axum::register_explicit::<Query>();
    server_fn::axum::register_explicit::<Edits>();
}

pub fn skeleton() -> String { String::new() }
pub fn refusal(_: &ApiError) -> String { String::new() }
pub async fn first_paint(_: &Engine, _: &Principal, _: &str, _: &str) -> Result<(String, serde_json::Value), ApiError> { Err(ApiError::new(Code::NotFound)) }
