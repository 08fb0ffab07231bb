//! SQL text and its binds, built side by side so that placeholders and binds can't drift apart.

use model::Value;

/// A statement or a piece of one. Values are binds, always; text comes from us and from the author's file only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sql {
    pub text: String,
    pub binds: Vec<Value>,
}

impl Sql {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), binds: Vec::new() }
    }

    /// Appends text that holds no placeholder.
    pub fn push(&mut self, text: &str) -> &mut Self {
        debug_assert!(!text.contains('?'), "placeholders come with their binds: {text}");
        self.text.push_str(text);
        self
    }

    /// Appends the author's own text, in which a `?` is his.
    pub fn raw(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub fn bind(&mut self, value: Value) -> &mut Self {
        self.text.push('?');
        self.binds.push(value);
        self
    }

    pub fn append(&mut self, other: Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.binds.extend(other.binds);
        self
    }

    /// Appends `parts` with `separator` between them.
    pub fn join(&mut self, separator: &str, parts: impl IntoIterator<Item = Self>) -> &mut Self {
        for (i, part) in parts.into_iter().enumerate() {
            if i > 0 {
                self.push(separator);
            }
            self.append(part);
        }
        self
    }
}

/// An identifier, quoted for every engine that follows the standard.
#[must_use]
pub fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
