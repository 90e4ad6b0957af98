//! Which pull requests wait, and what is wrong with them.

use serde_json::{Value, json};

use super::samples::{check_runs, commit, pull, review, statuses, user};
use super::*;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const PULLS: &str = "/repos/octo/widgets/pulls";

/// A repository with these pull requests, one failing and one pending check each, and no reviews but those
/// of #3, #4 and #5.
async fn widgets<F>(pulls: Vec<Value>, instead: F) -> Server
where
    F: Fn(&server::Seen) -> Option<Answer> + Send + Sync + 'static,
{
    let pulls = Value::Array(pulls);
    Server::start(move |seen| {
        if let Some(answer) = instead(seen) {
            return answer;
        }
        let path = seen.path();
        let value = match path.strip_prefix(PULLS) {
            Some("") => pulls.clone(),
            Some("/3/reviews") => json!([review("bob", "APPROVED", 25)]),
            Some("/4/reviews") => {
                json!([
                    review("bob", "CHANGES_REQUESTED", 25),
                    review("ada", "COMMENTED", 26)
                ])
            }
            Some("/5/reviews") => {
                json!([review("bob", "COMMENTED", 25), review("eve", "NOVEL", 26)])
            }
            Some(_) => json!([]),
            None if path.ends_with("/status") => {
                statuses(&[("lint", "failure"), ("docs", "success")])
            }
            None => check_runs(&[
                ("build", "in_progress", None),
                ("test", "completed", Some("timed_out")),
                ("style", "completed", Some("skipped")),
                ("magic", "completed", Some("a_word_of_next_year")),
            ]),
        };
        Answer::json(&value)
    })
    .await
}

fn nothing_else(_: &server::Seen) -> Option<Answer> {
    None
}

async fn told(server: &Server, inspection: Inspection) -> PullRequests {
    let (github, repository) = (github(server), repository());
    let told = github.pull_requests(&repository, inspection, NOW_MS);
    told.await.expect("the pull requests")
}

#[tokio::test]
async fn a_pull_request_is_told_with_its_reviewers_checks_and_wait() {
    let server = widgets(vec![pull(1, 20)], nothing_else).await;
    let found = told(&server, Inspection::default()).await;
    assert!(found.shortfalls.is_empty(), "{:?}", found.shortfalls);
    // 20 November 2026, 10:00 UTC.
    let created_at_ms = 1_795_168_800_000;
    let expected = PullRequest {
        number: 1,
        title: "Pull 1".to_owned(),
        url: "https://github.com/octo/widgets/pull/1".to_owned(),
        author: "ada".to_owned(),
        is_draft: false,
        created_at_ms,
        updated_at_ms: created_at_ms + 3_600_000,
        reviewers: vec!["bob".to_owned()],
        teams: vec!["Justice League".to_owned()],
        review: Some(ReviewState::Unreviewed),
        waiting_since_ms: Some(created_at_ms),
        waiting_ms: Some(7 * DAY_MS - 2 * 3_600_000),
        checks: Some(Checks {
            failing: vec!["lint".to_owned(), "test".to_owned()],
            pending: 1,
            passed: 2,
            unclear: 1,
            is_cut: false,
        }),
        commit: commit(1),
    };
    assert_eq!(found.pulls, [expected]);
}

#[tokio::test]
async fn who_waits_for_the_author_or_for_nothing_waits_for_no_review() {
    let decided = |number, asked: &[&str]| {
        let mut pull = pull(number, 20);
        pull["requested_reviewers"] = asked.iter().map(|login| user(login)).collect();
        pull["requested_teams"] = json!([]);
        pull
    };
    let mut draft = pull(6, 20);
    draft["draft"] = json!(true);
    let pulls = vec![
        decided(3, &[]),
        decided(4, &[]),
        decided(5, &[]),
        draft,
        decided(7, &[]),
    ];
    let found = told(&widgets(pulls, nothing_else).await, Inspection::default()).await;
    let waits: Vec<_> = found
        .pulls
        .iter()
        .map(|pull| (pull.number, pull.review, pull.waiting_since_ms))
        .collect();
    // 25 November 2026, 12:00 UTC, and 20 November 2026, 10:00 UTC.
    let (commented, opened) = (1_795_608_000_000, 1_795_168_800_000);
    let expected = [
        (3, Some(ReviewState::Approved), None),
        (4, Some(ReviewState::ChangesRequested), None),
        (5, Some(ReviewState::Commented), Some(commented)),
        (6, None, None),
        (7, Some(ReviewState::Unreviewed), Some(opened)),
    ];
    assert_eq!(waits, expected);
    // Asked again after changes were wanted, it waits since the last review.
    let again = widgets(vec![decided(4, &["bob"])], nothing_else).await;
    let again = told(&again, Inspection::default()).await;
    assert_eq!(again.pulls[0].waiting_since_ms, Some(commented));
}

#[tokio::test]
async fn a_deleted_account_and_missing_fields_are_no_error() {
    let mut bare = pull(1, 20);
    for field in [
        "user",
        "requested_reviewers",
        "requested_teams",
        "draft",
        "html_url",
    ] {
        bare[field] = Value::Null;
    }
    bare["title"] = json!("\u{9b}31m<script>alert(1)</script>\r\n");
    let found = told(
        &widgets(vec![bare], nothing_else).await,
        Inspection::default(),
    )
    .await;
    let found = &found.pulls[0];
    assert_eq!(found.author, "ghost");
    assert_eq!(found.title, "31m<script>alert(1)</script>");
    assert!(found.reviewers.is_empty() && !found.is_draft);
    assert!(found.waiting_since_ms.is_some());
}

#[tokio::test]
async fn only_the_oldest_are_looked_at_closer_some_at_a_time_and_the_rest_is_said() {
    // Given twelve, two of them drafts, whose checks take a while.
    let pulls = (1..=12).map(|number| {
        let mut pull = pull(number, 27 - u32::try_from(number).unwrap_or(0));
        pull["draft"] = json!(number > 10);
        pull
    });
    let server = widgets(pulls.collect(), |seen| {
        let slow = Duration::from_millis(200);
        let runs = Answer::json(&check_runs(&[])).after(slow);
        seen.path().ends_with("/check-runs").then_some(runs)
    })
    .await;
    let inspection = Inspection {
        pulls_max: 6,
        ..Inspection::default()
    };
    let found = told(&server, inspection).await;
    let order: Vec<u64> = found.pulls.iter().map(|pull| pull.number).collect();
    assert_eq!(order, (1..=12).rev().collect::<Vec<u64>>());
    let inspected = found.pulls.iter().filter(|pull| pull.checks.is_some());
    let inspected: Vec<u64> = inspected.map(|pull| pull.number).collect();
    assert_eq!(inspected, [10, 9, 8, 7, 6, 5]);
    let cut = Shortfall::NotInspected {
        inspected: 6,
        of: 10,
    };
    assert_eq!(found.shortfalls, [cut]);
    assert_eq!(server.requests(), 1 + 3 * 6);
    let at_once = server.most_at_once();
    assert!((2..=4).contains(&at_once), "{at_once}");
}

#[tokio::test]
async fn nothing_is_looked_at_that_is_not_wanted() {
    let server = widgets(vec![pull(1, 20)], nothing_else).await;
    let inspection = Inspection {
        checks: false,
        reviews: false,
        ..Inspection::default()
    };
    let found = told(&server, inspection).await;
    assert!(found.shortfalls.is_empty());
    assert_eq!(
        (found.pulls[0].review, &found.pulls[0].checks),
        (None, &None)
    );
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn checks_that_the_token_may_not_read_are_not_asked_for_again_and_reviews_still_are() {
    let pulls = (1..=9).map(|number| pull(number, 20)).collect();
    let server = widgets(pulls, |seen| {
        let refusal = Answer::complaint(403, "Resource not accessible by personal access token");
        seen.path().contains("/commits/").then_some(refusal)
    })
    .await;
    let found = told(&server, Inspection::default()).await;
    assert!(found.pulls.iter().all(|pull| pull.review.is_some()));
    assert!(found.pulls.iter().all(|pull| pull.checks.is_none()));
    let [Shortfall::Unread { part, pulls, error }] = &found.shortfalls[..] else {
        panic!("{:?}", found.shortfalls);
    };
    assert_eq!((*part, pulls.len()), (Part::Checks, 9));
    assert_eq!(error.kind(), Kind::Forbidden);
    let told = found.shortfalls[0].to_string();
    assert!(
        told.starts_with(
            "the checks of #1, #2, #3, #4, #5 and 4 more are not known: the token may not"
        ),
        "{told}"
    );
    let asked = server.seen();
    let asked = asked
        .iter()
        .filter(|seen| seen.path().contains("/commits/"));
    assert!(asked.count() <= 5, "those under way, and no more");
}

#[tokio::test]
async fn one_strange_pull_request_does_not_spoil_the_others() {
    let mut strange = pull(2, 20);
    strange["head"]["sha"] = json!("../../../user");
    let server = widgets(vec![pull(1, 20), strange, pull(3, 20)], nothing_else).await;
    let found = told(&server, Inspection::default()).await;
    let known: Vec<bool> = found
        .pulls
        .iter()
        .map(|pull| pull.checks.is_some())
        .collect();
    assert_eq!(known, [true, false, true]);
    let [Shortfall::Unread { pulls, error, .. }] = &found.shortfalls[..] else {
        panic!("{:?}", found.shortfalls);
    };
    assert_eq!((&pulls[..], error.kind()), (&[2][..], Kind::BadAnswer));
    assert!(!server.received("user"));
}

#[tokio::test]
async fn a_limit_in_the_middle_leaves_the_list_and_says_what_is_missing() {
    let pulls = (1..=20).map(|number| pull(number, 20)).collect();
    let server = widgets(pulls, |seen| {
        let limit = Answer::complaint(403, "You have exceeded a secondary rate limit");
        let limit = limit.with("retry-after", "3600");
        seen.path().ends_with("/status").then_some(limit)
    })
    .await;
    let found = told(&server, Inspection::default()).await;
    assert_eq!(found.pulls.len(), 20);
    let parts: Vec<Part> = found
        .shortfalls
        .iter()
        .filter_map(|shortfall| match shortfall {
            Shortfall::Unread { part, error, .. } => {
                assert!(matches!(error.kind(), Kind::RateLimited { .. }));
                Some(*part)
            }
            _ => None,
        })
        .collect();
    assert_eq!(parts, [Part::Checks, Part::Reviews]);
    assert!(server.requests() <= 1 + 4, "those under way, and no more");
}

#[tokio::test]
async fn a_pull_request_with_endless_reviews_is_called_unread() {
    let server = widgets(vec![pull(1, 20)], |seen| {
        let reviews = seen.path().ends_with("/reviews");
        let next = format!("<{}{}x>; rel=\"next\"", seen.origin, seen.target);
        let answer = Answer::json(&json!([review("bob", "APPROVED", 20)])).with("link", next);
        reviews.then_some(answer)
    })
    .await;
    let found = told(&server, Inspection::default()).await;
    assert_eq!(found.pulls[0].review, None);
    assert_eq!(found.shortfalls.len(), 1, "{:?}", found.shortfalls);
}
