//! Walks whole logs again while the daemon runs. A log that proves broken stops all writes: nothing may
//! be built on it.

use std::sync::Arc;

use super::board::Board;
use super::fold::{FoldError, Folding};
use super::shared::Shared;
use super::{EngineError, Verified};
use crate::telemetry;

/// What is wrong with a log that is shorter than what was published.
pub(super) const MISSING: &str = "the event is missing; the log ends before it";

/// Walks one log, or all.
pub(super) async fn verify(
    shared: &Arc<Shared>,
    project: Option<&str>,
) -> Result<Vec<Verified>, EngineError> {
    let boards = match project {
        Some(project) => vec![shared.known(project)?],
        None => shared.boards().values().cloned().collect(),
    };
    let shared = Arc::clone(shared);
    let walk = move || {
        let verified = boards.iter().map(|board| walk(&shared, board));
        verified.collect::<Result<Vec<_>, _>>()
    };
    let walked = tokio::task::spawn_blocking(walk).await;
    walked.unwrap_or(Err(EngineError::Unreadable))
}

fn walk(shared: &Shared, board: &Board) -> Result<Verified, EngineError> {
    let published = board.plan().version();
    let mut folding = Folding::new();
    let read = folding.read_on(&*shared.reader, board.slug(), |_| {});
    let (version, hash) = folding.head();
    let broken = match read {
        Ok(()) if version < published => Some((version + 1, MISSING.to_owned())),
        Ok(()) => None,
        Err(FoldError::Unreadable(error)) => {
            let (slug, error) = (board.slug(), telemetry::chain(&error));
            tracing::error!(error, project.id = %slug, "the log of {slug} cannot be read");
            return Err(EngineError::Unreadable);
        }
        Err(FoldError::Broken(broken)) => Some((broken.version, broken.why.to_string())),
        Err(FoldError::Undecodable { version, source }) => Some((version, source.to_string())),
    };
    let fingerprint = match &broken {
        Some((version, why)) => {
            stop_writes(shared, board.slug(), *version, why);
            String::new()
        }
        None => folding.finish().plan.fingerprint(),
    };
    Ok(Verified {
        project: board.slug().to_string(),
        version,
        hash,
        broken,
        fingerprint,
    })
}

/// Stops all writes for a log that proved broken; what whoever looked at it is told.
pub(super) fn stop_writes(shared: &Shared, slug: &str, version: u64, why: &str) -> EngineError {
    tracing::error!(
        project.id = %slug,
        version,
        why,
        "the log of {slug} is broken at version {version}; writes have stopped"
    );
    let broken = EngineError::StoreCorrupt {
        project: slug.to_owned(),
        version,
    };
    shared.stop_writes(broken.clone());
    broken
}
