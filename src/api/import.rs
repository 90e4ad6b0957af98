//! ImportPlan: a file's bytes become a plan in a new or empty project. A dry run decides the same commands
//! on the published plan and records nothing.

use std::sync::Arc;

use muster_proto::v1 as wire;
use tonic::{Code, Status};

use super::access::Caller;
use super::call::key_of;
use super::validate::{bad, required};
use super::{Api, plan_file, status, views};
use crate::engine::Step;
use crate::interchange::{self, ReadOptions};
use crate::plan::command::{NewSchedule, Timing};
use crate::plan::event::{Event, ImportCounts, Recorded, Text};
use crate::plan::fact::{Facts, Guards};
use crate::plan::import::{Diagnostic, ImportedPlan};
use crate::plan::model::{Judgement, Project};
use crate::plan::refusal::Reason;
use crate::plan::time::Timestamp;
use crate::plan::{Command, Plan, Refusal, decide};

const FILE_NAME_BYTES_MAX: usize = 255;
/// How often an import looks again for its project when another one took the slug in between.
const ATTEMPTS_MAX: usize = 3;

/// Where an import goes.
struct Target {
    slug: String,
    /// The plan there is; none = the project is made.
    plan: Option<Arc<Plan>>,
}

/// Reads a plan file and takes it in.
pub(super) async fn import(
    api: &Api,
    caller: &Caller,
    body: wire::ImportPlanRequest,
) -> Result<wire::ImportPlanResponse, Status> {
    let written = body.project.trim().to_owned();
    if !written.is_empty() {
        api.plan_of(&written)?;
    }
    check_file(api, &body)?;
    let (dry_run, draft) = (body.dry_run, body.draft);
    let reading = tokio::task::spawn_blocking(move || {
        let key = key_of(&body, &body.request_id)?;
        let options = ReadOptions {
            allow_template: body.allow_template,
        };
        let plan = interchange::read_plan(&body.file_name, &body.content, options)
            .map_err(|error| plan_file::unreadable(&error))?;
        Ok::<_, Status>((key, plan))
    });
    let (key, plan) = reading
        .await
        .map_err(|_| status::internal("reading a plan file panicked"))??;
    let mut attempt = 1;
    loop {
        let target = api.target(&written, &plan)?;
        let steps = api.steps(&target, &plan, draft);
        let outcome = if dry_run {
            api.rehearse(caller, &target, steps).await
        } else {
            let answers = api.submit_steps(caller, key.clone(), steps).await;
            answers.map(|answers| {
                answers
                    .into_iter()
                    .flat_map(|answer| answer.events)
                    .collect()
            })
        };
        match outcome {
            Ok(events) => return Ok(answer(&target, &plan, &events, dry_run)),
            // Another import was faster with the same slug: it may be the same file's project.
            Err(status) if status.code() == Code::AlreadyExists && attempt < ATTEMPTS_MAX => {
                attempt += 1;
            }
            Err(status) => return Err(status),
        }
    }
}

fn check_file(api: &Api, body: &wire::ImportPlanRequest) -> Result<(), Status> {
    required("file_name", body.file_name.clone())?;
    let name = &body.file_name;
    if name.len() > FILE_NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(bad(
            "file_name",
            format!("must be at most {FILE_NAME_BYTES_MAX} bytes without control characters"),
        ));
    }
    let (bytes, limit) = (body.content.len(), api.options.import_bytes);
    if bytes > limit {
        let message = format!("the file has {bytes} bytes; this daemon takes {limit}");
        let refusal = Refusal::new(Reason::LimitReached, message)
            .item("content", "is too large")
            .fact("limit", limit);
        return Err(status::refused(&refusal));
    }
    Ok(())
}

impl Api {
    /// Takes a plan file in from within the process, as the coordinator that a daemon starts with: the same
    /// call that clients make, without the wire.
    ///
    /// # Errors
    /// What a client would be answered.
    pub async fn import_plan(
        &self,
        file_name: String,
        content: Vec<u8>,
    ) -> Result<wire::ImportPlanResponse, Status> {
        let body = wire::ImportPlanRequest {
            file_name,
            content: content.into(),
            ..Default::default()
        };
        import(self, &Caller::in_process(), body).await
    }

    /// The named project; else the one that has these bytes, else the one that has a file of this name;
    /// else a new one.
    fn target(&self, written: &str, plan: &ImportedPlan) -> Result<Target, Status> {
        if !written.is_empty() {
            return Ok(Target {
                slug: written.to_owned(),
                plan: Some(self.plan_of(written)?),
            });
        }
        let plans: Vec<(String, Arc<Plan>)> = self
            .engine
            .projects()
            .into_iter()
            .filter_map(|slug| self.engine.plan(&slug).map(|plan| (slug, plan)))
            .collect();
        let source = &plan.source;
        let has = |plan: &Plan, same: &dyn Fn(&crate::plan::import::Source) -> bool| {
            plan.project()
                .is_some_and(|project| project.sources.iter().any(same))
        };
        let known = plans
            .iter()
            .find(|(_, plan)| has(plan, &|one| one.digest == source.digest))
            .or_else(|| {
                plans
                    .iter()
                    .find(|(_, plan)| has(plan, &|one| one.name == source.name))
            });
        if let Some((slug, plan)) = known {
            return Ok(Target {
                slug: slug.clone(),
                plan: Some(Arc::clone(plan)),
            });
        }
        Ok(Target {
            slug: self.free_slug(&name_of(plan))?,
            plan: None,
        })
    }

    fn steps(&self, target: &Target, plan: &ImportedPlan, draft: bool) -> Vec<Step> {
        let step = |command| Step {
            project: target.slug.clone(),
            command,
        };
        let create = target.plan.is_none().then(|| {
            step(Command::CreateProject {
                slug: target.slug.clone(),
                name: name_of(plan),
                // The import records the file's own words, cut to what a field takes.
                description: String::new(),
                settings: Box::new(self.options.defaults.clone()),
                draft,
            })
        });
        let import = step(Command::ImportPlan(Box::new(plan.clone())));
        let schedules = create.as_ref().and_then(|_| self.usual_schedules());
        create
            .into_iter()
            .chain([import])
            .chain(schedules.map(step))
            .collect()
    }

    /// What sets the schedules that a new project begins with.
    pub(super) fn usual_schedules(&self) -> Option<Command> {
        let usual = self.options.usual_schedules;
        usual.then(|| Command::Time(Timing::Set(NewSchedule::usual())))
    }

    /// What the steps would record, decided on the published plan.
    async fn rehearse(
        &self,
        caller: &Caller,
        target: &Target,
        steps: Vec<Step>,
    ) -> Result<Vec<Arc<Recorded>>, Status> {
        let facts = Facts {
            now: Timestamp(self.engine.now_ms()),
            actor: caller.actor.clone(),
            request: None,
            guards: Guards::default(),
        };
        let mut plan = target
            .plan
            .as_ref()
            .map_or_else(Plan::default, |plan| Plan::clone(plan));
        let deciding = tokio::task::spawn_blocking(move || {
            let mut events = Vec::new();
            for step in steps {
                let decided = decide(&plan, &step.command, &facts)?;
                plan = decided.plan;
                events.extend(decided.events.into_iter().map(Arc::new));
            }
            Ok(events)
        });
        deciding
            .await
            .map_err(|_| status::internal("deciding an import panicked"))?
            .map_err(|refusal: Refusal| status::refused(&refusal))
    }
}

/// The project's name: the header's, else the file's without its ending.
fn name_of(plan: &ImportedPlan) -> String {
    let file = &plan.source.name;
    let stem = file
        .rsplit_once('.')
        .map_or(file.as_str(), |(stem, _)| stem);
    let stem = if stem.is_empty() { file } else { stem };
    plan.header.name.clone().unwrap_or_else(|| stem.to_owned())
}

fn answer(
    target: &Target,
    plan: &ImportedPlan,
    events: &[Arc<Recorded>],
    dry_run: bool,
) -> wire::ImportPlanResponse {
    let file = &plan.source.name;
    let recorded = events.iter().find_map(|recorded| match &recorded.event {
        Event::PlanImported(imported) => Some(imported),
        _ => None,
    });
    let created = events
        .iter()
        .any(|recorded| matches!(recorded.event, Event::ProjectCreated(_)));
    let plain = |diagnostics: &[Diagnostic]| {
        let listed = diagnostics.iter();
        listed.map(|one| diagnostic(file, one)).collect::<Vec<_>>()
    };
    let known = match (recorded, &target.plan) {
        (Some(imported), _) => plain(&imported.diagnostics),
        // What is settled is no news.
        (None, Some(plan)) => {
            let listed = plan
                .project()
                .into_iter()
                .flat_map(Project::each_diagnostic);
            listed
                .filter(|(_, (name, _), settled)| **name == **file && settled.is_none())
                .map(|(number, one, settled)| numbered(number, one, settled))
                .collect()
        }
        (None, None) => plain(&plan.diagnostics),
    };
    wire::ImportPlanResponse {
        project: target.slug.clone(),
        changed: !events.is_empty(),
        created,
        dry_run,
        counts: Some(recorded.map_or_else(|| stated(plan), |imported| counts(&imported.counts))),
        diagnostics: known,
    }
}

fn counts(counts: &ImportCounts) -> wire::PlanCounts {
    wire::PlanCounts {
        phases: counts.phases,
        tasks: counts.tasks,
        dependencies: counts.dependencies,
        discovered: counts.discovered,
        blockers: counts.blockers,
        decisions: counts.decisions,
        sprints: counts.sprints,
    }
}

/// What the file states, where nothing was recorded of it.
fn stated(plan: &ImportedPlan) -> wire::PlanCounts {
    let count = |entries: usize| u32::try_from(entries).unwrap_or(u32::MAX);
    wire::PlanCounts {
        phases: count(plan.phases.len()),
        tasks: count(plan.tasks.len()),
        dependencies: count(plan.tasks.iter().map(|task| task.dependencies.len()).sum()),
        discovered: count(plan.discovered.len()),
        blockers: count(plan.blockers.len()),
        decisions: count(plan.decisions.len()),
        sprints: count(plan.sprints.len()),
    }
}

/// A diagnostic of a project, and how it was settled.
pub(super) fn numbered(
    number: u32,
    (file, one): &(Text, Diagnostic),
    settled: Option<&Judgement>,
) -> wire::Diagnostic {
    wire::Diagnostic {
        number,
        settled_by: settled.map_or_else(String::new, |said| said.by.to_string()),
        settled_at: settled.map(|said| views::time(said.at)),
        settled_note: settled.map_or_else(String::new, |said| said.text.to_string()),
        ..diagnostic(file, one)
    }
}

/// A diagnostic of a file.
fn diagnostic(file: &str, diagnostic: &Diagnostic) -> wire::Diagnostic {
    wire::Diagnostic {
        line: diagnostic.line,
        code: diagnostic.code.clone(),
        message: diagnostic.message.clone(),
        file: file.to_owned(),
        ..wire::Diagnostic::default()
    }
}

/// A remark about the plan as it stands: of no file and no line.
pub(super) fn remark(code: &str, message: String) -> wire::Diagnostic {
    wire::Diagnostic {
        code: code.to_owned(),
        message,
        ..wire::Diagnostic::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_by_the_header_or_the_file() {
        let mut plan = ImportedPlan::default();
        plan.source.name = "Road Map.v2.md".to_owned();
        assert_eq!(name_of(&plan), "Road Map.v2");
        plan.source.name = ".md".to_owned();
        assert_eq!(name_of(&plan), ".md");
        plan.header.name = Some("Shop".to_owned());
        assert_eq!(name_of(&plan), "Shop");
    }
}
