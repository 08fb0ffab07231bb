//! Row policies and hidden columns on every way to read.

use std::collections::BTreeMap;

use model::{Attribute, Code, Filter, FilterOp, QueryRequest, Raw};

use crate::world::{World, ada, ed, on_every_engine, person, wendy};

async fn total(world: &World, who: &model::Principal, element: &str) -> u64 {
    world.query(who, element).await.unwrap().total.unwrap()
}

async fn everybody_sees_his_own_rows_only(world: World) {
    assert_eq!(total(&world, &wendy(), "states").await, 3);
    assert_eq!(total(&world, &ed(), "states").await, 1);
    assert_eq!(total(&world, &ada(), "states").await, 5);
    assert_eq!(world.query(&wendy(), "revenue").await.unwrap().rows, vec![vec![Raw::from("600.75")]]);
    assert_eq!(world.query(&wendy(), "region").await.unwrap().rows, vec![vec![Raw::from("West")]]);
}

async fn a_missing_or_ill_typed_attribute_is_no_access(world: World) {
    let mut nobody = person("nobody", None, &["planner"]);
    assert_eq!(total(&world, &nobody, "states").await, 0);
    for bad in
        [Attribute::One(Raw::Null), Attribute::One(7.into()), Attribute::Many(vec!["West".into()]), Attribute::One("".into())]
    {
        nobody.attributes.insert("region".into(), bad.clone());
        assert_eq!(total(&world, &nobody, "states").await, 0, "{bad:?}");
    }
}

async fn a_hidden_column_is_nowhere(world: World) {
    let temp = person("temp", Some("West"), &["temp"]);
    let answer = world.query(&temp, "states").await.unwrap();
    assert!(answer.columns.iter().all(|column| column.name != "product"));
    let view = world.engine.view(&temp, "plan", "req-1").await.unwrap();
    let text = serde_json::to_string(&view.element("states")).unwrap();
    assert!(!text.contains("product"));
    let filter = Filter { column: "product".into(), op: FilterOp::Contains, value: "C".into() };
    let request =
        QueryRequest { workbook: "plan".into(), element: "states".into(), filters: vec![filter], ..QueryRequest::default() };
    assert_eq!(world.engine.query(&temp, &request, "req-1").await.unwrap_err().to_api().code, Code::UnknownColumn);
}

async fn what_may_not_be_known_answers_like_what_is_not_there(world: World) {
    let mut outsider = wendy();
    outsider.workbooks = vec!["other".into()];
    let hidden = world.engine.view(&outsider, "plan", "req-1").await.unwrap_err().to_api();
    let absent = world.engine.view(&outsider, "other", "req-1").await.unwrap_err().to_api();
    assert_eq!(hidden, absent);
    assert_eq!(world.query(&wendy(), "no_such_element").await.unwrap_err(), absent);
    assert_eq!(world.query(&wendy(), "visit").await.unwrap_err(), absent, "a form shows no rows");
}

async fn controls_and_filters_narrow_and_never_widen(world: World) {
    let ask = async |controls: &[&str], filters: Vec<Filter>| {
        let chosen = controls.iter().map(|region| Raw::from(*region)).collect();
        let controls = BTreeMap::from([("region".to_owned(), chosen)]);
        let request =
            QueryRequest { workbook: "plan".into(), element: "grid".into(), controls, filters, ..QueryRequest::default() };
        world
            .engine
            .query(&wendy(), &request, "req-1")
            .await
            .map(|answer| answer.total.unwrap())
            .map_err(|error| error.to_api().code)
    };
    assert_eq!(ask(&[], vec![]).await, Ok(3));
    assert_eq!(ask(&["East"], vec![]).await, Ok(0));
    assert_eq!(ask(&["East", "West"], vec![]).await, Ok(3));
    let filter = |column: &str, op, value: Raw| vec![Filter { column: column.into(), op, value }];
    assert_eq!(ask(&[], filter("product", FilterOp::Contains, "CHAI".into())).await, Ok(2));
    assert_eq!(ask(&[], filter("product", FilterOp::Contains, "%".into())).await, Ok(0));
    assert_eq!(ask(&[], filter("actual", FilterOp::AtLeast, "200.25".into())).await, Ok(2));
    assert_eq!(ask(&[], filter("amount", FilterOp::Blank, Raw::Null).clone()).await, Ok(3));
    assert_eq!(ask(&[], filter("actual", FilterOp::AtLeast, "many".into())).await, Err(Code::BadFilter));
    assert_eq!(ask(&[], filter("actual", FilterOp::Contains, "1".into())).await, Err(Code::BadFilter));
    assert_eq!(ask(&[], filter("x' or 1=1 --", FilterOp::Equals, "1".into())).await, Err(Code::UnknownColumn));
}

async fn totals_are_over_the_rows_that_one_may_see_and_the_filters_leave(world: World) {
    world.set(&wendy(), &["West", "Chairs", "2017-01-01"], "amount", "7.5", Raw::Null).await.unwrap();
    let totals = async |who: &model::Principal, filters: Vec<Filter>| {
        let request =
            QueryRequest { workbook: "plan".into(), element: "grid".into(), filters, limit: 1, ..QueryRequest::default() };
        let answer = world.engine.query(who, &request, "req-1").await.unwrap();
        answer.totals.into_iter().map(|total| (total.column, total.value)).collect::<Vec<_>>()
    };
    let expect = |actual: &str, amount: Raw| vec![("actual".to_owned(), Raw::from(actual)), ("amount".to_owned(), amount)];
    assert_eq!(totals(&wendy(), vec![]).await, expect("600.75", "7.50".into()));
    assert_eq!(totals(&ed(), vec![]).await, expect("400.00", Raw::Null));
    let chairs = Filter { column: "product".into(), op: FilterOp::Equals, value: "Chairs".into() };
    assert_eq!(totals(&wendy(), vec![chairs]).await, expect("300.75", "7.50".into()));
}

async fn numbers_are_exact(world: World) {
    let value = async |element| world.query(&wendy(), element).await.unwrap().rows[0][0].clone();
    assert_eq!(value("average").await, "200.250000");
    assert_eq!(value("share").await, "200.250000");
    assert_eq!(value("planned").await, Raw::Null);
}

on_every_engine!(
    everybody_sees_his_own_rows_only,
    a_missing_or_ill_typed_attribute_is_no_access,
    a_hidden_column_is_nowhere,
    what_may_not_be_known_answers_like_what_is_not_there,
    controls_and_filters_narrow_and_never_widen,
    totals_are_over_the_rows_that_one_may_see_and_the_filters_leave,
    numbers_are_exact,
);
