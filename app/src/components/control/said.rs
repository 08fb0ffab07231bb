//! What is chosen, in words.

use model::{ColumnType, ControlKind, Format, Locale, Mark, MarkAxis, Raw, Span};

use crate::components::chart::end_of_bin;

/// As it stands on a control and in the list of filters; `chosen` fits the control and is not empty.
#[must_use]
pub fn said(kind: &ControlKind, chosen: &[Raw], locale: &Locale) -> String {
    match (kind, chosen) {
        (ControlKind::List { of, format, .. }, chosen) => match chosen {
            [] | [_] | [_, _] => chosen.iter().map(|raw| locale.named(raw, of, *format)).collect::<Vec<_>>().join(", "),
            more => locale.say(words::chosen_count(more.len())),
        },
        (ControlKind::Checkbox, _) => locale.say(words::yes()),
        (ControlKind::NumberRange { of, format }, [low, high]) => between(low, high, of, *format, locale),
        (ControlKind::DateRange { .. }, [from, to]) => between(from, to, &ColumnType::Date, None, locale),
        (ControlKind::DateRange { .. }, [name]) => {
            name.as_str().and_then(|name| name.parse::<Span>().ok()).map(|span| locale.say(span.said())).unwrap_or_default()
        }
        (ControlKind::Top { .. }, [count]) => locale.say(words::top_count(count.as_u64().unwrap_or(0))),
        (ControlKind::Marks { x, by }, chosen @ ([_] | [_, _])) => {
            let marks = chosen.iter().filter_map(|raw| serde_json::from_value::<Mark>(raw.clone()).ok());
            marks.map(|mark| mark_said(&mark, x, by, locale)).collect::<Vec<_>>().join(", ")
        }
        (ControlKind::Marks { .. }, more) => locale.say(words::chosen_count(more.len())),
        (ControlKind::Switch { options }, [Raw::String(chosen)]) => {
            let option = options.iter().find(|option| option.value == *chosen);
            option.map(|option| option_said(option, locale)).unwrap_or_default()
        }
        (ControlKind::Parameter { column, .. }, [raw]) => locale.show(raw, &column.ty, column.format),
        (_, [Raw::String(text)]) => text.clone(),
        _ => String::new(),
    }
}

/// What a mark stands for.
#[must_use]
pub fn mark_said(mark: &Mark, x: &[MarkAxis], by: &[MarkAxis], locale: &Locale) -> String {
    let last = mark.x.len().saturating_sub(1);
    let place = |(i, (raw, axis)): (usize, (&Raw, &MarkAxis))| match mark.to.as_ref().filter(|_| i == last) {
        Some(to) => locale.say(words::range_between(place_said(raw, axis, locale), place_said(to, axis, locale))),
        None => place_said(raw, axis, locale),
    };
    let places = mark.x.iter().zip(x).enumerate().map(place);
    places.chain(mark.by.iter().zip(by).map(|(raw, axis)| place_said(raw, axis, locale))).collect::<Vec<_>>().join(" · ")
}

/// What one value along an axis is called.
#[must_use]
pub fn place_said(raw: &Raw, axis: &MarkAxis, locale: &Locale) -> String {
    match axis.bin.as_ref().and_then(|bin| end_of_bin(raw, bin)) {
        Some(end) => {
            let [from, to] = [raw, &end].map(|raw| locale.show(raw, &axis.of, axis.format));
            locale.say(words::range_between(from, to))
        }
        None => locale.named(raw, &axis.of, axis.format),
    }
}

pub(super) fn option_said(option: &model::SwitchOption, locale: &Locale) -> String {
    option.label.clone().unwrap_or_else(|| locale.say(words::grain(option.value.as_str())))
}

fn between(low: &Raw, high: &Raw, ty: &ColumnType, format: Option<Format>, locale: &Locale) -> String {
    let show = |raw: &Raw| locale.show(raw, ty, format);
    locale.say(match (low.is_null(), high.is_null()) {
        (false, true) => words::range_from(show(low)),
        (true, false) => words::range_to(show(high)),
        _ if low == high => return show(low),
        _ => words::range_between(show(low), show(high)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(kind: &ControlKind, chosen: Raw, expect: &str) {
        assert_eq!(said(kind, chosen.as_array().unwrap(), &Locale::new("en-US", "USD")), expect);
    }

    #[test]
    fn what_is_chosen_is_said_as_people_read_it() {
        let money = ColumnType::Decimal { scale: 2 };
        let list = ControlKind::List { column: "c".into(), of: ColumnType::Text, format: None, multiple: true, segmented: false };
        check(&list, json!(["West"]), "West");
        check(&list, json!(["West", null]), "West, (blank)");
        check(&list, json!(["a", "b", "c"]), "3 chosen");
        let range = ControlKind::NumberRange { of: money, format: Some(Format::Currency) };
        check(&range, json!(["1200.50", null]), "from $1,200.50");
        check(&range, json!([null, "3.00"]), "up to $3.00");
        check(&range, json!(["1.00", "3.00"]), "$1.00 to $3.00");
        let days = ControlKind::DateRange { spans: vec![] };
        check(&days, json!(["last_3_months"]), "last 3 full months");
        check(&days, json!(["last_month"]), "last month");
        check(&days, json!(["2024-01-31", null]), "from 1/31/2024");
        check(&ControlKind::Top { options: vec![5] }, json!([5]), "Top 5");
        let option = |value: &str, label: Option<&str>| model::SwitchOption { value: value.into(), label: label.map(Into::into) };
        let switch = ControlKind::Switch { options: vec![option("fiscal_year", None), option("sum(x)", Some("Sales"))] };
        check(&switch, json!(["fiscal_year"]), "Fiscal year");
        check(&switch, json!(["sum(x)"]), "Sales");
    }
}
