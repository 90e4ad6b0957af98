//! The channels of the settings, opened, and the task that brings published reports to them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::StartError;
use crate::config::{self, ChannelSettings};
use crate::engine::EngineHandle;
use crate::notify::{
    Channel, ChannelError, ChannelOptions, Channels, CommandOptions, FilesOptions, Filter,
    LetterKind, MailOptions, MailTls, Outbox, Severity, SlackOptions, Timeouts, WebhookOptions,
};
use crate::outbound::{Network, Rules};
use crate::probe::CommandSpec;
use crate::secret::{Secret, SecretError, SecretSource};

const CONNECT_MS: u64 = 10_000;
const WHOLE_MS: u64 = 60_000;
const OUTPUT_BYTES: usize = 65_536;
/// The variables that a command sees when nothing is said.
const ENVIRONMENT: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// Opens the channels of the settings, and says of those that cannot be used which key is to blame, never the value
/// of a secret. Connects to nothing.
pub(super) fn open(settings: &config::Channels) -> (Channels, Vec<StartError>) {
    let mut closed = Vec::new();
    let mut opened = Vec::new();
    for (name, settings) in settings {
        let opening = Opening { name, settings };
        let channel = opening
            .options()
            .and_then(|options| Channel::open(options).map_err(|error| opening.refused(&error)));
        match channel {
            Ok(channel) => opened.push((name.clone(), channel, filter(settings))),
            Err(error) => closed.push(error),
        }
    }
    (Channels::new(opened), closed)
}

/// The filter of a channel; the settings have checked the words.
fn filter(settings: &ChannelSettings) -> Filter {
    let kind = |word: &String| {
        let mut kinds = LetterKind::ALL.into_iter();
        kinds.find(|kind| kind.as_str() == word)
    };
    let severities = [Severity::Info, Severity::Warning, Severity::Critical];
    let severity = severities
        .into_iter()
        .find(|severity| severity.as_str() == settings.severity);
    Filter {
        projects: settings.projects.clone(),
        kinds: settings.kinds.iter().filter_map(kind).collect(),
        min_severity: severity.unwrap_or_default(),
        roles: settings.roles.clone(),
    }
}

/// A channel that is being opened.
struct Opening<'a> {
    name: &'a str,
    settings: &'a ChannelSettings,
}

impl Opening<'_> {
    fn wrong(&self, field: &str, problem: impl Into<String>) -> StartError {
        StartError::Setting {
            key: format!("channels.{}.{field}", self.name),
            problem: problem.into(),
        }
    }

    /// A channel names its options; a secret stands under another key in the settings.
    fn refused(&self, error: &ChannelError) -> StartError {
        let it = self.settings;
        let field = match (error.field, it.url_env.is_some(), it.password_env.is_some()) {
            ("url", true, _) => "url_env",
            ("url", false, _) => "url_file",
            ("secrets", ..) if it.secrets_env.is_some() => "secrets_env",
            ("secrets", ..) => "secrets_file",
            ("password", _, true) => "password_env",
            ("password", _, false) => "password_file",
            ("timeouts", ..) => "timeout_ms",
            (field, ..) => field,
        };
        self.wrong(field, error.problem.clone())
    }

    fn secret(&self, field: &str, source: &SecretSource) -> Result<Secret, StartError> {
        source.read().map_err(|error: SecretError| {
            self.wrong(field, crate::telemetry::chain(&error).to_string())
        })
    }

    /// The secret that one of two keys says where to find.
    fn one_secret(
        &self,
        stem: &str,
        env: Option<&String>,
        file: Option<&PathBuf>,
    ) -> Result<Option<Secret>, StartError> {
        let variable = env.map(|name| {
            let source = SecretSource::Environment(name.clone());
            self.secret(&format!("{stem}_env"), &source)
        });
        let file = file.map(|path| {
            let source = SecretSource::File(path.clone());
            self.secret(&format!("{stem}_file"), &source)
        });
        variable.or(file).transpose()
    }

    fn url(&self) -> Result<Secret, StartError> {
        let it = self.settings;
        let url = self.one_secret("url", it.url_env.as_ref(), it.url_file.as_ref())?;
        url.ok_or_else(|| self.wrong("url_env", "is missing"))
    }

    fn secrets(&self) -> Result<Vec<Secret>, StartError> {
        let it = self.settings;
        let variables = it.secrets_env.iter().flatten().map(|name| {
            let source = SecretSource::Environment(name.clone());
            self.secret("secrets_env", &source)
        });
        let files = it.secrets_file.iter().flatten().map(|path| {
            let source = SecretSource::File(path.clone());
            self.secret("secrets_file", &source)
        });
        variables.chain(files).collect()
    }

    fn rules(&self) -> Result<Rules, StartError> {
        let networks = self.settings.networks.iter().flatten();
        let networks = networks.map(|written| {
            written.parse::<Network>().map_err(|error| {
                self.wrong(
                    "networks",
                    format!("has {written:?}, which is no range: {error}"),
                )
            })
        });
        Ok(Rules {
            allow_private: self.settings.private_addresses.as_deref() == Some("allow"),
            networks: networks.collect::<Result<_, _>>()?,
        })
    }

    fn timeouts(&self) -> Timeouts {
        let it = self.settings;
        let whole_ms = it.timeout_ms.unwrap_or(WHOLE_MS);
        let connect_ms = it.connect_timeout_ms.unwrap_or(CONNECT_MS.min(whole_ms));
        Timeouts {
            connect: Duration::from_millis(connect_ms),
            whole: Duration::from_millis(whole_ms),
        }
    }

    fn options(&self) -> Result<ChannelOptions, StartError> {
        let it = self.settings;
        Ok(match it.kind.as_str() {
            "files" => ChannelOptions::Files(FilesOptions {
                dir: it.dir.clone().unwrap_or_default(),
            }),
            "webhook" => ChannelOptions::Webhook(WebhookOptions {
                url: self.url()?,
                secrets: self.secrets()?,
                rules: self.rules()?,
                timeouts: self.timeouts(),
            }),
            "slack" => ChannelOptions::Slack(SlackOptions {
                url: self.url()?,
                rules: self.rules()?,
                timeouts: self.timeouts(),
            }),
            "mail" => ChannelOptions::Mail(self.mail()?),
            "command" => ChannelOptions::Command(self.command()),
            other => return Err(self.wrong("kind", format!("is {other:?}, which is none"))),
        })
    }

    fn mail(&self) -> Result<MailOptions, StartError> {
        let it = self.settings;
        let tls = match it.tls.as_deref() {
            Some("starttls") => MailTls::StartTls,
            Some("none") => MailTls::None,
            Some(_) | None => MailTls::Implicit,
        };
        let usual = if tls == MailTls::Implicit { 465 } else { 587 };
        let port = it.port.map_or(Ok(usual), u16::try_from);
        let password = self.one_secret(
            "password",
            it.password_env.as_ref(),
            it.password_file.as_ref(),
        );
        Ok(MailOptions {
            host: it.host.clone().unwrap_or_default(),
            port: port.map_err(|_| self.wrong("port", "is no port"))?,
            tls,
            ca_file: it.ca_file.clone(),
            username: it.username.clone(),
            password: password?,
            from: it.from.clone().unwrap_or_default(),
            to: it.to.clone().unwrap_or_default(),
            timeouts: self.timeouts(),
        })
    }

    fn command(&self) -> CommandOptions {
        let it = self.settings;
        let usual = || ENVIRONMENT.map(str::to_owned).to_vec();
        let seen = it.environment.clone().unwrap_or_else(usual);
        let seen = seen.into_iter().filter_map(|name| {
            let value: OsString = std::env::var_os(&name)?;
            Some((name, value))
        });
        CommandOptions {
            spec: CommandSpec {
                program: it.program.clone().unwrap_or_default(),
                arguments: it.arguments.clone().unwrap_or_default(),
                working_directory: it.working_directory.clone().unwrap_or_default(),
                timeout: self.timeouts().whole,
                output_bytes: it.output_bytes.unwrap_or(OUTPUT_BYTES),
                number_after: String::new(),
            },
            environment: seen.collect(),
        }
    }
}

/// The outbox at work; dropped, it stops. A letter on its way is given up and delivered again after the next start.
pub(super) struct Delivering(JoinHandle<()>);

impl Delivering {
    pub(super) fn start(engine: EngineHandle, channels: Channels) -> Self {
        Self(tokio::spawn(Outbox::new(engine, channels).run()))
    }
}

impl Drop for Delivering {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_settings_are_those_of_the_channels() {
        let settings = |kind: &str, severity: &str| ChannelSettings {
            kinds: vec![kind.to_owned()],
            severity: severity.to_owned(),
            ..toml::from_str("kind = \"files\"").expect("a channel")
        };
        for (kind, severity) in config::REPORT_KINDS
            .iter()
            .zip(config::SEVERITIES.iter().cycle())
        {
            let filter = filter(&settings(kind, severity));
            assert_eq!(filter.kinds.len(), 1, "{kind}");
            assert_eq!(filter.min_severity.as_str(), *severity);
        }
    }

    /// The key and the problem of a channel that cannot be opened.
    fn refused(toml: &str) -> String {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings: ChannelSettings = toml::from_str(toml).expect("it has the form");
        let channels = config::Channels::from([("ops".to_owned(), settings)]);
        let (_, closed) = open(&channels);
        closed.first().expect("it cannot be opened").to_string()
    }

    #[test]
    fn what_only_opening_a_channel_can_tell_is_refused_with_its_key() {
        let said = refused("kind = \"slack\"\nurl_env = \"MUSTER_NO_SUCH_VARIABLE\"");
        assert!(said.contains("channels.ops.url_env"), "{said}");
        let folder = tempfile::tempdir().expect("a folder");
        let secret = folder.path().join("url");
        std::fs::write(&secret, "ftp://hooks.example.com/T0/hunter2").expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&secret, mode).expect("its mode");
        let url_file = format!(
            "kind = \"slack\"\nurl_file = {:?}",
            secret.display().to_string()
        );
        let said = refused(&url_file);
        assert!(said.contains("channels.ops.url_file"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        let networks = format!("{url_file}\nnetworks = [\"everywhere\"]");
        let said = refused(&networks);
        assert!(said.contains("channels.ops.networks"), "{said}");
        let mail = "kind = \"mail\"\nhost = \"mail.example.com\"\nfrom = \"nobody\"\nto = [\"a@example.com\"]";
        let said = refused(mail);
        assert!(said.contains("channels.ops.from"), "{said}");
    }
}
