//! The daemon as a service: what a service manager is told and when, that a stuck writer is noticed, and
//! that the unit in deploy/ is one that systemd takes.

use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use muster_proto::v1;

use crate::crash::control::STUCK_ON_DEMAND;
use crate::crash::stuck::{HANG, HANGS};
use crate::daemon::Daemon;
use crate::process::{Output, START_LIMIT, clean};

/// After so long without a sign of life the manager of these tests would start the daemon anew.
const WATCHDOG: Duration = Duration::from_millis(400);

/// A service manager, as far as the daemon sees one: it reads all that it is told.
struct Manager {
    messages: Receiver<String>,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a directory can be made");
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket can be bound");
        let (send, messages) = channel();
        std::thread::spawn(move || {
            let mut message = [0; 4096];
            while let Ok(length) = socket.recv(&mut message) {
                let text = String::from_utf8_lossy(&message[..length]).into_owned();
                if send.send(text).is_err() {
                    return;
                }
            }
        });
        Self {
            messages,
            path,
            _folder: folder,
        }
    }

    /// A daemon, not started yet, that is told of this manager.
    fn adopt(&self, daemon: Daemon) -> Daemon {
        daemon
            .with_variable("NOTIFY_SOCKET", self.path.to_str().expect("plain"))
            .with_variable("WATCHDOG_USEC", WATCHDOG.as_micros().to_string())
    }

    /// The next message; none when there is none for so long.
    fn hears_within(&self, limit: Duration) -> Option<String> {
        self.messages.recv_timeout(limit).ok()
    }

    #[track_caller]
    fn hears(&self, expected: &str) {
        let heard = self.hears_within(START_LIMIT);
        assert_eq!(heard.as_deref(), Some(expected));
    }

    /// Whether signs of life stop, once `more` of them that may be under way were heard.
    fn misses_signs_of_life(&self, more: usize) -> bool {
        for _ in 0..=more {
            match self.hears_within(WATCHDOG * 4) {
                None => return true,
                Some(message) => assert_eq!(message, "WATCHDOG=1\n"),
            }
        }
        false
    }
}

#[test]
fn the_manager_is_told_of_the_open_port_of_life_and_of_the_end() {
    let manager = Manager::new();
    let mut daemon = manager.adopt(Daemon::prepared(&[]));
    daemon.launch();
    manager.hears("READY=1\n");
    manager.hears("WATCHDOG=1\n");
    daemon.terminate();
    let mut last = String::new();
    while let Some(message) = manager.hears_within(Duration::from_millis(200)) {
        last = message;
    }
    assert_eq!(last, "STOPPING=1\n");

    // Started again on the same port, READY means that the port answers.
    let address = daemon.address().to_owned();
    let (manager, answered) = std::thread::scope(|scope| {
        let answered = scope.spawn(move || {
            manager.hears("READY=1\n");
            let answered = TcpStream::connect(address).is_ok();
            (manager, answered)
        });
        daemon.launch();
        answered.join().expect("the manager listens")
    });
    assert!(answered, "READY was said before the port was open");
    assert!(
        !manager.misses_signs_of_life(10),
        "an idle daemon goes on giving them"
    );
    daemon.finish();
}

#[test]
fn a_stuck_writer_gives_no_signs_of_life_and_a_restart_serves_again() {
    let manager = Manager::new();
    let prepared = Daemon::prepared(&[]).under_control(STUCK_ON_DEMAND);
    let mut daemon = manager.adopt(prepared);
    daemon.launch();
    manager.hears("READY=1\n");
    manager.hears("WATCHDOG=1\n");
    let create = |name: &str| v1::CreateProjectRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    let mut projects = daemon.coordinator().projects();
    let created = daemon.block_on(projects.create_project(create("Kept")));
    created.expect("the writer works");

    let data_dir = daemon.data_dir();
    std::fs::write(data_dir.join(HANG), "").expect("the directory takes files");
    let lost = daemon.spawn({
        let mut projects = daemon.coordinator().projects();
        async move { projects.create_project(create("Lost")).await }
    });
    let mut looks = 0;
    while !data_dir.join(HANGS).exists() {
        looks += 1;
        assert!(looks < 6_000, "the writer never came to the store");
        std::thread::sleep(Duration::from_millis(10));
    }
    while manager.hears_within(Duration::from_millis(1)).is_some() {}
    assert!(
        manager.misses_signs_of_life(2),
        "a stuck writer was taken for a living one"
    );
    // Everything else of the process goes on, and that does not count.
    let listed = daemon.block_on(projects.list_projects(v1::ListProjectsRequest::default()));
    assert_eq!(listed.expect("reads go on").into_inner().projects.len(), 1);

    // What a manager does then.
    daemon.kill9();
    let lost = daemon.block_on(lost).expect("it is not cancelled");
    lost.expect_err("it was never answered");
    std::fs::remove_file(data_dir.join(HANG)).expect("it is there");
    while manager.hears_within(Duration::from_millis(1)).is_some() {}
    daemon.launch();
    manager.hears("READY=1\n");
    manager.hears("WATCHDOG=1\n");
    daemon.finish();
}

fn unit() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/muster.service");
    std::fs::read_to_string(path).expect("deploy/muster.service is there")
}

/// What `systemd-analyze verify` says of a unit; none where it is not installed.
fn verified(unit: &str) -> Option<Output> {
    let folder = tempfile::tempdir().expect("a directory can be made");
    let path = folder.path().join("muster.service");
    std::fs::write(&path, unit).expect("the unit is written");
    let there = Command::new("systemd-analyze").arg("--version").output();
    if !there.is_ok_and(|output| output.status.success()) {
        println!("skipped: systemd-analyze is not installed");
        return None;
    }
    let mut command = clean(Command::new("systemd-analyze"));
    command.args(["verify", "--man=no"]).arg(&path);
    Some(Output::of(command))
}

#[test]
fn systemd_takes_the_unit_without_a_word() {
    let installed = "/usr/local/bin/muster";
    let unit = unit();
    assert_eq!(unit.matches(installed).count(), 1, "the one program");
    let unit = unit.replace(installed, env!("CARGO_BIN_EXE_muster"));
    if let Some(said) = verified(&unit) {
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
        let broken = unit.replace("ProtectSystem=strict", "ProtectSistem=strict");
        let said = verified(&broken).expect("it is installed");
        assert!(said.stderr.contains("ProtectSistem"), "{said:?}");
    }
}

#[test]
fn the_unit_keeps_what_the_documents_promise() {
    let unit = unit();
    for line in [
        "Type=notify",
        "WatchdogSec=60",
        "Restart=on-failure",
        "DynamicUser=yes",
        "StateDirectory=muster",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
    ] {
        assert!(unit.lines().any(|found| found == line), "{line} is missing");
    }
}

/// The sample in deploy/ is one that the program takes.
#[test]
fn the_sample_settings_are_sound() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/muster.toml");
    let sample = sample.to_str().expect("plain");
    let said = crate::process::bare(&["config", "check", "--config", sample]).exits(0);
    assert_eq!(said.stdout, "the configuration is sound\n");
}
