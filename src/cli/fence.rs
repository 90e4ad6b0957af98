//! The fence a holder's write carries: from the flag, else from the environment, else looked up. A fence
//! that was looked up proves less than one that was kept, so it is said.

use muster_proto::v1 as wire;
use serde_json::Value;

use super::Context;
use super::client::call;
use super::failure::Failure;

/// The flag that every verb of a holder takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FenceFlag {
    /// The claim's fencing token; else the variable MUSTER_FENCE, else it is looked up
    #[arg(long, value_name = "NUMBER", value_parser = super::parse::fence)]
    pub fence: Option<u64>,
}

/// A fence and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// The fencing token.
    pub number: u64,
    /// It was asked of the daemon rather than kept.
    pub looked_up: bool,
}

impl FenceFlag {
    /// The fence for a write on `task`.
    ///
    /// # Errors
    /// `MUSTER_FENCE` is no number, or the caller does not hold the task.
    pub async fn resolve(&self, context: &Context, task: &str) -> Result<Fence, Failure> {
        self.found(context, task, held).await
    }

    /// The fence for a word about `task` from whoever holds it, handed it in or completed it last.
    ///
    /// # Errors
    /// `MUSTER_FENCE` is no number, or the caller neither holds the task nor completed it.
    pub async fn resolve_last(&self, context: &Context, task: &str) -> Result<Fence, Failure> {
        self.found(context, task, held_or_handed_over).await
    }

    /// The fence for a write on `task` that coordinators make too: 0 where the caller does not hold it.
    ///
    /// # Errors
    /// `MUSTER_FENCE` is no number.
    pub async fn if_held(&self, context: &Context, task: &str) -> Result<u64, Failure> {
        let variable = std::env::var("MUSTER_FENCE").ok();
        if let Some(number) = given(self.fence, variable.as_deref())? {
            return Ok(number);
        }
        let request = wire::GetTaskRequest {
            project: context.project.clone(),
            task: task.to_owned(),
        };
        let answer = call!(&context.client, tasks.get_task(request)).await?;
        let holder = answer.task.and_then(|task| task.holder);
        // The daemon shows a fence to its holder only.
        Ok(holder.map_or(0, |holder| holder.fence))
    }

    async fn found(
        &self,
        context: &Context,
        task: &str,
        of: fn(wire::Task) -> Result<u64, Failure>,
    ) -> Result<Fence, Failure> {
        let variable = std::env::var("MUSTER_FENCE").ok();
        if let Some(number) = given(self.fence, variable.as_deref())? {
            return Ok(Fence {
                number,
                looked_up: false,
            });
        }
        let request = wire::GetTaskRequest {
            project: context.project.clone(),
            task: task.to_owned(),
        };
        let answer = call!(&context.client, tasks.get_task(request)).await?;
        let number = of(answer.task.unwrap_or_default())?;
        if !context.out.as_json() {
            context.out.note(&format!("fence {number} looked up"));
        }
        Ok(Fence {
            number,
            looked_up: true,
        })
    }
}

impl Fence {
    /// Marks a document whose fence was looked up.
    pub fn mark(self, mut document: Value) -> Value {
        if self.looked_up
            && let Value::Object(fields) = &mut document
        {
            fields.insert("fence_looked_up".to_owned(), Value::Bool(true));
        }
        document
    }
}

/// The fence that flag or variable give.
fn given(flag: Option<u64>, variable: Option<&str>) -> Result<Option<u64>, Failure> {
    if flag.is_some() {
        return Ok(flag);
    }
    let Some(text) = variable.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        Failure::usage(format!(
            "MUSTER_FENCE is `{text}`, which is no fence; set it to the number that the claim gave"
        ))
    })
}

/// The fence that completed a task or handed it in, which the daemon shows to its own agent only; else the
/// live one.
fn held_or_handed_over(task: wire::Task) -> Result<u64, Failure> {
    if let Some(review) = task.review.as_ref().filter(|review| review.fence > 0) {
        return Ok(review.fence);
    }
    match &task.completion {
        Some(done) if done.fence > 0 => Ok(done.fence),
        Some(_) | None => held(task),
    }
}

/// The live fence of a task, which the daemon shows to its holder only.
fn held(task: wire::Task) -> Result<u64, Failure> {
    let id = &task.id;
    match &task.holder {
        Some(holder) if holder.fence > 0 => Ok(holder.fence),
        Some(holder) => Err(Failure::lease_lost(format!(
            "{id} is held by {} now, not by the caller; stop work on it",
            holder.agent
        ))
        .fact("task", id.as_str())
        .fact("holder", holder.agent.as_str())
        .next("claim")),
        None => {
            let status = super::json::task_status(task.status()).replace('_', " ");
            Err(Failure::lease_lost(format!(
                "nobody holds {id} now, it is {status}; stop work on it"
            ))
            .fact("task", id.as_str())
            .next("claim"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::exit::Exit;
    use super::*;
    use serde_json::json;

    #[test]
    fn the_flag_goes_before_the_variable() {
        assert_eq!(given(Some(7), Some("8")).unwrap(), Some(7));
        assert_eq!(given(None, Some(" 8 ")).unwrap(), Some(8));
        assert_eq!(given(None, Some("")).unwrap(), None);
        assert_eq!(given(None, None).unwrap(), None);
    }

    #[test]
    fn a_variable_that_is_no_number_is_wrong_usage() {
        for text in ["seventeen", "-1", "1.5", "18446744073709551616"] {
            assert_eq!(given(None, Some(text)).unwrap_err().exit(), Exit::Usage);
        }
    }

    fn task(holder: Option<(&str, u64)>) -> wire::Task {
        wire::Task {
            id: "T-1".to_owned(),
            status: wire::TaskStatus::Planned.into(),
            holder: holder.map(|(agent, fence)| wire::Holder {
                agent: agent.to_owned(),
                fence,
                ..wire::Holder::default()
            }),
            ..wire::Task::default()
        }
    }

    #[test]
    fn only_the_holder_is_shown_a_fence() {
        assert_eq!(held(task(Some(("dev-1", 17)))).unwrap(), 17);
    }

    #[test]
    fn who_completed_a_task_is_shown_its_fence_and_nobody_else() {
        let completed = |fence| wire::Task {
            completion: Some(wire::Completion {
                fence,
                ..wire::Completion::default()
            }),
            ..task(None)
        };
        assert_eq!(held_or_handed_over(completed(9)).unwrap(), 9);
        assert_eq!(held_or_handed_over(task(Some(("dev-1", 17)))).unwrap(), 17);
        let failure = held_or_handed_over(completed(0)).unwrap_err();
        assert_eq!(failure.exit(), Exit::LeaseLost);
    }

    #[test]
    fn a_task_of_somebody_else_is_a_lost_lease_that_names_the_holder() {
        let failure = held(task(Some(("dev-2", 0)))).unwrap_err();
        assert_eq!(failure.exit(), Exit::LeaseLost);
        insta::assert_snapshot!(failure.render(false, false).unwrap(), @r"
        error: T-1 is held by dev-2 now, not by the caller; stop work on it (LEASE_LOST)
        next:
          muster claim
        ");
    }

    #[test]
    fn a_task_of_nobody_is_a_lost_lease() {
        let failure = held(task(None)).unwrap_err();
        assert_eq!(failure.exit(), Exit::LeaseLost);
        insta::assert_snapshot!(failure.render(false, false).unwrap(), @r"
        error: nobody holds T-1 now, it is planned; stop work on it (LEASE_LOST)
        next:
          muster claim
        ");
    }

    #[test]
    fn a_document_says_that_the_fence_was_looked_up_and_only_then() {
        let mark = |looked_up| {
            let fence = Fence {
                number: 1,
                looked_up,
            };
            fence.mark(json!({"task": "T-1"}))
        };
        assert_eq!(mark(true), json!({"task": "T-1", "fence_looked_up": true}));
        assert_eq!(mark(false), json!({"task": "T-1"}));
    }
}
