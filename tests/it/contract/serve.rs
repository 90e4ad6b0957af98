//! Start and stop: what is on disk before the port opens, and that an end by force leaves nothing in the
//! way of the next start.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use muster::clock::Stopwatch;

use super::{GARDEN, HARBOUR, harbour};
use crate::crash::a_free_port;
use crate::daemon::Daemon;

#[test]
fn the_coordinators_token_is_on_disk_and_private_before_the_port_opens() {
    let listen = format!("127.0.0.1:{}", a_free_port());
    let mut daemon = Daemon::prepared(&["--listen", &listen]);
    let path = daemon.data_dir().join("coordinator.token");
    let watcher = std::thread::spawn(move || {
        let watch = Stopwatch::start();
        while watch.elapsed() < Duration::from_secs(60) {
            if TcpStream::connect(&listen).is_ok() {
                let text = std::fs::read_to_string(&path).expect("the token is on disk");
                let mode = std::fs::metadata(&path)
                    .expect("the file")
                    .permissions()
                    .mode();
                return (text, mode & 0o777);
            }
        }
        panic!("the port does not open");
    });
    daemon.launch();
    let (text, mode) = watcher.join().expect("the watcher ends");
    assert_eq!(mode, 0o600);
    assert_eq!(text.trim(), daemon.coordinator_token());
    assert!(text.trim().len() > 32, "a token cannot be guessed");
    let data_mode = std::fs::metadata(daemon.data_dir())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(
        data_mode & 0o077,
        0,
        "the data directory is nobody else's: {data_mode:o}"
    );
    daemon.finish();
}

#[test]
fn it_says_where_it_listens_and_serves_until_it_is_told_to_stop() {
    let mut daemon = Daemon::start();
    assert!(
        daemon.url().starts_with("http://127.0.0.1:"),
        "{}",
        daemon.url()
    );
    let before = daemon.coordinator_token();
    daemon.cli(&["task", "list", "--json"]).exits(1);
    daemon.import("harbour.md", HARBOUR);
    daemon.cli(&["task", "list", "--json"]).exits(0);
    // Exit code 0 within the limit is part of `terminate`.
    daemon.restart();
    assert_eq!(daemon.coordinator_token(), before, "the token stays good");
    let list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    assert_eq!(list["tasks"].as_array().map(Vec::len), Some(6));
    daemon.finish();
}

#[test]
fn a_daemon_started_right_after_kill_9_starts_and_has_everything() {
    let (mut daemon, ann) = harbour();
    let claim = daemon
        .cli_as(&ann, &["claim", "--start", "--json"])
        .exits(0)
        .json();
    let listed = |daemon: &Daemon| {
        let mut list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
        // A restart gives a fresh term, and beats are kept beside the log.
        for task in list["tasks"].as_array_mut().expect("a list") {
            if let Some(holder) = task["holder"].as_object_mut() {
                holder.remove("expires_at").expect("a term");
                holder.remove("last_beat_at").expect("a sign of life");
            }
        }
        list
    };
    let before = listed(&daemon);
    for _ in 0..3 {
        daemon.kill9();
        daemon.launch();
    }
    assert_eq!(listed(&daemon), before);
    let (task, fence) = (
        claim["task"]["id"].as_str().unwrap(),
        claim["fence"].to_string(),
    );
    let done = [
        "done",
        task,
        "--fence",
        &fence,
        "--summary",
        "s",
        "--verification",
        "v",
        "--json",
    ];
    daemon.cli_as(&ann, &done).exits(0);
    daemon.finish();
}

#[test]
fn a_plan_given_at_the_start_is_there_and_a_changed_one_does_not_stop_it() {
    let mut daemon = Daemon::prepared_in(|home| {
        let path = home.join("garden.md");
        std::fs::write(&path, GARDEN).unwrap();
        vec!["--plan".to_owned(), path.to_str().unwrap().to_owned()]
    });
    daemon.launch();
    let list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    assert_eq!(list["tasks"].as_array().map(Vec::len), Some(5), "{list:#}");
    let version = daemon.version("");
    daemon.restart();
    assert_eq!(
        daemon.version(""),
        version,
        "the same bytes again are no event"
    );
    daemon.plan_file("garden.md", &format!("{GARDEN}- [ ] Rake the leaves\n"));
    daemon.restart();
    assert_eq!(daemon.version(""), version);
    assert!(
        daemon.log_text().contains("garden.md"),
        "{}",
        daemon.log_text()
    );
    daemon.finish();
}

#[test]
fn the_project_may_be_left_out_while_there_is_one() {
    let (daemon, _) = harbour();
    daemon.cli(&["task", "list", "--json"]).exits(0);
    daemon.import("garden.md", GARDEN);
    let output = daemon.cli(&["task", "list", "--json"]);
    assert!(matches!(output.code, Some(1 | 2)), "{output:#?}");
    let error = output.error();
    let said = error.to_string();
    assert!(
        said.contains("harbour-booking") && said.contains("garden"),
        "{error:#}"
    );
    let mut command = daemon.cli_command(&["task", "list", "--json"]);
    command
        .env("MUSTER_TOKEN", daemon.coordinator_token())
        .env("MUSTER_PROJECT", "harbour-booking");
    let list = crate::process::Output::of(command).exits(0).json();
    assert_eq!(list["tasks"].as_array().map(Vec::len), Some(6));
    let unknown = ["task", "list", "--project", "nowhere", "--json"];
    let error = daemon.cli(&unknown).exits(1).error();
    assert_eq!(error["reason"], "PROJECT_NOT_FOUND");
    daemon.finish();
}
