//! Who asks: the verified content of a ticket. Everything that guards data takes this first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Raw;

/// A person (or a service on his behalf) as the host product vouched for him.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Principal {
    /// The host product that signed the ticket (`iss`).
    pub issuer: String,
    pub tenant: String,
    /// Stable id of the person within the issuer and tenant (`sub`).
    pub user: String,
    /// What colleagues see in a conflict and in the history.
    pub name: String,
    pub roles: Vec<String>,
    pub attributes: BTreeMap<String, Attribute>,
    /// Workbooks this session may open.
    pub workbooks: Vec<String>,
    pub mode: AccessMode,
    /// Whether he may see how answers come about, SQL and all: for whoever writes workbooks.
    #[serde(default)]
    pub inspects: bool,
    /// What controls are set to for him, by id; his browser neither sees these controls nor sets them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filters: BTreeMap<String, Vec<Raw>>,
}

/// `view` never writes, whatever the roles say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessMode {
    View,
    Edit,
}

/// A typed attribute of the person (`attrs` of the ticket): one scalar or a list of scalars, never SQL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    Many(Vec<Raw>),
    One(Raw),
}

impl Attribute {
    /// Its values: one for a scalar.
    #[must_use]
    pub fn raws(&self) -> &[Raw] {
        match self {
            Self::Many(raws) => raws,
            Self::One(raw) => std::slice::from_ref(raw),
        }
    }
}

impl Principal {
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r == role)
    }

    /// The scope of batch ids and of the browser's outbox: nobody else's edits are ever in it.
    #[must_use]
    pub fn scope(&self) -> String {
        serde_json::json!([self.issuer, self.tenant, self.user]).to_string()
    }
}
