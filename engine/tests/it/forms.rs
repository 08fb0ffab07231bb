//! Forms: conditions, defaults and lines are the server's too, whatever a browser sends.

use model::{
    ApiError, Batch, BatchOutcome, CellEdit, Code, DraftRequest, Edit, EditMode, ElementKind, FactsRequest, FieldRole, FormDraft,
    FormView, Origin, Principal, Raw, SaveDraft,
};
use serde_json::json;

use crate::world::{On, WORKBOOK, World, ada, batch, ed, for_postgres, person, wendy};

const TABLES: &str = "
  reports:
    rows: { read: \"company = @user.region\", write: \"company = @user.region\" }
    columns:
      company: { type: text, required: true, edit: \"@user.has_role('admin')\" }
      month: { type: date, required: true }
      kind: { type: choice, options: [plain, late], default: plain }
      reason: { type: text }
      amount: { type: decimal, scale: 2 }
      fee: { type: decimal, scale: 2 }
      checked: { type: text, edit: \"@user.has_role('admin')\" }
    computed:
      gross: amount + fee
  report_lines:
    rows: { read: \"true\", write: \"true\" }
    columns:
      report: { type: text, required: true }
      product: { type: text, required: true, lookup: { source: orders, value: product } }
      units: { type: integer, min: 1 }
      why: { type: text }
";

const FORM: &str = "
      - form: report
        table: reports
        steps: true
        edit: \"amount is null or amount < 1000\"
        submissions: [month, amount, gross, checked]
        thanks: \"{amount} of {month}, number {number}.\"
        sections:
          - title: The month
            columns: 2
            fields:
              - { field: company, hidden: true, default: { expression: \"@user.region\" } }
              - { field: month, read_only: true, default: { expression: \"date_trunc('month', @now)\" } }
              - { field: kind, label: Which, help: Late ones need a reason }
              - { field: reason, show: \"kind = 'late'\", required: \"amount > 100\", placeholder: Why }
              - amount
              - { field: fee, default: { expression: \"amount * 0.1\" } }
              - gross
          - title: Its lines
            show: amount > 0
            lines:
              table: report_lines
              parent: report
              fields: [{ field: product, facts: [region] }, units, { field: why, show: units > 10, required: true }]
              totals: [units]
              max: 3
";

fn workbook() -> String {
    WORKBOOK
        .replace("\npages:", &format!("{TABLES}pages:"))
        .replace("      - { table: visited", &format!("{}      - {{ table: visited", &FORM[1..]))
}

async fn world(on: On) -> World {
    let text = if on == On::Postgres { for_postgres(&workbook()) } else { workbook() };
    World::with(on, &text).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

pub(crate) fn cells(values: Raw) -> Vec<CellEdit> {
    values.as_object().unwrap().iter().map(|(column, value)| CellEdit::new(column, value.clone())).collect()
}

pub(crate) fn sent(report: Raw, lines: &[Raw]) -> Batch {
    let first = Edit::insert("reports", Vec::new(), cells(report));
    let lines = lines.iter().map(|line| Edit::insert("report_lines", Vec::new(), cells(line.clone())));
    Batch { form: Some("report".into()), ..batch(std::iter::once(first).chain(lines).collect()) }
}

pub(crate) async fn file(world: &World, who: &Principal, report: Raw, lines: &[Raw]) -> Result<BatchOutcome, ApiError> {
    world.apply(who, &sent(report, lines)).await
}

/// What is refused, by table and column.
pub(crate) fn refused(error: ApiError) -> Vec<(String, String, Code)> {
    let outcome = error.outcome.unwrap_or_else(|| panic!("{:?} {}", error.code, error.message));
    let cells = outcome.rows.into_iter().flat_map(|row| row.cells.into_iter().map(move |cell| (row.table.clone(), cell)));
    let told = cells.filter_map(|(table, cell)| Some((table, cell.column, cell.code?)));
    told.filter(|(_, _, code)| *code != Code::NotApplied).collect()
}

pub(crate) async fn both(test: impl AsyncFn(World)) {
    for on in [On::Sqlite, On::Postgres] {
        test(world(on).await).await;
    }
}

pub(crate) fn form_of(view: &model::WorkbookView) -> &FormView {
    let element = view.pages[0].elements.iter().find(|element| element.id == "report").unwrap();
    let ElementKind::Form(form) = &element.kind else { panic!("a form") };
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_shows_what_a_person_may_see_and_no_hidden_field() {
    let world = world(On::Sqlite).await;
    let view = world.engine.view(&wendy(), "plan", "req").await.unwrap();
    let form = form_of(&view);
    let names: Vec<&str> = form.sections[0].fields.iter().map(|field| field.column.name.as_str()).collect();
    assert_eq!(names, ["month", "kind", "reason", "amount", "fee", "gross"], "not what is saved unseen");
    let kind = &form.sections[0].fields[1];
    assert_eq!((kind.column.label.as_str(), kind.column.help.as_deref()), ("Which", Some("Late ones need a reason")));
    assert_eq!(form.sections[0].fields[5].role, FieldRole::Computed);
    assert!(form.allowed && form.steps && form.sections[1].lines.as_ref().unwrap().fields.len() == 3);
    let looks_on = Principal { mode: model::AccessMode::View, ..wendy() };
    assert!(!form_of(&world.engine.view(&looks_on, "plan", "req").await.unwrap()).allowed);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_submission_fills_a_row_and_its_lines() {
    both(async |world| {
        let lines = [json!({ "product": "Chairs", "units": 2 }), json!({ "product": "Tables", "units": 12, "why": "A fair" })];
        let batch = sent(json!({ "kind": "late", "reason": "Ill", "amount": "250.00" }), &lines);
        let outcome = world.apply(&wendy(), &batch).await.unwrap();
        assert_eq!(outcome.rows.len(), 3);
        let (row, tables) = (&outcome.rows[0].key[0], world.warehouse.dialect());
        let (reports, of_lines) = (tables.own("plan__reports"), tables.own("plan__report_lines"));
        let saved = world.sql(&format!(
            "select count(*) from {reports} where company = 'West' and fee = {{money 25.00}} and reason = 'Ill' and month is not null and _row = '{}'",
            row.as_str().unwrap()
        ));
        assert_eq!(world.count(&saved).await, 1, "what nobody typed is there too");
        let theirs = format!("select count(*) from {of_lines} where report = '{}'", row.as_str().unwrap());
        assert_eq!(world.count(&theirs).await, 2);
        assert_eq!(world.count("select count(*) from {log} where origin = 'form'").await, world.count("select count(*) from {log}").await);
        let again = world.apply(&wendy(), &batch).await.unwrap();
        assert!(again.replayed && again.rows.len() == 3, "pressed twice");
        assert_eq!(world.count(&format!("select count(*) from {reports}")).await, 1);
        let other = Batch { edits: sent(json!({ "amount": "1.00" }), &[]).edits, ..batch };
        assert_eq!(world.apply(&wendy(), &other).await.unwrap_err().code, Code::BatchReused);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_saved_and_what_must_be_is_asked_for() {
    both(async |world| {
        let reports = world.warehouse.dialect().own("plan__reports");
        // Plain ones have no reason, and without an amount there are no lines: by hand they can be sent, and are ignored.
        let line = [json!({ "product": "Chairs", "units": 2 })];
        let outcome = file(&world, &wendy(), json!({ "kind": "plain", "reason": "none of it" }), &line).await.unwrap();
        assert_eq!(outcome.rows.len(), 1);
        assert_eq!(world.count(&format!("select count(*) from {reports} where reason is not null")).await, 0);
        assert_eq!(
            world.count(&format!("select count(*) from {}", world.warehouse.dialect().own("plan__report_lines"))).await,
            0
        );
        // A condition asks for a reason from 100 on.
        file(&world, &wendy(), json!({ "kind": "late", "amount": "99.00" }), &[]).await.unwrap();
        for blank in
            [json!({ "kind": "late", "amount": "101.00" }), json!({ "kind": "late", "amount": "101.00", "reason": "  " })]
        {
            let error = file(&world, &wendy(), blank, &[]).await.unwrap_err();
            assert_eq!(refused(error), [("reports".into(), "reason".into(), Code::Required)]);
        }
        let lines = [json!({ "product": "Tables", "units": 12 }), json!({ "product": "", "units": 1 })];
        let error = file(&world, &wendy(), json!({ "amount": "5.00" }), &lines).await.unwrap_err();
        let asked =
            [("report_lines".into(), "why".into(), Code::Required), ("report_lines".into(), "product".into(), Code::Required)];
        assert_eq!(refused(error), asked);
        // A default stands where nothing was sent, not where it was cleared.
        file(&world, &wendy(), json!({ "amount": "70.00", "fee": null }), &[]).await.unwrap();
        assert_eq!(
            world
                .count(&world.sql(&format!("select count(*) from {reports} where amount = {{money 70.00}} and fee is null")))
                .await,
            1
        );
        assert_eq!(world.count(&format!("select count(*) from {reports}")).await, 3, "what was refused left nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_does_not_ask_for_is_refused_at_its_place() {
    both(async |world| {
        let one = |column: &'static str, code| vec![("reports".to_owned(), column.to_owned(), code)];
        for (report, expect) in [
            (json!({ "amount": "5.00", "company": "East" }), one("company", Code::ColumnReadOnly)),
            (json!({ "amount": "5.00", "month": "2020-01-01" }), one("month", Code::ColumnReadOnly)),
            (json!({ "amount": "5.00", "gross": "9.00" }), one("gross", Code::ColumnReadOnly)),
            (json!({ "amount": "5.00", "checked": "x" }), one("checked", Code::UnknownColumn)),
            (json!({ "amount": "5.00", "nothing": "x" }), one("nothing", Code::UnknownColumn)),
            (json!({ "amount": "much" }), one("amount", Code::WrongType)),
        ] {
            assert_eq!(refused(file(&world, &wendy(), report.clone(), &[]).await.unwrap_err()), expect, "{report}");
        }
        let theirs = file(&world, &ed(), json!({ "amount": "5.00" }), &[]).await.unwrap();
        let key = theirs.rows[0].key[0].clone();
        let line = [json!({ "product": "Chairs", "units": 2, "report": key })];
        let error = file(&world, &wendy(), json!({ "amount": "5.00" }), &line).await.unwrap_err();
        assert_eq!(
            refused(error),
            [("report_lines".into(), "report".into(), Code::ColumnReadOnly)],
            "nobody else's row gets a line"
        );
        let many = vec![json!({ "product": "Chairs", "units": 2 }); 4];
        assert_eq!(file(&world, &wendy(), json!({ "amount": "5.00" }), &many).await.unwrap_err().code, Code::BadBatch);
        let good = sent(json!({ "amount": "5.00" }), &[]);
        for bad in [
            Batch { mode: EditMode::PerRow, ..good.clone() },
            Batch { edits: vec![Edit::insert("visits", Vec::new(), cells(json!({ "customer": "x" })))], ..good.clone() },
            Batch { edits: vec![good.edits[0].clone(), good.edits[0].clone()], ..good.clone() },
            Batch { edits: vec![Edit::delete("reports", vec![key.clone()], 1)], ..good.clone() },
        ] {
            assert_eq!(world.apply(&wendy(), &bad).await.unwrap_err().code, Code::BadBatch);
        }
        for id in ["nothing", "grid"] {
            let unknown = Batch { form: Some(id.into()), ..good.clone() };
            assert_eq!(world.apply(&wendy(), &unknown).await.unwrap_err().code, Code::NotFound);
        }
        // Somebody without a region has no company: a form writes nothing that its table's policy does not admit.
        let error = file(&world, &person("nobody", None, &[]), json!({ "amount": "5.00" }), &[]).await.unwrap_err();
        assert_eq!(refused(error), [("reports".into(), "company".into(), Code::Required)]);
        let (batch, reports) = (Batch { origin: Origin::Api, ..good }, world.warehouse.dialect().own("plan__reports"));
        world.apply(&wendy(), &batch).await.unwrap();
        assert_eq!(world.count("select count(*) from {log} where origin <> 'form'").await, 0, "the log says what it was");
        assert_eq!(world.count(&format!("select count(*) from {reports}")).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_what_is_chosen_are_those_that_one_may_read() {
    both(async |world| {
        let ask = async |who: &Principal, form: &str, column: &str, value: &str| {
            let (workbook, table) = ("plan".into(), "report_lines".into());
            let request = FactsRequest { workbook, form: form.into(), table, column: column.into(), value: value.into() };
            world.engine.facts(who, &request, "req").await.map(|answer| answer.facts).map_err(|error| error.to_api().code)
        };
        assert_eq!(ask(&wendy(), "report", "product", "Chairs").await, Ok(Some(vec!["West".into()])));
        assert_eq!(ask(&ed(), "report", "product", "Chairs").await, Ok(Some(vec!["East".into()])));
        assert_eq!(ask(&ada(), "report", "product", "Chairs").await, Ok(None), "there is more than one answer");
        assert_eq!(ask(&ed(), "report", "product", "Tables").await, Ok(None), "hidden like what is not there");
        assert_eq!(ask(&wendy(), "report", "product", "Nothing").await, Ok(None));
        assert_eq!(ask(&wendy(), "report", "units", "1").await, Err(Code::UnknownColumn));
        assert_eq!(ask(&wendy(), "grid", "product", "Chairs").await, Err(Code::NotFound));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_a_form_are_told_with_their_line() {
    let world = World::new().await;
    let with = |form: &str| {
        WORKBOOK
            .replace("\npages:", &format!("{TABLES}pages:"))
            .replace("      - { table: visited", &format!("      {form}\n      - {{ table: visited"))
    };
    let fields = |fields: &str| with(&format!("- {{ form: report, table: reports, fields: [company, month, {fields}] }}"));
    for (text, expect) in [
        (fields("{ field: amount, shown: true }"), "unknown key `shown`"),
        (fields("{ field: amount, wide: maybe }"), "expected a boolean"),
        (
            fields("{ field: reason, facts: [sales] }"),
            "`facts` are of the row that a value is looked up in, and `reason` has no lookup",
        ),
        (fields("nothing"), "there is no column `nothing`"),
        (fields("amount, amount"), "the form has `amount` already"),
        (
            fields("{ field: reason, show: \"amount > 1\" }, amount"),
            "`amount` is no field that stands before this one in the form",
        ),
        (fields("gross, amount, fee"), "`amount` is no field that stands before this one in the form"),
        (
            fields("{ field: reason, show: \"lower(company) = 'x'\" }"),
            "`lower` and `upper`: that is for the warehouse to say, and a form is looked at without it",
        ),
        (
            fields("{ field: amount, default: { expression: coalesce(null, 2) } }"),
            "a default is a value or `{ expression: … }`; an expression with commas stands in quotes",
        ),
        (fields("{ field: amount, default: lots }"), "Expected a number."),
        (fields("{ field: amount, default: { expression: \"'lots'\" } }"), "expected a number, not text"),
        (fields("{ field: reason, autocomplete: e-mail }"), "there is no autofill field of HTML `e-mail`"),
        (fields("{ field: amount, hidden: true }"), "a field that nobody types into needs a `default`"),
        (fields("{ field: amount, hidden: true, read_only: true, default: 1 }"), "a field is `hidden` or `read_only`, not both"),
        (fields("amount, { field: reason, show: amount }"), "expected a condition, not a number"),
        (with("- { form: report, table: reports, fields: [month] }"), "`company` is required, so the form must have it"),
        (
            with("- { form: report, table: reports, fields: [month, { field: company, show: \"month is null\" }] }"),
            "`company` is required in its table, so it can't be left out; say `required` here instead",
        ),
        (with("- { form: report, table: reports }"), "a form has `fields`, or `sections` that have them"),
        (with("- { form: report, table: orders, fields: [product] }"), "a form writes to an input table; `orders` is none"),
        (
            with("- { form: report, table: forecast, edit: false, fields: [note] }"),
            "this form adds no rows, so it must be for changing them",
        ),
        (
            with("- { form: report, table: forecast, submissions: [note], fields: [note] }"),
            "submissions are rows that somebody has added, which this form does not do",
        ),
        (
            with("- { form: report, table: forecast, fields: [{ field: product, read_only: true, default: x }, note] }"),
            "this field is neither typed nor saved",
        ),
        (
            with("- { form: report, table: reports, fields: [company, month], thanks: \"Thanks for {mont}\" }"),
            "there is no field `mont`",
        ),
        (
            with("- { form: report, table: reports, fields: [company, month], then: { page: Nowhere } }"),
            "there is no page `Nowhere`",
        ),
        (
            with("- { form: report, table: reports, fields: [company, month], edit: \"nothing = 1\" }"),
            "there is no column `nothing`",
        ),
        (with("- { form: report, table: reports, fields: [company, month], submissions: [mnth] }"), "there is no column `mnth`"),
        (fields("amount], columns: 5, title: [x"), "invalid type: sequence, expected a string"),
        (with("- { form: report, table: reports, columns: 5, fields: [company, month] }"), "`columns` is 1 to 4"),
    ] {
        let mistakes = world.mistakes(&text).await;
        assert!(mistakes.iter().any(|mistake| mistake.contains(expect)), "{expect}\n{mistakes:#?}");
        let line = text.lines().position(|line| line.contains("form: report")).unwrap() + 1;
        assert!(mistakes.iter().all(|mistake| mistake.starts_with(&format!("{line}: "))), "line {line}: {mistakes:#?}");
    }
    let lines = |lines: &str| {
        with(&format!(
            "- {{ form: report, table: reports, sections: [{{ fields: [company, month] }}, {{ lines: {{ {lines} }} }}] }}"
        ))
    };
    for (text, expect) in [
        (
            lines("table: report_lines, parent: units, fields: [product]"),
            "the column that says to what a line belongs is a text without a lookup",
        ),
        (
            lines("table: report_lines, parent: report, fields: [product, report]"),
            "the form itself says to what a line belongs, so this is no field",
        ),
        (lines("table: report_lines, parent: report, fields: [units]"), "`product` is required, so the form must have it"),
        (lines("table: report_lines, parent: report, fields: [product], totals: [product]"), "`product` is no number"),
        (lines("table: report_lines, parent: report, fields: [product], max: 500"), "lines are `min` to `max`, at most 200"),
        (lines("table: reports, parent: reason, fields: [amount]"), "lines are in another table than what they belong to"),
        (lines("table: report_line, parent: report, fields: [product]"), "there is no input table `report_line`"),
    ] {
        let mistakes = world.mistakes(&text).await;
        assert!(mistakes.iter().any(|mistake| mistake.contains(expect)), "{expect}\n{mistakes:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_kept_for_its_person_until_it_is_filed() {
    both(async |world| {
        let asked = || DraftRequest { workbook: "plan".into(), form: "report".into(), row: Vec::new() };
        let kept = async |who: &Principal| world.engine.draft(who, &asked()).await.unwrap().draft;
        let keep = async |who: &Principal, draft: Option<FormDraft>| {
            let request = SaveDraft { workbook: "plan".into(), form: "report".into(), row: Vec::new(), draft };
            world.engine.save_draft(who, &request).await.map_err(|error| error.to_api().code)
        };
        let draft = FormDraft {
            texts: [("reason".to_owned(), "'; drop table x; -- 😀".to_owned())].into(),
            lines: [("report_lines".to_owned(), vec![[("units".to_owned(), "3".to_owned())].into()])].into(),
            step: 1,
            ..FormDraft::default()
        };
        keep(&wendy(), Some(draft.clone())).await.unwrap();
        assert_eq!(kept(&wendy()).await, Some(draft.clone()));
        let elsewhere = Principal { tenant: "other".into(), ..wendy() };
        let of_another = Principal { issuer: "erp".into(), ..wendy() };
        for other in [crate::world::walt(), elsewhere, of_another] {
            assert_eq!(kept(&other).await, None, "{}", other.user);
        }
        // Again, and anew: the last one counts.
        let later = FormDraft { step: 0, ..draft.clone() };
        keep(&wendy(), Some(later.clone())).await.unwrap();
        assert_eq!(kept(&wendy()).await, Some(later.clone()));
        // What is refused is still begun; what is filed is not.
        file(&world, &wendy(), json!({ "amount": "much" }), &[]).await.unwrap_err();
        assert_eq!(kept(&wendy()).await, Some(later));
        file(&world, &wendy(), json!({ "amount": "7.00" }), &[]).await.unwrap();
        assert_eq!(kept(&wendy()).await, None);
        keep(&wendy(), Some(draft.clone())).await.unwrap();
        keep(&wendy(), None).await.unwrap();
        assert_eq!(kept(&wendy()).await, None);
        let large = FormDraft { texts: [("reason".to_owned(), "x".repeat(300 << 10))].into(), ..FormDraft::default() };
        assert_eq!(keep(&wendy(), Some(large)).await, Err(Code::BodyTooLarge));
        let looks_on = Principal { mode: model::AccessMode::View, ..wendy() };
        assert_eq!(keep(&looks_on, Some(draft)).await, Err(Code::NotAllowed));
        let none = SaveDraft { workbook: "plan".into(), form: "grid".into(), row: Vec::new(), draft: None };
        assert_eq!(world.engine.save_draft(&wendy(), &none).await.unwrap_err().to_api().code, Code::NotFound);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_long_ago_is_gone() {
    use engine::control::{ControlStore, ViewPlace, WarehouseControl};
    both(async |world| {
        let control = WarehouseControl(world.warehouse.clone());
        let of = |user: &str| ViewPlace {
            issuer: "crm".into(),
            tenant: "acme".into(),
            user: user.into(),
            workbook: "plan".into(),
            element: "report".into(),
        };
        let draft = FormDraft { step: 1, ..FormDraft::default() };
        control.save_draft(&of("wendy"), Some((&draft, 100)), 50).await.unwrap();
        assert_eq!(control.draft(&of("wendy"), 99).await.unwrap(), Some(draft.clone()));
        assert_eq!(control.draft(&of("wendy"), 100).await.unwrap(), None);
        // Whoever keeps one clears away what is too old.
        control.save_draft(&of("walt"), Some((&draft, 300)), 200).await.unwrap();
        assert_eq!(control.draft(&of("wendy"), 99).await.unwrap(), None);
        assert_eq!(control.draft(&of("walt"), 200).await.unwrap(), Some(draft));
    })
    .await;
    // An author who wants none of it gets none.
    let text = workbook().replace("        steps: true\n", "        steps: true\n        keep_drafts: 0\n");
    let world = World::with(On::Sqlite, &text).await.unwrap();
    let draft = Some(FormDraft { step: 1, ..FormDraft::default() });
    let request = SaveDraft { workbook: "plan".into(), form: "report".into(), row: Vec::new(), draft };
    world.engine.save_draft(&wendy(), &request).await.unwrap();
    let asked = DraftRequest { workbook: "plan".into(), form: "report".into(), row: Vec::new() };
    assert_eq!(world.engine.draft(&wendy(), &asked).await.unwrap().draft, None);
    assert!(!form_of(&world.engine.view(&wendy(), "plan", "req").await.unwrap()).keeps);
}
