//! A backup on its way to the one who asked: made off the writer, sent in bounded pieces, and gone from
//! this machine whether or not it arrives. A request names no path: what the copy is written to is a
//! client's business.

use std::fs::File;
use std::io::Read as _;
use std::time::Duration;

use muster_proto::v1 as wire;
use prost::bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::access::Caller;
use super::status;
use crate::engine::{Backup, EngineError, EngineHandle};
use crate::plan::hexadecimal::hexadecimal;
use crate::store::{Copied, Head};
use crate::telemetry;
use wire::create_backup_response::Part;

/// Bytes of one message.
const CHUNK_BYTES: usize = 256 * 1024;

/// Messages that wait for a slow client.
const CHUNKS_AHEAD: usize = 4;

/// A client that takes nothing for so long gives its turn up.
const STALLED_AFTER: Duration = Duration::from_secs(60);

/// What is sent.
pub(super) type BackupStream = ReceiverStream<Result<wire::CreateBackupResponse, Status>>;

type Sender = mpsc::Sender<Result<wire::CreateBackupResponse, Status>>;

/// Takes the turn and sends the copy as it is made.
pub(super) fn begin(engine: EngineHandle, caller: Caller) -> Result<BackupStream, Status> {
    let turn = engine
        .begin_backup()
        .map_err(|error| status::failed(&error))?;
    let (send, receive) = mpsc::channel(CHUNKS_AHEAD);
    tokio::spawn(async move {
        if let Err(status) = send_copy(&engine, &caller, turn, &send).await {
            // Nobody is left to tell when the client is gone.
            let _ = send.send_timeout(Err(status), STALLED_AFTER).await;
        }
    });
    Ok(ReceiverStream::new(receive))
}

async fn send_copy(
    engine: &EngineHandle,
    caller: &Caller,
    turn: Backup,
    send: &Sender,
) -> Result<(), Status> {
    let listener = send.clone();
    let making = tokio::task::spawn_blocking(move || {
        let copied = turn.copy(&|| !listener.is_closed());
        (turn, copied)
    });
    let (turn, copied) = making
        .await
        .map_err(|_| status::internal("a backup panicked"))?;
    let Copied { file, bytes, heads } = copied.map_err(|error| status::failed(&error))?;
    tracing::info!(
        bytes,
        logs = heads.len(),
        "a backup was made and is being sent"
    );
    let begin = wire::BackupBegin {
        bytes,
        heads: heads.into_iter().map(head).collect(),
    };
    put(send, Part::Begin(begin)).await?;
    let mut rest = Rest {
        file,
        digest: Sha256::new(),
    };
    loop {
        if !turn.goes_on() {
            return Err(status::failed(&EngineError::Draining));
        }
        if !caller.is_welcome(engine) {
            return Err(status::unauthenticated("this token was revoked"));
        }
        let reading = tokio::task::spawn_blocking(move || {
            let chunk = rest.next();
            (rest, chunk)
        });
        let (left, chunk) = reading
            .await
            .map_err(|_| status::internal("a backup panicked"))?;
        rest = left;
        let chunk = chunk.map_err(|error| {
            let error = telemetry::chain(&error);
            tracing::error!(error, "the copy cannot be read");
            status::failed(&EngineError::Unreadable)
        })?;
        if chunk.is_empty() {
            break;
        }
        put(send, Part::Chunk(chunk)).await?;
    }
    let sha256 = hexadecimal(&rest.digest.finalize());
    put(send, Part::End(wire::BackupEnd { sha256 })).await
}

/// What of the copy was not read yet.
struct Rest {
    file: File,
    digest: Sha256,
}

impl Rest {
    /// The next piece; an empty one is the end.
    fn next(&mut self) -> std::io::Result<Bytes> {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let limit = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
        (&mut self.file).take(limit).read_to_end(&mut chunk)?;
        self.digest.update(&chunk);
        Ok(chunk.into())
    }
}

/// Sends one part; an error ends the backup.
async fn put(send: &Sender, part: Part) -> Result<(), Status> {
    let message = wire::CreateBackupResponse { part: Some(part) };
    send.send_timeout(Ok(message), STALLED_AFTER)
        .await
        .map_err(|_| {
            tracing::warn!("a backup was not taken by its client and was given up");
            Status::cancelled("the client took nothing any more")
        })
}

fn head(head: Head) -> wire::LogHead {
    wire::LogHead {
        project: head.project,
        version: head.version,
        hash: head.hash,
    }
}
