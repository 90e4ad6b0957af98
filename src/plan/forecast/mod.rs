//! When open work will be done: many runs through the plan, each with durations drawn from estimates and
//! from what earlier tasks took, and with the agents there are. A pure function of plan, instant and seed,
//! whoever runs which part of it.
//!
//! What nobody can tell takes no time: blockers, decisions, criteria and reviews are thought to be settled
//! when work gets there. Work that was put off is left out.

mod chance;
mod network;
mod run;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::id::{MilestoneId, PhaseNo, RoleNo, TaskId};
use super::refusal::Refusal;
use super::state::Plan;
use super::time::Timestamp;
use super::velocity::Velocity;
use chance::Experience;
use network::Network;
use run::Runner;

pub use network::TASKS_MAX;

/// Runs when nobody asks for another number.
pub const RUNS_DEFAULT: u32 = 10_000;
/// Runs at most.
pub const RUNS_MAX: u32 = 100_000;
/// Runs at least, however large the plan.
const RUNS_MIN: u32 = 100;
/// Open tasks times runs, beyond which there are fewer runs than asked for.
const STEPS_MAX: u64 = 20_000_000;
/// Ends that are kept, of the whole and of each phase in each run.
const ENDS_MAX: u64 = 4_000_000;
/// So many roles are looked at for what one more agent would change: those whose tasks wait longest.
const ROLES_MAX: usize = 4;
/// One more agent is tried in one of so many runs.
const TRIED_ONE_IN: u32 = 5;
/// Bars of the picture of all ends.
const BARS: u64 = 24;

/// Minutes of work from now, by how likely that is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Likely {
    /// In half of all runs.
    pub p50: u64,
    /// In 85 of 100.
    pub p85: u64,
    /// In 95 of 100.
    pub p95: u64,
}

impl Likely {
    fn of(mut ends: Vec<u64>) -> Self {
        ends.sort_unstable();
        let enough = |percent: usize| {
            let place = (ends.len() * percent).div_ceil(100).saturating_sub(1);
            ends.get(place).copied().unwrap_or(0)
        };
        Self {
            p50: enough(50),
            p85: enough(85),
            p95: enough(95),
        }
    }
}

/// What one more agent of a role would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OneMore {
    /// The role.
    pub role: RoleNo,
    /// The end of the plan without it, in the runs in which it was tried.
    pub without: Likely,
    /// The end with it.
    pub with: Likely,
    /// How long tasks of the role wait for an agent in a run on average, together, in minutes.
    pub waiting_minutes: u64,
}

/// A step of the chain that decides when the plan ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Critical {
    /// The task.
    pub task: TaskId,
    /// In how many of 100 runs it was on the chain.
    pub percent: u32,
}

/// A bar of the picture: in how many runs the plan ended within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Where it begins, in minutes of work from now.
    pub from: u64,
    /// Where it ends; the next begins there.
    pub to: u64,
    /// How many runs ended in it.
    pub runs: u32,
}

/// See [`Plan::forecast`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The seed.
    pub seed: u64,
    /// Runs made; fewer than asked for when the plan is very large.
    pub runs: u32,
    /// Open tasks.
    pub open: u32,
    /// When all of them are done.
    pub finish: Likely,
    /// When each phase that is not passed ends, in plan order.
    pub phases: Vec<(PhaseNo, Likely)>,
    /// When each milestone ahead that stands for something is reached; what a coordinator ticks takes no time.
    pub milestones: Vec<(MilestoneId, Likely)>,
    /// The tasks of the longest chain by estimate, and how often each decided.
    pub critical_path: Vec<Critical>,
    /// The tasks that decided most often, the most often first, at most 10.
    pub decisive: Vec<Critical>,
    /// What one more agent would change, for the roles whose tasks wait longest.
    pub one_more: Vec<OneMore>,
    /// All ends in bars of the same width.
    pub bars: Vec<Bar>,
    /// Finished tasks whose durations were drawn from.
    pub seen: u32,
    /// Tasks a session until now.
    pub velocity: Velocity,
    /// What a task without an estimate was thought to take, in minutes.
    pub minutes_without_estimate: u32,
    /// Roles with open tasks and no agent, which were thought to have one; none = tasks for any role.
    pub supposed: Vec<Option<RoleNo>>,
    /// Open blockers and decisions, which were thought to take no time.
    pub unsettled: u32,
}

/// A forecast being made: parts of it can be run side by side.
pub struct Forecasting {
    plan: Arc<Plan>,
    network: Network,
    experience: Experience,
    seed: u64,
    runs: u32,
}

/// A role whose tasks wait for an agent.
#[derive(Debug, Clone, Copy)]
pub struct Short {
    role: RoleNo,
    /// How long they waited, over all runs.
    waited: u64,
}

/// What came out with one more agent of a role.
pub struct Tried {
    short: Short,
    finishes: Vec<u64>,
}

/// What came out of a part of the runs.
pub struct Part {
    from: u32,
    finishes: Vec<u64>,
    /// Ends of the phases and then of the milestones, those of one run beside each other.
    other_ends: Vec<u64>,
    /// How often each open task decided.
    decided: Vec<u32>,
    /// How long tasks of each class waited, over all runs.
    waited: Vec<u64>,
}

impl Forecasting {
    /// Makes ready for a forecast as of an instant. `runs` 0 = the usual number.
    ///
    /// # Errors
    /// LIMIT_REACHED when the plan has too many open tasks or waits.
    pub fn of(plan: Arc<Plan>, now: Timestamp, seed: u64, runs: u32) -> Result<Self, Refusal> {
        let experience = Experience::of(&plan);
        let network = Network::of(&plan, &experience, now)?;
        let asked = match runs {
            0 => RUNS_DEFAULT,
            asked => asked.min(RUNS_MAX),
        };
        let tasks = network.tasks.len() as u64;
        let ends = (network.phase_ends.len() + network.milestones.len()) as u64 + 1;
        let most = (STEPS_MAX / tasks.max(1)).min(ENDS_MAX / ends);
        let most = u32::try_from(most).unwrap_or(u32::MAX).max(RUNS_MIN);
        Ok(Self {
            plan,
            network,
            experience,
            seed,
            runs: asked.min(most),
        })
    }

    /// How many runs there are to make.
    pub fn runs(&self) -> u32 {
        self.runs
    }

    /// Makes some of them.
    pub fn run(&self, runs: Range<u32>) -> Part {
        let network = &self.network;
        let mut runner = Runner::on(network, &self.experience, &network.kinds, &network.takers);
        let mut part = Part {
            from: runs.start,
            finishes: Vec::new(),
            other_ends: Vec::new(),
            decided: vec![0; network.tasks.len()],
            waited: vec![0; network.takers.len()],
        };
        for run in runs {
            let end = runner.run(self.seed, run, &mut part.waited);
            part.finishes.push(end.finish);
            let marks = network.phase_ends.iter();
            part.other_ends
                .extend(marks.map(|(mark, _)| runner.passed_at(*mark)));
            let milestones = network.milestones.iter().map(|(_, nodes)| {
                let reached = nodes.iter().map(|node| runner.passed_at(*node));
                reached.max().unwrap_or(0)
            });
            part.other_ends.extend(milestones);
            runner.chain(end, |task| part.decided[task as usize] += 1);
        }
        part
    }

    /// The roles whose tasks wait longest for an agent, the longest first: for these one more may be tried.
    pub fn short_of(&self, parts: &[Part]) -> Vec<Short> {
        let mut by_role: BTreeMap<RoleNo, u64> = BTreeMap::new();
        for (class, role) in self.network.class_roles.iter().enumerate() {
            let waited = parts.iter().map(|part| part.waited[class]).sum::<u64>();
            if let Some(role) = role.filter(|_| waited > 0) {
                *by_role.entry(role).or_insert(0) += waited;
            }
        }
        let mut short: Vec<Short> = by_role
            .into_iter()
            .map(|(role, waited)| Short { role, waited })
            .collect();
        short.sort_by_key(|short| (Reverse(short.waited), short.role));
        short.truncate(ROLES_MAX);
        short
    }

    /// Makes some of the runs again, with one more agent of a role.
    pub fn try_one_more(&self, short: Short) -> Tried {
        let (kinds, takers) = self.network.with_one_more(&self.plan, short.role);
        let mut runner = Runner::on(&self.network, &self.experience, &kinds, &takers);
        let mut waited = vec![0; takers.len()];
        let runs = 0..self.tried();
        Tried {
            short,
            finishes: runs
                .map(|run| runner.run(self.seed, run, &mut waited).finish)
                .collect(),
        }
    }

    /// In how many runs one more agent is tried.
    fn tried(&self) -> u32 {
        (self.runs / TRIED_ONE_IN).max(1)
    }

    /// What all parts say together, in whatever order they come, and what was tried.
    pub fn finish(&self, mut parts: Vec<Part>, tried: Vec<Tried>) -> Forecast {
        parts.sort_by_key(|part| part.from);
        let ends = parts.iter().flat_map(|part| &part.finishes);
        let ends: Vec<u64> = ends.copied().collect();
        let phases = self.network.phase_ends.len();
        let others = phases + self.network.milestones.len();
        let likely = |place: usize| {
            let ends = parts.iter().map(|part| part.other_ends.iter());
            let of_one = ends.flat_map(|ends| ends.skip(place).step_by(others));
            Likely::of(of_one.copied().collect())
        };
        let phase_ends = self.network.phase_ends.iter().enumerate();
        let phase_ends = phase_ends.map(|(place, (_, no))| (*no, likely(place)));
        let milestones = self.network.milestones.iter().enumerate();
        let milestones = milestones.map(|(place, (id, _))| (*id, likely(phases + place)));
        let decided: Vec<u32> = (0..self.network.tasks.len())
            .map(|task| parts.iter().map(|part| part.decided[task]).sum())
            .collect();
        Forecast {
            seed: self.seed,
            runs: self.runs,
            open: u32::try_from(decided.len()).unwrap_or(u32::MAX),
            phases: phase_ends.collect(),
            milestones: milestones.collect(),
            critical_path: self.critical_path(&decided),
            decisive: self.decisive(&decided),
            one_more: self.one_more(&ends, tried),
            bars: bars(&ends),
            finish: Likely::of(ends),
            seen: self.experience.seen,
            velocity: self.plan.velocity(),
            minutes_without_estimate: self.experience.minutes_without_estimate,
            supposed: self.supposed(),
            unsettled: self.unsettled(),
        }
    }

    fn percent(&self, count: u32) -> u32 {
        let percent = (u64::from(count) * 200 + u64::from(self.runs)) / (2 * u64::from(self.runs));
        u32::try_from(percent).unwrap_or(100)
    }

    fn critical_path(&self, decided: &[u32]) -> Vec<Critical> {
        let places: BTreeMap<TaskId, usize> = (0..)
            .zip(&self.network.tasks)
            .map(|(place, work)| (work.task, place))
            .collect();
        let path = self.plan.critical_path(0).path;
        path.iter()
            .map(|slot| Critical {
                task: slot.task,
                percent: places
                    .get(&slot.task)
                    .map_or(0, |place| self.percent(decided[*place])),
            })
            .collect()
    }

    fn decisive(&self, decided: &[u32]) -> Vec<Critical> {
        let mut places: Vec<usize> = (0..decided.len())
            .filter(|place| decided[*place] > 0)
            .collect();
        places.sort_by_key(|place| (Reverse(decided[*place]), *place));
        places.truncate(10);
        let critical = |place: usize| Critical {
            task: self.network.tasks[place].task,
            percent: self.percent(decided[place]),
        };
        places.into_iter().map(critical).collect()
    }

    fn one_more(&self, ends: &[u64], tried: Vec<Tried>) -> Vec<OneMore> {
        let same = ends.iter().take(self.tried() as usize);
        let without = Likely::of(same.copied().collect());
        let found = tried.into_iter().map(|tried| OneMore {
            role: tried.short.role,
            without,
            with: Likely::of(tried.finishes),
            waiting_minutes: tried.short.waited / u64::from(self.runs.max(1)),
        });
        found.collect()
    }

    fn supposed(&self) -> Vec<Option<RoleNo>> {
        let classes = self.network.class_roles.iter().zip(&self.network.takers);
        let mut roles: Vec<Option<RoleNo>> = classes
            .filter(|(_, takers)| takers.iter().all(|kind| self.network.kinds[*kind].supposed))
            .map(|(role, _)| *role)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    fn unsettled(&self) -> u32 {
        let decisions = self.plan.decisions();
        let open = decisions.filter(|decision| decision.answer.is_none());
        let count = self.plan.open_blockers().count() + open.count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// The ends in bars of one width; the few latest runs stretch none of them.
fn bars(ends: &[u64]) -> Vec<Bar> {
    let mut sorted = ends.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    let (Some(first), Some(late)) = (sorted.first(), sorted.get(last * 99 / 100)) else {
        return Vec::new();
    };
    let width = (late - first).div_ceil(BARS).max(1);
    let mut bars: Vec<Bar> = (0..=(late - first) / width)
        .map(|bar| Bar {
            from: first + bar * width,
            to: first + (bar + 1) * width,
            runs: 0,
        })
        .collect();
    let highest = bars.len() - 1;
    for end in &sorted {
        let bar = usize::try_from((end - first) / width).unwrap_or(highest);
        bars[bar.min(highest)].runs += 1;
    }
    // The last bar holds all that came later.
    if let (Some(bar), Some(end)) = (bars.last_mut(), sorted.last()) {
        bar.to = bar.to.max(end + 1);
    }
    bars
}

impl Plan {
    /// When open work will be done, all in one go; see [`Forecasting`] for doing parts side by side.
    ///
    /// # Errors
    /// LIMIT_REACHED when the plan has too many open tasks or waits.
    pub fn forecast(
        self: &Arc<Self>,
        now: Timestamp,
        seed: u64,
        runs: u32,
    ) -> Result<Forecast, Refusal> {
        let forecasting = Forecasting::of(Arc::clone(self), now, seed, runs)?;
        let all = vec![forecasting.run(0..forecasting.runs())];
        let short = forecasting.short_of(&all).into_iter();
        let tried = short.map(|short| forecasting.try_one_more(short)).collect();
        Ok(forecasting.finish(all, tried))
    }
}
