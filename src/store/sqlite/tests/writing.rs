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

/// Bounds the database's size, which stands for the disk's: the driver reports both by the same code.
fn bound(store: &SqliteStore, pages: u32) {
    let limit = format!("PRAGMA max_page_count = {pages}");
    let set = store
        .connection
        .query_row(&limit, [], |row| row.get::<_, i64>(0));
    set.unwrap();
}

#[test]
fn a_full_disk_stores_nothing_of_a_batch_and_the_next_one_goes_through_when_there_is_room() {
    let (home, events) = Home::with_events(3);
    let mut store = home.open();
    let large = append("web", &following(&events, 1, &"x".repeat(100_000)));
    let api = append("api", &following(&[], 1, ""));
    let small = append("web", &following(&events, 1, ""));

    bound(&store, 1);
    let failed = store.append(&[api.clone(), large.clone()]).unwrap_err();
    assert!(matches!(failed, StoreError::Full { source: Some(_) }));
    let reader = store.reader().unwrap();
    assert_eq!(reader.read("web", 0, 9).unwrap(), events);
    assert!(
        reader.read("api", 0, 9).unwrap().is_empty(),
        "all of it or nothing"
    );
    store.idle().unwrap();

    bound(&store, 1_000_000);
    assert!(store.has_room());
    let outcomes = store.append(&[small, api]).unwrap();
    let appended = |version| Outcome::Appended { version };
    assert_eq!(outcomes, [appended(4), appended(1)]);
    let names = std::fs::read_dir(home.data_dir()).unwrap();
    let is_left = |name: &str| name.contains("room");
    assert!(
        !names
            .flatten()
            .any(|entry| is_left(&entry.file_name().to_string_lossy()))
    );
}

#[test]
fn a_crash_after_a_full_disk_finds_what_was_acknowledged_and_nothing_of_the_rest() {
    let (home, events) = Home::with_events(3);
    let mut store = home.open();
    let more = following(&events, 1, "");
    store.append(&[append("web", &more)]).unwrap();
    let acknowledged = [events, more].concat();
    // Larger than the page cache, so that pages reach the write-ahead log before the commit.
    let large = following(&acknowledged, 40, &"x".repeat(200_000));
    bound(&store, 1_000);
    let failed = store.append(&[append("web", &large)]).unwrap_err();
    assert!(matches!(failed, StoreError::Full { .. }), "{failed}");
    // What a process that ends here leaves behind.
    let left = Home::new();
    std::fs::create_dir(left.data_dir()).unwrap();
    for name in [DATABASE_FILE, "muster.db-wal"] {
        std::fs::copy(home.data_dir().join(name), left.data_dir().join(name)).unwrap();
    }
    let waiting = std::fs::metadata(left.data_dir().join("muster.db-wal")).unwrap();
    assert!(waiting.len() > 1_000_000, "some of it was written");
    let mut again = left.open();
    assert_eq!(
        again.reader().unwrap().read("web", 0, 99).unwrap(),
        acknowledged
    );
    let next = append("web", &following(&acknowledged, 1, "next"));
    assert_eq!(
        again.append(&[next]).unwrap(),
        [Outcome::Appended { version: 5 }]
    );
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
fn the_write_ahead_log_is_bounded_over_processes_that_die_young() {
    let home = Home::new();
    let wal = home.data_dir().join("muster.db-wal");
    let mut events = Vec::new();
    for _ in 0..60 {
        let mut store = SqliteStore::open(&home.data_dir(), SMALL).unwrap();
        let (_, waiting) = store.log_bytes().unwrap();
        assert!(waiting < SMALL.idle_checkpoint_bytes, "{waiting}");
        events = following(&events, 1, &"x".repeat(50_000));
        store.append(&[append("web", &events)]).unwrap();
        // It leaves its files as a process does that is killed.
        store.refuse(&unwritable(Error::InvalidQuery));
        drop(store);
        let length = std::fs::metadata(&wal).unwrap().len();
        assert!(length < 400_000, "{length}");
    }
    let reader = home.open().reader().unwrap();
    assert_eq!(reader.read("web", 0, 99).unwrap().len(), 60);
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
