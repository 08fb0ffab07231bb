//! The workbook and its elements. One file, one element kind.

mod blocks;
mod chart;
mod control;
mod current;
mod details;
mod files;
mod filters;
mod focus;
mod form;
mod frame;
mod heading;
mod image;
mod import;
mod inspector;
mod kpi;
mod marking;
mod measure;
mod menu;
mod near;
mod pivot;
mod print;
mod status;
mod tabs;
mod text;
mod theme;
mod tools;
mod walk;
mod workbook;

pub use current::Current;
pub use files::save_attached;
pub use focus::focused;
pub use frame::Problem;
pub use measure::measured;
pub use menu::{Action, Menu};
pub use tabs::Tabs;
pub use tools::Tools;
