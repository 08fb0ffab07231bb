//! How cells look by what is in them, as the author says: by rules, shades, bars and icons.

use std::collections::BTreeMap;

use model::{CellFormat, Look, Raw};

use super::row::escape;
use super::state::Row;

/// The formats of one table.
#[derive(Clone, Debug, Default)]
pub struct Formats {
    all: Vec<CellFormat>,
    /// The answer's columns that tell which rules hold.
    pub flags: Vec<String>,
}

/// What a format adds to a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dress {
    pub class: &'static str,
    /// CSS, behind what the cell has already.
    pub style: String,
    /// HTML, before the value.
    pub before: String,
}

impl Formats {
    #[must_use]
    pub fn new(all: &[CellFormat]) -> Self {
        let flag = |format: &CellFormat| if let CellFormat::Rule { flag, .. } = format { Some(flag.clone()) } else { None };
        Self { all: all.to_vec(), flags: all.iter().filter_map(flag).collect() }
    }

    /// How the cell of a column looks; `extents` as the warehouse tells them.
    #[must_use]
    pub fn dress(&self, column: &str, value: &Raw, row: &Row, extents: &BTreeMap<String, (f64, f64)>) -> Dress {
        let mut dress = Dress::default();
        let mut flags = row.flags.iter();
        for format in &self.all {
            match format {
                CellFormat::Rule { column: of, look, icon, .. } => {
                    let holds = flags.next() == Some(&true) && of.as_ref().is_none_or(|of| of == column);
                    if let Some(look) = look.filter(|_| holds) {
                        dress.class = class(look);
                    }
                    if let Some(icon) = icon.as_ref().filter(|_| holds && of.is_some()) {
                        dress.before = format!("<span class=\"grid-icon\" aria-hidden=\"true\">{}</span>", escape(icon));
                    }
                }
                CellFormat::Scale { column: of } if of == column => {
                    if let Some(part) = part(value, extents.get(column).copied()) {
                        dress.style = format!(";--part:{:.0}%", part * 100.0);
                        dress.class = " is-scaled";
                    }
                }
                CellFormat::Bar { column: of } if of == column => {
                    // A bar begins at nothing.
                    let ends = extents.get(column).map(|(min, max)| (min.min(0.0), max.max(0.0)));
                    if let (Some(part), Some(zero)) = (part(value, ends), part(&Raw::from(0), ends)) {
                        let (from, to) = (part.min(zero) * 100.0, part.max(zero) * 100.0);
                        dress.style = format!(";--from:{from:.1}%;--to:{to:.1}%");
                        dress.class = if part < zero { " is-bar is-below" } else { " is-bar" };
                    }
                }
                CellFormat::Scale { .. } | CellFormat::Bar { .. } => {}
            }
        }
        dress
    }
}

fn class(look: Look) -> &'static str {
    match look {
        Look::Good => " looks-good",
        Look::Warn => " looks-warn",
        Look::Bad => " looks-bad",
        Look::Quiet => " looks-quiet",
        Look::Strong => " looks-strong",
    }
}

/// How far a number is from the one end to the other, 0 to 1; `None` for what is no number, and where both ends are one.
fn part(value: &Raw, ends: Option<(f64, f64)>) -> Option<f64> {
    let (min, max) = ends.filter(|(min, max)| min < max)?;
    let number = value.as_f64().or_else(|| value.as_str()?.parse::<f64>().ok())?;
    Some(((number - min) / (max - min)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(flags: &[bool]) -> Row {
        Row { flags: flags.to_vec(), ..Row::default() }
    }

    #[test]
    fn rules_hold_for_their_column_or_for_the_row_and_the_last_one_wins() {
        let rule = |flag: &str, column: Option<&str>, look, icon: Option<&str>| CellFormat::Rule {
            flag: flag.into(),
            column: column.map(str::to_owned),
            look,
            icon: icon.map(str::to_owned),
        };
        let formats = Formats::new(&[
            rule("_format0", None, Some(Look::Quiet), None),
            rule("_format1", Some("amount"), Some(Look::Bad), Some("<")),
        ]);
        assert_eq!(formats.flags, ["_format0", "_format1"]);
        let dress = |column, flags: &[bool]| formats.dress(column, &Raw::Null, &row(flags), &BTreeMap::new());
        assert_eq!(dress("amount", &[false, false]), Dress::default());
        assert_eq!(dress("amount", &[true, true]).class, " looks-bad");
        assert!(dress("amount", &[true, true]).before.contains("&lt;"), "never markup");
        assert_eq!(dress("note", &[true, true]), Dress { class: " looks-quiet", ..Dress::default() });
        assert_eq!(dress("note", &[]), Dress::default());
    }

    #[test]
    fn bars_begin_at_nothing_and_shades_at_the_least() {
        let extents: BTreeMap<String, (f64, f64)> = [("a".to_owned(), (-50.0, 150.0)), ("b".to_owned(), (7.0, 7.0))].into();
        let of =
            |format: CellFormat, column: &str, value: Raw| Formats::new(&[format]).dress(column, &value, &row(&[]), &extents);
        let bar = |column: &str| CellFormat::Bar { column: column.into() };
        assert_eq!(of(bar("a"), "a", "100.00".into()).style, ";--from:25.0%;--to:75.0%");
        assert_eq!(
            of(bar("a"), "a", (-50).into()),
            Dress { class: " is-bar is-below", style: ";--from:0.0%;--to:25.0%".into(), before: String::new() }
        );
        assert_eq!(of(bar("a"), "a", Raw::Null), Dress::default());
        assert_eq!(of(CellFormat::Scale { column: "a".into() }, "a", 100.into()).style, ";--part:75%");
        assert_eq!(of(CellFormat::Scale { column: "b".into() }, "b", 7.into()), Dress::default());
    }
}
