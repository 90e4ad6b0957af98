//! Workflows, tried from outside through the program.

mod life;
mod refused;

use serde_json::{Value, json};

use crate::daemon::{Agent, Daemon};

/// A phase of one task, a developer, a tester, and a workflow defined from a file.
fn shop() -> (Daemon, Agent, Agent) {
    let daemon = Daemon::start();
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    daemon.cli(&["phase", "add", "Build"]).exits(0);
    daemon
        .cli(&["task", "add", "Lay it", "--phase", "1"])
        .exits(0);
    let ann = daemon.agent("ann", "developer");
    let quinn = daemon.agent("quinn", "qa");
    (daemon, ann, quinn)
}

/// Most of what a workflow may ask for.
fn build() -> Value {
    json!({
        "workflow": "build-execution",
        "title": "Build Execution",
        "number": 4,
        "tier": 3,
        "objective": "Deliver production-ready code",
        "duration": "2 weeks",
        "effort": "50 hours",
        "roles": [
            {"role": "Developer Lead", "stream": "features"},
            {"role": "qa"}
        ],
        "oversight": [{"role": "Master Coordinator", "cadence": "daily"}],
        "inputs": [{"name": "Product spec", "description": "the final one", "required": true}],
        "outputs": [{"name": "Codebase", "acceptance": ["clean", "tested"]}],
        "sign_offs": ["qa"],
        "criteria": [
            {"name": "100+ beta users", "measured": "beta_users >= 100"},
            {"name": "Team confident in quality"}
        ],
        "phases": ["1"],
        "next": "market-validation"
    })
}

/// Writes a document beside the daemon's data and defines what it states.
fn define(daemon: &Daemon, name: &str, document: &Value) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, document.to_string()).expect("the document can be written");
    let path = path.display().to_string();
    let defined = daemon.cli(&["workflow", "define", "--file", &path, "--json"]);
    defined.exits(0).json()["workflow"].clone()
}

/// A workflow's newest run.
fn run(daemon: &Daemon, workflow: &str) -> Value {
    let shown = daemon.cli(&["workflow", "show", workflow, "--json"]);
    shown.exits(0).json()["workflow"]["newest_run"].clone()
}

/// What a run waits for.
fn missing(run: &Value) -> Vec<&str> {
    let lacks = run["lacks"].as_array().expect("a list").iter();
    lacks.filter_map(|lack| lack["subject"].as_str()).collect()
}
