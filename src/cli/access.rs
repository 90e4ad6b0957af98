//! Where the token comes from. The coordinator's own token is found without being named only for a person
//! at a terminal, only for a coordinator's verbs, and never leaves this machine.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::Globals;
use super::exit::Exit;
use super::failure::Failure;

const TOKEN_BYTES_MAX: u64 = 4_096;

/// Whose verb it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// An agent speaks for itself; no token is found for it.
    Agent,
    /// A coordinator, or whoever reads.
    Coordinator,
}

/// What the process was started with, as far as it matters here.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `MUSTER_TOKEN`.
    pub token: Option<String>,
    /// `MUSTER_DATA_DIR`.
    pub data_dir: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub state_home: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// Stdin and stdout are terminals.
    pub at_terminal: bool,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        use std::io::IsTerminal;
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            token: set("MUSTER_TOKEN").map(|token| token.to_string_lossy().into_owned()),
            data_dir: set("MUSTER_DATA_DIR").map(PathBuf::from),
            state_home: set("XDG_STATE_HOME").map(PathBuf::from),
            home: set("HOME").map(PathBuf::from),
            at_terminal: std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
        }
    }

    /// Where the daemon of this machine leaves the coordinator's token unless told otherwise.
    fn coordinator_token(&self) -> Option<PathBuf> {
        let of_state = |state: &PathBuf| state.is_absolute().then(|| state.join("muster"));
        let data_dir = self
            .data_dir
            .clone()
            .or_else(|| self.state_home.as_ref().and_then(of_state))
            .or_else(|| of_state(&self.home.as_ref()?.join(".local/state")));
        Some(data_dir?.join("coordinator.token"))
    }
}

/// The token to send: `--token`, else `--token-file`, else `MUSTER_TOKEN`, else the coordinator's own
/// where it may be found by itself. `host` is the server's.
///
/// # Errors
/// There is none (exit code 7), or the named file cannot be read (2).
pub fn token(
    globals: &Globals,
    around: &Surroundings,
    speaker: Speaker,
    host: &str,
) -> Result<String, Failure> {
    if let Some(token) = &globals.token {
        return Ok(token.trim().to_owned());
    }
    if let Some(path) = &globals.token_file {
        return read(path)
            .map_err(|why| Failure::usage(format!("the token file {} {why}", path.display())));
    }
    if let Some(token) = &around.token {
        return Ok(token.trim().to_owned());
    }
    let may_be_found = speaker == Speaker::Coordinator && around.at_terminal && is_loopback(host);
    let found = around.coordinator_token().filter(|_| may_be_found);
    found
        .and_then(|path| read(&path).ok())
        .ok_or_else(|| missing(speaker))
}

/// Whether a host of an address is this machine.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn missing(speaker: Speaker) -> Failure {
    match speaker {
        Speaker::Agent => Failure::new(
            Exit::NotAllowed,
            "UNAUTHENTICATED",
            "no token is given, and an agent's verb needs the agent's own: set MUSTER_TOKEN (or give --token \
             or --token-file) to the one that registering the agent printed",
        )
        .next("agent register NAME --role ROLE"),
        Speaker::Coordinator => Failure::new(
            Exit::NotAllowed,
            "UNAUTHENTICATED",
            "no token is given: set MUSTER_TOKEN, or give --token or --token-file; the coordinator's own is \
             in the file coordinator.token of the daemon's data directory",
        ),
    }
}

fn read(path: &Path) -> Result<String, String> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(TOKEN_BYTES_MAX).read_to_string(&mut text))
        .map_err(|error| format!("cannot be read: {error}"))?;
    let token = text.trim();
    if token.is_empty() {
        return Err("is empty".to_owned());
    }
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given {
        globals: Globals,
        around: Surroundings,
        _folder: tempfile::TempDir,
    }

    /// Everything that could give a token is there: both flags, the variable and the coordinator's file.
    fn everything() -> Given {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("coordinator.token"), "found\n").unwrap();
        std::fs::write(folder.path().join("named"), "from-file\n").unwrap();
        Given {
            globals: Globals {
                token: Some("from-flag".to_owned()),
                token_file: Some(folder.path().join("named")),
                ..Globals::default()
            },
            around: Surroundings {
                token: Some("from-variable".to_owned()),
                data_dir: Some(folder.path().to_owned()),
                at_terminal: true,
                ..Surroundings::default()
            },
            _folder: folder,
        }
    }

    fn token_of(given: &Given, speaker: Speaker, host: &str) -> Result<String, Exit> {
        token(&given.globals, &given.around, speaker, host).map_err(|failure| failure.exit())
    }

    #[test]
    fn what_is_named_nearer_goes_first() {
        for speaker in [Speaker::Agent, Speaker::Coordinator] {
            let mut given = everything();
            let next = |given: &Given| token_of(given, speaker, "127.0.0.1").unwrap();
            assert_eq!(next(&given), "from-flag");
            given.globals.token = None;
            assert_eq!(next(&given), "from-file");
            given.globals.token_file = None;
            assert_eq!(next(&given), "from-variable");
        }
    }

    fn found(
        change: impl FnOnce(&mut Given),
        speaker: Speaker,
        host: &str,
    ) -> Result<String, Exit> {
        let mut given = everything();
        given.globals = Globals::default();
        given.around.token = None;
        change(&mut given);
        token_of(&given, speaker, host)
    }

    #[test]
    fn the_coordinators_token_is_found_for_a_person_on_this_machine() {
        for host in ["127.0.0.1", "127.8.8.8", "[::1]", "localhost", "LOCALHOST"] {
            assert_eq!(
                found(|_| (), Speaker::Coordinator, host),
                Ok("found".to_owned()),
                "{host}"
            );
        }
    }

    #[test]
    fn the_coordinators_token_is_not_found_for_an_agents_verb() {
        assert_eq!(
            found(|_| (), Speaker::Agent, "127.0.0.1"),
            Err(Exit::NotAllowed)
        );
    }

    #[test]
    fn the_coordinators_token_is_not_found_away_from_a_terminal() {
        let away = |given: &mut Given| given.around.at_terminal = false;
        assert_eq!(
            found(away, Speaker::Coordinator, "127.0.0.1"),
            Err(Exit::NotAllowed)
        );
    }

    #[test]
    fn the_coordinators_token_is_not_sent_to_another_machine() {
        for host in [
            "10.0.0.1",
            "example.org",
            "localhost.example.org",
            "0.0.0.0",
            "",
        ] {
            assert_eq!(
                found(|_| (), Speaker::Coordinator, host),
                Err(Exit::NotAllowed),
                "{host}"
            );
        }
    }

    #[test]
    fn the_coordinators_token_lies_where_the_daemon_leaves_it() {
        let path = |data_dir: Option<&str>, state: Option<&str>, home: Option<&str>| {
            let around = Surroundings {
                data_dir: data_dir.map(PathBuf::from),
                state_home: state.map(PathBuf::from),
                home: home.map(PathBuf::from),
                ..Surroundings::default()
            };
            around
                .coordinator_token()
                .map(|path| path.display().to_string())
        };
        let all = path(Some("/d"), Some("/s"), Some("/h"));
        assert_eq!(all.as_deref(), Some("/d/coordinator.token"));
        let state = path(None, Some("/s"), Some("/h"));
        assert_eq!(state.as_deref(), Some("/s/muster/coordinator.token"));
        let home = path(None, Some("relative"), Some("/h"));
        assert_eq!(
            home.as_deref(),
            Some("/h/.local/state/muster/coordinator.token")
        );
        assert_eq!(path(None, None, None), None);
    }

    #[test]
    fn a_named_file_that_cannot_be_read_is_no_reason_to_look_elsewhere() {
        let mut given = everything();
        given.globals.token = None;
        given.globals.token_file = Some(PathBuf::from("/nowhere/at/all"));
        assert_eq!(
            token_of(&given, Speaker::Coordinator, "127.0.0.1"),
            Err(Exit::Usage)
        );
    }
}
