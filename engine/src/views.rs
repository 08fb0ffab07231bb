//! Views of tables: the author's, cut down to what a person may know, and his own.

use model::{ApiError, Code, Principal, SaveView, SavedView, ViewsRequest};
use words::Message;

use crate::catalog::Kind;
use crate::control::{ControlStore, ViewPlace, WarehouseControl};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::warehouse::Caller;

/// In characters, in bytes, and of one person and table.
const MOST_NAME: usize = 80;
const MOST_SHAPE: usize = 64 << 10;
const MOST_VIEWS: usize = 100;

impl Engine {
    /// The views of a table: the author's, as far as the person knows their columns, then his own.
    ///
    /// # Errors
    /// `AC004` for an element that he may not know.
    pub async fn views(
        &self,
        principal: &Principal,
        request: &ViewsRequest,
        request_id: &str,
    ) -> Result<Vec<SavedView>, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.element, request_id };
        let access = self.access(&caller, &workbook).await?;
        let element = workbook.element(&request.element).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let known = |name: &String| !access.hides(&element.dataset, name);
        let authors = element.views.iter().map(|(name, shape)| {
            let mut shape = shape.clone();
            shape.columns.retain(known);
            shape.sort.retain(|sort| known(&sort.column));
            shape.filters.retain(|filter| known(&filter.column));
            shape.group.iter_mut().for_each(|group| group.retain(known));
            SavedView { name: name.clone(), shape, own: false }
        });
        let own = self.control().views(&ViewPlace::of(principal, &workbook.id, &element.id)).await?;
        Ok(authors.chain(own.into_iter().map(|(name, shape)| SavedView { name, shape, own: true })).collect())
    }

    /// Saves or deletes a view of a person's own.
    ///
    /// # Errors
    /// `AC004` for an element that he may not know, `RQ006` for a view that can't be kept.
    pub async fn save_view(&self, principal: &Principal, view: &SaveView) -> Result<(), EngineError> {
        let workbook = self.find(principal, &view.workbook)?;
        let element = workbook.element(&view.element).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let bad = |message: Message| Err(EngineError::Refused(ApiError::say(Code::BadView, message)));
        if !matches!(element.kind, Kind::Table { .. } | Kind::InputTable { .. }) {
            return bad(Message::given("Only tables have views."));
        }
        if view.name.trim() != view.name || !(1..=MOST_NAME).contains(&view.name.chars().count()) {
            return bad(words::view_name_length(MOST_NAME));
        }
        if serde_json::to_string(&view.shape).map_or(true, |text| text.len() > MOST_SHAPE) {
            return bad(words::view_too_large());
        }
        let place = ViewPlace::of(principal, &workbook.id, &element.id);
        if view.shape.is_some() {
            let known = self.control().views(&place).await?;
            if known.len() >= MOST_VIEWS && known.iter().all(|(name, _)| *name != view.name) {
                return bad(words::views_at_most(MOST_VIEWS));
            }
        }
        Ok(self.control().save_view(&place, &view.name, view.shape.as_ref()).await?)
    }

    pub(crate) fn control(&self) -> WarehouseControl {
        WarehouseControl(self.warehouse().clone())
    }
}
