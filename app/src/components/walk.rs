//! F6 goes from one element of a page to the next, Shift+F6 back, past all that is around them: as panes of a window are walked.

use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What of an element takes the keyboard: what one goes about in with the arrows, else its first field or button that is no tool.
const WITHIN: &str = ".grid, .chart-keys, .pivot, .values, :is(input, select, textarea, button):not(.tools-button, .inspector-button, .legend-entry)";

/// Does so for a key that was pressed in `frame`; whoever is past the last one goes on as the browser has it.
pub fn walk(event: &KeyboardEvent, frame: &Element) {
    if event.key() != "F6" || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let Ok(found) = frame.query_selector_all(".element") else { return };
    let elements = (0..found.length()).filter_map(|i| found.get(i)).map(|node| node.unchecked_into::<Element>());
    let stops: Vec<(Element, HtmlElement)> = elements.filter_map(|element| Some((element.clone(), within(&element)?))).collect();
    let from = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let here = from.as_ref().and_then(|from| stops.iter().position(|(element, _)| element.contains(Some(from))));
    let next = match (here, event.shift_key()) {
        (Some(here), false) => here.checked_add(1),
        (Some(here), true) => here.checked_sub(1),
        // From the head of the workbook.
        (None, false) => Some(0),
        (None, true) => None,
    };
    if let Some((_, stop)) = next.and_then(|next| stops.get(next)) {
        event.prevent_default();
        let _ = stop.focus();
    }
}

fn within(element: &Element) -> Option<HtmlElement> {
    element.query_selector(WITHIN).ok()?.map(JsCast::unchecked_into)
}
