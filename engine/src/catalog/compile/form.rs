//! Forms: their sections, fields and lines, and what they calculate without a warehouse.

use std::collections::BTreeSet;

use model::{ColumnType, FieldRole, FormView, Next, Value, file, validate};

use super::controls::alike;
use super::datasets::stored;
use super::{Compiler, below, beneath};
use crate::catalog::document::Step;
use crate::catalog::form::{Field, Form, Lines, Section, Through};
use crate::catalog::{Dataset, Input, InputColumn, Workbook};
use crate::expr::{Expr, Node, Parameter, Scope, Use, check_formula};
use crate::sql::{Dialect, Sql, unqualified};
use crate::warehouse::Warehouse;

/// A procedure or a function that a form writes through.
pub(super) struct Called {
    at: Vec<Step>,
    kind: &'static str,
    name: String,
}

/// The most fields that stand beside each other.
const MOST_BESIDE: u8 = 4;
/// The most lines that a form may have, and how many if its author does not say.
const MOST_LINES: usize = 200;
const SOME_LINES: usize = 50;
/// For how many days what somebody has begun is kept at most, and if its author does not say.
const MOST_DAYS: u32 = 366;
const SOME_DAYS: u32 = 30;

/// What a browser knows of a person and offers to fill in; nothing that is secret.
/// <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill-field>
const AUTOFILL: [&str; 24] = [
    "name",
    "honorific-prefix",
    "given-name",
    "additional-name",
    "family-name",
    "honorific-suffix",
    "nickname",
    "organization-title",
    "organization",
    "street-address",
    "address-line1",
    "address-line2",
    "address-line3",
    "address-level1",
    "address-level2",
    "country",
    "country-name",
    "postal-code",
    "bday",
    "language",
    "url",
    "email",
    "tel",
    "tel-extension",
];

/// Names and types of the fields of one table that a form has.
type Fields = Vec<(String, ColumnType)>;

impl Compiler<'_> {
    pub(super) fn form(&mut self, at: &[Step], workbook: &Workbook, dataset: Dataset<'_>, x: &file::Form) -> Option<Form> {
        let Dataset::Input(input) = dataset else {
            return self.refuse(&below(at, "table"), &format!("a form writes to an input table; `{}` is none", x.table));
        };
        let only = [file::FormSection {
            title: None,
            text: None,
            show: None,
            columns: x.columns,
            fields: x.fields.clone(),
            lines: None,
        }];
        let sections = match (x.fields.is_empty(), x.sections.is_empty()) {
            (false, true) => only.as_slice(),
            (true, false) => x.sections.as_slice(),
            (true, true) => return self.refuse(at, "a form has `fields`, or `sections` that have them"),
            (false, false) => return self.refuse(&below(at, "fields"), "a form has `fields` or `sections`, not both"),
        };
        if x.columns.is_some() && !x.sections.is_empty() {
            return self.refuse(&below(at, "columns"), "each of a form's sections has `columns` of its own");
        }
        if x.steps && sections.len() < 2 {
            self.mistake(&below(at, "steps"), "steps are sections, and there are less than two");
        }
        let place = |i: usize| if x.sections.is_empty() { at.to_vec() } else { beneath(&below(at, "sections"), i) };
        let known =
            self.fields_of(input, sections.iter().enumerate().map(|(i, section)| (place(i), section.fields.as_slice())))?;
        let mut before = Vec::new();
        let mut compiled: Vec<Section> = Vec::new();
        for (i, section) in sections.iter().enumerate() {
            let at = place(i);
            let columns = section.columns.unwrap_or(1);
            if !(1..=MOST_BESIDE).contains(&columns) {
                self.mistake(&below(&at, "columns"), format!("`columns` is 1 to {MOST_BESIDE}"));
            }
            let show = self.form_condition(&below(&at, "show"), section.show.as_deref(), &known, &before);
            let fields = self.form_fields(&at, input, &section.fields, &known, &mut before, section.show.is_some());
            let lines = match &section.lines {
                Some(_) if !input.adds() => self.refuse(&below(&at, "lines"), "lines belong to rows of an empty input table"),
                Some(lines) => self.form_lines(&below(&at, "lines"), workbook, input, lines),
                None => None,
            };
            if section.fields.is_empty() && section.lines.is_none() {
                self.mistake(&at, "a section has `fields` or `lines`");
            }
            let table = lines.as_ref().map(|lines| &lines.table);
            if table.is_some() && compiled.iter().any(|known| known.lines.as_ref().map(|lines| &lines.table) == table) {
                self.mistake(&below(&below(&at, "lines"), "table"), "the lines of another section are in this table");
            }
            let (title, text) = (section.title.clone(), section.text.clone());
            compiled.push(Section { title, text, show, columns, fields, lines });
        }
        let fields = compiled.iter().flat_map(|section| &section.fields);
        self.all_required(if x.sections.is_empty() { below(at, "fields") } else { below(at, "sections") }, input, fields, None);
        let submit = x.submit.clone().unwrap_or_else(|| FormView::SUBMIT.into());
        let thanks = x.thanks.clone().unwrap_or_else(|| FormView::THANKS.into());
        self.thanks(&below(at, "thanks"), &thanks, &known, input.adds());
        let through = self.through(&below(at, "through"), x.through.as_ref());
        let then = self.next(&below(at, "then"), x.then.as_ref());
        let edit = self.form_edit(&below(at, "edit"), input, x.edit.as_ref());
        if !input.adds() && edit.is_none() {
            self.mistake(&below(at, "edit"), "this form adds no rows, so it must be for changing them");
        }
        if !input.adds() && !x.submissions.is_empty() {
            self.mistake(&below(at, "submissions"), "submissions are rows that somebody has added, which this form does not do");
        }
        for (i, name) in x.submissions.iter().enumerate() {
            self.column_name(&beneath(&below(at, "submissions"), i), dataset, name);
        }
        let keeps_days = x.keep_drafts.unwrap_or(SOME_DAYS);
        if keeps_days > MOST_DAYS {
            self.mistake(&below(at, "keep_drafts"), format!("drafts are kept for at most {MOST_DAYS} days"));
        }
        let (steps, submissions) = (x.steps, x.submissions.clone());
        Some(Form { sections: compiled, steps, submit, thanks, then, through, edit, submissions, keeps_days })
    }

    /// What is said of a submission names fields.
    fn thanks(&mut self, at: &[Step], text: &str, known: &Fields, adds: bool) {
        let mut names: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
        names.extend(adds.then(|| FormView::NUMBER.to_owned()));
        for name in FormView::named(text) {
            if !names.iter().any(|known| known == name) {
                self.unknown(at, "field", name, &names);
            }
        }
    }

    fn through(&mut self, at: &[Step], through: Option<&file::Through>) -> Option<Through> {
        let (kind, verb, name) = match through? {
            file::Through::Endpoint(name) => return Some(Through::Endpoint(name.clone())),
            file::Through::Procedure(name) => ("procedure", "call", name),
            file::Through::Function(name) => ("function", "select", name),
        };
        if self.dialect != Dialect::Postgres {
            return self.refuse(&below(at, kind), "this warehouse has none; a form may write through an `endpoint`");
        }
        let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.split('.').count() > 2 || !name.split('.').all(plain) {
            return self.refuse(&below(at, kind), &format!("`{name}` is no name, such as `crm.book_visit`"));
        }
        self.called.push(Called { at: below(at, kind), kind, name: name.clone() });
        Some(Through::Warehouse(verb, Dialect::Postgres.table(name)))
    }

    /// Warns of procedures and functions that are not there: they may come later than the workbook.
    pub(super) async fn look_for_called(&mut self, warehouse: &dyn Warehouse) {
        for Called { at, kind, name } in std::mem::take(&mut self.called) {
            let (schema, of_schema) = match name.split_once('.') {
                Some((schema, _)) => (schema, "n.nspname = "),
                None => ("", "pg_function_is_visible(p.oid) and '' = "),
            };
            let text = |text: &str| Value::Text(text.to_owned());
            let mut sql = Sql::new(
                "select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.proname = ",
            );
            sql.bind(text(unqualified(&name)))
                .push(&format!(" and {of_schema}"))
                .bind(text(schema))
                .push(" and p.prokind::text = ");
            sql.bind(text(if kind == "procedure" { "p" } else { "f" })).push(" and p.proargtypes[0] = 'jsonb'::regtype");
            match warehouse.read(None, &sql, &[ColumnType::Text]).await {
                Ok(found) if found.is_empty() => {
                    let missing = format!(
                        "the warehouse has no {kind} `{name}` that takes a jsonb; until it has, what is filed is refused"
                    );
                    self.warnings.push(self.doc.mistake(&at, missing));
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, %name, "it is not known whether the warehouse has it"),
            }
        }
    }

    fn next(&mut self, at: &[Step], then: Option<&file::Then>) -> Next {
        match then {
            None => Next::Choice,
            Some(file::Then::Another) => Next::Another,
            Some(file::Then::Close) => Next::Close,
            Some(file::Then::Page(title)) => match self.pages.iter().find(|(_, known)| known == title) {
                Some((id, _)) => Next::Page(id.clone()),
                None => {
                    let titles: Vec<String> = self.pages.iter().map(|(_, title)| title.clone()).collect();
                    self.unknown(&below(at, "page"), "page", title, &titles);
                    Next::Choice
                }
            },
        }
    }

    /// Which rows may be changed in a form: all that its user may write, if the author says no more.
    fn form_edit(&mut self, at: &[Step], input: &Input, edit: Option<&file::Condition>) -> Option<Expr> {
        match edit {
            None if input.adds() => None,
            Some(file::Condition::Always(false)) => None,
            None | Some(file::Condition::Always(true)) => Some(always()),
            Some(file::Condition::When(text)) => self.condition(at, text, &stored(input), Use::Row),
        }
    }

    fn refuse<T>(&mut self, at: &[Step], why: &str) -> Option<T> {
        self.mistake(at, why);
        None
    }

    /// The table that lines are added to.
    fn added_to<'a>(&mut self, at: &[Step], dataset: Dataset<'a>, name: &str) -> Option<&'a Input> {
        match dataset {
            Dataset::Input(input) if input.adds() => Some(input),
            _ => self.refuse(at, &format!("lines are added to an empty input table; `{name}` is none")),
        }
    }

    /// The columns that fields are of, each once.
    fn fields_of<'f>(
        &mut self,
        input: &Input,
        parts: impl Iterator<Item = (Vec<Step>, &'f [file::FormField])>,
    ) -> Option<Fields> {
        let mut known = Fields::new();
        for (at, fields) in parts {
            for (i, field) in fields.iter().enumerate() {
                let mut at = beneath(&below(&at, "fields"), i);
                if matches!(field, file::FormField::Described(_)) {
                    at = below(&at, "field");
                }
                let name = field.column();
                self.column_name(&at, Dataset::Input(input), name)?;
                let column = Dataset::Input(input).column(name)?;
                if known.iter().any(|(known, _)| known == name) {
                    return self.refuse(&at, &format!("the form has `{name}` already"));
                }
                known.push((name.to_owned(), column.ty.clone()));
            }
        }
        Some(known)
    }

    /// Fields in their order; `before` is what stands before each of them.
    fn form_fields(
        &mut self,
        at: &[Step],
        input: &Input,
        fields: &[file::FormField],
        known: &Fields,
        before: &mut Vec<String>,
        may_be_away: bool,
    ) -> Vec<Field> {
        let mut compiled = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let at = beneath(&below(at, "fields"), i);
            compiled.extend(self.form_field(&at, input, field, known, before, may_be_away));
            before.push(field.column().to_owned());
        }
        compiled
    }

    fn form_field(
        &mut self,
        at: &[Step],
        input: &Input,
        field: &file::FormField,
        known: &Fields,
        before: &[String],
        may_be_away: bool,
    ) -> Option<Field> {
        let name = field.column();
        let plain = file::DescribedField::of(name);
        let given = if let file::FormField::Described(described) = field { described } else { &plain };
        let computed = input.computed(name);
        let role = match (input.column(name).is_some(), given.hidden, given.read_only) {
            (false, false, false) if computed.is_some() => FieldRole::Computed,
            (false, false, false) => FieldRole::Context,
            (false, ..) => return self.refuse(at, "this field is neither typed nor saved"),
            (true, true, false) => FieldRole::Hidden,
            (true, false, true) => FieldRole::Fixed,
            (true, true, true) => return self.refuse(at, "a field is `hidden` or `read_only`, not both"),
            (true, false, false) => FieldRole::Typed,
        };
        if !role.is_typed() && (given.required.is_some() || !role.is_saved() && given.default.is_some()) {
            return self.refuse(at, "`required` is for what is typed, and what is not saved has no `default`");
        }
        if matches!(role, FieldRole::Fixed | FieldRole::Hidden) && given.default.is_none() {
            return self.refuse(at, "a field that nobody types into needs a `default`");
        }
        let show = self.form_condition(&below(at, "show"), given.show.as_deref(), known, before);
        let all: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
        let required = match &given.required {
            Some(file::Condition::When(text)) => self.form_condition(&below(at, "required"), Some(text), known, &all),
            Some(file::Condition::Always(true)) => Some(always()),
            Some(file::Condition::Always(false)) | None => None,
        };
        let always = input.column(name).is_some_and(|column| column.constraints.required);
        if always && (may_be_away || given.show.is_some()) {
            self.mistake(at, format!("`{name}` is required in its table, so it can't be left out; say `required` here instead"));
        }
        let value = match (computed, &given.default) {
            (Some(expr), _) => self.form_formula(at, expr.clone(), before),
            (None, Some(default)) => self.form_default(at, input, name, default, known, before),
            (None, None) => None,
        };
        self.facts(&below(at, "facts"), input, name, &given.facts);
        if let Some(own) = given.autocomplete.as_ref().filter(|own| !AUTOFILL.contains(&own.as_str())) {
            self.unknown(&below(at, "autocomplete"), "autofill field of HTML", own, &AUTOFILL.map(str::to_owned));
        }
        Some(Field {
            column: name.to_owned(),
            label: given.label.clone(),
            help: given.help.clone(),
            placeholder: given.placeholder.clone(),
            role,
            value,
            show,
            required,
            autocomplete: given.autocomplete.clone(),
            wide: given.wide,
            facts: given.facts.clone(),
        })
    }

    /// What is shown of the row that a field's value is looked up in.
    fn facts(&mut self, at: &[Step], input: &Input, name: &str, facts: &[String]) {
        if facts.is_empty() {
            return;
        }
        let Some(lookup) = input.column(name).and_then(|column| column.lookup.as_ref()) else {
            return self.mistake(at, format!("`facts` are of the row that a value is looked up in, and `{name}` has no lookup"));
        };
        let known: Vec<&String> = lookup.source.columns.iter().map(|column| &column.name).collect();
        for (i, fact) in facts.iter().enumerate() {
            if !known.contains(&fact) {
                self.unknown(&beneath(at, i), "column", fact, known.clone());
            }
        }
    }

    fn form_condition(&mut self, at: &[Step], text: Option<&str>, known: &Fields, before: &[String]) -> Option<Expr> {
        let expr = self.form_expression(at, text?, known, before, false)?;
        self.true_or_not(at, expr)
    }

    /// An expression over the form's fields, of which it reads those in `before`.
    fn form_expression(&mut self, at: &[Step], text: &str, known: &Fields, before: &[String], controls: bool) -> Option<Expr> {
        let (zone, fiscal_year_starts) = (self.zone.clone(), self.fiscal_year_starts);
        let values = |(_, parameter): &&(String, Parameter)| controls && matches!(parameter, Parameter::Value(_));
        let parameters: Vec<_> = self.parameters.iter().filter(values).cloned().collect();
        let used = Use::Form;
        let scope = Scope { columns: known, measures: &[], parameters: &parameters, used, zone: &zone, fiscal_year_starts };
        let expr = self.checked(at, text, &scope)?;
        self.form_formula(at, expr, before)
    }

    fn form_formula(&mut self, at: &[Step], expr: Expr, before: &[String]) -> Option<Expr> {
        if let Err(what) = check_formula(&expr) {
            let text = format!("{what}: that is for the warehouse to say, and a form is looked at without it");
            return self.refuse(at, &text);
        }
        if let Some(later) = expr.columns().into_iter().find(|name| !before.iter().any(|known| known == name)) {
            return self.refuse(at, &format!("`{later}` is no field that stands before this one in the form"));
        }
        Some(expr)
    }

    fn form_default(
        &mut self,
        at: &[Step],
        input: &Input,
        name: &str,
        default: &file::ControlDefault,
        known: &Fields,
        before: &[String],
    ) -> Option<Expr> {
        let column = input.column(name)?.view();
        let at = below(at, "default");
        let raw = match default {
            file::ControlDefault::One(serde_json::Value::Object(_)) => {
                return self
                    .refuse(&at, "a default is a value or `{ expression: … }`; an expression with commas stands in quotes");
            }
            file::ControlDefault::One(value) => value.clone(),
            file::ControlDefault::Many(values) => serde_json::Value::Array(values.clone()),
            file::ControlDefault::Expression(given) => {
                let file::OneOrMany::One(text) = &given.expression else {
                    return self.refuse(&at, "a field has one default");
                };
                let at = below(&at, "expression");
                let mut expr = self.form_expression(&at, text, known, before, true)?;
                let day = column.ty == ColumnType::Date && expr.ty == ColumnType::Timestamp;
                if matches!(expr.node, Node::Attribute(_)) || expr.node == Node::Literal(Value::Null) {
                    expr.ty = column.ty.clone();
                } else if !day && !alike(&expr.ty, &column.ty) {
                    return self.refuse(&at, &format!("expected {}, not {}", column.ty.noun(), expr.ty.noun()));
                }
                return Some(expr);
            }
        };
        match validate(&column, &raw) {
            Ok(value) => Some(Expr::new(Node::Literal(value), column.ty)),
            Err(error) => self.refuse(&at, &error.message.to_string()),
        }
    }

    fn form_lines(&mut self, at: &[Step], workbook: &Workbook, form: &Input, x: &file::FormLines) -> Option<Lines> {
        let Some(dataset) = workbook.dataset(&x.table) else {
            self.unknown(&below(at, "table"), "input table", &x.table, workbook.inputs.iter().map(|input| &input.name));
            return None;
        };
        let input = self.added_to(&below(at, "table"), dataset, &x.table)?;
        if input.name == form.name {
            return self.refuse(&below(at, "table"), "lines are in another table than what they belong to");
        }
        let parent = below(at, "parent");
        match input.column(&x.parent) {
            None => return self.column_name(&parent, dataset, &x.parent).and_then(|()| self.refuse(&parent, NO_PARENT)),
            Some(column) if column.column.ty != ColumnType::Text || column.lookup.is_some() => {
                return self.refuse(&parent, NO_PARENT);
            }
            Some(_) if x.fields.iter().any(|field| field.column() == x.parent) => {
                return self.refuse(&parent, "the form itself says to what a line belongs, so this is no field");
            }
            Some(_) => {}
        }
        let known = self.fields_of(input, std::iter::once((at.to_vec(), x.fields.as_slice())))?;
        let fields = self.form_fields(at, input, &x.fields, &known, &mut Vec::new(), false);
        if fields.is_empty() {
            self.mistake(&below(at, "fields"), "lines have fields");
        }
        for (i, total) in x.totals.iter().enumerate() {
            let at = beneath(&below(at, "totals"), i);
            match known.iter().find(|(name, _)| name == total) {
                None => self.unknown(&at, "field", total, known.iter().map(|(name, _)| name)),
                Some((_, ty)) if !ty.is_numeric() => self.mistake(&at, format!("`{total}` is no number")),
                Some(_) => {}
            }
        }
        let (least, most) = (x.min.unwrap_or(0), x.max.unwrap_or(SOME_LINES));
        if most == 0 || most > MOST_LINES || least > most {
            self.mistake(
                &below(at, if x.max.is_some() { "max" } else { "min" }),
                format!("lines are `min` to `max`, at most {MOST_LINES}"),
            );
        }
        self.all_required(below(at, "fields"), input, fields.iter(), Some(&x.parent));
        Some(Lines { table: x.table.clone(), parent: x.parent.clone(), fields, totals: x.totals.clone(), least, most })
    }

    /// What the table asks of each row is in the form.
    fn all_required<'f>(
        &mut self,
        at: Vec<Step>,
        input: &Input,
        fields: impl Iterator<Item = &'f Field>,
        parent: Option<&String>,
    ) {
        let there: BTreeSet<&str> = fields.map(|field| field.column.as_str()).chain(parent.map(String::as_str)).collect();
        let missing = |c: &&InputColumn| c.constraints.required && !there.contains(c.column.name.as_str());
        for required in input.columns.iter().filter(missing).filter(|_| input.adds()) {
            self.mistake(&at, format!("`{}` is required, so the form must have it", required.column.name));
        }
    }
}

fn always() -> Expr {
    Expr::new(Node::Literal(Value::Boolean(true)), ColumnType::Boolean)
}

const NO_PARENT: &str = "the column that says to what a line belongs is a text without a lookup";
