//! Every setting of a project that a rule depends on, by name, with what it means and the requirement it comes
//! from. This is the one place that explains them; a setting without a row fails a test.

use serde_json::Value;

use super::day::Day;
use super::refusal::Refusal;
use super::settings::Settings;

/// A setting, explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Its name, as it is stored and set.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What it takes.
    pub takes: &'static str,
    /// The requirement it comes from, by its number in docs/REQUIREMENTS.md.
    pub requirement: &'static str,
}

const fn policy(
    name: &'static str,
    requirement: &'static str,
    takes: &'static str,
    meaning: &'static str,
) -> Policy {
    Policy {
        name,
        meaning,
        takes,
        requirement,
    }
}

/// Every policy, those that are changed most often first.
pub const POLICIES: &[Policy] = &[
    policy(
        "policy",
        "L6",
        "relaxed, standard or strict",
        "what a completion must bring: nothing; a start, a summary and a verification; or also checks and acceptance",
    ),
    policy(
        "phase_close",
        "P3",
        "auto or by_hand",
        "whether a phase whose conditions hold closes by itself or waits for a coordinator",
    ),
    policy(
        "size_policy",
        "P14",
        "warn, refuse or off",
        "what happens to a task larger than one session",
    ),
    policy(
        "commitment_guard",
        "SP2",
        "warn, refuse or off",
        "what happens to a commitment of more than the last three sprints completed on average",
    ),
    policy(
        "sprint_only",
        "SP5",
        "true or false",
        "whether only tasks committed in the active sprint are handed out",
    ),
    policy(
        "review",
        "L14",
        "true or false",
        "whether a task is finished by somebody else's look at it",
    ),
    policy(
        "review_areas",
        "L14",
        "areas, or nothing",
        "areas whose tasks are reviewed even where others are not",
    ),
    policy(
        "reviewing_roles",
        "L14",
        "slugs of roles, or nothing",
        "whose agents review beside the coordinators; nothing = every other agent",
    ),
    policy(
        "required_references",
        "RF2",
        "kinds of documents: req, spec, tasks, iplan, adr, other; or nothing",
        "what a task must refer to before it is started, one of each",
    ),
    policy(
        "required_evidence",
        "L18",
        "kinds of evidence: test, review, commit, document; or nothing",
        "what finished work must bring evidence of, one of each, such as `test: cargo test`",
    ),
    policy(
        "staffing",
        "WF3",
        "refuse or warn",
        "what happens to a workflow that is started while agents of the roles it needs are missing",
    ),
    policy(
        "role_windows",
        "TM5",
        "warn, refuse or off",
        "what happens to a claim outside the time in which the task's role works",
    ),
    policy(
        "windows_from",
        "TM10",
        "project, sprint or workflow",
        "what windows count their days from: the project's start date, the active sprint or the newest running workflow",
    ),
    policy(
        "strikes",
        "L7",
        "1 to 100",
        "failed attempts after which a task is parked behind a blocker",
    ),
    policy(
        "escalate_after_minutes",
        "CK11",
        "minutes, 0 to 10080",
        "how long a blocker may be open before the daemon escalates it; 0 = it never does",
    ),
    policy(
        "session_minutes",
        "L10",
        "minutes, 1 to 1440",
        "how long a session is, and how long an empty one may be silent",
    ),
    policy(
        "time_zone",
        "S1",
        "an IANA name, such as Europe/Berlin",
        "where the project's days begin",
    ),
    policy(
        "working_days",
        "P15",
        "English names of days",
        "the days on which forecasts count work",
    ),
    policy(
        "holidays",
        "TM6",
        "days, such as 2026-12-25, or nothing",
        "days on which forecasts count no work whatever the day of the week",
    ),
    policy(
        "workday_minutes",
        "P15",
        "minutes, 1 to 1440",
        "how much work forecasts lay on such a day",
    ),
    policy(
        "standup_minutes",
        "S8",
        "minutes, 1 to 1440",
        "how long a standup takes entries when no schedule publishes it",
    ),
    policy(
        "start_date",
        "R2",
        "a day, such as 2026-11-02, or nothing",
        "the day the project begins; weeks are counted from it",
    ),
    policy(
        "target_date",
        "R2",
        "a day, such as 2026-11-02, or nothing",
        "the day the project is to be done",
    ),
    policy(
        "accepting_roles",
        "R1",
        "slugs of roles, or nothing",
        "whose agents accept and reject deliverables beside the coordinators",
    ),
    policy(
        "lease_default_ms",
        "L11",
        "milliseconds, between the two below",
        "the lease of a claim that asks for none",
    ),
    policy(
        "lease_min_ms",
        "L11",
        "milliseconds, 1000 to 86400000",
        "the shortest lease granted",
    ),
    policy(
        "lease_max_ms",
        "L11",
        "milliseconds, at least the shortest",
        "the longest lease granted",
    ),
    policy(
        "progress_timeout_ms",
        "S1",
        "milliseconds, 1000 to 604800000",
        "silence about progress after which reports mark a held task",
    ),
    policy(
        "hard_limit_ms",
        "L11",
        "milliseconds, 1000 to 604800000",
        "how long one agent may hold a task over all its resumes",
    ),
    policy(
        "areas",
        "P7",
        "pairs such as api=backend",
        "the role that does the tasks of an area",
    ),
];

/// The row of a name.
pub fn find(name: &str) -> Option<&'static Policy> {
    POLICIES.iter().find(|policy| policy.name == name)
}

/// What a policy is set to, in the words that set it; empty when it is not set.
pub fn value(settings: &Settings, policy: &Policy) -> String {
    // Settings are numbers, words and lists of these, so they are JSON.
    let all = serde_json::to_value(settings).unwrap_or_default();
    shown(&all[policy.name])
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(word) => word.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(" "),
        Value::Object(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| format!("{key}={}", shown(value)));
            pairs.collect::<Vec<_>>().join(" ")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The settings with one policy set anew. Ranges are looked at when the settings are recorded.
///
/// # Errors
/// INVALID_FIELD when there is no such policy, or when the value is not of its kind.
pub fn with(settings: &Settings, name: &str, text: &str) -> Result<Settings, Refusal> {
    let Some(policy) = find(name.trim()) else {
        let shown: String = name.trim().chars().take(40).collect();
        let description = format!("`{shown}` is no policy; see which there are");
        return Err(Refusal::field("name", description).next("project policy"));
    };
    let bad = || {
        let shown: String = text.trim().chars().take(60).collect();
        let description = format!(
            "`{shown}` is nothing that {} takes: {}",
            policy.name, policy.takes
        );
        Refusal::field("value", description)
    };
    if policy.name == "holidays" {
        check_days(text)?;
    }
    let mut all = serde_json::to_value(settings).map_err(|_| bad())?;
    all[policy.name] = read(&all[policy.name], policy, text.trim()).ok_or_else(bad)?;
    let mut settings: Settings = serde_json::from_value(all).map_err(|_| bad())?;
    // Days are kept in the order of the week, whoever names them in which.
    settings.working_days.sort_unstable();
    settings.working_days.dedup();
    for area in &mut settings.review_areas {
        *area = area.to_lowercase();
    }
    settings.required_evidence.sort_unstable();
    settings.required_evidence.dedup();
    settings.holidays.sort_unstable();
    settings.holidays.dedup();
    Ok(settings)
}

/// Says which of several days is none.
fn check_days(text: &str) -> Result<(), Refusal> {
    for (place, word) in (1..).zip(words(text)) {
        word.parse::<Day>().map_err(|error| {
            Refusal::field("value", format!("has a wrong day {place}: {error}"))
        })?;
    }
    Ok(())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character.is_whitespace() || character == ',')
        .filter(|word| !word.is_empty())
}

fn read(before: &Value, policy: &Policy, text: &str) -> Option<Value> {
    let words = || words(text);
    match before {
        Value::Number(_) => text.parse::<u64>().ok().map(Value::from),
        Value::Bool(_) => text.parse::<bool>().ok().map(Value::from),
        Value::Array(_) => Some(words().map(Value::from).collect()),
        Value::Object(_) => {
            let pairs = words().map(|word| {
                let (key, value) = word.split_once('=')?;
                Some((key.to_lowercase(), Value::from(value)))
            });
            pairs
                .collect::<Option<serde_json::Map<_, _>>>()
                .map(Value::Object)
        }
        // What may be nothing is a day.
        Value::Null | Value::String(_) if text.is_empty() => {
            policy.takes.ends_with("or nothing").then_some(Value::Null)
        }
        Value::Null | Value::String(_) => Some(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str) -> String {
        let settings = with(&Settings::default(), name, text).expect("a good value");
        value(&settings, find(name).expect("a policy"))
    }

    #[test]
    fn every_setting_has_a_row_and_every_row_a_setting() {
        let all = serde_json::to_value(Settings::default()).expect("settings are JSON");
        let mut fields: Vec<&str> = all
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            // The catalogue of roles is shown and changed with the roles.
            .filter(|field| *field != "roles")
            .collect();
        fields.sort_unstable();
        let mut rows: Vec<&str> = POLICIES.iter().map(|policy| policy.name).collect();
        rows.sort_unstable();
        assert_eq!(rows, fields);
    }

    #[test]
    fn every_row_names_a_requirement_that_there_is() {
        let requirements = include_str!("../../docs/REQUIREMENTS.md");
        for policy in POLICIES {
            let row = format!("| {} |", policy.requirement);
            assert!(requirements.contains(&row), "{policy:?}");
        }
    }

    #[test]
    fn a_policy_is_shown_in_the_words_that_set_it() {
        assert_eq!(check("policy", "strict"), "strict");
        assert_eq!(check("strikes", " 5 "), "5");
        assert_eq!(check("working_days", "friday, monday"), "monday friday");
        assert_eq!(
            check("areas", "API=backend web=frontend"),
            "api=backend web=frontend"
        );
        assert_eq!(check("start_date", "2026-11-02"), "2026-11-02");
        assert_eq!(check("start_date", ""), "");
        assert_eq!(
            check("holidays", "2026-12-26, 2026-12-25 2026-12-25"),
            "2026-12-25 2026-12-26"
        );
        assert_eq!(check("holidays", ""), "");
        assert_eq!(
            check("required_evidence", "commit, test test"),
            "test commit"
        );
        assert_eq!(check("windows_from", "sprint"), "sprint");
        for policy in POLICIES {
            let shown = value(&Settings::default(), policy);
            let again = with(&Settings::default(), policy.name, &shown);
            assert_eq!(again.expect(policy.name), Settings::default(), "{policy:?}");
        }
    }

    #[test]
    fn what_is_no_policy_and_no_value_of_one_is_refused() {
        for (name, text) in [
            ("colour", "red"),
            ("policy", "lenient"),
            ("policy", ""),
            ("strikes", "many"),
            ("strikes", "-1"),
            ("strikes", "300"),
            ("working_days", "someday"),
            ("areas", "api"),
            ("target_date", "soon"),
            ("holidays", "2026-12-25 2026-13-01"),
            ("role_windows", "never"),
            ("required_evidence", "test, hearsay"),
            ("windows_from", "christmas"),
            ("roles", "[]"),
        ] {
            assert!(
                with(&Settings::default(), name, text).is_err(),
                "{name} = {text}"
            );
        }
    }
}
