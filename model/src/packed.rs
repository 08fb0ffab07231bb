//! Rows by columns, for the way to the browser: a value that is there often is sent once.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{QueryAnswer, Raw};

/// The values of one column, one for each row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PackedColumn {
    Plain(Vec<Raw>),
    /// The values that there are, and for each row the place of its own among them.
    Often {
        values: Vec<Raw>,
        at: Vec<u32>,
    },
}

impl PackedColumn {
    fn of(values: Vec<Raw>) -> Self {
        let mut places: HashMap<&Raw, u32> = HashMap::new();
        let mut at = Vec::with_capacity(values.len());
        for value in &values {
            let next = places.len() as u32;
            at.push(*places.entry(value).or_insert(next));
            // A place is not much shorter than a short value.
            if places.len() > values.len() / 2 {
                return Self::Plain(values);
            }
        }
        let mut known: Vec<(u32, Raw)> = places.into_iter().map(|(value, place)| (place, value.clone())).collect();
        known.sort_by_key(|(place, _)| *place);
        Self::Often { values: known.into_iter().map(|(_, value)| value).collect(), at }
    }

    fn values(self) -> Vec<Raw> {
        match self {
            Self::Plain(values) => values,
            Self::Often { values, at } => {
                at.into_iter().map(|place| values.get(place as usize).cloned().unwrap_or(Raw::Null)).collect()
            }
        }
    }
}

impl QueryAnswer {
    /// The same answer with its rows by columns.
    #[must_use]
    pub fn packed(mut self) -> Self {
        let mut columns: Vec<Vec<Raw>> = vec![Vec::with_capacity(self.rows.len()); self.columns.len()];
        for row in std::mem::take(&mut self.rows) {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        self.packed = columns.into_iter().map(PackedColumn::of).collect();
        self
    }

    /// The same answer with its rows as rows, however they came.
    #[must_use]
    pub fn unpacked(mut self) -> Self {
        let columns: Vec<Vec<Raw>> = std::mem::take(&mut self.packed).into_iter().map(PackedColumn::values).collect();
        let count = columns.first().map_or(0, Vec::len);
        let mut rows: Vec<Vec<Raw>> = (0..count).map(|_| Vec::with_capacity(columns.len())).collect();
        for column in columns {
            for (row, value) in rows.iter_mut().zip(column) {
                row.push(value);
            }
        }
        if count > 0 {
            self.rows = rows;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{AnswerColumn, ColumnType};

    fn answer(rows: Vec<Vec<Raw>>) -> QueryAnswer {
        let column = |name: &str| AnswerColumn { name: name.into(), label: name.into(), ty: ColumnType::Text, format: None };
        QueryAnswer { columns: vec![column("x"), column("y")], rows, ..QueryAnswer::default() }
    }

    #[test]
    fn what_is_packed_is_unpacked_to_the_same() {
        let often = |n: i64| vec![[json!("a"), json!("b"), Raw::Null][(n % 3) as usize].clone(), json!(n)];
        for rows in [vec![], vec![often(0)], (0..1_000).map(often).collect()] {
            let plain = answer(rows);
            let sent = serde_json::to_string(&plain.clone().packed()).unwrap();
            let came: QueryAnswer = serde_json::from_str(&sent).unwrap();
            assert_eq!(came.unpacked(), plain, "{sent}");
            assert_eq!(plain.clone().unpacked(), plain, "rows that came as rows");
        }
    }

    #[test]
    fn values_that_are_there_often_are_sent_once() {
        let rows = (0..1_000).map(|n| vec![json!(["Furniture", "Technology"][n % 2]), json!(n)]).collect();
        let packed = serde_json::to_value(answer(rows).packed()).unwrap();
        assert_eq!(packed["rows"], json!([]));
        assert_eq!(packed["packed"][0]["values"], json!(["Furniture", "Technology"]));
        assert_eq!(packed["packed"][0]["at"].as_array().unwrap()[..3], [json!(0), json!(1), json!(0)]);
        assert_eq!(packed["packed"][1].as_array().unwrap().len(), 1_000, "each is there once");
    }

    #[test]
    fn a_place_that_is_none_is_blank() {
        let came: QueryAnswer = serde_json::from_value(
            json!({ "columns": [], "rows": [], "total": null, "offset": 0, "packed": [{ "values": ["a"], "at": [0, 7] }] }),
        )
        .unwrap();
        assert_eq!(came.unpacked().rows, [vec![json!("a")], vec![Raw::Null]]);
    }
}
