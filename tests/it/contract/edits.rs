//! What a coordinator corrects in a plan that is under way: phases, their criteria, and the queues.

use serde_json::{Value, json};

use super::fields;
use crate::daemon::{Agent, Daemon};

fn shop() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    let phase = [
        "phase",
        "add",
        "Foundation",
        "--criterion",
        "it runs",
        "--criterion",
        "it is fast",
    ];
    daemon.cli(&phase).exits(0);
    for title in ["Write it", "Read it"] {
        daemon.cli(&["task", "add", title]).exits(0);
    }
    let ann = daemon.agent("ann", "developer");
    (daemon, ann)
}

fn document(daemon: &Daemon, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()
}

#[test]
fn another_role_leads_a_phase_and_its_tasks_fall_to_it() {
    let (daemon, ann) = shop();
    let lead = ["phase", "edit", "1", "--lead", "devops"];
    let phase = &document(&daemon, &lead)["phase"];
    assert_eq!(phase["lead_role"], "devops");
    let why = document(&daemon, &["task", "show", "T-1"]);
    assert_eq!(why["task"]["role"], "devops", "{why:#}");
    daemon.cli_as(&ann, &["claim", "--task", "T-1"]).exits(4);
    daemon.cli_as(&ann, &lead).exits(7);
    let nobody = ["phase", "edit", "1", "--lead", "pilot", "--json"];
    let error = daemon.cli(&nobody).exits(2).error();
    assert_eq!(error["reason"], "UNKNOWN_ROLE", "{error:#}");
    let phase = &document(&daemon, &["phase", "edit", "1", "--lead", "none"])["phase"];
    assert_eq!(phase["lead_role"], Value::Null);
    daemon.cli_as(&ann, &["claim", "--task", "T-1"]).exits(0);
    daemon.finish();
}

#[test]
fn criteria_are_reworded_removed_and_unmet_and_their_numbers_stay() {
    let (daemon, ann) = shop();
    let reword = [
        "phase",
        "criterion",
        "edit",
        "1",
        "2",
        "--text",
        "it is cheap",
    ];
    let phase = &document(&daemon, &reword)["phase"];
    let names = [
        "number",
        "text",
        "met",
        "met_by",
        "met_at",
        "evidence",
        "withdrawn_reason",
    ];
    fields(&phase["criteria"][1], &names);
    assert_eq!(phase["criteria"][1]["text"], "it is cheap");
    daemon.cli_as(&ann, &reword).exits(7);
    daemon.cli(&["phase", "meet", "1", "2"]).exits(0);
    let unmeet = [
        "phase",
        "criterion",
        "unmeet",
        "1",
        "2",
        "--reason",
        "a bill",
    ];
    let phase = &document(&daemon, &unmeet)["phase"];
    assert_eq!(phase["criteria"][1]["met"], json!(false));
    let remove = [
        "phase",
        "criterion",
        "remove",
        "1",
        "1",
        "--reason",
        "no till",
    ];
    let phase = &document(&daemon, &remove)["phase"];
    let criteria = &phase["criteria"];
    assert_eq!(
        (&criteria[0]["withdrawn_reason"], &criteria[1]["number"]),
        (&json!("no till"), &json!(2))
    );
    let met = ["phase", "meet", "1", "1", "--json"];
    let error = daemon.cli(&met).exits(4).error();
    assert_eq!(error["reason"], "ILLEGAL_TRANSITION", "{error:#}");
    let shown = daemon.cli(&["phase", "show", "1"]).exits(0).stdout;
    assert!(
        shown.contains("[-] 1 it runs (withdrawn: no till)"),
        "{shown}"
    );
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    for words in [
        "criterion 2 says now: it is cheap",
        "criterion 1 withdrawn: no till",
    ] {
        assert!(standup.contains(words), "{words}: {standup}");
    }
    let log = daemon.cli(&["log"]).exits(0).stdout;
    assert!(
        log.contains("took back the meeting of criterion 2"),
        "{log}"
    );
    daemon
        .cli(&["phase", "skip", "1", "--reason", "no"])
        .exits(0);
    let again = [
        "phase",
        "criterion",
        "unmeet",
        "1",
        "2",
        "--reason",
        "x",
        "--json",
    ];
    let error = daemon.cli(&again).exits(4).error();
    assert_eq!(error["reason"], "PHASE_CLOSED", "{error:#}");
    daemon.finish();
}

#[test]
fn a_blocker_holds_up_what_it_is_linked_to() {
    let (daemon, ann) = shop();
    let open = ["blockers", "open", "--task", "T-1", "--reason", "no key"];
    daemon.cli(&open).exits(0);
    let edit = [
        "blockers",
        "edit",
        "B-1",
        "--tasks",
        "T-2",
        "--remove-tasks",
        "T-1",
        "--severity",
        "critical",
        "--path",
        "ask the bank",
        "--owner",
        "ann",
    ];
    let blocker = &document(&daemon, &edit)["blocker"];
    assert_eq!(
        (
            &blocker["tasks"],
            &blocker["severity"],
            &blocker["resolution_path"],
            &blocker["owner"]
        ),
        (
            &json!(["T-2"]),
            &json!("critical"),
            &json!("ask the bank"),
            &json!("ann")
        )
    );
    daemon.cli_as(&ann, &edit).exits(7);
    daemon.cli_as(&ann, &["claim", "--task", "T-2"]).exits(4);
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(
        standup.contains("holds up T-2, lets T-1 go on"),
        "{standup}"
    );
    let absent = ["blockers", "edit", "B-1", "--remove-tasks", "T-1", "--json"];
    let error = daemon.cli(&absent).exits(2).error();
    assert_eq!(error["reason"], "INVALID_FIELD", "{error:#}");
    daemon.cli(&["blockers", "edit", "B-1"]).exits(2);
    let none = ["blockers", "edit", "B-1", "--remove-tasks", "T-2"];
    let blocker = &document(&daemon, &none)["blocker"];
    assert_eq!(blocker["tasks"], json!([]));
    daemon.cli_as(&ann, &["claim", "--task", "T-2"]).exits(0);
    daemon.finish();
}

#[test]
fn a_decision_is_asked_in_other_words_and_holds_up_something_else() {
    let (daemon, ann) = shop();
    let open = ["decision", "open", "Which bank?", "--blocks", "T-1"];
    daemon.cli(&open).exits(0);
    let edit = [
        "decision",
        "edit",
        "DEC-1",
        "--question",
        "Which bank, and when?",
        "--options",
        "red",
        "--unblock-tasks",
        "T-1",
        "--block-phases",
        "1",
    ];
    let decision = &document(&daemon, &edit)["decision"];
    assert_eq!(
        (
            &decision["question"],
            &decision["options"],
            &decision["blocks"],
            &decision["phases"]
        ),
        (
            &json!("Which bank, and when?"),
            &json!(["red"]),
            &json!([]),
            &json!(["1"])
        )
    );
    daemon.cli_as(&ann, &edit).exits(7);
    daemon.cli_as(&ann, &["claim"]).exits(3);
    let free = [
        "decision",
        "edit",
        "DEC-1",
        "--unblock-phases",
        "1",
        "--block-tasks",
        "T-2",
    ];
    daemon.cli(&free).exits(0);
    daemon.cli_as(&ann, &["claim", "--task", "T-1"]).exits(0);
    daemon
        .cli(&["decision", "decide", "DEC-1", "--answer", "red"])
        .exits(0);
    let error = daemon
        .cli(&[&free[..], &["--json"]].concat())
        .exits(4)
        .error();
    assert_eq!(error["reason"], "ILLEGAL_TRANSITION", "{error:#}");
    daemon.finish();
}

#[test]
fn what_was_discovered_is_put_in_other_words_until_it_is_triaged() {
    let (daemon, ann) = shop();
    let bob = daemon.agent("bob", "developer");
    daemon.cli_as(&ann, &["discover", "A cashe"]).exits(0);
    let edit = [
        "discovered",
        "edit",
        "D-1",
        "--title",
        "A cache",
        "--notes",
        "never cleared",
        "--area",
        "Speed",
        "--priority",
        "P0",
        "--json",
    ];
    let error = daemon.cli_as(&bob, &edit).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED", "{error:#}");
    let found = &daemon.cli_as(&ann, &edit).exits(0).json()["discovered"];
    assert_eq!(
        (
            &found["title"],
            &found["notes"],
            &found["area"],
            &found["priority"]
        ),
        (
            &json!("A cache"),
            &json!("never cleared"),
            &json!("Speed"),
            &json!(0)
        )
    );
    daemon.cli(&["discovered", "edit", "D-1"]).exits(2);
    daemon.cli(&["triage", "D-1", "--reject"]).exits(0);
    let late = ["discovered", "edit", "D-1", "--title", "Two", "--json"];
    let error = daemon.cli(&late).exits(4).error();
    assert_eq!(error["reason"], "ILLEGAL_TRANSITION", "{error:#}");
    daemon.finish();
}
