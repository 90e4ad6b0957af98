//! Templates from outside: listed, and a project made from each.

use super::fields;
use crate::daemon::Daemon;

#[test]
fn a_project_begins_with_a_template() {
    let daemon = Daemon::start();
    let listed = daemon.cli(&["plan", "templates", "--json"]).exits(0).json();
    let templates = listed["templates"].as_array().expect("a list").clone();
    let names: Vec<&str> = templates
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    let expected = [
        "project-plan",
        "build-plan",
        "build-execution",
        "implementation-tracker",
        "master-plan",
    ];
    assert_eq!(names, expected);
    for template in &templates {
        let name = template["name"].as_str().expect("a name");
        let init = [
            "plan",
            "init",
            "--template",
            name,
            "--slug",
            name,
            "--start-date",
            "2026-11-02",
            "--json",
        ];
        let made = daemon.cli(&init).exits(0).json();
        assert_eq!(made["project"]["slug"], *name, "{made:#}");
        let tasks = ["task", "list", "--project", name, "--json"];
        let tasks = daemon.cli(&tasks).exits(0).json();
        let count = tasks["tasks"].as_array().map(Vec::len);
        assert_eq!(template["tasks"], count.expect("tasks"), "{name}");
        if name == "build-execution" {
            let start = ["workflow", "start", name, "--project", name, "--json"];
            let run = daemon.cli(&start).exits(0).json();
            assert_eq!(run["run"]["status"], "waiting_input", "{run:#}");
        }
        let forecast = ["plan", "forecast", "--project", name, "--json"];
        daemon.cli(&forecast).exits(0);
    }
    fields(
        &templates[0],
        &[
            "name",
            "title",
            "about",
            "phases",
            "tasks",
            "deliverables",
            "milestones",
            "gates",
            "risks",
            "rules",
            "decisions",
            "workflows",
        ],
    );
    daemon.finish();
}

#[test]
fn an_unknown_template_makes_nothing() {
    let daemon = Daemon::start();
    let init = ["plan", "init", "--template", "waterfall", "--json"];
    let error = daemon.cli(&init).exits(2).error();
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("build-plan"), "{error:#}");
    let projects = daemon.cli(&["project", "list", "--json"]).exits(0).json();
    assert_eq!(projects["projects"], serde_json::json!([]));
    daemon.finish();
}
