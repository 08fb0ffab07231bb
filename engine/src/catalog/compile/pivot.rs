//! Pivot tables: what their rows and columns stand for, and whether their values can be typed into.

use model::{PivotSort, file};

use super::{Compiler, below, beneath};
use crate::catalog::document::Step;
use crate::catalog::{Dataset, Measure, Pivot, PivotValue};
use crate::expr::{Aggregate, Expr, Node};

const MOST_AXES: usize = 3;
const MOST_VALUES: usize = 8;

impl Compiler<'_> {
    /// The name of what a pivot reads, and where the file says it.
    pub(super) fn pivot_dataset<'f>(&mut self, at: &[Step], x: &'f file::Pivot) -> Option<(&'f str, &'static str)> {
        match (&x.source, &x.table) {
            (Some(source), None) => Some((source, "source")),
            (None, Some(table)) => Some((table, "table")),
            _ => {
                self.mistake(at, "a pivot has a `source`, or a `table` to type into");
                None
            }
        }
    }

    pub(super) fn pivot(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Pivot) -> Option<Pivot> {
        if x.rows.is_empty() && x.columns.is_empty() {
            self.mistake(at, "a pivot has `rows`, or `columns`, or both");
        }
        if x.values.is_empty() || x.values.len() > MOST_VALUES {
            self.mistake(&below(at, "values"), format!("a pivot has 1 to {MOST_VALUES} values"));
        }
        let rows = self.axes(&below(at, "rows"), dataset, &x.rows, "r")?;
        let columns = self.axes(&below(at, "columns"), dataset, &x.columns, "c")?;
        let mut values = Vec::new();
        for (i, value) in x.values.iter().enumerate() {
            values.push(self.pivot_value(&beneath(&below(at, "values"), i), dataset, value, i)?);
        }
        let sort = x.sort.as_ref().and_then(|text| {
            let (by, descending) = text.strip_suffix(" desc").map_or((text.as_str(), false), |by| (by, true));
            let value = x.values.iter().position(|value| value.expression() == by.trim());
            if value.is_none() {
                let known: Vec<String> = x.values.iter().map(|value| value.expression().to_owned()).collect();
                self.unknown(&below(at, "sort"), "value", by, &known);
            }
            Some(PivotSort { value: value?, descending })
        });
        let key = match &x.table {
            Some(table) => Some(self.pivot_key(&below(at, "table"), dataset, table, &rows, &columns)?),
            None => None,
        };
        if key.is_none() {
            values.iter_mut().for_each(|value| value.column = None);
        }
        Some(Pivot { rows, columns, values, open: x.open, sort, key })
    }

    fn axes(&mut self, at: &[Step], dataset: Dataset<'_>, axes: &[file::PivotAxis], prefix: &str) -> Option<Vec<Measure>> {
        if axes.len() > MOST_AXES {
            self.mistake(at, format!("a pivot has at most {MOST_AXES} of these"));
        }
        let axis = |(i, axis): (usize, &file::PivotAxis)| {
            let text = axis.expression();
            let mut found = self.axis(&beneath(at, i), dataset, text, text)?;
            found.name = format!("{prefix}{i}");
            found.described(axis);
            Some(found)
        };
        axes.iter().enumerate().map(axis).collect()
    }

    fn pivot_value(&mut self, at: &[Step], dataset: Dataset<'_>, value: &file::PivotValue, i: usize) -> Option<PivotValue> {
        let mut measure = self.shown_measure(at, &format!("v{i}"), value.expression(), dataset)?;
        let mut heat = false;
        if let file::PivotValue::Described(described) = value {
            measure.label = described.label.clone().unwrap_or(measure.label);
            measure.format = described.format.or(measure.format);
            heat = described.heat;
        }
        if measure.expr.has_window() {
            self.mistake(at, "this is set beside other marks of a chart; a cell of a pivot stands alone");
            return None;
        }
        if heat && !measure.expr.ty.is_numeric() {
            self.mistake(at, "only numbers are shaded");
        }
        let column = if let Dataset::Input(input) = dataset {
            summed(&measure.expr).filter(|name| input.column(name).is_some()).map(str::to_owned)
        } else {
            None
        };
        Some(PivotValue { measure, heat, column })
    }

    /// Where the key of the input table is among rows and columns: a cell of a pivot that is typed into is one row of it.
    fn pivot_key(
        &mut self,
        at: &[Step],
        dataset: Dataset<'_>,
        table: &str,
        rows: &[Measure],
        columns: &[Measure],
    ) -> Option<Vec<usize>> {
        let Dataset::Input(input) = dataset else {
            self.mistake(at, format!("`{table}` is a source, not an input table"));
            return None;
        };
        let axes: Vec<&Measure> = rows.iter().chain(columns).collect();
        let is = |axis: &Measure, name: &str| matches!(&axis.expr.node, Node::Column(column) if column == name);
        let place = |name: &String| axes.iter().position(|axis| is(axis, name));
        let missing: Vec<&str> =
            input.key.iter().map(|(name, _)| name).filter(|name| place(name).is_none()).map(String::as_str).collect();
        if input.adds() {
            self.mistake(at, format!("rows that people add have no key to be told apart by here; show `{table}` as a `source`"));
            return None;
        }
        if !missing.is_empty() {
            let names = missing.join("`, `");
            let why = "a cell must be one row to be typed into, so `rows` and `columns` have the whole key";
            self.mistake(at, format!("{why}; `{names}` is missing"));
            return None;
        }
        Some(input.key.iter().filter_map(|(name, _)| place(name)).collect())
    }
}

impl Measure {
    /// Takes over what the author says of it.
    pub(super) fn described(&mut self, axis: &file::PivotAxis) {
        if let file::PivotAxis::Described(described) = axis {
            self.label = described.label.clone().unwrap_or_else(|| self.label.clone());
            self.format = described.format.or(self.format);
        }
    }
}

/// The column that an expression is the sum of, and nothing more.
fn summed(expr: &Expr) -> Option<&str> {
    match &expr.node {
        Node::Aggregate(Aggregate::Sum, Some(arg)) => match &arg.node {
            Node::Column(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}
