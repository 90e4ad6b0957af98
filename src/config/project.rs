//! `[project]`: what a new project starts with. The values are written into the project's own log when
//! it is made; later changes here touch no project that exists.

use std::collections::BTreeMap;

use jiff::tz::TimeZoneDatabase;
use serde::Deserialize;

use super::check::Checker;
use super::origin::join;

const DAY_MS: u64 = 86_400_000;
const AREA_LENGTH_MAX: usize = 100;
const WEEK: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// What a new project starts with, as plain words and numbers; the core has types of its own for them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectDefaults {
    /// `relaxed`, `standard` or `strict`. Default `standard`.
    pub policy: String,
    /// The length of a working session in minutes. Default 60.
    pub session_minutes: u64,
    /// An IANA time zone. Default `UTC`.
    pub time_zone: String,
    /// The days on which a project works: English names with spaces between. Default Monday to Friday.
    pub working_days: String,
    /// How much work is done on such a day, in minutes. Default 480.
    pub workday_minutes: u64,
    /// `auto` or `by_hand`. Default `auto`.
    pub phase_close: String,
    /// The shortest lease granted, in milliseconds. Default 15,000.
    pub lease_min_ms: u64,
    /// The longest lease granted, in milliseconds. Default 14,400,000.
    pub lease_max_ms: u64,
    /// The lease of a claim that asks for none, in milliseconds. Default 90,000.
    pub lease_default_ms: u64,
    /// Time without reported progress before reports mark a task, in milliseconds. Default 900,000.
    pub progress_timeout_ms: u64,
    /// How long one agent may hold a task over all its resumes, in milliseconds. Default 14,400,000.
    pub hard_limit_ms: u64,
    /// Failed attempts after which a task is parked. Default 3.
    pub strikes: u64,
    /// `warn`, `refuse` or `off`, for a task larger than a session. Default `warn`.
    pub size_policy: String,
    /// `usual` or `none`: the schedules a new project begins with. Default `usual`.
    pub schedules: String,
    /// Area to role. Nine areas by default.
    pub areas: BTreeMap<String, String>,
}

impl ProjectDefaults {
    pub(super) fn check(&self, checker: &mut Checker<'_>) {
        checker.one_of(
            "project.policy",
            &self.policy,
            &["relaxed", "standard", "strict"],
        );
        checker.one_of(
            "project.phase_close",
            &self.phase_close,
            &["auto", "by_hand"],
        );
        checker.one_of(
            "project.size_policy",
            &self.size_policy,
            &["warn", "refuse", "off"],
        );
        checker.one_of("project.schedules", &self.schedules, &["usual", "none"]);
        checker.range(
            "project.session_minutes",
            self.session_minutes,
            1..=1_440,
            "minutes",
        );
        checker.range(
            "project.workday_minutes",
            self.workday_minutes,
            1..=1_440,
            "minutes",
        );
        for day in self.working_days.split_whitespace() {
            checker.one_of("project.working_days", day, &WEEK);
        }
        if self.working_days.trim().is_empty() {
            checker.refuse("project.working_days", "is empty; name at least one day");
        }
        checker.range("project.strikes", self.strikes, 1..=100, "attempts");
        self.check_time_zone(checker);
        self.check_terms(checker);
        self.check_areas(checker);
    }

    fn check_time_zone(&self, checker: &mut Checker<'_>) {
        // The table that is part of the program, never the machine's: the same settings mean the same
        // days everywhere.
        if TimeZoneDatabase::bundled().get(&self.time_zone).is_err() {
            checker.refuse(
                "project.time_zone",
                format_args!(
                    "is {:?}, which is no IANA time zone; write one such as \"UTC\" or \
                     \"Europe/Berlin\"",
                    self.time_zone
                ),
            );
        }
    }

    fn check_terms(&self, checker: &mut Checker<'_>) {
        let problems_before = checker.problems.len();
        let mut term = |key: &str, value: u64, most: u64| {
            checker.range(
                &format!("project.{key}"),
                value,
                1_000..=most,
                "milliseconds",
            );
        };
        term("progress_timeout_ms", self.progress_timeout_ms, 7 * DAY_MS);
        term("hard_limit_ms", self.hard_limit_ms, 7 * DAY_MS);
        term("lease_min_ms", self.lease_min_ms, DAY_MS);
        term("lease_max_ms", self.lease_max_ms, DAY_MS);
        term("lease_default_ms", self.lease_default_ms, DAY_MS);
        if checker.problems.len() > problems_before {
            return;
        }
        let (least, most) = (self.lease_min_ms, self.lease_max_ms);
        if least > most {
            checker.refuse(
                "project.lease_min_ms",
                format_args!("is {least}, more than `project.lease_max_ms`, which is {most}"),
            );
        } else if !(least..=most).contains(&self.lease_default_ms) {
            checker.refuse(
                "project.lease_default_ms",
                format_args!(
                    "is {}; it must be between `project.lease_min_ms`, which is {least}, and \
                     `project.lease_max_ms`, which is {most}",
                    self.lease_default_ms
                ),
            );
        }
    }

    fn check_areas(&self, checker: &mut Checker<'_>) {
        for (area, role) in &self.areas {
            let key = join("project.areas", area);
            for (what, word) in [("area", area), ("role", role)] {
                if word.trim().is_empty() {
                    checker.refuse(
                        &key,
                        format_args!("has an empty {what}; \"any\" is the role of all"),
                    );
                } else if word.chars().count() > AREA_LENGTH_MAX {
                    checker.refuse(
                        &key,
                        format_args!("has {what} longer than {AREA_LENGTH_MAX} characters"),
                    );
                }
            }
        }
    }
}
