//! What workflows and their runs are and wait for: everything that is missing, who must give it and with
//! which command. No clock is read; instants come from whoever asks.

use super::event::{GateScope, MeasuredValue, SuccessCheck, SuccessCriterion, Text};
use super::fact::Actor;
use super::id::{PhaseNo, WorkflowRunId};
use super::inbox::{WaitKind, Waiting};
use super::model::{
    Agent, DeliverableStatus, Gate, PhaseState, RunDay, SuccessAttestation, Workflow, WorkflowRun,
    WorkflowRunStatus,
};
use super::refusal::{Reason, Refusal};
use super::settings::Staffing;
use super::state::{Plan, clipped};
use super::time::Timestamp;

/// The role whose word is a coordinator's too.
pub const COORDINATOR: &str = "coordinator";

/// Something that a run of a workflow still waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowLack {
    /// What it is about: `input Product spec`, `phase 2`, `DL-3`, `criterion 1`.
    pub subject: String,
    /// What is missing.
    pub description: String,
    /// Who must give it: `coordinator`, `agents`, roles by slug, or `muster` for what the daemon does by itself.
    pub who: String,
    /// The command line that gives it, without the program's name; empty when nobody need do anything.
    pub next: String,
    /// Whether only a person's word is missing, and nothing else in the inbox asks for it.
    pub waits_for_word: bool,
}

/// How many agents there are of a role that a run needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staffed {
    /// The role, by slug.
    pub role: Text,
    /// How many the run needs.
    pub needed: u32,
    /// How many are registered, have not left and did not fall silent.
    pub there: u32,
    /// How many fell silent: their last session was closed for it, and they have not come back.
    pub silent: u32,
    /// The tier of the role, where it is another than the workflow asks for.
    pub other_tier: Option<u32>,
}

impl Staffed {
    /// Whether there are enough, of the tier that is asked for.
    fn is_enough(&self) -> bool {
        self.there >= self.needed && self.other_tier.is_none()
    }
}

impl Plan {
    /// A workflow.
    pub fn workflow(&self, slug: &str) -> Option<&Workflow> {
        self.workflows.get(slug).map(AsRef::as_ref)
    }

    /// All workflows, retired ones too, by slug.
    pub fn workflows(&self) -> impl Iterator<Item = &Workflow> {
        self.workflows.values().map(AsRef::as_ref)
    }

    /// A run of a workflow.
    pub fn workflow_run(&self, id: WorkflowRunId) -> Option<&WorkflowRun> {
        self.workflow_runs.get(&id).map(AsRef::as_ref)
    }

    /// All runs by number.
    pub fn workflow_runs(&self) -> impl Iterator<Item = &WorkflowRun> {
        self.workflow_runs.values().map(AsRef::as_ref)
    }

    /// Runs that can still go on, by number.
    pub fn open_workflow_runs(&self) -> impl Iterator<Item = &WorkflowRun> {
        let ids = self.index.open_workflow_runs.iter();
        ids.filter_map(|id| self.workflow_run(*id))
    }

    /// The workflow that a written slug means.
    pub fn resolve_workflow(&self, text: &str) -> Result<&Workflow, Refusal> {
        let slug = text.trim().to_lowercase();
        self.workflow(&slug).ok_or_else(|| {
            Refusal::new(
                Reason::WorkflowNotFound,
                format!("no workflow `{}` in this project", clipped(text.trim())),
            )
            .next("workflow list")
        })
    }

    /// The run that a written id means, or a workflow's slug for its newest.
    pub fn resolve_workflow_run(&self, text: &str) -> Result<&WorkflowRun, Refusal> {
        let no_run = |message: String| Refusal::new(Reason::WorkflowNotFound, message);
        if let Ok(id) = text.trim().parse::<WorkflowRunId>() {
            return self.workflow_run(id).ok_or_else(|| {
                no_run(format!("no run {id} in this project")).next("workflow runs --all")
            });
        }
        let workflow = self.resolve_workflow(text)?;
        let newest = workflow.newest_run.and_then(|run| self.workflow_run(run));
        newest.ok_or_else(|| {
            let slug = &workflow.slug;
            no_run(format!("{slug} was never started; start it first"))
                .next(format!("workflow start {slug}"))
        })
    }

    /// Whether an agent has a role (by slug) as its own.
    pub(super) fn has_role(&self, agent: &str, role: &str) -> bool {
        self.agent(agent).is_some_and(|agent| {
            let mut own = agent.roles.iter();
            own.any(|no| self.role_slug(Some(*no)) == role)
        })
    }

    /// How many agents there are of each role that a workflow needs, and whether the role is of its tier.
    pub fn staffing(&self, run: &WorkflowRun) -> Vec<Staffed> {
        let asked = run.definition.tier;
        let needed = run.definition.roles.iter();
        let counted = needed.map(|needed| {
            let here = self.agents().filter(|agent| !agent.retired);
            let of_role = here.filter(|agent| self.has_role(&agent.name, &needed.role));
            let (silent, there): (Vec<_>, Vec<_>) = of_role.partition(|agent| agent.fell_silent);
            let count = |agents: &[&Agent]| u32::try_from(agents.len()).unwrap_or(u32::MAX);
            let mut roles = self.roles().iter();
            let tier = roles
                .find(|role| *role.slug == *needed.role)
                .and_then(|role| role.tier);
            Staffed {
                role: needed.role.clone(),
                needed: needed.count,
                there: count(&there),
                silent: count(&silent),
                other_tier: tier.filter(|tier| asked.is_some_and(|asked| asked != *tier)),
            }
        });
        counted.collect()
    }

    /// What a run waits for before its work begins.
    pub(super) fn start_lacks(&self, run: &WorkflowRun) -> Vec<WorkflowLack> {
        let mut lacks = input_lacks(run);
        let policy = self.project().map(|project| project.settings.staffing);
        if policy != Some(Staffing::Warn) {
            lacks.extend(self.staff_lacks(run));
        }
        lacks
    }

    /// Agents that a run needs and that are not there, and roles that are not of its tier.
    pub(super) fn staff_lacks(&self, run: &WorkflowRun) -> Vec<WorkflowLack> {
        let staffing = self.staffing(run).into_iter();
        let missing = staffing.filter(|it| !it.is_enough());
        let asked = run.definition.tier.unwrap_or(0);
        let lack = |it: Staffed| WorkflowLack {
            subject: format!("role {}", it.role),
            description: match (it.other_tier, it.silent) {
                (Some(tier), _) => format!("it is of tier {tier}, and tier {asked} is asked for"),
                (None, 0) => format!("{} of {} agents are registered", it.there, it.needed),
                (None, silent) => format!(
                    "{} of {} agents are there, {silent} fell silent",
                    it.there, it.needed
                ),
            },
            who: COORDINATOR.to_owned(),
            next: match it.other_tier {
                Some(_) => format!("agent edit-role {} --tier {asked}", it.role),
                None => format!("agent register NAME --role {}", it.role),
            },
            waits_for_word: true,
        };
        missing.map(lack).collect()
    }

    /// Whether a phase is no longer to be worked on.
    fn is_closed(&self, phase: &str) -> bool {
        let phase = self.phase_no(phase).and_then(|no| self.phase(no));
        phase.is_some_and(|phase| phase.state != PhaseState::Open)
    }

    /// Whether a run names phases and all of them are closed.
    pub(super) fn work_is_done(&self, run: &WorkflowRun) -> bool {
        let phases = &run.definition.phases;
        !phases.is_empty() && phases.iter().all(|phase| self.is_closed(phase))
    }

    /// Whether a phase that a run names is open.
    pub(super) fn work_is_open(&self, run: &WorkflowRun) -> bool {
        let mut phases = run.definition.phases.iter();
        phases.any(|phase| !self.is_closed(phase))
    }

    /// What the work of a run still lacks.
    fn work_lacks(&self, run: &WorkflowRun) -> Vec<WorkflowLack> {
        let slug = &run.workflow;
        if run.definition.phases.is_empty() {
            return vec![WorkflowLack {
                subject: format!("work of {}", run.id),
                description: "nobody has said that it is done".to_owned(),
                who: COORDINATOR.to_owned(),
                next: format!("workflow finish {slug} --note …"),
                waits_for_word: true,
            }];
        }
        let open = run.definition.phases.iter();
        let open = open.filter(|phase| !self.is_closed(phase));
        let lack = |phase: &Text| {
            let tasks = self.phase_no(phase).map_or(0, |no| self.tally(no).open());
            WorkflowLack {
                subject: format!("phase {phase}"),
                description: match tasks {
                    0 => "it is not closed".to_owned(),
                    1 => "it is not closed, 1 task is open".to_owned(),
                    tasks => format!("it is not closed, {tasks} tasks are open"),
                },
                who: "agents".to_owned(),
                next: format!("phase show {phase}"),
                waits_for_word: false,
            }
        };
        open.map(lack).collect()
    }

    /// The gates in force in front of a run's completion: those of its workflow, and those it names.
    pub(super) fn gates_of_run<'a>(
        &'a self,
        run: &'a WorkflowRun,
    ) -> impl Iterator<Item = &'a Gate> {
        self.gates().filter(|gate| match &gate.scope {
            GateScope::Workflow(name) => {
                let named = run.definition.gates.contains(&gate.id);
                gate.retired.is_none() && (named || name.to_lowercase() == *run.workflow)
            }
            GateScope::Phase(_)
            | GateScope::Deployment(_)
            | GateScope::Project
            | GateScope::Daily
            | GateScope::Completion(_) => false,
        })
    }

    /// What a run whose work is done still lacks, at a time.
    pub(super) fn gating_lacks(&self, run: &WorkflowRun, now: Timestamp) -> Vec<WorkflowLack> {
        let mut lacks = self.output_lacks(run);
        for gate in self.gates_of_run(run) {
            lacks.extend(
                self.lacks_of(gate, now)
                    .into_iter()
                    .map(|lack| WorkflowLack {
                        subject: lack.subject,
                        description: lack.description,
                        who: lack.who,
                        next: lack.next,
                        // The inbox asks for it as something of the gate.
                        waits_for_word: false,
                    }),
            );
        }
        lacks.extend(sign_off_lacks(run));
        lacks.extend(self.criterion_lacks(run));
        lacks
    }

    fn output_lacks(&self, run: &WorkflowRun) -> Vec<WorkflowLack> {
        let outputs = run.outputs.iter().filter_map(|id| self.deliverable(*id));
        let missing = outputs.filter(|it| it.status != DeliverableStatus::Accepted);
        let lack = |it: &super::model::Deliverable| {
            let submitted = it.status == DeliverableStatus::Submitted;
            WorkflowLack {
                subject: it.id.to_string(),
                description: format!("{} is {}", it.name, it.standing()),
                who: if submitted { COORDINATOR } else { "agents" }.to_owned(),
                next: it.next_command(),
                // What was submitted the inbox asks for as a deliverable.
                waits_for_word: !submitted,
            }
        };
        missing.map(lack).collect()
    }

    fn criterion_lacks(&self, run: &WorkflowRun) -> Vec<WorkflowLack> {
        let open = run
            .each_criterion()
            .filter(|(_, criterion, said)| !self.holds(criterion, *said));
        let lack =
            |(number, criterion, said): (u32, &SuccessCriterion, Option<&SuccessAttestation>)| {
                let name = &criterion.name;
                let (description, who, next) = match &criterion.check {
                    SuccessCheck::Measured(measure) => {
                        let asked = format!(
                            "{} must be {} {}",
                            measure.metric,
                            measure.comparison.sign(),
                            measure.threshold
                        );
                        let stands = self.metric(&measure.metric).map_or_else(
                            || "it was never reported".to_owned(),
                            |metric| format!("it is {}", metric.value),
                        );
                        let next = format!("gate metric {} VALUE", measure.metric);
                        (format!("{name}: {asked}; {stands}"), COORDINATOR, next)
                    }
                    SuccessCheck::Attested(role) => {
                        let stands = match said {
                            Some(said) => format!("{} said that it does not hold", said.by.name()),
                            None => "nobody has said that it holds".to_owned(),
                        };
                        let who = role.as_deref().unwrap_or(COORDINATOR);
                        let next =
                            format!("workflow attest {} {number} --evidence …", run.workflow);
                        (format!("{name}: {stands}"), who, next)
                    }
                };
                WorkflowLack {
                    subject: format!("criterion {number} of {}", run.id),
                    description,
                    who: who.to_owned(),
                    next,
                    waits_for_word: true,
                }
            };
        open.map(lack).collect()
    }

    /// Whether a criterion holds as things stand.
    pub fn holds(&self, criterion: &SuccessCriterion, said: Option<&SuccessAttestation>) -> bool {
        match &criterion.check {
            SuccessCheck::Measured(measure) => self
                .metric(&measure.metric)
                .is_some_and(|metric| measure.comparison.holds(&metric.value, &measure.threshold)),
            SuccessCheck::Attested(_) => said.is_some_and(|said| said.holds),
        }
    }

    /// What the measured criteria of a run stand at.
    pub fn measured_values(&self, run: &WorkflowRun) -> Vec<MeasuredValue> {
        let measured = run.each_criterion().filter_map(|(number, criterion, _)| {
            let SuccessCheck::Measured(measure) = &criterion.check else {
                return None;
            };
            let value = self.metric(&measure.metric)?.value.clone();
            Some(MeasuredValue {
                criterion: number,
                value,
            })
        });
        measured.collect()
    }

    /// Everything that an open run waits for, at a time.
    pub fn workflow_lacks(&self, run: &WorkflowRun, now: Timestamp) -> Vec<WorkflowLack> {
        match run.status {
            WorkflowRunStatus::Pending if !run.confirmed => {
                let mut lacks = vec![WorkflowLack {
                    subject: run.id.to_string(),
                    description: "nobody has said that it may begin".to_owned(),
                    who: COORDINATOR.to_owned(),
                    next: format!("workflow start {}", run.workflow),
                    waits_for_word: true,
                }];
                let later = self.start_lacks(run).into_iter();
                lacks.extend(later.map(|lack| WorkflowLack {
                    waits_for_word: false,
                    ..lack
                }));
                lacks
            }
            WorkflowRunStatus::Pending | WorkflowRunStatus::WaitingInput => self.start_lacks(run),
            WorkflowRunStatus::Running => self.work_lacks(run),
            WorkflowRunStatus::Gating => self.gating_lacks(run, now),
            WorkflowRunStatus::Completed
            | WorkflowRunStatus::Failed
            | WorkflowRunStatus::Cancelled => Vec::new(),
        }
    }

    /// What runs wait for that a person must give.
    pub(super) fn workflows_waiting(&self, waiting: &mut Vec<Waiting>) {
        for run in self.open_workflow_runs() {
            let lacks = self.workflow_lacks(run, self.last_at()).into_iter();
            waiting.extend(
                lacks
                    .filter(|lack| lack.waits_for_word)
                    .map(|lack| Waiting {
                        kind: WaitKind::Workflow,
                        id: run.id.to_string(),
                        title: format!(
                            "{}, {}: {} (from {})",
                            run.workflow, lack.subject, lack.description, lack.who
                        ),
                        since: run.since,
                        holds_up: 0,
                        command: lack.next,
                    }),
            );
        }
    }

    /// The run whose work a phase is, as far as it is under way.
    pub fn workflow_of_phase(&self, no: PhaseNo) -> Option<&WorkflowRun> {
        let id = self.phase_id(no);
        let mut running = self.open_workflow_runs().filter(|run| {
            matches!(
                run.status,
                WorkflowRunStatus::Running | WorkflowRunStatus::Gating
            )
        });
        running.find(|run| run.definition.phases.iter().any(|phase| **phase == *id))
    }

    /// Runs whose work is under way, each with the day it is in at an instant.
    pub fn running_workflows(
        &self,
        now: Timestamp,
    ) -> impl Iterator<Item = (&WorkflowRun, RunDay)> {
        let runs = self.open_workflow_runs();
        runs.filter_map(move |run| Some((run, run.day(now)?)))
    }

    /// Whether somebody worked in a run: completed or holds a task of its phases (of any phase when it names
    /// none), or handed in one of its outputs.
    pub(super) fn worked_in(&self, run: &WorkflowRun, actor: &Actor) -> bool {
        let submitted = run.outputs.iter().any(|id| {
            let deliverable = self.deliverable(*id);
            let submission = deliverable.and_then(|it| it.submission.as_ref());
            submission.is_some_and(|it| it.by == *actor)
        });
        let Some(name) = actor.agent() else {
            return submitted;
        };
        let named = run.definition.phases.iter();
        let named: Vec<PhaseNo> = named.filter_map(|phase| self.phase_no(phase)).collect();
        let is_work = |no: &PhaseNo| named.is_empty() || named.contains(no);
        let holds = self.agent(name).is_some_and(|agent| {
            let mut held = agent.holds.iter().filter_map(|task| self.task(*task));
            held.any(|view| is_work(&view.spec.phase))
        });
        let mut phases = self.phases.keys().filter(|no| is_work(no));
        submitted || holds || phases.any(|no| self.authors.contains_key(&(*no, name.clone())))
    }
}

/// Inputs that a run asks for and has not got.
fn input_lacks(run: &WorkflowRun) -> Vec<WorkflowLack> {
    let definition = &run.definition;
    let lack = |subject: String, description: String, name: &str| WorkflowLack {
        subject,
        description,
        who: COORDINATOR.to_owned(),
        next: format!("workflow input {} {} VALUE", run.workflow, quoted(name)),
        waits_for_word: true,
    };
    let wanted = definition.inputs.iter().filter(|input| input.required);
    let missing = wanted.filter(|input| run.input(&input.name).is_none());
    let mut lacks: Vec<WorkflowLack> = missing
        .map(|input| {
            let description = match &*input.description {
                "" => "it was not supplied".to_owned(),
                words => format!("it was not supplied: {words}"),
            };
            lack(format!("input {}", input.name), description, &input.name)
        })
        .collect();
    let spoken = run.inputs.iter().any(|input| !input.carried);
    if definition.elicit && !spoken && lacks.is_empty() {
        let name = definition
            .inputs
            .first()
            .map_or("NAME", |input| &input.name);
        let description = "a person must supply at least one input".to_owned();
        lacks.push(lack("inputs".to_owned(), description, name));
    }
    lacks
}

/// A name as a word of a command line.
fn quoted(name: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    if name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

/// Signatures that a run lacks.
fn sign_off_lacks(run: &WorkflowRun) -> Vec<WorkflowLack> {
    let open = run
        .each_signature()
        .filter(|(_, signature)| !signature.is_some_and(|it| it.approved));
    let lacks = open.map(|(role, signature)| {
        let description = match signature {
            Some(refused) => format!("{} refused to sign: {}", refused.by.name(), refused.note),
            None => "nobody has signed".to_owned(),
        };
        WorkflowLack {
            subject: format!("sign-off of {role}"),
            description,
            who: role.to_string(),
            next: format!("workflow sign {} {role}", run.workflow),
            waits_for_word: true,
        }
    });
    lacks.collect()
}
