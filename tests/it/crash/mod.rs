//! Crashes under load: whatever a client was told stands in the log afterwards, once, and no rule of the
//! work was broken on the way.
//!
//! The kill rounds take as many kills as `MUSTER_TEST_KILLS` says (20 unless it is set; 1,000 is the long
//! run), and choose by the seed they print, which `MUSTER_TEST_SEED` sets again:
//! `MUSTER_TEST_KILLS=1000 cargo test --test it crash::kills::nothing_acknowledged -- --nocapture`.

pub mod control;

mod batches;
mod crowd;
mod disk;
mod fleet;
mod kills;
mod leases;
mod lost;
mod random;
mod second;
mod small_disk;
mod stops;
pub mod stuck;
mod vfs;
mod wal;
mod watch;
mod worker;

use crate::daemon::Daemon;
use crate::history::violations;

pub use fleet::{Fleet, PROJECT, add_plain_tasks, make_project, register};
pub use leases::claim;
pub use random::Random;
pub use worker::Habits;

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
