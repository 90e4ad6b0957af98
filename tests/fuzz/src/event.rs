//! Any text as stored events: each is read or refused, and whatever is read can be written again, taken
//! into a plan, and looked at.

use std::sync::LazyLock;

use muster::plan::Plan;
use muster::plan::codec::{DOCUMENT_BYTES_MAX, decode, encode};
use muster::plan::id::TaskId;

use super::world::LOGS;

/// A plan with something of everything.
static SHOP: LazyLock<Plan> = LazyLock::new(|| {
    let mut plan = Plan::default();
    for (_, records) in LOGS.iter().filter(|(project, _)| project == "shop") {
        for record in records {
            plan.apply(&decode(&record.document).expect("an event of ours"));
        }
    }
    plan
});

/// An odd first byte means a plan with something of everything, an even one an empty plan; then a document
/// a line.
///
/// # Panics
/// A promise is broken.
pub fn run(input: &[u8]) {
    let [kind, rest @ ..] = input else {
        return;
    };
    let mut plan = if kind % 2 == 0 {
        Plan::default()
    } else {
        SHOP.clone()
    };
    let documents = rest.split(|byte| *byte == b'\n').take(100);
    for document in documents.filter_map(|line| std::str::from_utf8(line).ok()) {
        if document.len() <= DOCUMENT_BYTES_MAX {
            take(&mut plan, document);
        }
    }
    plan.settle();
    let _ = plan.fingerprint();
    // An audit looks at any log, whatever it holds.
    let _ = plan.broken_invariants();
    let tasks: Vec<TaskId> = plan.tasks().map(|task| task.id).take(20).collect();
    for task in tasks {
        let _ = plan.explain(task);
    }
}

fn take(plan: &mut Plan, document: &str) {
    let mut recorded = match decode(document) {
        Ok(recorded) => recorded,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let again = encode(&recorded, "").expect("what was read can be written");
    let read = decode(&again).expect("what was written can be read");
    assert_eq!(read, recorded, "{again}");
    // The chain is checked before an event is taken in: the next version, and no earlier than the last.
    recorded.version = plan.version().saturating_add(1);
    recorded.at = recorded.at.max(plan.last_at());
    plan.apply(&recorded);
}

/// The log of the project, whole and event by event.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (project, records) in LOGS.iter() {
        let mut whole = vec![0];
        for record in records {
            whole.extend(record.document.bytes().chain([b'\n']));
            let mut one = vec![1];
            one.extend(record.document.bytes());
            seeds.push((record.kind.clone(), one));
        }
        seeds.push((format!("log-{project}"), whole));
    }
    seeds.sort();
    seeds.dedup_by(|one, other| one.0 == other.0);
    seeds
}
