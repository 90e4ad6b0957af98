//! How long the write-ahead log gets: it is looked at for as long as a run lasts, and held to the bound that
//! follows from when the store brings it in. A log without a bound fills the disk of a daemon that is never
//! stopped in order, and its next start reads all of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use muster::store::sqlite::SqliteOptions;

use super::control::{ENDLESS_LOG, SMALL_LOG, SMALL_LOG_OPTIONS};
use super::fleet::Fleet;
use super::random::Random;
use super::worker::Habits;
use crate::daemon::Daemon;

/// More than the largest commit of a run writes, in bytes: the plan of 300 tasks, added at once.
const LARGEST_COMMIT_BYTES: u64 = 256 * 1024;

/// Looks at the length of a daemon's log until it is asked, over its deaths and starts.
pub struct Gauge {
    is_over: Arc<AtomicBool>,
    looking: JoinHandle<u64>,
}

impl Gauge {
    pub fn on(daemon: &Daemon) -> Self {
        let path = daemon.data_dir().join("muster.db-wal");
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let looking = std::thread::spawn(move || {
            let mut longest_bytes = 0;
            while !over.load(Ordering::Relaxed) {
                longest_bytes = longest_bytes.max(length_bytes(&path));
                std::thread::sleep(Duration::from_millis(1));
            }
            longest_bytes
        });
        Self { is_over, looking }
    }

    /// The greatest length that was seen, in bytes.
    pub fn longest_bytes(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.looking.join().expect("looking does not fail")
    }
}

/// None while the daemon has no log; it is taken away by a stop in order.
fn length_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// What the log of such a store may come to under agents that wait for their answers, in bytes. Their writer
/// has a moment's rest after almost every batch, and a start looks as well: what is brought in is
/// `idle_checkpoint_bytes` long, one look and one commit more. Where a reader is at work the log cannot begin
/// anew at once, and goes on for as much again at the most before the next try. Without any rest the bound
/// would be `forced_checkpoint_bytes` in the same manner.
fn bound_bytes(options: SqliteOptions) -> u64 {
    let looked_at = options.idle_checkpoint_bytes + options.idle_checkpoint_bytes / 16;
    2 * looked_at + LARGEST_COMMIT_BYTES
}

/// Whether a log stayed within the bound of its store.
pub fn check(longest_bytes: u64, control: Option<&str>) -> Result<(), String> {
    let options = match control {
        Some(SMALL_LOG | ENDLESS_LOG) => SMALL_LOG_OPTIONS,
        _ => SqliteOptions::default(),
    };
    let bound_bytes = bound_bytes(options);
    println!("the write-ahead log was {longest_bytes} bytes long, {bound_bytes} are allowed");
    if longest_bytes <= bound_bytes {
        return Ok(());
    }
    Err(format!(
        "the write-ahead log was {longest_bytes} bytes long; it is to stay within {bound_bytes}"
    ))
}

#[test]
fn a_log_that_is_never_brought_in_is_found_to_be_too_long() {
    let mut random = Random::from_seed_of_the_run();
    let daemon = Daemon::start_as_control(ENDLESS_LOG);
    let gauge = Gauge::on(&daemon);
    let fleet = Fleet::muster(&daemon, 6, 60, &mut random);
    let work = fleet.begin(&daemon, Habits::plain(), &mut random);
    work.finished(&daemon);
    let found = check(gauge.longest_bytes(), Some(ENDLESS_LOG));
    assert!(found.is_err(), "it should be longer without a bound");
    daemon.finish();
}
