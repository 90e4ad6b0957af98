//! What a claim hands the agent: all it needs to work the task, and nothing it would have to look up.

use serde::Serialize;

use super::check::CheckSet;
use super::event::On;
use super::id::TaskId;
use super::model::{BlockerStatus, Deliverable, DeliverableStatus, Leftover, Status, WorkflowRun};
use super::settings::Policy;
use super::state::{Plan, TaskView};

/// What a predecessor left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inherited {
    /// The predecessor.
    pub task: TaskId,
    /// Its title.
    pub title: String,
    /// What was done in it.
    pub summary: String,
    /// How it was shown to work.
    pub verification: String,
}

/// A question that was answered, or a decision that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The blocker's or decision's id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answer, and the rationale when one was given.
    pub answer: String,
    /// Who answered.
    pub by: String,
}

/// Something nearby that is still open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Nearby {
    /// Its id.
    pub id: String,
    /// What it is, in a line.
    pub text: String,
}

/// What an attempt before this one left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// The attempt.
    pub attempt: u32,
    /// Who held it.
    pub agent: String,
    /// How it ended.
    pub ending: String,
    /// The last thing said.
    pub note: String,
}

/// The brief of a held task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brief {
    /// The task.
    pub task: TaskId,
    /// Its title.
    pub title: String,
    /// What it is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its notes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Its area.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub area: String,
    /// Its estimate in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub estimate: String,
    /// Its phase's id.
    pub phase: String,
    /// Its phase's name.
    pub phase_name: String,
    /// Its phase's goal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase_goal: String,
    /// The workflow under way whose work its phase is, with what it is to reach, in a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub workflow: String,
    /// The active sprint with its goal and how far it is, in a line; empty without one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sprint: String,
    /// Its acceptance criteria.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<String>,
    /// What the policy asks of the holder.
    pub checks: Vec<String>,
    /// What its predecessors left behind, nearest first, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inherited: Vec<Inherited>,
    /// Answers to earlier questions on this task and decisions made for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
    /// Open decisions and blockers of its dependents and its phase, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nearby: Vec<Nearby>,
    /// Deliverables of the task that are not accepted yet, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deliverables: Vec<Nearby>,
    /// What the task refers to, a line each, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// What the attempt before left behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
    /// The lease's term in milliseconds.
    pub lease_ms: u64,
    /// How often to beat, in milliseconds.
    pub beat_every_ms: u64,
    /// The next command lines, the fence filled in, without the program's name.
    pub next: Vec<String>,
}

/// Entries of a list of the brief.
const LISTED_MAX: usize = 10;
/// Commands that hand something over.
const SUBMITS_MAX: usize = 3;
/// Characters of a text left behind by others; the whole is in the log.
const TEXT_CHARS_MAX: usize = 600;
/// Characters of the line about the workflow under way.
const LINE_CHARS_MAX: usize = 200;

impl Plan {
    /// The brief of a task that is held; none otherwise.
    pub fn brief(&self, id: TaskId) -> Option<Brief> {
        let view = self.task(id)?;
        let lease = view.state.lease.as_ref()?;
        let phase = self.phase(view.spec.phase)?;
        let spec = view.spec;
        Some(Brief {
            task: id,
            title: spec.title.to_string(),
            description: spec.description.to_string(),
            notes: spec.notes.to_string(),
            area: spec.area.to_string(),
            estimate: spec
                .estimate
                .map_or(String::new(), |estimate| estimate.to_string()),
            phase: phase.id.to_string(),
            phase_name: phase.name.to_string(),
            phase_goal: phase.goal.to_string(),
            workflow: self
                .workflow_of_phase(phase.no)
                .map_or_else(String::new, objective_line),
            sprint: self.sprint_line(Some(id)),
            acceptance: spec.acceptance.iter().map(ToString::to_string).collect(),
            checks: self.checks(&view, lease.fence),
            inherited: self.inherited(&view),
            answers: self.answers(&view),
            nearby: self.nearby(&view),
            deliverables: self.owed_deliverables(&view),
            references: self.reference_lines(id),
            earlier: self.left_before(&view).map(|left| Earlier {
                attempt: left.attempt,
                agent: left.agent.to_string(),
                ending: left.ending.to_string(),
                note: clipped(&left.note),
            }),
            lease_ms: lease.lease_ms,
            beat_every_ms: beat_every_ms(lease.lease_ms),
            next: self.next_of_brief(&view, lease.fence),
        })
    }

    /// The active sprint, and whether a task is among what it committed (requirement 90); empty without one.
    pub(super) fn sprint_line(&self, id: Option<TaskId>) -> String {
        let Some(sprint) = self.active_sprint() else {
            return String::new();
        };
        let (_, completed) = self.progress_of(sprint);
        let total = sprint.tasks.len();
        let outside = match id {
            Some(id) if !self.is_committed(id) => "; this task is not in it",
            Some(_) | None => "",
        };
        let goal: String = sprint.goal.chars().take(LINE_CHARS_MAX).collect();
        format!(
            "{}: {goal} ({completed} of {total} tasks completed, until {}){outside}",
            sprint.id, sprint.end
        )
    }

    fn checks(&self, view: &TaskView<'_>, fence: u64) -> Vec<String> {
        let mut asked = self.policy_checks(view, fence);
        if self.needs_review(view.id) {
            asked.push("hand it in with submit: somebody else reviews it".to_owned());
        }
        let mut commands: Vec<String> = self
            .commands_for_completion(view.id)
            .into_iter()
            .map(|it| format!("{} ({})", it.command, it.gate))
            .collect();
        commands.truncate(LISTED_MAX);
        if !commands.is_empty() {
            asked.push(format!(
                "these commands run first and must pass: {}",
                commands.join(", ")
            ));
        }
        asked
    }

    fn policy_checks(&self, view: &TaskView<'_>, fence: u64) -> Vec<String> {
        let policy = self.policy();
        if policy == Policy::Relaxed {
            return Vec::new();
        }
        let mut asked = vec![
            "start the task before you complete it".to_owned(),
            "complete it with a summary of what was done".to_owned(),
            "complete it with a verification: how it was shown to work".to_owned(),
        ];
        if policy != Policy::Strict {
            return asked;
        }
        let id = view.id;
        let told = |checks: CheckSet| {
            let each = checks
                .iter()
                .map(|check| format!("{} ({})", check.as_str(), check.meaning()));
            each.collect::<Vec<_>>().join(", ")
        };
        if view.state.status == Status::Claimed {
            asked.push(format!(
                "attest with start {id} --fence {fence} --checked all, or the names of those that hold: \
                 {}; confirmed_deps the daemon checks itself",
                told(CheckSet::PRE.without(CheckSet::DAEMON))
            ));
        }
        if !view.spec.acceptance.is_empty() {
            asked.push(
                "tick every acceptance criterion when you complete it: --accept all, or their numbers"
                    .to_owned(),
            );
        }
        let open = CheckSet::POST.without(view.state.checks);
        if !open.is_empty() {
            asked.push(format!(
                "attest with done --checked all, or the names of those that hold: {}; what is left open \
                 with --checks-later comes before your next claim: attest {id} --fence {fence} --checked {}",
                told(open),
                open.names()
            ));
        }
        asked
    }

    fn policy(&self) -> Policy {
        self.project()
            .map_or(Policy::Standard, |project| project.settings.policy)
    }

    fn inherited(&self, view: &TaskView<'_>) -> Vec<Inherited> {
        let stated = view
            .spec
            .dependencies
            .iter()
            .rev()
            .filter_map(|dependency| match &dependency.on {
                On::Task(on) => Some(*on),
                On::Phase(_) | On::AllAbove => None,
            });
        let inherited = stated.filter_map(|on| {
            let before = self.task(on)?;
            let done = before.state.completion.as_ref()?;
            // A file that says "complete" leaves nothing behind that could be read.
            (!done.summary.is_empty() || done.agent.is_some()).then_some(())?;
            Some(Inherited {
                task: on,
                title: before.spec.title.to_string(),
                summary: clipped(&done.summary),
                verification: clipped(&done.verification),
            })
        });
        inherited.take(LISTED_MAX).collect()
    }

    /// What the last attempt left behind, of a part that was never held at the whole.
    fn left_before(&self, view: &TaskView<'_>) -> Option<&Leftover> {
        let mut line = self.line_of(view.id).take(LISTED_MAX);
        line.find_map(|id| self.states.get(&id)?.leftover.as_deref())
    }

    fn answers(&self, view: &TaskView<'_>) -> Vec<Answered> {
        // What was said of the task itself comes last, and stays when there is too much.
        let mut line: Vec<TaskId> = self.line_of(view.id).take(LISTED_MAX).collect();
        line.reverse();
        let blockers = line.iter().flat_map(|id| self.blockers_of(*id));
        let questions = blockers.filter_map(|blocker| {
            let (by, _, text) = blocker.resolution.as_ref()?;
            let settled = blocker.status == BlockerStatus::Resolved && !text.is_empty();
            settled.then(|| Answered {
                id: blocker.id.to_string(),
                question: clipped(&blocker.reason),
                answer: text.to_string(),
                by: by.name().to_owned(),
            })
        });
        let decided = line.iter().flat_map(|id| self.decisions_of(*id));
        // What holds no more would only mislead.
        let decisions = decided.filter(|decision| decision.holds());
        let decisions = decisions.filter_map(|decision| {
            let answer = decision.answer.as_ref()?;
            let why = if answer.rationale.is_empty() {
                String::new()
            } else {
                format!(" (because {})", clipped(&answer.rationale))
            };
            let record = if answer.record_uri.is_empty() {
                String::new()
            } else {
                format!(" [{}]", answer.record_uri)
            };
            let instead = decision.supersedes.and_then(|before| {
                let before = self.decision(before)?.answer.as_ref()?;
                Some(format!(", no longer {}", clipped(&before.text)))
            });
            let instead = instead.unwrap_or_default();
            Some(Answered {
                id: decision.id.to_string(),
                question: clipped(&decision.question),
                answer: format!("{}{instead}{why}{record}", answer.text),
                by: answer.by.name().to_owned(),
            })
        });
        let all: Vec<Answered> = questions.chain(decisions).collect();
        let skip = all.len().saturating_sub(LISTED_MAX);
        all.into_iter().skip(skip).collect()
    }

    fn nearby(&self, view: &TaskView<'_>) -> Vec<Nearby> {
        let around: Vec<TaskId> = std::iter::once(view.id)
            .chain(self.dependents(view.id).take(100))
            .collect();
        let blockers = around
            .iter()
            .flat_map(|id| self.blockers_of(*id))
            .filter(|blocker| blocker.status.is_open());
        let of_phase = self
            .index
            .phase_blockers
            .contains_key(&view.spec.phase)
            .then(|| self.open_blockers())
            .into_iter()
            .flatten()
            .filter(|blocker| blocker.phase == Some(view.spec.phase));
        let blockers = blockers.chain(of_phase).map(|blocker| Nearby {
            id: blocker.id.to_string(),
            text: clipped(&blocker.reason),
        });
        let decisions = around.iter().flat_map(|id| self.decisions_of(*id));
        let decisions = decisions
            .filter(|decision| decision.answer.is_none())
            .map(|decision| Nearby {
                id: decision.id.to_string(),
                text: clipped(&decision.question),
            });
        let mut nearby: Vec<Nearby> = Vec::new();
        for entry in blockers.chain(decisions) {
            if nearby.len() < LISTED_MAX && !nearby.contains(&entry) {
                nearby.push(entry);
            }
        }
        nearby
    }

    /// What the task is to hand over and nobody has accepted, with what was said against it.
    fn owed_deliverables(&self, view: &TaskView<'_>) -> Vec<Nearby> {
        let of_phase = self.unaccepted_of(view.spec.phase);
        let own = of_phase.filter(|deliverable| deliverable.task == Some(view.id));
        let told = own.map(|deliverable| {
            let said = deliverable.judgement.as_ref();
            let said = said.map_or_else(String::new, |it| format!(": {}", it.text));
            Nearby {
                id: deliverable.id.to_string(),
                text: clipped(&format!(
                    "{} is {}{said}",
                    deliverable.name,
                    deliverable.standing()
                )),
            }
        });
        told.take(LISTED_MAX).collect()
    }

    /// What a task refers to: kind, name, where it stands, where it is.
    fn reference_lines(&self, id: TaskId) -> Vec<String> {
        let lines = self.references_of(id).iter().map(|it| {
            let status = it.status.map_or("", |status| status.as_str());
            let words = [&it.kind.title(), &*it.name, status, &it.uri];
            let words = words.into_iter().filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join(" ")
        });
        lines.take(LISTED_MAX).collect()
    }

    /// The next commands of a holder, with those that hand over what the task is to hand over.
    fn next_of_brief(&self, view: &TaskView<'_>, fence: u64) -> Vec<String> {
        let mut next = self.next_commands(view, fence);
        let of_phase = self.unaccepted_of(view.spec.phase);
        let own = of_phase.filter(|it| it.task == Some(view.id));
        let to_submit = own.filter(|it| it.status != DeliverableStatus::Submitted);
        next.extend(to_submit.take(SUBMITS_MAX).map(Deliverable::next_command));
        next
    }

    /// What a holder may do next, as command lines; none when nobody holds the task.
    pub fn next_steps(&self, id: TaskId) -> Vec<String> {
        self.task(id)
            .and_then(|view| {
                let fence = view.state.lease.as_ref()?.fence;
                Some(self.next_commands(&view, fence))
            })
            .unwrap_or_default()
    }

    fn next_commands(&self, view: &TaskView<'_>, fence: u64) -> Vec<String> {
        let id = view.id;
        let strict = self.policy() == Policy::Strict;
        let pre = if strict { " --checked all" } else { "" };
        let post = match (strict, view.spec.acceptance.is_empty()) {
            (false, _) => "",
            (true, true) => " --checked all",
            (true, false) => " --accept all --checked all",
        };
        let finish = if self.needs_review(id) {
            "submit"
        } else {
            "done"
        };
        let lags = self.lagging_plans(id, Status::Completed).next().is_some();
        let plans = if lags { " --plans-completed" } else { "" };
        let start = (view.state.status == Status::Claimed)
            .then(|| format!("start {id} --fence {fence}{pre}"));
        let rest = [
            format!("progress {id} --fence {fence} --note \"…\""),
            format!("beat {id} --fence {fence}"),
            format!(
                "{finish} {id} --fence {fence} --summary \"…\" --verification \"…\"{post}{plans}"
            ),
            format!("ask {id} --fence {fence} \"…\""),
            format!("block {id} --fence {fence} --reason \"…\""),
            format!("release {id} --fence {fence} --reason \"…\""),
        ];
        start.into_iter().chain(rest).collect()
    }
}

/// A workflow's run and the first line of what it is to reach.
fn objective_line(run: &WorkflowRun) -> String {
    let objective = run.definition.objective.lines().next().unwrap_or_default();
    let line = format!("{}: {objective}", run.workflow);
    if line.chars().count() <= LINE_CHARS_MAX {
        return line;
    }
    let cut: String = line.chars().take(LINE_CHARS_MAX).collect();
    format!("{cut}…")
}

/// How often a holder should beat: three times a term.
pub fn beat_every_ms(lease_ms: u64) -> u64 {
    (lease_ms / 3).max(1)
}

pub(super) fn clipped(text: &str) -> String {
    if text.chars().count() <= TEXT_CHARS_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(TEXT_CHARS_MAX).collect();
    format!("{cut}…")
}
