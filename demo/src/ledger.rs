//! A long, wide table for whoever wants to see how the grid does with a million rows. Made by counting, the same each time.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqlSafeStr};

/// Its workbook: path below the demo's folder, and text.
pub const LEDGER: (&str, &str) = ("workbooks/ledger.yaml", include_str!("../ledger.yaml"));

/// Columns of plain numbers, so that there are sixty with the nine before them and the three to type into.
const PERIODS: u32 = 48;

/// Adds the ledger with `rows` entries to the demo's database, unless it has one.
///
/// # Errors
/// If the file can't be written.
pub async fn load_ledger(path: &Path, rows: u64) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let there = connection.fetch_optional("select 1 from sqlite_schema where name = 'ledger'").await?;
    if there.is_none() {
        let mut transaction = connection.begin().await?;
        for statement in [table(), entries(rows)] {
            transaction.execute(AssertSqlSafe(statement).into_sql_str()).await?;
        }
        transaction.commit().await?;
    }
    connection.close().await
}

fn table() -> String {
    let periods: String = (1..=PERIODS).map(|n| format!(", period_{n:02} integer not null")).collect();
    format!(
        "create table ledger (entry integer primary key, booked_on text not null, region text not null, \
         cost_centre text not null, account integer not null, partner text not null, reference text, \
         quantity integer not null, amount integer not null{periods}) strict"
    )
}

fn entries(rows: u64) -> String {
    let periods: String = (1..=PERIODS).map(|n| format!(", (i * {}) % 100000", 7_919 + 2 * n)).collect();
    format!(
        "insert into ledger with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) \
         select i, date('2014-01-01', '+' || (i / 700) || ' days'), \
         case i % 4 when 0 then 'West' when 1 then 'East' when 2 then 'Central' else 'South' end, \
         'CC ' || (100 + i % 37), 4000 + i % 89 * 10, 'Partner ' || ((i * 7919) % 2003), \
         case when i % 11 > 0 then 'R-' || printf('%07d', i) end, i % 23, (i * 104729) % 20000000 - 9000000{periods} from n"
    )
}
