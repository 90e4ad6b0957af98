//! What must hold of schedules and of the reports they published.

use std::collections::{BTreeMap, BTreeSet};

use super::super::event::{ItemState, Text};
use super::super::id::ReportId;
use super::super::model::{DeliveryState, MARKS_MAX, RunItem};
use super::super::runs::RunSet;
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
            let untouched = |item: &RunItem| item.state == ItemState::Pending && item.by.is_none();
            let is_nothing = run.ended_at.is_some() && run.items.iter().all(untouched);
            broken.unless(!run.missed || is_nothing, || {
                format!("{id} was missed, and something came of it")
            });
            let said = |item: &RunItem| item.state == ItemState::Pending || item.by.is_some();
            broken.unless(run.items.iter().all(said), || {
                format!("an item of {id} ticked itself")
            });
        }
        for (day, standup) in &self.standups {
            broken.unless(*day == standup.day, || {
                format!("the standup of {} stands as {day}", standup.day)
            });
            let held = standup.held.as_ref();
            let told = held.is_none_or(|held| {
                let report = self.reports.get(&held.report);
                report.is_some_and(|report| report.as_of == held.as_of)
            });
            broken.unless(told, || {
                format!("the standup of {day} is told of in a report that is not")
            });
            let mut speakers = BTreeSet::new();
            for entry in &standup.entries {
                broken.unless(
                    speakers.insert((&entry.role, entry.by.to_string(), entry.late)),
                    || format!("{} speaks twice at the standup of {day}", entry.by),
                );
                let in_time =
                    entry.at < standup.closes_at && held.is_none_or(|held| entry.at <= held.at);
                broken.unless(entry.late || in_time, || {
                    format!("{} was late at the standup of {day}", entry.by)
                });
                broken.unless(!(entry.slots.is_empty() && entry.text.is_empty()), || {
                    format!("{} says nothing at the standup of {day}", entry.by)
                });
            }
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
        self.check_deliveries(broken);
        self.check_marks(broken);
    }

    /// Each mark stands once, under what it is about; there are no more than may stand.
    fn check_marks(&self, broken: &mut Broken) {
        for ((kind, subject), mark) in &self.marks {
            broken.unless(*kind == mark.kind && *subject == mark.subject, || {
                format!("a mark of {} stands as {subject}", mark.subject)
            });
            broken.unless(mark.since <= self.last_at, || {
                format!("the mark {kind} of {subject} is ahead of the log")
            });
        }
        broken.unless(self.marks.len() <= MARKS_MAX, || {
            format!("{} marks stand", self.marks.len())
        });
    }

    /// Each channel stands once with a report; what waits and what was given up is found without the reports.
    fn check_deliveries(&self, broken: &mut Broken) {
        let in_state = |state: DeliveryState| -> RunSet<(Text, ReportId)> {
            let all = self.reports.values().flat_map(|report| {
                let of = report.deliveries.iter();
                of.filter(|(_, delivery)| delivery.state == state)
                    .map(|(channel, _)| (channel.clone(), report.id))
            });
            all.collect()
        };
        let index = &self.index;
        let waiting = in_state(DeliveryState::Waiting);
        broken.same("waiting letters", &index.waiting_letters, &waiting);
        let dead = in_state(DeliveryState::Dead);
        broken.same("dead letters", &index.dead_letters, &dead);
        let mut delivered: BTreeMap<&Text, u32> = BTreeMap::new();
        for (id, report) in &self.reports {
            broken.unless(
                report.deliveries.is_sorted_by(|one, other| one.0 < other.0),
                || format!("{id} has channels twice or out of order"),
            );
            for (channel, delivery) in &report.deliveries {
                let is_fresh = delivery.attempts == 0 && delivery.note.is_empty();
                let waits = delivery.state == DeliveryState::Waiting;
                broken.unless(!waits || is_fresh, || {
                    format!("{id} waits for {channel} and has an outcome")
                });
                broken.unless(delivery.at >= report.published_at, || {
                    format!("{id} came to {channel} before it was published")
                });
                if delivery.state == DeliveryState::Delivered {
                    *delivered.entry(channel).or_insert(0) += 1;
                }
            }
        }
        let counted: BTreeMap<&Text, u32> = index
            .delivered_letters
            .iter()
            .map(|(channel, count)| (channel, *count))
            .collect();
        broken.same("delivered letters", &counted, &delivered);
    }
}
