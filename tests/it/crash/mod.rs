//! Crashes under load: whatever a client was told stands in the log afterwards, once, and no rule of the
//! work was broken on the way.

pub mod control;

mod batches;
mod fleet;
mod leases;
mod random;
mod watch;
mod worker;

use std::time::Duration;

use muster::plan::event::Event;

use crate::daemon::Daemon;
use crate::history::{Outcome, violations};

pub use fleet::{Fleet, PROJECT, add_plain_tasks, make_project, register};
pub use leases::claim;
pub use random::Random;
pub use worker::Habits;

const AGENTS: usize = 32;
const TASKS: u32 = 300;
const KILLS: u32 = 4;

#[test]
fn nothing_acknowledged_is_lost_and_nothing_done_twice_over_kills_under_load() {
    let mut random = Random::from_seed_of_the_run();
    let port = fleet::port_apart(&mut random);
    let listen = format!("127.0.0.1:{port}");
    let mut daemon = Daemon::start_with(&["--listen", &listen]);
    let fleet = Fleet::muster(&daemon, AGENTS, TASKS, &mut random);
    let work = fleet.begin(&daemon, Habits::mixed(), &mut random);

    for kill in 1..=KILLS {
        work.until_completed(TASKS * kill / (KILLS + 1));
        daemon.kill9();
        std::thread::sleep(Duration::from_millis(random.below(300)));
        daemon.launch();
    }
    let history = work.finished(&daemon);

    daemon.terminate();
    let log = daemon.log(PROJECT);
    let found = violations(&history, &log);
    assert!(found.is_empty(), "{found:#?}");
    let completed = log
        .iter()
        .filter(|recorded| matches!(recorded.event, Event::TaskCompleted(_)))
        .count();
    assert_eq!(completed, TASKS as usize);
    // A run in which nothing went wrong would show nothing.
    let lost = Outcome::Refused("LEASE_LOST".to_owned());
    let told = |outcome: &Outcome| history.iter().filter(|one| one.outcome == *outcome).count();
    assert!(told(&Outcome::Unknown) > 0, "no call met a crash");
    assert!(told(&lost) > 0, "no late holder wrote");
    daemon.launch();
    daemon.finish();
}

/// A port that is free, and stays so over a crash.
pub fn a_free_port() -> u16 {
    fleet::port_apart(&mut Random::from_seed_of_the_run())
}

#[test]
fn a_stop_under_load_answers_or_says_that_it_is_gone_and_ends_in_time() {
    let mut random = Random::from_seed_of_the_run();
    let port = fleet::port_apart(&mut random);
    let listen = format!("127.0.0.1:{port}");
    let mut daemon = Daemon::start_with(&["--listen", &listen]);
    let fleet = Fleet::muster(&daemon, 12, 80, &mut random);
    let work = fleet.begin(&daemon, Habits::plain(), &mut random);

    work.until_completed(20);
    daemon.terminate();
    daemon.launch();
    let history = work.finished(&daemon);

    daemon.terminate();
    let found = violations(&history, &daemon.log(PROJECT));
    assert!(found.is_empty(), "{found:#?}");
    daemon.launch();
    daemon.finish();
}
