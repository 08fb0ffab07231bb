//! `cargo xtask test`: everything that must be true before a change lands. `.ci/run` calls it and nothing else.

use std::process::Command;

use crate::run::{build, cargo, output, root, run, step};
use crate::tools::{WasmToolchain, chromium, node_modules, postgres};

/// Crates that must never reach the browser.
const SERVER_ONLY: &[&str] = &["tokio", "axum", "hyper", "sqlx"];

/// All of it, the quickest first.
pub fn all() -> Result<(), String> {
    static_checks()?;
    rust()?;
    browser(&[])
}

/// Format, lints, docs, each crate alone, and what the browser's build depends on.
pub fn static_checks() -> Result<(), String> {
    step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    step("clippy", || run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])))?;
    step("docs", || {
        run(cargo()
            .args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    for (name, features) in [
        ("model", ""),
        ("model", "file"),
        ("engine", ""),
        ("app", ""),
        ("app", "ssr"),
        ("app", "hydrate"),
        ("app", "ssr,hydrate"),
        ("demo", ""),
        ("server", ""),
    ] {
        step(&format!("{name} alone ({features})"), || {
            run(cargo().args(["check", "--quiet", "--package", name, "--features", features]))
        })?;
    }
    step("frontend for wasm32", || {
        run(WasmToolchain::find()?.cargo_build().args(["--quiet", "--package", "frontend", "--profile", "wasm-release"]))
    })?;
    step("what the browser's build depends on", browser_dependencies)
}

fn browser_dependencies() -> Result<(), String> {
    let tree = output(cargo().args([
        "tree",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--prefix",
        "none",
        "--edges",
        "normal",
    ]));
    let tree = tree.ok_or("cargo tree failed")?;
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let found: Vec<&str> =
        names.filter(|name| SERVER_ONLY.iter().any(|only| name == only || name.starts_with(&format!("{only}-")))).collect();
    if found.is_empty() { Ok(()) } else { Err(format!("the browser's build depends on {}", found.join(", "))) }
}

/// Unit and integration tests.
pub fn rust() -> Result<(), String> {
    let postgres = postgres()?;
    step("unit and integration tests", || {
        run(cargo().args(["test", "--workspace", "--exclude", "frontend", "--quiet"]).env("INLAY_POSTGRES", postgres))
    })
}

/// The tests whose worth grows with their number, at their full figure.
pub fn soak() -> Result<(), String> {
    let postgres = postgres()?;
    let soak = |package: &str, names: &[&str]| {
        step(&format!("soak: {package}"), || {
            let mut command = cargo();
            command.args(["test", "--package", package, "--test", "it", "--", "--nocapture"]).args(names);
            run(command.env("INLAY_SOAK", "1").env("INLAY_POSTGRES", &postgres))
        })
    };
    soak("engine", &["races", "oracle", "two_tenants", "together"])?;
    soak("server", &["killed"])
}

/// Playwright in Debian's Chromium, against the release binary.
pub fn browser(args: &[&str]) -> Result<(), String> {
    let binary = build()?;
    node_modules()?;
    let chromium = chromium()?;
    step("browser tests", || {
        let mut command = Command::new(root().join("node_modules/.bin/playwright"));
        command.args(["test", "--config", "end2end/playwright.config.js"]).args(args).current_dir(root());
        run(command.env("INLAY_BINARY", binary).env("INLAY_CHROMIUM", chromium))
    })
}
