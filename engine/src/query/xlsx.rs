//! Rows as a workbook of Office Open XML.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use model::{ColumnType, Cube, Format, NumberFormat, Opened, Order, Raw, Value, Zone};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook, Worksheet, XlsxError};

use super::pivot::LEVELS;
use super::plan::Output;

/// Significant digits that a spreadsheet keeps of a number: it has doubles, and shows no more of them.
/// <https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3>
const DIGITS: usize = 15;
/// Characters that a cell holds.
const MOST_CHARACTERS: usize = 32_767;
const SHEET_NAME: usize = 31;
const NO_NAME: &str = "–";
/// Columns of a sheet.
const MOST_COLUMNS: usize = 16_384;

/// What a workbook has beside its rows.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    pub title: &'a str,
    /// On a sheet of their own, if there are any.
    pub notes: &'a [String],
    /// By whose clocks points in time are.
    pub zone: &'a Zone,
}

/// A sheet of the rows under a header of labels. Texts are texts, whatever they begin with; what a spreadsheet would round or can't hold
/// comes as text with every digit.
///
/// # Errors
/// If it can't be put together.
pub fn xlsx(outputs: &[Output], rows: &[Vec<Value>], around: Around<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(around.title))?;
    let head = Look::new().set_bold();
    let looks: Vec<Look> = outputs.iter().map(look).collect();
    for (i, output) in outputs.iter().enumerate() {
        sheet.write_string_with_format(0, column(i), cut(&output.label), &head)?;
    }
    for (r, row) in rows.iter().enumerate() {
        for (i, value) in row.iter().take(outputs.len()).enumerate() {
            write(sheet, (r as u32 + 1, column(i)), value, &looks[i], around.zone)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if !rows.is_empty() && !outputs.is_empty() {
        sheet.autofilter(0, 0, rows.len() as u32, column(outputs.len() - 1))?;
    }
    finish(book, around.notes)
}

/// A pivot as it is seen when all is open, the author's order and all totals included; `None` where it is wider than a sheet.
/// `outputs` and `rows` are what `cube` is made of, and totals are called `total`.
///
/// # Errors
/// If it can't be put together.
pub fn crosstab(
    (outputs, rows): (&[Output], &[Vec<Value>]),
    cube: &Cube,
    order: Option<&Order>,
    total: &str,
    around: Around<'_>,
) -> Result<Option<Vec<u8>>, XlsxError> {
    let opened = Opened::all();
    let (columns, lines) = (cube.heads(&opened).1, cube.lines(&opened, order));
    let (deep, wide) = (cube.rows.depth(), cube.columns.depth());
    let (of_rows, others) = outputs.get(LEVELS..).unwrap_or_default().split_at(deep);
    let (of_columns, values) = others.split_at(wide);
    // The whole has a name, though there may be no rows beside it.
    let left = deep.max(1);
    if left + columns.len() * values.len() > MOST_COLUMNS {
        return Ok(None);
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(around.title))?;
    let bold = Look::new().set_bold();
    let looks: Vec<[Look; 2]> = outputs.iter().map(look).map(|plain| [plain.clone(), plain.set_bold()]).collect();
    let first = wide as u32;
    for (i, output) in of_rows.iter().enumerate() {
        sheet.write_string_with_format(first, column(i), cut(&output.label), &bold)?;
    }
    let mut before: Option<Vec<Raw>> = None;
    for (i, node) in columns.iter().enumerate() {
        let (place, path) = (left + i * values.len(), cube.columns.get(*node).dimensions());
        let shared = before.iter().flat_map(|before| before.iter().zip(&path)).take_while(|(a, b)| a == b).count();
        for (level, raw) in path.iter().enumerate().skip(shared) {
            let at = (level as u32, column(place));
            name(sheet, at, (raw, &of_columns[level]), &looks[LEVELS + deep + level][1], around.zone)?;
        }
        if path.len() < wide {
            sheet.write_string_with_format(path.len() as u32, column(place), cut(total), &bold)?;
        }
        for (value, output) in values.iter().enumerate() {
            sheet.write_string_with_format(first, column(place + value), cut(&output.label), &bold)?;
        }
        before = Some(path);
    }
    for (i, row) in lines.iter().enumerate() {
        let (r, path) = (first + 1 + i as u32, cube.rows.get(*row).dimensions());
        let is_total = usize::from(!cube.rows.is_leaf(*row));
        for (level, raw) in path.iter().enumerate() {
            name(sheet, (r, column(level)), (raw, &of_rows[level]), &looks[LEVELS + level][is_total], around.zone)?;
        }
        if path.is_empty() {
            sheet.write_string_with_format(r, 0, cut(total), &bold)?;
        }
        for (i, of_column) in columns.iter().enumerate() {
            let Some(cells) = cube.place(*row, *of_column).and_then(|place| rows.get(place)) else { continue };
            let is_total = is_total.max(usize::from(!cube.columns.is_leaf(*of_column)));
            for (value, cell) in cells.iter().skip(LEVELS + deep + wide).enumerate() {
                let at = (r, column(left + i * values.len() + value));
                write(sheet, at, cell, &looks[LEVELS + deep + wide + value][is_total], around.zone)?;
            }
        }
    }
    sheet.set_freeze_panes(first + 1, column(left))?;
    finish(book, around.notes).map(Some)
}

/// What a row or a column is called; one without a name is not one of the empty places beside totals.
fn name(sheet: &mut Worksheet, at: (u32, u16), (raw, of): (&Raw, &Output), look: &Look, zone: &Zone) -> Result<(), XlsxError> {
    match Value::from_wire(raw, &of.expr.ty.as_stored()).unwrap_or(Value::Null) {
        Value::Null => sheet.write_string_with_format(at.0, at.1, NO_NAME, look).map(drop),
        value => write(sheet, at, &value, look, zone),
    }
}

/// Columns as wide as what is in them, and the notes.
fn finish(mut book: Workbook, notes: &[String]) -> Result<Vec<u8>, XlsxError> {
    for sheet in book.worksheets_mut() {
        sheet.set_autofit_max_width(360);
        sheet.autofit();
    }
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
        Raw::String(text) => text,
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
