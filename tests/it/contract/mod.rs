//! What scripts rely on, tried from outside through the program: documents field by field, exit codes,
//! and what is on disk when.

mod ahead;
mod as_of;
mod audit;
mod channels;
mod checklists;
mod claims;
mod decisions;
mod diagnostics;
mod edits;
mod exits;
mod fences;
mod forecast;
mod letters;
mod lists;
mod plans;
mod policies;
mod reviews;
mod rules;
mod schedules;
mod serve;
mod sessions;
mod shown;
mod standups;
mod strict;
mod templates;
mod tls;
mod watching;
mod whose;

use serde_json::Value;

use crate::daemon::{Agent, Daemon};

/// Two phases, six tasks for several roles, and one of everything else a plan may state.
pub const HARBOUR: &str = include_str!("../../plans/harbour.md");
/// Another project, in another form.
pub const GARDEN: &str = include_str!("../../plans/garden.md");

/// A daemon with the harbour's plan and one developer.
pub fn harbour() -> (Daemon, Agent) {
    let daemon = Daemon::start();
    daemon.import("harbour.md", HARBOUR);
    let agent = daemon.agent("ann", "developer");
    (daemon, agent)
}

/// The ids of a JSON list of texts, or of objects with an `id`.
pub fn ids(list: &Value) -> Vec<String> {
    let items = list
        .as_array()
        .unwrap_or_else(|| panic!("{list} is no list"));
    let id = |item: &Value| match item {
        Value::String(text) => text.clone(),
        other => other["id"].as_str().expect("an id").to_owned(),
    };
    items.iter().map(id).collect()
}

/// Holds the document to these fields; others may stand beside them.
#[track_caller]
pub fn fields(document: &Value, names: &[&str]) {
    let object = document
        .as_object()
        .unwrap_or_else(|| panic!("{document} is no object"));
    for name in names {
        assert!(
            object.contains_key(*name),
            "{name} is missing: {document:#}"
        );
    }
}

/// The id of the task with this title.
pub fn task_named(daemon: &Daemon, title: &str) -> String {
    let list = daemon.cli(&["task", "list", "--json"]).exits(0).json();
    let tasks = list["tasks"].as_array().expect("tasks");
    let found = tasks.iter().find(|task| task["title"] == title);
    found.unwrap_or_else(|| panic!("no task {title:?}: {list:#}"))["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}
