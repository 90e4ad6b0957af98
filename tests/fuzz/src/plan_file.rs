//! Any bytes as a plan file of any format: it is read or refused, points at its own lines and entries, and
//! what is read fills a project whole or not at all.

use muster::interchange::{ReadOptions, read_plan};
use muster::plan::codec::{decode, encode};
use muster::plan::command::Command;
use muster::plan::fact::{Actor, Facts, Guards};
use muster::plan::import::{ImportedPlan, ImportedTarget};
use muster::plan::settings::Settings;
use muster::plan::time::Timestamp;
use muster::plan::{Plan, decide};

/// Names by which the format is told.
const NAMES: [&str; 6] = [
    "PLAN.md",
    "plan.markdown",
    "plan.txt",
    "plan.yaml",
    "plan.json",
    "plan",
];
/// Plans up to so many tasks have their invariants looked at, which costs the square.
const SMALL: usize = 60;

/// The first byte chooses the name and whether templates are read; the rest is the file.
///
/// # Panics
/// A promise is broken.
pub fn run(input: &[u8]) {
    let [kind, bytes @ ..] = input else {
        return;
    };
    let name = NAMES[usize::from(kind / 2) % NAMES.len()];
    let options = ReadOptions {
        allow_template: kind % 2 == 1,
    };
    let read = read_plan(name, bytes, options);
    assert_eq!(read, read_plan(name, bytes, options), "read twice");
    match read {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(file) => {
            points_at_itself(&file, bytes);
            fills_a_project(file);
        }
    }
}

fn points_at_itself(file: &ImportedPlan, bytes: &[u8]) {
    let breaks = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = u32::try_from(breaks.count() + 1).unwrap_or(u32::MAX);
    let known = 1..=lines;
    for found in &file.diagnostics {
        assert!(known.contains(&found.line), "{found:?}");
    }
    let (phases, tasks) = (file.phases.len(), file.tasks.len());
    for task in &file.tasks {
        assert!(
            task.phase < phases && known.contains(&task.line),
            "{task:?}"
        );
        for dependency in &task.dependencies {
            let there = match dependency.target {
                ImportedTarget::Task(place) => place < tasks,
                ImportedTarget::Phase(place) => place < phases,
                ImportedTarget::AllAbove => true,
            };
            assert!(there, "{dependency:?}");
        }
    }
    let blocked = file.blockers.iter().filter_map(|blocker| blocker.task);
    let blocks = file.decisions.iter().flat_map(|decision| &decision.blocks);
    assert!(blocked.chain(blocks.copied()).all(|place| place < tasks));
}

fn fills_a_project(file: ImportedPlan) {
    let facts = Facts {
        now: Timestamp(1_700_000_000_000),
        actor: Actor::Coordinator("lead".into()),
        request: None,
        guards: Guards::default(),
    };
    let create = Command::CreateProject {
        slug: "shop".to_owned(),
        name: "Shop".to_owned(),
        description: String::new(),
        settings: Box::new(Settings::default()),
        draft: false,
    };
    let empty = decide(&Plan::default(), &create, &facts).expect("a first project");
    let import = Command::ImportPlan(Box::new(file));
    let filled = match decide(&empty.plan, &import, &facts) {
        Ok(filled) => filled,
        Err(refusal) => {
            assert!(!refusal.message.is_empty());
            return;
        }
    };
    let mut replay = empty.plan;
    for recorded in &filled.events {
        let document = encode(recorded, "").expect("an event is JSON");
        replay.apply(&decode(&document).expect("its own document"));
    }
    let mut live = filled.plan;
    live.settle();
    replay.settle();
    assert_eq!(
        replay.fingerprint(),
        live.fingerprint(),
        "a replay leads elsewhere"
    );
    if live.task_count() <= SMALL {
        assert_eq!(live.broken_invariants(), Vec::<String>::new());
    }
    let again = decide(&live, &import, &facts).expect("the same bytes again");
    assert!(again.events.is_empty(), "the same bytes changed something");
}

/// Files of every shape that is read.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let table = "# PROJECT PLAN: Shop\n\n**Project:** Shop\n**Current phase:** Phase 1\n\n## Phase 1: Ground (Week 1-2)\n\
        **Goal:** stand\n**Success criteria:** It runs. It stays.\n\n\
        | # | Task | Area | Priority | Status | Depends On | Estimated |\n|---|---|---|---|---|---|---|\n\
        | 1 | Set up | Infrastructure | P0 | Complete | - | 1 h |\n\
        | 2 | Write the schema | Data | P1 | Not Started | Set up | ~2 sessions |\n\n## Phase 2: Window\n\n\
        | # | Task | Area | Status | Depends On |\n|---|---|---|---|---|\n| 1 | Show | Features | Blocked | Phase 1 |\n\
        | 2 | Test | Features | Not Started | All above |\n";
    let boxes = "# Tasks\n\n## Phase 1: Setup\n\n- [x] T001 Make the folder\n- [ ] T002 [P] Write it (depends on T001)\n\
        \x20 - [ ] a detail\n\n## Phase 2: Rest\n\n- [ ] T003 Finish (depends on T001, T002)\n";
    let queues = "# Plan\n\n## Phase 1: A\n\n- [ ] pay\n- [ ] ship\n\n## Blocked Tasks\n\n| Task | Blocked By | Since | Resolution Path |\n\
        |---|---|---|---|\n| pay | the bank | 2026-01-02 | call |\n\n## Discovered Tasks\n\n| Task | Discovered In | Priority |\n|---|---|---|\n\
        | refund | S-2 | P1 |\n\n## Decisions Needed\n\n- [ ] this vs. that (blocks ship)\n\n## Sprint History\n\n\
        | Sprint | Dates | Goal | Committed | Completed | Velocity |\n|---|---|---|---|---|---|\n| 1 | May | go | 5 | 4 | 4 |\n";
    let template = "---\ndocument_type: template\nproject: x\n---\n# [Project Name]\n\n## Phase 0: [Name]\n\n- [ ] [Task]\n\n<!-- end -->\n";
    let seed = |name: &str, kind: u8, text: &[u8]| (name.to_owned(), [&[kind], text].concat());
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(boxes.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    vec![
        seed("table.md", 0, table.as_bytes()),
        seed("boxes.md", 0, boxes.as_bytes()),
        seed("boxes.markdown", 2, boxes.as_bytes()),
        seed("boxes.txt", 4, boxes.as_bytes()),
        seed("boxes-utf16.md", 0, &wide),
        seed("boxes-crlf.md", 0, boxes.replace('\n', "\r\n").as_bytes()),
        seed("queues.md", 0, queues.as_bytes()),
        seed("template.md", 1, template.as_bytes()),
        seed("template-refused.md", 0, template.as_bytes()),
        seed(
            "phases.yaml",
            6,
            b"phases:\n- id: 1\n  tasks:\n  - title: a\n",
        ),
        seed(
            "phases.json",
            8,
            b"{\"phases\":[{\"id\":1,\"tasks\":[{\"title\":\"a\"}]}]}",
        ),
        seed("nothing", 10, b""),
        seed("not-text.md", 0, b"\x00\x9f\x92\x96"),
    ]
}
