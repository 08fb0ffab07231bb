//! Running things: steps with progress, the release binary, the demo.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::site::{self, Quality};

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
    Ok(built("release"))
}

/// The server's binary, wherever Cargo has been told to put it.
pub fn built(profile: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(target).join(profile).join("inlay")
}

/// Builds what changed and starts the demo over `demo/`.
pub fn demo(args: &[&str]) -> Result<(), String> {
    let binary = build()?;
    run(Command::new(binary).arg("demo").arg(root().join("demo")).args(args))
}
