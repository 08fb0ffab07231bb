//! Finds what the build and the tests need, installs what is missing, and names what it can't install.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{cargo, output, root, run, step};

/// A way to compile for wasm32.
#[derive(Debug)]
pub enum WasmToolchain {
    /// The toolchain that runs this has the target.
    Rustup,
    /// Debian's rustc-web, with the standard library built from its source.
    Debian { linker: String },
}

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

impl WasmToolchain {
    /// The proper way first, then Debian's.
    pub fn find() -> Result<Self, String> {
        if has_target() {
            return Ok(Self::Rustup);
        }
        if let Some(linker) = debian_linker() {
            return Ok(Self::Debian { linker });
        }
        let added = step(&format!("rustup target add {TARGET}"), || {
            run(Command::new("rustup").args(["target", "add", TARGET]).current_dir(root()))
        });
        if added.is_ok() && has_target() {
            return Ok(Self::Rustup);
        }
        step("Debian's Rust for the web (rustc-web)", || {
            let linker = newest_lld().ok_or("no lld package was found")?;
            apt(&["rustc-web", "cargo-web", "rust-web-src", &linker])
        })?;
        let linker = debian_linker();
        linker
            .map(|linker| Self::Debian { linker })
            .ok_or_else(|| format!("No way to compile for {TARGET} was found. Type: rustup target add {TARGET}"))
    }

    /// `cargo build` for wasm32 with this toolchain, in a target folder of its own.
    pub fn cargo_build(&self) -> Command {
        let mut command = match self {
            Self::Rustup => cargo(),
            Self::Debian { linker } => {
                let mut command = Command::new("/usr/bin/cargo");
                command.current_dir(root());
                // What rustup's cargo has put into the environment would pick its compiler again.
                for name in ["RUSTUP_TOOLCHAIN", "RUSTC", "RUSTDOC", "CARGO"] {
                    command.env_remove(name);
                }
                command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                command
            }
        };
        command.args(["build", "--target", TARGET, "--target-dir", "target/wasm"]);
        if matches!(self, Self::Debian { .. }) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }
}

fn has_target() -> bool {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()));
    sysroot.is_some_and(|path| Path::new(path.trim()).join("lib/rustlib").join(TARGET).exists())
}

/// The linker beside Debian's rustc, if that and its standard library's source are there.
fn debian_linker() -> Option<String> {
    let sysroot = output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]))?;
    let source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std");
    let linkers = std::fs::read_dir("/usr/bin").ok()?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let newest = linkers.filter(|name| name.starts_with("wasm-ld-")).max_by_key(|name| version(name))?;
    source.exists().then_some(newest)
}

fn newest_lld() -> Option<String> {
    let listed = output(Command::new("apt-cache").args(["search", "--names-only", "^lld-[0-9]+$"]))?;
    listed.lines().filter_map(|line| line.split(' ').next()).max_by_key(|name| version(name)).map(str::to_owned)
}

fn version(name: &str) -> u32 {
    name.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Installs Debian packages, as root or through sudo; otherwise says what to type.
pub fn apt(packages: &[&str]) -> Result<(), String> {
    let root_user = output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let advice = format!("Type: sudo apt-get install {}", packages.join(" "));
    let apt_get = |args: &[&str]| {
        let mut command = if root_user { Command::new("apt-get") } else { Command::new("sudo") };
        if !root_user {
            command.args(["--non-interactive", "apt-get"]);
        }
        run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let mut install = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    install.extend(packages);
    apt_get(&["update", "--quiet"]).and_then(|()| apt_get(&install)).map_err(|error| format!("{error}\n{advice}"))
}

/// Node's packages, exactly as the lock file says.
pub fn node_modules() -> Result<(), String> {
    packages(&root())
}

/// The grids that the bench puts beside ours.
pub fn compared() -> Result<(), String> {
    packages(&root().join("end2end/compared"))
}

fn packages(folder: &Path) -> Result<(), String> {
    let lock = std::fs::read(folder.join("package-lock.json")).map_err(|error| format!("package-lock.json: {error}"))?;
    let stamp = folder.join("node_modules/.inlay-lock");
    if std::fs::read(&stamp).is_ok_and(|known| known == lock) {
        return Ok(());
    }
    if output(Command::new("npm").arg("--version")).is_none() {
        return Err("Node.js is needed (version 20 or newer). Type: sudo apt-get install nodejs npm".into());
    }
    step("npm packages", || run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder)))?;
    std::fs::write(stamp, lock).map_err(|error| error.to_string())
}

/// The folder of PostgreSQL's programs, for the tests that start a cluster of their own.
pub fn postgres() -> Result<PathBuf, String> {
    if let Ok(path) = std::env::var("INLAY_POSTGRES") {
        return Ok(path.into());
    }
    let missing: Vec<&str> =
        [("postgresql", newest_postgres().is_none()), ("pgbouncer", !Path::new("/usr/sbin/pgbouncer").exists())]
            .into_iter()
            .filter_map(|(package, missing)| missing.then_some(package))
            .collect();
    if !missing.is_empty() {
        step("PostgreSQL and its pooler", || apt(&missing))?;
    }
    newest_postgres().ok_or_else(|| "PostgreSQL is needed. Type: sudo apt-get install postgresql".into())
}

/// Debian keeps each version in a folder of its own; elsewhere the programs are in the path.
fn newest_postgres() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.max_by_key(|entry| entry.file_name().to_string_lossy().parse::<u32>().unwrap_or(0));
    let of_debian = newest.map(|entry| entry.path().join("bin"));
    let in_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    of_debian.into_iter().chain(in_path.unwrap_or_default()).find(|folder| folder.join("initdb").exists())
}

/// A browser for the tests.
pub fn chromium() -> Result<String, String> {
    let known = || ["/usr/bin/chromium", "/usr/bin/chromium-browser"].into_iter().find(|path| Path::new(path).exists());
    if let Ok(path) = std::env::var("INLAY_CHROMIUM") {
        return Ok(path);
    }
    if known().is_none() {
        step("Chromium", || apt(&["chromium", "fonts-dejavu-core"]))?;
    }
    known().map(str::to_owned).ok_or_else(|| "Chromium is needed. Type: sudo apt-get install chromium".into())
}
