//! The settings of a command: its flags over the environment over a file over the defaults. The one place
//! of these commands that reads the process's environment for settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::failure::unusable;
use crate::cli::Failure;
use crate::config::{LoadOptions, Settings};

/// Reads the settings in force.
pub(super) fn load(
    file: Option<&Path>,
    flags: BTreeMap<String, String>,
) -> Result<Settings, Failure> {
    let options = LoadOptions {
        file: file.map(Path::to_path_buf),
        environment: environment(),
        flags,
    };
    Settings::load(options).map_err(|error| unusable("CONFIG_INVALID", error))
}

/// What flags set, by the key of the setting; flags that were not given are left out.
pub(super) fn flags<const N: usize>(
    given: [(&str, Option<String>); N],
) -> BTreeMap<String, String> {
    given
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}

/// A path as the text of a setting.
pub(super) fn path_text(path: PathBuf) -> Result<String, Failure> {
    path.into_os_string().into_string().map_err(|path| {
        unusable(
            "PATH_INVALID",
            format!("the path {path:?} is not UTF-8; choose another one"),
        )
    })
}

/// The process's environment; a variable that is no text is no setting either.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Exit;
    use crate::operate::failure::words;

    #[test]
    fn only_flags_that_were_given_count() {
        let flags = flags([
            ("server.listen", Some("127.0.0.1:0".to_owned())),
            ("server.data_dir", None),
        ]);
        assert_eq!(flags.len(), 1);
        let settings = load(None, flags).unwrap();
        assert_eq!(settings.server.listen.port(), 0);
    }

    #[test]
    fn unusable_settings_end_with_exit_code_2() {
        let flags = flags([("server.listen", Some("somewhere".to_owned()))]);
        let failed = load(Some(Path::new("/dev/null")), flags).unwrap_err();
        assert_eq!(failed.exit(), Exit::Usage);
        assert!(words(&failed).contains("somewhere"), "{failed:?}");
    }
}
