//! A YAML file that remembers where everything stands, and the mistakes found in it.

use std::collections::BTreeSet;
use std::fmt;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use serde_json::{Map, Value as Json};
use words::Message;

use crate::expr::ExprError;

/// One step from a node to a node below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// Builds a path of steps: `at!["sources", name, "rows"]`.
macro_rules! at {
    ($($step:expr),* $(,)?) => { [$($crate::catalog::document::Step::from($step)),*] };
}
pub(super) use at;

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<&String> for Step {
    fn from(key: &String) -> Self {
        Self::Key(key.clone())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is not served.
    Error,
    /// It is, and does less than its author may think.
    Warning,
}

/// A mistake in a file, told the way a compiler tells it. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub severity: Severity,
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub source_line: String,
    pub message: String,
    pub hint: Option<String>,
}

impl Mistake {
    pub(super) fn plain(file: &str, message: String) -> Self {
        Self { severity: Severity::Error, file: file.into(), line: 1, column: 1, source_line: String::new(), message, hint: None }
    }

    pub(crate) fn of_table(workbook: &str, table: &str, error: &str) -> Self {
        Self::plain(workbook, format!("the table of `{table}` can't be made: {error}"))
    }

    pub(super) fn of_store(error: &std::io::Error) -> Self {
        Self::plain("workbooks", format!("the workbook files can't be read: {error}"))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        writeln!(f, "{severity}: {}", self.message)?;
        writeln!(f, "  --> {}:{}:{}", self.file, self.line, self.column)?;
        if !self.source_line.is_empty() {
            let number = self.line.to_string();
            let margin = " ".repeat(number.len());
            writeln!(f, " {margin} |")?;
            writeln!(f, " {number} | {}", self.source_line)?;
            writeln!(f, " {margin} | {}^", " ".repeat(self.column - 1))?;
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "  = {hint}")?;
        }
        Ok(())
    }
}

/// A parsed file. Paths into it count list items as a reader of its JSON does, who may have left out broken ones.
#[derive(Debug)]
pub(super) struct Document<'a> {
    file: &'a str,
    lines: Vec<&'a str>,
    root: MarkedYaml<'a>,
    /// Lists that have lost items, by their path in the file, with the places that those had there.
    left_out: Vec<(Vec<Step>, BTreeSet<usize>)>,
}

impl<'a> Document<'a> {
    /// Parses the text as one YAML document.
    pub fn parse(file: &'a str, text: &'a str) -> Result<Self, Mistake> {
        let lines: Vec<&str> = text.lines().collect();
        let broken = |line: usize, column: usize, message: String| Mistake {
            severity: Severity::Error,
            file: file.into(),
            line,
            column,
            source_line: lines.get(line.saturating_sub(1)).copied().unwrap_or_default().into(),
            message,
            hint: None,
        };
        let mut documents = MarkedYaml::load_from_str(text)
            .map_err(|error| broken(error.marker().line(), error.marker().col() + 1, error.info().to_owned()))?;
        match documents.len() {
            1 => Ok(Self { file, root: documents.remove(0), lines, left_out: Vec::new() }),
            n => Err(broken(1, 1, format!("expected one YAML document, found {n}"))),
        }
    }

    /// The whole file as JSON, without places.
    pub fn to_json(&self) -> Json {
        to_json(&self.root)
    }

    /// From now on paths are read as if the list item at `path` were not there.
    pub fn leave_out(&mut self, path: &[Step]) {
        let path = self.in_file(path);
        let Some((Step::Index(index), list)) = path.split_last() else {
            return;
        };
        match self.left_out.iter_mut().find(|(known, _)| known == list) {
            Some((_, places)) => drop(places.insert(*index)),
            None => self.left_out.push((list.to_vec(), BTreeSet::from([*index]))),
        }
    }

    /// `path` with the places that its list items have in the file.
    fn in_file(&self, path: &[Step]) -> Vec<Step> {
        let mut found: Vec<Step> = Vec::with_capacity(path.len());
        for step in path {
            let step = match step {
                Step::Index(index) => {
                    let left_out = self.left_out.iter().find(|(list, _)| *list == found);
                    let skipped = |index: usize, gone: &usize| if *gone <= index { index + 1 } else { index };
                    Step::Index(left_out.map_or(*index, |(_, gone)| gone.iter().fold(*index, skipped)))
                }
                key => key.clone(),
            };
            found.push(step);
        }
        found
    }

    /// A mistake at the node that `path` leads to, or at the nearest one above it that exists.
    pub fn mistake(&self, path: &[Step], message: impl Into<String>) -> Mistake {
        let node = self.find(path);
        self.at(node.span.start.line(), node.span.start.col() + 1, message.into())
    }

    /// A mistake at the key of a mapping entry rather than at its value.
    pub fn mistake_at_key(&self, parent: &[Step], key: &str, message: impl Into<String>) -> Mistake {
        let parent = self.find(parent);
        let found = entries(parent).find(|(k, _)| text_of(k) == Some(key)).map_or(parent, |(k, _)| k);
        self.at(found.span.start.line(), found.span.start.col() + 1, message.into())
    }

    /// A mistake inside an expression that stands at `path`.
    pub fn expression_mistake(&self, path: &[Step], error: &ExprError) -> Mistake {
        let start = self.find(path).span.start;
        let quoted =
            self.lines.get(start.line() - 1).and_then(|l| l.chars().nth(start.col())).is_some_and(|c| c == '"' || c == '\'');
        let inline = error.line == 1;
        let line = start.line() + error.line as usize - 1;
        let column = if inline { start.col() + usize::from(quoted) + error.column as usize } else { error.column as usize };
        let mut mistake = self.at(line, column, error.message.to_string());
        mistake.hint = error.hint.as_ref().map(Message::to_string);
        mistake
    }

    /// Whether the file has something there, be it good or broken.
    pub fn has(&self, path: &[Step]) -> bool {
        let Some((Step::Key(last), above)) = path.split_last() else {
            return false;
        };
        entries(self.find(above)).any(|(key, _)| text_of(key) == Some(last))
    }

    fn at(&self, line: usize, column: usize, message: String) -> Mistake {
        let source_line = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default().to_owned();
        Mistake { severity: Severity::Error, file: self.file.into(), line, column, source_line, message, hint: None }
    }

    fn find(&self, path: &[Step]) -> &MarkedYaml<'a> {
        let mut node = &self.root;
        for step in &self.in_file(path) {
            let next = match (step, &node.data) {
                (Step::Key(key), _) => entries(node).find(|(k, _)| text_of(k) == Some(key)).map(|(_, v)| v),
                (Step::Index(index), YamlData::Sequence(items)) => items.get(*index),
                (Step::Index(_), _) => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }
}

fn entries<'n, 'a>(node: &'n MarkedYaml<'a>) -> impl Iterator<Item = (&'n MarkedYaml<'a>, &'n MarkedYaml<'a>)> {
    if let YamlData::Mapping(map) = &node.data { Some(map.iter()) } else { None }.into_iter().flatten()
}

fn text_of<'n>(node: &'n MarkedYaml<'_>) -> Option<&'n str> {
    if let YamlData::Value(Scalar::String(text)) = &node.data { Some(text) } else { None }
}

fn to_json(node: &MarkedYaml<'_>) -> Json {
    match &node.data {
        YamlData::Value(Scalar::Boolean(flag)) => Json::Bool(*flag),
        YamlData::Value(Scalar::Integer(n)) => Json::from(*n),
        YamlData::Value(Scalar::FloatingPoint(f)) => Json::from(f.into_inner()),
        YamlData::Value(Scalar::String(text)) => Json::from(text.as_ref()),
        YamlData::Sequence(items) => items.iter().map(to_json).collect(),
        YamlData::Mapping(map) => {
            let key = |k: &MarkedYaml<'_>| to_json(k).as_str().map_or_else(|| to_json(k).to_string(), str::to_owned);
            Json::Object(map.iter().map(|(k, v)| (key(k), to_json(v))).collect::<Map<_, _>>())
        }
        YamlData::Tagged(_, inner) => to_json(inner),
        _ => Json::Null,
    }
}
