//! Published reports by mail and in Slack, from outside: what arrives is what was published, a receiver that has no
//! time now gets it later, and what was given up is shown until somebody asks for it again.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::channels::{
    RETRY_AFTER, Receiver, channel, comes_to, delivery, doctor, publish, shop, with_channels,
};
use crate::daemon::Daemon;
use crate::smtp::{MailServer, WELCOME};

const PASSWORD: &str = "correct-horse-hunter2";
/// A channel whose first wait is short: a second, of all that chance might say.
const MAIL: &str = "mail-1305";
const SLACK: &str = "slack-119";

/// A daemon that mails to a server which does not encrypt.
fn mailing(server: &MailServer) -> Daemon {
    let port = server.address.port();
    let mut daemon = with_channels(|_| {
        format!(
            "[channels.{MAIL}]\nkind = \"mail\"\nhost = \"localhost\"\nport = {port}\ntls = \"none\"\n\
             from = \"Muster <muster@example.com>\"\nto = [\"Ann <ann@example.com>\", \"bob@example.org\"]\n"
        )
    });
    shop(&mut daemon);
    daemon
}

/// A daemon that writes to Slack, which stands on this machine.
fn writing(receiver: &Receiver) -> Daemon {
    let daemon = with_channels(|_| {
        format!(
            "[channels.{SLACK}]\nkind = \"slack\"\nurl_env = \"SLACK_URL\"\nprivate_addresses = \"allow\"\n"
        )
    });
    let mut daemon = daemon.with_variable("SLACK_URL", receiver.url());
    shop(&mut daemon);
    daemon
}

/// The value of a header of a mail.
fn header<'a>(letter: &'a str, name: &str) -> &'a str {
    let (head, _) = letter.split_once("\r\n\r\n").expect("headers and a body");
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

/// The part of a mail that has a type, in plain words.
fn part(letter: &str, kind: &str) -> String {
    let (_, rest) = letter
        .split_once(&format!("Content-Type: {kind}"))
        .unwrap_or_else(|| panic!("no {kind} in {letter}"));
    let (head, body) = rest.split_once("\r\n\r\n").expect("a body");
    let (body, _) = body.split_once("\r\n--").expect("an end");
    if head.contains("base64") {
        let bytes = STANDARD.decode(body.replace("\r\n", "")).expect("base64");
        return String::from_utf8(bytes).expect("UTF-8");
    }
    // Whatever is not plain letters is encoded otherwise; the words that are looked for are plain letters.
    body.replace("=\r\n", "")
}

/// What the doctor says of the channel.
fn diagnosis(daemon: &Daemon, name: &str) -> Option<Value> {
    let checks = doctor(daemon);
    let name = format!("channel {name} of shop");
    let mut checks = checks.as_array().expect("checks").clone().into_iter();
    checks.find(|check| check["name"] == *name)
}

/// Holds what is shown of a report that was given up to what is true, and has it delivered.
#[track_caller]
fn is_shown_and_delivered_again(daemon: &Daemon, name: &str, mended: impl FnOnce()) {
    let told = diagnosis(daemon, name).expect("the doctor says so");
    let (state, found) = (json!("warn"), json!("1 report given up, 0 waiting"));
    assert_eq!((&told["state"], &told["found"]), (&state, &found));
    let listed = channel(daemon, name);
    assert_eq!(listed["dead_reports"], json!(["REP-1"]), "{listed:#}");
    let retry = ["channel", "retry", "REP-1", "--channel", name];
    mended();
    daemon.cli(&retry).exits(0);
    comes_to(daemon, "REP-1", name, "delivered");
    assert_eq!(diagnosis(daemon, name), None);
    assert_eq!(channel(daemon, name)["dead_reports"], json!([]));
    daemon.cli(&retry).exits(4);
}

#[test]
fn a_published_report_arrives_as_a_mail_after_a_server_that_had_no_time_for_it() {
    let server = MailServer::saying(&["451 4.7.1 greylisted", WELCOME]);
    let daemon = mailing(&server);
    let published = publish(&daemon, "standup");
    let delivered = comes_to(&daemon, "REP-1", MAIL, "delivered");
    assert_eq!(delivered["attempts"], 2, "{delivered:#}");
    let last_error = channel(&daemon, MAIL)["last_error"].to_string();
    assert!(last_error.contains("451"), "{last_error}");

    let heard = server.heard();
    let [letter] = &heard.letters[..] else {
        panic!("one letter: {heard:#?}");
    };
    let senders = heard.commands.iter().filter(|it| it.starts_with("MAIL"));
    assert_eq!(senders.count(), 2, "{heard:#?}");
    let id = format!("shop/REP-1/{MAIL}");
    for (name, value) in [
        ("from", "Muster <muster@example.com>"),
        ("to", "Ann <ann@example.com>, bob@example.org"),
        ("x-muster-letter", &id),
    ] {
        assert_eq!(header(letter, name), value, "{letter}");
    }
    let title = published["title"].as_str().expect("a title");
    assert!(header(letter, "subject").contains(title), "{letter}");
    for kind in ["text/plain", "text/html"] {
        let part = part(letter, kind);
        assert!(part.contains("Standup"), "{kind}: {part}");
    }
    daemon.finish();
}

#[test]
fn a_mail_that_was_refused_for_good_is_shown_and_delivered_when_asked() {
    let server = MailServer::saying(&["550 5.7.1 not from you"]);
    let daemon = mailing(&server);
    publish(&daemon, "standup");
    let dead = comes_to(&daemon, "REP-1", MAIL, "dead");
    assert_eq!(dead["attempts"], 1);
    assert!(dead["note"].to_string().contains("550"), "{dead:#}");
    assert!(server.heard().letters.is_empty());
    is_shown_and_delivered_again(&daemon, MAIL, || server.says_from_now_on(WELCOME));
    assert_eq!(server.heard().letters.len(), 1);
    daemon.finish();
}

#[test]
fn a_mail_goes_encrypted_with_a_password_that_is_shown_nowhere() {
    let server = MailServer::encrypted();
    let port = server.address.port();
    let daemon = with_channels(|home| {
        let ca_file = home.join("ca.pem");
        std::fs::write(&ca_file, &server.certificate).expect("a file can be written");
        format!(
            "[channels.mail]\nkind = \"mail\"\nhost = \"localhost\"\nport = {port}\nca_file = {ca_file:?}\n\
             username = \"muster\"\npassword_env = \"MAIL_PASSWORD\"\n\
             from = \"muster@example.com\"\nto = [\"ann@example.com\"]\n"
        )
    });
    let mut daemon = daemon.with_variable("MAIL_PASSWORD", PASSWORD);
    shop(&mut daemon);
    publish(&daemon, "standup");
    comes_to(&daemon, "REP-1", "mail", "delivered");
    let login = STANDARD.encode(format!("\0muster\0{PASSWORD}"));
    let heard = server.heard();
    let login = format!("AUTH PLAIN {login}");
    assert!(heard.commands.contains(&login), "{heard:#?}");
    let listed = daemon.cli(&["channel", "list"]).exits(0).stdout;
    for text in [daemon.log_text(), listed] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    daemon.finish();
}

#[test]
fn a_published_report_is_a_message_in_slack_once_slack_lets_it_in() {
    let slack = Receiver::saying(&[429, 200]);
    let daemon = writing(&slack);
    publish(&daemon, "standup");
    let delivered = comes_to(&daemon, "REP-1", SLACK, "delivered");
    assert_eq!(delivered["attempts"], 2, "{delivered:#}");
    let seen = slack.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].body, seen[1].body);
    // The channel's own first wait is a second, so whoever is later has heeded what was asked of him.
    let waited = seen[1].at.saturating_sub(seen[0].at);
    let asked = Duration::from_secs(RETRY_AFTER) - Duration::from_millis(100);
    assert!(waited >= asked, "{waited:?}");
    let message: Value = serde_json::from_str(&seen[1].body).expect("JSON");
    let blocks = message["blocks"].as_array().expect("blocks");
    assert_eq!(blocks[0]["type"], "header", "{message:#}");
    let title = blocks[0]["text"]["text"].as_str().expect("a text");
    assert!(title.contains("Standup"), "{message:#}");
    assert!(blocks.iter().any(|block| block["type"] == "section"));
    assert!(message["text"].to_string().contains("Standup"));
    daemon.finish();
}

#[test]
fn a_message_that_slack_refused_is_shown_and_delivered_when_asked() {
    let slack = Receiver::saying(&[404]);
    let daemon = writing(&slack);
    publish(&daemon, "standup");
    let dead = comes_to(&daemon, "REP-1", SLACK, "dead");
    assert!(dead["note"].to_string().contains("404"), "{dead:#}");
    is_shown_and_delivered_again(&daemon, SLACK, || slack.says_from_now_on(200));
    assert_eq!(slack.seen().len(), 2);
    assert_eq!(delivery(&daemon, "REP-1", SLACK)["attempts"], 1);
    let listed = daemon.cli(&["channel", "list"]).exits(0).stdout;
    for text in [daemon.log_text(), listed] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    daemon.finish();
}
