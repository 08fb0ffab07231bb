//! Looks for rows that share a key: they can't be typed into or joined to, and their author should know.

use model::{ColumnType, Raw, Value};

use super::Source;
use super::document::{Mistake, Severity};
use super::{Catalog, Workbook};
use crate::expr::column;
use crate::sql::{Sql, quote};
use crate::warehouse::Warehouse;

impl Catalog {
    /// A warning for each source of an input table or a join that has a key twice, with the first one. Reads each such source whole,
    /// unless the warehouse itself keeps its keys apart.
    pub async fn shared_keys(&self, warehouse: &dyn Warehouse) -> Vec<Mistake> {
        let mut warnings = Vec::new();
        for workbook in self.workbooks.values() {
            let typed_into = |source: &Source| workbook.inputs.iter().any(|i| i.source().is_some_and(|s| s.name == source.name));
            let joins = || workbook.sources.iter().flat_map(|source| &source.joins);
            let joined = |source: &Source| joins().any(|join| join.source.name == source.name);
            for source in workbook.sources.iter().filter(|source| !source.unique) {
                let consequence = match (typed_into(source), joined(source)) {
                    (true, false) => "such rows are shown, and can't be typed into",
                    (true, true) => "such rows are shown, can't be typed into, and are not found by those that point at them",
                    (false, true) => "such rows are not found by those that point at them",
                    (false, false) => continue,
                };
                warnings.extend(shared_key(warehouse, workbook, source, consequence).await);
            }
        }
        warnings
    }
}

async fn shared_key(warehouse: &dyn Warehouse, workbook: &Workbook, source: &Source, consequence: &str) -> Option<Mistake> {
    let dialect = warehouse.dialect();
    let key = source.key_columns();
    let names: Vec<String> = key.iter().map(|(name, ty)| column(dialect, "s", name, ty, source.natives.get(name))).collect();
    let body = source.body.relation(dialect);
    let plain = source.key.iter().map(|name| format!("s.{} is not null", quote(name))).collect::<Vec<_>>().join(" and ");
    let list = names.join(", ");
    let sql = format!(
        "select {list}, count(*) from {body} s where {plain} group by {list} having count(*) > 1 order by {list} limit 1"
    );
    let types: Vec<ColumnType> = key.into_iter().map(|(_, ty)| ty).chain([ColumnType::Integer]).collect();
    let warning = |message: String| {
        let place = Mistake::plain(&workbook.id, message);
        Some(Mistake { severity: Severity::Warning, ..place })
    };
    match warehouse.read(None, &Sql::new(sql), &types).await {
        Ok(rows) => {
            let row = rows.first()?;
            let (Some(Value::Integer(count)), values) = (row.last(), &row[..row.len() - 1]) else { return None };
            let said: Vec<String> =
                source.key.iter().zip(values).map(|(name, value)| format!("{name} = {}", spoken(&value.to_wire()))).collect();
            warning(format!("the key of `{}` is not unique: {count} rows have {}; {consequence}", source.name, said.join(", ")))
        }
        Err(error) => warning(format!("whether the key of `{}` is unique can't be told: {error}", source.name)),
    }
}

fn spoken(value: &Raw) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"))
}
