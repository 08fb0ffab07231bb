//! Who types into which cell right now: held in memory, told to whoever may see the cell, gone when nobody says it again.

use std::sync::{Mutex, PoisonError};

use model::{ApiError, CellPlace, Code, PRESENCE_SUFFIX, PresenceRequest, Present, Principal, SAID_EVERY_S, is_client_id};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::warehouse::{Caller, Notice};

/// Twice as long as a page waits before it says so again, and a little.
const FORGOTTEN_AFTER_US: i64 = (2 * SAID_EVERY_S as i64 + 5) * 1_000_000;
/// Cells whose rows are looked up for one who asks; who types beyond that is not told.
const MOST_TOLD: usize = 50;
/// Cells that are remembered; past that the oldest are let go.
const MOST_KEPT: usize = 10_000;

/// Somebody who types, as servers tell each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typist {
    pub issuer: String,
    pub tenant: String,
    pub user: String,
    pub name: String,
    pub page: String,
    pub workbook: String,
    pub table: String,
    /// The row's key as JSON text, and the column; `None` once he types no longer.
    pub at: Option<(String, String)>,
    /// Microseconds since the epoch.
    pub said_us: i64,
}

impl Typist {
    fn is_page_of(&self, other: &Self) -> bool {
        (&self.issuer, &self.tenant, &self.user, &self.page) == (&other.issuer, &other.tenant, &other.user, &other.page)
    }
}

/// Everybody who types.
#[derive(Debug, Default)]
pub(crate) struct Typists(Mutex<Vec<Typist>>);

impl Typists {
    /// Takes in where somebody types; true if it was somewhere else before.
    fn put(&self, typist: Typist) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = typist.said_us - FORGOTTEN_AFTER_US;
        all.retain(|other| other.said_us >= oldest);
        let before = all.iter().position(|other| other.is_page_of(&typist)).map(|i| all.remove(i));
        let moved = before.and_then(|before| before.at.map(|at| (before.table, at)))
            != typist.at.clone().map(|at| (typist.table.clone(), at));
        if typist.at.is_some() {
            if all.len() >= MOST_KEPT {
                all.remove(0);
            }
            all.push(typist);
        }
        moved
    }

    fn of(&self, asking: &Typist) -> Vec<Typist> {
        let place = |one: &Typist| (one.issuer.clone(), one.tenant.clone(), one.workbook.clone(), one.table.clone());
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let others = all.iter().filter(|other| place(other) == place(asking) && !other.is_page_of(asking));
        others.take(MOST_TOLD).cloned().collect()
    }
}

impl Engine {
    /// Takes in where a person types, and tells him where others do, as far as he may see those cells.
    ///
    /// # Errors
    /// `AC004` for a table that he may not know, `WB008` for a row that is not there or hidden, `QY001` for such a column,
    /// `RQ001` for a page without a proper id.
    pub async fn presence(
        &self,
        principal: &Principal,
        request: &PresenceRequest,
        request_id: &str,
    ) -> Result<Vec<Present>, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.table, request_id };
        let access = self.access(&caller, &workbook).await?;
        let input = workbook.input(&request.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        if !is_client_id(&request.page) {
            return Err(EngineError::Refused(ApiError::new(Code::BadRequest)));
        }
        let knows = |column: &str| input.column(column).is_some() && !access.hides(&input.name, column);
        let at = match &request.at {
            Some(CellPlace { key, column }) => {
                if !knows(column) {
                    return Err(EngineError::refused(Code::UnknownColumn));
                }
                self.seen(&caller, input, key).await?;
                Some((serde_json::to_string(key).unwrap_or_default(), column.clone()))
            }
            None => None,
        };
        let typist = Typist {
            issuer: principal.issuer.clone(),
            tenant: principal.tenant.clone(),
            user: principal.user.clone(),
            name: principal.name.clone(),
            page: request.page.clone(),
            workbook: workbook.id.clone(),
            table: input.name.clone(),
            at,
            said_us: (self.now)().and_utc().timestamp_micros(),
        };
        let others = self.typists.of(&typist);
        if self.see(typist.clone()) || typist.at.is_some() {
            let notice = Notice::Typing { versions: vec![typist.said_us], typist };
            self.warehouse().pass_on(notice).await;
        }
        let mut told = Vec::new();
        for other in others {
            let Some((key, column)) = other.at.filter(|(_, column)| knows(column)) else { continue };
            let key: Vec<model::Raw> = serde_json::from_str(&key).unwrap_or_default();
            match self.seen(&caller, input, &key).await {
                Ok(_) => told.push(Present { key, column, by: other.name }),
                Err(EngineError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(told)
    }

    /// Takes in where somebody types, here or at another server; whoever looks is told that he may ask. True if it is news.
    pub(crate) fn see(&self, typist: Typist) -> bool {
        let (tenant, workbook) = (typist.tenant.clone(), typist.workbook.clone());
        let (table, version) = (format!("{}{PRESENCE_SUFFIX}", typist.table), typist.said_us);
        let news = self.typists.put(typist);
        if news {
            self.tell(&tenant, &workbook, &table, version);
        }
        news
    }
}
