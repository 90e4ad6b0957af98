//! Watches: every later event once and in order, from history and live.

use super::*;

async fn follow(watch: &mut Watch, until: u64) -> Vec<u64> {
    let mut versions = Vec::new();
    while versions.last().copied().unwrap_or(0) < until {
        let events = watch.next().await.unwrap();
        assert!(!events.is_empty());
        versions.extend(events.iter().map(|event| event.version));
    }
    versions
}

#[tokio::test]
async fn a_watch_goes_from_history_to_live_without_gap_or_repeat() {
    let rig = Rig::new().staffed(0, 0).await;
    // More than is kept in memory, so that the first ones come from the store.
    let many = limits().recent_events as u64 + 50;
    for number in 0..many {
        rig.register("web", &format!("agent-{number}")).await;
    }
    let version = rig.plan().version();
    let mut watch = rig.handle.watch("web", 1).unwrap();
    let ends = version + 40;
    let follower = tokio::spawn(async move { follow(&mut watch, ends).await });
    for number in 0..40 {
        rig.register("web", &format!("late-{number}")).await;
    }
    let seen = follower.await.unwrap();
    assert_eq!(seen, (2..=ends).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_watch_waits_for_what_is_new() {
    let rig = Rig::new().staffed(0, 0).await;
    let version = rig.plan().version();
    let mut watch = rig.handle.watch("web", version).unwrap();
    let quiet = tokio::time::timeout(Duration::from_millis(20), watch.next()).await;
    assert!(quiet.is_err(), "nothing is new");
    rig.register("web", "dev-1").await;
    assert_eq!(follow(&mut watch, version + 1).await, [version + 1]);
}

#[tokio::test]
async fn watchers_are_limited_and_give_their_seats_back() {
    let rig = Rig::new().staffed(0, 0).await;
    assert_eq!(
        reason(rig.handle.watch("none", 0).map(drop)),
        Reason::ProjectNotFound
    );
    let watch = || rig.handle.watch("web", 0);
    let watches: Vec<Watch> = (0..limits().watchers).map(|_| watch().unwrap()).collect();
    assert!(matches!(
        watch(),
        Err(EngineError::Overloaded { what: "watchers" })
    ));
    drop(watches);
    assert!(watch().is_ok());
}

#[tokio::test]
async fn history_is_read_by_version_and_by_time() {
    let rig = Rig::new().staffed(0, 0).await;
    for number in 0..limits().recent_events + 20 {
        rig.clock.advance_ms(1);
        rig.register("web", &format!("agent-{number}")).await;
    }
    let versions = |events: Vec<Arc<Recorded>>| -> Vec<u64> {
        events.iter().map(|event| event.version).collect()
    };
    let newest = rig.plan().version();
    let early = rig.handle.history("web", 3, 2).await.unwrap();
    assert_eq!(versions(early), [4, 5]);
    let late = rig.handle.history("web", newest - 1, 10).await.unwrap();
    assert_eq!(versions(late), [newest]);
    assert!(
        rig.handle
            .history("web", newest, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let now = rig.handle.now_ms();
    let before = |ms| rig.handle.version_before("web", ms);
    assert_eq!(before(now - 1).await.unwrap(), newest - 2);
    assert_eq!(before(0).await.unwrap(), 0);
    assert_eq!(before(now + 1).await.unwrap(), newest);
}
