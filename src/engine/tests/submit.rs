//! Submissions: what is answered, and that all steps are carried out or none.

use super::*;

#[tokio::test]
async fn an_answer_has_the_events_and_the_plan_after_them() {
    let rig = Rig::new().staffed(1, 1).await;
    let answer = rig.ask(dev("dev-1"), "web", claim()).await.unwrap();
    let held = claimed(&answer);
    assert!(!answer.repeated);
    assert_eq!(answer.plan.version(), answer.events.last().unwrap().version);
    let lease = answer.plan.task(held.task).unwrap().state.lease.clone();
    assert_eq!(lease.unwrap().fence, held.fence);
    assert_eq!(rig.stored("web") as u64, answer.plan.version());
}

#[tokio::test]
async fn the_daemons_own_log_begins_by_itself_and_is_no_project() {
    let rig = Rig::new();
    assert_eq!(rig.handle.registry().version(), 1);
    assert!(rig.handle.projects().is_empty());
    let rig = rig.restart();
    assert_eq!(rig.handle.registry().version(), 1, "it begins once");
}

#[tokio::test]
async fn an_unknown_project_is_refused() {
    let rig = Rig::new();
    assert_eq!(
        reason(rig.ask(coordinator(), "none", pause()).await),
        Reason::ProjectNotFound
    );
    assert!(rig.handle.plan("none").is_none());
}

#[tokio::test]
async fn a_project_that_exists_is_not_made_again_and_a_limit_holds() {
    let rig = Rig::new();
    for slug in ["a", "b", "c", "d"] {
        rig.create(slug).await.unwrap();
    }
    assert_eq!(rig.handle.projects(), ["a", "b", "c", "d"]);
    assert_eq!(reason(rig.create("a").await), Reason::ProjectExists);
    assert!(matches!(
        rig.create("e").await,
        Err(EngineError::Overloaded { what: "projects" })
    ));
}

#[tokio::test]
async fn a_project_is_not_made_under_another_name() {
    let rig = Rig::new();
    let command = Command::CreateProject {
        slug: "a".to_owned(),
        name: "a".to_owned(),
        description: String::new(),
        settings: Box::default(),
        draft: false,
    };
    let asked = rig.ask(coordinator(), "b", command).await;
    assert_eq!(reason(asked), Reason::InvalidField);
    assert!(rig.handle.projects().is_empty());
}

#[tokio::test]
async fn steps_over_two_projects_are_recorded_together() {
    let rig = Rig::new().staffed(0, 0).await;
    rig.create("api").await.unwrap();
    let submission = Submission {
        steps: vec![
            step("web", register("dev-1")),
            step("api", register("dev-1")),
        ],
        ..one(coordinator(), "web", pause())
    };
    let answers = rig.handle.submit(submission).await.unwrap();
    assert_eq!(answers.len(), 2);
    for slug in ["web", "api"] {
        let plan = rig.handle.plan(slug).unwrap();
        assert!(plan.agent("dev-1").is_some(), "{slug}");
    }
}

#[tokio::test]
async fn when_the_second_step_is_refused_the_first_did_not_happen() {
    let rig = Rig::new().staffed(0, 1).await;
    let before = rig.plan().version();
    let submission = Submission {
        steps: vec![
            step("web", register("dev-2")),
            step("web", register("dev-1")),
        ],
        ..one(coordinator(), "web", pause())
    };
    let asked = rig.handle.submit(submission).await;
    assert_eq!(reason(asked), Reason::AgentExists);
    assert_eq!(rig.plan().version(), before);
    assert_eq!(rig.stored("web") as u64, before);
}

#[tokio::test]
async fn a_later_step_sees_what_an_earlier_one_did() {
    let rig = Rig::new();
    let create = Command::CreateProject {
        slug: "web".to_owned(),
        name: "Web".to_owned(),
        description: String::new(),
        settings: Box::default(),
        draft: false,
    };
    let submission = Submission {
        steps: vec![step("web", create), step("web", register("dev-1"))],
        ..one(coordinator(), "web", pause())
    };
    let answers = rig.handle.submit(submission).await.unwrap();
    assert_eq!(answers[0].events[0].version, 1);
    assert_eq!(answers[1].events[0].version, 2);
    let published = answers.iter().all(|answer| answer.plan.version() == 2);
    assert!(published, "an answer tells of the plan as it was published");
    assert_eq!(rig.plan().version(), 2);
}

#[tokio::test]
async fn requests_that_come_together_share_one_append() {
    let logs = MemoryStore::new();
    let (gate, keeper) = gate(logs.reopen());
    for _ in 0..10 {
        keeper.leave.send(()).unwrap();
    }
    let rig = Rig::on(gate, logs).staffed(0, 0).await;
    rig.create("api").await.unwrap();
    let used = keeper.reached.try_iter().count();
    // Whatever leave is left over is used up first, so that the next append waits.
    for number in used..10 {
        rig.register("web", &format!("early-{number}")).await;
    }
    assert_eq!(keeper.reached.try_iter().count(), 10 - used);
    let first = rig.send(one(coordinator(), "web", register("dev-1")));
    assert_eq!(blocked(&keeper).await, 1);
    let version = rig.plan().version();
    let others = [
        rig.send(one(coordinator(), "web", register("dev-2"))),
        rig.send(one(coordinator(), "api", register("dev-1"))),
    ];
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(
        rig.plan().version(),
        version,
        "nothing shows before it is durable"
    );
    assert!(!first.is_finished());
    keeper.leave.send(()).unwrap();
    assert_eq!(blocked(&keeper).await, 2, "one append for both projects");
    keeper.leave.send(()).unwrap();
    first.await.unwrap().unwrap();
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(rig.plan().version(), version + 2);
}

#[tokio::test]
async fn a_full_inbox_says_so() {
    let logs = MemoryStore::new();
    let (gate, keeper) = gate(logs.reopen());
    keeper.leave.send(()).unwrap();
    let rig = Rig::on(gate, logs);
    assert_eq!(blocked(&keeper).await, 1);
    let create = rig.send(one(
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
    assert_eq!(blocked(&keeper).await, 1);
    let mut waiting = Vec::new();
    for _ in 0..limits().queued_requests {
        waiting.push(rig.send(one(coordinator(), "web", pause())));
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    let asked = rig.ask(coordinator(), "web", pause()).await;
    assert!(matches!(
        asked,
        Err(EngineError::Overloaded {
            what: "queued_requests"
        })
    ));
    drop(keeper);
    create.await.unwrap().unwrap();
    let mut paused = 0;
    for other in waiting {
        paused += usize::from(other.await.unwrap().is_ok());
    }
    assert_eq!(paused, 1, "one pauses, the rest find it paused");
}

#[tokio::test]
async fn a_refused_step_takes_the_steps_before_it_back_and_nothing_of_the_batch_else() {
    let logs = MemoryStore::new();
    let (gate, keeper) = gate(logs.reopen());
    for _ in 0..10 {
        keeper.leave.send(()).unwrap();
    }
    let rig = Rig::on(gate, logs).staffed(0, 0).await;
    let twice = Submission {
        steps: vec![step("web", register("ann")), step("web", register("ann"))],
        ..one(coordinator(), "web", pause())
    };
    let asked = [
        one(coordinator(), "web", register("bea")),
        twice,
        one(coordinator(), "web", register("cleo")),
    ];
    let asked = asked.map(|submission| {
        let handle = rig.handle.clone();
        tokio::spawn(async move { handle.submit(submission).await })
    });
    let mut versions = Vec::new();
    for answer in asked {
        if let Ok(answers) = answer.await.unwrap() {
            versions.push(answers[0].events[0].version);
        }
    }
    assert_eq!(versions.len(), 2, "the one in between is refused");
    let plan = rig.plan();
    let names: Vec<&str> = plan.agents().map(|agent| agent.name.as_ref()).collect();
    assert_eq!(names, ["bea", "cleo"]);
    assert_eq!(rig.restart().plan().agents().count(), 2);
}
