//! A kept order of tasks and phases in which everything stands behind what it waits for. The natural order is
//! phase order, then place in the phase; only what stands elsewhere takes room.

use std::ops::Bound;
use std::sync::Arc;

use super::id::{PhaseNo, TaskId};
use super::runs::RunMap;

/// The room left between neighbours that stand outside their natural place.
const GAP: i128 = 1 << 32;
/// How many neighbours on each side move up first when there is no room left.
const NEIGHBOURS_MIN: usize = 32;
/// What a gap must hold after moving up, in places for each of those that moved.
const ROOM_EACH: i128 = 256;

/// A task, or the begin or the end of a phase, at its natural place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Its phase.
    pub phase: PhaseNo,
    /// A task's ordinal; 0 for a phase's begin, `u32::MAX` for its end.
    pub place: u32,
    /// The task; 0 for a phase.
    pub task: TaskId,
}

impl Node {
    /// Where a phase begins: what its tasks wait for.
    pub fn begin(phase: PhaseNo) -> Self {
        let task = TaskId(0);
        Self {
            phase,
            place: 0,
            task,
        }
    }

    /// Where a phase ends: what waits for its tasks.
    pub fn end(phase: PhaseNo) -> Self {
        let task = TaskId(0);
        Self {
            phase,
            place: u32::MAX,
            task,
        }
    }

    /// Whether it is a task.
    pub fn is_task(self) -> bool {
        self.task != TaskId(0)
    }

    /// Whether it is the end of a phase.
    pub fn is_end(self) -> bool {
        !self.is_task() && self.place != 0
    }
}

/// A spot beside a natural place: before it when `fine` is negative, at it with 0, else behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    phase: PhaseNo,
    place: u32,
    /// Whose place: the parts of a split task share an ordinal.
    task: TaskId,
    fine: i64,
}

/// Where something stands; what waits has the higher rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    block: u32,
    place: u32,
    task: TaskId,
    fine: i64,
}

impl Rank {
    /// Before everything.
    pub const LOWEST: Self = Self {
        block: 0,
        place: 0,
        task: TaskId(0),
        fine: i64::MIN,
    };
}

/// The order. Natural places stay reserved for their owners, so a spot with `fine` 0 is never given away.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// The position of each phase, by its number.
    blocks: Arc<[u32]>,
    moved: RunMap<Node, Spot>,
    taken: RunMap<Spot, Node>,
    /// Something waits for itself, so there is no order.
    pub circular: bool,
}

/// Any order that holds is as good as another: plans that differ in it alone are equal.
impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.circular == other.circular
    }
}

impl Order {
    /// The order of which these phases and those out of their natural place were told.
    pub fn restored(
        phases: &[PhaseNo],
        out_of_place: impl IntoIterator<Item = (Node, (Node, i64))>,
    ) -> Self {
        let mut order = Self::default();
        order.set_phases(phases);
        for (node, (beside, fine)) in out_of_place {
            let spot = Spot {
                phase: beside.phase,
                place: beside.place,
                task: beside.task,
                fine,
            };
            order.moved.insert(node, spot);
            order.taken.insert(spot, node);
        }
        order
    }

    /// What stands outside its natural place, and beside which place it stands how far off.
    pub fn out_of_place(&self) -> impl Iterator<Item = (Node, (Node, i64))> + '_ {
        let moved = self.moved.iter();
        moved.map(|(node, spot)| {
            let beside = Node {
                phase: spot.phase,
                place: spot.place,
                task: spot.task,
            };
            (*node, (beside, spot.fine))
        })
    }

    /// Takes over the order of the phases; what is in a phase moves along with it.
    pub fn set_phases(&mut self, order: &[PhaseNo]) {
        let highest = order.iter().map(|no| no.0 as usize + 1).max().unwrap_or(0);
        let mut blocks = vec![0; highest];
        for (position, no) in (0_u32..).zip(order) {
            blocks[no.0 as usize] = position;
        }
        self.blocks = blocks.into();
    }

    /// Where a node stands.
    pub fn rank(&self, node: Node) -> Rank {
        let spot = self.spot(node);
        let block = self.blocks.get(spot.phase.0 as usize);
        Rank {
            block: block.copied().unwrap_or(u32::MAX),
            place: spot.place,
            task: spot.task,
            fine: spot.fine,
        }
    }

    fn spot(&self, node: Node) -> Spot {
        let natural = Spot {
            phase: node.phase,
            place: node.place,
            task: node.task,
            fine: 0,
        };
        if self.moved.is_empty() {
            return natural;
        }
        self.moved.get(&node).copied().unwrap_or(natural)
    }

    /// How many stand outside their natural place.
    pub fn moved_count(&self) -> usize {
        self.moved.len()
    }

    /// Whether a node stands outside its natural place.
    pub fn is_moved(&self, node: Node) -> bool {
        self.moved.contains_key(&node)
    }

    /// Tasks of a phase outside their natural place, with ordinals in `from..to`.
    pub fn moved_in(&self, phase: PhaseNo, from: u32, to: u32) -> impl Iterator<Item = Node> + '_ {
        let at = |place| Node {
            phase,
            place,
            task: TaskId(0),
        };
        let range = self.moved.range(at(from)..at(to.max(from)));
        range.map(|(node, _)| *node).filter(|node| node.is_task())
    }

    /// Puts nodes right behind another, in the order given.
    pub fn put_behind(&mut self, anchor: Node, nodes: &[Node]) {
        self.lift(nodes);
        loop {
            let at = self.spot(anchor);
            let last = Spot {
                fine: i64::MAX,
                ..at
            };
            let next = self
                .taken
                .range((Bound::Excluded(at), Bound::Included(last)))
                .next()
                .map(|(spot, _)| spot.fine);
            let end = if at.fine < 0 {
                next.map_or(0, |next| next.min(0))
            } else {
                next.unwrap_or(i64::MAX)
            };
            if self.place(at, at.fine, end, nodes, true) {
                return;
            }
            self.make_room(at, at.fine >= 0, nodes.len());
        }
    }

    /// Puts nodes right before another, in the order given.
    pub fn put_before(&mut self, anchor: Node, nodes: &[Node]) {
        self.lift(nodes);
        loop {
            let at = self.spot(anchor);
            let first = Spot {
                fine: i64::MIN,
                ..at
            };
            let before = self
                .taken
                .range(first..at)
                .next_back()
                .map(|(spot, _)| spot.fine);
            let start = if at.fine > 0 {
                before.map_or(0, |before| before.max(0))
            } else {
                before.unwrap_or(i64::MIN)
            };
            if self.place(at, start, at.fine, nodes, false) {
                return;
            }
            self.make_room(at, at.fine > 0, nodes.len());
        }
    }

    /// Gives up the spots of nodes that are about to move.
    fn lift(&mut self, nodes: &[Node]) {
        for node in nodes {
            if let Some(spot) = self.moved.remove(node) {
                self.taken.remove(&spot);
            }
        }
    }

    /// Spreads nodes between two neighbours, close to one of them; false when there is no room.
    fn place(&mut self, at: Spot, start: i64, end: i64, nodes: &[Node], close: bool) -> bool {
        let count = nodes.len() as i128;
        let room = i128::from(end) - i128::from(start);
        let step = (room / (count + 1)).min(GAP);
        if step == 0 {
            return false;
        }
        let base = if close {
            i128::from(start)
        } else {
            i128::from(end) - step * (count + 1)
        };
        for (node, nth) in nodes.iter().zip(1_i128..) {
            self.settle_at(*node, at, base + step * nth);
        }
        true
    }

    fn settle_at(&mut self, node: Node, at: Spot, fine: i128) {
        let fine = i64::try_from(fine).expect("it lies between two numbers of 64 bits");
        let spot = Spot { fine, ..at };
        self.moved.insert(node, spot);
        self.taken.insert(spot, node);
    }

    /// Spreads as many neighbours of a spot, on one side of the natural place, as it takes to make room.
    fn make_room(&mut self, at: Spot, behind: bool, wanted: usize) {
        let (lowest, highest) = if behind { (0, i64::MAX) } else { (i64::MIN, 0) };
        let spot = |fine| Spot { fine, ..at };
        let mut width = NEIGHBOURS_MIN;
        loop {
            let below = (Bound::Excluded(spot(lowest)), Bound::Included(at));
            let above = (Bound::Excluded(at), Bound::Excluded(spot(highest)));
            let mut near: Vec<(Spot, Node)> = Vec::new();
            let mut from = lowest;
            if at > spot(lowest) {
                let range = self.taken.range(below).rev().take(width);
                near.extend(range.map(|(spot, node)| (*spot, *node)));
                near.retain(|(spot, _)| spot.fine < highest);
                if near.len() == width {
                    from = near.pop().map_or(lowest, |(spot, _)| spot.fine);
                }
                near.reverse();
            }
            let mut to = highest;
            if at < spot(highest) {
                let start = near.len();
                let range = self.taken.range(above).take(width);
                near.extend(range.map(|(spot, node)| (*spot, *node)));
                near.retain(|(spot, _)| spot.fine > lowest);
                if near.len() == start + width {
                    to = near.pop().map_or(highest, |(spot, _)| spot.fine);
                }
            }
            let each = (near.len() + wanted) as i128 + 1;
            let gap = (i128::from(to) - i128::from(from)) / each;
            if gap >= each * ROOM_EACH || (from == lowest && to == highest) {
                for (spot, node) in &near {
                    self.taken.remove(spot);
                    self.moved.remove(node);
                }
                for ((_, node), nth) in near.iter().zip(1_i128..) {
                    self.settle_at(*node, at, i128::from(from) + gap * nth);
                }
                return;
            }
            width *= 2;
        }
    }

    /// Puts everything where a full order says: as much as possible at its natural place, the rest right
    /// behind what comes before it.
    pub fn set_all(&mut self, sequence: &[Node]) {
        self.moved = RunMap::new();
        self.taken = RunMap::new();
        self.circular = false;
        let stays = self.longest_natural(sequence);
        let mut stays = stays.into_iter().peekable();
        // What comes before the first that stays, with no place of its own to stand behind.
        let leading = stays.peek().copied().unwrap_or(0);
        let Some(first) = sequence.get(leading).copied() else {
            return;
        };
        self.put_before(first, &sequence[..leading]);
        let (mut at, mut fine) = (self.spot(first), 0_i128);
        for (place, node) in sequence.iter().enumerate().skip(leading) {
            if stays.next_if_eq(&place).is_some() {
                (at, fine) = (self.spot(*node), 0);
            } else {
                fine += GAP;
                self.settle_at(*node, at, fine);
            }
        }
    }

    /// The places of a longest part of a sequence that is in natural order already.
    fn longest_natural(&self, sequence: &[Node]) -> Vec<usize> {
        let ranks: Vec<Rank> = sequence.iter().map(|node| self.rank(*node)).collect();
        // The last place of the best part of each length, and what comes before each place in its part.
        let mut lasts: Vec<usize> = Vec::new();
        let mut before: Vec<Option<usize>> = Vec::with_capacity(sequence.len());
        for (place, rank) in ranks.iter().enumerate() {
            let length = lasts.partition_point(|last| ranks[*last] < *rank);
            before.push(length.checked_sub(1).map(|shorter| lasts[shorter]));
            match lasts.get_mut(length) {
                Some(last) => *last = place,
                None => lasts.push(place),
            }
        }
        let mut part = Vec::with_capacity(lasts.len());
        let mut place = lasts.last().copied();
        while let Some(at) = place {
            part.push(at);
            place = before[at];
        }
        part.reverse();
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(number: u32) -> Node {
        Node {
            phase: PhaseNo(0),
            place: number,
            task: TaskId(number),
        }
    }

    fn order() -> Order {
        let mut order = Order::default();
        order.set_phases(&[PhaseNo(0)]);
        order
    }

    #[track_caller]
    fn check(order: &Order, expected: &[u32]) {
        let mut nodes: Vec<Node> = expected.iter().map(|number| task(*number)).collect();
        nodes.sort_by_key(|node| order.rank(*node));
        let found: Vec<u32> = nodes.iter().map(|node| node.task.0).collect();
        assert_eq!(found, expected);
        assert_eq!(order.moved.len(), order.taken.len());
        for (node, spot) in &order.moved {
            assert_eq!(order.taken.get(spot), Some(node));
            assert_ne!(spot.fine, 0);
        }
    }

    #[test]
    fn what_is_put_behind_or_before_another_stands_there() {
        let mut order = order();
        check(&order, &[1, 2, 3, 4, 5]);
        order.put_behind(task(4), &[task(1), task(2)]);
        check(&order, &[3, 4, 1, 2, 5]);
        order.put_before(task(3), &[task(5)]);
        check(&order, &[5, 3, 4, 1, 2]);
        order.put_before(task(2), &[task(3)]);
        check(&order, &[5, 4, 1, 3, 2]);
        order.put_behind(task(5), &[task(2)]);
        check(&order, &[5, 2, 4, 1, 3]);
        assert_eq!(order.moved_count(), 4);
    }

    #[test]
    fn an_order_that_was_told_is_restored() {
        let mut before = order();
        before.put_behind(task(4), &[task(1), task(2)]);
        let after = Order::restored(&[PhaseNo(0)], before.out_of_place());
        check(&after, &[3, 4, 1, 2, 5]);
    }

    #[test]
    fn there_is_always_room_between_two() {
        for behind in [true, false] {
            let mut order = order();
            order.put_behind(task(1), &[task(2)]);
            order.put_before(task(1), &[task(3)]);
            let anchor = if behind { task(1) } else { task(3) };
            // Each comes between the anchor and the one before.
            for number in 4..4_000 {
                if behind {
                    order.put_behind(anchor, &[task(number)]);
                } else {
                    order.put_before(anchor, &[task(number)]);
                }
            }
            let mut expected: Vec<u32> = Vec::new();
            if behind {
                expected.extend([3, 1]);
                expected.extend((4..4_000).rev());
                expected.push(2);
            } else {
                expected.extend(4..4_000);
                expected.extend([3, 1, 2]);
            }
            check(&order, &expected);
        }
    }

    #[test]
    fn a_crowd_finds_room_in_a_narrow_gap() {
        let mut order = order();
        order.put_behind(task(1), &[task(2)]);
        for number in 3..40 {
            order.put_behind(task(1), &[task(number)]);
        }
        let crowd: Vec<Node> = (100..20_000).map(task).collect();
        order.put_behind(task(1), &crowd);
        let mut expected = vec![1];
        expected.extend(100..20_000);
        expected.extend((3..40).rev());
        expected.push(2);
        check(&order, &expected);
    }

    #[test]
    fn a_full_order_leaves_as_much_as_possible_in_its_place() {
        let mut order = order();
        let of = |numbers: &[u32]| -> Vec<Node> { numbers.iter().map(|n| task(*n)).collect() };
        order.set_all(&of(&[10, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
        check(&order, &[10, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(order.moved_count(), 1);
        order.set_all(&of(&[1, 2, 5, 3, 4, 6]));
        check(&order, &[1, 2, 5, 3, 4, 6]);
        assert_eq!(order.moved_count(), 1);
        order.set_all(&of(&[3, 2, 1]));
        check(&order, &[3, 2, 1]);
    }
}
