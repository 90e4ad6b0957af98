//! Every built-in template fills a project, and holds what its name promises.

use super::*;
use crate::plan::fact::{Actor, Facts, Guards};
use crate::plan::time::Timestamp;
use crate::plan::{Plan, decide};

fn filled(template: &Template) -> Plan {
    let settings = template.settings(&Settings::default());
    let create = Command::CreateProject {
        slug: "shop".to_owned(),
        name: "Shop".to_owned(),
        description: String::new(),
        settings: Box::new(settings.expect(template.name)),
        draft: false,
    };
    let facts = Facts {
        now: Timestamp(1_000),
        actor: Actor::Coordinator("lead".into()),
        request: None,
        guards: Guards::default(),
    };
    let mut plan = Plan::default();
    for command in std::iter::once(create).chain(template.commands()) {
        let decided = decide(&plan, &command, &facts);
        let decided =
            decided.unwrap_or_else(|refusal| panic!("{}: {command:?}: {refusal}", template.name));
        plan = decided.plan;
    }
    plan
}

#[test]
fn every_template_fills_an_empty_project_and_lets_work_begin() {
    for template in TEMPLATES {
        let plan = filled(template);
        assert_eq!(plan.broken_invariants(), Vec::<String>::new());
        let counts = template.counts();
        assert_eq!(plan.phases().count(), counts.phases, "{}", template.name);
        assert_eq!(plan.task_count(), counts.tasks, "{}", template.name);
        let something =
            plan.tasks().any(|task| plan.is_ready(task.id)) || plan.deliverables().next().is_some();
        assert!(something, "nothing of {} can be begun", template.name);
        assert!(!template.title().is_empty() && template.about().len() > 40);
    }
}

#[test]
fn every_estimate_of_a_template_can_be_read() {
    for template in TEMPLATES {
        for phase in template.form().phases {
            for task in phase.tasks {
                let read = task.estimate.parse::<crate::plan::time::Estimate>();
                assert!(task.estimate.is_empty() || read.is_ok(), "{task:?}");
            }
        }
    }
}

#[test]
fn the_templates_have_the_shapes_of_the_documents_that_teams_write() {
    let count = |name: &str| find(name).expect(name).counts();
    let build_plan = count("build-plan");
    assert_eq!((build_plan.phases, build_plan.tasks), (8, 45));
    assert_eq!(build_plan.deliverables, 11);
    let execution = count("build-execution");
    assert_eq!((execution.phases, execution.tasks), (3, 25));
    assert_eq!(execution.workflows, 2);
    let master = count("master-plan");
    assert_eq!((master.phases, master.tasks, master.gates), (4, 7, 4));
    assert_eq!((master.milestones, master.risks), (6, 2));
    let plan = count("project-plan");
    assert_eq!((plan.phases, plan.decisions), (3, 2));
    let strict = find("Implementation-Tracker").expect("names are free of case");
    let settings = strict.settings(&Settings::default()).expect("settings");
    assert_eq!(settings.policy, crate::plan::settings::Policy::Strict);
}

#[test]
fn an_unknown_template_is_refused_with_those_there_are() {
    let refusal = find("waterfall").expect_err("no such template");
    assert!(refusal.to_string().contains("build-execution"), "{refusal}");
}
