//! Exit codes and errors as scripts meet them.

use super::harbour;
use crate::daemon::Daemon;
use crate::process::{Output, bare};

#[test]
fn every_exit_code_is_printed_by_help() {
    let help = bare(&["help", "exit-codes"]).exits(0);
    for code in 0..=7 {
        let listed = help.stdout.lines().any(|line| {
            line.split(|one: char| !one.is_ascii_digit())
                .any(|word| word == code.to_string())
        });
        assert!(listed, "{code} is missing: {}", help.stdout);
    }
    for word in ["lease is lost", "nothing to claim"] {
        assert!(
            help.stdout.to_lowercase().contains(&word.to_lowercase()),
            "{}",
            help.stdout
        );
    }
}

#[test]
fn usage_is_2_and_a_server_that_is_not_there_is_6() {
    bare(&["explode"]).exits(2);
    bare(&["claim", "--lease", "soon"]).exits(2);
    let mut daemon = Daemon::prepared(&[]);
    let mut command = daemon.cli_command(&["task", "list", "--json"]);
    command
        .env("MUSTER_SERVER", "http://127.0.0.1:9")
        .env("MUSTER_TOKEN", "muster_a_b");
    let error = Output::of(command).exits(6).error();
    assert!(
        error["message"].as_str().unwrap().contains("127.0.0.1:9"),
        "{error:#}"
    );
    let mut command = daemon.cli_command(&["task", "list", "--json"]);
    command
        .env("MUSTER_SERVER", "not a url")
        .env("MUSTER_TOKEN", "muster_a_b");
    let output = Output::of(command);
    assert!(matches!(output.code, Some(2 | 6)), "{output:#?}");
    output.error();
    daemon.launch();
    daemon.finish();
}

#[test]
fn an_error_with_json_is_one_document_on_stderr_and_without_it_a_sentence() {
    let (daemon, ann) = harbour();
    for (arguments, code) in [
        (&["why", "T-99", "--json"][..], 1),
        (&["task", "show", "", "--json"], 2),
        (&["claim", "--task", "T-2", "--json"], 4),
        (
            &[
                "done",
                "T-1",
                "--summary",
                "s",
                "--verification",
                "v",
                "--fence",
                "5",
                "--json",
            ],
            5,
        ),
        (&["pause", "--json"], 7),
    ] {
        let error = daemon.cli_as(&ann, arguments).exits(code).error();
        assert!(
            error["message"].as_str().unwrap().len() > 10,
            "{arguments:?}: {error:#}"
        );
        let mut plain = arguments.to_vec();
        plain.pop();
        let output = daemon.cli_as(&ann, &plain).exits(code);
        assert_eq!(output.stdout, "", "{arguments:?}");
        assert!(
            output.stderr.len() > 10 && !output.stderr.starts_with('{'),
            "{output:#?}"
        );
    }
    daemon.finish();
}
