//! A backup as it comes from a running daemon: what it will hold, then its bytes, then their digest. What
//! it is written to, and whether it is whole, is its caller's business.

use std::time::Duration;

use muster_proto::v1 as wire;
use prost::bytes::Bytes;
use tonic::Streaming;

use super::access::Speaker;
use super::client::{Client, LONG_CALL_TIMEOUT};
use super::{Exit, Failure, Globals};
use wire::create_backup_response::Part;

/// A daemon that sends nothing for so long has stopped sending.
const STALLED_AFTER: Duration = Duration::from_secs(120);

/// What follows in a backup.
#[derive(Debug)]
pub enum Piece {
    /// The next bytes.
    Chunk(Bytes),
    /// Nothing: SHA-256 of all bytes, in hexadecimal.
    End(String),
}

/// A backup that is being sent.
pub struct Download {
    client: Client,
    stream: Streaming<wire::CreateBackupResponse>,
    /// Its length in bytes.
    pub bytes: u64,
    /// The head of every log in it, by project.
    pub heads: Vec<wire::LogHead>,
}

impl Download {
    /// Asks the daemon for a backup and waits until it begins to come. The call is not repeated: a
    /// backup is much work, and whoever wants another asks again.
    ///
    /// # Errors
    /// What the daemon refused, or that it was not reached.
    pub async fn begin(globals: &Globals) -> Result<Self, Failure> {
        let client = Client::new(globals, Speaker::Coordinator)?;
        let mut admin = client.admin();
        let asked = admin.create_backup(wire::CreateBackupRequest {}).await;
        let answer = asked.map_err(|status| client.failure(status))?;
        let mut stream = answer.into_inner();
        // The copy is made before its first message.
        match next(&client, &mut stream, LONG_CALL_TIMEOUT).await? {
            Part::Begin(begin) => Ok(Self {
                client,
                stream,
                bytes: begin.bytes,
                heads: begin.heads,
            }),
            Part::Chunk(_) | Part::End(_) => Err(garbled()),
        }
    }

    /// What follows.
    ///
    /// # Errors
    /// The daemon stopped sending, or the connection broke.
    pub async fn next(&mut self) -> Result<Piece, Failure> {
        match next(&self.client, &mut self.stream, STALLED_AFTER).await? {
            Part::Chunk(bytes) => Ok(Piece::Chunk(bytes)),
            Part::End(end) => Ok(Piece::End(end.sha256)),
            Part::Begin(_) => Err(garbled()),
        }
    }
}

async fn next(
    client: &Client,
    stream: &mut Streaming<wire::CreateBackupResponse>,
    limit: Duration,
) -> Result<Part, Failure> {
    let Ok(message) = tokio::time::timeout(limit, stream.message()).await else {
        return Err(Failure::new(
            Exit::Unavailable,
            "DEADLINE_EXCEEDED",
            "the daemon stopped sending the backup; ask for it again",
        ));
    };
    let message = message.map_err(|status| client.failure(status))?;
    message.and_then(|message| message.part).ok_or_else(|| {
        Failure::new(
            Exit::Unavailable,
            "BACKUP_CUT_OFF",
            "the backup ended before all of it had come; ask for it again",
        )
    })
}

fn garbled() -> Failure {
    Failure::new(
        Exit::Other,
        "BACKUP_CUT_OFF",
        "the daemon sent a backup in an order that this program does not know; use its own release",
    )
}
