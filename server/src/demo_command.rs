//! `inlay demo`: the Superstore workbook and, on a port of its own, the pretended product that embeds it.

use std::path::{Path, PathBuf};

use demo::{HostConfig, PEOPLE};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cli::{Server, start_logging, stop_signal};
use crate::config::{Config, Store};

/// Makes the folder if needed, starts both servers, and runs until it is stopped.
///
/// # Errors
/// In words.
pub async fn run(folder: &Path, watch_files: bool, rows: Option<u64>) -> Result<(), String> {
    start_logging();
    let (secret, endpoint_secret) = prepare(folder)?;
    let config = Config::read(folder)?;
    let Store::Sqlite(database, _) = config.store()? else {
        return Err("the demo's data is in SQLite; `inlay serve` serves a folder over PostgreSQL".into());
    };
    if !database.exists() {
        println!("Loading 9,994 order lines …");
    }
    demo::load(&database).await.map_err(|error| format!("the demo's data can't be loaded: {error}"))?;
    if let Some(rows) = rows {
        demo::load_ledger(&database, rows).await.map_err(|error| format!("the ledger can't be made: {error}"))?;
        write_missing(folder, &demo::LEDGER)?;
    }
    let server = Server::open(config).await?;
    let inlay = server.state.config.own_origin();
    let listen = std::env::var("INLAY_DEMO_LISTEN").unwrap_or_else(|_| "127.0.0.1:4601".into());
    let listener = TcpListener::bind(&listen).await.map_err(|error| format!("{listen}: {error}"))?;
    let product = demo::open_database(&folder.join("var/northwind-crm.db")).await;
    let database = product.map_err(|error| format!("the product's database can't be opened: {error}"))?;
    let host = HostConfig { inlay: inlay.clone(), secret, endpoint_secret, audience: "inlay".into(), database };
    let host = demo::router(host);
    let (stop, stopped) = watch::channel(false);
    let until = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    tokio::spawn(async move {
        stop_signal().await;
        let _ = stop.send(true);
    });
    println!(
        "\n  Northwind CRM   http://{listen}\n  Inlay           {inlay}\n\nCtrl-C stops both. Data is kept in {}.",
        folder.display()
    );
    let hosting = tokio::spawn(axum::serve(listener, host).with_graceful_shutdown(until(stopped.clone())).into_future());
    server.run(watch_files, until(stopped)).await?;
    drop(hosting.await);
    Ok(())
}

/// Signs a ticket for one of the demo's people.
///
/// # Errors
/// If there is no such person or no demo in the folder.
pub fn ticket(person: &str, folder: &Path) -> Result<(), String> {
    let names = || PEOPLE.iter().map(|person| person.id).collect::<Vec<_>>().join(", ");
    let known = PEOPLE.iter().find(|known| known.id == person);
    let known = known.ok_or_else(|| format!("there is no `{person}`; there are {}", names()))?;
    let path = secret_path(folder);
    let secret =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}; start `inlay demo` once", path.display()))?;
    println!("{}", demo::sign(known, secret.trim().as_bytes(), "inlay").map_err(|error| error.to_string())?);
    Ok(())
}

fn secret_path(folder: &Path) -> PathBuf {
    folder.join("var/northwind-crm.secret")
}

fn failed(path: &Path, error: std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn write_missing(folder: &Path, (name, text): &(&str, &str)) -> Result<(), String> {
    let path = folder.join(name);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
    if path.exists() { Ok(()) } else { std::fs::write(&path, text).map_err(|error| failed(&path, error)) }
}

/// Writes the files that are missing, and the keys that both sides share: that of tickets, and that of what forms tell.
fn prepare(folder: &Path) -> Result<(Vec<u8>, Vec<u8>), String> {
    demo::FILES.iter().try_for_each(|file| write_missing(folder, file))?;
    Ok((key(&secret_path(folder))?, key(&folder.join("var/crm-endpoint.secret"))?))
}

/// The key in a file, which is made if it is not there.
fn key(path: &Path) -> Result<Vec<u8>, String> {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
    if !path.exists() {
        std::fs::write(path, hex::encode(rand::random::<[u8; 32]>())).map_err(|error| failed(path, error))?;
    }
    let text = std::fs::read_to_string(path).map_err(|error| failed(path, error))?;
    Ok(text.trim().as_bytes().to_vec())
}
