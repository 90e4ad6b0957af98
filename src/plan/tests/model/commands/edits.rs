//! Commands that change what is planned.

use super::{ROLES, Step, pick};
use crate::plan::Plan;
use crate::plan::command::{Command, CriterionChange, NewPart, OnRef, PhaseChanges};
use crate::plan::event::{On, TaskChanges};
use crate::plan::id::TaskId;
use crate::plan::model::{PhaseState, Status};

impl Step {
    pub(super) fn edit(&self, plan: &Plan) -> Command {
        let reason = "the plan changed".to_owned();
        let task = Self::any_task(plan, self.a);
        let phase = Self::any_phase(plan, self.a);
        match self.kind {
            79 => Command::DeferTask {
                task,
                target: String::new(),
                reason,
            },
            80 => Command::ReinstateTask {
                task: Self::task_in(plan, &[Status::Deferred], self.a),
            },
            81 => Command::CancelTask {
                task,
                reason,
                waive_dependents: self.b.is_multiple_of(2),
            },
            82 => Command::ReopenTask {
                task: Self::task_in(plan, &[Status::Completed], self.a),
                reason,
            },
            83 => Command::RevokeClaim {
                task: Self::task_in(plan, &[Status::Claimed, Status::InProgress], self.a),
                reason,
            },
            85 => Command::SplitTask {
                task: Self::task_in(plan, &[Status::Planned], self.a),
                parts: self.parts(plan, &task),
                chain: self.c.is_multiple_of(2),
            },
            84 => Command::AddDependencies {
                task,
                on: vec![self.on(plan, self.b), self.on(plan, self.c)],
            },
            86 => {
                let on = self.stated(plan, &task);
                Command::RemoveDependency { task, on }
            }
            87 => {
                let on = self.stated(plan, &task);
                Command::WaiveDependency { task, on, reason }
            }
            88 => Command::UpdateTask {
                task,
                changes: Box::new(TaskChanges {
                    priority: Some(u8::try_from(self.b % 4).unwrap_or(0)),
                    role: Some(ROLES[usize::from(self.b) % ROLES.len()].to_owned()),
                    estimate: self.estimate(),
                    skills: self.c.is_multiple_of(4).then(|| vec!["rust".into()]),
                    alias: self
                        .c
                        .is_multiple_of(5)
                        .then(|| format!("A-{}", self.b % 30)),
                    ..TaskChanges::default()
                }),
                revision: u64::from(self.c.is_multiple_of(9)),
            },
            89 => Command::UpdatePhase {
                phase,
                changes: Box::new(PhaseChanges {
                    goal: Some("get there".to_owned()),
                    lead_role: self
                        .a
                        .is_multiple_of(3)
                        .then(|| ROLES[usize::from(self.c) % ROLES.len()].to_owned()),
                    predecessors: self
                        .b
                        .is_multiple_of(2)
                        .then(|| vec![Self::any_phase(plan, self.c)]),
                    ..PhaseChanges::default()
                }),
            },
            90 if self.b % 3 == 1 => self.criterion(plan),
            90 => Command::MeetCriterion {
                phase,
                criterion: u32::from(self.c % 3) + 1,
                evidence: String::new(),
            },
            91 => Command::OverridePhaseOrder { phase, reason },
            92 => {
                let closed: Vec<String> = plan
                    .phases()
                    .filter(|phase| phase.state != PhaseState::Open)
                    .map(|phase| phase.id.to_string())
                    .collect();
                let phase = pick(&closed, self.b).unwrap_or(phase);
                Command::ReopenPhase { phase, reason }
            }
            _ if self.b.is_multiple_of(4) => Command::SkipPhase { phase, reason },
            _ => {
                let closable: Vec<String> = plan
                    .phases()
                    .filter(|phase| {
                        plan.missing_for_close(phase.no, plan.last_at())
                            .is_some_and(|missing| missing.is_empty())
                    })
                    .map(|phase| phase.id.to_string())
                    .collect();
                let phase = pick(&closable, self.b).unwrap_or(phase);
                Command::ClosePhase { phase }
            }
        }
    }

    /// Something about a criterion, more often about one that is met.
    fn criterion(&self, plan: &Plan) -> Command {
        let open = plan.phases().filter(|it| it.state == PhaseState::Open);
        let asked = open.flat_map(|phase| {
            let asked = phase.asked();
            asked.map(|(number, it)| (phase.id.to_string(), number, it.met.is_some()))
        });
        let asked: Vec<(String, u32, bool)> = asked.collect();
        let met: Vec<_> = asked.iter().filter(|(.., met)| *met).cloned().collect();
        let one = pick(&met, self.a).filter(|_| !self.c.is_multiple_of(4));
        let one = one.or_else(|| pick(&asked, self.a));
        let (phase, criterion, _) = one.unwrap_or_else(|| ("1".to_owned(), 1, false));
        Command::ChangeCriterion {
            phase,
            criterion,
            change: match self.b % 4 {
                0 => CriterionChange::Reword(format!("it runs {} times", self.c % 5)),
                1 => CriterionChange::Withdraw("nobody asks".to_owned()),
                _ => CriterionChange::Unmeet("it broke".to_owned()),
            },
        }
    }

    /// Something the task states, else anything.
    fn stated(&self, plan: &Plan, task: &str) -> OnRef {
        let id = task.parse().unwrap_or(TaskId(1));
        let stated = plan
            .task(id)
            .map(|view| view.spec.dependencies.to_vec())
            .unwrap_or_default();
        match pick(&stated, self.b).map(|dependency| dependency.on) {
            Some(On::Task(on)) => OnRef::Task(on.to_string()),
            Some(On::Phase(on)) => OnRef::Phase(on.to_string()),
            Some(On::AllAbove) if self.c.is_multiple_of(2) => OnRef::AllAbove,
            Some(On::AllAbove) | None => OnRef::Task(Self::any_task(plan, self.c)),
        }
    }

    /// Two to four parts, seldom one or with a criterion that is not there.
    fn parts(&self, plan: &Plan, task: &str) -> Vec<NewPart> {
        let id = task.parse().unwrap_or(TaskId(1));
        let criteria = plan.task(id).map_or(0, |view| view.spec.acceptance.len());
        let count = if self.b.is_multiple_of(17) {
            1
        } else {
            self.b % 3 + 2
        };
        let part = |place: u16| NewPart {
            title: format!("Part {place}"),
            role: ROLES[usize::from(self.c + place) % ROLES.len()].to_owned(),
            estimate: self.estimate().filter(|_| place == 0),
            acceptance: (place == 0 && criteria > 0)
                .then_some(u32::from(self.a % 2) + 1)
                .into_iter()
                .collect(),
            ..NewPart::default()
        };
        (0..count).map(part).collect()
    }
}
