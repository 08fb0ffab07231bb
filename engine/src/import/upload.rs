//! Parts of files that people load into tables, kept until they are loaded.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::{ApiError, Code, ColumnType, PART_BYTES, Principal, UploadPart, UploadPlace, Value, is_client_id};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::files::unavailable;
use crate::sql::Sql;
use crate::warehouse::WarehouseError;

/// For how long a part waits.
const UNUSED_S: i64 = 86_400;
/// What a person may have waiting, where nobody has said otherwise: in the warehouse, and elsewhere.
const MOST_KEPT: u64 = 100 << 20;
const MOST_KEPT_ELSEWHERE: u64 = 2 << 30;

impl Engine {
    /// Lets a person's files that wait have so many bytes at once.
    pub fn keep_waiting(&self, bytes: u64) {
        self.most_upload.store(bytes, std::sync::atomic::Ordering::Relaxed);
    }

    /// Bytes that a person may have waiting: of files to be loaded, and of such that he has attached and not filed.
    pub(crate) fn most_waiting(&self) -> u64 {
        match self.most_upload.load(std::sync::atomic::Ordering::Relaxed) {
            0 if self.file_store().is_some() => MOST_KEPT_ELSEWHERE,
            0 => MOST_KEPT,
            most => most,
        }
    }

    /// Keeps a part of a file for a day; the same part again is the same.
    ///
    /// # Errors
    /// `AC003` and `AC004` for a table that the person can't load into, `IM007` for more than he may have waiting.
    pub async fn keep_part(
        &self,
        principal: &Principal,
        part: &UploadPart,
        content: Vec<u8>,
        request_id: &str,
    ) -> Result<(), EngineError> {
        self.may_import(principal, &part.workbook, &part.table, request_id).await?;
        if !is_client_id(&part.upload) || content.is_empty() || content.len() > PART_BYTES {
            return Err(EngineError::refused(Code::BadRequest));
        }
        let id = upload_id(principal, &part.upload);
        let most = self.most_waiting();
        // The same part again is in place of itself.
        let mut others = Sql::new("not (id = ");
        others.bind(Value::Text(id.clone())).push(" and part = ").bind(Value::Integer(part.part.into())).push(")");
        if self.bytes_of(principal, "upload", others).await? + content.len() as u64 > most {
            let message = words::import_too_large(most.div_ceil(1 << 20));
            return Err(ApiError::say(Code::UploadTooLarge, message).into());
        }
        let size = content.len();
        let kept = match self.file_store() {
            Some(store) => {
                store.put(&part_id(&id, part.part.into()), content).await.map_err(unavailable)?;
                Value::Null
            }
            None => Value::Text(BASE64_STANDARD.encode(content)),
        };
        let text = |text: &str| Value::Text(text.to_owned());
        let columns = [
            ("id", text(&id)),
            ("part", Value::Integer(part.part.into())),
            ("issuer", text(&principal.issuer)),
            ("tenant", text(&principal.tenant)),
            ("user", text(&principal.user)),
            ("workbook", text(&part.workbook)),
            ("table_name", text(&part.table)),
            ("size", Value::Integer(i64::try_from(size).unwrap_or(i64::MAX))),
            ("at", Value::Integer(self.now_s())),
            ("content", kept),
        ];
        let mut insert = self.warehouse.dialect().insert_own("upload", columns);
        insert.push(" on conflict (id, part) do nothing");
        self.warehouse.control(vec![insert]).await?;
        self.forget_unused().await
    }

    /// Sizes of the parts of a file that a person has sent for a table.
    ///
    /// # Errors
    /// `IM002` if it is not there, or not whole.
    pub(super) async fn parts(
        &self,
        principal: &Principal,
        (workbook, table, upload): (&str, &str, &str),
    ) -> Result<Parts, EngineError> {
        let text = |text: &str| Value::Text(text.to_owned());
        let id = upload_id(principal, upload);
        let mut sql = self.warehouse.dialect().on_own("select part, size from ", "upload", " where id = ");
        sql.bind(text(&id)).push(" and workbook = ").bind(text(workbook)).push(" and table_name = ").bind(text(table));
        sql.push(" order by part");
        let rows = self.warehouse.read(None, &sql, &[ColumnType::Integer, ColumnType::Integer]).await?;
        let mut bytes = 0;
        for (i, row) in rows.iter().enumerate() {
            match row.as_slice() {
                [Value::Integer(part), Value::Integer(size)] if *part == i as i64 => bytes += size.unsigned_abs(),
                _ => return Err(EngineError::refused(Code::NoSuchUpload)),
            }
        }
        if rows.is_empty() {
            return Err(EngineError::refused(Code::NoSuchUpload));
        }
        Ok(Parts { id, parts: rows.len() as u64, bytes })
    }

    pub(super) async fn part(&self, id: &str, part: u64) -> Result<Vec<u8>, EngineError> {
        let gone = || EngineError::refused(Code::NoSuchUpload);
        let mut sql = self.warehouse.dialect().on_own("select content from ", "upload", " where id = ");
        sql.bind(Value::Text(id.to_owned())).push(" and part = ").bind(Value::Integer(i64::try_from(part).unwrap_or(i64::MAX)));
        let mut rows = self.warehouse.read(None, &sql, &[ColumnType::Text]).await?;
        match (rows.pop().and_then(|row| row.into_iter().next()), self.file_store()) {
            (Some(Value::Text(text)), _) => {
                Ok(BASE64_STANDARD.decode(text).map_err(|error| WarehouseError::Failed(error.to_string()))?)
            }
            (Some(_), Some(store)) => store.get(&part_id(id, part)).await.map_err(unavailable)?.ok_or_else(gone),
            _ => Err(gone()),
        }
    }

    /// Forgets a file that a person has sent.
    ///
    /// # Errors
    /// As [`Engine::keep_part`].
    pub async fn forget_upload(&self, principal: &Principal, place: &UploadPlace, request_id: &str) -> Result<(), EngineError> {
        self.may_import(principal, &place.workbook, &place.table, request_id).await?;
        let id = upload_id(principal, &place.upload);
        let mut sql = self.warehouse.dialect().on_own("select id, part from ", "upload", " where id = ");
        sql.bind(Value::Text(id));
        self.forget(sql).await
    }

    async fn forget_unused(&self) -> Result<(), EngineError> {
        let mut sql = self.warehouse.dialect().on_own("select id, part from ", "upload", " where at < ");
        sql.bind(Value::Integer(self.now_s() - UNUSED_S)).push(" limit 20");
        self.forget(sql).await
    }

    /// `parts` gives ids and numbers.
    async fn forget(&self, parts: Sql) -> Result<(), EngineError> {
        for row in self.warehouse.read(None, &parts, &[ColumnType::Text, ColumnType::Integer]).await? {
            let [Value::Text(id), Value::Integer(part)] = row.as_slice() else { continue };
            if let Some(store) = self.file_store() {
                store.remove(&part_id(id, part.unsigned_abs())).await.map_err(unavailable)?;
            }
            let mut sql = self.warehouse.dialect().on_own("delete from ", "upload", " where id = ");
            sql.bind(Value::Text(id.clone())).push(" and part = ").bind(Value::Integer(*part));
            self.warehouse.control(vec![sql]).await?;
        }
        Ok(())
    }
}

/// What a person's file is called here: nobody can name another's.
fn upload_id(principal: &Principal, upload: &str) -> String {
    hex::encode(&Sha256::digest(format!("{}\nupload\n{upload}", principal.scope()))[..16])
}

/// What a part is called in the store of files.
fn part_id(id: &str, part: u64) -> String {
    hex::encode(&Sha256::digest(format!("{id}\n{part}"))[..16])
}

/// A file that has come in parts.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub id: String,
    pub parts: u64,
    pub bytes: u64,
}

/// Reads a file's parts one after the other, on a thread that may wait.
pub(super) struct PartsReader {
    pub engine: Arc<Engine>,
    pub handle: Handle,
    pub parts: Parts,
    next: u64,
    part: Cursor<Vec<u8>>,
}

impl PartsReader {
    pub fn new(engine: Arc<Engine>, handle: Handle, parts: Parts) -> Self {
        Self { engine, handle, parts, next: 0, part: Cursor::default() }
    }
}

impl Read for PartsReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.part.read(buffer)?;
            if n > 0 || self.next == self.parts.parts || buffer.is_empty() {
                return Ok(n);
            }
            let part = self.handle.block_on(self.engine.part(&self.parts.id, self.next));
            self.part = Cursor::new(part.map_err(|error| io::Error::other(error.to_api()))?);
            self.next += 1;
        }
    }
}
