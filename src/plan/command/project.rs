//! Projects: created, changed, paused, resumed, archived; roles added.

use super::super::bench::Bench;
use super::super::event::{
    ProjectArchived, ProjectCreated, ProjectPaused, ProjectResumed, ProjectUpdated, RoleAdded,
};
use super::super::model::ProjectStatus;
use super::super::refusal::{Reason, Refusal};
use super::super::role::{self, RoleSpec, folded};
use super::super::settings::{ESCALATE_AFTER_MINUTES_MAX, PhaseClose, Settings};
use super::lease::end_live_claim;
use super::{RoleChanges, text};

/// Roles a catalogue may hold.
const ROLES_MAX: usize = 200;
/// The highest tier of a role, that of a workflow too.
const TIER_MAX: u32 = 9_999;

pub fn create(
    bench: &mut Bench<'_>,
    slug: &str,
    name: &str,
    description: &str,
    settings: &Settings,
    draft: bool,
) -> Result<(), Refusal> {
    if bench.plan.project().is_some() {
        return Err(Refusal::new(
            Reason::ProjectExists,
            format!("there is a project `{slug}` already; choose another slug"),
        )
        .next("plan show"));
    }
    check_slug(slug)?;
    check_settings(settings)?;
    let name = text::required_line("name", name)?;
    let description = text::long("description", description)?;
    bench.record(ProjectCreated {
        project: slug.to_owned(),
        name: name.to_string(),
        description: description.to_string(),
        settings: settings.clone(),
        draft,
    });
    Ok(())
}

fn check_slug(slug: &str) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let reserved = slug == "_daemon";
    let good = !slug.is_empty()
        && slug.len() <= text::NAME_CHARS_MAX
        && slug.bytes().all(plain)
        && !slug.starts_with('-');
    if good || reserved {
        return Ok(());
    }
    Err(Refusal::field(
        "project",
        "must be 1 to 64 lower-case letters, digits and hyphens, such as `web-shop`",
    ))
}

/// Roles that are named to accept deliverables or to review are in the catalogue, by slug.
fn check_roles(field: &str, slugs: &[String], settings: &Settings) -> Result<(), Refusal> {
    let known = |slug: &String| settings.roles.iter().any(|role| role.slug == *slug);
    match slugs.iter().find(|slug| !known(slug)) {
        None => Ok(()),
        Some(slug) => Err(Refusal::field(
            field,
            format!(
                "names `{}`, which is no role of the project",
                super::super::state::clipped(slug)
            ),
        )
        .next("agent roles")),
    }
}

fn check_settings(settings: &Settings) -> Result<(), Refusal> {
    check_roles("accepting_roles", &settings.accepting_roles, settings)?;
    check_roles("reviewing_roles", &settings.reviewing_roles, settings)?;
    if settings.review_areas.len() > text::LIST_MAX {
        let limit = text::LIST_MAX;
        let description = format!("has more than {limit} entries");
        return Err(Refusal::field("review_areas", description).fact("limit", limit));
    }
    if let (Some(start), Some(target)) = (settings.start_date, settings.target_date)
        && target < start
    {
        return Err(Refusal::field(
            "target_date",
            format!("is {target}, before the project begins on {start}"),
        ));
    }
    let within = |field: &str, value: u64, low: u64, high: u64| {
        if (low..=high).contains(&value) {
            Ok(())
        } else {
            Err(Refusal::field(
                field,
                format!("is {value}; it must be from {low} to {high}"),
            ))
        }
    };
    const HOUR_MS: u64 = 3_600_000;
    within(
        "session_minutes",
        settings.session_minutes.into(),
        1,
        24 * 60,
    )?;
    within("lease_min_ms", settings.lease_min_ms, 1_000, 24 * HOUR_MS)?;
    within(
        "lease_max_ms",
        settings.lease_max_ms,
        settings.lease_min_ms,
        7 * 24 * HOUR_MS,
    )?;
    let (low, high) = (settings.lease_min_ms, settings.lease_max_ms);
    within("lease_default_ms", settings.lease_default_ms, low, high)?;
    within(
        "progress_timeout_ms",
        settings.progress_timeout_ms,
        1_000,
        7 * 24 * HOUR_MS,
    )?;
    within(
        "hard_limit_ms",
        settings.hard_limit_ms,
        low,
        30 * 24 * HOUR_MS,
    )?;
    within(
        "escalate_after_minutes",
        settings.escalate_after_minutes.into(),
        0,
        ESCALATE_AFTER_MINUTES_MAX.into(),
    )?;
    within("workday_minutes", settings.workday_minutes.into(), 1, 1_440)?;
    within("standup_minutes", settings.standup_minutes.into(), 1, 1_440)?;
    if settings.working_days.is_empty()
        || !settings.working_days.is_sorted_by(|one, other| one < other)
    {
        return Err(Refusal::field(
            "working_days",
            "must name at least one day, each once and in the order of the week",
        ));
    }
    within("strikes", settings.strikes.into(), 1, 100)?;
    if settings.roles.is_empty() || settings.roles.len() > ROLES_MAX {
        return Err(Refusal::field("roles", format!("must be 1 to {ROLES_MAX}")));
    }
    for (area, slug) in &settings.areas {
        if role::find(&settings.roles, slug).is_none() {
            return Err(Refusal::new(
                Reason::UnknownRole,
                format!("area `{area}` goes to role `{slug}`, which the catalogue does not have; add the role first"),
            )
            .next("agent roles"));
        }
    }
    Ok(())
}

pub fn update(
    bench: &mut Bench<'_>,
    name: Option<&str>,
    description: Option<&str>,
    settings: Option<&Settings>,
) -> Result<(), Refusal> {
    let name = name
        .map(|name| text::required_line("name", name))
        .transpose()?;
    let description = description
        .map(|words| text::long("description", words))
        .transpose()?;
    if let Some(settings) = settings {
        check_settings(settings)?;
        // Roles stand in tasks and agents by their place; they are added, never taken away.
        let known = bench.plan.roles();
        let kept = known
            .iter()
            .zip(&settings.roles)
            .all(|(old, new)| old.slug == new.slug);
        if settings.roles.len() < known.len() || !kept {
            return Err(Refusal::field("roles", "may only grow at the end"));
        }
    }
    let by_itself = bench
        .plan
        .project()
        .is_some_and(|project| project.settings.phase_close == PhaseClose::Auto);
    if name.is_none() && description.is_none() && settings.is_none() {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    bench.record(ProjectUpdated {
        name: name.map(|name| name.to_string()),
        description: description.map(|words| words.to_string()),
        settings: settings.cloned(),
    });
    let from_here = settings.is_some_and(|settings| settings.phase_close == PhaseClose::Auto);
    if from_here && !by_itself {
        // What was left to be closed by hand closes now.
        let phases: Vec<_> = bench.plan.index.phase_order.to_vec();
        for phase in phases {
            bench.touch(phase);
        }
    }
    Ok(())
}

fn status(bench: &Bench<'_>) -> Option<ProjectStatus> {
    bench.plan.project().map(|project| project.status)
}

pub fn pause(bench: &mut Bench<'_>, reason: &str) -> Result<(), Refusal> {
    if status(bench) != Some(ProjectStatus::Active) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            "only an active project can be paused",
        )
        .next("resume"));
    }
    let reason = text::long("reason", reason)?.to_string();
    bench.record(ProjectPaused { reason });
    Ok(())
}

pub fn resume(bench: &mut Bench<'_>) -> Result<(), Refusal> {
    if !matches!(
        status(bench),
        Some(ProjectStatus::Paused | ProjectStatus::Draft | ProjectStatus::Completed)
    ) {
        return Err(Refusal::new(
            Reason::IllegalTransition,
            "the project is neither paused, a draft nor completed; there is nothing to resume",
        )
        .next("plan show"));
    }
    bench.record(ProjectResumed {});
    Ok(())
}

pub fn archive(bench: &mut Bench<'_>, reason: &str) -> Result<(), Refusal> {
    let reason = text::required_long("reason", reason)?;
    let live: Vec<_> = bench.plan.live().map(|view| view.id).collect();
    for id in live {
        end_live_claim(bench, id, &reason);
    }
    bench.record(ProjectArchived {
        reason: reason.to_string(),
    });
    Ok(())
}

pub fn add_role(bench: &mut Bench<'_>, role: &RoleSpec) -> Result<(), Refusal> {
    if bench.plan.roles().len() >= ROLES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the catalogue holds {ROLES_MAX} roles, which is the limit; nothing can be added"
            ),
        )
        .fact("limit", ROLES_MAX));
    }
    let slug = text::id("role", &role.slug)?.to_lowercase();
    let title = text::required_line("title", &role.title)?;
    text::list("aliases", &role.aliases)?;
    for name in role.aliases.iter().chain([&slug, &role.title]) {
        if let Some((_, other)) = role::find(bench.plan.roles(), name) {
            return Err(Refusal::new(
                Reason::RoleExists,
                format!("`{name}` already means the role `{}`", other.slug),
            )
            .next("agent roles"));
        }
    }
    let slug_of = |written: &String| -> Result<String, Refusal> {
        let no = bench.plan.resolve_role(written)?;
        Ok(bench.plan.role_slug(Some(no)).to_owned())
    };
    let parent = role.parent.as_ref().map(slug_of).transpose()?;
    let backs_up = role
        .backs_up
        .iter()
        .map(slug_of)
        .collect::<Result<Vec<_>, _>>()?;
    if folded(&slug).is_empty() || slug == "any" {
        return Err(Refusal::field(
            "role",
            "needs letters or digits, and `any` is taken",
        ));
    }
    bench.record(RoleAdded {
        role: RoleSpec {
            slug,
            title: title.to_string(),
            aliases: role.aliases.clone(),
            parent,
            backs_up,
            tier: at_most_tier(role.tier)?,
        },
    });
    Ok(())
}

/// Changes a role's title or tier.
pub fn update_role(
    bench: &mut Bench<'_>,
    written: &str,
    changes: &RoleChanges,
) -> Result<(), Refusal> {
    let no = bench.plan.resolve_role(written)?;
    let Some(mut settings) = bench.plan.project().map(|it| it.settings.clone()) else {
        return Err(Refusal::field("role", "is of no project"));
    };
    let roles = settings.roles.clone();
    let Some(role) = settings.roles.get_mut(usize::from(no.0)) else {
        return Err(Refusal::field("role", "is in no catalogue"));
    };
    let before = role.clone();
    if let Some(title) = &changes.title {
        let title = text::required_line("title", title)?;
        if let Some((place, other)) = role::find(&roles, &title)
            && place != usize::from(no.0)
        {
            return Err(Refusal::new(
                Reason::RoleExists,
                format!("`{title}` already means the role `{}`", other.slug),
            )
            .next("agent roles"));
        }
        role.title = title.to_string();
    }
    if changes.no_tier {
        role.tier = None;
    } else if changes.tier.is_some() {
        role.tier = at_most_tier(changes.tier)?;
    }
    if *role == before {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    bench.record(ProjectUpdated {
        settings: Some(settings),
        ..ProjectUpdated::default()
    });
    Ok(())
}

fn at_most_tier(tier: Option<u32>) -> Result<Option<u32>, Refusal> {
    match tier {
        Some(tier) if tier > TIER_MAX => {
            let high = format!("is {tier}; at most {TIER_MAX} is taken");
            Err(Refusal::field("tier", high).fact("limit", TIER_MAX))
        }
        tier => Ok(tier),
    }
}
