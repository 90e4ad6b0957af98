//! Writing and reading beside it: the guards of the table, the unique key, failures, checkpoints.

use rusqlite::{Error, ErrorCode, ffi};

use super::*;

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
    assert!(connection.is_readonly("main").unwrap());
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
