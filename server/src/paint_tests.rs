//! Every page of the demo can be drawn where there is no browser: what panics there takes the server with it.

use std::collections::BTreeMap;

use engine::Engine;
use engine::catalog::Directory;
use engine::warehouse::{Sqlite, Warehouse};
use model::{AccessMode, Attribute, OpenRequest, Principal};

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_on_the_server() {
    let folder = tempfile::tempdir().unwrap();
    demo::load(&folder.path().join("x.db")).await.unwrap();
    let workbooks = folder.path().join("workbooks");
    std::fs::create_dir_all(&workbooks).unwrap();
    demo::write_workbooks(&workbooks).unwrap();
    let file = workbooks.join("sales_planning.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, pages) = text.split_once("\npages:\n").unwrap();
    let pages: Vec<&str> = pages.split("\n  - title: ").map(|page| page.trim_start_matches("  - title: ").trim_end()).collect();
    assert!(pages.len() > 5, "{}", pages.len());
    let principal = Principal {
        issuer: "crm".into(),
        tenant: "northwind".into(),
        user: "ada".into(),
        name: "Ada".into(),
        roles: ["admin", "planner"].map(String::from).into(),
        attributes: BTreeMap::from([("region".to_owned(), Attribute::One("West".into()))]),
        workbooks: vec!["sales_planning".into()],
        mode: AccessMode::Edit,
        inspects: true,
        filters: BTreeMap::new(),
    };
    let request = OpenRequest { workbook: "sales_planning".into(), only: None };
    for first in 0..pages.len() {
        let (before, from) = pages.split_at(first);
        let turned: String = from.iter().chain(before).map(|page| format!("\n  - title: {page}\n")).collect();
        std::fs::write(&file, format!("{head}\npages:{turned}")).unwrap();
        let warehouse = Sqlite::open(&folder.path().join("x.db")).await.unwrap();
        let engine = Engine::open(warehouse.clone(), &Directory(workbooks.clone())).await.unwrap();
        let (html, _) = app::ssr::first_paint(&engine, &principal, &request, "en-US", "req-1").await.unwrap();
        let title = pages[first].lines().next().unwrap();
        assert!(html.contains("data-element="), "{title}");
        for word in ["[object", "function not implemented"] {
            assert!(!html.contains(word), "{title}");
        }
        warehouse.close().await;
    }
}
