//! Who may use whom. The core stays a set of functions and the edges stay thin only as long as no
//! mention points the wrong way.

use crate::paths::read;

/// Drivers of the stores.
const DRIVERS: &[&str] = &[
    "rusqlite",
    "tokio_postgres",
    "deadpool",
    "deadpool_postgres",
];

/// What the wire looks like.
const WIRE: &[&str] = &["muster_proto", "prost", "prost_types", "tonic"];

/// What a function of values has no business with.
const WORLD: &[&str] = &[
    "axum",
    "clap",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "tokio",
    "tokio_stream",
    "tokio_util",
];

/// Time and chance; asked for in one file only.
const TIME_AND_CHANCE: &[&str] = &[
    "chrono::Local::now",
    "chrono::Utc::now",
    "getrandom",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "rand",
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "uuid",
];

/// What a client of the interface may use: it knows neither plan nor store.
const CLIENT: &[&str] = &["clock", "config", "telemetry", "api"];

/// The command line also reads plan files and shows reports.
const CLIENT_OF_PEOPLE: &[&str] = &[
    "api",
    "clock",
    "config",
    "interchange",
    "mcp",
    "report",
    "telemetry",
    "web",
];

/// The modules one may use beside itself.
enum Uses {
    Only(&'static [&'static str]),
    /// All that stand before it in the table.
    Above,
    AboveBut(&'static [&'static str]),
}
use Uses::{Above, AboveBut, Only};

/// Groups of libraries.
type Libraries = &'static [&'static [&'static str]];

/// Module, what it may use, which libraries it may not mention; in reading order. `lib.rs` only names
/// modules, `main.rs` starts them; neither stands here.
const RULES: &[(&str, Uses, Libraries)] = &[
    ("plan", Only(&[]), &[DRIVERS, WIRE, WORLD]),
    ("report", Only(&["plan"]), &[DRIVERS, WIRE, WORLD]),
    (
        "interchange",
        Only(&["plan", "report"]),
        &[DRIVERS, WIRE, WORLD],
    ),
    (
        "failpoint",
        Only(&[]),
        &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    ),
    (
        "store",
        Only(&["plan", "failpoint"]),
        &[WIRE, &["axum", "clap", "tokio::time"]],
    ),
    (
        "clock",
        Only(&[]),
        &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    ),
    (
        "config",
        Only(&["plan"]),
        &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    ),
    (
        "telemetry",
        Only(&["config"]),
        &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    ),
    (
        "secret",
        Only(&[]),
        &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    ),
    ("outbound", Only(&[]), &[DRIVERS, WIRE, &["axum", "clap"]]),
    ("engine", Above, &[DRIVERS, WIRE, &["axum", "clap"]]),
    (
        "schedule",
        Above,
        &[DRIVERS, WIRE, &["axum", "clap", "tokio::time"]],
    ),
    ("probe", Above, &[DRIVERS, WIRE, &["axum", "clap"]]),
    ("notify", Above, &[DRIVERS, WIRE, &["axum", "clap"]]),
    ("api", Above, &[DRIVERS, &["clap"]]),
    ("mcp", Only(CLIENT), &[DRIVERS, &["clap"]]),
    ("web", Only(CLIENT), &[DRIVERS, &["clap"]]),
    ("cli", Only(CLIENT_OF_PEOPLE), &[DRIVERS]),
    ("daemon", AboveBut(&["cli"]), &[DRIVERS, &["clap"]]),
    ("operate", Above, &[]),
];

/// Whether the rule at `index` of the table lets its module use `neighbour`.
fn may_use(index: usize, neighbour: &str) -> bool {
    let is_above = || RULES[..index].iter().any(|(above, ..)| *above == neighbour);
    match RULES[index].1 {
        Only(known) => known.contains(&neighbour),
        Above => is_above(),
        AboveBut(hidden) => is_above() && !hidden.contains(&neighbour),
    }
}

/// What one source file of `src/` mentions against the rules. Test code is free.
pub fn check(path: &str, text: &str) -> Vec<String> {
    let module = path
        .strip_prefix("src/")
        .and_then(|inner| inner.split(['/', '.']).next())
        .unwrap_or_default();
    let root = matches!(module, "main" | "lib");
    let rule = RULES.iter().position(|(name, ..)| *name == module);
    if rule.is_none() && !root {
        return vec![format!(
            "{path}: no rule says what `{module}` may use; add one"
        )];
    }
    let mut problems = Vec::new();
    for mention in read(path, text).mentions {
        if mention.in_test {
            continue;
        }
        let mut complain = |problem: String| {
            problems.push(format!("{path}:{}: {problem}", mention.line));
        };
        if let Some(rule) = rule
            && let Some(neighbour) = neighbour(&mention.path)
            && neighbour != module
            && !may_use(rule, neighbour)
        {
            complain(format!("`{module}` may not use `{neighbour}`"));
        }
        let banned = rule.map_or(&[][..], |rule| RULES[rule].2).iter().copied();
        for library in banned.flatten() {
            if reaches(&mention.path, library) {
                complain(format!("`{module}` may not mention `{library}`"));
            }
        }
        if module != "clock" {
            for call in TIME_AND_CHANCE {
                if reaches(&mention.path, call) {
                    complain(format!(
                        "only `clock` may ask for `{call}`; take it as a fact"
                    ));
                }
            }
        }
    }
    problems
}

/// The module of ours that a path leads into.
fn neighbour(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("crate::")?;
    let first = inner.split("::").next()?;
    RULES
        .iter()
        .map(|(module, ..)| *module)
        .find(|module| *module == first)
}

/// Whether a mention is of `banned`, of something in it, or brings it in by a glob.
fn reaches(mention: &str, banned: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let by_glob = mention
        .strip_suffix("::*")
        .is_some_and(|outer| within(banned, outer));
    within(mention, banned) || by_glob
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &str, text: &str, word: &str) {
        let problems = check(path, text);
        assert!(
            problems.iter().any(|problem| problem.contains(word)),
            "{path} with {text:?} should be refused for {word}: {problems:?}"
        );
    }

    fn passes(path: &str, text: &str) {
        assert_eq!(check(path, text), Vec::<String>::new(), "{path}: {text}");
    }

    #[test]
    fn no_module_uses_one_below_it() {
        refused("src/plan/id.rs", "use crate::store::Store;", "`store`");
        refused("src/plan/id.rs", "fn f() { crate::clock::x() }", "`clock`");
        refused(
            "src/plan/id.rs",
            "fn f() { super::super::report::x() }",
            "`report`",
        );
        refused(
            "src/store/mod.rs",
            "use crate::{engine::Engine, plan};",
            "`engine`",
        );
        refused("src/engine/mod.rs", "use crate::api::x;", "`api`");
        refused("src/cli/mod.rs", "use crate::plan::id::Id;", "`plan`");
        refused("src/mcp/mod.rs", "use crate::store;", "`store`");
        refused("src/api/mod.rs", "use crate::daemon;", "`daemon`");
        refused("src/daemon.rs", "use crate::{cli, operate};", "`operate`");
        refused("src/daemon.rs", "use crate::cli;", "`cli`");
        refused("src/clock.rs", "use crate::config;", "`config`");
        refused("src/novel/mod.rs", "fn f() {}", "no rule");
    }

    #[test]
    fn a_module_uses_those_above_it() {
        passes(
            "src/report/standup.rs",
            "use crate::plan::Plan; use super::day;",
        );
        passes(
            "src/cli/claim.rs",
            "use crate::{interchange, report::x}; use clap::Parser;",
        );
        passes(
            "src/operate/serve.rs",
            "use crate::daemon; use rusqlite::Connection;",
        );
        passes(
            "src/main.rs",
            "use muster::{cli, operate}; use clap::Parser;",
        );
    }

    #[test]
    fn pure_modules_do_not_mention_the_world() {
        for text in [
            "use std::fs;",
            "use std::{collections::BTreeMap, time::{Duration, Instant}};",
            "use std::time::*;",
            "fn f() { std::env::var(\"X\"); }",
            "use tokio::sync::mpsc;",
            "use muster_proto::v1::Task;",
            "use tonic::Status;",
            "fn f() { std::thread::spawn(g); }",
            "use rusqlite::Connection;",
        ] {
            for module in ["plan", "report", "interchange"] {
                refused(&format!("src/{module}/x.rs"), text, "may not mention");
            }
        }
        passes(
            "src/plan/x.rs",
            "use std::time::Duration; // std::fs\nconst A: &str = \"tokio::x\";",
        );
    }

    #[test]
    fn drivers_stay_in_the_store_and_the_wire_in_the_interface() {
        refused("src/engine/mod.rs", "use rusqlite::Connection;", "rusqlite");
        refused("src/engine/mod.rs", "use tonic::Status;", "tonic");
        refused(
            "src/engine/mod.rs",
            "use muster_proto::v1::Task;",
            "muster_proto",
        );
        refused("src/api/mod.rs", "use rusqlite::Connection;", "rusqlite");
        refused("src/api/mod.rs", "use clap::Parser;", "clap");
        refused("src/daemon.rs", "use rusqlite::Connection;", "rusqlite");
        passes("src/store/sqlite/mod.rs", "use rusqlite::Connection;");
        passes(
            "src/api/work.rs",
            "use tonic::Status; use muster_proto::v1::Task;",
        );
    }

    #[test]
    fn time_and_chance_are_asked_for_in_one_file() {
        refused(
            "src/engine/x.rs",
            "use std::time::Instant; fn f() { Instant::now(); }",
            "take it",
        );
        refused(
            "src/operate/x.rs",
            "fn f() { std::time::SystemTime::now(); }",
            "take it",
        );
        refused(
            "src/api/x.rs",
            "fn f() { getrandom::fill(&mut a); }",
            "take it",
        );
        refused(
            "src/config/x.rs",
            "use jiff::Zoned; fn f() { Zoned::now(); }",
            "take it",
        );
        passes(
            "src/clock.rs",
            "use std::time::Instant; fn f() { Instant::now(); getrandom::u32(); }",
        );
        passes(
            "src/engine/x.rs",
            "use std::time::Instant; fn f(at: Instant) { tokio::time::sleep(d); }",
        );
    }

    #[test]
    fn test_code_is_free() {
        passes(
            "src/plan/x.rs",
            "#[cfg(test)]\nmod tests { use std::fs; use crate::store::Store; }",
        );
    }
}
