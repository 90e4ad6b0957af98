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

#[test]
fn a_check_reads_what_a_start_reads_and_shows_no_secret() {
    const TOKEN: &str = "ghp_hunter2hunter2";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muster.toml");
    let secret = folder.path().join("url");
    let settings = format!(
        "[github]\ntoken_env = \"SHOP_TOKEN\"\n[github.projects.shop]\nrepository = \"acme/shop\"\n\
         [channels.slack]\nkind = \"slack\"\nurl_file = {secret:?}\nnetworks = [\"10.0.0.0/8\"]\n\
         [channels.mail]\nkind = \"mail\"\nhost = \"localhost\"\ntls = \"none\"\n\
         from = \"Muster <muster@example.com>\"\nto = [\"ann@example.com\"]\n"
    );
    let run = |arguments: &[&str], settings: &str, token: Option<&str>| {
        std::fs::write(&file, settings).unwrap();
        let mut command = muster();
        command.args(arguments).arg("--config").arg(&file);
        command.envs(token.map(|token| ("SHOP_TOKEN", token)));
        Output::of(command)
    };
    let data_dir = folder.path().join("data").display().to_string();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", &data_dir];

    // All that is wrong is told at once, by the check and by the start.
    let wrong = settings
        .replace("10.0.0.0/8", "everywhere")
        .replace("muster@", "");
    let check = run(&["config", "check"], &wrong, None).exits(2);
    let start = run(&serve, &wrong, None).exits(1);
    for words in [
        "github.token_env",
        "SHOP_TOKEN is not set",
        "channels.slack.url_file",
        "channels.mail.from",
    ] {
        assert!(check.stderr.contains(words), "{words}: {check:#?}");
        assert!(start.stderr.contains(words), "{words}: {start:#?}");
    }

    let write = |url: &str, mode: u32| {
        std::fs::write(&secret, url).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&secret, mode).unwrap();
    };
    write("https://hooks.example.com/hunter2", 0o644);
    let open = run(&["config", "check"], &settings, Some(TOKEN)).exits(2);
    assert!(open.stderr.contains("can be read by others"), "{open:#?}");
    write("https://hooks.example.com/hunter2", 0o600);
    let networks = settings.replace("10.0.0.0/8", "everywhere");
    let networks = run(&["config", "check"], &networks, Some(TOKEN)).exits(2);
    assert!(networks.stderr.contains("channels.slack.networks"));
    let sound = run(&["config", "check"], &settings, Some(TOKEN)).exits(0);
    assert_eq!(sound.stdout, "the configuration is sound\n");
    for output in [check, start, open, networks, sound] {
        let shown = output.stdout + &output.stderr;
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    // A certificate is one, and not any file.
    let any = folder.path().join("any.pem");
    std::fs::write(&any, "hunter2").unwrap();
    let tls = format!("[tls]\ncert_file = {any:?}\nkey_file = {any:?}\n");
    let tls = run(&["config", "check"], &tls, None).exits(2);
    assert!(tls.stderr.contains("certificate"), "{tls:#?}");
    assert!(!tls.stderr.contains("hunter2"), "{tls:#?}");

    // What the check has passed starts.
    std::fs::write(&file, &settings).unwrap();
    let mut daemon = crate::daemon::Daemon::prepared(&["--config", file.to_str().unwrap()])
        .with_variable("SHOP_TOKEN", TOKEN);
    daemon.launch();
    daemon.finish();
}
