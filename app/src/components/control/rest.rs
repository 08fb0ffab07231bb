//! What a person types or drags is chosen when he rests.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use model::Raw;
use wasm_bindgen_futures::spawn_local;

use super::Choosing;

/// Milliseconds without another change.
const REST_MS: u64 = 250;

/// The last choice that was asked for; a handle, cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Rest {
    choosing: Choosing,
    turn: StoredValue<u32>,
}

impl Rest {
    pub fn new(choosing: Choosing) -> Self {
        Self { choosing, turn: StoredValue::default() }
    }

    /// Chooses at once.
    pub fn now(self, values: Vec<Raw>) {
        self.turn.update_value(|turn| *turn += 1);
        self.choosing.choose(values);
    }

    /// Chooses unless something else is asked for meanwhile.
    pub fn soon(self, values: Vec<Raw>) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        spawn_local(async move {
            sleep(Duration::from_millis(REST_MS)).await;
            if self.turn.try_get_value() == Some(turn) {
                self.choosing.choose(values);
            }
        });
    }
}
