//! A forecast against what must come out of it: the critical path when nobody is short of agents and every
//! estimate holds, and a plain simulation when they are.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::Plan;
use super::super::command::{Command, Complete, LinksRef, NewMilestone, NewTask};
use super::super::id::TaskId;
use super::super::tests::drawn::{Led, drawn, led, task_of, then};
use super::super::time::{Estimate, EstimateUnit, Timestamp};
use super::chance::Experience;
use super::network::{Kind, Network};
use super::run::Runner;
use super::{Forecast, Forecasting, Part, bars};
use crate::plan::fact::Actor;

/// Every estimate holds.
fn as_thought() -> Experience {
    Experience {
        ratios: vec![256],
        seen: 0,
        minutes_without_estimate: 60,
    }
}

fn network(plan: &Plan) -> Network {
    Network::of(plan, &as_thought(), Timestamp(0)).expect("a small plan")
}

/// When a network is done with these agents; at each step all that can be taken is looked at.
fn simulated(network: &Network, kinds: &[Kind]) -> u64 {
    let mut waits = network.waits.clone();
    let mut room: Vec<u32> = kinds.iter().map(|kind| kind.room).collect();
    let mut done = vec![false; waits.len()];
    let mut running: Vec<(u64, usize, Option<usize>)> = Vec::new();
    let mut taken = vec![false; network.tasks.len()];
    for (task, work) in network.tasks.iter().enumerate() {
        if work.is_held {
            taken[task] = true;
            if let Some(kind) = work.held_by {
                room[kind] = room[kind].saturating_sub(1);
            }
            running.push((u64::from(work.minutes), task, work.held_by));
        }
    }
    let mut now = 0;
    loop {
        while let Some(mark) =
            (network.tasks.len()..waits.len()).find(|mark| !done[*mark] && waits[*mark] == 0)
        {
            done[mark] = true;
            network
                .behind(mark)
                .iter()
                .for_each(|other| waits[*other as usize] -= 1);
        }
        let next = network.in_claim_order.iter().find_map(|task| {
            let task = *task as usize;
            let open = !taken[task] && waits[task] == 0;
            let takers = &network.takers[network.tasks[task].class];
            let kind = takers.iter().find(|kind| room[**kind] > 0)?;
            open.then_some((task, *kind))
        });
        if let Some((task, kind)) = next {
            taken[task] = true;
            room[kind] -= 1;
            running.push((
                now + u64::from(network.tasks[task].minutes),
                task,
                Some(kind),
            ));
            continue;
        }
        let Some(at) = running.iter().map(|(at, ..)| *at).min() else {
            return now;
        };
        now = at;
        running.retain(|(end, task, kind)| {
            if *end > now {
                return true;
            }
            if let Some(kind) = kind {
                room[*kind] += 1;
            }
            network
                .behind(*task)
                .iter()
                .for_each(|other| waits[*other as usize] -= 1);
            false
        });
    }
}

fn ended(network: &Network, kinds: &[Kind]) -> u64 {
    let experience = as_thought();
    let mut waited = vec![0; network.takers.len()];
    let mut runner = Runner::on(network, &experience, kinds, &network.takers);
    let first = runner.run(1, 1, &mut waited);
    // A runner keeps nothing of a run.
    assert_eq!(runner.run(1, 1, &mut waited), first);
    first.finish
}

fn plenty(network: &Network) -> Vec<Kind> {
    let more = |kind: &Kind| Kind {
        room: 1_000,
        ..kind.clone()
    };
    network.kinds.iter().map(more).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn with_agents_enough_a_plan_takes_as_long_as_its_critical_path(
        tasks in prop::collection::vec(drawn(), 1..30),
        thens in prop::collection::vec(then(), 0..30),
    ) {
        let led = led(&tasks, &thens);
        let network = network(&led.plan);
        let path = led.plan.critical_path(0);
        prop_assert_eq!(ended(&network, &plenty(&network)), path.total_minutes);
    }

    #[test]
    fn with_few_agents_a_run_is_what_a_plain_simulation_gives(
        tasks in prop::collection::vec(drawn(), 1..30),
        thens in prop::collection::vec(then(), 0..20),
        rooms in prop::collection::vec(1..4_u32, 8),
    ) {
        let led = led(&tasks, &thens);
        let network = network(&led.plan);
        let kinds = network.kinds.iter().zip(&rooms);
        let kinds: Vec<Kind> = kinds
            .map(|(kind, room)| Kind { room: *room, ..kind.clone() })
            .collect();
        prop_assert_eq!(ended(&network, &kinds), simulated(&network, &kinds));
    }

    #[test]
    fn the_parts_of_a_forecast_make_the_whole_whoever_runs_them(
        tasks in prop::collection::vec(drawn(), 1..20),
        thens in prop::collection::vec(then(), 0..10),
        cut in 1..99_u32,
    ) {
        let led = led(&tasks, &thens);
        let forecasting =
            Forecasting::of(Arc::new(led.plan), Timestamp(led.now_ms), 7, 100).expect("a small plan");
        let finish = |parts: Vec<Part>| {
            let short = forecasting.short_of(&parts).into_iter();
            let tried = short.map(|short| forecasting.try_one_more(short)).collect();
            forecasting.finish(parts, tried)
        };
        let whole = finish(vec![forecasting.run(0..100)]);
        let parts = vec![forecasting.run(cut..100), forecasting.run(0..cut)];
        prop_assert_eq!(finish(parts), whole);
    }
}

/// A phase of so many tasks of an hour for one role, and one agent for it.
fn hours(count: usize) -> Led {
    let mut led = led(&[], &[]);
    let task = NewTask {
        title: "An hour".to_owned(),
        phase: "1".to_owned(),
        role: "qa".to_owned(),
        estimate: Some(Estimate {
            tenths: 10,
            unit: EstimateUnit::Hour,
        }),
        ..NewTask::default()
    };
    led.take(
        Actor::Coordinator("lead".into()),
        &Command::CreateTasks(vec![task; count]),
    )
    .expect("good tasks");
    led
}

fn forecast(led: Led, runs: u32) -> Forecast {
    Arc::new(led.plan)
        .forecast(Timestamp(led.now_ms), 42, runs)
        .expect("a small plan")
}

#[test]
fn the_same_seed_gives_the_same_forecast_and_another_seed_another() {
    let of = |seed| {
        let led = hours(20);
        Arc::new(led.plan)
            .forecast(Timestamp(led.now_ms), seed, 500)
            .expect("a small plan")
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).bars, of(2).bars);
}

#[test]
fn what_is_more_likely_comes_later_and_every_run_is_in_a_bar() {
    let found = forecast(hours(40), 1_000);
    let Forecast { finish, bars, .. } = &found;
    assert!(
        finish.p50 < finish.p85 && finish.p85 < finish.p95,
        "{finish:?}"
    );
    assert_eq!(bars.iter().map(|bar| bar.runs).sum::<u32>(), 1_000);
    assert!(bars.windows(2).all(|pair| pair[0].to == pair[1].from));
    // Eight at a time, an hour each, a little longer than thought.
    assert!((270..420).contains(&finish.p50), "{finish:?}");
    assert_eq!(
        found.phases.first().map(|(_, likely)| *likely),
        Some(*finish)
    );
}

#[test]
fn one_more_agent_of_a_role_that_others_wait_for_ends_the_plan_earlier() {
    let found = forecast(hours(81), 500);
    let [more] = found.one_more.as_slice() else {
        panic!("{:?}", found.one_more);
    };
    assert!(more.with.p50 < more.without.p50, "{more:?}");
    assert!(more.waiting_minutes > 0);
}

#[test]
fn an_empty_plan_is_done_now() {
    let led = led(&[], &[]);
    let found = forecast(led, 200);
    assert_eq!((found.open, found.finish.p95), (0, 0));
    assert!(found.critical_path.is_empty() && found.one_more.is_empty());
}

#[test]
fn work_that_took_twice_what_was_thought_moves_the_rest() {
    let mut led = hours(60);
    let plain = Arc::new(led.plan.clone())
        .forecast(Timestamp(led.now_ms), 42, 500)
        .expect("a small plan");
    for _ in 0..30 {
        let task: TaskId = led.claim("qa-1", "qa").expect("one is ready");
        led.now_ms += 2 * 3_600_000;
        let complete = Complete {
            task: task.to_string(),
            fence: led.plan.fence(),
            summary: "did it".to_owned(),
            verification: "looked".to_owned(),
            ..Default::default()
        };
        led.take(
            Actor::Agent("qa-1".into()),
            &Command::CompleteTask(Box::new(complete)),
        )
        .expect("it is held");
    }
    let found = forecast(led, 500);
    assert_eq!(found.seen, 30);
    // Half of the work is left, and takes about as long as all of it was thought to.
    assert!(found.finish.p50 * 10 > plain.finish.p50 * 8, "{found:?}");
}

#[test]
fn a_task_that_is_held_has_less_left_to_do() {
    let mut led = hours(1);
    led.claim("qa-1", "qa").expect("one is ready");
    let at_once = forecast(
        Led {
            plan: led.plan.clone(),
            ..led
        },
        500,
    );
    led.now_ms += 30 * 60_000;
    let later = forecast(led, 500);
    assert!(later.finish.p50 < at_once.finish.p50);
    assert!(later.finish.p95 > 0);
}

#[test]
fn a_role_without_an_agent_is_thought_to_have_one() {
    let mut led = led(&[], &[]);
    let task = NewTask {
        title: "Look".to_owned(),
        phase: "1".to_owned(),
        role: "data".to_owned(),
        ..NewTask::default()
    };
    led.take(
        Actor::Coordinator("lead".into()),
        &Command::CreateTasks(vec![task; 3]),
    )
    .expect("good tasks");
    let role = led.plan.resolve_role("data").ok();
    let found = forecast(led, 200);
    assert_eq!(found.supposed, vec![role]);
    assert!(
        found.finish.p50 > 100,
        "one after the other: {:?}",
        found.finish
    );
}

#[test]
fn what_waits_for_everything_above_it_waits_for_every_one_of_them() {
    let mut led = hours(3);
    let id = task_of(1, &led.plan);
    assert_eq!(id, "T-2");
    let above = NewTask {
        title: "Last".to_owned(),
        phase: "1".to_owned(),
        role: "qa".to_owned(),
        dependencies: vec![super::super::command::OnRef::AllAbove],
        ..NewTask::default()
    };
    led.take(
        Actor::Coordinator("lead".into()),
        &Command::CreateTasks(vec![above]),
    )
    .expect("a good task");
    let network = network(&led.plan);
    assert_eq!(ended(&network, &plenty(&network)), 120);
}

#[test]
fn bars_are_few_and_the_last_holds_what_came_very_late() {
    let mut ends: Vec<u64> = (0..1_000).collect();
    ends.push(1_000_000);
    let bars = bars(&ends);
    assert!((20..=25).contains(&bars.len()), "{}", bars.len());
    assert_eq!(bars.iter().map(|bar| bar.runs).sum::<u32>(), 1_001);
    assert_eq!(bars.last().map(|bar| bar.to), Some(1_000_001));
}

#[test]
fn a_milestone_is_reached_with_the_last_of_what_it_stands_for() {
    let mut led = hours(3);
    let lead = || Actor::Coordinator("lead".into());
    let milestone = NewMilestone {
        name: "Halfway".to_owned(),
        links: LinksRef {
            tasks: vec!["T-1".to_owned(), "T-3".to_owned()],
            ..LinksRef::default()
        },
        ..NewMilestone::default()
    };
    led.take(lead(), &Command::CreateMilestone(Box::new(milestone)))
        .expect("a good milestone");
    let found = forecast(led, 200);
    let [(_, reached)] = found.milestones.as_slice() else {
        panic!("{:?}", found.milestones);
    };
    assert!(
        0 < reached.p50 && reached.p95 <= found.finish.p95,
        "{found:?}"
    );
}

#[test]
fn a_task_under_review_takes_next_to_nothing_and_no_agent() {
    let mut led = hours(2);
    let task = led.claim("qa-1", "qa").expect("one is ready");
    let submit = Command::SubmitForReview(Box::new(Complete {
        task: task.to_string(),
        fence: led.plan.fence(),
        summary: "did it".to_owned(),
        verification: "ran it".to_owned(),
        ..Complete::default()
    }));
    led.take(Actor::Agent("qa-1".into()), &submit)
        .expect("its holder");
    let network = network(&led.plan);
    let work = network.tasks.iter().find(|work| work.task == task);
    let work = work.expect("it is open");
    assert_eq!((work.minutes, work.is_held, work.held_by), (0, true, None));
}
