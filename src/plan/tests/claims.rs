//! Claims, leases and completions by example: who gets which task, what a fence is worth, what a strike
//! costs.

use rstest::rstest;

use super::super::command::{Claim, Command, Complete, NewTask};
use super::super::event::{Event, ExpiryCause, ReleaseCause};
use super::super::evidence::EvidenceKind;
use super::super::fact::Actor;
use super::super::id::{BlockerId, TaskId};
use super::super::model::Status;
use super::super::refusal::Reason;
use super::super::settings::{Policy, Settings};
use super::super::time::{Estimate, EstimateUnit};
use super::{Given, by, claim, claim_of, lead, plan, plan_with, resume};

/// The task an ordinary claim of this agent gets.
#[track_caller]
fn gets(given: &Given, name: &str) -> String {
    let after = given.clone().and(by(name), claim());
    let claimed = after
        .log
        .iter()
        .rev()
        .find_map(|recorded| match &recorded.event {
            Event::TaskClaimed(claimed) => Some(claimed.task.to_string()),
            _ => None,
        });
    claimed.expect("a claim")
}

fn task(priority: u8, role: &str, hours: u32) -> NewTask {
    NewTask {
        priority: Some(priority),
        role: role.to_owned(),
        estimate: Some(Estimate {
            tenths: hours * 10,
            unit: EstimateUnit::Hour,
        }),
        ..NewTask::default()
    }
}

#[test]
fn the_first_claim_opens_a_session() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    given.then(by("dev-1"), claim(), &["SessionStarted", "TaskClaimed"]);
}

#[test]
fn a_claim_can_start_its_task_in_the_same_step() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let command = Command::ClaimTask(Claim {
        start: true,
        ..Claim::default()
    });
    given.then(
        by("dev-1"),
        command,
        &["SessionStarted", "TaskClaimed", "TaskStarted"],
    );
}

#[test]
fn an_earlier_phase_goes_before_a_higher_priority() {
    let given = plan()
        .phase("1")
        .task_as(task(3, "", 1))
        .phase("2")
        .task_as(task(0, "", 1))
        .agent("dev-1", "developer")
        .and(
            lead(),
            Command::OverridePhaseOrder {
                phase: "2".to_owned(),
                reason: "the fair is near".to_owned(),
            },
        );
    assert_eq!(gets(&given, "dev-1"), "T-1");
}

#[test]
fn a_higher_priority_goes_before_the_own_role() {
    let given = plan()
        .phase("1")
        .task_as(task(1, "developer", 1))
        .task_as(task(0, "frontend", 1))
        .agent("dev-1", "developer");
    assert_eq!(gets(&given, "dev-1"), "T-2");
}

#[test]
fn within_a_priority_the_own_role_goes_first() {
    let given = plan()
        .phase("1")
        .task_as(task(1, "frontend", 1))
        .task_as(task(1, "developer", 1))
        .agent("dev-1", "developer");
    assert_eq!(gets(&given, "dev-1"), "T-2");
}

#[test]
fn the_longest_chain_of_waiting_work_goes_before_what_is_written_first() {
    let given = plan()
        .phase("1")
        .task_as(task(1, "", 1))
        .task_as(task(1, "", 1))
        .task(&["T-2"])
        .agent("dev-1", "developer");
    assert_eq!(gets(&given, "dev-1"), "T-2");
    // A dependency added later counts as well, and so does one taken away.
    let longer = given.and(
        lead(),
        Command::CreateTasks(vec![NewTask {
            title: "Long".to_owned(),
            phase: "1".to_owned(),
            estimate: task(0, "", 9).estimate,
            dependencies: vec![super::super::command::OnRef::Task("T-1".to_owned())],
            ..NewTask::default()
        }]),
    );
    assert_eq!(gets(&longer, "dev-1"), "T-1");
    let removed = longer.and(
        lead(),
        Command::RemoveDependency {
            task: "T-4".to_owned(),
            on: super::super::command::OnRef::Task("T-1".to_owned()),
        },
    );
    assert_eq!(gets(&removed, "dev-1"), "T-2");
}

#[test]
fn what_is_equal_in_all_goes_by_the_order_written() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer");
    assert_eq!(gets(&given, "dev-1"), "T-1");
}

#[rstest]
#[case::own("developer", "developer", true)]
#[case::child("developer", "backend", true)]
#[case::parent("backend", "developer", true)]
#[case::sibling("backend", "frontend", false)]
#[case::stand_in("devops", "sre", true)]
#[case::other("qa", "developer", false)]
#[case::any("qa", "", true)]
fn a_role_may_claim_its_kin_and_those_it_backs_up(
    #[case] agent: &str,
    #[case] role: &str,
    #[case] may: bool,
) {
    let given = plan().phase("1").task_of(role, &[]).agent("a-1", agent);
    if may {
        given.then(
            by("a-1"),
            claim_of("T-1"),
            &["SessionStarted", "TaskClaimed"],
        );
    } else {
        given.refuses(by("a-1"), claim_of("T-1"), Reason::RoleMismatch);
        given.refuses(by("a-1"), claim(), Reason::NoTaskForRole);
    }
}

#[test]
fn at_capacity_a_claim_is_told_what_is_held_and_its_two_ways_on() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
        .claimed("dev-1", "T-1");
    let refusal = given.refuses(by("dev-1"), claim(), Reason::AtCapacity);
    assert_eq!(refusal.next, ["claim --resume", "release T-1"]);
    assert_eq!(refusal.items[0].subject, "T-1");
    let both = plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent_for("dev-1", &["developer"], 2)
        .claimed("dev-1", "T-1");
    both.then(by("dev-1"), claim(), &["TaskClaimed"]);
}

#[test]
fn a_resume_keeps_the_state_under_a_new_attempt_and_fence() {
    let given = plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .started("dev-1", "T-1");
    let old = given.fence("T-1");
    let after = given.then(by("dev-1"), resume(""), &["TaskClaimed"]);
    let view = after.plan.task(TaskId(1)).expect("a known task");
    assert_eq!(view.state.status, Status::InProgress);
    assert_eq!((view.state.attempt, view.state.strikes), (2, 0));
    assert!(after.fence("T-1") > old);
    let refusal = after.refuses(
        by("dev-1"),
        after.complete_with("T-1", old),
        Reason::LeaseLost,
    );
    assert!(refusal.message.contains("dev-1 holds it now"), "{refusal}");
}

#[test]
fn a_resume_with_nothing_held_is_an_ordinary_claim() {
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    given.then(by("dev-1"), resume(""), &["SessionStarted", "TaskClaimed"]);
}

#[test]
fn with_several_held_a_resume_must_say_which() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent_for("dev-1", &["developer"], 2)
        .claimed("dev-1", "T-1")
        .claimed("dev-1", "T-2");
    let refusal = given.refuses(by("dev-1"), resume(""), Reason::SeveralHeld);
    assert_eq!(
        refusal.next,
        ["claim --resume --task T-1", "claim --resume --task T-2"]
    );
    given.then(by("dev-1"), resume("T-2"), &["TaskClaimed"]);
}

#[test]
fn the_fence_is_looked_at_before_anything_else() {
    let given = plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .claimed("dev-1", "T-1");
    let live = given.fence("T-1");
    given.refuses(
        by("dev-1"),
        given.complete_with("T-1", live + 1),
        Reason::LeaseLost,
    );
    given.refuses(
        by("dev-1"),
        given.complete_with("T-1", 0),
        Reason::InvalidField,
    );
    given.refuses(
        by("dev-2"),
        given.complete_with("T-1", live),
        Reason::NotHolder,
    );
    given.refuses(
        by("dev-2"),
        given.complete_with("T-1", live + 1),
        Reason::LeaseLost,
    );
}

#[test]
fn a_completion_needs_a_start_a_summary_and_a_verification() {
    let given = plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .claimed("dev-1", "T-1");
    given.refuses(by("dev-1"), given.complete("T-1"), Reason::NotStarted);
    let fence = given.fence("T-1");
    let task = "T-1".to_owned();
    let start = Command::StartTask {
        task,
        fence,
        checked: Vec::new(),
    };
    let started = given.and(by("dev-1"), start);
    let bare = Command::CompleteTask(Box::new(Complete {
        task: "T-1".to_owned(),
        fence,
        ..Complete::default()
    }));
    let refusal = started.refuses(by("dev-1"), bare, Reason::EvidenceMissing);
    assert_eq!(refusal.total, 2);
    started.then(
        by("dev-1"),
        started.complete("T-1"),
        &["TaskCompleted", "PhaseCompleted"],
    );
}

#[test]
fn a_relaxed_project_asks_for_nothing() {
    let settings = Settings {
        policy: Policy::Relaxed,
        ..Settings::default()
    };
    let given = plan_with(settings)
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .claimed("dev-1", "T-1");
    let bare = Command::CompleteTask(Box::new(Complete {
        task: "T-1".to_owned(),
        fence: given.fence("T-1"),
        ..Complete::default()
    }));
    given.then(by("dev-1"), bare, &["TaskCompleted", "PhaseCompleted"]);
}

#[test]
fn work_is_finished_with_evidence_of_every_kind_the_project_asks_for() {
    for policy in [Policy::Standard, Policy::Relaxed] {
        let settings = Settings {
            policy,
            required_evidence: vec![EvidenceKind::Test, EvidenceKind::Commit],
            ..Settings::default()
        };
        let given = plan_with(settings)
            .phase("1")
            .task(&[])
            .agent("dev-1", "developer")
            .started("dev-1", "T-1");
        let done = |evidence: &[&str]| {
            Box::new(Complete {
                task: "T-1".to_owned(),
                fence: given.fence("T-1"),
                summary: "did it".to_owned(),
                verification: "ran it".to_owned(),
                evidence: evidence.iter().map(|&line| line.to_owned()).collect(),
                ..Complete::default()
            })
        };
        let bare = Command::CompleteTask(done(&["4f2a"]));
        let refusal = given.refuses(by("dev-1"), bare, Reason::EvidenceMissing);
        let missing = refusal.items.iter().map(|item| item.subject.as_str());
        assert_eq!(
            missing.collect::<Vec<_>>(),
            ["evidence of the kind test", "evidence of the kind commit"]
        );
        let next = &refusal.next[0];
        assert!(
            next.ends_with("--evidence 'test: …' --evidence 'commit: …'"),
            "{next}"
        );
        let half = Command::SubmitForReview(done(&["Test: 40 passed"]));
        let refusal = given.refuses(by("dev-1"), half, Reason::EvidenceMissing);
        assert!(refusal.message.contains("the kind commit"), "{refusal}");
        let whole = Command::CompleteTask(done(&["test: 40 passed", "commit: 4f2a"]));
        given.then(by("dev-1"), whole, &["TaskCompleted", "PhaseCompleted"]);
    }
}

#[test]
fn a_completion_says_what_it_set_free() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .task(&["T-1", "T-2"])
        .agent("dev-1", "developer")
        .done("dev-1", "T-1");
    let answer = |given: &Given| match &given.log.iter().rev().find_map(|recorded| match &recorded
        .event
    {
        Event::TaskCompleted(done) => Some(done.clone()),
        _ => None,
    }) {
        Some(done) => (
            done.unblocked
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
            done.unblocked_total,
            done.phases_opened.join(" "),
        ),
        None => panic!("no completion"),
    };
    assert_eq!(answer(&given), ("T-2".to_owned(), 1, String::new()));
    let both = given
        .phase("2")
        .task(&[])
        .task(&["T-4"])
        .done("dev-1", "T-2")
        .done("dev-1", "T-3");
    assert_eq!(answer(&both), ("T-4".to_owned(), 1, "2".to_owned()));
}

#[test]
fn a_completion_repeated_gets_its_first_answer_and_leaves_no_event() {
    let given = plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .started("dev-1", "T-1");
    let command = given.complete("T-1");
    let fence = given.fence("T-1");
    let done = given.and(by("dev-1"), command.clone());
    let version = done.log.len() as u64 - 1;
    let again = done.then(by("dev-1"), command.clone(), &[]);
    assert_eq!(again.repeats, Some(version));
    done.refuses(by("dev-2"), command, Reason::LeaseLost);
    done.refuses(
        by("dev-1"),
        done.complete_with("T-1", fence + 1),
        Reason::LeaseLost,
    );
}

fn expire(given: Given, task: &str) -> Given {
    let command = Command::ExpireLease {
        task: task.parse().expect("a task's id"),
        fence: given.fence(task),
        cause: ExpiryCause::Silence,
    };
    given.and(Actor::System, command)
}

#[test]
fn three_failed_attempts_park_a_task_until_a_person_looks() {
    let fails = |given: Given| {
        given
            .started("dev-1", "T-1")
            .released("dev-1", "T-1", ReleaseCause::Failed)
    };
    let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    let two = expire(fails(given).started("dev-1", "T-1"), "T-1");
    assert!(two.is_ready("T-1"));
    let parked = fails(two);
    assert_eq!(parked.why("T-1"), ["TASK_PARKED"]);
    let refusal = parked.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert_eq!(refusal.items[0].subject, "B-1");
    let unpark = |withdraw| Command::ResolveBlocker {
        blocker: BlockerId(1),
        resolution: "the tests run now".to_owned(),
        withdraw,
    };
    // Its last attempt was the agent's own, and yet the agent is not the one to unpark it.
    parked.refuses(by("dev-1"), unpark(true), Reason::NotAllowed);
    let again = parked.then(lead(), unpark(false), &["BlockerResolved"]);
    assert!(again.is_ready("T-1"));
    let state = again.plan.task(TaskId(1)).expect("a known task").state;
    assert_eq!(state.strikes, 0);
}

#[test]
fn what_is_given_back_or_taken_away_is_no_strike() {
    let mut given = plan().phase("1").task(&[]).agent("dev-1", "developer");
    for _ in 0..4 {
        given = given
            .claimed("dev-1", "T-1")
            .released("dev-1", "T-1", ReleaseCause::Returned)
            .claimed("dev-1", "T-1")
            .and(
                lead(),
                Command::RevokeClaim {
                    task: "T-1".to_owned(),
                    reason: "needed elsewhere".to_owned(),
                },
            );
    }
    assert!(given.is_ready("T-1"));
}

#[test]
fn a_lease_that_ran_out_is_lost_to_its_holder() {
    let given = plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .started("dev-1", "T-1");
    let late = given.complete("T-1");
    let stale = given.fence("T-1");
    let given = expire(given, "T-1");
    let refusal = given.refuses(by("dev-1"), late, Reason::LeaseLost);
    assert!(refusal.message.contains("expired"), "{refusal}");
    let again = Command::ExpireLease {
        task: TaskId(1),
        fence: stale,
        cause: ExpiryCause::Silence,
    };
    given.refuses(Actor::System, again, Reason::LeaseLost);
}

#[test]
fn a_term_is_granted_within_the_bounds() {
    let term = |asked_ms| {
        let given = plan().phase("1").task(&[]).agent("dev-1", "developer");
        let command = Command::ClaimTask(Claim {
            lease_ms: asked_ms,
            ..Claim::default()
        });
        let after = given.and(by("dev-1"), command);
        let view = after.plan.task(TaskId(1)).expect("a known task");
        view.state.lease.as_ref().map(|lease| lease.lease_ms)
    };
    assert_eq!(term(0), Some(90_000));
    assert_eq!(term(1), Some(15_000));
    assert_eq!(term(1_800_000), Some(1_800_000));
    assert_eq!(term(u64::MAX), Some(14_400_000));
}

#[test]
fn a_start_looks_once_more_at_what_the_claim_rests_on() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .done("dev-1", "T-1")
        .claimed("dev-2", "T-2")
        .and(
            lead(),
            Command::ReopenTask {
                task: "T-1".to_owned(),
                reason: "it broke".to_owned(),
            },
        );
    let start = Command::StartTask {
        task: "T-2".to_owned(),
        fence: given.fence("T-2"),
        checked: Vec::new(),
    };
    given.refuses(by("dev-2"), start, Reason::DependencyUnmet);
}
