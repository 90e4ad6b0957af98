//! Random commands against the core: after each one the plan keeps its invariants, its log replays to an
//! equal plan, from its start and from any image on the way, and its history obeys the rules. `MUSTER_TEST_SEED` repeats a run, `MUSTER_TEST_STEPS`
//! makes the runs longer.

mod commands;
mod corrupted;
mod history;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::env;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestError, TestRunner};

use super::super::event::Event;
use super::super::event::Recorded;
use super::super::fact::{Actor, Facts, Guards, RequestKey};
use super::super::time::Timestamp;
use super::super::{Command, Plan, decide};
use super::{assert_same, reread, through_an_image};
use commands::Step;
use history::History;

const CASES: u32 = 250;
const STEPS: usize = 60;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// Events that come by commands which the examples test.
const ELSEWHERE: &[&str] = &["PlanImported", "TokenIssued", "TokenRevoked"];

/// A plan that is led through random steps, with its replay beside it.
struct Run {
    plan: Plan,
    replay: Plan,
    /// A plan put together from an image on the way, with the events since.
    restored: Plan,
    log: Vec<Recorded>,
    history: History,
    happened: BTreeMap<&'static str, usize>,
    now_ms: i64,
    guards: Guards,
}

impl Run {
    fn new(guards: Guards) -> Self {
        let mut run = Self {
            plan: Plan::default(),
            replay: Plan::default(),
            restored: Plan::default(),
            log: Vec::new(),
            history: History::default(),
            happened: BTreeMap::new(),
            now_ms: 1_000_000,
            guards,
        };
        for (actor, command) in commands::beginning() {
            run.take(actor, &command).expect("the beginning is sound");
        }
        run
    }

    /// The request of the next command: most have one, and some clients take an id twice.
    fn request(&self) -> Option<RequestKey> {
        let number = self.now_ms / 1_000;
        let id = format!("request-{}", number / 3);
        (number % 5 > 0).then(|| RequestKey {
            digest: format!("digest of {id}").into(),
            id: id.into(),
        })
    }

    /// Decides one command; every rule that it breaks.
    fn take(&mut self, actor: Actor, command: &Command) -> Result<bool, String> {
        let facts = Facts {
            now: Timestamp(self.now_ms),
            actor: actor.clone(),
            request: self.request(),
            guards: self.guards,
        };
        let decided = match decide(&self.plan, command, &facts) {
            Ok(decided) => decided,
            Err(refusal) => {
                return super::without_a_way_on(&refusal).map_or(Ok(false), Err);
            }
        };
        let mut broken = self.history.asked(&self.plan, &actor, command, &decided);
        for recorded in &decided.events {
            if recorded.version != self.replay.version() + 1 {
                broken.push(format!("version {} is out of turn", recorded.version));
            }
            broken.extend(self.history.happened(&self.replay, recorded));
            let reread = reread(recorded);
            self.replay.apply(&reread);
            self.restored.apply(&reread);
            self.log.push(reread);
            *self.happened.entry(recorded.event.kind()).or_default() += 1;
        }
        let empty = decided.events.is_empty();
        if empty && decided.repeats.is_none() {
            broken.push("an accepted command left no event".to_owned());
        }
        self.plan = decided.plan;
        broken.extend(self.plan.broken_invariants());
        if broken.is_empty() {
            return Ok(!empty);
        }
        Err(format!("{actor} {command:?}\n{}", broken.join("\n")))
    }

    /// How many of the steps were taken, or what the first bad one broke.
    fn all(&mut self, steps: &[Step]) -> Result<usize, String> {
        let mut taken = 0;
        for step in steps {
            self.now_ms += step.wait_ms();
            let (actor, command) = step.command(&self.plan, &self.history);
            taken += usize::from(self.take(actor, &command)?);
            // The engine settles what it publishes; a replay does so at its end.
            if step.settles() {
                self.plan.settle();
            }
            if step.is_imaged() {
                self.restored = through_an_image(&self.plan);
                assert_same(&self.restored, &self.plan);
            }
        }
        assert_same(&self.replay, &self.plan);
        assert_same(&self.restored, &self.plan);
        Ok(taken)
    }
}

fn runner(cases: u32) -> TestRunner {
    let seed = number("MUSTER_TEST_SEED").unwrap_or_else(rand_seed);
    println!("MUSTER_TEST_SEED={seed}");
    TestRunner::new(ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..ProptestConfig::default()
    })
}

/// Holds a check over whole logs that random commands led to.
pub(crate) fn check_random_logs(cases: u32, check: impl Fn(&[Recorded]) -> Result<(), String>) {
    let outcome = runner(cases).run(&steps(STEPS), |steps| {
        let mut run = Run::new(Guards::default());
        let done = run.all(&steps).and_then(|_| check(&run.log));
        done.map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(why, steps)) = outcome {
        panic!("{why}\nafter {steps:#?}");
    }
}

fn rand_seed() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    u64::from_le_bytes(bytes)
}

fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(commands::step(), count / 2..=count)
}

#[test]
fn random_commands_keep_every_invariant() {
    let count = number("MUSTER_TEST_STEPS").map_or(STEPS, |count| count as usize);
    let (asked, taken) = (Cell::new(0), Cell::new(0));
    let happened = RefCell::new(BTreeMap::<&str, usize>::new());
    let outcome = runner(CASES).run(&steps(count), |steps| {
        let mut run = Run::new(Guards::default());
        let done = run.all(&steps);
        asked.set(asked.get() + steps.len());
        taken.set(taken.get() + done.as_ref().copied().unwrap_or(0));
        for (kind, count) in run.happened {
            *happened.borrow_mut().entry(kind).or_default() += count;
        }
        done.map(|_| ()).map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(why, steps)) = outcome {
        panic!("{why}\nafter {steps:#?}");
    }
    // Runs of mere refusals would prove little.
    let (asked, taken, happened) = (asked.get(), taken.get(), happened.into_inner());
    println!("{taken} of {asked} commands were taken: {happened:?}");
    assert!(
        taken * 3 > asked,
        "only {taken} of {asked} commands were taken"
    );
    let never: Vec<&&str> = Event::KINDS
        .iter()
        .filter(|kind| !happened.contains_key(**kind) && !ELSEWHERE.contains(*kind))
        .collect();
    assert!(never.is_empty(), "these never happened: {never:?}");
}

#[test]
fn without_the_fence_check_the_history_breaks_its_rules() {
    let outcome = runner(CASES * 5).run(&steps(STEPS), |steps| {
        let guards = Guards::without_fence_check_for_a_negative_control();
        let done = Run::new(guards).all(&steps);
        done.map(|_| ()).map_err(TestCaseError::fail)
    });
    let Err(TestError::Fail(why, _)) = outcome else {
        panic!("nothing was noticed: {outcome:?}");
    };
    assert!(why.to_string().contains("late"), "{why}");
}
