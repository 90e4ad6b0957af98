//! Sessions, agents and projects by example: opened, ended, carried, abandoned, retired, paused.

use super::super::brief::Nearby;
use super::super::command::{Claim, Command, HeldLeases, NewBlocker, NewDiscovered};
use super::super::event::{BlockerKind, ReleaseCause, SessionSummary, Severity};
use super::super::fact::Actor;
use super::super::id::{SessionId, TaskId};
use super::super::model::SessionStatus;
use super::super::refusal::Reason;
use super::{Given, by, claim, claim_of, lead, plan, resume};

fn start(another: bool) -> Command {
    Command::StartSession {
        scope: "the login".to_owned(),
        model: "m".to_owned(),
        another,
    }
}

fn end(leases: HeldLeases) -> Command {
    Command::EndSession {
        session: None,
        summary: SessionSummary::default(),
        leases,
    }
}

fn ready() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
}

#[test]
fn one_session_is_open_unless_another_is_asked_for() {
    let given = ready().then(by("dev-1"), start(false), &["SessionStarted"]);
    let refusal = given.refuses(by("dev-1"), start(false), Reason::SessionOpen);
    assert_eq!(refusal.next, ["session end S-1", "session start --another"]);
    let given = given.then(by("dev-1"), start(true), &["SessionStarted"]);
    assert_eq!(given.plan.open_sessions().count(), 2);
}

#[test]
fn a_session_with_a_live_lease_ends_only_when_told_what_becomes_of_it() {
    let given = ready().claimed("dev-1", "T-1");
    let refusal = given.refuses(by("dev-1"), end(HeldLeases::Refuse), Reason::SessionHolds);
    assert_eq!(
        refusal.next,
        ["session end S-1 --release", "session end S-1 --carry"]
    );
    let released = given.then(
        by("dev-1"),
        end(HeldLeases::Release),
        &["TaskReleased", "SessionEnded"],
    );
    assert!(released.is_ready("T-1"));
    given.then(by("dev-1"), end(HeldLeases::Carry), &["SessionEnded"]);
}

#[test]
fn a_carried_lease_passes_to_the_next_session_with_attempt_and_fence() {
    let given = ready().started("dev-1", "T-1");
    let fence = given.fence("T-1");
    let given = given.and(by("dev-1"), end(HeldLeases::Carry));
    let given = given.and(by("dev-1"), start(false));
    let view = given.plan.task(TaskId(1)).expect("a known task");
    let lease = view.state.lease.as_ref().expect("still held");
    assert_eq!(
        (lease.session, lease.attempt, lease.fence),
        (SessionId(2), 1, fence)
    );
    let complete = given.complete("T-1");
    let given = given.and(by("dev-1"), complete);
    let done: Vec<TaskId> = given.plan.completed_in(SessionId(2)).collect();
    assert_eq!(done, [TaskId(1)]);
}

#[test]
fn a_resume_stays_in_the_session_it_is_held_in() {
    let given = ready()
        .claimed("dev-1", "T-1")
        .and(by("dev-1"), start(true));
    let given = given.then(by("dev-1"), resume(""), &["TaskClaimed"]);
    let view = given.plan.task(TaskId(1)).expect("a known task");
    let session = view.state.lease.as_ref().map(|lease| lease.session);
    assert_eq!(session, Some(SessionId(1)));
}

#[test]
fn a_session_says_what_it_completed_even_when_it_is_abandoned() {
    let given = ready().done("dev-1", "T-1");
    let abandon = Command::AbandonSession {
        session: SessionId(1),
    };
    given.refuses(lead(), abandon.clone(), Reason::NotAllowed);
    let given = given.then(Actor::System, abandon.clone(), &["SessionEnded"]);
    let session = given.plan.session(SessionId(1)).expect("a known session");
    assert_eq!(session.status, SessionStatus::Abandoned);
    assert_eq!(&*session.summary.done, "completed T-1 Task 1");
    given.refuses(Actor::System, abandon, Reason::SessionEnded);
    let holding = given.claimed("dev-1", "T-2");
    let abandon = Command::AbandonSession {
        session: SessionId(2),
    };
    holding.refuses(Actor::System, abandon, Reason::SessionHolds);
}

#[test]
fn a_session_is_its_agents_own() {
    let in_session = |session| {
        Command::ClaimTask(Claim {
            session: Some(SessionId(session)),
            ..Claim::default()
        })
    };
    let given = ready().and(by("dev-1"), start(false));
    given.refuses(by("dev-2"), in_session(1), Reason::NotAllowed);
    given.refuses(by("dev-1"), in_session(9), Reason::SessionNotFound);
    let given = given.and(by("dev-1"), end(HeldLeases::Refuse));
    given.refuses(by("dev-1"), in_session(1), Reason::SessionEnded);
    given.refuses(
        by("dev-1"),
        end(HeldLeases::Refuse),
        Reason::SessionNotFound,
    );
    let numbered = given.and(by("dev-2"), start(false));
    assert!(
        numbered.plan.session(SessionId(2)).is_some(),
        "numbers go on"
    );
}

#[test]
fn a_retired_agent_holds_nothing_and_does_nothing_more() {
    let given = ready().started("dev-1", "T-1");
    let late = given.complete("T-1");
    let retire = Command::RetireAgent {
        agent: "dev-1".to_owned(),
        reason: String::new(),
    };
    let given = given.then(
        lead(),
        retire.clone(),
        &["ClaimRevoked", "SessionEnded", "AgentRetired"],
    );
    given.refuses(by("dev-1"), late, Reason::AgentRetired);
    given.refuses(lead(), retire, Reason::AgentRetired);
    let again = Command::RegisterAgent {
        agent: "dev-1".to_owned(),
        roles: vec!["developer".to_owned()],
        skills: Vec::new(),
        capacity: 1,
        model: String::new(),
    };
    given.refuses(lead(), again, Reason::AgentExists);
    assert!(given.is_ready("T-1"));
}

#[test]
fn a_paused_project_hands_nothing_out_and_lets_work_finish() {
    let given = ready().started("dev-1", "T-1");
    let pause = Command::PauseProject {
        reason: "a holiday".to_owned(),
    };
    let given = given.then(lead(), pause.clone(), &["ProjectPaused"]);
    let refusal = given.refuses(by("dev-2"), claim(), Reason::Paused);
    assert_eq!(refusal.message, "the project is paused: a holiday");
    given.refuses(by("dev-2"), claim_of("T-2"), Reason::ProjectPaused);
    given.refuses(lead(), pause, Reason::IllegalTransition);
    let given = given.then(by("dev-1"), given.complete("T-1"), &["TaskCompleted"]);
    given
        .then(lead(), Command::ResumeProject, &["ProjectResumed"])
        .then(by("dev-2"), claim(), &["SessionStarted", "TaskClaimed"])
        .refuses(lead(), Command::ResumeProject, Reason::IllegalTransition);
}

#[test]
fn an_archived_project_takes_its_tasks_back_and_changes_no_more() {
    let given = ready().started("dev-1", "T-1");
    let archive = Command::ArchiveProject {
        reason: "done".to_owned(),
    };
    let given = given.then(
        lead(),
        archive.clone(),
        &["ClaimRevoked", "ProjectArchived"],
    );
    given.refuses(lead(), archive, Reason::ProjectArchived);
    given.refuses(by("dev-1"), claim(), Reason::ProjectArchived);
}

#[test]
fn a_session_begins_with_where_the_project_stands() {
    let given = ready();
    let block = Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::External,
        tasks: vec!["T-2".to_owned()],
        phase: String::new(),
        fence: 0,
        reason: "no key".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity: Severity::Medium,
        keep_lease: false,
    }));
    let mut given = given.task(&[]).and(lead(), block);
    for title in ["One", "Two", "Three", "Four", "Five", "Six"] {
        let found = Command::ReportDiscovered(Box::new(NewDiscovered {
            title: title.to_owned(),
            ..NewDiscovered::default()
        }));
        given = given.and(lead(), found);
    }
    let given = given.and(by("dev-2"), start(false));
    let said = |done: &str| Command::EndSession {
        session: None,
        summary: SessionSummary {
            done: done.into(),
            ..SessionSummary::default()
        },
        leases: HeldLeases::Refuse,
    };
    let given = given.and(by("dev-2"), said("the schema"));
    let given = given.claimed("dev-1", "T-1");
    let brief = given.plan.session_brief("dev-1").expect("an agent");
    let ids = |list: &[Nearby]| {
        let ids: Vec<String> = list.iter().map(|it| it.id.clone()).collect();
        ids.join(" ")
    };
    assert!(
        brief.phase.ends_with("(0 of 3 tasks completed)"),
        "{brief:?}"
    );
    assert_eq!(brief.sprint, "");
    assert_eq!(ids(&brief.holds), "T-1");
    assert_eq!(ids(&brief.next), "T-3", "what is blocked is not next");
    assert_eq!(
        (ids(&brief.blockers).as_str(), brief.blockers_total),
        ("B-1", 1)
    );
    assert_eq!(ids(&brief.untriaged), "D-6 D-5 D-4 D-3 D-2");
    assert_eq!((brief.untriaged_total, brief.decisions_total), (6, 0));
    let last = brief.last.expect("somebody said something");
    assert_eq!((&*last.agent, &*last.summary.done), ("dev-2", "the schema"));
    // One's own words go before newer ones of others.
    let fence = given.fence("T-1");
    let given = given
        .and(by("dev-1"), release("T-1", fence))
        .and(by("dev-1"), said("the login"))
        .and(by("dev-2"), start(false))
        .and(by("dev-2"), said("the search"));
    let brief = given.plan.session_brief("dev-1").expect("an agent");
    assert_eq!(brief.last.map(|it| &*it.summary.done), Some("the login"));
    assert!(given.plan.session_brief("nobody").is_none());
}

fn release(task: &str, fence: u64) -> Command {
    Command::ReleaseTask {
        task: task.to_owned(),
        fence,
        cause: ReleaseCause::Returned,
        reason: String::new(),
    }
}
