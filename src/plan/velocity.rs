//! How much gets done in a session: counted from what agents claimed and completed, never typed in.

use serde::Serialize;

use super::id::{SessionId, TaskId};
use super::state::Plan;

/// Fewer sessions or tasks than this say nothing about the next ones.
const TELLING: u32 = 3;

/// Tasks completed and the sessions used for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Velocity {
    /// Tasks that agents completed.
    pub completed: u32,
    /// Sessions that claimed something.
    pub sessions: u32,
}

impl Velocity {
    /// Tasks a session in hundredths, rounded half up; none when no session was used.
    pub fn hundredths(self) -> Option<u32> {
        let sessions = u64::from(self.sessions);
        let hundredths = (u64::from(self.completed) * 200 + sessions).checked_div(2 * sessions)?;
        u32::try_from(hundredths).ok()
    }

    /// What a task took on average, in minutes of sessions; none when too little was done to tell.
    pub fn minutes_per_task(self, session_minutes: u32) -> Option<u32> {
        if self.completed < TELLING || self.sessions < TELLING {
            return None;
        }
        let minutes = u64::from(self.sessions) * u64::from(session_minutes);
        u32::try_from(minutes / u64::from(self.completed))
            .ok()
            .map(|minutes| minutes.max(1))
    }
}

impl Plan {
    /// Over all sessions of the project.
    pub fn velocity(&self) -> Velocity {
        let mut sessions = 0;
        let mut after = SessionId(0);
        loop {
            let behind = (after, TaskId(u32::MAX))..;
            let mut claimed = self.index.claimed_in.range(behind);
            let Some((session, _)) = claimed.find(|(session, _)| *session > after) else {
                break;
            };
            after = *session;
            sessions += 1;
        }
        let completed = self.index.completed_in.len();
        Velocity {
            completed: u32::try_from(completed).unwrap_or(u32::MAX),
            sessions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(completed: u32, sessions: u32) -> Velocity {
        Velocity {
            completed,
            sessions,
        }
    }

    #[test]
    fn a_velocity_has_two_decimals_and_none_without_a_session() {
        assert_eq!(of(0, 0).hundredths(), None);
        assert_eq!(of(5, 3).hundredths(), Some(167));
        assert_eq!(of(1, 8).hundredths(), Some(13));
        assert_eq!(of(u32::MAX, 1).hundredths(), None);
    }

    #[test]
    fn a_task_takes_its_share_of_the_sessions_once_there_are_some() {
        assert_eq!(of(2, 9).minutes_per_task(60), None);
        assert_eq!(of(6, 3).minutes_per_task(60), Some(30));
        assert_eq!(of(u32::MAX, 3).minutes_per_task(60), Some(1));
    }
}
