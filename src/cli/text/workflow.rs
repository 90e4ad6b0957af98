//! Workflows and their runs as text: how far one is, a mark for each thing it asks for, and all it waits for.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::gate::measure;
use super::{clean, fields, named, or_dash, pasted, table, when};

fn status(run: &wire::WorkflowRun) -> String {
    let word = word(run.status().as_str_name(), "WORKFLOW_RUN_STATUS_");
    let late = if run.overdue { ", overdue" } else { "" };
    format!("{}{late}", word.replace('_', " "))
}

/// `day 3 of 14`; a dash before the work began.
fn day(run: &wire::WorkflowRun) -> String {
    match (run.day, run.planned_days) {
        (0, _) => "-".to_owned(),
        (day, 0) => format!("day {day}"),
        (day, of) => format!("day {day} of {of}"),
    }
}

/// A table of workflows.
pub fn workflows(workflows: &[wire::Workflow], columns: Option<u16>) -> String {
    if workflows.is_empty() {
        return "no workflows\n".to_owned();
    }
    let rows = workflows.iter().map(|workflow| {
        let definition = workflow.definition.clone().unwrap_or_default();
        let run = workflow.newest_run.as_ref();
        let standing = match run {
            _ if workflow.retired => "retired".to_owned(),
            None => "not started".to_owned(),
            Some(run) => status(run),
        };
        let number = definition.number.map(|number| number.to_string());
        [
            workflow.slug.clone(),
            number.unwrap_or_else(|| "-".to_owned()),
            run.map_or_else(|| "-".to_owned(), |run| run.id.clone()),
            standing,
            run.map_or_else(|| "-".to_owned(), day),
            or_dash(&definition.next),
            definition.title,
        ]
    });
    let header = ["workflow", "no", "run", "status", "day", "next", "title"];
    table(header, rows, columns)
}

/// A table of runs.
pub fn workflow_runs(runs: &[wire::WorkflowRun], columns: Option<u16>) -> String {
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    let rows = runs.iter().map(|run| {
        [
            run.id.clone(),
            run.workflow.clone(),
            status(run),
            day(run),
            run.lacks.len().to_string(),
            when(run.since.as_ref()),
        ]
    });
    let header = ["run", "workflow", "status", "day", "missing", "since"];
    table(header, rows, columns)
}

/// All that is known about a workflow.
pub fn workflow(workflow: &wire::Workflow) -> String {
    let definition = workflow.definition.clone().unwrap_or_default();
    let mut text = format!(
        "{} {}\n\n",
        clean::line(&workflow.slug),
        clean::line(&definition.title)
    );
    let mut rows = words(&definition);
    rows.push(("retired", workflow.retired_reason.clone()));
    rows.push((
        "defined",
        format!(
            "{} by {}{}",
            when(workflow.defined_at.as_ref()),
            or_dash(named(&workflow.defined_by)),
            match workflow.definitions {
                0 | 1 => String::new(),
                count => format!(", for the {count}. time"),
            }
        ),
    ));
    text.push_str(&fields(&rows));
    match &workflow.newest_run {
        Some(run) => {
            text.push('\n');
            text.push_str(&workflow_run(run));
        }
        None if workflow.retired => {}
        None => text.push_str(&format!(
            "next: {}\n",
            clean::line(&pasted(&format!("workflow start {}", workflow.slug)))
        )),
    }
    text
}

/// What a workflow is, a row for each thing that is stated.
fn words(definition: &wire::WorkflowDefinition) -> Vec<(&'static str, String)> {
    let number = |number: Option<u32>| number.map_or_else(String::new, |it| it.to_string());
    let lines = |lines: Vec<String>| lines.join("\n");
    let roles = definition.roles.iter().map(|it| match &*it.stream {
        "" => format!("{} × {}", it.count, it.role),
        stream => format!("{} × {}: {stream}", it.count, it.role),
    });
    let oversight = definition.oversight.iter().map(|it| {
        let cadence = word(it.cadence().as_str_name(), "OVERSIGHT_CADENCE_");
        format!("{} {cadence}", it.role)
    });
    let inputs = definition.inputs.iter().map(|it| {
        let must = if it.required { "" } else { " (optional)" };
        match &*it.description {
            "" => format!("{}{must}", it.name),
            words => format!("{}{must}: {words}", it.name),
        }
    });
    let outputs = definition
        .outputs
        .iter()
        .map(|it| match &it.acceptance[..] {
            [] => it.name.clone(),
            bullets => format!("{}: {}", it.name, bullets.join("; ")),
        });
    let next = match (&*definition.next, definition.next_by_itself) {
        ("", _) => String::new(),
        (next, true) => format!("{next}, by itself"),
        (next, false) => format!("{next}, on a coordinator's word"),
    };
    vec![
        ("objective", definition.objective.clone()),
        ("number", number(definition.number)),
        ("tier", number(definition.tier)),
        ("duration", definition.duration.clone()),
        ("effort", definition.effort.clone()),
        (
            "elicits",
            if definition.elicit { "yes" } else { "" }.to_owned(),
        ),
        ("roles", lines(roles.collect())),
        ("oversight", lines(oversight.collect())),
        ("inputs", lines(inputs.collect())),
        ("outputs", lines(outputs.collect())),
        ("gates", definition.gates.join(", ")),
        ("sign-offs", definition.sign_offs.join(", ")),
        (
            "criteria",
            lines(definition.criteria.iter().map(asked).collect()),
        ),
        ("phases", definition.phases.join(", ")),
        ("next", next),
    ]
}

/// A criterion and how it is judged, in a line.
fn asked(criterion: &wire::SuccessCriterion) -> String {
    use wire::success_criterion::Check;
    let how = match &criterion.check {
        Some(Check::Measured(asked)) => measure(asked),
        Some(Check::Attested(attested)) if attested.role.is_empty() => "attested".to_owned(),
        Some(Check::Attested(attested)) => format!("attested by {}", attested.role),
        None => String::new(),
    };
    format!("{} {}: {how}", criterion.number, criterion.name)
}

fn mark(given: bool, refused: bool) -> &'static str {
    match (given, refused) {
        (true, _) => "✓",
        (false, true) => "✗",
        (false, false) => "·",
    }
}

/// A run with what was given and everything it waits for.
pub fn workflow_run(run: &wire::WorkflowRun) -> String {
    let mut text = format!(
        "{} of {}: {}\n",
        clean::line(&run.id),
        clean::line(&run.workflow),
        status(run)
    );
    let ended = match &run.ended_at {
        None => String::new(),
        Some(at) => format!("{} by {}", when(Some(at)), or_dash(named(&run.ended_by))),
    };
    let opened_by = or_dash(named(&run.opened_by));
    let after = match &*run.after {
        "" => String::new(),
        after => format!(", after {after}"),
    };
    text.push_str(&fields(&[
        (
            "opened",
            format!("{} by {opened_by}{after}", when(run.opened_at.as_ref())),
        ),
        (
            "work",
            match run.day {
                0 => String::new(),
                _ => format!("{}, since {}", day(run), when(run.started_at.as_ref())),
            },
        ),
        ("warning", run.warning.clone()),
        ("finished", run.finished.clone()),
        ("outputs", run.outputs.join(", ")),
        ("ended", ended),
        ("reason", run.reason.clone()),
    ]));
    for input in &run.inputs {
        let line = format!("  ✓ input {}: {}", input.input, first_line(&input.value));
        text.push_str(&format!("{}\n", clean::line(&line)));
    }
    for result in &run.criteria {
        let criterion = result.criterion.clone().unwrap_or_default();
        let value = match &*result.value {
            "" => String::new(),
            value => format!(", is {value}"),
        };
        let refused = !result.by.is_empty() || !result.value.is_empty();
        let mark = mark(result.holds, refused);
        let line = format!("  {mark} {}{value}", asked(&criterion));
        text.push_str(&format!("{}\n", clean::line(&line)));
    }
    for signature in &run.signatures {
        let by = match named(&signature.by) {
            "" => String::new(),
            by => format!(" by {by}"),
        };
        let mark = mark(signature.approved, signature.refused);
        let line = format!("  {mark} sign-off of {}{by}", signature.role);
        text.push_str(&format!("{}\n", clean::line(&line)));
    }
    lacks(run, &mut text);
    text
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn lacks(run: &wire::WorkflowRun, text: &mut String) {
    if run.lacks.is_empty() {
        return;
    }
    text.push_str("waits for:\n");
    for lack in &run.lacks {
        let line = format!(
            "  {}: {} (from {})",
            lack.subject, lack.description, lack.who
        );
        text.push_str(&format!("{}\n", clean::line(&line)));
    }
    if let Some(lack) = run.lacks.iter().find(|lack| !lack.next.is_empty()) {
        text.push_str(&format!("next: {}\n", clean::line(&pasted(&lack.next))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_shows_what_was_given_and_what_it_waits_for() {
        use wire::success_criterion::Check;
        let users = wire::SuccessCriterion {
            number: 1,
            name: "Users".to_owned(),
            check: Some(Check::Measured(wire::Measure {
                metric: "users".to_owned(),
                comparison: wire::Comparison::Ge.into(),
                threshold: "100".to_owned(),
            })),
        };
        let run = wire::WorkflowRun {
            id: "WR-1".to_owned(),
            workflow: "build".to_owned(),
            status: wire::WorkflowRunStatus::Gating.into(),
            opened_by: "coordinator:ann".to_owned(),
            day: 15,
            planned_days: 14,
            overdue: true,
            criteria: vec![wire::SuccessResult {
                criterion: Some(users),
                value: "99".to_owned(),
                ..wire::SuccessResult::default()
            }],
            signatures: vec![wire::WorkflowSignature {
                role: "qa".to_owned(),
                ..wire::WorkflowSignature::default()
            }],
            lacks: vec![wire::WorkflowLack {
                subject: "sign-off of qa".to_owned(),
                description: "nobody has signed".to_owned(),
                who: "qa".to_owned(),
                next: "workflow sign build qa".to_owned(),
            }],
            ..wire::WorkflowRun::default()
        };
        insta::assert_snapshot!(workflow_run(&run), @r"
        WR-1 of build: gating, overdue
        opened    - by ann
        work      day 15 of 14, since -
          ✗ 1 Users: users >= 100, is 99
          · sign-off of qa
        waits for:
          sign-off of qa: nobody has signed (from qa)
        next: muster workflow sign build qa
        ");
    }
}
