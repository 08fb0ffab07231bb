//! The grid: rows to read or to type into, at home for whoever knows a spreadsheet.
//!
//! `geometry`, `window` and `clipboard` are pure and tested alone; `state` holds what is selected, typed and loaded; `rows`
//! fetches windows of rows; the rest draws.

mod clipboard;
mod columns;
mod editor;
mod filter;
mod geometry;
mod goto;
mod header;
mod keyboard;
mod note;
mod pointer;
mod row;
mod rows;
mod state;
mod view;
mod window;

pub use view::Grid;
