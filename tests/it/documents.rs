//! The documents say what the code does: the interface's reference is written from the descriptors, and
//! every reason has its entry.

use std::fmt::Write as _;
use std::path::PathBuf;

use muster::plan::refusal::{Class, Reason};
use muster_proto::v1::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};

fn document(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name)
}

/// The comment above the thing at `path` of a file, on one line.
fn comment(file: &FileDescriptorProto, path: &[i32]) -> String {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let found = locations.filter(|location| location.path == path);
    let text: String = found
        .filter_map(|location| location.leading_comments.as_deref())
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn api_reference() -> String {
    const SERVICES: i32 = 6;
    const METHODS: i32 = 2;
    let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET)
        .expect("our own descriptors")
        .file;
    let mut page = String::from(
        "# Interface\n\nEverything Muster does is reached through these gRPC services of package `muster.v1`; the command line\n\
         is a client of them. Messages and fields are described in `proto/muster/v1/`, refusals in [ERRORS](ERRORS.md).\n\
         Health (`grpc.health.v1`) and reflection (v1, v1alpha) are on. A bearer token goes into the metadata\n\
         `authorization`. This page is written from the descriptors by a test (`MUSTER_UPDATE_DOCUMENTS=1 cargo test\n\
         --test it documents`).\n",
    );
    for file in files.iter().filter(|file| file.package() == "muster.v1") {
        for (place, service) in (0..).zip(&file.service) {
            let words = comment(file, &[SERVICES, place]);
            write!(
                page,
                "\n## {}\n\n{words}\n\n| call | what it does |\n|---|---|\n",
                service.name()
            )
            .expect("a string takes all");
            for (nth, method) in (0..).zip(&service.method) {
                let words = comment(file, &[SERVICES, place, METHODS, nth]).replace('|', "\\|");
                let stream = if method.server_streaming() {
                    " (stream)"
                } else {
                    ""
                };
                writeln!(page, "| `{}`{stream} | {words} |", method.name())
                    .expect("a string takes all");
            }
        }
    }
    page
}

#[test]
fn the_interface_reference_is_what_the_descriptors_say() {
    let path = document("API.md");
    let wanted = api_reference();
    if std::env::var_os("MUSTER_UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, &wanted).expect("docs/ can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/API.md is behind; write it with MUSTER_UPDATE_DOCUMENTS=1"
    );
}

#[test]
fn every_call_has_a_comment() {
    for line in api_reference()
        .lines()
        .filter(|line| line.starts_with("| `"))
    {
        assert!(!line.ends_with("|  |"), "{line}");
    }
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
