//! Mails to a server on this machine, read back by a reader of our own, and servers that refuse, hang, hang up,
//! babble or cheat at each stage.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::notify::fixture::letter;
use crate::notify::fixture::smtp::{Does, Encrypts, Manners, Smtp};
use crate::notify::fixture::web::{ATTEMPT, TIMEOUTS};
use crate::notify::letter::Severity;

const PASSWORD: &str = "hunter2";

fn options(server: &Smtp, tls: MailTls) -> MailOptions {
    MailOptions {
        host: "localhost".to_owned(),
        port: server.address.port(),
        tls,
        ca_file: None,
        username: None,
        password: None,
        from: "Muster <muster@example.com>".to_owned(),
        to: vec![
            "Ann <ann@example.com>".to_owned(),
            "bob@example.org".to_owned(),
        ],
        timeouts: TIMEOUTS,
    }
}

async fn send(options: MailOptions, letter: &Letter) -> Result<Delivered, DeliveryError> {
    let mail = Mail::open(options).expect("it is sound");
    mail.deliver(letter, ATTEMPT).await
}

/// Sends a letter in the open to a server that misbehaves at a stage.
async fn met(stage: &'static str, does: Does) -> (Smtp, Result<Delivered, DeliveryError>) {
    let server = Smtp::with(Manners::good(Encrypts::Never).at(stage, does)).await;
    let mut options = options(&server, MailTls::None);
    options.username = Some("muster".to_owned());
    options.password = Some(Secret::new(PASSWORD));
    let sent = send(options, &letter()).await;
    (server, sent)
}

/// Sends a letter by TLS to a server whose certificate is trusted.
async fn encrypted(manners: Manners, tls: MailTls) -> (Smtp, Result<Delivered, DeliveryError>) {
    let server = Smtp::with(manners).await;
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, &server.certificate).expect("a file");
    let mut options = options(&server, tls);
    options.ca_file = Some(ca_file);
    options.username = Some("muster".to_owned());
    options.password = Some(Secret::new(PASSWORD));
    let sent = send(options, &letter()).await;
    (server, sent)
}

/// A mail taken apart: its headers by name, unfolded, and its parts by type, decoded.
struct Read {
    headers: BTreeMap<String, String>,
    parts: Vec<(String, String)>,
}

fn read(mail: &str) -> Read {
    let (headers, body) = taken_apart(mail);
    let kind = headers["content-type"].clone();
    let boundary = kind
        .split("boundary=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let boundary = format!("--{}", boundary.expect("a boundary"));
    let parts = body
        .split(&boundary)
        .skip(1)
        .take_while(|part| !part.starts_with("--"));
    let parts = parts.map(|part| {
        let (headers, body) = taken_apart(part.trim_start_matches("\r\n"));
        let encoding = headers["content-transfer-encoding"].as_str();
        (headers["content-type"].clone(), decoded(encoding, &body))
    });
    let parts = parts.collect();
    Read { headers, parts }
}

fn taken_apart(text: &str) -> (BTreeMap<String, String>, String) {
    let (head, body) = text.split_once("\r\n\r\n").expect("headers and a body");
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers = unfolded.split("\r\n").map(|line| {
        let (name, value) = line.split_once(": ").expect("a header");
        (name.to_lowercase(), value.to_owned())
    });
    (headers.collect(), body.to_owned())
}

fn decoded(encoding: &str, body: &str) -> String {
    let bytes = match encoding {
        "base64" => STANDARD.decode(body.replace("\r\n", "")).expect("base64"),
        "quoted-printable" => {
            let joined = body.replace("=\r\n", "");
            let mut bytes = Vec::new();
            let mut rest = joined.as_bytes();
            while let Some((first, after)) = rest.split_first() {
                if *first == b'=' {
                    let digits = std::str::from_utf8(&after[..2]).expect("two digits");
                    bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
                    rest = &after[2..];
                } else {
                    bytes.push(*first);
                    rest = after;
                }
            }
            bytes
        }
        "7bit" => body.as_bytes().to_vec(),
        other => panic!("an encoding that needs 8 bits: {other}"),
    };
    String::from_utf8(bytes)
        .expect("UTF-8")
        .replace("\r\n", "\n")
}

#[tokio::test]
async fn a_letter_is_a_mail_of_text_and_html_with_its_headers() {
    let server = Smtp::with(Manners::good(Encrypts::Never)).await;
    let sent = send(options(&server, MailTls::None), &letter())
        .await
        .expect("sent");
    assert_eq!(sent.note, "localhost took the mail: queued as 1");
    assert!(sent.warnings.is_empty());
    let heard = server.heard();
    assert_eq!(
        heard.commands,
        [
            "EHLO example.com",
            "MAIL FROM:<muster@example.com>",
            "RCPT TO:<ann@example.com>",
            "RCPT TO:<bob@example.org>",
            "DATA",
            "QUIT",
        ]
    );
    let mail = read(&heard.mails[0]);
    for (name, value) in [
        ("from", "Muster <muster@example.com>"),
        ("to", "Ann <ann@example.com>, bob@example.org"),
        ("subject", "[shop] Standup"),
        ("date", "Fri, 27 Nov 2026 09:00:00 +0000"),
        ("message-id", "<shop/rep-12/ops@example.com>"),
        ("auto-submitted", "auto-generated"),
        ("list-id", "<standup.shop.muster.example.com>"),
        ("x-muster-letter", "shop/rep-12/ops"),
        ("mime-version", "1.0"),
    ] {
        assert_eq!(
            mail.headers.get(name).map(String::as_str),
            Some(value),
            "{name}"
        );
    }
    assert!(mail.headers["content-type"].starts_with("multipart/alternative"));
    let (text, html) = (&mail.parts[0], &mail.parts[1]);
    assert_eq!(mail.parts.len(), 2);
    assert_eq!(text.0, "text/plain; charset=utf-8");
    assert_eq!(text.1.trim_end(), letter().text.trim_end());
    assert_eq!(html.0, "text/html; charset=utf-8");
    assert!(html.1.contains("<p>Done: 3, Grüße</p>"), "{}", html.1);
}

#[tokio::test]
async fn another_attempt_is_the_same_mail_to_the_byte() {
    let server = Smtp::with(Manners::good(Encrypts::Never)).await;
    for _ in 0..2 {
        send(options(&server, MailTls::None), &letter())
            .await
            .expect("sent");
    }
    let mails = server.heard().mails;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
}

#[tokio::test]
async fn no_title_adds_a_header_or_a_command() {
    let server = Smtp::with(Manners::good(Encrypts::Never)).await;
    let mut hostile = letter();
    hostile.severity = Severity::Critical;
    hostile.title = format!(
        "a\r\nBcc: eve@example.com\r\n\r\n<b>\0 Grüße {}",
        "x".repeat(5_000)
    );
    hostile.project = "shop\r\nX-Evil: 1>, <b".to_owned();
    hostile.id = "shop\u{2028}/1>\"@".to_owned();
    hostile.text = "a\r\n.\r\nRCPT TO:<eve@example.com>\r\n..\n".to_owned();
    hostile.html = String::new();
    send(options(&server, MailTls::None), &hostile)
        .await
        .expect("sent");
    let heard = server.heard();
    assert_eq!(heard.commands.len(), 6, "{:?}", heard.commands);
    let mail = read(&heard.mails[0]);
    let names: Vec<&str> = mail.headers.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "auto-submitted",
            "content-type",
            "date",
            "from",
            "importance",
            "list-id",
            "message-id",
            "mime-version",
            "subject",
            "to",
            "x-muster-letter",
        ]
    );
    assert_eq!(
        mail.headers["list-id"],
        "<standup.shop--x-evil--1----b.muster.example.com>"
    );
    assert_eq!(
        mail.headers["message-id"],
        "<shop%E2%80%A8/1%3E%22%40@example.com>"
    );
    assert!(heard.mails[0].lines().all(|line| line.len() <= 998));
    assert_eq!(
        mail.parts[0].1.trim_end(),
        "a\n.\nRCPT TO:<eve@example.com>\n.."
    );
    assert!(mail.parts[1].1.contains("&lt;b&gt;"), "{}", mail.parts[1].1);
}

#[tokio::test]
async fn a_refusal_for_now_is_worth_another_attempt_at_every_stage() {
    for stage in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "mail"] {
        let (server, sent) = met(stage, Does::Say("451 4.7.1 greylisted, hunter2")).await;
        let error = sent.expect_err(stage);
        assert!(!error.is_permanent(), "{stage}: {error}");
        assert!(error.sentence().contains("451"), "{stage}: {error}");
        assert!(!error.sentence().contains(PASSWORD), "{stage}: {error}");
        assert!(stage == "mail" || server.heard().mails.is_empty());
    }
}

#[tokio::test]
async fn a_refusal_for_good_is_one_at_every_stage() {
    for stage in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "mail"] {
        let (_, sent) = met(stage, Does::Say("550-5.1.1 no\r\n550 5.1.1 such thing")).await;
        let error = sent.expect_err(stage);
        assert!(error.is_permanent(), "{stage}: {error}");
        assert!(error.sentence().contains("550"), "{stage}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_hangs_up_or_babbles_is_worth_another_attempt() {
    let mut meetings = tokio::task::JoinSet::new();
    for stage in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "mail"] {
        for does in [Does::Hang, Does::Close, Does::Babble, Does::Say("what")] {
            meetings.spawn(async move { (stage, does, met(stage, does).await.1) });
        }
    }
    for (stage, does, sent) in meetings.join_all().await {
        let error = sent.expect_err(stage);
        assert!(!error.is_permanent(), "{stage} {does:?}: {error}");
        let sentence = error.sentence();
        assert!(!sentence.contains(PASSWORD), "{stage}: {error}");
        // Nobody waits for the end of what has none, nor keeps it.
        let is_cut = !matches!(does, Does::Babble) || sentence.contains("says too much");
        assert!(is_cut || stage == "AUTH", "{stage}: {error}");
        let is_timed = !matches!(does, Does::Hang) || sentence.contains("in time");
        assert!(is_timed, "{stage}: {error}");
    }
}

#[tokio::test]
async fn a_goodbye_that_fails_changes_nothing() {
    for does in [Does::Hang, Does::Close, Does::Say("550 no")] {
        let (server, sent) = met("QUIT", does).await;
        assert!(sent.is_ok());
        assert_eq!(server.heard().mails.len(), 1);
    }
}

#[tokio::test]
async fn one_recipient_that_is_refused_for_good_does_not_keep_the_mail_from_others() {
    let (server, sent) = met("bob@example.org", Does::Say("550 no such user")).await;
    let sent = sent.expect("the other gets it");
    assert_eq!(
        sent.warnings,
        ["localhost refused the recipient bob@example.org for good (550): no such user"]
    );
    assert_eq!(server.heard().mails.len(), 1);
}

#[tokio::test]
async fn one_recipient_that_is_refused_for_now_is_waited_for_until_the_last_attempt() {
    let manners = Manners::good(Encrypts::Never);
    let manners = manners.at("bob@example.org", Does::Say("452 mailbox full"));
    let server = Smtp::with(manners).await;
    let mail = Mail::open(options(&server, MailTls::None)).expect("it is sound");
    let error = mail.deliver(&letter(), ATTEMPT).await.expect_err("not yet");
    assert!(!error.is_permanent());
    assert!(server.heard().mails.is_empty());
    let last = Attempt {
        is_last: true,
        ..ATTEMPT
    };
    let sent = mail
        .deliver(&letter(), last)
        .await
        .expect("the other gets it");
    assert_eq!(sent.warnings.len(), 1);
    assert_eq!(server.heard().mails.len(), 1);
}

#[tokio::test]
async fn the_password_is_sent_encrypted_either_way() {
    for (encrypts, tls) in [
        (Encrypts::AtOnce, MailTls::Implicit),
        (Encrypts::WhenAsked, MailTls::StartTls),
    ] {
        let (server, sent) = encrypted(Manners::good(encrypts), tls).await;
        sent.expect("sent");
        let heard = server.heard();
        assert_eq!(heard.mails.len(), 1);
        let login = STANDARD.encode(format!("\0muster\0{PASSWORD}"));
        let login = format!("(encrypted) AUTH PLAIN {login}");
        assert!(heard.commands.contains(&login), "{:?}", heard.commands);
        let open = heard
            .commands
            .iter()
            .filter(|said| !said.starts_with("(encrypted)"));
        let open: Vec<&str> = open.map(String::as_str).collect();
        let expected: &[&str] = match tls {
            MailTls::StartTls => &["EHLO example.com", "STARTTLS"],
            _ => &[],
        };
        assert_eq!(open, expected);
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_gets_nothing() {
    for (encrypts, tls) in [
        (Encrypts::AtOnce, MailTls::Implicit),
        (Encrypts::WhenAsked, MailTls::StartTls),
    ] {
        let server = Smtp::with(Manners::good(encrypts)).await;
        let other = Smtp::with(Manners::good(encrypts)).await;
        let folder = tempfile::tempdir().expect("a folder");
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, &other.certificate).expect("a file");
        let mut options = options(&server, tls);
        options.ca_file = Some(ca_file);
        let error = send(options, &letter()).await.expect_err("it is another's");
        assert!(!error.is_permanent());
        assert!(error.sentence().contains("nothing was sent"), "{error}");
        assert!(server.heard().mails.is_empty());
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_gets_nothing() {
    let server = Smtp::with(Manners::good(Encrypts::AtOnce)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, &server.certificate).expect("a file");
    let mut options = options(&server, MailTls::Implicit);
    options.ca_file = Some(ca_file);
    options.host = "127.0.0.2".to_owned();
    assert!(send(options, &letter()).await.is_err());
    assert!(server.heard().mails.is_empty());
}

#[tokio::test]
async fn without_starttls_nothing_is_said_in_the_open() {
    let server = Smtp::with(Manners::good(Encrypts::Never)).await;
    let mut options = options(&server, MailTls::StartTls);
    options.username = Some("muster".to_owned());
    options.password = Some(Secret::new(PASSWORD));
    let error = send(options, &letter())
        .await
        .expect_err("it is not offered");
    assert!(!error.is_permanent());
    assert!(
        error.sentence().contains("does not offer STARTTLS"),
        "{error}"
    );
    assert_eq!(server.heard().commands, ["EHLO example.com"]);
}

#[tokio::test]
async fn what_is_slipped_in_before_encryption_counts_for_nothing() {
    let slipped = "220 go ahead\r\n250-evil\r\n250 AUTH LOGIN";
    let manners = Manners::good(Encrypts::WhenAsked).at("STARTTLS", Does::Say(slipped));
    let (server, sent) = encrypted(manners, MailTls::StartTls).await;
    let error = sent.expect_err("somebody cheats");
    assert!(!error.is_permanent());
    assert!(error.sentence().contains("nothing was sent"), "{error}");
    assert_eq!(server.heard().commands, ["EHLO example.com", "STARTTLS"]);
}

#[tokio::test]
async fn trouble_before_encryption_is_worth_another_attempt() {
    let mut meetings = tokio::task::JoinSet::new();
    for stage in ["greeting", "EHLO", "STARTTLS"] {
        for does in [
            Does::Hang,
            Does::Close,
            Does::Babble,
            Does::Say("550 no"),
            Does::Say("454 no"),
        ] {
            let manners = Manners::good(Encrypts::WhenAsked).at(stage, does);
            let met = encrypted(manners, MailTls::StartTls);
            meetings.spawn(async move { (stage, does, met.await) });
        }
    }
    for (stage, does, (server, sent)) in meetings.join_all().await {
        let error = sent.expect_err(stage);
        assert!(!error.is_permanent(), "{stage} {does:?}: {error}");
        assert!(server.heard().mails.is_empty());
    }
}

#[tokio::test]
async fn without_a_ca_file_the_certificates_of_the_system_count() {
    let server = Smtp::with(Manners::good(Encrypts::AtOnce)).await;
    match Mail::open(options(&server, MailTls::Implicit)) {
        Ok(mail) => {
            let error = mail.deliver(&letter(), ATTEMPT).await;
            let error = error.expect_err("the system does not know this server");
            assert!(error.sentence().contains("nothing was sent"), "{error}");
        }
        // A system without any says so when the channel is opened.
        Err(error) => assert_eq!(error.field, "tls"),
    }
    assert!(server.heard().mails.is_empty());
}

#[tokio::test]
async fn nobody_there_is_worth_another_attempt() {
    let server = Smtp::with(Manners::good(Encrypts::Never)).await;
    let mut options = options(&server, MailTls::None);
    options.port = 9;
    let error = send(options, &letter()).await.expect_err("nobody is there");
    assert!(!error.is_permanent());
    assert!(error.sentence().contains("localhost:9"), "{error}");
}

#[tokio::test]
async fn a_name_that_leads_away_from_this_machine_is_not_spoken_to_in_the_open() {
    let server = session::Server {
        // What "localhost" would be if somebody changed its address.
        host: "192.0.2.1".to_owned(),
        port: 25,
        encryption: tls::Encryption::None,
        credentials: None,
        hello: "example.com".to_owned(),
        timeouts: TIMEOUTS,
    };
    let from = address::mailbox("from", "muster@example.com").expect("an address");
    let to = [from.email.clone()];
    let error = server.send(&from.email, &to, b"", false).await;
    let error = error.expect_err("it is elsewhere");
    assert!(error.sentence().contains("leads away"), "{error}");
}

#[tokio::test]
async fn options_that_cannot_work_are_refused_by_name() {
    let server = Smtp::with(Manners::good(Encrypts::Never)).await;
    let refused = |field: &str, change: fn(&mut MailOptions)| {
        let mut options = options(&server, MailTls::None);
        change(&mut options);
        let error = Mail::open(options).map(drop).expect_err(field);
        assert_eq!(error.field, field, "{error}");
    };
    refused("to", |options| options.to.clear());
    refused("to", |options| {
        options.to = vec!["a@example.com".to_owned(); 51]
    });
    refused("to", |options| {
        options.to.push("x\n@example.com".to_owned())
    });
    refused("from", |options| options.from = "muster".to_owned());
    refused("port", |options| options.port = 0);
    refused("host", |options| options.host = "a b".to_owned());
    refused("tls", |options| {
        options.host = "mail.example.com".to_owned()
    });
    refused("password", |options| {
        options.username = Some("muster".to_owned())
    });
    refused("username", |options| {
        options.password = Some(Secret::new("x"))
    });
    refused("username", |options| {
        options.username = Some("a\nb".to_owned());
        options.password = Some(Secret::new("x"));
    });
    refused("ca_file", |options| {
        options.tls = MailTls::Implicit;
        options.ca_file = Some("/nowhere/ca.pem".into());
    });
    refused("timeouts", |options| {
        options.timeouts.connect = std::time::Duration::ZERO
    });
}

#[tokio::test]
async fn a_set_up_channel_shows_no_password() {
    let server = Smtp::with(Manners::good(Encrypts::Never)).await;
    let mut options = options(&server, MailTls::None);
    options.username = Some("muster".to_owned());
    options.password = Some(Secret::new(PASSWORD));
    let shown = format!("{options:?}");
    let shown = format!("{shown} {:?}", Mail::open(options).expect("it is sound"));
    assert!(!shown.contains(PASSWORD), "{shown}");
}
