//! Checks a workbook's names, types and expressions against each other and against the warehouse.

use std::collections::{BTreeSet, HashSet};

use indexmap::IndexMap;
use model::file::{self, InputTable, RowPolicy, column_type};
use model::{ColumnType, Format, Value, validate};
use sha2::{Digest, Sha256};

use super::document::{Document, Mistake, Severity, Step, at};
use super::types::{
    Body, ChartLook, Column, Computed, Dataset, Element, Input, InputColumn, InputKind, Kind, Measure, Policy, Rule, Source,
    SystemColumn, Workbook,
};
use super::{select, shape};
use crate::expr::{Expr, Natives, Scope, Use, check, nearest};
use crate::warehouse::Warehouse;

/// Reads and checks one file; warnings come with what is good.
///
/// # Errors
/// Every mistake found in it.
pub(super) async fn workbook(
    name: &str,
    text: &str,
    warehouse: &dyn Warehouse,
) -> Result<(Workbook, Vec<Mistake>), Vec<Mistake>> {
    let mut doc = Document::parse(name, text).map_err(|mistake| vec![mistake])?;
    let mut mistakes = Vec::new();
    let json = doc.to_json();
    let Some(file) = shape::read::<file::Workbook>(&mut doc, &[], json, &mut mistakes) else {
        return Err(mistakes);
    };
    let mut compiler = Compiler { doc, mistakes, warnings: Vec::new() };
    let compiled = compiler.workbook(&file, text, warehouse).await;
    if compiler.mistakes.is_empty() {
        return Ok((compiled, compiler.warnings));
    }
    compiler.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    compiler.mistakes.dedup();
    Err(compiler.mistakes)
}

struct Compiler<'a> {
    doc: Document<'a>,
    mistakes: Vec<Mistake>,
    warnings: Vec<Mistake>,
}

type ScopeColumns = Vec<(String, ColumnType)>;

impl Compiler<'_> {
    async fn workbook(&mut self, file: &file::Workbook, text: &str, warehouse: &dyn Warehouse) -> Workbook {
        self.identifier(&at!["workbook"], &file.workbook);
        let mut workbook = Workbook {
            id: file.workbook.clone(),
            title: file.title.clone(),
            currency: file.currency.clone(),
            sources: Vec::new(),
            inputs: Vec::new(),
            pages: Vec::new(),
            revision: hex::encode(&Sha256::digest(text)[..8]),
        };
        for (name, source) in &file.sources {
            if let Some(source) = self.source(name, source, warehouse).await {
                workbook.sources.push(source);
            }
        }
        for (name, input) in &file.input_tables {
            if file.sources.contains_key(name) {
                let at = at!["input_tables"];
                self.mistakes.push(self.doc.mistake_at_key(
                    &at,
                    name,
                    format!("`{name}` is a source already; they share one namespace"),
                ));
            }
            if let Some(input) = self.input(&workbook, name, input) {
                workbook.inputs.push(input);
            }
        }
        self.pages(&mut workbook, file);
        workbook
    }

    fn mistake(&mut self, at: &[Step], message: impl Into<String>) {
        self.mistakes.push(self.doc.mistake(at, message));
    }

    fn unknown<'n>(&mut self, at: &[Step], what: &str, name: &str, known: impl IntoIterator<Item = &'n String>) {
        let broken = ["sources", "input_tables"].iter().any(|list| self.doc.has(&at![*list, name]));
        if what.starts_with("source") && broken {
            // It is there, and what is wrong with it has been told.
            return;
        }
        let mut mistake = self.doc.mistake(at, format!("there is no {what} `{name}`"));
        mistake.hint = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        self.mistakes.push(mistake);
    }

    fn identifier(&mut self, at: &[Step], name: &str) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let good = name.chars().all(fits) && name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains("__");
        if !good || name.len() > 48 {
            self.mistake(at, format!("`{name}` is not an id: lower-case letters, digits and single underscores, at most 48"));
        }
    }

    fn expression(&mut self, at: &[Step], text: &str, columns: &[(String, ColumnType)], used: Use) -> Option<Expr> {
        match check(text, &Scope { columns, used }) {
            Ok(expr) => Some(expr),
            Err(error) => {
                self.mistakes.push(self.doc.expression_mistake(at, &error));
                None
            }
        }
    }

    fn condition(&mut self, at: &[Step], text: &str, columns: &[(String, ColumnType)], used: Use) -> Option<Expr> {
        let expr = self.expression(at, text, columns, used)?;
        if expr.ty != ColumnType::Boolean {
            self.mistake(at, format!("expected a condition, not {}", expr.ty.noun()));
            return None;
        }
        Some(expr)
    }

    async fn source(&mut self, name: &str, file: &file::Source, warehouse: &dyn Warehouse) -> Option<Source> {
        let at = at!["sources", name];
        self.identifier(&at, name);
        let body = match (&file.table, &file.sql) {
            (Some(table), None) => Body::Table(table.clone()),
            (None, Some(sql)) => Body::Sql(sql.trim().trim_end_matches(';').to_owned()),
            _ => {
                self.mistakes.push(self.doc.mistake_at_key(&at!["sources"], name, "a source has either `table` or `sql`"));
                return None;
            }
        };
        let found = match warehouse.describe(&body).await {
            Ok(found) => found,
            Err(error) => {
                let part = if file.table.is_some() { "table" } else { "sql" };
                self.mistake(&at!["sources", name, part], format!("the warehouse can't read this: {error}"));
                return None;
            }
        };
        let names: Vec<String> = found.columns.iter().map(|column| column.name.clone()).collect();
        for declared in file.columns.keys().filter(|declared| !names.contains(*declared)) {
            let mut mistake =
                self.doc.mistake_at_key(&at!["sources", name, "columns"], declared, format!("there is no column `{declared}`"));
            mistake.hint = nearest(declared, &names).map(|near| format!("did you mean `{near}`?"));
            self.mistakes.push(mistake);
        }
        let mut columns = Vec::new();
        let mut natives = Natives::new();
        for found in found.columns {
            if let Some(column) = self.source_column(name, &found.name, found.ty.clone(), file.columns.get(&found.name)) {
                let same = found.ty.as_ref().is_some_and(|ty| ty == &column.ty || ty.is_text() && column.ty.is_text());
                natives.extend(found.native.filter(|_| !(found.plain && same)).map(|native| (found.name, native)));
                columns.push(column);
            }
        }
        for (i, key) in file.key.iter().enumerate().filter(|(_, key)| !names.contains(*key)) {
            self.unknown(&at!["sources", name, "key", i], "column", key, &names);
        }
        let scope: ScopeColumns = columns.iter().map(|c| (c.name.clone(), c.ty.clone())).collect();
        let (read, write) = self.policies(&at!["sources", name, "rows"], file.rows.as_ref(), &scope);
        let measures = self.measures(&at!["sources", name, "measures"], &file.measures, &columns);
        let (unique, tables) = self.look_into(name, &body, &file.key, found.unique);
        Some(Source { name: name.into(), body, key: file.key.clone(), read, write, columns, measures, unique, tables, natives })
    }

    /// Whether the key is unique by construction, and which tables are read; warns if one key can't be asked for alone.
    fn look_into(
        &mut self,
        name: &str,
        body: &Body,
        key: &[String],
        mut unique: Vec<Vec<String>>,
    ) -> (bool, Option<BTreeSet<String>>) {
        let tables = match body {
            Body::Table(table) => Some(BTreeSet::from([table.clone()])),
            Body::Sql(sql) => {
                let facts = select::facts(sql);
                unique.extend(facts.grouped_by);
                if let Some(why) = facts.reads_whole.filter(|_| !key.is_empty()) {
                    let mut warning = self.doc.mistake(
                        &at!["sources", name, "sql"],
                        format!("this SELECT has {why}, so every edit of one of its rows reads all of them"),
                    );
                    warning.severity = Severity::Warning;
                    self.warnings.push(warning);
                }
                facts.tables
            }
        };
        (unique.iter().any(|columns| columns.iter().all(|column| key.contains(column))), tables)
    }

    fn source_column(
        &mut self,
        source: &str,
        name: &str,
        found: Option<ColumnType>,
        declared: Option<&file::SourceColumn>,
    ) -> Option<Column> {
        let at = at!["sources", source, "columns", name];
        let default = file::SourceColumn::default();
        let declared = declared.unwrap_or(&default);
        let ty = match declared.ty {
            Some(ty) => match column_type(ty, declared.scale, declared.options.as_deref()) {
                Ok(ty) => ty,
                Err(message) => {
                    self.mistake(&at, message);
                    // The file is refused; a type all the same keeps this from being told again wherever the column is used.
                    ColumnType::Decimal { scale: 2 }
                }
            },
            None => match found {
                Some(ty) => ty,
                None => {
                    self.mistake(&at, format!("the warehouse gives no type for column `{name}`; declare one under `columns`"));
                    return None;
                }
            },
        };
        let hide_unless = declared
            .hide_unless
            .as_deref()
            .and_then(|text| self.condition(&at!["sources", source, "columns", name, "hide_unless"], text, &[], Use::Person));
        let label = declared.label.clone().unwrap_or_else(|| humanize(name));
        Some(Column { name: name.into(), label, ty, format: declared.format, hide_unless })
    }

    /// No `rows` is open; with `rows`, what is not said is denied.
    fn policies(&mut self, at: &[Step], rows: Option<&RowPolicy>, scope: &[(String, ColumnType)]) -> (Policy, Option<Policy>) {
        let Some(rows) = rows else {
            return (Policy::Open, None);
        };
        let mut one = |which: &str, text: &Option<String>| {
            let path: Vec<Step> = at.iter().cloned().chain([Step::from(which)]).collect();
            let text = text.as_deref()?;
            Some(self.condition(&path, text, scope, Use::Row).map_or(Policy::Denied, Policy::Rows))
        };
        let read = one("read", &rows.read).unwrap_or(Policy::Denied);
        (read, one("write", &rows.write))
    }

    fn measures(&mut self, at: &[Step], file: &IndexMap<String, file::Measure>, columns: &[Column]) -> Vec<Measure> {
        let mut measures = Vec::new();
        for (name, measure) in file {
            let path: Vec<Step> = at.iter().cloned().chain([Step::from(name)]).collect();
            if let Some(measure) = self.measure(&path, name, measure.expression(), &measures, columns) {
                measures.push(measure);
            }
            if let (file::Measure::Described(described), Some(last)) = (measure, measures.last_mut()) {
                last.label = described.label.clone().unwrap_or_else(|| humanize(name));
                last.format = described.format.or(last.format);
            }
        }
        measures
    }

    /// A measure by name, or an aggregate expression; its format is that of the column it sums, if it says none.
    fn measure(&mut self, at: &[Step], name: &str, text: &str, known: &[Measure], columns: &[Column]) -> Option<Measure> {
        if let Some(measure) = known.iter().find(|measure| measure.name == text) {
            return Some(measure.clone());
        }
        let scope: ScopeColumns = columns.iter().map(|c| (c.name.clone(), c.ty.clone())).collect();
        let looks_like_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if looks_like_name && !scope.iter().any(|(column, _)| column == text) {
            self.unknown(at, "measure", text, known.iter().map(|measure| &measure.name));
            return None;
        }
        let expr = self.expression(at, text, &scope, Use::Measure)?;
        if !expr.is_aggregate() {
            self.mistake(at, "a measure is an aggregate, such as `sum(sales)`");
            return None;
        }
        let read = expr.columns();
        let format = match (&expr.ty, read.as_slice()) {
            (ColumnType::Decimal { .. } | ColumnType::Float, [only]) => {
                columns.iter().find(|c| c.name == *only).and_then(|c| c.format)
            }
            _ => None,
        };
        Some(Measure { name: name.into(), label: humanize(name), format, expr })
    }

    fn input(&mut self, workbook: &Workbook, name: &str, file: &InputTable) -> Option<Input> {
        let at = at!["input_tables", name];
        self.identifier(&at, name);
        let kind = self.input_kind(workbook, name, file)?;
        let key = self.input_key(name, file, &kind);
        let mut input = Input {
            name: name.into(),
            table: match &kind {
                InputKind::Direct(source) => match &source.body {
                    Body::Table(table) => table.clone(),
                    Body::Sql(_) => String::new(),
                },
                _ => format!("{}__{name}", workbook.id),
            },
            kind,
            key,
            read: Policy::Open,
            write: Policy::Denied,
            columns: Vec::new(),
            computed: Vec::new(),
            rules: Vec::new(),
            measures: Vec::new(),
        };
        for (column, declared) in &file.columns {
            if let Some(column) = self.input_column(name, column, declared, &input) {
                input.columns.push(column);
            }
        }
        (input.read, input.write) = self.input_policies(name, file, &input);
        for (column, computed) in &file.computed {
            let at = at!["input_tables", name, "computed", column];
            let scope = Dataset::Input(&input).scope();
            if let Some(expr) = self.expression(&at, computed.expression(), &scope, Use::Row) {
                let (label, format) = match computed {
                    file::Measure::Described(described) => (described.label.clone(), described.format),
                    file::Measure::Expression(_) => (None, None),
                };
                let label = label.unwrap_or_else(|| humanize(column));
                let column = Column { name: column.clone(), label, ty: expr.ty.clone(), format, hide_unless: None };
                input.computed.push(Computed { column, expr });
            }
        }
        let scope = Dataset::Input(&input).scope();
        for (i, rule) in file.rules.iter().enumerate() {
            if let Some(check) = self.condition(&at!["input_tables", name, "rules", i, "check"], &rule.check, &scope, Use::Row) {
                input.rules.push(Rule { check, message: rule.message.clone() });
            }
        }
        let columns: Vec<Column> = input.all_columns().into_iter().cloned().collect();
        input.measures = self.measures(&at!["input_tables", name, "measures"], &file.measures, &columns);
        Some(input)
    }

    fn input_kind(&mut self, workbook: &Workbook, name: &str, file: &InputTable) -> Option<InputKind> {
        let (field, target) = match (&file.linked_to, &file.direct_to) {
            (None, None) => return Some(InputKind::Empty),
            (Some(target), None) => ("linked_to", target),
            (None, Some(target)) => ("direct_to", target),
            (Some(_), Some(_)) => {
                self.mistake(&at!["input_tables", name, "direct_to"], "an input table is linked or direct, not both");
                return None;
            }
        };
        let at = at!["input_tables", name, field];
        let Some(source) = workbook.sources.iter().find(|source| source.name == *target).cloned() else {
            self.unknown(&at, "source", target, workbook.sources.iter().map(|source| &source.name));
            return None;
        };
        if source.key.is_empty() {
            self.mistake(&at, format!("source `{target}` needs a `key` before its rows can be typed into"));
            return None;
        }
        if field == "linked_to" {
            return Some(InputKind::Linked(source));
        }
        if !file.direct {
            self.mistake(&at, "this edits the source's own rows; say `direct: true` if that is meant");
        }
        if matches!(source.body, Body::Sql(_)) {
            self.mistake(&at, "only a `table:` source can be edited directly");
        }
        Some(InputKind::Direct(source))
    }

    fn input_key(&mut self, name: &str, file: &InputTable, kind: &InputKind) -> Vec<(String, ColumnType)> {
        match kind {
            InputKind::Empty => vec![(SystemColumn::Row.name().into(), ColumnType::Text)],
            InputKind::Linked(source) | InputKind::Direct(source) => {
                if file.rows.is_some() {
                    self.mistake(&at!["input_tables", name, "rows"], "its rows follow the source's policy; say `rows` there");
                }
                let typed = |key: &String| source.columns.iter().find(|c| c.name == *key).map(|c| (key.clone(), c.ty.clone()));
                source.key.iter().filter_map(typed).collect()
            }
        }
    }

    fn input_policies(&mut self, name: &str, file: &InputTable, input: &Input) -> (Policy, Policy) {
        match &input.kind {
            InputKind::Linked(source) => (source.read.clone(), source.write.clone().unwrap_or_else(|| source.read.clone())),
            InputKind::Direct(source) => (source.read.clone(), source.write.clone().unwrap_or(Policy::Denied)),
            InputKind::Empty => {
                let mut scope: ScopeColumns =
                    input.columns.iter().map(|c| (c.column.name.clone(), c.column.ty.clone())).collect();
                scope.push((SystemColumn::CreatedBy.name().into(), ColumnType::Text));
                scope.push((SystemColumn::CreatedAt.name().into(), ColumnType::Timestamp));
                let rows = file.rows.clone().unwrap_or_default();
                let (read, write) = self.policies(&at!["input_tables", name, "rows"], Some(&rows), &scope);
                (read, write.unwrap_or(Policy::Denied))
            }
        }
    }

    fn input_column(&mut self, table: &str, name: &str, file: &file::InputColumn, input: &Input) -> Option<InputColumn> {
        let at = at!["input_tables", table, "columns", name];
        let clash = input.source().is_some_and(|source| source.columns.iter().any(|c| c.name == name));
        match (input.is_direct(), clash) {
            (false, true) => {
                self.mistakes.push(self.doc.mistake_at_key(&at[..3], name, format!("`{name}` is a column of the source already")))
            }
            (true, false) => {
                let names: Vec<String> =
                    input.source().into_iter().flat_map(|s| s.columns.iter().map(|c| c.name.clone())).collect();
                self.unknown(&at, "column", name, &names);
            }
            _ => self.identifier(&at, name),
        }
        if input.is_direct() && input.key.iter().any(|(key, _)| key == name) {
            self.mistake(&at, "a key column can't be edited");
        }
        let ty = match column_type(file.ty, file.scale, file.options.as_deref()) {
            Ok(ty) => ty,
            Err(message) => {
                self.mistake(&at, message);
                return None;
            }
        };
        let edit = file
            .edit
            .as_deref()
            .and_then(|text| self.condition(&at!["input_tables", table, "columns", name, "edit"], text, &[], Use::Person));
        let label = file.label.clone().unwrap_or_else(|| humanize(name));
        let column = Column { name: name.into(), label, ty, format: file.format, hide_unless: None };
        let mut input =
            InputColumn { column, constraints: file.constraints(), default: Value::Null, edit, help: file.help.clone() };
        if let Some(default) = &file.default {
            match validate(&input.view(), default) {
                Ok(value) => input.default = value,
                Err(error) => self.mistake(&at!["input_tables", table, "columns", name, "default"], error.message),
            }
        }
        Some(input)
    }

    fn pages(&mut self, workbook: &mut Workbook, file: &file::Workbook) {
        let mut ids: HashSet<String> = HashSet::new();
        let mut controls: Vec<(Vec<Step>, file::Control)> = Vec::new();
        // Elements with a mistake of their own: that they are missing is not told again where they are named.
        let mut broken: HashSet<String> = HashSet::new();
        for (p, page) in file.pages.iter().enumerate() {
            let mut elements = Vec::new();
            for (e, json) in page.elements.iter().enumerate() {
                let at = at!["pages", p, "elements", e];
                let mut found = Vec::new();
                let read = shape::element(&mut self.doc, &at, json, &mut found);
                self.mistakes.append(&mut found);
                let Some(read) = read else { continue };
                let Some(element) = self.element(workbook, &at, &read) else {
                    broken.insert(file_id(&read).to_owned());
                    continue;
                };
                if !ids.insert(element.id.clone()) {
                    self.mistake(&at, format!("element `{}` is there twice", element.id));
                }
                if let file::Element::Control(control) = read {
                    controls.push((at.to_vec(), control));
                }
                elements.push(element);
            }
            let id =
                page.id.clone().unwrap_or_else(|| page.title.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
            workbook.pages.push((id, page.title.clone(), elements));
        }
        for (at, control) in controls {
            self.connect(workbook, &at, &control, &broken);
        }
    }

    /// Tells each target of a control by which column it is filtered.
    fn connect(&mut self, workbook: &mut Workbook, at: &[Step], control: &file::Control, broken: &HashSet<String>) {
        let known: Vec<String> = workbook.pages.iter().flat_map(|(_, _, elements)| elements).map(|e| e.id.clone()).collect();
        for (i, target) in control.targets.iter().enumerate().filter(|(_, target)| !broken.contains(*target)) {
            let at: Vec<Step> = at.iter().cloned().chain(at!["targets", i]).collect();
            let dataset = workbook.element(target).map(|element| element.dataset.clone());
            let Some(dataset) = dataset else {
                self.unknown(&at, "element", target, &known);
                continue;
            };
            if workbook.dataset(&dataset).is_none_or(|dataset| dataset.column(&control.column).is_none()) {
                self.mistake(&at, format!("`{target}` has no column `{}` to filter by", control.column));
                continue;
            }
            let elements = workbook.pages.iter_mut().flat_map(|(_, _, elements)| elements);
            for element in elements.filter(|element| element.id == *target) {
                element.controls.push((control.control.clone(), control.column.clone()));
            }
        }
    }

    fn element(&mut self, workbook: &Workbook, at: &[Step], file: &file::Element) -> Option<Element> {
        let (id, title, width, dataset_name, field) = match file {
            file::Element::Control(x) => (&x.control, &x.title, x.width.unwrap_or(12), &x.source, "source"),
            file::Element::Kpi(x) => (&x.kpi, &x.title, x.width.unwrap_or(3), &x.source, "source"),
            file::Element::Chart(x) => (&x.chart, &x.title, x.width.unwrap_or(6), &x.source, "source"),
            file::Element::Table(x) => (&x.table, &x.title, x.width.unwrap_or(12), &x.source, "source"),
            file::Element::InputTable(x) => (&x.input_table, &x.title, x.width.unwrap_or(12), &x.table, "table"),
            file::Element::Form(x) => (&x.form, &x.title, x.width.unwrap_or(6), &x.table, "table"),
        };
        self.identifier(at, id);
        if !(1..=12).contains(&width) {
            self.mistake(&below(at, "width"), "`width` is 1 to 12 columns");
        }
        let Some(dataset) = workbook.dataset(dataset_name) else {
            let inputs = workbook.inputs.iter().map(|input| &input.name);
            let names: Vec<&String> = workbook.sources.iter().map(|source| &source.name).chain(inputs).collect();
            self.unknown(&below(at, field), "source or input table", dataset_name, names);
            return None;
        };
        let kind = match file {
            file::Element::Control(x) => {
                self.column_name(&below(at, "column"), dataset, &x.column)?;
                Kind::Control { column: x.column.clone(), multiple: x.multiple }
            }
            file::Element::Kpi(x) => {
                let columns: Vec<Column> = dataset.columns().into_iter().cloned().collect();
                let mut measure = self.measure(&below(at, "measure"), &x.kpi, &x.measure, dataset.measures(), &columns)?;
                measure.format = x.format.or(measure.format);
                Kind::Kpi(measure)
            }
            file::Element::Chart(x) => self.chart(at, dataset, x)?,
            file::Element::Table(x) => {
                let columns = self.column_list(&below(at, "columns"), dataset, x.columns.as_deref())?;
                Kind::Table { totals: self.totals(at, dataset, &x.totals, &columns), columns }
            }
            file::Element::InputTable(x) => self.input_element(at, dataset, x)?,
            file::Element::Form(x) => self.form(at, dataset, x)?,
        };
        let title = title.clone().unwrap_or_else(|| humanize(id));
        Some(Element { id: id.clone(), title, width, dataset: dataset_name.clone(), controls: Vec::new(), kind })
    }

    fn chart(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Chart) -> Option<Kind> {
        let columns: Vec<Column> = dataset.columns().into_iter().cloned().collect();
        let axis = self.expression(&below(at, "x"), &x.x, &dataset.scope(), Use::Row)?;
        let plain = columns.iter().find(|column| column.name == x.x);
        let by_month = ["month", "quarter", "year"].iter().any(|grain| x.x.starts_with(&format!("date_trunc('{grain}'")));
        let format: Option<Format> = plain.and_then(|c| c.format).or(by_month.then_some(Format::Month));
        let label = plain.map_or_else(|| humanize(&x.chart), |c| c.label.clone());
        let axis = Measure { name: "x".into(), label, format, expr: axis };
        if let Some(color) = &x.color {
            self.column_name(&below(at, "color"), dataset, color)?;
        }
        if x.y.is_empty() {
            self.mistake(&below(at, "y"), "a chart needs at least one measure in `y`");
        }
        let mut series = Vec::new();
        for (i, y) in x.y.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain(at!["y", i]).collect();
            let mut measure = self.measure(&at, &format!("y{i}"), y.expression(), dataset.measures(), &columns)?;
            if measure.name == format!("y{i}") {
                let read = measure.expr.columns();
                let only = columns.iter().find(|c| read.as_slice() == [c.name.as_str()]);
                measure.label = only.map_or_else(|| y.expression().to_owned(), |c| c.label.clone());
            }
            measure.name = format!("y{i}");
            let mut dashed = false;
            if let file::Series::Described(described) = y {
                measure.label = described.label.clone().unwrap_or(measure.label);
                measure.format = described.format.or(measure.format);
                dashed = described.dashed;
            }
            if !measure.expr.ty.is_numeric() {
                self.mistake(&at, "a chart draws numbers");
            }
            series.push((measure, dashed));
        }
        let look = ChartLook { stacked: x.stacked, horizontal: x.horizontal, by_value: x.by_value };
        Some(Kind::Chart { chart: x.ty, x: axis, color: x.color.clone(), series, look })
    }

    fn input_element(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::InputTableElement) -> Option<Kind> {
        let Dataset::Input(_) = dataset else {
            self.mistake(&below(at, "table"), format!("`{}` is a source, not an input table", x.table));
            return None;
        };
        let all = self.column_list(&below(at, "columns"), dataset, x.columns.as_deref())?;
        let mut columns = self.column_list(&below(at, "freeze"), dataset, Some(&x.freeze))?;
        let frozen = columns.len();
        columns.extend(all.into_iter().filter(|column| !x.freeze.contains(column)));
        Some(Kind::InputTable { frozen, totals: self.totals(at, dataset, &x.totals, &columns), columns })
    }

    /// Aggregates, each named by the shown column that it stands under.
    fn totals(&mut self, at: &[Step], dataset: Dataset<'_>, texts: &[String], shown: &[String]) -> Vec<Measure> {
        let columns: Vec<Column> = dataset.columns().into_iter().cloned().collect();
        let mut totals: Vec<Measure> = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain(at!["totals", i]).collect();
            let Some(mut total) = self.measure(&at, "total", text, dataset.measures(), &columns) else {
                continue;
            };
            match total.expr.columns().as_slice() {
                [only] if shown.iter().any(|name| name == only) => total.name = (*only).to_owned(),
                _ => {
                    self.mistake(&at, "a total reads one column, and that is shown");
                    continue;
                }
            }
            if totals.iter().any(|known| known.name == total.name) {
                self.mistake(&at, "a column has one total");
            }
            total.label = humanize(text.split('(').next().unwrap_or_default());
            totals.push(total);
        }
        totals
    }

    fn form(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Form) -> Option<Kind> {
        let Dataset::Input(input @ Input { kind: InputKind::Empty, .. }) = dataset else {
            self.mistake(&below(at, "table"), format!("a form writes to an empty input table; `{}` is none", x.table));
            return None;
        };
        let fields = self.column_list(&below(at, "fields"), dataset, Some(&x.fields))?;
        for required in input.columns.iter().filter(|c| c.constraints.required && !fields.contains(&c.column.name)) {
            self.mistake(&below(at, "fields"), format!("`{}` is required, so the form must have it", required.column.name));
        }
        let submit = x.submit.clone().unwrap_or_else(|| "Submit".into());
        let thanks = x.thanks.clone().unwrap_or_else(|| "Thank you. It has been saved.".into());
        Some(Kind::Form { fields, submit, thanks })
    }

    fn column_name(&mut self, at: &[Step], dataset: Dataset<'_>, name: &str) -> Option<()> {
        if dataset.column(name).is_some() {
            return Some(());
        }
        let names: Vec<String> = dataset.columns().into_iter().map(|c| c.name.clone()).collect();
        self.unknown(at, "column", name, &names);
        None
    }

    fn column_list(&mut self, at: &[Step], dataset: Dataset<'_>, names: Option<&[String]>) -> Option<Vec<String>> {
        let Some(names) = names else {
            return Some(dataset.columns().into_iter().map(|c| c.name.clone()).collect());
        };
        for (i, name) in names.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain([Step::from(i)]).collect();
            self.column_name(&at, dataset, name)?;
        }
        Some(names.to_vec())
    }
}

fn file_id(element: &file::Element) -> &str {
    match element {
        file::Element::Control(x) => &x.control,
        file::Element::Kpi(x) => &x.kpi,
        file::Element::Chart(x) => &x.chart,
        file::Element::Table(x) => &x.table,
        file::Element::InputTable(x) => &x.input_table,
        file::Element::Form(x) => &x.form,
    }
}

fn below(at: &[Step], key: &str) -> Vec<Step> {
    at.iter().cloned().chain([Step::from(key)]).collect()
}

/// `sub_category` as `Sub category`.
fn humanize(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
