//! The one expression language: policies, measures, computed columns, rules and conditions.
//!
//! SQL scalar expressions with PostgreSQL's meaning, parsed by `sqlparser`, checked against the columns in scope and a
//! catalogue of functions, then rendered per dialect. The warehouse evaluates them, so a rule never means two things.

mod ast;
mod check;
mod formula;
mod functions;
mod parse;
mod postgres;
mod render;
mod sqlite;

pub use ast::{Aggregate, BinaryOp, Expr, Function, Node, Window};
pub use check::{Parameter, Scope, Use};
pub use formula::{check_formula, formula};
pub(crate) use functions::TRUNC_UNITS;
pub(crate) use parse::nearest;
pub use parse::{ExprError, check};
pub(crate) use postgres::type_name as postgres_type;
pub(crate) use render::{BEFORE, column};
pub use render::{Binding, Natives, render};
