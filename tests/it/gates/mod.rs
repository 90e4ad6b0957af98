//! Quality gates against the real program: phases that wait, commands that hang, fail and are run again,
//! tasks that are only done once their commands have passed.

mod commands;
mod done;
mod ending;
mod people;

use serde_json::Value;

use crate::daemon::{Agent, Daemon};

/// A daemon with these commands: each a name and a shell script, with further lines of its table.
fn with_commands(commands: &[(&str, &str, &str)]) -> Daemon {
    let mut daemon = Daemon::prepared_in(|home| {
        let mut text = String::new();
        for (name, script, more) in commands {
            text.push_str(&format!(
                "[gates.commands.{name}]\nprogram = \"/bin/sh\"\narguments = [\"-c\", '''{script}''']\n\
                 working_directory = \"{}\"\n{more}\n",
                home.display()
            ));
        }
        let path = home.join("muster.toml");
        std::fs::write(&path, text).expect("the settings can be written");
        vec!["--config".to_owned(), path.display().to_string()]
    });
    daemon.launch();
    daemon
}

/// Two phases of a task each and a developer.
fn two_phases(daemon: &Daemon) -> Agent {
    daemon.cli(&["project", "create", "Shop"]).exits(0);
    for (phase, task) in [("Foundation", "Lay it"), ("Walls", "Raise them")] {
        daemon.cli(&["phase", "add", phase]).exits(0);
        let id = if phase == "Foundation" { "1" } else { "2" };
        daemon.cli(&["task", "add", task, "--phase", id]).exits(0);
    }
    daemon.agent("ann", "developer")
}

/// Claims and starts the next task; its fence.
fn started(daemon: &Daemon, agent: &Agent) -> String {
    let claim = daemon
        .cli_as(agent, &["claim", "--start", "--json"])
        .exits(0);
    claim.json()["fence"].to_string()
}

/// The arguments that finish a task.
fn done<'a>(task: &'a str, fence: &'a str) -> Vec<&'a str> {
    vec![
        "done",
        task,
        "--fence",
        fence,
        "--summary",
        "laid",
        "--verification",
        "walked on it",
        "--json",
    ]
}

/// A gate as it is shown.
fn shown(daemon: &Daemon, gate: &str) -> Value {
    let shown = daemon.cli(&["gate", "show", gate, "--json"]).exits(0);
    shown.json()["gate"].clone()
}

/// Waits until the newest run of a gate has this status.
#[track_caller]
fn settles(daemon: &Daemon, gate: &str, status: &str) -> Value {
    let mut seen = Value::Null;
    for _ in 0..600 {
        seen = shown(daemon, gate);
        if seen["newest_run"]["status"] == status {
            return seen;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{gate} never became {status}: {seen:#}");
}
