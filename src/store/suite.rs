//! What every store promises, asked of each kind in the same words.

use tempfile::TempDir;

use super::codec::hash_of;
use super::faulty::FaultyStore;
use super::memory::MemoryStore;
use super::sqlite::{SqliteOptions, SqliteStore};
use super::{Append, Head, MAX_READ_BYTES, MAX_READ_EVENTS, Outcome, Pages, Reader, Record, Store};

/// `count` events that follow `before`, a thousand milliseconds apart, chained as the engine does it.
pub(super) fn following(before: &[Record], count: usize, note: &str) -> Vec<Record> {
    let (mut version, mut hash) = before.last().map_or((0, String::new()), |newest| {
        (newest.version, newest.hash.clone())
    });
    let mut next = || {
        version += 1;
        let note = serde_json::to_string(note).unwrap();
        let document =
            format!(r#"{{"type":"Noted","version":{version},"prev":"{hash}","note":{note}}}"#);
        hash = hash_of(&document);
        Record {
            version,
            at_ms: 1_000 * i64::try_from(version).unwrap(),
            kind: "Noted".to_owned(),
            document,
            hash: hash.clone(),
        }
    };
    (0..count).map(|_| next()).collect()
}

/// The append that brings `records` to a project.
pub(super) fn append(project: &str, records: &[Record]) -> Append {
    Append {
        project: project.to_owned(),
        expected_version: records.first().map_or(0, |first| first.version - 1),
        epoch: 0,
        records: records.to_vec(),
    }
}

/// A store under test and the way to open it again.
struct Bench {
    kind: &'static str,
    store: Option<Box<dyn Store>>,
    open: Box<dyn Fn() -> Box<dyn Store>>,
}

impl Bench {
    fn memory() -> Self {
        let kept = MemoryStore::new();
        Self::new("memory", move || Box::new(kept.reopen()))
    }

    fn faulty() -> Self {
        let kept = MemoryStore::new();
        Self::new("faulty", move || {
            Box::new(FaultyStore::sound(kept.reopen()))
        })
    }

    fn sqlite() -> Self {
        let home = TempDir::new().unwrap();
        Self::new("sqlite", move || {
            Box::new(SqliteStore::open(home.path(), SqliteOptions::default()).unwrap())
        })
    }

    fn new(kind: &'static str, open: impl Fn() -> Box<dyn Store> + 'static) -> Self {
        Self {
            kind,
            store: Some(open()),
            open: Box::new(open),
        }
    }

    fn store(&mut self) -> &mut dyn Store {
        self.store.as_mut().unwrap().as_mut()
    }

    fn append(&mut self, batch: &[Append]) -> Vec<Outcome> {
        self.store().append(batch).unwrap()
    }

    fn reader(&mut self) -> Box<dyn Reader> {
        self.store().reader().unwrap()
    }

    fn restart(&mut self) {
        self.store = None;
        self.store = Some((self.open)());
    }

    fn log(&mut self, project: &str) -> Vec<Record> {
        let reader = self.reader();
        Pages::new(reader.as_ref(), project, 0)
            .flat_map(Result::unwrap)
            .collect()
    }
}

/// Runs `test` on an empty store of every kind.
fn check(test: impl Fn(&mut Bench)) {
    for mut bench in [Bench::memory(), Bench::faulty(), Bench::sqlite()] {
        println!("on {}", bench.kind);
        test(&mut bench);
    }
}

fn appended(version: u64) -> Outcome {
    Outcome::Appended { version }
}

fn head(project: &str, newest: &Record) -> Head {
    Head {
        project: project.to_owned(),
        version: newest.version,
        hash: newest.hash.clone(),
    }
}

#[test]
fn what_is_appended_is_read_back_in_order() {
    check(|bench| {
        let events = following(&[], 3, "first words");
        assert_eq!(bench.append(&[append("web", &events)]), [appended(3)]);

        let reader = bench.reader();
        assert_eq!(reader.read("web", 0, 10).unwrap(), events);
        assert_eq!(reader.read("web", 1, 10).unwrap(), events[1..]);
        assert_eq!(reader.read("web", 0, 2).unwrap(), events[..2]);
        assert!(reader.read("web", 3, 10).unwrap().is_empty());
        assert!(reader.read("web", 0, 0).unwrap().is_empty());
        assert!(reader.read("web", u64::MAX, 10).unwrap().is_empty());
        assert!(reader.read("nobody", 0, 10).unwrap().is_empty());
    });
}

#[test]
fn a_reader_opened_early_sees_later_appends() {
    check(|bench| {
        let reader = bench.reader();
        assert!(reader.heads().unwrap().is_empty());
        let events = following(&[], 2, "");
        bench.append(&[append("web", &events)]);
        assert_eq!(reader.heads().unwrap(), [head("web", &events[1])]);
        assert_eq!(reader.read("web", 0, 10).unwrap(), events);
    });
}

#[test]
fn a_conflict_stores_nothing_and_hinders_no_other() {
    check(|bench| {
        let web = following(&[], 2, "");
        bench.append(&[append("web", &web)]);
        let late = append("web", &following(&[], 1, "late"));
        let early = append("web", &following(&following(&web, 5, ""), 1, "early"));
        let api = following(&[], 1, "");
        let next = following(&web, 1, "next");

        let outcomes = bench.append(&[
            late,
            append("api", &api),
            early,
            append("web", &next),
            append("new", &following(&api, 1, "")),
        ]);

        let conflict = |actual| Outcome::Conflict { actual };
        assert_eq!(
            outcomes,
            [
                conflict(2),
                appended(1),
                conflict(2),
                appended(3),
                conflict(0)
            ]
        );
        assert_eq!(bench.log("web"), [web, next].concat());
        assert_eq!(bench.log("api"), api);
        assert_eq!(bench.reader().heads().unwrap().len(), 2);
    });
}

#[test]
fn several_appends_to_one_project_in_a_batch_follow_each_other() {
    check(|bench| {
        let first = following(&[], 2, "");
        let second = following(&first, 3, "");
        let outcomes = bench.append(&[
            append("web", &first),
            append("web", &second),
            append("web", &second),
        ]);
        let again = Outcome::Conflict { actual: 5 };
        assert_eq!(outcomes, [appended(2), appended(5), again]);
        assert_eq!(bench.log("web"), [first, second].concat());
    });
}

#[test]
fn an_empty_batch_and_an_append_without_events_store_nothing() {
    check(|bench| {
        assert!(bench.append(&[]).is_empty());
        let events = following(&[], 2, "");
        bench.append(&[append("web", &events)]);
        let mut compare = append("web", &[]);
        compare.expected_version = 2;
        let outcomes = bench.append(&[compare, append("web", &[]), append("none", &[])]);
        let conflict = Outcome::Conflict { actual: 2 };
        assert_eq!(outcomes, [appended(2), conflict, appended(0)]);
        assert_eq!(bench.reader().heads().unwrap(), [head("web", &events[1])]);
    });
}

#[test]
fn heads_come_ordered_by_project() {
    check(|bench| {
        let events = following(&[], 4, "");
        let names = ["web", "_daemon", "api", "web-2", "Zebra", "ärger"];
        let batch: Vec<_> = names
            .iter()
            .zip(1..)
            .map(|(name, count)| append(name, &events[..count.min(4)]))
            .collect();
        bench.append(&batch);
        let heads: Vec<_> = bench.reader().heads().unwrap();
        let expected = [
            head("Zebra", &events[3]),
            head("_daemon", &events[1]),
            head("api", &events[2]),
            head("web", &events[0]),
            head("web-2", &events[3]),
            head("ärger", &events[3]),
        ];
        assert_eq!(heads, expected);
    });
}

#[test]
fn any_text_comes_back_as_it_was() {
    check(|bench| {
        let note = "naïve ✓ 中文 \u{1F980} \" \\ \n \0 \u{202E}";
        let events = following(&[], 1, note);
        bench.append(&[append("prüfung", &events)]);
        bench.restart();
        assert_eq!(bench.log("prüfung"), events);
    });
}

#[test]
fn the_version_at_a_time_is_the_last_one_recorded_by_then() {
    check(|bench| {
        let mut events = following(&[], 7, "");
        let times = [-5, 10, 10, 10, 20, 30, 30];
        for (event, at_ms) in events.iter_mut().zip(times) {
            event.at_ms = at_ms;
        }
        bench.append(&[append("web", &events)]);
        let reader = bench.reader();
        let at = |at_ms| reader.version_at("web", at_ms).unwrap();
        let asked = [i64::MIN, -6, -5, 9, 10, 11, 20, 29, 30, i64::MAX];
        assert_eq!(asked.map(at), [0, 0, 1, 1, 4, 4, 5, 5, 7, 7]);
        assert_eq!(reader.version_at("none", 10).unwrap(), 0);
    });
}

#[test]
fn opening_again_finds_everything_and_goes_on() {
    check(|bench| {
        let web = following(&[], 3, "");
        let api = following(&[], 1, "");
        bench.append(&[append("web", &web), append("api", &api)]);
        bench.restart();

        let conflict = bench.append(&[append("web", &web)]);
        let more = following(&web, 2, "after the restart");
        let outcomes = bench.append(&[append("web", &more)]);

        assert_eq!(conflict, [Outcome::Conflict { actual: 3 }]);
        assert_eq!(outcomes, [appended(5)]);
        assert_eq!(bench.log("web"), [web, more].concat());
        assert_eq!(bench.log("api"), api);
    });
}

#[test]
fn a_read_is_bounded_in_events_and_the_pages_still_reach_the_end() {
    check(|bench| {
        let events = following(&[], MAX_READ_EVENTS + 5, "");
        bench.append(&[append("web", &events)]);
        let page = bench.reader().read("web", 0, usize::MAX).unwrap();
        assert_eq!(page.len(), MAX_READ_EVENTS);
        assert_eq!(bench.log("web"), events);
    });
}

#[test]
fn a_read_is_bounded_in_bytes_and_the_pages_still_reach_the_end() {
    check(|bench| {
        let large = "x".repeat(MAX_READ_BYTES / 4);
        let events = following(&[], 6, &large);
        bench.append(&[append("web", &events)]);
        let page = bench.reader().read("web", 0, 100).unwrap();
        assert_eq!(page.len(), 4);
        assert_eq!(bench.log("web"), events);
    });
}

#[test]
fn a_writer_that_lost_count_is_stopped_and_nothing_of_its_batch_is_stored() {
    let spoilers: [fn(&mut Vec<Record>); 3] = [
        |events| events[1].version = 4,
        |events| events[0].version = 3,
        |events| events[2].at_ms = events[1].at_ms - 1,
    ];
    for spoil in spoilers {
        check(|bench| {
            let good = append("api", &following(&[], 1, ""));
            let mut events = following(&[], 3, "");
            spoil(&mut events);
            let mut bad = append("web", &events);
            bad.expected_version = 0;

            let refused = bench.store().append(&[good.clone(), bad]).unwrap_err();

            assert!(refused.to_string().contains("lost count in web"));
            assert!(bench.store().append(std::slice::from_ref(&good)).is_err());
            assert!(bench.reader().heads().unwrap().is_empty());
            bench.restart();
            assert_eq!(bench.append(&[good]), [appended(1)]);
        });
    }
}

#[test]
fn time_never_falls_over_a_restart_either() {
    check(|bench| {
        let events = following(&[], 1, "");
        bench.append(&[append("web", &events)]);
        bench.restart();
        let mut older = following(&events, 1, "");
        older[0].at_ms = 999;
        assert!(bench.store().append(&[append("web", &older)]).is_err());
    });
}

#[test]
fn housekeeping_loses_nothing() {
    check(|bench| {
        bench.store().idle().unwrap();
        let events = following(&[], 2, "");
        bench.append(&[append("web", &events)]);
        bench.store().idle().unwrap();
        assert_eq!(bench.log("web"), events);
    });
}
