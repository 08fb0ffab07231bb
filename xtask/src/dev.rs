//! `cargo xtask dev`: rebuilds what changed, restarts the server if that changed, and the page reloads itself.

use std::fs;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

use crate::run::{built, cargo, root, run, step};
use crate::site::{self, Quality, fingerprint};

const SERVER: &[&str] = &["model", "engine", "app", "server", "demo/src", "demo/host", "Cargo.toml", "Cargo.lock"];

/// Runs until it is stopped.
pub fn dev() -> Result<(), String> {
    let mut server: Option<Child> = None;
    let mut seen = String::new();
    loop {
        let now = fingerprint(SERVER);
        let site = site::build(Quality::Dev);
        let server_changed = now != seen;
        if server_changed {
            seen = now;
            let built = step("the server", || run(cargo().args(["build", "--package", "server"])));
            match built {
                Ok(()) => server = Some(restart(server)?),
                Err(message) => eprintln!("{message}; the server that runs stays"),
            }
        }
        match site {
            Ok(built) if built || server_changed => reload()?,
            Err(message) => eprintln!("{message}; the page stays as it is"),
            Ok(_) => {}
        }
        sleep(Duration::from_millis(500));
    }
}

fn restart(server: Option<Child>) -> Result<Child, String> {
    if let Some(mut server) = server {
        let _ = server.kill();
        let _ = server.wait();
    }
    let mut command = Command::new(built("debug"));
    command.arg("demo").arg(root().join("demo")).arg("--watch").env("INLAY_SITE", site::folder());
    command.spawn().map_err(|error| error.to_string())
}

/// What an open page looks at, every second, to know that it is old.
fn reload() -> Result<(), String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_millis());
    fs::write(site::folder().join("dev.json"), now.to_string()).map_err(|error| error.to_string())
}
