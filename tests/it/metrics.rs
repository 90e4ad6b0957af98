//! The figures and health as a scraper and a prober see them: held to the rules of the format, and to what
//! really happened.

mod format;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use muster_proto::v1;

use crate::contract::{GARDEN, HARBOUR};
use crate::daemon::{Agent, Daemon};
use crate::process::{Output, clean};
use format::Exposition;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A daemon, not started yet, that serves figures; `more` goes into the section.
fn prepared(more: &str) -> Daemon {
    let text = format!("[metrics]\nlisten = \"127.0.0.1:0\"\n{more}\n");
    Daemon::prepared_in(|home| {
        let path = home.join("muster.toml");
        std::fs::write(&path, text).expect("a settings file can be written");
        vec![
            "--config".to_owned(),
            path.to_str().expect("plain").to_owned(),
        ]
    })
}

pub fn started(more: &str) -> Daemon {
    let mut daemon = prepared(more);
    daemon.launch();
    daemon
}

/// Where the figures are, as the log says.
pub fn pages(daemon: &Daemon) -> String {
    let log = daemon.log_text();
    let said = "figures and health are served on ";
    let line = log.lines().rfind(|line| line.contains(said));
    let line = line.unwrap_or_else(|| panic!("no pages are served: {log}"));
    let (_, rest) = line.split_once(said).expect("it is there");
    rest.split([' ', '"']).next().unwrap_or(rest).to_owned()
}

/// An answer of plain HTTP.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

fn get(address: &str, path: &str) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the port is open");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .expect("the request goes");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer comes");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status
            .and_then(|status| status.parse().ok())
            .expect("a status"),
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

/// One scrape, held to the rules of the format.
pub fn scrape(daemon: &Daemon) -> Exposition {
    let answer = get(&pages(daemon), "/metrics");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], CONTENT_TYPE);
    Exposition::read(&answer.body).unwrap_or_else(|wrong| panic!("{wrong}\n{}", answer.body))
}

/// A session's work: one task done, one held, one refusal of each of three kinds. Gives the held fence.
pub fn work(daemon: &Daemon) -> Agent {
    daemon.import("harbour.md", HARBOUR);
    let ann = daemon.agent("ann", "developer");
    let claim = || {
        let claimed = daemon.cli_as(&ann, &["claim", "--start", "--json"]);
        let claimed = claimed.exits(0).json();
        let task = claimed["task"]["id"].as_str().expect("a task").to_owned();
        (task, claimed["fence"].to_string())
    };
    let (task, fence) = claim();
    let done = [
        "done",
        &task,
        "--fence",
        &fence,
        "--summary",
        "S",
        "--verification",
        "V",
        "--json",
    ];
    daemon.cli_as(&ann, &done).exits(0);
    let (held, _) = claim();
    daemon
        .cli_as(&ann, &["progress", &held, "--fence", "1", "--note", "N"])
        .exits(5);
    daemon.cli_as(&ann, &["pause", "--reason", "R"]).exits(7);
    daemon
        .cli_with("muster_no_such_token", &["task", "list"])
        .exits(7);
    ann
}

#[test]
fn a_scrape_tells_what_really_happened() {
    let daemon = started("");
    work(&daemon);
    let seen = scrape(&daemon);

    let calls = |method: &str, code: &str| {
        let labels = [
            ("service", "WorkService"),
            ("method", method),
            ("code", code),
        ];
        seen.value("muster_rpcs_total", &labels)
    };
    assert_eq!(calls("ClaimTask", "OK"), 2.0);
    assert_eq!(calls("CompleteTask", "OK"), 1.0);
    assert_eq!(calls("ReportProgress", "FAILED_PRECONDITION"), 1.0);
    let claims = [("service", "WorkService"), ("method", "ClaimTask")];
    assert_eq!(
        seen.value("muster_rpc_duration_seconds_count", &claims),
        2.0
    );
    let took = seen.value("muster_rpc_duration_seconds_sum", &claims);
    assert!(took > 0.0 && took < 600.0, "{took} s");
    for (reason, count) in [
        ("LEASE_LOST", 1.0),
        ("NOT_ALLOWED", 1.0),
        ("UNAUTHENTICATED", 1.0),
    ] {
        let labels = [("reason", reason)];
        assert_eq!(seen.value("muster_refusals_total", &labels), count);
    }

    let project = ("project", "harbour-booking");
    let tasks = |status| seen.value("muster_tasks", &[project, ("status", status)]);
    assert_eq!((tasks("completed"), tasks("in_progress")), (1.0, 1.0));
    let listed = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    let listed = listed["tasks"].as_array().expect("tasks");
    let all: f64 = seen.named("muster_tasks").map(|(_, value)| value).sum();
    assert_eq!(all, listed.len() as f64);
    let ready = listed.iter().filter(|task| task["ready"] == true).count();
    assert_eq!(seen.value("muster_ready_tasks", &[project]), ready as f64);
    let blockers = daemon.cli(&["blockers", "--json"]).exits(0).json();
    let open = blockers["blockers"].as_array().map_or(0, Vec::len);
    assert_eq!(seen.value("muster_open_blockers", &[project]), open as f64);
    assert_eq!(seen.value("muster_live_leases", &[project]), 1.0);
    assert_eq!(seen.value("muster_projects", &[("status", "active")]), 1.0);

    // Every event of a log that began with this process was in one of its commits.
    let mut admin = daemon.coordinator().admin();
    let request = v1::VerifyLogRequest::default();
    let logs = daemon.block_on(admin.verify_log(request));
    let logs = logs.expect("the logs are walked").into_inner().logs;
    let events: u64 = logs.iter().map(|log| log.version).sum();
    assert_eq!(seen.value("muster_commit_events_sum", &[]), events as f64);
    let commits = seen.value("muster_commit_duration_seconds_count", &[]);
    assert_eq!(commits, seen.value("muster_commit_events_count", &[]));
    assert!(commits >= 1.0 && commits <= events as f64, "{commits}");
    let bytes = seen.value("muster_committed_bytes_total", &[]);
    let database = seen.value("muster_store_database_bytes", &[]);
    let wal = seen.value("muster_store_wal_bytes", &[]);
    assert!(bytes > 1_000.0 && bytes < database + wal, "{bytes}");

    for (name, value) in [
        ("muster_store_writable", 1.0),
        ("muster_writer_alive", 1.0),
        ("muster_queued_requests", 0.0),
        ("muster_waiting_claims", 0.0),
        ("muster_watchers", 0.0),
    ] {
        assert_eq!(seen.value(name, &[]), value, "{name}");
    }
    let release = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(seen.value("muster_build_info", &release), 1.0);
    assert!(seen.value("muster_store_free_bytes", &[]) > 0.0);
    let limit = [("what", "queued_requests")];
    assert_eq!(seen.value("muster_limit", &limit), 4096.0);
    assert!(seen.value("process_start_time_seconds", &[]) > 1.6e9);
    if cfg!(target_os = "linux") {
        assert!(seen.value("process_resident_memory_bytes", &[]) > 1e6);
        assert!(seen.value("process_open_fds", &[]) > 5.0);
    }
    daemon.finish();
}

#[test]
fn who_waits_and_who_watches_is_counted_while_they_do() {
    let daemon = started("");
    daemon.import("harbour.md", HARBOUR);
    let qa = daemon.agent("quinn", "qa");
    // Nothing of this role is ready, so the claim waits, and its connection with it.
    let waiting = daemon.spawn({
        let mut work = daemon.caller(Some(&qa.token)).work();
        let request = v1::ClaimTaskRequest {
            wait_ms: 100_000,
            ..Default::default()
        };
        async move { work.claim_task(request).await }
    });
    let mut events = daemon.coordinator().events();
    let watch = daemon.block_on(events.watch_events(v1::WatchEventsRequest::default()));
    let watch = watch.expect("the watch opens");
    let until = |name: &str, value: f64| {
        for _ in 0..3_000 {
            if scrape(&daemon).value(name, &[]) == value {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("{name} never was {value}");
    };
    until("muster_waiting_claims", 1.0);
    until("muster_watchers", 1.0);
    assert!(scrape(&daemon).value("muster_connections", &[]) >= 2.0);
    drop(watch);
    waiting.abort();
    until("muster_watchers", 0.0);
    let given_up = [
        ("service", "WorkService"),
        ("method", "ClaimTask"),
        ("code", "CANCELLED"),
    ];
    let mut looks = 0;
    while scrape(&daemon).find("muster_rpcs_total", &given_up) != Some(1.0) {
        looks += 1;
        assert!(looks < 3_000, "a call that was given up was never counted");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    daemon.finish();
}

#[test]
fn projects_beyond_the_limit_share_one_series() {
    let daemon = started("projects = 1");
    daemon.import("garden.md", GARDEN);
    daemon.import("harbour.md", HARBOUR);
    let other = HARBOUR.replacen("# ", "# Other ", 1);
    daemon.import("other.md", &other);
    let seen = scrape(&daemon);
    let tasks = |project: &str| {
        let found = seen.named("muster_tasks");
        let of = found.filter(|(labels, _)| labels["project"] == project);
        of.map(|(_, value)| value).sum::<f64>()
    };
    let count = |project: &str| {
        let list = daemon.cli(&["task", "list", "--project", project, "--json"]);
        let list = list.exits(0).json();
        list["tasks"].as_array().expect("tasks").len() as f64
    };
    let listed = daemon.cli(&["project", "list", "--json"]).exits(0).json();
    let slugs: Vec<&str> = listed["projects"]
        .as_array()
        .expect("projects")
        .iter()
        .map(|project| project["project"].as_str().or(project["slug"].as_str()))
        .map(|slug| slug.expect("a slug"))
        .collect();
    assert_eq!(slugs.len(), 3, "{slugs:?}");
    assert_eq!(tasks(slugs[0]), count(slugs[0]));
    assert_eq!(tasks("_others"), count(slugs[1]) + count(slugs[2]));
    assert_eq!(tasks(slugs[1]) + tasks(slugs[2]), 0.0);
    daemon.finish();
}

#[test]
fn health_is_told_and_nothing_else_is_there() {
    let daemon = started("");
    let address = pages(&daemon);
    for path in ["/healthz", "/readyz"] {
        let answer = get(&address, path);
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"));
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    }
    let answer = get(&address, "/muster.v1.TaskService/ListTasks");
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("/metrics"), "{}", answer.body);
    daemon.finish();
}

#[test]
fn nothing_is_served_unless_it_is_asked_for() {
    let daemon = Daemon::start();
    let log = daemon.log_text();
    assert!(!log.contains("figures and health"), "{log}");
    daemon.finish();
}

fn has_curl() -> bool {
    let there = Command::new("curl").arg("--version").output();
    let there = there.is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: curl is not installed");
    }
    there
}

#[test]
fn with_a_certificate_the_figures_are_under_tls_too() {
    if !has_curl() {
        return;
    }
    let key = rcgen::KeyPair::generate().expect("a key");
    let names = vec!["127.0.0.1".to_owned()];
    let made = rcgen::CertificateParams::new(names).expect("a name");
    let made = made.self_signed(&key).expect("a certificate");
    let mut daemon = Daemon::prepared_in(|home| {
        let write = |name: &str, text: &str| {
            let path = home.join(name);
            std::fs::write(&path, text).expect("a file can be written");
            path.to_str().expect("plain").to_owned()
        };
        let (cert, key) = (
            write("cert.pem", &made.pem()),
            write("key.pem", &key.serialize_pem()),
        );
        let text = format!(
            "[tls]\ncert_file = {cert:?}\nkey_file = {key:?}\n[metrics]\nlisten = \"127.0.0.1:0\"\n"
        );
        vec!["--config".to_owned(), write("muster.toml", &text)]
    });
    daemon.launch();
    let curl = |scheme: &str| {
        let mut command = clean(Command::new("curl"));
        command.args(["--silent", "--show-error", "--fail", "--cacert"]);
        command.arg(daemon.home().join("cert.pem"));
        command.arg(format!("{scheme}://{}/readyz", pages(&daemon)));
        Output::of(command)
    };
    assert_eq!(curl("https").exits(0).stdout, "ok\n");
    assert_ne!(curl("http").code, Some(0), "nothing is told in the clear");
    // The clients of these tests speak without TLS.
    daemon.terminate();
    daemon.finish_unserved();
}

#[test]
fn a_real_client_reads_the_figures() {
    if !has_curl() {
        return;
    }
    let daemon = started("");
    let curl = |path: &str| {
        let mut command = clean(Command::new("curl"));
        command.args(["--silent", "--show-error", "--fail", "--include"]);
        command.arg(format!("http://{}{path}", pages(&daemon)));
        Output::of(command)
    };
    let said = curl("/metrics").exits(0).stdout;
    let (head, body) = said.split_once("\r\n\r\n").expect("a head and a body");
    assert!(
        head.to_lowercase()
            .contains(&format!("content-type: {CONTENT_TYPE}")),
        "{head}"
    );
    let seen = Exposition::read(body).expect("it is sound");
    assert_eq!(seen.value("muster_store_writable", &[]), 1.0);
    // What `curl --fail` calls a failure.
    curl("/nothing").exits(22);
    daemon.finish();
}
