//! Milestones: stated, changed, ticked, reached, missed, listed.

use std::sync::Arc;

use muster_proto::v1 as wire;
use tonic::Status;

use crate::api::aside::aside;
use crate::api::call::Call;
use crate::api::validate::{bad, day, id, mask, required};
use crate::api::work::find;
use crate::api::{Api, at_risk, enums, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{LinksRef, MilestoneChanges, NewMilestone};
use crate::plan::event::{Due, Event};
use crate::plan::id::MilestoneId;
use crate::plan::model::MilestoneStatus;
use crate::plan::time::Timestamp;

const EDITABLE: &[&str] = &["name", "kind", "due", "checklist_added", "links"];

/// When a request says that a milestone is due; none when it says nothing.
fn due(stated: Option<wire::MilestoneDue>) -> Result<Option<Due>, Status> {
    use wire::milestone_due::On;
    match stated.and_then(|due| due.on) {
        None => Ok(None),
        Some(On::Week(week)) => Ok(Some(Due::Week(week))),
        Some(On::Date(date)) => match day("due.date", &date)? {
            Some(day) => Ok(Some(Due::Day(day))),
            None => Err(bad("due.date", "is missing")),
        },
    }
}

/// What a request says that a milestone stands for.
fn links(stated: Option<&wire::MilestoneLinks>) -> Result<LinksRef, Status> {
    let Some(stated) = stated else {
        return Ok(LinksRef::default());
    };
    let deliverables = stated.deliverables.iter();
    let deliverables = deliverables.map(|written| id("links.deliverables", written));
    Ok(LinksRef {
        phases: stated.phases.clone(),
        tasks: stated.tasks.clone(),
        deliverables: deliverables.collect::<Result<_, Status>>()?,
    })
}

impl<T> Call<T> {
    async fn milestone_step(
        &self,
        api: &Api,
        id: MilestoneId,
        command: Command,
    ) -> Result<Option<wire::Milestone>, Status> {
        let answer = api.submit(self, command).await?;
        self.milestone_after(api, &answer, id).map(Some)
    }

    fn milestone_after(
        &self,
        api: &Api,
        answer: &Answer,
        id: MilestoneId,
    ) -> Result<wire::Milestone, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let milestone = answer.plan.milestone(id);
        milestone
            .map(|milestone| view.milestone(milestone))
            .ok_or_else(|| status::internal("a milestone that was changed is gone"))
    }
}

impl Call<wire::CreateMilestoneRequest> {
    pub(super) async fn create_milestone(
        self,
        api: &Api,
    ) -> Result<wire::CreateMilestoneResponse, Status> {
        let body = &self.body;
        let command = Command::CreateMilestone(Box::new(NewMilestone {
            name: required("name", body.name.clone())?,
            kind: enums::read_milestone_kind(body.kind)?,
            due: due(body.due.clone())?,
            checklist: body.checklist.clone(),
            links: links(body.links.as_ref())?,
        }));
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::MilestoneAdded(added) => Some(added.milestone),
            _ => None,
        })?;
        let milestone = Some(self.milestone_after(api, &answer, id)?);
        Ok(wire::CreateMilestoneResponse { milestone })
    }
}

impl Call<wire::UpdateMilestoneRequest> {
    pub(super) async fn update_milestone(
        self,
        api: &Api,
    ) -> Result<wire::UpdateMilestoneResponse, Status> {
        let body = &self.body;
        let id = id("milestone", &body.milestone)?;
        let mut changes = MilestoneChanges::default();
        for path in mask(body.update_mask.clone(), EDITABLE)? {
            match path.as_str() {
                "name" => changes.name = Some(required("name", body.name.clone())?),
                "kind" => changes.kind = Some(enums::read_milestone_kind(body.kind)?),
                "due" => {
                    let due = due(body.due.clone())?;
                    changes.due = Some(due.ok_or_else(|| bad("due", "is missing"))?);
                }
                "links" => changes.links = Some(links(body.links.as_ref())?),
                _ => changes.checklist_added = body.checklist_added.clone(),
            }
        }
        let command = Command::UpdateMilestone {
            milestone: id,
            changes: Box::new(changes),
        };
        let milestone = self.milestone_step(api, id, command).await?;
        Ok(wire::UpdateMilestoneResponse { milestone })
    }
}

impl Call<wire::ListMilestonesRequest> {
    pub(super) async fn list_milestones(
        self,
        api: &Api,
    ) -> Result<wire::ListMilestonesResponse, Status> {
        let body = &self.body;
        let page = api.page("milestones", body.page_size, &body.page_token)?;
        let after: Option<MilestoneId> = page.after()?;
        let all = self.plan.milestones();
        let wanted = all
            .filter(|it| body.include_settled || it.status == MilestoneStatus::Pending)
            .filter(|it| after.is_none_or(|after| it.id > after));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (mut milestones, next_page_token) = page.fill(
            wanted,
            |milestone| milestone.id.to_string(),
            |milestone| view.milestone(milestone),
        );
        if at_risk::is_asked(&self.plan) {
            let kept = Arc::clone(&api.at_risk);
            let (project, plan) = (self.project.clone(), Arc::clone(&self.plan));
            let now = Timestamp(api.engine.now_ms().max(plan.last_at().0));
            let at_risk = aside(move || kept.at_risk(&project, &plan, now)).await?;
            for milestone in &mut milestones {
                let id = milestone.id.parse().ok();
                milestone.at_risk = id.and_then(|id: MilestoneId| at_risk.get(&id)).copied();
            }
        }
        Ok(wire::ListMilestonesResponse {
            milestones,
            next_page_token,
        })
    }
}

impl Call<wire::TickMilestoneRequest> {
    pub(super) async fn tick_milestone(
        self,
        api: &Api,
    ) -> Result<wire::TickMilestoneResponse, Status> {
        let id = id("milestone", &self.body.milestone)?;
        let item = self.body.item;
        if item == 0 {
            return Err(bad("item", "is missing; items are numbered from 1"));
        }
        let command = Command::TickMilestone {
            milestone: id,
            item,
        };
        let milestone = self.milestone_step(api, id, command).await?;
        Ok(wire::TickMilestoneResponse { milestone })
    }
}

impl Call<wire::ReachMilestoneRequest> {
    pub(super) async fn reach_milestone(
        self,
        api: &Api,
    ) -> Result<wire::ReachMilestoneResponse, Status> {
        let id = id("milestone", &self.body.milestone)?;
        let command = Command::ReachMilestone {
            milestone: id,
            note: required("note", self.body.note.clone())?,
        };
        let milestone = self.milestone_step(api, id, command).await?;
        Ok(wire::ReachMilestoneResponse { milestone })
    }
}

impl Call<wire::MissMilestoneRequest> {
    pub(super) async fn miss_milestone(
        self,
        api: &Api,
    ) -> Result<wire::MissMilestoneResponse, Status> {
        let id = id("milestone", &self.body.milestone)?;
        let command = Command::MissMilestone {
            milestone: id,
            reason: required("reason", self.body.reason.clone())?,
        };
        let milestone = self.milestone_step(api, id, command).await?;
        Ok(wire::MissMilestoneResponse { milestone })
    }
}
