//! Running ahead changes nothing: what is taken in, and what is said of a log that is not whole, is what
//! one record after the other comes to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::engine::fold::Folding;
use crate::plan::Plan;
use crate::plan::event::{Event, ProjectCreated, ProjectPaused, ProjectResumed, Recorded};
use crate::plan::fact::Actor;
use crate::plan::settings::Settings;
use crate::plan::tests::model::check_random_logs;
use crate::plan::time::Timestamp;
use crate::store::codec::hash_of;
use crate::store::{Copied, Head};

/// A reader over rows that no store would have taken; a row of the kind `Torn` fails its page.
#[derive(Default)]
struct Rows {
    rows: Vec<Record>,
    /// The newest version that was read.
    read: AtomicU64,
}

impl Reader for Rows {
    fn heads(&self) -> Result<Vec<Head>, StoreError> {
        Ok(Vec::new())
    }

    fn read(&self, _: &str, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let above = self.rows.iter().filter(|row| row.version > after);
        let page: Vec<_> = above.take(limit).cloned().collect();
        if page.iter().any(|row| row.kind == "Torn") {
            return Err(StoreError::Unreadable {
                reason: "the page is torn".to_owned(),
                source: None,
            });
        }
        if let Some(last) = page.last() {
            self.read.store(last.version, Ordering::SeqCst);
        }
        Ok(page)
    }

    fn version_at(&self, _: &str, _: i64) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn copy(&self, _: &dyn Fn() -> bool) -> Result<Copied, StoreError> {
        Err(StoreError::GivenUp)
    }
}

fn rows(rows: Vec<Record>) -> Rows {
    Rows {
        rows,
        ..Rows::default()
    }
}

fn stored(log: &[Recorded]) -> Vec<Record> {
    let mut hash = String::new();
    log.iter()
        .map(|recorded| {
            let document = codec::encode(recorded, &hash).unwrap();
            hash = hash_of(&document);
            Record {
                version: recorded.version,
                at_ms: recorded.at.0,
                kind: recorded.event.kind().to_owned(),
                document,
                hash: hash.clone(),
            }
        })
        .collect()
}

/// So many events of a project that is paused for a reason of so many bytes, again and again.
fn log(events: u64, reason_bytes: usize) -> Vec<Record> {
    let log: Vec<Recorded> = (1..=events)
        .map(|version| Recorded {
            version,
            at: Timestamp(1_700_000_000_000 + i64::try_from(version).unwrap()),
            actor: Actor::Coordinator("lead".into()),
            session: None,
            request: None,
            event: match version {
                1 => Event::from(ProjectCreated {
                    project: "web".to_owned(),
                    name: "Web".to_owned(),
                    description: String::new(),
                    settings: Settings::default(),
                    draft: false,
                }),
                _ if version % 2 == 0 => Event::from(ProjectPaused {
                    reason: "r".repeat(reason_bytes),
                }),
                _ => Event::from(ProjectResumed {}),
            },
        })
        .collect();
    stored(&log)
}

/// What came in of a log: the plan, where the chain stands, the versions, what stopped it.
type Taken = (Plan, (u64, String), Vec<u64>, Option<String>);

fn said(error: &FoldError) -> String {
    format!("{error:?}")
}

/// One record after the other.
fn one_by_one(rows: &Rows) -> Taken {
    let (mut folding, mut versions, mut error) = (Folding::new(), Vec::new(), None);
    for record in &rows.rows {
        match folding.take(record) {
            Ok(event) => versions.push(event.0.version),
            Err(failed) => {
                error = Some(said(&failed));
                break;
            }
        }
    }
    let head = folding.head();
    (folding.finish().plan, head, versions, error)
}

fn read_through(rows: &Rows) -> Taken {
    let (mut folding, mut versions) = (Folding::new(), Vec::new());
    let read = folding.read_on(rows, "web", |event| versions.push(event.0.version));
    let head = folding.head();
    let error = read.err().map(|error| said(&error));
    (folding.finish().plan, head, versions, error)
}

/// Damages a log at each place and compares; all of it is found where it is.
fn check(damage: impl Fn(&mut Vec<Record>, usize), words: &str) {
    for place in 1..12 {
        let mut records = log(14, 5);
        damage(&mut records, place);
        let rows = rows(records);
        let taken = read_through(&rows);
        let error = taken.3.as_deref().unwrap_or_default();
        assert!(error.contains(words), "{place}: {error}");
        assert_eq!(taken.2.len(), place, "{error}");
        assert_eq!(taken, one_by_one(&rows));
    }
}

/// Puts another document in a row, with the hash that it has.
fn rewrite(row: &mut Record, change: impl Fn(&str) -> String) {
    let document = change(&row.document);
    assert_ne!(document, row.document);
    row.hash = hash_of(&document);
    row.document = document;
}

#[test]
fn a_log_comes_in_as_one_record_after_the_other_does() {
    for events in [0, 1, 2, 3, 5, 6, 100] {
        let rows = rows(log(events, 20));
        let taken = read_through(&rows);
        assert_eq!(taken.2, (1..=events).collect::<Vec<_>>());
        assert_eq!(taken, one_by_one(&rows));
    }
    check_random_logs(12, |log| {
        let rows = rows(stored(log));
        let (ahead, behind) = (read_through(&rows), one_by_one(&rows));
        match ahead == behind && ahead.3.is_none() {
            true => Ok(()),
            false => Err("running ahead leads elsewhere".to_owned()),
        }
    });
}

#[test]
fn a_log_goes_on_from_where_it_was_left() {
    let rows = rows(log(20, 5));
    let mut folding = Folding::new();
    for record in &rows.rows[..7] {
        folding.take(record).unwrap();
    }
    let mut versions = Vec::new();
    let read = folding.read_on(&rows, "web", |event| versions.push(event.0.version));
    assert!(read.is_ok() && versions == (8..=20).collect::<Vec<_>>());
    let whole = read_through(&rows);
    assert_eq!((folding.head(), folding.finish().plan), (whole.1, whole.0));
}

#[test]
fn damage_in_the_middle_of_a_page_is_told_with_its_version_and_all_before_it_is_taken_in() {
    check(
        |rows, at| rows[at].document = rows[at].document.replace("lead", "boss"),
        "Altered",
    );
    check(|rows, at| drop(rows.remove(at)), "Missing");
    check(|rows, at| rows[at].at_ms = 0, "Earlier");
    check(
        |rows, at| {
            let version = format!("\"version\":{}", at + 1);
            rewrite(&mut rows[at], |it| it.replace(&version, "\"version\":99"));
        },
        "Misnumbered",
    );
    check(
        |rows, at| {
            let before = rows[at - 1].hash.clone();
            rewrite(&mut rows[at], |it| it.replace(&before, &"0".repeat(64)));
        },
        "Unchained",
    );
    for unparsable in ["{", "[]", "null", "{\"version\":2}"] {
        check(
            |rows, at| rewrite(&mut rows[at], |_| unparsable.to_owned()),
            "Unparsable",
        );
    }
}

#[test]
fn a_document_without_the_hash_before_it_is_no_event_even_where_there_is_none_before_it() {
    for prev in ["", "\"prev\":null,", "\"prev\":1,"] {
        let mut records = log(9, 5);
        rewrite(&mut records[0], |it| it.replace("\"prev\":\"\",", prev));
        let taken = read_through(&rows(records));
        let error = taken.3.unwrap_or_default();
        assert!(error.contains("Unparsable"), "{prev}: {error}");
        assert!(taken.2.is_empty());
    }
}

#[test]
fn an_event_that_is_whole_and_cannot_be_decoded_is_told_with_its_version() {
    for (from, to, words) in [
        ("\"schema\":1", "\"schema\":2", "Unknown"),
        ("ProjectPaused", "ProjectPainted", "Unknown"),
        ("ProjectResumed", "ProjectPainted", "Unknown"),
        ("\"data\":", "\"date\":", "Malformed"),
        ("coordinator:lead", "lead", "Malformed"),
        (",\"type\"", ",\"at\":7,\"type\"", "Malformed"),
    ] {
        for place in [1, 3, 4, 5, 6, 10] {
            let mut records = log(14, 5);
            if !records[place].document.contains(from) {
                continue;
            }
            rewrite(&mut records[place], |it| it.replace(from, to));
            let rows = rows(records);
            let taken = read_through(&rows);
            let error = taken.3.clone().unwrap_or_default();
            let version = place as u64 + 1;
            let at = format!("Undecodable {{ version: {version}, ");
            assert!(error.starts_with(&at) && error.contains(words), "{error}");
            // The document itself is what was written: the chain holds.
            assert_eq!((taken.1.0, taken.0.version()), (version, version - 1));
            assert_eq!(taken, one_by_one(&rows));
        }
    }
}

#[test]
fn a_page_that_cannot_be_read_stops_behind_the_pages_before_it() {
    let mut records = log(40, 5);
    records[30].kind = "Torn".to_owned();
    let taken = read_through(&rows(records));
    assert!(taken.3.is_some_and(|error| error.starts_with("Unreadable")));
    assert!(taken.1.0 <= 30 && taken.1.0 > 20, "{:?}", taken.1);
    assert_eq!(taken.2, (1..=taken.1.0).collect::<Vec<_>>());
}

#[test]
fn large_documents_are_handed_over_before_their_page_ends() {
    let rows = rows(log(40, BATCH_BYTES + 1));
    let mut chain = Chain::new();
    let mut batches = Vec::new();
    let read = read_on(&rows, "web", &mut chain, |batch| batches.push(batch));
    assert!(read.is_ok());
    let weighed = |batch: &Vec<Weighed>| batch.iter().map(|(_, bytes)| bytes).sum::<usize>();
    let largest = batches.iter().map(weighed).max().unwrap_or_default();
    assert!(largest < 2 * BATCH_BYTES + 1024, "{largest}");
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 40);
}

#[test]
fn no_more_is_read_ahead_than_there_is_room_for() {
    let rows = rows(log(400, 5));
    let mut chain = Chain::new();
    let read = read_on(&rows, "web", &mut chain, |batch| {
        // Time for the other side to run ahead as far as it can.
        thread::sleep(std::time::Duration::from_millis(1));
        let Some((taken, _)) = batch.last() else {
            return;
        };
        let ahead = rows.read.load(Ordering::SeqCst) - taken.version;
        // Those that wait, one that is on its way in, and one that is being read.
        let most = PAGE_EVENTS * (BATCHES_MAX + 2);
        assert!(ahead <= most as u64, "{ahead}");
    });
    assert!(read.is_ok());
    assert_eq!(chain.version(), 400);
}

#[test]
fn where_nobody_takes_any_more_reading_ends() {
    let rows = rows(log(400, 5));
    let mut chain = Chain::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        read_on(&rows, "web", &mut chain, |batch| {
            let last = batch.last().map_or(0, |(event, _)| event.version);
            assert!(last < 40, "nobody takes this");
        })
    }));
    assert!(panicked.is_err());
    assert!(rows.read.load(Ordering::SeqCst) < 400);
}
