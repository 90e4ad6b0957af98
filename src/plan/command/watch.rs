//! What the daemon does for those who do not look: it says what they should know, escalates what waits too long and
//! tells at once of what is urgent. A look that finds things as they were records nothing.

use std::sync::Arc;

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::bench::Bench;
use super::super::event::{BlockerEscalated, RaisedMark, ReportKind};
use super::super::fact::Actor;
use super::super::id::BlockerId;
use super::super::refusal::{Reason, Refusal};
use super::schedule::{self, NewReport};
use super::text;

/// Marks that one look may hand in; those that may stand are fewer.
pub const FOUND_MAX: usize = 10_000;
/// Blockers that are escalated in one append; the others follow in the next.
const ESCALATED_MAX: usize = 100;
/// What a mark may say, in characters.
pub const DETAIL_CHARS_MAX: usize = 160;

/// What the daemon itself does while it watches a project.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum Watching {
    /// Says which marks there are.
    Mark(Vec<RaisedMark>),
    /// Escalates the blockers that are open for longer than the project allows.
    Escalate,
    /// Publishes a blocker report at once, because something in it is urgent and untold.
    Tell(Box<NewReport>),
}

impl Watching {
    /// Whether an actor may ask for it.
    pub fn is_for(&self, actor: &Actor) -> bool {
        match self {
            Self::Mark(_) | Self::Escalate | Self::Tell(_) => *actor == Actor::System,
        }
    }
}

pub fn decide(bench: &mut Bench<'_>, watching: &Watching) -> Result<(), Refusal> {
    match watching {
        Watching::Mark(present) => mark(bench, present),
        Watching::Escalate => {
            escalate(bench);
            Ok(())
        }
        Watching::Tell(report) => tell(bench, report),
    }
}

fn mark(bench: &mut Bench<'_>, present: &[RaisedMark]) -> Result<(), Refusal> {
    if present.len() > FOUND_MAX {
        return Err(Refusal::field(
            "marks",
            format!(
                "has {} entries; at most {FOUND_MAX} are taken",
                present.len()
            ),
        )
        .fact("limit", FOUND_MAX));
    }
    // Nobody looks at a project that rests or is over.
    if !bench.plan.keeps_time() {
        return Ok(());
    }
    let checked = present.iter().map(|mark| {
        let detail = text::line("detail", &mark.detail)?;
        if detail.chars().count() > DETAIL_CHARS_MAX {
            return Err(Refusal::field(
                "detail",
                format!("has more than {DETAIL_CHARS_MAX} characters"),
            ));
        }
        Ok(RaisedMark {
            kind: mark.kind,
            subject: text::name("subject", &mark.subject)?,
            detail,
        })
    });
    let present = checked.collect::<Result<Vec<_>, Refusal>>()?;
    if let Some(changed) = bench.plan.marks_after(&present) {
        bench.record(changed);
    }
    Ok(())
}

fn escalate(bench: &mut Bench<'_>) {
    let after = bench.plan.escalate_after_minutes();
    let Some(minutes) = after.filter(|_| bench.plan.keeps_time()) else {
        return;
    };
    let due = bench.plan.to_escalate(bench.now());
    let due: Vec<BlockerId> = due.take(ESCALATED_MAX).collect();
    let reason = match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("open for more than {hours} h"),
        (0, _) => format!("open for more than {minutes} min"),
        (hours, rest) => format!("open for more than {hours} h {rest} min"),
    };
    for blocker in due {
        bench.record(BlockerEscalated {
            blocker,
            reason: reason.as_str().into(),
            owner: "".into(),
        });
    }
}

fn tell(bench: &mut Bench<'_>, new: &NewReport) -> Result<(), Refusal> {
    let not_due = |why: &str| {
        Refusal::new(
            Reason::SlotNotDue,
            format!("nothing is to be told at once: {why}"),
        )
        .next("report list")
    };
    if new.kind != ReportKind::Blockers {
        return Err(Refusal::field("kind", "must be that of the blocker report"));
    }
    // What became urgent behind the version that is told of is told next.
    let untold = bench.plan.untold();
    let Some(untold) = untold.filter(|untold| untold.version <= new.as_of) else {
        return Err(not_due("no blocker became urgent that was not told of"));
    };
    if bench.plan.quiet_until(bench.facts.now).is_some() {
        return Err(not_due("something was told less than a minute ago"));
    }
    let schedule = Arc::clone(&untold.schedule.name);
    schedule::publish(bench, new, Some(&schedule))
}
