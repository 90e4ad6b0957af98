//! Who looks after what and when roles work, as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::{View, time};
use crate::plan::event::{Duty, RoleTime, Subject};
use crate::plan::model::{Assignment, Phase, RoleWindow};
use crate::plan::time::Timestamp;
use crate::plan::window::{Window, WindowUnit};
use crate::report::dates;

/// A window.
pub(in super::super) fn window(window: Window) -> wire::Window {
    let unit = match window.unit {
        WindowUnit::Day => wire::WindowUnit::Day,
        WindowUnit::Week => wire::WindowUnit::Week,
    };
    wire::Window {
        unit: unit.into(),
        from: window.from,
        to: window.to,
    }
}

impl View<'_> {
    /// The moment of the view, never before the plan's newest event.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.now_ms.max(self.plan.last_at().0))
    }

    /// An assignment.
    pub(in super::super) fn assignment(&self, assignment: &Assignment) -> wire::Assignment {
        use wire::assignment_subject::What;
        let end = assignment.end.as_ref();
        let what = match &assignment.subject {
            Subject::Area(area) => What::Area(area.to_string()),
            Subject::Task(task) => What::Task(task.to_string()),
        };
        wire::Assignment {
            id: assignment.id.to_string(),
            agent: assignment.agent.to_string(),
            subject: Some(wire::AssignmentSubject { what: Some(what) }),
            duty: enums::duty(assignment.duty).into(),
            ended: end.is_some(),
            ended_reason: end.map_or_else(String::new, |it| it.reason.to_string()),
            ended_by: end.map_or_else(String::new, |it| it.by.to_string()),
            ended_at: end.map(|it| time(it.at)),
            added_by: assignment.added_by.to_string(),
            added_at: Some(time(assignment.added_at)),
            revision: assignment.revision,
        }
    }

    /// What an agent looks after in one way, in words.
    pub(super) fn cared_for(&self, agent: &str, duty: Duty) -> Vec<String> {
        let in_force = self.plan.in_force_of(agent);
        let of_duty = in_force.filter(|assignment| assignment.duty == duty);
        of_duty.map(|it| it.subject.to_string()).collect()
    }

    /// Every time of a role that is stated.
    pub(in super::super) fn role_windows(&self) -> Vec<wire::RoleWindow> {
        let windows = self.plan.role_windows().iter();
        windows.map(|window| self.role_window(window)).collect()
    }

    /// When a role works.
    pub(in super::super) fn role_window(&self, stated: &RoleWindow) -> wire::RoleWindow {
        use wire::role_window::Time;
        let start = self.plan.windows_start();
        let (at, dates, open_today) = match stated.time {
            RoleTime::Always => (Time::Always(true), None, true),
            RoleTime::During(during) => {
                let today = || dates::today(self.plan, self.now());
                let open = start.is_none_or(|start| during.holds(start, today()));
                let dates = start.map(|start| during.dates(start));
                (Time::Window(window(during)), dates, open)
            }
        };
        let date = |day: Option<crate::plan::day::Day>| super::project::day(day);
        wire::RoleWindow {
            role: self.plan.role_slug(Some(stated.role)).to_owned(),
            phase: stated
                .phase
                .map_or_else(String::new, |no| self.phase_id(no)),
            time: Some(at),
            start_date: date(dates.map(|(first, _)| first)),
            end_date: date(dates.map(|(_, last)| last)),
            open_today,
        }
    }

    /// Fills in when a phase has its time.
    pub(super) fn timing(&self, phase: &Phase, mut message: wire::Phase) -> wire::Phase {
        let dates = self.plan.phase_dates(phase);
        message.window = phase.window.map(window);
        message.window_start_date = super::project::day(dates.map(|(first, _)| first));
        message.window_end_date = super::project::day(dates.map(|(_, last)| last));
        message.late = dates::is_late(self.plan, phase, self.now());
        message.ordering = enums::phase_ordering(phase.ordering).into();
        message
    }
}
