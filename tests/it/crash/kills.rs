//! SIGKILL under load, at random moments and at every failpoint; the daemon starts again at once on the
//! same directory, and the agents go on with the same request ids. `MUSTER_TEST_KILLS` sets how many
//! kills there are; the seed decides when they come.

use std::time::Duration;

use muster::failpoint::Point;
use muster::plan::event::Event;
use rustix::process::Signal;

use super::control::SMALL_LOG;
use super::fleet::{Fleet, PROJECT, Work, port_apart};
use super::random::Random;
use super::wal::{self, Gauge};
use super::worker::Habits;
use crate::daemon::Daemon;
use crate::history::{Outcome, violations};

const AGENTS: usize = 32;
const TASKS: u32 = 300;
/// Kills of one daemon; what is asked for beyond that goes to fresh ones.
const KILLS_OF_A_DAEMON: u32 = 20;

/// How one process comes to its end.
#[derive(Debug, Clone)]
enum Death {
    /// From outside, so long after it began to serve.
    AtRandom(Duration),
    /// By its own hand, as these orders say.
    AtFailpoint(String),
}

impl Death {
    /// The ways in turn, so that each is taken whatever the seed says; the seed says when.
    fn draw(turn: u32, ways: &[Option<Point>], random: &mut Random) -> Self {
        let way = ways[turn as usize % ways.len()];
        let nth = 1 + random.below(12);
        match way {
            None => Self::AtRandom(Duration::from_millis(random.below(250))),
            // The moment lies within the checkpoint, not at its beginning.
            Some(point @ Point::CheckpointBegin) => {
                let us = random.below(1_500);
                Self::AtFailpoint(format!("{}:kill_in={us}@{nth}", point.name()))
            }
            Some(point) => Self::AtFailpoint(format!("{}:kill@{nth}", point.name())),
        }
    }

    /// Lets a running daemon die; false when the work was done before.
    fn come_to(&self, daemon: &mut Daemon, work: &Work) -> bool {
        match self {
            Self::AtRandom(after) => {
                std::thread::sleep(*after);
                daemon.kill9();
                true
            }
            Self::AtFailpoint(_) => {
                while !work.is_over() {
                    if daemon.died_within(Duration::from_millis(20)) {
                        return true;
                    }
                }
                daemon.kill9();
                false
            }
        }
    }

    fn orders(&self) -> Option<String> {
        match self {
            Self::AtRandom(_) => None,
            Self::AtFailpoint(orders) => Some(orders.clone()),
        }
    }
}

/// How many kills the run is to have.
fn wanted(unless_told: u32) -> u32 {
    let told = std::env::var("MUSTER_TEST_KILLS").ok();
    told.map_or(unless_told, |text| {
        text.parse().expect("MUSTER_TEST_KILLS is a number")
    })
}

/// One daemon killed again and again while its agents work a plan down; the kills there were.
fn killed(
    control: Option<&'static str>,
    ways: &[Option<Point>],
    most: u32,
    random: &mut Random,
) -> u32 {
    let mut daemon = Daemon::prepared_on(port_apart(random), control);
    daemon.launch();
    let gauge = Gauge::on(&daemon);
    let fleet = Fleet::muster(&daemon, AGENTS, TASKS, random);
    let work = fleet.begin(&daemon, Habits::mixed(), random);
    work.until_completed(3);
    daemon.kill9();
    let mut kills = 1;
    while kills < most && !work.is_over() {
        let death = Death::draw(kills - 1, ways, random);
        daemon.set_failpoint(death.orders());
        let came = match daemon.try_launch() {
            Ok(()) => death.come_to(&mut daemon, &work),
            // The agents were there before the line that says where it listens was read.
            Err(output) => {
                let died = output.code.is_none() && death.orders().is_some();
                assert!(died, "the daemon does not start: {output:#?}");
                true
            }
        };
        println!(
            "kill {kills}: {death:?}{}",
            if came { "" } else { " never came" }
        );
        kills += u32::from(came);
    }
    daemon.set_failpoint(None);
    daemon.launch();
    let history = work.finished(&daemon);
    if let Err(why) = wal::check(gauge.longest_bytes(), control) {
        panic!("{why}");
    }

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
    kills
}

fn rounds(unless_told: u32, control: Option<&'static str>, ways: &[Option<Point>]) {
    let mut random = Random::from_seed_of_the_run();
    let wanted = wanted(unless_told);
    let mut kills = 0;
    while kills < wanted {
        let most = KILLS_OF_A_DAEMON.min(wanted - kills);
        kills += killed(control, ways, most, &mut random);
        println!("{kills} of {wanted} kills");
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_done_twice_over_kills_under_load() {
    let ways = [
        None,
        Some(Point::AppendBegin),
        Some(Point::AppendStored),
        Some(Point::AppendCommitted),
    ];
    rounds(20, None, &ways);
}

#[test]
fn a_kill_in_the_middle_of_a_checkpoint_loses_nothing() {
    rounds(5, Some(SMALL_LOG), &[Some(Point::CheckpointBegin)]);
}

#[test]
fn a_kill_in_the_middle_of_a_snapshot_loses_nothing() {
    let point = Point::SnapshotHalfway;
    if !Point::STANDING.contains(&point) {
        println!("skipped: `{}` stands nowhere", point.name());
        return;
    }
    let mut random = Random::from_seed_of_the_run();
    let mut daemon = Daemon::prepared_on(port_apart(&mut random), None);
    daemon.set_failpoint(Some(format!("{}:kill", point.name())));
    daemon.launch();
    let fleet = Fleet::muster(&daemon, 8, 60, &mut random);
    let work = fleet.begin(&daemon, Habits::mixed(), &mut random);
    for completed in [10, 20, 30] {
        work.until_completed(completed);
        // A snapshot is written at the end at the latest.
        daemon.signal(Signal::TERM);
        assert!(
            daemon.died_within(Duration::from_secs(30)),
            "no snapshot was written"
        );
        daemon.launch();
    }
    daemon.kill9();
    daemon.set_failpoint(None);
    daemon.launch();
    let history = work.finished(&daemon);
    daemon.terminate();
    let found = violations(&history, &daemon.log(PROJECT));
    assert!(found.is_empty(), "{found:#?}");
    daemon.launch();
    daemon.finish();
}
