//! What a form sends, as its author means it: fields that are not there are not saved, what nobody types the server fills in
//! itself, and lines get the key of the row that they belong to.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ApiError, Batch, CellEdit, CellError, Code, Edit, EditMode, FieldRole, Filled, FormField, FormSection, Operation, Raw,
    Surroundings, Value,
};

use super::compile::{BatchContext, refusal};
use crate::catalog::{Form, Workbook, form_for};

/// What a form says of one of its edits.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Why cells are refused, by column.
    pub refused: BTreeMap<String, CellError>,
    /// Columns whose values are the form's: nobody types them, so nobody needs the right to.
    pub own: BTreeSet<String>,
}

/// The edits that a form's submission comes to; `parent` is the key of its first row.
///
/// # Errors
/// `AC004` for a form that the person may not know, `WB011` for edits that are not those of the form.
pub(super) fn submitted(
    workbook: &Workbook,
    batch: &Batch,
    form: &str,
    context: BatchContext<'_>,
    parent: &Raw,
) -> Result<Vec<(Edit, Said)>, ApiError> {
    let (table, form, sections) =
        form_for(workbook, context.principal, context.access, form).ok_or_else(|| ApiError::new(Code::NotFound))?;
    if batch.mode != EditMode::AllOrNothing {
        return Err(bad("A form is saved whole or not at all."));
    }
    if batch.edits.iter().any(|edit| edit.op != Operation::Insert) {
        return Err(bad("A form adds rows."));
    }
    let [first, lines @ ..] = batch.edits.as_slice() else { return Err(bad("A form adds a row.")) };
    if first.table != table {
        return Err(bad("The first row of a form is one of its own table."));
    }
    let nothing = |_: &str| Value::Null;
    let around = Surroundings { control: &nothing, now: context.now, zone: &workbook.zone };
    let filled = Filled::of(&sections, &|name| typed(first, sections.iter().flat_map(|section| &section.fields), name), around);
    let mut all = vec![row(first, &sections.iter().flat_map(|section| &section.fields).collect::<Vec<_>>(), &filled)];
    for edit in lines {
        let Some((lines, there, fields)) = lines_of(form, &sections, &filled, &edit.table) else {
            return Err(bad("A form has rows of its own table and of its lines'."));
        };
        if !there {
            continue;
        }
        let filled = Filled::of_line(fields, &|name| typed(edit, fields.iter(), name), around);
        let (mut line, mut said) = row(edit, &fields.iter().collect::<Vec<_>>(), &filled);
        if line.cells.iter().any(|cell| cell.column == *lines) {
            said.refused.insert(lines.clone(), refusal(lines, Code::ColumnReadOnly));
        } else {
            line.cells.push(CellEdit::new(lines, parent.clone()));
            said.own.insert(lines.clone());
        }
        all.push((line, said));
    }
    for (section, lines) in form.lines() {
        let count = all.iter().filter(|(edit, _)| edit.table == lines.table).count();
        if filled.sections.get(section) == Some(&true) && !(lines.least..=lines.most).contains(&count) {
            return Err(bad(&format!("This form has {} to {} lines, not {count}.", lines.least, lines.most)));
        }
    }
    Ok(all)
}

fn bad(text: &str) -> ApiError {
    ApiError::with(Code::BadBatch, text)
}

/// The column that says to what a line of a table belongs, whether the form has lines there now, and their fields.
fn lines_of<'a>(
    form: &'a Form,
    sections: &'a [FormSection],
    filled: &Filled,
    table: &str,
) -> Option<(&'a String, bool, &'a [FormField])> {
    let (i, lines) = form.lines().find(|(_, lines)| lines.table == table)?;
    let there = filled.sections.get(i) == Some(&true);
    Some((&lines.parent, there, &sections.get(i)?.lines.as_ref()?.fields))
}

/// What somebody has typed into a field; what is no value of its column is refused elsewhere.
fn typed<'f>(edit: &Edit, mut fields: impl Iterator<Item = &'f FormField>, name: &str) -> Option<Value> {
    let cell = edit.cells.iter().find(|cell| cell.column == name)?;
    let field = fields.find(|field| field.column.name == name)?;
    Some(Value::from_wire(&cell.value, &field.column.ty).unwrap_or(Value::Null))
}

fn row(sent: &Edit, fields: &[&FormField], filled: &Filled) -> (Edit, Said) {
    let Said { mut refused, mut own } = Said::default();
    let mut cells = Vec::new();
    for cell in &sent.cells {
        let field = fields.iter().find(|field| field.column.name == cell.column);
        let code = match field.map(|field| field.role) {
            None => Some(Code::UnknownColumn),
            Some(FieldRole::Fixed | FieldRole::Hidden | FieldRole::Computed) => Some(Code::ColumnReadOnly),
            Some(FieldRole::Typed) => None,
        };
        if let Some(code) = code {
            refused.insert(cell.column.clone(), refusal(&cell.column, code));
        } else if !filled.there.contains(&cell.column) {
            continue;
        }
        cells.push(cell.clone());
    }
    for field in fields {
        let name = &field.column.name;
        let value = filled.value(name);
        let sent = cells.iter().any(|cell: &CellEdit| cell.column == *name);
        let missing = filled.required.contains(name) && value.is_blank();
        let made = field.value.is_some() && field.role != FieldRole::Computed && filled.there.contains(name);
        if !sent && (made || missing) {
            cells.push(CellEdit::new(name, value.to_wire()));
            if !field.role.is_typed() {
                own.insert(name.clone());
            }
        }
        if missing && !refused.contains_key(name) && cells.iter().any(|cell| cell.column == *name && is_empty(&cell.value)) {
            let message = words::required(&field.column.label);
            refused.insert(name.clone(), CellError { column: name.clone(), code: Code::Required, message });
        }
    }
    (Edit { cells, ..sent.clone() }, Said { refused, own })
}

/// Whether nothing was sent; what is no value of its column is something, and told as that.
fn is_empty(raw: &Raw) -> bool {
    match raw {
        Raw::Null => true,
        Raw::String(text) => text.trim().is_empty(),
        Raw::Array(list) => list.is_empty(),
        _ => false,
    }
}
