//! Addresses by kind, and a server that counts who reached it: what is refused must not arrive.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{StatusCode, header};

use super::*;

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn every_address_has_its_kind() {
    for (text, expected) in [
        ("8.8.8.8", Range::Public),
        ("1.1.1.1", Range::Public),
        ("172.15.255.255", Range::Public),
        ("172.32.0.0", Range::Public),
        ("100.63.255.255", Range::Public),
        ("100.128.0.0", Range::Public),
        ("169.253.255.255", Range::Public),
        ("192.0.1.0", Range::Public),
        ("198.17.255.255", Range::Public),
        ("198.20.0.0", Range::Public),
        ("223.255.255.255", Range::Public),
        ("0.0.0.0", Range::Unspecified),
        ("0.1.2.3", Range::Unspecified),
        ("10.0.0.0", Range::Private),
        ("10.255.255.255", Range::Private),
        ("172.16.0.0", Range::Private),
        ("172.31.255.255", Range::Private),
        ("192.168.0.1", Range::Private),
        ("100.64.0.0", Range::CarrierNat),
        ("100.127.255.255", Range::CarrierNat),
        ("127.0.0.1", Range::Loopback),
        ("127.255.255.255", Range::Loopback),
        ("169.254.0.0", Range::LinkLocal),
        ("169.254.169.254", Range::LinkLocal),
        ("100.100.100.200", Range::Metadata),
        ("168.63.129.16", Range::Metadata),
        ("192.0.0.192", Range::Metadata),
        ("192.0.0.1", Range::Reserved),
        ("192.88.99.1", Range::Reserved),
        ("198.18.0.1", Range::Reserved),
        ("198.19.255.255", Range::Reserved),
        ("240.0.0.1", Range::Reserved),
        ("192.0.2.1", Range::Documentation),
        ("198.51.100.1", Range::Documentation),
        ("203.0.113.255", Range::Documentation),
        ("224.0.0.1", Range::Multicast),
        ("239.255.255.255", Range::Multicast),
        ("255.255.255.255", Range::Multicast),
        ("2606:4700:4700::1111", Range::Public),
        ("2001:4860:4860::8888", Range::Public),
        ("2001:200::1", Range::Public),
        ("::", Range::Unspecified),
        ("::1", Range::Loopback),
        ("::2", Range::Reserved),
        ("fc00::1", Range::UniqueLocal),
        ("fdff:ffff::1", Range::UniqueLocal),
        ("fd00:ec2::254", Range::Metadata),
        ("fd20:ce::254", Range::Metadata),
        ("fe80::1", Range::LinkLocal),
        ("febf::1", Range::LinkLocal),
        ("fec0::1", Range::Private),
        ("ff02::1", Range::Multicast),
        ("2001:db8::1", Range::Documentation),
        ("3fff:fff::1", Range::Documentation),
        ("2001::1", Range::Reserved),
        ("2001:2::1", Range::Reserved),
        ("2001:1ff::1", Range::Reserved),
        ("100::1", Range::Reserved),
        ("5f00::1", Range::Reserved),
        ("4000::1", Range::Reserved),
    ] {
        assert_eq!(Range::of(address(text)), expected, "{text}");
    }
}

#[test]
fn an_address_that_carries_another_is_judged_by_it() {
    for (inside, expected) in [
        ("8.8.8.8", Range::Public),
        ("10.1.2.3", Range::Private),
        ("127.0.0.1", Range::Loopback),
        ("169.254.169.254", Range::LinkLocal),
        ("100.64.0.1", Range::CarrierNat),
        ("100.100.100.200", Range::Metadata),
        ("224.0.0.1", Range::Multicast),
        ("203.0.113.1", Range::Documentation),
    ] {
        let parts: Vec<u8> = inside
            .split('.')
            .map(|part| part.parse().expect("a byte"))
            .collect();
        let words = format!(
            "{:02x}{:02x}:{:02x}{:02x}",
            parts[0], parts[1], parts[2], parts[3]
        );
        for outside in [
            format!("::ffff:{inside}"),
            format!("::ffff:0:{inside}"),
            format!("::{inside}"),
            format!("64:ff9b::{inside}"),
            format!("2002:{words}::1"),
            format!("2606:4700::5efe:{inside}"),
            format!("2606:4700::200:5efe:{inside}"),
        ] {
            assert_eq!(Range::of(address(&outside)), expected, "{outside}");
        }
    }
    // The other translation prefix belongs to whoever runs the network, so nobody outside is behind it.
    assert_eq!(
        Range::of(address("64:ff9b:1::8.8.8.8")),
        Range::Reserved,
        "local translation"
    );
}

#[track_caller]
fn network(text: &str) -> Network {
    text.parse().expect("a range")
}

#[test]
fn a_range_of_the_configuration_holds_what_lies_inside() {
    for (range, inside, outside) in [
        ("10.1.0.0/16", "10.1.255.255", "10.2.0.0"),
        ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
        ("0.0.0.0/0", "203.0.113.9", "2606:4700::1"),
        ("fd00::/8", "fdff::1", "fc00::1"),
        ("::/0", "10.0.0.1", ""),
        ("10.1.0.0/16", "::ffff:10.1.0.1", "::ffff:10.2.0.1"),
        ("10.1.0.0/16", "64:ff9b::10.1.0.1", "64:ff9b::10.2.0.1"),
    ] {
        assert!(network(range).holds(address(inside)), "{range} {inside}");
        if !outside.is_empty() {
            assert!(!network(range).holds(address(outside)), "{range} {outside}");
        }
    }
    for wrong in [
        "",
        "/",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.1/8",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "example.com",
    ] {
        let told = wrong.parse::<Network>().expect_err(wrong);
        assert!(told.starts_with("is ") || told.starts_with("has "));
    }
}

fn rules(allow_private: bool, networks: &[&str]) -> Rules {
    Rules {
        allow_private,
        networks: networks.iter().map(|text| network(text)).collect(),
    }
}

#[test]
fn what_is_inside_is_permitted_by_configuration_only() {
    let check = |rules: &Rules, text: &str, expected: bool| {
        assert_eq!(rules.permit(address(text)), expected, "{text} {rules:?}");
    };
    let strict = rules(false, &[]);
    let private = rules(true, &[]);
    for inside in [
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "fc00::1",
        "100.64.0.1",
        "::ffff:10.0.0.1",
    ] {
        check(&strict, inside, false);
        check(&private, inside, true);
    }
    for never in [
        "169.254.169.254",
        "fe80::1",
        "100.100.100.200",
        "fd00:ec2::254",
        "0.0.0.0",
        "224.0.0.1",
        "203.0.113.1",
        "240.0.0.1",
    ] {
        check(&strict, never, false);
        check(&private, never, false);
    }
    let listed = rules(false, &["10.1.0.0/16", "169.254.7.0/24"]);
    check(&listed, "10.1.2.3", true);
    check(&listed, "10.2.2.3", false);
    check(&listed, "169.254.7.1", true);
    check(&listed, "169.254.169.254", false);
    let all = rules(false, &["0.0.0.0/0", "::/0"]);
    check(&all, "203.0.113.1", true);
    check(&all, "100.100.100.200", false);
    check(&all, "224.0.0.1", false);
    check(&all, "0.0.0.0", false);
    check(&rules(false, &["100.100.100.200"]), "100.100.100.200", true);
}

/// Answers each lookup with the next of its lists, and with the last one again when they are used up.
struct Told(Mutex<VecDeque<Vec<IpAddr>>>);

impl Told {
    fn new(lists: &[&[&str]]) -> Arc<Self> {
        let list = |texts: &&[&str]| texts.iter().map(|text| address(text)).collect();
        Arc::new(Self(Mutex::new(lists.iter().map(list).collect())))
    }
}

impl Lookup for Told {
    fn addresses(&self, _host: &str) -> Found {
        let mut lists = self.0.lock().expect("no test panics while it answers");
        let list = match lists.len() {
            0 | 1 => lists.front().cloned().unwrap_or_default(),
            _ => lists.pop_front().unwrap_or_default(),
        };
        Box::pin(async move { Ok(list) })
    }
}

fn outbound(rules: Rules, lookup: Arc<dyn Lookup>) -> Outbound {
    // Another test of this process may have been the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = OutboundOptions {
        rules,
        ..OutboundOptions::default()
    };
    Outbound::with_lookup(options, lookup).expect("a client")
}

#[track_caller]
fn refused(rules: Rules, text: &str, expected: &str) {
    let told = outbound(rules, Told::new(&[])).destination(text);
    let told = told.expect_err(text).to_string();
    assert!(told.contains(expected), "{text}: {told}");
}

#[track_caller]
fn accepted(rules: Rules, text: &str) -> Destination {
    outbound(rules, Told::new(&[]))
        .destination(text)
        .expect(text)
}

#[tokio::test]
async fn an_address_is_written_in_one_way_only() {
    let none = Rules::default;
    accepted(none(), "https://example.com/hook?a=b");
    accepted(none(), " https://example.com:8443 ");
    accepted(none(), "https://8.8.8.8/");
    for (text, expected) in [
        ("", "no web address"),
        ("example.com/hook", "no web address"),
        ("ftp://example.com", "no web address"),
        ("file:///etc/passwd", "no web address"),
        ("https://", "no web address"),
        ("https://example.com:0/", "no web address"),
        ("https://user@example.com/", "user name or password"),
        ("https://:secret@example.com/", "user name or password"),
        ("http://example.com/", "not addressed with https"),
        ("http://8.8.8.8/", "not addressed with https"),
        ("http://localhost/", "not addressed with https"),
        ("https://10.0.0.1/", "a private address"),
        ("https://127.0.0.1/", "this machine"),
        ("https://[::1]/", "this machine"),
        ("https://[::ffff:169.254.169.254]/", "link-local"),
        ("https://[64:ff9b::10.0.0.1]/", "a private address"),
        ("https://[2002:a00:1::]/", "a private address"),
        // Other ways to write 127.0.0.1 and 10.0.0.1, which resolvers and libraries take.
        ("https://2130706433/", "this machine"),
        ("https://0x7f.1/", "this machine"),
        ("https://0177.0.0.1/", "this machine"),
        ("https://127.1/", "this machine"),
        ("https://10.1/", "a private address"),
        ("https://１２７.0.0.1/", "this machine"),
    ] {
        refused(none(), text, expected);
    }
    refused(
        none(),
        &format!("https://a.b/{}", "x".repeat(2048)),
        "bytes",
    );
    refused(
        none(),
        &format!("https://{}.b/", "x".repeat(260)),
        "no web address",
    );
}

#[tokio::test]
async fn plain_http_is_for_this_machine_and_only_when_it_is_allowed() {
    for text in [
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://localhost/",
        "http://a.localhost./",
    ] {
        accepted(rules(true, &[]), text);
    }
    accepted(rules(false, &["127.0.0.1"]), "http://127.0.0.1/");
    refused(rules(true, &[]), "http://10.0.0.1/", "https");
    refused(rules(true, &[]), "http://intranet/", "https");
    refused(rules(true, &[]), "http://localhost.example.com/", "https");
}

#[tokio::test]
async fn a_shown_destination_keeps_path_and_query_to_itself() {
    let hook = accepted(
        Rules::default(),
        "https://example.com:444/T0/SECRET?k=SECRET",
    );
    assert_eq!(hook.to_string(), "https://example.com:444");
    assert!(!format!("{hook:?}").contains("SECRET"));
    assert!(hook.url().as_str().contains("SECRET"), "it is what is sent");
}

/// A server on this machine that counts its requests and redirects `/away` to itself.
struct Inside {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Inside {
    async fn start() -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let app = Router::new().fallback(move |uri: axum::http::Uri| {
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match uri.path() {
                    "/away" => (StatusCode::FOUND, [(header::LOCATION, "/inside")], "moved"),
                    "/long" => (StatusCode::OK, [(header::LOCATION, "")], LONG),
                    _ => (StatusCode::OK, [(header::LOCATION, "")], "reached"),
                }
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }
}

const LONG: &str = "0123456789012345678901234567890123456789";

async fn send(outbound: &Outbound, url: &str) -> Result<Response, reqwest::Error> {
    let destination = outbound.destination(url).expect(url);
    let request = outbound.request(Method::GET, &destination);
    request.expect("the same rules").send().await
}

#[tokio::test]
async fn what_is_permitted_arrives() {
    // The negative control of the tests below: this server can be reached, and it notices.
    let inside = Inside::start().await;
    let outbound = outbound(rules(true, &[]), Told::new(&[&["127.0.0.1"]]));
    for host in ["127.0.0.1", "localhost"] {
        let answer = send(&outbound, &inside.url(host, "/")).await.expect(host);
        let body = body_at_most(answer, 100).await.expect("a body");
        assert_eq!(body, b"reached");
    }
    assert_eq!(inside.requests(), 2);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_connected_to() {
    // Given a name that was public when it was checked and leads to this machine when it is used.
    let inside = Inside::start().await;
    let turns = Told::new(&[&["8.8.8.8"], &["127.0.0.1"]]);
    let outbound = outbound(Rules::default(), turns);
    let url = format!("https://turns.example:{}/", inside.address.port());
    let destination = outbound.destination(&url).expect("a public name");
    outbound
        .check(&destination)
        .await
        .expect("a public address");
    let failed = send(&outbound, &url).await.expect_err("refused");
    let refusal = refusal(&failed).expect("a refusal in the chain");
    assert_eq!(refusal.to_string(), INSIDE);
    assert_eq!(inside.requests(), 0);
}

const INSIDE: &str = "turns.example leads to an address of this machine; give a public address, or let the daemon's settings allow this one";

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    // Given a lookup that tells an allowed address first; another lookup would tell one that is not.
    let inside = Inside::start().await;
    let turns = Told::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let outbound = outbound(rules(false, &["127.0.0.1"]), turns);
    let answer = send(&outbound, &inside.url("localhost", "/")).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(inside.requests(), 1);
}

#[tokio::test]
async fn one_bad_address_of_a_name_refuses_all_of_them() {
    for list in [
        &["8.8.8.8", "10.0.0.1"][..],
        &["10.0.0.1", "8.8.8.8"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::169.254.169.254"],
    ] {
        let outbound = outbound(Rules::default(), Told::new(&[list]));
        let destination = outbound.destination("https://mixed.example/");
        let told = outbound.check(&destination.expect("a name")).await;
        assert!(matches!(told, Err(Refusal::Inside { .. })), "{told:?}");
    }
}

#[tokio::test]
async fn localhost_leads_to_this_machine_or_nowhere() {
    let outbound = outbound(rules(true, &[]), Told::new(&[&["8.8.8.8"]]));
    let failed = send(&outbound, "http://localhost:9/").await;
    let failed = failed.expect_err("plain http would leave the machine");
    assert!(refusal(&failed).is_some(), "{failed:?}");
}

#[tokio::test]
async fn a_name_without_addresses_and_a_slow_resolver_are_told_apart() {
    struct Never;
    impl Lookup for Never {
        fn addresses(&self, _host: &str) -> Found {
            Box::pin(std::future::pending())
        }
    }
    tokio::time::pause();
    let slow = outbound(Rules::default(), Arc::new(Never));
    let name = slow.destination("https://slow.example/").expect("a name");
    let told = slow.check(&name).await.expect_err("no answer");
    assert!(told.to_string().contains("within 5000 ms"), "{told}");
    let empty = outbound(Rules::default(), Told::new(&[]));
    let told = empty.check(&name).await.expect_err("no address");
    assert!(told.to_string().contains("has no address"), "{told}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let inside = Inside::start().await;
    let outbound = outbound(rules(true, &[]), Told::new(&[]));
    let answer = send(&outbound, &inside.url("127.0.0.1", "/away")).await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::FOUND);
    assert_eq!(inside.requests(), 1);
}

#[tokio::test]
async fn a_destination_read_under_other_rules_is_judged_again() {
    let lenient = outbound(rules(true, &[]), Told::new(&[]));
    let strict = outbound(Rules::default(), Told::new(&[]));
    let destination = lenient.destination("http://127.0.0.1:9/").expect("allowed");
    assert!(strict.request(Method::GET, &destination).is_err());
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let inside = Inside::start().await;
    let outbound = outbound(rules(true, &[]), Told::new(&[]));
    let url = inside.url("127.0.0.1", "/long");
    let whole = send(&outbound, &url).await.expect("an answer");
    let whole = body_at_most(whole, LONG.len()).await.expect("it fits");
    assert_eq!(whole, LONG.as_bytes());
    let more = send(&outbound, &url).await.expect("an answer");
    let told = body_at_most(more, LONG.len() - 1).await;
    assert!(matches!(told, Err(BodyError::TooLong { bytes_max: 39 })));
}
