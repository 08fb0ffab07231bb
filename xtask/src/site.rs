//! The site: WASM, its JavaScript, the chart chunk and the stylesheet, with hashed names, compressed, in `target/site`.
//! The server's build script puts it into the binary.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::run::{root, run, step};
use crate::tools::{WasmToolchain, node_modules};

/// How much work goes into size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Quick to build; the page reloads itself.
    Dev,
    Release,
}

/// Files that the site is made of.
const SOURCES: &[&str] =
    &["model", "app", "frontend", "style", "public", "Cargo.toml", "Cargo.lock", "package-lock.json", "xtask/src/site.rs"];

/// Features that every browser of the last years has; `wasm-opt` must not use others.
const WASM_FEATURES: &[&str] =
    &["bulk-memory", "reference-types", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "multivalue"];

/// Where the site is.
pub fn folder() -> PathBuf {
    root().join("target/site")
}

/// Builds the site if anything that it is made of has changed; true if it was built.
pub fn build(quality: Quality) -> Result<bool, String> {
    let stamp = format!("{quality:?} {}", fingerprint(SOURCES));
    let stamp_file = root().join("target/site.stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|known| known == stamp) && folder().join("manifest.json").exists() {
        return Ok(false);
    }
    node_modules()?;
    let wasm = step("the app for the browser (WASM)", || compile(quality))?;
    let work = root().join("target/site-work");
    step("its JavaScript bindings", || bind(&wasm, &work))?;
    if quality == Quality::Release {
        step("wasm-opt", || optimize(&work.join("app_bg.wasm")))?;
    }
    step("charts, styles and scripts", || bundle(&work, quality))?;
    fs::write(stamp_file, stamp).map_err(|error| error.to_string())?;
    Ok(true)
}

/// A hash over names, sizes and times of files; cheap enough for every start.
pub fn fingerprint(paths: &[&str]) -> String {
    let mut hash = Sha256::new();
    let mut list: Vec<PathBuf> = paths.iter().map(|path| root().join(path)).collect();
    while let Some(path) = list.pop() {
        let Ok(meta) = fs::metadata(&path) else {
            continue;
        };
        if meta.is_dir() {
            let mut below: Vec<PathBuf> = fs::read_dir(&path).into_iter().flatten().flatten().map(|e| e.path()).collect();
            below.sort();
            list.extend(below);
        } else {
            hash.update(path.as_os_str().as_encoded_bytes());
            hash.update(format!("{:?} {}", meta.modified().ok(), meta.len()));
        }
    }
    hex::encode(&hash.finalize()[..8])
}

fn compile(quality: Quality) -> Result<PathBuf, String> {
    let profile = if quality == Quality::Release { "wasm-release" } else { "wasm-dev" };
    run(WasmToolchain::find()?.cargo_build().args(["--package", "frontend", "--profile", profile]))?;
    Ok(root().join(format!("target/wasm/wasm32-unknown-unknown/{profile}/frontend.wasm")))
}

fn bind(wasm: &Path, work: &Path) -> Result<(), String> {
    let _ = fs::remove_dir_all(work);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name("app").typescript(false).omit_default_module_path(true);
    bindgen.web(true).and_then(|bindgen| bindgen.generate(work)).map_err(|error| format!("wasm-bindgen: {error:#}"))
}

fn tool(name: &str) -> Command {
    let mut command = Command::new(root().join("node_modules/.bin").join(name));
    command.current_dir(root());
    command
}

fn optimize(wasm: &Path) -> Result<(), String> {
    let features = WASM_FEATURES.iter().map(|feature| format!("--enable-{feature}"));
    run(tool("wasm-opt").arg("-Oz").args(features).arg(wasm).arg("-o").arg(wasm))
}

fn bundle(work: &Path, quality: Quality) -> Result<(), String> {
    let site = folder();
    let _ = fs::remove_dir_all(&site);
    fs::create_dir_all(&site).map_err(|error| error.to_string())?;
    esbuild("public/charts.js", &work.join("charts.js"), &[])?;
    esbuild("style/inlay.css", &work.join("inlay.css"), &[])?;
    esbuild(&work.join("app.js").display().to_string(), &work.join("app.min.js"), &[])?;
    let mut names = BTreeMap::new();
    for (name, file) in
        [("app.wasm", "app_bg.wasm"), ("app.js", "app.min.js"), ("charts.js", "charts.js"), ("inlay.css", "inlay.css")]
    {
        names.insert(name.to_owned(), publish(&work.join(file), name, Name::Hashed, quality)?);
    }
    let assets = serde_json::to_string(&names).map_err(|error| error.to_string())?;
    let define = [format!("--define:__ASSETS__={assets}"), format!("--define:__DEV__={}", quality == Quality::Dev)];
    esbuild("public/frame.js", &work.join("frame.js"), &define)?;
    esbuild("public/embed.js", &work.join("embed.js"), &define)?;
    names.insert("frame.js".to_owned(), publish(&work.join("frame.js"), "frame.js", Name::Hashed, quality)?);
    publish(&work.join("embed.js"), "embed.js", Name::Plain, quality)?;
    let manifest = serde_json::to_string(&names).map_err(|error| error.to_string())?;
    fs::write(site.join("manifest.json"), manifest).map_err(|error| error.to_string())
}

fn esbuild(entry: &str, out: &Path, more: &[String]) -> Result<(), String> {
    let mut command = tool("esbuild");
    command.arg(entry).args(["--bundle", "--minify", "--format=esm", "--target=es2022,safari16.4", "--log-level=warning"]);
    run(command.args(more).arg(format!("--outfile={}", out.display())))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Hashed,
    Plain,
}

/// Puts a file into the site, with its compressed forms beside it; gives its name there.
fn publish(file: &Path, name: &str, naming: Name, quality: Quality) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    let bytes = fs::read(file).map_err(failed)?;
    let name = match (naming, name.rsplit_once('.')) {
        (Name::Hashed, Some((stem, ending))) => format!("{stem}-{}.{ending}", hex::encode(&Sha256::digest(&bytes)[..6])),
        _ => name.to_owned(),
    };
    let target = folder().join(&name);
    let beside = |ending: &str| folder().join(format!("{name}{ending}"));
    fs::write(&target, &bytes).map_err(failed)?;
    if quality == Quality::Release {
        let mut packed = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut bytes.as_slice(), &mut packed, &parameters).map_err(failed)?;
        fs::write(beside(".br"), packed).map_err(failed)?;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&bytes).map_err(failed)?;
        fs::write(beside(".gz"), gzip.finish().map_err(failed)?).map_err(failed)?;
    }
    Ok(name)
}
