//! A PostgreSQL cluster of the tests' own: made at the first test that asks, gone with the process. No durability, since
//! nothing here outlives a crash; the tests that kill a database have one of their own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

/// Databases are counted so that each test has one of its own.
static NEXT: AtomicU32 = AtomicU32::new(1);
static SHARED: OnceLock<Cluster> = OnceLock::new();

/// A new, empty database that belongs to `inlay_app`, a role that is no superuser.
pub async fn database() -> Database {
    let shared = tokio::task::spawn_blocking(|| SHARED.get_or_init(|| Cluster::make(Durability::None)));
    shared.await.unwrap().database().await
}

/// Whether what is committed must outlive a crash of the machine; a killed process needs no less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    None,
    Full,
}

/// One PostgreSQL server with its data.
pub struct Cluster {
    folder: PathBuf,
    durability: Durability,
    server: Mutex<Child>,
}

impl Cluster {
    pub fn make(durability: Durability) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        forget_old_ones();
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("{PREFIX}{}-{n}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        if root() {
            assert!(Command::new("chown").arg("65534:65534").arg(&folder).status().unwrap().success());
        }
        let made = unprivileged(&programs().join("initdb"))
            .current_dir(&folder)
            .args(["--username=admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"])
            .arg(folder.join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let server = Mutex::new(start(&folder, durability));
        assert!(psql(&folder, "create role inlay_app login"));
        Self { folder, durability, server }
    }

    pub async fn database(&self) -> Database {
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut admin = PgConnection::connect(&address(&self.folder, "postgres", "admin")).await.unwrap();
        admin.execute(AssertSqlSafe(format!("create database {name} owner inlay_app"))).await.unwrap();
        Database { app: address(&self.folder, &name, "inlay_app"), admin: address(&self.folder, &name, "admin"), name }
    }

    /// A database whose tables are in this folder.
    pub async fn database_on(&self, folder: &Path) -> Database {
        if root() {
            assert!(Command::new("chown").arg("65534:65534").arg(folder).status().unwrap().success());
        }
        let database = self.database().await;
        let mut admin = PgConnection::connect(&address(&self.folder, "postgres", "admin")).await.unwrap();
        admin.execute(AssertSqlSafe(format!("create tablespace small location '{}'", folder.display()))).await.unwrap();
        admin.execute(AssertSqlSafe(format!("alter database {} set tablespace small", database.name))).await.unwrap();
        database
    }

    /// SIGKILL, at any moment, and up again.
    pub fn kill_and_start(&self) {
        let mut server = self.server.lock().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
        *server = start(&self.folder, self.durability);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut server = self.server.lock().unwrap();
        let _ = server.kill();
        let _ = server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const PREFIX: &str = "inlay-postgres-";

/// The shared one outlives its process's last line of code: the next run clears it away.
fn forget_old_ones() {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next().map(str::to_owned));
        if process.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn psql(folder: &Path, sql: &str) -> bool {
    let host = folder.display().to_string();
    let mut command = Command::new(programs().join("psql"));
    command.args(["-X", "-q", "-h", &host, "-U", "admin", "-c", sql, "postgres"]).output().unwrap().status.success()
}

/// Starts the server and waits until it answers. After a SIGKILL its children may take a moment to be gone: until then
/// the new one refuses to start.
fn start(folder: &Path, durability: Durability) -> Child {
    let folder = folder.to_owned();
    let fsync = if durability == Durability::Full { "fsync=on" } else { "fsync=off" };
    let (sender, started) = std::sync::mpsc::channel();
    // It ends with the thread that starts it, so that is one that stays.
    std::thread::spawn(move || {
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            let mut server = unprivileged(&programs().join("postgres"));
            server.current_dir(&folder).arg("-D").arg(folder.join("data")).arg("-k").arg(&folder);
            for setting in ["listen_addresses=", fsync, "max_connections=300", "log_min_messages=fatal"] {
                server.args(["-c", setting]);
            }
            let mut child = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            while child.try_wait().unwrap().is_none() && !psql(&folder, "select 1") {
                assert!(Instant::now() < patience, "PostgreSQL does not start");
                std::thread::sleep(Duration::from_millis(20));
            }
            if child.try_wait().unwrap().is_none() {
                sender.send(child).unwrap();
                loop {
                    std::thread::park();
                }
            }
            assert!(Instant::now() < patience, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    started.recv().unwrap()
}

/// Addresses of one database.
#[derive(Clone)]
pub struct Database {
    pub name: String,
    pub app: String,
    /// As superuser, past every policy.
    pub admin: String,
}

/// pgbouncer in transaction mode before one database, on a socket of its own; it ends with the value.
pub struct Pooler {
    pub address: String,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Pooler {
    pub async fn start(database: &Database, connections: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (host, name) = (SHARED.get().expect("it has a database").folder.display(), &database.name);
        let here = folder.path().display().to_string();
        let config = format!(
            "[databases]\n{name} = host={host} dbname={name} pool_size={connections}\n[pgbouncer]\nlisten_addr =\nunix_socket_dir = {here}\n\
             auth_type = any\npool_mode = transaction\nmax_client_conn = 100\nignore_startup_parameters = extra_float_digits\nlogfile = /dev/null\n"
        );
        // Whoever comes is the role that owns the database.
        let config = config.replace(&format!("dbname={name} "), &format!("dbname={name} user=inlay_app "));
        std::fs::write(folder.path().join("pgbouncer.ini"), config).unwrap();
        if root() {
            assert!(Command::new("chown").args(["-R", "65534:65534", &here]).status().unwrap().success());
        }
        let mut command = unprivileged(Path::new("/usr/sbin/pgbouncer"));
        let process =
            command.arg(folder.path().join("pgbouncer.ini")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let address = format!("postgres://inlay_app@localhost:6432/{name}?host={}", here.replace('/', "%2F"));
        let patience = Instant::now() + Duration::from_secs(10);
        while PgConnection::connect(&address).await.is_err() {
            assert!(Instant::now() < patience, "pgbouncer does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { address, process, _folder: folder }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn root() -> bool {
    output("id", &["-u"]).trim() == "0"
}

/// PostgreSQL and its pooler do not run as root.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if root() {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    command.args(["--pdeathsig", "QUIT"]).arg(program);
    command
}

fn address(folder: &Path, database: &str, user: &str) -> String {
    format!("postgres://{user}@localhost/{database}?host={}", folder.display().to_string().replace('/', "%2F"))
}

/// Where PostgreSQL's programs are.
pub fn programs() -> PathBuf {
    let known = std::env::var_os("INLAY_POSTGRES").map(PathBuf::from);
    let debian =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    known.into_iter().chain(debian).find(|path| path.join("initdb").exists()).expect("`cargo xtask test` installs PostgreSQL")
}

fn output(program: &str, arguments: &[&str]) -> String {
    String::from_utf8(Command::new(program).args(arguments).output().unwrap().stdout).unwrap()
}
