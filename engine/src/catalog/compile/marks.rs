//! Which elements follow the marks of a chart or a pivot, and which columns of the rows under them people may look at.

use std::collections::HashSet;

use model::file;

use super::controls::has_rows;
use super::layout::Marked;
use super::{Compiler, below, beneath};
use crate::catalog::controls::{By, Filtered};
use crate::catalog::document::Step;
use crate::catalog::{Dataset, Element, Kind, Workbook};

impl Compiler<'_> {
    /// The rows under an element's marks as a table, if its author lets people look at them.
    pub(super) fn details(&mut self, at: &[Step], dataset: Option<Dataset<'_>>, file: &file::Element) -> Option<Kind> {
        let columns = match file.details()? {
            file::Details::All(false) => return None,
            file::Details::All(true) => None,
            file::Details::Columns(columns) => Some(columns.as_slice()),
        };
        let dataset = dataset?;
        let columns = self.column_list(&below(at, "details"), dataset, columns)?;
        Some(match dataset {
            Dataset::Input(_) => Kind::InputTable { columns, frozen: 0, totals: Vec::new() },
            Dataset::Source(_) => Kind::Table { columns, totals: Vec::new() },
        })
    }

    /// Tells each target of an element with marks, or if it names none those that show the same rows, that it follows them.
    pub(super) fn mark(
        &mut self,
        workbook: &mut Workbook,
        at: &[Step],
        Marked { id, targets }: &Marked,
        broken: &HashSet<String>,
    ) {
        let Some((page, element)) = workbook.pages.iter().find_map(|page| {
            let element = page.elements.iter().find(|element| element.id == *id)?;
            Some((page, element))
        }) else {
            return;
        };
        let Some(dataset) = workbook.dataset(&element.dataset) else { return };
        let marks = element.marks(dataset);
        let takes = |other: &Element| {
            let rows = workbook.dataset(&other.dataset).filter(|_| has_rows(&other.kind) && other.id != *id);
            rows.is_some_and(|rows| marks.iter().all(|way| way.dimensions.fit(rows)))
        };
        let mut found: Vec<String> = Vec::new();
        match targets {
            None => {
                let alike = page.elements.iter().filter(|other| root(workbook, other) == root(workbook, element));
                found.extend(alike.filter(|other| takes(other)).map(|other| other.id.clone()));
            }
            Some(targets) => {
                let targets_at = below(at, "targets");
                for (i, target) in targets.iter().enumerate() {
                    let at = beneath(&targets_at, i);
                    let named = match target {
                        file::ControlTarget::Element(id) if broken.contains(id) => continue,
                        file::ControlTarget::Element(id) => workbook.elements().filter(|other| other.id == *id).collect(),
                        file::ControlTarget::Described(file::DescribedTarget {
                            element: None,
                            source: Some(source),
                            column: None,
                        }) => workbook.elements().filter(|other| other.dataset == *source && takes(other)).collect::<Vec<_>>(),
                        file::ControlTarget::Described(_) => {
                            self.mistake(&at, "a target of marks is an element's id, or has `source`");
                            continue;
                        }
                    };
                    if named.is_empty() {
                        self.mistake(&at, "there is no element that could follow its marks");
                    }
                    for other in named {
                        if takes(other) {
                            found.push(other.id.clone());
                        } else {
                            self.mistake(&at, format!("`{}` has no columns to follow the marks of `{id}` by", other.id));
                        }
                    }
                }
            }
        }
        for element in workbook.pages.iter_mut().flat_map(|page| &mut page.elements).filter(|e| found.contains(&e.id)) {
            element.controls.push(Filtered { control: id.clone(), by: By::Marks(marks.clone()) });
        }
    }
}

/// The source that an element's rows are from, if they are from one.
fn root<'w>(workbook: &'w Workbook, element: &'w Element) -> &'w str {
    let source = workbook.dataset(&element.dataset).and_then(Dataset::source);
    source.map_or(element.dataset.as_str(), |source| source.name.as_str())
}
