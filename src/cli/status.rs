//! How a running daemon is, asked once and not waited for: for who wants to know whether one answers.

use std::time::Duration;

use muster_proto::v1 as wire;

use super::access::Speaker;
use super::client::Client;
use super::{Failure, Globals};

/// A daemon that is well answers long before.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Asks the daemon how it is, with the head of every project's log.
///
/// # Errors
/// There is no token, the daemon was not reached, or it refused.
pub async fn ask(globals: &Globals) -> Result<wire::GetStatusResponse, Failure> {
    let client = Client::new(globals, Speaker::Coordinator)?;
    let mut request = tonic::Request::new(wire::GetStatusRequest {
        with_fingerprints: false,
        with_heads: true,
    });
    request.set_timeout(ANSWER_WITHIN);
    let mut admin = client.admin();
    let answer = admin.get_status(request).await;
    answer
        .map(tonic::Response::into_inner)
        .map_err(|status| client.failure(status))
}
