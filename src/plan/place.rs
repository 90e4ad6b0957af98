//! The tasks of a plan numbered without gaps in the order of their ids, for walks over all of them: an
//! authored id may be far above all others, and no walk may take room for what lies between.

use super::id::TaskId;
use super::state::Plan;

/// Every task's number, from 0.
pub(super) struct Places {
    ids: Vec<TaskId>,
    first: u32,
    without_gaps: bool,
}

impl Places {
    pub fn of(plan: &Plan) -> Self {
        let ids: Vec<TaskId> = plan.specs.keys().copied().collect();
        Self::of_ids(ids)
    }

    fn of_ids(ids: Vec<TaskId>) -> Self {
        let first = ids.first().map_or(0, |id| id.0);
        let last = ids.last().map_or(0, |id| id.0);
        let without_gaps = ids.len() == (last - first) as usize + 1;
        Self {
            ids,
            first,
            without_gaps,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// A task's number; none when there is no such task.
    pub fn get(&self, id: TaskId) -> Option<usize> {
        if self.without_gaps {
            let place = id.0.checked_sub(self.first)? as usize;
            return (place < self.ids.len()).then_some(place);
        }
        self.ids.binary_search(&id).ok()
    }

    /// The tasks in the order of their numbers.
    pub fn ids(&self) -> &[TaskId] {
        &self.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[u32], asked: u32, expected: Option<usize>) {
        let places = Places::of_ids(ids.iter().copied().map(TaskId).collect());
        assert_eq!(places.count(), ids.len());
        assert_eq!(places.get(TaskId(asked)), expected, "T-{asked} in {ids:?}");
    }

    #[test]
    fn tasks_are_numbered_without_gaps_however_far_apart_their_ids_are() {
        check(&[1, 2, 3], 3, Some(2));
        check(&[1, 2, 3], 4, None);
        check(&[7, 8], 1, None);
        check(&[2, 4_000_000_000], 4_000_000_000, Some(1));
        check(&[2, 4_000_000_000], 3, None);
    }
}
