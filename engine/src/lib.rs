//! Reads and writes a warehouse under policy. Knows nothing of HTTP, HTML or Leptos.
//!
//! In reading order: [`catalog`] loads workbook files, [`expr`] checks their expressions, [`query`] plans and compiles
//! what an element shows, [`definition`] follows the files with the tables, [`writeback`] authorizes and compiles what a person typed, `audit` tells what happened to a row,
//! [`warehouse`] runs all of it. `asked` answers for elements, `rights` knows what exists for whom.
//! [`Engine`] is the door: every call takes the principal first.

pub mod catalog;
pub mod control;
mod defaults;
pub mod definition;
pub mod expr;
pub mod query;
pub mod warehouse;
pub mod writeback;

mod asked;
mod audit;
mod changes;
mod comments;
mod drafts;
mod engine;
mod error;
mod explain;
mod export;
mod files;
mod flight;
mod form_rows;
mod import;
mod inspect;
mod presence;
mod rights;
mod sql;
mod through;
mod views;

pub use changes::{Change, Heard};
pub use engine::{Engine, FormName};
pub use error::EngineError;
pub use files::FileStore;
pub use import::Source;
pub use presence::Typist;
pub use sql::{Dialect, Sql, quote};
