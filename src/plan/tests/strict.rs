//! The policy `strict`: checks attested before the start, acceptance and checks with the completion, and
//! nothing claimed while one of them is owed.

use super::super::check::CheckSet;
use super::super::command::{Claim, Command, Complete, NewTask};
use super::super::event::ReleaseCause;
use super::super::id::TaskId;
use super::super::refusal::{Reason, Refusal};
use super::super::settings::{Policy, Settings};
use super::super::stages::StageState;
use super::{Given, by, claim, claim_of, lead, plan_with, resume};

fn strict() -> Given {
    let settings = Settings {
        policy: Policy::Strict,
        ..Settings::default()
    };
    plan_with(settings)
        .phase("1")
        .task_as(NewTask {
            acceptance: vec!["it answers".to_owned(), "it is fast".to_owned()],
            ..NewTask::default()
        })
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn start(given: &Given, task: &str, checked: &[&str]) -> Command {
    Command::StartTask {
        task: task.to_owned(),
        fence: given.fence(task),
        checked: names(checked),
    }
}

fn started() -> Given {
    let given = strict().claimed("dev-1", "T-1");
    let command = start(&given, "T-1", &["all"]);
    given.then(by("dev-1"), command, &["TaskStarted"])
}

/// A completion with its words; what else it brings.
fn done(given: &Given, change: impl FnOnce(&mut Complete)) -> Command {
    let mut complete = Complete {
        task: "T-1".to_owned(),
        fence: given.fence("T-1"),
        summary: "did it".to_owned(),
        verification: "ran the tests".to_owned(),
        ..Complete::default()
    };
    change(&mut complete);
    Command::CompleteTask(Box::new(complete))
}

/// T-1 completed by dev-1, which left two post-checks open.
fn owing() -> (Given, u64) {
    let given = started();
    let fence = given.fence("T-1");
    let command = done(&given, |complete| {
        complete.accept_all = true;
        complete.checked = names(&["tests_passing"]);
        complete.checks_later = true;
    });
    (given.then(by("dev-1"), command, &["TaskCompleted"]), fence)
}

fn attest(fence: u64, checked: &[&str]) -> Command {
    Command::ReportProgress {
        task: "T-1".to_owned(),
        fence,
        note: String::new(),
        percent: None,
        checked: names(checked),
    }
}

fn subjects(refusal: &Refusal) -> Vec<&str> {
    let items = refusal.items.iter();
    items.map(|item| item.subject.as_str()).collect()
}

#[test]
fn a_start_names_every_check_that_is_missing_at_once() {
    let given = strict().claimed("dev-1", "T-1");
    let bare = start(&given, "T-1", &[]);
    let refusal = given.refuses(by("dev-1"), bare, Reason::ChecksMissing);
    let all = [
        "verified_req",
        "verified_tasks",
        "confirmed_arch",
        "checked_gaps",
        "reviewed_upstream",
    ];
    assert_eq!(subjects(&refusal), all, "the daemon confirms the rest");
    let fence = given.fence("T-1");
    assert_eq!(
        refusal.next,
        [format!("start T-1 --fence {fence} --checked all")]
    );
    let some = start(&given, "T-1", &["verified_req", "checked_gaps"]);
    let refusal = given.refuses(by("dev-1"), some, Reason::ChecksMissing);
    assert_eq!(
        subjects(&refusal),
        ["verified_tasks", "confirmed_arch", "reviewed_upstream"]
    );
    let each = start(&given, "T-1", &all);
    let started = given.then(by("dev-1"), each, &["TaskStarted"]);
    assert_eq!(checks(&started, 1), CheckSet::PRE);
}

fn checks(given: &Given, task: u32) -> CheckSet {
    let view = given.plan.task(TaskId(task)).expect("a known task");
    view.state.checks
}

#[test]
fn what_is_no_pre_check_is_a_wrong_field() {
    let given = strict().claimed("dev-1", "T-1");
    for name in ["docs_updated", "session_log_date", "verified", ""] {
        let command = start(&given, "T-1", &[name]);
        let refusal = given.refuses(by("dev-1"), command, Reason::InvalidField);
        assert_eq!(subjects(&refusal), ["checked"]);
    }
}

#[test]
fn a_claim_that_starts_attests_the_checks_itself_or_holds_nothing() {
    let given = strict();
    let starting = |checked: &[&str]| {
        Command::ClaimTask(Claim {
            start: true,
            checked: names(checked),
            ..Claim::default()
        })
    };
    let refusal = given.refuses(by("dev-1"), starting(&[]), Reason::ChecksMissing);
    assert_eq!(refusal.total, 5);
    assert_eq!(refusal.next, ["claim", "claim --start --checked all"]);
    given.then(
        by("dev-1"),
        starting(&["all"]),
        &["SessionStarted", "TaskClaimed", "TaskStarted"],
    );
    let unstarted = Command::ClaimTask(Claim {
        checked: names(&["all"]),
        ..Claim::default()
    });
    given.refuses(by("dev-1"), unstarted, Reason::InvalidField);
}

#[test]
fn checks_are_kept_by_a_resume_and_forgotten_with_the_next_holder() {
    let given = started();
    let resumed = given.and(by("dev-1"), resume("T-1"));
    assert_eq!(checks(&resumed, 1), CheckSet::PRE);
    let other = resumed
        .released("dev-1", "T-1", ReleaseCause::Returned)
        .claimed("dev-2", "T-1");
    assert_eq!(checks(&other, 1), CheckSet::NONE);
    let bare = start(&other, "T-1", &[]);
    other.refuses(by("dev-2"), bare, Reason::ChecksMissing);
}

#[test]
fn a_resume_that_starts_is_refused_under_the_live_fence() {
    let given = strict().claimed("dev-1", "T-1");
    let command = Command::ClaimTask(Claim {
        start: true,
        resume: true,
        ..Claim::default()
    });
    let refusal = given.refuses(by("dev-1"), command, Reason::ChecksMissing);
    let fence = given.fence("T-1");
    assert_eq!(
        refusal.next,
        [format!("start T-1 --fence {fence} --checked all")]
    );
}

#[test]
fn a_completion_names_all_that_is_missing_at_once() {
    let given = started();
    let bare = done(&given, |complete| {
        complete.summary.clear();
        complete.verification.clear();
        complete.accepted = vec![2];
        complete.checked = names(&["coverage_met"]);
    });
    let refusal = given.refuses(by("dev-1"), bare, Reason::ChecksMissing);
    assert_eq!(
        subjects(&refusal),
        [
            "summary",
            "verification",
            "criterion 1",
            "tests_passing",
            "docs_updated"
        ]
    );
    let fence = given.fence("T-1");
    assert_eq!(
        refusal.next,
        [format!(
            "done T-1 --fence {fence} --summary … --verification … --accept all --checked all"
        )]
    );
    let words = done(&given, |complete| {
        complete.verification.clear();
        complete.accept_all = true;
        complete.checked = names(&["all"]);
    });
    given.refuses(by("dev-1"), words, Reason::EvidenceMissing);
    let whole = done(&given, |complete| {
        complete.accepted = vec![2, 1, 2];
        complete.checked = names(&["all"]);
    });
    let after = given.then(by("dev-1"), whole, &["TaskCompleted"]);
    after.then(by("dev-1"), claim(), &["TaskClaimed"]);
}

#[test]
fn a_criterion_that_the_task_does_not_have_is_a_wrong_field() {
    let given = started();
    for number in [0, 3, u32::MAX] {
        let command = done(&given, |complete| complete.accepted = vec![1, number]);
        let refusal = given.refuses(by("dev-1"), command, Reason::InvalidField);
        assert!(refusal.message.contains("T-1 has 1 to 2"), "{refusal}");
    }
}

#[test]
fn an_open_post_check_stands_before_the_next_claim() {
    let (given, fence) = owing();
    let refusal = given.refuses(by("dev-1"), claim(), Reason::ChecksOpen);
    assert_eq!(subjects(&refusal), ["T-1", "T-1"]);
    let command = format!("attest T-1 --fence {fence} --checked coverage_met,docs_updated");
    assert_eq!(refusal.next, [command]);
    given.refuses(by("dev-1"), claim_of("T-2"), Reason::ChecksOpen);
    given.then(by("dev-2"), claim(), &["SessionStarted", "TaskClaimed"]);
    let some = given.then(
        by("dev-1"),
        attest(fence, &["docs_updated"]),
        &["ProgressReported"],
    );
    let refusal = some.refuses(by("dev-1"), claim(), Reason::ChecksOpen);
    assert_eq!(subjects(&refusal), ["T-1"]);
    let settled = some.then(by("dev-1"), attest(fence, &["all"]), &["ProgressReported"]);
    settled.then(by("dev-1"), claim(), &["TaskClaimed"]);
    let again = attest(fence, &["docs_updated"]);
    settled.refuses(by("dev-1"), again, Reason::IllegalTransition);
}

#[test]
fn only_who_completed_a_task_attests_its_checks_and_only_under_its_fence() {
    let (given, fence) = owing();
    given.refuses(by("dev-2"), attest(fence, &["all"]), Reason::LeaseLost);
    given.refuses(by("dev-1"), attest(fence + 1, &["all"]), Reason::LeaseLost);
    given.refuses(by("dev-1"), attest(0, &["all"]), Reason::InvalidField);
    let wrong = attest(fence, &["verified_req"]);
    given.refuses(by("dev-1"), wrong, Reason::InvalidField);
    let mute = Command::ReportProgress {
        task: "T-1".to_owned(),
        fence,
        note: "more".to_owned(),
        percent: None,
        checked: Vec::new(),
    };
    given.refuses(by("dev-1"), mute, Reason::LeaseLost);
}

#[test]
fn a_check_attested_on_the_way_need_not_come_with_the_completion() {
    let given = strict().claimed("dev-1", "T-1");
    let early = attest(given.fence("T-1"), &["docs_updated"]);
    given.refuses(by("dev-1"), early, Reason::NotStarted);
    let given = started();
    let fence = given.fence("T-1");
    let given = given.then(
        by("dev-1"),
        attest(fence, &["docs_updated", "coverage_met"]),
        &["ProgressReported"],
    );
    let command = done(&given, |complete| {
        complete.accept_all = true;
        complete.checked = names(&["tests_passing"]);
    });
    given.then(by("dev-1"), command, &["TaskCompleted"]);
}

#[test]
fn work_that_is_to_be_done_again_owes_nothing() {
    let (given, _) = owing();
    let reopened = given.and(
        lead(),
        Command::ReopenTask {
            task: "T-1".to_owned(),
            reason: "it broke".to_owned(),
        },
    );
    reopened.then(by("dev-1"), claim(), &["TaskClaimed"]);
}

#[test]
fn what_was_left_open_holds_nobody_up_under_another_policy() {
    let (given, _) = owing();
    let settings = Settings::default();
    let standard = given.and(
        lead(),
        Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(settings)),
        },
    );
    standard.then(by("dev-1"), claim(), &["TaskClaimed"]);
}

#[test]
fn the_brief_asks_for_the_checks_with_the_very_commands() {
    let given = strict().claimed("dev-1", "T-1");
    let brief = given.plan.brief(TaskId(1)).expect("a held task");
    let fence = given.fence("T-1");
    let asked = format!("{}\n\n{}", brief.checks.join("\n"), brief.next.join("\n"));
    let asked = asked.replace(&format!("--fence {fence}"), "--fence N");
    insta::assert_snapshot!(asked, @r#"
    start the task before you complete it
    complete it with a summary of what was done
    complete it with a verification: how it was shown to work
    attest with start T-1 --fence N --checked all, or the names of those that hold: verified_req (the requirements are understood), verified_tasks (scope and approach fit the task), confirmed_arch (the architecture decision holds), checked_gaps (nothing is missing in what is asked), reviewed_upstream (what stands upstream is consistent); confirmed_deps the daemon checks itself
    tick every acceptance criterion when you complete it: --accept all, or their numbers
    attest with done --checked all, or the names of those that hold: tests_passing (the tests pass), coverage_met (the coverage asked for is reached), docs_updated (the documents are up to date); what is left open with --checks-later comes before your next claim: attest T-1 --fence N --checked tests_passing,coverage_met,docs_updated

    start T-1 --fence N --checked all
    progress T-1 --fence N --note "…"
    beat T-1 --fence N
    done T-1 --fence N --summary "…" --verification "…" --accept all --checked all
    ask T-1 --fence N "…"
    block T-1 --fence N --reason "…"
    release T-1 --fence N --reason "…"
    "#);
    let given = started();
    let brief = given.plan.brief(TaskId(1)).expect("a held task");
    let asks = |name: &str| brief.checks.iter().any(|check| check.contains(name));
    assert!(!asks("verified_req"), "{:?}", brief.checks);
    assert!(asks("docs_updated"), "{:?}", brief.checks);
}

#[test]
fn why_a_finished_task_is_not_ready_names_the_checks_it_owes() {
    let (given, _) = owing();
    let causes = given.plan.explain(TaskId(1));
    assert_eq!(
        causes[0].message,
        "T-1 is completed; dev-1 has yet to attest coverage_met, docs_updated"
    );
}

/// How the stages of T-1 stand.
fn stages(given: &Given) -> [StageState; 3] {
    let stages = given.plan.stages(TaskId(1)).expect("the policy is strict");
    [stages.pre, stages.work, stages.post]
}

#[test]
fn each_stage_of_a_task_has_a_status_that_follows_from_its_checks() {
    use StageState::{Done, Failed, InProgress, Owed, Pending, Skipped};
    assert_eq!(stages(&strict()), [Pending, Pending, Pending]);
    let claimed = strict().claimed("dev-1", "T-1");
    assert_eq!(stages(&claimed), [InProgress, Pending, Pending]);
    let missing = claimed.plan.stages(TaskId(1)).expect("stages").pre_missing;
    assert_eq!(missing, CheckSet::PRE);
    let started = started();
    assert_eq!(stages(&started), [Done, InProgress, Pending]);
    let fence = started.fence("T-1");
    let some = started
        .clone()
        .and(by("dev-1"), attest(fence, &["tests_passing"]));
    assert_eq!(stages(&some), [Done, InProgress, InProgress]);
    let (owing, fence) = owing();
    assert_eq!(stages(&owing), [Done, Done, Owed]);
    let settled = owing.and(
        by("dev-1"),
        attest(fence, &["coverage_met", "docs_updated"]),
    );
    assert_eq!(stages(&settled), [Done, Done, Done]);
    let failed = started.released("dev-1", "T-1", ReleaseCause::Failed);
    assert_eq!(stages(&failed), [Pending, Failed, Pending]);
    let given_up = failed.and(
        lead(),
        Command::CancelTask {
            task: "T-1".to_owned(),
            reason: "no need".to_owned(),
            waive_dependents: false,
        },
    );
    assert_eq!(stages(&given_up), [Skipped, Skipped, Skipped]);
    let standard = super::plan().phase("1").task(&[]);
    assert_eq!(standard.plan.stages(TaskId(1)), None);
}
