//! What of a workbook exists for a person, and what he may type into: asked of the warehouse once for each.

use std::sync::{Arc, PoisonError};

use model::{Code, ColumnType, Value};

use crate::catalog::{Access, Join, Workbook};
use crate::engine::{Engine, REMEMBERED};
use crate::error::EngineError;
use crate::expr::{Expr, render};
use crate::sql::Sql;
use crate::warehouse::Caller;

impl Engine {
    /// A person's rights. Whoever comes to a table at all comes by here, so this is where tables begin.
    pub(crate) async fn access(&self, caller: &Caller<'_>, workbook: &Workbook) -> Result<Arc<Access>, EngineError> {
        self.begin_tables(caller, workbook).await?;
        self.rights(caller, workbook).await
    }

    /// Asks the warehouse every person-only condition of the workbook in one SELECT, once per person and definition.
    pub(crate) async fn rights(&self, caller: &Caller<'_>, workbook: &Workbook) -> Result<Arc<Access>, EngineError> {
        let person = serde_json::to_string(caller.principal).map_err(|_| EngineError::refused(Code::Internal))?;
        let key = (format!("{}:{}", workbook.id, workbook.revision), person);
        if let Some(known) = self.access.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let conditions = conditions(workbook);
        let answers = self.decide(caller, &conditions).await?;
        let mut access = Access::default();
        for (condition, admitted) in conditions.into_iter().zip(answers) {
            if !admitted {
                let set = if condition.hides { &mut access.hidden } else { &mut access.locked };
                set.insert((condition.dataset, condition.column));
            }
        }
        hide_dependents(workbook, &mut access);
        let access = Arc::new(access);
        let mut remembered = self.access.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, access.clone());
        Ok(access)
    }

    async fn decide(&self, caller: &Caller<'_>, conditions: &[Condition<'_>]) -> Result<Vec<bool>, EngineError> {
        if conditions.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("select ");
        sql.join(", ", conditions.iter().map(|c| render(c.expr, self.binding(caller.principal))));
        let types = vec![ColumnType::Boolean; conditions.len()];
        let rows = self.warehouse.read(Some(caller), &sql, &types).await?;
        Ok(rows.into_iter().next().unwrap_or_default().into_iter().map(|value| value == Value::Boolean(true)).collect())
    }
}

/// A condition about a person: whether a column exists for him, or may be typed into.
struct Condition<'a> {
    expr: &'a Expr,
    dataset: String,
    column: String,
    hides: bool,
}

fn conditions(workbook: &Workbook) -> Vec<Condition<'_>> {
    let mut found = Vec::new();
    for (name, dataset) in workbook.datasets() {
        for column in dataset.readable() {
            if let Some(expr) = &column.hide_unless {
                found.push(Condition { expr, dataset: name.to_owned(), column: column.name.clone(), hides: true });
            }
        }
    }
    for input in &workbook.inputs {
        for column in &input.columns {
            if let Some(expr) = &column.edit {
                found.push(Condition { expr, dataset: input.name.clone(), column: column.column.name.clone(), hides: false });
            }
        }
    }
    found
}

/// A computed column that reads a hidden one is hidden too, and so is a joined one that is equal to it: they would tell.
fn hide_dependents(workbook: &Workbook, access: &mut Access) {
    for (name, dataset) in workbook.datasets() {
        for (joined, own) in dataset.joins().iter().flat_map(Join::equal_columns) {
            if access.hides(name, own) {
                access.hidden.insert((name.to_owned(), joined.to_owned()));
            }
        }
    }
    for input in &workbook.inputs {
        for computed in &input.computed {
            if computed.expr.columns().iter().any(|column| access.hides(&input.name, column)) {
                access.hidden.insert((input.name.clone(), computed.column.name.clone()));
            }
        }
    }
}
