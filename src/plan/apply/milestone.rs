//! What milestones do to a plan. Those ahead are found by what they wait for.

use std::sync::Arc;

use super::super::event::{
    Links, MilestoneAdded, MilestoneMissed, MilestoneReached, MilestoneTicked, MilestoneUpdated,
    Text,
};
use super::super::fact::Actor;
use super::super::id::{MilestoneId, PhaseNo};
use super::super::model::{ChecklistItem, Milestone, MilestoneStatus, Settled};
use super::super::state::{Link, Plan};
use super::super::time::Timestamp;
use super::edit;

fn unticked(text: &Text) -> ChecklistItem {
    ChecklistItem {
        text: Arc::clone(text),
        ticked: None,
    }
}

/// What a milestone waits for.
pub(in super::super) fn links_of(milestone: &Milestone) -> impl Iterator<Item = Link> {
    let phases = milestone.phases.iter().map(|no| Link::Phase(*no));
    let tasks = milestone.tasks.iter().map(|id| Link::Task(*id));
    let deliverables = milestone.deliverables.iter();
    let deliverables = deliverables.map(|id| Link::Deliverable(*id));
    phases.chain(tasks).chain(deliverables)
}

impl Plan {
    fn linked_phases(&self, links: &Links) -> Box<[PhaseNo]> {
        let phases = links.phases.iter();
        phases.filter_map(|phase| self.phase_no(phase)).collect()
    }

    pub(super) fn milestone_added(&mut self, event: &MilestoneAdded, at: Timestamp, actor: &Actor) {
        let id = event.milestone;
        let milestone = Milestone {
            id,
            name: Arc::clone(&event.name),
            kind: event.kind,
            due: event.due,
            checklist: event.checklist.iter().map(unticked).collect(),
            phases: self.linked_phases(&event.links),
            tasks: event.links.tasks.clone().into(),
            deliverables: event.links.deliverables.clone().into(),
            status: MilestoneStatus::Pending,
            settled: None,
            added_by: actor.clone(),
            added_at: at,
            revision: self.version,
        };
        self.milestones.insert(id, Arc::new(milestone));
        self.expect_milestone(id);
    }

    pub(super) fn milestone_updated(&mut self, event: &MilestoneUpdated) {
        let links = event.links.as_ref();
        let links = links.map(|links| (self.linked_phases(links), links));
        self.forget_milestone(event.milestone);
        self.step_milestone(event.milestone, |milestone| {
            if let Some(name) = &event.name {
                milestone.name = Arc::clone(name);
            }
            milestone.kind = event.kind.unwrap_or(milestone.kind);
            milestone.due = event.due.or(milestone.due);
            let added = event.checklist_added.iter().map(unticked);
            milestone.checklist = milestone.checklist.iter().cloned().chain(added).collect();
            if let Some((phases, links)) = links {
                milestone.phases = phases;
                milestone.tasks = links.tasks.clone().into();
                milestone.deliverables = links.deliverables.clone().into();
            }
        });
        self.expect_milestone(event.milestone);
    }

    pub(super) fn milestone_ticked(
        &mut self,
        event: &MilestoneTicked,
        at: Timestamp,
        actor: &Actor,
    ) {
        let place = (event.item as usize).saturating_sub(1);
        self.step_milestone(event.milestone, |milestone| {
            if let Some(item) = milestone.checklist.get_mut(place) {
                item.ticked = Some((actor.clone(), at));
            }
        });
    }

    pub(super) fn milestone_reached(
        &mut self,
        event: &MilestoneReached,
        at: Timestamp,
        actor: &Actor,
    ) {
        let settled = (MilestoneStatus::Reached, &event.note);
        self.settle_milestone(event.milestone, settled, at, actor);
    }

    pub(super) fn milestone_missed(
        &mut self,
        event: &MilestoneMissed,
        at: Timestamp,
        actor: &Actor,
    ) {
        let settled = (MilestoneStatus::Missed, &event.reason);
        self.settle_milestone(event.milestone, settled, at, actor);
    }

    fn settle_milestone(
        &mut self,
        id: MilestoneId,
        (status, note): (MilestoneStatus, &Text),
        at: Timestamp,
        actor: &Actor,
    ) {
        self.forget_milestone(id);
        self.step_milestone(id, |milestone| {
            milestone.status = status;
            milestone.settled = Some(Settled {
                by: actor.clone(),
                at,
                note: Arc::clone(note),
            });
        });
    }

    fn step_milestone(&mut self, id: MilestoneId, change: impl FnOnce(&mut Milestone)) {
        let version = self.version;
        edit(&mut self.milestones, &id, |milestone| {
            change(milestone);
            milestone.revision = version;
        });
    }

    /// A milestone ahead can be found by what it waits for.
    fn expect_milestone(&mut self, id: MilestoneId) {
        let Some(milestone) = self.milestones.get(&id).map(Arc::clone) else {
            return;
        };
        self.index.milestones_ahead.insert(id);
        for link in links_of(&milestone) {
            self.index.milestones_on.insert((link, id));
        }
    }

    fn forget_milestone(&mut self, id: MilestoneId) {
        let Some(milestone) = self.milestones.get(&id).map(Arc::clone) else {
            return;
        };
        self.index.milestones_ahead.remove(&id);
        for link in links_of(&milestone) {
            self.index.milestones_on.remove(&(link, id));
        }
    }
}
