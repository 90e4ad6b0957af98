//! The documents say what the code does: the references of interface and command line are written from
//! what they describe, and every reason has its entry.

mod command_line;
mod guide;
mod interface;

use std::path::PathBuf;

use muster::plan::refusal::{Class, Reason};

/// What stands above this line in a page is kept by hand; what follows is written by its test.
const MARKER: &str = "<!-- Written by a test from here on: MUSTER_UPDATE_DOCUMENTS=1 cargo test --test it \
                      documents -->\n";

fn document(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name)
}

/// A page as it should be: its introduction as it stands, then what was written for it.
fn joined(page: &str, written: &str) -> String {
    let introduction = page.split(MARKER).next().unwrap_or_default();
    format!("{introduction}{MARKER}\n{written}")
}

/// Holds a page of docs/ to what is written for it now, or writes it where that is asked for.
#[track_caller]
fn hold(name: &str, written: &str) {
    let path = document(name);
    let found = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let wanted = joined(&found, written);
    if std::env::var_os("MUSTER_UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, &wanted).expect("docs/ can be written");
        return;
    }
    let mut lines = (1..).zip(found.lines().zip(wanted.lines()));
    let first = lines.find(|(_, (found, wanted))| found != wanted);
    assert!(
        found == wanted,
        "docs/{name} is behind, first at {first:?}; write it with MUSTER_UPDATE_DOCUMENTS=1 cargo test \
         --test it documents"
    );
}

/// Holds the links of a page to its own headings.
#[track_caller]
fn hold_headings(page: &str) {
    let headings: Vec<String> = page
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect();
    for (nth, heading) in headings.iter().enumerate() {
        assert!(!headings[..nth].contains(heading), "two headings {heading}");
    }
    for link in page.split("](#").skip(1) {
        let target = link.split(')').next().unwrap_or_default();
        assert!(
            headings.iter().any(|heading| heading == target),
            "#{target} leads nowhere"
        );
    }
}

#[test]
fn a_written_page_keeps_its_introduction_and_nothing_else() {
    let page = format!("By hand.\n{MARKER}\nold\n");
    let now = format!("By hand.\n{MARKER}\nnew\n");
    assert_eq!(joined(&page, "new\n"), now);
    assert_eq!(joined(&now, "new\n"), now);
    assert_eq!(joined("By hand.\n", "new\n"), now);
}

/// The gRPC code and the exit code of a class, as docs/ERRORS.md writes them.
fn codes(class: Class) -> &'static str {
    match class {
        Class::InvalidArgument => "`INVALID_ARGUMENT` · exit 2.",
        Class::NotFound => "`NOT_FOUND` · exit 1.",
        Class::AlreadyExists => "`ALREADY_EXISTS` · exit 4.",
        Class::FailedPrecondition => "`FAILED_PRECONDITION` · exit 4.",
        Class::LeaseLost => "`FAILED_PRECONDITION` · exit 5.",
        Class::PermissionDenied => "`PERMISSION_DENIED` · exit 7.",
        Class::ResourceExhausted => "`RESOURCE_EXHAUSTED` · exit 4.",
        Class::Aborted => "`ABORTED` · exit 1.",
        Class::Nothing => "`OK (an answer)` · exit 3.",
    }
}

/// Whether some source file says a reason by name.
fn is_said_somewhere(reason: &str) -> bool {
    fn said_below(folder: &std::path::Path, quoted: &str) -> bool {
        let entries = std::fs::read_dir(folder).expect("src/ is there");
        entries.flatten().any(|entry| {
            let path = entry.path();
            if path.is_dir() {
                said_below(&path, quoted)
            } else {
                std::fs::read_to_string(&path).is_ok_and(|text| text.contains(quoted))
            }
        })
    }
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    said_below(&source, &format!("\"{reason}\""))
}

#[test]
fn every_place_a_requirement_names_is_there() {
    let page = std::fs::read_to_string(document("REQUIREMENTS.md")).expect("the page is there");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let places: Vec<&str> = page.split('`').skip(1).step_by(2).collect();
    let places = places
        .into_iter()
        .filter(|place| place.contains('/') && !place.contains(' '));
    for place in places {
        assert!(root.join(place).exists(), "{place} is not there");
    }
}

#[test]
fn every_reason_has_an_entry_with_its_codes_and_no_entry_is_left_over() {
    let page = std::fs::read_to_string(document("ERRORS.md")).expect("docs/ERRORS.md is there");
    let entries: Vec<(&str, &str)> = page
        .split("\n### ")
        .skip(1)
        .filter_map(|entry| entry.split_once("\n\n"))
        .collect();
    for reason in Reason::ALL {
        let entry = entries.iter().find(|(name, _)| *name == reason.code());
        let (_, words) = entry.unwrap_or_else(|| panic!("no entry for {}", reason.code()));
        assert!(
            words.starts_with(codes(reason.class())),
            "{}: {words}",
            reason.code()
        );
        assert!(
            words.trim().len() > codes(reason.class()).len() + 40,
            "{}",
            reason.code()
        );
    }
    let others = [
        "REQUEST_ID_REUSED",
        "UNAUTHENTICATED",
        "OVERLOADED",
        "DRAINING",
        "STORE_FULL",
        "STORE_READ_ONLY",
        "OUTCOME_UNKNOWN",
        "STORE_CORRUPT",
        "STORE_UNREADABLE",
        "INTERNAL",
        "MALFORMED_REQUEST",
        "UNIMPLEMENTED",
        "TRANSPORT",
        "UNREADABLE_FILE",
        "TEMPLATE",
        "NO_TASKS",
        "USAGE",
        "CANNOT_CONNECT",
        "CONFIG_INVALID",
        "PATH_INVALID",
        "START_FAILED",
        "SERVER_FAILED",
        "PLAN_UNREADABLE",
        "NO_RANDOM_BYTES",
        "BACKUP_RUNNING",
        "NO_ROOM",
        "DEADLINE_EXCEEDED",
        "FILE_EXISTS",
        "BACKUP_CUT_OFF",
        "BACKUP_DAMAGED",
        "BACKUP_UNWRITTEN",
        "BACKUP_UNUSABLE",
        "DIRECTORY_NOT_EMPTY",
        "RESTORE_FAILED",
        "CONFIRMATION_MISSING",
        "CONFIRMATION_WRONG",
        "DELETE_REFUSED",
        "DELETE_UNFINISHED",
        "INTERRUPTED",
    ];
    for name in others {
        assert!(
            entries.iter().any(|(entry, _)| *entry == name),
            "no entry for {name}"
        );
        assert!(is_said_somewhere(name), "nothing in src/ says {name}");
    }
    for (name, _) in entries {
        let known = Reason::ALL.iter().any(|reason| reason.code() == name);
        assert!(known || others.contains(&name), "{name} is no reason");
    }
}
