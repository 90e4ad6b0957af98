//! Finishing a task behind gates: the core says which commands must have run, the daemon runs them while the
//! lease is kept alive, and the completion is asked for again with what came of them.

use std::time::Duration;

use tokio::task::JoinSet;
use tonic::Status;

use super::call::{Call, InProject, only};
use super::{Api, status};
use crate::engine::{Answer, EngineError};
use crate::plan::Command;
use crate::plan::command::{Complete, CompletionResult};
use crate::plan::gating::RequiredCommand;
use crate::plan::refusal::Reason;

/// How often gates may change under a completion before it is refused.
const ROUNDS_MAX: usize = 3;
/// How often the lease is renewed while commands run, in milliseconds: a third of its term within these.
const RENEW_MS_MIN: u64 = 100;
const RENEW_MS_MAX: u64 = 5_000;

impl Api {
    /// Finishes a task, or hands it in. Where gates ask for commands, the completion is refused at first for want of them,
    /// after everything else was found to be there; only then are they run.
    pub(super) async fn with_gates<T: InProject>(
        &self,
        call: &Call<T>,
        mut complete: Complete,
        command: impl Fn(Box<Complete>) -> Command,
    ) -> Result<Answer, Status> {
        for _ in 0..ROUNDS_MAX {
            let asked = command(Box::new(complete.clone()));
            match self.submit_waiting(call, asked, Duration::ZERO).await {
                Ok(answers) => return only(answers),
                Err(EngineError::Refused(refusal)) if refusal.reason == Reason::GateNotRun => {}
                Err(error) => return Err(status::failed(&error)),
            }
            self.run_required(call, &mut complete).await;
        }
        self.submit(call, command(Box::new(complete))).await
    }

    /// Runs what is required and not brought yet, side by side.
    async fn run_required<T>(&self, call: &Call<T>, complete: &mut Complete) {
        let Some(plan) = self.engine.plan(&call.project) else {
            return;
        };
        let Ok(task) = plan.resolve_task(&complete.task) else {
            return;
        };
        let brought = |wanted: &RequiredCommand| {
            complete.gate_results.iter().any(|result| {
                result.gate == wanted.gate
                    && result.criterion == wanted.criterion
                    && result.command == wanted.command
            })
        };
        let mut required = plan.commands_for_completion(task);
        required.retain(|wanted| !brought(wanted));
        let lease = plan.task(task).and_then(|view| view.state.lease.clone());
        drop(plan);
        // When the caller goes away this set is dropped, and the commands end with it.
        let mut running = JoinSet::new();
        for wanted in required {
            let commands = self.options.commands.clone();
            running.spawn(async move {
                CompletionResult {
                    outcome: commands.run(&wanted.command).await,
                    gate: wanted.gate,
                    criterion: wanted.criterion,
                    command: wanted.command,
                }
            });
        }
        let renew_ms = lease
            .as_ref()
            .map_or(RENEW_MS_MAX, |lease| lease.lease_ms / 3);
        let mut renew = tokio::time::interval(Duration::from_millis(
            renew_ms.clamp(RENEW_MS_MIN, RENEW_MS_MAX),
        ));
        loop {
            tokio::select! {
                biased;
                done = running.join_next() => match done {
                    // A panic leaves its command without a result, and the completion is refused.
                    Some(result) => complete.gate_results.extend(result),
                    None => return,
                },
                _ = renew.tick() => {
                    if let (Some(agent), Some(lease)) = (call.caller.agent(), &lease) {
                        self.engine.touch(&call.project, agent, Some(lease.session));
                    }
                }
            }
        }
    }
}
