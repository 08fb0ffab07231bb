//! Files that are attached to rows: looked at before they are kept, filed with a row, and served to whoever may see that.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::future::BoxFuture;
use model::{
    AccessMode, ApiError, Batch, Code, ColumnType, FilePlace, FileRef, FileRequest, FileRules, FileType, Principal, Raw, Value,
    megabytes,
};
use sha2::{Digest, Sha256};

use crate::catalog::{Dataset, Policy, Workbook};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::query::{Anchor, Relation};
use crate::sql::Sql;
use crate::warehouse::{Caller, WarehouseError};
use crate::writeback;

/// For how long a file waits to be filed.
const UNFILED_S: i64 = 7 * 86_400;
/// Characters of a name.
const MOST_NAME: usize = 150;

/// Where the content of files is kept, where it is not the warehouse. Errors are for the log.
pub trait FileStore: Send + Sync + std::fmt::Debug {
    fn put<'a>(&'a self, id: &'a str, content: Vec<u8>) -> BoxFuture<'a, Result<(), String>>;

    /// `None` if there is none of this id.
    fn get<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>>;

    /// Does nothing if there is none of this id.
    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), String>>;
}

/// A file that a batch names.
#[derive(Clone, Debug)]
pub struct Attached {
    pub file: FileRef,
    /// The one who sends the batch has sent it too.
    pub is_own: bool,
    /// The row that it is filed with, as the log has its key.
    pub row_key: Option<String>,
}

/// Whatever this person has sent.
pub(crate) fn of_sender(sql: &mut Sql, principal: &Principal) {
    let text = |text: &str| Value::Text(text.to_owned());
    sql.push("issuer = ").bind(text(&principal.issuer)).push(" and tenant = ").bind(text(&principal.tenant));
    sql.push(" and \"user\" = ").bind(text(&principal.user));
}

impl Engine {
    /// Keeps files somewhere else than in the warehouse.
    pub fn keep_files_in(&self, store: Arc<dyn FileStore>) {
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = Some(store);
    }

    pub(crate) fn file_store(&self) -> Option<Arc<dyn FileStore>> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The most bytes that a file of this place may have, if the person may attach one there.
    ///
    /// # Errors
    /// `AC003` for somebody who may not, `AC004` and `QY001` for a place that takes no files.
    pub async fn file_limit(&self, principal: &Principal, place: &FilePlace, request_id: &str) -> Result<u64, EngineError> {
        Ok(self.rules(principal, place, request_id).await?.most_bytes)
    }

    /// Looks at a file, keeps it, and says what a column's value for it is. Unless a row is filed with it, it is forgotten after a
    /// week.
    ///
    /// # Errors
    /// As [`Engine::file_limit`]; `WB003` for one that is too large, or more than the person may have waiting to be filed, `WB019` for one of another type than the column takes, or that
    /// is not what its name says.
    pub async fn keep_file(
        &self,
        principal: &Principal,
        place: &FilePlace,
        content: Vec<u8>,
        request_id: &str,
    ) -> Result<FileRef, EngineError> {
        let rules = self.rules(principal, place, request_id).await?;
        if content.len() as u64 > rules.most_bytes {
            return Err(ApiError::say(Code::TooLong, words::file_too_large(megabytes(rules.most_bytes))).into());
        }
        let name = plain_name(&place.name);
        let refused = || EngineError::Refused(ApiError::say(Code::WrongFile, words::file_types(rules.said())));
        let ty = type_of(&content, &name).filter(|ty| rules.types.contains(ty)).ok_or_else(refused)?;
        let most = self.most_waiting();
        if self.bytes_of(principal, "file", Sql::new("row_key is null")).await? + content.len() as u64 > most {
            return Err(ApiError::say(Code::TooLong, words::files_too_many(most.div_ceil(1 << 20))).into());
        }
        let sha256 = hex::encode(Sha256::digest(&content));
        let seed =
            format!("{}\n{}\n{sha256}", principal.scope(), (self.now)().and_utc().timestamp_nanos_opt().unwrap_or_default());
        let id = hex::encode(&Sha256::digest(format!("{seed}\n{request_id}"))[..16]);
        let file = FileRef { id, name, size: content.len() as u64, media: ty.media().into() };
        let kept = match self.file_store() {
            Some(store) => {
                store.put(&file.id, content).await.map_err(unavailable)?;
                Value::Null
            }
            None => Value::Text(BASE64_STANDARD.encode(content)),
        };
        let text = |text: &str| Value::Text(text.to_owned());
        let columns = [
            ("id", text(&file.id)),
            ("issuer", text(&principal.issuer)),
            ("tenant", text(&principal.tenant)),
            ("user", text(&principal.user)),
            ("workbook", text(&place.workbook)),
            ("table_name", text(&place.table)),
            ("column_name", text(&place.column)),
            ("name", text(&file.name)),
            ("media", text(&file.media)),
            ("size", Value::Integer(i64::try_from(file.size).unwrap_or(i64::MAX))),
            ("sha256", text(&sha256)),
            ("at", Value::Integer(self.now_s())),
            ("content", kept),
        ];
        self.warehouse.control(vec![self.warehouse.dialect().insert_own("file", columns)]).await?;
        self.forget_unfiled().await?;
        Ok(file)
    }

    /// Bytes of what a person has sent and one of our own tables keeps, as far as `which` says.
    pub(crate) async fn bytes_of(&self, principal: &Principal, table: &str, which: Sql) -> Result<u64, EngineError> {
        let mut sql = self.warehouse.dialect().on_own("select cast(coalesce(sum(size), 0) as bigint) from ", table, " where ");
        of_sender(&mut sql, principal);
        sql.push(" and ").append(which);
        let rows = self.warehouse.read(None, &sql, &[ColumnType::Integer]).await?;
        Ok(if let Some([Value::Integer(n)]) = rows.first().map(Vec::as_slice) { n.unsigned_abs() } else { 0 })
    }

    /// The file that a row has in a column, and its content.
    ///
    /// # Errors
    /// `AC004` for a table, `QY001` for a column that the person may not know or that has no files, `WB008` for a row that is not
    /// there or hidden, `WB020` where it has none.
    pub async fn file(
        &self,
        principal: &Principal,
        request: &FileRequest,
        request_id: &str,
    ) -> Result<(FileRef, Vec<u8>), EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.table, request_id };
        let access = self.access(&caller, &workbook).await?;
        let input = workbook.input(&request.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let known = input.column(&request.column).filter(|column| column.file.is_some());
        if known.is_none() || access.hides(&input.name, &request.column) {
            return Err(EngineError::refused(Code::UnknownColumn));
        }
        let key = writeback::typed_key(input, &request.key)?;
        let relation = Relation::new(Dataset::Input(input), self.binding(principal));
        let sql = relation.state(input, Anchor::Key(&key), None, &[Some(&request.column)]);
        let types = [ColumnType::Boolean, ColumnType::Integer, ColumnType::Text];
        let mut rows = self.warehouse.read(Some(&caller), &sql, &types).await?;
        let row = rows.pop().filter(|_| rows.is_empty()).ok_or_else(|| EngineError::refused(Code::RowNotFound))?;
        let none = || EngineError::refused(Code::NoSuchFile);
        let file = row.get(2).map(Value::to_wire).as_ref().and_then(FileRef::of).ok_or_else(none)?;
        let content = self.content(&principal.tenant, &file.id).await?.ok_or_else(none)?;
        Ok((file, content))
    }

    async fn content(&self, tenant: &str, id: &str) -> Result<Option<Vec<u8>>, EngineError> {
        let mut sql = self.warehouse.dialect().on_own("select content from ", "file", " where id = ");
        sql.bind(Value::Text(id.to_owned())).push(" and tenant = ").bind(Value::Text(tenant.to_owned()));
        let mut rows = self.warehouse.read(None, &sql, &[ColumnType::Text]).await?;
        match (rows.pop().and_then(|row| row.into_iter().next()), self.file_store()) {
            (None, _) => Ok(None),
            (Some(Value::Text(text)), _) => {
                let content = BASE64_STANDARD.decode(text).map_err(|error| WarehouseError::Failed(error.to_string()))?;
                Ok(Some(content))
            }
            (Some(_), Some(store)) => Ok(store.get(id).await.map_err(unavailable)?),
            (Some(_), None) => Err(unavailable("it is kept elsewhere, which is not configured".into()).into()),
        }
    }

    /// What a place takes, if the person may attach something there.
    async fn rules(&self, principal: &Principal, place: &FilePlace, request_id: &str) -> Result<FileRules, EngineError> {
        let workbook = self.find(principal, &place.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &place.table, request_id };
        let access = self.access(&caller, &workbook).await?;
        let input = workbook.input(&place.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let known = input.column(&place.column).filter(|_| !access.hides(&input.name, &place.column));
        let rules = known.and_then(|column| column.file.clone()).ok_or_else(|| EngineError::refused(Code::UnknownColumn))?;
        let may = principal.mode == AccessMode::Edit && input.write != Policy::Denied;
        if !may || access.locks(&input.name, &place.column) {
            return Err(EngineError::refused(Code::NotAllowed));
        }
        Ok(rules)
    }

    /// The files that a batch names, by their ids, as far as they are for where it puts them.
    pub(crate) async fn attached(
        &self,
        principal: &Principal,
        workbook: &Workbook,
        batch: &Batch,
    ) -> Result<BTreeMap<String, Attached>, EngineError> {
        let mut named: BTreeMap<String, (&str, &str)> = BTreeMap::new();
        for edit in &batch.edits {
            // Most tables take none, and a paste has very many cells.
            let Some(input) = workbook.input(&edit.table).filter(|input| input.takes_files()) else { continue };
            for cell in &edit.cells {
                let takes = input.column(&cell.column).is_some_and(|column| column.file.is_some());
                if takes && let Some(file) = FileRef::of(&cell.value) {
                    named.insert(file.id, (&edit.table, &cell.column));
                }
            }
        }
        if named.is_empty() {
            return Ok(BTreeMap::new());
        }
        let dialect = self.warehouse.dialect();
        let mut sql = dialect.on_own(
            "select id, name, media, size, issuer, \"user\", table_name, column_name, row_key from ",
            "file",
            " where tenant = ",
        );
        let text = |text: &str| Value::Text(text.to_owned());
        sql.bind(text(&principal.tenant)).push(" and workbook = ").bind(text(&workbook.id));
        let ids: Vec<String> = named.keys().cloned().collect();
        sql.push(" and id in (select ").append(dialect.texts(&ids)).push(")");
        let mut types = vec![ColumnType::Text; 9];
        types[3] = ColumnType::Integer;
        let rows = self.warehouse.read(None, &sql, &types).await?;
        let known = |row: Vec<Value>| {
            let size = if let Some(Value::Integer(size)) = row.get(3) { size.unsigned_abs() } else { return None };
            let texts: Vec<Option<String>> =
                row.into_iter().map(|value| if let Value::Text(text) = value { Some(text) } else { None }).collect();
            let [id, name, media, _, issuer, user, table, column, row_key] = <[_; 9]>::try_from(texts).ok()?;
            let file = FileRef { id: id?, name: name?, size, media: media? };
            if named.get(&file.id) != Some(&(table?.as_str(), column?.as_str())) {
                return None;
            }
            let is_own = issuer? == principal.issuer && user? == principal.user;
            Some((file.id.clone(), Attached { file, is_own, row_key }))
        };
        Ok(rows.into_iter().filter_map(known).collect())
    }

    /// Says with which rows files are filed: before these are saved, so that no file of a row is ever forgotten.
    pub(crate) async fn claim(&self, files: Vec<(String, String)>) -> Result<(), EngineError> {
        if files.is_empty() {
            return Ok(());
        }
        let claim = |(id, row_key): (String, String)| {
            let mut sql = self.warehouse.dialect().on_own("update ", "file", " set row_key = ");
            sql.bind(Value::Text(row_key)).push(" where id = ").bind(Value::Text(id)).push(" and row_key is null");
            sql
        };
        self.warehouse.control(files.into_iter().map(claim).collect()).await?;
        Ok(())
    }

    async fn forget_unfiled(&self) -> Result<(), EngineError> {
        let dialect = self.warehouse.dialect();
        let mut sql = dialect.on_own("select id from ", "file", " where row_key is null and at < ");
        sql.bind(Value::Integer(self.now_s() - UNFILED_S)).push(" limit 20");
        let rows = self.warehouse.read(None, &sql, &[ColumnType::Text]).await?;
        let ids = rows.into_iter().filter_map(|row| row.into_iter().next());
        let ids: Vec<String> = ids.filter_map(|id| if let Value::Text(id) = id { Some(id) } else { None }).collect();
        for id in ids {
            if let Some(store) = self.file_store() {
                store.remove(&id).await.map_err(unavailable)?;
            }
            let mut sql: Sql = dialect.on_own("delete from ", "file", " where row_key is null and id = ");
            sql.bind(Value::Text(id));
            self.warehouse.control(vec![sql]).await?;
        }
        Ok(())
    }
}

pub(crate) fn unavailable(why: String) -> WarehouseError {
    WarehouseError::Unavailable(format!("files: {why}"))
}

/// A name without folders and what can't be seen, so that it is nothing but a name wherever it is saved.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String =
        last.chars().filter(|c| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect();
    let plain: String = plain.trim().trim_start_matches('.').chars().take(MOST_NAME).collect();
    if plain.is_empty() { "file".into() } else { plain }
}

/// What a file is by its content; none if its name says something else, or if nobody can tell.
fn type_of(content: &[u8], name: &str) -> Option<FileType> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let called = |ty: FileType| ending.as_deref().is_none_or(|ending| ty.endings().contains(&ending));
    let by_content = match infer::get(content) {
        Some(kind) => FileType::of_media(kind.mime_type()),
        // Of a text there is nothing to tell it by but that it is one.
        None => {
            let is_text = !content.is_empty() && !content.contains(&0) && std::str::from_utf8(content).is_ok();
            let kinds = [FileType::Csv, FileType::Text];
            kinds.into_iter().find(|ty| is_text && ending.as_deref().is_some_and(|ending| ty.endings().contains(&ending)))
        }
    };
    by_content.filter(|ty| called(*ty))
}

/// The wire form of a column's value as it is to be kept: what was said of the file is the server's own.
pub(crate) fn canonical(raw: &Raw, row: &[Raw], files: &BTreeMap<String, Attached>) -> Option<Raw> {
    let known = files.get(&FileRef::of(raw)?.id)?;
    let of_row = || known.row_key.as_deref() == Some(Raw::from(row.to_vec()).to_string().as_str());
    (known.is_own || of_row()).then(|| Raw::from(known.file.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_nothing_but_a_name() {
        for (name, plain) in [
            ("report.pdf", "report.pdf"),
            ("C:\\fakepath\\report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            (".htaccess", "htaccess"),
            ("a\u{0}b\n\u{202e}fdp.exe", "abfdp.exe"),
            ("", "file"),
            ("Überschuss März.pdf", "Überschuss März.pdf"),
        ] {
            assert_eq!(plain_name(name), plain);
        }
        assert_eq!(plain_name(&"x".repeat(900)).len(), MOST_NAME);
    }

    #[test]
    fn a_file_is_what_its_content_says() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(type_of(png, "a.png"), Some(FileType::Png));
        assert_eq!(type_of(png, "a"), Some(FileType::Png));
        assert_eq!(type_of(png, "a.pdf"), None, "it lies about its type");
        assert_eq!(type_of(b"%PDF-1.7\n", "a.PDF"), Some(FileType::Pdf));
        assert_eq!(type_of(b"MZ\x90\0", "a.pdf"), None);
        assert_eq!(type_of(b"<html><script>", "a.pdf"), None);
        assert_eq!(type_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"), None);
        assert_eq!(type_of("a;b\n1;ü".as_bytes(), "a.csv"), Some(FileType::Csv));
        assert_eq!(type_of(b"a\0b", "a.csv"), None);
        assert_eq!(type_of(b"\xff\xfe\xfa", "a.txt"), None);
        assert_eq!(type_of(b"", "a.txt"), None);
    }
}
