//! Files that are attached to rows: looked at, kept, and served to whoever may see the row, on both engines.

use engine::{EngineError, FileStore};
use futures::FutureExt;
use futures::future::BoxFuture;
use model::{ApiError, Batch, Code, Edit, FilePlace, FileRef, FileRequest, Principal, Raw};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::forms::{cells, refused};
use crate::world::{On, WORKBOOK, World, ada, batch, ed, for_postgres, walt, wendy};

const TABLE: &str = "
  claims:
    rows: { read: \"area = @user.region\", write: \"area = @user.region\" }
    columns:
      area: { type: text, required: true }
      receipt: { type: file, accept: [pdf, csv], max_mb: 1 }
      photo: { type: file, edit: \"@user.has_role('admin')\" }
";
const ELEMENTS: &str = "
      - { form: claim, table: claims, edit: true, fields: [{ field: area, hidden: true, default: { expression: \"@user.region\" } }, receipt] }
      - { input_table: claimed, table: claims }
";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj";

fn workbook(on: On) -> String {
    let text = WORKBOOK.replace("\npages:", &format!("{TABLE}pages:"));
    let text = text.replace("      - { table: visited", &format!("{}      - {{ table: visited", &ELEMENTS[1..]));
    if on == On::Postgres { for_postgres(&text) } else { text }
}

async fn world(on: On) -> World {
    World::with(on, &workbook(on)).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

async fn keep(world: &World, who: &Principal, column: &str, name: &str, content: &[u8]) -> Result<FileRef, Code> {
    let place = FilePlace { workbook: "plan".into(), table: "claims".into(), column: column.into(), name: name.into() };
    let id = hex(&rand::random::<[u8; 8]>());
    world.engine.keep_file(who, &place, content.to_vec(), &id).await.map_err(|error| error.to_api().code)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn get(world: &World, who: &Principal, key: &[Raw], column: &str) -> Result<(FileRef, Vec<u8>), Code> {
    let request = FileRequest { workbook: "plan".into(), table: "claims".into(), key: key.to_vec(), column: column.into() };
    world.engine.file(who, &request, "req").await.map_err(|error: EngineError| error.to_api().code)
}

fn sent(receipt: &Raw) -> Batch {
    let edit = Edit::insert("claims", Vec::new(), cells(json!({ "receipt": receipt })));
    Batch { form: Some("claim".into()), ..batch(vec![edit]) }
}

async fn file(world: &World, who: &Principal, receipt: Raw) -> Result<Vec<Raw>, ApiError> {
    world.apply(who, &sent(&receipt)).await.map(|outcome| outcome.rows[0].key.clone())
}

/// Files in the memory of the test.
#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl FileStore for Memory {
    fn put<'a>(&'a self, id: &'a str, content: Vec<u8>) -> BoxFuture<'a, Result<(), String>> {
        self.0.lock().unwrap().insert(id.to_owned(), content);
        async { Ok(()) }.boxed()
    }

    fn get<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, String>> {
        let found = self.0.lock().unwrap().get(id).cloned();
        async { Ok(found) }.boxed()
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), String>> {
        self.0.lock().unwrap().remove(id);
        async { Ok(()) }.boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_filed_with_a_row_and_served_to_whoever_sees_it() {
    for on in [On::Sqlite, On::Postgres] {
        for elsewhere in [false, true] {
            let world = world(on).await;
            let memory = Arc::new(Memory::default());
            if elsewhere {
                world.engine.keep_files_in(memory.clone());
            }
            let kept = keep(&world, &wendy(), "receipt", "C:\\fakepath\\Beleg März.pdf", PDF).await.unwrap();
            assert_eq!(
                (kept.name.as_str(), kept.size, kept.media.as_str()),
                ("Beleg März.pdf", PDF.len() as u64, "application/pdf")
            );
            // What a browser says of it does not count.
            let said = FileRef { name: "../x.exe".into(), media: "text/html".into(), size: 1, ..kept.clone() };
            let key = file(&world, &wendy(), said.text().into()).await.unwrap();
            assert_eq!(get(&world, &wendy(), &key, "receipt").await.unwrap(), (kept.clone(), PDF.to_vec()));
            assert_eq!(memory.0.lock().unwrap().len(), usize::from(elsewhere));
            // Others of the region see the row, and so the file; nobody else does.
            assert!(get(&world, &walt(), &key, "receipt").await.is_ok());
            let foreign = Principal { tenant: "other".into(), ..wendy() };
            for who in [ed(), ada(), foreign] {
                assert_eq!(get(&world, &who, &key, "receipt").await, Err(Code::RowNotFound), "{}", who.user);
            }
            assert_eq!(get(&world, &wendy(), &key, "photo").await, Err(Code::NoSuchFile));
            assert_eq!(get(&world, &wendy(), &key, "area").await, Err(Code::UnknownColumn));
            assert_eq!(get(&world, &wendy(), &[json!("0000")], "receipt").await, Err(Code::RowNotFound));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_ones_own_is_not_filed() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let theirs = keep(&world, &walt(), "receipt", "a.pdf", PDF).await.unwrap();
        let invented = FileRef { id: "0".repeat(32), ..theirs.clone() };
        for raw in [Raw::from(theirs.text()), invented.text().into(), "no JSON".into(), theirs.id.clone().into()] {
            let error = file(&world, &wendy(), raw).await.unwrap_err();
            assert_eq!(refused(error), [("claims".into(), "receipt".into(), Code::NoSuchFile)]);
        }
        // Of another column, whose rules it has not met.
        let photo = keep(&world, &ada_of_west(), "photo", "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").await.unwrap();
        let error = file(&world, &ada_of_west(), photo.text().into()).await.unwrap_err();
        assert_eq!(refused(error), [("claims".into(), "receipt".into(), Code::NoSuchFile)]);
        // What was filed with a row can be put back there by whoever changes it, and into no other row.
        let key = file(&world, &walt(), theirs.text().into()).await.unwrap();
        let other = file(&world, &wendy(), Raw::Null).await.unwrap();
        let set = |key: &[Raw], value: Raw, was: Raw| {
            let cell = model::CellEdit { was, ..model::CellEdit::new("receipt", value) };
            batch(vec![Edit::set("claims", key.to_vec(), vec![cell])])
        };
        let text = || Raw::from(theirs.text());
        world.apply(&wendy(), &set(&key, Raw::Null, text())).await.unwrap();
        world.apply(&wendy(), &set(&key, text(), Raw::Null)).await.unwrap();
        let error = world.apply(&wendy(), &set(&other, text(), Raw::Null)).await.unwrap_err();
        assert_eq!(refused(error), [("claims".into(), "receipt".into(), Code::NoSuchFile)]);
    }
}

fn ada_of_west() -> Principal {
    crate::world::person("ada", Some("West"), &["admin"])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_told_and_not_kept() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let large = [PDF, &vec![b' '; 1 << 20]].concat();
        for (column, name, content, code) in [
            ("receipt", "a.pdf", &b"MZ\x90\0\x03"[..], Code::WrongFile),
            ("receipt", "a.pdf", b"<html><script>alert(1)</script>", Code::WrongFile),
            ("receipt", "a.exe", PDF, Code::WrongFile),
            ("receipt", "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Code::WrongFile),
            ("receipt", "a.csv", b"a,b\0c", Code::WrongFile),
            ("receipt", "a.pdf", b"", Code::WrongFile),
            ("receipt", "a.pdf", &large, Code::TooLong),
            ("photo", "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Code::NotAllowed),
            ("area", "a.pdf", PDF, Code::UnknownColumn),
            ("nothing", "a.pdf", PDF, Code::UnknownColumn),
        ] {
            assert_eq!(keep(&world, &wendy(), column, name, content).await, Err(code), "{column} {name}");
        }
        let looks_on = Principal { mode: model::AccessMode::View, ..wendy() };
        assert_eq!(keep(&world, &looks_on, "receipt", "a.pdf", PDF).await, Err(Code::NotAllowed));
        assert_eq!(world.count(&format!("select count(*) from {}", world.warehouse.dialect().own("file"))).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_files_is_forgotten_after_a_week() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        let memory = Arc::new(Memory::default());
        world.engine.keep_files_in(memory.clone());
        let filed = keep(&world, &wendy(), "receipt", "filed.pdf", PDF).await.unwrap();
        file(&world, &wendy(), filed.text().into()).await.unwrap();
        keep(&world, &wendy(), "receipt", "forgotten.pdf", PDF).await.unwrap();
        let files = world.warehouse.dialect().own("file");
        world.warehouse.control(vec![engine::Sql::new(format!("update {files} set at = at - 8 * 86400"))]).await.unwrap();
        keep(&world, &wendy(), "receipt", "new.pdf", PDF).await.unwrap();
        let names = world.count(&format!("select count(*) from {files} where name in ('filed.pdf', 'new.pdf')")).await;
        assert_eq!((names, world.count(&format!("select count(*) from {files}")).await), (2, 2));
        assert_eq!(memory.0.lock().unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_to_be_filed_has_a_limit_for_each_person() {
    for on in [On::Sqlite, On::Postgres] {
        let world = world(on).await;
        world.engine.keep_waiting(PDF.len() as u64 * 2 - 1);
        let first = keep(&world, &wendy(), "receipt", "a.pdf", PDF).await.unwrap();
        assert_eq!(keep(&world, &wendy(), "receipt", "b.pdf", PDF).await.unwrap_err(), Code::TooLong);
        keep(&world, &walt(), "receipt", "b.pdf", PDF).await.unwrap();
        file(&world, &wendy(), first.text().into()).await.unwrap();
        keep(&world, &wendy(), "receipt", "b.pdf", PDF).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_a_file_column_are_told() {
    let world = World::new().await;
    for (column, expect) in [
        ("{ type: text, accept: [pdf] }", "`accept` goes with type `file` only"),
        ("{ type: file, max_mb: 500 }", "`max_mb` is 1 to 100"),
        ("{ type: file, unique: true }", "a file has no `unique`"),
        ("{ type: file, accept: [exe] }", "unknown value `exe`"),
    ] {
        let text = workbook(On::Sqlite).replace("{ type: file, accept: [pdf, csv], max_mb: 1 }", column);
        let mistakes = world.mistakes(&text).await;
        assert!(mistakes.iter().any(|mistake| mistake.contains(expect)), "{expect}\n{mistakes:#?}");
    }
}
