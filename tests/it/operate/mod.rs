//! The operator's commands against real daemons and their files: copies that can be trusted, restores that
//! believe no late holder, deletions that leave no byte, and a doctor that changes nothing.

mod backup;
mod delete;
mod doctor;
mod restore;

use std::path::{Path, PathBuf};

use crate::crash::{add_plain_tasks, make_project, register};
use crate::daemon::{Agent, Daemon};

/// A daemon with a project of three tasks and two agents.
fn yard() -> (Daemon, Agent, Agent) {
    let daemon = Daemon::start();
    make_project(&daemon, "yard", 1_000, 600_000);
    let titles = ["Lay the keel", "Raise the mast", "Sew the sails"];
    add_plain_tasks(&daemon, "yard", &titles);
    let (ann, bob) = (
        register(&daemon, "yard", "ann"),
        register(&daemon, "yard", "bob"),
    );
    (daemon, ann, bob)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// Makes a backup of a running daemon in the test's directory.
fn back_up(daemon: &Daemon, name: &str) -> PathBuf {
    let file = daemon.home().join(name);
    daemon.cli(&["backup", text(&file)]).exits(0);
    file
}

/// The names of everything in a directory, with the length of each file.
fn listing(directory: &Path) -> Vec<(String, u64)> {
    let entries = std::fs::read_dir(directory).expect("the directory can be read");
    let mut found: Vec<(String, u64)> = entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, entry.metadata().expect("an entry is there").len())
        })
        .collect();
    found.sort();
    found
}
