//! What an admin runs beside the server: the tables of input tables follow their definitions, and the server is allowed
//! what it needs in PostgreSQL and no more.

use std::path::Path;
use std::sync::Arc;

use engine::catalog::{Catalog, Directory};
use engine::definition::outstanding;
use engine::warehouse::{Access, Need, Postgres, PostgresConfig, Warehouse};
use engine::{Engine, EngineError};
use model::{Attribute, Principal};

use crate::cli::{Admin, counted, open, told};
use crate::config::{Config, Store};

/// Show it, or do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    Plan,
    Apply,
}

/// `inlay plan` and `inlay apply`.
///
/// # Errors
/// In words: mistakes of the workbooks, a change that can't be made, or what the warehouse said.
pub async fn definitions(admin: &Admin, what: Do) -> Result<(), String> {
    let config = Config::read(&admin.folder)?;
    if let (Store::Postgres(postgres), false) = (config.store()?, admin.admin.is_none()) {
        // With the grants that new tables need.
        return granted(&config, &postgres, admin, what).await;
    }
    let warehouse = open(&config).await?;
    let catalog = load(&config, warehouse.as_ref()).await?;
    let changes = outstanding(warehouse.as_ref(), &catalog).await.map_err(|mistakes| told(&mistakes))?;
    for of in &changes {
        println!("-- {} of {}", of.of.name, of.workbook);
        of.changes.iter().for_each(|change| println!("--   {change}"));
        warehouse.definition(of.of, &of.changes).iter().for_each(|sql| println!("{sql};"));
        if what == Do::Apply {
            let made = warehouse.define(of.workbook, of.of, &of.changes, &admin.by).await;
            made.map_err(|error| format!("{}: {error}", of.of.name))?;
        }
    }
    warehouse.close().await;
    end(changes.len(), "table", what);
    Ok(())
}

/// `inlay write-access plan` and `apply`.
///
/// # Errors
/// In words; nothing is changed then.
pub async fn write_access(admin: &Admin, what: Do) -> Result<(), String> {
    let config = Config::read(&admin.folder)?;
    let postgres = postgres(&config)?;
    granted(&config, &postgres, admin, what).await
}

/// `inlay watch plan` and `apply`.
///
/// # Errors
/// In words; nothing is changed then.
pub async fn watch(admin: &Admin, table: &str, what: Do) -> Result<(), String> {
    let warehouse = connect(&postgres(&Config::read(&admin.folder)?)?, admin).await?;
    let missing = warehouse.watch(table, what == Do::Apply).await;
    warehouse.close().await;
    let missing = missing.map_err(|error| format!("PostgreSQL: {error}"))?;
    print(&missing);
    end(missing.len(), "trigger", what);
    Ok(())
}

async fn connect(postgres: &PostgresConfig, admin: &Admin) -> Result<Arc<Postgres>, String> {
    let url = admin.admin.clone().ok_or("say who the admin is: --admin ADDRESS, or INLAY_CONNECTION_ADMIN in the environment")?;
    let by_admin = PostgresConfig { url, pooler: false, access: Access::Admin, ..postgres.clone() };
    Postgres::open(by_admin).await.map_err(|error| format!("PostgreSQL: {error}"))
}

async fn granted(config: &Config, postgres: &PostgresConfig, admin: &Admin, what: Do) -> Result<(), String> {
    let app = postgres.user().map_err(|error| error.to_string())?;
    let warehouse = connect(postgres, admin).await?;
    let catalog = load(config, warehouse.as_ref()).await?;
    let missing = match what {
        Do::Plan => warehouse.plan_access(&app, &catalog).await,
        Do::Apply => warehouse.apply_access(&app, &catalog, &admin.by).await,
    };
    warehouse.close().await;
    let missing = missing.map_err(|error| format!("PostgreSQL: {error}"))?;
    println!("begin;\n");
    print(&missing);
    println!("commit;");
    end(missing.len(), "need", what);
    Ok(())
}

/// `inlay write-access verify`, by the server's own connection, or by an admin's, who finds tables that the server can't.
///
/// # Errors
/// If anything is missing.
pub async fn verify(admin: &Admin) -> Result<(), String> {
    let config = Config::read(&admin.folder)?;
    let postgres = postgres(&config)?;
    let app = postgres.user().map_err(|error| error.to_string())?;
    // Looks only, and so is refused nothing that the server would be.
    let url = admin.admin.clone().unwrap_or_else(|| postgres.url.clone());
    let looking = PostgresConfig { url, access: Access::Admin, ..postgres };
    let warehouse = Postgres::open(looking).await.map_err(|error| format!("PostgreSQL: {error}"))?;
    let catalog = load(&config, warehouse.as_ref()).await?;
    let missing = warehouse.verify_access(&app, &catalog).await;
    warehouse.close().await;
    let missing = missing.map_err(|error| format!("PostgreSQL: {error}"))?;
    print(&missing);
    match missing.len() {
        0 => {
            println!("Nothing is missing.");
            Ok(())
        }
        n => Err(format!("{} missing; `inlay write-access apply` adds what is", counted(n, "privilege"))),
    }
}

/// `inlay explain-access`.
///
/// # Errors
/// In words, if no workbook has such a table.
pub async fn explain(folder: &Path, mut principal: Principal, table: &str) -> Result<(), String> {
    let config = Config::read(folder)?;
    let warehouse = open(&config).await?;
    let opened = Engine::open(warehouse.clone(), &Directory(config.workbooks_folder())).await;
    let engine = opened.map_err(|mistakes| told(&mistakes))?;
    principal.workbooks = engine.workbooks();
    let lines = engine.explain(&principal, table).await;
    drop(engine);
    warehouse.close().await;
    let lines = lines.map_err(|error| match error {
        EngineError::Warehouse(error) => error.to_string(),
        EngineError::Refused(_) => format!("no workbook has a source or an input table `{table}`, or reads such a table"),
    })?;
    println!("{}", lines.join("\n"));
    Ok(())
}

/// `name=value`; what is no JSON is a text.
pub fn attribute(text: &str) -> (String, Attribute) {
    let (name, value) = text.split_once('=').unwrap_or((text, "null"));
    let value = serde_json::from_str(value).unwrap_or_else(|_| Attribute::One(value.into()));
    (name.to_owned(), value)
}

fn postgres(config: &Config) -> Result<PostgresConfig, String> {
    match config.store()? {
        Store::Postgres(postgres) => Ok(postgres),
        Store::Sqlite(..) => Err("SQLite has no roles; the rights on its file are what guards it".into()),
    }
}

async fn load(config: &Config, warehouse: &dyn Warehouse) -> Result<Catalog, String> {
    let catalog = Catalog::load(&Directory(config.workbooks_folder()), warehouse).await;
    catalog.map_err(|mistakes| told(&mistakes))
}

fn print(missing: &[Need]) {
    for need in missing {
        println!("-- without it: {}\n{};\n", need.breaks, need.sql);
    }
}

fn end(count: usize, what: &str, done: Do) {
    match (count, done) {
        (0, _) => println!("-- Everything is as it should be."),
        (n, Do::Plan) => println!("-- {} to change; nothing was changed.", counted(n, what)),
        (n, Do::Apply) => println!("-- {} changed.", counted(n, what)),
    }
}
