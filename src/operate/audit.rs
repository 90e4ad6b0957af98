//! `audit verify`: walks whole logs. Every event is held against the hash of the one before it and folded
//! into a plan, so that "sound" means both that nothing was changed and that all of it can be read.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::failure::{caused, chain};
use super::progress::Progress;
use crate::cli::output::Output;
use crate::cli::{Exit, Failure};
use crate::plan::{Plan, codec};
use crate::store::codec::{Break, Broken, Chain};
use crate::store::sqlite::open_read_only;
use crate::store::{Head, Pages, Reader, Record, StoreError};

/// Checks what was recorded.
#[derive(Debug, clap::Subcommand)]
pub enum AuditVerb {
    /// Walk every log and check its chain of hashes; exit 1 names the first broken version of each.
    Verify(Verify),
}

/// Which files.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The data directory of a stopped daemon; without it the running daemon is asked.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// What a walk over one log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct LogReport {
    /// The project's slug, or `_daemon` for tokens.
    pub project: String,
    /// The newest version that is sound: the count of sound events.
    pub version: u64,
    /// Its hash.
    pub hash: String,
    /// The fingerprint of the plan folded from the log; empty when broken.
    pub fingerprint: String,
    /// Nothing is wrong.
    pub sound: bool,
    /// The first broken version.
    pub broken_version: Option<u64>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl LogReport {
    /// What is wrong, in a sentence; none when nothing is.
    pub(super) fn fault(&self) -> Option<String> {
        let version = self.broken_version.filter(|_| !self.sound)?;
        let problem = self.problem.as_deref().unwrap_or("it cannot be read");
        Some(format!(
            "the log of `{}` is broken at version {version}: {problem}",
            self.project
        ))
    }
}

/// Walks the logs of a stopped daemon.
pub(super) fn verify_files(data_dir: &Path, output: Output) -> Result<(), Failure> {
    let unopened = |error| caused("STORE_UNREADABLE", &error);
    let reader = open_read_only(data_dir).map_err(unopened)?;
    let logs = walk_all(&*reader).map_err(unopened)?;
    report(&logs, output)
}

/// Walks every log from its first event to its last.
pub(super) fn walk_all(reader: &dyn Reader) -> Result<Vec<LogReport>, StoreError> {
    let heads = reader.heads()?;
    let mut progress = Progress::over(heads.iter().map(|head| head.version).sum());
    let walked = heads.iter().map(|head| walk(reader, head, &mut progress));
    Ok(walked.collect())
}

/// Shows what was found; a broken log is an answer as well, with exit code 1.
fn report(logs: &[LogReport], output: Output) -> Result<(), Failure> {
    output.either(|| json!({ "logs": logs }), || text(logs))?;
    if logs.iter().all(|log| log.sound) {
        Ok(())
    } else {
        Err(Failure::Answered(Exit::Other))
    }
}

fn walk(reader: &dyn Reader, head: &Head, progress: &mut Progress) -> LogReport {
    let mut fold = Fold::default();
    let outcome = fold.all(reader, head, progress);
    let verified = fold.chain.head();
    let broken = outcome.err();
    let fingerprint = match broken {
        Some(_) => String::new(),
        None => {
            fold.plan.settle();
            fold.plan.fingerprint()
        }
    };
    LogReport {
        project: head.project.clone(),
        version: verified.version,
        hash: verified.hash,
        fingerprint,
        sound: broken.is_none(),
        broken_version: broken.as_ref().map(|(version, _)| *version),
        problem: broken.map(|(_, problem)| problem),
    }
}

/// A chain and the plan that grows along it.
#[derive(Default)]
struct Fold {
    chain: Chain,
    plan: Plan,
}

impl Fold {
    /// Walks a log to its known head; an error is the first broken version and what is wrong there.
    fn all(
        &mut self,
        reader: &dyn Reader,
        head: &Head,
        progress: &mut Progress,
    ) -> Result<(), (u64, String)> {
        for page in Pages::new(reader, &head.project, 0) {
            let records = match page {
                Ok(records) => records,
                Err(_) => return Err(self.pinpoint(reader, head)),
            };
            for record in &records {
                self.take(record)?;
            }
            progress.add(records.len() as u64);
        }
        let reached = self.chain.head().version;
        if reached < head.version {
            return Err((reached + 1, Break::Cut.to_string()));
        }
        Ok(())
    }

    /// Finds the event that makes a page unreadable by reading it again one by one.
    fn pinpoint(&mut self, reader: &dyn Reader, head: &Head) -> (u64, String) {
        loop {
            let sound = self.chain.head().version;
            match reader.read(&head.project, sound, 1) {
                Ok(records) => match records.first().map(|record| self.take(record)) {
                    Some(Ok(())) => {}
                    Some(Err(broken)) => return broken,
                    None => return (sound + 1, Break::Cut.to_string()),
                },
                Err(error) => return (sound + 1, chain(&error)),
            }
        }
    }

    fn take(&mut self, record: &Record) -> Result<(), (u64, String)> {
        let mut chained = self.chain.clone();
        chained
            .link(record)
            .map_err(|Broken { version, why }| (version, chain(&why)))?;
        let event =
            codec::decode(&record.document).map_err(|error| (record.version, chain(&error)))?;
        self.plan.apply(&event);
        self.chain = chained;
        Ok(())
    }
}

fn text(logs: &[LogReport]) -> String {
    let mut text = String::new();
    for log in logs {
        text.push_str(&match log.broken_version {
            None => format!(
                "sound   {}: version {}, head {}, fingerprint {}\n",
                log.project, log.version, log.hash, log.fingerprint
            ),
            Some(version) => format!(
                "BROKEN  {}: version {version}: {}\n",
                log.project,
                log.problem.as_deref().unwrap_or("it cannot be read")
            ),
        });
    }
    if logs.is_empty() {
        text.push_str("nothing was ever recorded here\n");
    }
    if logs.iter().any(|log| !log.sound) {
        text.push_str(
            "Keep these files as they are, put a backup of the data directory elsewhere and serve that.\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::event::{Event, ProjectPaused, ProjectResumed, Recorded};
    use crate::plan::fact::Actor;
    use crate::plan::time::Timestamp;
    use crate::store::codec::hash_of;
    use crate::store::memory::MemoryStore;
    use crate::store::{Append, Store};

    fn records(count: u64) -> Vec<Record> {
        let mut prev = String::new();
        (1..=count)
            .map(|version| {
                let event: Event = if version % 2 == 0 {
                    ProjectResumed {}.into()
                } else {
                    ProjectPaused {
                        reason: "lunch".to_owned(),
                    }
                    .into()
                };
                let recorded = Recorded {
                    version,
                    at: Timestamp(1_000),
                    actor: Actor::System,
                    session: None,
                    request: None,
                    event,
                };
                let document = codec::encode(&recorded, &prev).unwrap();
                prev = hash_of(&document);
                Record {
                    version,
                    at_ms: 1_000,
                    kind: recorded.event.kind().to_owned(),
                    hash: prev.clone(),
                    document,
                }
            })
            .collect()
    }

    fn check(damage: impl FnOnce(&mut Vec<Record>), head_version: u64) -> LogReport {
        let mut records = records(4);
        damage(&mut records);
        let mut store = MemoryStore::default();
        store
            .append(&[Append {
                project: "shop".to_owned(),
                expected_version: 0,
                epoch: 0,
                records,
            }])
            .unwrap();
        let head = Head {
            project: "shop".to_owned(),
            version: head_version,
            hash: String::new(),
        };
        let reader = store.reader().unwrap();
        walk(&*reader, &head, &mut Progress::over(4))
    }

    #[test]
    fn a_whole_log_has_a_head_and_a_fingerprint() {
        let report = check(|_| (), 4);
        assert!(report.sound, "{report:?}");
        assert_eq!(report.version, 4);
        assert_eq!(report.hash, records(4)[3].hash);
        assert_eq!(report.fingerprint.len(), 64);
    }

    #[test]
    fn the_first_broken_version_is_named() {
        let altered = check(
            |records| records[2].document = records[2].document.replace("lunch", "munch"),
            4,
        );
        assert_eq!((altered.sound, altered.broken_version), (false, Some(3)));
        assert_eq!(altered.version, 2, "the sound events before it count");
        let cut = check(|_| (), 6);
        assert_eq!(cut.broken_version, Some(5));
    }

    #[test]
    fn an_event_that_cannot_be_read_is_broken_though_its_chain_is_whole() {
        let report = check(
            |records| {
                let last = records.last_mut().unwrap();
                last.document = last.document.replace("ProjectResumed", "ProjectTeleported");
                last.hash = hash_of(&last.document);
            },
            4,
        );
        assert_eq!((report.version, report.broken_version), (3, Some(4)));
        assert!(report.problem.unwrap().contains("ProjectTeleported"));
    }

    #[test]
    fn a_broken_log_is_answered_with_exit_code_1_and_nothing_destructive() {
        let logs = [check(|_| (), 6)];
        let words = text(&logs);
        assert!(words.starts_with("BROKEN  shop: version 5: "), "{words}");
        assert!(words.contains("backup"), "{words}");
        for destructive in ["rm ", "delete", "remove"] {
            assert!(!words.contains(destructive), "{words}");
        }
        let output = Output::new(&crate::cli::Globals::default());
        let failure = report(&logs, output).unwrap_err();
        assert_eq!(failure.exit(), Exit::Other);
    }
}
