//! Rules as text.

use muster_proto::v1 as wire;

use super::{or_dash, table};

fn side(side: Option<&wire::RuleSide>) -> String {
    use wire::rule_side::Side;
    match side.and_then(|side| side.side.as_ref()) {
        Some(Side::Task(task)) => task.clone(),
        Some(Side::Phase(phase)) => format!("phase {phase}"),
        Some(Side::Matching(selector)) => format!("\"{selector}\""),
        None => "-".to_owned(),
    }
}

/// What a rule says, in a sentence without its full stop.
pub fn rule_sentence(rule: &wire::Rule) -> String {
    let (waiting, on) = (side(rule.waiting.as_ref()), side(rule.on.as_ref()));
    let verb = match rule.waiting.as_ref().and_then(|it| it.side.as_ref()) {
        Some(wire::rule_side::Side::Task(_)) => "waits",
        _ => "wait",
    };
    format!("{waiting} {verb} for {on}")
}

/// A table of rules.
pub fn rules(rules: &[wire::Rule], columns: Option<u16>) -> String {
    if rules.is_empty() {
        return "no rules\n".to_owned();
    }
    let rows = rules.iter().map(|rule| {
        let state = if rule.ended { "ended" } else { "followed" };
        [
            rule.id.clone(),
            state.to_owned(),
            side(rule.waiting.as_ref()),
            rule.waiting_tasks.to_string(),
            side(rule.on.as_ref()),
            rule.on_tasks.to_string(),
            or_dash(&rule.note),
        ]
    });
    table(
        ["rule", "state", "waiting", "tasks", "for", "tasks", "why"],
        rows,
        columns,
    )
}
