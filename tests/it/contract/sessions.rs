//! The log of a session, and the project's log by what it names: what became of each task that was held, told
//! the same after a restart and however much has happened since.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use muster_proto::v1;
use serde_json::{Value, json};

use super::fields;
use crate::daemon::{Agent, Daemon};

/// Phases without a role, so that anybody may take any task.
const STEPS: &str = "## Phase 1: Steps\n\n\
    - [ ] Step 1\n- [ ] Step 2\n- [ ] Step 3\n- [ ] Step 4\n- [ ] Step 5\n- [ ] Step 6\n- [ ] Step 7\n";

/// A daemon with seven tasks and an agent that may hold several.
fn steps() -> (Daemon, Agent) {
    having(STEPS)
}

/// The same with the tasks of this plan.
fn having(plan: &str) -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.import("steps.md", plan);
    let register = [
        "agent",
        "register",
        "ann",
        "--role",
        "developer",
        "--capacity",
        "9",
        "--json",
    ];
    let token = daemon.cli(&register).exits(0).json()["token"].clone();
    let agent = Agent {
        name: "ann".to_owned(),
        token: token.as_str().expect("a token").to_owned(),
    };
    (daemon, agent)
}

/// Claims and starts a task; its fence.
fn claim(daemon: &Daemon, agent: &Agent, task: &str, more: &[&str]) -> String {
    let claim = [&["claim", "--start", "--task", task, "--json"], more].concat();
    let claimed = daemon.cli_as(agent, &claim).exits(0).json();
    claimed["fence"].to_string()
}

/// Finishes a task, or hands it in.
fn finish(daemon: &Daemon, agent: &Agent, verb: &str, (task, fence): (&str, &str), summary: &str) {
    let words = ["--summary", summary, "--verification", "looked", "--json"];
    let finish = [&[verb, task, "--fence", fence], &words[..]].concat();
    daemon.cli_as(agent, &finish).exits(0);
}

fn shown(daemon: &Daemon, session: &str) -> Value {
    let show = ["session", "show", session, "--json"];
    daemon.cli(&show).exits(0).json()
}

/// The log of a session: task, outcome, note, and whether it was taken over.
fn log(shown: &Value) -> Vec<(String, String, String, bool)> {
    let tasks = shown["tasks"].as_array().expect("a list").iter();
    tasks
        .map(|task| {
            let text = |name: &str| task[name].as_str().unwrap_or("").to_owned();
            let over = task["taken_over"].as_bool().expect("yes or no");
            (text("task"), text("outcome"), text("note"), over)
        })
        .collect()
}

#[track_caller]
fn check(shown: &Value, expected: &[(&str, &str, &str, bool)]) {
    let log = log(shown);
    let found: Vec<_> = log
        .iter()
        .map(|(task, outcome, note, over)| (&**task, &**outcome, &**note, *over))
        .collect();
    assert_eq!(found, expected, "{shown:#}");
    assert_eq!(shown["truncated"], false);
}

/// Waits until a lease that nobody renews has run out. The coordinator's looks renew none.
fn expire(daemon: &Daemon, task: &str) {
    let show = ["task", "show", task, "--json"];
    for _ in 0..600 {
        if daemon.cli(&show).exits(0).json()["task"]["status"] == "planned" {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("{task} is still held");
}

#[test]
fn a_session_tells_what_became_of_each_task_also_after_it_and_after_a_restart() {
    let (mut daemon, ann) = steps();
    let bob = daemon.agent("bob", "developer");
    daemon
        .cli(&["project", "policy", "lease_min_ms", "1000"])
        .exits(0);
    let done = claim(&daemon, &ann, "T-1", &[]);
    finish(&daemon, &ann, "done", ("T-1", &done), "the first step");
    let back = claim(&daemon, &ann, "T-2", &[]);
    let release = ["release", "T-2", "--fence", &back, "--reason", "bob knows"];
    daemon.cli_as(&ann, &release).exits(0);
    claim(&daemon, &ann, "T-3", &["--lease", "1s"]);
    expire(&daemon, "T-3");
    claim(&daemon, &ann, "T-4", &[]);
    let revoke = ["task", "revoke", "T-4", "--reason", "more urgent things"];
    daemon.cli(&revoke).exits(0);
    let handed_in = claim(&daemon, &ann, "T-5", &[]);
    finish(&daemon, &ann, "submit", ("T-5", &handed_in), "for a look");
    let held = claim(&daemon, &ann, "T-6", &[]);
    let half = ["--note", "half of it", "--percent", "50"];
    let progress = [&["progress", "T-6", "--fence", &held], &half[..]].concat();
    daemon.cli_as(&ann, &progress).exits(0);

    let open = shown(&daemon, "S-1");
    let ended = [
        ("T-1", "completed", "the first step", false),
        ("T-2", "released", "bob knows", false),
        ("T-3", "expired", "", false),
        ("T-4", "revoked", "more urgent things", false),
        ("T-5", "submitted", "for a look", false),
    ];
    let under_way = ("T-6", "held", "50 %: half of it", false);
    check(&open, &[&ended[..], &[under_way]].concat());
    let names = [
        "task",
        "title",
        "fence",
        "taken_over",
        "claimed_at",
        "outcome",
        "ended_at",
        "note",
    ];
    for task in open["tasks"].as_array().expect("a list") {
        fields(task, &names);
        assert!(task["claimed_at"].is_string(), "{task:#}");
        assert_eq!(task["ended_at"].is_null(), task["outcome"] == "held");
    }
    assert_eq!(open["tasks"][0]["title"], "Step 1");
    assert_eq!(open["tasks"][0]["fence"].to_string(), done);
    assert_eq!(open["session"]["completed"], json!(["T-1"]));
    // A live fence is its holder's alone.
    assert_eq!(open["tasks"][5]["fence"], 0);
    let show = ["session", "show", "S-1", "--json"];
    let own = daemon.cli_as(&ann, &show).exits(0).json();
    assert_eq!(own["tasks"][5]["fence"].to_string(), held);

    daemon.restart();
    assert_eq!(shown(&daemon, "S-1")["tasks"], open["tasks"]);
    daemon.cli_as(&ann, &["session", "end", "--carry"]).exits(0);
    let carried = ("T-6", "carried", "50 %: half of it", false);
    let all = [&ended[..], &[carried]].concat();
    check(&shown(&daemon, "S-1"), &all);

    daemon.cli_as(&ann, &["session", "start"]).exits(0);
    let last = claim(&daemon, &ann, "T-7", &[]);
    let taken_over = shown(&daemon, "S-2");
    let seventh = ("T-7", "held", "", false);
    check(&taken_over, &[("T-6", "held", "", true), seventh]);
    let claimed_at = open["tasks"][5]["claimed_at"].clone();
    assert_eq!(taken_over["tasks"][0]["claimed_at"], claimed_at);
    finish(&daemon, &ann, "done", ("T-6", &held), "the rest");
    let approve = ["review", "approve", "T-5"];
    daemon.cli_as(&bob, &approve).exits(0);
    daemon
        .cli_as(&ann, &["session", "end", "--release"])
        .exits(0);
    let second = [
        ("T-6", "completed", "the rest", true),
        ("T-7", "released", "its session ended", false),
    ];
    daemon.kill9();
    daemon.launch();
    let after = shown(&daemon, "S-2");
    check(&after, &second);
    assert_eq!(after["tasks"][0]["claimed_at"], claimed_at);
    assert_eq!(after["tasks"][0]["fence"].to_string(), held);
    assert_eq!(after["tasks"][1]["fence"].to_string(), last);
    // What came after its end is no part of it; what was approved was completed in it.
    let first = shown(&daemon, "S-1");
    check(&first, &all);
    assert_eq!(first["session"]["completed"], json!(["T-1", "T-5"]));

    let text = daemon.cli(&["session", "show", "S-2"]).exits(0).stdout;
    let rows: Vec<&str> = text.lines().rev().take(3).collect();
    assert!(rows[2].starts_with("DATE"), "{text}");
    let words = rows[1].split("  ").filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(str::trim).skip(1).collect();
    assert_eq!(words, ["T-6 Step 6", "completed (taken over)", "the rest"]);
    assert!(rows[0].contains("its session ended"), "{text}");
    daemon.finish();
}

/// Records so much that whatever was before is no longer in memory: an event weighs more there than its
/// 64 KiB, and 10,000 KiB is what a project has.
fn fill_memory(daemon: &Daemon) {
    let mut projects = daemon.coordinator().projects();
    for number in 0..170 {
        let request = v1::UpdateProjectRequest {
            description: format!("{number} {}", "\u{1f6a2}".repeat(16_000)),
            update_mask: Some(prost_types::FieldMask {
                paths: vec!["description".to_owned()],
            }),
            request_id: format!("large-{number}"),
            ..v1::UpdateProjectRequest::default()
        };
        let updated = daemon.block_on(projects.update_project(request));
        updated.expect("the words are taken");
    }
}

fn versions(events: &Value) -> Vec<u64> {
    let events = events["events"].as_array().expect("a list").iter();
    events
        .map(|event| event["version"].as_u64().expect("a version"))
        .collect()
}

/// What `log` with these arguments gives.
fn listed(daemon: &Daemon, more: &[&str]) -> Value {
    daemon
        .cli(&[&["log", "--json"], more].concat())
        .exits(0)
        .json()
}

#[test]
fn the_log_is_asked_for_by_task_and_by_session() {
    let (daemon, ann) = steps();
    let bob = daemon.agent("bob", "developer");
    let first = claim(&daemon, &ann, "T-1", &[]);
    let other = claim(&daemon, &bob, "T-2", &[]);
    finish(&daemon, &ann, "done", ("T-1", &first), "ready");
    finish(&daemon, &bob, "done", ("T-2", &other), "ready as well");
    claim(&daemon, &ann, "T-3", &[]);

    let kinds = |more: &[&str]| -> Vec<String> {
        let events = listed(&daemon, more)["events"].clone();
        let events = events.as_array().expect("a list").iter();
        let kind = |event: &Value| event["type"].as_str().expect("a type").to_owned();
        events.map(kind).collect()
    };
    let life = ["TasksAdded", "TaskClaimed", "TaskStarted", "TaskCompleted"];
    assert_eq!(kinds(&["--task", "T-1"]), life);
    assert_eq!(kinds(&["--task", "T-2", "--session", "S-2"]), life[1..]);
    assert_eq!(kinds(&["--task", "T-2", "--session", "S-1"]), [""; 0]);
    assert_eq!(
        kinds(&["--session", "S-2"]),
        [&["SessionStarted"], &life[1..]].concat()
    );
    // The newest of those that match, and not those that match of the newest.
    assert_eq!(kinds(&["--task", "T-1", "--limit", "2"]), life[2..]);
    assert_eq!(kinds(&["--task", "T-1", "--limit", "0"]), [""; 0]);
    let after = ["--task", "T-1", "--after", "0", "--limit", "2"];
    assert_eq!(kinds(&after), life[..2]);

    let unknown = ["log", "--task", "T-99", "--json"];
    let error = daemon.cli(&unknown).exits(1).error();
    assert_eq!(error["reason"], "TASK_NOT_FOUND", "{error:#}");
    let unknown = ["log", "--session", "S-99", "--json"];
    let error = daemon.cli(&unknown).exits(1).error();
    assert_eq!(error["reason"], "SESSION_NOT_FOUND", "{error:#}");
    let unreadable = ["log", "--session", "three", "--json"];
    let error = daemon.cli(&unreadable).exits(2).error();
    assert!(error.to_string().contains("session"), "{error:#}");

    // Whoever follows is sent what matches, from the past and as it comes.
    let request = v1::WatchEventsRequest {
        task: "T-3".to_owned(),
        session: "S-1".to_owned(),
        ..v1::WatchEventsRequest::default()
    };
    let mut events = daemon.coordinator().events();
    let watch = daemon.block_on(events.watch_events(request));
    let mut watch = watch.expect("the watch opens").into_inner();
    let more = ["progress", "T-3", "--note", "begun"];
    daemon.cli_as(&ann, &more).exits(0);
    let mut followed = Vec::new();
    while followed
        .last()
        .is_none_or(|last| last != "ProgressReported")
    {
        let message = daemon.block_on(watch.message()).expect("it goes on");
        let events = message.expect("it goes on").events;
        assert!(!events.is_empty(), "a message holds events");
        followed.extend(events.into_iter().map(|event| event.r#type));
    }
    drop(watch);
    assert_eq!(followed, ["TaskClaimed", "TaskStarted", "ProgressReported"]);
    daemon.finish();
}

#[test]
fn the_log_of_a_task_is_followed_from_its_own_newest_events() {
    let (daemon, ann) = steps();
    let first = claim(&daemon, &ann, "T-1", &[]);
    finish(&daemon, &ann, "done", ("T-1", &first), "ready");
    claim(&daemon, &ann, "T-2", &[]);
    let follow = ["log", "--follow", "--task", "T-1", "--limit", "1", "--json"];
    let mut follow = daemon.cli_command(&follow);
    follow
        .env("MUSTER_TOKEN", daemon.coordinator_token())
        .stdout(Stdio::piped());
    let mut follower = follow.spawn().expect("the program starts");
    let mut lines = BufReader::new(follower.stdout.take().expect("a pipe")).lines();
    let mut next = || {
        let line = lines.next().expect("a line").expect("a line of text");
        let event: Value = serde_json::from_str(&line).expect("a document");
        event["type"].as_str().expect("a type").to_owned()
    };
    assert_eq!(next(), "TaskCompleted");
    daemon
        .cli_as(&ann, &["progress", "T-2", "--note", "begun"])
        .exits(0);
    let reopen = ["task", "reopen", "T-1", "--reason", "once more"];
    daemon.cli(&reopen).exits(0);
    assert_eq!(next(), "TaskReopened");
    follower.kill().expect("it still follows");
    follower.wait().expect("it has ended");
    daemon.finish();
}

#[test]
fn what_is_further_back_than_one_look_and_than_memory_is_found_page_by_page() {
    let mut text = STEPS.to_owned();
    text.push_str("\n## Discovered Tasks\n\n| Task | Discovered In |\n|---|---|\n");
    for number in 1..=20_500 {
        text.push_str(&format!("| Gull {number} | early on |\n"));
    }
    let (mut daemon, ann) = having(&text);
    let first = claim(&daemon, &ann, "T-1", &[]);
    finish(&daemon, &ann, "done", ("T-1", &first), "long ago");
    daemon.cli_as(&ann, &["session", "end"]).exits(0);
    let then = shown(&daemon, "S-1");
    check(&then, &[("T-1", "completed", "long ago", false)]);
    fill_memory(&daemon);
    let reopen = ["task", "reopen", "T-1", "--reason", "once more"];
    daemon.cli(&reopen).exits(0);
    let newest = daemon.version("");
    assert!(newest > 20_500, "{newest}");

    assert_eq!(shown(&daemon, "S-1")["tasks"], then["tasks"]);
    daemon.restart();
    assert_eq!(shown(&daemon, "S-1")["tasks"], then["tasks"]);
    let all = versions(&listed(&daemon, &["--task", "T-1"]));
    assert_eq!(all.last(), Some(&newest), "{all:?}");
    assert_eq!(all.len(), 5, "{all:?}");
    for limit in 0..=5 {
        let limited = listed(&daemon, &["--task", "T-1", "--limit", &limit.to_string()]);
        assert_eq!(versions(&limited), all[5 - limit..], "{limit}");
    }

    // A page ends where enough was looked at, and says where to go on.
    let mut events = daemon.coordinator().events();
    for newest_first in [false, true] {
        let mut pages: Vec<Vec<u64>> = Vec::new();
        let mut request = v1::ListEventsRequest {
            task: "T-1".to_owned(),
            newest: newest_first,
            page_size: 3,
            ..v1::ListEventsRequest::default()
        };
        loop {
            let page = daemon.block_on(events.list_events(request.clone()));
            let page = page.expect("a page").into_inner();
            pages.push(page.events.iter().map(|event| event.version).collect());
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert!(pages.iter().any(Vec::is_empty), "{pages:?}");
        if newest_first {
            pages.reverse();
        }
        assert_eq!(pages.concat(), all, "{newest_first}");
        // A token of one direction is none of the other.
        request.newest = !newest_first;
        let refused = daemon.block_on(events.list_events(request));
        let refused = refused.expect_err("another list's token");
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    }
    daemon.finish();
}
