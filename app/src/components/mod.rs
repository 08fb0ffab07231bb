//! The workbook and its elements. One file, one element kind.

mod chart;
mod chart_option;
mod control;
mod form;
mod frame;
mod kpi;
mod measure;
mod status;
mod workbook;

pub use frame::Problem;
pub use measure::measured;
pub use workbook::Workbook;
