//! Reviews by example: who needs one, what handing in ends, who may look, and what becomes of the work.

use super::super::command::{Claim, Command, Complete, NewTask};
use super::super::event::{ReleaseCause, ReviewNeed};
use super::super::id::TaskId;
use super::super::inbox::WaitKind;
use super::super::model::Status;
use super::super::refusal::Reason;
use super::super::settings::{Policy, Settings};
use super::{Given, by, claim, lead, plan, plan_with};

fn reviewed() -> Settings {
    Settings {
        review: true,
        ..Settings::default()
    }
}

fn submit(given: &Given, task: &str) -> Command {
    Command::SubmitForReview(Box::new(Complete {
        task: task.to_owned(),
        fence: given.fence(task),
        summary: format!("did {task}"),
        verification: "ran the tests".to_owned(),
        ..Complete::default()
    }))
}

fn approve(task: &str) -> Command {
    Command::ApproveTask {
        task: task.to_owned(),
        note: "reads well".to_owned(),
    }
}

fn changes(task: &str) -> Command {
    Command::RequestChanges {
        task: task.to_owned(),
        reason: "name the limits".to_owned(),
    }
}

fn status(given: &Given, id: u32) -> Status {
    given.plan.task(TaskId(id)).expect("a task").state.status
}

/// Two tasks, the second behind the first, which ann has handed in.
fn handed_in(settings: Settings) -> Given {
    let given = plan_with(settings).phase("1").task(&[]).task(&["T-1"]);
    let given = given.agent("ann", "developer").agent("bob", "developer");
    let given = given.started("ann", "T-1");
    let command = submit(&given, "T-1");
    given.then(by("ann"), command, &["TaskSubmitted"])
}

#[test]
fn a_task_that_is_reviewed_is_finished_by_somebody_elses_look() {
    let given = handed_in(reviewed());
    assert_eq!(status(&given, 1), Status::InReview);
    assert!(
        !given.is_ready("T-2"),
        "what is under review sets nothing free"
    );
    let approved = ["TaskApproved"];
    let given = given.then(by("bob"), approve("T-1"), &approved);
    assert_eq!(status(&given, 1), Status::Completed);
    assert!(given.is_ready("T-2"));
    let view = given.plan.task(TaskId(1)).expect("a task");
    let done = view.state.completion.as_ref().expect("it is finished");
    assert_eq!(
        done.agent.as_deref(),
        Some("ann"),
        "the work stays its author's"
    );
    let approval = done.approval.as_ref().expect("it was reviewed");
    assert_eq!(approval.by, by("bob"));
}

#[test]
fn done_is_refused_with_the_command_that_hands_in() {
    let given = plan_with(reviewed()).phase("1").task(&[]);
    let given = given.agent("ann", "developer").started("ann", "T-1");
    let done = given.complete("T-1");
    let refusal = given.refuses(by("ann"), done, Reason::ReviewRequired);
    assert!(
        refusal.next[0].starts_with("submit T-1 --fence 1"),
        "{refusal:?}"
    );
}

#[test]
fn handing_in_frees_the_agent_and_repeats_itself_without_an_event() {
    let given = handed_in(reviewed());
    let again = Command::SubmitForReview(Box::new(Complete {
        task: "T-1".to_owned(),
        fence: 1,
        ..Complete::default()
    }));
    let repeated = given.then(by("ann"), again.clone(), &[]);
    assert!(repeated.repeats.is_some());
    let approved = given.clone().and(lead(), approve("T-1"));
    let repeated = approved.then(by("ann"), again.clone(), &[]);
    assert!(repeated.repeats.is_some());
    given.refuses(by("bob"), again, Reason::LeaseLost);
    let given = given.task(&[]);
    given.and(by("ann"), claim());
}

#[test]
fn nobody_approves_their_own_work_and_roles_may_narrow_who_does() {
    let given = handed_in(reviewed());
    given.refuses(by("ann"), approve("T-1"), Reason::OwnSubmission);
    given.refuses(by("ann"), changes("T-1"), Reason::OwnSubmission);
    let narrow = Settings {
        reviewing_roles: vec!["architect".to_owned()],
        ..reviewed()
    };
    let given = handed_in(narrow).agent("eve", "architect");
    given.refuses(by("bob"), approve("T-1"), Reason::NotAllowed);
    given.then(by("eve"), approve("T-1"), &["TaskApproved"]);
    given.then(lead(), approve("T-1"), &["TaskApproved"]);
    let unknown = Settings {
        reviewing_roles: vec!["astronaut".to_owned()],
        ..Settings::default()
    };
    let update = Command::UpdateProject {
        name: None,
        description: None,
        settings: Some(Box::new(unknown)),
    };
    given.refuses(lead(), update, Reason::InvalidField);
}

#[test]
fn work_that_is_given_back_is_planned_again_without_a_strike() {
    let given = handed_in(reviewed());
    let given = given.then(by("bob"), changes("T-1"), &["ChangesRequested"]);
    let view = given.plan.task(TaskId(1)).expect("a task");
    assert_eq!(
        (view.state.status, view.state.strikes),
        (Status::Planned, 0)
    );
    let left = view.state.leftover.as_ref().expect("the words are kept");
    assert_eq!(
        (&*left.ending, &*left.note),
        ("changes wanted", "name the limits")
    );
    given.refuses(by("bob"), approve("T-1"), Reason::IllegalTransition);
    let given = given.started("bob", "T-1");
    let command = submit(&given, "T-1");
    let given = given.and(by("bob"), command);
    given.refuses(by("bob"), approve("T-1"), Reason::OwnSubmission);
    given.then(lead(), approve("T-1"), &["TaskApproved"]);
}

#[test]
fn the_task_says_it_before_its_area_and_that_before_the_project() {
    let settings = Settings {
        review_areas: vec!["security".to_owned()],
        ..Settings::default()
    };
    let mut given = plan_with(settings).phase("1");
    let cases = [
        ("", ReviewNeed::AsProject, false),
        ("Security", ReviewNeed::AsProject, true),
        ("Security", ReviewNeed::NotNeeded, false),
        ("", ReviewNeed::Required, true),
    ];
    for (area, review, _) in cases {
        given = given.task_as(NewTask {
            area: area.to_owned(),
            review,
            ..NewTask::default()
        });
    }
    for ((_, _, needed), id) in cases.into_iter().zip(1..) {
        assert_eq!(given.plan.needs_review(TaskId(id)), needed, "T-{id}");
    }
}

#[test]
fn an_agent_may_ask_for_a_look_that_nobody_demands() {
    let given = handed_in(Settings::default());
    given.then(by("bob"), approve("T-1"), &["TaskApproved"]);
}

#[test]
fn work_under_review_waits_in_the_inbox_and_says_so() {
    let given = handed_in(reviewed());
    let inbox = given.plan.inbox();
    let waiting = inbox.iter().find(|it| it.kind == WaitKind::Review);
    let waiting = waiting.expect("it waits for a person");
    assert_eq!((waiting.id.as_str(), waiting.holds_up), ("T-1", 2));
    assert_eq!(waiting.command, "review approve T-1");
    let why = given.plan.explain(TaskId(1));
    assert!(why[0].message.contains("under review"), "{why:?}");
    given.refuses(by("bob"), super::claim_of("T-1"), Reason::TaskHeld);
}

#[test]
fn what_is_cancelled_under_review_is_reviewed_no_more() {
    let given = handed_in(reviewed());
    let cancel = Command::CancelTask {
        task: "T-1".to_owned(),
        reason: "not wanted".to_owned(),
        waive_dependents: true,
    };
    let given = given.and(lead(), cancel);
    assert_eq!(given.plan.reviews().count(), 0);
    given.refuses(lead(), approve("T-1"), Reason::IllegalTransition);
}

#[test]
fn the_last_approval_closes_the_phase() {
    let given = plan().phase("1").task(&[]).phase("2").task(&[]);
    let given = given.agent("ann", "developer").started("ann", "T-1");
    let command = submit(&given, "T-1");
    let given = given.and(by("ann"), command);
    let given = given.then(lead(), approve("T-1"), &["TaskApproved", "PhaseCompleted"]);
    assert!(given.is_ready("T-2"));
}

#[test]
fn nobody_judges_what_they_handed_in_in_whatever_round() {
    let given = handed_in(reviewed()).agent("eve", "qa");
    let given = given.and(by("eve"), changes("T-1")).started("bob", "T-1");
    let second = submit(&given, "T-1");
    let given = given.and(by("bob"), second);
    let refusal = given.refuses(by("ann"), approve("T-1"), Reason::OwnSubmission);
    assert!(refusal.message.contains("in part"), "{refusal}");
    given.refuses(by("ann"), changes("T-1"), Reason::OwnSubmission);
    given.then(by("eve"), approve("T-1"), &["TaskApproved"]);
    given.then(lead(), approve("T-1"), &["TaskApproved"]);
}

#[test]
fn whoever_only_held_the_task_before_may_look_at_it() {
    let given = plan_with(reviewed()).phase("1").task(&[]);
    let given = given.agent("ann", "developer").agent("bob", "developer");
    let given = given.started("bob", "T-1");
    let given = given.released("bob", "T-1", ReleaseCause::Returned);
    let given = given.started("ann", "T-1");
    let command = submit(&given, "T-1");
    let given = given.and(by("ann"), command);
    let approved = ["TaskApproved", "PhaseCompleted"];
    given.then(by("bob"), approve("T-1"), &approved);
}

fn attest(names: &str) -> Command {
    Command::ReportProgress {
        task: "T-1".to_owned(),
        fence: 1,
        note: String::new(),
        percent: None,
        checked: vec![names.to_owned()],
    }
}

/// T-1 handed in by ann under the strict policy, with two post-checks left open.
fn owing() -> Given {
    let strict = Settings {
        policy: Policy::Strict,
        ..reviewed()
    };
    let given = plan_with(strict).phase("1").task(&[]).task(&[]);
    let given = given.agent("ann", "developer").agent("bob", "developer");
    let start = Command::ClaimTask(Claim {
        task: "T-1".to_owned(),
        ..Claim::default()
    });
    let given = given.and(by("ann"), start);
    let start = Command::StartTask {
        task: "T-1".to_owned(),
        fence: 1,
        checked: vec!["all".to_owned()],
    };
    let given = given.and(by("ann"), start);
    let later = Command::SubmitForReview(Box::new(Complete {
        task: "T-1".to_owned(),
        fence: 1,
        summary: "did it".to_owned(),
        verification: "ran it".to_owned(),
        checked: vec!["tests_passing".to_owned()],
        checks_later: true,
        ..Complete::default()
    }));
    given.then(by("ann"), later, &["TaskSubmitted"])
}

#[test]
fn checks_left_open_are_owed_at_once_and_attested_while_it_is_under_review() {
    let given = owing();
    let refusal = given.refuses(by("ann"), claim(), Reason::ChecksOpen);
    assert_eq!(
        refusal.next,
        ["attest T-1 --fence 1 --checked coverage_met,docs_updated"]
    );
    let why = given.plan.explain(TaskId(1));
    assert!(why[0].message.contains("ann has yet to attest"), "{why:?}");
    given.refuses(by("bob"), attest("docs_updated"), Reason::LeaseLost);
    let reported = ["ProgressReported"];
    let half = given.then(by("ann"), attest("docs_updated"), &reported);
    half.refuses(by("ann"), attest("docs_updated"), Reason::IllegalTransition);
    half.refuses(by("ann"), claim(), Reason::ChecksOpen);
    let whole = half.then(by("ann"), attest("coverage_met"), &reported);
    whole.then(by("ann"), claim(), &["TaskClaimed"]);
}

#[test]
fn what_is_owed_outlives_the_approval_and_ends_with_the_work() {
    let half = owing().and(by("ann"), attest("docs_updated"));
    let approved = half.clone().and(lead(), approve("T-1"));
    approved.refuses(by("ann"), claim(), Reason::ChecksOpen);
    let settled = approved.and(by("ann"), attest("coverage_met"));
    settled.and(by("ann"), claim());
    // What is to be done again, or not at all, owes nothing.
    let back = half.clone().and(lead(), changes("T-1"));
    let view = back.plan.task(TaskId(1)).expect("a task");
    assert!(view.state.checks.is_empty());
    back.and(by("ann"), claim());
    let cancel = Command::CancelTask {
        task: "T-1".to_owned(),
        reason: "not wanted".to_owned(),
        waive_dependents: false,
    };
    half.and(lead(), cancel).and(by("ann"), claim());
}

#[test]
fn what_a_reviewer_needs_stays_with_what_was_handed_in() {
    let given = plan_with(reviewed()).phase("1").task_as(NewTask {
        acceptance: vec!["it answers".to_owned(), "it is fast".to_owned()],
        ..NewTask::default()
    });
    let given = given.agent("ann", "developer").started("ann", "T-1");
    let command = Command::SubmitForReview(Box::new(Complete {
        task: "T-1".to_owned(),
        fence: 1,
        summary: "did it".to_owned(),
        verification: "ran it".to_owned(),
        evidence: vec!["commit 1a2b".to_owned()],
        technologies: vec!["rust".to_owned()],
        tests_passed_percent: Some(97),
        accepted: vec![2],
        ..Complete::default()
    }));
    let given = given.and(by("ann"), command);
    let review = given.plan.review(TaskId(1)).expect("it is under review");
    assert_eq!(
        (
            review.technologies.len(),
            review.tests_passed_percent,
            &*review.accepted
        ),
        (1, Some(97), &[2][..])
    );
}
