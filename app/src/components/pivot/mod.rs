//! A pivot table: values by rows and columns, with their totals on every level; typed into where it shows an input table.
//!
//! `model::Cube` has what is shown where, `table` and `cell` draw it, `typing` is the keyboard, `marks` is what others follow, `spread` shares a
//! typed total out, `preview` shows that before it is done, `troubles` says what was refused.

mod cell;
mod marks;
mod preview;
mod spread;
mod table;
mod troubles;
mod typing;

use std::collections::HashMap;
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use model::{AnswerColumn, ColumnView, Cube, ElementView, Opened, Order, PivotView, Raw};
use words::Message;

use self::preview::{Preview, Spreading};
use self::table::Body;
use self::troubles::Troubles;
use super::marking::Marking;
use super::tools::Tools;
use crate::client::{CellId, MOST_ON_PAPER, Mark, Store, use_query};

/// Rows that are drawn at once.
const TOGETHER: usize = 200;
/// How far from the end of what is drawn more is drawn, in CSS pixels.
const NEAR_PX: i32 = 800;

/// A cell, by the paths of its row and column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    row: String,
    column: String,
    value: usize,
}

/// What the parts of one pivot share; a handle, cheap to copy.
#[derive(Clone, Copy)]
struct PivotState {
    store: Store,
    element: StoredValue<ElementView>,
    view: StoredValue<PivotView>,
    cube: Memo<Option<Arc<Cube>>>,
    /// Whether there are more cells than came.
    cut: Memo<bool>,
    rows: RwSignal<Opened>,
    columns: RwSignal<Opened>,
    order: RwSignal<Option<Order>>,
    /// How many rows are drawn; more are as one comes near their end.
    drawn: RwSignal<usize>,
    /// What was typed and saved since the cells came.
    own: RwSignal<HashMap<CellId, Raw>>,
    /// The cell that is typed into, and the text that it is begun with, if the person has begun it.
    typing: RwSignal<Option<(Place, Option<String>)>>,
    spreading: RwSignal<Option<Spreading>>,
    tools: Tools,
    marking: Marking,
    chosen: Memo<Vec<model::Mark>>,
    /// The cell that was pressed last.
    pressed: StoredValue<Option<Place>>,
    /// How wide the heads of the rows are, in CSS pixels.
    corner: RwSignal<f64>,
    frame: NodeRef<Div>,
}

/// Draws the element's answer.
#[component]
pub fn Pivot(store: Store, element: ElementView, pivot: PivotView, tools: Tools) -> impl IntoView {
    let asked = use_query(store, &element);
    let remote = asked.remote;
    let (rows, columns) = (pivot.rows, pivot.columns);
    let cube = Memo::new(move |_| {
        let answer = remote.with(|remote| remote.answer.clone())?;
        Some(Arc::new(Cube::new(answer, rows, columns)))
    });
    let order = pivot.sort.as_ref().map(Order::of);
    let element = StoredValue::new(element);
    let marking = Marking::new(store, element);
    let state = PivotState {
        store,
        tools,
        marking,
        chosen: Memo::new(move |_| marking.chosen()),
        cube,
        cut: Memo::new(move |_| remote.with(|remote| remote.answer.as_ref().is_some_and(|answer| answer.more))),
        rows: RwSignal::new(Opened { levels: pivot.open.map_or(usize::MAX, |levels| levels + 1), ..Opened::default() }),
        columns: RwSignal::new(Opened::all()),
        order: RwSignal::new(order),
        drawn: RwSignal::new(TOGETHER),
        own: RwSignal::default(),
        typing: RwSignal::default(),
        spreading: RwSignal::default(),
        pressed: StoredValue::default(),
        corner: RwSignal::new(0.0),
        frame: NodeRef::new(),
        view: StoredValue::new(pivot),
        element,
    };
    state.keep_own();
    Effect::new(move |_| {
        if store.on_paper.get() {
            state.drawn.update(|drawn| *drawn = (*drawn).max(MOST_ON_PAPER));
        }
    });
    tools.looks_under(move || state.pressed_mark());
    store.hold_while(move || state.typing.with(Option::is_some) || state.spreading.with(Option::is_some));
    let shown = move || cube.with(|cube| cube.as_ref().map(|cube| cube.rows.get(0).children.len()));
    // Other cells are put into the same table: who stands in it stays there.
    let drawn = Memo::new(move |_| shown().is_some());
    let title = state.element.with_value(|element| element.title.clone());
    let label = title.clone();
    let count = move || remote.with(|remote| remote.answer.as_ref().map_or(0, |answer| answer.rows.len()));
    let followed = marking.is_followed();
    let keys = format!("{}-keys", state.element.with_value(|element| element.id.clone()));
    view! {
        <div class="pivot-wrap">
            <p class="visually-hidden" id=keys.clone()>
                {store.say(words::pivot_keys())} {followed.then(|| format!(" {}", store.say(words::pivot_keys_marks())))}
            </p>
            <div
                class="pivot" part="pivot" role="group" tabindex="0" aria-label=label aria-describedby=keys node_ref=state.frame
                class:is-loading=move || !drawn.get() class:is-followed=followed style=move || format!("--corner:{}px", state.corner.get())
                on:keydown=move |event| state.on_key(&event) on:dblclick=move |event| state.on_double(&event)
                on:click=move |event| state.on_click(&event) on:mousedown=move |event| state.on_down(&event) on:scroll=move |_| state.draw_more()
            >
                {move || drawn.get().then(|| view! { <Body state=state title=title.clone()/> })}
            </div>
            {move || (shown() == Some(0)).then(|| view! { <p class="element-empty">{store.say(words::no_data())}</p> })}
            {move || state.cut.get().then(|| view! { <p class="chart-note is-below">{store.say(words::pivot_cut(count()))}</p> })}
            <Troubles state=state/>
            <Preview state=state/>
            {asked.problem()}
        </div>
    }
}

impl PivotState {
    fn cube(self) -> Option<Arc<Cube>> {
        self.cube.get_untracked()
    }

    fn draw_more(self) {
        let Some(frame) = self.frame.get_untracked() else { return };
        let all = self.cube().map_or(0, |cube| cube.rows.count());
        let ends = frame.scroll_top() + frame.client_height() + NEAR_PX > frame.scroll_height();
        if ends && self.drawn.get_untracked() < all {
            self.drawn.update(|drawn| *drawn += TOGETHER);
        }
    }

    /// What the dimension at `i` of rows and then columns is for a person.
    fn dimension(self, cube: &Cube, i: usize, raw: &Raw) -> String {
        let named = |column: &AnswerColumn| self.store.locale.with_value(|locale| locale.named(raw, &column.ty, column.format));
        cube.dimension(i).map(named).unwrap_or_default()
    }

    /// A value as this person reads it.
    fn shown(self, cube: &Cube, value: usize, raw: &Raw) -> String {
        let column = cube.value_column(value);
        column.map(|column| self.store.locale.with_value(|l| l.show(raw, &column.ty, column.format))).unwrap_or_default()
    }

    /// The input column that a value is typed into.
    fn column(self, value: usize) -> Option<ColumnView> {
        self.view.with_value(|view| view.values.get(value).and_then(|value| value.column.clone()))
    }

    /// The input table and the key of the row that is a cell of the innermost level.
    fn key(self, cube: &Cube, row: usize, column: usize) -> Option<(String, Vec<Raw>)> {
        let dimensions = cube.dimensions(row, column)?;
        self.view.with_value(|view| {
            let table = view.table.as_ref()?;
            Some((table.name.clone(), table.key.iter().filter_map(|i| dimensions.get(*i).cloned()).collect()))
        })
    }

    /// Where a cell's edit would be, if it is one row and may be typed into.
    fn id(self, cube: &Cube, place: &Place) -> Option<CellId> {
        let (row, column) = (cube.rows.find(&place.row)?, cube.columns.find(&place.column)?);
        let (table, key) = self.key(cube, row, column)?;
        Some(CellId::new(&table, &key, &self.column(place.value)?.name))
    }

    /// What the warehouse holds in a cell, or will once what is on its way is there. Tracked.
    fn held(self, cube: &Cube, place: &Place) -> Option<Raw> {
        let raw = cube.at(&place.row, &place.column, place.value).cloned();
        let Some(id) = self.id(cube, place) else { return raw };
        match self.store.outbox.marks.with(|marks| marks.get(&id).cloned()) {
            Some(Mark::Pending { value } | Mark::Conflict { value, .. }) => Some(value),
            _ => self.own.with(|own| own.get(&id).cloned()).or(raw),
        }
    }

    /// Says what can't be done, in the status line too, until the next edit.
    fn tell(self, message: Message) {
        self.store.outbox.state.update(|state| state.note = Some(message.clone()));
        self.store.announce(message);
    }

    /// Between the word that an edit is saved and the cells as they are then, its own value stands.
    fn keep_own(self) {
        let committed = self.store.outbox.committed;
        Effect::new(move |_| {
            let Some(outcome) = committed.get() else { return };
            let table = self.view.with_value(|view| view.table.as_ref().map(|table| table.name.clone()));
            self.own.update(|own| {
                for row in outcome.rows.iter().filter(|row| Some(&row.table) == table.as_ref() && !row.is_refused()) {
                    for (column, value) in &row.values {
                        own.insert(CellId::new(&row.table, &row.key, column), value.clone());
                    }
                }
            });
        });
        Effect::new(move |_| {
            self.cube.track();
            self.own.update(HashMap::clear);
        });
    }
}
