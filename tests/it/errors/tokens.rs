//! Tokens that are absent, wrong, revoked, or somebody else's kind.

use muster_proto::v1;
use tonic::{Code, Status};

use crate::api::{Caller, refused};
use crate::crash::{add_plain_tasks, make_project, register};
use crate::daemon::Daemon;

async fn look(caller: &Caller) -> Result<(), Status> {
    let request = v1::ListTasksRequest::default();
    caller.tasks().list_tasks(request).await.map(drop)
}

async fn pause(caller: &Caller) -> Result<(), Status> {
    let request = v1::PauseProjectRequest::default();
    caller.projects().pause_project(request).await.map(drop)
}

async fn take(caller: &Caller) -> Result<(), Status> {
    let request = v1::ClaimTaskRequest::default();
    caller.work().claim_task(request).await.map(drop)
}

fn create_token(daemon: &Daemon, kind: v1::PrincipalKind, name: &str) -> v1::CreateTokenResponse {
    let project = match kind {
        v1::PrincipalKind::Coordinator => String::new(),
        _ => "yard".to_owned(),
    };
    let request = v1::CreateTokenRequest {
        project,
        request_id: String::new(),
        kind: kind as i32,
        name: name.to_owned(),
    };
    let answer = daemon.block_on(daemon.coordinator().admin().create_token(request));
    answer.expect("a token is issued").into_inner()
}

fn a_yard() -> Daemon {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 60_000);
    add_plain_tasks(&daemon, "yard", &["Lay the keel"]);
    daemon
}

#[test]
fn without_a_good_token_nothing_is_answered() {
    let daemon = a_yard();
    let version = daemon.version("yard");
    let good = daemon.coordinator_token();
    let cut = good[..good.len() - 1].to_owned();
    let wrong = [
        None,
        Some(String::new()),
        Some("muster_".to_owned()),
        Some("not a token".to_owned()),
        Some(cut),
        Some(format!("{good}0")),
        Some("x".repeat(4_000)),
    ];
    for token in &wrong {
        let caller = daemon.caller(token.as_deref());
        for outcome in [
            daemon.block_on(look(&caller)),
            daemon.block_on(pause(&caller)),
            daemon.block_on(take(&caller)),
        ] {
            refused(outcome, Code::Unauthenticated, "UNAUTHENTICATED");
        }
    }
    for token in ["", "muster_aaaaaaaaaaaa_bbbb"] {
        daemon
            .cli_with(token, &["task", "list", "--json"])
            .exits(7)
            .error();
    }
    assert_eq!(daemon.version("yard"), version);
    daemon.finish();
}

#[test]
fn a_revoked_token_is_refused_at_once_and_after_a_restart() {
    let mut daemon = a_yard();
    let issued = create_token(&daemon, v1::PrincipalKind::Observer, "eve");
    let id = issued.info.expect("what is kept is answered").id;
    let caller = daemon.caller(Some(&issued.token));
    daemon.block_on(look(&caller)).expect("the token is good");
    let request = v1::RevokeTokenRequest {
        request_id: String::new(),
        token: id.clone(),
        reason: "lost".to_owned(),
    };
    let revoked = daemon.block_on(daemon.coordinator().admin().revoke_token(request));
    assert!(
        revoked
            .expect("it is revoked")
            .into_inner()
            .info
            .unwrap()
            .revoked_at
            .is_some()
    );
    // The connection stays open; the token counts with every call.
    refused(
        daemon.block_on(look(&caller)),
        Code::Unauthenticated,
        "UNAUTHENTICATED",
    );
    daemon.kill9();
    daemon.launch();
    let caller = daemon.caller(Some(&issued.token));
    refused(
        daemon.block_on(look(&caller)),
        Code::Unauthenticated,
        "UNAUTHENTICATED",
    );

    let list = v1::ListTokensRequest {
        include_revoked: true,
        ..Default::default()
    };
    let tokens = daemon.block_on(daemon.coordinator().admin().list_tokens(list));
    let tokens = tokens.expect("tokens are listed").into_inner().tokens;
    assert!(
        tokens
            .iter()
            .any(|token| token.id == id && token.revoked_at.is_some())
    );
    let secret = issued.token.rsplit('_').next().unwrap();
    assert!(
        !format!("{tokens:?}").contains(secret),
        "a secret is never shown again"
    );
    daemon.finish();
}

#[test]
fn nobody_does_what_is_anothers_work() {
    let daemon = a_yard();
    let agent = daemon.caller(Some(&register(&daemon, "yard", "ann").token));
    let eve = create_token(&daemon, v1::PrincipalKind::Observer, "eve").token;
    let observer = daemon.caller(Some(&eve));
    let coordinator = daemon.coordinator();
    let version = daemon.version("yard");
    for (who, outcome) in [
        ("an agent pauses", daemon.block_on(pause(&agent))),
        ("an observer pauses", daemon.block_on(pause(&observer))),
        ("an observer claims", daemon.block_on(take(&observer))),
        ("a coordinator claims", daemon.block_on(take(&coordinator))),
    ] {
        println!("{who}");
        refused(outcome, Code::PermissionDenied, "NOT_ALLOWED");
    }
    daemon.block_on(look(&observer)).expect("an observer reads");
    daemon.block_on(look(&agent)).expect("an agent reads");
    assert_eq!(daemon.version("yard"), version);
    daemon.finish();
}

#[test]
fn an_agent_sees_its_own_project_alone() {
    let daemon = a_yard();
    make_project(&daemon, "mill", 1_000, 60_000);
    let agent = daemon.caller(Some(&register(&daemon, "yard", "ann").token));
    let list = daemon.block_on(
        agent
            .projects()
            .list_projects(v1::ListProjectsRequest::default()),
    );
    let slugs: Vec<String> = list
        .expect("projects are listed")
        .into_inner()
        .projects
        .into_iter()
        .map(|project| project.slug)
        .collect();
    assert_eq!(slugs, ["yard"]);
    for project in ["mill", "_daemon", "nowhere"] {
        let request = v1::ListTasksRequest {
            project: project.to_owned(),
            ..Default::default()
        };
        let status = daemon.block_on(agent.tasks().list_tasks(request));
        let code = status.expect_err("another project is not shown").code();
        assert!(
            matches!(code, Code::PermissionDenied | Code::NotFound),
            "{project}: {code:?}"
        );
    }
    daemon.finish();
}

#[test]
fn a_retired_agents_token_is_good_for_nothing() {
    let daemon = a_yard();
    let ann = register(&daemon, "yard", "ann");
    let caller = daemon.caller(Some(&ann.token));
    daemon.block_on(take(&caller)).expect("it works");
    daemon
        .cli(&["agent", "retire", "ann", "--json"])
        .exits(0)
        .json();
    let code = daemon.block_on(look(&caller)).expect_err("it left").code();
    assert!(
        matches!(code, Code::PermissionDenied | Code::Unauthenticated),
        "{code:?}"
    );
    // What it held is free again.
    let bob = daemon.caller(Some(&register(&daemon, "yard", "bob").token));
    daemon.block_on(take(&bob)).expect("the claim is answered");
    let list = v1::ListTasksRequest {
        agent: "bob".to_owned(),
        ..Default::default()
    };
    let held = daemon
        .block_on(bob.tasks().list_tasks(list))
        .expect("tasks are listed");
    assert_eq!(held.into_inner().tasks.len(), 1);
    daemon.finish();
}
