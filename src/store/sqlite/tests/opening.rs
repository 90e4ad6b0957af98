//! Opening: one process at a time, in a directory of its own, with the settings durability rests on.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;

#[test]
fn a_second_daemon_is_refused_with_the_holders_process_id() {
    let home = Home::new();
    let _first = home.open();
    let refused = home.refusal();
    let holder = format!("process {} works on", std::process::id());
    assert!(refused.contains(&holder), "{refused}");
    assert!(refused.contains("--data-dir"), "{refused}");
}

#[test]
fn the_lock_goes_with_the_store_and_its_file_stays() {
    let home = Home::new();
    drop(home.open());
    assert!(home.data_dir().join("muster.lock").exists());
    let store = home.open();
    let reader = store.reader().unwrap();
    drop(store);
    drop(home.open());
    assert!(reader.heads().unwrap().is_empty());
}

#[test]
fn a_lock_file_left_by_a_killed_process_does_not_hinder() {
    let home = Home::new();
    std::fs::create_dir(home.data_dir()).unwrap();
    std::fs::write(home.data_dir().join("muster.lock"), "4194304000\nold").unwrap();
    let _store = home.open();
    let holder = std::fs::read_to_string(home.data_dir().join("muster.lock")).unwrap();
    assert_eq!(holder, format!("{}\n", std::process::id()));
}

#[test]
fn a_missing_data_directory_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let data_dir = home.data_dir().join("deep").join("er");
    let mut store = SqliteStore::open(&data_dir, SqliteOptions::default()).unwrap();
    store
        .append(&[append("web", &following(&[], 1, ""))])
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    for file in ["muster.db", "muster.db-wal", "muster.lock"] {
        assert_eq!(mode(&data_dir.join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named() {
    let home = Home::new();
    let file = home.0.path().join("file");
    std::fs::write(&file, "").unwrap();
    for data_dir in [file.join("data"), file] {
        let refused = refusal(&data_dir);
        assert!(
            refused.contains(data_dir.to_str().unwrap()) && refused.contains("--data-dir"),
            "{refused}"
        );
    }
}

#[test]
fn a_file_that_is_no_database_or_a_newer_one_is_refused_and_left_alone() {
    let home = Home::new();
    drop(home.open());
    home.stranger()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    assert!(home.refusal().contains("newer release"));

    let path = home.data_dir().join(DATABASE_FILE);
    std::fs::write(&path, "not a database at all".repeat(100)).unwrap();
    assert!(home.refusal().contains("cannot be read"));
    assert!(
        std::fs::read_to_string(path)
            .unwrap()
            .starts_with("not a database")
    );
}

#[test]
fn commits_are_synced_and_checkpoints_left_to_the_writer() {
    let store = Home::new().open();
    let setting = |name| {
        let connection = &store.connection;
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(setting("synchronous"), 2);
    assert_eq!(setting("fullfsync"), 1);
    assert_eq!(setting("wal_autocheckpoint"), 0);
    assert_eq!(setting("journal_size_limit"), -1);
}

#[test]
fn the_files_of_a_stopped_daemon_are_read_under_its_lock() {
    let (home, events) = Home::with_events(3);
    let daemon = home.open();
    let refused = open_read_only(&home.data_dir()).err().unwrap().to_string();
    assert!(refused.contains("works on"), "{refused}");
    drop(daemon);

    let reader = open_read_only(&home.data_dir()).unwrap();
    assert_eq!(reader.read("web", 0, 10).unwrap(), events);
    assert!(home.refusal().contains("works on"));
    drop(reader);
    drop(home.open());
}

#[test]
fn a_log_left_by_a_killed_daemon_is_read_too() {
    let (home, events) = Home::with_events(1);
    let mut store = home.open();
    let more = following(&events, 2, "");
    store.append(&[append("web", &more)]).unwrap();
    store.refuse(&unwritable(rusqlite::Error::InvalidQuery));
    drop(store);
    std::fs::remove_file(home.data_dir().join("muster.db-shm")).ok();
    let reader = open_read_only(&home.data_dir()).unwrap();
    assert_eq!(reader.read("web", 0, 9).unwrap(), [events, more].concat());
}

#[test]
fn a_directory_without_a_database_is_not_audited_or_changed() {
    let home = Home::new();
    let refused = open_read_only(home.0.path()).err().unwrap().to_string();
    assert!(refused.contains("holds no muster.db"), "{refused}");
    assert_eq!(std::fs::read_dir(home.0.path()).unwrap().count(), 0);
}

/// Where the process that is to be killed keeps its store.
const KILLED_HOME: &str = "MUSTER_TEST_KILLED_HOME";

#[test]
fn a_process_that_appends_and_waits() {
    let Some(data_dir) = std::env::var_os(KILLED_HOME) else {
        return;
    };
    let mut store = SqliteStore::open(data_dir.as_ref(), SqliteOptions::default()).unwrap();
    let events = following(&[], 5, "before the kill");
    store.append(&[append("web", &events)]).unwrap();
    println!("appended by {}", std::process::id());
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn after_a_kill_the_next_start_finds_every_acknowledged_event() {
    let home = Home::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("store::sqlite::tests::opening::a_process_that_appends_and_waits")
        .env(KILLED_HOME, home.data_dir())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = format!("appended by {}", child.id());
    assert!(lines.any(|line| line.unwrap().ends_with(&said)));
    let refused = home.refusal();
    child.kill().unwrap();
    child.wait().unwrap();

    let store = home.open();

    let holder = format!("process {} works on", child.id());
    assert!(refused.contains(&holder), "{refused}");
    let found = store.reader().unwrap().read("web", 0, 10).unwrap();
    assert_eq!(found, following(&[], 5, "before the kill"));
}
