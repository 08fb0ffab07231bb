//! What a form sends, as its author means it: fields that are not there are not saved, what nobody types the server fills in
//! itself, and lines get the key of the row that they belong to.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ApiError, Batch, CellEdit, CellError, Code, ColumnType, Edit, EditMode, FieldRole, Filled, FormField, FormSection, Operation,
    Raw, Surroundings, Value,
};

use super::compile::{BatchContext, refusal};
use crate::catalog::{Form, Lines, Workbook, form_for};
use crate::expr::Expr;

/// What a form says of one of its edits.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Why cells are refused, by column.
    pub refused: BTreeMap<String, CellError>,
    /// Columns whose values are the form's: nobody types them, so nobody needs the right to.
    pub own: BTreeSet<String>,
    /// What must be true of the row as it is.
    pub only: Option<Expr>,
}

/// A row that a form changes, as the person may see it.
#[derive(Debug, Default)]
pub struct Stored {
    pub values: BTreeMap<String, Value>,
    /// By table.
    pub lines: BTreeMap<String, Vec<StoredLine>>,
}

/// One of the rows that belong to it.
#[derive(Debug)]
pub struct StoredLine {
    pub key: Raw,
    pub version: i64,
    pub values: BTreeMap<String, Value>,
}

/// The edits that a form's submission comes to; `parent` is the key of its first row if that is new.
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
    let [first, lines @ ..] = batch.edits.as_slice() else { return Err(bad("A form adds a row or changes one.")) };
    if first.table != table {
        return Err(bad("The first row of a form is one of its own table."));
    }
    let edit = match first.op {
        Operation::Insert if lines.iter().all(|line| line.op == Operation::Insert) => None,
        Operation::Insert => return Err(bad("A new row has new lines only.")),
        Operation::Set => Some(form.edit.as_ref().ok_or_else(|| bad("This form adds rows and changes none."))?),
        Operation::Delete => return Err(bad("A form does not take its row away.")),
    };
    let unseen = Stored::default();
    let nothing = |_: &str| Value::Null;
    let filling = Filling {
        form,
        sections: &sections,
        // A row that he does not see is refused by the warehouse, like one that is not there.
        stored: edit.map(|_| context.stored.unwrap_or(&unseen)),
        parent: if edit.is_some() { first.key.first().unwrap_or(&Raw::Null) } else { parent },
        around: Surroundings { control: &nothing, now: context.now, zone: &workbook.zone },
    };
    let fields: Vec<&FormField> = sections.iter().flat_map(|section| &section.fields).collect();
    let filled = filling.filled(first, &fields);
    let (mut own, mut said) = row(first, &fields, &filled, filling.stored.map(|stored| &stored.values));
    said.only = edit.cloned();
    if let Some(stored) = filling.stored.filter(|_| own.cells.is_empty()) {
        // Who has changed its lines is in the log of the row too, and has to be somebody who may change it.
        let field = fields.iter().find(|field| field.role.is_saved()).ok_or_else(|| bad("This form changes nothing."))?;
        let name = &field.column.name;
        let now = stored.values.get(name).map_or(Raw::Null, Value::to_wire);
        own.cells.push(CellEdit { was: now.clone(), ..CellEdit::new(name, now) });
        said.own.insert(name.clone());
    }
    let mut all = vec![(own, said)];
    for edit in lines {
        let (lines, there, fields) = filling.lines_of(&filled, &edit.table)?;
        if there {
            all.extend(filling.line(edit, lines, fields));
        }
    }
    for (i, lines) in form.lines() {
        let there = filled.sections.get(i) == Some(&true);
        let known = filling.known(&lines.table);
        if !there {
            // As if the row had been filed as it is now.
            let away = |line: &StoredLine| Edit::delete(&lines.table, vec![line.key.clone()], line.version);
            all.extend(known.iter().map(|line| (away(line), filling.of_parent(lines))));
            continue;
        }
        let count = |op: Operation| all.iter().filter(|(edit, _)| edit.table == lines.table && edit.op == op).count();
        let count = (known.len() + count(Operation::Insert)).saturating_sub(count(Operation::Delete));
        if !(lines.least..=lines.most).contains(&count) {
            return Err(ApiError::say(Code::BadBatch, words::form_line_count(count, lines.least, lines.most)));
        }
    }
    Ok(all)
}

fn bad(text: &str) -> ApiError {
    ApiError::with(Code::BadBatch, text)
}

/// A form on its way to edits.
struct Filling<'a> {
    form: &'a Form,
    sections: &'a [FormSection],
    /// Of a row that is changed.
    stored: Option<&'a Stored>,
    /// Key of the form's own row.
    parent: &'a Raw,
    around: Surroundings<'a>,
}

impl<'a> Filling<'a> {
    fn filled(&self, edit: &Edit, fields: &[&FormField]) -> Filled {
        let typed = |name: &str| typed(edit, fields, name);
        match self.stored {
            Some(stored) => Filled::changed(self.sections, &typed, &stored.values, self.around),
            None => Filled::of(self.sections, &typed, self.around),
        }
    }

    /// The lines of a table as they are.
    fn known(&self, table: &str) -> &'a [StoredLine] {
        self.stored.and_then(|stored| stored.lines.get(table)).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a form's lines in a table are, whether it has them now, and their fields.
    fn lines_of(&self, filled: &Filled, table: &str) -> Result<(&'a Lines, bool, &'a [FormField]), ApiError> {
        let found = self.form.lines().find(|(_, lines)| lines.table == table);
        let found = found.and_then(|(i, lines)| Some((i, lines, self.sections.get(i)?.lines.as_ref()?)));
        let (i, lines, view) = found.ok_or_else(|| bad("A form has rows of its own table and of its lines'."))?;
        Ok((lines, filled.sections.get(i) == Some(&true), &view.fields))
    }

    /// An edit of a line; nothing where it changes nothing.
    fn line(&self, edit: &Edit, lines: &Lines, fields: &[FormField]) -> Option<(Edit, Said)> {
        if edit.op == Operation::Delete {
            return Some((edit.clone(), self.of_parent(lines)));
        }
        let unseen = BTreeMap::new();
        let known = || self.known(&lines.table).iter().find(|line| edit.key == [line.key.clone()]);
        let stored = (edit.op == Operation::Set).then(|| known().map_or(&unseen, |line| &line.values));
        let all: Vec<&FormField> = fields.iter().collect();
        let typed = |name: &str| typed(edit, &all, name);
        let filled = match stored {
            Some(stored) => Filled::changed_line(fields, &typed, stored, self.around),
            None => Filled::of_line(fields, &typed, self.around),
        };
        let (mut line, mut said) = row(edit, &all, &filled, stored);
        if line.cells.iter().any(|cell| cell.column == lines.parent) {
            said.refused.insert(lines.parent.clone(), refusal(&lines.parent, Code::ColumnReadOnly));
        } else if stored.is_none() {
            line.cells.push(CellEdit::new(&lines.parent, self.parent.clone()));
            said.own.insert(lines.parent.clone());
        }
        if stored.is_some() {
            said.only = self.of_parent(lines).only;
        }
        (!line.cells.is_empty()).then_some((line, said))
    }

    /// Of a line that is there: it must be one of the form's own row.
    fn of_parent(&self, lines: &Lines) -> Said {
        let key = Value::from_wire(self.parent, &ColumnType::Text).unwrap_or(Value::Null);
        Said { only: Some(Expr::column_is(&lines.parent, ColumnType::Text, key)), ..Said::default() }
    }
}

/// What somebody has typed into a field; what is no value of its column is refused elsewhere.
fn typed(edit: &Edit, fields: &[&FormField], name: &str) -> Option<Value> {
    let cell = edit.cells.iter().find(|cell| cell.column == name)?;
    let field = fields.iter().find(|field| field.column.name == name)?;
    Some(Value::from_wire(&cell.value, &field.column.ty).unwrap_or(Value::Null))
}

/// `stored` is what is in a row that is changed.
fn row(sent: &Edit, fields: &[&FormField], filled: &Filled, stored: Option<&BTreeMap<String, Value>>) -> (Edit, Said) {
    let Said { mut refused, mut own, only } = Said::default();
    let mut cells = Vec::new();
    for cell in &sent.cells {
        let field = fields.iter().find(|field| field.column.name == cell.column);
        let code = match field.map(|field| field.role) {
            None => Some(Code::UnknownColumn),
            Some(FieldRole::Typed) => None,
            Some(_) => Some(Code::ColumnReadOnly),
        };
        if let Some(code) = code {
            refused.insert(cell.column.clone(), refusal(&cell.column, code));
        } else if !filled.there.contains(&cell.column) {
            continue;
        }
        cells.push(cell.clone());
    }
    for field in fields.iter().filter(|field| field.role.is_saved()) {
        let name = &field.column.name;
        let value = filled.value(name);
        let sent = cells.iter().any(|cell: &CellEdit| cell.column == *name);
        let missing = filled.required.contains(name) && value.is_blank();
        let was = stored.map(|stored| stored.get(name).unwrap_or(&Value::Null));
        let made = match was {
            None => field.value.is_some() && filled.there.contains(name),
            // What is not there any more, and what has come with its default.
            Some(was) => *was != value,
        };
        if !sent && (made || missing) {
            let was = was.map_or(Raw::Null, Value::to_wire);
            cells.push(CellEdit { was, ..CellEdit::new(name, value.to_wire()) });
            if stored.is_some() || !field.role.is_typed() {
                own.insert(name.clone());
            }
        }
        if missing && !refused.contains_key(name) && cells.iter().any(|cell| cell.column == *name && is_empty(&cell.value)) {
            let message = words::required(&field.column.label);
            refused.insert(name.clone(), CellError { column: name.clone(), code: Code::Required, message });
        }
    }
    (Edit { cells, ..sent.clone() }, Said { refused, own, only })
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
