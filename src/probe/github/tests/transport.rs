//! Pages, statuses, failures on the way, and answers that are not GitHub's.

use serde_json::{Value, json};

use super::samples::issue;
use super::server::Then;
use super::*;

fn list() -> Answer {
    Answer::json(&json!([issue(1, 3, 3)]))
}

/// A page that is followed by another, up to a last.
fn page(seen: &server::Seen, last: u64) -> Answer {
    let number: u64 = (1..=last)
        .rev()
        .find(|number| seen.asks(&format!("page={number}")))
        .unwrap_or(1);
    let day = u32::try_from(number).unwrap_or(0).clamp(1, 27);
    // What ends a page begins the next when the list moved in between.
    let entries = [
        issue(number, day, day),
        issue(number + 1, (day + 1).min(28), 28),
    ];
    let entries = &entries[..if number < last { 2 } else { 1 }];
    let answer = Answer::json(&json!(entries));
    if number == last {
        return answer;
    }
    let next = format!("{}/repositories/1/issues?page={}", seen.origin, number + 1);
    answer.with(
        "link",
        format!("<{next}>; rel=\"next\", <{next}0>; rel=\"last\""),
    )
}

#[tokio::test]
async fn a_list_of_three_pages_is_read_to_its_end() {
    let server = Server::start(|seen| page(seen, 3)).await;
    let blocking = ask(&github(&server)).await.expect("the issues");
    assert_eq!(numbers(&blocking), [1, 2, 3]);
    assert!(blocking.shortfalls.is_empty());
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_list_that_goes_on_is_cut_and_says_so() {
    let server = Server::start(|seen| page(seen, u64::from(u8::MAX))).await;
    let options = Options {
        pages_max: 4,
        ..options(&server)
    };
    let github = GitHub::new(options).expect("a client");
    let blocking = ask(&github).await.expect("the issues");
    assert_eq!(numbers(&blocking), [1, 2, 3, 4, 5]);
    let told: Vec<String> = blocking
        .shortfalls
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told, ["there are more issues than the 4 pages read"]);
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_no_list() {
    let server = Server::start(|seen| {
        let next = format!("<{}{}>; rel=\"next\"", seen.origin, seen.target);
        list().with("link", next)
    })
    .await;
    let error = failure(&github(&server)).await;
    assert_eq!(error.kind(), Kind::BadAnswer);
    assert!(error.to_string().contains("in a circle"), "{error}");
    assert_eq!(server.requests(), 1);
}

async fn of_status(status: u16, has_token: bool, header: Option<&'static str>) -> GitHubError {
    let server = Server::start(move |_| {
        let answer = Answer::complaint(status, "Why\u{1b} not");
        match header {
            Some(name) => answer.with(name, "required; url=https://github.com/orgs/x/sso"),
            None => answer,
        }
    })
    .await;
    let mut options = options(&server);
    options.retries = 0;
    if !has_token {
        options.token = None;
    }
    let github = GitHub::new(options).expect("a client");
    let error = failure(&github).await;
    assert_eq!(server.requests(), 1, "{status} is not asked again");
    assert!(error.detail().contains("Why not"), "{}", error.detail());
    assert!(error.detail().contains("GET /repos/octo/widgets/issues?"));
    error
}

#[tokio::test]
async fn every_status_has_its_kind_and_its_next_step() {
    for (status, has_token, kind, expected) in [
        (
            401,
            true,
            Kind::Unauthorized,
            "set a valid one in [github] token",
        ),
        (401, false, Kind::Unauthorized, "set one in [github] token"),
        (
            403,
            true,
            Kind::Forbidden,
            "the token may not read this of octo/widgets",
        ),
        (403, false, Kind::Forbidden, "set a token in"),
        (
            404,
            true,
            Kind::NotFound,
            "no repository octo/widgets to this token",
        ),
        (404, false, Kind::NotFound, "or set a token in"),
        (410, true, Kind::NotFound, "switched off"),
        (451, true, Kind::NotFound, "legal"),
        (422, true, Kind::Refused, "check labels and milestone"),
        (400, true, Kind::Refused, "(400)"),
        (418, true, Kind::Refused, "(418)"),
        (500, true, Kind::Unavailable, "(500); try again later"),
        (501, true, Kind::Unavailable, "(501)"),
        (503, true, Kind::Unavailable, "(503)"),
    ] {
        let error = of_status(status, has_token, None).await;
        assert_eq!(error.kind(), kind, "{status} {error}");
        assert!(error.to_string().contains(expected), "{status} {error}");
    }
    let error = of_status(403, true, Some("x-github-sso")).await;
    assert!(error.to_string().contains("single sign-on"), "{error}");
}

#[tokio::test]
async fn a_failure_on_the_way_is_tried_again() {
    for (first, second) in [(500, 503), (502, 504)] {
        let server = Server::start(move |seen| match seen.before {
            0 => Answer::complaint(first, "Server Error"),
            1 => Answer::bytes(b"<html>".to_vec()).status(second),
            _ => list(),
        })
        .await;
        let blocking = ask(&github(&server)).await.expect("the issues");
        assert_eq!(numbers(&blocking), [1]);
        assert_eq!(server.requests(), 3);
    }
    let server = Server::start(|seen| match seen.before {
        0 => Answer::pieces(b"[", 1, Duration::ZERO, Then::Break),
        _ => list(),
    })
    .await;
    assert!(ask(&github(&server)).await.is_ok(), "a body that broke off");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn it_is_not_tried_for_ever() {
    let server = Server::start(|_| Answer::complaint(502, "Server Error")).await;
    let error = failure(&github(&server)).await;
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(server.requests(), 4);
    // A pause that does not fit into the call is not begun.
    let server =
        Server::start(|_| Answer::complaint(503, "").with("retry-after", "18446744073709551615"))
            .await;
    assert_eq!(failure(&github(&server)).await.kind(), Kind::Unavailable);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_refused_connection_is_an_error_for_people_and_one_for_the_log() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let address = listener.and_then(|listener| listener.local_addr());
    let address = address.expect("a port that nobody listens to any more");
    let server = Server::start(|_| list()).await;
    let options = Options {
        base_url: format!("http://{address}"),
        ..options(&server)
    };
    let error = failure(&GitHub::new(options).expect("a client")).await;
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.to_string().starts_with("127.0.0.1 cannot be reached"));
    assert!(error.detail().contains("refused"), "{}", error.detail());
}

/// A client that waits for nobody.
fn hasty(server: &Server, request_ms: u64, call_ms: u64) -> GitHub {
    let options = Options {
        request_timeout: Duration::from_millis(request_ms),
        call_timeout: Duration::from_millis(call_ms),
        retries: 1,
        ..options(server)
    };
    GitHub::new(options).expect("a client")
}

const HOUR: Duration = Duration::from_secs(3600);

/// Servers that never come to an end: before the headers, in the body, and byte by byte.
async fn slow_ones() -> Vec<Server> {
    vec![
        Server::start(|_| list().after(HOUR)).await,
        Server::start(|_| Answer::pieces(b"[", 1, HOUR, Then::Hang)).await,
        Server::start(|_| Answer::pieces(b" ", usize::MAX, Duration::from_millis(20), Then::Hang))
            .await,
        Server::start(|_| {
            Answer::pieces(b"{", usize::MAX, Duration::from_millis(20), Then::Hang).status(403)
        })
        .await,
    ]
}

#[tokio::test]
async fn who_is_too_slow_is_left_and_tried_again() {
    for server in slow_ones().await {
        let error = failure(&hasty(&server, 300, 20_000)).await;
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        assert!(error.to_string().contains("within 300 ms"), "{error}");
        assert!(server.requests() <= 2);
    }
    let once = Server::start(|seen| match seen.before {
        0 => list().after(HOUR),
        _ => list(),
    })
    .await;
    let told = ask(&hasty(&once, 2_000, 60_000)).await;
    assert!(told.is_ok(), "{told:?}");
    assert_eq!(once.requests(), 2);
}

#[tokio::test]
async fn the_whole_call_has_an_end() {
    for server in slow_ones().await {
        let error = failure(&hasty(&server, 20_000, 300)).await;
        assert_eq!(error.kind(), Kind::Deadline, "{error}");
        assert!(error.to_string().contains("within 300 ms"), "{error}");
        assert!(server.requests() <= 1);
    }
}

#[tokio::test]
async fn an_answer_of_fifty_megabytes_is_left_where_it_is() {
    let whole = Server::start(|_| Answer::bytes(vec![b' '; 50 << 20])).await;
    let megabyte = vec![b' '; 1 << 20];
    let unannounced =
        Server::start(move |_| Answer::pieces(&megabyte, 50, Duration::ZERO, Then::End)).await;
    for server in [whole, unannounced] {
        let error = failure(&github(&server)).await;
        assert_eq!(error.kind(), Kind::TooLarge, "{error}");
        assert!(error.to_string().contains("8388608 bytes"), "{error}");
        assert_eq!(
            server.requests(),
            1,
            "it would not be shorter the next time"
        );
    }
}

#[tokio::test]
async fn a_long_complaint_is_not_read() {
    let megabyte = vec![b' '; 1 << 20];
    let server = Server::start(move |_| {
        Answer::pieces(&megabyte, usize::MAX, Duration::ZERO, Then::Hang).status(401)
    })
    .await;
    assert_eq!(failure(&github(&server)).await.kind(), Kind::Unauthorized);
}

async fn of_answer(answer: impl Fn() -> Answer + Send + Sync + 'static) -> String {
    let server = Server::start(move |_| answer()).await;
    let error = failure(&github(&server)).await;
    assert_eq!(error.kind(), Kind::BadAnswer, "{error}");
    assert_eq!(server.requests(), 1);
    error.to_string()
}

#[tokio::test]
async fn what_is_no_answer_of_github_is_called_so() {
    let of_bytes = |bytes: &'static [u8]| of_answer(move || Answer::bytes(bytes.to_vec()));
    for bytes in [
        &b"[{\"title\": \"\xff\xfe\"}]"[..],
        b"",
        b"[",
        b"[]]",
        b"<html>",
        b"NaN",
    ] {
        let told = of_bytes(bytes).await;
        assert!(told.contains("is no JSON"), "{bytes:?} {told}");
    }
    for bytes in [
        &b"{}"[..],
        b"null",
        b"[1]",
        b"[{}]",
        b"[{\"number\": -1}]",
        b"[{\"number\": 1, \"title\": null, \"created_at\": \"\", \"updated_at\": \"\"}]",
        b"[{\"number\": 1, \"title\": \"x\", \"created_at\": \"yesterday\", \"updated_at\": \"\"}]",
    ] {
        let told = of_bytes(bytes).await;
        assert!(told.contains("other fields"), "{bytes:?} {told}");
    }
    let page = || list().with("content-type", "text/html; charset=utf-8");
    let told = of_answer(page).await;
    assert!(told.contains("is text/html"), "{told}");
    assert!(told.contains("any proxy on the way"), "{told}");
    of_answer(|| list().with("content-type", "")).await;
    of_answer(|| list().status(204)).await;
    of_answer(|| list().status(206)).await;
}

#[tokio::test]
async fn an_answer_nested_without_end_is_refused_or_skipped() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    of_answer(move || Answer::bytes(deep(1_000_000).into_bytes())).await;
    // In a field that nobody reads it does no harm.
    let server = Server::start(move |_| {
        let issue = issue(1, 3, 3).to_string();
        let body = format!("{{\"extra\":{},{}", deep(100_000), &issue[1..]);
        Answer::bytes(format!("[{body}]").into_bytes())
    })
    .await;
    let told = ask(&github(&server)).await;
    let harmless = match &told {
        Ok(blocking) => numbers(blocking) == [1],
        Err(error) => error.kind() == Kind::BadAnswer,
    };
    assert!(harmless, "{told:?}");
}

#[tokio::test]
async fn a_server_of_ones_own_answers_below_its_path() {
    let server = Server::with(vec![(
        "/api/v3/repos/octo/widgets/issues",
        Value::Array(vec![issue(1, 3, 3)]),
    )])
    .await;
    for base in ["/api/v3", "/api/v3/"] {
        let options = Options {
            base_url: format!("{}{base}", server.origin()),
            ..options(&server)
        };
        let github = GitHub::new(options).expect("a client");
        assert_eq!(numbers(&ask(&github).await.expect(base)), [1]);
    }
    let options = Options {
        base_url: format!(
            "{}/api/v3",
            server.origin().replace("127.0.0.1", "localhost")
        ),
        ..options(&server)
    };
    let named = GitHub::new(options).expect("a client");
    assert_eq!(numbers(&ask(&named).await.expect("localhost")), [1]);
    assert_eq!(failure(&github(&server)).await.kind(), Kind::NotFound);
}
