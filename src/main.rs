//! The program: the one root of the command line, which hands each verb to the client or to the operator's
//! part, and ends with the exit code that the answer stands for.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use muster::cli::{self, Failure, Globals, output};
use muster::operate;

// Messages are many small pieces that live briefly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SURROUNDINGS: &str = "\
Variables: MUSTER_SERVER, MUSTER_TOKEN, MUSTER_PROJECT, MUSTER_FENCE, MUSTER_CA_FILE say what the flags \
of these names say.
Exit codes: muster help exit-codes";

/// Runs a project plan for a team of AI agents and the person who coordinates them
#[derive(Debug, clap::Parser)]
#[command(name = "muster", version, after_help = SURROUNDINGS, arg_required_else_help = true)]
struct Root {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    #[command(flatten)]
    Client(cli::Verb),
    #[command(flatten)]
    Operator(operate::Verb),
}

fn main() -> ExitCode {
    operate::take_small_pages();
    let root = match Root::try_parse() {
        Ok(root) => root,
        Err(error) => return refuse(&error),
    };
    let globals = root.globals.with_variables();
    match run(root.verb, &globals) {
        Ok(()) => cli::Exit::Done.into(),
        Err(failure) => say(&failure, globals.json),
    }
}

fn run(verb: Verb, globals: &Globals) -> Result<(), Failure> {
    match verb {
        // One call at a time needs no second thread.
        Verb::Client(verb) => match verb.into_delete() {
            Ok(delete) => operate::delete(&delete, globals),
            Err(verb) => runtime(tokio::runtime::Builder::new_current_thread())?
                .block_on(cli::run(*verb, globals)),
        },
        Verb::Operator(verb) => runtime(tokio::runtime::Builder::new_multi_thread())?
            .block_on(operate::run(verb, globals)),
    }
}

fn runtime(mut builder: tokio::runtime::Builder) -> Result<tokio::runtime::Runtime, Failure> {
    builder.enable_all().build().map_err(|error| {
        let message = format!("the program cannot start: {error}");
        Failure::new(cli::Exit::Other, "START_FAILED", message)
    })
}

/// Says why a verb was not done, and gives the exit code.
fn say(failure: &Failure, as_json: bool) -> ExitCode {
    if let Some(text) = failure.render(as_json, output::stderr_has_colour()) {
        // Nothing is left to say it to when stderr is gone.
        let _unread = std::io::stderr().write_all(text.as_bytes());
    }
    failure.exit().into()
}

/// Answers a command line that is no order: help and version on stdout, wrong usage like any failure.
fn refuse(error: &clap::Error) -> ExitCode {
    let is_answer = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let as_json = std::env::args_os().any(|argument| argument == "--json");
    if is_answer || !as_json {
        // Who closes the pipe has read enough.
        let _unread = error.print();
        return if is_answer {
            cli::Exit::Done.into()
        } else {
            cli::Exit::Usage.into()
        };
    }
    let (message, help) = usage(&error.to_string());
    say(&Failure::usage(message).next(help), true)
}

/// What is wrong with a command line, and the command that explains it, from the text for people.
fn usage(text: &str) -> (String, String) {
    let text = text.trim().trim_start_matches("error: ");
    let (message, rest) = text
        .split_once("\n\nUsage: muster ")
        .or_else(|| text.split_once("\n\nFor more information"))
        .unwrap_or((text, ""));
    let words = rest
        .split_whitespace()
        .take_while(|word| word.starts_with(|first: char| first.is_ascii_lowercase()));
    let help: Vec<&str> = words.chain(["--help"]).collect();
    (message.to_owned(), help.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Root::command().debug_assert();
    }

    #[test]
    fn wrong_usage_names_what_is_wrong_and_the_help_that_explains_it() {
        let said = |words: &[&str]| {
            let error = Root::try_parse_from(words).expect_err("it is wrong usage");
            usage(&error.to_string())
        };
        let (message, help) = said(&["muster", "decision", "decide", "DEC-1"]);
        assert!(message.ends_with("--answer <ANSWER>"), "{message}");
        assert_eq!(help, "decision decide --help");
        let (message, help) = said(&["muster", "start", "T-1", "--fence", "abc"]);
        assert!(!message.contains("For more"), "{message}");
        assert_eq!(help, "--help");
        assert_eq!(said(&["muster", "frobnicate"]).1, "--help");
    }
}
