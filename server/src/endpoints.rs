//! What forms write through the host's product: signed, so that it knows whom it is from, and with a key that stays the same
//! however often it is sent, so that it takes it once.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::writeback::{Answer, Call, Endpoints, Refusal};
use futures::FutureExt;
use futures::future::BoxFuture;
use hmac::{Hmac, Mac};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use sha2::Sha256;

use crate::config::Config;

/// How long the host may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const MOST_ANSWER: usize = 64 << 10;

/// The addresses that `inlay.toml` names.
#[derive(Debug)]
pub struct Signed {
    client: Client,
    known: BTreeMap<String, (Url, Vec<u8>)>,
}

impl Signed {
    /// # Errors
    /// For an address that is none or not safe, or without a secret.
    pub fn new(config: &Config) -> Result<Self, String> {
        let mut known = BTreeMap::new();
        for (name, endpoint) in &config.endpoints {
            let url = Url::parse(&endpoint.url).map_err(|error| format!("endpoint `{name}`: {error}"))?;
            let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            if url.scheme() != "https" && !(url.scheme() == "http" && here) {
                return Err(format!("endpoint `{name}`: an address with `https`, or on this machine"));
            }
            known.insert(name.clone(), (url, endpoint.secret(name, &config.folder)?));
        }
        // Whoever built rustls with one provider has said which.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).build();
        Ok(Self { client: client.map_err(|error| error.to_string())?, known })
    }

    async fn ask(&self, name: &str, call: &Call) -> Result<Answer, String> {
        let (url, secret) = self.known.get(name).ok_or("it is not in inlay.toml")?;
        let at = chrono::Utc::now().timestamp();
        let request = self
            .client
            .post(url.clone())
            .header("content-type", "application/json")
            .header("idempotency-key", &call.key)
            .header("inlay-signature", format!("t={at},v1={}", signature(secret, at, &call.body)))
            .body(call.body.clone());
        let response = request.send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        match status {
            status if status.is_success() => Ok(Answer::Taken),
            StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
                let body = read(response).await?;
                let refusal: Refusal =
                    serde_json::from_slice(&body).map_err(|error| format!("{status} without reasons: {error}"))?;
                Ok(Answer::Refused(refusal))
            }
            status => Err(format!("it answered {status}")),
        }
    }
}

impl Endpoints for Signed {
    fn has(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    fn tell<'a>(&'a self, name: &'a str, call: &'a Call) -> BoxFuture<'a, Result<Answer, String>> {
        self.ask(name, call).boxed()
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| error.to_string())? {
        body.extend_from_slice(&part);
        if body.len() > MOST_ANSWER {
            return Err("its answer is too long".into());
        }
    }
    Ok(body)
}

/// Hex of HMAC-SHA-256 over the seconds since the epoch, a full stop and the body.
fn signature(secret: &[u8], at: i64, body: &str) -> String {
    // Any length of key will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(format!("{at}.").as_bytes());
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, LazyLock, Mutex};

    use axum::Router;
    use axum::http::HeaderMap;
    use axum::routing::post;
    use engine::catalog::Through;
    use tempfile::TempDir;

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdefghijklmnopqrstuv";

    /// A folder with the secret, for as long as the tests run.
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("crm.key"), SECRET).unwrap();
        folder
    });

    fn config(url: &str) -> Config {
        let toml = format!(
            "[connections.warehouse]\nsqlite = 'x.db'\n[[issuers]]\nname = 'a'\naudience = 'b'\norigins = []\n\
             [endpoints.crm]\nurl = '{url}'\nsecret_file = 'crm.key'"
        );
        Config { folder: FOLDER.path().to_owned(), ..toml::from_str(&toml).unwrap() }
    }

    fn call() -> Call {
        Call { to: Through::Endpoint("crm".into()), key: "abc".into(), body: "{\"rows\":[]}".into() }
    }

    type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

    /// A product that answers everything so; the address of it, and what it has heard.
    async fn product(status: u16, body: &'static str) -> (String, Heard) {
        let heard = Heard::default();
        let hear = heard.clone();
        let answer = move |headers: HeaderMap, text: String| async move {
            hear.lock().unwrap().push((headers, text));
            (axum::http::StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")], body)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/visits", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/visits", post(answer))).await });
        (url, heard)
    }

    #[tokio::test]
    async fn a_product_is_told_with_a_key_and_a_signature() {
        let (url, heard) = product(201, "").await;
        assert_eq!(Signed::new(&config(&url)).unwrap().tell("crm", &call()).await, Ok(Answer::Taken));
        let heard = heard.lock().unwrap();
        let (headers, body) = &heard[0];
        assert_eq!((headers["idempotency-key"].as_bytes(), body.as_str()), (&b"abc"[..], "{\"rows\":[]}"));
        let signed = headers["inlay-signature"].to_str().unwrap();
        let (at, hex) = signed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert!((chrono::Utc::now().timestamp() - at.parse::<i64>().unwrap()).abs() < 60);
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
        mac.update(format!("{at}.{body}").as_bytes());
        mac.verify_slice(&hex::decode(hex).unwrap()).unwrap();
    }

    #[tokio::test]
    async fn what_a_product_answers_is_taken_refused_or_not_known() {
        let said = r#"{ "message": "No", "errors": [{ "field": "score", "row": 1, "message": "Too low" }] }"#;
        let (url, _) = product(422, said).await;
        let Ok(Answer::Refused(refusal)) = Signed::new(&config(&url)).unwrap().tell("crm", &call()).await else { panic!() };
        assert_eq!(
            (refusal.message.as_deref(), refusal.errors[0].field.as_str(), refusal.errors[0].row),
            (Some("No"), "score", 1)
        );
        let long: &'static str = Box::leak(" ".repeat(MOST_ANSWER + 1).into_boxed_str());
        // Nobody knows whether it was taken: a redirect is not followed, since what is sent is for this address alone.
        for (status, body) in [(500, ""), (404, ""), (302, ""), (401, ""), (422, "no JSON"), (422, long)] {
            let (url, heard) = product(status, body).await;
            let told = Signed::new(&config(&url)).unwrap().tell("crm", &call()).await;
            assert!(told.is_err() && heard.lock().unwrap().len() == 1, "{status} {told:?}");
        }
        let gone = Signed::new(&config("http://127.0.0.1:9/visits")).unwrap().tell("crm", &call()).await;
        assert!(gone.is_err());
    }

    #[test]
    fn an_address_is_safe_or_refused() {
        for url in ["http://crm.example.com/x", "ftp://127.0.0.1/x", "visits"] {
            assert!(Signed::new(&config(url)).is_err(), "{url}");
        }
    }
}
