//! What a form's target is told of a submission before it is saved, and what it may say against it.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use model::{BatchOutcome, BatchStatus, Code, Raw};
use serde::Deserialize;
use serde_json::{Map, json};
use sha2::{Digest, Sha256};
use words::Message;

use super::{CompiledBatch, CompiledEdit, Stamp};
use crate::catalog::Through;

/// A submission on its way to a form's target.
#[derive(Clone, Debug)]
pub struct Call {
    pub to: Through,
    /// The same for every retry of the submission, and for no other.
    pub key: String,
    /// JSON.
    pub body: String,
}

/// Addresses of the host's product that forms may write through.
pub trait Endpoints: Send + Sync + std::fmt::Debug {
    /// Whether there is one of this name.
    fn has(&self, name: &str) -> bool;

    /// Tells it of a submission.
    ///
    /// # Errors
    /// Why nobody knows whether it was taken, for the log: then it is to be told again, with the same key.
    fn tell<'a>(&'a self, name: &'a str, call: &'a Call) -> BoxFuture<'a, Result<Answer, String>>;
}

/// What a target says of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Taken,
    Refused(Refusal),
}

/// Why a target does not take a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// Of the submission as a whole.
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub errors: Vec<FieldRefusal>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FieldRefusal {
    pub field: String,
    /// The row that it is in, counted from 0: the form's own, then its lines as they were told.
    #[serde(default)]
    pub row: usize,
    pub message: String,
}

impl Call {
    pub(super) fn new(to: Through, form: &str, stamp: &Stamp, edits: &[CompiledEdit]) -> Self {
        let rows: Vec<Raw> = edits.iter().map(told).collect();
        let body = json!({
            "form": form, "workbook": stamp.workbook, "batch_id": stamp.batch_id, "at": stamp.at.to_wire(),
            "issuer": stamp.issuer, "tenant": stamp.tenant, "user": { "id": stamp.user, "name": stamp.user_name },
            "rows": rows,
        });
        let key = hex::encode(Sha256::digest(format!("{}\n{}", stamp.scope, stamp.batch_id)));
        Self { to, key, body: body.to_string() }
    }
}

/// A row as a target is told of it.
fn told(edit: &CompiledEdit) -> Raw {
    let good = edit.cells.iter().filter_map(|cell| Some((cell.column.clone(), cell.value.as_ref().ok()?.to_wire())));
    let values: Map<String, Raw> = good.collect();
    json!({ "table": edit.table, "operation": edit.op.as_str(), "key": edit.key, "values": values })
}

impl Refusal {
    /// Puts it where it belongs in an outcome of which nothing is written.
    pub(crate) fn tell(self, outcome: &mut BatchOutcome) {
        let mut others: BTreeMap<usize, String> = BTreeMap::new();
        for FieldRefusal { field, row, message } in self.errors {
            let at = row.min(outcome.rows.len().saturating_sub(1));
            let cell = outcome.rows.get_mut(at).and_then(|row| row.cells.iter_mut().find(|cell| cell.column == field));
            match cell {
                Some(cell) => cell.refuse(Code::RuleFailed, &Message::given(&message)),
                None => drop(others.insert(at, message)),
            }
        }
        let whole = self.message.filter(|_| others.is_empty());
        let of_none = !outcome.rows.iter().any(model::RowOutcome::is_refused) && others.is_empty();
        let whole = whole.or_else(|| of_none.then(String::new));
        for (at, message) in others.into_iter().chain(whole.map(|message| (0, message))) {
            let message = if message.is_empty() { Code::RuleFailed.message() } else { Message::given(&message) };
            outcome.rows.iter_mut().skip(at).take(1).for_each(|row| row.refuse(Code::RuleFailed, &message));
        }
        outcome.status = BatchStatus::Refused;
        outcome.rows.iter_mut().for_each(model::RowOutcome::take_back);
    }
}

impl CompiledBatch {
    /// What the host is to be told before this is saved.
    #[must_use]
    pub fn endpoint(&self) -> Option<(&str, &Call)> {
        let call = self.call.as_ref()?;
        if let Through::Endpoint(name) = &call.to { Some((name, call)) } else { None }
    }

    /// The statement that tells a procedure or function of the warehouse.
    #[must_use]
    pub fn called(&self) -> Option<crate::sql::Sql> {
        let call = self.call.as_ref()?;
        let Through::Warehouse(verb, name) = &call.to else { return None };
        let mut sql = crate::sql::Sql::new(format!("{verb} {name}("));
        sql.bind(model::Value::Text(call.body.clone())).push("::jsonb)");
        Some(sql)
    }
}
