//! Rate limits, and answers that did not change.

use serde_json::json;

use super::samples::issue;
use super::*;

/// What the server's clock shows: some hours before the clock of the daemon.
const DATE: &str = "Fri, 27 Nov 2026 03:00:00 GMT";
/// The same in seconds since the epoch.
const DATE_SECONDS: i64 = 1_795_748_400;

fn list() -> Answer {
    Answer::json(&json!([issue(1, 3, 3)]))
}

fn until_ms(error: &GitHubError) -> i64 {
    match error.kind() {
        Kind::RateLimited { until_ms } => until_ms,
        other => panic!("{other:?}: {error}"),
    }
}

/// Milliseconds that a test may take without being wrong about a point in time.
const SLACK_MS: i64 = 20_000;

#[track_caller]
fn check_until(error: &GitHubError, seconds: i64) {
    let until_ms = until_ms(error);
    let at_least = NOW_MS + seconds * 1000;
    let expected = at_least..at_least + SLACK_MS;
    assert!(expected.contains(&until_ms), "{until_ms} {expected:?}");
}

#[tokio::test]
async fn a_limit_that_does_not_fit_into_the_call_is_told_and_nobody_else_asks_before() {
    for (answer, seconds) in [
        (
            Answer::complaint(403, "You have exceeded a secondary rate limit")
                .with("retry-after", "900"),
            900,
        ),
        (
            Answer::complaint(429, "slow down")
                .with("date", DATE)
                .with("retry-after", "Fri, 27 Nov 2026 03:15:00 GMT"),
            900,
        ),
        (
            Answer::complaint(403, "API rate limit exceeded for user ID 1.")
                .with("date", DATE)
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", (DATE_SECONDS + 1800).to_string()),
            1800,
        ),
        (Answer::complaint(429, ""), 60),
        // A thousand years ahead is no promise to be kept.
        (
            Answer::complaint(429, "")
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", (DATE_SECONDS * 20).to_string()),
            7200,
        ),
    ] {
        let answer = std::sync::Mutex::new(Some(answer));
        let server = Server::start(move |_| {
            let first = answer
                .lock()
                .expect("no test panics while it answers")
                .take();
            first.unwrap_or_else(list)
        })
        .await;
        let github = github(&server);
        let error = failure(&github).await;
        check_until(&error, seconds);
        assert!(
            error
                .to_string()
                .contains("takes no more requests until 2026-11-27 "),
            "{error}"
        );
        // The gate is shared by clones, and opened by nobody.
        check_until(&failure(&github.clone()).await, seconds);
        assert_eq!(server.requests(), 1);
        // Another token has a limit of its own.
        let other = github
            .with_token(Some(Secret::new("another")))
            .expect("a client");
        assert!(ask(&other).await.is_ok());
    }
}

#[tokio::test]
async fn a_short_limit_is_waited_for() {
    let server = Server::start(|seen| match seen.before {
        0 => Answer::complaint(429, "").with("retry-after", "1"),
        _ => list(),
    })
    .await;
    let begun = tokio::time::Instant::now();
    let blocking = ask(&github(&server)).await.expect("the issues");
    assert_eq!(numbers(&blocking), [1]);
    assert!(begun.elapsed() >= Duration::from_secs(1), "it waited");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_limit_that_comes_again_and_again_is_told_in_the_end() {
    let server = Server::start(|_| Answer::complaint(429, "").with("retry-after", "0")).await;
    let error = failure(&github(&server)).await;
    assert!(until_ms(&error) >= NOW_MS);
    assert!(error.detail().contains("429"), "{}", error.detail());
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn the_last_request_that_is_left_shuts_the_gate_although_it_was_answered() {
    let server = Server::start(|_| {
        list()
            .with("date", DATE)
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", (DATE_SECONDS + 600).to_string())
    })
    .await;
    let github = github(&server);
    assert!(ask(&github).await.is_ok());
    check_until(&failure(&github).await, 600);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_refusal_is_no_limit_and_shuts_nothing() {
    let server = Server::start(|_| {
        Answer::complaint(403, "Resource not accessible by personal access token")
            .with("x-ratelimit-remaining", "4999")
    })
    .await;
    let github = github(&server);
    assert_eq!(failure(&github).await.kind(), Kind::Forbidden);
    assert_eq!(failure(&github).await.kind(), Kind::Forbidden);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn without_a_token_a_limit_suggests_one() {
    let server = Server::start(|_| Answer::complaint(429, "")).await;
    let options = Options {
        token: None,
        ..options(&server)
    };
    let github = GitHub::new(options).expect("a client");
    let told = failure(&github).await.to_string();
    assert!(told.contains("or set a token"), "{told}");
}

/// A list of two pages, each with a mark; a request that knows the mark is answered with 304.
async fn marked() -> Server {
    Server::start(|seen| {
        let second = seen.asks("page=2");
        let mark = format!("W/\"{}-{second}\"", seen.header("authorization").len());
        if seen.header("if-none-match") == mark {
            return Answer::bytes(Vec::new()).status(304);
        }
        let answer = match second {
            true => Answer::json(&json!([issue(2, 4, 4)])),
            false => {
                let next = format!("<{}{}&page=2>; rel=\"next\"", seen.origin, seen.target);
                list().with("link", next)
            }
        };
        answer.with("etag", mark)
    })
    .await
}

fn unchanged(server: &Server) -> usize {
    let seen = server.seen();
    let asked = seen.iter();
    asked
        .filter(|seen| !seen.header("if-none-match").is_empty())
        .count()
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again_and_reads_the_same() {
    let server = marked().await;
    let github = github(&server);
    let first = ask(&github).await.expect("the issues");
    assert_eq!((numbers(&first), unchanged(&server)), (vec![1, 2], 0));
    let second = ask(&github).await.expect("the issues");
    assert_eq!(second, first);
    assert_eq!((server.requests(), unchanged(&server)), (4, 2));
}

#[tokio::test]
async fn what_one_token_was_told_is_not_shown_to_another() {
    let server = marked().await;
    let github = github(&server);
    ask(&github).await.expect("the issues");
    let other = github
        .with_token(Some(Secret::new("another")))
        .expect("a client");
    ask(&other).await.expect("the issues");
    let nobody = github.with_token(None).expect("a client");
    ask(&nobody).await.expect("the issues");
    assert_eq!((server.requests(), unchanged(&server)), (6, 0));
    ask(&other).await.expect("the issues");
    assert_eq!((server.requests(), unchanged(&server)), (8, 2));
}

#[tokio::test]
async fn a_cache_without_room_asks_for_everything_again() {
    let server = marked().await;
    let options = Options {
        cache_bytes_max: 10,
        ..options(&server)
    };
    let github = GitHub::new(options).expect("a client");
    for _ in 0..2 {
        ask(&github).await.expect("the issues");
    }
    assert_eq!((server.requests(), unchanged(&server)), (4, 0));
}

#[tokio::test]
async fn unchanged_since_never_is_no_answer() {
    let server = Server::start(|_| Answer::bytes(Vec::new()).status(304)).await;
    assert_eq!(failure(&github(&server)).await.kind(), Kind::BadAnswer);
}
