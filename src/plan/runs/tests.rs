//! Maps and sets held against those of the standard library under random operations, while clones are kept
//! to see that they do not change.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::node::{BRANCH_MAX, Below, Node};
use super::{Run, RunMap, RunSet};

/// Keys come from so few that they meet.
const KEYS: u32 = 2_000;

type Entries = BTreeMap<u32, Arc<u32>>;
type Ours = RunMap<u32, Arc<u32>>;

/// What must hold of a node; how deep it is.
fn depth<K: Ord, V>(node: &Node<K, V>, is_root: bool) -> usize {
    // The first bound of a branch is never looked at.
    let looked_at = &node.keys[usize::from(!is_leaf(node)).min(node.keys.len())..];
    assert!(looked_at.is_sorted_by(|one, other| one < other));
    assert!(is_root || !node.keys.is_empty());
    let nodes = match &node.below {
        Below::Values(values) => {
            assert_eq!(values.len(), node.keys.len());
            assert!(values.len() <= Node::<K, V>::LEAF_MAX);
            return 1;
        }
        Below::Nodes(nodes) => nodes,
    };
    assert_eq!(nodes.len(), node.keys.len());
    assert!(nodes.len() <= BRANCH_MAX && (!is_root || nodes.len() > 1));
    for (place, below) in nodes.iter().enumerate() {
        let (bound, next) = (&node.keys[place], node.keys.get(place + 1));
        // Nor is the first one of a branch below.
        let keys = below.keys.get(usize::from(place == 0 || !is_leaf(below))..);
        let mut keys = keys.unwrap_or_default().iter();
        assert!(keys.all(|key| (place == 0 || key >= bound) && next.is_none_or(|next| key < next)));
    }
    let depths: Vec<usize> = nodes.iter().map(|node| depth(node, false)).collect();
    assert!(depths.iter().all(|depth| *depth == depths[0]));
    depths[0] + 1
}

fn is_leaf<K, V>(node: &Node<K, V>) -> bool {
    matches!(node.below, Below::Values(_))
}

#[track_caller]
fn check(ours: &Ours, theirs: &Entries) {
    depth(&ours.root, true);
    assert_eq!(ours.len(), theirs.len());
    assert_eq!(ours.is_empty(), theirs.is_empty());
    assert!(ours.iter().eq(theirs.iter()));
    assert!(ours.iter().rev().eq(theirs.iter().rev()));
    assert_eq!(ours.last(), theirs.last_key_value());
}

fn below(rng: &mut TestRng, end: u32) -> u32 {
    rng.next_u32() % end
}

fn bound(rng: &mut TestRng) -> Bound<u32> {
    let key = below(rng, KEYS);
    match below(rng, 4) {
        0 => Bound::Unbounded,
        1 => Bound::Excluded(key),
        _ => Bound::Included(key),
    }
}

/// Whether the standard library takes a range at all.
fn is_taken((from, to): &(Bound<u32>, Bound<u32>)) -> bool {
    match (from, to) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => true,
        (Bound::Excluded(from), Bound::Excluded(to)) => from < to,
        (
            Bound::Included(from) | Bound::Excluded(from),
            Bound::Included(to) | Bound::Excluded(to),
        ) => from <= to,
    }
}

fn check_range(ours: &Ours, theirs: &Entries, rng: &mut TestRng) {
    let range = (bound(rng), bound(rng));
    if !is_taken(&range) {
        assert_eq!(ours.range(range).next(), None, "{range:?}");
        return;
    }
    // From both ends by turns, as chance has it.
    let (mut one, mut other) = (ours.range(range), theirs.range(range));
    loop {
        let (found, expected) = if below(rng, 2) == 0 {
            (one.next(), other.next())
        } else {
            (one.next_back(), other.next_back())
        };
        assert_eq!(found, expected, "{range:?}");
        if expected.is_none() {
            assert_eq!((one.next(), one.next_back()), (None, None));
            return;
        }
    }
}

/// One random operation on both.
fn step(ours: &mut Ours, theirs: &mut Entries, growing: bool, rng: &mut TestRng) {
    let key = below(rng, KEYS);
    let value = Arc::new(rng.next_u32());
    match below(rng, 10) {
        0 => {
            let (mine, other) = (ours.get_mut(&key), theirs.get_mut(&key));
            assert_eq!(mine, other);
            if let (Some(mine), Some(other)) = (mine, other) {
                *mine = Arc::clone(&value);
                *other = value;
            }
        }
        1 => {
            let expected = theirs.entry(key).or_insert_with(|| Arc::clone(&value));
            assert_eq!(ours.entry(key).or_insert(value), expected);
        }
        2 if growing => {
            // At the end, as most things come.
            let key = theirs.last_key_value().map_or(0, |(key, _)| key + 1);
            assert_eq!(
                ours.insert(key, Arc::clone(&value)),
                theirs.insert(key, value)
            );
        }
        3..8 if growing => {
            assert_eq!(
                ours.insert(key, Arc::clone(&value)),
                theirs.insert(key, value)
            );
        }
        _ => assert_eq!(ours.remove(&key), theirs.remove(&key)),
    }
    assert_eq!(ours.get(&key), theirs.get(&key));
    assert_eq!(ours.contains_key(&key), theirs.contains_key(&key));
}

fn walk_through(seed: u64) {
    let seed_bytes: Vec<u8> = [seed; 4]
        .iter()
        .flat_map(|part| part.to_le_bytes())
        .collect();
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed_bytes);
    let (mut ours, mut theirs) = (Ours::new(), Entries::new());
    let mut kept: Vec<(Ours, Entries)> = Vec::new();
    for round in 0..40 {
        // It grows, and shrinks until little is left.
        let growing = round % 8 < 4;
        for _ in 0..below(&mut rng, 600) {
            step(&mut ours, &mut theirs, growing, &mut rng);
        }
        check(&ours, &theirs);
        for _ in 0..10 {
            check_range(&ours, &theirs, &mut rng);
        }
        kept.push((ours.clone(), theirs.clone()));
        if below(&mut rng, 5) == 0 {
            // On from an older one, which others share.
            let at = below(&mut rng, 1_000) as usize % kept.len();
            (ours, theirs) = kept[at].clone();
        }
        if round % 8 == 7 {
            for (ours, theirs) in &kept {
                check(ours, theirs);
            }
        }
    }
}

#[test]
fn a_map_does_what_that_of_the_standard_library_does() {
    let seed = std::env::var("MUSTER_TEST_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    for seed in seed.map_or(0..12, |seed| seed..seed + 1) {
        println!("MUSTER_TEST_SEED={seed}");
        walk_through(seed);
    }
}

fn run_of(entries: &Entries) -> Run<u32, Arc<u32>> {
    let mut run = Run::default();
    for (key, value) in entries {
        run.push(*key, Arc::clone(value)).unwrap();
    }
    run
}

proptest! {
    #[test]
    fn a_map_of_runs_holds_what_they_hold(
        keys in prop::collection::btree_set(0..100_000_u32, 0..3_000),
        cuts in prop::collection::vec(0..100_000_u32, 0..6),
        more in prop::collection::vec((0..100_000_u32, any::<bool>()), 0..200),
    ) {
        let mut theirs: Entries = keys.iter().map(|key| (*key, Arc::new(*key))).collect();
        let mut cuts = cuts;
        cuts.extend([0, 100_000]);
        cuts.sort_unstable();
        let runs = cuts.windows(2).map(|cut| {
            let part = theirs.range(cut[0]..cut[1]);
            run_of(&part.map(|(key, value)| (*key, Arc::clone(value))).collect())
        });
        let mut ours = RunMap::of_runs(runs).unwrap();
        check(&ours, &theirs);
        let before = (ours.clone(), theirs.clone());
        prop_assert_eq!(&ours, &theirs.clone().into_iter().rev().collect::<Ours>());
        for (key, is_new) in more {
            if is_new {
                prop_assert_eq!(ours.insert(key, Arc::new(0)), theirs.insert(key, Arc::new(0)));
            } else {
                prop_assert_eq!(ours.remove(&key), theirs.remove(&key));
            }
        }
        check(&ours, &theirs);
        check(&before.0, &before.1);
    }

    #[test]
    fn runs_of_a_set_may_stand_in_any_way(
        entries in prop::collection::btree_set(0..10_000_u32, 0..2_000),
        parts in 1..5_u32,
        gone in prop::collection::btree_set(0..10_000_u32, 0..2_000),
    ) {
        let mut runs: Vec<Run<u32>> = Vec::new();
        for part in 0..parts {
            let mut run = Run::default();
            for entry in entries.iter().filter(|entry| *entry % parts == part) {
                run.push(*entry, ()).unwrap();
            }
            runs.push(run);
        }
        let left = entries.difference(&gone);
        let thinner: Vec<Run<u32>> = (0..).zip(&mut runs).map(|(part, run)| {
            let of_it = gone.iter().filter(|it| *it % parts == part && entries.contains(it));
            run.without(&of_it.copied().collect::<Vec<u32>>())
        }).collect();
        let ours = RunSet::of_any(runs).unwrap();
        prop_assert!(ours.iter().eq(&entries));
        prop_assert!(ours == entries.iter().rev().copied().collect());
        prop_assert!(RunSet::of_any(thinner).unwrap().iter().eq(left));
    }
}

#[test]
fn what_is_out_of_order_or_twice_there_makes_no_map() {
    let mut run: Run<u32> = Run::default();
    run.push(3, ()).unwrap();
    for key in [3, 2] {
        assert_eq!(run.push(key, ()), Err((key, ())));
    }
    let of = |keys: &[u32]| run_of(&keys.iter().map(|key| (*key, Arc::default())).collect());
    assert!(RunMap::of_runs([of(&[1, 2]), of(&[]), of(&[3])]).is_some());
    assert!(RunMap::of_runs([of(&[1, 2]), of(&[2, 3])]).is_none());
    assert!(RunMap::of_runs([of(&[5]), of(&[2, 3])]).is_none());
    let of = |keys: &[u32]| {
        let mut run = Run::default();
        keys.iter().for_each(|key| run.push(*key, ()).unwrap());
        run
    };
    assert!(RunSet::of_any(vec![of(&[5]), of(&[2, 3])]).is_some());
    assert!(RunSet::of_any(vec![of(&[2, 5]), of(&[2, 3])]).is_none());
    assert!(RunSet::of_sorted(vec![1, 2, 2]).is_none());
}

#[test]
fn of_two_entries_with_one_key_the_later_stays() {
    let map: RunMap<u32, u32> = [(1, 1), (2, 1), (2, 2), (1, 3), (5, 1)]
        .into_iter()
        .collect();
    assert!(map.iter().eq([(&1, &3), (&2, &2), (&5, &1)]));
}

#[test]
fn a_map_filled_in_order_has_full_leaves() {
    let mut map: RunMap<u32, ()> = RunMap::new();
    for key in 0..10_000 {
        map.insert(key, ());
    }
    let full = Node::<u32, ()>::LEAF_MAX;
    let mut leaves = 0;
    let mut nodes = vec![&*map.root];
    while let Some(node) = nodes.pop() {
        match &node.below {
            Below::Values(_) => leaves += 1,
            Below::Nodes(below) => nodes.extend(below.iter().map(Arc::as_ref)),
        }
    }
    assert_eq!(leaves, 10_000_usize.div_ceil(full));
}
