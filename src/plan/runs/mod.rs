//! Sorted maps and sets that share what they have in common with their clones, as the plan's maps do: trees of
//! leaves with a few dozen entries. Unlike others they are also put together from runs that are in order
//! already, leaf by leaf, which costs little more than reading the entries.
//!
//! A key stands once, in order; every leaf but that of an empty map holds something. A change copies the
//! nodes on its way that a clone still shares and nothing else, so a clone never changes.

mod build;
mod node;
mod set;
#[cfg(test)]
mod tests;
mod walk;

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

use serde::{Serialize, Serializer};

pub(super) use build::Run;
use node::{Below, Node};
pub(super) use set::RunSet;
pub(super) use walk::Walk;

/// A sorted map whose clones cost nothing.
pub(super) struct RunMap<K, V> {
    root: Arc<Node<K, V>>,
    len: usize,
}

impl<K, V> RunMap<K, V> {
    /// A map without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes every entry out.
    #[cfg(test)]
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<K: Ord, V> RunMap<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let mut node = &*self.root;
        loop {
            match &node.below {
                Below::Nodes(nodes) => node = &nodes[node.child(key)],
                Below::Values(values) => return node.find(key).ok().map(|at| &values[at]),
            }
        }
    }

    /// Whether a key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// The entries in order.
    pub fn iter(&self) -> Walk<'_, K, V> {
        self.range(..)
    }

    /// The entries of a range in order; none of one that ends before it begins.
    pub fn range(&self, range: impl RangeBounds<K>) -> Walk<'_, K, V> {
        Walk::of(&self.root, range.start_bound(), range.end_bound())
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The entry with the highest key.
    pub fn last(&self) -> Option<(&K, &V)> {
        self.iter().next_back()
    }
}

impl<K: Ord + Clone, V: Clone> RunMap<K, V> {
    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let mut node = Arc::make_mut(&mut self.root);
        loop {
            let Node { keys, below } = node;
            match below {
                Below::Nodes(nodes) => {
                    node = Arc::make_mut(&mut nodes[node::child(keys, key)]);
                }
                Below::Values(values) => {
                    let at = node::find(keys, key).ok()?;
                    return values.get_mut(at);
                }
            }
        }
    }

    /// Gives a key a value; the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (before, beside) = node::put(&mut self.root, key, value);
        if let Some((bound, beside)) = beside {
            let root = std::mem::take(&mut self.root);
            // The first bound of a branch is never looked at.
            let keys = vec![bound.clone(), bound];
            let below = Below::Nodes(vec![root, beside]);
            self.root = Arc::new(Node { keys, below });
        }
        self.len += usize::from(before.is_none());
        before
    }

    /// Takes a key out; the value it had.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        // Nothing is copied for a key that is not there.
        if !self.contains_key(key) {
            return None;
        }
        let removed = node::take(&mut self.root, key);
        self.len -= usize::from(removed.is_some());
        while let Below::Nodes(nodes) = &self.root.below
            && nodes.len() == 1
        {
            self.root = Arc::clone(&nodes[0]);
        }
        removed
    }

    /// The place of a key, to be filled when it is not there.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { map: self, key }
    }
}

/// The place of a key in a map.
pub(super) struct Entry<'a, K, V> {
    map: &'a mut RunMap<K, V>,
    key: K,
}

impl<'a, K: Ord + Clone, V: Clone> Entry<'a, K, V> {
    /// The value there, else this one, put there.
    pub fn or_insert(self, value: V) -> &'a mut V {
        if !self.map.contains_key(&self.key) {
            self.map.insert(self.key.clone(), value);
        }
        let value = self.map.get_mut(&self.key);
        value.expect("it was there or has just been put there")
    }

    /// The value there, else an empty one, put there.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert(V::default())
    }
}

impl<K, V> Default for RunMap<K, V> {
    fn default() -> Self {
        Self {
            root: Arc::default(),
            len: 0,
        }
    }
}

impl<K, V> Clone for RunMap<K, V> {
    fn clone(&self) -> Self {
        Self {
            root: Arc::clone(&self.root),
            len: self.len,
        }
    }
}

impl<K: Ord, V: PartialEq> PartialEq for RunMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.root, &other.root)
            || (self.len == other.len && self.iter().eq(other.iter()))
    }
}

impl<K: Ord + fmt::Debug, V: fmt::Debug> fmt::Debug for RunMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Serialize, V: Serialize> Serialize for RunMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a RunMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Walk<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Ord + Clone, V: Clone> Extend<(K, V)> for RunMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for RunMap<K, V> {
    /// Of entries in any order, the later of two with one key; quick when they are in order.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut entries = entries.into_iter();
        let mut run = Run::default();
        let mut odd = None;
        for (key, value) in entries.by_ref() {
            if let Err(entry) = run.push(key, value) {
                odd = Some(entry);
                break;
            }
        }
        let mut map = Self::of_run(run);
        map.extend(odd);
        map.extend(entries);
        map
    }
}
