//! The entries of registers as messages.

use muster_proto::v1 as wire;

use super::super::enums;
use super::project::day;
use super::{View, texts, time};
use crate::plan::event::Due;
use crate::plan::model::{ChecklistItem, Deliverable, Milestone, Risk};
use crate::report::dates;

impl View<'_> {
    /// A deliverable.
    pub(in super::super) fn deliverable(&self, deliverable: &Deliverable) -> wire::Deliverable {
        let submission = deliverable.submission.as_ref();
        let judgement = deliverable.judgement.as_ref();
        wire::Deliverable {
            id: deliverable.id.to_string(),
            name: deliverable.name.to_string(),
            uri: deliverable.uri.to_string(),
            phase: deliverable
                .phase
                .map_or_else(String::new, |no| self.phase_id(no)),
            task: deliverable
                .task
                .map_or_else(String::new, |task| task.to_string()),
            workflow: deliverable.workflow.to_string(),
            acceptance: texts(&deliverable.acceptance),
            status: enums::deliverable_status(deliverable.status).into(),
            artefact: submission.map_or_else(String::new, |it| it.artefact.to_string()),
            submission_note: submission.map_or_else(String::new, |it| it.note.to_string()),
            submitted_by: submission.map_or_else(String::new, |it| it.by.to_string()),
            submitted_at: submission.map(|it| time(it.at)),
            judgement: judgement.map_or_else(String::new, |it| it.text.to_string()),
            judged_by: judgement.map_or_else(String::new, |it| it.by.to_string()),
            judged_at: judgement.map(|it| time(it.at)),
            added_by: deliverable.added_by.to_string(),
            added_at: Some(time(deliverable.added_at)),
            revision: deliverable.revision,
        }
    }

    /// A milestone.
    pub(in super::super) fn milestone(&self, milestone: &Milestone) -> wire::Milestone {
        use wire::milestone_due::On;
        let settled = milestone.settled.as_ref();
        let items = (1..).zip(&milestone.checklist);
        let phases = milestone.phases.iter().map(|no| self.phase_id(*no));
        let on = milestone.due.map(|due| match due {
            Due::Day(day) => On::Date(day.to_string()),
            Due::Week(week) => On::Week(week),
        });
        wire::Milestone {
            id: milestone.id.to_string(),
            name: milestone.name.to_string(),
            kind: enums::milestone_kind(milestone.kind).into(),
            status: enums::milestone_status(milestone.status).into(),
            due: on.map(|on| wire::MilestoneDue { on: Some(on) }),
            due_date: day(self.plan.due_day(milestone)),
            checklist: items.map(item).collect(),
            links: Some(wire::MilestoneLinks {
                phases: phases.collect(),
                tasks: texts(&milestone.tasks),
                deliverables: texts(&milestone.deliverables),
            }),
            settled_by: settled.map_or_else(String::new, |it| it.by.to_string()),
            settled_at: settled.map(|it| time(it.at)),
            settled_note: settled.map_or_else(String::new, |it| it.note.to_string()),
            added_by: milestone.added_by.to_string(),
            added_at: Some(time(milestone.added_at)),
            revision: milestone.revision,
            overdue: dates::is_overdue(self.plan, milestone, self.now()),
            at_risk: None,
        }
    }

    /// A risk.
    pub(in super::super) fn risk(&self, risk: &Risk) -> wire::Risk {
        let step = risk.step.as_ref();
        let words = &risk.words;
        wire::Risk {
            id: risk.id.to_string(),
            kind: enums::risk_kind(words.kind).into(),
            text: words.text.to_string(),
            impact: enums::risk_level(words.impact).into(),
            impact_days: words.impact_days,
            likelihood: enums::risk_level(words.likelihood).into(),
            mitigation: words.mitigation.to_string(),
            owner: words.owner.to_string(),
            status: enums::risk_status(risk.status).into(),
            note: step.map_or_else(String::new, |it| it.note.to_string()),
            moved_by: step.map_or_else(String::new, |it| it.by.to_string()),
            moved_at: step.map(|it| time(it.at)),
            blocker: risk.blocker.map_or_else(String::new, |it| it.to_string()),
            added_by: risk.added_by.to_string(),
            added_at: Some(time(risk.added_at)),
            revision: risk.revision,
        }
    }
}

fn item((number, item): (u32, &ChecklistItem)) -> wire::MilestoneItem {
    let ticked = item.ticked.as_ref();
    wire::MilestoneItem {
        number,
        text: item.text.to_string(),
        ticked: ticked.is_some(),
        ticked_by: ticked.map_or_else(String::new, |(by, _)| by.to_string()),
        ticked_at: ticked.map(|(_, at)| time(*at)),
    }
}
