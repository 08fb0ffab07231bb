//! A PostgreSQL cluster of the tests' own: made at the first test that asks, gone with the process. No durability, since
//! nothing here outlives a crash; the tests that kill a database have one of their own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

/// Databases are counted so that each test has one of its own.
static NEXT: AtomicU32 = AtomicU32::new(1);
static CLUSTER: OnceLock<PathBuf> = OnceLock::new();

/// A new, empty database that belongs to `inlay_app`, a role that is no superuser.
pub async fn database() -> Database {
    let folder = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start).clone()).await.unwrap();
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&address(&folder, "postgres", "admin")).await.unwrap();
    admin.execute(AssertSqlSafe(format!("create database {name} owner inlay_app"))).await.unwrap();
    Database { app: address(&folder, &name, "inlay_app"), admin: address(&folder, &name, "admin"), name }
}

/// Addresses of one database.
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
        let (host, name) = (CLUSTER.get().expect("it has a database").display(), &database.name);
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

fn root() -> bool {
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

fn start() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("inlay-postgres-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let programs = programs();
    if root() {
        assert!(Command::new("chown").arg("65534:65534").arg(&folder).status().unwrap().success());
    }
    let data = folder.join("data");
    let made = unprivileged(&programs.join("initdb"))
        .current_dir(&folder)
        .args(["--username=admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // It ends with the thread that starts it, which is one that stays.
    let mut server = unprivileged(&programs.join("postgres"));
    server.current_dir(&folder).arg("-D").arg(&data).arg("-k").arg(&folder);
    for setting in ["listen_addresses=", "fsync=off", "max_connections=300", "log_min_messages=fatal"] {
        server.args(["-c", setting]);
    }
    server.stdout(Stdio::null()).stderr(Stdio::null());
    std::thread::spawn(move || server.spawn().unwrap().wait());
    let patience = Instant::now() + Duration::from_secs(30);
    let host = folder.display().to_string();
    let psql = |sql: &str| {
        Command::new(programs.join("psql"))
            .args(["-X", "-q", "-h", &host, "-U", "admin", "-c", sql, "postgres"])
            .output()
            .unwrap()
    };
    while !psql("select 1").status.success() {
        assert!(Instant::now() < patience, "PostgreSQL does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(psql("create role inlay_app login").status.success());
    folder
}

fn programs() -> PathBuf {
    let known = std::env::var_os("INLAY_POSTGRES").map(PathBuf::from);
    let debian =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    known.into_iter().chain(debian).find(|path| path.join("initdb").exists()).expect("`cargo xtask test` installs PostgreSQL")
}

fn output(program: &str, arguments: &[&str]) -> String {
    String::from_utf8(Command::new(program).args(arguments).output().unwrap().stdout).unwrap()
}
