//! The engine over real SQLite files and a real PostgreSQL.

mod access;
mod audit;
mod catalog;
mod charts;
mod cluster;
mod columns;
mod comments;
mod compute;
mod controls;
mod definition;
mod disk;
mod expressions;
mod groups;
mod hearing;
mod interleaved;
mod joins;
mod kinds;
mod layout;
mod measures;
mod moves;
mod oracle;
mod pivot;
mod places;
mod policy;
mod postgres;
mod races;
mod rows;
mod sessions;
mod sharing;
mod together;
mod troubles;
mod versions;
mod views;
mod writeback;

mod world;
