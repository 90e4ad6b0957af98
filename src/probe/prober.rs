//! Looks after what the plans wait for: commands of pending gate runs, and waivers whose time is over. All
//! it needs to know is in the published plans, so after a restart it simply goes on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Commands;
use super::errands::Errands;
use crate::engine::{EngineError, EngineHandle};
use crate::plan::Command;
use crate::plan::command::CommandOutcome;
use crate::plan::event::CriterionCheck;
use crate::plan::id::GateRunId;

/// The longest between two looks: clocks jump, and what could not be recorded is tried again.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How long to wait before something is recorded again that there was no room for.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// One command of one run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Errand {
    project: String,
    run: GateRunId,
    criterion: u32,
    command: Arc<str>,
}

/// Carries out what gate runs wait for, until it is dropped.
pub struct Prober {
    engine: EngineHandle,
    commands: Commands,
    errands: Errands<Errand>,
}

impl Prober {
    /// A prober of a running engine.
    pub fn new(engine: EngineHandle, commands: Commands) -> Self {
        Self {
            engine,
            commands,
            errands: Errands::new(),
        }
    }

    /// Works until the engine takes no more writes.
    pub async fn run(mut self) {
        loop {
            let pause = self.look().await;
            self.errands.rest(self.engine.gate_work(), pause).await;
            if self.engine.is_draining() {
                return;
            }
        }
    }

    /// Begins what is wanted and records what is due; says when to look again.
    async fn look(&mut self) -> Duration {
        let mut pause = LOOK_AGAIN;
        let mut wanted: BTreeMap<(String, GateRunId), Vec<Errand>> = BTreeMap::new();
        for project in self.engine.projects() {
            let Some(plan) = self.engine.plan(&project) else {
                continue;
            };
            for run in plan.commanded_runs() {
                for (criterion, asked, result) in run.each() {
                    if let (CriterionCheck::Command { command, .. }, None) = (&asked.check, result)
                    {
                        let key = (project.clone(), run.id);
                        wanted.entry(key).or_default().push(Errand {
                            project: project.clone(),
                            run: run.id,
                            criterion,
                            command: Arc::clone(command),
                        });
                    }
                }
            }
            if let Some((until, run)) = plan.next_waiver_end() {
                let left = u64::try_from(until.0.saturating_sub(self.engine.now_ms()));
                match left {
                    Ok(left) if left > 0 => pause = pause.min(Duration::from_millis(left)),
                    Ok(_) | Err(_) => {
                        self.expire(&project, run).await;
                        pause = pause.min(TRY_AGAIN);
                    }
                }
            }
        }
        for errand in wanted.into_values().flatten() {
            let (engine, commands) = (self.engine.clone(), self.commands.clone());
            self.errands
                .begin(errand, |errand| carry_out(engine, commands, errand));
        }
        pause
    }

    async fn expire(&self, project: &str, run: GateRunId) {
        let command = Command::ExpireGateWaiver { run };
        if let Err(error) = self.engine.order(project, command).await {
            tracing::debug!(
                project.id = project,
                gate.run = %run,
                outcome = error.in_short(),
                "the end of a waiver was not recorded"
            );
        }
    }
}

/// Runs a command and records how it ended; what is no longer wanted is let go. None when it could not be
/// recorded.
async fn carry_out(engine: EngineHandle, commands: Commands, errand: Errand) -> Option<Errand> {
    let outcome = {
        let run = commands.run(&errand.command);
        let unwanted = unwanted(&engine, &errand);
        tokio::select! {
            biased;
            outcome = run => outcome,
            () = unwanted => return Some(errand),
        }
    };
    tracing::debug!(
        project.id = errand.project.as_str(),
        gate.run = %errand.run,
        command = &*errand.command,
        ended = &*outcome.ended,
        "a command of a gate ended"
    );
    let commit = commands.commit().await;
    record(&engine, &errand, &outcome, &commit)
        .await
        .then_some(errand)
}

/// Waits until nobody waits for the command any more.
async fn unwanted(engine: &EngineHandle, errand: &Errand) {
    loop {
        let plan = engine.plan(&errand.project);
        let wanted = plan.as_deref().is_some_and(|plan| {
            let run = plan.gate_run(errand.run);
            run.is_some_and(|run| run.is_pending())
        });
        if !wanted {
            return;
        }
        tokio::time::sleep(TRY_AGAIN).await;
    }
}

/// Records an outcome; while the daemon has too much to do or no room it is tried again.
async fn record(
    engine: &EngineHandle,
    errand: &Errand,
    outcome: &CommandOutcome,
    commit: &str,
) -> bool {
    loop {
        let command = Command::RecordGateResult {
            run: errand.run,
            criterion: errand.criterion,
            outcome: Box::new(outcome.clone()),
            commit: commit.to_owned(),
        };
        match engine.order(&errand.project, command).await {
            Ok(_) => return true,
            Err(EngineError::Overloaded { .. } | EngineError::StoreFull) => {
                tokio::time::sleep(TRY_AGAIN).await;
            }
            Err(error) => {
                tracing::warn!(
                    project.id = errand.project.as_str(),
                    gate.run = %errand.run,
                    outcome = error.in_short(),
                    "how a command of a gate ended is not recorded"
                );
                return false;
            }
        }
    }
}
