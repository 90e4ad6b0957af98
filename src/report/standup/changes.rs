//! What changed in the plan within the window, read from its events. Every event type is looked at, so
//! a new one cannot be forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build::View;
use super::data::{Change, ChangeKind, Changes};
use super::edits::{edited, held_up, named, stated, updated};
use super::registers::entry;
use crate::plan::event::{
    DiscoveredTriaged, Event, PlanImported, Recorded, ReleaseCause, TaskApproved, TaskCompleted,
    Triage,
};
use crate::plan::id::{GateId, GateRunId, TaskId};
use crate::plan::model::Phase;
use crate::report::data::cut;

/// The changes of the window by kind, each kind in the order of events.
pub(in crate::report) fn changes(view: &View<'_>) -> Vec<Changes> {
    let mut found = Found {
        view,
        by_kind: BTreeMap::new(),
        import: None,
        opened: BTreeMap::new(),
    };
    for recorded in view.events {
        found.look_at(recorded);
    }
    found.phases_opened();
    let listed = found.by_kind.into_iter().map(|(kind, items)| {
        let (items, total) = cut(items);
        Changes { kind, total, items }
    });
    listed.collect()
}

/// An import whose append is being read: what a file states is told in one line, not task by task.
struct Import<'a> {
    first: &'a Recorded,
    tasks_left: usize,
}

struct Found<'a> {
    view: &'a View<'a>,
    by_kind: BTreeMap<ChangeKind, Vec<Change>>,
    import: Option<Import<'a>>,
    /// The event that opened each phase, by the phase's id.
    opened: BTreeMap<String, &'a Arc<Recorded>>,
}

impl<'a> Found<'a> {
    fn push(&mut self, recorded: &Recorded, kind: ChangeKind, id: &str, title: &str, detail: &str) {
        self.by_kind.entry(kind).or_default().push(Change {
            at: self.view.zone.moment(recorded.at),
            id: id.to_owned(),
            title: title.to_owned(),
            by: recorded.actor.name().to_owned(),
            detail: detail.to_owned(),
        });
    }

    fn task(&mut self, recorded: &Recorded, kind: ChangeKind, task: TaskId, detail: &str) {
        let plan = self.view.plan;
        self.push(recorded, kind, &task.to_string(), plan.title(task), detail);
    }

    fn phase(&mut self, recorded: &Recorded, kind: ChangeKind, id: &str, detail: &str) {
        let name = self.phase_named(id).map_or("", |phase| &phase.name);
        self.push(recorded, kind, id, name, detail);
    }

    /// A change of an entry of a register.
    fn register(&mut self, recorded: &Recorded) {
        if let Some((kind, id, title, detail)) = entry(self.view.plan, &recorded.event) {
            self.push(recorded, kind, &id, &title, &detail);
        }
    }

    fn project(&mut self, recorded: &Recorded, what: &str, why: &str) {
        let plan = self.view.plan;
        let (slug, name) = plan
            .project()
            .map_or(("", ""), |project| (&*project.slug, &*project.name));
        let detail = match why {
            "" => what.to_owned(),
            _ => format!("{what}: {why}"),
        };
        self.push(recorded, ChangeKind::Project, slug, name, &detail);
    }

    fn gate(&mut self, recorded: &Recorded, kind: ChangeKind, gate: GateId, detail: &str) {
        let name = self.view.plan.gate(gate).map_or("", |gate| &gate.name);
        self.push(recorded, kind, &gate.to_string(), name, detail);
    }

    fn gate_run(&mut self, recorded: &Recorded, run: GateRunId, detail: &str) {
        if let Some(found) = self.view.plan.gate_run(run) {
            self.gate(recorded, ChangeKind::GateRun, found.gate, detail);
        }
    }

    fn phase_named(&self, id: &str) -> Option<&'a Phase> {
        self.view.plan.phases().find(|phase| *phase.id == *id)
    }

    fn look_at(&mut self, recorded: &'a Arc<Recorded>) {
        let imported = self.in_import(recorded);
        match &recorded.event {
            Event::ProjectCreated(_) => self.project(recorded, "created", ""),
            Event::ProjectUpdated(event) => self.project(recorded, &updated(event), ""),
            Event::ProjectPaused(event) => self.project(recorded, "paused", &event.reason),
            Event::ProjectResumed(_) => self.project(recorded, "resumed", ""),
            Event::DiagnosticSettled(event) => {
                let what = format!("diagnostic {} settled", event.number);
                self.project(recorded, &what, &event.note);
            }
            Event::ProjectCompleted(event) => self.project(recorded, "completed", &event.note),
            Event::ProjectArchived(event) => self.project(recorded, "archived", &event.reason),
            Event::ProjectRestored(event) => {
                let words = match event.leases_ended {
                    0 => String::new(),
                    1 => "1 claim was taken back".to_owned(),
                    many => format!("{many} claims were taken back"),
                };
                self.project(recorded, "restored from a backup", &words);
            }
            Event::PlanImported(event) => self.plan_imported(recorded, event),
            Event::PhasesAdded(_)
            | Event::TaskDiscovered(_)
            | Event::DiscoveredTriaged(_)
            | Event::DecisionDecided(_)
            | Event::PhaseCompleted(_)
                if imported => {}
            Event::PhasesAdded(event) => {
                for phase in &event.phases {
                    self.phase(recorded, ChangeKind::PhaseAdded, &phase.id, "");
                }
            }
            Event::PhaseUpdated(event) => {
                self.phase(recorded, ChangeKind::Edited, &event.phase, "phase");
            }
            Event::CriterionMet(event) => {
                let mut detail = format!("criterion {}", event.criterion);
                if !event.evidence.is_empty() {
                    detail.push_str(": ");
                    detail.push_str(&event.evidence);
                }
                self.phase(recorded, ChangeKind::CriterionMet, &event.phase, &detail);
            }
            Event::CriterionChanged(event) => {
                let detail = match (event.withdrawn, &event.text) {
                    (true, _) => format!("withdrawn: {}", event.reason),
                    (false, Some(text)) => format!("says now: {text}"),
                    (false, None) => format!("is not met after all: {}", event.reason),
                };
                let detail = format!("criterion {} {detail}", event.criterion);
                self.phase(recorded, ChangeKind::Edited, &event.phase, &detail);
            }
            Event::PhaseOrderOverridden(event) => {
                let kind = ChangeKind::PhaseOverridden;
                self.phase(recorded, kind, &event.phase, &event.reason);
            }
            Event::PhaseCompleted(event) => {
                self.phase(recorded, ChangeKind::PhaseCompleted, &event.phase, "");
                self.opened_behind(recorded, &event.phase);
            }
            Event::PhaseReopened(event) => {
                let kind = ChangeKind::PhaseReopened;
                self.phase(recorded, kind, &event.phase, &event.reason);
            }
            Event::PhaseSkipped(event) => {
                let kind = ChangeKind::PhaseSkipped;
                self.phase(recorded, kind, &event.phase, &event.reason);
                self.opened_behind(recorded, &event.phase);
            }
            // A promoted task is told by its triage.
            Event::TasksAdded(event) => {
                let skipped = self.imported_of(event.tasks.len(), imported);
                for task in event.tasks.iter().skip(skipped) {
                    if task.origin.is_none() {
                        self.task(recorded, ChangeKind::Added, task.id, "");
                    }
                }
            }
            Event::TaskUpdated(event) => {
                let detail = edited(&event.changes);
                self.task(recorded, ChangeKind::Edited, event.task, &detail);
            }
            Event::DependenciesAdded(event) => {
                let on: Vec<String> = event.on.iter().map(named).collect();
                let detail = format!("waits for {}", on.join(", "));
                self.task(recorded, ChangeKind::Edited, event.task, &detail);
            }
            Event::RuleAdded(event) => {
                let id = event.rule.to_string();
                let title = format!("{} for {}", event.waiting, event.on);
                self.push(recorded, ChangeKind::Edited, &id, &title, "rule stated");
            }
            Event::RuleEnded(event) => {
                let id = event.rule.to_string();
                self.push(
                    recorded,
                    ChangeKind::Edited,
                    &id,
                    &event.reason,
                    "rule ended",
                );
            }
            Event::DecisionExtended(event) => {
                for task in &event.tasks {
                    let detail = format!("waits for {}", event.decision);
                    self.task(recorded, ChangeKind::Edited, *task, &detail);
                }
            }
            Event::DependencyRemoved(event) => {
                let detail = format!("no longer waits for {}", named(&event.on));
                self.task(recorded, ChangeKind::Edited, event.task, &detail);
            }
            Event::DependencyWaived(event) => {
                let detail = format!("need not wait for {}: {}", named(&event.on), event.reason);
                self.task(recorded, ChangeKind::Edited, event.task, &detail);
            }
            Event::TaskReleased(event) => match event.cause {
                ReleaseCause::Failed => {
                    self.task(recorded, ChangeKind::Failed, event.task, &event.reason);
                }
                ReleaseCause::Returned | ReleaseCause::Blocked | ReleaseCause::SessionEnded => {}
            },
            Event::LeaseExpired(event) => {
                let detail = format!("was held by {}", event.agent);
                self.task(recorded, ChangeKind::Expired, event.task, &detail);
            }
            Event::ClaimRevoked(event) => {
                let detail = format!("was held by {}: {}", event.agent, event.reason);
                self.task(recorded, ChangeKind::Revoked, event.task, &detail);
            }
            Event::TaskCompleted(TaskCompleted { phases_opened, .. })
            | Event::TaskApproved(TaskApproved { phases_opened, .. }) => {
                for id in phases_opened {
                    self.opened.insert(id.clone(), recorded);
                }
            }
            Event::TaskSubmitted(event) => {
                self.task(recorded, ChangeKind::Review, event.task, "handed in");
            }
            Event::ChangesRequested(event) => {
                let detail = format!("changes wanted: {}", event.reason);
                self.task(recorded, ChangeKind::Review, event.task, &detail);
            }
            Event::TaskDeferred(event) => {
                let detail = match &*event.target {
                    "" => event.reason.to_string(),
                    target => format!("to {target}: {}", event.reason),
                };
                self.task(recorded, ChangeKind::Deferred, event.task, &detail);
            }
            Event::TaskReinstated(event) => {
                self.task(recorded, ChangeKind::Reinstated, event.task, "");
            }
            Event::TaskCancelled(event) => {
                self.task(recorded, ChangeKind::Cancelled, event.task, &event.reason);
            }
            Event::TaskReopened(event) => {
                self.task(recorded, ChangeKind::Reopened, event.task, &event.reason);
            }
            Event::TaskSplit(event) => {
                let parts: Vec<String> = event.parts.iter().map(|it| it.id.to_string()).collect();
                let detail = format!("into {}", parts.join(", "));
                self.task(recorded, ChangeKind::Split, event.task, &detail);
            }
            Event::BlockerResolved(event) => {
                let plan = self.view.plan;
                let reason = plan.blocker(event.blocker).map_or("", |one| &one.reason);
                let detail = match event.withdrawn {
                    true => format!("taken back: {}", event.resolution),
                    false => event.resolution.to_string(),
                };
                let id = event.blocker.to_string();
                self.push(recorded, ChangeKind::Unblocked, &id, reason, &detail);
            }
            Event::BlockerUpdated(event) => {
                let reason = self.view.plan.blocker(event.blocker);
                let reason = reason.map_or("", |one| &one.reason);
                let detail = held_up(&event.tasks_added, &event.tasks_removed);
                let id = event.blocker.to_string();
                self.push(recorded, ChangeKind::Edited, &id, reason, &detail);
            }
            Event::DecisionUpdated(event) => {
                let question = self.view.plan.decision(event.decision);
                let question = question.map_or("", |decision| &decision.question);
                let detail = held_up(&event.tasks_added, &event.tasks_removed);
                let id = event.decision.to_string();
                self.push(recorded, ChangeKind::Edited, &id, question, &detail);
            }
            Event::DiscoveredUpdated(event) => {
                let title = self.view.plan.discovered_task(event.discovered);
                let title = title.map_or("", |found| &found.title);
                let id = event.discovered.to_string();
                self.push(recorded, ChangeKind::Edited, &id, title, "");
            }
            Event::TaskDiscovered(event) => {
                let id = event.discovered.to_string();
                self.push(recorded, ChangeKind::Discovered, &id, &event.title, "");
            }
            Event::DiscoveredTriaged(event) => self.triaged(recorded, event),
            Event::DecisionDecided(event) => {
                let plan = self.view.plan;
                let question = plan
                    .decision(event.decision)
                    .map_or("", |decision| &decision.question);
                let id = event.decision.to_string();
                self.push(recorded, ChangeKind::Decided, &id, question, &event.answer);
            }
            Event::DecisionDeprecated(event) => {
                let id = event.decision.to_string();
                let detail = format!("holds no more: {}", event.reason);
                self.push(recorded, ChangeKind::Decided, &id, "", &detail);
            }
            Event::DeliverableAdded(_)
            | Event::DeliverableSubmitted(_)
            | Event::DeliverableAccepted(_)
            | Event::DeliverableRejected(_)
            | Event::MilestoneAdded(_)
            | Event::MilestoneUpdated(_)
            | Event::MilestoneReached(_)
            | Event::MilestoneMissed(_)
            | Event::SprintPlanned(_)
            | Event::SprintCommitted(_)
            | Event::SprintScopeChanged(_)
            | Event::SprintClosed(_)
            | Event::SprintUpdated(_)
            | Event::SprintWithdrawn(_)
            | Event::AssignmentAdded(_)
            | Event::AssignmentUpdated(_)
            | Event::AssignmentEnded(_)
            | Event::RoleWindowSet(_)
            | Event::RiskAdded(_)
            | Event::RiskMoved(_)
            | Event::IntegrationAdded(_)
            | Event::IntegrationConfirmed(_)
            | Event::IntegrationTested(_)
            | Event::IntegrationFailed(_)
            | Event::IntegrationWithdrawn(_)
            | Event::RolloutCreated(_)
            | Event::RollbackTested(_)
            | Event::RolloutReadied(_)
            | Event::RolloutHeldBack(_)
            | Event::RolloutStarted(_)
            | Event::RolloutStepDone(_)
            | Event::RolloutEnded(_)
            | Event::WorkflowDefined(_)
            | Event::WorkflowRetired(_)
            | Event::WorkflowRunStarted(_)
            | Event::WorkflowRunMoved(_)
            | Event::WorkflowRunCompleted(_) => self.register(recorded),
            Event::GateDefined(event) => {
                let id = event.gate.to_string();
                self.push(recorded, ChangeKind::GateDefined, &id, &event.name, "");
            }
            Event::GateRetired(event) => {
                let detail = format!("retired: {}", event.reason);
                self.gate(recorded, ChangeKind::GateDefined, event.gate, &detail);
            }
            Event::GateRunSettled(event) => {
                let word = if event.passed { "passed" } else { "failed" };
                self.gate_run(recorded, event.run, word);
            }
            Event::GateWaived(event) => {
                self.gate_run(recorded, event.run, &format!("waived: {}", event.reason));
            }
            Event::GateWaiverExpired(event) => {
                self.gate_run(recorded, event.run, "the waiver has run out");
            }
            Event::AgentRegistered(event) => {
                let roles = event.roles.join(", ");
                self.push(recorded, ChangeKind::Joined, &event.agent, "", &roles);
            }
            Event::AgentRetired(event) => {
                self.push(recorded, ChangeKind::Left, &event.agent, "", &event.reason);
            }
            Event::RoleAdded(event) => {
                let role = &event.role;
                self.push(
                    recorded,
                    ChangeKind::Joined,
                    &role.slug,
                    &role.title,
                    "role",
                );
            }
            // The work of the day stands in the role lines, what is open in its own sections.
            Event::TaskClaimed(_)
            | Event::TaskStarted(_)
            | Event::ProgressReported(_)
            | Event::SessionStarted(_)
            | Event::SessionEnded(_)
            | Event::BlockerOpened(_)
            | Event::BlockerEscalated(_)
            | Event::DecisionOpened(_)
            | Event::DecisionProposed(_)
            | Event::TaskRevisited(_)
            | Event::DeliverableUpdated(_)
            | Event::MilestoneTicked(_)
            | Event::RiskUpdated(_)
            | Event::IntegrationUpdated(_)
            | Event::RolloutUpdated(_)
            | Event::ReferenceAdded(_)
            | Event::ReferenceRemoved(_)
            | Event::ReferencesMoved(_)
            | Event::GateRunStarted(_)
            | Event::GateResultRecorded(_)
            | Event::MetricReported(_)
            | Event::WorkflowRunConfirmed(_)
            | Event::WorkflowInputProvided(_)
            | Event::WorkflowCriterionAttested(_)
            | Event::WorkflowSigned(_)
            | Event::StandupOpened(_)
            | Event::StandupEntered(_)
            | Event::StandupHeld(_)
            | Event::MarksChanged(_)
            | Event::ChecklistDefined(_)
            | Event::ChecklistStarted(_)
            | Event::ChecklistMissed(_)
            | Event::ChecklistAsked(_)
            | Event::ChecklistItemSettled(_)
            | Event::ChecklistEnded(_)
            | Event::SchedulesSet(_)
            | Event::ScheduleRemoved(_)
            | Event::SchedulePaused(_)
            | Event::ScheduleResumed(_)
            | Event::SlotFired(_)
            | Event::SlotsMissed(_)
            | Event::SlotSkipped(_)
            | Event::SlotEnded(_)
            | Event::ReportPublished(_)
            | Event::ReportContinued(_)
            | Event::ReportDelivered(_)
            | Event::ReportUndelivered(_)
            | Event::ReportReaddressed(_)
            | Event::TokenIssued(_)
            | Event::TokenRevoked(_)
            | Event::ProjectDeleted(_) => {}
        }
    }

    fn plan_imported(&mut self, recorded: &'a Arc<Recorded>, event: &PlanImported) {
        let detail = stated(event.counts);
        let kind = ChangeKind::Imported;
        self.push(recorded, kind, &event.source.name, "", &detail);
        self.import = Some(Import {
            first: recorded,
            tasks_left: usize::try_from(event.counts.tasks).unwrap_or(usize::MAX),
        });
    }

    /// Whether the event belongs to the append of the import before it.
    fn in_import(&mut self, recorded: &Recorded) -> bool {
        let same = self.import.as_ref().is_some_and(|import| {
            recorded.at == import.first.at
                && recorded.actor == import.first.actor
                && recorded.request == import.first.request
        });
        if !same {
            self.import = None;
        }
        same
    }

    /// How many of the tasks just added came with the file.
    fn imported_of(&mut self, tasks: usize, imported: bool) -> usize {
        let Some(import) = self.import.as_mut().filter(|_| imported) else {
            return 0;
        };
        let taken = tasks.min(import.tasks_left);
        import.tasks_left -= taken;
        taken
    }

    /// Phases that are open now and had this one in front of them: the last one to close opened them.
    fn opened_behind(&mut self, recorded: &'a Arc<Recorded>, closed: &str) {
        let plan = self.view.plan;
        let Some(closed) = self.phase_named(closed) else {
            return;
        };
        for phase in plan.phases() {
            if plan.phase_is_open(phase.no)
                && phase.override_reason.is_none()
                && self.stands_behind(phase, closed)
            {
                self.opened.insert(phase.id.to_string(), recorded);
            }
        }
    }

    /// Whether `phase` waits for `other`, phases without tasks and criteria between them passed over.
    fn stands_behind(&self, phase: &Phase, other: &Phase) -> bool {
        let plan = self.view.plan;
        let mut open = plan.predecessors(phase.no);
        let mut seen = 0;
        while let Some(no) = open.get(seen).copied() {
            seen += 1;
            if no == other.no {
                return true;
            }
            let empty = plan
                .phase(no)
                .is_some_and(|phase| plan.is_no_barrier(phase));
            if empty {
                for before in plan.predecessors(no) {
                    if !open.contains(&before) {
                        open.push(before);
                    }
                }
            }
        }
        false
    }

    fn phases_opened(&mut self) {
        let mut opened: Vec<_> = std::mem::take(&mut self.opened).into_iter().collect();
        opened.sort_by_key(|(_, recorded)| recorded.version);
        for (id, recorded) in opened {
            self.phase(recorded, ChangeKind::PhaseOpened, &id, "");
        }
    }

    fn triaged(&mut self, recorded: &Recorded, event: &DiscoveredTriaged) {
        let id = event.discovered.to_string();
        let plan = self.view.plan;
        let title = plan
            .discovered_task(event.discovered)
            .map_or("", |discovered| &discovered.title);
        let verdict = match &event.triage {
            Triage::Promoted(task) => {
                let detail = format!("from {id}");
                return self.task(recorded, ChangeKind::Promoted, *task, &detail);
            }
            Triage::Deferred => "deferred".to_owned(),
            Triage::Rejected => "rejected".to_owned(),
            Triage::Duplicate(of) => format!("the same as {of}"),
        };
        let detail = match &*event.note {
            "" => verdict,
            note => format!("{verdict}: {note}"),
        };
        self.push(recorded, ChangeKind::Triaged, &id, title, &detail);
    }
}
