//! The page around the workbook, as `embed.js` or the iframe's script stand for it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An object with `getTicket()`, `emit(name, detail)` and `charts()`.
    #[derive(Clone, Debug)]
    pub type Host;

    /// A promise of a fresh ticket, or of null if the host has none.
    #[wasm_bindgen(method, js_name = getTicket)]
    pub fn get_ticket(this: &Host) -> js_sys::Promise;

    /// Tells the host page; `detail` is plain JSON.
    #[wasm_bindgen(method)]
    pub fn emit(this: &Host, name: &str, detail: &JsValue);

    /// A promise of the chart chunk, loaded when the first chart is drawn.
    #[wasm_bindgen(method)]
    pub fn charts(this: &Host) -> js_sys::Promise;
}
