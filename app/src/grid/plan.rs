//! What many edits would come to, cell by cell, before they are made: shown, tried by the warehouse, and applied as one batch.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use model::{Batch, CellOutcome, ColumnView, Edit, EditMode, Origin, Raw, RowOutcome, ValueError};
use wasm_bindgen_futures::spawn_local;
use words::Message;

use super::geometry::Cell;
use super::load::Loaded;
use super::paste::Block;
use super::state::GridState;
use crate::api::Edits;
use crate::client::random_id;
use crate::editors::checked;

/// What becomes of one cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    Good(Raw),
    /// It holds this already.
    Same,
    /// It can't be typed into and holds something else.
    ReadOnly(Message),
    Bad(Message),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub cell: Cell,
    pub text: String,
    pub fate: Fate,
}

/// How far the warehouse has been asked what it would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    Running,
    Done,
    Failed(Message),
}

/// Counts of a plan, for its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub good: usize,
    pub same: usize,
    pub read_only: usize,
    pub bad: usize,
}

#[must_use]
pub fn tally(plan: &[Planned]) -> Tally {
    let mut tally = Tally::default();
    for planned in plan {
        match planned.fate {
            Fate::Good(_) => tally.good += 1,
            Fate::Same => tally.same += 1,
            Fate::ReadOnly(_) => tally.read_only += 1,
            Fate::Bad(_) => tally.bad += 1,
        }
    }
    tally
}

/// Edits that wait for the person's word.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The text from the clipboard that they come from.
    pub block: Option<Block>,
    pub origin: Origin,
    pub plan: Arc<Vec<Planned>>,
    pub rows: Arc<Loaded>,
    /// What of the block found no place, each in a few words.
    pub astray: Vec<Message>,
    pub trial: Trial,
}

impl Proposal {
    #[must_use]
    pub fn new(origin: Origin, block: Option<Block>, plan: Vec<Planned>, rows: Arc<Loaded>, astray: Vec<Message>) -> Self {
        Self { block, origin, plan: Arc::new(plan), rows, astray, trial: Trial::Running }
    }
}

impl GridState {
    /// Shows edits before they are made, and then asks the warehouse what it would refuse.
    pub fn suggest(self, proposal: Proposal) {
        self.proposal.set(Some(proposal));
        // Thousands of edits take a while to write down; the preview is painted first.
        request_animation_frame(move || set_timeout(move || self.try_plan(), Duration::ZERO));
    }

    /// What becomes of a cell of `column` that is to hold what was read, from a `text` if it was one.
    pub fn fate(self, rows: &Loaded, cell: Cell, column: &ColumnView, text: Option<&str>, read: Result<Raw, ValueError>) -> Fate {
        let Some(row) = rows.get(cell.row) else {
            return Fate::Bad(words::row_gone());
        };
        let shown = untrack(|| self.shown_in(row, cell.col));
        let same = read.as_ref().is_ok_and(|raw| *raw == shown)
            || text.is_some_and(|text| self.store.show(&shown, column) == text.trim());
        // What is on the screen may have been rounded; put back, it must not round what is stored.
        if same {
            return Fate::Same;
        }
        if let Some(reason) = self.locked_in(row, cell.col) {
            return Fate::ReadOnly(reason);
        }
        match checked(column, read) {
            Ok(value) => Fate::Good(value),
            Err(message) => Fate::Bad(message),
        }
    }

    /// Whether each new row has what it can't be without.
    pub fn is_whole(self, plan: &[Planned], rows: &Loaded) -> bool {
        if rows.iter().all(|(_, row)| row.draft.is_none()) {
            return true;
        }
        let required: Vec<usize> = self.columns.with_value(|columns| {
            let all = columns.iter().enumerate().filter(|(_, column)| column.editable && column.constraints.required);
            all.map(|(col, _)| col).collect()
        });
        let good: BTreeSet<Cell> =
            plan.iter().filter(|planned| matches!(planned.fate, Fate::Good(_))).map(|planned| planned.cell).collect();
        let has = |row: u64, col: usize| {
            good.contains(&Cell { row, col })
                || rows.get(row).is_some_and(|row| row.cells.get(col).is_some_and(|raw| !raw.is_null()))
        };
        good.iter()
            .filter(|cell| rows.get(cell.row).is_some_and(|row| row.draft.is_some()))
            .all(|cell| required.iter().all(|col| has(cell.row, *col)))
    }

    fn edits(self, plan: &[Planned], rows: &Loaded) -> Vec<Edit> {
        let mut edits = Vec::new();
        for planned in plan {
            if let (Fate::Good(value), Some(row)) = (&planned.fate, rows.get(planned.cell.row)) {
                self.propose(&mut edits, row, planned.cell.col, value.clone());
            }
        }
        edits
    }

    pub fn apply_plan(self, origin: Origin, plan: &[Planned], rows: &Loaded) {
        self.notice.set(None);
        self.send(self.edits(plan, rows), origin);
        let Tally { good, same, .. } = tally(plan);
        self.store.announce(if origin == Origin::Paste { words::pasted(good, same) } else { words::set(good, same) });
    }

    /// Applies what is good of what waits.
    pub fn confirm(self) {
        if let Some(Proposal { origin, plan, rows, .. }) = self.proposal.try_update(Option::take).flatten() {
            self.apply_plan(origin, &plan, &rows);
        }
        self.focus();
    }

    /// Asks the warehouse what it would refuse, and why.
    fn try_plan(self) {
        let Some(proposal) = self.proposal.try_get_untracked().flatten() else { return };
        let Some(api) = self.store.api.get_value() else { return };
        let edits = self.edits(&proposal.plan, &proposal.rows);
        let (plan, origin) = (proposal.plan, proposal.origin);
        let still = move |waiting: &Option<Proposal>| waiting.as_ref().is_some_and(|now| Arc::ptr_eq(&now.plan, &plan));
        let finish = move |state: Self, trial: Trial, refused: HashMap<String, Refused>| {
            let _ = state.proposal.try_update(|waiting| {
                if still(waiting)
                    && let Some(proposal) = waiting
                {
                    if !refused.is_empty() {
                        let plan = proposal.plan.iter().cloned().map(|planned| state.refused(planned, &proposal.rows, &refused));
                        proposal.plan = Arc::new(plan.collect());
                    }
                    proposal.trial = trial;
                }
            });
        };
        if edits.is_empty() {
            return finish(self, Trial::Done, HashMap::new());
        }
        let workbook = self.store.view.with_value(|view| view.id.clone());
        let batch = Batch { batch_id: random_id(), workbook, edits, mode: EditMode::Trial, origin, reason: None, form: None };
        spawn_local(async move {
            let call = Edits { batch };
            match api.call(&call).await {
                Ok(outcome) => {
                    let both = call.batch.edits.iter().zip(&outcome.rows).filter(|(_, row)| row.is_refused());
                    let refused =
                        both.map(|(edit, row)| (serde_json::to_string(&edit.key).unwrap_or_default(), Refused::of(row)));
                    finish(self, Trial::Done, refused.collect());
                }
                Err(error) => finish(self, Trial::Failed(error.told()), HashMap::new()),
            }
        });
    }

    /// A planned cell as the warehouse sees it.
    fn refused(self, planned: Planned, rows: &Loaded, refused: &HashMap<String, Refused>) -> Planned {
        let (Fate::Good(_), Some(row), Some(column)) = (&planned.fate, rows.get(planned.cell.row), self.column(planned.cell.col))
        else {
            return planned;
        };
        let Some(of_row) = refused.get(&row.key_text) else { return planned };
        let whole = of_row.whole.as_ref().or_else(|| of_row.cells.values().next().filter(|_| row.draft.is_some()));
        match of_row.cells.get(&column.name).or(whole) {
            Some(message) => Planned { fate: Fate::Bad(message.clone()), ..planned },
            None => planned,
        }
    }
}

/// Why the warehouse would refuse a row, or cells of it. A row that is new is added whole or not at all.
#[derive(Debug, Default)]
struct Refused {
    whole: Option<Message>,
    cells: HashMap<String, Message>,
}

impl Refused {
    fn of(row: &RowOutcome) -> Self {
        let whole = row.code.map(|_| row.told().unwrap_or_else(words::row_locked));
        let cell = |cell: &CellOutcome| {
            cell.code?;
            Some((cell.column.clone(), cell.told().or_else(|| whole.clone())?))
        };
        Self { cells: row.cells.iter().filter_map(cell).collect(), whole }
    }
}
