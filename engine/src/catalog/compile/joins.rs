//! Sources that a row points at: how each finds one row at most, and what may be measured over them.

use model::file;

use super::{Compiler, humanize};
use crate::catalog::document::{Step, at};
use crate::catalog::{Column, Dataset, Join, Source};
use crate::expr::{Aggregate, Expr, Node};

/// What PostgreSQL takes of a name, in bytes.
const LONGEST_NAME: usize = 63;

impl Compiler<'_> {
    /// What sources know of each other: their joins, and then their measures, which may use them.
    pub(super) fn relate(&mut self, sources: &mut [Source], file: &file::Workbook) {
        let alone = sources.to_vec();
        for source in sources {
            let Some(described) = file.sources.get(&source.name) else { continue };
            for (name, join) in &described.joins {
                match self.join(&alone, source, name, join) {
                    Some(join) => source.joins.push(join),
                    None => self.broken.push(format!("{name}.")),
                }
            }
            if source.joins.len() > Join::MOST {
                self.mistake(&at!["sources", &source.name, "joins"], format!("a source has {} joins at most", Join::MOST));
            }
            let at = at!["sources", &source.name, "measures"];
            source.measures = self.measures(&at, &described.measures, Dataset::Source(source));
        }
    }

    fn join(&mut self, sources: &[Source], source: &Source, name: &str, file: &file::Join) -> Option<Join> {
        let at = at!["sources", &source.name, "joins", name];
        self.identifier(&at, name);
        let Some(other) = sources.iter().find(|other| other.name == file.source) else {
            let at = at!["sources", &source.name, "joins", name, "source"];
            self.unknown(&at, "source", &file.source, sources.iter().map(|other| &other.name));
            return None;
        };
        let mut on = Vec::new();
        for (own, theirs) in &file.on {
            let at = at!["sources", &source.name, "joins", name, "on", own];
            let (Some(own), Some(theirs)) = (self.column_of(&at, source, own), self.column_of(&at, other, theirs)) else {
                return None;
            };
            if own.ty != theirs.ty && !(own.ty.is_text() && theirs.ty.is_text()) {
                let (own, theirs) = (own.ty.noun(), theirs.ty.noun());
                self.mistake(&at, format!("these are never equal: {own} here, {theirs} there"));
            }
            on.push((own.name.clone(), theirs.name.clone()));
        }
        if other.key.is_empty() || !other.key.iter().all(|key| on.iter().any(|(_, theirs)| theirs == key)) {
            let key = other.key.join(", ");
            self.mistake(
                &at,
                match other.key.is_empty() {
                    true => format!("`{}` needs a `key`, so that a row finds one row of it at most", other.name),
                    false => format!(
                        "`on` needs the whole key of `{}` ({key}): a row that found several would be counted several times; \
                         the join may go the other way round",
                        other.name
                    ),
                },
            );
            return None;
        }
        let mut columns = Vec::new();
        for theirs in &other.columns {
            let full = format!("{name}.{}", theirs.name);
            if full.len() > LONGEST_NAME || source.column(&full).is_some() {
                self.mistake(
                    &at,
                    format!("`{full}` is too long, or a column of `{}` already; call the join otherwise", source.name),
                );
                return None;
            }
            let taken = |label: &str| Dataset::Source(source).readable().iter().any(|column| column.label == label);
            let label = match taken(&theirs.label) {
                true => format!("{}: {}", humanize(name), theirs.label),
                false => theirs.label.clone(),
            };
            columns.push(Column { name: full, label, ..theirs.clone() });
        }
        let once = source.unique && source.key.iter().all(|key| on.iter().any(|(own, _)| own == key));
        Some(Join { source: other.clone(), on, columns, once })
    }

    fn column_of<'s>(&mut self, at: &[Step], source: &'s Source, name: &str) -> Option<&'s Column> {
        let found = source.column(name);
        if found.is_none() {
            let what = format!("column of `{}`", source.name);
            self.unknown(at, &what, name, source.columns.iter().map(|column| &column.name));
        }
        found
    }

    /// A joined column whose values an aggregate would take once for each row that points at them.
    pub(super) fn counted_often<'e>(&self, expr: &'e Expr, of: Dataset<'_>) -> Option<&'e str> {
        let often = |name: &str| of.joins().iter().any(|join| join.has(name) && !join.once);
        let mut found = None;
        expr.walk(&mut |part| {
            let Node::Aggregate(kind, Some(of)) = &part.node else { return };
            if matches!(kind, Aggregate::Min | Aggregate::Max | Aggregate::CountDistinct) {
                return;
            }
            let values = of.value_columns();
            if values.iter().all(|name| often(name)) {
                found = found.or(values.first().copied());
            }
        });
        found
    }
}
