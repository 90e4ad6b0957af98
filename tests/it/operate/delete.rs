//! `project delete`: a secret in a project's notes is in no file afterwards, and the rest goes on.

use std::path::Path;

use muster::plan::event::Event;
use muster_proto::v1;
use tonic::Code;

use super::{back_up, text};
use crate::api::refused;
use crate::crash::{add_plain_tasks, make_project, register};
use crate::daemon::{Agent, Daemon};
use crate::process::{Output, bare};

const SECRET: &str = "hunter2-correct-horse-battery-staple";

/// Two projects, one with a secret in a note and in a snapshot; stopped in the midst of work, so that the
/// write-ahead log holds it too.
fn with_a_secret() -> (Daemon, Agent, Agent) {
    let mut daemon = Daemon::start();
    make_project(&daemon, "leaky", 1_000, 600_000);
    make_project(&daemon, "yard", 1_000, 600_000);
    let (ann, bob) = (
        register(&daemon, "leaky", "ann"),
        register(&daemon, "yard", "bob"),
    );
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    add_plain_tasks(&daemon, "leaky", &["Log in"]);
    let note = format!("the password is {SECRET}");
    daemon
        .cli(&[
            "task",
            "edit",
            "T-1",
            "--project",
            "leaky",
            "--notes",
            &note,
        ])
        .exits(0);
    daemon.kill9();
    let snapshots = daemon.data_dir().join("snapshots/leaky");
    std::fs::create_dir_all(&snapshots).unwrap();
    std::fs::write(snapshots.join("9.snapshot"), &note).unwrap();
    (daemon, ann, bob)
}

/// The files below a directory that hold the secret.
fn holding(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("the directory can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(holding(&path));
            continue;
        }
        let bytes = std::fs::read(&path).expect("the file can be read");
        if bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes())
        {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

fn delete(daemon: &Daemon, more: &[&str]) -> Output {
    let data_dir = daemon.data_dir();
    let mut arguments = vec!["project", "delete", "leaky", "--data-dir", text(&data_dir)];
    arguments.extend(more);
    arguments.push("--json");
    bare(&arguments)
}

#[test]
fn no_byte_of_a_deleted_project_is_in_any_file_and_the_rest_goes_on() {
    let (mut daemon, ann, bob) = with_a_secret();
    let before = holding(&daemon.data_dir());
    assert!(before.contains(&"9.snapshot".to_owned()), "{before:?}");
    assert!(before.len() > 1, "the database holds it too: {before:?}");
    let log = daemon.log("leaky");

    let answer = delete(&daemon, &["--confirm", "leaky"]).exits(0).json();

    assert_eq!(holding(&daemon.data_dir()), Vec::<String>::new());
    assert_eq!(answer["events"], log.len());
    assert_eq!(answer["tokens_revoked"], 1);
    let own = daemon.log("_daemon");
    let Some(Event::ProjectDeleted(event)) = own.last().map(|one| &one.event) else {
        panic!("{:?}", own.last());
    };
    assert_eq!((&*event.project, event.events), ("leaky", log.len() as u64));
    assert_eq!(answer["last_hash"], event.last_hash.as_str());
    assert!(daemon.log("leaky").is_empty());
    daemon.launch();
    let mut projects = daemon.coordinator().projects();
    let request = v1::ListProjectsRequest::default();
    let listed = daemon.block_on(projects.list_projects(request));
    let slugs: Vec<String> = listed
        .unwrap()
        .into_inner()
        .projects
        .into_iter()
        .map(|project| project.slug)
        .collect();
    assert_eq!(slugs, ["yard"]);
    let caller = daemon.caller(Some(&ann.token));
    let claim = daemon.block_on(caller.work().claim_task(v1::ClaimTaskRequest::default()));
    refused(claim, Code::Unauthenticated, "UNAUTHENTICATED");
    daemon.cli_as(&bob, &["claim", "--json"]).exits(0);
    // The table is guarded as before.
    daemon.terminate();
    let database = rusqlite::Connection::open(daemon.data_dir().join("muster.db")).unwrap();
    let removed = database.execute("DELETE FROM events", []);
    assert!(removed.unwrap_err().to_string().contains("only ever added"));
    drop(database);
    daemon.launch();
    daemon.finish();
}

#[test]
fn without_the_slug_said_twice_nothing_is_removed() {
    let (mut daemon, _, _) = with_a_secret();
    let before = daemon.log("leaky").len();
    let missing = delete(&daemon, &[]).exits(2).error();
    assert_eq!(missing["reason"], "CONFIRMATION_MISSING");
    assert_eq!(missing["details"]["events"], before.to_string());
    let wrong = delete(&daemon, &["--confirm", "yard"]).exits(2).error();
    assert_eq!(wrong["reason"], "CONFIRMATION_WRONG");
    assert_eq!(daemon.log("leaky").len(), before);
    assert!(holding(&daemon.data_dir()).contains(&"9.snapshot".to_owned()));

    daemon.launch();
    let running = delete(&daemon, &["--confirm", "leaky"]).exits(1).error();
    assert_eq!(running["reason"], "STORE_UNREADABLE");
    daemon.finish();
}

#[test]
fn a_deletion_given_again_cleans_again_and_what_was_never_there_is_not_found() {
    let (mut daemon, _, _) = with_a_secret();
    delete(&daemon, &["--confirm", "leaky"]).exits(0);
    let again = delete(&daemon, &["--confirm", "leaky"]).exits(0).json();
    assert_eq!(again["again"], true);
    let data_dir = daemon.data_dir();
    let other = ["project", "delete", "shed", "--data-dir", text(&data_dir)];
    let missing = bare(&[&other[..], &["--confirm", "shed", "--json"]].concat());
    assert_eq!(missing.exits(1).error()["reason"], "PROJECT_NOT_FOUND");
    let own = [
        "project",
        "delete",
        "_daemon",
        "--data-dir",
        text(&data_dir),
    ];
    bare(&[&own[..], &["--confirm", "_daemon", "--json"]].concat()).exits(2);
    daemon.launch();
    daemon.finish();
}

#[test]
fn backups_that_still_hold_a_deleted_project_are_named() {
    let (mut daemon, _, _) = with_a_secret();
    daemon.launch();
    let backup = back_up(&daemon, "before.db");
    daemon.terminate();
    let home = daemon.home().to_owned();
    let answer = delete(&daemon, &["--confirm", "leaky", "--backups", text(&home)]);
    assert_eq!(
        answer.exits(0).json()["backups"],
        serde_json::json!([text(&backup)])
    );
    daemon.launch();
    daemon.finish();
}
