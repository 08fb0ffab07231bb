//! Tables that begin with the rows of a file, on both engines.

use engine::Engine;
use engine::catalog::Directory;
use model::{AccessMode, CellEdit, Code, Edit, Principal};

use crate::world::{World, ada, batch, ed, on_every_engine, wendy};

const STEPS: &str = "step,Hours,by\nCount the stock,2.5,2026-12-01\n\"Ask, then tell\",,\nClose,0.25,\n";

/// The usual workbook with a table that begins with this file.
fn workbook(plan: &str) -> String {
    let table = "input_tables:\n  steps:\n    first_rows: steps.csv\n    \
                 rows: { read: \"@user.region <> '' or @user.has_role('admin')\", write: \"@user.has_role('planner')\", delete: \"@user.has_role('planner')\" }\n    columns:\n      \
                 step: { type: text, required: true }\n      took: { type: decimal, scale: 2, min: 0, label: Hours }\n      by: { type: date }\n      \
                 state: { type: choice, options: [open, done], default: open }\n    \
                 rules:\n      - { check: took < 100, message: Too long }\n";
    let element = "elements:\n      - { input_table: steps, table: steps }\n";
    plan.replacen("input_tables:\n", table, 1).replacen("elements:\n", element, 1)
}

fn write(world: &World, steps: &str) {
    let file = world.folder.path().join("plan.yaml");
    let plan = std::fs::read_to_string(&file).unwrap();
    if !plan.contains("first_rows") {
        std::fs::write(file, workbook(&plan)).unwrap();
    }
    std::fs::write(world.folder.path().join("steps.csv"), steps).unwrap();
}

async fn begun(world: &World, steps: &str) {
    write(world, steps);
    world.engine.reload(&Directory(world.folder.path().to_owned())).await.unwrap();
}

fn elsewhere() -> Principal {
    Principal { tenant: "globex".into(), ..wendy() }
}

/// Every row: step, hours, day and state.
async fn rows(world: &World, who: &Principal) -> Vec<String> {
    let answer = world.query(who, "steps").await.unwrap();
    let place = |name: &str| answer.columns.iter().position(|column| column.name == name).unwrap();
    let places = ["step", "took", "by", "state"].map(place);
    let said = |row: &Vec<model::Raw>| places.map(|i| row[i].to_string().replace('"', "")).join(" ");
    answer.rows.iter().map(said).collect()
}

/// In the order of the file.
const BEGUN: [&str; 3] = ["Count the stock 2.50 2026-12-01 open", "Ask, then tell null null open", "Close 0.25 null open"];

async fn every_tenant_begins_with_the_files_rows_and_goes_on_from_there(world: World) {
    begun(&world, STEPS).await;
    // Asking what somebody may do writes nothing.
    world.engine.explain(&wendy(), "steps").await.unwrap();
    assert!(world.log().await.is_empty());
    // A viewer may be the first that comes.
    let vic = Principal { mode: AccessMode::View, ..ed() };
    assert_eq!(rows(&world, &vic).await, BEGUN);
    assert_eq!(rows(&world, &wendy()).await, BEGUN);
    let log = world.log().await;
    assert_eq!(log.len(), 3 * 4, "{log:#?}");
    assert!(
        log.iter().all(|line| line.contains(" inlay acme inlay steps.csv plan steps ") && line.contains(" import ")),
        "{log:#?}"
    );
    // What is changed and taken away is that for good, and for this tenant.
    let answer = world.query(&wendy(), "steps").await.unwrap();
    let place = answer.columns.iter().position(|column| column.name == "_row").unwrap();
    let key = |row: usize| vec![answer.rows[row][place].clone()];
    let cell = CellEdit { was: "open".into(), ..CellEdit::new("state", "done".into()) };
    world.apply(&wendy(), &batch(vec![Edit::set("steps", key(1), vec![cell])])).await.unwrap();
    for row in [0, 2] {
        world.apply(&wendy(), &batch(vec![Edit::delete("steps", key(row), 1)])).await.unwrap();
    }
    let left = ["Ask, then tell null null done"];
    assert_eq!(rows(&world, &ed()).await, left);
    assert_eq!(rows(&world, &elsewhere()).await, BEGUN);
    // Not by a restart, and not by another file: that is what others begin with.
    begun(&world, "step\nRest\n").await;
    let world = world.restarted().await;
    assert_eq!(rows(&world, &wendy()).await, left);
    assert_eq!(rows(&world, &elsewhere()).await, BEGUN);
    let third = Principal { tenant: "initech".into(), ..wendy() };
    assert_eq!(rows(&world, &third).await, ["Rest null null open"]);
}

async fn a_table_that_people_have_written_into_does_not_begin_again(world: World) {
    // Without a file at first.
    let file = world.folder.path().join("plan.yaml");
    let plan = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, workbook(&plan).replace("    first_rows: steps.csv\n", "")).unwrap();
    world.engine.reload(&Directory(world.folder.path().to_owned())).await.unwrap();
    let mine = Edit::insert("steps", Vec::new(), vec![CellEdit::new("step", "Mine".into())]);
    world.apply(&wendy(), &batch(vec![mine])).await.unwrap();
    std::fs::write(&file, plan).unwrap();
    begun(&world, STEPS).await;
    assert_eq!(rows(&world, &wendy()).await, ["Mine null null open"]);
    assert_eq!(rows(&world, &elsewhere()).await, BEGUN);
}

async fn two_servers_at_once_bring_them_once(world: World) {
    begun(&world, STEPS).await;
    let other = Engine::open(world.warehouse.clone(), &Directory(world.folder.path().to_owned())).await.unwrap();
    let request = model::QueryRequest { workbook: "plan".into(), element: "steps".into(), ..model::QueryRequest::default() };
    let (wendy, ada) = (wendy(), ada());
    let asked = (0..4).flat_map(|_| [(&world.engine, &wendy), (&other, &ada)]);
    let answers = futures::future::join_all(asked.map(|(engine, who)| engine.query(who, &request, "req"))).await;
    for answer in answers {
        assert_eq!(answer.unwrap().rows.len(), 3);
    }
    assert_eq!(world.log().await.len(), 3 * 4);
}

async fn a_row_that_breaks_a_rule_is_left_out(world: World) {
    begun(&world, "step,Hours\nQuick,1\nLong,100\n").await;
    assert_eq!(rows(&world, &wendy()).await, ["Quick 1.00 null open"]);
}

#[tokio::test]
async fn a_file_that_is_no_beginning_is_a_mistake_of_the_workbook() {
    let world = World::new().await;
    let check = async |steps: &str, expected: &[&str]| {
        write(&world, steps);
        let store = Directory(world.folder.path().to_owned());
        let mistakes = Engine::open(world.warehouse.clone(), &store).await.expect_err("a mistake");
        let told: Vec<String> = mistakes.iter().map(|mistake| mistake.message.clone()).collect();
        assert_eq!(told, expected);
        assert!(mistakes.iter().all(|mistake| mistake.line > 1), "{mistakes:?}");
    };
    check("", &["`steps.csv` is empty"]).await;
    check("step\n", &["`steps.csv` has no rows"]).await;
    check(
        "step,steps,step\nx,y,z\n",
        &["`steps.csv` has a column “steps”, which the table does not have", "`steps.csv` has the column “step” twice"],
    )
    .await;
    check("Hours\n1\n", &["`steps.csv` has no column `step`, which is required"]).await;
    check(
        "step,Hours,state\nx,-1,open\ny,1,never\n,1,open\nz,1\n",
        &[
            "`steps.csv`, line 2: `took`: Must be 0 or more.",
            "`steps.csv`, line 3: `state`: Choose one of: open, done.",
            "`steps.csv`, line 4: `step`: Step is required.",
            "`steps.csv`, line 5: This line has 2 values, the file has 3 columns.",
        ],
    )
    .await;
    let many: String = (0..7).map(|_| "x,-1\n").collect();
    let line = |n: u32| format!("`steps.csv`, line {n}: `took`: Must be 0 or more.");
    let lines: Vec<String> = (2..7).map(line).chain(["`steps.csv` has 2 more lines that can't be rows".to_owned()]).collect();
    check(&format!("step,Hours\n{many}"), &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let many: String = (0..10_001).map(|i| format!("{i}\n")).collect();
    check(&format!("step\n{many}"), &["`steps.csv` has 10001 rows; a table begins with 10000 at most"]).await;
    std::fs::remove_file(world.folder.path().join("steps.csv")).unwrap();
    let file = world.folder.path().join("plan.yaml");
    let plan = std::fs::read_to_string(&file).unwrap();
    for (name, expected) in [
        ("steps.csv", "there is no file `steps.csv` beside the workbook"),
        ("../steps.csv", "this is the name of a file beside the workbook"),
    ] {
        let mistakes = world.mistakes(&plan.replace("first_rows: steps.csv", &format!("first_rows: {name}"))).await;
        assert!(mistakes.len() == 1 && mistakes[0].ends_with(expected), "{mistakes:?}");
    }
    let linked = plan
        .replace("    first_rows: steps.csv\n", "")
        .replace("    linked_to: months\n", "    linked_to: months\n    first_rows: steps.csv\n");
    let mistakes = world.mistakes(&linked).await;
    assert!(mistakes[0].ends_with("the rows of a linked or direct table are its source's"), "{mistakes:?}");
    assert_eq!(world.query(&wendy(), "steps").await.unwrap_err().code, Code::NotFound);
}

on_every_engine!(
    every_tenant_begins_with_the_files_rows_and_goes_on_from_there,
    a_table_that_people_have_written_into_does_not_begin_again,
    two_servers_at_once_bring_them_once,
    a_row_that_breaks_a_rule_is_left_out,
);
