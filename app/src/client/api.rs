//! One workbook's way to its server: its own base address and session, so that two workbooks on a page never mix.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures::lock::Mutex;
use gloo_net::http::{Request, Response};
use model::{ApiError, Code, FilePlace, FileRef, FileRequest, QueryAnswer, QueryRequest, UploadPart};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use server_fn::ServerFn;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Blob};

use super::lines::Lines;
use super::{Host, Took};
use crate::api::{CallError, Query};

thread_local! {
    /// Elements that hold the same ticket exchange it with the same nonce, and so share one session.
    static NONCES: RefCell<HashMap<String, String>> = RefCell::default();
}

/// Calls to one server under one session; cheap to clone. Lives in the browser only.
#[derive(Clone, Debug)]
pub struct Api(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Origin of the server, without a slash at the end.
    base: String,
    host: Host,
    session: Mutex<Option<Session>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    pub session: String,
    /// Seconds.
    pub expires_in: i64,
}

#[derive(Serialize)]
struct Exchange<'a> {
    ticket: &'a str,
    nonce: &'a str,
}

/// A random id of 32 hexadecimal digits.
#[must_use]
pub fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    if crypto.is_none_or(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_err()) {
        bytes.iter_mut().for_each(|byte| *byte = (js_sys::Math::random() * 256.0) as u8);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a request carries.
struct Sent {
    ty: &'static str,
    body: JsValue,
    /// Where a file is for.
    place: Option<String>,
}

impl Sent {
    fn json(body: &str) -> Self {
        Self { ty: "application/json", body: body.into(), place: None }
    }

    fn file(place: &impl Serialize, content: &Blob) -> Self {
        let place = serde_json::to_string(place).unwrap_or_default();
        let place = js_sys::encode_uri_component(&place).into();
        Self { ty: "application/octet-stream", body: content.into(), place: Some(place) }
    }
}

impl Api {
    #[must_use]
    pub fn new(base: &str, host: Host, session: Option<Session>) -> Self {
        Self(Rc::new(Inner { base: base.trim_end_matches('/').to_owned(), host, session: Mutex::new(session) }))
    }

    #[must_use]
    pub fn host(&self) -> &Host {
        &self.0.host
    }

    #[must_use]
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// Calls a server function; a session that has ended is renewed once with a fresh ticket.
    ///
    /// # Errors
    /// The server's, or `SY002` if it could not be reached or its answer was lost.
    pub async fn call<F>(&self, args: &F) -> Result<F::Output, ApiError>
    where
        F: ServerFn<Error = CallError> + Serialize,
        F::Output: DeserializeOwned,
    {
        self.call_unless(args, None).await
    }

    /// The same, given up as soon as `signal` says so.
    ///
    /// # Errors
    /// As [`Api::call`]; a call that was given up is `SY002` too.
    pub async fn call_unless<F>(&self, args: &F, signal: Option<&AbortSignal>) -> Result<F::Output, ApiError>
    where
        F: ServerFn<Error = CallError> + Serialize,
        F::Output: DeserializeOwned,
    {
        Ok(self.call_told(args, signal).await?.0)
    }

    /// The same, with what it took.
    ///
    /// # Errors
    /// As [`Api::call_unless`].
    async fn call_told<F>(&self, args: &F, signal: Option<&AbortSignal>) -> Result<(F::Output, Took), ApiError>
    where
        F: ServerFn<Error = CallError> + Serialize,
        F::Output: DeserializeOwned,
    {
        let begun = js_sys::Date::now();
        let body = serde_json::to_string(args).map_err(|_| ApiError::new(Code::BadRequest))?;
        let text = text_of(self.post(F::PATH, &body, signal).await?).await?;
        let took = Took { ms: js_sys::Date::now() - begun, bytes: text.len() };
        Ok((parsed(&text)?, took))
    }

    /// Asks for rows, which come by columns.
    ///
    /// # Errors
    /// As [`Api::call`].
    pub async fn query(&self, query: QueryRequest) -> Result<QueryAnswer, ApiError> {
        Ok(self.query_told(query, None).await?.0)
    }

    /// The same, given up as soon as `signal` says so, with what it took.
    ///
    /// # Errors
    /// As [`Api::call_unless`].
    pub async fn query_told(&self, query: QueryRequest, signal: Option<&AbortSignal>) -> Result<(QueryAnswer, Took), ApiError> {
        let query = QueryRequest { packed: true, ..query };
        let (answer, took) = self.call_told(&Query { query }, signal).await?;
        Ok((answer.unpacked(), took))
    }

    /// Posts JSON with the session; the response is good, its body unread.
    pub(super) async fn post(&self, path: &str, body: &str, signal: Option<&AbortSignal>) -> Result<Response, ApiError> {
        self.post_sent(path, &Sent::json(body), signal).await
    }

    async fn post_sent(&self, path: &str, sent: &Sent, signal: Option<&AbortSignal>) -> Result<Response, ApiError> {
        let token = self.session(None).await?;
        match self.send(path, sent, Some(&token), signal).await {
            Err(error) if error.code == Code::NotSignedIn => {
                let token = self.session(Some(&token)).await?;
                self.send(path, sent, Some(&token), signal).await
            }
            done => done,
        }
    }

    /// Sends a file to where it shall be attached, and gives what the value of the column is then.
    ///
    /// # Errors
    /// As [`Api::call`]; `WB003` and `WB019` for one that is not taken there.
    pub async fn upload(&self, place: &FilePlace, content: &Blob) -> Result<FileRef, ApiError> {
        read(self.post_sent("/api/v1/upload", &Sent::file(place, content), None).await?).await
    }

    /// Sends a part of a file that is to be loaded into a table.
    ///
    /// # Errors
    /// As [`Api::call`]; `IM007` for more than one may have waiting.
    pub async fn import_part(&self, part: &UploadPart, content: &Blob) -> Result<(), ApiError> {
        self.post_sent("/api/v1/import_part", &Sent::file(part, content), None).await.map(drop)
    }

    /// Loads such a file, or takes it back, and hears what becomes of it.
    ///
    /// # Errors
    /// As [`Api::call`]; what goes wrong later is one of the lines.
    pub async fn import(&self, body: &serde_json::Value, signal: Option<&AbortSignal>) -> Result<Lines, ApiError> {
        Lines::of(&self.post("/api/v1/import", &body.to_string(), signal).await?)
    }

    /// The file that a row has in a column.
    ///
    /// # Errors
    /// As [`Api::call`]; `WB020` where it has none.
    pub async fn file(&self, request: &FileRequest) -> Result<Blob, ApiError> {
        let body = json!({ "file": request }).to_string();
        let response = self.post("/api/v1/file", &body, None).await?;
        let lost = |_| ApiError::new(Code::Offline);
        let content = response.binary().await.map_err(|_| ApiError::new(Code::Offline))?;
        Blob::new_with_u8_array_sequence(&js_sys::Array::of1(&js_sys::Uint8Array::from(content.as_slice()))).map_err(lost)
    }

    /// The session's token; a fresh one if there is none or `refused` is the one there was.
    async fn session(&self, refused: Option<&str>) -> Result<String, ApiError> {
        let mut held = self.0.session.lock().await;
        if let Some(session) = held.as_ref().filter(|session| refused != Some(session.session.as_str())) {
            return Ok(session.session.clone());
        }
        let session = self.exchange(None).await?;
        let token = session.session.clone();
        *held = Some(session);
        Ok(token)
    }

    /// Extends the session with a fresh ticket before it ends; gives the seconds it now has.
    ///
    /// # Errors
    /// If the host has no ticket or the server does not accept it; the old session goes on until its end.
    pub async fn renew(&self) -> Result<i64, ApiError> {
        let mut held = self.0.session.lock().await;
        let current = held.as_ref().map(|session| session.session.clone());
        let session = self.exchange(current.as_deref()).await?;
        let lifetime = session.expires_in;
        *held = Some(session);
        Ok(lifetime)
    }

    /// Seconds that the session was granted for, once there is one.
    pub async fn lifetime_s(&self) -> Option<i64> {
        self.0.session.lock().await.as_ref().map(|session| session.expires_in)
    }

    async fn exchange(&self, current: Option<&str>) -> Result<Session, ApiError> {
        let no_ticket = |_| ApiError::new(Code::NotSignedIn);
        let ticket = JsFuture::from(self.0.host.get_ticket()).await.map_err(no_ticket)?;
        let ticket = ticket.as_string().ok_or_else(|| ApiError::new(Code::NotSignedIn))?;
        let nonce = NONCES.with_borrow_mut(|nonces| nonces.entry(ticket.clone()).or_insert_with(random_id).clone());
        let body = serde_json::to_string(&Exchange { ticket: &ticket, nonce: &nonce }).unwrap_or_default();
        let response = self.send("/api/v1/session", &Sent::json(&body), current, None).await?;
        read(response).await
    }

    async fn send(
        &self,
        path: &str,
        sent: &Sent,
        token: Option<&str>,
        signal: Option<&AbortSignal>,
    ) -> Result<Response, ApiError> {
        let offline = |_| ApiError::new(Code::Offline);
        let request = Request::post(&format!("{}{path}", self.0.base)).header("content-type", sent.ty);
        let mut request = request.abort_signal(signal);
        if let Some(token) = token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        if let Some(place) = &sent.place {
            request = request.header("inlay-file", place);
        }
        let response = request.body(sent.body.clone()).map_err(offline)?.send().await.map_err(offline)?;
        if response.ok() {
            return Ok(response);
        }
        // A proxy's error page is no answer of ours.
        Err(response.json::<ApiError>().await.unwrap_or_else(|_| ApiError::new(Code::Offline)))
    }

    /// Tells the host page of an event.
    pub fn emit(&self, name: &str, detail: &serde_json::Value) {
        let detail = js_sys::JSON::parse(&detail.to_string()).unwrap_or(JsValue::NULL);
        self.0.host.emit(name, &detail);
    }
}

/// A call under way; dropping this gives it up, here and at the server.
#[derive(Debug)]
pub struct Flight(Option<AbortController>);

impl Default for Flight {
    fn default() -> Self {
        Self(AbortController::new().ok())
    }
}

impl Flight {
    #[must_use]
    pub fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortController::abort);
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ApiError> {
    parsed(&text_of(response).await?)
}

async fn text_of(response: Response) -> Result<String, ApiError> {
    response.text().await.map_err(|_| ApiError::new(Code::Offline))
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|_| ApiError::new(Code::Offline))
}
