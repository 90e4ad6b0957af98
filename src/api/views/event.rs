//! An event as a message: its data as it is stored, and one sentence for people.

use muster_proto::v1 as wire;
use tonic::Status;

use super::super::status;
use super::points::of_a_point;
use super::schedule::of_a_schedule;
use super::{texts, time};
use crate::plan::event::{
    BlockerOpened, DecisionOpened, Event, ExpiryCause, On, PlanImported, ProjectRestored, Recorded,
    ReleaseCause, RoleTime, RoleWindowSet, RunStep, RunTrigger, SessionEnding, TaskClaimed,
    TaskCompleted, TaskReleased, TaskUpdated, TasksAdded, Triage,
};

const QUOTE_CHARACTERS_MAX: usize = 120;
const IDS_LISTED_MAX: usize = 5;

/// A recorded event.
pub(in super::super) fn event(recorded: &Recorded) -> Result<wire::Event, Status> {
    let document = recorded
        .event
        .to_data()
        .map_err(|_| status::internal("an event has no JSON"))?;
    Ok(wire::Event {
        version: recorded.version,
        at: Some(time(recorded.at)),
        actor: recorded.actor.to_string(),
        session: recorded
            .session
            .map_or_else(String::new, |session| session.to_string()),
        r#type: recorded.event.kind().to_owned(),
        document,
        summary: format!("{} {}", recorded.actor.name(), predicate(&recorded.event)),
    })
}

/// What the actor did: the sentence without its subject.
fn predicate(event: &Event) -> String {
    match event {
        Event::ProjectCreated(e) => format!("created the project {}", e.project),
        Event::ProjectUpdated(_) => "changed the project's words or settings".to_owned(),
        Event::ProjectPaused(e) => with_reason("paused the project", &e.reason),
        Event::ProjectResumed(_) => "let the project go on".to_owned(),
        Event::DiagnosticSettled(e) => {
            with_reason(&format!("settled diagnostic {}", e.number), &e.note)
        }
        Event::ProjectCompleted(e) => with_reason("completed the project", &e.note),
        Event::ProjectArchived(e) => with_reason("archived the project", &e.reason),
        Event::ProjectRestored(e) => restored(e),
        Event::ProjectDeleted(e) => format!(
            "removed the project {} for good: {} events, the last one {}",
            e.project, e.events, e.last_hash
        ),
        Event::PlanImported(e) => imported(e),
        Event::PhasesAdded(e) => {
            let ids: Vec<&str> = e.phases.iter().map(|phase| phase.id.as_str()).collect();
            format!("added {}", listed("phase", &ids))
        }
        Event::PhaseUpdated(e) => format!("changed phase {}", e.phase),
        Event::CriterionMet(e) => {
            format!(
                "said that criterion {} of phase {} is met",
                e.criterion, e.phase
            )
        }
        Event::CriterionChanged(e) => {
            let done = match (e.withdrawn, &e.text) {
                (true, _) => "withdrew",
                (false, Some(_)) => "reworded",
                (false, None) => "took back the meeting of",
            };
            with_reason(
                &format!("{done} criterion {} of phase {}", e.criterion, e.phase),
                e.text.as_ref().unwrap_or(&e.reason),
            )
        }
        Event::PhaseOrderOverridden(e) => with_reason(
            &format!("opened phase {} before its turn", e.phase),
            &e.reason,
        ),
        Event::PhaseCompleted(e) => format!("completed phase {}", e.phase),
        Event::PhaseReopened(e) => with_reason(&format!("reopened phase {}", e.phase), &e.reason),
        Event::PhaseSkipped(e) => with_reason(&format!("skipped phase {}", e.phase), &e.reason),
        Event::RoleWindowSet(e) => said_of_role(e),
        Event::SessionStarted(e) => with_reason(&format!("began session {}", e.session), &e.scope),
        Event::SessionEnded(e) => match e.ending {
            SessionEnding::Closed => {
                with_reason(&format!("ended session {}", e.session), &e.summary.done)
            }
            SessionEnding::Abandoned => format!("closed the silent session {}", e.session),
        },
        Event::AgentRegistered(e) => format!("registered {} as {}", e.agent, e.roles.join(", ")),
        Event::AgentRetired(e) => with_reason(&format!("let {} go", e.agent), &e.reason),
        Event::RoleAdded(e) => format!("added the role {}", e.role.slug),
        Event::TokenIssued(e) => format!("issued token {}", e.token),
        Event::TokenRevoked(e) => with_reason(&format!("revoked token {}", e.token), &e.reason),
        _ => of_a_task(event).unwrap_or_else(|| of_a_queue(event)),
    }
}

fn of_a_task(event: &Event) -> Option<String> {
    Some(match event {
        Event::TasksAdded(e) => added(e),
        Event::TaskUpdated(TaskUpdated { task, .. }) => format!("changed {task}"),
        Event::DependenciesAdded(e) => {
            let on: Vec<String> = e.on.iter().map(target).collect();
            format!("made {} wait for {}", e.task, some(&on))
        }
        Event::DependencyRemoved(e) => {
            format!(
                "took the dependency of {} on {} away",
                e.task,
                target(&e.on)
            )
        }
        Event::DependencyWaived(e) => with_reason(
            &format!("let {} go ahead without {}", e.task, target(&e.on)),
            &e.reason,
        ),
        Event::TaskClaimed(e) => claimed(e),
        Event::TaskStarted(e) => format!("started {}", e.task),
        Event::ProgressReported(e) if !e.checked.is_empty() => {
            let names = e.checked.names().replace(',', ", ");
            with_reason(&format!("attested {names} of {}", e.task), &e.note)
        }
        Event::ProgressReported(e) => {
            let percent = e
                .percent
                .map_or_else(String::new, |percent| format!(" ({percent} %)"));
            with_reason(&format!("reported on {}{percent}", e.task), &e.note)
        }
        Event::TaskReleased(e) => released(e),
        Event::TaskSubmitted(e) => {
            with_reason(&format!("handed {} in for review", e.task), &e.summary)
        }
        Event::TaskApproved(e) => with_reason(&format!("approved {}", e.task), &e.note),
        Event::ChangesRequested(e) => {
            with_reason(&format!("wants changes of {}", e.task), &e.reason)
        }
        Event::LeaseExpired(e) => match e.cause {
            ExpiryCause::Silence => {
                format!("ended the lease of the silent {} on {}", e.agent, e.task)
            }
            ExpiryCause::HardLimit => {
                format!(
                    "ended the lease of {} on {} at its hard limit",
                    e.agent, e.task
                )
            }
        },
        Event::ClaimRevoked(e) => {
            with_reason(&format!("took {} away from {}", e.task, e.agent), &e.reason)
        }
        Event::TaskCompleted(e) => completed(e),
        Event::TaskDeferred(e) => with_reason(&format!("put {} off", e.task), &e.reason),
        Event::TaskReinstated(e) => format!("planned {} again", e.task),
        Event::TaskCancelled(e) => with_reason(&format!("cancelled {}", e.task), &e.reason),
        Event::TaskReopened(e) => with_reason(&format!("reopened {}", e.task), &e.reason),
        Event::TaskSplit(e) => {
            let parts: Vec<String> = e.parts.iter().map(|part| part.id.to_string()).collect();
            format!("split {} into {}", e.task, some(&parts))
        }
        _ => return None,
    })
}

fn of_a_queue(event: &Event) -> String {
    match event {
        Event::RuleAdded(e) => with_reason(
            &format!("stated {}: {} for {}", e.rule, e.waiting, e.on),
            &e.note,
        ),
        Event::RuleEnded(e) => with_reason(&format!("ended {}", e.rule), &e.reason),
        Event::DecisionExtended(e) => {
            format!("made {} wait for {}", some(&texts(&e.tasks)), e.decision)
        }
        Event::BlockerOpened(e) => opened(e),
        Event::BlockerUpdated(e) => format!("changed {}", e.blocker),
        Event::DecisionUpdated(e) => format!("changed {}", e.decision),
        Event::DiscoveredUpdated(e) => format!("changed the words of {}", e.discovered),
        Event::BlockerEscalated(e) => with_reason(&format!("escalated {}", e.blocker), &e.reason),
        Event::BlockerResolved(e) if e.withdrawn => format!("took {} back", e.blocker),
        Event::BlockerResolved(e) => with_reason(&format!("settled {}", e.blocker), &e.resolution),
        Event::TaskDiscovered(e) => with_reason(&format!("discovered {}", e.discovered), &e.title),
        Event::DiscoveredTriaged(e) => match &e.triage {
            Triage::Promoted(task) => format!("made {} the task {task}", e.discovered),
            Triage::Deferred => with_reason(&format!("put {} off", e.discovered), &e.note),
            Triage::Rejected => with_reason(&format!("rejected {}", e.discovered), &e.note),
            Triage::Duplicate(of) => format!("found {} to be the same as {of}", e.discovered),
        },
        Event::DecisionOpened(e) => asked(e),
        Event::DecisionProposed(e) => {
            with_reason(&format!("proposed an answer to {}", e.decision), &e.answer)
        }
        Event::DecisionDeprecated(e) => {
            with_reason(&format!("{} holds no more", e.decision), &e.reason)
        }
        Event::TaskRevisited(e) => {
            let what = format!("looked at {} again after {}", e.task, e.decision);
            with_reason(&what, &e.note)
        }
        Event::DecisionDecided(e) => with_reason(&format!("decided {}", e.decision), &e.answer),
        _ => of_a_register(event),
    }
}

fn of_a_register(event: &Event) -> String {
    match event {
        Event::DeliverableAdded(e) => with_reason(&format!("added {}", e.deliverable), &e.name),
        Event::DeliverableUpdated(e) => format!("changed {}", e.deliverable),
        Event::DeliverableSubmitted(e) => {
            with_reason(&format!("submitted {}", e.deliverable), &e.artefact)
        }
        Event::DeliverableAccepted(e) => {
            with_reason(&format!("accepted {}", e.deliverable), &e.note)
        }
        Event::DeliverableRejected(e) => {
            with_reason(&format!("rejected {}", e.deliverable), &e.reason)
        }
        Event::MilestoneAdded(e) => with_reason(&format!("added {}", e.milestone), &e.name),
        Event::MilestoneUpdated(e) => format!("changed {}", e.milestone),
        Event::MilestoneTicked(e) => format!("ticked item {} of {}", e.item, e.milestone),
        Event::MilestoneReached(e) => with_reason(&format!("reached {}", e.milestone), &e.note),
        Event::MilestoneMissed(e) => with_reason(&format!("missed {}", e.milestone), &e.reason),
        Event::RiskAdded(e) => with_reason(&format!("added {}", e.risk), &e.words.text),
        Event::RiskUpdated(e) => format!("changed {}", e.risk),
        Event::RiskMoved(e) => with_reason(&format!("found {} {}", e.risk, e.to.as_str()), &e.note),
        Event::SprintPlanned(e) => with_reason(&format!("planned {}", e.sprint), &e.goal),
        Event::SprintCommitted(e) => with_reason(&format!("committed {}", e.sprint), &e.warning),
        Event::SprintScopeChanged(e) => with_reason(&format!("changed {}", e.sprint), &e.reason),
        Event::SprintClosed(e) => format!("closed {}: {} completed", e.sprint, e.completed),
        Event::SprintUpdated(e) => format!("changed {}", e.sprint),
        Event::SprintWithdrawn(e) => with_reason(&format!("withdrew {}", e.sprint), &e.reason),
        Event::AssignmentAdded(e) => {
            format!("made {} {} of {}", e.agent, e.duty.as_str(), e.subject)
        }
        Event::AssignmentUpdated(e) => format!("made {} {}", e.assignment, e.duty.as_str()),
        Event::AssignmentEnded(e) => with_reason(&format!("ended {}", e.assignment), &e.reason),
        _ => of_a_gate(event)
            .or_else(|| of_a_point(event))
            .or_else(|| of_a_workflow(event))
            .or_else(|| of_a_schedule(event))
            .unwrap_or_else(|| format!("recorded {}", event.kind())),
    }
}

fn said_of_role(event: &RoleWindowSet) -> String {
    let place = event.phase.as_ref();
    let place = place.map_or_else(String::new, |phase| format!(" in phase {phase}"));
    match event.time {
        Some(RoleTime::Always) => format!("said that {} always works{place}", event.role),
        Some(RoleTime::During(window)) => {
            format!("said that {} works{place} in {window}", event.role)
        }
        None => format!("took back when {} works{place}", event.role),
    }
}

fn of_a_gate(event: &Event) -> Option<String> {
    Some(match event {
        Event::GateDefined(e) => with_reason(&format!("defined {}", e.gate), &e.name),
        Event::GateRetired(e) => with_reason(&format!("retired {}", e.gate), &e.reason),
        Event::GateRunStarted(e) => match e.trigger {
            RunTrigger::Asked => format!("ran {} as {}", e.gate, e.run),
            RunTrigger::PhaseDone => {
                format!("finished the phase that {} is for: {} began", e.gate, e.run)
            }
            RunTrigger::ProjectDone => {
                format!(
                    "finished the last task of the project: {} of {} began",
                    e.run, e.gate
                )
            }
            RunTrigger::WorkDone => {
                format!("finished the work that {} is for: {} began", e.gate, e.run)
            }
        },
        Event::GateResultRecorded(e) => {
            let (outcome, number) = (&e.outcome, e.outcome.criterion);
            let word = if outcome.passed {
                "holds"
            } else {
                "does not hold"
            };
            let sentence = format!("said that criterion {number} of {} {word}", e.run);
            with_reason(&sentence, &outcome.evidence)
        }
        Event::GateRunSettled(e) if e.passed => format!("settled {}: it passed", e.run),
        Event::GateRunSettled(e) => format!("settled {}: it failed", e.run),
        Event::GateWaived(e) => with_reason(&format!("waived {}", e.run), &e.reason),
        Event::GateWaiverExpired(e) => format!("ended the waiver of {}", e.run),
        Event::MetricReported(e) => {
            with_reason(&format!("reported {} = {}", e.metric, e.value), &e.evidence)
        }
        _ => return None,
    })
}

fn of_a_workflow(event: &Event) -> Option<String> {
    Some(match event {
        Event::WorkflowDefined(e) => with_reason(
            &format!("defined the workflow {}", e.workflow),
            &e.definition.objective,
        ),
        Event::WorkflowRetired(e) => {
            with_reason(&format!("retired the workflow {}", e.workflow), &e.reason)
        }
        Event::WorkflowRunStarted(e) => match e.after {
            None => format!("started {} as {}", e.workflow, e.run),
            Some(after) => format!(
                "completed {after}, which {} of {} follows",
                e.run, e.workflow
            ),
        },
        Event::WorkflowRunConfirmed(e) => format!("said that {} may begin", e.run),
        Event::WorkflowInputProvided(e) => {
            with_reason(&format!("supplied {} to {}", e.input, e.run), &e.value)
        }
        Event::WorkflowRunMoved(e) => {
            let how = match e.to {
                RunStep::WaitingInput => "left {} waiting for what it needs",
                RunStep::Running => "let the work of {} go on",
                RunStep::Gating => "finished the work of {}",
                RunStep::Failed => "found that {} failed",
                RunStep::Cancelled => "cancelled {}",
            };
            with_reason(&how.replace("{}", &e.run.to_string()), &e.note)
        }
        Event::WorkflowCriterionAttested(e) => {
            let word = if e.holds { "holds" } else { "does not hold" };
            let sentence = format!("said that criterion {} of {} {word}", e.criterion, e.run);
            with_reason(&sentence, &e.evidence)
        }
        Event::WorkflowSigned(e) if e.approved => {
            with_reason(&format!("signed {} for {}", e.run, e.role), &e.note)
        }
        Event::WorkflowSigned(e) => with_reason(
            &format!("refused to sign {} for {}", e.run, e.role),
            &e.note,
        ),
        Event::WorkflowRunCompleted(e) => format!("completed {}", e.run),
        _ => return None,
    })
}

fn imported(event: &PlanImported) -> String {
    let counts = &event.counts;
    format!(
        "imported {}: {} phases, {} tasks",
        event.source.name, counts.phases, counts.tasks
    )
}

fn restored(event: &ProjectRestored) -> String {
    let claims = match event.leases_ended {
        1 => "1 claim".to_owned(),
        number => format!("{number} claims"),
    };
    let sessions = match event.open_sessions {
        1 => "1 session stays".to_owned(),
        number => format!("{number} sessions stay"),
    };
    format!(
        "restored the project from a backup: took {claims} back, {sessions} open, fences go on above {}",
        event.fence
    )
}

fn added(event: &TasksAdded) -> String {
    match event.tasks.as_slice() {
        [only] => with_reason(&format!("added {}", only.id), &only.title),
        many => {
            let ids: Vec<String> = many.iter().map(|task| task.id.to_string()).collect();
            format!("added {}", some(&ids))
        }
    }
}

fn claimed(event: &TaskClaimed) -> String {
    let verb = if event.resumed { "resumed" } else { "claimed" };
    format!(
        "{verb} {} in {}, attempt {}",
        event.task, event.session, event.attempt
    )
}

fn released(event: &TaskReleased) -> String {
    let how = match event.cause {
        // The reason of a blocked one begins with "blocked by".
        ReleaseCause::Returned | ReleaseCause::Blocked => "gave {} back",
        ReleaseCause::Failed => "failed on {}",
        ReleaseCause::SessionEnded => "gave {} back at the end of the session",
    };
    with_reason(&how.replace("{}", &event.task.to_string()), &event.reason)
}

fn completed(event: &TaskCompleted) -> String {
    let mut sentence = with_reason(&format!("completed {}", event.task), &event.summary);
    if !event.open_checks.is_empty() {
        let names = event.open_checks.names().replace(',', ", ");
        sentence.push_str(&format!("; {names} still to attest"));
    }
    if !event.gate_checks.is_empty() {
        let passed = event.gate_checks.iter().filter(|it| it.outcome.passed);
        let (passed, all) = (passed.count(), event.gate_checks.len());
        sentence.push_str(&format!("; {passed} of {all} commands of gates passed"));
    }
    if event.unblocked_total > 0 {
        sentence.push_str(&format!("; {} became ready", event.unblocked_total));
    }
    if !event.phases_opened.is_empty() {
        sentence.push_str(&format!(
            "; {} opened",
            listed("phase", &event.phases_opened)
        ));
    }
    sentence
}

fn opened(event: &BlockerOpened) -> String {
    let mut held = texts(&event.tasks);
    held.extend(event.phase.iter().map(|phase| format!("phase {phase}")));
    with_reason(
        &format!("opened {} on {}", event.blocker, some(&held)),
        &event.reason,
    )
}

fn asked(event: &DecisionOpened) -> String {
    with_reason(&format!("asked {}", event.decision), &event.question)
}

fn target(on: &On) -> String {
    match on {
        On::Task(task) => task.to_string(),
        On::Phase(phase) => format!("phase {phase}"),
        On::AllAbove => "all above".to_owned(),
    }
}

pub(super) fn listed(noun: &str, ids: &[impl AsRef<str>]) -> String {
    let plural = if ids.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", some(ids))
}

fn some(ids: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = ids.iter().take(IDS_LISTED_MAX).map(AsRef::as_ref).collect();
    let more = ids.len() - shown.len();
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

/// A sentence with what was said, on one line.
pub(super) fn with_reason(sentence: &str, said: &str) -> String {
    let line = said.lines().next().unwrap_or_default().trim();
    if line.is_empty() {
        return sentence.to_owned();
    }
    let quoted: String = line.chars().take(QUOTE_CHARACTERS_MAX).collect();
    let cut = if quoted.len() < line.len() { "…" } else { "" };
    format!("{sentence}: {quoted}{cut}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::check::CheckSet;
    use crate::plan::event::{ProjectPaused, TaskCompleted, TaskStarted};
    use crate::plan::fact::Actor;
    use crate::plan::id::{SessionId, TaskId};
    use crate::plan::time::Timestamp;

    fn shown(happened: impl Into<Event>) -> wire::Event {
        event(&Recorded {
            version: 3,
            at: Timestamp(1_500),
            actor: Actor::Agent("dev-1".into()),
            session: Some(SessionId(2)),
            request: None,
            event: happened.into(),
        })
        .expect("an event has JSON")
    }

    #[test]
    fn an_event_is_its_data_and_a_sentence() {
        let shown = shown(TaskStarted {
            task: TaskId(7),
            fence: 4,
            checked: CheckSet::NONE,
        });
        assert_eq!(shown.summary, "dev-1 started T-7");
        assert_eq!(shown.r#type, "TaskStarted");
        assert_eq!(shown.actor, "agent:dev-1");
        assert_eq!(shown.session, "S-2");
        assert_eq!(shown.document, r#"{"task":"T-7","fence":4}"#);
    }

    #[test]
    fn a_long_text_is_cut_to_a_line() {
        let reason = format!("{}\nsecond", "ä".repeat(200));
        let shown = shown(ProjectPaused { reason });
        assert!(shown.summary.ends_with("ä…"), "{}", shown.summary);
        assert!(!shown.summary.contains("second"));
    }

    #[test]
    fn a_completion_says_what_it_set_free() {
        let shown = shown(TaskCompleted {
            task: TaskId(7),
            fence: 4,
            summary: "Login works".into(),
            verification: "tests".into(),
            evidence: Vec::new(),
            technologies: Vec::new(),
            tests_passed_percent: None,
            accepted: Vec::new(),
            checked: CheckSet::NONE,
            open_checks: CheckSet::NONE,
            gate_checks: Vec::new(),
            held_ms: 0,
            unblocked: vec![TaskId(8)],
            unblocked_total: 1,
            phases_opened: vec!["2".to_owned()],
        });
        assert_eq!(
            shown.summary,
            "dev-1 completed T-7: Login works; 1 became ready; phase 2 opened"
        );
    }
}
