//! Request ids: a repeat is answered and not carried out again.

use super::*;

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_records_nothing() {
    let rig = Rig::new().staffed(0, 0).await;
    let ask = || under("r-1", one(coordinator(), "web", register("dev-1")));
    let first = rig.handle.submit(ask()).await.unwrap();
    let version = rig.plan().version();
    let again = rig.handle.submit(ask()).await.unwrap();
    assert!(again[0].repeated && !first[0].repeated);
    assert_eq!(again[0].events, first[0].events);
    assert_eq!(rig.plan().version(), version);
}

#[tokio::test]
async fn a_repeat_is_answered_from_the_store_when_memory_is_too_short() {
    let rig = Rig::new().staffed(0, 0).await;
    let ask = || under("r-1", one(coordinator(), "web", register("dev-1")));
    let first = rig.handle.submit(ask()).await.unwrap();
    for number in 0..limits().recent_events {
        rig.register("web", &format!("other-{number}")).await;
    }
    let again = rig.handle.submit(ask()).await.unwrap();
    assert_eq!(again[0].events, first[0].events);
}

#[tokio::test]
async fn a_request_id_is_not_used_for_another_body() {
    let rig = Rig::new().staffed(0, 0).await;
    let ask = |agent| under("r-1", one(coordinator(), "web", register(agent)));
    rig.handle.submit(ask("dev-1")).await.unwrap();
    let asked = rig.handle.submit(ask("dev-2")).await;
    assert!(matches!(asked, Err(EngineError::RequestIdReused(id)) if id == "r-1"));
    assert!(rig.plan().agent("dev-2").is_none());
}

#[tokio::test]
async fn ids_of_different_callers_and_projects_do_not_meet() {
    let rig = Rig::new().staffed(0, 0).await;
    rig.create("api").await.unwrap();
    let asks = [
        one(coordinator(), "web", register("dev-1")),
        one(coordinator(), "api", register("dev-1")),
        one(Actor::Coordinator("bob".into()), "web", register("dev-2")),
    ];
    for ask in asks {
        let answers = rig.handle.submit(under("r-1", ask)).await.unwrap();
        assert!(!answers[0].repeated);
    }
}

#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let rig = Rig::new().staffed(0, 1).await;
    let ask = || under("r-1", one(dev("dev-1"), "web", claim()));
    assert_eq!(
        reason(rig.handle.submit(ask()).await),
        Reason::WaitingOnCoordinator
    );
    rig.add_tasks("web", 1).await;
    let answers = rig.handle.submit(ask()).await.unwrap();
    assert!(!answers[0].repeated);
}

#[tokio::test]
async fn a_repeated_claim_gets_the_same_lease_while_it_lives_and_no_longer() {
    let rig = Rig::new().staffed(2, 1).await;
    let ask = || under("r-1", one(dev("dev-1"), "web", claim()));
    let held = claimed(&rig.handle.submit(ask()).await.unwrap()[0]);
    let again = claimed(&rig.handle.submit(ask()).await.unwrap()[0]);
    assert_eq!(again, held);
    rig.complete("dev-1", &held).await.unwrap();
    assert_eq!(reason(rig.handle.submit(ask()).await), Reason::LeaseLost);
    assert_eq!(
        rig.plan().live().count(),
        0,
        "the other task was not handed out"
    );
}

#[tokio::test]
async fn a_completion_repeated_without_an_id_gets_the_first_answer() {
    let rig = Rig::new().staffed(1, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    let first = rig.complete("dev-1", &held).await.unwrap();
    let again = rig.complete("dev-1", &held).await.unwrap();
    assert!(again.repeated);
    assert!(first.events.contains(&again.events[0]));
}

#[tokio::test]
async fn every_step_of_a_repeat_gets_its_own_events() {
    let rig = Rig::new().staffed(0, 0).await;
    let ask = || {
        let steps = vec![
            step("web", register("dev-1")),
            step(DAEMON, issue("t-1")),
            step("web", register("dev-2")),
        ];
        under(
            "r-1",
            Submission {
                steps,
                ..one(coordinator(), "web", pause())
            },
        )
    };
    let first = rig.handle.submit(ask()).await.unwrap();
    let again = rig.handle.submit(ask()).await.unwrap();
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(first.events, again.events);
    }
    let rig = rig.restart();
    let later = rig.handle.submit(ask()).await.unwrap();
    assert_eq!(later[1].events, first[1].events);
    assert_eq!(later[0].events.len(), 2, "the log does not part the steps");
    assert!(later.iter().all(|answer| answer.repeated));
}

fn issue(token: &str) -> Command {
    Command::IssueToken {
        token: token.into(),
        secret_hash: "0".repeat(64).into(),
        principal: crate::plan::event::Principal::Coordinator { name: "ada".into() },
    }
}

#[tokio::test]
async fn without_the_request_memory_a_repeat_is_carried_out_again() {
    let logs = MemoryStore::new();
    let clock = Arc::new(ManualClock::at(0));
    let mut options = options(logs.reopen(), &clock);
    options.guards = Guards::without_request_memory_for_a_negative_control();
    let rig = Rig::with(options, clock, logs).staffed(2, 1).await;
    let ask = || under("r-1", one(dev("dev-1"), "web", claim()));
    let first = claimed(&rig.handle.submit(ask()).await.unwrap()[0]);
    let again = claimed(&rig.handle.submit(ask()).await.unwrap()[0]);
    assert_ne!(first.task, again.task);
}
