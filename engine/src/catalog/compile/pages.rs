//! Pages: elements, what they show, and which controls filter them.

use std::collections::HashSet;

use model::{Against, CellFormat, FormView, Format, MOST_LEVELS, Sort, TableShape, file};

use super::{Compiler, below, humanize};
use crate::catalog::document::{Step, at};
use crate::catalog::shape;
use crate::catalog::types::{ChartLook, Dataset, Element, Gaps, Input, InputKind, Kind, Kpi, Measure, Workbook};
use crate::expr::{Expr, Use};
use crate::query::{X, check_filter};

const NEEDS_MONTHS: &str = "a year before needs an x of months, quarters or years, such as `date_trunc('month', order_date)`";

impl Compiler<'_> {
    pub(super) fn pages(&mut self, workbook: &mut Workbook, file: &file::Workbook) {
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
            file::Element::Kpi(x) => Kind::Kpi(self.kpi(at, dataset, x)?),
            file::Element::Chart(x) => self.chart(at, dataset, x)?,
            file::Element::Table(x) => {
                let columns = self.column_list(&below(at, "columns"), dataset, x.columns.as_deref())?;
                Kind::Table { totals: self.totals(at, dataset, &x.totals, &columns), columns }
            }
            file::Element::InputTable(x) => self.input_element(at, dataset, x)?,
            file::Element::Form(x) => self.form(at, dataset, x)?,
        };
        type Parts<'a> = (&'a [String], &'a [String], &'a [file::View], &'a [file::FormatRule]);
        let (columns, group, views, formats): Parts<'_> = match (file, &kind) {
            (file::Element::Table(x), Kind::Table { columns, .. }) => (columns, &x.group, &x.views, &x.formats),
            (file::Element::InputTable(x), Kind::InputTable { columns, .. }) => (columns, &x.group, &x.views, &x.formats),
            _ => (&[], &[], &[], &[]),
        };
        self.group(at, columns, group);
        let group = group.to_vec();
        let views = self.views(at, dataset, columns, views);
        let formats = self.formats(at, dataset, columns, formats);
        let title = title.clone().unwrap_or_else(|| match &kind {
            Kind::Kpi(kpi) => kpi.value.label.clone(),
            _ => humanize(id),
        });
        let (id, dataset) = (id.clone(), dataset_name.clone());
        Some(Element { id, title, width, dataset, controls: Vec::new(), group, views, formats, kind })
    }

    /// The columns that rows of a table which shows `columns` are grouped by.
    fn group(&mut self, at: &[Step], columns: &[String], group: &[String]) {
        let at = below(at, "group");
        for (i, name) in group.iter().enumerate() {
            if !columns.contains(name) {
                self.unknown(&at, "column", name, columns);
            } else if group[..i].contains(name) {
                self.mistake(&at, format!("rows are grouped by `{name}` already"));
            }
        }
        if group.len() > MOST_LEVELS {
            self.mistake(&at, format!("rows are grouped by at most {MOST_LEVELS} columns"));
        }
    }

    /// How cells of a table that shows `columns` look.
    fn formats(
        &mut self,
        at: &[Step],
        dataset: Dataset<'_>,
        columns: &[String],
        formats: &[file::FormatRule],
    ) -> Vec<(CellFormat, Option<Expr>)> {
        let mut found = Vec::new();
        for (i, format) in formats.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain(at!["formats", i]).collect();
            if let Some(name) = format.column.as_ref().filter(|name| !columns.contains(name)) {
                self.unknown(&below(&at, "column"), "column", name, columns);
                continue;
            }
            if format.icon.as_ref().is_some_and(|icon| !(1..=2).contains(&icon.chars().count())) {
                self.mistake(&below(&at, "icon"), "an icon is one character or two");
            }
            let numeric = format.column.as_ref().and_then(|name| dataset.column(name)).is_some_and(|c| c.ty.is_numeric());
            let by_size = format.scale || format.bar;
            match (&format.when, &format.column, format.look.is_some() || format.icon.is_some()) {
                (Some(when), column, true) if !by_size => {
                    if let Some(when) = self.condition(&below(&at, "when"), when, &dataset.scope(), Use::Row) {
                        let (column, look, icon) = (column.clone(), format.look, format.icon.clone());
                        found.push((CellFormat::Rule { flag: format!("_format{i}"), column, look, icon }, Some(when)));
                    }
                }
                (None, Some(column), false) if numeric && format.scale != format.bar => {
                    let column = column.clone();
                    found.push((if format.scale { CellFormat::Scale { column } } else { CellFormat::Bar { column } }, None));
                }
                (None, Some(_), false) if by_size && !numeric => {
                    self.mistake(&at, "`scale` and `bar` are for a column of numbers")
                }
                _ => self.mistake(&at, "a format has `when` with `look` or `icon`, or of a column `scale: true` or `bar: true`"),
            }
        }
        found
    }

    /// The arrangements that the author gives for a table that shows `columns`.
    fn views(
        &mut self,
        at: &[Step],
        dataset: Dataset<'_>,
        columns: &[String],
        views: &[file::View],
    ) -> Vec<(String, TableShape)> {
        let mut found: Vec<(String, TableShape)> = Vec::new();
        for (i, view) in views.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain(at!["views", i]).collect();
            if found.iter().any(|(name, _)| *name == view.view) {
                self.mistake(&below(&at, "view"), format!("there is a view `{}` already", view.view));
            }
            let sort: Vec<Sort> = view
                .sort
                .iter()
                .map(|text| {
                    let (column, descending) = text.strip_suffix(" desc").map_or((text.as_str(), false), |column| (column, true));
                    Sort { column: column.trim().to_owned(), descending }
                })
                .collect();
            let named = view.columns.iter().flatten().map(|name| ("columns", name));
            let sorted = sort.iter().map(|sort| ("sort", &sort.column));
            let filtered = view.filters.iter().map(|filter| ("filters", &filter.column));
            for (part, name) in named.chain(sorted).chain(filtered).filter(|(_, name)| !columns.contains(name)) {
                self.unknown(&below(&at, part), "column", name, columns);
            }
            for (i, filter) in view.filters.iter().enumerate() {
                let known = dataset.column(&filter.column).filter(|_| columns.contains(&filter.column));
                if let Some(Err(error)) = known.map(|column| check_filter(filter, &column.ty)) {
                    let at: Vec<Step> = at.iter().cloned().chain(at!["filters", i]).collect();
                    self.mistake(&at, error.message);
                }
            }
            self.group(&at, columns, view.group.as_deref().unwrap_or_default());
            let shape = TableShape {
                group: view.group.clone(),
                columns: view.columns.clone().unwrap_or_default(),
                frozen: view.freeze,
                sort,
                filters: view.filters.clone(),
                ..TableShape::default()
            };
            found.push((view.view.clone(), shape));
        }
        found
    }

    fn chart(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Chart) -> Option<Kind> {
        let axis = self.axis(&below(at, "x"), dataset, &x.x, &x.chart)?;
        if let Some(color) = &x.color {
            self.column_name(&below(at, "color"), dataset, color)?;
        }
        if x.y.is_empty() {
            self.mistake(&below(at, "y"), "a chart needs at least one measure in `y`");
        }
        let mut series = Vec::new();
        for (i, y) in x.y.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain(at!["y", i]).collect();
            let mut measure = self.measure(&at, &format!("y{i}"), y.expression(), dataset.measures(), dataset)?;
            if measure.name == format!("y{i}") {
                let only = match measure.expr.columns().as_slice() {
                    [only] => dataset.column(only),
                    _ => None,
                };
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
            if measure.expr.looks_back() && axis.expr.year_before(X).is_none() {
                self.mistake(&at, NEEDS_MONTHS);
            }
            series.push((measure, dashed));
        }
        let look = ChartLook { stacked: x.stacked, horizontal: x.horizontal, by_value: x.by_value };
        let gaps = x.gaps.and_then(|gaps| {
            let next = axis.expr.next_period(X);
            if next.is_none() {
                self.mistake(&below(at, "gaps"), "`gaps` needs periods: an x such as `date_trunc('month', order_date)`");
            }
            Some(Gaps { next: next?, zero: gaps == file::Gaps::Zero })
        });
        Some(Kind::Chart { chart: x.ty, x: axis, color: x.color.clone(), series, look, gaps })
    }

    fn kpi(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::Kpi) -> Option<Kpi> {
        let mut value = self.measure(&below(at, "measure"), &x.kpi, &x.measure, dataset.measures(), dataset)?;
        value.format = x.format.or(value.format);
        if value.expr.has_window() {
            self.mistake(&below(at, "measure"), "this is set beside other marks of a chart; a KPI has one");
            return None;
        }
        value.name = "value".into();
        let periods = match &x.x {
            None => None,
            Some(text) => Some(self.periods(&below(at, "x"), dataset, text)?),
        };
        let mut against = Vec::new();
        for (i, compare) in x.compare.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain(at!["compare", i]).collect();
            let Some((axis, _)) = &periods else {
                self.mistake(&at, "a comparison with periods before needs `x`, such as `date_trunc('month', order_date)`");
                continue;
            };
            let (against_what, back) = match compare {
                file::Compare::Previous => (Against::Previous, ""),
                file::Compare::Year => (Against::Year, ", 'year'"),
            };
            if *compare == file::Compare::Year && axis.expr.year_before(X).is_none() {
                self.mistake(&at, NEEDS_MONTHS);
            }
            let texts = ["previous", "difference", "percent_change"].map(|function| format!("{function}({}{back})", x.measure));
            against.extend(self.against(&at, dataset, against_what, texts));
        }
        if let Some(target) = &x.target {
            let (value, target) = (&x.measure, target.expression());
            let difference = format!("({value}) - ({target})");
            // Whole numbers would be divided to a whole number.
            let share = format!("({difference}) * 1.0 / abs({target})");
            let texts = [target, difference, share];
            against.extend(self.against(&below(at, "target"), dataset, Against::Target, texts));
        }
        for (i, measure) in against.iter_mut().flat_map(|(_, measures)| measures).enumerate() {
            let share = i % 3 == 2;
            (measure.name, measure.format) = (format!("against{i}"), if share { Some(Format::Percent) } else { value.format });
        }
        Some(Kpi { periods, value, against, better: x.better })
    }

    fn against(
        &mut self,
        at: &[Step],
        dataset: Dataset<'_>,
        against: Against,
        texts: [String; 3],
    ) -> Option<(Against, [Measure; 3])> {
        // One mistake is told once.
        let [before, difference, share] = texts;
        let mut of = |text: &str| self.measure(at, "against", text, dataset.measures(), dataset);
        let (before, difference, share) = (of(&before)?, of(&difference)?, of(&share)?);
        if !before.expr.ty.is_numeric() {
            self.mistake(at, "only numbers are compared");
        }
        Some((against, [before, difference, share]))
    }

    /// The periods of a KPI, and how one follows another.
    fn periods(&mut self, at: &[Step], dataset: Dataset<'_>, text: &str) -> Option<(Measure, Gaps)> {
        let axis = self.axis(at, dataset, text, "x")?;
        let Some(next) = axis.expr.next_period(X) else {
            self.mistake(at, "a KPI is of periods: an x such as `date_trunc('month', order_date)`");
            return None;
        };
        Some((axis, Gaps { next, zero: false }))
    }

    /// What marks stand at: a column or an expression over the row.
    fn axis(&mut self, at: &[Step], dataset: Dataset<'_>, text: &str, called: &str) -> Option<Measure> {
        let expr = self.expression(at, text, &dataset.scope(), Use::Row)?;
        let plain = dataset.column(text);
        let by_month = ["month", "quarter", "year", "fiscal_quarter", "fiscal_year"]
            .iter()
            .any(|grain| text.starts_with(&format!("date_trunc('{grain}'")));
        let format: Option<Format> = plain.and_then(|c| c.format).or(by_month.then_some(Format::Month));
        let label = plain.map_or_else(|| humanize(called), |c| c.label.clone());
        Some(Measure { name: "x".into(), label, format, expr })
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
        let mut totals: Vec<Measure> = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let at: Vec<Step> = at.iter().cloned().chain(at!["totals", i]).collect();
            let Some(mut total) = self.measure(&at, "total", text, dataset.measures(), dataset) else {
                continue;
            };
            if total.expr.has_window() {
                self.mistake(&at, "this is set beside other marks of a chart; a total stands alone");
                continue;
            }
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
        let submit = x.submit.clone().unwrap_or_else(|| FormView::SUBMIT.into());
        let thanks = x.thanks.clone().unwrap_or_else(|| FormView::THANKS.into());
        Some(Kind::Form { fields, submit, thanks })
    }

    fn column_name(&mut self, at: &[Step], dataset: Dataset<'_>, name: &str) -> Option<()> {
        if dataset.column(name).is_some() {
            return Some(());
        }
        let names: Vec<String> = dataset.readable().into_iter().map(|c| c.name.clone()).collect();
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
