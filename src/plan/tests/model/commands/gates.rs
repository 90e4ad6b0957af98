//! Commands about quality gates: some that cannot be, so that every refusal is met.

use super::{ROLES, Step, pick};
use crate::plan::Plan;
use crate::plan::command::{
    Command, CommandOutcome, CompletionResult, NewCheck, NewCriterion, NewGate, NewMeasure,
    NewScope,
};
use crate::plan::event::{Comparison, CriterionCheck, Derived};
use crate::plan::fact::Actor;
use crate::plan::id::GateRunId;
use crate::plan::model::RunStatus;
use crate::plan::tests::by;
use crate::plan::time::Timestamp;

const COMPARISONS: [Comparison; 5] = [
    Comparison::Gt,
    Comparison::Ge,
    Comparison::Lt,
    Comparison::Le,
    Comparison::Eq,
];

/// The name of a command of the daemon's settings.
const TESTS: &str = "tests";

impl Step {
    pub(super) fn gates(&self, plan: &Plan) -> (Actor, Command) {
        let someone = if self.b.is_multiple_of(3) {
            by(&self.agent(plan))
        } else if self.b.is_multiple_of(5) {
            Actor::Coordinator("other".into())
        } else {
            self.coordinator(plan)
        };
        let known: Vec<String> = plan.gates().map(|gate| gate.id.to_string()).collect();
        let gate = pick(&known, self.a).unwrap_or_else(|| "G-1".to_owned());
        let pending = |wanted: RunStatus| -> Vec<String> {
            let runs = plan.gate_runs(None).filter(|run| run.status == wanted);
            runs.filter(|run| !run.stale)
                .map(|run| run.id.to_string())
                .collect()
        };
        let waiting = pick(&pending(RunStatus::Pending), self.a).unwrap_or_else(|| gate.clone());
        match self.kind {
            128 | 129 => (self.coordinator(plan), self.define(plan, &gate)),
            130 if self.b.is_multiple_of(4) => {
                let reason = "not needed".to_owned();
                (self.coordinator(plan), Command::RetireGate { gate, reason })
            }
            133 => {
                let command = Command::AttestCriterion {
                    criterion: self.said(plan, &waiting, |check| {
                        matches!(check, CriterionCheck::Attested(_))
                    }),
                    gate: waiting,
                    holds: !self.c.is_multiple_of(4),
                    evidence: "seen".to_owned(),
                };
                (someone, command)
            }
            134 | 135 => {
                let command = Command::ApproveCriterion {
                    criterion: self.said(plan, &waiting, |check| {
                        matches!(check, CriterionCheck::Approval(_))
                    }),
                    gate: waiting,
                    approved: !self.c.is_multiple_of(4),
                    evidence: "read".to_owned(),
                };
                (someone, command)
            }
            132 | 136 | 137 if plan.next_waiver_end().is_some() || self.b.is_multiple_of(5) => {
                let run = plan.next_waiver_end().map(|(_, run)| run);
                let run = run.unwrap_or(GateRunId(1));
                (Actor::System, Command::ExpireGateWaiver { run })
            }
            136 | 137 => {
                let failed = pick(&pending(RunStatus::Failed), self.a).unwrap_or(gate);
                let from = plan.last_at().0 + self.wait_ms();
                let command = Command::WaiveGateRun {
                    gate: failed,
                    reason: "the fair is near".to_owned(),
                    until: Timestamp(from + i64::from(self.b) * 50),
                };
                let asked = self.c.is_multiple_of(5);
                let actor = if asked {
                    someone
                } else {
                    Actor::Coordinator("third".into())
                };
                (actor, command)
            }
            130..=132 => {
                let commit = "0a1b2c".to_owned();
                (someone, Command::RunGate { gate, commit })
            }
            138 | 139 => (Actor::System, self.result(plan)),
            _ => {
                let value = if self.c.is_multiple_of(9) {
                    "many".to_owned()
                } else {
                    (self.c % 100).to_string()
                };
                let command = Command::ReportMetric {
                    metric: "coverage".to_owned(),
                    value,
                    evidence: String::new(),
                };
                (someone, command)
            }
        }
    }

    /// A criterion of a kind that nobody has judged, else the first.
    fn said(&self, plan: &Plan, run: &str, wanted: impl Fn(&CriterionCheck) -> bool) -> String {
        let run = plan
            .resolve_run(run)
            .ok()
            .and_then(|run| plan.gate_run(run));
        let open: Vec<u32> = run
            .into_iter()
            .flat_map(|run| run.each())
            .filter(|(_, criterion, result)| result.is_none() && wanted(&criterion.check))
            .map(|(number, ..)| number)
            .collect();
        pick(&open, self.b).unwrap_or(1).to_string()
    }

    /// What the daemon brings with a completion, seldom not.
    pub(super) fn gate_results(&self, plan: &Plan, task: &str) -> Vec<CompletionResult> {
        let id = plan.resolve_task(task).ok();
        let required = id.map_or_else(Vec::new, |id| plan.commands_for_completion(id));
        let brought = required.into_iter().map(|wanted| CompletionResult {
            gate: wanted.gate,
            criterion: wanted.criterion,
            command: wanted.command,
            outcome: CommandOutcome {
                succeeded: !self.a.is_multiple_of(6),
                ended: "exit code 0".into(),
                number: None,
                output: "".into(),
            },
        });
        brought
            .skip(usize::from(self.a.is_multiple_of(7)))
            .collect()
    }

    fn result(&self, plan: &Plan) -> Command {
        let runs: Vec<GateRunId> = plan.commanded_runs().map(|run| run.id).collect();
        let run = pick(&runs, self.a).unwrap_or(GateRunId(1));
        let criterion = self.said(plan, &run.to_string(), |check| {
            matches!(check, CriterionCheck::Command { .. })
        });
        Command::RecordGateResult {
            run,
            criterion: criterion.parse().unwrap_or(1),
            outcome: Box::new(CommandOutcome {
                succeeded: !self.c.is_multiple_of(3),
                ended: "exit code 0".into(),
                number: (self.c % 100).to_string().parse().ok(),
                output: "".into(),
            }),
            commit: "ffff".to_owned(),
        }
    }

    fn define(&self, plan: &Plan, gate: &str) -> Command {
        let scope = match self.c % 10 {
            0 => NewScope::Project,
            1 => NewScope::Daily,
            2 => NewScope::Deployment("shop".to_owned()),
            3 if self.a.is_multiple_of(4) => NewScope::Completion {
                phase: Self::any_phase(plan, self.a),
                area: String::new(),
                role: ROLES[usize::from(self.b) % ROLES.len()].to_owned(),
                tasks: Vec::new(),
            },
            _ => NewScope::Phase(Self::any_phase(plan, self.a)),
        };
        let command_only = matches!(scope, NewScope::Completion { .. });
        let measure = || NewMeasure {
            metric: "Coverage".to_owned(),
            comparison: COMPARISONS[usize::from(self.b) % 5],
            threshold: if self.b.is_multiple_of(13) {
                "half"
            } else {
                "50.0"
            }
            .to_owned(),
        };
        let check = |place: u16| match (place + self.b) % 6 {
            _ if command_only => NewCheck::Command {
                command: TESTS.to_owned(),
                measure: None,
            },
            0 => NewCheck::Attested {
                role: ROLES[usize::from(self.c) % ROLES.len()].to_owned(),
            },
            1 => NewCheck::Metric(measure()),
            2 => NewCheck::Command {
                command: TESTS.to_owned(),
                measure: self.c.is_multiple_of(2).then(measure),
            },
            3 => NewCheck::Approval {
                may_approve: vec!["qa".to_owned(), "developer".to_owned()],
            },
            _ => NewCheck::Derived(Derived::ALL[usize::from(self.c) % Derived::ALL.len()]),
        };
        Command::DefineGate(Box::new(NewGate {
            gate: if self.b.is_multiple_of(4) {
                gate.to_owned()
            } else {
                String::new()
            },
            name: format!("Gate {}", self.b % 7),
            scope: (!self.b.is_multiple_of(8)).then_some(scope),
            criteria: (0..self.c % 4)
                .map(|place| NewCriterion {
                    name: format!("criterion-{place}"),
                    advisory: (place + self.a).is_multiple_of(4),
                    check: check(place),
                })
                .collect(),
        }))
    }
}
