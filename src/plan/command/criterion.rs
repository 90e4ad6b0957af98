//! Criteria of phases: met, not met after all, in other words, or asked for no more. A number, once given, is
//! never another's: what is withdrawn keeps its place, so that nobody confirms what they did not read.

use super::super::bench::Bench;
use super::super::event::{CriterionChanged, CriterionMet};
use super::super::id::PhaseNo;
use super::super::model::Criterion;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::phase::open_phase;
use super::{CriterionChange, text};

pub fn meet(
    bench: &mut Bench<'_>,
    phase: &str,
    criterion: u32,
    evidence: &str,
) -> Result<(), Refusal> {
    let no = bench.plan.resolve_phase(phase)?;
    let evidence = text::long("evidence", evidence)?.to_string();
    if in_force(&bench.plan, no, criterion)?.met.is_some() {
        let message = "this criterion is met already; there is nothing to do";
        return Err(illegal(&bench.plan, no, message));
    }
    let phase = bench.plan.phase_id(no).to_owned();
    bench.record(CriterionMet {
        phase,
        criterion,
        evidence,
    });
    bench.touch(no);
    Ok(())
}

pub fn change(
    bench: &mut Bench<'_>,
    phase: &str,
    number: u32,
    change: &CriterionChange,
) -> Result<(), Refusal> {
    let no = bench.plan.resolve_phase(phase)?;
    let criterion = in_force(&bench.plan, no, number)?;
    let mut event = CriterionChanged {
        phase: bench.plan.phase_id(no).to_owned(),
        criterion: number,
        ..CriterionChanged::default()
    };
    match change {
        CriterionChange::Reword(words) => {
            let words = text::required_line("text", words)?;
            if words == criterion.text {
                return Err(Refusal::field("text", "is what it says already"));
            }
            event.text = Some(words);
        }
        CriterionChange::Withdraw(reason) => {
            event.reason = text::required_long("reason", reason)?;
            event.withdrawn = true;
        }
        CriterionChange::Unmeet(reason) => {
            if criterion.met.is_none() {
                let message = "this criterion is not met; there is nothing to take back";
                return Err(illegal(&bench.plan, no, message));
            }
            event.reason = text::required_long("reason", reason)?;
        }
    }
    let withdrawn = event.withdrawn;
    bench.record(event);
    // It may have been the last thing that the phase lacked.
    if withdrawn {
        bench.touch(no);
    }
    Ok(())
}

/// A criterion that an open phase asks for.
fn in_force(plan: &Plan, no: PhaseNo, number: u32) -> Result<&Criterion, Refusal> {
    let phase = open_phase(plan, no)?;
    let place = (number as usize).checked_sub(1);
    let Some(criterion) = place.and_then(|place| phase.criteria.get(place)) else {
        let count = phase.criteria.len();
        let message = format!(
            "phase {} has {count} criteria, and no number {number}",
            phase.id
        );
        return Err(Refusal::new(Reason::CriterionNotFound, message)
            .next(format!("phase show {}", phase.id)));
    };
    match &criterion.withdrawn {
        None => Ok(criterion),
        Some(withdrawn) => {
            let message = format!("this criterion was withdrawn: {}", withdrawn.text);
            Err(illegal(plan, no, &message))
        }
    }
}

fn illegal(plan: &Plan, no: PhaseNo, message: &str) -> Refusal {
    Refusal::new(Reason::IllegalTransition, message)
        .next(format!("phase show {}", plan.phase_id(no)))
}
