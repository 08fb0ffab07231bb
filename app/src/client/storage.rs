//! Unsent batches, and what is begun in forms, in the browser's storage: one entry a batch, so that two tabs never overwrite
//! each other's. If storage is blocked, they live in memory only and the person is told.

use model::{Batch, BatchOutcome};
use serde::{Deserialize, Serialize};

/// A batch that is not yet in the warehouse: unsent, or refused and waiting for its person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Milliseconds since the epoch, then a counter: the order of typing.
    pub at: (f64, u32),
    pub batch: Batch,
    /// Set once the server has refused it.
    pub refused: Option<BatchOutcome>,
    /// A new row that its person is still typing: nothing to send yet.
    #[serde(default)]
    pub draft: bool,
}

/// The storage of one person's batches for one workbook on one server.
#[derive(Clone, Debug)]
pub struct BatchStorage {
    prefix: String,
}

impl BatchStorage {
    /// Keyed by server, issuer, tenant, user and workbook: another person never sees or sends them.
    #[must_use]
    pub fn new(base: &str, scope: &str, workbook: &str) -> Self {
        Self { prefix: format!("inlay-outbox {} ", serde_json::json!([base, scope, workbook])) }
    }

    fn storage() -> Option<web_sys::Storage> {
        web_sys::window()?.local_storage().ok().flatten()
    }

    /// Everything that was left, in the order of typing.
    #[must_use]
    pub fn load(&self) -> Vec<Stored> {
        let Some(storage) = Self::storage() else {
            return Vec::new();
        };
        let keys = (0..storage.length().unwrap_or(0)).filter_map(|i| storage.key(i).ok().flatten());
        let mine: Vec<String> = keys.filter(|key| key.starts_with(&self.prefix)).collect();
        let read = |key: &String| serde_json::from_str(&storage.get_item(key).ok()??).ok();
        let mut stored: Vec<Stored> = mine.iter().filter_map(read).collect();
        stored.sort_by(|a, b| a.at.0.total_cmp(&b.at.0).then(a.at.1.cmp(&b.at.1)));
        stored
    }

    /// Keeps one batch; false if the browser would not.
    #[must_use]
    pub fn keep(&self, stored: &Stored) -> bool {
        let text = serde_json::to_string(stored).unwrap_or_default();
        Self::storage().is_some_and(|storage| storage.set_item(&self.key(&stored.batch.batch_id), &text).is_ok())
    }

    pub fn forget(&self, batch_id: &str) {
        if let Some(storage) = Self::storage() {
            let _ = storage.remove_item(&self.key(batch_id));
        }
    }

    /// What was begun in a form, as it was kept.
    #[must_use]
    pub fn load_form(&self, form: &str) -> Option<String> {
        Self::storage()?.get_item(&self.form_key(form)).ok().flatten()
    }

    /// Keeps what was begun in a form, or forgets it. A browser that keeps nothing has said so with the first batch.
    pub fn keep_form(&self, form: &str, text: Option<&str>) {
        let Some(storage) = Self::storage() else { return };
        let _ = match text {
            Some(text) => storage.set_item(&self.form_key(form), text),
            None => storage.remove_item(&self.form_key(form)),
        };
    }

    /// Not one of a batch's: those are read all together.
    fn form_key(&self, form: &str) -> String {
        format!("{}{form}", self.prefix.replacen("inlay-outbox", "inlay-form", 1))
    }

    fn key(&self, batch_id: &str) -> String {
        format!("{}{batch_id}", self.prefix)
    }
}
