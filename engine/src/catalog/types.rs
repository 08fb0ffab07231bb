//! A workbook after checking: every name resolved, every expression typed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Block, ColumnRole, ColumnType, ColumnView, Constraints, FileRules, Format, Value, Zone};

use super::kinds::Element;
use crate::expr::{Expr, Natives};
use crate::import::FirstRows;
use crate::sql::{Dialect, unqualified};

/// Columns that Inlay itself keeps in every input table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemColumn {
    /// Key of a row of an empty table.
    Row,
    Version,
    CreatedBy,
    CreatedAt,
}

impl SystemColumn {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Row => "_row",
            Self::Version => "_version",
            Self::CreatedBy => "_created_by",
            Self::CreatedAt => "_created_at",
        }
    }
}

#[derive(Debug)]
pub struct Workbook {
    pub id: String,
    pub title: String,
    pub currency: String,
    pub zone: Zone,
    /// The month that a fiscal year begins with, 1 to 12.
    pub fiscal_year_starts: u32,
    pub sources: Vec<Source>,
    pub inputs: Vec<Input>,
    pub pages: Vec<Page>,
    /// By the name that they are served under.
    pub pictures: BTreeMap<String, Picture>,
    /// Hash of the file's text, and of its pictures.
    pub revision: String,
}

impl Workbook {
    #[must_use]
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.elements().find(|element| element.id == id)
    }

    /// Those of all pages.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.pages.iter().flat_map(|page| &page.elements)
    }

    #[must_use]
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }

    #[must_use]
    pub fn dataset(&self, name: &str) -> Option<Dataset<'_>> {
        self.datasets().find(|(known, _)| *known == name).map(|(_, dataset)| dataset)
    }

    /// Sources, then input tables, with their names, of which there is each only once.
    pub fn datasets(&self) -> impl Iterator<Item = (&str, Dataset<'_>)> {
        let sources = self.sources.iter().map(|source| (source.name.as_str(), Dataset::Source(source)));
        sources.chain(self.inputs.iter().map(|input| (input.name.as_str(), Dataset::Input(input))))
    }
}

#[derive(Clone, Debug)]
pub struct Page {
    pub id: String,
    pub title: String,
    pub elements: Vec<Element>,
    /// Where they are.
    pub layout: Vec<Block>,
}

/// A picture that stands in a workbook.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its media type.
    pub ty: &'static str,
    pub bytes: Arc<[u8]>,
}

/// What an element reads: a source, or an input table with its source behind it.
#[derive(Clone, Copy, Debug)]
pub enum Dataset<'a> {
    Source(&'a Source),
    Input(&'a Input),
}

impl<'a> Dataset<'a> {
    /// Every column of its own, hidden or not, in order.
    #[must_use]
    pub fn columns(self) -> Vec<&'a Column> {
        match self {
            Self::Source(source) => source.columns.iter().collect(),
            Self::Input(input) => input.all_columns(),
        }
    }

    /// Its own columns, then those of the sources that it is joined to: whatever an element may show.
    #[must_use]
    pub fn readable(self) -> Vec<&'a Column> {
        let mut columns = self.columns();
        columns.extend(self.joins().iter().flat_map(|join| &join.columns));
        columns
    }

    #[must_use]
    pub fn column(self, name: &str) -> Option<&'a Column> {
        self.readable().into_iter().find(|column| column.name == name)
    }

    /// Names and types of what an element may show, for checking expressions.
    #[must_use]
    pub fn scope(self) -> Vec<(String, ColumnType)> {
        self.readable().into_iter().map(|column| (column.name.clone(), column.ty.clone())).collect()
    }

    #[must_use]
    pub fn joins(self) -> &'a [Join] {
        self.source().map(|source| source.joins.as_slice()).unwrap_or_default()
    }

    #[must_use]
    pub fn measures(self) -> &'a [Measure] {
        match self {
            Self::Source(source) => &source.measures,
            Self::Input(input) => &input.measures,
        }
    }

    /// The source, or the one behind the input table.
    #[must_use]
    pub fn source(self) -> Option<&'a Source> {
        match self {
            Self::Source(source) => Some(source),
            Self::Input(input) => input.source(),
        }
    }
}

/// The text of a relation, as the author gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Table(String),
    Sql(String),
}

impl Body {
    /// What stands after `from`: a table by its quoted name, or the author's SELECT in parentheses.
    #[must_use]
    pub fn relation(&self, dialect: Dialect) -> String {
        match self {
            Self::Table(table) => dialect.table(table),
            Self::Sql(sql) => format!("({sql})"),
        }
    }
}

/// Which rows a person may see or change. It becomes a node of every plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Policy {
    /// The author said nothing: everybody who may open the workbook.
    Open,
    /// Only rows for which this is TRUE; with the author's text.
    Rows {
        expr: Expr,
        text: String,
    },
    Denied,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub label: String,
    pub ty: ColumnType,
    pub format: Option<Format>,
    pub hide_unless: Option<Expr>,
}

#[derive(Clone, Debug)]
pub struct Measure {
    pub name: String,
    pub label: String,
    pub format: Option<Format>,
    pub expr: Expr,
}

/// Why something can't be written, as far as the warehouse says.
#[derive(Clone, Debug, Default)]
pub struct ReadOnly {
    pub rows: Option<String>,
    pub columns: BTreeMap<String, &'static str>,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub body: Body,
    pub key: Vec<String>,
    pub read: Policy,
    /// For direct tables; `None` if the author gave no `rows.write`.
    pub write: Option<Policy>,
    pub columns: Vec<Column>,
    pub joins: Vec<Join>,
    pub measures: Vec<Measure>,
    /// Whether the warehouse itself sees to it that no key is there twice.
    pub unique: bool,
    /// The tables that its rows come from, without schemas; `None` if that can't be told.
    pub tables: Option<BTreeSet<String>>,
    pub natives: Natives,
    /// The columns that always have a value.
    pub filled: BTreeSet<String>,
    /// Why its rows, or some of its columns, can't be changed.
    pub read_only: ReadOnly,
    /// Whoever looks asks again this often, for changes past Inlay that nothing tells of.
    pub refresh_s: Option<u32>,
}

impl Source {
    /// One of its own columns.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Names and types of what identifies a row.
    #[must_use]
    pub fn key_columns(&self) -> Vec<(String, ColumnType)> {
        self.key.iter().filter_map(|name| Some((name.clone(), self.column(name)?.ty.clone()))).collect()
    }

    /// Whether an edit of `table`'s rows may show here.
    #[must_use]
    pub fn reads(&self, table: &str) -> bool {
        self.tables.as_ref().is_none_or(|tables| tables.contains(unqualified(table)))
    }
}

/// Another source, of which a row finds one row at most.
#[derive(Clone, Debug)]
pub struct Join {
    /// Without joins and measures of its own.
    pub source: Source,
    /// Columns of the source that is joined to it, each with the equal one; the whole key is among these.
    pub on: Vec<(String, String)>,
    /// Its columns in their order, called as the other source calls them: `customer.segment`.
    pub columns: Vec<Column>,
    /// Whether no row of it is found twice, so that its values can be added up.
    pub once: bool,
}

impl Join {
    /// Most joins of one source.
    pub const MOST: usize = 64;

    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known.name == column)
    }

    /// Columns by their names here, each with the one of `on` that it is always equal to.
    pub fn equal_columns(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = |theirs: &str| self.source.columns.iter().position(|column| column.name == theirs);
        self.on.iter().filter_map(move |(own, theirs)| Some((self.columns.get(named(theirs)?)?.name.as_str(), own.as_str())))
    }
}

#[derive(Clone, Debug)]
pub enum InputKind {
    /// Rows, key and policy of the source; typed values in a table of its own.
    Linked(Source),
    /// The source's own rows.
    Direct(Source),
    /// Rows that users add.
    Empty,
}

#[derive(Clone, Debug)]
pub struct Input {
    pub name: String,
    pub kind: InputKind,
    /// The table that edits go to: the author's for a direct one, else one of ours.
    pub table: String,
    pub key: Vec<(String, ColumnType)>,
    pub read: Policy,
    pub write: Policy,
    /// Whether its rows are written by forms alone.
    pub forms_only: bool,
    /// What it begins with, for each tenant.
    pub first_rows: Option<Arc<FirstRows>>,
    /// Denied but for an empty table.
    pub delete: Policy,
    pub columns: Vec<InputColumn>,
    pub computed: Vec<Computed>,
    pub rules: Vec<Rule>,
    pub measures: Vec<Measure>,
}

#[derive(Clone, Debug)]
pub struct InputColumn {
    pub column: Column,
    pub constraints: Constraints,
    pub default: Value,
    pub edit: Option<Expr>,
    pub help: Option<String>,
    pub lookup: Option<Lookup>,
    /// What files it takes; its type is text then.
    pub file: Option<FileRules>,
    /// What it was called before.
    pub was: Option<String>,
}

impl InputColumn {
    /// The column as validation knows it; rights are checked before.
    #[must_use]
    pub fn view(&self) -> ColumnView {
        ColumnView {
            name: self.column.name.clone(),
            label: self.column.label.clone(),
            ty: self.column.ty.clone(),
            role: ColumnRole::Input,
            format: self.column.format,
            editable: true,
            constraints: self.constraints.clone(),
            help: self.help.clone(),
            lookup: self.lookup.is_some(),
            file: self.file.clone(),
        }
    }
}

/// The column of a source that has the values which a person may choose from.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub source: Source,
    pub value: String,
    /// Shown beside the value, and searched too.
    pub label: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Computed {
    pub column: Column,
    pub expr: Expr,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub check: Expr,
    pub message: String,
}

impl Input {
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        match &self.kind {
            InputKind::Linked(source) | InputKind::Direct(source) => Some(source),
            InputKind::Empty => None,
        }
    }

    #[must_use]
    pub fn is_direct(&self) -> bool {
        matches!(self.kind, InputKind::Direct(_))
    }

    #[must_use]
    pub fn key_names(&self) -> Vec<String> {
        self.key.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Whether any of its columns takes files.
    #[must_use]
    pub fn takes_files(&self) -> bool {
        self.columns.iter().any(|column| column.file.is_some())
    }

    /// Whether people add its rows.
    #[must_use]
    pub fn adds(&self) -> bool {
        matches!(self.kind, InputKind::Empty)
    }

    #[must_use]
    pub fn column(&self, name: &str) -> Option<&InputColumn> {
        self.columns.iter().find(|input| input.column.name == name)
    }

    /// Source columns, then input columns, then computed ones; a direct table's input columns stand in for its source's.
    #[must_use]
    pub fn all_columns(&self) -> Vec<&Column> {
        let source = self.source().map(|source| source.columns.as_slice()).unwrap_or_default();
        let mut columns: Vec<&Column> = source.iter().map(|c| self.column(&c.name).map_or(c, |input| &input.column)).collect();
        if !self.is_direct() {
            columns.extend(self.columns.iter().map(|input| &input.column));
        }
        columns.extend(self.computed.iter().map(|computed| &computed.column));
        columns
    }
}

/// What the person-only conditions of a workbook came out as, asked of the warehouse once per session and revision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// (dataset, column) pairs that do not exist for this person.
    pub hidden: BTreeSet<(String, String)>,
    /// (input table, column) pairs that he may not type into.
    pub locked: BTreeSet<(String, String)>,
}

impl Access {
    #[must_use]
    pub fn hides(&self, dataset: &str, column: &str) -> bool {
        self.hidden.contains(&(dataset.to_owned(), column.to_owned()))
    }

    #[must_use]
    pub fn locks(&self, input: &str, column: &str) -> bool {
        self.locked.contains(&(input.to_owned(), column.to_owned()))
    }

    /// The input table whose files these columns show the person, who may know the key that they are asked for by.
    #[must_use]
    pub fn files<'d>(&self, dataset: Dataset<'d>, shown: &[String]) -> Option<&'d Input> {
        let Dataset::Input(input) = dataset else { return None };
        let knows = |column: &String| !self.hides(&input.name, column);
        let is_file = |name: &&String| input.columns.iter().any(|known| known.column.name == **name && known.file.is_some());
        let shows = shown.iter().filter(is_file).any(knows);
        (shows && input.key.iter().all(|(name, _)| knows(name))).then_some(input)
    }
}
