//! `project delete`: one project out of a stopped daemon's files, with its whole history. A secret that was
//! typed into a note goes with it: afterwards no file of the data directory holds a byte of the project,
//! and the daemon's own log says that there was one, without a word of what was in it.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::failure::{caused, failure, unusable};
use super::table::count;
use crate::cli::output::Output;
use crate::cli::{Delete, Exit, Failure};
use crate::clock::{Clock as _, SystemClock};
use crate::engine::DAEMON;
use crate::plan::event::{Event, Recorded};
use crate::plan::fact::{Actor, Facts, Guards};
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, codec, decide};
use crate::store::codec::{Chain, hash_of};
use crate::store::sqlite::{SqliteOptions, SqliteStore, open_backup, open_read_only};
use crate::store::{Append, Head, Pages, Reader, Record, Store as _, StoreError};

/// Where snapshots of plans lie, a folder for each project.
const SNAPSHOTS: &str = "snapshots";

/// Files looked at in a folder of backups.
const BACKUPS_MAX: usize = 10_000;

/// What was removed.
#[derive(Debug, Serialize)]
struct Deleted {
    project: String,
    events: u64,
    last_hash: String,
    tokens_revoked: usize,
    /// It was deleted by an earlier run, which was cut off; this one cleaned the files.
    again: bool,
    /// Files in the folders named that still hold it.
    backups: Vec<String>,
}

/// Removes a project, or says what would be removed.
pub(super) fn run(delete: &Delete, output: Output) -> Result<(), Failure> {
    let slug = delete.slug.trim();
    if slug == DAEMON || !is_slug(slug) {
        return Err(unusable(
            "INVALID_FIELD",
            format!("`{slug}` names no project; a slug is lower-case letters, digits and hyphens"),
        ));
    }
    match delete.confirm.as_deref().map(str::trim) {
        None => return Err(preview(slug, &delete.data_dir)),
        Some(confirmed) if confirmed == slug => {}
        Some(other) => {
            return Err(unusable(
                "CONFIRMATION_WRONG",
                format!("--confirm names `{other}` and not `{slug}`; nothing was removed"),
            ));
        }
    }
    let mut deleted = remove(slug, &delete.data_dir)?;
    deleted.backups = holding(slug, &delete.backups);
    let looked = !delete.backups.is_empty();
    output.either(|| json!(deleted), || text(&deleted, looked))
}

/// A slug may name a folder, so nothing else gets this far.
fn is_slug(slug: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !slug.is_empty() && slug.len() <= 64 && slug.bytes().all(plain)
}

fn unread(error: StoreError) -> Failure {
    caused("STORE_UNREADABLE", &error)
}

fn not_there(slug: &str) -> Failure {
    failure(
        "PROJECT_NOT_FOUND",
        format!("there is no project `{slug}` in this data directory"),
    )
}

fn head_of(slug: &str, reader: &dyn Reader) -> Result<Option<Head>, Failure> {
    let heads = reader.heads().map_err(unread)?;
    Ok(heads.into_iter().find(|head| head.project == slug))
}

/// What would be removed; an answer to a command that is not complete yet.
fn preview(slug: &str, data_dir: &Path) -> Failure {
    let head = open_read_only(data_dir)
        .map_err(unread)
        .and_then(|reader| head_of(slug, &*reader));
    let head = match head {
        Ok(Some(head)) => head,
        Ok(None) => return not_there(slug),
        Err(failed) => return failed,
    };
    Failure::new(
        Exit::Usage,
        "CONFIRMATION_MISSING",
        format!(
            "nothing was removed. With --confirm, the project `{slug}` goes for good: {}, its snapshots, \
             and every token bound to it. No backup is touched, and without one it cannot be brought back",
            count(head.version, "event")
        ),
    )
    .fact("project", slug)
    .fact("events", head.version.to_string())
    .fact("last_hash", head.hash)
}

fn remove(slug: &str, data_dir: &Path) -> Result<Deleted, Failure> {
    // Opening for writing makes what is missing, and nothing is to be made here.
    drop(open_read_only(data_dir).map_err(unread)?);
    let store = SqliteStore::open(data_dir, SqliteOptions::default()).map_err(unread)?;
    let reader = store.reader().map_err(unread)?;
    let daemon = Daemon::read(&*reader, slug)?;
    let head = head_of(slug, &*reader)?;
    drop(reader);
    let deleted = match (head, daemon.deleted.clone()) {
        (Some(head), _) => {
            let (append, tokens_revoked) = daemon.note(slug, &head)?;
            store.remove_project(slug, &append).map_err(uncleaned)?;
            Deleted {
                project: slug.to_owned(),
                events: head.version,
                last_hash: head.hash,
                tokens_revoked,
                again: false,
                backups: Vec::new(),
            }
        }
        (None, Some((events, last_hash))) => {
            store.scrub().map_err(uncleaned)?;
            Deleted {
                project: slug.to_owned(),
                events,
                last_hash,
                tokens_revoked: 0,
                again: true,
                backups: Vec::new(),
            }
        }
        (None, None) => return Err(not_there(slug)),
    };
    match fs::remove_dir_all(data_dir.join(SNAPSHOTS).join(slug)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failure(
            "DELETE_UNFINISHED",
            format!(
                "the project is gone from the log, and its snapshots could not be removed: {error}; give \
                 this command again"
            ),
        )),
        _ => Ok(deleted),
    }
}

fn uncleaned(error: StoreError) -> Failure {
    let why = super::failure::chain(&error);
    failure(
        "DELETE_UNFINISHED",
        format!("the files may still hold bytes of the project: {why}; give this command again"),
    )
}

/// The daemon's own log: where what happens to a project's files is recorded.
struct Daemon {
    plan: Plan,
    hash: String,
    /// The events and last hash of the project, when it was deleted before.
    deleted: Option<(u64, String)>,
}

impl Daemon {
    /// Folds the log, checking its chain.
    fn read(reader: &dyn Reader, slug: &str) -> Result<Self, Failure> {
        let mut chain = Chain::new();
        let mut plan = Plan::default();
        let mut deleted = None;
        for page in Pages::new(reader, DAEMON, 0) {
            for record in page.map_err(unread)? {
                let linked = chain.link(&record);
                linked.map_err(|error| caused("STORE_UNREADABLE", &error))?;
                let recorded = codec::decode(&record.document)
                    .map_err(|error| caused("STORE_UNREADABLE", &error))?;
                plan.apply(&recorded);
                if let Event::ProjectDeleted(event) = recorded.event
                    && event.project == slug
                {
                    deleted = Some((event.events, event.last_hash));
                }
            }
        }
        Ok(Self {
            plan,
            hash: chain.head().hash,
            deleted,
        })
    }

    /// What is to be recorded, and how many tokens it revokes.
    fn note(&self, slug: &str, head: &Head) -> Result<(Append, usize), Failure> {
        let command = Command::DeleteProject {
            project: slug.into(),
            events: head.version,
            last_hash: head.hash.as_str().into(),
        };
        let facts = Facts {
            now: Timestamp(SystemClock::new().now_ms()),
            actor: Actor::System,
            request: None,
            guards: Guards::default(),
        };
        let decided = decide(&self.plan, &command, &facts)
            .map_err(|refusal| failure("DELETE_REFUSED", refusal))?;
        let revoked = decided
            .events
            .iter()
            .filter(|one| matches!(one.event, Event::TokenRevoked(_)));
        let tokens = revoked.count();
        let records = written(&decided.events, &self.hash)?;
        Ok((
            Append {
                project: DAEMON.to_owned(),
                expected_version: self.plan.version(),
                epoch: 0,
                records,
            },
            tokens,
        ))
    }
}

/// Events as they are stored, each chained to the one before it.
fn written(events: &[Recorded], hash: &str) -> Result<Vec<Record>, Failure> {
    let mut hash = hash.to_owned();
    let mut records = Vec::with_capacity(events.len());
    for recorded in events {
        let document =
            codec::encode(recorded, &hash).map_err(|error| caused("INTERNAL", &error))?;
        hash = hash_of(&document);
        records.push(Record {
            version: recorded.version,
            at_ms: recorded.at.0,
            kind: recorded.event.kind().to_owned(),
            document,
            hash: hash.clone(),
        });
    }
    Ok(records)
}

/// The backups in these folders that hold the project, by path.
fn holding(slug: &str, folders: &[std::path::PathBuf]) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries.take(BACKUPS_MAX) {
            let holds = open_backup(&entry.path())
                .and_then(|reader| reader.heads())
                .is_ok_and(|heads| heads.iter().any(|head| head.project == slug));
            if holds {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found.sort();
    found
}

fn text(deleted: &Deleted, looked: bool) -> String {
    let slug = &deleted.project;
    let mut text = if deleted.again {
        format!(
            "the project {slug} was deleted before; its bytes are now in no file of the data directory\n"
        )
    } else {
        format!(
            "deleted the project {slug}: {}, the last one {}\n{} revoked; no file of the data directory \
             holds a byte of it\n",
            count(deleted.events, "event"),
            deleted.last_hash,
            count(deleted.tokens_revoked as u64, "token"),
        )
    };
    if !deleted.backups.is_empty() {
        text.push_str("\nThese backups still hold it:\n");
        for path in &deleted.backups {
            text.push_str(&format!("  {path}\n"));
        }
    } else if looked {
        text.push_str(
            "\nNo backup in the folders named holds it; any other made before now does.\n",
        );
    } else {
        text.push_str(
            "\nBackups made before now still hold it; --backups DIR with the same command names them.\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deleted() -> Deleted {
        Deleted {
            project: "shop".to_owned(),
            events: 120,
            last_hash: "b529".to_owned(),
            tokens_revoked: 1,
            again: false,
            backups: Vec::new(),
        }
    }

    #[test]
    fn the_answer_says_what_is_gone_and_what_still_holds_it() {
        insta::assert_snapshot!(text(&deleted(), false), @r"
        deleted the project shop: 120 events, the last one b529
        1 token revoked; no file of the data directory holds a byte of it

        Backups made before now still hold it; --backups DIR with the same command names them.
        ");
        let named = Deleted {
            backups: vec!["/backups/monday.db".to_owned()],
            again: true,
            ..deleted()
        };
        insta::assert_snapshot!(text(&named, true), @r"
        the project shop was deleted before; its bytes are now in no file of the data directory

        These backups still hold it:
          /backups/monday.db
        ");
    }

    #[test]
    fn what_is_no_slug_never_names_a_folder() {
        for bad in ["", "..", "a/b", "_daemon", "Shop", "sh\u{f6}p"] {
            assert!(!is_slug(bad), "{bad}");
        }
        assert!(is_slug("web-shop-2"));
    }
}
