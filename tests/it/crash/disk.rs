//! Disks that fill up and disks that fail: want of room is a definite no and passes by itself, any other
//! failed write or fsync stops writing until the next start, and no answer is ever wrong about it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use muster::clock::Stopwatch;
use muster_proto::v1;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::batches::count;
use super::control::FAULTY_DISK;
use super::fleet::{Fleet, PROJECT, add_plain_tasks, make_project, port_apart};
use super::random::Random;
use super::small_disk;
use super::vfs;
use super::worker::Habits;
use crate::api::{reason, refused};
use crate::daemon::Daemon;
use crate::history::{Outcome, violations};

const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon with a project, whose disk does what the file says.
fn on_a_faulty_disk() -> (Daemon, PathBuf) {
    let mut random = Random::from_seed_of_the_run();
    let mut daemon = Daemon::prepared_on(port_apart(&mut random), Some(FAULTY_DISK));
    let fault = daemon.home().join("fault");
    let path = fault.to_str().expect("the path is text").to_owned();
    daemon.set_variable(vfs::VARIABLE, Some(path));
    daemon.launch();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    (daemon, fault)
}

fn set(fault: &Path, what: &str) {
    std::fs::write(fault, what).expect("the fault can be set");
}

/// Adds a task under a request id.
fn add(daemon: &Daemon, request_id: &str) -> Result<(), Status> {
    let task = v1::NewTask {
        title: format!("Asked for by {request_id}"),
        ..v1::NewTask::default()
    };
    let request = v1::BatchCreateTasksRequest {
        project: "yard".to_owned(),
        request_id: request_id.to_owned(),
        tasks: vec![task],
    };
    let mut tasks = daemon.coordinator().tasks();
    daemon.block_on(tasks.batch_create_tasks(request)).map(drop)
}

fn serves(daemon: &Daemon) -> bool {
    let mut health = HealthClient::new(daemon.coordinator().channel);
    let asked = daemon.block_on(health.check(HealthCheckRequest::default()));
    let said = asked.expect("health is answered").into_inner().status();
    said == ServingStatus::Serving
}

/// Waits until something holds.
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let watch = Stopwatch::start();
    while !holds() {
        assert!(watch.elapsed() < PATIENCE, "it does not come: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What the daemon says of itself.
fn why_not_writable(daemon: &Daemon) -> Option<String> {
    let mut admin = daemon.coordinator().admin();
    let status = daemon.block_on(admin.get_status(v1::GetStatusRequest::default()));
    let status = status.expect("the daemon says how it is").into_inner();
    (!status.writable).then_some(status.not_writable_reason)
}

#[test]
fn a_full_disk_refuses_for_certain_and_writes_go_on_by_themselves_once_it_has_room() {
    let (daemon, fault) = on_a_faulty_disk();
    set(&fault, "full");
    let never = add(&daemon, "never again");
    let status = refused(never, Code::Unavailable, "STORE_FULL");
    assert!(
        status.message().contains("nothing of this was recorded"),
        "{status:?}"
    );
    refused(add(&daemon, "r-1"), Code::Unavailable, "STORE_FULL");
    assert_eq!(count(&daemon, "yard"), 1, "reads go on");
    until("NOT_SERVING", || {
        !serves(&daemon) || add(&daemon, "r-1").is_ok()
    });
    assert_eq!(count(&daemon, "yard"), 1);

    set(&fault, "");
    until("a write", || add(&daemon, "r-1").is_ok());
    add(&daemon, "r-1").expect("the repeat is answered");
    assert_eq!(
        count(&daemon, "yard"),
        2,
        "once, and nothing of what was refused"
    );
    assert_eq!(why_not_writable(&daemon), None);
    until("SERVING", || serves(&daemon));
    daemon.finish();
}

#[test]
fn a_failed_write_or_fsync_stops_writing_for_good_and_the_repeat_is_safe_after_a_restart() {
    for failing in ["write", "fsync"] {
        let (mut daemon, fault) = on_a_faulty_disk();
        add(&daemon, "r-1").expect("the disk is well");
        set(&fault, failing);
        let unknown = add(&daemon, "r-2");
        refused(unknown, Code::Unavailable, "OUTCOME_UNKNOWN");
        refused(add(&daemon, "r-3"), Code::Unavailable, "STORE_READ_ONLY");
        assert_eq!(count(&daemon, "yard"), 2, "nothing of it is shown");
        until("NOT_SERVING", || !serves(&daemon));
        // The disk seems well again, and is not believed.
        set(&fault, "");
        std::thread::sleep(Duration::from_millis(2_500));
        refused(add(&daemon, "r-3"), Code::Unavailable, "STORE_READ_ONLY");
        let why = why_not_writable(&daemon).expect("it is not writable");
        assert!(why.contains("restart"), "{why}");

        daemon.kill9();
        daemon.launch();
        add(&daemon, "r-2").expect("the repeat is answered");
        add(&daemon, "r-2").expect("the repeat is answered");
        assert_eq!(
            count(&daemon, "yard"),
            3,
            "{failing}: once, whatever became of it"
        );
        daemon.finish();
    }
}

/// Writes into a file until there is no room for one more byte.
fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(path).expect("the filler can be made");
    for bytes in [65_536, 4_096, 1] {
        while file.write_all(&vec![1; bytes]).is_ok() {}
    }
}

#[test]
fn a_file_system_that_fills_up_under_load_loses_nothing_and_the_work_goes_on() {
    const THIS: &str =
        "crash::disk::a_file_system_that_fills_up_under_load_loses_nothing_and_the_work_goes_on";
    let Some(disk) = small_disk::here(THIS) else {
        return;
    };
    let mut random = Random::from_seed_of_the_run();
    let mut daemon =
        Daemon::prepared_on(port_apart(&mut random), None).keeping_data_in(disk.join("data"));
    daemon.launch();
    let fleet = Fleet::muster(&daemon, 8, 90, &mut random);
    let work = fleet.begin(&daemon, Habits::plain(), &mut random);
    let filler = disk.join("filler");
    for completed in [20, 50] {
        work.until_completed(completed);
        fill(&filler);
        let told = || {
            let mut projects = daemon.coordinator().projects();
            let pause = v1::PauseProjectRequest {
                project: PROJECT.to_owned(),
                request_id: String::new(),
                reason: "never to be recorded".to_owned(),
            };
            let status = daemon.block_on(projects.pause_project(pause)).err();
            status.map(|status| reason(&status))
        };
        assert_eq!(told().as_deref(), Some("STORE_FULL"));
        until("NOT_SERVING", || !serves(&daemon));
        let before = daemon.version(PROJECT);
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(daemon.version(PROJECT), before, "nothing is recorded");
        assert_eq!(told().as_deref(), Some("STORE_FULL"));
        std::fs::remove_file(&filler).expect("the filler can go");
        until("SERVING", || serves(&daemon));
    }
    let history = work.finished(&daemon);
    daemon.terminate();
    let log = daemon.log(PROJECT);
    let found = violations(&history, &log);
    assert!(found.is_empty(), "{found:#?}");
    assert!(
        history.iter().any(|one| one.outcome == Outcome::Unknown),
        "nobody met it"
    );
    let paused = |kind: &str| kind == "ProjectPaused";
    assert!(
        !log.iter().any(|one| paused(one.event.kind())),
        "a definite no was none"
    );
    daemon.launch();
    daemon.finish();
}
