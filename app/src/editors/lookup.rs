//! The list under the field of a column whose values are looked up: what the server finds for what is typed.

use leptos::prelude::*;
use model::{LookupOption, LookupRequest};
use wasm_bindgen_futures::spawn_local;

use super::Field;
use super::options::{Choice, Options};
use crate::api::Lookup;
use crate::client::Latest;

/// How long nobody has typed before the server is asked.
const QUIET_MS: u64 = 120;

/// The list, asked for again with everything that is typed.
pub fn looked_up(field: Field, table: String) -> Options {
    let list = Options::new(field);
    let latest = Latest::default();
    Effect::new(move |_| {
        let typed = field.typed.get();
        let begun = latest.begin();
        let (workbook, column) =
            (field.store.view.with_value(|view| view.id.clone()), field.column.with_value(|c| c.name.clone()));
        let search = typed.clone().unwrap_or_default();
        let lookup = LookupRequest { workbook, table: table.clone(), column, search };
        let Some(api) = field.store.api.get_value() else { return };
        spawn_local(async move {
            if typed.is_some() && !begun.rests(QUIET_MS).await {
                return;
            }
            let answer = api.call(&Lookup { lookup }).await;
            if !begun.is_last() {
                return;
            }
            match answer {
                Ok(answer) => {
                    list.show(answer.options.iter().map(|option| choice(field, option)).collect(), typed.is_some());
                    let words = match (answer.options.is_empty(), answer.more) {
                        (true, _) => Some(words::nothing_fits()),
                        (false, true) => Some(words::more_to_find()),
                        (false, false) => None,
                    };
                    list.words.set(words);
                }
                Err(error) => list.words.set(Some(error.told())),
            }
        });
    });
    list
}

fn choice(field: Field, option: &LookupOption) -> Choice {
    let text = |raw: &model::Raw| {
        let ty = field.column.with_value(|column| column.ty.clone());
        field.store.locale.with_value(|locale| locale.edit_text(raw, &ty))
    };
    let label = option.label.as_ref().and_then(|label| label.as_str().map(str::to_owned).or_else(|| Some(label.to_string())));
    Choice { value: text(&option.value), label }
}
