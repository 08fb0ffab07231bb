//! Of things that are begun one after the other only the last one is news: what was begun before it is overtaken.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;

/// Which one is the last; a handle, cheap to copy, that goes with whoever made it.
#[derive(Clone, Copy, Debug)]
pub struct Latest(StoredValue<u32>);

impl Default for Latest {
    fn default() -> Self {
        Self(StoredValue::new(0))
    }
}

impl Latest {
    /// Begins another one.
    pub fn begin(self) -> Begun {
        let number = self.0.try_update_value(|number| {
            *number += 1;
            *number
        });
        Begun { of: self, number }
    }
}

/// One of them; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    of: Latest,
    /// `None` if nobody waited for it any more when it was begun.
    number: Option<u32>,
}

impl Begun {
    /// Whether nothing has been begun since, and somebody still waits for it.
    #[must_use]
    pub fn is_last(self) -> bool {
        self.number.is_some() && self.of.0.try_get_value() == self.number
    }

    /// The same after so many milliseconds: whether the person rests.
    pub async fn rests(self, quiet_ms: u64) -> bool {
        sleep(Duration::from_millis(quiet_ms)).await;
        self.is_last()
    }
}
