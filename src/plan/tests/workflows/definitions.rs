//! What a definition may name, and what it may not.

use super::*;

#[test]
fn a_definition_names_gates_that_stand_in_front_of_it() {
    let given = plan().and(lead(), Command::DefineGate(Box::new(gate("sell"))));
    let with = |gate: &str| {
        Command::DefineWorkflow(Box::new(NewWorkflow {
            gates: vec![gate.to_owned()],
            ..new("build", words())
        }))
    };
    let refusal = given.refuses(lead(), with("G-1"), Reason::InvalidField);
    assert_eq!(refusal.next, ["gate define --gate G-1 --workflow build"]);
    given.refuses(lead(), with("G-2"), Reason::GateNotFound);
    let moved = NewGate {
        gate: "G-1".to_owned(),
        ..gate("build")
    };
    let given = given.and(lead(), Command::DefineGate(Box::new(moved)));
    given.and(lead(), with("Ready"));
}

#[test]
fn what_a_definition_names_must_be_there_and_fit() {
    let given = plan().phase("1");
    let refused = |definition: WorkflowDefinition, reason: Reason| {
        given.refuses(lead(), define("build", definition), reason)
    };
    let unknown = vec![needs("wizard", 1)];
    refused(
        WorkflowDefinition {
            roles: unknown,
            ..words()
        },
        Reason::UnknownRole,
    );
    let none = vec![needs("developer", 0)];
    refused(
        WorkflowDefinition {
            roles: none,
            ..words()
        },
        Reason::InvalidField,
    );
    let twice = vec![needs("developer", 1), needs("Dev", 1)];
    refused(
        WorkflowDefinition {
            roles: twice,
            ..words()
        },
        Reason::InvalidField,
    );
    let sign_offs = vec!["wizard".into()];
    refused(
        WorkflowDefinition {
            sign_offs,
            ..words()
        },
        Reason::UnknownRole,
    );
    let oversight = vec![Oversight {
        role: "wizard".into(),
        cadence: Cadence::Weekly,
    }];
    refused(
        WorkflowDefinition {
            oversight,
            ..words()
        },
        Reason::UnknownRole,
    );
    let phases = vec!["9".into()];
    refused(
        WorkflowDefinition { phases, ..words() },
        Reason::PhaseNotFound,
    );
    let next = Some("sell".into());
    refused(
        WorkflowDefinition { next, ..words() },
        Reason::WorkflowNotFound,
    );
    let next_by_itself = true;
    refused(
        WorkflowDefinition {
            next_by_itself,
            ..words()
        },
        Reason::InvalidField,
    );
    let outputs = vec![output("Shop"), output("shop")];
    refused(
        WorkflowDefinition { outputs, ..words() },
        Reason::InvalidField,
    );
    let tier = Some(10_000);
    refused(WorkflowDefinition { tier, ..words() }, Reason::InvalidField);
    let objective = " ".into();
    refused(
        WorkflowDefinition {
            objective,
            ..words()
        },
        Reason::InvalidField,
    );
    let many = vec![required("a"); 51];
    refused(
        WorkflowDefinition {
            inputs: many,
            ..words()
        },
        Reason::InvalidField,
    );
    for slug in ["", "two words", "-x", "WR-1", "a/b"] {
        given.refuses(lead(), define(slug, words()), Reason::InvalidField);
    }
    let measured = |threshold: &str| {
        let mut new = new("build", words());
        new.criteria = vec![NewSuccess {
            name: "users".to_owned(),
            check: NewSuccessCheck::Measured(NewMeasure {
                metric: "users".to_owned(),
                comparison: Comparison::Gt,
                threshold: threshold.to_owned(),
            }),
        }];
        Command::DefineWorkflow(Box::new(new))
    };
    given.refuses(lead(), measured("a hundred"), Reason::InvalidField);
    given
        .clone()
        .and(lead(), measured("1e2".replace('e', "0").as_str()));
    let long = "x".repeat(500);
    let acceptance = vec![long.as_str().into(); 10];
    let large = |count: usize| -> Vec<WorkflowOutput> {
        let each = (0..count).map(|number| WorkflowOutput {
            name: format!("{number}").as_str().into(),
            acceptance: acceptance.clone(),
        });
        each.collect()
    };
    let outputs = large(20);
    given.clone().and(
        lead(),
        define("build", WorkflowDefinition { outputs, ..words() }),
    );
    let outputs = large(45);
    refused(
        WorkflowDefinition { outputs, ..words() },
        Reason::LimitReached,
    );
}

#[test]
fn a_circle_of_workflows_is_spelled_out() {
    let then = |next: &str| WorkflowDefinition {
        next: Some(next.into()),
        ..words()
    };
    let given = plan().and(lead(), define("c", words()));
    let given = given.and(lead(), define("b", then("C")));
    let given = given.and(lead(), define("a", then("b")));
    let refusal = given.refuses(lead(), define("c", then("a")), Reason::Cycle);
    assert!(refusal.message.contains("c -> a -> b -> c"), "{refusal}");
    let refusal = given.refuses(lead(), define("d", then("D")), Reason::Cycle);
    assert!(refusal.message.contains("d -> d"), "{refusal}");
}
