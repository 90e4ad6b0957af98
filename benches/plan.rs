//! What questions and steps cost on plans of 10,000 and 1,000,000 tasks: `cargo bench --bench plan`. It
//! measures the core alone, without a daemon, and prints; it holds nothing to a limit.
//!
//! The plan is one of layers: each task waits for some of the layer before it, so that the small one has
//! exactly 30,000 edges and the large one about two millions. `MUSTER_BENCH_TASKS` sets another size for the
//! large one.

use std::hint::black_box;
use std::time::Duration;

use muster::clock::Stopwatch;
use muster::plan::command::{Claim, Complete, NewPhase, NewTask, OnRef};
use muster::plan::fact::{Actor, Facts, Guards};
use muster::plan::id::TaskId;
use muster::plan::settings::Settings;
use muster::plan::time::Timestamp;
use muster::plan::{Command, Plan, decide};

const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;
const LAYER: usize = 1_000;
const BATCH: usize = 1_000;

fn facts(actor: Actor, plan: &Plan) -> Facts {
    Facts {
        now: Timestamp(plan.last_at().0 + 1),
        actor,
        request: None,
        guards: Guards::default(),
    }
}

fn lead() -> Actor {
    Actor::Coordinator("lead".into())
}

fn agent() -> Actor {
    Actor::Agent("dev-1".into())
}

/// Decides a command that must be taken.
fn take(plan: &mut Plan, actor: Actor, command: &Command) {
    match decide(plan, command, &facts(actor, plan)) {
        Ok(decided) => *plan = decided.plan,
        Err(refusal) => panic!("{command:?}: {refusal}"),
    }
}

/// Three each, and one more for every third: over the nine layers of the small plan that have one before them
/// these are 30,000 edges.
fn three_and_a_third(place: usize) -> usize {
    3 + usize::from(place.is_multiple_of(3))
}

fn two(_: usize) -> usize {
    2
}

/// Every layer waits for the one before it: the task at a place for `fan` of its tasks, the first of them at
/// the same place. Every `LAYER` tasks are a layer; every tenth of the layers is a phase when `phases` says so.
fn layered(tasks: usize, fan: fn(usize) -> usize, phases: usize) -> Plan {
    let mut plan = Plan::default();
    take(
        &mut plan,
        lead(),
        &Command::CreateProject {
            slug: "bench".to_owned(),
            name: "Bench".to_owned(),
            description: String::new(),
            settings: Box::new(Settings::default()),
            draft: false,
        },
    );
    let named = (1..=phases).map(|phase| NewPhase {
        id: phase.to_string(),
        name: format!("Phase {phase}"),
        ..NewPhase::default()
    });
    take(&mut plan, lead(), &Command::CreatePhases(named.collect()));
    take(
        &mut plan,
        lead(),
        &Command::RegisterAgent {
            agent: "dev-1".to_owned(),
            roles: vec!["developer".to_owned()],
            skills: Vec::new(),
            capacity: 100,
            model: String::new(),
        },
    );
    let mut next = 0;
    while next < tasks {
        let batch = (next..tasks.min(next + BATCH)).map(|place| {
            let (layer, at) = (place / LAYER, place % LAYER);
            let before = |nth: usize| (layer - 1) * LAYER + (at + nth * 7) % LAYER + 1;
            let on = (0..fan(place)).filter(|_| layer > 0);
            NewTask {
                title: format!("Task {place}"),
                phase: (place * phases / tasks + 1).to_string(),
                dependencies: on
                    .map(|nth| OnRef::Task(format!("T-{}", before(nth))))
                    .collect(),
                ..NewTask::default()
            }
        });
        take(&mut plan, lead(), &Command::CreateTasks(batch.collect()));
        next += BATCH;
    }
    plan.settle();
    plan
}

/// One row: the median and the slowest of so many runs.
fn row(name: &str, runs: usize, mut run: impl FnMut(usize)) {
    let mut times: Vec<Duration> = Vec::with_capacity(runs);
    for nth in 0..runs {
        let watch = Stopwatch::start();
        run(nth);
        times.push(watch.elapsed());
    }
    times.sort();
    let (median, slowest) = (times[runs / 2], times[runs - 1]);
    println!(
        "  {name:<52} {:>12} {:>12} {runs:>6}",
        shown(median),
        shown(slowest)
    );
}

fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        0.0..10.0 => format!("{micros:.2} µs"),
        10.0..10_000.0 => format!("{micros:.0} µs"),
        _ => format!("{:.1} ms", micros / 1e3),
    }
}

fn heading(name: &str) {
    println!("\n{name}");
    println!(
        "  {:<52} {:>12} {:>12} {:>6}",
        "", "median", "slowest", "runs"
    );
}

/// A command decided on a plan that stays as it is.
fn tried(plan: &Plan, command: &Command) {
    let _ = black_box(decide(plan, command, &facts(lead(), plan)));
}

fn wait(task: usize, on: usize) -> Command {
    Command::AddDependencies {
        task: format!("T-{task}"),
        on: vec![OnRef::Task(format!("T-{on}"))],
    }
}

fn one_more(phase: usize, on: &[usize]) -> Command {
    Command::CreateTasks(vec![NewTask {
        title: "One more".to_owned(),
        phase: phase.to_string(),
        dependencies: on.iter().map(|on| OnRef::Task(format!("T-{on}"))).collect(),
        ..NewTask::default()
    }])
}

/// Edges as they are stated, counted rather than worked out.
fn stated(plan: &Plan) -> usize {
    plan.tasks().map(|task| task.spec.dependencies.len()).sum()
}

fn questions(plan: &Plan) {
    heading(&format!(
        "questions, {} tasks, {} edges",
        plan.task_count(),
        stated(plan)
    ));
    let last = TaskId(u32::try_from(plan.task_count()).unwrap_or(u32::MAX));
    row("board, first 10 of each column", 50, |_| {
        black_box(plan.board(10));
    });
    row(
        "what could run in parallel, next 3 of each role",
        50,
        |_| {
            black_box(plan.outlook(3));
        },
    );
    row("next 3 of one role", 50, |_| {
        black_box(plan.next_ready(None, 3));
    });
    row("critical path", 50, |_| {
        black_box(plan.critical_path(0));
    });
    row("critical path with the slack of 1,000 tasks", 50, |_| {
        black_box(plan.critical_path(1_000));
    });
    row("explain the last task", 50, |_| {
        black_box(plan.explain(last));
    });
}

fn loops(plan: &Plan, runs: usize) {
    heading(&format!("the loop, {} tasks", plan.task_count()));
    let mut plan = plan.clone();
    let claim = Command::ClaimTask(Claim {
        start: true,
        ..Claim::default()
    });
    row("claim with start + complete", runs, |_| {
        take(&mut plan, agent(), &claim);
        let held = plan
            .agent("dev-1")
            .and_then(|agent| agent.holds.first().copied());
        let done = Command::CompleteTask(Box::new(Complete {
            task: held.map_or_else(String::new, |task| task.to_string()),
            fence: plan.fence(),
            summary: "did it".to_owned(),
            verification: "ran it".to_owned(),
            ..Complete::default()
        }));
        take(&mut plan, agent(), &done);
    });
}

fn edges(plan: &Plan) {
    let tasks = plan.task_count();
    heading(&format!(
        "edges, one phase of {tasks} tasks and {} edges (decided, then thrown away)",
        stated(plan)
    ));
    let middle = tasks / 2;
    row("one within the order", 200, |nth| {
        tried(plan, &wait(middle + nth + 5 * LAYER, nth + 1));
    });
    row("one that closes a circle over one layer", 50, |nth| {
        tried(plan, &wait(middle + nth, middle + nth + LAYER));
    });
    row(
        "one that closes a circle over a hundred layers",
        20,
        |nth| {
            tried(plan, &wait(middle + nth, middle + nth + 100 * LAYER));
        },
    );
    // There are more ways between the two than steps are granted: it is refused for that.
    row(
        "one from the first to the last, given up at the limit",
        10,
        |nth| {
            tried(plan, &wait(nth + 1, tasks - nth));
        },
    );
    // A task nobody waits for and that waits for none, at the end of the plan, and one in the middle.
    let mut more = plan.clone();
    take(&mut more, lead(), &one_more(1, &[]));
    row("one against it: the first waits for a new task", 50, |_| {
        tried(&more, &wait(1, tasks + 1));
    });
    row("one against it within two layers", 50, |nth| {
        tried(plan, &wait(middle + nth, middle + nth + 2 * LAYER - 500));
    });
    row(
        "one task more that waits for two in the middle",
        50,
        |nth| {
            tried(plan, &one_more(1, &[middle + nth, middle + nth + 1]));
        },
    );
    row("an edge taken back", 50, |nth| {
        let task = middle + nth;
        tried(
            plan,
            &Command::RemoveDependency {
                task: format!("T-{task}"),
                on: OnRef::Task(format!("T-{}", task - LAYER)),
            },
        );
    });
    row(
        "one task more behind the last, chains anew included",
        3,
        |_| {
            let decided = decide(plan, &one_more(1, &[tasks]), &facts(lead(), plan));
            let mut after = decided.map(|decided| decided.plan).unwrap_or_default();
            after.settle();
            black_box(after);
        },
    );
}

fn main() {
    // `cargo test` runs benches too, with this flag left out: then one quick look is enough.
    let measures = std::env::args().any(|argument| argument == "--bench");
    let large = std::env::var("MUSTER_BENCH_TASKS").ok();
    let large = large.and_then(|tasks| tasks.parse().ok()).unwrap_or(LARGE);
    let (small, large) = if measures {
        (SMALL, large)
    } else {
        (2 * LAYER, 4 * LAYER)
    };
    let plan = layered(small, three_and_a_third, 2);
    questions(&plan);
    loops(&plan, 1_000);
    drop(plan);
    let watch = Stopwatch::start();
    let plan = layered(large, two, 1);
    println!("\n{large} tasks in {:.1} s", watch.elapsed().as_secs_f64());
    loops(&plan, 1_000);
    if measures {
        edges(&plan);
    }
    let first = plan.task(TaskId(1)).map(|view| view.state.status.as_str());
    println!("\nthe first task is {}", first.unwrap_or("gone"));
}
