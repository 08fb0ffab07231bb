//! The one wire error: a stable code, a status, a plain sentence. `docs/errors.md` lists every code; a test locks it.

use serde::{Deserialize, Serialize};
use words::Message;

/// What a person or script is told when a call fails. Never holds SQL or the text of a database error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiError {
    pub code: Code,
    /// In English.
    pub message: String,
    /// The same for whoever reads another language; none, where it is in the author's words or the code says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Box<Message>>,
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
        Self::with(code, code.message().to_string())
    }

    /// An error in words of its own, for scripts and authors.
    #[must_use]
    pub fn with(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), said: None, hint: None, incident: None, outcome: None }
    }

    /// An error that a person at the screen may meet.
    #[must_use]
    pub fn say(code: Code, message: Message) -> Self {
        let (message, said) = on_wire(&message);
        Self { code, message, said: said.map(Box::new), hint: None, incident: None, outcome: None }
    }

    /// The sentence as it is to be said to a person.
    #[must_use]
    pub fn told(&self) -> Message {
        told(Some(self.code), &self.message, self.said.as_deref())
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    pub column: String,
    pub code: Code,
    pub message: Message,
}

/// A message as it goes over the wire: in English, and once more by its name if the code does not say it all.
pub(crate) fn on_wire(message: &Message) -> (String, Option<Message>) {
    let named = message.id().is_some() && !message.is_of_code();
    (message.to_string(), named.then(|| message.clone()))
}

/// What a person is told of a refusal that came over the wire: the message if it is one of ours, the code's own if that is
/// what was said, else the words as they came.
pub(crate) fn told(code: Option<Code>, message: &str, said: Option<&Message>) -> Message {
    let of_code = || code.map(Code::message).filter(|own| own.to_string() == message);
    said.filter(|said| said.is_known()).cloned().or_else(of_code).unwrap_or_else(|| Message::given(message))
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal $status:literal;)*) => {
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
            pub fn message(self) -> Message { Message::of_code(self.as_str()) }
        }
    };
}

codes! {
    /// The body is not JSON of the expected shape.
    BadRequest = "RQ001" 400;
    BodyTooLarge = "RQ002" 413;
    WrongContentType = "RQ003" 415;
    OriginNotAllowed = "RQ004" 403;
    NoSuchRoute = "RQ005" 404;
    BadView = "RQ006" 422;
    BadComment = "RQ007" 422;
    /// No session, an ended one, or a ticket that can't be accepted: nothing more is said.
    NotSignedIn = "AC001" 401;
    TicketRefused = "AC002" 401;
    /// The principal may see it but not do this.
    NotAllowed = "AC003" 403;
    /// Hidden or absent: the same answer.
    NotFound = "AC004" 404;
    ColumnReadOnly = "AC005" 422;
    UnknownColumn = "QY001" 422;
    BadFilter = "QY002" 422;
    NumberTooLarge = "QY003" 422;
    TooManyRows = "QY004" 422;
    /// Not one of this answer's, or the sort has changed since.
    BadPlace = "QY005" 422;
    BadExpression = "QY006" 422;
    BadGrouping = "QY007" 422;
    WrongType = "WB001" 422;
    OutOfRange = "WB002" 422;
    TooLong = "WB003" 422;
    NotAnOption = "WB004" 422;
    Required = "WB005" 422;
    RuleFailed = "WB006" 422;
    /// The cell holds something else than what the person saw.
    Conflict = "WB007" 409;
    RowNotFound = "WB008" 404;
    RowReadOnly = "WB009" 403;
    BatchReused = "WB010" 422;
    BadBatch = "WB011" 422;
    KeyNotUnique = "WB012" 422;
    /// Not wrong itself: the batch was all or nothing and another cell was refused.
    NotApplied = "WB013" 422;
    NotSupported = "WB014" 422;
    TooShort = "WB015" 422;
    WrongForm = "WB016" 422;
    NotUnique = "WB017" 422;
    /// Not among what the person may choose from in another source.
    NotListed = "WB018" 422;
    /// Its content is of no type that the column takes, or is not what its name says.
    WrongFile = "WB019" 422;
    /// Nobody has sent it, it was for something else, or it was not filed in time.
    NoSuchFile = "WB020" 422;
    /// Its content can't be read as what it is said to be, or unpacks to more than anybody would mean.
    UnreadableFile = "IM001" 422;
    /// Nobody has sent it, somebody else has, or it was not used in time.
    NoSuchUpload = "IM002" 404;
    BadMapping = "IM003" 422;
    /// Of a line that has more or fewer values than there are columns.
    RaggedLine = "IM004" 422;
    TwiceInFile = "IM005" 422;
    /// Of a cell whose bytes are no text in the file's encoding.
    UnreadableText = "IM006" 422;
    UploadTooLarge = "IM007" 413;
    WarehouseUnavailable = "WH001" 503;
    WarehouseFailed = "WH002" 503;
    /// The role that a person's attributes name is missing, or may not be taken on.
    NoWarehouseRole = "WH003" 403;
    WarehouseDenies = "WH004" 403;
    WarehouseTooSlow = "WH005" 503;
    /// The connection was lost while the warehouse committed.
    Unsure = "WH006" 503;
    WarehouseBusy = "WH007" 503;
    /// The host's product, which a form writes through, did not answer.
    HostUnavailable = "WH008" 503;
    Internal = "SY001" 500;
    /// Only ever made in the browser: the request did not reach the server, or its answer was lost.
    Offline = "SY002" 503;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_documented() {
        let docs = include_str!("../../docs/errors.md");
        for code in Code::ALL {
            let row = format!("| `{}` | {} | {} |", code.as_str(), code.status(), code.message());
            assert!(docs.contains(&row), "docs/errors.md lacks the row {row}");
        }
        let listed = docs.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(listed, Code::ALL.len(), "docs/errors.md lists codes that no longer exist");
    }
}
