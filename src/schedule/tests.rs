//! The clock by example, on an engine of its own whose time is moved by hand: what is due fires once, whatever
//! restarts, jumps and second daemons do.

mod side_by_side;
mod watch;
mod week;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::{Herald, Scheduler, reproduce};
use crate::engine::EngineHandle;
use crate::engine::fixture::{Shop, lead};
use crate::plan::command::{
    Claim, Command, NewPhase, NewSchedule, NewSprint, NewTask, Timing, Watching,
};
use crate::plan::event::{Event, Recorded, ReportKind, Severity};
use crate::plan::fact::Actor;
use crate::plan::id::SprintId;
use crate::plan::model::{SprintStatus, TurnEnding};
use crate::plan::time::Timestamp;
use crate::report::document::Document;
use crate::report::standup::BeatFacts;
use crate::report::watch::{MarkInput, present};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Monday, 2026-11-23, at midnight UTC.
const MONDAY: i64 = 1_795_392_000_000;

struct World {
    shop: Shop,
    scheduler: Scheduler,
    /// Who watches between two reports; none where a test is about the clock alone.
    watching: Option<Herald>,
}

impl Deref for World {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.shop
    }
}

impl World {
    fn of(shop: Shop) -> Self {
        Self {
            scheduler: Scheduler::new(shop.handle.clone()),
            shop,
            watching: None,
        }
    }

    /// The same, watched at each look. Signs of life are left out, which come at the pace of the machine.
    fn watched(mut self) -> Self {
        self.watching = Some(Herald::new(self.handle.clone()));
        self
    }

    async fn watch(&self, herald: &Herald) {
        let (plan, now) = (self.plan(), Timestamp(self.handle.now_ms()));
        let beats = BeatFacts {
            at: now,
            leases: Vec::new(),
        };
        let found = present(MarkInput {
            plan: &plan,
            now,
            beats: &beats,
            forecast: None,
        });
        for watching in [Watching::Mark(found), Watching::Escalate] {
            self.ask(Actor::System, Command::Watch(watching)).await;
        }
        herald.look().await;
    }

    /// The project `shop` with the usual schedules, made at an instant.
    async fn bare(now_ms: i64) -> Self {
        let world = Self::of(Shop::at(now_ms).await);
        let usual = Timing::Set(NewSchedule::usual());
        world.ask(lead(), Command::Time(usual)).await;
        world
    }

    /// The same with a phase, a few tasks and an agent.
    async fn at(now_ms: i64) -> Self {
        let world = Self::bare(now_ms).await;
        let task = |number: u32| NewTask {
            title: format!("Task {number}"),
            ..NewTask::default()
        };
        let phase = NewPhase {
            name: "All".to_owned(),
            ..NewPhase::default()
        };
        for command in [
            Command::CreatePhases(vec![phase]),
            Command::CreateTasks((1..=6).map(task).collect()),
            Command::RegisterAgent {
                agent: "dev-1".to_owned(),
                roles: vec!["developer".to_owned()],
                skills: Vec::new(),
                capacity: 2,
                model: String::new(),
            },
        ] {
            world.ask(lead(), command).await;
        }
        world
    }

    /// Looks until there is nothing left to do.
    async fn settle(&mut self) {
        if let Some(herald) = &self.watching {
            self.watch(herald).await;
        }
        for _ in 0..50 {
            self.scheduler.look_and_wait().await;
            if self.plan().schedules().all(|it| it.under_way.is_none()) {
                self.scheduler.look_and_wait().await;
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// Moves the clock on by hand and looks at every step.
    async fn pass(&mut self, until_ms: i64, step_ms: u64) {
        while self.handle.now_ms() < until_ms {
            self.clock.advance_ms(step_ms);
            self.settle().await;
        }
    }

    fn restart(self) -> Self {
        Self::of(self.shop.restart())
    }

    fn last(&self, name: &str) -> TurnEnding {
        let plan = self.plan();
        let schedule = plan.schedule(name).expect("a known schedule");
        schedule.last.as_ref().expect("a turn").ending
    }
}

/// How often each slot of each schedule fired, was published, or was skipped.
fn turns(log: &[Arc<Recorded>]) -> BTreeMap<(String, String), [u32; 3]> {
    let mut turns: BTreeMap<(String, String), [u32; 3]> = BTreeMap::new();
    for recorded in log {
        let (name, slot, place) = match &recorded.event {
            Event::SlotFired(it) => (&it.schedule, it.slot, 0),
            Event::ReportPublished(it) => (&it.schedule, it.slot, 1),
            Event::SlotSkipped(it) => (&it.schedule, Some(it.slot), 2),
            _ => continue,
        };
        if let Some(slot) = slot {
            turns
                .entry((name.to_string(), slot.to_string()))
                .or_default()[place] += 1;
        }
    }
    turns
}

#[track_caller]
fn check_at_most_once(log: &[Arc<Recorded>]) {
    for ((name, slot), [fired, published, skipped]) in turns(log) {
        assert!(fired + skipped <= 1, "{name} of {slot} had {fired} turns");
        assert!(
            published <= fired,
            "{name} of {slot} told {published} times"
        );
    }
}

/// Each report that is published at once tells of something that no blocker report before it told of.
#[track_caller]
fn check_told_once(log: &[Arc<Recorded>]) -> usize {
    let (mut urgent, mut told, mut at_once) = (Vec::new(), 0, 0);
    for recorded in log {
        match &recorded.event {
            Event::BlockerOpened(it) if it.severity == Severity::Critical => {
                urgent.push(recorded.version);
            }
            Event::BlockerEscalated(_) => urgent.push(recorded.version),
            Event::ReportPublished(it) if it.kind == ReportKind::Blockers => {
                let news = urgent
                    .iter()
                    .any(|version| (told + 1..=it.as_of).contains(version));
                assert!(news || !it.at_once, "{} tells nothing new", it.report);
                at_once += usize::from(it.at_once);
                told = told.max(it.as_of);
            }
            _ => {}
        }
    }
    at_once
}

#[tokio::test]
async fn a_week_has_its_reports_each_once() {
    let mut world = World::at(MONDAY).await;
    world.pass(MONDAY + 7 * DAY, 600_000).await;
    let log = world.log().await;
    check_at_most_once(&log);
    let mut kinds: BTreeMap<ReportKind, u32> = BTreeMap::new();
    for report in world.plan().reports() {
        *kinds.entry(report.kind).or_default() += 1;
    }
    let expected = BTreeMap::from([
        (ReportKind::Standup, 5),
        (ReportKind::Blockers, 10),
        (ReportKind::Oversight, 6),
        (ReportKind::WeeklyReview, 1),
        (ReportKind::StakeholderUpdate, 1),
    ]);
    assert_eq!(kinds, expected);
    assert!(
        world
            .plan()
            .schedules()
            .all(|it| it.missed + it.skipped == 0)
    );
    // No sprint: that is said, and nothing is published.
    assert_eq!(world.last("sprint-close"), TurnEnding::Done);
}

#[tokio::test]
async fn each_standup_begins_where_the_one_before_it_ended() {
    let mut world = World::at(MONDAY).await;
    world.pass(MONDAY + 3 * DAY, 600_000).await;
    let plan = world.plan();
    let standups = plan.reports().filter(|it| it.kind == ReportKind::Standup);
    let windows: Vec<(i64, i64)> = standups.map(|it| (it.since.0, it.until.0)).collect();
    assert_eq!(windows.len(), 3);
    assert!(
        windows.windows(2).all(|pair| pair[0].1 == pair[1].0),
        "{windows:?}"
    );
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_carried_out_after_the_next_start() {
    let world = World::at(MONDAY + 9 * HOUR - MINUTE).await;
    world.clock.advance_ms(60_000);
    // The daemon dies between the firing and the report.
    let slot = "2026-11-23T09:00".parse().expect("a slot");
    let schedule = "standup".to_owned();
    world
        .ask(
            Actor::System,
            Command::Time(Timing::Fire { schedule, slot }),
        )
        .await;
    let mut world = world.restart();
    assert!(
        world
            .plan()
            .schedule("standup")
            .expect("it")
            .under_way
            .is_some()
    );
    world.settle().await;
    assert_eq!(world.plan().reports().count(), 1);
    assert_eq!(world.last("standup"), TurnEnding::Done);
    check_at_most_once(&world.log().await);
}

#[tokio::test]
async fn what_went_by_while_nobody_looked_is_caught_up_on_once_or_missed() {
    let mut world = World::at(MONDAY).await.restart();
    // Down over two noons and a standup; up again on Wednesday at 13:00.
    world.clock.advance_ms(2 * 86_400_000 + 13 * 3_600_000);
    world.settle().await;
    let plan = world.plan();
    let standup = plan.schedule("standup").expect("it");
    // Nine o'clock is just four hours ago.
    assert_eq!((standup.fired, standup.missed), (1, 2));
    let blockers = plan.schedule("blockers").expect("it");
    assert_eq!((blockers.fired, blockers.missed), (1, 4));
    world.clock.advance_ms(5 * 3_600_000 + 3_600_000);
    world.settle().await;
    assert_eq!(world.plan().schedule("standup").map(|it| it.fired), Some(1));
    check_at_most_once(&world.log().await);
}

/// A fortnight with restarts, deaths between firing and report, and clocks that are set forwards and back.
async fn chaos(seed: u8) -> Vec<Arc<Recorded>> {
    let mut chance = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut world = World::at(MONDAY).await.watched();
    for _ in 0..400 {
        let below = |chance: &mut TestRng, limit: u32| chance.next_u32() % limit;
        match below(&mut chance, 20) {
            0 => world = world.restart().watched(),
            1 => {
                let hours = i64::from(below(&mut chance, 9)) - 4;
                world
                    .clock
                    .set_wall_ms(world.handle.now_ms() + hours * HOUR);
            }
            2 => world.clock.advance_ms(86_400_000),
            3 => {
                // It fires and dies before it has told anybody.
                let plan = world.plan();
                let now_ms = world.handle.now_ms();
                let due = plan.schedules().find_map(|schedule| {
                    let due = plan.turn(schedule, now_ms)?.fire?;
                    Some((schedule.name.to_string(), due.slot))
                });
                if let Some((schedule, slot)) = due {
                    world
                        .ask(
                            Actor::System,
                            Command::Time(Timing::Fire { schedule, slot }),
                        )
                        .await;
                    world = world.restart().watched();
                }
            }
            4 | 5 => {
                let press = watch::block(Severity::Critical);
                world.ask(lead(), press).await;
            }
            _ => {
                let minutes = u64::from(below(&mut chance, 90)) + 1;
                world.clock.advance_ms(minutes * 60_000);
            }
        }
        if below(&mut chance, 4) > 0 {
            world.settle().await;
        }
    }
    world.settle().await;
    world.log().await
}

#[tokio::test]
async fn no_slot_fires_twice_over_restarts_deaths_and_clocks_that_jump() {
    for seed in 1..=4 {
        println!("seed {seed}");
        let log = chaos(seed).await;
        check_at_most_once(&log);
        assert!(turns(&log).len() > 20, "hardly anything fired");
        assert!(
            check_told_once(&log) > 5,
            "hardly anything was told at once"
        );
    }
}

#[tokio::test]
#[should_panic(expected = "had 2 turns")]
async fn a_slot_that_fires_twice_is_caught() {
    let mut log = chaos(1).await;
    let fired = log
        .iter()
        .find(|it| matches!(it.event, Event::SlotFired(_)));
    let again = Arc::clone(fired.expect("something fired"));
    log.push(again);
    check_at_most_once(&log);
}

#[tokio::test]
#[should_panic(expected = "tells nothing new")]
async fn what_is_told_at_once_a_second_time_is_caught() {
    let mut log = chaos(1).await;
    let at_once =
        |it: &&Arc<Recorded>| matches!(&it.event, Event::ReportPublished(report) if report.at_once);
    let again = Arc::clone(log.iter().find(at_once).expect("something was told"));
    log.push(again);
    check_told_once(&log);
}

#[tokio::test]
async fn of_two_daemons_at_one_store_one_fires() {
    let world = World::at(MONDAY).await;
    let other = world.another();
    world.clock.advance_ms(9 * 3_600_000);
    let slot = "2026-11-23T09:00".parse().expect("a slot");
    let fire = |handle: EngineHandle| async move {
        let command = Command::Time(Timing::Fire {
            schedule: "standup".to_owned(),
            slot,
        });
        handle.order("shop", command).await.is_ok()
    };
    let (one, two) = tokio::join!(fire(world.handle.clone()), fire(other.handle.clone()));
    assert!(one != two, "one of them: {one}, {two}");
    drop(other);
    let log = world.restart().log().await;
    check_at_most_once(&log);
}

#[tokio::test]
async fn a_sprint_is_closed_on_its_last_day_and_reviewed() {
    let mut world = World::at(MONDAY).await;
    let sprint = |goal: &str, start: &str, end: &str| {
        Command::PlanSprint(Box::new(NewSprint {
            goal: goal.to_owned(),
            start: start.parse().expect("a day"),
            end: end.parse().expect("a day"),
            tasks: Vec::new(),
        }))
    };
    world
        .ask(lead(), sprint("First", "2026-11-23", "2026-11-25"))
        .await;
    world
        .ask(lead(), sprint("Second", "2026-11-26", "2026-11-27"))
        .await;
    let commit = Command::CommitSprint {
        sprint: SprintId(1),
        tasks: vec!["T-1".to_owned(), "T-2".to_owned()],
    };
    world.ask(lead(), commit).await;
    world.pass(MONDAY + DAY + 20 * HOUR, 3_600_000).await;
    assert!(world.plan().active_sprint().is_some(), "it is not over");
    world.pass(MONDAY + 2 * DAY + 20 * HOUR, 3_600_000).await;
    let plan = world.plan();
    let first = plan.sprint(SprintId(1)).expect("it");
    assert_eq!(first.status, SprintStatus::Closed);
    let next = plan.sprint(SprintId(2)).expect("it");
    assert_eq!(next.tasks.len(), 2, "what was left over went on");
    let reviews = plan
        .reports()
        .filter(|it| it.kind == ReportKind::SprintReview);
    assert_eq!(reviews.count(), 1);
}

#[tokio::test]
async fn a_published_report_comes_out_of_the_log_again_byte_for_byte() {
    let mut world = World::at(MONDAY).await;
    let claim = Command::ClaimTask(Claim {
        start: true,
        lease_ms: 3_600_000,
        ..Claim::default()
    });
    world.clock.advance_ms(8 * 3_600_000 + 30 * 60_000);
    world.ask(Actor::Agent("dev-1".into()), claim).await;
    world.pass(MONDAY + 5 * DAY, 600_000).await;
    let plan = world.plan();
    let log = world.log().await;
    let mut told = 0;
    for report in plan.reports() {
        let published = log.iter().find_map(|recorded| match &recorded.event {
            Event::ReportPublished(it) if it.report == report.id => Some(it),
            _ => None,
        });
        let published = published.expect("it is in the log");
        let again = reproduce(&world.handle, "shop", report, &published.facts).await;
        let again = again.expect("the log is there").document;
        assert_eq!(again.to_json(), *published.document, "{}", report.id);
        let read = Document::from_json(&published.document).expect("it was published");
        assert_eq!(read, again);
        assert_eq!((read.text(80), read.html()), (again.text(80), again.html()));
        told += 1;
    }
    assert!(told > 15, "{told}");
    let first = plan
        .reports()
        .find(|it| it.kind == ReportKind::Standup)
        .expect("one");
    let published = log.iter().find_map(|recorded| match &recorded.event {
        Event::ReportPublished(it) if it.report == first.id => Some(it),
        _ => None,
    });
    let published = published.expect("it is in the log");
    assert!(
        published.facts.contains("T-1"),
        "signs of life are kept: {}",
        published.facts
    );
    // Other facts make another report: the comparison is none that cannot fail.
    let other = reproduce(&world.handle, "shop", first, "")
        .await
        .expect("the log is there");
    assert_ne!(other.document.to_json(), *published.document);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_called_finds_what_they_are_called_for() {
    let shop = Shop::at(MONDAY).await;
    for round in 0..500 {
        let standup = NewSchedule {
            note: format!("round {round}"),
            ..NewSchedule::new("standup", "daily at 09:00")
        };
        let set = Command::Time(Timing::Set(vec![standup]));
        let called = async {
            shop.handle.timetable().await;
            shop.plan().version()
        };
        let (found, ()) = tokio::join!(called, shop.ask(lead(), set));
        assert_eq!(found, shop.plan().version(), "round {round}");
    }
}
