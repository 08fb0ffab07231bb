//! History and export: the same policy as on screen.

use model::{Code, ExportFile, Filter, FilterOp, HistoryRequest, QueryRequest, Raw, Sort};

use crate::world::{World, ada, batch, ed, edit, on_every_engine, person, walt, wendy};

const JAN: [&str; 3] = ["West", "Chairs", "2017-01-01"];

fn of(key: &[&str]) -> HistoryRequest {
    let key = key.iter().map(|part| Raw::from(*part)).collect();
    HistoryRequest { workbook: "plan".into(), table: "forecast".into(), key, ..HistoryRequest::default() }
}

async fn code(world: &World, who: &model::Principal, request: &HistoryRequest) -> Code {
    world.engine.history(who, request, "req-1").await.unwrap_err().to_api().code
}

async fn the_history_of_a_row_names_who_when_from_and_to_newest_first(world: World) {
    world.set(&wendy(), &JAN, "amount", "1", Raw::Null).await.unwrap();
    let mut second = batch(vec![edit(&JAN, "amount", "2", "1")]);
    second.reason = Some("a better guess".into());
    world.apply(&walt(), &second).await.unwrap();
    world.set(&walt(), &JAN, "note", "n", Raw::Null).await.unwrap();
    let all = world.engine.history(&wendy(), &of(&JAN), "req-1").await.unwrap();
    let told: Vec<_> =
        all.entries.iter().map(|e| (e.by.as_str(), e.column.as_str(), e.old.clone(), e.new.clone(), e.version)).collect();
    assert_eq!(
        told,
        [
            ("WALT", "note", Raw::Null, Raw::from("n"), 3),
            ("WALT", "amount", Raw::from("1.00"), Raw::from("2.00"), 2),
            ("WENDY", "amount", Raw::Null, Raw::from("1.00"), 1),
        ]
    );
    assert_eq!(all.entries[1].reason.as_deref(), Some("a better guess"));
    assert!(!all.more && all.entries[0].at.as_str().is_some_and(|at| at.ends_with('Z')));
    let amount = HistoryRequest { column: Some("amount".into()), limit: 1, ..of(&JAN) };
    let newest = world.engine.history(&wendy(), &amount, "req-1").await.unwrap();
    assert!(newest.more && newest.entries.len() == 1);
    let older = HistoryRequest { before: Some(newest.entries[0].seq), ..amount };
    assert_eq!(world.engine.history(&wendy(), &older, "req-1").await.unwrap().entries[0].by, "WENDY");
}

async fn the_history_of_what_is_hidden_is_that_of_nothing(world: World) {
    world.set(&wendy(), &JAN, "amount", "1", Raw::Null).await.unwrap();
    assert_eq!(code(&world, &ed(), &of(&JAN)).await, Code::RowNotFound);
    assert_eq!(code(&world, &ed(), &of(&["Mars", "Chairs", "2017-01-01"])).await, Code::RowNotFound);
    assert_eq!(code(&world, &wendy(), &of(&["West"])).await, Code::BadBatch);
    assert_eq!(code(&world, &wendy(), &HistoryRequest { table: "orders".into(), ..of(&JAN) }).await, Code::NotFound);
    for column in ["nonsense", "_version", "actual"] {
        let request = HistoryRequest { column: Some(column.into()), ..of(&JAN) };
        assert_eq!(code(&world, &wendy(), &request).await, Code::UnknownColumn, "{column}");
    }
    let mut stranger = wendy();
    stranger.tenant = "globex".into();
    assert!(world.engine.history(&stranger, &of(&JAN), "req-1").await.unwrap().entries.is_empty());
    assert_eq!(world.engine.history(&ada(), &of(&JAN), "req-1").await.unwrap().entries.len(), 1);
}

async fn a_file_holds_what_the_screen_shows(world: World) {
    world.set(&wendy(), &JAN, "note", "=A1, \"quoted\"", Raw::Null).await.unwrap();
    world.set(&wendy(), &JAN, "amount", "904.5", Raw::Null).await.unwrap();
    let chairs = Filter { column: "product".into(), op: FilterOp::Equals, value: "Chairs".into() };
    let request = QueryRequest {
        workbook: "plan".into(),
        element: "grid".into(),
        filters: vec![chairs],
        sort: vec![Sort { column: "month".into(), descending: true }],
        ..QueryRequest::default()
    };
    let file = world.engine.export(&wendy(), &request, &ExportFile::default(), "req-1").await.unwrap();
    assert_eq!((file.file_name.as_str(), file.rows), ("grid.csv", 2));
    let lines = [
        "Region,Product,Month,Actual,Amount,Status,Note,Variance",
        "West,Chairs,2017-02-01,200.25,,draft,,",
        "West,Chairs,2017-01-01,100.50,904.50,draft,\"'=A1, \"\"quoted\"\"\",804.00",
        "",
    ];
    assert_eq!(file.csv, lines.join("\r\n"));
    let temp = person("temp", Some("West"), &["temp"]);
    let states = QueryRequest { workbook: "plan".into(), element: "states".into(), ..QueryRequest::default() };
    assert!(
        !world.engine.export(&temp, &states, &ExportFile::default(), "req-1").await.unwrap().csv.contains("Chairs"),
        "a hidden column"
    );
    assert_eq!(world.engine.export(&ed(), &states, &ExportFile::default(), "req-1").await.unwrap().rows, 1);
    let form = QueryRequest { element: "visit".into(), ..states };
    assert_eq!(
        world.engine.export(&wendy(), &form, &ExportFile::default(), "req-1").await.unwrap_err().to_api().code,
        Code::NotFound
    );
}

on_every_engine!(
    the_history_of_a_row_names_who_when_from_and_to_newest_first,
    the_history_of_what_is_hidden_is_that_of_nothing,
    a_file_holds_what_the_screen_shows,
);
