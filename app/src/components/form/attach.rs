//! A field that takes a file: chosen or dropped, sent at once, and taken away again.

use leptos::html;
use leptos::prelude::*;
use model::{ApiError, Code, FilePlace, FileRef, FileRequest, FileRules, FileType, Raw, megabytes};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, CanvasRenderingContext2d, DragEvent, File, FileList, HtmlCanvasElement, ImageBitmap};

use super::field::At;
use crate::components::files::save_attached;

/// Pixels of the longer side that a picture has at most: what a phone's camera makes says no more to whoever reads a report.
const MOST_PIXELS: u32 = 2_000;
const QUALITY: f64 = 0.85;

#[component]
pub fn Attach(at: At) -> impl IntoView {
    let store = at.state.store;
    let rules = at.field.with_value(|field| field.column.file.clone());
    let rules = StoredValue::new(rules.unwrap_or(FileRules { types: Vec::new(), most_bytes: 0 }));
    let input: NodeRef<html::Input> = NodeRef::new();
    // The name of the file that is on its way.
    let sending = RwSignal::new(None::<String>);
    let is_over = RwSignal::new(false);
    let chosen = Memo::new(move |_| FileRef::of(&Raw::from(at.text.get())));
    let take = move |files: Option<FileList>| {
        let Some(file) = files.and_then(|files| files.get(0)).filter(|_| sending.with_untracked(Option::is_none)) else { return };
        at.clear_problem();
        sending.set(Some(file.name()));
        let (state, place, rules) = (at.state, at.place.get_value(), rules.get_value());
        state.uploads.update(|count| *count += 1);
        spawn_local(async move {
            let sent = send(at, file, &rules).await;
            // Another step may be shown by now, where the file is still the form's; or the form is gone.
            let _ = sending.try_set(None);
            if state.uploads.try_update(|count| *count -= 1).is_none() {
                return;
            }
            match sent {
                Ok(file) => {
                    state.type_in(&place, file.text());
                    store.announce(words::file_added(file.name));
                }
                Err(error) => state.problems.update(|problems| drop(problems.insert(place, store.say(error.told())))),
            }
        });
    };
    let choose = move |_| {
        let Some(input) = input.get_untracked() else { return };
        take(input.files());
        // The same file once more is a choice too.
        input.set_value("");
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        is_over.set(false);
        take(event.data_transfer().and_then(|data| data.files()));
    };
    let over = move |event: DragEvent| {
        event.prevent_default();
        is_over.set(true);
    };
    let hint = store.say(rules.with_value(|rules| words::file_hint(rules.said(), megabytes(rules.most_bytes))));
    let hint_id = format!("{}-file-hint", at.id());
    let described = {
        let hint_id = hint_id.clone();
        move || Some(at.described().map_or_else(|| hint_id.clone(), |others| format!("{others} {hint_id}")))
    };
    let empty = move || {
        let (hint, hint_id, described) = (hint.clone(), hint_id.clone(), described.clone());
        view! {
            <div class="attach" class:is-over=is_over on:dragover=over on:dragleave=move |_| is_over.set(false) on:drop=drop>
                <input
                    id=at.id() type="file" class="attach-input" node_ref=input accept=rules.with_value(FileRules::accept) disabled=move || sending.with(Option::is_some)
                    aria-invalid=move || at.invalid() aria-required=move || at.is_required().then_some("true") aria-describedby=described on:change=choose
                />
                <label class="attach-choose" for=at.id() aria-hidden="true">{store.say(words::file_choose())}</label>
                <span class="attach-drop">{store.say(words::file_drop())}</span>
                <p class="attach-hint" id=hint_id>{move || sending.get().map_or_else(|| hint.clone(), |name| store.say(words::file_sending(name)))}</p>
            </div>
        }
    };
    let full = move |file: FileRef| {
        let remove = store.say(words::file_remove(file.name.as_str()));
        view! {
            <div class="attach is-full">
                <span class="attach-name" id=at.id() tabindex="-1">{file.name}</span>
                <span class="attach-size">{size(file.size)}</span>
                <button type="button" class="attach-remove" aria-label=remove on:click=move |_| at.set(String::new())>"×"</button>
            </div>
        }
    };
    move || match chosen.get() {
        Some(file) => full(file).into_any(),
        None => empty().into_any(),
    }
}

/// A number of bytes for people.
fn size(bytes: u64) -> String {
    match bytes.div_ceil(1 << 10) {
        kilobytes if kilobytes < 1_000 => format!("{kilobytes} KB"),
        _ => format!("{} MB", megabytes(bytes)),
    }
}

/// A file that a row has, to be saved.
pub fn attached(at: At) -> impl IntoView {
    let store = at.state.store;
    move || {
        let file = FileRef::of(&at.value().to_wire())?;
        let (name, save) = (file.name.clone(), store.say(words::file_save(file.name.as_str())));
        let press = move |_| {
            let key = at.key();
            let column = at.field.with_value(|field| field.column.name.clone());
            let workbook = store.view.with_value(|view| view.id.clone());
            save_attached(store, FileRequest { workbook, table: at.table(), key, column }, file.name.clone());
        };
        Some(view! { <button type="button" class="is-link" aria-label=save on:click=press>{name}</button> })
    }
}

/// Sends a file, a picture made smaller if it is a large one.
async fn send(at: At, file: File, rules: &FileRules) -> Result<FileRef, ApiError> {
    let (table, column) = (at.table(), at.field.with_value(|field| field.column.name.clone()));
    let store = at.state.store;
    let workbook = store.view.with_value(|view| view.id.clone());
    let api = store.api.get_value().ok_or_else(|| ApiError::new(Code::Offline))?;
    let is_picture = FileType::of_media(&file.type_()).is_some_and(FileType::is_picture);
    let smaller = if is_picture && rules.types.contains(&FileType::Jpeg) { smaller(&file).await } else { None };
    let (content, name) = match smaller {
        Some(blob) => (blob, jpeg_name(&file.name())),
        None => (file.clone().unchecked_into::<Blob>(), file.name()),
    };
    // What is too large is not sent first and refused then.
    if content.size() > rules.most_bytes as f64 {
        return Err(ApiError::say(Code::TooLong, words::file_too_large(megabytes(rules.most_bytes))));
    }
    api.upload(&FilePlace { workbook, table, column, name }, &content).await
}

fn jpeg_name(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.jpg")
}

/// A picture with the longer side cut down, upright as it was taken; none if it is small already, or none that the browser reads.
async fn smaller(file: &File) -> Option<Blob> {
    let bitmap = JsFuture::from(window().create_image_bitmap_with_blob(file).ok()?).await.ok()?;
    let bitmap: ImageBitmap = bitmap.unchecked_into();
    let (width, height) = (bitmap.width(), bitmap.height());
    if width.max(height) <= MOST_PIXELS {
        return None;
    }
    let scale = f64::from(MOST_PIXELS) / f64::from(width.max(height));
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.unchecked_into();
    let size = |side: u32| (f64::from(side) * scale).round().max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most MOST_PIXELS")]
    let (to_width, to_height) = (size(width) as u32, size(height) as u32);
    canvas.set_width(to_width);
    canvas.set_height(to_height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    let (w, h) = (f64::from(to_width), f64::from(to_height));
    context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, w, h).ok()?;
    bitmap.close();
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let done = Closure::once_into_js(move |blob: JsValue| drop(resolve.call1(&JsValue::NULL, &blob)));
        let _ = canvas.to_blob_with_type_and_encoder_options(done.unchecked_ref(), "image/jpeg", &QUALITY.into());
    });
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}
