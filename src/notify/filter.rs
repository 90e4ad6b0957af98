//! Which letters a channel wants. An empty filter wants all; each condition that is stated narrows it.

use serde::{Deserialize, Serialize};

use super::letter::{Letter, LetterKind, Severity};

/// The letters that a channel wants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// The projects; none = every project.
    pub projects: Vec<String>,
    /// The kinds; none = every kind.
    pub kinds: Vec<LetterKind>,
    /// The least severity.
    pub min_severity: Severity,
    /// The roles, of which a letter must be meant for one; none = every role. A letter for everybody is for
    /// each of them.
    pub roles: Vec<String>,
}

impl Filter {
    /// Whether a letter is wanted.
    pub fn matches(&self, letter: &Letter) -> bool {
        self.wants(&letter.project, letter.kind, letter.severity, &letter.roles)
    }

    /// The same of a letter that is not written yet.
    pub fn wants(
        &self,
        project: &str,
        kind: LetterKind,
        severity: Severity,
        roles: &[String],
    ) -> bool {
        let project = self.projects.is_empty() || self.projects.iter().any(|it| it == project);
        let kind = self.kinds.is_empty() || self.kinds.contains(&kind);
        let role = self.roles.is_empty()
            || roles.is_empty()
            || roles.iter().any(|role| self.roles.contains(role));
        project && kind && role && severity >= self.min_severity
    }

    /// What is wanted, for people: one line.
    pub fn in_words(&self) -> String {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        let mut words = Vec::new();
        for (what, list) in [
            ("projects", self.projects.join(", ")),
            ("kinds", kinds.join(", ")),
            ("roles", self.roles.join(", ")),
        ] {
            if !list.is_empty() {
                words.push(format!("{what} {list}"));
            }
        }
        if self.min_severity > Severity::Info {
            words.push(format!("severity {} and above", self.min_severity));
        }
        if words.is_empty() {
            return "everything".to_owned();
        }
        words.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::fixture::letter;

    fn check(filter: &Filter, wanted: bool) {
        let mut letter = letter();
        letter.severity = Severity::Warning;
        letter.roles = vec!["architect".to_owned(), "developer".to_owned()];
        assert_eq!(filter.matches(&letter), wanted, "{filter:?}");
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_empty_filter_wants_every_letter() {
        check(&Filter::default(), true);
    }

    #[test]
    fn each_condition_narrows() {
        let projects = |names: &[&str]| Filter {
            projects: words(names),
            ..Filter::default()
        };
        check(&projects(&["other", "shop"]), true);
        check(&projects(&["other"]), false);
        let kinds = |kinds: &[LetterKind]| Filter {
            kinds: kinds.to_vec(),
            ..Filter::default()
        };
        check(&kinds(&[LetterKind::Alert, LetterKind::Standup]), true);
        check(&kinds(&[LetterKind::Alert]), false);
        let least = |min_severity| Filter {
            min_severity,
            ..Filter::default()
        };
        check(&least(Severity::Warning), true);
        check(&least(Severity::Critical), false);
        let roles = |names: &[&str]| Filter {
            roles: words(names),
            ..Filter::default()
        };
        check(&roles(&["developer"]), true);
        check(&roles(&["stakeholder"]), false);
    }

    #[test]
    fn what_is_wanted_is_said_in_a_line() {
        assert_eq!(Filter::default().in_words(), "everything");
        let filter = Filter {
            kinds: vec![LetterKind::Standup, LetterKind::Blockers],
            min_severity: Severity::Warning,
            roles: words(&["qa"]),
            ..Filter::default()
        };
        assert_eq!(
            filter.in_words(),
            "kinds standup, blockers; roles qa; severity warning and above"
        );
    }

    #[test]
    fn a_letter_for_everybody_is_for_each_role() {
        let filter = Filter {
            roles: words(&["stakeholder"]),
            ..Filter::default()
        };
        assert!(filter.matches(&letter()));
    }
}
