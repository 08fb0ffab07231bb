//! Puts the built site (`target/site`, made by `cargo xtask build`) into the binary. Without one the binary still builds,
//! says so at start, and serves no workbook.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let site = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("../target/site");
    println!("cargo:rerun-if-changed={}", site.join("manifest.json").display());
    let mut table = String::from("pub static FILES: &[(&str, &[u8])] = &[\n");
    let mut names: Vec<_> = fs::read_dir(&site).map(|dir| dir.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    names.sort();
    for path in names.iter().filter(|path| path.is_file()) {
        let name = path.file_name().and_then(|n| n.to_str()).expect("the site's names are ASCII");
        let path = path.canonicalize().expect("just listed");
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", path.display().to_string()).expect("writing to a string");
    }
    table.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("set by cargo")).join("site.rs");
    fs::write(out, table).expect("the build's own folder is writable");
}
