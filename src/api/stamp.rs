//! When and by whom an entity was changed last. An entity keeps the version that last touched it; the rest stands
//! in that version's event, in memory when it is new, else in the store.

use muster_proto::v1 as wire;
use tonic::Status;

use super::{Api, status, views};

/// What is said of the newest change of an entity.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    /// When it was recorded.
    pub at: Option<prost_types::Timestamp>,
    /// Who did it, such as `coordinator:ann`.
    pub by: String,
}

/// A message that tells the version which last touched what it shows, and when and by whom that was.
pub(super) trait Stamped {
    /// The version.
    fn revision(&self) -> u64;
    /// Fills in the rest.
    fn stamp(&mut self, stamp: Stamp);
}

macro_rules! stamped {
    ($($entity:ident),+ $(,)?) => {
        $(impl Stamped for wire::$entity {
            fn revision(&self) -> u64 { self.revision }
            fn stamp(&mut self, stamp: Stamp) {
                self.updated_at = stamp.at;
                self.updated_by = stamp.by;
            }
        })+
    };
}

stamped! { Task, Phase, Project, Agent, Session }

impl Api {
    /// An entity with when and by whom it was changed last.
    pub(super) async fn stamped<T: Stamped>(
        &self,
        project: &str,
        mut entity: T,
    ) -> Result<T, Status> {
        let Some(before) = entity.revision().checked_sub(1) else {
            return Ok(entity);
        };
        let found = self.engine.history(project, before, 1).await;
        let found = found.map_err(|error| status::failed(&error))?;
        if let Some(recorded) = found.first() {
            entity.stamp(Stamp {
                at: Some(views::time(recorded.at)),
                by: recorded.actor.to_string(),
            });
        }
        Ok(entity)
    }
}
