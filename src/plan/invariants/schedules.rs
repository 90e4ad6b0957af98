//! What must hold of schedules and of the reports they published.

use std::collections::BTreeSet;

use super::super::event::ItemState;
use super::super::model::RunItem;
use super::super::state::Plan;
use super::Broken;

impl Plan {
    /// Runs have numbers of their own; a slot has its turn before the schedule's newest one is behind it; reports
    /// tell of what had happened when they were published.
    pub(super) fn check_schedules(&self, broken: &mut Broken) {
        let mut runs = BTreeSet::new();
        for (name, schedule) in &self.schedules {
            broken.unless(*name == schedule.name, || {
                format!("schedule {} stands as {name}", schedule.name)
            });
            broken.unless(
                schedule.handled.is_some() == schedule.newest_slot.is_some(),
                || format!("schedule {name} is handled until an instant without a slot"),
            );
            let Some(firing) = &schedule.under_way else {
                continue;
            };
            broken.unless(runs.insert(firing.run), || {
                format!("run {} is under way twice", firing.run)
            });
            broken.unless(firing.run <= self.highest_job_run, || {
                format!("run {} of {name} was never given out", firing.run)
            });
            broken.unless(firing.slot <= schedule.newest_slot, || {
                format!("run {} of {name} is ahead of its schedule", firing.run)
            });
            broken.unless(!schedule.spec.job.is_done_at_once(), || {
                format!("{name} only reminds, and is under way")
            });
        }
        let newest = self.checklist_runs.last().map(|(id, _)| *id);
        for (id, run) in &self.checklist_runs {
            broken.unless(*id == run.id, || format!("{} stands as {id}", run.id));
            broken.unless(run.ended_at.is_some() || Some(*id) == newest, || {
                format!("{id} is open and not the newest")
            });
            broken.unless(run.is_over() == run.complete, || {
                format!("{id} is {} and over: {}", run.status(), run.is_over())
            });
            let said = |item: &RunItem| item.state == ItemState::Pending || item.by.is_some();
            broken.unless(run.items.iter().all(said), || {
                format!("an item of {id} ticked itself")
            });
        }
        let mut before = 0;
        for (id, report) in &self.reports {
            broken.unless(*id == report.id, || format!("{} stands as {id}", report.id));
            let told = report.since <= report.until && report.as_of < report.version;
            broken.unless(told && report.version > before, || {
                format!(
                    "{id} tells of version {} at {}",
                    report.as_of, report.version
                )
            });
            before = report.version;
            broken.unless(report.version <= self.version, || {
                format!("{id} is ahead of the log")
            });
        }
    }
}
