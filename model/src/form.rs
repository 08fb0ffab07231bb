//! A form as a person gets it, and what it comes to with what is in its fields: the same code while somebody types and in
//! the server when it is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{ColumnView, Formula, Surroundings, Value};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormView {
    pub table: String,
    pub sections: Vec<FormSection>,
    /// Whether its sections are shown one after the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub steps: bool,
    pub submit: String,
    pub thanks: String,
    /// Whether this person may submit it.
    pub allowed: bool,
    /// Whether what he has begun is kept for him.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps: bool,
}

impl FormView {
    /// What the button says where the author says nothing; to be said in the person's language.
    pub const SUBMIT: &str = "Submit";
    /// The same for what is said once the row is saved.
    pub const THANKS: &str = "Thank you. It has been saved.";

    /// All its columns, with the table that each is of.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &ColumnView)> {
        self.sections.iter().flat_map(|section| {
            let own = section.fields.iter().map(|field| (self.table.as_str(), &field.column));
            let lines =
                section.lines.iter().flat_map(|lines| lines.fields.iter().map(|field| (lines.table.as_str(), &field.column)));
            own.chain(lines)
        })
    }
}

/// Fields that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FormSection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is to be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// It is there where this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Formula>,
    /// How many fields stand beside each other where there is room: 1 to 4.
    pub columns: u8,
    pub fields: Vec<FormField>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<FormLines>,
}

impl FormSection {
    /// Its fields of one table: the form's own, which is `form`, or that of its lines.
    #[must_use]
    pub fn fields_of(&self, form: &str, table: &str) -> &[FormField] {
        match &self.lines {
            _ if form == table => &self.fields,
            Some(lines) if lines.table == table => &lines.fields,
            _ => &[],
        }
    }
}

/// Rows of another table that belong to the one that the form adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormLines {
    pub table: String,
    pub fields: Vec<FormField>,
    /// Fields whose sum is shown below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<String>,
    pub least: usize,
    pub most: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormField {
    /// Its label and help are the form's own, where the author gave any.
    pub column: ColumnView,
    #[serde(default, skip_serializing_if = "FieldRole::is_typed")]
    pub role: FieldRole,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// What is in it until somebody types; of all but a typed one, what is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Formula>,
    /// It is there where this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<Formula>,
    /// It must be filled in where this is true, beside where its column always must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Formula>,
    /// It has a line of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
    /// What is shown of the row that its value is looked up in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<ColumnView>,
}

/// What somebody has begun to fill into a form: texts as he typed them, by column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDraft {
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
    /// Of each table the lines, in their order.
    #[serde(default)]
    pub lines: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    /// The section that he was at, where they are steps.
    #[serde(default)]
    pub step: usize,
}

/// Asks for what one has begun to fill into a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    pub workbook: String,
    pub form: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DraftAnswer {
    pub draft: Option<FormDraft>,
}

/// Keeps what one has begun to fill into a form, for oneself alone; without a draft it is forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    pub workbook: String,
    pub form: String,
    #[serde(default)]
    pub draft: Option<FormDraft>,
}

/// Who says what is in a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRole {
    #[default]
    Typed,
    /// The form: it is shown, and saved.
    Fixed,
    /// The form: it is saved and not shown.
    Hidden,
    /// The table: it is shown and not saved.
    Computed,
}

impl FieldRole {
    #[must_use]
    pub fn is_typed(&self) -> bool {
        *self == Self::Typed
    }
}

/// What is in the fields of a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filled {
    /// Of each field; null of those that are not there.
    pub values: BTreeMap<String, Value>,
    /// The fields that are there.
    pub there: BTreeSet<String>,
    /// Those of them that must be filled in.
    pub required: BTreeSet<String>,
    /// The sections that are there, by their place.
    pub sections: Vec<bool>,
}

impl Filled {
    /// With what somebody has typed; `None` for a field that he has not touched. A field reads those before it.
    #[must_use]
    pub fn of(sections: &[FormSection], typed: &dyn Fn(&str) -> Option<Value>, around: Surroundings<'_>) -> Self {
        let mut filled = Self::default();
        for section in sections {
            let there = section.show.as_ref().is_none_or(|show| filled.holds(show, around));
            filled.sections.push(there);
            filled.add(&section.fields, there, typed, around);
        }
        let all = sections.iter().flat_map(|section| &section.fields);
        filled.require(all, around);
        filled
    }

    /// The same for one line of those that a form may have many of.
    #[must_use]
    pub fn of_line(fields: &[FormField], typed: &dyn Fn(&str) -> Option<Value>, around: Surroundings<'_>) -> Self {
        let mut filled = Self::default();
        filled.add(fields, true, typed, around);
        filled.require(fields.iter(), around);
        filled
    }

    #[must_use]
    pub fn value(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or(Value::Null)
    }

    fn add(&mut self, fields: &[FormField], there: bool, typed: &dyn Fn(&str) -> Option<Value>, around: Surroundings<'_>) {
        for field in fields {
            let name = &field.column.name;
            let there = there && field.show.as_ref().is_none_or(|show| self.holds(show, around));
            let made = |filled: &Self| {
                field.value.as_ref().map(|value| value.value_for(&field.column.ty, &|name| filled.value(name), around))
            };
            let value = match (there, field.role) {
                (false, _) => None,
                (true, FieldRole::Typed) => typed(name).or_else(|| made(self)),
                (true, _) => made(self),
            };
            if there {
                self.there.insert(name.clone());
            }
            self.values.insert(name.clone(), value.unwrap_or(Value::Null));
        }
    }

    fn require<'a>(&mut self, fields: impl Iterator<Item = &'a FormField>, around: Surroundings<'_>) {
        let must = |field: &&FormField| {
            let asked = field.column.constraints.required || field.required.as_ref().is_some_and(|when| self.holds(when, around));
            asked && field.role.is_typed() && self.there.contains(&field.column.name)
        };
        self.required = fields.filter(must).map(|field| field.column.name.clone()).collect();
    }

    fn holds(&self, condition: &Formula, around: Surroundings<'_>) -> bool {
        condition.is_true(&|name| self.value(name), around)
    }
}
