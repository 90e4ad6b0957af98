//! One control per promise of the chain: a sound log passes, and each kind of damage is found where it is.

use super::super::memory::MemoryStore;
use super::super::suite::{append, following};
use super::super::{Reader, Store};
use super::*;

/// A reader over rows that no store would have taken.
struct Rows(Vec<Record>);

impl Reader for Rows {
    fn heads(&self) -> Result<Vec<crate::store::Head>, StoreError> {
        Ok(Vec::new())
    }

    /// Two rows at a time, so that every walk crosses pages; a row of the kind `Torn` fails its page.
    fn read(&self, _: &str, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let above = self.0.iter().filter(|row| row.version > after);
        let page: Vec<_> = above.take(limit.min(2)).cloned().collect();
        if page.iter().any(|row| row.kind == "Torn") {
            return Err(StoreError::Unreadable {
                reason: "the page is torn".to_owned(),
                source: None,
            });
        }
        Ok(page)
    }

    fn version_at(&self, _: &str, _: i64) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn copy(&self, _: &dyn Fn() -> bool) -> Result<crate::store::Copied, StoreError> {
        Err(StoreError::GivenUp)
    }
}

/// Puts another document in a row, with the hash that it has.
fn rewrite(row: &mut Record, from: &str, to: &str) {
    let document = row.document.replace(from, to);
    assert_ne!(document, row.document);
    row.hash = hash_of(&document);
    row.document = document;
}

/// Damages a log of seven events and says where and why its check fails.
fn check(damage: impl Fn(&mut Vec<Record>)) -> (u64, String) {
    let mut rows = following(&[], 7, "a note");
    damage(&mut rows);
    let broken = verify_chain(&Rows(rows), "web", None).unwrap_err();
    (broken.version, broken.why.to_string())
}

fn assert_broken(found: (u64, String), version: u64, words: &str) {
    assert_eq!(found.0, version, "{}", found.1);
    assert!(found.1.contains(words), "{}", found.1);
}

#[test]
fn the_hash_is_the_known_one() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hash_of(""), empty);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hash_of("abc"), abc);
}

#[test]
fn a_sound_log_is_verified_to_its_head() {
    let rows = following(&[], 7, "a \"note\" with prev and version in it");
    let head = Verified {
        version: 7,
        hash: rows[6].hash.clone(),
    };
    let mut store = MemoryStore::new();
    store.append(&[append("web", &rows)]).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(verify_chain(reader.as_ref(), "web", None).unwrap(), head);
    assert_eq!(verify_chain(&Rows(rows), "web", None).unwrap(), head);
}

#[test]
fn an_empty_log_is_whole() {
    let head = verify_chain(&Rows(Vec::new()), "web", None).unwrap();
    assert_eq!((head.version, head.hash.as_str()), (0, ""));
    assert!(verify_chain(&Rows(Vec::new()), "web", Some((0, ""))).is_ok());
}

#[test]
fn a_missing_event_is_found() {
    let drop_fourth = |rows: &mut Vec<Record>| {
        rows.remove(3);
    };
    assert_broken(check(drop_fourth), 4, "next one found is version 5");
    let drop_first = |rows: &mut Vec<Record>| {
        rows.remove(0);
    };
    assert_broken(check(drop_first), 1, "next one found is version 2");
}

#[test]
fn one_changed_byte_of_a_document_is_found() {
    let change = |rows: &mut Vec<Record>| {
        rows[4].document = rows[4].document.replace("a note", "a vote");
    };
    assert_broken(check(change), 5, "does not have the hash");
}

#[test]
fn a_changed_hash_is_found() {
    for hash in [hash_of("other"), String::new(), "é".repeat(32)] {
        let change = |rows: &mut Vec<Record>| rows[4].hash.clone_from(&hash);
        assert_broken(check(change), 5, "does not have the hash");
    }
    let upper = |rows: &mut Vec<Record>| rows[4].hash = rows[4].hash.to_uppercase();
    assert_broken(check(upper), 5, "does not have the hash");
}

#[test]
fn a_document_rewritten_with_its_hash_is_found_by_the_event_after_it() {
    let change = |rows: &mut Vec<Record>| rewrite(&mut rows[2], "a note", "a vote");
    assert_broken(check(change), 4, "does not continue");
}

#[test]
fn a_first_event_that_names_one_before_it_is_found() {
    let change = |rows: &mut Vec<Record>| rewrite(&mut rows[0], r#""prev":"""#, r#""prev":"0""#);
    assert_broken(check(change), 1, "does not continue");
}

#[test]
fn a_document_that_states_another_version_is_found() {
    let change = |rows: &mut Vec<Record>| {
        rewrite(&mut rows[5], r#""version":6"#, r#""version":60"#);
    };
    assert_broken(check(change), 6, "says that it is version 60");
}

#[test]
fn a_document_that_is_no_event_is_found() {
    for from_to in [("{", "["), (r#""prev""#, r#""prior""#)] {
        let change = |rows: &mut Vec<Record>| rewrite(&mut rows[1], from_to.0, from_to.1);
        assert_broken(check(change), 2, "is no event");
    }
    let twice = |rows: &mut Vec<Record>| rewrite(&mut rows[1], "{", r#"{"prev":"","#);
    assert_broken(check(twice), 2, "is no event");
}

#[test]
fn time_that_falls_is_found() {
    let change = |rows: &mut Vec<Record>| rows[3].at_ms = rows[2].at_ms - 1;
    assert_broken(check(change), 4, "older than the one before");
}

#[test]
fn a_row_that_cannot_be_read_is_named() {
    for index in 0..7 {
        let tear = |rows: &mut Vec<Record>| rows[index].kind = "Torn".to_owned();
        assert_broken(check(tear), index as u64 + 1, "the page is torn");
    }
}

#[test]
fn from_a_known_head_only_what_follows_is_walked() {
    let mut rows = following(&[], 7, "a note");
    rows[1].document.push(' ');
    let known = rows[3].hash.clone();
    let reader = Rows(rows);
    assert!(verify_chain(&reader, "web", None).is_err());
    assert_eq!(
        verify_chain(&reader, "web", Some((4, &known)))
            .unwrap()
            .version,
        7
    );
}

#[test]
fn a_known_head_that_is_not_what_is_stored_is_found() {
    let rows = following(&[], 7, "a note");
    let known = rows[3].hash.clone();
    let fails = |rows: &[Record], version, hash: &str| {
        let broken = verify_chain(&Rows(rows.to_vec()), "web", Some((version, hash))).unwrap_err();
        (broken.version, broken.why.to_string())
    };
    assert_broken(
        fails(&rows, 4, &hash_of("other")),
        4,
        "does not have the hash",
    );
    assert_broken(fails(&rows[..3], 4, &known), 4, "the log ends before it");
    let gap = [&rows[..3], &rows[4..]].concat();
    assert_broken(fails(&gap, 4, &known), 4, "next one found is version 5");
    let mut altered = rows.clone();
    altered[3].document.push(' ');
    assert_broken(fails(&altered, 4, &known), 4, "does not have the hash");
    let mut older = rows.clone();
    older[4].at_ms = 0;
    assert_broken(fails(&older, 4, &known), 5, "older than the one before");
}
