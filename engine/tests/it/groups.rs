//! Rows that are grouped: what the groups come to, which rows are left out, and what nobody may learn from them.

use model::{ApiError, CellEdit, Code, Edit, Grouping, Principal, QueryAnswer, QueryRequest, Raw, Sort};
use serde_json::json;

use crate::world::{World, batch, ed, on_every_engine, person, wendy};

async fn ask(world: &World, who: &Principal, element: &str, group: Grouping, sort: &[&str]) -> Result<QueryAnswer, ApiError> {
    let by = |name: &&str| Sort { column: name.trim_end_matches(" desc").to_owned(), descending: name.ends_with(" desc") };
    let request = QueryRequest {
        workbook: "plan".into(),
        element: element.into(),
        group: Some(group),
        sort: sort.iter().map(by).collect(),
        ..QueryRequest::default()
    };
    world.engine.query(who, &request, "req-1").await.map_err(|error| error.to_api())
}

fn by(columns: &[&str], closed: Raw) -> Grouping {
    let closed = serde_json::from_value(closed).unwrap();
    Grouping { columns: columns.iter().map(|name| (*name).to_owned()).collect(), closed }
}

fn groups(answer: &QueryAnswer) -> Raw {
    answer.groups.iter().map(|group| json!([group.values, group.count, group.totals])).collect()
}

fn column(answer: &QueryAnswer, name: &str) -> Vec<Raw> {
    let place = answer.columns.iter().position(|column| column.name == name).expect(name);
    answer.rows.iter().map(|row| row[place].clone()).collect()
}

async fn groups_come_with_their_rows_and_totals(world: World) {
    let admin = person("ada", None, &["admin"]);
    let answer =
        ask(&world, &admin, "grid", by(&["region", "product"], json!([])), &["actual desc", "region desc"]).await.unwrap();
    let expected = json!([
        [["West"], 3, ["600.75", null]],
        [["West", "Chairs"], 2, ["300.75", null]],
        [["West", "Tables"], 1, ["300.00", null]],
        [["East"], 1, ["400.00", null]],
        [["East", "Chairs"], 1, ["400.00", null]],
        [[null], 1, ["1.00", null]],
        [[null, "Lamps"], 1, ["1.00", null]],
    ]);
    assert_eq!(groups(&answer), expected);
    assert_eq!(column(&answer, "region"), ["West".into(), "West".into(), "West".into(), "East".into(), Raw::Null]);
    assert_eq!(column(&answer, "actual")[..3], ["200.25", "100.50", "300.00"], "each group in the order that was asked for");
    assert_eq!(answer.total, Some(5));
}

async fn rows_of_closed_groups_are_left_out_but_counted(world: World) {
    let admin = person("ada", None, &["admin"]);
    let asked = async |closed: Raw| ask(&world, &admin, "grid", by(&["region", "product"], closed), &[]).await.unwrap();
    let all = asked(json!([])).await;
    for (closed, left) in [
        (json!([["West"]]), vec!["400.00", "1.00"]),
        (json!([[null]]), vec!["400.00", "100.50", "200.25", "300.00"]),
        (json!([["West"], [null]]), vec!["400.00"]),
        (json!([["West", "Chairs"]]), vec!["400.00", "300.00", "1.00"]),
        (json!([["West", "Chairs"], [null, "Lamps"], ["East"]]), vec!["300.00"]),
        (json!([["North"], ["West", null]]), vec!["400.00", "100.50", "200.25", "300.00", "1.00"]),
        (json!([["West"], ["East"], [null]]), vec![]),
    ] {
        let answer = asked(closed.clone()).await;
        assert_eq!(column(&answer, "actual"), left, "{closed}");
        assert_eq!(answer.total, Some(left.len() as u64), "{closed}");
        assert_eq!((&answer.totals, groups(&answer)), (&all.totals, groups(&all)), "{closed}");
    }
}

async fn groups_tell_only_what_one_may_see(world: World) {
    let answer = ask(&world, &ed(), "grid", by(&["region"], json!([])), &[]).await.unwrap();
    assert_eq!(groups(&answer), json!([[["East"], 1, ["400.00", null]]]));
    let temp = person("tom", Some("West"), &["planner", "temp"]);
    let hidden = ask(&world, &temp, "states", by(&["product"], json!([])), &[]).await;
    assert_eq!(hidden.unwrap_err().code, Code::UnknownColumn);
    let stranger = Principal { tenant: "globex".into(), ..wendy() };
    world.apply(&wendy(), &batch(vec![amount("Tables", "7.00")])).await.unwrap();
    let total = async |who: &Principal| groups(&ask(&world, who, "grid", by(&["product"], json!([])), &[]).await.unwrap());
    assert_eq!(total(&wendy()).await[1], json!([["Tables"], 1, ["300.00", "7.00"]]));
    assert_eq!(total(&stranger).await[1], json!([["Tables"], 1, ["300.00", null]]));
}

fn amount(product: &str, value: &str) -> Edit {
    let key = vec!["West".into(), product.into(), "2017-01-01".into()];
    Edit::set("forecast", key, vec![CellEdit::new("amount", value.into())])
}

async fn input_columns_group_too(world: World) {
    let done = Edit::set(
        "forecast",
        vec!["West".into(), "Tables".into(), "2017-01-01".into()],
        vec![CellEdit { was: "draft".into(), ..CellEdit::new("status", "done".into()) }],
    );
    world.apply(&wendy(), &batch(vec![done])).await.unwrap();
    let answer = ask(&world, &wendy(), "grid", by(&["status"], json!([["draft"]])), &[]).await.unwrap();
    assert_eq!(groups(&answer).as_array().unwrap().len(), 2);
    assert_eq!((column(&answer, "product"), answer.total), (vec!["Tables".into()], Some(1)));
}

async fn a_grouping_that_does_not_fit_says_so(world: World) {
    let many: Vec<Raw> = (0..501).map(|n| json!([n.to_string()])).collect();
    for (group, code) in [
        (by(&["nothing"], json!([])), Code::UnknownColumn),
        (by(&["id) from orders; --"], json!([])), Code::UnknownColumn),
        (by(&["region", "region"], json!([])), Code::BadGrouping),
        (by(&["region", "product", "month", "status"], json!([])), Code::BadGrouping),
        (by(&["region"], json!([["West", "Chairs"]])), Code::BadGrouping),
        (by(&["region"], json!([[]])), Code::BadGrouping),
        (by(&["month"], json!([["soon"]])), Code::BadFilter),
        (by(&["region"], many.into()), Code::BadGrouping),
    ] {
        assert_eq!(ask(&world, &wendy(), "grid", group.clone(), &[]).await.unwrap_err().code, code, "{group:?}");
    }
    let none = ask(&world, &wendy(), "grid", by(&[], json!([])), &[]).await.unwrap();
    assert_eq!((none.groups.len(), none.total), (0, Some(3)));
    let rows = (0..501).map(|n| {
        let cells = vec![CellEdit::new("title", format!("task {n}").into())];
        Edit::insert("tasks", Vec::new(), cells)
    });
    world.apply(&wendy(), &batch(rows.collect())).await.unwrap();
    let error = ask(&world, &wendy(), "tasks", by(&["title"], json!([])), &[]).await.unwrap_err();
    assert_eq!(error.code, Code::BadGrouping, "501 groups");
}

async fn rows_of_a_few_columns_are_the_same_rows(world: World) {
    let admin = person("ada", None, &["admin"]);
    world.set(&wendy(), &["West", "Chairs", "2017-02-01"], "note", "mine", Raw::Null).await.unwrap();
    let sort = |column: &str, descending| Sort { column: column.into(), descending };
    let asked = async |columns: &[&str], group: Option<Grouping>| {
        let request = QueryRequest {
            workbook: "plan".into(),
            element: "grid".into(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            sort: vec![sort("actual", true), sort("product", false)],
            group,
            ..QueryRequest::default()
        };
        world.engine.query(&admin, &request, "req-1").await.map_err(|error| error.to_api())
    };
    let states = QueryRequest { workbook: "plan".into(), element: "states".into(), ..QueryRequest::default() };
    let key = ["region", "product", "month"];
    for group in [None, Some(by(&["status", "region"], json!([])))] {
        let all = asked(&[], group.clone()).await.unwrap();
        for columns in [["note", "amount"], ["amount", "region"], ["variance", "variance"]] {
            let few = asked(&columns, group.clone()).await.unwrap();
            let names: Vec<&str> = few.columns.iter().map(|column| column.name.as_str()).collect();
            let own = |name: &&str| key.contains(name) || *name == "_version" || *name == "status" && group.is_some();
            assert!(columns.iter().chain(&key).all(|name| names.contains(name)), "{names:?}");
            assert!(names.iter().all(|name| columns.contains(name) || own(name)), "{names:?}");
            for name in &names {
                assert_eq!(column(&few, name), column(&all, name), "{name}");
            }
            assert_eq!((few.total, &few.totals, &few.groups, &few.meta), (all.total, &all.totals, &all.groups, &all.meta));
        }
    }
    assert_eq!(asked(&["note", "nothing"], None).await.unwrap_err().code, Code::UnknownColumn);
    // What one may not see can't be asked for either; nor what only addresses a row.
    let temp = person("tom", Some("West"), &["planner", "temp"]);
    for (name, is_known) in [("region", true), ("product", false), ("_version", false)] {
        let request = QueryRequest { columns: vec![name.into()], ..states.clone() };
        let answer = world.engine.query(&temp, &request, "req-1").await.map_err(|error| error.to_api().code);
        assert_eq!(answer.err(), (!is_known).then_some(Code::UnknownColumn), "{name}");
    }
}

on_every_engine!(
    rows_of_a_few_columns_are_the_same_rows,
    groups_come_with_their_rows_and_totals,
    rows_of_closed_groups_are_left_out_but_counted,
    groups_tell_only_what_one_may_see,
    input_columns_group_too,
    a_grouping_that_does_not_fit_says_so,
);
