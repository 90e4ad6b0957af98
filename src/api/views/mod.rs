//! Plans as messages: what a caller is shown of each entity. A fence is shown to its holder alone.

mod board;
mod brief;
mod event;
mod gate;
mod people;
mod phase;
mod points;
mod project;
mod queue;
mod register;
mod rule;
mod schedule;
mod sprint;
mod standup;
mod task;
mod team;
mod template;
mod workflow;

use prost_types::Timestamp as WireTime;

pub(super) use board::{board_column, role_outlook, scheduled_task, task_brief};
pub(super) use brief::brief;
pub(super) use event::event;
pub(super) use gate::metric;
pub(super) use project::token;
pub(super) use queue::{decision, inbox_item, not_ready};
pub(super) use sprint::history_row;
pub(super) use template::template;

use super::Api;
use super::access::Caller;
use crate::engine::EngineHandle;
use crate::plan::Plan;
use crate::plan::check::CheckSet;
use crate::plan::id::PhaseNo;
use crate::plan::time::Timestamp;

/// A plan as one caller sees it at one moment.
pub(super) struct View<'a> {
    plan: &'a Plan,
    agent: Option<&'a str>,
    engine: &'a EngineHandle,
    project: &'a str,
    now_ms: i64,
}

impl Api {
    /// The view of a caller on a plan of `project`.
    pub(super) fn view<'a>(
        &'a self,
        project: &'a str,
        plan: &'a Plan,
        caller: &'a Caller,
    ) -> View<'a> {
        View {
            plan,
            agent: caller.agent(),
            engine: &self.engine,
            project,
            now_ms: self.engine.now_ms(),
        }
    }
}

impl View<'_> {
    fn phase_id(&self, no: PhaseNo) -> String {
        self.plan.phase_id(no).to_owned()
    }
}

/// Checks on the wire: their names.
pub(super) fn names(checks: CheckSet) -> Vec<String> {
    checks
        .iter()
        .map(|check| check.as_str().to_owned())
        .collect()
}

/// An instant on the wire.
pub(super) fn time(at: Timestamp) -> WireTime {
    time_ms(at.0)
}

fn time_ms(ms: i64) -> WireTime {
    WireTime {
        seconds: ms.div_euclid(1_000),
        nanos: i32::try_from(ms.rem_euclid(1_000) * 1_000_000).unwrap_or(0),
    }
}

fn texts<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_keeps_its_milliseconds_before_and_after_1970() {
        let parts = |ms| {
            let at = time(Timestamp(ms));
            (at.seconds, at.nanos)
        };
        assert_eq!(parts(1_500), (1, 500_000_000));
        assert_eq!(parts(-1), (-1, 999_000_000));
        assert_eq!(parts(0), (0, 0));
    }
}
