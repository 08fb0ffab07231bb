//! What every request can reach.

use std::sync::Arc;

use engine::Engine;
use tokio::sync::watch;

use crate::config::Config;
use crate::ops::Metrics;
use crate::sessions::Sessions;

#[derive(Clone, Debug)]
pub struct AppState {
    pub config: Arc<Config>,
    pub engine: Arc<Engine>,
    pub sessions: Arc<Sessions>,
    pub metrics: Arc<Metrics>,
    /// Turns true when the server is about to stop: streams end cleanly, readiness goes.
    pub stopping: watch::Receiver<bool>,
}

impl AppState {
    /// Whether a page of this origin belongs to the issuer.
    #[must_use]
    pub fn issuer_allows(&self, issuer: &str, origin: &str) -> bool {
        let named = self.config.issuers.iter().filter(|known| known.name == issuer);
        origin == self.config.own_origin() || named.flat_map(|known| &known.origins).any(|known| known == origin)
    }

    /// Whether a page of this origin belongs to any issuer: all that a preflight can be asked.
    #[must_use]
    pub fn any_allows(&self, origin: &str) -> bool {
        self.config.issuers.iter().any(|issuer| self.issuer_allows(&issuer.name, origin))
    }

    /// Every origin that may frame a workbook.
    #[must_use]
    pub fn all_origins(&self) -> Vec<&str> {
        let mut origins: Vec<&str> = self.config.issuers.iter().flat_map(|issuer| &issuer.origins).map(String::as_str).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}
