//! `inlay.toml`: where to listen, which warehouse, which workbooks, whom to believe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::warehouse::{Access, PostgresConfig};
use model::{AccessMode, Attribute, Raw};
use serde::Deserialize;

/// The file as it is written; unknown keys are mistakes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default = "default_listen")]
    pub listen: String,
    /// The address that browsers use, if a proxy stands before this server.
    pub public_url: Option<String>,
    /// Folder of the workbook files, relative to this file.
    #[serde(default = "default_workbooks")]
    pub workbooks: PathBuf,
    pub connections: BTreeMap<String, Connection>,
    pub issuers: Vec<Issuer>,
    /// Addresses that forms may write through, by the names that workbooks give.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Where files that people attach are kept; in the warehouse, if nothing is said.
    #[serde(default)]
    pub files: Files,
    #[serde(default = "default_session_minutes")]
    pub session_minutes: i64,
    #[serde(default = "default_body_bytes")]
    pub max_body_bytes: usize,
    /// How long a server that is asked to stop says so at `/readyz` and goes on, so that a load balancer sends others first.
    #[serde(default)]
    pub drain_seconds: u64,
    /// Whom `inlay preview` shows forms as; nobody can sign in as one of them elsewhere.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Folder that the file stood in; relative paths start here.
    #[serde(skip)]
    pub folder: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Path of a SQLite file.
    pub sqlite: Option<PathBuf>,
    /// Address of a PostgreSQL database; the environment variable `INLAY_CONNECTION_WAREHOUSE` goes before it, so that
    /// the password need not stand in a file.
    pub postgres: Option<String>,
    /// The database role of every person's statements: a name, or `@user.attribute`.
    pub role: Option<String>,
    /// Settings for the database's own row policies: `@tenant`, `@user.id`, `@user.attribute`, `@claims`, or a text.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// A pooler in transaction mode (pgbouncer) stands between.
    #[serde(default)]
    pub pooler: bool,
    /// Address of the database itself where `postgres` is a pooler's: without it other servers' edits are not heard of.
    pub listen: Option<String>,
    /// A comment on each statement says who asks for what; it costs a planning for each.
    #[serde(default)]
    pub comments: bool,
    /// The database's own policies, views and functions look at nothing of a person but his tenant, `role` and `settings`: people
    /// who have these alike and ask the same at the same time ask once.
    #[serde(default)]
    pub share_reads: bool,
    /// Policies of the database do not bind a superuser; to connect as one must be meant.
    #[serde(default)]
    pub allow_superuser: bool,
    /// Inlay makes and owns its tables by itself: quick to begin with, but it could take their policies away. Without, an
    /// admin runs `inlay write-access apply` once, and `inlay apply` when definitions change.
    #[serde(default)]
    pub allow_owner: bool,
    #[serde(default = "default_connections")]
    pub connections: u32,
    #[serde(default = "default_statement_timeout_ms")]
    pub statement_timeout_ms: u32,
}

/// The engine that a connection names.
#[derive(Debug)]
pub enum Store {
    /// Its file, and how long a statement that reads may take.
    Sqlite(PathBuf, Duration),
    Postgres(PostgresConfig),
}

impl Connection {
    fn store(&self, folder: &Path, address: Option<String>) -> Result<Store, String> {
        match (&self.sqlite, address.or_else(|| self.postgres.clone())) {
            (Some(path), None) => Ok(Store::Sqlite(folder.join(path), Duration::from_millis(self.statement_timeout_ms.into()))),
            (None, Some(url)) => Ok(Store::Postgres(PostgresConfig {
                url,
                role: self.role.clone(),
                settings: self.settings.clone(),
                pooler: self.pooler,
                listen: self.listen.clone(),
                comments: self.comments,
                share_reads: self.share_reads,
                allow_superuser: self.allow_superuser,
                access: if self.allow_owner { Access::Own } else { Access::Granted },
                connections: self.connections,
                statement_timeout_ms: self.statement_timeout_ms,
            })),
            _ => Err("a connection has either `sqlite` or `postgres`".into()),
        }
    }
}

fn default_connections() -> u32 {
    16
}

fn default_statement_timeout_ms() -> u32 {
    30_000
}

/// A host product whose tickets are accepted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// `iss` of its tickets.
    pub name: String,
    /// `aud` of its tickets.
    pub audience: String,
    /// A file that holds the shared secret (HS256), at least 32 bytes; or the environment variable
    /// `INLAY_ISSUER_<NAME>_SECRET`.
    pub secret_file: Option<PathBuf>,
    /// A file that holds a JSON Web Key Set (RS256, ES256, EdDSA), read at each start.
    pub jwks_file: Option<PathBuf>,
    /// Origins of the host pages, exactly as a browser sends them.
    pub origins: Vec<String>,
    /// The most seconds between `iat` and `exp`.
    #[serde(default = "default_ticket_seconds")]
    pub max_ticket_seconds: i64,
    /// The secret itself, where it is in no file.
    #[serde(skip)]
    pub key: Option<String>,
}

/// A pretended person, with the claims of his ticket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    /// `sub`; his name, if nothing is said.
    pub user: Option<String>,
    pub tenant: String,
    #[serde(default)]
    pub roles: Vec<String>,
    #[serde(default)]
    pub attrs: BTreeMap<String, Attribute>,
    #[serde(default = "default_mode")]
    pub mode: AccessMode,
    #[serde(default)]
    pub filters: BTreeMap<String, Vec<Raw>>,
}

fn default_mode() -> AccessMode {
    AccessMode::Edit
}

fn default_listen() -> String {
    "127.0.0.1:4600".into()
}

fn default_workbooks() -> PathBuf {
    "workbooks".into()
}

fn default_session_minutes() -> i64 {
    30
}

fn default_body_bytes() -> usize {
    16 << 20
}

fn default_ticket_seconds() -> i64 {
    300
}

impl Config {
    /// Reads `inlay.toml` of a folder; the environment variable `INLAY_LISTEN` goes before the file.
    ///
    /// # Errors
    /// In words, with line and column for a mistake in the file.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join("inlay.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{} can't be read: {error}", path.display()))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        config.folder = folder.to_owned();
        if let Ok(listen) = std::env::var("INLAY_LISTEN") {
            config.listen = listen;
        }
        config.check().map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if self.connections.len() != 1 || !self.connections.contains_key("warehouse") {
            return Err("expected one connection, `[connections.warehouse]`; several are not supported yet".into());
        }
        self.store()?;
        if self.issuers.is_empty() {
            return Err("expected at least one `[[issuers]]`: without one nobody could sign in".into());
        }
        for issuer in &self.issuers {
            if issuer.secret_file.is_some() && issuer.jwks_file.is_some() {
                return Err(format!("issuer `{}` has a secret and a key set; give one", issuer.name));
            }
            for origin in &issuer.origins {
                let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
                if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['/', '*', ' ', ';', ','])) {
                    return Err(format!("`{origin}` is not an origin, such as `https://app.example.com`"));
                }
            }
        }
        Ok(())
    }

    /// Where the warehouse is.
    ///
    /// # Errors
    /// If the connection names no engine, or two.
    pub fn store(&self) -> Result<Store, String> {
        let address = std::env::var("INLAY_CONNECTION_WAREHOUSE").ok();
        let connection = self.connections.get("warehouse").ok_or("there is no `[connections.warehouse]`")?;
        connection.store(&self.folder, address).map_err(|error| format!("connections.warehouse: {error}"))
    }

    #[must_use]
    pub fn workbooks_folder(&self) -> PathBuf {
        self.folder.join(&self.workbooks)
    }

    /// The address that browsers use.
    #[must_use]
    pub fn own_origin(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen)).trim_end_matches('/').to_owned()
    }
}

impl Issuer {
    /// One whose secret is in no file.
    #[must_use]
    pub fn known(name: &str, secret: &str, origin: &str) -> Self {
        Self {
            name: name.to_owned(),
            audience: name.to_owned(),
            secret_file: None,
            jwks_file: None,
            origins: vec![origin.to_owned()],
            max_ticket_seconds: default_ticket_seconds(),
            key: Some(secret.to_owned()),
        }
    }

    /// The shared secret, from the environment or its file.
    ///
    /// # Errors
    /// If there is none, or it is an example's or too short to be one.
    pub fn secret(&self, folder: &Path) -> Result<Vec<u8>, String> {
        if let Some(key) = &self.key {
            return Ok(key.as_bytes().to_vec());
        }
        let whose = format!("issuer `{}`", self.name);
        secret(folder, &whose, &variable("ISSUER", &self.name), self.secret_file.as_deref(), "`secret_file`, `jwks_file`")
    }
}

/// Where files that people attach are kept, if not in the warehouse: one of these.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Relative to this file.
    pub folder: Option<PathBuf>,
    pub s3: Option<Bucket>,
    /// Of files that one person has sent to be loaded into tables, and of such that he has attached and not filed; 100 if they are
    /// kept in the warehouse, else 2048.
    pub waiting_mb: Option<u64>,
}

/// A bucket of a store that speaks S3's protocol; its secret key is in the environment variable `INLAY_FILES_SECRET`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub endpoint: String,
    pub bucket: String,
    pub region: String,
    pub access_key: String,
    /// The bucket is a part of the path and not of the host's name.
    #[serde(default)]
    pub path_style: bool,
}

/// An address of the host's product that forms may write through.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// With `https`, or on this machine.
    pub url: String,
    /// A file that holds the secret which what is sent there is signed with, at least 32 bytes; or the environment variable
    /// `INLAY_ENDPOINT_<NAME>_SECRET`.
    pub secret_file: Option<PathBuf>,
}

impl Endpoint {
    /// Its secret, from the environment or its file.
    ///
    /// # Errors
    /// As [`Issuer::secret`].
    pub fn secret(&self, name: &str, folder: &Path) -> Result<Vec<u8>, String> {
        let whose = format!("endpoint `{name}`");
        secret(folder, &whose, &variable("ENDPOINT", name), self.secret_file.as_deref(), "`secret_file`")
    }
}

fn variable(what: &str, name: &str) -> String {
    let name = name.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("INLAY_{what}_{name}_SECRET")
}

fn secret(folder: &Path, whose: &str, variable: &str, file: Option<&Path>, needs: &str) -> Result<Vec<u8>, String> {
    let secret = match (std::env::var(variable), file) {
        (Ok(secret), _) => secret,
        (Err(_), Some(file)) => {
            let path = folder.join(file);
            std::fs::read_to_string(&path).map_err(|error| format!("{} can't be read: {error}", path.display()))?
        }
        (Err(_), None) => return Err(format!("{whose} needs {needs} or {variable}")),
    };
    let secret = secret.trim().as_bytes().to_vec();
    let distinct = secret.iter().collect::<std::collections::HashSet<_>>().len();
    let text = String::from_utf8_lossy(&secret).to_ascii_lowercase();
    let example = ["secret", "example", "changeme", "password", "your-256-bit"].iter().any(|word| text.contains(word));
    if secret.len() < 32 || distinct < 10 || example {
        return Err(format!("the secret of {whose} is an example or too short; make one with `openssl rand -hex 32`"));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(secret: &str) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), secret).unwrap();
        let toml = "name = 'a'\naudience = 'b'\nsecret_file = 'key'\norigins = []";
        toml::from_str::<Issuer>(toml).unwrap().secret(folder.path())
    }

    #[test]
    fn weak_and_example_secrets_are_refused() {
        assert!(issuer("short").is_err());
        assert!(issuer(&"a".repeat(64)).is_err());
        assert!(issuer("your-256-bit-secret-your-256-bit-secret").is_err());
        assert!(issuer("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").is_ok());
    }

    #[test]
    fn a_connection_names_one_engine() {
        let store = |text: &str| toml::from_str::<Connection>(text).map_err(|e| e.to_string())?.store(Path::new("/data"), None);
        assert!(matches!(store("sqlite = 'x.db'").unwrap(), Store::Sqlite(path, _) if path == Path::new("/data/x.db")));
        let postgres = "postgres = 'postgres://db/app'\nrole = '@user.db_role'\nsettings = { 'app.tenant' = '@tenant' }";
        let Store::Postgres(config) = store(postgres).unwrap() else { panic!() };
        assert_eq!((config.role.as_deref(), config.settings["app.tenant"].as_str()), (Some("@user.db_role"), "@tenant"));
        for bad in ["", "sqlite = 'x.db'\npostgres = 'postgres://db/app'", "postgre = 'x'"] {
            assert!(store(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wildcard_is_no_origin() {
        let config = |origin: &str| {
            let text = format!("[connections.warehouse]\nsqlite='x'\n[[issuers]]\nname='a'\naudience='b'\norigins=['{origin}']");
            toml::from_str::<Config>(&text).unwrap().check()
        };
        assert!(config("https://app.example.com").is_ok());
        for bad in ["*", "https://*", "https://a.example/path", "null", "https://a; script-src *"] {
            assert!(config(bad).is_err(), "{bad}");
        }
    }
}
