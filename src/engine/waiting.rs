//! Claims that found nothing and wait for a task. Those that match the same tasks stand in one line in
//! the order they came; a task that becomes claimable costs one try a line, however long the lines are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::EngineError;
use super::pending::Pending;
use super::request::Scope;
use crate::plan::Plan;
use crate::plan::event::Text;
use crate::plan::id::RoleNo;

/// At most so many claims of one line are tried in one batch.
const BURST_MAX: usize = 32;

/// What decides which tasks a claim matches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct LineKey {
    role: String,
    roles: Box<[RoleNo]>,
    skills: Box<[Text]>,
    /// An agent that looks after something matches what nobody else does.
    assigned: Option<Text>,
}

impl LineKey {
    /// The line of a claim; the same for all claims that match the same tasks.
    fn of(pending: &Pending, plan: &Plan) -> Self {
        let agent = pending.submission.actor.agent();
        let agent = agent.and_then(|name| plan.agent(name));
        Self {
            role: pending
                .claim()
                .map_or_else(String::new, |claim| claim.role.clone()),
            roles: agent.map_or_else(Box::default, |agent| agent.roles.clone()),
            skills: agent.map_or_else(Box::default, |agent| agent.skills.clone()),
            assigned: agent
                .filter(|agent| plan.is_assigned(&agent.name))
                .map(|agent| Arc::clone(&agent.name)),
        }
    }
}

/// Claims that match the same tasks, by ticket.
#[derive(Default)]
struct Line {
    claims: BTreeMap<u64, Pending>,
    /// A task may be there for it.
    hungry: bool,
    /// How many are tried next.
    burst: usize,
}

type Room = HashMap<LineKey, Line>;

/// The request of a waiting claim.
struct Asked {
    ticket: u64,
    digest: Arc<str>,
}

/// All waiting claims.
pub(super) struct WaitingRoom {
    rooms: HashMap<Arc<str>, Room>,
    places: BTreeMap<u64, (Arc<str>, LineKey)>,
    deadlines: BTreeSet<(u64, u64)>,
    requests: HashMap<Scope, Asked>,
    next_ticket: u64,
    limit: usize,
}

impl WaitingRoom {
    pub fn new(limit: usize) -> Self {
        Self {
            rooms: HashMap::new(),
            places: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            requests: HashMap::new(),
            next_ticket: 0,
            limit,
        }
    }

    /// How many wait; a caller that left is counted until it is noticed.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Lets a claim wait. One that waited before goes back to its place, and its line is not tried again
    /// until something happens; a repeat takes over the place of its first.
    pub fn park(&mut self, mut pending: Pending, project: &Arc<str>, plan: &Plan) {
        let scope = pending.scope();
        let tried = pending.ticket.is_some();
        match self.place_for(&pending, scope.as_ref()) {
            Ok(ticket) => pending.ticket = Some(ticket),
            Err(error) => return pending.answer(Err(error)),
        }
        let ticket = pending.ticket.unwrap_or_default();
        if let (Some(scope), Some(request)) = (scope, &pending.submission.request) {
            let digest = Arc::clone(&request.digest);
            self.requests.insert(scope, Asked { ticket, digest });
        }
        let key = LineKey::of(&pending, plan);
        self.deadlines.insert((pending.deadline_ms, ticket));
        self.places
            .insert(ticket, (Arc::clone(project), key.clone()));
        let room = self.rooms.entry(Arc::clone(project)).or_default();
        let line = room.entry(key).or_default();
        line.hungry &= !tried;
        line.claims.insert(ticket, pending);
    }

    /// The ticket a claim may wait under.
    fn place_for(&mut self, pending: &Pending, scope: Option<&Scope>) -> Result<u64, EngineError> {
        if let Some(ticket) = pending.ticket {
            return Ok(ticket);
        }
        if let (Some(scope), Some(request)) = (scope, &pending.submission.request)
            && let Some(asked) = self.requests.get(scope)
        {
            if asked.digest != request.digest {
                return Err(EngineError::RequestIdReused(request.id.to_string()));
            }
            let ticket = asked.ticket;
            if let Some(first) = self.remove(ticket) {
                first.answer(Err(EngineError::Draining));
            }
            return Ok(ticket);
        }
        if self.places.len() >= self.limit {
            self.drop_abandoned();
        }
        if self.places.len() >= self.limit {
            return Err(EngineError::Overloaded {
                what: "waiting_claims",
            });
        }
        self.next_ticket += 1;
        Ok(self.next_ticket)
    }

    /// Whether somebody waits for the same tasks as this claim.
    pub fn has_line_for(&self, pending: &Pending, plan: &Plan) -> bool {
        self.rooms
            .get(pending.project())
            .is_some_and(|room| room.contains_key(&LineKey::of(pending, plan)))
    }

    /// `count` tasks of a project may have become claimable.
    pub fn wake(&mut self, project: &str, count: u64) {
        let burst = usize::try_from(count).unwrap_or(BURST_MAX);
        for line in self
            .rooms
            .get_mut(project)
            .into_iter()
            .flat_map(Room::values_mut)
        {
            line.hungry = true;
            line.burst = line.burst.max(burst.clamp(1, BURST_MAX));
        }
    }

    /// Puts the claims of a project into the lines where they belong now; for what decides that has changed.
    pub fn regroup(&mut self, project: &str, plan: &Plan) {
        let Some((project, room)) = self.rooms.remove_entry(project) else {
            return;
        };
        let mut regrouped = Room::new();
        for line in room.into_values() {
            for (ticket, pending) in line.claims {
                let key = LineKey::of(&pending, plan);
                if let Some(place) = self.places.get_mut(&ticket) {
                    place.1 = key.clone();
                }
                let new = regrouped.entry(key).or_default();
                new.hungry |= line.hungry;
                new.burst = new.burst.max(line.burst);
                new.claims.insert(ticket, pending);
            }
        }
        self.rooms.insert(project, regrouped);
    }

    /// Whether some claim should be tried again.
    pub fn is_hungry(&self) -> bool {
        self.rooms
            .values()
            .any(|room| room.values().any(|line| line.hungry))
    }

    /// The claims to be tried now, at most `limit`, in the order they came; those whose callers are gone
    /// are let go. A line stays in turn, with twice as many, until one of it comes back to `park`.
    pub fn take_hungry(&mut self, limit: usize) -> Vec<Pending> {
        let mut tickets = Vec::new();
        for line in self.rooms.values_mut().flat_map(Room::values_mut) {
            if line.hungry {
                tickets.extend(line.claims.keys().take(line.burst.max(1)));
                line.burst = (line.burst * 2).clamp(1, BURST_MAX);
            } else {
                line.burst = 0;
            }
        }
        tickets.sort_unstable();
        tickets.truncate(limit);
        self.take(tickets)
    }

    /// The claims whose time is over, at most `limit`.
    pub fn take_overdue(&mut self, now_ms: u64, limit: usize) -> Vec<Pending> {
        let overdue = self.deadlines.range(..=(now_ms, u64::MAX)).take(limit);
        let tickets = overdue.map(|(_, ticket)| *ticket).collect();
        self.take(tickets)
    }

    /// Everybody who waits.
    pub fn take_all(&mut self) -> Vec<Pending> {
        let tickets = self.places.keys().copied().collect();
        self.take(tickets)
    }

    /// When the first wait is over, on the monotonic clock.
    pub fn next_deadline_ms(&self) -> Option<u64> {
        self.deadlines.first().map(|(deadline_ms, _)| *deadline_ms)
    }

    fn take(&mut self, tickets: Vec<u64>) -> Vec<Pending> {
        tickets
            .into_iter()
            .filter_map(|ticket| self.remove(ticket))
            .filter(|pending| !pending.is_abandoned())
            .collect()
    }

    fn drop_abandoned(&mut self) {
        let abandoned: Vec<u64> = self
            .rooms
            .values()
            .flat_map(Room::values)
            .flat_map(|line| &line.claims)
            .filter(|(_, pending)| pending.is_abandoned())
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in abandoned {
            self.remove(ticket);
        }
    }

    fn remove(&mut self, ticket: u64) -> Option<Pending> {
        let (project, key) = self.places.remove(&ticket)?;
        let room = self.rooms.get_mut(&project)?;
        let line = room.get_mut(&key)?;
        let pending = line.claims.remove(&ticket)?;
        if line.claims.is_empty() {
            room.remove(&key);
            if room.is_empty() {
                self.rooms.remove(&project);
            }
        }
        self.deadlines.remove(&(pending.deadline_ms, ticket));
        if let Some(scope) = pending.scope()
            && self
                .requests
                .get(&scope)
                .is_some_and(|asked| asked.ticket == ticket)
        {
            self.requests.remove(&scope);
        }
        Some(pending)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::pending::Origin;
    use super::super::{Step, Submission};
    use super::*;
    use crate::plan::Command;
    use crate::plan::command::Claim;
    use crate::plan::fact::Actor;

    fn claim(
        role: &str,
    ) -> (
        Pending,
        tokio::sync::oneshot::Receiver<super::super::pending::Told>,
    ) {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let command = Command::ClaimTask(Claim {
            role: role.to_owned(),
            ..Claim::default()
        });
        let pending = Pending {
            submission: Submission {
                steps: vec![Step {
                    project: "web".to_owned(),
                    command,
                }],
                actor: Actor::System,
                request: None,
                wait: Duration::ZERO,
            },
            origin: Origin::Caller(reply),
            deadline_ms: 1_000,
            ticket: None,
        };
        (pending, answer)
    }

    /// A room with that many claims in each line, woken `count` times over.
    fn check(lines: &[(&str, usize)], count: u64, refused: &[&str], expected: &[usize]) {
        let project: Arc<str> = "web".into();
        let plan = Plan::default();
        let mut room = WaitingRoom::new(1_000);
        let mut callers = Vec::new();
        for (role, claims) in lines {
            for _ in 0..*claims {
                let (pending, caller) = claim(role);
                room.park(pending, &project, &plan);
                callers.push(caller);
            }
        }
        assert!(!room.is_hungry(), "nothing has happened yet");
        room.wake("web", count);
        let mut tried = Vec::new();
        while room.is_hungry() && tried.len() < 100 {
            let taken = room.take_hungry(1_000);
            assert!(taken.is_sorted_by_key(|pending| pending.ticket));
            tried.push(taken.len());
            for pending in taken {
                if refused.contains(&pending.claim().unwrap().role.as_str()) {
                    room.park(pending, &project, &plan);
                }
            }
        }
        assert_eq!(tried, expected);
    }

    #[test]
    fn a_refusal_ends_the_turn_of_its_line() {
        check(&[("a", 100)], 1, &["a"], &[1]);
    }

    #[test]
    fn every_line_is_tried_and_none_for_another() {
        check(&[("a", 3), ("b", 100)], 1, &["b"], &[2, 2]);
    }

    #[test]
    fn a_line_that_is_served_is_tried_with_ever_more_up_to_a_limit() {
        check(&[("a", 100)], 1, &[], &[1, 2, 4, 8, 16, 32, 32, 5]);
    }

    #[test]
    fn many_tasks_at_once_are_handed_out_at_once() {
        check(&[("a", 40)], 20, &[], &[20, 20]);
    }
}
