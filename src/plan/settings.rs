//! The settings of a project that rules depend on; they live in its log, the configuration only
//! supplies the defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::day::Day;
use super::event::ReferenceKind;
use super::evidence::EvidenceKind;
use super::role::{RoleSpec, built_in_roles};

/// What a completion must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Nothing beyond the lease.
    Relaxed,
    /// A start before, and a summary and a verification with it.
    #[default]
    Standard,
    /// As standard; and the pre-checks attested before a start, every acceptance criterion ticked and the
    /// post-checks attested with the completion, no next claim while one of them is open.
    Strict,
}

/// How phases close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseClose {
    /// By themselves, in the same append as the event that makes it true.
    #[default]
    Auto,
    /// By a coordinator.
    ByHand,
}

/// What happens when a task is larger than one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizePolicy {
    /// It is taken, with a diagnostic.
    #[default]
    Warn,
    /// It is refused.
    Refuse,
    /// It is taken.
    Off,
}

/// What happens when a sprint commits more tasks than the last sprints completed on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentGuard {
    /// It is committed, with a warning in its record.
    #[default]
    Warn,
    /// It is refused.
    Refuse,
    /// It is committed.
    Off,
}

/// What happens when a workflow is to run and agents of the roles it needs are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Staffing {
    /// It waits until they are registered.
    #[default]
    Refuse,
    /// It runs, and says who is missing.
    Warn,
}

/// What happens to a claim outside the time in which the task's role works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleWindowPolicy {
    /// It is granted, with a warning.
    #[default]
    Warn,
    /// Such tasks are not handed out.
    Refuse,
    /// It is granted.
    Off,
}

/// What the windows of phases and roles are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowsFrom {
    /// The day the project begins.
    #[default]
    Project,
    /// The first day of the sprint that is active.
    Sprint,
    /// The day on which the work of the newest running run of a workflow began.
    Workflow,
}

/// A day on which a project works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkingDay {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl WorkingDay {
    /// The whole week.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// Its English name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

/// The longest that an open blocker may wait before it is escalated, in minutes: seven days.
pub const ESCALATE_AFTER_MINUTES_MAX: u32 = 7 * 24 * 60;

/// A project's settings. What a log does not know yet stands at its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What a completion must bring.
    pub policy: Policy,
    /// The length of a session in minutes; also the silence after which an empty one is abandoned.
    pub session_minutes: u32,
    /// The IANA time zone of dates and schedules.
    pub time_zone: String,
    /// The days on which the project works, in the order of the week; forecasts count these.
    pub working_days: Vec<WorkingDay>,
    /// How much work is done on such a day, in minutes; forecasts count with it.
    pub workday_minutes: u32,
    /// How long a standup takes entries when no schedule publishes it, in minutes: its time-box.
    pub standup_minutes: u32,
    /// How phases close.
    pub phase_close: PhaseClose,
    /// What happens when a task is larger than one session.
    pub size_policy: SizePolicy,
    /// The shortest lease granted, in milliseconds.
    pub lease_min_ms: u64,
    /// The longest lease granted, in milliseconds.
    pub lease_max_ms: u64,
    /// The lease granted when none is asked for, in milliseconds.
    pub lease_default_ms: u64,
    /// Silence about progress after which a held task is marked in reports, in milliseconds.
    pub progress_timeout_ms: u64,
    /// The longest a chain of resumes may hold a task, in milliseconds.
    pub hard_limit_ms: u64,
    /// Failed attempts after which a task is parked.
    pub strikes: u8,
    /// The role of an area's tasks, by lower-case area; an area not listed goes to any role.
    pub areas: BTreeMap<String, String>,
    /// The role catalogue.
    pub roles: Vec<RoleSpec>,
    /// Slugs of the roles whose agents accept and reject deliverables beside the coordinators.
    pub accepting_roles: Vec<String>,
    /// The day the project begins; weeks are counted from it.
    pub start_date: Option<Day>,
    /// The day the project is to be done.
    pub target_date: Option<Day>,
    /// What happens when a sprint commits more than the last three completed on average.
    pub commitment_guard: CommitmentGuard,
    /// Whether only tasks committed in the active sprint are handed out.
    pub sprint_only: bool,
    /// Whether tasks are finished by a review.
    pub review: bool,
    /// Areas, in lower case, whose tasks are even where others are not.
    pub review_areas: Vec<String>,
    /// Roles whose agents review beside the coordinators; none = every other agent.
    pub reviewing_roles: Vec<String>,
    /// Kinds of documents of which a task must refer to one each before it is started.
    pub required_references: Vec<ReferenceKind>,
    /// What happens when a workflow is to run and agents of the roles it needs are missing.
    pub staffing: Staffing,
    /// Days on which the project does not work whatever the day of the week, in order.
    pub holidays: Vec<Day>,
    /// What happens to a claim outside the time in which the task's role works.
    pub role_windows: RoleWindowPolicy,
    /// Kinds of evidence that finished work must bring, one of each.
    pub required_evidence: Vec<EvidenceKind>,
    /// What the windows of phases and roles are counted from.
    pub windows_from: WindowsFrom,
    /// After how many minutes the daemon escalates an open blocker; 0 = never.
    pub escalate_after_minutes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let areas = [
            ("infrastructure", "devops"),
            ("data", "data"),
            ("architecture", "architect"),
            ("api", "backend"),
            ("features", "developer"),
            ("integration", "developer"),
            ("performance", "developer"),
            ("security", "developer"),
            ("documentation", "developer"),
        ];
        Self {
            policy: Policy::default(),
            session_minutes: 60,
            time_zone: "UTC".to_owned(),
            working_days: WorkingDay::ALL[..5].to_vec(),
            workday_minutes: 480,
            standup_minutes: 30,
            phase_close: PhaseClose::default(),
            size_policy: SizePolicy::default(),
            lease_min_ms: 15_000,
            lease_max_ms: 4 * 60 * 60 * 1000,
            lease_default_ms: 90_000,
            progress_timeout_ms: 15 * 60 * 1000,
            hard_limit_ms: 4 * 60 * 60 * 1000,
            strikes: 3,
            areas: areas
                .map(|(area, role)| (area.to_owned(), role.to_owned()))
                .into(),
            roles: built_in_roles(),
            accepting_roles: Vec::new(),
            start_date: None,
            target_date: None,
            commitment_guard: CommitmentGuard::default(),
            sprint_only: false,
            review: false,
            review_areas: Vec::new(),
            reviewing_roles: Vec::new(),
            required_references: Vec::new(),
            staffing: Staffing::default(),
            holidays: Vec::new(),
            role_windows: RoleWindowPolicy::default(),
            required_evidence: Vec::new(),
            windows_from: WindowsFrom::default(),
            escalate_after_minutes: 120,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_was_not_known_when_it_was_written_reads_as_its_default() {
        let written = serde_json::to_value(Settings {
            strikes: 7,
            ..Settings::default()
        });
        let mut written = written.expect("settings are JSON");
        let fields = written.as_object_mut().expect("an object");
        fields.remove("policy").expect("it was there");
        let read: Settings = serde_json::from_value(written).expect("the rest is enough");
        assert_eq!(read.strikes, 7);
        assert_eq!(read.policy, Policy::Standard);
    }
}
