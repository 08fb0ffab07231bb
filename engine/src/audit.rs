//! What the edit log tells of a row: only to whoever may see the row now, and only of the columns that he may see.

use model::{ApiError, Code, ColumnType, HistoryAnswer, HistoryEntry, HistoryRequest, Principal, Raw, Value};

use crate::catalog::{Access, Input, InputColumn, Workbook};
use crate::sql::{Dialect, Sql};

const MOST: u64 = 500;
const DEFAULT: u64 = 100;

/// Types of the columns that [`compile`] selects, in order.
pub(crate) const TYPES: [ColumnType; 12] = [
    ColumnType::Integer,
    ColumnType::Timestamp,
    ColumnType::Text,
    ColumnType::Text,
    ColumnType::Text,
    ColumnType::Text,
    ColumnType::Text,
    ColumnType::Text,
    ColumnType::Integer,
    ColumnType::Text,
    ColumnType::Text,
    ColumnType::Text,
];

/// How many entries one answer has.
pub(crate) fn limit(request: &HistoryRequest) -> u64 {
    if request.limit == 0 { DEFAULT } else { request.limit.min(MOST) }
}

/// The SELECT of a row's edits, one more than the limit.
///
/// # Errors
/// `QY001` for a column that the person may not know.
pub(crate) fn compile(
    workbook: &Workbook,
    input: &Input,
    row_key: &str,
    request: &HistoryRequest,
    principal: &Principal,
    access: &Access,
    dialect: Dialect,
) -> Result<Sql, ApiError> {
    let visible = |name: &&str| !access.hides(&input.name, name);
    let mut columns: Vec<&InputColumn> = input.columns.iter().filter(|c| visible(&c.column.name.as_str())).collect();
    if let Some(wanted) = &request.column {
        columns.retain(|c| c.column.name == *wanted);
        if columns.is_empty() {
            return Err(ApiError::new(Code::UnknownColumn));
        }
    }
    let text = |text: &str| Value::Text(text.to_owned());
    let mut sql = dialect.on_own(
        "select seq, at, \"user\", user_name, column_name, operation, old_value, new_value, row_version, origin, reason, batch_id from ",
        "edit_log",
        " where tenant = ",
    );
    sql.bind(text(&principal.tenant)).push(" and workbook = ").bind(text(&workbook.id));
    sql.push(" and table_name = ").bind(text(&input.name)).push(" and row_key = ").bind(text(row_key));
    // What was typed when a column had another name is its own.
    let names = columns.into_iter().flat_map(|c| c.was.iter().chain([&c.column.name]));
    sql.push(" and column_name in (").join(", ", names.map(|name| Sql::from(text(name)))).push(")");
    if let Some(before) = request.before {
        sql.push(" and seq < ").bind(Value::Integer(before));
    }
    sql.push(&format!(" order by seq desc limit {}", limit(request) + 1));
    Ok(sql)
}

/// The rows of the SELECT as an answer.
pub(crate) fn answer(input: &Input, rows: Vec<Vec<Value>>, limit: u64) -> HistoryAnswer {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    let mut entries: Vec<HistoryEntry> = rows.into_iter().take(most).filter_map(entry).collect();
    for entry in &mut entries {
        if let Some(renamed) = input.columns.iter().find(|c| c.was.as_ref() == Some(&entry.column)) {
            entry.column.clone_from(&renamed.column.name);
        }
    }
    HistoryAnswer { entries, more }
}

fn entry(row: Vec<Value>) -> Option<HistoryEntry> {
    let row: [Value; TYPES.len()] = row.try_into().ok()?;
    let [seq, at, user, by, column, operation, old, new, version, origin, reason, batch_id] = row;
    let number = |value| if let Value::Integer(n) = value { n } else { 0 };
    let text = |value| if let Value::Text(text) = value { text } else { String::new() };
    // Values are logged as JSON.
    let logged =
        |value| if let Value::Text(json) = value { serde_json::from_str(&json).unwrap_or(Raw::from(json)) } else { Raw::Null };
    Some(HistoryEntry {
        seq: number(seq),
        at: at.to_wire(),
        user: text(user),
        by: text(by),
        column: text(column),
        operation: text(operation),
        old: logged(old),
        new: logged(new),
        version: number(version),
        origin: text(origin),
        reason: if reason.is_null() { None } else { Some(text(reason)) },
        batch_id: text(batch_id),
    })
}
