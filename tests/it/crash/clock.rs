//! A daemon that dies while schedules fire: each run that began is carried out once, and told once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use muster::plan::event::Event;

use crate::daemon::Daemon;

const ROUNDS: u32 = 12;

/// Waits until nothing is under way.
fn comes_to_rest(daemon: &Daemon) {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        let shown = daemon.cli(&["schedule", "show", "standup", "--json"]).exits(0).json();
        if shown["schedule"]["under_way"].is_null() {
            return;
        }
        assert!(Instant::now() < limit, "a run is never carried out: {shown:#}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_run_that_a_kill_cut_off_is_carried_out_once_by_the_next_daemon() {
    let mut daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Open the doors"]).exits(0);
    daemon.cli(&["schedule", "add", "--job", "standup", "--cron", "0 9 * * *"]).exits(0);
    for round in 0..ROUNDS {
        daemon.cli(&["schedule", "run", "standup", "--no-wait"]).exits(0);
        // From before the report is begun until after it is told.
        std::thread::sleep(Duration::from_millis(u64::from(round % 6) * 4));
        daemon.kill9();
        daemon.launch();
        comes_to_rest(&daemon);
    }
    daemon.terminate();
    let (mut fired, mut ended, mut told) = (BTreeMap::new(), BTreeMap::new(), 0);
    for recorded in daemon.log("shop") {
        match &recorded.event {
            Event::SlotFired(it) => *fired.entry(it.run).or_insert(0) += 1,
            Event::SlotEnded(it) => {
                assert!(!it.failed && it.report.is_some(), "{it:?}");
                *ended.entry(it.run).or_insert(0) += 1;
            }
            Event::ReportPublished(_) => told += 1,
            _ => {}
        }
    }
    assert_eq!(fired.len(), usize::try_from(ROUNDS).unwrap_or(0));
    assert_eq!(fired, ended, "each run ends once");
    assert!(fired.values().all(|times| *times == 1), "{fired:?}");
    assert_eq!(told, ROUNDS, "each run is told once");
    daemon.finish_unserved();
}
