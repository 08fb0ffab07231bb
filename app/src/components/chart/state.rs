//! What the parts of one chart share: its answer, which of its marks are chosen, what a person has made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use model::{ChartLevel, ChartView, ColumnType, ElementView, Mark, MarkAxis, QueryAnswer, QueryRequest, Raw, Value, can_span};

use super::marks::Marks;
use super::panel::Drawing;
use super::shown::{self, Shown};
use crate::client::{Asked, Details, Look, Remote, Store, Zoom};
use crate::components::control::mark_said;
use crate::components::files::Picture;
use crate::components::marking::Marking;

/// Small charts that are drawn; of more the first ones.
const MOST_FACETS: usize = 24;

/// A handle, cheap to copy.
#[derive(Clone, Copy)]
pub struct ChartState {
    pub store: Store,
    pub element: StoredValue<ElementView>,
    pub chart: StoredValue<ChartView>,
    remote: RwSignal<Remote>,
    /// What the person has made of it.
    look: Memo<Look>,
    /// The row of the mark that the keyboard is at.
    pub at: RwSignal<Option<usize>>,
    marking: Marking,
    /// The answer in parts, one for each small chart.
    parts: Memo<Vec<Part>>,
    /// What they are called; one without a name where there is but one.
    pub facets: Memo<Vec<Option<String>>>,
    /// How many small charts have no room.
    pub facets_left_out: Memo<usize>,
    /// What the legend names.
    pub names: Memo<Vec<(String, usize)>>,
    extent: Memo<Option<[f64; 3]>>,
    /// How many parts one of the pictures has room for, if it has more.
    pub overfull: Memo<Option<usize>>,
    pub drawing: NodeRef<Div>,
    pub drawings: StoredValue<BTreeMap<usize, Drawing>, LocalStorage>,
}

/// The rows of one small chart.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    /// Without the column that it is a value of.
    answer: Arc<QueryAnswer>,
    /// Where they are in the whole answer.
    rows: Arc<[usize]>,
}

impl ChartState {
    pub fn new(asked: Asked, element: ElementView, chart: ChartView) -> Self {
        let (store, remote) = (asked.store, asked.remote);
        let facet = chart.facets.then(|| 1 + usize::from(chart.color.is_some()));
        let id = element.id.clone();
        let (element, chart) = (StoredValue::new(element), StoredValue::new(chart));
        let look = Memo::new(move |_| store.look(&id));
        let split = Memo::new(move |_| {
            let Some(answer) = remote.with(|remote| remote.answer.clone()) else { return Vec::new() };
            match facet {
                Some(facet) => split(&answer, facet),
                None => vec![(Raw::Null, Part { rows: (0..answer.rows.len()).collect(), answer })],
            }
        });
        let parts = Memo::new(move |_| {
            split.with(|parts| parts.iter().take(MOST_FACETS).map(|(_, part)| part.clone()).collect::<Vec<_>>())
        });
        let facets = Memo::new(move |_| {
            let Some(facet) = facet else { return vec![None] };
            let column = remote.with(|remote| remote.answer.as_ref().and_then(|answer| answer.columns.get(facet).cloned()));
            let named = |raw: &Raw| column.as_ref().map(|c| store.locale.with_value(|locale| locale.named(raw, &c.ty, c.format)));
            split.with(|parts| parts.iter().take(MOST_FACETS).map(|(raw, _)| named(raw)).collect())
        });
        let facets_left_out = Memo::new(move |_| split.with(|parts| parts.len().saturating_sub(MOST_FACETS)));
        let names = Memo::new(move |_| {
            let answer = remote.with(|remote| remote.answer.clone());
            answer.map(|answer| with_marks(store, chart, &answer, shown::names)).unwrap_or_default()
        });
        let extent = Memo::new(move |_| {
            let shown = Shown { off: look.get().off, ..Shown::default() };
            let chart = chart.with_value(single);
            let several = |parts: &Vec<Part>| {
                let locale = store.locale.get_value();
                shown::extent(parts.iter().map(|part| Marks {
                    chart: &chart,
                    answer: &part.answer,
                    locale: &locale,
                    shown: &shown,
                }))
            };
            facet.and_then(|_| parts.with(several))
        });
        let overfull = Memo::new(move |_| {
            let of = |part: &Part| {
                with_marks(store, chart, &part.answer, |marks| Marks { chart: &single(marks.chart), ..marks }.overfull())
            };
            parts.with(|parts| parts.iter().find_map(of))
        });
        let state = Self {
            store,
            element,
            chart,
            remote,
            look,
            at: RwSignal::default(),
            marking: Marking::new(store, element),
            parts,
            facets,
            facets_left_out,
            names,
            extent,
            overfull,
            drawing: NodeRef::new(),
            drawings: StoredValue::new_local(BTreeMap::new()),
        };
        // Further down there are other marks.
        Effect::new(move |before: Option<Vec<Raw>>| {
            let path = state.path();
            if before.is_some_and(|before| before != path) {
                state.at.set(None);
                state.marking.forget();
            }
            path
        });
        state
    }

    pub fn id(self) -> String {
        self.element.with_value(|element| element.id.clone())
    }

    pub fn answer(self) -> Option<Arc<QueryAnswer>> {
        self.remote.with(|remote| remote.answer.clone())
    }

    /// The levels that one has gone down through to what is shown, tracked.
    pub fn path(self) -> Vec<Raw> {
        self.remote.with(|remote| remote.path.clone())
    }

    /// What is asked of it now.
    pub fn question(self) -> QueryRequest {
        let asked = self.element.with_value(|element| self.store.question(&element.id, &element.controls));
        QueryRequest { drill: self.store.path(&asked.element), ..asked }
    }

    /// Something of all marks together, tracked; `None` before they are there.
    pub fn with_whole<T>(self, make: impl FnOnce(Marks<'_>) -> T) -> Option<T> {
        let answer = self.answer()?;
        Some(with_marks(self.store, self.chart, &answer, make))
    }

    /// Something of one small chart as it is shown now, tracked.
    pub fn with_part<T>(self, place: usize, make: impl FnOnce(Marks<'_>) -> T) -> Option<T> {
        let part = self.parts.with(|parts| parts.get(place).cloned())?;
        let marked = self.marked();
        let rows = || part.rows.iter().enumerate().filter(|(_, row)| marked.contains(row)).map(|(i, _)| i).collect();
        let shown = Shown {
            names: self.names.get(),
            off: self.look.get().off,
            zoom: self.zoom(),
            extent: self.extent.get(),
            chosen: (!self.chosen().is_empty()).then(rows),
        };
        let chart = self.chart.with_value(single);
        Some(self.store.locale.with_value(|locale| make(Marks { chart: &chart, answer: &part.answer, locale, shown: &shown })))
    }

    /// The row of the whole answer behind one of a small chart.
    pub fn row_of(self, place: usize, row: usize) -> Option<usize> {
        self.parts.with_untracked(|parts| parts.get(place)?.rows.get(row).copied())
    }

    /// In which small chart a row of the whole answer is, and where there.
    pub fn part_of(self, row: usize) -> Option<(usize, usize)> {
        let within = |part: &Part| part.rows.iter().position(|known| *known == row);
        self.parts.with_untracked(|parts| parts.iter().enumerate().find_map(|(place, part)| Some((place, within(part)?))))
    }

    /// What the levels and further dimensions of the marks are.
    pub fn axes(self) -> (Vec<MarkAxis>, Vec<MarkAxis>) {
        let x = self.chart.with_value(|chart| chart.levels.iter().map(|level| level.axis.clone()).collect());
        let of = self.remote.with(|remote| {
            let columns = remote.answer.as_ref().map(|answer| answer.columns.as_slice()).unwrap_or_default();
            let by = self.chart.with_value(|chart| usize::from(chart.color.is_some()) + usize::from(chart.facets));
            let axis = |column: &model::AnswerColumn| MarkAxis { of: column.ty.clone(), format: column.format, bin: None };
            columns.iter().skip(1).take(by).map(axis).collect()
        });
        (x, of)
    }

    /// The level that is shown, and the one below it.
    pub fn level(self, below: usize) -> Option<ChartLevel> {
        let depth = self.path().len() + below;
        self.chart.with_value(|chart| chart.levels.get(depth).cloned())
    }

    /// What a row's mark stands for.
    pub fn mark(self, row: usize) -> Option<Mark> {
        let answer = untrack(|| self.answer())?;
        let row = answer.rows.get(row)?;
        let by = untrack(|| self.axes()).1.len();
        Some(self.at_x(row.first()?.clone(), row.iter().skip(1).take(by).cloned().collect()))
    }

    /// What stands at an x of the level that is shown.
    pub fn at_x(self, x: Raw, by: Vec<Raw>) -> Mark {
        let x = untrack(|| self.path()).into_iter().chain([x]).collect();
        Mark { x, to: None, by, set: self.marking.switches() }
    }

    /// The marks that are chosen, tracked.
    pub fn chosen(self) -> Vec<Mark> {
        self.marking.chosen()
    }

    /// Chooses these and no others.
    pub fn choose(self, marks: &[Mark]) {
        self.marking.choose(marks, || self.said(marks));
    }

    /// Chooses a mark, or if it is chosen no longer does; beside the others if `more`.
    pub fn toggle(self, mark: Mark, more: bool) {
        self.choose(&self.marking.toggled(mark, more));
    }

    /// Chooses all that stands from one x to another, both in sight.
    pub fn choose_span(self, place: usize, from: usize, to: usize) {
        let xs: Vec<Raw> =
            untrack(|| self.with_part(place, |marks| marks.in_sight().into_iter().map(|(x, _)| x.clone()).collect()))
                .unwrap_or_default();
        let Some(xs) = xs.get(from.min(to)..=from.max(to).min(xs.len().saturating_sub(1))) else { return };
        let (Some(first), Some(last)) = (xs.first(), xs.last()) else { return };
        let ty = untrack(|| self.level(0)).map_or(ColumnType::Text, |level| level.axis.of);
        let value = |raw: &Raw| Value::from_wire(raw, &ty.as_stored()).ok().filter(|value| !value.is_null());
        let values: Option<Vec<Value>> = xs.iter().map(value).collect();
        let sorted = values.is_some_and(|values| values.is_sorted_by(|a, b| a.compare(b).is_le()));
        if xs.len() > 1 && can_span(&ty) && sorted {
            self.choose(&[Mark { to: Some(last.clone()), ..self.at_x(first.clone(), Vec::new()) }]);
        } else {
            self.choose(&xs.iter().map(|x| self.at_x(x.clone(), Vec::new())).collect::<Vec<_>>());
        }
    }

    /// Brings what is chosen before one's eyes: from the first to the last x of it.
    pub fn zoom_in(self) {
        let Some(answer) = untrack(|| self.answer()) else { return };
        let rows = untrack(|| self.marked());
        let xs: Vec<&Raw> = rows.iter().filter_map(|row| answer.rows.get(*row)?.first()).collect();
        if let (Some(first), Some(last)) = (xs.first(), xs.last()) {
            let zoom = Zoom { path: untrack(|| self.path()), first: (*first).clone(), last: (*last).clone() };
            self.store.change_look(&self.id(), |look| look.zoom = Some(zoom));
            self.choose(&[]);
            self.store.announce(words::chart_zoomed());
        }
    }

    pub fn zoom_out(self) {
        self.store.change_look(&self.id(), |look| look.zoom = None);
    }

    /// The first and the last x that are in sight, if not all are; tracked.
    pub fn zoom(self) -> Option<(Raw, Raw)> {
        let zoom = self.look.get().zoom.filter(|zoom| zoom.path == self.path())?;
        Some((zoom.first, zoom.last))
    }

    /// Whether something that the legend names is switched off, tracked.
    pub fn is_off(self, name: &str) -> bool {
        self.look.with(|look| look.off.contains(name))
    }

    /// Switches what the legend names off and on.
    pub fn switch(self, change: impl FnOnce(&mut BTreeSet<String>)) {
        self.store.change_look(&self.id(), |look| change(&mut look.off));
    }

    /// Whether what is chosen can be brought before one's eyes: more than one x along an axis.
    pub fn can_zoom(self) -> bool {
        let along = self.chart.with_value(|chart| chart.chart.has_axes() || chart.chart == model::ChartKind::Histogram);
        let Some(answer) = self.answer().filter(|_| along) else { return false };
        let rows = self.marked();
        let xs: BTreeSet<String> = rows.iter().filter_map(|row| Some(answer.rows.get(*row)?.first()?.to_string())).collect();
        xs.len() > 1
    }

    /// The rows whose marks are chosen, tracked.
    pub fn marked(self) -> BTreeSet<usize> {
        let (marks, path) = (self.chosen(), self.path());
        let (Some(answer), false) = (self.answer(), marks.is_empty()) else { return BTreeSet::new() };
        let (x, by) = self.axes();
        let ty = x.get(path.len()).map_or(ColumnType::Text, |axis| axis.of.clone());
        let has = |row: &Vec<Raw>| marks.iter().any(|mark| is_under(mark, &path, row, by.len(), &ty));
        answer.rows.iter().enumerate().filter(|(_, row)| has(row)).map(|(i, _)| i).collect()
    }

    /// Goes down from a mark.
    pub fn go_down(self, mark: &Mark) {
        let Some(next) = untrack(|| self.level(1)) else { return };
        let depth = untrack(|| self.path()).len();
        if mark.to.is_none() && mark.x.len() == depth + 1 {
            // What was chosen here is no mark down there.
            if !untrack(|| self.chosen()).is_empty() {
                self.choose(&[]);
            }
            self.store.go_to(&self.id(), mark.x.clone());
            self.store.announce(words::chart_gone_down(level_said(self.store, &next), self.said(std::slice::from_ref(mark))));
        }
    }

    /// Goes up to where so many levels were gone down.
    pub fn go_up(self, depth: usize) {
        let mut path = untrack(|| self.store.path(&self.id()));
        path.truncate(depth);
        self.choose(&[]);
        self.store.go_to(&self.id(), path);
    }

    /// Shows the rows under a mark.
    pub fn look_at_rows(self, mark: Mark) {
        let said = self.said(std::slice::from_ref(&mark));
        self.store.details.set(Some(Details { element: self.id(), mark, said }));
    }

    /// Whether something comes of pressing a mark.
    pub fn can_press(self) -> bool {
        self.has_details() || self.marking.is_followed() || self.level(1).is_some()
    }

    pub fn has_details(self) -> bool {
        self.element.with_value(|element| element.details.is_some())
    }

    /// Whether there is nothing to draw: no marks, or none with a number.
    pub fn is_blank(self) -> bool {
        let numbers = |marks: Marks<'_>| {
            let measures = marks.chart.series.len();
            marks.answer.rows.iter().any(|row| (0..measures).any(|i| marks.number(row, i).is_some()))
        };
        self.with_whole(numbers) == Some(false)
    }

    /// What marks stand for, in words.
    pub fn said(self, marks: &[Mark]) -> String {
        if marks.len() > 2 {
            return self.store.say(words::chosen_count(marks.len()));
        }
        let (x, by) = untrack(|| self.axes());
        let said = |mark: &Mark| self.store.locale.with_value(|locale| mark_said(mark, &x, &by, locale));
        marks.iter().map(said).collect::<Vec<_>>().join(", ")
    }

    /// That edits are on their way that it does not show yet, tracked.
    pub fn pending(self) -> Option<String> {
        let tables = self.element.with_value(|element| element.depends_on.clone());
        let count = self.store.outbox.pending_of(&tables);
        (count > 0).then(|| self.store.say(words::chart_pending(count)))
    }

    /// A picture of it, as SVG.
    pub fn picture(self, picture: &Picture) -> Option<String> {
        let root = self.drawing.get_untracked()?;
        let legend: Vec<(String, usize)> = untrack(|| self.names.get())
            .into_iter()
            .filter(|(name, _)| !self.look.with_untracked(|look| look.off.contains(name)))
            .collect();
        let told = serde_json::json!({ "title": picture.title, "notes": picture.notes, "legend": legend });
        self.drawings.with_value(|drawings| {
            let all: js_sys::Array = drawings.values().map(|drawing| wasm_bindgen::JsValue::from(drawing.clone())).collect();
            drawings.values().next().map(|drawing| drawing.picture(&root, &all, &told.to_string()))
        })
    }
}

/// What a level is called: a period in the reader's language, all else in the author's words.
pub fn level_said(store: Store, level: &ChartLevel) -> String {
    match &level.grain {
        Some(grain) if grain != "fiscal" => store.say(words::grain(grain.as_str())),
        _ => level.label.clone(),
    }
}

/// A chart for one of several small ones.
fn single(chart: &ChartView) -> ChartView {
    ChartView { facets: false, ..chart.clone() }
}

/// Something of an answer as it is drawn before anybody has changed anything.
fn with_marks<T>(store: Store, chart: StoredValue<ChartView>, answer: &QueryAnswer, make: impl FnOnce(Marks<'_>) -> T) -> T {
    let shown = Shown::default();
    store.locale.with_value(|locale| chart.with_value(|chart| make(Marks { chart, answer, locale, shown: &shown })))
}

/// The answer's rows by their value in a column, each without it, in the order in which the values come.
fn split(answer: &QueryAnswer, column: usize) -> Vec<(Raw, Part)> {
    let mut found: Vec<(Raw, Vec<usize>)> = Vec::new();
    for (i, row) in answer.rows.iter().enumerate() {
        let value = row.get(column).unwrap_or(&Raw::Null);
        match found.iter_mut().find(|(known, _)| known == value) {
            Some((_, rows)) => rows.push(i),
            None => found.push((value.clone(), vec![i])),
        }
    }
    // As names are sorted, and not as they come with the first x.
    found.sort_by_key(|(value, _)| (value.is_null(), value.to_string()));
    let without = |row: &Vec<Raw>| row.iter().enumerate().filter(|(i, _)| *i != column).map(|(_, raw)| raw.clone()).collect();
    let part = |(value, rows): (Raw, Vec<usize>)| {
        let mut columns = answer.columns.clone();
        columns.remove(column);
        let of = rows.iter().map(|row| without(&answer.rows[*row])).collect();
        let answer =
            QueryAnswer { columns, rows: of, more: answer.more, drawn_from: answer.drawn_from, ..QueryAnswer::default() };
        (value, Part { answer: Arc::new(answer), rows: rows.into() })
    };
    found.into_iter().map(part).collect()
}

/// Whether a row of the level at `path` is of a mark.
fn is_under(mark: &Mark, path: &[Raw], row: &[Raw], by: usize, ty: &ColumnType) -> bool {
    let above = path.iter().zip(&mark.x).all(|(own, of)| own == of);
    let beside = mark.by.iter().zip(row.iter().skip(1).take(by)).all(|(of, own)| of == own);
    let (Some(x), true) = (row.first(), above && beside) else { return false };
    match (mark.x.get(path.len()), &mark.to) {
        (None, _) => true,
        (Some(from), Some(to)) if mark.x.len() == path.len() + 1 => {
            let value = |raw: &Raw| Value::from_wire(raw, &ty.as_stored()).ok().filter(|value| !value.is_null());
            let ends = value(from).zip(value(to)).zip(value(x));
            ends.is_some_and(|((from, to), x)| from.compare(&x).is_le() && x.compare(&to).is_le())
        }
        (Some(own), _) => own == x && mark.x.len() == path.len() + 1,
    }
}

#[cfg(test)]
mod tests {
    use model::AnswerColumn;
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_under_the_marks_that_stand_for_them() {
        let row = [json!("2024-02-01"), json!("West"), json!("1.00")];
        let check = |mark: Raw, path: &[Raw], expect: bool| {
            let mark: Mark = serde_json::from_value(mark).unwrap();
            assert_eq!(is_under(&mark, path, &row, 1, &ColumnType::Date), expect, "{mark:?}");
        };
        check(json!({ "x": ["2024-02-01"] }), &[], true);
        check(json!({ "x": ["2024-02-01"], "by": ["West"] }), &[], true);
        check(json!({ "x": ["2024-02-01"], "by": ["East"] }), &[], false);
        check(json!({ "x": ["2024-01-01"], "to": "2024-03-01" }), &[], true);
        check(json!({ "x": ["2024-03-01"], "to": "2024-04-01" }), &[], false);
        check(json!({ "x": ["Chairs", "2024-02-01"] }), &[json!("Chairs")], true);
        check(json!({ "x": ["Tables", "2024-02-01"] }), &[json!("Chairs")], false);
        check(json!({ "x": ["Chairs"] }), &[json!("Chairs")], true);
        check(json!({ "x": ["2024-02-01", 7] }), &[], false);
        check(json!({ "by": ["West"] }), &[], true);
    }

    #[test]
    fn small_charts_have_their_own_rows_in_the_order_of_their_names() {
        let column = |name: &str| AnswerColumn { name: name.into(), label: name.into(), ty: ColumnType::Text, format: None };
        let rows = [["a", "West", "1"], ["a", "East", "2"], ["b", "West", "3"]].map(|row| row.map(Raw::from).to_vec()).to_vec();
        let answer = QueryAnswer { columns: ["x", "region", "n"].map(column).to_vec(), rows, ..QueryAnswer::default() };
        let parts = split(&answer, 1);
        assert_eq!(
            parts.iter().map(|(value, part)| (value.clone(), part.rows.to_vec())).collect::<Vec<_>>(),
            [(json!("East"), vec![1]), (json!("West"), vec![0, 2]),]
        );
        assert_eq!(parts[1].1.answer.rows, [[json!("a"), json!("1")], [json!("b"), json!("3")]]);
        assert_eq!(parts[1].1.answer.columns.len(), 2);
    }
}
