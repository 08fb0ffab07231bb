//! Marks: elements that follow those of another, charts further down, and the rows that a number is made of.

use std::io::Cursor;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use calamine::{Data, Reader, Xlsx};
use model::{
    Code, ControlKind, ElementKind, ExportFile, ExportFormat, FilterOp, Format, Mark, Principal, QueryAnswer, QueryRequest, Raw,
    ValuesOf,
};
use serde_json::json;

use crate::controls::with;
use crate::world::{WORKBOOK, World, ada, ed, on_every_engine, person, wendy};

on_every_engine!(
    marks_filter_what_shows_the_same_rows,
    a_mark_keeps_what_it_meant_when_it_was_chosen,
    one_goes_down_through_the_levels,
    the_rows_under_a_mark_are_those_that_policy_shows,
    what_is_hidden_has_no_marks_and_no_rows,
    facets_are_a_dimension_of_their_own,
    a_workbook_of_a_spreadsheet_holds_every_digit,
);

const PAGE: &str = "
  - title: Marks
    elements:
      - { control: grain, type: grain, options: [month, year] }
      - { chart: by_product, type: bar, source: orders, x: product, color: region, y: [revenue], drill: [\"date_trunc('month', placed)\", id], details: [id, product, sales, placed] }
      - { chart: by_time, type: bar, source: orders, x: \"date_trunc(@grain, placed)\", y: [revenue], details: true }
      - { chart: by_worth, type: histogram, source: orders, x: sales, bin: 100, y: [count(*)] }
      - { chart: deep, type: bar, source: orders, x: region, y: [revenue], drill: [product], details: [id] }
      - { chart: alone, type: bar, source: orders, x: product, y: [revenue], targets: [] }
      - { chart: far, type: bar, source: months, x: month, y: [sum(actual)], color: product, targets: [planned_here, rows_of_months] }
      - { chart: each, type: line, source: orders, x: \"date_trunc('month', placed)\", y: [revenue], color: product, facet: region, gaps: zero }
      - { kpi: total, source: orders, measure: revenue, details: true }
      - { kpi: latest, source: orders, measure: revenue, x: \"date_trunc('month', placed)\", details: [id] }
      - { kpi: planned_here, source: forecast, measure: planned, details: true }
      - { kpi: large, source: orders, measure: \"sum(case when sales >= 200 then sales end)\", details: [id] }
      - { chart: part, type: bar, source: orders, x: product, y: [\"count(case when sales >= 300 then id end)\", \"sum(case when sales < 200 then sales end)\"], details: [id] }
      - { chart: whole, type: bar, source: orders, x: product, y: [\"count(case when sales >= 300 then id end)\", revenue], details: [id] }
      - { table: lines, source: orders, columns: [id, product] }
      - { table: rows_of_months, source: months }
      - { pivot: cross, source: orders, rows: [product], columns: [region], values: [revenue], details: [id] }
  - title: Elsewhere
    elements:
      - { kpi: there, source: orders, measure: revenue }
";

async fn ask(world: &World, who: &Principal, request: QueryRequest) -> Result<QueryAnswer, Code> {
    let request = QueryRequest { workbook: "plan".into(), ..request };
    world.engine.query(who, &request, "req-1").await.map_err(|error| error.to_api().code)
}

fn of(element: &str) -> QueryRequest {
    QueryRequest { element: element.into(), ..QueryRequest::default() }
}

fn marked(element: &str, chart: &str, marks: Raw) -> QueryRequest {
    QueryRequest { controls: [(chart.to_owned(), marks.as_array().unwrap().clone())].into(), ..of(element) }
}

fn under(element: &str, mark: Raw) -> QueryRequest {
    QueryRequest { under: Some(serde_json::from_value::<Mark>(mark).unwrap()), ..of(element) }
}

fn down(element: &str, drill: Raw) -> QueryRequest {
    QueryRequest { drill: drill.as_array().unwrap().clone(), ..of(element) }
}

#[track_caller]
fn firsts(answer: Result<QueryAnswer, Code>) -> Vec<Raw> {
    answer.unwrap().rows.into_iter().map(|row| row[0].clone()).collect()
}

async fn marks_filter_what_shows_the_same_rows(world: World) {
    let world = with(&world, PAGE).await;
    let lines = async |chart: &str, marks: Raw| ask(&world, &ada(), marked("lines", chart, marks)).await;
    assert_eq!(firsts(lines("by_product", json!([{ "x": ["Chairs"], "by": ["West"] }])).await), [1, 2]);
    assert_eq!(firsts(lines("by_product", json!([{ "x": ["Chairs"] }, { "x": ["Lamps"] }])).await), [1, 2, 4, 5]);
    assert_eq!(firsts(lines("by_product", json!([{ "x": ["Lamps"], "by": [null] }])).await), [5]);
    assert_eq!(firsts(lines("by_product", json!([{ "x": ["Chairs", "2017-01-01"] }])).await), [1, 4]);
    assert_eq!(firsts(lines("by_time", json!([{ "x": ["2017-02-01"], "set": { "grain": "month" } }])).await), [2]);
    assert_eq!(firsts(lines("by_worth", json!([{ "x": ["200.00"], "to": "300.00" }])).await), [2, 3]);
    // Of a pivot a row, a column, and a cell.
    assert_eq!(firsts(lines("cross", json!([{ "x": ["Chairs"] }])).await), [1, 2, 4]);
    assert_eq!(firsts(lines("cross", json!([{ "by": [null] }])).await), [5]);
    assert_eq!(firsts(lines("cross", json!([{ "x": ["Chairs"], "by": ["West"] }, { "x": ["Lamps"] }])).await), [1, 2, 5]);
    let total = ask(&world, &wendy(), marked("total", "by_product", json!([{ "x": ["Chairs"] }]))).await;
    assert_eq!(firsts(total), ["300.75"], "her own policy holds beside");
    let planned =
        ask(&world, &wendy(), marked("rows_of_months", "far", json!([{ "x": ["2017-02-01"], "by": ["Chairs"] }]))).await;
    assert_eq!(planned.unwrap().rows.len(), 1);

    let view = world.engine.view(&ada(), "plan", "req-1").await.unwrap();
    let follows = |id: &str| view.element(id).unwrap().controls.clone();
    assert!(follows("total").contains(&"by_product".to_owned()) && !follows("total").contains(&"alone".to_owned()));
    assert!(!follows("by_product").contains(&"by_product".to_owned()), "not itself");
    assert_eq!(follows("there"), Vec::<String>::new(), "another page");
    assert!(follows("planned_here").contains(&"far".to_owned()) && follows("rows_of_months").contains(&"far".to_owned()));
    let selects = view.element("by_product").unwrap().selects.clone().expect("others follow it");
    assert!(matches!(&selects.kind, ControlKind::Marks { x, by } if x.len() == 3 && by.len() == 1), "{selects:?}");
    let cross = view.element("cross").unwrap().selects.clone().expect("others follow a pivot too");
    assert!(matches!(&cross.kind, ControlKind::Marks { x, by } if x.len() == 1 && by.len() == 1), "{cross:?}");
    assert!(view.element("alone").unwrap().selects.is_none());

    let many = Raw::from(vec![json!({ "x": ["Chairs"] }); 201]);
    for (chart, bad) in [
        ("by_product", json!([{ "x": [7] }])),
        ("by_product", json!([{ "x": ["a", "2017-01-01", 1, 1] }])),
        ("by_product", json!([{ "x": ["a"], "by": ["a", "b"] }])),
        ("by_product", json!([{ "x": ["a"], "to": "b" }])),
        ("by_product", json!([{ "y": ["a"] }])),
        ("by_product", json!(["Chairs"])),
        ("by_worth", json!([{ "to": "3.00" }])),
        ("cross", json!([{ "x": ["Chairs", "West"] }])),
        ("by_product", many),
        ("alone", json!([{ "x": ["Chairs"] }])),
        ("total", json!([{ "x": ["Chairs"] }])),
    ] {
        assert_eq!(lines(chart, bad.clone()).await.unwrap_err(), Code::BadFilter, "{chart} {bad}");
    }
    let there = ask(&world, &ada(), marked("there", "by_product", json!([{ "x": ["Chairs"] }]))).await;
    assert_eq!(there.unwrap_err(), Code::BadFilter, "what does not follow it is not filtered by it");
}

async fn a_mark_keeps_what_it_meant_when_it_was_chosen(world: World) {
    let world = with(&world, PAGE).await;
    let lines = async |set: Raw| {
        let mark = json!([{ "x": ["2017-01-01"], "set": set }]);
        firsts(ask(&world, &ada(), marked("lines", "by_time", mark)).await)
    };
    assert_eq!(lines(json!({ "grain": "month" })).await, [1, 3, 4, 5]);
    assert_eq!(lines(json!({ "grain": "year" })).await, [1, 2, 3, 4, 5]);
    assert_eq!(lines(json!({})).await, [1, 3, 4, 5], "as the switch is at first");
}

async fn one_goes_down_through_the_levels(world: World) {
    let world = with(&world, PAGE).await;
    let view = world.engine.view(&ada(), "plan", "req-1").await.unwrap();
    let ElementKind::Chart(chart) = &view.element("by_product").unwrap().kind else { panic!("a chart") };
    let levels: Vec<_> = chart.levels.iter().map(|level| (level.label.as_str(), level.grain.as_deref())).collect();
    assert_eq!(levels, [("Product", None), ("Placed", Some("month")), ("Id", None)]);
    let months = ask(&world, &ada(), down("by_product", json!(["Chairs"]))).await.unwrap();
    assert_eq!(months.columns[0].format, Some(Format::Month));
    let rows: Vec<_> = months.rows.iter().map(|row| (row[0].clone(), row[1].clone(), row[2].clone())).collect();
    assert!(rows.contains(&(json!("2017-01-01"), json!("East"), json!("400.00"))), "{rows:?}");
    assert_eq!(rows.len(), 3);
    assert_eq!(firsts(ask(&world, &ada(), down("by_product", json!(["Chairs", "2017-01-01"]))).await), [1, 4]);
    assert_eq!(firsts(ask(&world, &wendy(), down("by_product", json!(["Chairs", "2017-01-01"]))).await), [1]);
    for bad in [json!([7]), json!(["Chairs", "2017-01-01", 1]), json!(["Chairs", "soon"])] {
        assert_eq!(ask(&world, &ada(), down("by_product", bad.clone())).await.unwrap_err(), Code::BadFilter, "{bad}");
    }
    assert_eq!(ask(&world, &ada(), down("total", json!(["Chairs"]))).await.unwrap_err(), Code::BadFilter, "it has no levels");
}

async fn the_rows_under_a_mark_are_those_that_policy_shows(world: World) {
    let world = with(&world, PAGE).await;
    let rows = async |who: &Principal, element: &str, mark: Raw| ask(&world, who, under(element, mark)).await;
    let chairs = rows(&ada(), "by_product", json!({ "x": ["Chairs"], "by": ["West"] })).await.unwrap();
    let named: Vec<&str> = chairs.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((named, chairs.total), (vec!["id", "product", "sales", "placed"], Some(2)));
    assert_eq!(firsts(rows(&ada(), "by_product", json!({})).await), [1, 2, 3, 4, 5]);
    assert_eq!(firsts(rows(&ed(), "by_product", json!({})).await), [4]);
    assert_eq!(firsts(rows(&ada(), "latest", json!({ "x": ["2017-02-01"] })).await), [2]);
    assert_eq!(firsts(rows(&ada(), "cross", json!({ "by": ["East"] })).await), [4]);
    assert_eq!(firsts(rows(&ada(), "cross", json!({ "x": ["Chairs"], "by": ["West"] })).await), [1, 2]);
    // What counts in no number of the mark is not under it.
    assert_eq!(firsts(rows(&ada(), "large", json!({})).await), [2, 3, 4]);
    assert_eq!(firsts(rows(&ed(), "large", json!({})).await), [4]);
    assert_eq!(firsts(rows(&ada(), "part", json!({})).await), [1, 3, 4, 5]);
    assert_eq!(firsts(rows(&ada(), "part", json!({ "x": ["Chairs"] })).await), [1, 4]);
    assert_eq!(firsts(rows(&ada(), "whole", json!({ "x": ["Chairs"] })).await), [1, 2, 4]);
    assert_eq!(rows(&ada(), "alone", json!({})).await.unwrap_err(), Code::NotFound, "its author does not say `details`");
    assert_eq!(rows(&ada(), "lines", json!({})).await.unwrap_err(), Code::NotFound);
    assert_eq!(rows(&ada(), "total", json!({ "x": ["Chairs"] })).await.unwrap_err(), Code::BadFilter);
    // Where the rows are those of an input table they are typed into.
    let plan = rows(&wendy(), "planned_here", json!({})).await.unwrap();
    assert_eq!((plan.rows.len(), plan.meta.len()), (3, 3));
    let view = world.engine.view(&wendy(), "plan", "req-1").await.unwrap();
    let details = view.element("planned_here").unwrap().details.clone().unwrap();
    assert_eq!((details.table.as_deref(), details.key.len()), (Some("forecast"), 3));
    assert!(details.columns.iter().any(|column| column.name == "amount" && column.editable));
    // What can be asked of a table can be asked of them: sorted, filtered, looked through, summed up, as a file.
    let request = QueryRequest {
        values: Some(ValuesOf { column: "product".into(), search: String::new() }),
        ..under("by_product", json!({ "by": ["West"] }))
    };
    assert_eq!(ask(&world, &ada(), request).await.unwrap().values.len(), 2);
    let large = model::Filter { column: "sales".into(), op: FilterOp::AtLeast, value: "200.00".into() };
    let request = QueryRequest { filters: vec![large], ..under("by_product", json!({ "by": ["West"] })) };
    assert_eq!(firsts(ask(&world, &ada(), request).await), [2, 3]);
    let request = QueryRequest { workbook: "plan".into(), ..under("by_product", json!({ "by": ["East"] })) };
    let file = world.engine.export(&ada(), &request, &ExportFile::default(), "req-1").await.unwrap();
    assert_eq!(file.csv, "Id,Product,Sales,Placed\r\n4,Chairs,400.00,2017-01-10\r\n");
}

async fn what_is_hidden_has_no_marks_and_no_rows(world: World) {
    let world = with(&world, PAGE).await;
    let temp = person("temp", Some("West"), &["temp"]);
    let view = world.engine.view(&temp, "plan", "req-1").await.unwrap();
    assert!(view.element("by_product").is_none());
    assert!(view.elements().all(|element| element.controls.iter().all(|id| id != "by_product")));
    let probe = ask(&world, &temp, marked("total", "by_product", json!([{ "x": ["Chairs"] }]))).await;
    assert_eq!(probe.unwrap_err(), Code::BadFilter);
    assert_eq!(ask(&world, &temp, under("by_product", json!({ "x": ["Chairs"] }))).await.unwrap_err(), Code::NotFound);
    assert_eq!(ask(&world, &temp, down("by_product", json!(["Chairs"]))).await.unwrap_err(), Code::NotFound);
    // A level below what he may know is not there for him, nor is anything under its marks.
    let ElementKind::Chart(deep) = &view.element("deep").unwrap().kind else { panic!("a chart") };
    assert_eq!(deep.levels.len(), 1);
    assert_eq!(ask(&world, &temp, down("deep", json!(["West"]))).await.unwrap_err(), Code::NotFound);
    assert_eq!(ask(&world, &temp, under("deep", json!({ "x": ["West", "Chairs"] }))).await.unwrap_err(), Code::NotFound);
    let probe = ask(&world, &temp, marked("lines", "deep", json!([{ "x": ["West", "Chairs"] }]))).await;
    assert_eq!(probe.unwrap_err(), Code::BadFilter, "by what is hidden nothing is filtered");
    assert_eq!(firsts(ask(&world, &temp, under("deep", json!({ "x": ["West"] }))).await), [1, 2, 3]);
    assert_eq!(firsts(ask(&world, &wendy(), under("deep", json!({ "x": ["West", "Chairs"] }))).await), [1, 2]);
    let rows = ask(&world, &temp, under("total", json!({}))).await.unwrap();
    assert!(rows.columns.iter().all(|column| column.name != "product"), "a hidden column is no detail");
    let probe = model::Filter { column: "product".into(), op: FilterOp::Equals, value: "Chairs".into() };
    let request = QueryRequest { filters: vec![probe], ..under("total", json!({})) };
    assert_eq!(ask(&world, &temp, request).await.unwrap_err(), Code::UnknownColumn);
}

async fn facets_are_a_dimension_of_their_own(world: World) {
    let world = with(&world, PAGE).await;
    let each = ask(&world, &ada(), of("each")).await.unwrap();
    let named: Vec<&str> = each.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(named, ["x", "product", "region", "y0"]);
    // Two months of each of four products in their regions.
    assert_eq!(each.rows.len(), 8, "{:?}", each.rows);
    let west = ask(&world, &ada(), marked("lines", "each", json!([{ "x": ["2017-01-01"], "by": ["Chairs", "West"] }]))).await;
    assert_eq!(firsts(west), [1]);
}

async fn a_workbook_of_a_spreadsheet_holds_every_digit(world: World) {
    let world = with(&world, PAGE).await;
    let notes = vec!["Region: West".to_owned(), "=1+1".to_owned()];
    let file = ExportFile { format: ExportFormat::Xlsx, notes, ..ExportFile::default() };
    world.set(&wendy(), &["West", "Chairs", "2017-01-01"], "note", "=A1", Raw::Null).await.unwrap();
    world.set(&wendy(), &["West", "Chairs", "2017-01-01"], "amount", "904.5", Raw::Null).await.unwrap();
    let request = QueryRequest { workbook: "plan".into(), ..of("grid") };
    let answer = world.engine.export(&wendy(), &request, &file, "req-1").await.unwrap();
    assert_eq!((answer.file_name.as_str(), answer.rows, answer.csv.as_str()), ("grid.xlsx", 3, ""));
    let bytes = BASE64_STANDARD.decode(&answer.xlsx).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names().clone();
    assert_eq!(names[0], "Grid");
    let sheet = book.worksheet_range(&names[0]).unwrap();
    let row: Vec<Data> = sheet.rows().find(|row| row.contains(&Data::String("=A1".into()))).unwrap().to_vec();
    assert_eq!((&row[0], &row[3], &row[4]), (&Data::String("West".into()), &Data::Float(100.5), &Data::Float(904.5)));
    // The first day of 2017, counted as spreadsheets do.
    assert!(matches!(&row[2], Data::DateTime(day) if day.as_f64() == 42_736.0), "{:?}", row[2]);
    assert!(book.worksheet_formula(&names[0]).unwrap().rows().flatten().all(String::is_empty), "no text is a formula");
    let told = book.worksheet_range(&names[1]).unwrap();
    assert_eq!(told.rows().map(|row| row[0].to_string()).collect::<Vec<_>>(), ["Region: West", "=1+1"]);
    let long = ExportFile { notes: vec!["x".repeat(501)], ..file.clone() };
    let refused = world.engine.export(&wendy(), &request, &long, "req-1").await.unwrap_err();
    assert_eq!(refused.to_api().code, Code::BadRequest);
    let cells = QueryRequest { workbook: "plan".into(), ..of("cross") };
    let cells = world.engine.export(&ada(), &cells, &ExportFile::default(), "req-1").await.unwrap();
    assert_eq!(cells.csv.lines().next(), Some("Product,Region,Revenue"));
    assert_eq!(cells.rows, 4, "no totals: {}", cells.csv);

    let cells = QueryRequest { workbook: "plan".into(), ..of("cross") };
    let total = Some("Summe".to_owned());
    let laid_out = ExportFile { format: ExportFormat::Xlsx, total, ..ExportFile::default() };
    let made = world.engine.export(&ada(), &cells, &laid_out, "req-1").await.unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(BASE64_STANDARD.decode(made.xlsx).unwrap())).unwrap();
    let sheet = book.worksheet_range("Cross").unwrap();
    let lines: Vec<String> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect();
    assert_eq!(
        lines,
        [
            "|East|West|–|Summe",
            "Product|Revenue|Revenue|Revenue|Revenue",
            "Chairs|400|300.75||700.75",
            "Lamps|||1|1",
            "Tables||300||300",
            "Summe|400|600.75|1|1001.75",
        ]
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_a_mistake_with_its_line() {
    let world = World::new().await;
    for (chart, expect) in [
        ("type: bar, x: region, y: [revenue], targets: [nowhere]", "there is no element that could follow its marks"),
        ("type: bar, x: region, y: [revenue], targets: [tasks]", "`tasks` has no columns to follow the marks of `c` by"),
        ("type: bar, x: region, y: [revenue], targets: [c]", "`c` has no columns to follow the marks of `c` by"),
        (
            "type: bar, x: region, y: [revenue], targets: [{ element: grid }]",
            "a target of marks is an element's id, or has `source`",
        ),
        ("type: bar, x: region, y: [revenue], drill: [regoin]", "there is no column `regoin`"),
        ("type: bar, x: region, y: [revenue], drill: [product, product]", "this level is there already"),
        ("type: bar, x: region, y: [revenue], drill: [region]", "this level is there already"),
        ("type: calendar, x: placed, y: [revenue], drill: [region]", "from a day or a span of numbers one does not go down"),
        ("type: bar, x: region, y: [revenue], details: [regoin]", "there is no column `regoin`"),
        ("type: bar, x: region, y: [revenue], details: some", "`details` is true, false or a list of columns"),
        ("type: bar, x: region, y: [revenue], facet: region", "`region` is drawn already"),
        ("type: sankey, x: region, by: product, y: [revenue], facet: state", "a chart of this type has no `facet`"),
        (
            "type: bar, x: region, y: [revenue], scale: log, stacked: true",
            "a logarithmic scale is for line, area, bar and scatter, and not for what is stacked",
        ),
        ("type: bar, x: region, y: [revenue], scale: logarithmic", "unknown value `logarithmic`, expected `linear` or `log`"),
    ] {
        let page = format!("{WORKBOOK}\n  - title: Two\n    elements:\n      - {{ chart: c, source: orders, {chart} }}\n");
        let line = page.lines().count();
        let mistakes = world.mistakes(&page).await;
        assert!(
            mistakes.iter().any(|mistake| mistake.contains(expect) && mistake.starts_with(&format!("{line}: "))),
            "{chart}\n{mistakes:#?}"
        );
    }
}

#[tokio::test]
async fn a_format_is_named_or_described() {
    let world = World::new().await;
    let with = |format: &str| {
        format!(
            "{WORKBOOK}\n  - title: Two\n    elements:\n      - {{ kpi: k, source: orders, measure: revenue, format: {format} }}\n"
        )
    };
    for (format, expect) in [
        ("curency", "unknown value `curency`, expected one of `number`, `integer`"),
        ("{ sufix: kg }", "unknown key `sufix`"),
        ("{ suffix: kilogrammes of it }", "`kilogrammes of it` has more than 15 bytes"),
        ("[1]", "expected the name of a format, or `decimals`, `prefix` and `suffix`"),
    ] {
        let mistakes = world.mistakes(&with(format)).await;
        assert!(mistakes.iter().any(|mistake| mistake.contains(expect)), "{format}\n{mistakes:#?}");
    }
    let good = World::with(crate::world::On::Sqlite, &with("{ decimals: 0, suffix: ' kg' }"))
        .await
        .unwrap_or_else(|told| panic!("{told}"));
    let answer = good.query(&ada(), "k").await.unwrap();
    let shown = model::Locale::new("en-US", "USD").show(&answer.rows[0][0], &answer.columns[0].ty, answer.columns[0].format);
    assert_eq!(shown, "1,002 kg");
}
