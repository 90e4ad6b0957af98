//! Commands that end well, badly, loudly or never, run for real.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{CommandSpec, Commands, CommandsOptions};
use crate::plan::command::CommandOutcome;

fn shell(script: &str) -> CommandSpec {
    CommandSpec {
        program: "/bin/sh".to_owned(),
        arguments: vec!["-c".to_owned(), script.to_owned()],
        working_directory: "/".into(),
        timeout: Duration::from_secs(60),
        output_bytes: 65_536,
        number_after: String::new(),
    }
}

async fn run(spec: CommandSpec) -> CommandOutcome {
    let commands = Commands::new(CommandsOptions {
        specs: BTreeMap::from([("it".to_owned(), spec)]),
        parallel: 1,
        environment: vec![("GREETING".to_owned(), "hello".into())],
        commit: None,
    });
    commands.run("it").await
}

fn is_alive(id: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = state.rsplit_once(") ").map_or("", |(_, rest)| rest);
    !state.is_empty() && !state.starts_with('Z')
}

async fn dies(id: &str) {
    for _ in 0..200 {
        if !is_alive(id) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("process {id} lives on");
}

#[tokio::test]
async fn a_command_is_judged_by_its_exit_code_and_its_output_is_kept() {
    let good = run(shell("echo fine; echo 'coverage: 80.50%' >&2")).await;
    assert!(good.succeeded, "{good:?}");
    assert_eq!(&*good.ended, "exit code 0");
    assert!(good.output.contains("fine") && good.output.contains("80.50%"));
    assert_eq!(good.number, None);
    let bad = run(shell("echo broken; exit 3")).await;
    assert!(!bad.succeeded);
    assert_eq!((&*bad.ended, &*bad.output), ("exit code 3", "broken"));
}

#[tokio::test]
async fn what_a_command_is_fed_ends_and_need_not_be_read() {
    let input = "x".repeat(300_000).into_bytes();
    let counted = shell("wc -c").run_fed(&[], Some(input.clone())).await;
    assert_eq!(
        (&*counted.outcome.output, counted.code),
        ("300000", Some(0))
    );
    let deaf = shell("exit 65").run_fed(&[], Some(input.clone())).await;
    assert_eq!(deaf.code, Some(65));
    // It writes more than a pipe holds before it reads anything.
    let loud = "yes | head -c 300000; wc -c";
    let loud = shell(loud).run_fed(&[], Some(input)).await;
    assert!(loud.outcome.output.ends_with("300000"), "{loud:?}");
    let unfed = shell("wc -c").run_fed(&[], None).await;
    assert_eq!(&*unfed.outcome.output, "0");
}

#[tokio::test]
async fn the_number_stands_behind_its_word() {
    let measured = CommandSpec {
        number_after: "coverage:".to_owned(),
        ..shell("echo 'coverage: 80.50%'")
    };
    let outcome = run(measured).await;
    assert_eq!(outcome.number, "80.5".parse().ok());
}

#[tokio::test]
async fn the_environment_is_what_was_given_and_nothing_else() {
    let outcome = run(shell("/usr/bin/env; cat")).await;
    assert!(
        outcome.output.contains("GREETING=hello"),
        "{}",
        outcome.output
    );
    assert!(!outcome.output.contains("CARGO"), "{}", outcome.output);
    assert!(!outcome.output.contains("HOME="), "{}", outcome.output);
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_with_all_it_started() {
    let hangs = CommandSpec {
        timeout: Duration::from_millis(700),
        ..shell("sleep 600 & echo $! ; echo $$ ; sleep 600")
    };
    let outcome = run(hangs).await;
    assert!(!outcome.succeeded);
    assert_eq!(&*outcome.ended, "killed after 700 ms");
    let ids: Vec<&str> = outcome.output.lines().collect();
    assert_eq!(ids.len(), 2, "{outcome:?}");
    for id in ids {
        dies(id).await;
    }
}

#[tokio::test]
async fn what_a_command_leaves_behind_ends_with_it() {
    let outcome = run(shell("sleep 600 & echo $!")).await;
    assert!(outcome.succeeded, "{outcome:?}");
    dies(&outcome.output).await;
}

#[tokio::test]
async fn a_command_whose_caller_goes_away_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("id");
    let script = format!("echo $$ > {}; sleep 600", file.display());
    let running = tokio::spawn(run(shell(&script)));
    let id = loop {
        let id = std::fs::read_to_string(&file).unwrap_or_default();
        if id.ends_with('\n') {
            break id.trim().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    running.abort();
    dies(&id).await;
}

#[tokio::test]
async fn a_flood_is_bounded_and_its_end_is_kept() {
    let floods = CommandSpec {
        output_bytes: 4096,
        ..shell("head -c 20000000 /dev/zero | tr '\\0' x; printf '\\033[2Jthe end'")
    };
    let outcome = run(floods).await;
    assert!(outcome.succeeded, "{}", outcome.ended);
    assert!(outcome.output.len() <= 2048, "{}", outcome.output.len());
    assert!(outcome.output.ends_with("[2Jthe end"));
    assert!(!outcome.output.contains('\u{1b}'));
    let for_ever = CommandSpec {
        timeout: Duration::from_millis(500),
        ..shell("yes")
    };
    let outcome = run(for_ever).await;
    assert_eq!(&*outcome.ended, "killed after 500 ms");
}

#[tokio::test]
async fn a_command_that_dies_by_a_signal_fails_and_says_so() {
    let outcome = run(shell("kill -9 $$")).await;
    assert!(!outcome.succeeded);
    assert_eq!(&*outcome.ended, "killed by signal 9");
}

#[tokio::test]
async fn what_cannot_be_started_fails_and_says_so() {
    let missing = CommandSpec {
        program: "/nowhere/at-all".to_owned(),
        ..shell("")
    };
    let outcome = run(missing).await;
    assert!(!outcome.succeeded);
    assert!(
        outcome.ended.contains("/nowhere/at-all cannot be started"),
        "{}",
        outcome.ended
    );
    let commands = Commands::new(CommandsOptions {
        specs: BTreeMap::new(),
        parallel: 1,
        environment: Vec::new(),
        commit: None,
    });
    let outcome = commands.run("lint").await;
    assert!(
        outcome.ended.contains("[gates.commands.lint]"),
        "{}",
        outcome.ended
    );
    assert!(!outcome.succeeded && !commands.knows("lint"));
}

#[tokio::test]
async fn at_most_so_many_run_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let lock = folder.path().join("lock").display().to_string();
    // A second one at the same time fails.
    let alone = shell(&format!("mkdir {lock} && sleep 0.1 && rmdir {lock}"));
    let commands = Commands::new(CommandsOptions {
        specs: BTreeMap::from([("alone".to_owned(), alone)]),
        parallel: 1,
        environment: vec![("PATH".to_owned(), "/usr/bin:/bin".into())],
        commit: None,
    });
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let commands = commands.clone();
        running.spawn(async move { commands.run("alone").await });
    }
    for outcome in running.join_all().await {
        assert!(outcome.succeeded, "{outcome:?}");
    }
}
