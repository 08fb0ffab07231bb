//! Who types into which cell right now.

use serde::{Deserialize, Serialize};

use crate::Raw;

/// Behind a table's name in the change stream: somebody types there, or no longer.
pub const PRESENCE_SUFFIX: &str = "#presence";

/// Says where one types, and asks where others do. While one types it is said again every [`SAID_EVERY_S`] seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresenceRequest {
    pub workbook: String,
    /// Name of the input table.
    pub table: String,
    /// Of the open page, made by it, 8 to 64 characters of `[A-Za-z0-9-]`: one's own page is not told of itself.
    pub page: String,
    /// `None` where one only asks, or types no longer.
    #[serde(default)]
    pub at: Option<CellPlace>,
}

/// A cell by its row's key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellPlace {
    pub key: Vec<Raw>,
    pub column: String,
}

/// Somebody who types into a cell that the person who asks may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Present {
    pub key: Vec<Raw>,
    pub column: String,
    /// His name.
    pub by: String,
}

/// In seconds; who has not said so for more than twice as long types no longer.
pub const SAID_EVERY_S: u32 = 10;
