//! Chance for a forecast: numbers that follow from a seed alone, and how long work took against what was
//! thought. Integers only, so that the same seed gives the same forecast on every machine.

use super::super::model::Status;
use super::super::state::Plan;

/// Ratios of time taken to time thought, in 256ths, that stand beside what was seen: half to twice and more
/// of the estimate. Each task that was seen pushes them back.
const SUPPOSED: [u32; 8] = [154, 192, 230, 256, 294, 346, 422, 563];
/// So many of the newest finished tasks are looked at.
const SEEN_MAX: usize = 1_000;
/// A ratio is taken to lie between a twentieth and twenty times, in 256ths.
const RATIO_MIN: u64 = 13;
const RATIO_MAX: u64 = 20 * 256;

/// Numbers that follow from a seed (SplitMix64).
pub(super) struct Chance(u64);

impl Chance {
    /// The numbers of one run.
    pub fn of(seed: u64, run: u32) -> Self {
        let mut seeds = Self(seed ^ 0x6d75_7374_6572);
        let first = seeds.next();
        Self(first.wrapping_add(u64::from(run).wrapping_mul(0xd134_2543_de82_ef95)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of them.
    pub fn pick(&mut self, from: &[u32]) -> u32 {
        let place = (self.next() >> 32).wrapping_mul(from.len() as u64) >> 32;
        // The place is below the length; an empty list has none.
        from.get(usize::try_from(place).unwrap_or(0))
            .copied()
            .unwrap_or(256)
    }
}

/// How long work takes against what was thought.
pub(super) struct Experience {
    /// Ratios in 256ths, in order; each as likely as the others.
    pub ratios: Vec<u32>,
    /// How many of them were seen in this plan.
    pub seen: u32,
    /// What a task without an estimate is thought to take, in minutes.
    pub minutes_without_estimate: u32,
}

impl Experience {
    /// What the finished tasks of a plan tell.
    pub fn of(plan: &Plan) -> Self {
        let session_minutes = plan.session_minutes();
        let mut seen: Vec<(u64, u32)> = Vec::new();
        for view in plan.tasks() {
            let Some(done) = view.state.completion.as_ref() else {
                continue;
            };
            // What a file says took no time that anybody saw.
            let counts = view.state.status == Status::Completed && done.agent.is_some();
            if let Some(estimate) = view.spec.estimate.filter(|_| counts) {
                let thought_ms = u64::from(estimate.minutes(session_minutes)) * 60_000;
                let ratio = done.held_ms.saturating_mul(256) / thought_ms.max(1);
                let ratio = ratio.clamp(RATIO_MIN, RATIO_MAX);
                seen.push((done.version, u32::try_from(ratio).unwrap_or(256)));
            }
        }
        seen.sort_unstable_by(|one, other| other.cmp(one));
        seen.truncate(SEEN_MAX);
        let mut ratios: Vec<u32> = seen.iter().map(|(_, ratio)| *ratio).collect();
        ratios.extend(SUPPOSED);
        ratios.sort_unstable();
        Self {
            seen: u32::try_from(seen.len()).unwrap_or(u32::MAX),
            ratios,
            minutes_without_estimate: plan
                .velocity()
                .minutes_per_task(session_minutes)
                .unwrap_or(session_minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_others() {
        let numbers = |seed, run| {
            let mut chance = Chance::of(seed, run);
            [chance.next(), chance.next(), chance.next()]
        };
        assert_eq!(numbers(7, 3), numbers(7, 3));
        assert_ne!(numbers(7, 3), numbers(7, 4));
        assert_ne!(numbers(7, 3), numbers(8, 3));
    }

    #[test]
    fn every_entry_is_picked_about_as_often() {
        let mut chance = Chance::of(1, 1);
        let mut counts = [0_u32; 8];
        for _ in 0..8_000 {
            counts[chance.pick(&[0, 1, 2, 3, 4, 5, 6, 7]) as usize] += 1;
        }
        assert!(
            counts.iter().all(|count| (800..1_200).contains(count)),
            "{counts:?}"
        );
        assert_eq!(chance.pick(&[]), 256);
    }
}
