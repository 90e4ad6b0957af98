//! Commands of a task's holder, and of whoever ends what it holds.

use super::super::history::History;
use super::{Step, pick};
use crate::plan::Plan;
use crate::plan::command::{Claim, Command, Complete};
use crate::plan::event::{ExpiryCause, ReleaseCause};
use crate::plan::fact::Actor;
use crate::plan::id::{SessionId, TaskId};
use crate::plan::tests::by;

impl Step {
    /// A holder's task and fence, mostly of the acting agent, seldom late or foreign.
    pub(super) fn held(&self, plan: &Plan, history: &History) -> (Actor, String, u64) {
        if self.c.is_multiple_of(7)
            && let Some((task, fence)) = pick(&history.fences, self.a)
        {
            let holder = plan.task(task).and_then(|view| view.state.lease.clone());
            let name = holder.map_or(self.agent(plan), |lease| lease.agent.to_string());
            let actor = if self.b.is_multiple_of(2) {
                by(&name)
            } else {
                by(&self.agent(plan))
            };
            return (actor, task.to_string(), fence);
        }
        let live: Vec<(TaskId, u64, String)> = plan
            .live()
            .filter_map(|view| {
                let lease = view.state.lease.as_ref()?;
                Some((view.id, lease.fence, lease.agent.to_string()))
            })
            .collect();
        match pick(&live, self.a) {
            Some((id, fence, _)) if self.c.is_multiple_of(11) => {
                (by(&self.agent(plan)), id.to_string(), fence)
            }
            Some((id, fence, name)) => (by(&name), id.to_string(), fence),
            None => (
                by(&self.agent(plan)),
                Self::any_task(plan, self.a),
                u64::from(self.b % 4),
            ),
        }
    }

    pub(super) fn claim(&self, plan: &Plan) -> Command {
        Command::ClaimTask(Claim {
            task: if self.a.is_multiple_of(6) {
                Self::any_task(plan, self.b)
            } else {
                String::new()
            },
            today: self.today(),
            role: if self.a % 17 == 1 { "developer" } else { "" }.to_owned(),
            session: (self.a % 19 == 1).then(|| SessionId(u32::from(self.b % 9) + 1)),
            lease_ms: u64::from(self.b) * 100,
            start: !self.b.is_multiple_of(4),
            resume: self.kind >= 31,
            model: String::new(),
            checked: if self.b.is_multiple_of(4) {
                Vec::new()
            } else {
                self.pre_checks()
            },
        })
    }

    pub(super) fn work(&self, plan: &Plan, history: &History) -> (Actor, Command) {
        let (actor, task, fence) = self.held(plan, history);
        let command = match self.kind {
            35..=38 => Command::StartTask {
                task,
                fence,
                checked: self.pre_checks(),
            },
            39 | 40 => Command::ReportProgress {
                task,
                fence,
                note: "half".to_owned(),
                percent: Some(u8::try_from(self.b % 103).unwrap_or(0)),
                checked: Vec::new(),
            },
            41 | 42 => return self.attestation(plan, (actor, task, fence)),
            43..=56 => Command::CompleteTask(Box::new(Complete {
                gate_results: self.gate_results(plan, &task),
                task,
                fence,
                summary: if self.b.is_multiple_of(19) {
                    ""
                } else {
                    "did it"
                }
                .to_owned(),
                verification: "ran it".to_owned(),
                accepted: vec![u32::from(self.a % 4)],
                accept_all: !self.a.is_multiple_of(5),
                checked: self.post_checks(),
                checks_later: self.c.is_multiple_of(3),
                plans_completed: !self.c.is_multiple_of(5),
                ..Complete::default()
            })),
            57..=60 => Command::ReleaseTask {
                task,
                fence,
                cause: [
                    ReleaseCause::Failed,
                    ReleaseCause::Returned,
                    ReleaseCause::Failed,
                    ReleaseCause::Blocked,
                ][usize::from(self.b % 4)],
                reason: "no luck".to_owned(),
            },
            _ => {
                let id = task.parse().unwrap_or(TaskId(1));
                let cause = if self.b.is_multiple_of(2) {
                    ExpiryCause::Silence
                } else {
                    ExpiryCause::HardLimit
                };
                return (
                    Actor::System,
                    Command::ExpireLease {
                        task: id,
                        fence,
                        cause,
                    },
                );
            }
        };
        (actor, command)
    }

    /// Mostly all pre-checks, seldom too few.
    fn pre_checks(&self) -> Vec<String> {
        let names: &[&str] = match self.a % 11 {
            0 => &[],
            1 => &["verified_req", "checked_gaps"],
            2 => &["tests_passing"],
            _ => &["all"],
        };
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn post_checks(&self) -> Vec<String> {
        let names: &[&str] = match self.b % 6 {
            0 => &[],
            1 => &["docs_updated"],
            2 => &["tests_passing", "coverage_met"],
            _ => &["all"],
        };
        names.iter().map(|&name| name.to_owned()).collect()
    }

    /// Post-checks of a finished task that left some open, else of a held one.
    fn attestation(&self, plan: &Plan, held: (Actor, String, u64)) -> (Actor, Command) {
        let owed: Vec<(Actor, String, u64)> = plan
            .agents()
            .flat_map(|agent| agent.owes.iter().map(|id| (agent.name.to_string(), *id)))
            .filter_map(|(name, id)| {
                let done = plan.task(id)?.state.completion.as_ref()?;
                Some((by(&name), id.to_string(), done.fence))
            })
            .collect();
        let (actor, task, fence) = pick(&owed, self.a)
            .filter(|_| !self.b.is_multiple_of(4))
            .unwrap_or(held);
        let command = Command::ReportProgress {
            task,
            fence,
            note: String::new(),
            percent: None,
            checked: self.post_checks(),
        };
        (actor, command)
    }
}
