//! When the schedules of a project are due, on their clocks and its working days. Nothing here reads a clock: the
//! instant is handed in, and what was handled before is never due again.

use std::sync::Arc;

use jiff::civil::Weekday;

use super::day::Day;
use super::event::Job;
use super::id::{ChecklistId, ReportId};
use super::model::{Checklist, ChecklistRun, ProjectStatus, Report, Schedule, Standup};
use super::recurrence::{Calendar, CatchUp, Due, Standing, UnknownZone, Zone};
use super::settings::{Settings, WorkingDay};
use super::state::Plan;
use super::time::Timestamp;

/// How long after its time an unpublished standup of the day before is at hand, in milliseconds.
const STANDUP_AT_HAND_MS: u64 = 60 * 60 * 1_000;

impl WorkingDay {
    fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

impl Settings {
    /// The days on which the project works.
    pub fn calendar(&self) -> Calendar {
        let week = self.working_days.iter().map(|day| day.weekday());
        Calendar::new(week, self.holidays.iter().copied())
    }
}

impl Plan {
    /// Schedules by name.
    pub fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.values().map(AsRef::as_ref)
    }

    /// A schedule.
    pub fn schedule(&self, name: &str) -> Option<&Schedule> {
        self.schedules.get(name).map(AsRef::as_ref)
    }

    /// Published reports by number.
    pub fn reports(&self) -> impl DoubleEndedIterator<Item = &Report> {
        self.reports.values().map(AsRef::as_ref)
    }

    /// A published report.
    pub fn report(&self, id: ReportId) -> Option<&Report> {
        self.reports.get(&id).map(AsRef::as_ref)
    }

    /// What runs of the checklist look at.
    pub fn checklist(&self) -> Arc<Checklist> {
        self.checklist.clone().unwrap_or_default()
    }

    /// Runs of the checklist by number.
    pub fn checklist_runs(&self) -> impl DoubleEndedIterator<Item = &ChecklistRun> {
        self.checklist_runs.values().map(AsRef::as_ref)
    }

    /// A run of the checklist.
    pub fn checklist_run(&self, id: ChecklistId) -> Option<&ChecklistRun> {
        self.checklist_runs.get(&id).map(AsRef::as_ref)
    }

    /// The run of the checklist that began last.
    pub fn newest_checklist_run(&self) -> Option<&ChecklistRun> {
        self.checklist_runs().next_back()
    }

    /// The one that is open.
    pub fn open_checklist_run(&self) -> Option<&ChecklistRun> {
        self.newest_checklist_run()
            .filter(|run| run.ended_at.is_none())
    }

    /// Standups by day.
    pub fn standups(&self) -> impl DoubleEndedIterator<Item = &Standup> {
        self.standups.values().map(AsRef::as_ref)
    }

    /// The standup of a day.
    pub fn standup(&self, day: Day) -> Option<&Standup> {
        self.standups.get(&day).map(AsRef::as_ref)
    }

    /// The standup that is spoken at or told of at an instant: the day's, or one whose time reached over midnight and
    /// was over less than an hour ago.
    pub fn standup_at_hand(&self, now: Timestamp) -> Option<&Standup> {
        let newest = self.standups().next_back()?;
        let is_recent = now.since_ms(newest.closes_at) < STANDUP_AT_HAND_MS;
        if newest.held.is_none() && newest.opened_at <= now && is_recent {
            return Some(newest);
        }
        self.standup(self.local_day(now))
    }

    /// When the standup of an instant's day is due, and the schedule that publishes it; none when nothing does.
    pub fn standup_due(&self, now: Timestamp) -> Option<(Due, &Schedule)> {
        let today = self.local_day(now);
        // The day is that of the project's clock, whatever clock the schedule goes by.
        let is_today = |(due, _): &(Due, &Schedule)| self.local_day(Timestamp(due.at_ms)) == today;
        self.standups_ahead(now)
            .filter(is_today)
            .min_by_key(|(due, _)| due.at_ms)
    }

    /// When a standup is due next, and the schedule that publishes it.
    pub fn next_standup(&self, now: Timestamp) -> Option<(Due, &Schedule)> {
        self.standups_ahead(now).min_by_key(|(due, _)| due.at_ms)
    }

    /// The next slot of each schedule that publishes a standup.
    fn standups_ahead(&self, now: Timestamp) -> impl Iterator<Item = (Due, &Schedule)> {
        let going = self
            .schedules()
            .filter(|it| it.spec.job == Job::Standup && it.paused.is_none() && self.keeps_time());
        going.filter_map(move |schedule| {
            let due = *self.next_times(schedule, now.0, 1).first()?;
            Some((due, schedule))
        })
    }

    /// How long a standup takes entries when no schedule publishes it, in minutes.
    pub fn standup_minutes(&self) -> u32 {
        let project = self.project();
        project.map_or(30, |project| project.settings.standup_minutes)
    }

    /// The day that the project's clock shows at an instant.
    pub fn local_day(&self, at: Timestamp) -> Day {
        let project = self.project();
        let zone = project.and_then(|it| Zone::named(&it.settings.time_zone).ok());
        let local = zone.unwrap_or_else(Zone::utc).local(at.0);
        local.map_or(Day(0), |local| local.day)
    }

    /// The zone of a schedule's clock.
    ///
    /// # Errors
    /// The zone table of this release does not have it, as that of another one did.
    pub fn zone_of(&self, schedule: &Schedule) -> Result<Zone, UnknownZone> {
        if !schedule.spec.zone.is_empty() {
            return Zone::named(&schedule.spec.zone);
        }
        let project = self.project();
        project.map_or_else(
            || Ok(Zone::utc()),
            |project| Zone::named(&project.settings.time_zone),
        )
    }

    fn calendar(&self) -> Calendar {
        let project = self.project();
        project.map_or_else(Calendar::default, |project| project.settings.calendar())
    }

    /// Whether schedules fire by themselves: the project is under way.
    pub fn keeps_time(&self) -> bool {
        let project = self.project();
        project.is_some_and(|project| project.status == ProjectStatus::Active)
    }

    /// What is to be done about a schedule at an instant, in milliseconds since 1970; nothing while it is paused
    /// or has no clock.
    pub fn turn(&self, schedule: &Schedule, now_ms: i64) -> Option<CatchUp> {
        if schedule.paused.is_some() || !self.keeps_time() {
            return None;
        }
        let zone = self.zone_of(schedule).ok()?;
        let standing = Standing {
            created_ms: schedule.since.0,
            handled_ms: schedule.handled.map(|at| at.0),
            window_ms: schedule.spec.catch_up_ms,
        };
        let turn = schedule
            .spec
            .when
            .catch_up(&zone, &self.calendar(), standing, now_ms);
        (turn.fire.is_some() || turn.missed.is_some()).then_some(turn)
    }

    /// The next slots of a schedule after an instant, at most so many, and what it is handled until left out; those
    /// of a paused one are those it would have.
    pub fn next_times(&self, schedule: &Schedule, after_ms: i64, most: usize) -> Vec<Due> {
        let Ok(zone) = self.zone_of(schedule) else {
            return Vec::new();
        };
        let handled = schedule.handled.max(Some(schedule.since));
        let after_ms = after_ms.max(handled.map_or(after_ms, |at| at.0));
        let calendar = self.calendar();
        let when = &schedule.spec.when;
        when.upcoming(&zone, &calendar, after_ms)
            .take(most)
            .collect()
    }

    /// Changes whenever schedules, or what they go by, may have changed.
    pub fn timetable_revision(&self) -> u64 {
        let schedules = self.schedules().map(|schedule| schedule.revision).max();
        let project = self.project().map(|project| project.revision);
        schedules.max(project).unwrap_or(0)
    }
}
