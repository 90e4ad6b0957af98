//! What a log says of its own files: that it goes on from a backup, or that a project's log was removed.
//! After a restore no fence that was ever given out is good, also those nobody here knows of.

use super::super::bench::Bench;
use super::super::event::{ProjectDeleted, ProjectRestored, Text, TokenRevoked};
use super::super::id::TaskId;
use super::super::refusal::{Reason, Refusal};
use super::super::time::Timestamp;
use super::agent::in_daemon_log;
use super::lease::end_live_claim;

/// A restore raises the fence to a multiple of this at least: the next one and one more, so that the
/// fences of at least 2^32 claims after the backup lie below.
const FENCE_STEP: u64 = 1 << 32;

/// And at least to the time of the restore in milliseconds times this. A backup that is restored twice
/// must not give the fences of its first restore out again; no project claims 64 times a millisecond.
const FENCES_PER_MS: u64 = 64;

/// Fences stay below 2^53, so that any JSON reader holds them, with room for claims after the restore.
const FENCE_MAX: u64 = (1 << 53) - FENCE_STEP;

pub fn restore(bench: &mut Bench<'_>) -> Result<(), Refusal> {
    let fence_before = bench.plan.fence();
    let at = bench.facts.now.max(bench.plan.last_at());
    let fence = raised(fence_before, at).ok_or_else(|| {
        Refusal::new(
            Reason::LimitReached,
            format!(
                "the fence cannot be raised above {fence_before} at {} ms: fences end at 2^53; see that \
                 the clock of this machine is right, or restore another backup",
                at.0
            ),
        )
        .fact("limit", FENCE_MAX)
    })?;
    let held: Vec<TaskId> = bench.plan.live().map(|view| view.id).collect();
    let open = bench.plan.open_sessions().count();
    bench.record(ProjectRestored {
        fence_before,
        fence,
        leases_ended: counted(held.len()),
        open_sessions: counted(open),
    });
    let why: Text = "the project was restored from a backup".into();
    for task in held {
        end_live_claim(bench, task, &why);
    }
    Ok(())
}

/// The fence counter after a restore; none when it would pass its end.
fn raised(fence: u64, at: Timestamp) -> Option<u64> {
    let by_count = (fence / FENCE_STEP)
        .checked_add(2)?
        .checked_mul(FENCE_STEP)?;
    let by_time = u64::try_from(at.0)
        .unwrap_or(0)
        .checked_mul(FENCES_PER_MS)?;
    let raised = by_count.max(by_time);
    (raised <= FENCE_MAX).then_some(raised)
}

fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub fn delete(
    bench: &mut Bench<'_>,
    project: &Text,
    events: u64,
    last_hash: &Text,
) -> Result<(), Refusal> {
    in_daemon_log(bench)?;
    let bound = |token: &super::super::model::Token| {
        token.revoked_at.is_none() && token.principal.project() == Some(project)
    };
    let tokens: Vec<Text> = bench
        .plan
        .tokens()
        .filter(|token| bound(token))
        .map(|token| token.id.clone())
        .collect();
    for token in tokens {
        bench.record(TokenRevoked {
            token,
            reason: "its project was deleted".into(),
        });
    }
    bench.record(ProjectDeleted {
        project: project.to_string(),
        events,
        last_hash: last_hash.to_string(),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raised_fence_is_above_what_could_have_been_given_out_and_below_2_to_the_53() {
        let now = Timestamp(1_790_000_000_000);
        for fence in [0, 1, FENCE_STEP - 1, FENCE_STEP, 7 * FENCE_STEP + 3] {
            let early = raised(fence, Timestamp(0)).unwrap();
            assert!(early - fence > FENCE_STEP, "{fence} to {early}");
            let late = raised(fence, now).unwrap();
            assert!(late >= early && late < 1 << 53, "{fence} to {late}");
        }
    }

    #[test]
    fn a_backup_restored_again_later_gets_other_fences() {
        let first = raised(5, Timestamp(1_790_000_000_000)).unwrap();
        let an_hour_of_claims = 3_600 * 25_000;
        let second = raised(5, Timestamp(1_790_003_600_000)).unwrap();
        assert!(second > first + an_hour_of_claims);
    }

    #[test]
    fn a_fence_near_its_end_and_a_clock_far_ahead_are_refused() {
        assert_eq!(raised(FENCE_MAX - FENCE_STEP + 1, Timestamp(0)), None);
        assert_eq!(raised(u64::MAX, Timestamp(0)), None);
        assert_eq!(raised(1, Timestamp(i64::MAX)), None);
        let year_5000_ms = 95_617_584_000_000;
        assert!(raised(1, Timestamp(year_5000_ms)).is_some());
    }
}
