//! A log that goes on from a backup, and one that was removed: what late holders are told, and what stays.

use super::super::command::Command;
use super::super::event::Principal;
use super::super::fact::Actor;
use super::super::refusal::Reason;
use super::super::settings::Settings;
use super::super::time::Timestamp;
use super::{Given, by, claim, claim_of, decide, facts, lead, plan};

fn at_work() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .started("dev-1", "T-1")
}

fn delete(project: &str) -> Command {
    Command::DeleteProject {
        project: project.into(),
        events: 7,
        last_hash: "00ff".into(),
    }
}

#[test]
fn a_restore_takes_every_claim_back_and_no_fence_from_before_is_good_again() {
    let backup = at_work();
    let held = backup.complete("T-1");
    // What happens after the backup is lost, but its fences were given out.
    let lost = backup.clone().claimed("dev-2", "T-2");
    let late = lost.complete("T-2");

    let restored = backup.then(
        Actor::System,
        Command::RestoreProject,
        &["ProjectRestored", "ClaimRevoked"],
    );

    restored.refuses(by("dev-1"), held, Reason::LeaseLost);
    restored.refuses(by("dev-2"), late.clone(), Reason::LeaseLost);
    let again = restored.then(
        by("dev-2"),
        claim_of("T-2"),
        &["SessionStarted", "TaskClaimed"],
    );
    again.refuses(by("dev-2"), late, Reason::LeaseLost);
    assert!(again.fence("T-2") > lost.fence("T-2"));
    assert_eq!(restored.plan.open_sessions().count(), 1, "it may go on");
    restored.then(by("dev-1"), claim(), &["TaskClaimed"]);
    let task = restored.plan.tasks().next().expect("T-1").state;
    assert_eq!(task.strikes, 0, "nobody failed");
}

#[test]
fn only_the_operator_restores_and_deletes() {
    let given = at_work();
    for actor in [lead(), by("dev-1")] {
        given.refuses(actor.clone(), Command::RestoreProject, Reason::NotAllowed);
        given.refuses(actor, delete("shop"), Reason::NotAllowed);
    }
    given.refuses(Actor::System, delete("shop"), Reason::NotAllowed);
}

#[test]
fn a_fence_that_cannot_be_raised_is_refused() {
    let given = at_work();
    let mut late = facts(Actor::System, 0);
    late.now = Timestamp(i64::MAX);
    let refused = decide(&given.plan, &Command::RestoreProject, &late).unwrap_err();
    assert_eq!(refused.reason, Reason::LimitReached);
    assert!(refused.message.contains("clock"), "{refused}");
}

#[test]
fn an_archived_project_is_restored_as_well() {
    let archive = Command::ArchiveProject {
        reason: "done".to_owned(),
    };
    at_work().and(lead(), archive).then(
        Actor::System,
        Command::RestoreProject,
        &["ProjectRestored"],
    );
}

#[test]
fn the_tokens_of_a_deleted_project_are_revoked_and_no_others() {
    let mut given = Given {
        plan: super::Plan::default(),
        log: Vec::new(),
        now_ms: 0,
        repeats: None,
    };
    given = given.and(
        lead(),
        Command::CreateProject {
            slug: "_daemon".to_owned(),
            name: "Daemon".to_owned(),
            description: String::new(),
            settings: Box::new(Settings::default()),
            draft: false,
        },
    );
    let principals = [
        Principal::Coordinator { name: "ann".into() },
        Principal::Agent {
            name: "dev-1".into(),
            project: "shop".into(),
        },
        Principal::Agent {
            name: "dev-1".into(),
            project: "yard".into(),
        },
        Principal::Observer {
            name: "eve".into(),
            project: Some("shop".into()),
        },
        Principal::Observer {
            name: "all".into(),
            project: None,
        },
    ];
    for (number, principal) in principals.into_iter().enumerate() {
        let issue = Command::IssueToken {
            token: format!("t{number}").into(),
            secret_hash: "00".into(),
            principal,
        };
        given = given.and(lead(), issue);
    }

    let after = given.then(
        Actor::System,
        delete("shop"),
        &["TokenRevoked", "TokenRevoked", "ProjectDeleted"],
    );

    let good: Vec<&str> = after
        .plan
        .tokens()
        .filter(|token| token.revoked_at.is_none())
        .map(|token| &*token.id)
        .collect();
    assert_eq!(good, ["t0", "t2", "t4"]);
}
