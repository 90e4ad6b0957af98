//! What a claim is answered with: the task and its brief, or why there is nothing to claim.

use muster_proto::v1 as wire;
use tonic::Status;

use super::call::Call;
use super::views::{self, time};
use super::{Api, enums, status};
use crate::engine::Answer;
use crate::plan::Refusal;
use crate::plan::event::{Event, TaskClaimed};
use crate::plan::refusal::Reason;
use crate::plan::time::Timestamp;

const WAITING_ON_LISTED_MAX: usize = 5;
/// When to ask again where the core says nothing better.
const CLAIM_AGAIN_MS: u64 = 30_000;

impl Api {
    /// The claim that an answer's events tell of.
    pub(super) fn claimed(
        &self,
        call: &Call<wire::ClaimTaskRequest>,
        answer: &Answer,
    ) -> Result<wire::TaskClaim, Status> {
        let (at, claim) = answer
            .events
            .iter()
            .find_map(|recorded| match &recorded.event {
                Event::TaskClaimed(claim) => Some((recorded.at, claim)),
                _ => None,
            })
            .ok_or_else(|| status::internal("a claim was answered without one"))?;
        let view = self.view(&call.project, &answer.plan, &call.caller);
        // A repeat is answered from the plan of now: the claim may have ended in between.
        let live = answer
            .plan
            .task(claim.task)
            .and_then(|task| task.state.lease.as_ref())
            .is_some_and(|lease| lease.fence == claim.fence);
        let brief = answer.plan.brief(claim.task).filter(|_| live);
        let (Some(brief), Some(task)) = (brief, view.task(claim.task)) else {
            return Err(status::refused(&lost(claim)));
        };
        let expires_at = view.expires_at(claim.task).unwrap_or_else(|| {
            let term = i64::try_from(claim.lease_ms).unwrap_or(i64::MAX);
            time(Timestamp(at.0.saturating_add(term)))
        });
        Ok(wire::TaskClaim {
            task: Some(task),
            session: claim.session.to_string(),
            attempt: claim.attempt,
            fence: claim.fence,
            lease_ms: claim.lease_ms,
            beat_every_ms: brief.beat_every_ms,
            expires_at: Some(expires_at),
            resumed: claim.resumed,
            brief: Some(views::brief(brief)),
            warning: claim.warning.as_deref().unwrap_or_default().to_owned(),
        })
    }
}

fn lost(claim: &TaskClaimed) -> Refusal {
    Refusal::new(
        Reason::LeaseLost,
        format!(
            "the claim of {} with fence {} has ended since; claim again with a new request id",
            claim.task, claim.fence
        ),
    )
    .item(claim.task, "the claim has ended")
    .fact("fence", claim.fence)
    .next("claim")
}

/// Why there is nothing to claim, and when to ask again.
pub(super) fn nothing(refusal: &Refusal) -> wire::NothingToClaim {
    let stated = refusal
        .facts
        .iter()
        .find(|(name, _)| *name == "retry_after_ms")
        .and_then(|(_, value)| value.parse().ok());
    let final_answer = refusal.reason == Reason::PlanComplete;
    wire::NothingToClaim {
        reason: enums::nothing_reason(refusal.reason).into(),
        message: refusal.message.clone(),
        waiting_on: refusal
            .items
            .iter()
            .take(WAITING_ON_LISTED_MAX)
            .map(|item| item.subject.clone())
            .collect(),
        retry_after_ms: stated.unwrap_or(if final_answer { 0 } else { CLAIM_AGAIN_MS }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_claim_says_what_is_waited_for_and_when_to_ask_again() {
        let mut refusal = Refusal::new(Reason::WaitingOnWork, "others are at work");
        for number in 1..=9 {
            refusal = refusal.item(format!("T-{number}"), "is claimed");
        }
        let answer = nothing(&refusal);
        assert_eq!(answer.waiting_on, ["T-1", "T-2", "T-3", "T-4", "T-5"]);
        assert_eq!(answer.retry_after_ms, CLAIM_AGAIN_MS);
        let stated = nothing(&refusal.fact("retry_after_ms", 1_500));
        assert_eq!(stated.retry_after_ms, 1_500);
        let complete = nothing(&Refusal::new(Reason::PlanComplete, "all done"));
        assert_eq!(complete.retry_after_ms, 0);
    }
}
