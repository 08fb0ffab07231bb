//! Forms that write through a procedure of the warehouse or the host's product: what is refused there is written nowhere, and
//! what is taken is taken once.

use std::sync::{Arc, Mutex};

use engine::Sql;
use engine::catalog::{Catalog, Directory};
use engine::writeback::{Answer, Call, Endpoints, FieldRefusal, Refusal};
use futures::FutureExt;
use futures::future::BoxFuture;
use model::{Batch, Code, Edit, Raw};
use serde_json::json;

use crate::forms::{cells, refused};
use crate::world::{On, WORKBOOK, World, batch, for_postgres, wendy};

fn workbook(through: &str, on: On) -> String {
    let form =
        format!("      - {{ form: book, table: visits, fields: [customer, score], {through} }}\n      - {{ table: visited");
    let text = WORKBOOK.replace("      - { table: visited", &form);
    if on == On::Postgres { for_postgres(&text) } else { text }
}

fn sent(id: &str, visit: Raw) -> Batch {
    let edit = Edit::insert("visits", Vec::new(), cells(visit));
    Batch { form: Some("book".into()), batch_id: id.into(), ..batch(vec![edit]) }
}

/// A product that answers as it is told to, and remembers what it was asked.
#[derive(Debug)]
struct Product {
    answers: Mutex<Vec<Result<Answer, String>>>,
    asked: Mutex<Vec<Call>>,
}

impl Product {
    fn answering(answers: Vec<Result<Answer, String>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers), asked: Mutex::default() })
    }
}

impl Endpoints for Product {
    fn has(&self, name: &str) -> bool {
        name == "crm"
    }

    fn tell<'a>(&'a self, _name: &'a str, call: &'a Call) -> BoxFuture<'a, Result<Answer, String>> {
        self.asked.lock().unwrap().push(call.clone());
        let answer = self.answers.lock().unwrap().remove(0);
        async move { answer }.boxed()
    }
}

fn refusal(field: &str, message: &str) -> Answer {
    let errors = vec![FieldRefusal { field: field.into(), row: 0, message: message.into() }];
    Answer::Refused(Refusal { message: None, errors })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_takes_a_submission_before_it_is_saved() {
    for on in [On::Sqlite, On::Postgres] {
        let world = World::with(on, &workbook("through: { endpoint: crm }", on)).await.unwrap();
        let visits = format!("select count(*) from {}", world.warehouse.dialect().own("plan__visits"));
        let whole = Answer::Refused(Refusal { message: Some("Closed on Mondays".into()), errors: Vec::new() });
        let product = Product::answering(vec![
            Ok(refusal("score", "Not today")),
            Ok(refusal("nothing", "Of no field")),
            Ok(whole),
            Err("it answered 500".into()),
            Ok(Answer::Taken),
        ]);
        world.engine.reach(product.clone()).unwrap();
        let good = json!({ "customer": "Ada & Söhne \"x\"", "score": 4 });
        // What would be refused here is not told there.
        let bad = sent("through-bad", json!({ "customer": "forbidden" }));
        assert_eq!(world.apply(&wendy(), &bad).await.unwrap_err().code, Code::RowReadOnly);
        let bad = sent("through-worse", json!({ "customer": "a", "score": 9 }));
        assert_eq!(
            refused(world.apply(&wendy(), &bad).await.unwrap_err()),
            [("visits".into(), "score".into(), Code::OutOfRange)]
        );
        assert!(product.asked.lock().unwrap().is_empty());
        // What it says stands at the field, or above all of it.
        let error = world.apply(&wendy(), &sent("through-1", good.clone())).await.unwrap_err();
        assert_eq!(error.message, "Not today");
        assert_eq!(refused(error), [("visits".into(), "score".into(), Code::RuleFailed)]);
        for said in ["Of no field", "Closed on Mondays"] {
            let error = world.apply(&wendy(), &sent("through-2", good.clone())).await.unwrap_err();
            assert_eq!((error.message.as_str(), error.outcome.unwrap().rows[0].code), (said, Some(Code::RuleFailed)));
        }
        assert_eq!(world.apply(&wendy(), &sent("through-3", good.clone())).await.unwrap_err().code, Code::HostUnavailable);
        assert_eq!(world.count(&visits).await, 0);
        // The same submission again, with the same key: then it is saved, and not told a third time.
        let outcome = world.apply(&wendy(), &sent("through-3", good.clone())).await.unwrap();
        assert!(world.apply(&wendy(), &sent("through-3", good.clone())).await.unwrap().replayed);
        assert_eq!(world.count(&visits).await, 1);
        let asked = product.asked.lock().unwrap();
        let keys: Vec<&String> = asked.iter().map(|call| &call.key).collect();
        assert!(keys.len() == 5 && keys[3] == keys[4] && keys[0] != keys[1]);
        let body: Raw = serde_json::from_str(&asked[4].body).unwrap();
        assert_eq!(
            body["rows"],
            json!([{ "table": "visits", "operation": "insert", "key": outcome.rows[0].key, "values": good }])
        );
        assert_eq!(
            (&body["user"]["id"], &body["form"], &body["tenant"]),
            (&json!("wendy"), &json!("book"), &json!(wendy().tenant))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_not_there_is_named() {
    let world = World::with(On::Sqlite, &workbook("through: { endpoint: erp }", On::Sqlite)).await.unwrap();
    assert_eq!(world.engine.reach(Product::answering(Vec::new())).unwrap_err(), ["erp"]);
    let mistakes = world.mistakes(&workbook("through: { procedure: crm.book }", On::Sqlite)).await;
    assert!(mistakes[0].ends_with("this warehouse has none; a form may write through an `endpoint`"), "{mistakes:?}");
}

const FUNCTION: &str = "create schema crm;
create table crm.bookings (customer text, score bigint, by_user text);
create function crm.book(told jsonb) returns void language plpgsql as $$
declare row jsonb := told->'rows'->0->'values';
begin
  if (row->>'score')::int = 1 then
    raise exception 'The CRM wants a score of 2 or more' using column = 'score';
  end if;
  if row->>'customer' = 'nobody' then
    raise exception 'There is nobody of this name';
  end if;
  if row->>'customer' = 'broken' then
    perform 1 / 0;
  end if;
  insert into crm.bookings values (row->>'customer', (row->>'score')::int, told->'user'->>'id');
end $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_function_of_the_warehouse_writes_in_the_same_transaction() {
    for (through, make) in [
        ("through: { function: crm.book }", FUNCTION.to_owned()),
        (
            "through: { procedure: crm.book }",
            FUNCTION.replace("create function", "create procedure").replace(" returns void", ""),
        ),
    ] {
        let world = World::with(On::Postgres, &workbook(through, On::Postgres)).await.unwrap();
        let warned = async || {
            let store = Directory(world.folder.path().to_owned());
            Catalog::load(&store, world.warehouse.as_ref()).await.unwrap().warnings
        };
        let [warning] = &warned().await[..] else { panic!("it is not there yet") };
        assert!(warning.message.contains("`crm.book` that takes a jsonb"), "{}", warning.message);
        let parts = make.splitn(3, ";\n").map(Sql::new).collect();
        world.warehouse.control(parts).await.unwrap();
        assert!(warned().await.is_empty());
        let counts = async || {
            (world.count("select count(*) from crm.bookings").await, world.count("select count(*) from inlay.plan__visits").await)
        };
        let error = world.apply(&wendy(), &sent("function-1", json!({ "customer": "a", "score": 1 }))).await.unwrap_err();
        assert_eq!(error.message, "The CRM wants a score of 2 or more");
        assert_eq!(refused(error), [("visits".into(), "score".into(), Code::RuleFailed)]);
        let error = world.apply(&wendy(), &sent("function-2", json!({ "customer": "nobody" }))).await.unwrap_err();
        assert_eq!((error.message.as_str(), error.code), ("There is nobody of this name", Code::RuleFailed));
        // What the database says by itself stays in the log.
        let error = world.apply(&wendy(), &sent("function-3", json!({ "customer": "broken" }))).await.unwrap_err();
        assert_eq!((error.code, error.outcome), (Code::WarehouseFailed, None));
        assert_eq!((counts().await, world.count("select count(*) from {log}").await), ((0, 0), 0));
        let good = sent("function-4", json!({ "customer": "Ada's \"; drop table x", "score": 5 }));
        world.apply(&wendy(), &good).await.unwrap();
        assert!(world.apply(&wendy(), &good).await.unwrap().replayed);
        assert_eq!(counts().await, (1, 1));
        let told =
            "select count(*) from crm.bookings where customer = 'Ada''s \"; drop table x' and score = 5 and by_user = 'wendy'";
        assert_eq!(world.count(told).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_may_be_for_forms_alone() {
    for on in [On::Sqlite, On::Postgres] {
        let text = workbook("keep_drafts: 0", on).replace("  visits:\n", "  visits:\n    forms_only: true\n");
        let world = World::with(on, &text).await.unwrap();
        let visit = json!({ "customer": "a", "score": 3 });
        let key = world.apply(&wendy(), &sent("forms-only", visit.clone())).await.unwrap().rows[0].key.clone();
        let row = || key.clone();
        for edit in [
            Edit::insert("visits", Vec::new(), cells(visit)),
            Edit::set("visits", row(), cells(json!({ "score": 1 }))),
            Edit::delete("visits", row(), 1),
        ] {
            assert_eq!(world.apply(&wendy(), &batch(vec![edit])).await.unwrap_err().code, Code::NotAllowed);
        }
    }
}
