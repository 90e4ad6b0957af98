//! What waits for a person: criteria, deliverables, gates, questions, decisions, discovered work, parked tasks, other open
//! blockers and roles without an agent, oldest first, each with the command that settles it.

use serde::Serialize;

use super::event::{BlockerKind, Executor, GateScope, ItemState};
use super::id::PhaseNo;
use super::model::{Blocker, Decision, DeliverableStatus, GateRun, Phase, PhaseState};
use super::state::Plan;
use super::time::Timestamp;

/// What kind of thing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// A phase criterion nobody has confirmed, of a phase whose tasks are all terminal.
    Criterion,
    /// A question of an agent.
    Question,
    /// An open decision.
    Decision,
    /// A task that relied on a decision which holds no more.
    Revisit,
    /// An untriaged discovered task.
    Discovered,
    /// A task parked after failed attempts.
    Parked,
    /// Another open blocker.
    Blocker,
    /// A role with open tasks that no registered agent can fill.
    RoleWithoutAgent,
    /// A phase whose conditions hold, to be closed by hand.
    PhaseToClose,
    /// A deliverable that was submitted, or one that a phase without open tasks still lacks.
    Deliverable,
    /// A milestone of whose checklist something is left to be ticked, and of nothing else.
    Milestone,
    /// Something that a quality gate waits for, or a gate that failed.
    Gate,
    /// The active sprint, once its last day has passed.
    Sprint,
    /// Work that was handed in for review.
    Review,
    /// An integration point to be tested, or an external system that is overdue.
    Integration,
    /// A rollout that somebody must take on.
    Rollout,
    /// A task that cannot be started before it refers to what the project requires.
    References,
    /// Something that a run of a workflow waits for.
    Workflow,
    /// A milestone whose day has passed and that is neither reached nor missed.
    OverdueMilestone,
    /// Skills that ready tasks need and that no registered agent which fits has.
    SkillWithoutAgent,
    /// Items of the open checklist that somebody must look at.
    Checklist,
    /// Something to know, such as a lease that runs out; the command helps to look at it.
    Mark,
    /// The project, once nothing is left to be done in it.
    ProjectToComplete,
}

/// One thing that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// What kind of thing.
    pub kind: WaitKind,
    /// Its id: `B-2`, `DEC-1`, `D-5`, a phase's id, a role's slug.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// Since when.
    pub since: Timestamp,
    /// How many open tasks wait for it, directly or not.
    pub holds_up: u32,
    /// The command line that settles it, without the program's name.
    pub command: String,
}

/// Tasks named in a line.
const NAMED_MAX: usize = 10;

/// Oldest first.
fn sort(waiting: &mut [Waiting]) {
    waiting.sort_by(|one, other| {
        (one.since, one.kind, &one.id, &one.title).cmp(&(
            other.since,
            other.kind,
            &other.id,
            &other.title,
        ))
    });
}

impl Plan {
    /// Everything that waits for a person, oldest first.
    pub fn inbox(&self) -> Vec<Waiting> {
        self.waiting(true)
    }

    /// The same with what only a look at the calendar tells.
    pub fn inbox_with(&self, more: impl IntoIterator<Item = Waiting>) -> Vec<Waiting> {
        let mut waiting = self.inbox();
        waiting.extend(more);
        sort(&mut waiting);
        waiting
    }

    /// The ids of the oldest things that wait for a person, each once; cheaper than the inbox, for it
    /// does not look at what they hold up.
    pub(super) fn waiting_ids(&self, limit: usize) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        let holds_nothing = |waiting: &Waiting| match waiting.kind {
            WaitKind::Discovered | WaitKind::Milestone => true,
            WaitKind::Decision => waiting
                .id
                .parse()
                .ok()
                .and_then(|id| self.decision(id))
                .is_some_and(|decision| decision.blocks.is_empty() && decision.phases.is_empty()),
            WaitKind::Revisit
            | WaitKind::Sprint
            | WaitKind::OverdueMilestone
            | WaitKind::ProjectToComplete
            | WaitKind::Workflow
            | WaitKind::Integration
            | WaitKind::Rollout
            | WaitKind::References
            | WaitKind::Checklist
            | WaitKind::Mark => true,
            WaitKind::Deliverable => waiting
                .id
                .parse()
                .ok()
                .and_then(|id| self.deliverable(id)?.phase)
                .is_none_or(|no| self.tally(no).open() > 0),
            WaitKind::Criterion
            | WaitKind::Question
            | WaitKind::Parked
            | WaitKind::Blocker
            | WaitKind::RoleWithoutAgent
            | WaitKind::SkillWithoutAgent
            | WaitKind::PhaseToClose
            | WaitKind::Review
            | WaitKind::Gate => false,
        };
        let waiting = self.waiting(false).into_iter();
        for waiting in waiting.filter(|waiting| !holds_nothing(waiting)) {
            if ids.len() < limit && !ids.contains(&waiting.id) {
                ids.push(waiting.id);
            }
        }
        ids
    }

    /// What waits for a person; what it holds up is left at 0 unless it is to be `weighed`.
    fn waiting(&self, weighed: bool) -> Vec<Waiting> {
        let mut waiting: Vec<Waiting> = Vec::new();
        for phase in self.phases() {
            self.criteria_waiting(phase, weighed, &mut waiting);
        }
        self.deliverables_waiting(weighed, &mut waiting);
        self.milestones_waiting(&mut waiting);
        self.gates_waiting(weighed, &mut waiting);
        self.end_waiting(&mut waiting);
        waiting.extend(self.checklist_waiting());
        self.tests_waiting(&mut waiting);
        self.rollouts_waiting(&mut waiting);
        self.references_waiting(&mut waiting);
        self.workflows_waiting(&mut waiting);
        self.marks_waiting(&mut waiting);
        waiting.extend(
            self.open_blockers()
                .map(|blocker| self.blocker_waiting(blocker, weighed)),
        );
        for decision in self
            .decisions()
            .filter(|decision| decision.answer.is_none())
        {
            waiting.push(Waiting {
                kind: WaitKind::Decision,
                id: decision.id.to_string(),
                title: decision.question.to_string(),
                since: decision.opened_at,
                holds_up: if weighed {
                    let phases = decision.phases.iter();
                    let by_phase = phases.map(|no| self.phase_holds_up(*no)).max();
                    self.held_with(&decision.blocks).max(by_phase.unwrap_or(0))
                } else {
                    0
                },
                command: format!("decision decide {} --answer …", decision.id),
            });
        }
        waiting.extend(self.reviews().map(|(id, review)| Waiting {
            kind: WaitKind::Review,
            id: id.to_string(),
            title: format!("{} (handed in by {})", self.title(id), review.author),
            since: review.at,
            holds_up: if weighed { self.held_with(&[id]) } else { 0 },
            command: format!("review approve {id}"),
        }));
        for decision in self.decisions().filter(|it| !it.revisit.is_empty()) {
            self.revisits_waiting(decision, &mut waiting);
        }
        waiting.extend(self.untriaged().map(|found| Waiting {
            kind: WaitKind::Discovered,
            id: found.id.to_string(),
            title: found.title.to_string(),
            since: found.found_at,
            holds_up: 0,
            command: format!("triage {} --promote", found.id),
        }));
        let created = self
            .project()
            .map_or(Timestamp(0), |project| project.created_at);
        for (role, count) in self.roles_without_agent() {
            let slug = self.role_slug(Some(role));
            let noun = if count == 1 { "task" } else { "tasks" };
            waiting.push(Waiting {
                kind: WaitKind::RoleWithoutAgent,
                id: slug.to_owned(),
                title: format!("no agent can fill the role {slug}; {count} open {noun}"),
                since: created,
                holds_up: count,
                command: format!("agent register NAME --role {slug}"),
            });
        }
        for (skills, count) in self.skills_without_agent() {
            let noun = if count == 1 {
                "task needs"
            } else {
                "tasks need"
            };
            waiting.push(Waiting {
                kind: WaitKind::SkillWithoutAgent,
                title: format!("{count} ready {noun} {skills}, which no agent that fits has"),
                since: created,
                holds_up: count,
                command: format!(
                    "agent register NAME --role ROLE --skill {}",
                    skills.replace(", ", ",")
                ),
                id: skills,
            });
        }
        sort(&mut waiting);
        waiting
    }

    /// Open tasks named, and those behind them.
    fn held_with(&self, tasks: &[super::id::TaskId]) -> u32 {
        let open = tasks
            .iter()
            .filter(|id| {
                self.task(**id)
                    .is_some_and(|view| !view.state.status.is_terminal())
            })
            .count();
        self.holds_up(tasks)
            .saturating_add(u32::try_from(open).unwrap_or(u32::MAX))
    }

    /// Tasks that relied on a decision which holds no more.
    fn revisits_waiting(&self, decision: &Decision, waiting: &mut Vec<Waiting>) {
        let (before, since) = match (&decision.deprecated, &decision.answer, decision.supersedes) {
            (Some((_, at, _)), _, _) => (decision.id, *at),
            (None, Some(answer), Some(before)) => (before, answer.at),
            (None, _, _) => (decision.id, decision.opened_at),
        };
        for task in &decision.revisit {
            let title = self.task(*task).map_or("", |view| &view.spec.title);
            waiting.push(Waiting {
                kind: WaitKind::Revisit,
                id: task.to_string(),
                title: format!("{title} (relied on {before})"),
                since,
                holds_up: 0,
                command: format!("decision revisit {} {task} --note …", decision.id),
            });
        }
    }

    /// What was submitted, and what phases whose tasks are all terminal still lack.
    fn deliverables_waiting(&self, weighed: bool, waiting: &mut Vec<Waiting>) {
        let gating = self.phases().filter(|phase| self.only_lacks_words(phase));
        let lacking = gating.flat_map(|phase| {
            let since = self.tasks_done_since(phase);
            self.unaccepted_of(phase.no)
                .filter(|it| it.status != DeliverableStatus::Submitted)
                .map(move |it| (it, since.max(it.added_at)))
        });
        let submitted = self.submitted().map(|it| {
            let at = it.submission.as_ref().map(|submission| submission.at);
            (it, at.unwrap_or(it.added_at))
        });
        waiting.extend(submitted.chain(lacking).map(|(deliverable, since)| {
            let holding = deliverable.phase.filter(|no| self.tally(*no).open() == 0);
            let holding = holding.filter(|_| weighed);
            Waiting {
                kind: WaitKind::Deliverable,
                id: deliverable.id.to_string(),
                title: format!("{} is {}", deliverable.name, deliverable.standing()),
                since,
                holds_up: holding.map_or(0, |no| self.phase_holds_up(no)),
                command: deliverable.next_command(),
            }
        }));
    }

    /// Milestones whose phases, tasks and deliverables are all done and whose checklist is not.
    fn milestones_waiting(&self, waiting: &mut Vec<Waiting>) {
        let linked = self.milestones_ahead().filter(|it| it.is_linked());
        for milestone in linked.filter(|it| self.has_its_links(it)) {
            let numbered = (1..).zip(milestone.checklist.iter());
            let mut open = numbered.filter(|(_, item)| item.ticked.is_none());
            if let Some((number, item)) = open.next() {
                let id = milestone.id;
                waiting.push(Waiting {
                    kind: WaitKind::Milestone,
                    id: id.to_string(),
                    title: format!("{}, item {number}: {}", milestone.name, item.text),
                    since: milestone.added_at,
                    holds_up: 0,
                    command: format!("milestone tick {id} {number}"),
                });
            }
        }
    }

    /// Whether a phase asks for something and no task of it is left to be done.
    fn only_lacks_words(&self, phase: &Phase) -> bool {
        let tally = self.tally(phase.no);
        let begun = tally.all() > 0 || self.phase_is_open(phase.no);
        self.asks_for_something(phase.no) && tally.open() == 0 && begun
    }

    pub(super) fn tasks_done_since(&self, phase: &Phase) -> Timestamp {
        self.tasks_of(phase.no)
            .filter_map(|view| view.state.completion.as_ref().map(|done| done.at))
            .max()
            .or_else(|| self.project().map(|project| project.created_at))
            .unwrap_or_default()
    }

    fn criteria_waiting(&self, phase: &Phase, weighed: bool, waiting: &mut Vec<Waiting>) {
        if !self.only_lacks_words(phase) {
            return;
        }
        let since = self.tasks_done_since(phase);
        let holds_up = if weighed {
            self.phase_holds_up(phase.no)
        } else {
            0
        };
        if self.lacks_nothing(phase.no, self.last_at()) {
            waiting.push(Waiting {
                kind: WaitKind::PhaseToClose,
                id: phase.id.to_string(),
                title: format!("phase {} ({}) can be closed", phase.id, phase.name),
                since,
                holds_up,
                command: format!("phase close {}", phase.id),
            });
        }
        waiting.extend(phase.unmet().map(|(number, criterion)| Waiting {
            kind: WaitKind::Criterion,
            id: format!("phase {}", phase.id),
            title: format!("phase {}, criterion {number}: {}", phase.id, criterion.text),
            since,
            holds_up,
            command: format!("phase meet {} {number} --evidence …", phase.id),
        }));
    }

    /// What gates wait for that somebody must give: of phases whose tasks are all terminal, and of runs of
    /// any other gate.
    fn gates_waiting(&self, weighed: bool, waiting: &mut Vec<Waiting>) {
        for gate in self.gates().filter(|gate| gate.retired.is_none()) {
            let run = self.newest_run(gate);
            let phase = match &gate.scope {
                GateScope::Phase(phase) => self.phase_no(phase),
                GateScope::Completion(_) => continue,
                GateScope::Deployment(_)
                | GateScope::Workflow(_)
                | GateScope::Project
                | GateScope::Daily => None,
            };
            let counts = match phase {
                Some(no) => self.gate_of_phase_waits(no, run),
                None => {
                    let fresh = run.is_some_and(|run| !run.stale);
                    fresh || gate.scope == GateScope::Project && self.waits_for_its_end()
                }
            };
            if !counts {
                continue;
            }
            let since = run.map_or(gate.defined_at, |run| {
                run.settled_at.unwrap_or(run.started_at)
            });
            let holds_up = match phase {
                Some(no) if weighed => self.phase_holds_up(no),
                Some(_) | None => 0,
            };
            let lacks = self.lacks_of(gate, self.last_at()).into_iter();
            waiting.extend(lacks.filter(|lack| !lack.next.is_empty()).map(|lack| {
                let of_phase =
                    phase.map_or_else(String::new, |no| format!(", phase {}", self.phase_id(no)));
                Waiting {
                    kind: WaitKind::Gate,
                    id: lack.gate.to_string(),
                    title: format!(
                        "{}{of_phase}: {} (from {})",
                        lack.subject, lack.description, lack.who
                    ),
                    since,
                    holds_up,
                    command: lack.next,
                }
            }));
        }
    }

    /// Whether every task is terminal, and nobody has said that the project is completed.
    fn waits_for_its_end(&self) -> bool {
        self.hands_out() && self.is_worked_off()
    }

    /// The open checklist, while somebody must look at items of it: what gives its own result is not waited for here.
    fn checklist_waiting(&self) -> Option<Waiting> {
        let run = self.open_checklist_run()?;
        let open = run.each().filter(|(_, item)| match item.state {
            ItemState::NeedsAttention | ItemState::Failed => true,
            ItemState::Pending => item.spec.executor == Executor::Manual,
            ItemState::Done | ItemState::Skipped => false,
        });
        let open: Vec<(u32, &str)> = open
            .map(|(number, item)| (number, &*item.spec.name))
            .collect();
        let (first, _) = open.first()?;
        let names: Vec<&str> = open.iter().map(|(_, name)| *name).take(NAMED_MAX).collect();
        let noun = if open.len() == 1 { "item" } else { "items" };
        Some(Waiting {
            kind: WaitKind::Checklist,
            id: run.id.to_string(),
            title: format!(
                "{} {noun} of the checklist of {} to look at: {}",
                open.len(),
                run.day,
                names.join(", ")
            ),
            since: run.opened_at,
            holds_up: 0,
            command: format!("checklist tick {first} --note …"),
        })
    }

    /// The project itself, once something was completed in it and nothing is missing.
    fn end_waiting(&self, waiting: &mut Vec<Waiting>) {
        let Some(project) = self.project().filter(|_| self.waits_for_its_end()) else {
            return;
        };
        if self.total().completed == 0 || !self.end_lacks(self.last_at()).is_empty() {
            return;
        }
        let since = self
            .phases()
            .map(|phase| self.tasks_done_since(phase))
            .max();
        waiting.push(Waiting {
            kind: WaitKind::ProjectToComplete,
            id: project.slug.to_string(),
            title: format!(
                "{}: every task is finished; complete the project",
                project.name
            ),
            since: since.unwrap_or(project.created_at),
            holds_up: 0,
            command: "project complete".to_owned(),
        });
    }

    /// Whether a phase waits for its gate: its tasks are all terminal, or it closed under a waiver that has
    /// run out since.
    fn gate_of_phase_waits(&self, no: PhaseNo, run: Option<&GateRun>) -> bool {
        let tally = self.tally(no);
        match self.phase(no).map(|phase| phase.state) {
            Some(PhaseState::Open) => {
                tally.open() == 0 && (tally.all() > 0 || self.phase_is_open(no))
            }
            Some(PhaseState::Completed) => run.is_some_and(|run| {
                let waiver = run.waiver.as_ref();
                !run.stale && waiver.is_some_and(|waiver| waiver.expired)
            }),
            Some(PhaseState::Skipped) | None => false,
        }
    }

    fn blocker_waiting(&self, blocker: &Blocker, weighed: bool) -> Waiting {
        let kind = match blocker.kind {
            BlockerKind::Input | BlockerKind::Inconsistency => WaitKind::Question,
            BlockerKind::Failure => WaitKind::Parked,
            BlockerKind::Dependency
            | BlockerKind::Decision
            | BlockerKind::External
            | BlockerKind::Other => WaitKind::Blocker,
        };
        let named = blocker.tasks.iter().take(NAMED_MAX);
        let mut what: Vec<String> = named.map(ToString::to_string).collect();
        let more = blocker.tasks.len().saturating_sub(NAMED_MAX);
        if more > 0 {
            what.push(format!("{more} more"));
        }
        let phase = blocker
            .phase
            .map(|no| format!("phase {}", self.phase_id(no)));
        let what: Vec<String> = what.into_iter().chain(phase).collect();
        let verb = if kind == WaitKind::Question {
            "--answer"
        } else {
            "--resolution"
        };
        let holds_up = || {
            let behind = blocker.phase.map_or(0, |no| {
                self.phase_holds_up(no)
                    .saturating_add(self.tally(no).open())
            });
            self.held_with(&blocker.tasks).max(behind)
        };
        Waiting {
            kind,
            id: blocker.id.to_string(),
            title: if what.is_empty() {
                blocker.reason.to_string()
            } else {
                format!("{}: {}", what.join(", "), blocker.reason)
            },
            since: blocker.since,
            holds_up: if weighed { holds_up() } else { 0 },
            command: format!("blockers resolve {} {verb} …", blocker.id),
        }
    }
}
