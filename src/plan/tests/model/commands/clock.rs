//! Schedules by chance: set, due, run, and what they publish.

use super::{Step, by, pick};
use crate::plan::Plan;
use crate::plan::command::{
    Checking, Command, Delivering, Gathering, NewEntry, NewReport, NewSchedule, Timing,
};
use crate::plan::event::{Executor, ItemSpec, ItemState, Job, ReportKind, Slots, Urgency};
use crate::plan::fact::Actor;
use crate::plan::id::{ChecklistId, ReportId};
use crate::plan::model::{Firing, Schedule};
use crate::plan::recurrence::Slot;

impl Step {
    pub(super) fn clock(&self, plan: &Plan) -> (Actor, Command) {
        let all: Vec<&Schedule> = plan.schedules().collect();
        let some = pick(&all, self.a);
        let named = || some.map_or_else(|| "nothing".to_owned(), |it| it.name.to_string());
        let said = || {
            if self.b.is_multiple_of(2) {
                "a holiday"
            } else {
                ""
            }
            .to_owned()
        };
        let busy = all.iter().find_map(|schedule| {
            let firing = schedule.under_way.as_ref()?;
            Some((schedule.name.to_string(), firing))
        });
        let timing = match self.kind {
            200 => Timing::Set(self.schedules()),
            201 if self.b.is_multiple_of(3) => Timing::Resume { schedule: named() },
            201 if self.b.is_multiple_of(7) => Timing::Remove {
                schedule: named(),
                reason: said(),
            },
            201 => Timing::Pause {
                schedule: named(),
                reason: said(),
            },
            202 | 203 => return (self.daemon(plan), Command::Time(self.turn(plan, some))),
            204 if self.b.is_multiple_of(3) => Timing::Run { schedule: named() },
            204 if self.b.is_multiple_of(4) => {
                let (schedule, run) = busy.map_or_else(|| (named(), 1), |(it, by)| (it, by.run));
                let end = Timing::End {
                    schedule,
                    run,
                    failed: self.c.is_multiple_of(2),
                    note: said(),
                };
                return (self.daemon(plan), Command::Time(end));
            }
            205 if !self.b.is_multiple_of(4) => {
                let (actor, delivering) = self.delivery(plan);
                return (actor, Command::Time(Timing::Deliver(delivering)));
            }
            _ => Timing::Publish(Box::new(self.report(plan, busy))),
        };
        (self.coordinator(plan), Command::Time(timing))
    }

    pub(super) fn checklist(&self, plan: &Plan) -> (Actor, Command) {
        let open = plan.open_checklist_run();
        let id = open.map_or(ChecklistId(u32::from(self.a % 3) + 1), |run| run.id);
        let number = u32::from(self.b % 6);
        let all = [
            ItemState::Done,
            ItemState::NeedsAttention,
            ItemState::Failed,
            ItemState::Skipped,
            ItemState::Pending,
        ];
        let checking = match self.kind {
            206 if self.a.is_multiple_of(4) => Checking::Define {
                items: vec![ItemSpec {
                    name: ["Water the plants", ""][usize::from(self.b.is_multiple_of(9))].into(),
                    executor: [Executor::Manual, Executor::Command("lint".into())]
                        [usize::from(self.c % 2)]
                    .clone(),
                }],
                window_minutes: u32::from(self.c % 20),
            },
            206 => {
                let busy = plan.schedules().find_map(|schedule| {
                    let firing = schedule.under_way.as_ref()?;
                    Some((schedule.name.to_string(), firing.run))
                });
                let run = busy.filter(|_| self.b.is_multiple_of(2));
                Checking::Start { run }
            }
            207 if self.c.is_multiple_of(5) => {
                let end = Checking::End { checklist: id };
                return (self.daemon(plan), Command::Check(end));
            }
            207 => {
                let settle = Checking::Settle {
                    checklist: id,
                    item: number,
                    state: all[usize::from(self.a % 5)],
                    result: "looked".to_owned(),
                };
                return (self.daemon(plan), Command::Check(settle));
            }
            _ => Checking::Tick {
                checklist: self.c.is_multiple_of(2).then_some(id),
                item: number.to_string(),
                skip: self.a.is_multiple_of(3),
                note: if self.a.is_multiple_of(2) { "seen" } else { "" }.to_owned(),
            },
        };
        (self.coordinator(plan), Command::Check(checking))
    }

    pub(super) fn standup(&self, plan: &Plan) -> (Actor, Command) {
        if self.a.is_multiple_of(4) {
            return (self.daemon(plan), Command::Gather(Gathering::Open));
        }
        let today = plan.local_day(plan.last_at());
        let words = ["", "the cart", "the basket"][usize::from(self.b % 3)];
        let new = NewEntry {
            day: self.b.is_multiple_of(5).then_some(today),
            role: ["", "", "developer", "wizard"][usize::from(self.c % 4)].to_owned(),
            slots: Slots {
                next: words.into(),
                tests_passed_percent: (self.c.is_multiple_of(3))
                    .then(|| u8::try_from(self.a % 120).unwrap_or(0)),
                ..Slots::default()
            },
            text: words.to_owned(),
        };
        let actor = if self.b.is_multiple_of(2) {
            by(&self.agent(plan))
        } else {
            self.coordinator(plan)
        };
        let enter = Gathering::Enter(Box::new(new));
        (actor, Command::Gather(enter))
    }

    /// The daemon itself, seldom somebody who has no say.
    pub(super) fn daemon(&self, plan: &Plan) -> Actor {
        if self.c.is_multiple_of(23) {
            self.coordinator(plan)
        } else {
            Actor::System
        }
    }

    fn schedules(&self) -> Vec<NewSchedule> {
        let when = [
            "* * * * *",
            "*/2 * * * *",
            "every 5 minutes",
            "daily at 09:00",
            "0 0 31 2 *",
        ];
        let when = when[usize::from(self.b % 5)];
        let name = ["standup", "blockers", "tea", "retro"][usize::from(self.a % 4)];
        let jobs = [None, Some(Job::Oversight), Some(Job::Reminder)];
        let new = NewSchedule {
            job: jobs[usize::from(self.c % 3)],
            zone: ["", "Europe/Berlin", "America/New_York", "Nowhere"]
                [usize::from(self.c % 4) * usize::from(self.c.is_multiple_of(2))]
            .to_owned(),
            role: ["", "developer"][usize::from(self.b % 2)].to_owned(),
            catch_up_ms: self.b.is_multiple_of(3).then_some(60_000),
            ..NewSchedule::new(name, when)
        };
        if self.a.is_multiple_of(5) {
            return NewSchedule::usual();
        }
        if self.c % 4 == 3 {
            // Mostly missed: steps are short, and it is seldom that one comes just when this is due.
            return vec![NewSchedule {
                job: Some(Job::Checklist),
                catch_up_ms: Some(60_000),
                ..NewSchedule::new("checklist", "every 5 minutes")
            }];
        }
        vec![new]
    }

    /// What is due, seldom what is not.
    fn turn(&self, plan: &Plan, some: Option<&Schedule>) -> Timing {
        let now_ms = plan.last_at().0 + self.wait_ms();
        let due = plan.schedules().find_map(|schedule| {
            let turn = plan.turn(schedule, now_ms)?;
            let newest = turn.fire.or(turn.missed.map(|missed| missed.last))?;
            Some((schedule.name.to_string(), newest.slot))
        });
        let (schedule, slot) = due.unwrap_or_else(|| {
            let slot = some.and_then(|schedule| schedule.newest_slot);
            let name = some.map_or_else(|| "nothing".to_owned(), |it| it.name.to_string());
            let any = Slot {
                day: crate::plan::day::Day(u32::from(self.a)),
                minute_of_day: self.b,
                again: false,
            };
            (name, slot.unwrap_or(any))
        });
        Timing::Fire { schedule, slot }
    }

    pub(super) fn report(&self, plan: &Plan, busy: Option<(String, &Firing)>) -> NewReport {
        let now = plan.last_at();
        let kinds = ReportKind::ALL;
        let run = busy.filter(|_| !self.c.is_multiple_of(5));
        let long = if self.c.is_multiple_of(7) { 40_000 } else { 1 };
        NewReport {
            kind: kinds[usize::from(self.a) % kinds.len()],
            title: "What happened".to_owned(),
            urgency: Urgency::Warning,
            role: ["", "developer"][usize::from(self.b % 2)].to_owned(),
            run: run.map(|(schedule, firing)| (schedule, firing.run)),
            since: now,
            until: now,
            as_of: plan.version() + u64::from(self.b.is_multiple_of(17)),
            facts: String::new(),
            document: "{\"a\":1}".repeat(long),
            note: String::new(),
            channels: ["ops", "mail", "ops"][..usize::from(self.c % 4).min(3)]
                .iter()
                .map(|channel| (*channel).to_owned())
                .collect(),
        }
    }

    /// What became of a report that was addressed, seldom of one that was not.
    fn delivery(&self, plan: &Plan) -> (Actor, Delivering) {
        let channel = ["ops", "mail"][usize::from(self.c % 2)].to_owned();
        let waiting: Vec<ReportId> = plan.waiting_letters(&channel).collect();
        let dead: Vec<ReportId> = plan.dead_letters(&channel).collect();
        let any = ReportId(u32::from(self.a % 5));
        let attempts = u32::from(self.a) + 1;
        match self.b % 4 {
            1 => {
                let report = pick(&waiting, self.a).unwrap_or(any);
                let note = "taken".to_owned();
                (
                    self.daemon(plan),
                    Delivering::Delivered {
                        report,
                        channel,
                        attempts,
                        note,
                    },
                )
            }
            2 => {
                let report = pick(&waiting, self.a).unwrap_or(any);
                let reason = "the receiver is gone".to_owned();
                (
                    self.daemon(plan),
                    Delivering::Undelivered {
                        report,
                        channel,
                        attempts,
                        reason,
                    },
                )
            }
            _ => {
                let report = pick(&dead, self.a).unwrap_or(any);
                (
                    self.coordinator(plan),
                    Delivering::Again { report, channel },
                )
            }
        }
    }
}
