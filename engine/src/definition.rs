//! How the table of an input table follows its definition: from what the file says and what the warehouse has to a list of
//! changes. Values that were typed are never dropped: what is taken out of the file is hidden, and comes back as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{ColumnType, Value};

use crate::catalog::{Catalog, Input, Mistake};
use crate::warehouse::Warehouse;

/// Inlay's own columns of a joined view.
pub const VIEW_OWN: [&str; 4] = ["_tenant", "_version", "_updated_at", "_updated_by"];

/// What the warehouse has of one input table.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub key: Vec<String>,
    /// Input columns, hidden ones too; `None` where the engine can't tell the type, which is then taken as it is declared.
    pub columns: BTreeMap<String, Option<ColumnType>>,
    pub hidden: BTreeSet<String>,
    /// Columns of the view that joins source and input, if there is one.
    pub view: Option<BTreeSet<String>>,
}

impl Known {
    /// Follows the rows of the log of definitions, in their order: `change, column, was, type, scale`. They say which columns are
    /// hidden, and of what type columns are whose type the engine does not know.
    pub fn follow(&mut self, rows: Vec<Vec<Value>>) {
        let mut types: BTreeMap<String, ColumnType> = BTreeMap::new();
        for row in rows {
            let [Value::Text(change), Value::Text(column), was, ty, scale] = row.as_slice() else {
                continue;
            };
            match (change.as_str(), was) {
                ("hide", _) => drop(self.hidden.insert(column.clone())),
                ("show", _) => drop(self.hidden.remove(column)),
                ("rename", Value::Text(was)) => {
                    types.extend(types.get(was).cloned().map(|ty| (column.clone(), ty)));
                    let hidden = self.hidden.remove(was);
                    self.hidden.extend(hidden.then(|| column.clone()));
                }
                _ => {}
            }
            let scale = if let Value::Integer(scale) = scale { u32::try_from(*scale).ok() } else { None };
            if let Value::Text(ty) = ty {
                types.extend(named(ty, scale).map(|ty| (column.clone(), ty)));
            }
        }
        for (column, ty) in &mut self.columns {
            *ty = ty.take().or_else(|| types.remove(column));
        }
    }
}

/// One change of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    Add {
        column: String,
        ty: ColumnType,
    },
    Rename {
        from: String,
        to: String,
    },
    Widen {
        column: String,
        from: ColumnType,
        to: ColumnType,
    },
    /// It is not in the file any more; its values stay.
    Hide {
        column: String,
    },
    /// It is in the file again.
    Show {
        column: String,
    },
    /// The joined view has other columns now.
    View,
}

impl Change {
    /// One word, as the log of definitions has it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Add { .. } => "add",
            Self::Rename { .. } => "rename",
            Self::Widen { .. } => "widen",
            Self::Hide { .. } => "hide",
            Self::Show { .. } => "show",
            Self::View => "view",
        }
    }

    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Create | Self::View => None,
            Self::Rename { to: column, .. }
            | Self::Add { column, .. }
            | Self::Widen { column, .. }
            | Self::Hide { column }
            | Self::Show { column } => Some(column),
        }
    }

    /// Whether the table can't be served before it is made.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        !matches!(self, Self::Hide { .. } | Self::Show { .. } | Self::View)
    }

    /// Whether a server may make it by itself at its start: nothing that is there is touched.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !matches!(self, Self::Rename { .. } | Self::Widen { .. })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create => write!(f, "the table is made"),
            Self::Add { column, ty } => write!(f, "column `{column}` is added: {}", spoken(ty)),
            Self::Rename { from, to } => write!(f, "column `{from}` is called `{to}`"),
            Self::Widen { column, from, to } => write!(f, "column `{column}` is widened from {} to {}", spoken(from), spoken(to)),
            Self::Hide { column } => write!(f, "column `{column}` is hidden; what was typed into it stays"),
            Self::Show { column } => write!(f, "column `{column}` is shown again, with what was typed into it"),
            Self::View => write!(f, "the view that joins it with its source is made anew"),
        }
    }
}

fn spoken(ty: &ColumnType) -> String {
    match ty {
        ColumnType::Decimal { scale } => format!("decimal with {scale} decimals"),
        ty => name(ty).to_owned(),
    }
}

/// A type's name, as files and the log of definitions write it.
#[must_use]
pub fn name(ty: &ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "text",
        ColumnType::Choice { .. } => "choice",
        ColumnType::Choices { .. } => "choices",
        ColumnType::Integer => "integer",
        ColumnType::Decimal { .. } => "decimal",
        ColumnType::Float => "float",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp",
    }
}

/// The type behind such a name, as far as it is stored: choices are kept as text.
#[must_use]
pub fn named(name: &str, scale: Option<u32>) -> Option<ColumnType> {
    Some(match name {
        "text" | "choice" | "choices" => ColumnType::Text,
        "integer" => ColumnType::Integer,
        "decimal" => ColumnType::Decimal { scale: scale? },
        "float" => ColumnType::Float,
        "boolean" => ColumnType::Boolean,
        "date" => ColumnType::Date,
        "timestamp" => ColumnType::Timestamp,
        _ => return None,
    })
}

/// An input table whose definition has changed.
#[derive(Debug)]
pub struct Outstanding<'a> {
    pub workbook: &'a str,
    pub of: &'a Input,
    pub changes: Vec<Change>,
}

/// What the tables of a catalog's input tables lack, for each that lacks something.
///
/// # Errors
/// Every change that can't be made, or what the warehouse said.
pub async fn outstanding<'a>(warehouse: &dyn Warehouse, catalog: &'a Catalog) -> Result<Vec<Outstanding<'a>>, Vec<Mistake>> {
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    for workbook in catalog.workbooks.values() {
        for of in &workbook.inputs {
            let known = warehouse.known(of).await.map_err(|error| error.to_string());
            match known.and_then(|known| changes(of, known.as_ref())) {
                Ok(changes) if changes.is_empty() => {}
                Ok(changes) => found.push(Outstanding { workbook: &workbook.id, of, changes }),
                Err(error) => mistakes.push(Mistake::of_table(&workbook.id, &of.name, &error)),
            }
        }
    }
    if mistakes.is_empty() { Ok(found) } else { Err(mistakes) }
}

/// What must change, in order. Nothing for a direct table, which is its author's own.
///
/// # Errors
/// In words, with what can be done: another key, or a type that can't hold what may be there.
pub fn changes(input: &Input, known: Option<&Known>) -> Result<Vec<Change>, String> {
    if input.is_direct() {
        return Ok(Vec::new());
    }
    let Some(known) = known else {
        return Ok(vec![Change::Create]);
    };
    let key: Vec<&String> = input.key.iter().map(|(name, _)| name).collect();
    if known.key.iter().collect::<Vec<_>>() != key {
        return Err(format!(
            "the key of `{}` was ({}) and can't become ({}): what was typed belongs to rows of the old key; give the new table another name",
            input.name,
            known.key.join(", "),
            input.key.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
        ));
    }
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for column in &input.columns {
        let (name, ty) = (&column.column.name, &column.column.ty);
        let was = column.was.as_ref().filter(|was| known.columns.contains_key(*was) && !known.columns.contains_key(name));
        if let Some(was) = was {
            found.push(Change::Rename { from: was.clone(), to: name.clone() });
        }
        let at = was.unwrap_or(name);
        seen.insert(at);
        match known.columns.get(at) {
            None => found.push(Change::Add { column: name.clone(), ty: ty.clone() }),
            Some(Some(from)) if !same(from, ty) => {
                if !widens(from, ty) {
                    return Err(format!(
                        "column `{name}` of `{}` is {} and can't become {}: not every value would fit; add a column of another name",
                        input.name,
                        spoken(from),
                        spoken(ty)
                    ));
                }
                found.push(Change::Widen { column: name.clone(), from: from.clone(), to: ty.clone() });
            }
            Some(_) => {}
        }
        if known.hidden.contains(at) {
            found.push(Change::Show { column: name.clone() });
        }
    }
    let gone = known.columns.keys().filter(|name| !seen.contains(name) && !known.hidden.contains(*name));
    found.extend(gone.map(|column| Change::Hide { column: column.clone() }));
    let expected = input.source().map(|source| {
        let own = input.columns.iter().map(|c| c.column.name.clone());
        let all = source.columns.iter().map(|c| c.name.clone()).chain(own);
        all.chain(VIEW_OWN.map(str::to_owned)).collect::<BTreeSet<_>>()
    });
    if expected != known.view || found.iter().any(|change| !matches!(change, Change::Hide { .. })) {
        found.extend(expected.map(|_| Change::View));
    }
    Ok(found)
}

fn same(from: &ColumnType, to: &ColumnType) -> bool {
    let text = |ty: &ColumnType| matches!(ty, ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. });
    from == to || (text(from) && text(to))
}

/// Whether every value of the one is a value of the other.
fn widens(from: &ColumnType, to: &ColumnType) -> bool {
    match (from, to) {
        (ColumnType::Decimal { scale: from }, ColumnType::Decimal { scale: to }) => from < to,
        (ColumnType::Integer, ColumnType::Decimal { .. }) | (ColumnType::Date, ColumnType::Timestamp) => true,
        (ColumnType::Float, _) => false,
        (_, ColumnType::Text) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_loses_nothing_is_widening() {
        use ColumnType::{Boolean, Date, Decimal, Float, Integer, Text, Timestamp};
        let all = [Integer, Decimal { scale: 2 }, Decimal { scale: 4 }, Float, Boolean, Date, Timestamp, Text];
        let found: Vec<String> = all
            .iter()
            .flat_map(|from| all.iter().filter(move |to| widens(from, to) && !same(from, to)).map(move |to| (from, to)))
            .map(|(from, to)| format!("{} to {}", spoken(from), spoken(to)))
            .collect();
        assert_eq!(
            found,
            [
                "integer to decimal with 2 decimals",
                "integer to decimal with 4 decimals",
                "integer to text",
                "decimal with 2 decimals to decimal with 4 decimals",
                "decimal with 2 decimals to text",
                "decimal with 4 decimals to text",
                "boolean to text",
                "date to timestamp",
                "date to text",
                "timestamp to text",
            ]
        );
    }
}
