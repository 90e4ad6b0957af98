//! Plans that contradict themselves: unknown roles, names given twice, circles, what is not there.

use muster_proto::v1;
use tonic::{Code, Status};

use crate::api::refused;
use crate::crash::{add_plain_tasks, make_project};
use crate::daemon::Daemon;

fn a_yard() -> Daemon {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(
        &daemon,
        "yard",
        &["Lay the keel", "Raise the mast", "Set the sail"],
    );
    daemon
}

fn on_task(task: &str) -> v1::DependencyTarget {
    v1::DependencyTarget {
        on: Some(v1::dependency_target::On::Task(task.to_owned())),
    }
}

fn create(daemon: &Daemon, task: v1::NewTask) -> Result<v1::Task, Status> {
    let request = v1::CreateTaskRequest {
        task: Some(task),
        ..Default::default()
    };
    let answer = daemon.block_on(daemon.coordinator().tasks().create_task(request))?;
    Ok(answer.into_inner().task.expect("the task is answered"))
}

fn named(title: &str) -> v1::NewTask {
    v1::NewTask {
        title: title.to_owned(),
        ..Default::default()
    }
}

fn depend(daemon: &Daemon, task: &str, on: &str) -> Result<(), Status> {
    let request = v1::AddDependencyRequest {
        task: task.to_owned(),
        on: vec![on_task(on)],
        ..Default::default()
    };
    let mut tasks = daemon.coordinator().tasks();
    daemon.block_on(tasks.add_dependency(request)).map(drop)
}

#[test]
fn unknown_roles_names_and_tasks_are_refused_by_name() {
    let daemon = a_yard();
    let version = daemon.version("yard");
    let cases = [
        (
            v1::NewTask {
                role: "astrologer".to_owned(),
                ..named("Read the stars")
            },
            Code::InvalidArgument,
            "UNKNOWN_ROLE",
            "astrologer",
        ),
        (
            v1::NewTask {
                phase: "9".to_owned(),
                ..named("Nowhere")
            },
            Code::NotFound,
            "PHASE_NOT_FOUND",
            "9",
        ),
        (
            v1::NewTask {
                dependencies: vec![on_task("T-99")],
                ..named("After nothing")
            },
            Code::NotFound,
            "TASK_NOT_FOUND",
            "T-99",
        ),
        (
            v1::NewTask {
                external_id: "T-2".to_owned(),
                ..named("The second T-2")
            },
            Code::AlreadyExists,
            "ID_TAKEN",
            "T-2",
        ),
        (named(""), Code::InvalidArgument, "INVALID_FIELD", "title"),
        (
            named("  \n "),
            Code::InvalidArgument,
            "INVALID_FIELD",
            "title",
        ),
        (
            v1::NewTask {
                priority: Some(9),
                ..named("Most urgent of all")
            },
            Code::InvalidArgument,
            "INVALID_FIELD",
            "priority",
        ),
        (
            v1::NewTask {
                estimate: "a while".to_owned(),
                ..named("How long?")
            },
            Code::InvalidArgument,
            "INVALID_FIELD",
            "estimate",
        ),
    ];
    for (task, code, why, word) in cases {
        let title = task.title.clone();
        let status = refused(create(&daemon, task), code, why);
        assert!(format!("{status:?}").contains(word), "{title}: {status:?}");
    }
    let register = ["agent", "register", "ann", "--role", "astrologer", "--json"];
    let error = daemon.cli(&register).exits(2).error();
    assert_eq!(error["reason"], "UNKNOWN_ROLE");
    let error = daemon.cli(&["why", "T-99", "--json"]).exits(1).error();
    assert_eq!(error["reason"], "TASK_NOT_FOUND");
    assert_eq!(daemon.version("yard"), version, "nothing changed");
    daemon.finish();
}

#[test]
fn an_authored_id_is_an_alias_and_is_given_once() {
    let daemon = a_yard();
    let task = v1::NewTask {
        external_id: "SAIL-01".to_owned(),
        ..named("Mend the sail")
    };
    let made = create(&daemon, task.clone()).expect("the task is added");
    let shown = daemon.cli(&["why", "sail-01", "--json"]).exits(0).json();
    assert_eq!(shown["ready"], true, "{shown:#}");
    let version = daemon.version("yard");
    refused(create(&daemon, task), Code::AlreadyExists, "ID_TAKEN");
    assert_eq!(daemon.version("yard"), version);

    let written = create(
        &daemon,
        v1::NewTask {
            external_id: "T-21".to_owned(),
            ..named("Far on")
        },
    );
    assert_eq!(written.expect("the task is added").id, "T-21");
    let next = create(&daemon, named("After it")).expect("the task is added");
    assert_eq!(next.id, "T-22", "the counter goes on after the highest");
    assert_ne!(made.id, next.id);
    daemon.finish();
}

#[test]
fn a_circle_is_refused_with_its_path() {
    let daemon = a_yard();
    depend(&daemon, "T-2", "T-1").expect("T-2 waits for T-1");
    depend(&daemon, "T-3", "T-2").expect("T-3 waits for T-2");
    let version = daemon.version("yard");
    let status = refused(
        depend(&daemon, "T-1", "T-3"),
        Code::FailedPrecondition,
        "CYCLE",
    );
    let all = format!("{status:?}");
    for id in ["T-1", "T-2", "T-3"] {
        assert!(
            status.message().contains(id) || all.contains(id),
            "{id} is named: {status:?}"
        );
    }
    let itself = depend(&daemon, "T-1", "T-1").expect_err("a task does not wait for itself");
    assert!(matches!(
        itself.code(),
        Code::FailedPrecondition | Code::InvalidArgument
    ));
    refused(
        depend(&daemon, "T-2", "T-1"),
        Code::AlreadyExists,
        "DEPENDENCY_EXISTS",
    );
    assert_eq!(daemon.version("yard"), version);
    daemon.finish();
}

#[test]
fn an_earlier_phases_task_cannot_wait_for_a_later_phase() {
    let daemon = a_yard();
    let mut phases = daemon.coordinator().phases();
    let phase = v1::CreatePhaseRequest {
        id: "2".to_owned(),
        name: "Sea".to_owned(),
        ..Default::default()
    };
    daemon
        .block_on(phases.create_phase(phase))
        .expect("the phase is made");
    let later = v1::NewTask {
        phase: "2".to_owned(),
        ..named("Sail around")
    };
    let later = create(&daemon, later).expect("the task is added").id;
    let version = daemon.version("yard");
    let status = refused(
        depend(&daemon, "T-1", &later),
        Code::FailedPrecondition,
        "CYCLE",
    );
    assert!(format!("{status:?}").contains(&later), "{status:?}");
    assert_eq!(daemon.version("yard"), version);
    daemon.finish();
}

#[test]
fn a_stale_revision_is_refused_so_that_nobodys_edit_is_lost() {
    let daemon = a_yard();
    let mut tasks = daemon.coordinator().tasks();
    let edit = |title: &str, revision: u64| v1::UpdateTaskRequest {
        task: "T-1".to_owned(),
        edit: Some(v1::TaskEdit {
            title: title.to_owned(),
            ..Default::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["title".to_owned()],
        }),
        revision,
        ..Default::default()
    };
    let first = daemon.block_on(tasks.update_task(edit("Lay the long keel", 0)));
    let revision = first
        .expect("it is changed")
        .into_inner()
        .task
        .unwrap()
        .revision;
    let version = daemon.version("yard");
    let late = daemon.block_on(tasks.update_task(edit("Lay no keel", revision - 1)));
    refused(late, Code::Aborted, "VERSION_CONFLICT");
    let masked = v1::UpdateTaskRequest {
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["colour".to_owned()],
        }),
        ..edit("x", 0)
    };
    let unknown = daemon.block_on(tasks.update_task(masked));
    assert_eq!(
        unknown.expect_err("no such field").code(),
        Code::InvalidArgument
    );
    assert_eq!(daemon.version("yard"), version);
    daemon.finish();
}
