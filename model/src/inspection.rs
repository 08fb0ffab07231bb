//! How an answer came about: for whoever writes workbooks, never for the people who use them.

use serde::{Deserialize, Serialize};

use crate::Raw;

/// What the server did for one answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// In the order in which they were answered; some run beside each other.
    pub statements: Vec<InspectedStatement>,
    /// From the question to the answer, in microseconds.
    pub server_us: u64,
}

/// One statement as the warehouse got it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InspectedStatement {
    pub sql: String,
    /// In the order of their placeholders; wire values.
    pub binds: Vec<Raw>,
    pub rows: u64,
    /// Until a connection was there and was the person's, in microseconds.
    pub waited_us: u64,
    /// In the warehouse, with the way there, in microseconds.
    pub ran_us: u64,
    /// Whether another question had asked the same just before, and this one took its answer.
    pub shared: bool,
}
