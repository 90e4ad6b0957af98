//! How runs begin, what they wait for before, and what comes after them.

use super::*;

#[test]
fn a_run_begins_with_the_last_input_and_the_last_agent_it_needs() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                inputs: vec![required("Product spec")],
                roles: vec![needs("Dev", 2)],
                ..words()
            },
        ),
    );
    let given = given.then(
        lead(),
        start("Build"),
        &["WorkflowRunStarted", "WorkflowRunMoved"],
    );
    assert_eq!(status(&given, 1), WaitingInput);
    let both = [
        "input Product spec from coordinator",
        "role developer from coordinator",
    ];
    assert_eq!(lacks(&given, 1), both);
    let commands = [
        "agent register NAME --role developer",
        "workflow input build 'Product spec' VALUE",
    ];
    let mut told = asked(&given);
    told.sort();
    assert_eq!(told, commands);
    let given = given.agent("dev-1", "developer");
    assert_eq!(status(&given, 1), WaitingInput);
    let given = given.then(
        lead(),
        input("WR-1", "product SPEC"),
        &["WorkflowInputProvided"],
    );
    assert_eq!(lacks(&given, 1), both[1..]);
    let given = given.agent("dev-2", "developer");
    let last = given.log.last().expect("an event");
    assert_eq!(last.event.kind(), "WorkflowRunMoved");
    assert_eq!(status(&given, 1), Running);
    assert_eq!(run(&given, 1).warning, "".into());
}

#[test]
fn a_project_that_goes_without_runs_and_says_who_is_missing() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                roles: vec![needs("developer", 2)],
                ..words()
            },
        ),
    );
    let given = given.and(lead(), start("build"));
    assert_eq!(status(&given, 1), WaitingInput);
    let warned = given.then(
        lead(),
        Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(Settings {
                staffing: Staffing::Warn,
                ..Settings::default()
            })),
        },
        &["ProjectUpdated", "WorkflowRunMoved"],
    );
    assert_eq!(status(&warned, 1), Running);
    let warning = &*run(&warned, 1).warning;
    assert_eq!(warning, "role developer: 0 of 2 agents are registered");
}

#[test]
fn what_elicits_waits_for_a_person_whatever_is_required() {
    let given = plan();
    let eliciting = |inputs| WorkflowDefinition {
        elicit: true,
        inputs,
        ..words()
    };
    given.refuses(
        lead(),
        define("build", eliciting(Vec::new())),
        Reason::InvalidField,
    );
    let wish = WorkflowInput {
        required: false,
        ..required("Wish")
    };
    let given = given.and(lead(), define("build", eliciting(vec![wish])));
    let given = given.and(lead(), start("build"));
    assert_eq!(asked(&given), ["workflow input build Wish VALUE"]);
    let given = given.and(lead(), input("build", "wish"));
    assert_eq!(status(&given, 1), Running);
    given.refuses(lead(), input("build", "Colour"), Reason::InvalidField);
}

#[test]
fn starting_again_answers_with_the_run_there_is() {
    let given = plan().and(lead(), define("build", words()));
    let given = given.and(lead(), start("build"));
    let version = run(&given, 1).opened_version;
    let again = given.then(lead(), start("build"), &[]);
    assert_eq!(again.repeats, Some(version));
    let again = given.then(lead(), restart("build"), &[]);
    assert_eq!(again.repeats, Some(version));
    let given = given.then(
        lead(),
        finish("build"),
        &["WorkflowRunMoved", "WorkflowRunCompleted"],
    );
    assert_eq!(status(&given, 1), Completed);
    let refusal = given.refuses(lead(), start("build"), Reason::IllegalTransition);
    assert_eq!(refusal.next, ["workflow start build --restart"]);
    let given = given.and(lead(), restart("build"));
    let given = given.and(lead(), end("build", false, "not now"));
    assert_eq!(status(&given, 2), Cancelled);
    // What was given up is simply started again.
    let given = given.and(lead(), start("build"));
    let given = given.and(lead(), end("WR-3", true, "nobody came"));
    assert_eq!(status(&given, 3), Failed);
    given.refuses(
        lead(),
        end("WR-3", false, "again"),
        Reason::IllegalTransition,
    );
    given.refuses(by("dev-1"), start("build"), Reason::NotAllowed);
    given.refuses(lead(), start("sell"), Reason::WorkflowNotFound);
}

#[test]
fn the_next_workflow_begins_by_itself_or_on_a_word_with_what_was_handed_over() {
    let spec = WorkflowDefinition {
        outputs: vec![output("Product spec")],
        next: Some("build".into()),
        ..words()
    };
    let build = WorkflowDefinition {
        inputs: vec![required("Product SPEC"), required("Budget")],
        next: Some("sell".into()),
        next_by_itself: true,
        ..words()
    };
    let given = plan().and(lead(), define("sell", words()));
    let given = given.and(lead(), define("build", build));
    let given = given.and(lead(), define("spec", spec));
    let given = given.and(lead(), start("spec")).and(lead(), finish("spec"));
    let other = crate::plan::fact::Actor::Coordinator("other".into());
    let given = given.and(lead(), submit(1));
    let given = given.then(
        other,
        accept(1),
        &[
            "DeliverableAccepted",
            "WorkflowRunCompleted",
            "WorkflowRunStarted",
            "WorkflowInputProvided",
        ],
    );
    assert_eq!(status(&given, 2), Pending);
    assert_eq!(run(&given, 2).inputs[0].value, "DL-1 of WR-1: a.md".into());
    assert_eq!(asked(&given), ["workflow start build"]);
    let given = given.then(
        lead(),
        start("build"),
        &["WorkflowRunConfirmed", "WorkflowRunMoved"],
    );
    assert_eq!(lacks(&given, 2), ["input Budget from coordinator"]);
    let given = given.and(lead(), input("build", "Budget"));
    let given = given.then(
        lead(),
        finish("build"),
        &[
            "WorkflowRunMoved",
            "WorkflowRunCompleted",
            "WorkflowRunStarted",
            "WorkflowRunMoved",
        ],
    );
    assert_eq!(status(&given, 3), Running);
    assert_eq!(run(&given, 3).after, Some(WorkflowRunId(2)));
}

#[test]
fn a_run_keeps_the_definition_it_began_with() {
    let given = plan().and(lead(), define("build", words()));
    let given = given.and(lead(), start("build"));
    let other = WorkflowDefinition {
        objective: "Build another".into(),
        sign_offs: vec!["qa".into()],
        ..words()
    };
    let given = given.and(lead(), define("build", other));
    assert_eq!(run(&given, 1).definition_number, 1);
    assert_eq!(run(&given, 1).definition.objective, "Build it".into());
    let retire = || Command::RetireWorkflow {
        workflow: "build".to_owned(),
        reason: "enough".to_owned(),
    };
    given.refuses(lead(), retire(), Reason::IllegalTransition);
    let given = given.and(lead(), finish("build"));
    assert_eq!(status(&given, 1), Completed);
    let given = given.and(lead(), retire());
    given.refuses(lead(), retire(), Reason::IllegalTransition);
    given.refuses(lead(), restart("build"), Reason::IllegalTransition);
    // Defining it again brings it back.
    let given = given.and(lead(), define("build", words()));
    given.and(lead(), restart("build"));
}

#[test]
fn a_run_that_was_given_up_leaves_its_unfinished_outputs_to_the_next() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                outputs: vec![output("Shop"), output("Manual")],
                ..words()
            },
        ),
    );
    let given = given.and(lead(), start("build")).and(lead(), submit(1));
    let other = crate::plan::fact::Actor::Coordinator("other".into());
    let given = given.and(other, accept(1));
    let given = given.and(lead(), end("build", false, "later"));
    let given = given.and(lead(), start("build"));
    let outputs = &run(&given, 2).outputs;
    assert_eq!(outputs[..], [DeliverableId(3), DeliverableId(2)]);
}

#[test]
fn a_run_is_overdue_once_its_days_of_the_calendar_have_passed() {
    let given = plan().and(
        lead(),
        define(
            "build",
            WorkflowDefinition {
                duration: "1 week".parse().ok(),
                ..words()
            },
        ),
    );
    let given = given.and(lead(), start("build"));
    let run = run(&given, 1);
    let begun = run.started_at.expect("it runs").0;
    let day = |days: i64, ms: i64| {
        let day = run
            .day(Timestamp(begun + days * DAY_MS + ms))
            .expect("it runs");
        (day.day, day.is_overdue())
    };
    assert_eq!(day(0, 0), (1, false));
    assert_eq!(day(7, -1), (7, false));
    assert_eq!(day(7, 0), (8, true));
}

#[test]
fn the_brief_tells_what_the_workflow_is_to_reach_and_claims_wait_for_none() {
    let given = with_work(WorkflowDefinition {
        objective: "Build it\nwith care".into(),
        inputs: vec![required("Spec")],
        ..words()
    });
    let given = given.and(lead(), start("build")).claimed("dev-1", "T-1");
    let brief = |given: &Given| {
        given
            .plan
            .brief(crate::plan::id::TaskId(1))
            .expect("a brief")
            .workflow
    };
    assert_eq!(status(&given, 1), WaitingInput);
    assert_eq!(brief(&given), "");
    let given = given.and(lead(), input("build", "Spec"));
    assert_eq!(brief(&given), "build: Build it");
}

#[test]
fn a_task_that_elicits_is_worked_on_once_its_question_is_answered() {
    let given = plan().phase("1").agent("dev-1", "developer");
    let given = given.then(
        lead(),
        Command::CreateTasks(vec![NewTask {
            title: "Connect the bank".to_owned(),
            elicit: "Which bank?".to_owned(),
            ..NewTask::default()
        }]),
        &["TasksAdded", "BlockerOpened"],
    );
    assert!(!given.is_ready("T-1"));
    let inbox = given.plan.inbox();
    assert_eq!(inbox[0].kind, WaitKind::Question);
    let blocker = crate::plan::id::BlockerId(1);
    let given = given.and(
        lead(),
        Command::ResolveBlocker {
            blocker,
            resolution: "The one round the corner".to_owned(),
            withdraw: false,
        },
    );
    let given = given.claimed("dev-1", "T-1");
    let brief = given
        .plan
        .brief(crate::plan::id::TaskId(1))
        .expect("a brief");
    assert_eq!(brief.answers[0].answer, "The one round the corner");
}

#[test]
fn a_setting_for_missing_agents_stands_at_waiting() {
    assert_eq!(Settings::default().staffing, Staffing::Refuse);
    let given = plan_with(Settings {
        staffing: Staffing::Warn,
        ..Settings::default()
    });
    let roles = vec![needs("qa", 1)];
    let given = given.and(
        lead(),
        define("build", WorkflowDefinition { roles, ..words() }),
    );
    let given = given.and(lead(), start("build"));
    assert_eq!(status(&given, 1), Running);
}

#[test]
fn an_agent_that_fell_silent_is_not_counted_until_it_comes_back() {
    let session = |another| Command::StartSession {
        scope: String::new(),
        model: String::new(),
        another,
    };
    let abandon = |id| Command::AbandonSession {
        session: SessionId(id),
    };
    let definition = WorkflowDefinition {
        roles: vec![needs("developer", 1)],
        ..words()
    };
    let given = plan()
        .agent("dev-1", "developer")
        .and(lead(), define("build", definition))
        .and(by("dev-1"), session(false))
        .and(by("dev-1"), session(true))
        .and(Actor::System, abandon(1));
    let one_open = given.clone().and(lead(), start("build"));
    assert_eq!(status(&one_open, 1), Running, "it works in another session");
    let silent = given.and(Actor::System, abandon(2));
    let waiting = silent.and(lead(), start("build"));
    assert_eq!(status(&waiting, 1), WaitingInput);
    let counted = &waiting.plan.staffing(run(&waiting, 1))[0];
    assert_eq!((counted.there, counted.silent), (0, 1));
    let back = waiting.then(
        by("dev-1"),
        session(false),
        &["SessionStarted", "WorkflowRunMoved"],
    );
    assert_eq!(status(&back, 1), Running);
}

#[test]
fn a_role_of_another_tier_than_the_workflow_asks_for_is_no_staff() {
    let tier = |tier: Option<u32>| Command::UpdateRole {
        role: "Dev".to_owned(),
        changes: RoleChanges {
            no_tier: tier.is_none(),
            tier,
            ..RoleChanges::default()
        },
    };
    let definition = WorkflowDefinition {
        tier: Some(3),
        roles: vec![needs("developer", 1)],
        ..words()
    };
    let given = plan()
        .agent("dev-1", "developer")
        .and(lead(), define("build", definition));
    let unsaid = given.clone().and(lead(), start("build"));
    assert_eq!(status(&unsaid, 1), Running, "nothing is said of the role");
    given.refuses(lead(), tier(Some(10_000)), Reason::InvalidField);
    given.refuses(lead(), tier(None), Reason::InvalidField);
    let other = given.then(lead(), tier(Some(2)), &["ProjectUpdated"]);
    let waiting = other.and(lead(), start("build"));
    assert_eq!(status(&waiting, 1), WaitingInput);
    assert_eq!(asked(&waiting), ["agent edit-role developer --tier 3"]);
    let fits = waiting.then(
        lead(),
        tier(Some(3)),
        &["ProjectUpdated", "WorkflowRunMoved"],
    );
    assert_eq!(status(&fits, 1), Running);
}
