//! A workflow from its definition over its run to the one that comes next.

use super::{build, define, missing, run, shop};

#[test]
fn a_workflow_runs_from_its_inputs_to_the_next_one() {
    let (daemon, ann, quinn) = shop();
    let simple = [
        "workflow",
        "define",
        "market-validation",
        "--objective",
        "Sell it",
        "--input",
        "Codebase",
    ];
    let defined = daemon.cli(&simple).exits(0).stdout;
    assert!(defined.contains("next: muster workflow start market-validation"));
    let workflow = define(&daemon, "build.json", &build());
    // What is shown is what can be defined again.
    let again = define(&daemon, "again.json", &workflow["definition"]);
    assert_eq!(again["definition"], workflow["definition"]);
    assert_eq!(again["definitions"], 2);
    assert_eq!(again["definition"]["roles"][0]["role"], "developer");

    let started = daemon.cli(&["workflow", "start", "build-execution", "--json"]);
    let started = started.exits(0).json()["run"].clone();
    assert_eq!(started["status"], "waiting_input");
    assert_eq!(missing(&started), ["input Product spec"]);
    let inbox = daemon.cli(&["inbox"]).exits(0).stdout;
    let command = "workflow input build-execution 'Product spec' VALUE";
    assert!(inbox.contains(command), "{inbox}");
    let version = daemon.version("shop");
    let again = daemon.cli(&["workflow", "start", "build-execution", "--json"]);
    assert_eq!(again.exits(0).json()["run"]["id"], "WR-1");
    assert_eq!(daemon.version("shop"), version, "nothing changed");
    let input = [
        "workflow",
        "input",
        "WR-1",
        "product spec",
        "docs/spec.md",
        "--json",
    ];
    let running = daemon.cli(&input).exits(0).json()["run"].clone();
    assert_eq!(running["status"], "running");
    assert_eq!(running["day"], 1);
    assert_eq!(running["planned_days"], 14);

    let claim = daemon
        .cli_as(&ann, &["claim", "--start", "--json"])
        .exits(0)
        .json();
    let told = claim["brief"]["workflow"].as_str();
    assert_eq!(told, Some("build-execution: Deliver production-ready code"));
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("running, day 1 of 14"), "{standup}");
    assert!(standup.contains("developer features"), "{standup}");
    assert!(standup.contains("coordinator daily"), "{standup}");
    let fence = claim["fence"].to_string();
    let done = [
        "done",
        "T-1",
        "--fence",
        &fence,
        "--summary",
        "laid",
        "--verification",
        "walked on it",
    ];
    daemon.cli_as(&ann, &done).exits(0);
    let gating = run(&daemon, "build-execution");
    assert_eq!(gating["status"], "gating");
    let all = [
        "DL-1",
        "sign-off of qa",
        "criterion 1 of WR-1",
        "criterion 2 of WR-1",
    ];
    assert_eq!(missing(&gating), all);
    let submit = ["deliverable", "submit", "DL-1", "--artefact", "main"];
    daemon.cli_as(&ann, &submit).exits(0);
    daemon.cli(&["deliverable", "accept", "DL-1"]).exits(0);
    daemon
        .cli_as(&ann, &["gate", "metric", "beta_users", "100"])
        .exits(0);
    let attest = [
        "workflow",
        "attest",
        "WR-1",
        "2",
        "--evidence",
        "asked them",
    ];
    daemon.cli(&attest).exits(0);
    let shown = daemon.cli(&["workflow", "show", "WR-1"]).exits(0).stdout;
    assert!(shown.contains("nobody has signed (from qa)"), "{shown}");
    let sign = ["workflow", "sign", "build-execution", "--json"];
    let error = daemon.cli_as(&ann, &sign).exits(7).error();
    assert_eq!(error["reason"], "NOT_ALLOWED");
    let signed = daemon.cli_as(&quinn, &sign).exits(0).json()["run"].clone();
    assert_eq!(signed["status"], "completed");
    assert_eq!(signed["criteria"][0]["value"], "100");

    let next = run(&daemon, "market-validation");
    assert_eq!(next["status"], "pending");
    assert_eq!(next["inputs"][0]["value"], "DL-1 of WR-1: main");
    daemon
        .cli(&["workflow", "start", "market-validation"])
        .exits(0);
    let runs = daemon.cli(&["workflow", "runs", "--all"]).exits(0).stdout;
    assert!(runs.contains("WR-2"), "{runs}");
    let finish = ["workflow", "finish", "WR-2", "--note", "sold", "--json"];
    let finished = daemon.cli(&finish).exits(0).json()["run"].clone();
    assert_eq!(finished["status"], "completed");
    let list = daemon.cli(&["workflow", "list"]).exits(0).stdout;
    assert!(list.contains("market-validation"), "{list}");
    daemon.finish();
}

#[test]
fn a_task_that_elicits_waits_for_an_answer_and_hands_it_over() {
    let (daemon, ann, _) = shop();
    let add = ["task", "add", "Connect the bank", "--elicit", "Which bank?"];
    daemon.cli(&add).exits(0);
    let claim = ["claim", "--task", "T-2", "--json"];
    let error = daemon.cli_as(&ann, &claim).exits(4).error();
    assert_eq!(error["reason"], "TASK_BLOCKED");
    let answer = ["blockers", "resolve", "B-1", "--answer", "The near one"];
    daemon.cli(&answer).exits(0);
    let claimed = daemon.cli_as(&ann, &claim).exits(0).json();
    assert_eq!(claimed["brief"]["answers"][0]["answer"], "The near one");
    daemon.finish();
}
