//! The engine over real SQLite files and a real PostgreSQL.

mod audit;
mod catalog;
mod cluster;
mod disk;
mod expressions;
mod policy;
mod postgres;
mod writeback;

mod world;
