//! The Superstore orders into SQLite: decimals as minor units, dates as ISO text, and an order status of our own making.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};

const CSV: &str = include_str!("../superstore.csv");

const SCHEMA: &str = "create table orders (
    row_id integer primary key, order_id text not null, order_date text not null, ship_date text not null, ship_mode text not null,
    customer_id text not null, customer_name text not null, segment text not null, country text not null, city text not null,
    state text not null, postal_code text, region text not null, product_id text not null, category text not null,
    sub_category text not null, product_name text not null,
    sales integer not null, quantity integer not null, discount integer not null, profit integer not null,
    status text not null check (status in ('open', 'shipped', 'returned'))
) strict;
create index orders_region on orders (region, sub_category, order_date);";

/// Fills a new database with the 9,994 order lines; an existing one is left as it is.
///
/// # Errors
/// If the file can't be written.
pub async fn load(path: &Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if path.exists() {
        return Ok(());
    }
    // Under another name until it is whole, so that an interrupted start leaves no half-filled database.
    let unfinished = path.with_extension("loading");
    let _ = std::fs::remove_file(&unfinished);
    let options = SqliteConnectOptions::new().filename(&unfinished).create_if_missing(true).disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    connection.execute(SCHEMA).await?;
    insert(&mut connection).await?;
    connection.close().await?;
    std::fs::rename(&unfinished, path)?;
    Ok(())
}

async fn insert(connection: &mut SqliteConnection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut transaction = connection.begin().await?;
    let mut reader = csv::Reader::from_reader(CSV.as_bytes());
    for record in reader.records() {
        let record = record?;
        let text = |i: usize| record.get(i).unwrap_or_default().to_owned();
        let row_id: i64 = text(0).parse()?;
        let postal_code = Some(text(11)).filter(|code| !code.is_empty());
        let status = status(row_id, &text(2));
        let mut query =
            sqlx::query("insert into orders values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(row_id);
        for i in 1..=10 {
            query = query.bind(text(i));
        }
        query = query.bind(postal_code);
        for i in 12..=16 {
            query = query.bind(text(i));
        }
        query = query.bind(minor(&text(17), 4)?).bind(text(18).parse::<i64>()?).bind(minor(&text(19), 2)?);
        query.bind(minor(&text(20), 4)?).bind(status).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Not in the data: the last six weeks are open, every 23rd line was returned, the rest is shipped.
fn status(row_id: i64, order_date: &str) -> &'static str {
    match (order_date, row_id % 23) {
        (date, _) if date >= "2017-11-20" => "open",
        (_, 0) => "returned",
        _ => "shipped",
    }
}

/// A decimal text as an integer of `scale` minor digits; the data's few floating-point tails are rounded away.
fn minor(text: &str, scale: u32) -> Result<i64, std::num::ParseFloatError> {
    Ok((text.parse::<f64>()? * 10_f64.powi(scale as i32)).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_loaded_to_the_last_digit() {
        assert_eq!(minor("41.9136", 4), Ok(419_136));
        assert_eq!(minor("-383.031", 4), Ok(-3_830_310));
        assert_eq!(minor("0.2", 2), Ok(20));
    }
}
