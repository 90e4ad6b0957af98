//! The life of a plan over the wire: import, claim, complete, and what a late holder is told.

use super::*;
use wire::claim_task_response::Outcome;

#[tokio::test]
async fn a_plan_is_imported_worked_and_reported() {
    let served = Served::start().await;
    let imported = served.import().await;
    assert_eq!(imported.project, "corner-shop");
    assert!(imported.changed && imported.created && !imported.dry_run);
    let counts = imported.counts.expect("always");
    assert_eq!(
        (counts.phases, counts.tasks, counts.dependencies),
        (2, 3, 1)
    );

    let ops = served.register("", "ops-1", "devops").await;
    let claim = served.claim(&ops).await;
    let task = claim.task.expect("always");
    assert_eq!(
        (task.id.as_str(), task.phase_name.as_str()),
        ("T-1", "Base")
    );
    assert_eq!(task.status(), wire::TaskStatus::InProgress);
    assert_eq!(task.holder.expect("it is held").fence, claim.fence);
    assert_eq!(claim.brief.expect("always").title, "Set up the repository");

    let done = served
        .work(&ops)
        .complete_task(wire::CompleteTaskRequest {
            task: task.id,
            fence: claim.fence,
            summary: "It is there".to_owned(),
            verification: "cloned it".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (done.unblocked.clone(), done.unblocked_total),
        (vec!["T-2".to_owned()], 1)
    );

    let repeated = served
        .work(&ops)
        .complete_task(wire::CompleteTaskRequest {
            task: "T-1".to_owned(),
            fence: claim.fence,
            summary: "It is there".to_owned(),
            verification: "cloned it".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        repeated, done,
        "the fence that completed it is answered again"
    );

    let (channel, bearer) = served.wired(&ops);
    let mut ceremonies =
        wire::ceremony_service_client::CeremonyServiceClient::with_interceptor(channel, bearer);
    let standup = ceremonies
        .get_standup(wire::GetStandupRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert!(
        standup.markdown.contains("Set up the repository"),
        "{}",
        standup.markdown
    );
    let report = ceremonies
        .generate_report(wire::GenerateReportRequest {
            kind: wire::ReportKind::Blockers.into(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert!(report.data_json.starts_with('{'));
}

#[tokio::test]
async fn the_same_file_changes_nothing_and_another_of_its_name_is_refused() {
    let served = Served::start().await;
    let mut projects = served.projects(&served.coordinator);
    let dry = projects
        .import_plan(wire::ImportPlanRequest {
            dry_run: true,
            ..plan_file("shop.md", PLAN)
        })
        .await
        .unwrap()
        .into_inner();
    assert!(dry.dry_run && dry.changed && dry.created);
    assert!(
        served.handle.projects().is_empty(),
        "a dry run records nothing"
    );

    let first = served.import().await;
    assert_eq!((&first.project, &first.counts), (&dry.project, &dry.counts));
    assert_eq!(first.diagnostics, dry.diagnostics);
    let again = served.import().await;
    assert!(!again.changed && !again.created);
    assert_eq!((again.project, again.counts), (first.project, first.counts));

    let other = PLAN.replace("Write the catalogue", "Print the catalogue");
    check(
        projects.import_plan(plan_file("shop.md", &other)).await,
        Code::FailedPrecondition,
        "SOURCE_CHANGED",
    );
    let beside = projects
        .import_plan(plan_file("other.md", &other))
        .await
        .unwrap();
    assert_eq!(beside.into_inner().project, "corner-shop-2");
}

#[tokio::test]
async fn a_late_holder_is_told_that_its_lease_is_lost() {
    let served = Served::start().await;
    served.import().await;
    let ops = served.register("", "ops-1", "devops").await;
    let first = served.claim(&ops).await;
    served
        .work(&ops)
        .claim_task(wire::ClaimTaskRequest {
            resume: true,
            ..Default::default()
        })
        .await
        .unwrap();
    let progress = |fence| wire::ReportProgressRequest {
        task: "T-1".to_owned(),
        fence,
        note: "half".to_owned(),
        ..Default::default()
    };
    let mut work = served.work(&ops);
    check(
        work.report_progress(progress(first.fence)).await,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    check(
        work.report_progress(progress(first.fence + 100)).await,
        Code::FailedPrecondition,
        "LEASE_LOST",
    );
    check(
        work.report_progress(progress(0)).await,
        Code::InvalidArgument,
        "INVALID_FIELD",
    );
    let other = served.register("", "ops-2", "devops").await;
    let shown = served
        .tasks(&other)
        .get_task(wire::GetTaskRequest {
            task: "T-1".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    let holder = shown.task.and_then(|task| task.holder).expect("it is held");
    assert_eq!((holder.agent.as_str(), holder.fence), ("ops-1", 0));
}

#[tokio::test]
async fn a_repeated_request_is_answered_again_and_another_body_is_refused() {
    let served = Served::start().await;
    served.import().await;
    let ops = served.register("", "ops-1", "devops").await;
    let request = |title: &str| wire::ReportDiscoveredRequest {
        request_id: "r-1".to_owned(),
        title: title.to_owned(),
        ..Default::default()
    };
    let mut work = served.work(&ops);
    let first = work
        .report_discovered(request("a leak"))
        .await
        .unwrap()
        .into_inner();
    let again = work
        .report_discovered(request("a leak"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    check(
        work.report_discovered(request("another")).await,
        Code::InvalidArgument,
        "REQUEST_ID_REUSED",
    );
}

#[tokio::test]
async fn a_request_id_is_not_taken_for_another_method_whose_words_are_the_same() {
    let served = Served::start().await;
    served.import().await;
    let mut projects = served.projects(&served.coordinator);
    let (project, request_id, reason) = ("corner-shop", "r-1", "enough");
    let pause = wire::PauseProjectRequest {
        project: project.to_owned(),
        request_id: request_id.to_owned(),
        reason: reason.to_owned(),
    };
    let archive = wire::ArchiveProjectRequest {
        project: project.to_owned(),
        request_id: request_id.to_owned(),
        reason: reason.to_owned(),
    };
    projects.pause_project(pause.clone()).await.unwrap();
    check(
        projects.archive_project(archive).await,
        Code::InvalidArgument,
        "REQUEST_ID_REUSED",
    );
    projects.pause_project(pause).await.unwrap();
}

#[tokio::test]
async fn a_repeated_import_and_a_repeated_registration_tell_what_happened_the_first_time() {
    let served = Served::start().await;
    let import = || wire::ImportPlanRequest {
        request_id: "import-1".to_owned(),
        ..plan_file("shop.md", PLAN)
    };
    let mut projects = served.projects(&served.coordinator);
    let first = projects.import_plan(import()).await.unwrap().into_inner();
    let again = projects.import_plan(import()).await.unwrap().into_inner();
    assert_eq!(first, again);

    let register = || wire::RegisterAgentRequest {
        request_id: "register-1".to_owned(),
        name: "ops-1".to_owned(),
        roles: vec!["devops".to_owned()],
        ..Default::default()
    };
    let mut agents = served.agents(&served.coordinator);
    let first = agents
        .register_agent(register())
        .await
        .unwrap()
        .into_inner();
    let again = agents
        .register_agent(register())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.agent, again.agent);
    assert!(
        !first.token.is_empty() && again.token.is_empty(),
        "a secret is shown once"
    );
}

#[tokio::test]
async fn a_repeated_creation_makes_no_second_project() {
    let served = Served::start().await;
    let create = |request_id: &str| wire::CreateProjectRequest {
        request_id: request_id.to_owned(),
        name: "Bakery".to_owned(),
        ..Default::default()
    };
    let mut projects = served.projects(&served.coordinator);
    let mut slugs = Vec::new();
    for request_id in ["", "c-1", "c-1", "c-2", ""] {
        let made = projects.create_project(create(request_id)).await.unwrap();
        slugs.push(made.into_inner().project.expect("always").slug);
    }
    let expected = ["bakery", "bakery-2", "bakery-2", "bakery-3", "bakery-4"];
    assert_eq!(slugs, expected);
    let named = wire::CreateProjectRequest {
        slug: "bakery".to_owned(),
        ..create("")
    };
    check(
        projects.create_project(named).await,
        Code::AlreadyExists,
        "PROJECT_EXISTS",
    );
}

#[tokio::test]
async fn an_empty_claim_is_an_answer_and_a_waiting_one_is_served() {
    let served = Served::start().await;
    served.import().await;
    let ops = served.register("", "ops-1", "devops").await;
    let dev = served.register("", "dev-1", "developer").await;
    let claim = |wait_ms| wire::ClaimTaskRequest {
        wait_ms,
        ..Default::default()
    };
    let empty = served
        .work(&dev)
        .claim_task(claim(0))
        .await
        .unwrap()
        .into_inner();
    let Some(Outcome::Nothing(nothing)) = empty.outcome else {
        panic!("nothing is ready for a developer");
    };
    assert_ne!(nothing.reason(), wire::NothingReason::Unspecified);
    assert!(!nothing.message.is_empty() && nothing.retry_after_ms > 0);

    let mut waiting = served.work(&dev);
    let waiting = tokio::spawn(async move { waiting.claim_task(claim(20_000)).await });
    let held = served.claim(&ops).await;
    let done = wire::CompleteTaskRequest {
        task: "T-1".to_owned(),
        fence: held.fence,
        summary: "done".to_owned(),
        verification: "seen".to_owned(),
        ..Default::default()
    };
    served.work(&ops).complete_task(done).await.unwrap();
    let answer = waiting.await.unwrap().unwrap().into_inner();
    let Some(Outcome::Claim(claim)) = answer.outcome else {
        panic!("the task that became ready goes to the one that waits");
    };
    assert_eq!(claim.task.expect("always").id, "T-2");
}

#[tokio::test]
async fn a_watch_yields_every_event_once_and_ends_with_its_caller() {
    let served = Served::start().await;
    served.import().await;
    let (channel, bearer) = served.wired(&served.coordinator);
    let mut events =
        wire::event_service_client::EventServiceClient::with_interceptor(channel, bearer);
    let mut stream = events
        .watch_events(wire::WatchEventsRequest::default())
        .await
        .unwrap()
        .into_inner();
    served.register("", "ops-1", "devops").await;
    let mut seen = Vec::new();
    while !seen.iter().any(|(_, kind)| kind == "AgentRegistered") {
        let message = stream.message().await.unwrap().expect("it goes on");
        seen.extend(
            message
                .events
                .into_iter()
                .map(|event| (event.version, event.r#type)),
        );
    }
    let versions: Vec<u64> = seen.iter().map(|(version, _)| *version).collect();
    let last = *versions.last().expect("some");
    assert_eq!(versions, (1..=last).collect::<Vec<u64>>());

    let listed = events
        .list_events(wire::ListEventsRequest {
            page_size: 2,
            newest: true,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    let newest: Vec<u64> = listed.events.iter().map(|event| event.version).collect();
    assert_eq!(newest, [last - 1, last]);
}

#[tokio::test]
async fn pages_of_a_list_give_every_task_in_plan_order() {
    let served = Served::start().await;
    served.import().await;
    let mut tasks = served.tasks(&served.coordinator);
    let mut token = String::new();
    let mut ids = Vec::new();
    loop {
        let page = tasks
            .list_tasks(wire::ListTasksRequest {
                page_size: 1,
                page_token: token,
                ..Default::default()
            })
            .await
            .unwrap()
            .into_inner();
        ids.extend(page.tasks.into_iter().map(|task| task.id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(ids, ["T-1", "T-2", "T-3"]);
    let explained = tasks
        .explain_task(wire::ExplainTaskRequest {
            task: "T-2".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert!(!explained.ready);
    assert_eq!(explained.reasons[0].code, "DEPENDENCY_UNMET");
}
