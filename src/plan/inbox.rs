//! What waits for a person: criteria, gates, questions, decisions, discovered work, parked tasks, other open
//! blockers and roles without an agent, oldest first, each with the command that settles it.

use serde::Serialize;

use super::event::{BlockerKind, GateScope};
use super::id::PhaseNo;
use super::model::{Blocker, GateRun, Phase, PhaseState};
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
    /// Something that a quality gate waits for, or a gate that failed.
    Gate,
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

impl Plan {
    /// Everything that waits for a person, oldest first.
    pub fn inbox(&self) -> Vec<Waiting> {
        self.waiting(true)
    }

    /// The ids of the oldest things that wait for a person, each once; cheaper than the inbox, for it
    /// does not look at what they hold up.
    pub(super) fn waiting_ids(&self, limit: usize) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        let holds_nothing = |waiting: &Waiting| match waiting.kind {
            WaitKind::Discovered => true,
            WaitKind::Decision => waiting
                .id
                .parse()
                .ok()
                .and_then(|id| self.decision(id))
                .is_some_and(|decision| decision.blocks.is_empty()),
            WaitKind::Criterion
            | WaitKind::Question
            | WaitKind::Parked
            | WaitKind::Blocker
            | WaitKind::RoleWithoutAgent
            | WaitKind::PhaseToClose
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
        self.gates_waiting(weighed, &mut waiting);
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
                    self.held_with(&decision.blocks)
                } else {
                    0
                },
                command: format!("decision decide {} --answer …", decision.id),
            });
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
        waiting.sort_by(|one, other| {
            (one.since, one.kind, &one.id, &one.title).cmp(&(
                other.since,
                other.kind,
                &other.id,
                &other.title,
            ))
        });
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

    fn criteria_waiting(&self, phase: &Phase, weighed: bool, waiting: &mut Vec<Waiting>) {
        let Some(missing) = self.missing_for_close(phase.no, self.last_at()) else {
            return;
        };
        let tally = self.tally(phase.no);
        if tally.open() > 0 || (tally.all() == 0 && !self.phase_is_open(phase.no)) {
            return;
        }
        let since = self
            .tasks_of(phase.no)
            .filter_map(|view| view.state.completion.as_ref().map(|done| done.at))
            .max()
            .or_else(|| self.project().map(|project| project.created_at))
            .unwrap_or_default();
        let holds_up = if weighed {
            self.phase_holds_up(phase.no)
        } else {
            0
        };
        if missing.is_empty() {
            waiting.push(Waiting {
                kind: WaitKind::PhaseToClose,
                id: phase.id.to_string(),
                title: format!("phase {} ({}) can be closed", phase.id, phase.name),
                since,
                holds_up,
                command: format!("phase close {}", phase.id),
            });
        }
        let unmet = phase
            .criteria
            .iter()
            .enumerate()
            .filter(|(_, criterion)| criterion.met.is_none());
        waiting.extend(unmet.map(|(place, criterion)| Waiting {
            kind: WaitKind::Criterion,
            id: format!("phase {}", phase.id),
            title: format!(
                "phase {}, criterion {}: {}",
                phase.id,
                place + 1,
                criterion.text
            ),
            since,
            holds_up,
            command: format!("phase meet {} {} --evidence …", phase.id, place + 1),
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
                None => run.is_some_and(|run| !run.stale),
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
