//! How an element's answer came about: statements, binds, rows and times, for whoever writes workbooks.

use std::time::Duration;

use leptos::prelude::*;
use model::{ColumnType, InspectedStatement, Raw};
use words::Message;

use crate::client::{Inspected, Store};

/// A button at the corner of an element, and what it opens.
#[component]
pub fn Inspector(store: Store, id: String) -> impl IntoView {
    let open = RwSignal::new(false);
    let panel = format!("inspector-{id}");
    let controls = panel.clone();
    let inspected = Memo::new(move |_| store.inspected.with(|all| all.get(&id).cloned()));
    let title = store.say(words::inspect());
    view! {
        <button type="button" class="inspector-button" title=title.clone() aria-label=title.clone()
            aria-expanded=move || open.get().to_string() aria-controls=controls on:click=move |_| open.update(|open| *open = !*open)>"{ }"</button>
        <div id=panel class="inspector-panel" role="region" aria-label=title hidden=move || !open.get()>
            {move || open.get().then(|| match inspected.get() {
                Some(inspected) => told(store, inspected).into_any(),
                None => view! { <p class="is-quiet">{store.say(words::inspect_nothing())}</p> }.into_any(),
            })}
        </div>
    }
}

fn told(store: Store, inspected: Inspected) -> impl IntoView {
    let Inspected { inspection, at_ms, took, drawing_ms } = inspected;
    let now = RwSignal::new(js_sys::Date::now());
    if let Ok(handle) = set_interval_with_handle(move || now.set(js_sys::Date::now()), Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
    let age = move || {
        let seconds = ((now.get() - at_ms) / 1_000.0).max(0.0) as u64;
        store.say(if took.is_some() { words::inspect_asked(seconds) } else { words::inspect_came_with_page(seconds) })
    };
    let server_ms = inspection.server_us as f64 / 1_000.0;
    let times = [
        Some((words::inspect_server(), server_ms)),
        took.map(|took| (words::inspect_network(), (took.ms - server_ms).max(0.0))),
        drawing_ms.map(|ms| (words::inspect_drawing(), ms)),
    ];
    let time = |(what, ms): (Message, f64)| view! { <div><dt>{store.say(what)}</dt><dd>{shown(store, ms)}</dd></div> };
    let size = took.map(|took| view! { <div><dt>{store.say(words::inspect_size())}</dt><dd>{store.say(words::inspect_bytes(took.bytes))}</dd></div> });
    view! {
        <div class="inspector">
            <p class="is-quiet">{age}</p>
            <dl class="inspector-times">{times.into_iter().flatten().map(time).collect_view()}{size}</dl>
            {inspection.statements.into_iter().map(|one| statement(store, one)).collect_view()}
        </div>
    }
}

fn statement(store: Store, one: InspectedStatement) -> impl IntoView {
    let ms = |us: u64| shown(store, us as f64 / 1_000.0);
    let said = store.say(words::inspect_statement(one.rows, ms(one.ran_us), ms(one.waited_us)));
    let shared = one.shared.then(|| view! { " " {store.say(words::inspect_shared())} });
    let bind = |(i, bind): (usize, Raw)| {
        let text = bind.as_str().map_or_else(|| bind.to_string(), |text| format!("'{text}'"));
        view! { <li value=(i + 1).to_string()><code>{text}</code></li> }
    };
    let binds = (!one.binds.is_empty()).then(|| {
        let binds = one.binds.into_iter().enumerate().map(bind).collect_view();
        view! { <ol class="inspector-binds" aria-label=store.say(words::inspect_binds())>{binds}</ol> }
    });
    view! {
        <section>
            <p>{said} {shared}</p>
            <pre tabindex="0">{one.sql}</pre>
            {binds}
        </section>
    }
}

fn shown(store: Store, ms: f64) -> String {
    let ms = Raw::from(format!("{ms:.1}"));
    let number = store.locale.with_value(|locale| locale.show(&ms, &ColumnType::Decimal { scale: 1 }, None));
    format!("{number} ms")
}
