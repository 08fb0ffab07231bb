//! Marks: what a bar, a point or a cell stands for, so that others can follow it and its rows can be looked at.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use words::Message;

use crate::{ColumnType, Format, Raw, Value};

/// One mark of an element, or several that lie beside each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mark {
    /// The value of x, after those of the levels that one has gone down through; of a pivot, of its rows. Null is blank, and what is
    /// left out at the end is not narrowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub x: Vec<Raw>,
    /// The last x of a span that begins with the last of `x`, that one included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Raw>,
    /// The colour, then the facet; of a pivot, of its columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Raw>,
    /// How switches were set that the element names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
}

/// What marks stand along.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkAxis {
    pub of: ColumnType,
    pub format: Option<Format>,
    /// How far it is from one x to the next, where it is numbers from one to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<Raw>,
}

/// Marks that others follow at once.
pub const MOST_MARKED: usize = 200;

impl Mark {
    /// Whether it fits these axes: one value each, or fewer.
    ///
    /// # Errors
    /// Why not, for whoever chose it.
    pub fn check(&self, x: &[MarkAxis], by: &[MarkAxis]) -> Result<(), Message> {
        if self.x.len() > x.len() || self.by.len() > by.len() {
            return Err(words::mark_unknown());
        }
        let value = |(raw, axis): (&Raw, &MarkAxis)| Value::from_wire(raw, &axis.of.as_stored());
        let all = self.x.iter().zip(x).chain(self.by.iter().zip(by)).try_for_each(|pair| value(pair).map(drop));
        all.map_err(|error| error.message().clone())?;
        let Some(to) = &self.to else { return Ok(()) };
        let ends = self.x.last().zip(self.x.len().checked_sub(1).map(|i| &x[i])).filter(|(_, axis)| can_span(&axis.of));
        let (from, axis) = ends.ok_or_else(words::mark_unknown)?;
        let [from, to] = [from, to].map(|raw| value((raw, axis)).map_err(|error| error.message().clone()));
        match (from?, to?) {
            (Value::Null, _) | (_, Value::Null) => Err(words::mark_unknown()),
            (from, to) if from.compare(&to) == Ordering::Greater => Err(words::control_ends_turned()),
            _ => Ok(()),
        }
    }
}

/// Whether values of a type lie between others in the same order everywhere.
#[must_use]
pub fn can_span(ty: &ColumnType) -> bool {
    ty.is_numeric() || matches!(ty, ColumnType::Date | ColumnType::Timestamp)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mark_has_what_its_axes_take() {
        let axis = |of| MarkAxis { of, format: None, bin: None };
        let (x, by) = (vec![axis(ColumnType::Date), axis(ColumnType::Text)], vec![axis(ColumnType::Integer)]);
        let mark = |json| serde_json::from_value::<Mark>(json).unwrap();
        for good in [
            json!({}),
            json!({ "x": ["2024-01-01"] }),
            json!({ "x": [null, "West"], "by": [null] }),
            json!({ "x": ["2024-01-01"], "to": "2024-03-01", "by": [3] }),
        ] {
            assert_eq!(mark(good.clone()).check(&x, &by), Ok(()), "{good}");
        }
        for bad in [
            json!({ "x": [7] }),
            json!({ "x": ["2024-01-01", "West", 1] }),
            json!({ "by": [1, 2] }),
            json!({ "to": "2024-01-01" }),
            json!({ "x": ["2024-01-01", "East"], "to": "West" }),
            json!({ "x": ["2024-03-01"], "to": "2024-01-01" }),
            json!({ "x": [null], "to": "2024-01-01" }),
        ] {
            assert!(mark(bad.clone()).check(&x, &by).is_err(), "{bad}");
        }
        assert!(serde_json::from_value::<Mark>(json!({ "y": [1] })).is_err());
    }
}
