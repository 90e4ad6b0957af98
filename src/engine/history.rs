//! Events read back: from memory when they are new, else from the store on a thread that may block.
//! Never shows an event that is not published.

use std::ops::Range;
use std::sync::Arc;

use super::EngineError;
use super::board::Board;
use super::fold::{FoldError, read_events};
use super::request::Span;
use super::shared::Shared;
use crate::plan::event::Recorded;
use crate::telemetry;

/// At most so many events come with one call.
pub(super) const EVENTS_MAX: usize = 10_000;
/// A stretch of the log of more events than this is told from the newest.
pub(super) const WINDOW_EVENTS_MAX: u64 = 200_000;

/// A page of history read from the store ends once its documents are larger than this, in bytes.
pub(super) const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A page for a watcher ends sooner: there may be thousands of them, each with a page in its hands.
pub(super) const WATCHED_BYTES_MAX: usize = 512 * 1024;

/// Up to `limit` published events above a version, in a page of the store's that ends after `bytes_max`
/// of documents; fewer when they are large, none only at the end.
pub(super) async fn after(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    after: u64,
    limit: usize,
    bytes_max: usize,
) -> Result<Vec<Arc<Recorded>>, EngineError> {
    let limit = limit.min(EVENTS_MAX);
    if let Some(events) = board.recent(after, limit) {
        return Ok(events);
    }
    let until = board.plan().version();
    read(shared, board, after..until, limit, bytes_max).await
}

/// The events of one request, however many.
pub(super) async fn span(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    span: Span,
) -> Result<Vec<Arc<Recorded>>, EngineError> {
    let Some(after) = span.first.checked_sub(1).filter(|_| span.count > 0) else {
        return Ok(Vec::new());
    };
    let count = usize::try_from(span.count).unwrap_or(usize::MAX);
    if let Some(events) = board.recent(after, count) {
        return Ok(events);
    }
    let versions = after..after + span.count;
    read(shared, board, versions, count, usize::MAX).await
}

/// The newest published version recorded before `since_ms`; 0 when there is none.
pub(super) async fn version_before(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    since_ms: i64,
) -> Result<u64, EngineError> {
    let published = board.plan().version();
    let before_ms = since_ms.saturating_sub(1);
    let slug = Arc::clone(board.slug());
    let version = blocking(shared, move |shared| {
        shared
            .reader
            .version_at(&slug, before_ms)
            .map_err(FoldError::Unreadable)
    })
    .await?;
    Ok(version.min(published))
}

/// The hash of a published event; empty for version 0.
pub(super) async fn hash(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    version: u64,
) -> Result<String, EngineError> {
    let Some(before) = version.checked_sub(1) else {
        return Ok(String::new());
    };
    let slug = Arc::clone(board.slug());
    let records = blocking(shared, move |shared| {
        let read = shared.reader.read(&slug, before, 1);
        read.map_err(FoldError::Unreadable)
    })
    .await?;
    let record = records.into_iter().next();
    record
        .map(|record| record.hash)
        .ok_or(EngineError::Unreadable)
}

/// Reads the events with versions above the range's start and up to its end.
async fn read(
    shared: &Arc<Shared>,
    board: &Arc<Board>,
    versions: Range<u64>,
    limit: usize,
    bytes_max: usize,
) -> Result<Vec<Arc<Recorded>>, EngineError> {
    let slug = Arc::clone(board.slug());
    blocking(shared, move |shared| {
        read_events(&*shared.reader, &slug, versions, limit, bytes_max)
    })
    .await
}

/// Runs a read on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Shared) -> Result<T, FoldError> + Send + 'static,
) -> Result<T, EngineError> {
    let shared = Arc::clone(shared);
    let done = tokio::task::spawn_blocking(move || work(&shared)).await;
    match done {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => {
            let error = telemetry::chain(&error);
            tracing::error!(error, "history cannot be read");
            Err(EngineError::Unreadable)
        }
        Err(_) => Err(EngineError::Unreadable),
    }
}
