//! The binary as a process.

#[path = "../../../engine/tests/it/cluster.rs"]
#[expect(dead_code, reason = "the engine's tests use more of it")]
mod cluster;
mod killed;
mod rolling;
mod world;
