//! The form in bytes of what is one of several: a tag, then what belongs to it. A tag is never used again.

use super::super::check::CheckSet;
use super::super::decimal::Decimal;
use super::super::event::{
    CriterionCheck, Due, Executor, GateScope, On, PointEnd, Principal, RoleTime, RuleSide, Sides,
    Subject, SuccessCheck, Triage,
};
use super::super::fact::Actor;
use super::super::recurrence::Recurrence;
use super::bytes::{Bytes, Malformed, Part, part};

part! {
    enum Subject {
        Area(area) = 0,
        Task(id) = 1,
    }

    enum RoleTime {
        Always = 0,
        During(window) = 1,
    }

    enum GateScope {
        Phase(id) = 0,
        Deployment(name) = 1,
        Workflow(name) = 2,
        Project = 3,
        Daily = 4,
        Completion(selection) = 5,
    }

    enum CriterionCheck {
        Attested(role) = 0,
        Metric(measure) = 1,
        Command { command, measure } = 2,
        Approval(roles) = 3,
        Derived(derived) = 4,
    }

    enum SuccessCheck {
        Measured(measure) = 0,
        Attested(role) = 1,
    }

    enum On {
        Task(id) = 0,
        Phase(id) = 1,
        AllAbove = 2,
    }

    enum RuleSide {
        Task(id) = 0,
        Phase(id) = 1,
        Matching(selector) = 2,
    }

    enum PointEnd {
        Task(id) = 0,
        Phase(id) = 1,
    }

    enum Sides {
        Internal { from, to } = 0,
        External { system, needed_by } = 1,
    }

    enum Due {
        Day(day) = 0,
        Week(week) = 1,
    }

    enum Executor {
        BlockingIssues = 0,
        PullRequests = 1,
        Gates = 2,
        Dashboard = 3,
        Standup = 4,
        Command(name) = 5,
        Manual = 6,
    }

    enum Triage {
        Promoted(id) = 0,
        Deferred = 1,
        Rejected = 2,
        Duplicate(id) = 3,
    }

    enum Actor {
        Coordinator(name) = 0,
        Agent(name) = 1,
        Observer(name) = 2,
        System = 3,
    }

    enum Principal {
        Coordinator { name } = 0,
        Agent { name, project } = 1,
        Observer { name, project } = 2,
    }
}

impl Part for CheckSet {
    fn put(&self, out: &mut Vec<u8>) {
        self.bits().put(out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Self::of_bits(u16::take(from)?).ok_or(Malformed)
    }
}

impl Part for Decimal {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_str().to_owned().put(out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let text = String::take(from)?;
        text.parse().map_err(|_| Malformed)
    }
}

impl Part for Recurrence {
    fn put(&self, out: &mut Vec<u8>) {
        self.to_string().put(out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let text = String::take(from)?;
        text.parse().map_err(|_| Malformed)
    }
}
