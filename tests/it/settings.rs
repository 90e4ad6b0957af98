//! The settings from outside: every one with its origin, or every problem at once.

use crate::process::{Output, bare, muster};

#[test]
fn every_setting_is_shown_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muster.toml");
    std::fs::write(&file, "[limits]\nprojects = 30\n").unwrap();
    let mut command = muster();
    command
        .env("MUSTER__LIMITS__WATCHERS", "7")
        .args(["config", "show", "--json", "--config"])
        .arg(&file);
    let shown = Output::of(command).exits(0).json();
    let setting = |key: &str| {
        let settings = shown["settings"].as_array().unwrap();
        let found = settings.iter().find(|setting| setting["key"] == key);
        let found = found.unwrap_or_else(|| panic!("{key} is missing: {shown:#}"));
        let text = |field: &str| found[field].as_str().unwrap().to_owned();
        (text("value"), text("origin"))
    };
    let place = format!("{}:2:12", file.display());
    assert_eq!(setting("limits.projects"), ("30".to_owned(), place));
    let variable = "variable MUSTER__LIMITS__WATCHERS".to_owned();
    assert_eq!(setting("limits.watchers"), ("7".to_owned(), variable));
    assert_eq!(
        setting("project.strikes"),
        ("3".to_owned(), "default".to_owned())
    );
}

#[test]
fn a_check_says_that_all_is_well_or_all_that_is_wrong() {
    let sound = bare(&["config", "check"]).exits(0);
    assert_eq!(sound.stdout, "the configuration is sound\n");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muster.toml");
    std::fs::write(
        &file,
        "[limits]\nprojects = 0\n[server]\ncolour = \"red\"\n",
    )
    .unwrap();
    let output = bare(&["config", "check", "--config", file.to_str().unwrap()]).exits(2);
    for words in [
        "limits.projects",
        "server.colour",
        "muster.toml:2",
        "muster.toml:4",
    ] {
        assert!(
            output.stderr.contains(words),
            "{words:?} is missing: {output:#?}"
        );
    }
    assert_eq!(output.stdout, "");
}
