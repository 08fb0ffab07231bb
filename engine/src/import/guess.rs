//! How a file is to be read, and where its columns could go, by what is in it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use encoding_rs::Encoding;
use model::{ColumnType, DELIMITERS, ImportFormat, ImportTarget, LOCALES, Locale, Mapping, SheetKind};

use super::read::{Content, Record, each};

/// Lines that are looked at.
pub const SAMPLE: usize = 100;

/// What a file is, by how it begins.
pub fn kind(head: &[u8]) -> SheetKind {
    if head.starts_with(b"PK\x03\x04") { SheetKind::Xlsx } else { SheetKind::Csv }
}

/// The label of the encoding that a text is most likely in.
pub fn encoding(head: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return label(encoding);
    }
    // Half of what is mostly Latin letters in UTF-16 is zero.
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 4 > head.len().max(4);
    match (zeros(0), zeros(1)) {
        (true, false) => return "utf-16be".into(),
        (false, true) => return "utf-16le".into(),
        _ => {}
    }
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        // Cut in the middle of a character.
        Err(error) => error.error_len().is_none(),
    };
    if is_utf8 {
        return "utf-8".into();
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(head, true);
    label(detector.guess(None, chardetng::Utf8Detection::Allow))
}

fn label(encoding: &'static Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}

/// Whether an encoding is one that can be read.
pub fn is_encoding(label: &str) -> bool {
    Encoding::for_label(label.as_bytes()).is_some()
}

/// The first lines of a file that are whole.
pub fn sample(head: &[u8], whole: bool, format: &ImportFormat) -> Vec<Record> {
    let mut records = Vec::new();
    let mut take = |record: Record| {
        records.push(record);
        if records.len() <= SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    // A head that can't be read has no lines.
    let _ = each(Content::new(std::io::Cursor::new(head.to_vec())), format, &mut take);
    if !whole && records.len() <= SAMPLE && records.len() > 1 {
        records.pop();
    }
    records.truncate(SAMPLE);
    records
}

/// The delimiter by which the most lines have the same number of values, and more than one.
pub fn delimiter(head: &[u8], whole: bool, format: &ImportFormat) -> char {
    let alike = |delimiter: char| {
        let records = sample(head, whole, &ImportFormat { delimiter: Some(delimiter), ..format.clone() });
        let width = records.first().map_or(0, |record| record.texts.len());
        let alike = records.iter().filter(|record| record.texts.len() == width).count();
        if width > 1 { (alike * 1_000 / records.len().max(1), width) } else { (0, 0) }
    };
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| alike(*delimiter));
    best.unwrap_or(',')
}

/// Whether the first line has names: each a text of its own, none of them a number or a day, or one of a column's.
pub fn header(records: &[Record], targets: &[ImportTarget]) -> bool {
    let Some(first) = records.first() else { return false };
    let names: Vec<&str> = first.texts.iter().map(str::trim).collect();
    if names.iter().any(|name| target_of(name, targets).is_some()) {
        return true;
    }
    let says = |name: &&str| !name.is_empty() && !name.chars().any(|c| c.is_ascii_digit()) && name.chars().count() < 80;
    let distinct = names.iter().collect::<BTreeSet<_>>().len() == names.len();
    distinct && names.iter().all(says)
}

/// A name without what people write in one way or another.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn target_of<'t>(name: &str, targets: &'t [ImportTarget]) -> Option<&'t ImportTarget> {
    let name = bare(name);
    let same = |text: &str| !name.is_empty() && bare(text) == name;
    targets.iter().find(|target| same(&target.label)).or_else(|| targets.iter().find(|target| same(&target.name)))
}

/// Where columns go by their names; by their places, where they have none and are as many as the table's.
pub fn mapping(names: &[String], has_names: bool, targets: &[ImportTarget], unique: &[String]) -> Mapping {
    let mut taken = BTreeSet::new();
    let columns: Vec<Option<String>> = if has_names {
        names
            .iter()
            .map(|name| target_of(name, targets).map(|target| target.name.clone()).filter(|name| taken.insert(name.clone())))
            .collect()
    } else if names.len() == targets.len() {
        targets.iter().map(|target| Some(target.name.clone())).collect()
    } else {
        vec![None; names.len()]
    };
    let adds = targets.iter().all(|target| !target.key);
    let matched = unique.iter().find(|name| adds && columns.iter().flatten().any(|column| column == *name));
    Mapping { matched: matched.into_iter().cloned().collect(), columns }
}

/// The way to write numbers and days in which the most of the values can be read; of equals the person's own.
pub fn locale(records: &[Record], mapping: &Mapping, targets: &[ImportTarget], own: &str) -> String {
    let typed: Vec<(usize, &ColumnType)> = mapping
        .columns
        .iter()
        .enumerate()
        .filter_map(|(i, column)| {
            let target = targets.iter().find(|target| Some(&target.name) == column.as_ref())?;
            (target.ty.is_numeric() || matches!(target.ty, ColumnType::Date | ColumnType::Timestamp)).then_some((i, &target.ty))
        })
        .collect();
    let reads = |tag: &str| {
        let locale = Locale::new(tag, "");
        let can = |record: &Record, i: usize, ty: &ColumnType| {
            let plain = record.plain.get(i).copied().unwrap_or(false);
            !plain && locale.parse(record.texts.get(i).unwrap_or_default(), ty).is_ok()
        };
        records.iter().map(|record| typed.iter().filter(|(i, ty)| can(record, *i, ty)).count()).sum::<usize>()
    };
    let mut best = (own, reads(own));
    for tag in LOCALES {
        let n = reads(tag);
        if n > best.1 {
            best = (tag, n);
        }
    }
    best.0.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn guess(bytes: &[u8], encoding: &str, delimiter: char) {
        assert_eq!(super::encoding(bytes), encoding);
        let format = ImportFormat { encoding: encoding.into(), ..ImportFormat::default() };
        assert_eq!(super::delimiter(bytes, true, &format), delimiter);
    }

    #[test]
    fn what_a_file_is_can_be_seen() {
        guess("Ort;Betrag\nKöln;1,5\nBonn;2".as_bytes(), "utf-8", ';');
        guess(b"\xef\xbb\xbfa,b\n1,2", "utf-8", ',');
        guess(b"Ort\tBetrag\nK\xf6ln\t1\nM\xfcnchen und so weiter\t2\n", "windows-1252", '\t');
        let utf16: Vec<u8> = "Ort|Betrag\nBonn|2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        guess(&utf16, "utf-16le", '|');
        let utf16: Vec<u8> = "\u{feff}Ort;Betrag\nBonn;2\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        guess(&utf16, "utf-16be", ';');
        assert_eq!(kind(b"PK\x03\x04\x14\0"), SheetKind::Xlsx);
        assert_eq!(kind(b"PK,SK\n1,2"), SheetKind::Csv);
        assert_eq!(super::encoding(&"ä".as_bytes()[..1]), "utf-8", "cut in a character");
    }

    fn target(name: &str, label: &str, ty: ColumnType) -> ImportTarget {
        ImportTarget { name: name.into(), label: label.into(), ty, required: false, writable: true, key: false }
    }

    #[test]
    fn columns_go_where_their_names_say_and_numbers_are_read_as_they_are_written() {
        let money = ColumnType::Decimal { scale: 2 };
        let targets = [
            target("order_id", "Order", ColumnType::Text),
            target("amount", "Amount (EUR)", money),
            target("due", "Due", ColumnType::Date),
        ];
        let text = "Order_ID;amount eur;DUE;Other\n7;1.234,50;31.12.2026;x\n8;2,00;01.02.2027;y\n";
        let format = ImportFormat { delimiter: Some(';'), encoding: "utf-8".into(), ..ImportFormat::default() };
        let records = sample(text.as_bytes(), true, &format);
        assert!(header(&records, &targets));
        let names: Vec<String> = records[0].texts.iter().map(str::to_owned).collect();
        let mapping = mapping(&names, true, &targets, &["order_id".to_owned()]);
        let expect = [Some("order_id"), Some("amount"), Some("due"), None].map(|name| name.map(str::to_owned));
        assert_eq!((mapping.columns.as_slice(), mapping.matched.as_slice()), (&expect[..], &["order_id".to_owned()][..]));
        assert_eq!(locale(&records[1..], &mapping, &targets, "en-US"), "de-DE");
        assert_eq!(locale(&records[1..1], &mapping, &targets, "fr-FR"), "fr-FR");
        assert!(!header(&sample(b"7;2017-01-01;3\n8;2017-01-02;4", true, &format), &targets));
    }
}
