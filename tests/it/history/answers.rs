//! What clients were told against what the log says: every acknowledgement once, under its own fence, in
//! the order in which clients saw it.

use std::collections::BTreeMap;

use muster::plan::event::{Event, Recorded};
use muster::plan::id::TaskId;

use super::{Call, Operation, Outcome, Violation, work_of};

/// Whose request it is; ids of different agents have nothing to do with each other.
type Key<'a> = (&'a str, &'a str);

/// What a request left in the log.
struct Effect {
    version: u64,
    call: Call,
    task: TaskId,
    fence: u64,
    attempt: u32,
}

/// Adds what does not fit together to `found`.
pub fn check(history: &[Operation], log: &[Recorded], found: &mut Vec<Violation>) {
    let effects = effects(log);
    let mut requests: BTreeMap<Key<'_>, Vec<&Operation>> = BTreeMap::new();
    for operation in history {
        let key = (operation.agent.as_str(), operation.request.as_str());
        requests.entry(key).or_default().push(operation);
    }
    let mut acknowledged = Vec::new();
    for (key, calls) in &requests {
        let of_its_kind: Vec<&Effect> = effects
            .get(key)
            .into_iter()
            .flatten()
            .filter(|effect| effect.call == calls[0].call)
            .collect();
        acknowledged.extend(one_request(calls, &of_its_kind, found));
    }
    in_order(acknowledged, found);
}

/// The work that requests left in the log, by request.
fn effects(log: &[Recorded]) -> BTreeMap<Key<'_>, Vec<Effect>> {
    let mut effects: BTreeMap<Key<'_>, Vec<Effect>> = BTreeMap::new();
    for recorded in log {
        let (Some(agent), Some(request)) = (recorded.actor.agent(), &recorded.request) else {
            continue;
        };
        let Some((call, task, fence)) = work_of(&recorded.event) else {
            continue;
        };
        let attempt = match &recorded.event {
            Event::TaskClaimed(claimed) => claimed.attempt,
            _ => 0,
        };
        effects
            .entry((agent, &request.id))
            .or_default()
            .push(Effect {
                version: recorded.version,
                call,
                task,
                fence,
                attempt,
            });
    }
    effects
}

/// When a request was first asked and first acknowledged, and where it stands in the log.
struct Acknowledged {
    request: String,
    invoked_us: u64,
    answered_us: u64,
    version: u64,
}

fn one_request(
    calls: &[&Operation],
    effects: &[&Effect],
    found: &mut Vec<Violation>,
) -> Option<Acknowledged> {
    let request = format!("{} {}", calls[0].agent, calls[0].request);
    if effects.len() > 1 {
        let versions = effects.iter().map(|effect| effect.version).collect();
        found.push(Violation::DoneTwice {
            request: request.clone(),
            versions,
        });
    }
    let good: Vec<&&Operation> = calls
        .iter()
        .filter(|call| matches!(call.outcome, Outcome::Done | Outcome::Granted { .. }))
        .collect();
    if good
        .windows(2)
        .any(|pair| pair[0].outcome != pair[1].outcome)
    {
        found.push(Violation::AnswersDiffer {
            request: request.clone(),
        });
    }
    let Some(effect) = effects.first() else {
        // A completion repeated under another request id is answered again and records nothing; these
        // clients never do that, so what is acknowledged must be there.
        if !good.is_empty() {
            found.push(Violation::LostAcknowledgement { request });
        }
        return None;
    };
    let version = effect.version;
    for call in calls {
        let is_right = match &call.outcome {
            Outcome::Unknown => true,
            Outcome::Granted {
                task,
                attempt,
                fence,
            } => (*task, *attempt, *fence) == (effect.task, effect.attempt, effect.fence),
            Outcome::Done => Some(effect.task) == call.task && effect.fence == call.fence,
            // A claim repeated after its lease ended is told that it is lost.
            Outcome::Refused(reason) if call.call == Call::Claim && reason == "LEASE_LOST" => true,
            Outcome::Refused(_) | Outcome::Nothing => {
                found.push(Violation::RefusedAfterEffect {
                    request: request.clone(),
                    version,
                });
                true
            }
        };
        if !is_right {
            found.push(Violation::AnswerNotRecorded {
                request: request.clone(),
                version,
            });
        }
    }
    let invoked_us = calls.iter().map(|call| call.invoked_us).min()?;
    let answered_us = good.iter().map(|call| call.answered_us).min()?;
    Some(Acknowledged {
        request,
        invoked_us,
        answered_us,
        version,
    })
}

/// What was acknowledged before another request was first asked stands before it in the log.
fn in_order(acknowledged: Vec<Acknowledged>, found: &mut Vec<Violation>) {
    let mut by_answer: Vec<(u64, u64)> = acknowledged
        .iter()
        .map(|one| (one.answered_us, one.version))
        .collect();
    by_answer.sort_unstable();
    let mut by_start = acknowledged;
    by_start.sort_unstable_by_key(|one| one.invoked_us);
    let mut highest = 0;
    let mut answers = by_answer.into_iter().peekable();
    for one in by_start {
        while let Some((_, version)) = answers.next_if(|(at_us, _)| *at_us < one.invoked_us) {
            highest = highest.max(version);
        }
        if one.version < highest {
            let (request, version) = (one.request, one.version);
            found.push(Violation::OutOfOrder { request, version });
        }
    }
}
