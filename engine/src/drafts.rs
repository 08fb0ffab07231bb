//! What people have begun to fill into forms, each his own, for as long as the form's author says.

use model::{AccessMode, ApiError, Code, DraftAnswer, DraftRequest, Principal, SaveDraft};

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
        let place = ViewPlace::of(principal, &workbook.id, &request.form);
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
        Ok(self.control().save_draft(&ViewPlace::of(principal, &workbook.id, &request.form), draft, now).await?)
    }

    /// What was begun is filed, so there is nothing left of it; should the store not answer, the browser asks again.
    pub(crate) async fn filed(&self, principal: &Principal, workbook: &str, form: &str) {
        let place = ViewPlace::of(principal, workbook, form);
        if let Err(error) = self.control().save_draft(&place, None, self.now_s()).await {
            tracing::warn!(%error, form, "a draft that was filed is still there");
        }
    }
}

fn form<'a>(workbook: &'a Workbook, id: &str) -> Result<&'a Form, EngineError> {
    match workbook.element(id).map(|element| &element.kind) {
        Some(Kind::Form(form)) => Ok(form),
        _ => Err(EngineError::refused(Code::NotFound)),
    }
}
