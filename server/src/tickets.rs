//! The host product's entry tickets: signed JWTs, short-lived, used once. Everything in one is verified and typed here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use model::{AccessMode, Attribute, Principal, Raw};
use serde::Deserialize;

use crate::config::{Config, Issuer};

/// Forgiven difference between two clocks, in seconds.
pub const SKEW_S: i64 = 60;

/// Everything that a ticket must say; an ill-typed or missing claim is no access.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    name: Option<String>,
    tenant: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    attrs: BTreeMap<String, Attribute>,
    workbooks: Vec<String>,
    mode: AccessMode,
    #[serde(default)]
    inspect: bool,
    /// What controls are set to; nothing that may be empty by accident and then filter nothing.
    #[serde(default)]
    filters: BTreeMap<String, Vec<Raw>>,
    exp: i64,
    iat: i64,
    jti: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// A ticket that may be redeemed.
#[derive(Debug)]
pub struct Ticket {
    pub principal: Principal,
    pub jti: String,
    pub expires_at: i64,
}

/// Why a ticket was refused: for the log; the caller is told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("not a token of a known issuer, or its signature is wrong")]
    Signature,
    #[error("expired or not yet valid, or valid for too long")]
    Time,
    #[error("a claim is missing, empty or of the wrong type")]
    Claims,
}

/// Keys of every issuer.
pub struct Verifier {
    issuers: Vec<(Issuer, Keys)>,
}

enum Keys {
    Secret(DecodingKey),
    Set(KeySet),
}

/// A key set in a file, read again when a token names a key that is not in it and the file has changed: so keys rotate
/// without a restart.
struct KeySet {
    path: PathBuf,
    read: RwLock<(Option<SystemTime>, JwkSet)>,
}

impl KeySet {
    fn open(path: PathBuf) -> Result<Self, String> {
        let read = RwLock::new(Self::read(&path)?);
        Ok(Self { path, read })
    }

    fn read(path: &Path) -> Result<(Option<SystemTime>, JwkSet), String> {
        let changed = std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{} can't be read: {error}", path.display()))?;
        let set = serde_json::from_str(&text).map_err(|error| format!("{} is no key set: {error}", path.display()))?;
        Ok((changed, set))
    }

    fn find(&self, kid: &str) -> Option<Jwk> {
        let find = || self.read.read().unwrap_or_else(PoisonError::into_inner).1.find(kid).cloned();
        if let Some(known) = find() {
            return Some(known);
        }
        let changed = std::fs::metadata(&self.path).and_then(|meta| meta.modified()).ok();
        if changed == self.read.read().unwrap_or_else(PoisonError::into_inner).0 {
            return None;
        }
        match Self::read(&self.path) {
            Ok(read) => *self.read.write().unwrap_or_else(PoisonError::into_inner) = read,
            Err(error) => tracing::error!(%error, "the keys known before stay"),
        }
        find()
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.issuers.iter().map(|(issuer, _)| &issuer.name)).finish()
    }
}

impl Verifier {
    /// Reads every issuer's key.
    ///
    /// # Errors
    /// If a key is missing, weak or unreadable: the server does not start.
    pub fn new(config: &Config) -> Result<Self, String> {
        let keys = |issuer: &Issuer| match &issuer.jwks_file {
            Some(file) => KeySet::open(config.folder.join(file)).map(Keys::Set),
            None => Ok(Keys::Secret(DecodingKey::from_secret(&issuer.secret(&config.folder)?))),
        };
        let issuers = config.issuers.iter().map(|issuer| Ok((issuer.clone(), keys(issuer)?)));
        Ok(Self { issuers: issuers.collect::<Result<_, String>>()? })
    }

    /// Verifies a ticket at time `now` (seconds since the epoch). Whether it was used before is the store's to say.
    ///
    /// # Errors
    /// Why not, for the log only.
    pub fn verify(&self, token: &str, now: i64) -> Result<Ticket, Refusal> {
        let verified = self.issuers.iter().find_map(|(issuer, keys)| Some((issuer, claims(token, issuer, keys)?)));
        let (issuer, claims) = verified.ok_or(Refusal::Signature)?;
        // No engine keeps a NUL in a text, and some fail at one.
        if claims.to_string().contains("\\u0000") {
            return Err(Refusal::Claims);
        }
        let claims: Claims = serde_json::from_value(claims).map_err(|_| Refusal::Claims)?;
        check_time(&claims, issuer, now)?;
        let audiences = match &claims.aud {
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Many(many) => many.as_slice(),
        };
        let empty = [&claims.sub, &claims.tenant, &claims.jti].iter().any(|claim| claim.trim().is_empty());
        let empty = empty || claims.filters.values().any(Vec::is_empty);
        if empty || claims.iss != issuer.name || !audiences.contains(&issuer.audience) || claims.jti.len() > 256 {
            return Err(Refusal::Claims);
        }
        Ok(Ticket {
            jti: claims.jti,
            expires_at: claims.exp,
            principal: Principal {
                issuer: claims.iss,
                tenant: claims.tenant,
                name: claims.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| claims.sub.clone()),
                user: claims.sub,
                roles: claims.roles,
                attributes: claims.attrs,
                workbooks: claims.workbooks,
                mode: claims.mode,
                inspects: claims.inspect,
                filters: claims.filters,
            },
        })
    }
}

fn check_time(claims: &Claims, issuer: &Issuer, now: i64) -> Result<(), Refusal> {
    let lifetime = claims.exp.checked_sub(claims.iat).ok_or(Refusal::Time)?;
    let fits = (1..=issuer.max_ticket_seconds).contains(&lifetime);
    let current = claims.iat <= now.saturating_add(SKEW_S) && claims.exp > now.saturating_sub(SKEW_S);
    if fits && current { Ok(()) } else { Err(Refusal::Time) }
}

/// The claims, if the signature is this issuer's. The algorithm comes from the key, never from the token alone.
fn claims(token: &str, issuer: &Issuer, keys: &Keys) -> Option<serde_json::Value> {
    let header = decode_header(token).ok()?;
    let (key, algorithm) = match keys {
        Keys::Secret(key) => (key.clone(), Algorithm::HS256),
        Keys::Set(set) => {
            let jwk = set.find(header.kid.as_deref()?)?;
            let algorithm = match header.alg {
                alg @ (Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA) => alg,
                _ => return None,
            };
            (DecodingKey::from_jwk(&jwk).ok()?, algorithm)
        }
    };
    let mut validation = Validation::new(algorithm);
    // Times are checked against our own clock, which tests can set; audience and issuer with the other claims.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = decode::<serde_json::Value>(token, &key, &validation).ok()?;
    (decoded.claims.get("iss")?.as_str()? == issuer.name).then_some(decoded.claims)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &[u8] = b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";
    const NOW: i64 = 1_700_000_000;

    fn verifier() -> Verifier {
        let toml = "name = 'crm'\naudience = 'inlay'\norigins = []";
        let issuer: Issuer = toml::from_str(toml).unwrap();
        Verifier { issuers: vec![(issuer, Keys::Secret(DecodingKey::from_secret(SECRET)))] }
    }

    fn good() -> Value {
        json!({
            "iss": "crm", "aud": "inlay", "sub": "wendy", "name": "Wendy", "tenant": "t", "roles": ["planner"],
            "attrs": {"region": "West"}, "workbooks": ["w"], "mode": "edit", "iat": NOW, "exp": NOW + 120, "jti": "a1"
        })
    }

    fn signed(claims: &Value, key: &[u8]) -> String {
        encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key)).unwrap()
    }

    #[track_caller]
    fn refused(change: impl Fn(&mut Value), expect: Refusal) {
        let mut claims = good();
        change(&mut claims);
        assert_eq!(verifier().verify(&signed(&claims, SECRET), NOW).unwrap_err(), expect, "{claims}");
    }

    #[test]
    fn a_good_ticket_names_its_person() {
        let ticket = verifier().verify(&signed(&good(), SECRET), NOW).unwrap();
        assert_eq!((ticket.principal.user.as_str(), ticket.principal.mode), ("wendy", AccessMode::Edit));
    }

    #[test]
    fn skew_of_a_minute_is_forgiven_and_no_more() {
        let token = signed(&good(), SECRET);
        assert!(verifier().verify(&token, NOW + 179).is_ok());
        assert_eq!(verifier().verify(&token, NOW + 180).unwrap_err(), Refusal::Time);
        assert!(verifier().verify(&token, NOW - 60).is_ok());
        assert_eq!(verifier().verify(&token, NOW - 61).unwrap_err(), Refusal::Time);
    }

    #[test]
    fn missing_null_empty_and_ill_typed_claims_are_no_access() {
        for claim in ["aud", "exp", "sub", "tenant", "iat", "jti", "mode", "workbooks"] {
            refused(|c| drop(c.as_object_mut().unwrap().remove(claim)), Refusal::Claims);
            refused(|c| c[claim] = Value::Null, Refusal::Claims);
        }
        for claim in ["sub", "tenant", "jti"] {
            refused(|c| c[claim] = json!(""), Refusal::Claims);
            refused(|c| c[claim] = json!(7), Refusal::Claims);
        }
        refused(|c| c["attrs"]["region"] = json!("We\0st"), Refusal::Claims);
        refused(|c| c["exp"] = json!("soon"), Refusal::Claims);
        refused(|c| c["aud"] = json!("other"), Refusal::Claims);
        refused(|c| c["aud"] = json!([]), Refusal::Claims);
        refused(|c| c["mode"] = json!("admin"), Refusal::Claims);
        refused(|c| c["exp"] = json!(NOW + 301), Refusal::Time);
        refused(|c| c["iss"] = json!("other"), Refusal::Signature);
    }

    /// A verifier whose keys are in a file, and the file.
    fn with_key_set(keys: &[&str]) -> (Verifier, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        std::fs::write(&path, key_set(keys)).unwrap();
        let issuer: Issuer = toml::from_str("name = 'crm'\naudience = 'inlay'\norigins = []").unwrap();
        (Verifier { issuers: vec![(issuer, Keys::Set(KeySet::open(path).unwrap()))] }, folder)
    }

    fn key_set(kids: &[&str]) -> String {
        let all: Value = serde_json::from_str(include_str!("testdata/keys.json")).unwrap();
        let wanted = |key: &&Value| kids.contains(&key["kid"].as_str().unwrap());
        json!({ "keys": all["keys"].as_array().unwrap().iter().filter(wanted).collect::<Vec<_>>() }).to_string()
    }

    fn signed_by(kid: &str, algorithm: Algorithm) -> String {
        let key = match algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem(include_bytes!("testdata/rsa.pem")),
            Algorithm::ES256 => EncodingKey::from_ec_pem(include_bytes!("testdata/ec.pem")),
            _ => EncodingKey::from_ed_pem(include_bytes!("testdata/ed.pem")),
        };
        let header = Header { kid: Some(kid.into()), ..Header::new(algorithm) };
        encode(&header, &good(), &key.unwrap()).unwrap()
    }

    #[test]
    fn a_key_sets_keys_are_accepted_by_their_kid() {
        let (verifier, _folder) = with_key_set(&["rsa", "ec", "ed"]);
        for (kid, algorithm) in [("rsa", Algorithm::RS256), ("ec", Algorithm::ES256), ("ed", Algorithm::EdDSA)] {
            assert_eq!(verifier.verify(&signed_by(kid, algorithm), NOW).unwrap().principal.user, "wendy", "{kid}");
        }
        // Another key's name, no name, or the public key taken for a shared secret.
        assert_eq!(verifier.verify(&signed_by("ec", Algorithm::EdDSA), NOW).unwrap_err(), Refusal::Signature);
        assert_eq!(verifier.verify(&signed_by("nobody", Algorithm::ES256), NOW).unwrap_err(), Refusal::Signature);
        assert_eq!(verifier.verify(&signed(&good(), SECRET), NOW).unwrap_err(), Refusal::Signature);
        let header = Header { kid: Some("rsa".into()), ..Header::new(Algorithm::HS256) };
        let public = EncodingKey::from_secret(key_set(&["rsa"]).as_bytes());
        assert_eq!(verifier.verify(&encode(&header, &good(), &public).unwrap(), NOW).unwrap_err(), Refusal::Signature);
    }

    #[test]
    fn keys_rotate_without_a_restart() {
        let (verifier, folder) = with_key_set(&["rsa"]);
        let new = signed_by("ec", Algorithm::ES256);
        assert_eq!(verifier.verify(&new, NOW).unwrap_err(), Refusal::Signature);
        let path = folder.path().join("keys.json");
        let replace = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let later = SystemTime::now() + std::time::Duration::from_secs(text.len() as u64);
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        };
        replace("{ half a file");
        assert_eq!(verifier.verify(&new, NOW).unwrap_err(), Refusal::Signature);
        assert!(verifier.verify(&signed_by("rsa", Algorithm::RS256), NOW).is_ok(), "the keys known before stay");
        replace(&key_set(&["ec"]));
        assert!(verifier.verify(&new, NOW).is_ok());
        assert_eq!(verifier.verify(&signed_by("rsa", Algorithm::RS256), NOW).unwrap_err(), Refusal::Signature);
    }

    #[test]
    fn foreign_keys_and_unsigned_tokens_are_refused() {
        let foreign = signed(&good(), b"another-key-another-key-another-key!");
        assert_eq!(verifier().verify(&foreign, NOW).unwrap_err(), Refusal::Signature);
        // {"alg":"none"} and the good claims, without a signature
        let token = signed(&good(), SECRET);
        let payload = token.split('.').nth(1).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
        assert_eq!(verifier().verify(&unsigned, NOW).unwrap_err(), Refusal::Signature);
        assert_eq!(verifier().verify("", NOW).unwrap_err(), Refusal::Signature);
        let other_alg = encode(&Header::new(Algorithm::HS384), &good(), &EncodingKey::from_secret(SECRET)).unwrap();
        assert_eq!(verifier().verify(&other_alg, NOW).unwrap_err(), Refusal::Signature);
    }
}
