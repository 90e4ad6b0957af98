//! The guide is what happens: its commands are run in order against the built binary, and what they print is
//! compared with what stands there.

use std::collections::BTreeMap;

use super::document;
use crate::daemon::Daemon;
use crate::process::Output;

/// Lines of an output that the guide shows; of a longer one the begin.
const SHOWN_MAX: usize = 18;
const CUT: &str = "…";

/// A command of the guide: who gives it, what it is, and what is said to follow.
struct Command {
    /// The agent; none = the coordinator.
    speaker: Option<String>,
    words: Vec<String>,
    /// The lines below it, up to the next command.
    shown: Vec<String>,
}

/// A prompt and the rest of its line: `$ …` is the coordinator's, `ann$ …` an agent's.
fn prompt(line: &str) -> Option<(Option<String>, &str)> {
    let (before, rest) = line.split_once("$ ")?;
    let is_name = before.chars().all(|letter| letter.is_ascii_lowercase());
    is_name.then(|| (Some(before.to_owned()).filter(|it| !it.is_empty()), rest))
}

/// The words of a command line: quotation marks keep spaces.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut any) = (false, false);
    for letter in line.chars() {
        match letter {
            '"' => (quoted, any) = (!quoted, true),
            ' ' if !quoted => {
                if any {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            letter => {
                word.push(letter);
                any = true;
            }
        }
    }
    if any {
        words.push(word);
    }
    words
}

/// Runs one command of the guide; a registered agent's token is kept for its own commands.
fn run(daemon: &Daemon, tokens: &mut BTreeMap<String, String>, command: &Command) -> Output {
    let arguments: Vec<&str> = command.words.iter().skip(1).map(String::as_str).collect();
    let coordinator = daemon.coordinator_token();
    let token = match &command.speaker {
        None => &coordinator,
        Some(name) => &tokens[name],
    };
    let mut process = daemon.cli_command(&arguments);
    process.current_dir(env!("CARGO_MANIFEST_DIR"));
    process.env("MUSTER_TOKEN", token);
    let output = Output::of(process);
    if let ["agent", "register", name, ..] = arguments[..] {
        let token = output.stdout.split_once("MUSTER_TOKEN=");
        let token = token.and_then(|(_, rest)| rest.split_whitespace().next());
        let token = token.unwrap_or_else(|| panic!("no token: {output:#?}"));
        tokens.insert(name.to_owned(), token.to_owned());
    }
    output
}

/// Whether a word says when it was, how long it took or who may, and is another one each time.
fn is_volatile(word: &str, typed: &str) -> bool {
    let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let is_date = word.len() >= 8 && digits >= 8 && word.contains('-');
    let is_time = digits >= 3 && word.contains(':');
    let is_hash = word.len() >= 12 && digits >= 2 && word.chars().all(|it| it.is_ascii_hexdigit());
    word.contains("muster_") || ((is_date || is_time || is_hash) && !typed.contains(word))
}

/// An output as the guide shows it.
fn shown(output: &Output, typed: &str) -> Vec<String> {
    let all = format!("{}{}", output.stdout, output.stderr);
    let mut lines: Vec<String> = all
        .lines()
        .map(|line| {
            let pieces = line.split(' ').map(|word| match is_volatile(word, typed) {
                true => CUT,
                false => word,
            });
            pieces.collect::<Vec<_>>().join(" ").trim_end().to_owned()
        })
        .collect();
    if lines.len() > SHOWN_MAX {
        lines.truncate(SHOWN_MAX - 2);
        lines.push(CUT.to_owned());
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Whether a line is what the guide says, `…` standing for anything and spaces for one another.
fn fits(said: &str, found: &str) -> bool {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (said, found) = (flat(said), flat(found));
    let mut pieces = said.split(CUT);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else {
        return false;
    };
    for piece in pieces {
        let Some(place) = rest.find(piece) else {
            return false;
        };
        rest = &rest[place + piece.len()..];
    }
    rest.is_empty() || said.ends_with(CUT)
}

/// Whether an output is what the guide says; a last line `…` stands for any more of them.
fn all_fit(said: &[String], found: &[String]) -> bool {
    let full = |lines: &[String]| -> Vec<String> {
        let lines = lines.iter().filter(|line| !line.is_empty());
        lines.cloned().collect()
    };
    let (mut said, found) = (full(said), full(found));
    let is_open = said.last().is_some_and(|line| line == CUT);
    if is_open {
        said.pop();
    }
    let enough = said.len() == found.len() || is_open && said.len() < found.len();
    let mut pairs = said.iter().zip(&found);
    enough && pairs.all(|(said, found)| fits(said, found))
}

/// The blocks of the guide with what their commands print now, and the first that is said otherwise.
fn walked(page: &str) -> (String, Option<String>) {
    let daemon = Daemon::start();
    let mut tokens = BTreeMap::new();
    let mut written = String::new();
    let mut wrong = None;
    let mut lines = page.lines().peekable();
    let mut inside = false;
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        if line.starts_with("```") {
            inside = line == "```console";
        }
        let Some((speaker, mut rest)) = prompt(line).filter(|_| inside) else {
            continue;
        };
        let mut whole = String::new();
        while let Some(part) = rest.strip_suffix('\\') {
            whole.push_str(part);
            rest = lines.next().unwrap_or_default();
            written.push_str(rest);
            written.push('\n');
            rest = rest.trim_start();
        }
        whole.push_str(rest);
        let mut command = Command {
            speaker,
            words: words(&whole),
            shown: Vec::new(),
        };
        while let Some(next) = lines.next_if(|next| *next != "```" && prompt(next).is_none()) {
            command.shown.push(next.to_owned());
        }
        let output = run(&daemon, &mut tokens, &command);
        let now = shown(&output, page);
        let same = all_fit(&command.shown, &now);
        // What fits is left as it is, so that a cut made by hand stays.
        let kept = if same { &command.shown } else { &now };
        for line in kept {
            written.push_str(line);
            written.push('\n');
        }
        if !same && wrong.is_none() {
            wrong = Some(format!(
                "`{whole}` prints\n{}\nand the guide says\n{}",
                now.join("\n"),
                command.shown.join("\n")
            ));
        }
        // A blank line keeps commands apart.
        let apart = kept.last().is_none_or(|line| !line.is_empty());
        if apart && lines.peek().is_some_and(|next| prompt(next).is_some()) {
            written.push('\n');
        }
    }
    daemon.finish();
    (written, wrong)
}

#[test]
fn the_guide_is_what_happens() {
    let path = document("GUIDE.md");
    let page = std::fs::read_to_string(&path).expect("docs/GUIDE.md can be read");
    let (written, wrong) = walked(&page);
    if std::env::var_os("MUSTER_UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, written).expect("docs/ can be written");
        return;
    }
    if let Some(wrong) = wrong {
        panic!("docs/GUIDE.md is behind: {wrong}");
    }
}

#[test]
fn a_line_that_says_otherwise_is_told_from_one_that_only_leaves_something_open() {
    assert!(fits("claimed T-1 at …", "claimed T-1 at 10:04"));
    assert!(fits("… of 3   tasks", "1 of 3 tasks"));
    assert!(fits("a … c … e", "a b c d e"));
    assert!(!fits("claimed T-1 at …", "claimed T-2 at 10:04"));
    assert!(!fits("1 of 3 tasks", "1 of 3 tasks left"));
    assert!(!fits("… of 3 tasks", "1 of 4 tasks"));
}
