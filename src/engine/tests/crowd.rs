//! Many agents at once on real time: every task is done once, in order of its dependencies, and no
//! waiting claim is forgotten.

use super::*;
use crate::clock::SystemClock;
use crate::plan::command::OnRef;

const TASKS: usize = 150;
const AGENTS: usize = 8;

/// Tasks of which each waits for the one three places before it.
fn chained() -> Command {
    let tasks = (0..TASKS).map(|number| NewTask {
        title: format!("Task {number}"),
        dependencies: number
            .checked_sub(3)
            .map(OnRef::Batch)
            .into_iter()
            .collect(),
        ..NewTask::default()
    });
    Command::CreateTasks(tasks.collect())
}

async fn work(handle: EngineHandle, agent: String) {
    loop {
        let mut ask = one(dev(&agent), "web", claim());
        ask.wait = Duration::from_mins(10);
        let answers = handle.submit(ask).await.unwrap();
        let held = claimed(&answers[0]);
        tokio::task::yield_now().await;
        let done = one(dev(&agent), "web", complete(&held));
        handle.submit(done).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_finishes_a_plan_without_a_forgotten_claim_or_a_task_held_twice() {
    let logs = MemoryStore::new();
    let clock = Arc::new(ManualClock::default());
    let mut options = options(logs.reopen(), &clock);
    options.clock = Arc::new(SystemClock::new());
    let rig = Rig::with(options, clock, logs).staffed(0, AGENTS).await;
    let mut watch = rig.handle.watch("web", 0).unwrap();
    let workers: Vec<_> = (1..=AGENTS)
        .map(|number| tokio::spawn(work(rig.handle.clone(), format!("dev-{number}"))))
        .collect();
    rig.ask(coordinator(), "web", chained()).await.unwrap();
    let mut held = std::collections::BTreeSet::new();
    let mut done = Vec::new();
    while done.len() < TASKS {
        let next = tokio::time::timeout(Duration::from_secs(30), watch.next());
        let events = next.await.expect("somebody always goes on").unwrap();
        for recorded in events {
            match &recorded.event {
                Event::TaskClaimed(event) => assert!(held.insert(event.task), "held twice"),
                Event::TaskCompleted(event) => {
                    assert!(held.remove(&event.task));
                    done.push(event.task.0);
                }
                _ => {}
            }
        }
    }
    for (place, task) in done.iter().enumerate() {
        let needed = task.checked_sub(3).filter(|needed| *needed > 0);
        let met = needed.is_none_or(|needed| done[..place].contains(&needed));
        assert!(met, "T-{task} before what it waits for");
    }
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    let verified = rig.handle.verify(Some("web")).await.unwrap();
    assert_eq!(verified[0].fingerprint, rig.plan().fingerprint());
}
