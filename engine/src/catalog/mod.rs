//! Workbook files: loaded, checked whole, and only then served.
//!
//! [`document`](self) keeps where everything stands in a file, `shape` turns YAML into the file's types and tells every
//! mistake at once, `compile` checks names, types and expressions against the warehouse, `select` looks into a source's
//! SELECT, `view` cuts a workbook down to
//! what one person may see.

mod compile;
mod controls;
mod document;
mod draft;
mod form;
mod keys;
mod kinds;
mod marks;
mod select;
mod shape;
mod types;
mod view;
mod zone;

use std::collections::BTreeMap;
use std::fs::{DirEntry, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::warehouse::Warehouse;

pub use controls::{By, Control, Filtered, Initial, Variant};
pub use document::{Mistake, Severity};
pub use draft::draft;
pub use form::{Form, Lines, Through};
pub use kinds::{Chart, ChartLook, Element, Gaps, Kind, Kpi, Pivot, PivotValue};
pub use marks::{Dimensions, MarksOf};
pub use types::{
    Access, Body, Column, Computed, Dataset, Input, InputColumn, InputKind, Join, Lookup, Measure, Page, Picture, Policy,
    ReadOnly, Rule, Source, SystemColumn, Workbook,
};
pub use view::{form_for, view_for};

/// Where workbook files come from; a folder now, a database for a visual builder later.
pub trait CatalogStore: Send + Sync + std::fmt::Debug {
    /// Name and text of every workbook file.
    ///
    /// # Errors
    /// If the store can't be read.
    fn files(&self) -> std::io::Result<Vec<(String, String)>>;

    /// A file beside them, as far as `most` bytes and one more.
    ///
    /// # Errors
    /// If there is none, or it can't be read.
    fn beside(&self, name: &str, most: usize) -> std::io::Result<Vec<u8>>;
}

/// In bytes.
pub const MOST_PICTURE: usize = 512 * 1024;

const WORKBOOKS: &[&str] = &["yaml", "yml"];
/// Endings that pictures and first rows usually have; what a file is its content says.
const BESIDE: &[&str] = &["png", "jpg", "jpeg", "gif", "webp", "svg", "csv"];

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.contains(&ending))
}

/// The `*.yaml` and `*.yml` files of one folder.
#[derive(Debug)]
pub struct Directory(pub PathBuf);

impl CatalogStore for Directory {
    fn files(&self) -> std::io::Result<Vec<(String, String)>> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&self.0)?.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>()?;
        paths.retain(|path| has_ending(path, WORKBOOKS));
        paths.sort();
        paths.into_iter().map(|path| Ok((path.display().to_string(), std::fs::read_to_string(&path)?))).collect()
    }

    fn beside(&self, name: &str, most: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.0.join(name))?.take(most as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Directory {
    /// When which of its workbooks and the files beside them was changed last; another answer than before says that something has changed.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn stamps(&self) -> std::io::Result<Vec<(PathBuf, SystemTime, u64)>> {
        let stamp = |entry: std::io::Result<DirEntry>| {
            let entry =
                entry.ok().filter(|entry| [WORKBOOKS, BESIDE].iter().any(|endings| has_ending(&entry.path(), endings)))?;
            // It may be gone by now.
            let about = entry.metadata().ok()?;
            Some((entry.path(), about.modified().ok()?, about.len()))
        };
        let mut stamps: Vec<_> = std::fs::read_dir(&self.0)?.filter_map(stamp).collect();
        stamps.sort();
        Ok(stamps)
    }
}

/// All workbooks of a server, checked.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub workbooks: BTreeMap<String, Arc<Workbook>>,
    /// What works, but not as well as its author may think.
    pub warnings: Vec<Mistake>,
}

impl Catalog {
    /// Loads and checks every file against the warehouse that holds its tables.
    ///
    /// # Errors
    /// All mistakes of all files; nothing is served from a catalog with a mistake.
    pub async fn load(store: &dyn CatalogStore, warehouse: &dyn Warehouse) -> Result<Self, Vec<Mistake>> {
        let files = store.files().map_err(|error| vec![Mistake::of_store(&error)])?;
        let mut catalog = Self::default();
        let mut mistakes = Vec::new();
        for (name, text) in files {
            match compile::workbook(&name, &text, store, warehouse).await {
                Ok((workbook, _)) if catalog.workbooks.contains_key(&workbook.id) => {
                    mistakes.push(Mistake::plain(&name, format!("workbook `{}` is defined in another file too", workbook.id)));
                }
                Ok((workbook, warnings)) => {
                    catalog.warnings.extend(warnings);
                    catalog.workbooks.insert(workbook.id.clone(), Arc::new(workbook));
                }
                Err(found) => mistakes.extend(found),
            }
        }
        if mistakes.is_empty() { Ok(catalog) } else { Err(mistakes) }
    }

    /// A picture of any workbook, by the name that it is served under.
    #[must_use]
    pub fn picture(&self, name: &str) -> Option<&Picture> {
        self.workbooks.values().find_map(|workbook| workbook.pictures.get(name))
    }
}
