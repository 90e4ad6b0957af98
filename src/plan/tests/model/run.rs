//! A plan that is led through commands, with its replay and its history beside it: after each command, what
//! it broke.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{through_an_image, without_a_way_on};
use super::commands::{Beginning, Step};
use super::history::History;
use super::kinds::kind;
use super::script::Asked;
use crate::plan::codec::{decode, encode};
use crate::plan::event::Recorded;
use crate::plan::fact::{Facts, Guards, RequestKey};
use crate::plan::time::Timestamp;
use crate::plan::{Plan, decide};

/// With a whole check after a command of this many an image is made.
const IMAGED_EVERY: usize = 20;
/// After so many commands, counted over all plans of a run, the log so far is folded from nothing.
const FOLDED_EVERY: usize = 1_000;

/// How often what is dear is checked, and with which safety checks the core runs.
#[derive(Debug, Clone, Copy)]
pub struct Checks {
    /// Every invariant and the equality with the replay, each so many commands taken and at the end of a plan.
    pub whole_every: usize,
    /// All on but in a negative control.
    pub guards: Guards,
}

/// How often a kind of command was asked and taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    pub asked: usize,
    pub taken: usize,
}

/// A plan on its way.
pub struct Run {
    plan: Plan,
    replay: Plan,
    /// A plan put together from an image on the way, with the events since.
    restored: Plan,
    documents: Vec<String>,
    history: History,
    checks: Checks,
    unchecked: usize,
    /// Commands of the run that were asked of earlier plans.
    earlier: usize,
    /// How often the log was folded from nothing before the plan's end.
    pub folds: usize,
    /// Everything that was asked so far.
    pub script: Vec<Asked>,
    /// Commands by kind.
    pub commands: BTreeMap<&'static str, Count>,
    /// Events by kind.
    pub happened: BTreeMap<&'static str, usize>,
}

impl Run {
    /// An empty plan.
    pub fn new(checks: Checks) -> Self {
        Self {
            plan: Plan::default(),
            replay: Plan::default(),
            restored: Plan::default(),
            documents: Vec::new(),
            history: History::default(),
            checks,
            unchecked: 0,
            earlier: 0,
            folds: 0,
            script: Vec::new(),
            commands: BTreeMap::new(),
            happened: BTreeMap::new(),
        }
    }

    /// An empty plan of a run in which so many commands went to others. Most plans are given up long before
    /// their thousandth command: what is due each thousand must not begin anew with each of them.
    pub fn after(earlier: usize, checks: Checks) -> Self {
        Self {
            earlier,
            ..Self::new(checks)
        }
    }

    /// Leads the plan through random steps; the first rule that one of them breaks.
    pub fn at_random(&mut self, beginning: Beginning, steps: &[Step]) -> Result<(), String> {
        let mut now_ms = 1_000_000;
        for (actor, command) in beginning.commands() {
            self.take(Asked {
                now_ms,
                actor,
                command,
                settle: false,
            })?;
        }
        let sound = self.commands.values().all(|it| it.asked == it.taken);
        if !sound {
            return Err(format!("the beginning was refused: {:?}", self.commands));
        }
        for step in steps {
            now_ms += step.wait_ms();
            let (actor, command) = step.command(&self.plan, &self.history);
            self.take(Asked {
                now_ms,
                actor,
                command,
                settle: step.settles(),
            })?;
        }
        self.finish()
    }

    /// Leads the plan through these commands.
    pub fn follow(&mut self, script: &[Asked]) -> Result<(), String> {
        for asked in script {
            self.take(asked.clone())?;
        }
        self.finish()
    }

    /// Decides one command; every rule that it breaks. A panic is one of them.
    fn take(&mut self, asked: Asked) -> Result<(), String> {
        self.script.push(asked.clone());
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut broken = self.decide(&asked);
            if (self.earlier + self.script.len()).is_multiple_of(FOLDED_EVERY) {
                self.folds += 1;
                broken.extend(self.check_log());
            }
            broken
        }));
        let broken = outcome.unwrap_or_else(|panic| vec![said(&*panic)]);
        if broken.is_empty() {
            return Ok(());
        }
        let Asked { actor, command, .. } = asked;
        Err(format!("{actor} {command:?}\n{}", broken.join("\n")))
    }

    fn decide(&mut self, asked: &Asked) -> Vec<String> {
        let count = self.commands.entry(kind(&asked.command)).or_default();
        count.asked += 1;
        let facts = Facts {
            now: Timestamp(asked.now_ms),
            actor: asked.actor.clone(),
            request: request(asked.now_ms),
            guards: self.checks.guards,
        };
        let decided = match decide(&self.plan, &asked.command, &facts) {
            Ok(decided) => decided,
            Err(refusal) => return without_a_way_on(&refusal).into_iter().collect(),
        };
        count.taken += 1;
        let mut broken = self
            .history
            .asked(&self.plan, &asked.actor, &asked.command, &decided);
        for recorded in &decided.events {
            broken.extend(self.happen(recorded));
        }
        self.plan = decided.plan;
        broken.extend(self.plan.broken_entity_rules());
        self.unchecked += 1;
        // What the whole check costs grows faster than the plan: an old one has it seldomer.
        let whole_every = self.checks.whole_every.max(self.script.len() / 100);
        if self.unchecked >= whole_every {
            broken.extend(self.check_whole());
        }
        // The engine settles what it publishes; a replay does so at its end.
        if asked.settle {
            self.plan.settle();
        }
        broken
    }

    /// Takes an event into the replay, as it is read back from its stored form.
    fn happen(&mut self, recorded: &Recorded) -> Vec<String> {
        let mut broken = self.history.happened(&self.replay, recorded);
        if recorded.version != self.replay.version() + 1 {
            broken.push(format!("version {} is out of turn", recorded.version));
        }
        let document = encode(recorded, "").expect("an event is JSON");
        match decode(&document) {
            Ok(read) if read == *recorded => {
                self.replay.apply(&read);
                self.restored.apply(&read);
            }
            other => broken.push(format!("{document} was read as {other:?}")),
        }
        self.documents.push(document);
        *self.happened.entry(recorded.event.kind()).or_default() += 1;
        broken
    }

    /// Every invariant, and whether the replay leads to the same plan.
    fn check_whole(&mut self) -> Vec<String> {
        self.unchecked = 0;
        let mut broken = self.plan.broken_invariants();
        broken.extend(unlike(&self.replay, &self.plan));
        // Images are dear, and one is as good as another: after some of the whole checks one is made anew.
        if self.script.len().is_multiple_of(IMAGED_EVERY) {
            broken.extend(self.check_image());
        }
        broken
    }

    /// Whether the plan from an image and the events since are the same plan; makes a new image.
    fn check_image(&mut self) -> Vec<String> {
        let mut broken = Vec::from_iter(unlike(&self.restored, &self.plan));
        self.restored = through_an_image(&self.plan);
        broken.extend(unlike(&self.restored, &self.plan));
        broken
    }

    /// The events so far, as they are read back.
    pub fn log(&self) -> Vec<Recorded> {
        let documents = self.documents.iter();
        documents
            .map(|document| decode(document).expect("its own document"))
            .collect()
    }

    /// Whether all that leads to this plan leads to the same: the replay beside it, an image and the events
    /// since, and the whole log from nothing, read anew from its documents. Every invariant as well.
    fn check_log(&mut self) -> Vec<String> {
        self.unchecked = 0;
        let mut broken = self.plan.broken_invariants();
        broken.extend(unlike(&self.replay, &self.plan));
        broken.extend(self.check_image());
        let mut plan = Plan::default();
        for document in &self.documents {
            match decode(document) {
                Ok(recorded) => plan.apply(&recorded),
                Err(error) => broken.push(format!("{document}: {error}")),
            }
        }
        broken.extend(unlike(&plan, &self.plan));
        broken
    }

    /// What is looked at when nothing more is asked. It is all there is: a list of commands that failed on
    /// the way fails here too when it is followed by itself.
    fn finish(&mut self) -> Result<(), String> {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.check_log()));
        let broken = outcome.unwrap_or_else(|panic| vec![said(&*panic)]);
        if broken.is_empty() {
            return Ok(());
        }
        Err(format!("at the end\n{}", broken.join("\n")))
    }
}

/// What a panic said, as a rule that was broken.
fn said(panic: &dyn Any) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a panic: {}", said.unwrap_or("without a word"))
}

/// The request of a command: most have one, and some clients take an id twice.
fn request(now_ms: i64) -> Option<RequestKey> {
    let number = now_ms / 1_000;
    let id = format!("request-{}", number / 3);
    (number % 5 > 0).then(|| RequestKey {
        digest: format!("digest of {id}").into(),
        id: id.into(),
    })
}

/// How two plans differ once both are settled.
fn unlike(replay: &Plan, live: &Plan) -> Option<String> {
    let (mut replay, mut live) = (replay.clone(), live.clone());
    replay.settle();
    live.settle();
    (replay != live || replay.fingerprint() != live.fingerprint())
        .then(|| "a replay of the log leads to another plan".to_owned())
}
