//! The door to data: every call takes the principal first, and there is no second path.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{NaiveDateTime, Utc};
use model::{
    AccessMode, ApiError, Batch, BatchOutcome, BatchStatus, CellOutcome, Code, EditMode, HistoryAnswer, HistoryRequest,
    Operation, Principal, RowOutcome, WorkbookView,
};
use tokio::sync::broadcast;

use crate::audit;
use crate::catalog::{Access, Catalog, CatalogStore, Element, Kind, Mistake, Picture, Workbook, view_for};
use crate::changes::Heard;
use crate::comments::Talked;
use crate::definition::{self, Outstanding};
use crate::error::EngineError;
use crate::expr::Binding;
use crate::files::FileStore;
use crate::flight::Flights;
use crate::presence::Typists;
use crate::warehouse::{Caller, Warehouse};
use crate::writeback::{self, BatchContext, Endpoints};

/// Workbooks over one warehouse.
#[derive(Debug)]
pub struct Engine {
    pub(crate) warehouse: Arc<dyn Warehouse>,
    pub(crate) catalog: RwLock<Arc<Catalog>>,
    pub(crate) changes: broadcast::Sender<Heard>,
    /// How many have been sent, and which engine counts.
    pub(crate) heard: AtomicU64,
    pub(crate) id: u64,
    pub(crate) access: RwLock<HashMap<(String, String), Arc<Access>>>,
    /// What was said last of each input table, by workbook and name: it only grows.
    pub(crate) versions: Mutex<HashMap<(String, String), i64>>,
    /// Tables that somebody has commented on, and such that nobody has, by workbook and name.
    pub(crate) talked_about: Mutex<HashMap<(String, String), Talked>>,
    /// Tables that have the rows that they begin with: tenant, workbook and name.
    pub(crate) begun: Mutex<HashSet<(String, String, String)>>,
    pub(crate) typists: Typists,
    /// Where forms may write to beside the warehouse.
    pub(crate) endpoints: RwLock<Option<Arc<dyn Endpoints>>>,
    /// Where files are kept, if not in the warehouse.
    pub(crate) files: RwLock<Option<Arc<dyn FileStore>>>,
    /// Bytes of files that a person may have waiting; 0 for what is usual.
    pub(crate) most_upload: AtomicU64,
    pub(crate) flights: Flights,
    pub(crate) now: fn() -> NaiveDateTime,
}

/// A form of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormName {
    pub workbook: String,
    pub id: String,
    pub title: String,
}

/// People whose rights are remembered; past that, all are asked again.
pub(crate) const REMEMBERED: usize = 10_000;

impl Engine {
    /// Loads the catalog and makes the tables that it needs.
    ///
    /// # Errors
    /// Every mistake of the workbook files, or what the warehouse said while making their tables.
    pub async fn open(warehouse: Arc<dyn Warehouse>, store: &dyn CatalogStore) -> Result<Arc<Self>, Vec<Mistake>> {
        let engine = Arc::new(Self {
            warehouse,
            catalog: RwLock::default(),
            changes: broadcast::channel(1_024).0,
            heard: AtomicU64::new(0),
            id: Utc::now().timestamp_nanos_opt().unwrap_or_default().unsigned_abs(),
            access: RwLock::default(),
            versions: Mutex::default(),
            talked_about: Mutex::default(),
            begun: Mutex::default(),
            typists: Typists::default(),
            endpoints: RwLock::default(),
            files: RwLock::default(),
            most_upload: AtomicU64::new(0),
            flights: Flights::default(),
            now: || Utc::now().naive_utc(),
        });
        engine.reload(store).await?;
        engine.hear();
        engine.refresh();
        Ok(engine)
    }

    /// Replaces the catalog by the store's, unless that has a mistake.
    ///
    /// # Errors
    /// Every mistake; what was served before is still served.
    pub async fn reload(&self, store: &dyn CatalogStore) -> Result<(), Vec<Mistake>> {
        let catalog = Catalog::load(store, self.warehouse.as_ref()).await?;
        let mut mistakes = Vec::new();
        for change in definition::outstanding(self.warehouse.as_ref(), &catalog).await? {
            mistakes.extend(
                self.follow(&change).await.err().map(|error| Mistake::of_table(change.workbook, &change.of.name, &error)),
            );
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
        self.send(Heard::Reloaded);
        Ok(())
    }

    /// Makes what a server may make by itself.
    async fn follow(&self, changed: &Outstanding<'_>) -> Result<(), String> {
        let needed = changed.changes.iter().find(|change| change.is_needed());
        if self.warehouse.may_define() && changed.changes.iter().all(definition::Change::is_plain) {
            let made = self.warehouse.define(changed.workbook, changed.of, &changed.changes, "server").await;
            return made.map_err(|error| error.to_string());
        }
        // A view or a hidden column can wait.
        needed.map_or(Ok(()), |change| {
            Err(format!("its definition has changed: {change}; `inlay plan` shows it and `inlay apply` does it"))
        })
    }

    /// What is served now.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A picture of a workbook, by the name that its view gives.
    #[must_use]
    pub fn picture(&self, name: &str) -> Option<Picture> {
        self.catalog().picture(name).cloned()
    }

    /// The ids of the workbooks that are served.
    #[must_use]
    pub fn workbooks(&self) -> Vec<String> {
        self.catalog().workbooks.keys().cloned().collect()
    }

    /// The forms of all workbooks that are served, whoever may see them.
    #[must_use]
    pub fn forms(&self) -> Vec<FormName> {
        let catalog = self.catalog();
        let named = |workbook: &Arc<Workbook>| {
            let forms = workbook.elements().filter(|element| matches!(element.kind, Kind::Form(_)));
            let name = |element: &Element| FormName {
                workbook: workbook.id.clone(),
                id: element.id.clone(),
                title: element.title.clone(),
            };
            forms.map(name).collect::<Vec<_>>()
        };
        catalog.workbooks.values().flat_map(named).collect()
    }

    /// The revision of a workbook's definition, if this person may open it.
    #[must_use]
    pub fn revision(&self, principal: &Principal, workbook: &str) -> Option<String> {
        self.find(principal, workbook).ok().map(|workbook| workbook.revision.clone())
    }

    #[must_use]
    pub fn warehouse(&self) -> &Arc<dyn Warehouse> {
        &self.warehouse
    }

    /// A workbook as this person may see it.
    ///
    /// # Errors
    /// `AC004` if it does not exist or he may not open it.
    pub async fn view(&self, principal: &Principal, workbook: &str, request_id: &str) -> Result<WorkbookView, EngineError> {
        let workbook = self.find(principal, workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: "", request_id };
        let access = self.access(&caller, &workbook).await?;
        Ok(view_for(&workbook, principal, &access, &self.defaults(&caller, &workbook).await?))
    }

    /// What happened to one row of an input table, newest first.
    ///
    /// # Errors
    /// `AC004` for a table that the person may not know, `WB008` for a row that is not there or hidden, `QY001`.
    pub async fn history(
        &self,
        principal: &Principal,
        request: &HistoryRequest,
        request_id: &str,
    ) -> Result<HistoryAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.table, request_id };
        let access = self.access(&caller, &workbook).await?;
        let input = workbook.input(&request.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let key = self.seen(&caller, input, &request.key).await?;
        let sql =
            audit::compile(&workbook, input, &writeback::row_key(&key)?, request, principal, &access, self.warehouse.dialect())?;
        Ok(audit::answer(input, self.warehouse.read(Some(&caller), &sql, &audit::TYPES).await?, audit::limit(request)))
    }

    /// Applies a batch of edits, exactly once, and tells whoever looks; a trial only finds out what would become of it.
    ///
    /// # Errors
    /// A refused batch is an error that carries the outcome; its code is the first that applies of 404, 403, 422, 409.
    pub async fn apply(&self, principal: &Principal, batch: &Batch, request_id: &str) -> Result<BatchOutcome, EngineError> {
        let workbook = self.find(principal, &batch.workbook)?;
        if principal.mode != AccessMode::Edit {
            return Err(EngineError::refused(Code::NotAllowed));
        }
        let caller = Caller { principal, workbook: &workbook.id, element: "", request_id };
        let access = self.access(&caller, &workbook).await?;
        let stored = self.stored(&caller, &workbook, &access, batch).await?;
        let (now, dialect) = ((self.now)(), self.warehouse.dialect());
        let files = self.attached(principal, &workbook, batch).await?;
        let (stored, files) = (stored.as_ref(), &files);
        let context = BatchContext { principal, access: &access, now, dialect, request_id, stored, files };
        let compiled = writeback::compile(&workbook, batch, context)?;
        if batch.mode != EditMode::Trial {
            self.claim(compiled.files()).await?;
        }
        let outcome = match compiled.endpoint() {
            // Tried first: the host is not told what would be refused here anyway.
            Some(_) => self.apply_through(&caller, compiled, writeback::compile(&workbook, batch, context)?).await?,
            None => self.warehouse.apply(compiled).await?,
        };
        if outcome.status == BatchStatus::Refused && (batch.mode == EditMode::AllOrNothing || outcome.replayed) {
            let code = outcome.worst().unwrap_or(Code::BadBatch);
            let cells = |row: &RowOutcome| row.cells.iter().find(|cell| cell.code == Some(code)).and_then(CellOutcome::told);
            let of_row = |row: &RowOutcome| row.told().filter(|_| row.code == Some(code)).or_else(|| cells(row));
            let message = outcome.rows.iter().find_map(of_row);
            let mut error = ApiError::say(code, message.unwrap_or_else(|| code.message()));
            error.outcome = Some(Box::new(outcome));
            return Err(EngineError::Refused(error));
        }
        if outcome.status == BatchStatus::Tried {
            return Ok(outcome);
        }
        for (table, version) in outcome.versions() {
            self.tell(&principal.tenant, &workbook.id, table, version);
        }
        if let Some(form) = &batch.form {
            let row = batch.edits.first().filter(|first| first.op == Operation::Set).map(|first| first.key.as_slice());
            self.filed(principal, &workbook.id, form, row.unwrap_or_default()).await;
        }
        Ok(outcome)
    }

    /// Seconds since the epoch.
    pub(crate) fn now_s(&self) -> i64 {
        (self.now)().and_utc().timestamp()
    }

    pub(crate) fn find(&self, principal: &Principal, workbook: &str) -> Result<Arc<Workbook>, EngineError> {
        let catalog = self.catalog();
        let allowed = principal.workbooks.iter().any(|id| id == workbook);
        let found = catalog.workbooks.get(workbook).filter(|_| allowed).cloned();
        if found.as_ref().is_some_and(|workbook| !workbook.takes_filters_of(principal)) {
            tracing::warn!(workbook, "a ticket sets a control that is not there, or to what it does not take");
            return Err(EngineError::refused(Code::NotFound));
        }
        found.ok_or_else(|| EngineError::refused(Code::NotFound))
    }

    pub(crate) fn binding<'a>(&self, principal: &'a Principal) -> Binding<'a> {
        Binding { principal, now: (self.now)(), alias: "q", dialect: self.warehouse.dialect(), dimensions: &[], natives: None }
    }
}
