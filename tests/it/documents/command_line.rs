//! The reference of the command line: the help of every command as the program prints it.

use std::process::Stdio;

use super::{document, hold, hold_headings};
use crate::process::{Output, muster};

/// Columns the help is written for; the program fits it to the terminal it is asked from.
const COLUMNS: &str = "100";
/// No command stands deeper than this.
const DEPTH_MAX: usize = 4;

/// The help of a command, as a pipe gets it.
fn help(words: &[String]) -> String {
    let mut command = muster();
    command.args(words).arg("--help").env("COLUMNS", COLUMNS);
    command.stdin(Stdio::null());
    let output = Output::of(command).exits(0);
    assert_eq!(output.stderr, "", "{words:?}");
    let lines = output.stdout.lines().map(str::trim_end);
    lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// The commands that a help lists, in its order; `help` itself is none.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Every command from the root on, with its help.
fn walk(words: &[String], found: &mut Vec<(Vec<String>, String)>) {
    assert!(words.len() <= DEPTH_MAX, "{words:?}: too deep");
    let text = help(words);
    let below = commands(&text);
    found.push((words.to_vec(), text));
    for name in below {
        walk(&[words, &[name]].concat(), found);
    }
}

/// A help without its section of flags that go with every command, where that is the one of `root`.
fn without_shared(help: &str, root: &str) -> String {
    let shared = |text: &str| text.find("\n\nEverywhere:\n");
    let section = |text: &str| {
        let rest = &text[shared(text)? + 2..];
        Some(rest.split("\n\n").next().unwrap_or(rest).to_owned())
    };
    match (shared(help), section(help)) {
        (Some(at), Some(own)) if section(root).as_ref() == Some(&own) => {
            format!("{}{}", &help[..at], &help[at + 2 + own.len()..])
        }
        _ => help.to_owned(),
    }
}

fn reference() -> String {
    let mut found = Vec::new();
    walk(&[], &mut found);
    assert!(found.len() > 30, "only {} commands are found", found.len());
    let root = found[0].1.clone();
    for (_, text) in found.iter_mut().skip(1) {
        *text = without_shared(text, &root);
    }
    let mut page = String::new();
    for (words, text) in found {
        let name = [&["muster".to_owned()], words.as_slice()]
            .concat()
            .join(" ");
        page.push_str(&format!("## {name}\n\n```text\n{text}\n```\n\n"));
    }
    let exits = Output::of({
        let mut command = muster();
        command.args(["help", "exit-codes"]);
        command
    })
    .exits(0);
    let exits = exits.stdout.trim_end();
    page.push_str(&format!(
        "## muster help exit-codes\n\n```text\n{exits}\n```\n"
    ));
    page
}

#[test]
fn the_command_line_reference_is_what_the_program_says() {
    let written = reference();
    hold("CLI.md", &written);
    let page = std::fs::read_to_string(document("CLI.md")).expect("the page is there");
    hold_headings(&page);
}

#[test]
fn the_commands_of_a_help_are_those_it_lists() {
    let text = "Runs a plan\n\nUsage: muster <COMMAND>\n\nCommands:\n  claim   Claims\n          more \
                of it\n  done    Finishes\n  help    Print this\n\nOptions:\n  -h, --help\n";
    assert_eq!(commands(text), ["claim", "done"]);
    assert!(commands("Usage: muster done\n\nOptions:\n  --json  Answer\n").is_empty());
}

#[test]
fn flags_of_every_command_are_left_out_only_where_they_are_the_same() {
    let root = "Root\n\nEverywhere:\n  --json\n\nMore";
    let same = "One\n\nEverywhere:\n  --json\n\nNotes";
    assert_eq!(without_shared(same, root), "One\n\nNotes");
    assert_eq!(without_shared("One\n\nEverywhere:\n  --json", root), "One");
    let other = "One\n\nEverywhere:\n  --yaml";
    assert_eq!(without_shared(other, root), other);
}
