//! Elements, and what they show.

use model::{Against, CellFormat, Format, MOST_LEVELS, Sort, TableShape, file};

use super::{Compiler, below, beneath, humanize};
use crate::catalog::document::Step;
use crate::catalog::{Dataset, Element, Gaps, Kind, Kpi, Measure, Workbook};
use crate::expr::{Expr, Use};
use crate::query::{X, check_filter};

pub(super) const NEEDS_MONTHS: &str =
    "a year before needs an x of months, quarters or years, such as `date_trunc('month', order_date)`";

impl Compiler<'_> {
    pub(super) fn element(&mut self, workbook: &Workbook, at: &[Step], file: &file::Element) -> Option<Element> {
        let (dataset_name, field) = match file {
            file::Element::Control(x) => (x.source().unwrap_or_default(), "source"),
            file::Element::Kpi(x) => (x.source.as_str(), "source"),
            file::Element::Chart(x) => (x.source.as_str(), "source"),
            file::Element::Table(x) => (x.source.as_str(), "source"),
            file::Element::InputTable(x) => (x.table.as_str(), "table"),
            file::Element::Form(x) => (x.table.as_str(), "table"),
            file::Element::Pivot(x) => self.pivot_dataset(at, x)?,
            file::Element::Text(x) => (x.source.as_deref().unwrap_or_default(), "source"),
            file::Element::Image(_) | file::Element::Container(_) | file::Element::Tabs(_) => ("", "source"),
        };
        let height = self.height(at, file);
        let dataset = workbook.dataset(dataset_name);
        if dataset.is_none() && !dataset_name.is_empty() {
            let inputs = workbook.inputs.iter().map(|input| &input.name);
            let names: Vec<&String> = workbook.sources.iter().map(|source| &source.name).chain(inputs).collect();
            self.unknown(&below(at, field), "source or input table", dataset_name, names);
            return None;
        }
        let kind = self.kind_of(workbook, at, file, dataset)?;
        type Parts<'a> = (&'a [String], &'a [String], &'a [file::View], &'a [file::FormatRule]);
        let (columns, group, views, formats): Parts<'_> = match (file, &kind) {
            (file::Element::Table(x), Kind::Table { columns, .. }) => (columns, &x.group, &x.views, &x.formats),
            (file::Element::InputTable(x), Kind::InputTable { columns, .. }) => (columns, &x.group, &x.views, &x.formats),
            _ => (&[], &[], &[], &[]),
        };
        self.group(at, columns, group);
        let group = group.to_vec();
        let (views, formats) = match dataset {
            Some(dataset) => (self.views(at, dataset, columns, views), self.formats(at, dataset, columns, formats)),
            None => (Vec::new(), Vec::new()),
        };
        let details = self.details(at, dataset, file);
        let id = file.id().to_owned();
        let title = file.title().cloned().unwrap_or_else(|| match &kind {
            Kind::Kpi(kpi) => kpi.value.label.clone(),
            _ => humanize(&id),
        });
        let (width, dataset) = (file.width(), dataset_name.to_owned());
        Some(Element {
            id,
            title,
            width,
            height,
            dataset,
            controls: Vec::new(),
            group,
            views,
            formats,
            details,
            kind,
            variants: Vec::new(),
        })
    }

    /// What an element shows, of its rows if it has any.
    fn kind_of(&mut self, workbook: &Workbook, at: &[Step], file: &file::Element, dataset: Option<Dataset<'_>>) -> Option<Kind> {
        Some(match file {
            file::Element::Text(x) => self.text(at, dataset, x)?,
            file::Element::Image(x) => self.image(at, x)?,
            file::Element::Container(_) | file::Element::Tabs(_) => return None,
            file::Element::Control(x) => Kind::Control(self.control(at, workbook, dataset, x)?),
            file::Element::Kpi(x) => Kind::Kpi(self.kpi(at, dataset?, x)?),
            file::Element::Chart(x) => self.chart(at, dataset?, x)?,
            file::Element::Table(x) => {
                let dataset = dataset?;
                let columns = self.column_list(&below(at, "columns"), dataset, x.columns.as_deref())?;
                Kind::Table { totals: self.totals(at, dataset, &x.totals, &columns), columns }
            }
            file::Element::InputTable(x) => self.input_element(at, dataset?, x)?,
            file::Element::Form(x) => Kind::Form(self.form(at, workbook, dataset?, x)?),
            file::Element::Pivot(x) => Kind::Pivot(self.pivot(at, dataset?, x)?),
        })
    }

    /// How high an element is to be, in pixels.
    fn height(&mut self, at: &[Step], file: &file::Element) -> Option<u16> {
        let height = file.height()?;
        if !(120..=2000).contains(&height) && !matches!(file, file::Element::Image(_)) {
            self.mistake(&below(at, "height"), "`height` is 120 to 2000 pixels");
        }
        Some(height)
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
            let at = beneath(&below(at, "formats"), i);
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
                    if let Some(when) = self.shown_condition(&below(&at, "when"), when, &dataset.scope()) {
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
            let at = beneath(&below(at, "views"), i);
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
                    let at = beneath(&below(&at, "filters"), i);
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

    /// A measure under a name of the answer's; without a label of its own it is called as the column that it measures, or as
    /// it is written.
    pub(super) fn shown_measure(&mut self, at: &[Step], name: &str, text: &str, dataset: Dataset<'_>) -> Option<Measure> {
        let (_, label) = self.option_of(text);
        let mut measure = self.measure(at, name, text, dataset.measures(), dataset)?;
        if measure.name == name && label.is_none() {
            let only = match measure.expr.columns().as_slice() {
                [only] => dataset.column(only),
                _ => None,
            };
            measure.label = only.map_or_else(|| text.to_owned(), |column| column.label.clone());
        }
        measure.name = name.to_owned();
        Some(measure)
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
            let at = beneath(&below(at, "compare"), i);
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
        if x.draw.is_some() && x.target.is_none() {
            self.mistake(&below(at, "draw"), "it draws how far it is to a `target`, and there is none");
        }
        Some(Kpi { periods, value, against, better: x.better, draw: x.draw })
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
    pub(super) fn axis(&mut self, at: &[Step], dataset: Dataset<'_>, text: &str, called: &str) -> Option<Measure> {
        let expr = self.shown_expression(at, text, &dataset.scope(), &[], Use::Row)?;
        let plain = dataset.column(text);
        let cut = match expr.grain() {
            // A fiscal period is told by the month that it begins with.
            Some("month" | "fiscal") => Some(Format::Month),
            Some("quarter") => Some(Format::Quarter),
            Some("year") => Some(Format::Year),
            _ => None,
        };
        let format = plain.and_then(|c| c.format).or(cut);
        // A column that is cut to its months is called as it is.
        let only = match expr.columns().as_slice() {
            [only] => dataset.column(only),
            _ => None,
        };
        let label = plain.or(only).map_or_else(|| humanize(called), |c| c.label.clone());
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
            let at = beneath(&below(at, "totals"), i);
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

    pub(super) fn column_name(&mut self, at: &[Step], dataset: Dataset<'_>, name: &str) -> Option<()> {
        if dataset.column(name).is_some() {
            return Some(());
        }
        let names: Vec<String> = dataset.readable().into_iter().map(|c| c.name.clone()).collect();
        self.unknown(at, "column", name, &names);
        None
    }

    pub(super) fn column_list(&mut self, at: &[Step], dataset: Dataset<'_>, names: Option<&[String]>) -> Option<Vec<String>> {
        let Some(names) = names else {
            return Some(dataset.columns().into_iter().map(|c| c.name.clone()).collect());
        };
        for (i, name) in names.iter().enumerate() {
            self.column_name(&beneath(at, i), dataset, name)?;
        }
        Some(names.to_vec())
    }
}
