//! The whole client against a server that plays GitHub: its shapes, its failures, and what others may put in
//! its place.

mod encrypted;
mod issues;
mod limits;
mod pulls;
pub(super) mod samples;
mod secrets;
mod server;
mod transport;

use std::time::Duration;

use super::*;
use server::{Answer, Server};

/// A token as GitHub makes them.
const TOKEN: &str = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";

/// 27 November 2026, 08:00 UTC.
const NOW_MS: i64 = 1_795_766_400_000;

fn options(server: &Server) -> Options {
    // Another test of this process may have been the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Options {
        base_url: server.origin(),
        token: Some(Secret::new(TOKEN)),
        retry_pause: Duration::from_millis(10),
        request_timeout: Duration::from_secs(10),
        call_timeout: Duration::from_secs(30),
        ..Options::default()
    }
}

fn github(server: &Server) -> GitHub {
    GitHub::new(options(server)).expect("a client")
}

fn repository() -> Repository {
    "octo/widgets".parse().expect("a repository")
}

fn blockers() -> Criteria {
    Criteria {
        labels: vec!["blocker".to_owned()],
        ..Criteria::default()
    }
}

/// Asks for blocking issues, which is one list.
async fn ask(github: &GitHub) -> Result<Blocking, GitHubError> {
    github
        .blocking_issues(&repository(), &blockers(), NOW_MS)
        .await
}

/// Asks, and expects not to be told.
async fn failure(github: &GitHub) -> GitHubError {
    let told = ask(github).await;
    let error = told.expect_err("an error");
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
        assert!(!text.contains("Bearer"), "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    error
}

fn numbers(blocking: &Blocking) -> Vec<u64> {
    blocking.issues.iter().map(|issue| issue.number).collect()
}
