//! Workbook files: loaded, checked whole, and only then served.
//!
//! [`document`](self) keeps where everything stands in a file, `shape` turns YAML into the file's types and tells every
//! mistake at once, `compile` checks names, types and expressions against the warehouse, `select` looks into a source's
//! SELECT, `view` cuts a workbook down to
//! what one person may see.

mod compile;
mod document;
mod draft;
mod keys;
mod select;
mod shape;
mod types;
mod view;
mod zone;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::warehouse::Warehouse;

pub use document::{Mistake, Severity};
pub use draft::draft;
pub use types::{
    Access, Body, ChartLook, Column, Computed, Dataset, Element, Gaps, Input, InputColumn, InputKind, Join, Kind, Kpi, Lookup,
    Measure, Policy, ReadOnly, Rule, Source, SystemColumn, Workbook,
};
pub use view::view_for;

/// Where workbook files come from; a folder now, a database for a visual builder later.
pub trait CatalogStore: Send + Sync + std::fmt::Debug {
    /// Name and text of every workbook file.
    ///
    /// # Errors
    /// If the store can't be read.
    fn files(&self) -> std::io::Result<Vec<(String, String)>>;
}

/// The `*.yaml` and `*.yml` files of one folder.
#[derive(Debug)]
pub struct Directory(pub PathBuf);

impl CatalogStore for Directory {
    fn files(&self) -> std::io::Result<Vec<(String, String)>> {
        let is_yaml = |path: &Path| path.extension().is_some_and(|e| e == "yaml" || e == "yml");
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&self.0)?.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>()?;
        paths.retain(|path| is_yaml(path));
        paths.sort();
        paths.into_iter().map(|path| Ok((path.display().to_string(), std::fs::read_to_string(&path)?))).collect()
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
            match compile::workbook(&name, &text, warehouse).await {
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
}
