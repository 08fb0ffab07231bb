//! A PostgreSQL cluster of the tests' own: made at the first test that asks, gone with the process. No durability, since
//! nothing here outlives a crash; the tests that kill a database have one of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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

fn address(folder: &Path, database: &str, user: &str) -> String {
    format!("postgres://{user}@localhost/{database}?host={}", folder.display().to_string().replace('/', "%2F"))
}

fn start() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("inlay-postgres-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let programs = programs();
    // PostgreSQL does not run as root.
    let root = output("id", &["-u"]).trim() == "0";
    let unprivileged = |program: &str| {
        let mut command = Command::new("setpriv");
        if root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        // It ends with the thread that started it.
        command.args(["--pdeathsig", "QUIT"]).arg(programs.join(program)).current_dir(&folder);
        command
    };
    if root {
        assert!(Command::new("chown").arg("65534:65534").arg(&folder).status().unwrap().success());
    }
    let data = folder.join("data");
    let made = unprivileged("initdb")
        .args(["--username=admin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut server = unprivileged("postgres");
    server.arg("-D").arg(&data).arg("-k").arg(&folder);
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
