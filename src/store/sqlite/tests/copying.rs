//! Copies and removals: a copy is as of one moment though the writer goes on, and leaves nothing behind;
//! what is removed is in no file.

use std::cell::RefCell;
use std::io::{Read as _, Write as _};

use super::*;
use crate::store::Head;

/// The names of the files in the data directory.
fn names(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.data_dir()).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn versions(heads: &[Head]) -> Vec<(&str, u64)> {
    heads
        .iter()
        .map(|head| (head.project.as_str(), head.version))
        .collect()
}

#[test]
fn a_copy_is_as_of_one_moment_though_the_writer_goes_on() {
    let (home, events) = Home::with_events(400);
    let store = RefCell::new(home.open());
    let reader = store.borrow().reader().unwrap();
    let more = RefCell::new(events.clone());

    let mut copied = reader
        .copy(&|| {
            let next = following(&more.borrow(), 1, "meanwhile");
            let outcome = store.borrow_mut().append(&[append("web", &next)]);
            more.borrow_mut().extend(next);
            outcome.is_ok()
        })
        .unwrap();

    assert!(more.borrow().len() > 400, "something was written meanwhile");
    assert_eq!(versions(&copied.heads), [("web", 400)]);
    let mut bytes = Vec::new();
    copied.file.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, copied.bytes);
    let file = home.0.path().join("copy.db");
    let mut alone = std::fs::File::create(&file).unwrap();
    alone.write_all(&bytes).unwrap();
    let read = open_backup(&file).unwrap();
    assert_eq!(read.heads().unwrap(), copied.heads);
    assert_eq!(read.read("web", 0, 1_000).unwrap(), events);
    let beside = std::fs::read_dir(home.0.path()).unwrap().count();
    assert_eq!(beside, 2, "a copy is one file: data/ and copy.db");
}

#[test]
fn a_copy_that_is_given_up_leaves_nothing() {
    let (home, _) = Home::with_events(10);
    let store = home.open();
    let before = names(&home);
    let reader = store.reader().unwrap();

    let given_up = reader.copy(&|| false);

    assert!(matches!(given_up, Err(StoreError::GivenUp)), "{given_up:?}");
    assert_eq!(names(&home), before);
}

#[test]
fn a_copy_that_was_cut_off_is_gone_after_the_next_start() {
    let (home, _) = Home::with_events(1);
    std::fs::write(home.data_dir().join("backup.part"), "half").unwrap();
    drop(home.open());
    assert!(!names(&home).contains(&"backup.part".to_owned()));
}

#[test]
fn a_placed_backup_is_a_store() {
    let (home, events) = Home::with_events(5);
    let file = home.0.path().join("copy.db");
    let mut copied = home.open().reader().unwrap().copy(&|| true).unwrap();
    std::io::copy(&mut copied.file, &mut std::fs::File::create(&file).unwrap()).unwrap();
    let other = Home::new();
    std::fs::create_dir(other.data_dir()).unwrap();

    place(&file, &database(&other.data_dir())).unwrap();

    let reader = other.open().reader().unwrap();
    assert_eq!(reader.read("web", 0, 10).unwrap(), events);
}

#[test]
fn a_removed_project_is_in_no_file_and_the_guards_stand() {
    let home = Home::new();
    let secret = "a secret that nobody may read any more";
    let (kept, gone) = (following(&[], 50, "a note"), following(&[], 300, secret));
    let mut store = home.open();
    store
        .append(&[append("gone", &gone), append("kept", &kept)])
        .unwrap();
    let note = following(&[], 1, "gone was removed");

    store.remove_project("gone", &append("own", &note)).unwrap();

    for name in names(&home) {
        let bytes = std::fs::read(home.data_dir().join(&name)).unwrap();
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "{name} still holds it");
    }
    let store = home.open();
    let reader = store.reader().unwrap();
    assert_eq!(
        versions(&reader.heads().unwrap()),
        [("kept", 50), ("own", 1)]
    );
    assert_eq!(reader.read("kept", 0, 100).unwrap(), kept);
    let removed = home.stranger().execute("DELETE FROM events", []);
    assert!(removed.unwrap_err().to_string().contains("only ever added"));
}

#[test]
fn a_removal_whose_note_does_not_fit_removes_nothing() {
    let (home, events) = Home::with_events(3);
    let note = following(&following(&[], 4, "own"), 1, "too late");

    let refused = home.open().remove_project("web", &append("own", &note));

    assert!(matches!(refused, Err(StoreError::Unwritable { .. })));
    assert_eq!(
        home.open().reader().unwrap().read("web", 0, 10).unwrap(),
        events
    );
}

#[test]
fn the_holder_of_a_directory_is_named_while_it_is_held() {
    let home = Home::new();
    assert_eq!(holder(&home.data_dir()).unwrap(), Holder::Nobody);
    let store = home.open();
    let held = holder(&home.data_dir()).unwrap();
    assert_eq!(held, Holder::Process(Some(std::process::id())));
    drop(store);
    assert_eq!(holder(&home.data_dir()).unwrap(), Holder::Nobody);
}
