//! A window of a long table is the same whether it is asked for from the first row or from a place nearby; a window of any
//! size is summed up, and a row in it is found, under the same policy.

use engine::catalog::Directory;
use engine::{Dialect, Sql};
use model::{Code, ColumnSummary, Edit, Filter, FilterOp, Find, Place, Principal, QueryAnswer, QueryRequest, Raw, Sort};
use serde_json::json;

use crate::world::{World, batch, ed, edit, on_every_engine, wendy};

const ROWS: u64 = 25_000;

/// Amounts are there twice, every third half is null, and so is every fifth code, which makes a key that is not whole.
const WORKBOOK: &str = "workbook: plan
title: Long
sources:
  long:
    table: long
    key: [id]
    rows: { read: region = @user.region }
    columns: { half: { hide_unless: \"@user.region <> 'East'\" } }
  coded: { table: long, key: [code, id] }
  secret: { table: long, key: [id], columns: { id: { hide_unless: \"@user.has_role('nobody')\" } } }
input_tables:
  remarks: { linked_to: long, columns: { remark: { type: text } } }
pages:
  - title: One
    elements:
      - { input_table: remarks, table: remarks }
      - { table: few, source: long, columns: [amount] }
      - { table: coded, source: coded, columns: [id, code, half] }
      - { table: secret, source: secret, columns: [amount] }
      - { chart: sums, type: bar, source: long, x: half, y: [sum(amount)] }
";

async fn fill(world: &World) {
    let number = if world.warehouse.dialect() == Dialect::Sqlite { "" } else { "::integer" };
    let statements = [
        format!(
            "create table long (id integer primary key, region text not null, amount integer not null, half text, code text){}",
            if number.is_empty() { " strict" } else { "" }
        ),
        format!(
            "insert into long with recursive n(i) as (select 1 union all select i + 1 from n where i < {ROWS}) \
             select i, case when i % 5000 = 0 then 'East' else 'West' end, ((i * 7919) % 12500){number}, \
             case when i % 3 = 0 then null when i % 2 = 0 then 'even' else 'odd' end, case when i % 5 > 0 then 'c' || (i % 100) end from n"
        ),
    ];
    world.warehouse.control(statements.into_iter().map(Sql::new).collect()).await.unwrap();
    std::fs::write(world.folder.path().join("plan.yaml"), WORKBOOK).unwrap();
    world.engine.reload(&Directory(world.folder.path().to_owned())).await.unwrap();
}

fn request(element: &str, sort: &[(&str, bool)]) -> QueryRequest {
    let sort = sort.iter().map(|(column, descending)| Sort { column: (*column).into(), descending: *descending });
    QueryRequest { workbook: "plan".into(), element: element.into(), sort: sort.collect(), ..QueryRequest::default() }
}

async fn ask(world: &World, who: &Principal, request: QueryRequest) -> Result<QueryAnswer, Code> {
    world.engine.query(who, &request, "req").await.map_err(|error| error.to_api().code)
}

async fn windows_from_places_are_windows_from_the_first_row(world: World) {
    fill(&world).await;
    for id in [3, 9_000, 24_998] {
        let edit = Edit { table: "remarks".into(), key: vec![id.into()], ..edit(&[], "remark", "seen", Raw::Null) };
        world.apply(&wendy(), &batch(vec![edit])).await.unwrap();
    }
    let sorts: [(&str, &[(&str, bool)]); 9] = [
        ("remarks", &[]),
        ("remarks", &[("id", true)]),
        ("remarks", &[("amount", false)]),
        ("remarks", &[("amount", true)]),
        ("remarks", &[("half", false)]),
        ("remarks", &[("half", true), ("amount", false)]),
        ("remarks", &[("remark", true)]),
        ("few", &[]),
        ("coded", &[]),
    ];
    for (element, sort) in sorts {
        let plain = request(element, sort);
        let first = ask(&world, &wendy(), QueryRequest { places: true, limit: 1, ..plain.clone() }).await.unwrap();
        let total = first.total.unwrap();
        let places = first.places.unwrap_or_else(|| panic!("{element} {sort:?} has no places"));
        assert_eq!(places.len() as u64, total.div_ceil(1_000), "{element} {sort:?}");
        for start in [0, 999, 1_000, 8_332, 8_333, 12_345, 16_660, 19_999, total - 9] {
            let near: &Place = places.iter().rfind(|place| place.row <= start).unwrap();
            let there = QueryRequest { from: near.from.clone(), offset: start - near.row, limit: 20, ..plain.clone() };
            let from_place = ask(&world, &wendy(), QueryRequest { uncounted: true, ..there }).await.unwrap();
            let from_first = ask(&world, &wendy(), QueryRequest { offset: start, limit: 20, ..plain.clone() }).await.unwrap();
            assert_eq!(from_place.rows, from_first.rows, "{element} {sort:?} at {start}, from {near:?}");
            assert_eq!(from_place.rows.len() as u64, (total - start).min(20));
            assert_eq!((from_place.total, from_first.total), (None, Some(total)));
        }
    }
}

async fn blanks_come_last_in_either_direction(world: World) {
    fill(&world).await;
    for descending in [false, true] {
        let sorted = request("coded", &[("half", descending)]);
        let first = ask(&world, &wendy(), QueryRequest { limit: 1, ..sorted.clone() }).await.unwrap();
        assert_eq!(first.rows[0][2], if descending { "odd" } else { "even" });
        let last = ask(&world, &wendy(), QueryRequest { offset: ROWS - 1, limit: 1, ..sorted }).await.unwrap();
        assert_eq!(last.rows[0][2], Raw::Null);
    }
}

async fn places_are_only_of_rows_that_one_may_see(world: World) {
    fill(&world).await;
    let asked = QueryRequest { places: true, ..request("remarks", &[]) };
    let answer = ask(&world, &ed(), asked).await.unwrap();
    assert_eq!((answer.total, answer.places), (Some(5), None), "five rows are not worth it");
    // A place that somebody else was given shows nothing of his rows.
    let from = QueryRequest { from: vec![4_999.into()], ..request("remarks", &[]) };
    let rows = ask(&world, &ed(), from).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), [5_000, 10_000, 15_000, 20_000, 25_000]);
    // Nor does a hidden column become a place.
    assert_eq!(ask(&world, &ed(), request("remarks", &[("half", false)])).await.err(), Some(Code::UnknownColumn));
    let secret = ask(&world, &wendy(), QueryRequest { places: true, limit: 1, ..request("secret", &[]) }).await.unwrap();
    assert_eq!((secret.total, secret.places, secret.columns.len()), (Some(ROWS), None, 1));
    assert_eq!(ask(&world, &wendy(), request("secret", &[("id", false)])).await.err(), Some(Code::UnknownColumn));
}

async fn a_window_of_any_size_is_summed_up(world: World) {
    fill(&world).await;
    let summarize = vec!["amount".into(), "half".into(), "remark".into()];
    let all = QueryRequest { summarize, limit: u64::MAX, ..request("remarks", &[]) };
    let summary = ask(&world, &ed(), QueryRequest { summarize: vec!["amount".into()], ..all.clone() }).await.unwrap().summary;
    // Of rows 5,000, 10,000 … 25,000: each times 7,919, the rest after division by 12,500.
    assert_eq!(
        summary,
        [ColumnSummary { column: "amount".into(), count: 5, sum: 25_000.into(), min: 0.into(), max: 10_000.into() }]
    );
    let whole = ask(&world, &wendy(), all.clone()).await.unwrap().summary;
    assert_eq!((whole[0].count, whole[1].count, whole[2].count), (24_995, 16_663, 0));
    assert_eq!((&whole[1].sum, &whole[2].max), (&Raw::Null, &Raw::Null));
    let some = QueryRequest { from: vec![9_001.into()], offset: 10, limit: 3, ..all.clone() };
    let some = ask(&world, &wendy(), some).await.unwrap().summary;
    assert_eq!((some[0].count, some[1].count), (3, 2));
    for column in ["secret", "id; drop table long", "sum(amount)"] {
        let asked = QueryRequest { summarize: vec![column.into()], ..all.clone() };
        assert_eq!(ask(&world, &wendy(), asked).await.err(), Some(Code::UnknownColumn));
    }
    let hidden = QueryRequest { summarize: vec!["half".into()], ..all };
    assert_eq!(ask(&world, &ed(), hidden).await.err(), Some(Code::UnknownColumn));
}

async fn the_next_row_that_fits_is_found_in_the_order_of_the_table(world: World) {
    fill(&world).await;
    let contains = |text: &str| Filter { column: "code".into(), op: FilterOp::Contains, value: text.into() };
    let odd = Filter { column: "half".into(), op: FilterOp::Equals, value: "odd".into() };
    let find = async |any: &[Filter], after, backwards, sort: &[(&str, bool)]| {
        let find = Some(Find { any: any.to_vec(), after, backwards });
        ask(&world, &wendy(), QueryRequest { find, ..request("coded", sort) }).await.unwrap().found
    };
    let by_id = [("id", false)];
    assert_eq!(find(&[contains("C99")], None, false, &by_id).await, Some(98));
    assert_eq!(find(&[contains("C99")], Some(98), false, &by_id).await, Some(198));
    assert_eq!(find(&[contains("C99")], Some(98), true, &by_id).await, None);
    assert_eq!(find(&[contains("C99"), odd.clone()], Some(98), true, &by_id).await, Some(96), "row 97 is odd");
    assert_eq!(find(&[contains("C99")], None, true, &by_id).await, Some(24_998));
    assert_eq!(find(&[contains("C99")], None, true, &[("id", true)]).await, Some(24_901));
    assert_eq!(find(&[contains("nowhere")], None, false, &by_id).await, None);
    assert_eq!(find(&[], None, false, &by_id).await, None);
    // What a person may not see is not found, in rows or in columns.
    let mine = QueryRequest { find: Some(Find { any: vec![odd], after: None, backwards: false }), ..request("remarks", &[]) };
    assert_eq!(ask(&world, &ed(), mine).await.err(), Some(Code::UnknownColumn));
    let id = |id: i64| Filter { column: "id".into(), op: FilterOp::Equals, value: id.into() };
    let look = async |id| {
        let find = Some(Find { any: vec![id], after: None, backwards: false });
        ask(&world, &ed(), QueryRequest { find, ..request("remarks", &[]) }).await.unwrap().found
    };
    assert_eq!((look(id(4_999)).await, look(id(10_000)).await), (None, Some(1)));
}

async fn a_place_that_does_not_fit_is_refused(world: World) {
    fill(&world).await;
    let by_amount = [("amount", false)];
    for (element, sort, from) in [
        ("remarks", &[][..], json!(["one"])),
        ("remarks", &[], json!([{ "id": 1 }])),
        ("remarks", &[], json!([1, 2])),
        ("remarks", &by_amount, json!([1])),
        ("remarks", &by_amount, json!([1, "'; drop table long; --"])),
        ("secret", &[], json!([1])),
        ("sums", &[], json!(["odd"])),
    ] {
        let from: Vec<Raw> = serde_json::from_value(from).unwrap();
        let asked = QueryRequest { from: from.clone(), ..request(element, sort) };
        assert_eq!(ask(&world, &wendy(), asked).await.err(), Some(Code::BadPlace), "{element} {from:?}");
    }
}

on_every_engine! {
    windows_from_places_are_windows_from_the_first_row,
    blanks_come_last_in_either_direction,
    places_are_only_of_rows_that_one_may_see,
    a_place_that_does_not_fit_is_refused,
    a_window_of_any_size_is_summed_up,
    the_next_row_that_fits_is_found_in_the_order_of_the_table,
}
