//! What the doctor hears from a running daemon: whether it answers, which release it is, whether it takes
//! changes, and whether its clock and its logs are the ones seen from here.

use muster_proto::v1::GetStatusResponse;

use super::{Check, address_of};
use crate::cli::{Exit, Failure, Globals, status};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Settings;
use crate::operate::table::count;
use crate::store::Head;

/// Clocks further apart than this make times in reports confusing, in milliseconds.
const OFFSET_MS: i64 = 2_000;

/// Asks the daemon, if one should be there.
pub(super) async fn ask(
    globals: &Globals,
    settings: Option<&Settings>,
    is_running: bool,
    heads: &[Head],
) -> Vec<Check> {
    let is_named = globals.server.is_some();
    if !is_running && !is_named {
        return Vec::new();
    }
    let mut globals = globals.clone();
    globals.server = globals.server.or_else(|| settings.and_then(address_of));
    let asked_ms = SystemClock::new().now_ms();
    match status::ask(&globals).await {
        Ok(status) => {
            let answered_ms = SystemClock::new().now_ms();
            let here_ms = asked_ms.saturating_add(answered_ms) / 2;
            // The files here need not be those of a daemon that was named.
            let heads = if is_running && !is_named { heads } else { &[] };
            answered(&status, here_ms, heads)
        }
        Err(failed) => vec![unanswered(&failed)],
    }
}

fn unanswered(failed: &Failure) -> Check {
    let said = match failed {
        Failure::Said(fault) => fault.message.clone(),
        Failure::Answered(_) | Failure::StdoutClosed => "no answer".to_owned(),
    };
    match failed.exit() {
        // That nobody is asked says nothing about the daemon.
        Exit::NotAllowed | Exit::Usage => Check::warn(
            "server",
            said,
            "with a token the doctor also asks the daemon",
        ),
        _ => Check::fail(
            "server",
            said,
            "name the address it listens on with --server; if that is right, read the daemon's log",
        ),
    }
}

fn answered(status: &GetStatusResponse, here_ms: i64, heads: &[Head]) -> Vec<Check> {
    let mut checks = vec![release(&status.release), writable(status)];
    if let Some(now) = status.now {
        let there_ms = now
            .seconds
            .saturating_mul(1_000)
            .saturating_add(i64::from(now.nanos) / 1_000_000);
        checks.push(offset(there_ms.saturating_sub(here_ms)));
    }
    if status.caller_project.is_empty() {
        checks.extend(served(status, heads));
        checks.extend(letters(status));
    }
    checks
}

fn release(there: &str) -> Check {
    let here = env!("CARGO_PKG_VERSION");
    if there == here {
        return Check::ok("server", format!("answers, release {there}"));
    }
    Check::warn(
        "server",
        format!("answers, release {there}; this program is {here}"),
        "use the same release on both sides",
    )
}

fn writable(status: &GetStatusResponse) -> Check {
    if status.writable {
        let up = status.uptime_ms / 1_000;
        return Check::ok("changes", format!("are taken; up for {up} s"));
    }
    Check::fail(
        "changes",
        format!("are refused: {}", status.not_writable_reason),
        "free space or mend the disk, then start the daemon again; its log says more",
    )
}

fn offset(offset_ms: i64) -> Check {
    let found = format!("the daemon's is {offset_ms} ms ahead of this one");
    if offset_ms.abs() > OFFSET_MS {
        return Check::warn("clock offset", found, "let both machines keep time by NTP");
    }
    Check::ok("clock offset", found)
}

/// The heads as the daemon serves them; they may have moved on since the files were read.
fn served(status: &GetStatusResponse, heads: &[Head]) -> Vec<Check> {
    let mut checks = Vec::new();
    for project in &status.projects {
        let name = format!("served {}", project.slug);
        let seen = heads.iter().find(|head| head.project == project.slug);
        let found = format!("version {}, head {}", project.version, project.hash);
        let is_other = seen.is_some_and(|head| {
            head.version > project.version
                || (head.version == project.version && head.hash != project.hash)
        });
        checks.push(if is_other {
            Check::fail(
                &name,
                format!("{found}, and the files say otherwise"),
                "another program wrote to the database, or the daemon runs on other files; stop it and: \
                 muster audit verify --data-dir DIR",
            )
        } else {
            Check::ok(&name, found)
        });
    }
    checks
}

/// Reports that did not reach their channel: those that were given up, and those whose channel is gone.
fn letters(status: &GetStatusResponse) -> Vec<Check> {
    let mut checks = Vec::new();
    for project in &status.projects {
        let slug = &project.slug;
        for letters in &project.letters {
            let channel = &letters.channel;
            let name = format!("channel {channel} of {slug}");
            if letters.dead > 0 {
                checks.push(Check::warn(
                    &name,
                    format!(
                        "{} given up, {} waiting",
                        count(u64::from(letters.dead), "report"),
                        letters.waiting
                    ),
                    format!(
                        "see why: muster channel list --project {slug}; mend it: muster channel test {channel} \
                         --project {slug}; then for each: muster channel retry REP-n --channel {channel} --project {slug}"
                    ),
                ));
            } else if letters.waiting > 0 && !letters.configured {
                checks.push(Check::warn(
                    &name,
                    format!(
                        "{} waiting, and the settings have no such channel",
                        count(u64::from(letters.waiting), "report")
                    ),
                    format!("add [channels.{channel}] again; what waits is delivered then"),
                ));
            } else {
                let waiting = count(u64::from(letters.waiting), "report");
                checks.push(Check::ok(&name, format!("{waiting} waiting")));
            }
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use muster_proto::v1::ServedProject;

    fn status() -> GetStatusResponse {
        GetStatusResponse {
            release: env!("CARGO_PKG_VERSION").to_owned(),
            writable: true,
            projects: vec![ServedProject {
                slug: "shop".to_owned(),
                version: 7,
                hash: "aa".to_owned(),
                ..ServedProject::default()
            }],
            now: Some(prost_types::Timestamp {
                seconds: 10,
                nanos: 0,
            }),
            ..GetStatusResponse::default()
        }
    }

    fn head(version: u64, hash: &str) -> Head {
        Head {
            project: "shop".to_owned(),
            version,
            hash: hash.to_owned(),
        }
    }

    /// The states of all lines.
    fn check(status: &GetStatusResponse, here_ms: i64, heads: &[Head]) -> Vec<State> {
        let checks = answered(status, here_ms, heads);
        checks.iter().map(|check| check.state).collect()
    }

    #[test]
    fn a_daemon_that_is_well_is_well() {
        use State::Ok;
        assert_eq!(check(&status(), 9_500, &[head(7, "aa")]), [Ok; 4]);
        assert_eq!(check(&status(), 9_500, &[head(6, "bb")]), [Ok; 4]);
    }

    #[test]
    fn what_is_not_as_it_should_be_is_told() {
        let stuck = GetStatusResponse {
            release: "9.0.0".to_owned(),
            writable: false,
            ..status()
        };
        use State::{Fail, Ok, Warn};
        let states = check(&stuck, 1_000, &[head(7, "bb")]);
        assert_eq!(states, [Warn, Fail, Warn, Fail]);
        assert_eq!(
            check(&status(), 10_000, &[head(8, "cc")]),
            [Ok, Ok, Ok, Fail]
        );
    }

    #[test]
    fn reports_that_were_given_up_are_told_with_what_to_do() {
        let mut status = status();
        let letters = |channel: &str, configured, waiting, dead| muster_proto::v1::ServedLetters {
            channel: channel.to_owned(),
            configured,
            waiting,
            dead,
        };
        status.projects[0].letters = vec![
            letters("busy", true, 1, 0),
            letters("gone", false, 1, 0),
            letters("ops", true, 1, 2),
        ];
        use State::{Ok, Warn};
        let told = super::letters(&status);
        let states: Vec<State> = told.iter().map(|check| check.state).collect();
        assert_eq!(states, [Ok, Warn, Warn]);
        assert_eq!(told[2].name, "channel ops of shop");
        assert_eq!(told[2].found, "2 reports given up, 1 waiting");
        assert!(told[2].advice.contains("channel retry"), "{told:?}");
    }

    #[test]
    fn a_missing_token_is_no_fault_of_the_daemon() {
        let refused = Failure::new(Exit::NotAllowed, "UNAUTHENTICATED", "no token is given");
        assert_eq!(unanswered(&refused).state, State::Warn);
        let gone = Failure::new(Exit::Unavailable, "CANNOT_CONNECT", "no answer");
        assert_eq!(unanswered(&gone).state, State::Fail);
    }
}
