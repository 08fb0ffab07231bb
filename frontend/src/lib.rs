//! The WASM entry: opens a workbook in an element of a page, and bridges it to the host page.
//!
//! Both ways of embedding begin here: `public/embed.js` mounts into a shadow root, `public/frame.js` hydrates what the
//! server has drawn. Rust can't extend `HTMLElement`, so the custom element itself is defined in `embed.js`.

use app::Current;
use app::api::Open;
use app::client::{Api, Choices, Host, OpenRow, Session, Store, follow};
use leptos::mount::{hydrate_from, mount_to};
use leptos::prelude::*;
use model::{ApiError, Code, OpenAnswer, OpenRequest, Raw};
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// How a workbook is opened.
#[derive(Deserialize)]
struct Options {
    /// Origin of the server.
    base: String,
    workbook: String,
    /// Id of the element that is shown alone.
    only: Option<String>,
    locale: String,
    /// A session that the server has granted already.
    session: Option<Session>,
    /// The workbook, if it is known already.
    opened: Option<OpenAnswer>,
    /// Whether the server has drawn it into the element: the iframe's page.
    #[serde(default)]
    drawn: bool,
}

/// An open workbook.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Opened {
    store: RwSignal<Store>,
    close: Option<Box<dyn Closing>>,
}

/// Whatever holds the view's reactive owner; dropping it takes the view away.
trait Closing: std::fmt::Debug {}

/// Something held for what its Drop does.
struct Held<T>(T);

impl<T> std::fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

impl<T> Closing for Held<T> {}

/// Opens a workbook in `container`; `options` is JSON.
///
/// # Errors
/// A JSON error `{code, message}` if the workbook can't be had; the container is left as it was.
#[wasm_bindgen]
pub async fn open(container: HtmlElement, options: String, host: Host) -> Result<Opened, JsValue> {
    console_error_panic_hook::set_once();
    let options: Options = serde_json::from_str(&options).map_err(|error| JsValue::from_str(&error.to_string()))?;
    let api = Api::new(&options.base, host, options.session);
    let drawn = options.drawn;
    let opened = match options.opened {
        Some(opened) => opened,
        None => {
            let asked = api.call(&Open { open: OpenRequest { workbook: options.workbook, only: options.only } }).await;
            asked.map_err(|error| JsValue::from_str(&serde_json::to_string(&error).unwrap_or_default()))?
        }
    };
    let locale = options.locale;
    let connection = api.clone();
    let (sender, receiver) = std::sync::mpsc::channel();
    let root = move || {
        let store = Store::new(opened, &locale);
        store.connect(connection);
        if !drawn {
            store.remember();
        }
        let store = RwSignal::new(store);
        let _ = sender.send(store);
        view! { <Current store=store/> }
    };
    let close: Box<dyn Closing> = if drawn {
        Box::new(Held(hydrate_from(container, root)))
    } else {
        container.set_inner_html("");
        Box::new(Held(mount_to(container, root)))
    };
    let store = receiver.recv().map_err(|_| JsValue::from_str("the view was not built"))?;
    if drawn {
        // The server has drawn what is chosen at first: what was chosen before a reload comes after that.
        store.get_untracked().remember();
    }
    follow(store.get_untracked(), api.clone());
    api.emit("inlay-ready", &json!({}));
    Ok(Opened { store, close: Some(close) })
}

#[wasm_bindgen]
impl Opened {
    /// Asks for every element's rows again.
    pub fn refresh(&self) {
        self.store.get_untracked().changed_all();
    }

    /// Chooses values of controls: JSON of control id to list of values, or to null for what is chosen at first. Controls that
    /// are not named keep theirs. What is refused is told as `inlay-error`.
    #[wasm_bindgen(js_name = setFilters)]
    pub fn set_filters(&self, filters: &str) {
        let store = self.store.get_untracked();
        let refused = match serde_json::from_str(filters) {
            Ok(filters) => store.set_filters(filters),
            Err(_) => vec![ApiError::new(Code::BadFilter)],
        };
        if let Some(api) = store.api.get_value() {
            refused.iter().for_each(|error| api.emit("inlay-error", &json!({ "code": error.code, "message": error.message })));
        }
    }

    /// Opens a row in a form, to be changed or, with mode `view`, to be looked at: `row` is JSON of its key, or of the value of
    /// a key that has one. Where the form opens no rows, that is told as `inlay-error`.
    #[wasm_bindgen(js_name = openRow)]
    pub fn open_row(&self, form: &str, row: &str, mode: &str) {
        let store = self.store.get_untracked();
        let key = match serde_json::from_str(row) {
            Ok(Raw::Array(key)) => key,
            Ok(Raw::Null) | Err(_) => Vec::new(),
            Ok(value) => vec![value],
        };
        let opened = store.open_row(form, OpenRow { key, edit: mode != "view", said: None });
        if let Some(api) = store.api.get_value().filter(|_| !opened) {
            let error = ApiError::new(Code::NotFound);
            api.emit("inlay-error", &json!({ "code": error.code, "message": error.message }));
        }
    }

    /// JSON of what is chosen, the page that is open, and how many edits are not yet saved.
    #[wasm_bindgen(js_name = getState)]
    pub fn get_state(&self) -> String {
        let store = self.store.get_untracked();
        let waiting = store.outbox.state.with_untracked(|state| state.waiting);
        let page = store.view.with_value(|view| view.pages.get(store.page.get_untracked()).map(|page| page.id.clone()));
        let filters = store.controls.get_untracked();
        let filters: Choices = filters.into_iter().filter(|(_, values)| !values.is_empty()).collect();
        json!({ "filters": filters, "page": page, "unsaved": waiting }).to_string()
    }

    /// Takes the workbook off the page: charts, observers and the change stream end.
    pub fn close(&mut self) {
        self.close.take();
    }
}
