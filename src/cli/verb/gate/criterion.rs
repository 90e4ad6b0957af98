//! How a criterion is written on the command line: `NAME: HOW IT IS JUDGED`.

use muster_proto::v1 as wire;
use wire::gate_criterion::Check;

/// What may stand behind the name, for the help and for complaints.
pub const FORMS: &str = "`attested [by ROLE]`, `METRIC >= NUMBER` (or <, <=, >, =), \
`command NAME[, METRIC >= NUMBER]`, `signed by ROLE[, ROLE]`, or one of no-critical-blocker, \
no-open-blocker, all-tasks-completed, nothing-untriaged, all-criteria-met, all-integration-tested";

/// Reads a criterion; `~` before the name makes it advisory, a name alone is attested.
pub fn criterion(text: &str) -> Result<wire::GateCriterion, String> {
    let (advisory, rest) = match text.trim().strip_prefix('~') {
        Some(rest) => (true, rest),
        None => (false, text.trim()),
    };
    let (name, how) = match rest.split_once(": ") {
        Some((name, how)) => (name.trim(), how.trim()),
        None => (rest, "attested"),
    };
    if name.is_empty() {
        return Err(
            "a criterion begins with its name; write such as `Coverage: coverage >= 80`".to_owned(),
        );
    }
    let check = check(how).ok_or_else(|| format!("`{how}` says no way to judge; write {FORMS}"))?;
    Ok(wire::GateCriterion {
        number: 0,
        name: name.to_owned(),
        advisory,
        check: Some(check),
    })
}

fn check(how: &str) -> Option<Check> {
    if how == "attested" {
        return Some(Check::Attested(wire::AttestedCheck::default()));
    }
    if let Some(role) = how.strip_prefix("attested by ") {
        let role = role.trim().to_owned();
        return Some(Check::Attested(wire::AttestedCheck { role }));
    }
    if how == "signed" {
        return Some(Check::Approval(wire::ApprovalCheck::default()));
    }
    if let Some(roles) = how.strip_prefix("signed by ") {
        let roles = roles.split(',').map(|role| role.trim().to_owned());
        return Some(Check::Approval(wire::ApprovalCheck {
            may_approve: roles.collect(),
        }));
    }
    if let Some(command) = how.strip_prefix("command ") {
        let (command, measured) = match command.split_once(',') {
            Some((command, measured)) => (command, Some(measure(measured)?)),
            None => (command, None),
        };
        return Some(Check::Command(wire::CommandCheck {
            command: command.trim().to_owned(),
            measure: measured,
        }));
    }
    if let Some(derived) = derived(how) {
        return Some(Check::Derived(derived.into()));
    }
    measure(how).map(Check::Metric)
}

fn derived(word: &str) -> Option<wire::DerivedCheck> {
    let name = word.to_ascii_uppercase().replace('-', "_");
    wire::DerivedCheck::from_str_name(&format!("DERIVED_CHECK_{name}"))
        .filter(|derived| *derived != wire::DerivedCheck::Unspecified)
}

/// What may be asked of a metric, for the help and for complaints.
pub const FORMS_OF_MEASURES: &str = "`METRIC >= NUMBER` (or <, <=, >, =)";

/// Reads what is asked of a metric: `coverage >= 80`; none when it is nothing of the kind.
pub fn measure(text: &str) -> Option<wire::Measure> {
    use wire::Comparison::{Eq, Ge, Gt, Le, Lt};
    // The longer signs first: `>=` begins like `>`.
    for (sign, comparison) in [(">=", Ge), ("<=", Le), (">", Gt), ("<", Lt), ("=", Eq)] {
        if let Some((metric, threshold)) = text.split_once(sign) {
            let metric = metric.trim();
            return (!metric.is_empty()).then(|| wire::Measure {
                metric: metric.to_owned(),
                comparison: comparison.into(),
                threshold: threshold.trim().to_owned(),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Check {
        criterion(text)
            .expect("a criterion")
            .check
            .expect("a check")
    }

    #[test]
    fn each_form_is_read() {
        let measured = |comparison: wire::Comparison| wire::Measure {
            metric: "coverage".to_owned(),
            comparison: comparison.into(),
            threshold: "80".to_owned(),
        };
        assert_eq!(
            read("Runbook"),
            Check::Attested(wire::AttestedCheck::default())
        );
        let role = "qa".to_owned();
        assert_eq!(
            read("Smoke: attested by qa"),
            Check::Attested(wire::AttestedCheck { role })
        );
        let ge = measured(wire::Comparison::Ge);
        assert_eq!(read("Coverage: coverage >= 80"), Check::Metric(ge.clone()));
        let gt = measured(wire::Comparison::Gt);
        assert_eq!(read("Coverage: coverage>80"), Check::Metric(gt));
        let command = wire::CommandCheck {
            command: "unit-tests".to_owned(),
            measure: Some(ge),
        };
        assert_eq!(
            read("Tests: command unit-tests, coverage >= 80"),
            Check::Command(command)
        );
        let may_approve = vec!["qa".to_owned(), "compliance".to_owned()];
        let approval = Check::Approval(wire::ApprovalCheck { may_approve });
        assert_eq!(read("Review: signed by qa, compliance"), approval);
        let derived = wire::DerivedCheck::NoCriticalBlocker.into();
        assert_eq!(read("Calm: no-critical-blocker"), Check::Derived(derived));
        assert!(criterion("~Docs").expect("a criterion").advisory);
    }

    #[test]
    fn what_is_no_criterion_is_refused_with_the_forms() {
        for text in [
            "Coverage: rather high",
            "Coverage: >= 80",
            "Coverage: unspecified",
        ] {
            let complaint = criterion(text).expect_err("no criterion");
            assert!(complaint.contains("METRIC >= NUMBER"), "{complaint}");
        }
        assert!(criterion(" ~ ").is_err());
    }
}
