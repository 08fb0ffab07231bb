//! Forms that write through the host's product: it is told before anything is saved, and again with the same key until it has
//! answered, so that what it has taken is saved once, whatever is lost in between.

use std::sync::{Arc, PoisonError};

use model::{BatchOutcome, BatchStatus, Code, ColumnType, EditMode, RowOutcome, Value};

use crate::catalog::{Kind, Through};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::warehouse::Caller;
use crate::writeback::{Answer, CompiledBatch, Endpoints};

impl Engine {
    /// Lets forms write through the host's product.
    ///
    /// # Errors
    /// The names of endpoints that a form writes through and that are not there.
    pub fn reach(&self, endpoints: Arc<dyn Endpoints>) -> Result<(), Vec<String>> {
        let catalog = self.catalog();
        let forms = catalog.workbooks.values().flat_map(|workbook| workbook.elements());
        let named = forms.filter_map(|element| match &element.kind {
            Kind::Form(form) => form.through.as_ref(),
            _ => None,
        });
        let missing: Vec<String> = named
            .filter_map(|through| match through {
                Through::Endpoint(name) if !endpoints.has(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        *self.endpoints.write().unwrap_or_else(PoisonError::into_inner) = Some(endpoints);
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }

    /// Applies a batch once its endpoint has taken it; `trial` is the same batch.
    pub(crate) async fn apply_through(
        &self,
        caller: &Caller<'_>,
        batch: CompiledBatch,
        mut trial: CompiledBatch,
    ) -> Result<BatchOutcome, EngineError> {
        // What was saved was taken: whoever asks again gets the first answer.
        if self.is_remembered(caller, &batch).await? {
            return Ok(self.warehouse.apply(batch).await?);
        }
        trial.mode = EditMode::Trial;
        let mut outcome = self.warehouse.apply(trial).await?;
        if outcome.rows.iter().any(RowOutcome::is_refused) {
            outcome.rows.iter_mut().for_each(RowOutcome::take_back);
            return Ok(BatchOutcome { status: BatchStatus::Refused, ..outcome });
        }
        let endpoints = self.endpoints.read().unwrap_or_else(PoisonError::into_inner).clone();
        let known = batch.endpoint().zip(endpoints);
        let ((name, call), endpoints) = known.ok_or_else(|| EngineError::refused(Code::HostUnavailable))?;
        match endpoints.tell(name, call).await {
            Ok(Answer::Taken) => Ok(self.warehouse.apply(batch).await?),
            Ok(Answer::Refused(refusal)) => {
                refusal.tell(&mut outcome);
                Ok(outcome)
            }
            Err(why) => {
                tracing::warn!(endpoint = name, %why, "an endpoint did not answer; the form is sent again");
                Err(EngineError::refused(Code::HostUnavailable))
            }
        }
    }

    async fn is_remembered(&self, caller: &Caller<'_>, batch: &CompiledBatch) -> Result<bool, EngineError> {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut sql = self.warehouse.dialect().on_own("select batch_id from ", "batch", " where scope = ");
        sql.bind(text(&batch.stamp.scope)).push(" and batch_id = ").bind(text(&batch.stamp.batch_id));
        Ok(!self.warehouse.read(Some(caller), &sql, &[ColumnType::Text]).await?.is_empty())
    }
}
