//! The day's standup: spoken at, shown and listed.

use muster_proto::v1 as wire;
use tonic::Status;

use super::call::Call;
use super::validate::{bad, percent};
use super::work::find;
use super::{Api, status};
use crate::plan::Command;
use crate::plan::command::{Gathering, NewEntry, find_standup};
use crate::plan::day::Day;
use crate::plan::event::{Event, Slots};
use crate::plan::time::Timestamp;

fn day(written: &str) -> Result<Option<Day>, Status> {
    if written.is_empty() {
        return Ok(None);
    }
    let day = written.parse();
    day.map(Some)
        .map_err(|_| bad("day", "is no day; write it as 2026-11-24"))
}

fn slots(written: Option<&wire::StandupSlots>) -> Result<Slots, Status> {
    let Some(written) = written else {
        return Ok(Slots::default());
    };
    Ok(Slots {
        built: written.built.as_str().into(),
        next: written.next.as_str().into(),
        shipped: written.shipped.as_str().into(),
        tests_passed_percent: percent("slots.tests_passed_percent", written.tests_passed_percent)?,
        metrics: written.metrics.as_str().into(),
        version: written.version.as_str().into(),
        monitoring: written.monitoring.as_str().into(),
        blockers: written.blockers.as_str().into(),
        changes: written.changes.as_str().into(),
    })
}

impl Call<wire::SubmitStandupRequest> {
    pub(super) async fn submit_standup(
        self,
        api: &Api,
    ) -> Result<wire::SubmitStandupResponse, Status> {
        let body = &self.body;
        let command = Command::Gather(Gathering::Enter(Box::new(NewEntry {
            day: day(&body.day)?,
            role: body.role.clone(),
            slots: slots(body.slots.as_ref())?,
            text: body.text.clone(),
        })));
        let answer = api.submit(&self, command).await?;
        let (day, late) = find(&answer, |event| match event {
            Event::StandupEntered(entered) => Some((entered.day, entered.late)),
            _ => None,
        })?;
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let standup = answer.plan.standup(day);
        let standup =
            standup.ok_or_else(|| status::internal("a standup that was changed is gone"))?;
        Ok(wire::SubmitStandupResponse {
            standup: Some(view.standup(standup)),
            late,
        })
    }
}

impl Call<wire::GetStandupDayRequest> {
    pub(super) async fn get_standup_day(
        self,
        api: &Api,
    ) -> Result<wire::GetStandupDayResponse, Status> {
        let day = day(&self.body.day)?;
        let now = Timestamp(api.engine.now_ms()).max(self.plan.last_at());
        let view = api.view(&self.project, &self.plan, &self.caller);
        let standup = match find_standup(&self.plan, day, now) {
            Ok(standup) => view.standup(standup),
            Err(refusal) => {
                let today = day.is_none_or(|day| day == self.plan.local_day(now));
                let due = today.then(|| view.scheduled_standup(now)).flatten();
                due.ok_or_else(|| status::refused(&refusal))?
            }
        };
        Ok(wire::GetStandupDayResponse {
            standup: Some(standup),
        })
    }
}

impl Call<wire::ListStandupDaysRequest> {
    pub(super) async fn list_standup_days(
        self,
        api: &Api,
    ) -> Result<wire::ListStandupDaysResponse, Status> {
        let page = api.page("standups", self.body.page_size, &self.body.page_token)?;
        let before: Option<Day> = page.after()?;
        let all = self.plan.standups().rev();
        let wanted = all.filter(|it| before.is_none_or(|before| it.day < before));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (standups, next_page_token) =
            page.fill(wanted, |it| it.day.to_string(), |it| view.standup(it));
        Ok(wire::ListStandupDaysResponse {
            standups,
            next_page_token,
        })
    }
}
