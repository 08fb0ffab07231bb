//! Rows that a gesture needs and that may be far out of sight: those that are here, the others fetched for it.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use model::{ApiError, Code, QueryAnswer, QueryRequest};
use wasm_bindgen_futures::spawn_local;

use super::geometry::Cell;
use super::rows::{made, question};
use super::state::{GridState, Row};
use super::window::window_at;

/// Rows by their number.
#[derive(Debug, Default)]
pub struct Loaded(BTreeMap<u64, Row>);

impl Loaded {
    #[must_use]
    pub fn get(&self, row: u64) -> Option<&Row> {
        self.0.get(&row)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, &Row)> {
        self.0.iter().map(|(number, row)| (*number, row))
    }

    /// Takes in a row that the warehouse has not got.
    pub fn add(&mut self, number: u64, row: Row) {
        self.0.insert(number, row);
    }
}

/// More rows than this are worth a progress bar.
const LONG: usize = 2_000;

impl GridState {
    /// Does `work` with the cells of these rectangles: at once if their rows are all here, else when they have come.
    pub fn with_rows(self, rectangles: Vec<(Cell, Cell)>, work: impl FnOnce(Self, Loaded) + 'static) {
        let mut loaded = Loaded::default();
        let mut missing: Vec<u64> = Vec::new();
        self.rows.with_untracked(|rows| {
            for row in rectangles.iter().flat_map(|(from, to)| from.row..=to.row) {
                match rows.get(row) {
                    Some(known) => drop(loaded.0.insert(row, known.clone())),
                    None => missing.push(row),
                }
            }
        });
        if missing.is_empty() {
            return work(self, loaded);
        }
        missing.sort_unstable();
        missing.dedup();
        let columns = self.names(rectangles.iter().flat_map(|(from, to)| from.col..=to.col));
        let asked = QueryRequest { uncounted: true, columns, ..untrack(|| question(self)) };
        spawn_local(async move {
            let take = |first: u64, answer: &QueryAnswer| loaded.0.extend((first..).zip(made(self, answer)));
            match self.fetch_rows(asked, &missing, take).await {
                Ok(true) => work(self, loaded),
                Ok(false) => {}
                Err(error) => self.tell(error.told()),
            }
        });
    }

    /// Columns to ask for by their places.
    pub fn names(self, cols: impl Iterator<Item = usize>) -> Vec<String> {
        let cols: BTreeSet<usize> = cols.collect();
        self.columns.with_value(|columns| cols.into_iter().filter_map(|col| Some(columns.get(col)?.name.clone())).collect())
    }

    /// Asks for rows and gives each answer to `take` with the number of its first row; false if nobody waits for them any more.
    ///
    /// # Errors
    /// The server's.
    pub async fn fetch_rows(
        self,
        asked: QueryRequest,
        missing: &[u64],
        take: impl FnMut(u64, &QueryAnswer),
    ) -> Result<bool, ApiError> {
        let fetched = self.try_fetch(asked, missing, take).await;
        // The grid may be gone by now.
        if self.progress.try_set(None).is_some() {
            return Ok(false);
        }
        let all = matches!(fetched?, Fetched::All);
        if !all {
            self.tell(words::stopped());
        }
        Ok(all)
    }

    async fn try_fetch(
        self,
        asked: QueryRequest,
        missing: &[u64],
        mut take: impl FnMut(u64, &QueryAnswer),
    ) -> Result<Fetched, ApiError> {
        let api = self.store.api.get_value().ok_or_else(|| ApiError::new(Code::Offline))?;
        let (Some(mut next), Some(last)) = (missing.first().copied(), missing.last().copied()) else {
            return Ok(Fetched::All);
        };
        let all = missing.len();
        let is_long = all > LONG;
        if is_long {
            self.progress.set(Some(Progress { done: 0, all }));
        }
        while next <= last {
            let places = self.rows.with_untracked(|rows| rows.places.clone());
            let limit = asked.most_rows().min(last - next + 1);
            let query = window_at(asked.clone(), next, limit, &places);
            let answer = api.query(query).await?;
            let count = answer.rows.len() as u64;
            take(next, &answer);
            // Whoever stops it takes it away.
            if is_long && self.progress.try_get_untracked().flatten().is_none() {
                return Ok(Fetched::Stopped);
            }
            if count < limit {
                break;
            }
            let done = missing.partition_point(|row| *row < next + count);
            if is_long {
                self.progress.set(Some(Progress { done, all }));
            }
            // What lies between two far ranges need not be fetched.
            next = missing.get(done).copied().unwrap_or(u64::MAX);
        }
        Ok(Fetched::All)
    }
}

/// How far the rows for a gesture have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub all: usize,
}

/// Drawn while a person waits for many rows, with a way out.
#[component]
pub fn ProgressBar(state: GridState) -> impl IntoView {
    let bar = move |Progress { done, all }| {
        view! {
            <span class="grid-progress">
                <progress max=all.to_string() prop:value=done as f64 aria-label=state.say(words::rows_fetched())></progress>
                <button type="button" on:click=move |_| state.progress.set(None)>{state.say(words::stop())}</button>
            </span>
        }
    };
    move || state.progress.get().map(bar)
}

enum Fetched {
    All,
    Stopped,
}
