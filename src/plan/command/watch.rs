//! What the daemon does for those who do not look: it says what they should know. A look that finds things as they
//! were records nothing.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::bench::Bench;
use super::super::event::RaisedMark;
use super::super::fact::Actor;
use super::super::refusal::Refusal;
use super::text;

/// Marks that one look may hand in; those that may stand are fewer.
const FOUND_MAX: usize = 10_000;
/// What a mark may say, in characters.
pub const DETAIL_CHARS_MAX: usize = 160;

/// What the daemon itself does while it watches a project.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum Watching {
    /// Says which marks there are.
    Mark(Vec<RaisedMark>),
}

impl Watching {
    /// Whether an actor may ask for it.
    pub fn is_for(&self, actor: &Actor) -> bool {
        match self {
            Self::Mark(_) => *actor == Actor::System,
        }
    }
}

pub fn decide(bench: &mut Bench<'_>, watching: &Watching) -> Result<(), Refusal> {
    match watching {
        Watching::Mark(present) => mark(bench, present),
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
