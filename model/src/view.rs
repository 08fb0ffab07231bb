//! The workbook as one person may see it: no SQL, no policies, no hidden columns. This is all the browser ever gets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AccessMode, Block, ChartView, ColumnView, ControlView, Filter, FormView, QueryAnswer, Raw, Sort, TextPart, Zone};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkbookView {
    pub id: String,
    pub title: String,
    /// ISO 4217, for the `currency` format.
    pub currency: String,
    /// By whose clocks points in time are shown and typed.
    #[serde(default)]
    pub zone: Zone,
    pub person: PersonView,
    pub pages: Vec<PageView>,
    /// Hash of the definition; the log carries it as `definition_revision`.
    pub revision: String,
    /// Id of the element that is shown alone, where the host page has asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
}

/// Which workbook is to be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    pub workbook: String,
    /// Id of the element that is to be shown alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
}

/// A workbook together with what its first page shows, so that opening one is one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenAnswer {
    pub view: WorkbookView,
    /// By element; one whose rows can't be had now is left out.
    #[serde(default)]
    pub answers: BTreeMap<String, QueryAnswer>,
    /// What the server had told of changes until then; a change stream that begins with it tells what came since.
    #[serde(default)]
    pub mark: Option<String>,
}

impl WorkbookView {
    /// Finds an element of any page by its id.
    #[must_use]
    pub fn element(&self, id: &str) -> Option<&ElementView> {
        self.elements().find(|element| element.id == id)
    }

    /// Those of all pages.
    pub fn elements(&self) -> impl Iterator<Item = &ElementView> {
        self.pages.iter().flat_map(|page| &page.elements)
    }

    /// The workbook with this element alone on its page; controls that it follows are there and not drawn. `None` if there is none.
    #[must_use]
    pub fn only(mut self, id: &str) -> Option<Self> {
        let page = self.pages.into_iter().find(|page| page.elements.iter().any(|element| element.id == id))?;
        let mut kept = vec![id.to_owned()];
        let mut next = 0;
        while let Some(id) = kept.get(next) {
            let followed = page.elements.iter().filter(|element| element.id == *id).flat_map(|element| &element.controls);
            let more: Vec<String> = followed.filter(|control| !kept.contains(control)).cloned().collect();
            kept.extend(more);
            next += 1;
        }
        let is_kept = |element: &ElementView| {
            element.id == id || kept.contains(&element.id) && matches!(element.kind, ElementKind::Control(_))
        };
        let wide = |element: ElementView| if element.id == id { ElementView { width: 12, ..element } } else { element };
        let elements = page.elements.into_iter().filter(is_kept).map(wide).collect();
        self.pages =
            vec![PageView { id: page.id, title: page.title, elements, layout: vec![Block::Element { id: id.to_owned() }] }];
        self.only = Some(id.to_owned());
        Some(self)
    }

    /// Every control with its id, elements whose marks others follow among them.
    pub fn controls(&self) -> impl Iterator<Item = (&str, &ControlView)> {
        self.elements().filter_map(|element| Some((element.id.as_str(), element.control()?)))
    }

    /// What is chosen at first, by control; those where nothing is are left out.
    #[must_use]
    pub fn defaults(&self) -> BTreeMap<String, Vec<Raw>> {
        let chosen = self.controls().filter(|(_, control)| !control.default.is_empty());
        chosen.map(|(id, control)| (id.to_owned(), control.default.clone())).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonView {
    pub name: String,
    pub mode: AccessMode,
    /// Key of the browser's outbox: edits of another scope are never shown or sent.
    pub scope: String,
    /// Whether answers say how they came about.
    #[serde(default)]
    pub inspects: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageView {
    pub id: String,
    pub title: String,
    pub elements: Vec<ElementView>,
    /// Where they are.
    pub layout: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElementView {
    pub id: String,
    pub title: String,
    /// Columns of the 12-column page grid.
    pub width: u8,
    /// Of what scrolls or is drawn, in CSS pixels; as its kind has it if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u16>,
    /// Tables whose change makes this element ask again.
    pub depends_on: Vec<String>,
    /// Ids of the controls that filter this element.
    pub controls: Vec<String>,
    /// How cells of a table look by what is in them; what comes later goes over what comes before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<CellFormat>,
    /// The columns that a table's rows are grouped by, unless the person wants it otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group: Vec<String>,
    /// That other elements follow its marks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selects: Option<ControlView>,
    /// What is shown of the rows under a mark, where its author lets people look at them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<DetailsView>,
    #[serde(flatten)]
    pub kind: ElementKind,
}

/// The rows that a mark is made of, as a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetailsView {
    /// The input table that edits go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    pub columns: Vec<ColumnView>,
}

impl ElementView {
    /// What is chosen in it for others to follow.
    #[must_use]
    pub fn control(&self) -> Option<&ControlView> {
        match &self.kind {
            ElementKind::Control(control) => Some(control),
            _ => self.selects.as_ref(),
        }
    }

    /// Whether it shows anything that is asked of the warehouse as soon as it is in sight.
    #[must_use]
    pub fn asks(&self) -> bool {
        match &self.kind {
            ElementKind::Form(_) | ElementKind::Image(_) => false,
            ElementKind::Text(text) => text.asks,
            ElementKind::Control(control) => control.kind.asks_at_once(),
            _ => true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ElementKind {
    Control(ControlView),
    Kpi(KpiView),
    Chart(ChartView),
    Table(TableView),
    InputTable(InputTableView),
    Form(FormView),
    Pivot(PivotView),
    Text(TextView),
    Image(ImageView),
}

/// Values by rows and columns. The answer has a row for each cell and each total: of how many rows and of how many columns it
/// is (two whole numbers), a column for each of these, null beyond them, then the values, each with its label. Those with fewest rows and columns
/// come first, so that the very first is the grand total; those of a level come in the order of their rows and columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PivotView {
    /// How many levels there are of them.
    pub rows: usize,
    pub columns: usize,
    pub values: Vec<PivotValue>,
    /// How many levels of rows are open at first.
    pub open: Option<usize>,
    pub sort: Option<PivotSort>,
    /// Where what is typed goes.
    pub table: Option<PivotTable>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PivotValue {
    pub heat: bool,
    /// The input column that is typed into, if this person may.
    pub column: Option<ColumnView>,
}

/// What the rows of a pivot are sorted by, beside their siblings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PivotSort {
    /// Which of the values.
    pub value: usize,
    pub descending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PivotTable {
    /// Name of the input table.
    pub name: String,
    /// Which of the rows and then columns has which part of its key.
    pub key: Vec<usize>,
}

/// What the author says, with values in it that are the columns of the answer's only row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextView {
    pub parts: Vec<TextPart>,
    /// Whether it has values.
    pub asks: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// Where the server has it, from its own address on.
    pub path: String,
    /// What is said to whoever does not see it; empty if it says nothing that is not there in words.
    pub alt: String,
}

/// How cells of a table look by what is in them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum CellFormat {
    /// By a condition, whose outcome is the answer's column `flag`.
    Rule {
        flag: String,
        /// `None` for the whole row.
        column: Option<String>,
        look: Option<Look>,
        /// A sign or two that stand before the value.
        icon: Option<String>,
    },
    /// By a shade between the least and the most of the column.
    Scale { column: String },
    /// By a bar as long as the number.
    Bar { column: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Look {
    Good,
    Warn,
    Bad,
    Quiet,
    Strong,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiView {
    /// What its author calls it; absent where it is called as its measure is, which the answer says.
    pub label: Option<String>,
    /// Whether the answer has a row for each period, which its first column says; the last one counts.
    #[serde(default)]
    pub by_period: bool,
    /// What the value is compared with. For each the answer has three columns after the value's: what it is compared with,
    /// how much more it is, and that as a share.
    #[serde(default)]
    pub against: Vec<Against>,
    #[serde(default)]
    pub better: Better,
    /// How it is drawn how far it is to the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<Toward>,
}

/// A picture of a value beside its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Toward {
    /// A bar, and a mark where the target is.
    Bullet,
    /// The same along half a circle.
    Gauge,
}

/// What a number is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    Previous,
    Year,
    Target,
}

/// Which way a number should go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "file", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Better {
    #[default]
    Up,
    Down,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableView {
    pub columns: Vec<ColumnView>,
    /// Where its rows' files are asked for, if it shows any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesOf>,
}

/// An input table, and the names of its key columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilesOf {
    pub table: String,
    pub key: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputTableView {
    /// Name of the input table that edits go to.
    pub table: String,
    pub key: Vec<String>,
    pub columns: Vec<ColumnView>,
    /// How many of the first columns stay in sight.
    pub frozen: usize,
    /// Whether this person may add rows, and delete such as policy lets him.
    #[serde(default)]
    pub adds: bool,
}

/// How the rows and columns of a table are arranged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableShape {
    /// Names of the columns that are shown, in order; empty for the author's.
    pub columns: Vec<String>,
    /// How many of them stay in sight; `None` for as many as the author says.
    pub frozen: Option<usize>,
    /// In pixels, of the columns that somebody has made wider or narrower.
    pub widths: BTreeMap<String, f64>,
    pub sort: Vec<Sort>,
    pub filters: Vec<Filter>,
    /// The columns that rows are grouped by, the outermost first; `None` for those that the author says.
    pub group: Option<Vec<String>>,
}

/// An arrangement that can be gone back to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    pub name: String,
    pub shape: TableShape,
    /// Whether the person has saved it himself; the others are the author's.
    pub own: bool,
}

/// Asks for the views of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewsRequest {
    pub workbook: String,
    pub element: String,
}

/// Saves a view of one's own under a name, in place of the one that has it; without a shape it is deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaveView {
    pub workbook: String,
    pub element: String,
    /// 1 to 80 characters.
    pub name: String,
    #[serde(default)]
    pub shape: Option<TableShape>,
}
