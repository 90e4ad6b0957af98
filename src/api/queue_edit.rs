//! What waits for somebody, corrected while it waits: messages to changes; what the mask does not name stays.

use muster_proto::v1 as wire;
use tonic::Status;

use super::call::Call;
use super::validate::{bad, id, mask, priority, required};
use super::{Api, enums};
use crate::plan::Command;
use crate::plan::command::{BlockerChanges, DecisionChanges, DiscoveredChanges};
use crate::plan::id::{BlockerId, DecisionId, DiscoveredId};

impl Call<wire::UpdateBlockerRequest> {
    pub(super) async fn update_blocker(
        self,
        api: &Api,
    ) -> Result<wire::UpdateBlockerResponse, Status> {
        let body = &self.body;
        let blocker: BlockerId = id("blocker", &body.blocker)?;
        let mut changes = BlockerChanges::default();
        let known = [
            "tasks_added",
            "tasks_removed",
            "severity",
            "resolution_path",
            "owner",
        ];
        for path in mask(body.update_mask.clone(), &known)? {
            match path.as_str() {
                "tasks_added" => changes.tasks_added = body.tasks_added.clone(),
                "tasks_removed" => changes.tasks_removed = body.tasks_removed.clone(),
                "severity" => changes.severity = Some(enums::read_severity(body.severity)?),
                "resolution_path" => changes.resolution_path = Some(body.resolution_path.clone()),
                _ => changes.owner = Some(body.owner.clone()),
            }
        }
        let command = Command::UpdateBlocker {
            blocker,
            changes: Box::new(changes),
        };
        let answer = api.submit(&self, command).await?;
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let blocker = view.blocker_named(blocker);
        Ok(wire::UpdateBlockerResponse { blocker })
    }
}

impl Call<wire::UpdateDecisionRequest> {
    pub(super) async fn update_decision(
        self,
        api: &Api,
    ) -> Result<wire::UpdateDecisionResponse, Status> {
        let body = &self.body;
        let decision: DecisionId = id("decision", &body.decision)?;
        let mut changes = DecisionChanges::default();
        let known = [
            "question",
            "options",
            "tasks_added",
            "tasks_removed",
            "phases_added",
            "phases_removed",
        ];
        for path in mask(body.update_mask.clone(), &known)? {
            match path.as_str() {
                "question" => {
                    changes.question = Some(required("question", body.question.clone())?);
                }
                "options" => changes.options = Some(body.options.clone()),
                "tasks_added" => changes.tasks_added = body.tasks_added.clone(),
                "tasks_removed" => changes.tasks_removed = body.tasks_removed.clone(),
                "phases_added" => changes.phases_added = body.phases_added.clone(),
                _ => changes.phases_removed = body.phases_removed.clone(),
            }
        }
        let command = Command::UpdateDecision {
            decision,
            changes: Box::new(changes),
        };
        let answer = api.submit(&self, command).await?;
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let decision = view.decision_named(decision);
        Ok(wire::UpdateDecisionResponse { decision })
    }
}

impl Call<wire::UpdateDiscoveredRequest> {
    pub(super) async fn update_discovered(
        self,
        api: &Api,
    ) -> Result<wire::UpdateDiscoveredResponse, Status> {
        let body = &self.body;
        let discovered: DiscoveredId = id("discovered", &body.discovered)?;
        let mut changes = DiscoveredChanges::default();
        for path in mask(
            body.update_mask.clone(),
            &["title", "notes", "priority", "area"],
        )? {
            match path.as_str() {
                "title" => changes.title = Some(required("title", body.title.clone())?),
                "notes" => changes.notes = Some(body.notes.clone()),
                "priority" => {
                    let stated = priority(body.priority)?;
                    let stated = stated.ok_or_else(|| bad("priority", "is missing"))?;
                    changes.priority = Some(stated);
                }
                _ => changes.area = Some(body.area.clone()),
            }
        }
        let command = Command::UpdateDiscovered {
            discovered,
            changes: Box::new(changes),
        };
        let answer = api.submit(&self, command).await?;
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let discovered = view.discovered_named(discovered);
        Ok(wire::UpdateDiscoveredResponse { discovered })
    }
}
