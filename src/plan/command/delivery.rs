//! Published reports on their way to the channels: a report waits for a channel until that took it or it was given
//! up, and a report that was given up waits again when a coordinator says so. Nothing else moves it.

#[cfg(test)]
use serde::{Deserialize, Serialize};

use super::super::bench::Bench;
use super::super::event::{ReportDelivered, ReportReaddressed, ReportUndelivered, Text};
use super::super::fact::Actor;
use super::super::id::ReportId;
use super::super::model::{Delivery, DeliveryState};
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Plan, clipped};
use super::schedule::found_report;
use super::text;

/// Channels that a report may be addressed to.
pub const CHANNELS_MAX: usize = 50;

/// What can be asked of reports on their way to channels.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(test, derive(Serialize, Deserialize))]
#[expect(
    missing_docs,
    reason = "a variant's fields are those of its event, documented there"
)]
pub enum Delivering {
    /// A channel took a report (the daemon itself).
    Delivered {
        report: ReportId,
        channel: String,
        attempts: u32,
        note: String,
    },
    /// A report is given up for a channel (the daemon itself).
    Undelivered {
        report: ReportId,
        channel: String,
        attempts: u32,
        reason: String,
    },
    /// A report that was given up waits again.
    Again { report: ReportId, channel: String },
}

impl Delivering {
    /// Whether an actor may ask for it.
    pub(super) fn is_for(&self, actor: &Actor) -> bool {
        match self {
            Self::Delivered { .. } | Self::Undelivered { .. } => *actor == Actor::System,
            Self::Again { .. } => actor.coordinates(),
        }
    }
}

pub(super) fn decide(bench: &mut Bench<'_>, delivering: &Delivering) -> Result<(), Refusal> {
    match delivering {
        Delivering::Delivered {
            report,
            channel,
            attempts,
            note,
        } => {
            let channel = standing(bench, *report, channel, DeliveryState::Waiting)?;
            let note = text::long("note", note)?;
            bench.record(ReportDelivered {
                report: *report,
                channel,
                attempts: *attempts,
                note,
            });
        }
        Delivering::Undelivered {
            report,
            channel,
            attempts,
            reason,
        } => {
            let channel = standing(bench, *report, channel, DeliveryState::Waiting)?;
            let reason = text::required_long("reason", reason)?;
            bench.record(ReportUndelivered {
                report: *report,
                channel,
                attempts: *attempts,
                reason,
            });
        }
        Delivering::Again { report, channel } => {
            let channel = standing(bench, *report, channel, DeliveryState::Dead)?;
            bench.record(ReportReaddressed {
                report: *report,
                channel,
            });
        }
    }
    Ok(())
}

/// The channels of a report that is published: each once, in order.
pub(super) fn addressees(channels: &[String]) -> Result<Vec<Text>, Refusal> {
    if channels.len() > CHANNELS_MAX {
        return Err(Refusal::field(
            "channels",
            format!(
                "names {} channels; at most {CHANNELS_MAX} are addressed",
                channels.len()
            ),
        )
        .fact("limit", CHANNELS_MAX));
    }
    let names = channels.iter().map(|channel| text::id("channels", channel));
    let mut names: Vec<Text> = names.collect::<Result<_, _>>()?;
    names.sort();
    names.dedup();
    Ok(names)
}

/// A report's way to a channel, with the channel's name as it was addressed.
fn found<'a>(
    plan: &'a Plan,
    report: ReportId,
    channel: &str,
) -> Result<(&'a Text, &'a Delivery), Refusal> {
    let known = &found_report(plan, Some(report))?.deliveries;
    let entry = known.iter().find(|(name, _)| **name == *channel);
    entry.map(|(name, delivery)| (name, delivery)).ok_or_else(|| {
        let name = clipped(channel);
        Refusal::new(
            Reason::ChannelNotFound,
            format!("{report} was not addressed to a channel `{name}`; addressed is what is published while the channel is configured and wants it"),
        )
        .next("channel list")
    })
}

/// The same, if it stands where it is to be moved from.
fn standing(
    bench: &Bench<'_>,
    report: ReportId,
    channel: &str,
    wanted: DeliveryState,
) -> Result<Text, Refusal> {
    let (name, delivery) = found(&bench.plan, report, channel)?;
    if delivery.state == wanted {
        return Ok(name.clone());
    }
    let (state, wanted) = (delivery.state.as_str(), wanted.as_str());
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("{report} is {state} for channel `{name}`, not {wanted}"),
    )
    .fact("state", state)
    .next("report list"))
}
