//! Any bytes as an authorization header, and any text as a page token: nobody is let in without one of the
//! tokens there are, and a list goes on only from a token it gave.

use std::collections::BTreeSet;

use muster_proto::v1 as wire;
use prost::Message as _;
use tonic::{Code, Status};

use super::interface::{INTERFACE, Method};
use super::world::{BEARERS, World};

thread_local! {
    /// Nothing here writes, so one world serves all.
    static WORLD: World = World::new();
}

fn send(
    method: &Method,
    authorization: &[u8],
    message: Vec<u8>,
) -> Option<Result<Vec<u8>, Status>> {
    WORLD.with(|world| world.send(method, authorization, message))
}

fn method(name: &str) -> &'static Method {
    let mut methods = INTERFACE.methods.iter();
    methods
        .find(|method| method.name == name)
        .expect("a method of ours")
}

/// Lists that come in pages.
const LISTS: [&str; 6] = [
    "ListTasks",
    "ListEvents",
    "ListBlockers",
    "ListDiscovered",
    "ListSessions",
    "ListTokens",
];

/// The first byte says what the rest is: a header, or the page token of a list.
///
/// # Panics
/// A promise is broken.
pub fn run(input: &[u8]) {
    let [kind, rest @ ..] = input else {
        return;
    };
    match usize::from(*kind) % (LISTS.len() + 2) {
        0 => header(rest),
        1 => page_of_tasks(&String::from_utf8_lossy(rest)),
        list => {
            let token = String::from_utf8_lossy(rest);
            let method = method(LISTS[list - 2]);
            let message = INTERFACE.request(method, &narrow(&token));
            let outcome = send(method, lead().as_bytes(), message);
            if let Some(Err(status)) = outcome {
                assert_eq!(
                    status.code(),
                    Code::InvalidArgument,
                    "{}: {status}",
                    method.name
                );
            }
        }
    }
}

/// The fields of a list request: its page, and no filter.
fn narrow(token: &str) -> Vec<(&'static str, &str)> {
    let mut given = vec![("page_token", token), ("page_size", "2")];
    for filter in [
        "phase", "role", "agent", "task", "session", "status", "text", "tasks",
    ] {
        given.push((filter, ""));
    }
    given
}

fn lead() -> String {
    format!("Bearer {}", BEARERS[0])
}

fn header(bytes: &[u8]) {
    let known = std::str::from_utf8(bytes).is_ok_and(|text| {
        let scheme = text.get(..7).unwrap_or_default().to_lowercase();
        let token = text.get(7..).unwrap_or_default().trim();
        scheme == "bearer " && BEARERS.contains(&token)
    });
    let method = method("GetProject");
    let request = wire::GetProjectRequest {
        project: "shop".to_owned(),
        ..Default::default()
    };
    match send(method, bytes, request.encode_to_vec()) {
        Some(Ok(_)) => assert!(known, "{bytes:?} was let in"),
        Some(Err(status)) => {
            assert_eq!(status.code(), Code::Unauthenticated, "{status}");
            assert!(!known, "{bytes:?} was kept out: {status}");
        }
        None => {}
    }
}

/// Follows a list from a page token to its end.
fn page_of_tasks(token: &str) {
    let mut seen = BTreeSet::new();
    let mut request = wire::ListTasksRequest {
        project: "shop".to_owned(),
        page_size: 2,
        page_token: token.to_owned(),
        ..Default::default()
    };
    loop {
        let message = request.encode_to_vec();
        let answer = send(method("ListTasks"), lead().as_bytes(), message);
        let bytes = match answer.expect("a list does not wait") {
            Ok(bytes) => bytes,
            Err(status) => {
                assert_eq!(status.code(), Code::InvalidArgument, "{status}");
                assert!(seen.is_empty(), "its own token was refused: {status}");
                return;
            }
        };
        let page = wire::ListTasksResponse::decode(bytes.as_slice()).expect("an answer of ours");
        for task in page.tasks {
            assert!(seen.insert(task.id.clone()), "{} came twice", task.id);
        }
        if page.next_page_token.is_empty() {
            return;
        }
        request.page_token = page.next_page_token;
    }
}

/// Headers and page tokens, good and bad.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let seed = |name: &str, kind: u8, rest: &[u8]| (name.to_owned(), [&[kind], rest].concat());
    let page = |list: &str| -> Vec<u8> {
        let hexadecimal = list.bytes().map(|byte| format!("{byte:02x}"));
        hexadecimal.collect::<String>().into_bytes()
    };
    vec![
        seed("header-good", 0, lead().as_bytes()),
        seed("header-lower-case", 0, b"bearer muster_eyes_secret"),
        seed("header-spaces", 0, b"Bearer   muster_dev1_secret  "),
        seed("header-other-scheme", 0, b"Basic muster_lead_secret"),
        seed("header-wrong-secret", 0, b"Bearer muster_lead_secrets"),
        seed("header-unknown", 0, b"Bearer muster_nobody_secret"),
        seed("header-not-text", 0, b"Bearer \xff\xfe"),
        seed("page-first", 1, b""),
        seed("page-tasks", 1, &page("tasks/T-2")),
        seed("page-tasks-odd", 1, b"746"),
        seed("page-tasks-unknown", 1, &page("tasks/T-4294967295")),
        seed("page-other-list", 1, &page("blockers/B-1")),
        seed("page-events", 3, &page("events/2")),
        seed("page-blockers", 4, &page("blockers/B-1")),
        seed("page-discovered", 5, &page("discovered/D-1")),
        seed("page-sessions", 6, &page("sessions/S-1")),
        seed("page-tokens", 7, &page("tokens/dev1")),
    ]
}
