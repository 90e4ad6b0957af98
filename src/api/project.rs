//! Projects as a whole: making, changing and pausing them, and what waits for a person.

use muster_proto::v1 as wire;
use tonic::{Code, Request, Response, Status};

use super::access::Caller;
use super::as_of::let_go;
use super::call::{Call, InProject, caller_of, key_of, only};
use super::validate::{bad, mask, required};
use super::{Api, board, forecast, import, settings, status, views};
use crate::engine::{Answer, Step};
use crate::interchange::template;
use crate::plan::fact::RequestKey;
use crate::plan::model::Project;
use crate::plan::settings::Settings;
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, policy};
use crate::report::sprint;

const SLUG_LENGTH_MAX: usize = 64;
/// Remarks about the plan as it stands, in one list of diagnostics.
const REMARKS_MAX: usize = 1_000;
const INBOX_LISTED_MAX: usize = 1_000;
/// Slugs tried for a name that others have too.
const SLUGS_TRIED_MAX: usize = 10_000;

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl wire::project_service_server::ProjectService for Api {
    async fn create_project(
        &self,
        request: Request<wire::CreateProjectRequest>,
    ) -> Answered<wire::CreateProjectResponse> {
        let caller = caller_of(&request)?;
        let body = request.into_inner();
        let key = key_of(&body, &body.request_id)?;
        let name = required("name", body.name)?;
        let template = match body.template.trim() {
            "" => None,
            name => Some(template::find(name).map_err(|refusal| status::refused(&refusal))?),
        };
        let defaults = match template {
            Some(template) => template
                .settings(&self.options.defaults)
                .map_err(|refusal| status::refused(&refusal))?,
            None => self.options.defaults.clone(),
        };
        let settings = settings::over_defaults(&defaults, body.settings.as_ref())?;
        let content = template.map_or_else(Vec::new, |template| template.commands());
        let create = |slug: &str| {
            let create = Command::CreateProject {
                slug: slug.to_owned(),
                name: name.clone(),
                description: body.description.clone(),
                settings: Box::new(settings.clone()),
                draft: body.draft,
            };
            let schedules = self.usual_schedules();
            let commands = std::iter::once(create).chain(content.iter().cloned());
            let commands = commands.chain(schedules);
            let steps = commands.map(|command| Step {
                project: slug.to_owned(),
                command,
            });
            steps.collect::<Vec<Step>>()
        };
        let (slug, answer) = match body.slug.as_str() {
            "" => self.create_named(&caller, key, &name, create).await?,
            written if slug_of(written) == written => {
                let answers = self.submit_steps(&caller, key, create(written)).await?;
                (written.to_owned(), only(answers)?)
            }
            _ => {
                return Err(bad(
                    "slug",
                    format!("must be a-z, 0-9 and hyphens, at most {SLUG_LENGTH_MAX}"),
                ));
            }
        };
        let project = self.view(&slug, &answer.plan, &caller).project();
        Ok(Response::new(wire::CreateProjectResponse { project }))
    }

    async fn list_templates(
        &self,
        request: Request<wire::ListTemplatesRequest>,
    ) -> Answered<wire::ListTemplatesResponse> {
        caller_of(&request)?;
        let templates = template::TEMPLATES.iter().map(views::template).collect();
        Ok(Response::new(wire::ListTemplatesResponse { templates }))
    }

    async fn get_project(
        &self,
        request: Request<wire::GetProjectRequest>,
    ) -> Answered<wire::GetProjectResponse> {
        let (call, as_of) = self.open_as_of(request).await?;
        let project = self.view(&call.project, &call.plan, &call.caller).project();
        let_go(call.plan, as_of);
        let project = match project {
            Some(project) => Some(self.stamped(&call.project, project).await?),
            None => None,
        };
        Ok(Response::new(wire::GetProjectResponse { project }))
    }

    async fn list_projects(
        &self,
        request: Request<wire::ListProjectsRequest>,
    ) -> Answered<wire::ListProjectsResponse> {
        let caller = caller_of(&request)?;
        let body = request.into_inner();
        let page = self.page("projects", body.page_size, &body.page_token)?;
        let mut slugs = self.engine.projects();
        slugs.sort();
        let rest = slugs
            .into_iter()
            .filter(|slug| page.after.as_ref().is_none_or(|after| slug > after))
            .filter(|slug| {
                let own = caller.project.as_deref();
                own.is_none_or(|own| own == slug)
            });
        let (projects, next_page_token) = page.fill(rest, Clone::clone, |slug| {
            let plan = self.engine.plan(&slug);
            plan.and_then(|plan| self.view(&slug, &plan, &caller).project())
                .unwrap_or_default()
        });
        Ok(Response::new(wire::ListProjectsResponse {
            projects,
            next_page_token,
        }))
    }

    async fn update_project(
        &self,
        request: Request<wire::UpdateProjectRequest>,
    ) -> Answered<wire::UpdateProjectResponse> {
        let call = self.open(request)?;
        let before = call.plan.project().map(|project| &project.settings);
        let command = update(&call.body, before.unwrap_or(&self.options.defaults))?;
        let answer = self.submit(&call, command).await?;
        let project = self.project_after(&call, &answer);
        Ok(Response::new(wire::UpdateProjectResponse { project }))
    }

    async fn pause_project(
        &self,
        request: Request<wire::PauseProjectRequest>,
    ) -> Answered<wire::PauseProjectResponse> {
        let call = self.open(request)?;
        let reason = call.body.reason.clone();
        let answer = self.submit(&call, Command::PauseProject { reason }).await?;
        let project = self.project_after(&call, &answer);
        Ok(Response::new(wire::PauseProjectResponse { project }))
    }

    async fn resume_project(
        &self,
        request: Request<wire::ResumeProjectRequest>,
    ) -> Answered<wire::ResumeProjectResponse> {
        let call = self.open(request)?;
        let answer = self.submit(&call, Command::ResumeProject).await?;
        let project = self.project_after(&call, &answer);
        Ok(Response::new(wire::ResumeProjectResponse { project }))
    }

    async fn complete_project(
        &self,
        request: Request<wire::CompleteProjectRequest>,
    ) -> Answered<wire::CompleteProjectResponse> {
        let call = self.open(request)?;
        let note = call.body.note.clone();
        let answer = self
            .submit(&call, Command::CompleteProject { note })
            .await?;
        let project = self.project_after(&call, &answer);
        Ok(Response::new(wire::CompleteProjectResponse { project }))
    }

    async fn archive_project(
        &self,
        request: Request<wire::ArchiveProjectRequest>,
    ) -> Answered<wire::ArchiveProjectResponse> {
        if request.get_ref().project.trim().is_empty() {
            return Err(bad("project", "is missing; name the project to archive"));
        }
        let call = self.open(request)?;
        let reason = call.body.reason.clone();
        let answer = self
            .submit(&call, Command::ArchiveProject { reason })
            .await?;
        let project = self.project_after(&call, &answer);
        Ok(Response::new(wire::ArchiveProjectResponse { project }))
    }

    async fn import_plan(
        &self,
        request: Request<wire::ImportPlanRequest>,
    ) -> Answered<wire::ImportPlanResponse> {
        let caller = caller_of(&request)?;
        import::import(self, &caller, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn list_diagnostics(
        &self,
        request: Request<wire::ListDiagnosticsRequest>,
    ) -> Answered<wire::ListDiagnosticsResponse> {
        let call = self.open(request)?;
        let page = self.page("diagnostics", call.body.page_size, &call.body.page_token)?;
        let given: Option<usize> = page.after()?;
        let plan = &call.plan;
        let stated = plan
            .project()
            .into_iter()
            .flat_map(Project::each_diagnostic);
        let stated = stated.map(|(number, one, settled)| {
            (settled.is_some(), import::numbered(number, one, settled))
        });
        // What follows from the plan as it stands comes behind what its files said, and goes by itself.
        let remarks = std::iter::once_with(|| plan.remarks(REMARKS_MAX)).flatten();
        let remarks = remarks.map(|(_, code, message)| (false, import::remark(code, message)));
        let rest = stated
            .chain(remarks)
            .enumerate()
            .skip(given.map_or(0, |place| place.saturating_add(1)))
            .filter(|(_, (is_settled, _))| call.body.include_settled || !is_settled);
        let (diagnostics, next_page_token) = page.fill(
            rest,
            |(place, _)| place.to_string(),
            |(_, (_, diagnostic))| diagnostic,
        );
        Ok(Response::new(wire::ListDiagnosticsResponse {
            diagnostics,
            next_page_token,
        }))
    }

    async fn settle_diagnostic(
        &self,
        request: Request<wire::SettleDiagnosticRequest>,
    ) -> Answered<wire::SettleDiagnosticResponse> {
        let call = self.open(request)?;
        let number = call.body.number;
        let command = Command::SettleDiagnostic {
            number,
            note: required("note", call.body.note.clone())?,
        };
        let answer = self.submit(&call, command).await?;
        let project = answer.plan.project();
        let diagnostic = project.and_then(|project| {
            let one = project.diagnostic(number)?;
            let settled = project.settled_diagnostic(number);
            Some(import::numbered(number, one, settled))
        });
        Ok(Response::new(wire::SettleDiagnosticResponse { diagnostic }))
    }

    async fn get_inbox(
        &self,
        request: Request<wire::GetInboxRequest>,
    ) -> Answered<wire::GetInboxResponse> {
        let call = self.open(request)?;
        let now = Timestamp(self.engine.now_ms().max(call.plan.last_at().0));
        let waiting = sprint::inbox(&call.plan, now);
        let total = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        Ok(Response::new(wire::GetInboxResponse {
            items: waiting
                .into_iter()
                .take(INBOX_LISTED_MAX)
                .map(views::inbox_item)
                .collect(),
            total,
        }))
    }

    async fn get_board(
        &self,
        request: Request<wire::GetBoardRequest>,
    ) -> Answered<wire::GetBoardResponse> {
        let (call, _) = self.open_as_of(request).await?;
        board::board(call.plan, &call.body).await.map(Response::new)
    }

    async fn get_critical_path(
        &self,
        request: Request<wire::GetCriticalPathRequest>,
    ) -> Answered<wire::GetCriticalPathResponse> {
        let call = self.open(request)?;
        let answer = board::critical_path(call.plan, &call.body).await;
        answer.map(Response::new)
    }

    async fn get_policies(
        &self,
        request: Request<wire::GetPoliciesRequest>,
    ) -> Answered<wire::GetPoliciesResponse> {
        let call = self.open(request)?;
        let rows = policy::POLICIES.iter();
        let policies = rows.map(|row| self.policy(&call.plan, row)).collect();
        Ok(Response::new(wire::GetPoliciesResponse { policies }))
    }

    async fn set_policy(
        &self,
        request: Request<wire::SetPolicyRequest>,
    ) -> Answered<wire::SetPolicyResponse> {
        let call = self.open(request)?;
        let before = call.plan.project().map(|project| &project.settings);
        let before = before.unwrap_or(&self.options.defaults);
        let wanted = policy::with(before, &call.body.name, &call.body.value)
            .map_err(|refusal| status::refused(&refusal))?;
        settings::check(&wanted)?;
        let command = Command::UpdateProject {
            name: None,
            description: None,
            settings: Some(Box::new(wanted)),
        };
        let answer = self.submit(&call, command).await?;
        let row = policy::find(call.body.name.trim());
        let policy = row.map(|row| self.policy(&answer.plan, row));
        Ok(Response::new(wire::SetPolicyResponse { policy }))
    }

    async fn get_forecast(
        &self,
        request: Request<wire::GetForecastRequest>,
    ) -> Answered<wire::GetForecastResponse> {
        let call = self.open(request)?;
        let now = Timestamp(self.engine.now_ms().max(call.plan.last_at().0));
        let answer = forecast::forecast(call.plan, now, &call.body).await;
        answer.map(Response::new)
    }
}

impl Api {
    /// A policy as a project has it.
    fn policy(&self, plan: &Plan, row: &policy::Policy) -> wire::ProjectPolicy {
        let defaults = &self.options.defaults;
        let settings = plan.project().map_or(defaults, |project| &project.settings);
        wire::ProjectPolicy {
            name: row.name.to_owned(),
            value: policy::value(settings, row),
            default_value: policy::value(defaults, row),
            meaning: row.meaning.to_owned(),
            takes: row.takes.to_owned(),
            requirement: row.requirement.to_owned(),
        }
    }

    fn project_after<T: InProject>(
        &self,
        call: &Call<T>,
        answer: &Answer,
    ) -> Option<wire::Project> {
        self.view(&call.project, &answer.plan, &call.caller)
            .project()
    }

    /// Makes a project under the first slug of its name that is free. A slug that is taken is asked for
    /// all the same when the request has an id: it may be this very request that took it.
    async fn create_named(
        &self,
        caller: &Caller,
        key: Option<RequestKey>,
        name: &str,
        create: impl Fn(&str) -> Vec<Step>,
    ) -> Result<(String, Answer), Status> {
        for slug in slugs(name) {
            if key.is_none() && self.engine.plan(&slug).is_some() {
                continue;
            }
            match self.submit_steps(caller, key.clone(), create(&slug)).await {
                Ok(answers) => return Ok((slug, only(answers)?)),
                Err(status) if is_taken(&status) => {}
                Err(status) => return Err(status),
            }
        }
        Err(too_many())
    }

    /// The first slug of a name that no project has yet.
    pub(super) fn free_slug(&self, name: &str) -> Result<String, Status> {
        slugs(name)
            .find(|slug| self.engine.plan(slug).is_none())
            .ok_or_else(too_many)
    }
}

/// Slugs for a name, the best first: `shop`, `shop-2`, `shop-3`, ….
fn slugs(name: &str) -> impl Iterator<Item = String> + use<> {
    let wanted = slug_of(name);
    let wanted = if wanted.is_empty() {
        "project".to_owned()
    } else {
        wanted
    };
    (1..=SLUGS_TRIED_MAX).map(move |number| match number {
        1 => wanted.clone(),
        number => format!("{wanted}-{number}"),
    })
}

fn is_taken(status: &Status) -> bool {
    status.code() == Code::AlreadyExists
}

fn too_many() -> Status {
    bad("name", "is the name of too many projects; take another")
}

/// What a name is as a slug: a-z, 0-9 and single hyphens, at most 64; may come out empty.
pub(super) fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if slug.len() >= SLUG_LENGTH_MAX {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn update(request: &wire::UpdateProjectRequest, before: &Settings) -> Result<Command, Status> {
    let in_settings: Vec<String> = settings::FIELDS
        .iter()
        .map(|field| format!("settings.{field}"))
        .collect();
    let mut known = vec!["name", "description", "settings"];
    known.extend(in_settings.iter().map(String::as_str));
    let paths = mask(request.update_mask.clone(), &known)?;
    let names = |path: &str| paths.iter().any(|named| named == path);
    let fields: Vec<&str> = settings::FIELDS
        .iter()
        .zip(&in_settings)
        .filter(|(_, path)| names("settings") || names(path))
        .map(|(field, _)| *field)
        .collect();
    let stated = request.settings.clone().unwrap_or_default();
    Ok(Command::UpdateProject {
        name: names("name")
            .then(|| required("name", request.name.clone()))
            .transpose()?,
        description: names("description").then(|| request.description.clone()),
        settings: (!fields.is_empty())
            .then(|| settings::updated(before, &stated, &fields).map(Box::new))
            .transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_slug() {
        for (name, slug) in [
            ("My Shop!", "my-shop"),
            ("  Acme -- 2.0 ", "acme-2-0"),
            ("Über", "ber"),
            ("日本", ""),
            ("already-good-1", "already-good-1"),
        ] {
            assert_eq!(slug_of(name), slug, "{name}");
        }
        assert_eq!(slug_of(&"a".repeat(100)).len(), SLUG_LENGTH_MAX);
    }

    #[test]
    fn an_update_takes_what_the_mask_names() {
        let of = |paths: &[&str]| wire::UpdateProjectRequest {
            name: "Shop".to_owned(),
            settings: Some(wire::ProjectSettings {
                strikes: 5,
                ..Default::default()
            }),
            update_mask: Some(prost_types::FieldMask {
                paths: paths.iter().map(|&path| path.to_owned()).collect(),
            }),
            ..Default::default()
        };
        let before = Settings::default();
        let after = Settings {
            strikes: 5,
            ..before.clone()
        };
        assert_eq!(
            update(&of(&["name", "settings.strikes"]), &before).unwrap(),
            Command::UpdateProject {
                name: Some("Shop".to_owned()),
                description: None,
                settings: Some(Box::new(after)),
            }
        );
        assert!(update(&of(&["settings"]), &before).is_err(), "all of them");
        assert!(update(&of(&["slug"]), &before).is_err());
    }
}
