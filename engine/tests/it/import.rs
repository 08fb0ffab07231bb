//! Files that are loaded into input tables, on both engines: by the same guarded door as what is typed.

use std::io::Write;

use engine::Source;
use model::{
    ApiError, Code, ImportEvent, ImportFormat, ImportOutcome, ImportRequest, LookAnswer, LookRequest, Mapping, Principal, Raw,
    SheetKind, UndoRequest, UploadPart, UploadPlace,
};
use rust_xlsxwriter::Workbook as Sheets;
use tokio::sync::mpsc;

use crate::world::{World, ada, batch, ed, edit, on_every_engine, person, walt, wendy};

fn csv(locale: &str) -> ImportFormat {
    let (kind, encoding, delimiter) = (SheetKind::Csv, "utf-8".into(), Some(','));
    ImportFormat { kind, encoding, delimiter, header: true, locale: locale.into(), sheet: None }
}

fn import(table: &str, batch: &str, columns: &[&str]) -> ImportRequest {
    let named = |name: &&str| (!name.is_empty()).then(|| (*name).to_owned());
    ImportRequest {
        workbook: "plan".into(),
        table: table.into(),
        batch_id: format!("batch-{batch}"),
        upload: "file-0001".into(),
        format: csv("en-US"),
        mapping: Mapping { columns: columns.iter().map(named).collect(), matched: Vec::new() },
        names: columns.iter().map(|name| (*name).to_owned()).collect(),
        language: "en".into(),
        trial: false,
        as_of: None,
        reason: None,
    }
}

fn matched(request: ImportRequest, columns: &[&str]) -> ImportRequest {
    let matched = columns.iter().map(|name| (*name).to_owned()).collect();
    ImportRequest { mapping: Mapping { matched, ..request.mapping }, ..request }
}

fn tried(request: &ImportRequest) -> ImportRequest {
    ImportRequest { trial: true, ..request.clone() }
}

async fn send(world: &World, who: &Principal, table: &str, parts: &[&[u8]]) -> Result<(), ApiError> {
    let place = UploadPlace { workbook: "plan".into(), table: table.into(), upload: "file-0001".into() };
    let _ = world.engine.forget_upload(who, &place, "req").await;
    for (i, content) in parts.iter().enumerate() {
        let part = UploadPart { workbook: "plan".into(), table: table.into(), upload: "file-0001".into(), part: i as u32 };
        world.engine.keep_part(who, &part, content.to_vec(), "req").await.map_err(|error| error.to_api())?;
    }
    Ok(())
}

/// What became of it, and the file of what was refused.
async fn run(world: &World, who: &Principal, request: &ImportRequest) -> Result<(ImportOutcome, String), ApiError> {
    let (sender, mut receiver) = mpsc::channel(64);
    let collecting = tokio::spawn(async move {
        let mut refused = String::new();
        while let Some(event) = receiver.recv().await {
            if let ImportEvent::Refused { csv } = event {
                refused += &csv;
            }
        }
        refused
    });
    let done = world.engine.import(who, request, (Source::Upload, sender), "req").await;
    let refused = collecting.await.unwrap();
    done.map(|outcome| (outcome, refused)).map_err(|error| error.to_api())
}

async fn load(world: &World, who: &Principal, request: &ImportRequest, text: &str) -> Result<(ImportOutcome, String), ApiError> {
    send(world, who, &request.table, &[text.as_bytes()]).await?;
    run(world, who, request).await
}

fn counts(outcome: &ImportOutcome) -> [u64; 4] {
    [outcome.inserted, outcome.updated, outcome.unchanged, outcome.refused]
}

async fn look(world: &World, who: &Principal, table: &str) -> Result<LookAnswer, ApiError> {
    let request = LookRequest {
        workbook: "plan".into(),
        table: table.into(),
        upload: "file-0001".into(),
        name: "a.csv".into(),
        locale: "en-US".into(),
        format: None,
    };
    world.engine.look_into(who, &request, "req").await.map_err(|error| error.to_api())
}

async fn undo(world: &World, who: &Principal, table: &str, undone: &str) -> Result<ImportOutcome, ApiError> {
    let (sender, mut receiver) = mpsc::channel(64);
    tokio::spawn(async move { while receiver.recv().await.is_some() {} });
    let request = UndoRequest {
        workbook: "plan".into(),
        table: table.into(),
        batch_id: format!("undo-of-{undone}"),
        undone: format!("batch-{undone}"),
    };
    world.engine.undo_import(who, &request, sender, "req").await.map_err(|error| error.to_api())
}

const MONTHS: &str = "region,product,month,amount,note
West,Chairs,2017-01-01,120.50,more
West,Chairs,2017-02-01,\"1,100.00\",
West,Tables,2017-01-01,99,as before
East,Chairs,2017-01-01,5,not mine
West,Lamps,2017-01-01,5,no such row
West,Chairs,2017-01-01,7,twice
West,Chairs,2017-02-01,5
";
const INTO_MONTHS: [&str; 5] = ["region", "product", "month", "amount", "note"];

/// Refused are rows of others, rows that are not there, a row's second line, and a line without all values; the preview and the
/// load say the same, the log has each cell, and all of it can be undone.
async fn a_file_is_tried_loaded_and_undone(world: World) {
    let set = edit(&["West", "Tables", "2017-01-01"], "amount", 99, Raw::Null);
    world.apply(&walt(), &batch(vec![set])).await.unwrap();
    let request = ImportRequest { reason: Some("Budget".into()), ..import("forecast", "0aa1", &INTO_MONTHS) };
    let (trial, _) = load(&world, &wendy(), &tried(&request), MONTHS).await.unwrap();
    assert_eq!(counts(&trial), [0, 3, 0, 4]);
    let told: Vec<(u64, Code)> = trial.refusals.iter().map(|line| (line.line, line.why[0].code)).collect();
    let expect = [(5, Code::RowNotFound), (6, Code::RowNotFound), (7, Code::TwiceInFile), (8, Code::RaggedLine)];
    assert_eq!(told, expect);
    assert!(trial.trial && world.count("select count(*) from {log}").await == 1, "nothing is written");
    assert_eq!(trial.changes[0].cells.len(), 2);

    let request = ImportRequest { as_of: Some(trial.as_of), ..request };
    let (outcome, refused) = run(&world, &wendy(), &request).await.unwrap();
    assert_eq!((counts(&outcome), outcome.cells), ([0, 3, 0, 4], 4));
    let lines: Vec<&str> = refused.lines().collect();
    assert!(lines[0].starts_with("region,product,month,amount,note,Line,Why"), "{refused}");
    assert!(lines[1].starts_with("East,Chairs,2017-01-01,5,not mine,5,"), "{refused}");
    assert_eq!(lines.len(), 5);
    let log = world.log().await;
    assert_eq!(log.iter().filter(|line| line.contains("batch-0aa1") && line.contains("import Budget")).count(), 4, "{log:#?}");
    assert_eq!(world.count("select count(*) from {forecast} where amount = {money 1100.00}").await, 1);

    let (again, _) = run(&world, &wendy(), &request).await.unwrap();
    assert!(again.replayed && counts(&again) == counts(&outcome));
    let reused = ImportRequest { reason: None, ..request.clone() };
    assert_eq!(run(&world, &wendy(), &reused).await.unwrap_err().code, Code::BatchReused);
    let (same, _) = load(&world, &wendy(), &import("forecast", "0aa2", &INTO_MONTHS), MONTHS).await.unwrap();
    assert_eq!(counts(&same), [0, 0, 3, 4], "what is the same already is not written again");

    // A colleague's later edit stays, and is told.
    let later = edit(&["West", "Chairs", "2017-01-01"], "amount", 130, "120.50");
    world.apply(&walt(), &batch(vec![later])).await.unwrap();
    assert_eq!(undo(&world, &walt(), "forecast", "0aa1").await.unwrap_err().code, Code::NotFound, "another's");
    let undone = undo(&world, &wendy(), "forecast", "0aa1").await.unwrap();
    assert_eq!((undone.updated, undone.refused), (2, 1));
    assert_eq!(undone.refusals[0].why[0].code, Code::Conflict);
    assert_eq!(world.count("select count(*) from {forecast} where amount = {money 130.00}").await, 1);
    assert_eq!(world.count("select count(*) from {forecast} where amount is null").await, 1);
    assert_eq!(world.count("select count(*) from {forecast} where note is not null").await, 1, "the note of the refused row");
}

/// A cell that somebody has edited after the preview is refused; one that he left alone is not.
async fn what_was_edited_after_the_preview_is_not_overwritten(world: World) {
    let text = "region,product,month,amount,note\nWest,Chairs,2017-01-01,7,n\nWest,Tables,2017-01-01,8,n\n";
    let request = import("forecast", "0ab1", &INTO_MONTHS);
    let (trial, _) = load(&world, &wendy(), &tried(&request), text).await.unwrap();
    let theirs = edit(&["West", "Chairs", "2017-01-01"], "amount", 50, Raw::Null);
    world.apply(&walt(), &batch(vec![theirs])).await.unwrap();
    let (outcome, _) = run(&world, &wendy(), &ImportRequest { as_of: Some(trial.as_of), ..request }).await.unwrap();
    assert_eq!(counts(&outcome), [0, 1, 0, 1]);
    let why = &outcome.refusals[0].why[0];
    assert_eq!((why.code, why.column.as_deref(), why.text.as_str()), (Code::Conflict, Some("amount"), "7"));
    assert!(why.message.contains("WALT"), "{}", why.message);
}

/// Rules, types, lookups, options and uniqueness are the grid's.
async fn every_rule_of_the_table_holds(world: World) {
    let text = "title,hours,code,means,product,due,done
one,1,AA-1,car,Chairs,2026-01-31,2026-01-31 10:00
two,x,AA-2,plane,Sofas,2026-02-30,
three,,AA-1,\"car,bike\",Chairs,,
closed,2,AA-4,,,,
,2,AA-5,,,,
six,=1+1,AA-6,,,,
seven,-1,short,,,,
eight,8,AA-8,,Sofas,,
";
    let columns = ["title", "hours", "code", "means", "product", "due", "done"];
    let request = import("tasks", "0ac1", &columns);
    let (outcome, _) = load(&world, &wendy(), &request, text).await.unwrap();
    assert_eq!(counts(&outcome), [1, 0, 0, 7], "{:#?}", outcome.refusals);
    type Cells<'a> = Vec<(Option<&'a str>, Code)>;
    let codes: Vec<(u64, Cells<'_>)> = outcome
        .refusals
        .iter()
        .map(|line| (line.line, line.why.iter().map(|why| (why.column.as_deref(), why.code)).collect()))
        .collect();
    let expect = vec![
        (3, vec![(Some("hours"), Code::WrongType), (Some("means"), Code::NotAnOption), (Some("due"), Code::WrongType)]),
        (4, vec![(Some("code"), Code::NotUnique)]),
        (5, vec![(None, Code::RowReadOnly)]),
        (6, vec![(Some("title"), Code::Required)]),
        (7, vec![(Some("hours"), Code::WrongType)]),
        (8, vec![(Some("hours"), Code::OutOfRange), (Some("code"), Code::WrongForm)]),
        (9, vec![(Some("product"), Code::NotListed)]),
    ];
    assert_eq!(codes, expect);

    // By a column that is unique: the row is found, and another's code is not taken.
    let text = "title,code\nuno,AA-1\ndue,AA-2\n";
    let request = matched(import("tasks", "0ac2", &["title", "code"]), &["code"]);
    let (outcome, _) = load(&world, &wendy(), &request, text).await.unwrap();
    assert_eq!(counts(&outcome), [1, 1, 0, 0], "{:#?}", outcome.refusals);
    assert_eq!(undo(&world, &wendy(), "tasks", "0ac2").await.unwrap().lines(), 2);
}

/// Rows that were added are taken out again, unless somebody has touched them since.
async fn added_rows_are_taken_out_again(world: World) {
    let lines: String = (0..2_500).map(|i| format!("{}\n", i % 7)).collect();
    let request = import("chores", "0ad1", &["hours"]);
    let (outcome, _) = load(&world, &wendy(), &request, &format!("hours\n{lines}")).await.unwrap();
    assert_eq!(counts(&outcome), [2_500, 0, 0, 0]);
    // Rows with hours may not be deleted there: the table's own policy holds for an undo too.
    let undone = undo(&world, &wendy(), "chores", "0ad1").await.unwrap();
    assert_eq!((undone.deleted, undone.refused), (0, 2_500));
    let request = import("tasks", "0ad2", &["title", "hours"]);
    let lines: String = (0..2_500).map(|i| format!("c{i},{}\n", i % 5 + 1)).collect();
    let (outcome, _) = load(&world, &wendy(), &request, &format!("title,hours\n{lines}")).await.unwrap();
    assert_eq!(counts(&outcome), [2_500, 0, 0, 0]);
    let log = world.log().await;
    let line = log.iter().find(|line| line.contains("\"c7\"")).unwrap();
    let key: Vec<Raw> = serde_json::from_str(line.split(' ').nth(8).unwrap()).unwrap();
    let touched = model::Edit::set(
        "tasks",
        key,
        vec![model::CellEdit { was: Raw::from(3), ..model::CellEdit::new("hours", Raw::from(1)) }],
    );
    world.apply(&wendy(), &batch(vec![touched])).await.unwrap();
    let undone = undo(&world, &wendy(), "tasks", "0ad2").await.unwrap();
    assert_eq!((undone.deleted, undone.refused), (2_499, 1));
    assert_eq!(world.count("select count(*) from {tasks}").await, 1);
    let again = undo(&world, &wendy(), "tasks", "0ad2").await.unwrap();
    assert!(again.replayed && again.deleted == 2_499);
}

/// Who may not write, or may not know, can't load, keep or look; and nobody gets at another's file.
async fn nobody_loads_what_he_may_not_type(world: World) {
    let refused = |done: Result<(), ApiError>| done.unwrap_err().code;
    let viewer = Principal { mode: model::AccessMode::View, ..wendy() };
    assert_eq!(refused(send(&world, &viewer, "forecast", &[b"a"]).await), Code::NotAllowed);
    assert_eq!(refused(send(&world, &wendy(), "nothing", &[b"a"]).await), Code::NotFound);
    send(&world, &wendy(), "forecast", &[MONTHS.as_bytes()]).await.unwrap();
    assert_eq!(look(&world, &walt(), "forecast").await.unwrap_err().code, Code::NoSuchUpload);
    assert_eq!(look(&world, &wendy(), "tasks").await.unwrap_err().code, Code::NoSuchUpload, "it was for another table");
    // Who may not type an amount is not offered it, and is refused.
    let clerk = person("cleo", Some("West"), &[]);
    send(&world, &clerk, "forecast", &[MONTHS.as_bytes()]).await.unwrap();
    let seen = look(&world, &clerk, "forecast").await.unwrap();
    assert_eq!(seen.mapping.columns[3], None);
    let error = run(&world, &clerk, &import("forecast", "0ae1", &INTO_MONTHS)).await.unwrap_err();
    assert_eq!(error.code, Code::BadMapping);
    // Whoever may read but not write: each line is refused.
    let (outcome, _) =
        load(&world, &ada(), &import("forecast", "0ae2", &["region", "product", "month", "", "note"]), MONTHS).await.unwrap();
    assert_eq!((outcome.updated, outcome.refusals[0].why[0].code), (0, Code::RowReadOnly));
    // A neighbour's rows are rows that are not there.
    let (outcome, _) = load(&world, &ed(), &import("forecast", "0ae3", &INTO_MONTHS), MONTHS).await.unwrap();
    assert_eq!((outcome.updated, outcome.refused), (1, 6));
}

/// What can't go anywhere says so before anything is read.
async fn a_mapping_that_cannot_be_is_refused(world: World) {
    send(&world, &wendy(), "forecast", &[MONTHS.as_bytes()]).await.unwrap();
    for (columns, part) in [
        (["region", "product", "month", "variance", ""], "variance"),
        (["region", "product", "month", "amount", "amount"], "Amount"),
        (["region", "product", "", "amount", "note"], "Month"),
        (["region", "product", "month", "", ""], "written"),
        (["region", "product", "month", "actual", ""], "actual"),
    ] {
        let error = run(&world, &wendy(), &import("forecast", "0af1", &columns)).await.unwrap_err();
        assert_eq!(error.code, Code::BadMapping, "{columns:?}");
        assert!(error.message.contains(part), "{}", error.message);
    }
    let other = ImportRequest { upload: "file-0002".into(), ..import("forecast", "0af2", &INTO_MONTHS) };
    assert_eq!(run(&world, &wendy(), &other).await.unwrap_err().code, Code::NoSuchUpload);
    let other = ImportRequest {
        format: ImportFormat { encoding: "klingon".into(), ..csv("en-US") },
        ..import("forecast", "0af3", &INTO_MONTHS)
    };
    assert_eq!(run(&world, &wendy(), &other).await.unwrap_err().code, Code::BadMapping);
}

/// Guessed, changed by the person, and remembered for him by the names of the columns.
async fn how_a_file_is_read_is_guessed_and_remembered(world: World) {
    let text = "Region;Product;Month;Remark;Amount\nWest;Chairs;01.01.2017;n\u{f6};1.000,5\n";
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    send(&world, &wendy(), "forecast", &[&latin]).await.unwrap();
    let seen = look(&world, &wendy(), "forecast").await.unwrap();
    assert_eq!((seen.format.delimiter, seen.format.header, seen.format.locale.as_str()), (Some(';'), true, "de-DE"));
    assert_eq!(seen.format.encoding, "windows-1252");
    let names: Vec<Option<&str>> = seen.mapping.columns.iter().map(Option::as_deref).collect();
    assert_eq!(names, [Some("region"), Some("product"), Some("month"), None, Some("amount")]);
    assert_eq!(seen.columns[3].samples, ["nö"]);
    assert!(!seen.remembered && seen.targets[0].key && !seen.targets[0].writable);
    let mut mapping = seen.mapping.clone();
    mapping.columns[3] = Some("note".into());
    let names = seen.columns.iter().map(|column| column.name.clone()).collect();
    let request = ImportRequest { format: seen.format, mapping, names, ..import("forecast", "0ba1", &[]) };
    let (outcome, _) = run(&world, &wendy(), &request).await.unwrap();
    assert_eq!(counts(&outcome), [0, 1, 0, 0], "{:#?}", outcome.refusals);
    assert_eq!(world.count("select count(*) from {forecast} where amount = {money 1000.50} and note = 'nö'").await, 1);
    let seen = look(&world, &wendy(), "forecast").await.unwrap();
    assert!(seen.remembered && seen.mapping.columns[3].as_deref() == Some("note"));
    send(&world, &walt(), "forecast", &[&latin]).await.unwrap();
    assert!(!look(&world, &walt(), "forecast").await.unwrap().remembered, "a colleague's is his own");
}

/// Bytes that are no text, NUL, an open quotation mark, nothing at all: told where they are, and the rest is loaded.
async fn broken_files_say_what_is_broken(world: World) {
    let request = import("visits", "0bb1", &["customer", "score"]);
    send(&world, &wendy(), "visits", &[b"customer,score\nM\xfcller,1\nMeier\0,2\nKunz,3,,\nHinz,4\n\"open,5\nand on"])
        .await
        .unwrap();
    let (outcome, _) = run(&world, &wendy(), &request).await.unwrap();
    assert_eq!(counts(&outcome), [2, 0, 0, 3], "{:#?}", outcome.refusals);
    let codes: Vec<(u64, Code)> = outcome.refusals.iter().map(|line| (line.line, line.why[0].code)).collect();
    assert_eq!(codes, [(2, Code::UnreadableText), (3, Code::OutOfRange), (6, Code::RaggedLine)]);
    // In another encoding what is no text there says so too.
    send(&world, &wendy(), "visits", &[b"customer,score\nab\x81,1\n"]).await.unwrap();
    let request = ImportRequest {
        format: ImportFormat { encoding: "shift_jis".into(), ..csv("en-US") },
        ..import("visits", "0bb2", &["customer", "score"])
    };
    let (outcome, _) = run(&world, &wendy(), &request).await.unwrap();
    assert_eq!(outcome.refusals[0].why[0].code, Code::UnreadableText);
    send(&world, &wendy(), "visits", &[b"\n\n"]).await.unwrap();
    assert_eq!(look(&world, &wendy(), "visits").await.unwrap_err().code, Code::UnreadableFile);
    // It says that it is a workbook of Excel's.
    send(&world, &wendy(), "visits", &[b"PK\x03\x04 and nothing else"]).await.unwrap();
    assert_eq!(look(&world, &wendy(), "visits").await.unwrap_err().code, Code::UnreadableFile);
    // A megabyte in a cell is a text like any other; a line without an end is not.
    let long = format!("customer,score\n{},5\n", "x".repeat(1 << 20));
    let (outcome, _) = load(&world, &wendy(), &import("visits", "0bb3", &["customer", "score"]), &long).await.unwrap();
    assert_eq!(counts(&outcome), [1, 0, 0, 0]);
    world.engine.keep_waiting(50 << 20);
    let part = vec![b'x'; model::PART_BYTES];
    let mut parts: Vec<&[u8]> = vec![b"customer,score\nfirst,1\n\"open,5\n"];
    parts.extend(std::iter::repeat_n(part.as_slice(), 9));
    send(&world, &wendy(), "visits", &parts).await.unwrap();
    let error = run(&world, &wendy(), &import("visits", "0bb4", &["customer", "score"])).await.unwrap_err();
    assert_eq!(error.code, Code::UnreadableFile);
    assert_eq!(world.count("select count(*) from {visits} where customer = 'first'").await, 0, "nothing of it is loaded");
    // And nobody fills the warehouse with files that he does not load.
    parts.extend(std::iter::repeat_n(part.as_slice(), 9));
    assert_eq!(send(&world, &wendy(), "visits", &parts).await.unwrap_err().code, Code::UploadTooLarge);
}

/// A workbook of Excel's: numbers, days and truths are what they are there, texts are read as people write them.
async fn sheets_are_read(world: World) {
    let mut sheets = Sheets::new();
    sheets.add_worksheet().set_name("About").unwrap().write(0, 0, "nothing").unwrap();
    let sheet = sheets.add_worksheet().set_name("Tasks").unwrap();
    let day = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    for (i, name) in ["Title", "Hours", "Due"].into_iter().enumerate() {
        sheet.write(0, i as u16, name).unwrap();
    }
    let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 1, 31).unwrap();
    sheet.write(1, 0, "=1+1").unwrap().write(1, 1, 0.1 + 0.2 + 2.7).unwrap().write_with_format(1, 2, &date, &day).unwrap();
    sheet.write(2, 0, 12).unwrap().write(2, 1, 1.5).unwrap();
    sheet.write(4, 0, "last").unwrap().write(4, 1, "1.000").unwrap();
    let bytes = sheets.save_to_buffer().unwrap();
    send(&world, &wendy(), "tasks", &[&bytes]).await.unwrap();
    let seen = look(&world, &wendy(), "tasks").await.unwrap();
    assert_eq!((seen.format.kind, seen.sheets.len(), seen.format.sheet.as_deref()), (SheetKind::Xlsx, 2, Some("About")));
    let format = ImportFormat { sheet: Some("Tasks".into()), header: true, locale: "de-DE".into(), ..seen.format };
    let request = ImportRequest { format, ..import("tasks", "0bc1", &["title", "hours", "due"]) };
    let (outcome, _) = run(&world, &wendy(), &request).await.unwrap();
    assert_eq!(counts(&outcome), [2, 0, 0, 1], "{:#?}", outcome.refusals);
    assert_eq!(
        (outcome.refusals[0].line, outcome.refusals[0].why[0].code),
        (3, Code::WrongType),
        "half an hour is no whole number"
    );
    assert_eq!(world.count("select count(*) from {tasks} where title = '=1+1' and hours = 3 and due is not null").await, 1);
    assert_eq!(world.count("select count(*) from {tasks} where hours = 1000").await, 1, "a text, as people write it there");

    // A bomb: four hundred megabytes of blanks in a few.
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let blanks = vec![b' '; 1 << 20];
    (0..400).for_each(|_| bomb.write_all(&blanks).unwrap());
    let bytes = bomb.finish().unwrap().into_inner();
    send(&world, &wendy(), "tasks", &[&bytes]).await.unwrap();
    let error = look(&world, &wendy(), "tasks").await.unwrap_err();
    assert!(error.code == Code::UnreadableFile && error.message.contains("unpacks"), "{error}");
}

/// Whoever goes away takes everything back; the table is free for others again.
async fn a_load_that_is_given_up_leaves_nothing(world: World) {
    let lines: String = (0..30_000).map(|i| format!("c{i},{}\n", i % 5 + 1)).collect();
    send(&world, &wendy(), "visits", &[format!("customer,score\n{lines}").as_bytes()]).await.unwrap();
    let (sender, mut receiver) = mpsc::channel(1);
    let engine = world.engine.clone();
    let running = tokio::spawn(async move {
        let request = import("visits", "0bd1", &["customer", "score"]);
        engine.import(&wendy(), &request, (Source::Upload, sender), "req").await.map_err(|error| error.to_api())
    });
    assert!(matches!(receiver.recv().await, Some(ImportEvent::Progress { lines: 5_000, .. })));
    drop(receiver);
    assert!(running.await.unwrap().is_err());
    assert_eq!(world.count("select count(*) from {visits}").await, 0);
    let (outcome, _) = run(&world, &wendy(), &import("visits", "0bd1", &["customer", "score"])).await.unwrap();
    assert_eq!((outcome.inserted, outcome.replayed), (30_000, false), "the same batch is loaded for the first time");
}

on_every_engine! {
    a_file_is_tried_loaded_and_undone,
    what_was_edited_after_the_preview_is_not_overwritten,
    every_rule_of_the_table_holds,
    added_rows_are_taken_out_again,
    nobody_loads_what_he_may_not_type,
    a_mapping_that_cannot_be_is_refused,
    how_a_file_is_read_is_guessed_and_remembered,
    broken_files_say_what_is_broken,
    sheets_are_read,
    a_load_that_is_given_up_leaves_nothing,
}
