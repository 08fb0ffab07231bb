//! What is not business data: one-time tickets, sessions and saved views. Held in the same warehouse by default.

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::BoxFuture;
use model::{ColumnType, Principal, TableShape, Value};

use crate::sql::Sql;
use crate::warehouse::{Warehouse, WarehouseError};

/// A session as it is kept: found by the hash of its token only.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub token_hash: String,
    pub principal: Principal,
    /// Seconds since the epoch.
    pub expires_at: i64,
}

/// A ticket that is being redeemed.
#[derive(Clone, Debug)]
pub struct Redemption {
    pub issuer: String,
    pub jti: String,
    /// When the ticket itself ends, in seconds since the epoch; after that its `jti` need not be remembered.
    pub expires_at: i64,
    pub now: i64,
}

/// Tickets and sessions, shared by all servers over one store.
pub trait ControlStore: Send + Sync + std::fmt::Debug {
    /// Uses a ticket up; false if it was used before.
    fn redeem<'a>(&'a self, ticket: &'a Redemption) -> BoxFuture<'a, Result<bool, WarehouseError>>;

    /// Writes a session, or replaces the one with the same hash.
    fn save<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<(), WarehouseError>>;

    /// The session behind a token's hash, unless it has ended.
    fn find<'a>(&'a self, token_hash: &'a str, now: i64) -> BoxFuture<'a, Result<Option<Session>, WarehouseError>>;

    /// Of these hashes, those whose sessions go on; asked for all at once.
    fn running<'a>(&'a self, hashes: &'a [String], now: i64) -> BoxFuture<'a, Result<HashSet<String>, WarehouseError>>;

    /// Ends every session of a person, or of a whole tenant; gives how many there were.
    fn end_of<'a>(&'a self, tenant: &'a str, user: Option<&'a str>) -> BoxFuture<'a, Result<u64, WarehouseError>>;

    /// The views that a person has saved of one table, by name.
    fn views<'a>(&'a self, place: &'a ViewPlace) -> BoxFuture<'a, Result<Vec<(String, TableShape)>, WarehouseError>>;

    /// Saves a view, in place of the one that has its name; without a shape it is deleted.
    fn save_view<'a>(
        &'a self,
        place: &'a ViewPlace,
        name: &'a str,
        shape: Option<&'a TableShape>,
    ) -> BoxFuture<'a, Result<(), WarehouseError>>;

    /// Ends a session; the next request with its token is refused, on every server.
    fn end<'a>(&'a self, token_hash: &'a str) -> BoxFuture<'a, Result<(), WarehouseError>>;
}

/// Whose views of which table.
#[derive(Clone, Debug)]
pub struct ViewPlace {
    pub issuer: String,
    pub tenant: String,
    pub user: String,
    pub workbook: String,
    pub element: String,
}

impl ViewPlace {
    fn columns(&self) -> [(&'static str, &str); 5] {
        [
            ("issuer", &self.issuer),
            ("tenant", &self.tenant),
            ("\"user\"", &self.user),
            ("workbook", &self.workbook),
            ("element", &self.element),
        ]
    }

    /// The condition that finds them.
    fn condition(&self, sql: &mut Sql) {
        for (i, (column, value)) in self.columns().into_iter().enumerate() {
            sql.push(if i == 0 { "" } else { " and " }).push(column).push(" = ").bind(text(value));
        }
    }
}

/// The store in the warehouse's own tables.
#[derive(Clone, Debug)]
pub struct WarehouseControl(pub Arc<dyn Warehouse>);

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

impl ControlStore for WarehouseControl {
    fn redeem<'a>(&'a self, ticket: &'a Redemption) -> BoxFuture<'a, Result<bool, WarehouseError>> {
        let mut forget = self.0.dialect().on_own("delete from ", "ticket", " where expires_at < ");
        // The clock skew that is forgiven, twice, so that no ticket is forgotten while it could still be accepted.
        forget.bind(Value::Integer(ticket.now - 120));
        let mut sql = self.0.dialect().on_own("insert into ", "ticket", " (issuer, jti, expires_at, redeemed_at) values (");
        sql.bind(text(&ticket.issuer)).push(", ").bind(text(&ticket.jti)).push(", ").bind(Value::Integer(ticket.expires_at));
        sql.push(", ").bind(Value::Integer(ticket.now)).push(") on conflict do nothing");
        Box::pin(async move { Ok(self.0.control(vec![forget, sql]).await? == 1) })
    }

    fn save<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<(), WarehouseError>> {
        Box::pin(async move {
            let principal = serde_json::to_string(&session.principal).map_err(|e| WarehouseError::Failed(e.to_string()))?;
            let mut sql = self.0.dialect().on_own(
                "insert into ",
                "session",
                " (token_hash, issuer, tenant, \"user\", principal, expires_at) values (",
            );
            let person = &session.principal;
            for value in [&session.token_hash, &person.issuer, &person.tenant, &person.user, &principal] {
                sql.bind(text(value)).push(", ");
            }
            sql.bind(Value::Integer(session.expires_at));
            sql.push(") on conflict (token_hash) do update set principal = excluded.principal, expires_at = excluded.expires_at");
            self.0.control(vec![sql]).await.map(drop)
        })
    }

    fn find<'a>(&'a self, token_hash: &'a str, now: i64) -> BoxFuture<'a, Result<Option<Session>, WarehouseError>> {
        Box::pin(async move {
            let mut sql = self.0.dialect().on_own("select principal, expires_at from ", "session", " where token_hash = ");
            sql.bind(text(token_hash)).push(" and expires_at > ").bind(Value::Integer(now));
            let rows = self.0.read(None, &sql, &[ColumnType::Text, ColumnType::Integer]).await?;
            let Some([Value::Text(principal), Value::Integer(expires_at)]) = rows.first().map(Vec::as_slice) else {
                return Ok(None);
            };
            let principal =
                serde_json::from_str(principal).map_err(|e| WarehouseError::Failed(format!("stored session: {e}")))?;
            Ok(Some(Session { token_hash: token_hash.to_owned(), principal, expires_at: *expires_at }))
        })
    }

    fn running<'a>(&'a self, hashes: &'a [String], now: i64) -> BoxFuture<'a, Result<HashSet<String>, WarehouseError>> {
        let dialect = self.0.dialect();
        let mut sql = dialect.on_own("select token_hash from ", "session", " where expires_at > ");
        sql.bind(Value::Integer(now)).push(" and token_hash in (select ").append(dialect.texts(hashes)).push(")");
        Box::pin(async move {
            let rows = self.0.read(None, &sql, &[ColumnType::Text]).await?;
            Ok(rows
                .into_iter()
                .flatten()
                .filter_map(|value| if let Value::Text(hash) = value { Some(hash) } else { None })
                .collect())
        })
    }

    fn end_of<'a>(&'a self, tenant: &'a str, user: Option<&'a str>) -> BoxFuture<'a, Result<u64, WarehouseError>> {
        let mut sql = self.0.dialect().on_own("delete from ", "session", " where tenant = ");
        sql.bind(text(tenant));
        if let Some(user) = user {
            sql.push(" and \"user\" = ").bind(text(user));
        }
        Box::pin(async move { self.0.control(vec![sql]).await })
    }

    fn views<'a>(&'a self, place: &'a ViewPlace) -> BoxFuture<'a, Result<Vec<(String, TableShape)>, WarehouseError>> {
        let mut sql = self.0.dialect().on_own("select name, shape from ", "table_view", " where ");
        place.condition(&mut sql);
        sql.push(" order by name");
        Box::pin(async move {
            let rows = self.0.read(None, &sql, &[ColumnType::Text, ColumnType::Text]).await?;
            let view = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
                // One that a newer server has saved in another form is not lost, only not shown here.
                Ok([Value::Text(name), Value::Text(shape)]) => Some((name, serde_json::from_str(&shape).ok()?)),
                _ => None,
            };
            Ok(rows.into_iter().filter_map(view).collect())
        })
    }

    fn save_view<'a>(
        &'a self,
        place: &'a ViewPlace,
        name: &'a str,
        shape: Option<&'a TableShape>,
    ) -> BoxFuture<'a, Result<(), WarehouseError>> {
        Box::pin(async move {
            let mut delete = self.0.dialect().on_own("delete from ", "table_view", " where ");
            place.condition(&mut delete);
            delete.push(" and name = ").bind(text(name));
            let mut statements = vec![delete];
            if let Some(shape) = shape {
                let shape = serde_json::to_string(shape).map_err(|e| WarehouseError::Failed(e.to_string()))?;
                let mut insert = self.0.dialect().on_own(
                    "insert into ",
                    "table_view",
                    " (issuer, tenant, \"user\", workbook, element, name, shape) values (",
                );
                for (_, value) in place.columns() {
                    insert.bind(text(value)).push(", ");
                }
                insert.bind(text(name)).push(", ").bind(text(&shape)).push(")");
                statements.push(insert);
            }
            self.0.control(statements).await.map(drop)
        })
    }

    fn end<'a>(&'a self, token_hash: &'a str) -> BoxFuture<'a, Result<(), WarehouseError>> {
        let mut sql = self.0.dialect().on_own("delete from ", "session", " where token_hash = ");
        sql.bind(text(token_hash));
        Box::pin(async move { self.0.control(vec![sql]).await.map(drop) })
    }
}
