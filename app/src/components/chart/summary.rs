//! What a chart shows, in words: for those who don't see it, and what is not drawn.

use model::{ChartKind, QueryAnswer, Raw};

use super::calendar;
use super::marks::Marks;
use super::option::needs_positive;

/// A few sentences that say what there is, and where it is highest.
#[must_use]
pub fn summary(marks: Marks<'_>) -> String {
    let answer = marks.answer;
    let (Some(first), Some(last)) = (answer.rows.first(), answer.rows.last()) else {
        return marks.say(words::no_data());
    };
    let peak = |i: usize| {
        let column = marks.measure(i)?;
        let top = answer.rows.iter().filter(|row| marks.number(row, i).is_some());
        let top = top.max_by(|a, b| {
            let number = |row: &[Raw]| marks.number(row, i).unwrap_or(0.0);
            number(a).total_cmp(&number(b))
        })?;
        let place = match marks.chart.chart {
            // There the second dimension is a place and not a colour.
            ChartKind::Heatmap | ChartKind::Sankey => format!("{}, {}", marks.label(top, 0), marks.label(top, 1)),
            _ => marks.label(top, 0),
        };
        Some(marks.say(words::chart_peak(column.label.as_str(), place, marks.figure(top, i))))
    };
    let measures = match marks.chart.chart {
        // Of a spread its middle.
        ChartKind::Box => 2..3,
        _ => 0..marks.chart.series.len(),
    };
    let peaks = measures.filter_map(peak).collect::<Vec<_>>().join(" ");
    let count = marks.categories(0).len();
    let said = marks.say(words::chart_summary(count, marks.label(first, 0), marks.label(last, 0), peaks));
    match note(marks) {
        Some(note) => format!("{said} {note}"),
        None => said,
    }
}

/// That not all is drawn, if it is not.
#[must_use]
pub fn note(marks: Marks<'_>) -> Option<String> {
    if let Some(most) = marks.overfull().filter(|_| !marks.chart.facets) {
        return Some(marks.say(words::chart_overfull(most)));
    }
    let said = [cut(marks.answer), left_out(marks), years_left_out(marks), not_on_log(marks)];
    let said: Vec<String> = said.into_iter().flatten().map(|message| marks.say(message)).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn cut(answer: &QueryAnswer) -> Option<words::Message> {
    if answer.more { Some(words::chart_cut(answer.rows.len())) } else { answer.drawn_from.map(words::chart_reduced) }
}

/// Parts of a whole are above nothing.
fn left_out(marks: Marks<'_>) -> Option<words::Message> {
    if !needs_positive(marks.chart.chart) {
        return None;
    }
    let below = marks.answer.rows.iter().filter(|row| marks.number(row, 0).is_some_and(|value| value < 0.0)).count();
    (below > 0).then(|| words::chart_below_zero(below))
}

/// What is not above nothing has no place on a logarithmic axis.
fn not_on_log(marks: Marks<'_>) -> Option<words::Message> {
    let measures = if marks.chart.chart == ChartKind::Scatter { 2 } else { marks.chart.series.len() };
    let numbers = || marks.answer.rows.iter().flat_map(|row| (0..measures).filter_map(|i| marks.number(row, i)));
    let below = if marks.chart.log { numbers().filter(|number| *number <= 0.0).count() } else { 0 };
    (below > 0).then(|| words::chart_not_on_log(below))
}

/// A calendar has room for a few years.
fn years_left_out(marks: Marks<'_>) -> Option<words::Message> {
    let years = if marks.chart.chart == ChartKind::Calendar { calendar::left_out(marks) } else { 0 };
    (years > 0).then(|| words::chart_years_left_out(years))
}

#[cfg(test)]
mod tests {
    use model::Locale;
    use serde_json::json;

    use super::super::option::tests::made;
    use super::*;

    #[track_caller]
    fn check(kind: ChartKind, color: bool, rows: &serde_json::Value, more: bool, expect: &str) {
        let (chart, answer) = made(kind, color, rows, |_| ());
        let answer = QueryAnswer { more, ..answer };
        let marks = Marks {
            chart: &chart,
            answer: &answer,
            locale: &Locale::new("en", "USD"),
            shown: &super::super::shown::Shown::default(),
        };
        assert_eq!(summary(marks), expect);
    }

    #[test]
    fn the_summary_says_where_the_peak_is_and_what_is_not_drawn() {
        let rows = json!([["Jan", "10.50", null], ["Feb", "7.00", "8.00"]]);
        let said = "2 values from Jan to Feb. M0 is highest at Jan, 10.50. M1 is highest at Feb, 8.00.";
        check(ChartKind::Bar, false, &rows, false, said);
        check(ChartKind::Bar, false, &rows, true, &format!("{said} Only the first 2 marks are drawn; there are more."));
        let rows = json!([["Jan", "5.00"], ["Feb", "-7.00"]]);
        let said = "2 values from Jan to Feb. M0 is highest at Jan, 5.00.";
        check(ChartKind::Waterfall, false, &rows, false, said);
        check(ChartKind::Pie, false, &rows, false, &format!("{said} One value below zero is not drawn."));
        let cells = json!([["Jan", "West", "5.00"], ["Jan", "East", "7.00"]]);
        check(ChartKind::Heatmap, true, &cells, false, "One value, at Jan. M0 is highest at Jan, East, 7.00.");
        check(ChartKind::Bar, false, &json!([]), false, "No data.");
    }
}
