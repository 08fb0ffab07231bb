//! SQL text and its binds, built side by side so that placeholders and binds can't drift apart.

use model::{ColumnType, Value};
use serde_json::Value as Json;

use crate::expr::postgres_type;

/// A statement or a piece of one. Values are binds, always; text comes from us and from the author's file only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sql {
    /// With a `?` for each bind; an engine that writes placeholders otherwise knows where they stand.
    pub text: String,
    pub binds: Vec<Value>,
    /// Places of the placeholders in the text, in bytes: a `?` of the author's own is none.
    places: Vec<usize>,
    /// That the same text hardly comes again, so that keeping it compiled is of no use.
    pub once: bool,
}

impl Sql {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Appends text that holds no placeholder.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub fn bind(&mut self, value: Value) -> &mut Self {
        self.places.push(self.text.len());
        self.text.push('?');
        self.binds.push(value);
        self
    }

    pub fn append(&mut self, other: Self) -> &mut Self {
        let before = self.text.len();
        self.text.push_str(&other.text);
        self.places.extend(other.places.into_iter().map(|place| before + place));
        self.binds.extend(other.binds);
        self.once |= other.once;
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

    /// The text with each placeholder as `write` gives it for its value.
    pub fn with_placeholders(&self, mut write: impl FnMut(&Value) -> String) -> String {
        let mut out = String::with_capacity(self.text.len() + 16 * self.places.len());
        let mut from = 0;
        for (place, value) in self.places.iter().zip(&self.binds) {
            out.push_str(&self.text[from..*place]);
            out.push_str(&write(value));
            from = place + 1;
        }
        out.push_str(&self.text[from..]);
        out
    }
}

/// One bind alone.
impl From<Value> for Sql {
    fn from(value: Value) -> Self {
        let mut sql = Self::default();
        sql.bind(value);
        sql
    }
}

/// An identifier, quoted for every engine that follows the standard.
#[must_use]
pub fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A table's name without its schema.
#[must_use]
pub fn unqualified(table: &str) -> &str {
    table.rsplit('.').next().unwrap_or(table)
}

/// Rows that go together.
const MOST_TOGETHER: usize = 1_000;
/// Values of theirs that one statement of SQLite takes. It knows 32,766 binds, but keeps memory for each as long as the statement is kept.
/// <https://www.sqlite.org/limits.html#max_variable_number>
const MOST_BINDS: usize = 12_000;

/// What the statements of an engine look like, where the standard leaves it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// One of Inlay's own tables: in a schema of their own, or with a prefix where there are no schemas.
    #[must_use]
    pub fn own(self, table: &str) -> String {
        match self {
            Self::Sqlite => quote(&format!("inlay_{table}")),
            Self::Postgres => format!("\"inlay\".{}", quote(table)),
        }
    }

    /// A statement on one of them: `verb`, its name, `rest`.
    #[must_use]
    pub fn on_own(self, verb: &str, table: &str, rest: &str) -> Sql {
        Sql::new(format!("{verb}{}{rest}", self.own(table)))
    }

    /// `insert into` one of our own tables, one row.
    #[must_use]
    pub fn insert_own<'a>(self, table: &str, columns: impl IntoIterator<Item = (&'a str, Value)>) -> Sql {
        let (names, values): (Vec<String>, Vec<Sql>) =
            columns.into_iter().map(|(name, value)| (quote(name), Sql::from(value))).unzip();
        let mut sql = self.on_own("insert into ", table, "");
        sql.push(&format!(" ({}) values (", names.join(", "))).join(", ", values).push(")");
        sql
    }

    /// What follows `select` so that each of `texts` is a row; one bind, however many they are.
    #[must_use]
    pub fn texts(self, texts: &[String]) -> Sql {
        let list = Value::Text(Json::from(texts).to_string());
        let mut sql = Sql::default();
        match self {
            Self::Sqlite => sql.push("value from json_each(").bind(list).push(")"),
            Self::Postgres => sql.push("jsonb_array_elements_text(").bind(list).push("::jsonb)"),
        };
        sql
    }

    /// How many rows of so many values [`Self::rows`] takes together.
    #[must_use]
    pub fn rows_together(self, values: usize) -> usize {
        match self {
            Self::Sqlite => (MOST_BINDS / values.max(1)).clamp(1, MOST_TOGETHER),
            Self::Postgres => MOST_TOGETHER,
        }
    }

    /// A `select` of `columns` over `rows`, at least one, each with a value for each column.
    #[must_use]
    pub fn rows(self, columns: &[(&str, &ColumnType)], rows: Vec<Vec<Value>>) -> Sql {
        let column = |(i, (name, ty)): (usize, &(&str, &ColumnType))| match self {
            Self::Sqlite => format!("column{} as {}", i + 1, quote(name)),
            Self::Postgres => format!("(value ->> {i})::{} as {}", postgres_type(ty), quote(name)),
        };
        let columns: Vec<String> = columns.iter().enumerate().map(column).collect();
        let mut sql = Sql::new(format!("select {} from ", columns.join(", ")));
        match self {
            // A list in JSON takes SQLite three times as long.
            Self::Sqlite => {
                sql.push("(values ");
                for (i, row) in rows.into_iter().enumerate() {
                    sql.push(if i == 0 { "(" } else { ", (" }).join(", ", row.into_iter().map(Sql::from)).push(")");
                }
                sql.push(")")
            }
            Self::Postgres => {
                let row = |row: Vec<Value>| Json::from(row.iter().map(Value::to_wire).collect::<Vec<_>>());
                let list = Json::from(rows.into_iter().map(row).collect::<Vec<_>>());
                sql.push("jsonb_array_elements(").bind(Value::Text(list.to_string())).push("::jsonb)")
            }
        };
        sql
    }

    /// A table by the author's name for it, with its schema if he gave one.
    #[must_use]
    pub fn table(self, name: &str) -> String {
        match (self, name.split_once('.')) {
            (Self::Postgres, Some((schema, table))) => format!("{}.{}", quote(schema), quote(table)),
            _ => quote(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authors_question_mark_is_no_placeholder() {
        let mut sql = Sql::new("select '?' = ");
        sql.bind(Value::Integer(1));
        let mut outer = Sql::new("with ? as (");
        outer.append(sql).push(") select ").bind(Value::Integer(2));
        assert_eq!(
            outer.with_placeholders(|value| format!("<{value:?}>")),
            "with ? as (select '?' = <Integer(1)>) select <Integer(2)>"
        );
    }
}
