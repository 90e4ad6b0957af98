//! Commands of gate runs: outside of everything else, and run again after a restart.

use super::{settles, two_phases, with_commands};

#[test]
fn a_command_judges_by_exit_code_and_number() {
    let daemon = with_commands(&[
        (
            "cover",
            "echo coverage: 80.5 percent",
            "number_after = \"coverage:\"",
        ),
        ("broken", "echo it burns; exit 3", ""),
    ]);
    two_phases(&daemon);
    let define = [
        "gate",
        "define",
        "Solid",
        "--whole-project",
        "--criterion",
        "Coverage: command cover, coverage > 80",
    ];
    daemon.cli(&define).exits(0);
    daemon.cli(&["gate", "run", "Solid"]).exits(0);
    let gate = settles(&daemon, "Solid", "passed");
    assert_eq!(gate["newest_run"]["results"][0]["value"], "80.5");
    let metrics = daemon.cli(&["gate", "metrics", "--json"]).exits(0).json();
    assert_eq!(metrics["metrics"][0]["value"], "80.5");
    let define = [
        "gate",
        "define",
        "Burns",
        "--whole-project",
        "--criterion",
        "Tests: command broken",
        "--criterion",
        "~Lint: command unheard-of",
        "--json",
    ];
    let defined = daemon.cli(&define).exits(0).json();
    let warning = defined["warnings"][0].as_str().expect("a warning");
    assert!(warning.contains("[gates.commands.unheard-of]"), "{warning}");
    daemon.cli(&["gate", "run", "Burns"]).exits(0);
    let gate = settles(&daemon, "Burns", "failed");
    let results = &gate["newest_run"]["results"];
    let evidence = results[0]["evidence"].as_str().expect("evidence");
    assert_eq!(evidence, "exit code 3\nit burns");
    assert_eq!(results[1]["passed"], false);
    daemon.finish();
}

#[test]
fn a_command_that_hangs_keeps_nobody_waiting_and_is_killed_at_its_time() {
    let daemon = with_commands(&[("hangs", "sleep 600", "timeout_ms = 1500")]);
    let ann = two_phases(&daemon);
    let define = [
        "gate",
        "define",
        "Slow",
        "--daily",
        "--criterion",
        "Tests: command hangs",
    ];
    daemon.cli(&define).exits(0);
    daemon.cli(&["gate", "run", "Slow"]).exits(0);
    daemon.cli_as(&ann, &["claim"]).exits(0);
    let gate = settles(&daemon, "Slow", "failed");
    let evidence = &gate["newest_run"]["results"][0]["evidence"];
    assert_eq!(evidence, "killed after 1500 ms");
    daemon.finish();
}

#[test]
fn a_command_under_way_when_the_daemon_dies_is_run_again() {
    // Hangs the first time, ends the second.
    let script = "test -e ran && exit 0; touch ran; sleep 20";
    let mut daemon = with_commands(&[("once", script, "")]);
    two_phases(&daemon);
    let define = [
        "gate",
        "define",
        "Twice",
        "--daily",
        "--criterion",
        "Tests: command once",
    ];
    daemon.cli(&define).exits(0);
    daemon.cli(&["gate", "run", "Twice"]).exits(0);
    for _ in 0..600 {
        if daemon.home().join("ran").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(
        daemon.home().join("ran").exists(),
        "the command never began"
    );
    daemon.kill9();
    daemon.launch();
    settles(&daemon, "Twice", "passed");
    daemon.finish();
}

#[test]
fn a_run_of_commands_keeps_the_commit_it_judged() {
    let daemon = with_commands(&[
        ("tests", "exit 0", ""),
        (
            "head",
            "echo 4f2a9c1; echo more",
            "[gates]\ncommit = \"head\"",
        ),
    ]);
    two_phases(&daemon);
    let define = [
        "gate",
        "define",
        "Solid",
        "--whole-project",
        "--criterion",
        "Tests: command tests",
    ];
    daemon.cli(&define).exits(0);
    daemon.cli(&["gate", "run", "Solid"]).exits(0);
    let gate = settles(&daemon, "Solid", "passed");
    assert_eq!(gate["newest_run"]["commit"], "4f2a9c1", "{gate:#}");
    daemon.finish();
}

#[test]
fn a_phase_shows_its_gate_and_an_agent_is_told_what_runs_when_it_is_done() {
    let daemon = with_commands(&[("tests", "exit 0", "")]);
    let ann = two_phases(&daemon);
    let before_phase = [
        "gate",
        "define",
        "Solid",
        "--phase",
        "1",
        "--criterion",
        "Handed over: all-deliverables-accepted",
    ];
    daemon.cli(&before_phase).exits(0);
    let before_done = [
        "gate",
        "define",
        "Tested",
        "--on-completion",
        "--criterion",
        "Tests: command tests",
    ];
    daemon.cli(&before_done).exits(0);
    let shown = daemon.cli(&["phase", "show", "1"]).exits(0);
    assert!(shown.stdout.contains("[ ] G-1 Solid"), "{shown:#?}");
    let claimed = daemon.cli_as(&ann, &["claim", "--json"]).exits(0).json();
    let brief = claimed["brief"]["checks"].to_string();
    assert!(brief.contains("tests (G-2)"), "{brief}");
    daemon.finish();
}
