//! Reads a block as a cross-tab: values of one key column along its first row, of others down its first columns, and between
//! them what belongs into the active column of the row that has these keys.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use leptos::prelude::*;
use model::{Locale, MOST_EACH, Origin, Raw};
use words::Message;

use super::geometry::Cell;
use super::load::Loaded;
use super::paste::{Asked, Block};
use super::plan::Proposal;
use super::state::GridState;

/// The values of one key column, by how they are written.
struct Keys {
    col: usize,
    by_text: HashMap<String, String>,
    /// As JSON text.
    known: BTreeMap<String, Raw>,
}

impl Keys {
    fn of(state: GridState, rows: &Loaded, col: usize) -> Self {
        let mut keys = Self { col, by_text: HashMap::new(), known: BTreeMap::new() };
        let Some(column) = state.column(col) else { return keys };
        for (_, row) in rows.iter() {
            let raw = &row.cells[col];
            let text = state.store.show(raw, &column);
            keys.by_text.insert(text.trim().to_lowercase(), raw.to_string());
            keys.known.insert(raw.to_string(), raw.clone());
        }
        keys
    }

    fn find(&self, state: GridState, reading: &Locale, text: &str) -> Option<String> {
        let text = text.trim();
        let read = || {
            let raw = state.column(self.col).and_then(|column| reading.parse(text, &column.ty).ok())?.to_string();
            self.known.contains_key(&raw).then_some(raw)
        };
        self.by_text.get(&text.to_lowercase()).cloned().or_else(read)
    }
}

/// Which key column runs along the first row, and which ones go down the first columns.
struct Edges<'k> {
    along: &'k Keys,
    down: Vec<&'k Keys>,
}

/// Whether most of these texts, and at least one, are values of a key column.
fn fits<'t>(find: impl Fn(&str) -> bool, texts: impl Iterator<Item = &'t String>) -> bool {
    let (mut all, mut found) = (0, 0);
    for text in texts {
        all += 1;
        found += usize::from(find(text));
    }
    found > 0 && 2 * found >= all
}

impl GridState {
    /// The columns by which a row is known, as far as they are shown.
    pub fn key_columns(self) -> Vec<usize> {
        let key = self.key.get_value();
        self.columns.with_value(|columns| {
            let is_key = |(_, column): &(usize, &model::ColumnView)| key.contains(&column.name);
            columns.iter().enumerate().filter(is_key).map(|(col, _)| col).collect()
        })
    }

    /// Whether it is worth looking: a block with a first row that can't be meant for the active column.
    pub fn may_be_crosstab(self, block: &[Vec<String>]) -> bool {
        let few = self.rows.with_untracked(|rows| rows.counted && rows.total <= MOST_EACH as u64);
        let Some(target) = untrack(|| self.active()).and_then(|at| self.column(at.col)) else { return false };
        let (Some([corner, .., last]), 2..) = (block.first().map(Vec::as_slice), block.len()) else { return false };
        let header = if target.ty.is_text() {
            corner.trim().is_empty()
        } else {
            self.store.locale.with_value(|locale| locale.parse(last, &target.ty).is_err())
        };
        few && header && target.editable && self.key_columns().len() >= 2
    }

    /// Plans a block by the keys at its edges; if they are none, as it lies.
    pub fn plan_crosstab(self, text: Arc<str>, asked: Asked, block: Vec<Vec<String>>) {
        let total = self.rows.with_untracked(|rows| rows.total);
        let (Some(at), 1..) = (untrack(|| self.active()), total) else { return };
        let whole = |col: usize| (Cell { row: 0, col }, Cell { row: total - 1, col });
        let all = self.key_columns().into_iter().chain([at.col]).map(whole).collect();
        self.with_rows(all, move |state, rows| {
            let own = state.store.locale.get_value();
            let keys: Vec<Keys> = state.key_columns().into_iter().map(|col| Keys::of(state, &rows, col)).collect();
            let reading = asked.notation.map_or_else(|| own.clone(), |notation| own.reading(notation));
            let Some(edges) = state.edges(&reading, &keys, &block) else {
                return state.plan_block(text, asked, block, false);
            };
            let (texts, astray) = state.place(&reading, &edges, &rows, &block, at.col);
            let notation = asked.notation.unwrap_or_else(|| state.notation_of(&own, &texts));
            let plan = state.read_by(&own.reading(notation), &rows, texts);
            let usual = notation == own.notation();
            let block = Block { text, separator: asked.separator, notation, usual, crosstab: Some(true) };
            state.suggest(Proposal::new(Origin::Paste, Some(block), plan, Arc::new(rows), astray));
        });
    }

    fn edges<'k>(self, reading: &Locale, keys: &'k [Keys], block: &[Vec<String>]) -> Option<Edges<'k>> {
        let is = |keys: &Keys, text: &str| keys.find(self, reading, text).is_some();
        let width = block.first()?.len();
        (1..keys.len().min(width)).find_map(|labels| {
            let along = keys.iter().find(|keys| fits(|text| is(keys, text), block[0][labels..].iter()))?;
            let mut down: Vec<&Keys> = Vec::new();
            for col in 0..labels {
                let free = |keys: &&Keys| keys.col != along.col && down.iter().all(|used| used.col != keys.col);
                let texts = || block[1..].iter().filter_map(|row| row.get(col));
                down.push(keys.iter().filter(free).find(|keys| fits(|text| is(keys, text), texts()))?);
            }
            Some(Edges { along, down })
        })
    }

    /// Where each text goes, and what finds no row, or more than one.
    fn place(
        self,
        reading: &Locale,
        edges: &Edges<'_>,
        rows: &Loaded,
        block: &[Vec<String>],
        target: usize,
    ) -> (Vec<(Cell, String)>, Vec<Message>) {
        let cols: Vec<usize> = edges.down.iter().chain([&edges.along]).map(|keys| keys.col).collect();
        let mut by_key: HashMap<Vec<String>, Vec<u64>> = HashMap::new();
        for (number, row) in rows.iter() {
            by_key.entry(cols.iter().map(|col| row.cells[*col].to_string()).collect()).or_default().push(number);
        }
        let (mut texts, mut astray) = (BTreeMap::new(), Vec::new());
        let labels = edges.down.len();
        for line in &block[1..] {
            for (col, text) in line.iter().enumerate().skip(labels) {
                let Some(header) = block[0].get(col) else { continue };
                let parts = line[..labels].iter().zip(&edges.down).chain([(header, &edges.along)]);
                let key: Option<Vec<String>> = parts.map(|(text, keys)| keys.find(self, reading, text)).collect();
                let name = || format!("{} · {header}", line[..labels].join(" · "));
                match key.and_then(|key| by_key.get(&key)).map_or(&[][..], Vec::as_slice) {
                    [row] => drop(texts.insert(Cell { row: *row, col: target }, text.clone())),
                    [] if text.trim().is_empty() => {}
                    [] => astray.push(words::fits_no_row(name())),
                    many => astray.push(words::fits_rows(name(), many.len())),
                }
            }
        }
        (texts.into_iter().collect(), astray)
    }
}
