//! `cargo xtask bench`: the figures that people feel, each beside its baseline from the same run. No assertion.

use std::fs;
use std::process::Command;

use crate::run::{build, cargo, root, run, step};
use crate::site;
use crate::tools::{chromium, compared, node_modules, postgres};

/// Prints bytes over the wire, then edits, queries and elements against bare SQL and against pgbench, then what a browser sees.
pub fn bench() -> Result<(), String> {
    let binary = build()?;
    node_modules()?;
    compared()?;
    let chromium = chromium()?;
    bytes()?;
    step("edits and queries", || run(cargo().args(["bench", "--quiet", "--package", "engine", "--bench", "edits"])))?;
    let postgres = postgres()?;
    step("elements over TPC-H", || {
        run(cargo().args(["bench", "--quiet", "--package", "engine", "--bench", "elements"]).env("INLAY_POSTGRES", &postgres))
    })?;
    step("a file of 200,000 lines", || {
        run(cargo().args(["bench", "--quiet", "--package", "engine", "--bench", "imports"]).env("INLAY_POSTGRES", &postgres))
    })?;
    step("over PostgreSQL", || {
        run(cargo().args(["bench", "--quiet", "--package", "server", "--bench", "postgres"]).env("INLAY_POSTGRES", postgres))
    })?;
    let with_node = |what: &str, script: &str| {
        step(what, || {
            let mut command = Command::new("node");
            command.arg(script).current_dir(root()).env("INLAY_BINARY", &binary).env("INLAY_CHROMIUM", &chromium);
            run(&mut command)
        })
    };
    with_node("in a browser", "end2end/bench.js")?;
    with_node("an edit in another browser", "end2end/bench_redrawn.js")?;
    with_node("a form in a browser", "end2end/bench_form.js")?;
    with_node("a million rows in a browser", "end2end/bench_grid.js")?;
    with_node("a file of 1 GB", "end2end/bench_import.js")
}

fn bytes() -> Result<(), String> {
    let mut names: Vec<_> = fs::read_dir(site::folder()).map_err(|error| error.to_string())?.flatten().collect();
    names.sort_by_key(|entry| entry.file_name());
    println!("bytes over the wire (brotli)");
    for entry in names {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(".br") {
            let size = entry.metadata().map_err(|error| error.to_string())?.len();
            println!("{name:<30} {:>8.1} KB", size as f64 / 1e3);
        }
    }
    println!();
    Ok(())
}
