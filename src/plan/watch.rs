//! The marks that a plan holds, and what has changed when others are found. Nothing here reads a clock or looks for
//! marks: they are handed in, and what is as it was is no change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::{ClearedMark, MarkKind, MarksChanged, RaisedMark, Text};
use super::inbox::{WaitKind, Waiting};
use super::model::{MARKS_MAX, Mark};
use super::state::Plan;

impl Mark {
    /// The mark in words, without what there is to say.
    pub fn told(&self) -> String {
        self.kind.told(&self.subject)
    }

    /// The command line that helps, without the program's name.
    pub fn command(&self) -> String {
        let subject = &self.subject;
        match self.kind {
            MarkKind::LeaseEnding | MarkKind::OverEstimate => format!("task show {subject}"),
            MarkKind::PhaseLate => format!("phase show {subject}"),
            MarkKind::MilestoneAtRisk => "milestone list".to_owned(),
            MarkKind::AgentSilent => "agent list".to_owned(),
            MarkKind::DiscoveredGrowing => "triage".to_owned(),
        }
    }
}

impl Plan {
    /// What people should know, by kind and subject.
    pub fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.marks.values().map(AsRef::as_ref)
    }

    /// A mark.
    pub fn mark(&self, kind: MarkKind, subject: &str) -> Option<&Mark> {
        let key = (kind, Text::from(subject));
        self.marks.get(&key).map(AsRef::as_ref)
    }

    /// Whether there are as many marks as may stand at one time, so that others may be left out.
    pub fn marks_are_full(&self) -> bool {
        self.marks.len() >= MARKS_MAX
    }

    /// What changes when these are the marks there are; none when nothing does. Those that stand go first where there
    /// are more than may stand.
    pub fn marks_after(&self, present: &[RaisedMark]) -> Option<MarksChanged> {
        let mut found: BTreeMap<(MarkKind, &Text), &RaisedMark> = BTreeMap::new();
        for mark in present {
            found.entry((mark.kind, &mark.subject)).or_insert(mark);
        }
        let stay: BTreeSet<(MarkKind, &Text)> = self
            .marks
            .values()
            .map(|mark| (mark.kind, &mark.subject))
            .filter(|key| found.contains_key(key))
            .collect();
        let gone = self.marks.values();
        let gone = gone.filter(|mark| !stay.contains(&(mark.kind, &mark.subject)));
        let cleared: Vec<ClearedMark> = gone
            .map(|mark| ClearedMark {
                kind: mark.kind,
                subject: Arc::clone(&mark.subject),
            })
            .collect();
        let others = found.iter().filter(|(key, _)| stay.contains(key));
        let others = others.filter(|((kind, subject), mark)| {
            let known = self.mark(*kind, subject);
            known.is_none_or(|known| known.detail != mark.detail)
        });
        let room = MARKS_MAX.saturating_sub(stay.len());
        let new = found.iter().filter(|(key, _)| !stay.contains(key));
        let raised = others.chain(new.take(room));
        let raised: Vec<RaisedMark> = raised.map(|(_, mark)| (*mark).clone()).collect();
        let nothing = raised.is_empty() && cleared.is_empty();
        (!nothing).then_some(MarksChanged { raised, cleared })
    }

    /// Marks as they wait for a person.
    pub(super) fn marks_waiting(&self, waiting: &mut Vec<Waiting>) {
        waiting.extend(self.marks().map(|mark| Waiting {
            kind: WaitKind::Mark,
            id: mark.subject.to_string(),
            title: match &*mark.detail {
                "" => mark.kind.as_words().to_owned(),
                detail => format!("{}: {detail}", mark.kind.as_words()),
            },
            since: mark.since,
            holds_up: 0,
            command: mark.command(),
        }));
    }
}
