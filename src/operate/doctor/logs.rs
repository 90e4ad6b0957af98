//! What the doctor finds in the logs: whether the database can be read by this program, and where each log
//! ends. It holds nothing, so that a daemon may start and stop while it looks.

use std::path::Path;

use super::Check;
use crate::clock::{Clock as _, SystemClock};
use crate::operate::failure::chain;
use crate::operate::table::count;
use crate::store::codec::hash_of;
use crate::store::sqlite::{self, open_beside};
use crate::store::{Head, Reader, StoreError};

/// A wall clock this far behind the newest event was set back, in milliseconds.
const CLOCK_BEHIND_MS: i64 = 60_000;

/// Everything about the logs, and their heads.
pub(super) fn look(data_dir: &Path) -> (Vec<Check>, Vec<Head>) {
    if !sqlite::database(data_dir).is_file() {
        let check = Check::ok("database", "none yet; the first start makes it");
        return (vec![check], Vec::new());
    }
    let read = open_beside(data_dir).and_then(|reader| {
        let heads = reader.heads()?;
        let mut checks = Vec::new();
        let mut newest_ms = i64::MIN;
        for head in &heads {
            let (check, at_ms) = end_of(&*reader, head)?;
            checks.push(check);
            newest_ms = newest_ms.max(at_ms);
        }
        Ok((checks, newest_ms, heads))
    });
    match read {
        Ok((logs, newest_ms, heads)) => {
            let events = heads.iter().map(|head| head.version).sum();
            let mut checks = vec![
                Check::ok(
                    "database",
                    format!("{} can be read", count(events, "event")),
                ),
                clock(newest_ms, SystemClock::new().now_ms()),
            ];
            checks.extend(logs);
            (checks, heads)
        }
        Err(error) => {
            let advice = "see that no other program changes the files; if they are damaged, restore a backup";
            let check = Check::fail("database", chain(&error), advice);
            (vec![check], Vec::new())
        }
    }
}

/// Whether a log ends with an event that is what was written, and when that was.
fn end_of(reader: &dyn Reader, head: &Head) -> Result<(Check, i64), StoreError> {
    let name = format!("log {}", head.project);
    let newest = reader.read(&head.project, head.version.saturating_sub(1), 1)?;
    let Some(newest) = newest.first() else {
        let found = format!("version {} is missing", head.version);
        return Ok((broken(&name, found), i64::MIN));
    };
    if newest.hash != head.hash || hash_of(&newest.document) != newest.hash {
        let found = format!("version {} is not what was written", head.version);
        return Ok((broken(&name, found), newest.at_ms));
    }
    let found = format!("version {}, head {}", head.version, head.hash);
    Ok((Check::ok(&name, found), newest.at_ms))
}

fn broken(name: &str, found: String) -> Check {
    Check::fail(
        name,
        found,
        "muster audit verify shows where the log is sound; restore a backup into a new directory",
    )
}

/// Whether the wall clock can be right.
fn clock(newest_ms: i64, now_ms: i64) -> Check {
    let name = "clock";
    let shown = jiff::Timestamp::from_millisecond(now_ms).map_or_else(
        |_| format!("{now_ms} ms"),
        |at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    );
    let behind_ms = newest_ms.saturating_sub(now_ms);
    if behind_ms > CLOCK_BEHIND_MS {
        return Check::warn(
            name,
            format!("{shown}, {} s before the newest event", behind_ms / 1_000),
            "set the clock right; until it passes the newest event, all that happens bears that one's time",
        );
    }
    Check::ok(name, format!("{shown}, not before the newest event"))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_clock_before_the_newest_event_was_set_back() {
        assert_eq!(clock(1_000, 2_000).state, State::Ok);
        assert_eq!(clock(2_000 + CLOCK_BEHIND_MS, 2_000).state, State::Ok);
        let check = clock(5_000 + CLOCK_BEHIND_MS, 2_000);
        assert_eq!(check.state, State::Warn);
        assert!(check.found.contains("63 s before"), "{check:?}");
        assert_eq!(clock(i64::MIN, 0).state, State::Ok, "nothing was recorded");
    }

    #[test]
    fn a_directory_without_a_database_is_new() {
        let home = tempfile::tempdir().unwrap();
        let (checks, heads) = look(home.path());
        assert_eq!(checks.len(), 1);
        assert!(heads.is_empty() && checks[0].state == State::Ok);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_database_fails() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(sqlite::database(home.path()), "no database".repeat(1_000)).unwrap();
        let (checks, _) = look(home.path());
        assert_eq!(checks[0].state, State::Fail, "{checks:?}");
    }
}
