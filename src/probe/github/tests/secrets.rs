//! Where the token goes, and where it must not. The server keeps what it was sent; that the token is found
//! where it belongs shows that it would be found elsewhere.

use serde_json::json;

use super::samples::issue;
use super::*;

fn list() -> Answer {
    Answer::json(&json!([issue(1, 3, 3)]))
}

#[tokio::test]
async fn the_token_arrives_where_it_belongs() {
    let server = Server::start(|_| list()).await;
    ask(&github(&server)).await.expect("the issues");
    assert!(server.received(TOKEN), "the check of the tests below");
    let seen = &server.seen()[0];
    assert_eq!(seen.header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(seen.header("accept"), "application/vnd.github+json");
    assert_eq!(seen.header("x-github-api-version"), "2022-11-28");
    assert!(seen.header("user-agent").contains('/'));
    // Without a token there is no such header.
    let server = Server::start(|_| list()).await;
    let nobody = github(&server).with_token(None).expect("a client");
    ask(&nobody).await.expect("the issues");
    assert_eq!(server.seen()[0].header("authorization"), "");
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start(|_| list()).await;
        let to = format!("{}/repos/octo/widgets/issues", elsewhere.origin());
        let server =
            Server::start(move |_| list().status(status).with("location", to.clone())).await;
        let error = failure(&github(&server)).await;
        assert_eq!(error.kind(), Kind::BadAnswer);
        let told = error.to_string();
        assert!(told.contains("redirects to another place"), "{told}");
        assert_eq!(elsewhere.requests(), 0);
        assert!(server.received(TOKEN) && !elsewhere.received(TOKEN));
    }
}

#[tokio::test]
async fn redirects_that_stay_with_the_host_are_followed_a_few_times() {
    // A repository that was renamed answers with its number.
    let server = Server::start(|seen| match seen.path() {
        "/repositories/1/issues" => list(),
        _ => list()
            .status(301)
            .with("location", "/repositories/1/issues?page=1"),
    })
    .await;
    let blocking = ask(&github(&server)).await.expect("the issues");
    assert_eq!(numbers(&blocking), [1]);
    let round = Server::start(|_| list().status(302).with("location", "/again")).await;
    let told = failure(&github(&round)).await;
    assert_eq!(told.kind(), Kind::BadAnswer);
    assert_eq!(round.requests(), 4);
    let nowhere = Server::start(|_| list().status(302)).await;
    assert_eq!(failure(&github(&nowhere)).await.kind(), Kind::BadAnswer);
}

#[tokio::test]
async fn no_other_place_is_asked_for_the_next_page() {
    let elsewhere = Server::start(|_| list()).await;
    let other_host = format!("{}/repos/octo/widgets/issues?page=2", elsewhere.origin());
    let port = elsewhere.origin();
    let port = port.rsplit(':').next().unwrap_or_default();
    for target in [
        other_host,
        format!("//127.0.0.1:{port}/api/v3/x"),
        format!("http://localhost:{port}/api/v3/x"),
        "https://api.github.com/repositories/1/issues?page=2".to_owned(),
        "/admin?page=2".to_owned(),
        "/api/v3/../../admin".to_owned(),
        "/api/v3/%2e%2e/admin".to_owned(),
        "/api/v3x/y".to_owned(),
        "ftp://x/api/v3/y".to_owned(),
        "http://[/api/v3/".to_owned(),
    ] {
        let header = format!("<{target}>; rel=\"next\"");
        let server = Server::start(move |_| list().with("link", header.clone())).await;
        let options = Options {
            base_url: format!("{}/api/v3/", server.origin()),
            ..options(&server)
        };
        let github = GitHub::new(options).expect("a client");
        let error = failure(&github).await;
        assert_eq!(error.kind(), Kind::BadAnswer, "{target}");
        assert_eq!(server.requests(), 1, "{target}");
        assert!(server.seen()[0].path().starts_with("/api/v3/repos/octo/"));
    }
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn an_answer_that_repeats_the_token_does_not_get_it_into_an_error() {
    for answer in [
        Answer::complaint(401, &format!("Bad credentials: Bearer {TOKEN}")),
        Answer::complaint(422, TOKEN),
        Answer::complaint(429, TOKEN),
        Answer::complaint(501, TOKEN),
        Answer::complaint(302, TOKEN).with("location", format!("https://x/{TOKEN}")),
        Answer::json(&json!([])).with("link", format!("<https://x/{TOKEN}>; rel=next")),
        Answer::json(&json!([{ "number": TOKEN }])),
        Answer::json(&json!([])).with("content-type", "text/html"),
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
        // Sentence, detail and debug form are looked at there; the header's name is cut from them too.
        let told = ask(&github(&server)).await.expect_err("an error");
        for text in [
            told.to_string(),
            told.detail().to_owned(),
            format!("{told:?}"),
        ] {
            assert!(!text.contains(TOKEN), "{text}");
        }
    }
}

#[tokio::test]
async fn what_is_shown_of_client_and_options_holds_no_token() {
    let server = Server::start(|_| list()).await;
    let github = github(&server);
    let shown = format!("{github:?} {:?}", options(&server));
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(shown.contains("[secret]"), "{shown}");
}

async fn refused(change: impl FnOnce(&mut Options)) -> String {
    let server = Server::start(|_| list()).await;
    let mut options = options(&server);
    change(&mut options);
    let told = GitHub::new(options).expect_err("an error");
    assert_eq!(told.kind(), Kind::NotConfigured);
    let told = told.to_string();
    assert!(!told.contains(TOKEN) && !told.contains("hunter2"), "{told}");
    told
}

#[tokio::test]
async fn nothing_leaves_the_machine_without_encryption() {
    for base in [
        "http://github.example/api/v3",
        "http://10.0.0.1",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://[::2]/",
    ] {
        let told = refused(|options| options.base_url = base.to_owned()).await;
        assert!(told.contains("without encryption"), "{told}");
        // Nor without a token: what is answered is read and kept all the same.
        let told = refused(|options| {
            options.base_url = base.to_owned();
            options.token = None;
        });
        let told = told.await;
        assert!(told.contains("without encryption"), "{told}");
    }
    for base in [
        "http://localhost:1",
        "http://127.9.9.9",
        "http://[::1]:1",
        "https://x",
    ] {
        let server = Server::start(|_| list()).await;
        let options = Options {
            base_url: base.to_owned(),
            ..options(&server)
        };
        assert!(GitHub::new(options).is_ok(), "{base}");
    }
}

#[tokio::test]
async fn options_that_cannot_be_used_are_refused() {
    for base in [
        "",
        "api.github.com",
        "ftp://x",
        "https://",
        "https://ada:hunter2@github.example",
        "https://github.example?x=1",
        "https://github.example#x",
        "https://github.com/octo",
    ] {
        let told = refused(|options| options.base_url = base.to_owned()).await;
        assert!(told.contains("base address"), "{told}");
    }
    for token in ["", "a b", "a\nb", "ä", "\u{0}"] {
        let told = refused(|options| options.token = Some(Secret::new(token))).await;
        assert!(told.contains("[github] token"), "{told}");
    }
    let long = "x".repeat(1025);
    refused(|options| options.token = Some(Secret::new(long.as_str()))).await;
    for proxy in ["", "proxy:3128", "socks5://u:hunter2@x", "http://"] {
        let told = refused(|options| {
            options.base_url = "https://github.example".to_owned();
            options.proxy = Some(Secret::new(proxy));
        });
        let told = told.await;
        assert!(told.contains("proxy"), "{told}");
    }
    let told = refused(|options| options.proxy = Some(Secret::new("http://p:1"))).await;
    assert!(told.contains("proxy would see"), "{told}");
}

#[tokio::test]
async fn a_proxy_sees_the_host_and_not_the_token() {
    let proxy = Server::start(|_| Answer::complaint(407, "who are you")).await;
    let options = Options {
        base_url: "https://github.example/api/v3".to_owned(),
        proxy: Some(Secret::new(proxy.origin())),
        retries: 0,
        ..options(&proxy)
    };
    let github = GitHub::new(options).expect("a client");
    assert_eq!(failure(&github).await.kind(), Kind::Unavailable);
    assert_eq!(proxy.seen()[0].target, "github.example:443");
    assert!(!proxy.received(TOKEN));
}
