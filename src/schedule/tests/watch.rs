//! Watching by example, on an engine of its own whose time is moved by hand: what stays as it is records nothing, and
//! what is urgent is told once over restarts.

use std::time::Duration;

use super::super::{Herald, Watcher};
use super::{DAY, HOUR, MINUTE, MONDAY, World, lead};
use crate::plan::command::{Claim, Command, NewBlocker, NewMilestone, Timing};
use crate::plan::event::{BlockerKind, Due, Event, MarkKind, ReportKind, Severity};
use crate::plan::fact::Actor;
use crate::plan::model::BlockerStatus;

const INTERVAL: Duration = Duration::from_secs(60);

pub(super) fn block(severity: Severity) -> Command {
    Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::External,
        tasks: vec!["T-1".to_owned()],
        phase: String::new(),
        fence: 0,
        reason: "the bank is closed".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity,
        keep_lease: false,
    }))
}

fn watcher(world: &World) -> Watcher {
    Watcher::new(world.handle.clone(), INTERVAL)
}

fn herald(world: &World) -> Herald {
    Herald::new(world.handle.clone())
}

fn told(world: &World) -> usize {
    let plan = world.plan();
    plan.reports()
        .filter(|it| it.at_once && it.kind == ReportKind::Blockers)
        .count()
}

#[tokio::test]
async fn a_day_of_looks_at_a_project_that_stays_as_it_is_records_one_event() {
    let world = World::at(MONDAY + 9 * HOUR).await;
    let claim = Command::ClaimTask(Claim {
        start: true,
        lease_ms: 4 * 3_600_000,
        ..Claim::default()
    });
    world.ask(Actor::Agent("dev-1".into()), claim).await;
    let mut watcher = watcher(&world);
    assert_eq!(watcher.look().await, INTERVAL);
    assert_eq!(world.plan().marks().count(), 0);
    // Past three quarters of its term, and silent for longer than half of it.
    world.clock.advance_ms(3 * 3_600_000 + 60_000);
    watcher.look().await;
    let version = world.plan().version();
    for _ in 0..10 {
        world.clock.advance_ms(60_000);
        watcher.look().await;
    }
    let plan = world.plan();
    assert_eq!(plan.version(), version, "nothing changed");
    assert!(plan.mark(MarkKind::LeaseEnding, "T-1").is_some());
    assert!(plan.mark(MarkKind::AgentSilent, "dev-1").is_some());
    let log = world.log().await;
    let changes = log
        .iter()
        .filter(|it| matches!(it.event, Event::MarksChanged(_)));
    assert_eq!(changes.count(), 1, "both in one");
}

#[tokio::test]
async fn a_restart_marks_nothing_again_and_a_project_that_rests_is_not_looked_at() {
    let world = World::at(MONDAY + 9 * HOUR).await;
    let milestone = Command::CreateMilestone(Box::new(NewMilestone {
        name: "It is there".to_owned(),
        due: Some(Due::Day("2026-11-23".parse().expect("a day"))),
        ..NewMilestone::default()
    }));
    world.ask(lead(), milestone).await;
    world.clock.advance_ms(86_400_000);
    watcher(&world).look().await;
    let at_risk = |world: &World| {
        let plan = world.plan();
        plan.mark(MarkKind::MilestoneAtRisk, "M-1").is_some()
    };
    assert!(at_risk(&world));
    let version = world.plan().version();
    let world = world.restart();
    watcher(&world).look().await;
    assert_eq!(world.plan().version(), version);
    let pause = Command::PauseProject {
        reason: "a holiday".to_owned(),
    };
    world.ask(lead(), pause).await;
    world.ask(lead(), block(Severity::Critical)).await;
    let version = world.plan().version();
    world.clock.advance_ms(86_400_000);
    watcher(&world).look().await;
    herald(&world).look().await;
    assert_eq!(world.plan().version(), version);
}

#[tokio::test]
async fn a_milestone_that_a_forecast_reaches_too_late_is_marked_by_a_forecast_an_hour() {
    let world = World::at(MONDAY + 9 * HOUR).await;
    let milestone = Command::CreateMilestone(Box::new(NewMilestone {
        name: "It is there".to_owned(),
        due: Some(Due::Day("2026-11-23".parse().expect("a day"))),
        links: crate::plan::command::LinksRef {
            phases: vec!["1".to_owned()],
            ..crate::plan::command::LinksRef::default()
        },
        ..NewMilestone::default()
    }));
    let mut watcher = watcher(&world);
    watcher.look().await;
    world.ask(lead(), milestone).await;
    let more = Command::CreateTasks(
        (0..20)
            .map(|number| crate::plan::command::NewTask {
                title: format!("More {number}"),
                phase: "1".to_owned(),
                ..crate::plan::command::NewTask::default()
            })
            .collect(),
    );
    world.ask(lead(), more).await;
    watcher.look().await;
    assert!(
        world
            .plan()
            .mark(MarkKind::MilestoneAtRisk, "M-1")
            .is_some()
    );
}

#[tokio::test]
async fn an_urgent_blocker_is_told_of_once_whatever_is_started_anew() {
    let world = World::at(MONDAY + 9 * HOUR).await;
    herald(&world).look().await;
    assert_eq!(told(&world), 0);
    world.ask(lead(), block(Severity::Critical)).await;
    herald(&world).look().await;
    assert_eq!(told(&world), 1);
    herald(&world).look().await;
    let world = world.restart();
    world.clock.advance_ms(600_000);
    herald(&world).look().await;
    assert_eq!(told(&world), 1);
    // Two within a minute of each other are told in one, and not before it is over.
    world.ask(lead(), block(Severity::Critical)).await;
    herald(&world).look().await;
    assert_eq!(told(&world), 2);
    world.ask(lead(), block(Severity::Critical)).await;
    world.ask(lead(), block(Severity::Critical)).await;
    let pause = herald(&world).look().await;
    assert_eq!(told(&world), 2);
    assert!(
        pause <= Duration::from_secs(60) && !pause.is_zero(),
        "{pause:?}"
    );
    let world = world.restart();
    world.clock.advance_ms(60_000);
    herald(&world).look().await;
    herald(&world).look().await;
    assert_eq!(told(&world), 3);
}

#[tokio::test]
async fn nothing_is_told_at_once_where_no_schedule_is_for_blockers() {
    let world = World::at(MONDAY + 9 * HOUR).await;
    let remove = Command::Time(Timing::Remove {
        schedule: "blockers".to_owned(),
        reason: String::new(),
    });
    world.ask(lead(), remove).await;
    world.ask(lead(), block(Severity::Critical)).await;
    herald(&world).look().await;
    assert_eq!(told(&world), 0);
}

#[tokio::test]
async fn a_blocker_that_stands_for_too_long_is_escalated_and_told_of() {
    let world = World::at(MONDAY + 9 * HOUR).await;
    world.ask(lead(), block(Severity::Medium)).await;
    let mut watcher = watcher(&world);
    world
        .clock
        .advance_ms(u64::try_from(2 * HOUR).expect("a time"));
    watcher.look().await;
    herald(&world).look().await;
    assert_eq!(told(&world), 0);
    world
        .clock
        .advance_ms(u64::try_from(MINUTE).expect("a time"));
    watcher.look().await;
    herald(&world).look().await;
    let plan = world.plan();
    let blocker = plan.open_blockers().next().expect("it is open");
    assert_eq!(blocker.status, BlockerStatus::Escalated);
    assert_eq!(told(&world), 1);
    let version = plan.version();
    world.clock.advance_ms(u64::try_from(DAY).expect("a time"));
    watcher.look().await;
    herald(&world).look().await;
    let escalations = world.log().await;
    let escalations = escalations
        .iter()
        .filter(|it| matches!(it.event, Event::BlockerEscalated(_)));
    assert_eq!(escalations.count(), 1);
    assert_eq!((told(&world), world.plan().version()), (1, version));
}
