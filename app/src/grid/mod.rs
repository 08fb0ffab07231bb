//! The grid: rows to read or to type into, at home for whoever knows a spreadsheet.
//!
//! `geometry` and `clipboard` are pure and tested alone; `state` holds what is selected, typed and loaded; `rows` fetches
//! windows of rows; the rest draws.

mod clipboard;
mod editor;
mod filter;
mod geometry;
mod header;
mod keyboard;
mod note;
mod rows;
mod state;
mod view;

pub use view::Grid;
