//! What the user sees: the workbook and its elements, and the signatures of the server functions behind them.
//!
//! One component tree for the server's first paint and for the browser. `engine` is there only behind feature `ssr`.

#![recursion_limit = "256"]

pub mod api;
pub mod client;
mod components;
mod editors;
mod grid;

#[cfg(feature = "ssr")]
pub mod ssr;

pub use components::{Current, Problem};
