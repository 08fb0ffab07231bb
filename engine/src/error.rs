//! What can go wrong at the engine's boundary, and how it is told to the outside.

use model::{ApiError, Code};

use crate::warehouse::WarehouseError;

/// An error of one engine call.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The caller's fault or lack of right; safe to tell as it is.
    #[error(transparent)]
    Refused(#[from] ApiError),
    /// The warehouse's; its text stays in the log.
    #[error("warehouse")]
    Warehouse(#[from] WarehouseError),
}

impl EngineError {
    #[must_use]
    pub fn refused(code: Code) -> Self {
        Self::Refused(ApiError::new(code))
    }

    /// The wire error: never the database's words.
    #[must_use]
    pub fn to_api(&self) -> ApiError {
        match self {
            Self::Refused(error) => error.clone(),
            Self::Warehouse(WarehouseError::Unavailable(_) | WarehouseError::Conflicted(_)) => {
                ApiError::new(Code::WarehouseUnavailable)
            }
            Self::Warehouse(WarehouseError::NumberTooLarge) => ApiError::new(Code::NumberTooLarge),
            Self::Warehouse(WarehouseError::Rejected(code, _)) => ApiError::new(*code),
            Self::Warehouse(WarehouseError::Failed(_)) => ApiError::new(Code::WarehouseFailed),
        }
    }
}
