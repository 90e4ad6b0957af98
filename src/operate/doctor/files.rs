//! What the doctor finds in the data directory beside the logs: the disk under it, who may read it, and
//! what lies in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::Check;
use crate::clock::{Clock as _, Stopwatch, SystemClock};
use crate::operate::table::size;
use crate::store::sqlite::{self, file_system, free_bytes};

/// Below this a backup or a checkpoint can fill the disk, in bytes.
const ROOM_LITTLE_BYTES: u64 = 1024 * 1024 * 1024;
/// Below this the next hour can.
const ROOM_NONE_BYTES: u64 = 64 * 1024 * 1024;
/// The daemon brings a write-ahead log in from 256 MiB on; twice that means that something keeps it.
const LOG_LONG_BYTES: u64 = 512 * 1024 * 1024;
/// Commits of a disk that is slower than this are felt by every agent, in milliseconds.
const SYNC_SLOW_MS: u128 = 50;
/// How often the probe is written and synced.
const SYNCS: usize = 15;
/// The size of a commit of one event, in bytes.
const PROBE_BYTES: usize = 4_096;
const PROBE_FILE: &str = "doctor.probe";

/// Everything about the directory.
pub(super) fn look(data_dir: &Path) -> Vec<Check> {
    let path = data_dir.display();
    if !data_dir.is_dir() {
        return vec![Check::warn(
            "directory",
            format!("{path} is not there"),
            "name the daemon's with --data-dir, or start it once: muster serve",
        )];
    }
    let mut checks = vec![file_system_of(data_dir), disk(data_dir)];
    checks.push(sync_latency(data_dir));
    checks.push(permissions(data_dir));
    checks.push(write_ahead_log(data_dir));
    checks.extend(snapshots(data_dir));
    checks
}

fn file_system_of(data_dir: &Path) -> Check {
    match file_system(data_dir) {
        Ok(found) if found.network.is_some() => Check::fail(
            "file system",
            format!("{}, over the network", found.name),
            "move the data directory to a local disk: locks cannot be trusted here, and the daemon does \
             not start",
        ),
        Ok(found) if found.name == "tmpfs" => Check::warn(
            "file system",
            "tmpfs: memory, gone when the machine stops",
            "keep what should last on a disk",
        ),
        Ok(found) => Check::ok("file system", found.name),
        Err(error) => Check::fail(
            "file system",
            error.to_string(),
            "see that the path is right",
        ),
    }
}

fn disk(data_dir: &Path) -> Check {
    match free_bytes(data_dir) {
        Ok(free) => {
            let found = format!("{} free", size(free));
            let advice =
                "free some space; a full disk stops all writes until the daemon is started again";
            match free {
                0..ROOM_NONE_BYTES => Check::fail("disk", found, advice),
                ROOM_NONE_BYTES..ROOM_LITTLE_BYTES => Check::warn("disk", found, advice),
                _ => Check::ok("disk", found),
            }
        }
        Err(error) => Check::fail("disk", error.to_string(), "see that the path is right"),
    }
}

/// Takes the probe away whatever happens.
struct Probe<'a>(&'a Path);

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.0);
    }
}

fn sync_latency(data_dir: &Path) -> Check {
    let path = data_dir.join(PROBE_FILE);
    let name = "fsync";
    let measured = measure(&path);
    match measured {
        Ok(median) if median.as_millis() > SYNC_SLOW_MS => Check::warn(
            name,
            milliseconds(median),
            "every commit waits for this; use a faster disk, or one with a cache that survives a power cut",
        ),
        Ok(median) => Check::ok(name, milliseconds(median)),
        Err(error) => Check::fail(
            name,
            format!("{} cannot be written: {error}", path.display()),
            "run the doctor as the user who runs the daemon, and see that the disk takes writes",
        ),
    }
}

/// The median time of a small write with an fsync.
fn measure(path: &Path) -> io::Result<Duration> {
    // One that was cut off left its probe.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let _probe = Probe(path);
    let bytes = [0x5a; PROBE_BYTES];
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let watch = Stopwatch::start();
        file.write_all(&bytes)?;
        file.sync_data()?;
        times.push(watch.elapsed());
    }
    times.sort();
    Ok(times[SYNCS / 2])
}

fn milliseconds(time: Duration) -> String {
    let hundredths = time.as_micros() / 10;
    format!(
        "{}.{:02} ms a commit (median of {SYNCS})",
        hundredths / 100,
        hundredths % 100
    )
}

/// Nobody but the owner may read what is here.
fn permissions(data_dir: &Path) -> Check {
    let name = "permissions";
    let mut open = Vec::new();
    let mut foreign = Vec::new();
    let me = rustix::process::geteuid().as_raw();
    let files = ["", "muster.db", "muster.db-wal", "coordinator.token"];
    for file in files {
        let path = if file.is_empty() {
            data_dir.to_owned()
        } else {
            data_dir.join(file)
        };
        let Ok(found) = fs::metadata(&path) else {
            continue;
        };
        let mode = found.mode() & 0o777;
        if mode & 0o077 != 0 {
            open.push(format!("{} is {mode:04o}", path.display()));
        }
        if found.uid() != me {
            foreign.push(format!(
                "{} belongs to user {}",
                path.display(),
                found.uid()
            ));
        }
    }
    if !open.is_empty() {
        let token = open.iter().any(|one| one.contains("coordinator.token"));
        let advice = format!(
            "close it to others: chmod -R go-rwx {}{}",
            data_dir.display(),
            if token {
                "; who read the token can do everything: issue another and revoke it"
            } else {
                ""
            }
        );
        return Check::fail(name, open.join(", "), advice);
    }
    if !foreign.is_empty() {
        return Check::warn(
            name,
            foreign.join(", "),
            "run daemon and doctor as the user who owns the data directory",
        );
    }
    Check::ok(name, "for the owner alone")
}

fn write_ahead_log(data_dir: &Path) -> Check {
    let name = "write-ahead log";
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
    let database = sqlite::database(data_dir);
    let log = bytes(&database.with_extension("db-wal"));
    let found = format!(
        "{} beside {} of database",
        size(log),
        size(bytes(&database))
    );
    if log > LOG_LONG_BYTES {
        return Check::warn(
            name,
            found,
            "a reader keeps it from being used again: a long backup, or another program on the file",
        );
    }
    Check::ok(name, found)
}

/// How old the newest snapshot of each project is.
fn snapshots(data_dir: &Path) -> Vec<Check> {
    let name = "snapshots";
    let folders = fs::read_dir(data_dir.join("snapshots"));
    let folders = folders.into_iter().flatten().flatten();
    let now_ms = SystemClock::new().now_ms();
    let mut ages: Vec<String> = folders
        .filter(|folder| folder.path().is_dir())
        .map(|folder| {
            let slug = folder.file_name().to_string_lossy().into_owned();
            match newest_ms(&folder.path()) {
                Some(at_ms) => format!("{slug} {}", age(now_ms.saturating_sub(at_ms))),
                None => format!("{slug} none"),
            }
        })
        .collect();
    ages.sort();
    let found = if ages.is_empty() {
        "none; a start reads the whole log".to_owned()
    } else {
        ages.join(", ")
    };
    vec![Check::ok(name, found)]
}

/// When the newest file of a folder was written, in milliseconds since the epoch.
fn newest_ms(folder: &Path) -> Option<i64> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    entries
        .filter_map(|entry| entry.metadata().ok()?.modified().ok())
        .filter_map(|at| at.duration_since(UNIX_EPOCH).ok())
        .filter_map(|since| i64::try_from(since.as_millis()).ok())
        .max()
}

fn age(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    match minutes {
        0..120 => format!("{minutes} min old"),
        120..2_880 => format!("{} h old", minutes / 60),
        _ => format!("{} d old", minutes / 1_440),
    }
}

/// Whether the certificate and its key can be read, and the key by its owner alone.
pub(super) fn tls(certificate: &Path, key: &Path) -> Check {
    let name = "tls";
    for path in [certificate, key] {
        if let Err(error) = File::open(path) {
            return Check::fail(
                name,
                format!("{} cannot be read: {error}", path.display()),
                "see that tls.cert_file and tls.key_file name files the daemon may read",
            );
        }
    }
    let mode = fs::metadata(key).map_or(0, |found| found.mode() & 0o777);
    if mode & 0o007 != 0 {
        return Check::fail(
            name,
            format!(
                "{} is {mode:04o}: everybody on this machine can read the key",
                key.display()
            ),
            format!("chmod o-rwx {}", key.display()),
        );
    }
    Check::ok(
        name,
        format!("{} and its key can be read", certificate.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_token_that_others_can_read_fails_and_says_what_to_do() {
        let home = tempfile::tempdir().unwrap();
        let token = home.path().join("coordinator.token");
        fs::write(&token, "secret").unwrap();
        chmod(home.path(), 0o700);
        chmod(&token, 0o600);
        assert_eq!(permissions(home.path()).state, State::Ok);
        chmod(&token, 0o640);
        let check = permissions(home.path());
        assert_eq!(check.state, State::Fail);
        assert!(check.found.contains("0640"), "{check:?}");
        assert!(check.advice.contains("revoke"), "{check:?}");
    }

    #[test]
    fn the_probe_measures_and_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let check = sync_latency(home.path());
        assert!(check.found.contains(" ms a commit"), "{check:?}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        let nowhere = sync_latency(&home.path().join("nowhere"));
        assert_eq!(nowhere.state, State::Fail);
    }

    #[test]
    fn a_key_that_everybody_reads_fails() {
        let home = tempfile::tempdir().unwrap();
        let (certificate, key) = (home.path().join("c.pem"), home.path().join("k.pem"));
        assert_eq!(tls(&certificate, &key).state, State::Fail);
        fs::write(&certificate, "c").unwrap();
        fs::write(&key, "k").unwrap();
        chmod(&key, 0o600);
        assert_eq!(tls(&certificate, &key).state, State::Ok);
        chmod(&key, 0o644);
        assert_eq!(tls(&certificate, &key).state, State::Fail);
    }

    #[test]
    fn a_directory_that_is_not_there_is_no_more_than_a_hint() {
        let checks = look(Path::new("/no/such/directory"));
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0].state, State::Warn);
    }
}
