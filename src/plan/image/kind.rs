//! What portions hold, each kind with a number that is never used again.

/// What a portion holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The plan's own values and what does not follow from its entities.
    Frame = 1,
    /// Phases.
    Phases = 2,
    /// Agents.
    Agents = 3,
    /// Sessions.
    Sessions = 4,
    /// Tokens.
    Tokens = 5,
    /// Blockers.
    Blockers = 6,
    /// Discovered tasks.
    Discovered = 7,
    /// Decisions.
    Decisions = 8,
    /// Tasks.
    Tasks = 9,
    /// Who states a dependency on whom.
    Dependents = 10,
    /// Which tasks were claimed in which session.
    Claimed = 11,
    /// Which tasks were completed in which session.
    Completed = 12,
    /// What the kept order holds outside its natural place.
    Moved = 13,
    /// Deliverables.
    Deliverables = 24,
    /// Milestones.
    Milestones = 25,
    /// Risks.
    Risks = 26,
    /// Rules.
    Rules = 70,
    /// Work under review.
    Reviews = 31,
    /// Whose work on tasks was given back.
    GivenBack = 32,
    /// Quality gates.
    Gates = 14,
    /// Runs of quality gates.
    GateRuns = 15,
    /// Metrics.
    Metrics = 16,
    /// Who completed tasks of which phase.
    Authors = 17,
    /// Sprints.
    Sprints = 30,
    /// Integration points.
    Integrations = 60,
    /// Rollouts.
    Rollouts = 61,
    /// What tasks refer to.
    References = 62,
    /// Workflows.
    Workflows = 40,
    /// Runs of workflows.
    WorkflowRuns = 41,
    /// Assignments.
    Assignments = 50,
    /// Schedules.
    Schedules = 80,
    /// Published reports.
    Reports = 81,
    /// Runs of the checklist.
    ChecklistRuns = 82,
    /// Standups by day.
    Standups = 83,
    /// Marks.
    Marks = 84,
}

impl Kind {
    const ALL: [Self; 35] = [
        Self::Frame,
        Self::Phases,
        Self::Agents,
        Self::Sessions,
        Self::Tokens,
        Self::Blockers,
        Self::Discovered,
        Self::Decisions,
        Self::Tasks,
        Self::Dependents,
        Self::Claimed,
        Self::Completed,
        Self::Moved,
        Self::Deliverables,
        Self::Milestones,
        Self::Risks,
        Self::Rules,
        Self::Reviews,
        Self::GivenBack,
        Self::Gates,
        Self::GateRuns,
        Self::Metrics,
        Self::Authors,
        Self::Sprints,
        Self::Integrations,
        Self::Rollouts,
        Self::References,
        Self::Workflows,
        Self::WorkflowRuns,
        Self::Assignments,
        Self::Schedules,
        Self::Reports,
        Self::ChecklistRuns,
        Self::Standups,
        Self::Marks,
    ];

    /// The kind of a number.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}
