//! What an agent reads when it begins a session (requirement 90): where the project stands, what its last
//! session left, what it would get next and what is in the way. Everything is cut; the totals are not.

use super::brief::{Nearby, clipped};
use super::id::TaskId;
use super::model::Session;
use super::state::Plan;
use super::time::Timestamp;

/// What a session begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionBrief<'a> {
    /// The current phase, its id and name with how far it is; empty when every phase is passed.
    pub phase: String,
    /// The active sprint with its goal and how far it is; empty without one.
    pub sprint: String,
    /// The session that left the newest summary: the agent's own, else anybody's.
    pub last: Option<&'a Session>,
    /// Tasks the agent holds already, carried ones among them.
    pub holds: Vec<Nearby>,
    /// Tasks the agent would get next, in claim order, at most 5.
    pub next: Vec<Nearby>,
    /// Open blockers, the oldest first, at most 5.
    pub blockers: Vec<Nearby>,
    /// How many there are.
    pub blockers_total: usize,
    /// Discovered tasks that wait for triage, the newest first, at most 5.
    pub untriaged: Vec<Nearby>,
    /// How many there are.
    pub untriaged_total: usize,
    /// Open decisions, the oldest first, at most 5.
    pub decisions: Vec<Nearby>,
    /// How many there are.
    pub decisions_total: usize,
    /// Until when the day's standup takes what the agent has to say; none when none is open, or it spoke.
    pub standup_closes_at: Option<Timestamp>,
}

/// Entries of each list.
const LISTED_MAX: usize = 5;
/// Sessions that are looked through for a summary.
const SESSIONS_MAX: usize = 500;

fn entry(id: impl ToString, text: &str) -> Nearby {
    Nearby {
        id: id.to_string(),
        text: clipped(text),
    }
}

impl Plan {
    /// What an agent's session begins with; none for whoever is no registered agent.
    pub fn session_brief(&self, agent: &str) -> Option<SessionBrief<'_>> {
        let agent = self.agent(agent)?;
        let task = |id: &TaskId| entry(id, self.title(*id));
        let next = self.in_claim_order(LISTED_MAX, |_, class| self.nearness(agent, None, class));
        let untriaged: Vec<_> = self.untriaged().collect();
        let open: Vec<_> = self.decisions().filter(|it| it.answer.is_none()).collect();
        Some(SessionBrief {
            phase: self.phase_line(),
            sprint: self.sprint_line(None),
            last: self.last_said(&agent.name),
            holds: agent.holds.iter().take(LISTED_MAX).map(task).collect(),
            next: next.iter().map(task).collect(),
            blockers: self
                .open_blockers()
                .take(LISTED_MAX)
                .map(|it| entry(it.id, &it.reason))
                .collect(),
            blockers_total: self.open_blockers().count(),
            untriaged: untriaged
                .iter()
                .rev()
                .take(LISTED_MAX)
                .map(|it| entry(it.id, &it.title))
                .collect(),
            untriaged_total: untriaged.len(),
            decisions: open
                .iter()
                .take(LISTED_MAX)
                .map(|it| entry(it.id, &it.question))
                .collect(),
            decisions_total: open.len(),
            standup_closes_at: self.standup_waits_for(&agent.name),
        })
    }

    fn standup_waits_for(&self, agent: &str) -> Option<Timestamp> {
        let now = self.last_at();
        let standup = self.standup_at_hand(now).filter(|it| !it.is_over(now))?;
        let mut speakers = standup.entries.iter().filter_map(|it| it.by.agent());
        let spoke = speakers.any(|speaker| **speaker == *agent);
        (!spoke).then_some(standup.closes_at)
    }

    fn phase_line(&self) -> String {
        let Some(phase) = self.current_phase().and_then(|no| self.phase(no)) else {
            return String::new();
        };
        let tally = self.tally(phase.no);
        let name = format!("{} {}", phase.id, phase.name);
        format!(
            "{} ({} of {} tasks completed)",
            clipped(name.trim_end()),
            tally.completed,
            tally.counted()
        )
    }

    fn last_said(&self, agent: &str) -> Option<&Session> {
        let newest = || self.sessions().rev().take(SESSIONS_MAX);
        let said = |session: &&Session| {
            let summary = &session.summary;
            session.ended_at.is_some() && !(summary.done.is_empty() && summary.next.is_empty())
        };
        let own = newest().filter(said).find(|it| *it.agent == *agent);
        own.or_else(|| newest().find(said))
    }
}
