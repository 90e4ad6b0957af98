//! Projects side by side: one whose report takes its time holds up no other, and there is an end to how many are
//! looked after at one time. Slow is a project whose report waits to be let through; nothing here measures time.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::super::{AT_ONCE, Addressing, Scheduler};
use super::{HOUR, MONDAY, check_at_most_once};
use crate::engine::fixture::{Shop, lead};
use crate::plan::command::{Command, NewReport, NewSchedule, Timing};

/// Longer than anything here takes; whoever waits so long waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Holds the reports of some projects back.
#[derive(Default)]
struct Barrier {
    held: Mutex<BTreeSet<String>>,
    opened: Condvar,
}

impl Barrier {
    fn holding(projects: &[String]) -> Arc<Self> {
        let held = projects.iter().cloned().collect();
        Arc::new(Self {
            held: Mutex::new(held),
            opened: Condvar::new(),
        })
    }

    fn open(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clear();
        self.opened.notify_all();
    }
}

impl Addressing for Barrier {
    fn channels_for(&self, project: &str, _report: &NewReport) -> Vec<String> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .opened
            .wait_timeout_while(held, PATIENCE, |held| held.contains(project));
        drop(waited);
        Vec::new()
    }
}

/// Projects with a standup at nine, at nine, of which some are held back.
async fn at_nine(projects: &[&str], held: &[&str]) -> (Shop, Arc<Barrier>, Scheduler) {
    let shop = Shop::at(MONDAY).await;
    for project in projects {
        if *project != "shop" {
            shop.create(project, project).await;
        }
        let standup = Timing::Set(vec![NewSchedule::new("standup", "daily at 09:00")]);
        shop.ask_of(project, lead(), Command::Time(standup)).await;
    }
    shop.clock.set_wall_ms(MONDAY + 9 * HOUR);
    let held: Vec<String> = held.iter().map(ToString::to_string).collect();
    let barrier = Barrier::holding(&held);
    let scheduler = Scheduler::new(shop.handle.clone()).addressing(Arc::clone(&barrier) as _);
    (shop, barrier, scheduler)
}

fn published(shop: &Shop, project: &str) -> usize {
    shop.handle
        .plan(project)
        .map_or(0, |plan| plan.reports().count())
}

/// Looks as the daemon does until a project has published so many reports.
async fn until(shop: &Shop, scheduler: &mut Scheduler, project: &str, count: usize) {
    let looking = async {
        while published(shop, project) < count {
            scheduler.look();
            scheduler.looked_after().await;
        }
    };
    let patience = tokio::time::timeout(PATIENCE, looking).await;
    assert!(patience.is_ok(), "{project} waits for another project");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_project_that_takes_its_time_holds_up_no_other() {
    // By name the slow one is the first.
    let (shop, barrier, mut scheduler) = at_nine(&["shop", "yard"], &["shop"]).await;
    until(&shop, &mut scheduler, "yard", 1).await;
    // What is due while the slow one is still at it is not held up either.
    shop.clock.set_wall_ms(MONDAY + 33 * HOUR);
    until(&shop, &mut scheduler, "yard", 2).await;
    assert_eq!(published(&shop, "shop"), 0);
    barrier.open();
    until(&shop, &mut scheduler, "shop", 2).await;
    check_at_most_once(&shop.log().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn only_so_many_projects_are_looked_after_at_one_time_and_each_has_its_turn() {
    let projects = ["a", "b", "c", "d", "e", "f", "shop"];
    let (shop, barrier, mut scheduler) = at_nine(&projects, &projects).await;
    scheduler.look();
    scheduler.look();
    assert_eq!(scheduler.busy.len(), AT_ONCE);
    let mut busy: Vec<&str> = scheduler.busy.values().map(String::as_str).collect();
    busy.sort_unstable();
    assert_eq!(busy, projects[..AT_ONCE], "each once");
    barrier.open();
    for project in projects {
        until(&shop, &mut scheduler, project, 1).await;
    }
}

#[tokio::test]
async fn a_project_that_cannot_be_looked_after_stops_no_other() {
    struct Faulty;
    impl Addressing for Faulty {
        fn channels_for(&self, project: &str, _report: &NewReport) -> Vec<String> {
            assert_ne!(project, "shop", "on purpose");
            Vec::new()
        }
    }
    let (shop, _, _) = at_nine(&["shop", "yard"], &[]).await;
    let mut scheduler = Scheduler::new(shop.handle.clone()).addressing(Arc::new(Faulty));
    until(&shop, &mut scheduler, "yard", 1).await;
    scheduler.look_and_wait().await;
    scheduler.look_and_wait().await;
    // It is left alone for a while, and not tried without end.
    scheduler.look();
    assert!(scheduler.busy.is_empty());
    assert_eq!(published(&shop, "shop"), 0);
    // Whoever starts anew finds its run and carries it out.
    let mut next = Scheduler::new(shop.handle.clone());
    until(&shop, &mut next, "shop", 1).await;
    check_at_most_once(&shop.log().await);
}
