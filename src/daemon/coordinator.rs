//! The coordinator's token: on disk before the port opens, readable by its owner alone, made anew only
//! when the one that is there is no longer good.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StartError;
use crate::api;
use crate::engine::{DAEMON, EngineHandle, Step, Submission};
use crate::plan::Command;
use crate::plan::event::Principal;
use crate::plan::fact::Actor;

const FILE: &str = "coordinator.token";
const FRESH_FILE: &str = "coordinator.token.new";
const NAME: &str = "coordinator";
const FILE_BYTES_MAX: u64 = 4 * 1024;

/// Sees that the data directory has a good token of the coordinator; gives the file.
pub(super) async fn provide(handle: &EngineHandle, data_dir: &Path) -> Result<PathBuf, StartError> {
    let path = data_dir.join(FILE);
    let failed = |source| StartError::TokenFile {
        path: path.clone(),
        source,
    };
    if let Some(token) = read(&path).map_err(failed)?
        && api::token_is_valid(&handle.registry(), &token)
    {
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
        return Ok(path);
    }
    let minted = api::mint_token().map_err(StartError::Chance)?;
    let issue = Command::IssueToken {
        token: minted.id.as_str().into(),
        secret_hash: minted.secret_hash.as_str().into(),
        principal: Principal::Coordinator { name: NAME.into() },
    };
    handle
        .submit(Submission {
            steps: vec![Step {
                project: DAEMON.to_owned(),
                command: issue,
            }],
            actor: Actor::System,
            request: None,
            wait: Duration::ZERO,
        })
        .await
        .map_err(StartError::Token)?;
    write(data_dir, &minted.bearer).map_err(failed)?;
    Ok(path)
}

/// What the file says; none when there is no such file or it is not text.
fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::metadata(path) {
        Ok(found) if found.len() > FILE_BYTES_MAX => return Ok(None),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let bytes = fs::read(path)?;
    let text = String::from_utf8(bytes).ok();
    Ok(text.map(|text| text.trim().to_owned()))
}

/// Writes the file whole or not at all; it is never readable by others, not even for a moment.
fn write(data_dir: &Path, bearer: &str) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)?;
    let fresh = data_dir.join(FRESH_FILE);
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    writeln!(file, "{bearer}")?;
    file.sync_all()?;
    fs::rename(&fresh, data_dir.join(FILE))?;
    File::open(data_dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_for_its_owner_alone_and_is_replaced_whole() {
        let home = tempfile::tempdir().unwrap();
        let data_dir = home.path().join("data");
        for token in ["first", "second"] {
            write(&data_dir, token).unwrap();
            let path = data_dir.join(FILE);
            assert_eq!(read(&path).unwrap().as_deref(), Some(token));
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(!data_dir.join(FRESH_FILE).exists());
    }

    #[test]
    fn what_is_no_token_file_reads_as_none() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(FILE);
        assert_eq!(read(&path).unwrap(), None);
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert_eq!(read(&path).unwrap(), None);
        fs::write(&path, "x".repeat(5_000)).unwrap();
        assert_eq!(read(&path).unwrap(), None);
    }
}
