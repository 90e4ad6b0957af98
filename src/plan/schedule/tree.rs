//! Two trees over the slots of a phase, so that a wait for everything above costs a logarithm: the highest
//! value in a row of slots, and the lowest bound laid over a slot.

use std::cmp::Reverse;

/// The highest of values in any row of slots, and the first slot that has it: a tree over the slots.
pub struct Highest {
    size: usize,
    best: Vec<(u64, Reverse<usize>)>,
}

impl Highest {
    /// No value in any slot.
    pub fn of(slots: usize) -> Self {
        let size = slots.next_power_of_two();
        Self {
            size,
            best: vec![(0, Reverse(usize::MAX)); 2 * size],
        }
    }

    /// Gives a slot its value.
    pub fn set(&mut self, slot: usize, value: u64) {
        let mut place = self.size + slot;
        self.best[place] = (value, Reverse(slot));
        while place > 1 {
            place /= 2;
            self.best[place] = self.best[2 * place].max(self.best[2 * place + 1]);
        }
    }

    /// The highest value in `from..to`; no slot when none has one.
    pub fn over(&self, from: usize, to: usize) -> (u64, Option<usize>) {
        let mut best = (0, Reverse(usize::MAX));
        let (mut from, mut to) = (self.size + from, self.size + to);
        while from < to {
            if from % 2 == 1 {
                best = best.max(self.best[from]);
                from += 1;
            }
            if to % 2 == 1 {
                to -= 1;
                best = best.max(self.best[to]);
            }
            (from, to) = (from / 2, to / 2);
        }
        let (value, Reverse(slot)) = best;
        (value, (slot != usize::MAX).then_some(slot))
    }
}

/// Bounds laid over rows of slots, of which the lowest counts: a tree over the slots.
pub struct Lowest {
    size: usize,
    bounds: Vec<u64>,
}

impl Lowest {
    /// The same bound for every slot.
    pub fn of(slots: usize, highest: u64) -> Self {
        let size = slots.next_power_of_two();
        Self {
            size,
            bounds: vec![highest; 2 * size],
        }
    }

    /// Lays a bound over `from..to`.
    pub fn lower(&mut self, from: usize, to: usize, bound: u64) {
        let (mut from, mut to) = (self.size + from, self.size + to);
        while from < to {
            if from % 2 == 1 {
                self.bounds[from] = self.bounds[from].min(bound);
                from += 1;
            }
            if to % 2 == 1 {
                to -= 1;
                self.bounds[to] = self.bounds[to].min(bound);
            }
            (from, to) = (from / 2, to / 2);
        }
    }

    /// The bound of a slot.
    pub fn at(&self, slot: usize) -> u64 {
        let mut place = self.size + slot;
        let mut lowest = self.bounds[place];
        while place > 1 {
            place /= 2;
            lowest = lowest.min(self.bounds[place]);
        }
        lowest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_a_row_is_the_first_that_has_it() {
        let mut tree = Highest::of(5);
        for (slot, value) in [(0, 3), (1, 7), (3, 7), (4, 9)] {
            tree.set(slot, value);
        }
        assert_eq!(tree.over(0, 4), (7, Some(1)));
        assert_eq!(tree.over(2, 5), (9, Some(4)));
        assert_eq!(tree.over(0, 1), (3, Some(0)));
        assert_eq!(tree.over(2, 3), (0, None));
        assert_eq!(tree.over(2, 2), (0, None));
    }

    #[test]
    fn the_lowest_bound_over_a_slot_counts() {
        let mut tree = Lowest::of(5, 100);
        tree.lower(0, 4, 50);
        tree.lower(2, 5, 40);
        let bounds: Vec<u64> = (0..5).map(|slot| tree.at(slot)).collect();
        assert_eq!(bounds, [50, 50, 40, 40, 40]);
    }
}
