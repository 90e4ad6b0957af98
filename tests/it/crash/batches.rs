//! Changes of many parts: over a crash a batch and a plan file are there whole or not at all, and once.

use std::time::Duration;

use muster_proto::v1;

use super::fleet::{make_project, port_apart};
use super::random::Random;
use crate::daemon::Daemon;

const BATCH: u32 = 400;
const ROUNDS: u32 = 5;

pub fn count(daemon: &Daemon, project: &str) -> u32 {
    let request = v1::GetProjectRequest {
        project: project.to_owned(),
        ..v1::GetProjectRequest::default()
    };
    let answer = daemon.block_on(daemon.coordinator().projects().get_project(request));
    let project = answer.expect("the project is there").into_inner().project;
    let tally = project.and_then(|project| project.tally);
    tally.expect("a tally is answered").planned
}

#[test]
fn a_batch_is_there_whole_or_not_at_all_and_once() {
    let mut random = Random::from_seed_of_the_run();
    let listen = format!("127.0.0.1:{}", port_apart(&mut random));
    let mut daemon = Daemon::start_with(&["--listen", &listen]);
    make_project(&daemon, "yard", 1_000, 60_000);
    let phase = v1::CreatePhaseRequest {
        id: "1".to_owned(),
        name: "Work".to_owned(),
        ..v1::CreatePhaseRequest::default()
    };
    let mut phases = daemon.coordinator().phases();
    daemon
        .block_on(phases.create_phase(phase))
        .expect("the phase is made");
    for round in 1..=ROUNDS {
        let tasks = (0..BATCH).map(|number| v1::NewTask {
            title: format!("Plank {number} of round {round}"),
            ..v1::NewTask::default()
        });
        let request = v1::BatchCreateTasksRequest {
            project: "yard".to_owned(),
            request_id: format!("round-{round}"),
            tasks: tasks.collect(),
        };
        let mut service = daemon.coordinator().tasks();
        let sent = request.clone();
        let sending = daemon.spawn(async move { service.batch_create_tasks(sent).await });
        std::thread::sleep(Duration::from_millis(random.below(60)));
        daemon.kill9();
        let told = daemon
            .block_on(sending)
            .expect("the call does not fail by itself");
        daemon.launch();

        let there = count(&daemon, "yard");
        let (before, after) = ((round - 1) * BATCH, round * BATCH);
        assert!(
            there == before || there == after,
            "{there} in round {round}"
        );
        assert!(
            told.is_err() || there == after,
            "what was acknowledged is gone"
        );
        let mut service = daemon.coordinator().tasks();
        let again = daemon.block_on(service.batch_create_tasks(request));
        let again = again.expect("the repeat is answered").into_inner().tasks;
        assert_eq!(again.len(), BATCH as usize);
        assert_eq!(count(&daemon, "yard"), after, "a repeat adds nothing");
    }
    daemon.finish();
}

#[test]
fn a_plan_file_is_taken_in_whole_or_not_at_all() {
    let mut random = Random::from_seed_of_the_run();
    let listen = format!("127.0.0.1:{}", port_apart(&mut random));
    let mut daemon = Daemon::start_with(&["--listen", &listen]);
    let mut text = String::from("**Project:** Long walk\n\n## Phase 1: Many\n\n");
    for number in 1..=BATCH {
        text.push_str(&format!("- [ ] Step {number}\n"));
    }
    let request = v1::ImportPlanRequest {
        file_name: "walk.md".to_owned(),
        content: text.into_bytes().into(),
        ..v1::ImportPlanRequest::default()
    };
    let mut service = daemon.coordinator().projects();
    let sent = request.clone();
    let sending = daemon.spawn(async move { service.import_plan(sent).await });
    std::thread::sleep(Duration::from_millis(random.below(60)));
    daemon.kill9();
    let told = daemon
        .block_on(sending)
        .expect("the call does not fail by itself");
    daemon.launch();

    let mut projects = daemon.coordinator().projects();
    let list = daemon.block_on(projects.list_projects(v1::ListProjectsRequest::default()));
    let there = list.expect("projects are listed").into_inner().projects;
    if let [project] = &there[..] {
        assert_eq!(count(&daemon, &project.slug), BATCH);
    } else {
        assert!(there.is_empty() && told.is_err(), "{there:?}");
    }
    let again = daemon.block_on(projects.import_plan(request));
    let again = again.expect("the file is taken in").into_inner();
    assert_eq!(again.changed, there.is_empty());
    assert_eq!(count(&daemon, &again.project), BATCH);
    daemon.finish();
}
