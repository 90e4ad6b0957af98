//! Looks after open checklists: asks whoever gives an item its result, and ends runs whose time is over. What is
//! pending stands in the published plans, so after a restart it is asked again; nothing is ticked unasked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Commands;
use super::errands::Errands;
use super::github::{
    Blocking, Criteria, GitHub, Inspection, PullRequest, PullRequests, Repository,
};
use super::look;
use crate::engine::{EngineError, EngineHandle};
use crate::plan::Command;
use crate::plan::command::{Checking, Gathering};
use crate::plan::event::{Executor, ItemState};
use crate::plan::id::ChecklistId;

/// The longest between two looks.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How long to wait before something is recorded again that there was no room for.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How often it is seen whether the gates have settled.
const GATES_LOOK: Duration = Duration::from_millis(300);
/// How often at most: half an hour.
const GATES_LOOKS_MAX: u32 = 6_000;
/// Issues and pull requests that are named in a result.
const NAMED_MAX: usize = 10;

/// What GitHub is asked for a project.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The repository.
    pub repository: Repository,
    /// Which issues block.
    pub criteria: Criteria,
}

/// GitHub, as the daemon's configuration knows it.
#[derive(Clone, Default)]
pub struct Sources {
    /// Who asks; none = nothing is configured.
    pub github: Option<GitHub>,
    /// What is asked, by project.
    pub projects: Arc<BTreeMap<String, Watched>>,
}

/// What came of an item.
pub(super) type Found = (ItemState, String);

/// One item of one run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Errand {
    project: String,
    checklist: ChecklistId,
    item: u32,
}

/// Carries out what checklists wait for, until it is dropped.
pub struct Checker {
    engine: EngineHandle,
    commands: Commands,
    sources: Sources,
    errands: Errands<Errand>,
}

impl Checker {
    /// A checker of a running engine.
    pub fn new(engine: EngineHandle, commands: Commands, sources: Sources) -> Self {
        Self {
            engine,
            commands,
            sources,
            errands: Errands::new(),
        }
    }

    /// Works until the engine takes no more writes.
    pub async fn run(mut self) {
        loop {
            let pause = self.look().await;
            self.errands.rest(self.engine.checklist_work(), pause).await;
            if self.engine.is_draining() {
                return;
            }
        }
    }

    async fn look(&mut self) -> Duration {
        let mut pause = LOOK_AGAIN;
        for project in self.engine.projects() {
            let Some(plan) = self.engine.plan(&project) else {
                continue;
            };
            let Some(run) = plan.open_checklist_run() else {
                continue;
            };
            let left = run.closes_at.0.saturating_sub(self.engine.now_ms());
            match u64::try_from(left) {
                Ok(left) if left > 0 => pause = pause.min(Duration::from_millis(left)),
                Ok(_) | Err(_) => {
                    let end = Command::Check(Checking::End { checklist: run.id });
                    if let Err(error) = self.engine.order(&project, end).await {
                        tracing::debug!(
                            project.id = project,
                            checklist = %run.id,
                            outcome = error.in_short(),
                            "the end of a checklist was not recorded"
                        );
                    }
                    pause = pause.min(TRY_AGAIN);
                    continue;
                }
            }
            for (item, asked) in run.each() {
                if asked.state != ItemState::Pending || asked.spec.executor == Executor::Manual {
                    continue;
                }
                let errand = Errand {
                    project: project.clone(),
                    checklist: run.id,
                    item,
                };
                let ask = Ask {
                    engine: self.engine.clone(),
                    commands: self.commands.clone(),
                    sources: self.sources.clone(),
                    executor: asked.spec.executor.clone(),
                };
                self.errands.begin(errand, |errand| carry_out(ask, errand));
            }
        }
        pause
    }
}

struct Ask {
    engine: EngineHandle,
    commands: Commands,
    sources: Sources,
    executor: Executor,
}

/// Asks and records what came of it. None when that could not be recorded.
async fn carry_out(ask: Ask, errand: Errand) -> Option<Errand> {
    let (state, result) = ask.of(&errand.project).await;
    tracing::debug!(
        project.id = errand.project,
        checklist = %errand.checklist,
        item = errand.item,
        state = state.as_str(),
        "an item of a checklist was looked at"
    );
    loop {
        let settle = Command::Check(Checking::Settle {
            checklist: errand.checklist,
            item: errand.item,
            state,
            result: result.clone(),
        });
        match ask.engine.order(&errand.project, settle).await {
            // Somebody may have ticked it meanwhile, or its time is over.
            Ok(_) | Err(EngineError::Refused(_)) => return Some(errand),
            Err(EngineError::Overloaded { .. } | EngineError::StoreFull) => {
                tokio::time::sleep(TRY_AGAIN).await;
            }
            Err(error) => {
                tracing::warn!(
                    project.id = errand.project,
                    checklist = %errand.checklist,
                    outcome = error.in_short(),
                    "what came of an item of a checklist is not recorded"
                );
                return None;
            }
        }
    }
}

impl Ask {
    async fn of(&self, project: &str) -> Found {
        match &self.executor {
            Executor::BlockingIssues => self.blocking(project).await,
            Executor::PullRequests => self.pull_requests(project).await,
            Executor::Gates => self.gates(project).await,
            Executor::Dashboard => self.seen(project, look::dashboard),
            Executor::Standup => self.standup(project).await,
            Executor::Command(name) => self.command(name).await,
            Executor::Manual => (ItemState::Pending, String::new()),
        }
    }

    /// What the published plan says of itself.
    fn seen(
        &self,
        project: &str,
        look: impl FnOnce(&Arc<crate::plan::Plan>, i64) -> Found,
    ) -> Found {
        match self.engine.plan(project) {
            Some(plan) => look(&plan, self.engine.now_ms()),
            None => (ItemState::NeedsAttention, "the project is gone".to_owned()),
        }
    }

    /// Opens the day's standup to entries and says where it stands.
    async fn standup(&self, project: &str) -> Found {
        loop {
            let open = Command::Gather(Gathering::Open);
            match self.engine.order(project, open).await {
                // It may be open already, or over.
                Ok(_) | Err(EngineError::Refused(_)) => return self.seen(project, look::standup),
                Err(EngineError::Overloaded { .. } | EngineError::StoreFull) => {
                    tokio::time::sleep(TRY_AGAIN).await;
                }
                Err(error) => {
                    let why = format!("the standup was not opened: {error}");
                    return (ItemState::NeedsAttention, why);
                }
            }
        }
    }

    fn watched(&self, project: &str) -> Result<(&GitHub, &Watched), Found> {
        let github = self.sources.github.as_ref();
        let watched = self.sources.projects.get(project);
        github.zip(watched).ok_or_else(|| {
            let why = format!(
                "GitHub is not configured for this project; set [github.projects.{project}] in the daemon's \
                 settings, or look yourself and tick it"
            );
            (ItemState::NeedsAttention, why)
        })
    }

    async fn blocking(&self, project: &str) -> Found {
        let (github, watched) = match self.watched(project) {
            Ok(found) => found,
            Err(found) => return found,
        };
        let now_ms = self.engine.now_ms();
        let (repository, criteria) = (&watched.repository, &watched.criteria);
        match github.blocking_issues(repository, criteria, now_ms).await {
            Ok(found) => issues(&found),
            Err(error) => (ItemState::NeedsAttention, error.to_string()),
        }
    }

    async fn pull_requests(&self, project: &str) -> Found {
        let (github, watched) = match self.watched(project) {
            Ok(found) => found,
            Err(found) => return found,
        };
        let now_ms = self.engine.now_ms();
        let inspection = Inspection::default();
        let asked = github.pull_requests(&watched.repository, inspection, now_ms);
        match asked.await {
            Ok(found) => pulls(&found, now_ms),
            Err(error) => (ItemState::NeedsAttention, error.to_string()),
        }
    }

    async fn command(&self, name: &str) -> Found {
        if !self.commands.knows(name) {
            let why = format!(
                "no command `{name}` in the daemon's settings; add [gates.commands.{name}], or tick it by hand"
            );
            return (ItemState::NeedsAttention, why);
        }
        let outcome = self.commands.run(name).await;
        let state = if outcome.succeeded {
            ItemState::Done
        } else {
            ItemState::Failed
        };
        (state, format!("{}\n{}", outcome.ended, outcome.output))
    }

    /// Runs the gates in force and waits for those that only the daemon's own commands keep open.
    async fn gates(&self, project: &str) -> Found {
        let Some(plan) = self.engine.plan(project) else {
            return (ItemState::NeedsAttention, "the project is gone".to_owned());
        };
        let gates = look::gates_to_run(&plan);
        if gates.is_empty() {
            let none = "no quality gate is in force".to_owned();
            return (ItemState::Skipped, none);
        }
        let commit = self.commands.commit().await;
        let mut refused = Vec::new();
        for gate in &gates {
            let run = Command::RunGate {
                gate: gate.to_string(),
                commit: commit.clone(),
            };
            match self.engine.order(project, run).await {
                Ok(_) => {}
                Err(EngineError::Refused(refusal)) => {
                    refused.push(format!("{gate} was not run: {}", refusal.message));
                }
                Err(error) => refused.push(format!("{gate} was not run: {error}")),
            }
        }
        for _ in 0..GATES_LOOKS_MAX {
            let plan = self.engine.plan(project);
            let waits = plan.as_deref().is_some_and(|plan| {
                let mut runs = plan.commanded_runs();
                runs.any(|run| gates.contains(&run.gate) && run.is_pending())
            });
            if !waits {
                break;
            }
            tokio::time::sleep(GATES_LOOK).await;
        }
        self.seen(project, |plan, now_ms| {
            look::gates(plan, now_ms, &gates, &refused)
        })
    }
}

fn list(mut lines: Vec<String>, all: usize) -> String {
    if all > lines.len() {
        lines.push(format!("and {} more", all - lines.len()));
    }
    lines.join("\n")
}

fn issues(found: &Blocking) -> Found {
    let named = found.issues.iter().take(NAMED_MAX).map(|issue| {
        let stale = if issue.is_stale { " (stale)" } else { "" };
        format!("#{} {}{stale}", issue.number, issue.title)
    });
    let mut lines = vec![match found.issues.len() {
        0 => "no open issue blocks".to_owned(),
        1 => "1 open issue blocks".to_owned(),
        many => format!("{many} open issues block"),
    }];
    lines.extend(named);
    let mut result = list(lines, found.issues.len() + 1);
    for shortfall in &found.shortfalls {
        result.push_str(&format!("\nnot seen: {shortfall}"));
    }
    let in_order = found.issues.is_empty() && found.shortfalls.is_empty();
    (in_order_or_not(in_order), result)
}

fn in_order_or_not(in_order: bool) -> ItemState {
    if in_order {
        ItemState::Done
    } else {
        ItemState::NeedsAttention
    }
}

fn pulls(found: &PullRequests, now_ms: i64) -> Found {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    let waiting = || {
        found
            .pulls
            .iter()
            .filter(|it| it.waiting_since_ms.is_some())
    };
    let failing = || {
        let fails = |pull: &&PullRequest| {
            let checks = pull.checks.as_ref();
            checks.is_some_and(|checks| !checks.failing.is_empty())
        };
        found.pulls.iter().filter(fails)
    };
    let (waits, fails) = (waiting().count(), failing().count());
    let mut lines = vec![format!(
        "{} open, {waits} awaiting review, {fails} with failing checks",
        found.pulls.len()
    )];
    let mut by_age: Vec<_> = waiting().collect();
    by_age.sort_by_key(|pull| pull.waiting_since_ms);
    lines.extend(by_age.iter().take(NAMED_MAX).map(|pull| {
        let since_ms = pull.waiting_since_ms.unwrap_or(now_ms);
        let days = now_ms.saturating_sub(since_ms).max(0) / DAY_MS;
        format!(
            "#{} {}: awaits review for {days} d",
            pull.number, pull.title
        )
    }));
    lines.extend(
        failing()
            .take(NAMED_MAX)
            .map(|pull| format!("#{} {}: checks fail", pull.number, pull.title)),
    );
    let mut result = lines.join("\n");
    for shortfall in &found.shortfalls {
        result.push_str(&format!("\nnot seen: {shortfall}"));
    }
    let in_order = waits == 0 && fails == 0 && found.shortfalls.is_empty();
    (in_order_or_not(in_order), result)
}
