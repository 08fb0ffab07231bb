//! `GET /api/v1/openapi.json`: the same door for a script as for the browser, described. A test holds it against the
//! functions that are registered.

use axum::Json;
use model::Code;
use serde_json::{Value, json};

/// The description of every call.
pub async fn openapi() -> Json<Value> {
    Json(document())
}

fn document() -> Value {
    let text = json!({ "type": "string" });
    let raw =
        json!({ "description": "A value in its wire form: decimals, dates, timestamps and integers beyond 2^53 are strings." });
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let list = |items: &Value| json!({ "type": "array", "items": items });
    let cell =
        object(&["column", "value"], json!({ "column": text, "value": raw, "was": raw, "was_seq": { "type": "integer" } }));
    let edit = object(
        &["table"],
        json!({ "table": text, "op": { "enum": ["set", "insert", "delete"] }, "key": list(&raw), "cells": list(&cell), "version": { "type": "integer" } }),
    );
    let batch = object(
        &["batch_id", "workbook", "edits"],
        json!({
            "batch_id": { "type": "string", "pattern": "^[A-Za-z0-9-]{8,64}$" }, "workbook": text, "edits": list(&edit),
            "mode": { "enum": ["all_or_nothing", "per_row", "trial"] }, "origin": { "enum": ["api", "grid", "paste", "fill", "form", "undo", "redo", "restore"] }, "reason": text, "form": text,
        }),
    );
    let filter = object(
        &["column", "op"],
        json!({ "column": text, "op": { "enum": ["contains", "equals", "in", "within", "at_least", "at_most", "blank", "not_blank"] }, "value": raw }),
    );
    let sort = object(&["column"], json!({ "column": text, "descending": { "type": "boolean" } }));
    let mark = object(
        &[],
        json!({ "x": list(&raw), "to": raw, "by": list(&raw), "set": { "type": "object", "additionalProperties": text } }),
    );
    let query = object(
        &["workbook", "element"],
        json!({
            "drill": list(&raw), "under": mark,
            "workbook": text, "element": text, "controls": { "type": "object", "additionalProperties": list(&raw) },
            "filters": list(&filter), "sort": list(&sort), "from": list(&raw), "offset": { "type": "integer" }, "limit": { "type": "integer" },
            "uncounted": { "type": "boolean" }, "packed": { "type": "boolean" }, "places": { "type": "boolean" }, "summarize": list(&text),
            "values": object(&["column"], json!({ "column": text, "search": text })),
            "compute": object(&["column", "expression"], json!({ "column": text, "expression": text })),
            "group": object(&["columns"], json!({ "columns": list(&text), "closed": list(&list(&raw)) })),
            "find": object(&["any"], json!({ "any": list(&filter), "after": { "type": "integer" }, "backwards": { "type": "boolean" } })),
        }),
    );
    let mut exported = query.clone();
    exported["properties"]["file"] =
        object(&[], json!({ "format": { "enum": ["csv", "xlsx"] }, "notes": list(&text), "total": text }));
    let history = object(
        &["workbook", "table", "key"],
        json!({ "workbook": text, "table": text, "key": list(&raw), "column": text, "before": { "type": "integer" }, "limit": { "type": "integer" } }),
    );
    let row = object(&["workbook", "table", "key"], json!({ "workbook": text, "table": text, "key": list(&raw) }));
    let say = object(&["text"], json!({ "thread": text, "text": text, "mentions": list(&text) }));
    let change = json!({ "oneOf": [object(&["say"], json!({ "say": say })), object(&["resolve"], json!({ "resolve": { "type": "boolean" } })), { "const": "take_back" }] });
    let comment = object(
        &["workbook", "table", "key", "id", "change"],
        json!({ "workbook": text, "table": text, "key": list(&raw), "id": text, "change": change }),
    );
    let presence = object(
        &["workbook", "table", "page"],
        json!({ "workbook": text, "table": text, "page": text, "at": object(&["key", "column"], json!({ "key": list(&raw), "column": text })) }),
    );
    let flag = json!({ "type": "boolean" });
    let id = json!({ "type": "string", "pattern": "^[A-Za-z0-9-]{8,64}$" });
    let format = object(
        &["kind", "locale"],
        json!({ "kind": { "enum": ["csv", "xlsx"] }, "encoding": text, "delimiter": text, "header": flag, "locale": text, "sheet": text }),
    );
    let look = object(
        &["workbook", "table", "upload", "name", "locale"],
        json!({ "workbook": text, "table": text, "upload": id, "name": text, "locale": text, "format": format }),
    );
    let mapping =
        object(&["columns"], json!({ "columns": list(&json!({ "type": ["string", "null"] })), "matched": list(&text) }));
    let import = object(
        &["workbook", "table", "batch_id", "upload", "format", "mapping", "language"],
        json!({
            "workbook": text, "table": text, "batch_id": id, "upload": id, "format": format, "mapping": mapping, "names": list(&text),
            "language": text, "trial": flag, "as_of": { "type": "integer" }, "reason": text,
        }),
    );
    let undo = object(
        &["workbook", "table", "batch_id", "undone"],
        json!({ "workbook": text, "table": text, "batch_id": id, "undone": id }),
    );
    let call = |summary: &str, body: Value, session: bool| {
        let security = if session { json!([{ "session": [] }]) } else { json!([]) };
        json!({ "post": {
            "summary": summary, "security": security,
            "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
            "responses": { "200": { "description": "Done." }, "default": { "description": "Refused.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } } },
        } })
    };
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Inlay", "version": env!("CARGO_PKG_VERSION") },
        "paths": {
            "/api/v1/session": call("Exchange a ticket for a session, or extend the one in the Authorization header.", object(&["ticket"], json!({ "ticket": text, "nonce": text })), false),
            "/api/v1/session/end": call("End the session at once.", object(&[], json!({})), true),
            "/api/v1/workbook": call("A workbook as this person may see it.", object(&["workbook"], json!({ "workbook": text })), true),
            "/api/v1/open": call("The same with the rows of its first page; with one element alone, if `only` names it.", object(&["open"], json!({ "open": object(&["workbook"], json!({ "workbook": text, "only": text })) })), true),
            "/api/v1/query": call("The rows of one element.", object(&["query"], json!({ "query": query })), true),
            "/api/v1/export": call("All rows or marks of one element as CSV, or with `file.format` as a workbook in Base64, under the same filters and sort.", object(&["query"], json!({ "query": exported })), true),
            "/api/v1/views": call("The views of a table: the author's, then one's own.", object(&["views"], json!({ "views": object(&["workbook", "element"], json!({ "workbook": text, "element": text })) })), true),
            "/api/v1/save_view": call("Save a view of one's own, or delete it by leaving out its shape.", object(&["view"], json!({ "view": object(&["workbook", "element", "name"], json!({ "workbook": text, "element": text, "name": text, "shape": { "type": ["object", "null"] } })) })), true),
            "/api/v1/form_row": call("A row of a form's table, with the lines that belong to it.", object(&["row"], json!({ "row": object(&["workbook", "form", "row"], json!({ "workbook": text, "form": text, "row": { "type": "array" } })) })), true),
            "/api/v1/submissions": call("What one has filed with a form oneself, the last first.", object(&["submissions"], json!({ "submissions": object(&["workbook", "form"], json!({ "workbook": text, "form": text, "offset": { "type": "integer" } })) })), true),
            "/api/v1/file": call("The file that a row has in a column, as a download.", object(&["file"], json!({ "file": object(&["workbook", "table", "key", "column"], json!({ "workbook": text, "table": text, "key": { "type": "array" }, "column": text })) })), true),
            "/api/v1/draft": call("What one has begun to fill into a form.", object(&["draft"], json!({ "draft": object(&["workbook", "form"], json!({ "workbook": text, "form": text, "row": { "type": "array" } })) })), true),
            "/api/v1/save_draft": call("Keeps what one has begun to fill into a form, or forgets it.", object(&["draft"], json!({ "draft": object(&["workbook", "form"], json!({ "workbook": text, "form": text, "row": { "type": "array" }, "draft": { "type": "object" } })) })), true),
            "/api/v1/facts": call("What a form shows of the row that a value is looked up in.", object(&["facts"], json!({ "facts": object(&["workbook", "form", "table", "column", "value"], json!({ "workbook": text, "form": text, "table": text, "column": text, "value": raw })) })), true),
            "/api/v1/lookup": call("What may be chosen in a column that looks its values up.", object(&["lookup"], json!({ "lookup": object(&["workbook", "table", "column"], json!({ "workbook": text, "table": text, "column": text, "search": text })) })), true),
            "/api/v1/history": call("The edits of one row of an input table, newest first.", object(&["history"], json!({ "history": history })), true),
            "/api/v1/comments": call("What was said about one row of an input table, and who may be named.", object(&["comments"], json!({ "comments": row })), true),
            "/api/v1/save_comment": call("Say something about a row, settle a thread, or take a comment of one's own back.", object(&["comment"], json!({ "comment": comment })), true),
            "/api/v1/presence": call("Say into which cell one types, and ask into which others do.", object(&["presence"], json!({ "presence": presence })), true),
            "/api/v1/edits": call("Apply a batch of edits, exactly once.", object(&["batch"], json!({ "batch": batch })), true),
            "/api/v1/look_into": call("What is in a file that was sent with import_part, how it can be read, and where its columns could go.", object(&["look"], json!({ "look": look })), true),
            "/api/v1/import": call("Load such a file, try it, or take it back. Lines of JSON: how far it is, what was refused, and what became of it.", json!({ "oneOf": [object(&["import"], json!({ "import": import })), object(&["undo"], json!({ "undo": undo }))] }), true),
            "/api/v1/forget_upload": call("Forget a file that was sent with import_part.", object(&["upload"], json!({ "upload": object(&["workbook", "table", "upload"], json!({ "workbook": text, "table": text, "upload": id })) })), true),
            "/api/v1/changes": call("Lines of JSON, one for each table that changes: its name and version, never data.", object(&["workbook"], json!({ "workbook": text, "since": text })), true),
        },
        "components": {
            "securitySchemes": { "session": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Error": object(&["code", "message"], json!({ "code": { "enum": codes }, "message": text, "said": { "type": "object" }, "hint": text, "incident": text, "outcome": { "type": "object" } })) },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_function_is_described() {
        app::ssr::register();
        let document = document();
        for (path, _) in server_fn::axum::server_fn_paths() {
            assert!(document["paths"].get(path).is_some(), "{path} is not described");
        }
    }
}
