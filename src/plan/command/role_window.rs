//! When roles work: said of the whole project or of one phase, set anew, taken back.

use super::super::bench::Bench;
use super::super::event::{RoleTime, RoleWindowSet};
use super::super::refusal::{Reason, Refusal};

/// Times of roles a project may state.
const WINDOWS_MAX: usize = 1_000;

pub fn set(
    bench: &mut Bench<'_>,
    role: &str,
    phase: &str,
    time: Option<RoleTime>,
) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let role = plan.resolve_role(role)?;
    let phase = match phase.trim() {
        "" => None,
        written => Some(plan.resolve_phase(written)?),
    };
    if let Some(RoleTime::During(window)) = time {
        let checked = window.checked();
        checked.map_err(|wrong| Refusal::field("window", wrong))?;
    }
    let place = plan.role_windows.iter();
    let stated = place
        .filter(|it| (it.phase, it.role) == (phase, role))
        .map(|it| it.time)
        .next();
    let slug = plan.role_slug(Some(role)).to_owned();
    if stated == time {
        let of = phase.map_or_else(
            || "the project".to_owned(),
            |no| format!("phase {}", plan.phase_id(no)),
        );
        let same = match time {
            Some(_) => format!("is what is said of {slug} in {of} already"),
            None => format!("is missing; nothing is said of {slug} in {of}"),
        };
        return Err(Refusal::field("time", same).next("window list"));
    }
    if stated.is_none() && plan.role_windows.len() >= WINDOWS_MAX {
        let message = format!(
            "the project states {WINDOWS_MAX} times of roles, which is the limit; take one back first"
        );
        return Err(Refusal::new(Reason::LimitReached, message)
            .fact("limit", WINDOWS_MAX)
            .next("window list"));
    }
    let event = RoleWindowSet {
        role: slug,
        phase: phase.map(|no| plan.phase_id(no).to_owned()),
        time,
    };
    bench.record(event);
    Ok(())
}
