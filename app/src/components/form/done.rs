//! What is said once something is filed, and what one can do then.

use leptos::prelude::*;
use model::{FormView, Next};

use super::state::{FormState, Place};
use crate::client::OpenRow;

/// The confirmation.
pub fn done(state: FormState) -> impl IntoView {
    let store = state.store;
    let (then, opens) = state.form.with_value(|form| (form.then.clone(), form.opens));
    let goes_on = then != Next::Close;
    let look = move |_| {
        let key = state.filed.get_untracked().map(|(key, _)| key).unwrap_or_default();
        // Whoever closes it finds the form empty.
        state.begin_anew();
        store.open_row(&state.id.get_value(), OpenRow { key, edit: false, said: None });
    };
    view! {
        <div class="form-done" role="status">
            <p class="form-thanks">{thanks_words(state)}</p>
            {number(state).map(|number| view! { <p class="is-quiet">{number}</p> })}
            <div class="form-buttons">
                {opens.then(|| view! { <button type="button" on:click=look>{store.say(words::form_look())}</button> })}
                {goes_on.then(|| view! {
                    <button type="button" class="is-primary" on:click=move |_| state.begin_anew()>{store.say(words::form_another())}</button>
                })}
            </div>
        </div>
    }
}

/// The number of what was filed, where the author does not say it himself.
fn number(state: FormState) -> Option<String> {
    let is_said = state.form.with_value(|form| FormView::named(&form.thanks).any(|name| name == FormView::NUMBER));
    let number = filed_number(state).filter(|_| !is_said)?;
    Some(state.store.say(words::form_number(number)))
}

fn filed_number(state: FormState) -> Option<String> {
    let number = state.filed.with_untracked(|filed| filed.as_ref().and_then(|(_, filing)| Some(filing.as_ref()?.number)))?;
    Some(number.to_string())
}

/// The author's words with what was filed, or ours in the person's language.
pub fn thanks_words(state: FormState) -> String {
    let store = state.store;
    let thanks = state.form.with_value(|form| form.thanks.clone());
    if thanks == FormView::THANKS {
        return store.say(words::form_thanks());
    }
    let told = |name: &str| {
        if name == FormView::NUMBER {
            return filed_number(state).unwrap_or_default();
        }
        let place = Place { line: None, column: name.to_owned() };
        let value = state.filled.with_untracked(|filled| filled.value(name)).to_wire();
        state.column(&place).filter(|_| !value.is_null()).map(|column| store.show(&value, &column)).unwrap_or_default()
    };
    FormView::said(&thanks, &told)
}
