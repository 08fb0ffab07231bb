//! What is chosen in controls, as one element takes it: which rows it filters, what switches are set to, which values it is
//! calculated with.

use std::collections::BTreeMap;

use model::{ApiError, Code, ColumnType, ControlKind, Filter, FilterOp, MOST_MARKED, Principal, QueryRequest, Raw, Value};

use super::filter::{Clock, between_days, days, filter_expr};
use super::under::marked;
use crate::catalog::{Access, By, Control, Dataset, Element, Filtered, Initial, Kind, Workbook};
use crate::expr::{BinaryOp, Expr, Node};

/// What holds for an element: what the request says, and above it what the person's ticket says.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a, 'r> {
    workbook: &'a Workbook,
    element: &'a Element,
    access: &'r Access,
    principal: &'r Principal,
    controls: &'r BTreeMap<String, Vec<Raw>>,
}

impl<'a, 'r> Chosen<'a, 'r> {
    /// # Errors
    /// `QY002` for a control that the element does not follow as far as this person may know, and for what does not fit one.
    pub fn of(
        workbook: &'a Workbook,
        element: &'a Element,
        access: &'r Access,
        principal: &'r Principal,
        request: &'r QueryRequest,
    ) -> Result<Self, ApiError> {
        let chosen = Self { workbook, element, access, principal, controls: &request.controls };
        for (id, values) in &request.controls {
            let unknown = || ApiError::say(Code::BadFilter, words::control_unknown(id.as_str()));
            if !element.follows(access).any(|followed| followed == id) || principal.filters.contains_key(id) {
                return Err(unknown());
            }
            let wrong = |problem| ApiError::say(Code::BadFilter, words::control_problem(id.as_str(), problem));
            let Some((at, control)) = workbook.control(id) else {
                workbook.selecting(id, access).ok_or_else(unknown)?;
                if values.len() > MOST_MARKED {
                    return Err(wrong(words::pick_at_most(MOST_MARKED)));
                }
                continue;
            };
            if !at.is_known(&at.kind, access) {
                return Err(unknown());
            }
            control.kind.check(values).map_err(wrong)?;
            if matches!(control.kind, ControlKind::Switch { .. }) {
                let options: Vec<&str> = workbook.options(id, access).iter().map(|option| option.value.as_str()).collect();
                if values.iter().any(|value| !options.iter().any(|option| value == option)) {
                    return Err(wrong(words::control_takes_one_of(options.join(", "))));
                }
            }
        }
        Ok(chosen)
    }

    /// What is chosen in a control, whoever chose it; empty for nothing.
    fn values(&self, control: &str) -> &'r [Raw] {
        self.principal.filters.get(control).or_else(|| self.controls.get(control)).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the element shows.
    #[must_use]
    pub fn kind(&self) -> &'a Kind {
        self.element.kind_for(|switch| {
            let option = self.values(switch).first().and_then(Raw::as_str).map(str::to_owned);
            option.or_else(|| self.workbook.option_for(switch, self.principal, self.access))
        })
    }

    /// The value of each parameter that the element is calculated with.
    ///
    /// # Errors
    /// `QY002` for one that nobody has said and that only a warehouse can work out.
    pub fn parameters(&self) -> Result<BTreeMap<&'a str, Value>, ApiError> {
        let value = |id: &'a str| {
            let control = self.workbook.control(id).map(|(_, control)| control);
            let Some(Control { kind: ControlKind::Parameter { column, .. }, default, .. }) = control else {
                return Ok((id, Value::Null));
            };
            let raw = match (self.values(id).first(), default) {
                (Some(raw), _) => Some(raw.clone()),
                (None, Initial::Values(values)) => values.first().cloned(),
                (None, Initial::Attribute(name)) => self.principal.attributes.get(name).and_then(|a| a.raws().first().cloned()),
                (None, Initial::Expressions(_)) => {
                    let problem = words::control_problem(id, words::control_takes_one());
                    return Err(ApiError::say(Code::BadFilter, problem));
                }
            };
            Ok((id, raw.and_then(|raw| Value::from_wire(&raw, &column.ty).ok()).unwrap_or(Value::Null)))
        };
        self.element.parameters().into_iter().map(value).collect()
    }

    /// How many of the largest marks are shown, if not all.
    #[must_use]
    pub fn top(&self) -> Option<u64> {
        let filters = self.element.controls.iter().filter(|filtered| matches!(filtered.by, By::Top));
        filters.filter_map(|filtered| self.values(&filtered.control).first()?.as_u64()).min()
    }

    /// Conditions that a row fits.
    ///
    /// # Errors
    /// `QY002` for what does not fit the column.
    pub fn filters(&self, dataset: Dataset<'_>, clock: Clock<'_>) -> Result<Vec<Expr>, ApiError> {
        let chosen = self.element.controls.iter().map(|filtered| (filtered, self.values(&filtered.control)));
        let parts = chosen.filter(|(_, values)| !values.is_empty()).map(|(filtered, values)| {
            if let By::Marks(ways) = &filtered.by {
                return Ok(marked(ways, values)?.into_iter().collect());
            }
            let (_, control) = self.workbook.control(&filtered.control).ok_or_else(|| ApiError::new(Code::UnknownColumn))?;
            condition(&control.kind, filtered, values, dataset, clock)
        });
        Ok(parts.collect::<Result<Vec<_>, ApiError>>()?.into_iter().flatten().collect())
    }
}

fn condition(
    kind: &ControlKind,
    filtered: &Filtered,
    values: &[Raw],
    dataset: Dataset<'_>,
    clock: Clock<'_>,
) -> Result<Vec<Expr>, ApiError> {
    let name = match &filtered.by {
        By::Top | By::Marks(_) => return Ok(Vec::new()),
        By::Condition(condition) => return Ok(vec![condition.clone()]),
        By::Column(name) => name,
    };
    let ty = &dataset.column(name).ok_or_else(|| ApiError::new(Code::UnknownColumn))?.ty;
    let column = || Expr::column(name, ty.clone());
    let filter = |op, value: Raw| filter_expr(&Filter { column: name.clone(), op, value }, ty, clock);
    let bound = |op, value: Expr| Expr::new(Node::Binary(op, Box::new(column()), Box::new(value)), ColumnType::Boolean);
    let ends = || (values.first().filter(|raw| !raw.is_null()), values.get(1).filter(|raw| !raw.is_null()));
    Ok(match kind {
        ControlKind::List { of, .. } => vec![listed(column(), values, of)?],
        ControlKind::Checkbox => vec![filter(FilterOp::Equals, Raw::Bool(true))?],
        ControlKind::Text => vec![filter(FilterOp::Contains, values[0].clone())?],
        ControlKind::NumberRange { of, .. } => {
            let (low, high) = ends();
            let low = low.map(|raw| Ok(bound(BinaryOp::GreaterOrEqual, literal(raw, of)?)));
            let high = high.map(|raw| Ok(bound(BinaryOp::LessOrEqual, literal(raw, of)?)));
            low.into_iter().chain(high).collect::<Result<_, ApiError>>()?
        }
        ControlKind::DateRange { .. } => {
            let span = values[0].as_str().and_then(|name| name.parse().ok());
            let (from, to) = match span {
                Some(span) => days(span, clock).map(|(from, to)| (Some(from), Some(to)))?,
                None => {
                    let day = |raw: Option<&Raw>| raw.and_then(Raw::as_str).and_then(|text| text.parse().ok());
                    let (low, high) = ends();
                    (day(low), day(high))
                }
            };
            between_days(column(), from, to, clock.zone)?
        }
        ControlKind::Marks { .. } | ControlKind::Top { .. } | ControlKind::Switch { .. } | ControlKind::Parameter { .. } => {
            Vec::new()
        }
    })
}

/// One of these values, or blank where null is one of them.
fn listed(column: Expr, values: &[Raw], of: &ColumnType) -> Result<Expr, ApiError> {
    let boolean = |node| Expr::new(node, ColumnType::Boolean);
    let blank = values.iter().any(Raw::is_null).then(|| boolean(Node::IsNull(Box::new(column.clone()))));
    let items = values.iter().filter(|raw| !raw.is_null()).map(|raw| literal(raw, of)).collect::<Result<Vec<_>, _>>()?;
    let listed = (!items.is_empty()).then(|| boolean(Node::InList(Box::new(column), items)));
    listed.into_iter().chain(blank).reduce(Expr::or).ok_or_else(|| ApiError::new(Code::BadFilter))
}

fn literal(raw: &Raw, ty: &ColumnType) -> Result<Expr, ApiError> {
    let ty = ty.as_stored();
    Ok(Expr::new(Node::Literal(super::filter::typed(raw, &ty)?), ty))
}
