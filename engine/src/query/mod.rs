//! What an element shows: planned as values, compiled to SQL, run under the principal's policy.
//!
//! [`Relation`] puts the row policy into every plan before anything is compiled; there is no way to build one without.

mod chosen;
mod compile;
mod csv;
mod filter;
mod group;
mod marks;
mod pivot;
mod place;
mod plan;
mod reduce;
mod relation;
mod top;
mod under;
mod xlsx;

pub use chosen::Chosen;
pub use compile::{compile, compile_duplicates, compile_summary, compile_totals};
pub use csv::csv;
pub use filter::check_filter;
pub use group::nested;
pub(crate) use marks::X;
pub use place::{compile_find, compile_places, distance};
pub use plan::{MOST_EXPORTED, Output, Plan, Search, Shape, SortBy, Window, plan, plan_facts, plan_lookup};
pub use reduce::compile_reduced;
pub use relation::{Anchor, Joins, Relation};
pub use xlsx::{Around, crosstab, xlsx};
