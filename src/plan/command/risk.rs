//! Risks: stated, changed, and brought from one state to the next; one that came true may open a blocker.

use super::super::bench::Bench;
use super::super::event::{
    BlockerKind, Level, RiskAdded, RiskKind, RiskMoved, RiskStatus, RiskUpdated, RiskWords,
    Severity,
};
use super::super::id::RiskId;
use super::super::model::Risk;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::{Held, NewBlocker, NewRisk, RiskChanges, queue, text};

/// Risks a project may have.
const RISKS_MAX: usize = 10_000;
/// Days a schedule risk may cost: ten years.
const IMPACT_DAYS_MAX: u32 = 3_650;

pub fn add(bench: &mut Bench<'_>, new: &NewRisk) -> Result<(), Refusal> {
    if bench.plan.risks.len() >= RISKS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the project has {RISKS_MAX} risks, which is the limit; nothing can be added"),
        )
        .fact("limit", RISKS_MAX));
    }
    let newest = bench.plan.risks.last();
    let words = RiskWords {
        kind: new.kind,
        text: text::required_line("text", &new.text)?,
        impact: new.impact,
        impact_days: new.impact_days,
        likelihood: new.likelihood,
        mitigation: text::long("mitigation", &new.mitigation)?,
        owner: text::line("owner", &new.owner)?,
    };
    check_days(&words)?;
    bench.record(RiskAdded {
        risk: RiskId(newest.map_or(1, |(id, _)| id.0 + 1)),
        words,
    });
    Ok(())
}

/// Days are what a schedule risk costs, and no other.
fn check_days(words: &RiskWords) -> Result<(), Refusal> {
    match words.impact_days {
        None => Ok(()),
        Some(_) if words.kind != RiskKind::Schedule => Err(Refusal::field(
            "impact_days",
            "is for a schedule risk; another kind has a low, medium or high impact",
        )),
        Some(days) if !(1..=IMPACT_DAYS_MAX).contains(&days) => Err(Refusal::field(
            "impact_days",
            format!("is {days}; it must be from 1 to {IMPACT_DAYS_MAX}"),
        )),
        Some(_) => Ok(()),
    }
}

fn found(plan: &Plan, id: RiskId) -> Result<&Risk, Refusal> {
    plan.risk(id).ok_or_else(|| {
        Refusal::new(
            Reason::RiskNotFound,
            format!("no risk {id} in this project"),
        )
        .item(id, "does not exist")
        .next("risk list")
    })
}

fn illegal(risk: &Risk, step: &str) -> Refusal {
    let (id, status) = (risk.id, risk.status.as_str());
    let refusal = Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is {status} and cannot be {step}"),
    )
    .item(id, status);
    match risk.status {
        RiskStatus::Active => refusal
            .next(format!("risk mitigate {id} --note …"))
            .next(format!("risk accept {id} --note …"))
            .next(format!("risk occur {id} --note …")),
        RiskStatus::Mitigated | RiskStatus::Accepted => refusal
            .next(format!("risk occur {id} --note …"))
            .next(format!("risk close {id}")),
        RiskStatus::Occurred => refusal.next(format!("risk close {id}")),
        RiskStatus::Closed => refusal.next("risk add TEXT"),
    }
}

pub fn update(bench: &mut Bench<'_>, id: RiskId, changes: &RiskChanges) -> Result<(), Refusal> {
    let risk = found(&bench.plan, id)?;
    if risk.status == RiskStatus::Closed {
        return Err(illegal(risk, "changed"));
    }
    let mut words = risk.words.clone();
    words.kind = changes.kind.unwrap_or(words.kind);
    words.impact = changes.impact.unwrap_or(words.impact);
    words.likelihood = changes.likelihood.unwrap_or(words.likelihood);
    if let Some(days) = changes.impact_days {
        words.impact_days = (days > 0).then_some(days);
    }
    if let Some(written) = &changes.text {
        words.text = text::required_line("text", written)?;
    }
    if let Some(written) = &changes.mitigation {
        words.mitigation = text::long("mitigation", written)?;
    }
    if let Some(written) = &changes.owner {
        words.owner = text::line("owner", written)?;
    }
    check_days(&words)?;
    if words == risk.words {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    bench.record(RiskUpdated { risk: id, words });
    Ok(())
}

/// Whether a risk goes from one state to another: it is met in one of three ways and then closed; what
/// was mitigated or accepted may come true all the same.
fn goes(from: RiskStatus, to: RiskStatus) -> bool {
    use RiskStatus::{Accepted, Active, Closed, Mitigated, Occurred};
    match to {
        Active => false,
        Mitigated | Accepted => from == Active,
        Occurred => matches!(from, Active | Mitigated | Accepted),
        Closed => matches!(from, Mitigated | Accepted | Occurred),
    }
}

pub fn step(
    bench: &mut Bench<'_>,
    id: RiskId,
    to: RiskStatus,
    note: &str,
    holds: &Held,
) -> Result<(), Refusal> {
    let risk = found(&bench.plan, id)?;
    if !goes(risk.status, to) {
        return Err(illegal(risk, to.as_str()));
    }
    // That a risk is over needs no more words; how it was met does.
    let note = match to {
        RiskStatus::Closed => text::long("note", note)?,
        RiskStatus::Active
        | RiskStatus::Mitigated
        | RiskStatus::Accepted
        | RiskStatus::Occurred => text::required_long("note", note)?,
    };
    let blocks = *holds != Held::default();
    if blocks && to != RiskStatus::Occurred {
        return Err(Refusal::field(
            "tasks",
            "goes with a risk that occurred; only then something is held up",
        ));
    }
    let severity = match risk.words.impact {
        Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High => Severity::High,
    };
    let blocker = NewBlocker {
        kind: BlockerKind::Other,
        tasks: holds.tasks.clone(),
        phase: holds.phase.clone(),
        fence: 0,
        reason: format!("{id} occurred: {}", risk.words.text),
        owner: risk.words.owner.to_string(),
        resolution_path: risk.words.mitigation.to_string(),
        severity,
        keep_lease: false,
    };
    let blocker = if blocks {
        let next = super::lease::next_blocker(&bench.plan);
        queue::open_blocker(bench, &blocker)?;
        Some(next)
    } else {
        None
    };
    bench.record(RiskMoved {
        risk: id,
        to,
        note,
        blocker,
    });
    Ok(())
}
