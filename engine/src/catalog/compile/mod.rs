//! Checks a workbook's names, types and expressions against each other and against the warehouse.

mod chart;
mod controls;
mod datasets;
mod form;
mod images;
mod joins;
mod layout;
mod marks;
mod pages;
mod pivot;
mod text;

use std::collections::BTreeMap;

use model::{ColumnType, Zone, file};
use sha2::{Digest, Sha256};

use super::document::{Document, Mistake, Step, at};
use super::shape;
use super::{CatalogStore, Picture, Workbook, zone};
use crate::expr::{Expr, Parameter, Scope, Use, check, nearest};
use crate::sql::Dialect;
use crate::warehouse::Warehouse;

/// Reads and checks one file; warnings come with what is good.
///
/// # Errors
/// Every mistake found in it.
pub(super) async fn workbook(
    name: &str,
    text: &str,
    store: &dyn CatalogStore,
    warehouse: &dyn Warehouse,
) -> Result<(Workbook, Vec<Mistake>), Vec<Mistake>> {
    let mut doc = Document::parse(name, text).map_err(|mistake| vec![mistake])?;
    let mut mistakes = Vec::new();
    let json = doc.to_json();
    let Some(file) = shape::read::<file::Workbook>(&mut doc, &[], json, &mut mistakes) else {
        return Err(mistakes);
    };
    let (zone, fiscal_year_starts) = ("UTC".to_owned(), 1);
    let mut compiler = Compiler {
        doc,
        store,
        mistakes,
        warnings: Vec::new(),
        zone,
        fiscal_year_starts,
        broken: Vec::new(),
        parameters: Vec::new(),
        switches: Vec::new(),
        pictures: BTreeMap::new(),
        dialect: warehouse.dialect(),
        pages: Vec::new(),
        called: Vec::new(),
    };
    let compiled = compiler.workbook(&file, text, warehouse).await;
    if compiler.mistakes.is_empty() {
        return Ok((compiled, compiler.warnings));
    }
    compiler.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    compiler.mistakes.dedup();
    Err(compiler.mistakes)
}

struct Compiler<'a> {
    doc: Document<'a>,
    store: &'a dyn CatalogStore,
    mistakes: Vec<Mistake>,
    warnings: Vec<Mistake>,
    /// The workbook's, for expressions that count days.
    zone: String,
    fiscal_year_starts: u32,
    /// How joins and controls that are wrong themselves are named: that they are missing is not told again.
    broken: Vec<String>,
    /// What the names of controls stand for in measures and elements; of a switch, for the option that is looked at.
    parameters: Vec<(String, Parameter)>,
    switches: Vec<controls::Switch>,
    pictures: BTreeMap<String, Picture>,
    dialect: Dialect,
    /// Ids and titles of the workbook's pages.
    pages: Vec<(String, String)>,
    /// Procedures and functions of the warehouse that forms write through.
    called: Vec<form::Called>,
}

type ScopeColumns = Vec<(String, ColumnType)>;

impl Compiler<'_> {
    async fn workbook(&mut self, file: &file::Workbook, text: &str, warehouse: &dyn Warehouse) -> Workbook {
        self.identifier(&at!["workbook"], &file.workbook);
        let zone = self.zone(file.time_zone.as_deref());
        self.zone = zone.iana().to_owned();
        self.fiscal_year_starts = file.fiscal_year_starts.unwrap_or(1);
        if !(1..=12).contains(&self.fiscal_year_starts) {
            self.mistake(&at!["fiscal_year_starts"], "`fiscal_year_starts` is a month, 1 to 12");
            self.fiscal_year_starts = 1;
        }
        let mut workbook = Workbook {
            id: file.workbook.clone(),
            title: file.title.clone(),
            currency: file.currency.clone(),
            zone,
            fiscal_year_starts: self.fiscal_year_starts,
            sources: Vec::new(),
            inputs: Vec::new(),
            pages: Vec::new(),
            pictures: BTreeMap::new(),
            revision: String::new(),
        };
        self.declare(&file.pages);
        self.pages = file.pages.iter().map(|page| (layout::page_id(page), page.title.clone())).collect();
        for (name, source) in &file.sources {
            if let Some(source) = self.source(name, source, warehouse).await {
                workbook.sources.push(source);
            }
        }
        self.relate(&mut workbook.sources, file);
        for (name, input) in &file.input_tables {
            if file.sources.contains_key(name) {
                let at = at!["input_tables"];
                self.mistakes.push(self.doc.mistake_at_key(
                    &at,
                    name,
                    format!("`{name}` is a source already; they share one namespace"),
                ));
            }
            if let Some(input) = self.input(&workbook, name, input) {
                workbook.inputs.push(input);
            }
        }
        self.pages(&mut workbook, file);
        self.look_for_called(warehouse).await;
        workbook.pictures = std::mem::take(&mut self.pictures);
        let names = workbook.pictures.keys().fold(Sha256::new_with_prefix(text), |hash, name| hash.chain_update(name));
        workbook.revision = hex::encode(&names.finalize()[..8]);
        workbook
    }

    fn mistake(&mut self, at: &[Step], message: impl Into<String>) {
        self.mistakes.push(self.doc.mistake(at, message));
    }

    fn zone(&mut self, name: Option<&str>) -> Zone {
        let Some(name) = name else { return Zone::default() };
        zone::zone(name).unwrap_or_else(|| {
            self.unknown(&at!["time_zone"], "time zone", name, &zone::names());
            Zone::default()
        })
    }

    fn unknown<'n>(&mut self, at: &[Step], what: &str, name: &str, known: impl IntoIterator<Item = &'n String>) {
        let broken = ["sources", "input_tables"].iter().any(|list| self.doc.has(&at![*list, name]));
        if what.starts_with("source") && broken || self.is_of_broken(name) {
            // It is there, and what is wrong with it has been told.
            return;
        }
        let mut mistake = self.doc.mistake(at, format!("there is no {what} `{name}`"));
        mistake.hint = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        self.mistakes.push(mistake);
    }

    /// Whether a name or an expression has a column of a join that is wrong itself.
    fn is_of_broken(&self, text: &str) -> bool {
        self.broken.iter().any(|broken| text.contains(broken))
    }

    fn identifier(&mut self, at: &[Step], name: &str) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let good = name.chars().all(fits) && name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains("__");
        if !good || name.len() > 48 {
            self.mistake(at, format!("`{name}` is not an id: lower-case letters, digits and single underscores, at most 48"));
        }
    }

    /// One of policies, rules and computed columns, which hold for everybody whatever is chosen.
    fn expression(&mut self, at: &[Step], text: &str, columns: &[(String, ColumnType)], used: Use) -> Option<Expr> {
        let (zone, fiscal_year_starts) = (self.zone.clone(), self.fiscal_year_starts);
        let scope = Scope { columns, measures: &[], parameters: &[], used, zone: &zone, fiscal_year_starts };
        self.checked(at, text, &scope)
    }

    /// One of measures and elements, which may name controls.
    fn shown_expression(
        &mut self,
        at: &[Step],
        text: &str,
        columns: &[(String, ColumnType)],
        measures: &[(String, Expr)],
        used: Use,
    ) -> Option<Expr> {
        let (zone, fiscal_year_starts, parameters) = (self.zone.clone(), self.fiscal_year_starts, self.parameters.clone());
        let scope = Scope { columns, measures, parameters: &parameters, used, zone: &zone, fiscal_year_starts };
        self.checked(at, text, &scope)
    }

    fn checked(&mut self, at: &[Step], text: &str, scope: &Scope<'_>) -> Option<Expr> {
        match check(text, scope) {
            Ok(expr) => Some(expr),
            Err(_) if self.is_of_broken(text) => None,
            Err(error) => {
                self.mistakes.push(self.doc.expression_mistake(at, &error));
                None
            }
        }
    }

    fn condition(&mut self, at: &[Step], text: &str, columns: &[(String, ColumnType)], used: Use) -> Option<Expr> {
        let expr = self.expression(at, text, columns, used)?;
        self.true_or_not(at, expr)
    }

    /// A condition over the row in what elements show.
    fn shown_condition(&mut self, at: &[Step], text: &str, columns: &[(String, ColumnType)]) -> Option<Expr> {
        let expr = self.shown_expression(at, text, columns, &[], Use::Row)?;
        self.true_or_not(at, expr)
    }

    fn true_or_not(&mut self, at: &[Step], expr: Expr) -> Option<Expr> {
        if expr.ty == ColumnType::Boolean {
            return Some(expr);
        }
        self.mistake(at, format!("expected a condition, not {}", expr.ty.noun()));
        None
    }
}

fn below(at: &[Step], key: &str) -> Vec<Step> {
    at.iter().cloned().chain([Step::from(key)]).collect()
}

fn beneath(at: &[Step], i: usize) -> Vec<Step> {
    at.iter().cloned().chain([Step::from(i)]).collect()
}

/// `sub_category` as `Sub category`.
pub(super) fn humanize(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
