//! An answer that comes line by line.

use gloo_net::http::Response;
use model::{ApiError, Code};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

/// Lines of an answer, as they come.
#[derive(Debug)]
pub struct Lines {
    reader: ReadableStreamDefaultReader,
    /// What has come of lines that are not whole, or not yet taken.
    rest: Vec<u8>,
    ended: bool,
}

impl Lines {
    /// # Errors
    /// `SY002` for an answer without a body.
    pub fn of(response: &Response) -> Result<Self, ApiError> {
        let stream = response.body().ok_or_else(|| ApiError::new(Code::Offline))?;
        Ok(Self { reader: stream.get_reader().unchecked_into(), rest: Vec::new(), ended: false })
    }

    /// The next line without its end; `None` at the end of the answer, or where it was lost.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let rest = self.rest.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.rest, rest);
                line.truncate(end);
                return String::from_utf8(line).ok();
            }
            let more = self.chunk().await;
            self.ended = more.is_none();
            self.rest.extend(more?);
        }
    }

    async fn chunk(&self) -> Option<Vec<u8>> {
        let result = JsFuture::from(self.reader.read()).await.ok()?;
        let done = js_sys::Reflect::get(&result, &JsValue::from_str("done")).ok()?;
        if done.is_truthy() {
            return None;
        }
        let value = js_sys::Reflect::get(&result, &JsValue::from_str("value")).ok()?;
        Some(value.dyn_into::<js_sys::Uint8Array>().ok()?.to_vec())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // One that was lost would answer that with its own error, which nobody would hear.
        if !self.ended {
            let _ = self.reader.cancel();
        }
    }
}
