//! What people have begun to fill into forms, each his own, for as long as the form's author says.

use model::{AccessMode, ApiError, Code, DraftAnswer, DraftRequest, Principal, Raw, SaveDraft};

use crate::catalog::{Form, Kind, Workbook};
use crate::control::{ControlStore, ViewPlace};
use crate::engine::Engine;
use crate::error::EngineError;

/// In bytes, as JSON.
const MOST_DRAFT: usize = 256 << 10;

const DAY_S: i64 = 86_400;

impl Engine {
    /// What a person has begun to fill into a form.
    ///
    /// # Errors
    /// `AC004` for a form that is none.
    pub async fn draft(&self, principal: &Principal, request: &DraftRequest) -> Result<DraftAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        form(&workbook, &request.form)?;
        let place = place(principal, &workbook.id, &request.form, &request.row);
        Ok(DraftAnswer { draft: self.control().draft(&place, self.now_s()).await? })
    }

    /// Keeps what a person has begun to fill into a form, or forgets it.
    ///
    /// # Errors
    /// `AC003` for somebody who only looks, `AC004` for a form that is none, `RQ002` for more than can be kept.
    pub async fn save_draft(&self, principal: &Principal, request: &SaveDraft) -> Result<(), EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let form = form(&workbook, &request.form)?;
        if principal.mode != AccessMode::Edit {
            return Err(EngineError::refused(Code::NotAllowed));
        }
        let size = serde_json::to_string(&request.draft).map_or(usize::MAX, |text| text.len());
        if size > MOST_DRAFT {
            return Err(EngineError::Refused(ApiError::new(Code::BodyTooLarge)));
        }
        let now = self.now_s();
        let until = now + DAY_S * i64::from(form.keeps_days);
        let draft = request.draft.as_ref().filter(|_| form.keeps_days > 0).map(|draft| (draft, until));
        let place = place(principal, &workbook.id, &request.form, &request.row);
        Ok(self.control().save_draft(&place, draft, now).await?)
    }

    /// What was begun is filed, so there is nothing left of it; should the store not answer, the browser asks again.
    pub(crate) async fn filed(&self, principal: &Principal, workbook: &str, form: &str, row: &[Raw]) {
        let place = place(principal, workbook, form, row);
        if let Err(error) = self.control().save_draft(&place, None, self.now_s()).await {
            tracing::warn!(%error, form, "a draft that was filed is still there");
        }
    }
}

/// What is begun with a new row, which has no key yet, and with each row that is changed, is kept for itself.
fn place(principal: &Principal, workbook: &str, form: &str, row: &[Raw]) -> ViewPlace {
    let element = if row.is_empty() { form.to_owned() } else { format!("{form} {}", Raw::from(row.to_vec())) };
    ViewPlace::of(principal, workbook, &element)
}

fn form<'a>(workbook: &'a Workbook, id: &str) -> Result<&'a Form, EngineError> {
    match workbook.element(id).map(|element| &element.kind) {
        Some(Kind::Form(form)) => Ok(form),
        _ => Err(EngineError::refused(Code::NotFound)),
    }
}
