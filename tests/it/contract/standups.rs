//! The day's standup from outside: what agents say at it, when that is late, and the report that tells of it.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::fields;
use crate::daemon::Daemon;

fn shop() -> Daemon {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Foundation"]).exits(0);
    daemon.cli(&["task", "add", "Open the doors"]).exits(0);
    daemon
}

fn shown(daemon: &Daemon) -> Value {
    daemon.cli(&["standup", "show", "--json"]).exits(0).json()
}

/// Waits until the day's standup is published.
fn published(daemon: &Daemon) -> Value {
    for _ in 0..400 {
        let standup = shown(daemon);
        if standup["status"] == "published" {
            return standup;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("it is not published: {:#}", shown(daemon));
}

#[test]
fn standup_submit_takes_what_agents_and_people_say_and_the_report_tells_of_it_once() {
    let daemon = shop();
    let dan = daemon.agent("dan", "developer");
    let ada = daemon.agent("ada", "architect");
    let never = daemon.cli(&["standup", "show"]).exits(1).stderr;
    assert!(never.contains("no standup on"), "{never}");
    let submit = [
        "standup",
        "submit",
        "--shipped",
        "the doors",
        "--tests-passed",
        "98",
        "--next",
        "the windows",
        "--json",
    ];
    let taken = daemon.cli_as(&dan, &submit).exits(0).json();
    fields(&taken, &["standup", "late"]);
    assert_eq!(taken["late"], false);
    let names = [
        "day",
        "status",
        "schedule",
        "opened_by",
        "opened_at",
        "closes_at",
        "entries",
        "report",
        "published_at",
        "missing",
        "revision",
    ];
    fields(&taken["standup"], &names);
    let entry = &taken["standup"]["entries"][0];
    assert_eq!(
        (&entry["role"], &entry["by"], &entry["shipped"]),
        (
            &json!("developer"),
            &json!("agent:dan"),
            &json!("the doors")
        )
    );
    assert_eq!(entry["tests_passed_percent"], 98);
    daemon
        .cli(&["standup", "submit", "--changes", "none", "all is well"])
        .exits(0);
    let open = shown(&daemon);
    assert_eq!(
        (&open["status"], &open["missing"]),
        (&json!("open"), &json!(["ada"])),
        "{open:#}"
    );

    // Live, it says what was said and what is derived.
    let live = daemon.cli(&["standup"]).exits(0).stdout;
    let live = live.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(live.contains("Shipped the doors, tests 98 %"), "{live}");
    assert!(live.contains("no report from ada"), "{live}");
    let html = daemon.cli(&["standup", "--html"]).exits(0).stdout;
    assert!(html.starts_with("<section"), "{html}");

    // Its schedule publishes it; what is said after that stands beside it.
    let add = ["schedule", "add", "--job", "standup", "--cron", "0 0 1 1 *"];
    daemon.cli(&add).exits(0);
    daemon.cli(&["schedule", "run", "standup"]).exits(0);
    let told = published(&daemon);
    let report = told["report"].as_str().expect("a report").to_owned();
    assert!(told["entries"].as_array().expect("entries").len() == 2);
    let late = daemon
        .cli_as(&ada, &["standup", "submit", "--built", "a map", "--json"])
        .exits(0)
        .json();
    assert_eq!(late["late"], true);
    let last = &late["standup"]["entries"][2];
    assert_eq!(
        (&last["late"], &last["told"]),
        (&json!(true), &json!(false))
    );
    let kept = daemon.cli(&["report", "show", &report]).exits(0).stdout;
    assert!(
        kept.contains("the doors") && !kept.contains("a map"),
        "{kept}"
    );
    let again = daemon
        .cli(&["report", "show", &report, "--reproduce", "--json"])
        .exits(0)
        .json();
    assert_eq!(again["reproduced"], true, "{again:#}");
    let day = told["day"].as_str().expect("a day");
    let by_day = daemon
        .cli(&["standup", "show", "--date", day])
        .exits(0)
        .stdout;
    assert!(by_day.contains("after the report"), "{by_day}");
    let listed = daemon.cli(&["standup", "list", "--json"]).exits(0).json();
    assert_eq!(listed["standups"][0]["day"], day);
    daemon.finish();
}

#[test]
fn what_says_nothing_or_speaks_for_others_is_refused_with_its_field() {
    let daemon = shop();
    let dan = daemon.agent("dan", "developer");
    daemon.cli_as(&dan, &["standup", "submit"]).exits(2);
    let refusals: [(&[&str], i32, &str); 5] = [
        (&["--role", "architect", "mine"], 2, "role"),
        (&["--role", "wizard", "mine"], 2, "no role `wizard`"),
        (&["--date", "yesterday", "mine"], 2, "day"),
        (
            &["--date", "2020-01-01", "mine"],
            1,
            "no standup on 2020-01-01",
        ),
        (&["--next", "one\ntwo"], 2, "next"),
    ];
    for (more, code, word) in refusals {
        let arguments = [&["standup", "submit"], more].concat();
        let refused = daemon.cli_as(&dan, &arguments).exits(code).stderr;
        assert!(refused.contains(word), "{arguments:?}: {refused}");
    }
    daemon.cli(&["standup", "show"]).exits(1);
    daemon.finish();
}

#[test]
fn the_checklist_opens_the_days_standup_to_entries() {
    let daemon = shop();
    let add = [
        "schedule",
        "add",
        "--job",
        "standup",
        "--cron",
        "59 23 * * *",
    ];
    daemon.cli(&add).exits(0);
    let scheduled = shown(&daemon);
    assert_eq!(scheduled["status"], "scheduled", "{scheduled:#}");
    let run = daemon.cli(&["checklist", "run", "--json"]).exits(0).json();
    let items = run["items"].as_array().expect("items");
    let item = items.iter().find(|it| it["name"] == "Schedule standup");
    let item = item.expect("the fifth item");
    assert_eq!(item["state"], "done", "{item:#}");
    assert!(
        item["result"].to_string().contains("open to entries until"),
        "{item:#}"
    );
    let open = shown(&daemon);
    assert_eq!(
        (&open["status"], &open["schedule"], &open["opened_by"]),
        (&json!("open"), &json!("standup"), &json!("system")),
        "{open:#}"
    );
    daemon.finish();
}
