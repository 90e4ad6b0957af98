//! Commands about the queues: blockers, discovered tasks, decisions.

use super::super::history::History;
use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{
    BlockerChanges, Command, DecisionChanges, DiscoveredChanges, NewBlocker, NewDiscovered, Ruling,
    Verdict,
};
use crate::plan::event::{BlockerKind, Severity};
use crate::plan::fact::Actor;
use crate::plan::id::{BlockerId, DecisionId, DiscoveredId, TaskId};
use crate::plan::model::Status;
use crate::plan::tests::{by, lead};

impl Step {
    fn blocker(&self, plan: &Plan, tasks: Vec<String>, phase: String, fence: u64) -> Command {
        let kinds = [
            BlockerKind::External,
            BlockerKind::Input,
            BlockerKind::Inconsistency,
            BlockerKind::Other,
            BlockerKind::Failure,
        ];
        Command::OpenBlocker(Box::new(NewBlocker {
            kind: kinds[usize::from(self.b) % kinds.len()],
            tasks,
            phase,
            fence,
            reason: "waits for the bank".to_owned(),
            owner: if self.c.is_multiple_of(3) {
                self.agent(plan)
            } else {
                String::new()
            },
            resolution_path: String::new(),
            severity: Severity::High,
            keep_lease: self.c.is_multiple_of(2),
        }))
    }

    pub(super) fn queues(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        let open: Vec<BlockerId> = plan.open_blockers().map(|blocker| blocker.id).collect();
        let blocker = pick(&open, self.a).unwrap_or(BlockerId(u32::from(self.a % 5) + 1));
        let someone = if self.b.is_multiple_of(3) {
            by(&self.agent(plan))
        } else {
            lead()
        };
        match self.kind {
            65 | 66 => {
                let (actor, task, fence) = self.held(plan, history);
                (actor, self.blocker(plan, vec![task], String::new(), fence))
            }
            67 => {
                let tasks = vec![Self::any_task(plan, self.a), Self::any_task(plan, self.b)];
                let phase = self.c.is_multiple_of(4);
                let phase = phase.then(|| Self::any_phase(plan, self.c));
                (
                    lead(),
                    self.blocker(plan, tasks, phase.unwrap_or_default(), 0),
                )
            }
            68..=70 => {
                let command = Command::ResolveBlocker {
                    blocker,
                    resolution: "the bank answered".to_owned(),
                    withdraw: self.c.is_multiple_of(3),
                };
                (someone, command)
            }
            71 if !self.c.is_multiple_of(3) => {
                (self.coordinator(plan), self.other_blocker(plan, blocker))
            }
            71 => {
                let (reason, owner) = ("urgent".to_owned(), self.agent(plan));
                (
                    someone,
                    Command::EscalateBlocker {
                        blocker,
                        reason,
                        owner,
                    },
                )
            }
            73 if self.c % 3 == 1 => (someone, self.other_words(plan)),
            72 | 73 => {
                let command = Command::ReportDiscovered(Box::new(NewDiscovered {
                    title: "Found it".to_owned(),
                    suggested_phase: if self.c.is_multiple_of(2) {
                        Self::any_phase(plan, self.a)
                    } else {
                        String::new()
                    },
                    ..NewDiscovered::default()
                }));
                (someone, command)
            }
            74 | 75 => (self.coordinator(plan), self.triage(plan)),
            76 if plan.decisions().all(|it| it.revisit.is_empty()) => {
                let command = Command::OpenDecision {
                    question: "Which bank?".to_owned(),
                    options: vec!["this".to_owned(), "that".to_owned()],
                    blocks: vec![Self::any_task(plan, self.a), Self::any_task(plan, self.b)],
                    selectors: Vec::new(),
                    phases: self
                        .c
                        .is_multiple_of(4)
                        .then(|| Self::any_phase(plan, self.c))
                        .into_iter()
                        .collect(),
                };
                (self.coordinator(plan), command)
            }
            _ => (self.coordinator(plan), self.ruling_on(plan)),
        }
    }

    fn ruling_on(&self, plan: &Plan) -> Command {
        let open: Vec<DecisionId> = plan
            .decisions()
            .filter(|decision| decision.answer.is_none())
            .map(|decision| decision.id)
            .collect();
        let decided = plan.decisions().filter(|it| it.answer.is_some());
        let decided: Vec<DecisionId> = decided.map(|decision| decision.id).collect();
        // What somebody relied on is given up more often than what nobody did.
        let relied_on = |decision: &&crate::plan::model::Decision| {
            let done = |task: &TaskId| plan.is_completed(*task);
            decision.holds() && decision.blocks.iter().any(done)
        };
        let relied_on = plan.decisions().filter(relied_on);
        let relied_on: Vec<DecisionId> = relied_on.map(|decision| decision.id).collect();
        let decided = match relied_on.is_empty() || self.a.is_multiple_of(3) {
            true => decided,
            false => relied_on,
        };
        let open = pick(&open, self.a).unwrap_or(DecisionId(1));
        let decided = pick(&decided, self.b).unwrap_or(DecisionId(1));
        let ruling = Box::new(Ruling {
            answer: "this".to_owned(),
            ..Ruling::default()
        });
        let listed = plan.decisions().flat_map(|decision| {
            let tasks = decision.revisit.iter();
            tasks.map(|task| (decision.id, *task))
        });
        let listed: Vec<(DecisionId, TaskId)> = listed.collect();
        // There is seldom anything to be looked at again, so it is taken up when there is.
        let step = match self.c % 8 {
            _ if !listed.is_empty() && !self.a.is_multiple_of(5) => 4,
            step => step,
        };
        match step {
            5 => self.other_decision(plan, open),
            0 => Command::ProposeDecision {
                decision: open,
                answer: format!("proposal {}", self.a % 30),
                rationale: String::new(),
            },
            1 | 2 => Command::SupersedeDecision {
                decision: decided,
                question: String::new(),
                ruling,
            },
            3 => Command::DeprecateDecision {
                decision: decided,
                reason: "the bank closed".to_owned(),
            },
            4 => {
                let (decision, task) = pick(&listed, self.a).unwrap_or((decided, TaskId(1)));
                Command::RevisitTask {
                    decision,
                    task: task.to_string(),
                    note: "still good".to_owned(),
                }
            }
            _ => Command::Decide {
                decision: open,
                ruling,
            },
        }
    }

    /// A task into a blocker, or one out of it, or other words about it.
    fn other_blocker(&self, plan: &Plan, id: BlockerId) -> Command {
        let named = plan.blocker(id).map(|it| it.tasks.to_vec());
        let named = pick(&named.unwrap_or_default(), self.c);
        let mut changes = BlockerChanges::default();
        match self.b % 4 {
            0 => changes.tasks_removed.extend(named.map(|it| it.to_string())),
            1 => {
                changes.severity = Some(Severity::Low);
                changes.owner = Some(self.agent(plan));
            }
            _ => {
                let open = [Status::Planned, Status::InProgress];
                changes.tasks_added = vec![Self::task_in(plan, &open, self.c)];
            }
        }
        Command::UpdateBlocker {
            blocker: id,
            changes: Box::new(changes),
        }
    }

    /// Tasks and phases into an open decision, or out of it.
    fn other_decision(&self, plan: &Plan, id: DecisionId) -> Command {
        let decision = plan.decision(id);
        let named = decision.map(|it| it.blocks.to_vec()).unwrap_or_default();
        let held = decision.map(|it| it.phases.to_vec()).unwrap_or_default();
        let mut changes = DecisionChanges::default();
        match self.b % 4 {
            0 => {
                let named = pick(&named, self.a).map(|it| it.to_string());
                changes.tasks_removed.extend(named);
            }
            1 => {
                let held = pick(&held, self.a).map(|no| plan.phase_id(no).to_owned());
                changes.phases_removed.extend(held);
                changes.question = Some(format!("Which bank, of {}?", self.a % 9));
            }
            2 => changes.phases_added = vec![Self::any_phase(plan, self.a)],
            _ => {
                let open = [Status::Planned, Status::InProgress];
                changes.tasks_added = vec![Self::task_in(plan, &open, self.a)];
            }
        }
        Command::UpdateDecision {
            decision: id,
            changes: Box::new(changes),
        }
    }

    fn other_words(&self, plan: &Plan) -> Command {
        let waiting: Vec<DiscoveredId> = plan.untriaged().map(|found| found.id).collect();
        Command::UpdateDiscovered {
            discovered: pick(&waiting, self.a).unwrap_or(DiscoveredId(1)),
            changes: Box::new(DiscoveredChanges {
                title: Some(format!("Found {} of it", self.b % 9)),
                ..DiscoveredChanges::default()
            }),
        }
    }

    fn triage(&self, plan: &Plan) -> Command {
        let waiting: Vec<DiscoveredId> = plan.untriaged().map(|found| found.id).collect();
        let discovered = pick(&waiting, self.a).unwrap_or(DiscoveredId(1));
        let verdict = match self.b % 6 {
            0 => Verdict::Defer,
            1 => Verdict::Reject,
            2 => Verdict::Duplicate(format!("D-{}", self.c % 4 + 1)),
            _ => Verdict::Promote {
                phase: String::new(),
                role: String::new(),
                priority: None,
                estimate: self.estimate(),
                dependencies: vec![self.on(plan, self.c)],
            },
        };
        Command::TriageDiscovered {
            discovered,
            verdict,
            note: String::new(),
        }
    }
}
