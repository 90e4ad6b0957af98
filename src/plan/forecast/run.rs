//! One run of a forecast: durations are drawn, and agents take tasks in claim order as they become free,
//! until nothing is open. The same network, seed and run give the same end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::chance::{Chance, Experience};
use super::network::{Kind, Network};

/// Tasks share a word with the time at which they end.
const TASK_BITS: u32 = 20;
const NONE: u32 = u32::MAX;

/// What repeated runs need; made once, used again for each.
pub(super) struct Runner<'a> {
    network: &'a Network,
    experience: &'a Experience,
    takers: &'a [Vec<usize>],
    kinds: &'a [Kind],
    /// The first nodes: they wait for nothing.
    roots: Vec<u32>,
    waits: Vec<u32>,
    free: Vec<u32>,
    /// Tasks of each class that can be taken, by their place in claim order.
    ready: Vec<BinaryHeap<Reverse<u32>>>,
    running: BinaryHeap<Reverse<u64>>,
    durations: Vec<u32>,
    ready_at: Vec<u64>,
    /// The task without whose end each could not have begun then.
    after: Vec<u32>,
    /// The kind of agent that works on each.
    by: Vec<u32>,
    /// The task whose end made the newest agent of each kind free.
    freed_by: Vec<u32>,
    ends: Vec<u64>,
    stack: Vec<u32>,
}

/// What came out of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// When the last task was done, in minutes of work from now.
    pub finish: u64,
    /// The task that was done last; none when nothing is open.
    pub last: Option<u32>,
}

impl<'a> Runner<'a> {
    /// A runner for these kinds of agents.
    pub fn on(
        network: &'a Network,
        experience: &'a Experience,
        kinds: &'a [Kind],
        takers: &'a [Vec<usize>],
    ) -> Self {
        let tasks = network.tasks.len();
        let held = |node: &u32| {
            let task = network.tasks.get(*node as usize);
            task.is_some_and(|work| work.is_held)
        };
        let roots = (0..).zip(&network.waits);
        let roots = roots.filter(|(_, waits)| **waits == 0);
        Self {
            roots: roots
                .map(|(node, _)| node)
                .filter(|node| !held(node))
                .collect(),
            waits: network.waits.clone(),
            free: Vec::with_capacity(kinds.len()),
            ready: network.takers.iter().map(|_| BinaryHeap::new()).collect(),
            running: BinaryHeap::new(),
            durations: vec![0; tasks],
            ready_at: vec![0; tasks],
            after: vec![NONE; tasks],
            by: vec![NONE; tasks],
            freed_by: vec![NONE; kinds.len()],
            ends: vec![0; network.waits.len()],
            stack: Vec::new(),
            network,
            experience,
            takers,
            kinds,
        }
    }

    /// Runs once. `waited` gathers how long tasks of each class waited for an agent, in minutes.
    pub fn run(&mut self, seed: u64, run: u32, waited: &mut [u64]) -> End {
        self.begin(seed, run);
        let mut finish = 0;
        let mut last = None;
        self.hand_out(0, waited);
        while let Some(Reverse(next)) = self.running.pop() {
            let now = next >> TASK_BITS;
            let mut task = low(next);
            // Everything that ends now ends before anything is taken.
            loop {
                (finish, last) = (now, Some(task));
                self.end(task, now);
                match self.running.peek() {
                    Some(Reverse(other)) if other >> TASK_BITS == now => {
                        task = low(*other);
                        self.running.pop();
                    }
                    _ => break,
                }
            }
            self.hand_out(now, waited);
        }
        End { finish, last }
    }

    fn begin(&mut self, seed: u64, run: u32) {
        let mut chance = Chance::of(seed, run);
        for (duration, work) in self.durations.iter_mut().zip(&self.network.tasks) {
            let ratio = u64::from(chance.pick(&self.experience.ratios));
            let drawn = (u64::from(work.minutes) * ratio) >> 8;
            // What has taken longer than drawn is thought to be nearly done.
            let nearly = u64::from(work.minutes / 10).max(1);
            let left = drawn.saturating_sub(u64::from(work.spent_minutes));
            *duration = u32::try_from(left.max(nearly)).unwrap_or(u32::MAX);
        }
        self.waits.clone_from(&self.network.waits);
        self.free.clear();
        self.free.extend(self.kinds.iter().map(|kind| kind.room));
        self.freed_by.fill(NONE);
        self.after.fill(NONE);
        for ready in &mut self.ready {
            ready.clear();
        }
        for (task, work) in (0..).zip(&self.network.tasks) {
            if work.is_held {
                if let Some(kind) = work.held_by {
                    self.free[kind] = self.free[kind].saturating_sub(1);
                }
                self.by[task as usize] = work.held_by.map_or(NONE, |kind| kind as u32);
                self.start(task, 0);
            }
        }
        let roots = std::mem::take(&mut self.roots);
        for root in &roots {
            self.stack.push(*root);
            self.open(0, NONE);
        }
        self.roots = roots;
    }

    fn start(&mut self, task: u32, now: u64) {
        let end = now + u64::from(self.durations[task as usize]);
        self.running
            .push(Reverse((end << TASK_BITS) | u64::from(task)));
    }

    fn end(&mut self, task: u32, now: u64) {
        self.ends[task as usize] = now;
        let kind = self.by[task as usize];
        if kind != NONE {
            self.free[kind as usize] += 1;
            self.freed_by[kind as usize] = task;
        }
        self.release(task as usize, now, task);
    }

    /// What waits for a node waits for one thing less.
    fn release(&mut self, node: usize, now: u64, cause: u32) {
        self.count_down(node);
        self.open(now, cause);
    }

    fn count_down(&mut self, node: usize) {
        for other in self.network.behind(node) {
            let waits = &mut self.waits[*other as usize];
            *waits -= 1;
            if *waits == 0 {
                self.stack.push(*other);
            }
        }
    }

    /// Tasks on the stack can be taken; marks on it are passed at once.
    fn open(&mut self, now: u64, cause: u32) {
        while let Some(node) = self.stack.pop() {
            match self.network.tasks.get(node as usize) {
                // It was under way before what it waits for; a coordinator let it.
                Some(work) if work.is_held => {}
                Some(work) => {
                    self.ready_at[node as usize] = now;
                    self.after[node as usize] = cause;
                    let rank = self.network.ranks[node as usize];
                    self.ready[work.class].push(Reverse(rank));
                }
                None => {
                    self.ends[node as usize] = now;
                    self.count_down(node as usize);
                }
            }
        }
    }

    /// Agents that are free take what they can, in claim order.
    fn hand_out(&mut self, now: u64, waited: &mut [u64]) {
        loop {
            let mut best: Option<(u32, usize, usize)> = None;
            for (class, ready) in self.ready.iter().enumerate() {
                let Some(Reverse(rank)) = ready.peek() else {
                    continue;
                };
                if best.is_some_and(|(other, ..)| other <= *rank) {
                    continue;
                }
                let mut takers = self.takers[class].iter();
                if let Some(kind) = takers.find(|kind| self.free[**kind] > 0) {
                    best = Some((*rank, class, *kind));
                }
            }
            let Some((rank, class, kind)) = best else {
                return;
            };
            self.ready[class].pop();
            let task = self.network.in_claim_order[rank as usize];
            let place = task as usize;
            self.free[kind] -= 1;
            self.by[place] = kind as u32;
            let wait = now - self.ready_at[place];
            if wait > 0 {
                waited[class] += wait;
                self.after[place] = self.freed_by[kind];
            }
            self.start(task, now);
        }
    }

    /// When a node was passed in the newest run.
    pub fn passed_at(&self, node: u32) -> u64 {
        self.ends[node as usize]
    }

    /// The tasks without which the newest run would have ended earlier, from its end to its begin.
    pub fn chain(&self, end: End, mut each: impl FnMut(u32)) {
        let mut task = end.last.unwrap_or(NONE);
        let mut steps = 0;
        while task != NONE && steps <= self.network.tasks.len() {
            each(task);
            task = self.after[task as usize];
            steps += 1;
        }
    }
}

fn low(word: u64) -> u32 {
    u32::try_from(word & ((1 << TASK_BITS) - 1)).unwrap_or(NONE)
}
