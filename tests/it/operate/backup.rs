//! Backups: what is answered is on the disk and whole, whoever may not ask is refused, and nothing is left
//! on the daemon's side, whatever becomes of the client.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use muster::clock::Stopwatch;
use muster::plan::codec;
use muster::store::codec::hash_of;
use muster::store::sqlite;
use muster_proto::v1;
use muster_proto::v1::create_backup_response::Part;
use sha2::{Digest as _, Sha256};
use tonic::Code;

use super::{back_up, listing, text, yard};
use crate::api::{Caller, refused};
use crate::crash::{Fleet, Habits, PROJECT, Random};
use crate::daemon::Daemon;
use crate::process::bare;

#[test]
fn a_backup_is_one_private_file_whose_digest_and_heads_are_those_answered() {
    let (mut daemon, _, _) = yard();
    let file = daemon.home().join("monday.db");
    let answer = daemon.cli(&["backup", text(&file), "--json"]).exits(0);
    let answer = answer.json();

    let bytes = std::fs::read(&file).expect("the backup is there");
    assert_eq!(answer["bytes"], bytes.len());
    let digest = Sha256::digest(&bytes);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(answer["sha256"], digest.as_str());
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let heads = answer["heads"].as_array().expect("heads").clone();
    let projects: Vec<_> = heads.iter().map(|head| head["project"].clone()).collect();
    assert_eq!(projects, ["_daemon", "yard"]);
    let yard = heads.iter().find(|head| head["project"] == "yard").unwrap();
    assert_eq!(yard["version"], daemon.version("yard"));

    let again = daemon.cli(&["backup", text(&file), "--json"]).exits(2);
    assert_eq!(again.error()["reason"], "FILE_EXISTS");
    assert_eq!(
        std::fs::read(&file).unwrap(),
        bytes,
        "it is not written over"
    );
    let named: Vec<String> = listing(daemon.home())
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.contains("part"))
        .collect();
    assert!(named.is_empty(), "{named:?}");

    // The files of a stopped daemon give the same logs.
    daemon.terminate();
    let (stopped, data_dir) = (daemon.home().join("stopped.db"), daemon.data_dir());
    let arguments = [
        "backup",
        text(&stopped),
        "--data-dir",
        text(&data_dir),
        "--json",
    ];
    assert_eq!(bare(&arguments).exits(0).json()["heads"], answer["heads"]);
    daemon.launch();
    let other = daemon.home().join("running.db");
    let held = bare(&[
        "backup",
        text(&other),
        "--data-dir",
        text(&data_dir),
        "--json",
    ])
    .exits(1);
    assert_eq!(held.error()["reason"], "STORE_UNREADABLE");
    assert!(!other.exists());
    daemon.finish();
}

#[test]
fn backups_under_load_hold_what_the_log_holds_at_their_heads() {
    let mut random = Random::from_seed_of_the_run();
    let mut daemon = Daemon::start();
    let fleet = Fleet::muster(&daemon, 6, 90, &mut random);
    let work = fleet.begin(&daemon, Habits::plain(), &mut random);
    let mut backups = Vec::new();
    for number in 1..=3 {
        work.until_completed(20 * number);
        backups.push(back_up(&daemon, &format!("{number}.db")));
    }
    work.finished(&daemon);
    daemon.terminate();
    let log = daemon.log(PROJECT);
    let mut versions = Vec::new();
    for backup in &backups {
        let reader = sqlite::open_backup(backup).expect("the backup opens");
        let heads = reader.heads().expect("it has heads");
        let head = heads.iter().find(|head| head.project == PROJECT).unwrap();
        let newest = reader.read(PROJECT, head.version - 1, 1).unwrap().remove(0);
        assert_eq!(hash_of(&newest.document), head.hash);
        let place = usize::try_from(head.version).unwrap() - 1;
        assert_eq!(codec::decode(&newest.document).unwrap(), log[place]);
        versions.push(head.version);
    }
    assert!(
        versions.is_sorted() && versions[0] < versions[2],
        "{versions:?}"
    );
    daemon.launch();
    daemon.finish();
}

/// The next part of a backup.
fn next(daemon: &Daemon, stream: &mut tonic::Streaming<v1::CreateBackupResponse>) -> Option<Part> {
    let message = daemon.block_on(stream.message());
    message.expect("the stream goes on")?.part
}

fn ask(
    daemon: &Daemon,
    caller: &Caller,
) -> Result<tonic::Streaming<v1::CreateBackupResponse>, tonic::Status> {
    let mut admin = caller.admin();
    let answer = daemon.block_on(admin.create_backup(v1::CreateBackupRequest {}));
    answer.map(tonic::Response::into_inner)
}

#[test]
fn only_coordinators_are_given_a_backup() {
    let (daemon, ann, _) = yard();
    let refusal = ask(&daemon, &daemon.caller(Some(&ann.token)));
    refused(refusal, Code::PermissionDenied, "NOT_ALLOWED");
    refused(
        ask(&daemon, &daemon.caller(None)),
        Code::Unauthenticated,
        "UNAUTHENTICATED",
    );
    let file = daemon.home().join("stolen.db");
    daemon.cli_as(&ann, &["backup", text(&file)]).exits(7);
    assert!(!file.exists());
    daemon.finish();
}

/// Enough words that a backup does not fit what lies between daemon and client.
fn fill(daemon: &Daemon) {
    for _ in 0..4 {
        let tasks = (0..200).map(|number| v1::NewTask {
            title: format!("Plank {number}"),
            phase: "1".to_owned(),
            description: "oak ".repeat(3_000),
            ..v1::NewTask::default()
        });
        let request = v1::BatchCreateTasksRequest {
            project: "yard".to_owned(),
            request_id: String::new(),
            tasks: tasks.collect(),
        };
        let mut service = daemon.coordinator().tasks();
        let added = daemon.block_on(service.batch_create_tasks(request));
        added.expect("the tasks are added");
    }
}

#[test]
fn one_backup_is_made_at_a_time_and_a_client_that_goes_gives_its_turn_up() {
    let (daemon, _, _) = yard();
    fill(&daemon);
    let caller = daemon.coordinator();
    let mut first = ask(&daemon, &caller).expect("the first is made");
    assert!(matches!(next(&daemon, &mut first), Some(Part::Begin(_))));

    let second = ask(&daemon, &daemon.coordinator()).map(|_| ());
    refused(second, Code::ResourceExhausted, "BACKUP_RUNNING");
    let file = daemon.home().join("second.db");
    let error = daemon
        .cli(&["backup", text(&file), "--json"])
        .exits(4)
        .error();
    assert_eq!(error["reason"], "BACKUP_RUNNING");
    assert!(!file.exists() && !daemon.home().join("second.db.part").exists());

    drop(first);
    let watch = Stopwatch::start();
    let mut third = loop {
        match ask(&daemon, &daemon.coordinator()) {
            Ok(third) => break third,
            Err(_) => assert!(
                watch.elapsed() < Duration::from_secs(60),
                "its turn is kept"
            ),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(matches!(next(&daemon, &mut third), Some(Part::Begin(_))));
    let parts = listing(&daemon.data_dir());
    let left = parts.iter().find(|(name, _)| name.contains("part"));
    assert_eq!(left, None, "the copy has no name while it is sent");
    drop(third);
    daemon.finish();
}

#[test]
fn what_a_killed_daemon_left_of_a_copy_is_gone_after_the_next_start() {
    let (mut daemon, _, _) = yard();
    daemon.kill9();
    let left = daemon.data_dir().join("backup.part");
    let beside = daemon.data_dir().join("backup.part-wal");
    for path in [&left, &beside] {
        std::fs::write(path, "half a copy").unwrap();
    }
    daemon.launch();
    assert!(!left.exists() && !beside.exists());
    daemon.finish();
}
