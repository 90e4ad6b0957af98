//! The walk over the logs of a running daemon; the walk over a stopped one's files is not a client's.

use muster_proto::v1 as wire;
use serde_json::json;

use super::access::Speaker;
use super::client::{LONG_CALL_TIMEOUT, call};
use super::{Context, Exit, Failure, Globals, json as documents, text};

/// Asks the daemon to walk its logs and prints the head of each chain, or its first broken version. With
/// `--project` only that project's log is walked.
///
/// # Errors
/// Exit code 1 with the answer on stdout when a log is broken; else whatever kept it from being walked.
pub async fn verify(globals: &Globals) -> Result<(), Failure> {
    let context = Context::new(globals, Speaker::Coordinator)?;
    let request = wire::VerifyLogRequest {
        project: context.project.clone(),
    };
    let answer = call!(
        &context.client,
        admin.verify_log(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    context.out.either(
        || {
            let logs: Vec<_> = answer.logs.iter().map(documents::verified_log).collect();
            json!({"logs": logs})
        },
        || text::verified(&answer.logs),
    )?;
    if answer.logs.iter().all(|log| log.sound) {
        Ok(())
    } else {
        Err(Failure::Answered(Exit::Other))
    }
}
