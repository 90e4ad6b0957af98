//! The entities of a plan as they stand now, a file per family. Entities are small values behind shared
//! pointers; a task is two values, its words (`Spec`, changed by edits only) and its state (`State`, copied
//! by each step).

mod gate;
mod people;
mod phase;
mod project;
mod queue;
mod task;

pub use gate::{CriterionResult, Gate, GateRun, GateWaiver, Metric, RunStatus};
pub use people::{Agent, Session, SessionStatus, Token};
pub use phase::{Criterion, Phase, PhaseState, PhaseStatus, Tally};
pub use project::{Project, ProjectStatus};
pub use queue::{Answer, Blocker, BlockerStatus, Decision, Discovered};
pub use task::{Completion, Lease, Leftover, Spec, State, Status};
