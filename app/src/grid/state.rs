//! What a grid knows: its columns, the rows it has, what is selected, what is being typed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use leptos::prelude::*;
use model::{
    ApiError, CellEdit, ColumnView, Edit, ElementKind, ElementView, FileRef, FileRequest, Filter, Group, Origin, Place, Raw,
    Sort, Total,
};
use words::Message;

use super::fill::Filling;
use super::formats::Formats;
use super::geometry::{Cell, NUMBER_PX, OVERSCAN, ROW_PX, Track, Viewport, width};
use super::groups::Lines;
use super::layout::author;
use super::load::{Loaded, Progress};
use super::plan::Proposal;
use super::pointer::Drag;
use super::record::Part;
use super::row::open_title;
use super::selection::{Bounds, Selection};
use super::window::BLOCK;
use crate::client::{CellId, Latest, Mark, Store, random_id};
use crate::editors::checked;

/// One row as the grid needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub key: Vec<Raw>,
    /// The key as JSON text: the row's part of a cell's address.
    pub key_text: String,
    /// In the order of the grid's columns.
    pub cells: Vec<Raw>,
    pub read_only: Option<Message>,
    /// Of the input row; 0 if nobody has typed into it yet.
    pub version: i64,
    /// Threads about it that are open.
    pub threads: u64,
    /// What became of the conditions that formats have, in the order of [`Formats::flags`].
    pub flags: Vec<bool>,
    /// What it is called as long as the warehouse has not got it.
    pub draft: Option<String>,
}

impl Row {
    /// A row of blanks to type into.
    #[must_use]
    pub fn blank(columns: usize) -> Self {
        let name = random_id();
        let key = vec![Raw::from(name.as_str())];
        let key_text = serde_json::to_string(&key).unwrap_or_default();
        Self {
            key,
            key_text,
            cells: vec![Raw::Null; columns],
            read_only: None,
            version: 0,
            threads: 0,
            flags: Vec::new(),
            draft: Some(name),
        }
    }
}

/// Windows of rows by their number, and how many rows there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub blocks: HashMap<u64, Arc<Vec<Row>>>,
    /// How many rows there are, or as many as are known of until they are counted.
    pub total: u64,
    pub counted: bool,
    /// Rows of a long table from which others are asked for.
    pub places: Arc<[Place]>,
    /// Rows under those of the warehouse that are being added, the last one blank; none where no row can be added.
    pub drafts: Vec<Row>,
    /// What stands under the columns.
    pub totals: Vec<Total>,
    /// Between what the numbers of some columns are.
    pub extents: BTreeMap<String, (f64, f64)>,
    /// What is shown is of the question before, until something of the new one is known.
    pub starting_over: bool,
    /// Whether anything was ever loaded.
    pub loaded: bool,
    pub error: Option<ApiError>,
}

impl Rows {
    /// Lets go of what is of the question before; true if there was any.
    pub fn start_over(&mut self) -> bool {
        let starts = std::mem::take(&mut self.starting_over);
        if starts {
            self.blocks.clear();
            self.totals.clear();
            self.extents.clear();
            (self.total, self.counted) = (0, false);
        }
        starts
    }

    #[must_use]
    pub fn get(&self, row: u64) -> Option<&Row> {
        match row.checked_sub(self.total) {
            Some(below) => self.drafts.get(usize::try_from(below).ok()?).filter(|_| self.counted),
            None => self.blocks.get(&(row / BLOCK))?.get((row % BLOCK) as usize),
        }
    }

    /// Whether this is the row in which another can be begun.
    #[must_use]
    pub fn is_blank(&self, row: u64) -> bool {
        self.counted && !self.drafts.is_empty() && row + 1 == self.count()
    }

    /// The number of the first row that fits, of those that are here.
    #[must_use]
    pub fn find(&self, fits: impl Fn(&Row) -> bool) -> Option<u64> {
        let in_block = |(window, block): (&u64, &Arc<Vec<Row>>)| Some(window * BLOCK + block.iter().position(&fits)? as u64);
        let stored = self.blocks.iter().filter_map(in_block).filter(|row| *row < self.total).min();
        stored.or_else(|| Some(self.total + self.drafts.iter().position(&fits)? as u64).filter(|_| self.counted))
    }

    /// Puts values into the cells of a row, if it is here; `columns` are the names of the cells.
    pub fn put(&mut self, key_text: &str, columns: &[String], values: &[(&String, &Raw)]) {
        for block in self.blocks.values_mut() {
            let Some(i) = block.iter().position(|row| row.key_text == key_text) else { continue };
            let row = &mut Arc::make_mut(block)[i];
            for (cell, name) in row.cells.iter_mut().zip(columns) {
                if let Some((_, value)) = values.iter().find(|(changed, _)| *changed == name) {
                    *cell = (*value).clone();
                }
            }
        }
    }

    /// How many rows the grid has, those included that are being added.
    #[must_use]
    pub fn count(&self) -> u64 {
        if self.counted { self.total + self.drafts.len() as u64 } else { self.total }
    }
}

/// Text being typed into a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Editing {
    pub cell: Cell,
    pub text: String,
    /// Whether the text is what was typed, instead of what is there.
    pub typed: bool,
    /// The row as the person saw it when he began: it may be elsewhere by now, or hold something else.
    pub row: Row,
}

/// A grid's state; a handle, cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct GridState {
    pub store: Store,
    /// How often the person has asked for all of it again.
    pub retries: RwSignal<i64>,
    pub element: StoredValue<ElementView>,
    /// The input table that edits go to; `None` for a table that is only read.
    pub table: StoredValue<Option<String>>,
    /// The input table that files are asked of.
    files: StoredValue<Option<String>>,
    pub key: StoredValue<Vec<String>>,
    pub columns: StoredValue<Vec<ColumnView>>,
    pub widths: StoredValue<Vec<f64>>,
    /// What the sign at a row's number does, as HTML: the same for all rows.
    pub open_title: StoredValue<String>,
    /// How high a row is, in CSS pixels.
    pub row_px: RwSignal<f64>,
    /// The width of the row numbers, in CSS pixels.
    pub number_px: RwSignal<f64>,
    /// How many of the columns are shown (the hidden ones are behind them), and how many of those stay in sight.
    pub arranged: StoredValue<(usize, usize)>,
    /// The columns as their author has arranged them.
    pub author: StoredValue<(Vec<String>, usize)>,
    /// Counts changes of the arrangement, so that they are drawn; and changes of widths alone.
    pub layout: RwSignal<u32>,
    pub sizes: RwSignal<u32>,
    /// How cells look by what is in them.
    pub formats: StoredValue<Formats>,
    /// Whether the person may add rows and delete some.
    pub adds: bool,
    /// The mark of the element whose rows they are.
    pub under: StoredValue<Option<model::Mark>>,
    pub rows: RwSignal<Rows>,
    pub viewport: RwSignal<Viewport>,
    /// Rows drawn beyond what is in sight; none while whole screens fly by.
    pub overscan: RwSignal<u64>,
    /// Pixels of rows above what the scroll bar reaches, in a table too long for it.
    pub skipped: RwSignal<f64>,
    pub selection: RwSignal<Selection>,
    pub editing: RwSignal<Option<Editing>>,
    pub sort: RwSignal<Vec<Sort>>,
    /// Columns that rows are grouped by, the outermost first, and the values of the groups that are closed.
    pub group_by: RwSignal<Vec<String>>,
    pub closed: RwSignal<Vec<Vec<Raw>>>,
    /// The groups as they were counted last.
    pub groups: StoredValue<Vec<Group>>,
    pub lines: RwSignal<Lines>,
    /// The head that is to take the keyboard as soon as it is drawn, by its place.
    pub at_head: RwSignal<Option<usize>>,
    /// By column; all of them narrow the rows.
    pub filters: RwSignal<BTreeMap<String, Vec<Filter>>>,
    /// Whether the person is asked for a row to go to, or for a text to look for, or looks up keys.
    pub going: RwSignal<bool>,
    pub finding: RwSignal<bool>,
    pub helping: RwSignal<bool>,
    /// What a gesture could not do, until the next one.
    pub notice: RwSignal<Option<Message>>,
    /// Of rows that a gesture waits for.
    pub progress: RwSignal<Option<Progress>>,
    pub drag: RwSignal<Option<Drag>>,
    pub filling: RwSignal<Option<Filling>>,
    /// The column that is dragged, and the one whose place it would take.
    pub moving: RwSignal<Option<(usize, usize)>>,
    /// The yes or no that the last press was on.
    pub checking: StoredValue<Option<Cell>>,
    /// Whether the last press was on the selection's corner.
    pub corner: StoredValue<bool>,
    /// Edits that wait for the person's word.
    pub proposal: RwSignal<Option<Proposal>>,
    /// The column that is to be set in all rows.
    pub setting: RwSignal<Option<usize>>,
    /// The column whose menu is open.
    pub menu: RwSignal<Option<usize>>,
    /// What is being typed into the row that is shown beside the grid.
    pub beside: RwSignal<Option<Editing>>,
    /// Names of colleagues by the cells that they type into.
    pub typists: RwSignal<HashMap<CellId, String>>,
    /// What is shown of the active row beside the grid.
    pub record: RwSignal<Option<Part>>,
    /// The column whose filter is open.
    pub filtering: RwSignal<Option<usize>>,
    pub scroller: NodeRef<leptos::html::Div>,
    /// Counts scroll events, so that their end can be told.
    pub scrolls: Latest,
}

impl GridState {
    #[must_use]
    pub fn new(
        store: Store,
        element: ElementView,
        // That edits go to, and that files are asked of.
        (table, files): (Option<String>, Option<String>),
        key: Vec<String>,
        columns: Vec<ColumnView>,
        frozen: usize,
        under: Option<model::Mark>,
    ) -> Self {
        let adds = matches!(&element.kind, ElementKind::InputTable(table) if table.adds);
        let group = element.group.clone();
        Self {
            store,
            retries: RwSignal::new(0),
            adds,
            formats: StoredValue::new(Formats::new(&element.formats)),
            under: StoredValue::new(under),
            element: StoredValue::new(element),
            files: StoredValue::new(files.or(table.clone())),
            table: StoredValue::new(table),
            key: StoredValue::new(key),
            widths: StoredValue::new(columns.iter().map(width).collect()),
            open_title: StoredValue::new(open_title(store)),
            row_px: RwSignal::new(ROW_PX),
            number_px: RwSignal::new(NUMBER_PX),
            arranged: StoredValue::new((columns.len(), frozen)),
            author: StoredValue::new(author(&columns, frozen)),
            columns: StoredValue::new(columns),
            layout: RwSignal::default(),
            sizes: RwSignal::default(),
            rows: RwSignal::default(),
            viewport: RwSignal::default(),
            overscan: RwSignal::new(OVERSCAN),
            skipped: RwSignal::default(),
            selection: RwSignal::default(),
            editing: RwSignal::default(),
            sort: RwSignal::default(),
            group_by: RwSignal::new(group),
            closed: RwSignal::default(),
            groups: StoredValue::default(),
            lines: RwSignal::default(),
            at_head: RwSignal::default(),
            filters: RwSignal::default(),
            going: RwSignal::default(),
            finding: RwSignal::default(),
            helping: RwSignal::default(),
            notice: RwSignal::default(),
            progress: RwSignal::default(),
            drag: RwSignal::default(),
            filling: RwSignal::default(),
            moving: RwSignal::default(),
            corner: StoredValue::default(),
            checking: StoredValue::default(),
            proposal: RwSignal::default(),
            setting: RwSignal::default(),
            menu: RwSignal::default(),
            beside: RwSignal::default(),
            typists: RwSignal::default(),
            record: RwSignal::default(),
            filtering: RwSignal::default(),
            scroller: NodeRef::new(),
            scrolls: Latest::default(),
        }
    }

    #[must_use]
    pub fn column(self, col: usize) -> Option<ColumnView> {
        self.columns.with_value(|columns| columns.get(col).cloned())
    }

    /// How many columns are shown.
    #[must_use]
    pub fn column_count(self) -> usize {
        self.arranged.with_value(|(shown, _)| *shown)
    }

    /// The cell's address in the outbox, if it belongs to an input table and its row is loaded.
    #[must_use]
    pub fn id(self, cell: Cell) -> Option<CellId> {
        self.rows.with(|rows| self.id_in(rows.get(cell.row)?, cell.col))
    }

    fn id_in(self, row: &Row, col: usize) -> Option<CellId> {
        let table = self.table.get_value()?;
        let column = self.columns.with_value(|columns| columns.get(col).map(|column| column.name.clone()))?;
        Some(CellId { table, key: row.key_text.clone(), column })
    }

    /// What became of what was typed into a cell, tracked. Most often there are no marks at all, and no address is made.
    #[must_use]
    pub fn mark(self, row: &Row, col: usize) -> Option<Mark> {
        self.store.outbox.marks.with(|marks| if marks.is_empty() { None } else { marks.get(&self.id_in(row, col)?).cloned() })
    }

    /// Who types into a cell, tracked; most often nobody does.
    #[must_use]
    pub fn typist(self, row: &Row, col: usize) -> Option<String> {
        self.typists.with(|typists| if typists.is_empty() { None } else { typists.get(&self.id_in(row, col)?).cloned() })
    }

    /// What a person sees in a cell: what he typed while it is on its way, else what the warehouse said.
    #[must_use]
    pub fn shown(self, cell: Cell) -> Option<Raw> {
        self.rows.with(|rows| rows.get(cell.row).map(|row| self.shown_in(row, cell.col)))
    }

    /// The same of a row that may be out of sight.
    #[must_use]
    pub fn shown_in(self, row: &Row, col: usize) -> Raw {
        match self.mark(row, col) {
            Some(Mark::Pending { value } | Mark::Conflict { value, .. }) => value,
            _ => row.cells.get(col).cloned().unwrap_or(Raw::Null),
        }
    }

    /// Why this cell can't be typed into, if it can't.
    #[must_use]
    pub fn locked(self, cell: Cell) -> Option<Message> {
        let still_loading = || Some(words::row_loading());
        self.rows.with_untracked(|rows| rows.get(cell.row).map_or_else(still_loading, |row| self.locked_in(row, cell.col)))
    }

    #[must_use]
    pub fn locked_in(self, row: &Row, col: usize) -> Option<Message> {
        self.columns.with_value(|columns| {
            let column = columns.get(col)?;
            let never = !column.editable || self.table.with_value(Option::is_none);
            if never { Some(words::column_locked(&column.label)) } else { row.read_only.clone() }
        })
    }

    /// The file that a row has in a column, and how it is asked for.
    #[must_use]
    pub fn file(self, row: &Row, col: usize) -> Option<(FileRequest, String)> {
        let column = self.column(col).filter(|column| column.file.is_some())?;
        let table = self.files.get_value().filter(|_| row.draft.is_none())?;
        let file = FileRef::of(row.cells.get(col)?)?;
        let workbook = self.store.view.with_value(|view| view.id.clone());
        Some((FileRequest { workbook, table, key: row.key.clone(), column: column.name }, file.name))
    }

    /// Whether a cell can be typed into.
    #[must_use]
    pub fn is_open(self, rows: &Loaded, cell: Cell) -> bool {
        rows.get(cell.row).is_some_and(|row| self.locked_in(row, cell.col).is_none())
    }

    /// The cell that is typed into, tracked.
    #[must_use]
    pub fn active(self) -> Option<Cell> {
        self.selection.with(Selection::active)
    }

    /// How many rows and columns there are, tracked.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        Bounds { rows: self.rows.with(Rows::count), cols: self.column_count() }
    }

    /// Pixels at the start of each row that do not scroll: its number and the frozen columns.
    #[must_use]
    pub fn fixed_px(self) -> f64 {
        self.px_before(self.frozen())
    }

    /// Pixels of a row before this column, where nothing is scrolled.
    #[must_use]
    pub fn px_before(self, col: usize) -> f64 {
        self.number_px.get_untracked() + self.widths.with_value(|widths| widths[..col].iter().sum::<f64>())
    }

    /// A sentence in this person's language.
    #[must_use]
    pub fn say(self, message: Message) -> String {
        self.store.say(message)
    }

    /// Says what a gesture could not do: below the grid, and to whoever does not see it.
    pub fn tell(self, words: Message) {
        // The grid may be gone by the time an answer comes.
        if self.notice.try_set(Some(words.clone())).is_none() {
            self.store.announce(words);
        }
    }

    /// Takes typed texts as edits of cells that are in sight: what reads well goes out as one batch, what does not is marked.
    pub fn type_into(self, texts: impl IntoIterator<Item = (Cell, String)>, origin: Origin) {
        let texts: Vec<(Cell, String)> = texts.into_iter().collect();
        let place = texts.iter().map(|(cell, _)| (*cell, *cell)).collect();
        self.with_rows(place, move |state, rows| state.type_rows(&rows, texts, origin));
    }

    /// The same for rows that may be out of sight.
    pub fn type_rows(self, rows: &Loaded, texts: impl IntoIterator<Item = (Cell, String)>, origin: Origin) {
        let mut typed = Typed::default();
        self.notice.set(None);
        // Row by row, and each cell once, however ranges overlap.
        for (cell, text) in texts.into_iter().collect::<BTreeMap<Cell, String>>() {
            match rows.get(cell.row).filter(|row| self.locked_in(row, cell.col).is_none()) {
                Some(row) => self.read(&mut typed, row, cell.col, text),
                None => typed.left_out += 1,
            }
        }
        self.submit(typed, origin);
    }

    /// Takes the text of the cell that was being edited.
    pub fn take(self, editing: &Editing, text: String) {
        let mut typed = Typed::default();
        let format = self.column(editing.cell.col).and_then(|column| column.format);
        let text = self.store.locale.with_value(|locale| locale.as_typed(&text, format));
        self.read(&mut typed, &editing.row, editing.cell.col, text);
        self.submit(typed, Origin::Grid);
    }

    fn read(self, typed: &mut Typed, row: &Row, col: usize, text: String) {
        let (Some(column), Some(id)) = (self.column(col), self.id_in(row, col)) else {
            return;
        };
        match checked(&column, self.store.locale.with_value(|locale| locale.parse(&text, &column.ty))) {
            Ok(value) if row.draft.is_some() => {
                self.store.outbox.discard(&id);
                let name = row.draft.as_deref().unwrap_or_default();
                self.store.outbox.draft(&id.table, name, Some((&id.column, value)));
                self.show_drafts();
            }
            Ok(value) => {
                if !self.propose(&mut typed.edits, row, col, value) {
                    self.store.outbox.discard(&id);
                }
            }
            Err(message) => {
                self.store.announce(message.clone());
                if let Some(name) = &row.draft {
                    self.store.outbox.draft(&id.table, name, None);
                    self.show_drafts();
                }
                self.store.outbox.reject_locally(id, text, message);
            }
        }
    }

    fn submit(self, typed: Typed, origin: Origin) {
        if typed.left_out > 0 {
            self.store.announce(words::left_read_only(typed.left_out));
        }
        self.send(typed.edits, origin);
    }

    /// Sends edits as one batch; what was refused in their cells before is let go of.
    pub fn send(self, edits: Vec<Edit>, origin: Origin) {
        for edit in &edits {
            let ids = edit.cells.iter().map(|cell| CellId::new(&edit.table, &edit.key, &cell.column));
            ids.for_each(|id| self.store.outbox.discard(&id));
        }
        if !edits.is_empty() {
            self.store.outbox.submit(edits, origin);
        }
    }

    /// Adds one cell's new value to the edits of a batch, whose rows come one after the other; false if it is no change.
    pub fn propose(self, edits: &mut Vec<Edit>, row: &Row, col: usize, value: Raw) -> bool {
        let Some(id) = self.id_in(row, col) else {
            return false;
        };
        if row.draft.is_some() {
            return self.propose_new(edits, row, id, value);
        }
        let mark = untrack(|| self.mark(row, col));
        let overtaken = matches!(mark, Some(Mark::Conflict { .. }));
        // What the person replaces: his own pending value, the other's in a conflict, else the one he saw.
        let was = match mark {
            Some(Mark::Pending { value }) => value,
            Some(Mark::Conflict { conflict, .. }) => conflict.now,
            _ => row.cells.get(col).cloned().unwrap_or(Raw::Null),
        };
        if was == value && !overtaken {
            return false;
        }
        let edit = CellEdit { column: id.column, value, was, was_seq: None };
        match edits.last_mut().filter(|last| last.key == row.key) {
            Some(last) => last.cells.push(edit),
            None => edits.push(Edit::set(id.table, row.key.clone(), vec![edit])),
        }
        true
    }

    /// The same for a row that is being added, which goes out with all that it has.
    fn propose_new(self, edits: &mut Vec<Edit>, row: &Row, id: CellId, value: Raw) -> bool {
        let names: Vec<String> = self.columns.with_value(|columns| columns.iter().map(|column| column.name.clone()).collect());
        let mut cells = names.into_iter().zip(&row.cells).map(|(name, value)| CellEdit::new(name, value.clone()));
        if cells.clone().any(|cell| cell.column == id.column && cell.value == value) {
            return false;
        }
        if edits.last().is_none_or(|last| last.key != row.key) {
            let filled = cells.by_ref().filter(|cell| !cell.value.is_null()).collect();
            edits.push(Edit::insert(id.table, row.key.clone(), filled));
        }
        if let Some(last) = edits.last_mut() {
            last.cells.retain(|cell| cell.column != id.column);
            last.cells.push(CellEdit::new(id.column, value));
        }
        true
    }

    /// The rows in the scroll bar, as they lie now.
    #[must_use]
    pub fn track(self) -> Track {
        let (total, with_totals) = self.rows.with_untracked(|rows| (rows.count(), !rows.totals.is_empty()));
        let row = self.row_px.get_untracked();
        let around = if with_totals { 2.0 } else { 1.0 } * row;
        let total = self.lines.with_untracked(|lines| lines.count(total));
        Track::new(total, row, self.viewport.with_untracked(|viewport| viewport.height) - around, self.skipped.get_untracked())
    }

    /// Puts the row at `top` pixels first in sight.
    pub fn scroll_to(self, top: f64) {
        let (track, bar) = self.track().at(top);
        self.show(track, bar + track.skipped);
        if let Some(scroller) = self.scroller.get_untracked() {
            scroller.set_scroll_top(bar as i32);
        }
    }

    /// Takes in where the scroll bar is.
    pub fn scrolled(self, bar: f64, left: f64) {
        let before = self.viewport.with_untracked(|viewport| viewport.top) - self.skipped.get_untracked();
        if (bar - before).abs() >= 1.0 {
            let (track, top) = self.track().scrolled(before, bar);
            if (bar - before).abs() > track.room && self.overscan.get_untracked() > 0 {
                self.overscan.set(0);
            }
            self.show(track, top);
        }
        if self.viewport.with_untracked(|viewport| viewport.left) != left {
            self.viewport.update(|viewport| viewport.left = left);
        }
    }

    fn show(self, track: Track, top: f64) {
        if self.skipped.get_untracked() != track.skipped {
            self.skipped.set(track.skipped);
        }
        self.viewport.update(|viewport| viewport.top = top);
    }

    /// Where a row lies in the element that holds the rows, in pixels.
    #[must_use]
    pub fn px_of(self, row: u64) -> f64 {
        self.row_top(row) - self.skipped.get()
    }
}

/// What typed texts came to.
#[derive(Default)]
struct Typed {
    edits: Vec<Edit>,
    /// Cells that can't be typed into.
    left_out: usize,
}
