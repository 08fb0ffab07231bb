//! Controls: what a person chooses, and what other elements make of it.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use words::Message;

use crate::{ColumnType, ColumnView, Format, MOST_MARKED, MOST_VALUES, Mark, MarkAxis, Raw, Span, Value, validate};

/// A control as one person may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlView {
    pub label: String,
    #[serde(flatten)]
    pub kind: ControlKind,
    /// What is chosen at first and after a reset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<Raw>,
}

/// What is chosen is a list of values, empty for nothing; what they are depends on the kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "control", rename_all = "snake_case")]
pub enum ControlKind {
    /// Values of a column, null for blank. Its options are the element's own rows.
    List {
        column: String,
        of: ColumnType,
        format: Option<Format>,
        multiple: bool,
        /// Whether all of them are in sight, as buttons.
        segmented: bool,
    },
    /// `true` for only those rows that it is about.
    Checkbox,
    /// The least and the most, null for an open end. The element's own row says between what its numbers are.
    NumberRange { of: ColumnType, format: Option<Format> },
    /// The first and the last day, null for an open end; or the name of a span, of which these are offered.
    DateRange { spans: Vec<Span> },
    /// A text that the column's text has in it.
    Text,
    /// How many of the largest marks are shown.
    Top { options: Vec<u32> },
    /// Marks of a chart: a [`Mark`] each.
    Marks { x: Vec<MarkAxis>, by: Vec<MarkAxis> },
    /// One of several measures, grains or whatever the author's words name.
    Switch { options: Vec<SwitchOption> },
    /// A value that measures are calculated with.
    Parameter {
        column: Box<ColumnView>,
        /// From one value to the next, for a slider.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<Raw>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchOption {
    pub value: String,
    /// In the author's words; for a grain, which has none, in the reader's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// In characters.
const MOST_SOUGHT: usize = 200;

impl ControlKind {
    /// Whether what is chosen leaves rows out, so that it is shown as a filter.
    #[must_use]
    pub fn is_filter(&self) -> bool {
        !matches!(self, Self::Switch { .. } | Self::Parameter { .. })
    }

    /// Whether it shows what the warehouse has: values to choose from, or between what they are.
    #[must_use]
    pub fn asks(&self) -> bool {
        matches!(self, Self::List { .. } | Self::NumberRange { .. } | Self::DateRange { .. })
    }

    /// Whether it does so before it is opened.
    #[must_use]
    pub fn asks_at_once(&self) -> bool {
        matches!(self, Self::List { segmented: true, .. })
    }

    /// Whether these values may be chosen.
    ///
    /// # Errors
    /// Why not, for whoever chooses.
    pub fn check(&self, chosen: &[Raw]) -> Result<(), Message> {
        match (self, chosen) {
            (_, []) => Ok(()),
            (Self::List { of, multiple, .. }, chosen) => {
                let most = if *multiple { MOST_VALUES } else { 1 };
                if chosen.len() > most {
                    return Err(words::pick_at_most(most));
                }
                chosen.iter().try_for_each(|raw| value_of(raw, &of.as_stored()).map(drop))
            }
            (Self::Checkbox, [Raw::Bool(true)]) => Ok(()),
            (Self::Checkbox, _) => Err(words::control_takes_true()),
            (Self::NumberRange { of, .. }, [low, high]) => in_order(low, high, of),
            (Self::NumberRange { .. }, _) => Err(words::control_takes_range()),
            (Self::DateRange { .. }, [Raw::String(name)]) if name.parse::<Span>().is_ok() => Ok(()),
            (Self::DateRange { .. }, [from, to]) => in_order(from, to, &ColumnType::Date),
            (Self::DateRange { .. }, _) => Err(words::control_takes_days()),
            (Self::Text, [Raw::String(text)]) if text.chars().count() <= MOST_SOUGHT => Ok(()),
            (Self::Text, _) => Err(words::control_takes_text(MOST_SOUGHT)),
            (Self::Top { options }, [raw]) if options.iter().any(|option| raw.as_u64() == Some(u64::from(*option))) => Ok(()),
            (Self::Top { options }, _) => Err(words::control_takes_one_of(listed(options))),
            (Self::Marks { .. }, chosen) if chosen.len() > MOST_MARKED => Err(words::pick_at_most(MOST_MARKED)),
            (Self::Marks { x, by }, chosen) => chosen.iter().try_for_each(|raw| {
                let mark = serde_json::from_value::<Mark>(raw.clone()).map_err(|_| words::mark_unknown())?;
                mark.check(x, by)
            }),
            (Self::Switch { options }, [Raw::String(text)]) if options.iter().any(|option| option.value == *text) => Ok(()),
            (Self::Switch { options }, _) => Err(words::control_takes_one_of(listed(options.iter().map(|option| &option.value)))),
            (Self::Parameter { column, .. }, [raw]) => match validate(column, raw) {
                Ok(Value::Null) => Err(words::control_takes_one()),
                Ok(_) => Ok(()),
                Err(error) => Err(error.message),
            },
            (Self::Parameter { .. }, _) => Err(words::control_takes_one()),
        }
    }
}

fn listed(options: impl IntoIterator<Item = impl ToString>) -> String {
    options.into_iter().map(|option| option.to_string()).collect::<Vec<_>>().join(", ")
}

fn value_of(raw: &Raw, ty: &ColumnType) -> Result<Value, Message> {
    Value::from_wire(raw, ty).map_err(|error| error.message().clone())
}

fn in_order(low: &Raw, high: &Raw, ty: &ColumnType) -> Result<(), Message> {
    let (low, high) = (value_of(low, ty)?, value_of(high, ty)?);
    match (&low, &high) {
        (Value::Null, Value::Null) => Err(words::say_an_end()),
        (Value::Null, _) | (_, Value::Null) => Ok(()),
        (low, high) if low.compare(high) == Ordering::Greater => Err(words::control_ends_turned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ColumnRole, Constraints};

    #[track_caller]
    fn check(kind: &ControlKind, good: &[Raw], bad: &[Raw]) {
        let list = |raw: &Raw| raw.as_array().unwrap().clone();
        assert_eq!(kind.check(&[]), Ok(()), "nothing is chosen");
        for raw in good {
            assert_eq!(kind.check(&list(raw)), Ok(()), "{raw}");
        }
        for raw in bad {
            assert!(kind.check(&list(raw)).is_err(), "{raw}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_chosen() {
        let money = ColumnType::Decimal { scale: 2 };
        let list = |multiple| ControlKind::List {
            column: "n".into(),
            of: ColumnType::Integer,
            format: None,
            multiple,
            segmented: false,
        };
        check(&list(true), &[json!([1, null, 2])], &[json!(["x"]), json!([1.5]), json!((0..=MOST_VALUES).collect::<Vec<_>>())]);
        check(&list(false), &[json!([1]), json!([null])], &[json!([1, 2])]);
        check(&ControlKind::Checkbox, &[json!([true])], &[json!([false]), json!(["true"]), json!([true, true])]);
        let range = ControlKind::NumberRange { of: money.clone(), format: None };
        let good = [json!(["1.50", "2.00"]), json!(["10.00", null]), json!([null, "9.00"]), json!(["2.00", "2.00"])];
        let bad =
            [json!(["1.00"]), json!(["10.00", "9.00"]), json!([null, null]), json!(["x", null]), json!(["1.00", "2.00", "3.00"])];
        check(&range, &good, &bad);
        let days = ControlKind::DateRange { spans: vec![] };
        let good = [json!(["2024-01-01", "2024-01-31"]), json!(["last_3_months"]), json!([null, "2024-01-01"])];
        let bad = [
            json!(["last_3_moons"]),
            json!(["2024-02-01", "2024-01-31"]),
            json!(["2024-01-01"]),
            json!([7]),
            json!([null, null]),
        ];
        check(&days, &good, &bad);
        check(&ControlKind::Text, &[json!(["%_\\"])], &[json!([1]), json!(["x".repeat(201)]), json!(["a", "b"])]);
        check(&ControlKind::Top { options: vec![5, 10] }, &[json!([10])], &[json!([7]), json!(["10"]), json!([5, 10])]);
        let options = vec![SwitchOption { value: "month".into(), label: None }];
        check(&ControlKind::Switch { options }, &[json!(["month"])], &[json!(["year"]), json!(["month", "month"])]);
        let column = ColumnView {
            name: "growth".into(),
            label: "Growth".into(),
            ty: money,
            role: ColumnRole::Input,
            format: None,
            editable: true,
            constraints: Constraints { max: Some(1.into()), ..Constraints::default() },
            help: None,
            lookup: false,
            file: None,
        };
        let parameter = ControlKind::Parameter { column: Box::new(column), step: None };
        check(&parameter, &[json!(["0.25"])], &[json!(["1.01"]), json!([null]), json!(["0.10", "0.20"]), json!(["x"])]);
    }
}
