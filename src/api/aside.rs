//! Work that walks over a whole plan, on threads of its own: a million tasks would hold up the other requests
//! of a thread that serves.

use tonic::Status;

use super::status;

/// Does it on such a thread.
///
/// # Errors
/// INTERNAL when it panicked.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| status::internal("a walk over the plan panicked"))
}

/// Does several pieces side by side, as many at a time as there are threads for.
///
/// # Errors
/// INTERNAL when one panicked.
pub(super) async fn side_by_side<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
    pieces: impl IntoIterator<Item = W>,
) -> Result<Vec<T>, Status> {
    let running: Vec<_> = pieces
        .into_iter()
        .map(tokio::task::spawn_blocking)
        .collect();
    let mut done = Vec::with_capacity(running.len());
    for piece in running {
        let piece = piece.await;
        done.push(piece.map_err(|_| status::internal("a walk over the plan panicked"))?);
    }
    Ok(done)
}
