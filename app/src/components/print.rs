//! The page that is open on paper, or as a PDF where the browser prints into one: what is on the screen, and nothing around it.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Element, HtmlIFrameElement, Node};

use crate::client::Store;

/// How wide the page is laid out, in CSS pixels: about what a sheet of A4 or Letter has on its long side.
const WIDTH_PX: u32 = 1060;
const THEME: &str = "data-theme";
/// How long drawings take to change their colours, in milliseconds.
const REDRAWN_MS: u64 = 500;
/// How long rows are waited for, and how often they are looked for, in milliseconds.
const PATIENCE_MS: u64 = 5_000;
const STEP_MS: u64 = 100;
/// The share of its size that a table keeps.
const SMALLEST: f64 = 0.5;

/// Drawn beside the workbook's name.
///
/// - `frame`: the workbook.
#[component]
pub fn PrintButton(store: Store, frame: NodeRef<html::Div>) -> impl IntoView {
    let press = move |_| {
        let title = store.view.with_value(|view| {
            let page = view.pages.get(store.page.get_untracked()).map(|page| page.title.as_str()).unwrap_or_default();
            format!("{} - {page}", view.title)
        });
        let Some(root) = frame.get_untracked().and_then(|frame| frame.closest(".inlay").ok().flatten()) else { return };
        spawn_local(async move {
            let before = root.get_attribute(THEME);
            if is_dark(&root) {
                // Drawings have the colours of their ground: they are drawn once more for paper.
                let _ = root.set_attribute(THEME, "light");
                sleep(Duration::from_millis(REDRAWN_MS)).await;
            }
            store.on_paper.set(true);
            all_here(&root).await;
            let printed = print(&root, &title);
            store.on_paper.set(false);
            let _ = match before {
                Some(theme) => root.set_attribute(THEME, &theme),
                None => root.remove_attribute(THEME),
            };
            if printed.is_none() {
                store.tell_problem(words::file_not_saved());
            }
        });
    };
    view! {
        <button type="button" class="print-button" title=store.say(words::print_title()) on:click=press>{store.say(words::print())}</button>
    }
}

/// Waits for rows that are not here yet, as long as somebody would.
async fn all_here(root: &Element) {
    for _ in 0..PATIENCE_MS / STEP_MS {
        sleep(Duration::from_millis(STEP_MS)).await;
        if root.query_selector(".grid-row.is-loading, .skeleton-rows").ok().flatten().is_none() {
            return;
        }
    }
}

/// Puts a copy of what is shown into a frame of its own and prints that; `None` where the host's page lets none be made.
fn print(root: &Element, title: &str) -> Option<()> {
    let host = root.owner_document()?;
    let sheet: HtmlIFrameElement = host.create_element("iframe").ok()?.unchecked_into();
    let style =
        format!("position:fixed;inset-block-start:0;inset-inline-start:-9999px;width:{WIDTH_PX}px;height:1400px;border:0");
    sheet.set_attribute("style", &style).ok()?;
    sheet.set_attribute("aria-hidden", "true").ok()?;
    sheet.set_attribute("tabindex", "-1").ok()?;
    host.body()?.append_child(&sheet).ok()?;
    let page = sheet.content_document()?;
    page.set_title(title);
    let body = page.body()?;
    body.set_attribute("style", "margin:0").ok()?;
    let copy: Element = page.import_node_with_deep(root.unchecked_ref::<Node>(), true).ok()?.unchecked_into();
    // Paper is white.
    copy.set_attribute(THEME, "light").ok()?;
    let _ = copy.class_list().add_1("is-on-paper");
    fit(&copy);
    body.append_child(&copy).ok()?;
    let styled = style_of(root, &page)?;
    let go = move || {
        narrow(&copy);
        if let Some(window) = sheet.content_window() {
            let _ = window.print();
        }
        // The browser has its own copy as soon as it asks where to.
        let gone = sheet.clone();
        set_timeout(move || gone.remove(), Duration::from_secs(60));
    };
    let loaded = Closure::once_into_js(go);
    styled.add_event_listener_with_callback("load", loaded.unchecked_ref()).ok()
}

fn all(copy: &Element, selector: &str) -> Vec<Element> {
    let found = copy.query_selector_all(selector).ok();
    found.iter().flat_map(|found| (0..found.length()).filter_map(|i| found.get(i)).map(JsCast::unchecked_into)).collect()
}

/// Tables that are wider than the paper are made smaller, as far as one can read them then.
fn narrow(copy: &Element) {
    for table in all(copy, ".grid, .pivot") {
        let share = f64::from(table.client_width()) / f64::from(table.scroll_width().max(1));
        if share < 1.0 {
            let style = table.get_attribute("style").unwrap_or_default();
            let _ = table.set_attribute("style", &format!("{style};zoom:{:.2}", share.max(SMALLEST)));
        }
    }
}

/// Whether what is written is lighter than its ground.
fn is_dark(root: &Element) -> bool {
    let style = window().get_computed_style(root).ok().flatten();
    let color = style.and_then(|style| style.get_property_value("color").ok()).unwrap_or_default();
    let first = color.split(|c: char| !c.is_ascii_digit()).find_map(|part| part.parse::<u32>().ok());
    first.is_some_and(|red| red > 128)
}

/// The style sheet that a workbook has, in another document.
fn style_of(root: &Element, page: &Document) -> Option<Element> {
    let scope = root.get_root_node();
    let query = "link[rel=stylesheet]";
    let links = match scope.dyn_ref::<web_sys::ShadowRoot>() {
        Some(shadow) => shadow.query_selector_all(query).ok()?,
        None => scope.dyn_ref::<Document>()?.query_selector_all(query).ok()?,
    };
    let mut last = None;
    for i in 0..links.length() {
        let href = links.get(i)?.unchecked_into::<web_sys::HtmlLinkElement>().href();
        let link = page.create_element("link").ok()?;
        link.set_attribute("rel", "stylesheet").ok()?;
        link.set_attribute("href", &href).ok()?;
        page.head()?.append_child(&link).ok()?;
        last = Some(link);
    }
    last
}

/// Drawings are as large as their places on the paper.
fn fit(copy: &Element) {
    for drawing in all(copy, ".chart-canvas svg") {
        let size = ["width", "height"].map(|side| drawing.get_attribute(side).unwrap_or_default());
        let _ = drawing.set_attribute("viewBox", &format!("0 0 {} {}", size[0], size[1]));
        let _ = drawing.set_attribute("width", "100%");
        let _ = drawing.set_attribute("height", "100%");
        let _ = drawing.remove_attribute("style");
        // What ECharts has around it is as large as it was on the screen.
        if let Some(around) = drawing.parent_element() {
            let _ = around.set_attribute("style", "width:100%;height:100%");
        }
    }
}
