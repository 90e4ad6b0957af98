//! Which milestones a forecast reaches too late. A forecast takes a while, so it is made of plans of moderate size
//! alone, with few runs, and kept as long as its project stands at the same version.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::plan::Plan;
use crate::plan::id::MilestoneId;
use crate::plan::model::MilestoneStatus;
use crate::plan::settings::Settings;
use crate::plan::time::Timestamp;
use crate::report::calendar::Calendar;

/// Open tasks of a plan of which a forecast is made for a list.
const OPEN_TASKS_MAX: u32 = 5_000;
/// Runs of such a forecast.
const RUNS: u32 = 200;
/// Projects whose forecasts are kept.
const KEPT_MAX: usize = 100;

/// By milestone, in how many minutes of work 85 of 100 runs have reached it.
type Reached = BTreeMap<MilestoneId, u64>;

/// Forecasts of milestones, each of the newest version of its project that was asked for.
#[derive(Default)]
pub(super) struct Kept(Mutex<BTreeMap<String, (u64, Arc<Reached>)>>);

impl Kept {
    /// Which milestones are at risk at an instant, of those about which a forecast says something.
    pub(super) fn at_risk(
        &self,
        project: &str,
        plan: &Arc<Plan>,
        now: Timestamp,
    ) -> BTreeMap<MilestoneId, bool> {
        let mut dated = plan.milestones_ahead().filter_map(|milestone| {
            let due = plan.due_day(milestone)?;
            milestone.is_linked().then_some((milestone.id, due))
        });
        let dated: Vec<_> = dated.by_ref().collect();
        if dated.is_empty() || plan.total().open() > OPEN_TASKS_MAX {
            return BTreeMap::new();
        }
        let Some(reached) = self.reached(project, plan, now) else {
            return BTreeMap::new();
        };
        let fallback = Settings::default();
        let settings = plan.project().map_or(&fallback, |it| &it.settings);
        let calendar = Calendar::of(settings);
        let told = dated.into_iter().filter_map(|(id, due)| {
            let likely = calendar.after(now, *reached.get(&id)?);
            Some((id, calendar.is_after(likely, due)))
        });
        told.collect()
    }

    fn reached(&self, project: &str, plan: &Arc<Plan>, now: Timestamp) -> Option<Arc<Reached>> {
        let version = plan.version();
        {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, reached)) = kept.get(project).filter(|(of, _)| *of == version) {
                return Some(Arc::clone(reached));
            }
        }
        let forecast = plan.forecast(now, version, RUNS).ok()?;
        let likely = forecast.milestones.iter();
        let reached: Reached = likely.map(|(id, likely)| (*id, likely.p85)).collect();
        let reached = Arc::new(reached);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX && !kept.contains_key(project) {
            kept.pop_first();
        }
        let newer = kept.get(project).is_some_and(|(of, _)| *of > version);
        if !newer {
            kept.insert(project.to_owned(), (version, Arc::clone(&reached)));
        }
        Some(reached)
    }
}

/// Whether a list of milestones asks for a forecast at all.
pub(super) fn is_asked(plan: &Plan) -> bool {
    plan.milestones()
        .any(|it| it.status == MilestoneStatus::Pending && plan.due_day(it).is_some())
}
