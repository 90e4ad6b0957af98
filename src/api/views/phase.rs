//! Phases and counts as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::{View, time};
use crate::plan::id::PhaseNo;
use crate::plan::model::{Criterion, Phase, Tally};
use crate::plan::time::Timestamp;

impl View<'_> {
    /// The phase a written id means.
    pub(in super::super) fn phase_named(&self, id: &str) -> Option<wire::Phase> {
        let no = self.plan.resolve_phase(id).ok()?;
        self.plan.phase(no).map(|phase| self.phase(phase))
    }

    /// A phase.
    pub(in super::super) fn phase(&self, phase: &Phase) -> wire::Phase {
        let no: PhaseNo = phase.no;
        let tally = self.plan.tally(no);
        let message = wire::Phase {
            id: phase.id.to_string(),
            name: phase.name.to_string(),
            goal: phase.goal.to_string(),
            status: enums::phase_status(self.plan.phase_status(no)).into(),
            open: self.plan.phase_is_open(no),
            lead_role: phase.lead_role.map_or_else(String::new, |role| {
                self.plan.role_slug(Some(role)).to_owned()
            }),
            criteria: (1..).zip(&phase.criteria).map(criterion).collect(),
            predecessors: self
                .plan
                .predecessors(no)
                .into_iter()
                .map(|no| self.phase_id(no))
                .collect(),
            tally: Some(counts(&tally)),
            percent: tally.percent(),
            started_at: phase.started_at.map(time),
            closed_at: phase.closed_at.map(time),
            override_reason: phase
                .override_reason
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            revision: phase.revision,
            gates: self.phase_gates(no),
            ..wire::Phase::default()
        };
        self.timing(phase, message)
    }

    fn phase_gates(&self, no: PhaseNo) -> Vec<wire::PhaseGate> {
        let now = Timestamp(self.now_ms).max(self.plan.last_at());
        let gates = self.plan.gates_of_phase(no).map(|gate| {
            let lacks = self.plan.lacks_of(gate, now);
            wire::PhaseGate {
                id: gate.id.to_string(),
                name: gate.name.to_string(),
                passes: lacks.is_empty(),
                lacks: lacks
                    .into_iter()
                    .map(|lack| format!("{} (from {})", lack.description, lack.who))
                    .collect(),
            }
        });
        gates.collect()
    }
}

fn criterion((number, criterion): (u32, &Criterion)) -> wire::Criterion {
    let met = criterion.met.as_ref();
    wire::Criterion {
        number,
        text: criterion.text.to_string(),
        met: met.is_some(),
        met_by: met.map_or_else(String::new, |(actor, _, _)| actor.to_string()),
        met_at: met.map(|(_, at, _)| time(*at)),
        evidence: met.map_or_else(String::new, |(_, _, evidence)| evidence.to_string()),
        withdrawn_reason: criterion
            .withdrawn
            .as_ref()
            .map_or_else(String::new, |it| it.text.to_string()),
    }
}

/// How many tasks are in which status.
pub(super) fn counts(tally: &Tally) -> wire::Tally {
    wire::Tally {
        planned: tally.planned,
        claimed: tally.claimed,
        in_progress: tally.in_progress,
        in_review: tally.in_review,
        completed: tally.completed,
        deferred: tally.deferred,
        cancelled: tally.cancelled,
    }
}
