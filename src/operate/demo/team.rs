//! Sets the demo's project up over the interface: the plan, the agents with a token each, an observer's
//! token for the view.

use std::net::SocketAddr;

use muster_proto::v1 as wire;
use tonic::Status;

use super::agent::{Agent, Day};
use super::pace::Pace;
use super::plan::{Member, PLAN, PLAN_NAME, TEAM};
use crate::cli::Failure;
use crate::operate::failure::failure;
use crate::operate::wire::{Wire, refused, request_id};

/// The project as the import made it.
pub(super) struct Project {
    pub(super) slug: String,
    pub(super) first_phase: String,
}

/// A member with its bearer token.
pub(super) struct Hired {
    member: Member,
    token: String,
}

/// Imports the example plan.
pub(super) async fn import_plan(chief: &Wire) -> Result<Project, Failure> {
    let request = wire::ImportPlanRequest {
        request_id: request_id()?,
        file_name: PLAN_NAME.to_owned(),
        content: PLAN.into(),
        ..Default::default()
    };
    let imported = chief.projects().import_plan(request).await;
    let imported = imported
        .map_err(|status| no("ImportPlan", &status))?
        .into_inner();
    let listed = chief
        .phases()
        .list_phases(wire::ListPhasesRequest::default())
        .await;
    let listed = listed.map_err(|status| no("ListPhases", &status))?;
    let first = listed.into_inner().phases.into_iter().next();
    Ok(Project {
        slug: imported.project,
        first_phase: first.map_or_else(String::new, |phase| phase.id),
    })
}

/// Registers every member of the team.
pub(super) async fn hire(chief: &Wire) -> Result<Vec<Hired>, Failure> {
    let mut hired = Vec::new();
    for member in TEAM {
        let request = wire::RegisterAgentRequest {
            request_id: request_id()?,
            name: member.name.to_owned(),
            roles: vec![member.role.to_owned()],
            model: "demo".to_owned(),
            ..Default::default()
        };
        let registered = chief.agents().register_agent(request).await;
        let registered = registered.map_err(|status| no("RegisterAgent", &status))?;
        hired.push(Hired {
            member,
            token: registered.into_inner().token,
        });
    }
    Ok(hired)
}

/// A token that may read everything and change nothing.
pub(super) async fn observer_token(chief: &Wire) -> Result<String, Failure> {
    let request = wire::CreateTokenRequest {
        request_id: request_id()?,
        kind: wire::PrincipalKind::Observer.into(),
        name: "screen".to_owned(),
        ..Default::default()
    };
    let created = chief.admin().create_token(request).await;
    Ok(created
        .map_err(|status| no("CreateToken", &status))?
        .into_inner()
        .token)
}

/// The project's newest version.
pub(super) async fn version(chief: &Wire) -> Result<u64, Failure> {
    let found = chief
        .projects()
        .get_project(wire::GetProjectRequest::default())
        .await;
    let found = found.map_err(|status| no("GetProject", &status))?;
    let project = found.into_inner().project;
    project
        .map(|project| project.version)
        .ok_or_else(|| failure("EMPTY_ANSWER", "GetProject was answered with nothing"))
}

/// An agent's whole life: its own connection, its own token, its work.
pub(super) async fn work(
    hired: Hired,
    address: SocketAddr,
    pace: Pace,
    first_phase: String,
) -> Result<Day, Failure> {
    let wire = Wire::open(address, &hired.token).await?;
    Agent::new(hired.member, wire, pace, first_phase)
        .run()
        .await
}

fn no(what: &str, status: &Status) -> Failure {
    refused("the coordinator", what, status)
}
