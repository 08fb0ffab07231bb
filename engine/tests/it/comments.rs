//! What people say about rows: kept once, told to whoever sees the row, and to nobody else. And who types where.

use engine::control::{ControlStore, Session, WarehouseControl};
use model::{
    AccessMode, CellPlace, Code, CommentChange, CommentsAnswer, CommentsRequest, MOST_TEXT, PresenceRequest, Present, Principal,
    Raw, SaveComment,
};

use crate::world::{World, ed, on_every_engine, person, walt, wendy};

fn west(product: &str) -> Vec<Raw> {
    vec!["West".into(), product.into(), "2017-01-01".into()]
}

async fn read(world: &World, who: &Principal, key: Vec<Raw>) -> Result<CommentsAnswer, Code> {
    let request = CommentsRequest { workbook: "plan".into(), table: "forecast".into(), key };
    world.engine.comments(who, &request, "req-1").await.map_err(|error| error.to_api().code)
}

async fn save(world: &World, who: &Principal, key: Vec<Raw>, id: &str, change: CommentChange) -> Result<CommentsAnswer, Code> {
    let request = SaveComment { workbook: "plan".into(), table: "forecast".into(), key, id: id.into(), change };
    world.engine.save_comment(who, &request, "req-1").await.map_err(|error| error.to_api().code)
}

fn say(text: &str) -> CommentChange {
    CommentChange::Say { thread: None, text: text.into(), mentions: Vec::new() }
}

fn reply(thread: &str, text: &str) -> CommentChange {
    CommentChange::Say { thread: Some(thread.into()), text: text.into(), mentions: Vec::new() }
}

/// Threads as texts: author and words of each comment, and who has settled it.
fn told(answer: &CommentsAnswer) -> Vec<String> {
    let words = |comment: &model::Comment| format!("{}: {}", comment.by.name, comment.text.as_deref().unwrap_or("–"));
    let thread = |thread: &model::Thread| {
        let said: Vec<String> = thread.comments.iter().map(words).collect();
        let settled = thread.resolved.as_ref().map(|by| format!(" ✓ {}", by.by)).unwrap_or_default();
        format!("{}{settled}", said.join(" / "))
    };
    answer.threads.iter().map(thread).collect()
}

/// As if he had signed in.
async fn signed_in(world: &World, who: &Principal) {
    let session = Session { token_hash: format!("hash of {}", who.user), principal: who.clone(), expires_at: i64::MAX };
    WarehouseControl(world.warehouse.clone()).save(&session).await.unwrap();
}

async fn open_threads(world: &World, who: &Principal) -> Vec<u64> {
    world.query(who, "grid").await.unwrap().meta.iter().map(|row| row.threads).collect()
}

async fn threads_are_answered_settled_and_opened_again(world: World) {
    let (wendy, walt) = (wendy(), walt());
    assert_eq!(open_threads(&world, &wendy).await, [0, 0, 0]);
    let first = save(&world, &wendy, west("Tables"), "comment-1", say("Why so little?")).await.unwrap();
    assert_eq!(told(&first), [format!("{}: Why so little?", wendy.name)]);
    assert!(first.threads[0].comments[0].own);
    let answered = save(&world, &walt, west("Tables"), "comment-2", reply("comment-1", "Rain")).await.unwrap();
    assert_eq!(told(&answered), [format!("{}: Why so little? / {}: Rain", wendy.name, walt.name)]);
    assert_eq!(answered.threads[0].comments.iter().map(|c| c.own).collect::<Vec<_>>(), [false, true]);
    save(&world, &walt, west("Tables"), "comment-3", say("And <b>this</b> ünïcode 漢?\nTwo lines")).await.unwrap();
    assert_eq!(open_threads(&world, &wendy).await, [0, 0, 2]);
    let settled = save(&world, &wendy, west("Tables"), "comment-1", CommentChange::Resolve(true)).await.unwrap();
    assert_eq!(settled.threads[0].resolved.as_ref().map(|by| by.by.clone()), Some(wendy.name.clone()));
    assert_eq!(open_threads(&world, &wendy).await, [0, 0, 1]);
    let again = save(&world, &walt, west("Tables"), "comment-4", reply("comment-1", "Still")).await.unwrap();
    assert_eq!(again.threads[0].resolved, None, "whoever answers opens it again");
    assert_eq!(again.threads[1].comments[0].text.as_deref(), Some("And <b>this</b> ünïcode 漢?\nTwo lines"));
    let back = save(&world, &walt, west("Tables"), "comment-2", CommentChange::TakeBack).await.unwrap();
    assert_eq!(told(&back)[0], format!("{}: Why so little? / {}: – / {}: Still", wendy.name, walt.name, walt.name));
    assert_eq!(read(&world, &wendy, west("Chairs")).await.map(|answer| answer.threads.len()), Ok(0));
    let world = world.restarted().await;
    assert_eq!(open_threads(&world, &wendy).await, [0, 0, 2]);
    assert_eq!(read(&world, &wendy, west("Tables")).await.unwrap().threads.len(), 2);
}

async fn nobody_reads_or_writes_about_a_row_that_he_does_not_see(world: World) {
    save(&world, &wendy(), west("Tables"), "comment-1", say("Ours")).await.unwrap();
    for key in [west("Tables"), west("Nothing")] {
        assert_eq!(read(&world, &ed(), key.clone()).await, Err(Code::RowNotFound));
        for change in [say("hello"), reply("comment-1", "hello"), CommentChange::Resolve(true), CommentChange::TakeBack] {
            assert_eq!(save(&world, &ed(), key.clone(), "comment-1", change).await, Err(Code::RowNotFound));
        }
    }
    let stranger = Principal { tenant: "globex".into(), ..wendy() };
    assert_eq!(read(&world, &stranger, west("Tables")).await.map(|answer| answer.threads.len()), Ok(0));
    assert_eq!(open_threads(&world, &stranger).await, [0, 0, 0]);
    save(&world, &stranger, west("Tables"), "comment-1", say("Theirs")).await.unwrap();
    assert_eq!(told(&read(&world, &wendy(), west("Tables")).await.unwrap()), [format!("{}: Ours", wendy().name)]);
    let viewer = Principal { mode: AccessMode::View, ..wendy() };
    assert_eq!(read(&world, &viewer, west("Tables")).await.map(|answer| answer.threads.len()), Ok(1));
    assert_eq!(save(&world, &viewer, west("Tables"), "comment-9", say("x")).await, Err(Code::NotAllowed));
}

async fn a_comment_that_can_not_be_kept_says_so_and_changes_nothing(world: World) {
    save(&world, &wendy(), west("Tables"), "comment-1", say("First")).await.unwrap();
    save(&world, &wendy(), west("Tables"), "comment-2", reply("comment-1", "Second")).await.unwrap();
    let long = "x".repeat(MOST_TEXT + 1);
    for (who, id, change) in [
        (wendy(), "comment-3", say("")),
        (wendy(), "comment-3", say(" \n ")),
        (wendy(), "comment-3", say(&long)),
        (wendy(), "comment-3", say("nul\0")),
        (wendy(), "short", say("x")),
        (wendy(), "comment 3'; --", say("x")),
        (wendy(), "comment-3", reply("comment-9", "x")),
        (wendy(), "comment-3", reply("comment-2", "a thread is named by its first comment")),
        (wendy(), "comment-1", say("other words under the same id")),
        (walt(), "comment-1", say("First")),
        (walt(), "comment-1", CommentChange::TakeBack),
        (wendy(), "comment-2", CommentChange::Resolve(true)),
        (wendy(), "comment-9", CommentChange::Resolve(true)),
        (wendy(), "comment-3", CommentChange::Say { thread: None, text: "x".into(), mentions: vec!["nobody".into()] }),
    ] {
        let words = format!("{change:?}").chars().take(80).collect::<String>();
        assert_eq!(save(&world, &who, west("Tables"), id, change).await.map(drop), Err(Code::BadComment), "{words}");
    }
    // Sent twice it is there once.
    save(&world, &wendy(), west("Tables"), "comment-1", say("First")).await.unwrap();
    let name = wendy().name;
    let now = read(&world, &wendy(), west("Tables")).await.unwrap();
    assert_eq!(told(&now), [format!("{name}: First / {name}: Second")]);
    let most = "x".repeat(MOST_TEXT);
    save(&world, &wendy(), west("Tables"), "comment-3", say(&most)).await.unwrap();
}

async fn people_of_the_same_tenant_and_workbook_are_named(world: World) {
    let elsewhere = Principal { workbooks: vec!["another".into()], ..person("otto", Some("West"), &[]) };
    let stranger = Principal { tenant: "globex".into(), ..person("gina", Some("West"), &[]) };
    let of_another = Principal { issuer: "another".into(), ..person("ines", Some("West"), &[]) };
    for who in [wendy(), walt(), elsewhere, stranger, of_another] {
        signed_in(&world, &who).await;
    }
    signed_in(&world, &Principal { name: "Walter".into(), ..walt() }).await;
    let names = async || {
        let people = read(&world, &wendy(), west("Tables")).await.unwrap().people;
        people.into_iter().map(|person| person.name).collect::<Vec<_>>()
    };
    let mut expected = vec!["Walter".to_owned(), wendy().name];
    expected.sort();
    assert_eq!(names().await, expected);
    let change = |mentions: &[&str]| {
        let mentions = mentions.iter().map(|user| (*user).to_owned()).collect();
        CommentChange::Say { thread: None, text: "@Walter look".into(), mentions }
    };
    let said = save(&world, &wendy(), west("Tables"), "comment-1", change(&[&walt().user, &walt().user])).await.unwrap();
    assert_eq!(said.threads[0].comments[0].mentions.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Walter"]);
    assert_eq!(save(&world, &wendy(), west("Tables"), "comment-2", change(&["gina"])).await, Err(Code::BadComment));
}

async fn types(world: &World, who: &Principal, page: &str, at: Option<(Vec<Raw>, &str)>) -> Result<Vec<Present>, Code> {
    let at = at.map(|(key, column)| CellPlace { key, column: column.into() });
    let request = PresenceRequest { workbook: "plan".into(), table: "forecast".into(), page: page.into(), at };
    world.engine.presence(who, &request, "req-1").await.map_err(|error| error.to_api().code)
}

async fn who_types_is_told_to_whoever_sees_the_cell(world: World) {
    let mut changes = world.engine.changes();
    let present = |who: &Principal| Present { key: west("Tables"), column: "note".into(), by: who.name.clone() };
    assert_eq!(types(&world, &wendy(), "page-of-wendy", Some((west("Tables"), "note"))).await, Ok(Vec::new()));
    let heard = format!("{:?}", changes.recv().await.unwrap());
    assert!(heard.contains("forecast#presence") && !heard.contains("Tables"), "{heard}");
    assert_eq!(types(&world, &walt(), "page-of-walt", None).await, Ok(vec![present(&wendy())]));
    // The same page is not told of itself, another page of the same person is.
    assert_eq!(types(&world, &wendy(), "page-of-wendy", None).await, Ok(Vec::new()));
    types(&world, &wendy(), "page-of-wendy", Some((west("Tables"), "note"))).await.unwrap();
    assert_eq!(types(&world, &wendy(), "other-page", None).await, Ok(vec![present(&wendy())]));
    let stranger = Principal { tenant: "globex".into(), ..wendy() };
    assert_eq!(types(&world, &ed(), "page-of-ed", None).await, Ok(Vec::new()));
    assert_eq!(types(&world, &stranger, "page-of-gus", None).await, Ok(Vec::new()));
    assert_eq!(types(&world, &ed(), "page-of-ed", Some((west("Tables"), "note"))).await, Err(Code::RowNotFound));
    assert_eq!(types(&world, &wendy(), "page-of-wendy", Some((west("Tables"), "nothing"))).await, Err(Code::UnknownColumn));
    assert_eq!(types(&world, &wendy(), "x", None).await, Err(Code::BadRequest));
    types(&world, &wendy(), "page-of-wendy", None).await.unwrap();
    assert_eq!(types(&world, &walt(), "page-of-walt", None).await, Ok(Vec::new()));
}

on_every_engine!(
    threads_are_answered_settled_and_opened_again,
    nobody_reads_or_writes_about_a_row_that_he_does_not_see,
    a_comment_that_can_not_be_kept_says_so_and_changes_nothing,
    people_of_the_same_tenant_and_workbook_are_named,
    who_types_is_told_to_whoever_sees_the_cell,
);
