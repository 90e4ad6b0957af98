//! What the SQLite store promises beyond the common suite: the lock, the settings, the guards, and that
//! it stays closed after a failure.

use std::path::PathBuf;

use rusqlite::{Error, ErrorCode, ffi};
use tempfile::TempDir;

use super::*;
use crate::store::codec::{Verified, verify_chain};
use crate::store::suite::{append, following};
use crate::store::{Outcome, Record};

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn data_dir(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.data_dir(), SqliteOptions::default()).unwrap()
    }

    fn refusal(&self) -> String {
        refusal(&self.data_dir())
    }

    /// Another program's connection to the same file.
    fn stranger(&self) -> Connection {
        Connection::open(self.data_dir().join(DATABASE_FILE)).unwrap()
    }

    /// A closed store that holds `count` events of "web".
    fn with_events(count: usize) -> (Self, Vec<Record>) {
        let home = Self::new();
        let events = following(&[], count, "a note");
        home.open().append(&[append("web", &events)]).unwrap();
        (home, events)
    }
}

fn refusal(data_dir: &Path) -> String {
    let refused = SqliteStore::open(data_dir, SqliteOptions::default()).unwrap_err();
    assert!(matches!(refused, StoreError::Unopened(_)));
    refused.to_string()
}

fn reason(answer: Result<Vec<Outcome>, StoreError>) -> String {
    match answer {
        Err(StoreError::Unwritable { reason, .. }) => reason,
        other => panic!("expected Unwritable, found {other:?}"),
    }
}

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
fn events_cannot_be_changed_or_removed() {
    let (home, events) = Home::with_events(2);
    let store = home.open();
    for sql in [
        "UPDATE events SET kind = 'x' WHERE version = 1",
        "DELETE FROM events",
        "INSERT INTO events VALUES ('web', 1, 0, 'k', 'd', 'h')
            ON CONFLICT DO UPDATE SET document = excluded.document",
    ] {
        let refused = home.stranger().execute(sql, []).unwrap_err();
        assert!(
            refused.to_string().contains("only ever added"),
            "{sql}: {refused}"
        );
    }
    let reader = store.reader().unwrap();
    assert_eq!(reader.read("web", 0, 10).unwrap(), events);
}

#[test]
fn readers_cannot_write() {
    let (home, _) = Home::with_events(1);
    let connection = read::connect(&home.data_dir().join(DATABASE_FILE)).unwrap();
    let refused = connection.execute(INSERT, params!["web", 2, 0, "", "", ""]);
    assert!(refused.is_err());
}

#[test]
fn another_writers_row_is_a_conflict_by_the_unique_key() {
    let (home, events) = Home::with_events(1);
    let mut store = home.open();
    let stranger = home.stranger();
    let theirs = following(&events, 2, "theirs");
    for row in &theirs {
        let values = params!["web", row.version as i64, row.at_ms, "k", "{}", row.hash];
        stranger.execute(INSERT, values).unwrap();
    }
    let mine = append("web", &following(&events, 1, "mine"));
    let api = following(&[], 2, "");

    let outcomes = store.append(&[append("api", &api), mine]).unwrap();

    let conflict = Outcome::Conflict { actual: 3 };
    assert_eq!(outcomes, [Outcome::Appended { version: 2 }, conflict]);
    let next = append("web", &following(&theirs, 1, ""));
    let outcomes = store.append(&[next]).unwrap();
    assert_eq!(outcomes, [Outcome::Appended { version: 4 }]);
    assert_eq!(store.reader().unwrap().read("api", 0, 9).unwrap(), api);
}

#[test]
fn a_full_disk_closes_the_store_and_loses_nothing_acknowledged() {
    let (home, events) = Home::with_events(3);
    let mut store = home.open();
    // Stands for the disk: the driver reports both by the same code.
    let limit = "PRAGMA max_page_count = 1";
    store
        .connection
        .query_row(limit, [], |row| row.get::<_, i64>(0))
        .unwrap();
    let large = append("web", &following(&events, 1, &"x".repeat(100_000)));
    let small = append("web", &following(&events, 1, ""));

    let failed = reason(store.append(&[large]));
    let lifted = "PRAGMA max_page_count = 1000000";
    store
        .connection
        .query_row(lifted, [], |row| row.get::<_, i64>(0))
        .unwrap();
    let refused = reason(store.append(std::slice::from_ref(&small)));
    let idle = store.idle();

    assert!(failed.contains("disk is full"), "{failed}");
    assert_eq!(refused, failed);
    assert!(matches!(idle, Err(StoreError::Unwritable { .. })));
    assert_eq!(store.reader().unwrap().read("web", 0, 9).unwrap(), events);
    drop(store);
    let outcomes = home.open().append(&[small]).unwrap();
    assert_eq!(outcomes, [Outcome::Appended { version: 4 }]);
}

#[test]
fn a_store_closed_by_a_failure_leaves_the_write_ahead_log_to_the_next_start() {
    let (home, events) = Home::with_events(1);
    let mut store = home.open();
    let more = following(&events, 1, "");
    store.append(&[append("web", &more)]).unwrap();
    store.refuse(&unwritable(Error::InvalidQuery));
    drop(store);
    let wal = home.data_dir().join("muster.db-wal");
    assert!(std::fs::metadata(wal).unwrap().len() > 0);
    let reader = home.open().reader().unwrap();
    assert_eq!(reader.read("web", 0, 9).unwrap(), [events, more].concat());
}

#[test]
fn the_reasons_tell_the_common_failures_apart() {
    let check = |code, words: &str| {
        let error = unwritable(Error::SqliteFailure(ffi::Error::new(code), None));
        assert!(error.to_string().contains(words), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    };
    check(ffi::SQLITE_FULL, "disk is full");
    check(ffi::SQLITE_IOERR_FSYNC, "fsync failed");
    check(ffi::SQLITE_IOERR_WRITE, "input or output error");
    check(ffi::SQLITE_CORRUPT, "damaged");
    check(ffi::SQLITE_BUSY, "locked");
    assert_eq!(ffi::Error::new(ffi::SQLITE_FULL).code, ErrorCode::DiskFull);
}

/// Fills a store past `options` and says how long its write-ahead log is, and how much of it waits.
fn log_after(options: SqliteOptions, rounds: usize, idle: bool) -> (u64, u64) {
    let home = Home::new();
    let mut store = SqliteStore::open(&home.data_dir(), options).unwrap();
    let mut events = Vec::new();
    for _ in 0..rounds {
        events = following(&events, 1, &"x".repeat(50_000));
        store.append(&[append("web", &events)]).unwrap();
        if idle {
            store.idle().unwrap();
        }
    }
    store.log_bytes().unwrap()
}

const SMALL: SqliteOptions = SqliteOptions {
    idle_checkpoint_bytes: 200_000,
    forced_checkpoint_bytes: 1_000_000,
};

#[test]
fn the_write_ahead_log_is_brought_in_when_idle() {
    let (length, waiting) = log_after(SMALL, 40, true);
    assert!(length < 400_000, "{length}");
    assert!(waiting < 200_000, "{waiting}");
}

#[test]
fn the_write_ahead_log_is_bounded_without_a_pause() {
    let (length, _) = log_after(SMALL, 100, false);
    assert!(length < 1_200_000, "{length}");
}

#[test]
fn short_write_ahead_logs_are_left_alone() {
    let (length, waiting) = log_after(SqliteOptions::default(), 40, true);
    assert!(length > 40 * 50_000, "{length}");
    assert_eq!(length, waiting);
}

#[test]
fn many_readers_share_the_connections() {
    let (home, events) = Home::with_events(50);
    let store = home.open();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            let reader = store.reader().unwrap();
            let events = &events;
            scope.spawn(move || {
                for after in 0..50 {
                    let page = reader.read("web", after, 100).unwrap();
                    assert_eq!(page, events[usize::try_from(after).unwrap()..]);
                }
            });
        }
    });
    let (free, in_use) = store.pool.open_connections();
    assert!((1..=4).contains(&free), "{free}");
    assert_eq!(in_use, 0);
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
    store.refuse(&unwritable(Error::InvalidQuery));
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

/// Damages a stored log of six events by SQL and says where the chain breaks.
fn broken_at(sql: &str) -> (u64, String) {
    let (home, _) = Home::with_events(6);
    home.stranger()
        .execute_batch(&format!(
            "DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_removed; {sql}"
        ))
        .unwrap();
    let reader = open_read_only(&home.data_dir()).unwrap();
    let broken = verify_chain(reader.as_ref(), "web", None).unwrap_err();
    (broken.version, broken.why.to_string())
}

#[test]
fn damage_in_the_file_breaks_the_chain_where_it_is() {
    let check = |sql: &str, version, words: &str| {
        let (found, why) = broken_at(sql);
        assert_eq!(found, version, "{sql}: {why}");
        assert!(why.contains(words), "{sql}: {why}");
    };
    let set = |what: &str| format!("UPDATE events SET {what} WHERE version = 4");
    check(
        &set("document = replace(document, 'note', 'vote')"),
        4,
        "does not have the hash",
    );
    check(
        &set("hash = replace(hash, substr(hash, 1, 1), 'g')"),
        4,
        "hash",
    );
    check(&set("at_ms = at_ms - 5000"), 4, "older");
    check(&set("version = 40"), 4, "next one found is version 5");
    check("DELETE FROM events WHERE version = 4", 4, "next one");
    check(
        &set("document = CAST(CAST(substr(document, 1, 30) AS BLOB) || x'FF' AS TEXT)"),
        4,
        "cannot be read",
    );
}

#[test]
fn a_sound_file_verifies_to_its_head() {
    let (home, events) = Home::with_events(6);
    let reader = open_read_only(&home.data_dir()).unwrap();
    let head = Verified {
        version: 6,
        hash: events[5].hash.clone(),
    };
    assert_eq!(verify_chain(reader.as_ref(), "web", None).unwrap(), head);
}
