//! Files that are attached to rows: what a column takes, and what its value says of one.

#[cfg(feature = "file")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Raw;

/// A kind of file, told by its content and not by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    Pdf,
    Png,
    Jpeg,
    Webp,
    Gif,
    Heic,
    Csv,
    Text,
    Docx,
    Xlsx,
    Pptx,
}

impl FileType {
    pub const ALL: [Self; 11] = [
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Webp,
        Self::Gif,
        Self::Heic,
        Self::Csv,
        Self::Text,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
    ];

    #[must_use]
    pub fn media(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Heic => "image/heif",
            Self::Csv => "text/csv",
            Self::Text => "text/plain",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    }

    /// What such files are called at the end, the usual one first.
    #[must_use]
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Webp => &["webp"],
            Self::Gif => &["gif"],
            Self::Heic => &["heic", "heif"],
            Self::Csv => &["csv"],
            Self::Text => &["txt"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
        }
    }

    /// Whether a browser shows it as a picture, so that it may be made smaller there.
    #[must_use]
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Webp)
    }

    /// By its media type.
    #[must_use]
    pub fn of_media(media: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.media() == media)
    }
}

/// What files a column takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRules {
    pub types: Vec<FileType>,
    pub most_bytes: u64,
}

impl FileRules {
    /// What a file dialog is told that may be chosen.
    #[must_use]
    pub fn accept(&self) -> String {
        let endings = self.types.iter().flat_map(|ty| ty.endings()).map(|ending| format!(".{ending}"));
        self.types.iter().map(|ty| ty.media().to_owned()).chain(endings).collect::<Vec<_>>().join(",")
    }

    /// The same for people: `PDF, PNG`.
    #[must_use]
    pub fn said(&self) -> String {
        self.types.iter().map(|ty| ty.endings()[0].to_uppercase()).collect::<Vec<_>>().join(", ")
    }
}

/// What the value of a file column says; the column holds it as JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Made by the server.
    pub id: String,
    pub name: String,
    /// In bytes.
    pub size: u64,
    pub media: String,
}

impl FileRef {
    /// Of a column's value on the wire.
    #[must_use]
    pub fn of(raw: &Raw) -> Option<Self> {
        serde_json::from_str(raw.as_str()?).ok()
    }

    /// The column's text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Where a file is to be attached: the column of a table that takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePlace {
    pub workbook: String,
    pub table: String,
    pub column: String,
    /// What the file is called.
    pub name: String,
}

/// Asks for the file that a row has in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRequest {
    pub workbook: String,
    pub table: String,
    /// Key values in the order of the table's key.
    pub key: Vec<Raw>,
    pub column: String,
}
