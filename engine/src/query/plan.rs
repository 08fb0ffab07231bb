//! From an element and a request to a plan: dimensions, measures, filters, sort and window, all checked.

use std::collections::BTreeMap;

use model::{
    ApiError, CellFormat, ChartKind, Code, ColumnType, Compute, ControlKind, FactsRequest, Filter, FilterOp, Find, Format,
    LookupRequest, MOST_LISTED, MOST_VALUES, QueryRequest, Value, Zone,
};

use super::chosen::Chosen;
use super::filter::{Clock, filter_expr};
use super::group::{levels, open};
use super::pivot::LEVELS;
use super::relation::{Joins, Relation};
use super::under::asked;
use crate::catalog::{
    Access, Column, Control, Dataset, Element, Gaps, Input, InputKind, Kind, Lookup, Measure, SystemColumn, Workbook,
};
use crate::expr::{Aggregate, Binding, Expr, Function, Node, Scope, Use, check};

/// A checked question to the warehouse. Values only; compiling it is the next step.
#[derive(Debug)]
pub struct Plan<'a> {
    pub relation: Relation<'a>,
    pub shape: Shape,
    /// For [`Shape::Rows`] and [`Shape::Distinct`] all columns; for [`Shape::Groups`] the dimensions come first.
    pub outputs: Vec<Output>,
    /// How many of the outputs a person sees; the others address an edit.
    pub shown: usize,
    pub filters: Vec<Expr>,
    /// What a row that is shown must fit besides; counts of groups, totals and extents are of the others too.
    pub open: Vec<Expr>,
    /// How many of `sort` come first because rows are grouped by them.
    pub levels: usize,
    pub sort: Vec<SortBy>,
    /// Where the window begins, a value for each of `sort`; empty for the first row.
    pub from: Vec<Value>,
    pub window: Window,
    /// Aggregates over all rows that the filters leave.
    pub totals: Vec<Output>,
    /// Columns of which least and most are asked for over the same rows.
    pub extents: Vec<(String, [Expr; 2])>,
    /// Columns to sum up over the window: count, and of numbers sum, least and most.
    pub summary: Vec<(String, Vec<Expr>)>,
    pub find: Option<Search>,
    /// Of a chart that shows periods without rows too.
    pub gaps: Option<&'a Gaps>,
    /// How many of the largest marks are shown, if not all.
    pub top: Option<u64>,
    /// Whether the marks are drawn as a line along the first dimension, so that some of very many show the same.
    pub line: bool,
}

impl<'a> Plan<'a> {
    /// All of a relation, which nothing narrows, sorts or sums up; the window is empty.
    #[must_use]
    pub fn new(relation: Relation<'a>, shape: Shape, outputs: Vec<Output>) -> Self {
        Self {
            relation,
            shape,
            shown: outputs.len(),
            outputs,
            filters: Vec::new(),
            open: Vec::new(),
            levels: 0,
            sort: Vec::new(),
            from: Vec::new(),
            window: Window { offset: 0, limit: 0 },
            totals: Vec::new(),
            extents: Vec::new(),
            summary: Vec::new(),
            find: None,
            gaps: None,
            top: None,
            line: false,
        }
    }
}

/// The next row, in the plan's order, that a condition holds for.
#[derive(Clone, Debug)]
pub struct Search {
    pub condition: Expr,
    pub after: Option<u64>,
    pub backwards: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Rows,
    Distinct,
    /// The first `dimensions` outputs group, the others aggregate.
    Groups {
        dimensions: usize,
    },
    /// After two outputs that tell of how many rows and columns a total is, so many dimensions of each; the others aggregate.
    Pivot {
        rows: usize,
        columns: usize,
    },
}

#[derive(Clone, Debug)]
pub struct Output {
    pub name: String,
    pub label: String,
    pub format: Option<Format>,
    pub expr: Expr,
}

impl Output {
    /// One that nobody sees, or that is called as it is named.
    pub fn plain(name: impl Into<String>, expr: Expr) -> Self {
        let name = name.into();
        Self { label: name.clone(), name, format: None, expr }
    }
}

/// What rows are sorted by. Nulls come last, whichever the direction: as blanks do in a spreadsheet.
#[derive(Clone, Debug)]
pub struct SortBy {
    pub expr: Expr,
    /// Its place among the outputs, counted from 0; none for a key that is not shown.
    pub output: Option<usize>,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub offset: u64,
    pub limit: u64,
}

/// Rows of one exported file.
pub const MOST_EXPORTED: u64 = 100_000;
/// Name of the column that [`Compute`] asks for.
const COMPUTED: &str = "_computed";
/// In characters.
const MOST_EXPRESSION: usize = 1_000;
const MOST_MARKS: u64 = 10_000;
const DEFAULT_ROWS: u64 = 200;

/// Plans what `element` shows for `request`.
///
/// # Errors
/// `AC004` if the person may not know the element, `QY001`, `QY002` and `QY005` to `QY007` for a column, filter, place, expression
/// or grouping that does not fit.
pub fn plan<'a>(
    workbook: &'a Workbook,
    element: &'a Element,
    request: &QueryRequest,
    access: &Access,
    binding: Binding<'a>,
) -> Result<Plan<'a>, ApiError> {
    let not_found = || ApiError::new(Code::NotFound);
    let dataset = workbook.dataset(&element.dataset).ok_or_else(not_found)?;
    // Whatever is asked of it, an element that does not exist for somebody answers like one that is not there.
    if !element.is_shown(access) {
        return Err(not_found());
    }
    let chosen = Chosen::of(workbook, element, access, binding.principal, request)?;
    let (kind, under) = asked(element, chosen.kind(), dataset, access, request)?;
    let parameters = chosen.parameters()?;
    let calculated = |output: Output| Output { expr: with_values(output.expr, &parameters), ..output };
    let relation = Relation::new(dataset, binding);
    let visible =
        |names: &[String]| names.iter().filter(|name| !access.hides(&element.dataset, name)).cloned().collect::<Vec<_>>();
    let totals = match kind {
        Kind::Table { totals, .. } | Kind::InputTable { totals, .. } => totals.as_slice(),
        _ => &[],
    };
    let totals = totals.iter().filter(|total| !access.hides(&element.dataset, &total.name)).map(output).map(calculated).collect();
    let mut hidden = 0;
    let (shape, outputs, sort) = match kind {
        Kind::Control(Control { kind: ControlKind::List { .. }, column: Some(column), .. }) => {
            (Shape::Distinct, columns(dataset, std::slice::from_ref(column)), vec![(0, false)])
        }
        Kind::Control(Control { kind, column: Some(name), .. }) if kind.asks() => {
            let column = dataset.column(name).ok_or_else(not_found)?;
            let end = |(name, end): (&str, Expr)| Output { format: column.format, ..Output::plain(name, end) };
            let [least, most] = ends(column);
            (Shape::Groups { dimensions: 0 }, [("min", least), ("max", most)].map(end).to_vec(), Vec::new())
        }
        Kind::Kpi(kpi) => {
            let dimensions = usize::from(kpi.periods.is_some());
            (Shape::Groups { dimensions }, kpi.measures().map(output).collect(), vec![(0, false); dimensions])
        }
        Kind::Chart(chart) => {
            let mut outputs = vec![output(&chart.x)];
            outputs.extend(columns(dataset, &chart.by().cloned().collect::<Vec<_>>()));
            let dimensions = outputs.len();
            outputs.extend(chart.series.iter().map(|(measure, _)| output(measure)));
            // Those that are as large come in the order of x.
            let sort = if chart.look.by_value { vec![(dimensions, true), (0, false)] } else { vec![(0, false)] };
            (Shape::Groups { dimensions }, outputs, sort)
        }
        Kind::Table { columns: names, .. } => {
            let mut outputs = columns(dataset, &visible(names));
            if let Some(input) = access.files(dataset, names) {
                let key = missing(input.key.clone(), &outputs);
                hidden = key.len();
                outputs.extend(key);
            }
            (Shape::Rows, outputs, Vec::new())
        }
        Kind::InputTable { columns: names, .. } => {
            let mut outputs = columns(dataset, &visible(names));
            let version = (SystemColumn::Version.name().to_owned(), ColumnType::Integer);
            let key = missing(key_of(dataset).into_iter().chain([version]), &outputs);
            hidden = key.len();
            outputs.extend(key);
            (Shape::Rows, outputs, Vec::new())
        }
        Kind::Pivot(pivot) => {
            let level = |name: &str| Output::plain(name, Expr::integer(0));
            let outputs: Vec<Output> = ["_rows", "_columns"].map(level).into_iter().chain(pivot.measures().map(output)).collect();
            let (rows, columns) = (pivot.rows.len(), pivot.columns.len());
            let sort = (0..LEVELS + rows + columns).map(|output| (output, false)).collect();
            (Shape::Pivot { rows, columns }, outputs, sort)
        }
        Kind::Text { values, .. } if !values.is_empty() => {
            (Shape::Groups { dimensions: 0 }, values.iter().map(output).collect(), Vec::new())
        }
        Kind::Control(_) | Kind::Form { .. } | Kind::Text { .. } | Kind::Image { .. } => return Err(not_found()),
    };
    let mut outputs: Vec<Output> = outputs.into_iter().map(calculated).collect();
    let mut shown = outputs.len() - hidden;
    let known = |columns: Vec<&str>| columns.into_iter().all(|column| !access.hides(&element.dataset, column));
    let mut extents: Vec<(String, [Expr; 2])> = Vec::new();
    for (format, when) in element.formats.iter().filter(|_| shape == Shape::Rows) {
        match (format, when) {
            (CellFormat::Rule { flag, .. }, Some(when)) if known(when.columns()) => {
                outputs.push(calculated(Output::plain(flag, when.clone())));
            }
            (CellFormat::Scale { column } | CellFormat::Bar { column }, _) if known(vec![column]) => {
                let ends = dataset.column(column).map(ends);
                extents
                    .extend(ends.filter(|_| extents.iter().all(|(name, _)| name != column)).map(|ends| (column.clone(), ends)));
            }
            _ => {}
        }
    }
    if let Some(compute) = &request.compute {
        if shape != Shape::Rows {
            return Err(ApiError::new(Code::UnknownColumn));
        }
        outputs.push(computed(compute, dataset, workbook, |name| !access.hides(&element.dataset, name))?);
    }
    let clock = Clock { now: binding.now, zone: &workbook.zone, fiscal_year_starts: workbook.fiscal_year_starts };
    let filtered = chosen.filters(dataset, clock)?;
    let mut filters: Vec<Expr> = filtered.into_iter().chain(under).map(|filter| with_values(filter, &parameters)).collect();
    let filterable = |name: &str| dataset.column(name).filter(|_| !access.hides(&element.dataset, name));
    let filter = |filter: &Filter| {
        let column = filterable(&filter.column).ok_or_else(|| ApiError::new(Code::UnknownColumn))?;
        filter_expr(filter, &column.ty, clock)
    };
    for one in &request.filters {
        filters.push(filter(one)?);
    }
    if let Some(values) = request.values.as_ref().filter(|_| shape == Shape::Rows) {
        let column =
            outputs.iter().find(|output| output.name == values.column).ok_or_else(|| ApiError::new(Code::UnknownColumn))?;
        if !values.search.trim().is_empty() {
            filters.push(filter(&Filter {
                column: column.name.clone(),
                op: FilterOp::Contains,
                value: values.search.trim().into(),
            })?);
        }
        return Ok(counted_values(relation, column.clone(), filters).joined());
    }
    let mut order = if request.sort.is_empty() { sort } else { sorts(request, &outputs)? };
    let grouped = match &request.group {
        Some(grouping) if shape == Shape::Rows => levels(grouping, &outputs[..shown], &order)?,
        _ => Vec::new(),
    };
    let levels = grouped.len();
    let open =
        request.group.iter().filter(|_| levels > 0).map(|grouping| open(grouping, &outputs)).collect::<Result<Vec<_>, _>>()?;
    order.retain(|(output, _)| grouped.iter().all(|(level, _)| level != output));
    let by =
        |(output, descending): (usize, bool)| SortBy { expr: outputs[output].expr.clone(), output: Some(output), descending };
    let mut sort: Vec<SortBy> = grouped.into_iter().chain(order).map(by).collect();
    if shape == Shape::Rows {
        // Rows that people add stay where they are added: at the end.
        if let Dataset::Input(Input { kind: InputKind::Empty, .. }) = dataset
            && sort.len() == levels
        {
            let expr = Expr::column(SystemColumn::CreatedAt.name(), ColumnType::Timestamp);
            sort.push(SortBy { expr, output: None, descending: false });
        }
        let key = key_of(dataset).into_iter().filter(|(name, _)| !access.hides(&element.dataset, name));
        then_by_key(&mut sort, key, &outputs);
    }
    let from = place(request, shape, &sort)?;
    let summary = request.summarize.iter().map(|name| summary(name, shape, &outputs)).collect::<Result<Vec<_>, _>>()?;
    let (gaps, line) = match kind {
        Kind::Chart(chart) => {
            let lines = |kind: ChartKind| matches!(kind, ChartKind::Line | ChartKind::Area);
            let all_lines = lines(chart.kind) && chart.series.iter().all(|(_, series)| series.mark.is_none_or(lines));
            (chart.gaps.as_ref(), all_lines && !chart.look.by_value)
        }
        Kind::Kpi(kpi) => (kpi.periods.as_ref().map(|(_, gaps)| gaps), kpi.periods.is_some()),
        _ => (None, false),
    };
    let find = request.find.as_ref().filter(|_| shape == Shape::Rows).map(|find| search(find, filter)).transpose()?;
    let most = match shape {
        // One row is the answer, however many are summed up.
        Shape::Rows if !summary.is_empty() => i64::MAX as u64,
        Shape::Rows => request.most_rows(),
        _ => MOST_MARKS,
    };
    let default = if shape == Shape::Rows { DEFAULT_ROWS } else { MOST_MARKS };
    let limit = if request.limit == 0 { default } else { request.limit.min(most) };
    // SQLite and PostgreSQL take 64-bit signed offsets.
    let offset = request.offset.min(i64::MAX as u64);
    if shape == Shape::Rows && !request.columns.is_empty() {
        if request.columns.iter().any(|name| outputs[..shown].iter().all(|output| output.name != *name)) {
            return Err(ApiError::new(Code::UnknownColumn));
        }
        // Besides: what addresses a row, what rows are grouped by, what they come to.
        let key: Vec<String> = key_of(dataset).into_iter().map(|(name, _)| name).collect();
        let levels: Vec<Option<usize>> = sort[..levels].iter().map(|by| by.output).collect();
        let own = |name: &String| request.columns.contains(name) || key.contains(name) || name == COMPUTED;
        let wanted = |i: &usize| own(&outputs[*i].name) || (shown..shown + hidden).contains(i) || levels.contains(&Some(*i));
        let wanted: Vec<usize> = (0..outputs.len()).filter(wanted).collect();
        for by in &mut sort {
            by.output = by.output.and_then(|output| wanted.iter().position(|i| *i == output));
        }
        shown = wanted.iter().filter(|i| **i < shown).count();
        outputs = wanted.into_iter().map(|i| outputs[i].clone()).collect();
    }
    let plan = Plan {
        relation,
        shape,
        outputs,
        shown,
        filters,
        open: open.into_iter().flatten().collect(),
        levels,
        sort,
        from,
        window: Window { offset, limit },
        totals,
        extents,
        summary,
        find,
        gaps,
        top: chosen.top().filter(|_| shape != Shape::Rows),
        line,
    };
    Ok(plan.joined())
}

impl Plan<'_> {
    /// The plan with the joins that it needs.
    fn joined(mut self) -> Self {
        let shown = self.outputs.iter().chain(&self.totals).map(|output| &output.expr);
        let asked = self.filters.iter().chain(&self.open).chain(self.sort.iter().map(|sort| &sort.expr));
        let counted = self.extents.iter().flat_map(|(_, ends)| ends).chain(self.summary.iter().flat_map(|(_, of)| of));
        let exprs = shown.chain(asked).chain(counted).chain(self.find.iter().map(|find| &find.condition));
        self.relation.joins = Joins::of(self.relation.dataset, exprs.flat_map(Expr::columns));
        self
    }
}

/// Each value of a column with the number of rows that have it.
fn counted_values<'a>(relation: Relation<'a>, column: Output, filters: Vec<Expr>) -> Plan<'a> {
    let count = Expr::new(Node::Aggregate(Aggregate::Count, None), ColumnType::Integer);
    let count = Output::plain("count", count);
    let sort = vec![SortBy { expr: column.expr.clone(), output: Some(0), descending: false }];
    let window = Window { offset: 0, limit: MOST_VALUES as u64 + 1 };
    Plan { sort, filters, window, ..Plan::new(relation, Shape::Groups { dimensions: 1 }, vec![column, count]) }
}

/// Plans what a person may choose in a column that looks its values up: the value, and its label if it has one.
///
/// # Errors
/// `QY001` for a column that he may not know, here or in the source.
pub fn plan_lookup<'a>(
    input: &'a Input,
    request: &LookupRequest,
    access: &Access,
    binding: Binding<'a>,
) -> Result<Plan<'a>, ApiError> {
    let unknown = || ApiError::new(Code::UnknownColumn);
    let lookup = looked_up(input, &request.column, access).ok_or_else(unknown)?;
    let dataset = Dataset::Source(&lookup.source);
    let names: Vec<String> = std::iter::once(&lookup.value).chain(&lookup.label).cloned().collect();
    if names.iter().any(|name| access.hides(&lookup.source.name, name)) {
        return Err(unknown());
    }
    let outputs = columns(dataset, &names);
    let clock = Clock { now: binding.now, zone: &Zone::default(), fiscal_year_starts: 1 };
    let search = request.search.trim();
    let contains = |output: &Output| {
        let op = if output.expr.ty.is_text() { FilterOp::Contains } else { FilterOp::Equals };
        filter_expr(&Filter { column: output.name.clone(), op, value: search.into() }, &output.expr.ty, clock).ok()
    };
    let found = outputs.iter().filter_map(contains).reduce(Expr::or);
    let nothing = Expr::new(Node::Literal(Value::Boolean(false)), ColumnType::Boolean);
    let mut filters = vec![filter_expr(
        &Filter { column: lookup.value.clone(), op: FilterOp::NotBlank, value: model::Raw::Null },
        &outputs[0].expr.ty,
        clock,
    )?];
    filters.extend((!search.is_empty()).then(|| found.unwrap_or(nothing)));
    // By what one reads first.
    let order = (0..outputs.len()).rev();
    let sort = order.map(|i| SortBy { expr: outputs[i].expr.clone(), output: Some(i), descending: false }).collect();
    let window = Window { offset: 0, limit: MOST_LISTED as u64 + 1 };
    Ok(Plan { filters, sort, window, ..Plan::new(Relation::new(dataset, binding), Shape::Distinct, outputs) })
}

/// Where a column's values are looked up, if it exists for the person and they are.
fn looked_up<'a>(input: &'a Input, column: &str, access: &Access) -> Option<&'a Lookup> {
    input.column(column).filter(|_| !access.hides(&input.name, column))?.lookup.as_ref()
}

/// Plans what a form shows of the row that a value is looked up in; `facts` are columns of that source.
///
/// # Errors
/// `QY001` for a column without a lookup, or one that the person may not know; `QY002` for a value that is none of it.
pub fn plan_facts<'a>(
    input: &'a Input,
    request: &FactsRequest,
    facts: &[String],
    access: &Access,
    binding: Binding<'a>,
) -> Result<Plan<'a>, ApiError> {
    let unknown = || ApiError::new(Code::UnknownColumn);
    let lookup = looked_up(input, &request.column, access).ok_or_else(unknown)?;
    if facts.iter().chain([&lookup.value]).any(|name| access.hides(&lookup.source.name, name)) {
        return Err(unknown());
    }
    let dataset = Dataset::Source(&lookup.source);
    let value = dataset.column(&lookup.value).ok_or_else(unknown)?;
    let clock = Clock { now: binding.now, zone: &Zone::default(), fiscal_year_starts: 1 };
    let filter = Filter { column: lookup.value.clone(), op: FilterOp::Equals, value: request.value.clone() };
    let filters = vec![filter_expr(&filter, &value.ty, clock)?];
    let window = Window { offset: 0, limit: 2 };
    Ok(Plan { filters, window, ..Plan::new(Relation::new(dataset, binding), Shape::Distinct, columns(dataset, facts)) })
}

fn output(measure: &Measure) -> Output {
    Output { name: measure.name.clone(), label: measure.label.clone(), format: measure.format, expr: measure.expr.clone() }
}

fn columns(dataset: Dataset<'_>, names: &[String]) -> Vec<Output> {
    let found = names.iter().filter_map(|name| dataset.column(name));
    found
        .map(|c| Output {
            name: c.name.clone(),
            label: c.label.clone(),
            format: c.format,
            expr: Expr::column(&c.name, c.ty.clone()),
        })
        .collect()
}

/// An expression with the values of the parameters that it names.
fn with_values(expr: Expr, parameters: &BTreeMap<&str, Value>) -> Expr {
    if parameters.is_empty() {
        return expr;
    }
    expr.with_parameters(&|name| parameters.get(name).cloned().unwrap_or(Value::Null))
}

/// The least and the most of a column.
fn ends(column: &Column) -> [Expr; 2] {
    [Aggregate::Min, Aggregate::Max].map(|end| {
        let of = Box::new(Expr::column(&column.name, column.ty.clone()));
        Expr::new(Node::Aggregate(end, Some(of)), column.ty.clone())
    })
}

fn key_of(dataset: Dataset<'_>) -> Vec<(String, ColumnType)> {
    match dataset {
        Dataset::Source(source) => source.key_columns(),
        Dataset::Input(input) => input.key.clone(),
    }
}

/// Those of `columns` that are not shown: the browser needs them to address an edit.
fn missing(columns: impl IntoIterator<Item = (String, ColumnType)>, shown: &[Output]) -> Vec<Output> {
    let missing = columns.into_iter().filter(|(name, _)| shown.iter().all(|output| output.name != *name));
    missing.map(|(name, ty)| Output { label: name.clone(), format: None, expr: Expr::column(&name, ty), name }).collect()
}

/// Rows that are alike follow in the key's order, so that windows of them fit together.
fn then_by_key(sort: &mut Vec<SortBy>, key: impl Iterator<Item = (String, ColumnType)>, outputs: &[Output]) {
    let descending = sort.last().is_some_and(|sort| sort.descending);
    for (name, ty) in key {
        let output = outputs.iter().position(|output| output.name == name);
        if output.is_none() || sort.iter().all(|sort| sort.output != output) {
            sort.push(SortBy { expr: Expr::column(&name, ty), output, descending });
        }
    }
}

/// The place that the window begins at, typed like what rows are sorted by.
fn place(request: &QueryRequest, shape: Shape, sort: &[SortBy]) -> Result<Vec<Value>, ApiError> {
    let bad = || ApiError::new(Code::BadPlace);
    if !request.from.is_empty() && (shape != Shape::Rows || request.from.len() != sort.len()) {
        return Err(bad());
    }
    let value = |(raw, sort): (&model::Raw, &SortBy)| Value::from_wire(raw, &sort.expr.ty.as_stored()).map_err(|_| bad());
    request.from.iter().zip(sort).map(value).collect()
}

/// The outputs that a request sorts by, and whether downwards.
fn sorts(request: &QueryRequest, outputs: &[Output]) -> Result<Vec<(usize, bool)>, ApiError> {
    let find = |name: &str| outputs.iter().position(|output| output.name == name);
    let one = |sort: &model::Sort| {
        let output = find(&sort.column).ok_or_else(|| ApiError::new(Code::UnknownColumn))?;
        Ok((output, sort.descending))
    };
    request.sort.iter().map(one).collect()
}

/// What an input column would hold by a person's expression, over the columns that he may see.
fn computed(
    compute: &Compute,
    dataset: Dataset<'_>,
    workbook: &Workbook,
    visible: impl Fn(&str) -> bool,
) -> Result<Output, ApiError> {
    let input = if let Dataset::Input(input) = dataset { input.column(&compute.column) } else { None };
    let target = &input.filter(|_| visible(&compute.column)).ok_or_else(|| ApiError::new(Code::UnknownColumn))?.column;
    if compute.expression.chars().count() > MOST_EXPRESSION {
        return Err(ApiError::say(Code::BadExpression, words::expr_too_long(MOST_EXPRESSION)));
    }
    let columns: Vec<(String, ColumnType)> = dataset.scope().into_iter().filter(|(name, _)| visible(name)).collect();
    let (zone, fiscal_year_starts) = (workbook.zone.iana(), workbook.fiscal_year_starts);
    let scope = Scope { columns: &columns, measures: &[], parameters: &[], used: Use::Row, zone, fiscal_year_starts };
    let read = |text: &str| {
        check(text, &scope).map_err(|error| {
            let problem = match error.hint {
                Some(hint) => words::expr_problem_and_hint(error.message, hint),
                None => error.message,
            };
            ApiError::say(Code::BadExpression, words::expr_at(error.column, problem))
        })
    };
    let given = read(&compute.expression)?;
    let (ty, to) = (&given.ty, &target.ty);
    let fits = ty.is_numeric() && to.is_numeric() || ty.is_text() && to.is_text() || ty == to;
    if !fits && given.node != Node::Literal(Value::Null) {
        return Err(ApiError::say(Code::BadExpression, words::expr_gives(&target.label, to.said(), ty.said())));
    }
    let digits = match to {
        ColumnType::Decimal { scale } => Some(*scale),
        ColumnType::Integer => Some(0),
        _ => None,
    };
    let expr = match (digits, ty) {
        (Some(digits), ColumnType::Decimal { scale }) if digits < *scale => {
            Expr::new(Node::Call(Function::Round, vec![given]), ColumnType::Decimal { scale: digits })
        }
        _ => given,
    };
    Ok(Output { name: COMPUTED.into(), label: target.label.clone(), format: target.format, expr })
}

/// What is asked of one column that is shown.
fn summary(name: &str, shape: Shape, outputs: &[Output]) -> Result<(String, Vec<Expr>), ApiError> {
    let output = outputs.iter().find(|output| output.name == *name && shape == Shape::Rows);
    let ty = &output.ok_or_else(|| ApiError::new(Code::UnknownColumn))?.expr.ty;
    let of = |aggregate, ty: &ColumnType, result: &ColumnType| {
        Expr::new(Node::Aggregate(aggregate, Some(Box::new(Expr::column(name, ty.clone())))), result.clone())
    };
    let mut exprs = vec![of(Aggregate::Count, ty, &ColumnType::Integer)];
    if ty.is_numeric() {
        exprs.extend([Aggregate::Sum, Aggregate::Min, Aggregate::Max].map(|aggregate| of(aggregate, ty, ty)));
    }
    Ok((name.to_owned(), exprs))
}

fn search(find: &Find, filter: impl Fn(&Filter) -> Result<Expr, ApiError>) -> Result<Search, ApiError> {
    let conditions = find.any.iter().map(filter).collect::<Result<Vec<_>, _>>()?;
    let condition = conditions.into_iter().reduce(Expr::or);
    let condition = condition.unwrap_or_else(|| Expr::new(Node::Literal(Value::Boolean(false)), ColumnType::Boolean));
    Ok(Search { condition, after: find.after.map(|row| row.min(i64::MAX as u64)), backwards: find.backwards })
}
