//! `config show` and `config check`: what is in force and where it comes from, or everything that is wrong. What the
//! check passes starts: it reads what a start of the daemon reads.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use super::failure::unusable;
use super::settings;
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::config::Shown;
use crate::daemon::Daemon;
use crate::telemetry;

/// Shows or checks the settings.
#[derive(Debug, clap::Subcommand)]
pub enum ConfigVerb {
    /// Every setting in force, and where it comes from.
    Show(ConfigFile),
    /// Check the settings, read the secrets and certificates that they name, and list all problems.
    Check(ConfigFile),
}

/// Which settings.
#[derive(Debug, clap::Args)]
pub struct ConfigFile {
    /// A settings file; without it the defaults and the environment count.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// One row of `config show --json`.
#[derive(Serialize)]
struct Row {
    key: String,
    value: String,
    origin: String,
}

/// Runs the verb.
pub(super) fn run(verb: ConfigVerb, output: Output) -> Result<(), Failure> {
    match verb {
        ConfigVerb::Show(file) => {
            let settings = settings::load(file.config.as_deref(), settings::flags([]))?;
            let rows: Vec<Row> = settings.show().into_iter().map(row).collect();
            output.either(|| json!({ "settings": rows }), || table(&rows))
        }
        ConfigVerb::Check(file) => {
            let settings = settings::load(file.config.as_deref(), settings::flags([]))?;
            Daemon::check(&settings)
                .map_err(|error| unusable("CONFIG_INVALID", telemetry::chain(&error)))?;
            output.either(
                || json!({ "sound": true }),
                || "the configuration is sound".to_owned(),
            )
        }
    }
}

fn row(shown: Shown) -> Row {
    Row {
        key: shown.key,
        value: shown.value,
        origin: shown.origin.to_string(),
    }
}

fn table(rows: &[Row]) -> String {
    let cells = rows.iter().map(|row| {
        let value = if row.value.is_empty() {
            "-"
        } else {
            &row.value
        };
        [row.key.clone(), value.to_owned(), row.origin.clone()]
    });
    super::table::table(["KEY", "VALUE", "ORIGIN"], cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;

    #[test]
    fn a_setting_is_one_line_with_its_origin() {
        let rows = [
            row(Shown {
                key: "limits.projects".to_owned(),
                value: "20".to_owned(),
                origin: Origin::Environment {
                    variable: "MUSTER__LIMITS__PROJECTS".to_owned(),
                },
            }),
            row(Shown {
                key: "tls.cert_file".to_owned(),
                value: String::new(),
                origin: Origin::Default,
            }),
        ];
        let text = table(&rows);
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(lines[0], ["KEY", "VALUE", "ORIGIN"]);
        assert_eq!(
            lines[1],
            [
                "limits.projects",
                "20",
                "variable",
                "MUSTER__LIMITS__PROJECTS"
            ]
        );
        assert_eq!(lines[2], ["tls.cert_file", "-", "default"]);
    }
}
