//! A form as a person gets it, and what it comes to with what is in its fields: the same code while somebody types and in
//! the server when it is sent. A row that is changed in it comes with its lines, as they were seen.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{ColumnView, Formula, Raw, Surroundings, Value};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormView {
    pub table: String,
    pub sections: Vec<FormSection>,
    /// Whether its sections are shown one after the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub steps: bool,
    pub submit: String,
    pub thanks: String,
    /// Whether this person may add rows with it.
    pub allowed: bool,
    /// Whether what he has begun is kept for him.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps: bool,
    /// Whether it is for rows that are there only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
    /// Whether its rows can be opened in it, and those that he may change be changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens: bool,
    #[serde(default, skip_serializing_if = "Next::is_choice")]
    pub then: Next,
    /// What is told of each in the list of his submissions; there is none without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub submissions: Vec<ColumnView>,
}

/// What comes after a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Thanks, and what one can do now.
    #[default]
    Choice,
    /// The form, empty again.
    Another,
    /// Thanks, and no more.
    Close,
    /// The page of this id.
    Page(String),
}

impl Next {
    #[must_use]
    pub fn is_choice(&self) -> bool {
        *self == Self::Choice
    }
}

impl FormView {
    /// What the button says where the author says nothing; to be said in the person's language.
    pub const SUBMIT: &str = "Submit";
    /// The same for what is said once the row is saved.
    pub const THANKS: &str = "Thank you. It has been saved.";

    /// What the number of a submission is called in what is said of it.
    pub const NUMBER: &str = "number";

    /// The names that stand in braces in what is said of a submission.
    pub fn named(text: &str) -> impl Iterator<Item = &str> {
        pieces(text).filter_map(|(_, name)| name)
    }

    /// What is said of a submission, with what `told` says for the names in it.
    #[must_use]
    pub fn said(text: &str, told: &dyn Fn(&str) -> String) -> String {
        pieces(text).map(|(before, name)| before.to_owned() + &name.map(told).unwrap_or_default()).collect()
    }

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

/// A text cut at the names in braces: what stands before each, and it; at the end what is left.
fn pieces(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let found = text.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)));
        let (piece, left) = match found {
            Some((before, (name, after))) => ((before, Some(name.trim())), Some(after)),
            None => ((text, None), None),
        };
        rest = left;
        Some(piece)
    })
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
    /// What of the person's own a browser offers to fill in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// It has a line of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
    /// What is shown of the row that its value is looked up in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<ColumnView>,
}

/// What somebody has begun to fill into a form: texts as he typed them, by column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// The row that he changes, as he saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<FormRow>,
    /// Of each table the keys of `lines`, null of those that are new; nothing where all are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, Vec<Raw>>,
}

/// Asks for what one has begun to fill into a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    pub workbook: String,
    pub form: String,
    /// Key of the row that is changed; empty for a new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row: Vec<Raw>,
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
    /// As in [`DraftRequest::row`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row: Vec<Raw>,
    #[serde(default)]
    pub draft: Option<FormDraft>,
}

/// Asks for a row of a form's table, with the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormRowRequest {
    pub workbook: String,
    pub form: String,
    /// Key values in the order of the table's key.
    pub row: Vec<Raw>,
}

/// A row as somebody sees it in a form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FormRow {
    pub key: Vec<Raw>,
    /// Of the form's fields that he sees, but for what is computed.
    pub values: BTreeMap<String, Raw>,
    /// By table, in the order that they were added in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, Vec<LineRow>>,
    /// Whether he may change it now.
    pub may_edit: bool,
    /// Of a row that somebody has added: when, and the number of that in the edit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filed: Option<Filing>,
}

/// One of the rows that belong to a form's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineRow {
    pub key: Raw,
    pub version: i64,
    pub values: BTreeMap<String, Raw>,
}

/// When something was filed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filing {
    /// The first sequence that the edit log has of it.
    pub number: i64,
    /// UTC, RFC 3339.
    pub at: Raw,
}

/// Asks for what one has filed with a form oneself, the last first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionsRequest {
    pub workbook: String,
    pub form: String,
    /// How many are known already.
    #[serde(default)]
    pub offset: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubmissionsAnswer {
    pub rows: Vec<Submission>,
    /// There are more.
    #[serde(default)]
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    pub key: Vec<Raw>,
    pub filed: Filing,
    /// In the order of [`FormView::submissions`].
    pub values: Vec<Raw>,
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
    /// The source's row which is changed: it is shown and not saved.
    Context,
}

impl FieldRole {
    #[must_use]
    pub fn is_typed(&self) -> bool {
        *self == Self::Typed
    }

    #[must_use]
    pub fn is_saved(self) -> bool {
        !matches!(self, Self::Computed | Self::Context)
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
    ///
    /// Of a row that is changed, `typed` gives what is in it too, as [`Filled::changed`] does.
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

    /// With what somebody has typed over a row that is there. A field which that row did not have begins as in a new one.
    #[must_use]
    pub fn changed(
        sections: &[FormSection],
        typed: &dyn Fn(&str) -> Option<Value>,
        stored: &BTreeMap<String, Value>,
        around: Surroundings<'_>,
    ) -> Self {
        let as_stored = |name: &str| Some(stored.get(name).cloned().unwrap_or(Value::Null));
        let before = Self::of(sections, &as_stored, around);
        Self::of(sections, &before.over(&as_stored, typed), around)
    }

    /// The same for one line.
    #[must_use]
    pub fn changed_line(
        fields: &[FormField],
        typed: &dyn Fn(&str) -> Option<Value>,
        stored: &BTreeMap<String, Value>,
        around: Surroundings<'_>,
    ) -> Self {
        let as_stored = |name: &str| Some(stored.get(name).cloned().unwrap_or(Value::Null));
        let before = Self::of_line(fields, &as_stored, around);
        Self::of_line(fields, &before.over(&as_stored, typed), around)
    }

    /// What is typed, else what is stored in the fields that were there.
    fn over<'a>(
        &'a self,
        stored: &'a dyn Fn(&str) -> Option<Value>,
        typed: &'a dyn Fn(&str) -> Option<Value>,
    ) -> impl Fn(&str) -> Option<Value> + 'a {
        |name| typed(name).or_else(|| stored(name).filter(|_| self.there.contains(name)))
    }

    /// The same as [`Filled::of`] for one line of those that a form may have many of.
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
                (true, FieldRole::Computed) => made(self),
                (true, _) => typed(name).or_else(|| made(self)),
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
