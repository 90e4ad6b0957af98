//! Restarts: what was acknowledged is there, leases start afresh, requests are remembered, and a log
//! that is not whole is not built on.

use super::*;
use crate::plan::command::OnRef;
use crate::store::Record;

#[tokio::test]
async fn a_restart_finds_the_same_plans() {
    let rig = Rig::new().staffed(3, 2).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.complete("dev-1", &held).await.unwrap();
    rig.claim("dev-2").await.unwrap();
    let before = rig.plan();
    let verified = rig.handle.verify(None).await.unwrap();
    let rig = rig.restart();
    assert_eq!(*rig.plan(), *before);
    assert_eq!(rig.handle.verify(None).await.unwrap(), verified);
    assert_eq!(verified[1].version, before.version());
    assert_eq!(verified[1].fingerprint, before.fingerprint());
    assert!(verified.iter().all(|log| log.broken.is_none()));
}

#[tokio::test]
async fn a_restart_gives_every_live_lease_a_fresh_term() {
    let rig = Rig::new().staffed(1, 1).await;
    let held = rig.claim("dev-1").await.unwrap();
    rig.pass(TERM_MS - SECOND_MS).await;
    rig.clock.advance_ms(24 * 3_600 * SECOND_MS);
    let rig = rig.restart();
    rig.pass(TERM_MS - 1).await;
    let beat = rig
        .handle
        .beat("web", held.task, held.fence, "dev-1")
        .unwrap();
    assert_eq!(beat.verdict, BeatVerdict::Ok, "{}", beat.message);
    assert!(rig.complete("dev-1", &held).await.is_ok());
}

#[tokio::test]
async fn a_restart_remembers_requests_for_a_day() {
    let rig = Rig::new().staffed(2, 1).await;
    let ask = || under("r-1", one(dev("dev-1"), "web", claim()));
    let held = claimed(&rig.handle.submit(ask()).await.unwrap()[0]);
    let rig = rig.restart();
    let again = &rig.handle.submit(ask()).await.unwrap()[0];
    assert!(again.repeated);
    assert_eq!(claimed(again), held);
    rig.clock
        .set_wall_ms(rig.handle.now_ms() + 24 * 3_600 * 1_000);
    let rig = rig.restart();
    let other = &rig.handle.submit(ask()).await.unwrap()[0];
    assert!(!other.repeated);
}

fn copy(rig: &Rig, change: impl Fn(&mut Vec<Record>)) -> MemoryStore {
    let reader = rig.logs.reader().unwrap();
    let mut store = MemoryStore::new();
    for head in reader.heads().unwrap() {
        let mut records = reader.read(&head.project, 0, 10_000).unwrap();
        if head.project == "web" {
            change(&mut records);
        }
        let append = Append {
            project: head.project,
            expected_version: 0,
            epoch: 0,
            records,
        };
        store.append(&[append]).unwrap();
    }
    store
}

#[tokio::test]
async fn a_changed_event_stops_the_start_and_is_named() {
    let rig = Rig::new().staffed(1, 1).await;
    let changed = copy(&rig, |records| {
        records[1].document = records[1].document.replace("All", "Nil");
    });
    let error = Engine::start(options(changed, &rig.clock)).err().unwrap();
    assert!(
        matches!(&error, StartError::Broken { project, version: 2, .. } if project == "web"),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains("audit verify") && text.contains("newest backup"),
        "{text}"
    );
}

#[tokio::test]
async fn projects_opened_side_by_side_stand_in_order_and_the_first_broken_one_is_told() {
    let rig = Rig::new().staffed(3, 1).await;
    let several = |broken: &[&str]| {
        let mut store = copy(&rig, |_| {});
        let records = rig.logs.reader().unwrap().read("web", 0, 100).unwrap();
        for project in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            let mut records = records.clone();
            if broken.contains(&project) {
                records[2].document.push(' ');
            }
            let append = Append {
                project: project.to_owned(),
                expected_version: 0,
                epoch: 0,
                records,
            };
            store.append(&[append]).unwrap();
        }
        Engine::start(options(store, &rig.clock))
    };
    let (handle, _engine) = several(&[]).unwrap();
    let reports = handle.start_reports();
    let projects: Vec<_> = reports.iter().map(|report| &*report.project).collect();
    let expected = ["_daemon", "a", "b", "c", "d", "e", "f", "g", "h", "web"];
    assert_eq!(projects, expected);
    for report in reports {
        let plan = handle.plan(&report.project).unwrap();
        assert_eq!(plan.version(), report.tail_events);
    }
    for _ in 0..20 {
        let error = several(&["g", "c", "d"]).err().unwrap();
        assert!(
            matches!(&error, StartError::Broken { project, version: 3, .. } if project == "c"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_event_of_a_newer_release_stops_the_start() {
    let rig = Rig::new().staffed(1, 1).await;
    let newer = copy(&rig, |records| {
        records.truncate(2);
        let record = &mut records[1];
        record.document = record.document.replace("\"schema\":1", "\"schema\":2");
        record.hash = crate::store::codec::hash_of(&record.document);
    });
    let error = Engine::start(options(newer, &rig.clock)).err().unwrap();
    assert!(
        matches!(error, StartError::Undecodable { version: 2, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_claim_order_is_brought_up_to_date_while_nobody_asks_for_anything() {
    let rig = Rig::new().staffed(0, 0).await;
    let mut newest = None;
    // A chain so long that another end to it changes more than is carried along at once.
    for batch in 0..13_u32 {
        let tasks = (0..1_000_u32).map(|place| {
            let before = match place.checked_sub(1) {
                Some(before) => Some(OnRef::Batch(before as usize)),
                None if batch == 0 => None,
                None => Some(OnRef::Task(format!("T-{}", batch * 1_000))),
            };
            NewTask {
                title: format!("Task {place} of {batch}"),
                dependencies: before.into_iter().collect(),
                ..NewTask::default()
            }
        });
        let made = Command::CreateTasks(tasks.collect());
        newest = Some(rig.ask(coordinator(), "web", made).await.unwrap());
    }
    let published = newest.expect("the last answer").plan;
    assert!(
        !published.is_settled(),
        "the chain is too short for this test"
    );
    let settled = async {
        while !rig.plan().is_settled() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), settled).await;
    waited.expect("the writer settles the plan by itself");
    assert_eq!(rig.plan().version(), published.version());
}
