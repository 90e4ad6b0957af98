//! A random step as a few small numbers, and the command they stand for in the plan at hand: valid more
//! often than not, so that the runs get somewhere.

mod beginning;
mod clock;
mod edits;
mod gates;
mod house;
mod planning;
mod points;
mod queues;
mod registers;
mod reviews;
mod rules;
mod sprints;
mod teams;
mod watch;
mod work;
mod workflows;

use proptest::prelude::Rng;

use super::history::History;
use crate::plan::Plan;
use crate::plan::command::{Command, OnRef};
use crate::plan::fact::Actor;
use crate::plan::id::TaskId;
use crate::plan::model::{Phase, Status, WorkflowRun, WorkflowRunStatus};
use crate::plan::tests::{by, lead};
use crate::plan::time::{Estimate, EstimateUnit};

pub use beginning::Beginning;

const ROLES: [&str; 5] = ["", "developer", "backend", "sre", "qa"];
const KINDS: u32 = 213;

/// One step; what the numbers mean depends on the plan.
#[derive(Debug, Clone)]
pub struct Step {
    kind: u8,
    actor: u8,
    a: u16,
    b: u16,
    c: u16,
}

fn pick<T: Clone>(all: &[T], by: u16) -> Option<T> {
    let place = usize::from(by).checked_rem(all.len())?;
    all.get(place).cloned()
}

impl Step {
    /// A step by chance.
    pub fn draw(chance: &mut impl Rng) -> Self {
        let mut below = |limit: u32| u16::try_from(chance.next_u32() % limit).unwrap_or(0);
        Self {
            kind: u8::try_from(below(KINDS)).unwrap_or(0),
            actor: u8::try_from(below(256)).unwrap_or(0),
            a: below(1_000),
            b: below(1_000),
            c: below(1_000),
        }
    }

    /// How long after the step before it.
    pub fn wait_ms(&self) -> i64 {
        i64::from(self.c) * 100
    }

    /// Whether the plan is settled after it.
    pub fn settles(&self) -> bool {
        self.b.is_multiple_of(3)
    }

    /// The command this step stands for.
    pub fn command(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        if !plan.hands_out() && self.b.is_multiple_of(4) {
            return (lead(), Command::ResumeProject);
        }
        let kind = self.seldom(plan).unwrap_or(self.kind);
        Self {
            kind,
            ..self.clone()
        }
        .of_kind(plan, history)
    }

    /// The kind of a step that is seldom possible and is now, a quarter of the time.
    fn seldom(&self, plan: &Plan) -> Option<u8> {
        if !self.a.is_multiple_of(4) {
            return None;
        }
        let runs = || plan.workflow_runs();
        let gating = |run: &&WorkflowRun| run.status == WorkflowRunStatus::Gating;
        let unsigned = |run: &WorkflowRun| run.each_signature().any(|(_, it)| it.is_none());
        let idle = |run: &WorkflowRun| {
            run.status == WorkflowRunStatus::Running && run.definition.phases.is_empty()
        };
        let closable = |phase: &Phase| {
            let missing = plan.missing_for_close(phase.no, plan.last_at());
            missing.is_some_and(|missing| missing.is_empty())
        };
        let unconfirmed = |run: &WorkflowRun| run.status.is_open() && !run.confirmed;
        let possible = [
            (158, runs().any(unconfirmed)),
            (163, runs().filter(gating).any(unsigned)),
            (162, runs().any(|run| gating(&run))),
            (165, runs().any(idle)),
            (93, plan.phases().any(closable)),
            (
                95,
                plan.hands_out() && plan.end_lacks(plan.last_at()).is_empty(),
            ),
        ];
        let possible: Vec<u8> = possible
            .into_iter()
            .filter(|(_, is)| *is)
            .map(|(kind, _)| kind)
            .collect();
        pick(&possible, self.b)
    }

    fn of_kind(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        match self.kind {
            0..=7 => (self.coordinator(plan), self.planning(plan)),
            8..=34 => (by(&self.agent(plan)), self.claim(plan)),
            35..=64 => self.work(plan, history),
            65..=78 => self.queues(plan, history),
            79..=93 => (self.coordinator(plan), self.edit(plan)),
            108..=115 => self.deliverables(plan),
            116..=122 => (self.coordinator(plan), self.milestones(plan)),
            123..=127 => (self.coordinator(plan), self.risks(plan)),
            128..=141 => self.gates(plan),
            149..=154 => self.reviews(plan),
            191..=196 => (self.coordinator(plan), self.rules(plan)),
            177..=180 => self.integrations(plan),
            181..=186 => self.rollouts(plan),
            187..=190 => self.references(plan),
            200..=205 => self.clock(plan),
            206..=208 => self.checklist(plan),
            209..=210 => self.standup(plan),
            211..=212 => self.watch(plan),
            142..=148 => (self.coordinator(plan), self.sprints(plan)),
            155..=168 => self.workflows(plan),
            169..=176 => (self.coordinator(plan), self.teams(plan)),
            _ => self.house(plan, history),
        }
    }

    /// An agent that can act, seldom one that has left.
    fn agent(&self, plan: &Plan) -> String {
        let anybody = self.c.is_multiple_of(29);
        let agents: Vec<String> = plan
            .agents()
            .filter(|agent| anybody || !agent.retired)
            .map(|agent| agent.name.to_string())
            .collect();
        pick(&agents, u16::from(self.actor)).unwrap_or_else(|| "nobody".to_owned())
    }

    /// The coordinator, seldom an agent that has no say.
    fn coordinator(&self, plan: &Plan) -> Actor {
        if self.c.is_multiple_of(31) {
            by(&self.agent(plan))
        } else {
            lead()
        }
    }

    fn any_task(plan: &Plan, by: u16) -> String {
        let tasks: Vec<TaskId> = plan.tasks().map(|view| view.id).collect();
        pick(&tasks, by).map_or_else(|| "T-1".to_owned(), |id| id.to_string())
    }

    /// A task of a status, else any.
    fn task_in(plan: &Plan, statuses: &[Status], by: u16) -> String {
        let tasks: Vec<TaskId> = plan
            .tasks()
            .filter(|view| statuses.contains(&view.state.status))
            .map(|view| view.id)
            .collect();
        pick(&tasks, by).map_or_else(|| Self::any_task(plan, by), |id| id.to_string())
    }

    fn any_phase(plan: &Plan, by: u16) -> String {
        let phases: Vec<String> = plan.phases().map(|phase| phase.id.to_string()).collect();
        pick(&phases, by).unwrap_or_else(|| "1".to_owned())
    }

    fn on(&self, plan: &Plan, by: u16) -> OnRef {
        match by % 9 {
            0 => OnRef::Phase(Self::any_phase(plan, by / 9)),
            1 => OnRef::AllAbove,
            _ => OnRef::Task(Self::any_task(plan, by / 9)),
        }
    }

    fn estimate(&self) -> Option<Estimate> {
        let unit = [
            EstimateUnit::Minute,
            EstimateUnit::Hour,
            EstimateUnit::Session,
        ];
        (!self.c.is_multiple_of(4)).then(|| Estimate {
            tenths: u32::from(self.c % 70) + 1,
            unit: unit[usize::from(self.c % 3)],
        })
    }
}
