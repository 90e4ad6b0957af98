//! The form in bytes of what is one of several: a tag, then what belongs to it. A tag is never used again.

use super::super::check::CheckSet;
use super::super::decimal::Decimal;
use super::super::event::{
    CriterionCheck, Due, GateScope, On, PointEnd, Principal, RoleTime, RuleSide, Sides, Subject,
    SuccessCheck, Triage,
};
use super::super::fact::Actor;
use super::bytes::{Bytes, Malformed, Part};

impl Part for Subject {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Area(area) => {
                out.push(0);
                area.put(out);
            }
            Self::Task(id) => {
                out.push(1);
                id.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Area),
            1 => Part::take(from).map(Self::Task),
            _ => Err(Malformed),
        }
    }
}

impl Part for RoleTime {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Always => out.push(0),
            Self::During(window) => {
                out.push(1);
                window.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Ok(Self::Always),
            1 => Part::take(from).map(Self::During),
            _ => Err(Malformed),
        }
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

impl Part for GateScope {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Phase(id) => {
                out.push(0);
                id.put(out);
            }
            Self::Deployment(name) => {
                out.push(1);
                name.put(out);
            }
            Self::Workflow(name) => {
                out.push(2);
                name.put(out);
            }
            Self::Project => out.push(3),
            Self::Daily => out.push(4),
            Self::Completion(selection) => {
                out.push(5);
                selection.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Phase),
            1 => Part::take(from).map(Self::Deployment),
            2 => Part::take(from).map(Self::Workflow),
            3 => Ok(Self::Project),
            4 => Ok(Self::Daily),
            5 => Part::take(from).map(Self::Completion),
            _ => Err(Malformed),
        }
    }
}

impl Part for CriterionCheck {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Attested(role) => {
                out.push(0);
                role.put(out);
            }
            Self::Metric(measure) => {
                out.push(1);
                measure.put(out);
            }
            Self::Command { command, measure } => {
                out.push(2);
                command.put(out);
                measure.put(out);
            }
            Self::Approval(roles) => {
                out.push(3);
                roles.put(out);
            }
            Self::Derived(derived) => {
                out.push(4);
                derived.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Attested),
            1 => Part::take(from).map(Self::Metric),
            2 => Ok(Self::Command {
                command: Part::take(from)?,
                measure: Part::take(from)?,
            }),
            3 => Part::take(from).map(Self::Approval),
            4 => Part::take(from).map(Self::Derived),
            _ => Err(Malformed),
        }
    }
}

impl Part for SuccessCheck {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Measured(measure) => {
                out.push(0);
                measure.put(out);
            }
            Self::Attested(role) => {
                out.push(1);
                role.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Measured),
            1 => Part::take(from).map(Self::Attested),
            _ => Err(Malformed),
        }
    }
}

impl Part for On {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Task(id) => {
                out.push(0);
                id.put(out);
            }
            Self::Phase(id) => {
                out.push(1);
                id.put(out);
            }
            Self::AllAbove => out.push(2),
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Task),
            1 => Part::take(from).map(Self::Phase),
            2 => Ok(Self::AllAbove),
            _ => Err(Malformed),
        }
    }
}

impl Part for RuleSide {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Task(id) => {
                out.push(0);
                id.put(out);
            }
            Self::Phase(id) => {
                out.push(1);
                id.put(out);
            }
            Self::Matching(selector) => {
                out.push(2);
                selector.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Task),
            1 => Part::take(from).map(Self::Phase),
            2 => Part::take(from).map(Self::Matching),
            _ => Err(Malformed),
        }
    }
}

impl Part for PointEnd {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Task(id) => {
                out.push(0);
                id.put(out);
            }
            Self::Phase(id) => {
                out.push(1);
                id.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Task),
            1 => Part::take(from).map(Self::Phase),
            _ => Err(Malformed),
        }
    }
}

impl Part for Sides {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Internal { from, to } => {
                out.push(0);
                from.put(out);
                to.put(out);
            }
            Self::External { system, needed_by } => {
                out.push(1);
                system.put(out);
                needed_by.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Ok(Self::Internal {
                from: Part::take(from)?,
                to: Part::take(from)?,
            }),
            1 => Ok(Self::External {
                system: Part::take(from)?,
                needed_by: Part::take(from)?,
            }),
            _ => Err(Malformed),
        }
    }
}

impl Part for Due {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Day(day) => {
                out.push(0);
                day.put(out);
            }
            Self::Week(week) => {
                out.push(1);
                week.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Day),
            1 => Part::take(from).map(Self::Week),
            _ => Err(Malformed),
        }
    }
}

impl Part for Triage {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Promoted(id) => {
                out.push(0);
                id.put(out);
            }
            Self::Deferred => out.push(1),
            Self::Rejected => out.push(2),
            Self::Duplicate(id) => {
                out.push(3);
                id.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Promoted),
            1 => Ok(Self::Deferred),
            2 => Ok(Self::Rejected),
            3 => Part::take(from).map(Self::Duplicate),
            _ => Err(Malformed),
        }
    }
}

impl Part for Actor {
    fn put(&self, out: &mut Vec<u8>) {
        let (kind, name) = match self {
            Self::Coordinator(name) => (0, Some(name)),
            Self::Agent(name) => (1, Some(name)),
            Self::Observer(name) => (2, Some(name)),
            Self::System => (3, None),
        };
        out.push(kind);
        if let Some(name) = name {
            name.put(out);
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Part::take(from).map(Self::Coordinator),
            1 => Part::take(from).map(Self::Agent),
            2 => Part::take(from).map(Self::Observer),
            3 => Ok(Self::System),
            _ => Err(Malformed),
        }
    }
}

impl Part for Principal {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Coordinator { name } => {
                out.push(0);
                name.put(out);
            }
            Self::Agent { name, project } => {
                out.push(1);
                name.put(out);
                project.put(out);
            }
            Self::Observer { name, project } => {
                out.push(2);
                name.put(out);
                project.put(out);
            }
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Ok(Self::Coordinator {
                name: Part::take(from)?,
            }),
            1 => Ok(Self::Agent {
                name: Part::take(from)?,
                project: Part::take(from)?,
            }),
            2 => Ok(Self::Observer {
                name: Part::take(from)?,
                project: Part::take(from)?,
            }),
            _ => Err(Malformed),
        }
    }
}
