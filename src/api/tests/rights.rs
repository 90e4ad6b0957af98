//! Who may call what, over the wire: rights are judged before anything is looked at.

use super::*;

fn get(project: &str, task: &str) -> wire::GetTaskRequest {
    wire::GetTaskRequest {
        project: project.to_owned(),
        task: task.to_owned(),
    }
}

#[tokio::test]
async fn without_a_good_token_nobody_gets_in() {
    let served = Served::start().await;
    let other = mint_token().unwrap().bearer;
    let cut = &served.coordinator[..served.coordinator.len() - 1];
    for token in ["", "secret", other.as_str(), cut] {
        check(
            served.tasks(token).get_task(get("", "T-1")).await,
            Code::Unauthenticated,
            "UNAUTHENTICATED",
        );
    }
}

#[tokio::test]
async fn a_wrong_kind_of_principal_is_refused_before_its_request_is_read() {
    let served = Served::start().await;
    served.import().await;
    let ops = served.register("", "ops-1", "devops").await;
    let observer = served
        .token(Principal::Observer {
            name: "eve".into(),
            project: None,
        })
        .await;
    for token in [&ops, &observer] {
        let outcome = served
            .tasks(token)
            .cancel_task(wire::CancelTaskRequest {
                project: "no-such".to_owned(),
                ..Default::default()
            })
            .await;
        check(outcome, Code::PermissionDenied, "NOT_ALLOWED");
    }
    let claim = wire::ClaimTaskRequest::default();
    let outcome = served
        .work(&served.coordinator)
        .claim_task(claim.clone())
        .await;
    check(outcome, Code::PermissionDenied, "NOT_ALLOWED");
    let outcome = served.work(&observer).claim_task(claim).await;
    check(outcome, Code::PermissionDenied, "NOT_ALLOWED");
    served
        .tasks(&observer)
        .get_task(get("", "T-1"))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_agent_sees_no_project_but_its_own() {
    let served = Served::start().await;
    served.import().await;
    let create = wire::CreateProjectRequest {
        name: "Bakery".to_owned(),
        ..Default::default()
    };
    let mut projects = served.projects(&served.coordinator);
    projects.create_project(create).await.unwrap();
    let baker = served.register("bakery", "baker", "developer").await;
    for project in ["corner-shop", "no-such", "_daemon"] {
        let outcome = served.tasks(&baker).get_task(get(project, "T-1")).await;
        check(outcome, Code::PermissionDenied, "NOT_ALLOWED");
    }
    let listed = served
        .projects(&baker)
        .list_projects(wire::ListProjectsRequest::default())
        .await
        .unwrap()
        .into_inner();
    let slugs: Vec<&str> = listed
        .projects
        .iter()
        .map(|one| one.slug.as_str())
        .collect();
    assert_eq!(slugs, ["bakery"]);
    let mut tasks = served.tasks(&served.coordinator);
    check(
        tasks.get_task(get("", "T-1")).await,
        Code::InvalidArgument,
        "INVALID_FIELD",
    );
    check(
        tasks.get_task(get("_daemon", "T-1")).await,
        Code::NotFound,
        "PROJECT_NOT_FOUND",
    );
}

#[tokio::test]
async fn an_agent_that_left_is_refused_at_once() {
    let served = Served::start().await;
    served.import().await;
    let ops = served.register("", "ops-1", "devops").await;
    served.claim(&ops).await;
    let retired = served
        .agents(&served.coordinator)
        .retire_agent(wire::RetireAgentRequest {
            agent: "ops-1".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner();
    assert!(retired.agent.expect("always").retired);
    let outcome = served.tasks(&ops).get_task(get("", "T-1")).await;
    check(outcome, Code::Unauthenticated, "UNAUTHENTICATED");
    let kept = served
        .token(Principal::Agent {
            name: "ops-1".into(),
            project: "corner-shop".into(),
        })
        .await;
    let outcome = served.tasks(&kept).get_task(get("", "T-1")).await;
    check(outcome, Code::PermissionDenied, "NOT_ALLOWED");
}

#[tokio::test]
async fn a_watch_ends_when_its_token_is_revoked() {
    let served = Served::start().await;
    served.import().await;
    let eve = served
        .token(Principal::Observer {
            name: "eve".into(),
            project: None,
        })
        .await;
    let (channel, bearer) = served.wired(&eve);
    let mut stream =
        wire::event_service_client::EventServiceClient::with_interceptor(channel, bearer)
            .watch_events(wire::WatchEventsRequest::default())
            .await
            .unwrap()
            .into_inner();
    stream.message().await.unwrap().expect("the import");
    let (channel, bearer) = served.wired(&served.coordinator);
    let mut admin =
        wire::admin_service_client::AdminServiceClient::with_interceptor(channel, bearer);
    let id = eve
        .split('_')
        .nth(1)
        .expect("muster_<id>_<secret>")
        .to_owned();
    let revoke = wire::RevokeTokenRequest {
        token: id,
        ..Default::default()
    };
    admin.revoke_token(revoke).await.unwrap();
    served.register("", "ops-1", "devops").await;
    let ended = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it ends with a reason"),
            Err(status) => break status,
        }
    };
    check::<()>(Err(ended), Code::Unauthenticated, "UNAUTHENTICATED");
}
