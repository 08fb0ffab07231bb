//! Sessions as every server over the same store sees them.

use std::collections::HashSet;

use engine::control::{ControlStore, Session, WarehouseControl};

use crate::world::{World, on_every_engine, walt, wendy};

async fn of_many_sessions_those_that_go_on_are_told_at_once(world: World) {
    let store = WarehouseControl(world.warehouse.clone());
    let save = async |hash: &str, principal, expires_at| {
        store.save(&Session { token_hash: hash.into(), principal, expires_at }).await.unwrap();
    };
    save("one", wendy(), 100).await;
    save("two", walt(), 100).await;
    save("over", wendy(), 50).await;
    let asked = ["one", "two", "over", "none", "' or 1=1 --", "\"]"].map(String::from);
    let running = async || store.running(&asked, 50).await.unwrap();
    assert_eq!(running().await, HashSet::from(["one".to_owned(), "two".to_owned()]));
    assert_eq!(store.end_of("acme", Some("walt")).await.unwrap(), 1);
    assert_eq!(running().await, HashSet::from(["one".to_owned()]));
    assert!(store.running(&[], 0).await.unwrap().is_empty());
}

on_every_engine!(of_many_sessions_those_that_go_on_are_told_at_once);
