//! How a file is read, and where its columns go: guessed, and changed by whoever knows better.

use leptos::prelude::*;
use model::{
    ColumnType, DELIMITERS, ENCODINGS, FileColumn, ImportFormat, ImportTarget, LOCALES, Locale, LookAnswer, Raw, SheetKind,
};

use super::state::Import;

pub fn mapping(import: Import) -> impl IntoView {
    let look = move || import.look.get().unwrap_or_default();
    // What is chosen in is drawn anew only if there is something else to choose, so that the keyboard stays where it is.
    let ways = Memo::new(move |_| import.look.with(|look| look.as_ref().map(|look| (look.format.kind, look.sheets.clone()))));
    let columns = Memo::new(move |_| import.look.with(|look| look.as_ref().map(|look| look.columns.clone())));
    let lines = move || {
        let targets = import.look.with_untracked(|look| look.as_ref().map(|look| look.targets.clone())).unwrap_or_default();
        let lines = columns.get().unwrap_or_default().into_iter().enumerate();
        lines.map(|(place, column)| line(import, place, column, &targets)).collect::<Vec<_>>()
    };
    let writes = move || {
        let LookAnswer { mapping, targets, .. } = look();
        mapping.columns.iter().flatten().any(|name| targets.iter().any(|target| target.name == *name && target.writable))
    };
    view! {
        <div class="import-map">
            <fieldset class="import-format">
                <legend>{import.say(words::import_read_as())}</legend>
                {move || ways.get().map(|(kind, sheets)| format(import, kind, &sheets))}
            </fieldset>
            {move || look().remembered.then(|| view! { <p class="is-quiet">{import.say(words::import_remembered())}</p> })}
            <div class="grid-paste-table import-columns" tabindex="0" role="region" aria-label=import.say(words::import_columns())>
                <table>
                    <thead><tr>
                        <th scope="col">{import.say(words::import_in_file())}</th>
                        <th scope="col">{import.say(words::import_samples())}</th>
                        <th scope="col">{import.say(words::import_goes_to())}</th>
                    </tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
            {move || { columns.track(); finds(import) }}
            <div class="grid-filter-buttons">
                <button type="button" class="is-primary" disabled=move || !writes() on:click=move |_| import.try_it()>{import.say(words::import_check())}</button>
            </div>
        </div>
    }
}

/// A list to choose from; each option has its value and its words.
fn chooser<C, F>(label: String, options: Vec<(String, String)>, chosen: C, choose: F) -> impl IntoView + use<C, F>
where
    C: Fn() -> String + Copy + Send + Sync + 'static,
    F: Fn(String) + 'static,
{
    let option = |(value, words): (String, String)| {
        let own = value.clone();
        view! { <option value=value selected=move || chosen() == own>{words}</option> }
    };
    let options = options.into_iter().map(option).collect::<Vec<_>>();
    view! { <label>{label} " " <select on:change=move |event| choose(event_target_value(&event))>{options}</select></label> }
}

fn format(import: Import, kind: SheetKind, sheets: &[String]) -> impl IntoView + use<> {
    let now = move || import.look.with(|look| look.as_ref().map(|look| look.format.clone())).unwrap_or_default();
    let first = untrack(now);
    let change = move |change: fn(&mut ImportFormat, String)| {
        move |value: String| {
            let mut format = untrack(now);
            change(&mut format, value);
            import.read_as(format);
        }
    };
    let csv = (kind == SheetKind::Csv).then(|| {
        let others = ENCODINGS.into_iter().filter(|label| *label != first.encoding);
        let encodings =
            std::iter::once(first.encoding.as_str()).chain(others).map(|label| (label.to_owned(), label.to_uppercase()));
        let shown = |c: char| if c == '\t' { import.say(words::tabs()) } else { c.to_string() };
        let delimiters = DELIMITERS.map(|c| (c.to_string(), shown(c))).to_vec();
        let encoding = change(|format, value| format.encoding = value);
        let delimiter = change(|format, value| format.delimiter = value.chars().next());
        view! {
            {chooser(import.say(words::import_encoding()), encodings.collect(), move || now().encoding, encoding)}
            {chooser(import.say(words::columns_at()), delimiters, move || now().delimiter.unwrap_or(',').to_string(), delimiter)}
        }
    });
    let sheet = (sheets.len() > 1).then(|| {
        let options = sheets.iter().map(|name| (name.clone(), name.clone())).collect();
        let choose = change(|format, value| format.sheet = Some(value));
        chooser(import.say(words::import_sheet()), options, move || now().sheet.unwrap_or_default(), choose)
    });
    let own = LOCALES.iter().all(|tag| *tag != first.locale).then_some(first.locale.as_str());
    let locales = own.into_iter().chain(LOCALES).map(|tag| (tag.to_owned(), example(tag))).collect();
    let locale = change(|format, value| format.locale = value);
    let flip = change(|format, _| format.header = !format.header);
    view! {
        {sheet}
        {csv}
        {chooser(import.say(words::import_written_as()), locales, move || now().locale, locale)}
        <label class="grid-paste-only">
            <input type="checkbox" prop:checked=move || now().header on:change=move |_| flip(String::new())/>
            {import.say(words::import_header())}
        </label>
    }
}

/// A number and a day as they are written there.
fn example(tag: &str) -> String {
    let locale = Locale::new(tag, "");
    let number = locale.show(&Raw::from("1234.50"), &ColumnType::Decimal { scale: 2 }, None);
    let day = locale.show(&Raw::from("2026-12-31"), &ColumnType::Date, None);
    format!("{number} · {day}")
}

fn line(import: Import, place: usize, column: FileColumn, targets: &[ImportTarget]) -> impl IntoView + use<> {
    let FileColumn { name, samples } = column;
    let name = if name.is_empty() { import.say(words::import_column_number(place + 1)) } else { name };
    let chosen = move || {
        let column = |look: &LookAnswer| look.mapping.columns.get(place).cloned().flatten();
        import.look.with(|look| look.as_ref().and_then(column)).unwrap_or_default()
    };
    let option = |target: &ImportTarget| {
        let own = target.name.clone();
        view! { <option value=target.name.clone() selected=move || chosen() == own>{target.label.clone()}</option> }
    };
    let options = targets.iter().map(option).collect::<Vec<_>>();
    let label = import.say(words::import_column_goes_to(name.as_str()));
    let choose = move |event| {
        let value = event_target_value(&event);
        import.goes_to(place, (!value.is_empty()).then_some(value));
    };
    view! {
        <tr class:is-same=move || chosen().is_empty()>
            <th scope="row">{name}</th>
            <td class="import-samples">{samples.into_iter().map(|text| view! { <span>{text}</span> }).collect::<Vec<_>>()}</td>
            <td><select aria-label=label on:change=choose>
                <option value="" selected=move || chosen().is_empty()>{import.say(words::import_nowhere())}</option>
                {options}
            </select></td>
        </tr>
    }
}

/// By what a line finds the row that it changes.
fn finds(import: Import) -> impl IntoView + use<> {
    let targets = import.look.with_untracked(|look| look.as_ref().map(|look| look.targets.clone())).unwrap_or_default();
    let keys: Vec<String> = targets.iter().filter(|target| target.key).map(|target| target.label.clone()).collect();
    if !keys.is_empty() {
        return view! { <p class="is-quiet">{import.say(words::import_finds(keys.join(", ")))}</p> }.into_any();
    }
    let all_new = (String::new(), import.say(words::import_all_new()));
    let options = std::iter::once(all_new).chain(targets.into_iter().map(|target| (target.name, target.label))).collect();
    let first = |look: &LookAnswer| look.mapping.matched.first().cloned();
    let chosen = move || import.look.with(|look| look.as_ref().and_then(first)).unwrap_or_default();
    let choose = move |value: String| import.match_by((!value.is_empty()).then_some(value));
    let chooser = chooser(import.say(words::import_rows_found_by()), options, chosen, choose);
    view! { <p class="import-finds">{chooser}</p> }.into_any()
}
