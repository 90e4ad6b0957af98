//! Requests that may ask for the past: the plan they are answered from is the one of the version or the
//! instant they name. Whatever cannot be looked back to is refused by the name of the field.

use std::sync::Arc;

use muster_proto::v1 as wire;
use tonic::{Request, Status};

use super::call::{Call, InProject};
use super::validate::{bad, instant};
use super::{Api, status};
use crate::plan::Plan;
use crate::plan::time::Timestamp;

/// A message that may name a version or an instant it asks about.
pub(super) trait AsOf: InProject {
    /// The version and the instant, as far as they are given.
    fn as_of(&self) -> (Option<u64>, Option<prost_types::Timestamp>);
}

macro_rules! as_of {
    ($($read:ident),+ $(,)?) => {
        $(impl AsOf for wire::$read {
            fn as_of(&self) -> (Option<u64>, Option<prost_types::Timestamp>) {
                (self.as_of_version, self.as_of)
            }
        })+
    };
}

as_of! {
    GetProjectRequest, GetBoardRequest, GetStandupRequest, ListBlockersRequest, ListPhasesRequest,
}

impl Api {
    /// Takes a request in whose plan may be one of the past; then with the instant it is as of.
    pub(super) async fn open_as_of<T: AsOf>(
        &self,
        request: Request<T>,
    ) -> Result<(Call<T>, Option<Timestamp>), Status> {
        let mut call = self.open(request)?;
        let (version, at) = match call.body.as_of() {
            (None, None) => return Ok((call, None)),
            (Some(_), Some(_)) => {
                return Err(bad(
                    "as_of",
                    "stands beside as_of_version; give one of the two",
                ));
            }
            (Some(version), None) => (version, None),
            (None, Some(at)) => {
                let at = instant("as_of", at)?;
                let version = self.version_at(&call, at).await?;
                (version, Some(at))
            }
        };
        let plan = self.engine.plan_at(&call.project, version).await;
        call.plan = plan.map_err(|error| status::failed(&error))?;
        let at = at.unwrap_or(call.plan.last_at());
        Ok((call, Some(at)))
    }

    /// The newest version recorded at or before an instant that is not in the future.
    async fn version_at<T>(&self, call: &Call<T>, at: Timestamp) -> Result<u64, Status> {
        // Recorded time never falls, so the newest event may be ahead of the clock.
        let now_ms = self.engine.now_ms().max(call.plan.last_at().0);
        if at.0 > now_ms {
            return Err(bad("as_of", "is in the future"));
        }
        let version = self.engine.version_before(&call.project, at.0 + 1).await;
        match version.map_err(|error| status::failed(&error))? {
            0 => Err(bad("as_of", "is before the project's first event")),
            version => Ok(version),
        }
    }
}

/// Lets go of a plan that may be one of the past: where nobody else holds it, a large one takes its time to
/// go, and other requests of the thread would wait.
pub(super) fn let_go(plan: Arc<Plan>, as_of: Option<Timestamp>) {
    if as_of.is_some() {
        tokio::task::spawn_blocking(move || drop(plan));
    }
}
