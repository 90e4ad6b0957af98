//! docs/OPERATIONS.md says what is there: every command it names exists with the flags it gives, every figure
//! it names is served and every one served is named, every line of the log it quotes is written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::metrics::{scrape, started};
use crate::process::bare;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is not there"))
}

fn page() -> String {
    read("docs/OPERATIONS.md")
}

/// The spans and the lines of blocks that are written as code.
fn code(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (place, part) in page.split("```").enumerate() {
        if place % 2 == 1 {
            found.extend(part.lines().skip(1).map(str::to_owned));
        } else {
            let spans = part.split('`').skip(1).step_by(2);
            found.extend(spans.map(str::to_owned));
        }
    }
    found
}

/// The words of a command line that name a command, and its flags.
fn command(line: &str) -> Option<(Vec<&str>, Vec<&str>)> {
    let rest = line.strip_prefix("muster ")?;
    let is_name = |word: &&str| {
        word.chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '-')
    };
    let words: Vec<&str> = rest
        .split_whitespace()
        .take_while(|word| !word.starts_with('-') && is_name(word))
        .collect();
    let flags = rest
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    (!words.is_empty()).then(|| (words, flags.collect()))
}

/// What the README says is not there yet.
fn planned() -> String {
    let readme = read("README.md");
    let (_, rest) = readme
        .split_once("## What is not there yet")
        .unwrap_or_default();
    let (section, _) = rest.split_once("\n## ").unwrap_or((rest, ""));
    section.to_owned()
}

/// What is wrong with a command that a page names.
fn fault(line: &str, planned: &str) -> Option<String> {
    let (words, flags) = command(line)?;
    let mut arguments = words.clone();
    arguments.push("--help");
    let help = bare(&arguments);
    if help.code != Some(0) {
        let name = words.join(" ");
        let is_planned = planned.contains(&format!("`{name}`"));
        return (!is_planned).then(|| format!("no command is called `muster {name}`"));
    }
    let missing = flags.into_iter().find(|flag| !help.stdout.contains(flag));
    missing.map(|flag| format!("`{line}`: there is no {flag}"))
}

#[test]
fn every_command_named_is_there_with_its_flags() {
    let (page, planned) = (page(), planned());
    let lines = code(&page);
    let named = lines.iter().filter(|line| command(line).is_some()).count();
    assert!(named > 15, "{named} commands are named");
    let deploy = read("deploy/README.md");
    for line in lines.iter().chain(&code(&deploy)) {
        assert_eq!(fault(line, &planned), None);
    }
    for wrong in [
        "muster frobnicate",
        "muster token lists",
        "muster serve --colour",
    ] {
        assert!(fault(wrong, &planned).is_some(), "{wrong} passes");
    }
}

/// The figures that a page names.
fn figures(page: &str) -> BTreeSet<String> {
    let spans = code(page).into_iter();
    let names = spans.map(|span| span.split('{').next().unwrap_or_default().to_owned());
    names
        .filter(|name| name.starts_with("muster_") || name.starts_with("process_"))
        .collect()
}

#[test]
fn every_figure_named_is_served_and_every_one_served_is_named() {
    let daemon = started("");
    let served: BTreeSet<String> = scrape(&daemon)
        .families
        .iter()
        .map(|(name, kind)| match kind.as_str() {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => name.clone(),
        })
        .collect();
    assert!(served.len() > 25, "{served:?}");
    assert_eq!(figures(&page()), served);
    daemon.finish();
}

/// The pieces of the log lines that a page quotes; a dash of three dots stands for what differs.
fn quoted(page: &str) -> Vec<String> {
    let texts = page.split("log: \"").skip(1);
    let texts = texts.filter_map(|rest| rest.split_once('"'));
    texts
        .flat_map(|(text, _)| text.split('…'))
        .map(|piece| piece.trim().to_owned())
        .filter(|piece| piece.len() > 2)
        .collect()
}

fn source(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("src/ is there");
    let mut all = String::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.push_str(&source(&path));
        } else {
            all.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
    all
}

#[test]
fn every_line_of_the_log_that_is_quoted_is_written() {
    let source = source(&root().join("src"));
    let pieces = quoted(&page());
    assert!(pieces.len() > 5, "{pieces:?}");
    for piece in pieces {
        assert!(source.contains(&piece), "nothing writes {piece:?}");
    }
}
