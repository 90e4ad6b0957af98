//! Random commands against the core: after each one the plan keeps its invariants, its log replays to an
//! equal plan, from its start and from any image on the way, and its history obeys the rules.
//! `MUSTER_TEST_SEED` repeats a run, `MUSTER_TEST_STEPS` says how many commands there are, `MUSTER_TEST_FROM`
//! with which plan of the seed they begin; docs/TESTING.md says what is checked when.

mod commands;
mod corpus;
mod corrupted;
mod damaged;
mod history;
mod kinds;
mod run;
mod script;
mod shrink;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::clock::Stopwatch;
use crate::plan::event::{Event, Recorded};
use crate::plan::fact::Guards;
use commands::{Beginning, Step};
use run::{Checks, Count, Run};
use script::Asked;

/// Commands of a run of the suite.
const STEPS: usize = 100_000;
/// Where the history is what is looked at, the whole plan is checked each so many commands taken.
const WHOLE_EVERY: usize = 1_000;
/// A failing list is tried with something left out so many times.
const TRIES: usize = 4_000;

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is `{text}`, which is no number")))
}

fn seed() -> u64 {
    let seed = number("MUSTER_TEST_SEED").unwrap_or_else(|| {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("the system gives random bytes");
        u64::from_le_bytes(bytes)
    });
    println!("MUSTER_TEST_SEED={seed}");
    seed
}

/// The chance of one plan among those of a seed.
fn chance(seed: u64, plan: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&plan.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// What a failure is told with.
struct Failure {
    why: String,
    script: Vec<Asked>,
}

/// What many runs came to.
#[derive(Default)]
struct Total {
    plans: u64,
    steps: usize,
    folds: usize,
    oldest: usize,
    commands: BTreeMap<&'static str, Count>,
    happened: BTreeMap<&'static str, usize>,
}

impl Total {
    fn add(&mut self, run: &Run) {
        self.plans += 1;
        self.steps += run.script.len();
        self.folds += run.folds;
        self.oldest = self.oldest.max(run.script.len());
        for (kind, count) in &run.commands {
            let sum = self.commands.entry(kind).or_default();
            sum.asked += count.asked;
            sum.taken += count.taken;
        }
        for (kind, count) in &run.happened {
            *self.happened.entry(kind).or_default() += count;
        }
    }

    fn table(&self) -> String {
        let mut table = String::from("command               asked     taken   refused\n");
        for (kind, Count { asked, taken }) in &self.commands {
            let refused = asked - taken;
            let _ = writeln!(table, "{kind:18} {asked:>8} {taken:>9} {refused:>9}");
        }
        table
    }

    /// The kinds of commands that were never taken, then the kinds of events that never happened.
    fn unmet(&self) -> [Vec<&'static str>; 2] {
        let taken = |kind: &&str| self.commands.get(*kind).is_some_and(|it| it.taken > 0);
        let happened = |kind: &&str| self.happened.contains_key(*kind);
        let commands = kinds::KINDS.iter().copied();
        let events = Event::KINDS.iter().copied();
        [
            commands.filter(|kind| !taken(kind)).collect(),
            events.filter(|kind| !happened(kind)).collect(),
        ]
    }
}

/// How many steps a plan lives: mostly few, so that failures are small and beginnings are seen often;
/// seldom so many that it grows old.
fn length(chance: &mut impl Rng) -> usize {
    let by = chance.next_u32() as usize;
    match by % 100 {
        0 => 1_500,
        1..=9 => 200 + by % 200,
        _ => 20 + by % 80,
    }
}

/// Leads fresh plans, beginning with the one of that number, through random commands until so many were
/// asked, or one fails.
fn explore(seed: u64, from: u64, steps: usize, checks: Checks) -> Result<Total, Box<Failure>> {
    let mut total = Total::default();
    explore_on(&mut total, seed, from, steps, checks)?;
    Ok(total)
}

/// The same, going on from what was met so far.
fn explore_on(
    total: &mut Total,
    seed: u64,
    from: u64,
    steps: usize,
    checks: Checks,
) -> Result<(), Box<Failure>> {
    let mut told = total.steps / STEPS;
    let watch = Stopwatch::start();
    let before = total.steps;
    while total.steps < steps {
        let number = from + total.plans;
        let mut chance = chance(seed, number);
        let beginning = Beginning::draw(&mut chance);
        let count = length(&mut chance);
        let drawn: Vec<Step> = (0..count).map(|_| Step::draw(&mut chance)).collect();
        let mut run = Run::after(total.steps, checks);
        if let Err(why) = run.at_random(beginning, &drawn) {
            let why = format!(
                "plan {number} of seed {seed}, after {} commands to others: {why}\n\n\
                 To meet this plan first: MUSTER_TEST_SEED={seed} MUSTER_TEST_FROM={number}",
                total.steps
            );
            let script = run.script;
            return Err(Box::new(Failure { why, script }));
        }
        total.add(&run);
        if total.steps / STEPS > told {
            told = total.steps / STEPS;
            let per_s = (total.steps - before) as f64 / watch.elapsed().as_secs_f64();
            println!(
                "{} commands on {} plans, {per_s:.0} a second, {} logs folded on the way",
                total.steps, total.plans, total.folds
            );
        }
    }
    Ok(())
}

/// Holds a check over whole logs of a project `shop` that random commands led to.
pub(crate) fn check_random_logs(plans: u64, check: impl Fn(&[Recorded]) -> Result<(), String>) {
    let seed = seed();
    let checks = Checks {
        whole_every: usize::MAX,
        guards: Guards::default(),
    };
    for plan in 0..plans {
        let mut chance = chance(seed, plan);
        let beginning = match Beginning::draw(&mut chance) {
            Beginning::Daemon => Beginning::Made,
            project => project,
        };
        let drawn: Vec<Step> = (0..60).map(|_| Step::draw(&mut chance)).collect();
        let mut run = Run::new(checks);
        let outcome = run.at_random(beginning, &drawn);
        let outcome = outcome.and_then(|()| check(&run.log()));
        if let Err(why) = outcome {
            panic!("plan {plan} of seed {seed}: {why}");
        }
    }
}

/// The shortest script found that fails too, and why it does.
fn shrunk(script: &[Asked], guards: Guards) -> Failure {
    let checks = Checks {
        whole_every: 1,
        guards,
    };
    let mut run = Run::new(checks);
    let failed = run.follow(script).is_err();
    let (checks, script) = if failed {
        (checks, run.script.as_slice())
    } else {
        // It fails only where the plan is checked seldom.
        let whole_every = WHOLE_EVERY;
        (
            Checks {
                whole_every,
                guards,
            },
            script,
        )
    };
    let fails = |script: &[Asked]| Run::new(checks).follow(script).is_err();
    let script = shrink::shortest(script, TRIES, fails);
    let outcome = Run::new(checks).follow(&script);
    let why = outcome
        .err()
        .unwrap_or_else(|| "not when repeated".to_owned());
    Failure { why, script }
}

#[test]
fn random_commands_keep_every_invariant() {
    let seed = seed();
    let steps = number("MUSTER_TEST_STEPS").map_or(STEPS, |count| count as usize);
    let checks = Checks {
        whole_every: 1,
        guards: Guards::default(),
    };
    let from = number("MUSTER_TEST_FROM").unwrap_or(0);
    let mut total = Total::default();
    let lead_to = |total: &mut Total, steps: usize| {
        explore_on(total, seed, from, steps, checks).unwrap_or_else(|failure| {
            let short = shrunk(&failure.script, checks.guards);
            panic!(
                "{}\n\nmade short: {}\n\nTo keep it, write this to src/plan/tests/model/corpus/NAME.jsonl:\n{}",
                failure.why,
                short.why,
                script::print(&short.script)
            )
        });
    };
    lead_to(&mut total, steps);
    // What is seldom possible may be missed by chance, and is then met a little later.
    let mut longer = steps;
    while steps >= STEPS && longer < 3 * steps && total.unmet().iter().any(|it| !it.is_empty()) {
        longer += STEPS / 4;
        lead_to(&mut total, longer);
    }
    println!("{}", total.table());
    println!(
        "{} commands on {} plans of up to {} commands; {} logs folded on the way and one at the end of each plan",
        total.steps, total.plans, total.oldest, total.folds
    );
    if steps < STEPS {
        let unmet = total.unmet();
        println!("too few commands to say that every kind was taken; not met: {unmet:?}");
        return;
    }
    // A kind that is never taken proves little.
    let [commands, events] = total.unmet();
    assert!(
        commands.is_empty(),
        "these commands were never taken: {commands:?}"
    );
    assert!(events.is_empty(), "these events never happened: {events:?}");
    let refused = |kind: &&&str| {
        total
            .commands
            .get(**kind)
            .is_some_and(|it| it.taken < it.asked)
    };
    let never: Vec<_> = kinds::KINDS.iter().filter(|kind| !refused(kind)).collect();
    println!("never refused: {never:?}");
    let rare = total.happened.iter().filter(|(_, count)| **count < 20);
    println!("seldom happened: {:?}", rare.collect::<Vec<_>>());
    let taken: usize = total.commands.values().map(|it| it.taken).sum();
    assert!(
        taken * 3 > total.steps,
        "only {taken} of {} commands were taken",
        total.steps
    );
}

#[test]
fn without_the_fence_check_the_history_breaks_its_rules() {
    let guards = Guards::without_fence_check_for_a_negative_control();
    let checks = Checks {
        whole_every: WHOLE_EVERY,
        guards,
    };
    let Err(failure) = explore(seed(), 0, STEPS, checks) else {
        panic!("nothing was noticed");
    };
    assert!(failure.why.contains("late"), "{}", failure.why);
    let short = shrunk(&failure.script, guards);
    let text = script::print(&short.script);
    assert!(short.why.contains("late"), "{}\n{text}", short.why);
    assert!(short.script.len() < 20, "still long:\n{text}");
    // What is printed is what fails.
    let read = script::read(&text);
    assert_eq!(read, short.script);
    assert!(Run::new(checks).follow(&read).is_err(), "{text}");
}
