//! The command lines that the daemon prints must exist, and the rules between flags must hold.

use clap::{CommandFactory, Parser};

use super::*;

#[derive(Debug, clap::Parser)]
#[command(name = "muster")]
struct Line {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    verb: Verb,
}

fn parse(line: &str) -> Result<Verb, clap::Error> {
    let words = words(line);
    Line::try_parse_from(std::iter::once("muster".to_owned()).chain(words)).map(|line| line.verb)
}

/// The words of a command line as a shell would take them, as far as quotes go.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in line.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            other => words.last_mut().expect("there is always one").push(other),
        }
    }
    words
}

#[test]
fn the_definition_is_sound() {
    Line::command().debug_assert();
}

/// A verb's argument of the same name as a flag for all would be read as that flag.
#[test]
fn no_verb_has_an_argument_that_hides_a_flag_for_all() {
    fn check(command: &clap::Command, flags: &[String], path: &str) {
        for below in command.get_subcommands() {
            let path = format!("{path} {}", below.get_name());
            for argument in below.get_arguments() {
                let id = argument.get_id().to_string();
                assert!(!flags.contains(&id), "`{path}` has a `{id}` of its own");
            }
            check(below, flags, &path);
        }
    }
    let root = Line::command();
    let flags: Vec<String> = root
        .get_arguments()
        .filter(|argument| argument.is_global_set())
        .map(|argument| argument.get_id().to_string())
        .collect();
    assert_eq!(flags.len(), 6, "{flags:?}");
    check(&root, &flags, "muster");
}

/// Command lines as briefs, refusals, explanations and the inbox print them.
const PRINTED: &[&str] = &[
    "agent list",
    "agent register NAME --role backend",
    "agent roles",
    "ask T-1 --fence 17 \"…\"",
    "beat T-1 --fence 17",
    "block T-1 --fence 17 --reason \"…\"",
    "blockers",
    "blockers resolve B-1 --answer …",
    "blockers resolve B-1 --resolution …",
    "claim",
    "claim --resume",
    "claim --resume --task T-1",
    "blockers open --task T-1 --kind external --reason \"IP-1 was due on 2026-11-24\"",
    "blockers open --phase 2 --kind external --reason \"IP-1 was due on 2026-11-24\"",
    "decision decide DEC-1 --answer …",
    "decision list",
    "decision open …",
    "deliverable accept DL-1",
    "deliverable list",
    "deliverable submit DL-1 --artefact …",
    "done T-1 --fence 17 --summary \"…\" --verification \"…\"",
    "done T-1 --fence 17 --summary … --verification …",
    "done T-1 --fence 17 --summary … --verification … --plans-completed",
    "gate metric error-rate VALUE",
    "integration confirm IP-1",
    "integration list --all",
    "integration show IP-1",
    "integration test IP-1 --evidence …",
    "milestone list",
    "milestone list --all",
    "milestone tick M-1 1",
    "phase close 2.1",
    "phase list",
    "phase meet 2 1 --evidence …",
    "phase reopen 2 --reason …",
    "phase show A",
    "plan import FILE",
    "plan import FILE --allow-template",
    "plan check FILE",
    "plan show",
    "progress T-1 --fence 17 --note \"…\"",
    "release T-1",
    "release T-1 --fence 17 --reason \"…\"",
    "resume",
    "agent register NAME --role ROLE --skill rust,sql",
    "assignment add AGENT --area AREA",
    "assignment list",
    "assignment list --all",
    "assignment update AS-1 --primary",
    "milestone miss M-1 --reason …",
    "window list",
    "window set ROLE --days 3-14",
    "sprint add SP-1 T-1 --reason …",
    "sprint close SP-1",
    "sprint commit SP-1",
    "sprint list --all",
    "sprint plan GOAL --start DAY --end DAY",
    "sprint show SP-1",
    "risk accept R-1 --note …",
    "risk add TEXT",
    "risk close R-1",
    "risk list",
    "risk mitigate R-1 --note …",
    "risk occur R-1 --note …",
    "rollout create NAME",
    "rollout edit RO-1 --rollback …",
    "rollout edit RO-1 --step …",
    "rollout list --all",
    "rollout rollback-tested RO-1 --evidence …",
    "rollout show RO-1",
    "rollout start RO-1",
    "rollout step RO-1",
    "rollout step RO-1 2",
    "rollout succeed RO-1",
    "rollout succeed RO-1 --attest 1 --evidence …",
    "task ref add T-1 iplan NAME",
    "task ref list T-1",
    "session end S-1",
    "session end S-1 --carry",
    "session end S-1 --release",
    "session list",
    "session start",
    "session start --another",
    "start T-1 --fence 17",
    "task list",
    "task reinstate T-1",
    "task reopen T-1 --reason …",
    "task show T-1",
    "token list",
    "triage",
    "triage D-1 --promote",
    "why T-1",
];

#[test]
fn every_command_line_that_the_daemon_prints_exists() {
    for line in PRINTED {
        if let Err(error) = parse(line) {
            panic!("muster {line}\n{error}");
        }
    }
}

/// The text of every string literal that follows `opening` (and perhaps `format!(`) in a source text.
fn literals_after(source: &str, opening: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in source.split(opening).skip(1) {
        let rest = rest.trim_start();
        let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
        let Some(literal) = rest.strip_prefix('"') else {
            continue;
        };
        let mut text = String::new();
        let mut characters = literal.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => text.extend(characters.next()),
                other => text.push(other),
            }
        }
        found.push(text);
    }
    found
}

/// A template of a command line with its holes filled.
fn filled(template: &str) -> String {
    let mut line = String::new();
    let mut hole: Option<String> = None;
    for character in template.chars() {
        match (&mut hole, character) {
            (None, '{') => hole = Some(String::new()),
            (Some(name), '}') => {
                // A hole right behind a word stands for further words.
                let is_glued = line.chars().last().is_some_and(|before| before != ' ');
                let word = match name.as_str() {
                    "verb" => "--answer",
                    _ => "1",
                };
                if !is_glued {
                    line.push_str(word);
                }
                hole = None;
            }
            (Some(name), other) => name.push(other),
            (None, other) => line.push(other),
        }
    }
    line
}

fn sources(folder: &std::path::Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            // What tests feed to tests is no command line.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            texts.push(code.to_owned());
        }
    }
}

#[test]
fn every_command_line_in_the_rules_exists() {
    let mut texts = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in ["plan", "api"] {
        sources(&root.join(folder), &mut texts);
    }
    let mut seen = 0;
    for text in &texts {
        let openings = [".next(", "command: ", "next: "];
        for template in openings
            .iter()
            .flat_map(|opening| literals_after(text, opening))
        {
            let line = filled(&template);
            if line.trim().is_empty() {
                continue;
            }
            seen += 1;
            if let Err(error) = parse(&line) {
                panic!("`{template}` was read as `muster {line}`\n{error}");
            }
        }
    }
    assert!(seen > 40, "only {seen} command lines were found");
}

fn refused(line: &str) {
    assert!(parse(line).is_err(), "muster {line}");
}

fn taken(line: &str) {
    if let Err(error) = parse(line) {
        panic!("muster {line}\n{error}");
    }
}

#[test]
fn flags_that_exclude_or_need_each_other_are_held_to_it() {
    refused("triage D-1");
    refused("triage --promote");
    refused("triage D-1 --promote --reject");
    refused("triage D-1 --reject --phase 2");
    refused("triage D-1 --all");
    taken("triage D-1 --duplicate-of T-3 --note known");
    taken("triage D-1 --promote --phase 2 --role qa --priority P1 --depends-on T-1,phase:2");
    taken("triage --all --limit 5");
    refused("token create");
    refused("token create --agent a --observer b");
    refused("token create --agent a --all-projects");
    taken("token create --observer b --all-projects");
    refused("session end --release --carry");
    refused("blockers resolve B-1");
    taken("blockers resolve B-1 --withdraw");
    refused("blockers open --reason x");
    taken("blockers open --phase 2 --reason x");
    taken("blockers --all --json");
    taken("blockers list --task T-1");
    refused("standup --markdown --json");
    taken("standup --since 2d --markdown");
    refused("standup --since yesterday");
    taken("standup --as-of 2026-11-24 --since 2d");
    taken("board --as-of v12");
    taken("blockers --all --as-of 12");
    taken("plan show --as-of 2026-11-24T09:00Z");
    refused("board --as-of yesterday");
    refused("claim --wait soon");
    taken("claim --role backend --wait 30s --start --lease 45m --session S-1 --model m");
    refused("progress T-1");
    refused("progress T-1 --note x --percent 101");
    refused("agent register dev-1");
    refused("phase edit 2");
    refused("task cancel T-1");
    taken("task depend T-1 T-2 phase:2 all-above");
    refused("task depend T-1");
    taken("task waive T-1 all-above --reason x");
    taken(
        "task add Title --id SETUP-01 --estimate \"2 sessions\" --acceptance one --acceptance two",
    );
    taken("task list --status in_progress,completed --ready --limit 3");
    refused("task list --status done");
    taken("done T-1 --tests-passed 98 --evidence a --evidence b --technologies rust,sql");
    refused("milestone add Beta --date 2026-11-24 --week 2");
    taken("milestone add Beta --week 2 --phases 1,2 --tasks T-1 --deliverables DL-1 --item tested");
    taken("milestone update M-1 --date 2026-11-24 --launch true");
    refused("milestone reach M-1");
    refused("milestone miss M-1");
    taken("assignment add dev-1 --area api --backup");
    taken("assignment add dev-1 --task T-1");
    refused("assignment add dev-1");
    refused("assignment add dev-1 --area api --task T-1");
    refused("assignment update AS-1");
    refused("assignment update AS-1 --primary --backup");
    taken("assignment remove AS-1 --reason moved");
    taken("window set qa --weeks 2 --phase 1");
    taken("window set qa --always");
    refused("window set qa");
    refused("window set qa --days 1-2 --always");
    refused("window set qa --days soon");
    taken("window remove qa");
    taken("phase edit 1 --days 1-3 --ordering table");
    taken("phase edit 1 --no-window");
    refused("phase edit 1 --days 1-3 --no-window");
    refused("phase edit 1 --weeks 1-2 --days 1-3");
    taken("agent show dev-1");
    taken("sprint plan Sell --start 2026-11-02 --end 2026-11-15 --tasks T-1,T-2");
    refused("sprint plan Sell --start 2026-11-02");
    taken("sprint commit SP-1 T-1 T-2");
    refused("sprint add SP-1");
    taken("sprint remove SP-1 T-1 --reason x");
    taken("sprint close SP-1 --carry-to next");
    taken("project edit --sprint-only true --commitment-guard refuse");
    taken("project edit --required-references req,IPLAN");
    refused("project edit --required-references novel");
    taken("integration add Pay --from T-1 --to phase:2 --protocol gRPC");
    taken("integration add Pay --system Bank --needed-by T-1 --due 2026-11-24");
    refused("integration add Pay");
    refused("integration add Pay --from T-1");
    refused("integration add Pay --from T-1 --to phase:");
    refused("integration add Pay --from T-1 --to T-2 --system Bank --needed-by T-1");
    refused("integration test IP-1");
    taken("integration fail IP-1 --reason x --tasks T-1,T-2 --phase 2");
    taken("rollout create Two --step one --step two --rollback back --success Calm");
    refused("rollout succeed RO-1 --attest 1");
    taken("rollout fail RO-1 --reason x --tasks T-1");
    refused("rollout roll-back RO-1");
    taken("task ref add T-1 IPLAN IPLAN-03 --status in_progress");
    taken("task reference status T-1 IPLAN-03 completed --fence 17");
    refused("task ref add T-1 novel N-1");
    refused("risk mitigate R-1");
    taken("risk occur R-1 --note x --tasks T-1,T-2 --phase 2");
    taken("risk add Slow --kind schedule --impact high --impact-days 5 --likelihood low");
    refused("deliverable submit DL-1");
    refused("deliverable add Manual --phase 1 --task T-1");
    refused("deliverable reject DL-1");
    taken("log --follow --after 3");
}

#[test]
fn only_agents_verbs_speak_for_an_agent() {
    for line in PRINTED {
        let agents = [
            "session", "claim", "start", "beat", "progress", "done", "release", "block", "ask",
            "discover",
        ];
        let first = line.split(' ').next().unwrap();
        let expected = if agents.contains(&first) {
            Speaker::Agent
        } else {
            Speaker::Coordinator
        };
        assert_eq!(parse(line).unwrap().speaker(), expected, "{line}");
    }
    assert_eq!(parse("discover x").unwrap().speaker(), Speaker::Agent);
}

#[test]
fn help_exit_codes_prints_the_table_and_nothing_else() {
    let error = Line::try_parse_from(["muster", "help", "exit-codes"]).unwrap_err();
    assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp);
    assert_eq!(error.to_string().trim_end(), exit::table().trim_end());
}

#[test]
fn no_secret_is_shown_by_help() {
    let error = Line::try_parse_from(["muster", "--help"]).unwrap_err();
    assert!(!error.to_string().contains("MUSTER_TOKEN="));
}
