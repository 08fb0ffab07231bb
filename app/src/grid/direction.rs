//! Which way a row reads: from the left, or from the right as in Arabic and Hebrew.
//!
//! Columns are counted from where the row starts, and pixels along it too. Only what the browser tells and takes from left to
//! right is turned here: the scroll bar, the pointer and the arrow keys.

use web_sys::HtmlElement;

use super::state::GridState;

impl GridState {
    /// Pixels to the right as pixels along the row, and back.
    #[must_use]
    pub fn along(self, px: f64) -> f64 {
        if self.store.from_right() { -px } else { px }
    }

    /// How far the grid is scrolled from the start of its rows, in pixels.
    #[must_use]
    pub fn scrolled_along(self, scroller: &HtmlElement) -> f64 {
        // From the right browsers count down from 0.
        self.along(f64::from(scroller.scroll_left())).max(0.0)
    }

    /// Scrolls to so many pixels from the start of the rows.
    pub fn scroll_along(self, scroller: &HtmlElement, px: f64) {
        scroller.set_scroll_left(self.along(px.ceil()) as i32);
    }

    /// An arrow key as it means the next cell of the row, or the one before.
    #[must_use]
    pub fn arrow(self, key: String) -> String {
        match (key.as_str(), self.store.from_right()) {
            ("ArrowLeft", true) => "ArrowRight".into(),
            ("ArrowRight", true) => "ArrowLeft".into(),
            _ => key,
        }
    }
}
