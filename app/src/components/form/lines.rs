//! The rows that belong to a form's own: added, filled in, taken away, and summed up.

use leptos::prelude::*;
use model::{FormField, FormLines, Value};
use web_sys::MouseEvent;

use super::field::FormInput;
use super::state::FormState;

#[component]
pub fn Lines(state: FormState, lines: FormLines) -> impl IntoView {
    let lines = StoredValue::new(lines);
    let table = StoredValue::new(lines.with_value(|lines| lines.table.clone()));
    let (least, most) = lines.with_value(|lines| (lines.least, lines.most));
    let numbers = Memo::new(move |_| table.with_value(|table| state.numbers(table)));
    let count = move || numbers.with(Vec::len);
    let add = move |_: MouseEvent| {
        table.with_value(|table| state.add_line(table));
        state.store.announce(words::form_line_added(untrack(count)));
    };
    let is_full = move || count() >= most;
    let totals = move || {
        let totals = lines.with_value(|lines| lines.totals.clone());
        totals.into_iter().filter_map(|name| total(state, lines, name)).collect_view()
    };
    view! {
        <div class="form-lines">
            <For each=move || numbers.get() key=|number| *number let:number>
                {line(state, lines, number, numbers, least)}
            </For>
            <div class="form-lines-end">
                <Show when=move || !state.looks.get()>
                    <button type="button" disabled=is_full on:click=add>{state.store.say(words::form_add_line())}</button>
                </Show>
                <dl class="form-totals" class:is-empty=move || count() == 0>{totals}</dl>
            </div>
        </div>
    }
}

fn line(
    state: FormState,
    lines: StoredValue<FormLines>,
    number: usize,
    numbers: Memo<Vec<usize>>,
    least: usize,
) -> impl IntoView {
    let filled = Memo::new(move |_| lines.with_value(|lines| state.filled_line(lines, number)));
    let table = lines.with_value(|lines| lines.table.clone());
    let field = |field: FormField| {
        let line = Some((table.clone(), number));
        view! { <FormInput state=state line=line field=field filled=filled/> }
    };
    let fields = lines.with_value(|lines| lines.fields.clone()).into_iter().map(field).collect_view();
    let nth = move || numbers.with(|numbers| numbers.iter().position(|known| *known == number).unwrap_or(0) + 1);
    let is_least = move || numbers.with(Vec::len) <= least;
    let remove = move |_: MouseEvent| {
        let at = untrack(nth);
        lines.with_value(|lines| state.remove_line(&lines.table, number));
        state.store.announce(words::form_line_removed(at));
    };
    view! {
        <fieldset class="form-line">
            <legend>{move || state.store.say(words::form_line(nth()))}</legend>
            {fields}
            <Show when=move || !state.looks.get()>
                <button
                    type="button" class="form-line-remove" disabled=is_least
                    aria-label=move || state.store.say(words::form_remove_line(nth())) on:click=remove
                >"×"</button>
            </Show>
        </fieldset>
    }
}

/// A column's name and its sum.
fn total(state: FormState, lines: StoredValue<FormLines>, name: String) -> Option<impl IntoView> {
    let find = |lines: &FormLines| lines.fields.iter().find(|field| field.column.name == name).map(|field| field.column.clone());
    let column = lines.with_value(find)?;
    let label = column.label.clone();
    let sum = move || {
        let sum = lines.with_value(|lines| state.total(lines, &name));
        state.store.show(
            &Value::Decimal(sum).to_wire(),
            &model::ColumnView { ty: model::ColumnType::Decimal { scale: sum.scale() }, ..column.clone() },
        )
    };
    Some(view! {
        <div>
            <dt>{label}</dt>
            <dd>{sum}</dd>
        </div>
    })
}
