//! Snapshots from outside: what is started from one and its tail is what the whole log leads to, and no
//! byte of one can be another without being noticed.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;

use proptest::prelude::*;
use tempfile::TempDir;

use super::form::{CODE, END, HEAD, Head, MARK, frame};
use super::keep::{Shelf, SnapshotInfo, forget, list, sweep};
use super::read::plan_in;
use super::scribe::write_for_a_test;
use super::write::{CHUNK_BYTES, Draft, WriteError, write};
use super::{Order, folder, read_and_check};
use crate::clock::{ManualClock, Stopwatch};
use crate::engine::Limits;
use crate::engine::fold::Folding;
use crate::engine::replay::{Opened, open};
use crate::engine::request::Recall;
use crate::engine::shared::Shared;
use crate::plan::Plan;
use crate::plan::codec;
use crate::plan::event::{
    AddedPhase, AddedTask, Arrival, Dependency, Event, On, PhasesAdded, ProjectCreated, Recorded,
    TasksAdded,
};
use crate::plan::fact::Actor;
use crate::plan::id::TaskId;
use crate::plan::image::Part;
use crate::plan::settings::Settings;
use crate::plan::tests::model::check_random_logs;
use crate::plan::time::Timestamp;
use crate::store::codec::hash_of;
use crate::store::memory::MemoryStore;
use crate::store::{Append, Record, Store};

const NOW_MS: i64 = 1_700_000_000_000;

/// A log in a store, and a folder for its snapshots.
struct Given {
    data_dir: TempDir,
    shared: Arc<Shared>,
    records: Vec<Record>,
}

fn records(log: &[Recorded]) -> Vec<Record> {
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

fn given(log: &[Recorded], recent_events: usize) -> Given {
    Given::of(records(log), recent_events)
}

impl Given {
    fn of(records: Vec<Record>, recent_events: usize) -> Self {
        let mut store = MemoryStore::new();
        let append = Append {
            project: "shop".to_owned(),
            expected_version: 0,
            epoch: 0,
            records: records.clone(),
        };
        store.append(&[append]).unwrap();
        let limits = Limits {
            queued_requests: 1,
            waiting_claims: 1,
            watchers: 1,
            projects: 1,
            recent_events,
            snapshot_events: 1,
        };
        let (inbox, _) = sync_channel(1);
        let clock = Arc::new(ManualClock::at(NOW_MS));
        let shared = Shared::new(clock, limits, store.reader().unwrap(), inbox);
        Self {
            data_dir: tempfile::tempdir().unwrap(),
            shared: Arc::new(shared),
            records,
        }
    }

    /// The same snapshots beside another log.
    fn with_log(self, records: Vec<Record>) -> Self {
        Self {
            data_dir: self.data_dir,
            ..Self::of(records, 100)
        }
    }

    fn plan_at(&self, version: u64) -> Plan {
        let mut folding = Folding::new();
        for record in &self.records[..usize::try_from(version).unwrap()] {
            folding.take(record).unwrap();
        }
        folding.plan
    }

    /// Writes a snapshot as the scribe does.
    fn snapshot(&self, version: u64) {
        self.snapshot_in(version, 64);
    }

    /// The same in chunks of this size.
    fn snapshot_in(&self, version: u64, chunk_bytes: usize) {
        let order = Order {
            project: "shop".into(),
            plan: Arc::new(self.plan_at(version)),
            hash: self.records[usize::try_from(version).unwrap() - 1]
                .hash
                .clone(),
        };
        let snapshots = folder(self.data_dir.path());
        write_for_a_test(&snapshots, &self.shared, &order, chunk_bytes).unwrap();
    }

    fn opened(&self, with_snapshots: bool) -> Opened {
        let heads = self.shared.reader.heads().unwrap();
        let snapshots = folder(self.data_dir.path());
        let snapshots = with_snapshots.then_some(snapshots.as_path());
        open(&self.shared, &heads[0], snapshots).unwrap()
    }

    /// Where a start takes the plan from.
    fn start(&self) -> Option<u64> {
        let opened = self.opened(true);
        same(&opened, &self.opened(false)).unwrap();
        opened.report.from_snapshot
    }

    /// The file of the newest snapshot.
    fn newest(&self) -> std::path::PathBuf {
        let shelf = Shelf::of(&folder(self.data_dir.path()), "shop").unwrap();
        shelf.snapshots().pop().unwrap().path
    }
}

/// What differs between two ways to open a project.
fn same(one: &Opened, other: &Opened) -> Result<(), String> {
    let differs = |what: &str| Err(format!("{what} differ"));
    if one.plan != other.plan || one.plan.fingerprint() != other.plan.fingerprint() {
        return differs("plans");
    }
    if one.hash != other.hash {
        return differs("hashes");
    }
    if one.recent != other.recent {
        return differs("newest events");
    }
    if one.requests != other.requests {
        return differs("requests");
    }
    let broken = one.plan.broken_invariants();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("\n"))
    }
}

#[test]
fn a_snapshot_and_its_tail_lead_where_the_whole_log_does() {
    check_random_logs(24, |log| {
        let length = log.len() as u64;
        for (recent_events, cut) in [(5, length / 3), (1_000, length / 2), (100, length)] {
            let given = given(log, recent_events);
            given.snapshot(length / 4);
            given.snapshot(cut);
            let opened = given.opened(true);
            if opened.report.from_snapshot != Some(cut) {
                return Err(format!("the snapshot at {cut} was not taken"));
            }
            same(&opened, &given.opened(false))?;
        }
        Ok(())
    });
}

/// One random log of some length.
fn a_log() -> Vec<Recorded> {
    let longest = std::cell::RefCell::new(Vec::new());
    check_random_logs(8, |log| {
        let mut longest = longest.borrow_mut();
        if log.len() > longest.len() {
            *longest = log.to_vec();
        }
        Ok(())
    });
    longest.into_inner()
}

fn image(given: &Given, version: u64) -> Vec<u8> {
    given.snapshot(version);
    fs::read(given.newest()).unwrap()
}

#[test]
fn no_bit_of_a_snapshot_can_flip_unnoticed() {
    let given = given(&a_log(), 100);
    let bytes = image(&given, 20);
    plan_in(&bytes).expect("a sound snapshot");
    for place in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        assert!(
            plan_in(&flipped).is_err(),
            "byte {place} of {}",
            bytes.len()
        );
    }
}

#[test]
fn a_larger_snapshot_is_passed_over_wherever_a_bit_flips() {
    let given = given(&a_log(), 100);
    let newest = given.records.len() as u64;
    let bytes = image(&given, newest);
    assert_eq!(given.start(), Some(newest));
    proptest!(ProptestConfig::with_cases(64), |(place in 0..bytes.len(), bit in 0..8_u8)| {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << bit;
        fs::write(given.newest(), flipped).unwrap();
        prop_assert_eq!(given.start(), None);
    });
    fs::write(given.newest(), bytes).unwrap();
    assert_eq!(given.start(), Some(newest), "the sound one is taken again");
}

#[test]
fn a_snapshot_cut_anywhere_or_with_more_at_its_end_is_none() {
    let given = given(&a_log(), 100);
    let bytes = image(&given, 20);
    for length in 0..bytes.len() {
        assert!(plan_in(&bytes[..length]).is_err(), "cut to {length}");
    }
    for more in [&b"\0"[..], b"more", &bytes] {
        assert!(plan_in(&[&bytes, more].concat()).is_err());
    }
}

/// Where the chunks of a snapshot begin and end.
fn chunks(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut place = MARK.len();
    while place < bytes.len() {
        let length: [u8; 4] = bytes[place + 1..place + 5].try_into().unwrap();
        let end = place + 5 + u32::from_le_bytes(length) as usize + 32;
        found.push(place..end);
        place = end;
    }
    found
}

#[test]
fn a_chunk_left_out_repeated_or_moved_is_noticed() {
    let given = given(&a_log(), 100);
    let bytes = image(&given, 20);
    let chunks = chunks(&bytes);
    let build = |order: &[usize]| {
        let chosen = order.iter().map(|place| &bytes[chunks[*place].clone()]);
        let all: Vec<&[u8]> = std::iter::once(&bytes[..MARK.len()])
            .chain(chosen)
            .collect();
        all.concat()
    };
    let order: Vec<usize> = (0..chunks.len()).collect();
    plan_in(&build(&order)).expect("put together as it was");
    for place in 0..order.len() {
        let mut without = order.clone();
        without.remove(place);
        assert!(plan_in(&build(&without)).is_err(), "without chunk {place}");
        let mut twice = order.clone();
        twice.insert(place, place);
        assert!(plan_in(&build(&twice)).is_err(), "chunk {place} twice");
        if place > 0 {
            let mut moved = order.clone();
            moved.swap(place, place - 1);
            assert!(
                plan_in(&build(&moved)).is_err(),
                "chunk {place} before its turn"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes: Vec<u8>, kind in 0..14_u8) {
        prop_assert!(plan_in(&bytes).is_err());
        // Behind a mark and a good checksum as well.
        let head = Head { code: CODE.to_owned(), project: "shop".to_owned(), version: 1, hash: String::new() };
        let mut said = Vec::new();
        head.put(&mut said);
        let mut end = Vec::new();
        2_u32.put(&mut end);
        let mut all = MARK.to_vec();
        for (index, (kind, payload)) in [(HEAD, &said), (kind, &bytes), (END, &end)].into_iter().enumerate() {
            let (before, after) = frame(index as u32, kind, payload).unwrap();
            all.extend([&before[..], payload, &after].concat());
        }
        prop_assert!(plan_in(&all).is_err());
    }
}

#[test]
fn in_doubt_an_older_snapshot_is_taken_and_in_the_end_the_whole_log() {
    let given = given(&a_log(), 100);
    for version in [10, 20, 30] {
        given.snapshot(version);
    }
    assert_eq!(given.start(), Some(30));
    let mut bytes = fs::read(given.newest()).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(given.newest(), &bytes).unwrap();
    assert_eq!(given.start(), Some(20), "the newest is damaged");
    fs::write(given.newest(), b"").unwrap();
    assert_eq!(given.start(), Some(20), "the newest is empty");
    let shelf = Shelf::of(&folder(given.data_dir.path()), "shop").unwrap();
    for stored in shelf.snapshots() {
        fs::write(stored.path, b"muster snapshot\x02").unwrap();
    }
    assert_eq!(given.start(), None, "all have a form of another time");
}

#[test]
fn a_snapshot_that_the_log_does_not_agree_with_is_passed_over() {
    let log = a_log();
    let given = given(&log, 100);
    given.snapshot(20);
    given.snapshot(30);
    let whole = given.records.clone();
    let shorter = given.with_log(whole[..25].to_vec());
    assert_eq!(shorter.start(), Some(20), "the newest is beyond the log");
    // Another history of the same length: every hash from its start is another.
    let mut other = log;
    other[0].at.0 -= 1;
    let other = shorter.with_log(records(&other));
    assert_eq!(other.start(), None);
    let again = other.with_log(whole);
    assert_eq!(again.start(), Some(30));
}

#[test]
fn a_snapshot_under_another_name_or_of_other_code_is_passed_over() {
    let given = given(&a_log(), 100);
    given.snapshot(20);
    let path = given.newest();
    let renamed = path.with_file_name("00000000000000000021-0.snapshot");
    fs::rename(&path, &renamed).unwrap();
    assert_eq!(given.start(), None, "it is of version 20");
    fs::rename(&renamed, &path).unwrap();
    assert_eq!(given.start(), Some(20));
    // The same snapshot, written by code that differs in one letter.
    let bytes = fs::read(&path).unwrap();
    let first = chunks(&bytes)[0].clone();
    let head = Head {
        code: CODE.replace(' ', "-"),
        project: "shop".to_owned(),
        version: 20,
        hash: given.records[19].hash.clone(),
    };
    let mut payload = Vec::new();
    head.put(&mut payload);
    let (before, after) = frame(0, HEAD, &payload).unwrap();
    let other = [&MARK[..], &before, &payload, &after, &bytes[first.end..]].concat();
    plan_in(&other).expect("whole, but for who wrote it");
    fs::write(&path, other).unwrap();
    assert_eq!(given.start(), None);
}

#[test]
fn what_is_unfinished_is_no_snapshot_and_is_swept() {
    let given = given(&a_log(), 100);
    given.snapshot(20);
    let snapshots = folder(given.data_dir.path());
    let unfinished = snapshots.join("shop/00000000000000000025-7.snapshot.unfinished");
    fs::copy(given.newest(), &unfinished).unwrap();
    assert_eq!(given.start(), Some(20));
    sweep(&snapshots);
    assert!(!unfinished.exists());
    assert_eq!(given.start(), Some(20), "what is finished stays");
    sweep(Path::new("/nowhere/at/all"));
}

#[test]
fn a_snapshot_that_is_given_up_leaves_nothing() {
    let given = given(&a_log(), 100);
    let snapshots = folder(given.data_dir.path());
    let shelf = Shelf::of(&snapshots, "shop").unwrap();
    let draft = Draft {
        project: "shop",
        plan: &given.plan_at(20),
        hash: &given.records[19].hash,
        requests: &Recall::default(),
        taken_at_ms: 0,
        chunk_bytes: 64,
    };
    let written = write(&shelf, &draft, &AtomicBool::new(true));
    assert!(matches!(written, Err(WriteError::GivenUp)), "{written:?}");
    let left = fs::read_dir(shelf.folder()).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn snapshots_are_listed_checked_and_forgotten_by_project() {
    let given = given(&a_log(), 100);
    let data_dir = given.data_dir.path();
    assert_eq!(list(data_dir).unwrap(), []);
    forget(data_dir, "shop").unwrap();
    given.snapshot(10);
    given.snapshot(20);
    let listed = list(data_dir).unwrap();
    let expected = |version: u64| {
        let name = format!("snapshots/shop/{version:020}-{NOW_MS}.snapshot");
        let path = data_dir.join(name);
        SnapshotInfo {
            project: "shop".to_owned(),
            version,
            taken_at_ms: NOW_MS,
            bytes: fs::metadata(&path).unwrap().len(),
            path,
        }
    };
    assert_eq!(listed, [expected(10), expected(20)]);
    assert_eq!(read_and_check(&given.newest()).unwrap(), listed[1].bytes);
    let mut bytes = fs::read(given.newest()).unwrap();
    bytes[40] ^= 1;
    fs::write(given.newest(), bytes).unwrap();
    read_and_check(&given.newest()).unwrap_err();
    forget(data_dir, "../shop").unwrap();
    assert_eq!(list(data_dir).unwrap().len(), 2, "no project has that name");
    forget(data_dir, "shop").unwrap();
    assert_eq!(list(data_dir).unwrap(), []);
    assert_eq!(given.start(), None);
}

#[test]
fn a_snapshot_of_another_history_makes_room_for_those_of_this() {
    let given = given(&a_log(), 100);
    for version in [18, 20, 30] {
        given.snapshot(version);
    }
    // A backup was put back, and the log went on from there.
    let shorter = given.records[..15].to_vec();
    let given = given.with_log(shorter);
    assert_eq!(given.start(), None);
    given.snapshot(12);
    let listed = list(given.data_dir.path()).unwrap();
    let versions: Vec<u64> = listed.iter().map(|one| one.version).collect();
    assert_eq!(versions, [12]);
    assert_eq!(given.start(), Some(12));
}

#[test]
fn snapshots_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let given = given(&a_log(), 100);
    given.snapshot(20);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&given.newest()), 0o600);
    assert_eq!(mode(given.newest().parent().unwrap()), 0o700);
    assert_eq!(mode(&folder(given.data_dir.path())), 0o700);
}

/// A project of so many tasks in layers of a thousand, each waiting for two of the layer before.
fn a_large_log(tasks: u32) -> Vec<Recorded> {
    const LAYER: u32 = 1_000;
    let created = ProjectCreated {
        project: "shop".to_owned(),
        name: "Shop".to_owned(),
        description: String::new(),
        settings: Settings::default(),
        draft: false,
    };
    let phase = AddedPhase {
        id: "1".to_owned(),
        name: "All".to_owned(),
        goal: String::new(),
        lead_role: None,
        criteria: Vec::new(),
        predecessors: None,
        after: None,
        completed: false,
        window: None,
        ordering: Default::default(),
    };
    let phases = PhasesAdded {
        phases: vec![phase],
    };
    let mut events: Vec<Event> = vec![created.into(), phases.into()];
    let numbers: Vec<u32> = (1..=tasks).collect();
    for run in numbers.chunks(256) {
        let tasks = run.iter().map(|&number| {
            let before = |other: u32| {
                let place = (number - 1 - LAYER) / LAYER * LAYER + (number + other) % LAYER;
                Dependency {
                    on: On::Task(TaskId(place + 1)),
                    in_force: true,
                }
            };
            let waits = number > LAYER;
            AddedTask {
                id: TaskId(number),
                title: format!("Wire the payment provider, part {number}").into(),
                phase: "1".to_owned(),
                aliases: Vec::new(),
                description: None,
                area: Some("Features".into()),
                role: None,
                priority: 1,
                review: None,
                estimate: None,
                notes: None,
                acceptance: Vec::new(),
                skills: Vec::new(),
                dependencies: if waits {
                    vec![before(0), before(1)]
                } else {
                    Vec::new()
                },
                origin: None,
                arrival: Arrival::Planned,
            }
        });
        let tasks = tasks.collect();
        events.push(TasksAdded { tasks }.into());
    }
    let recorded = |(version, event)| Recorded {
        version,
        at: Timestamp(NOW_MS),
        actor: Actor::System,
        session: None,
        request: None,
        event,
    };
    (1..).zip(events).map(recorded).collect()
}

/// `MUSTER_TEST_TASKS=1000000` prints how long a start of so many tasks takes beside reading the file.
#[test]
fn a_large_plan_starts_from_its_snapshot() {
    let tasks = std::env::var("MUSTER_TEST_TASKS").ok();
    let tasks = tasks.and_then(|tasks| tasks.parse().ok()).unwrap_or(3_000);
    let given = given(&a_large_log(tasks), 10_000);
    let newest = given.records.len() as u64;
    let watch = Stopwatch::start();
    given.snapshot_in(newest, CHUNK_BYTES);
    println!("written (with the fold) in {:?}", watch.elapsed());
    let path = given.newest();
    for _ in 0..5 {
        let watch = Stopwatch::start();
        let bytes = read_and_check(&path).unwrap();
        let floor = watch.elapsed();
        let opened = given.opened(true);
        let took = opened.report.took;
        let ratio = took.as_secs_f64() / floor.as_secs_f64();
        println!("{bytes} bytes: checked in {floor:?}, started in {took:?}, ratio {ratio:.2}");
        assert_eq!(opened.report.from_snapshot, Some(newest));
    }
    let watch = Stopwatch::start();
    let whole = given.opened(false);
    println!("the whole log in {:?}", watch.elapsed());
    let opened = given.opened(true);
    assert_eq!(opened.plan, whole.plan);
    assert!(opened.recent == whole.recent);
}
