//! Maps put together from runs that are in order already: leaves are cut while the entries come, on whichever
//! thread that is, and putting runs together only lays branches over them.

use std::sync::Arc;

use super::node::{BRANCH_MAX, Below, Node};
use super::{RunMap, RunSet};

/// Entries in order, cut into leaves.
pub(in super::super) struct Run<K, V = ()> {
    leaves: Vec<Arc<Node<K, V>>>,
    keys: Vec<K>,
    values: Vec<V>,
}

impl<K, V> Default for Run<K, V> {
    fn default() -> Self {
        Self {
            leaves: Vec::new(),
            keys: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<K, V> Run<K, V> {
    /// Entries of a leaf: a few more find room before it is split.
    const FILL: usize = Node::<K, V>::LEAF_MAX / 4 * 3;

    /// The newest entry's key.
    pub fn last_key(&self) -> Option<&K> {
        let of_leaves = || self.leaves.last().and_then(|leaf| leaf.keys.last());
        self.keys.last().or_else(of_leaves)
    }

    fn cut(&mut self) {
        if self.keys.is_empty() {
            return;
        }
        let mut keys = std::mem::take(&mut self.keys);
        let mut values = std::mem::take(&mut self.values);
        keys.shrink_to_fit();
        values.shrink_to_fit();
        let below = Below::Values(values);
        self.leaves.push(Arc::new(Node { keys, below }));
    }

    /// Its leaves, all of them cut.
    fn into_leaves(mut self) -> Vec<Arc<Node<K, V>>> {
        self.cut();
        self.leaves
    }
}

impl<K: Ord, V> Run<K, V> {
    /// Adds an entry.
    ///
    /// # Errors
    /// The entry, when it does not stand behind the one before.
    pub fn push(&mut self, key: K, value: V) -> Result<(), (K, V)> {
        if self.last_key().is_some_and(|last| *last >= key) {
            return Err((key, value));
        }
        if self.keys.len() == Self::FILL {
            self.cut();
        }
        if self.keys.capacity() == 0 {
            self.keys.reserve_exact(Self::FILL);
            self.values.reserve_exact(Self::FILL);
        }
        self.keys.push(key);
        self.values.push(value);
        Ok(())
    }
}

impl<K: Ord + Clone> Run<K> {
    /// A run of entries in order, without those of another list in order; leaves of which nothing is missing
    /// are shared.
    pub fn without(&mut self, missing: &[K]) -> Self {
        self.cut();
        let mut run = Self::default();
        let mut missing = missing.iter().peekable();
        for leaf in &self.leaves {
            let last = leaf.keys.last();
            let is_whole = missing.peek().is_none_or(|next| Some(*next) > last);
            if is_whole {
                run.cut();
                run.leaves.push(Arc::clone(leaf));
                continue;
            }
            for key in &leaf.keys {
                if missing.next_if_eq(&key).is_none() {
                    let pushed = run.push(key.clone(), ());
                    pushed
                        .map_err(|_| ())
                        .expect("a part of what is in order is in order");
                }
            }
        }
        run
    }
}

impl<K: Ord + Clone, V> RunMap<K, V> {
    /// A map of one run.
    pub fn of_run(run: Run<K, V>) -> Self {
        Self::of_leaves(run.into_leaves())
    }

    /// A map of runs that stand one behind the other; none when they do not.
    pub fn of_runs(runs: impl IntoIterator<Item = Run<K, V>>) -> Option<Self> {
        let leaves: Vec<_> = runs.into_iter().flat_map(Run::into_leaves).collect();
        are_in_order(&leaves).then(|| Self::of_leaves(leaves))
    }

    fn of_leaves(leaves: Vec<Arc<Node<K, V>>>) -> Self {
        let len = leaves.iter().map(|leaf| leaf.keys.len()).sum();
        let mut nodes = leaves;
        while nodes.len() > 1 {
            nodes = nodes.chunks(BRANCH_MAX / 4 * 3).map(branch).collect();
        }
        let root = nodes.pop().unwrap_or_default();
        Self { root, len }
    }
}

fn branch<K: Clone, V>(nodes: &[Arc<Node<K, V>>]) -> Arc<Node<K, V>> {
    // Neither a leaf of a run nor a branch is empty.
    let keys = nodes.iter().map(|node| node.keys[0].clone()).collect();
    let below = Below::Nodes(nodes.to_vec());
    Arc::new(Node { keys, below })
}

fn are_in_order<K: Ord, V>(leaves: &[Arc<Node<K, V>>]) -> bool {
    leaves
        .windows(2)
        .all(|two| two[0].keys.last() < two[1].keys.first())
}

impl<K: Ord + Clone> RunSet<K> {
    /// A set of runs that stand one behind the other; none when they do not.
    pub fn of_runs(runs: impl IntoIterator<Item = Run<K>>) -> Option<Self> {
        RunMap::of_runs(runs).map(Self)
    }

    /// A set of runs, whichever way they stand to each other; none when something is in two of them.
    pub fn of_any(runs: Vec<Run<K>>) -> Option<Self> {
        let leaves: Vec<_> = runs.into_iter().flat_map(Run::into_leaves).collect();
        if are_in_order(&leaves) {
            return Some(Self(RunMap::of_leaves(leaves)));
        }
        let mut entries: Vec<K> =
            Vec::with_capacity(leaves.iter().map(|leaf| leaf.keys.len()).sum());
        for leaf in leaves {
            entries.extend(Arc::unwrap_or_clone(leaf).keys);
        }
        // This sort makes use of the runs.
        entries.sort();
        Self::of_sorted(entries)
    }

    /// A set of entries in order; none when they are not, or something is there twice.
    pub fn of_sorted(entries: Vec<K>) -> Option<Self> {
        let mut run = Run::default();
        for entry in entries {
            run.push(entry, ()).ok()?;
        }
        Some(Self(RunMap::of_run(run)))
    }
}
