//! A picture that the author has put beside the workbook.

use leptos::prelude::*;
use model::ImageView;

use crate::client::Store;

/// - `height`: in CSS pixels; as high as it is if absent.
#[component]
pub fn Image(store: Store, image: ImageView, height: Option<u16>) -> impl IntoView {
    // The iframe's page is the server's own, a script tag's is not.
    let base = store.api.with_value(|api| api.as_ref().map(|api| api.base().to_owned()).unwrap_or_default());
    let style = height.map(|height| format!("height:{height}px"));
    view! { <img class="image" src=format!("{base}{}", image.path) alt=image.alt style=style loading="lazy" decoding="async"/> }
}
