//! Channels: listed with what became of the project's reports, tested, and given again what was given up.

use std::collections::BTreeSet;

use muster_proto::v1 as wire;
use tonic::Status;

use super::call::Call;
use super::validate::{id, required};
use super::views::time;
use super::{Api, status};
use crate::notify::{NoSuchChannel, NotDelivered};
use crate::plan::command::{Delivering, Timing};
use crate::plan::id::ReportId;
use crate::plan::outgoing::Letters;
use crate::plan::refusal::Reason;
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, Refusal};

/// Reports that were given up, as many as are named with a channel.
const DEAD_SHOWN: usize = 20;

fn unknown(error: &NoSuchChannel) -> Status {
    let refusal = Refusal::new(Reason::ChannelNotFound, error.to_string());
    status::refused(&refusal.next("channel list"))
}

impl Api {
    /// A channel as it is shown: what became of the letters is the plan's to say, all else the settings'.
    fn channel(&self, plan: &Plan, name: &str, letters: Letters) -> wire::Channel {
        let channels = &self.options.channels;
        let described = channels.described(name);
        let mut last = channels
            .last_error(name)
            .map(|last| (last.sentence, Timestamp(last.at_ms)));
        let dead: Vec<ReportId> = plan.dead_letters(name).rev().take(DEAD_SHOWN).collect();
        let newest = dead.first().and_then(|id| plan.report(*id)?.delivery(name));
        if let Some(newest) = newest
            && last.as_ref().is_none_or(|(_, at)| *at < newest.at)
        {
            last = Some((newest.note.to_string(), newest.at));
        }
        let (last_error, last_error_at) = last.unzip();
        wire::Channel {
            name: name.to_owned(),
            configured: described.is_some(),
            kind: described.as_ref().map_or("", |it| it.0).to_owned(),
            wants: described.map(|it| it.1).unwrap_or_default(),
            waiting: letters.waiting,
            delivered: letters.delivered,
            dead: letters.dead,
            last_error: last_error.unwrap_or_default(),
            last_error_at: last_error_at.map(time),
            dead_reports: dead.iter().map(ToString::to_string).collect(),
        }
    }

    /// What waits for channels or was given up, for whoever asks how the daemon is.
    pub(super) fn letters(&self, plan: &Plan) -> Vec<wire::ServedLetters> {
        let letters = plan.letters().into_iter();
        letters
            .filter(|(_, letters)| letters.waiting > 0 || letters.dead > 0)
            .map(|(channel, letters)| wire::ServedLetters {
                configured: self.options.channels.described(&channel).is_some(),
                channel: channel.to_string(),
                waiting: letters.waiting,
                dead: letters.dead,
            })
            .collect()
    }
}

impl Call<wire::ListChannelsRequest> {
    pub(super) async fn list_channels(
        self,
        api: &Api,
    ) -> Result<wire::ListChannelsResponse, Status> {
        let mut names: BTreeSet<String> = api.options.channels.names().map(str::to_owned).collect();
        let letters = self.plan.letters();
        names.extend(letters.keys().map(ToString::to_string));
        let channels = names.iter().map(|name| {
            let letters = letters.get(name.as_str()).copied().unwrap_or_default();
            api.channel(&self.plan, name, letters)
        });
        Ok(wire::ListChannelsResponse {
            channels: channels.collect(),
        })
    }
}

impl Call<wire::TestChannelRequest> {
    pub(super) async fn test_channel(self, api: &Api) -> Result<wire::TestChannelResponse, Status> {
        let name = required("channel", self.body.channel.clone())?;
        let now_ms = api.engine.now_ms();
        // Asked for again after a lost answer, it is the same letter.
        let key = match self.body.request_id.as_str() {
            "" => now_ms.to_string(),
            id => id.to_owned(),
        };
        let channels = &api.options.channels;
        let tested = channels.test(&name, &self.project, &key, now_ms);
        match tested.await {
            Ok(delivered) => Ok(wire::TestChannelResponse {
                delivered: true,
                note: delivered.note,
                warnings: delivered.warnings,
            }),
            Err(NotDelivered::Failed(error)) => Ok(wire::TestChannelResponse {
                delivered: false,
                note: error.sentence().to_owned(),
                warnings: Vec::new(),
            }),
            Err(NotDelivered::NoSuchChannel(error)) => Err(unknown(&error)),
        }
    }
}

impl Call<wire::RedeliverReportRequest> {
    pub(super) async fn redeliver_report(
        self,
        api: &Api,
    ) -> Result<wire::RedeliverReportResponse, Status> {
        let report: ReportId = id("report", &self.body.report)?;
        let again = Delivering::Again {
            report,
            channel: required("channel", self.body.channel.clone())?,
        };
        let command = Command::Time(Timing::Deliver(again));
        let answer = api.submit(&self, command).await?;
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let report = answer.plan.report(report).map(|report| view.report(report));
        Ok(wire::RedeliverReportResponse { report })
    }
}
