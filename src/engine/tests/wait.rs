//! Claims that wait: woken in order, dropped when nobody waits any more, answered at their deadline.

use super::*;

/// Starts waiting claims one after the other, so that they come in this order.
async fn line_up(rig: &Rig, agents: &[&str], wait_ms: u64) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    for agent in agents {
        waiting.push(rig.claim_waiting(agent, wait_ms));
        rig.quiet().await;
    }
    assert!(waiting.iter().all(|claim| !claim.is_finished()));
    waiting
}

#[tokio::test]
async fn tasks_go_to_waiting_claims_in_the_order_they_came() {
    let rig = Rig::new().staffed(0, 3).await;
    let waiting = line_up(&rig, &["dev-2", "dev-3", "dev-1"], 60_000).await;
    rig.add_tasks("web", 3).await;
    let mut fences = Vec::new();
    for claim in waiting {
        fences.push(granted(claim).await.fence);
    }
    assert!(fences.is_sorted(), "{fences:?}");
}

#[tokio::test]
async fn one_task_wakes_one_claim() {
    let rig = Rig::new().staffed(0, 3).await;
    let mut waiting = line_up(&rig, &["dev-1", "dev-2", "dev-3"], 60_000).await;
    rig.add_tasks("web", 1).await;
    let held = granted(waiting.remove(0)).await;
    rig.quiet().await;
    assert!(waiting.iter().all(|claim| !claim.is_finished()));
    rig.handle
        .submit(one(dev("dev-1"), "web", release(&held)))
        .await
        .unwrap();
    let next = granted(waiting.remove(0)).await;
    assert_eq!(next.task, held.task);
    assert!(next.fence > held.fence);
}

fn release(held: &TaskClaimed) -> Command {
    Command::ReleaseTask {
        task: held.task.to_string(),
        fence: held.fence,
        cause: crate::plan::event::ReleaseCause::Returned,
        reason: "not mine".to_owned(),
    }
}

#[tokio::test]
async fn a_resumed_project_wakes_everybody_who_can_be_served() {
    let rig = Rig::new().staffed(5, 6).await;
    rig.ask(coordinator(), "web", pause()).await.unwrap();
    let agents = ["dev-1", "dev-2", "dev-3", "dev-4", "dev-5", "dev-6"];
    let mut waiting = line_up(&rig, &agents, 60_000).await;
    rig.ask(coordinator(), "web", Command::ResumeProject)
        .await
        .unwrap();
    let last = waiting.pop().unwrap();
    for claim in waiting {
        granted(claim).await;
    }
    assert!(!last.is_finished());
}

#[tokio::test]
async fn a_claim_whose_caller_is_gone_is_granted_nothing() {
    let rig = Rig::new().staffed(0, 2).await;
    let mut waiting = line_up(&rig, &["dev-1", "dev-2"], 60_000).await;
    let gone = waiting.remove(0);
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    rig.add_tasks("web", 1).await;
    let held = granted(waiting.remove(0)).await;
    assert_eq!(&*held.agent, "dev-2");
}

#[tokio::test]
async fn at_its_deadline_a_claim_is_told_why_there_is_nothing_now() {
    let rig = Rig::new().staffed(1, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    let waiting = line_up(&rig, &["dev-2"], 10_000).await.remove(0);
    rig.pass(9_999).await;
    assert!(!waiting.is_finished());
    rig.pass(1).await;
    assert_eq!(reason(waiting.await.unwrap()), Reason::WaitingOnWork);
    rig.complete("dev-1", &held).await.unwrap();
}

#[tokio::test]
async fn a_waiting_claim_is_told_at_once_that_the_plan_is_complete() {
    let rig = Rig::new().staffed(1, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    let waiting = line_up(&rig, &["dev-2"], 10_000).await.remove(0);
    rig.complete("dev-1", &held).await.unwrap();
    assert_eq!(reason(waiting.await.unwrap()), Reason::PlanComplete);
}

#[tokio::test]
async fn a_claim_that_does_not_wait_is_answered_at_once() {
    let rig = Rig::new().staffed(0, 1).await;
    assert_eq!(
        reason(rig.claim("dev-1").await),
        Reason::WaitingOnCoordinator
    );
}

#[tokio::test]
async fn a_repeat_takes_over_the_place_of_its_first() {
    let rig = Rig::new().staffed(0, 2).await;
    let ask = || {
        let mut claim = under("r-1", one(dev("dev-1"), "web", claim()));
        claim.wait = Duration::from_mins(1);
        claim
    };
    let first = rig.send(ask());
    rig.quiet().await;
    let other = line_up(&rig, &["dev-2"], 60_000).await.remove(0);
    let again = rig.send(ask());
    assert!(matches!(first.await.unwrap(), Err(EngineError::Draining)));
    rig.add_tasks("web", 1).await;
    assert_eq!(&*granted(again).await.agent, "dev-1");
    rig.quiet().await;
    assert!(!other.is_finished());
}

#[tokio::test]
async fn a_limit_on_waiting_claims_counts_only_those_whose_callers_wait() {
    let rig = Rig::new().staffed(0, 1).await;
    let agents = vec!["dev-1"; limits().waiting_claims];
    let waiting = line_up(&rig, &agents, 60_000).await;
    let one_more = rig.claim_waiting("dev-1", 60_000).await.unwrap();
    assert!(matches!(
        one_more,
        Err(EngineError::Overloaded {
            what: "waiting_claims"
        })
    ));
    for claim in waiting {
        claim.abort();
        let _ = claim.await;
    }
    line_up(&rig, &["dev-1"], 60_000).await;
}

#[tokio::test]
async fn a_claim_of_another_role_is_not_kept_from_its_task_by_those_before_it() {
    let rig = Rig::new().staffed(0, 1).await;
    let mut architect = register("arch-1");
    if let Command::RegisterAgent { roles, .. } = &mut architect {
        *roles = vec!["architect".to_owned()];
    }
    rig.ask(coordinator(), "web", architect).await.unwrap();
    let mut waiting = line_up(&rig, &["dev-1", "arch-1"], 60_000).await;
    let task = NewTask {
        title: "Draw".to_owned(),
        role: "architect".to_owned(),
        ..NewTask::default()
    };
    rig.ask(coordinator(), "web", Command::CreateTasks(vec![task]))
        .await
        .unwrap();
    let architect = waiting.pop().unwrap();
    assert_eq!(&*granted(architect).await.agent, "arch-1");
    assert!(!waiting[0].is_finished());
}

#[tokio::test]
async fn a_resume_does_not_stand_in_line_for_the_next_task() {
    const LEAVES: usize = 20;
    let logs = MemoryStore::new();
    let (gate, keeper) = gate(logs.reopen());
    for _ in 0..LEAVES {
        keeper.leave.send(()).unwrap();
    }
    let rig = Rig::on(gate, logs).staffed(1, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    let next = line_up(&rig, &["dev-2"], 60_000).await.remove(0);
    for number in keeper.reached.try_iter().count()..LEAVES {
        rig.register("web", &format!("early-{number}")).await;
    }
    while keeper.reached.try_recv().is_ok() {}
    let busy = rig.send(one(coordinator(), "web", register("late-1")));
    blocked(&keeper).await;
    // In one batch: a task that comes and goes, which wakes the line for nothing, then the resume.
    let task = NewTask {
        title: "Fleeting".to_owned(),
        ..NewTask::default()
    };
    let mut fleeting = one(coordinator(), "web", Command::CreateTasks(vec![task]));
    fleeting.steps.push(step(
        "web",
        Command::CancelTask {
            task: "T-2".to_owned(),
            reason: "not needed".to_owned(),
            waive_dependents: false,
        },
    ));
    let fleeting = rig.send(fleeting);
    let again = Command::ClaimTask(Claim {
        resume: true,
        ..Claim::default()
    });
    let mut again = one(dev("dev-1"), "web", again);
    again.wait = Duration::from_mins(1);
    let again = rig.send(again);
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(keeper);
    let claim = tokio::time::timeout(Duration::from_secs(10), granted(again));
    assert_eq!(claim.await.expect("at once").task, held.task);
    for asked in [busy, fleeting] {
        asked.await.unwrap().unwrap();
    }
    assert!(!next.is_finished());
}

#[tokio::test]
async fn a_waiting_claim_gets_the_task_that_is_given_into_its_agents_care() {
    let rig = Rig::new().staffed(0, 2).await;
    let mut waiting = line_up(&rig, &["dev-1", "dev-2"], 60_000).await;
    let task = NewTask {
        title: "Draw".to_owned(),
        role: "architect".to_owned(),
        ..NewTask::default()
    };
    rig.ask(coordinator(), "web", Command::CreateTasks(vec![task]))
        .await
        .unwrap();
    rig.quiet().await;
    assert!(waiting.iter().all(|claim| !claim.is_finished()));
    let assign = Command::CreateAssignment(Box::new(crate::plan::command::NewAssignment {
        agent: "dev-2".to_owned(),
        area: String::new(),
        task: "T-1".to_owned(),
        duty: crate::plan::event::Duty::Backup,
    }));
    rig.ask(coordinator(), "web", assign).await.unwrap();
    let second = waiting.pop().unwrap();
    assert_eq!(&*granted(second).await.agent, "dev-2");
    assert!(!waiting[0].is_finished());
}
