//! What stands in front of the end of a project: open tasks, phases that are not closed, gates of the whole
//! project. Nothing here compares clocks by itself; the time comes from whoever decides.

use super::event::GateScope;
use super::gating::GateLack;
use super::id::GateId;
use super::model::ProjectStatus;
use super::state::Plan;
use super::time::Timestamp;

/// Open tasks that are named one by one.
const TASKS_NAMED_MAX: usize = 10;

/// Something that a project lacks before it can be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndLack {
    /// What it is about, such as `T-3`, `phase 2` or `gate G-1`.
    pub subject: String,
    /// What is missing.
    pub description: String,
    /// The command line that takes it on, without the program's name; empty when nobody need do anything.
    pub next: String,
}

impl Plan {
    /// Whether no task is left to be done, and some were there.
    pub fn is_worked_off(&self) -> bool {
        self.index.open_by_role.is_empty() && self.total().all() > 0
    }

    /// Whether somebody said that the project is completed.
    pub fn has_ended(&self) -> bool {
        self.project()
            .is_some_and(|project| project.status == ProjectStatus::Completed)
    }

    /// The gates in force in front of the end of the project.
    pub(super) fn project_gates(&self) -> Vec<GateId> {
        self.gates_of(&GateScope::Project)
            .map(|gate| gate.id)
            .collect()
    }

    /// What the gates in front of the end of the project still wait for, at a time.
    pub fn project_gate_lacks(&self, now: Timestamp) -> Vec<GateLack> {
        self.gate_lacks(&GateScope::Project, now)
    }

    /// Whether an open task, or a phase that asks for something and is not closed, stands in front of the end.
    pub(super) fn has_work_ahead(&self) -> bool {
        !self.index.open_by_role.is_empty()
            || self.phases().any(|phase| self.asks_for_something(phase.no))
    }

    /// Everything that the project lacks before it can be completed, at a time; empty when nothing.
    pub fn end_lacks(&self, now: Timestamp) -> Vec<EndLack> {
        let mut lacks: Vec<EndLack> = Vec::new();
        let open = self.total().open() as usize;
        if open > 0 {
            let tasks = self
                .tasks()
                .filter(|view| !view.state.status.is_terminal())
                .take(TASKS_NAMED_MAX);
            lacks.extend(tasks.map(|view| EndLack {
                subject: view.id.to_string(),
                description: format!("{} is {}", view.spec.title, view.state.status.as_str()),
                next: format!("task show {}", view.id),
            }));
            let more = open.saturating_sub(TASKS_NAMED_MAX);
            if more > 0 {
                let noun = if more == 1 { "task is" } else { "tasks are" };
                lacks.push(EndLack {
                    subject: format!("{more} more"),
                    description: format!("{more} more {noun} open"),
                    next: "board".to_owned(),
                });
            }
        }
        for phase in self.phases() {
            let Some(missing) = self.missing_for_close(phase.no, now) else {
                continue;
            };
            let named = missing.iter().map(|(subject, words)| {
                match *subject == format!("phase {}", phase.id) {
                    true => words.clone(),
                    false => format!("{subject} ({words})"),
                }
            });
            let named: Vec<String> = named.collect();
            let description = match named.as_slice() {
                [] => format!("{} can be closed and is not", phase.name),
                named => format!("{} is not closed: {}", phase.name, named.join("; ")),
            };
            lacks.push(EndLack {
                subject: format!("phase {}", phase.id),
                description,
                next: format!("phase close {}", phase.id),
            });
        }
        let gates = self.project_gate_lacks(now).into_iter();
        lacks.extend(gates.map(|lack| EndLack {
            subject: lack.subject,
            description: format!("{} (from {})", lack.description, lack.who),
            next: lack.next,
        }));
        lacks
    }
}
