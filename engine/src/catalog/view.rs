//! A workbook cut down to what one person may see and do.

use std::collections::BTreeMap;

use model::{
    AccessMode, Block, CellFormat, ChartLevel, ChartView, ColumnRole, ColumnType, ColumnView, Constraints, ControlKind,
    ControlView, DetailsView, ElementKind, ElementView, FieldRole, FilesOf, FormField, FormSection, FormView, ImageView,
    InputTableView, KpiView, MarkAxis, PageView, PersonView, PivotTable, PivotView, Principal, Raw, TableView, TextView, Value,
    WorkbookView,
};

use crate::expr::Expr;

use super::controls::Control;
use super::form::Form;
use super::{Access, Chart, Dataset, Element, Input, Kind, Measure, Page, Pivot, PivotValue, Policy, Workbook};

/// The view that the browser gets: no SQL, no policy, no hidden column, no element that would need one, no control that the ticket
/// sets. `defaults` are what is chosen at first, by control.
#[must_use]
pub fn view_for(
    workbook: &Workbook,
    principal: &Principal,
    access: &Access,
    defaults: &BTreeMap<String, Vec<Raw>>,
) -> WorkbookView {
    let viewer = Viewer { workbook, principal, access, defaults };
    let page = |page: &Page| {
        let elements: Vec<ElementView> = page.elements.iter().filter_map(|element| viewer.element(element)).collect();
        let known = |id: &str| elements.iter().any(|element| element.id == id);
        let layout = Block::of_known(&page.layout, &known);
        PageView { id: page.id.clone(), title: page.title.clone(), elements, layout }
    };
    WorkbookView {
        id: workbook.id.clone(),
        title: workbook.title.clone(),
        currency: workbook.currency.clone(),
        zone: workbook.zone.clone(),
        person: PersonView {
            name: principal.name.clone(),
            mode: principal.mode,
            scope: principal.scope(),
            inspects: principal.inspects,
        },
        pages: workbook.pages.iter().map(page).collect(),
        revision: workbook.revision.clone(),
        only: None,
    }
}

/// A form of the workbook for a person: its table, and its sections with what is saved and not shown; `None` where it does not
/// exist for him.
#[must_use]
pub fn form_for<'a>(
    workbook: &'a Workbook,
    principal: &Principal,
    access: &Access,
    id: &str,
) -> Option<(&'a str, &'a Form, Vec<FormSection>)> {
    let element = workbook.elements().find(|element| element.id == id)?;
    let Kind::Form(form) = &element.kind else { return None };
    let viewer = Viewer { workbook, principal, access, defaults: &BTreeMap::new() };
    let sections = viewer.sections(form, &element.dataset);
    Some((&element.dataset, form, sections))
}

struct Viewer<'a> {
    workbook: &'a Workbook,
    principal: &'a Principal,
    access: &'a Access,
    defaults: &'a BTreeMap<String, Vec<Raw>>,
}

impl Viewer<'_> {
    fn element(&self, element: &Element) -> Option<ElementView> {
        let dataset = self.workbook.dataset(&element.dataset);
        let kind = element.kind_for(|switch| self.workbook.option_for(switch, self.principal, self.access));
        if !element.is_known(kind, self.access) {
            return None;
        }
        Some(ElementView {
            id: element.id.clone(),
            title: element.title.clone(),
            width: element.width,
            height: element.height,
            depends_on: dataset.map(|dataset| self.depends_on(dataset, element)).unwrap_or_default(),
            controls: self.controls(element),
            formats: element.formats.iter().filter_map(|(format, when)| self.format(element, format, when.as_ref())).collect(),
            group: element.group.iter().filter(|name| !self.access.hides(&element.dataset, name)).cloned().collect(),
            selects: self.selects(element, kind, dataset),
            details: dataset.and_then(|dataset| self.details(element, dataset)),
            kind: self.kind(element, kind, dataset)?,
        })
    }

    /// What is chosen by pressing its marks, if others follow them.
    fn selects(&self, element: &Element, kind: &Kind, dataset: Option<Dataset<'_>>) -> Option<ControlView> {
        self.workbook.selecting(&element.id, self.access)?;
        let axis = |ty: &ColumnType, format| MarkAxis { of: ty.clone(), format, bin: None };
        let (x, by) = match kind {
            Kind::Chart(chart) => {
                let by = chart.by().filter_map(|name| dataset?.column(name));
                let x = self.levels(element, chart).into_iter().map(|level| level.axis);
                (x.collect(), by.map(|column| axis(&column.ty, column.format)).collect())
            }
            Kind::Pivot(pivot) => {
                let of = |axes: &[Measure]| axes.iter().map(|one| axis(&one.expr.ty, one.format)).collect();
                (of(&pivot.rows), of(&pivot.columns))
            }
            _ => return None,
        };
        Some(ControlView { label: element.title.clone(), kind: ControlKind::Marks { x, by }, default: Vec::new() })
    }

    /// The levels of a chart down to the first that does not exist for the person.
    fn levels(&self, element: &Element, chart: &Chart) -> Vec<ChartLevel> {
        let known = |depth: usize| {
            let kind = depth.checked_sub(1).and_then(|depth| chart.deeper.get(depth));
            kind.is_none_or(|kind| element.is_known(kind, self.access))
        };
        let level = |level: &Chart| ChartLevel {
            label: level.x.label.clone(),
            grain: level.x.expr.grain().map(str::to_owned),
            axis: MarkAxis { of: level.x.expr.ty.clone(), format: level.x.format, bin: level.bin.as_ref().map(Value::to_wire) },
        };
        chart.levels().enumerate().take_while(|(depth, _)| known(*depth)).map(|(_, one)| level(one)).collect()
    }

    /// The rows under its marks, as far as the person may see them.
    fn details(&self, element: &Element, dataset: Dataset<'_>) -> Option<DetailsView> {
        let (columns, input) = match element.details.as_ref()? {
            Kind::InputTable { columns, .. } => (columns, self.workbook.input(&element.dataset)),
            Kind::Table { columns, .. } => (columns, None),
            _ => return None,
        };
        let columns = self.columns(dataset, &element.dataset, columns);
        let key = input.map(Input::key_names).unwrap_or_default();
        (!columns.is_empty()).then(|| DetailsView { table: input.map(|input| input.name.clone()), key, columns })
    }

    /// A format, unless it would tell of a column that does not exist for the person.
    fn format(&self, element: &Element, format: &CellFormat, when: Option<&Expr>) -> Option<CellFormat> {
        let of = match format {
            CellFormat::Rule { column, .. } => column.as_ref(),
            CellFormat::Scale { column } | CellFormat::Bar { column } => Some(column),
        };
        let read = when.map(Expr::columns).unwrap_or_default();
        let mut columns = read.into_iter().chain(of.map(String::as_str));
        (!columns.any(|column| self.access.hides(&element.dataset, column))).then(|| format.clone())
    }

    /// The input table itself, its source and those that are joined for it, and every direct table that changes their rows.
    fn depends_on(&self, dataset: Dataset<'_>, element: &Element) -> Vec<String> {
        let mut tables = vec![element.dataset.clone()];
        let columns = element.columns();
        let joined = dataset.joins().iter().filter(|join| columns.iter().any(|name| join.has(name)));
        for source in dataset.source().into_iter().chain(joined.map(|join| &join.source)) {
            tables.push(source.name.clone());
            let writes_here = |input: &&Input| input.is_direct() && source.reads(&input.table);
            tables.extend(self.workbook.inputs.iter().filter(writes_here).map(|input| input.name.clone()));
        }
        tables.sort();
        tables.dedup();
        tables
    }

    /// The controls that an element follows as far as the person knows, each once.
    fn controls(&self, element: &Element) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for id in element.follows(self.access) {
            let control = self.workbook.control(id).is_some_and(|(at, control)| self.control(at, control).is_some());
            let shown = control || self.workbook.selecting(id, self.access).is_some();
            if shown && !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    /// A control, unless the person's ticket sets it or what it is about does not exist for him.
    fn control(&self, element: &Element, control: &Control) -> Option<ControlView> {
        if self.principal.filters.contains_key(&element.id) || !element.is_known(&element.kind, self.access) {
            return None;
        }
        let mut kind = control.kind.clone();
        let mut default = self.defaults.get(&element.id).cloned().unwrap_or_default();
        if let ControlKind::Switch { options } = &mut kind {
            *options = self.workbook.options(&element.id, self.access).into_iter().cloned().collect();
            default = self.workbook.first_option(&element.id, self.access).map(Raw::from).into_iter().collect();
            if options.is_empty() {
                return None;
            }
        }
        Some(ControlView { label: element.title.clone(), kind, default })
    }

    fn kind(&self, element: &Element, kind: &Kind, dataset: Option<Dataset<'_>>) -> Option<ElementKind> {
        Some(match kind {
            Kind::Control(control) => ElementKind::Control(self.control(element, control)?),
            Kind::Kpi(kpi) => ElementKind::Kpi(KpiView {
                label: (element.title != kpi.value.label).then(|| element.title.clone()),
                by_period: kpi.periods.is_some(),
                against: kpi.against.iter().map(|(against, _)| *against).collect(),
                better: kpi.better,
                draw: kpi.draw,
            }),
            Kind::Chart(chart) => ElementKind::Chart(ChartView {
                chart: chart.kind,
                bin: chart.bin.as_ref().map(Value::to_wire),
                color: chart.color.clone(),
                facets: chart.facet.is_some(),
                series: chart.series.iter().map(|(_, series)| series.clone()).collect(),
                stack: chart.look.stack,
                horizontal: chart.look.horizontal,
                log: chart.look.log,
                lines: chart.look.lines.clone(),
                bands: chart.look.bands.clone(),
                levels: self.levels(element, chart),
            }),
            Kind::Table { columns, .. } => {
                // An element to read: what could be typed into elsewhere is not typed into here.
                let files = self.access.files(dataset?, columns);
                let files = files.map(|input| FilesOf { table: input.name.clone(), key: input.key_names() });
                let mut columns = self.columns(dataset?, &element.dataset, columns);
                columns.iter_mut().for_each(|column| column.editable = false);
                ElementKind::Table(TableView { columns, files })
            }
            Kind::InputTable { columns, frozen, .. } => {
                let input = self.workbook.input(&element.dataset)?;
                let shown = self.columns(dataset?, &element.dataset, columns);
                let frozen = columns[..*frozen].iter().filter(|c| shown.iter().any(|view| view.name == **c)).count();
                let key = input.key_names();
                let adds = self.may_add(input);
                ElementKind::InputTable(InputTableView { table: input.name.clone(), key, columns: shown, frozen, adds })
            }
            Kind::Form(form) => ElementKind::Form(self.form(element, form)?),
            Kind::Pivot(pivot) => ElementKind::Pivot(self.pivot(dataset?, element, pivot)),
            Kind::Text { parts, values } => ElementKind::Text(TextView { parts: parts.clone(), asks: !values.is_empty() }),
            Kind::Image { picture, alt } => {
                ElementKind::Image(ImageView { path: format!("/pictures/{picture}"), alt: alt.clone() })
            }
        })
    }

    fn form(&self, element: &Element, form: &Form) -> Option<FormView> {
        let input = self.workbook.input(&element.dataset)?;
        let mut sections = self.sections(form, &input.name);
        let tables = form.lines().filter_map(|(_, lines)| self.workbook.input(&lines.table)).chain([input]);
        let mut fields =
            sections.iter().flat_map(|section| section.fields.iter().chain(section.lines.iter().flat_map(|lines| &lines.fields)));
        let open = fields.all(|field| field.column.editable || !field.role.is_typed());
        let allowed = open && input.adds() && tables.into_iter().all(|table| self.may_write(table));
        let shown = |fields: &mut Vec<FormField>| fields.retain(|field| field.role != FieldRole::Hidden);
        for section in &mut sections {
            shown(&mut section.fields);
            section.lines.iter_mut().for_each(|lines| shown(&mut lines.fields));
        }
        let (submit, thanks) = (form.submit.clone(), form.thanks.clone());
        Some(FormView {
            table: input.name.clone(),
            sections,
            steps: form.steps,
            submit,
            thanks,
            allowed,
            keeps: form.keeps_days > 0,
            changes: !input.adds(),
            opens: form.opens(),
            then: form.then.clone(),
            submissions: self.columns(Dataset::Input(input), &input.name, &form.submissions),
        })
    }

    /// All of a form over a table, with what is saved and not shown.
    fn sections(&self, form: &Form, table: &str) -> Vec<FormSection> {
        let column = |table: &str, column: &str| self.column_of(table, column);
        let fact = |table: &str, column: &str, fact: &str| self.fact(table, column, fact);
        form.for_person(self.principal, table, &column, &fact)
    }

    /// A column, if it exists for the person.
    fn column_of(&self, dataset: &str, column: &str) -> Option<ColumnView> {
        if self.access.hides(dataset, column) {
            return None;
        }
        let of = self.workbook.dataset(dataset)?;
        let mut view = self.column(of, column)?;
        // What is written by forms alone is typed into here.
        if let Dataset::Input(input) = of {
            view.editable = input.column(column).is_some() && self.may_type(input, column);
        }
        Some(view)
    }

    /// A column of the source that a column's values are looked up in, if both exist for the person.
    fn fact(&self, table: &str, column: &str, fact: &str) -> Option<ColumnView> {
        let source = &self.workbook.input(table)?.column(column)?.lookup.as_ref()?.source;
        if self.access.hides(&source.name, fact) { None } else { self.column(Dataset::Source(source), fact) }
    }

    fn pivot(&self, dataset: Dataset<'_>, element: &Element, pivot: &Pivot) -> PivotView {
        let name = element.dataset.as_str();
        // What one types into must not depend on which measure is shown when it arrives.
        let always = |i: usize, column: &String| {
            element.variants.iter().all(|variant| match &variant.kind {
                Kind::Pivot(pivot) => pivot.values.get(i).and_then(|value| value.column.as_ref()) == Some(column),
                _ => false,
            })
        };
        let table = pivot.key.clone().map(|key| PivotTable { name: name.to_owned(), key });
        let value = |(i, value): (usize, &PivotValue)| model::PivotValue {
            heat: value.heat,
            column: value
                .column
                .as_ref()
                .filter(|column| always(i, column))
                .and_then(|column| self.column(dataset, column))
                .filter(|column| column.editable),
        };
        PivotView {
            rows: pivot.rows.len(),
            columns: pivot.columns.len(),
            values: pivot.values.iter().enumerate().map(value).collect(),
            open: pivot.open,
            sort: pivot.sort.clone(),
            table,
        }
    }

    fn may_write(&self, input: &Input) -> bool {
        self.principal.mode == AccessMode::Edit && input.write != Policy::Denied
    }

    fn may_type(&self, input: &Input, column: &str) -> bool {
        self.may_write(input) && !self.access.locks(&input.name, column)
    }

    /// Whether he may type into every column of a new row.
    fn may_add(&self, input: &Input) -> bool {
        let open = || input.columns.iter().all(|known| !self.access.locks(&input.name, &known.column.name));
        input.adds() && !input.forms_only && self.may_write(input) && open()
    }

    fn columns(&self, dataset: Dataset<'_>, name: &str, wanted: &[String]) -> Vec<ColumnView> {
        let visible = wanted.iter().filter(|column| !self.access.hides(name, column));
        visible.filter_map(|column| self.column(dataset, column)).collect()
    }

    fn column(&self, dataset: Dataset<'_>, name: &str) -> Option<ColumnView> {
        let column = dataset.column(name)?;
        let input = if let Dataset::Input(input) = dataset { Some(input) } else { None };
        let typed = input.and_then(|input| input.column(name));
        let is_key = input.is_some_and(|input| input.key.iter().any(|(key, _)| key == name));
        let role = match (typed, is_key) {
            (Some(_), _) => ColumnRole::Input,
            (_, true) => ColumnRole::Key,
            _ if input.is_some_and(|input| input.computed.iter().any(|c| c.column.name == name)) => ColumnRole::Computed,
            _ => ColumnRole::Source,
        };
        let editable = typed.is_some()
            && input.is_some_and(|i| {
                self.may_type(i, name) && !i.forms_only && i.column(name).is_none_or(|known| known.file.is_none())
            });
        Some(ColumnView {
            name: column.name.clone(),
            label: column.label.clone(),
            ty: column.ty.clone(),
            role,
            format: column.format,
            editable,
            constraints: typed.map_or_else(Constraints::default, |input| input.constraints.clone()),
            help: typed.and_then(|input| input.help.clone()),
            lookup: typed.is_some_and(|input| input.lookup.is_some()),
            file: typed.and_then(|input| input.file.clone()),
        })
    }
}
