//! Webhooks against receivers on this machine; signatures are checked by a receiver's code of our own, written
//! from the specification.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::notify::FailureKind;
use crate::notify::fixture::letter;
use crate::notify::fixture::web::{ATTEMPT, Says, Seen, TIMEOUTS, Web, cryptography, inside, raw};
use crate::outbound::{Found, Lookup};

const FIRST: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECOND: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn options(url: &str, secrets: &[&str]) -> WebhookOptions {
    cryptography();
    WebhookOptions {
        url: Secret::new(url),
        secrets: secrets.iter().map(|secret| Secret::new(*secret)).collect(),
        rules: inside(),
        timeouts: TIMEOUTS,
    }
}

async fn post(url: &str) -> Result<Delivered, DeliveryError> {
    let webhook = Webhook::open(options(url, &[FIRST])).expect("it is sound");
    webhook.deliver(&letter(), ATTEMPT).await
}

async fn answered(says: Says) -> Result<Delivered, DeliveryError> {
    post(&Web::saying(says).await.url("/hook/s3cr3t")).await
}

/// HMAC as RFC 2104 defines it, so that the check shares no code with what it checks.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

/// Whether a receiver that holds the secret believes a request at that time.
fn believes(secret: &str, request: &Seen, now_seconds: i64) -> bool {
    let timestamp = request.header("webhook-timestamp");
    let sent: i64 = timestamp.parse().unwrap_or(0);
    if (now_seconds - sent).abs() > 300 {
        return false;
    }
    let key = STANDARD.decode(secret.trim_start_matches("whsec_"));
    let key = key.unwrap_or_default();
    let id = request.header("webhook-id").as_bytes();
    let signed = [id, b".", timestamp.as_bytes(), b".", &request.body].concat();
    let expected = STANDARD.encode(hmac_sha256(&key, &signed));
    let mut signatures = request.header("webhook-signature").split(' ');
    signatures.any(|signature| signature == format!("v1,{expected}"))
}

#[tokio::test]
async fn a_receiver_believes_the_letter_and_nothing_that_was_changed() {
    let web = Web::saying(Says::status(204)).await;
    let delivered = post(&web.url("/hook")).await.expect("delivered");
    assert_eq!(delivered.note, "the receiver answered 204");
    let seen = web.seen();
    assert_eq!(seen.len(), 1);
    let request = &seen[0];
    assert_eq!(request.path, "/hook");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("webhook-id"), "shop/rep-12/ops");
    assert_eq!(request.header("webhook-timestamp"), "1795770000");
    assert_eq!(request.body, letter().to_json().expect("JSON"));
    assert!(believes(FIRST, request, 1_795_770_060));
    assert!(!believes(SECOND, request, 1_795_770_060));
    assert!(!believes(FIRST, request, 1_795_770_600));
    let mut changed = request.clone();
    changed.body = letter().to_json().expect("JSON")[1..].to_vec().into();
    assert!(!believes(FIRST, &changed, 1_795_770_060));
}

#[tokio::test]
async fn while_secrets_change_holders_of_either_believe() {
    let web = Web::saying(Says::status(200)).await;
    let webhook = Webhook::open(options(&web.url("/"), &[FIRST, SECOND])).expect("it is sound");
    webhook
        .deliver(&letter(), ATTEMPT)
        .await
        .expect("delivered");
    let request = &web.seen()[0];
    assert!(believes(FIRST, request, 1_795_770_000));
    assert!(believes(SECOND, request, 1_795_770_000));
    assert_eq!(request.header("webhook-signature").split(' ').count(), 2);
}

#[tokio::test]
async fn another_attempt_has_the_same_id_and_body_and_a_new_time() {
    let web = Web::saying(Says::status(500)).await;
    let webhook = Webhook::open(options(&web.url("/"), &[FIRST])).expect("it is sound");
    let later = Attempt {
        now_ms: ATTEMPT.now_ms + 3_600_000,
        ..ATTEMPT
    };
    for attempt in [ATTEMPT, later] {
        assert!(webhook.deliver(&letter(), attempt).await.is_err());
    }
    let seen = web.seen();
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(seen[1].header("webhook-timestamp"), "1795773600");
    assert!(believes(FIRST, &seen[1], 1_795_773_600));
}

#[tokio::test]
async fn an_id_with_a_dot_or_a_line_end_cannot_change_what_is_signed() {
    let web = Web::saying(Says::status(200)).await;
    let webhook = Webhook::open(options(&web.url("/"), &[FIRST])).expect("it is sound");
    let mut odd = letter();
    odd.id = "shop.1/ü: x".to_owned();
    webhook.deliver(&odd, ATTEMPT).await.expect("delivered");
    assert_eq!(web.seen()[0].header("webhook-id"), "shop%2E1/%C3%BC%3A%20x");
}

#[tokio::test]
async fn the_status_says_whether_another_attempt_may_help() {
    for status in [200, 201, 202, 204, 299] {
        assert!(answered(Says::status(status)).await.is_ok(), "{status}");
    }
    for status in [400, 401, 403, 404, 405, 410, 413, 415, 422, 451] {
        let error = answered(Says::status(status)).await.expect_err("refused");
        assert!(error.is_permanent(), "{error}");
        assert!(error.sentence().contains(&status.to_string()), "{error}");
    }
    for status in [408, 409, 425, 429, 500, 501, 502, 503, 504, 599] {
        let error = answered(Says::status(status)).await.expect_err("not now");
        assert_eq!(error.kind, FailureKind::Retry { after_ms: None }, "{error}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_gone_asks_to_disable_the_channel() {
    let error = answered(Says::status(410)).await.expect_err("gone");
    assert!(error.is_permanent());
    assert!(error.sentence().contains("disable the channel"), "{error}");
}

#[tokio::test]
async fn a_receiver_may_ask_for_a_wait_of_at_most_a_day() {
    let asked = async |status, value| {
        let says = Says::status(status).header("retry-after", value);
        answered(says).await.expect_err("not now").kind
    };
    let wait = |after_ms| FailureKind::Retry { after_ms };
    assert_eq!(asked(429, "120").await, wait(Some(120_000)));
    assert_eq!(asked(503, "999999999").await, wait(Some(86_400_000)));
    let date = asked(503, "Fri, 27 Nov 2026 09:01:00 GMT").await;
    assert_eq!(date, wait(Some(59_877)));
    assert_eq!(asked(503, "later").await, wait(None));
    assert_eq!(asked(400, "120").await, FailureKind::Permanent);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let private = Web::saying(Says::status(200)).await;
    for status in [301, 302, 303, 307, 308] {
        let says = Says::status(status).header("location", &private.url("/inside"));
        let error = answered(says).await.expect_err("it is no answer");
        assert!(error.is_permanent(), "{error}");
        assert!(error.sentence().contains("not followed"), "{error}");
    }
    assert!(private.seen().is_empty());
}

#[tokio::test]
async fn a_receiver_that_hangs_or_answers_late_is_given_up() {
    let late = Says::status(200).after(Duration::from_secs(20));
    let error = answered(late).await.expect_err("too late");
    assert!(!error.is_permanent());
    assert!(error.sentence().contains("in time"), "{error}");
    let hanging = raw("HTTP/1.1 200 O", b"").await;
    let error = post(&format!("http://{hanging}/"))
        .await
        .expect_err("it hangs");
    assert!(!error.is_permanent());
}

#[tokio::test]
async fn an_answer_of_megabytes_or_without_end_is_left_unread() {
    let long = Says::status(200).body(&"x".repeat(5 << 20));
    assert!(answered(long).await.is_ok());
    let ok = "HTTP/1.1 200 OK\r\n\r\n";
    let endless = raw(ok, &[b'x'; 8192]).await;
    assert!(post(&format!("http://{endless}/")).await.is_ok());
    // The status has come, so the letter has arrived, whatever happens to the rest.
    let hanging = raw("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", b"").await;
    assert!(post(&format!("http://{hanging}/")).await.is_ok());
    let headers = raw(
        "HTTP/1.1 200 OK\r\n",
        b"x-y: zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\r\n",
    )
    .await;
    let error = post(&format!("http://{headers}/"))
        .await
        .expect_err("it never answers");
    assert!(!error.is_permanent());
}

#[tokio::test]
async fn what_is_no_web_server_or_no_server_is_worth_another_attempt() {
    let nonsense = raw("SSH-2.0-OpenSSH\r\n", b"").await;
    let error = post(&format!("http://{nonsense}/s3cr3t")).await;
    let error = error.expect_err("it is no web server");
    assert!(!error.is_permanent());
    let gone = Web::saying(Says::status(200)).await.address.port();
    let nobody = if gone == 9 { 10 } else { 9 };
    let error = post(&format!("http://127.0.0.1:{nobody}/s3cr3t")).await;
    let error = error.expect_err("nobody is there");
    assert!(!error.is_permanent());
    assert!(!error.sentence().contains("s3cr3t"), "{error}");
}

#[tokio::test]
async fn no_sentence_holds_a_secret() {
    for status in [302, 400, 403, 404, 410, 413, 500] {
        let says = Says::status(status).body("token s3cr3t is wrong");
        let error = answered(says).await.expect_err("refused");
        assert!(!error.sentence().contains("s3cr3t"), "{error}");
    }
    let options = options("http://127.0.0.1/s3cr3t", &[FIRST]);
    let webhook = Webhook::open(options.clone()).expect("it is sound");
    let shown = format!("{options:?} {webhook:?}");
    assert!(
        !shown.contains("s3cr3t") && !shown.contains("MfKQ"),
        "{shown}"
    );
}

/// Answers with one address first and with another ever after.
struct Rebinding(AtomicUsize);

impl Lookup for Rebinding {
    fn addresses(&self, _host: &str) -> Found {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let address = if before == 0 {
            [203, 0, 114, 7]
        } else {
            [127, 0, 0, 1]
        };
        Box::pin(std::future::ready(Ok(vec![IpAddr::from(address)])))
    }
}

#[tokio::test]
async fn an_address_inside_the_network_is_refused_when_opened_and_when_sent_to() {
    let web = Web::saying(Says::status(200)).await;
    let mut options = options(&web.url("/"), &[FIRST]);
    options.rules = crate::outbound::Rules::default();
    let error = Webhook::open(options.clone()).map(drop);
    assert!(error.is_err_and(|error| error.field == "url"));
    let port = web.address.port();
    options.url = Secret::new(format!("https://hooks.example.com:{port}/s3cr3t"));
    let names = Rebinding(AtomicUsize::new(1));
    let webhook = Webhook::with_lookup(options, Arc::new(names)).expect("it is sound");
    let error = webhook
        .deliver(&letter(), ATTEMPT)
        .await
        .expect_err("it is inside");
    assert!(error.is_permanent(), "{error}");
    assert!(error.sentence().contains("hooks.example.com"), "{error}");
    assert!(!error.sentence().contains("s3cr3t"), "{error}");
    assert!(web.seen().is_empty());
}
