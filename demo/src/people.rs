//! The five people of the demo, and the ticket that the host product's backend signs for each.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// A user of Northwind CRM, as its own user table has him.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub id: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub role: &'static str,
    pub region: Option<&'static str>,
}

pub const PEOPLE: &[Person] = &[
    Person { id: "wendy", name: "Wendy West", title: "Planner, West", role: "planner", region: Some("West") },
    Person { id: "walt", name: "Walt Weston", title: "Planner, West", role: "planner", region: Some("West") },
    Person { id: "ed", name: "Ed Eastman", title: "Planner, East", role: "planner", region: Some("East") },
    Person { id: "vic", name: "Vic Viewer", title: "Viewer, West", role: "viewer", region: Some("West") },
    Person { id: "ada", name: "Ada Admin", title: "Admin, all regions", role: "admin", region: None },
];

/// Seconds between a ticket's `iat` and `exp`.
const LIFETIME_S: u64 = 120;

/// Signs an entry ticket for one person: one use, two minutes.
///
/// # Errors
/// If the key is not fit for signing.
pub fn sign(person: &Person, key: &[u8], audience: &str) -> Result<String, jsonwebtoken::errors::Error> {
    let now = now_s();
    let attributes = person.region.map_or_else(|| json!({}), |region| json!({ "region": region }));
    let mode = if person.role == "viewer" { "view" } else { "edit" };
    let claims: Value = json!({
        "iss": "northwind-crm", "aud": audience, "sub": person.id, "name": person.name, "tenant": "northwind",
        "roles": [person.role], "attrs": attributes, "workbooks": ["sales_planning", "ledger"], "mode": mode, "inspect": person.role == "admin",
        "iat": now, "exp": now + LIFETIME_S, "jti": format!("{:032x}", rand::random::<u128>()),
    });
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key))
}

/// Seconds since the epoch.
pub fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
