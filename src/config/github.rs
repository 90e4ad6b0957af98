//! `[github]`: what checklists ask GitHub, and with which token. The token itself never stands here: only the name
//! of a variable or of a file does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::check::Checker;
use super::origin::join;

/// Projects that may be watched.
const PROJECTS_MAX: usize = 1_000;
/// Labels that may be named for one.
const LABELS_MAX: usize = 20;

/// What is asked of GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitHub {
    /// Where its interface answers. Default `https://api.github.com`.
    pub base_url: String,
    /// The variable of the daemon's environment that has the token; empty = none.
    pub token_env: String,
    /// The file that has it; empty = none.
    pub token_file: PathBuf,
    /// The certificates (PEM) that the server's is checked against; empty = the system's.
    pub ca_file: PathBuf,
    /// What is asked, by project. Default: nothing.
    #[serde(default)]
    pub projects: BTreeMap<String, GitHubProject>,
}

/// What is asked for one project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitHubProject {
    /// The repository, `owner/name`.
    pub repository: String,
    /// Issues with one of these labels block. Default `blocker`.
    #[serde(default = "default_labels")]
    pub labels: Vec<String>,
    /// Issues of this milestone block, by its title; empty = none.
    #[serde(default)]
    pub milestone: String,
    /// After how many days without a change an issue is marked stale; 0 = never. Default 14.
    #[serde(default = "default_stale_after_days")]
    pub stale_after_days: u32,
}

fn default_labels() -> Vec<String> {
    vec!["blocker".to_owned()]
}

fn default_stale_after_days() -> u32 {
    14
}

/// Whether an address leads to this machine without encryption, `http://127.0.0.1:8080` or `http://localhost`.
/// Whoever connects looks once more.
fn is_own_machine(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    let is_loopback = |it: IpAddr| it.is_loopback();
    // What stands before an @ is no host.
    !authority.contains('@')
        && (host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback))
}

impl GitHub {
    pub(super) fn check(&self, checker: &mut Checker<'_>) {
        if !self.token_env.is_empty() && !self.token_file.as_os_str().is_empty() {
            checker.refuse(
                "github.token_file",
                "is set beside `github.token_env`; name one of them",
            );
        }
        if self.token_env.contains(['=', '\0']) {
            checker.refuse("github.token_env", "names no variable");
        }
        if !self.base_url.starts_with("https://") && !is_own_machine(&self.base_url) {
            checker.refuse(
                "github.base_url",
                "must begin with https://, such as \"https://github.example/api/v3\"; http:// is for a server on \
                 this machine alone",
            );
        }
        if self.projects.len() > PROJECTS_MAX {
            checker.refuse(
                "github.projects",
                format_args!("has more than {PROJECTS_MAX} projects"),
            );
        }
        for (slug, project) in &self.projects {
            let key = |name| join(&join("github.projects", slug), name);
            let halves: Vec<&str> = project.repository.split('/').collect();
            if halves.len() != 2 || halves.iter().any(|half| half.is_empty()) {
                checker.refuse(
                    &key("repository"),
                    format_args!("is {:?}; write owner/name", project.repository),
                );
            }
            if project.labels.len() > LABELS_MAX {
                checker.refuse(
                    &key("labels"),
                    format_args!("has more than {LABELS_MAX} labels"),
                );
            }
            if project.labels.is_empty() && project.milestone.is_empty() {
                checker.refuse(
                    &key("labels"),
                    "is empty and no milestone is named; nothing says which issues block",
                );
            }
            let days = u64::from(project.stale_after_days);
            checker.range(&key("stale_after_days"), days, 0..=3_650, "days");
        }
    }
}
