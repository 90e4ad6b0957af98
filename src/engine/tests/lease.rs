//! Leases and sessions: what renews them, what ends them, and that no holder is wronged.

use super::*;
use crate::plan::event::ExpiryCause;
use crate::plan::model::SessionStatus;

fn expiries(rig: &Rig) -> Vec<(TaskId, ExpiryCause)> {
    let reader = rig.logs.reader().unwrap();
    let records = reader.read("web", 0, 10_000).unwrap();
    let events = records.iter().map(|record| {
        let recorded = crate::plan::codec::decode(&record.document).unwrap();
        match recorded.event {
            Event::LeaseExpired(expired) => Some((expired.task, expired.cause)),
            _ => None,
        }
    });
    events.flatten().collect()
}

#[tokio::test]
async fn a_silent_holder_loses_its_lease_at_the_end_of_the_term() {
    let rig = Rig::new().staffed(1, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    assert_eq!(held.lease_ms, TERM_MS);
    rig.pass(TERM_MS - 1).await;
    assert!(expiries(&rig).is_empty());
    rig.pass(1).await;
    assert_eq!(expiries(&rig), [(held.task, ExpiryCause::Silence)]);
    let beat = rig
        .handle
        .beat("web", held.task, held.fence, "dev-1")
        .unwrap();
    assert_eq!(beat.verdict, BeatVerdict::LeaseLost);
    assert_eq!(
        reason(rig.complete("dev-1", &held).await),
        Reason::LeaseLost
    );
    let next = rig.claim("dev-2").await.unwrap();
    assert!(next.fence > held.fence);
}

#[tokio::test]
async fn a_beat_renews_the_lease_and_says_when_to_beat_again() {
    let rig = Rig::new().staffed(1, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    for _ in 0..5 {
        rig.pass(TERM_MS - SECOND_MS).await;
        let beat = rig
            .handle
            .beat("web", held.task, held.fence, "dev-1")
            .unwrap();
        assert_eq!(beat.verdict, BeatVerdict::Ok);
        assert_eq!(
            (beat.remaining_ms, beat.beat_every_ms),
            (TERM_MS, TERM_MS / 3)
        );
    }
    assert!(expiries(&rig).is_empty());
}

#[tokio::test]
async fn a_beat_that_comes_before_the_expiry_is_recorded_wins() {
    let rig = Rig::new().staffed(1, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.clock.advance_ms(TERM_MS * 2);
    let beat = rig
        .handle
        .beat("web", held.task, held.fence, "dev-1")
        .unwrap();
    assert_eq!(beat.verdict, BeatVerdict::Ok);
    rig.quiet().await;
    assert!(expiries(&rig).is_empty());
}

#[tokio::test]
async fn a_beat_that_comes_while_the_expiry_is_recorded_is_too_late() {
    let logs = MemoryStore::new();
    let (gate, keeper) = gate(logs.reopen());
    // The daemon's log, the project, its phase, a task, an agent, a claim.
    for _ in 0..6 {
        keeper.leave.send(()).unwrap();
    }
    let rig = Rig::on(gate, logs).staffed(1, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.quiet().await;
    assert_eq!(keeper.reached.try_iter().count(), 6);
    rig.clock.advance_ms(TERM_MS);
    let handle = rig.handle.clone();
    let waking = tokio::spawn(async move { handle.wake().await });
    blocked(&keeper).await;
    let beat = rig
        .handle
        .beat("web", held.task, held.fence, "dev-1")
        .unwrap();
    assert_eq!(beat.verdict, BeatVerdict::LeaseLost);
    rig.handle.touch("web", "dev-1", None);
    drop(keeper);
    waking.await.unwrap().unwrap();
    assert_eq!(expiries(&rig), [(held.task, ExpiryCause::Silence)]);
}

#[tokio::test]
async fn any_call_of_the_holding_session_renews() {
    let rig = Rig::new().staffed(2, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    let other = rig.claim("dev-2").await.unwrap();
    rig.pass(TERM_MS - SECOND_MS).await;
    rig.handle.touch("web", "dev-1", Some(held.session));
    rig.handle.touch("web", "dev-1", Some(other.session));
    rig.pass(SECOND_MS).await;
    assert_eq!(expiries(&rig), [(other.task, ExpiryCause::Silence)]);
    rig.pass(TERM_MS - SECOND_MS * 2).await;
    rig.handle.touch("web", "dev-1", None);
    rig.pass(TERM_MS - SECOND_MS).await;
    let facts = rig.handle.lease_facts("web");
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].remaining_ms, SECOND_MS);
}

#[tokio::test]
async fn a_wall_clock_that_jumps_expires_nothing() {
    let rig = Rig::new().staffed(1, 1).await;
    rig.claim("dev-1").await.unwrap();
    for wall_ms in [4_000_000_000_000, 0] {
        rig.clock.set_wall_ms(wall_ms);
        rig.pass(SECOND_MS).await;
    }
    assert!(expiries(&rig).is_empty());
}

#[tokio::test]
async fn the_hard_limit_ends_a_chain_of_resumes_whatever_its_holder_says() {
    let rig = Rig::new().staffed(1, 1).await;
    let mut held = rig.claim("dev-1").await.unwrap();
    let limit_ms = Settings::default().hard_limit_ms;
    let mut passed = 0;
    while passed + 60_000 < limit_ms {
        rig.pass(60_000).await;
        passed += 60_000;
        let beat = rig
            .handle
            .beat("web", held.task, held.fence, "dev-1")
            .unwrap();
        assert_eq!(beat.verdict, BeatVerdict::Ok, "after {passed} ms");
        assert!(beat.remaining_ms <= limit_ms - passed);
        if passed == limit_ms / 2 {
            let resume = Command::ClaimTask(Claim {
                resume: true,
                ..Claim::default()
            });
            held = claimed(&rig.ask(dev("dev-1"), "web", resume).await.unwrap());
        }
    }
    assert!(expiries(&rig).is_empty());
    rig.pass(limit_ms - passed).await;
    assert_eq!(expiries(&rig), [(held.task, ExpiryCause::HardLimit)]);
}

#[tokio::test]
async fn after_standing_still_nobody_counts_as_silent() {
    let rig = Rig::new().staffed(1, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.quiet().await;
    rig.clock.advance_ms(TERM_MS * 3);
    // No wake: the writer finds out by itself when the next request comes.
    assert_eq!(reason(rig.claim("dev-2").await), Reason::WaitingOnWork);
    rig.pass(TERM_MS - 1).await;
    assert!(expiries(&rig).is_empty());
    rig.pass(1).await;
    assert_eq!(expiries(&rig), [(held.task, ExpiryCause::Silence)]);
}

#[tokio::test]
async fn a_holder_is_told_to_hold_still_and_to_stop() {
    let rig = Rig::new().staffed(2, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    let beat = |held: &TaskClaimed| {
        let beat = rig.handle.beat("web", held.task, held.fence, "dev-1");
        beat.unwrap()
    };
    rig.ask(coordinator(), "web", pause()).await.unwrap();
    assert_eq!(beat(&held).verdict, BeatVerdict::Pause);
    assert!(beat(&held).message.contains("lunch"));
    rig.ask(coordinator(), "web", Command::ResumeProject)
        .await
        .unwrap();
    assert_eq!(beat(&held).verdict, BeatVerdict::Ok);
    let revoke = Command::RevokeClaim {
        task: held.task.to_string(),
        reason: "other plans".to_owned(),
    };
    rig.ask(coordinator(), "web", revoke).await.unwrap();
    assert_eq!(beat(&held).verdict, BeatVerdict::Cancel);
    let held = rig.claim("dev-1").await.unwrap();
    let cancel = Command::CancelTask {
        task: held.task.to_string(),
        reason: "not needed".to_owned(),
        waive_dependents: true,
    };
    rig.ask(coordinator(), "web", cancel).await.unwrap();
    assert_eq!(beat(&held).verdict, BeatVerdict::Cancel);
    assert!(rig.handle.lease_facts("web").is_empty());
}

#[tokio::test]
async fn a_beat_for_what_is_not_held_is_refused() {
    let rig = Rig::new().staffed(1, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    let beat = |task, fence, agent| rig.handle.beat("web", task, fence, agent);
    assert_eq!(
        reason(beat(held.task, held.fence, "dev-2")),
        Reason::NotHolder
    );
    assert_eq!(reason(beat(TaskId(99), 1, "dev-1")), Reason::TaskNotFound);
    let older = beat(held.task, held.fence - 1, "dev-1").unwrap();
    assert_eq!(older.verdict, BeatVerdict::LeaseLost);
    assert!(older.message.contains("dev-1"), "{}", older.message);
}

#[tokio::test]
async fn a_silent_session_that_holds_nothing_is_closed() {
    let rig = Rig::new().staffed(1, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.complete("dev-1", &held).await.unwrap();
    let silence_ms = u64::from(Settings::default().session_minutes) * 60_000;
    rig.pass(silence_ms - SECOND_MS).await;
    rig.handle.touch("web", "dev-1", None);
    rig.pass(silence_ms - SECOND_MS).await;
    let status = || rig.plan().session(held.session).unwrap().status;
    assert_eq!(status(), SessionStatus::Open);
    rig.pass(SECOND_MS).await;
    assert_eq!(status(), SessionStatus::Abandoned);
}
