//! Looking back: what `--as-of` answers is the document that was answered then, and whatever cannot be
//! looked back to is refused by the name of the field.

use std::thread::sleep;
use std::time::Duration;

use muster_proto::v1;
use serde_json::Value;
use tonic::Code;

use super::harbour;
use crate::daemon::Daemon;

const READS: &[&[&str]] = &[
    &["board", "--limit", "100"],
    &["plan", "show"],
    &["blockers", "--all"],
];

fn read(daemon: &Daemon, arguments: &[&str], as_of: Option<&str>) -> Value {
    let as_of: Vec<&str> = as_of.iter().flat_map(|at| ["--as-of", at]).collect();
    let arguments = [arguments, &as_of, &["--json"]].concat();
    daemon.cli(&arguments).exits(0).json()
}

/// What a project looked like once.
struct Then {
    version: u64,
    at: String,
    documents: Vec<Value>,
    standup: Value,
}

impl Then {
    fn of(daemon: &Daemon) -> Self {
        let documents: Vec<Value> = READS.iter().map(|one| read(daemon, one, None)).collect();
        let standup = read(daemon, &["standup"], None);
        // What is recorded from here on has a later time.
        sleep(Duration::from_millis(10));
        let at = jiff::Timestamp::now().to_string();
        sleep(Duration::from_millis(10));
        Self {
            version: documents[0]["version"].as_u64().expect("a version"),
            at,
            documents,
            standup,
        }
    }

    fn is_found_again(&self, daemon: &Daemon) {
        let version = self.version.to_string();
        for as_of in [&version, &format!("v{version}"), &self.at] {
            for (one, then) in READS.iter().zip(&self.documents) {
                assert_eq!(&read(daemon, one, Some(as_of)), then, "{one:?} at {as_of}");
            }
            let standup = read(daemon, &["standup"], Some(as_of));
            for part in ["head", "totals", "project", "done", "changes"] {
                assert_eq!(standup[part], self.standup[part], "{part} at {as_of}");
            }
            let blockers = |standup: &Value| standup["blockers_total"].clone();
            assert_eq!(blockers(&standup), blockers(&self.standup));
            assert_eq!(standup["beats"], Value::Null, "not known of the past");
        }
    }
}

#[test]
fn what_is_looked_back_to_is_the_document_of_then() {
    let (mut daemon, ann) = harbour();
    let first = Then::of(&daemon);
    let block = [
        "blockers",
        "open",
        "--task",
        "T-2",
        "--reason",
        "No crane yet",
    ];
    daemon.cli(&block).exits(0);
    let claim = ["claim", "--start", "--json"];
    daemon.cli_as(&ann, &claim).exits(0);
    let second = Then::of(&daemon);
    assert_ne!(first.documents, second.documents);
    daemon
        .cli(&["blockers", "resolve", "B-1", "--resolution", "It came"])
        .exits(0);
    daemon
        .cli(&["phase", "edit", "1", "--goal", "Another goal"])
        .exits(0);
    for then in [&first, &second] {
        then.is_found_again(&daemon);
    }
    let newest = Then::of(&daemon);
    newest.is_found_again(&daemon);

    // A clean end leaves a snapshot: what is older is folded from the start, what is newer from it.
    daemon.terminate();
    daemon.launch();
    daemon
        .cli(&["phase", "edit", "1", "--goal", "A third goal"])
        .exits(0);
    let last = Then::of(&daemon);
    daemon
        .cli(&["phase", "edit", "1", "--goal", "A fourth goal"])
        .exits(0);
    for then in [&first, &second, &newest, &last] {
        then.is_found_again(&daemon);
    }

    let as_of = format!("v{}", second.version);
    for read in ["board", "standup", "blockers", "plan show"] {
        let arguments: Vec<&str> = read.split(' ').chain(["--as-of", &as_of]).collect();
        let text = daemon.cli(&arguments).exits(0).stdout;
        let heading = format!("as of version {} (20", second.version);
        assert!(text.starts_with(&heading), "{text}");
    }
    let since = ["standup", "--since", "1h", "--as-of", &as_of];
    daemon.cli(&since).exits(0);
    daemon.finish();
}

#[test]
fn what_cannot_be_looked_back_to_is_refused_with_the_field() {
    let (daemon, _ann) = harbour();
    for (as_of, why) in [
        ("v0", "as_of_version"),
        ("v99999", "as_of_version"),
        ("1999-01-01", "before the project's first event"),
        ("1999-01-01T09:00Z", "before the project's first event"),
        ("2999-01-01T09:00Z", "in the future"),
        ("yesterday", "2026-11-24T09:00Z"),
        ("2026-11-24T09:00", "v123"),
    ] {
        for read in ["board", "standup", "blockers", "blockers list", "plan show"] {
            let arguments: Vec<&str> = read.split(' ').chain(["--as-of", as_of]).collect();
            let refused = daemon.cli(&arguments).exits(2);
            assert!(refused.stderr.contains(why), "{read}: {}", refused.stderr);
        }
    }
    let both = v1::GetBoardRequest {
        as_of_version: Some(1),
        as_of: Some(prost_types::Timestamp::default()),
        ..v1::GetBoardRequest::default()
    };
    let refused = daemon.block_on(daemon.coordinator().projects().get_board(both));
    assert_eq!(
        refused.expect_err("both are given").code(),
        Code::InvalidArgument
    );
    daemon.finish();
}
