//! Settings from the outside: layers given, settings or problems expected. Nothing of the process's own
//! environment is read.

use std::collections::BTreeMap;
use std::fs;

use super::*;

/// A file's text, environment variables and flags, each possibly empty.
#[derive(Default)]
struct Given<'a> {
    file: Option<&'a str>,
    environment: &'a [(&'a str, &'a str)],
    flags: &'a [(&'a str, &'a str)],
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn load(given: &Given<'_>) -> Result<Settings, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = given.file.map(|text| {
        let path = folder.path().join("muster.toml");
        fs::write(&path, text).unwrap();
        path
    });
    let mut environment = pairs(given.environment);
    environment
        .entry("HOME".to_owned())
        .or_insert("/home/ada".to_owned());
    Settings::load(LoadOptions {
        file,
        environment,
        flags: pairs(given.flags),
    })
}

fn file(text: &str) -> Given<'_> {
    Given {
        file: Some(text),
        ..Given::default()
    }
}

/// Loads what must load.
fn loaded(given: &Given<'_>) -> Settings {
    load(given).unwrap_or_else(|error| panic!("{error}"))
}

/// Holds the problems, in order, against words that each must have.
fn check(given: &Given<'_>, expected: &[&[&str]]) {
    let error = load(given).expect_err("these settings should be refused");
    let told: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), expected.len(), "{error}");
    for (problem, words) in told.iter().zip(expected) {
        for word in *words {
            assert!(problem.contains(word), "{word:?} is missing in: {problem}");
            assert!(
                error.to_string().contains(word),
                "the whole leaves out {word:?}"
            );
        }
    }
}

fn origin_of(settings: &Settings, key: &str) -> (String, Origin) {
    let shown = settings.show();
    let setting = shown.iter().find(|setting| setting.key == key).unwrap();
    (setting.value.clone(), setting.origin.clone())
}

#[test]
fn the_defaults_load_and_are_what_the_documents_promise() {
    let settings = loaded(&Given::default());
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:7733");
    assert_eq!(
        settings.server.data_dir.to_str(),
        Some("/home/ada/.local/state/muster")
    );
    assert_eq!(settings.server.shutdown_timeout_ms, 5_000);
    assert_eq!(settings.server.snapshot_events, 200_000);
    assert_eq!(settings.tls, None);
    assert_eq!(settings.limits.message_bytes, 4 << 20);
    assert_eq!(settings.limits.import_bytes, 16 << 20);
    assert_eq!(settings.project.policy, "standard");
    assert_eq!(settings.project.lease_default_ms, 90_000);
    assert_eq!(settings.project.lease_max_ms, 4 * 60 * 60 * 1_000);
    assert_eq!(settings.project.areas.len(), 9);
    assert_eq!(settings.project.areas["Infrastructure"], "devops");
    assert_eq!(settings.log.format, LogFormat::Text);
    assert_eq!(settings.metrics, None);
}

#[test]
fn every_key_of_the_defaults_is_explained_above_it() {
    let mut explained = false;
    let mut section = "";
    for line in DEFAULTS.lines() {
        if line.starts_with('#') {
            explained = true;
        } else if line.starts_with('[') {
            section = line;
            explained = false;
        } else if line.is_empty() {
            explained = false;
        } else if section != "[project.areas]" && !line.starts_with("key_file") {
            assert!(explained, "no comment stands above `{line}`");
            explained = false;
        }
    }
}

#[test]
fn the_defaults_as_a_file_of_ones_own_change_nothing() {
    let own = loaded(&file(DEFAULTS));
    let defaults = loaded(&Given::default());
    assert_eq!(own.limits, defaults.limits);
    assert_eq!(own.project, defaults.project);
    assert!(matches!(
        origin_of(&own, "limits.projects").1,
        Origin::File { .. }
    ));
}

#[test]
fn each_layer_goes_before_the_one_below_it() {
    let text = "[limits]\nprojects = 2\nwatchers = 2\nconnections = 2\n";
    let settings = loaded(&Given {
        file: Some(text),
        environment: &[
            ("MUSTER__LIMITS__WATCHERS", "3"),
            ("MUSTER__LIMITS__CONNECTIONS", "3"),
        ],
        flags: &[("limits.connections", "4")],
    });
    assert_eq!(settings.limits.queued_requests, 4_096);
    assert_eq!(settings.limits.projects, 2);
    assert_eq!(settings.limits.watchers, 3);
    assert_eq!(settings.limits.connections, 4);

    assert_eq!(
        origin_of(&settings, "limits.queued_requests"),
        ("4096".to_owned(), Origin::Default)
    );
    let (value, from_file) = origin_of(&settings, "limits.projects");
    assert_eq!(value, "2");
    assert!(
        matches!(&from_file, Origin::File { path, line: 2, column: 12 } if path.ends_with("muster.toml")),
        "{from_file:?}"
    );
    assert_eq!(
        origin_of(&settings, "limits.watchers").1,
        Origin::Environment {
            variable: "MUSTER__LIMITS__WATCHERS".to_owned()
        }
    );
    assert_eq!(origin_of(&settings, "limits.connections").1, Origin::Flag);
}

#[test]
fn the_variables_of_the_command_line_do_not_disturb() {
    let settings = loaded(&Given {
        environment: &[
            ("MUSTER_SERVER", "http://127.0.0.1:1"),
            ("MUSTER_TOKEN", "secret"),
            ("MUSTER_PROJECT", "p"),
            ("MUSTER_FENCE", "12"),
            ("MUSTER_CA_FILE", "/ca.pem"),
            ("MUSTER_LOG", "debug"),
            ("MUSTER__LIMITS__PROJECTS", ""),
        ],
        ..Given::default()
    });
    assert_eq!(
        settings.limits.projects, 1_000,
        "an empty variable sets nothing"
    );
    assert!(
        settings
            .show()
            .iter()
            .all(|setting| setting.origin == Origin::Default && setting.value != "secret")
    );
}

#[test]
fn the_data_folder_follows_the_state_folder_and_then_home() {
    let given = |name, value| {
        loaded(&Given {
            environment: &[(name, value)],
            ..Given::default()
        })
        .server
        .data_dir
    };
    assert_eq!(given("XDG_STATE_HOME", "/s").to_str(), Some("/s/muster"));
    assert_eq!(
        given("XDG_STATE_HOME", "relative").to_str(),
        Some("/home/ada/.local/state/muster")
    );
    let settings = loaded(&Given {
        flags: &[("server.data_dir", "/d")],
        ..Given::default()
    });
    assert_eq!(
        origin_of(&settings, "server.data_dir"),
        ("/d".to_owned(), Origin::Flag)
    );
    let shown = origin_of(&loaded(&Given::default()), "server.data_dir");
    assert_eq!(shown.0, "/home/ada/.local/state/muster");

    let homeless = Given {
        environment: &[("HOME", "")],
        ..Given::default()
    };
    check(&homeless, &[&["`server.data_dir`", "HOME", "--data-dir"]]);
}

#[test]
fn an_unknown_key_is_refused_with_its_name_file_line_and_caret() {
    check(
        &file("[server]\nlisten = \"127.0.0.1:1\"\nlisen = \"x\"\n"),
        &[&[
            "muster.toml:3:1",
            "`server.lisen`",
            "data_dir, listen, shutdown_timeout_ms, snapshot_events",
            "  3 | lisen = \"x\"\n    | ^^^^^",
        ]],
    );
    check(&file("[servre]\n"), &[&["1:2", "`servre`", "limits, log"]]);
    check(&file("listen = 1\n"), &[&["no section `listen`"]]);
}

#[test]
fn unknown_and_unreadable_variables_and_flags_are_refused_by_name() {
    check(
        &Given {
            environment: &[
                ("MUSTER__LIMITS__PROJEKTS", "2"),
                ("MUSTER__LIMITS__PROJECTS", "many"),
                ("MUSTER__PROJECT__AREAS__DATA", "qa"),
                ("MUSTER__LIMITS", "2"),
                ("MUSTER__LOG__LEVEL__X", "2"),
            ],
            flags: &[("server.port", "1"), ("limits.watchers", "-1")],
            ..Given::default()
        },
        &[
            &["MUSTER__LIMITS:", "`limits` is \"2\"", "a table"],
            &["MUSTER__LIMITS__PROJECTS", "\"many\"", "whole number"],
            &["MUSTER__LIMITS__PROJEKTS", "`limits.PROJEKTS`", "projects"],
            &["MUSTER__LOG__LEVEL__X", "`log.level` is a value"],
            &["MUSTER__PROJECT__AREAS__DATA", "settings file only"],
            &["flag", "`limits.watchers` is \"-1\""],
            &["flag", "`server.port`"],
        ],
    );
}

#[test]
fn all_wrong_types_of_a_file_are_told_together() {
    check(
        &file(
            "[limits]\nprojects = \"ten\"\nwatchers = -1\nconnections = 2.5\n[log]\nlevel = 3\n[project]\nareas = 1\ntls = {}\n",
        ),
        &[
            &["2:12", "`limits.projects`", "^^^^^"],
            &["3:12", "`limits.watchers`"],
            &["4:15", "`limits.connections`"],
            &["6:9", "`log.level` must be a text"],
            &["8:9", "`project.areas` must be a table"],
            &["9:1", "`project.tls`"],
        ],
    );
}

#[test]
fn a_wrong_type_does_not_hide_a_wrong_value_elsewhere() {
    check(
        &Given {
            file: Some("[limits]\nprojects = \"ten\"\nwatchers = 0\nprojekts = 1\n"),
            environment: &[("MUSTER__LOG__LEVEL", "loud")],
            flags: &[("server.listen", "0.0.0.0:1")],
        },
        &[
            &["2:12", "`limits.projects` must be"],
            &["4:1", "`limits.projekts`"],
            &["3:12", "`limits.watchers` is 0"],
            &["variable MUSTER__LOG__LEVEL", "`log.level`"],
            &["flag", "`server.listen`", "TLS"],
        ],
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    check(
        &file("[server]\nlisten = \n"),
        &[&["muster.toml:2:", "not TOML"]],
    );
    check(
        &file("[limits]\nprojects = 1\nprojects = 2\n"),
        &[&["muster.toml:3:1", "duplicate key"]],
    );
}

#[test]
fn a_file_that_cannot_be_read_or_is_no_settings_file_is_named() {
    let missing = Settings::load(LoadOptions {
        file: Some("/nonexistent/muster.toml".into()),
        environment: pairs(&[("HOME", "/h")]),
        flags: BTreeMap::new(),
    })
    .expect_err("no such file");
    assert!(
        missing
            .to_string()
            .contains("/nonexistent/muster.toml: the file cannot be read"),
        "{missing}"
    );
    check(&file(&"# long\n".repeat(20_000)), &[&["longer than"]]);
}

#[test]
fn a_hostile_file_gets_a_short_answer() {
    let many = "x = 1\n".repeat(9_000);
    let error = load(&file(&many)).expect_err("it is refused");
    assert!(error.problems().len() <= 50, "{}", error.problems().len());
    let deep = format!("a = {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    load(&file(&deep)).expect_err("it is refused");
}

#[test]
fn an_address_others_can_reach_wants_tls() {
    let open = "[server]\nlisten = \"0.0.0.0:7733\"\n";
    check(
        &file(open),
        &[&[
            "2:10",
            "`server.listen`",
            "`tls.cert_file` and `tls.key_file`",
            "127.0.0.1",
        ]],
    );
    let closed = format!("{open}[tls]\ncert_file = \"/c.pem\"\nkey_file = \"/k.pem\"\n");
    let settings = loaded(&file(&closed));
    assert_eq!(settings.tls.unwrap().key_file.to_str(), Some("/k.pem"));
    for listen in ["[::1]:0", "localhost:99", "127.8.8.8:1"] {
        loaded(&Given {
            flags: &[("server.listen", listen)],
            ..Given::default()
        });
    }
    for listen in ["7733", "example.org:1", "localhost", "127.0.0.1:99999", ""] {
        check(
            &Given {
                flags: &[("server.listen", listen)],
                ..Given::default()
            },
            &[&["flag", "an address and a port"]],
        );
    }
}

#[test]
fn figures_are_off_until_an_address_is_set_and_stay_on_this_machine() {
    let on = loaded(&file("[metrics]\nlisten = \"localhost:9733\"\n"));
    let metrics = on.metrics.unwrap();
    assert_eq!(metrics.listen.to_string(), "127.0.0.1:9733");
    assert_eq!(metrics.projects, 100);

    let open = "[metrics]\nlisten = \"0.0.0.0:9733\"\n";
    let words = ["2:10", "`metrics.listen`", "TLS", "`metrics.without_tls`"];
    check(&file(open), &[&words]);
    let trusted = format!("{open}without_tls = \"anywhere\"\n");
    loaded(&file(&trusted));
    let closed = format!("{open}[tls]\ncert_file = \"/c.pem\"\nkey_file = \"/k.pem\"\n");
    loaded(&file(&closed));

    let wrong = "[metrics]\nlisten = \"9733\"\nwithout_tls = \"yes\"\nprojects = 10001\n";
    check(
        &file(wrong),
        &[
            &["`metrics.without_tls` is \"yes\"", "loopback, anywhere"],
            &["`metrics.projects`", "0 and 10000"],
            &["`metrics.listen` is \"9733\"", "an address and a port"],
        ],
    );
    let same = "[metrics]\nlisten = \"127.0.0.1:7733\"\n";
    check(&file(same), &[&["`server.listen`", "another port"]]);
}

#[test]
fn half_a_certificate_is_refused() {
    check(
        &file("[tls]\ncert_file = \"/c.pem\"\n"),
        &[&["2:13", "`tls.cert_file` is set without `tls.key_file`"]],
    );
    check(
        &Given {
            environment: &[("MUSTER__TLS__KEY_FILE", "/k.pem")],
            ..Given::default()
        },
        &[&[
            "MUSTER__TLS__KEY_FILE",
            "`tls.key_file` is set without `tls.cert_file`",
        ]],
    );
}

#[test]
fn zero_and_absurd_numbers_are_refused_all_at_once() {
    check(
        &file(
            "[server]\nshutdown_timeout_ms = 99999999\ndata_dir = \"~/muster\"\n\
             [limits]\nprojects = 0\nmessage_bytes = 1\nconnections = 18446744073709551615\n\
             [project]\nstrikes = 0\nsession_minutes = 100000\nlease_min_ms = 1\n",
        ),
        &[
            &[
                "`server.shutdown_timeout_ms`",
                "between 0 and 600000 milliseconds",
            ],
            &["`server.data_dir`", "not expanded"],
            &["`limits.message_bytes` is 1", "65536"],
            &["`limits.projects` is 0"],
            &["`limits.connections` is 18446744073709551615"],
            &["`project.session_minutes`"],
            &["`project.strikes`"],
            &["`project.lease_min_ms`"],
        ],
    );
}

#[test]
fn unknown_words_and_zones_are_refused_with_the_known_ones() {
    check(
        &file(
            "[project]\npolicy = \"lax\"\nphase_close = \"never\"\nsize_policy = \"\"\n\
             time_zone = \"Mars/Olympus\"\n[log]\nformat = \"xml\"\nlevel = \"loud\"\n",
        ),
        &[
            &[
                "2:10",
                "`project.policy` is \"lax\"",
                "relaxed, standard, strict",
            ],
            &["`project.phase_close`", "auto, by_hand"],
            &["`project.size_policy`", "warn, refuse, off"],
            &["`project.time_zone`", "Mars/Olympus", "Europe/Berlin"],
            &["`log.format`", "text, json"],
            &["`log.level`", "info"],
        ],
    );
}

#[test]
fn the_lease_bounds_must_hold_the_default_lease() {
    check(
        &file("[project]\nlease_min_ms = 100000\n"),
        &[&["`project.lease_default_ms` is 90000", "100000"]],
    );
    check(
        &file("[project]\nlease_min_ms = 100000\nlease_max_ms = 50000\n"),
        &[&["2:16", "`project.lease_min_ms` is 100000", "50000"]],
    );
}

#[test]
fn areas_are_the_users_own_and_keep_their_case() {
    let settings = loaded(&file(
        "[project.areas]\nData = \"qa\"\n\"User.Interface\" = \"frontend\"\n",
    ));
    assert_eq!(settings.project.areas["Data"], "qa");
    assert_eq!(settings.project.areas["User.Interface"], "frontend");
    assert_eq!(settings.project.areas.len(), 10);
    let shown = origin_of(&settings, "project.areas.\"User.Interface\"");
    assert_eq!(shown.0, "frontend");
    check(
        &file("[project.areas]\nData = \" \"\n\"\" = \"qa\"\n"),
        &[
            &["has an empty area"],
            &["`project.areas.Data` has an empty role"],
        ],
    );
}

#[test]
fn github_is_asked_without_encryption_on_this_machine_alone() {
    let at = |base_url: &str| format!("[github]\nbase_url = \"{base_url}\"\n");
    for base_url in [
        "https://github.example/api/v3",
        "http://127.0.0.1:8080",
        "http://127.9.9.9/api/v3",
        "http://[::1]:8080/api",
        "http://localhost:8080",
        "http://LocalHost",
    ] {
        loaded(&file(&at(base_url)));
    }
    for base_url in [
        "http://github.example/api/v3",
        "http://10.0.0.1",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://localhost@github.example",
        "http://[::2]/",
        "http://",
        "ftp://localhost",
        "github.example",
    ] {
        check(
            &file(&at(base_url)),
            &[&["2:12", "`github.base_url`", "https://", "this machine"]],
        );
    }
}
