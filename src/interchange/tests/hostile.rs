//! Hostile files: never a panic, bounded work, limits that are said.

use proptest::prelude::*;

use super::super::{MAX_PHASES, MAX_TASKS, PlanFileError, ReadOptions, read_plan};
use super::{edges, plan, read};

const SEED: &str = "---\nproject: x\n---\n# P\n**Project:** [Name]\n**Current phase:** Phase 1\n\n## Phase Overview\n\
     | Phase | Name | Status | Goal |\n|--|--|--|--|\n| 1 | A | ⏸ | g |\n\n## Phase 1: A (Week 1-2) ✅\n\
     **Goal:** g\n**Success criteria:** One. Two.\n| Task | Depends On | Status | Estimated |\n|--|--|--|--|\n\
     | a `x | y` | Phase 1, 2 | [x] | 1 h |\n| b | a and c; T001-T009 | 50% | ~2h |\n\n- [ ] T001 [P] x (depends on a)\n\
       - [ ] <sub>\n\n## Blocked Tasks\n| Task | Blocked By | Since |\n|--|--|--|\n| b | x | YYYY-MM-DD |\n\n\
     ## Decisions Needed\n- [ ] q (A vs. B) (blocks Phase 1)\n\n```yaml\nx_tasks:\n- id: a\n```\n<!-- end -->\n";

/// Reads a file of a shape whose work would grow with its square, were it not bounded: the suite would not
/// come to its end. Whatever is answered, it is an answer.
fn quick(what: &str, text: &str) {
    if let Err(error) = read(text) {
        assert!(!error.to_string().is_empty(), "{what}");
    }
}

#[test]
fn many_tasks_with_a_dependency_each_take_bounded_work() {
    let mut text = String::from("## Phase 1: A\n\n| Task | Depends On | Status |\n|---|---|---|\n");
    for number in 0..20_000 {
        let before = if number == 0 {
            "--".to_owned()
        } else {
            format!("component part{}", number - 1)
        };
        text.push_str(&format!(
            "| Build component part{number} of the machine | {before} | todo |\n"
        ));
    }
    let plan = plan(&text);
    assert_eq!(plan.tasks.len(), 20_000);
    // Words are told apart by five letters, so these names are all the same: none is guessed.

    let text = text.replace("component part", "unit ");
    let plan = super::plan(&text);
    assert_eq!(edges(&plan).len(), 19_999);
}

#[test]
fn shapes_that_invite_quadratic_work_stay_quick() {
    let n = 200_000;
    quick(
        "brackets",
        &format!("## Phase 1: A\n- [ ] {}\n", "[".repeat(n)),
    );
    quick(
        "stars",
        &format!("## Phase 1: A\n- [ ] {}\n", "*a ".repeat(n)),
    );
    quick(
        "backticks",
        &(1..600).map(|k| "`".repeat(k) + " ").collect::<String>(),
    );
    quick(
        "row of backticks",
        &format!(
            "| {}\n",
            (1..600).map(|k| "`".repeat(k) + " |").collect::<String>()
        ),
    );
    quick("quotes", &format!("{}\n", "> ".repeat(n)));
    quick(
        "quotes on every line",
        &format!("{}a\n", ">".repeat(40)).repeat(5_000),
    );
    let nested: String = (0..2_000)
        .map(|depth| format!("{}- [ ] a\n", " ".repeat(depth)))
        .collect();
    quick(
        "nesting",
        &format!("## Phase 1: A\n{nested}{}", "\n".repeat(n)),
    );
    quick(
        "columns",
        &format!(
            "|{}\n|{}\n{}",
            "a|".repeat(5_000),
            "-|".repeat(5_000),
            "|b|\n".repeat(5_000)
        ),
    );
    quick(
        "parentheses",
        &format!(
            "## Phase 1: A{}\n- [ ] {}\n",
            "(".repeat(n),
            "(depends on ".repeat(n / 10)
        ),
    );
    quick("headings", &"# Phase 1: a ✅ ✅ ✅\n".repeat(20_000));
    quick("comments", &"<!-- ".repeat(n));
    quick("tags", &"<a ".repeat(n));
    quick(
        "placeholders",
        &format!("## Phase 1: A\n- [ ] {}\n", "<a <b [c ".repeat(n / 4)),
    );
    quick("sessions", &"Session 1 ".repeat(n / 4));
    let families = "| Feature a | Features | todo |\n".repeat(5_000);
    quick(
        "families",
        &format!("## Phase 1: A\n\n| Task | Depends On | Status |\n|-|-|-|\n{families}"),
    );
}

#[test]
fn one_task_past_a_limit_is_refused_with_the_limit() {
    let text = format!("## Phase 1: A\n{}", "- [ ] a\n".repeat(MAX_TASKS + 1));
    let error = read(&text).expect_err("too many tasks");
    assert!(error.to_string().contains("100000 tasks"), "{error}");
    let text: String = (0..=MAX_PHASES)
        .map(|number| format!("## Phase {number}: a\n"))
        .collect();
    assert!(matches!(
        read(&text),
        Err(PlanFileError::TooMany { what: "phases", .. })
    ));
}

#[test]
fn a_comment_that_never_ends_is_said() {
    let plan = plan("## Phase 1: A\n- [ ] a\n\n<!-- open\n- [ ] lost\n");
    assert_eq!(plan.tasks.len(), 1);
    assert!(
        plan.diagnostics
            .iter()
            .any(|found| found.code == "comment_not_closed" && found.line == 4)
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = read_plan("a.md", &bytes, ReadOptions { allow_template: true });
    }

    #[test]
    fn arbitrary_text_of_markdown_never_panics(text in "[-#|\\[\\]x~*`<>!():; \n\t.0-9A-Za-zé✅⏸→%/]{0,600}") {
        let _ = read(&text);
    }

    #[test]
    fn a_mutated_plan_never_panics_and_points_at_its_own_lines(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..40, ".{0,12}"), 1..8)
    ) {
        let mut text = SEED.to_owned();
        for (at, length, with) in cuts {
            let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
            let from = at.index(places.len());
            let to = (from + length).min(places.len() - 1);
            text.replace_range(places[from]..places[to], &with);
        }
        let lines = u32::try_from(text.split(['\n', '\r']).count()).unwrap();
        if let Ok(plan) = read_plan("a.md", text.as_bytes(), ReadOptions { allow_template: true }) {
            for diagnostic in &plan.diagnostics {
                prop_assert!((1..=lines).contains(&diagnostic.line), "{diagnostic:?}");
            }
            for task in &plan.tasks {
                prop_assert!(task.phase < plan.phases.len());
                prop_assert!((1..=lines).contains(&task.line));
            }
        }
    }
}
