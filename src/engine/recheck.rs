//! Checks, while the daemon works, the part of each log that a start from a snapshot did not read. Goes
//! slowly, so that nobody notices; a break stops all writes.

use std::sync::Arc;
use std::time::Duration;

use super::EngineError;
use super::shared::Shared;
use crate::clock::Stopwatch;
use crate::store::codec::{Break, Broken, Chain};
use crate::telemetry;

/// So many events are read at a time.
const PAGE_EVENTS: usize = 256;

/// After each page it rests so many times as long as the page took.
const REST: u32 = 3;

/// And at least so long.
const REST_LEAST: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 2 });

/// And at most so long.
const REST_MOST: Duration = Duration::from_secs(1);

/// A page that cannot be read is tried so many times.
const TRIES: u32 = 3;

/// The part of a log that nobody has read since the start.
#[derive(Debug, Clone)]
pub(super) struct Unread {
    pub project: Arc<str>,
    /// Up to this version.
    pub version: u64,
    /// The hash that the event there has, as its snapshot and its document say.
    pub hash: String,
}

/// Starts the check on a thread of its own.
pub(super) fn start(shared: &Arc<Shared>, unread: Vec<Unread>) -> std::io::Result<()> {
    if unread.is_empty() {
        return Ok(());
    }
    let shared = Arc::clone(shared);
    let check = move || {
        for part in &unread {
            match walk(&shared, part) {
                Ok(true) => {
                    let (project, version) = (&*part.project, part.version);
                    tracing::info!(
                        project.id = project,
                        version,
                        "the log of {project} before its snapshot is sound"
                    );
                }
                // The daemon stops.
                Ok(false) => return,
                Err(_) if shared.is_draining() => return,
                Err(broken) => stop_writes(&shared, part, &broken),
            }
        }
    };
    let thread = std::thread::Builder::new().name("muster-checker".to_owned());
    thread.spawn(check).map(|_| ())
}

fn stop_writes(shared: &Shared, part: &Unread, broken: &Broken) {
    let (project, version) = (&*part.project, broken.version);
    tracing::error!(
        project.id = project,
        version,
        why = %broken.why,
        "the log of {project} is broken at version {version}; writes have stopped and reads go on. Stop the daemon, put the newest backup of \
         the data directory in a new place and serve that; `muster audit verify --data-dir DIR` shows \
         where every log stands"
    );
    shared.stop_writes(EngineError::StoreCorrupt {
        project: project.to_owned(),
        version,
    });
}

/// Walks one part; false when the daemon stops before its end.
fn walk(shared: &Shared, part: &Unread) -> Result<bool, Broken> {
    let mut chain = Chain::new();
    while chain.head().version < part.version {
        let watch = Stopwatch::start();
        page(shared, part, &mut chain)?;
        let rest = watch.elapsed().saturating_mul(REST);
        std::thread::sleep(rest.clamp(REST_LEAST, REST_MOST));
        if shared.is_draining() {
            return Ok(false);
        }
    }
    if chain.head().hash == part.hash {
        return Ok(true);
    }
    // Its own document was compared at the start, so it is what leads to it that is not what was written.
    Err(Broken {
        version: part.version,
        why: Break::Unchained,
    })
}

fn page(shared: &Shared, part: &Unread, chain: &mut Chain) -> Result<(), Broken> {
    let after = chain.head().version;
    let version = after + 1;
    let mut tries = 1;
    let records = loop {
        match shared.reader.read(&part.project, after, PAGE_EVENTS) {
            Ok(records) => break records,
            Err(error) if tries < TRIES && !shared.is_draining() => {
                let (project, error) = (&*part.project, telemetry::chain(&error));
                tracing::warn!(
                    error,
                    project.id = project,
                    version,
                    "the log of {project} cannot be read; it is tried again"
                );
                tries += 1;
                std::thread::sleep(REST_MOST);
            }
            Err(error) => {
                return Err(Broken {
                    version,
                    why: Break::Unreadable(error),
                });
            }
        }
    };
    if records.is_empty() {
        return Err(Broken {
            version,
            why: Break::Cut,
        });
    }
    records
        .iter()
        .filter(|record| record.version <= part.version)
        .try_for_each(|record| chain.link(record))
}
