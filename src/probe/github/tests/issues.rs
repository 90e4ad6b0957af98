//! Which issues block.

use serde_json::{Value, json};

use super::samples::{issue, label, milestone, user};
use super::*;

const ISSUES: &str = "/repos/octo/widgets/issues";

/// A repository with issues by label and by milestone.
async fn widgets() -> Server {
    let listed = |seen: &server::Seen| -> Option<Value> {
        let by = |field: &str| seen.asks(field);
        Some(match seen.path() {
            ISSUES if by("labels=blocker") => json!([
                with(
                    issue(7, 3, 25),
                    "title",
                    json!("<b>Ship</b>\u{1b}[2J\nit\u{202e} \u{0}")
                ),
                with(
                    issue(9, 1, 26),
                    "pull_request",
                    json!({"url": "https://api.github.com/x"})
                ),
                with(issue(4, 2, 3), "user", Value::Null),
            ]),
            ISSUES if by("labels=release+%26+stop") => json!([issue(4, 2, 3), issue(8, 1, 26)]),
            ISSUES if by("milestone=12") => json!([issue(6, 2, 26)]),
            ISSUES => json!([]),
            "/repos/octo/widgets/labels/quiet" => label("quiet"),
            "/repos/octo/widgets/milestones" if by("state=open") => {
                json!([milestone(11, "MVP 2"), milestone(12, "MVP")])
            }
            "/repos/octo/widgets/milestones" => json!([]),
            _ => return None,
        })
    };
    Server::start(move |seen| match listed(seen) {
        Some(value) => Answer::json(&value),
        None => Answer::complaint(404, "Not Found"),
    })
    .await
}

fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

async fn told(server: &Server, criteria: Criteria) -> Blocking {
    let (github, repository) = (github(server), repository());
    let told = github.blocking_issues(&repository, &criteria, NOW_MS);
    told.await.expect("the issues")
}

#[tokio::test]
async fn issues_of_any_label_or_the_milestone_block_and_the_oldest_stand_first() {
    let server = widgets().await;
    let criteria = Criteria {
        labels: vec!["blocker".to_owned(), "release & stop".to_owned()],
        milestone: Some(" mvp".to_owned()),
        stale_after_days: Some(7),
    };
    let blocking = told(&server, criteria).await;
    assert_eq!(numbers(&blocking), [8, 4, 6, 7]);
    assert!(blocking.shortfalls.is_empty(), "{:?}", blocking.shortfalls);
    let stale: Vec<bool> = blocking.issues.iter().map(|issue| issue.is_stale).collect();
    assert_eq!(stale, [false, true, false, false]);
}

#[tokio::test]
async fn an_issue_is_read_from_the_shape_that_github_has() {
    let server = Server::start(|_| {
        let mut issue = issue(7, 3, 25);
        issue["labels"] = json!([label("blocker"), "old form", {"name": null}, null]);
        issue["assignees"] = json!([user("bob"), null]);
        issue["milestone"] = milestone(3, "MVP");
        issue["html_url"] = json!("javascript:alert(1)");
        let mut bare = serde_json::Map::new();
        for field in ["number", "title", "created_at", "updated_at"] {
            bare.insert(field.to_owned(), samples::issue(8, 4, 4)[field].clone());
        }
        for field in [
            "user",
            "labels",
            "assignees",
            "milestone",
            "html_url",
            "pull_request",
        ] {
            bare.insert(field.to_owned(), Value::Null);
        }
        Answer::json(&json!([issue, bare]))
    })
    .await;
    let blocking = told(&server, blockers()).await;
    let expected = BlockingIssue {
        number: 7,
        title: "Issue 7".to_owned(),
        url: String::new(),
        author: "ada".to_owned(),
        labels: ["blocker", "old form", ""].map(str::to_owned).to_vec(),
        assignees: vec!["bob".to_owned()],
        milestone: Some("MVP".to_owned()),
        // 3 and 25 November 2026, 10:00 UTC.
        created_at_ms: 1_793_700_000_000,
        updated_at_ms: 1_795_600_800_000,
        is_stale: false,
    };
    assert_eq!(blocking.issues[0], expected);
    assert_eq!(blocking.issues[1].author, "ghost");
    assert_eq!(blocking.issues[1].labels, [""; 0]);
}

#[tokio::test]
async fn pull_requests_are_no_issues_and_titles_are_data_in_one_line() {
    let blocking = told(&widgets().await, blockers()).await;
    assert_eq!(numbers(&blocking), [4, 7]);
    assert_eq!(blocking.issues[0].author, "ghost");
    assert_eq!(blocking.issues[1].title, "<b>Ship</b>[2J it");
}

#[tokio::test]
async fn a_label_or_milestone_that_does_not_exist_is_said() {
    let server = widgets().await;
    let criteria = Criteria {
        labels: vec!["quiet".to_owned(), "bloker".to_owned()],
        milestone: Some("MVP 3".to_owned()),
        ..Criteria::default()
    };
    let blocking = told(&server, criteria).await;
    assert_eq!(numbers(&blocking), [0; 0]);
    let expected = [
        Shortfall::NoSuchLabel("bloker".to_owned()),
        Shortfall::NoSuchMilestone("MVP 3".to_owned()),
    ];
    assert_eq!(blocking.shortfalls, expected);
    let told = blocking.shortfalls[0].to_string();
    assert_eq!(told, "the repository has no label `bloker`");
}

#[tokio::test]
async fn a_label_is_asked_for_as_it_is_written() {
    let server = Server::start(|seen| match seen.path() {
        ISSUES => Answer::json(&json!([])),
        _ => Answer::json(&label("x")),
    })
    .await;
    let odd = "a/b?c#d%2e ü&state=closed";
    let criteria = Criteria {
        labels: vec![odd.to_owned(), "..".to_owned()],
        ..Criteria::default()
    };
    assert!(told(&server, criteria).await.shortfalls.is_empty());
    let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets.len(), 3, "{targets:?}");
    assert!(targets[0].contains("labels=a%2Fb%3Fc%23d%252e+%C3%BC%26state%3Dclosed&"));
    assert_eq!(
        targets[1],
        "/repos/octo/widgets/labels/a%2Fb%3Fc%23d%252e%20%C3%BC&state=closed"
    );
    assert!(targets[2].starts_with(&format!("{ISSUES}?")), "{targets:?}");
}

#[tokio::test]
async fn criteria_that_say_nothing_or_too_much_are_refused_before_anything_is_sent() {
    let server = widgets().await;
    let labels = |labels: &[&str]| Criteria {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..Criteria::default()
    };
    let long = "x".repeat(201);
    for wrong in [
        Criteria::default(),
        labels(&[""]),
        labels(&["a,b"]),
        labels(&["a\nb"]),
        labels(&[&long]),
        labels(&["a"; 21]),
        Criteria {
            milestone: Some(String::new()),
            ..Criteria::default()
        },
    ] {
        let github = github(&server);
        let told = github.blocking_issues(&repository(), &wrong, NOW_MS).await;
        let kind = told.map_err(|error| error.kind());
        assert_eq!(kind, Err(Kind::NotConfigured), "{wrong:?}");
    }
    assert_eq!(server.requests(), 0);
}
