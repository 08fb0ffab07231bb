//! Files that are read into input tables: kept (`upload`), looked at (`guess`), read (`read`), typed (`lines`) and loaded as one
//! batch by the way of every edit, or taken back (`undo`). Tables may begin with a file's rows, too (`first_rows`).

mod first_rows;
mod guess;
mod lines;
mod read;
mod undo;
mod upload;

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::ControlFlow;
use std::sync::Arc;

use model::{
    AccessMode, ApiError, Code, ColumnType, FileColumn, ImportEvent, ImportFormat, ImportOutcome, ImportRequest, ImportTarget,
    Locale, LookAnswer, LookRequest, Mapping, Origin, PART_BYTES, Principal, SheetKind, Value, is_client_id,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::catalog::{Access, Input, InputKind, Policy, Workbook};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::files::of_sender;
use crate::warehouse::{Caller, LoadJob, WarehouseError};
use crate::writeback::{Finds, Load, Stamp, Tally};
use lines::{KeyColumn, Lines};
use read::{Content, Record};
use upload::PartsReader;

pub(crate) use first_rows::{FirstRows, MOST_FIRST_ROWS, first_rows};

/// Chunks that are read before the warehouse has taken them.
const AHEAD: usize = 1;
/// Samples of a column.
const SAMPLES: usize = 3;
/// Characters of a sample.
const MOST_SAMPLE: usize = 80;

/// A table that a person may load into.
pub(super) struct Into {
    workbook: Arc<Workbook>,
    access: Arc<Access>,
    table: String,
}

impl Into {
    fn input(&self) -> Result<&Input, EngineError> {
        self.workbook.input(&self.table).ok_or_else(|| EngineError::refused(Code::NotFound))
    }

    /// Columns whose values no two rows may have.
    fn unique(&self) -> Result<Vec<String>, EngineError> {
        let unique = self.input()?.columns.iter().filter(|column| column.constraints.unique);
        Ok(unique.map(|column| column.column.name.clone()).collect())
    }

    /// Columns that lines can write to, or find rows by.
    fn targets(&self) -> Result<Vec<ImportTarget>, EngineError> {
        let input = self.input()?;
        let is_key = |name: &str| !input.adds() && input.key.iter().any(|(key, _)| key == name);
        let target = |column: &&crate::catalog::Column| {
            let name = column.name.as_str();
            let typed = input.column(name).filter(|c| c.file.is_none() && !self.access.locks(&input.name, name) && !is_key(name));
            (is_key(name) || typed.is_some()) && !self.access.hides(&input.name, name)
        };
        let told = |column: &crate::catalog::Column| ImportTarget {
            name: column.name.clone(),
            label: column.label.clone(),
            ty: column.ty.clone(),
            required: input.column(&column.name).is_some_and(|c| c.constraints.required),
            writable: !is_key(&column.name),
            key: is_key(&column.name),
        };
        Ok(input.all_columns().into_iter().filter(target).map(told).collect())
    }
}

/// Where a person's columns went last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    /// Names in the file, and the table's column.
    columns: Vec<(String, Option<String>)>,
    matched: Vec<String>,
}

/// Where a file comes from.
#[derive(Debug)]
pub enum Source {
    /// It was sent in parts.
    Upload,
    /// It is on this machine.
    File(File),
}

impl Engine {
    pub(super) async fn may_import(
        &self,
        principal: &Principal,
        workbook: &str,
        table: &str,
        request_id: &str,
    ) -> Result<Into, EngineError> {
        let workbook = self.find(principal, workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: table, request_id };
        let access = self.access(&caller, &workbook).await?;
        let input = workbook.input(table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        if principal.mode != AccessMode::Edit || input.write == Policy::Denied {
            return Err(EngineError::refused(Code::NotAllowed));
        }
        if input.forms_only {
            return Err(ApiError::say(Code::NotAllowed, words::forms_only()).into());
        }
        Ok(Into { workbook: workbook.clone(), access, table: table.to_owned() })
    }

    /// What is in a file that a person has sent, how it can be read, and where its columns could go.
    ///
    /// # Errors
    /// As [`Engine::keep_part`], `IM002`, and `IM001` for a file that is no table.
    pub async fn look_into(
        self: &Arc<Self>,
        principal: &Principal,
        request: &LookRequest,
        request_id: &str,
    ) -> Result<LookAnswer, EngineError> {
        let into = self.may_import(principal, &request.workbook, &request.table, request_id).await?;
        let parts = self.parts(principal, (&request.workbook, &request.table, &request.upload)).await?;
        let head = self.part(&parts.id, 0).await?;
        let whole = parts.parts == 1;
        let targets = into.targets()?;
        let remembered = self.remembered(principal, &request.workbook, &request.table).await?;
        let unique = into.unique()?;
        let reader = PartsReader::new(self.clone(), Handle::current(), parts);
        let (locale, format) = (request.locale.clone(), request.format.clone());
        let looked = move || look(Content::new(reader), &head, whole, format, &locale, (targets, &unique, remembered));
        let looked = tokio::task::spawn_blocking(looked).await;
        Ok(looked.map_err(|error| WarehouseError::Failed(error.to_string()))??)
    }

    /// The same for a file on this machine.
    ///
    /// # Errors
    /// As [`Engine::look_into`].
    pub async fn look_into_file(
        &self,
        principal: &Principal,
        request: &LookRequest,
        mut file: File,
    ) -> Result<LookAnswer, EngineError> {
        let into = self.may_import(principal, &request.workbook, &request.table, "").await?;
        let (targets, locale, format) = (into.targets()?, request.locale.clone(), request.format.clone());
        let unique = into.unique()?;
        let looked = move || {
            use std::io::{Read, Seek};
            let broken = |error: std::io::Error| ApiError::say(Code::UnreadableFile, words::import_unreadable(error.to_string()));
            let mut head = Vec::new();
            file.by_ref().take(PART_BYTES as u64).read_to_end(&mut head).map_err(broken)?;
            let whole = head.len() < PART_BYTES;
            file.rewind().map_err(broken)?;
            look(Content::new(file), &head, whole, format, &locale, (targets, &unique, None))
        };
        let looked = tokio::task::spawn_blocking(looked).await;
        Ok(looked.map_err(|error| WarehouseError::Failed(error.to_string()))??)
    }

    /// Loads a file into a table as one batch, exactly once, or tries what would become of it. Lines that are refused are told, all
    /// others are loaded; if anything else goes wrong, or nobody takes `events` any more, nothing is.
    ///
    /// # Errors
    /// As [`Engine::look_into`]; `IM003` for a mapping that can't be, `WB010` for an id that was used, the warehouse's.
    pub async fn import(
        self: &Arc<Self>,
        principal: &Principal,
        request: &ImportRequest,
        (source, events): (Source, mpsc::Sender<ImportEvent>),
        request_id: &str,
    ) -> Result<ImportOutcome, EngineError> {
        let into = self.may_import(principal, &request.workbook, &request.table, request_id).await?;
        if !is_client_id(&request.batch_id) {
            return Err(EngineError::refused(Code::BadBatch));
        }
        let (content, of) = match source {
            Source::Upload => {
                let parts = self.parts(principal, (&request.workbook, &request.table, &request.upload)).await?;
                let of = parts.bytes;
                (Content::new(PartsReader::new(self.clone(), Handle::current(), parts)), of)
            }
            Source::File(file) => {
                let of = file.metadata().map_or(0, |metadata| metadata.len());
                (Content::new(file), of)
            }
        };
        let (lines, columns, finds) = self.lines(&into, request)?;
        let text = serde_json::to_string(request).map_err(|_| EngineError::refused(Code::BadRequest))?;
        let stamp = self.stamp(principal, &into, (&request.batch_id, &text), Origin::Import, request_id);
        let stamp = Stamp { reason: request.reason.clone(), ..stamp };
        let dialect = self.warehouse.dialect();
        let mut load = Load::new((stamp, principal), (&into.workbook, into.input()?), (&columns, finds), &into.access, dialect);
        (load.trial, load.as_of) = (request.trial, request.as_of);
        if !request.trial {
            self.remember(principal, request).await?;
        }
        let named = |i: usize| request.names.get(i).filter(|name| !name.is_empty()).cloned();
        let columns = request.mapping.columns.iter().enumerate();
        let header = columns.map(|(i, column)| named(i).unwrap_or_else(|| header(&into, column.as_deref(), i))).collect();
        let tally = Tally::new(events, Locale::new(&request.language, ""), header, of);
        let (sender, chunks) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking(move || lines.read(content, &sender));
        let loaded = self.warehouse.load(LoadJob { load, chunks, tally }).await;
        let read = reading.await.map_err(|error| WarehouseError::Failed(error.to_string()))?;
        let outcome = match (loaded, read) {
            // The warehouse says only that the file ended.
            (Err(_), Err(error)) => return Err(error.into()),
            (loaded, _) => loaded?,
        };
        self.tell_loaded(principal, &into, &outcome);
        Ok(outcome)
    }

    fn tell_loaded(&self, principal: &Principal, into: &Into, outcome: &ImportOutcome) {
        if !outcome.trial && !outcome.replayed && outcome.changes_anything() {
            self.tell(&principal.tenant, &into.workbook.id, &into.table, outcome.as_of);
        }
    }

    fn stamp(
        &self,
        principal: &Principal,
        into: &Into,
        (batch, content): (&str, &str),
        origin: Origin,
        request_id: &str,
    ) -> Stamp {
        Stamp {
            scope: principal.scope(),
            batch_id: batch.to_owned(),
            content_hash: hex::encode(Sha256::digest(content)),
            at: Value::Timestamp((self.now)()),
            issuer: principal.issuer.clone(),
            tenant: principal.tenant.clone(),
            user: principal.user.clone(),
            user_name: principal.name.clone(),
            workbook: into.workbook.id.clone(),
            definition_revision: into.workbook.revision.clone(),
            origin,
            reason: None,
            request_id: request_id.to_owned(),
        }
    }

    /// How lines are read, what they write, and how they find their rows.
    #[expect(clippy::type_complexity)]
    fn lines(&self, into: &Into, request: &ImportRequest) -> Result<(Lines, Vec<(String, usize)>, Finds), EngineError> {
        let bad = |message: words::Message| EngineError::from(ApiError::say(Code::BadMapping, message));
        let (input, targets, Mapping { columns, matched }) = (into.input()?, into.targets()?, &request.mapping);
        if request.format.kind == SheetKind::Csv && !guess::is_encoding(&request.format.encoding) {
            return Err(bad(words::import_no_such_encoding(&request.format.encoding)));
        }
        let mut places = Vec::new();
        let mut taken = BTreeSet::new();
        for (place, name) in columns.iter().enumerate().filter_map(|(i, name)| Some((i, name.as_ref()?))) {
            let target = targets.iter().find(|target| target.name == *name);
            let target = target.ok_or_else(|| bad(words::import_no_such_column(name)))?;
            if !taken.insert(name) {
                return Err(bad(words::import_column_twice(&target.label)));
            }
            places.push((place, target));
        }
        let written: Vec<(usize, &ImportTarget)> = places.iter().filter(|(_, target)| target.writable).copied().collect();
        if written.is_empty() {
            return Err(bad(words::import_nothing_written()));
        }
        let finds_by: Vec<String> = if input.adds() { matched.clone() } else { input.key_names() };
        let mut key = Vec::new();
        for name in &finds_by {
            let found = places.iter().find(|(_, target)| target.name == *name);
            let (place, target) = found.ok_or_else(|| bad(words::import_key_missing(label_of(&targets, name))))?;
            key.push((*place, KeyColumn { name: name.clone(), ty: target.ty.clone() }));
        }
        let finds = match &input.kind {
            InputKind::Linked(_) | InputKind::Direct(_) => Finds::Key,
            InputKind::Empty if key.is_empty() => Finds::Nothing,
            InputKind::Empty => Finds::Columns(key.iter().map(|(_, key)| (key.name.clone(), key.ty.clone())).collect()),
        };
        let names = written.iter().map(|(place, target)| (target.name.clone(), *place)).collect();
        let view = |(place, target): &(usize, &ImportTarget)| Some((*place, input.column(&target.name)?.view()));
        let lines = Lines {
            format: request.format.clone(),
            locale: Locale::new(&request.format.locale, "").within(into.workbook.zone.clone()),
            columns: written.iter().filter_map(view).collect(),
            key,
            width: columns.len(),
        };
        Ok((lines, names, finds))
    }

    async fn remembered(&self, principal: &Principal, workbook: &str, table: &str) -> Result<Option<Remembered>, EngineError> {
        let mut sql = self.warehouse.dialect().on_own("select mapping from ", "import_mapping", " where ");
        of_person(&mut sql, principal, workbook, table);
        let rows = self.warehouse.read(None, &sql, &[ColumnType::Text]).await?;
        let Some([Value::Text(text)]) = rows.first().map(Vec::as_slice) else { return Ok(None) };
        Ok(serde_json::from_str(text).ok())
    }

    /// Keeps where the columns go, by the names that they have in the file.
    async fn remember(&self, principal: &Principal, request: &ImportRequest) -> Result<(), EngineError> {
        let names = request.names.iter().filter(|name| !name.is_empty());
        let columns: Vec<(String, Option<String>)> = names.cloned().zip(request.mapping.columns.iter().cloned()).collect();
        if columns.len() != request.mapping.columns.len() {
            return Ok(());
        }
        let remembered = Remembered { columns, matched: request.mapping.matched.clone() };
        let text = serde_json::to_string(&remembered).map_err(|_| EngineError::refused(Code::BadRequest))?;
        let dialect = self.warehouse.dialect();
        let mut delete = dialect.on_own("delete from ", "import_mapping", " where ");
        of_person(&mut delete, principal, &request.workbook, &request.table);
        let value = |text: &str| Value::Text(text.to_owned());
        let mut insert = dialect.insert_own(
            "import_mapping",
            [
                ("issuer", value(&principal.issuer)),
                ("tenant", value(&principal.tenant)),
                ("user", value(&principal.user)),
                ("workbook", value(&request.workbook)),
                ("table_name", value(&request.table)),
                ("mapping", value(&text)),
            ],
        );
        // Two tabs at once: the second is as good.
        insert.push(" on conflict do nothing");
        self.warehouse.control(vec![delete, insert]).await?;
        Ok(())
    }
}

fn of_person(sql: &mut crate::sql::Sql, principal: &Principal, workbook: &str, table: &str) {
    let text = |text: &str| Value::Text(text.to_owned());
    of_sender(sql, principal);
    sql.push(" and workbook = ").bind(text(workbook)).push(" and table_name = ").bind(text(table));
}

fn label_of(targets: &[ImportTarget], name: &str) -> String {
    targets.iter().find(|target| target.name == name).map_or_else(|| name.to_owned(), |target| target.label.clone())
}

/// What a column of a file without names is called where refused lines are told.
fn header(into: &Into, column: Option<&str>, place: usize) -> String {
    let known = column.and_then(|name| into.input().ok()?.all_columns().into_iter().find(|column| column.name == name));
    known.map_or_else(|| (place + 1).to_string(), |column| column.label.clone())
}

/// What is in a file that begins with `head`.
fn look(
    content: Content,
    head: &[u8],
    whole: bool,
    format: Option<ImportFormat>,
    own: &str,
    (targets, unique, remembered): (Vec<ImportTarget>, &[String], Option<Remembered>),
) -> Result<LookAnswer, ApiError> {
    let nothing = || ApiError::say(Code::UnreadableFile, words::import_empty());
    let kind = guess::kind(head);
    let said = format.as_ref().is_some_and(|format| format.kind == kind);
    let mut format =
        format.filter(|_| said).unwrap_or_else(|| ImportFormat { kind, locale: own.to_owned(), ..ImportFormat::default() });
    let (records, sheets) = match kind {
        SheetKind::Xlsx => {
            let (sheets, records) = look_into_sheets(content, &format)?;
            format.sheet = format.sheet.filter(|sheet| sheets.contains(sheet)).or_else(|| sheets.first().cloned());
            (records, sheets)
        }
        SheetKind::Csv => {
            if !said {
                format.encoding = guess::encoding(head);
                format.delimiter = Some(guess::delimiter(head, whole, &format));
            }
            (guess::sample(head, whole, &format), Vec::new())
        }
    };
    let first = records.first().ok_or_else(nothing)?;
    if !said {
        format.header = guess::header(&records, &targets);
    }
    let names: Vec<String> =
        first.texts.iter().map(|name| if format.header { name.trim().to_owned() } else { String::new() }).collect();
    let values = &records[usize::from(format.header)..];
    let mut mapping = guess::mapping(&names, format.header, &targets, unique);
    let known = remembered.filter(|known| format.header && known.columns.iter().map(|(name, _)| name).eq(names.iter()));
    let is_known = |name: &String| targets.iter().any(|target| target.name == *name);
    let is_remembered = known.is_some();
    if let Some(known) = known {
        mapping.columns = known.columns.into_iter().map(|(_, column)| column.filter(is_known)).collect();
        mapping.matched = known.matched.into_iter().filter(is_known).collect();
    }
    if !said {
        format.locale = guess::locale(values, &mapping, &targets, own);
    }
    let samples = |i: usize| {
        let texts = values.iter().filter_map(|record| record.texts.get(i)).filter(|text| !text.is_empty());
        texts.take(SAMPLES).map(|text| text.chars().take(MOST_SAMPLE).collect()).collect()
    };
    let columns = names.into_iter().enumerate().map(|(i, name)| FileColumn { name, samples: samples(i) }).collect();
    Ok(LookAnswer { format, sheets, columns, targets, mapping, remembered: is_remembered })
}

/// The sheets of a workbook, and the first lines of the one that is meant.
fn look_into_sheets(content: Content, format: &ImportFormat) -> Result<(Vec<String>, Vec<Record>), ApiError> {
    let mut records = Vec::new();
    let sheets = read::each_of_workbook(content, format.sheet.as_deref(), &mut |record| {
        records.push(record);
        if records.len() < guess::SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok((sheets, records))
}
