//! Entries of registers as text.

use muster_proto::v1 as wire;

use super::super::json::word;
use super::{named, or_dash, table};

/// A table of deliverables.
pub fn deliverables(deliverables: &[wire::Deliverable], columns: Option<u16>) -> String {
    if deliverables.is_empty() {
        return "no deliverables\n".to_owned();
    }
    let rows = deliverables.iter().map(|deliverable| {
        let of = if !deliverable.task.is_empty() {
            deliverable.task.clone()
        } else if !deliverable.phase.is_empty() {
            format!("phase {}", deliverable.phase)
        } else {
            deliverable.workflow.clone()
        };
        let at = if deliverable.artefact.is_empty() {
            &deliverable.uri
        } else {
            &deliverable.artefact
        };
        let said = if deliverable.judgement.is_empty() {
            deliverable.name.clone()
        } else {
            format!("{} ({})", deliverable.name, deliverable.judgement)
        };
        [
            deliverable.id.clone(),
            word(deliverable.status().as_str_name(), "DELIVERABLE_STATUS_"),
            or_dash(&of),
            or_dash(named(&deliverable.submitted_by)),
            or_dash(at),
            said,
        ]
    });
    table(
        ["id", "status", "of", "by", "artefact", "name"],
        rows,
        columns,
    )
}

/// A table of milestones.
pub fn milestones(milestones: &[wire::Milestone], columns: Option<u16>) -> String {
    if milestones.is_empty() {
        return "no milestones\n".to_owned();
    }
    let rows = milestones.iter().map(|milestone| {
        let ticked = milestone.checklist.iter().filter(|item| item.ticked);
        let items = match milestone.checklist.len() {
            0 => "-".to_owned(),
            all => format!("{}/{all}", ticked.count()),
        };
        let launch = milestone.kind() == wire::MilestoneKind::Launch;
        let name = if launch {
            format!("{} (launch)", milestone.name)
        } else {
            milestone.name.clone()
        };
        [
            milestone.id.clone(),
            standing(milestone),
            due(milestone),
            items,
            waits_for(milestone),
            name,
        ]
    });
    table(
        ["id", "status", "due", "ticked", "waits for", "name"],
        rows,
        columns,
    )
}

fn standing(milestone: &wire::Milestone) -> String {
    let status = word(milestone.status().as_str_name(), "MILESTONE_STATUS_");
    if milestone.overdue {
        format!("{status}, overdue")
    } else if milestone.at_risk == Some(true) {
        format!("{status}, at risk")
    } else {
        status
    }
}

fn due(milestone: &wire::Milestone) -> String {
    use wire::milestone_due::On;
    match milestone.due.as_ref().and_then(|due| due.on.as_ref()) {
        None => "-".to_owned(),
        Some(On::Date(date)) => date.clone(),
        Some(On::Week(week)) if milestone.due_date.is_empty() => format!("week {week}"),
        Some(On::Week(week)) => format!("week {week} ({})", milestone.due_date),
    }
}

fn waits_for(milestone: &wire::Milestone) -> String {
    let links = milestone.links.clone().unwrap_or_default();
    let phases = links.phases.iter().map(|phase| format!("phase {phase}"));
    let all: Vec<String> = phases
        .chain(links.tasks.iter().cloned())
        .chain(links.deliverables.iter().cloned())
        .collect();
    or_dash(&all.join(", "))
}

/// A table of risks.
pub fn risks(risks: &[wire::Risk], columns: Option<u16>) -> String {
    if risks.is_empty() {
        return "no risks\n".to_owned();
    }
    let rows = risks.iter().map(|risk| {
        let impact = word(risk.impact().as_str_name(), "RISK_LEVEL_");
        let impact = match risk.impact_days {
            None => impact,
            Some(days) => format!("{impact}, {days} d"),
        };
        [
            risk.id.clone(),
            word(risk.kind().as_str_name(), "RISK_KIND_"),
            word(risk.status().as_str_name(), "RISK_STATUS_"),
            impact,
            word(risk.likelihood().as_str_name(), "RISK_LEVEL_"),
            or_dash(&risk.owner),
            or_dash(&risk.mitigation),
            risk.text.clone(),
        ]
    });
    table(
        [
            "id",
            "kind",
            "status",
            "impact",
            "likelihood",
            "owner",
            "mitigation",
            "risk",
        ],
        rows,
        columns,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milestones_stand_in_a_table() {
        use wire::milestone_due::On;
        let beta = wire::Milestone {
            id: "M-1".to_owned(),
            name: "Beta".to_owned(),
            status: wire::MilestoneStatus::Pending.into(),
            due: Some(wire::MilestoneDue {
                on: Some(On::Week(2)),
            }),
            due_date: "2026-11-15".to_owned(),
            checklist: vec![wire::MilestoneItem::default()],
            links: Some(wire::MilestoneLinks {
                phases: vec!["1".to_owned()],
                tasks: vec!["T-3".to_owned()],
                deliverables: Vec::new(),
            }),
            ..wire::Milestone::default()
        };
        let late = wire::Milestone {
            id: "M-3".to_owned(),
            name: "Demo".to_owned(),
            status: wire::MilestoneStatus::Pending.into(),
            overdue: true,
            at_risk: Some(true),
            ..wire::Milestone::default()
        };
        let unsure = wire::Milestone {
            id: "M-4".to_owned(),
            overdue: false,
            ..late.clone()
        };
        let launch = wire::Milestone {
            id: "M-2".to_owned(),
            name: "Launch".to_owned(),
            kind: wire::MilestoneKind::Launch.into(),
            status: wire::MilestoneStatus::Missed.into(),
            ..wire::Milestone::default()
        };
        insta::assert_snapshot!(milestones(&[beta, launch, late, unsure], None), @r"
        ID   STATUS            DUE                  TICKED  WAITS FOR     NAME
        M-1  pending           week 2 (2026-11-15)  0/1     phase 1, T-3  Beta
        M-2  missed            -                    -       -             Launch (launch)
        M-3  pending, overdue  -                    -       -             Demo
        M-4  pending, at risk  -                    -       -             Demo
        ");
    }

    #[test]
    fn risks_stand_in_a_table() {
        let risk = wire::Risk {
            id: "R-1".to_owned(),
            kind: wire::RiskKind::Schedule.into(),
            text: "The bank is slow".to_owned(),
            impact: wire::RiskLevel::High.into(),
            impact_days: Some(5),
            likelihood: wire::RiskLevel::Low.into(),
            status: wire::RiskStatus::Active.into(),
            ..wire::Risk::default()
        };
        insta::assert_snapshot!(risks(&[risk], None), @r"
        ID   KIND      STATUS  IMPACT     LIKELIHOOD  OWNER  MITIGATION  RISK
        R-1  schedule  active  high, 5 d  low         -      -           The bank is slow
        ");
    }

    #[test]
    fn deliverables_stand_in_a_table() {
        let pending = wire::Deliverable {
            id: "DL-1".to_owned(),
            name: "The manual".to_owned(),
            uri: "docs".to_owned(),
            phase: "1".to_owned(),
            status: wire::DeliverableStatus::Pending.into(),
            ..wire::Deliverable::default()
        };
        let rejected = wire::Deliverable {
            id: "DL-2".to_owned(),
            task: "T-3".to_owned(),
            status: wire::DeliverableStatus::Rejected.into(),
            artefact: "docs/manual.md".to_owned(),
            submitted_by: "agent:ann".to_owned(),
            judgement: "no examples".to_owned(),
            ..pending.clone()
        };
        insta::assert_snapshot!(deliverables(&[pending, rejected], None), @r"
        ID    STATUS    OF       BY   ARTEFACT        NAME
        DL-1  pending   phase 1  -    docs            The manual
        DL-2  rejected  T-3      ann  docs/manual.md  The manual (no examples)
        ");
    }
}
