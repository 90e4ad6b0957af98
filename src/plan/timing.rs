//! What a plan says about days: when phases and roles have their time, and what is outside of it. Which day it
//! is comes in from outside; without a day to count from nothing is outside of anything.

use super::day::Day;
use super::event::{PhaseOrdering, RoleTime};
use super::id::{PhaseNo, RoleNo, TaskId};
use super::model::{Phase, PhaseState, RoleWindow, WorkflowRunStatus};
use super::recurrence::Zone;
use super::settings::{RoleWindowPolicy, WindowsFrom};
use super::state::Plan;
use super::window::Window;

/// A role that does not work in a phase on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfTime {
    pub role: RoleNo,
    pub phase: PhaseNo,
    pub window: Window,
    /// The window's first day.
    pub first: Day,
    /// The window's last day.
    pub last: Day,
    /// The day that is outside.
    pub today: Day,
}

impl Plan {
    /// The day from which windows are counted: the project's first, the active sprint's, or that on which the work of
    /// the newest running run of a workflow began; none when there is no such day.
    pub fn windows_start(&self) -> Option<Day> {
        let settings = &self.project()?.settings;
        match settings.windows_from {
            WindowsFrom::Project => self.start_date(),
            WindowsFrom::Sprint => self.active_sprint().map(|sprint| sprint.start),
            WindowsFrom::Workflow => {
                let runs = self.open_workflow_runs().filter(|run| {
                    matches!(
                        run.status,
                        WorkflowRunStatus::Running | WorkflowRunStatus::Gating
                    )
                });
                let began = runs.last()?.started_at?;
                let zone = Zone::named(&settings.time_zone).unwrap_or_else(|_| Zone::utc());
                zone.local(began.0).map(|local| local.day)
            }
        }
    }

    /// The first and last day of a phase's window; none when it has none, or when there is no day from which it is
    /// counted.
    pub fn phase_dates(&self, phase: &Phase) -> Option<(Day, Day)> {
        Some(phase.window?.dates(self.windows_start()?))
    }

    /// Whether a phase is past its window on a day and asks for something still.
    pub fn is_late(&self, phase: &Phase, today: Day) -> bool {
        let open = phase.state == PhaseState::Open && !self.is_no_barrier(phase);
        open && self
            .phase_dates(phase)
            .is_some_and(|(_, last)| last < today)
    }

    /// When roles work: what is said of the project, then phase by phase.
    pub fn role_windows(&self) -> &[RoleWindow] {
        &self.role_windows
    }

    /// What happens to claims outside of the time of a role.
    pub(super) fn role_window_policy(&self) -> RoleWindowPolicy {
        self.project()
            .map_or_else(RoleWindowPolicy::default, |project| {
                project.settings.role_windows
            })
    }

    /// Whether somebody must be told which day it is before a claim is decided.
    pub fn asks_for_the_day(&self) -> bool {
        !self.role_windows.is_empty()
            && self.windows_start().is_some()
            && self.role_window_policy() != RoleWindowPolicy::Off
    }

    /// When a role works in a phase: as it is said there, else of the project; none when nothing is said.
    fn time_of(&self, role: RoleNo, phase: PhaseNo) -> Option<RoleTime> {
        let said = |of: Option<PhaseNo>| {
            let windows = &self.role_windows;
            let place = windows.binary_search_by_key(&(of, role), |it| (it.phase, it.role));
            place.ok().map(|place| windows[place].time)
        };
        said(Some(phase)).or_else(|| said(None))
    }

    /// That a role does not work in a phase on a day; none when it does, or when nothing is known or asked.
    pub(super) fn out_of_time(
        &self,
        role: Option<RoleNo>,
        phase: PhaseNo,
        today: Option<Day>,
    ) -> Option<OutOfTime> {
        let (role, today, start) = (role?, today?, self.windows_start()?);
        if !self.asks_for_the_day() {
            return None;
        }
        let RoleTime::During(window) = self.time_of(role, phase)? else {
            return None;
        };
        let (first, last) = window.dates(start);
        (!window.holds(start, today)).then_some(OutOfTime {
            role,
            phase,
            window,
            first,
            last,
            today,
        })
    }

    /// The same of a task.
    pub(super) fn task_out_of_time(&self, id: TaskId, today: Option<Day>) -> Option<OutOfTime> {
        let view = self.task(id)?;
        self.out_of_time(view.state.role, view.spec.phase, today)
    }

    /// In words, as a sentence without its end.
    pub(super) fn told(&self, out: &OutOfTime) -> String {
        let role = self.role_slug(Some(out.role));
        let phase = self.phase_id(out.phase);
        let OutOfTime {
            window,
            first,
            last,
            today,
            ..
        } = out;
        format!(
            "the role {role} works in phase {phase} in {window} ({first} to {last}), and today is {today}"
        )
    }

    /// Whether the tasks of a phase are handed out as they are written.
    pub(super) fn goes_by_table(&self, no: PhaseNo) -> bool {
        self.ordering_of(no) == PhaseOrdering::Table
    }
}
