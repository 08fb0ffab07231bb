//! `inlay serve | demo | preview | init | check | plan | apply | write-access | watch | explain-access | import | sign-out | ticket | schema | version`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use clap::{Parser, Subcommand};
use engine::Engine;
use engine::catalog::{Body, Directory, Mistake};
use engine::control::{ControlStore, WarehouseControl};
use engine::warehouse::{Postgres, Sqlite, Warehouse};
use model::{AccessMode, Principal};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::access::{self, Do};
use crate::config::{Config, Store};
use crate::demo_command;
use crate::endpoints::Signed;
use crate::import_command::Import;
use crate::ops::Metrics;
use crate::preview;
use crate::routes::router;
use crate::sessions::Sessions;
use crate::state::AppState;
use crate::tickets::Verifier;

#[derive(Debug, Parser)]
#[command(name = "inlay", version, about = "Writeback for embedded analytics.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the workbooks of a folder that holds an inlay.toml.
    Serve {
        #[arg(default_value = ".")]
        folder: PathBuf,
        /// Load workbook files again when they change; a broken one never replaces a good one.
        #[arg(long)]
        watch: bool,
    },
    /// Serve the Superstore demo together with the pretended product that embeds it.
    Demo {
        /// Made if it is not there.
        #[arg(default_value = "inlay-demo")]
        folder: PathBuf,
        #[arg(long)]
        watch: bool,
        /// Adds a ledger with this many entries and sixty columns, at /ledger.
        #[arg(long)]
        rows: Option<u64>,
    },
    /// Show each form of the workbooks as the people in inlay.toml find it, on this machine, and again when a file changes.
    Preview {
        #[arg(default_value = ".")]
        folder: PathBuf,
        #[arg(long, default_value = "127.0.0.1:4610")]
        listen: String,
    },
    /// Look at tables of the warehouse and write a first workbook over them.
    Init {
        /// Id and file name of the workbook.
        workbook: String,
        /// A table or view, with its schema if it is not in the search path; may be given several times.
        #[arg(long = "table", required = true)]
        tables: Vec<String>,
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// Say what is wrong with the workbooks of a folder; exits with 1 if anything is.
    Check {
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Show how the tables of input tables would follow their definitions, with the SQL.
    Plan(Admin),
    /// Make the tables of input tables follow their definitions.
    Apply(Admin),
    /// What Inlay needs to be allowed in a PostgreSQL database.
    WriteAccess {
        #[command(subcommand)]
        what: WriteAccess,
    },
    /// Have changes of a PostgreSQL table that do not come through Inlay shown at once.
    Watch {
        #[command(subcommand)]
        what: Watch,
    },
    /// Say which rule lets somebody read or write a table, and which stops him.
    ExplainAccess {
        /// `sub` of the person's ticket.
        user: String,
        /// Name of a source, an input table, or a table of the warehouse.
        table: String,
        #[arg(long)]
        tenant: String,
        /// May be given several times.
        #[arg(long = "role")]
        roles: Vec<String>,
        /// `name=value`, the value as JSON or as plain text; may be given several times.
        #[arg(long = "attr")]
        attributes: Vec<String>,
        /// As with a ticket whose mode is `view`.
        #[arg(long)]
        view_only: bool,
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// Load a CSV or XLSX file into an input table, as the person that is named; what is refused is told, the rest is one batch.
    Import(Box<Import>),
    /// End every session of a person, or of a whole tenant, at once and on every server.
    SignOut {
        tenant: String,
        user: Option<String>,
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// Sign a ticket for one of the demo's people, for trying the API from a shell.
    Ticket {
        person: String,
        #[arg(default_value = "inlay-demo")]
        folder: PathBuf,
    },
    /// Print the JSON Schema of a workbook file.
    Schema,
    /// Print the version.
    Version,
}

#[derive(Debug, Subcommand)]
enum WriteAccess {
    /// Print the SQL that an admin would run; nothing is changed.
    Plan(Admin),
    /// Run it, in one transaction.
    Apply(Admin),
    /// Say what is missing, what breaks without it, and the statement that adds it; exits with 1 if anything is.
    Verify(Admin),
}

#[derive(Debug, Subcommand)]
enum Watch {
    /// Print the trigger that an admin would make; nothing is changed.
    Plan {
        /// A table, with its schema if it is not in the search path.
        table: String,
        #[command(flatten)]
        admin: Admin,
    },
    /// Make it.
    Apply {
        table: String,
        #[command(flatten)]
        admin: Admin,
    },
}

/// Who changes tables, where that is not the server's own connection, and for which server.
#[derive(Debug, clap::Args)]
pub struct Admin {
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Address of the database as an admin. Best given by the environment, so that the password is in no list of processes.
    #[arg(long, env = "INLAY_CONNECTION_ADMIN", hide_env_values = true)]
    pub admin: Option<String>,
    /// Who is named in the log of definitions.
    #[arg(long, env = "USER", default_value = "admin")]
    pub by: String,
}

pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Serve { folder, watch } => serve(&folder, watch).await,
        Command::Demo { folder, watch, rows } => demo_command::run(&folder, watch, rows).await,
        Command::Preview { folder, listen } => preview::run(&folder, &listen).await,
        Command::Check { folder } => check(&folder).await,
        Command::Init { workbook, tables, folder } => init(&folder, &workbook, &tables).await,
        Command::Plan(admin) => access::definitions(&admin, Do::Plan).await,
        Command::Apply(admin) => access::definitions(&admin, Do::Apply).await,
        Command::WriteAccess { what } => match what {
            WriteAccess::Plan(admin) => access::write_access(&admin, Do::Plan).await,
            WriteAccess::Apply(admin) => access::write_access(&admin, Do::Apply).await,
            WriteAccess::Verify(admin) => access::verify(&admin).await,
        },
        Command::Watch { what: Watch::Plan { table, admin } } => access::watch(&admin, &table, Do::Plan).await,
        Command::Watch { what: Watch::Apply { table, admin } } => access::watch(&admin, &table, Do::Apply).await,
        Command::ExplainAccess { user, table, tenant, roles, attributes, view_only, folder } => {
            let mode = if view_only { AccessMode::View } else { AccessMode::Edit };
            let (issuer, name, workbooks) = (String::new(), user.clone(), Vec::new());
            let attributes = attributes.iter().map(|text| access::attribute(text)).collect();
            let principal = Principal {
                issuer,
                tenant,
                user,
                name,
                roles,
                attributes,
                workbooks,
                mode,
                inspects: false,
                filters: std::collections::BTreeMap::new(),
            };
            access::explain(&folder, principal, &table).await
        }
        Command::Import(import) => import.run().await,
        Command::SignOut { tenant, user, folder } => sign_out(&folder, &tenant, user.as_deref()).await,
        Command::Ticket { person, folder } => demo_command::ticket(&person, &folder),
        Command::Schema => {
            println!("{:#}", model::file::schema());
            Ok(())
        }
        Command::Version => {
            println!("inlay {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Logs as JSON lines where nobody reads along, as text on a terminal.
pub fn start_logging() {
    let filter = EnvFilter::try_from_env("INLAY_LOG").unwrap_or_else(|_| EnvFilter::new("warn,inlay=info"));
    let format = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        format.init();
    } else {
        format.json().init();
    }
}

pub fn told(mistakes: &[Mistake]) -> String {
    let each: String = mistakes.iter().map(|mistake| format!("{mistake}\n")).collect();
    format!("{each}{}", counted(mistakes.len(), "mistake"))
}

pub fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

async fn check(folder: &Path) -> Result<(), String> {
    let config = Config::read(folder)?;
    let warehouse = open(&config).await?;
    let checked = engine::catalog::Catalog::load(&Directory(config.workbooks_folder()), warehouse.as_ref()).await;
    let catalog = checked.map_err(|mistakes| told(&mistakes))?;
    let shared = catalog.shared_keys(warehouse.as_ref()).await;
    warehouse.close().await;
    for warning in catalog.warnings.iter().chain(&shared) {
        println!("{warning}");
    }
    println!("{} good", counted(catalog.workbooks.len(), "workbook"));
    Ok(())
}

async fn init(folder: &Path, workbook: &str, tables: &[String]) -> Result<(), String> {
    let config = Config::read(folder)?;
    let path = config.workbooks_folder().join(format!("{workbook}.yaml"));
    if path.exists() {
        return Err(format!("{} is there already", path.display()));
    }
    let warehouse = open(&config).await?;
    let mut described = Vec::new();
    for table in tables {
        let found = warehouse.describe(&Body::Table(table.clone())).await.map_err(|error| format!("{table}: {error}"))?;
        described.push((table.clone(), found));
    }
    let text = engine::catalog::draft(workbook, &described);
    std::fs::create_dir_all(config.workbooks_folder()).map_err(|error| error.to_string())?;
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    // A folder of workbooks is checked whole; mistakes of others are not this command's.
    warehouse.close().await;
    println!("{} is written; `inlay check {}` says whether it is good", path.display(), folder.display());
    Ok(())
}

async fn sign_out(folder: &Path, tenant: &str, user: Option<&str>) -> Result<(), String> {
    let warehouse = open(&Config::read(folder)?).await?;
    let ended = WarehouseControl(warehouse.clone()).end_of(tenant, user).await;
    warehouse.close().await;
    println!("{} ended", counted(usize::try_from(ended.map_err(|error| error.to_string())?).unwrap_or(usize::MAX), "session"));
    Ok(())
}

pub async fn open(config: &Config) -> Result<Arc<dyn Warehouse>, String> {
    Ok(match config.store()? {
        Store::Sqlite(path, patience) => {
            Sqlite::open_within(&path, patience).await.map_err(|error| format!("{}: {error}", path.display()))?
        }
        Store::Postgres(config) => Postgres::open(config).await.map_err(|error| format!("PostgreSQL: {error}"))?,
    })
}

async fn serve(folder: &Path, watch: bool) -> Result<(), String> {
    start_logging();
    let server = Server::open(Config::read(folder)?).await?;
    println!("Inlay listens on {}", server.state.config.own_origin());
    server.run(watch, stop_signal()).await
}

/// A server that is ready to run.
pub struct Server {
    pub state: AppState,
    stop: watch::Sender<bool>,
    listener: TcpListener,
}

impl Server {
    /// Opens the warehouse, checks the workbooks, takes the port.
    ///
    /// # Errors
    /// In words; nothing is served after an error.
    pub async fn open(config: Config) -> Result<Self, String> {
        let verifier = Verifier::new(&config)?;
        let warehouse = open(&config).await?;
        let opened = Engine::open(warehouse.clone(), &Directory(config.workbooks_folder())).await;
        let engine = opened.map_err(|mistakes| told(&mistakes))?;
        let endpoints = Arc::new(Signed::new(&config)?);
        if let Some(store) = crate::files::store(&config)? {
            engine.keep_files_in(store);
        }
        if let Some(most) = config.files.waiting_mb {
            engine.keep_waiting(most << 20);
        }
        engine.reach(endpoints).map_err(|names| {
            format!("a form writes through {}, which `endpoints` in inlay.toml does not have", names.join(", "))
        })?;
        let listener = TcpListener::bind(&config.listen).await.map_err(|error| format!("{}: {error}", config.listen))?;
        let store = Arc::new(WarehouseControl(warehouse));
        let sessions = Arc::new(Sessions::new(verifier, store, config.session_minutes * 60));
        let (stop, stopping) = watch::channel(false);
        let state = AppState { config: Arc::new(config), engine, sessions, metrics: Arc::new(Metrics::default()), stopping };
        Ok(Self { state, stop, listener })
    }

    /// Serves until `stop`, then finishes what is under way: streams end, open requests are answered, queued edits commit.
    ///
    /// # Errors
    /// If serving fails.
    pub async fn run(self, watch: bool, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), String> {
        self.run_with(Router::new(), watch, stop).await
    }

    /// The same with pages beside its own.
    ///
    /// # Errors
    /// If serving fails.
    pub async fn run_with(
        self,
        beside: Router,
        watch: bool,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), String> {
        let Self { state, stop: stopping, listener } = self;
        if watch {
            tokio::spawn(watch_workbooks(state.clone()));
        }
        let engine = state.engine.clone();
        let drain = Duration::from_secs(state.config.drain_seconds);
        let signal = async move {
            stop.await;
            let _ = stopping.send(true);
            tokio::time::sleep(drain).await;
        };
        axum::serve(listener, router(state).merge(beside))
            .with_graceful_shutdown(signal)
            .await
            .map_err(|error| error.to_string())?;
        engine.warehouse().close().await;
        Ok(())
    }
}

/// Ctrl-C, or the signal by which a service manager asks a process to end.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

async fn watch_workbooks(state: AppState) {
    let store = Directory(state.config.workbooks_folder());
    let mut seen = store.stamps().ok();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = store.stamps().ok();
        if now == seen || now.is_none() {
            continue;
        }
        seen = now;
        match state.engine.reload(&store).await {
            Ok(()) => println!("The workbooks were loaded again."),
            Err(mistakes) => eprintln!("{}; the workbooks served before stay", told(&mistakes)),
        }
    }
}
