//! A disk that is full, and a file that can't be written: a clear refusal, nothing half done, and on it goes when the
//! disk is there again. On a small tmpfs, in a mount namespace of the test's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::warehouse::{Sqlite, WarehouseError};
use model::{Code, Raw};

use crate::cluster::{self, Cluster, Durability};
use crate::world::{World, wendy};

const JAN: [&str; 3] = ["West", "Chairs", "2017-01-01"];
const DISK: &str = "INLAY_TEST_DISK";
const ROOT: [&str; 2] = ["--user", "--map-root-user"];

/// Runs one ignored test of this binary again, with a disk of `size` of its own; as `--map-root-user`, or as itself.
fn on_a_small_disk(test: &str, size: &str, namespace: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let binary = std::env::current_exe().unwrap();
    let script = "mount -t tmpfs -o size=$1 inlay \"$2\" && exec \"$3\" --exact --ignored --nocapture \"$4\"";
    let mut command = Command::new("unshare");
    command.args(namespace).args(["--mount", "sh", "-c", script, "sh", size]).arg(folder.path());
    let output = command.arg(binary).arg(test).env(DISK, folder.path()).output().expect("unshare is part of util-linux");
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

fn disk() -> PathBuf {
    std::env::var_os(DISK).expect("run by the test that makes the disk").into()
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    on_a_small_disk("disk::on_a_full_disk", "3m", &ROOT);
}

#[tokio::test]
#[ignore = "run by the test above, on a disk of its own"]
async fn on_a_full_disk() {
    let disk = disk();
    let world = World::new().await.moved_to(disk.join("data.db")).await;
    let ballast = disk.join("ballast");
    let mut size = 4 << 20;
    // Down to the last page that fits.
    while size >= 1 << 10 {
        let mut bytes = std::fs::read(&ballast).unwrap_or_default();
        bytes.resize(bytes.len() + size, 7);
        if std::fs::write(&ballast, &bytes).is_err() {
            size /= 2;
        }
    }
    let mut refusals = 0;
    // The write-ahead log may still have room for a few.
    for n in 1..2_000 {
        let was = if n == 1 { Raw::Null } else { Raw::from(format!("{}.00", (n - 1) % 900)) };
        if let Err(error) = world.set(&wendy(), &JAN, "amount", (n % 900).to_string(), was).await {
            assert_eq!((error.code, error.status()), (Code::WarehouseUnavailable, 503));
            refusals = n;
            break;
        }
    }
    assert!(refusals > 0, "the disk was never full");
    let written = refusals - 1;
    assert_eq!(world.count("select count(*) from {log}").await, written, "nothing half done");
    std::fs::remove_file(&ballast).unwrap();
    let was = if written == 0 { Raw::Null } else { Raw::from(format!("{}.00", written % 900)) };
    world.set(&wendy(), &JAN, "amount", "950", was).await.unwrap();
    assert_eq!(world.count("select count(*) from {log}").await, written + 1);
    assert_eq!(world.count("select amount from {forecast}").await, 95_000);
}

/// PostgreSQL does not run as root, so it needs a user beside him, whom only the real root has.
#[test]
fn a_full_tablespace_refuses_and_recovers() {
    let namespace: &[&str] = if cluster::root() { &[] } else { &["--user", "--map-current-user", "--keep-caps"] };
    on_a_small_disk("disk::on_a_full_tablespace", "24m", namespace);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above, on a disk of its own"]
async fn on_a_full_tablespace() {
    let cluster = Cluster::make(Durability::Full);
    let database = cluster.database_on(&disk()).await;
    let world = World::within(database).await;
    world.set(&wendy(), &JAN, "note", "first", Raw::Null).await.unwrap();
    let ballast = disk().join("ballast");
    let mut size = 4 << 20;
    while size >= 1 << 12 {
        let mut bytes = std::fs::read(&ballast).unwrap_or_default();
        bytes.resize(bytes.len() + size, 7);
        if std::fs::write(&ballast, &bytes).is_err() {
            size /= 2;
        }
    }
    let (mut written, mut was) = (1, "first".to_owned());
    loop {
        assert!(written < 20_000, "the disk was never full");
        let note = format!("note {written}");
        match world.set(&wendy(), &JAN, "note", note.as_str(), was.as_str()).await {
            Ok(_) => (written, was) = (written + 1, note),
            Err(error) => {
                assert_eq!((error.code, error.status()), (Code::WarehouseUnavailable, 503));
                break;
            }
        }
    }
    assert_eq!(world.count("select count(*) from {log}").await, written, "nothing half done");
    assert_eq!(world.query(&wendy(), "grid").await.unwrap().rows.len(), 3, "and it can still be read");
    std::fs::remove_file(&ballast).unwrap();
    world.set(&wendy(), &JAN, "note", "last", was.as_str()).await.unwrap();
    assert_eq!(world.count("select count(*) from {log}").await, written + 1);
    assert_eq!(world.count("select count(*) from {forecast} where note = 'last'").await, 1);
}

#[test]
fn a_file_that_cant_be_written_is_refused_at_the_start() {
    on_a_small_disk("disk::on_a_read_only_disk", "16m", &ROOT);
}

/// A file that is open can't become read-only under the server (the system refuses to remount), so the start is where
/// it shows.
#[tokio::test]
#[ignore = "run by the test above, on a disk of its own"]
async fn on_a_read_only_disk() {
    let disk = disk();
    let world = World::new().await.moved_to(disk.join("data.db")).await;
    world.set(&wendy(), &JAN, "amount", "1", Raw::Null).await.unwrap();
    world.warehouse.close().await;
    remount(&disk, "ro");
    let error = Sqlite::open(&disk.join("data.db")).await.unwrap_err();
    assert!(matches!(error, WarehouseError::Unavailable(_)), "{error}");
    remount(&disk, "rw");
    let world = world.restarted().await;
    world.set(&wendy(), &JAN, "amount", "2", "1.00").await.unwrap();
    assert_eq!(world.count("select count(*) from {log}").await, 2);
}

fn remount(disk: &Path, mode: &str) {
    let done = Command::new("mount").args(["-o", &format!("remount,{mode}")]).arg(disk).status().unwrap();
    assert!(done.success());
}
