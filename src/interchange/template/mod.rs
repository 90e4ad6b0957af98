//! Built-in templates: plans of the usual shapes, as files of the program's own. A template becomes the commands
//! that a coordinator would give, all in one append; nothing in it is known to the core.

mod form;

use form::Form;

use std::collections::BTreeMap;

use crate::plan::command::{
    Command, HomeRef, LinksRef, NewCheck, NewCriterion, NewDeliverable, NewGate, NewMeasure,
    NewMilestone, NewPhase, NewRisk, NewScope, NewSuccess, NewSuccessCheck, NewTask, NewWorkflow,
    OnRef, PhaseTiming, RuleSideRef,
};
use crate::plan::event::{Due, MilestoneKind};
use crate::plan::settings::Settings;
use crate::plan::window::{Window, WindowUnit};
use crate::plan::{Refusal, policy};

/// A built-in template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// What it is asked for by.
    pub name: &'static str,
    text: &'static str,
}

/// Every template, in the order they are listed.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "project-plan",
        text: include_str!("project-plan.toml"),
    },
    Template {
        name: "build-plan",
        text: include_str!("build-plan.toml"),
    },
    Template {
        name: "build-execution",
        text: include_str!("build-execution.toml"),
    },
    Template {
        name: "implementation-tracker",
        text: include_str!("implementation-tracker.toml"),
    },
    Template {
        name: "master-plan",
        text: include_str!("master-plan.toml"),
    },
];

/// The template of a name.
///
/// # Errors
/// INVALID_FIELD for a name that no template has; its text lists them.
pub fn find(name: &str) -> Result<&'static Template, Refusal> {
    let wanted = name.trim();
    let found = TEMPLATES
        .iter()
        .find(|template| template.name.eq_ignore_ascii_case(wanted));
    found.ok_or_else(|| {
        let names: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
        let shown: String = wanted.chars().take(40).collect();
        let description = format!("`{shown}` is no template; there are {}", names.join(", "));
        Refusal::field("template", description).next("plan templates")
    })
}

/// What a template holds, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Phases.
    pub phases: usize,
    /// Tasks.
    pub tasks: usize,
    /// Deliverables.
    pub deliverables: usize,
    /// Milestones.
    pub milestones: usize,
    /// Quality gates.
    pub gates: usize,
    /// Risks.
    pub risks: usize,
    /// Rules.
    pub rules: usize,
    /// Decisions.
    pub decisions: usize,
    /// Workflows.
    pub workflows: usize,
}

impl Template {
    fn form(&self) -> Form {
        toml::from_str(self.text).expect("a test reads every built-in template")
    }

    /// What it is called.
    pub fn title(&self) -> String {
        self.form().title
    }

    /// What it is for, in a sentence or two.
    pub fn about(&self) -> String {
        self.form().about
    }

    /// What it holds.
    pub fn counts(&self) -> Counts {
        let form = self.form();
        Counts {
            phases: form.phases.len(),
            tasks: form.phases.iter().map(|phase| phase.tasks.len()).sum(),
            deliverables: form
                .phases
                .iter()
                .map(|phase| phase.deliverables.len())
                .sum(),
            milestones: form.milestones.len(),
            gates: form.gates.len(),
            risks: form.risks.len(),
            rules: form.rules.len(),
            decisions: form.decisions.len(),
            workflows: form.workflows.len(),
        }
    }

    /// The settings that go with it, over those that a project would have anyway.
    ///
    /// # Errors
    /// A setting of the template that the program does not know: a mistake in the template.
    pub fn settings(&self, over: &Settings) -> Result<Settings, Refusal> {
        let mut settings = over.clone();
        for (name, value) in self.form().settings {
            settings = policy::with(&settings, &name, &value)?;
        }
        Ok(settings)
    }

    /// The commands that fill an empty project with it, in order.
    pub fn commands(&self) -> Vec<Command> {
        let form = self.form();
        let mut commands = Vec::new();
        let phases: Vec<NewPhase> = form.phases.iter().map(new_phase).collect();
        commands.push(Command::CreatePhases(phases));
        let all = form.phases.iter();
        let all = all.flat_map(|phase| phase.tasks.iter().map(move |task| (phase, task)));
        let all: Vec<(&form::Phase, &form::Task)> = all.collect();
        let places: BTreeMap<&str, usize> = (0..)
            .zip(&all)
            .map(|(place, (_, task))| (task.id.as_str(), place))
            .collect();
        let tasks = all.iter();
        let tasks = tasks.map(|(phase, task)| new_task(&phase.id, task, &places));
        let tasks: Vec<NewTask> = tasks.collect();
        if !tasks.is_empty() {
            commands.push(Command::CreateTasks(tasks));
        }
        for phase in &form.phases {
            for deliverable in &phase.deliverables {
                commands.push(new_deliverable(&phase.id, deliverable));
            }
        }
        commands.extend(form.gates.iter().map(new_gate));
        commands.extend(form.milestones.iter().map(new_milestone));
        commands.extend(form.risks.iter().map(new_risk));
        commands.extend(form.rules.iter().map(new_rule));
        commands.extend(form.decisions.iter().map(new_decision));
        commands.extend(form.workflows.iter().map(new_workflow));
        commands
    }
}

fn new_phase(phase: &form::Phase) -> NewPhase {
    NewPhase {
        id: phase.id.clone(),
        name: phase.name.clone(),
        goal: phase.goal.clone(),
        lead_role: phase.lead.clone(),
        criteria: phase.criteria.clone(),
        predecessors: phase.after.clone(),
        timing: PhaseTiming {
            window: window(phase),
            ..PhaseTiming::default()
        },
        ..NewPhase::default()
    }
}

fn window(phase: &form::Phase) -> Option<Window> {
    let of = |unit, [from, to]: [u32; 2]| Window { unit, from, to };
    let days = phase.days.map(|days| of(WindowUnit::Day, days));
    days.or(phase.weeks.map(|weeks| of(WindowUnit::Week, weeks)))
}

fn new_task(phase: &str, task: &form::Task, places: &BTreeMap<&str, usize>) -> NewTask {
    let on = task.after.iter().map(|on| match on.as_str() {
        "all above" => OnRef::AllAbove,
        on => match (on.strip_prefix("phase "), places.get(on)) {
            (Some(phase), _) => OnRef::Phase(phase.to_owned()),
            (None, Some(place)) => OnRef::Batch(*place),
            (None, None) => OnRef::Task(on.to_owned()),
        },
    });
    NewTask {
        title: task.title.clone(),
        phase: phase.to_owned(),
        external_id: task.id.clone(),
        area: task.area.clone(),
        role: task.role.clone(),
        priority: task.priority,
        // A test reads every estimate.
        estimate: task.estimate.parse().ok(),
        notes: task.notes.clone(),
        acceptance: task.acceptance.clone(),
        dependencies: on.collect(),
        ..NewTask::default()
    }
}

fn new_deliverable(phase: &str, deliverable: &form::Deliverable) -> Command {
    Command::CreateDeliverable(Box::new(NewDeliverable {
        name: deliverable.name.clone(),
        uri: deliverable.uri.clone(),
        home: HomeRef {
            phase: phase.to_owned(),
            ..HomeRef::default()
        },
        acceptance: deliverable.acceptance.clone(),
    }))
}

fn new_gate(gate: &form::Gate) -> Command {
    use form::Before;
    let scope = match &gate.before {
        Before::Phase(phase) => NewScope::Phase(phase.clone()),
        Before::Deployment(name) => NewScope::Deployment(name.clone()),
        Before::Workflow(name) => NewScope::Workflow(name.clone()),
        Before::Project => NewScope::Project,
        Before::Daily => NewScope::Daily,
    };
    Command::DefineGate(Box::new(NewGate {
        gate: String::new(),
        name: gate.name.clone(),
        scope: Some(scope),
        criteria: gate.criteria.iter().map(new_criterion).collect(),
    }))
}

fn new_criterion(criterion: &form::Criterion) -> NewCriterion {
    use form::By;
    let check = match &criterion.by {
        By::Word(role) => NewCheck::Attested { role: role.clone() },
        By::Signature(roles) => NewCheck::Approval {
            may_approve: roles.clone(),
        },
        By::Metric(metric, comparison, threshold) => NewCheck::Metric(NewMeasure {
            metric: metric.clone(),
            comparison: *comparison,
            threshold: threshold.clone(),
        }),
        By::Plan(derived) => NewCheck::Derived(*derived),
    };
    NewCriterion {
        name: criterion.name.clone(),
        advisory: criterion.advisory,
        check,
    }
}

fn new_milestone(milestone: &form::Milestone) -> Command {
    Command::CreateMilestone(Box::new(NewMilestone {
        name: milestone.name.clone(),
        kind: match milestone.launch {
            true => MilestoneKind::Launch,
            false => MilestoneKind::Ordinary,
        },
        due: milestone.week.map(Due::Week),
        checklist: milestone.items.clone(),
        links: LinksRef {
            phases: milestone.phases.clone(),
            tasks: milestone.tasks.clone(),
            deliverables: Vec::new(),
        },
    }))
}

fn new_risk(risk: &form::Risk) -> Command {
    Command::CreateRisk(Box::new(NewRisk {
        kind: risk.kind,
        text: risk.text.clone(),
        impact: risk.impact,
        impact_days: risk.days,
        likelihood: risk.likelihood,
        mitigation: risk.mitigation.clone(),
        owner: risk.owner.clone(),
    }))
}

fn new_rule(rule: &form::Rule) -> Command {
    let quoted = rule.after.strip_prefix('"');
    let quoted = quoted.and_then(|rest| rest.strip_suffix('"'));
    let on = match (quoted, rule.after.strip_prefix("phase ")) {
        (Some(selector), _) => RuleSideRef::Matching(selector.to_owned()),
        (None, Some(phase)) => RuleSideRef::Phase(phase.to_owned()),
        (None, None) => RuleSideRef::Task(rule.after.clone()),
    };
    Command::AddRule {
        waiting: RuleSideRef::Matching(rule.tasks.clone()),
        on,
        note: rule.note.clone(),
    }
}

fn new_decision(decision: &form::Decision) -> Command {
    Command::OpenDecision {
        question: decision.question.clone(),
        options: decision.options.clone(),
        blocks: decision.blocks.clone(),
        phases: Vec::new(),
        selectors: decision.matching.clone(),
    }
}

/// A workflow's success is measured or said; a template that asks for anything else is a mistake that a test finds.
fn new_workflow(workflow: &form::Workflow) -> Command {
    let criteria = workflow.criteria.iter().map(|criterion| NewSuccess {
        name: criterion.name.clone(),
        check: match new_criterion(criterion).check {
            NewCheck::Metric(measure) => NewSuccessCheck::Measured(measure),
            NewCheck::Attested { role } => NewSuccessCheck::Attested { role },
            NewCheck::Command { .. } | NewCheck::Approval { .. } | NewCheck::Derived(_) => {
                let role = String::new();
                NewSuccessCheck::Attested { role }
            }
        },
    });
    Command::DefineWorkflow(Box::new(NewWorkflow {
        workflow: workflow.name.clone(),
        words: workflow.definition.clone(),
        gates: workflow.gates.clone(),
        criteria: criteria.collect(),
    }))
}

#[cfg(test)]
mod tests;
