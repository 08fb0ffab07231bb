//! A pivot's answer as rows, columns and cells: which are shown, in which order, under which heads; on a screen and in a file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::chart::drawn_number;
use crate::{AnswerColumn, PivotSort, QueryAnswer, Raw, Value};

/// Columns of the answer before its dimensions.
const LEVELS: usize = 2;

/// Rows or columns, the whole of them first.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    by_path: HashMap<String, usize>,
    depth: usize,
}

/// One row or column: of all that have the same first few dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its dimensions as JSON text, by which it is known over many answers.
    pub path: String,
    /// Its innermost dimension; null for the whole.
    pub value: Raw,
    pub depth: usize,
    pub children: Vec<usize>,
}

/// The dimensions that a node's path is made of, the outermost first.
#[must_use]
pub fn dimensions_of(path: &str) -> Vec<Raw> {
    serde_json::from_str(path).unwrap_or_default()
}

impl Node {
    /// The dimensions that it has, the outermost first.
    #[must_use]
    pub fn dimensions(&self) -> Vec<Raw> {
        dimensions_of(&self.path)
    }
}

impl Tree {
    fn new(depth: usize) -> Self {
        let whole = Node { path: "[]".into(), value: Raw::Null, depth: 0, children: Vec::new() };
        Self { by_path: HashMap::from([(whole.path.clone(), 0)]), nodes: vec![whole], depth }
    }

    /// The node of these dimensions. Those that it is in have come before it.
    fn node(&mut self, dimensions: &[Raw]) -> usize {
        let text = |dimensions: &[Raw]| serde_json::to_string(dimensions).unwrap_or_default();
        let path = text(dimensions);
        if let Some(known) = self.by_path.get(&path) {
            return *known;
        }
        let Some((value, outer)) = dimensions.split_last() else { return 0 };
        let parent = self.node(outer);
        let place = self.nodes.len();
        self.nodes[parent].children.push(place);
        self.nodes.push(Node { path: path.clone(), value: value.clone(), depth: dimensions.len(), children: Vec::new() });
        self.by_path.insert(path, place);
        place
    }

    #[must_use]
    pub fn get(&self, node: usize) -> &Node {
        &self.nodes[node]
    }

    /// How many levels there are below the whole.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// How many there are on all levels.
    #[must_use]
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    #[must_use]
    pub fn find(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Whether it stands for rows of the innermost level.
    #[must_use]
    pub fn is_leaf(&self, node: usize) -> bool {
        self.nodes[node].depth == self.depth
    }

    /// It and all below it that are of the innermost level.
    #[must_use]
    pub fn leaves(&self, node: usize) -> Vec<usize> {
        if self.is_leaf(node) {
            return vec![node];
        }
        self.nodes[node].children.iter().flat_map(|child| self.leaves(*child)).collect()
    }
}

/// What rows or columns a person has opened or closed, beside how they are at first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// Levels that are open at first.
    pub levels: usize,
    /// Paths of those that are otherwise.
    pub otherwise: HashSet<String>,
}

impl Opened {
    /// That everything is open.
    #[must_use]
    pub fn all() -> Self {
        Self { levels: usize::MAX, ..Self::default() }
    }

    #[must_use]
    pub fn has(&self, node: &Node) -> bool {
        node.depth == 0 || (node.depth < self.levels) != self.otherwise.contains(&node.path)
    }

    pub fn toggle(&mut self, path: &str) {
        if !self.otherwise.remove(path) {
            self.otherwise.insert(path.to_owned());
        }
    }
}

/// By which column's values rows are sorted beside their siblings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub value: usize,
    /// Path of the column.
    pub column: String,
    pub descending: bool,
}

impl Order {
    /// As the author says: by what rows come to in all columns together.
    #[must_use]
    pub fn of(sort: &PivotSort) -> Self {
        Self { value: sort.value, column: "[]".into(), descending: sort.descending }
    }
}

/// A cell of the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub column: usize,
    /// What all that are beside it come to.
    pub total: bool,
    /// How many columns it is above.
    pub span: usize,
    /// How many lines of the head it takes.
    pub lines: usize,
    /// Whether its columns can be closed, or opened.
    pub open: Option<bool>,
}

/// A pivot's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Cube {
    answer: Arc<QueryAnswer>,
    pub rows: Tree,
    pub columns: Tree,
    cells: HashMap<(usize, usize), usize>,
    first_value: usize,
    /// The least and the most of each value's cells, totals aside.
    extents: Vec<Option<(f64, f64)>>,
}

impl Cube {
    /// - `rows`, `columns`: how many levels each has.
    #[must_use]
    pub fn new(answer: Arc<QueryAnswer>, rows: usize, columns: usize) -> Self {
        let (mut row_tree, mut column_tree) = (Tree::new(rows), Tree::new(columns));
        let mut cells = HashMap::with_capacity(answer.rows.len());
        let first_value = LEVELS + rows + columns;
        let mut extents = vec![None; answer.columns.len().saturating_sub(first_value)];
        let level = |raw: Option<&Raw>| raw.and_then(Raw::as_u64).and_then(|n| usize::try_from(n).ok());
        for (place, cells_of_row) in answer.rows.iter().enumerate() {
            let (Some(deep), Some(wide)) = (level(cells_of_row.first()), level(cells_of_row.get(1))) else { continue };
            if deep > rows || wide > columns || cells_of_row.len() < first_value {
                continue;
            }
            let row = row_tree.node(&cells_of_row[LEVELS..LEVELS + deep]);
            let column = column_tree.node(&cells_of_row[LEVELS + rows..LEVELS + rows + wide]);
            cells.insert((row, column), place);
            if (deep, wide) == (rows, columns) {
                for (extent, value) in extents.iter_mut().zip(&cells_of_row[first_value..]) {
                    *extent = with(*extent, value);
                }
            }
        }
        Self { answer, rows: row_tree, columns: column_tree, cells, first_value, extents }
    }

    /// What the levels of rows are called, the outermost first.
    #[must_use]
    pub fn row_labels(&self) -> Vec<String> {
        self.labels(LEVELS, self.rows.depth)
    }

    #[must_use]
    pub fn value_labels(&self) -> Vec<String> {
        self.labels(self.first_value, self.extents.len())
    }

    fn labels(&self, from: usize, count: usize) -> Vec<String> {
        self.answer.columns.iter().skip(from).take(count).map(|column| column.label.clone()).collect()
    }

    /// What a dimension is called and typed as: of rows, then of columns.
    #[must_use]
    pub fn dimension(&self, i: usize) -> Option<&AnswerColumn> {
        self.answer.columns.get(LEVELS + i)
    }

    #[must_use]
    pub fn value_column(&self, value: usize) -> Option<&AnswerColumn> {
        self.answer.columns.get(self.first_value + value)
    }

    /// What stands in a cell; `None` where there are no rows.
    #[must_use]
    pub fn value(&self, row: usize, column: usize, value: usize) -> Option<&Raw> {
        self.answer.rows[self.place(row, column)?].get(self.first_value + value)
    }

    /// Where in the answer a row and a column are.
    #[must_use]
    pub fn place(&self, row: usize, column: usize) -> Option<usize> {
        self.cells.get(&(row, column)).copied()
    }

    /// The same, for a row and a column that are known by their paths.
    #[must_use]
    pub fn at(&self, row: &str, column: &str, value: usize) -> Option<&Raw> {
        self.value(self.rows.find(row)?, self.columns.find(column)?, value)
    }

    /// The dimensions of a cell of the innermost level, rows before columns.
    #[must_use]
    pub fn dimensions(&self, row: usize, column: usize) -> Option<&[Raw]> {
        let place = *self.cells.get(&(row, column)).filter(|_| self.rows.is_leaf(row) && self.columns.is_leaf(column))?;
        Some(&self.answer.rows[place][LEVELS..self.first_value])
    }

    /// How far a value is from the least to the most of its cells, 0 to 1.
    #[must_use]
    pub fn part(&self, raw: &Raw, value: usize) -> Option<f64> {
        let (least, most) = self.extents.get(value).copied().flatten()?;
        let number = drawn_number(raw)?;
        Some(if most > least { (number - least) / (most - least) } else { 0.5 })
    }

    /// Rows in the order that they are shown in, those of closed ones left out; the whole comes last.
    #[must_use]
    pub fn lines(&self, opened: &Opened, order: Option<&Order>) -> Vec<usize> {
        let by = order.and_then(|order| Some((order.value, self.columns.find(&order.column)?, order.descending)));
        let mut lines = Vec::new();
        self.below(0, opened, by, &mut lines);
        lines.push(0);
        lines
    }

    fn below(&self, node: usize, opened: &Opened, by: Option<(usize, usize, bool)>, lines: &mut Vec<usize>) {
        let mut children = self.rows.get(node).children.clone();
        if let Some((value, column, descending)) = by {
            let ty = self.value_column(value).map(|column| &column.ty);
            let read = |row: usize| {
                let raw = self.value(row, column, value)?;
                Value::from_wire(raw, ty?).ok().filter(|value| !value.is_null())
            };
            let mut keyed: Vec<(usize, Option<Value>)> = children.iter().map(|child| (*child, read(*child))).collect();
            keyed.sort_by(|(_, a), (_, b)| match (a, b) {
                (Some(a), Some(b)) if descending => b.compare(a),
                (Some(a), Some(b)) => a.compare(b),
                // What is blank comes last, as everywhere.
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
            children = keyed.into_iter().map(|(child, _)| child).collect();
        }
        for child in children {
            lines.push(child);
            if opened.has(self.rows.get(child)) {
                self.below(child, opened, by, lines);
            }
        }
    }

    /// The lines of the head, and the columns below them, of which one that is open ends with its total.
    #[must_use]
    pub fn heads(&self, opened: &Opened) -> (Vec<Vec<Head>>, Vec<usize>) {
        let mut lines = vec![Vec::new(); self.columns.depth];
        let mut columns = Vec::new();
        self.head(0, opened, &mut lines, &mut columns);
        (lines, columns)
    }

    fn head(&self, node: usize, opened: &Opened, lines: &mut [Vec<Head>], columns: &mut Vec<usize>) -> usize {
        let (at, depth) = (self.columns.get(node), self.columns.depth);
        let is_open = opened.has(at) && !at.children.is_empty();
        let mut span = 0;
        // Its own place comes before what is below it, in lines further down.
        let place = at.depth.checked_sub(1);
        if is_open {
            for child in &at.children {
                span += self.head(*child, opened, lines, columns);
            }
            lines[at.depth].push(Head { column: node, total: true, span: 1, lines: depth - at.depth, open: None });
        } else if at.depth == 0 && depth > 0 {
            lines[0].push(Head { column: node, total: true, span: 1, lines: depth, open: None });
        }
        columns.push(node);
        span += 1;
        if let Some(place) = place {
            let open = (!at.children.is_empty()).then_some(is_open);
            let lines_taken = if is_open { 1 } else { depth - place };
            lines[place].push(Head { column: node, total: false, span, lines: lines_taken, open });
        }
        span
    }
}

fn with(extent: Option<(f64, f64)>, raw: &Raw) -> Option<(f64, f64)> {
    let Some(number) = drawn_number(raw) else { return extent };
    Some(extent.map_or((number, number), |(least, most)| (least.min(number), most.max(number))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ColumnType;

    /// Regions with categories by year and quarter: levels, two dimensions of each, one value.
    fn cube() -> Cube {
        let rows = json!([
            [0, 0, null, null, null, null, "100.00"],
            [0, 1, null, null, 2026, null, "60.00"],
            [0, 1, null, null, 2027, null, "40.00"],
            [0, 2, null, null, 2026, 1, "60.00"],
            [0, 2, null, null, 2027, 1, "30.00"],
            [0, 2, null, null, 2027, 2, "10.00"],
            [1, 0, "East", null, null, null, "9.00"],
            [1, 0, "West", null, null, null, "91.00"],
            [1, 0, null, null, null, null, null],
            [2, 0, "East", "A", null, null, "9.00"],
            [2, 0, "West", "A", null, null, "90.00"],
            [2, 0, "West", "B", null, null, "1.00"],
            [2, 2, "East", "A", 2027, 2, "9.00"],
            [2, 2, "West", "A", 2026, 1, "60.00"],
            [2, 2, "West", "A", 2027, 1, "30.00"],
            [2, 2, "West", "B", 2027, 2, "1.00"],
        ]);
        let column = |ty: ColumnType| AnswerColumn { name: "c".into(), label: "c".into(), ty, format: None };
        let mut columns = vec![column(ColumnType::Integer); 2];
        columns.extend([ColumnType::Text, ColumnType::Text, ColumnType::Integer, ColumnType::Integer].map(column));
        columns.push(column(ColumnType::Decimal { scale: 2 }));
        let answer = QueryAnswer { columns, rows: serde_json::from_value(rows).unwrap(), ..QueryAnswer::default() };
        Cube::new(Arc::new(answer), 2, 2)
    }

    fn paths(cube: &Cube, lines: &[usize]) -> Vec<String> {
        lines.iter().map(|line| cube.rows.get(*line).path.clone()).collect()
    }

    #[test]
    fn rows_open_and_close_and_the_whole_is_last() {
        let cube = cube();
        let expect = [r#"["East"]"#, r#"["East","A"]"#, r#"["West"]"#, r#"["West","A"]"#, r#"["West","B"]"#, "[null]", "[]"];
        assert_eq!(paths(&cube, &cube.lines(&Opened::all(), None)), expect);
        let closed = Opened { levels: 1, ..Opened::default() };
        assert_eq!(paths(&cube, &cube.lines(&closed, None)), [r#"["East"]"#, r#"["West"]"#, "[null]", "[]"]);
        let mut some = Opened::all();
        some.toggle(r#"["West"]"#);
        assert_eq!(paths(&cube, &cube.lines(&some, None)).len(), 5);
        some.toggle(r#"["West"]"#);
        assert_eq!(some, Opened::all());
    }

    #[test]
    fn siblings_are_sorted_by_a_column_and_blanks_come_last() {
        let cube = cube();
        let order = |descending| Order { value: 0, column: "[]".into(), descending };
        let down = paths(&cube, &cube.lines(&Opened::all(), Some(&order(true))));
        assert_eq!(down, [r#"["West"]"#, r#"["West","A"]"#, r#"["West","B"]"#, r#"["East"]"#, r#"["East","A"]"#, "[null]", "[]"]);
        let up = paths(&cube, &cube.lines(&Opened::all(), Some(&order(false))));
        assert_eq!(up[..3], [r#"["East"]"#, r#"["East","A"]"#, r#"["West"]"#], "9 is less than 91, whatever their texts say");
        assert_eq!(up[5..], ["[null]", "[]"]);
    }

    #[test]
    fn heads_stand_above_their_columns() {
        let cube = cube();
        let (lines, columns) = cube.heads(&Opened::all());
        let shape = |line: &[Head]| line.iter().map(|h| (h.span, h.lines, h.total)).collect::<Vec<_>>();
        let named: Vec<&str> = columns.iter().map(|column| cube.columns.get(*column).path.as_str()).collect();
        assert_eq!(named, ["[2026,1]", "[2026]", "[2027,1]", "[2027,2]", "[2027]", "[]"]);
        assert_eq!(shape(&lines[0]), [(2, 1, false), (3, 1, false), (1, 2, true)]);
        assert_eq!(shape(&lines[1]), [(1, 1, false), (1, 1, true), (1, 1, false), (1, 1, false), (1, 1, true)]);
        let (lines, columns) = cube.heads(&Opened { levels: 1, ..Opened::default() });
        assert_eq!((shape(&lines[0]), shape(&lines[1])), (vec![(1, 2, false), (1, 2, false), (1, 2, true)], vec![]));
        assert_eq!((columns.len(), lines[0][0].open), (3, Some(false)));
    }

    #[test]
    fn cells_are_found_and_only_the_innermost_have_a_shade() {
        let cube = cube();
        assert_eq!(cube.at(r#"["West","A"]"#, "[2026,1]", 0), Some(&json!("60.00")));
        assert_eq!(cube.at(r#"["East","A"]"#, "[2026,1]", 0), None);
        assert_eq!(cube.at("[]", "[]", 0), Some(&json!("100.00")));
        assert_eq!(cube.part(&json!("60.00"), 0), Some(1.0), "the grand total is not the most");
        let [west, q1] = [cube.rows.find(r#"["West","A"]"#).unwrap(), cube.columns.find("[2026,1]").unwrap()];
        assert_eq!(cube.dimensions(west, q1), Some(&[json!("West"), json!("A"), json!(2026), json!(1)][..]));
        assert_eq!(cube.dimensions(west, 0), None);
        let names: Vec<&str> = cube.rows.leaves(0).into_iter().map(|leaf| cube.rows.get(leaf).path.as_str()).collect();
        assert_eq!(names, [r#"["East","A"]"#, r#"["West","A"]"#, r#"["West","B"]"#]);
    }
}
