//! Telling whoever looks that something has changed: names and versions, never data. What is committed here, what other
//! servers commit, what is changed past Inlay.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::Utc;
use tokio::sync::broadcast;

use crate::catalog::{Source, Workbook};
use crate::engine::Engine;
use crate::warehouse::Notice;

/// Tells that an input table, or a source whose own rows are edited elsewhere, has changed: names and a version, never data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose rows; everybody's if none.
    pub tenant: Option<String>,
    pub workbook: String,
    pub table: String,
    /// Of an input table the log sequence of its last edit or more, of a source the time in microseconds; it grows.
    pub version: i64,
}

/// What a change stream is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Changed(Change),
    /// The workbooks have been loaded again.
    Reloaded,
    /// Changes of other servers may have been missed.
    Missed,
}

impl Engine {
    /// Every committed change from now on; the receiver lags rather than holds anybody up.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Heard> {
        self.changes.subscribe()
    }

    /// Where the changes are now: another mark later means that there have been some, or that another server answers.
    #[must_use]
    pub fn mark(&self) -> String {
        format!("{:x}-{}", self.id, self.heard.load(Ordering::SeqCst))
    }

    pub(crate) fn send(&self, heard: Heard) {
        // Counted first: whoever reads the mark after that asks once too often rather than once too seldom.
        self.heard.fetch_add(1, Ordering::SeqCst);
        // An error only says that nobody listens.
        let _ = self.changes.send(heard);
    }

    /// Passes on what other servers have committed, for as long as the engine lives.
    pub(crate) fn hear(self: &Arc<Self>) {
        let Some(mut notices) = self.warehouse.notices() else {
            return;
        };
        let engine = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(notice) = notices.recv().await {
                let Some(engine) = engine.upgrade() else { return };
                match notice {
                    Notice::Changed { tenant, workbook, table, versions } => {
                        engine.hear_of_comments(&workbook, &table);
                        engine.tell(&tenant, &workbook, &table, versions.into_iter().max().unwrap_or(0));
                    }
                    Notice::Typing { typist, .. } => _ = engine.see(typist),
                    Notice::Touched { table, .. } => engine.tell_of(&table),
                    Notice::Missed => engine.send(Heard::Missed),
                }
            }
        });
    }

    /// Tells of an input table to its tenant; of a source's own rows to everybody who looks at them, in every workbook.
    pub(crate) fn tell(&self, tenant: &str, workbook: &str, table: &str, version: i64) {
        let catalog = self.catalog();
        let changed = catalog.workbooks.get(workbook).and_then(|workbook| workbook.input(table));
        let direct = changed.filter(|input| input.is_direct());
        let tenant = direct.is_none().then(|| tenant.to_owned());
        // A batch with a lower sequence may be committed later; whoever looks must see that something has changed.
        let place = (workbook.to_owned(), table.to_owned());
        let version = {
            let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            let last = versions.entry(place.clone()).or_insert(0);
            *last = version.max(*last + 1);
            *last
        };
        let (workbook_id, table) = place;
        self.send(Heard::Changed(Change { tenant, workbook: workbook_id, table, version }));
        if let Some(direct) = direct {
            let others = catalog.workbooks.values().filter(|other| other.id != workbook);
            others.for_each(|other| self.tell_sources(other, |source| source.reads(&direct.table)));
        }
    }

    /// Tells of a table of the team's that was changed elsewhere.
    fn tell_of(&self, table: &str) {
        let catalog = self.catalog();
        catalog.workbooks.values().for_each(|workbook| self.tell_sources(workbook, |source| source.reads(table)));
    }

    /// A source has no sequence of its own; the time is one that all servers have.
    fn tell_sources(&self, workbook: &Workbook, concerned: impl Fn(&Source) -> bool) {
        let version = Utc::now().timestamp_micros();
        for source in workbook.sources.iter().filter(|source| concerned(source)) {
            let (workbook, table) = (workbook.id.clone(), source.name.clone());
            self.send(Heard::Changed(Change { tenant: None, workbook, table, version }));
        }
    }

    /// Has sources asked for again as often as their author says, for as long as the engine lives and somebody looks.
    pub(crate) fn refresh(self: &Arc<Self>) {
        let engine = Arc::downgrade(self);
        tokio::spawn(async move {
            for second in 1_u64.. {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let Some(engine) = engine.upgrade() else { return };
                if engine.changes.receiver_count() > 0 {
                    let catalog = engine.catalog.read().unwrap_or_else(PoisonError::into_inner).clone();
                    let due = |source: &Source| source.refresh_s.is_some_and(|every| second.is_multiple_of(every.into()));
                    catalog.workbooks.values().for_each(|workbook| engine.tell_sources(workbook, due));
                }
            }
        });
    }
}
