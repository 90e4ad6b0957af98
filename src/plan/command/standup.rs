//! A day's standup: opened once, open to entries until it is due, late after that. What was published is not
//! changed by anything that is said later.

use std::sync::Arc;

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::bench::Bench;
use super::super::day::Day;
use super::super::event::{ReportKind, Slots, StandupEntered, StandupHeld, StandupOpened, Text};
use super::super::fact::Actor;
use super::super::id::ReportId;
use super::super::model::{Firing, Standup};
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Plan, clipped};
use super::super::time::Timestamp;
use super::text;

/// Standups a project keeps in sight.
const STANDUPS_MAX: usize = 100_000;
/// Entries a standup takes.
const ENTRIES_MAX: usize = 200;
/// Standups among which that of a run is looked for.
const RECENT_MAX: usize = 10;
/// The longest text of an entry, in characters.
const TEXT_CHARS_MAX: usize = 2_000;
/// For how many days after it a standup takes entries, all of them late.
const LATE_DAYS_MAX: u32 = 7;

/// What can be asked of standups.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub enum Gathering {
    /// Opens the day's standup (the daemon itself).
    Open,
    /// Says what there is to say at a standup; the day's is opened if nobody did.
    Enter(Box<NewEntry>),
}

/// An entry as it is handed in.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewEntry {
    /// The day of the standup; none = the one at hand.
    pub day: Option<Day>,
    /// The role it speaks for, by any of its names; empty = the agent's main role, or the coordinator.
    pub role: String,
    /// What it says, slot by slot.
    pub slots: Slots,
    /// What else there is to say.
    pub text: String,
}

impl Gathering {
    /// Whether an actor may ask for it.
    pub fn is_for(&self, actor: &Actor) -> bool {
        match self {
            Self::Open => *actor == Actor::System,
            Self::Enter(_) => actor.agent().is_some() || actor.coordinates(),
        }
    }
}

pub fn decide(bench: &mut Bench<'_>, gathering: &Gathering) -> Result<(), Refusal> {
    match gathering {
        Gathering::Open => open(bench),
        Gathering::Enter(entry) => enter(bench, entry),
    }
}

/// A standup by its day; none named = the one at hand.
pub fn found(plan: &Plan, day: Option<Day>, now: Timestamp) -> Result<&Standup, Refusal> {
    let standup = match day {
        Some(day) => plan.standup(day),
        None => plan.standup_at_hand(now),
    };
    standup.ok_or_else(|| {
        let next = match day {
            Some(_) => "standup list",
            None => "standup submit --next …",
        };
        let day = day.unwrap_or_else(|| plan.local_day(now));
        Refusal::new(
            Reason::StandupNotFound,
            format!("no standup on {day}; it opens with the first entry of its day, or with the checklist"),
        )
        .next(next)
    })
}

fn open(bench: &mut Bench<'_>) -> Result<(), Refusal> {
    let now = bench.now();
    if let Some(standup) = bench.plan.standup_at_hand(now) {
        let day = standup.day;
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("the standup of {day} is {} already", standup.status(now)),
        )
        .next(format!("standup show --date {day}")));
    }
    begin(bench).map(|_| ())
}

fn begin(bench: &mut Bench<'_>) -> Result<Day, Refusal> {
    if bench.plan.standups.len() >= STANDUPS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {STANDUPS_MAX} standups, which is the limit; no more are kept"
            ),
        )
        .fact("limit", STANDUPS_MAX));
    }
    let now = bench.now();
    let day = bench.plan.local_day(now);
    let due = bench.plan.standup_due(now);
    let (closes_at, schedule): (_, Text) = match due {
        Some((due, schedule)) => (Timestamp(due.at_ms), Arc::clone(&schedule.name)),
        None => {
            let minutes = bench.plan.standup_minutes();
            let closes_at = now.0.saturating_add(i64::from(minutes) * 60_000);
            (Timestamp(closes_at), "".into())
        }
    };
    bench.record(StandupOpened {
        day,
        closes_at,
        schedule,
    });
    Ok(day)
}

fn enter(bench: &mut Bench<'_>, new: &NewEntry) -> Result<(), Refusal> {
    let role = spoken_for(bench, &new.role)?;
    let slots = checked(&new.slots)?;
    let text = text::long("text", &new.text)?;
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::field(
            "text",
            format!("has more than {TEXT_CHARS_MAX} characters"),
        ));
    }
    if slots.is_empty() && text.is_empty() {
        return Err(Refusal::field(
            "text",
            "is missing, and so is every slot; say at least one thing",
        ));
    }
    let now = bench.now();
    let today = bench.plan.local_day(now);
    let standup = match new.day {
        None => bench.plan.standup_at_hand(now),
        Some(day) => bench.plan.standup(day),
    };
    let day = match (standup, new.day.unwrap_or(today)) {
        (Some(standup), _) => standup.day,
        (None, day) if day == today => begin(bench)?,
        (None, day) => found(&bench.plan, Some(day), now)?.day,
    };
    if day.later(LATE_DAYS_MAX) < today {
        return Err(Refusal::field(
            "day",
            format!("is {day}; entries are taken for {LATE_DAYS_MAX} days after their standup"),
        ));
    }
    let standup = found(&bench.plan, Some(day), now)?;
    let (late, by) = (standup.is_over(now), &bench.facts.actor);
    let others = standup
        .entries
        .iter()
        .filter(|it| (&it.role, &it.by, it.late) != (&role, by, late));
    if others.count() >= ENTRIES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the standup of {day} has {ENTRIES_MAX} entries, which is the limit; have it said by somebody who spoke"),
        )
        .fact("limit", ENTRIES_MAX));
    }
    bench.record(StandupEntered {
        day,
        role,
        late,
        slots,
        text,
    });
    Ok(())
}

/// The role that an entry speaks for: an agent's own ones, and for a coordinator any.
fn spoken_for(bench: &Bench<'_>, written: &str) -> Result<Text, Refusal> {
    let plan = &bench.plan;
    let agent = bench.facts.actor.agent();
    let agent = agent.and_then(|name| plan.agent(name));
    if written.is_empty() {
        return Ok(match agent {
            None => "coordinator".into(),
            Some(agent) => match agent.roles.first() {
                None => "".into(),
                Some(role) => plan.role_slug(Some(*role)).into(),
            },
        });
    }
    let role = plan.resolve_role(written)?;
    match agent {
        Some(agent) if !agent.roles.contains(&role) => {
            let own: Vec<&str> = agent
                .roles
                .iter()
                .map(|role| plan.role_slug(Some(*role)))
                .collect();
            Err(Refusal::field(
                "role",
                format!(
                    "is `{}`; {} speaks for {}",
                    clipped(written),
                    agent.name,
                    if own.is_empty() {
                        "no role".to_owned()
                    } else {
                        own.join(", ")
                    }
                ),
            ))
        }
        _ => Ok(plan.role_slug(Some(role)).into()),
    }
}

fn checked(slots: &Slots) -> Result<Slots, Refusal> {
    if slots.tests_passed_percent.is_some_and(|it| it > 100) {
        return Err(Refusal::field("tests_passed_percent", "is more than 100"));
    }
    Ok(Slots {
        built: text::line("built", &slots.built)?,
        next: text::line("next", &slots.next)?,
        shipped: text::line("shipped", &slots.shipped)?,
        tests_passed_percent: slots.tests_passed_percent,
        metrics: text::line("metrics", &slots.metrics)?,
        version: text::line("version", &slots.version)?,
        monitoring: text::line("monitoring", &slots.monitoring)?,
        blockers: text::line("blockers", &slots.blockers)?,
        changes: text::line("changes", &slots.changes)?,
    })
}

/// A report was published: it holds the standup of its day when the run of the schedule that publishes that one made
/// it, or when anybody did once its time was over.
pub(super) fn published(bench: &mut Bench<'_>, report: ReportId, run: Option<&Firing>) {
    let Some(told) = bench.plan.report(report) else {
        return;
    };
    if told.kind != ReportKind::Standup {
        return;
    }
    // A run that was cut off, or caught up on, tells of the day on which it was due.
    let at = run.map_or_else(|| bench.now(), |run| run.due_at);
    let today = bench.plan.local_day(at);
    let of_run = run.and_then(|run| {
        let mut recent = bench.plan.standups().rev().take(RECENT_MAX);
        recent.find(|it| it.schedule == told.schedule && it.closes_at == run.due_at)
    });
    let standup = of_run.or_else(|| bench.plan.standup_at_hand(at));
    let day = match (standup, run) {
        (Some(standup), _) if standup.held.is_some() => return,
        (Some(standup), None) if !standup.is_over(bench.now()) => return,
        // Another schedule's run does not end the time that people have for this one.
        (Some(standup), Some(run))
            if !(standup.schedule.is_empty()
                || standup.schedule == told.schedule
                || standup.is_over(run.due_at)) =>
        {
            return;
        }
        (Some(standup), _) => standup.day,
        (None, Some(_)) => today,
        (None, None) => return,
    };
    bench.record(StandupHeld { day, report });
}
