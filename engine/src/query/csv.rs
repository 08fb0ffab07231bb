//! Rows as a file for spreadsheets.

use model::{ColumnType, Raw, Value};

use super::plan::Output;

/// RFC 4180 with a header of labels; the first `shown` columns of each row, in their wire form.
#[must_use]
pub fn csv(outputs: &[Output], rows: &[Vec<Value>]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let header = writer.write_record(outputs.iter().map(|output| output.label.as_str()));
    let done = rows.iter().try_fold((), |(), row| writer.write_record(outputs.iter().zip(row).map(|(o, v)| cell(&o.expr.ty, v))));
    header.and(done).expect("a Vec takes everything, and every record has the header's length");
    String::from_utf8(writer.into_inner().expect("a Vec takes everything")).expect("made of strings")
}

/// A text that a spreadsheet would take for a formula is quoted by an apostrophe, as spreadsheets do themselves.
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn cell(ty: &ColumnType, value: &Value) -> String {
    let text = match value.to_wire() {
        Raw::Null => String::new(),
        Raw::String(text) => text,
        other => other.to_string(),
    };
    let words = matches!(ty, ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. });
    if words && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
