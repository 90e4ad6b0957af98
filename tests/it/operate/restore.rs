//! The restore drill: claims go on after a backup, the daemon dies, the backup is served elsewhere. No fence
//! from before may be good again, and the work goes on.

use std::path::Path;

use muster::plan::event::Event;
use muster_proto::v1;
use rusqlite::Connection;
use tonic::Status;

use super::{back_up, listing, text, yard};
use crate::api::reason;
use crate::crash::claim;
use crate::daemon::{Agent, Daemon};
use crate::process::{Output, bare};

/// What the drill's daemon left: a backup, and fences that were given out before and after it was made.
struct Drill {
    backup: std::path::PathBuf,
    ann: Agent,
    bob: Agent,
    /// Live in the backup.
    held: v1::TaskClaim,
    /// Given out after it.
    lost: v1::TaskClaim,
    old: Daemon,
}

fn and_start(task: &str) -> v1::ClaimTaskRequest {
    v1::ClaimTaskRequest {
        task: task.to_owned(),
        start: true,
        ..v1::ClaimTaskRequest::default()
    }
}

fn drill() -> Drill {
    let (mut old, ann, bob) = yard();
    let held = claim(&old, &old.caller(Some(&ann.token)), and_start("T-1"));
    let backup = back_up(&old, "before.db");
    let lost = claim(&old, &old.caller(Some(&bob.token)), and_start("T-2"));
    assert_eq!(lost.fence, held.fence + 1, "fences go on after the backup");
    old.kill9();
    Drill {
        backup,
        ann,
        bob,
        held,
        lost,
        old,
    }
}

fn complete(daemon: &Daemon, agent: &Agent, task: &str, fence: u64) -> Result<(), Status> {
    let request = v1::CompleteTaskRequest {
        task: task.to_owned(),
        fence,
        summary: "done".to_owned(),
        verification: "looked at".to_owned(),
        ..v1::CompleteTaskRequest::default()
    };
    let caller = daemon.caller(Some(&agent.token));
    daemon
        .block_on(caller.work().complete_task(request))
        .map(|_| ())
}

/// Which fences from before a restored daemon still believes; also the fence of a new claim.
fn believed(daemon: &Daemon, drill: &Drill) -> (Vec<u64>, u64) {
    let mut believed = Vec::new();
    let mut try_out =
        |agent: &Agent, task: &str, fence: u64| match complete(daemon, agent, task, fence) {
            Ok(()) => believed.push(fence),
            Err(status) => assert_eq!(reason(&status), "LEASE_LOST", "{status:?}"),
        };
    try_out(&drill.ann, "T-1", drill.held.fence);
    // The very task and agent of the lost claim, claimed anew.
    let again = claim(
        daemon,
        &daemon.caller(Some(&drill.bob.token)),
        and_start("T-2"),
    );
    try_out(&drill.bob, "T-2", drill.lost.fence);
    (believed, again.fence)
}

fn restore(backup: &Path, data_dir: &Path) -> Output {
    bare(&[
        "restore",
        text(backup),
        "--data-dir",
        text(data_dir),
        "--json",
    ])
}

#[test]
fn after_a_restore_no_fence_from_before_is_good_and_work_goes_on() {
    let drill = drill();
    let mut daemon = Daemon::prepared(&[]);
    let answer = restore(&drill.backup, &daemon.data_dir()).exits(0).json();
    let logs = answer["logs"].as_array().expect("logs").clone();
    let yard = logs.iter().find(|log| log["project"] == "yard").unwrap();
    assert_eq!(yard["leases_ended"], 1);
    assert_eq!(yard["open_sessions"], 1);
    let names: Vec<String> = listing(&daemon.data_dir())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["muster.db", "muster.lock"]);
    daemon.launch();

    let (believed, fence) = believed(&daemon, &drill);

    assert!(believed.is_empty(), "{believed:?}");
    assert!(fence > yard["fence"].as_u64().expect("a fence"));
    assert!(fence < 1 << 53);
    complete(&daemon, &drill.bob, "T-2", fence).expect("the new holder completes it");
    let caller = daemon.caller(Some(&drill.ann.token));
    let next = claim(&daemon, &caller, and_start("T-1"));
    complete(&daemon, &drill.ann, "T-1", next.fence).expect("and so does the other");
    let log = daemon.cli(&["log", "--limit", "40"]).exits(0).stdout;
    assert!(log.contains("restored the project from a backup"), "{log}");
    let standup = daemon.cli(&["standup"]).exits(0).stdout;
    assert!(standup.contains("restored from a backup"), "{standup}");
    daemon.finish();
    drill.old.finish_unserved();
}

#[test]
fn a_backup_served_without_a_restore_believes_late_holders_and_the_drill_finds_it_out() {
    let drill = drill();
    let mut daemon = Daemon::prepared(&[]);
    std::fs::create_dir(daemon.data_dir()).unwrap();
    std::fs::copy(&drill.backup, daemon.data_dir().join("muster.db")).unwrap();
    daemon.launch();

    let (believed, _) = believed(&daemon, &drill);

    assert_eq!(believed, [drill.held.fence, drill.lost.fence]);
    daemon.finish();
    drill.old.finish_unserved();
}

#[test]
fn a_backup_restored_twice_gives_no_fence_of_its_first_restore_out_again() {
    let drill = drill();
    let mut fences = Vec::new();
    let mut stale: Option<u64> = None;
    for _ in 0..2 {
        let mut daemon = Daemon::prepared(&[]);
        restore(&drill.backup, &daemon.data_dir()).exits(0);
        daemon.launch();
        let caller = daemon.caller(Some(&drill.bob.token));
        let taken = claim(&daemon, &caller, and_start("T-2"));
        if let Some(stale) = stale {
            let late = complete(&daemon, &drill.bob, "T-2", stale).expect_err("it is late");
            assert_eq!(reason(&late), "LEASE_LOST", "{late:?}");
        }
        stale = Some(taken.fence);
        fences.push(taken.fence);
        daemon.finish();
    }
    assert!(fences[0] < fences[1], "{fences:?}");
    drill.old.finish_unserved();
}

#[test]
fn a_restored_log_says_so_and_is_the_backup_up_to_there() {
    let drill = drill();
    let mut daemon = Daemon::prepared(&[]);
    restore(&drill.backup, &daemon.data_dir()).exits(0);
    let log = daemon.log("yard");
    let place = log
        .iter()
        .position(|one| matches!(one.event, Event::ProjectRestored(_)))
        .expect("it says so");
    assert!(matches!(log[place + 1].event, Event::ClaimRevoked(_)));
    assert_eq!(log[..place], drill.old.log("yard")[..place]);
    let own = daemon.log("_daemon");
    assert!(matches!(
        own.last().unwrap().event,
        Event::ProjectRestored(_)
    ));
    daemon.launch();
    daemon.finish();
    drill.old.finish_unserved();
}

#[test]
fn a_directory_that_holds_data_is_never_restored_into() {
    let drill = drill();
    let before = std::fs::read(drill.old.data_dir().join("muster.db")).unwrap();
    let error = restore(&drill.backup, &drill.old.data_dir())
        .exits(2)
        .error();
    assert_eq!(error["reason"], "DIRECTORY_NOT_EMPTY");
    let after = std::fs::read(drill.old.data_dir().join("muster.db")).unwrap();
    assert_eq!(before, after);
    drill.old.finish_unserved();
}

#[test]
fn what_is_no_whole_backup_is_refused_and_nothing_is_made() {
    let drill = drill();
    let home = drill.old.home();
    let into = home.join("new");
    let refused = |file: &Path, reason: &str, word: &str| {
        let error = restore(file, &into).exits(2).error();
        assert_eq!(error["reason"], reason, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(word), "{message}");
        assert!(!into.exists(), "nothing is made of {}", file.display());
    };
    refused(
        &home.join("nowhere.db"),
        "BACKUP_UNUSABLE",
        "cannot be read",
    );
    let note = home.join("note.txt");
    std::fs::write(&note, "buy milk\n".repeat(1_000)).unwrap();
    refused(&note, "BACKUP_UNUSABLE", "no database");
    let foreign = home.join("foreign.db");
    let other = Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    refused(&foreign, "BACKUP_UNUSABLE", "another program's");

    let changed = |name: &str, sql: &str| {
        let file = home.join(name);
        std::fs::copy(&drill.backup, &file).unwrap();
        Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        file
    };
    let newer = changed("newer.db", "PRAGMA user_version = 99");
    refused(&newer, "BACKUP_UNUSABLE", "newer release");
    let altered = changed(
        "altered.db",
        "DROP TRIGGER events_are_not_changed;
         UPDATE events SET document = replace(document, 'keel', 'kiel') WHERE project = 'yard';",
    );
    refused(&altered, "BACKUP_DAMAGED", "yard");
    let cut = changed(
        "cut.db",
        "DROP TRIGGER events_are_not_removed; DELETE FROM events WHERE version = 2;",
    );
    refused(&cut, "BACKUP_DAMAGED", "version 2");
    drill.old.finish_unserved();
}
