//! What agents and people said at the day's standup, and what was derived because nobody said it. What is derived
//! is never passed off as said.

use std::collections::BTreeMap;

use super::build::View;
use super::data::{EntryLine, Meeting, SlotLine, SlotSource};
use crate::plan::event::ReportKind;
use crate::plan::model::{Standup, StandupEntry};
use crate::report::data::counted;

/// Entries of a line that the report keeps, and of each what is kept of a slot and of what else was said, in
/// characters: a dozen lines full of them fit a report.
pub(super) const KEPT_MAX: usize = 40;
const SLOT_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 400;
/// Entries of a role whose words make its slots; the others stand below the line.
const JOINED_MAX: usize = 3;
/// Standups before the day's in which entries are looked for that no report told of.
const EARLIER_MAX: usize = 31;

/// What a role's format asks for (requirement 58).
pub(super) fn format(role: &str) -> &'static [&'static str] {
    match role {
        "developer" => &["shipped", TESTS],
        "data" => &["metrics"],
        "devops" => &["version", "monitoring"],
        "coordinator" => &["blockers", "changes"],
        _ => &["built", "next"],
    }
}

/// The slot of tests.
pub(super) const TESTS: &str = "tests_passed_percent";

/// The standup that is told of.
pub(super) fn at_hand<'a>(view: &View<'a>) -> Option<&'a Standup> {
    view.plan.standup_at_hand(view.now)
}

/// The window of the day's standup; none when nobody opened it.
pub(super) fn meeting(view: &View<'_>) -> Option<Meeting> {
    let standup = at_hand(view)?;
    let late = standup.entries.iter().filter(|entry| entry.late);
    Some(Meeting {
        day: standup.day.to_string(),
        opened_at: view.zone.moment(standup.opened_at),
        closes_at: view.zone.moment(standup.closes_at),
        entries_total: counted(standup.entries.len()),
        late_total: counted(late.count()),
    })
}

/// Entries by the role they speak for: the day's, then those of earlier days that no report told of.
pub(super) fn by_role(view: &View<'_>) -> BTreeMap<String, Vec<EntryLine>> {
    let today = at_hand(view).map(|standup| standup.day);
    let mut reports = view.plan.reports().rev();
    let before = reports.find(|report| report.kind == ReportKind::Standup);
    let before = before.map_or(0, |report| report.as_of);
    let mut by_role: BTreeMap<String, Vec<EntryLine>> = BTreeMap::new();
    let mut add = |entry: &StandupEntry, earlier_day: String| {
        let line = EntryLine {
            earlier_day,
            ..line(view, entry)
        };
        by_role
            .entry(entry.role.to_string())
            .or_default()
            .push(line);
    };
    let todays = at_hand(view).map_or(&[] as &[_], |standup| &standup.entries);
    for entry in todays {
        add(entry, String::new());
    }
    let recent = view.plan.standups().rev().take(EARLIER_MAX + 1);
    let mut earlier: Vec<&Standup> = recent.filter(|it| Some(it.day) != today).collect();
    earlier.reverse();
    for standup in earlier {
        // What the report before this one told of is not told again.
        let untold = |it: &&StandupEntry| it.version > before && !standup.tells_of(it);
        for entry in standup.entries.iter().filter(untold) {
            add(entry, standup.day.to_string());
        }
    }
    by_role
}

fn line(view: &View<'_>, entry: &StandupEntry) -> EntryLine {
    let slots = &entry.slots;
    let words = slots.words().into_iter();
    let mut said: Vec<SlotLine> = words
        .filter(|(_, said)| !said.is_empty())
        .map(|(slot, said)| SlotLine {
            slot: slot.to_owned(),
            said: said.chars().take(SLOT_CHARS_MAX).collect(),
            source: SlotSource::Submitted,
        })
        .collect();
    if let Some(percent) = slots.tests_passed_percent {
        said.push(SlotLine {
            slot: TESTS.to_owned(),
            said: percent.to_string(),
            source: SlotSource::Submitted,
        });
    }
    EntryLine {
        by: entry.by.name().to_owned(),
        role: entry.role.to_string(),
        at: view.zone.moment(entry.at),
        late: entry.late,
        earlier_day: String::new(),
        slots: said,
        text: entry.text.chars().take(TEXT_CHARS_MAX).collect(),
    }
}

/// What a line's slots say: in the words of those who spoke at the day's standup, else as `derived` knows it.
pub(super) fn slots(
    role: &str,
    entries: &[EntryLine],
    derived: impl Fn(&str) -> String,
) -> Vec<SlotLine> {
    let todays = || entries.iter().filter(|entry| entry.earlier_day.is_empty());
    let said = |slot: &str| -> Vec<&str> {
        let of = todays().flat_map(|entry| &entry.slots);
        of.filter(|it| it.slot == slot)
            .map(|it| it.said.as_str())
            .collect()
    };
    let asked = format(role);
    let also = ["next", "blockers", "changes"];
    let also = also
        .into_iter()
        .filter(|slot| !asked.contains(slot) && !said(slot).is_empty());
    asked
        .iter()
        .copied()
        .chain(also)
        .map(|slot| {
            let all = said(slot);
            let (words, source) = match (slot, all.as_slice()) {
                (_, []) => (derived(slot), SlotSource::Derived),
                (TESTS, all) => {
                    let least = all.iter().filter_map(|it| it.parse::<u8>().ok()).min();
                    let least = least.map_or_else(String::new, |it| it.to_string());
                    (least, SlotSource::Submitted)
                }
                (_, all) => (joined(all), SlotSource::Submitted),
            };
            SlotLine {
                slot: slot.to_owned(),
                said: words,
                source,
            }
        })
        .collect()
}

fn joined(all: &[&str]) -> String {
    let mut words = all[..all.len().min(JOINED_MAX)].join("; ");
    if let Some(left) = all.len().checked_sub(JOINED_MAX).filter(|left| *left > 0) {
        words.push_str(&format!("; and {left} more"));
    }
    words
}

/// Agents of a line that said nothing at the day's standup, for whatever role.
pub(super) fn silent(standup: &Standup, agents: &[String]) -> Vec<String> {
    let spoke = |agent: &String| {
        let mut speakers = standup.entries.iter().filter_map(|entry| entry.by.agent());
        speakers.any(|speaker| **speaker == **agent)
    };
    let silent = agents.iter().filter(|agent| !spoke(agent));
    silent.cloned().collect()
}
