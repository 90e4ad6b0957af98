//! What the demo is about: the plan file, who works on it, and what each piece of work leaves behind. Only
//! words; whether any of it happens is decided by the daemon.

/// The plan, as a team would have written it.
pub(super) const PLAN: &str = include_str!("../../../examples/PROJECT_PLAN.md");

/// Its file name.
pub(super) const PLAN_NAME: &str = "PROJECT_PLAN.md";

/// What an agent does besides plain work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trait {
    /// Works, no more.
    Plain,
    /// Finds work outside the plan while it works on a task of this title.
    Discovers {
        on: &'static str,
        title: &'static str,
        notes: &'static str,
        phase: &'static str,
    },
    /// Asks before it can finish the task of this title.
    Asks {
        on: &'static str,
        question: &'static str,
    },
    /// Its process dies in the middle of its first task after the first phase.
    Dies,
}

/// An agent of the team.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) role: &'static str,
    pub(super) part: Trait,
}

const QUESTION: &str = "Are the supplier prices net, or do they include VAT?";

/// Five agents of four roles; a backend developer may do a developer's tasks and the other way round.
pub(super) const TEAM: [Member; 5] = [
    Member {
        name: "ada",
        role: "architect",
        part: Trait::Plain,
    },
    Member {
        name: "ben",
        role: "backend",
        part: Trait::Dies,
    },
    Member {
        name: "cleo",
        role: "developer",
        part: Trait::Plain,
    },
    Member {
        name: "omar",
        role: "devops",
        part: Trait::Discovers {
            on: "Set up the CI pipeline",
            title: "Back up the order database every night",
            notes: "Nothing in the plan brings orders back after a lost disk.",
            phase: "2",
        },
    },
    Member {
        name: "dana",
        role: "data",
        part: Trait::Asks {
            on: "Load the supplier price lists",
            question: QUESTION,
        },
    },
];

/// What the coordinator answers to a question, if it knows better than "as you see fit".
pub(super) fn answer_to(question: &str) -> &'static str {
    if question.contains(QUESTION) {
        "They are net; store them net and add VAT when a price is shown."
    } else {
        "Take the simpler way and say so in the summary."
    }
}

/// What the coordinator decides, and why.
pub(super) fn decide(question: &str) -> (&'static str, &'static str) {
    if question.contains("payment provider") {
        (
            "Mollie",
            "It takes card and bank transfer in all three countries we deliver to.",
        )
    } else {
        ("The simpler way", "It can be changed later.")
    }
}

/// What a task leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) title: &'static str,
    /// Half-way.
    pub(super) progress: &'static str,
    pub(super) summary: &'static str,
    pub(super) verification: &'static str,
}

/// What an unforeseen task leaves behind.
const OTHER: Outcome = Outcome {
    title: "",
    progress: "half of it stands",
    summary: "Done as described",
    verification: "tried by hand",
};

/// What the task of this title leaves behind.
pub(super) fn outcome(title: &str) -> Outcome {
    OUTCOMES
        .into_iter()
        .find(|outcome| outcome.title == title)
        .unwrap_or(OTHER)
}

const OUTCOMES: [Outcome; 16] = [
    Outcome {
        title: "Set up repository and build tooling",
        progress: "repository and formatter stand, tests do not run yet",
        summary: "One command formats, builds and tests everything",
        verification: "fresh clone, `make` ends green",
    },
    Outcome {
        title: "Describe the services and their boundaries",
        progress: "catalogue and cart are drawn, payment is open",
        summary: "Four services, who owns which data, and what they say to each other",
        verification: "read against the order flow from search to mail",
    },
    Outcome {
        title: "Define the catalogue and order data model",
        progress: "plants and prices stand, orders next",
        summary: "Tables for plants, prices and orders; prices in cents",
        verification: "migrations run up and down on an empty and a filled database",
    },
    Outcome {
        title: "Set up the CI pipeline",
        progress: "lint and build run, tests next",
        summary: "Lint, test and build on every change in four minutes",
        verification: "a failing test stops the merge",
    },
    Outcome {
        title: "Implement the base API service",
        progress: "health check and paging stand, error format next",
        summary: "Service with health check, paging and one error format",
        verification: "31 tests, pipeline green",
    },
    Outcome {
        title: "Build the product catalogue API",
        progress: "search by name works, light and season are left",
        summary: "Search by name, light and season with paging",
        verification: "44 tests, 12 ms for 10,000 plants",
    },
    Outcome {
        title: "Build customer accounts and sign-in",
        progress: "mail links are sent, sessions next",
        summary: "Sign-in by mail link, sessions end after 30 days",
        verification: "27 tests, tried with three mail clients",
    },
    Outcome {
        title: "Load the supplier price lists",
        progress: "two suppliers load, the spreadsheets are next",
        summary: "Three suppliers load every night, twice the same list changes nothing",
        verification: "loaded last month's lists and compared 1,912 prices",
    },
    Outcome {
        title: "Build the shopping cart",
        progress: "adding and removing works, keeping it next",
        summary: "Cart that keeps its content between visits and devices",
        verification: "38 tests, tried with two browsers",
    },
    Outcome {
        title: "Integrate the payment provider",
        progress: "card payments go through the sandbox, transfers next",
        summary: "Card and bank transfer, paid orders only by the provider's signed call",
        verification: "sandbox payments paid, refused and taken back",
    },
    Outcome {
        title: "Send the order confirmation mail",
        progress: "plain text is sent, HTML next",
        summary: "Confirmation in plain text and HTML, once an order",
        verification: "test order from search to mail",
    },
    Outcome {
        title: "Add logs, traces and metrics",
        progress: "logs and traces arrive, metrics next",
        summary: "A trace from click to database, alerts on failed payments",
        verification: "a refused payment raised the alert in 20 s",
    },
    Outcome {
        title: "Load test the checkout",
        progress: "25 orders a minute run smoothly",
        summary: "50 orders a minute with one index more on orders",
        verification: "30 minutes, 95 % of answers under 240 ms",
    },
    Outcome {
        title: "Review the security of the checkout",
        progress: "sessions and prices are read, webhooks next",
        summary: "Prices are taken from the database only, webhooks are checked by signature",
        verification: "two findings mended, both with a test",
    },
    Outcome {
        title: "Write the launch runbook",
        progress: "rollback is written, first day next",
        summary: "Rollback, alerts and the first day, each as steps",
        verification: "dana followed it on staging without asking",
    },
    Outcome {
        title: "Back up the order database every night",
        progress: "the backup runs, bringing it back next",
        summary: "Nightly backup, kept for 30 days",
        verification: "brought one back and counted its orders",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interchange::{ReadOptions, read_plan};
    use std::collections::BTreeSet;

    #[test]
    fn the_example_plan_is_taken_as_it_is_written() {
        let plan = read_plan(PLAN_NAME, PLAN.as_bytes(), ReadOptions::default()).unwrap();
        let remarks: Vec<String> = plan
            .diagnostics
            .iter()
            .map(|remark| format!("{} {} {}", remark.line, remark.code, remark.message))
            .collect();
        assert_eq!(remarks, [""; 0]);
        assert_eq!((plan.phases.len(), plan.tasks.len()), (3, 15));
    }

    #[test]
    fn every_task_of_the_plan_leaves_something_of_its_own_behind() {
        let plan = read_plan(PLAN_NAME, PLAN.as_bytes(), ReadOptions::default()).unwrap();
        let discovered = TEAM.iter().filter_map(|member| match member.part {
            Trait::Discovers { title, .. } => Some(title),
            Trait::Plain | Trait::Asks { .. } | Trait::Dies => None,
        });
        let titles: BTreeSet<&str> = plan
            .tasks
            .iter()
            .map(|task| task.title.as_str())
            .chain(discovered)
            .collect();
        let prepared: BTreeSet<&str> = OUTCOMES.iter().map(|outcome| outcome.title).collect();
        assert_eq!(prepared, titles);
    }

    #[test]
    fn the_parts_name_tasks_of_the_plan() {
        for member in TEAM {
            if let Trait::Discovers { on, .. } | Trait::Asks { on, .. } = member.part {
                assert!(PLAN.contains(&format!("| {on} |")), "{on}");
            }
        }
    }
}
