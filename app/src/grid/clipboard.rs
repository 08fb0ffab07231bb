//! A block of cells as spreadsheets put it on the clipboard: tab-separated text, quoted where a cell holds a tab, a line
//! break or a quote, and the same as a table for mails and documents. Text from a CSV file is read too.

use super::row::escape;

/// Cells as clipboard text.
#[must_use]
pub fn write(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| row.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join("\t");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn quote(cell: &str) -> String {
    if cell.contains(['\t', '\n', '\r', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// One cell of a table: how it is shown, and the number behind it if it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub text: String,
    pub number: Option<String>,
}

/// Cells as a table. A number keeps all its digits for spreadsheets, whatever is shown of it; a text that looks like one
/// stays a text. <https://learn.microsoft.com/en-us/previous-versions/office/developer/office2000/aa155477(v=office.10)>
#[must_use]
pub fn table(rows: &[Vec<Shown>]) -> String {
    let cell = |cell: &Shown| {
        let text = escape(&cell.text).replace('\n', "<br>");
        match &cell.number {
            Some(number) => format!("<td align=\"right\" x:num=\"{0}\" sdval=\"{0}\">{text}</td>", escape(number)),
            None => format!("<td style=\"mso-number-format:'\\@'\">{text}</td>"),
        }
    };
    let row = |row: &Vec<Shown>| format!("<tr>{}</tr>", row.iter().map(cell).collect::<String>());
    let rows: String = rows.iter().map(row).collect();
    format!("<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><meta charset=\"utf-8\"><table>{rows}</table></html>")
}

/// What stands between the cells of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    #[default]
    Tab,
    Comma,
    Semicolon,
}

impl Separator {
    #[must_use]
    pub fn char(self) -> char {
        match self {
            Self::Tab => '\t',
            Self::Comma => ',',
            Self::Semicolon => ';',
        }
    }

    /// Spreadsheets put tabs between cells. Without any, lines that all have as many semicolons or commas may be from a file.
    #[must_use]
    pub fn guess(text: &str) -> Self {
        if text.contains('\t') {
            return Self::Tab;
        }
        let fits = |separator: &Self| {
            let rows = read(text, *separator);
            rows.len() > 1 && rows[0].len() > 1 && rows.iter().all(|row| row.len() == rows[0].len())
        };
        [Self::Semicolon, Self::Comma].into_iter().find(fits).unwrap_or_default()
    }
}

/// Clipboard text as rows of cells; a line break at the end is no row of its own.
#[must_use]
pub fn read(text: &str, separator: Separator) -> Vec<Vec<String>> {
    let between = separator.char();
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            // A quote opens only at the start of a cell: 6" is six inches.
            '"' if cell.is_empty() && closes(chars.clone(), between) => quoted = true,
            c if c == between && !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

/// Whether an opening quote has its closing one, at the end of a cell.
fn closes(mut rest: impl Iterator<Item = char> + Clone, between: char) -> bool {
    while let Some(c) = rest.next() {
        if c == '"' {
            match rest.clone().next() {
                Some('"') => drop(rest.next()),
                Some('\n' | '\r') | None => return true,
                Some(c) if c == between => return true,
                Some(_) => return false,
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expect: &[&[&str]]) {
        assert_eq!(read(text, Separator::Tab), expect.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
    }

    #[test]
    fn blocks_of_every_spreadsheet_are_read() {
        reads("1\t2\r\n3\t4\r\n", &[&["1", "2"], &["3", "4"]]);
        reads("a\t\nb\tc", &[&["a", ""], &["b", "c"]]);
        reads("\"two\nlines\"\t\"say \"\"hi\"\"\"", &[&["two\nlines", "say \"hi\""]]);
        reads("6\"\t\"open", &[&["6\"", "\"open"]]);
        reads("\"Acme\" Inc\tx", &[&["\"Acme\" Inc", "x"]]);
        reads("", &[]);
    }

    #[test]
    fn lines_of_a_csv_file_are_told_from_plain_text() {
        assert_eq!(Separator::guess("a;1,5\nb;2,5"), Separator::Semicolon);
        assert_eq!(Separator::guess("a,1\nb,2\n"), Separator::Comma);
        assert_eq!(Separator::guess("\"Smith, J\",1\nDoe,2"), Separator::Comma);
        assert_eq!(Separator::guess("one, two\nthree"), Separator::Tab);
        assert_eq!(Separator::guess("1,234"), Separator::Tab);
        assert_eq!(Separator::guess("a,b\tc,d\ne,f\tg,h"), Separator::Tab);
        assert_eq!(read("\"Smith, J\",1", Separator::Comma), [["Smith, J", "1"]]);
    }

    #[test]
    fn a_table_keeps_numbers_whole_and_texts_texts() {
        let number = Shown { text: "$1,234.50".into(), number: Some("1234.5012".into()) };
        let text = Shown { text: "<b>007</b>\n&".into(), number: None };
        let html = table(&[vec![number, text]]);
        assert!(html.contains("x:num=\"1234.5012\" sdval=\"1234.5012\">$1,234.50</td>"), "{html}");
        assert!(html.contains("mso-number-format:'\\@'\">&lt;b&gt;007&lt;/b&gt;<br>&amp;</td>"), "{html}");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let rows = vec![vec!["a\tb".to_owned(), "\"".to_owned()], vec![String::new(), "line\nbreak".to_owned()]];
        assert_eq!(read(&write(&rows), Separator::Tab), rows);
    }
}
