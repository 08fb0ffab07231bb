//! Tickets become opaque sessions; a session's token is 256 random bits that only the component knows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use engine::control::{ControlStore, Redemption, Session};
use model::{ApiError, Code, Principal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use crate::tickets::Verifier;

/// What the component sends to get or to extend a session.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub ticket: String,
    /// Random, made by the component: an exchange repeated with it within 30 s gets the same answer.
    #[serde(default)]
    pub nonce: Option<String>,
}

/// What it gets.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Granted {
    pub session: String,
    /// Seconds until it ends.
    pub expires_in: i64,
}

/// How long the answer to an exchange is repeated, in seconds.
const REPEAT_S: i64 = 30;

#[derive(Debug)]
pub struct Sessions {
    verifier: Verifier,
    store: Arc<dyn ControlStore>,
    lifetime_s: i64,
    /// (jti, nonce) to the answer given and when.
    recent: Mutex<HashMap<(String, String), (Granted, i64)>>,
    checks: mpsc::UnboundedSender<Check>,
}

/// Whether the session of this hash goes on, for whoever waits for the answer.
type Check = (String, oneshot::Sender<bool>);

/// The most sessions that are looked up at once.
const CHECKED_AT_ONCE: usize = 1_000;

/// Looks up together what was asked for meanwhile: at a change, every open stream asks.
async fn check(store: Arc<dyn ControlStore>, mut asked: mpsc::UnboundedReceiver<Check>) {
    let mut checks = Vec::new();
    while asked.recv_many(&mut checks, CHECKED_AT_ONCE).await > 0 {
        let hashes: Vec<String> = checks.iter().map(|(hash, _)| hash.clone()).collect();
        let running = store.running(&hashes, now()).await.unwrap_or_default();
        for (hash, answer) in checks.drain(..) {
            // Whoever has gone away needs none.
            let _ = answer.send(running.contains(&hash));
        }
    }
}

/// Seconds since the epoch.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

impl Sessions {
    #[must_use]
    pub fn new(verifier: Verifier, store: Arc<dyn ControlStore>, lifetime_s: i64) -> Self {
        let (checks, asked) = mpsc::unbounded_channel();
        tokio::spawn(check(store.clone(), asked));
        Self { verifier, store, lifetime_s, recent: Mutex::default(), checks }
    }

    /// Whether a session goes on, looked up now; false too if the store can't be reached.
    pub async fn goes_on(&self, token: &str) -> bool {
        let (answer, answered) = oneshot::channel();
        self.checks.send((hash(token), answer)).is_ok() && answered.await.unwrap_or(false)
    }

    /// Redeems a ticket. With the token of a running session of the same person, that session is extended.
    ///
    /// # Errors
    /// `AC002` whatever the reason; the log has it. `WH001` if the store can't be reached.
    pub async fn exchange(&self, exchange: &Exchange, current: Option<&str>) -> Result<(Granted, Principal), ApiError> {
        let now = now();
        let ticket = self.verifier.verify(&exchange.ticket, now).map_err(|reason| {
            tracing::warn!(%reason, "a ticket was refused");
            ApiError::new(Code::TicketRefused)
        })?;
        let repeated =
            exchange.nonce.as_ref().map(|nonce| (format!("{}\n{}", ticket.principal.issuer, ticket.jti), nonce.clone()));
        if let Some(granted) = repeated.as_ref().and_then(|key| self.repeat(key, now)) {
            return Ok((granted, ticket.principal));
        }
        let redemption =
            Redemption { issuer: ticket.principal.issuer.clone(), jti: ticket.jti.clone(), expires_at: ticket.expires_at, now };
        if !self.store.redeem(&redemption).await.map_err(unavailable)? {
            tracing::warn!(reason = "used before", user = %ticket.principal.user, "a ticket was refused");
            return Err(ApiError::new(Code::TicketRefused));
        }
        let token = match current {
            Some(token) if self.is_of(token, &ticket.principal).await? => token.to_owned(),
            _ => hex::encode(rand::random::<[u8; 32]>()),
        };
        let session =
            Session { token_hash: hash(&token), principal: ticket.principal.clone(), expires_at: now + self.lifetime_s };
        self.store.save(&session).await.map_err(unavailable)?;
        let granted = Granted { session: token, expires_in: self.lifetime_s };
        if let Some(key) = repeated {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.retain(|_, (_, at)| now - *at <= REPEAT_S);
            recent.insert(key, (granted.clone(), now));
        }
        Ok((granted, ticket.principal))
    }

    fn repeat(&self, key: &(String, String), now: i64) -> Option<Granted> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get(key).filter(|(_, at)| now - at <= REPEAT_S).map(|(granted, _)| granted.clone())
    }

    async fn is_of(&self, token: &str, principal: &Principal) -> Result<bool, ApiError> {
        let session = self.store.find(&hash(token), now()).await.map_err(unavailable)?;
        Ok(session.is_some_and(|session| session.principal.scope() == principal.scope()))
    }

    /// The person behind a session's token.
    ///
    /// # Errors
    /// `AC001` if there is no such session or it has ended.
    pub async fn principal(&self, token: &str) -> Result<Principal, ApiError> {
        let session = self.store.find(&hash(token), now()).await.map_err(unavailable)?;
        session.map(|session| session.principal).ok_or_else(|| ApiError::new(Code::NotSignedIn))
    }

    /// Ends a session at once.
    ///
    /// # Errors
    /// `WH001` if the store can't be reached.
    pub async fn end(&self, token: &str) -> Result<(), ApiError> {
        self.store.end(&hash(token)).await.map_err(unavailable)
    }
}

fn unavailable(error: engine::warehouse::WarehouseError) -> ApiError {
    let error = engine::EngineError::from(error);
    let mut api = error.to_api();
    api.incident = Some(crate::ops::incident(&error, "session"));
    api
}
