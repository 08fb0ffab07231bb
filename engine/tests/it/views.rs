//! Views that people save, filters by list and by days, and the values that a column has.

use model::{
    ApiError, CellEdit, Code, Edit, ExportFile, Extent, Filter, FilterOp, Principal, QueryRequest, Raw, SaveView, SavedView,
    Sort, TableShape, ValuesOf, ViewsRequest,
};
use serde_json::json;

use crate::world::{On, WORKBOOK, World, batch, ed, on_every_engine, person, walt, wendy};

async fn views(world: &World, who: &Principal, element: &str) -> Result<Vec<SavedView>, Code> {
    let request = ViewsRequest { workbook: "plan".into(), element: element.into() };
    world.engine.views(who, &request, "req-1").await.map_err(|error| error.to_api().code)
}

async fn save(world: &World, who: &Principal, element: &str, name: &str, shape: Option<TableShape>) -> Result<(), Code> {
    let view = SaveView { workbook: "plan".into(), element: element.into(), name: name.into(), shape };
    world.engine.save_view(who, &view).await.map_err(|error| error.to_api().code)
}

fn shape(columns: &[&str]) -> TableShape {
    TableShape { columns: columns.iter().map(|name| (*name).to_owned()).collect(), ..TableShape::default() }
}

async fn a_view_is_its_person_s_own(world: World) {
    let wide = TableShape { widths: [("note".to_owned(), 320.0)].into(), ..shape(&["note", "amount"]) };
    save(&world, &wendy(), "grid", "mine", Some(shape(&["note"]))).await.unwrap();
    save(&world, &wendy(), "grid", "another", Some(shape(&[]))).await.unwrap();
    save(&world, &wendy(), "grid", "mine", Some(wide.clone())).await.unwrap();
    let found = views(&world, &wendy(), "grid").await.unwrap();
    assert_eq!(found.iter().map(|view| view.name.as_str()).collect::<Vec<_>>(), ["another", "mine"]);
    assert_eq!(found[1], SavedView { name: "mine".into(), shape: wide, own: true });
    let mut stranger = wendy();
    stranger.tenant = "globex".into();
    let mut namesake = wendy();
    namesake.issuer = "another".into();
    for other in [walt(), stranger, namesake] {
        assert_eq!(views(&world, &other, "grid").await, Ok(Vec::new()));
        save(&world, &other, "grid", "mine", None).await.unwrap();
    }
    assert_eq!(views(&world, &wendy(), "loose").await, Ok(Vec::new()));
    save(&world, &wendy(), "grid", "another", None).await.unwrap();
    assert_eq!(views(&world, &wendy(), "grid").await.unwrap().len(), 1);
}

async fn a_view_that_can_not_be_kept_says_why(world: World) {
    let long = "x".repeat(81);
    for name in ["", " padded ", long.as_str()] {
        assert_eq!(save(&world, &wendy(), "grid", name, Some(shape(&[]))).await, Err(Code::BadView), "{name}");
    }
    let huge = "x".repeat(70_000);
    assert_eq!(save(&world, &wendy(), "grid", "huge", Some(shape(&[&huge]))).await, Err(Code::BadView));
    assert_eq!(save(&world, &wendy(), "revenue", "kpi", Some(shape(&[]))).await, Err(Code::BadView));
    for n in 0..100 {
        save(&world, &wendy(), "grid", &format!("view {n}"), Some(shape(&[]))).await.unwrap();
    }
    assert_eq!(save(&world, &wendy(), "grid", "one more", Some(shape(&[]))).await, Err(Code::BadView));
    save(&world, &wendy(), "grid", "view 7", Some(shape(&["note"]))).await.unwrap();
    assert_eq!(save(&world, &wendy(), "nothing", "x", None).await, Err(Code::NotFound));
    assert_eq!(views(&world, &wendy(), "nothing").await, Err(Code::NotFound));
}

async fn the_author_s_views_tell_nothing_of_hidden_columns(world: World) {
    let all = views(&world, &wendy(), "states").await.unwrap();
    let sort = |column: &str, descending| Sort { column: column.into(), descending };
    assert_eq!((all[0].name.as_str(), all[0].own, all[0].shape.frozen), ("By product", false, Some(1)));
    assert_eq!(all[0].shape.sort, [sort("product", true), sort("id", false)]);
    assert_eq!(all[0].shape.columns, ["product", "state"]);
    let cut = views(&world, &person("tom", Some("West"), &["planner", "temp"]), "states").await.unwrap();
    assert!(!format!("{cut:?}").contains("\"product\""), "{cut:?}");
    assert_eq!((cut[0].shape.columns.as_slice(), cut[0].shape.filters.len()), (&["state".to_owned()][..], 1));
}

async fn rows(world: &World, who: &Principal, filters: &[(&str, FilterOp, Raw)]) -> Result<Vec<i64>, ApiError> {
    let filter = |(column, op, value): &(&str, FilterOp, Raw)| Filter { column: (*column).into(), op: *op, value: value.clone() };
    let filters = filters.iter().map(filter).collect();
    let request = QueryRequest { workbook: "plan".into(), element: "states".into(), filters, ..QueryRequest::default() };
    let answer = world.engine.query(who, &request, "req-1").await.map_err(|error| error.to_api())?;
    let id = answer.columns.iter().position(|column| column.name == "id").unwrap();
    Ok(answer.rows.iter().filter_map(|row| row[id].as_i64()).collect())
}

async fn a_filter_takes_a_list_of_values_blank_among_them(world: World) {
    let who = person("ada", None, &["admin"]);
    let of = |value: Raw| [("region", FilterOp::In, value)];
    assert_eq!(rows(&world, &who, &of(json!(["East"]))).await.unwrap(), [4]);
    assert_eq!(rows(&world, &who, &of(json!(["East", null]))).await.unwrap(), [4, 5]);
    assert_eq!(rows(&world, &who, &of(json!([null]))).await.unwrap(), [5]);
    assert_eq!(rows(&world, &wendy(), &of(json!(["East", null]))).await.unwrap(), [0_i64; 0]);
    assert_eq!(rows(&world, &who, &[("sales", FilterOp::In, json!(["100.50", "1.00"]))]).await.unwrap(), [1, 5]);
    let many = vec![Raw::from("x"); 201];
    for value in [json!([]), json!("East"), json!([7]), json!([["East"]]), many.into()] {
        assert_eq!(rows(&world, &who, &of(value.clone())).await.unwrap_err().code, Code::BadFilter, "{value}");
    }
}

async fn a_filter_takes_days_around_today(world: World) {
    let today = chrono::Utc::now().date_naive();
    let day = |n: i64| today + chrono::TimeDelta::days(n);
    let row = |n: i64| {
        let done = format!("{}T23:59:59.999999Z", day(n));
        let cells = [("title", Raw::from("t")), ("due", day(n).to_string().into()), ("done", done.into())];
        Edit::insert("tasks", Vec::new(), cells.map(|(column, value)| CellEdit::new(column, value)).to_vec())
    };
    let blank = Edit::insert("tasks", Vec::new(), vec![CellEdit::new("title", "t".into())]);
    world.apply(&wendy(), &batch([-7, -6, -1, 0, 1, 6, 7].map(row).into_iter().chain([blank]).collect())).await.unwrap();
    for column in ["due", "done"] {
        let found = async |span: &str| {
            let filters = vec![Filter { column: column.into(), op: FilterOp::Within, value: span.into() }];
            let request = QueryRequest { workbook: "plan".into(), element: "tasks".into(), filters, ..QueryRequest::default() };
            world.engine.query(&wendy(), &request, "req-1").await.map(|answer| answer.total).map_err(|error| error.to_api().code)
        };
        for (span, count) in [("today", 1), ("yesterday", 1), ("last_7_days", 3), ("next_7_days", 3), ("last_30_days", 4)] {
            assert_eq!(found(span).await, Ok(Some(count)), "{column} {span}");
        }
        assert_eq!(found("someday").await, Err(Code::BadFilter));
    }
    for column in ["sales", "product"] {
        let within = [(column, FilterOp::Within, Raw::from("today"))];
        assert_eq!(rows(&world, &wendy(), &within).await.unwrap_err().code, Code::BadFilter, "{column}");
    }
}

/// Where the day begins ten hours before UTC's, or eleven after.
#[tokio::test(flavor = "multi_thread")]
async fn today_is_the_day_of_the_workbook_s_clocks() {
    for (zone, hours) in [("Pacific/Kiritimati", 14), ("Pacific/Midway", -11)] {
        let world =
            World::with(On::Sqlite, &WORKBOOK.replace("title: Plan", &format!("title: Plan\ntime_zone: {zone}"))).await.unwrap();
        let offset = chrono::TimeDelta::hours(hours);
        let midnight = (chrono::Utc::now() + offset).date_naive().and_time(chrono::NaiveTime::MIN) - offset;
        let row = |minutes: i64| {
            let done = (midnight + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
            let cells = vec![CellEdit::new("title", "t".into()), CellEdit::new("done", done.into())];
            Edit::insert("tasks", Vec::new(), cells)
        };
        world.apply(&wendy(), &batch([-1, 0, 1_439, 1_440].map(row).to_vec())).await.unwrap();
        let filters = vec![Filter { column: "done".into(), op: FilterOp::Within, value: "today".into() }];
        let request = QueryRequest { workbook: "plan".into(), element: "tasks".into(), filters, ..QueryRequest::default() };
        let answer = world.engine.query(&wendy(), &request, "req-1").await.unwrap();
        assert_eq!(answer.total, Some(2), "{zone}");
        let view = world.engine.view(&wendy(), "plan", "req-1").await.unwrap();
        assert_eq!((view.zone.name.as_str(), view.zone.offset_at(midnight)), (zone, hours as i32 * 3_600));
    }
}

async fn the_values_of_a_column_are_counted_as_far_as_one_sees_them(world: World) {
    let values = async |who: &Principal, column: &str, search: &str, filters: Vec<Filter>| {
        let values = Some(ValuesOf { column: column.into(), search: search.into() });
        let request =
            QueryRequest { workbook: "plan".into(), element: "states".into(), values, filters, ..QueryRequest::default() };
        let answer = world.engine.query(who, &request, "req-1").await.map_err(|error| error.to_api().code)?;
        assert!(answer.rows.is_empty() && answer.columns.is_empty());
        Ok::<_, Code>(answer.values.iter().map(|v| (v.value.clone(), v.count)).collect::<Vec<_>>())
    };
    let admin = person("ada", None, &["admin"]);
    assert_eq!(values(&wendy(), "product", "", Vec::new()).await, Ok(vec![("Chairs".into(), 2), ("Tables".into(), 1)]));
    assert_eq!(values(&ed(), "product", "", Vec::new()).await, Ok(vec![("Chairs".into(), 1)]));
    assert_eq!(values(&admin, "region", "", Vec::new()).await.unwrap().last(), Some(&(Raw::Null, 1)));
    assert_eq!(values(&admin, "product", "AB", Vec::new()).await, Ok(vec![("Tables".into(), 1)]));
    let tables = Filter { column: "product".into(), op: FilterOp::Equals, value: "Tables".into() };
    assert_eq!(values(&wendy(), "state", "", vec![tables]).await, Ok(vec![("open".into(), 1)]));
    let temp = person("tom", Some("West"), &["planner", "temp"]);
    assert_eq!(values(&temp, "product", "", Vec::new()).await, Err(Code::UnknownColumn));
    assert_eq!(values(&wendy(), "sales", "1", Vec::new()).await, Err(Code::BadFilter));
    assert_eq!(values(&wendy(), "id) from orders; --", "", Vec::new()).await, Err(Code::UnknownColumn));
}

async fn formats_come_with_the_rows_and_tell_nothing_hidden(world: World) {
    let answer = world.query(&wendy(), "states").await.unwrap();
    let flag = |name: &str| {
        let place = answer.columns.iter().position(|column| column.name == name).expect(name);
        answer.rows.iter().map(|row| row[place].clone()).collect::<Vec<_>>()
    };
    assert_eq!(flag("_format0"), [Raw::from(true), true.into(), false.into()]);
    assert_eq!(flag("_format1"), [Raw::from(false), true.into(), true.into()]);
    let extent = |column: &str, min: Raw, max: Raw| Extent { column: column.into(), min, max };
    assert_eq!(answer.extents, [extent("sales", "100.50".into(), "300.00".into()), extent("id", 1.into(), 3.into())]);
    // Chairs are no matter for a temp: neither the rule nor what came of it is there.
    let temp = person("tom", Some("West"), &["planner", "temp"]);
    let cut = world.query(&temp, "states").await.unwrap();
    assert!(
        cut.columns.iter().all(|column| column.name != "_format0") && cut.columns.iter().any(|column| column.name == "_format1")
    );
    let view = world.engine.view(&temp, "plan", "req-1").await.unwrap();
    let formats = &view.element("states").unwrap().formats;
    assert!(formats.len() == 3 && !format!("{formats:?}").contains("_format0"), "{formats:?}");
    // A file has the columns that are shown, and no others.
    let request = QueryRequest { workbook: "plan".into(), element: "states".into(), ..QueryRequest::default() };
    let file = world.engine.export(&wendy(), &request, &ExportFile::default(), "req-1").await.unwrap();
    assert!(!file.csv.contains("_format"));
}

on_every_engine!(
    formats_come_with_the_rows_and_tell_nothing_hidden,
    a_view_is_its_person_s_own,
    a_view_that_can_not_be_kept_says_why,
    the_author_s_views_tell_nothing_of_hidden_columns,
    a_filter_takes_a_list_of_values_blank_among_them,
    a_filter_takes_days_around_today,
    the_values_of_a_column_are_counted_as_far_as_one_sees_them,
);
