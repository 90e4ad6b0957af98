//! What a daemon takes from its settings before it opens or changes anything: secrets and certificates read, words
//! and addresses understood. `config check` and the start go through here, so what the check passes is what starts.

use super::{StartError, channels, checking, defaults, read_tls};
use crate::api::TlsFiles;
use crate::config::Settings;
use crate::notify::Channels;
use crate::plan::settings::Settings as ProjectSettings;
use crate::probe::Sources;

/// What the settings say, ready to be used.
pub(super) struct Prepared {
    pub defaults: ProjectSettings,
    pub tls: Option<TlsFiles>,
    pub channels: Channels,
    pub sources: Sources,
}

/// Reads what the settings name. Connects to nothing and writes nothing.
///
/// # Errors
/// All that cannot be used, each with its key and never with the value of a secret.
pub(super) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    // Whatever connects needs it. Of several daemons in one process the first installs it for all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut problems = Vec::new();
    let defaults = noted(defaults::project_settings(&settings.project), &mut problems);
    let tls = settings.tls.as_ref().map(|files| {
        let read = read_tls(files)?;
        read.check().map_err(StartError::Serve)?;
        Ok(read)
    });
    let tls = noted(tls.transpose(), &mut problems);
    let (channels, closed) = channels::open(&settings.channels);
    problems.extend(closed);
    let sources = noted(checking::sources(&settings.github), &mut problems);
    match (defaults, tls, sources) {
        (Some(defaults), Some(tls), Some(sources)) if problems.is_empty() => Ok(Prepared {
            defaults,
            tls,
            channels,
            sources,
        }),
        _ => Err(StartError::several(problems)),
    }
}

/// What was understood; otherwise the problem is noted.
fn noted<T>(read: Result<T, StartError>, problems: &mut Vec<StartError>) -> Option<T> {
    read.map_err(|error| problems.push(error)).ok()
}
