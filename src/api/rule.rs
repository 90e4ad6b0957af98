//! Rules: stated, ended, listed.

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::validate::{bad, id, required};
use super::work::find;
use super::{Api, status};
use crate::engine::Answer;
use crate::plan::Command;
use crate::plan::command::RuleSideRef;
use crate::plan::event::Event;
use crate::plan::id::RuleId;

type Answered<T> = Result<Response<T>, Status>;

/// A side of a rule as a request states it.
fn side(field: &str, stated: Option<&wire::RuleSide>) -> Result<RuleSideRef, Status> {
    use wire::rule_side::Side;
    let stated = stated.and_then(|side| side.side.clone());
    let stated = stated.ok_or_else(|| bad(field, "is missing"))?;
    let name = |part: &str| format!("{field}.{part}");
    Ok(match stated {
        Side::Task(task) => RuleSideRef::Task(required(&name("task"), task)?),
        Side::Phase(phase) => RuleSideRef::Phase(required(&name("phase"), phase)?),
        Side::Matching(text) => RuleSideRef::Matching(required(&name("matching"), text)?),
    })
}

impl Api {
    fn rule_after(
        &self,
        call: &super::call::Call<impl super::call::InProject>,
        answer: &Answer,
        id: RuleId,
    ) -> Result<wire::Rule, Status> {
        let view = self.view(&call.project, &answer.plan, &call.caller);
        let rule = answer.plan.rule(id);
        rule.map(|rule| view.rule(rule))
            .ok_or_else(|| status::internal("a rule that was changed is gone"))
    }
}

#[tonic::async_trait]
impl wire::rule_service_server::RuleService for Api {
    async fn add_rule(
        &self,
        request: Request<wire::AddRuleRequest>,
    ) -> Answered<wire::AddRuleResponse> {
        let call = self.open(request)?;
        let command = Command::AddRule {
            waiting: side("waiting", call.body.waiting.as_ref())?,
            on: side("on", call.body.on.as_ref())?,
            note: call.body.note.clone(),
        };
        let answer = self.submit(&call, command).await?;
        let id = find(&answer, |event| match event {
            Event::RuleAdded(added) => Some(added.rule),
            _ => None,
        })?;
        let added = answer.events.iter().map(|recorded| match &recorded.event {
            Event::DependenciesAdded(added) => added.on.len(),
            _ => 0,
        });
        let added: usize = added.sum();
        Ok(Response::new(wire::AddRuleResponse {
            rule: Some(self.rule_after(&call, &answer, id)?),
            dependencies_added: u32::try_from(added).unwrap_or(u32::MAX),
        }))
    }

    async fn end_rule(
        &self,
        request: Request<wire::EndRuleRequest>,
    ) -> Answered<wire::EndRuleResponse> {
        let call = self.open(request)?;
        let id = id("rule", &call.body.rule)?;
        let command = Command::EndRule {
            rule: id,
            reason: required("reason", call.body.reason.clone())?,
        };
        let answer = self.submit(&call, command).await?;
        let rule = Some(self.rule_after(&call, &answer, id)?);
        Ok(Response::new(wire::EndRuleResponse { rule }))
    }

    async fn list_rules(
        &self,
        request: Request<wire::ListRulesRequest>,
    ) -> Answered<wire::ListRulesResponse> {
        let call = self.open(request)?;
        let page = self.page("rules", call.body.page_size, &call.body.page_token)?;
        let after: Option<RuleId> = page.after()?;
        let wanted = call
            .plan
            .rules()
            .filter(|rule| call.body.include_ended || rule.ended.is_none())
            .filter(|rule| after.is_none_or(|after| rule.id > after));
        let view = self.view(&call.project, &call.plan, &call.caller);
        let (rules, next_page_token) =
            page.fill(wanted, |rule| rule.id.to_string(), |rule| view.rule(rule));
        Ok(Response::new(wire::ListRulesResponse {
            rules,
            next_page_token,
        }))
    }
}
