//! Why a command did not do what it was asked, and the one place that puts it into words: text for
//! people, one JSON document for scripts, both on stderr.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::exit::{Exit, LEASE_LOST};
use super::text::clean;

/// A command did not do what it was asked; becomes the exit code and what stderr says.
#[derive(Debug)]
pub enum Failure {
    /// The answer is on stdout already, only the exit code is left: nothing to claim.
    Answered(Exit),
    /// Nobody reads stdout any more.
    StdoutClosed,
    /// Something to be said on stderr.
    Said(Box<Fault>),
}

/// What stderr says.
#[derive(Debug)]
pub struct Fault {
    /// The exit code.
    pub exit: Exit,
    /// The stable name, upper snake case.
    pub reason: String,
    /// A sentence.
    pub message: String,
    /// Command lines that go on from here, without the program's name.
    pub next: Vec<String>,
    /// What stands in the way: subject and description.
    pub items: Vec<(String, String)>,
    /// Facts by name.
    pub facts: BTreeMap<String, String>,
}

impl Failure {
    /// A failure with a reason (upper snake case) and a sentence.
    pub fn new(exit: Exit, reason: &str, message: impl Into<String>) -> Self {
        Self::Said(Box::new(Fault {
            exit,
            reason: reason.to_owned(),
            message: message.into(),
            next: Vec::new(),
            items: Vec::new(),
            facts: BTreeMap::new(),
        }))
    }

    /// An argument that cannot be used.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "USAGE", message)
    }

    /// The caller does not hold the task (any more).
    pub fn lease_lost(message: impl Into<String>) -> Self {
        Self::new(Exit::LeaseLost, LEASE_LOST, message)
    }

    /// Adds a way on: a command line without the program's name.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        if let Self::Said(fault) = &mut self {
            fault.next.push(command.into());
        }
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Self::Said(fault) = &mut self {
            fault.facts.insert(name.to_owned(), value.into());
        }
        self
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Answered(exit) => *exit,
            Self::StdoutClosed => Exit::Done,
            Self::Said(fault) => fault.exit,
        }
    }

    /// What goes to stderr, with its line end; nothing where the answer is on stdout.
    pub fn render(&self, as_json: bool, colour: bool) -> Option<String> {
        match self {
            Self::Answered(_) | Self::StdoutClosed => None,
            Self::Said(fault) if as_json => Some(fault.document()),
            Self::Said(fault) => Some(fault.text(colour)),
        }
    }
}

impl Fault {
    fn document(&self) -> String {
        let mut details: serde_json::Map<String, Value> = self
            .facts
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        if !self.items.is_empty() {
            let items: Vec<Value> = self
                .items
                .iter()
                .map(|(subject, description)| json!({"subject": subject, "description": description}))
                .collect();
            details.insert("items".to_owned(), json!(items));
        }
        let error = json!({
            "reason": self.reason,
            "message": self.message,
            "next": self.next.iter().map(|command| super::text::pasted(command)).collect::<Vec<_>>(),
            "details": details,
        });
        super::output::one_line(&json!({ "error": error }))
    }

    fn text(&self, colour: bool) -> String {
        let (red, plain) = if colour {
            ("\u{1b}[1;31m", "\u{1b}[0m")
        } else {
            ("", "")
        };
        let message = clean::lines(&self.message);
        let mut text = format!(
            "{red}error:{plain} {message} ({})\n",
            clean::line(&self.reason)
        );
        let listed: Vec<&(String, String)> = self
            .items
            .iter()
            .filter(|(_, description)| !self.message.contains(description.as_str()))
            .collect();
        for (subject, description) in &listed {
            let (subject, description) = (clean::line(subject), clean::line(description));
            let colon = if subject.is_empty() { "" } else { ": " };
            let _infallible = writeln!(text, "  - {subject}{colon}{description}");
        }
        if let Some(total) = self.facts.get("total").and_then(|total| total.parse().ok()) {
            let more = usize::saturating_sub(total, self.items.len());
            if more > 0 {
                let _infallible = writeln!(text, "  - and {more} more");
            }
        }
        if !self.next.is_empty() {
            text.push_str("next:\n");
            for command in &self.next {
                let _infallible =
                    writeln!(text, "  {}", clean::line(&super::text::pasted(command)));
            }
        }
        text
    }
}

impl From<Status> for Failure {
    /// What the daemon answered instead of an answer.
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let reason = info.map_or_else(|| name_of(status.code()), |info| info.reason.clone());
        let mut facts: BTreeMap<String, String> = info
            .map(|info| info.metadata.clone().into_iter().collect())
            .unwrap_or_default();
        let next = facts.remove("next").unwrap_or_default();
        let message = if status.message().is_empty() {
            format!("the daemon answered {}", name_of(status.code()))
        } else {
            status.message().to_owned()
        };
        Self::Said(Box::new(Fault {
            exit: Exit::of(status.code(), &reason),
            reason,
            message,
            next: next
                .lines()
                .filter(|command| !command.trim().is_empty())
                .map(str::to_owned)
                .collect(),
            items: items(&details),
            facts,
        }))
    }
}

impl From<crate::clock::ChanceError> for Failure {
    fn from(error: crate::clock::ChanceError) -> Self {
        Self::new(Exit::Other, "NO_RANDOM_BYTES", error.to_string())
    }
}

fn items(details: &ErrorDetails) -> Vec<(String, String)> {
    let mut items = Vec::new();
    if let Some(failure) = details.precondition_failure() {
        items.extend(
            failure
                .violations
                .iter()
                .map(|violation| (violation.subject.clone(), violation.description.clone())),
        );
    }
    if let Some(request) = details.bad_request() {
        items.extend(
            request
                .field_violations
                .iter()
                .map(|violation| (violation.field.clone(), violation.description.clone())),
        );
    }
    if let Some(quota) = details.quota_failure() {
        items.extend(
            quota
                .violations
                .iter()
                .map(|violation| (violation.subject.clone(), violation.description.clone())),
        );
    }
    if let Some(resource) = details.resource_info() {
        let name = if resource.resource_name.is_empty() {
            String::new()
        } else {
            format!("{} {}", resource.resource_type, resource.resource_name)
        };
        items.push((name.trim().to_owned(), resource.description.clone()));
    }
    items
}

/// A code in upper snake case, as the standard writes it.
fn name_of(code: Code) -> String {
    let mut name = String::new();
    for character in format!("{code:?}").chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn refused() -> Failure {
        let mut details = ErrorDetails::new();
        let metadata = HashMap::from([
            (
                "next".to_owned(),
                "done T-3 --fence 17 --summary … --verification …\ntask show T-3".to_owned(),
            ),
            ("total".to_owned(), "23".to_owned()),
            ("policy".to_owned(), "standard".to_owned()),
        ]);
        details.set_error_info("EVIDENCE_MISSING", "muster", metadata);
        details.add_precondition_failure_violation(
            "EVIDENCE_MISSING",
            "summary",
            "is missing: what was done",
        );
        details.add_precondition_failure_violation(
            "EVIDENCE_MISSING",
            "verification\u{1b}[2J",
            "is missing: how it was shown to work",
        );
        Failure::from(Status::with_error_details(
            Code::FailedPrecondition,
            "T-3 cannot be completed yet: say what was done\u{1b}[31m",
            details,
        ))
    }

    #[test]
    fn a_refusal_names_the_rule_the_facts_and_the_ways_on() {
        let failure = refused();
        assert_eq!(failure.exit(), Exit::Refused);
        insta::assert_snapshot!(failure.render(false, false).unwrap(), @r"
        error: T-3 cannot be completed yet: say what was done[31m (EVIDENCE_MISSING)
          - summary: is missing: what was done
          - verification[2J: is missing: how it was shown to work
          - and 21 more
        next:
          muster done T-3 --fence 17 --summary … --verification …
          muster task show T-3
        ");
    }

    #[test]
    fn a_refusal_is_one_document_for_scripts() {
        let text = refused().render(true, false).unwrap();
        assert_eq!(text.lines().count(), 1);
        let document: Value = serde_json::from_str(&text).unwrap();
        let pretty = serde_json::to_string_pretty(&document).unwrap();
        insta::assert_snapshot!(pretty, @r#"
        {
          "error": {
            "details": {
              "items": [
                {
                  "description": "is missing: what was done",
                  "subject": "summary"
                },
                {
                  "description": "is missing: how it was shown to work",
                  "subject": "verification\u001b[2J"
                }
              ],
              "policy": "standard",
              "total": "23"
            },
            "message": "T-3 cannot be completed yet: say what was done\u001b[31m",
            "next": [
              "muster done T-3 --fence 17 --summary … --verification …",
              "muster task show T-3"
            ],
            "reason": "EVIDENCE_MISSING"
          }
        }
        "#);
    }

    #[test]
    fn a_status_without_details_is_named_by_its_code() {
        let failure = Failure::from(Status::new(Code::NotFound, "no such thing"));
        assert_eq!(failure.exit(), Exit::Other);
        insta::assert_snapshot!(failure.render(false, false).unwrap(), @"error: no such thing (NOT_FOUND)");
    }

    #[test]
    fn what_the_message_says_already_is_not_said_twice() {
        let mut details = ErrorDetails::new();
        details.set_error_info("INVALID_FIELD", "muster", HashMap::new());
        details.add_bad_request_violation("title", "is empty");
        let failure = Failure::from(Status::with_error_details(
            Code::InvalidArgument,
            "`title` is empty",
            details,
        ));
        assert_eq!(failure.exit(), Exit::Usage);
        insta::assert_snapshot!(failure.render(false, false).unwrap(), @"error: `title` is empty (INVALID_FIELD)");
    }

    #[test]
    fn only_the_word_error_is_coloured() {
        let failure = Failure::usage("no");
        let text = failure.render(false, true).unwrap();
        assert_eq!(text, "\u{1b}[1;31merror:\u{1b}[0m no (USAGE)\n");
    }

    #[test]
    fn an_answer_on_stdout_is_not_followed_by_words_on_stderr() {
        for as_json in [false, true] {
            assert!(
                Failure::Answered(Exit::Nothing)
                    .render(as_json, false)
                    .is_none()
            );
            assert!(Failure::StdoutClosed.render(as_json, false).is_none());
        }
    }
}
