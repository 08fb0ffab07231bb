//! How a file is read, and where its columns go: guessed, and changed by whoever knows better.

use leptos::prelude::*;
use model::{DELIMITERS, ENCODINGS, FileColumn, ImportFormat, ImportTarget, LOCALES, Locale, LookAnswer, Raw, SheetKind};

use super::state::Import;

pub fn mapping(import: Import) -> impl IntoView {
    move || import.look.get().map(|look| drawn(import, look))
}

fn drawn(import: Import, look: LookAnswer) -> impl IntoView {
    let lines = (0..look.columns.len()).map(|place| line(import, &look, place)).collect::<Vec<_>>();
    let has_writable =
        look.mapping.columns.iter().flatten().any(|name| look.targets.iter().any(|t| t.name == *name && t.writable));
    view! {
        <div class="import-map">
            <fieldset class="import-format"><legend>{import.say(words::import_read_as())}</legend>{format(import, &look)}</fieldset>
            {look.remembered.then(|| view! { <p class="is-quiet">{import.say(words::import_remembered())}</p> })}
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
            {finds(import, &look)}
            <div class="grid-filter-buttons">
                <button type="button" class="is-primary" disabled=!has_writable on:click=move |_| import.try_it()>{import.say(words::import_check())}</button>
            </div>
        </div>
    }
}

fn chooser<F: Fn(String) + 'static>(
    label: String,
    options: Vec<(String, String)>,
    chosen: &str,
    choose: F,
) -> impl IntoView + use<F> {
    let option = |(value, words): (String, String)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    };
    let options = options.into_iter().map(option).collect::<Vec<_>>();
    view! { <label>{label} " " <select on:change=move |event| choose(event_target_value(&event))>{options}</select></label> }
}

fn format(import: Import, look: &LookAnswer) -> impl IntoView + use<> {
    let now = look.format.clone();
    let change = move |change: fn(&mut ImportFormat, String)| {
        let now = now.clone();
        move |value: String| {
            let mut format = now.clone();
            change(&mut format, value);
            import.read_as(format);
        }
    };
    let LookAnswer { format: now, sheets, .. } = look;
    let known = |label: &&str| **label != now.encoding;
    let encodings = std::iter::once(now.encoding.as_str()).chain(ENCODINGS.into_iter().filter(|label| known(label)));
    let encodings = encodings.map(|label| (label.to_owned(), label.to_uppercase())).collect();
    let delimiters =
        DELIMITERS.map(|c| (c.to_string(), if c == '\t' { import.say(words::tabs()) } else { c.to_string() })).to_vec();
    let own = LOCALES.iter().all(|tag| *tag != now.locale).then_some(now.locale.as_str());
    let locales = own.into_iter().chain(LOCALES).map(|tag| (tag.to_owned(), example(tag))).collect();
    let csv = (now.kind == SheetKind::Csv).then(|| {
        view! {
            {chooser(import.say(words::import_encoding()), encodings, &now.encoding, change(|format, value| format.encoding = value))}
            {chooser(import.say(words::columns_at()), delimiters, &now.delimiter.unwrap_or(',').to_string(), change(|format, value| format.delimiter = value.chars().next()))}
        }
    });
    let sheet = (sheets.len() > 1).then(|| {
        let options = sheets.iter().map(|name| (name.clone(), name.clone())).collect();
        let chosen = now.sheet.clone().unwrap_or_default();
        chooser(import.say(words::import_sheet()), options, &chosen, change(|format, value| format.sheet = Some(value)))
    });
    let header = now.header;
    let flip = change(|format, _| format.header = !format.header);
    view! {
        {sheet}
        {csv}
        {chooser(import.say(words::import_written_as()), locales, &now.locale, change(|format, value| format.locale = value))}
        <label class="grid-paste-only"><input type="checkbox" checked=header on:change=move |_| flip(String::new())/>{import.say(words::import_header())}</label>
    }
}

/// A number and a day as they are written there.
fn example(tag: &str) -> String {
    let locale = Locale::new(tag, "");
    let number = locale.show_number(1234.5, None);
    let day = locale.show(&Raw::from("2026-12-31"), &model::ColumnType::Date, None);
    format!("{number} · {day}")
}

fn line(import: Import, look: &LookAnswer, place: usize) -> impl IntoView + use<> {
    let FileColumn { name, samples } = look.columns[place].clone();
    let name = if name.is_empty() { import.say(words::import_column_number(place + 1)) } else { name };
    let chosen = look.mapping.columns.get(place).cloned().flatten().unwrap_or_default();
    let option = |target: &ImportTarget| {
        let selected = target.name == chosen;
        view! { <option value=target.name.clone() selected=selected>{target.label.clone()}</option> }
    };
    let options = look.targets.iter().map(option).collect::<Vec<_>>();
    let label = import.say(words::import_column_goes_to(name.as_str()));
    let choose = move |event| {
        let value = event_target_value(&event);
        import.goes_to(place, (!value.is_empty()).then_some(value));
    };
    view! {
        <tr class:is-same=chosen.is_empty()>
            <th scope="row">{name}</th>
            <td class="import-samples">{samples.into_iter().map(|text| view! { <span>{text}</span> }).collect::<Vec<_>>()}</td>
            <td><select aria-label=label on:change=choose>
                <option value="" selected=chosen.is_empty()>{import.say(words::import_nowhere())}</option>
                {options}
            </select></td>
        </tr>
    }
}

/// By what a line finds the row that it changes.
fn finds(import: Import, look: &LookAnswer) -> impl IntoView + use<> {
    let keys: Vec<String> = look.targets.iter().filter(|target| target.key).map(|target| target.label.clone()).collect();
    if !keys.is_empty() {
        return view! { <p class="is-quiet">{import.say(words::import_finds(keys.join(", ")))}</p> }.into_any();
    }
    let mapped = look.targets.iter().filter(|target| look.mapping.columns.iter().flatten().any(|name| *name == target.name));
    let all_new = (String::new(), import.say(words::import_all_new()));
    let options = std::iter::once(all_new).chain(mapped.map(|target| (target.name.clone(), target.label.clone()))).collect();
    let chosen = look.mapping.matched.first().cloned().unwrap_or_default();
    let choose = move |value: String| import.match_by((!value.is_empty()).then_some(value));
    let chooser = chooser(import.say(words::import_rows_found_by()), options, &chosen, choose);
    view! { <p class="import-finds">{chooser}</p> }.into_any()
}
