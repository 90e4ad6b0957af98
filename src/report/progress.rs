//! How far a project is: in all, phase by phase against the days each is meant for, in a session, and when it
//! will be done as a forecast tells. Counted from the plan alone, so that two reports of one version agree.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::chart::{Bar, Chart};
use super::data::{Moment, PhaseRef, counted};
use super::words::{clean, clip, count};
use super::zone::Zone;
use crate::plan::event::Severity;
use crate::plan::forecast::Forecast;
use crate::plan::id::{PhaseNo, RoleNo, SessionId};
use crate::plan::model::{Phase, PhaseStatus, Status};
use crate::plan::settings::Settings;
use crate::plan::time::Timestamp;
use crate::plan::velocity::Velocity;
use crate::plan::{Plan, TaskView};

/// Windows of the past whose pace is told at most, the newest among them.
const PACES_MAX: usize = 6;

/// Integer percent, rounded half up; none of nothing.
pub(super) fn percent(part: u64, of: u64) -> Option<u32> {
    let percent = part.saturating_mul(200).saturating_add(of);
    let percent = percent.checked_div(of.saturating_mul(2))?;
    u32::try_from(percent).ok()
}

/// When somebody completed a task, and it still is; what a file said is no work.
pub(super) fn worked_off_at(view: &TaskView<'_>) -> Option<Timestamp> {
    let done = view.state.completion.as_deref()?;
    let stands = view.state.status == Status::Completed && done.agent.is_some();
    stands.then_some(done.at)
}

/// A project in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overall {
    /// Tasks that count: all but deferred and cancelled ones.
    pub counted: u32,
    /// Completed tasks.
    pub completed: u32,
    /// Integer percent completed, rounded half up; none when nothing counts.
    pub percent: Option<u32>,
    /// Tasks held or under review.
    pub in_progress: u32,
    /// Deferred tasks.
    pub deferred: u32,
    /// Cancelled tasks.
    pub cancelled: u32,
    /// Completed within the window, and still so.
    pub completed_in_window: u32,
    /// Open blockers.
    pub blockers_open: u32,
    /// Those of them that are critical.
    pub blockers_critical: u32,
}

impl Overall {
    pub(super) fn of(plan: &Plan, done: &BTreeMap<PhaseNo, u32>) -> Self {
        let total = plan.total();
        let critical = plan.open_blockers();
        let critical = critical.filter(|it| it.severity == Severity::Critical);
        Self {
            counted: total.counted(),
            completed: total.completed,
            percent: total.percent(),
            in_progress: total.claimed + total.in_progress + total.in_review,
            deferred: total.deferred,
            cancelled: total.cancelled,
            completed_in_window: done.values().sum(),
            blockers_open: counted(plan.open_blocker_count()),
            blockers_critical: counted(critical.count()),
        }
    }

    /// In words: `3/7 tasks completed (43 %), 2 of them in this time`.
    pub(super) fn told(&self, time: &str) -> String {
        if self.counted == 0 {
            return "no tasks are planned yet".to_owned();
        }
        let percent = self.percent.unwrap_or(0);
        format!(
            "{}/{} tasks completed ({percent} %), {} of them {time}",
            self.completed, self.counted, self.completed_in_window
        )
    }
}

/// How many tasks of each phase were completed within a window, and still are.
pub(super) fn done_by_phase(
    plan: &Plan,
    since: Timestamp,
    now: Timestamp,
) -> BTreeMap<PhaseNo, u32> {
    let mut done = BTreeMap::new();
    for view in plan.tasks() {
        if worked_off_at(&view).is_some_and(|at| since < at && at <= now) {
            *done.entry(view.spec.phase).or_insert(0) += 1;
        }
    }
    done
}

/// How far a phase is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseProgress {
    /// The phase.
    pub phase: PhaseRef,
    /// Where it stands.
    pub status: PhaseStatus,
    /// Tasks that count: all but deferred and cancelled ones.
    pub counted: u32,
    /// Completed tasks.
    pub completed: u32,
    /// Integer percent completed, rounded half up; none when nothing counts.
    pub percent: Option<u32>,
    /// Completed within the window, and still so.
    pub completed_in_window: u32,
    /// The first day it is meant for; empty when nothing is said.
    pub start_date: String,
    /// The last day it is meant for; empty when nothing is said.
    pub end_date: String,
    /// How much of these days has passed, in integer percent rounded half up; none when nothing is said.
    pub time_percent: Option<u32>,
    /// Days since its last one, of a phase that is not closed; 0 when it is not late.
    pub days_late: u32,
    /// The day on which it ends in 85 of 100 runs of a forecast; empty without one, and when none of its tasks
    /// is open.
    #[serde(default)]
    pub likely_date: String,
}

/// How far each phase is, in plan order.
pub(super) fn phases(
    plan: &Plan,
    zone: &Zone,
    now: Timestamp,
    done: &BTreeMap<PhaseNo, u32>,
    forecast: Option<&Forecast>,
) -> Vec<PhaseProgress> {
    let ends: BTreeMap<PhaseNo, String> = forecast.map_or_else(BTreeMap::new, |forecast| {
        let dates = Dates::of(plan, zone, now);
        let ends = forecast.phases.iter();
        ends.map(|(no, likely)| (*no, dates.day_after(likely.p85)))
            .collect()
    });
    let phases = plan.phases().map(|phase| {
        let mut progress = of_phase(plan, zone, now, phase);
        progress.completed_in_window = done.get(&phase.no).copied().unwrap_or(0);
        let end = ends
            .get(&phase.no)
            .filter(|_| plan.tally(phase.no).open() > 0);
        progress.likely_date = end.cloned().unwrap_or_default();
        progress
    });
    phases.collect()
}

fn of_phase(plan: &Plan, zone: &Zone, now: Timestamp, phase: &Phase) -> PhaseProgress {
    let tally = plan.tally(phase.no);
    let today = zone.day(now);
    let dates = plan.phase_dates(phase);
    let time_percent = dates.and_then(|(first, last)| {
        let of = (last.0 + 1).saturating_sub(first.0);
        let passed = (today.0 + 1).saturating_sub(first.0).min(of);
        percent(passed.into(), of.into())
    });
    let late = dates.filter(|_| plan.is_late(phase, today));
    PhaseProgress {
        phase: PhaseRef::new(plan, phase.no),
        status: plan.phase_status(phase.no),
        counted: tally.counted(),
        completed: tally.completed,
        percent: tally.percent(),
        completed_in_window: 0,
        start_date: dates.map_or_else(String::new, |(first, _)| first.to_string()),
        end_date: dates.map_or_else(String::new, |(_, last)| last.to_string()),
        time_percent,
        days_late: late.map_or(0, |(_, last)| today.0.saturating_sub(last.0)),
        likely_date: String::new(),
    }
}

impl PhaseProgress {
    pub(super) fn is_late(&self) -> bool {
        self.days_late > 0
    }

    /// Where it stands, in a word or two.
    pub(super) fn state(&self) -> String {
        let state = match self.status {
            PhaseStatus::Planned => "planned",
            PhaseStatus::Active => "active",
            PhaseStatus::Gating => "waits for a word",
            PhaseStatus::Completed => "completed",
            PhaseStatus::Blocked => "blocked",
            PhaseStatus::Skipped => "left out",
        };
        match self.days_late {
            0 => state.to_owned(),
            days => format!("{state}, {} late", count(days, "day", "days")),
        }
    }

    /// Its id and name.
    pub(super) fn named(&self, columns: usize) -> String {
        let name = format!(
            "{} {}",
            clean(&self.phase.id),
            clip(&self.phase.name, columns)
        );
        name.trim_end().to_owned()
    }
}

/// How far the tasks that fall to a role are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleProgress {
    /// The role's slug; `any` for tasks that any role may take.
    pub role: String,
    /// The role's name for people.
    pub title: String,
    /// Tasks that count: all but deferred and cancelled ones.
    pub counted: u32,
    /// Completed tasks.
    pub completed: u32,
    /// Integer percent completed, rounded half up; none when nothing counts.
    pub percent: Option<u32>,
    /// Completed within the window, and still so.
    pub completed_in_window: u32,
}

/// What a role is called; tasks for any role have a name too.
pub(super) fn title_of(plan: &Plan, role: Option<RoleNo>) -> String {
    let role = role.and_then(|no| plan.role(no));
    role.map_or_else(|| "Any role".to_owned(), |role| role.title.clone())
}

/// How far the tasks of each role are that has some, in the order of the catalogue, those for any role last.
pub(super) fn roles(plan: &Plan, since: Timestamp, now: Timestamp) -> Vec<RoleProgress> {
    let mut tallies: BTreeMap<(bool, Option<RoleNo>), [u32; 3]> = BTreeMap::new();
    for view in plan.tasks() {
        let status = view.state.status;
        if matches!(status, Status::Deferred | Status::Cancelled) {
            continue;
        }
        let role = view.state.role;
        let tally = tallies.entry((role.is_none(), role)).or_default();
        let within = worked_off_at(&view).is_some_and(|at| since < at && at <= now);
        tally[0] += 1;
        tally[1] += u32::from(status == Status::Completed);
        tally[2] += u32::from(within);
    }
    let roles = tallies.into_iter().map(|((_, role), tally)| {
        let [counted, completed, completed_in_window] = tally;
        RoleProgress {
            role: plan.role_slug(role).to_owned(),
            title: title_of(plan, role),
            counted,
            completed,
            percent: percent(completed.into(), counted.into()),
            completed_in_window,
        }
    });
    roles.collect()
}

/// Progress of the tasks of each role; nothing where there is only one.
pub(super) fn chart_of_roles(roles: &[RoleProgress]) -> Chart {
    let several = roles.len() > 1;
    let bars = roles.iter().filter(|_| several);
    let bars = bars.map(|it| Bar::progress(&it.title, it.completed, it.counted, false));
    Chart::progress("Progress by role", bars.collect())
}

/// Progress of all tasks and of each phase that has some.
pub(super) fn chart(overall: &Overall, phases: &[PhaseProgress]) -> Chart {
    if overall.counted == 0 {
        return Chart::progress("Progress", Vec::new());
    }
    let all = Bar::progress("All tasks", overall.completed, overall.counted, false);
    let with_tasks = phases.iter().filter(|phase| phase.counted > 0);
    let each = with_tasks.map(|phase| {
        let label = phase.named(48);
        Bar::progress(&label, phase.completed, phase.counted, phase.is_late())
    });
    Chart::progress("Progress", std::iter::once(all).chain(each).collect())
}

/// What got done in a window, and the sessions that worked in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The start of the window, itself outside.
    pub since: Moment,
    /// Its end.
    pub until: Moment,
    /// Tasks completed in it, and still so.
    pub completed: u32,
    /// Sessions that worked in it: began and claimed something, or took what they hold, handed in or completed.
    pub sessions: u32,
    /// Tasks a session in hundredths, rounded half up; none when no session was used.
    pub hundredths: Option<u32>,
}

impl Pace {
    fn of(zone: &Zone, since: Timestamp, until: Timestamp, velocity: Velocity) -> Self {
        Self {
            since: zone.moment(since),
            until: zone.moment(until),
            completed: velocity.completed,
            sessions: velocity.sessions,
            hundredths: velocity.hundredths(),
        }
    }

    /// In words: `1.50 tasks a session (3 in 2)`.
    pub(super) fn told(&self) -> String {
        rate(self.hundredths, self.completed, self.sessions)
    }
}

/// Tasks a session, in words.
pub(super) fn rate(hundredths: Option<u32>, completed: u32, sessions: u32) -> String {
    match hundredths {
        Some(rate) => format!(
            "{} tasks a session ({completed} in {sessions})",
            decimal(rate)
        ),
        None if completed == 0 => "nothing completed".to_owned(),
        None => format!(
            "{} completed outside of sessions",
            count(completed, "task", "tasks")
        ),
    }
}

/// Hundredths as people write them: `1.50`.
pub(super) fn decimal(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// When sessions worked, as far as a plan tells: when those began that claimed something, when they took what they
/// hold, handed work in or completed it.
fn signs_of_work(plan: &Plan) -> impl Iterator<Item = (Timestamp, SessionId)> {
    let claimed = plan.sessions();
    let claimed = claimed.filter(|it| plan.claimed_in(it.id).next().is_some());
    let begun = claimed.map(|session| (session.started_at, session.id));
    let done = plan.tasks().filter_map(|view| {
        let done = view.state.completion.as_deref()?;
        Some((done.at, done.session?))
    });
    let held = plan.live().filter_map(|view| {
        let lease = view.state.lease.as_deref()?;
        Some((lease.claimed_at, lease.session))
    });
    let handed_in = plan
        .reviews()
        .map(|(_, review)| (review.at, review.session));
    begun.chain(done).chain(held).chain(handed_in)
}

/// How many sessions worked after an instant and not after another.
pub(super) fn sessions_between(plan: &Plan, since: Timestamp, until: Timestamp) -> u32 {
    let within = signs_of_work(plan).filter(|(at, _)| since < *at && *at <= until);
    let sessions: BTreeSet<SessionId> = within.map(|(_, session)| session).collect();
    counted(sessions.len())
}

/// The pace of the window and of those of the same length in front of it, the oldest first; windows that end
/// before the project begins are left out.
pub(super) fn paces(plan: &Plan, zone: &Zone, since: Timestamp, now: Timestamp) -> Vec<Pace> {
    let length = now.since_ms(since).max(1);
    let mut windows = [Velocity::default(); PACES_MAX];
    let back = |at: Timestamp| usize::try_from(now.since_ms(at) / length).unwrap_or(PACES_MAX);
    for view in plan.tasks() {
        let at = worked_off_at(&view).filter(|at| *at <= now);
        if let Some(window) = at.and_then(|at| windows.get_mut(back(at))) {
            window.completed += 1;
        }
    }
    let mut sessions: [BTreeSet<SessionId>; PACES_MAX] = Default::default();
    for (at, session) in signs_of_work(plan).filter(|(at, _)| *at <= now) {
        if let Some(window) = sessions.get_mut(back(at)) {
            window.insert(session);
        }
    }
    for (window, worked) in windows.iter_mut().zip(&sessions) {
        window.sessions = counted(worked.len());
    }
    let begun = plan.project().map_or(now, |project| project.created_at);
    let told = (0_i64..).zip(windows).map(|(back, velocity)| {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let end = Timestamp(now.0.saturating_sub(length.saturating_mul(back)));
        let start = Timestamp(end.0.saturating_sub(length));
        (end, Pace::of(zone, start, end, velocity))
    });
    let told = told.take_while(|(end, _)| *end == now || *end > begun);
    let mut paces: Vec<Pace> = told.map(|(_, pace)| pace).collect();
    paces.reverse();
    paces
}

/// When all open work is done, as a forecast tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastEnd {
    /// Open tasks.
    pub open: u32,
    /// The end in half of all runs.
    pub p50: Moment,
    /// The end in 85 of 100 runs.
    pub p85: Moment,
    /// The end in 95 of 100 runs.
    pub p95: Moment,
    /// The day the project is to be done; empty when nothing is said.
    pub target_date: String,
    /// The end in 85 of 100 runs is behind that day.
    pub at_risk: bool,
    /// Open blockers and decisions, which were thought to take no time.
    pub unsettled: u32,
}

/// Minutes of work from an instant on, as days of the project.
pub(super) struct Dates<'a> {
    pub(super) zone: &'a Zone,
    pub(super) now: Timestamp,
    pub(super) calendar: Calendar,
}

impl<'a> Dates<'a> {
    pub(super) fn of(plan: &Plan, zone: &'a Zone, now: Timestamp) -> Self {
        let fallback = Settings::default();
        let settings = plan.project().map_or(&fallback, |it| &it.settings);
        Self {
            zone,
            now,
            calendar: Calendar::of(settings),
        }
    }

    pub(super) fn after(&self, minutes: u64) -> Timestamp {
        self.calendar.after(self.now, minutes)
    }

    pub(super) fn day_after(&self, minutes: u64) -> String {
        self.zone.day(self.after(minutes)).to_string()
    }
}

impl ForecastEnd {
    /// None without a forecast, and when nothing is open.
    pub(super) fn of(
        plan: &Plan,
        zone: &Zone,
        now: Timestamp,
        forecast: Option<&Forecast>,
    ) -> Option<Self> {
        let forecast = forecast.filter(|forecast| forecast.open > 0)?;
        let dates = Dates::of(plan, zone, now);
        let target = plan.project().and_then(|it| it.settings.target_date);
        let likely = dates.after(forecast.finish.p85);
        Some(Self {
            open: forecast.open,
            p50: zone.moment(dates.after(forecast.finish.p50)),
            p85: zone.moment(likely),
            p95: zone.moment(dates.after(forecast.finish.p95)),
            target_date: target.map_or_else(String::new, |day| day.to_string()),
            at_risk: target.is_some_and(|day| dates.calendar.is_after(likely, day)),
            unsettled: forecast.unsettled,
        })
    }

    /// In a sentence.
    pub(super) fn told(&self) -> String {
        let target = match (self.target_date.as_str(), self.at_risk) {
            ("", _) => String::new(),
            (day, true) => format!("; it was to be done by {day}, which is at risk"),
            (day, false) => format!("; it is to be done by {day}"),
        };
        let unsettled = match self.unsettled {
            0 => String::new(),
            number => format!(
                " if {} settled in time",
                count(
                    number,
                    "open blocker or decision is",
                    "open blockers and decisions are"
                )
            ),
        };
        let (likely, half) = (day(&self.p85), day(&self.p50));
        let half = if half == likely {
            String::new()
        } else {
            format!(", by {half} with 50 %")
        };
        format!(
            "Forecast: everything is done by {likely} with 85 % certainty{unsettled}{half}{target}."
        )
    }
}

/// The day of a moment, with its weekday: `Tue 2026-11-24`.
pub(super) fn day(moment: &Moment) -> String {
    let words = moment.local.split(' ').take(2);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::data::zone_of;
    use super::super::fixture::{World, utc};
    use super::*;
    use crate::plan::id::TaskId;

    #[test]
    fn a_percent_is_rounded_half_up_and_none_of_nothing() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(1, 8), Some(13));
        assert_eq!(percent(7, 7), Some(100));
        assert_eq!(percent(u64::MAX, 1), None);
    }

    #[test]
    fn what_happened_at_the_start_of_a_window_belongs_to_the_one_before() {
        let mut world = World::new("UTC", "2026-11-01T08:00:00Z");
        world.register("dana", "developer");
        for title in ["One", "Two", "Three"] {
            world.task("1", title, "Features");
        }
        world.at("2026-11-10T08:00:00Z");
        world.work("dana", TaskId(1), 0, None);
        world.at("2026-11-17T08:00:00Z");
        world.work("dana", TaskId(2), 0, None);
        world.wait(1);
        world.work("dana", TaskId(3), 0, None);
        let (since, now) = (utc("2026-11-17T08:00:00Z"), utc("2026-11-24T08:00:00Z"));
        let paces = paces(&world.plan, &zone_of(&world.plan), since, now);
        let completed: Vec<u32> = paces.iter().map(|pace| pace.completed).collect();
        // The project begins within the oldest of them.
        assert_eq!(completed, [0, 1, 1, 1]);
        let done: u32 = done_by_phase(&world.plan, since, now).values().sum();
        assert_eq!(done, 1);
    }

    #[test]
    fn a_window_without_length_has_a_pace_all_the_same() {
        let world = World::new("UTC", "2026-11-01T08:00:00Z");
        let now = world.now;
        let paces = paces(&world.plan, &zone_of(&world.plan), now, now);
        assert_eq!(paces.len(), 1);
        assert_eq!(paces[0].told(), "nothing completed");
    }
}
