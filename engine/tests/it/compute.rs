//! What a person's own expression would put into a column.

use model::{ApiError, CellEdit, Code, Compute, Decimal, Edit, QueryAnswer, QueryRequest, Raw};

use crate::world::{On, WORKBOOK, World, ada, batch, ed, for_postgres, on_every_engine, person, wendy};

async fn compute(
    world: &World,
    who: &model::Principal,
    element: &str,
    column: &str,
    text: &str,
) -> Result<QueryAnswer, ApiError> {
    let compute = Some(Compute { column: column.into(), expression: text.into() });
    let request = QueryRequest { workbook: "plan".into(), element: element.into(), compute, ..QueryRequest::default() };
    world.engine.query(who, &request, "req-1").await.map_err(|error| error.to_api())
}

fn numbers(answer: &QueryAnswer, name: &str) -> Vec<Option<Decimal>> {
    let place = answer.columns.iter().position(|column| column.name == name).unwrap();
    answer.rows.iter().map(|row| row[place].as_str().map(|text| text.parse().unwrap())).collect()
}

async fn each_row_comes_with_what_it_would_hold_in_the_decimals_of_the_column(world: World) {
    let answer = compute(&world, &wendy(), "grid", "amount", "actual * 1.0555").await.unwrap();
    assert_eq!(answer.columns.last().unwrap().name, "_computed");
    let factor = Decimal::new(10_555, 4);
    let away = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let expect: Vec<_> =
        numbers(&answer, "actual").into_iter().map(|n| n.map(|n| (n * factor).round_dp_with_strategy(2, away))).collect();
    assert!(expect.len() > 2 && expect.iter().any(Option::is_some));
    assert_eq!(numbers(&answer, "_computed"), expect);
    // Only the rows that one may see, and nothing is written by looking.
    assert_eq!(
        compute(&world, &ed(), "grid", "amount", "1").await.unwrap().total,
        world.query(&ed(), "grid").await.unwrap().total
    );
    assert_eq!(world.count("select count(*) from {log}").await, 0);
    let notes = compute(&world, &wendy(), "grid", "note", "upper(product)").await.unwrap();
    let place = notes.columns.iter().position(|column| column.name == "product").unwrap();
    for row in &notes.rows {
        assert_eq!(row.last().unwrap().as_str(), row[place].as_str().map(str::to_uppercase).as_deref());
    }
}

async fn an_expression_that_does_not_fit_says_where_and_why(world: World) {
    let refused = async |who, element, column, text: &str| {
        let error = compute(&world, who, element, column, text).await.err().unwrap();
        assert!(error.code != Code::BadExpression || error.said.is_some(), "in everybody's language: {}", error.message);
        (error.code, error.message)
    };
    let (wendy, ada) = (&wendy(), &ada());
    let (code, message) = refused(wendy, "grid", "amount", "2 * actul").await;
    assert_eq!(code, Code::BadExpression);
    assert_eq!(message, "At character 5: there is no column `actul` (did you mean `actual`?).");
    let (_, message) = refused(wendy, "grid", "amount", "product").await;
    assert_eq!(message, "Amount takes a number; this gives text.");
    let long = "1 + ".repeat(300) + "1";
    let nested = "(".repeat(400) + "1" + &")".repeat(400);
    for text in
        ["", "sum(actual)", "(select 1)", "1; drop table orders", "pg_sleep(1)", "_version", long.as_str(), nested.as_str()]
    {
        assert_eq!(refused(wendy, "grid", "amount", text).await.0, Code::BadExpression, "{text}");
    }
    for (element, column) in
        [("grid", "actual"), ("grid", "variance"), ("grid", "nonsense"), ("revenue", "amount"), ("by_month", "amount")]
    {
        assert_eq!(refused(ada, element, column, "1").await.0, Code::UnknownColumn, "{element} {column}");
    }
}

async fn a_hidden_column_can_not_be_computed_with(world: World) {
    let temp = person("tom", Some("West"), &["planner", "temp"]);
    assert!(compute(&world, &wendy(), "states", "state", "product").await.is_ok_and(|answer| !answer.rows.is_empty()));
    let hidden = compute(&world, &temp, "states", "state", "product").await.err().unwrap();
    let unknown = compute(&world, &temp, "states", "state", "nonsens").await.err().unwrap();
    assert_eq!((hidden.code, hidden.message.replace("product", "nonsens"), hidden.hint), (unknown.code, unknown.message, None));
}

/// New York, where clocks were put forward on 2025-03-09 at 07:00 UTC.
#[tokio::test(flavor = "multi_thread")]
async fn days_and_hours_are_those_of_the_workbook_s_clocks() {
    for on in [On::Sqlite, On::Postgres] {
        let workbook = if on == On::Postgres { for_postgres(WORKBOOK) } else { WORKBOOK.to_owned() };
        let world = World::with(on, &workbook.replace("title: Plan", "title: Plan\ntime_zone: America/New_York")).await.unwrap();
        let row = |done: &str| {
            let cells = vec![CellEdit::new("title", "t".into()), CellEdit::new("done", done.into())];
            Edit::insert("tasks", Vec::new(), cells)
        };
        let times = ["2025-03-09T04:59:59Z", "2025-03-09T06:30:00Z", "2025-03-10T03:30:00Z", "2025-03-10T04:00:00Z"];
        world.apply(&wendy(), &batch(times.map(row).to_vec())).await.unwrap();
        let computed = async |column: &str, expression: &str| {
            let compute = Some(Compute { column: column.into(), expression: expression.into() });
            let sort = vec![model::Sort { column: "done".into(), descending: false }];
            let request =
                QueryRequest { workbook: "plan".into(), element: "tasks".into(), compute, sort, ..QueryRequest::default() };
            let answer = world.engine.query(&wendy(), &request, "req-1").await.unwrap();
            answer.rows.iter().map(|row| row.last().unwrap().clone()).collect::<Vec<Raw>>()
        };
        let (eighth, ninth, tenth) =
            ("2025-03-08T05:00:00.000000Z", "2025-03-09T05:00:00.000000Z", "2025-03-10T04:00:00.000000Z");
        assert_eq!(computed("done", "date_trunc('day', done)").await, [eighth, ninth, ninth, tenth], "{on:?}");
        assert_eq!(computed("hours", "date_part('hour', done)").await, [23, 1, 23, 0], "{on:?}");
        let march = "2025-03-01T05:00:00.000000Z";
        assert_eq!(computed("done", "date_trunc('month', done)").await, [march; 4], "{on:?}");
    }
}

on_every_engine!(
    each_row_comes_with_what_it_would_hold_in_the_decimals_of_the_column,
    an_expression_that_does_not_fit_says_where_and_why,
    a_hidden_column_can_not_be_computed_with,
);
