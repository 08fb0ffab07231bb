//! As whom a transaction runs: the role and the settings that policies look at, and what the database's own history of
//! statements is told of the person.

use std::fmt::Write;
use std::str::FromStr;

use model::{Attribute, Principal, Raw, Value};
use serde_json::json;
use sqlx::postgres::PgConnectOptions;

use super::PostgresConfig;
use super::values::failed;
use crate::sql::Sql;
use crate::warehouse::{Caller, WarehouseError};

/// A person's lock is waited for no longer than this.
const LOCK_TIMEOUT_MS: u32 = 5_000;

/// What a transaction locks, by name, whether it is there or not: first what others may hold too, then what nobody else may.
#[derive(Clone, Debug, Default)]
pub(super) struct Locks {
    pub shared: Vec<String>,
    pub own: Vec<String>,
}

impl PostgresConfig {
    /// The role that the connection logs in as.
    ///
    /// # Errors
    /// If the address is none.
    pub fn user(&self) -> Result<String, WarehouseError> {
        Ok(PgConnectOptions::from_str(&self.url).map_err(failed)?.get_username().to_owned())
    }

    /// The role of everybody's statements, if it is one for all.
    pub(super) fn fixed_role(&self) -> Option<&str> {
        self.role.as_deref().filter(|role| !role.starts_with('@'))
    }

    /// What is the same for everybody: set once for a session where there is no pooler.
    pub(super) fn limits(&self) -> [(&'static str, String); 3] {
        [
            ("timezone", "UTC".into()),
            ("lock_timeout", LOCK_TIMEOUT_MS.to_string()),
            ("statement_timeout", self.statement_timeout_ms.to_string()),
        ]
    }

    /// What policies look at, where they look at nothing that is not configured.
    pub(super) fn alike(&self, who: &Principal) -> String {
        let configured = self.settings.values().chain(&self.role);
        json!([who.tenant, configured.map(|value| meant(value, who)).collect::<Vec<_>>()]).to_string()
    }

    /// One statement that makes the transaction the person's: settings, time limits, locks, and last the role. `own` is the
    /// role that the connection logs in as.
    pub(super) fn become_person(&self, own: &str, caller: &Caller<'_>, locks: Option<&Locks>) -> Sql {
        let who = caller.principal;
        let text = |text: &str| Value::Text(text.to_owned());
        let mut sql = Sql::new("select ");
        let mut set = |name: &str, value: Value| {
            sql.push(&format!("set_config('{}', ", name.replace('\'', "''"))).bind(value).push(", true), ");
        };
        set("inlay.user", text(&who.user));
        set("inlay.tenant", text(&who.tenant));
        set("inlay.roles", text(&json!(who.roles).to_string()));
        set("inlay.claims", text(&claims(who)));
        // What the database's own lists and logs of statements show; it cuts and cleans the name itself.
        set("application_name", text(&format!("inlay {}", who.user)));
        if locks.is_some() {
            // Compiling a statement takes longer than an edit.
            set("jit", text("off"));
        }
        if self.pooler {
            // Nothing of a session is one's own there.
            self.limits().iter().for_each(|(name, value)| set(name, text(value)));
        }
        for (name, value) in &self.settings {
            set(name, text(&meant(value, who)));
        }
        let mut lock = |function: &str, names: &[String]| {
            // In one order for everybody.
            sql.push(&format!("(select count({function}(h)) from (select distinct hashtextextended(name, 0) as h "));
            sql.push("from jsonb_array_elements_text(").bind(text(&json!(names).to_string()));
            sql.push("::jsonb) as name order by h) locks), ");
        };
        if let Some(Locks { shared, own }) = locks {
            lock("pg_advisory_xact_lock_shared", shared);
            lock("pg_advisory_xact_lock", own);
        }
        sql.push("pg_backend_pid() as pid");
        if let Some(role) = &self.role {
            // Last, so that what it may not set has been set. An attribute may not name the server's own role, which may
            // do what all others may; an empty name is none's.
            let named = meant(role, who);
            let is_own = self.fixed_role().is_none() && (named == "none" || named == own);
            sql.push(", set_config('role', ").bind(text(if is_own { "" } else { &named })).push(", true)");
        }
        sql
    }
}

/// Who asks for what, as a comment on a statement; nothing of a value can end it, since all but letters and digits is
/// percent-encoded. <https://google.github.io/sqlcommenter/spec/>
pub(super) fn comment(caller: &Caller<'_>) -> String {
    let mut text = String::from("/*application='inlay'");
    let principal = caller.principal;
    let names = ["element", "request", "tenant", "user", "workbook"];
    let values = [caller.element, caller.request_id, &principal.tenant, &principal.user, caller.workbook];
    for (name, value) in names.into_iter().zip(values) {
        let _ = write!(text, ",{name}='");
        for byte in value.bytes() {
            let _ = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => write!(text, "{}", char::from(byte)),
                byte => write!(text, "%{byte:02X}"),
            };
        }
        text.push('\'');
    }
    text + "*/"
}

/// What a configured value stands for; an attribute that is absent or no scalar is empty, which policies take for none.
fn meant(value: &str, who: &Principal) -> String {
    match value {
        "@tenant" => who.tenant.clone(),
        "@user.id" => who.user.clone(),
        "@claims" => claims(who),
        value => match value.strip_prefix("@user.") {
            None => value.to_owned(),
            Some(name) => match who.attributes.get(name) {
                Some(Attribute::One(Raw::String(text))) => text.clone(),
                Some(Attribute::One(raw @ (Raw::Number(_) | Raw::Bool(_)))) => raw.to_string(),
                Some(Attribute::Many(list)) => json!(list).to_string(),
                _ => String::new(),
            },
        },
    }
}

/// The person as policies of PostgREST's and Supabase's style read him.
fn claims(who: &Principal) -> String {
    json!({
        "iss": who.issuer, "sub": who.user, "name": who.name, "tenant": who.tenant, "roles": who.roles, "attrs": who.attributes,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::AccessMode;

    use super::*;

    #[test]
    fn nothing_that_a_person_is_called_ends_the_comment() {
        let principal = Principal {
            issuer: "crm".into(),
            tenant: "acme".into(),
            user: "*/ drop table x; -- 'ö".into(),
            name: String::new(),
            roles: Vec::new(),
            attributes: BTreeMap::new(),
            workbooks: Vec::new(),
            mode: AccessMode::View,
            inspects: false,
            filters: BTreeMap::new(),
        };
        let caller = Caller { principal: &principal, workbook: "plan", element: "by_month", request_id: "7f-3a" };
        assert_eq!(
            comment(&caller),
            "/*application='inlay',element='by_month',request='7f-3a',tenant='acme',\
             user='%2A%2F%20drop%20table%20x%3B%20--%20%27%C3%B6',workbook='plan'*/"
        );
    }
}
