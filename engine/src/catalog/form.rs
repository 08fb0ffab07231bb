//! Forms as their author means them; a person's has his own values in its formulas.

use model::{ColumnView, FieldRole, FormField, FormLines, FormSection, Next, Principal};

use super::Input;
use crate::expr::{Expr, formula};

#[derive(Clone, Debug)]
pub struct Form {
    pub sections: Vec<Section>,
    /// Whether its sections are shown one after the other.
    pub steps: bool,
    pub submit: String,
    /// With the names of fields, and `number`, in braces.
    pub thanks: String,
    pub then: Next,
    pub through: Option<Through>,
    /// Which rows may be changed in it, as they are; none without.
    pub edit: Option<Expr>,
    /// Columns of the list in which somebody finds what he has filed.
    pub submissions: Vec<String>,
    /// For how many days what somebody has begun is kept.
    pub keeps_days: u32,
}

/// What is told of a submission before it is saved, and may refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// `call` or `select`, and the quoted name of what is called, with one `jsonb` argument.
    Warehouse(&'static str, String),
    /// An address of the host's, by its name.
    Endpoint(String),
}

#[derive(Clone, Debug)]
pub struct Section {
    pub title: Option<String>,
    pub text: Option<String>,
    pub show: Option<Expr>,
    pub columns: u8,
    pub fields: Vec<Field>,
    pub lines: Option<Lines>,
}

/// Rows of another input table that belong to the form's.
#[derive(Clone, Debug)]
pub struct Lines {
    pub table: String,
    /// The column that gets the key of the form's row.
    pub parent: String,
    pub fields: Vec<Field>,
    pub totals: Vec<String>,
    pub least: usize,
    pub most: usize,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub column: String,
    pub label: Option<String>,
    pub help: Option<String>,
    pub placeholder: Option<String>,
    pub role: FieldRole,
    /// What is in it at first; of all but a typed one, what is in it.
    pub value: Option<Expr>,
    pub show: Option<Expr>,
    pub required: Option<Expr>,
    pub autocomplete: Option<String>,
    pub wide: bool,
    /// Columns of the source that its values are looked up in.
    pub facts: Vec<String>,
}

impl Form {
    /// Whether rows that are there can be looked at in it.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.edit.is_some() || !self.submissions.is_empty()
    }

    /// All that has lines, with their place among the sections.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &Lines)> {
        self.sections.iter().enumerate().filter_map(|(i, section)| Some((i, section.lines.as_ref()?)))
    }

    /// The form's sections for a person, what is saved and not shown among them. `column` gives a column of a table as he has
    /// it, `fact` one of the source that a column is looked up in; nothing where it does not exist for him.
    pub fn for_person(
        &self,
        person: &Principal,
        table: &str,
        column: &dyn Fn(&str, &str) -> Option<ColumnView>,
        fact: &dyn Fn(&str, &str, &str) -> Option<ColumnView>,
    ) -> Vec<FormSection> {
        let of = |expr: &Option<Expr>| expr.as_ref().map(|expr| formula(expr, person));
        let field = |table: &str, field: &Field| {
            let mut column = column(table, &field.column)?;
            column.label = field.label.clone().unwrap_or(column.label);
            column.help = field.help.clone().or(column.help);
            Some(FormField {
                column,
                role: field.role,
                placeholder: field.placeholder.clone(),
                value: of(&field.value),
                show: of(&field.show),
                required: of(&field.required),
                autocomplete: field.autocomplete.clone(),
                wide: field.wide,
                facts: field.facts.iter().filter_map(|name| fact(table, &field.column, name)).collect(),
            })
        };
        let fields = |table: &str, all: &[Field]| all.iter().filter_map(|one| field(table, one)).collect::<Vec<_>>();
        let lines = |lines: &Lines| FormLines {
            table: lines.table.clone(),
            fields: fields(&lines.table, &lines.fields),
            totals: lines.totals.clone(),
            least: lines.least,
            most: lines.most,
        };
        let section = |section: &Section| FormSection {
            title: section.title.clone(),
            text: section.text.clone(),
            show: of(&section.show),
            columns: section.columns,
            fields: fields(table, &section.fields),
            lines: section.lines.as_ref().map(lines),
        };
        self.sections.iter().map(section).collect()
    }
}

impl Input {
    /// What a field over one of its columns comes to, where the table computes it.
    #[must_use]
    pub fn computed(&self, column: &str) -> Option<&Expr> {
        self.computed.iter().find(|computed| computed.column.name == column).map(|computed| &computed.expr)
    }
}
