//! A plan written portion by portion, in an order that is always the same. Names all that a plan and its
//! index have, so that what they gain is not forgotten here: it does not compile.

use std::sync::Arc;

use super::super::event::Text;
use super::super::id::{PhaseNo, SessionId, TaskId};
use super::super::model::Review;
use super::super::order::Node;
use super::super::state::{Index, Plan};
use super::bytes::Part;
use super::kind::Kind;
use super::portion::{Author, Frame, Moved, Ready};

/// A portion as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// What it holds.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How much of the plan's tasks is written with it, in percent.
    pub percent: u8,
}

/// Gathers bytes and hands them over portion by portion.
struct Pieces<F> {
    bytes: Vec<u8>,
    /// A portion is handed over once it is so large.
    enough: usize,
    percent: u8,
    each: F,
}

impl<E, F: FnMut(Piece<'_>) -> Result<(), E>> Pieces<F> {
    /// Hands over what was gathered once it is enough.
    fn hand_over_enough(&mut self, kind: Kind) -> Result<bool, E> {
        let enough = self.bytes.len() >= self.enough;
        if enough {
            self.hand_over(kind)?;
        }
        Ok(enough)
    }

    /// Hands over what was gathered.
    fn hand_over(&mut self, kind: Kind) -> Result<(), E> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let (bytes, percent) = (self.bytes.as_slice(), self.percent);
        (self.each)(Piece {
            kind,
            bytes,
            percent,
        })?;
        self.bytes.clear();
        Ok(())
    }

    fn all<'a, T: Part + 'a>(
        &mut self,
        kind: Kind,
        entities: impl Iterator<Item = &'a T>,
    ) -> Result<(), E> {
        for entity in entities {
            entity.put(&mut self.bytes);
            self.hand_over_enough(kind)?;
        }
        self.hand_over(kind)
    }

    fn pairs(&mut self, kind: Kind, pairs: impl Iterator<Item = (u32, u32)>) -> Result<(), E> {
        let mut before = (0, 0);
        for (first, second) in pairs {
            let step = first - before.0;
            let base = if step == 0 { before.1 } else { 0 };
            step.put(&mut self.bytes);
            (second - base).put(&mut self.bytes);
            before = (first, second);
            if self.hand_over_enough(kind)? {
                before = (0, 0);
            }
        }
        self.hand_over(kind)
    }
}

impl Plan {
    /// Writes the whole plan in a fixed order, portion by portion; one ends with the entity that makes it
    /// `portion_bytes` or larger. Settle the plan before.
    ///
    /// # Errors
    /// What `each` fails with, at once.
    pub fn write_image<E>(
        &self,
        portion_bytes: usize,
        each: impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // Both name all they have, so that what they gain is not forgotten.
        let Self {
            version,
            last_at,
            fence,
            project,
            phases,
            specs: _,
            states: _,
            agents,
            sessions,
            blockers,
            discovered,
            decisions,
            deliverables,
            milestones,
            risks,
            rules,
            reviews,
            given_back,
            integrations,
            rollouts,
            references,
            gates,
            gate_runs,
            metrics,
            authors,
            sprints,
            sprint_sessions,
            sprint_history,
            workflows,
            workflow_runs,
            assignments,
            role_windows,
            tokens,
            schedules,
            reports,
            highest_job_run,
            checklist,
            checklist_runs,
            standups,
            marks,
            highest_task,
            highest_session,
            index,
        } = self;
        let Index {
            phase_order,
            phase_ids: _,
            open_phases,
            passed,
            aliases: _,
            in_phase: _,
            unfinished: _,
            all_above: _,
            all_above_waived: _,
            dependents,
            phase_dependents: _,
            tallies: _,
            open_by_role: _,
            ready: _,
            ready_keys: _,
            classes: _,
            chains: _,
            chains_stale,
            // Both are empty between events.
            chain_edits: _,
            new_waits: _,
            order,
            live: _,
            blockers_of: _,
            open_blockers: _,
            settled_by: _,
            phase_blockers: _,
            decisions_of: _,
            deliverables_of: _,
            unaccepted: _,
            submitted: _,
            milestones_ahead: _,
            milestones_on: _,
            selectors: _,
            rule_members: _,
            decision_selectors: _,
            matches: _,
            active_sprint: _,
            committed: _,
            open_workflow_runs: _,
            assignees: _,
            assignments_of: _,
            untriaged: _,
            claimed_in,
            completed_in,
            open_sessions: _,
            phase_gates: _,
            completion_gates: _,
            commanded_runs: _,
            waivers: _,
            waiting_letters: _,
            dead_letters: _,
            delivered_letters: _,
            wakes,
        } = index;
        let mut pieces = Pieces {
            bytes: Vec::new(),
            enough: portion_bytes,
            percent: 0,
            each,
        };
        let frame = Frame {
            version: *version,
            last_at: *last_at,
            fence: *fence,
            project: project.clone(),
            sprint_history: Arc::clone(sprint_history),
            sprint_sessions: sprint_sessions.iter().copied().collect(),
            role_windows: Arc::clone(role_windows),
            highest_task: *highest_task,
            highest_session: *highest_session,
            highest_job_run: *highest_job_run,
            checklist: checklist.clone(),
            phase_order: Arc::clone(phase_order),
            open_phases: Arc::clone(open_phases),
            passed: passed.iter().copied().collect(),
            chains_stale: *chains_stale,
            circular: order.circular,
            wakes: *wakes,
        };
        pieces.all(Kind::Frame, std::iter::once(&frame))?;
        pieces.all(Kind::Phases, phases.values())?;
        pieces.all(Kind::Agents, agents.values())?;
        pieces.all(Kind::Sessions, sessions.values())?;
        pieces.all(Kind::Tokens, tokens.values())?;
        pieces.all(Kind::Blockers, blockers.values())?;
        pieces.all(Kind::Discovered, discovered.values())?;
        pieces.all(Kind::Decisions, decisions.values())?;
        pieces.all(Kind::Deliverables, deliverables.values())?;
        pieces.all(Kind::Milestones, milestones.values())?;
        pieces.all(Kind::Risks, risks.values())?;
        pieces.all(Kind::Rules, rules.values())?;
        let reviews: Vec<(TaskId, Review)> = reviews
            .iter()
            .map(|(id, review)| (*id, Review::clone(review)))
            .collect();
        pieces.all(Kind::Reviews, reviews.iter())?;
        let given_back: Vec<(TaskId, Box<[Text]>)> = given_back
            .iter()
            .map(|(id, authors)| (*id, Box::from(&authors[..])))
            .collect();
        pieces.all(Kind::GivenBack, given_back.iter())?;
        pieces.all(Kind::Integrations, integrations.values())?;
        pieces.all(Kind::Rollouts, rollouts.values())?;
        pieces.all(Kind::References, references.values())?;
        pieces.all(Kind::Gates, gates.values())?;
        pieces.all(Kind::GateRuns, gate_runs.values())?;
        pieces.all(Kind::Metrics, metrics.values())?;
        let authors: Vec<Author> = authors.iter().map(author).collect();
        pieces.all(Kind::Authors, authors.iter())?;
        pieces.all(Kind::Sprints, sprints.values())?;
        pieces.all(Kind::Workflows, workflows.values())?;
        pieces.all(Kind::WorkflowRuns, workflow_runs.values())?;
        pieces.all(Kind::Assignments, assignments.values())?;
        pieces.all(Kind::Schedules, schedules.values())?;
        pieces.all(Kind::Reports, reports.values())?;
        pieces.all(Kind::ChecklistRuns, checklist_runs.values())?;
        pieces.all(Kind::Standups, standups.values())?;
        pieces.all(Kind::Marks, marks.values())?;
        self.write_tasks(&mut pieces)?;
        let numbers = |(first, second): &(TaskId, TaskId)| (first.0, second.0);
        pieces.pairs(Kind::Dependents, dependents.iter().map(numbers))?;
        let numbers = |(first, second): &(SessionId, TaskId)| (first.0, second.0);
        pieces.pairs(Kind::Claimed, claimed_in.iter().map(numbers))?;
        pieces.pairs(Kind::Completed, completed_in.iter().map(numbers))?;
        let moved: Vec<Moved> = order.out_of_place().map(moved).collect();
        pieces.all(Kind::Moved, moved.iter())
    }

    fn write_tasks<E, F: FnMut(Piece<'_>) -> Result<(), E>>(
        &self,
        pieces: &mut Pieces<F>,
    ) -> Result<(), E> {
        let mut ready = self.index.ready_keys.iter().peekable();
        let mut chains = self.index.chains.iter().peekable();
        let total = self.specs.len();
        let tasks = self.specs.iter().zip(self.states.values());
        for (place, ((id, spec), state)) in tasks.enumerate() {
            id.put(&mut pieces.bytes);
            spec.put(&mut pieces.bytes);
            state.put(&mut pieces.bytes);
            let ready = ready.next_if(|(other, _)| *other == id);
            Ready::of(ready.map(|(_, key)| key)).put(&mut pieces.bytes);
            let chain = chains.next_if(|(other, _)| *other == id);
            chain.map_or(0, |(_, chain)| *chain).put(&mut pieces.bytes);
            pieces.percent = u8::try_from((place + 1) * 100 / total).unwrap_or(100);
            pieces.hand_over_enough(Kind::Tasks)?;
        }
        pieces.percent = 100;
        pieces.hand_over(Kind::Tasks)
    }
}

fn author(((phase, agent), version): (&(PhaseNo, Text), &u64)) -> Author {
    Author {
        phase: *phase,
        agent: Arc::clone(agent),
        version: *version,
    }
}

fn moved((node, (beside, fine)): (Node, (Node, i64))) -> Moved {
    Moved {
        phase: node.phase,
        place: node.place,
        task: node.task,
        beside_phase: beside.phase,
        beside_place: beside.place,
        beside_task: beside.task,
        fine,
    }
}
