//! Files that are attached to rows: how they come and go, and where they are kept beside the warehouse.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use engine::FileStore;
use futures::FutureExt;
use futures::future::BoxFuture;
use model::{ApiError, Code, FilePlace, FileRequest};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::{Client, Method, Url};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::fs;
use tokio::io::AsyncWriteExt;

use crate::config::{Config, Files};
use crate::guard::{RequestId, SignedIn, refuse};
use crate::ops;
use crate::state::AppState;

/// Says where a file that is sent belongs: JSON, percent-encoded.
const PLACE: &str = "inlay-file";
/// How long a store may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// `POST /api/v1/upload`: a file as the body, where it belongs in the header `inlay-file`; answers what the value of its column is.
pub async fn upload(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let Some(place) = place::<FilePlace>(request.headers()) else {
        return refuse(&ApiError::with(
            Code::BadRequest,
            "Expected a header `inlay-file` with workbook, table, column and name.",
        ));
    };
    let principal = &signed_in.principal;
    let most = match state.engine.file_limit(principal, &place, &id.0).await {
        Ok(most) => usize::try_from(most).unwrap_or(usize::MAX),
        Err(error) => return refuse(&ops::told(&error, &id.0)),
    };
    // One byte more tells what is too large from what just fits.
    let Ok(content) = to_bytes(request.into_body(), most.saturating_add(1)).await else {
        return refuse(&ApiError::new(Code::BodyTooLarge));
    };
    match state.engine.keep_file(principal, &place, content.into(), &id.0).await {
        Ok(file) => Json(file).into_response(),
        Err(error) => refuse(&ops::told(&error, &id.0)),
    }
}

/// What the header of a request whose body is no JSON says of it.
pub fn place<T: DeserializeOwned>(headers: &HeaderMap) -> Option<T> {
    let text = headers.get(PLACE).and_then(|value| value.to_str().ok())?;
    serde_json::from_str(&percent_decode_str(text).decode_utf8().ok()?).ok()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    file: FileRequest,
}

/// `POST /api/v1/file`: the file that a row has in a column, to whoever may see that.
pub async fn file(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let bytes = to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    let Ok(Asked { file }) = serde_json::from_slice(&bytes) else { return refuse(&ApiError::new(Code::BadRequest)) };
    match state.engine.file(&signed_in.principal, &file, &id.0).await {
        Ok((file, content)) => {
            let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
            let disposition = format!("attachment; filename*=UTF-8''{name}");
            // Whatever it is, no browser runs it in our name.
            let headers = [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_str(&file.media).unwrap_or(HeaderValue::from_static("application/octet-stream")),
                ),
                (
                    header::CONTENT_DISPOSITION,
                    HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment")),
                ),
                (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (StatusCode::OK, headers, Body::from(content)).into_response()
        }
        Err(error) => refuse(&ops::told(&error, &id.0)),
    }
}

/// Where `inlay.toml` has files kept, if not in the warehouse.
///
/// # Errors
/// In words, for a store that can't be.
pub fn store(config: &Config) -> Result<Option<Arc<dyn FileStore>>, String> {
    Ok(match &config.files {
        Files { folder: None, s3: None, .. } => None,
        Files { folder: Some(folder), s3: None, .. } => Some(Arc::new(Folder(config.folder.join(folder)))),
        Files { folder: None, s3: Some(s3), .. } => {
            let endpoint = Url::parse(&s3.endpoint).map_err(|error| format!("files.s3: {error}"))?;
            let style = if s3.path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
            let bucket = Bucket::new(endpoint, style, s3.bucket.clone(), s3.region.clone());
            let secret =
                std::env::var("INLAY_FILES_SECRET").map_err(|_| "files.s3 needs INLAY_FILES_SECRET in the environment")?;
            Some(Arc::new(S3 {
                bucket: bucket.map_err(|error| format!("files.s3: {error}"))?,
                credentials: Credentials::new(s3.access_key.clone(), secret),
                client: Client::builder().timeout(PATIENCE).build().map_err(|error| error.to_string())?,
            }))
        }
        _ => return Err("files are kept in a `folder` or in `s3`, not both".into()),
    })
}

/// A folder of this machine, or of a file system that all servers share.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// Ids are ours, and hexadecimal; the first two letters keep folders small.
    fn path(&self, id: &str) -> PathBuf {
        self.0.join(id.get(..2).unwrap_or("00")).join(id)
    }

    async fn write(&self, id: &str, content: &[u8]) -> std::io::Result<()> {
        let path = self.path(id);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).await?;
        }
        // Whole or not at all, whenever somebody pulls the plug.
        let begun = path.with_extension("begun");
        let mut file = fs::File::create(&begun).await?;
        file.write_all(content).await?;
        file.sync_all().await?;
        fs::rename(&begun, &path).await
    }
}

impl FileStore for Folder {
    fn put<'a>(&'a self, id: &'a str, content: Vec<u8>) -> BoxFuture<'a, Result<(), String>> {
        async move { self.write(id, &content).await.map_err(|error| error.to_string()) }.boxed()
    }

    fn get<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>> {
        async move {
            match fs::read(self.path(id)).await {
                Ok(content) => Ok(Some(content)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.to_string()),
            }
        }
        .boxed()
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), String>> {
        async move {
            match fs::remove_file(self.path(id)).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
                _ => Ok(()),
            }
        }
        .boxed()
    }
}

/// A bucket of a store that speaks S3's protocol.
struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    client: Client,
}

/// Without the credentials.
impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("S3").field(&self.bucket.name()).finish()
    }
}

impl S3 {
    /// The answer's body; `None` if there is no such object.
    async fn ask(&self, method: Method, url: Url, content: Vec<u8>) -> Result<Option<Vec<u8>>, String> {
        let answer =
            self.client.request(method, url).body(content).send().await.map_err(|error| error.without_url().to_string())?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => {
                let body = answer.bytes().await.map_err(|error| error.without_url().to_string())?;
                Ok(Some(body.into()))
            }
            status => Err(format!("the store answered {status}")),
        }
    }
}

impl FileStore for S3 {
    fn put<'a>(&'a self, id: &'a str, content: Vec<u8>) -> BoxFuture<'a, Result<(), String>> {
        let url = self.bucket.put_object(Some(&self.credentials), id).sign(PATIENCE);
        async move { self.ask(Method::PUT, url, content).await?.map(drop).ok_or_else(|| "there is no such bucket".to_owned()) }
            .boxed()
    }

    fn get<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>> {
        let url = self.bucket.get_object(Some(&self.credentials), id).sign(PATIENCE);
        async move { self.ask(Method::GET, url, Vec::new()).await }.boxed()
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), String>> {
        let url = self.bucket.delete_object(Some(&self.credentials), id).sign(PATIENCE);
        async move { self.ask(Method::DELETE, url, Vec::new()).await.map(drop) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use axum::Router;
    use axum::body::Bytes;
    use axum::extract::Path;
    use axum::routing::get;

    use super::*;

    async fn keeps_and_forgets(store: &dyn FileStore) {
        assert_eq!(store.get("ab12").await, Ok(None));
        store.put("ab12", b"\0one".to_vec()).await.unwrap();
        store.put("ab12", b"\0two".to_vec()).await.unwrap();
        assert_eq!(store.get("ab12").await, Ok(Some(b"\0two".to_vec())));
        store.remove("ab12").await.unwrap();
        store.remove("ab12").await.unwrap();
        assert_eq!(store.get("ab12").await, Ok(None));
    }

    #[tokio::test]
    async fn a_folder_keeps_files() {
        let folder = tempfile::tempdir().unwrap();
        keeps_and_forgets(&Folder(folder.path().join("files"))).await;
        std::fs::write(folder.path().join("file"), "no folder").unwrap();
        assert!(Folder(folder.path().join("file")).put("ab12", Vec::new()).await.is_err());
    }

    /// `INLAY_TEST_S3=http://127.0.0.1:5000` asks a real store, with a bucket `inlay`; what a store does is done here otherwise.
    #[tokio::test]
    async fn a_bucket_keeps_files() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let endpoint = match std::env::var("INLAY_TEST_S3") {
            Ok(endpoint) => endpoint,
            Err(_) => stand_in().await,
        };
        keeps_and_forgets(&s3(&endpoint, "inlay")).await;
        let refused = s3(&endpoint, "nothing").put("ab12", Vec::new()).await;
        assert!(refused.is_err(), "{refused:?}");
        let gone = s3("http://127.0.0.1:9", "inlay").get("ab12").await.unwrap_err();
        assert!(!gone.contains("Signature"), "what was signed is in no log: {gone}");
    }

    fn s3(endpoint: &str, bucket: &str) -> S3 {
        let bucket = Bucket::new(Url::parse(endpoint).unwrap(), UrlStyle::Path, bucket.to_owned(), "us-east-1".to_owned());
        S3 { bucket: bucket.unwrap(), credentials: Credentials::new("key", "secret"), client: Client::new() }
    }

    /// Objects of one bucket, to whoever signs.
    async fn stand_in() -> String {
        type Objects = Arc<Mutex<HashMap<String, Bytes>>>;
        let objects = Objects::default();
        async fn answer(
            State(objects): State<Objects>,
            Path((bucket, id)): Path<(String, String)>,
            request: Request,
        ) -> Response {
            let signed = request.uri().query().is_some_and(|query| query.contains("X-Amz-Signature="));
            if bucket != "inlay" || !signed {
                return StatusCode::NOT_FOUND.into_response();
            }
            let method = request.method().clone();
            let content = to_bytes(request.into_body(), usize::MAX).await.unwrap();
            let mut objects = objects.lock().unwrap();
            match method {
                Method::PUT => drop(objects.insert(id, content)),
                Method::DELETE => drop(objects.remove(&id)),
                _ => return objects.get(&id).cloned().map_or(StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response),
            }
            StatusCode::OK.into_response()
        }
        let route = get(answer).put(answer).delete(answer);
        let router = Router::new().route("/{bucket}/{id}", route).with_state(objects);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }
}
