//! What is chosen in controls: what it does to elements, what is refused, and what a ticket sets is out of reach.

use std::collections::BTreeMap;

use model::{Code, ControlKind, ElementKind, ExportFile, Principal, QueryAnswer, QueryRequest, Raw};
use serde_json::json;

use crate::world::{On, WORKBOOK, World, ada, for_postgres, on_every_engine, person, wendy};

on_every_engine!(
    filters_leave_what_fits_them,
    lists_and_ranges_say_what_there_is,
    switches_and_parameters_change_what_is_calculated,
    the_largest_marks_are_the_largest_of_all_colours,
    what_is_chosen_at_first_comes_from_the_person_and_the_time,
    what_a_ticket_sets_can_neither_be_seen_nor_lifted,
    what_is_hidden_is_no_control_and_no_option
);

const PAGE: &str = "
  - title: Controls
    elements:
      - { control: area, type: list, source: orders, column: region, multiple: true, targets: [product, { source: orders }] }
      - { control: product, type: segmented, source: orders, column: product, targets: [lines, { source: months }] }
      - { control: worth, type: number_range, source: orders, column: sales }
      - { control: placed, type: date_range, source: orders, column: placed, targets: [{ source: orders }, { source: months, column: month }], options: [last_3_months, year_to_date] }
      - { control: named, type: text, source: orders, column: product }
      - { control: large, type: checkbox, source: orders, when: sales > 200 * @scale }
      - { control: scale, type: parameter, value_type: decimal, scale: 2, min: 0, max: 10, default: 1 }
      - { control: top, type: top, targets: [by_product, by_both], options: [1, 2] }
      - { control: grain, type: grain, options: [year, month, quarter], default: month }
      - { control: sold, type: list, source: months, column: product, targets: [lines, month_rows] }
      - { control: only, type: grain, options: [year] }
      - { chart: by_only, type: bar, source: orders, x: \"date_trunc(@only, placed)\", y: [count(*)] }
      - { control: shown, type: measure, options: [revenue, { value: count(*), label: Lines }, { value: count(distinct product), label: Products }] }
      - { table: lines, source: orders, columns: [id, region, sales, placed] }
      - { table: month_rows, source: months }
      - { kpi: total, source: orders, measure: \"@shown\" }
      - { kpi: scaled, source: orders, measure: sum(sales) * @scale }
      - { chart: by_time, type: bar, source: orders, x: \"date_trunc(@grain, placed)\", y: [\"@shown\", running_total(@shown)] }
      - { chart: by_product, type: bar, source: orders, x: product, y: [count(*)], by_value: true }
      - { chart: by_both, type: bar, source: orders, x: product, color: region, y: [\"@shown\"] }
";

pub(crate) async fn with(world: &World, page: &str) -> World {
    let on = if world.warehouse.dialect() == engine::Dialect::Sqlite { On::Sqlite } else { On::Postgres };
    let text = format!("{WORKBOOK}{page}");
    let text = if on == On::Postgres { for_postgres(&text) } else { text };
    World::with(on, &text).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

async fn ask(world: &World, who: &Principal, element: &str, chosen: &[(&str, Raw)]) -> Result<QueryAnswer, (Code, String)> {
    let list = |raw: &Raw| raw.as_array().unwrap().clone();
    let controls = chosen.iter().map(|(id, raw)| ((*id).to_owned(), list(raw))).collect();
    let request = QueryRequest { workbook: "plan".into(), element: element.into(), controls, ..QueryRequest::default() };
    let answer = world.engine.query(who, &request, "req-1").await;
    answer.map_err(|error| (error.to_api().code, error.to_api().message))
}

/// The first column of an answer.
fn firsts(answer: &QueryAnswer) -> Vec<Raw> {
    answer.rows.iter().map(|row| row[0].clone()).collect()
}

#[track_caller]
fn is(answer: Result<QueryAnswer, (Code, String)>, expect: &[Raw]) {
    assert_eq!(firsts(&answer.unwrap()), expect);
}

async fn filters_leave_what_fits_them(world: World) {
    let world = with(&world, PAGE).await;
    let lines = async |chosen: &[(&str, Raw)]| ask(&world, &ada(), "lines", chosen).await;
    let ids = |ids: &[i64]| ids.iter().map(|id| json!(id)).collect::<Vec<_>>();
    is(lines(&[("area", json!([]))]).await, &ids(&[1, 2, 3, 4, 5]));
    is(lines(&[("area", json!(["East", null]))]).await, &ids(&[4, 5]));
    is(lines(&[("worth", json!(["200.25", "300.00"]))]).await, &ids(&[2, 3]));
    is(lines(&[("worth", json!([null, "100.49"]))]).await, &ids(&[5]));
    is(lines(&[("placed", json!(["2017-01-15", "2017-01-20"]))]).await, &ids(&[1, 3]));
    is(lines(&[("placed", json!([null, "2017-01-01"]))]).await, &ids(&[5]));
    is(lines(&[("placed", json!(["last_3_months"]))]).await, &[]);
    is(lines(&[("named", json!(["chAI"]))]).await, &ids(&[1, 2, 4]));
    is(lines(&[("named", json!(["%"]))]).await, &[]);
    is(lines(&[("large", json!([true]))]).await, &ids(&[2, 3, 4]));
    is(lines(&[("large", json!([true])), ("scale", json!(["1.50"]))]).await, &ids(&[4]));
    is(lines(&[("area", json!(["West"])), ("worth", json!(["150.00", null])), ("named", json!(["Ch"]))]).await, &ids(&[2]));
    // By a column of another name, of another source.
    let months = ask(&world, &ada(), "month_rows", &[("placed", json!(["2017-02-01", null]))]).await.unwrap();
    assert_eq!(months.rows.len(), 1);
    for (control, bad) in [
        ("area", json!([7])),
        ("worth", json!(["x", null])),
        ("worth", json!(["2.00", "1.00"])),
        ("placed", json!(["next_moon"])),
        ("large", json!(["yes"])),
        ("scale", json!(["10.01"])),
        ("named", json!(["a", "b"])),
        ("planet", json!(["Mars"])),
        ("top", json!([1])),
    ] {
        let (code, message) = lines(&[(control, bad.clone())]).await.expect_err("what does not fit is refused");
        assert_eq!(code, Code::BadFilter, "{control} {bad}");
        assert!(message.contains(&format!("`{control}`")), "{message}");
    }
}

async fn lists_and_ranges_say_what_there_is(world: World) {
    let world = with(&world, PAGE).await;
    is(ask(&world, &ada(), "area", &[]).await, &[json!("East"), json!("West"), json!(null)]);
    is(ask(&world, &wendy(), "area", &[]).await, &[json!("West")]);
    is(ask(&world, &ada(), "product", &[("area", json!(["East"]))]).await, &[json!("Chairs")]);
    let ends = ask(&world, &ada(), "worth", &[]).await.unwrap();
    assert_eq!(ends.rows, [[json!("1.00"), json!("400.00")]]);
    let days = ask(&world, &wendy(), "placed", &[]).await.unwrap();
    assert_eq!(days.rows, [[json!("2017-01-15"), json!("2017-02-15")]]);
    for nothing_to_ask in ["named", "large", "scale", "top", "grain"] {
        assert_eq!(ask(&world, &ada(), nothing_to_ask, &[]).await.unwrap_err().0, Code::NotFound, "{nothing_to_ask}");
    }
    let (code, _) = ask(&world, &ada(), "area", &[("product", json!(["Chairs"]))]).await.unwrap_err();
    assert_eq!(code, Code::BadFilter, "the region does not follow the product");
}

async fn switches_and_parameters_change_what_is_calculated(world: World) {
    let world = with(&world, PAGE).await;
    is(ask(&world, &ada(), "total", &[]).await, &[json!("1001.75")]);
    let lines = ask(&world, &ada(), "total", &[("shown", json!(["count(*)"]))]).await.unwrap();
    assert_eq!((firsts(&lines), lines.columns[0].label.as_str()), (vec![json!(5)], "Lines"));
    let products = ask(&world, &ada(), "total", &[("shown", json!(["count(distinct product)"]))]).await.unwrap();
    assert_eq!((firsts(&products), products.columns[0].label.as_str()), (vec![json!(3)], "Products"));
    let (code, message) = ask(&world, &ada(), "total", &[("shown", json!(["sum(sales) - 1"]))]).await.unwrap_err();
    assert_eq!(code, Code::BadFilter, "an expression of one's own is none: {message}");
    is(ask(&world, &ada(), "by_only", &[("only", json!(["year"]))]).await, &[json!("2017-01-01")]);
    is(ask(&world, &ada(), "scaled", &[]).await, &[json!("1001.7500")]);
    is(ask(&world, &ada(), "scaled", &[("scale", json!(["2.50"]))]).await, &[json!("2504.3750")]);
    is(ask(&world, &ada(), "by_time", &[]).await, &[json!("2017-01-01"), json!("2017-02-01")]);
    let years = ask(&world, &ada(), "by_time", &[("grain", json!(["year"])), ("shown", json!(["count(*)"]))]).await.unwrap();
    assert_eq!(years.rows, [[json!("2017-01-01"), json!(5), json!(5)]]);
    assert_eq!(years.columns[0].format, Some(model::Format::Year));
    let months = ask(&world, &ada(), "by_time", &[("shown", json!(["count(*)"]))]).await.unwrap();
    assert_eq!(months.rows[1], [json!("2017-02-01"), json!(1), json!(5)]);
    assert_eq!(months.columns[0].format, Some(model::Format::Month));
}

async fn the_largest_marks_are_the_largest_of_all_colours(world: World) {
    let world = with(&world, PAGE).await;
    is(ask(&world, &ada(), "by_product", &[]).await, &[json!("Chairs"), json!("Lamps"), json!("Tables")]);
    is(ask(&world, &ada(), "by_product", &[("top", json!([1]))]).await, &[json!("Chairs")]);
    is(ask(&world, &ada(), "by_product", &[("top", json!([2]))]).await, &[json!("Chairs"), json!("Lamps")]);
    // Two of the chairs are of the West, and one of the East; the tables are worth less than both together.
    let both = ask(&world, &ada(), "by_both", &[("top", json!([1]))]).await.unwrap();
    let marks: Vec<_> = both.rows.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(marks, [(json!("Chairs"), json!("East")), (json!("Chairs"), json!("West"))]);
    let of_west = [("top", json!([1])), ("area", json!(["West"])), ("worth", json!(["201.00", null]))];
    is(ask(&world, &ada(), "by_both", &of_west).await, &[json!("Tables")]);
}

async fn what_is_chosen_at_first_comes_from_the_person_and_the_time(world: World) {
    let world = with(
        &world,
        "
  - title: Controls
    elements:
      - { control: area, type: list, source: orders, column: region, default: { expression: \"@user.region\" } }
      - { control: fixed, type: list, source: orders, column: region, multiple: true, default: [West, East] }
      - { control: role, type: list, source: orders, column: region, default: { expression: \"case when @user.has_role('admin') then 'East' end\" } }
      - { control: days, type: date_range, source: orders, column: placed, default: { expression: [\"date_trunc('year', @now)\", \"@now\"] } }
      - { control: span, type: date_range, source: orders, column: placed, default: last_3_months }
      - { control: worth, type: number_range, source: orders, column: sales, default: [1.5, null] }
      - { control: growth, type: parameter, value_type: decimal, scale: 3, default: { expression: 1 / 4 * 1.0 } }
      - { control: open, type: checkbox, source: orders, when: state = 'open', default: true }
      - { kpi: grown, source: orders, measure: sum(sales) * @growth }
",
    )
    .await;
    let defaults = async |who: &Principal| world.engine.view(who, "plan", "req-1").await.unwrap().defaults();
    let (own, all) = (defaults(&wendy()).await, defaults(&ada()).await);
    assert_eq!(own["area"], [json!("West")]);
    assert_eq!(all.get("area"), None, "who has no region has chosen none");
    assert_eq!(all["role"], [json!("East")]);
    assert_eq!(own.get("role"), None);
    assert_eq!(own["fixed"], [json!("West"), json!("East")]);
    assert_eq!(own["span"], [json!("last_3_months")]);
    assert_eq!(own["worth"], [json!("1.50"), json!(null)]);
    assert_eq!(own["open"], [json!(true)]);
    let [from, to] = own["days"].as_slice() else { panic!("two ends") };
    assert_eq!(from.as_str().unwrap(), format!("{}-01-01", &to.as_str().unwrap()[..4]));
    let (code, message) = ask(&world, &ada(), "grown", &[]).await.unwrap_err();
    assert_eq!(code, Code::BadFilter, "what the warehouse would have to work out must be said: {message}");
    assert_eq!(own["growth"].len(), 1);
}

async fn what_a_ticket_sets_can_neither_be_seen_nor_lifted(world: World) {
    let world = with(&world, PAGE).await;
    let locked = |filters: &[(&str, Raw)]| {
        let list = |raw: &Raw| raw.as_array().unwrap().clone();
        let filters: BTreeMap<_, _> = filters.iter().map(|(id, raw)| ((*id).to_owned(), list(raw))).collect();
        Principal { filters, ..ada() }
    };
    let eastern = locked(&[("area", json!(["East"])), ("shown", json!(["count(*)"])), ("scale", json!(["2.00"]))]);
    is(ask(&world, &eastern, "lines", &[]).await, &[json!(4)]);
    is(ask(&world, &eastern, "total", &[]).await, &[json!(1)]);
    is(ask(&world, &eastern, "scaled", &[]).await, &[json!("800.0000")]);
    is(ask(&world, &eastern, "product", &[]).await, &[json!("Chairs")]);
    let request = QueryRequest { workbook: "plan".into(), element: "lines".into(), ..QueryRequest::default() };
    assert_eq!(world.engine.export(&eastern, &request, &ExportFile::default(), "req-1").await.unwrap().rows, 1);
    for (element, control, lifted) in [
        ("lines", "area", json!([])),
        ("lines", "area", json!(["West"])),
        ("total", "shown", json!(["revenue"])),
        ("scaled", "scale", json!(["1.00"])),
    ] {
        let (code, message) = ask(&world, &eastern, element, &[(control, lifted)]).await.unwrap_err();
        assert_eq!((code, message.as_str()), (Code::BadFilter, format!("There is no control `{control}` here.").as_str()));
    }
    let view = world.engine.view(&eastern, "plan", "req-1").await.unwrap();
    for gone in ["area", "shown", "scale"] {
        assert!(view.element(gone).is_none(), "{gone}");
        assert!(view.elements().all(|element| element.controls.iter().all(|id| id != gone)));
    }
    assert!(!serde_json::to_string(&view).unwrap().contains("East"));
    // Whoever signed this meant to narrow something: nothing at all is safer than everything.
    for wrong in [("planet", json!(["Mars"])), ("area", json!([])), ("worth", json!(["x"])), ("lines", json!(["a"]))] {
        let principal = locked(&[wrong]);
        assert_eq!(ask(&world, &principal, "lines", &[]).await.unwrap_err().0, Code::NotFound);
        assert_eq!(world.engine.view(&principal, "plan", "req-1").await.unwrap_err().to_api().code, Code::NotFound);
    }
}

async fn what_is_hidden_is_no_control_and_no_option(world: World) {
    let world = with(&world, PAGE).await;
    let temp = person("temp", Some("West"), &["temp"]);
    let view = world.engine.view(&temp, "plan", "req-1").await.unwrap();
    // He may know the months' product, and so the control; but not that of the orders.
    is(ask(&world, &temp, "sold", &[]).await, &[json!("Chairs"), json!("Tables")]);
    assert_eq!(ask(&world, &temp, "month_rows", &[("sold", json!(["Tables"]))]).await.unwrap().rows.len(), 1);
    assert_eq!(ask(&world, &temp, "lines", &[("sold", json!(["Tables"]))]).await.unwrap_err().0, Code::BadFilter);
    let follows = |id: &str| view.element(id).unwrap().controls.iter().any(|control| control == "sold");
    assert!(follows("month_rows") && !follows("lines"));
    let hidden = ask(&world, &temp, "by_product", &[("planet", json!(["Mars"]))]).await.unwrap_err();
    assert_eq!(hidden, ask(&world, &temp, "no_such_element", &[]).await.unwrap_err());
    assert!(view.element("product").is_none() && view.element("named").is_none());
    let ElementKind::Control(shown) = &view.element("shown").unwrap().kind else { panic!("a control") };
    let ControlKind::Switch { options } = &shown.kind else { panic!("a switch") };
    let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
    assert_eq!(values, ["revenue", "count(*)"]);
    is(ask(&world, &temp, "total", &[]).await, &[json!("600.75")]);
    for (element, control, probe) in [
        ("lines", "product", json!(["Chairs"])),
        ("lines", "named", json!(["Chairs"])),
        ("total", "shown", json!(["count(distinct product)"])),
    ] {
        let (code, message) = ask(&world, &temp, element, &[(control, probe)]).await.unwrap_err();
        assert_eq!(code, Code::BadFilter, "{message}");
        assert!(!message.contains("Chairs") && !message.contains("distinct"), "{message}");
    }
}

#[tokio::test]
async fn mistakes_of_controls_are_told_where_they_are() {
    let world = World::new().await;
    let told = async |element: &str| {
        let text =
            format!("{WORKBOOK}\n  - title: Two\n    elements:\n      - {{ table: t, source: orders }}\n      - {element}\n");
        world.mistakes(&text).await.into_iter().map(|mistake| mistake.split_once(": ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    for (element, expect) in [
        ("{ control: c, type: lisst, source: orders, column: region }", "there is no control of type `lisst`"),
        ("{ control: c, source: orders, column: region }", "a control needs a `type`"),
        ("{ control: c, type: text, source: orders, column: product, multiple: true }", "unknown key `multiple`"),
        ("{ control: c, type: list, source: orders, column: regin }", "there is no column `regin`"),
        ("{ control: c, type: list, source: orders, column: region, targets: [u] }", "there is no element `u`"),
        (
            "{ control: c, type: list, source: orders, column: region, targets: [{ source: ordrs }] }",
            "there is no source or input table `ordrs`",
        ),
        (
            "{ control: c, type: list, source: orders, column: region, targets: [{ source: loose }] }",
            "no element shows it, so there is nothing to filter",
        ),
        (
            "{ control: c, type: list, source: orders, column: region, targets: [{ element: t, column: sales }] }",
            "`sales` of `t` is a number, which `c` does not filter",
        ),
        ("{ control: c, type: list, source: orders, column: region, targets: [c] }", "`c` follows itself"),
        ("{ control: c, type: list, source: orders, column: region, default: 7 }", "Expected text."),
        (
            "{ control: c, type: list, source: orders, column: region, default: { expression: sales } }",
            "`sales` is a column; only `@user` and `@tenant` can be asked here",
        ),
        (
            "{ control: c, type: list, source: orders, column: region, default: { expression: 1 + 1 } }",
            "expected text, not a whole number",
        ),
        ("{ control: c, type: number_range, source: orders, column: region }", "`region` has no numbers"),
        (
            "{ control: c, type: date_range, source: orders, column: placed, options: [last_3_month] }",
            "there is no span of days `last_3_month`",
        ),
        ("{ control: c, type: checkbox, source: orders }", "a checkbox has either `column` or `when`"),
        ("{ control: c, type: checkbox, source: orders, when: sales }", "expected a condition, not a number"),
        ("{ control: c, type: top, targets: [t] }", "`t` is no chart; the largest marks are of charts"),
        ("{ control: c, type: grain, options: [month] }", "no element names `@c`"),
        ("{ control: now, type: grain, options: [month] }", "`@now` has a meaning of its own in expressions"),
        (
            "{ control: c, type: parameter, value_type: decimal, scale: 2, min: 3, max: 1, default: 2 }",
            "`min` is below `max`, and `step` above nothing",
        ),
        (
            "{ kpi: k, source: orders, measure: sum(sales) * @growth }",
            "`@growth` is not known; there are `@user.…`, `@tenant` and `@now`",
        ),
    ] {
        let mistakes = told(element).await;
        assert!(mistakes.iter().any(|mistake| mistake == expect), "{element}\n{mistakes:#?}");
    }
    let nine = "[sum(sales), min(sales), max(sales), avg(sales), count(*), sum(sales) + 1, sum(sales) + 2, sum(sales) + 3, sum(sales) + 4]";
    let many = format!(
        "{{ control: a, type: measure, options: {nine} }}\n      - {{ control: b, type: measure, options: {nine} }}\n      - {{ chart: m, type: bar, source: orders, x: state, y: [\"@a\", \"@b\"] }}"
    );
    assert_eq!(told(&many).await, ["the switches that it names can be set in more than 64 ways"]);
    let cycle = "{ control: a, type: list, source: orders, column: region, targets: [b] }\n      - { control: b, type: list, source: orders, column: product, targets: [a] }";
    assert_eq!(told(cycle).await, ["`b` follows itself"]);
    let of_policy = WORKBOOK.replace("region = @user.region or", "region = @c or")
        + "\n  - title: Two\n    elements:\n      - { control: c, type: parameter, value_type: text, default: West }\n";
    let mistakes = world.mistakes(&of_policy).await;
    assert!(mistakes.iter().any(|mistake| mistake.contains("`@c` is not known")), "a policy heeds no control: {mistakes:?}");
}
