//! Random plans for questions that are asked of them: tasks with every kind of wait, then what people do with
//! them. Whatever a plan refuses changes nothing.

use proptest::prelude::*;

use super::super::Plan;
use super::super::command::{Claim, Command, Complete, NewPhase, NewTask, OnRef, PhaseChanges};
use super::super::decide::decide;
use super::super::event::{Event, On};
use super::super::fact::Actor;
use super::super::id::TaskId;
use super::super::time::{Estimate, EstimateUnit};
use super::{by, facts, lead, plan};

pub(in crate::plan) const ROLES: [&str; 5] = ["", "developer", "backend", "qa", "devops"];

#[derive(Debug, Clone)]
pub(in crate::plan) struct Drawn {
    phase: usize,
    role: usize,
    priority: u8,
    minutes: u32,
    on: Vec<usize>,
    above: bool,
    whole: Option<usize>,
}

/// What happens to a drawn plan afterwards.
#[derive(Debug, Clone)]
pub(in crate::plan) enum Then {
    Done(usize),
    Claimed(usize),
    Deferred(usize),
    Waived(usize, usize),
    WaivedAbove(usize, usize),
    Blocked(usize),
    Overridden(usize),
    SideBySide(usize),
}

pub(in crate::plan) fn drawn() -> impl Strategy<Value = Drawn> {
    (
        0..3_usize,
        0..ROLES.len(),
        0..4_u8,
        1..9_u32,
        prop::collection::vec(0..64_usize, 0..4),
        prop::bool::weighted(0.1),
        prop::option::weighted(0.1, 0..3_usize),
    )
        .prop_map(|(phase, role, priority, minutes, on, above, whole)| Drawn {
            phase,
            role,
            priority,
            minutes,
            on,
            above,
            whole,
        })
}

pub(in crate::plan) fn then() -> impl Strategy<Value = Then> {
    prop_oneof![
        8 => (0..4_usize).prop_map(Then::Done),
        2 => (0..4_usize).prop_map(Then::Claimed),
        2 => (0..64_usize).prop_map(Then::Deferred),
        2 => (0..64_usize, 0..4_usize).prop_map(|(task, nth)| Then::Waived(task, nth)),
        2 => (0..64_usize, 0..64_usize).prop_map(|(task, on)| Then::WaivedAbove(task, on)),
        1 => (0..64_usize).prop_map(Then::Blocked),
        1 => (0..3_usize).prop_map(Then::Overridden),
        1 => (0..3_usize).prop_map(Then::SideBySide),
    ]
}

pub(in crate::plan) fn task_of(nth: usize, plan: &Plan) -> String {
    format!("T-{}", nth % plan.task_count().max(1) + 1)
}

pub(in crate::plan) fn new_task(drawn: &Drawn, plan: &Plan) -> NewTask {
    let named = drawn.on.iter().filter(|_| plan.task_count() > 0);
    let named = named.map(|nth| OnRef::Task(task_of(*nth, plan)));
    let whole = drawn.whole.map(|nth| OnRef::Phase((nth + 1).to_string()));
    NewTask {
        title: "Drawn".to_owned(),
        phase: (drawn.phase + 1).to_string(),
        role: ROLES[drawn.role].to_owned(),
        priority: Some(drawn.priority),
        estimate: Some(Estimate {
            tenths: drawn.minutes * 10,
            unit: EstimateUnit::Minute,
        }),
        dependencies: named
            .chain(drawn.above.then_some(OnRef::AllAbove))
            .chain(whole)
            .collect(),
        ..NewTask::default()
    }
}

/// Whatever the plan takes of these; what it refuses changes nothing.
pub(in crate::plan) struct Led {
    pub plan: Plan,
    pub now_ms: i64,
}

impl Led {
    pub fn take(&mut self, actor: Actor, command: &Command) -> Option<Vec<Event>> {
        self.now_ms += 1_000;
        let decided = decide(&self.plan, command, &facts(actor, self.now_ms)).ok()?;
        self.plan = decided.plan;
        Some(decided.events.into_iter().map(|it| it.event).collect())
    }

    pub fn claim(&mut self, agent: &str, role: &str) -> Option<TaskId> {
        let command = Command::ClaimTask(Claim {
            role: role.to_owned(),
            start: true,
            ..Claim::default()
        });
        let events = self.take(by(agent), &command)?;
        events.iter().find_map(|event| match event {
            Event::TaskClaimed(claimed) => Some(claimed.task),
            _ => None,
        })
    }

    pub fn then(&mut self, then: &Then) {
        let reason = "drawn".to_owned();
        match then {
            Then::Done(role) => {
                let role = ROLES[role + 1];
                if let Some(task) = self.claim(&format!("{role}-1"), role) {
                    let fence = self.plan.fence();
                    let command = Command::CompleteTask(Box::new(Complete {
                        task: task.to_string(),
                        fence,
                        summary: "did it".to_owned(),
                        verification: "looked at it".to_owned(),
                        ..Complete::default()
                    }));
                    self.take(by(&format!("{role}-1")), &command);
                }
            }
            Then::Claimed(role) => {
                let role = ROLES[role + 1];
                self.claim(&format!("{role}-1"), role);
            }
            Then::Deferred(task) => {
                let task = task_of(*task, &self.plan);
                let target = String::new();
                self.take(
                    lead(),
                    &Command::DeferTask {
                        task,
                        target,
                        reason,
                    },
                );
            }
            Then::Waived(task, nth) => {
                let task = task_of(*task, &self.plan);
                let id: TaskId = task.parse().expect("an id");
                let stated = self.plan.task(id).map(|view| &view.spec.dependencies);
                let on = stated.and_then(|stated| stated.get(nth % stated.len().max(1)));
                let on = match on.map(|dependency| &dependency.on) {
                    Some(On::Task(on)) => OnRef::Task(on.to_string()),
                    Some(On::Phase(on)) => OnRef::Phase(on.to_string()),
                    Some(On::AllAbove) => OnRef::AllAbove,
                    None => return,
                };
                self.take(lead(), &Command::WaiveDependency { task, on, reason });
            }
            Then::WaivedAbove(task, on) => {
                let task = task_of(*task, &self.plan);
                let on = OnRef::Task(task_of(*on, &self.plan));
                self.take(lead(), &Command::WaiveDependency { task, on, reason });
            }
            Then::Blocked(task) => {
                let tasks = vec![task_of(*task, &self.plan)];
                let question = "Which one?".to_owned();
                self.take(lead(), &open_decision(question, tasks));
            }
            Then::Overridden(phase) => {
                let phase = (phase + 1).to_string();
                self.take(lead(), &Command::OverridePhaseOrder { phase, reason });
            }
            Then::SideBySide(phase) => {
                self.take(
                    lead(),
                    &Command::UpdatePhase {
                        phase: (phase + 1).to_string(),
                        changes: Box::new(PhaseChanges {
                            predecessors: Some(Vec::new()),
                            ..PhaseChanges::default()
                        }),
                    },
                );
            }
        }
    }
}

pub(in crate::plan) fn led(tasks: &[Drawn], thens: &[Then]) -> Led {
    let mut given = plan();
    for phase in 1..=3 {
        given = given.and(
            lead(),
            Command::CreatePhases(vec![NewPhase {
                id: phase.to_string(),
                name: format!("Phase {phase}"),
                ..NewPhase::default()
            }]),
        );
    }
    for role in &ROLES[1..] {
        given = given.agent_for(&format!("{role}-1"), &[role], 8);
    }
    let mut led = Led {
        plan: given.plan,
        now_ms: given.now_ms,
    };
    for drawn in tasks {
        let task = new_task(drawn, &led.plan);
        led.take(lead(), &Command::CreateTasks(vec![task]));
    }
    for then in thens {
        led.then(then);
    }
    led
}

pub(in crate::plan) fn open_decision(question: String, blocks: Vec<String>) -> Command {
    Command::OpenDecision {
        question,
        options: Vec::new(),
        blocks,
        selectors: Vec::new(),
        phases: Vec::new(),
    }
}
