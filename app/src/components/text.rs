//! What the author says, with values in it.

use leptos::prelude::*;
use model::{ElementView, TextPart, TextView, Words};

use super::heading::heading;
use crate::client::{Store, use_query};

/// Values as they are shown, by the columns of the answer.
type Values = Signal<Vec<String>>;

/// A text.
///
/// - `level`: of its largest heading.
#[component]
pub fn Text(store: Store, element: ElementView, text: TextView, level: u8) -> impl IntoView {
    let asked = text.asks.then(|| use_query(store, &element));
    let values = Memo::new(move |_| {
        let Some(answer) = asked.and_then(|asked| asked.remote.with(|remote| remote.answer.clone())) else { return Vec::new() };
        let row = answer.rows.first().map(Vec::as_slice).unwrap_or_default();
        let shown = |(raw, column): (&model::Raw, &model::AnswerColumn)| {
            let text = store.locale.with_value(|locale| locale.show(raw, &column.ty, column.format));
            if text.is_empty() { "–".to_owned() } else { text }
        };
        row.iter().zip(&answer.columns).map(shown).collect::<Vec<_>>()
    });
    // Its largest heading is on the level of the page around it, whatever its author calls that.
    let largest =
        text.parts.iter().filter_map(|part| if let TextPart::Heading { level, .. } = part { Some(*level) } else { None });
    let top = level.saturating_sub(largest.min().unwrap_or(1));
    view! {
        <div class="text" dir="auto">{parts(text.parts, values.into(), top)}</div>
        {asked.map(|asked| asked.problem())}
    }
}

/// - `above`: how many levels of headings are above those of the text.
fn parts(all: Vec<TextPart>, values: Values, above: u8) -> AnyView {
    all.into_iter().map(|one| part(one, values, above)).collect_view().into_any()
}

fn part(part: TextPart, values: Values, above: u8) -> AnyView {
    match part {
        TextPart::Heading { level, words: said } => {
            heading(above + level, format!("text-heading is-{level}"), words(said, values))
        }
        TextPart::Paragraph { words: said } => view! { <p>{words(said, values)}</p> }.into_any(),
        TextPart::List { first, items } => {
            let item = |item| view! { <li>{parts(item, values, above)}</li> };
            let items = items.into_iter().map(item).collect_view();
            match first {
                Some(first) => view! { <ol start=first.to_string()>{items}</ol> }.into_any(),
                None => view! { <ul>{items}</ul> }.into_any(),
            }
        }
        TextPart::Quote { parts: said } => view! { <blockquote>{parts(said, values, above)}</blockquote> }.into_any(),
        TextPart::Code { text } => view! { <pre tabindex="0">{text}</pre> }.into_any(),
        TextPart::Rule => view! { <hr/> }.into_any(),
    }
}

fn words(all: Vec<Words>, values: Values) -> AnyView {
    all.into_iter().map(|one| word(one, values)).collect_view().into_any()
}

fn word(word: Words, values: Values) -> AnyView {
    match word {
        Words::Plain { text } => text.into_any(),
        Words::Value { column } => {
            let value = move || values.with(|values| values.get(column).cloned().unwrap_or_else(|| "…".into()));
            view! { <span class="text-value">{value}</span> }.into_any()
        }
        Words::Strong { words: said } => view! { <strong>{words(said, values)}</strong> }.into_any(),
        Words::Emphasis { words: said } => view! { <em>{words(said, values)}</em> }.into_any(),
        Words::Struck { words: said } => view! { <s>{words(said, values)}</s> }.into_any(),
        Words::Code { text } => view! { <code>{text}</code> }.into_any(),
        Words::Link { to, words: said } => {
            view! { <a href=to target="_blank" rel="noopener noreferrer">{words(said, values)}</a> }.into_any()
        }
        Words::Break => view! { <br/> }.into_any(),
    }
}
