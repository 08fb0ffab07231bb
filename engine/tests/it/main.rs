//! The engine over real SQLite files.

mod audit;
mod catalog;
mod disk;
mod expressions;
mod policy;
mod writeback;

mod world;
