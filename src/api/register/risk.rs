//! Risks: stated, changed, brought from one state to the next, listed.

use muster_proto::v1 as wire;
use tonic::Status;

use crate::api::call::Call;
use crate::api::validate::{id, mask, required};
use crate::api::work::find;
use crate::api::{Api, enums, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::{Held, NewRisk, RiskChanges};
use crate::plan::event::{Event, RiskStatus};
use crate::plan::id::RiskId;

const EDITABLE: &[&str] = &[
    "kind",
    "text",
    "impact",
    "impact_days",
    "likelihood",
    "mitigation",
    "owner",
];

impl<T> Call<T> {
    fn risk_after(&self, api: &Api, answer: &Answer, id: RiskId) -> Result<wire::Risk, Status> {
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let risk = answer.plan.risk(id);
        risk.map(|risk| view.risk(risk))
            .ok_or_else(|| status::internal("a risk that was changed is gone"))
    }
}

impl Call<wire::CreateRiskRequest> {
    pub(super) async fn create_risk(self, api: &Api) -> Result<wire::CreateRiskResponse, Status> {
        let body = &self.body;
        let command = Command::CreateRisk(Box::new(NewRisk {
            kind: enums::read_risk_kind(body.kind)?,
            text: required("text", body.text.clone())?,
            impact: enums::read_risk_level("impact", body.impact)?,
            impact_days: body.impact_days,
            likelihood: enums::read_risk_level("likelihood", body.likelihood)?,
            mitigation: body.mitigation.clone(),
            owner: body.owner.clone(),
        }));
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::RiskAdded(added) => Some(added.risk),
            _ => None,
        })?;
        let risk = Some(self.risk_after(api, &answer, id)?);
        Ok(wire::CreateRiskResponse { risk })
    }
}

impl Call<wire::UpdateRiskRequest> {
    pub(super) async fn update_risk(self, api: &Api) -> Result<wire::UpdateRiskResponse, Status> {
        let body = &self.body;
        let id = id("risk", &body.risk)?;
        let mut changes = RiskChanges::default();
        for path in mask(body.update_mask.clone(), EDITABLE)? {
            match path.as_str() {
                "kind" => changes.kind = Some(enums::read_risk_kind(body.kind)?),
                "text" => changes.text = Some(required("text", body.text.clone())?),
                "impact" => {
                    changes.impact = Some(enums::read_risk_level("impact", body.impact)?);
                }
                "impact_days" => changes.impact_days = Some(body.impact_days.unwrap_or(0)),
                "likelihood" => {
                    let level = enums::read_risk_level("likelihood", body.likelihood)?;
                    changes.likelihood = Some(level);
                }
                "mitigation" => changes.mitigation = Some(body.mitigation.clone()),
                _ => changes.owner = Some(body.owner.clone()),
            }
        }
        let command = Command::UpdateRisk {
            risk: id,
            changes: Box::new(changes),
        };
        let answer = api.submit(&self, command).await?;
        let risk = Some(self.risk_after(api, &answer, id)?);
        Ok(wire::UpdateRiskResponse { risk })
    }
}

impl Call<wire::ListRisksRequest> {
    pub(super) async fn list_risks(self, api: &Api) -> Result<wire::ListRisksResponse, Status> {
        let body = &self.body;
        let page = api.page("risks", body.page_size, &body.page_token)?;
        let after: Option<RiskId> = page.after()?;
        let all = self.plan.risks();
        let wanted = all
            .filter(|it| body.include_closed || it.status != RiskStatus::Closed)
            .filter(|it| after.is_none_or(|after| it.id > after));
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (risks, next_page_token) =
            page.fill(wanted, |risk| risk.id.to_string(), |risk| view.risk(risk));
        Ok(wire::ListRisksResponse {
            risks,
            next_page_token,
        })
    }
}

impl Call<wire::MoveRiskRequest> {
    pub(super) async fn move_risk(self, api: &Api) -> Result<wire::MoveRiskResponse, Status> {
        let body = &self.body;
        let id = id("risk", &body.risk)?;
        let command = Command::MoveRisk {
            risk: id,
            to: enums::read_risk_step(body.to)?,
            note: body.note.clone(),
            holds: Held {
                tasks: body.blocks_tasks.clone(),
                phase: body.blocks_phase.clone(),
            },
        };
        let answer = api.submit(&self, command).await?;
        let risk = Some(self.risk_after(api, &answer, id)?);
        Ok(wire::MoveRiskResponse { risk })
    }
}
