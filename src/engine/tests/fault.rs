//! Faults: a failed append shows nothing and ends all writing; another writer's events are taken in;
//! a broken log is found.

use super::*;
use crate::plan::codec;
use crate::store::faulty::{Fault, FaultyStore};

/// The appends until a rig with an empty project `web` stands.
const APPENDS_OF_A_PROJECT: u64 = 3;

async fn failing(fault: Fault) -> Rig {
    let logs = MemoryStore::new();
    let nth = APPENDS_OF_A_PROJECT + 1;
    let store = FaultyStore::failing_at(logs.reopen(), nth, fault);
    Rig::on(store, logs).staffed(0, 0).await
}

#[tokio::test]
async fn a_failed_append_is_an_unknown_outcome_and_shows_nothing() {
    for fault in [Fault::BeforeStoring, Fault::AfterStoring] {
        let rig = failing(fault).await;
        let before = rig.plan();
        rig.handle.writable().unwrap();
        let asked = rig.ask(coordinator(), "web", register("dev-1")).await;
        assert!(
            matches!(asked, Err(EngineError::OutcomeUnknown)),
            "{asked:?}"
        );
        assert_eq!(*rig.plan(), *before);
        let after = before.version() - 1;
        let history = rig.handle.history("web", after, 10).await.unwrap();
        assert_eq!(history.len(), 1, "nothing newer is shown");
        assert!(matches!(
            rig.handle.writable(),
            Err(EngineError::StoreReadOnly)
        ));
        let later = rig.ask(coordinator(), "web", pause()).await;
        assert!(matches!(later, Err(EngineError::StoreReadOnly)));
        assert!(rig.handle.watch("web", 0).unwrap().next().await.is_ok());
    }
}

#[tokio::test]
async fn after_a_restart_the_same_request_is_safe_whatever_became_of_it() {
    for (fault, repeated) in [(Fault::BeforeStoring, false), (Fault::AfterStoring, true)] {
        let rig = failing(fault).await;
        let ask = || under("r-1", one(coordinator(), "web", register("dev-1")));
        let asked = rig.handle.submit(ask()).await;
        assert!(matches!(asked, Err(EngineError::OutcomeUnknown)));
        let rig = rig.restart();
        let answers = rig.handle.submit(ask()).await.unwrap();
        assert_eq!(answers[0].repeated, repeated);
        assert!(rig.plan().agent("dev-1").is_some());
    }
}

#[tokio::test]
async fn waiting_claims_are_told_when_writing_ends() {
    let logs = MemoryStore::new();
    let nth = APPENDS_OF_A_PROJECT + 2;
    let store = FaultyStore::failing_at(logs.reopen(), nth, Fault::BeforeStoring);
    let rig = Rig::on(store, logs).staffed(0, 1).await;
    let waiting = rig.claim_waiting("dev-1", 60_000);
    rig.quiet().await;
    let asked = rig.ask(coordinator(), "web", register("dev-2")).await;
    assert!(matches!(asked, Err(EngineError::OutcomeUnknown)));
    assert!(matches!(
        waiting.await.unwrap(),
        Err(EngineError::StoreReadOnly)
    ));
}

#[tokio::test]
async fn a_lease_that_cannot_be_expired_any_more_keeps_nobody_busy() {
    let logs = MemoryStore::new();
    let nth = APPENDS_OF_A_PROJECT + 4;
    let store = FaultyStore::failing_at(logs.reopen(), nth, Fault::BeforeStoring);
    let rig = Rig::on(store, logs).staffed(1, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.pass(TERM_MS).await;
    assert!(
        rig.handle.writable().is_err(),
        "the expiry was to be recorded"
    );
    let beat = rig
        .handle
        .beat("web", held.task, held.fence, "dev-1")
        .unwrap();
    assert_eq!(beat.verdict, BeatVerdict::Ok, "it was not");
    let pass = tokio::time::timeout(Duration::from_secs(10), rig.pass(TERM_MS * 2));
    pass.await.expect("the writer rests");
}

/// Appends an event to `web` behind the engine's back.
fn append_from_outside(rig: &Rig, command: &Command) {
    let plan = rig.plan();
    let facts = crate::plan::fact::Facts {
        now: crate::plan::time::Timestamp(rig.handle.now_ms()),
        actor: coordinator(),
        request: None,
        guards: Guards::default(),
    };
    let decided = crate::plan::decide(&plan, command, &facts).unwrap();
    let reader = rig.logs.reader().unwrap();
    let mut prev = reader.read("web", plan.version() - 1, 1).unwrap()[0]
        .hash
        .clone();
    let mut records = Vec::new();
    for event in decided.events {
        let document = codec::encode(&event, &prev).unwrap();
        prev = crate::store::codec::hash_of(&document);
        records.push(crate::store::Record {
            version: event.version,
            at_ms: event.at.0,
            kind: event.event.kind().to_owned(),
            document,
            hash: prev.clone(),
        });
    }
    let append = Append {
        project: "web".to_owned(),
        expected_version: plan.version(),
        epoch: 0,
        records,
    };
    let outcomes = rig.logs.reopen().append(&[append]).unwrap();
    assert!(matches!(outcomes[0], Outcome::Appended { .. }));
}

#[tokio::test]
async fn what_another_writer_appended_is_taken_in_and_the_request_decided_again() {
    let rig = Rig::new().staffed(0, 0).await;
    let before = rig.plan().version();
    append_from_outside(&rig, &register("dev-1"));
    let asked = rig.ask(coordinator(), "web", register("dev-1")).await;
    assert_eq!(reason(asked), Reason::AgentExists);
    append_from_outside(&rig, &register("dev-2"));
    let answer = rig
        .ask(coordinator(), "web", register("dev-3"))
        .await
        .unwrap();
    assert_eq!(answer.events[0].version, before + 3);
    let mut watch = rig.handle.watch("web", before).unwrap();
    let events = watch.next().await.unwrap();
    assert_eq!(events.len(), 3, "watchers see the other writer's events");
    assert!(
        rig.handle.verify(Some("web")).await.unwrap()[0]
            .broken
            .is_none()
    );
}

#[tokio::test]
async fn projects_that_did_not_conflict_are_stored_at_once() {
    let rig = Rig::new().staffed(0, 0).await;
    rig.create("api").await.unwrap();
    append_from_outside(&rig, &register("dev-1"));
    let asks = [
        rig.send(one(coordinator(), "web", register("dev-2"))),
        rig.send(one(coordinator(), "api", register("dev-2"))),
    ];
    for ask in asks {
        ask.await.unwrap().unwrap();
    }
    assert!(rig.plan().agent("dev-1").is_some());
    assert!(rig.plan().agent("dev-2").is_some());
}

/// A store whose fault takes the writer with it.
struct Panicking(MemoryStore);

impl Store for Panicking {
    fn append(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, StoreError> {
        let stored = self.0.append(batch);
        assert!(batch[0].project == DAEMON, "a fault of the store");
        stored
    }

    fn idle(&mut self) -> Result<(), StoreError> {
        self.0.idle()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.0.reader()
    }
}

#[tokio::test]
async fn a_writer_that_breaks_leaves_an_unknown_outcome_behind() {
    for _ in 0..20 {
        let logs = MemoryStore::new();
        let rig = Rig::on(Panicking(logs.reopen()), logs);
        let asked = rig.create("web").await;
        assert!(
            matches!(asked, Err(EngineError::OutcomeUnknown)),
            "it was stored, so it is not as if nothing had been asked: {asked:?}"
        );
    }
}

/// A rig on a store that has no room while the flag says so.
async fn on_a_small_disk(agents: usize) -> (Rig, Arc<std::sync::atomic::AtomicBool>) {
    let full = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let logs = MemoryStore::new();
    let store = FaultyStore::full_while(logs.reopen(), Arc::clone(&full));
    let rig = Rig::on(store, logs).staffed(2, agents).await;
    (rig, full)
}

fn fill(full: &std::sync::atomic::AtomicBool, is_full: bool) {
    full.store(is_full, std::sync::atomic::Ordering::SeqCst);
}

#[tokio::test]
async fn a_full_disk_is_a_definite_no_and_writes_go_on_by_themselves_once_there_is_room() {
    let (rig, full) = on_a_small_disk(0).await;
    let before = rig.plan();
    fill(&full, true);
    let ask = || under("r-1", one(coordinator(), "web", register("dev-1")));
    let asked = rig.handle.submit(ask()).await;
    assert!(matches!(asked, Err(EngineError::StoreFull)), "{asked:?}");
    assert_eq!(*rig.plan(), *before, "nothing is shown");
    assert_eq!(rig.stored("web") as u64, before.version(), "nor stored");
    let writable = rig.handle.writable();
    assert!(matches!(writable, Err(EngineError::StoreFull)));
    let history = rig.handle.history("web", 0, 1).await.unwrap();
    assert_eq!(history.len(), 1, "reads go on");

    rig.pass(SECOND_MS).await;
    let refused = rig.handle.submit(ask()).await;
    assert!(matches!(refused, Err(EngineError::StoreFull)));

    fill(&full, false);
    rig.pass(SECOND_MS).await;
    rig.handle.writable().unwrap();
    let answers = rig.handle.submit(ask()).await.unwrap();
    assert!(!answers[0].repeated, "what was refused left no memory");
    let again = rig.handle.submit(ask()).await.unwrap();
    assert!(again[0].repeated);
    let verified = rig.handle.verify(Some("web")).await.unwrap();
    assert!(verified[0].broken.is_none());
}

#[tokio::test]
async fn every_caller_of_a_batch_without_room_is_told_and_waiting_claims_too() {
    let (rig, full) = on_a_small_disk(3).await;
    rig.claim("dev-1").await.unwrap();
    rig.claim("dev-2").await.unwrap();
    let waiting = rig.claim_waiting("dev-3", 60_000);
    rig.quiet().await;
    fill(&full, true);
    let asks = [
        rig.send(one(coordinator(), "web", pause())),
        rig.send(one(coordinator(), "web", register("dev-4"))),
    ];
    for ask in asks {
        assert!(matches!(ask.await.unwrap(), Err(EngineError::StoreFull)));
    }
    let waited = waiting.await.unwrap();
    assert!(matches!(waited, Err(EngineError::StoreFull)), "{waited:?}");
}

#[tokio::test]
async fn a_full_disk_costs_nobody_a_lease() {
    let (rig, full) = on_a_small_disk(1).await;
    let held = rig.claim("dev-1").await.unwrap();
    fill(&full, true);
    let asked = rig.ask(coordinator(), "web", pause()).await;
    assert!(matches!(asked, Err(EngineError::StoreFull)));
    rig.pass(3 * TERM_MS).await;
    assert!(rig.handle.writable().is_err());
    fill(&full, false);
    rig.pass(SECOND_MS).await;
    let facts = rig.handle.lease_facts("web");
    assert_eq!(facts[0].remaining_ms, TERM_MS, "a fresh term");
    rig.complete("dev-1", &held).await.unwrap();
}

#[tokio::test]
async fn a_lease_that_ends_on_a_full_disk_is_expired_once_there_is_room() {
    let (rig, full) = on_a_small_disk(1).await;
    let held = rig.claim("dev-1").await.unwrap();
    fill(&full, true);
    rig.pass(TERM_MS).await;
    assert!(
        rig.handle.writable().is_err(),
        "the expiry was to be recorded"
    );
    fill(&full, false);
    rig.pass(SECOND_MS).await;
    let live = |rig: &Rig| rig.plan().live().count();
    assert_eq!(live(&rig), 1, "a fresh term");
    rig.pass(TERM_MS).await;
    assert_eq!(live(&rig), 0, "and its end");
    let late = rig.complete("dev-1", &held).await;
    assert_eq!(reason(late), Reason::LeaseLost);
}
