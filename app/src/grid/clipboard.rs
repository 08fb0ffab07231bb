//! A block of cells as spreadsheets put it on the clipboard: tab-separated text, quoted where a cell holds a tab, a line
//! break or a quote.

/// Cells as clipboard text.
#[must_use]
pub fn write(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| row.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join("\t");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn quote(cell: &str) -> String {
    if cell.contains(['\t', '\n', '\r', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// Clipboard text as rows of cells; a line break at the end is no row of its own.
#[must_use]
pub fn read(text: &str) -> Vec<Vec<String>> {
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
            '"' if cell.is_empty() && closes(chars.clone()) => quoted = true,
            '\t' if !quoted => row.push(std::mem::take(&mut cell)),
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
fn closes(mut rest: impl Iterator<Item = char> + Clone) -> bool {
    while let Some(c) = rest.next() {
        if c == '"' {
            match rest.clone().next() {
                Some('"') => drop(rest.next()),
                Some('\t' | '\n' | '\r') | None => return true,
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
        assert_eq!(read(text), expect.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
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
    fn what_is_written_is_read_back() {
        let rows = vec![vec!["a\tb".to_owned(), "\"".to_owned()], vec![String::new(), "line\nbreak".to_owned()]];
        assert_eq!(read(&write(&rows)), rows);
    }
}
