//! The rules about assignments and the time of roles: in force only of agents that are there, each subject once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::event::{Duty, RoleTime, Subject, Text};
use super::super::id::TaskId;
use super::super::model::{Assignees, Assignment, Spec};
use super::super::state::{Index, Plan};
use super::Broken;

impl Plan {
    fn naive_in_force(&self) -> impl Iterator<Item = &Assignment> {
        let all = self.assignments.values().map(Arc::as_ref);
        all.filter(|assignment| assignment.end.is_none())
    }

    /// Everybody who looks after one thing, by name; none when nobody does.
    fn naive_assignees_of(&self, is_it: impl Fn(&Subject) -> bool) -> Option<Arc<Assignees>> {
        let named = |duty: Duty| -> Box<[Text]> {
            let named = self.naive_in_force();
            let named = named.filter(|it| it.duty == duty && is_it(&it.subject));
            let names: BTreeSet<Text> = named.map(|it| Arc::clone(&it.agent)).collect();
            names.into_iter().collect()
        };
        let all = Assignees {
            primary: named(Duty::Primary),
            backups: named(Duty::Backup),
        };
        let somebody = !all.primary.is_empty() || !all.backups.is_empty();
        somebody.then(|| Arc::new(all))
    }

    /// Who looks after a task: by itself, by what it is a part of, by its area.
    pub(super) fn naive_assignees(&self, id: TaskId, spec: &Spec) -> Option<Arc<Assignees>> {
        let own = self.naive_assignees_of(|subject| *subject == Subject::Task(id));
        let lineage = spec.lineage.as_ref();
        let whole = lineage.and_then(|lineage| lineage.split_from);
        let above = whole.and_then(|whole| Some((whole, self.specs.get(&whole)?)));
        own.or_else(|| match above {
            Some((whole, spec)) => self.naive_assignees(whole, spec),
            None => self.naive_assignees_of(|subject| match subject {
                Subject::Area(area) => **area == spec.area.to_lowercase(),
                Subject::Task(_) => false,
            }),
        })
    }

    pub(super) fn index_assignments(&self, index: &mut Index) {
        let mut subjects: BTreeMap<&Subject, ()> = BTreeMap::new();
        for assignment in self.naive_in_force() {
            subjects.insert(&assignment.subject, ());
            let key = (Arc::clone(&assignment.agent), assignment.id);
            index.assignments_of.insert(key);
        }
        for subject in subjects.into_keys() {
            let named = self.naive_assignees_of(|other| other == subject);
            index
                .assignees
                .extend(named.map(|it| (subject.clone(), it)));
        }
    }

    pub(super) fn check_assignments(&self, broken: &mut Broken) {
        let mut taken: BTreeSet<(&Text, &Subject)> = BTreeSet::new();
        for assignment in self.naive_in_force() {
            let (id, agent) = (assignment.id, &assignment.agent);
            broken.unless(taken.insert((agent, &assignment.subject)), || {
                format!("{id} assigns to {agent} what it has already")
            });
            let there = self.agents.get(agent).is_some_and(|it| !it.retired);
            broken.unless(there, || format!("{id} is of {agent}, who is not there"));
            if let Subject::Task(task) = &assignment.subject {
                broken.unless(self.specs.contains_key(task), || {
                    format!("{id} is for {task}, which is not there")
                });
            }
        }
        let places = self.role_windows.iter().map(|it| (it.phase, it.role));
        let places: Vec<_> = places.collect();
        broken.unless(places.windows(2).all(|two| two[0] < two[1]), || {
            format!("times of roles are out of order: {places:?}")
        });
        for window in self.role_windows.iter() {
            let sound = match window.time {
                RoleTime::Always => true,
                RoleTime::During(window) => window.is_sound(),
            };
            let known = window.phase.is_none_or(|no| self.phases.contains_key(&no));
            broken.unless(sound && known && self.role(window.role).is_some(), || {
                format!("{window:?} is no time of a role")
            });
        }
        for phase in self.phases.values() {
            broken.unless(phase.window.is_none_or(|window| window.is_sound()), || {
                format!("phase {} has the window {:?}", phase.id, phase.window)
            });
        }
    }
}
