//! Rows that are opened in forms: who sees them, who may change them, and what becomes of their lines.

use model::{
    ApiError, Batch, BatchOutcome, CellEdit, Code, Edit, FormRow, FormRowRequest, LineRow, Principal, Raw, SubmissionsRequest,
};
use serde_json::json;

use crate::forms::{both, cells, file, refused};
use crate::world::{On, WORKBOOK, World, ada, batch, ed, for_postgres, wendy};

async fn open(world: &World, who: &Principal, key: &[Raw]) -> Result<FormRow, Code> {
    let request = FormRowRequest { workbook: "plan".into(), form: "report".into(), row: key.to_vec() };
    world.engine.form_row(who, &request, "req").await.map_err(|error| error.to_api().code)
}

/// A report of `amount` with two lines: its key.
async fn filed(world: &World, who: &Principal, amount: &str) -> Vec<Raw> {
    let [one, other] = if who.user == "ed" { ["Chairs", "Chairs"] } else { ["Chairs", "Tables"] };
    let lines = [json!({ "product": one, "units": 2 }), json!({ "product": other, "units": 3 })];
    let outcome = file(world, who, json!({ "kind": "late", "reason": "Ill", "amount": amount }), &lines).await.unwrap();
    outcome.rows[0].key.clone()
}

/// Cells of a row as they were seen, with what they shall be.
fn over(values: &std::collections::BTreeMap<String, Raw>, new: Raw) -> Vec<CellEdit> {
    let was = |column: &str| values.get(column).cloned().unwrap_or_default();
    cells(new).into_iter().map(|cell| CellEdit { was: was(&cell.column), ..cell }).collect()
}

fn changed(row: &FormRow, new: Raw, lines: Vec<Edit>) -> Batch {
    let first = Edit::set("reports", row.key.clone(), over(&row.values, new));
    Batch { form: Some("report".into()), ..batch(std::iter::once(first).chain(lines).collect()) }
}

fn line(line: &LineRow, new: Raw) -> Edit {
    Edit::set("report_lines", vec![line.key.clone()], over(&line.values, new))
}

async fn change(world: &World, who: &Principal, row: &FormRow, new: Raw, lines: Vec<Edit>) -> Result<BatchOutcome, ApiError> {
    world.apply(who, &changed(row, new, lines)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_opened_with_its_lines_by_whoever_sees_it() {
    both(async |world| {
        let key = filed(&world, &wendy(), "250.00").await;
        let row = open(&world, &wendy(), &key).await.unwrap();
        assert!(row.may_edit);
        assert_eq!(row.values["amount"], json!("250.00"));
        assert!(!row.values.contains_key("company"), "what is saved unseen stays so");
        let lines = &row.lines["report_lines"];
        let units: Vec<&Raw> = lines.iter().map(|line| &line.values["units"]).collect();
        assert_eq!(units, [&json!(2), &json!(3)]);
        let number = row.filed.unwrap().number;
        assert_eq!(world.count(&format!("select count(*) from {{log}} where seq = {number} and operation = 'insert'")).await, 1);
        // Of another company or tenant it is not there, like one that never was.
        let elsewhere = Principal { tenant: "other".into(), ..wendy() };
        let never = vec![json!("0000ffffffffffffffffffffffffffff")];
        for (who, key) in [(ed(), &key), (elsewhere, &key), (wendy(), &never)] {
            assert_eq!(open(&world, &who, key).await, Err(Code::RowNotFound));
        }
        assert_eq!(open(&world, &wendy(), &[]).await, Err(Code::BadBatch), "a key of another length");
        let looks_on = Principal { mode: model::AccessMode::View, ..wendy() };
        assert!(!open(&world, &looks_on, &key).await.unwrap().may_edit);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_and_its_lines_change_together() {
    both(async |world| {
        let key = filed(&world, &wendy(), "250.00").await;
        let row = open(&world, &wendy(), &key).await.unwrap();
        let known = &row.lines["report_lines"];
        let new = cells(json!({ "product": "Chairs", "units": 9 }));
        let edits = vec![
            line(&known[0], json!({ "units": 7 })),
            Edit::insert("report_lines", Vec::new(), new),
            Edit::delete("report_lines", vec![known[1].key.clone()], known[1].version),
        ];
        let batch = changed(&row, json!({ "amount": "300.00" }), edits);
        world.apply(&wendy(), &batch).await.unwrap();
        assert!(world.apply(&wendy(), &batch).await.unwrap().replayed, "pressed twice");
        let now = open(&world, &wendy(), &key).await.unwrap();
        assert_eq!(now.values["amount"], json!("300.00"));
        assert_eq!(now.values["month"], row.values["month"], "what nobody typed stays");
        let units: Vec<Raw> = now.lines["report_lines"].iter().map(|line| line.values["units"].clone()).collect();
        assert_eq!(units, [json!(7), json!(9)]);
        assert_eq!(now.filed, row.filed, "it was filed when it was");
        // Lines alone: the row has a new version, so that whoever changes it knows.
        let of_line = vec![line(&now.lines["report_lines"][0], json!({ "units": 8 }))];
        change(&world, &wendy(), &now, json!({}), of_line).await.unwrap();
        let again = open(&world, &wendy(), &key).await.unwrap();
        assert_eq!(again.lines["report_lines"][0].values["units"], json!(8));
        // Somebody else was faster: nothing of it is written.
        let late = vec![line(&row.lines["report_lines"][0], json!({ "units": 1 }))];
        let error = change(&world, &wendy(), &row, json!({ "reason": "Late" }), late).await.unwrap_err();
        assert_eq!(refused(error), [("report_lines".into(), "units".into(), Code::Conflict)]);
        assert_eq!(open(&world, &wendy(), &key).await.unwrap().values["reason"], json!("Ill"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_comes_to_what_it_would_be_if_it_were_filed_now() {
    both(async |world| {
        let key = filed(&world, &wendy(), "250.00").await;
        let row = open(&world, &wendy(), &key).await.unwrap();
        // Plain ones have no reason, and without an amount there are no lines.
        change(&world, &wendy(), &row, json!({ "kind": "plain", "amount": null }), Vec::new()).await.unwrap();
        let now = open(&world, &wendy(), &key).await.unwrap();
        assert_eq!((&now.values["reason"], now.lines["report_lines"].len()), (&Raw::Null, 0));
        assert_eq!(now.values["fee"], row.values["fee"], "a default is for what is new");
        // What has come back is asked for.
        let error = change(&world, &wendy(), &now, json!({ "kind": "late", "amount": "500.00" }), Vec::new()).await.unwrap_err();
        assert_eq!(refused(error), [("reports".into(), "reason".into(), Code::Required)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_changed_until_its_author_says_no() {
    both(async |world| {
        let key = filed(&world, &wendy(), "250.00").await;
        let row = open(&world, &wendy(), &key).await.unwrap();
        // The condition is about the row as it is: it may be left by a change.
        change(&world, &wendy(), &row, json!({ "amount": "1000.00" }), Vec::new()).await.unwrap();
        let now = open(&world, &wendy(), &key).await.unwrap();
        assert!(!now.may_edit);
        for new in [json!({ "amount": "1.00" }), json!({})] {
            let of_line = vec![line(&now.lines["report_lines"][0], json!({ "units": 8 }))];
            let error = change(&world, &wendy(), &now, new, of_line).await.unwrap_err();
            assert_eq!(error.code, Code::RowReadOnly);
        }
        // A retry of what has closed it gets its first answer.
        let row = open(&world, &wendy(), &filed(&world, &wendy(), "10.00").await).await.unwrap();
        let batch = changed(&row, json!({ "amount": "2000.00" }), Vec::new());
        world.apply(&wendy(), &batch).await.unwrap();
        assert!(world.apply(&wendy(), &batch).await.unwrap().replayed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_rows_that_are_not_his_through_a_form() {
    both(async |world| {
        let (mine, theirs) = (filed(&world, &wendy(), "10.00").await, filed(&world, &ed(), "10.00").await);
        let (row, their_row) = (open(&world, &wendy(), &mine).await.unwrap(), open(&world, &ed(), &theirs).await.unwrap());
        let error = change(&world, &wendy(), &their_row, json!({ "amount": "11.00" }), Vec::new()).await.unwrap_err();
        assert_eq!(error.code, Code::RowNotFound);
        // Lines of another row, changed or taken away under one's own.
        let of_theirs = &their_row.lines["report_lines"][0];
        let away = Edit::delete("report_lines", vec![of_theirs.key.clone()], of_theirs.version);
        for edit in [line(of_theirs, json!({ "units": 99 })), away] {
            let error = change(&world, &wendy(), &row, json!({ "amount": "11.00" }), vec![edit]).await.unwrap_err();
            assert_eq!(error.code, Code::RowReadOnly);
        }
        let moved = line(&row.lines["report_lines"][0], json!({ "report": theirs[0] }));
        let error = change(&world, &wendy(), &row, json!({}), vec![moved]).await.unwrap_err();
        assert_eq!(refused(error), [("report_lines".into(), "report".into(), Code::ColumnReadOnly)]);
        for (new, column, code) in [
            (json!({ "company": "East" }), "company", Code::ColumnReadOnly),
            (json!({ "month": "2020-01-01" }), "month", Code::ColumnReadOnly),
            (json!({ "checked": "x" }), "checked", Code::UnknownColumn),
        ] {
            let error = change(&world, &wendy(), &row, new, Vec::new()).await.unwrap_err();
            assert_eq!(refused(error), [("reports".into(), column.into(), code)]);
        }
        let whole = Batch { form: Some("report".into()), ..batch(vec![Edit::delete("reports", mine.clone(), 1)]) };
        assert_eq!(world.apply(&wendy(), &whole).await.unwrap_err().code, Code::BadBatch, "a form takes no row away");
        assert_eq!(open(&world, &ed(), &theirs).await.unwrap(), their_row);
        assert_eq!(open(&world, &wendy(), &mine).await.unwrap(), row);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_finds_what_he_has_filed_himself() {
    both(async |world| {
        let first = filed(&world, &wendy(), "10.00").await;
        let second = filed(&world, &wendy(), "20.00").await;
        filed(&world, &ed(), "30.00").await;
        let ask = async |who: &Principal, offset: u64| {
            let request = SubmissionsRequest { workbook: "plan".into(), form: "report".into(), offset };
            world.engine.submissions(who, &request, "req").await.unwrap()
        };
        let mine = ask(&wendy(), 0).await;
        let keys: Vec<&Vec<Raw>> = mine.rows.iter().map(|row| &row.key).collect();
        assert_eq!(keys, [&second, &first], "the last first");
        assert_eq!(mine.rows[0].values[1..], [json!("20.00"), json!("22.00"), Raw::Null], "columns and what is computed");
        assert!(mine.rows[0].filed.number > mine.rows[1].filed.number && !mine.more);
        assert_eq!(ask(&wendy(), 1).await.rows.len(), 1);
        // Whoever sees everything has filed nothing himself.
        assert!(ask(&ada(), 0).await.rows.is_empty());
        let elsewhere = Principal { tenant: "other".into(), ..wendy() };
        assert!(ask(&elsewhere, 0).await.rows.is_empty());
    })
    .await;
}

const OF_ROWS: &str = "
      - form: one_month
        table: forecast
        edit: \"status = 'draft'\"
        fields: [product, month, actual, amount, variance, status, { field: note, required: \"amount > 2 * actual\" }]
      - { form: one_order, table: state, fields: [product, sales, state] }
";

async fn world_of_rows(on: On) -> World {
    let text = WORKBOOK.replace("      - { table: visited", &format!("{}      - {{ table: visited", &OF_ROWS[1..]));
    let text = if on == On::Postgres { for_postgres(&text) } else { text };
    World::with(on, &text).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_changes_rows_of_a_source_too() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world_of_rows(on).await;
        let in_form = |form: &str, table: &str, row: &FormRow, new: Raw| {
            let edit = Edit::set(table, row.key.clone(), over(&row.values, new));
            Batch { form: Some(form.into()), ..batch(vec![edit]) }
        };
        let open = async |who: &Principal, form: &str, key: &[Raw]| {
            let request = FormRowRequest { workbook: "plan".into(), form: form.into(), row: key.to_vec() };
            world.engine.form_row(who, &request, "req").await.map_err(|error| error.to_api().code)
        };
        let key = [json!("West"), json!("Chairs"), json!("2017-01-01")];
        let row = open(&wendy(), "one_month", &key).await.unwrap();
        assert_eq!((&row.values["actual"], &row.values["status"], row.may_edit), (&json!("100.50"), &json!("draft"), true));
        assert_eq!(row.filed, None, "nobody has filed a row of a source");
        let change = |new: Raw| in_form("one_month", "forecast", &row, new);
        let error = world.apply(&wendy(), &change(json!({ "amount": "300.00" }))).await.unwrap_err();
        assert_eq!(refused(error), [("forecast".into(), "note".into(), Code::Required)]);
        let error = world.apply(&wendy(), &change(json!({ "actual": "1.00" }))).await.unwrap_err();
        assert_eq!(refused(error), [("forecast".into(), "actual".into(), Code::ColumnReadOnly)]);
        // The table's own rules hold as ever.
        let error = world.apply(&wendy(), &change(json!({ "amount": "3000.00", "note": "x" }))).await.unwrap_err();
        assert_eq!(refused(error), [("forecast".into(), "amount".into(), Code::RuleFailed)]);
        world.apply(&wendy(), &change(json!({ "amount": "120.00", "status": "done" }))).await.unwrap();
        let now = open(&wendy(), "one_month", &key).await.unwrap();
        assert_eq!((&now.values["amount"], now.may_edit), (&json!("120.00"), false));
        let late = in_form("one_month", "forecast", &now, json!({ "amount": "121.00" }));
        assert_eq!(world.apply(&wendy(), &late).await.unwrap_err().code, Code::RowReadOnly);
        assert_eq!(open(&ed(), "one_month", &key).await, Err(Code::RowNotFound));
        let added = Batch {
            form: Some("one_month".into()),
            ..batch(vec![Edit::insert("forecast", Vec::new(), cells(json!({ "note": "x" })))])
        };
        assert_eq!(world.apply(&wendy(), &added).await.unwrap_err().code, Code::NotSupported);
        // The source's own row, where its author lets it be changed.
        let order = open(&wendy(), "one_order", &[json!(1)]).await.unwrap();
        world.apply(&wendy(), &in_form("one_order", "state", &order, json!({ "state": "shipped" }))).await.unwrap();
        assert_eq!(open(&wendy(), "one_order", &[json!(1)]).await.unwrap().values["state"], json!("shipped"));
        assert_eq!(open(&wendy(), "visit", &[json!("0000")]).await, Err(Code::NotFound), "this form opens no rows");
    }
}
