//! The standup from given events: what each line says, what stands in which section, and that hostile
//! words stay words.

mod entries;

use super::data::{ChangeKind, Standup};
use super::render::{html, markdown, text};
use super::{BeatFact, BeatFacts};
use crate::plan::Command;
use crate::plan::check::CheckSet;
use crate::plan::command::{Complete, NewDiscovered, NewTask, OnRef, Verdict};
use crate::plan::event::{
    BlockerKind, BlockerOpened, ExpiryCause, ProgressReported, SessionSummary, Severity,
    TaskChanges, TaskUpdated,
};
use crate::plan::id::{BlockerId, DiscoveredId, TaskId};
use crate::report::fixture::{World, hold, utc};

const MONDAY: &str = "2026-11-23T08:00:00Z";
const TUESDAY: &str = "2026-11-24T08:00:00Z";

/// Everything a standup must hold to, whatever it is about: every form can be made from its JSON alone,
/// the same input gives the same bytes, and no form holds a control character.
fn check(world: &World, since: &str, beats: Option<BeatFacts>) -> Standup {
    let standup = world.standup(since, beats.clone());
    let json = serde_json::to_string(&standup).expect("a report is JSON");
    let read: Standup = serde_json::from_str(&json).expect("a report reads back");
    assert_eq!(read, standup);
    hold(&standup.clone().into());
    let again = world.standup(since, beats);
    assert_eq!(serde_json::to_string(&again).expect("JSON"), json);
    for form in [markdown(&standup), text(&standup, 100), text(&standup, 0)] {
        let strange = form.chars().find(|&c| c.is_control() && c != '\n');
        assert_eq!(strange, None, "{form:?}");
        assert!(form.ends_with('\n') && !form.ends_with("\n\n"), "{form:?}");
    }
    standup
}

fn sentence<'a>(standup: &'a Standup, role: &str) -> &'a str {
    standup
        .roles
        .iter()
        .find(|line| line.role == role)
        .map_or("no such line", |line| &line.sentence)
}

fn ids(standup: &Standup, kind: ChangeKind) -> Vec<&str> {
    standup
        .changes
        .iter()
        .filter(|changes| changes.kind == kind)
        .flat_map(|changes| &changes.items)
        .map(|change| change.id.as_str())
        .collect()
}

/// A plan of two phases and four agents, made before the window of the tests.
fn team() -> World {
    let mut world = World::new("Europe/Berlin", "2026-11-23T07:00:00Z");
    world.phase("2", "Build", &[]);
    for (title, area) in [
        ("Design the schema", "Architecture"),
        ("Set up the pipeline", "Infrastructure"),
    ] {
        world.task("1", title, area);
    }
    for (title, area) in [
        ("Login form", "Features"),
        ("Search page", "Features"),
        ("Events table", "Data"),
        ("Write the guide", "Documentation"),
    ] {
        world.task("2", title, area);
    }
    for (agent, role) in [
        ("archie", "architect"),
        ("dana", "developer"),
        ("devi", "devops"),
        ("mute", "data"),
    ] {
        world.register(agent, role);
    }
    world
}

/// A day on which everything happens.
fn busy_day() -> World {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.work("archie", TaskId(1), 50, None);
    world.work("devi", TaskId(2), 20, None);
    world.work("dana", TaskId(3), 95, Some(98));
    world.agent(
        "dana",
        Command::ReportDiscovered(Box::new(NewDiscovered {
            title: "Rate limit the login".to_owned(),
            ..NewDiscovered::default()
        })),
    );
    world.wait(5).coordinator(Command::TriageDiscovered {
        discovered: DiscoveredId(1),
        verdict: Verdict::Promote {
            phase: "2".to_owned(),
            role: String::new(),
            priority: None,
            estimate: None,
            dependencies: Vec::new(),
        },
        note: String::new(),
    });
    world.agent(
        "archie",
        Command::ReportDiscovered(Box::new(NewDiscovered {
            title: "Old logs are never deleted".to_owned(),
            ..NewDiscovered::default()
        })),
    );
    world.add(NewTask {
        title: "Send receipts".to_owned(),
        phase: "2".to_owned(),
        area: "Integration".to_owned(),
        dependencies: vec![OnRef::Task("T-4".to_owned())],
        ..NewTask::default()
    });
    world.coordinator(Command::DeferTask {
        task: "T-6".to_owned(),
        target: "v2".to_owned(),
        reason: "nobody reads it yet".to_owned(),
    });
    world.block(&[TaskId(4)], "No search key yet", "Ask the vendor");
    world.coordinator(Command::OpenDecision {
        question: "Which warehouse?".to_owned(),
        options: vec!["DuckDB".to_owned(), "ClickHouse".to_owned()],
        blocks: vec!["T-5".to_owned()],
        selectors: Vec::new(),
        phases: Vec::new(),
    });
    world.agent(
        "archie",
        Command::EndSession {
            session: None,
            summary: SessionSummary {
                done: "Schema with 14 tables".into(),
                next: "Review the login form".into(),
                ..SessionSummary::default()
            },
            leases: crate::plan::command::HeldLeases::Refuse,
        },
    );
    world.at("2026-11-24T07:00:00Z");
    let fence = world.claim("dana", TaskId(7), 30 * 60_000);
    world
        .wait(10)
        .progress("dana", TaskId(7), fence, "limits by address");
    world.at(TUESDAY);
    world
}

#[test]
fn a_busy_day_tells_each_role_what_it_did() {
    let world = busy_day();
    let beats = BeatFacts {
        at: world.now,
        leases: vec![BeatFact {
            task: TaskId(7),
            last_beat: utc("2026-11-24T07:59:40Z"),
            remaining_ms: 17 * 60_000,
        }],
    };
    let standup = check(&world, MONDAY, Some(beats));
    insta::assert_snapshot!("busy_day_markdown", markdown(&standup));
    insta::assert_snapshot!("busy_day_text", text(&standup, 100));
    insta::assert_snapshot!("busy_day_html", html(&standup));
}

#[test]
fn the_data_of_a_busy_day_has_stable_names() {
    let standup = check(&busy_day(), MONDAY, None);
    let json = serde_json::to_string_pretty(&standup).expect("a report is JSON");
    insta::assert_snapshot!("busy_day_json", json);
}

#[test]
fn an_empty_day_is_a_valid_report() {
    let mut world = World::new("Europe/Berlin", "2026-11-20T07:00:00Z");
    world.at(TUESDAY);
    let standup = check(&world, MONDAY, None);
    assert!(standup.changes.is_empty() && standup.silent.is_empty());
    insta::assert_snapshot!("empty_day_markdown", markdown(&standup));
    insta::assert_snapshot!("empty_day_text", text(&standup, 80));
}

#[test]
fn a_role_with_nothing_to_tell_says_so() {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.claim("devi", TaskId(2), 0);
    let standup = check(&world, MONDAY, None);
    assert_eq!(
        sentence(&standup, "architect"),
        "Nothing built, nothing in progress, next is T-1 Design the schema; no report from archie."
    );
    assert_eq!(
        sentence(&standup, "devops"),
        "Nothing deployed, 1 in progress, nothing ready."
    );
    assert_eq!(
        sentence(&standup, "data"),
        "Nothing new tracked, nothing in progress, nothing ready; no report from mute."
    );
}

#[test]
fn developers_of_every_kind_speak_in_one_line() {
    let mut world = team();
    world.register("fred", "frontend");
    world.at("2026-11-23T09:00:00Z");
    world.work("archie", TaskId(1), 5, None);
    world.work("devi", TaskId(2), 5, None);
    world.work("fred", TaskId(3), 5, Some(90));
    world.work("dana", TaskId(4), 5, Some(97));
    let standup = check(&world, MONDAY, None);
    let line = standup.roles.iter().find(|line| line.role == "developer");
    let line = line.expect("developers speak");
    assert_eq!(line.roles, ["developer", "frontend", "backend"]);
    assert_eq!(line.agents, ["dana", "fred"]);
    assert_eq!(
        line.sentence,
        "Shipped T-3 Login form, T-4 Search page, tests 90 % or better, next is T-6 Write the guide."
    );
}

#[test]
fn roles_that_nobody_has_and_that_have_nothing_to_tell_are_left_out() {
    let standup = check(&team(), MONDAY, None);
    let roles: Vec<&str> = standup
        .roles
        .iter()
        .map(|line| line.role.as_str())
        .collect();
    assert_eq!(
        roles,
        ["architect", "developer", "data", "devops", "coordinator"]
    );
    let mut world = team();
    world.register("quinn", "qa");
    let standup = check(&world, MONDAY, None);
    let roles: Vec<&str> = standup
        .roles
        .iter()
        .map(|line| line.role.as_str())
        .collect();
    assert_eq!(
        roles,
        [
            "architect",
            "developer",
            "data",
            "devops",
            "qa",
            "coordinator"
        ]
    );
}

#[test]
fn what_falls_to_no_role_is_named_once_even_when_nobody_is_there() {
    let mut world = World::new("UTC", "2026-11-23T07:00:00Z");
    world.task("1", "Anything", "");
    let standup = check(&world, MONDAY, None);
    assert_eq!(
        sentence(&standup, "any"),
        "Nothing finished, nothing in progress, next is T-1 Anything."
    );
    assert_eq!(
        sentence(&standup, "developer"),
        "Nothing shipped, nothing in progress, nothing ready."
    );
}

#[test]
fn a_role_without_an_agent_is_marked() {
    let mut world = World::new("UTC", "2026-11-23T07:00:00Z");
    world.task("1", "Count the visits", "Data");
    let standup = check(&world, MONDAY, None);
    assert_eq!(
        sentence(&standup, "data"),
        "Nothing new tracked, nothing in progress, next is T-1 Count the visits; no agent can take \
         its open tasks."
    );
}

#[test]
fn a_task_reopened_within_the_window_is_not_done() {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.work("archie", TaskId(1), 50, None);
    world.coordinator(Command::ReopenTask {
        task: "T-1".to_owned(),
        reason: "the keys are wrong".to_owned(),
    });
    let standup = check(&world, MONDAY, None);
    assert_eq!(standup.totals.done_in_window, 0);
    assert_eq!(ids(&standup, ChangeKind::Reopened), ["T-1"]);
}

#[test]
fn only_what_happened_within_the_window_is_told() {
    let mut world = team();
    world.at(MONDAY);
    world.work("archie", TaskId(1), 0, None);
    let standup = check(&world, MONDAY, None);
    assert_eq!(
        standup.totals.done_in_window, 0,
        "the window starts after its first instant"
    );
    assert!(standup.changes.is_empty());
    let standup = check(&world, "2026-11-23T07:59:59Z", None);
    assert_eq!(standup.totals.done_in_window, 1);
    let standup = check(&world, "2026-11-22T08:00:00Z", None);
    assert_eq!(ids(&standup, ChangeKind::Joined).len(), 4);
    assert_eq!(ids(&standup, ChangeKind::Added).len(), 6);
    assert_eq!(ids(&standup, ChangeKind::PhaseAdded), ["1", "2"]);
}

#[test]
fn a_window_that_ends_before_it_starts_is_an_empty_one() {
    let standup = check(&busy_day(), "2026-12-24T08:00:00Z", None);
    assert_eq!(standup.window_ms, 0);
    assert!(standup.changes.is_empty());
}

#[test]
fn a_phase_is_opened_by_whatever_closed_the_one_before_it() {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.work("archie", TaskId(1), 5, None);
    world.coordinator(Command::CancelTask {
        task: "T-2".to_owned(),
        reason: "it is there".to_owned(),
        waive_dependents: false,
    });
    let standup = check(&world, MONDAY, None);
    assert_eq!(ids(&standup, ChangeKind::Cancelled), ["T-2"]);
    assert_eq!(ids(&standup, ChangeKind::PhaseCompleted), ["1"]);
    assert_eq!(ids(&standup, ChangeKind::PhaseOpened), ["2"]);

    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.coordinator(Command::SkipPhase {
        phase: "1".to_owned(),
        reason: "not needed".to_owned(),
    });
    let standup = check(&world, MONDAY, None);
    assert_eq!(ids(&standup, ChangeKind::PhaseSkipped), ["1"]);
    assert_eq!(ids(&standup, ChangeKind::PhaseOpened), ["2"]);
    assert_eq!(ids(&standup, ChangeKind::Deferred), ["T-1", "T-2"]);
}

#[test]
fn a_lease_that_ran_out_is_told() {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    let fence = world.claim("archie", TaskId(1), 0);
    world.wait(5).daemon(Command::ExpireLease {
        task: TaskId(1),
        fence,
        cause: ExpiryCause::Silence,
    });
    let standup = check(&world, MONDAY, None);
    assert_eq!(ids(&standup, ChangeKind::Expired), ["T-1"]);
}

/// A holder who last wrote to the log at 09:00 UTC, seen at noon.
fn quiet_holder() -> World {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.claim("archie", TaskId(1), 0);
    world.at("2026-11-23T12:00:00Z");
    world
}

#[test]
fn without_beats_silence_is_judged_by_the_log_alone() {
    let standup = check(&quiet_holder(), MONDAY, None);
    let archie = standup
        .silent
        .iter()
        .find(|silent| silent.agent == "archie");
    let archie = archie.expect("archie is silent by the log");
    assert_eq!(archie.silent_ms, 3 * 3_600_000);
    assert!(standup.beats.is_none());
    insta::assert_snapshot!("silent_without_beats", text(&standup, 100));
}

#[test]
fn a_beat_is_a_sign_of_life_and_stays_in_the_data() {
    let world = quiet_holder();
    let beats = BeatFacts {
        at: world.now,
        leases: vec![BeatFact {
            task: TaskId(1),
            last_beat: utc("2026-11-23T11:59:45Z"),
            remaining_ms: 75_000,
        }],
    };
    let standup = check(&world, MONDAY, Some(beats));
    assert!(standup.silent.iter().all(|silent| silent.agent != "archie"));
    let held = &standup.roles[0].in_progress[0];
    assert!(held.stalled, "a beat says nothing about progress");
    assert_eq!(held.lease.remaining_ms, Some(75_000));
    assert_eq!(
        standup.beats.as_ref().map(|beats| beats.leases.len()),
        Some(1)
    );
    insta::assert_snapshot!("silent_with_beats", text(&standup, 100));
}

#[test]
fn the_longest_silent_agent_stands_first() {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.work("archie", TaskId(1), 0, None);
    world.at("2026-11-23T10:00:00Z");
    world.work("devi", TaskId(2), 0, None);
    world.at("2026-11-25T08:00:00Z");
    let standup = check(&world, TUESDAY, None);
    let silent: Vec<&str> = standup
        .silent
        .iter()
        .map(|one| one.agent.as_str())
        .collect();
    assert_eq!(silent, ["dana", "mute", "archie", "devi"]);
    assert_eq!(standup.silent_total, 4);
}

#[test]
fn hostile_words_stay_words() {
    let mut world = World::new("UTC", "2026-11-23T07:00:00Z");
    world.register("eve", "developer");
    // Words as a log of another release may hold them; commands refuse some of these today.
    for title in [
        "\u{1b}[31mred | cell\u{1b}[0m",
        "<script>alert(1)</script> [x](javascript:1)",
        "\u{202e}reversed `code` **bold** # heading",
        "日本語の題名がとても長く続いていて表の幅をこえてしまうのでどこかで切らなければならない題名です。まだ続く。",
    ] {
        let task = world.task("1", "a plain title", "Features");
        world.record(TaskUpdated {
            task,
            changes: TaskChanges {
                title: Some(title.into()),
                ..TaskChanges::default()
            },
        });
    }
    world.at("2026-11-23T09:00:00Z");
    world.work("eve", TaskId(1), 5, None);
    let fence = world.claim("eve", TaskId(2), 0);
    world.record(ProgressReported {
        task: TaskId(2),
        fence,
        note: "half | done\u{7}\n# not a heading".into(),
        percent: None,
        checked: CheckSet::NONE,
    });
    world.record(BlockerOpened {
        blocker: BlockerId(1),
        kind: BlockerKind::Other,
        tasks: vec![TaskId(3), TaskId(4)],
        phase: None,
        reason: "a | b\n\n## c".into(),
        waits_for: None,
        owner: "\u{9b}2Jnobody".into(),
        resolution_path: "<b>call</b>".into(),
        severity: Severity::Critical,
        since_text: "`then` | now".into(),
    });
    let standup = check(&world, MONDAY, None);
    let shown = markdown(&standup);
    assert!(
        !shown.contains("<script>") && !shown.contains("<b>"),
        "{shown}"
    );
    insta::assert_snapshot!("hostile_markdown", shown);
    insta::assert_snapshot!("hostile_text", text(&standup, 80));
    insta::assert_snapshot!("hostile_html", html(&standup));
}

#[test]
fn a_day_is_as_long_as_the_clock_makes_it() {
    let mut world = World::new("Europe/Berlin", "2026-10-20T07:00:00Z");
    world.task("1", "Design the schema", "Architecture");
    world.register("archie", "architect");
    world.at("2026-10-25T01:30:00Z");
    let fence = world.claim("archie", TaskId(1), 0);
    world
        .wait(5)
        .progress("archie", TaskId(1), fence, "half of it");
    world.at("2026-10-25T08:00:00Z");
    let standup = check(&world, "2026-10-24T07:00:00Z", None);
    assert_eq!(standup.since.local, "Sat 2026-10-24 09:00");
    assert_eq!(standup.now.local, "Sun 2026-10-25 09:00");
    assert_eq!(standup.window_ms, 25 * 3_600_000);
    assert_eq!(
        standup.roles[0].in_progress[0].since.local,
        "Sun 2026-10-25 02:30 +01:00"
    );
    insta::assert_snapshot!("clock_change_text", text(&standup, 100));
}

#[test]
fn a_paused_project_says_why_nothing_is_ready() {
    let mut world = team();
    world.at("2026-11-23T09:00:00Z");
    world.coordinator(Command::PauseProject {
        reason: "audit".to_owned(),
    });
    let standup = check(&world, MONDAY, None);
    assert!(
        text(&standup, 100).contains("The project is paused (audit): no task is handed out."),
        "{}",
        text(&standup, 100)
    );
    assert_eq!(ids(&standup, ChangeKind::Project), ["shop"]);
}

#[test]
fn a_full_day_is_counted_in_full_and_shown_in_part() {
    let mut world = World::new("UTC", "2026-11-23T07:00:00Z");
    world.register("dana", "developer");
    let tasks: Vec<NewTask> = (0..1_000)
        .map(|number| NewTask {
            title: format!("Task number {number}"),
            area: "Features".to_owned(),
            ..NewTask::default()
        })
        .collect();
    world.coordinator(Command::CreateTasks(tasks));
    world.at("2026-11-23T09:00:00Z");
    for number in 1..=1_000 {
        world.work("dana", TaskId(number), 0, None);
    }
    let standup = check(&world, MONDAY, None);
    assert_eq!(standup.totals.done_in_window, 1_000);
    assert!(
        sentence(&standup, "developer").starts_with(
            "Shipped T-1 Task number 0, T-2 Task number 1, T-3 Task number 2 and 997 more"
        ),
        "{}",
        sentence(&standup, "developer")
    );
    assert!(markdown(&standup).len() < 4_000);
}

#[test]
fn work_that_waits_for_a_review_is_listed_with_its_age() {
    let mut world = team();
    world.at(MONDAY);
    let task = TaskId(1);
    let fence = world.claim("archie", task, 600_000);
    let submit = Complete {
        task: task.to_string(),
        fence,
        summary: "designed".to_owned(),
        verification: "read twice".to_owned(),
        ..Complete::default()
    };
    world.agent("archie", Command::SubmitForReview(Box::new(submit)));
    world.at("2026-11-24T20:00:00Z");
    let standup = check(&world, TUESDAY, None);
    let [waiting] = standup.reviews.as_slice() else {
        panic!("one task waits: {:?}", standup.reviews);
    };
    assert_eq!(
        (waiting.task.id, &*waiting.author, waiting.staleness),
        (task, "archie", super::data::Staleness::Stale)
    );
    let text = text(&standup, 80);
    let section = text
        .split("\n\n")
        .find(|it| it.starts_with("Waiting for a review"));
    insta::assert_snapshot!(section.unwrap_or(&text), @r"
    Waiting for a review (1)
      Task                   By      For              Reviewed by
      T-1 Design the schema  archie  1 d 12 h, stale  anybody else
    ");
}
