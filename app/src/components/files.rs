//! Files of what an element shows, with the filters that hold noted in them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use leptos::prelude::*;
use model::{ChartLevel, ElementKind, ExportFile, ExportFormat, ExportRequest, FileRequest, Raw};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url};

use super::control::{place_said, said};
use super::tools::Tools;
use crate::api::Export;
use crate::client::Store;

/// Pixels of a picture for each of the screen's.
const SCALE: f64 = 2.0;
/// Characters of a file's name that tell of filters.
const MOST_NAMED: usize = 80;

/// What stands around a picture.
#[derive(Clone, Debug)]
pub struct Picture {
    pub title: String,
    pub notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    Png,
    Svg,
}

impl Picture {
    pub fn of(tools: Tools) -> Self {
        Self { title: tools.element.with_value(|element| element.title.clone()), notes: filters(tools) }
    }
}

/// The filters that an element follows, in words.
fn filters(tools: Tools) -> Vec<String> {
    let (store, asked) = (tools.store, tools.asked());
    let chosen = asked.controls.iter().filter(|(_, values)| !values.is_empty());
    let of = chosen.filter_map(|(id, values)| {
        let control = store.control(id)?;
        let said = store.locale.with_value(|locale| said(&control.kind, values, locale));
        Some(store.say(words::filter_chip(control.label, said)))
    });
    let way = tools.element.with_value(|element| match &element.kind {
        ElementKind::Chart(chart) => {
            let said = |(raw, level): (&Raw, &ChartLevel)| store.locale.with_value(|locale| place_said(raw, &level.axis, locale));
            let steps: Vec<String> = asked.drill.iter().zip(&chart.levels).map(said).collect();
            (!steps.is_empty()).then(|| store.say(words::filter_chip(store.say(words::chart_way()), steps.join(" › "))))
        }
        _ => None,
    });
    let columns = (!asked.filters.is_empty()).then(|| store.say(words::file_column_filters(asked.filters.len())));
    of.chain(way).chain(columns).collect()
}

/// Saves all rows or marks of an element.
pub fn save_rows(tools: Tools, format: ExportFormat) {
    let store = tools.store;
    let Some(api) = store.api.get_value() else { return };
    let (title, filters) = (tools.element.with_value(|element| element.title.clone()), filters(tools));
    let person = store.view.with_value(|view| view.person.name.clone());
    let now = js_sys::Date::new_0().to_iso_string().as_string().unwrap_or_default();
    let head = [title.clone(), store.say(words::file_made(person, now))];
    let none = filters.is_empty().then(|| store.say(words::filters_none()));
    let cut = |line: String| line.chars().take(500).collect();
    let notes: Vec<String> = head.into_iter().chain(none).chain(filters.iter().cloned()).take(50).map(cut).collect();
    let (query, total) = (tools.asked(), Some(store.say(words::pivot_total())));
    let name = file_name(&title, &filters);
    spawn_local(async move {
        let answer = match api.call(&Export { query: ExportRequest { query, file: ExportFile { format, notes, total } } }).await {
            Ok(answer) => answer,
            Err(error) => return store.tell_problem(error.told()),
        };
        let saved = match format {
            // Excel takes a file of UTF-8 for one only if it begins with a mark.
            ExportFormat::Csv => {
                save(&format!("{name}.csv"), "text/csv;charset=utf-8", format!("\u{feff}{}", answer.csv).as_bytes())
            }
            ExportFormat::Xlsx => {
                let bytes = BASE64_STANDARD.decode(&answer.xlsx).unwrap_or_default();
                save(&format!("{name}.xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &bytes)
            }
        };
        match saved {
            Some(()) => store.announce(words::file_saved(answer.rows)),
            None => store.tell_problem(words::file_not_saved()),
        }
    });
}

/// Saves a file that is attached to a row.
pub fn save_attached(store: Store, request: FileRequest, name: String) {
    let Some(api) = store.api.get_value() else { return };
    spawn_local(async move {
        match api.file(&request).await {
            Ok(blob) => _ = save_blob(&blob, &name),
            Err(error) => store.tell_problem(error.told()),
        }
    });
}

/// Saves a picture of what is drawn.
pub fn save_picture(tools: Tools, kind: PictureKind, svg: String) {
    let store = tools.store;
    let picture = Picture::of(tools);
    let name = file_name(&picture.title, &picture.notes);
    spawn_local(async move {
        let saved = match kind {
            PictureKind::Svg => save(&format!("{name}.svg"), "image/svg+xml", svg.as_bytes()),
            PictureKind::Png => match png(&svg).await {
                Ok(bytes) => save(&format!("{name}.png"), "image/png", &bytes),
                Err(_) => None,
            },
        };
        match saved {
            Some(()) => store.announce(words::picture_saved()),
            None => store.tell_problem(words::file_not_saved()),
        }
    });
}

/// An SVG as pixels.
async fn png(svg: &str) -> Result<Vec<u8>, JsValue> {
    let image = HtmlImageElement::new()?;
    image.set_src(&format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(svg)));
    JsFuture::from(image.decode()).await?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width((f64::from(image.natural_width()) * SCALE) as u32);
    canvas.set_height((f64::from(image.natural_height()) * SCALE) as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into::<web_sys::CanvasRenderingContext2d>();
    context.scale(SCALE, SCALE)?;
    context.draw_image_with_html_image_element(&image, 0.0, 0.0)?;
    let url = canvas.to_data_url()?;
    let encoded = url.split_once(',').map_or("", |(_, encoded)| encoded);
    BASE64_STANDARD.decode(encoded).map_err(|_| JsValue::NULL)
}

/// What a file is called: as the element, and after the filters that hold.
fn file_name(title: &str, filters: &[String]) -> String {
    let plain =
        |text: &str| text.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c }).collect::<String>();
    let filters: String = plain(&filters.join(", ")).chars().take(MOST_NAMED).collect();
    let title = plain(title);
    if filters.is_empty() { title } else { format!("{title} ({})", filters.trim()) }
}

/// Hands a file to the person's browser; `None` where it would not take it.
fn save(name: &str, ty: &str, bytes: &[u8]) -> Option<()> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(ty);
    save_blob(&Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?, name)
}

/// Has the browser save something as a file.
pub fn save_blob(blob: &Blob, name: &str) -> Option<()> {
    let url = Url::create_object_url_with_blob(blob).ok()?;
    let link: HtmlAnchorElement = document().create_element("a").ok()?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Once it has been taken; a browser needs a moment for that.
    set_timeout(move || _ = Url::revoke_object_url(&url), std::time::Duration::from_secs(30));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_its_element_and_its_filters() {
        assert_eq!(file_name("Revenue: by/month", &[]), "Revenue- by-month");
        assert_eq!(file_name("Revenue", &["Region: West".into(), "State: Ohio".into()]), "Revenue (Region- West, State- Ohio)");
        assert!(file_name("R", &["x".repeat(200)]).len() < 90);
    }
}
