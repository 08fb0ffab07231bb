//! Rows as a workbook of Office Open XML.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use model::{ColumnType, Format, NumberFormat, Value, Zone};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook, Worksheet, XlsxError};

use super::plan::Output;

/// Significant digits that a spreadsheet keeps of a number: it has doubles, and shows no more of them.
/// <https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3>
const DIGITS: usize = 15;
/// Characters that a cell holds.
const MOST_CHARACTERS: usize = 32_767;
const SHEET_NAME: usize = 31;

/// A sheet of the rows under a header of labels, and one of the notes, if there are any. Texts are texts, whatever they begin with; what
/// a spreadsheet would round or can't hold comes as text with every digit. Points in time are by the clocks of `zone`.
///
/// # Errors
/// If it can't be put together.
pub fn xlsx(outputs: &[Output], rows: &[Vec<Value>], title: &str, notes: &[String], zone: &Zone) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(title))?;
    let head = Look::new().set_bold();
    let looks: Vec<Look> = outputs.iter().map(look).collect();
    for (i, output) in outputs.iter().enumerate() {
        sheet.write_string_with_format(0, column(i), cut(&output.label), &head)?;
    }
    for (r, row) in rows.iter().enumerate() {
        for (i, value) in row.iter().take(outputs.len()).enumerate() {
            write(sheet, (r as u32 + 1, column(i)), value, &looks[i], zone)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if !rows.is_empty() && !outputs.is_empty() {
        sheet.autofilter(0, 0, rows.len() as u32, column(outputs.len() - 1))?;
    }
    sheet.set_autofit_max_width(360);
    sheet.autofit();
    if !notes.is_empty() {
        let sheet = book.add_worksheet();
        sheet.set_name("\u{2139}")?;
        for (r, note) in notes.iter().enumerate() {
            sheet.write_string(r as u32, 0, cut(note))?;
        }
        sheet.set_column_width(0, 80)?;
    }
    book.save_to_buffer()
}

fn column(i: usize) -> u16 {
    u16::try_from(i).unwrap_or(u16::MAX)
}

fn cut(text: &str) -> String {
    text.chars().take(MOST_CHARACTERS).collect()
}

/// What Excel takes for the name of a sheet.
fn sheet_name(title: &str) -> String {
    let name: String =
        title.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c }).take(SHEET_NAME).collect();
    let name = name.trim();
    // The one name that is taken.
    if name.is_empty() || name.eq_ignore_ascii_case("history") { "Data".into() } else { name.into() }
}

fn look(output: &Output) -> Look {
    let decimals = |scale: u32| if scale == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(scale as usize)) };
    let code = match (output.format, &output.expr.ty) {
        (Some(Format::Percent), _) => "0.0%".to_owned(),
        (Some(Format::Currency), _) => decimals(2),
        (Some(Format::CurrencyRounded | Format::Integer), _) => decimals(0),
        (Some(Format::Custom(NumberFormat { decimals: Some(digits), .. })), _) => decimals(u32::from(digits)),
        (Some(Format::Year), ColumnType::Date | ColumnType::Timestamp) => "yyyy".to_owned(),
        (Some(Format::Month), ColumnType::Date | ColumnType::Timestamp) => "mmm yyyy".to_owned(),
        (_, ColumnType::Date) => "yyyy-mm-dd".to_owned(),
        (_, ColumnType::Timestamp) => "yyyy-mm-dd hh:mm:ss.000".to_owned(),
        (_, ColumnType::Decimal { scale }) => decimals(*scale),
        _ => return Look::new(),
    };
    Look::new().set_num_format(code)
}

fn write(sheet: &mut Worksheet, (r, c): (u32, u16), value: &Value, look: &Look, zone: &Zone) -> Result<(), XlsxError> {
    let text = || match value.to_wire() {
        model::Raw::String(text) => text,
        other => other.to_string(),
    };
    match value {
        Value::Null => return Ok(()),
        Value::Boolean(flag) => sheet.write_boolean(r, c, *flag)?,
        Value::Integer(n) if is_kept(&n.to_string()) => sheet.write_number_with_format(r, c, *n as f64, look)?,
        Value::Decimal(d) if is_kept(&d.normalize().to_string()) => match text().parse::<f64>() {
            Ok(number) => sheet.write_number_with_format(r, c, number, look)?,
            Err(_) => sheet.write_string(r, c, text())?,
        },
        Value::Float(number) if number.is_finite() => sheet.write_number_with_format(r, c, *number, look)?,
        Value::Date(day) => match date_time(day.and_time(chrono::NaiveTime::MIN)) {
            Some(day) => sheet.write_datetime_with_format(r, c, &day, look)?,
            None => sheet.write_string(r, c, text())?,
        },
        Value::Timestamp(utc) => match date_time(zone.local(*utc)) {
            Some(time) => sheet.write_datetime_with_format(r, c, &time, look)?,
            None => sheet.write_string(r, c, text())?,
        },
        _ => sheet.write_string(r, c, cut(&text()))?,
    };
    Ok(())
}

/// Whether a spreadsheet keeps every digit of a number.
fn is_kept(number: &str) -> bool {
    number.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count() <= DIGITS
}

/// Spreadsheets know the days from 1900 to 9999 only; they have a 29 February 1900 that never was, so that the days before it are one off.
fn date_time(time: NaiveDateTime) -> Option<ExcelDateTime> {
    let known = NaiveDate::from_ymd_opt(1900, 3, 1)?..=NaiveDate::from_ymd_opt(9999, 12, 31)?;
    let year = u16::try_from(time.year()).ok().filter(|_| known.contains(&time.date()))?;
    let midnight = ExcelDateTime::from_ymd(year, time.month() as u8, time.day() as u8).ok()?;
    let of_day = time.time().signed_duration_since(chrono::NaiveTime::MIN);
    let (seconds, millis) = (of_day.num_seconds() as u32, (of_day.num_milliseconds() % 1_000) as f64);
    midnight.and_hms((seconds / 3600) as u16, (seconds / 60 % 60) as u8, f64::from(seconds % 60) + millis / 1_000.0).ok()
}
