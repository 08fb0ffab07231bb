//! Controls: what is chosen in them, what is chosen at first, and which elements follow them.

use std::collections::{BTreeMap, HashSet};

use model::{ColumnRole, ColumnType, ColumnView, Constraints, ControlKind, Format, Raw, Span, SwitchOption, Value, file};
use serde_json::Value as Json;

use super::{Compiler, below, beneath, humanize};
use crate::catalog::controls::{By, Control, Filtered, Initial, Variant};
use crate::catalog::document::Step;
use crate::catalog::{Dataset, Element, Kind, Workbook};
use crate::expr::{Node, Parameter, Scope, TRUNC_UNITS, Use};

/// Ways to set the switches that one element names.
const MOST_VARIANTS: usize = 64;
const MOST_OPTIONS: usize = 20;
/// Marks that a `top` leaves at most.
const MOST_TOP: u32 = 1_000;
/// Names that expressions have already.
const TAKEN: [&str; 3] = ["user", "tenant", "now"];

/// A grain or a measure that people choose.
#[derive(Debug)]
pub(super) struct Switch {
    name: String,
    /// Each by its text, with the author's label and what it stands for.
    options: Vec<(String, Option<String>, Parameter)>,
}

impl Compiler<'_> {
    /// Takes down what the names of controls stand for, before anything is read that may name them. What is wrong with a control is
    /// told later, where it stands.
    pub(super) fn declare(&mut self, pages: &[file::Page]) {
        let mut found = Vec::new();
        pages.iter().flat_map(|page| &page.elements).for_each(|element| controls_in(element, &mut found));
        for json in found {
            let (Some(name), Some(ty)) = (json["control"].as_str(), json["type"].as_str()) else { continue };
            let declared = match ty {
                "parameter" => serde_json::from_value::<file::ParameterControl>(json.clone()).ok().and_then(|control| {
                    let ty = file::column_type(control.value_type, control.scale, control.options.as_deref()).ok()?;
                    Some(Parameter::Value(ty))
                }),
                "grain" | "measure" => serde_json::from_value::<file::SwitchControl>(json.clone()).ok().and_then(|control| {
                    let switch = switch_of(&control);
                    let first = switch.options.iter().find(|(text, ..)| control.default.as_ref().is_none_or(|d| d == text));
                    let first = first.or(switch.options.first()).map(|(_, _, parameter)| parameter.clone());
                    self.switches.push(switch);
                    first
                }),
                _ => continue,
            };
            match declared {
                Some(parameter) => self.parameters.push((name.to_owned(), parameter)),
                None => self.broken.push(format!("@{name}")),
            }
        }
    }

    /// The author's words behind a text that names a measure switch and nothing else, and what he calls them; any other text as it is.
    pub(super) fn option_of(&self, text: &str) -> (String, Option<String>) {
        let named = text.strip_prefix('@').and_then(|name| self.parameters.iter().find(|(known, _)| known == name));
        let Some((name, Parameter::Measure(option))) = named else { return (text.to_owned(), None) };
        let options = self.switches.iter().filter(|switch| switch.name == *name).flat_map(|switch| &switch.options);
        let label = options.filter(|(text, ..)| text == option).find_map(|(_, label, _)| label.clone());
        (option.clone(), label)
    }

    /// An element for each way to set the switches that it names; the first way is how they are at first.
    pub(super) fn variants(&mut self, workbook: &Workbook, at: &[Step], json: &Json, file: &file::Element) -> Option<Element> {
        let text = json.to_string();
        let named: Vec<usize> = (0..self.switches.len()).filter(|i| names(&text, &self.switches[*i].name)).collect();
        let named = if matches!(file, file::Element::Control(_)) { Vec::new() } else { named };
        let mut ways: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
        for switch in named {
            let mut options: Vec<usize> = (0..self.switches[switch].options.len()).collect();
            if let Some(before) = options.get_mut(..=self.first_of(switch)) {
                before.rotate_right(1);
            }
            ways = ways
                .iter()
                .flat_map(|way| options.iter().map(move |option| way.iter().copied().chain([(switch, *option)]).collect()))
                .collect();
            if ways.len() > MOST_VARIANTS {
                self.mistake(at, format!("the switches that it names can be set in more than {MOST_VARIANTS} ways"));
                ways.truncate(1);
            }
        }
        let mut element: Option<Element> = None;
        for way in &ways {
            let made = self.with_options(way, |compiler| compiler.element(workbook, at, file))?;
            let choice = |(switch, option): &(usize, usize)| {
                let switch = &self.switches[*switch];
                (switch.name.clone(), switch.options[*option].0.clone())
            };
            let variant = Variant { choices: way.iter().map(choice).collect(), kind: made.kind.clone() };
            let element = element.get_or_insert(made);
            if !way.is_empty() {
                element.variants.push(variant);
            }
        }
        element
    }

    /// Which option a switch begins with.
    fn first_of(&self, switch: usize) -> usize {
        let Switch { name, options } = &self.switches[switch];
        let now = self.parameters.iter().find(|(known, _)| known == name).map(|(_, parameter)| parameter);
        options.iter().position(|(_, _, parameter)| Some(parameter) == now).unwrap_or(0)
    }

    fn with_options<T>(&mut self, way: &[(usize, usize)], make: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.parameters.clone();
        for (switch, option) in way {
            let Switch { name, options } = &self.switches[*switch];
            for (_, parameter) in self.parameters.iter_mut().filter(|(known, _)| known == name) {
                *parameter = options[*option].2.clone();
            }
        }
        let made = make(self);
        self.parameters = before;
        made
    }

    pub(super) fn control(
        &mut self,
        at: &[Step],
        workbook: &Workbook,
        dataset: Option<Dataset<'_>>,
        file: &file::Control,
    ) -> Option<Control> {
        let label = file.title().cloned().unwrap_or_else(|| humanize(file.id()));
        let (kind, column, condition, default) = match file {
            file::Control::List(x) => {
                let (of, format) = self.control_column(at, dataset?, &x.column)?;
                let segmented = x.ty == file::ControlType::Segmented;
                let kind = ControlKind::List { column: x.column.clone(), of, format, multiple: x.multiple, segmented };
                (kind, Some(x.column.clone()), None, x.default.as_ref())
            }
            file::Control::Checkbox(x) => {
                let condition = match (&x.column, &x.when) {
                    (Some(column), None) => {
                        if self.control_column(at, dataset?, column)?.0 != ColumnType::Boolean {
                            self.mistake(
                                &below(at, "column"),
                                format!("`{column}` is not of yes and no; `when` takes a condition"),
                            );
                        }
                        None
                    }
                    (None, Some(when)) => Some(self.shown_condition(&below(at, "when"), when, &dataset?.scope())?),
                    _ => {
                        self.mistake(at, "a checkbox has either `column` or `when`");
                        return None;
                    }
                };
                (ControlKind::Checkbox, x.column.clone(), condition, x.default.as_ref())
            }
            file::Control::Range(x) => (self.range(at, dataset?, x)?, Some(x.column.clone()), None, x.default.as_ref()),
            file::Control::Top(x) => {
                let options = x.options.clone().unwrap_or_else(|| vec![5, 10, 20]);
                if options.is_empty() || options.len() > MOST_OPTIONS || options.iter().any(|n| !(1..=MOST_TOP).contains(n)) {
                    self.mistake(
                        &below(at, "options"),
                        format!("`options` are 1 to {MOST_OPTIONS} numbers from 1 to {MOST_TOP}"),
                    );
                }
                (ControlKind::Top { options }, None, None, x.default.as_ref())
            }
            file::Control::Switch(x) => {
                let default = x.default.clone().or(x.options.first().map(|option| option.value().to_owned()));
                let kind = self.switch(at, workbook, x);
                let default = default.map(Raw::from).into_iter().collect();
                self.taken(at, &x.control);
                return Some(Control { default: self.fixed(at, &kind, default), kind, column: None, condition: None });
            }
            file::Control::Parameter(x) => {
                self.taken(at, &x.control);
                (self.parameter(at, label, x)?, None, None, Some(&x.default))
            }
        };
        let default = match default {
            Some(default) => self.initial(at, &kind, default)?,
            None => Initial::Values(Vec::new()),
        };
        Some(Control { kind, column, condition, default })
    }

    fn taken(&mut self, at: &[Step], name: &str) {
        if TAKEN.contains(&name) {
            self.mistake(&below(at, "control"), format!("`@{name}` has a meaning of its own in expressions"));
        }
    }

    fn control_column(&mut self, at: &[Step], dataset: Dataset<'_>, name: &str) -> Option<(ColumnType, Option<Format>)> {
        self.column_name(&below(at, "column"), dataset, name)?;
        dataset.column(name).map(|column| (column.ty.clone(), column.format))
    }

    fn range(&mut self, at: &[Step], dataset: Dataset<'_>, x: &file::RangeControl) -> Option<ControlKind> {
        let (of, format) = self.control_column(at, dataset, &x.column)?;
        if x.options.is_some() && x.ty != file::ControlType::DateRange {
            self.mistake(&below(at, "options"), "`options` go with type `date_range` only");
        }
        let (kind, wanted) = match x.ty {
            file::ControlType::NumberRange => (ControlKind::NumberRange { of: of.clone(), format }, "numbers"),
            file::ControlType::Text => (ControlKind::Text, "texts"),
            _ => {
                let mut spans = Vec::new();
                for (i, name) in x.options.iter().flatten().enumerate() {
                    match name.parse() {
                        Ok(span) => spans.push(span),
                        Err(_) => self.unknown_span(&beneath(&below(at, "options"), i), name),
                    }
                }
                if x.options.is_none() {
                    spans = Span::USUAL.to_vec();
                }
                (ControlKind::DateRange { spans }, "dates")
            }
        };
        if !takes(&kind, &of) {
            self.mistake(&below(at, "column"), format!("`{}` has no {wanted}", x.column));
            return None;
        }
        Some(kind)
    }

    fn unknown_span(&mut self, at: &[Step], name: &str) {
        let known: Vec<String> = Span::USUAL.iter().map(ToString::to_string).collect();
        self.unknown(at, "span of days", name, &known);
    }

    fn switch(&mut self, at: &[Step], workbook: &Workbook, x: &file::SwitchControl) -> ControlKind {
        let is_grain = x.ty == file::ControlType::Grain;
        if x.options.is_empty() || x.options.len() > MOST_OPTIONS {
            self.mistake(&below(at, "options"), format!("`options` are 1 to {MOST_OPTIONS}"));
        }
        let mut options: Vec<SwitchOption> = Vec::new();
        for (i, option) in x.options.iter().enumerate() {
            let at = beneath(&below(at, "options"), i);
            let value = option.value().to_owned();
            if options.iter().any(|known| known.value == value) {
                self.mistake(&at, format!("`{value}` is there twice"));
            }
            if is_grain && !TRUNC_UNITS.contains(&value.as_str()) {
                self.unknown(&at, "period", &value, &TRUNC_UNITS.map(str::to_owned));
            }
            let mut measures = workbook.datasets().flat_map(|(_, dataset)| dataset.measures());
            let mut named = || measures.find(|measure| measure.name == value).map_or(value.clone(), |m| m.label.clone());
            let label = option.label().cloned().or_else(|| (!is_grain).then(&mut named));
            options.push(SwitchOption { value, label });
        }
        ControlKind::Switch { options }
    }

    fn parameter(&mut self, at: &[Step], label: String, x: &file::ParameterControl) -> Option<ControlKind> {
        let ty = match file::column_type(x.value_type, x.scale, x.options.as_deref()) {
            Ok(ty) => ty,
            Err(message) => {
                self.mistake(&below(at, "value_type"), message);
                return None;
            }
        };
        if (x.min.is_some() || x.max.is_some() || x.step.is_some()) && !ty.is_numeric() {
            self.mistake(at, "`min`, `max` and `step` are for numbers");
        }
        if x.step.is_some_and(|step| step <= 0.into()) || x.min.zip(x.max).is_some_and(|(min, max)| min >= max) {
            self.mistake(at, "`min` is below `max`, and `step` above nothing");
        }
        let step = x.step.map(|step| Raw::from(step.to_string()));
        let column = ColumnView {
            name: x.control.clone(),
            label,
            ty,
            role: ColumnRole::Input,
            format: x.format,
            editable: true,
            constraints: Constraints { required: true, min: x.min, max: x.max, ..Constraints::default() },
            help: x.help.clone(),
            lookup: false,
            file: None,
        };
        Some(ControlKind::Parameter { column: Box::new(column), step })
    }

    fn initial(&mut self, at: &[Step], kind: &ControlKind, default: &file::ControlDefault) -> Option<Initial> {
        let texts = match default {
            file::ControlDefault::One(Json::Bool(false)) if *kind == ControlKind::Checkbox => {
                return Some(Initial::Values(Vec::new()));
            }
            file::ControlDefault::One(value) => return Some(self.fixed(at, kind, vec![value.clone()])),
            file::ControlDefault::Many(values) => return Some(self.fixed(at, kind, values.clone())),
            file::ControlDefault::Expression(given) => match &given.expression {
                file::OneOrMany::One(text) => vec![text.clone()],
                file::OneOrMany::Many(texts) => texts.clone(),
            },
        };
        let at = below(&below(at, "default"), "expression");
        let wanted = type_of(kind);
        let (zone, fiscal_year_starts) = (self.zone.clone(), self.fiscal_year_starts);
        let scope = Scope { columns: &[], measures: &[], parameters: &[], used: Use::Choice, zone: &zone, fiscal_year_starts };
        let mut found = Vec::new();
        for text in &texts {
            let expr = self.checked(&at, text, &scope)?;
            if let (Node::Attribute(name), [_]) = (&expr.node, texts.as_slice()) {
                return Some(Initial::Attribute(name.clone()));
            }
            let day = wanted == ColumnType::Date && expr.ty == ColumnType::Timestamp;
            if !day && !alike(&expr.ty, &wanted) && expr.node != Node::Literal(Value::Null) {
                self.mistake(&at, format!("expected {}, not {}", wanted.noun(), expr.ty.noun()));
                return None;
            }
            found.push(expr);
        }
        Some(Initial::Expressions(found))
    }

    /// Values as the author wrote them, brought to the form that they are sent in.
    fn fixed(&mut self, at: &[Step], kind: &ControlKind, values: Vec<Raw>) -> Initial {
        let ty = type_of(kind).as_stored();
        let typed = matches!(kind, ControlKind::List { .. } | ControlKind::NumberRange { .. } | ControlKind::Parameter { .. });
        let sent = |raw: Raw| Value::from_wire(&raw, &ty).map_or(raw, |value| value.to_wire());
        let values: Vec<Raw> = if typed { values.into_iter().map(sent).collect() } else { values };
        if let Err(problem) = kind.check(&values) {
            self.mistake(&below(at, "default"), problem.to_string());
        }
        Initial::Values(values)
    }

    /// Tells each target of a control how it is filtered.
    pub(super) fn connect(&mut self, workbook: &mut Workbook, at: &[Step], control: &file::Control, broken: &HashSet<String>) {
        let (id, own) = (control.id(), control.source());
        let targets_at = below(at, "targets");
        let told = |i: usize| beneath(&targets_at, i);
        let (column, when) = match control {
            file::Control::List(x) => (Some(x.column.as_str()), None),
            file::Control::Range(x) => (Some(x.column.as_str()), None),
            file::Control::Checkbox(x) => (x.column.as_deref(), x.when.as_deref()),
            file::Control::Top(_) => (None, None),
            file::Control::Switch(_) | file::Control::Parameter(_) => return self.is_named(workbook, at, id),
        };
        let mut found: BTreeMap<String, (By, Vec<Step>)> = BTreeMap::new();
        let own_source =
            file::ControlTarget::Described(file::DescribedTarget { element: None, source: own.map(str::to_owned), column: None });
        let all = [own_source];
        for (i, target) in control.targets().unwrap_or(&all).iter().enumerate() {
            let at = if control.targets().is_some() { told(i) } else { at.to_vec() };
            let (element, source, other) = match target {
                file::ControlTarget::Element(id) => (Some(id), None, None),
                file::ControlTarget::Described(x) => (x.element.as_ref(), x.source.as_ref(), x.column.as_deref()),
            };
            let elements = match (element, source) {
                (Some(element), None) if broken.contains(element) => continue,
                (Some(element), None) => workbook.element(element).into_iter().collect(),
                (None, Some(source)) => {
                    let reads = |element: &&Element| element.dataset == *source && has_rows(&element.kind);
                    let fits = |element: &&Element| !matches!(control, file::Control::Top(_)) || is_chart(&element.kind);
                    workbook.elements().filter(reads).filter(fits).collect::<Vec<_>>()
                }
                _ => {
                    self.mistake(&at, "a target is an element's id, or has `element` or `source`");
                    continue;
                }
            };
            if elements.is_empty() {
                self.no_target(workbook, &at, element, source);
            }
            for element in elements {
                if let Some(by) = self.filtered_by(workbook, &at, element, id, (other.or(column), when)) {
                    found.insert(element.id.clone(), (by, at.clone()));
                }
            }
        }
        for element in workbook.pages.iter_mut().flat_map(|page| &mut page.elements) {
            if let Some((by, _)) = found.remove(&element.id) {
                element.controls.push(Filtered { control: id.to_owned(), by });
            }
        }
        if follows(workbook, id, id, &mut HashSet::new()) {
            self.mistake(&targets_at, format!("`{id}` follows itself"));
        }
    }

    fn no_target(&mut self, workbook: &Workbook, at: &[Step], element: Option<&String>, source: Option<&String>) {
        let names: Vec<String> = workbook.datasets().map(|(name, _)| name.to_owned()).collect();
        match (element, source) {
            (Some(element), _) => {
                let known: Vec<String> = workbook.elements().map(|element| element.id.clone()).collect();
                self.unknown(at, "element", element, &known);
            }
            (None, Some(source)) if !names.contains(source) => self.unknown(at, "source or input table", source, &names),
            _ => self.mistake(at, "no element shows it, so there is nothing to filter"),
        }
    }

    /// How one target is filtered, by a column or a condition.
    fn filtered_by(
        &mut self,
        workbook: &Workbook,
        at: &[Step],
        element: &Element,
        control: &str,
        (column, when): (Option<&str>, Option<&str>),
    ) -> Option<By> {
        let target = &element.id;
        let (_, Control { kind, .. }) = workbook.control(control)?;
        if !matches!(kind, ControlKind::Top { .. }) {
            let asks = if let Kind::Control(control) = &element.kind { control.kind.asks() } else { has_rows(&element.kind) };
            if !asks {
                self.mistake(at, format!("`{target}` shows no rows that could be filtered"));
                return None;
            }
        }
        if let ControlKind::Top { .. } = kind {
            if !is_chart(&element.kind) {
                self.mistake(at, format!("`{target}` is no chart; the largest marks are of charts"));
                return None;
            }
            return Some(By::Top);
        }
        let dataset = workbook.dataset(&element.dataset)?;
        match (column, when) {
            (None, Some(when)) => self.shown_condition(at, when, &dataset.scope()).map(By::Condition),
            (Some(name), _) => match dataset.column(name) {
                None => {
                    self.mistake(at, format!("`{target}` has no column `{name}` to filter by"));
                    None
                }
                Some(column) if !takes(kind, &column.ty) => {
                    self.mistake(
                        at,
                        format!("`{name}` of `{target}` is {}, which `{control}` does not filter", column.ty.noun()),
                    );
                    None
                }
                Some(_) => Some(By::Column(name.to_owned())),
            },
            (None, None) => None,
        }
    }

    /// That something names a switch or a parameter.
    fn is_named(&mut self, workbook: &Workbook, at: &[Step], id: &str) {
        let names = |element: &Element| element.switches().chain(element.parameters()).any(|named| named == id);
        if !workbook.elements().any(names) {
            self.mistake(&below(at, "control"), format!("no element names `@{id}`"));
        }
    }
}

fn controls_in<'j>(json: &'j Json, found: &mut Vec<&'j Json>) {
    if json.get("control").is_some() {
        found.push(json);
    }
    let within = json.get("elements").into_iter().chain(json.get("panes")).filter_map(Json::as_array);
    within.flatten().for_each(|part| controls_in(part, found));
}

fn switch_of(control: &file::SwitchControl) -> Switch {
    let parameter = |text: &str| match control.ty {
        file::ControlType::Grain => Parameter::Text(text.to_owned()),
        _ => Parameter::Measure(text.to_owned()),
    };
    let option = |option: &file::SwitchOption| (option.value().to_owned(), option.label().cloned(), parameter(option.value()));
    Switch { name: control.control.clone(), options: control.options.iter().map(option).collect() }
}

/// Whether a text has `@name`, and not only the beginning of a longer name.
fn names(text: &str, name: &str) -> bool {
    let name = format!("@{name}");
    text.split(&name).skip(1).any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

/// What is chosen, one by one.
fn type_of(kind: &ControlKind) -> ColumnType {
    match kind {
        ControlKind::List { of, .. } | ControlKind::NumberRange { of, .. } => of.clone(),
        ControlKind::Checkbox => ColumnType::Boolean,
        ControlKind::DateRange { .. } => ColumnType::Date,
        ControlKind::Text | ControlKind::Switch { .. } | ControlKind::Marks { .. } => ColumnType::Text,
        ControlKind::Top { .. } => ColumnType::Integer,
        ControlKind::Parameter { column, .. } => column.ty.clone(),
    }
}

pub(super) fn alike(a: &ColumnType, b: &ColumnType) -> bool {
    a == b || a.is_numeric() && b.is_numeric() || a.is_text() && b.is_text()
}

/// Whether a column can be filtered by what is chosen.
fn takes(kind: &ControlKind, column: &ColumnType) -> bool {
    match kind {
        ControlKind::DateRange { .. } => matches!(column, ColumnType::Date | ColumnType::Timestamp),
        ControlKind::NumberRange { .. } => column.is_numeric(),
        ControlKind::Text => column.is_text(),
        kind => alike(&type_of(kind), column),
    }
}

fn is_chart(kind: &Kind) -> bool {
    matches!(kind, Kind::Chart(_))
}

/// Whether it shows rows or what is made of them, and is no control.
pub(super) fn has_rows(kind: &Kind) -> bool {
    match kind {
        Kind::Kpi(_) | Kind::Chart(_) | Kind::Table { .. } | Kind::InputTable { .. } | Kind::Pivot(_) => true,
        Kind::Text { values, .. } => !values.is_empty(),
        Kind::Control(_) | Kind::Form(_) | Kind::Image { .. } => false,
    }
}

/// Whether what a control offers depends, through however many others, on what is chosen in `sought`.
fn follows(workbook: &Workbook, control: &str, sought: &str, seen: &mut HashSet<String>) -> bool {
    let Some((element, _)) = workbook.control(control) else { return false };
    element.controls.iter().any(|filtered| {
        filtered.control == sought || seen.insert(filtered.control.clone()) && follows(workbook, &filtered.control, sought, seen)
    })
}
