//! What checklists do to a plan: nothing that a task depends on.

use std::sync::Arc;

use super::super::event::{
    ChecklistAsked, ChecklistDefined, ChecklistEnded, ChecklistItemSettled, ChecklistMissed,
    ChecklistStarted, ItemSpec, ItemState,
};
use super::super::fact::Actor;
use super::super::model::{Checklist, ChecklistRun, RunItem};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

/// Items that nothing came of yet.
fn pending(items: &[ItemSpec]) -> Box<[RunItem]> {
    let items = items.iter().map(|spec| RunItem {
        spec: spec.clone(),
        state: ItemState::Pending,
        result: "".into(),
        by: None,
        at: None,
    });
    items.collect()
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

impl Plan {
    pub(super) fn checklist_defined(&mut self, event: &ChecklistDefined) {
        self.checklist = Some(Arc::new(Checklist {
            items: event.items.clone().into(),
            window_minutes: event.window_minutes,
        }));
    }

    pub(super) fn checklist_started(
        &mut self,
        event: &ChecklistStarted,
        at: Timestamp,
        by: &Actor,
    ) {
        let run = ChecklistRun {
            id: event.checklist,
            day: event.day,
            items: pending(&event.items),
            schedule: Arc::clone(&event.schedule),
            opened_by: by.clone(),
            opened_at: at,
            closes_at: event.closes_at,
            ended_at: None,
            complete: false,
            missed: false,
            revision: self.version,
        };
        self.checklist_runs.insert(event.checklist, Arc::new(run));
    }

    pub(super) fn checklist_missed(&mut self, event: &ChecklistMissed, at: Timestamp, by: &Actor) {
        let run = ChecklistRun {
            id: event.checklist,
            day: event.day,
            items: pending(&event.items),
            schedule: Arc::clone(&event.schedule),
            opened_by: by.clone(),
            opened_at: event.due_at,
            closes_at: at,
            ended_at: Some(at),
            complete: false,
            missed: true,
            revision: self.version,
        };
        self.checklist_runs.insert(event.checklist, Arc::new(run));
    }

    pub(super) fn checklist_asked(&mut self, event: &ChecklistAsked) {
        let version = self.version;
        edit(&mut self.checklist_runs, &event.checklist, |run| {
            for item in event.items.iter().filter_map(|number| place(*number)) {
                if let Some(item) = run.items.get_mut(item) {
                    item.state = ItemState::Pending;
                }
            }
            run.revision = version;
        });
    }

    pub(super) fn checklist_item_settled(
        &mut self,
        event: &ChecklistItemSettled,
        at: Timestamp,
        by: &Actor,
    ) {
        let version = self.version;
        edit(&mut self.checklist_runs, &event.checklist, |run| {
            let item = place(event.item).and_then(|place| run.items.get_mut(place));
            if let Some(item) = item {
                item.state = event.state;
                item.result = Arc::clone(&event.result);
                item.by = Some(by.clone());
                item.at = Some(at);
            }
            run.revision = version;
        });
    }

    pub(super) fn checklist_ended(&mut self, event: &ChecklistEnded, at: Timestamp) {
        let version = self.version;
        edit(&mut self.checklist_runs, &event.checklist, |run| {
            run.ended_at = Some(at);
            run.complete = event.complete;
            run.revision = version;
        });
    }
}
