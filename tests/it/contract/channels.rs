//! Published reports on their way to people and programs, from outside: receivers that are down, that hang, that
//! refuse, and a daemon that is killed while letters wait.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use muster::clock::Stopwatch;
use serde_json::Value;

use super::fields;
use crate::daemon::Daemon;
use crate::process::{Output, muster};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// What a receiver says that never answers.
const HANGS: u16 = 0;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a receiver that has too much to do asks to wait, in seconds.
pub(super) const RETRY_AFTER: u64 = 3;

/// A request as it came: its idempotency id, its body, and when on the receiver's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    id: String,
    pub body: String,
    pub at: Duration,
}

/// A receiver on this machine that answers with a status that can be changed; after so many requests by itself.
pub(super) struct Receiver {
    address: SocketAddr,
    status: Arc<AtomicU16>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Receiver {
    /// One that answers the first requests with these statuses, and all others with the last of them.
    pub fn saying(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let status = Arc::new(AtomicU16::new(*statuses.last().expect("a status")));
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (last, kept) = (Arc::clone(&status), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut held = Vec::new();
            let clock = Stopwatch::start();
            for stream in listener.incoming().flatten() {
                let Some((mut stream, mut request)) = read(stream) else {
                    continue;
                };
                request.at = clock.elapsed();
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let count = kept.len();
                kept.push(request);
                let last = last.load(Ordering::SeqCst);
                let is_last = count + 1 >= statuses.len();
                let status = if is_last { last } else { statuses[count] };
                if status == HANGS {
                    held.push(stream);
                    continue;
                }
                let wait = match status {
                    429 => format!("retry-after: {RETRY_AFTER}\r\n"),
                    _ => String::new(),
                };
                let answer = format!(
                    "HTTP/1.1 {status} It\r\n{wait}content-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self {
            address,
            status,
            seen,
        }
    }

    pub fn says_from_now_on(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook/hunter2", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    fn ids(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.id).collect()
    }
}

/// Reads one request to its end; none from somebody who says nothing.
fn read(mut stream: TcpStream) -> Option<(TcpStream, Seen)> {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    let mut bytes = Vec::new();
    let mut page = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.to_owned())
            };
            let length: usize = header("content-length")?.parse().ok()?;
            if body.len() >= length {
                let id = header("webhook-id").unwrap_or_default();
                let body = body.to_owned();
                let at = Duration::ZERO;
                return Some((stream, Seen { id, body, at }));
            }
        }
        match stream.read(&mut page).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&page[..count]),
        }
    }
}

/// The settings of a webhook whose address stands in a variable of that name.
fn webhook(name: &str, variable: &str) -> String {
    format!(
        "[channels.{name}]\nkind = \"webhook\"\nurl_env = \"{variable}\"\nsecrets_env = [\"OPS_SECRET\"]\n\
         private_addresses = \"allow\"\ntimeout_ms = 60000\n"
    )
}

/// A daemon that is not started yet, with channels that are written down for its folder.
pub(super) fn with_channels(channels: impl Fn(&Path) -> String) -> Daemon {
    let daemon = Daemon::prepared_in(|home| {
        let path = home.join("muster.toml");
        std::fs::write(&path, channels(home)).expect("the settings can be written");
        vec!["--config".to_owned(), path.display().to_string()]
    });
    daemon.with_variable("OPS_SECRET", SECRET)
}

pub(super) fn shop(daemon: &mut Daemon) {
    daemon.launch();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
}

pub(super) fn publish(daemon: &Daemon, kind: &str) -> Value {
    let published = daemon.cli(&["report", "run", kind, "--json"]);
    published.exits(0).json()["report"].clone()
}

/// How a report stands with a channel.
pub(super) fn delivery(daemon: &Daemon, report: &str, channel: &str) -> Value {
    let listed = daemon.cli(&["report", "list", "--json"]).exits(0).json();
    let reports = listed["reports"].as_array().expect("reports").clone();
    let report = reports.iter().find(|it| it["id"] == report);
    let deliveries = report.expect("it was published")["deliveries"].clone();
    let deliveries = deliveries.as_array().expect("deliveries").clone();
    let found = deliveries.iter().find(|it| it["channel"] == channel);
    found.cloned().unwrap_or(Value::Null)
}

#[track_caller]
pub(super) fn comes_to(daemon: &Daemon, report: &str, channel: &str, state: &str) -> Value {
    let begin = Stopwatch::start();
    loop {
        let found = delivery(daemon, report, channel);
        if found["state"] == state {
            return found;
        }
        let log = daemon.log_text();
        assert!(begin.elapsed() < PATIENCE, "{channel} is {found:#}: {log}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(super) fn channel(daemon: &Daemon, name: &str) -> Value {
    let listed = daemon.cli(&["channel", "list", "--json"]).exits(0).json();
    let channels = listed["channels"].as_array().expect("channels").clone();
    let found = channels.iter().find(|it| it["name"] == name);
    found.unwrap_or_else(|| panic!("{listed:#}")).clone()
}

pub(super) fn doctor(daemon: &Daemon) -> Value {
    let data_dir = daemon.data_dir().display().to_string();
    let output = daemon.cli(&[
        "doctor",
        "--data-dir",
        &data_dir,
        "--json",
        "--server",
        daemon.url(),
    ]);
    output.json()["checks"].clone()
}

#[test]
fn a_report_is_written_to_files_and_handed_to_a_command() {
    let mut daemon = with_channels(|home| {
        let home = home.display();
        format!(
            "[channels.archive]\nkind = \"files\"\ndir = \"{home}/reports\"\nkinds = [\"standup\"]\n\
             [channels.pager]\nkind = \"command\"\nprogram = \"/bin/sh\"\n\
             arguments = [\"-c\", '''cat > letter.json; echo \"$MUSTER_LETTER_ID $SEEN $OPS_SECRET\" > told''']\n\
             working_directory = \"{home}\"\nenvironment = [\"PATH\", \"SEEN\"]\n"
        )
    })
    .with_variable("SEEN", "it");
    shop(&mut daemon);
    let published = publish(&daemon, "standup");
    let names = ["channel", "state", "attempts", "at", "note"];
    fields(&published["deliveries"][0], &names);
    comes_to(&daemon, "REP-1", "archive", "delivered");
    comes_to(&daemon, "REP-1", "pager", "delivered");
    publish(&daemon, "blockers");
    comes_to(&daemon, "REP-2", "pager", "delivered");
    assert_eq!(delivery(&daemon, "REP-2", "archive"), Value::Null);

    let folder = daemon.home().join("reports/shop/standup");
    let files = std::fs::read_dir(&folder).expect("a folder");
    let mut files: Vec<String> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    files.sort();
    assert_eq!(files.len(), 8, "{files:?}");
    assert!(
        files[0].starts_with("20") && files[0].ends_with(".html"),
        "{files:?}"
    );
    let latest = std::fs::read_to_string(folder.join("latest.json")).expect("a file");
    let latest: Value = serde_json::from_str(&latest).expect("JSON");
    assert_eq!(latest["data"]["id"], "shop/REP-1/archive");
    let shown = ["report", "show", "REP-1", "--json"];
    let shown = daemon.cli(&shown).exits(0).json();
    assert_eq!(latest["data"]["report"], shown);
    let told = std::fs::read_to_string(daemon.home().join("told")).expect("it ran");
    // It sees what the settings name, and no secret of another channel.
    assert_eq!(told, "shop/REP-2/pager it \n");
    let letter = std::fs::read_to_string(daemon.home().join("letter.json")).expect("it read");
    let letter: Value = serde_json::from_str(&letter).expect("JSON");
    assert_eq!(letter["type"], "report.blockers");

    let archive = channel(&daemon, "archive");
    let names = [
        "name",
        "kind",
        "wants",
        "configured",
        "waiting",
        "delivered",
        "dead",
        "dead_reports",
        "last_error",
        "last_error_at",
    ];
    fields(&archive, &names);
    assert_eq!(archive["wants"], "kinds standup");
    assert_eq!(
        (&archive["delivered"], &archive["dead"]),
        (&1.into(), &0.into())
    );
    daemon.finish();
}

#[test]
fn a_receiver_that_fails_twice_gets_the_same_letter_and_one_that_hangs_delays_nobody() {
    let failing = Receiver::saying(&[503, 500, 204]);
    let hanging = Receiver::saying(&[HANGS]);
    let well = Receiver::saying(&[204]);
    // Of all names this one's waits are short.
    let mut daemon = with_channels(|_| {
        webhook("hook-1013", "FAILING") + &webhook("hangs", "HANGING") + &webhook("well", "WELL")
    })
    .with_variable("FAILING", failing.url())
    .with_variable("HANGING", hanging.url())
    .with_variable("WELL", well.url());
    shop(&mut daemon);
    publish(&daemon, "standup");
    publish(&daemon, "blockers");
    comes_to(&daemon, "REP-2", "well", "delivered");
    assert_eq!(well.ids(), ["shop/REP-1/well", "shop/REP-2/well"]);
    comes_to(&daemon, "REP-2", "hook-1013", "delivered");
    let first = delivery(&daemon, "REP-1", "hook-1013");
    assert_eq!(first["attempts"], 3, "{first:#}");
    let seen = failing.seen();
    let ids = ["shop/REP-1/hook-1013"; 3];
    assert_eq!(failing.ids()[..3], ids);
    assert_eq!(failing.ids()[3], "shop/REP-2/hook-1013");
    assert!(seen[0].body == seen[1].body && seen[1].body == seen[2].body);
    assert_eq!(delivery(&daemon, "REP-1", "hangs")["state"], "waiting");
    assert!(hanging.ids().len() < 3, "one letter at a time");
    let shown = channel(&daemon, "hook-1013");
    assert!(shown["last_error"].is_string(), "{shown:#}");
    let listed = daemon.cli(&["channel", "list"]).exits(0).stdout;
    for text in [daemon.log_text(), listed, shown.to_string()] {
        assert!(
            !text.contains("hunter2") && !text.contains("MfKQ9r8"),
            "{text}"
        );
    }
    daemon.finish();
}

#[test]
fn what_waits_when_the_daemon_is_killed_is_delivered_after_the_next_start() {
    let receiver = Receiver::saying(&[503]);
    let mut daemon =
        with_channels(|_| webhook("ops", "OPS_URL")).with_variable("OPS_URL", receiver.url());
    shop(&mut daemon);
    publish(&daemon, "standup");
    publish(&daemon, "blockers");
    let begin = Stopwatch::start();
    while receiver.ids().is_empty() {
        assert!(begin.elapsed() < PATIENCE, "nothing is delivered");
        std::thread::sleep(Duration::from_millis(20));
    }
    daemon.kill9();
    receiver.says_from_now_on(204);
    let before = receiver.ids().len();
    daemon.launch();
    comes_to(&daemon, "REP-2", "ops", "delivered");
    assert_eq!(
        receiver.ids()[before..],
        ["shop/REP-1/ops", "shop/REP-2/ops"]
    );

    // One that is killed while the receiver thinks delivers again, and the receiver can tell.
    receiver.says_from_now_on(HANGS);
    publish(&daemon, "standup");
    let begin = Stopwatch::start();
    while receiver.ids().len() < before + 3 {
        assert!(begin.elapsed() < PATIENCE, "nothing is delivered");
        std::thread::sleep(Duration::from_millis(20));
    }
    daemon.kill9();
    receiver.says_from_now_on(204);
    daemon.launch();
    comes_to(&daemon, "REP-3", "ops", "delivered");
    assert_eq!(receiver.ids()[before + 2..], ["shop/REP-3/ops"; 2]);
    daemon.finish();
}

#[test]
fn a_report_that_was_given_up_is_shown_by_the_doctor_and_delivered_when_asked() {
    let receiver = Receiver::saying(&[410]);
    let mut daemon =
        with_channels(|_| webhook("ops", "OPS_URL")).with_variable("OPS_URL", receiver.url());
    shop(&mut daemon);
    publish(&daemon, "standup");
    let dead = comes_to(&daemon, "REP-1", "ops", "dead");
    assert_eq!(dead["attempts"], 1);
    assert!(
        dead["note"].as_str().is_some_and(|it| it.contains("410")),
        "{dead:#}"
    );
    let checks = doctor(&daemon);
    let checks = checks.as_array().expect("checks");
    let told = checks.iter().find(|it| it["name"] == "channel ops of shop");
    let told = told.unwrap_or_else(|| panic!("{checks:#?}"));
    assert_eq!(
        (&told["state"], &told["found"]),
        (&"warn".into(), &"1 report given up, 0 waiting".into())
    );
    assert_eq!(
        channel(&daemon, "ops")["dead_reports"],
        serde_json::json!(["REP-1"])
    );

    let failed = daemon
        .cli(&["channel", "test", "ops", "--json"])
        .exits(1)
        .json();
    assert_eq!(failed["delivered"], false, "{failed:#}");
    receiver.says_from_now_on(204);
    let tested = daemon
        .cli(&["channel", "test", "ops", "--json"])
        .exits(0)
        .json();
    assert_eq!(tested["delivered"], true, "{tested:#}");
    let retry = ["channel", "retry", "REP-1", "--channel", "ops", "--json"];
    let agent = daemon.agent("ann", "developer");
    daemon.cli_as(&agent, &retry).exits(7);
    daemon.cli_as(&agent, &["channel", "test", "ops"]).exits(7);
    daemon.cli_as(&agent, &["channel", "list"]).exits(0);
    daemon.cli(&retry).exits(0);
    comes_to(&daemon, "REP-1", "ops", "delivered");
    daemon.cli(&retry).exits(4);
    daemon
        .cli(&["channel", "retry", "REP-9", "--channel", "ops"])
        .exits(1);
    daemon
        .cli(&["channel", "retry", "REP-1", "--channel", "mail"])
        .exits(1);
    daemon.cli(&["channel", "test", "mail"]).exits(1);
    let checks = doctor(&daemon).to_string();
    assert!(!checks.contains("channel ops"), "{checks}");
    daemon.finish();
}

#[test]
fn what_waits_for_a_channel_that_is_gone_waits_until_it_is_back() {
    let receiver = Receiver::saying(&[503]);
    let mut daemon =
        with_channels(|_| webhook("ops", "OPS_URL")).with_variable("OPS_URL", receiver.url());
    shop(&mut daemon);
    publish(&daemon, "standup");
    let settings = daemon.home().join("muster.toml");
    let written = std::fs::read_to_string(&settings).expect("the settings");
    daemon.terminate();
    std::fs::write(&settings, "").expect("the settings can be written");
    daemon.launch();
    let gone = channel(&daemon, "ops");
    assert_eq!(
        (&gone["configured"], &gone["waiting"]),
        (&false.into(), &1.into())
    );
    publish(&daemon, "standup");
    assert_eq!(delivery(&daemon, "REP-2", "ops"), Value::Null);
    let checks = doctor(&daemon).to_string();
    assert!(checks.contains("have no such channel"), "{checks}");
    daemon.terminate();
    receiver.says_from_now_on(204);
    std::fs::write(&settings, written).expect("the settings can be written");
    daemon.launch();
    comes_to(&daemon, "REP-1", "ops", "delivered");
    daemon.finish();
}

#[test]
fn a_schedule_addresses_what_it_publishes() {
    let mut daemon = with_channels(|home| {
        format!(
            "[channels.archive]\nkind = \"files\"\ndir = \"{}/reports\"\n",
            home.display()
        )
    });
    shop(&mut daemon);
    let add = [
        "schedule",
        "add",
        "--job",
        "standup",
        "--cron",
        "0 9 * * 1-5",
    ];
    daemon.cli(&add).exits(0);
    daemon.cli(&["schedule", "run", "standup"]).exits(0);
    comes_to(&daemon, "REP-1", "archive", "delivered");
    daemon.finish();
}

#[test]
fn a_channel_that_cannot_be_is_refused_with_its_key_and_no_secret_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("muster.toml");
    let check = |verb: &str, text: &str| {
        std::fs::write(&file, text).expect("the settings can be written");
        let mut command = muster();
        command
            .env("OPS_URL", "https://hooks.example.com/hunter2")
            .env("OPS_SECRET", SECRET)
            .args(["config", verb, "--config"])
            .arg(&file);
        Output::of(command)
    };
    for (text, key) in [
        ("[channels.ops]\nkind = \"pigeon\"", "channels.ops.kind"),
        ("[channels.ops]\nseverity = \"info\"", "lacks `kind`"),
        ("[channels.ops]\nkind = \"files\"", "lacks `dir`"),
        (
            "[channels.ops]\nkind = \"files\"\ndir = \"reports\"",
            "channels.ops.dir",
        ),
        (
            "[channels.ops]\nkind = \"files\"\ndir = \"/a\"\nhost = \"b\"",
            "channels.ops.host",
        ),
        (
            "[channels.ops]\nkind = \"files\"\ndir = \"/a\"\nkinds = [\"news\"]",
            "channels.ops.kinds",
        ),
        (
            "[channels.ops]\nkind = \"files\"\ndir = \"/a\"\nseverity = \"low\"",
            "channels.ops.severity",
        ),
        (
            "[channels.ops]\nkind = \"files\"\ndir = \"/a\"\nurl = \"b\"",
            "channels.ops.url",
        ),
        ("[channels.ops]\nkind = \"slack\"", "url_env"),
        (
            "[channels.ops]\nkind = \"slack\"\nurl_env = \"https://hooks.example.com/hunter2\"",
            "channels.ops.url_env",
        ),
        (
            "[channels.ops]\nkind = \"webhook\"\nurl_env = \"OPS_URL\"",
            "secrets_env",
        ),
        (
            "[channels.ops]\nkind = \"mail\"\nhost = \"a\"\nfrom = \"b@c\"",
            "lacks `to`",
        ),
        (
            "[channels.ops]\nkind = \"mail\"\nhost = \"a\"\nfrom = \"b@c\"\nto = [\"d@e\"]\nusername = \"f\"",
            "password_env",
        ),
        (
            "[channels.ops]\nkind = \"mail\"\nhost = \"a\"\nfrom = \"b@c\"\nto = [\"d@e\"]\nport = 0",
            "channels.ops.port",
        ),
        (
            "[channels.ops]\nkind = \"command\"\nprogram = \"x\"",
            "lacks `working_directory`",
        ),
        (
            "[channels.ops]\nkind = \"slack\"\nurl_env = \"OPS_URL\"\ntimeout_ms = 1",
            "channels.ops.timeout_ms",
        ),
        (
            "[channels.\"a b\"]\nkind = \"files\"\ndir = \"/a\"",
            "no good name",
        ),
    ] {
        let said = check("check", text).exits(2).stderr;
        assert!(said.contains(key), "{key} is missing: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let sound = webhook("ops", "OPS_URL");
    let shown = check("show", &sound).exits(0).stdout;
    assert!(shown.contains("OPS_URL"), "{shown}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("MfKQ9r8"),
        "{shown}"
    );

    let mut daemon = with_channels(|_| webhook("ops", "NO_SUCH_VARIABLE"));
    let refused = daemon.try_launch().expect_err("it must not start");
    assert!(
        refused.stderr.contains("channels.ops.url_env"),
        "{refused:#?}"
    );
    daemon.finish_unserved();
}
