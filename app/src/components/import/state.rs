//! A file on its way into a table: sent, looked at, tried, loaded, taken back.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use model::{
    ApiError, Code, ElementKind, ElementView, ImportEvent, ImportFormat, ImportOutcome, ImportRequest, LookAnswer, LookRequest,
    Mapping, PART_BYTES, UndoRequest, UploadPart, UploadPlace,
};
use serde_json::json;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};
use words::Message;

use crate::api::{ForgetUpload, LookInto};
use crate::client::{Api, Flight, Loaded, Store, random_id};
use crate::components::files::save_blob;

/// How often what did not reach the server is sent again, a little later each time.
const TRIES: u32 = 5;

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Choose,
    Sending {
        percent: u64,
    },
    /// Where its columns go is seen and changed.
    Map,
    /// Tried or loaded.
    Running {
        lines: u64,
        percent: u64,
        trial: bool,
    },
    Tried(Box<ImportOutcome>),
    Loaded(Box<ImportOutcome>),
    TakenBack(Box<ImportOutcome>),
}

/// A handle, cheap to copy.
#[derive(Clone, Copy)]
pub struct Import {
    pub store: Store,
    pub element: StoredValue<ElementView>,
    table: StoredValue<String>,
    pub step: RwSignal<Step>,
    pub look: RwSignal<Option<LookAnswer>>,
    pub problem: RwSignal<Option<Message>>,
    pub name: RwSignal<String>,
    upload: StoredValue<String>,
    batch: StoredValue<String>,
    flight: StoredValue<Option<Flight>, LocalStorage>,
    /// Refused lines, as CSV, in pieces.
    refused: StoredValue<Vec<Blob>, LocalStorage>,
}

impl Import {
    /// `None` for an element that nothing can be loaded into.
    pub fn new(store: Store, element: ElementView) -> Option<Self> {
        let table = table_of(&element)?;
        Some(Self {
            store,
            element: StoredValue::new(element),
            table: StoredValue::new(table),
            step: RwSignal::new(Step::Choose),
            look: RwSignal::default(),
            problem: RwSignal::default(),
            name: RwSignal::default(),
            upload: StoredValue::default(),
            batch: StoredValue::default(),
            flight: StoredValue::new_local(None),
            refused: StoredValue::new_local(Vec::new()),
        })
    }

    pub fn say(self, message: Message) -> String {
        self.store.say(message)
    }

    fn workbook(self) -> String {
        self.store.view.with_value(|view| view.id.clone())
    }

    fn api(self) -> Result<Api, ApiError> {
        self.store.api.get_value().ok_or_else(|| ApiError::new(Code::Offline))
    }

    /// Goes on at `step` after something went wrong.
    fn fail(self, step: Step, error: &ApiError) {
        if self.step.try_set(step).is_none() {
            self.problem.set(Some(error.told()));
            self.store.announce(error.told());
        }
    }

    /// Sends a file, and looks at what is in it.
    pub fn take(self, file: File) {
        self.forget();
        let upload = random_id();
        self.upload.set_value(upload.clone());
        self.name.set(file.name());
        self.problem.set(None);
        self.look.set(None);
        self.step.set(Step::Sending { percent: 0 });
        spawn_local(async move {
            match self.send(&file, &upload).await {
                Ok(true) => self.ask(None).await,
                // Somebody has given it up.
                Ok(false) => {}
                Err(error) => self.fail(Step::Choose, &error),
            }
        });
    }

    async fn send(self, file: &File, upload: &str) -> Result<bool, ApiError> {
        let api = self.api()?;
        let (size, step) = (file.size(), PART_BYTES as f64);
        let mut part =
            UploadPart { workbook: self.workbook(), table: self.table.get_value(), upload: upload.to_owned(), part: 0 };
        let mut from = 0.0;
        loop {
            let lost = |_| ApiError::new(Code::Offline);
            let content = file.slice_with_f64_and_f64(from, (from + step).min(size)).map_err(lost)?;
            if size == 0.0 {
                return Err(ApiError::say(Code::UnreadableFile, words::import_empty()));
            }
            again(async || api.import_part(&part, &content).await).await?;
            from += step;
            part.part += 1;
            let still = self.upload.try_with_value(|now| now == upload).unwrap_or(false);
            if !still {
                return Ok(false);
            }
            if from >= size {
                return Ok(true);
            }
            self.step.set(Step::Sending { percent: (from / size * 100.0) as u64 });
        }
    }

    /// Looks at the file again, read in another way.
    pub fn read_as(self, format: ImportFormat) {
        spawn_local(async move { self.ask(Some(format)).await });
    }

    async fn ask(self, format: Option<ImportFormat>) {
        let look = LookRequest {
            workbook: self.workbook(),
            table: self.table.get_value(),
            upload: self.upload.get_value(),
            name: self.name.get_untracked(),
            locale: self.store.locale.with_value(|locale| locale.tag.clone()),
            format,
        };
        let call = LookInto { look };
        let answer = match self.api() {
            Ok(api) => again(async || api.call(&call).await).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => {
                let _ = self.problem.try_set(None);
                let _ = self.look.try_set(Some(answer));
                let _ = self.step.try_set(Step::Map);
            }
            Err(error) => self.fail(if call.look.format.is_some() { Step::Map } else { Step::Choose }, &error),
        }
    }

    /// Has another column of the table take the file's column.
    pub fn goes_to(self, place: usize, target: Option<String>) {
        self.look.update(|look| {
            let Some(Mapping { columns, .. }) = look.as_mut().map(|look| &mut look.mapping) else { return };
            // One column of the table takes one of the file's.
            columns.iter_mut().filter(|column| target.is_some() && **column == target).for_each(|column| *column = None);
            if let Some(column) = columns.get_mut(place) {
                *column = target;
            }
        });
    }

    pub fn match_by(self, column: Option<String>) {
        self.look.update(|look| {
            if let Some(look) = look {
                look.mapping.matched = column.into_iter().collect();
            }
        });
    }

    /// What is asked for; a load after its trial is told what that one saw.
    fn request(self, trial: bool) -> Option<ImportRequest> {
        let as_of = self.step.with_untracked(|step| if let Step::Tried(outcome) = step { Some(outcome.as_of) } else { None });
        let look = self.look.get_untracked()?;
        Some(ImportRequest {
            workbook: self.workbook(),
            table: self.table.get_value(),
            batch_id: self.batch.get_value(),
            upload: self.upload.get_value(),
            format: look.format,
            mapping: look.mapping,
            names: look.columns.into_iter().map(|column| column.name).collect(),
            language: self.store.locale.with_value(|locale| locale.tag.clone()),
            trial,
            as_of,
            reason: None,
        })
    }

    /// Finds out what would become of it.
    pub fn try_it(self) {
        self.batch.set_value(random_id());
        let Some(request) = self.request(true) else { return };
        self.run(json!({ "import": request }), true, |outcome| Step::Tried(Box::new(outcome)), Step::Map);
    }

    pub fn load(self) {
        let Some(request) = self.request(false) else { return };
        let before = self.step.get_untracked();
        self.run(json!({ "import": request }), false, |outcome| Step::Loaded(Box::new(outcome)), before);
    }

    /// How many lines were last loaded here.
    pub fn loaded_before(self) -> Option<u64> {
        let id = self.element.with_value(|element| element.id.clone());
        self.store.loads.with_untracked(|loads| loads.get(&id).map(|loaded| loaded.lines))
    }

    pub fn take_back(self) {
        let (workbook, table) = (self.workbook(), self.table.get_value());
        let id = self.element.with_value(|element| element.id.clone());
        let loaded = self.store.loads.with_untracked(|loads| loads.get(&id).cloned());
        let Some(Loaded { batch_id: undone, .. }) = loaded else { return };
        let request = UndoRequest { workbook, table, batch_id: format!("undo-{undone}"), undone };
        let before = self.step.get_untracked();
        self.run(json!({ "undo": request }), false, |outcome| Step::TakenBack(Box::new(outcome)), before);
    }

    /// Asks, and follows what is told of it; `otherwise` is where it goes on if it goes wrong.
    fn run(self, body: serde_json::Value, trial: bool, done: fn(ImportOutcome) -> Step, otherwise: Step) {
        self.problem.set(None);
        self.refused.set_value(Vec::new());
        self.step.set(Step::Running { lines: 0, percent: 0, trial });
        let flight = Flight::default();
        let signal = flight.signal();
        self.flight.set_value(Some(flight));
        spawn_local(async move {
            // What has been loaded is not loaded twice: the same batch is told again.
            let outcome = again(async || self.follow(&body, trial, signal.as_ref()).await).await;
            if signal.as_ref().is_some_and(web_sys::AbortSignal::aborted) {
                return;
            }
            match outcome {
                Ok(outcome) => self.finish(outcome, done),
                Err(error) => self.fail(otherwise, &error),
            }
        });
    }

    async fn follow(
        self,
        body: &serde_json::Value,
        trial: bool,
        signal: Option<&web_sys::AbortSignal>,
    ) -> Result<ImportOutcome, ApiError> {
        let gone = || ApiError::new(Code::Offline);
        if signal.is_some_and(web_sys::AbortSignal::aborted) {
            return Err(ApiError::new(Code::BadRequest));
        }
        let mut lines = self.api()?.import(body, signal).await?;
        let _ = self.refused.try_update_value(Vec::clear);
        while let Some(line) = lines.next().await {
            match serde_json::from_str(&line).map_err(|_| gone())? {
                ImportEvent::Progress { lines, bytes, of } => {
                    let percent = (bytes * 100).checked_div(of).unwrap_or(0).min(100);
                    let _ = self.step.try_set(Step::Running { lines, percent, trial });
                }
                ImportEvent::Refused { csv } => {
                    let blob = Blob::new_with_str_sequence(&js_sys::Array::of1(&csv.into()));
                    let _ = self.refused.try_update_value(|refused| refused.extend(blob.ok()));
                }
                ImportEvent::Done { outcome } => return Ok(*outcome),
                ImportEvent::Failed { error } => return Err(*error),
            }
        }
        Err(gone())
    }

    fn finish(self, outcome: ImportOutcome, done: fn(ImportOutcome) -> Step) {
        let table = self.table.try_get_value().unwrap_or_default();
        let step = done(outcome.clone());
        let id = self.element.try_with_value(|element| element.id.clone()).unwrap_or_default();
        let said = match &step {
            Step::Tried(outcome) => words::import_tried(outcome.inserted + outcome.updated, outcome.refused),
            Step::TakenBack(outcome) => words::import_taken_back(outcome.deleted + outcome.updated),
            _ => words::import_loaded(outcome.inserted + outcome.updated),
        };
        self.store.announce(said);
        if !outcome.trial && outcome.changes_anything() {
            self.store.changed(&table, outcome.as_of);
        }
        match &step {
            Step::Loaded(outcome) => {
                let loaded = Loaded { batch_id: outcome.batch_id.clone(), lines: outcome.inserted + outcome.updated };
                self.store.loads.update(|loads| drop(loads.insert(id, loaded)));
                self.forget();
            }
            Step::TakenBack(_) => self.store.loads.update(|loads| drop(loads.remove(&id))),
            _ => {}
        }
        let _ = self.step.try_set(step);
    }

    /// Gives up what is under way; the server keeps nothing of it.
    pub fn stop(self) {
        self.flight.set_value(None);
        self.problem.set(Some(words::import_stopped()));
        self.store.announce(words::import_stopped());
        self.step.set(if self.look.with_untracked(Option::is_some) { Step::Map } else { Step::Choose });
    }

    pub fn back(self) {
        self.problem.set(None);
        self.step.set(Step::Map);
    }

    pub fn has_refused(self) -> bool {
        self.refused.with_value(|refused| !refused.is_empty())
    }

    pub fn save_refused(self) {
        let parts = js_sys::Array::new();
        // Excel takes a file of UTF-8 for one only if it begins with a mark.
        parts.push(&"\u{feff}".into());
        self.refused.with_value(|refused| refused.iter().for_each(|blob| _ = parts.push(blob)));
        let name = self.name.get_untracked();
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let name = format!("{stem} - {}.csv", self.say(words::import_refused_name()));
        let saved = Blob::new_with_blob_sequence(&parts).ok().and_then(|blob| save_blob(&blob, &name));
        if saved.is_none() {
            self.store.tell_problem(words::file_not_saved());
        }
    }

    /// Leaves it: what is under way is given up, what was sent is forgotten.
    pub fn close(self) {
        self.flight.set_value(None);
        self.forget();
        self.store.importing.set(None);
    }

    fn forget(self) {
        let upload = self.upload.try_update_value(std::mem::take).unwrap_or_default();
        if let (false, Ok(api)) = (upload.is_empty(), self.api()) {
            let upload = UploadPlace { workbook: self.workbook(), table: self.table.get_value(), upload };
            // If this does not arrive, the server forgets it by itself.
            spawn_local(async move { drop(api.call(&ForgetUpload { upload }).await) });
        }
    }
}

/// Asks again, a little later each time, where the server was not reached or has no time.
async fn again<T>(ask: impl AsyncFn() -> Result<T, ApiError>) -> Result<T, ApiError> {
    let mut tries = 0;
    loop {
        match ask().await {
            Err(error) if tries < TRIES && matches!(error.code, Code::Offline | Code::WarehouseBusy | Code::Unsure) => {
                sleep(Duration::from_millis(500 << tries)).await;
                tries += 1;
            }
            done => return done,
        }
    }
}

/// The table that files can be loaded into by way of an element.
pub fn table_of(element: &ElementView) -> Option<String> {
    match &element.kind {
        ElementKind::InputTable(input) if input.columns.iter().any(|column| column.editable) => Some(input.table.clone()),
        _ => None,
    }
}

/// The first file of those that were dropped or chosen.
pub fn first(files: Option<web_sys::FileList>) -> Option<File> {
    files.and_then(|files| files.get(0)).and_then(|file| file.dyn_into().ok())
}
