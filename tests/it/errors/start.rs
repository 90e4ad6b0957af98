//! Starts that must fail: each ends with exit code 1 or 2 and a sentence that says what to do, and none
//! suggests to destroy anything.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use muster::store::sqlite;
use rusqlite::Connection;

use crate::crash::{add_plain_tasks, make_project};
use crate::daemon::Daemon;
use crate::process::{Output, bare};

/// No message teaches how to lose data.
fn teaches_nothing_destructive(text: &str) {
    let words = text.to_lowercase();
    let mut words = words.split(|one: char| !one.is_alphanumeric());
    let bad = words.find(|word| {
        [
            "rm",
            "delete",
            "drop",
            "truncate",
            "wipe",
            "erase",
            "remove",
            "overwrite",
        ]
        .contains(word)
    });
    assert_eq!(bad, None, "{text}");
}

/// The start failed with a sentence that holds these words.
#[track_caller]
fn check(outcome: Result<(), Output>, codes: &[i32], words: &[&str]) {
    let output = outcome.expect_err("the start is refused");
    let code = output.code.expect("it ended by itself");
    assert!(codes.contains(&code), "{output:#?}");
    for word in words {
        assert!(
            output.stderr.contains(word),
            "{word:?} is missing: {output:#?}"
        );
    }
    assert!(!output.stderr.contains("panicked"), "{output:#?}");
    teaches_nothing_destructive(&output.stderr);
}

fn stopped_yard() -> Daemon {
    let mut daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel", "Raise the mast"]);
    daemon.terminate();
    daemon
}

fn database(daemon: &Daemon) -> Connection {
    Connection::open(daemon.data_dir().join("muster.db")).expect("the database opens")
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let mut daemon = stopped_yard();
    database(&daemon)
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    check(daemon.try_launch(), &[1], &["99", "newer"]);
    let version: i64 = database(&daemon)
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 99);
    database(&daemon)
        .execute_batch("PRAGMA user_version = 1")
        .unwrap();
    daemon.launch();
    daemon.finish();
}

#[test]
fn a_changed_event_stops_the_start_and_names_its_version() {
    let mut daemon = stopped_yard();
    let changed = database(&daemon).execute_batch(
        "DROP TRIGGER events_are_not_changed;
         UPDATE events SET document = replace(document, 'keel', 'kiel')
         WHERE project = 'yard' AND document LIKE '%keel%';",
    );
    changed.unwrap();
    let version: i64 = database(&daemon)
        .query_row(
            "SELECT version FROM events WHERE project = 'yard' AND document LIKE '%kiel%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    check(
        daemon.try_launch(),
        &[1],
        &["yard", &format!("version {version}"), "backup"],
    );

    let data_dir = daemon.data_dir();
    let data_dir = data_dir.to_str().unwrap();
    let audit = bare(&["audit", "verify", "--data-dir", data_dir, "--json"]).exits(1);
    let said = format!("{}{}", audit.stdout, audit.stderr);
    assert!(
        said.contains("yard") && said.contains(&version.to_string()),
        "{said}"
    );
    teaches_nothing_destructive(&said);

    // Put right again, it starts: nothing was written meanwhile.
    let mended = database(&daemon).execute_batch(
        "UPDATE events SET document = replace(document, 'kiel', 'keel') WHERE project = 'yard';
         CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
             BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;",
    );
    mended.unwrap();
    daemon.launch();
    daemon.finish();
}

#[test]
fn a_missing_event_stops_the_start() {
    let mut daemon = stopped_yard();
    let removed = database(&daemon).execute_batch(
        "DROP TRIGGER events_are_not_removed;
         DELETE FROM events WHERE project = 'yard' AND version = 2;",
    );
    removed.unwrap();
    check(daemon.try_launch(), &[1], &["yard", "version 2", "backup"]);
    daemon.finish_unserved();
}

#[test]
fn what_is_no_database_is_refused() {
    let mut daemon = Daemon::prepared(&[]);
    std::fs::create_dir_all(daemon.data_dir()).unwrap();
    std::fs::write(
        daemon.data_dir().join("muster.db"),
        "this is no database at all".repeat(200),
    )
    .unwrap();
    check(daemon.try_launch(), &[1], &["database"]);
    daemon.finish_unserved();
}

#[test]
fn a_port_in_use_is_refused_with_the_address() {
    let first = Daemon::start();
    let address = first.address().to_owned();
    let mut second = Daemon::prepared(&["--listen", &address]);
    check(second.try_launch(), &[1], &[&address]);
    second.finish_unserved();
    first.finish();
}

#[test]
fn a_second_daemon_on_the_same_files_is_refused_and_the_first_goes_on() {
    let first = Daemon::start();
    let data_dir = first.data_dir();
    let text = data_dir.to_str().unwrap();
    let output = bare(&["serve", "--data-dir", text, "--listen", "127.0.0.1:0"]).exits(1);
    assert!(output.stderr.contains(text), "{output:#?}");
    teaches_nothing_destructive(&output.stderr);
    assert!(
        sqlite::open_read_only(&data_dir).is_err(),
        "the files are held"
    );
    make_project(&first, "yard", 1_000, 60_000);
    first.finish();
}

#[test]
fn a_data_directory_without_permission_is_refused() {
    let mut daemon = Daemon::prepared(&[]);
    // A file stands where the directory should be; even the superuser cannot write below it.
    std::fs::write(daemon.data_dir(), "a file").unwrap();
    let path = daemon.data_dir();
    check(daemon.try_launch(), &[1, 2], &[path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();

    std::fs::create_dir(&path).unwrap();
    set_mode(&path, 0o500);
    if std::fs::write(path.join("probe"), "x").is_ok() {
        println!("skipped: the superuser may write everywhere");
    } else {
        check(daemon.try_launch(), &[1, 2], &[path.to_str().unwrap()]);
    }
    set_mode(&path, 0o700);
    daemon.finish_unserved();
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn listening_beyond_this_machine_without_tls_is_refused() {
    let mut daemon = Daemon::prepared(&["--listen", "0.0.0.0:0"]);
    check(daemon.try_launch(), &[1, 2], &["0.0.0.0", "tls"]);
    daemon.finish_unserved();
}

#[test]
fn settings_that_are_unknown_or_wrong_are_all_named() {
    let mut daemon = Daemon::prepared_in(|home| {
        let config = home.join("muster.toml");
        let text = "[limits]\nprojects = 0\n\n[server]\ncolour = \"red\"\n";
        std::fs::write(&config, text).unwrap();
        vec!["--config".to_owned(), config.to_str().unwrap().to_owned()]
    });
    check(daemon.try_launch(), &[1, 2], &["colour", "muster.toml"]);
    daemon.finish_unserved();
}
