//! What is chosen in the controls of a workbook at first: the author's values, the person's attributes, or what the warehouse
//! makes of expressions about him and the time.

use std::collections::BTreeMap;

use model::{ColumnType, ControlKind, Raw, Value};

use crate::catalog::{Control, Initial, Kind, Workbook};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::expr::{Expr, render};
use crate::sql::Sql;
use crate::warehouse::Caller;

impl Engine {
    /// By control; what does not fit one is left out, so that nothing is chosen there.
    pub(crate) async fn defaults(
        &self,
        caller: &Caller<'_>,
        workbook: &Workbook,
    ) -> Result<BTreeMap<String, Vec<Raw>>, EngineError> {
        let controls = workbook.elements().filter_map(|element| match &element.kind {
            Kind::Control(control) => Some((element.id.as_str(), control)),
            _ => None,
        });
        let controls: Vec<(&str, &Control)> = controls.collect();
        let mut values = self.evaluated(caller, &controls).await?.into_iter();
        let attribute = |name: &str| caller.principal.attributes.get(name).map(|a| a.raws().to_vec()).unwrap_or_default();
        let mut defaults = BTreeMap::new();
        for (id, Control { kind, default, .. }) in controls {
            let chosen = match default {
                Initial::Values(values) => values.clone(),
                Initial::Attribute(name) => attribute(name),
                Initial::Expressions(exprs) => {
                    let found = values.by_ref().take(exprs.len()).map(|value| Self::sent(kind, value, workbook));
                    let found: Vec<Raw> = found.collect();
                    if found.iter().all(Raw::is_null) { Vec::new() } else { found }
                }
            };
            if !chosen.is_empty() && kind.check(&chosen).is_ok() {
                defaults.insert(id.to_owned(), chosen);
            }
        }
        Ok(defaults)
    }

    /// What the expressions of all controls come to, in their order: one SELECT, none if there are none.
    async fn evaluated(&self, caller: &Caller<'_>, controls: &[(&str, &Control)]) -> Result<Vec<Value>, EngineError> {
        let exprs = controls.iter().flat_map(|(_, control)| match &control.default {
            Initial::Expressions(exprs) => exprs.as_slice(),
            _ => &[],
        });
        let exprs: Vec<&Expr> = exprs.collect();
        if exprs.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("select ");
        sql.join(", ", exprs.iter().map(|expr| render(expr, self.binding(caller.principal))));
        let types: Vec<ColumnType> = exprs.iter().map(|expr| expr.ty.clone()).collect();
        let rows = self.warehouse.read(Some(caller), &sql, &types).await?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// A value in the form that the control takes: a point in time as its day, a number with its decimals.
    fn sent(kind: &ControlKind, value: Value, workbook: &Workbook) -> Raw {
        let scale = |ty: &ColumnType| if let ColumnType::Decimal { scale } = ty { Some(*scale) } else { None };
        let digits = match kind {
            ControlKind::List { of, .. } | ControlKind::NumberRange { of, .. } => scale(of),
            ControlKind::Parameter { column, .. } => scale(&column.ty),
            _ => None,
        };
        match (kind, value) {
            (ControlKind::DateRange { .. }, Value::Timestamp(at)) => Value::Date(workbook.zone.local(at).date()).to_wire(),
            (_, value) => match (digits, value.as_decimal()) {
                (Some(digits), Some(number)) => {
                    let mut number = number.round_dp(digits);
                    number.rescale(digits);
                    Value::Decimal(number).to_wire()
                }
                _ => value.to_wire(),
            },
        }
    }
}
