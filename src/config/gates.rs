//! `[gates]`: the commands that quality gates may ask for. What is run, where and for how long stands here
//! alone; a request only ever names one of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::check::Checker;
use super::origin::join;

/// Commands that may stand in a settings file.
const COMMANDS_MAX: usize = 200;
const TIMEOUT_MS_MAX: u64 = 4 * 60 * 60 * 1000;
const OUTPUT_BYTES_MAX: usize = 1 << 20;

/// The commands of quality gates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gates {
    /// Commands that run at one time. Default 2.
    pub parallel: usize,
    /// The variables of the daemon's environment that commands see; all others are cleared. Default PATH,
    /// HOME, LANG and TMPDIR.
    pub environment: Vec<String>,
    /// The command whose first line of output names the state of the work, such as a commit; empty = none.
    pub commit: String,
    /// The commands by name. Default: none.
    #[serde(default)]
    pub commands: BTreeMap<String, GateCommand>,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateCommand {
    /// The program, with its path or found along PATH.
    pub program: String,
    /// Its arguments, each as it is; no shell reads them. Default: none.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The folder it runs in. Required: a daemon's own is nobody's project.
    pub working_directory: PathBuf,
    /// When it is killed, with all it started, in milliseconds. Default 10 minutes.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// How much of the end of its output is kept while it runs, in bytes. Default 64 KiB.
    #[serde(default = "default_output_bytes")]
    pub output_bytes: usize,
    /// The number it measures is the first behind the last place where its output has this text; empty =
    /// it measures none. Default empty.
    #[serde(default)]
    pub number_after: String,
}

fn default_timeout_ms() -> u64 {
    600_000
}

fn default_output_bytes() -> usize {
    65_536
}

impl Gates {
    pub(super) fn check(&self, checker: &mut Checker<'_>) {
        let parallel = u64::try_from(self.parallel).unwrap_or(u64::MAX);
        checker.range("gates.parallel", parallel, 1..=256, "commands");
        for name in &self.environment {
            if name.is_empty() || name.contains(['=', '\0']) {
                checker.refuse(
                    "gates.environment",
                    format_args!("has {name:?}, which names no variable"),
                );
            }
        }
        if !self.commit.is_empty() && !self.commands.contains_key(&self.commit) {
            checker.refuse(
                "gates.commit",
                format_args!(
                    "is {:?}; there is no such table in [gates.commands]",
                    self.commit
                ),
            );
        }
        if self.commands.len() > COMMANDS_MAX {
            checker.refuse(
                "gates.commands",
                format_args!("has more than {COMMANDS_MAX} commands"),
            );
        }
        for (name, command) in &self.commands {
            command.check(name, checker);
        }
    }
}

impl GateCommand {
    fn check(&self, name: &str, checker: &mut Checker<'_>) {
        let table = join("gates.commands", name);
        let key = |field: &str| join(&table, field);
        let is_id = |character: char| !character.is_whitespace() && !"/,:\\\"`".contains(character);
        if name.is_empty() || name.chars().count() > 64 || !name.chars().all(is_id) {
            checker.refuse(
                &table,
                "is no good name; use letters, digits and hyphens, at most 64",
            );
        }
        if self.program.trim().is_empty() {
            checker.refuse(&key("program"), "is empty; name the program to run");
        }
        checker.path(&key("program"), &self.program);
        let directory = self.working_directory.to_string_lossy();
        checker.path(&key("working_directory"), &directory);
        if !self.working_directory.is_absolute() && !directory.starts_with('~') {
            checker.refuse(
                &key("working_directory"),
                format_args!("is {directory:?}; write the whole path, beginning with /"),
            );
        }
        checker.range(
            &key("timeout_ms"),
            self.timeout_ms,
            100..=TIMEOUT_MS_MAX,
            "milliseconds",
        );
        let bytes = u64::try_from(self.output_bytes).unwrap_or(u64::MAX);
        let most = u64::try_from(OUTPUT_BYTES_MAX).unwrap_or(u64::MAX);
        checker.range(&key("output_bytes"), bytes, 256..=most, "bytes");
        if self.number_after.chars().count() > 200 {
            checker.refuse(&key("number_after"), "is longer than 200 characters");
        }
    }
}
