//! Messages posted to a receiver on this machine, and what its errors mean to people.

use super::*;
use crate::notify::FailureKind;
use crate::notify::fixture::letter;
use crate::notify::fixture::web::{ATTEMPT, Says, TIMEOUTS, Web, cryptography, inside};

async fn answered(says: Says) -> (Web, Result<Delivered, DeliveryError>) {
    cryptography();
    let web = Web::saying(says).await;
    let slack = Slack::open(SlackOptions {
        url: Secret::new(web.url("/services/T0/B0/s3cr3t")),
        rules: inside(),
        timeouts: TIMEOUTS,
    });
    let delivered = slack
        .expect("it is sound")
        .deliver(&letter(), ATTEMPT)
        .await;
    (web, delivered)
}

#[tokio::test]
async fn a_message_has_blocks_and_a_text_for_notifications() {
    let (web, delivered) = answered(Says::status(200).body("ok")).await;
    assert!(delivered.is_ok());
    let request = &web.seen()[0];
    assert_eq!(request.path, "/services/T0/B0/s3cr3t");
    assert_eq!(request.header("content-type"), "application/json");
    let message: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(message["text"], "shop: Standup");
    assert_eq!(message["blocks"][0]["type"], "header");
}

#[tokio::test]
async fn errors_of_slack_are_told_in_words_and_last() {
    for (status, code, words) in [
        (400, "invalid_payload", "cannot read the message"),
        (404, "channel_not_found", "channel of this webhook is gone"),
        (410, "channel_is_archived", "archived"),
        (404, "no_service", "make a new one"),
        (403, "action_prohibited", "administrator"),
        (403, "some_new_code", "some_new_code"),
    ] {
        let (_, delivered) = answered(Says::status(status).body(code)).await;
        let error = delivered.expect_err("refused");
        assert!(error.is_permanent(), "{error}");
        assert!(error.sentence().contains(code), "{error}");
        assert!(error.sentence().contains(words), "{error}");
        assert!(!error.sentence().contains("s3cr3t"), "{error}");
    }
}

#[tokio::test]
async fn a_fault_of_slack_or_too_many_messages_are_worth_another_attempt() {
    let limited = Says::status(429)
        .header("retry-after", "30")
        .body("rate_limited");
    let (_, delivered) = answered(limited).await;
    let kind = delivered.map_err(|error| error.kind);
    let after_ms = Some(30_000);
    assert_eq!(kind, Err(FailureKind::Retry { after_ms }));
    let (_, delivered) = answered(Says::status(500).body("rollup_error")).await;
    assert!(delivered.is_err_and(|error| !error.is_permanent()));
}

#[tokio::test]
async fn what_is_no_code_of_slack_is_not_told_on() {
    for body in [
        "<html>s3cr3t</html>",
        "S3cr3t s3cr3t",
        &"s3cr3t_".repeat(40),
    ] {
        let (_, delivered) = answered(Says::status(400).body(body)).await;
        let error = delivered.expect_err("refused");
        assert!(
            !error.sentence().to_lowercase().contains("s3cr3t"),
            "{error}"
        );
    }
}
