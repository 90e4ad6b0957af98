//! Windows of phases and roles, the order of a table, holidays, and milestones past their day, from outside.

use serde_json::{Value, json};

use crate::daemon::{Agent, Daemon};

/// A project that began long ago, with one phase of two tasks and an agent.
fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    let began = ["project", "edit", "--start-date", "2020-01-06"];
    daemon.cli(&began).exits(0);
    let weeks = ["phase", "add", "Foundation", "--weeks", "1-2"];
    daemon.cli(&weeks).exits(0);
    daemon.cli(&["task", "add", "Write it"]).exits(0);
    let urgent = ["task", "add", "Read it", "--priority", "P0"];
    daemon.cli(&urgent).exits(0);
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

fn phase(daemon: &Daemon) -> Value {
    let shown = daemon.cli(&["phase", "show", "1", "--json"]).exits(0);
    shown.json()["phase"].clone()
}

#[test]
fn a_phase_has_a_window_with_dates_and_is_late_after_it() {
    let (daemon, _) = shop();
    let shown = phase(&daemon);
    let window = json!({"unit": "week", "from": 1, "to": 2});
    assert_eq!(shown["window"], window);
    assert_eq!(shown["window_start_date"], json!("2020-01-06"));
    assert_eq!(shown["window_end_date"], json!("2020-01-19"));
    assert_eq!(shown["late"], json!(true));
    let list = daemon.cli(&["phase", "list"]).exits(0);
    let listed = list.stdout;
    assert!(listed.contains("late since 2020-01-19"), "{listed}");
    let standup = daemon.cli(&["standup"]).exits(0);
    let told = standup.stdout;
    assert!(told.contains("Late phases: 1 Foundation"), "{told}");
    let forecast = daemon.cli(&["plan", "forecast", "--json"]).exits(0).json();
    assert_eq!(forecast["phases"][0]["late"], json!(true));
    daemon
        .cli(&["phase", "edit", "1", "--days", "3-2"])
        .exits(2);
    daemon.cli(&["phase", "edit", "1", "--no-window"]).exits(0);
    let shown = phase(&daemon);
    assert_eq!(
        (&shown["window"], &shown["late"]),
        (&json!(null), &json!(false))
    );
    daemon.finish();
}

#[test]
fn a_plan_file_keeps_the_weeks_of_its_headings() {
    let daemon = Daemon::start();
    daemon.import(
        "PROJECT_PLAN.md",
        "# Plan\n\n### Phase 1: Foundation (Week 1-2)\n- [ ] Write it\n\n### Phase 2: Launch (Days 12-14)\n- [ ] Ship it\n",
    );
    let list = daemon.cli(&["phase", "list", "--json"]).exits(0).json();
    let windows = [
        json!({"unit": "week", "from": 1, "to": 2}),
        json!({"unit": "day", "from": 12, "to": 14}),
    ];
    for (place, window) in windows.iter().enumerate() {
        assert_eq!(&list["phases"][place]["window"], window);
        assert_eq!(list["phases"][place]["window_start_date"], json!(null));
    }
    daemon.finish();
}

#[test]
fn a_claim_outside_the_time_of_a_role_is_warned_of_or_held_back() {
    let (daemon, ann) = shop();
    let role = ["task", "edit", "T-1", "--role", "developer"];
    daemon.cli(&role).exits(0);
    let set = ["window", "set", "developer", "--days", "1-3"];
    daemon.cli(&set).exits(0);
    let windows = daemon.cli(&["window", "list", "--json"]).exits(0).json();
    let stated = &windows["role_windows"][0];
    assert_eq!(stated["end_date"], json!("2020-01-08"));
    assert_eq!(stated["open_today"], json!(false));
    let claim = ["claim", "--task", "T-1", "--json"];
    let claimed = daemon.cli_as(&ann, &claim).exits(0).json();
    let warning = claimed["warning"].as_str().unwrap_or_default();
    assert!(warning.contains("days 1-3"), "{claimed}");
    daemon.cli_as(&ann, &["release", "T-1"]).exits(0);
    let refuse = ["project", "policy", "role_windows", "refuse"];
    daemon.cli(&refuse).exits(0);
    let refused = daemon.cli_as(&ann, &claim).exits(4);
    assert!(
        refused.stderr.contains("OUTSIDE_WINDOW"),
        "{}",
        refused.stderr
    );
    daemon.cli(&["window", "remove", "developer"]).exits(0);
    let claimed = daemon.cli_as(&ann, &claim).exits(0).json();
    assert_eq!(claimed["warning"], json!(null));
    daemon.finish();
}

#[test]
fn a_phase_that_goes_by_its_table_hands_out_from_the_top() {
    let (daemon, ann) = shop();
    let table = ["phase", "edit", "1", "--ordering", "table"];
    daemon.cli(&table).exits(0);
    let claimed = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    assert_eq!(claimed["task"]["id"], json!("T-1"));
    assert_eq!(phase(&daemon)["ordering"], json!("table"));
    daemon.finish();
}

#[test]
fn holidays_are_days_and_shown_as_they_were_set() {
    let (daemon, _) = shop();
    let set = ["project", "policy", "holidays", "2026-12-26 2026-12-25"];
    daemon.cli(&set).exits(0);
    let shown = ["project", "policy", "holidays", "--json"];
    let shown = daemon.cli(&shown).exits(0).json();
    let days = json!("2026-12-25 2026-12-26");
    assert_eq!(shown["policies"][0]["value"], days);
    let wrong = ["project", "policy", "holidays", "2026-12-25 2026-02-30"];
    let refused = daemon.cli(&wrong).exits(2);
    assert!(refused.stderr.contains("day 2"), "{}", refused.stderr);
    daemon.finish();
}

#[test]
fn a_milestone_past_its_day_is_overdue_and_waits_for_a_word() {
    let (daemon, _) = shop();
    let add = ["milestone", "add", "Beta", "--week", "1", "--phases", "1"];
    daemon.cli(&add).exits(0);
    let listed = daemon.cli(&["milestone", "list", "--json"]).exits(0).json();
    let beta = &listed["milestones"][0];
    assert_eq!(
        (&beta["overdue"], &beta["at_risk"]),
        (&json!(true), &json!(true))
    );
    let inbox = daemon.cli(&["inbox", "--json"]).exits(0).json();
    let kinds = inbox["items"].as_array().expect("a list").iter();
    let mut kinds = kinds.map(|item| item["kind"].as_str().unwrap_or_default());
    assert!(kinds.any(|kind| kind == "overdue_milestone"), "{inbox}");
    let later = ["milestone", "update", "M-1", "--date", "2099-01-01"];
    daemon.cli(&later).exits(0);
    let listed = daemon.cli(&["milestone", "list", "--json"]).exits(0).json();
    let beta = &listed["milestones"][0];
    assert_eq!(
        (&beta["overdue"], &beta["at_risk"]),
        (&json!(false), &json!(false))
    );
    daemon.finish();
}
