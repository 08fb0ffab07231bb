//! Running things: steps with progress, the release binary, the demo.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::site::{self, Quality};
use crate::tools::node_modules;

/// The workspace's folder.
pub fn root() -> PathBuf {
    // What `cargo run` says now, and not at the time of building: a checkout may have been moved since.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// Runs one step; says what it is, and how long it took if that was long.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let (dim, plain) = if std::io::stderr().is_terminal() { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
    eprintln!("{dim}▸{plain} {what}");
    let started = Instant::now();
    let done = work()?;
    let seconds = started.elapsed().as_secs_f64();
    if seconds > 1.0 {
        eprintln!("{dim}  {seconds:.1} s{plain}");
    }
    Ok(done)
}

/// Runs a command to its end, its output on the terminal.
pub fn run(command: &mut Command) -> Result<(), String> {
    let words = format!("{command:?}").replace('"', "");
    let status = command.status().map_err(|error| format!("{words}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("failed: {words}")) }
}

/// Runs a command and gives what it printed.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// `cargo` of the toolchain that runs this.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The release binary with the site inside.
pub fn build() -> Result<PathBuf, String> {
    site::build(Quality::Release)?;
    step("the server (release)", || run(cargo().args(["build", "--release", "--package", "server"])))?;
    Ok(root().join("target/release/inlay"))
}

/// Builds what changed and starts the demo over `demo/`: quickly, or as it ships.
pub fn demo(args: &[&str]) -> Result<(), String> {
    let mut command = match args {
        ["--release", ..] => Command::new(build()?),
        _ => {
            build_quickly()?;
            let mut command = Command::new(root().join("target/debug/inlay"));
            command.env("INLAY_SITE", site::folder());
            command
        }
    };
    let args = args.iter().filter(|arg| **arg != "--release");
    run(command.arg("demo").arg(root().join("demo")).args(args))
}

/// The server and its site beside it, at the same time: on a fresh checkout each leaves a core idle for minutes.
fn build_quickly() -> Result<(), String> {
    node_modules()?;
    std::thread::scope(|scope| {
        let server = scope.spawn(|| step("the server", || run(cargo().args(["build", "--package", "server"]))));
        site::build(Quality::Demo)?;
        server.join().map_err(|_| "the build of the server panicked".to_owned())?
    })
}
