//! Text that an author has written in Markdown, taken apart: there is no HTML in it that could come alive.

use serde::{Deserialize, Serialize};

/// A part of a text that stands on lines of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum TextPart {
    /// `level` is 1 to 6.
    Heading {
        level: u8,
        words: Vec<Words>,
    },
    Paragraph {
        words: Vec<Words>,
    },
    /// Numbered from `first` on, if there is one.
    List {
        first: Option<u64>,
        items: Vec<Vec<TextPart>>,
    },
    Quote {
        parts: Vec<TextPart>,
    },
    Code {
        text: String,
    },
    Rule,
}

/// Words in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Words {
    Plain {
        text: String,
    },
    /// A value: the column of the answer with this number, counted from 0.
    Value {
        column: usize,
    },
    Strong {
        words: Vec<Words>,
    },
    Emphasis {
        words: Vec<Words>,
    },
    Struck {
        words: Vec<Words>,
    },
    Code {
        text: String,
    },
    /// To an address that begins with `https:`, `http:` or `mailto:`.
    Link {
        to: String,
        words: Vec<Words>,
    },
    Break,
}
