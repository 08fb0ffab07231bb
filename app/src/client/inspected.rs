//! How the answers that elements show came about, for whoever writes workbooks.

use std::time::Duration;

use leptos::prelude::*;
use model::{ApiError, Inspection, QueryAnswer, QueryRequest};
use web_sys::AbortSignal;

use super::{Api, Store};

/// How an answer came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    pub inspection: Inspection,
    /// When it was here, in milliseconds since 1970.
    pub at_ms: f64,
    /// What it took to get it; none if it came with the page.
    pub took: Option<Took>,
    /// Until it was on the screen, in milliseconds.
    pub drawing_ms: Option<f64>,
}

/// What it took to get an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Took {
    /// From the question to the answer's last byte.
    pub ms: f64,
    /// Of the answer, before any compression.
    pub bytes: usize,
}

impl Store {
    /// Asks for rows, and notes how their answer came about where the person may see that.
    ///
    /// # Errors
    /// As [`Api::query_told`].
    pub async fn query(self, api: &Api, query: QueryRequest, signal: Option<&AbortSignal>) -> Result<QueryAnswer, ApiError> {
        let element = query.element.clone();
        let (answer, took) = api.query_told(query, signal).await?;
        if let Some(inspection) = &answer.inspection {
            let at_ms = js_sys::Date::now();
            let inspected = Inspected { inspection: inspection.clone(), at_ms, took: Some(took), drawing_ms: None };
            self.inspected.try_update(|all| all.insert(element.clone(), inspected));
            self.drawn_next(element, at_ms);
        }
        Ok(answer)
    }

    /// Notes when the answer that was here at `at_ms` is on the screen, unless another has taken its place.
    fn drawn_next(self, element: String, at_ms: f64) {
        request_animation_frame(move || {
            let drawn = move || {
                self.inspected.try_update(|all| {
                    if let Some(inspected) = all.get_mut(&element).filter(|inspected| inspected.at_ms == at_ms) {
                        inspected.drawing_ms = Some(js_sys::Date::now() - at_ms);
                    }
                });
            };
            set_timeout(drawn, Duration::ZERO);
        });
    }
}
