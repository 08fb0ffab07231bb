//! What people say about rows: to whoever may see the row, and to nobody else.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use model::{
    AccessMode, ApiError, COMMENTS_SUFFIX, Code, Comment, CommentChange, CommentsAnswer, CommentsRequest, MOST_COMMENTS,
    MOST_PEOPLE, MOST_TEXT, Person, Principal, Raw, Resolved, SaveComment, Thread, Value, is_client_id,
};
use words::Message;

use crate::catalog::{Dataset, Input, Workbook};
use crate::control::{ControlStore, Member, RowPlace, Said};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::query::{Anchor, Relation};
use crate::warehouse::{Caller, Notice};
use crate::writeback;

/// Whether anybody has commented on a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Talked {
    Yes,
    /// Nobody had, when it was asked last.
    NotAt(Instant),
}

/// Another server may have kept a comment without our hearing of it.
const ASKED_AGAIN: Duration = Duration::from_secs(30);

impl Engine {
    /// What was said about a row, and who may be named.
    ///
    /// # Errors
    /// `AC004` for a table that the person may not know, `WB008` for a row that is not there or hidden.
    pub async fn comments(
        &self,
        principal: &Principal,
        request: &CommentsRequest,
        request_id: &str,
    ) -> Result<CommentsAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let place = self.row_place(principal, &workbook, &request.table, &request.key, request_id).await?;
        let said = self.control().comments(&place).await?;
        Ok(CommentsAnswer { threads: threads(said, principal), people: self.people(principal, &workbook).await? })
    }

    /// Says something about a row, settles a thread, or takes a comment back; gives what was said about the row then.
    ///
    /// # Errors
    /// As [`Engine::comments`]; `AC003` for whoever only looks, `RQ007` for what can't be kept.
    pub async fn save_comment(
        &self,
        principal: &Principal,
        request: &SaveComment,
        request_id: &str,
    ) -> Result<CommentsAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let place = self.row_place(principal, &workbook, &request.table, &request.key, request_id).await?;
        if principal.mode != AccessMode::Edit {
            return Err(EngineError::refused(Code::NotAllowed));
        }
        let people = self.people(principal, &workbook).await?;
        let said = self.control().comments(&place).await?;
        let known = |id: &str| said.iter().find(|said| said.id == id);
        match &request.change {
            CommentChange::Say { thread, text, mentions } => {
                let comment = new_comment(request, principal, (self.now)(), thread.as_deref(), text, &named(mentions, &people)?)?;
                if thread.as_deref().is_some_and(|thread| known(thread).is_none_or(|first| first.thread != first.id)) {
                    return Err(bad(words::comment_thread_gone()));
                }
                if said.len() >= MOST_COMMENTS && known(&comment.id).is_none() {
                    return Err(bad(words::comments_at_most(MOST_COMMENTS)));
                }
                // What was sent twice is there once; an id of somebody else's comment is not taken for one's own.
                let is_same = |said: &Said| is_of(said, principal) && said.text.as_deref() == Some(text);
                let is_new = self.control().say(&place, &comment).await?;
                if !is_new && !known(&comment.id).is_some_and(is_same) {
                    return Err(bad(Message::given("There is a comment with this id already.")));
                }
                // Whoever answers a settled thread opens it again.
                if let Some(thread) = thread.as_ref().filter(|_| is_new) {
                    self.control().resolve(&place, thread, None).await?;
                }
            }
            CommentChange::Resolve(resolved) => {
                known(&request.id).filter(|first| first.thread == first.id).ok_or_else(|| bad(words::comment_thread_gone()))?;
                let by = resolved.then(|| (principal.name.as_str(), (self.now)()));
                self.control().resolve(&place, &request.id, by).await?;
            }
            CommentChange::TakeBack => {
                let own = known(&request.id).filter(|said| is_of(said, principal));
                own.ok_or_else(|| bad(words::comment_not_own()))?;
                self.control().take_back(&place, &request.id).await?;
            }
        }
        let table = format!("{}{COMMENTS_SUFFIX}", place.table);
        self.hear_of_comments(&workbook.id, &table);
        let version = (self.now)().and_utc().timestamp_micros();
        self.tell(&place.tenant, &workbook.id, &table, version);
        let (tenant, workbook_id) = (place.tenant.clone(), workbook.id.clone());
        self.warehouse().pass_on(Notice::Changed { tenant, workbook: workbook_id, table, versions: vec![version] }).await;
        Ok(CommentsAnswer { threads: threads(self.control().comments(&place).await?, principal), people })
    }

    /// Takes in that there are comments on a table, if that is what has changed.
    pub(crate) fn hear_of_comments(&self, workbook: &str, table: &str) {
        if let Some(table) = table.strip_suffix(COMMENTS_SUFFIX) {
            let mut known = self.talked_about.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert((workbook.to_owned(), table.to_owned()), Talked::Yes);
        }
    }

    /// How many threads about the rows with these keys are open. Most tables have none at all, and are seldom asked.
    pub(crate) async fn threads(&self, caller: &Caller<'_>, input: &Input, keys: &[Vec<Value>]) -> Result<Vec<u64>, EngineError> {
        let about = (caller.workbook.to_owned(), input.name.clone());
        let known = self.talked_about.lock().unwrap_or_else(PoisonError::into_inner).get(&about).copied();
        match known {
            Some(Talked::Yes) => {}
            Some(Talked::NotAt(asked)) if asked.elapsed() < ASKED_AGAIN => return Ok(vec![0; keys.len()]),
            _ if self.control().is_talked_about(caller.workbook, &input.name).await? => {
                self.hear_of_comments(caller.workbook, &format!("{}{COMMENTS_SUFFIX}", input.name));
            }
            _ => {
                // Somebody may have begun to talk while we asked.
                let mut known = self.talked_about.lock().unwrap_or_else(PoisonError::into_inner);
                if known.get(&about) != Some(&Talked::Yes) {
                    known.insert(about, Talked::NotAt(Instant::now()));
                }
                return Ok(vec![0; keys.len()]);
            }
        }
        let names: Vec<String> = keys.iter().map(|key| writeback::row_key(key).unwrap_or_default()).collect();
        let tenant = caller.principal.tenant.clone();
        let (workbook, table) = (caller.workbook.to_owned(), input.name.clone());
        let place = RowPlace { tenant, workbook, table, row_key: String::new() };
        let open = self.control().open_threads(&place, &names).await?;
        Ok(names.iter().map(|name| open.get(name).copied().unwrap_or(0)).collect())
    }

    /// The row, if the person may see it.
    async fn row_place(
        &self,
        principal: &Principal,
        workbook: &Workbook,
        table: &str,
        key: &[Raw],
        request_id: &str,
    ) -> Result<RowPlace, EngineError> {
        let caller = Caller { principal, workbook: &workbook.id, element: table, request_id };
        let input = workbook.input(table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let key = self.seen(&caller, input, key).await?;
        let (tenant, workbook) = (principal.tenant.clone(), workbook.id.clone());
        Ok(RowPlace { tenant, workbook, table: input.name.clone(), row_key: writeback::row_key(&key)? })
    }

    /// A row's key, if the person may see the row.
    ///
    /// # Errors
    /// `WB008` if not.
    pub(crate) async fn seen(&self, caller: &Caller<'_>, input: &Input, key: &[Raw]) -> Result<Vec<Value>, EngineError> {
        let key = writeback::typed_key(input, key)?;
        let relation = Relation::new(Dataset::Input(input), self.binding(caller.principal));
        let sql = relation.exists(input, Anchor::Key(&key));
        let row = self.warehouse().read(Some(caller), &sql, &[model::ColumnType::Integer]).await?;
        if row.is_empty() { Err(EngineError::refused(Code::RowNotFound)) } else { Ok(key) }
    }

    /// Who else of the tenant has been here and may open the workbook.
    async fn people(&self, principal: &Principal, workbook: &Workbook) -> Result<Vec<Person>, EngineError> {
        let people = self.control().people(&principal.issuer, &principal.tenant).await?;
        let may_open = |member: &Member| member.workbooks.contains(&workbook.id);
        Ok(people.into_iter().filter(may_open).map(|member| member.person).take(MOST_PEOPLE).collect())
    }
}

fn bad(message: Message) -> EngineError {
    EngineError::Refused(ApiError::say(Code::BadComment, message))
}

fn is_of(said: &Said, principal: &Principal) -> bool {
    said.issuer == principal.issuer && said.by.user == principal.user
}

fn named(users: &[String], people: &[Person]) -> Result<Vec<Person>, EngineError> {
    let find = |user: &String| people.iter().find(|person| person.user == *user).cloned();
    let users: HashSet<&String> = users.iter().collect();
    let mut found: Vec<Person> =
        users.into_iter().map(|user| find(user).ok_or_else(|| bad(words::comment_names_nobody()))).collect::<Result<_, _>>()?;
    found.sort_by(|a, b| a.name.cmp(&b.name).then(a.user.cmp(&b.user)));
    Ok(found)
}

fn new_comment(
    request: &SaveComment,
    principal: &Principal,
    at: chrono::NaiveDateTime,
    thread: Option<&str>,
    text: &str,
    mentions: &[Person],
) -> Result<Said, EngineError> {
    if !is_client_id(&request.id) {
        return Err(bad(Message::given("A comment's id has 8 to 64 letters, digits and dashes.")));
    }
    if text.trim().is_empty() || text.chars().count() > MOST_TEXT || text.contains('\0') {
        return Err(bad(words::comment_length(MOST_TEXT)));
    }
    Ok(Said {
        id: request.id.clone(),
        thread: thread.unwrap_or(&request.id).to_owned(),
        at,
        issuer: principal.issuer.clone(),
        by: Person { user: principal.user.clone(), name: principal.name.clone() },
        text: Some(text.to_owned()),
        mentions: mentions.to_vec(),
        resolved: None,
    })
}

fn threads(said: Vec<Said>, principal: &Principal) -> Vec<Thread> {
    let mut threads: Vec<Thread> = Vec::new();
    for said in said {
        let own = is_of(&said, principal);
        let at = Value::Timestamp(said.at).to_wire();
        let comment = Comment { id: said.id, by: said.by, at, text: said.text, mentions: said.mentions, own };
        match threads.iter_mut().find(|thread| thread.id == said.thread) {
            Some(thread) => thread.comments.push(comment),
            None => {
                let resolved = said.resolved.map(|(by, at)| Resolved { by, at: Value::Timestamp(at).to_wire() });
                threads.push(Thread { id: said.thread, resolved, comments: vec![comment] });
            }
        }
    }
    threads
}
