//! A first workbook over tables that are there already, for its author to go on from.

use std::fmt::Write;

use model::ColumnType;

use super::compile::humanize;
use crate::sql::unqualified;
use crate::warehouse::Described;

/// The YAML of a workbook that shows `tables`, each with a note to type beside its rows where its key is known.
#[must_use]
pub fn draft(id: &str, tables: &[(String, Described)]) -> String {
    let mut out = format!(
        "workbook: {id}\ntitle: {}\n\n# Who may see which rows is said under a source's `rows`; without it, everybody who may open the workbook.\n# \
         For example:  rows: {{ read: region = @user.region, write: region = @user.region }}\nsources:\n",
        text(&humanize(id))
    );
    for (table, described) in tables {
        let _ = writeln!(out, "  {}:\n    table: {}", source(table), text(table));
        match key(described) {
            Some(key) => drop(writeln!(out, "    key: [{}]", key.iter().map(|name| text(name)).collect::<Vec<_>>().join(", "))),
            None => out.push_str("    # It has no unique index, so nothing can be typed beside its rows: name its key here.\n"),
        }
        let columns: Vec<String> = described.columns.iter().filter_map(|c| column(&c.name, c.ty.as_ref())).collect();
        if !columns.is_empty() {
            let _ = writeln!(out, "    columns:\n{}", columns.join("\n"));
        }
    }
    let keyed: Vec<String> = tables.iter().filter(|(_, d)| key(d).is_some()).map(|(table, _)| source(table)).collect();
    if !keyed.is_empty() {
        out.push_str("\ninput_tables:\n");
    }
    for name in &keyed {
        let _ = writeln!(
            out,
            "  {name}_notes:\n    linked_to: {name}\n    columns:\n      inlay_note: {{ type: text, label: Note, max_length: 500 }}"
        );
    }
    out.push_str("\npages:\n");
    for (table, _) in tables {
        let name = source(table);
        let element = if keyed.contains(&name) {
            format!("{{ input_table: {name}_rows, title: {}, table: {name}_notes }}", text(&humanize(&name)))
        } else {
            format!("{{ table: {name}_rows, title: {}, source: {name} }}", text(&humanize(&name)))
        };
        let _ = writeln!(out, "  - title: {}\n    elements:\n      - {element}", text(&humanize(&name)));
    }
    out
}

/// The shortest of its unique sets of columns.
fn key(described: &Described) -> Option<&Vec<String>> {
    described.unique.iter().min_by_key(|columns| columns.len())
}

/// Only what the engine can't say by itself is said; what it says is not repeated.
fn column(name: &str, ty: Option<&ColumnType>) -> Option<String> {
    let said = match ty {
        None => "{ type: decimal, scale: 2 } # how many decimals has it?".to_owned(),
        Some(ColumnType::Choice { options }) => {
            let options: Vec<String> = options.iter().map(|option| text(option)).collect();
            format!("{{ type: choice, options: [{}] }}", options.join(", "))
        }
        Some(_) => return None,
    };
    Some(format!("      {}: {said}", text(name)))
}

/// `sales.Orders` as the id `orders`.
fn source(table: &str) -> String {
    let last = unqualified(table).to_lowercase();
    let mut id: String = last.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    while id.contains("__") {
        id = id.replace("__", "_");
    }
    let id = id.trim_matches('_').to_owned();
    if id.starts_with(|c: char| c.is_ascii_lowercase()) { id } else { format!("t_{id}") }
}

/// A YAML scalar that is read as text, whatever is in it.
fn text(value: &str) -> String {
    let plain =
        value.starts_with(|c: char| c.is_alphabetic()) && value.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ');
    let word = matches!(value.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain && !word && !value.ends_with(' ') { value.to_owned() } else { serde_json::Value::from(value).to_string() }
}
