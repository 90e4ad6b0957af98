//! `restore`: a new data directory made from a backup. The fences are raised before the files get the name
//! under which a daemon would serve them, so no one can serve a restored log whose late holders are still
//! believed.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::audit::{self, LogReport};
use super::failure::{caused, failure, unusable};
use super::table::table;
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::clock::SystemClock;
use crate::engine::{DAEMON, Engine, EngineHandle, EngineOptions, Limits, Step, Submission};
use crate::plan::Command;
use crate::plan::event::Event;
use crate::plan::fact::{Actor, Guards};
use crate::store::sqlite::{self, SqliteOptions, SqliteStore};

/// Where the files are made ready, in the new data directory.
const STAGE: &str = "restore.part";

/// How long the engine may take to close the files it raised the fences in.
const CLOSE_WITHIN: Duration = Duration::from_secs(60);

/// What from, and where to.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The new data directory; it must be empty or not be there yet
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
}

/// One log as it was restored.
#[derive(Debug, Serialize)]
struct Restored {
    project: String,
    version: u64,
    fence: u64,
    leases_ended: u32,
    open_sessions: u32,
}

/// Restores a backup.
pub(super) async fn run(restore: Restore, output: Output) -> Result<(), Failure> {
    let Restore { file, data_dir } = restore;
    refuse_data(&data_dir)?;
    let (from, into) = (file.clone(), data_dir.clone());
    let placing = tokio::task::spawn_blocking(move || place(&from, &into));
    let stage = placing
        .await
        .map_err(|error| caused("INTERNAL", &error))??;
    let restored = raise_fences(&stage.folder).await?;
    let closing = tokio::task::spawn_blocking(move || stage.put_up());
    closing
        .await
        .map_err(|error| caused("INTERNAL", &error))??;
    let (from, to) = (file.display().to_string(), data_dir.display().to_string());
    output.either(
        || json!({ "from": from, "data_dir": to, "logs": restored }),
        || text(&from, &to, &restored),
    )
}

/// Refuses a directory that holds anything but what an earlier attempt left.
fn refuse_data(data_dir: &Path) -> Result<(), Failure> {
    let entries = match fs::read_dir(data_dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let path = data_dir.display();
            return Err(unusable(
                "PATH_INVALID",
                format!("{path} cannot be read: {error}"),
            ));
        }
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut found: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| !["muster.lock", STAGE, "lost+found"].contains(&name.as_str()))
        .collect();
    found.sort();
    match found.first() {
        None => Ok(()),
        Some(first) => Err(unusable(
            "DIRECTORY_NOT_EMPTY",
            format!(
                "{} holds data already ({first}); restore into a new directory: --data-dir NEW-DIRECTORY",
                data_dir.display()
            ),
        )),
    }
}

/// A data directory whose files are being made ready in a folder of their own.
struct Stage {
    data_dir: PathBuf,
    folder: PathBuf,
    _held: sqlite::Held,
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Empty once the files are up; what is left by a failure is no data directory.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Checks the backup and copies it to where it is made ready.
fn place(backup: &Path, data_dir: &Path) -> Result<Stage, Failure> {
    let unusable_file =
        |error: &dyn std::error::Error| unusable("BACKUP_UNUSABLE", super::failure::chain(error));
    let reader = sqlite::open_backup(backup).map_err(|error| unusable_file(&error))?;
    let walked = audit::walk_all(&*reader).map_err(|error| unusable_file(&error))?;
    if let Some(why) = walked.iter().find_map(LogReport::fault) {
        return Err(unusable(
            "BACKUP_DAMAGED",
            format!("{}: {why}; use another backup", backup.display()),
        ));
    }
    drop(reader);
    let failed = |error| caused("RESTORE_FAILED", &error);
    let held = sqlite::hold(data_dir).map_err(failed)?;
    // Nobody put anything there while the backup was read.
    refuse_data(data_dir)?;
    let stage = Stage {
        data_dir: data_dir.to_owned(),
        folder: data_dir.join(STAGE),
        _held: held,
    };
    let emptied = match fs::remove_dir_all(&stage.folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::DirBuilder::new().mode(0o700).create(&stage.folder),
    };
    emptied.map_err(|error| caused("RESTORE_FAILED", &error))?;
    sqlite::place(backup, &sqlite::database(&stage.folder)).map_err(failed)?;
    let placed = sqlite::open_backup(&sqlite::database(&stage.folder)).map_err(failed)?;
    let heads = placed.heads().map_err(failed)?;
    let same = heads
        .iter()
        .map(|head| (&head.project, head.version, &head.hash))
        .eq(walked
            .iter()
            .map(|log| (&log.project, log.version, &log.hash)));
    if same {
        return Ok(stage);
    }
    Err(failure(
        "RESTORE_FAILED",
        "the backup was changed while it was read; try again when nothing writes to it",
    ))
}

/// Lets an engine record in every log, in one append, that it goes on from a backup.
async fn raise_fences(folder: &Path) -> Result<Vec<Restored>, Failure> {
    let folder = folder.to_owned();
    let starting = tokio::task::spawn_blocking(move || {
        let store = SqliteStore::open(&folder, SqliteOptions::default())
            .map_err(|error| caused("RESTORE_FAILED", &error))?;
        let options = EngineOptions {
            store: Box::new(store),
            clock: Arc::new(SystemClock::new()),
            limits: Limits {
                queued_requests: 1,
                waiting_claims: 0,
                watchers: 0,
                projects: usize::MAX,
                recent_events: 0,
                snapshot_events: u64::MAX,
            },
            snapshots: None,
            guards: Guards::default(),
        };
        Engine::start(options).map_err(|error| caused("RESTORE_FAILED", &error))
    });
    let (handle, engine) = starting
        .await
        .map_err(|error| caused("INTERNAL", &error))??;
    let raised = raise(&handle).await;
    drop(handle);
    let closing = tokio::task::spawn_blocking(move || engine.stop(CLOSE_WITHIN));
    let closed = closing.await.map_err(|error| caused("INTERNAL", &error))?;
    let raised = raised?;
    closed.map_err(|error| caused("RESTORE_FAILED", &error))?;
    Ok(raised)
}

async fn raise(handle: &EngineHandle) -> Result<Vec<Restored>, Failure> {
    let projects = [DAEMON.to_owned()].into_iter().chain(handle.projects());
    let steps = projects.map(|project| Step {
        project,
        command: Command::RestoreProject,
    });
    let steps: Vec<Step> = steps.collect();
    let submission = Submission {
        steps: steps.clone(),
        actor: Actor::System,
        request: None,
        wait: Duration::ZERO,
    };
    let answers = handle
        .submit(submission)
        .await
        .map_err(|error| caused("RESTORE_FAILED", &error))?;
    let mut restored = Vec::new();
    for (step, answer) in steps.into_iter().zip(answers) {
        let event = answer.events.iter().find_map(|one| match &one.event {
            Event::ProjectRestored(event) => Some(event.clone()),
            _ => None,
        });
        let event = event.ok_or_else(|| failure("RESTORE_FAILED", "the fences were not raised"))?;
        restored.push(Restored {
            project: step.project,
            version: answer.plan.version(),
            fence: answer.plan.fence(),
            leases_ended: event.leases_ended,
            open_sessions: event.open_sessions,
        });
    }
    Ok(restored)
}

impl Stage {
    /// Closes the files and gives them the name under which they are served.
    fn put_up(self) -> Result<(), Failure> {
        let failed = |error: &dyn std::error::Error| caused("RESTORE_FAILED", error);
        // The last to close brings the write-ahead log in.
        let store = SqliteStore::open(&self.folder, SqliteOptions::default());
        drop(store.map_err(|error| failed(&error))?);
        let made = sqlite::database(&self.folder);
        let left = fs::metadata(made.with_extension("db-wal")).map_or(0, |log| log.len());
        if left > 0 {
            return Err(failure(
                "RESTORE_FAILED",
                "another program reads the files that are being made; end it and try again",
            ));
        }
        let synced = File::open(&made).and_then(|file| file.sync_all());
        synced
            .and_then(|()| fs::rename(&made, sqlite::database(&self.data_dir)))
            .and_then(|()| File::open(&self.data_dir)?.sync_all())
            .map_err(|error| failed(&error))
    }
}

fn text(from: &str, to: &str, restored: &[Restored]) -> String {
    let rows = restored.iter().map(|log| {
        [
            log.project.clone(),
            log.version.to_string(),
            log.leases_ended.to_string(),
            log.open_sessions.to_string(),
            log.fence.to_string(),
        ]
    });
    let header = [
        "LOG",
        "VERSION",
        "CLAIMS ENDED",
        "SESSIONS OPEN",
        "FENCES ABOVE",
    ];
    format!(
        "restored {from} to {to}: every log walked and sound\n\n{}\n\n\
         Whoever held a task is told LEASE_LOST and claims again.\n\
         Tokens are as they were then: one revoked since is good again, one issued since is not.\n\
         next: muster serve --data-dir {to}\n      muster token list\n",
        table(header, rows),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operate::failure::words;

    #[test]
    fn a_directory_that_holds_data_is_refused_and_the_way_on_is_a_new_one() {
        let home = tempfile::tempdir().unwrap();
        assert!(refuse_data(&home.path().join("new")).is_ok());
        fs::write(home.path().join("muster.lock"), "1").unwrap();
        fs::create_dir(home.path().join(STAGE)).unwrap();
        assert!(refuse_data(home.path()).is_ok(), "an earlier attempt");
        fs::write(home.path().join("muster.db"), "x").unwrap();
        let refused = refuse_data(home.path()).unwrap_err();
        let said = words(&refused);
        assert!(
            said.contains("muster.db") && said.contains("new directory"),
            "{said}"
        );
    }

    #[test]
    fn the_answer_says_what_became_of_claims_sessions_and_tokens() {
        let restored = [Restored {
            project: "shop".to_owned(),
            version: 122,
            fence: 114_560_000_000_002,
            leases_ended: 2,
            open_sessions: 3,
        }];
        insta::assert_snapshot!(text("monday.db", "/srv/muster", &restored), @r"
        restored monday.db to /srv/muster: every log walked and sound

        LOG   VERSION  CLAIMS ENDED  SESSIONS OPEN  FENCES ABOVE
        shop  122      2             3              114560000000002

        Whoever held a task is told LEASE_LOST and claims again.
        Tokens are as they were then: one revoked since is good again, one issued since is not.
        next: muster serve --data-dir /srv/muster
              muster token list
        ");
    }
}
