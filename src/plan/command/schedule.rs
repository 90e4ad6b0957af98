//! Schedules: set, paused, fired slot by slot, and what they publish. A slot has one turn: whoever asks for it a
//! second time, after a restart or on another daemon, is refused.

use std::sync::Arc;

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::bench::Bench;
use super::super::event::{
    FiringCause, Job, NamedSchedule, ReportContinued, ReportKind, ReportPublished, SchedulePaused,
    ScheduleRemoved, ScheduleResumed, ScheduleSpec, SchedulesSet, SkipCause, SlotEnded, SlotFired,
    SlotSkipped, SlotsMissed, Text, Urgency,
};
use super::super::fact::Actor;
use super::super::id::ReportId;
use super::super::model::{Firing, Report, Schedule};
use super::super::recurrence::{CATCH_UP_WINDOW_MS, Due, Recurrence, Slot, Zone};
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Plan, clipped};
use super::super::time::Timestamp;
use super::delivery::{self, Delivering};
use super::{checklist, standup, text};

/// Schedules a project may have.
const SCHEDULES_MAX: usize = 100;
/// Reports a project keeps in sight.
const REPORTS_MAX: usize = 100_000;
/// The widest window for catching up, in milliseconds: seven days.
const CATCH_UP_MAX_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// A slot that fires later than this after it was due, in milliseconds, is caught up on.
const ON_TIME_MS: u64 = 60_000;
/// The longest document of a report, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A part of it in one event, in bytes: as JSON in JSON it may take twice as much.
const PART_BYTES: usize = 64 * 1024;
/// What was known beside the log, in bytes; it stands in the event with the first part.
const FACTS_BYTES_MAX: usize = 48 * 1024;

/// What can be asked of schedules and reports.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
#[expect(
    missing_docs,
    reason = "a variant's fields are those of its request, documented there"
)]
pub enum Timing {
    /// Sets schedules: new ones, and others anew.
    Set(Vec<NewSchedule>),
    /// Takes a schedule away.
    Remove { schedule: String, reason: String },
    /// Lets a schedule rest.
    Pause { schedule: String, reason: String },
    /// Lets it go on; what was due meanwhile stays undone.
    Resume { schedule: String },
    /// Fires the newest slot that is due, or calls it missed (the daemon itself).
    Fire { schedule: String, slot: Slot },
    /// Fires at once, whenever it is due.
    Run { schedule: String },
    /// Ends a run without a report (the daemon itself).
    End {
        schedule: String,
        run: u32,
        failed: bool,
        note: String,
    },
    /// Publishes a report, and ends the run it was made for.
    Publish(Box<NewReport>),
    /// What can be asked of reports on their way to channels.
    Deliver(Delivering),
}

impl Timing {
    /// Whether an actor may ask for it.
    pub fn is_for(&self, actor: &Actor) -> bool {
        match self {
            Self::Fire { .. } | Self::End { .. } => *actor == Actor::System,
            Self::Set(_)
            | Self::Remove { .. }
            | Self::Pause { .. }
            | Self::Resume { .. }
            | Self::Run { .. }
            | Self::Publish(_) => actor.coordinates(),
            Self::Deliver(delivering) => delivering.is_for(actor),
        }
    }
}

/// A schedule as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewSchedule {
    /// Its name.
    pub name: String,
    /// What it does; none = what its name says, else it reminds.
    pub job: Option<Job>,
    /// When: a crontab line or words.
    pub when: String,
    /// Its zone; empty = the project's.
    pub zone: String,
    /// Whether only working days count.
    pub only_working_days: bool,
    /// The role it is addressed to; empty = the coordinator.
    pub role: String,
    /// What it reminds of, or is for.
    pub note: String,
    /// How old a slot may be to be caught up on, in milliseconds; none = four hours.
    pub catch_up_ms: Option<u64>,
}

impl NewSchedule {
    /// A schedule of that name, due then, with everything else as usual.
    pub fn new(name: &str, when: &str) -> Self {
        Self {
            name: name.to_owned(),
            job: None,
            when: when.to_owned(),
            zone: String::new(),
            only_working_days: false,
            role: String::new(),
            note: String::new(),
            catch_up_ms: None,
        }
    }

    /// The schedules that a new project begins with.
    pub fn usual() -> Vec<Self> {
        let on_working_days = |name: &str, when: &str| Self {
            only_working_days: true,
            ..Self::new(name, when)
        };
        let mentor = Self {
            job: Some(Job::Oversight),
            role: "mentor".to_owned(),
            ..Self::new("mentor-oversight", "0 15 * * 5")
        };
        vec![
            mentor,
            on_working_days("checklist", "daily at 08:00"),
            on_working_days("standup", "daily at 09:00"),
            on_working_days("blockers", "0 12,17 * * *"),
            on_working_days("oversight", "daily at 17:30"),
            Self::new("weekly-review", "0 16 * * 5"),
            Self::new("stakeholder-update", "0 17 * * 5"),
            Self::new("sprint-close", "daily at 18:00"),
        ]
    }
}

/// A report as it was made.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
pub struct NewReport {
    /// What it tells.
    pub kind: ReportKind,
    /// Its title.
    pub title: String,
    /// How much it matters.
    pub urgency: Urgency,
    /// The role it is addressed to; empty = the coordinator.
    pub role: String,
    /// The schedule and the run it was made for; none = somebody asked.
    pub run: Option<(String, u32)>,
    /// Where the time it tells of begins.
    pub since: Timestamp,
    /// Where it ends.
    pub until: Timestamp,
    /// The version of the plan it tells of.
    pub as_of: u64,
    /// What was known beside the log, as one JSON document; empty = nothing.
    pub facts: String,
    /// The report as one JSON document.
    pub document: String,
    /// What there is to say about the run.
    pub note: String,
    /// The channels it is delivered to.
    #[cfg_attr(test, serde(default))]
    pub channels: Vec<String>,
}

pub fn decide(bench: &mut Bench<'_>, timing: &Timing) -> Result<(), Refusal> {
    match timing {
        Timing::Set(schedules) => set(bench, schedules),
        Timing::Remove { schedule, reason } => remove(bench, schedule, reason),
        Timing::Pause { schedule, reason } => pause(bench, schedule, reason),
        Timing::Resume { schedule } => resume(bench, schedule),
        Timing::Fire { schedule, slot } => fire(bench, schedule, *slot),
        Timing::Run { schedule } => run(bench, schedule),
        Timing::End {
            schedule,
            run,
            failed,
            note,
        } => end(bench, schedule, *run, *failed, note),
        Timing::Publish(report) => publish(bench, report, None),
        Timing::Deliver(delivering) => delivery::decide(bench, delivering),
    }
}

fn set(bench: &mut Bench<'_>, schedules: &[NewSchedule]) -> Result<(), Refusal> {
    if schedules.is_empty() {
        return Err(Refusal::field("schedules", "names no schedule"));
    }
    let mut set: Vec<NamedSchedule> = Vec::with_capacity(schedules.len());
    for new in schedules {
        let named = checked(&bench.plan, new)?;
        if set.iter().any(|other| other.schedule == named.schedule) {
            return Err(Refusal::field(
                "name",
                format!("`{}` is there twice; each name once", named.schedule),
            ));
        }
        let known = bench.plan.schedule(&named.schedule);
        // A run under way ends as what it began.
        if let Some(schedule) = known.filter(|it| it.spec.job != named.spec.job) {
            idle(schedule)?;
        }
        set.push(named);
    }
    let new = |it: &&NamedSchedule| bench.plan.schedule(&it.schedule).is_none();
    if bench.plan.schedules().count() + set.iter().filter(new).count() > SCHEDULES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("a project has at most {SCHEDULES_MAX} schedules; remove one first"),
        )
        .fact("limit", SCHEDULES_MAX)
        .next("schedule list"));
    }
    bench.record(SchedulesSet { schedules: set });
    Ok(())
}

fn checked(plan: &Plan, new: &NewSchedule) -> Result<NamedSchedule, Refusal> {
    let name: Text = text::id("name", &new.name)?.to_lowercase().into();
    let said = new.job.or_else(|| job_named(&name));
    let when: Recurrence = new
        .when
        .parse()
        .map_err(|error| Refusal::field("when", format!("{error}")))?;
    let when = when
        .clone()
        .on_working_days(new.only_working_days || when.only_working_days());
    let zone = if new.zone.is_empty() {
        "".into()
    } else {
        let zone = Zone::named(&new.zone);
        let zone = zone.map_err(|error| Refusal::field("zone", format!("{error}")))?;
        zone.name().into()
    };
    let role: Text = if new.role.is_empty() {
        "".into()
    } else {
        plan.role_slug(Some(plan.resolve_role(&new.role)?)).into()
    };
    let catch_up_ms = new.catch_up_ms.unwrap_or(CATCH_UP_WINDOW_MS);
    if !(ON_TIME_MS..=CATCH_UP_MAX_MS).contains(&catch_up_ms) {
        return Err(Refusal::field(
            "catch_up_ms",
            format!("is {catch_up_ms}; it must be from {ON_TIME_MS} to {CATCH_UP_MAX_MS}"),
        ));
    }
    let spec = ScheduleSpec {
        job: said.unwrap_or(Job::Reminder),
        when,
        zone,
        role,
        note: text::line("note", &new.note)?,
        catch_up_ms,
    };
    // A line that never comes, such as 31 February, would stand there and do nothing.
    let zone = Zone::named(&spec.zone).unwrap_or_else(|_| Zone::utc());
    let calendar = plan.project().map(|it| it.settings.calendar());
    let calendar = calendar.unwrap_or_default();
    let now_ms = plan.last_at().0;
    if spec.when.next_after(&zone, &calendar, now_ms).is_none() {
        return Err(Refusal::field(
            "when",
            format!(
                "`{}` is not due within ten years; write another time",
                clipped(&new.when)
            ),
        ));
    }
    Ok(NamedSchedule {
        schedule: name,
        spec,
    })
}

/// The job of that name; other words of a name than a job's make nothing of it.
fn job_named(name: &str) -> Option<Job> {
    Job::ALL.into_iter().find(|job| job.as_str() == name)
}

/// A schedule by its name, in any case.
pub fn found<'a>(plan: &'a Plan, name: &str) -> Result<&'a Schedule, Refusal> {
    plan.schedule(&name.to_lowercase()).ok_or_else(|| {
        Refusal::new(
            Reason::ScheduleNotFound,
            format!("no schedule `{}` in this project", clipped(name)),
        )
        .next("schedule list")
    })
}

/// A published report; none named = the newest.
pub fn found_report(plan: &Plan, id: Option<ReportId>) -> Result<&Report, Refusal> {
    let report = match id {
        Some(id) => plan.report(id),
        None => plan.reports().next_back(),
    };
    report.ok_or_else(|| {
        let message = match id {
            Some(id) => format!("no report {id} in this project"),
            None => "no report was published in this project".to_owned(),
        };
        Refusal::new(Reason::ReportNotFound, message).next("report list")
    })
}

fn idle(schedule: &Schedule) -> Result<(), Refusal> {
    let Some(firing) = &schedule.under_way else {
        return Ok(());
    };
    let (name, run) = (&schedule.name, firing.run);
    Err(Refusal::new(
        Reason::ScheduleBusy,
        format!("run {run} of `{name}` is under way; wait until it has ended"),
    )
    .fact("run", run)
    .next(format!("schedule show {name}")))
}

fn remove(bench: &mut Bench<'_>, name: &str, reason: &str) -> Result<(), Refusal> {
    let schedule = found(&bench.plan, name)?;
    idle(schedule)?;
    let schedule = Arc::clone(&schedule.name);
    let reason = text::line("reason", reason)?;
    bench.record(ScheduleRemoved { schedule, reason });
    Ok(())
}

fn pause(bench: &mut Bench<'_>, name: &str, reason: &str) -> Result<(), Refusal> {
    let schedule = found(&bench.plan, name)?;
    let name = Arc::clone(&schedule.name);
    if schedule.paused.is_some() {
        return Err(
            Refusal::new(Reason::IllegalTransition, format!("`{name}` rests already"))
                .next(format!("schedule resume {name}")),
        );
    }
    let reason = text::line("reason", reason)?;
    bench.record(SchedulePaused {
        schedule: name,
        reason,
    });
    Ok(())
}

fn resume(bench: &mut Bench<'_>, name: &str) -> Result<(), Refusal> {
    let schedule = found(&bench.plan, name)?;
    let name = Arc::clone(&schedule.name);
    if schedule.paused.is_none() {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("`{name}` is not paused; there is nothing to resume"),
        )
        .next(format!("schedule show {name}")));
    }
    bench.record(ScheduleResumed { schedule: name });
    Ok(())
}

fn fire(bench: &mut Bench<'_>, name: &str, slot: Slot) -> Result<(), Refusal> {
    let schedule = found(&bench.plan, name)?;
    let not_due = || {
        Refusal::new(
            Reason::SlotNotDue,
            format!(
                "slot {slot} of `{name}` is not due: it had its turn, or its time has not come"
            ),
        )
        .next(format!("schedule next {name}"))
    };
    // The clock itself and not the time of the log, which a clock set back falls behind.
    let now = bench.facts.now;
    let turn = bench.plan.turn(schedule, now.0).ok_or_else(not_due)?;
    let newest = turn.fire.or(turn.missed.map(|missed| missed.last));
    if newest.is_none_or(|due| due.slot != slot) {
        return Err(not_due());
    }
    let had_its_turn = |due: &Due| {
        schedule
            .newest_slot
            .is_some_and(|newest| due.slot <= newest)
    };
    let cause = match (turn.fire, &schedule.under_way) {
        (Some(due), _) if had_its_turn(&due) => Some(SkipCause::HadItsTurn),
        (Some(_), Some(_)) => Some(SkipCause::Overlap),
        (Some(_) | None, _) => None,
    };
    let (schedule, job) = (Arc::clone(&schedule.name), schedule.spec.job);
    if let Some(missed) = turn.missed {
        bench.record(SlotsMissed {
            schedule: Arc::clone(&schedule),
            first: missed.first.slot,
            last: missed.last.slot,
            last_due_at: Timestamp(missed.last.at_ms),
            count: missed.count,
        });
        let due_at = Timestamp(missed.last.at_ms);
        let day = bench.plan.local_day(due_at);
        // What fires now gives its day a run.
        let has_a_turn = turn
            .fire
            .is_some_and(|due| bench.plan.local_day(Timestamp(due.at_ms)) == day);
        if job == Job::Checklist && !has_a_turn {
            checklist::missed(bench, &schedule, due_at);
        }
    }
    let Some(due) = turn.fire else {
        return Ok(());
    };
    let due_at = Timestamp(due.at_ms);
    if let Some(cause) = cause {
        bench.record(SlotSkipped {
            schedule,
            slot: due.slot,
            due_at,
            cause,
        });
        return Ok(());
    }
    let late = now.0.abs_diff(due.at_ms) > ON_TIME_MS;
    bench.record(SlotFired {
        schedule,
        job,
        run: bench.plan.highest_job_run + 1,
        slot: Some(due.slot),
        due_at,
        cause: if late {
            FiringCause::CaughtUp
        } else {
            FiringCause::OnTime
        },
    });
    Ok(())
}

fn run(bench: &mut Bench<'_>, name: &str) -> Result<(), Refusal> {
    let schedule = found(&bench.plan, name)?;
    idle(schedule)?;
    bench.record(SlotFired {
        schedule: Arc::clone(&schedule.name),
        job: schedule.spec.job,
        run: bench.plan.highest_job_run + 1,
        slot: None,
        due_at: bench.now(),
        cause: FiringCause::Asked,
    });
    Ok(())
}

/// The schedule whose run is under way, which must be that run.
pub(super) fn under_way<'a>(plan: &'a Plan, name: &str, run: u32) -> Result<&'a Schedule, Refusal> {
    let schedule = found(plan, name)?;
    let is_it = schedule.under_way.as_ref().is_some_and(|it| it.run == run);
    if is_it {
        return Ok(schedule);
    }
    Err(Refusal::new(
        Reason::SlotNotDue,
        format!("run {run} of `{name}` is not under way; it has ended, or never was"),
    )
    .next(format!("schedule show {name}")))
}

fn end(
    bench: &mut Bench<'_>,
    name: &str,
    run: u32,
    failed: bool,
    note: &str,
) -> Result<(), Refusal> {
    let schedule = Arc::clone(&under_way(&bench.plan, name, run)?.name);
    bench.record(SlotEnded {
        schedule,
        run,
        failed,
        note: text::long("note", note)?,
        report: None,
    });
    Ok(())
}

/// Publishes a report; `at_once` names the schedule whose addressee must not wait for its next slot.
pub(super) fn publish(
    bench: &mut Bench<'_>,
    new: &NewReport,
    at_once: Option<&Text>,
) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let (schedule, firing): (Text, Option<Firing>) = match &new.run {
        None => (at_once.map_or_else(|| "".into(), Arc::clone), None),
        Some((name, run)) => {
            let schedule = under_way(plan, name, *run)?;
            (Arc::clone(&schedule.name), schedule.under_way.clone())
        }
    };
    let slot = firing.as_ref().and_then(|firing| firing.slot);
    if plan.reports.len() >= REPORTS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the project has {REPORTS_MAX} reports, which is the limit; no more are kept"),
        )
        .fact("limit", REPORTS_MAX));
    }
    let bytes = new.document.len();
    if new.document.is_empty() || bytes > DOCUMENT_BYTES_MAX {
        return Err(Refusal::field(
            "document",
            format!("has {bytes} bytes; it must have from 1 to {DOCUMENT_BYTES_MAX}"),
        ));
    }
    if new.facts.len() > FACTS_BYTES_MAX {
        return Err(Refusal::field(
            "facts",
            format!("have more than {FACTS_BYTES_MAX} bytes"),
        ));
    }
    if new.as_of > plan.version() || new.since > new.until {
        return Err(Refusal::field(
            "as_of",
            "is ahead of the plan, or the time told of ends before it begins",
        ));
    }
    let newest = plan.reports.last();
    let report = ReportId(newest.map_or(1, |(id, _)| id.0 + 1));
    let role = if new.role.is_empty() {
        "".into()
    } else {
        plan.role_slug(Some(plan.resolve_role(&new.role)?)).into()
    };
    let title = text::required_line("title", &new.title)?;
    let note = text::long("note", &new.note)?;
    let channels = delivery::addressees(&new.channels)?;
    let mut parts = in_parts(&new.document);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    bench.record(ReportPublished {
        report,
        kind: new.kind,
        title,
        urgency: new.urgency,
        role,
        schedule: Arc::clone(&schedule),
        slot,
        at_once: at_once.is_some(),
        since: new.since,
        until: new.until,
        as_of: new.as_of,
        facts: new.facts.as_str().into(),
        document: first.into(),
        more_parts: u32::try_from(rest.len()).unwrap_or(u32::MAX),
        channels,
    });
    for part in rest {
        bench.record(ReportContinued {
            report,
            document: part.into(),
        });
    }
    if let Some((_, run)) = &new.run {
        bench.record(SlotEnded {
            schedule,
            run: *run,
            failed: false,
            note,
            report: Some(report),
        });
    }
    standup::published(bench, report, firing.as_ref());
    Ok(())
}

/// A text in parts of limited size, cut between characters.
fn in_parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART_BYTES));
        rest = after;
        Some(part)
    })
}
