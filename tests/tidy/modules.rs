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

/// One module's neighbours.
struct Rule {
    module: &'static str,
    /// The modules it may use beside itself.
    may_use: &'static [&'static str],
    /// Groups of libraries it may not mention.
    may_not: &'static [&'static [&'static str]],
}

/// In reading order: each uses some of those above it. `lib.rs` only names modules, `main.rs` starts
/// them; neither stands here.
const RULES: &[Rule] = &[
    Rule {
        module: "plan",
        may_use: &[],
        may_not: &[DRIVERS, WIRE, WORLD],
    },
    Rule {
        module: "report",
        may_use: &["plan"],
        may_not: &[DRIVERS, WIRE, WORLD],
    },
    Rule {
        module: "interchange",
        may_use: &["plan", "report"],
        may_not: &[DRIVERS, WIRE, WORLD],
    },
    Rule {
        module: "store",
        may_use: &["plan"],
        may_not: &[WIRE, &["axum", "clap", "tokio::time"]],
    },
    Rule {
        module: "clock",
        may_use: &[],
        may_not: &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    },
    Rule {
        module: "config",
        may_use: &["plan"],
        may_not: &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    },
    Rule {
        module: "telemetry",
        may_use: &["config"],
        may_not: &[DRIVERS, WIRE, &["axum", "clap", "tokio"]],
    },
    Rule {
        module: "engine",
        may_use: &[
            "plan",
            "report",
            "interchange",
            "store",
            "clock",
            "config",
            "telemetry",
        ],
        may_not: &[DRIVERS, WIRE, &["axum", "clap"]],
    },
    Rule {
        module: "schedule",
        may_use: &[
            "plan",
            "report",
            "interchange",
            "store",
            "clock",
            "config",
            "telemetry",
            "engine",
        ],
        may_not: &[DRIVERS, WIRE, &["axum", "clap", "tokio::time"]],
    },
    Rule {
        module: "notify",
        may_use: &[
            "plan",
            "report",
            "interchange",
            "store",
            "clock",
            "config",
            "telemetry",
            "engine",
            "schedule",
        ],
        may_not: &[DRIVERS, WIRE, &["axum", "clap"]],
    },
    Rule {
        module: "probe",
        may_use: &[
            "plan",
            "report",
            "interchange",
            "store",
            "clock",
            "config",
            "telemetry",
            "engine",
            "schedule",
            "notify",
        ],
        may_not: &[DRIVERS, WIRE, &["axum", "clap"]],
    },
    Rule {
        module: "api",
        may_use: &[
            "plan",
            "report",
            "interchange",
            "store",
            "clock",
            "config",
            "telemetry",
            "engine",
            "schedule",
            "notify",
            "probe",
        ],
        may_not: &[DRIVERS, &["clap"]],
    },
    Rule {
        module: "mcp",
        may_use: &["clock", "config", "telemetry", "api"],
        may_not: &[DRIVERS, &["clap"]],
    },
    Rule {
        module: "web",
        may_use: &["clock", "config", "telemetry", "api"],
        may_not: &[DRIVERS, &["clap"]],
    },
    Rule {
        module: "cli",
        may_use: &[
            "report",
            "interchange",
            "clock",
            "config",
            "telemetry",
            "api",
            "mcp",
            "web",
        ],
        may_not: &[DRIVERS],
    },
    Rule {
        module: "daemon",
        may_use: &[
            "plan",
            "report",
            "interchange",
            "store",
            "clock",
            "config",
            "telemetry",
            "engine",
            "schedule",
            "notify",
            "probe",
            "api",
            "mcp",
            "web",
        ],
        may_not: &[DRIVERS, &["clap"]],
    },
    Rule {
        module: "operate",
        may_use: &[
            "plan",
            "report",
            "interchange",
            "store",
            "clock",
            "config",
            "telemetry",
            "engine",
            "schedule",
            "notify",
            "probe",
            "api",
            "mcp",
            "web",
            "cli",
            "daemon",
        ],
        may_not: &[],
    },
];

/// What one source file of `src/` mentions against the rules. Test code is free.
pub fn check(path: &str, text: &str) -> Vec<String> {
    let module = path
        .strip_prefix("src/")
        .and_then(|inner| inner.split(['/', '.']).next())
        .unwrap_or_default();
    let root = matches!(module, "main" | "lib");
    let rule = RULES.iter().find(|rule| rule.module == module);
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
            && !rule.may_use.contains(&neighbour)
        {
            complain(format!("`{module}` may not use `{neighbour}`"));
        }
        let banned = rule.map_or(&[][..], |rule| rule.may_not).iter().copied();
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
        .map(|rule| rule.module)
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
        refused("src/daemon.rs", "use crate::operate;", "`operate`");
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
