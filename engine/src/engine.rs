//! The door to data: every call takes the principal first, and there is no second path.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, Utc};
use futures::future::{try_join, try_join_all};
use model::{
    AccessMode, AnswerColumn, ApiError, Batch, BatchOutcome, BatchStatus, CellOutcome, Code, ColumnSummary, ColumnType, EditMode,
    Extent, FactsAnswer, FactsRequest, Group, HistoryAnswer, HistoryRequest, Inspection, LookupAnswer, LookupOption,
    LookupRequest, MOST_LISTED, Operation, Place, Principal, QueryAnswer, QueryRequest, RowMeta, RowOutcome, Total, Value,
    ValueCount, WorkbookView,
};
use tokio::sync::broadcast;
use words::Message;

use crate::audit;
use crate::catalog::{
    Access, Catalog, CatalogStore, Dataset, Element, Input, Join, Kind, Mistake, Picture, SystemColumn, Workbook, form_for,
    view_for,
};
use crate::changes::Heard;
use crate::comments::Talked;
use crate::definition::{self, Outstanding};
use crate::error::EngineError;
use crate::expr::{Binding, Expr, render};
use crate::files::FileStore;
use crate::flight::Flights;
use crate::inspect::noting;
use crate::presence::Typists;
use crate::query::{
    Output, Plan, Shape, compile, compile_duplicates, compile_find, compile_places, compile_reduced, compile_summary,
    compile_totals, distance, nested, plan, plan_facts, plan_lookup,
};
use crate::sql::Sql;
use crate::warehouse::{Caller, Rows, Warehouse};
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
    access: RwLock<HashMap<(String, String), Arc<Access>>>,
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
    flights: Flights,
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
const REMEMBERED: usize = 10_000;

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

    /// What an element shows to this person.
    ///
    /// Rows x columns of the window asked for; `total` is counted for tables only, else it is the number of rows.
    ///
    /// # Errors
    /// `AC004`, `QY001`, `QY002`, `QY003`, `QY005`, or the warehouse's.
    pub async fn query(
        &self,
        principal: &Principal,
        request: &QueryRequest,
        request_id: &str,
    ) -> Result<QueryAnswer, EngineError> {
        self.query_within(principal, request, request_id, Duration::MAX).await
    }

    /// The same, uncounted if counting takes longer than `patience`.
    ///
    /// # Errors
    /// As [`Engine::query`].
    pub async fn query_within(
        &self,
        principal: &Principal,
        request: &QueryRequest,
        request_id: &str,
        patience: Duration,
    ) -> Result<QueryAnswer, EngineError> {
        if !principal.inspects {
            return self.answer_within(principal, request, request_id, patience).await;
        }
        let begun = Instant::now();
        let (answer, statements) = noting(self.answer_within(principal, request, request_id, patience)).await;
        let server_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(QueryAnswer { inspection: Some(Inspection { statements, server_us }), ..answer? })
    }

    async fn answer_within(
        &self,
        principal: &Principal,
        request: &QueryRequest,
        request_id: &str,
        patience: Duration,
    ) -> Result<QueryAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.element, request_id };
        let access = self.access(&caller, &workbook).await?;
        let element = workbook.element(&request.element).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let mut plan = plan(&workbook, element, request, &access, self.binding(principal))?;
        let of_rows = request.under.is_some() || matches!(element.kind, Kind::Table { .. } | Kind::InputTable { .. });
        if request.values.is_some() && of_rows {
            return Ok(QueryAnswer {
                values: self.rows(&caller, &plan).await?.iter().map(|row| value_count(row)).collect(),
                ..QueryAnswer::default()
            });
        }
        if let Some(search) = &plan.find {
            let found = self.number(&caller, compile_find(&plan, search)).await?;
            return Ok(QueryAnswer { found, ..QueryAnswer::default() });
        }
        if !plan.summary.is_empty() {
            return Ok(QueryAnswer { summary: self.summary(&caller, &plan).await?, ..QueryAnswer::default() });
        }
        // One more than is given tells whether there are more.
        let most = plan.window.limit;
        plan.window.limit += u64::from(plan.shape != Shape::Rows);
        let counted = async {
            if plan.shape != Shape::Rows || request.uncounted && !request.places {
                return Ok(Counted::default());
            }
            let counting = self.counted(&caller, &plan);
            tokio::time::timeout(patience, counting).await.unwrap_or_else(|_| Ok(Counted::default()))
        };
        let (mut rows, Counted { total, totals, groups, extents }) = try_join(self.rows(&caller, &plan), counted).await?;
        let mut more = plan.shape != Shape::Rows && rows.len() as u64 > most;
        let mut drawn_from = None;
        if let Some(sql) = compile_reduced(&plan).filter(|_| more) {
            (rows, drawn_from) = self.reduced(&caller, &plan, sql).await?;
            more = rows.len() as u64 > most;
        }
        rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let total = if plan.shape == Shape::Rows { total } else { Some(rows.len() as u64) };
        let sorted = !plan.sort.is_empty();
        let places = match total.and_then(distance).filter(|_| request.places && sorted) {
            Some(every) => Some(self.places(&caller, &plan, every).await?),
            None => None,
        };
        let meta = self.meta(&caller, &plan, &rows).await?;
        Ok(QueryAnswer { total, more, drawn_from, totals, groups, extents, places, meta, ..answer(&plan, &rows) })
    }

    async fn number(&self, caller: &Caller<'_>, sql: Sql) -> Result<Option<u64>, EngineError> {
        let rows = self.read(caller, sql, vec![ColumnType::Integer]).await?;
        Ok(rows.first().and_then(|row| counted(&row[0])))
    }

    /// What the columns asked for come to over the plan's window.
    async fn summary(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Vec<ColumnSummary>, EngineError> {
        let types: Vec<ColumnType> = plan.summary.iter().flat_map(|(_, exprs)| exprs).map(|expr| expr.ty.clone()).collect();
        let rows = self.read(caller, compile_summary(plan), types).await?;
        let mut values = rows.into_iter().next().unwrap_or_default().into_iter();
        let column = |(column, exprs): &(String, Vec<Expr>)| {
            let mut found: Vec<Value> = values.by_ref().take(exprs.len()).collect();
            found.resize(4, Value::Null);
            let count = counted(&found[0]).unwrap_or(0);
            let [sum, min, max] = [&found[1], &found[2], &found[3]].map(Value::to_wire);
            ColumnSummary { column: column.clone(), count, sum, min, max }
        };
        Ok(plan.summary.iter().map(column).collect())
    }

    /// Rows of a table at even distances.
    async fn places(&self, caller: &Caller<'_>, plan: &Plan<'_>, every: u64) -> Result<Vec<Place>, EngineError> {
        let mut types: Vec<ColumnType> = plan.sort.iter().map(|sort| sort.expr.ty.clone()).collect();
        types.push(ColumnType::Integer);
        let rows = self.read(caller, compile_places(plan, every), types).await?;
        let place = |mut row: Vec<Value>| {
            let before = row.pop();
            let row_number = before.as_ref().and_then(counted).unwrap_or(0);
            Place { row: row_number, from: row.iter().map(Value::to_wire).collect() }
        };
        Ok(rows.into_iter().map(place).collect())
    }

    pub(crate) async fn rows(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Vec<Vec<Value>>, EngineError> {
        let types: Vec<ColumnType> = plan.outputs.iter().map(|output| output.expr.ty.clone()).collect();
        self.read(caller, compile(plan), types).await
    }

    /// The marks that a line of very many is drawn from, and how many there are.
    async fn reduced(&self, caller: &Caller<'_>, plan: &Plan<'_>, sql: Sql) -> Result<(Rows, Option<u64>), EngineError> {
        let types = plan.outputs.iter().map(|output| output.expr.ty.clone()).chain([ColumnType::Integer]).collect();
        let mut rows = self.read(caller, sql, types).await?;
        let mut all = None;
        for row in &mut rows {
            all = row.pop();
        }
        Ok((rows, all.as_ref().and_then(counted)))
    }

    /// One statement of an element's; whoever asks the same meanwhile gets the same answer.
    async fn read(&self, caller: &Caller<'_>, sql: Sql, types: Vec<ColumnType>) -> Result<Rows, EngineError> {
        self.flights.read(&self.warehouse, caller, sql, types, self.heard.load(Ordering::SeqCst)).await
    }

    /// How many questions were answered by the read of another.
    #[must_use]
    pub fn joined(&self) -> u64 {
        self.flights.joined()
    }

    /// What the rows of an input table carry beside their cells.
    async fn meta(&self, caller: &Caller<'_>, plan: &Plan<'_>, rows: &[Vec<Value>]) -> Result<Vec<RowMeta>, EngineError> {
        let Dataset::Input(input) = plan.relation.dataset else {
            return Ok(Vec::new());
        };
        if plan.shape != Shape::Rows {
            return Ok(Vec::new());
        }
        let place = |name: &str| plan.outputs.iter().position(|output| output.name == name);
        let places: Vec<usize> = input.key.iter().filter_map(|(name, _)| place(name)).collect();
        let keys: Vec<Vec<Value>> = rows.iter().map(|row| places.iter().map(|i| row[*i].clone()).collect()).collect();
        let (read_only, threads) =
            try_join(self.read_only(caller, plan, input, &keys), self.threads(caller, input, &keys)).await?;
        let version = place(SystemColumn::Version.name());
        let version_of = |row: &[Value]| version.and_then(|i| if let Value::Integer(n) = row[i] { Some(n) } else { None });
        let meta = |((row, reason), threads): ((&Vec<Value>, Option<Message>), u64)| RowMeta {
            version: version_of(row).unwrap_or(0),
            read_only: reason.as_ref().map(Message::to_string),
            said: reason,
            threads,
        };
        Ok(rows.iter().zip(read_only).zip(threads).map(meta).collect())
    }

    /// Why nobody can type into rows of these keys.
    async fn read_only(
        &self,
        caller: &Caller<'_>,
        plan: &Plan<'_>,
        input: &Input,
        keys: &[Vec<Value>],
    ) -> Result<Vec<Option<Message>>, EngineError> {
        let incomplete = |key: &Vec<Value>| key.iter().any(Value::is_null);
        let complete: Vec<Vec<Value>> = keys.iter().filter(|key| !incomplete(key)).cloned().collect();
        let mut twice = Vec::new();
        if let Some(source) = input.source().filter(|source| !source.unique && !complete.is_empty()) {
            let types: Vec<ColumnType> = input.key.iter().map(|(_, ty)| ty.clone()).collect();
            twice = self.read(caller, compile_duplicates(plan, source, &complete), types).await?;
        }
        let reason = |key: &Vec<Value>| match () {
            () if incomplete(key) => Some(words::row_key_incomplete()),
            () if twice.contains(key) => Some(words::row_key_not_unique()),
            () => None,
        };
        Ok(keys.iter().map(reason).collect())
    }

    /// What a person may choose in a column that looks its values up in another source.
    ///
    /// # Errors
    /// `AC004` for a table, `QY001` for a column that the person may not know, or that looks nothing up.
    pub async fn lookup(
        &self,
        principal: &Principal,
        request: &LookupRequest,
        request_id: &str,
    ) -> Result<LookupAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.table, request_id };
        let access = self.access(&caller, &workbook).await?;
        let input = workbook.input(&request.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let plan = plan_lookup(input, request, &access, self.binding(principal))?;
        let mut rows = self.rows(&caller, &plan).await?;
        let more = rows.len() > MOST_LISTED;
        rows.truncate(MOST_LISTED);
        let option = |row: Vec<Value>| LookupOption {
            value: row.first().map_or(model::Raw::Null, Value::to_wire),
            label: row.get(1).map(Value::to_wire),
        };
        Ok(LookupAnswer { options: rows.into_iter().map(option).collect(), more })
    }

    /// What a form shows of the row that a value is looked up in; nothing where several rows would say different things.
    ///
    /// # Errors
    /// `AC004` for a form or a table of it that the person may not know, `QY001` for a field without facts.
    pub async fn facts(
        &self,
        principal: &Principal,
        request: &FactsRequest,
        request_id: &str,
    ) -> Result<FactsAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.form, request_id };
        let access = self.access(&caller, &workbook).await?;
        let (table, _, sections) =
            form_for(&workbook, principal, &access, &request.form).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let fields = sections.iter().flat_map(|section| section.fields_of(table, &request.table));
        let field = fields.into_iter().find(|field| field.column.name == request.column && !field.facts.is_empty());
        let facts = field.ok_or_else(|| EngineError::refused(Code::UnknownColumn))?.facts.iter().map(|fact| fact.name.clone());
        let facts: Vec<String> = facts.collect();
        let input = workbook.input(&request.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let plan = plan_facts(input, request, &facts, &access, self.binding(principal))?;
        let mut rows = self.rows(&caller, &plan).await?;
        let only = if rows.len() == 1 { rows.pop() } else { None };
        Ok(FactsAnswer { facts: only.map(|row| row.iter().map(Value::to_wire).collect()) })
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

    /// What is told of all rows of a table.
    async fn counted(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Counted, EngineError> {
        let levels = (0..plan.levels).map(|level| async move { self.rows(caller, &plan.groups(level)).await });
        let (counted, levels) = try_join(self.totals(caller, plan), try_join_all(levels)).await?;
        Ok(Counted { groups: nested(levels)?, ..counted })
    }

    /// How many rows of a table there are, and the plan's totals and extents over them.
    async fn totals(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Counted, EngineError> {
        let mut types = vec![ColumnType::Integer];
        types.extend(plan.totals.iter().map(|total| total.expr.ty.clone()));
        types.extend(plan.extents.iter().flat_map(|(_, ends)| ends).map(|end| end.ty.clone()));
        let rows = self.read(caller, compile_totals(plan), types).await?;
        let mut values = rows.into_iter().next().unwrap_or_default().into_iter();
        let total = values.next().as_ref().and_then(counted);
        let mut next = || values.next().as_ref().map_or(model::Raw::Null, Value::to_wire);
        let one = |total: &Output| Total {
            column: total.name.clone(),
            label: total.label.clone(),
            ty: total.expr.ty.clone(),
            format: total.format,
            value: next(),
        };
        let totals = plan.totals.iter().map(one).collect();
        let extent = |(column, _): &(String, [Expr; 2])| Extent { column: column.clone(), min: next(), max: next() };
        let extents = plan.extents.iter().map(extent).collect();
        Ok(Counted { total, totals, groups: Vec::new(), extents })
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

    /// A person's rights. Whoever comes to a table at all comes by here, so this is where tables begin.
    pub(crate) async fn access(&self, caller: &Caller<'_>, workbook: &Workbook) -> Result<Arc<Access>, EngineError> {
        self.begin_tables(caller, workbook).await?;
        self.rights(caller, workbook).await
    }

    /// Asks the warehouse every person-only condition of the workbook in one SELECT, once per person and definition.
    pub(crate) async fn rights(&self, caller: &Caller<'_>, workbook: &Workbook) -> Result<Arc<Access>, EngineError> {
        let person = serde_json::to_string(caller.principal).map_err(|_| EngineError::refused(Code::Internal))?;
        let key = (format!("{}:{}", workbook.id, workbook.revision), person);
        if let Some(known) = self.access.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let conditions = conditions(workbook);
        let answers = self.decide(caller, &conditions).await?;
        let mut access = Access::default();
        for (condition, admitted) in conditions.into_iter().zip(answers) {
            if !admitted {
                let set = if condition.hides { &mut access.hidden } else { &mut access.locked };
                set.insert((condition.dataset, condition.column));
            }
        }
        hide_dependents(workbook, &mut access);
        let access = Arc::new(access);
        let mut remembered = self.access.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, access.clone());
        Ok(access)
    }

    async fn decide(&self, caller: &Caller<'_>, conditions: &[Condition<'_>]) -> Result<Vec<bool>, EngineError> {
        if conditions.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("select ");
        sql.join(", ", conditions.iter().map(|c| render(c.expr, self.binding(caller.principal))));
        let types = vec![ColumnType::Boolean; conditions.len()];
        let rows = self.warehouse.read(Some(caller), &sql, &types).await?;
        Ok(rows.into_iter().next().unwrap_or_default().into_iter().map(|value| value == Value::Boolean(true)).collect())
    }
}

/// What is told of all rows of a table.
#[derive(Default)]
struct Counted {
    total: Option<u64>,
    totals: Vec<Total>,
    groups: Vec<Group>,
    extents: Vec<Extent>,
}

/// A condition about a person: whether a column exists for him, or may be typed into.
struct Condition<'a> {
    expr: &'a Expr,
    dataset: String,
    column: String,
    hides: bool,
}

fn conditions(workbook: &Workbook) -> Vec<Condition<'_>> {
    let mut found = Vec::new();
    for (name, dataset) in workbook.datasets() {
        for column in dataset.readable() {
            if let Some(expr) = &column.hide_unless {
                found.push(Condition { expr, dataset: name.to_owned(), column: column.name.clone(), hides: true });
            }
        }
    }
    for input in &workbook.inputs {
        for column in &input.columns {
            if let Some(expr) = &column.edit {
                found.push(Condition { expr, dataset: input.name.clone(), column: column.column.name.clone(), hides: false });
            }
        }
    }
    found
}

/// A computed column that reads a hidden one is hidden too, and so is a joined one that is equal to it: they would tell.
fn hide_dependents(workbook: &Workbook, access: &mut Access) {
    for (name, dataset) in workbook.datasets() {
        for (joined, own) in dataset.joins().iter().flat_map(Join::equal_columns) {
            if access.hides(name, own) {
                access.hidden.insert((name.to_owned(), joined.to_owned()));
            }
        }
    }
    for input in &workbook.inputs {
        for computed in &input.computed {
            if computed.expr.columns().iter().any(|column| access.hides(&input.name, column)) {
                access.hidden.insert((input.name.clone(), computed.column.name.clone()));
            }
        }
    }
}

/// A number of rows, as a warehouse tells it.
fn counted(value: &Value) -> Option<u64> {
    if let Value::Integer(n) = value { Some(n.unsigned_abs()) } else { None }
}

fn value_count(row: &[Value]) -> ValueCount {
    let count = row.get(1).and_then(counted).unwrap_or(0);
    ValueCount { value: row.first().map_or(model::Raw::Null, Value::to_wire), count }
}

pub(crate) fn answer(plan: &Plan<'_>, rows: &[Vec<Value>]) -> QueryAnswer {
    let column = |output: &Output| AnswerColumn {
        name: output.name.clone(),
        label: output.label.clone(),
        ty: output.expr.ty.clone(),
        format: output.format,
    };
    let columns = plan.outputs.iter().map(column).collect();
    let rows = rows.iter().map(|row| row.iter().map(Value::to_wire).collect()).collect();
    QueryAnswer { columns, rows, offset: plan.window.offset, ..QueryAnswer::default() }
}
