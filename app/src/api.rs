//! The server functions: the one door that the browser, a script and a test go through.
//!
//! Each takes one argument, so a body is `{"query": {…}}`, `{"batch": {…}}` and so on. The browser does not use the
//! client that the macro makes (its server URL is process-wide, and two workbooks on one page would mix): it calls
//! through [`crate::client::Api`].

use leptos::prelude::*;
use model::{
    ApiError, Batch, BatchOutcome, Code, CommentsAnswer, CommentsRequest, DraftAnswer, DraftRequest, ExportAnswer, ExportRequest,
    FactsAnswer, FactsRequest, FormRow as FormRowAnswer, FormRowRequest, HistoryAnswer, HistoryRequest, LookAnswer, LookRequest,
    LookupAnswer, LookupRequest, OpenAnswer, OpenRequest, PresenceRequest, Present, QueryAnswer, QueryRequest,
    SaveComment as SaveCommentRequest, SaveDraft as SaveDraftRequest, SaveView as SaveViewRequest, SavedView, SubmissionsAnswer,
    SubmissionsRequest, UploadPlace, ViewsRequest, WorkbookView,
};
use serde::{Deserialize, Serialize};
use server_fn::codec::{Json, JsonEncoding};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// [`ApiError`] as server functions need it; the same on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallError(pub ApiError);

impl FromServerFnError for CallError {
    type Encoder = JsonEncoding;

    /// What the framework has to say is about the request's shape; its text (serde's) is not passed on.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let code = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Code::BadRequest
            }
            ServerFnErrorErr::Request(_) => Code::Offline,
            _ => Code::Internal,
        };
        Self(ApiError::new(code))
    }
}

/// A workbook as the session's person may see it.
#[server(prefix = "/api/v1", endpoint = "workbook", input = Json, output = Json)]
pub async fn workbook(workbook: String) -> Result<WorkbookView, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.view(&call.principal, &workbook, &call.request_id).await)
}

/// The same with what its first page shows; with one element alone, if `only` names it.
#[server(prefix = "/api/v1", endpoint = "open", input = Json, output = Json)]
pub async fn open(open: OpenRequest) -> Result<OpenAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(crate::ssr::open(&call.engine, &call.principal, &open, &call.request_id).await)
}

/// The rows of one element.
#[server(prefix = "/api/v1", endpoint = "query", input = Json, output = Json)]
pub async fn query(query: QueryRequest) -> Result<QueryAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    let answer = call.engine.query(&call.principal, &query, &call.request_id).await;
    call.finish(answer.map(|answer| if query.packed { answer.packed() } else { answer }))
}

/// All rows or marks of one element as a file, under the same filters and sort as on screen.
#[server(prefix = "/api/v1", endpoint = "export", input = Json, output = Json)]
pub async fn export(query: ExportRequest) -> Result<ExportAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.export(&call.principal, &query.query, &query.file, &call.request_id).await)
}

/// What may be chosen in a column that looks its values up.
#[server(prefix = "/api/v1", endpoint = "lookup", input = Json, output = Json)]
pub async fn lookup(lookup: LookupRequest) -> Result<LookupAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.lookup(&call.principal, &lookup, &call.request_id).await)
}

/// What a form shows of the row that a value is looked up in.
#[server(prefix = "/api/v1", endpoint = "facts", input = Json, output = Json)]
pub async fn facts(facts: FactsRequest) -> Result<FactsAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.facts(&call.principal, &facts, &call.request_id).await)
}

/// A row of a form's table, with the lines that belong to it.
#[server(prefix = "/api/v1", endpoint = "form_row", input = Json, output = Json)]
pub async fn form_row(row: FormRowRequest) -> Result<FormRowAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.form_row(&call.principal, &row, &call.request_id).await)
}

/// What one has filed with a form oneself.
#[server(prefix = "/api/v1", endpoint = "submissions", input = Json, output = Json)]
pub async fn submissions(submissions: SubmissionsRequest) -> Result<SubmissionsAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.submissions(&call.principal, &submissions, &call.request_id).await)
}

/// What one has begun to fill into a form.
#[server(prefix = "/api/v1", endpoint = "draft", input = Json, output = Json)]
pub async fn draft(draft: DraftRequest) -> Result<DraftAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.draft(&call.principal, &draft).await)
}

/// Keeps what one has begun to fill into a form, or forgets it.
#[server(prefix = "/api/v1", endpoint = "save_draft", input = Json, output = Json)]
pub async fn save_draft(draft: SaveDraftRequest) -> Result<(), CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.save_draft(&call.principal, &draft).await)
}

/// The views of one table.
#[server(prefix = "/api/v1", endpoint = "views", input = Json, output = Json)]
pub async fn views(views: ViewsRequest) -> Result<Vec<SavedView>, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.views(&call.principal, &views, &call.request_id).await)
}

/// Saves or deletes a view of one's own.
#[server(prefix = "/api/v1", endpoint = "save_view", input = Json, output = Json)]
pub async fn save_view(view: SaveViewRequest) -> Result<(), CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.save_view(&call.principal, &view).await)
}

/// What happened to one row of an input table.
#[server(prefix = "/api/v1", endpoint = "history", input = Json, output = Json)]
pub async fn history(history: HistoryRequest) -> Result<HistoryAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.history(&call.principal, &history, &call.request_id).await)
}

/// What was said about one row of an input table.
#[server(prefix = "/api/v1", endpoint = "comments", input = Json, output = Json)]
pub async fn comments(comments: CommentsRequest) -> Result<CommentsAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.comments(&call.principal, &comments, &call.request_id).await)
}

/// Says something about a row, or settles or takes back what was said.
#[server(prefix = "/api/v1", endpoint = "save_comment", input = Json, output = Json)]
pub async fn save_comment(comment: SaveCommentRequest) -> Result<CommentsAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.save_comment(&call.principal, &comment, &call.request_id).await)
}

/// Says where one types, and asks where others do.
#[server(prefix = "/api/v1", endpoint = "presence", input = Json, output = Json)]
pub async fn presence(presence: PresenceRequest) -> Result<Vec<Present>, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.presence(&call.principal, &presence, &call.request_id).await)
}

/// What is in a file that one has sent, and where its columns could go.
#[server(prefix = "/api/v1", endpoint = "look_into", input = Json, output = Json)]
pub async fn look_into(look: LookRequest) -> Result<LookAnswer, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.look_into(&call.principal, &look, &call.request_id).await)
}

/// Forgets a file that one has sent.
#[server(prefix = "/api/v1", endpoint = "forget_upload", input = Json, output = Json)]
pub async fn forget_upload(upload: UploadPlace) -> Result<(), CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.forget_upload(&call.principal, &upload, &call.request_id).await)
}

/// Applies a batch of edits, exactly once.
#[server(prefix = "/api/v1", endpoint = "edits", input = Json, output = Json)]
pub async fn edits(batch: Batch) -> Result<BatchOutcome, CallError> {
    let call = crate::ssr::Call::current()?;
    call.finish(call.engine.apply(&call.principal, &batch, &call.request_id).await)
}
