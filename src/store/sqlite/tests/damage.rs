//! Damage done to the file by another program is found by the chain's check.

use super::*;
use crate::store::codec::{Verified, verify_chain};

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
