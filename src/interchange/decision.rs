//! Decisions needed: the question, its options, and the tasks that its "(blocks …)" clause reaches.

use crate::plan::import::{ImportedDecision, ImportedStatus};

use super::block::{Row, Text};
use super::book::Book;
use super::diagnostic::{code, shown};
use super::resolve::Resolver;
use super::vocabulary::{self, Reading};
use super::{MAX_TASKS, PlanFileError, edges};

/// The most options of one decision.
const MAX_OPTIONS: usize = 50;

/// Takes one entry of a list, with the status of its box.
pub(super) fn item(
    book: &mut Book,
    status: Option<ImportedStatus>,
    text: &Text,
) -> Result<(), PlanFileError> {
    let Some(whole) = book.entry_name(text, text.line, "a decision") else {
        return Ok(());
    };
    let decided = text.struck || status == Some(ImportedStatus::Completed);
    let (question, clause) = split_clause(&whole);
    let (question, options) = split_options(&question);
    add(book, question, options, clause, decided, text.line)
}

/// Takes the rows of a table of decisions.
pub(super) fn table(book: &mut Book, names: &[String], rows: &[Row]) -> Result<(), PlanFileError> {
    let place = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&name.as_str()))
    };
    let question = place(&[
        "decision",
        "question",
        "decision needed",
        "topic",
        "title",
        "what",
    ])
    .unwrap_or(0);
    let options = place(&["options", "alternatives"]);
    let blocks = place(&["blocks", "impact", "blocking", "needed for"]);
    let status = place(&["status", "state", "decided"]);
    for row in rows {
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| row.cells.get(column))
                .cloned()
                .unwrap_or_default()
        };
        let Some(whole) = book.entry_name(&cell(Some(question)), row.line, "a decision") else {
            continue;
        };
        let (question, clause) = split_clause(&whole);
        let (question, mut listed) = split_options(&question);
        if let Some(cell) = book.value(&cell(options), "options") {
            listed.extend(
                cell.split([',', ';', '/'])
                    .map(|option| option.trim().to_owned()),
            );
            listed.retain(|option| !option.is_empty());
            listed.truncate(MAX_OPTIONS);
        }
        let clause = clause.or_else(|| book.value(&cell(blocks), "what it blocks"));
        let reading = vocabulary::status(&cell(status).flat(), &book.legend);
        let decided = matches!(reading, Reading::Is(ImportedStatus::Completed));
        add(book, question, listed, clause, decided, row.line)?;
    }
    Ok(())
}

fn add(
    book: &mut Book,
    question: String,
    options: Vec<String>,
    clause: Option<String>,
    decided: bool,
    line: u32,
) -> Result<(), PlanFileError> {
    if book.plan.decisions.len() >= MAX_TASKS {
        return Err(PlanFileError::TooMany {
            what: "decisions",
            limit: MAX_TASKS,
        });
    }
    book.plan.decisions.push(ImportedDecision {
        question,
        options,
        blocks: Vec::new(),
        decided,
        line,
    });
    book.clauses.push(clause);
    Ok(())
}

/// "Question (blocks X)" as the question and X.
fn split_clause(text: &str) -> (String, Option<String>) {
    for (open, _) in text.match_indices('(').take(16) {
        let inner = &text[open + 1..];
        let Some(head) = inner
            .get(..6)
            .filter(|head| head.eq_ignore_ascii_case("blocks"))
        else {
            continue;
        };
        let Some(close) = inner.find(')') else { break };
        let clause = inner[head.len()..close]
            .trim_start_matches(':')
            .trim()
            .to_owned();
        let question = format!(
            "{} {}",
            text[..open].trim_end(),
            inner[close + 1..].trim_start()
        );
        return (question.trim().to_owned(), Some(clause));
    }
    (text.to_owned(), None)
}

/// "Question (A vs. B vs. C)" as the question and its options.
fn split_options(text: &str) -> (String, Vec<String>) {
    let Some(open) = text.rfind('(').filter(|_| text.ends_with(')')) else {
        return (text.to_owned(), Vec::new());
    };
    let inner = &text[open + 1..text.len() - 1];
    let versus = inner.replace(" versus ", " vs. ").replace(" vs ", " vs. ");
    let options: Vec<String> = versus
        .split(" vs. ")
        .take(MAX_OPTIONS)
        .map(|option| option.trim().to_owned())
        .collect();
    if options.len() < 2 || options.iter().any(String::is_empty) {
        return (text.to_owned(), Vec::new());
    }
    (text[..open].trim_end().to_owned(), options)
}

/// Finds what each decision blocks; one that blocks nothing says so, and keeps a clause that reaches nothing
/// in its question.
pub(super) fn link(book: &mut Book, resolver: &Resolver) {
    for (place, clause) in std::mem::take(&mut book.clauses).into_iter().enumerate() {
        let (line, decided) = (
            book.plan.decisions[place].line,
            book.plan.decisions[place].decided,
        );
        let Some(clause) = clause else {
            if !decided {
                book.notes.add(line, code::DECISION_BLOCKS_NOTHING, || {
                    "the decision has no `(blocks …)` clause; it blocks nothing".to_owned()
                });
            }
            continue;
        };
        let (tasks, lost) = edges::clause(resolver, &clause);
        if !lost.is_empty() {
            let names = shown(&lost.join(", "));
            let effect = if tasks.is_empty() {
                "the decision blocks nothing"
            } else {
                "it blocks the others"
            };
            book.notes.add(line, code::DECISION_BLOCKS_NOTHING, || {
                format!("`{names}` names no single task; {effect}")
            });
            let question = &mut book.plan.decisions[place].question;
            *question = format!("{question} (blocks {clause})");
        }
        book.plan.decisions[place].blocks = tasks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_and_options_are_taken_from_the_question() {
        let (question, clause) = split_clause("Provider (blocks Phase 2 payment)");
        assert_eq!(
            (question.as_str(), clause.as_deref()),
            ("Provider", Some("Phase 2 payment"))
        );
        assert_eq!(
            split_clause("Provider (maybe)"),
            ("Provider (maybe)".to_owned(), None)
        );
        let (question, options) = split_options("Queue (Kafka vs. SQS vs Redis Pub/Sub)");
        assert_eq!(question, "Queue");
        assert_eq!(options, ["Kafka", "SQS", "Redis Pub/Sub"]);
        assert_eq!(
            split_options("Queue (soon)"),
            ("Queue (soon)".to_owned(), Vec::new())
        );
    }
}
