//! The one wire error: a stable code, a status, a plain sentence. `docs/errors.md` lists every code; a test locks it.

use serde::{Deserialize, Serialize};

/// What a person or script is told when a call fails. Never holds SQL or the text of a database error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiError {
    pub code: Code,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Set for errors of the server's own making; the log has the chain under the same id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// For a refused batch: what became of each row and cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Box<crate::BatchOutcome>>,
}

impl ApiError {
    /// An error with the code's own sentence.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self::with(code, code.sentence())
    }

    #[must_use]
    pub fn with(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, incident: None, outcome: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The HTTP status that goes with the code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.code.status()
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for ApiError {}

/// Why one cell was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellError {
    pub column: String,
    pub code: Code,
    pub message: String,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal $status:literal $sentence:literal;)*) => {
        /// Every error code of the API. The name is for us, [`Code::as_str`] is for the world and never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code { $($(#[doc = $doc])* #[serde(rename = $code)] $name,)* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code, such as `WB001`.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $code,)* } }

            /// The HTTP status of an answer that carries this code.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }

            /// The sentence used when there is nothing more precise to say.
            #[must_use]
            pub fn sentence(self) -> &'static str { match self { $(Self::$name => $sentence,)* } }
        }
    };
}

codes! {
    /// The body is not JSON of the expected shape.
    BadRequest = "RQ001" 400 "This request could not be read.";
    BodyTooLarge = "RQ002" 413 "This request is too large.";
    WrongContentType = "RQ003" 415 "Send application/json.";
    OriginNotAllowed = "RQ004" 403 "This page may not use this workbook.";
    NoSuchRoute = "RQ005" 404 "There is nothing here.";
    BadView = "RQ006" 422 "This view can't be kept.";
    BadComment = "RQ007" 422 "This comment can't be kept.";
    /// No session, an ended one, or a ticket that can't be accepted: nothing more is said.
    NotSignedIn = "AC001" 401 "Please sign in again.";
    TicketRefused = "AC002" 401 "This ticket can't be accepted.";
    /// The principal may see it but not do this.
    NotAllowed = "AC003" 403 "You may look at this but not change it.";
    /// Hidden or absent: the same answer.
    NotFound = "AC004" 404 "This does not exist, or you may not see it.";
    ColumnReadOnly = "AC005" 422 "This column can't be changed.";
    UnknownColumn = "QY001" 422 "There is no such column.";
    BadFilter = "QY002" 422 "This filter does not fit its column.";
    NumberTooLarge = "QY003" 422 "A result is too large to be shown exactly.";
    TooManyRows = "QY004" 422 "These are more rows than one file holds; narrow them with a filter first.";
    /// Not one of this answer's, or the sort has changed since.
    BadPlace = "QY005" 422 "This place does not fit the sort; ask for places again.";
    BadExpression = "QY006" 422 "This expression does not fit.";
    BadGrouping = "QY007" 422 "Rows can't be grouped like this.";
    WrongType = "WB001" 422 "This is not a value of the column's type.";
    OutOfRange = "WB002" 422 "This value is out of range.";
    TooLong = "WB003" 422 "This text is too long.";
    NotAnOption = "WB004" 422 "This is not one of the options.";
    Required = "WB005" 422 "A value is required.";
    RuleFailed = "WB006" 422 "A rule of this table refuses this value.";
    /// The cell holds something else than what the person saw.
    Conflict = "WB007" 409 "Somebody changed this cell in the meantime.";
    RowNotFound = "WB008" 404 "This row does not exist, or you may not see it.";
    RowReadOnly = "WB009" 403 "This row can't be changed by you.";
    BatchReused = "WB010" 422 "This batch id was used for other content.";
    BadBatch = "WB011" 422 "This batch can't be applied.";
    KeyNotUnique = "WB012" 422 "This row's key is empty or not unique, so it can't be edited.";
    /// Not wrong itself: the batch was all or nothing and another cell was refused.
    NotApplied = "WB013" 422 "Not applied, because another cell of the batch was refused.";
    NotSupported = "WB014" 422 "This is not supported yet.";
    TooShort = "WB015" 422 "This text is too short.";
    WrongForm = "WB016" 422 "This text does not have the form that is asked for.";
    NotUnique = "WB017" 422 "Another row has this value already.";
    /// Not among what the person may choose from in another source.
    NotListed = "WB018" 422 "This is not one of the values to choose from.";
    WarehouseUnavailable = "WH001" 503 "The warehouse can't be reached right now. Nothing was changed.";
    WarehouseFailed = "WH002" 503 "The warehouse could not do this. Nothing was changed.";
    /// The role that a person's attributes name is missing, or may not be taken on.
    NoWarehouseRole = "WH003" 403 "The warehouse has no role for you.";
    WarehouseDenies = "WH004" 403 "The warehouse does not let you read this.";
    WarehouseTooSlow = "WH005" 503 "The warehouse took too long and was stopped. Nothing was changed.";
    /// The connection was lost while the warehouse committed.
    Unsure = "WH006" 503 "Whether this was saved can't be told right now. Send it again: it is applied once.";
    WarehouseBusy = "WH007" 503 "Others write here right now. Nothing was changed; try again.";
    Internal = "SY001" 500 "Something went wrong on our side.";
    /// Only ever made in the browser: the request did not reach the server, or its answer was lost.
    Offline = "SY002" 503 "The server can't be reached. Your edits are kept here and sent when it answers again.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_documented() {
        let docs = include_str!("../../docs/errors.md");
        for code in Code::ALL {
            let row = format!("| `{}` | {} | {} |", code.as_str(), code.status(), code.sentence());
            assert!(docs.contains(&row), "docs/errors.md lacks the row {row}");
        }
        let listed = docs.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(listed, Code::ALL.len(), "docs/errors.md lists codes that no longer exist");
    }
}
