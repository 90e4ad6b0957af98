//! Negative controls: the test's own program serves as a daemon without one safety check, and the checker
//! must notice. A checker that finds nothing there would prove nothing elsewhere. The same program serves,
//! with all checks on, where a test needs a store that no setting gives.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use muster::config::{LoadOptions, Settings};
use muster::daemon::DaemonOptions;
use muster::plan::fact::Guards;
use muster::store::Store;
use muster::store::sqlite::{SqliteOptions, SqliteStore};

use super::fleet::{Fleet, PROJECT, port_apart};
use super::random::Random;
use super::stuck;
use super::worker::Habits;
use crate::daemon::Daemon;
use crate::history::{Operation, Violation, violations};
use crate::process::clean;

/// A daemon whose writer can be made to hang, see [`stuck`].
pub const STUCK_ON_DEMAND: &str = "stuck on demand";

const CONTROL: &str = "MUSTER_TEST_CONTROL";
const DATA_DIR: &str = "MUSTER_TEST_DATA_DIR";
const LISTEN: &str = "MUSTER_TEST_LISTEN";

/// Everything as in the real program, but for a write-ahead log that is brought in all the time.
pub const SMALL_LOG: &str = "small log";
/// When it is brought in there.
pub const SMALL_LOG_OPTIONS: SqliteOptions = SqliteOptions {
    idle_checkpoint_bytes: 16 * 1024,
    forced_checkpoint_bytes: 64 * 1024,
};
/// The opposite: a write-ahead log that is never brought in.
pub const ENDLESS_LOG: &str = "endless log";
/// Everything as in the real program, on a disk that fails when it is told to.
pub const FAULTY_DISK: &str = "faulty disk";

const THIS: &str = "crash::control::this_program_serves_as_a_daemon_with_all_checks_on";

/// This program, told to serve.
pub fn command(control: &str, daemon: &Daemon) -> Command {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut command = clean(Command::new(program));
    command
        .args([THIS, "--exact", "--nocapture", "--test-threads=1"])
        .env(CONTROL, control)
        .env(DATA_DIR, daemon.data_dir())
        .env(LISTEN, daemon.address());
    command
}

fn guards(control: &str) -> Guards {
    match control {
        "all" | STUCK_ON_DEMAND => Guards::default(),
        "no fence check" => Guards::without_fence_check_for_a_negative_control(),
        "no request memory" => Guards::without_request_memory_for_a_negative_control(),
        "early answers" => Guards::without_durability_before_answers_for_a_negative_control(),
        SMALL_LOG | ENDLESS_LOG | FAULTY_DISK => Guards::default(),
        other => panic!("no control is called {other:?}"),
    }
}

/// A short run against such a daemon.
fn run(control: &'static str, habits: Habits) -> (Vec<Operation>, Vec<Violation>) {
    let mut random = Random::from_seed_of_the_run();
    let mut daemon = Daemon::start_as_control(control);
    let fleet = Fleet::muster(&daemon, 6, 24, &mut random);
    let work = fleet.begin(&daemon, habits, &mut random);
    let history = work.finished(&daemon);
    daemon.terminate();
    let found = violations(&history, &daemon.log(PROJECT));
    daemon.launch();
    daemon.finish();
    (history, found)
}

fn often() -> Habits {
    Habits {
        writes_late: 50,
        repeats: 50,
        oversleeps: 0,
        gives_back: 5,
    }
}

#[test]
fn this_program_serves_as_a_daemon_with_all_checks_on() {
    if let Ok(control) = std::env::var(CONTROL) {
        return serve(&control);
    }
    let (history, found) = run("all", often());
    assert!(history.len() > 50, "{}", history.len());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_daemon_without_the_fence_check_is_found_out() {
    let (_, found) = run(
        "no fence check",
        Habits {
            repeats: 0,
            ..often()
        },
    );
    let is_stale = |one: &Violation| matches!(one, Violation::AnswerNotRecorded { .. });
    assert!(found.iter().any(is_stale), "{found:#?}");
}

#[test]
fn a_daemon_without_the_memory_of_requests_is_found_out() {
    let (_, found) = run(
        "no request memory",
        Habits {
            writes_late: 0,
            ..often()
        },
    );
    let is_double = |one: &Violation| matches!(one, Violation::DoneTwice { .. });
    assert!(found.iter().any(is_double), "{found:#?}");
}

#[test]
fn a_daemon_that_answers_before_it_has_stored_is_found_out() {
    let mut random = Random::from_seed_of_the_run();
    let port = port_apart(&mut random);
    let mut daemon = Daemon::prepared_on(port, None);
    daemon.launch();
    let fleet = Fleet::muster(&daemon, 6, 60, &mut random);
    let work = fleet.begin(&daemon, Habits::plain(), &mut random);
    daemon.kill9();
    daemon.set_control(Some("early answers"));
    for _ in 0..3 {
        let nth = 6 + random.below(6);
        // The answers of the batch get out before the process dies with it.
        let orders = format!("append.begin:delay=200@{nth},append.stored:kill@{nth}");
        daemon.set_failpoint(Some(orders));
        daemon.launch();
        assert!(daemon.died_within(Duration::from_secs(60)));
    }
    daemon.set_control(None);
    daemon.set_failpoint(None);
    daemon.launch();
    let history = work.finished(&daemon);
    daemon.terminate();
    let found = violations(&history, &daemon.log(PROJECT));
    let is_lost = |one: &Violation| matches!(one, Violation::LostAcknowledgement { .. });
    assert!(found.iter().any(is_lost), "{found:#?}");
    daemon.launch();
    daemon.finish();
}

/// The store of a control that needs one of its own.
fn store(control: &str, data_dir: &str) -> Option<Box<dyn Store>> {
    let options = match control {
        SMALL_LOG => SMALL_LOG_OPTIONS,
        ENDLESS_LOG => SqliteOptions {
            idle_checkpoint_bytes: u64::MAX,
            forced_checkpoint_bytes: u64::MAX,
        },
        _ => return None,
    };
    let store = SqliteStore::open(Path::new(data_dir), options);
    Some(Box::new(store.expect("the store opens")))
}

/// Serves as the real program does, but for what the control changes.
fn serve(control: &str) {
    let setting = |name| std::env::var(name).expect("the parent says where");
    if control == FAULTY_DISK {
        super::vfs::install();
    }
    let flags = [
        ("server.data_dir".to_owned(), setting(DATA_DIR)),
        ("server.listen".to_owned(), setting(LISTEN)),
    ];
    let options = LoadOptions {
        file: None,
        environment: BTreeMap::new(),
        flags: BTreeMap::from(flags),
    };
    let settings = Settings::load(options).expect("the settings are good");
    let timeout = Duration::from_millis(settings.server.shutdown_timeout_ms);
    let store = if control == STUCK_ON_DEMAND {
        Some(stuck::store(&settings.server.data_dir))
    } else {
        store(control, &setting(DATA_DIR))
    };
    let options = DaemonOptions {
        guards: guards(control),
        store,
        ..DaemonOptions::new(settings)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime can be built").block_on(async {
        let kind = tokio::signal::unix::SignalKind::terminate();
        let mut term = tokio::signal::unix::signal(kind).expect("signals can be heard");
        let running = muster::daemon::Daemon::start(options)
            .await
            .expect("the daemon starts");
        let service = muster::daemon::Service::ready(&running.handle);
        println!("listening on http://{}", running.address);
        term.recv().await;
        service.stopping();
        // Calls that were cut off are of no interest here.
        let _ = running.stop(timeout).await;
    });
}
