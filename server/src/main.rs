//! The binary `inlay`: command line, configuration, tokens, routes, live change stream, static files.
//!
//! It knows HTTP and identity; SQL and business rules are the engine's.

mod access;
mod allocator;
mod assets;
mod cli;
mod config;
mod demo_command;
mod embed;
mod endpoints;
mod files;
mod guard;
mod import_command;
mod imports;
mod live;
mod openapi;
mod ops;
mod preview;
mod routes;
mod sessions;
mod state;
mod tickets;

#[cfg(test)]
mod api_tests;
#[cfg(test)]
mod paint_tests;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
