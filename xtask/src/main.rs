//! `cargo xtask demo | dev | build | test | soak | bench`: everything that is done with this repository, with no tool installed
//! by hand. What is missing is installed; what can't be is named with the command to type.

mod bench;
mod check;
mod dev;
mod run;
mod site;
mod tools;

use std::process::ExitCode;

const HELP: &str = "cargo xtask demo     build what changed and start the demo
cargo xtask dev      the same, rebuilt and reloaded whenever a file changes
cargo xtask build    one file, target/release/inlay, with everything inside
cargo xtask test     format, lints, docs, each crate alone, unit, integration and browser tests
cargo xtask test X   only one of: rust, browser, static
cargo xtask soak     races, killed databases and the row security oracle, for as long as it takes
cargo xtask bench    the figures, as ratios against a baseline in the same run";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["demo", rest @ ..] => run::demo(rest),
        ["dev"] => dev::dev(),
        ["build"] => run::build().map(|binary| println!("{}", binary.display())),
        ["test"] => check::all(),
        ["test", "static"] => check::static_checks(),
        ["test", "rust"] => check::rust(),
        ["test", "browser", rest @ ..] => check::browser(rest),
        ["soak"] => check::soak(),
        ["bench"] => bench::bench(),
        _ => Err(HELP.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{message}");
            ExitCode::FAILURE
        }
    }
}
