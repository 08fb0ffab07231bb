//! The columns in sight: frozen ones stick, the others follow behind a gap. Header, rows and totals draw them alike.

use std::ops::Range;

use leptos::prelude::*;

use super::geometry::columns_in_sight;
use super::state::GridState;

/// A handle, cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Behind the frozen ones: the first, and one past the last.
    scrolled: Memo<(usize, usize)>,
    /// Pixels left out between the frozen ones and the first of these.
    gap: Memo<f64>,
}

impl Columns {
    #[must_use]
    pub fn new(state: GridState) -> Self {
        let place = move || {
            state.track_layout();
            let (shown, frozen, fixed_px) = (state.column_count(), state.frozen(), state.fixed_px());
            state.widths.with_value(|widths| columns_in_sight(state.viewport.get(), &widths[..shown], frozen, fixed_px))
        };
        Self {
            scrolled: Memo::new(move |_| {
                let (first, last, _) = place();
                (first, last)
            }),
            gap: Memo::new(move |_| place().2),
        }
    }

    /// The frozen columns, the pixels left out behind them, and the others in sight; tracked.
    #[must_use]
    pub fn in_sight(self, state: GridState) -> (Range<usize>, f64, Range<usize>) {
        let (first, last) = self.scrolled.get();
        (0..state.frozen(), self.gap.get(), first..last)
    }

    /// Draws what each of them has in the header or in the totals; anew when the columns were arranged.
    pub fn draw(self, state: GridState, cell: impl Fn(usize) -> AnyView + Clone + Send + 'static) -> impl IntoView {
        let of = |cols: Range<usize>, turn: u32| cols.map(move |col| (turn, col)).collect::<Vec<_>>();
        let frozen = move || {
            let turn = state.layout.get();
            of(0..state.frozen(), turn)
        };
        let scrolled = move || {
            let turn = state.layout.get();
            let (first, last) = self.scrolled.get();
            of(first..last, turn)
        };
        let draw = {
            let cell = cell.clone();
            move |(_, col)| cell(col)
        };
        view! {
            <For each=frozen key=|place| *place children=move |(_, col)| cell(col)/>
            <span class="grid-gap" role="presentation" style=move || format!("width:{}px", self.gap.get())></span>
            <For each=scrolled key=|place| *place children=draw/>
        }
    }
}

/// Where a column is drawn: its width, and where it sticks if it is frozen.
#[must_use]
pub fn column_style(state: GridState, col: usize) -> String {
    state.widths.with_value(|widths| {
        let width = widths[col];
        if col < state.frozen() {
            let start: f64 = widths[..col].iter().sum();
            format!("width:{width}px;inset-inline-start:calc(var(--_number) + {start}px)")
        } else {
            format!("width:{width}px")
        }
    })
}
