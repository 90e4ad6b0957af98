//! What a new project starts with: the words of the settings file as the core's types.

use super::StartError;
use crate::config::ProjectDefaults;
use crate::plan::role;
use crate::plan::settings::{PhaseClose, Policy, Settings, SizePolicy, WorkingDay};

/// The settings of a new project.
pub(super) fn project_settings(defaults: &ProjectDefaults) -> Result<Settings, StartError> {
    let base = Settings::default();
    let policy = match defaults.policy.as_str() {
        "relaxed" => Policy::Relaxed,
        "standard" => Policy::Standard,
        "strict" => Policy::Strict,
        other => {
            return Err(refused(
                "policy",
                other,
                "it must be `relaxed`, `standard` or `strict`",
            ));
        }
    };
    let phase_close = match defaults.phase_close.as_str() {
        "auto" => PhaseClose::Auto,
        "by_hand" => PhaseClose::ByHand,
        other => {
            return Err(refused(
                "phase_close",
                other,
                "it must be `auto` or `by_hand`",
            ));
        }
    };
    let size_policy = match defaults.size_policy.as_str() {
        "warn" => SizePolicy::Warn,
        "refuse" => SizePolicy::Refuse,
        "off" => SizePolicy::Off,
        other => {
            return Err(refused(
                "size_policy",
                other,
                "it must be `warn`, `refuse` or `off`",
            ));
        }
    };
    let minutes = u32::try_from(defaults.session_minutes).map_err(|_| {
        let value = defaults.session_minutes.to_string();
        refused("session_minutes", &value, "it must be between 1 and 1440")
    })?;
    let workday = u32::try_from(defaults.workday_minutes).map_err(|_| {
        let value = defaults.workday_minutes.to_string();
        refused("workday_minutes", &value, "it must be between 1 and 1440")
    })?;
    let strikes = u8::try_from(defaults.strikes).map_err(|_| {
        let value = defaults.strikes.to_string();
        refused("strikes", &value, "it must be between 1 and 100")
    })?;
    for (area, slug) in &defaults.areas {
        if slug != "any" && role::find(&base.roles, slug).is_none() {
            let key = format!("areas.{area}");
            return Err(refused(
                &key,
                slug,
                "it must be a role of the catalogue, or `any`",
            ));
        }
    }
    Ok(Settings {
        policy,
        session_minutes: minutes,
        time_zone: defaults.time_zone.clone(),
        working_days: working_days(&defaults.working_days)?,
        workday_minutes: workday,
        standup_minutes: base.standup_minutes,
        phase_close,
        size_policy,
        lease_min_ms: defaults.lease_min_ms,
        lease_max_ms: defaults.lease_max_ms,
        lease_default_ms: defaults.lease_default_ms,
        progress_timeout_ms: defaults.progress_timeout_ms,
        hard_limit_ms: defaults.hard_limit_ms,
        strikes,
        areas: defaults
            .areas
            .iter()
            .map(|(area, role)| (area.to_lowercase(), role.clone()))
            .collect(),
        roles: base.roles,
        accepting_roles: base.accepting_roles,
        start_date: base.start_date,
        target_date: base.target_date,
        commitment_guard: base.commitment_guard,
        sprint_only: base.sprint_only,
        review: base.review,
        review_areas: base.review_areas,
        reviewing_roles: base.reviewing_roles,
        required_references: base.required_references,
        staffing: base.staffing,
        holidays: base.holidays,
        role_windows: base.role_windows,
        required_evidence: base.required_evidence,
        windows_from: base.windows_from,
        escalate_after_minutes: base.escalate_after_minutes,
    })
}

/// The days in the order of the week, each once.
fn working_days(names: &str) -> Result<Vec<WorkingDay>, StartError> {
    let mut days = Vec::new();
    for name in names.split_whitespace() {
        let found = WorkingDay::ALL.iter().find(|day| day.as_str() == name);
        let expected = "it must be a day of the week, such as `monday`";
        days.push(*found.ok_or_else(|| refused("working_days", name, expected))?);
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

fn refused(key: &str, value: &str, expected: &'static str) -> StartError {
    StartError::Default {
        key: format!("project.{key}"),
        value: value.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LoadOptions, Settings as Config};

    fn defaults(flags: &[(&str, &str)]) -> ProjectDefaults {
        let mut options = LoadOptions::default();
        let data = [("server.data_dir", "/tmp/muster")];
        for (key, value) in flags.iter().chain(&data) {
            options.flags.insert((*key).to_owned(), (*value).to_owned());
        }
        Config::load(options).expect("good settings").project
    }

    #[test]
    fn the_settings_file_and_the_core_have_the_same_defaults() {
        let settings = project_settings(&defaults(&[])).unwrap();
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn a_word_is_taken_over() {
        let defaults = defaults(&[("project.policy", "relaxed"), ("project.strikes", "5")]);
        let settings = project_settings(&defaults).unwrap();
        assert_eq!((settings.policy, settings.strikes), (Policy::Relaxed, 5));
        let strict = project_settings(&self::defaults(&[("project.policy", "strict")])).unwrap();
        assert_eq!(strict.policy, Policy::Strict);
    }

    #[test]
    fn what_this_release_does_not_offer_is_named() {
        let mut lax = defaults(&[]);
        lax.policy = "lax".to_owned();
        let error = project_settings(&lax).unwrap_err();
        assert!(error.to_string().contains("`project.policy`"), "{error}");
        let mut unknown = defaults(&[]);
        unknown.areas.insert("Sea".to_owned(), "sailor".to_owned());
        let error = project_settings(&unknown).unwrap_err();
        assert!(error.to_string().contains("`project.areas.Sea`"), "{error}");
    }
}
