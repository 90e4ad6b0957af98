//! What was said at the day's standup, and what was derived because nobody said it.

use super::super::data::{SlotSource, Standup};
use super::super::render::text;
use super::{busy_day, check, sentence, team};
use crate::plan::Command;
use crate::plan::command::{Gathering, NewEntry, NewReport, Timing};
use crate::plan::event::{ReportKind, Slots, Urgency};
use crate::report::fixture::World;

const SINCE: &str = "2026-11-23T08:00:00Z";

fn entry(slots: Slots, text: &str) -> Command {
    Command::Gather(Gathering::Enter(Box::new(NewEntry {
        slots,
        text: text.to_owned(),
        ..NewEntry::default()
    })))
}

fn said(world: &mut World, agent: &str, slots: Slots, text: &str) {
    world.agent(agent, entry(slots, text));
}

/// Publishes the standup as it is.
fn publish(world: &mut World) {
    world.wait(60);
    let report = NewReport {
        kind: ReportKind::Standup,
        title: "Standup".to_owned(),
        urgency: Urgency::Info,
        role: String::new(),
        run: None,
        since: world.now,
        until: world.now,
        as_of: world.plan.version(),
        facts: String::new(),
        document: "{}".to_owned(),
        note: String::new(),
        channels: Vec::new(),
    };
    world.coordinator(Command::Time(Timing::Publish(Box::new(report))));
}

fn slot<'a>(standup: &'a Standup, role: &str, name: &str) -> (&'a str, SlotSource) {
    let line = standup.roles.iter().find(|line| line.role == role);
    let slot = line.and_then(|line| line.slots.iter().find(|slot| slot.slot == name));
    slot.map_or(("no such slot", SlotSource::Derived), |slot| {
        (&slot.said, slot.source)
    })
}

#[test]
fn slots_stand_in_the_words_of_those_who_spoke_and_the_rest_is_derived_and_says_so() {
    let mut world = busy_day();
    said(
        &mut world,
        "archie",
        Slots {
            built: "the schema of orders".into(),
            ..Slots::default()
        },
        "",
    );
    said(
        &mut world,
        "devi",
        Slots {
            version: "1.4".into(),
            monitoring: "good".into(),
            next: "backups".into(),
            ..Slots::default()
        },
        "the disk is half full",
    );
    world.wait(45);
    let late = Slots {
        shipped: "the <b>login</b>".into(),
        tests_passed_percent: Some(97),
        blockers: "no test account".into(),
        ..Slots::default()
    };
    said(&mut world, "dana", late, "");
    let standup = check(&world, SINCE, None);
    let meeting = standup.meeting.as_ref().expect("it is open");
    assert_eq!((meeting.entries_total, meeting.late_total), (3, 1));
    assert_eq!(
        slot(&standup, "architect", "built"),
        ("the schema of orders", SlotSource::Submitted)
    );
    assert_eq!(slot(&standup, "architect", "next").1, SlotSource::Derived);
    assert_eq!(slot(&standup, "data", "metrics"), ("", SlotSource::Derived));
    assert_eq!(
        slot(&standup, "coordinator", "blockers").1,
        SlotSource::Derived
    );
    let shown = text(&standup, 100);
    let from = shown.find("Entries for").expect("the window");
    let to = shown.find("Done (").expect("what was done");
    insta::assert_snapshot!(&shown[from..to], @r"
    Entries for 2026-11-24 until Tue 2026-11-24 09:30: 3 entries, 1 late. What nobody said is derived.

      Arch: Built the schema of orders, nothing ready.
        - archie (Tue 2026-11-24 09:00): built: the schema of orders
        - S-1 (archie): Schema with 14 tables; next: Review the login form
      Dev: Shipped the <b>login</b>, tests 97 %, 1 in progress, nothing ready; blockers: no test
        account.
        - dana (Tue 2026-11-24 09:45, late): shipped: the <b>login</b>; blockers: no test account; tests
          97 %
      Data: Nothing new tracked, nothing in progress, nothing ready (derived); no report from mute.
      DevOps: Deployed 1.4, monitoring good, next is backups.
        - devi (Tue 2026-11-24 09:00): deployed: 1.4; monitoring: good; next: backups; the disk is half
          full
      Coordinator: Blockers? 1 open, the oldest is B-1 for 20 h 55 min (No search key yet) (derived).
        Changes needed? 1 decision to make, 1 discovered task to triage (derived).
    ");
}

#[test]
fn where_nobody_opened_the_day_nothing_is_marked_and_nobody_is_missed() {
    let standup = check(&team(), SINCE, None);
    assert_eq!(standup.meeting, None);
    assert!(standup.roles.iter().all(|line| line.slots.is_empty()));
    assert!(!sentence(&standup, "developer").contains("derived"));
}

#[test]
fn who_says_nothing_is_named_and_what_came_after_a_report_is_told_in_the_next() {
    let mut world = team();
    world.at("2026-11-23T10:00:00Z");
    said(&mut world, "archie", Slots::default(), "all is well");
    let standup = check(&world, SINCE, None);
    let developer = sentence(&standup, "developer");
    assert!(
        developer.ends_with("(derived); no report from dana."),
        "{developer}"
    );
    // It is published, and then dana speaks.
    publish(&mut world);
    world.wait(5);
    said(&mut world, "dana", Slots::default(), "here again");
    world.at("2026-11-24T09:00:00Z");
    said(&mut world, "archie", Slots::default(), "a new day");
    let next = check(&world, SINCE, None);
    let days = |standup: &Standup, role: &str| -> Vec<String> {
        let line = standup.roles.iter().find(|line| line.role == role);
        let entries = line.map_or(&[] as &[_], |line| &line.entries);
        entries.iter().map(|it| it.earlier_day.clone()).collect()
    };
    assert_eq!(
        days(&next, "architect"),
        [""],
        "what was told is not told again"
    );
    assert_eq!(days(&next, "developer"), ["2026-11-23"]);
    assert!(
        sentence(&next, "developer").ends_with("no report from dana."),
        "she said nothing today"
    );
    publish(&mut world);
    let later = check(&world, SINCE, None);
    assert_eq!(days(&later, "developer"), [""; 0]);
}

#[test]
fn who_speaks_for_another_of_their_roles_is_not_missed() {
    let mut world = team();
    world.coordinator(Command::RegisterAgent {
        agent: "both".to_owned(),
        roles: vec!["developer".to_owned(), "data".to_owned()],
        skills: Vec::new(),
        capacity: 1,
        model: String::new(),
    });
    let entry = NewEntry {
        role: "data".to_owned(),
        text: "ten charts".to_owned(),
        ..NewEntry::default()
    };
    world.agent("both", Command::Gather(Gathering::Enter(Box::new(entry))));
    let standup = check(&world, SINCE, None);
    let developer = sentence(&standup, "developer");
    assert!(developer.ends_with("no report from dana."), "{developer}");
}
