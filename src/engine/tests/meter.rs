//! What the engine counts of itself, and how it shows that its writer gets on.

use std::sync::atomic::Ordering::Relaxed;

use super::*;

#[tokio::test]
async fn a_writer_that_hangs_in_the_store_has_no_pulse_and_one_that_rests_has() {
    let logs = MemoryStore::new();
    let (gate, keeper) = gate(logs.reopen());
    keeper.leave.send(()).unwrap();
    let rig = Rig::on(gate, logs);
    assert_eq!(blocked(&keeper).await, 1);
    let mut pulse = rig.handle.pulse();
    rig.quiet().await;
    pulse.beats();
    let mut looks = 0;
    while !pulse.beats() {
        looks += 1;
        assert!(looks < 1_000, "it never came to rest");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..5 {
        assert!(pulse.beats(), "it rests, and nothing moves");
    }

    let refused = rig.send(one(coordinator(), "web", pause())).await;
    assert!(refused.unwrap().is_err(), "there is no such project");
    assert!(pulse.beats(), "a refusal is work too");

    let create = Command::CreateProject {
        slug: "web".to_owned(),
        name: "Web".to_owned(),
        description: String::new(),
        settings: Box::default(),
        draft: false,
    };
    let created = rig.send(one(coordinator(), "web", create));
    assert_eq!(blocked(&keeper).await, 1);
    // The look after the step that it hangs in; from then on nothing moves.
    pulse.beats();
    for _ in 0..5 {
        assert!(!pulse.beats(), "it hangs");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let queued = rig.send(one(coordinator(), "web", pause()));
    while rig.handle.meter().queued.load(Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(keeper);
    created.await.unwrap().unwrap();
    queued.await.unwrap().unwrap();
    rig.quiet().await;
    assert!(pulse.beats(), "it goes on");
    assert_eq!(rig.handle.meter().queued.load(Relaxed), 0);
}

#[tokio::test]
async fn every_commit_is_counted_with_what_was_in_it() {
    let rig = Rig::new().staffed(3, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.complete("dev-1", &held).await.unwrap();
    let meter = rig.handle.meter();
    let events = meter.commit_events.counted();
    assert_eq!(events.sum as usize, rig.stored("web") + rig.stored(DAEMON));
    assert_eq!(events.count(), meter.commit_micros.counted().count());
    assert!(meter.committed_bytes.load(Relaxed) > 100 * events.sum);
    assert_eq!(meter.silences.load(Relaxed), 0);

    rig.claim("dev-1").await.unwrap();
    rig.pass(TERM_MS + 1_000).await;
    assert_eq!(rig.plan().live_count(), 0, "the lease ended");
    assert_eq!(meter.silences.load(Relaxed), 1);
    assert_eq!(meter.hard_limits.load(Relaxed), 0);
}
