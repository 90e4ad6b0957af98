//! What rollouts lack before they may roll and before they have succeeded, and what waits for a person.

use super::event::{GateScope, MetricMet, RolloutStatus, SuccessMetric, Text};
use super::gating::GateLack;
use super::id::RolloutId;
use super::inbox::{WaitKind, Waiting};
use super::model::{Gate, Rollout};
use super::refusal::Refusal;
use super::state::Plan;
use super::time::Timestamp;

/// Something that a rollout still lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutLack {
    /// What it is about, such as `criterion 2 of G-1` or `step 3`.
    pub subject: String,
    /// What is missing.
    pub description: String,
    /// Who must give it: `coordinator`, roles by slug, or `muster` for what the daemon does by itself.
    pub who: String,
    /// The command line that gives it, without the program's name; empty when nobody need do anything.
    pub next: String,
}

fn lack(subject: impl Into<String>, description: impl Into<String>, next: String) -> RolloutLack {
    RolloutLack {
        subject: subject.into(),
        description: description.into(),
        who: "coordinator".to_owned(),
        next,
    }
}

impl From<GateLack> for RolloutLack {
    fn from(lack: GateLack) -> Self {
        Self {
            subject: lack.subject,
            description: lack.description,
            who: lack.who,
            next: lack.next,
        }
    }
}

/// What a rollout lacks of its own.
fn own_lacks(rollout: &Rollout) -> Vec<RolloutLack> {
    let (id, words) = (rollout.id, &rollout.words);
    let mut lacks = Vec::new();
    if words.steps.is_empty() {
        let next = format!("rollout edit {id} --step …");
        lacks.push(lack("steps", "none is stated", next));
    }
    if words.rollback_plan.is_empty() {
        let next = format!("rollout edit {id} --rollback …");
        lacks.push(lack("rollback plan", "nothing is said about it", next));
    } else if rollout.rollback_tested.is_none() {
        let next = format!("rollout rollback-tested {id} --evidence …");
        lacks.push(lack("rollback", "it was not tested as it is planned", next));
    }
    lacks
}

/// Names every lack in a refusal: what, who must give it, and the command that does.
pub(super) fn named(refusal: Refusal, lacks: &[RolloutLack]) -> Refusal {
    lacks.iter().fold(refusal, |refusal, lack| {
        let described = format!("{} (from {})", lack.description, lack.who);
        let refusal = refusal.item(&lack.subject, described);
        if lack.next.is_empty() || refusal.next.contains(&lack.next) {
            refusal
        } else {
            refusal.next(lack.next.clone())
        }
    })
}

impl Plan {
    /// A rollout.
    pub fn rollout(&self, id: RolloutId) -> Option<&Rollout> {
        self.rollouts.get(&id).map(AsRef::as_ref)
    }

    /// All rollouts by number.
    pub fn rollouts(&self) -> impl Iterator<Item = &Rollout> {
        self.rollouts.values().map(AsRef::as_ref)
    }

    /// The rollout that is under way; there is at most one.
    pub fn rolling(&self) -> Option<&Rollout> {
        self.rollouts()
            .find(|it| it.status == RolloutStatus::Rolling)
    }

    /// The gates in force that hold a rollout: those of its deployment, or of every one.
    pub fn gates_of_rollout<'a>(&'a self, deployment: &'a str) -> impl Iterator<Item = &'a Gate> {
        let wanted = deployment.to_lowercase();
        self.gates().filter(move |gate| {
            let own = match &gate.scope {
                GateScope::Deployment(name) => wanted.is_empty() || name.to_lowercase() == wanted,
                GateScope::Phase(_)
                | GateScope::Workflow(_)
                | GateScope::Project
                | GateScope::Daily
                | GateScope::Completion(_) => false,
            };
            own && gate.retired.is_none()
        })
    }

    /// All that a rollout lacks before it may roll, at a time; empty when it may.
    pub fn rollout_lacks(&self, rollout: &Rollout, now: Timestamp) -> Vec<RolloutLack> {
        let mut lacks = own_lacks(rollout);
        for gate in self.gates_of_rollout(&rollout.words.deployment) {
            lacks.extend(self.lacks_of(gate, now).into_iter().map(RolloutLack::from));
        }
        lacks
    }

    /// What a rollout under way lacks before it has succeeded, with what was met; `attested` are the
    /// numbers of success metrics that a coordinator vouches for.
    pub fn success_of(
        &self,
        rollout: &Rollout,
        attested: &[u32],
        evidence: &Text,
    ) -> (Vec<RolloutLack>, Vec<MetricMet>) {
        let id = rollout.id;
        let (mut lacks, mut met) = (Vec::new(), Vec::new());
        let steps = (1_u32..).zip(&rollout.words.steps);
        for (number, step) in steps.skip(rollout.done.len()) {
            let subject = format!("step {number}");
            lacks.push(lack(subject, &**step, format!("rollout step {id}")));
        }
        for (number, metric) in (1..).zip(&rollout.words.success) {
            match self.is_successful(rollout, number, metric, attested, evidence) {
                Ok(outcome) => met.push(outcome),
                Err(missing) => lacks.push(missing),
            }
        }
        (lacks, met)
    }

    fn success_value(&self, rollout: &Rollout, name: &str) -> Option<&super::model::Metric> {
        let (_, since) = rollout.started.as_ref()?;
        // What was measured before says nothing about it.
        self.metric(name).filter(|metric| metric.at >= *since)
    }

    fn is_successful(
        &self,
        rollout: &Rollout,
        number: u32,
        metric: &SuccessMetric,
        attested: &[u32],
        evidence: &Text,
    ) -> Result<MetricMet, RolloutLack> {
        let (id, subject) = (rollout.id, format!("success metric {number}"));
        let name = &metric.name;
        let Some(measure) = &metric.measure else {
            if attested.contains(&number) {
                return Ok(MetricMet {
                    metric: number,
                    value: None,
                    evidence: evidence.clone(),
                });
            }
            let next = format!("rollout succeed {id} --attest {number} --evidence …");
            return Err(lack(
                subject,
                format!("{name}: nobody vouches for it"),
                next,
            ));
        };
        let (sign, threshold) = (measure.comparison.sign(), &measure.threshold);
        let next = format!("gate metric {} VALUE", measure.metric);
        let Some(reported) = self.success_value(rollout, &measure.metric) else {
            let words = format!(
                "{name}: {} was not reported since it began; it must be {sign} {threshold}",
                measure.metric
            );
            return Err(lack(subject, words, next));
        };
        if !measure.comparison.holds(&reported.value, threshold) {
            let words = format!(
                "{name}: {} = {}, which is not {sign} {threshold}",
                measure.metric, reported.value
            );
            return Err(lack(subject, words, next));
        }
        Ok(MetricMet {
            metric: number,
            value: Some(reported.value.clone()),
            evidence: reported.evidence.clone(),
        })
    }

    /// The command that takes a rollout on, without the program's name; empty when it is over.
    pub fn rollout_next(&self, rollout: &Rollout) -> String {
        let id = rollout.id;
        match rollout.status {
            RolloutStatus::Draft => {
                let lacks = self.rollout_lacks(rollout, self.last_at());
                let first = lacks.into_iter().find(|it| !it.next.is_empty());
                first.map_or_else(|| format!("rollout show {id}"), |it| it.next)
            }
            RolloutStatus::Ready => format!("rollout start {id}"),
            RolloutStatus::Rolling if rollout.next_step().is_some() => {
                format!("rollout step {id}")
            }
            RolloutStatus::Rolling => format!("rollout succeed {id}"),
            RolloutStatus::Succeeded | RolloutStatus::RolledBack | RolloutStatus::Failed => {
                String::new()
            }
        }
    }

    /// What to tell a person that a draft lacks: what its gates wait for they tell by themselves, once they
    /// were run.
    fn lack_to_tell(&self, rollout: &Rollout) -> Option<RolloutLack> {
        let own = own_lacks(rollout).into_iter();
        let mut gates = self.gates_of_rollout(&rollout.words.deployment);
        let unrun = gates.find(|gate| self.newest_run(gate).is_none_or(|run| run.stale));
        let unrun = unrun.map(|gate| self.lacks_of(gate, self.last_at()));
        let unrun = unrun.into_iter().flatten().map(RolloutLack::from);
        own.chain(unrun).next()
    }

    /// Rollouts that somebody must take on: drafts with what they lack, unless a gate tells it.
    pub(super) fn rollouts_waiting(&self, waiting: &mut Vec<Waiting>) {
        for rollout in self.rollouts().filter(|it| !it.status.is_terminal()) {
            let name = &rollout.words.name;
            let mut command = self.rollout_next(rollout);
            let title = match (rollout.status, rollout.next_step()) {
                (RolloutStatus::Draft, _) => {
                    let Some(first) = self.lack_to_tell(rollout) else {
                        continue;
                    };
                    command = first.next;
                    format!("{name}: {}: {}", first.subject, first.description)
                }
                (RolloutStatus::Ready, _) => format!("{name} may roll"),
                (_, Some((number, step))) => format!("{name}, step {number}: {step}"),
                (_, None) => format!("{name}: every step is done; say what it came to"),
            };
            waiting.push(Waiting {
                kind: WaitKind::Rollout,
                id: rollout.id.to_string(),
                title,
                since: rollout.since,
                holds_up: 0,
                command,
            });
        }
    }
}
