//! The projects that agents work down: layers of tasks, each task on two of the layer before, so that what
//! is ready stays about as wide as a layer. Made over the interface; the making is not timed.

use std::sync::atomic::{AtomicI64, Ordering};

use muster_proto::v1 as wire;

use super::at_once::each_at_once;
use crate::cli::Failure;
use crate::clock;
use crate::operate::failure::{caused, failure};
use crate::operate::wire::{Wire, refused, request_id};

/// Tasks of one request, at most.
const BATCH: usize = 1_000;
/// Tasks of a layer, but in a plan that would have only one.
const LAYER: usize = 1_000;
/// Agents registered at one time.
const REGISTERED_AT_ONCE: usize = 32;

/// A phase of a project to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    /// Its written id.
    pub id: &'static str,
    /// How many tasks it has.
    pub tasks: usize,
    /// The phase it waits for; none = it is open from the start.
    pub after: Option<&'static str>,
}

/// A project, as the agents of a run see it.
pub(super) struct Field {
    pub slug: String,
    /// A token for each agent.
    tokens: Vec<String>,
    /// Tasks that are ready, counted from the answers.
    ready: AtomicI64,
    /// How many tasks it has.
    pub tasks: usize,
    /// Bytes of words that they were given.
    pub text_bytes: usize,
}

impl Field {
    /// Makes a project with agents.
    pub(super) async fn make(
        chief: &Wire,
        stages: &[Stage],
        agents: usize,
    ) -> Result<Self, Failure> {
        let id = clock::random_id(10).map_err(|error| caused("NO_RANDOM_BYTES", &error))?;
        let slug = format!("bench-{}", id.to_lowercase());
        let request = wire::CreateProjectRequest {
            request_id: request_id()?,
            slug: slug.clone(),
            name: "Bench".to_owned(),
            ..Default::default()
        };
        let made = chief.projects().create_project(request).await;
        made.map_err(|status| refused("the bench", "CreateProject", &status))?;
        let mut field = Self {
            slug,
            tokens: Vec::new(),
            ready: AtomicI64::new(0),
            tasks: stages.iter().map(|stage| stage.tasks).sum(),
            text_bytes: 0,
        };
        let mut first = 0;
        for stage in stages {
            field.make_phase(chief, stage).await?;
            let width = width(stage.tasks);
            for start in (0..stage.tasks).step_by(width.min(BATCH)) {
                let end = (start + width.min(BATCH)).min(stage.tasks);
                field.make_tasks(chief, stage, first, start..end).await?;
            }
            if stage.after.is_none() {
                let ready = width.min(stage.tasks);
                *field.ready.get_mut() += i64::try_from(ready).unwrap_or(i64::MAX);
            }
            first += stage.tasks;
        }
        field.tokens = field.register(chief, agents).await?;
        Ok(field)
    }

    async fn make_phase(&self, chief: &Wire, stage: &Stage) -> Result<(), Failure> {
        let phases = stage.after.map(ToOwned::to_owned).into_iter().collect();
        let request = wire::CreatePhaseRequest {
            project: self.slug.clone(),
            request_id: request_id()?,
            id: stage.id.to_owned(),
            name: format!("Stage {}", stage.id),
            predecessors: Some(wire::PhasePredecessors { phases }),
            ..Default::default()
        };
        let made = chief.phases().create_phase(request).await;
        made.map(drop)
            .map_err(|status| refused("the bench", "CreatePhase", &status))
    }

    /// Adds tasks of a stage; `first` is how many tasks stand before the stage.
    async fn make_tasks(
        &mut self,
        chief: &Wire,
        stage: &Stage,
        first: usize,
        places: std::ops::Range<usize>,
    ) -> Result<(), Failure> {
        let tasks: Vec<wire::NewTask> = places.map(|place| new_task(stage, first, place)).collect();
        let words = |task: &wire::NewTask| task.title.len() + task.description.len();
        self.text_bytes += tasks.iter().map(words).sum::<usize>();
        let request = wire::BatchCreateTasksRequest {
            project: self.slug.clone(),
            request_id: request_id()?,
            tasks,
        };
        let made = chief.tasks().batch_create_tasks(request).await;
        made.map(drop)
            .map_err(|status| refused("the bench", "BatchCreateTasks", &status))
    }

    async fn register(&self, chief: &Wire, agents: usize) -> Result<Vec<String>, Failure> {
        let numbers = (0..agents).collect();
        each_at_once(numbers, REGISTERED_AT_ONCE, |number| {
            let (chief, project) = (chief.clone(), self.slug.clone());
            async move {
                let request = wire::RegisterAgentRequest {
                    project,
                    request_id: request_id()?,
                    name: format!("agent-{number}"),
                    roles: vec!["developer".to_owned()],
                    ..Default::default()
                };
                let registered = chief.agents().register_agent(request).await;
                registered
                    .map(|answer| answer.into_inner().token)
                    .map_err(|status| refused("the bench", "RegisterAgent", &status))
            }
        })
        .await
    }

    /// Closes the project for good.
    pub(super) async fn archive(&self, chief: &Wire) -> Result<(), Failure> {
        let request = wire::ArchiveProjectRequest {
            project: self.slug.clone(),
            request_id: request_id()?,
            reason: "the bench is done with it".to_owned(),
        };
        let archived = chief.projects().archive_project(request).await;
        archived
            .map(drop)
            .map_err(|status| refused("the bench", "ArchiveProject", &status))
    }

    /// The connection of an agent in this project.
    pub(super) fn agent(&self, connection: &Wire, number: usize) -> Result<Wire, Failure> {
        let token = self.tokens.get(number);
        let token = token.ok_or_else(|| failure("BENCH", "an agent without a token"))?;
        connection.with_token(token)
    }

    /// Whether so many tasks are ready; counted, not asked.
    pub(super) fn has_ready(&self, count: usize) -> bool {
        self.ready.load(Ordering::Relaxed) >= i64::try_from(count).unwrap_or(i64::MAX)
    }

    pub(super) fn took_one(&self) {
        self.ready.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn became_ready(&self, count: u32) {
        self.ready.fetch_add(count.into(), Ordering::Relaxed);
    }
}

/// Tasks of a layer of a plan.
fn width(tasks: usize) -> usize {
    if tasks <= LAYER {
        (tasks / 2).max(1)
    } else {
        LAYER
    }
}

fn new_task(stage: &Stage, first: usize, place: usize) -> wire::NewTask {
    let width = width(stage.tasks);
    let (layer, column) = (place / width, place % width);
    let on = |column: usize| wire::DependencyTarget {
        on: Some(wire::dependency_target::On::Task(format!(
            "T-{}",
            first + (layer - 1) * width + column % width + 1
        ))),
    };
    let dependencies = if layer == 0 || width < 2 {
        Vec::new()
    } else {
        vec![on(column), on(column + 1)]
    };
    wire::NewTask {
        title: format!("Build part {column} of layer {layer}"),
        phase: stage.id.to_owned(),
        description: format!(
            "Part {column} joins what parts {column} and {} of the layer before it hand over",
            column + 1
        ),
        estimate: "1 session".to_owned(),
        dependencies,
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(place: usize, tasks: usize) -> Vec<String> {
        let stage = Stage {
            id: "1",
            tasks,
            after: None,
        };
        let targets = new_task(&stage, 10, place).dependencies;
        targets
            .into_iter()
            .filter_map(|target| match target.on {
                Some(wire::dependency_target::On::Task(task)) => Some(task),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn each_task_stands_on_two_of_the_layer_before() {
        assert_eq!(on(499, 1_000), Vec::<String>::new());
        assert_eq!(on(500, 1_000), ["T-11", "T-12"]);
        assert_eq!(on(999, 1_000), ["T-510", "T-11"]);
        assert_eq!(on(1_000, 100_000), ["T-11", "T-12"]);
        assert_eq!(on(0, 1), Vec::<String>::new());
    }

    #[test]
    fn a_layer_is_a_thousand_tasks_but_in_a_small_plan() {
        assert_eq!(width(1_000), 500);
        assert_eq!(width(100_000), 1_000);
        assert_eq!(width(1), 1);
    }
}
