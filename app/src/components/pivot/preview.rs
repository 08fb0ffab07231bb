//! What becomes of the cells under a total that somebody has typed, before it is done.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{Batch, CellEdit, ColumnType, ColumnView, Decimal, Edit, EditMode, Origin, Raw, RowOutcome, Value, validate};
use wasm_bindgen_futures::spawn_local;
use words::Message;

use super::spread::{Rule, spread};
use super::{PivotState, Place};
use crate::api::Edits;
use crate::client::random_id;
use crate::components::focused;

/// Cells that the preview shows at most; its words count them all.
const SHOWN: usize = 100;
/// Digits of a number that has as many as it likes.
const FLOAT_DIGITS: u32 = 6;

/// A total on its way to its cells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spreading {
    place: Place,
    total: Decimal,
    column: ColumnView,
    cells: Vec<Leaf>,
    rules: Vec<Rule>,
    rule: Option<Rule>,
    /// The cells' new values by that rule, in their order; `None` where it can't be met.
    values: Option<Vec<Raw>>,
    trial: Trial,
}

#[derive(Clone, Debug, PartialEq)]
struct Leaf {
    /// What its row and column are called.
    label: String,
    table: String,
    key: Vec<Raw>,
    was: Raw,
    value: Option<Decimal>,
}

/// What the warehouse says of it.
#[derive(Clone, Debug, PartialEq)]
enum Trial {
    Running,
    /// How many cells it would refuse, and why the first of them.
    Done(usize, Option<Message>),
    Failed(Message),
}

impl Spreading {
    /// What a total is spread over; `None` if there is nothing.
    pub fn begin(state: PivotState, place: Place, total: &Raw) -> Option<Self> {
        let cube = state.cube()?;
        let column = state.column(place.value)?;
        let (row, under) = (cube.rows.find(&place.row)?, cube.columns.find(&place.column)?);
        let total = Value::from_wire(total, &column.ty).ok()?.as_decimal()?;
        let named = |row: usize, column: usize| {
            let dimensions = cube.dimensions(row, column).unwrap_or_default();
            let texts = dimensions.iter().enumerate().map(|(i, raw)| state.dimension(&cube, i, raw));
            texts.collect::<Vec<_>>().join(" · ")
        };
        let mut cells = Vec::new();
        for row in cube.rows.leaves(row) {
            for under in cube.columns.leaves(under) {
                let Some((table, key)) = state.key(&cube, row, under) else { continue };
                let at = Place {
                    row: cube.rows.get(row).path.clone(),
                    column: cube.columns.get(under).path.clone(),
                    value: place.value,
                };
                let was = untrack(|| state.held(&cube, &at)).unwrap_or_default();
                let value = Value::from_wire(&was, &column.ty).ok().and_then(|value| value.as_decimal());
                cells.push(Leaf { label: named(row, under), table, key, was, value });
            }
        }
        if cells.is_empty() {
            state.tell(words::pivot_no_cells());
            return None;
        }
        let rules = Rule::fitting(&cells.iter().map(|cell| cell.value).collect::<Vec<_>>());
        let first = rules.first().copied();
        let mut spreading = Self { place, total, column, cells, rules, rule: None, values: None, trial: Trial::Running };
        if let Some(rule) = first {
            spreading.choose(state, rule);
        }
        Some(spreading)
    }

    /// Spreads it by another rule.
    fn choose(&mut self, state: PivotState, rule: Rule) {
        (self.rule, self.values, self.trial) = (Some(rule), self.by(rule), Trial::Running);
        self.ask(state);
    }

    fn by(&self, rule: Rule) -> Option<Vec<Raw>> {
        let scale = match self.column.ty {
            ColumnType::Decimal { scale } => scale,
            ColumnType::Float => FLOAT_DIGITS,
            _ => 0,
        };
        let before: Vec<Option<Decimal>> = self.cells.iter().map(|cell| cell.value).collect();
        let wire = |value: Option<Decimal>| match (value, &self.column.ty) {
            (None, _) => Some(Raw::Null),
            (Some(value), ColumnType::Decimal { .. }) => Some(Raw::from(value.to_string())),
            (Some(value), _) => serde_json::from_str(&value.normalize().to_string()).ok(),
        };
        spread(self.total, &before, rule, scale)?.into_iter().map(wire).collect()
    }

    /// The cells that change, with their new values.
    fn changed(&self) -> impl Iterator<Item = (&Leaf, &Raw)> {
        self.cells.iter().zip(self.values.iter().flatten()).filter(|(cell, value)| cell.was != **value)
    }

    fn edits(&self) -> Vec<Edit> {
        let edit = |(cell, value): (&Leaf, &Raw)| {
            let (column, value, was) = (self.column.name.clone(), value.clone(), cell.was.clone());
            Edit::set(cell.table.clone(), cell.key.clone(), vec![CellEdit { column, value, was, was_seq: None }])
        };
        self.changed().map(edit).collect()
    }

    /// How many of the new values the column itself does not take.
    fn wrong(&self) -> usize {
        self.changed().filter(|(_, value)| validate(&self.column, value).is_err()).count()
    }

    /// Asks what the warehouse would refuse.
    fn ask(&self, state: PivotState) {
        let Some(api) = state.store.api.get_value() else { return };
        let (place, rule, edits) = (self.place.clone(), self.rule, self.edits());
        let done = move |trial: Trial| {
            let _ = state.spreading.try_update(|spreading| {
                if let Some(now) = spreading.as_mut().filter(|now| now.place == place && now.rule == rule) {
                    now.trial = trial;
                }
            });
        };
        let workbook = state.store.view.with_value(|view| view.id.clone());
        let batch = Batch {
            batch_id: random_id(),
            workbook,
            edits,
            mode: EditMode::Trial,
            origin: Origin::Fill,
            reason: None,
            form: None,
        };
        spawn_local(async move {
            if batch.edits.is_empty() {
                return done(Trial::Done(0, None));
            }
            done(match api.call(&Edits { batch }).await {
                Ok(outcome) => {
                    let refused: Vec<&RowOutcome> = outcome.rows.iter().filter(|row| row.is_refused()).collect();
                    let why =
                        refused.first().and_then(|row| row.told().or_else(|| row.cells.iter().find_map(|cell| cell.told())));
                    Trial::Done(refused.len(), why)
                }
                Err(error) => Trial::Failed(error.told()),
            });
        });
    }
}

/// Drawn while a total waits for the person's word.
#[component]
pub(super) fn Preview(state: PivotState) -> impl IntoView {
    let open = Memo::new(move |_| state.spreading.with(Option::is_some));
    move || open.get().then(|| dialog(state))
}

fn dialog(state: PivotState) -> impl IntoView {
    let frame: NodeRef<html::Div> = NodeRef::new();
    focused(frame);
    let shut = move || {
        if let Some(spreading) = state.spreading.try_update(Option::take).flatten() {
            state.focus(&spreading.place, false);
        }
    };
    let apply = move |_| {
        let edits = state.spreading.with_untracked(|spreading| spreading.as_ref().map(Spreading::edits).unwrap_or_default());
        if !edits.is_empty() {
            state.store.announce(words::set(edits.len(), 0));
            state.store.outbox.submit(edits, Origin::Fill);
        }
        shut();
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            shut();
        }
    };
    let with = move |read: &dyn Fn(&Spreading) -> AnyView| state.spreading.with(|spreading| spreading.as_ref().map(read));
    let count = move || state.spreading.with(|spreading| spreading.as_ref().map_or(0, |spreading| spreading.changed().count()));
    let bad = move || {
        state.spreading.with(|spreading| {
            spreading.as_ref().is_none_or(|spreading| spreading.wrong() > 0 || matches!(spreading.trial, Trial::Done(1.., _)))
        })
    };
    let title = move || {
        state.spreading.with(|spreading| {
            spreading.as_ref().map(|s| state.store.say(words::pivot_spread(money(state, s, s.total), s.cells.len())))
        })
    };
    view! {
        <div class="grid-paste pivot-spread" role="dialog" aria-modal="true" aria-label=title tabindex="-1" node_ref=frame on:keydown=on_key>
            <p class="pivot-spread-title">{title}</p>
            {move || with(&|spreading| rules(state, spreading).into_any())}
            <div role="status"><ul class="grid-paste-facts">{move || with(&|spreading| facts(state, spreading).into_any())}</ul></div>
            <div class="grid-paste-table" tabindex="0" role="region" aria-label=state.store.say(words::what_would_change())>
                {move || with(&|spreading| table(state, spreading).into_any())}
            </div>
            <div class="grid-filter-buttons">
                <button type="button" on:click=move |_| shut()>{state.store.say(words::cancel())}</button>
                <button type="button" class="is-primary" prop:disabled=move || bad() || count() == 0 on:click=apply>
                    {move || state.store.say(if count() == 0 { words::nothing_to_set() } else { words::set_cells(count()) })}
                </button>
            </div>
        </div>
    }
}

fn money(state: PivotState, spreading: &Spreading, value: Decimal) -> String {
    let column = &spreading.column;
    state.store.locale.with_value(|locale| locale.format(&Value::Decimal(value), column.format.or(Some(model::Format::Number))))
}

fn rules(state: PivotState, spreading: &Spreading) -> impl IntoView + use<> {
    let button = |rule: Rule| {
        let on = spreading.rule == Some(rule);
        let words = match rule {
            Rule::Proportional => words::pivot_proportional(),
            Rule::Equal => words::pivot_equal(),
            Rule::Blanks => words::pivot_blanks(),
        };
        let choose = move |_| {
            state.spreading.update(|spreading| {
                if let Some(spreading) = spreading {
                    spreading.choose(state, rule);
                }
            });
        };
        view! {
            <button type="button" class="segment" class:is-on=on aria-pressed=on.to_string() on:click=choose>{state.store.say(words)}</button>
        }
    };
    let buttons = spreading.rules.iter().copied().map(button).collect_view();
    view! { <div class="segments" role="group">{buttons}</div> }
}

fn facts(state: PivotState, spreading: &Spreading) -> Vec<AnyView> {
    let mut lines = Vec::new();
    if spreading.values.is_none() {
        lines.push(("is-bad", words::pivot_no_rule(money(state, spreading, spreading.total))));
    } else {
        lines.push(("is-good", words::cells_will_change(spreading.changed().count())));
    }
    let wrong = spreading.wrong();
    match &spreading.trial {
        _ if wrong > 0 => lines.push(("is-bad", words::cells_refused(wrong))),
        Trial::Running => lines.push(("", words::trial_running())),
        Trial::Done(0, _) => {}
        Trial::Done(refused, why) => {
            lines.push(("is-bad", words::cells_refused(*refused)));
            lines.extend(why.clone().map(|why| ("is-bad", why)));
        }
        Trial::Failed(message) => lines.push(("is-warn", words::trial_failed(message.clone()))),
    }
    lines.into_iter().map(|(class, words)| view! { <li class=class>{state.store.say(words)}</li> }.into_any()).collect()
}

fn table(state: PivotState, spreading: &Spreading) -> impl IntoView + use<> {
    let column = &spreading.column;
    let show = |raw: &Raw| state.store.locale.with_value(|locale| locale.named(raw, &column.ty, column.format));
    let values = spreading.values.as_deref().unwrap_or_default();
    let line = |(cell, value): (&Leaf, &Raw)| {
        let class = match validate(column, value) {
            Err(_) => "is-number is-bad",
            Ok(_) if cell.was == *value => "is-number is-same",
            Ok(_) => "is-number is-good",
        };
        let wrong = validate(column, value).err().map(|error| view! { <small>{state.store.say(error.message)}</small> });
        view! {
            <tr>
                <th scope="row">{cell.label.clone()}</th>
                <td class="is-number">{show(&cell.was)}</td>
                <td class=class>{show(value)}{wrong}</td>
            </tr>
        }
    };
    let lines = spreading.cells.iter().zip(values).take(SHOWN).map(line).collect_view();
    let more = values.len().saturating_sub(SHOWN);
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">{state.store.say(words::row())}</th>
                    <th scope="col">{state.store.say(words::pivot_before())}</th>
                    <th scope="col">{state.store.say(words::pivot_after())}</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="is-quiet">{state.store.say(words::more_rows(more))}</p> })}
    }
}
