//! Why a task is not ready: every reason at once, each with what it waits for and who can change it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::apply::split_reason;
use super::command::dependency::words;
use super::event::{BlockerKind, Dependency, On};
use super::id::{PhaseNo, TaskId};
use super::model::{DeliverableStatus, PhaseState, ProjectStatus, Spec, Status};
use super::state::{Plan, TaskView};

/// At most so many unfinished tasks of an "all above" are listed.
const ABOVE_LISTED_MAX: usize = 20;

/// One reason why a task is not ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// A stable code: NOT_PLANNED, DEPENDENCY_UNMET, DEPENDENCY_DROPPED, PHASE_LOCKED, PHASE_GATING,
    /// PHASE_CLOSED, PHASE_BLOCKED, TASK_BLOCKED, TASK_PARKED, DECISION_OPEN, NOT_IN_SPRINT, PROJECT_PAUSED;
    /// and the remarks NO_AGENT_FOR_ROLE, NO_AGENT_WITH_SKILLS, REFERENCES_MISSING and INTEGRATION_UNTESTED,
    /// which do not make a task unready.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
    /// The ids it waits for.
    pub refs: Vec<String>,
    /// Who can change it: `coordinator`, an agent's name, or a role's slug.
    pub who: String,
    /// A command line that settles it, without the program's name; empty when only work does.
    pub next: String,
}

fn cause(code: &'static str, message: String, refs: Vec<String>, who: &str, next: String) -> Cause {
    Cause {
        code,
        message,
        refs,
        who: who.to_owned(),
        next,
    }
}

/// The remark that no agent can fill a task's role.
const NO_AGENT_FOR_ROLE: &str = "NO_AGENT_FOR_ROLE";
/// The remark that no agent has the skills it needs.
const NO_AGENT_WITH_SKILLS: &str = "NO_AGENT_WITH_SKILLS";

impl Cause {
    /// Whether it says something that does not make a task unready.
    pub fn is_remark(&self) -> bool {
        matches!(
            self.code,
            NO_AGENT_FOR_ROLE
                | NO_AGENT_WITH_SKILLS
                | "REFERENCES_MISSING"
                | "INTEGRATION_UNTESTED"
        )
    }
}

impl Plan {
    /// Every reason why the task is not ready; remarks last.
    pub fn explain(&self, id: TaskId) -> Vec<Cause> {
        let Some(view) = self.task(id) else {
            return Vec::new();
        };
        let mut causes = Vec::new();
        self.explain_status(&view, &mut causes);
        if view.state.status.is_terminal() {
            self.explain_tests(id, &mut causes);
            return causes;
        }
        self.explain_project(&mut causes);
        self.explain_sprint(&view, &mut causes);
        self.explain_phase(view.spec.phase, &mut causes);
        for dependency in &view.spec.dependencies {
            if !self.is_met(id, view.spec, dependency) {
                self.explain_dependency(id, view.spec, dependency, &mut causes);
            }
        }
        self.explain_blockers(id, &mut causes);
        self.explain_references(&view, &mut causes);
        self.explain_agents(&view, &mut causes);
        causes
    }

    /// That no registered agent may take the task, for want of a role or of skills.
    fn explain_agents(&self, view: &TaskView<'_>, causes: &mut Vec<Cause>) {
        let class = self.class_of(view.id, view.spec, view.state.role);
        if self.can_be_taken(&class) {
            return;
        }
        let skills = self.missing_skills(&class);
        let slug = self.role_slug(view.state.role);
        if !skills.is_empty() {
            let (listed, role) = (
                skills.join(", "),
                match view.state.role {
                    Some(_) => slug,
                    None => "ROLE",
                },
            );
            causes.push(cause(
                NO_AGENT_WITH_SKILLS,
                format!(
                    "{} needs {listed}, which no registered agent that fits has",
                    view.id
                ),
                skills.iter().map(ToString::to_string).collect(),
                "coordinator",
                format!(
                    "agent register NAME --role {role} --skill {}",
                    skills.join(",")
                ),
            ));
        } else if view.state.role.is_some() {
            causes.push(cause(
                NO_AGENT_FOR_ROLE,
                format!("no registered agent can fill the role {slug}"),
                vec![slug.to_owned()],
                "coordinator",
                format!("agent register NAME --role {slug}"),
            ));
        }
    }

    /// The post-checks that are still open of a task that is finished or under review, and who owes them.
    fn owed(&self, id: TaskId) -> String {
        let done = self.handed_over(id);
        let Some(done) = done.filter(|done| !done.open_checks.is_empty()) else {
            return String::new();
        };
        let names = done.open_checks.names().replace(',', ", ");
        let by = done.agent.map_or("its agent", |agent| agent);
        format!("; {by} has yet to attest {names}")
    }

    fn explain_status(&self, view: &TaskView<'_>, causes: &mut Vec<Cause>) {
        let id = view.id;
        let status = view.state.status;
        let (message, who, next) = match status {
            Status::Planned => return,
            Status::InReview => {
                let author = self.review(id).map_or("somebody", |review| &review.author);
                (
                    format!(
                        "{id} is under review: {author} handed it in, somebody else looks at it{}",
                        self.owed(id)
                    ),
                    "coordinator",
                    format!("review approve {id}"),
                )
            }
            Status::Claimed | Status::InProgress => {
                let holder = view
                    .state
                    .lease
                    .as_ref()
                    .map_or("somebody", |lease| &lease.agent);
                (
                    format!(
                        "{id} is held by {holder} ({})",
                        status.as_str().replace('_', " ")
                    ),
                    holder,
                    String::new(),
                )
            }
            Status::Completed => (
                format!("{id} is completed{}", self.owed(id)),
                "coordinator",
                format!("task reopen {id} --reason …"),
            ),
            Status::Deferred => (
                format!("{id} is deferred"),
                "coordinator",
                format!("task reinstate {id}"),
            ),
            Status::Cancelled => match view.spec.split_into() {
                [] => (format!("{id} is cancelled"), "coordinator", String::new()),
                [first, ..] => (
                    format!("{id} was {}", split_reason(view.spec.split_into())),
                    "coordinator",
                    format!("why {first}"),
                ),
            },
        };
        causes.push(cause(
            "NOT_PLANNED",
            message,
            vec![id.to_string()],
            who,
            next,
        ));
    }

    fn explain_project(&self, causes: &mut Vec<Cause>) {
        let Some(project) = self.project() else {
            return;
        };
        let (word, next) = match project.status {
            ProjectStatus::Active => return,
            ProjectStatus::Draft => ("a draft", "resume"),
            ProjectStatus::Paused => ("paused", "resume"),
            ProjectStatus::Completed => ("completed", "resume"),
            ProjectStatus::Archived => ("archived", ""),
        };
        let why = if project.status_reason.is_empty() {
            String::new()
        } else {
            format!(": {}", project.status_reason)
        };
        causes.push(cause(
            "PROJECT_PAUSED",
            format!("the project is {word}{why}"),
            vec![project.slug.to_string()],
            "coordinator",
            next.to_owned(),
        ));
    }

    /// Where only the active sprint is handed out, whoever holds a task goes on with it all the same.
    fn explain_sprint(&self, view: &TaskView<'_>, causes: &mut Vec<Cause>) {
        let id = view.id;
        let is_out = self.is_sprint_only() && !self.is_committed(id);
        if !is_out || view.state.status != Status::Planned {
            return;
        }
        let (message, refs) = match self.active_sprint() {
            Some(sprint) => (
                format!(
                    "{id} is not in {}, and only tasks of the active sprint are handed out",
                    sprint.id
                ),
                vec![sprint.id.to_string()],
            ),
            None => (
                "only tasks of an active sprint are handed out, and none is active".to_owned(),
                Vec::new(),
            ),
        };
        let next = match self.active_sprint() {
            Some(sprint) => format!("sprint add {} {id} --reason …", sprint.id),
            None => self.way_to_a_sprint(),
        };
        causes.push(cause("NOT_IN_SPRINT", message, refs, "coordinator", next));
    }

    fn explain_phase(&self, no: PhaseNo, causes: &mut Vec<Cause>) {
        let Some(phase) = self.phase(no) else { return };
        if phase.state != PhaseState::Open {
            causes.push(cause(
                "PHASE_CLOSED",
                format!("phase {} ({}) is closed", phase.id, phase.name),
                vec![format!("phase {}", phase.id)],
                "coordinator",
                format!("phase reopen {} --reason …", phase.id),
            ));
        } else if !self.phase_is_open(no) {
            for before in self.holding_up(no) {
                self.explain_locked(&phase.id, before, causes);
            }
        }
        if !self.index.phase_blockers.contains_key(&no) {
            return;
        }
        for blocker in self
            .open_blockers()
            .filter(|blocker| blocker.phase == Some(no))
        {
            let who = if blocker.owner.is_empty() {
                "coordinator"
            } else {
                &blocker.owner
            };
            causes.push(cause(
                "PHASE_BLOCKED",
                format!(
                    "phase {} is blocked by {}: {}",
                    phase.id, blocker.id, blocker.reason
                ),
                vec![blocker.id.to_string()],
                who,
                format!("blockers resolve {} --resolution …", blocker.id),
            ));
        }
        let open = self.decisions().filter(|it| it.answer.is_none());
        for decision in open.filter(|it| it.phases.contains(&no)) {
            causes.push(cause(
                "PHASE_BLOCKED",
                format!(
                    "phase {} waits for decision {}: {}",
                    phase.id, decision.id, decision.question
                ),
                vec![decision.id.to_string()],
                "coordinator",
                format!("decision decide {} --answer …", decision.id),
            ));
        }
    }

    /// The nearest phases before a phase that hold it up; those between are closed or ask for nothing.
    fn holding_up(&self, no: PhaseNo) -> Vec<PhaseNo> {
        let mut seen = BTreeSet::from([no]);
        let mut todo = vec![no];
        let mut found = Vec::new();
        while let Some(no) = todo.pop() {
            for before in self.predecessors(no) {
                if self.is_passed(before) || !seen.insert(before) {
                    continue;
                }
                let holds = self.phase(before).is_some_and(|phase| {
                    phase.state == PhaseState::Open && !self.is_no_barrier(phase)
                });
                if holds {
                    found.push(before);
                } else {
                    todo.push(before);
                }
            }
        }
        found
    }

    fn explain_locked(&self, locked: &str, before: PhaseNo, causes: &mut Vec<Cause>) {
        let Some(phase) = self.phase(before) else {
            return;
        };
        let refs = vec![format!("phase {}", phase.id)];
        let open = self.tally(before).open();
        if open > 0 {
            let left = if open == 1 {
                "1 of its tasks is not finished".to_owned()
            } else {
                format!("{open} of its tasks are not finished")
            };
            causes.push(cause(
                "PHASE_LOCKED",
                format!(
                    "phase {locked} waits for phase {} ({}): {left}",
                    phase.id, phase.name
                ),
                refs,
                "coordinator",
                format!("phase show {}", phase.id),
            ));
            return;
        }
        let unmet: Vec<_> = phase.unmet().collect();
        let mut unaccepted = self.unaccepted_of(before).peekable();
        let lacks = self.phase_gate_lacks(before, self.last_at());
        for lack in &lacks {
            causes.push(cause(
                "PHASE_GATING",
                format!(
                    "phase {locked} waits for phase {}: {} ({})",
                    phase.id, lack.description, lack.subject
                ),
                vec![format!("phase {}", phase.id), lack.gate.to_string()],
                &lack.who,
                lack.next.clone(),
            ));
        }
        if unmet.is_empty() && lacks.is_empty() && unaccepted.peek().is_none() {
            causes.push(cause(
                "PHASE_GATING",
                format!(
                    "phase {locked} waits for phase {} ({}): all it asks for is there, it is to be closed",
                    phase.id, phase.name
                ),
                refs.clone(),
                "coordinator",
                format!("phase close {}", phase.id),
            ));
        }
        for (number, criterion) in unmet {
            causes.push(cause(
                "PHASE_GATING",
                format!(
                    "phase {locked} waits for phase {}: criterion {number} is not met: {}",
                    phase.id, criterion.text
                ),
                refs.clone(),
                "coordinator",
                format!("phase meet {} {number} --evidence …", phase.id),
            ));
        }
        for deliverable in unaccepted {
            let who = match deliverable.status {
                DeliverableStatus::Submitted | DeliverableStatus::Accepted => "coordinator",
                DeliverableStatus::Pending | DeliverableStatus::Rejected => phase
                    .lead_role
                    .map_or("coordinator", |role| self.role_slug(Some(role))),
            };
            causes.push(cause(
                "PHASE_GATING",
                format!(
                    "phase {locked} waits for phase {}: deliverable {} ({}) is {}",
                    phase.id,
                    deliverable.id,
                    deliverable.name,
                    deliverable.standing()
                ),
                vec![format!("phase {}", phase.id), deliverable.id.to_string()],
                who,
                deliverable.next_command(),
            ));
        }
    }

    fn explain_dependency(
        &self,
        id: TaskId,
        spec: &Spec,
        dependency: &Dependency,
        causes: &mut Vec<Cause>,
    ) {
        match &dependency.on {
            On::Task(on) => causes.push(self.explain_predecessor(id, *on)),
            On::Phase(on) => causes.push(cause(
                "DEPENDENCY_UNMET",
                format!("waits for phase {on} to complete"),
                vec![format!("phase {on}")],
                "coordinator",
                format!("phase show {on}"),
            )),
            On::AllAbove => {
                let above: Vec<TaskId> = self.unfinished_above(id, spec).collect();
                let count = above.len();
                causes.push(cause(
                    "DEPENDENCY_UNMET",
                    format!("waits for {}: {count} unfinished", words(&dependency.on)),
                    above
                        .iter()
                        .take(ABOVE_LISTED_MAX)
                        .map(ToString::to_string)
                        .collect(),
                    "coordinator",
                    String::new(),
                ));
                let dropped = above.iter().filter(|on| {
                    self.task(**on)
                        .is_some_and(|before| before.state.status.is_terminal())
                });
                causes.extend(
                    dropped
                        .take(ABOVE_LISTED_MAX)
                        .map(|on| self.explain_predecessor(id, *on)),
                );
            }
        }
    }

    fn explain_predecessor(&self, id: TaskId, on: TaskId) -> Cause {
        let Some(before) = self.task(on) else {
            let message = format!("waits for {on}, which does not exist");
            return cause(
                "DEPENDENCY_UNMET",
                message,
                vec![on.to_string()],
                "coordinator",
                String::new(),
            );
        };
        let status = before.state.status;
        let word = status.as_str().replace('_', " ");
        if status.is_terminal() {
            return cause(
                "DEPENDENCY_DROPPED",
                format!("waits for {on} ({}), which is {word}", before.spec.title),
                vec![on.to_string()],
                "coordinator",
                format!("task waive {id} {on} --reason …"),
            );
        }
        let holder = before
            .state
            .lease
            .as_ref()
            .map(|lease| lease.agent.to_string());
        let who = holder.unwrap_or_else(|| self.role_slug(before.state.role).to_owned());
        cause(
            "DEPENDENCY_UNMET",
            format!("waits for {on} ({}), which is {word}", before.spec.title),
            vec![on.to_string()],
            &who,
            format!("why {on}"),
        )
    }

    fn explain_blockers(&self, id: TaskId, causes: &mut Vec<Cause>) {
        for blocker in self
            .blockers_of(id)
            .filter(|blocker| blocker.status.is_open())
        {
            let parked = blocker.kind == BlockerKind::Failure;
            let code = if parked {
                "TASK_PARKED"
            } else {
                "TASK_BLOCKED"
            };
            let verb = if parked {
                "is parked by"
            } else {
                "is blocked by"
            };
            let who = if blocker.owner.is_empty() {
                "coordinator"
            } else {
                &blocker.owner
            };
            causes.push(cause(
                code,
                format!("{verb} {}: {}", blocker.id, blocker.reason),
                vec![blocker.id.to_string()],
                who,
                format!("blockers resolve {} --resolution …", blocker.id),
            ));
        }
        for decision in self
            .decisions_of(id)
            .filter(|decision| decision.answer.is_none())
        {
            causes.push(cause(
                "DECISION_OPEN",
                format!("waits for decision {}: {}", decision.id, decision.question),
                vec![decision.id.to_string()],
                "coordinator",
                format!("decision decide {} --answer …", decision.id),
            ));
        }
    }
}
