//! What is not business data: one-time tickets, sessions, people, saved views and comments. Held in the same warehouse by default.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDateTime;
use futures::future::BoxFuture;
use model::{ColumnType, FormDraft, Person, Principal, TableShape, Value};

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

    /// What a person has begun to fill into a form, unless it is too old; the time is in seconds since the epoch.
    fn draft<'a>(&'a self, place: &'a ViewPlace, now: i64) -> BoxFuture<'a, Result<Option<FormDraft>, WarehouseError>>;

    /// Keeps that until a time, in place of what there was; without a draft it is forgotten. What is too old by `now`,
    /// anybody's, goes with it.
    fn save_draft<'a>(
        &'a self,
        place: &'a ViewPlace,
        draft: Option<(&'a FormDraft, i64)>,
        now: i64,
    ) -> BoxFuture<'a, Result<(), WarehouseError>>;

    /// What was said about a row, the oldest first.
    fn comments<'a>(&'a self, place: &'a RowPlace) -> BoxFuture<'a, Result<Vec<Said>, WarehouseError>>;

    /// How many threads about each of these rows are open, by row key, for those that have any.
    fn open_threads<'a>(
        &'a self,
        place: &'a RowPlace,
        row_keys: &'a [String],
    ) -> BoxFuture<'a, Result<HashMap<String, u64>, WarehouseError>>;

    /// Whether anything was ever said about a table of a workbook, by anybody.
    fn is_talked_about<'a>(&'a self, workbook: &'a str, table: &'a str) -> BoxFuture<'a, Result<bool, WarehouseError>>;

    /// Keeps a comment; false if there is one with its id.
    fn say<'a>(&'a self, place: &'a RowPlace, said: &'a Said) -> BoxFuture<'a, Result<bool, WarehouseError>>;

    /// Settles a thread at a time, or opens it again.
    fn resolve<'a>(
        &'a self,
        place: &'a RowPlace,
        thread: &'a str,
        by: Option<(&'a str, NaiveDateTime)>,
    ) -> BoxFuture<'a, Result<(), WarehouseError>>;

    /// Empties a comment.
    fn take_back<'a>(&'a self, place: &'a RowPlace, id: &'a str) -> BoxFuture<'a, Result<(), WarehouseError>>;

    /// People of a tenant who have been here, by name.
    fn people<'a>(&'a self, issuer: &'a str, tenant: &'a str) -> BoxFuture<'a, Result<Vec<Member>, WarehouseError>>;

    /// Ends a session; the next request with its token is refused, on every server.
    fn end<'a>(&'a self, token_hash: &'a str) -> BoxFuture<'a, Result<(), WarehouseError>>;
}

/// Whose views of which table, or whose draft of which form.
#[derive(Clone, Debug)]
pub struct ViewPlace {
    pub issuer: String,
    pub tenant: String,
    pub user: String,
    pub workbook: String,
    pub element: String,
}

impl ViewPlace {
    #[must_use]
    pub fn of(person: &Principal, workbook: &str, element: &str) -> Self {
        Self {
            issuer: person.issuer.clone(),
            tenant: person.tenant.clone(),
            user: person.user.clone(),
            workbook: workbook.to_owned(),
            element: element.to_owned(),
        }
    }

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

/// A row that people talk about.
#[derive(Clone, Debug)]
pub struct RowPlace {
    pub tenant: String,
    pub workbook: String,
    pub table: String,
    /// JSON text.
    pub row_key: String,
}

impl RowPlace {
    /// The condition that finds the rows of the table.
    fn table_condition(&self, sql: &mut Sql) {
        for (i, (column, value)) in
            [("tenant", &self.tenant), ("workbook", &self.workbook), ("table_name", &self.table)].into_iter().enumerate()
        {
            sql.push(if i == 0 { "" } else { " and " }).push(column).push(" = ").bind(text(value));
        }
    }

    /// The condition that finds what was said about this row.
    fn condition(&self, sql: &mut Sql) {
        self.table_condition(sql);
        sql.push(" and row_key = ").bind(text(&self.row_key));
    }
}

/// Somebody who has been here, and the workbooks that he may open.
#[derive(Clone, Debug)]
pub struct Member {
    pub person: Person,
    pub workbooks: Vec<String>,
}

/// A comment as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub id: String,
    pub thread: String,
    /// UTC.
    pub at: NaiveDateTime,
    pub issuer: String,
    pub by: Person,
    /// `None` once it was taken back.
    pub text: Option<String>,
    pub mentions: Vec<Person>,
    pub resolved: Option<(String, NaiveDateTime)>,
}

impl Said {
    const COLUMNS: &'static str = "id, thread, at, issuer, \"user\", user_name, body, mentions, resolved_by, resolved_at";
    const TYPES: [ColumnType; 10] = [
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Timestamp,
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Timestamp,
    ];

    fn read(row: Vec<Value>) -> Option<Self> {
        let [id, thread, at, issuer, user, name, body, mentions, resolved_by, resolved_at] = <[Value; 10]>::try_from(row).ok()?;
        let text = |value| if let Value::Text(text) = value { Some(text) } else { None };
        let time = |value| if let Value::Timestamp(time) = value { Some(time) } else { None };
        Some(Self {
            id: text(id)?,
            thread: text(thread)?,
            at: time(at)?,
            issuer: text(issuer)?,
            by: Person { user: text(user)?, name: text(name)? },
            text: text(body),
            mentions: serde_json::from_str(&text(mentions)?).ok()?,
            resolved: text(resolved_by).zip(time(resolved_at)),
        })
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
            let workbooks = serde_json::to_string(&person.workbooks).map_err(|e| WarehouseError::Failed(e.to_string()))?;
            let mut known =
                self.0.dialect().on_own("insert into ", "person", " (issuer, tenant, \"user\", name, workbooks) values (");
            let values = [&person.issuer, &person.tenant, &person.user, &person.name, &workbooks];
            known.join(", ", values.map(|value| Sql::from(text(value))));
            known.push(
                ") on conflict (issuer, tenant, \"user\") do update set name = excluded.name, workbooks = excluded.workbooks",
            );
            self.0.control(vec![known, sql]).await.map(drop)
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

    fn draft<'a>(&'a self, place: &'a ViewPlace, now: i64) -> BoxFuture<'a, Result<Option<FormDraft>, WarehouseError>> {
        let mut sql = self.0.dialect().on_own("select draft from ", "form_draft", " where ");
        place.condition(&mut sql);
        sql.push(" and expires_at > ").bind(Value::Integer(now));
        Box::pin(async move {
            let rows = self.0.read(None, &sql, &[ColumnType::Text]).await?;
            let Some([Value::Text(draft)]) = rows.first().map(Vec::as_slice) else { return Ok(None) };
            // One that a newer server has kept in another form is not lost, only not shown here.
            Ok(serde_json::from_str(draft).ok())
        })
    }

    fn save_draft<'a>(
        &'a self,
        place: &'a ViewPlace,
        draft: Option<(&'a FormDraft, i64)>,
        now: i64,
    ) -> BoxFuture<'a, Result<(), WarehouseError>> {
        Box::pin(async move {
            let mut delete = self.0.dialect().on_own("delete from ", "form_draft", " where expires_at <= ");
            delete.bind(Value::Integer(now)).push(" or ");
            place.condition(&mut delete);
            let mut statements = vec![delete];
            if let Some((draft, expires_at)) = draft {
                let draft = serde_json::to_string(draft).map_err(|e| WarehouseError::Failed(e.to_string()))?;
                let mut insert = self.0.dialect().on_own(
                    "insert into ",
                    "form_draft",
                    " (issuer, tenant, \"user\", workbook, element, draft, expires_at) values (",
                );
                for (_, value) in place.columns() {
                    insert.bind(text(value)).push(", ");
                }
                // Two servers, or two tabs, at once: the second one is as good.
                insert.bind(text(&draft)).push(", ").bind(Value::Integer(expires_at)).push(") on conflict do nothing");
                statements.push(insert);
            }
            self.0.control(statements).await.map(drop)
        })
    }

    fn comments<'a>(&'a self, place: &'a RowPlace) -> BoxFuture<'a, Result<Vec<Said>, WarehouseError>> {
        let mut sql = Sql::new("select ");
        sql.push(Said::COLUMNS).append(self.0.dialect().on_own(" from ", "comment", " where "));
        place.condition(&mut sql);
        sql.push(" order by at, id");
        Box::pin(async move { Ok(self.0.read(None, &sql, &Said::TYPES).await?.into_iter().filter_map(Said::read).collect()) })
    }

    fn open_threads<'a>(
        &'a self,
        place: &'a RowPlace,
        row_keys: &'a [String],
    ) -> BoxFuture<'a, Result<HashMap<String, u64>, WarehouseError>> {
        let dialect = self.0.dialect();
        let mut sql = dialect.on_own("select row_key, count(*) from ", "comment", " where ");
        place.table_condition(&mut sql);
        sql.push(" and id = thread and resolved_at is null and row_key in (select ").append(dialect.texts(row_keys));
        sql.push(") group by row_key");
        Box::pin(async move {
            let rows = self.0.read(None, &sql, &[ColumnType::Text, ColumnType::Integer]).await?;
            let one = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
                Ok([Value::Text(key), Value::Integer(count)]) => Some((key, count.unsigned_abs())),
                _ => None,
            };
            Ok(rows.into_iter().filter_map(one).collect())
        })
    }

    fn is_talked_about<'a>(&'a self, workbook: &'a str, table: &'a str) -> BoxFuture<'a, Result<bool, WarehouseError>> {
        let mut sql = self.0.dialect().on_own("select 1 from ", "comment", " where workbook = ");
        sql.bind(text(workbook)).push(" and table_name = ").bind(text(table)).push(" limit 1");
        Box::pin(async move { Ok(!self.0.read(None, &sql, &[ColumnType::Integer]).await?.is_empty()) })
    }

    fn say<'a>(&'a self, place: &'a RowPlace, said: &'a Said) -> BoxFuture<'a, Result<bool, WarehouseError>> {
        Box::pin(async move {
            let mentions = serde_json::to_string(&said.mentions).map_err(|e| WarehouseError::Failed(e.to_string()))?;
            let mut sql = self.0.dialect().on_own(
                "insert into ",
                "comment",
                " (tenant, workbook, table_name, row_key, id, thread, issuer, \"user\", user_name, mentions, body, at) values (",
            );
            let texts = [
                &place.tenant,
                &place.workbook,
                &place.table,
                &place.row_key,
                &said.id,
                &said.thread,
                &said.issuer,
                &said.by.user,
                &said.by.name,
                &mentions,
            ];
            sql.join(", ", texts.map(|value| Sql::from(text(value))));
            sql.push(", ").bind(said.text.clone().map_or(Value::Null, Value::Text)).push(", ").bind(Value::Timestamp(said.at));
            sql.push(") on conflict do nothing");
            Ok(self.0.control(vec![sql]).await? == 1)
        })
    }

    fn resolve<'a>(
        &'a self,
        place: &'a RowPlace,
        thread: &'a str,
        by: Option<(&'a str, NaiveDateTime)>,
    ) -> BoxFuture<'a, Result<(), WarehouseError>> {
        let mut sql = self.0.dialect().on_own("update ", "comment", " set resolved_by = ");
        sql.bind(by.map_or(Value::Null, |(name, _)| text(name))).push(", resolved_at = ");
        sql.bind(by.map_or(Value::Null, |(_, at)| Value::Timestamp(at))).push(" where ");
        place.condition(&mut sql);
        sql.push(" and id = ").bind(text(thread));
        Box::pin(async move { self.0.control(vec![sql]).await.map(drop) })
    }

    fn take_back<'a>(&'a self, place: &'a RowPlace, id: &'a str) -> BoxFuture<'a, Result<(), WarehouseError>> {
        let mut sql = self.0.dialect().on_own("update ", "comment", " set body = null, mentions = '[]' where ");
        place.condition(&mut sql);
        sql.push(" and id = ").bind(text(id));
        Box::pin(async move { self.0.control(vec![sql]).await.map(drop) })
    }

    fn people<'a>(&'a self, issuer: &'a str, tenant: &'a str) -> BoxFuture<'a, Result<Vec<Member>, WarehouseError>> {
        let mut sql = self.0.dialect().on_own("select \"user\", name, workbooks from ", "person", " where issuer = ");
        sql.bind(text(issuer)).push(" and tenant = ").bind(text(tenant)).push(" order by name, \"user\"");
        Box::pin(async move {
            let types = [ColumnType::Text, ColumnType::Text, ColumnType::Text];
            let person = |row: Vec<Value>| match <[Value; 3]>::try_from(row) {
                Ok([Value::Text(user), Value::Text(name), Value::Text(workbooks)]) => {
                    Some(Member { person: Person { user, name }, workbooks: serde_json::from_str(&workbooks).ok()? })
                }
                _ => None,
            };
            Ok(self.0.read(None, &sql, &types).await?.into_iter().filter_map(person).collect())
        })
    }

    fn end<'a>(&'a self, token_hash: &'a str) -> BoxFuture<'a, Result<(), WarehouseError>> {
        let mut sql = self.0.dialect().on_own("delete from ", "session", " where token_hash = ");
        sql.bind(text(token_hash));
        Box::pin(async move { self.0.control(vec![sql]).await.map(drop) })
    }
}
