//! Plan files that cannot be read, are no text, are too large, or hold no task.

use crate::daemon::Daemon;

/// The import of a file is refused with this exit code, and no project comes of it.
#[track_caller]
fn check(daemon: &Daemon, path: &str, code: i32) -> serde_json::Value {
    let error = daemon
        .cli(&["plan", "import", path, "--json"])
        .exits(code)
        .error();
    let list = daemon.block_on(
        daemon
            .coordinator()
            .projects()
            .list_projects(muster_proto::v1::ListProjectsRequest::default()),
    );
    let projects = list.expect("projects are listed").into_inner().projects;
    assert!(projects.is_empty(), "{projects:?}");
    error
}

#[test]
fn what_is_no_plan_file_is_refused_and_makes_no_project() {
    let daemon = Daemon::start();
    let missing = daemon.home().join("nowhere.md");
    let error = check(&daemon, missing.to_str().unwrap(), 2);
    assert!(
        error["message"].as_str().unwrap().contains("nowhere.md"),
        "{error:#}"
    );

    let folder = daemon.home().join("folder");
    std::fs::create_dir(&folder).unwrap();
    check(&daemon, folder.to_str().unwrap(), 2);

    let binary = daemon.home().join("binary.md");
    std::fs::write(&binary, [0_u8, 159, 146, 150, 0, 255]).unwrap();
    check(&daemon, binary.to_str().unwrap(), 2);

    let broken = daemon.home().join("broken.md");
    std::fs::write(&broken, b"## Phase 1: A\n- [ ] \xff\xfe broken\n").unwrap();
    check(&daemon, broken.to_str().unwrap(), 2);

    let empty = daemon.plan_file("empty.md", "");
    check(&daemon, &empty, 1);
    let prose = daemon.plan_file("prose.md", "# A walk\n\nNothing here is a task.\n");
    let error = check(&daemon, &prose, 1);
    assert!(
        error["message"].as_str().unwrap().contains("task"),
        "{error:#}"
    );
    daemon.finish();
}

#[test]
fn a_file_beyond_the_limit_is_refused_with_the_limit_in_it() {
    let daemon = Daemon::start();
    let line = "- [ ] Something to do that takes a while to describe\n";
    let text = format!("## Phase 1: A\n{}", line.repeat((17 << 20) / line.len()));
    let path = daemon.plan_file("large.md", &text);
    let output = daemon.cli(&["plan", "import", &path, "--json"]);
    assert!(matches!(output.code, Some(2 | 4)), "{:?}", output.code);
    let error = output.error();
    let message = error["message"].as_str().unwrap().to_owned();
    assert!(message.chars().any(|one| one.is_ascii_digit()), "{message}");
    daemon.finish();
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let daemon = Daemon::start();
    let path = daemon.plan_file("secret.md", "## Phase 1: A\n- [ ] One\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        // The superuser may read everything.
        println!("skipped");
    } else {
        check(&daemon, &path, 2);
    }
    daemon.finish();
}
