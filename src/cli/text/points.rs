//! Integration points, rollouts and references as text.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{clean, fields, named, or_dash, pasted, table, when};

fn end(end: Option<&wire::IntegrationEnd>) -> String {
    use wire::integration_end::Of;
    match end.and_then(|end| end.of.as_ref()) {
        Some(Of::Task(task)) => task.clone(),
        Some(Of::Phase(phase)) => format!("phase {phase}"),
        None => String::new(),
    }
}

fn meets(point: &wire::IntegrationPoint) -> String {
    use wire::integration_point::Sides;
    match &point.sides {
        Some(Sides::Internal(sides)) => {
            format!("{} → {}", end(sides.from.as_ref()), end(sides.to.as_ref()))
        }
        Some(Sides::External(sides)) => {
            format!("{} → {}", end(sides.needed_by.as_ref()), sides.system)
        }
        None => String::new(),
    }
}

fn integration_status(point: &wire::IntegrationPoint) -> String {
    let status = word(point.status().as_str_name(), "INTEGRATION_STATUS_");
    if point.overdue {
        format!("{status}, overdue")
    } else {
        status
    }
}

/// A table of integration points.
pub fn integrations(points: &[wire::IntegrationPoint], columns: Option<u16>) -> String {
    if points.is_empty() {
        return "no integration points\n".to_owned();
    }
    let rows = points.iter().map(|point| {
        [
            point.id.clone(),
            integration_status(point),
            meets(point),
            or_dash(&point.protocol),
            or_dash(&point.due_date),
            or_dash(named(&point.tested_by)),
            point.name.clone(),
        ]
    });
    table(
        [
            "id",
            "status",
            "meets",
            "protocol",
            "due",
            "tested by",
            "name",
        ],
        rows,
        columns,
    )
}

fn command(next: &str) -> String {
    if next.is_empty() {
        String::new()
    } else {
        pasted(next)
    }
}

/// Who and when, with what was said; empty when nobody has.
fn said(by: &str, at: Option<&prost_types::Timestamp>, words: &str) -> String {
    match (by, words) {
        ("", _) => String::new(),
        (by, "") => format!("{} by {}", when(at), named(by)),
        (by, words) => format!("{} by {}: {words}", when(at), named(by)),
    }
}

/// All that is known about an integration point.
pub fn integration(point: &wire::IntegrationPoint) -> String {
    let confirmed = said(
        &point.confirmed_by,
        point.confirmed_at.as_ref(),
        &point.confirmation,
    );
    let tested = said(&point.tested_by, point.tested_at.as_ref(), &point.result);
    let heading = clean::line(&format!("{} {}", point.id, point.name));
    format!("{heading}\n\n")
        + &fields(&[
            ("status", integration_status(point)),
            ("meets", meets(point)),
            ("protocol", point.protocol.clone()),
            ("test", point.test_strategy.clone()),
            ("due", point.due_date.clone()),
            ("contact", point.contact.clone()),
            ("confirmed", confirmed),
            ("tested", tested),
            ("blocker", point.blocker.clone()),
            ("next", command(&point.next)),
        ])
}

fn rollout_status(rollout: &wire::Rollout) -> String {
    word(rollout.status().as_str_name(), "ROLLOUT_STATUS_").replace('_', " ")
}

/// A table of rollouts.
pub fn rollouts(rollouts: &[wire::Rollout], columns: Option<u16>) -> String {
    if rollouts.is_empty() {
        return "no rollouts\n".to_owned();
    }
    let rows = rollouts.iter().map(|rollout| {
        let done = rollout.steps.iter().filter(|step| step.done).count();
        let lacks = match rollout.lacks.first() {
            None => String::new(),
            Some(lack) => format!("{}: {}", lack.subject, lack.description),
        };
        [
            rollout.id.clone(),
            rollout_status(rollout),
            or_dash(&rollout.approach),
            format!("{done}/{}", rollout.steps.len()),
            or_dash(&lacks),
            rollout.name.clone(),
        ]
    });
    table(
        ["id", "status", "approach", "steps", "lacks", "name"],
        rows,
        columns,
    )
}

/// All that is known about a rollout.
pub fn rollout(rollout: &wire::Rollout) -> String {
    let started = said(&rollout.started_by, rollout.started_at.as_ref(), "");
    let ended = said(
        &rollout.ended_by,
        rollout.ended_at.as_ref(),
        &rollout.ending,
    );
    let tested = said(
        &rollout.rollback_tested_by,
        rollout.rollback_tested_at.as_ref(),
        &rollout.rollback_evidence,
    );
    let heading = clean::line(&format!("{} {}", rollout.id, rollout.name));
    let mut text = format!("{heading}\n\n")
        + &fields(&[
            ("status", rollout_status(rollout)),
            ("approach", rollout.approach.clone()),
            ("deployment", rollout.deployment.clone()),
            ("gates", rollout.gates.join(", ")),
            ("rollback", rollout.rollback_plan.clone()),
            ("rollback tested", tested),
            ("started", started),
            ("ended", ended),
            ("blocker", rollout.blocker.clone()),
            ("next", command(&rollout.next)),
        ]);
    let mut section = |name: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{name}\n"));
        }
        for line in lines {
            text.push_str(&format!("  {}\n", clean::line(&line)));
        }
    };
    let steps = rollout.steps.iter().map(|step| {
        let mark = if step.done { "x" } else { " " };
        let done = said(&step.done_by, step.done_at.as_ref(), &step.note);
        let line = format!("[{mark}] {}. {}  {done}", step.number, step.text);
        line.trim_end().to_owned()
    });
    section("steps", steps.collect());
    let success = rollout.success.iter().map(|metric| {
        let mark = if metric.met { "x" } else { " " };
        let asked = metric.measure.as_ref().map_or_else(String::new, |measure| {
            let sign = sign(measure.comparison());
            format!(": {} {sign} {}", measure.metric, measure.threshold)
        });
        let value = match metric.value.as_str() {
            "" => String::new(),
            value => format!(" (was {value})"),
        };
        format!("[{mark}] {}. {}{asked}{value}", metric.number, metric.name)
    });
    section("success", success.collect());
    let lacks = rollout.lacks.iter().map(|lack| {
        let line = format!("{}: {} (from {})", lack.subject, lack.description, lack.who);
        match lack.next.as_str() {
            "" => line,
            next => format!("{line}  {}", pasted(next)),
        }
    });
    section("lacks", lacks.collect());
    text
}

fn sign(comparison: wire::Comparison) -> &'static str {
    match comparison {
        wire::Comparison::Lt => "<",
        wire::Comparison::Le => "<=",
        wire::Comparison::Gt => ">",
        wire::Comparison::Ge => ">=",
        wire::Comparison::Eq => "=",
        wire::Comparison::Unspecified => "?",
    }
}

/// A table of what a task refers to.
pub fn references(references: &[wire::TaskReference], columns: Option<u16>) -> String {
    if references.is_empty() {
        return "no references\n".to_owned();
    }
    let rows = references.iter().map(|it| {
        let status = word(it.status().as_str_name(), "REFERENCE_STATUS_");
        [
            word(it.kind().as_str_name(), "REFERENCE_KIND_").to_uppercase(),
            or_dash(&status.replace('_', " ")),
            it.name.clone(),
            or_dash(&it.uri),
        ]
    });
    table(["kind", "status", "name", "where"], rows, columns)
}

/// What a task refers to in a few words.
pub fn refers_to(references: &[wire::TaskReference]) -> String {
    let each = references.iter().map(|it| {
        let status = word(it.status().as_str_name(), "REFERENCE_STATUS_");
        match status.as_str() {
            "" => it.name.clone(),
            status => format!("{} ({})", it.name, status.replace('_', " ")),
        }
    });
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_in_a_table() {
        use wire::integration_end::Of;
        use wire::integration_point::Sides;
        let end = |of| Some(wire::IntegrationEnd { of: Some(of) });
        let shop = wire::IntegrationPoint {
            id: "IP-1".to_owned(),
            name: "Shop and till".to_owned(),
            sides: Some(Sides::Internal(wire::InternalSides {
                from: end(Of::Task("T-1".to_owned())),
                to: end(Of::Phase("2".to_owned())),
            })),
            protocol: "gRPC".to_owned(),
            status: wire::IntegrationStatus::Ready.into(),
            ..wire::IntegrationPoint::default()
        };
        let bank = wire::IntegrationPoint {
            id: "IP-2".to_owned(),
            name: "Payments".to_owned(),
            sides: Some(Sides::External(wire::ExternalSides {
                system: "the bank".to_owned(),
                needed_by: end(Of::Task("T-2".to_owned())),
            })),
            status: wire::IntegrationStatus::Pending.into(),
            due_date: "2026-11-24".to_owned(),
            overdue: true,
            ..wire::IntegrationPoint::default()
        };
        insta::assert_snapshot!(integrations(&[shop, bank], None), @r"
        ID    STATUS            MEETS           PROTOCOL  DUE         TESTED BY  NAME
        IP-1  ready             T-1 → phase 2   gRPC      -           -          Shop and till
        IP-2  pending, overdue  T-2 → the bank  -         2026-11-24  -          Payments
        ");
    }

    #[test]
    fn a_rollout_shows_its_steps_and_what_it_lacks() {
        let step = |number, text: &str, by: &str| wire::RolloutStep {
            number,
            text: text.to_owned(),
            done: !by.is_empty(),
            done_by: by.to_owned(),
            ..wire::RolloutStep::default()
        };
        let shown = rollout(&wire::Rollout {
            id: "RO-1".to_owned(),
            name: "Release 2".to_owned(),
            approach: "canary".to_owned(),
            status: wire::RolloutStatus::Draft.into(),
            steps: vec![step(1, "one host", "agent:ann"), step(2, "all of them", "")],
            success: vec![wire::SuccessMetric {
                number: 1,
                name: "Calm".to_owned(),
                ..wire::SuccessMetric::default()
            }],
            lacks: vec![wire::RolloutLack {
                subject: "rollback".to_owned(),
                description: "it was not tested".to_owned(),
                who: "coordinator".to_owned(),
                next: "rollout rollback-tested RO-1".to_owned(),
            }],
            ..wire::Rollout::default()
        });
        insta::assert_snapshot!(shown, @r"
        RO-1 Release 2

        status           draft
        approach         canary

        steps
          [x] 1. one host  - by ann
          [ ] 2. all of them

        success
          [ ] 1. Calm

        lacks
          rollback: it was not tested (from coordinator)  muster rollout rollback-tested RO-1
        ");
    }
}
