//! Whose token a command uses: an agent's verbs never take the coordinator's by themselves.

use std::process::Command;

use super::harbour;
use crate::daemon::Daemon;
use crate::process::{Output, clean};

/// A daemon whose files lie where a command looks for them by itself.
fn at_home() -> Daemon {
    let mut daemon = Daemon::prepared(&[]);
    let home = daemon.home().join("nobody/.local/state");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(daemon.data_dir()).unwrap();
    std::os::unix::fs::symlink(daemon.data_dir(), home.join("muster")).unwrap();
    daemon.launch();
    daemon.import("harbour.md", super::HARBOUR);
    daemon
}

#[test]
fn agent_verbs_never_use_the_coordinators_token() {
    let daemon = at_home();
    let version = daemon.version("");
    for arguments in [
        &["claim", "--json"][..],
        &["claim", "--task", "T-1", "--start", "--json"],
        &[
            "done",
            "T-1",
            "--summary",
            "s",
            "--verification",
            "v",
            "--fence",
            "1",
            "--json",
        ],
        &["session", "start", "--json"],
        &["release", "T-1", "--fence", "1", "--json"],
    ] {
        let output = Output::of(daemon.cli_command(arguments)).exits(7);
        output.error();
        // Not even when it is handed to them.
        daemon.cli(arguments).exits(7).error();
    }
    assert_eq!(daemon.version(""), version);
    daemon.finish();
}

#[test]
fn only_at_a_terminal_the_coordinators_token_is_found_by_itself() {
    let daemon = at_home();
    let output = Output::of(daemon.cli_command(&["task", "list", "--json"]));
    output.exits(7).error();
    let Some(listed) = at_a_terminal(&daemon, "task list") else {
        println!("skipped");
        return daemon.finish();
    };
    assert!(
        listed.stdout.contains("Lay out the berth grid"),
        "{listed:#?}"
    );
    let claimed = at_a_terminal(&daemon, "claim").expect("it ran before");
    assert!(
        !claimed.stdout.contains("Lay out the berth grid"),
        "{claimed:#?}"
    );
    let list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    assert_eq!(list["tasks"][0]["status"], "planned");
    daemon.finish();
}

/// Runs a command at a terminal of its own; none where `script` is missing.
fn at_a_terminal(daemon: &Daemon, arguments: &str) -> Option<Output> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("script").is_file()) {
        return None;
    }
    let mut command = clean(Command::new("script"));
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_muster"));
    command
        .args(["-qec", &line, "/dev/null"])
        .env("MUSTER_SERVER", daemon.url())
        .env("HOME", daemon.home().join("nobody"))
        .env_remove("XDG_STATE_HOME");
    Some(Output::of(command))
}

#[test]
fn tokens_are_made_listed_and_revoked_by_command() {
    let (daemon, _) = harbour();
    let create = ["token", "create", "--observer", "eve", "--json"];
    let made = daemon.cli(&create).exits(0).json();
    let token = made["token"].as_str().expect("a token").to_owned();
    daemon
        .cli_with(&token, &["task", "list", "--json"])
        .exits(0);
    daemon
        .cli_with(&token, &["pause", "--json"])
        .exits(7)
        .error();
    let listed = daemon.cli(&["token", "list", "--json"]).exits(0);
    assert!(
        listed.stdout.contains("eve") && !listed.stdout.contains(&token),
        "{listed:#?}"
    );
    let id = token.split('_').nth(1).expect("the public part").to_owned();
    daemon.cli(&["token", "revoke", &id, "--json"]).exits(0);
    daemon
        .cli_with(&token, &["task", "list", "--json"])
        .exits(7)
        .error();
    daemon.finish();
}
