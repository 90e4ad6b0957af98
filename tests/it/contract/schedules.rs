//! Schedules and published reports from outside.

use serde_json::Value;

use super::{fields, ids};
use crate::daemon::Daemon;

fn shop() -> Daemon {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Open the doors"]).exits(0);
    daemon
}

const STANDUP: [&str; 8] = [
    "schedule",
    "add",
    "--job",
    "standup",
    "--cron",
    "0 9 * * 1-5",
    "--zone",
    "Europe/Berlin",
];

fn shown(daemon: &Daemon, name: &str) -> Value {
    let shown = daemon
        .cli(&["schedule", "show", name, "--json"])
        .exits(0)
        .json();
    shown["schedule"].clone()
}

#[test]
fn schedule_add_answers_with_the_schedule_and_next_with_its_times() {
    let daemon = shop();
    let mut add = STANDUP.to_vec();
    add.push("--json");
    let added = daemon.cli(&add).exits(0).json();
    assert_eq!(added["created"], true, "{added:#}");
    let names = [
        "name",
        "job",
        "when",
        "zone",
        "own_zone",
        "role",
        "note",
        "catch_up_ms",
        "next_at",
        "next_local",
        "paused",
        "under_way",
        "last_turn",
        "fired",
        "missed",
        "skipped",
        "revision",
    ];
    fields(&added["schedule"], &names);
    assert_eq!(added["schedule"]["job"], "standup");
    assert_eq!(added["schedule"]["zone"], "Europe/Berlin");

    let next = ["schedule", "next", "standup", "--count", "3", "--json"];
    let next = daemon.cli(&next).exits(0).json();
    let times = next["times"].as_array().expect("times");
    assert_eq!(times.len(), 3, "{next:#}");
    let mut before = None;
    for time in times {
        let time = time.as_str().expect("text");
        assert_eq!(&time[10..19], "T09:00:00", "{time}");
        assert!(
            time.ends_with("+01:00") || time.ends_with("+02:00"),
            "{time}"
        );
        let at: jiff::Timestamp = time.parse().expect("RFC 3339");
        assert!(before.is_none_or(|before| before < at), "{next:#}");
        before = Some(at);
    }
    // The same name again changes it.
    let again = daemon.cli(&add).exits(0).json();
    assert_eq!(again["created"], false);
    let listed = daemon.cli(&["schedule", "list", "--json"]).exits(0).json();
    assert_eq!(listed["schedules"].as_array().map(Vec::len), Some(1));
    daemon.finish();
}

#[test]
fn a_job_of_any_name_reminds() {
    let daemon = shop();
    let add = [
        "schedule",
        "add",
        "--job",
        "Water-Plants",
        "--cron",
        "hourly",
        "--note",
        "two cans",
    ];
    daemon.cli(&add).exits(0);
    let run = ["schedule", "run", "water-plants", "--json"];
    let run = daemon.cli(&run).exits(0).json();
    assert_eq!(run["run"], 1);
    let schedule = shown(&daemon, "water-plants");
    assert_eq!(schedule["job"], "reminder");
    assert_eq!(schedule["last_turn"]["ending"], "done");
    assert_eq!(schedule["last_turn"]["note"], "two cans");
    let removed = ["schedule", "remove", "water-plants", "--json"];
    let removed = daemon.cli(&removed).exits(0).json();
    assert_eq!(removed["removed"], "water-plants");
    daemon.cli(&["schedule", "show", "water-plants"]).exits(1);
    daemon.finish();
}

#[test]
fn a_schedule_is_paused_resumed_and_run_by_hand() {
    let daemon = shop();
    daemon.cli(&STANDUP).exits(0);
    let pause = [
        "schedule",
        "pause",
        "standup",
        "--reason",
        "a holiday",
        "--json",
    ];
    let paused = daemon.cli(&pause).exits(0).json();
    assert_eq!(paused["schedule"]["paused"], true);
    assert_eq!(paused["schedule"]["pause_reason"], "a holiday");
    assert_eq!(paused["schedule"]["next_at"], Value::Null);
    daemon.cli(&["schedule", "pause", "standup"]).exits(4);
    // What is set anew while it rests, rests on: the hint is how it goes on.
    let anew = daemon.cli(&STANDUP).exits(0).stdout;
    assert!(anew.contains("schedule resume standup"), "{anew}");
    let resumed = ["schedule", "resume", "standup", "--json"];
    let resumed = daemon.cli(&resumed).exits(0).json();
    assert_eq!(resumed["schedule"]["paused"], false);
    assert!(resumed["schedule"]["next_at"].is_string());
    let paused = daemon.cli(&pause[..3]).exits(0).stdout;
    assert!(
        paused.contains("until it is resumed") && paused.contains("schedule resume standup"),
        "{paused}"
    );
    let resumed = daemon.cli(&["schedule", "resume", "standup"]).exits(0);
    let resumed = &resumed.stdout;
    assert!(resumed.contains("schedule next standup"), "{resumed}");

    let run = daemon
        .cli(&["schedule", "run", "standup", "--json"])
        .exits(0)
        .json();
    assert_eq!(run["schedule"]["last_turn"]["ending"], "done", "{run:#}");
    assert_eq!(run["schedule"]["last_turn"]["report"], "REP-1");
    let listed = daemon.cli(&["report", "list", "--json"]).exits(0).json();
    let names = [
        "id",
        "kind",
        "title",
        "urgency",
        "role",
        "schedule",
        "slot",
        "since",
        "until",
        "as_of_version",
        "published_at",
    ];
    fields(&listed["reports"][0], &names);
    assert_eq!(listed["reports"][0]["kind"], "standup");
    assert_eq!(listed["reports"][0]["schedule"], "standup");
    daemon.finish();
}

#[test]
fn every_kind_of_report_is_published_listed_shown_and_comes_out_the_same_again() {
    let daemon = shop();
    let kinds = [
        "standup",
        "blockers",
        "weekly-review",
        "stakeholder-update",
        "sprint-review",
        "oversight",
    ];
    for kind in kinds {
        let published = daemon
            .cli(&["report", "run", kind, "--json"])
            .exits(0)
            .json();
        let report = &published["report"];
        assert_eq!(report["kind"], kind.replace('-', "_"), "{published:#}");
        let id = report["id"].as_str().expect("an id");
        let document = daemon
            .cli(&["report", "show", id, "--json"])
            .exits(0)
            .json();
        assert_eq!(document["kind"], kind.replace('-', "_"));
        let text = daemon.cli(&["report", "show", id]).exits(0).stdout;
        let again = daemon.cli(&["report", "show", id]).exits(0).stdout;
        assert_eq!(text, again);
        assert!(text.contains("Shop"), "{text}");
        let html = daemon
            .cli(&["report", "show", id, "--html"])
            .exits(0)
            .stdout;
        assert!(
            html.contains("<section") && !html.contains("<script"),
            "{html}"
        );
        let markdown = daemon
            .cli(&["report", "show", id, "--markdown"])
            .exits(0)
            .stdout;
        assert!(markdown.starts_with("# "), "{markdown}");
        let reproduced = ["report", "show", id, "--reproduce", "--json"];
        let reproduced = daemon.cli(&reproduced).exits(0).json();
        assert_eq!(reproduced["reproduced"], true, "{kind}");
    }
    let listed = daemon.cli(&["report", "list", "--json"]).exits(0).json();
    let newest_first = ["REP-6", "REP-5", "REP-4", "REP-3", "REP-2", "REP-1"];
    assert_eq!(ids(&listed["reports"]), newest_first);
    let limited = [
        "report", "list", "--kind", "blockers", "--limit", "5", "--json",
    ];
    let limited = daemon.cli(&limited).exits(0).json();
    assert_eq!(ids(&limited["reports"]), ["REP-2"]);
    daemon.cli(&["report", "show", "REP-99"]).exits(1);
    daemon.finish();
}

#[test]
fn what_is_published_stays_as_it_was_over_work_and_restarts() {
    let mut daemon = shop();
    daemon.cli(&["report", "run", "standup"]).exits(0);
    let before = daemon
        .cli(&["report", "show", "REP-1", "--json"])
        .exits(0)
        .json();
    let agent = daemon.agent("ann", "developer");
    daemon.cli_as(&agent, &["claim"]).exits(0);
    daemon.kill9();
    daemon.launch();
    let after = daemon
        .cli(&["report", "show", "REP-1", "--json"])
        .exits(0)
        .json();
    assert_eq!(before, after);
    let reproduced = ["report", "show", "REP-1", "--reproduce", "--json"];
    assert_eq!(daemon.cli(&reproduced).exits(0).json()["reproduced"], true);
    daemon.finish();
}

#[test]
fn a_schedule_that_cannot_be_is_refused_with_what_is_wrong() {
    let daemon = shop();
    let add = |cron: &str, more: &[&str]| {
        let mut arguments = vec!["schedule", "add", "--job", "x", "--cron", cron];
        arguments.extend(more);
        daemon.cli(&arguments).exits(2).stderr
    };
    let said = add("61 9 * * *", &[]);
    assert!(said.contains("minute"), "{said}");
    let said = add("0 9 31 2 *", &[]);
    assert!(said.contains("when"), "{said}");
    let said = add("hourly", &["--zone", "Europe/Berlim"]);
    assert!(said.contains("Europe/Berlin"), "{said}");
    daemon.cli(&["schedule", "next", "nothing"]).exits(1);
    assert_eq!(
        daemon.cli(&["schedule", "list", "--json"]).exits(0).json()["schedules"],
        serde_json::json!([])
    );
    daemon.finish();
}

#[test]
fn a_new_project_begins_with_the_usual_schedules() {
    let mut daemon = Daemon::prepared(&[]);
    daemon.set_variable("MUSTER__PROJECT__SCHEDULES", None);
    daemon.launch();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    let listed = daemon.cli(&["schedule", "list", "--json"]).exits(0).json();
    let listed = listed["schedules"].as_array().expect("schedules").iter();
    let names: Vec<&str> = listed.filter_map(|it| it["name"].as_str()).collect();
    let usual = [
        "blockers",
        "checklist",
        "mentor-oversight",
        "oversight",
        "sprint-close",
        "stakeholder-update",
        "standup",
        "weekly-review",
    ];
    assert_eq!(names, usual);
    // Left out, what is to be done with them is to list them.
    for family in ["schedule", "report", "channel"] {
        let bare = daemon.cli(&[family]).exits(0);
        let listed = daemon.cli(&[family, "list"]).exits(0);
        assert_eq!(bare.stdout, listed.stdout, "{family}");
    }
    daemon.finish();
}
