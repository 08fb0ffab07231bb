//! The workbook and its elements. One file, one element kind.

mod chart;
mod chart_option;
mod control;
mod focus;
mod form;
mod frame;
mod kpi;
mod measure;
mod status;
mod workbook;

pub use focus::focused;
pub use frame::Problem;
pub use measure::measured;
pub use workbook::Workbook;
