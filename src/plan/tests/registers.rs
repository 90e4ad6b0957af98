//! Damages to registers, as a table: to each index and to each rule about their entries. None of them goes
//! unnoticed.

use std::sync::Arc;

use super::super::Plan;
use super::super::command::{Command, HomeRef, LinksRef, NewDeliverable, NewMilestone, NewRisk};
use super::super::event::RiskStatus;
use super::super::fact::Actor;
use super::super::id::{BlockerId, DeliverableId, MilestoneId, PhaseNo, RiskId};
use super::super::model::{Deliverable, DeliverableStatus, Milestone, MilestoneStatus, Risk};
use super::{by, lead, plan};

/// DL-1 of phase 1 is submitted, M-1 waits for T-1 and an item, R-1 is active.
fn rich() -> Plan {
    let deliverable = NewDeliverable {
        name: "The manual".to_owned(),
        home: HomeRef {
            phase: "1".to_owned(),
            ..HomeRef::default()
        },
        ..NewDeliverable::default()
    };
    let milestone = NewMilestone {
        name: "Beta".to_owned(),
        checklist: vec!["tested".to_owned()],
        links: LinksRef {
            tasks: vec!["T-1".to_owned()],
            ..LinksRef::default()
        },
        ..NewMilestone::default()
    };
    let risk = NewRisk {
        text: "the bank is slow".to_owned(),
        ..NewRisk::default()
    };
    let submit = Command::SubmitDeliverable {
        deliverable: DeliverableId(1),
        artefact: "manual.md".to_owned(),
        note: String::new(),
    };
    let given = plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .and(lead(), Command::CreateDeliverable(Box::new(deliverable)))
        .and(by("dev-1"), submit)
        .and(lead(), Command::CreateMilestone(Box::new(milestone)))
        .and(lead(), Command::CreateRisk(Box::new(risk)));
    given.plan
}

fn deliverable(plan: &mut Plan) -> &mut Deliverable {
    Arc::make_mut(plan.deliverables.get_mut(&DeliverableId(1)).expect("one"))
}

fn milestone(plan: &mut Plan) -> &mut Milestone {
    Arc::make_mut(plan.milestones.get_mut(&MilestoneId(1)).expect("one"))
}

fn risk(plan: &mut Plan) -> &mut Risk {
    Arc::make_mut(plan.risks.get_mut(&RiskId(1)).expect("one"))
}

/// What is damaged, how, and a part of the sentence that says so.
type Damage = (&'static str, fn(&mut Plan), &'static str);

const DAMAGES: &[Damage] = &[
    (
        "deliverables_of",
        |plan| plan.index.deliverables_of.clear(),
        "deliverables are",
    ),
    (
        "unaccepted",
        |plan| plan.index.unaccepted.clear(),
        "deliverables are",
    ),
    (
        "submitted",
        |plan| plan.index.submitted.clear(),
        "deliverables are",
    ),
    (
        "milestones_ahead",
        |plan| plan.index.milestones_ahead.clear(),
        "milestones are",
    ),
    (
        "milestones_on",
        |plan| plan.index.milestones_on.clear(),
        "milestones are",
    ),
    (
        "an artefact",
        |plan| deliverable(plan).submission = None,
        "DL-1 is submitted with None",
    ),
    (
        "a judgement",
        |plan| deliverable(plan).status = DeliverableStatus::Accepted,
        "DL-1 is accepted with None",
    ),
    (
        "its own judge",
        |plan| {
            let at = plan.last_at;
            deliverable(plan).judgement = Some(super::super::model::Judgement {
                text: "".into(),
                by: Actor::Agent("dev-1".into()),
                at,
            });
        },
        "DL-1 was submitted and judged by agent:dev-1",
    ),
    (
        "another phase",
        |plan| {
            deliverable(plan).task = Some(super::TaskId(1));
            deliverable(plan).phase = None;
        },
        "DL-1 is not in the phase of the task",
    ),
    (
        "a closed phase",
        |plan| {
            let phase = plan.phases.get_mut(&PhaseNo(0)).expect("the first");
            Arc::make_mut(phase).state = super::super::model::PhaseState::Completed;
        },
        "DL-1 is submitted in a completed phase",
    ),
    (
        "a silent end",
        |plan| milestone(plan).status = MilestoneStatus::Missed,
        "M-1 is Missed with None",
    ),
    (
        "nothing to wait for",
        |plan| {
            let at = plan.last_at;
            milestone(plan).tasks = [].into();
            for item in &mut milestone(plan).checklist {
                item.ticked = Some((lead(), at));
            }
        },
        "M-1 waits for nothing and is not reached",
    ),
    (
        "a silent step",
        |plan| risk(plan).status = RiskStatus::Mitigated,
        "R-1 is Mitigated with None",
    ),
    (
        "days",
        |plan| risk(plan).words.impact_days = Some(3),
        "R-1 costs days",
    ),
    (
        "a blocker",
        |plan| risk(plan).blocker = Some(BlockerId(1)),
        "R-1 is Active and holds up",
    ),
];

#[test]
fn a_damage_to_a_register_is_noticed() {
    let sound = rich();
    assert_eq!(sound.broken_invariants(), Vec::<String>::new());
    let mut missed = Vec::new();
    for (what, damage, noticed) in DAMAGES {
        let mut plan = sound.clone();
        damage(&mut plan);
        let broken = plan.broken_invariants();
        if !broken.iter().any(|sentence| sentence.contains(noticed)) {
            missed.push(format!("{what}: `{noticed}` is not among {broken:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
