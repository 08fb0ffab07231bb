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
        let error = match self {
            Self::Refused(error) => return error.clone(),
            Self::Warehouse(error) => error,
        };
        let code = match error {
            WarehouseError::Unavailable(_) => Code::WarehouseUnavailable,
            WarehouseError::Conflicted(_) | WarehouseError::Busy(_) => Code::WarehouseBusy,
            WarehouseError::TooSlow(_) => Code::WarehouseTooSlow,
            WarehouseError::Unsure(_) => Code::Unsure,
            WarehouseError::NoRole(_) => Code::NoWarehouseRole,
            WarehouseError::Denied(_) => Code::WarehouseDenies,
            WarehouseError::NumberTooLarge => Code::NumberTooLarge,
            WarehouseError::Rejected(code, _) => *code,
            WarehouseError::Raised(_) | WarehouseError::Failed(_) => Code::WarehouseFailed,
        };
        match code {
            Code::NoWarehouseRole => ApiError::new(code).hint("Whoever runs the warehouse has to give you a role there."),
            Code::WarehouseDenies => {
                ApiError::new(code).hint("Whoever runs this can see what is missing: inlay write-access verify.")
            }
            Code::WarehouseTooSlow => ApiError::new(code).hint("Narrow it with a filter, or try again later."),
            code => ApiError::new(code),
        }
    }
}
