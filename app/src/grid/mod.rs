//! The grid: rows to read or to type into, at home for whoever knows a spreadsheet.
//!
//! `geometry`, `selection`, `keys`, `window` and `clipboard` are values only and tested alone; `state` holds what is selected,
//! typed and loaded; `rows` fetches what comes into sight, `load` what a gesture needs; `commands`, `pointer`, `transfer` and
//! `paste` do what keys, the mouse and the clipboard ask for; the rest draws.

mod announce;
mod bulk;
mod clipboard;
mod columns;
mod commands;
mod conflicts;
mod crosstab;
mod direction;
mod drafts;
mod editor;
mod fill;
mod filter;
mod find;
mod formats;
mod geometry;
mod goto;
mod group_row;
mod groups;
mod header;
mod help;
mod keys;
mod layout;
mod load;
mod menu;
mod note;
mod paper;
mod paste;
mod plan;
mod pointer;
mod presence;
mod preview;
mod record;
mod row;
mod rows;
mod selection;
mod series;
mod state;
mod summary;
mod transfer;
mod view;
mod views;
mod window;

pub use view::Grid;
