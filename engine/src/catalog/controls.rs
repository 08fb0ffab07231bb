//! Controls: what is chosen for other elements, and which of them follow it how.

use model::{ControlKind, Principal, Raw, SwitchOption};

use super::marks::MarksOf;
use super::{Access, Element, Kind, Workbook};
use crate::expr::Expr;

/// What a person chooses.
#[derive(Clone, Debug)]
pub struct Control {
    pub kind: ControlKind,
    /// The column of its dataset that it is about.
    pub column: Option<String>,
    /// Of a checkbox that is about no single column.
    pub condition: Option<Expr>,
    pub default: Initial,
}

impl Control {
    /// Columns without which it can't be shown to somebody.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let looked_at = self.condition.iter().flat_map(Expr::columns);
        self.column.as_deref().into_iter().chain(looked_at).collect()
    }
}

/// What is chosen at first.
#[derive(Clone, Debug)]
pub enum Initial {
    Values(Vec<Raw>),
    /// `@user.name`: the value, or all values, of the person's attribute.
    Attribute(String),
    /// Expressions about the person and the time, one for each value, which the warehouse evaluates.
    Expressions(Vec<Expr>),
}

/// That an element shows some of its rows or marks only.
#[derive(Clone, Debug)]
pub struct Filtered {
    pub control: String,
    pub by: By,
}

#[derive(Clone, Debug)]
pub enum By {
    Column(String),
    /// Where the control is chosen, rows for which this is TRUE.
    Condition(Expr),
    /// The largest marks.
    Top,
    /// Marks of another element, for each way to set the switches that it names.
    Marks(Vec<MarksOf>),
}

impl Filtered {
    /// Columns that it looks at: it does not filter for somebody for whom one of them does not exist.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        match &self.by {
            By::Column(column) => vec![column],
            By::Condition(condition) => condition.columns(),
            By::Top => Vec::new(),
            By::Marks(ways) => ways.iter().flat_map(|way| way.dimensions.columns()).collect(),
        }
    }
}

/// What an element shows where switches are set in one way.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The option of each switch that it names.
    pub choices: Vec<(String, String)>,
    pub kind: Kind,
}

impl Element {
    /// Ids of the controls that it follows, whatever way, for a person who may know what they look at.
    pub fn follows<'e>(&'e self, access: &'e Access) -> impl Iterator<Item = &'e str> {
        let known = |filtered: &&Filtered| !filtered.columns().iter().any(|column| access.hides(&self.dataset, column));
        let filters = self.controls.iter().filter(known).map(|filtered| filtered.control.as_str());
        filters.chain(self.switches()).chain(self.parameters())
    }

    /// Ids of the switches that it names.
    pub fn switches(&self) -> impl Iterator<Item = &str> {
        self.variants.first().into_iter().flat_map(|variant| &variant.choices).map(|(switch, _)| switch.as_str())
    }

    /// Ids of the parameters that it calculates with, each once.
    #[must_use]
    pub fn parameters(&self) -> Vec<&str> {
        let kinds = self.variants.iter().map(|variant| &variant.kind).chain([&self.kind]);
        let shown = kinds.flat_map(Kind::measures).map(|measure| &measure.expr);
        let looked_at = self.formats.iter().filter_map(|(_, when)| when.as_ref());
        let conditions = self.controls.iter().filter_map(|filtered| match &filtered.by {
            By::Condition(condition) => Some(condition),
            By::Column(_) | By::Top | By::Marks(_) => None,
        });
        let mut names: Vec<&str> = shown.chain(looked_at).chain(conditions).flat_map(Expr::parameters).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What it shows where switches are set as `chosen` says.
    #[must_use]
    pub fn kind_for(&self, chosen: impl Fn(&str) -> Option<String>) -> &Kind {
        let fits = |(switch, option): &(String, String)| chosen(switch).as_ref() == Some(option);
        let variant = self.variants.iter().find(|variant| variant.choices.iter().all(fits));
        variant.map_or(&self.kind, |variant| &variant.kind)
    }
}

impl Workbook {
    /// A control, with the element that it is.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<(&Element, &Control)> {
        self.elements().filter(|element| element.id == id).find_map(|element| match &element.kind {
            Kind::Control(control) => Some((element, control)),
            _ => None,
        })
    }

    /// The options of a switch that a person may know: one that only shows what is hidden from him is none.
    #[must_use]
    pub fn options<'w>(&'w self, switch: &str, access: &Access) -> Vec<&'w SwitchOption> {
        let Some((_, Control { kind: ControlKind::Switch { options }, .. })) = self.control(switch) else {
            return Vec::new();
        };
        // What is hidden from him whatever is chosen says nothing of the options.
        let known = |element: &Element, variant: &Variant| element.is_known(&variant.kind, access);
        let seen = |element: &&Element| {
            element.switches().any(|named| named == switch) && element.variants.iter().any(|variant| known(element, variant))
        };
        let known = |option: &&SwitchOption| {
            self.elements().filter(seen).all(|element| {
                let choice = (switch.to_owned(), option.value.clone());
                let mut variants = element.variants.iter().filter(|variant| variant.choices.contains(&choice));
                variants.any(|variant| known(element, variant))
            })
        };
        options.iter().filter(known).collect()
    }

    /// The option of a switch that holds for a person until he chooses another.
    #[must_use]
    pub fn first_option<'w>(&'w self, switch: &str, access: &Access) -> Option<&'w str> {
        let options = self.options(switch, access);
        let default = self.control(switch).and_then(|(_, control)| match &control.default {
            Initial::Values(values) => values.first()?.as_str(),
            _ => None,
        });
        let default = options.iter().find(|option| Some(option.value.as_str()) == default);
        default.or(options.first()).map(|option| option.value.as_str())
    }

    /// Whether a person's ticket sets controls that are there, to what they take. A workbook without them is not his: whoever signed
    /// the ticket meant it to be narrowed.
    #[must_use]
    pub fn takes_filters_of(&self, principal: &Principal) -> bool {
        let takes = |(id, values): (&String, &Vec<Raw>)| {
            self.control(id).is_some_and(|(_, control)| !values.is_empty() && control.kind.check(values).is_ok())
        };
        principal.filters.iter().all(takes)
    }

    /// The option that a switch is set to for a person until he chooses another.
    #[must_use]
    pub fn option_for(&self, switch: &str, principal: &Principal, access: &Access) -> Option<String> {
        let locked = principal.filters.get(switch).and_then(|values| values.first()?.as_str());
        locked.or_else(|| self.first_option(switch, access)).map(str::to_owned)
    }
}
