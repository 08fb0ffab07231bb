//! The engine over real SQLite files.

mod catalog;
mod expressions;
mod policy;
mod writeback;

mod world;
