//! Static files: inside the binary, compressed when it was built, immutable by the hash in their names.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{ApiError, Code};

use crate::guard::refuse;
use crate::state::AppState;

const FOR_EVER: &str = "public, max-age=31536000, immutable";

mod site {
    include!(concat!(env!("OUT_DIR"), "/site.rs"));
}

static FILES: LazyLock<HashMap<&'static str, &'static [u8]>> = LazyLock::new(|| site::FILES.iter().copied().collect());

/// For development: read the site from here, at each request, instead of from the binary.
static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::var_os("INLAY_SITE").map(PathBuf::from));

/// Under `cargo leptos watch`: the folder and the name by which it leaves the app's WASM, JavaScript and stylesheet.
static LEPTOS: LazyLock<Option<(PathBuf, String)>> = LazyLock::new(|| {
    let variable = |name| std::env::var(name).ok();
    variable("LEPTOS_WATCH")?;
    let folder = PathBuf::from(variable("LEPTOS_SITE_ROOT")?).join(variable("LEPTOS_SITE_PKG_DIR")?);
    Some((folder, variable("LEPTOS_OUTPUT_NAME")?))
});

/// Where cargo-leptos has put a file of the app; the charts and the two scripts are those of the last `cargo xtask build`.
fn of_leptos(name: &str) -> Option<PathBuf> {
    let (folder, output) = LEPTOS.as_ref()?;
    let (stem, ending) = (name.split_once('-')?.0, name.split_once('.')?.1);
    // A compressed form has another ending, and is not there.
    matches!(stem, "app" | "inlay").then(|| folder.join(format!("{output}.{ending}")))
}

fn read(name: &str) -> Option<Vec<u8>> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return None;
    }
    if let Some(path) = of_leptos(name) {
        return std::fs::read(path).ok();
    }
    match FOLDER.as_ref() {
        Some(folder) => std::fs::read(folder.join(name)).ok(),
        None => FILES.get(name).map(|bytes| bytes.to_vec()),
    }
}

/// The hashed name of an asset, such as `app.js`; `None` if the site has not been built.
pub fn hashed(name: &str) -> Option<String> {
    let manifest: HashMap<String, String> = serde_json::from_slice(&read("manifest.json")?).ok()?;
    manifest.get(name).cloned()
}

/// `/assets/…`: a year in every cache, usable from other origins.
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    serve(&path, &headers, FOR_EVER)
}

/// `/pictures/…`: one that stands in a workbook. Its name is made of what is in it, so it is for those who were told the name,
/// and never another picture.
pub async fn picture(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    let Some(picture) = state.engine.picture(&name) else { return refuse(&ApiError::new(Code::NoSuchRoute)) };
    let mut response = (StatusCode::OK, Body::from(picture.bytes.to_vec())).into_response();
    let out = response.headers_mut();
    let mut set = |name, value: &'static str| out.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, picture.ty);
    set(header::CACHE_CONTROL, FOR_EVER);
    set(header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Whoever opens an SVG by itself runs nothing that is in it.
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    response
}

/// `/embed.js`: the one name that never changes, so it is asked for again often; it finds its siblings itself.
pub async fn embed_js(headers: HeaderMap) -> Response {
    serve("embed.js", &headers, "public, max-age=300")
}

fn serve(name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    let cache = if LEPTOS.is_some() { "no-store" } else { cache };
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let encodings = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(encoding, _)| accepts.contains(encoding));
    let compressed = encodings.filter_map(|(encoding, suffix)| Some((Some(encoding), read(&format!("{name}{suffix}"))?))).next();
    let Some((encoding, bytes)) = compressed.or_else(|| Some((None, read(name)?))) else {
        return refuse(&ApiError::new(Code::NoSuchRoute));
    };
    let mut response = (StatusCode::OK, Body::from(bytes)).into_response();
    let out = response.headers_mut();
    let mut set = |name, value: &'static str| out.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, content_type(name));
    set(header::CACHE_CONTROL, cache);
    set(header::VARY, "Accept-Encoding");
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    match encoding {
        Some("br") => drop(set(header::CONTENT_ENCODING, "br")),
        Some(_) => drop(set(header::CONTENT_ENCODING, "gzip")),
        None => {}
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
