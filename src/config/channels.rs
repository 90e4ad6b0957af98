//! `[channels]`: where published reports are delivered. Secrets are named here and never stand here: each is read
//! from an environment variable or a file when the daemon starts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::check::Checker;
use super::origin::join;

/// Channels that may stand in a settings file.
const CHANNELS_MAX: usize = crate::plan::command::CHANNELS_MAX;
/// The longest that a delivery may take, in milliseconds.
const TIMEOUT_MS_MAX: u64 = 600_000;
const OUTPUT_BYTES_MAX: usize = 1 << 20;
/// Entries of one list.
const LIST_MAX: usize = 100;

/// The kinds of channels.
pub const CHANNEL_KINDS: [&str; 5] = ["files", "webhook", "slack", "mail", "command"];
/// The kinds of reports a channel may ask for.
pub const REPORT_KINDS: [&str; 6] = [
    "standup",
    "blockers",
    "weekly-review",
    "stakeholder-update",
    "sprint-review",
    "oversight",
];
/// How much a report may matter, from the least.
pub const SEVERITIES: [&str; 3] = ["info", "warning", "critical"];
/// How a connection to a mail server is encrypted.
pub const MAIL_TLS: [&str; 3] = ["implicit", "starttls", "none"];

/// Whether private addresses may be reached.
const PRIVATE: [&str; 2] = ["refuse", "allow"];

/// What a channel of any kind may have.
const COMMON: [&str; 5] = ["kind", "projects", "kinds", "severity", "roles"];

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSettings {
    /// `files`, `webhook`, `slack`, `mail` or `command`.
    #[serde(default)]
    pub kind: String,
    /// The projects it wants, by slug. Default: all.
    #[serde(default)]
    pub projects: Vec<String>,
    /// The kinds of reports it wants. Default: all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The least severity. Default `info`.
    #[serde(default = "default_severity")]
    pub severity: String,
    /// The roles it wants reports for, by slug. Default: all.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Files: the folder.
    pub dir: Option<PathBuf>,
    /// Webhook and Slack: the variable that holds the address.
    pub url_env: Option<String>,
    /// Webhook and Slack: the file that holds it.
    pub url_file: Option<PathBuf>,
    /// Webhook: the variables that hold the secrets it signs with.
    pub secrets_env: Option<Vec<String>>,
    /// Webhook: the files that hold them.
    pub secrets_file: Option<Vec<PathBuf>>,
    /// Webhook and Slack: whether private addresses may be reached, `refuse` or `allow`. Default `refuse`.
    pub private_addresses: Option<String>,
    /// Webhook and Slack: ranges that may be reached whatever they are, such as `10.1.0.0/16`. Default: none.
    pub networks: Option<Vec<String>>,
    /// Mail: the server.
    pub host: Option<String>,
    /// Mail: its port. Default 465 with `implicit`, else 587.
    pub port: Option<u64>,
    /// Mail: `implicit`, `starttls` or `none`. Default `implicit`.
    pub tls: Option<String>,
    /// Mail: the certificates the server's is checked against. Default: the system's.
    pub ca_file: Option<PathBuf>,
    /// Mail: the user name. Default: none is given.
    pub username: Option<String>,
    /// Mail: the variable that holds the password.
    pub password_env: Option<String>,
    /// Mail: the file that holds it.
    pub password_file: Option<PathBuf>,
    /// Mail: whom it is from.
    pub from: Option<String>,
    /// Mail: who gets it.
    pub to: Option<Vec<String>>,
    /// Command: the program, with its path or found along PATH.
    pub program: Option<String>,
    /// Command: its arguments, each as it is. Default: none.
    pub arguments: Option<Vec<String>>,
    /// Command: the folder it runs in.
    pub working_directory: Option<PathBuf>,
    /// Command: the variables of the daemon's environment it sees. Default PATH, HOME, LANG and TMPDIR.
    pub environment: Option<Vec<String>>,
    /// Command: how much of the end of its output is kept while it runs, in bytes. Default 64 KiB.
    pub output_bytes: Option<usize>,
    /// Webhook, Slack and mail: how long a connection may take, in milliseconds. Default 10 s.
    pub connect_timeout_ms: Option<u64>,
    /// All but files: how long a delivery may take, in milliseconds. Default 1 minute.
    pub timeout_ms: Option<u64>,
}

fn default_severity() -> String {
    "info".to_owned()
}

/// The channels by name.
pub type Channels = BTreeMap<String, ChannelSettings>;

/// Which keys a kind has beside the common ones, and which of them must be there.
fn keys_of(kind: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        "files" => (&["dir"], &["dir"]),
        "webhook" => (
            &[
                "url_env",
                "url_file",
                "secrets_env",
                "secrets_file",
                "private_addresses",
                "networks",
                "connect_timeout_ms",
                "timeout_ms",
            ],
            &[],
        ),
        "slack" => (
            &[
                "url_env",
                "url_file",
                "private_addresses",
                "networks",
                "connect_timeout_ms",
                "timeout_ms",
            ],
            &[],
        ),
        "mail" => (
            &[
                "host",
                "port",
                "tls",
                "ca_file",
                "username",
                "password_env",
                "password_file",
                "from",
                "to",
                "connect_timeout_ms",
                "timeout_ms",
            ],
            &["host", "from", "to"],
        ),
        "command" => (
            &[
                "program",
                "arguments",
                "working_directory",
                "environment",
                "output_bytes",
                "timeout_ms",
            ],
            &["program", "working_directory"],
        ),
        _ => (&[], &[]),
    }
}

/// Checks all channels of the settings.
pub(super) fn check(channels: &Channels, checker: &mut Checker<'_>) {
    if channels.len() > CHANNELS_MAX {
        checker.refuse(
            "channels",
            format_args!("has more than {CHANNELS_MAX} channels"),
        );
    }
    for (name, channel) in channels {
        Look {
            table: join("channels", name),
            channel,
            checker,
        }
        .check(name);
    }
}

/// A look at one channel.
struct Look<'a, 'origins> {
    table: String,
    channel: &'a ChannelSettings,
    checker: &'a mut Checker<'origins>,
}

impl Look<'_, '_> {
    fn refuse(&mut self, field: &str, message: impl std::fmt::Display) {
        self.checker.refuse(&join(&self.table, field), message);
    }

    fn check(&mut self, name: &str) {
        let is_id = |it: char| !it.is_whitespace() && !it.is_control() && !"/,:\\\"`".contains(it);
        if name.is_empty() || name.chars().count() > 64 || !name.chars().all(is_id) {
            self.checker.refuse(
                &self.table,
                "is no good name; use letters, digits and hyphens, at most 64",
            );
        }
        let channel = self.channel;
        if !CHANNEL_KINDS.contains(&channel.kind.as_str()) {
            let key = join(&self.table, "kind");
            // One that is missing was told when the file was read.
            if self.checker.is_written(&key) {
                self.checker.one_of(&key, &channel.kind, &CHANNEL_KINDS);
            }
            return;
        }
        self.filters();
        let (may, must) = keys_of(&channel.kind);
        for (field, given) in self.given() {
            let known = may.contains(&field) || COMMON.contains(&field);
            if given && !known {
                let kind = &channel.kind;
                let has = may.join(", ");
                self.refuse(
                    field,
                    format_args!("is nothing that a channel of kind {kind} has; it has {has}"),
                );
            }
            if !given && must.contains(&field) {
                let message = format!("lacks `{field}`");
                self.checker.refuse(&self.table, message);
            }
        }
        self.secrets();
        self.values();
    }

    fn filters(&mut self) {
        let channel = self.channel;
        for kind in &channel.kinds {
            let key = join(&self.table, "kinds");
            self.checker.one_of(&key, kind, &REPORT_KINDS);
        }
        let key = join(&self.table, "severity");
        self.checker.one_of(&key, &channel.severity, &SEVERITIES);
        for (field, list) in [("projects", &channel.projects), ("roles", &channel.roles)] {
            if list.iter().any(|it| it.trim().is_empty()) {
                self.refuse(field, "has an empty name; leave the key out to want all");
            }
        }
        for (field, length) in [
            ("projects", channel.projects.len()),
            ("kinds", channel.kinds.len()),
            ("roles", channel.roles.len()),
        ] {
            if length > LIST_MAX {
                self.refuse(field, format_args!("has more than {LIST_MAX} entries"));
            }
        }
    }

    /// Which keys of a kind's own are there.
    fn given(&self) -> [(&'static str, bool); 23] {
        let it = self.channel;
        [
            ("dir", it.dir.is_some()),
            ("url_env", it.url_env.is_some()),
            ("url_file", it.url_file.is_some()),
            ("secrets_env", it.secrets_env.is_some()),
            ("secrets_file", it.secrets_file.is_some()),
            ("private_addresses", it.private_addresses.is_some()),
            ("networks", it.networks.is_some()),
            ("host", it.host.is_some()),
            ("port", it.port.is_some()),
            ("tls", it.tls.is_some()),
            ("ca_file", it.ca_file.is_some()),
            ("username", it.username.is_some()),
            ("password_env", it.password_env.is_some()),
            ("password_file", it.password_file.is_some()),
            ("from", it.from.is_some()),
            ("to", it.to.is_some()),
            ("program", it.program.is_some()),
            ("arguments", it.arguments.is_some()),
            ("working_directory", it.working_directory.is_some()),
            ("environment", it.environment.is_some()),
            ("output_bytes", it.output_bytes.is_some()),
            ("connect_timeout_ms", it.connect_timeout_ms.is_some()),
            ("timeout_ms", it.timeout_ms.is_some()),
        ]
    }

    /// Each secret has one place.
    fn secrets(&mut self) {
        let it = self.channel;
        let (env, file) = (it.url_env.is_some(), it.url_file.is_some());
        if matches!(it.kind.as_str(), "webhook" | "slack") && env == file {
            let message = "needs the address in one of `url_env` (the name of a variable) and `url_file` (a file)";
            self.checker.refuse(&self.table, message);
        }
        let count = it.secrets_env.as_ref().map_or(0, Vec::len)
            + it.secrets_file.as_ref().map_or(0, Vec::len);
        if it.kind == "webhook" && !(1..=4).contains(&count) {
            let message = format!(
                "names {count} secrets to sign with in `secrets_env` and `secrets_file`; name 1 to 4"
            );
            self.checker.refuse(&self.table, message);
        }
        let (env, file) = (it.password_env.is_some(), it.password_file.is_some());
        if env && file {
            self.refuse(
                "password_file",
                "stands beside `password_env`; leave one out",
            );
        }
        if it.kind == "mail" && it.username.is_some() != (env || file) {
            let message =
                "needs both a `username` and one of `password_env` and `password_file`, or none";
            self.checker.refuse(&self.table, message);
        }
        let variables = it.url_env.iter().map(|name| ("url_env", name));
        let variables = variables
            .chain(it.password_env.iter().map(|name| ("password_env", name)))
            .chain(
                it.secrets_env
                    .iter()
                    .flatten()
                    .map(|it| ("secrets_env", it)),
            )
            .chain(
                it.environment
                    .iter()
                    .flatten()
                    .map(|it| ("environment", it)),
            );
        let is_name = |name: &str| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|it| it.is_ascii_alphanumeric() || it == '_')
        };
        let wrong: Vec<&str> = variables
            .filter(|(_, name)| !is_name(name))
            .map(|(field, _)| field)
            .collect();
        for field in wrong {
            // What stands there may be the secret itself, so it is not repeated.
            self.checker.refuse_unshown(
                &join(&self.table, field),
                "is no name of an environment variable; write the name and not the value",
            );
        }
    }

    fn values(&mut self) {
        let it = self.channel;
        let paths = [
            ("dir", &it.dir),
            ("url_file", &it.url_file),
            ("ca_file", &it.ca_file),
            ("password_file", &it.password_file),
            ("working_directory", &it.working_directory),
        ];
        let paths = paths
            .into_iter()
            .filter_map(|(field, path)| Some((field, path.as_ref()?)));
        let secrets = it.secrets_file.iter().flatten();
        for (field, path) in paths.chain(secrets.map(|path| ("secrets_file", path))) {
            let shown = path.to_string_lossy();
            let key = join(&self.table, field);
            self.checker.path(&key, &shown);
            if !path.is_absolute() && !shown.starts_with('~') {
                self.checker.refuse(
                    &key,
                    format_args!("is {shown:?}; write the whole path, beginning with /"),
                );
            }
        }
        if let Some(program) = &it.program {
            let key = join(&self.table, "program");
            self.checker.path(&key, program);
            if program.trim().is_empty() {
                self.refuse("program", "is empty; name the program to run");
            }
        }
        for (field, word, words) in [
            ("tls", &it.tls, &MAIL_TLS[..]),
            ("private_addresses", &it.private_addresses, &PRIVATE[..]),
        ] {
            if let Some(word) = word {
                let key = join(&self.table, field);
                self.checker.one_of(&key, word, words);
            }
        }
        let bytes = it
            .output_bytes
            .map(|it| u64::try_from(it).unwrap_or(u64::MAX));
        let most = u64::try_from(OUTPUT_BYTES_MAX).unwrap_or(u64::MAX);
        let connect_max = it.timeout_ms.unwrap_or(60_000).clamp(1, TIMEOUT_MS_MAX);
        for (field, value, range, unit) in [
            ("port", it.port, 1..=65_535, "ports"),
            ("output_bytes", bytes, 256..=most, "bytes"),
            (
                "timeout_ms",
                it.timeout_ms,
                100..=TIMEOUT_MS_MAX,
                "milliseconds",
            ),
            (
                "connect_timeout_ms",
                it.connect_timeout_ms,
                1..=connect_max,
                "milliseconds",
            ),
        ] {
            if let Some(value) = value {
                let key = join(&self.table, field);
                self.checker.range(&key, value, range, unit);
            }
        }
    }
}
