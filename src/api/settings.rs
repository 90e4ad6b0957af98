//! A project's settings as a request states them, over those it has or the daemon's defaults. What comes
//! out of here is within the ranges the settings file is held to.

use jiff::tz::TimeZoneDatabase;
use muster_proto::v1 as wire;
use tonic::Status;

use super::enums::known;
use super::reference;
use super::validate::{bad, day};
use crate::plan::day::Day;
use crate::plan::evidence::EvidenceKind;
use crate::plan::role;
use crate::plan::settings::{
    CommitmentGuard, ESCALATE_AFTER_MINUTES_MAX, PhaseClose, Policy, RoleWindowPolicy, Settings,
    SizePolicy, Staffing, WindowsFrom, WorkingDay,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const AREAS_MAX: usize = 1_000;
const HOLIDAYS_MAX: usize = 400;

/// The fields of `ProjectSettings`, as an update mask names them behind `settings.`.
pub(super) const FIELDS: &[&str] = &[
    "policy",
    "session_minutes",
    "time_zone",
    "phase_closing",
    "size_policy",
    "lease_min_ms",
    "lease_max_ms",
    "lease_default_ms",
    "progress_timeout_ms",
    "hard_limit_ms",
    "strikes",
    "areas",
    "working_days",
    "workday_minutes",
    "standup_minutes",
    "accepting_roles",
    "start_date",
    "target_date",
    "commitment_guard",
    "sprint_only",
    "review",
    "review_areas",
    "reviewing_roles",
    "required_references",
    "staffing",
    "holidays",
    "role_windows",
    "required_evidence",
    "windows_from",
    "escalate_after_minutes",
];

/// Settings for a new project: what is stated over the defaults.
pub(super) fn over_defaults(
    defaults: &Settings,
    stated: Option<&wire::ProjectSettings>,
) -> Result<Settings, Status> {
    let mut settings = defaults.clone();
    if let Some(stated) = stated {
        let empty = wire::ProjectSettings::default();
        for field in FIELDS {
            let mut without = stated.clone();
            copy(field, &empty, &mut without);
            if without != *stated {
                set(field, stated, &mut settings)?;
            }
        }
    }
    check(&settings)?;
    Ok(settings)
}

/// Settings after an update of the named fields.
pub(super) fn updated(
    before: &Settings,
    stated: &wire::ProjectSettings,
    fields: &[&str],
) -> Result<Settings, Status> {
    let mut settings = before.clone();
    for field in fields {
        set(field, stated, &mut settings)?;
    }
    check(&settings)?;
    Ok(settings)
}

fn copy(field: &str, from: &wire::ProjectSettings, to: &mut wire::ProjectSettings) {
    match field {
        "policy" => to.policy = from.policy,
        "session_minutes" => to.session_minutes = from.session_minutes,
        "time_zone" => to.time_zone.clone_from(&from.time_zone),
        "phase_closing" => to.phase_closing = from.phase_closing,
        "size_policy" => to.size_policy = from.size_policy,
        "lease_min_ms" => to.lease_min_ms = from.lease_min_ms,
        "lease_max_ms" => to.lease_max_ms = from.lease_max_ms,
        "lease_default_ms" => to.lease_default_ms = from.lease_default_ms,
        "progress_timeout_ms" => to.progress_timeout_ms = from.progress_timeout_ms,
        "hard_limit_ms" => to.hard_limit_ms = from.hard_limit_ms,
        "strikes" => to.strikes = from.strikes,
        "working_days" => to.working_days.clone_from(&from.working_days),
        "workday_minutes" => to.workday_minutes = from.workday_minutes,
        "standup_minutes" => to.standup_minutes = from.standup_minutes,
        "accepting_roles" => to.accepting_roles.clone_from(&from.accepting_roles),
        "start_date" => to.start_date.clone_from(&from.start_date),
        "target_date" => to.target_date.clone_from(&from.target_date),
        "commitment_guard" => to.commitment_guard = from.commitment_guard,
        "sprint_only" => to.sprint_only = from.sprint_only,
        "review" => to.review = from.review,
        "review_areas" => to.review_areas.clone_from(&from.review_areas),
        "reviewing_roles" => to.reviewing_roles.clone_from(&from.reviewing_roles),
        "required_references" => {
            to.required_references.clone_from(&from.required_references);
        }
        "staffing" => to.staffing = from.staffing,
        "holidays" => to.holidays.clone_from(&from.holidays),
        "role_windows" => to.role_windows = from.role_windows,
        "required_evidence" => to.required_evidence.clone_from(&from.required_evidence),
        "windows_from" => to.windows_from = from.windows_from,
        "escalate_after_minutes" => to.escalate_after_minutes = from.escalate_after_minutes,
        _ => to.areas.clone_from(&from.areas),
    }
}

fn set(field: &str, stated: &wire::ProjectSettings, settings: &mut Settings) -> Result<(), Status> {
    match field {
        "policy" => settings.policy = policy(stated.policy)?,
        "session_minutes" => settings.session_minutes = stated.session_minutes,
        "time_zone" => settings.time_zone = stated.time_zone.trim().to_owned(),
        "phase_closing" => settings.phase_close = phase_closing(stated.phase_closing)?,
        "size_policy" => settings.size_policy = size_policy(stated.size_policy)?,
        "lease_min_ms" => settings.lease_min_ms = stated.lease_min_ms,
        "lease_max_ms" => settings.lease_max_ms = stated.lease_max_ms,
        "lease_default_ms" => settings.lease_default_ms = stated.lease_default_ms,
        "progress_timeout_ms" => settings.progress_timeout_ms = stated.progress_timeout_ms,
        "hard_limit_ms" => settings.hard_limit_ms = stated.hard_limit_ms,
        "working_days" => settings.working_days = working_days(&stated.working_days)?,
        "workday_minutes" => settings.workday_minutes = stated.workday_minutes,
        "standup_minutes" => settings.standup_minutes = stated.standup_minutes,
        "strikes" => {
            settings.strikes = u8::try_from(stated.strikes)
                .map_err(|_| bad("settings.strikes", "must be between 1 and 100"))?;
        }
        "accepting_roles" => {
            settings.accepting_roles = slugs(field, &stated.accepting_roles, settings)?;
        }
        "start_date" => settings.start_date = day("settings.start_date", &stated.start_date)?,
        "target_date" => {
            settings.target_date = day("settings.target_date", &stated.target_date)?;
        }
        "commitment_guard" => settings.commitment_guard = commitment_guard(stated)?,
        "sprint_only" => settings.sprint_only = stated.sprint_only,
        "review" => settings.review = stated.review,
        "review_areas" => {
            let areas = stated.review_areas.iter();
            settings.review_areas = areas.map(|area| area.trim().to_lowercase()).collect();
        }
        "reviewing_roles" => {
            settings.reviewing_roles = slugs(field, &stated.reviewing_roles, settings)?;
        }
        "required_references" => {
            let kinds = reference::read_kinds(&stated.required_references)?;
            settings.required_references = kinds;
        }
        "staffing" => settings.staffing = staffing(stated)?,
        "holidays" => settings.holidays = holidays(&stated.holidays)?,
        "role_windows" => settings.role_windows = role_windows(stated.role_windows)?,
        "required_evidence" => {
            settings.required_evidence = required_evidence(&stated.required_evidence)?;
        }
        "windows_from" => settings.windows_from = windows_from(stated.windows_from)?,
        "escalate_after_minutes" => {
            let minutes = stated.escalate_after_minutes;
            let missing = || bad("settings.escalate_after_minutes", "is missing");
            settings.escalate_after_minutes = minutes.ok_or_else(missing)?;
        }
        _ => {
            settings.areas = stated
                .areas
                .iter()
                .map(|(area, role)| (area.trim().to_lowercase(), role.trim().to_owned()))
                .collect();
        }
    }
    Ok(())
}

/// Roles by slug, each once, however they were written.
fn slugs(field: &str, stated: &[String], settings: &Settings) -> Result<Vec<String>, Status> {
    let mut slugs: Vec<String> = Vec::new();
    for written in stated {
        let Some((_, role)) = role::find(&settings.roles, written) else {
            let shown: String = written.chars().take(60).collect();
            return Err(bad(
                &format!("settings.{field}"),
                format!("names `{shown}`, which is no role of the project"),
            ));
        };
        if !slugs.contains(&role.slug) {
            slugs.push(role.slug.clone());
        }
    }
    Ok(slugs)
}

fn policy(number: i32) -> Result<Policy, Status> {
    match known("settings.policy", number)? {
        wire::CompletionPolicy::Relaxed => Ok(Policy::Relaxed),
        wire::CompletionPolicy::Standard => Ok(Policy::Standard),
        wire::CompletionPolicy::Strict => Ok(Policy::Strict),
        wire::CompletionPolicy::Unspecified => Err(bad("settings.policy", "is missing")),
    }
}

fn phase_closing(number: i32) -> Result<PhaseClose, Status> {
    match known("settings.phase_closing", number)? {
        wire::PhaseClosing::Auto => Ok(PhaseClose::Auto),
        wire::PhaseClosing::ByHand => Ok(PhaseClose::ByHand),
        wire::PhaseClosing::Unspecified => Err(bad("settings.phase_closing", "is missing")),
    }
}

fn size_policy(number: i32) -> Result<SizePolicy, Status> {
    match known("settings.size_policy", number)? {
        wire::TaskSizePolicy::Warn => Ok(SizePolicy::Warn),
        wire::TaskSizePolicy::Refuse => Ok(SizePolicy::Refuse),
        wire::TaskSizePolicy::Off => Ok(SizePolicy::Off),
        wire::TaskSizePolicy::Unspecified => Err(bad("settings.size_policy", "is missing")),
    }
}

fn commitment_guard(stated: &wire::ProjectSettings) -> Result<CommitmentGuard, Status> {
    match known("settings.commitment_guard", stated.commitment_guard)? {
        wire::CommitmentGuard::Warn => Ok(CommitmentGuard::Warn),
        wire::CommitmentGuard::Refuse => Ok(CommitmentGuard::Refuse),
        wire::CommitmentGuard::Off => Ok(CommitmentGuard::Off),
        wire::CommitmentGuard::Unspecified => Err(bad("settings.commitment_guard", "is missing")),
    }
}

fn staffing(stated: &wire::ProjectSettings) -> Result<Staffing, Status> {
    match known("settings.staffing", stated.staffing)? {
        wire::StaffingPolicy::Refuse => Ok(Staffing::Refuse),
        wire::StaffingPolicy::Warn => Ok(Staffing::Warn),
        wire::StaffingPolicy::Unspecified => Err(bad("settings.staffing", "is missing")),
    }
}

fn working_days(numbers: &[i32]) -> Result<Vec<WorkingDay>, Status> {
    let mut days = Vec::new();
    for number in numbers {
        days.push(match known("settings.working_days", *number)? {
            wire::DayOfWeek::Monday => WorkingDay::Monday,
            wire::DayOfWeek::Tuesday => WorkingDay::Tuesday,
            wire::DayOfWeek::Wednesday => WorkingDay::Wednesday,
            wire::DayOfWeek::Thursday => WorkingDay::Thursday,
            wire::DayOfWeek::Friday => WorkingDay::Friday,
            wire::DayOfWeek::Saturday => WorkingDay::Saturday,
            wire::DayOfWeek::Sunday => WorkingDay::Sunday,
            wire::DayOfWeek::Unspecified => {
                return Err(bad("settings.working_days", "has a day without a name"));
            }
        });
    }
    days.sort_unstable();
    days.dedup();
    if days.is_empty() {
        return Err(bad(
            "settings.working_days",
            "has no day; name at least one",
        ));
    }
    Ok(days)
}

fn role_windows(number: i32) -> Result<RoleWindowPolicy, Status> {
    match known("settings.role_windows", number)? {
        wire::RoleWindowPolicy::Warn => Ok(RoleWindowPolicy::Warn),
        wire::RoleWindowPolicy::Refuse => Ok(RoleWindowPolicy::Refuse),
        wire::RoleWindowPolicy::Off => Ok(RoleWindowPolicy::Off),
        wire::RoleWindowPolicy::Unspecified => Err(bad("settings.role_windows", "is missing")),
    }
}

fn windows_from(number: i32) -> Result<WindowsFrom, Status> {
    match known("settings.windows_from", number)? {
        wire::WindowsFrom::Project => Ok(WindowsFrom::Project),
        wire::WindowsFrom::Sprint => Ok(WindowsFrom::Sprint),
        wire::WindowsFrom::Workflow => Ok(WindowsFrom::Workflow),
        wire::WindowsFrom::Unspecified => Err(bad("settings.windows_from", "is missing")),
    }
}

/// Kinds in order, each once.
fn required_evidence(numbers: &[i32]) -> Result<Vec<EvidenceKind>, Status> {
    let field = "settings.required_evidence";
    let kinds = numbers.iter().map(|number| match known(field, *number)? {
        wire::EvidenceKind::Test => Ok(EvidenceKind::Test),
        wire::EvidenceKind::Review => Ok(EvidenceKind::Review),
        wire::EvidenceKind::Commit => Ok(EvidenceKind::Commit),
        wire::EvidenceKind::Document => Ok(EvidenceKind::Document),
        wire::EvidenceKind::Unspecified => Err(bad(field, "has a kind without a name")),
    });
    let mut kinds = kinds.collect::<Result<Vec<EvidenceKind>, Status>>()?;
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}

/// Days in order, each once.
fn holidays(written: &[String]) -> Result<Vec<Day>, Status> {
    let days = written.iter().enumerate().map(|(place, text)| {
        let field = format!("settings.holidays[{place}]");
        day(&field, text)?.ok_or_else(|| bad(&field, "is missing"))
    });
    let mut days = days.collect::<Result<Vec<Day>, Status>>()?;
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

pub(super) fn check(settings: &Settings) -> Result<(), Status> {
    let range = |field: &str, value: u64, least: u64, most: u64| {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(bad(
            &format!("settings.{field}"),
            format!("is {value}; it must be between {least} and {most}"),
        ))
    };
    range("session_minutes", settings.session_minutes.into(), 1, 1_440)?;
    range(
        "escalate_after_minutes",
        settings.escalate_after_minutes.into(),
        0,
        ESCALATE_AFTER_MINUTES_MAX.into(),
    )?;
    range("workday_minutes", settings.workday_minutes.into(), 1, 1_440)?;
    range("standup_minutes", settings.standup_minutes.into(), 1, 1_440)?;
    range("strikes", settings.strikes.into(), 1, 100)?;
    range("lease_min_ms", settings.lease_min_ms, 1_000, DAY_MS)?;
    range(
        "lease_max_ms",
        settings.lease_max_ms,
        settings.lease_min_ms,
        DAY_MS,
    )?;
    let (least, most) = (settings.lease_min_ms, settings.lease_max_ms);
    range("lease_default_ms", settings.lease_default_ms, least, most)?;
    range(
        "progress_timeout_ms",
        settings.progress_timeout_ms,
        1_000,
        7 * DAY_MS,
    )?;
    range("hard_limit_ms", settings.hard_limit_ms, 1_000, 7 * DAY_MS)?;
    if settings.holidays.len() > HOLIDAYS_MAX {
        let many = format!(
            "has {} days; at most {HOLIDAYS_MAX} are kept, so leave out those long past",
            settings.holidays.len()
        );
        return Err(bad("settings.holidays", many));
    }
    if TimeZoneDatabase::bundled()
        .get(&settings.time_zone)
        .is_err()
    {
        return Err(bad(
            "settings.time_zone",
            "is no IANA time zone; write one such as `UTC` or `Europe/Berlin`",
        ));
    }
    check_areas(settings)
}

fn check_areas(settings: &Settings) -> Result<(), Status> {
    if settings.areas.len() > AREAS_MAX {
        return Err(bad(
            "settings.areas",
            format!("has {} areas; at most {AREAS_MAX}", settings.areas.len()),
        ));
    }
    for (area, slug) in &settings.areas {
        let is_role = slug == "any" || role::find(&settings.roles, slug).is_some();
        if area.is_empty() || !is_role {
            let shown: String = format!("{area} = {slug}").chars().take(80).collect();
            return Err(bad(
                "settings.areas",
                format!("has `{shown}`, which is no area with a role of the project, or `any`"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(stated: wire::ProjectSettings) -> String {
        over_defaults(&Settings::default(), Some(&stated))
            .expect_err("bad settings")
            .message()
            .to_owned()
    }

    #[test]
    fn what_is_left_out_takes_the_defaults() {
        let defaults = Settings::default();
        let stated = wire::ProjectSettings {
            session_minutes: 45,
            policy: wire::CompletionPolicy::Relaxed.into(),
            ..Default::default()
        };
        let settings = over_defaults(&defaults, Some(&stated)).unwrap();
        let expected = Settings {
            session_minutes: 45,
            policy: Policy::Relaxed,
            ..defaults.clone()
        };
        assert_eq!(settings, expected);
        assert_eq!(over_defaults(&defaults, None).unwrap(), defaults);
    }

    #[test]
    fn an_update_takes_the_named_fields_and_no_other() {
        let stated = wire::ProjectSettings {
            strikes: 5,
            session_minutes: 0,
            ..Default::default()
        };
        let settings = updated(&Settings::default(), &stated, &["strikes"]).unwrap();
        assert_eq!((settings.strikes, settings.session_minutes), (5, 60));
        assert!(updated(&Settings::default(), &stated, &["session_minutes"]).is_err());
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let cases = [
            (
                "session_minutes",
                wire::ProjectSettings {
                    session_minutes: 1_441,
                    ..Default::default()
                },
            ),
            (
                "strikes",
                wire::ProjectSettings {
                    strikes: 300,
                    ..Default::default()
                },
            ),
            (
                "time_zone",
                wire::ProjectSettings {
                    time_zone: "Mars/Base".to_owned(),
                    ..Default::default()
                },
            ),
            (
                "policy",
                wire::ProjectSettings {
                    policy: 77,
                    ..Default::default()
                },
            ),
            (
                "lease_default_ms",
                wire::ProjectSettings {
                    lease_min_ms: 200_000,
                    ..Default::default()
                },
            ),
            (
                "hard_limit_ms",
                wire::ProjectSettings {
                    hard_limit_ms: u64::MAX,
                    ..Default::default()
                },
            ),
            (
                "workday_minutes",
                wire::ProjectSettings {
                    workday_minutes: 1_441,
                    ..Default::default()
                },
            ),
            (
                "start_date",
                wire::ProjectSettings {
                    start_date: "next week".to_owned(),
                    ..Default::default()
                },
            ),
            (
                "holidays[1]",
                wire::ProjectSettings {
                    holidays: vec!["2026-12-25".to_owned(), "Boxing Day".to_owned()],
                    ..Default::default()
                },
            ),
            (
                "holidays",
                wire::ProjectSettings {
                    holidays: (0..401).map(|day| Day(20_000 + day).to_string()).collect(),
                    ..Default::default()
                },
            ),
            (
                "role_windows",
                wire::ProjectSettings {
                    role_windows: 9,
                    ..Default::default()
                },
            ),
            (
                "working_days",
                wire::ProjectSettings {
                    working_days: vec![0],
                    ..Default::default()
                },
            ),
            (
                "accepting_roles",
                wire::ProjectSettings {
                    accepting_roles: vec!["astronaut".to_owned()],
                    ..Default::default()
                },
            ),
            (
                "areas",
                wire::ProjectSettings {
                    areas: [("web".to_owned(), "astronaut".to_owned())].into(),
                    ..Default::default()
                },
            ),
        ];
        for (field, stated) in cases {
            let message = refused(stated);
            assert!(
                message.contains(&format!("`settings.{field}`")),
                "{message}"
            );
        }
    }
}
