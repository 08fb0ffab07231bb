//! What people say to each other about a row of an input table.

use serde::{Deserialize, Serialize};

use crate::Raw;

/// Behind a table's name in the change stream: somebody has said something about its rows.
pub const COMMENTS_SUFFIX: &str = "#comments";

/// Asks for what was said about one row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommentsRequest {
    pub workbook: String,
    /// Name of the input table.
    pub table: String,
    /// Key values in the order of the table's key.
    pub key: Vec<Raw>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommentsAnswer {
    /// In the order in which they were begun.
    pub threads: Vec<Thread>,
    /// Who may be named in a comment: people of the same tenant who have been here and may open the workbook; at most
    /// [`MOST_PEOPLE`].
    pub people: Vec<Person>,
}

/// A comment and the answers to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// The first comment's id.
    pub id: String,
    /// Who has settled it, and when; `None` as long as it is open.
    pub resolved: Option<Resolved>,
    pub comments: Vec<Comment>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    pub by: String,
    /// UTC, RFC 3339.
    pub at: Raw,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    pub id: String,
    pub by: Person,
    /// UTC, RFC 3339.
    pub at: Raw,
    /// `None` once its author has taken it back.
    pub text: Option<String>,
    pub mentions: Vec<Person>,
    /// Whether the person who asks has written it.
    pub own: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub user: String,
    pub name: String,
}

/// Says something about a row, or changes what was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaveComment {
    pub workbook: String,
    pub table: String,
    pub key: Vec<Raw>,
    /// Of the comment, made by the client, 8 to 64 characters of `[A-Za-z0-9-]`: the same comment sent twice is one comment.
    /// To settle or open a thread, the thread's.
    pub id: String,
    pub change: CommentChange,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CommentChange {
    Say {
        /// The thread that it answers; `None` begins one.
        #[serde(default)]
        thread: Option<String>,
        /// 1 to [`MOST_TEXT`] characters.
        text: String,
        /// Users who are named in it.
        #[serde(default)]
        mentions: Vec<String>,
    },
    /// Settles a thread, or opens it again.
    Resolve(bool),
    /// Takes back a comment of one's own.
    TakeBack,
}

/// Of one comment, in characters.
pub const MOST_TEXT: usize = 4_000;
/// Of one row, all threads together.
pub const MOST_COMMENTS: usize = 1_000;
pub const MOST_PEOPLE: usize = 500;
