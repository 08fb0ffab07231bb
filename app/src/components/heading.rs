//! Headings, each on the level that the page around it asks for.

use leptos::prelude::*;

/// A heading of a `level` from 2 on; the sixth is the last that HTML has.
pub fn heading(level: u8, class: String, words: impl IntoView + 'static) -> AnyView {
    let words = words.into_any();
    match level {
        ..=2 => view! { <h2 class=class>{words}</h2> }.into_any(),
        3 => view! { <h3 class=class>{words}</h3> }.into_any(),
        4 => view! { <h4 class=class>{words}</h4> }.into_any(),
        5 => view! { <h5 class=class>{words}</h5> }.into_any(),
        _ => view! { <h6 class=class>{words}</h6> }.into_any(),
    }
}
