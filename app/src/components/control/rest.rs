//! What a person types or drags is chosen when he rests.

use model::Raw;
use wasm_bindgen_futures::spawn_local;

use super::Choosing;
use crate::client::Latest;

/// Milliseconds without another change.
const REST_MS: u64 = 250;

/// The last choice that was asked for; a handle, cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Rest {
    choosing: Choosing,
    latest: Latest,
}

impl Rest {
    pub fn new(choosing: Choosing) -> Self {
        Self { choosing, latest: Latest::default() }
    }

    /// Chooses at once.
    pub fn now(self, values: Vec<Raw>) {
        self.latest.begin();
        self.choosing.choose(values);
    }

    /// Chooses unless something else is asked for meanwhile.
    pub fn soon(self, values: Vec<Raw>) {
        let begun = self.latest.begin();
        spawn_local(async move {
            if begun.rests(REST_MS).await {
                self.choosing.choose(values);
            }
        });
    }
}
