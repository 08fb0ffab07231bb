//! What the marks of an element stand for, and which other elements follow them.

use super::{Access, Dataset, Element, Kind, Workbook};
use crate::expr::{Expr, Node};

/// What marks stand along: an expression over the row for each dimension.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dimensions {
    /// x on each level, the outermost first; of a pivot its rows.
    pub x: Vec<Expr>,
    /// Colour and facet; of a pivot its columns.
    pub by: Vec<Expr>,
}

impl Dimensions {
    fn all(&self) -> impl Iterator<Item = &Expr> {
        self.x.iter().chain(&self.by)
    }

    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        self.all().flat_map(Expr::columns).collect()
    }

    /// Whether they mean the same over another dataset: it has their columns, of the same types, and nothing else goes into them.
    #[must_use]
    pub fn fit(&self, other: Dataset<'_>) -> bool {
        let mut fits = true;
        for expr in self.all() {
            expr.walk(&mut |part| match &part.node {
                Node::Column(name) => fits &= other.column(name).is_some_and(|column| column.ty == part.ty),
                Node::Parameter(_) => fits = false,
                _ => {}
            });
        }
        fits
    }
}

/// The dimensions of an element where its switches are set in one way.
#[derive(Clone, Debug)]
pub struct MarksOf {
    /// The option of each switch that it names.
    pub choices: Vec<(String, String)>,
    pub dimensions: Dimensions,
}

impl Kind {
    /// What its marks stand along; nothing for what has but one, or none.
    #[must_use]
    pub fn dimensions(&self, dataset: Dataset<'_>) -> Dimensions {
        let column = |name: &String| dataset.column(name).map(|column| Expr::column(name, column.ty.clone()));
        match self {
            Self::Chart(chart) => Dimensions {
                x: chart.levels().map(|level| level.x.expr.clone()).collect(),
                by: chart.by().filter_map(column).collect(),
            },
            Self::Kpi(kpi) => Dimensions { x: kpi.periods.iter().map(|(x, _)| x.expr.clone()).collect(), by: Vec::new() },
            Self::Pivot(pivot) => {
                let [x, by] = [&pivot.rows, &pivot.columns].map(|axes| axes.iter().map(|axis| axis.expr.clone()).collect());
                Dimensions { x, by }
            }
            _ => Dimensions::default(),
        }
    }

    /// What it shows so many levels further down; `None` if it does not go that deep.
    #[must_use]
    pub fn level(&self, depth: usize) -> Option<&Self> {
        match (depth, self) {
            (0, kind) => Some(kind),
            (depth, Self::Chart(chart)) => chart.deeper.get(depth - 1),
            _ => None,
        }
    }
}

impl Element {
    /// What its marks stand along, for each way to set the switches that it names.
    #[must_use]
    pub fn marks(&self, dataset: Dataset<'_>) -> Vec<MarksOf> {
        let of = |choices: &[(String, String)], kind: &Kind| MarksOf {
            choices: choices.to_vec(),
            dimensions: kind.dimensions(dataset),
        };
        if self.variants.is_empty() {
            return vec![of(&[], &self.kind)];
        }
        self.variants.iter().map(|variant| of(&variant.choices, &variant.kind)).collect()
    }
}

impl Workbook {
    /// An element whose marks some other follows, as far as a person may know both.
    #[must_use]
    pub fn selecting(&self, id: &str, access: &Access) -> Option<&Element> {
        let element = self.element(id).filter(|element| matches!(element.kind, Kind::Chart(_) | Kind::Pivot(_)))?;
        let follows = |other: &Element| other.is_shown(access) && other.follows(access).any(|followed| followed == id);
        (element.is_known(&element.kind, access) && self.elements().any(follows)).then_some(element)
    }
}
