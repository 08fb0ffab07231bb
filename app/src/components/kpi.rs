//! One number, what it is compared with, and the line that led to it.

use leptos::prelude::*;
use model::{Against, Better, ElementView, Format, KpiView, Locale, Mark, QueryAnswer, Toward, drawn_number};
use words::Message;

use super::tools::Tools;
use crate::client::{Store, use_query};

/// The element's value, large; of periods the last one, with a line of them all.
#[component]
pub fn Kpi(store: Store, element: ElementView, kpi: KpiView, tools: Tools) -> impl IntoView {
    let asked = use_query(store, &element);
    let remote = asked.remote;
    let label = kpi.label.clone();
    let at = usize::from(kpi.by_period);
    let by_period = kpi.by_period;
    // What is shown is of the last period only.
    tools.looks_under(move || {
        let answer = remote.with(|remote| remote.answer.clone()).filter(|_| by_period)?;
        let (period, column) = (answer.rows.last()?.first()?, answer.columns.first()?);
        let said = store.locale.with_value(|locale| locale.named(period, &column.ty, column.format));
        Some((Mark { x: vec![period.clone()], ..Mark::default() }, said))
    });
    let kpi = StoredValue::new(kpi);
    let shown = Memo::new(move |_| {
        let answer = remote.with(|remote| remote.answer.clone())?;
        Some(store.locale.with_value(|locale| kpi.with_value(|kpi| Shown::of(kpi, &answer, locale))))
    });
    // A measure that is switched to brings its own name.
    let named = Memo::new(move |_| {
        let of_answer = || remote.with(|remote| Some(remote.answer.as_ref()?.columns.get(at)?.label.clone()));
        label.clone().or_else(of_answer)
    });
    let period = move || shown.with(|shown| shown.as_ref().and_then(|shown| shown.period.clone()));
    let value = move || shown.with(|shown| shown.as_ref().map_or_else(|| "\u{a0}".into(), |shown| shown.value.clone()));
    let waits = move || remote.with(|remote| remote.answer.is_none() && remote.error.is_none());
    let compared = move || shown.with(|shown| shown.as_ref().map(|shown| shown.compared.clone()).unwrap_or_default());
    let toward = move || shown.with(|shown| shown.as_ref().and_then(|shown| shown.toward));
    let line = move || shown.with(|shown| shown.as_ref().and_then(|shown| shown.line.clone()));
    view! {
        <p class="kpi-label">{named} " " {move || period().map(|period| view! { <span class="kpi-period">{period}</span> })}</p>
        <p class="kpi-value" class:is-loading=waits>{value}</p>
        {move || compared().into_iter().map(comparison).collect_view()}
        {move || toward().map(picture)}
        {move || line().map(|points| view! {
            <svg class="kpi-line" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                {points.into_iter().map(|points| view! { <polyline points=points/> }).collect_view()}
            </svg>
        })}
        {asked.problem()}
    }
}

/// A value and its target on one scale, from 0 to 1, with where nothing is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Measured {
    draw: Toward,
    nothing: f64,
    value: f64,
    target: f64,
}

impl Measured {
    /// With some room beyond the larger one; `None` where both are nothing.
    fn of(draw: Toward, value: f64, target: f64) -> Option<Self> {
        let (least, most) = (value.min(target).min(0.0) * 1.1, value.max(target).max(0.0) * 1.1);
        let at = |number: f64| (number - least) / (most - least);
        (most > least).then(|| Self { draw, nothing: at(0.0), value: at(value), target: at(target) })
    }
}

/// For the eye only: the words beside it say it all.
fn picture(measured: Measured) -> impl IntoView {
    let Measured { draw, nothing, value, target } = measured;
    let (from, length) = (100.0 * nothing.min(value), 100.0 * (value - nothing).abs());
    match draw {
        Toward::Bullet => view! {
            <svg class="kpi-toward is-bullet" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
                <rect class="kpi-scale" x="0" y="3" width="100" height="10"/>
                <rect class="kpi-reached" x=from.to_string() y="5" width=length.to_string() height="6"/>
                <line x1=(100.0 * target).to_string() x2=(100.0 * target).to_string() y1="0" y2="16"/>
            </svg>
        }
        .into_any(),
        Toward::Gauge => {
            let point = |radius: f64| {
                let angle = std::f64::consts::PI * (1.0 - target);
                (50.0 + radius * angle.cos(), 50.0 - radius * angle.sin())
            };
            let ((x1, y1), (x2, y2)) = (point(34.0), point(48.0));
            let arc = "M 9 50 A 41 41 0 0 1 91 50";
            view! {
                <svg class="kpi-toward is-gauge" viewBox="0 0 100 52" aria-hidden="true">
                    <path class="kpi-scale" d=arc/>
                    <path class="kpi-reached" d=arc pathLength="100" stroke-dasharray=format!("0 {from} {length} 200")/>
                    <line x1=x1.to_string() y1=y1.to_string() x2=x2.to_string() y2=y2.to_string()/>
                </svg>
            }
            .into_any()
        }
    }
}

fn comparison(compared: Compared) -> impl IntoView {
    let Compared { sign, look, change, than } = compared;
    view! { <p class="kpi-against"><span class=look><span aria-hidden="true">{sign}</span> " " {change}</span> " " {than}</p> }
}

/// What is on the card.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    period: Option<String>,
    value: String,
    compared: Vec<Compared>,
    /// How far it is to its target.
    toward: Option<Measured>,
    /// Points of the line, in parts where it is broken.
    line: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Compared {
    sign: &'static str,
    look: &'static str,
    change: String,
    than: String,
}

impl Shown {
    fn of(kpi: &KpiView, answer: &QueryAnswer, locale: &Locale) -> Self {
        let at = usize::from(kpi.by_period);
        let last = answer.rows.iter().rev().find(|row| !kpi.by_period || row.first().is_some_and(|x| !x.is_null()));
        let Some(row) = last else { return Self { value: "–".into(), ..Self::default() } };
        let text = |i: usize| {
            let column = answer.columns.get(i)?;
            let text = locale.show(row.get(i)?, &column.ty, column.format);
            (!text.is_empty()).then_some(text)
        };
        let is_share = answer.columns.get(at).is_some_and(|column| column.format == Some(Format::Percent));
        let compared = kpi.against.iter().enumerate().map(|(i, against)| {
            let first = at + 1 + 3 * i;
            let change = row.get(first + 1).and_then(drawn_number).zip(text(first + 1));
            // A change that is too small for its share is still one; of shares the difference is what counts.
            let share = text(first + 2).filter(|share| !is_share && share.contains(|c: char| c.is_ascii_digit() && c != '0'));
            let points = |text: String| locale.say(words::kpi_points(text.trim_end_matches(['%', ' ', '\u{a0}'])));
            let change = change.map(|(more, text)| {
                let text = share.unwrap_or(text).trim_start_matches(['-', '−']).to_owned();
                (more, if is_share { points(text) } else { text })
            });
            compare(kpi, *against, text(first), change, locale)
        });
        Self {
            period: text(0).filter(|_| kpi.by_period),
            value: text(at).unwrap_or_else(|| "–".into()),
            compared: compared.collect(),
            toward: kpi.draw.and_then(|draw| {
                let target = at + 1 + 3 * kpi.against.iter().position(|against| *against == Against::Target)?;
                Measured::of(draw, row.get(at).and_then(drawn_number)?, row.get(target).and_then(drawn_number)?)
            }),
            line: kpi
                .by_period
                .then(|| line(answer.rows.iter().map(|row| row.get(at).and_then(drawn_number))))
                .filter(|l| !l.is_empty()),
        }
    }
}

/// - `change`: how much more it is, as a number and in words without a sign.
fn compare(kpi: &KpiView, against: Against, than: Option<String>, change: Option<(f64, String)>, locale: &Locale) -> Compared {
    let say = |message: Message| locale.say(message);
    let (Some(than), Some((more, change))) = (than, change) else {
        let nothing = match against {
            Against::Target => words::kpi_no_target(),
            Against::Previous | Against::Year => words::kpi_nothing_before(),
        };
        return Compared { sign: "", look: "is-quiet", change: String::new(), than: say(nothing) };
    };
    let (sign, up) = match more {
        more if more > 0.0 => ("▲", Some(true)),
        more if more < 0.0 => ("▼", Some(false)),
        _ => ("=", None),
    };
    let look = match up {
        None => "is-quiet",
        Some(up) if up == (kpi.better == Better::Up) => "is-good",
        Some(_) => "is-bad",
    };
    let change = match up {
        Some(true) => words::kpi_more(change),
        Some(false) => words::kpi_less(change),
        None => words::kpi_same(),
    };
    let than = match against {
        Against::Previous => words::kpi_than_before(than),
        Against::Year => words::kpi_than_year_before(than),
        Against::Target => words::kpi_than_target(than),
    };
    Compared { sign, look, change: say(change), than: say(than) }
}

/// Points within a square of 100, the least value at its foot, in parts where there are values; nothing for fewer than two.
fn line(values: impl Iterator<Item = Option<f64>>) -> Vec<String> {
    let values: Vec<Option<f64>> = values.collect();
    let known = || values.iter().flatten().copied();
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    if known().count() < 2 {
        return Vec::new();
    }
    let (width, height) = ((values.len() - 1) as f64, if most > least { most - least } else { 1.0 });
    let point =
        |(i, value): (usize, f64)| format!("{:.2},{:.2}", 100.0 * i as f64 / width, 96.0 - 92.0 * (value - least) / height);
    let numbered: Vec<(usize, Option<f64>)> = values.iter().copied().enumerate().collect();
    let parts = numbered.split(|(_, value)| value.is_none());
    let part = |part: &[(usize, Option<f64>)]| {
        part.iter().filter_map(|(i, value)| Some(point((*i, (*value)?)))).collect::<Vec<_>>().join(" ")
    };
    parts.filter(|part| !part.is_empty()).map(part).collect()
}

#[cfg(test)]
mod tests {
    use model::{AnswerColumn, ColumnType, Raw};
    use serde_json::json;

    use super::*;

    fn shown(format: Option<Format>, better: Better, row: Raw) -> Shown {
        let kpi = KpiView { label: None, by_period: true, against: vec![Against::Previous], better, draw: None };
        let column = |ty: ColumnType, format| AnswerColumn { name: "c".into(), label: "c".into(), ty, format };
        let money = || column(ColumnType::Decimal { scale: 2 }, format);
        let share = column(ColumnType::Decimal { scale: 6 }, Some(Format::Percent));
        let columns = vec![column(ColumnType::Date, Some(Format::Month)), money(), money(), money(), share];
        let rows = serde_json::from_value(json!([["2026-01-01", "5.00", null, null, null], row])).unwrap();
        Shown::of(&kpi, &QueryAnswer { columns, rows, ..QueryAnswer::default() }, &Locale::new("en-US", "USD"))
    }

    #[test]
    fn the_last_period_is_compared() {
        let up = shown(Some(Format::Currency), Better::Up, json!(["2026-02-01", "7.50", "5.00", "2.50", "0.500000"]));
        assert_eq!((up.period.as_deref(), up.value.as_str()), (Some("Feb 2026"), "$7.50"));
        assert_eq!((up.compared[0].sign, up.compared[0].look), ("▲", "is-good"));
        assert_eq!(up.compared[0].change, "50.0% more");
        assert_eq!(up.compared[0].than, "than $5.00 in the period before");
        assert_eq!(up.line, Some(vec!["0.00,96.00 100.00,4.00".to_owned()]));
        let down = shown(None, Better::Down, json!(["2026-02-01", "7.50", "5.00", "2.50", "0.500000"]));
        assert_eq!(down.compared[0].look, "is-bad", "less would be better");
    }

    #[test]
    fn a_small_difference_is_not_hidden() {
        let small =
            shown(Some(Format::Currency), Better::Up, json!(["2026-02-01", "1000000.00", "1000000.01", "-0.01", "0.000000"]));
        assert_eq!((small.compared[0].sign, small.compared[0].change.as_str()), ("▼", "$0.01 less"));
        let same = shown(Some(Format::Currency), Better::Up, json!(["2026-02-01", "5.00", "5.00", "0.00", "0.000000"]));
        assert_eq!((same.compared[0].sign, same.compared[0].change.as_str()), ("=", "As much"));
        let from_nothing = shown(Some(Format::Currency), Better::Up, json!(["2026-02-01", "5.00", "0.00", "5.00", null]));
        assert_eq!(from_nothing.compared[0].change, "$5.00 more", "nothing is a share of nothing");
        let first = shown(None, Better::Up, json!(["2026-02-01", "5.00", null, null, null]));
        assert_eq!(first.compared[0].than, "Nothing to compare with");
    }

    #[test]
    fn a_value_and_its_target_are_on_one_scale() {
        let measured = Measured::of(Toward::Bullet, 50.0, 100.0).unwrap();
        let rounded = |part: f64| (part * 1000.0).round();
        assert_eq!((measured.nothing, rounded(measured.value), rounded(measured.target)), (0.0, 455.0, 909.0));
        let below = Measured::of(Toward::Gauge, -50.0, 50.0).unwrap();
        assert_eq!((rounded(below.nothing), rounded(below.value), rounded(below.target)), (500.0, 45.0, 955.0));
        assert_eq!(Measured::of(Toward::Gauge, 0.0, 0.0), None, "nothing of nothing has no scale");
    }

    #[test]
    fn shares_differ_by_points() {
        let share = shown(Some(Format::Percent), Better::Up, json!(["2026-02-01", "0.05", "0.04", "0.01", "0.250000"]));
        assert_eq!(share.compared[0].change, "1 percentage points more");
        assert_eq!(share.compared[0].than, "than 4% in the period before");
    }

    #[test]
    fn a_line_is_broken_where_nothing_is_known() {
        let parts = line([Some(1.0), Some(3.0), None, Some(2.0)].into_iter());
        assert_eq!(parts, ["0.00,96.00 33.33,4.00", "100.00,50.00"]);
        assert_eq!(line([Some(1.0), None].into_iter()), Vec::<String>::new());
        assert_eq!(line([Some(1.0), Some(1.0)].into_iter()), ["0.00,96.00 100.00,96.00"]);
    }
}
