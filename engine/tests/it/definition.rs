//! Definitions that change under data that is there.

use engine::catalog::{Catalog, Directory};
use engine::definition::outstanding;
use model::{HistoryRequest, Raw};

use crate::world::{World, batch, edit, on_every_engine, wendy};

const JAN: [&str; 3] = ["West", "Chairs", "2017-01-01"];

impl World {
    /// Changes the workbook's file and says what `inlay plan` says.
    async fn plan(&self, change: impl Fn(&str) -> String) -> Result<Vec<String>, String> {
        let path = self.folder.path().join("plan.yaml");
        let before = std::fs::read_to_string(&path).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "nothing was changed");
        std::fs::write(path, after).unwrap();
        let catalog = self.catalog().await;
        let said = |mistakes: Vec<engine::catalog::Mistake>| mistakes[0].message.clone();
        let changes = outstanding(self.warehouse.as_ref(), &catalog).await.map_err(said)?;
        Ok(changes.iter().flat_map(|of| &of.changes).map(ToString::to_string).collect())
    }

    async fn catalog(&self) -> Catalog {
        let store = Directory(self.folder.path().to_owned());
        Catalog::load(&store, self.warehouse.as_ref()).await.unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
    }

    async fn reload(&self) -> Result<(), String> {
        self.engine.reload(&Directory(self.folder.path().to_owned())).await.map_err(|mistakes| mistakes[0].message.clone())
    }

    /// `inlay apply`, and the server loads the files again.
    async fn follow(&self) {
        let catalog = self.catalog().await;
        for of in outstanding(self.warehouse.as_ref(), &catalog).await.unwrap() {
            self.warehouse.define(of.workbook, of.of, &of.changes, "ada").await.unwrap();
        }
        self.reload().await.unwrap();
        assert!(outstanding(self.warehouse.as_ref(), &catalog).await.unwrap().is_empty(), "nothing is left to do");
    }

    async fn cell(&self, column: &str) -> Raw {
        let answer = self.query(&wendy(), "grid").await.unwrap();
        let place = answer.columns.iter().position(|c| c.name == column).unwrap_or_else(|| panic!("no {column}"));
        answer.rows[0][place].clone()
    }
}

async fn a_column_is_renamed_widened_hidden_and_shown_with_what_was_typed(world: World) {
    world.set(&wendy(), &JAN, "amount", "12.50", Raw::Null).await.unwrap();
    world.set(&wendy(), &JAN, "note", "keep me", Raw::Null).await.unwrap();

    let renamed = |text: &str| {
        text.replace("note: { type: text, max_length: 20 }", "remark: { type: text, was: note }")
            .replace("amount: { type: decimal, scale: 2,", "amount: { type: decimal, scale: 4,")
    };
    let view = "the view that joins it with its source is made anew";
    assert_eq!(
        world.plan(renamed).await.unwrap(),
        [
            "column `amount` is widened from decimal with 2 decimals to decimal with 4 decimals",
            "column `note` is called `remark`",
            view
        ]
    );
    let error = world.reload().await.unwrap_err();
    assert!(error.contains("inlay apply"), "a server does not do that by itself: {error}");
    world.follow().await;
    assert_eq!((world.cell("remark").await, world.cell("amount").await), ("keep me".into(), "12.5000".into()));
    world.set(&wendy(), &JAN, "amount", "12.5001", "12.5").await.unwrap();
    world.set(&wendy(), &JAN, "remark", "kept", "keep me").await.unwrap();
    let key = JAN.map(Raw::from).to_vec();
    let request = HistoryRequest {
        workbook: "plan".into(),
        table: "forecast".into(),
        key,
        column: Some("remark".into()),
        ..Default::default()
    };
    let told: Vec<Raw> =
        world.engine.history(&wendy(), &request, "req").await.unwrap().entries.into_iter().map(|e| e.new).collect();
    assert_eq!(told, [Raw::from("kept"), "keep me".into()], "what was typed under the old name is its history too");

    let without = |text: &str| text.replace("      remark: { type: text, was: note }\n", "");
    assert_eq!(world.plan(without).await.unwrap(), ["column `remark` is hidden; what was typed into it stays", view]);
    world.reload().await.unwrap();
    assert!(world.query(&wendy(), "grid").await.unwrap().columns.iter().all(|c| c.name != "remark"));
    assert!(world.apply(&wendy(), &batch(vec![edit(&JAN, "remark", "x", "kept")])).await.is_err());
    let again =
        |text: &str| text.replace("    computed:\n      variance", "      remark: { type: text }\n    computed:\n      variance");
    assert_eq!(world.plan(again).await.unwrap(), ["column `remark` is shown again, with what was typed into it", view]);
    world.follow().await;
    assert_eq!(world.cell("remark").await, Raw::from("kept"));

    let log = "select count(*) from {definitions} where table_name = 'plan__forecast' and";
    for (what, count) in [
        ("change = 'create' and by = 'server'", 1),
        ("change = 'widen' and by = 'ada'", 1),
        ("change = 'hide'", 1),
        ("change = 'show'", 1),
        ("was = 'note'", 1),
    ] {
        assert_eq!(world.count(&format!("{log} {what}")).await, count, "{what}");
    }
}

async fn what_would_lose_something_is_refused(world: World) {
    world.set(&wendy(), &JAN, "amount", "12.50", Raw::Null).await.unwrap();
    let narrower = |text: &str| text.replace("amount: { type: decimal, scale: 2,", "amount: { type: integer,");
    let error = world.plan(narrower).await.unwrap_err();
    assert!(error.contains("not every value would fit"), "{error}");
    assert!(world.reload().await.is_err());
    let back = |text: &str| text.replace("amount: { type: integer,", "amount: { type: decimal, scale: 2,");
    assert_eq!(world.plan(back).await.unwrap(), [""; 0]);
    let other_key = |text: &str| text.replace("key: [region, product, month]", "key: [month, region, product]");
    let error = world.plan(other_key).await.unwrap_err();
    assert!(error.contains("the key of `forecast` was (region, product, month)"), "{error}");
    assert_eq!(world.cell("amount").await, Raw::from("12.50"), "the old definition is served");
}

async fn every_widening_keeps_every_value(world: World) {
    let columns = "      n: { type: integer }\n      m: { type: integer }\n      d: { type: date }\n      e: { type: date }\n      b: { type: boolean }\n      x: { type: decimal, scale: 3 }\n    computed:";
    assert_eq!(world.plan(|text| text.replacen("    computed:", columns, 1)).await.unwrap().len(), 7);
    world.reload().await.unwrap();
    let typed: [(&str, Raw); 6] = [
        ("n", (-7).into()),
        ("m", 9_007_199_254_740_993_i64.to_string().into()),
        ("d", "2017-02-28".into()),
        ("e", "2017-02-28".into()),
        ("b", true.into()),
        ("x", "-0.050".into()),
    ];
    for (column, value) in typed {
        world.set(&wendy(), &JAN, column, value, Raw::Null).await.unwrap();
    }
    let wider = |text: &str| {
        text.replace("n: { type: integer }", "n: { type: decimal, scale: 2 }")
            .replace("m: { type: integer }", "m: { type: text }")
            .replace("d: { type: date }", "d: { type: timestamp }")
            .replace("e: { type: date }", "e: { type: text }")
            .replace("b: { type: boolean }", "b: { type: text }")
            .replace("x: { type: decimal, scale: 3 }", "x: { type: text }")
    };
    assert_eq!(world.plan(wider).await.unwrap().len(), 7);
    world.follow().await;
    let found: Vec<Raw> = futures_of(&world, ["n", "m", "d", "e", "b", "x"]).await;
    let expect: [Raw; 6] = [
        "-7.00".into(),
        "9007199254740993".into(),
        "2017-02-28T00:00:00.000000Z".into(),
        "2017-02-28".into(),
        "true".into(),
        "-0.050".into(),
    ];
    assert_eq!(found, expect);
    world.set(&wendy(), &JAN, "n", "1.25", "-7").await.unwrap();
    world.set(&wendy(), &JAN, "b", "perhaps", "true").await.unwrap();
}

async fn futures_of(world: &World, columns: [&str; 6]) -> Vec<Raw> {
    let mut found = Vec::new();
    for column in columns {
        found.push(world.cell(column).await);
    }
    found
}

on_every_engine!(
    a_column_is_renamed_widened_hidden_and_shown_with_what_was_typed,
    what_would_lose_something_is_refused,
    every_widening_keeps_every_value,
);
