//! Which published reports wait for which channel, and what became of the others: read from an index, so that
//! nobody walks over all reports to find the few that wait.

use std::collections::BTreeMap;

use super::event::Text;
use super::id::ReportId;
use super::model::{Delivery, Report};
use super::runs::RunSet;
use super::state::Plan;

/// The reports addressed to a channel, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Letters {
    /// To be delivered.
    pub waiting: u32,
    /// Delivered.
    pub delivered: u32,
    /// Given up.
    pub dead: u32,
}

impl Report {
    /// How far the report has come on its way to a channel.
    pub fn delivery(&self, channel: &str) -> Option<&Delivery> {
        let mut known = self.deliveries.iter();
        let found = known.find(|(name, _)| **name == *channel);
        found.map(|(_, delivery)| delivery)
    }
}

/// The reports of a channel in a set, by number.
fn of<'a>(
    set: &'a RunSet<(Text, ReportId)>,
    channel: &str,
) -> impl DoubleEndedIterator<Item = ReportId> + use<'a> {
    let channel: Text = channel.into();
    set.range((channel.clone(), ReportId(0))..=(channel, ReportId(u32::MAX)))
        .map(|(_, report)| *report)
}

impl Plan {
    /// Reports that wait for a channel, in the order of their publication.
    pub fn waiting_letters(&self, channel: &str) -> impl DoubleEndedIterator<Item = ReportId> + '_ {
        of(&self.index.waiting_letters, channel)
    }

    /// Reports that were given up for a channel, in the order of their publication.
    pub fn dead_letters(&self, channel: &str) -> impl DoubleEndedIterator<Item = ReportId> + '_ {
        of(&self.index.dead_letters, channel)
    }

    /// Every channel that a report was addressed to, with what became of them.
    pub fn letters(&self) -> BTreeMap<Text, Letters> {
        let mut all: BTreeMap<Text, Letters> = BTreeMap::new();
        for (channel, _) in self.index.waiting_letters.iter() {
            all.entry(channel.clone()).or_default().waiting += 1;
        }
        for (channel, _) in self.index.dead_letters.iter() {
            all.entry(channel.clone()).or_default().dead += 1;
        }
        for (channel, count) in self.index.delivered_letters.iter() {
            all.entry(channel.clone()).or_default().delivered = *count;
        }
        all
    }
}
