//! Stopping: what is in flight is answered, waits and watches end, nothing new is taken.

use super::*;

#[tokio::test]
async fn stopping_answers_what_is_in_flight_and_ends_waits_and_watches() {
    let rig = Rig::new().staffed(0, 1).await;
    let waiting = rig.claim_waiting("dev-1", 60_000);
    rig.quiet().await;
    let mut watch = rig.handle.watch("web", rig.plan().version()).unwrap();
    let in_flight = rig.send(one(coordinator(), "web", register("dev-2")));
    tokio::task::yield_now().await;
    let Rig { engine, handle, .. } = rig;
    tokio::task::spawn_blocking(move || engine.stop(Duration::from_secs(10)))
        .await
        .unwrap()
        .unwrap();
    assert!(in_flight.await.unwrap().is_ok());
    assert!(matches!(waiting.await.unwrap(), Err(EngineError::Draining)));
    assert!(matches!(watch.next().await, Err(EngineError::Draining)));
    let late = handle.submit(one(coordinator(), "web", pause())).await;
    assert!(matches!(late, Err(EngineError::Draining)));
    assert!(matches!(
        handle.watch("web", 0).err(),
        Some(EngineError::Draining)
    ));
    assert!(handle.plan("web").is_some(), "reads go on to the end");
}

#[tokio::test]
async fn stopping_does_not_wait_longer_than_it_may() {
    let logs = MemoryStore::new();
    let (gate, keeper) = gate(logs.reopen());
    keeper.leave.send(()).unwrap();
    let rig = Rig::on(gate, logs);
    let stuck = rig.send(one(
        coordinator(),
        "web",
        Command::CreateProject {
            slug: "web".to_owned(),
            name: "Web".to_owned(),
            description: String::new(),
            settings: Box::default(),
            draft: false,
        },
    ));
    while keeper.reached.try_iter().count() == 0 || rig.stored(DAEMON) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    let engine = rig.engine;
    let stopped = tokio::task::spawn_blocking(move || engine.stop(Duration::from_millis(20)));
    assert_eq!(stopped.await.unwrap(), Err(StillBusy));
    drop(keeper);
    assert!(stuck.await.unwrap().is_ok(), "it is answered all the same");
}
