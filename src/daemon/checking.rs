//! What checklists ask, from the settings, and the task that asks it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::StartError;
use crate::config::{GitHub as Settings, GitHubProject};
use crate::engine::EngineHandle;
use crate::probe::github::{Criteria, GitHub, GitHubError, Options};
use crate::probe::{Checker, Commands, Sources, Watched};
use crate::secret::SecretSource;

/// The sources of the settings.
///
/// # Errors
/// The token cannot be read, or a value that GitHub does not take.
pub(super) fn sources(settings: &Settings) -> Result<Sources, StartError> {
    if settings.projects.is_empty() {
        return Ok(Sources::default());
    }
    let failed = |error: GitHubError| StartError::GitHub(error.to_string());
    let source = if !settings.token_env.is_empty() {
        let source = SecretSource::Environment(settings.token_env.clone());
        Some(("github.token_env", source))
    } else if !settings.token_file.as_os_str().is_empty() {
        let source = SecretSource::File(settings.token_file.clone());
        Some(("github.token_file", source))
    } else {
        None
    };
    let token = source.map(|(key, source)| {
        let unread = |error| StartError::Setting {
            key: key.to_owned(),
            problem: crate::telemetry::chain(&error),
        };
        source.read().map_err(unread)
    });
    let token = token.transpose()?;
    let authorities = (!settings.ca_file.as_os_str().is_empty())
        .then(|| std::fs::read(&settings.ca_file))
        .transpose()
        .map_err(|error| StartError::Setting {
            key: "github.ca_file".to_owned(),
            problem: format!("{} cannot be read: {error}", settings.ca_file.display()),
        })?;
    let github = GitHub::new(Options {
        base_url: settings.base_url.clone(),
        token,
        authorities,
        token_setting: "github.token_env or github.token_file".to_owned(),
        ..Options::default()
    });
    let projects = settings.projects.iter().map(|(slug, project)| {
        let watched = watched(project).map_err(failed)?;
        Ok((slug.clone(), watched))
    });
    let projects: BTreeMap<_, _> = projects.collect::<Result<_, StartError>>()?;
    Ok(Sources {
        github: Some(github.map_err(failed)?),
        projects: Arc::new(projects),
    })
}

fn watched(project: &GitHubProject) -> Result<Watched, GitHubError> {
    let milestone = &project.milestone;
    Ok(Watched {
        repository: project.repository.parse()?,
        criteria: Criteria {
            labels: project.labels.clone(),
            milestone: (!milestone.is_empty()).then(|| milestone.clone()),
            stale_after_days: (project.stale_after_days > 0).then_some(project.stale_after_days),
        },
    })
}

/// The checker at work; dropped, it stops and kills what it runs.
pub(super) struct Checking(JoinHandle<()>);

impl Checking {
    pub(super) fn start(engine: EngineHandle, commands: Commands, sources: Sources) -> Self {
        Self(tokio::spawn(Checker::new(engine, commands, sources).run()))
    }
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.0.abort();
    }
}
