//! A pretended SaaS product, "Northwind CRM", that embeds Inlay: its data, its workbook, its pages and its ticket signer.
//!
//! It shares two things with Inlay: the signing key of its tickets, and that of what a form tells it. Everything else goes over HTTP, from another origin.

mod host;
mod ledger;
mod load;
mod people;
mod samples;

use std::path::Path;

pub use host::{HostConfig, open_database, router};
pub use ledger::{LEDGER, load_ledger};
pub use load::load;
pub use people::{PEOPLE, Person, sign};

/// The demo's files, for a binary that is started without the repository: path below the demo's folder, and text.
pub const FILES: &[(&str, &str)] = &[
    ("inlay.toml", include_str!("../inlay.toml")),
    ("workbooks/sales_planning.yaml", include_str!("../workbooks/sales_planning.yaml")),
    ("workbooks/accounts.csv", include_str!("../workbooks/accounts.csv")),
    ("workbooks/northwind.svg", include_str!("../workbooks/northwind.svg")),
];

/// Writes the workbook and its pictures into a folder.
///
/// # Errors
/// If a file can't be written.
pub fn write_workbooks(folder: &Path) -> std::io::Result<()> {
    let workbooks = FILES.iter().filter_map(|(path, text)| Some((path.strip_prefix("workbooks/")?, text)));
    workbooks.into_iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
}
